//! Control as plans and validations publish it: what a branch takes from it and what it adds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::text::number::count;

/// Something that the base revision decides and the checkout no longer does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LossEntry {
    /// What is lost.
    pub kind: LossWord,
    /// The tenant's name in `revision`.
    pub tenant: String,
    /// Its address there.
    pub url: String,
    /// What is lost, in words.
    pub message: String,
    /// The settings that are no longer decided.
    pub settings: Vec<LostEntry>,
    /// The line in `revision`.
    pub before: SourceEntry,
    /// The line of the checkout that does it; left out if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceEntry>,
    /// The git revision.
    pub revision: String,
    /// Whether the guardrails of `revision` deny it.
    pub denied: bool,
    /// The line of the guardrail that speaks of it, in `revision`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<SourceEntry>,
    /// The allowance of `revision` that permits it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowance: Option<AllowanceEntry>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<String>,
}

/// What is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum LossWord {
    /// A tenant is in no workspace file any more.
    TenantGone,
    /// A tenant of the same name is at another address.
    TenantMoved,
    /// The run no longer chooses a tenant.
    TenantNotChosen,
    /// No setting of a resource is managed any more.
    Resource,
    /// A setting is no longer managed.
    Setting,
}

/// A setting that is no longer decided.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LostEntry {
    /// The setting, as `/RESOURCE/POINTER`.
    pub setting: String,
    /// The value that the revision asks for.
    pub value: Value,
    /// The line that asks for it there.
    pub source: SourceEntry,
}

/// Settings of a tenant that come under control.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GainEntry {
    /// The tenant.
    pub tenant: String,
    /// Its address.
    pub url: String,
    /// Whether the base revision does not have the tenant.
    pub new: bool,
    /// The settings, as `/RESOURCE/POINTER`.
    pub settings: Vec<String>,
}

/// A guardrail that the checkout weakens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WeakenedEntry {
    /// `deny`, `maxChanges`, `require`, `keep`, `limits`, `lift`, `apply` or `allowances`; `guardrails` for a new tenant
    /// without any.
    pub rule: String,
    /// The setting, as `/RESOURCE/POINTER`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// What becomes weaker.
    pub message: String,
    /// The line of the checkout that weakens it; left out where the guardrail is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceEntry>,
    /// The line of the guardrail in `revision`; left out where the checkout adds an exception.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<SourceEntry>,
    /// The git revision that the guardrail is from.
    pub revision: String,
}

/// A guardrail of a tenant that the checkout weakens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WeakenedTenantEntry {
    /// The tenant.
    pub tenant: String,
    /// Its address.
    pub url: String,
    /// What becomes weaker.
    #[serde(flatten)]
    pub weakened: WeakenedEntry,
}

/// An allowance that was used.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AllowanceEntry {
    /// Where it was decided.
    pub ticket: String,
    /// Why there is an exception.
    pub reason: String,
    /// The last day on which it holds, in UTC.
    pub until: String,
    /// Where it is written.
    pub source: SourceEntry,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceEntry {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// Returns the counts of losses, weaker guardrails and gains in words; nothing where there is none.
pub fn counted(losses: &[LossEntry], weakened: usize, gains: &[GainEntry]) -> Vec<String> {
    let denied = losses.iter().filter(|loss| loss.denied).count();
    let denied = if denied > 0 { format!(" ({denied} denied)") } else { String::new() };
    let gained = gains.iter().map(|gain| gain.settings.len()).sum();
    let words = [
        (losses.len(), format!("{}{denied}", count(losses.len(), "loss of control", "losses of control"))),
        (weakened, count(weakened, "guardrail is weakened", "guardrails are weakened")),
        (gained, count(gained, "setting comes under control", "settings come under control")),
    ];
    words.into_iter().filter(|(number, _)| *number > 0).map(|(_, words)| words).collect()
}
