//! Scalars to [`Value`]s: YAML's rules for what a plain word means.

use std::borrow::Cow;
use std::ops::Range;

use serde_yaml::FlowSeq;
use serde_yaml::granit_parser::ScalarStyle;

use super::Value;

/// Returns what the scalar in `span` of `source` is; `text` is its text after YAML's escapes.
pub(super) fn resolve<'s>(source: &'s str, text: Cow<'s, str>, style: ScalarStyle, span: &Range<usize>) -> Value<'s> {
    if !matches!(style, ScalarStyle::Plain) {
        return Value::Text { text, quoted: true };
    }
    match source.get(span.clone()) {
        // The parser reports a missing value as `~` without a byte in the file.
        None | Some("") => Value::Nothing,
        Some(written) if written == text => match written {
            "null" | "Null" | "NULL" | "~" => Value::Null,
            "true" | "True" | "TRUE" => Value::Bool(true),
            "false" | "False" | "FALSE" => Value::Bool(false),
            number if is_number(number) => Value::Number(number),
            text => Value::Text { text: Cow::Borrowed(text), quoted: false },
        },
        // Text of several lines, folded.
        Some(_) => Value::Text { text, quoted: false },
    }
}

/// Whether a YAML reader takes a plain scalar for a number, by the core schema of YAML 1.2 or with
/// the underscores and the binary form of YAML 1.1. `.inf` and `.nan` are left as text: no setting
/// takes them.
fn is_number(text: &str) -> bool {
    // Most plain scalars are words.
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        return false;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = |text: &str, radix| {
        text.starts_with(|c: char| c.is_digit(radix)) && text.chars().all(|c| c.is_digit(radix) || c == '_')
    };
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(rest) = unsigned.strip_prefix(prefix) {
            return digits(rest, radix);
        }
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        None => (unsigned, None),
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fits = |text: &str| text.is_empty() || digits(text, 10);
    let exponent_fits = exponent.is_none_or(|exponent| {
        let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !power.is_empty() && power.bytes().all(|byte| byte.is_ascii_digit())
    });
    !(whole.is_empty() && fraction.is_empty()) && fits(whole) && fits(fraction) && exponent_fits
}

/// Returns whether text needs no quotes in a list in brackets: no reader of YAML 1.1 or 1.2 takes it for a number, a date, a
/// switch, null, or a part of the layout.
#[must_use]
pub fn is_written_plain(text: &str) -> bool {
    serde_yaml::to_string(&FlowSeq([text])).is_ok_and(|written| written.trim_end() == format!("[{text}]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_are_numbers_when_a_yaml_reader_takes_them_for_one() {
        for number in [
            "0",
            "120",
            "-5",
            "+5",
            "1e3",
            "1E+3",
            "38439e10",
            ".5",
            "5.",
            "1.5",
            "0o10",
            "0x1F",
            "010",
            "1_000",
            "0b101",
            "-0x1",
            "6.02e-23",
            "123456789012345678901234567890",
            "1.e3",
        ] {
            assert!(is_number(number), "{number}");
        }
        for text in [
            "",
            ".",
            "-",
            "+",
            "e3",
            "1e",
            "1e+",
            "_1",
            "0x",
            "0o8",
            "0b2",
            "1.2.3",
            "1h30m",
            "2026-12-31",
            ".inf",
            "-.inf",
            ".nan",
            "12:30",
            "1 2",
            "0xg",
            "١٢",
            "1e1.5",
            "ae735f40",
            "--1",
            "1,000",
        ] {
            assert!(!is_number(text), "{text}");
        }
    }
}
