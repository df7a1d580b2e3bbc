//! What pages tell an approver, for programs that tell it in a page of their own. Nothing in it decides what is sent, and
//! a saved plan is not believed in it: what shows the plan works it out again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::resource::Resource;
use crate::resource::host::{API_DOMAINS, DEMO_DOMAIN, is_below, is_loopback};

/// A change in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InWordsEntry {
    /// The group in which pages show it: `loosens`, `stops`, `review`, `drift`, `tightens` or `neutral`.
    pub class: String,
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
    /// Whom it touches, and what becomes of what is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touches: Option<String>,
    /// How to undo it, and what that does not bring back, one sentence each.
    pub undo: Vec<String>,
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
