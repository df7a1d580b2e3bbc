//! Settings files to the desired state: what is managed, at which value, asked for where.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use crate::resource::document::{Absent, broken};
use crate::resource::reference::Known;
use crate::resource::{self, CATALOGUE, Generation, Resource, Setting};
use crate::text::characters::first_odd;
use crate::text::problem::{Place, Problem, Severity, line, rules};
use crate::text::reader::{Context, Reader};
use crate::text::threads;
use crate::text::yaml::{self, Key, Node, Source};

mod document;
mod generation;
mod instances;
mod keys;
mod layers;

use document::{nothing_below, read_document};
use layers::{Earlier, Layer, LayerResource, merge};

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
        nothing_below(key, reader);
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

/// Says where a setting is that another one is about. Within one file the line is enough, so that files that say the same have
/// one message.
fn beside(place: &Place, other: &Place) -> String {
    if Arc::ptr_eq(&place.source, &other.source) { format!(" (line {})", line(place)) } else { format!(" ({place})") }
}

fn check_rules(wanted: &DesiredResource, problems: &mut Vec<Problem>) {
    let value = |pointer: &str| wanted.get(pointer).map(|managed| managed.value.as_ref());
    for broken in broken(wanted.resource(), Absent::NotKnown, value) {
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
