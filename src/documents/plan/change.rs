//! One change with all that there is to know about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SourceEntry;
use crate::documents::in_words::InWordsEntry;
use crate::documents::looked_up::HoldersEntry;
use crate::documents::present::present;
use crate::documents::requested::{AgreedEntry, RequestedEntry};
use crate::plan::cause::Cause;
use crate::resource::impact::{Impact, Weight};

/// One change: a JSON Patch operation (RFC 6902) with what there is to know about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeEntry {
    /// `replace`, or `remove` with an empty path for a document that is deleted.
    pub op: Operation,
    /// JSON Pointer of the setting; empty for the whole document.
    pub path: String,
    /// The desired value; left out where the document is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schemars(with = "Value")]
    pub value: Option<Arc<Value>>,
    /// The live value; left out where the tenant's document does not have the setting.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schemars(with = "Value")]
    pub before: Option<Arc<Value>>,
    /// What it means for security.
    pub impact: Impact,
    /// How heavily it weighs among the changes of its impact; left out where there is nothing to add.
    #[serde(default, skip_serializing_if = "Weight::is_plain")]
    pub weight: Weight,
    /// Whether it changes nothing that people may do: another setting leaves it without effect for now, or it is only what is
    /// offered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub moot: bool,
    /// Whether it stops something that people use today.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disrupts: bool,
    /// Whether the request that makes it also carries an object that overrides settings kept elsewhere; the resource's
    /// warnings say which.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overrides: bool,
    /// What it means, in one sentence.
    pub sentence: String,
    /// Where it comes from, compared with `base`: `branch`, `drift` for a tenant that had moved away from unchanged
    /// settings and is moved back, or `both`. Left out where it cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// What `base` asks of the setting. Left out where it cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<AgreedEntry>,
    /// Who asked for it, according to the commits. Left out where that was not looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested: Option<RequestedEntry>,
    /// The line that asked for it.
    pub source: SourceEntry,
    /// Names of ids in its values: as the settings files have them, or as the tenant has them where they were looked up.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, String>,
    /// Names of people among the ids, looked up.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub people: BTreeMap<String, String>,
    /// How many people hold the entitlements that enter or leave JIT control, looked up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holders: Vec<HoldersEntry>,
    /// What pages tell of it in words; plans before 1.1 do not have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_words: Option<InWordsEntry>,
}

impl ChangeEntry {
    /// Returns what is there afterwards: null where the document is deleted.
    pub fn value(&self) -> &Value {
        self.value.as_deref().unwrap_or(&Value::Null)
    }
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    /// Put the value in the place of what is there.
    Replace,
    /// Take away what is there.
    Remove,
}
