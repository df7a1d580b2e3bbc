//! What a file says of one document: its settings, each at its value.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::Managed;
use super::generation::generation;
use super::keys::{self, known_keys};
use super::layers::{Earlier, LayerResource, release_what_exists};
use crate::resource::reference::Known;
use crate::resource::tree::{Member, Object};
use crate::resource::{self, Generation, Setting};
use crate::text::problem::{Place, Severity, rules};
use crate::text::reader::{Context, Reader, pasted};
use crate::text::yaml::{self, Key, Node};

pub(super) fn read_document(
    document: resource::Key,
    key: &Key<'_>,
    entries: &[(Key<'_>, Node<'_>)],
    reader: &mut Reader,
    earlier: &Earlier,
) -> Option<LayerResource> {
    let resource = document.resource;
    let inherited = earlier.documents.get(&document);
    let Some((generation, written)) = generation(resource, key, entries, reader, inherited, earlier.broken) else {
        // What is wrong in the generation that fits best is wrong whichever is meant.
        if let Some(generation) = likeliest(&document, entries, reader) {
            read_entries(document, generation, None, entries, reader);
        }
        return None;
    };
    Some(read_entries(document, generation, written, entries, reader))
}

/// Returns the generation in which the fewest things are wrong, the current one of several.
fn likeliest(
    document: &resource::Key,
    entries: &[(Key<'_>, Node<'_>)],
    reader: &Reader,
) -> Option<&'static Generation> {
    let resource = document.resource;
    let current_first = resource.current().into_iter().chain(resource.generations.iter().rev());
    current_first.min_by_key(|generation| {
        let mut trial = Reader::new(&reader.source);
        read_entries(document.clone(), generation, None, entries, &mut trial);
        trial.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
    })
}

fn read_entries(
    document: resource::Key,
    generation: &'static Generation,
    written: Option<Place>,
    entries: &[(Key<'_>, Node<'_>)],
    reader: &mut Reader,
) -> LayerResource {
    let resource = document.resource;
    let mut read = LayerResource::new(document, generation, written);
    for (key, value) in entries {
        match key.text.as_ref() {
            "apiVersion" => {}
            "unmanaged" => {
                for item in reader.list(value, "a list of keys").unwrap_or_default() {
                    if let Some(name) = reader.text(item, "a key") {
                        read.released.push((name, reader.place(&item.span)));
                    }
                }
            }
            _ => read_key(resource.document(Some(generation)), key, value, reader, &mut read),
        }
    }
    read.settings.sort_by_key(|managed| resource.position(managed.setting.pointer));
    release_what_exists(&mut read, reader);
    read
}

fn read_key(object: Object<'static>, key: &Key<'_>, node: &Node<'_>, reader: &mut Reader, read: &mut LayerResource) {
    match (object.get(&key.text), &node.value) {
        (Some(Member::Setting(setting)), _) => read_setting(setting, key, node, reader, read),
        (Some(Member::Object(inner)), yaml::Value::Map(entries)) => {
            for (key, value) in entries {
                read_key(inner, key, value, reader, read);
            }
        }
        (Some(Member::Object(_)), yaml::Value::Nothing) => nothing_below(key, reader),
        (Some(Member::Object(_)), yaml::Value::Null) => reader.error(
            rules::NULL_FOR_OBJECT,
            &node.span,
            &format!("`{}` holds several settings and cannot be null", key.text),
            "null here would clear all of them",
            "set or clear each setting by name, or delete the line to leave them unmanaged",
        ),
        (Some(Member::Object(_)), _) => {
            reader.mismatch::<()>(node, "a mapping of settings");
        }
        (None, _) => tell_unknown(object, key, reader, read),
    }
}

/// Says what a key means that is not a setting of the generation: read-only, of another generation, or unknown.
fn tell_unknown(object: Object<'static>, key: &Key<'_>, reader: &mut Reader, read: &LayerResource) {
    let (resource, generation) = (read.key.resource, read.generation);
    let pointer = object.pointer_of(&key.text);
    if resource.read_only.contains(&pointer.as_str()) {
        let what = format!("`{}` is read-only and ignored", key.text);
        reader.note(&key.span, rules::READ_ONLY, &what, "delete the line");
    } else if let Some(elsewhere) = elsewhere(object, &key.text) {
        let names = resource.generations_with(&pointer);
        let new = resource.counterpart(&pointer).and_then(|pair| resource.setting_in(generation, pair.new));
        let help = match (new, elsewhere.moved) {
            (Some(new), _) => format!("{} has `{new}` instead", generation.name),
            (None, Some(place)) => {
                format!("it moved to {place}; write it there, or let sailplan migrate carry it over")
            }
            (None, None) => format!("delete the line, or use a generation that has it: {}", names.join(", ")),
        };
        reader.error(
            rules::OTHER_GENERATION,
            &key.span,
            &format!("`{}` does not exist in {}, only in {}", key.text, generation.name, names.join(", ")),
            &format!("not a setting of {}", generation.name),
            &help,
        );
    } else {
        if !reader.shows(rules::UNKNOWN_KEY) {
            reader.unknown_key(key, [], "");
            return;
        }
        let mut known = known_keys(object);
        if object.is_document() {
            known.extend(["apiVersion", "unmanaged"]);
        }
        let help = keys::belongs(&key.text, &known, Some((resource, generation)));
        reader.unknown_key(key, known, &help);
    }
}

/// Returns the first setting at or under a key in the generations that have any.
fn elsewhere(object: Object<'static>, key: &str) -> Option<&'static Setting> {
    match object.in_all_generations().get(key)? {
        Member::Setting(setting) => Some(setting),
        Member::Object(inner) => inner.settings().next(),
    }
}

/// A setting of a document, as messages name it.
struct Named {
    key: resource::Key,
    setting: &'static Setting,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.key, self.setting)
    }
}

fn read_setting(
    setting: &'static Setting,
    key: &Key<'_>,
    node: &Node<'_>,
    reader: &mut Reader,
    read: &mut LayerResource,
) {
    let outer = std::mem::replace(&mut reader.context, Context::of(Named { key: read.key.clone(), setting }));
    let value = match node.value {
        yaml::Value::Nothing => {
            no_value(key, reader, no_value_help(setting));
            None
        }
        yaml::Value::Null if !setting.nullable => reader.invalid(
            node,
            rules::NULL_NOT_ALLOWED,
            &format!("null clears nothing here: the API takes only {}", setting.kind.expects()),
            "write a value, or delete the line to leave the setting unmanaged",
        ),
        yaml::Value::Null if setting.kind.is_list() => Some(Value::Array(Vec::new())),
        yaml::Value::Null => Some(Value::Null),
        _ if setting.nullable && setting.kind.is_unset(node) => Some(Value::Null),
        _ => {
            let form = if setting.kind.is_free_text() { pasted::Text::Free } else { pasted::Text::Exact };
            let good = reader.as_meant(node, form);
            // Whatever came of it, the rest of the value is read, so that one run tells everything.
            setting.kind.read(node, reader).filter(|_| good)
        }
    };
    reader.context = outer;
    let known = Known::of_names(std::mem::take(&mut reader.names));
    if let Some(value) = value {
        read.settings.push(Arc::new(Managed {
            setting,
            value: Arc::new(value),
            place: reader.place(&key.span),
            value_place: reader.place(&node.span),
            known,
        }));
    }
}

fn no_value_help(setting: &Setting) -> &'static str {
    if setting.nullable {
        "write null to clear the setting, or delete the line to leave it unmanaged"
    } else {
        "write a value, or delete the line to leave it unmanaged"
    }
}

/// Says that nothing stands below a key that has settings below it.
pub(super) fn nothing_below(key: &Key<'_>, reader: &mut Reader) {
    no_value(key, reader, "write settings below it, or delete the line");
}

fn no_value(key: &Key<'_>, reader: &mut Reader, help: &str) {
    if reader.tell_behind(&key.span) {
        return;
    }
    reader.error(
        rules::NOTHING_BEHIND_KEY,
        &key.span,
        "nothing is written after this key",
        "a value belongs after this key",
        help,
    );
}
