//! An object moved one object deeper, and single values written over where they stand.

use std::ops::Range;

use serde_json::{Map, Value as Json};

use super::write::{Quote, text};
use super::{EditError, Editor, Splices, check, walk};
use crate::text::yaml::{self, Key, Node, Value};

impl<'s> Editor<'_, 's> {
    /// Writes a value on one line over one that is not an object.
    pub(super) fn overwrite(&self, splices: &mut Splices, value: &Json) -> Result<Json, EditError> {
        let missing = || EditError::Missing(self.path.join("."));
        let node = node_at(self.root, self.path).ok_or_else(missing)?;
        if let Value::Map(_) = node.value {
            return Err(self.form(&node.span, "it is an object"));
        }
        // What the value stands beside: its key, or itself in a list.
        let key = walk(self.root, self.path).last().map(|(key, _)| key.span.start).filter(|_| !self.in_list());
        let key_start = key.unwrap_or(node.span.start) as usize;
        // Text in the place of text is quoted like it.
        let quote = match (&node.value, value) {
            (Value::Text { .. }, Json::String(_)) => Quote::of(self.layout.get(yaml::bytes(&node.span))),
            _ => self.layout.quote,
        };
        let indent = self.layout.own_indent(key_start);
        splices.replace(yaml::bytes(&node.span), self.layout.value(value, quote, indent));
        let mut expected = check::json(self.root);
        *check::at(&mut expected, self.path).ok_or_else(missing)? = value.clone();
        Ok(expected)
    }

    /// Puts everything inside an object into another one within it, indented by what the file indents.
    pub(super) fn nest(
        &self,
        splices: &mut Splices,
        object: &str,
        renamed: &[(String, String)],
    ) -> Result<Json, EditError> {
        let missing = || EditError::Missing(self.path.join("."));
        let (key, node) = walk(self.root, self.path).pop().ok_or_else(missing)?;
        let Value::Map(entries) = &node.value else { return Err(self.form(&node.span, "it is not an object")) };
        let new_name = |old: &str| renamed.iter().find(|(from, _)| from == old).map(|(_, to)| to);
        for (inner, _) in entries {
            if let Some(name) = new_name(&inner.text) {
                splices.replace(yaml::bytes(&inner.span), text(name, self.layout.quote));
            }
        }
        let span = yaml::bytes(&node.span);
        let first = entries.first().map_or(span.start, |(key, _)| key.span.start as usize);
        if let (Some(spacing), Some(indent)) = (&self.layout.json, self.layout.own_indent(first)) {
            self.deepen_json(splices, &span, first, &spacing.member(object, &Json::Null, None), indent, spacing.unit)
                .ok_or_else(|| self.unusual(&key.span))?;
        } else if self.layout.flow(node) {
            let member = self.layout.member(object, &Json::Null, self.layout.key_quote(key), span.start);
            splices.insert(span.start, format!("{{{}", member.strip_suffix("null").unwrap_or(&member)));
            splices.insert(span.end, "}");
        } else {
            self.deepen(splices, key, node, entries, object).ok_or_else(|| self.unusual(&key.span))?;
        }
        let mut expected = check::json(self.root);
        let at = check::at(&mut expected, self.path).ok_or_else(missing)?;
        let old = at.as_object_mut().map(std::mem::take).unwrap_or_default();
        let inner = old.into_iter().map(|(key, value)| (new_name(&key).cloned().unwrap_or(key), value)).collect();
        *at = Json::Object(Map::from_iter([(object.to_owned(), Json::Object(inner))]));
        Ok(expected)
    }

    /// Indents the lines of an object in JSON and puts the braces of the new one around them; `None` if it has no lines
    /// of its own.
    fn deepen_json(
        &self,
        splices: &mut Splices,
        span: &Range<usize>,
        first: usize,
        member: &str,
        indent: &str,
        unit: &str,
    ) -> Option<()> {
        let layout = &self.layout;
        (layout.line_start(first) > span.start).then_some(())?;
        let member = member.strip_suffix("null").unwrap_or(member);
        splices.insert(span.start + 1, format!("{}{indent}{member}{{", layout.eol));
        let mut at = layout.next_line(span.start);
        while at < span.end {
            splices.insert(at, unit);
            at = layout.next_line(at);
        }
        let close = layout.own_indent(span.end - 1).map(|indent| format!("{}{indent}}}", layout.eol));
        splices.insert(span.end, close.unwrap_or_else(|| "}".to_owned()));
        Some(())
    }

    /// Whether the path leads to an item of a list.
    fn in_list(&self) -> bool {
        walk(self.root, self.path).len() < self.path.len()
    }

    /// Indents the lines of an object and writes the key of the new one above them; `None` if it has no lines of its own.
    fn deepen(
        &self,
        splices: &mut Splices,
        key: &Key<'_>,
        node: &Node<'_>,
        entries: &[(Key<'s>, Node<'s>)],
        object: &str,
    ) -> Option<()> {
        let layout = &self.layout;
        let (first, _) = entries.first()?;
        let (first, key_end) = (first.span.start as usize, key.span.end as usize);
        let indent = layout.column(first);
        let unit = indent.checked_sub(layout.column(key.span.start as usize)).filter(|unit| *unit > 0)?;
        let start = layout.next_line(key_end);
        (layout.line_start(first) >= start).then_some(())?;
        let last = entries.iter().map(|(key, value)| key.span.end.max(value.span.end)).max()?;
        let end = layout.next_line((last.max(node.span.end) as usize).min(layout.text.len()).saturating_sub(1));
        layout.insert_below(splices, key_end, &[format!("{:indent$}{}:", "", text(object, Quote::Plain))]);
        let mut at = start;
        for line in layout.get(start..end).split_inclusive('\n') {
            if !line.trim().is_empty() {
                splices.insert(at, " ".repeat(unit));
            }
            at += line.len();
        }
        Some(())
    }
}

/// Returns the node at a path; a number in it leads to an item of a list.
pub fn node_at<'n, 's>(root: &'n Node<'s>, path: &[impl AsRef<str>]) -> Option<&'n Node<'s>> {
    path.iter().map(AsRef::as_ref).try_fold(root, |at, name| match &at.value {
        Value::Map(entries) => yaml::entry(entries, name).map(|(_, value)| value),
        Value::List(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    })
}
