//! The new text of a file: the old one, changed where it must.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{Arrival, Fate, Leaving, Route, Unwritable, WrittenSetting, entries_of, entry, written};
use crate::resource::kind::{schemes, steps};
use crate::resource::{self, CATALOGUE, Resource};
use crate::rewrite::edit::{self, Edit, EditError};
use crate::settings;
use crate::text::problem::Place;
use crate::text::yaml::{self, Key, Node, Source, Value};

/// Returns a file's text rewritten for another generation: comments, order and layout stay. Settings that do not carry
/// over are deleted, so ask [`Route::leaving`] first. The result is read again and must say the same as the old text.
///
/// # Errors
///
/// See [`Unwritable`].
pub fn rewrite(route: &Route, source: &Arc<Source>, leaving: &Leaving) -> Result<String, Unwritable> {
    let mut edits = deletions(route, source, leaving)?;
    edits.extend(leaving.moved.iter().map(|Arrival { key, setting, value, .. }| Edit::Set {
        path: key.path(setting).into_iter().map(str::to_owned).collect(),
        value: value.clone(),
    }));
    edits.extend(releases(source, leaving)?);
    let shorter = Source::new(source.name.clone(), edit::edit(&source.name, &source.text, &edits)?);
    let mut text = shorter.text.clone();
    for (edit, place) in translations(route, &shorter)? {
        text = edit::edit(&source.name, &text, &[edit]).map_err(|error| match error {
            EditError::Invalid(problems) => Unwritable::Invalid(problems),
            EditError::Form { .. } => Unwritable::Form { place },
            EditError::Missing(_) | EditError::Lost(_) => Unwritable::Lost,
        })?;
    }
    let new = Source::new(source.name.clone(), text);
    if same_meaning(route, source, &new)? && arrived(source, &new, leaving) {
        Ok(new.text.clone())
    } else {
        Err(Unwritable::Lost)
    }
}

/// Deletes settings without a counterpart, and their names in an `unmanaged` list.
fn deletions(route: &Route, source: &Arc<Source>, leaving: &Leaving) -> Result<Vec<Edit>, Unwritable> {
    let lost = leaving.lost.iter().map(|loss| &loss.written);
    let gone = lost.chain(leaving.moved.iter().map(|arrival| &arrival.written));
    let path = |keys: &mut dyn Iterator<Item = &str>| -> Vec<String> {
        std::iter::once(route.resource.name).chain(keys).map(str::to_owned).collect()
    };
    let mut edits: Vec<Edit> = gone.map(|written| Edit::Remove { path: path(&mut written.setting.keys()) }).collect();
    let root = yaml::parse(source).map_err(Unwritable::Invalid)?;
    let names = released(&root, route.resource);
    let kept: Vec<&str> = names.iter().copied().filter(|name| still_released(route, name)).collect();
    let path = path(&mut std::iter::once("unmanaged"));
    match (kept.len() == names.len(), kept.is_empty()) {
        (true, _) => {}
        (false, true) => edits.push(Edit::Remove { path }),
        (false, false) => edits.push(Edit::Set { path, value: kept.into() }),
    }
    Ok(edits)
}

/// Returns the names in the `unmanaged` list of a resource.
pub(super) fn released<'n>(root: &'n Node<'_>, resource: &Resource) -> Vec<&'n str> {
    entry(root, resource.name).map(|(_, node)| names_in(node)).unwrap_or_default()
}

/// Returns the names in the `unmanaged` list of a mapping.
fn names_in<'n>(node: &'n Node<'_>) -> Vec<&'n str> {
    match entry(node, "unmanaged") {
        Some((_, Node { value: Value::List(items), .. })) => items.iter().filter_map(Node::text).collect(),
        _ => Vec::new(),
    }
}

/// Releases settings in the documents that have them now. A file that manages such a setting itself, or says something of the
/// whole document, is left as it is.
fn releases(source: &Arc<Source>, leaving: &Leaving) -> Result<Vec<Edit>, Unwritable> {
    let root = yaml::parse(source).map_err(Unwritable::Invalid)?;
    let mut lists: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for (key, setting) in &leaving.released {
        let path = key.path(setting);
        let document = path.get(..path.len() - setting.keys().count()).unwrap_or_default();
        let there = edit::node_at(&root, document);
        let says_otherwise = there.is_some_and(|node| !matches!(node.value, Value::Map(_)));
        if says_otherwise || edit::node_at(&root, &path).is_some() {
            continue;
        }
        let list = document.iter().copied().chain(["unmanaged"]).map(str::to_owned).collect();
        let names = lists
            .entry(list)
            .or_insert_with(|| there.map(names_in).unwrap_or_default().into_iter().map(str::to_owned).collect());
        if !names.contains(&setting.dotted()) {
            names.push(setting.dotted());
        }
    }
    Ok(lists.into_iter().map(|(path, names)| Edit::Set { path, value: names.into() }).collect())
}

/// An `unmanaged` entry names a setting or an object around several, with dots or slashes.
pub(super) fn pointer_of(name: &str) -> String {
    format!("/{}", name.trim_start_matches('/').replace('.', "/"))
}

fn still_released(route: &Route, name: &str) -> bool {
    let pointer = pointer_of(name);
    let inside = format!("{pointer}/");
    let new = route.resource.counterpart(&pointer).map(|counterpart| counterpart.new);
    let there = |pointer: &str| route.resource.setting_in(route.to, pointer).is_some();
    there(&pointer)
        || new.is_some_and(there)
        || route.resource.settings_of(route.to).any(|setting| setting.pointer.starts_with(&inside))
}

/// Writes what stays as the other generation writes it. Each edit comes with the place that it changes.
fn translations(route: &Route, source: &Arc<Source>) -> Result<Vec<(Edit, Place)>, Unwritable> {
    let root = yaml::parse(source).map_err(Unwritable::Invalid)?;
    let mut edits = Vec::new();
    for (key, node) in entries_of(&root, route.resource).unwrap_or_default() {
        let path = vec![route.resource.name.to_owned(), key.text.clone().into_owned()];
        let found = match (&*key.text, &node.value) {
            ("apiVersion", _) => vec![Edit::Overwrite { path, value: route.to.name.into() }],
            ("unmanaged", Value::List(items)) => {
                let renamed = |(at, item)| Some(overwrite_item(&path, at, renamed_release(route, item)?.into()));
                items.iter().enumerate().filter_map(renamed).collect()
            }
            (_, Value::Map(inner)) => {
                nest(route, path, inner).map_err(|Split| Unwritable::Form { place: place_of(source, key) })?
            }
            _ => Vec::new(),
        };
        edits.extend(found.into_iter().map(|edit| (edit, place_of(source, key))));
    }
    Ok(edits)
}

fn place_of(source: &Arc<Source>, key: &Key<'_>) -> Place {
    source.place(yaml::bytes(&key.span))
}

fn overwrite_item(list: &[String], at: usize, value: Json) -> Edit {
    Edit::Overwrite { path: list.iter().cloned().chain([at.to_string()]).collect(), value }
}

/// Returns the new name of a setting in an `unmanaged` list; `None` if it keeps its name.
fn renamed_release(route: &Route, item: &Node<'_>) -> Option<String> {
    let pointer = item.text().map(pointer_of)?;
    if route.resource.setting_in(route.to, &pointer).is_some() {
        return None;
    }
    route.resource.counterpart(&pointer).map(|counterpart| resource::dotted(counterpart.new))
}

/// The settings of one object would have to go to several.
struct Split;

/// Moves the settings of an object that newer generations keep one object deeper.
fn nest(route: &Route, path: Vec<String>, inner: &[(Key<'_>, Node<'_>)]) -> Result<Vec<Edit>, Split> {
    let Some(outer) = path.last() else { return Err(Split) };
    let (mut deeper, mut edits, mut renamed) = (None, Vec::new(), Vec::new());
    for (key, value) in inner {
        let pointer = format!("/{outer}/{}", key.text);
        if route.resource.setting_in(route.to, &pointer).is_some() {
            continue;
        }
        let Some(counterpart) = route.resource.counterpart(&pointer) else { continue };
        let rest = counterpart.new.strip_prefix(&format!("/{outer}/")).and_then(|rest| rest.split_once('/'));
        let (object, name) = rest.ok_or(Split)?;
        if deeper.is_some_and(|earlier| earlier != object) {
            return Err(Split);
        }
        deeper = Some(object);
        let below: Vec<String> = path.iter().cloned().chain([key.text.clone().into_owned()]).collect();
        edits.extend(steps_for_schemes(below, value));
        renamed.push((key.text.clone().into_owned(), name.to_owned()));
    }
    edits.extend(deeper.map(|object| Edit::Nest { path, object: object.to_owned(), renamed }));
    Ok(edits)
}

/// Writes approvers as steps in the place of words; a switch needs no change.
fn steps_for_schemes(path: Vec<String>, node: &Node<'_>) -> Vec<Edit> {
    let step = |scheme: &str| steps::from_scheme(scheme.trim());
    match &node.value {
        Value::Text { text, .. } => {
            let list: Vec<Json> = schemes::steps(text).iter().filter_map(|scheme| step(scheme)).collect();
            vec![Edit::Overwrite { path, value: list.into() }]
        }
        Value::List(items) => {
            let step = |(at, item): (usize, &Node<'_>)| Some(overwrite_item(&path, at, item.text().and_then(step)?));
            items.iter().enumerate().filter_map(step).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns whether the new text asks of the documents of other resources what the old one did, and for what moved there.
fn arrived(old: &Arc<Source>, new: &Arc<Source>, leaving: &Leaving) -> bool {
    let say = |source: &Arc<Source>| -> BTreeMap<String, Arc<Json>> {
        let (desired, _) = settings::read(std::slice::from_ref(source));
        let instances = desired.resources.into_iter().filter(|wanted| wanted.key.instance.is_some());
        let said = instances.flat_map(|wanted| {
            let key = wanted.key.clone();
            wanted.settings.into_iter().map(move |managed| (key.pointer(managed.setting), managed.value.clone()))
        });
        said.collect()
    };
    let mut expected = say(old);
    expected.extend(
        leaving.moved.iter().map(|arrival| (arrival.key.pointer(arrival.setting), arrival.value.clone().into())),
    );
    say(new) == expected
}

/// Returns whether the new text says what the old one said: every setting that carries over, and nothing else.
fn same_meaning(route: &Route, old: &Arc<Source>, new: &Arc<Source>) -> Result<bool, Unwritable> {
    let say = |written: Vec<WrittenSetting>| -> Vec<(&'static str, Json)> {
        let mut said: Vec<_> = written.into_iter().map(|written| (written.setting.pointer, written.value)).collect();
        said.sort_by_key(|(pointer, _)| *pointer);
        said
    };
    for resource in CATALOGUE {
        let moved = resource == route.resource;
        let generations =
            if moved { Some((route.from, route.to)) } else { resource.generations.first().map(|first| (first, first)) };
        let Some((from, to)) = generations else { continue };
        let before = written(old, resource, from).map_err(Unwritable::Invalid)?;
        let after = say(written(new, resource, to).map_err(Unwritable::Invalid)?);
        let mut expected = if moved {
            before
                .into_iter()
                .filter_map(|written| match route.fate(written.setting, &written.value) {
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
