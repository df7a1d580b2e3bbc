//! One tenant of a plan, and what its guardrails say of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AllowanceEntry, ErrorEntry, ResourceEntry, SourceEntry, WeakenedEntry};
use crate::documents::in_words::System;
use crate::documents::looked_up::LookUpsEntry;
use crate::documents::name::DocumentName;

/// One tenant of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantEntry {
    /// Its name in the workspace; its host without a workspace.
    pub name: String,
    /// Its address, or `practice:FILE`.
    pub url: String,
    /// What stands at the address, as far as the address tells; plans before 1.1 do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<System>,
    /// Its labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// When the first of its documents was read (RFC 3339, to the second); left out if none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<String>,
    /// Why nothing could be read from it at all; then its resources, as far as they are known, have no errors of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorEntry>,
    /// Of the documents that could not be read: what the settings files ask of the settings that the plan changes in other
    /// tenants. Left out where everything was read, and where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<Vec<AskedEntry>>,
    /// What look-ups found about the tenant as a whole; left out where none was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_ups: Option<LookUpsEntry>,
    /// One entry per resource with managed settings.
    pub resources: Vec<ResourceEntry>,
    /// Guardrails and limits that block the plan; nothing is sent to the tenant while there is any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<RefusalEntry>,
    /// Guardrails that would block the plan and were lifted, each with what lifted it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lifted: Vec<LiftedEntry>,
    /// Guards that the checkout weakens, compared with `base`. Those of the base hold until they are merged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weakened: Vec<WeakenedEntry>,
}

impl TenantEntry {
    /// Returns what is planned for a document; `None` if the plan does not have it.
    pub fn get(&self, document: DocumentName<'_>) -> Option<&ResourceEntry> {
        self.resources.iter().find(|entry| entry.document() == document)
    }
}

/// What the settings files ask of a setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AskedEntry {
    /// The resource.
    pub resource: String,
    /// Which document of the resource; left out where a tenant has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// JSON Pointer of the setting.
    pub path: String,
    /// The desired value.
    pub value: Arc<Value>,
}

/// A guardrail that blocks the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefusalEntry {
    /// What refuses; plans before 1.1 do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<RefusalKind>,
    /// The same as text: `deny`, `maxChanges`, `require`, `keep`, `limits`, `apply`, or `empty` for a set that must not be
    /// emptied by accident.
    pub rule: String,
    /// The setting, as `/RESOURCE/POINTER`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// What it refuses.
    pub message: String,
    /// The line that asked for the setting's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceEntry>,
    /// The line of the guardrail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<SourceEntry>,
    /// The git revision that the guardrail is from, where it is not the checkout's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Whether the tenant breaks the guardrail already and the plan does not make that worse: it does not stop an apply that
    /// loosens nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub standing: bool,
    /// Who answers for the guardrail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Why the guardrail is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to do about it, the remedy of the one who asks first; what would lift it last.
    pub help: Vec<String>,
}

/// What refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RefusalKind {
    /// A change carries a word that is denied.
    Deny,
    /// The plan makes too many changes.
    MaxChanges,
    /// A setting is not managed.
    Require,
    /// A member would leave its set, or is missing from it.
    Keep,
    /// A setting exceeds its limit.
    Limits,
    /// A set would be emptied.
    Empty,
    /// The apply is not approved in a way that the tenant permits.
    Apply,
    /// Something that the base revision controls would be lost.
    Base,
    /// Something that this sailplan does not know.
    #[serde(other)]
    Other,
}

/// A guardrail that was lifted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiftedEntry {
    /// `deny`, `maxChanges`, `limits` or `empty`.
    pub rule: String,
    /// The setting, as `/RESOURCE/POINTER`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// What the guardrail would have refused.
    pub message: String,
    /// The flag that lifted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// The receipt that lifted it: a rollback puts back a value that this file claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// The allowance that lifted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowance: Option<AllowanceEntry>,
    /// The line of the guardrail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<SourceEntry>,
    /// The git revision that the guardrail is from, where it is not the checkout's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
}
