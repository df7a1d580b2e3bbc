//! JUnit XML, which most CI systems show as test results.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{fails, lines};
use crate::documents::plan::ProblemEntry;
use crate::documents::validation::Validation;
use crate::text::printable::printable;

/// Returns one suite for each file, with one failed case for each problem that counts; the rest is the suite's output.
///
/// # Errors
///
/// The XML cannot be written.
pub fn render(validation: &Validation) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("sailplan validate");
    let mut files: Vec<Option<&str>> = validation.files.iter().map(|file| Some(file.as_str())).collect();
    for problem in &validation.problems {
        if !files.contains(&problem.file.as_deref()) {
            files.push(problem.file.as_deref());
        }
    }
    for file in files {
        let found = validation.problems.iter().filter(|problem| problem.file.as_deref() == file);
        let (failures, rest): (Vec<_>, Vec<_>) = found.partition(|problem| fails(validation, problem));
        let name = printable(file.unwrap_or("command line")).into_owned();
        let mut suite = TestSuite::new(name.clone());
        suite.add_test_cases(failures.iter().map(|problem| failed(problem, &name)));
        if failures.is_empty() {
            let mut case = TestCase::new("valid", TestCaseStatus::success());
            case.set_classname(name.as_str());
            suite.add_test_case(case);
        }
        if !rest.is_empty() {
            let rest: Vec<String> = rest.iter().map(|problem| described(problem)).collect();
            suite.set_system_out(rest.join("\n\n"));
        }
        report.add_test_suite(suite);
    }
    report.to_string()
}

fn failed(problem: &ProblemEntry, file: &str) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(problem.rule.as_str());
    status.set_message(printable(&problem.message).into_owned());
    status.set_description(described(problem));
    let place = problem.line.map_or_else(String::new, |line| format!(" on line {line}"));
    let mut case = TestCase::new(format!("{}{place}", problem.rule), status);
    case.set_classname(file);
    case
}

fn described(problem: &ProblemEntry) -> String {
    let place = match (&problem.file, problem.line, problem.column) {
        (Some(file), Some(line), Some(column)) => format!("{}:{line}:{column}: ", printable(file)),
        (Some(file), ..) => format!("{}: ", printable(file)),
        _ => String::new(),
    };
    format!("{place}{} [{}]: {}", problem.severity.word(), problem.rule, lines(problem).join("\n"))
}
