//! What `sailplan validate` found, in the forms that other programs read. The words are those of the problems themselves.

mod control;
pub mod github;
pub mod junit;
pub mod sarif;

use crate::control::Control;
use crate::documents::build;
use crate::documents::control::{GainEntry, LossEntry, WeakenedTenantEntry, counted};
use crate::documents::plan::{BaseEntry, ProblemEntry};
use crate::documents::validation::{FORMAT_VERSION, Validation};
use crate::text::number::count;
use crate::text::printable::printable;
use crate::text::problem::{Problem, Severity, rules};

/// What the comparison with a revision found.
#[derive(Debug)]
pub struct Compared<'a> {
    /// The revision.
    pub base: BaseEntry,
    /// What the branch does to control.
    pub control: &'a Control,
    losses: Vec<LossEntry>,
    gains: Vec<GainEntry>,
    weakened: Vec<WeakenedTenantEntry>,
}

impl<'a> Compared<'a> {
    /// Puts what a branch does to control into words; `commit` is what the name of the revision means.
    pub fn new(control: &'a Control, revision: &str, commit: &str) -> Compared<'a> {
        let (losses, gains, weakened) = build::control(control, revision);
        let base = BaseEntry { revision: revision.to_owned(), commit: commit.to_owned() };
        Compared { base, control, losses, gains, weakened }
    }

    /// Returns everything that it found, as problems of lines.
    pub fn problems(&self) -> Vec<Problem> {
        control::problems(self)
    }
}

/// Returns the document of a run of `validate` over `files`, and perhaps of a comparison with a revision.
pub fn validation(
    problems: &[Problem],
    compared: Option<Compared<'_>>,
    files: Vec<String>,
    strict: bool,
) -> Validation {
    let number = |severity| problems.iter().filter(|problem| problem.severity == severity).count();
    let (errors, warnings) = (number(Severity::Error), number(Severity::Warning));
    let sound = errors == 0 && !(strict && warnings > 0);
    let denied = compared.as_ref().is_some_and(|compared| compared.losses.iter().any(|loss| loss.denied));
    let found: Vec<String> = [(errors, "error", "errors"), (warnings, "warning", "warnings")]
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, singular, plural)| count(number, singular, plural))
        .collect();
    let read = count(files.len(), "file", "files");
    let mut verdict = match (sound, found.is_empty()) {
        (false, _) => format!("Not valid: {} in {read}", found.join(" and ")),
        (true, false) => format!("Valid: {read}, with {}.", found.join(" and ")),
        (true, true) => format!("Valid: {read}."),
    };
    let (mut base, mut losses, mut gains, mut weakened) = (None, Vec::new(), Vec::new(), Vec::new());
    let mut all: Vec<Problem> = problems.to_vec();
    if let Some(compared) = compared {
        all.extend(compared.problems());
        let mut words = counted(&compared.losses, compared.weakened.len(), &compared.gains);
        let moved = compared.control.moved.len();
        words.extend((moved > 0).then(|| count(moved, "tenant or setting moved", "tenants or settings moved")));
        let unread = problems.iter().any(|problem| problem.rule == rules::BASE_SETTINGS);
        let words = match (words.is_empty(), unread) {
            (true, false) => "no loss of control".to_owned(),
            (true, true) => "whether control is lost is not known".to_owned(),
            (false, unread) => {
                words.extend(unread.then(|| "whether more control is lost is not known".to_owned()));
                words.join("; ")
            }
        };
        let name = printable(&compared.base.revision);
        verdict = match (sound, denied) {
            (true, true) => format!("Refused: compared with {name} (commit {}), {words}", compared.base.commit),
            (true, false) => format!("{verdict} Compared with {name} (commit {}): {words}.", compared.base.commit),
            (false, _) => format!("{verdict}; compared with {name} (commit {}), {words}", compared.base.commit),
        };
        base = Some(compared.base);
        (losses, gains, weakened) = (compared.losses, compared.gains, compared.weakened);
    }
    all.sort_by(|one, other| {
        let key = |problem: &Problem| problem.place.as_ref().map(|place| (place.source.name.clone(), place.span.start));
        key(one).cmp(&key(other))
    });
    Validation {
        format_version: FORMAT_VERSION.to_owned(),
        sailplan: env!("CARGO_PKG_VERSION").to_owned(),
        valid: sound && !denied,
        verdict,
        strict,
        errors,
        warnings,
        files,
        problems: all.iter().map(ProblemEntry::from).collect(),
        base,
        losses,
        weakened,
        gains,
    }
}

/// Returns whether a problem keeps the files from being valid.
fn fails(validation: &Validation, problem: &ProblemEntry) -> bool {
    problem.severity == Severity::Error
        || (validation.strict && problem.severity == Severity::Warning && !control::is_control(&problem.rule))
}

/// The message of a problem and what to do about it, one line each, made harmless.
fn lines(problem: &ProblemEntry) -> Vec<String> {
    let mut lines = vec![printable(&problem.message).into_owned()];
    if !problem.label.is_empty() {
        lines.push(printable(&problem.label).into_owned());
    }
    lines.extend(problem.help.iter().map(|help| format!("help: {}", printable(help))));
    lines
}
