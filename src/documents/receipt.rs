//! The receipt: what an apply did. It tells the writes that were sent, not the plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::documents::evidence::Evidence;
use crate::documents::left::LeftEntry;
use crate::documents::looked_up::{EventsEntry, HoldersEntry, LookUpsEntry};
use crate::documents::name::DocumentName;
use crate::documents::plan::{ErrorEntry, LiftedEntry, Operation, RefusalEntry};
use crate::documents::present::present;
use crate::documents::rolled_back::RolledBack;
use crate::documents::seal::{self, Format, Sealed, Unreadable};
use crate::resource::Setting;
use crate::resource::document::{self, Unfit};
use crate::resource::impact::Impact;

/// The version of receipts that this sailplan writes. Additions raise the second number.
pub const FORMAT_VERSION: &str = "1.1";

/// What is said of a PUT, once in each receipt.
pub const WINDOW: &str = "a change that somebody else made between the read and the PUT that was made from it is overwritten: \
                          the API offers no ETag to prevent that";

const FORMAT: Format = Format { name: "receipt", version: FORMAT_VERSION };

/// What an apply did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Version of this format.
    pub format_version: String,
    /// Version of the sailplan that applied.
    pub sailplan: String,
    /// When the apply began (RFC 3339).
    pub started_at: String,
    /// When it ended; absent while it runs and after it was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// The receipt that this run rolled back, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolls_back: Option<RolledBack>,
    /// The digest of the plan.
    pub digest: String,
    /// Commit, pull request, run and actor, from the usual CI variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub run: BTreeMap<String, String>,
    /// Who ran it, where, and how it was approved, as far as is known.
    #[serde(default, skip_serializing_if = "Evidence::is_empty")]
    pub evidence: Evidence,
    /// What cannot be ruled out of a write that replaces a whole document; absent if none was to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    /// The verdict in words; absent while the apply runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// One entry per tenant.
    pub tenants: Vec<TenantReceipt>,
}

/// What happened to one tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantReceipt {
    /// Its name in the workspace.
    pub name: String,
    /// Its address, or `practice:FILE`.
    pub url: String,
    /// Who the token belongs to, as far as the tenant says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub identity: BTreeMap<String, String>,
    /// Why nothing was sent to it at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorEntry>,
    /// Guardrails and limits that blocked it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<RefusalEntry>,
    /// Guardrails that were lifted, each with what lifted it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lifted: Vec<LiftedEntry>,
    /// What look-ups found about the tenant as a whole; left out where none was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_ups: Option<LookUpsEntry>,
    /// One entry per resource.
    pub resources: Vec<ResourceReceipt>,
}

/// What happened to one resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceReceipt {
    /// Its name, such as `jitActivationPolicy`.
    pub resource: String,
    /// Which document of the resource; left out where a tenant has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The API generation.
    pub api_version: String,
    /// How it went.
    pub outcome: Outcome,
    /// When sending began (RFC 3339); absent where nothing was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When the outcome was known (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// The live document before the write; null where nothing was sent.
    pub before: Value,
    /// The operations that were sent.
    pub operations: Vec<OperationEntry>,
    /// What each of them means, in the same order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<MeaningEntry>,
    /// Settings that stay although a change was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<LeftEntry>,
    /// What sending them also overrides, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrides: Option<String>,
    /// The live document after the write, where it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// SailPoint's id of the write, for its support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_id: Option<String>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorEntry>,
    /// The audit events of the document, where it had drifted and they were looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<EventsEntry>,
    /// What else to know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// How a write went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Not sent yet where `startedAt` is absent too; else on its way when the receipt was last written.
    Pending,
    /// There was nothing to change.
    Unchanged,
    /// Sent, and a fresh read shows every managed setting as desired.
    Applied,
    /// It failed; `after` shows what holds, where it could be read.
    Failed,
    /// Sent, and it is not known whether the tenant made the change: read the tenant to learn what holds.
    Unknown,
    /// Not sent: it was refused.
    Refused,
    /// Not sent: another failure or an interrupt stopped the run before.
    Skipped,
}

/// One operation, as JSON Patch writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OperationEntry {
    /// `replace`, or `remove` with an empty path for a document that was deleted.
    pub op: Operation,
    /// JSON Pointer of the setting; empty for the whole document.
    pub path: String,
    /// The value; left out for `remove`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schemars(with = "Value")]
    pub value: Option<Arc<Value>>,
}

impl OperationEntry {
    /// Returns what is there afterwards: null for `remove`.
    pub fn value(&self) -> &Value {
        self.value.as_deref().unwrap_or(&Value::Null)
    }
}

/// What an operation means for security.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MeaningEntry {
    /// JSON Pointer of the setting.
    pub path: String,
    /// How grave it is.
    pub impact: Impact,
    /// Whether it stops something that people use today.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disrupts: bool,
    /// Whether its request also overrides settings kept elsewhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overrides: bool,
    /// What it means, in one sentence.
    pub sentence: String,
    /// Names of ids in its values: as the settings files have them, or as the tenant has them where they were looked up.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, String>,
    /// Names of people among the ids, looked up.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub people: BTreeMap<String, String>,
    /// How many people hold the entitlements that enter or leave JIT control, looked up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holders: Vec<HoldersEntry>,
}

impl TenantReceipt {
    /// Returns what happened to a document; `None` if the run was not about it.
    pub fn get(&self, document: DocumentName<'_>) -> Option<&ResourceReceipt> {
        self.resources.iter().find(|entry| entry.document() == document)
    }
}

impl ResourceReceipt {
    /// Returns the document that the entry is about.
    pub fn document(&self) -> DocumentName<'_> {
        DocumentName { resource: &self.resource, instance: self.instance.as_deref() }
    }

    /// Returns the setting at `pointer`; `None` if the catalogue does not have it: the file may come from another sailplan.
    pub fn setting(&self, pointer: &str) -> Option<&'static Setting> {
        self.document().setting(&self.api_version, pointer)
    }

    /// Returns the canonical value of a setting in a document of the receipt, see [`crate::resource::Key::read`].
    ///
    /// # Errors
    ///
    /// The document holds something that is not of the setting's kind.
    pub fn read(&self, setting: &Setting, document: &Value) -> Result<Option<Value>, Unfit> {
        match self.document().key() {
            Some(key) => key.read(setting, document),
            None => document::read(setting, document),
        }
    }
}

impl Receipt {
    /// Reads a receipt and checks its checksum. What it holds is still only what a file claims.
    ///
    /// # Errors
    ///
    /// See [`Unreadable`].
    pub fn parse(text: &str) -> Result<Receipt, Unreadable> {
        seal::read(text, FORMAT)
    }

    /// Returns the receipt as it is saved, ready to be written.
    ///
    /// # Errors
    ///
    /// It holds a secret, or cannot be written as JSON.
    pub fn sealed(&self) -> serde_json::Result<Sealed<'_, Receipt>> {
        Sealed::of(self)
    }

    /// Returns the receipt as it is saved.
    ///
    /// # Errors
    ///
    /// It cannot be written as JSON.
    pub fn to_text(&self) -> serde_json::Result<String> {
        seal::to_text(self)
    }

    /// Returns the entries of resources, each with its tenant.
    pub fn entries(&self) -> impl Iterator<Item = (&TenantReceipt, &ResourceReceipt)> {
        self.tenants.iter().flat_map(|tenant| tenant.resources.iter().map(move |resource| (tenant, resource)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_taken_away_has_no_value_and_the_null_of_earlier_receipts_is_read() {
        let written = json!({"op": "remove", "path": ""});
        let read = |value: &Value| serde_json::from_value::<OperationEntry>(value.clone()).unwrap();
        assert_eq!(json!(read(&written)), written);
        assert_eq!(read(&json!({"op": "remove", "path": "", "value": null})).value(), read(&written).value());
        let cleared = json!({"op": "replace", "path": "/notificationTemplate", "value": null});
        assert_eq!(json!(read(&cleared)), cleared);
    }
}
