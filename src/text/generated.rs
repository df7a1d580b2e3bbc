//! Texts that a spreadsheet, wiki, chat, shell or template tool wrote in the place of a value.

/// What is wrong with a text as a whole, and what to do.
pub type Told = (&'static str, &'static str);

const PRINTED: Told = ("this is an object that a script printed instead of its values", "write the values themselves");
const SPREADSHEET: Told = ("this is an error of a spreadsheet, not a value", "write the value itself");
const SHORTENED: Told = ("this is a number that a spreadsheet shortened", "copy the value again, as text");
const FORMULA: Told = ("this is a formula of a spreadsheet, not a value", "write the value itself");
const PLACEHOLDER: Told =
    ("this is a placeholder that was not filled in", "write the value: nothing is filled in here");
const NOTHING: Told = (
    "this is a word for no value in other languages, and text in YAML",
    "write the value, or delete it; null is written without quotes",
);

/// Returns what is wrong with a text as a whole if a tool wrote it in the place of a value.
#[must_use]
pub fn generated(text: &str) -> Option<Told> {
    let text = text.trim();
    if is_printed(text) {
        return Some(PRINTED);
    }
    if is_spreadsheet_error(text) {
        return Some(SPREADSHEET);
    }
    if is_shortened(text) {
        return Some(SHORTENED);
    }
    if text.starts_with('=') && text.contains(|c: char| c.is_ascii_alphanumeric()) {
        return Some(FORMULA);
    }
    if is_placeholder(text) || is_reminder(text) {
        return Some(PLACEHOLDER);
    }
    const WORDS: [&str; 12] =
        ["None", "nil", "undefined", "NaN", "null", "Null", "NULL", "(null)", "N/A", "n/a", "(none)", "(empty)"];
    (WORDS.contains(&text) || (!text.is_empty() && text.chars().all(|c| c == '-'))).then_some(NOTHING)
}

/// Objects as PowerShell, JavaScript, Java, Go, Python and Ruby print them.
fn is_printed(text: &str) -> bool {
    let around = |open: &str, close: &str| text.starts_with(open) && text.ends_with(close);
    let hash = text.rsplit_once('@').is_some_and(|(class, hash)| {
        let known = class.starts_with("[L") || class.starts_with("java.") || class.starts_with("com.");
        known && !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    let type_name = text.starts_with("System.") || text.starts_with("Microsoft.PowerShell.");
    (type_name && !text.contains(char::is_whitespace))
        || around("[object ", "]")
        || around("@{", "}")
        || around("@(", ")")
        || around("map[", "]")
        || around("&{", "}")
        || around("%!", ")")
        || around("#<", ">")
        || around("<class '", ">")
        || (around("<", ">") && text.contains(" object at 0x"))
        || matches!(text, "<nil>" | "<no value>")
        || hash
}

/// `#N/A`, `#SPILL!` and the like, and the row of marks of a column that is too narrow.
fn is_spreadsheet_error(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('#') else { return false };
    if rest == "N/A" || rest.len() > 1 && rest.chars().all(|c| c == '#') {
        return true;
    }
    let name = rest.strip_suffix(['!', '?']).unwrap_or_default();
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '/' || c == '_' || c.is_ascii_digit())
}

/// `2.91808E+31`: most of the digits are lost.
#[must_use]
pub fn is_shortened(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let Some((number, power)) = text.split_once("E+") else { return false };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    digits(whole) && digits(fraction) && digits(power)
}

/// Whether a text is a placeholder of a template language as a whole.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    // These open a placeholder whatever is inside.
    const BRACKETS: [(&str, &str); 9] = [
        ("${", "}"),
        ("{{", "}}"),
        ("$(", ")"),
        ("$[", "]"),
        ("#{", "}"),
        ("#{", "}#"),
        ("<%", "%>"),
        ("{%", "%}"),
        ("[% ", " %]"),
    ];
    // These do only around a name.
    const MARKS: [(&str, &str); 13] = [
        ("##", "##"),
        ("%", "%"),
        ("<", ">"),
        ("<<", ">>"),
        ("@", "@"),
        ("@@", "@@"),
        ("__", "__"),
        ("[[", "]]"),
        ("((", "))"),
        ("{", "}"),
        ("~", "~"),
        (":", ":"),
        ("$", ""),
    ];
    // Most texts begin with no mark.
    if text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return false;
    }
    let inside = |(open, close): (&str, &str)| {
        text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).filter(|inside| !inside.trim().is_empty())
    };
    let name = |inside: &str| {
        inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && inside.chars().all(|c| c.is_ascii_alphanumeric() || " _-.:".contains(c))
            && !is_hexadecimal(inside)
    };
    let numbered = |inside: &str| inside.bytes().all(|byte| byte.is_ascii_digit());
    matches!(text, "{}" | "%s" | "%d" | "%v")
        || BRACKETS.into_iter().any(|marks| inside(marks).is_some())
        || MARKS.into_iter().filter_map(inside).any(name)
        || inside(("{", "}")).is_some_and(numbered)
}

/// An id in brackets is no placeholder.
fn is_hexadecimal(text: &str) -> bool {
    text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Whether a text reminds somebody to write the value: `TODO`, `CHANGE_ME`, `your-id-here`, `xxxxxxxx-xxxx-…`, `...`.
fn is_reminder(text: &str) -> bool {
    const WORDS: [&str; 9] =
        ["TODO", "TBD", "TBC", "FIXME", "CHANGEME", "REPLACEME", "PLACEHOLDER", "FILLME", "INSERTHERE"];
    let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let lower = letters.to_ascii_lowercase();
    let reminder = text.split([':', ' ']).next().is_some_and(|first| matches!(first, "TODO" | "FIXME" | "TBD"));
    WORDS.contains(&letters.to_ascii_uppercase().as_str())
        || reminder
        || (lower.starts_with("your") && lower.ends_with("here"))
        || (lower.starts_with("insert") && lower.ends_with("here"))
        || (letters.len() >= 3 && lower.bytes().all(|byte| byte == b'x'))
        || is_zeros(text)
        || matches!(text, "..." | "\u{2026}")
}

/// Whether a text is the id that stands for none yet: the only id of the usual forms that is not taken as it is.
#[must_use]
pub fn is_zeros(text: &str) -> bool {
    text == "00000000-0000-0000-0000-000000000000"
}

/// Whether an exact text holds a placeholder beside other text.
#[must_use]
pub fn holds_placeholder(text: &str) -> bool {
    // Most texts hold nothing that opens one.
    let opens = |byte| matches!(byte, b'$' | b'{' | b'<');
    text.bytes().any(opens)
        && [("${", "}"), ("{{", "}}"), ("{%", "%}"), ("<%", "%>"), ("$(", ")"), ("$[", "]")]
            .into_iter()
            .any(|(open, close)| text.split_once(open).is_some_and(|(_, rest)| rest.contains(close)))
}

/// Returns the first escape of HTML in a text, such as `&amp;`, and the character that it stands for, if it is on the keyboard.
#[must_use]
pub fn html_escape(text: &str) -> Option<(std::ops::Range<usize>, Option<char>)> {
    text.match_indices('&').find_map(|(start, _)| {
        let rest = text.get(start + 1..)?;
        let length = rest.bytes().take(9).position(|byte| byte == b';')?;
        let name = rest.get(..length)?;
        let code = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
        let character = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some(' '),
            _ => {
                let digits = name.strip_prefix('#')?;
                Some(digits.strip_prefix(['x', 'X']).map_or_else(|| code(digits, 10), |hex| code(hex, 16))?)
            }
        };
        let typed = character.filter(|c| c.is_ascii_graphic() || *c == ' ');
        Some((start..start + length + 2, typed))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_write_is_told_from_values() {
        for (expected, texts) in [
            (
                Some(PRINTED),
                &[
                    "System.Object[]",
                    "System.Collections.Generic.List`1[System.String]",
                    "Microsoft.PowerShell.Commands.GenericMeasureInfo",
                    "@{id=1; name=x}",
                    "@('x')",
                    "[object Object]",
                    "[Ljava.lang.String;@1b2c",
                    "java.lang.Object@6d06d69c",
                    "map[id:1]",
                    "&{1}",
                    "%!s(MISSING)",
                    "#<Foo:0x1>",
                    "<class 'NoneType'>",
                    "<object object at 0x7f>",
                    "<nil>",
                ][..],
            ),
            (Some(SPREADSHEET), &["#N/A", "#REF!", "#NAME?", "#DIV/0!", "#SPILL!", "#GETTING_DATA!", "####"]),
            (Some(SHORTENED), &["2.91808E+31", "2E+31"]),
            (Some(FORMULA), &["=A1", "=HYPERLINK(\"x\")"]),
            (
                Some(PLACEHOLDER),
                &[
                    "${X}",
                    "{{ x }}",
                    "${{ vars.X }}",
                    "$(X)",
                    "$[variables.x]",
                    "#{X}#",
                    "<%= x %>",
                    "{% x %}",
                    "##X##",
                    "%X%",
                    "<x>",
                    "<<x>>",
                    "@x@",
                    "@@x@@",
                    "__X__",
                    "[[x]]",
                    "((x))",
                    "{x}",
                    "{0}",
                    "%s",
                    "$X",
                    "$env:X",
                    "TODO",
                    "TODO: ask",
                    "change-me",
                    "REPLACE_ME",
                    "your-id-here",
                    "xxxxxxxx-xxxx-xxxx",
                    "...",
                    "00000000-0000-0000-0000-000000000000",
                ],
            ),
            (Some(NOTHING), &["None", "nil", "undefined", "NaN", "null", "N/A", "-", "(null)"]),
            (
                None,
                &[
                    "",
                    "jit-activation-default",
                    "{AE735F40-4DE9-4163-801D-4A1444E59D35}",
                    "100%",
                    "5 < 6",
                    "a=b",
                    "#x",
                    "owner@example.com",
                    "none",
                    "Nothing",
                    "System admins",
                    "x",
                    "ok",
                ],
            ),
        ] {
            for text in texts {
                assert_eq!(generated(text), expected, "{text}");
            }
        }
    }

    #[test]
    fn escapes_of_html_are_found() {
        for (text, found) in [
            ("Tom &amp; Jerry", Some((4..9, Some('&')))),
            ("owner&#64;example.com", Some((5..10, Some('@')))),
            ("&#x41;", Some((0..6, Some('A')))),
            ("&nbsp;", Some((0..6, Some(' ')))),
            ("a & b; c", None),
            ("&", None),
            ("&foo;", None),
        ] {
            assert_eq!(html_escape(text), found, "{text}");
        }
    }
}
