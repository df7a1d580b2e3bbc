//! Settings by tenants, as a plan for several tenants publishes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What changes where. Tenants with the same kinds of changes are one column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GridEntry {
    /// Tenants with the same kinds of changes, those with the gravest one first.
    pub columns: Vec<GridColumnEntry>,
    /// The settings that change in some tenant, gravest first.
    pub rows: Vec<GridRowEntry>,
}

/// Tenants with the same kinds of changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GridColumnEntry {
    /// Their names.
    pub tenants: Vec<String>,
    /// Whether guardrails stop an apply to them.
    pub refused: bool,
}

/// One setting in every column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GridRowEntry {
    /// The document and its setting, such as `jitActivationPolicy.maxActivationPeriodMins`.
    pub setting: String,
    /// One for each column, in the same order.
    pub cells: Vec<GridCellEntry>,
}

/// What happens to one setting in the tenants of one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum GridCellEntry {
    /// It changes, and the change loosens.
    Loosens,
    /// It changes, and something that people use today ends.
    Stops,
    /// It changes, and a person has to judge what that means.
    Review,
    /// It changes back: it had drifted.
    Drift,
    /// It changes, and the change tightens.
    Tightens,
    /// It changes, with no bearing on access or none for now.
    Neutral,
    /// The document could not be read.
    NotRead,
    /// It stays as it is.
    Same,
    /// What a later sailplan writes.
    #[serde(other)]
    Other,
}
