//! Settings files to the desired state: what is managed, at which value, asked for where.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::resource::reference::Known;
use crate::resource::tree::{Member, Object};
use crate::resource::{self, CATALOGUE, Generation, Resource, Setting, document};
use crate::text::characters::first_odd;
use crate::text::nearest::{did_you_mean, nearest};
use crate::text::problem::{Place, Problem, Severity, line, rules};
use crate::text::reader::{Context, Reader, pasted, quote};
use crate::text::threads;
use crate::text::yaml::{self, Key, Node, Source};

mod instances;
mod keys;
mod layers;

use keys::known_keys;
use layers::{Earlier, Inherited, Layer, LayerResource, merge, release_what_exists};

/// What the settings files of one tenant ask for.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    /// The documents with at least one managed setting, in the order of their keys.
    pub resources: Vec<DesiredResource>,
    /// The settings that a layer releases and no later one manages, each with the line that releases it.
    pub released: Vec<(resource::Key, &'static Setting, Place)>,
}

/// What the settings files ask of one document.
#[derive(Clone, Debug)]
pub struct DesiredResource {
    /// The document.
    pub key: resource::Key,
    /// The API generation whose fields the files use.
    pub generation: &'static Generation,
    /// The managed settings, in catalogue order; never empty. Tenants that follow one file share them.
    pub settings: Vec<Arc<Managed>>,
    /// The pointers of managed settings that this run leaves as they are.
    pub left_out: BTreeSet<&'static str>,
}

impl Desired {
    /// Returns what is asked of a document; `None` if nothing of it is managed.
    pub fn get(&self, key: &resource::Key) -> Option<&DesiredResource> {
        let at = self.resources.binary_search_by(|wanted| wanted.key.cmp(key)).ok()?;
        self.resources.get(at)
    }

    /// Leaves every managed setting out of the run that `only` does not name as `/RESOURCE/POINTER`.
    pub fn keep_only(&mut self, only: &[String]) {
        for wanted in &mut self.resources {
            let settings = wanted.settings.iter().map(|managed| managed.setting);
            let outside = settings.filter(|setting| !only.contains(&wanted.key.pointer(setting)));
            wanted.left_out = outside.map(|setting| setting.pointer).collect();
        }
    }

    /// Returns the line that releases a setting, if a layer does.
    pub fn released_at(&self, key: &resource::Key, setting: &Setting) -> Option<&Place> {
        let found = self.released.iter().rev().find(|(of, released, _)| of == key && *released == setting);
        found.map(|(.., place)| place)
    }
}

impl DesiredResource {
    /// Returns the resource that the document belongs to.
    pub fn resource(&self) -> &'static Resource {
        self.key.resource
    }

    /// Returns what is asked of the setting at `pointer`; `None` if it is not managed.
    pub fn get(&self, pointer: &str) -> Option<&Managed> {
        self.settings.iter().find(|managed| managed.setting.pointer == pointer).map(Arc::as_ref)
    }
}

/// A managed setting.
#[derive(Clone, Debug)]
pub struct Managed {
    /// The setting.
    pub setting: &'static Setting,
    /// The canonical value; null clears.
    pub value: Arc<Value>,
    /// The key in the file that asked for it.
    pub place: Place,
    /// The value after the key.
    pub value_place: Place,
    /// What is known of the ids in the value: the names that the file gives them.
    pub known: Arc<Known>,
}

/// Reads settings files as layers, later ones winning setting by setting. Problems of every file come with the result;
/// it is only to be used when none of them is an error.
pub fn read(sources: &[Arc<Source>]) -> (Desired, Vec<Problem>) {
    Reading::default().read(sources, false)
}

/// The settings of many tenants: a file that several of them follow is parsed and checked once.
#[derive(Default)]
pub struct Reading {
    /// Layers by their file and by what earlier layers mean for it.
    layers: HashMap<(FileId, Earlier), Arc<Layer>>,
    /// The outcome by the files of a tenant, and whether some could not be read.
    merged: HashMap<(Vec<FileId>, bool), (Desired, Vec<Problem>)>,
    /// Keeps the files, so that no other one gets their ids.
    sources: HashMap<FileId, Arc<Source>>,
}

/// Tells files apart: where their text is in memory.
type FileId = usize;

impl Reading {
    /// Like [`read`], for settings files of which some could not be read (`incomplete`): what those may have said is missed
    /// nowhere. Files are the same if they share their text in memory.
    pub fn read(&mut self, sources: &[Arc<Source>], incomplete: bool) -> (Desired, Vec<Problem>) {
        let ids: Vec<FileId> = sources.iter().map(|source| self.id(source)).collect();
        if let Some(merged) = self.merged.get(&(ids.clone(), incomplete)) {
            return merged.clone();
        }
        let mut earlier = Earlier { broken: incomplete, ..Earlier::default() };
        for (source, id) in sources.iter().zip(&ids) {
            let layer = self.layers.entry((*id, earlier.clone())).or_insert_with(|| Arc::new(layer(source, &earlier)));
            earlier.add(layer);
        }
        let merged = self.merge(&ids, incomplete);
        self.merged.insert((ids, incomplete), merged.clone());
        merged
    }

    /// Merges layers that were read, and checks the outcome.
    fn merge(&self, ids: &[FileId], incomplete: bool) -> (Desired, Vec<Problem>) {
        let mut layers: Vec<Arc<Layer>> = Vec::new();
        let mut earlier = Earlier { broken: incomplete, ..Earlier::default() };
        for id in ids {
            if let Some(layer) = self.layers.get(&(*id, earlier.clone())) {
                earlier.add(layer);
                layers.push(layer.clone());
            }
        }
        let mut problems: Vec<Problem> = layers.iter().flat_map(|layer| layer.problems.iter().cloned()).collect();
        let desired = merge(&layers, &mut problems);
        for wanted in &desired.resources {
            check_rules(wanted, &mut problems);
        }
        (desired, problems)
    }

    /// Reads, checks and merges the files of many tenants on several threads, one layer after the other, so that [`Reading::read`]
    /// finds them done. Nothing else is different for having done it.
    pub fn read_ahead(&mut self, tenants: &[Vec<Arc<Source>>]) {
        if threads::for_pieces(tenants.len()) == 1 {
            return;
        }
        let mut earlier = vec![Earlier::default(); tenants.len()];
        for depth in 0..tenants.iter().map(Vec::len).max().unwrap_or_default() {
            let files: Vec<Option<(FileId, &Arc<Source>)>> =
                tenants.iter().map(|files| files.get(depth).map(|file| (self.id(file), file))).collect();
            let mut wanted: HashMap<(FileId, &Earlier), &Arc<Source>> = HashMap::new();
            for (file, earlier) in files.iter().zip(&earlier) {
                let Some((id, source)) = file else { continue };
                if !self.layers.contains_key(&(*id, earlier.clone())) {
                    wanted.insert((*id, earlier), source);
                }
            }
            let wanted: Vec<((FileId, &Earlier), &Arc<Source>)> = wanted.into_iter().collect();
            let read = threads::in_parts(&wanted, |part| {
                let read = part
                    .iter()
                    .map(|((id, earlier), source)| ((*id, (*earlier).clone()), Arc::new(layer(source, earlier))));
                read.collect()
            });
            self.layers.extend(read);
            for (file, earlier) in files.iter().zip(&mut earlier) {
                let Some((id, _)) = file else { continue };
                if let Some(layer) = self.layers.get(&(*id, earlier.clone())) {
                    earlier.add(layer);
                }
            }
        }
        let tenants: HashSet<Vec<FileId>> =
            tenants.iter().map(|files| files.iter().map(|file| self.id(file)).collect()).collect();
        let tenants: Vec<Vec<FileId>> = tenants.into_iter().collect();
        let merged = threads::in_parts(&tenants, |part| part.iter().map(|ids| self.merge(ids, false)).collect());
        self.merged.extend(tenants.into_iter().map(|ids| (ids, false)).zip(merged));
    }

    fn id(&mut self, source: &Arc<Source>) -> FileId {
        let id = Arc::as_ptr(source).addr();
        self.sources.entry(id).or_insert_with(|| source.clone());
        id
    }
}

fn layer(source: &Arc<Source>, earlier: &Earlier) -> Layer {
    match yaml::parse(source) {
        Ok(node) => {
            let mut reader = Reader::new(source);
            let mut layer = read_layer(&node, &mut reader, earlier);
            layer.broken = reader.failed();
            layer.problems = reader.finish();
            layer
        }
        Err(problems) => Layer { resources: Vec::new(), broken: true, problems },
    }
}

fn read_layer(node: &Node<'_>, reader: &mut Reader, earlier: &Earlier) -> Layer {
    let mut layer = Layer { resources: Vec::new(), broken: false, problems: Vec::new() };
    let names = || CATALOGUE.iter().map(|resource| resource.name);
    let expects = format!("a mapping with {}", names().collect::<Vec<_>>().join(" and "));
    let entries = reader.map(node, &expects).unwrap_or_default();
    // Spaces that YAML does not take for indentation put the settings of a resource beside it.
    let beside = entries.iter().any(|(key, _)| first_odd(&key.text, true).is_some());
    for (key, value) in entries {
        match Resource::named(&key.text) {
            Some(_) if beside && matches!(value.value, yaml::Value::Nothing) => {}
            // Where editors look for the schema of a JSON file, which has no comments.
            None if key.text == "$schema" && matches!(value.value, yaml::Value::Text { .. }) => {}
            Some(resource) => {
                reader.context = Context::of(resource.name);
                layer.resources.append(&mut read_resource(resource, key, value, reader, earlier));
                reader.context = Context::default();
            }
            None => {
                let known: Vec<&str> = names().collect();
                let help = match key.text.as_ref() {
                    _ if !reader.shows(rules::UNKNOWN_KEY) => String::new(),
                    "tenants" | "allowances" => {
                        "this is a workspace file: check it with sailplan validate -f FILE".into()
                    }
                    text => keys::belongs(text, &known, None),
                };
                reader.unknown_key(key, known, &help);
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
    earlier: &Earlier,
) -> Vec<LayerResource> {
    if matches!(node.value, yaml::Value::Nothing) {
        no_value(key, reader, "write settings below it, or delete the line");
        return Vec::new();
    }
    if let yaml::Value::Null = node.value {
        reader.error(
            rules::NULL_FOR_OBJECT,
            &node.span,
            "a resource holds several settings and cannot be null",
            "",
            "set or clear each setting by name, or delete the line to leave them unmanaged",
        );
        return Vec::new();
    }
    let expects = if resource.instances.is_some() { "a mapping of configurations" } else { "a mapping of settings" };
    let Some(entries) = reader.map(node, expects) else { return Vec::new() };
    match resource.instances {
        Some(instances) => instances::read(resource, instances, entries, reader, earlier),
        None => read_document(resource.into(), key, entries, reader, earlier).into_iter().collect(),
    }
}

fn read_document(
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
    let mut read = LayerResource {
        key: document,
        generation,
        written,
        settings: Vec::new(),
        released: Vec::new(),
        released_whole: None,
    };
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

fn generation(
    resource: &'static Resource,
    key: &Key<'_>,
    entries: &[(Key<'_>, Node<'_>)],
    reader: &mut Reader,
    inherited: Option<&Inherited>,
    broken: bool,
) -> Option<(&'static Generation, Option<Place>)> {
    let names = resource.generation_names();
    let listed = names.join(", ");
    let Some((_, node)) = entries.iter().find(|(key, _)| key.text == "apiVersion") else {
        let name = match (inherited, resource.default_generation) {
            (Some(before), _) => before.generation,
            (None, Some(name)) => name,
            // The file that failed may name the generation.
            (None, None) if broken => return None,
            (None, None) => {
                reader.error(
                    rules::API_VERSION_MISSING,
                    &key.span,
                    "`apiVersion` must be written",
                    "has no `apiVersion`",
                    &format!("add one of {listed}; {}", current(resource)),
                );
                return None;
            }
        };
        let written = inherited.and_then(|before| before.written.clone());
        return resource.generation(name).map(|generation| (generation, written));
    };
    let text = match &node.value {
        yaml::Value::Text { text, .. } => text.as_ref(),
        _ => {
            let help = match &node.value {
                yaml::Value::Number(number) => nearest(&format!("v{number}"), names.iter().copied()),
                _ => None,
            };
            let help = help.map_or_else(|| format!("write one of {listed}"), did_you_mean);
            return reader.unlike(node, rules::VALUE_KIND, &format!("one of {listed}"), &help);
        }
    };
    let Some(generation) = resource.generation(text) else {
        let help = match nearest(text, names.iter().copied()) {
            Some(near) => format!("{} The generations are {listed}; {}", did_you_mean(near), current(resource)),
            None => format!("write one of {listed}; {}", current(resource)),
        };
        let what = format!("there is no API generation {}", quote(text));
        return reader.invalid(node, rules::API_VERSION, &what, &help);
    };
    // A default that is not written decides nothing.
    if let Some(before) = inherited
        && before.generation != generation.name
        && let Some(place) = &before.written
    {
        return reader.invalid(
            node,
            rules::API_VERSION_DIFFERS,
            &format!("apiVersion is {text} here and {} in an earlier layer ({place})", before.generation),
            "use the same generation in every layer of a tenant",
        );
    }
    Some((generation, Some(reader.place(&node.span))))
}

fn current(resource: &Resource) -> String {
    match resource.current() {
        Some(generation) => format!("{} is current", generation.name),
        None => "the catalogue names none as current".to_owned(),
    }
}

fn read_key(object: Object<'static>, key: &Key<'_>, node: &Node<'_>, reader: &mut Reader, read: &mut LayerResource) {
    match (object.get(&key.text), &node.value) {
        (Some(Member::Setting(setting)), _) => read_setting(setting, key, node, reader, read),
        (Some(Member::Object(inner)), yaml::Value::Map(entries)) => {
            for (key, value) in entries {
                read_key(inner, key, value, reader, read);
            }
        }
        (Some(Member::Object(_)), yaml::Value::Nothing) => {
            no_value(key, reader, "write settings below it, or delete the line");
        }
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

/// Says where a setting is that another one is about. Within one file the line is enough, so that files that say the same have
/// one message.
fn beside(place: &Place, other: &Place) -> String {
    if Arc::ptr_eq(&place.source, &other.source) { format!(" (line {})", line(place)) } else { format!(" ({place})") }
}

fn check_rules(wanted: &DesiredResource, problems: &mut Vec<Problem>) {
    let value = |pointer: &str| wanted.get(pointer).map(|managed| managed.value.as_ref());
    for broken in document::broken(wanted.resource(), document::Absent::NotKnown, value) {
        let Some(managed) = wanted.get(broken.pointer) else { continue };
        let other = wanted.get(broken.other).map(|other| beside(&other.value_place, &managed.value_place));
        let other = other.unwrap_or_default();
        let severity = if broken.contradiction { Severity::Error } else { Severity::Warning };
        let message = format!("{}.{}{other}", wanted.key, broken.message);
        problems.push(
            Problem {
                severity,
                rule: broken.rule,
                message,
                place: Some(managed.value_place.clone()),
                label: String::new(),
                help: Vec::new(),
            }
            .help(broken.help),
        );
    }
}

#[cfg(test)]
mod pasted_tests;
#[cfg(test)]
mod tests;
