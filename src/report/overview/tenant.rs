//! One tenant as the readers of a plan see it, with its resources and what guardrails refuse.

use serde::Serialize;

use super::FailureView;

/// A tenant.
#[derive(Debug, Serialize)]
pub struct TenantView {
    /// Its name.
    pub name: String,
    /// Its address.
    pub url: String,
    /// What stands at the address: a SailPoint tenant, a practice copy.
    pub what: String,
    /// Whether a change there is real.
    pub real: bool,
    /// Its labels.
    pub labels: Vec<String>,
    /// When it was read.
    pub read_at: Option<String>,
    /// How it stands, in words.
    pub state: String,
    /// Why nothing could be read from it at all.
    #[serde(skip)]
    pub failure: Option<FailureView>,
    /// Its resources with managed settings.
    #[serde(skip)]
    pub resources: Vec<ResourceView>,
    /// Guardrails and limits that block the plan.
    #[serde(skip)]
    pub refusals: Vec<RefusalView>,
    /// Guardrails that were lifted, each with what lifted it.
    #[serde(skip)]
    pub lifted: Vec<String>,
}

/// A resource of a tenant.
#[derive(Debug)]
pub struct ResourceView {
    /// Its name.
    pub name: String,
    /// The API generation.
    pub api_version: String,
    /// How it stands, in words.
    pub state: String,
    /// Why it could not be planned.
    pub failure: Option<FailureView>,
    /// What else to know.
    pub warnings: Vec<String>,
    /// Fields that sailplan does not know, with their values.
    pub unknown: Vec<String>,
}

/// A guardrail that blocks the plan.
#[derive(Debug, Serialize)]
pub struct RefusalView {
    /// The tenant.
    pub tenant: String,
    /// The setting, with dots, if it is one.
    pub setting: Option<String>,
    /// The guard and what it refuses.
    pub message: String,
    /// What the rule asks for, in words for an approver.
    pub ban: String,
    /// What was agreed, what stays in force, what is asked for and what the rule says, each with its name.
    pub rows: Vec<(&'static str, String)>,
    /// What was agreed, in words, if what is refused is measured by it: it is denied, and something else stays in force.
    pub agreed: Option<String>,
    /// The guardrail alone, with its line.
    pub line: String,
    /// The line that asked for it, as `FILE:LINE`.
    pub source: Option<String>,
    /// Who answers for the guardrail.
    pub owner: Option<String>,
    /// What stays in force while it is refused, in words, and what was agreed if that is something else.
    pub stays: Option<String>,
    /// Whether what stays in force had drifted.
    pub drifted: bool,
    /// Whether the tenant breaks the guardrail already, so that it does not stop an apply that loosens nothing.
    pub standing: bool,
    /// What to do about it, without what is said of an earlier refusal of the tenant.
    pub help: Vec<String>,
}
