//! Values to YAML text: plain where a reader takes it back as the same text, quoted otherwise.

use serde_json::Value;

use crate::text::printable::{log_line, printable};
use crate::text::yaml::{self, Source};

/// How text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// Without quotes where that is safe.
    Plain,
    /// In single quotes where that is possible.
    Single,
    /// In double quotes.
    Double,
}

impl Quote {
    /// Returns how the scalar that begins `written` is quoted.
    pub(super) fn of(written: &str) -> Quote {
        match written.bytes().next() {
            Some(b'"') => Quote::Double,
            Some(b'\'') => Quote::Single,
            _ => Quote::Plain,
        }
    }
}

/// Returns a value on one line; collections in brackets.
pub fn inline(value: &Value, quote: Quote) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => self::text(text, quote),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| inline(item, quote)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", text(key, key_quote(quote)), inline(value, quote)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// Returns the lines of `key: value` at an indentation; objects and lists get lines of their own, list items stay on one
/// line each. `unit` and `dash` say how much deeper than their key objects and the dashes of lists stand.
pub fn entry(key: &str, value: &Value, indent: usize, unit: usize, dash: usize, quote: Quote) -> Vec<String> {
    let blanks = " ".repeat(indent);
    let key = text(key, key_quote(quote));
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            let mut lines = vec![format!("{blanks}{key}:")];
            lines.extend(entries.iter().flat_map(|(key, value)| entry(key, value, indent + unit, unit, dash, quote)));
            lines
        }
        Value::Array(items) if !items.is_empty() => {
            let mut lines = vec![format!("{blanks}{key}:")];
            let blanks = " ".repeat(indent + dash);
            lines.extend(items.iter().map(|item| format!("{blanks}- {}", inline(item, quote))));
            lines
        }
        value => vec![format!("{blanks}{key}: {}", inline(value, quote))],
    }
}

/// Keys stay plain unless everything is in double quotes, as in JSON.
fn key_quote(quote: Quote) -> Quote {
    if quote == Quote::Double { Quote::Double } else { Quote::Plain }
}

/// Returns text as a YAML scalar on one line.
pub(super) fn text(text: &str, quote: Quote) -> String {
    // On standard output a CI system reads it, and there the marker of a command would be broken, and the YAML with it.
    let line = format!("- {text}");
    if log_line(&line) != line {
        return double(text).replace('#', "\\u0023").replace(':', "\\u003a");
    }
    let visible = printable(text) == text;
    match quote {
        Quote::Plain if plain(text) => text.to_owned(),
        Quote::Plain | Quote::Single if visible => format!("'{}'", text.replace('\'', "''")),
        _ => double(text),
    }
}

fn double(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other => {
                let one = other.to_string();
                if printable(&one) == one {
                    out.push(other);
                } else {
                    out.push_str(&match u32::from(other) {
                        code @ ..=0xff => format!("\\x{code:02x}"),
                        code @ ..=0xffff => format!("\\u{code:04x}"),
                        code => format!("\\U{code:08x}"),
                    });
                }
            }
        }
    }
    out.push('"');
    out
}

/// Whether every YAML reader takes the bare word for text: narrower than YAML allows.
fn plain(text: &str) -> bool {
    let shape = text.starts_with(|c: char| c.is_alphanumeric() || c == '/')
        && text.ends_with(|c: char| c.is_alphanumeric() || "/_-.)".contains(c))
        && text.chars().all(|c| c.is_alphanumeric() || " -_./@:+()=".contains(c))
        && !text.contains(": ");
    shape && yaml::is_written_plain(text) && reads_back(text)
}

fn reads_back(text: &str) -> bool {
    let source = Source::new("", format!("[{text}]"));
    let Ok(node) = yaml::parse(&source) else { return false };
    let yaml::Value::List(items) = &node.value else { return false };
    matches!(items.as_slice(), [yaml::Node { value: yaml::Value::Text { text: read, .. }, .. }] if read == text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn text_is_quoted_where_a_reader_could_take_it_for_something_else() {
        for (text, written) in [
            ("ae735f40-4de9-4163-801d-4a1444e59d35", "ae735f40-4de9-4163-801d-4a1444e59d35"),
            ("owner@example.com", "owner@example.com"),
            ("workgroup:2c91", "workgroup:2c91"),
            ("Domain Admins", "Domain Admins"),
            ("38439e10", "'38439e10'"),
            ("12345678901234567890123456789012", "'12345678901234567890123456789012'"),
            ("2026-12-31", "'2026-12-31'"),
            ("2026-12-31T10:00:00Z", "'2026-12-31T10:00:00Z'"),
            ("12:30", "'12:30'"),
            ("1_000", "'1_000'"),
            ("0x1f", "'0x1f'"),
            ("1.2.3", "'1.2.3'"),
            ("2026-12", "2026-12"),
            ("10:30-11:30", "10:30-11:30"),
            ("ON", "'ON'"),
            ("no", "'no'"),
            ("Null", "'Null'"),
            ("true", "'true'"),
            ("", "''"),
            (" a", "' a'"),
            ("it's", "'it''s'"),
            ("a: b", "'a: b'"),
            ("a #b", "'a #b'"),
            ("-a", "'-a'"),
            ("a\nb", "\"a\\nb\""),
            ("\u{1b}[2J\u{202e}\u{e0041}\"\\", "\"\\x1b[2J\\u202e\\U000e0041\\\"\\\\\""),
        ] {
            assert_eq!(super::text(text, Quote::Plain), written);
        }
    }

    #[test]
    fn values_are_laid_out_like_the_file() {
        let value = json!({"a": {"id": "x", "l": [], "o": null}, "l": ["x", {"id": "z", "name": "no"}]});
        assert_eq!(inline(&value, Quote::Double), value.to_string().replace("\":", "\": ").replace(',', ", "));
        assert_eq!(
            entry("k", &value, 2, 4, 2, Quote::Plain).join("\n"),
            "  k:\n      a:\n          id: x\n          l: []\n          o: null\n      l:\n        - x\n        - {id: z, name: 'no'}"
        );
    }

    proptest! {
        #[test]
        fn text_reads_back(text in any::<String>(), quote in prop::sample::select(vec![Quote::Plain, Quote::Single, Quote::Double])) {
            let written = super::text(&text, quote);
            for file in [format!("k: {written}\n"), format!("{{k: {written}}}"), format!("- {written} # c")] {
                let source = Source::new("s.yaml", file.clone());
                let node = yaml::parse(&source).unwrap();
                let value = match &node.value {
                    yaml::Value::Map(entries) => &entries[0].1.value,
                    yaml::Value::List(items) => &items[0].value,
                    _ => &node.value,
                };
                prop_assert!(matches!(value, yaml::Value::Text { text: read, .. } if *read == text), "{file:?}");
                // And so does a reader that is not ours.
                let read: Value = serde_yaml::from_str(&file).unwrap();
                prop_assert_eq!(read.get("k").or(read.get(0)), Some(&Value::from(text.as_str())), "{:?}", file);
            }
        }

        #[test]
        fn a_log_changes_no_text_that_is_written(
            text in "([a-z:# ]|##\\[|##vso\\[|::error::|section_start:1){0,12}",
            quote in prop::sample::select(vec![Quote::Plain, Quote::Single, Quote::Double]),
        ) {
            let file = format!("k: {}\n- {}\n", super::text(&text, quote), super::text(&text, quote));
            prop_assert_eq!(log_line(&file), file.as_str());
            let read: Value = serde_yaml::from_str(file.lines().next().unwrap()).unwrap();
            prop_assert_eq!(&read["k"], &Value::from(text));
        }
    }
}
