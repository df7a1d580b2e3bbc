//! SARIF 2.1.0, which code scanning takes (OASIS: "Static Analysis Results Interchange Format"; GitHub: "SARIF support
//! for code scanning").

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_sarif::sarif::{
    ArtifactLocation, Location, Message, MultiformatMessageString, PhysicalLocation, Region, ReportingConfiguration,
    ReportingDescriptor, Result as Found, ResultLevel, Run, SCHEMA_URL, Sarif, Tool, ToolComponent,
};
use sha2::{Digest as _, Sha256};

use super::lines;
use crate::documents::plan::ProblemEntry;
use crate::documents::validation::Validation;
use crate::text::printable::printable;
use crate::text::problem::{Severity, rules};

/// Returns one run with one result for each problem. The names of files must be relative to the root of the repository.
///
/// # Errors
///
/// The document cannot be written as JSON.
pub fn render(validation: &Validation) -> serde_json::Result<String> {
    let mut used: Vec<&str> = validation.problems.iter().map(|problem| problem.rule.as_str()).collect();
    used.sort_unstable();
    used.dedup();
    let driver = ToolComponent::builder()
        .name("sailplan")
        .version(validation.sailplan.clone())
        .semantic_version(validation.sailplan.clone())
        .rules(used.iter().map(|rule| descriptor(rule, validation)).collect::<Vec<_>>())
        .build();
    let results: Vec<Found> = validation
        .problems
        .iter()
        .map(|problem| {
            let index = used.iter().position(|rule| *rule == problem.rule).unwrap_or_default();
            result(problem, index, validation)
        })
        .collect();
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .column_kind("unicodeCodePoints")
        .results(results)
        .build();
    let log = Sarif::builder().schema(SCHEMA_URL.to_owned()).version("2.1.0").runs(vec![run]).build();
    let mut text = serde_json::to_string_pretty(&log)?;
    text.push('\n');
    Ok(text)
}

fn descriptor(rule: &str, validation: &Validation) -> ReportingDescriptor {
    let about = || MultiformatMessageString::builder().text(rules::about(rule)).build();
    let level = validation
        .problems
        .iter()
        .find(|problem| problem.rule == rule)
        .map_or(Severity::Error, |problem| problem.severity);
    ReportingDescriptor::builder()
        .id(rule)
        .name(rule)
        .short_description(about())
        .full_description(about())
        .help(about())
        .default_configuration(ReportingConfiguration::builder().level(serde_json::json!(level)).build())
        .build()
}

fn result(problem: &ProblemEntry, index: usize, validation: &Validation) -> Found {
    // A result without a place would be refused; what has none concerns the files as a whole.
    let file = problem.file.as_ref().or(validation.files.first());
    let locations: Vec<Location> = file.map(|file| location(file, problem)).into_iter().collect();
    let mut print = Sha256::new();
    for part in [problem.rule.as_str(), file.map_or("", String::as_str), problem.message.as_str()] {
        print.update(part.as_bytes());
        print.update([0]);
    }
    let print = format!("{:.32x}", print.finalize());
    Found::builder()
        .rule_id(problem.rule.clone())
        .rule_index(index as i64)
        .level(match problem.severity {
            Severity::Error => ResultLevel::Error,
            Severity::Warning => ResultLevel::Warning,
            Severity::Note => ResultLevel::Note,
        })
        .message(Message::builder().text(lines(problem).join("\n")).build())
        .locations(locations)
        .partial_fingerprints(std::collections::BTreeMap::from([("sailplan/v1".to_owned(), print)]))
        .build()
}

fn location(file: &str, problem: &ProblemEntry) -> Location {
    let artifact = ArtifactLocation::builder().uri(uri(&printable(file))).uri_base_id("%SRCROOT%").build();
    let physical = PhysicalLocation::builder().artifact_location(artifact);
    let number = |value: Option<usize>| value.and_then(|value| i64::try_from(value).ok());
    let physical = match (number(problem.line), number(problem.column)) {
        (Some(line), Some(column)) => {
            let end_line = number(problem.end_line).unwrap_or(line);
            let end_column = number(problem.end_column).unwrap_or(column);
            physical
                .region(
                    Region::builder()
                        .start_line(line)
                        .start_column(column)
                        .end_line(end_line)
                        .end_column(end_column)
                        .build(),
                )
                .build()
        }
        _ => physical.build(),
    };
    Location::builder().physical_location(physical).build()
}

/// All but the unreserved characters of RFC 3986 and the slash between the parts of a path.
const NOT_IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A relative path as a relative URI (RFC 3986).
fn uri(path: &str) -> String {
    utf8_percent_encode(path, NOT_IN_A_PATH).to_string()
}
