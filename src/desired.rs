//! Settings files to the desired state: what is managed, at which value, asked for where.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use crate::problem::{Place, Problem, Severity};
use crate::reader::Reader;
use crate::resource::{CATALOGUE, Generation, Resource, Setting, document};
use crate::yaml::{self, Key, Node, Source};

/// What the settings files of one tenant ask for.
#[derive(Debug, Default)]
pub struct Desired {
    /// The resources with at least one managed setting, in catalogue order.
    pub resources: Vec<DesiredResource>,
}

/// What the settings files ask of one resource.
#[derive(Debug)]
pub struct DesiredResource {
    /// The resource.
    pub resource: &'static Resource,
    /// The API generation whose fields the files use.
    pub generation: &'static Generation,
    /// The managed settings, in catalogue order; never empty.
    pub settings: Vec<Managed>,
}

/// A managed setting.
#[derive(Clone, Debug)]
pub struct Managed {
    /// The setting.
    pub setting: &'static Setting,
    /// The canonical value; null clears.
    pub value: Value,
    /// The key in the file that asked for it.
    pub place: Place,
    /// Names that the file gives to ids among the value's members.
    pub names: Arc<BTreeMap<String, String>>,
}

/// One settings file after reading.
struct Layer {
    resources: Vec<LayerResource>,
}

struct LayerResource {
    resource: &'static Resource,
    generation: &'static Generation,
    written: Option<Place>,
    settings: Vec<Managed>,
    released: Vec<(String, Place)>,
}

/// Reads settings files as layers, later ones winning setting by setting. Problems of every file come with the result;
/// it is only to be used when none of them is an error.
pub fn read(sources: &[Arc<Source>]) -> (Desired, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut layers: Vec<Layer> = Vec::new();
    for source in sources {
        match yaml::parse(source) {
            Ok(node) => {
                let mut reader = Reader::new(source);
                let layer = read_layer(&node, &mut reader, &layers);
                problems.append(&mut reader.problems);
                layers.push(layer);
            }
            Err(found) => problems.extend(found),
        }
    }
    let desired = merge(layers, &mut problems);
    for wanted in &desired.resources {
        check_rules(wanted, &mut problems);
    }
    (desired, problems)
}

fn read_layer(node: &Node<'_>, reader: &mut Reader, earlier: &[Layer]) -> Layer {
    let mut layer = Layer { resources: Vec::new() };
    let names = || CATALOGUE.iter().map(|resource| resource.name);
    let expects = format!("a mapping with {}", names().collect::<Vec<_>>().join(" and "));
    for (key, value) in reader.map(node, &expects).unwrap_or_default() {
        match Resource::named(&key.text) {
            Some(resource) => layer.resources.extend(read_resource(resource, key, value, reader, earlier)),
            None => {
                let owner =
                    CATALOGUE.iter().find(|resource| known_keys(resource, None, "").contains(&key.text.as_ref()));
                let help = owner.map(|resource| format!("it belongs inside `{}:`", resource.name)).unwrap_or_default();
                reader.unknown_key(key, names(), &help);
            }
        }
    }
    layer
}

fn read_resource(
    resource: &'static Resource,
    key: &Key<'_>,
    node: &Node<'_>,
    reader: &mut Reader,
    earlier: &[Layer],
) -> Option<LayerResource> {
    resource.name.clone_into(&mut reader.context);
    let read = read_resource_body(resource, key, node, reader, earlier);
    reader.context.clear();
    read
}

fn read_resource_body(
    resource: &'static Resource,
    key: &Key<'_>,
    node: &Node<'_>,
    reader: &mut Reader,
    earlier: &[Layer],
) -> Option<LayerResource> {
    if matches!(node.value, yaml::Value::Nothing) {
        nothing_behind(key, reader, "write settings below it, or delete the line");
        return None;
    }
    let entries = reader.map(node, "a mapping of settings")?;
    let inherited =
        earlier.iter().rev().flat_map(|layer| &layer.resources).find(|before| before.resource.name == resource.name);
    let (generation, written) = generation(resource, key, entries, reader, inherited)?;
    let mut read = LayerResource { resource, generation, written, settings: Vec::new(), released: Vec::new() };
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
            _ => read_key("", key, value, reader, &mut read),
        }
    }
    read.settings.sort_by_key(|managed| position(resource, managed.setting));
    release_what_exists(&read, reader);
    Some(read)
}

fn generation(
    resource: &'static Resource,
    key: &Key<'_>,
    entries: &[(Key<'_>, Node<'_>)],
    reader: &mut Reader,
    inherited: Option<&LayerResource>,
) -> Option<(&'static Generation, Option<Place>)> {
    let names = resource.generation_names();
    let listed = names.join(", ");
    let Some((_, node)) = entries.iter().find(|(key, _)| key.text == "apiVersion") else {
        let name = match (inherited, resource.default_generation) {
            (Some(before), _) => before.generation.name,
            (None, Some(name)) => name,
            (None, None) => {
                reader.error(
                    "api-version-missing",
                    &key.span,
                    "`apiVersion` must be written",
                    "has no `apiVersion`",
                    &format!("add one of {listed}; {}", current(resource)),
                );
                return None;
            }
        };
        return resource.generation(name).map(|generation| (generation, None));
    };
    let text = match &node.value {
        yaml::Value::Text { text, .. } => text.as_ref(),
        _ => return reader.mismatch(node, &format!("one of {listed}")),
    };
    let Some(generation) = resource.generation(text) else {
        return reader.invalid(
            node,
            "api-version",
            &format!("there is no API generation `{text}`"),
            &format!("write one of {listed}; {}", current(resource)),
        );
    };
    if let Some(before) = inherited
        && before.generation.name != generation.name
    {
        let place = before.written.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        return reader.invalid(
            node,
            "api-version-differs",
            &format!("apiVersion is {text} here and {} in an earlier layer{place}", before.generation.name),
            "use the same generation in every layer of a tenant",
        );
    }
    Some((generation, Some(reader.place(&node.span))))
}

fn current(resource: &Resource) -> String {
    match resource.current() {
        Some(generation) => format!("{} is current", generation.name),
        None => "all of them are experimental".to_owned(),
    }
}

fn read_key(prefix: &str, key: &Key<'_>, node: &Node<'_>, reader: &mut Reader, read: &mut LayerResource) {
    let (resource, generation) = (read.resource, read.generation);
    let pointer = format!("{prefix}/{}", key.text);
    let inside = format!("{pointer}/");
    if let Some(setting) = resource.setting_in(generation, &pointer) {
        read_setting(setting, key, node, reader, read);
    } else if resource.settings_of(generation).any(|setting| setting.pointer.starts_with(&inside)) {
        match &node.value {
            yaml::Value::Map(entries) => {
                for (key, value) in entries {
                    read_key(&pointer, key, value, reader, read);
                }
            }
            yaml::Value::Nothing => nothing_behind(key, reader, "write settings below it, or delete the line"),
            yaml::Value::Null => reader.error(
                "null-for-object",
                &node.span,
                &format!("`{}` holds several settings and cannot be null", key.text),
                "null here would clear all of them",
                "set or clear each setting by name, or delete the line to leave them unmanaged",
            ),
            _ => {
                reader.mismatch::<()>(node, "a mapping of settings");
            }
        }
    } else if resource.read_only.contains(&pointer.as_str()) {
        reader.note(&key.span, "read-only", &format!("`{}` is read-only and ignored", key.text));
    } else if let Some(other) = elsewhere(resource, &pointer, &inside) {
        let names = resource.generations_with(&pointer);
        let new = resource.counterpart(&pointer).and_then(|one| resource.setting_in(generation, one.new));
        let help = match (new, other.moved) {
            (Some(new), _) => format!("{} has `{new}` instead", generation.name),
            (None, Some(place)) => format!("it moved to {place}, which sailplan does not manage; delete the line"),
            (None, None) => format!("delete the line, or use a generation that has it: {}", names.join(", ")),
        };
        reader.error(
            "other-generation",
            &key.span,
            &format!("`{}` does not exist in {}, only in {}", key.text, generation.name, names.join(", ")),
            &format!("not a setting of {}", generation.name),
            &help,
        );
    } else {
        let mut known = known_keys(resource, Some(generation), prefix);
        if prefix.is_empty() {
            known.extend(["apiVersion", "unmanaged"]);
        }
        let here = resource
            .settings_of(generation)
            .find(|setting| setting.keys().last() == Some(key.text.as_ref()))
            .and_then(|setting| setting.pointer.rsplit_once('/'))
            .map(|(parent, _)| parent.trim_start_matches('/').replace('/', "."));
        let help = match here {
            Some(parent) if parent.is_empty() => format!("it belongs directly inside `{}:`", resource.name),
            Some(parent) => format!("it belongs inside `{parent}:`"),
            None => String::new(),
        };
        reader.unknown_key(key, known, &help);
    }
}

fn elsewhere(resource: &'static Resource, pointer: &str, inside: &str) -> Option<&'static Setting> {
    resource.settings.iter().find(|setting| setting.pointer == pointer || setting.pointer.starts_with(inside))
}

fn read_setting(
    setting: &'static Setting,
    key: &Key<'_>,
    node: &Node<'_>,
    reader: &mut Reader,
    read: &mut LayerResource,
) {
    let outer = std::mem::replace(&mut reader.context, format!("{}.{setting}", read.resource.name));
    let value = match node.value {
        yaml::Value::Nothing => {
            nothing_behind(key, reader, nothing_help(setting));
            None
        }
        yaml::Value::Null if !setting.nullable => reader.invalid(
            node,
            "null-not-allowed",
            &format!("cannot be cleared: the API takes {} only", setting.kind.expects()),
            "write a value, or delete the line to leave it unmanaged",
        ),
        yaml::Value::Null if setting.kind.is_list() => Some(Value::Array(Vec::new())),
        yaml::Value::Null => Some(Value::Null),
        _ => setting.kind.read(node, reader),
    };
    reader.context = outer;
    let names = Arc::new(std::mem::take(&mut reader.names));
    if let Some(value) = value {
        read.settings.push(Managed { setting, value, place: reader.place(&key.span), names });
    }
}

fn nothing_help(setting: &Setting) -> &'static str {
    if setting.nullable {
        "write null to clear, or delete the line"
    } else {
        "write a value, or delete the line to leave it unmanaged"
    }
}

fn nothing_behind(key: &Key<'_>, reader: &mut Reader, help: &str) {
    reader.error(
        "nothing-behind-key",
        &key.span,
        &format!("nothing is written behind `{}`", key.text),
        "a value belongs behind this key",
        help,
    );
}

/// Returns the keys that a settings file may write below `prefix`, in any generation where none is given.
fn known_keys(resource: &'static Resource, generation: Option<&Generation>, prefix: &str) -> Vec<&'static str> {
    let mut keys: Vec<&'static str> = Vec::new();
    for setting in resource.settings.iter().filter(|setting| generation.is_none_or(|one| setting.exists_in(one))) {
        let Some(rest) = setting.pointer.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('/')) else { continue };
        let key = rest.split('/').next().unwrap_or(rest);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn position(resource: &Resource, setting: &Setting) -> usize {
    resource.settings.iter().position(|one| one.pointer == setting.pointer).unwrap_or(usize::MAX)
}

/// Returns whether `unmanaged: [name]` releases `setting`: the setting itself or an object around it, with dots or
/// slashes between keys.
fn releases(name: &str, setting: &Setting) -> bool {
    let name = name.trim_start_matches('/').replace('/', ".");
    let dotted = setting.dotted();
    dotted == name || dotted.strip_prefix(&name).is_some_and(|rest| rest.starts_with('.'))
}

fn release_what_exists(read: &LayerResource, reader: &mut Reader) {
    for (name, place) in &read.released {
        let span: Range<u32> = place.span.start as u32..place.span.end as u32;
        if !read.resource.settings_of(read.generation).any(|setting| releases(name, setting)) {
            let known: Vec<String> = read.resource.settings_of(read.generation).map(Setting::dotted).collect();
            let help = match crate::reader::nearest(name, known.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "delete it from the list".to_owned(),
            };
            reader.error("unknown-key", &span, &format!("there is no setting `{name}` to release"), "", &help);
        } else if let Some(managed) = read.settings.iter().find(|managed| releases(name, managed.setting)) {
            let message = format!("`{name}` is released here and {} is set in the same file", managed.setting);
            reader.error("released-and-set", &span, &message, "", "delete one of the two");
        }
    }
}

fn merge(layers: Vec<Layer>, problems: &mut Vec<Problem>) -> Desired {
    let mut merged: Vec<DesiredResource> = Vec::new();
    for read in layers.into_iter().flat_map(|layer| layer.resources) {
        let index = match merged.iter().position(|one| one.resource.name == read.resource.name) {
            Some(index) => index,
            None => {
                merged.push(DesiredResource {
                    resource: read.resource,
                    generation: read.generation,
                    settings: Vec::new(),
                });
                merged.len() - 1
            }
        };
        let Some(wanted) = merged.get_mut(index) else { continue };
        for (name, place) in &read.released {
            let before = wanted.settings.len();
            wanted.settings.retain(|managed| !releases(name, managed.setting));
            if wanted.settings.len() == before {
                problems.push(
                    Problem::warning(
                        "released-nothing",
                        format!("{}: no earlier layer manages `{name}`", read.resource.name),
                    )
                    .at(place.clone())
                    .help("delete it from the list"),
                );
            }
        }
        for managed in read.settings {
            wanted.settings.retain(|earlier| earlier.setting.pointer != managed.setting.pointer);
            wanted.settings.push(managed);
        }
        wanted.settings.sort_by_key(|managed| position(wanted.resource, managed.setting));
    }
    merged.retain(|wanted| !wanted.settings.is_empty());
    merged.sort_by_key(|wanted| CATALOGUE.iter().position(|one| one.name == wanted.resource.name));
    Desired { resources: merged }
}

fn check_rules(wanted: &DesiredResource, problems: &mut Vec<Problem>) {
    let find = |pointer: &str| wanted.settings.iter().find(|managed| managed.setting.pointer == pointer);
    for broken in document::broken(wanted.resource, |pointer| find(pointer).map(|managed| &managed.value)) {
        let Some(managed) = find(broken.pointer) else { continue };
        let other = find(broken.other).map(|other| format!(" ({})", other.place)).unwrap_or_default();
        let (severity, rule, help) = if broken.contradiction {
            (Severity::Error, "above-maximum", "lower the one or raise the other")
        } else {
            (Severity::Warning, "no-effect", "delete the line, or turn the other setting off")
        };
        let message = format!("{}.{}{other}", wanted.resource.name, broken.message);
        problems.push(
            Problem {
                severity,
                rule,
                message,
                place: Some(managed.place.clone()),
                label: String::new(),
                help: Vec::new(),
            }
            .help(help),
        );
    }
}
