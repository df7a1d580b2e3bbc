//! Changes to a text by byte ranges, and what the text around a range looks like.

use std::ops::Range;

use super::write::Quote;
use crate::text::yaml::{Node, Value};

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
}

impl<'a> Layout<'a> {
    pub(super) fn of(text: &'a str, root: &Node<'_>) -> Layout<'a> {
        let eol = match text.find('\n') {
            Some(at) if text.get(..at).is_some_and(|line| line.ends_with('\r')) => "\r\n",
            _ => "\n",
        };
        let mut layout = Layout { text, eol, unit: 2, dash: 2, quote: Quote::Plain };
        let (mut unit, mut dash) = (None, None);
        layout.look(root, &mut unit, &mut dash);
        layout.unit = unit.unwrap_or(2);
        layout.dash = dash.unwrap_or(layout.unit);
        if layout.text.get(root.span.start as usize..).is_some_and(|text| text.starts_with("{\"")) {
            layout.quote = Quote::Double;
        }
        layout
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

    /// Whether only blanks stand before `at` on its line.
    pub(super) fn own_line(&self, at: usize) -> bool {
        self.get(self.line_start(at)..at).bytes().all(|byte| byte == b' ')
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

    /// Adds lines above the line of `at`.
    pub(super) fn insert_above(&self, splices: &mut Splices, at: usize, lines: &[String]) {
        splices.insert(self.line_start(at), format!("{}{}", lines.join(self.eol), self.eol));
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
