//! YAML text to a tree that knows where everything is. Only this module and those below it name
//! `serde_yaml`.
//!
//! The tree is built from the parser's events, not through serde: every node then has the exact
//! bytes it was written with, a key without a value is not the same as `null`, and one run
//! finds all duplicate keys, tags, anchors and aliases instead of the first.

use std::borrow::Cow;
use std::ops::Range;

mod parse;
mod pasted;
mod scalar;
mod syntax;

pub use crate::text::source::Source;
pub use parse::{MAX_DEPTH, parse};
pub use scalar::is_written_plain;

/// Returns whether a line without blanks around it begins an item of a list.
fn is_item(line: &str) -> bool {
    line == "-" || line.starts_with("- ")
}

/// One YAML value and where it is.
#[derive(Debug)]
pub struct Node<'s> {
    /// Bytes from the start of [`Source::text`]; for a collection at least its first line.
    pub span: Range<u32>,
    /// What it holds.
    pub value: Value<'s>,
}

impl Node<'_> {
    /// Returns the text that it holds, if it holds text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// Returns a span as the indexes of bytes that a text takes. Spans are kept short, since a file may have a million nodes.
pub fn bytes(span: &Range<u32>) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// Returns the entry of a mapping that has this key.
pub fn entry<'n, 's>(entries: &'n [(Key<'s>, Node<'s>)], name: &str) -> Option<&'n (Key<'s>, Node<'s>)> {
    entries.iter().find(|(key, _)| key.text == name)
}

/// One key of a mapping and where it is.
#[derive(Debug)]
pub struct Key<'s> {
    /// Bytes from the start of [`Source::text`].
    pub span: Range<u32>,
    /// The key's text.
    pub text: Cow<'s, str>,
}

/// What a YAML value holds, before it is known what it should have been.
#[derive(Debug)]
pub enum Value<'s> {
    /// `null` or `~`.
    Null,
    /// A key or an item without a value: null to YAML, refused by every setting.
    Nothing,
    /// `true` or `false` and their capital forms; `yes`, `no`, `on` and `off` are text.
    Bool(bool),
    /// A number written plainly. The text is as written, such as `1e3`, `0o10` or `1_000`.
    Number(&'s str),
    /// Text; `quoted` if it was in quotes or in a block.
    Text {
        /// The text after YAML's own escapes.
        text: Cow<'s, str>,
        /// Whether it was quoted or a block scalar, so that it can only be meant as text.
        quoted: bool,
    },
    /// A sequence.
    List(Vec<Node<'s>>),
    /// A mapping, in the order of the file; keys are distinct.
    Map(Vec<(Key<'s>, Node<'s>)>),
}
