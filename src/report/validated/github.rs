//! Workflow commands, which GitHub Actions shows beside the lines of a pull request (GitHub: "Workflow commands for
//! GitHub Actions").

use super::lines;
use crate::documents::plan::ProblemEntry;
use crate::documents::validation::Validation;
use crate::report::forge::{github, github_property};
use crate::text::printable::{log_line, printable};
use crate::text::problem::Severity;

/// Returns one command for each problem, and the verdict.
pub fn render(validation: &Validation) -> String {
    let mut text: String = validation.problems.iter().map(command).collect();
    text.push_str(&crate::text::printable::log_line(&validation.verdict));
    text.push('\n');
    text
}

fn command(problem: &ProblemEntry) -> String {
    let level = match problem.severity {
        Severity::Note => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let mut properties: Vec<(&str, String)> = Vec::new();
    if let Some(file) = &problem.file {
        properties.push(("file", file.clone()));
    }
    if let (Some(line), Some(column)) = (problem.line, problem.column) {
        let end = problem.end_line.unwrap_or(line);
        properties.push(("line", line.to_string()));
        properties.push(("endLine", end.to_string()));
        // GitHub takes columns only within one line, and counts the last one in.
        if end == line {
            let last = problem.end_column.map_or(column, |end| end.saturating_sub(1)).max(column);
            properties.push(("col", column.to_string()));
            properties.push(("endColumn", last.to_string()));
        }
    }
    properties.push(("title", format!("sailplan {}", problem.rule)));
    let properties: Vec<String> = properties
        .into_iter()
        .map(|(name, value)| format!("{name}={}", github_property(&log_line(&printable(&value)))))
        .collect();
    format!("::{level} {}::{}\n", properties.join(","), github(&log_line(&lines(problem).join("\n"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::validated::validation;
    use crate::text::problem::{Problem, rules};
    use crate::text::yaml::Source;

    #[test]
    fn nothing_in_a_file_becomes_a_command() {
        for hostile in ["##[group]", "##vso[task.complete]"] {
            let source = Source::new(hostile, "x: 1\n");
            let problem = Problem::error(rules::UNKNOWN_KEY, hostile).at(source.place(0..1)).help(hostile);
            let shown = render(&validation(&[problem], None, vec!["a".to_owned()], false));
            assert!(shown.contains("\\u{23}") && !shown.contains(hostile), "{shown}");
        }
        let source = Source::new("a,b:c%.yaml", "x: 1\n");
        let problem =
            Problem::error(rules::UNKNOWN_KEY, "unknown key `x\n::error::y`").at(source.place(0..1)).help("100%");
        assert_eq!(
            render(&validation(&[problem], None, vec!["a".to_owned()], false)),
            "::error file=a%2Cb%3Ac%25.yaml,line=1,endLine=1,col=1,endColumn=1,title=sailplan unknown-key::unknown key \
             `x\\n::error::y`%0Ahelp: 100%25\nNot valid: 1 error in 1 file\n"
        );
    }
}
