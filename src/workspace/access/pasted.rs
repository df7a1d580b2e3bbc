//! What came along when somebody pasted a value into a variable.

use crate::failure::Failure;
use crate::text::characters::first_odd;

/// Checks that a credential has nothing around it that was pasted with it.
pub(super) fn bare(name: &str, variable: &impl Fn(&str) -> Option<String>) -> Result<(), Failure> {
    match variable(name).as_deref().and_then(blank) {
        Some(what) => {
            let named = if name.starts_with("file:") { format!("${{{name}}}") } else { name.to_owned() };
            Err(Failure::failed(
                format!("the value of {named} {what}"),
                format!("set {named} without spaces, line breaks and quotation marks around the value"),
            ))
        }
        None => Ok(()),
    }
}

/// Returns what is wrong with a value that people paste; never a part of the value.
pub(super) fn blank(value: &str) -> Option<&'static str> {
    const QUOTES: &str = "\"'`\u{2018}\u{2019}\u{201c}\u{201d}\u{ab}\u{bb}";
    let invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}');
    let ends = [value.chars().next()?, value.chars().next_back()?];
    let unfilled = |open: &str, close: &str| value.len() > 2 && value.starts_with(open) && value.ends_with(close);
    if value.contains(['\n', '\r']) {
        Some("has a line break in it")
    } else if ends.iter().any(|end| end.is_whitespace() || end.is_control() || invisible(*end)) {
        Some("begins or ends with a space")
    } else if value.len() > 1 && ends.iter().all(|end| QUOTES.contains(*end)) {
        Some("stands in quotation marks")
    } else if value.contains(char::is_control) {
        Some("has a tab or another control character in it")
    } else if first_odd(value, true).is_some() {
        Some("has a character in it that looks like another one or cannot be seen")
    } else if value.chars().all(|c| c == '*') {
        Some("is masked: it is only asterisks")
    } else if [("${", "}"), ("$(", ")"), ("{{", "}}"), ("<", ">"), ("%", "%"), ("#{", "}")]
        .into_iter()
        .any(|(open, close)| unfilled(open, close))
        || matches!(value, "null" | "None" | "undefined" | "nil" | "System.Object[]" | "[object Object]")
    {
        Some("is a placeholder that was not filled in")
    } else {
        None
    }
}
