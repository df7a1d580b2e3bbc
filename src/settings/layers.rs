//! Layers: what one file says, and how later files win over earlier ones.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::{Desired, DesiredResource, Managed};
use crate::resource::{Generation, Key, Setting, dotted};
use crate::text::nearest::{did_you_mean, nearest};
use crate::text::problem::{Place, Problem, rules};
use crate::text::reader::{Reader, quote};

/// One settings file after reading.
pub(super) struct Layer {
    pub(super) resources: Vec<LayerResource>,
    /// Whether a part of the file could not be read, so that it may have said what a later layer relies on.
    pub(super) broken: bool,
    /// What is wrong with the file.
    pub(super) problems: Vec<Problem>,
}

/// What layers mean for the one that follows them.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Earlier {
    /// Whether they may have said more.
    pub(super) broken: bool,
    /// What the last one says that has the document.
    pub(super) documents: BTreeMap<Key, Inherited>,
}

/// The generation that a layer has for a document.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Inherited {
    pub(super) generation: &'static str,
    /// Where it is named; `None` if it only follows from a default.
    pub(super) written: Option<Place>,
}

impl Earlier {
    pub(super) fn add(&mut self, layer: &Layer) {
        self.broken |= layer.broken;
        for read in &layer.resources {
            let inherited = Inherited { generation: read.generation.name, written: read.written.clone() };
            self.documents.insert(read.key.clone(), inherited);
        }
    }
}

/// What it says of one document.
pub(super) struct LayerResource {
    pub(super) key: Key,
    pub(super) generation: &'static Generation,
    /// Where the file names the generation; `None` if it only follows from a default.
    pub(super) written: Option<Place>,
    pub(super) settings: Vec<Arc<Managed>>,
    /// What it releases, by the name it uses, and where.
    pub(super) released: Vec<(String, Place)>,
    /// Where it releases everything of the document; `None` if it does not.
    pub(super) released_whole: Option<Place>,
}

impl LayerResource {
    /// Begins with nothing said of a document.
    pub(super) fn new(key: Key, generation: &'static Generation, written: Option<Place>) -> LayerResource {
        let (settings, released) = (Vec::new(), Vec::new());
        LayerResource { key, generation, written, settings, released, released_whole: None }
    }
}

/// Returns whether `unmanaged: [name]` releases `setting`: the setting itself or an object around it, with dots or
/// slashes between keys.
fn releases(name: &str, setting: &Setting) -> bool {
    let name = dotted(name);
    let own = setting.dotted();
    own == name || own.strip_prefix(&name).is_some_and(|rest| rest.starts_with('.'))
}

/// Keeps the releases that mean something, and says what is wrong with the others.
pub(super) fn release_what_exists(read: &mut LayerResource, reader: &mut Reader) {
    let released = std::mem::take(&mut read.released);
    for (name, place) in released {
        let span: Range<u32> = place.span.start as u32..place.span.end as u32;
        if !read.key.resource.settings_of(read.generation).any(|setting| releases(&name, setting)) {
            if reader.counts_unknown_key(&span) {
                continue;
            }
            let known: Vec<String> = read.key.resource.settings_of(read.generation).map(Setting::dotted).collect();
            let help = match nearest(&name, known.iter().map(String::as_str)) {
                Some(near) => did_you_mean(format_args!("`{near}`")),
                None => "delete it from the list".to_owned(),
            };
            reader.error(
                rules::UNKNOWN_KEY,
                &span,
                &format!("there is no setting {} to release", quote(&name)),
                "",
                &help,
            );
        } else if let Some(managed) = read.settings.iter().find(|managed| releases(&name, managed.setting)) {
            let message = format!("`{name}` is released here and {} is set in the same file", managed.setting);
            reader.error(rules::RELEASED_AND_SET, &span, &message, "", "delete one of the two");
        } else {
            read.released.push((name, place));
        }
    }
}

/// Puts layers on one another, later ones winning setting by setting, and says which releases release nothing.
pub(super) fn merge(layers: &[Arc<Layer>], problems: &mut Vec<Problem>) -> Desired {
    let mut merged: Vec<DesiredResource> = Vec::new();
    let mut places: HashMap<Key, usize> = HashMap::new();
    let mut released: Vec<(Key, &'static Setting, Place)> = Vec::new();
    for read in layers.iter().flat_map(|layer| &layer.resources) {
        let place = *places.entry(read.key.clone()).or_insert_with(|| {
            merged.push(DesiredResource {
                key: read.key.clone(),
                generation: read.generation,
                settings: Vec::new(),
                left_out: BTreeSet::new(),
            });
            merged.len() - 1
        });
        let Some(wanted) = merged.get_mut(place) else { continue };
        if wanted.generation != read.generation {
            check_generation(wanted, read.generation, problems);
        }
        for (name, place) in &read.released {
            let before = wanted.settings.len();
            let dropped = wanted.settings.iter().filter(|managed| releases(name, managed.setting));
            released.extend(dropped.map(|managed| (read.key.clone(), managed.setting, place.clone())));
            wanted.settings.retain(|managed| !releases(name, managed.setting));
            if wanted.settings.len() == before {
                problems.push(
                    Problem::warning(
                        rules::RELEASED_NOTHING,
                        format!("{}: no earlier layer manages `{name}`", read.key),
                    )
                    .at(place.clone())
                    .help("delete it from the list"),
                );
            }
        }
        if let Some(place) = &read.released_whole {
            if wanted.settings.is_empty() {
                let message = format!("{}: no earlier layer manages anything of it", read.key);
                let problem = Problem::warning(rules::RELEASED_NOTHING, message).at(place.clone());
                problems.push(problem.help("delete the line"));
            }
            wanted.settings.clear();
        }
        for managed in &read.settings {
            // A document that is to be deleted has no settings, and one with settings is not deleted.
            wanted.settings.retain(|earlier| {
                earlier.setting != managed.setting && !earlier.setting.is_whole() && !managed.setting.is_whole()
            });
            wanted.settings.push(managed.clone());
        }
        let resource = wanted.resource();
        wanted.settings.sort_by_key(|managed| resource.position(managed.setting.pointer));
    }
    released.retain(|(key, setting, _)| {
        let wanted = places.get(key).and_then(|place| merged.get(*place));
        wanted.is_none_or(|wanted| wanted.get(setting.pointer).is_none())
    });
    merged.retain(|wanted| !wanted.settings.is_empty());
    merged.sort_by(|wanted, other| wanted.key.cmp(&other.key));
    Desired { resources: merged, released }
}

/// Makes a generation that a later layer names that of the earlier ones, which named none.
fn check_generation(wanted: &mut DesiredResource, generation: &'static Generation, problems: &mut Vec<Problem>) {
    for managed in wanted.settings.iter().filter(|managed| !managed.setting.exists_in(generation)) {
        let what = format!(
            "{}.{} does not exist in {}, which a later layer names",
            wanted.key, managed.setting, generation.name
        );
        let help = "delete the line, or name the same generation in every layer";
        problems.push(Problem::error(rules::OTHER_GENERATION, what).at(managed.place.clone()).help(help));
    }
    wanted.generation = generation;
}
