//! How a plan differs from an earlier one.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::documents::present::present;

/// How a plan differs from an earlier one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgainstEntry {
    /// The digest of the earlier plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// When the earlier plan was made (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// The differences; empty if both plans send the same.
    pub differences: Vec<DifferenceEntry>,
}

/// One difference between two plans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceEntry {
    /// What became of it.
    pub kind: DifferenceKind,
    /// The tenant.
    pub tenant: String,
    /// The resource; left out where the whole tenant differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Which document of the resource; left out where a tenant has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The API generation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// JSON Pointer of the setting; left out where the whole resource or tenant differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The change as it was planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<ValuesEntry>,
    /// The current change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<ValuesEntry>,
    /// Why tenant or resource cannot be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What became of a change from one plan to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum DifferenceKind {
    /// The live value or the desired one is another.
    Moved,
    /// It was not planned.
    New,
    /// There is nothing to change any more.
    Gone,
    /// Tenant or resource cannot be compared.
    Apart,
}

/// The two values of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ValuesEntry {
    /// The live value; left out where the tenant's document does not have the setting.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schemars(with = "Value")]
    pub before: Option<Arc<Value>>,
    /// The desired value.
    pub value: Arc<Value>,
}
