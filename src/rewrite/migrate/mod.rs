//! Settings files of one API generation to the same settings of another: what carries over exactly, what would lose its
//! management, and the proof that nothing else changed.

use std::sync::Arc;

use serde_json::Value;

use crate::plan::Change;
use crate::resource::tree::{Member, Object};
use crate::resource::{Generation, Resource, Setting};
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
                Fate::Lost(format!("{} has {} instead, and nothing there means {shown}", self.to.name, dotted(new)))
            }
            (None, Some(place)) => Fate::Lost(format!("it moved to {place}, which sailplan does not manage")),
            (None, None) => Fate::Lost(format!("{} has nothing like it", self.to.name)),
        }
    }

    /// Returns the settings of the resource that a file would no longer manage, in the order of the file.
    ///
    /// # Errors
    ///
    /// The file is not valid YAML.
    pub fn losses(&self, source: &Arc<Source>) -> Result<Vec<Loss>, Vec<Problem>> {
        let losses = written(source, self.resource, self.from)?.into_iter().filter_map(|written| {
            match self.fate(written.setting, &written.value) {
                Fate::Carried(..) => None,
                Fate::Lost(reason) => Some(Loss { written, reason }),
            }
        });
        Ok(losses.collect())
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
                *pointer == change.setting.pointer && change.setting.equal(Some(value), Some(&change.after))
            })
        };
        new.iter()
            .filter(|change| !before(change))
            .map(|change| {
                let setting = change.setting;
                let (was, becomes) = setting.show_both(change.before.as_ref(), Some(&change.after));
                format!("{}: {setting}: {was} -> {becomes}", change.place)
            })
            .collect()
    }
}

/// Returns the generation that a file names for a resource, and whether it mentions the resource at all.
///
/// # Errors
///
/// The file is not valid YAML.
pub fn generation(
    source: &Arc<Source>,
    resource: &'static Resource,
) -> Result<Option<Option<&'static Generation>>, Vec<Problem>> {
    let root = yaml::parse(source)?;
    let Some(entries) = entries_of(&root, resource) else { return Ok(None) };
    let named = entries.iter().find(|(key, _)| key.text == "apiVersion").and_then(|(_, node)| match &node.value {
        yaml::Value::Text { text, .. } => resource.generation(text),
        _ => None,
    });
    Ok(Some(named))
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
                let place = source.place(key.span.start as usize..key.span.end as usize);
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
        yaml::Value::Map(entries) => entries.iter().find(|(key, _)| key.text == name),
        _ => None,
    }
}

fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

#[cfg(test)]
mod tests;
