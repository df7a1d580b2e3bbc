//! The opening of a report in Markdown: the verdict, and the hidden line that tells sailplan's reports from others.

use super::prose;
use crate::documents::plan::MARK;

/// Returns the opening of a report. `line` is what the hidden line says: the mark, and which report this is.
pub(in crate::report) fn opening(headline: &str, line: &str) -> String {
    format!("**{}**\n<!-- {line} -->\n\n", prose(headline))
}

/// Returns whether a text opens as a report of sailplan does.
pub fn is_report(text: &str) -> bool {
    let hidden = text.lines().nth(1).and_then(|line| line.strip_prefix("<!-- "));
    hidden.and_then(|hidden| hidden.strip_prefix(MARK)).is_some_and(|rest| rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_told_by_its_second_line() {
        assert!(is_report(&opening("No changes", &format!("{MARK} workspace=. digest=none"))));
        for other in [
            "<!-- sailplan:v1 receipt -->\n",
            "**No changes**\n\n<!-- sailplan:v1 receipt -->\n",
            "**No changes**\n<!-- sailplan:v12 receipt -->\n",
            "**No changes**\nof <!-- sailplan:v1 receipt -->\n",
            "",
        ] {
            assert!(!is_report(other), "{other}");
        }
    }
}
