//! Values as JSON, spaced and indented as the file around them is.

use serde_json::Value as Json;

use crate::text::printable::printable;
use crate::text::yaml::{Node, Value};

/// How a JSON file is spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spacing<'a> {
    /// What follows a colon.
    colon: &'a str,
    /// What follows a comma between members on one line.
    comma: &'a str,
    /// What indents a level.
    pub(super) unit: &'a str,
    eol: &'static str,
}

impl<'a> Spacing<'a> {
    /// Returns the spacing of a text; `None` if the text is not JSON.
    pub(super) fn of(text: &'a str, root: &Node<'_>, eol: &'static str) -> Option<Spacing<'a>> {
        serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
        let (colon, unit) = match &root.value {
            Value::Map(entries) => entries.first(),
            _ => None,
        }
        .map_or((None, None), |(key, value)| {
            let after = text.get(key.span.end as usize..value.span.start as usize).and_then(|gap| gap.split_once(':'));
            (
                after.map(|(_, blanks)| blanks).filter(|blanks| only_blanks(blanks)),
                own_indent(text, key.span.start as usize),
            )
        });
        let colon = colon.unwrap_or(" ");
        let comma = if colon.is_empty() { "" } else { " " };
        Some(Spacing { colon, comma, unit: unit.filter(|unit| !unit.is_empty()).unwrap_or("  "), eol })
    }

    /// What separates members on one line.
    pub(super) fn separator(&self) -> &'static str {
        if self.comma.is_empty() { "," } else { ", " }
    }

    /// Returns a value: its collections over several lines, below a line indented by `indent`; on one line if there is no
    /// `indent`.
    pub(super) fn value(&self, value: &Json, indent: Option<&str>) -> String {
        let deeper = indent.map(|indent| format!("{indent}{}", self.unit));
        let (open, close, members): (char, char, Vec<String>) = match value {
            Json::String(text) => return self::text(text),
            Json::Array(items) => ('[', ']', items.iter().map(|item| self.value(item, deeper.as_deref())).collect()),
            Json::Object(entries) => {
                let member = |(key, value): (&String, &Json)| self.member(key, value, deeper.as_deref());
                ('{', '}', entries.iter().map(member).collect())
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => return value.to_string(),
        };
        match (indent, deeper) {
            (Some(indent), Some(deeper)) if !members.is_empty() => {
                let start = format!("{}{deeper}", self.eol);
                let members = members.join(&format!(",{start}"));
                format!("{open}{start}{members}{}{indent}{close}", self.eol)
            }
            _ => format!("{open}{}{close}", members.join(self.separator())),
        }
    }

    /// Returns a key with its value.
    pub(super) fn member(&self, key: &str, value: &Json, indent: Option<&str>) -> String {
        format!("{}:{}{}", text(key), self.colon, self.value(value, indent))
    }
}

fn only_blanks(text: &str) -> bool {
    text.bytes().all(|byte| byte == b' ' || byte == b'\t')
}

/// What stands before `at` on its line, if that is only blanks and there is a line above.
pub(super) fn own_indent(text: &str, at: usize) -> Option<&str> {
    let before = text.get(..at)?;
    let indent = before.get(before.rfind('\n')? + 1..)?;
    only_blanks(indent).then_some(indent)
}

/// Returns text in double quotes, what cannot be seen as an escape that both JSON and YAML have. They share none for
/// characters beyond U+FFFF, which stay as they are.
pub(super) fn text(text: &str) -> String {
    let quoted = Json::from(text).to_string();
    let mut out = String::with_capacity(quoted.len());
    for character in quoted.chars() {
        let shown = character.to_string();
        match u32::from(character) {
            code @ ..=0xffff if printable(&shown) != shown => out.push_str(&format!("\\u{code:04x}")),
            _ => out.push(character),
        }
    }
    out
}
