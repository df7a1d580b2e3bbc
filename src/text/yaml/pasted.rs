//! What was copied with a file: fences, marks of lists and mails, conflicts of git, templates. The parser only sees that the
//! text cannot be read.

use std::sync::Arc;

use super::Source;
use crate::text::characters::{Odd, first_odd};
use crate::text::problem::{Problem, rules};

/// Returns problems, each as what explains it if its line, or the one above, shows that.
pub(super) fn explained(source: &Arc<Source>, problems: Vec<Problem>) -> Vec<Problem> {
    let mut told: Vec<Problem> = Vec::with_capacity(problems.len());
    for problem in problems {
        let problem = better(source, &problem).unwrap_or(problem);
        if !told.contains(&problem) {
            told.push(problem);
        }
    }
    told
}

fn better(source: &Arc<Source>, problem: &Problem) -> Option<Problem> {
    // Of a secret no character is told, and of a dash everything is.
    if problem.rule == rules::LITERAL_SECRET || problem.rule == rules::YAML_DASH {
        return None;
    }
    let at = problem.place.as_ref()?.span.start;
    let start = line_start(&source.text, at);
    let found = in_line(source, start).or_else(|| {
        // A line of text takes the next one with it.
        let above = source.text.get(..start)?.trim_end_matches(['\r', '\n', ' ']);
        begins(source, line_start(&source.text, above.len()))
    })?;
    Some(Problem { severity: problem.severity, ..found })
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

fn line(text: &str, start: usize) -> &str {
    text.get(start..).and_then(|rest| rest.split(['\r', '\n']).next()).unwrap_or_default()
}

fn in_line(source: &Arc<Source>, start: usize) -> Option<Problem> {
    let line = line(&source.text, start);
    let written = line.split(" #").next().unwrap_or(line);
    for (open, close) in [("{{", "}}"), ("{%", "%}"), ("<%", "%>"), ("${", "}"), ("$(", ")"), ("$[", "]")] {
        if let Some((before, rest)) = written.split_once(open)
            && let Some((inside, _)) = rest.split_once(close)
        {
            let from = start + before.len();
            let span = from..from + open.len() + inside.len() + close.len();
            return Some(
                Problem::error(rules::PLACEHOLDER, "this is a placeholder that was not filled in")
                    .at(source.place(span))
                    .help("write the value: files of sailplan are not templates"),
            );
        }
    }
    if let Some(found) = begins(source, start) {
        return Some(found);
    }
    for open in ["@{", "@("] {
        if let Some(at) = written.find(open) {
            let span = start + at..start + written.trim_end().len();
            return Some(
                Problem::error(rules::PLACEHOLDER, "this is an object that a script printed instead of its values")
                    .at(source.place(span))
                    .help("write the values themselves"),
            );
        }
    }
    let Odd { at, what, help } = first_odd(written, false)?;
    // In a text in quotes it may be meant.
    let before = written.get(..at.start).unwrap_or_default();
    if before.matches('"').count() % 2 == 1 {
        return None;
    }
    let span = start + at.start..start + at.end;
    Some(Problem::error(rules::ODD_CHARACTER, what).at(source.place(span)).help(help))
}

/// What a line begins with that was copied with it.
fn begins(source: &Arc<Source>, start: usize) -> Option<Problem> {
    let line = line(&source.text, start);
    let blanks = line.len() - line.trim_start().len();
    let text = line.trim_start();
    let number = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let after_number = text.get(number..).unwrap_or_default();
    let after_dash = text.strip_prefix('-').unwrap_or_default();
    let box_after = ["- [ ] ", "- [x] ", "- [X] "].into_iter().any(|mark| text.starts_with(mark));
    let (length, what, help) = if text.starts_with("```") || text.starts_with("~~~") {
        (3, "this is the fence of a block of code", "delete the line, and the one that closes the block")
    } else if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].into_iter().any(|mark| text.starts_with(mark)) {
        (7, "this is a conflict of git that was not resolved", "keep one side and delete the marks")
    } else if box_after {
        (5, "this is a box of a check list", "write - ITEM without the box")
    } else if text.starts_with("* ") {
        (1, "an item of a list begins with -, not with *", "write - ITEM")
    } else if number > 0 && (after_number.starts_with(". ") || after_number.starts_with(") ")) && blanks > 0 {
        (number + 1, "an item of a list begins with -, not with a number", "write - ITEM")
    } else if after_dash.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '"') {
        (1, "there is no space after the dash", "put a space after the dash: - ITEM")
    } else if text.starts_with("> ") {
        (1, "this is the mark of a quoted mail", "delete the > at the start of each line")
    } else if blanks == 0 && text.starts_with("$ ") {
        (1, "this is the prompt of a shell", "delete the line")
    } else if text.starts_with("+- ") || text.starts_with("+  ") || text.starts_with("@@ ") {
        (1, "this is a line of a difference", "paste the file itself, or delete the + at the start of each line")
    } else if text.starts_with('<') && text.trim_end().ends_with('>') {
        (text.trim_end().len(), "this is a tag of HTML", "delete the line")
    } else {
        return None;
    };
    let from = start + blanks;
    Some(Problem::error(rules::PASTED_LINE, what).at(source.place(from..from + length)).help(help))
}
