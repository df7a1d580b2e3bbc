//! The proof that an edited file says what was asked, and otherwise what it said before.

use std::sync::Arc;

use serde_json::{Map, Number, Value as Json};

use super::{Edit, EditError, walk};
use crate::resource::{Resource, Setting};
use crate::text::reader::Reader;
use crate::text::yaml::{self, Node, Source, Value};

/// Returns the setting that a path in a settings file leads to.
fn setting(path: &[String]) -> Option<&'static Setting> {
    let (resource, keys) = path.split_first()?;
    let resource = Resource::named(resource)?;
    let pointer: String =
        keys.iter().skip(usize::from(resource.instances.is_some())).map(|key| format!("/{key}")).collect();
    resource.setting(&pointer)
}

/// Returns a value as the file writes it: the value of a setting in the form of what is there, others as they are.
pub(super) fn written(path: &[String], value: &Json, like: Option<&Node<'_>>) -> Json {
    match setting(path) {
        Some(setting) if !value.is_null() => setting.kind.write(value, like),
        _ => value.clone(),
    }
}

/// Returns how members of the set at `path` are told apart; `None` if it is not a set.
pub(super) fn member_key(path: &[String]) -> Option<impl Fn(&str) -> String> {
    let kind = setting(path)?.kind;
    kind.is_set().then_some(move |member: &str| kind.member_key(member))
}

/// Returns the text by which a member of a set counts: itself, or the `id` of an object.
pub(super) fn member(value: &Json) -> Option<&str> {
    value.as_str().or_else(|| value.get("id")?.as_str())
}

/// Returns what a node says. Numbers keep their spelling, and a key without a value is not the same as null.
pub(super) fn json(node: &Node<'_>) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Nothing => Json::String("\0nothing".to_owned()),
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(text) => match text.parse::<Number>() {
            Ok(number) => Json::Number(number),
            Err(_) => Json::String(format!("\0{text}")),
        },
        Value::Text { text, .. } => Json::String(text.to_string()),
        Value::List(items) => Json::Array(items.iter().map(json).collect()),
        Value::Map(entries) => entries.iter().map(|(key, value)| (key.text.to_string(), json(value))).collect(),
    }
}

/// Puts a value at a path, with the objects on the way.
pub(super) fn put(at: &mut Json, path: &[String], value: Json) {
    let Some((key, rest)) = path.split_first() else {
        *at = value;
        return;
    };
    if !at.is_object() {
        *at = Json::Object(Map::new());
    }
    if let Some(object) = at.as_object_mut() {
        put(object.entry(key.clone()).or_insert(Json::Null), rest, value);
    }
}

/// Takes the key at the end of a path away.
pub(super) fn take(at: &mut Json, path: &[String]) {
    if let Some(object) = parent(at, path)
        && let Some(key) = path.last()
    {
        object.shift_remove(key);
    }
}

/// Returns the value at a path; a number in it leads to an item of a list.
pub(super) fn at<'j>(whole: &'j mut Json, path: &[String]) -> Option<&'j mut Json> {
    path.iter().try_fold(whole, |at, key| match at {
        Json::Array(items) => items.get_mut(key.parse::<usize>().ok()?),
        other => other.get_mut(key),
    })
}

fn parent<'j>(at: &'j mut Json, path: &[String]) -> Option<&'j mut Map<String, Json>> {
    let (_, parents) = path.split_last()?;
    self::at(at, parents)?.as_object_mut()
}

/// Checks that the edited file is JSON, as the file was.
///
/// # Errors
///
/// It is not.
pub(super) fn is_json(edited: &Source, edit: &Edit) -> Result<(), EditError> {
    let read = serde_json::from_str::<serde::de::IgnoredAny>(&edited.text);
    read.map(|_| ()).map_err(|_| EditError::Lost(edit.path().join(".")))
}

/// Checks an edited file.
///
/// # Errors
///
/// It is not valid YAML, or does not say what is expected.
pub(super) fn check(edited: &Arc<Source>, expected: &Json, edit: &Edit) -> Result<(), EditError> {
    let lost = || EditError::Lost(edit.path().join("."));
    let root = yaml::parse(edited).map_err(|_| lost())?;
    if json(&root) != *expected {
        return Err(lost());
    }
    if says(edited, &root, edit) == Some(false) { Err(lost()) } else { Ok(()) }
}

/// Returns whether a file says at the place of a [`Edit::Set`] what the edit asks for, by the rules of the setting there;
/// `None` for other edits and other places.
pub(super) fn says(source: &Arc<Source>, root: &Node<'_>, edit: &Edit) -> Option<bool> {
    let Edit::Set { path, value } = edit else { return None };
    let setting = setting(path)?;
    let trail = walk(root, path);
    let Some((_, node)) = trail.get(path.len().wrapping_sub(1)) else { return Some(false) };
    let says = match node.value {
        Value::Null => Some(Json::Null),
        _ => setting.kind.read(node, &mut Reader::new(source)),
    };
    let value = if value.is_null() { Some(Json::Null) } else { setting.kind.canonical(value) };
    Some(says.is_some_and(|says| setting.equal(Some(&says), value.as_ref())))
}
