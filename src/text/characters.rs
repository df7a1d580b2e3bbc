//! Characters that only look like those of the keyboard, or cannot be seen: what they are and what to type instead.

/// What to type instead of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instead {
    Nothing,
    Blank,
    Hyphen,
    Bullet,
    Colon,
    Quote,
    Letters(&'static str),
    Letter(char),
    /// Start a new line.
    Line,
    Whole,
}

impl Instead {
    fn help(self) -> String {
        match self {
            Instead::Nothing => "delete it".to_owned(),
            Instead::Blank => "type a space instead".to_owned(),
            Instead::Hyphen => "type - instead".to_owned(),
            Instead::Bullet => "type - and a space instead".to_owned(),
            Instead::Colon => "type : instead, and a space after it".to_owned(),
            Instead::Line => "start a new line instead".to_owned(),
            Instead::Quote => "type \" instead, or no quotes".to_owned(),
            Instead::Letters(letters) => format!("type {letters} instead"),
            Instead::Letter(letter) if letter.is_ascii_digit() => format!("type the digit {letter} instead"),
            Instead::Letter(letter) if letter.is_ascii_alphabetic() => format!("type the letter {letter} instead"),
            Instead::Letter(letter) => format!("type {letter} instead"),
            Instead::Whole => "write the whole text".to_owned(),
        }
    }
}

/// What a character is and what to type instead; `None` if it is one that people type.
fn odd(character: char) -> Option<(&'static str, Instead)> {
    Some(match character {
        '\u{a0}' => ("a no-break space", Instead::Blank),
        '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            ("a special space", Instead::Blank)
        }
        '\u{85}' | '\u{2028}' | '\u{2029}' => ("a line separator", Instead::Line),
        '\u{200b}' => ("a zero-width space", Instead::Nothing),
        '\u{feff}' => ("a byte order mark inside the text", Instead::Nothing),
        '\u{ad}' => ("a soft hyphen", Instead::Nothing),
        '\u{200c}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0000}'..='\u{e007f}' => ("a character that cannot be seen", Instead::Nothing),
        '\u{fffd}' => ("the mark of a character that was lost", Instead::Whole),
        '\u{2026}' => ("three dots in one character", Instead::Whole),
        '\u{2010}' => ("a typographic hyphen", Instead::Hyphen),
        '\u{2011}' => ("a no-break hyphen", Instead::Hyphen),
        '\u{2012}' | '\u{2015}' => ("a typographic dash", Instead::Hyphen),
        '\u{2013}' => ("an en dash", Instead::Hyphen),
        '\u{2014}' => ("an em dash", Instead::Hyphen),
        '\u{2212}' => ("a minus sign of mathematics", Instead::Hyphen),
        '\u{2022}' | '\u{2023}' | '\u{25cf}' | '\u{25aa}' | '\u{25e6}' | '\u{b7}' => ("a bullet", Instead::Bullet),
        '\u{2044}' | '\u{2215}' => ("a slash of mathematics", Instead::Letter('/')),
        '\u{ff1a}' => ("a full-width colon", Instead::Colon),
        '\u{ff0c}' | '\u{3001}' => ("a full-width comma", Instead::Letter(',')),
        '\u{ff20}' => ("a full-width at sign", Instead::Letter('@')),
        '\u{ff0e}' | '\u{3002}' => ("a full-width full stop", Instead::Letter('.')),
        '\u{ff10}'..='\u{ff19}' => ("a full-width digit", Instead::Letter(narrow(character)?)),
        '\u{ff01}'..='\u{ff5e}' => ("a full-width character", Instead::Letter(narrow(character)?)),
        '\u{1d400}'..='\u{1d6a3}' => ("a letter of mathematics", Instead::Letter(plain_letter(character)?)),
        '\u{1d7ce}'..='\u{1d7ff}' => ("a digit of mathematics", Instead::Letter(plain_digit(character)?)),
        '\u{210e}' => ("a letter of mathematics", Instead::Letter('h')),
        '\u{fb01}' => ("two letters in one character", Instead::Letters("fi")),
        '\u{fb02}' => ("two letters in one character", Instead::Letters("fl")),
        '\u{fb00}' => ("two letters in one character", Instead::Letters("ff")),
        quote if QUOTES.contains(&quote) => ("a typographic quote", Instead::Quote),
        _ => return None,
    })
}

/// The quotes that word processors write.
const QUOTES: [char; 15] =
    ['“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»', '‹', '›', '\u{2032}', '\u{2033}', '\u{b4}'];

fn narrow(character: char) -> Option<char> {
    char::from_u32(u32::from(character).checked_sub(0xfee0)?)
}

fn plain_letter(character: char) -> Option<char> {
    let index = u8::try_from((u32::from(character).checked_sub(0x1d400)?) % 52).ok()?;
    Some(char::from(if index < 26 { b'A' + index } else { b'a' + index - 26 }))
}

fn plain_digit(character: char) -> Option<char> {
    char::from_digit((u32::from(character).checked_sub(0x1d7ce)?) % 10, 10)
}

/// Letters of other scripts that look like Latin ones.
fn look_alike(character: char) -> Option<char> {
    const CYRILLIC: &str = "аaсcеeоoрpхxуyіiјjѕsһhԁdԛqԝwАAВBСCЕEНHІIЈJКKМMОOРPЅSТTХXУY";
    const GREEK: &str = "αaοoνvιiρpυuΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXıi";
    if character.is_ascii() {
        return None;
    }
    [CYRILLIC, GREEK].into_iter().find_map(|pairs| {
        let mut letters = pairs.chars();
        letters.by_ref().find(|letter| *letter == character)?;
        letters.next()
    })
}

/// Returns whether a character is taken for another one, or for none: two texts that differ only in it look the same.
#[must_use]
pub fn is_mistaken(character: char) -> bool {
    match odd(character) {
        Some((_, Instead::Nothing | Instead::Blank | Instead::Line | Instead::Letter(_))) => true,
        Some((_, Instead::Hyphen)) => !matches!(character, '\u{2013}' | '\u{2014}' | '\u{2015}'),
        _ => look_alike(character).is_some() || ('\u{300}'..='\u{36f}').contains(&character),
    }
}

/// Where a character is that people do not type on purpose, what it is and what to type instead.
#[derive(Debug, PartialEq, Eq)]
pub struct Odd {
    /// Its bytes.
    pub at: std::ops::Range<usize>,
    /// What it is, by code point.
    pub what: String,
    /// What to type instead.
    pub help: String,
}

/// Returns the first character of a text that people do not type on purpose; with `letters`, also one of another script that
/// looks like a Latin letter.
#[must_use]
pub fn first_odd(text: &str, letters: bool) -> Option<Odd> {
    if text.is_ascii() {
        return None;
    }
    text.char_indices().find_map(|(at, character)| {
        let (name, instead) = odd(character).or_else(|| {
            let latin = look_alike(character).filter(|_| letters)?;
            Some(("a letter of another script", Instead::Letter(latin)))
        })?;
        let what = format!("this is U+{:04X}, {name}", u32::from(character));
        Some(Odd { at: at..at + character.len_utf8(), what, help: instead.help() })
    })
}

/// Returns the first control character of a text, which only an escape can have written; line breaks and tabs are ordinary.
#[must_use]
pub fn first_control(text: &str) -> Option<Odd> {
    let is_control = |character: char| character.is_control() && !matches!(character, '\n' | '\r' | '\t');
    text.char_indices().find(|(_, character)| is_control(*character)).map(|(at, character)| Odd {
        at: at..at + character.len_utf8(),
        what: format!("this is U+{:04X}, a control character", u32::from(character)),
        help: Instead::Nothing.help(),
    })
}

/// Returns whether two texts look the same to a reader, or nearly so, though they differ: in blanks, in characters that cannot
/// be seen, or in letters of another script.
#[must_use]
pub fn look_the_same(one: &str, other: &str) -> bool {
    let combining = |text: &str| text.chars().any(|c| ('\u{300}'..='\u{36f}').contains(&c));
    one != other && (seen(one) == seen(other) || combining(one) != combining(other))
}

/// Returns what a reader sees of a text: two texts that look the same give the same.
#[must_use]
pub fn seen(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.trim().chars() {
        let shown = match odd(character).map(|(_, instead)| instead) {
            Some(Instead::Nothing) => continue,
            Some(Instead::Quote) => '"',
            Some(Instead::Hyphen) => '-',
            Some(Instead::Blank | Instead::Line) => ' ',
            Some(Instead::Letter(letter)) => letter,
            Some(Instead::Colon) => ':',
            Some(Instead::Letters(letters)) => {
                out.push_str(letters);
                continue;
            }
            _ if character.is_whitespace() => ' ',
            _ => look_alike(character).unwrap_or(character),
        };
        if shown != ' ' || !out.ends_with(' ') {
            out.push(shown);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_on_the_keyboard_is_named() {
        for (text, what, help) in [
            ("a\u{a0}b", "this is U+00A0, a no-break space", "type a space instead"),
            ("\u{ff41}", "this is U+FF41, a full-width character", "type the letter a instead"),
            ("\u{ff05}", "this is U+FF05, a full-width character", "type % instead"),
            ("1\u{ff12}", "this is U+FF12, a full-width digit", "type the digit 2 instead"),
            ("\u{1d41a}", "this is U+1D41A, a letter of mathematics", "type the letter a instead"),
            ("\u{1d7d9}", "this is U+1D7D9, a digit of mathematics", "type the digit 1 instead"),
            ("\u{430}", "this is U+0430, a letter of another script", "type the letter a instead"),
            ("\u{420}", "this is U+0420, a letter of another script", "type the letter P instead"),
            ("x\u{2026}", "this is U+2026, three dots in one character", "write the whole text"),
            ("\u{fffd}", "this is U+FFFD, the mark of a character that was lost", "write the whole text"),
        ] {
            let found = first_odd(text, true).map(|odd| (odd.what, odd.help));
            assert_eq!(found, Some((what.to_owned(), help.to_owned())), "{text:?}");
        }
        for text in ["plain", "Müller", "日本", "Ж"] {
            assert_eq!(first_odd(text, true), None, "{text}");
        }
        assert_eq!(first_odd("\u{430}", false), None);
        for (text, what) in
            [("a\0", "this is U+0000, a control character"), ("\u{1b}[31m", "this is U+001B, a control character")]
        {
            assert_eq!(first_control(text).map(|odd| odd.what).as_deref(), Some(what));
        }
        assert_eq!(first_control("two\r\n\tlines"), None);
        assert_eq!(seen("\u{ff41}\u{200b}\u{1d41b} \u{a0}\u{441}"), "ab c");
    }
}
