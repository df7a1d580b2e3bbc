//! What is wrong with files: what is the same in the files of many tenants is told once.

use super::{FileProblem, LISTED, Longest};
use crate::documents::plan::ProblemEntry;
use crate::report::alike::alike;
use crate::text::problem::{file_of, others_in_words, without_file};

/// Returns what is wrong with files, what is the same in many of them once.
pub(super) fn file_problems(problems: &[ProblemEntry], longest: Longest) -> Vec<FileProblem> {
    let told = alike(problems.iter(), |problem| {
        let message = without_file(&problem.rule, &problem.message);
        (problem.severity, &problem.rule, message, &problem.help)
    });
    let told = told.iter().flat_map(|same| match same.as_slice() {
        [first, others @ ..] if others.len() >= LISTED => vec![file_problem(first, others, longest)],
        few => few.iter().map(|problem| file_problem(problem, &[], longest)).collect(),
    });
    told.collect()
}

fn file_problem(problem: &ProblemEntry, others: &[&ProblemEntry], longest: Longest) -> FileProblem {
    let place = |problem: &ProblemEntry| {
        let numbers = [problem.line, problem.column].into_iter().flatten();
        let file = problem.file.as_ref()?;
        Some(numbers.fold(file.clone(), |place, number| format!("{place}:{number}")))
    };
    let places: Vec<(String, Option<&str>)> =
        others.iter().map(|other| (place(other).unwrap_or_default(), file_of(&other.rule, &other.message))).collect();
    FileProblem {
        severity: problem.severity,
        place: place(problem).map(|place| longest.text(&place)),
        message: longest.text(&problem.message),
        elsewhere: others_in_words(file_of(&problem.rule, &problem.message), &places, LISTED)
            .map(|elsewhere| longest.text(&elsewhere)),
        help: longest.texts(&problem.help),
    }
}
