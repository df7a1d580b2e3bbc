//! SARIF 2.1.0, which code scanning takes (OASIS: "Static Analysis Results Interchange Format"; GitHub: "SARIF support
//! for code scanning").

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::lines;
use crate::documents::plan::ProblemEntry;
use crate::documents::validation::Validation;
use crate::text::json::harmless;
use crate::text::printable::printable;
use crate::text::problem::{Severity, rules};

/// The schema that the document names, and that a test holds it to.
const SCHEMA: &str = "https://schemastore.azurewebsites.net/schemas/json/sarif-2.1.0.json";

/// Returns one run with one result for each problem. The names of files must be relative to the root of the repository.
///
/// # Errors
///
/// The document cannot be written as JSON.
pub fn render(validation: &Validation) -> serde_json::Result<String> {
    let mut used: Vec<&str> = validation.problems.iter().map(|problem| problem.rule.as_str()).collect();
    used.sort_unstable();
    used.dedup();
    let results: Vec<Value> = validation
        .problems
        .iter()
        .map(|problem| {
            let index = used.iter().position(|rule| *rule == problem.rule).unwrap_or_default();
            result(problem, index, validation)
        })
        .collect();
    let rules: Vec<Value> = used.iter().map(|rule| descriptor(rule, validation)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "runs": [{
            "columnKind": "unicodeCodePoints",
            "results": results,
            "tool": {
                "driver": {
                    "name": "sailplan",
                    "rules": rules,
                    "semanticVersion": validation.sailplan,
                    "version": validation.sailplan,
                },
            },
        }],
        "version": "2.1.0",
    });
    harmless(&log)
}

fn descriptor(rule: &str, validation: &Validation) -> Value {
    let about = json!({ "text": rules::about(rule) });
    let level = validation
        .problems
        .iter()
        .find(|problem| problem.rule == rule)
        .map_or(Severity::Error, |problem| problem.severity);
    json!({
        "defaultConfiguration": { "level": level },
        "fullDescription": about,
        "help": about,
        "id": rule,
        "name": rule,
        "shortDescription": about,
    })
}

fn result(problem: &ProblemEntry, index: usize, validation: &Validation) -> Value {
    // A result without a place would be refused; what has none concerns the files as a whole.
    let file = problem.file.as_ref().or(validation.files.first());
    let locations: Vec<Value> = file.map(|file| location(file, problem)).into_iter().collect();
    let mut print = Sha256::new();
    for part in [problem.rule.as_str(), file.map_or("", String::as_str), problem.message.as_str()] {
        print.update(part.as_bytes());
        print.update([0]);
    }
    json!({
        "level": problem.severity,
        "locations": locations,
        // What stands in brackets before something in parentheses is a link, even in plain text (SARIF 2.1.0, 3.11.6).
        "message": { "text": lines(problem).join("\n").replace("](", "] (") },
        "partialFingerprints": { "sailplan/v1": format!("{:.32x}", print.finalize()) },
        "ruleId": problem.rule,
        "ruleIndex": index,
    })
}

fn location(file: &str, problem: &ProblemEntry) -> Value {
    let mut physical = serde_json::Map::new();
    physical.insert("artifactLocation".to_owned(), json!({ "uri": uri(&printable(file)), "uriBaseId": "%SRCROOT%" }));
    if let (Some(line), Some(column)) = (problem.line, problem.column) {
        let region = json!({
            "endColumn": problem.end_column.unwrap_or(column),
            "endLine": problem.end_line.unwrap_or(line),
            "startColumn": column,
            "startLine": line,
        });
        physical.insert("region".to_owned(), region);
    }
    json!({ "physicalLocation": physical })
}

/// All but the unreserved characters of RFC 3986 and the slash between the parts of a path.
const NOT_IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A relative path as a relative URI (RFC 3986).
fn uri(path: &str) -> String {
    utf8_percent_encode(path, NOT_IN_A_PATH).to_string()
}
