//! What pages tell an approver, for programs that tell it in a page of their own. Nothing in it decides what is sent, and
//! a saved plan is not believed in it: what shows the plan works it out again.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::resource::host::{API_DOMAINS, DEMO_DOMAIN, is_below, is_loopback};
use crate::resource::{Resource, Setting};

/// A change in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InWordsEntry {
    /// The group in which pages show it: `loosens`, `stops`, `review`, `drift`, `tightens` or `neutral`.
    pub class: String,
    /// What the document is about; left out where the tenant has only one of its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers: Option<String>,
    /// What the setting decides; left out where the catalogue does not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What `base` asks of the setting; left out where that cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<String>,
    /// The live value.
    pub now: String,
    /// The desired value.
    pub planned: String,
    /// For whom it matters, and what becomes of what is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touches: Option<String>,
    /// How to undo it, and what that does not bring back, one sentence each.
    pub undo: Vec<String>,
}

/// A managed setting that the plan does not change.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HoldsEntry {
    /// JSON Pointer of the setting.
    pub path: String,
    /// The value in words, which the tenant has and the files ask for.
    pub value: String,
}

/// Returns the members of a short set by name: two sets of the same size look the same when only counted.
fn listed(setting: &Setting, value: Option<&Value>, names: &BTreeMap<String, String>) -> Option<String> {
    const NAMED: usize = 5;
    // A set may have a million members.
    let members: Vec<&str> = value?.as_array()?.iter().filter_map(Value::as_str).take(NAMED + 1).collect();
    let few = setting.kind.is_set() && (1..=NAMED).contains(&members.len());
    few.then(|| {
        let name = |id: &&str| names.get(*id).cloned().unwrap_or_else(|| (*id).to_owned());
        members.iter().map(name).collect::<Vec<_>>().join(", ")
    })
}

/// Returns a value in words, the members of a short set by name. `setting` is `None` for one that this sailplan does not know.
pub fn in_words(setting: Option<&Setting>, value: Option<&Value>, names: &BTreeMap<String, String>) -> String {
    let Some(setting) = setting else {
        return value.map_or_else(|| "not shown by the tenant".to_owned(), Value::to_string);
    };
    listed(setting, value, names).unwrap_or_else(|| setting.words(setting.with_names(value, names).as_deref()))
}

/// What a change leaves open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuestionEntry {
    /// JSON Pointer of the setting that changes.
    pub path: String,
    /// What is not known and whom to ask, in one sentence.
    pub sentence: String,
}

impl QuestionEntry {
    /// Returns what changes of a document leave open, each given as pointer, live value and desired value.
    pub fn of<'v>(
        resource: &Resource,
        changes: impl IntoIterator<Item = (&'v str, Option<&'v Value>, &'v Value)>,
    ) -> Vec<QuestionEntry> {
        let asked = changes.into_iter().flat_map(|(path, before, after)| {
            resource.questions(path, before, Some(after)).into_iter().map(move |sentence| (path, sentence))
        });
        asked.map(|(path, sentence)| QuestionEntry { path: path.to_owned(), sentence: sentence.to_owned() }).collect()
    }
}

/// What stands at the address of a tenant. Its name says nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum System {
    /// A SailPoint tenant.
    SailPoint,
    /// A demo tenant of SailPoint's.
    Demo,
    /// A practice tenant, kept in a file.
    Practice,
    /// A server on the machine that made the plan.
    Local,
    /// Something else.
    #[serde(other)]
    Other,
}

impl System {
    /// Returns what stands at an address.
    pub fn at(url: &str) -> System {
        if url.starts_with("practice:") {
            return System::Practice;
        }
        let host = host(url);
        let name =
            host.rsplit_once(':').map_or(host, |(name, port)| if port.parse::<u16>().is_ok() { name } else { host });
        if is_below(name, DEMO_DOMAIN) {
            System::Demo
        } else if API_DOMAINS.into_iter().any(|domain| is_below(name, domain)) {
            System::SailPoint
        } else if is_loopback(name) {
            System::Local
        } else {
            System::Other
        }
    }
}

/// Returns the host of an address, with its port.
pub fn host(url: &str) -> &str {
    let host = url.split("://").nth(1).unwrap_or(url);
    host.split('/').next().unwrap_or(host)
}
