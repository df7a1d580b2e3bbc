//! Hostile text made harmless before it is shown: text from tenants, files, file names and error
//! bodies.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::text::characters::is_mistaken;

/// Makes text safe for a terminal or one line of a log.
///
/// Characters that move the cursor, reorder the line or cannot be seen (controls, bidirectional
/// controls, zero-width and other default-ignorable characters, line separators, private use,
/// noncharacters, tags) become visible escapes such as `\u{1b}`; line feed, carriage return and tab
/// become `\n`, `\r` and `\t`. A backslash stays as it is, so the result is for reading, not for
/// parsing. Text without such characters is borrowed.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    // All bytes are looked at side by side, which takes less than to stop at the first that is not plain.
    let plain = text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'));
    if plain || !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push_printable(&mut out, character);
    }
    Cow::Owned(out)
}

/// Like [`printable`], cut after `max_chars` characters of `text`; the cut says how long the text
/// was: `abc…(70000 characters)`.
#[must_use]
pub fn printable_line(text: &str, max_chars: usize) -> Cow<'_, str> {
    // No text has more characters than bytes.
    let cut = if text.len() > max_chars { text.char_indices().nth(max_chars) } else { None };
    let Some((cut, _)) = cut else { return printable(text) };
    let kept = text.get(..cut).unwrap_or_default();
    Cow::Owned(format!("{}…({} characters)", printable(kept), text.chars().count()))
}

/// What GitLab takes for the beginning or the end of a section of a log, before a number.
const SECTIONS: [&str; 2] = ["section_start:", "section_end:"];

/// Keeps finished output, of one or more lines, from being read as commands by the CI system whose log it goes to. What
/// counts is the text without its colours, so that neither a colour in a marker nor one before it hides it: colours are
/// taken out after this, or by the CI system.
///
/// GitHub runs a line whose first visible characters are `::`, and like Azure Pipelines it looks
/// for `##[` and `##vso[` anywhere in a line; TeamCity reads `##teamcity[`, GitLab `section_start:` and `section_end:` with
/// a number. The first character of such a marker is written as its escape (`\u{3a}:`, `\u{23}#vso[`), so that the text
/// stays readable and is not a marker any more. Other escape sequences and carriage returns are left to [`printable`].
#[must_use]
pub fn log_line(text: &str) -> Cow<'_, str> {
    if !["::", "##", "section_", "\u{1b}"].iter().any(|part| text.contains(part)) {
        return Cow::Borrowed(text);
    }
    let visible: Vec<(usize, u8)> = visible(text);
    let mut marked = Vec::new();
    for line in visible.split_inclusive(|(_, byte)| matches!(byte, b'\n' | b'\r')) {
        mark(line, &mut marked);
    }
    if marked.is_empty() {
        return Cow::Borrowed(text);
    }
    marked.sort_unstable();
    let mut out = String::with_capacity(text.len() + 6 * marked.len());
    let mut from = 0;
    for at in marked {
        out.push_str(text.get(from..at).unwrap_or_default());
        // Writing to a String cannot fail.
        let _ = write!(out, "\\u{{{:x}}}", text.as_bytes().get(at).copied().unwrap_or_default());
        from = at + 1;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// The bytes of a text that are not part of an escape sequence such as a colour, with their places.
fn visible(text: &str) -> Vec<(usize, u8)> {
    let mut bytes = text.bytes().enumerate().peekable();
    let mut visible = Vec::with_capacity(text.len());
    while let Some((at, byte)) = bytes.next() {
        if byte == b'\x1b' && bytes.next_if(|(_, next)| *next == b'[').is_some() {
            while bytes.next_if(|(_, next)| matches!(next, 0x20..=0x3f)).is_some() {}
            bytes.next_if(|(_, last)| matches!(last, 0x40..=0x7e));
        } else {
            visible.push((at, byte));
        }
    }
    visible
}

/// Finds the bytes of a visible line that make it a command.
fn mark(line: &[(usize, u8)], marked: &mut Vec<usize>) {
    let bytes: Vec<u8> = line.iter().map(|(_, byte)| *byte).collect();
    let text = String::from_utf8_lossy(&bytes);
    let place = |at: usize| line.get(at).map(|(place, _)| *place);
    let start = text.len() - text.trim_start().len();
    if text.get(start..).is_some_and(|body| body.starts_with("::")) {
        marked.extend(place(start));
    }
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'#')) {
        let run = at + found;
        let count = |from: usize, of: fn(&u8) -> bool| {
            bytes.get(from..).unwrap_or_default().iter().take_while(|byte| of(byte)).count()
        };
        let hashes = count(run, |byte| *byte == b'#');
        let name = run + hashes + count(run + hashes, u8::is_ascii_alphanumeric);
        if bytes.get(name) == Some(&b'[') {
            marked.extend((run..run + hashes - 1).filter_map(place));
        }
        at = name;
    }
    for marker in SECTIONS {
        for (at, _) in text.match_indices(marker) {
            if bytes.get(at + marker.len()).is_some_and(u8::is_ascii_digit) {
                marked.extend(place(at));
            }
        }
    }
}

/// Makes JSON safe for a terminal and a log without changing what it says: inside its strings, the only place for such
/// characters, what [`printable`] makes visible, what looks like another character, and the markers of [`log_line`] are
/// written as escapes of JSON.
#[must_use]
pub fn printable_json(json: &str) -> Cow<'_, str> {
    // Most of a document, and quicker to see than what may be hostile; the names of the markers have a `_`.
    if json.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~') && !matches!(byte, b'#' | b'_')) {
        return Cow::Borrowed(json);
    }
    let hostile = |character: char| {
        !character.is_ascii() && (is_hostile(character) || is_mistaken(character)) || character == '\u{7f}'
    };
    let mut sections: Vec<usize> =
        SECTIONS.iter().flat_map(|marker| json.match_indices(marker).map(|(at, _)| at + marker.len() - 1)).collect();
    sections.sort_unstable();
    if !json.contains("##") && sections.is_empty() && !json.chars().any(hostile) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    let mut before = ' ';
    for (at, character) in json.char_indices() {
        let marker = (character == '#' && before == '#') || (character == ':' && sections.binary_search(&at).is_ok());
        if hostile(character) || marker {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
        before = character;
    }
    Cow::Owned(out)
}

/// Appends one character the way [`printable`] shows it.
pub(crate) fn push_printable(out: &mut String, character: char) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        hostile if is_hostile(hostile) => {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(hostile));
        }
        harmless => out.push(harmless),
    }
}

/// Unicode 16: general categories Cc, Cf, Zl, Zp, Co and the noncharacters, and the property
/// Default_Ignorable_Code_Point, whose members (variation selectors, fillers, tags) leave no mark
/// on a screen.
fn is_hostile(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    let code = u32::from(character);
    character.is_control()
        || code & 0xfffe == 0xfffe
        || matches!(code,
            0xad | 0x34f | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890..=0x891 | 0x8e2
            | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f
            | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164
            | 0xe000..=0xf8ff | 0xfdd0..=0xfdef | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb
            | 0x110bd | 0x110cd | 0x13430..=0x1343f | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a
            | 0xe0000..=0xe0fff | 0xf0000..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_characters_become_visible() {
        for (hostile, shown) in [
            ("plain text, ünïcode 漢字 \\u{1b} stays", "plain text, ünïcode 漢字 \\u{1b} stays"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("\u{1b}]8;;http://x\u{7}click\u{1b}]8;;\u{7}", "\\u{1b}]8;;http://x\\u{7}click\\u{1b}]8;;\\u{7}"),
            ("\u{1b}]52;c;aGk=\u{9c}", "\\u{1b}]52;c;aGk=\\u{9c}"),
            ("a\r\n\tb", "a\\r\\n\\tb"),
            ("\0\u{7f}\u{85}\u{9b}", "\\u{0}\\u{7f}\\u{85}\\u{9b}"),
            ("\u{202e}gnp.exe\u{2066}\u{2069}\u{200f}", "\\u{202e}gnp.exe\\u{2066}\\u{2069}\\u{200f}"),
            ("ad\u{200b}min\u{200d}\u{feff}\u{2060}\u{ad}", "ad\\u{200b}min\\u{200d}\\u{feff}\\u{2060}\\u{ad}"),
            ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
            ("\u{e000}\u{fdd0}\u{ffff}\u{10fffe}\u{f0000}", "\\u{e000}\\u{fdd0}\\u{ffff}\\u{10fffe}\\u{f0000}"),
            ("\u{e0041}\u{e007f}\u{fe0f}\u{3164}", "\\u{e0041}\\u{e007f}\\u{fe0f}\\u{3164}"),
        ] {
            assert_eq!(printable(hostile), shown);
        }
        assert!(matches!(printable("ünïcode 漢字"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_long_line_is_cut_and_says_so() {
        assert_eq!(printable_line(&"x".repeat(70_000), 3), "xxx…(70000 characters)");
        assert_eq!(printable_line("ü\tü", 2), "ü\\t…(3 characters)");
        assert_eq!(printable_line("abc", 3), "abc");
        assert_eq!(printable_line("abc", 0), "…(3 characters)");
        assert_eq!(printable_line("", 0), "");
    }

    #[test]
    fn ci_commands_are_broken() {
        for (text, logged) in [
            ("::error file=a::b", "\\u{3a}:error file=a::b"),
            ("  ::stop-commands::x", "  \\u{3a}:stop-commands::x"),
            ("ok\n\u{3000}::debug::y\n", "ok\n\u{3000}\\u{3a}:debug::y\n"),
            ("ok\r::debug::y", "ok\r\\u{3a}:debug::y"),
            ("std::vec and a::b", "std::vec and a::b"),
            ("x ##vso[task.setvariable]y ##[error]", "x \\u{23}#vso[task.setvariable]y \\u{23}#[error]"),
            ("###[group]", "\\u{23}\\u{23}#[group]"),
            ("## A heading [x]", "## A heading [x]"),
            ("##teamcity[x]", "\\u{23}#teamcity[x]"),
            ("\u{1b}[1m::error::x", "\u{1b}[1m\\u{3a}:error::x"),
            (" \u{1b}[0m :\u{1b}[31m:error::x", " \u{1b}[0m \\u{3a}\u{1b}[31m:error::x"),
            ("#\u{1b}[0m#vso[x]", "\\u{23}\u{1b}[0m#vso[x]"),
            ("section_start:1:x section_end:x", "\\u{73}ection_start:1:x section_end:x"),
            ("\u{1b}[1mbold\u{1b}[0m", "\u{1b}[1mbold\u{1b}[0m"),
        ] {
            assert_eq!(log_line(text), logged);
        }
        assert!(matches!(log_line("# x: y"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_stays_the_same_document() {
        for (json, shown) in [
            ("{\n  \"a\": \"x\"\n}", "{\n  \"a\": \"x\"\n}"),
            ("[\"##vso[x]\", \"a#b\"]", "[\"#\\u0023vso[x]\", \"a#b\"]"),
            ("[\"\\\\##[y]\"]", "[\"\\\\#\\u0023[y]\"]"),
            ("[\"\u{202e}\u{9b}\u{7f}\"]", "[\"\\u202e\\u009b\\u007f\"]"),
            ("[\"\u{e0041}\"]", "[\"\\udb40\\udc41\"]"),
            ("[\"section_start:1:x\"]", "[\"section_start\\u003a1:x\"]"),
        ] {
            assert_eq!(printable_json(json), shown);
            assert_eq!(log_line(shown), shown);
            let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
            assert_eq!(read(shown), read(json));
        }
    }

    proptest! {
        #[test]
        fn nothing_hostile_is_left(text in any::<String>()) {
            let shown = printable(&text);
            prop_assert_eq!(shown.chars().find(|c| is_hostile(*c)), None);
            prop_assert_eq!(printable(&shown), shown.clone());
        }

        #[test]
        fn no_command_is_left(text in "([:# \n\ta\\[v]|\u{1b}\\[[01]?m){0,12}") {
            let logged = log_line(&text);
            for line in anstream::adapter::strip_str(&logged).to_string().lines() {
                prop_assert!(!line.trim_start().starts_with("::"), "{:?} from {:?}", logged, text);
                prop_assert!(!line.contains("##[") && !line.contains("##v["), "{:?} from {:?}", logged, text);
            }
            prop_assert_eq!(log_line(&logged), logged.clone());
        }
    }
}
