//! Two values that differ, shown so that the difference can be seen.

use std::collections::HashSet;

use crate::text::characters::{look_the_same, seen};
use crate::text::printable::printable;

/// Returns two texts as they are, or with escapes and in quotes if they differ and would look the same.
pub fn distinct(one: String, other: String) -> (String, String) {
    if one != other && (look_the_same(&one, &other) || printable(&one) == printable(&other)) {
        return (escaped(&one), escaped(&other));
    }
    (one, other)
}

/// Returns a text in quotes, with an escape for everything that another character or nothing could be taken for.
pub fn escaped(text: &str) -> String {
    // Text that is in quotes already has its own escapes for those.
    let inside = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let (text, quoted) = (inside.unwrap_or(text), inside.is_some());
    let last = text.chars().count().saturating_sub(1);
    let mut out = String::from("\"");
    let mut blank = true;
    for (index, character) in text.chars().enumerate() {
        let edge = character == ' ' && (blank || index == last);
        if !quoted && matches!(character, '"' | '\\') {
            out.extend(['\\', character]);
        } else if character.is_ascii_graphic() || (character == ' ' && !edge) {
            out.push(character);
        } else {
            out.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
        }
        blank = character == ' ';
    }
    out.push('"');
    out
}

/// Escapes the members of two lists that would look the same, though none is in both lists.
pub fn tell_apart<'t, T: AsRef<str> + From<String> + 't>(
    one: impl Iterator<Item = &'t mut T>,
    other: impl Iterator<Item = &'t mut T>,
) {
    let (one, other): (Vec<&mut T>, Vec<&mut T>) = (one.collect(), other.collect());
    let plain = |member: &&mut T| member.as_ref().bytes().all(|byte| byte.is_ascii_graphic());
    if one.iter().chain(&other).all(plain) {
        return;
    }
    let looks = |members: &[&mut T]| members.iter().map(|member| seen((**member).as_ref())).collect();
    let (first, second): (HashSet<String>, HashSet<String>) = (looks(&one), looks(&other));
    for (members, others) in [(one, second), (other, first)] {
        for member in members {
            if others.contains(&seen((*member).as_ref())) {
                *member = escaped((*member).as_ref()).into();
            }
        }
    }
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
            ("jit\\n", "jit\n", ["\"jit\\\\n\"", "\"jit\\u{a}\""]),
            ("jit\\u{200b}", "jit\u{200b}", ["\"jit\\\\u{200b}\"", "\"jit\\u{200b}\""]),
            ("jit", "j\u{200b}it", ["\"jit\"", "\"j\\u{200b}it\""]),
            ("\"j it\"", "\"j\u{a0}it\"", ["\"j it\"", "\"j\\u{a0}it\""]),
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
