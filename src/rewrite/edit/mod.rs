//! Edits of settings files that change the asked lines and nothing else: comments, order, quoting, line ends, a byte
//! order mark and the layout of all other lines stay byte for byte.
//!
//! Edits are splices of the text at the spans that [`crate::text::yaml`] knows, so that the parser that reads a file is also
//! the one that says where to change it. The crate yaml-edit 0.3.6 was measured first: it takes 0.2 seconds for each
//! changed line of a list of 100,000, loses the comment after a value on a line of its own, indents new objects by two
//! blanks in files that use four, and adds to lists in brackets over several lines without keeping their form.
//!
//! Every edit is checked: the new text is parsed again and must say what was asked and otherwise what it said before.

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::text::problem::{Place, Problem};
use crate::text::yaml::{self, Key, Node, Source, Value};

mod check;
mod collection;
mod json;
mod list;
mod nest;
mod splice;
mod write;

use collection::{MemberEdit, Unusual};
use splice::{Layout, Splices};
use write::{Quote, entry, inline};

pub use nest::node_at;
pub use write::{Quote as QuoteStyle, entry as write_entry};

/// The longest list that `[]` grows into on its line, in bytes.
const MAX_ROW: usize = 100;

/// One edit of a settings file. A path is the keys from the top of the file, such as `jitActivationPolicy`,
/// `entitlementIds`.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Writes a value in the place of the present one, or a new key at the end of its mapping. The value of a setting is
    /// canonical; it is written in the form of what it replaces: minutes in their unit, an approval scheme as text or
    /// list, an entitlement that stays with its name.
    Set {
        /// The keys that lead to the value.
        path: Vec<String>,
        /// The value.
        value: Json,
    },
    /// Deletes a key with all that is below it; a mapping around it that would be empty is deleted as well.
    Remove {
        /// The keys that lead to what is deleted.
        path: Vec<String>,
    },
    /// Writes a value on one line over one that is not an object, whatever its setting says. A number in the path leads to
    /// an item of a list.
    Overwrite {
        /// The keys that lead to the value.
        path: Vec<String>,
        /// The value.
        value: Json,
    },
    /// Moves everything in an object into a new object within it, with the comments between its keys.
    Nest {
        /// The keys that lead to the object.
        path: Vec<String>,
        /// The key of the new object.
        object: String,
        /// Keys that get another name on the way, and that name.
        renamed: Vec<(String, String)>,
    },
}

impl Edit {
    fn path(&self) -> &[String] {
        match self {
            Edit::Set { path, .. } | Edit::Remove { path } | Edit::Overwrite { path, .. } | Edit::Nest { path, .. } => {
                path
            }
        }
    }
}

/// Why a file was not edited. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The file is not valid YAML.
    #[error("the file is not valid YAML")]
    Invalid(Vec<Problem>),
    /// The file has no such key.
    #[error("there is no `{0}` in the file")]
    Missing(String),
    /// Something there cannot be changed line by line.
    #[error("{place}: `{path}` is written in a form that cannot be edited in place: {why}")]
    Form {
        /// The keys, with dots.
        path: String,
        /// Where it is; boxed for its size.
        place: Box<Place>,
        /// What is in the way.
        why: &'static str,
    },
    /// The edited text would not have said what was asked.
    #[error("the edited file would not say what was asked at `{0}`; nothing was changed")]
    Lost(String),
}

/// Returns `text`, which the file `name` holds, with every edit made, one after the other.
///
/// # Errors
///
/// See `EditError`; the first edit that cannot be made exactly ends it.
pub fn edit(name: &str, text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let (mark, body) = match text.strip_prefix('\u{feff}') {
        Some(body) => ("\u{feff}", body),
        None => ("", text),
    };
    let mut source = Source::new(name, body);
    for edit in edits {
        source = step(&source, edit)?;
    }
    Ok(format!("{mark}{}", source.text))
}

fn step(source: &Arc<Source>, edit: &Edit) -> Result<Arc<Source>, EditError> {
    let root = yaml::parse(source).map_err(EditError::Invalid)?;
    if check::says(source, &root, edit) == Some(true) {
        return Ok(source.clone());
    }
    if let Some(parts) = parts(&root, edit) {
        return parts.iter().try_fold(source.clone(), |source, part| step(&source, part));
    }
    let editor = Editor { source, root: &root, layout: Layout::of(&source.text, &root), path: edit.path() };
    let mut splices = Splices::default();
    let expected = match edit {
        Edit::Set { value, .. } => editor.set(&mut splices, value)?,
        Edit::Remove { path } => editor.remove(&mut splices, path.len())?,
        Edit::Overwrite { value, .. } => editor.overwrite(&mut splices, value)?,
        Edit::Nest { object, renamed, .. } => editor.nest(&mut splices, object, renamed)?,
    };
    let edited = Source::new(source.name.clone(), splices.apply(&source.text));
    if editor.layout.json.is_some() {
        check::is_json(&edited, edit)?;
    }
    check::check(&edited, &expected, edit)?;
    Ok(edited)
}

/// An object in the place of an object is changed key by key.
fn parts(root: &Node<'_>, edit: &Edit) -> Option<Vec<Edit>> {
    let Edit::Set { path, value } = edit else { return None };
    let trail = walk(root, path);
    let (_, node) = trail.get(path.len().checked_sub(1)?)?;
    let written = check::written(path, value, Some(node));
    let (Value::Map(old), Json::Object(new)) = (&node.value, &written) else { return None };
    if old.is_empty() || new.is_empty() {
        return None;
    }
    let below = |key: &str| path.iter().cloned().chain([key.to_owned()]).collect::<Vec<_>>();
    let set = new.iter().map(|(key, value)| Edit::Set { path: below(key), value: value.clone() });
    let gone = old.iter().filter(|(key, _)| !new.contains_key(key.text.as_ref()));
    Some(set.chain(gone.map(|(key, _)| Edit::Remove { path: below(&key.text) })).collect())
}

/// Returns the entries that lead along `path`, as far as they exist.
fn walk<'n, 's>(root: &'n Node<'s>, path: &[String]) -> Vec<(&'n Key<'s>, &'n Node<'s>)> {
    let mut trail = Vec::new();
    let mut at = root;
    for name in path {
        let Value::Map(entries) = &at.value else { break };
        let Some((key, value)) = yaml::entry(entries, name) else { break };
        trail.push((key, value));
        at = value;
    }
    trail
}

struct Editor<'e, 's> {
    source: &'e Arc<Source>,
    root: &'e Node<'s>,
    layout: Layout<'s>,
    path: &'e [String],
}

impl<'e, 's> Editor<'e, 's> {
    fn form(&self, at: &Range<u32>, why: &'static str) -> EditError {
        let place = self.source.place(at.start as usize..at.end as usize);
        EditError::Form { path: self.path.join("."), place: Box::new(place), why }
    }

    fn unusual(&self, at: &Range<u32>) -> EditError {
        self.form(at, "it does not stand on lines of its own")
    }

    /// Where the colon after a key is.
    fn colon(&self, key: &Key<'_>, value: &Node<'_>) -> Result<usize, EditError> {
        let end = (value.span.start as usize).max(key.span.end as usize);
        self.layout
            .mark(b':', key.span.end as usize, end)
            .ok_or_else(|| self.form(&key.span, "there is no colon after the key"))
    }

    /// The bytes of an entry, from its key to the end of its value.
    fn entry(&self, key: &Key<'_>, value: &Node<'_>) -> Range<usize> {
        let start = key.span.start as usize;
        match self.colon(key, value) {
            Ok(colon) => start..self.layout.written(value, colon).end.max(colon + 1),
            Err(_) => start..key.span.end as usize,
        }
    }

    fn set(&self, splices: &mut Splices, value: &Json) -> Result<Json, EditError> {
        let trail = walk(self.root, self.path);
        let mut expected = check::json(self.root);
        if let Some((key, node)) = trail.get(self.path.len().wrapping_sub(1)) {
            let written = check::written(self.path, value, Some(node));
            let says = self.replace(splices, key, node, self.flow_depth(&trail), &written)?;
            check::put(&mut expected, self.path, says);
            return Ok(expected);
        }
        let written = check::written(self.path, value, None);
        check::put(&mut expected, self.path, written.clone());
        let parent = trail.last().map_or(self.root, |(_, node)| node);
        let mut missing = self.path.get(trail.len()..).unwrap_or_default().iter().rev();
        let mut nested = written;
        for key in missing.by_ref().take(self.path.len().saturating_sub(trail.len() + 1)) {
            nested = Json::Object([(key.clone(), nested)].into_iter().collect());
        }
        let Some(key) = missing.next() else { return Err(EditError::Missing(self.path.join("."))) };
        match &parent.value {
            Value::Map(entries) if !entries.is_empty() => self.add(splices, parent, entries, key, &nested)?,
            Value::Map(_) | Value::Null | Value::Nothing => {
                let object = Json::Object([(key.clone(), nested)].into_iter().collect());
                match trail.last() {
                    Some((key, node)) => {
                        self.replace(splices, key, node, self.flow_depth(&trail), &object)?;
                    }
                    None => {
                        let all = yaml::bytes(&self.root.span);
                        let indent = self.layout.text.contains('\n').then_some("");
                        splices.replace(all, self.layout.value(&object, self.layout.quote, indent));
                    }
                }
            }
            _ => return Err(self.form(&parent.span, "a value stands where an object should be")),
        }
        Ok(expected)
    }

    /// Whether any of the objects around the end of the way is in brackets, so that everything inside has to be.
    fn flow_depth(&self, trail: &[(&Key<'_>, &Node<'_>)]) -> bool {
        let objects = std::iter::once(self.root).chain(trail.iter().map(|(_, node)| *node));
        objects.take(trail.len()).any(|node| self.layout.flow(node))
    }

    /// Adds a key at the end of a mapping.
    fn add(
        &self,
        splices: &mut Splices,
        parent: &Node<'_>,
        entries: &[(Key<'s>, Node<'s>)],
        key: &str,
        value: &Json,
    ) -> Result<(), EditError> {
        let Some((last_key, last)) = entries.last() else { return Ok(()) };
        let quote = self.layout.key_quote(last_key);
        if self.layout.flow(parent) {
            let items: Vec<Range<usize>> = entries.iter().map(|(key, value)| self.entry(key, value)).collect();
            let text = self.layout.member(key, value, quote, last_key.span.start as usize);
            let edit = MemberEdit { stay: vec![true; items.len()], new: vec![(items.len(), text)] };
            let whole = yaml::bytes(&parent.span);
            return self
                .layout
                .flow_members(splices, &whole, &items, &edit)
                .map_err(|Unusual| self.unusual(&parent.span));
        }
        let column = self.layout.column(parent.span.start as usize);
        let lines = entry(key, value, column, self.layout.unit, self.layout.dash, quote);
        self.layout.insert_below(splices, self.entry(last_key, last).end, &lines);
        Ok(())
    }

    /// Writes a value in the place of another and returns what the file then says there.
    fn replace(
        &self,
        splices: &mut Splices,
        key: &Key<'_>,
        node: &Node<'_>,
        inside_flow: bool,
        value: &Json,
    ) -> Result<Json, EditError> {
        if let (Value::List(items), Json::Array(new)) = (&node.value, value)
            && !items.is_empty()
            && (!new.is_empty() || self.layout.flow(node))
        {
            return self.replace_list(splices, self.colon(key, node)?, node, items, new);
        }
        let colon = self.colon(key, node)?;
        let written = self.layout.written(node, colon);
        let quote = match &node.value {
            Value::Text { .. } => Quote::of(self.layout.get(written.clone())),
            _ => self.layout.quote,
        };
        let old_block = matches!(&node.value, Value::List(items) if !items.is_empty())
            || matches!(&node.value, Value::Map(entries) if !entries.is_empty());
        let old_block = old_block && !self.layout.flow(node);
        let new_block = matches!(value, Json::Array(items) if !items.is_empty())
            || matches!(value, Json::Object(entries) if !entries.is_empty());
        // Brackets stay brackets until they no longer fit on a line.
        let brackets = inside_flow || (self.layout.flow(node) && inline(value, quote).len() <= MAX_ROW);
        let new_block = new_block && !brackets;
        let indent = self.layout.own_indent(key.span.start as usize);
        if old_block {
            self.remove_lines(splices, node, colon)?;
        }
        if new_block {
            if !old_block && !written.is_empty() {
                let start = colon + 1 + self.layout.get(colon + 1..written.start).trim_end_matches(' ').len();
                splices.delete(start..written.end);
            }
            let column = self.layout.column(key.span.start as usize);
            let mut lines = entry("", value, column, self.layout.unit, self.layout.dash, quote);
            lines.remove(0);
            self.layout.insert_below(splices, if old_block { colon } else { written.end.max(colon) }, &lines);
        } else if old_block || written.is_empty() {
            splices.insert(colon + 1, format!(" {}", self.layout.value(value, quote, indent)));
        } else {
            splices.replace(written, self.layout.value(value, quote, indent));
        }
        Ok(value.clone())
    }

    /// Deletes the lines of a block list or mapping, with the comments that belong to its members.
    fn remove_lines(&self, splices: &mut Splices, node: &Node<'_>, colon: usize) -> Result<(), EditError> {
        if let Value::List(items) = &node.value {
            for (dash, item) in self.dashes(colon + 1, items)? {
                if self.layout.line_start(dash) <= colon || !self.layout.own_line(dash) {
                    return Err(self.unusual(&node.span));
                }
                splices.delete(self.layout.with_comments(dash..item.end));
            }
            return Ok(());
        }
        let written = self.layout.written(node, colon);
        if self.layout.line_start(written.start) <= colon {
            return Err(self.unusual(&node.span));
        }
        splices.delete(self.layout.lines(written));
        Ok(())
    }

    /// Deletes the first `depth` keys of the path's last key, and the objects around it that nothing else is in.
    fn remove(&self, splices: &mut Splices, depth: usize) -> Result<Json, EditError> {
        let path = self.path.get(..depth).unwrap_or_default();
        let trail = walk(self.root, path);
        let Some((key, node)) = trail.get(depth.wrapping_sub(1)) else {
            return Err(EditError::Missing(self.path.join(".")));
        };
        let parent = depth.checked_sub(2).and_then(|index| trail.get(index)).map_or(self.root, |(_, node)| node);
        let Value::Map(entries) = &parent.value else { return Err(EditError::Missing(self.path.join("."))) };
        if entries.len() == 1 {
            if depth > 1 {
                return self.remove(splices, depth - 1);
            }
            let whole = self.layout.get(0..self.root.span.end as usize).trim_end().len();
            let start = self.root.span.start as usize;
            let start = if self.layout.flow(self.root) { start } else { self.layout.with_comments(start..start).start };
            splices.replace(start..whole, "{}");
            return Ok(Json::Object(serde_json::Map::new()));
        }
        if self.layout.flow(parent) {
            let items: Vec<Range<usize>> = entries.iter().map(|(key, value)| self.entry(key, value)).collect();
            let stay = entries.iter().map(|(present, _)| present.span != key.span).collect();
            let whole = yaml::bytes(&parent.span);
            self.layout
                .flow_members(splices, &whole, &items, &MemberEdit { stay, new: Vec::new() })
                .map_err(|Unusual| self.unusual(&key.span))?;
        } else if self.layout.own_line(key.span.start as usize) {
            splices.delete(self.layout.with_comments(self.entry(key, node)));
        } else {
            return Err(self.unusual(&key.span));
        }
        let mut expected = check::json(self.root);
        check::take(&mut expected, path);
        Ok(expected)
    }
}

#[cfg(test)]
mod language;
#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;
