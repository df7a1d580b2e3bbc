//! JUnit XML, which most CI systems show as test results.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::{fails, lines};
use crate::documents::plan::ProblemEntry;
use crate::documents::validation::Validation;
use crate::text::printable::printable;

/// The problems of one file: those that count, and the rest.
struct Suite<'a> {
    name: String,
    failures: Vec<&'a ProblemEntry>,
    rest: Vec<String>,
}

impl Suite<'_> {
    fn tests(&self) -> usize {
        self.failures.len().max(1)
    }
}

/// Returns one suite for each file, with one failed case for each problem that counts; the rest is the suite's output.
///
/// # Errors
///
/// The XML cannot be written.
pub fn render(validation: &Validation) -> io::Result<String> {
    let suites = suites(validation);
    let mut out = Vec::new();
    let mut xml = Writer::new_with_indent(&mut out, b' ', 4);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let (tests, failures) =
        (suites.iter().map(Suite::tests).sum(), suites.iter().map(|suite| suite.failures.len()).sum());
    let counts = counts(tests, failures);
    xml.create_element("testsuites")
        .with_attributes(attributes("sailplan validate", &counts))
        .write_inner_content(|xml| suites.iter().try_for_each(|suite| write(xml, suite)))?;
    xml.write_indent()?;
    String::from_utf8(out).map_err(io::Error::other)
}

fn suites(validation: &Validation) -> Vec<Suite<'_>> {
    let mut files: Vec<Option<&str>> = validation.files.iter().map(|file| Some(file.as_str())).collect();
    for problem in &validation.problems {
        if !files.contains(&problem.file.as_deref()) {
            files.push(problem.file.as_deref());
        }
    }
    let suite = |file: Option<&str>| {
        let found = validation.problems.iter().filter(|problem| problem.file.as_deref() == file);
        let (failures, rest): (Vec<_>, Vec<_>) = found.partition(|problem| fails(validation, problem));
        let rest = rest.into_iter().map(described).collect();
        Suite { name: printable(file.unwrap_or("command line")).into_owned(), failures, rest }
    };
    files.into_iter().map(suite).collect()
}

fn counts(tests: usize, failures: usize) -> [String; 2] {
    [tests.to_string(), failures.to_string()]
}

fn attributes<'a>(name: &'a str, [tests, failures]: &'a [String; 2]) -> [(&'a str, &'a str); 5] {
    [("name", name), ("tests", tests), ("skipped", "0"), ("failures", failures), ("errors", "0")]
}

fn write(xml: &mut Writer<&mut Vec<u8>>, suite: &Suite<'_>) -> io::Result<()> {
    let counts = counts(suite.tests(), suite.failures.len());
    let element = xml.create_element("testsuite").with_attributes(attributes(&suite.name, &counts));
    element.write_inner_content(|xml| {
        if suite.failures.is_empty() {
            xml.create_element("testcase")
                .with_attributes([("name", "valid"), ("classname", suite.name.as_str())])
                .write_empty()?;
        }
        for problem in &suite.failures {
            let place = problem.line.map_or_else(String::new, |line| format!(" on line {line}"));
            let name = format!("{}{place}", problem.rule);
            xml.create_element("testcase")
                .with_attributes([("name", name.as_str()), ("classname", suite.name.as_str())])
                .write_inner_content(|xml| {
                    xml.create_element("failure")
                        .with_attributes([("message", &*printable(&problem.message)), ("type", problem.rule.as_str())])
                        .write_text_content(BytesText::new(&described(problem)))?;
                    Ok(())
                })?;
        }
        if !suite.rest.is_empty() {
            xml.create_element("system-out").write_text_content(BytesText::new(&suite.rest.join("\n\n")))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn described(problem: &ProblemEntry) -> String {
    let place = match (&problem.file, problem.line, problem.column) {
        (Some(file), Some(line), Some(column)) => format!("{}:{line}:{column}: ", printable(file)),
        (Some(file), ..) => format!("{}: ", printable(file)),
        _ => String::new(),
    };
    format!("{place}{} [{}]: {}", problem.severity.word(), problem.rule, lines(problem).join("\n"))
}
