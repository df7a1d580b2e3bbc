//! One document of a tenant: what changes, what holds, what is not managed.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ChangeEntry, ErrorEntry, SourceEntry};
use crate::documents::in_words::{HoldsEntry, QuestionEntry};
use crate::documents::left::LeftEntry;
use crate::documents::looked_up::EventsEntry;
use crate::documents::name::DocumentName;
use crate::documents::present::present;
use crate::documents::requested::TogetherEntry;
use crate::resource::Setting;
use crate::resource::impact::Impact;

/// One resource of a tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceEntry {
    /// Its name, such as `jitActivationPolicy`.
    pub resource: String,
    /// Which document of the resource; left out where a tenant has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The API generation.
    pub api_version: String,
    /// What becomes of the document; left out where a tenant has it once and always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<ActionEntry>,
    /// The document whose values hold where this one is not stored; left out where it is neither deleted nor written back, or
    /// they are not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Value>,
    /// Whether it could be read and compared.
    pub status: Status,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorEntry>,
    /// How many settings are managed.
    pub managed: usize,
    /// Which ones, as JSON Pointers in the order of plans; plans before 1.1 do not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub managed_settings: Vec<String>,
    /// Those of them that the plan does not change, each with the value that the tenant has and the files ask for; nothing for
    /// a document that could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<HoldsEntry>,
    /// The changes in the order in which they are sent.
    pub changes: Vec<ChangeEntry>,
    /// Settings that mean more together than each alone, where one of them changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<TogetherEntry>,
    /// What follows from the changes and is not known here: an approver has to find it out first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<QuestionEntry>,
    /// Settings that stay although a change was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<LeftEntry>,
    /// Settings for which the branch asks for another value than `base`, which the tenant has already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<AcceptedEntry>,
    /// The settings that no file mentions, with their live values; absent ones without a value.
    pub unmanaged: Vec<UnmanagedEntry>,
    /// Fields that sailplan does not know, with their live values. They are kept as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<UnmanagedEntry>,
    /// The audit events of the document, where it had drifted and they were looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<EventsEntry>,
    /// What else to know: deprecations, rules across settings, fields that sailplan does not know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl ResourceEntry {
    /// Returns the document that the entry is about.
    pub fn document(&self) -> DocumentName<'_> {
        DocumentName { resource: &self.resource, instance: self.instance.as_deref() }
    }

    /// Returns the pointer of every change with its live value and its desired one.
    pub fn values(&self) -> impl Iterator<Item = (&str, Option<&Value>, &Value)> {
        self.changes.iter().map(|change| (change.path.as_str(), change.before.as_deref(), change.value()))
    }

    /// Returns the setting at `pointer`; `None` if the catalogue does not have it: the file may come from another sailplan.
    pub fn setting(&self, pointer: &str) -> Option<&'static Setting> {
        self.document().setting(&self.api_version, pointer)
    }
}

/// What becomes of a document that is stored or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ActionEntry {
    /// It stays; settings in it may change.
    Change,
    /// It is not stored, and a change stores it.
    Create,
    /// It is deleted, and what the tenant has above it applies.
    Inherit,
    /// Something that this sailplan does not know.
    #[serde(other)]
    Other,
}

/// A setting for which the branch asks for another value than its base, which the tenant has already: nothing is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcceptedEntry {
    /// JSON Pointer of the setting.
    pub path: String,
    /// What `base` asks for.
    pub agreed: Arc<Value>,
    /// What the branch asks for and the tenant has.
    pub value: Arc<Value>,
    /// What the difference means for security.
    pub impact: Impact,
    /// What it means, in a sentence.
    pub sentence: String,
    /// The line that asks for it.
    pub source: SourceEntry,
}

/// Whether a resource could be planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// Every managed setting has its desired value.
    InSync,
    /// There are changes.
    Changes,
    /// It could not be read or compared; it cannot be applied.
    Failed,
}

/// A setting that no file mentions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnmanagedEntry {
    /// JSON Pointer of the setting.
    pub path: String,
    /// The live value; left out where the tenant's document does not have the setting.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schemars(with = "Value")]
    pub value: Option<Arc<Value>>,
    /// Whether that is the loosest value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub loosest: bool,
}
