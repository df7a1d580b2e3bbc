//! What YAML allows and sailplan does not: each is recorded, and reading goes on.

use std::borrow::Cow;
use std::ops::Range;

use super::super::syntax::{NO_SPACE, swallowed_item};
use super::super::{bytes, is_item};
use super::{Builder, Key, MAX_PROBLEMS, Node, Value};
use crate::text::printable::printable_line;
use crate::text::problem::{Problem, line_column, rules};

impl<'s> Builder<'s> {
    /// The text of a key, or a problem.
    pub(super) fn key(&mut self, value: Value<'s>, span: &Range<usize>) -> Option<Cow<'s, str>> {
        let (what, help) = match value {
            Value::Text { text, quoted: false } if text == "<<" => {
                self.problem(span, rules::YAML_MERGE_KEY, "merge keys are not supported").help(
                    "write the keys out here, or put shared settings in a file of \
                        their own that is listed first",
                );
                return None;
            }
            Value::Text { text, .. } => return Some(text),
            Value::Null => ("null", "to use it as text, put it in quotes"),
            Value::Nothing => ("empty", "write a name before the `:`"),
            Value::Bool(_) => ("a boolean", "to use it as text, put it in quotes"),
            Value::Number(_) => ("a number", "to use it as text, put it in quotes"),
            Value::List(_) => {
                ("a list", "write a name as the key; to write text that starts with `[`, put it in quotes")
            }
            Value::Map(_) => {
                ("a mapping", "write a name as the key; to write text that starts with `{`, put it in quotes")
            }
        };
        self.problem(span, rules::KEY_NOT_TEXT, format!("this key is {what}; keys are text")).help(help);
        None
    }

    pub(super) fn refuse_duplicates(&mut self, entries: &[(Key<'s>, Node<'s>)]) {
        let mut order: Vec<&Key<'s>> = entries.iter().map(|(key, _)| key).collect();
        order.sort_by(|a, b| a.text.cmp(&b.text));
        let mut repeated = Vec::new();
        for same in order.chunk_by(|a, b| a.text == b.text) {
            if let [first, later @ ..] = same {
                repeated.extend(later.iter().map(|key| (*key, *first)));
            }
        }
        repeated.sort_by_key(|(key, _)| key.span.start);
        for (key, first) in repeated.into_iter().take(MAX_PROBLEMS) {
            let (line, column) = line_column(&self.source.place(bytes(&first.span)));
            let name = printable_line(&key.text, 60);
            self.problem(&bytes(&key.span), rules::DUPLICATE_KEY, format!("the key `{name}` stands here again"))
                .label(format!("first written on line {line}, column {column}"))
                .help("keep one of the two");
        }
    }

    pub(super) fn refuse_tag(&mut self, span: &Range<usize>) {
        self.problem(span, rules::YAML_TAG, "tags are not supported")
            .help("remove it; to make a value text, put it in quotes");
    }

    /// `key:value` and `-item` are texts to YAML, and a mistake where they are the whole file.
    pub(super) fn refuse_missing_space(&mut self, root: &Node<'s>) {
        let Value::Text { text, quoted: false } = &root.value else {
            return;
        };
        let start = root.span.start as usize;
        if text.starts_with('-') {
            self.problem(&(start..start + 1), rules::YAML_DASH, "there is no space after this dash")
                .help("write `- item`: without the space the whole file is one text");
        } else if let Some(at) = text.find(':') {
            self.problem(&(start + at..start + at + 1), rules::YAML_COLON, NO_SPACE)
                .help("write `key: value`: without the space the whole file is one text");
        }
    }

    /// Items that are indented deeper than the one above them are a part of its text to YAML, and so are items below a value.
    /// The first of them is told. Below a text on a line of its own they belong to a key without a colon, which is told where
    /// the parser gives up.
    pub(super) fn refuse_swallowed_item(&mut self, span: &Range<usize>) {
        let above = self.text.get(..span.start).and_then(|above| above.rsplit('\n').next()).unwrap_or_default();
        if above.trim().is_empty() {
            return;
        }
        let mut start = span.start;
        for line in self.text.get(span.clone()).unwrap_or_default().split_inclusive('\n') {
            if start > span.start && is_item(line.trim()) {
                self.problems.push(swallowed_item(self.source, span.start, start));
                return;
            }
            start += line.len();
        }
    }

    /// Records an error and hands it back for its label and help.
    pub(super) fn problem(
        &mut self,
        span: &Range<usize>,
        rule: rules::Rule,
        message: impl Into<String>,
    ) -> Writing<'_> {
        let place = self.source.place(span.clone());
        self.problems.push(Problem::error(rule, message).at(place));
        Writing(self.problems.last_mut())
    }
}

/// The problem recorded last.
pub(super) struct Writing<'b>(Option<&'b mut Problem>);

impl Writing<'_> {
    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        if let Some(problem) = &mut self.0 {
            problem.label = label.into();
        }
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) {
        if let Some(problem) = &mut self.0 {
            problem.help.push(help.into());
        }
    }
}
