//! The new text of a file: the old one, changed where it must.

use std::ops::Range;
use std::sync::Arc;

use super::{Fate, Route, Unwritable, Written, dotted, entries_of, entry, written};
use crate::resource::CATALOGUE;
use crate::resource::kind::{schemes, steps};
use crate::rewrite::edit::{self, Edit};
use crate::text::yaml::{self, Key, Node, Source, Value};

/// Returns a file's text rewritten for another generation: comments, order and layout stay. Settings that do not carry
/// over are deleted, so ask [`Route::losses`] first. The result is read again and must say the same as the old text.
///
/// # Errors
///
/// See [`Unwritable`].
pub fn rewrite(route: &Route, source: &Arc<Source>) -> Result<String, Unwritable> {
    let edits = deletions(route, source)?;
    let shorter = Source::new(source.name.clone(), edit::edit(&source.text, &edits)?);
    let root = yaml::parse(&shorter).map_err(Unwritable::Invalid)?;
    let mut splices = Splices::default();
    if let Some(entries) = entries_of(&root, route.resource) {
        for (key, node) in entries {
            match (&*key.text, &node.value) {
                ("apiVersion", _) => splices.replace(bytes(&node.span), route.to.name),
                ("unmanaged", Value::List(items)) => {
                    items.iter().for_each(|item| rename_released(route, item, &mut splices));
                }
                (_, Value::Map(inner)) => nest(route, &shorter, key, node, inner, &mut splices)?,
                _ => {}
            }
        }
    }
    let new = Source::new(source.name.clone(), splices.apply(&shorter.text));
    if same_meaning(route, source, &new)? { Ok(new.text.clone()) } else { Err(Unwritable::Lost) }
}

/// Settings without a counterpart go, and what an `unmanaged` list says about them.
fn deletions(route: &Route, source: &Arc<Source>) -> Result<Vec<Edit>, Unwritable> {
    let lost = route.losses(source).map_err(Unwritable::Invalid)?;
    let path = |keys: &mut dyn Iterator<Item = &str>| -> Vec<String> {
        std::iter::once(route.resource.name).chain(keys).map(str::to_owned).collect()
    };
    let mut edits: Vec<Edit> =
        lost.iter().map(|loss| Edit::Remove { path: path(&mut loss.written.setting.keys()) }).collect();
    let root = yaml::parse(source).map_err(Unwritable::Invalid)?;
    let released = entry(&root, route.resource.name).and_then(|(_, node)| entry(node, "unmanaged"));
    if let Some((_, Node { value: Value::List(items), .. })) = released {
        let names: Vec<&str> = items.iter().filter_map(text_of).collect();
        let kept: Vec<&str> = names.iter().copied().filter(|name| still_released(route, name)).collect();
        let path = path(&mut std::iter::once("unmanaged"));
        match (kept.len() == names.len(), kept.is_empty()) {
            (true, _) => {}
            (false, true) => edits.push(Edit::Remove { path }),
            (false, false) => edits.push(Edit::Set { path, value: kept.into() }),
        }
    }
    Ok(edits)
}

fn text_of<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    match &node.value {
        Value::Text { text, .. } => Some(text),
        _ => None,
    }
}

/// An `unmanaged` entry names a setting or an object around several, with dots or slashes.
fn pointer_of(name: &str) -> String {
    format!("/{}", name.trim_start_matches('/').replace('.', "/"))
}

fn still_released(route: &Route, name: &str) -> bool {
    let pointer = pointer_of(name);
    let inside = format!("{pointer}/");
    let new = route.resource.counterpart(&pointer).map(|one| one.new);
    let there = |pointer: &str| route.resource.setting_in(route.to, pointer).is_some();
    there(&pointer)
        || new.is_some_and(there)
        || route.resource.settings_of(route.to).any(|setting| setting.pointer.starts_with(&inside))
}

fn rename_released(route: &Route, item: &Node<'_>, splices: &mut Splices) {
    let Some(pointer) = text_of(item).map(pointer_of) else { return };
    if route.resource.setting_in(route.to, &pointer).is_none()
        && let Some(new) = route.resource.counterpart(&pointer)
    {
        splices.replace(bytes(&item.span), &dotted(new.new));
    }
}

/// Moves the settings of an object that newer generations keep one object deeper.
fn nest(
    route: &Route,
    source: &Arc<Source>,
    key: &Key<'_>,
    node: &Node<'_>,
    inner: &[(Key<'_>, Node<'_>)],
    splices: &mut Splices,
) -> Result<(), Unwritable> {
    let form = || Unwritable::Form { place: source.place(bytes(&key.span)) };
    let mut deeper = None;
    for (inner_key, value) in inner {
        let pointer = format!("/{}/{}", key.text, inner_key.text);
        if route.resource.setting_in(route.to, &pointer).is_some() {
            continue;
        }
        let Some(counterpart) = route.resource.counterpart(&pointer) else { continue };
        let rest = counterpart.new.strip_prefix(&format!("/{}/", key.text)).and_then(|rest| rest.split_once('/'));
        let (object, name) = rest.ok_or_else(form)?;
        if deeper.is_some_and(|other| other != object) {
            return Err(form());
        }
        deeper = Some(object);
        splices.replace(bytes(&inner_key.span), name);
        convert(value, splices);
    }
    match deeper {
        Some(object) => enclose(source, key, node, inner, object, splices).ok_or_else(form),
        None => Ok(()),
    }
}

/// Writes approvers as steps in the place of words; a switch needs no change.
fn convert(node: &Node<'_>, splices: &mut Splices) {
    let step =
        |scheme: &str| steps::from_scheme(scheme.trim()).map(|step| edit::write_inline(&step, edit::QuoteStyle::Plain));
    match &node.value {
        Value::Text { text, .. } => {
            let list: Vec<String> = schemes::steps(text).iter().filter_map(|scheme| step(scheme)).collect();
            splices.replace(bytes(&node.span), &format!("[{}]", list.join(", ")));
        }
        Value::List(items) => {
            for item in items {
                if let Some(step) = text_of(item).and_then(step) {
                    splices.replace(bytes(&item.span), &step);
                }
            }
        }
        _ => {}
    }
}

/// Puts everything inside an object into another one within it, indented by what the file indents.
fn enclose(
    source: &Source,
    key: &Key<'_>,
    node: &Node<'_>,
    inner: &[(Key<'_>, Node<'_>)],
    object: &str,
    splices: &mut Splices,
) -> Option<()> {
    let text = &source.text;
    let span = bytes(&node.span);
    if text.get(span.clone())?.starts_with('{') {
        text.get(span.clone())?.ends_with('}').then_some(())?;
        splices.insert(span.start, format!("{{{object}: "));
        splices.insert(span.end, "}".to_owned());
        return Some(());
    }
    let (first, _) = inner.first()?;
    let child = column(text, first.span.start as usize);
    let unit = child.checked_sub(column(text, key.span.start as usize)).filter(|unit| *unit > 0)?;
    let start = line_end(text, key.span.end as usize);
    // An object that begins on the line of its key has no lines of its own.
    (line_start(text, first.span.start as usize) >= start).then_some(())?;
    let last = inner.iter().map(|(key, node)| key.span.end.max(node.span.end) as usize).max()?;
    let end = line_end(text, last.max(span.end.min(text.len())).saturating_sub(1));
    let line = if text.get(..start)?.ends_with("\r\n") { "\r\n" } else { "\n" };
    splices.insert(start, format!("{:child$}{object}:{line}", ""));
    let mut at = start;
    for row in text.get(start..end)?.split_inclusive('\n') {
        if !row.trim().is_empty() {
            splices.insert(at, " ".repeat(unit));
        }
        at += row.len();
    }
    Some(())
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

/// Returns where the line after the one of `at` begins.
fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |newline| at + newline + 1)
}

fn column(text: &str, at: usize) -> usize {
    at - line_start(text, at)
}

fn bytes(span: &Range<u32>) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// Changes of a text that do not overlap.
#[derive(Default)]
struct Splices(Vec<(Range<usize>, String)>);

impl Splices {
    fn replace(&mut self, range: Range<usize>, text: &str) {
        self.0.push((range, text.to_owned()));
    }

    fn insert(&mut self, at: usize, text: String) {
        self.0.push((at..at, text));
    }

    /// What was asked first comes first where two stand at the same place.
    fn apply(mut self, text: &str) -> String {
        self.0.sort_by_key(|(range, _)| (range.start, range.end));
        let (mut new, mut at) = (String::with_capacity(text.len()), 0);
        for (range, replacement) in self.0 {
            new.push_str(text.get(at..range.start).unwrap_or_default());
            new.push_str(&replacement);
            at = range.end.max(at);
        }
        new.push_str(text.get(at..).unwrap_or_default());
        new
    }
}

/// Returns whether the new text says what the old one said: every setting that carries over, and nothing else.
fn same_meaning(route: &Route, old: &Arc<Source>, new: &Arc<Source>) -> Result<bool, Unwritable> {
    let say = |written: Vec<Written>| -> Vec<(&'static str, serde_json::Value)> {
        let mut said: Vec<_> = written.into_iter().map(|one| (one.setting.pointer, one.value)).collect();
        said.sort_by_key(|(pointer, _)| *pointer);
        said
    };
    for resource in CATALOGUE {
        let moved = resource.name == route.resource.name;
        let generations =
            if moved { Some((route.from, route.to)) } else { resource.generations.first().map(|one| (one, one)) };
        let Some((from, to)) = generations else { continue };
        let before = written(old, resource, from).map_err(Unwritable::Invalid)?;
        let after = say(written(new, resource, to).map_err(Unwritable::Invalid)?);
        let mut expected = if moved {
            before
                .into_iter()
                .filter_map(|one| match route.fate(one.setting, &one.value) {
                    Fate::Carried(pointer, value) => Some((pointer, value)),
                    Fate::Lost(_) => None,
                })
                .collect()
        } else {
            say(before)
        };
        expected.sort_by_key(|(pointer, _)| *pointer);
        if expected != after {
            return Ok(false);
        }
    }
    Ok(true)
}
