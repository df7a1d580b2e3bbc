//! What spreadsheets, wikis, chats, shells and templates leave in a text: characters that only look like those of the
//! keyboard, placeholders that were not filled in, objects printed instead of their values.

use std::ops::Range;

use super::Reader;
use crate::text::problem::rules;
use crate::text::yaml::{Node, Value};

/// How strict a text is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// An id, an address, a number, a word: no character beyond the keyboard belongs into it.
    Exact,
    /// Text that the API keeps as it is: an unusual character may be meant.
    Free,
}

/// Names of the quotes that word processors write.
const QUOTES: [char; 12] = ['“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»', '‹', '›'];

/// What a character is and what to type instead; `None` if it is one that people type.
fn odd(character: char) -> Option<(&'static str, &'static str)> {
    Some(match character {
        '\u{a0}' => ("a no-break space", "type a blank instead"),
        '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ("a special space", "type a blank instead"),
        '\u{200b}' => ("a zero-width space", "delete it"),
        '\u{feff}' => ("a byte order mark inside the text", "delete it"),
        '\u{ad}' => ("a soft hyphen", "delete it"),
        '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => {
            ("a character that cannot be seen", "delete it")
        }
        '\u{2010}' => ("a typographic hyphen", "type - instead"),
        '\u{2011}' => ("a no-break hyphen", "type - instead"),
        '\u{2012}' | '\u{2015}' => ("a typographic dash", "type - instead"),
        '\u{2013}' => ("an en dash", "type - instead"),
        '\u{2014}' => ("an em dash", "type - instead"),
        '\u{2212}' => ("a minus sign of mathematics", "type - instead"),
        '\u{2022}' | '\u{25cf}' | '\u{25aa}' | '\u{b7}' => ("a bullet", "type - and a blank instead"),
        '\u{ff1a}' => ("a full-width colon", "type : and a blank instead"),
        '\u{ff0c}' => ("a full-width comma", "type , instead"),
        '\u{ff20}' => ("a full-width at sign", "type @ instead"),
        '\u{ff0e}' => ("a full-width full stop", "type . instead"),
        '\u{ff10}'..='\u{ff19}' => ("a full-width digit", "type the digit of the keyboard instead"),
        quote if QUOTES.contains(&quote) => ("a typographic quote", "type \" instead, or no quotes"),
        _ => return None,
    })
}

/// Characters of other scripts that look like hexadecimal digits or the letters of ids.
fn look_alike(character: char) -> Option<char> {
    Some(match character {
        '\u{430}' | '\u{3b1}' => 'a',
        '\u{441}' => 'c',
        '\u{435}' => 'e',
        '\u{43e}' | '\u{3bf}' => 'o',
        '\u{440}' => 'p',
        '\u{410}' | '\u{391}' => 'A',
        '\u{412}' | '\u{392}' => 'B',
        '\u{421}' => 'C',
        '\u{415}' | '\u{395}' => 'E',
        _ => return None,
    })
}

/// Returns where the first character of a text is that nobody types on purpose, what it is and what to type instead.
fn first_odd(text: &str, letters: bool) -> Option<(Range<usize>, String, String)> {
    text.char_indices().find_map(|(at, character)| {
        let (name, help) = match odd(character) {
            Some((name, help)) => (name.to_owned(), help.to_owned()),
            None => {
                let latin = look_alike(character).filter(|_| letters)?;
                ("a letter of another script".to_owned(), format!("type the letter {latin} instead"))
            }
        };
        let code = u32::from(character);
        Some((at..at + character.len_utf8(), format!("this is U+{code:04X}, {name}"), help))
    })
}

/// What is wrong with a text as a whole, and what to do.
fn generated(text: &str) -> Option<(&'static str, &'static str)> {
    const PRINTED: (&str, &str) =
        ("this is the name of a type, which a script printed instead of the values", "write the values themselves");
    let text = text.trim();
    if text.starts_with("System.") && (text.ends_with("[]") || text.starts_with("System.Collections.")) {
        return Some(PRINTED);
    }
    if matches!(text, "[object Object]" | "<nil>" | "<no value>") || (text.starts_with("@{") && text.ends_with('}')) {
        return Some(PRINTED);
    }
    if matches!(text, "#N/A" | "#REF!" | "#NAME?" | "#VALUE!" | "#DIV/0!" | "#NULL!" | "#NUM!") {
        return Some(("this is an error of a spreadsheet, not a value", "write the value itself"));
    }
    is_placeholder(text).then_some((
        "this is a placeholder that was not filled in",
        "settings files take no placeholders: write the value",
    ))
}

/// Whether a text is a placeholder of a template language as a whole.
fn is_placeholder(text: &str) -> bool {
    // These open a placeholder whatever is inside.
    const BRACKETS: [(&str, &str); 6] =
        [("${", "}"), ("{{", "}}"), ("$(", ")"), ("#{", "}"), ("<%", "%>"), ("{%", "%}")];
    // These do only around a name.
    const MARKS: [(&str, &str); 8] =
        [("##", "##"), ("%", "%"), ("<", ">"), ("@", "@"), ("__", "__"), ("[[", "]]"), ("{", "}"), ("$", "")];
    let inside = |(open, close): (&str, &str)| {
        text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).filter(|inside| !inside.is_empty())
    };
    let name = |inside: &str| {
        inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && inside.chars().all(|c| c.is_ascii_alphanumeric() || " _-.:".contains(c))
    };
    text == "{}"
        || BRACKETS.into_iter().any(|marks| inside(marks).is_some())
        || MARKS.into_iter().filter_map(inside).any(name)
}

/// Whether an exact text holds a placeholder beside other text.
fn holds_placeholder(text: &str) -> bool {
    [("${", "}"), ("{{", "}}")]
        .into_iter()
        .any(|(open, close)| text.split_once(open).is_some_and(|(_, rest)| rest.contains(close)))
}

impl Reader {
    /// Reports what cannot have been meant in the texts of a value, in lists and mappings too. Returns whether the value
    /// can be read. What is named for readers only is not looked at.
    pub fn as_meant(&mut self, node: &Node<'_>, form: Text) -> bool {
        match &node.value {
            Value::Text { text, .. } => self.text_as_meant(node, text, form),
            Value::List(items) => {
                // All of them, so that every problem is told.
                let good: Vec<bool> = items.iter().map(|item| self.as_meant(item, form)).collect();
                !good.contains(&false)
            }
            Value::Map(entries) => {
                let sent = entries.iter().filter(|(key, _)| !matches!(&*key.text, "name" | "email"));
                let good: Vec<bool> = sent.map(|(_, value)| self.as_meant(value, form)).collect();
                !good.contains(&false)
            }
            _ => true,
        }
    }

    fn text_as_meant(&mut self, node: &Node<'_>, text: &str, form: Text) -> bool {
        let exact = form == Text::Exact;
        if let Some((what, help)) = generated(text) {
            self.error(rules::PLACEHOLDER, &node.span, what, "", help);
            return false;
        }
        if exact && (holds_placeholder(text) || text.strip_prefix("workgroup:").is_some_and(is_placeholder)) {
            let what = "this holds a placeholder that was not filled in";
            self.error(
                rules::PLACEHOLDER,
                &node.span,
                what,
                "",
                "settings files take no placeholders: write the value",
            );
            return false;
        }
        let Some((at, what, help)) = first_odd(text, exact) else { return true };
        let span = self.part(node, at);
        if exact {
            self.error(rules::ODD_CHARACTER, &span, &what, "", &help);
        } else {
            self.warn_at(
                &span,
                rules::ODD_CHARACTER,
                &what,
                &format!("it is sent as written; if it is not meant, {help}"),
            );
        }
        !exact
    }

    /// Returns the span of a part of a text, or of the whole text if the file does not hold it letter by letter.
    fn part(&self, node: &Node<'_>, part: Range<usize>) -> Range<u32> {
        match (self.letters(node), u32::try_from(part.start), u32::try_from(part.end)) {
            (Some(letters), Ok(start), Ok(end)) => letters.saturating_add(start)..letters.saturating_add(end),
            _ => node.span.clone(),
        }
    }

    /// Reports a character that nobody types on purpose in a text that was refused: it is why. Returns whether there is one.
    pub(super) fn tell_odd(&mut self, node: &Node<'_>) -> bool {
        let Value::Text { text, .. } = &node.value else { return false };
        let Some((at, what, help)) = first_odd(text, false) else { return false };
        let span = self.part(node, at);
        self.error(rules::ODD_CHARACTER, &span, &what, "", &help);
        true
    }

    /// Like [`Reader::tell_odd`], for a key.
    pub(super) fn tell_odd_key(&mut self, key: &crate::text::yaml::Key<'_>) -> bool {
        let Some((at, what, help)) = first_odd(&key.text, true) else { return false };
        let written = self.source.text.get(key.span.start as usize..key.span.end as usize).unwrap_or_default();
        let offset = written.find(key.text.as_ref()).unwrap_or_default();
        let byte = |at: usize| key.span.start.saturating_add(u32::try_from(offset + at).unwrap_or(u32::MAX));
        self.error(rules::ODD_CHARACTER, &(byte(at.start)..byte(at.end)), &what, "", &help);
        true
    }
}

/// Whether a text holds a character that nobody types on purpose.
#[must_use]
pub fn is_odd(text: &str) -> bool {
    first_odd(text, true).is_some()
}

/// Whether two texts look the same to a reader, or nearly so, though they differ: in blanks, in characters that cannot be
/// seen, or in letters of another script.
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
        let shown = match odd(character) {
            Some((_, "delete it")) => continue,
            Some(_) if QUOTES.contains(&character) => '"',
            Some((_, help)) if help.starts_with("type -") => '-',
            Some((_, "type a blank instead")) => ' ',
            _ if character.is_whitespace() => ' ',
            _ => look_alike(character).unwrap_or(character),
        };
        if shown != ' ' || !out.ends_with(' ') {
            out.push(shown);
        }
    }
    out
}
