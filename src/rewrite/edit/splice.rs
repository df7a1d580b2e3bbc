//! Changes to a text by byte ranges, and what the text around a range looks like.

use std::ops::Range;

use serde_json::Value as Json;

use super::json::{self, Spacing};
use super::write::{Quote, inline};
use crate::text::yaml::{self, Key, Node, Value};

/// How a comment begins that an editor reads: it describes the file.
const EDITORS_LINE: &str = "# yaml-language-server:";

/// Changes to one text, collected first and made at once, so that no range goes stale.
#[derive(Debug, Default)]
pub(super) struct Splices {
    changes: Vec<(Range<usize>, String)>,
}

impl Splices {
    pub(super) fn delete(&mut self, range: Range<usize>) {
        self.changes.push((range, String::new()));
    }

    pub(super) fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.changes.push((at..at, text.into()));
    }

    pub(super) fn replace(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.changes.push((range, text.into()));
    }

    /// Returns `text` with every change made. Deletions may overlap; what is inserted stays.
    pub(super) fn apply(mut self, text: &str) -> String {
        self.changes.sort_by_key(|(range, _)| (range.start, range.end > range.start));
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (range, new) in &self.changes {
            out.push_str(text.get(at..range.start).unwrap_or_default());
            out.push_str(new);
            at = at.max(range.end);
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }
}

/// A text and its habits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout<'a> {
    pub(super) text: &'a str,
    /// What ends its lines.
    pub(super) eol: &'static str,
    /// By how many blanks a level is indented.
    pub(super) unit: usize,
    /// How much further than its key the dash of a list item is indented.
    pub(super) dash: usize,
    /// What it puts around text that needs quotes.
    pub(super) quote: Quote,
    /// How it is spaced if it is JSON.
    pub(super) json: Option<Spacing<'a>>,
}

impl<'a> Layout<'a> {
    pub(super) fn of(text: &'a str, root: &Node<'_>) -> Layout<'a> {
        let eol = match text.find('\n') {
            Some(at) if text.get(..at).is_some_and(|line| line.ends_with('\r')) => "\r\n",
            _ => "\n",
        };
        let json = Spacing::of(text, root, eol);
        let mut layout = Layout { text, eol, unit: 2, dash: 2, quote: Quote::Plain, json };
        let (mut unit, mut dash) = (None, None);
        layout.look(root, &mut unit, &mut dash);
        layout.unit = unit.unwrap_or(2);
        layout.dash = dash.unwrap_or(layout.unit);
        if let Value::Map(entries) = &root.value
            && let Some((key, _)) = entries.first()
            && layout.flow(root)
        {
            layout.quote = layout.key_quote(key);
        }
        if json.is_some() {
            layout.quote = Quote::Double;
        }
        layout
    }

    /// What text beside a key is quoted with: what the key is in if that is double quotes, else what the file uses.
    pub(super) fn key_quote(&self, key: &Key<'_>) -> Quote {
        match Quote::of(self.get(yaml::bytes(&key.span))) {
            Quote::Double => Quote::Double,
            _ => self.quote,
        }
    }

    /// Returns a value in the language of the file. In JSON, collections below a line that is indented by `indent` get
    /// lines of their own.
    pub(super) fn value(&self, value: &Json, quote: Quote, indent: Option<&str>) -> String {
        match &self.json {
            Some(spacing) => spacing.value(value, indent),
            None => inline(value, quote),
        }
    }

    /// Returns a member of an object in brackets, to stand like the one at `like`.
    pub(super) fn member(&self, key: &str, value: &Json, quote: Quote, like: usize) -> String {
        if let Some(spacing) = &self.json {
            return spacing.member(key, value, self.own_indent(like));
        }
        let object = inline(&Json::Object([(key.to_owned(), value.clone())].into_iter().collect()), quote);
        object.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or_default().to_owned()
    }

    /// What separates members on one line.
    pub(super) fn separator(&self) -> &'static str {
        self.json.map_or(", ", |spacing| spacing.separator())
    }

    /// What stands before `at` on its line, if that is only blanks and there is a line above.
    pub(super) fn own_indent(&self, at: usize) -> Option<&'a str> {
        json::own_indent(self.text, at)
    }

    /// Finds the first object inside an object and the first list inside one.
    fn look(&self, node: &Node<'_>, unit: &mut Option<usize>, dash: &mut Option<usize>) {
        let Value::Map(entries) = &node.value else { return };
        for (key, value) in entries {
            if unit.is_some() && dash.is_some() {
                return;
            }
            let (start, column) = (value.span.start as usize, self.column(key.span.start as usize));
            let deeper = |at: usize| self.column(at).checked_sub(column).filter(|_| self.own_line(at));
            match &value.value {
                Value::Map(inner) if !inner.is_empty() && unit.is_none() && !self.flow(value) => {
                    *unit = deeper(start).filter(|unit| *unit > 0);
                }
                Value::List(inner) if !inner.is_empty() && dash.is_none() && !self.flow(value) => {
                    let colon = self.mark(b':', key.span.end as usize, start);
                    *dash = colon.and_then(|colon| self.mark(b'-', colon + 1, start + 1)).and_then(deeper);
                }
                _ => {}
            }
            self.look(value, unit, dash);
        }
    }

    pub(super) fn get(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }

    /// Whether a list or mapping is written in brackets. The span of a list that is not indented further than its key begins
    /// with its first item, which may have braces of its own.
    pub(super) fn flow(&self, node: &Node<'_>) -> bool {
        let bracket = if matches!(node.value, Value::List(_)) { '[' } else { '{' };
        self.text.get(node.span.start as usize..).is_some_and(|text| text.starts_with(bracket))
    }

    pub(super) fn line_start(&self, at: usize) -> usize {
        self.get(0..at).rfind('\n').map_or(0, |end| end + 1)
    }

    /// Where the next line starts, or the text ends.
    pub(super) fn next_line(&self, at: usize) -> usize {
        self.text.get(at..).and_then(|rest| rest.find('\n')).map_or(self.text.len(), |end| at + end + 1)
    }

    pub(super) fn column(&self, at: usize) -> usize {
        at - self.line_start(at)
    }

    /// What stands before `at` on its line.
    pub(super) fn indent(&self, at: usize) -> &'a str {
        self.get(self.line_start(at)..at)
    }

    /// Whether only blanks stand before `at` on its line.
    pub(super) fn own_line(&self, at: usize) -> bool {
        self.indent(at).bytes().all(|byte| byte == b' ' || (byte == b'\t' && self.json.is_some()))
    }

    /// The whole lines of a range. At the end of a text without a last line end, the line end before them is included.
    pub(super) fn lines(&self, range: Range<usize>) -> Range<usize> {
        let start = self.line_start(range.start);
        let end = self.next_line(range.end);
        if end == self.text.len() && !self.text.ends_with('\n') && start > 0 {
            let before = self.get(0..start);
            let trimmed = before.strip_suffix('\n').unwrap_or(before);
            return trimmed.strip_suffix('\r').unwrap_or(trimmed).len()..end;
        }
        start..end
    }

    /// The whole lines of a member that stands on lines of its own, with the comments that belong to it: those directly
    /// above it at its indentation, and those directly below it that are indented deeper.
    pub(super) fn with_comments(&self, member: Range<usize>) -> Range<usize> {
        let start = self.with_lead(member.start);
        let (column, mut end) = (self.column(member.start), member.end);
        loop {
            let next = self.next_line(end);
            let line = self.get(next..self.next_line(next));
            if !line.trim_start().starts_with('#') || line.len() - line.trim_start().len() <= column || next <= end {
                return self.lines(start..end);
            }
            end = next + line.trim_end().len();
        }
    }

    /// Where the comments begin that stand directly above the line of `at`, at its indentation; the start of that line if
    /// there are none.
    fn with_lead(&self, at: usize) -> usize {
        let (column, mut start) = (self.column(at), self.line_start(at));
        while start > 0 {
            let above = self.line_start(start - 1);
            let line = self.get(above..start);
            let comment = line.trim_start_matches(' ');
            let leads = comment.starts_with('#') && line.len() - comment.len() == column;
            if !leads || comment.starts_with(EDITORS_LINE) {
                break;
            }
            start = above;
        }
        start
    }

    /// Adds lines below the line of `at`.
    pub(super) fn insert_below(&self, splices: &mut Splices, at: usize, lines: &[String]) {
        let end = self.next_line(at);
        let joined = lines.join(self.eol);
        if end == self.text.len() && !self.text.ends_with('\n') {
            splices.insert(end, format!("{}{joined}", self.eol));
        } else {
            splices.insert(end, format!("{joined}{}", self.eol));
        }
    }

    /// Adds lines above the line of `at` and the comments that belong to it.
    pub(super) fn insert_above(&self, splices: &mut Splices, at: usize, lines: &[String]) {
        splices.insert(self.with_lead(at), format!("{}{}", lines.join(self.eol), self.eol));
    }

    /// Returns where `mark` is between `from` and `to`, outside comments, if there is nothing but layout before it.
    pub(super) fn mark(&self, mark: u8, from: usize, to: usize) -> Option<usize> {
        let mut comment = false;
        for (offset, byte) in self.get(from..to).bytes().enumerate() {
            match byte {
                b'\n' => comment = false,
                _ if comment => {}
                b'#' => comment = true,
                byte if byte == mark => return Some(from + offset),
                b' ' | b'\t' | b'\r' => {}
                _ => return None,
            }
        }
        None
    }

    /// The bytes of a value after the mark (colon or dash) at `mark`: with the header of a block of text, without the
    /// blank lines after it.
    pub(super) fn written(&self, node: &Node<'_>, mark: usize) -> Range<usize> {
        let (mut start, end) = (node.span.start as usize, node.span.end as usize);
        if matches!(node.value, Value::Text { quoted: true, .. })
            && let Some(header) = [b'|', b'>'].into_iter().find_map(|header| self.mark(header, mark + 1, start))
        {
            start = header;
        }
        let trimmed = self.get(start..end).trim_end_matches(['\n', '\r', ' ']).len();
        start..start + trimmed
    }
}
