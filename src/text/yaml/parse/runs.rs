//! Long block lists of one simple item a line. The parser is given the first and the last line of such a run and nothing
//! between; what it makes of these two says what the whole run is, and the items are read here. A run that it takes for
//! anything else, such as lines of a block of text, ends the attempt, and the parser reads the file as it is.

use std::borrow::Cow;
use std::ops::Range;

use serde_yaml::granit_parser::ScalarStyle;

use super::super::{Node, Value, scalar};
use super::narrow;

/// A shorter run is not worth the second look.
pub(super) const SHORTEST: usize = 4;

/// Lines that look alike: one indentation, a dash, one item on the line.
pub(super) struct Run<'s> {
    /// Every item, with its place in the whole text.
    pub(super) items: Vec<Node<'s>>,
    /// Which bytes of the text the parser does not see: whole lines.
    cut: Range<usize>,
}

impl Run<'_> {
    /// The place of the first item, and of the last.
    pub(super) fn ends(&self) -> Option<(&Range<u32>, &Range<u32>)> {
        Some((&self.items.first()?.span, &self.items.last()?.span))
    }
}

/// Returns the runs of a text in their order, those of at least so many lines.
pub(super) fn find(text: &str, shortest: usize) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    let mut at = 0;
    while let Some(mut last) = Line::at(text, at) {
        let Some(first) = last.item.take() else {
            at = last.end;
            continue;
        };
        let cut_start = last.end;
        let mut items = vec![first];
        while let Some(mut line) = Line::at(text, last.end).filter(|line| line.indent == last.indent) {
            let Some(item) = line.item.take() else { break };
            items.push(item);
            last = line;
        }
        at = last.end;
        if items.len() >= shortest {
            runs.push(Run { items, cut: cut_start..last.start });
        }
    }
    runs
}

/// A text without the middle of its runs, and the way back to the places in the whole one.
pub(super) struct Short {
    pub(super) text: String,
    /// Where something is left out of the short text, and how many bytes up to there.
    cuts: Vec<(usize, usize)>,
}

impl Short {
    pub(super) fn of(text: &str, runs: &[Run<'_>]) -> Short {
        let mut short = Short { text: String::new(), cuts: Vec::new() };
        let (mut from, mut left_out) = (0, 0);
        for Run { cut, .. } in runs {
            short.text.push_str(text.get(from..cut.start).unwrap_or_default());
            from = cut.end;
            left_out += cut.len();
            short.cuts.push((short.text.len(), left_out));
        }
        short.text.push_str(text.get(from..).unwrap_or_default());
        short
    }

    /// Returns where in the whole text a byte of the short one is.
    pub(super) fn whole(&self, at: usize) -> usize {
        let before = self.cuts.partition_point(|(cut, _)| *cut <= at);
        at + before.checked_sub(1).and_then(|last| self.cuts.get(last)).map_or(0, |(_, left_out)| *left_out)
    }
}

/// One line with its end.
struct Line<'s> {
    start: usize,
    end: usize,
    indent: usize,
    /// The item, if the line is one of a run.
    item: Option<Node<'s>>,
}

impl<'s> Line<'s> {
    /// Returns the line that begins at a byte; `None` at the end of the text.
    fn at(text: &'s str, start: usize) -> Option<Line<'s>> {
        let bytes = text.as_bytes().get(start..).filter(|rest| !rest.is_empty())?;
        let indent = bytes.iter().take_while(|byte| **byte == b' ').count();
        let found = bytes.get(indent..).and_then(Item::of);
        let Some(Item { style, inside, end }) = found else {
            let length = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
            return Some(Line { start, end: start + length, indent, item: None });
        };
        let base = start + indent;
        let quotes = usize::from(style != ScalarStyle::Plain);
        let written = base + inside.start - quotes..base + inside.end + quotes;
        let value = match style {
            ScalarStyle::Plain => {
                let inside = text.get(written.clone()).unwrap_or_default();
                scalar::resolve(text, Cow::Borrowed(inside), style, &written)
            }
            _ => Value::Text {
                text: Cow::Borrowed(text.get(base + inside.start..base + inside.end).unwrap_or_default()),
                quoted: true,
            },
        };
        Some(Line { start, end: base + end, indent, item: Some(Node { span: narrow(&written), value }) })
    }
}

/// What a line holds from its dash on.
struct Item {
    style: ScalarStyle,
    /// Its text, without quotes.
    inside: Range<usize>,
    /// Where the next line begins.
    end: usize,
}

impl Item {
    /// Reads `- item`, perhaps with a comment behind it. Everything that needs more of YAML than that is left to the parser:
    /// escapes, other letters, colons, the end of a text without a line end.
    fn of(line: &[u8]) -> Option<Item> {
        let rest = line.strip_prefix(b"- ")?;
        let (style, mark) = match rest.first()? {
            b'"' => (ScalarStyle::DoubleQuoted, Some(b'"')),
            b'\'' => (ScalarStyle::SingleQuoted, Some(b'\'')),
            byte if byte.is_ascii_alphanumeric() => (ScalarStyle::Plain, None),
            _ => return None,
        };
        let start = 2 + usize::from(mark.is_some());
        let inside = line.get(start..)?;
        let length = match mark {
            Some(mark) => inside.iter().position(|byte| *byte == mark || !is_simple(*byte))?,
            None => inside.iter().position(|byte| !is_word(*byte))?,
        };
        let mut at = start + length;
        if mark.is_some() {
            let closed = line.get(at).copied() == mark;
            // Two single quotes in a row stand for one.
            let doubled = line.get(at + 1).copied() == mark;
            if !closed || doubled {
                return None;
            }
            at += 1;
        }
        let end = end_of_line(line, at)?;
        Some(Item { style, inside: start..start + length, end })
    }
}

/// Returns where the line after this one begins, if nothing follows but blanks and a comment.
fn end_of_line(line: &[u8], from: usize) -> Option<usize> {
    let rest = line.get(from..)?;
    let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
    let mut at = from + blanks;
    if blanks > 0 && line.get(at) == Some(&b'#') {
        at += line.get(at..)?.iter().take_while(|byte| matches!(byte, b' '..=b'~')).count();
    }
    match line.get(at..)? {
        [b'\n', ..] => Some(at + 1),
        [b'\r', b'\n', ..] => Some(at + 2),
        _ => None,
    }
}

/// A byte that stands for itself in quotes of either kind.
fn is_simple(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\'' | b'\\')
}

/// A byte that stands for itself inside a plain word.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'@' | b'+')
}
