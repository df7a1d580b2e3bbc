//! Settings files of one API generation to the same settings of another: what carries over exactly, what would lose its
//! management, and the proof that nothing else changed.

use std::sync::Arc;

use serde_json::Value;

use crate::plan::Change;
use crate::resource::tree::{Member, Object};
use crate::resource::{self, Generation, MovedTo, OldSetting, Resource, Setting};
use crate::settings;
use crate::text::problem::{Place, Problem};
use crate::text::reader::Reader;
use crate::text::yaml::{self, Key, Node, Source};

mod rewrite;

pub use rewrite::rewrite;

/// From which generation to which.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The resource.
    pub resource: &'static Resource,
    /// The generation that the files are written for.
    pub from: &'static Generation,
    /// The one that they are to be written for.
    pub to: &'static Generation,
}

/// What becomes of a setting with its value.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It exists there and means the same, in this place and with this value.
    Carried(&'static str, Value),
    /// Nothing there means the same; the reason follows "because".
    Lost(String),
}

/// A setting as one file writes it.
#[derive(Clone, Debug)]
pub struct WrittenSetting {
    /// The setting.
    pub setting: &'static Setting,
    /// Its canonical value.
    pub value: Value,
    /// Its key in the file.
    pub place: Place,
}

/// A setting that would lose its management.
#[derive(Clone, Debug)]
pub struct Loss {
    /// Where it is managed.
    pub written: WrittenSetting,
    /// Why, to follow "because".
    pub reason: String,
}

/// A setting that goes to another resource.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Where it is managed.
    pub written: WrittenSetting,
    /// The document that has it.
    pub key: resource::Key,
    /// What it is there.
    pub setting: &'static Setting,
    /// Its value there.
    pub value: Value,
}

/// A setting of which the user has to say what it becomes.
#[derive(Clone, Debug)]
pub struct Question {
    /// Where it is managed.
    pub written: WrittenSetting,
    /// The words to choose from.
    pub words: &'static [&'static str],
    /// Why it is not known, as one sentence without a full stop.
    pub why: &'static str,
}

/// What becomes of the settings of a file that their resource does not have any more.
#[derive(Clone, Debug, Default)]
pub struct Leaving {
    /// They go to another resource.
    pub moved: Vec<Arrival>,
    /// They would lose their management.
    pub lost: Vec<Loss>,
    /// The user has to say what they become.
    pub asked: Vec<Question>,
    /// Settings that the file releases, and that an earlier file managed, in the documents that have them now.
    pub released: Vec<(resource::Key, &'static Setting)>,
}

impl Leaving {
    /// A setting does not take the place of another value that the file asks for already.
    fn keep_what_is_there(&mut self, source: &Arc<Source>) {
        let (desired, _) = settings::read(std::slice::from_ref(source));
        for Arrival { written, key, setting, value } in std::mem::take(&mut self.moved) {
            let there = desired.get(&key).and_then(|wanted| wanted.get(setting.pointer));
            match there.filter(|there| !setting.equal(Some(&there.value), Some(&value))) {
                Some(there) => {
                    let reason = format!(
                        "it would be {} as {key}.{setting}, which is {} at {}",
                        setting.show(Some(&value)),
                        setting.show(Some(&there.value)),
                        there.place
                    );
                    self.lost.push(Loss { written, reason });
                }
                None => self.moved.push(Arrival { written, key, setting, value }),
            }
        }
    }
}

/// What the user says of settings.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// The settings to give up, in any form of their name.
    pub drops: Vec<String>,
    /// What settings become: the name, in any form, and a word.
    pub maps: Vec<(String, String)>,
}

impl Choices {
    fn drops(&self, setting: &Setting) -> bool {
        self.drops.iter().any(|name| is_named(setting, name))
    }

    fn chosen(&self, setting: &Setting) -> Option<&str> {
        self.maps.iter().find(|(name, _)| is_named(setting, name)).map(|(_, word)| word.as_str())
    }
}

/// Returns whether a name means a setting: with dots or slashes, with or without its resource, or its last key.
pub fn is_named(setting: &Setting, name: &str) -> bool {
    let name = resource::dotted(name);
    let name = match name.split_once('.') {
        Some((resource, rest)) if Resource::named(resource).is_some() => rest,
        _ => &name,
    };
    name == setting.dotted() || setting.keys().last() == Some(name)
}

/// Why a file could not be rewritten. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// The file is not valid YAML.
    #[error("the file is not valid YAML")]
    Invalid(Vec<Problem>),
    /// It is written in a form that cannot be changed line by line.
    #[error("{place}: this is written in a form that cannot be rewritten in place")]
    Form {
        /// Where it is.
        place: Place,
    },
    /// A line could not be deleted in place.
    #[error(transparent)]
    Edit(#[from] crate::rewrite::edit::EditError),
    /// The rewritten text would not have said what it should.
    #[error("the rewritten file would not say the same as the old one")]
    Lost,
}

impl Route {
    /// Returns what becomes of a setting with a canonical value.
    pub fn fate(&self, setting: &Setting, value: &Value) -> Fate {
        if let Some(same) = self.resource.setting_in(self.to, setting.pointer) {
            return Fate::Carried(same.pointer, value.clone());
        }
        let counterpart = self.resource.counterpart(setting.pointer);
        let counterpart =
            counterpart.filter(|counterpart| self.resource.setting_in(self.to, counterpart.new).is_some());
        match (counterpart.map(|counterpart| (counterpart.new, (counterpart.convert)(value))), setting.moved) {
            (Some((new, Some(value))), _) => Fate::Carried(new, value),
            (Some((new, None)), _) => {
                let shown = setting.show(Some(value));
                Fate::Lost(format!(
                    "{} has {} instead, and nothing there means {shown}",
                    self.to.name,
                    resource::dotted(new)
                ))
            }
            (None, Some(place)) => Fate::Lost(format!("it moved to {place}, and nothing there means the same")),
            (None, None) => Fate::Lost(format!("{} has nothing like it", self.to.name)),
        }
    }

    /// Returns what becomes of the settings of a file that the resource does not have there any more.
    ///
    /// # Errors
    ///
    /// The file is not valid YAML.
    pub fn leaving(&self, source: &Arc<Source>, choices: &Choices) -> Result<Leaving, Vec<Problem>> {
        let all = written(source, self.resource, self.from)?;
        let mut leaving = Leaving::default();
        for written in &all {
            let Fate::Lost(reason) = self.fate(written.setting, &written.value) else { continue };
            let loss = |reason: String| Loss { written: written.clone(), reason };
            if choices.drops(written.setting) {
                leaving.lost.push(loss(reason));
                continue;
            }
            let Some(moved) = self.resource.moves.iter().find(|moved| moved.old == written.setting.pointer) else {
                leaving.lost.push(loss(reason));
                continue;
            };
            let beside =
                |pointer: &str| all.iter().find(|other| other.setting.pointer == pointer).map(|other| &other.value);
            let old = OldSetting { value: &written.value, chosen: choices.chosen(written.setting), beside: &beside };
            match ((moved.convert)(&old), moved.key()) {
                (MovedTo::Asks(words, why), _) => {
                    leaving.asked.push(Question { written: written.clone(), words, why });
                }
                (MovedTo::Nothing(why), _) => leaving.lost.push(loss(why.to_owned())),
                (MovedTo::Setting(pointer, value), Some(key)) => match key.resource.setting(pointer) {
                    Some(setting) => leaving.moved.push(Arrival { written: written.clone(), key, setting, value }),
                    None => leaving.lost.push(loss(reason)),
                },
                (MovedTo::Setting(..), None) => leaving.lost.push(loss(reason)),
            }
        }
        leaving.keep_what_is_there(source);
        Ok(leaving)
    }

    /// Returns what a file that releases settings has to release where they are now; `arrivals` is what goes there from any
    /// file.
    ///
    /// # Errors
    ///
    /// The file is not valid YAML.
    pub fn released(
        &self,
        source: &Arc<Source>,
        arrivals: &[(resource::Key, &'static Setting)],
    ) -> Result<Vec<(resource::Key, &'static Setting)>, Vec<Problem>> {
        let root = yaml::parse(source)?;
        let names = rewrite::released(&root, self.resource);
        let mut released = Vec::new();
        for name in &names {
            let pointer = rewrite::pointer_of(name);
            let inside = format!("{pointer}/");
            let moves =
                self.resource.moves.iter().filter(|moved| moved.old == pointer || moved.old.starts_with(&inside));
            for (key, setting) in arrivals {
                let here = |moved: &resource::Moved| {
                    moved.key().as_ref() == Some(key) && moved.targets.contains(&setting.pointer)
                };
                if moves.clone().any(here) && !released.contains(&(key.clone(), *setting)) {
                    released.push((key.clone(), *setting));
                }
            }
        }
        Ok(released)
    }

    /// Returns the changes of the rewritten settings that the old ones did not plan, one line each; both are compared with
    /// the same tenant.
    pub fn not_planned_before(&self, old: &[Change], new: &[Change]) -> Vec<String> {
        let planned: Vec<(&str, Value)> = old
            .iter()
            .filter_map(|change| match self.fate(change.setting, &change.after) {
                Fate::Carried(pointer, value) => Some((pointer, value)),
                Fate::Lost(_) => None,
            })
            .collect();
        let before = |change: &&Change| {
            planned.iter().any(|(pointer, value)| {
                *pointer == change.setting.pointer && change.setting.equal(Some(value), Some(change.after.as_ref()))
            })
        };
        new.iter()
            .filter(|change| !before(change))
            .map(|change| {
                let setting = change.setting;
                let (was, becomes) = setting.show_both(change.before.as_deref(), Some(change.after.as_ref()));
                format!("{}: {setting}: {was} -> {becomes}", change.place)
            })
            .collect()
    }
}

/// Returns whether a file says anything of a resource.
pub fn mentions(source: &Arc<Source>, resource: &Resource) -> bool {
    yaml::parse(source).is_ok_and(|root| entries_of(&root, resource).is_some())
}

/// Returns the generation that a file names for a resource.
///
/// # Errors
///
/// The file is not valid YAML.
pub fn generation(
    source: &Arc<Source>,
    resource: &'static Resource,
) -> Result<Option<&'static Generation>, Vec<Problem>> {
    let root = yaml::parse(source)?;
    let named = entries_of(&root, resource).and_then(|entries| yaml::entry(entries, "apiVersion"));
    Ok(named.and_then(|(_, node)| node.text()).and_then(|name| resource.generation(name)))
}

/// Returns the settings of a resource that a file writes for a generation, in the order of the file. Values that are
/// wrong are left out: files are checked before they are migrated.
///
/// # Errors
///
/// The file is not valid YAML.
pub fn written(
    source: &Arc<Source>,
    resource: &'static Resource,
    generation: &'static Generation,
) -> Result<Vec<WrittenSetting>, Vec<Problem>> {
    let root = yaml::parse(source)?;
    let mut found = Vec::new();
    if let Some(entries) = entries_of(&root, resource) {
        walk(source, resource.document(Some(generation)), entries, &mut found);
    }
    Ok(found)
}

fn walk(
    source: &Arc<Source>,
    object: Object<'static>,
    entries: &[(Key<'_>, Node<'_>)],
    found: &mut Vec<WrittenSetting>,
) {
    for (key, node) in entries {
        match (object.get(&key.text), &node.value) {
            (Some(Member::Setting(setting)), value) => {
                let value = match value {
                    yaml::Value::Null if setting.kind.is_list() => Some(Value::Array(Vec::new())),
                    yaml::Value::Null => Some(Value::Null),
                    _ => setting.kind.read(node, &mut Reader::new(source)),
                };
                let place = source.place(yaml::bytes(&key.span));
                found.extend(value.map(|value| WrittenSetting { setting, value, place }));
            }
            (Some(Member::Object(object)), yaml::Value::Map(inner)) => walk(source, object, inner, found),
            (_, _) => {}
        }
    }
}

fn entries_of<'n, 's>(root: &'n Node<'s>, resource: &Resource) -> Option<&'n [(Key<'s>, Node<'s>)]> {
    entry(root, resource.name).and_then(|(_, node)| match &node.value {
        yaml::Value::Map(entries) => Some(entries.as_slice()),
        _ => None,
    })
}

fn entry<'n, 's>(node: &'n Node<'s>, name: &str) -> Option<&'n (Key<'s>, Node<'s>)> {
    match &node.value {
        yaml::Value::Map(entries) => yaml::entry(entries, name),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
