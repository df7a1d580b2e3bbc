//! Two values that differ, shown so that the difference can be seen.

use crate::text::reader::pasted::look_the_same;

/// Returns two texts as they are, or with escapes and in quotes if they would look the same.
pub fn distinct(one: String, other: String) -> (String, String) {
    if look_the_same(&one, &other) { (escaped(&one), escaped(&other)) } else { (one, other) }
}

/// Returns a text in quotes, with an escape for everything that another character or nothing could be taken for.
pub fn escaped(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut out = String::from("\"");
    let mut blank = true;
    for (index, character) in text.chars().enumerate() {
        let edge = character == ' ' && (blank || index == last);
        if character.is_ascii_graphic() || (character == ' ' && !edge) {
            out.push(character);
        } else {
            out.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
        }
        blank = character == ' ';
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_seen_to_differ() {
        for (one, other, shown) in [
            ("jit default", "jit\u{a0}default", ["\"jit default\"", "\"jit\\u{a0}default\""]),
            ("jit default", "jit  default", ["\"jit default\"", "\"jit \\u{20}default\""]),
            ("jit", "jit ", ["\"jit\"", "\"jit\\u{20}\""]),
            ("jit", "jit\n", ["\"jit\"", "\"jit\\u{a}\""]),
            ("jit", "j\u{200b}it", ["\"jit\"", "\"j\\u{200b}it\""]),
            ("a-b", "a\u{2011}b", ["\"a-b\"", "\"a\\u{2011}b\""]),
            ("ace", "\u{430}ce", ["\"ace\"", "\"\\u{430}ce\""]),
            ("\u{e9}", "e\u{301}", ["\"\\u{e9}\"", "\"e\\u{301}\""]),
            ("one", "two", ["one", "two"]),
            ("Müller", "Möller", ["Müller", "Möller"]),
            ("same", "same", ["same", "same"]),
        ] {
            let (first, second) = distinct(one.to_owned(), other.to_owned());
            assert_eq!([first.as_str(), second.as_str()], shown, "{one:?} {other:?}");
        }
    }
}
