//! What spreadsheets, wikis, chats, shells and templates leave in a text, reported where it stands.

use std::ops::Range;

use super::Reader;
use crate::text::characters::{Odd, first_control, first_odd};
use crate::text::generated::{generated, holds_placeholder, html_escape, is_placeholder, is_zeros};
use crate::text::id::is_usual;
use crate::text::problem::Problem;
use crate::text::problem::rules::{self, Rule};
use crate::text::yaml::{self, Key, Node, Value};

/// How strict a text is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// An id, an address, a number, a word: no character beyond the keyboard belongs into it.
    Exact,
    /// Text that the API keeps as it is: an unusual character may be meant.
    Free,
    /// The path of a file: any character may be in a name, and a placeholder is none.
    Path,
    /// Sentences for readers: typographic characters belong there.
    Prose,
}

impl Reader {
    /// Reports what cannot have been meant in the texts of a value, in lists and mappings too. Returns whether the value
    /// can be read. What is named for readers only is not looked at.
    pub fn as_meant(&mut self, node: &Node<'_>, form: Text) -> bool {
        match &node.value {
            Value::Text { text, .. } if is_usual(text) && !is_zeros(text) => true,
            Value::Text { text, .. } => {
                let good = self.text_as_meant(node, text, form);
                if !good {
                    self.not_meant.insert(node.span.start, node.span.end);
                }
                good
            }
            Value::List(items) => {
                // All of them, so that every problem is told.
                items.iter().filter(|item| !self.as_meant(item, form)).count() == 0
            }
            Value::Map(entries) => {
                let sent = entries.iter().filter(|(key, _)| !matches!(&*key.text, "name" | "email"));
                let good: Vec<bool> = sent.map(|(_, value)| self.as_meant(value, form)).collect();
                !good.contains(&false)
            }
            _ => true,
        }
    }

    /// Reads text that is not blank, as [`Reader::text`] does, and that can have been meant.
    pub fn meant_text(&mut self, node: &Node<'_>, expects: &str, form: Text) -> Option<String> {
        let text = self.text(node, expects)?;
        if !self.text_as_meant(node, &text, form) {
            return None;
        }
        if matches!(form, Text::Exact | Text::Path) && text.trim() != text {
            return self.invalid(node, rules::MARKUP, "this begins or ends with a space", "delete the space");
        }
        Some(text)
    }

    fn text_as_meant(&mut self, node: &Node<'_>, text: &str, form: Text) -> bool {
        let exact = matches!(form, Text::Exact | Text::Path);
        if let Some((what, help)) = generated(text) {
            // A template may well be called that.
            let quoted = matches!(node.value, Value::Text { quoted: true, .. });
            if form == Text::Free && quoted && !certain(text) {
                self.warn(node, rules::PLACEHOLDER, what, &if_not_meant(help));
                return true;
            }
            self.told(rules::PLACEHOLDER, &node.span, what, help);
            return false;
        }
        let held = holds_placeholder(text) || text.strip_prefix("workgroup:").is_some_and(is_placeholder);
        if held && form != Text::Prose {
            let (what, help) = ("this holds a placeholder that was not filled in", "write the value");
            if exact {
                self.told(rules::PLACEHOLDER, &node.span, what, help);
                return false;
            }
            self.warn(node, rules::PLACEHOLDER, what, &if_not_meant(help));
        }
        if form == Text::Prose {
            return true;
        }
        if exact && let Some(help) = link(text) {
            self.error(rules::MARKUP, &node.span, "this is a link as pages and chats write it", "", &help);
            return false;
        }
        if form == Text::Path {
            return true;
        }
        if let Some((what, help, at)) = escape(text) {
            let span = self.part(node, at);
            if exact {
                self.error(rules::MARKUP, &span, &what, "", &help);
                return false;
            }
            self.warn_at(&span, rules::MARKUP, &what, &if_not_meant(&help));
        }
        let odd = first_odd(text, exact).or_else(|| first_control(text));
        let Some(Odd { at, what, help }) = odd else { return true };
        let span = self.part(node, at);
        if exact {
            self.error(rules::ODD_CHARACTER, &span, &what, "", &help);
        } else {
            self.warn_at(&span, rules::ODD_CHARACTER, &what, &if_not_meant(&help));
        }
        !exact
    }

    /// Reports what a tool wrote.
    fn told(&mut self, rule: Rule, span: &Range<u32>, what: &str, help: &str) {
        let placeholder = rule == rules::PLACEHOLDER && what.contains("placeholder");
        let help = if placeholder { self.placeholders } else { help };
        self.error(rule, span, what, "", help);
    }

    /// Returns the span of a part of a text, or of the whole text if the file does not hold it letter by letter.
    fn part(&self, node: &Node<'_>, part: Range<usize>) -> Range<u32> {
        match (self.letters(node), u32::try_from(part.start), u32::try_from(part.end)) {
            (Some(letters), Ok(start), Ok(end)) => letters.saturating_add(start)..letters.saturating_add(end),
            _ => node.span.clone(),
        }
    }

    /// Reports what a tool wrote, or a character that people do not type on purpose, in a text that was refused: it is why.
    /// Returns whether there is one.
    pub(super) fn tell_odd(&mut self, node: &Node<'_>) -> bool {
        let Value::Text { text, .. } = &node.value else { return false };
        if let Some((what, help)) = generated(text) {
            self.told(rules::PLACEHOLDER, &node.span, what, help);
            return true;
        }
        let Some(Odd { at, what, help }) = first_odd(text, true) else { return false };
        let span = self.part(node, at);
        self.error(rules::ODD_CHARACTER, &span, &what, "", &help);
        true
    }

    /// Like [`Reader::tell_odd`], for a key.
    pub fn tell_odd_key(&mut self, key: &Key<'_>) -> bool {
        if let Some((what, help)) = generated(&key.text) {
            self.told(rules::PLACEHOLDER, &key.span, what, help);
            return true;
        }
        let Some(Odd { at, what, help }) = first_odd(&key.text, true) else { return false };
        let written = self.source.text.get(yaml::bytes(&key.span)).unwrap_or_default();
        let offset = written.find(key.text.as_ref()).unwrap_or_default();
        let byte = |at: usize| key.span.start.saturating_add(u32::try_from(offset + at).unwrap_or(u32::MAX));
        self.error(rules::ODD_CHARACTER, &(byte(at.start)..byte(at.end)), &what, "", &help);
        true
    }

    /// Reports what a spreadsheet left behind a key: `#N/A` is a comment in YAML. Returns whether there is that.
    pub fn tell_behind(&mut self, key: &Range<u32>) -> bool {
        let Some((span, what, help)) = self.behind(key) else { return false };
        self.told(rules::PLACEHOLDER, &span, what, help);
        true
    }

    fn behind(&self, span: &Range<u32>) -> Option<(Range<u32>, &'static str, &'static str)> {
        let rest = self.source.text.get(span.end as usize..)?;
        let line = rest.lines().next()?;
        let mark = line.find('#')?;
        let text = line.get(mark..)?.trim_end();
        let (what, help) = generated(text)?;
        let start = span.end.saturating_add(u32::try_from(mark).ok()?);
        Some((start..start.saturating_add(u32::try_from(text.len()).ok()?), what, help))
    }
}

/// Whether a text is written by a tool without doubt, whatever it is for.
fn certain(text: &str) -> bool {
    let word = text.trim().chars().all(|c| c.is_ascii_alphabetic());
    !word && !text.starts_with('=')
}

fn if_not_meant(help: &str) -> String {
    format!("it is sent as written; if it is not meant, {help}")
}

/// Returns what to write instead of a link such as `[text](address)` or `<address|text>`.
fn link(text: &str) -> Option<String> {
    let text = text.trim();
    let markdown =
        text.strip_prefix('[').and_then(|rest| rest.strip_suffix(')')).and_then(|rest| rest.split_once("]("));
    let chat = || text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).and_then(|rest| rest.split_once('|'));
    let alone = || text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).filter(|rest| rest.contains("://"));
    let (shown, address) = markdown
        .or_else(|| chat().map(|(address, shown)| (shown, address)))
        .or_else(|| alone().map(|address| (address, address)))?;
    let address = address.strip_prefix("mailto:").unwrap_or(address);
    let plain = |part: &str| !part.is_empty() && part.len() <= 100 && part.chars().all(|c| c.is_ascii_graphic());
    if !address.contains('@') && !address.starts_with("https://") && shown != address {
        return Some("write the value alone".to_owned());
    }
    Some(match (plain(shown), plain(address)) {
        (true, true) if shown == address => format!("write only {shown}"),
        (true, true) => format!("write only {shown}, or only {address}"),
        _ => "write the value alone".to_owned(),
    })
}

/// Returns what is said of an escape of HTML.
fn escape(text: &str) -> Option<(String, String, Range<usize>)> {
    let (at, character) = html_escape(text)?;
    let what = format!("this is {}, an escape of HTML", text.get(at.clone()).unwrap_or_default());
    let help = match character {
        Some(' ') => "type a space instead".to_owned(),
        Some(character) => format!("type {character} instead"),
        None => "type the character itself".to_owned(),
    };
    Some((what, help, at))
}

/// Returns a problem, or what explains it better: a character at its place that people do not type on purpose, or a name that
/// a tool wrote.
pub fn explained(problem: Problem) -> Problem {
    let Some(place) = &problem.place else { return problem };
    let written = place.source.text.get(place.span.clone()).unwrap_or_default();
    if written.len() > LONGEST {
        return problem;
    }
    let Some(Odd { at, what, help }) = first_odd(written, true) else {
        let name = matches!(problem.rule, rules::UNKNOWN_KEY | rules::UNKNOWN_SETTING | rules::UNKNOWN_WORD);
        return match generated(written.trim_matches(['"', '\''])).filter(|_| name) {
            Some((what, help)) => Problem {
                rule: rules::PLACEHOLDER,
                message: what.to_owned(),
                label: String::new(),
                help: vec![help.to_owned()],
                ..problem
            },
            None => problem,
        };
    };
    let start = place.span.start;
    let span = start + at.start..start + at.end;
    Problem {
        rule: rules::ODD_CHARACTER,
        message: what,
        place: Some(place.source.place(span)),
        label: String::new(),
        help: vec![help],
        ..problem
    }
}

/// The longest text, in bytes, that is looked through for what explains an error.
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::source::Source;

    proptest! {
        /// Lists have a million ids, so those of the usual forms are not looked at again.
        #[test]
        fn nothing_is_said_of_a_usual_id(id in "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}") {
            prop_assume!(!is_zeros(&id));
            prop_assert!(is_usual(&id));
            let source = Source::new("s.yaml", format!("\"{id}\""));
            let node = yaml::parse(&source).unwrap();
            for form in [Text::Exact, Text::Free, Text::Path, Text::Prose] {
                let mut reader = Reader::new(&source);
                prop_assert!(reader.text_as_meant(&node, &id, form));
                prop_assert!(reader.finish().is_empty());
            }
        }
    }
}
