//! Settings that stay although a change was asked for, in plans and receipts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A setting that stays although a change was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeftEntry {
    /// JSON Pointer of the setting.
    pub path: String,
    /// The live value; left out if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Value")]
    pub value: Option<Value>,
    /// Why it stays.
    pub reason: LeftReason,
}

/// Why a setting stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum LeftReason {
    /// A rollback found that somebody changed it after the apply, or deleted the document that it is in, or changed another
    /// setting of a document that the apply created.
    Moved,
    /// A rollback found that it was absent before, and the API cannot take a setting away.
    Absent,
    /// The change was rolled back, and the settings files ask for it again.
    RolledBack,
}
