//! What `sailplan validate` found, in the forms that other programs read. The words are those of the problems themselves.

pub mod github;
pub mod junit;
pub mod sarif;

use crate::documents::plan::ProblemEntry;
use crate::documents::validation::{FORMAT_VERSION, Validation};
use crate::text::number::count;
use crate::text::problem::{Problem, Severity};

/// Returns the document of a run of `validate` over `files`.
pub fn validation(problems: &[Problem], files: Vec<String>, strict: bool) -> Validation {
    let number = |severity| problems.iter().filter(|problem| problem.severity == severity).count();
    let (errors, warnings) = (number(Severity::Error), number(Severity::Warning));
    let valid = errors == 0 && !(strict && warnings > 0);
    let found: Vec<String> = [(errors, "error", "errors"), (warnings, "warning", "warnings")]
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, singular, plural)| count(number, singular, plural))
        .collect();
    let read = count(files.len(), "file", "files");
    let verdict = match (valid, found.is_empty()) {
        (false, _) => format!("Not valid: {} in {read}", found.join(" and ")),
        (true, false) => format!("Valid: {read}, with {}.", found.join(" and ")),
        (true, true) => format!("Valid: {read}."),
    };
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|problem| problem.place.as_ref().map(|place| (place.source.name.as_str(), place.span.start)));
    Validation {
        format_version: FORMAT_VERSION.to_owned(),
        sailplan: env!("CARGO_PKG_VERSION").to_owned(),
        valid,
        verdict,
        strict,
        errors,
        warnings,
        files,
        problems: sorted.into_iter().map(ProblemEntry::from).collect(),
    }
}

/// The message of a problem and what to do about it, one line each, made harmless.
fn lines(problem: &ProblemEntry) -> Vec<String> {
    use crate::text::printable::printable;
    let mut lines = vec![printable(&problem.message).into_owned()];
    if !problem.label.is_empty() {
        lines.push(printable(&problem.label).into_owned());
    }
    lines.extend(problem.help.iter().map(|help| format!("help: {}", printable(help))));
    lines
}
