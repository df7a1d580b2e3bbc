//! The plan as a document: what `plan --format json` prints, `--out` saves, `show` renders and `apply PLAN` checks. A
//! promise to other programs, so it has its own types, a version and a published schema.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

pub use crate::documents::control::{AllowanceEntry, SourceEntry, WeakenedEntry};
use crate::documents::control::{GainEntry, LossEntry, WeakenedTenantEntry};
use crate::documents::grid::GridEntry;
use crate::documents::in_words::{HoldsEntry, InWordsEntry, QuestionEntry, System};
use crate::documents::left::LeftEntry;
use crate::documents::looked_up::{EventsEntry, HoldersEntry, LookUpsEntry};
use crate::documents::name::DocumentName;
use crate::documents::present::present;
use crate::documents::requested::{AgreedEntry, HeadEntry, PullRequestEntry, RequestedEntry, TogetherEntry};
use crate::documents::rolled_back::RolledBack;
use crate::documents::seal::{self, Format};
use crate::plan::cause::Cause;
use crate::resource::Setting;
use crate::resource::impact::{Impact, Weight};
use crate::text::problem::Severity;

/// The version that this sailplan writes. Additions raise the second number; a reader refuses another first number.
pub const FORMAT_VERSION: &str = "1.1";

pub(super) const FORMAT: Format = Format { name: "plan", version: FORMAT_VERSION };

/// A plan: the changes for every chosen tenant, from one read of the live state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanFile {
    /// Version of this format. Additions raise the second number.
    pub format_version: String,
    /// Version of the sailplan that made the plan.
    pub sailplan: String,
    /// When the plan was made (RFC 3339); an apply tells by it whether the plan had its turn already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// SHA-256 over tenant URL, resource, API generation and every change with before and after; the same for the same
    /// plan, whenever it is made. Absent where nothing could be planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The workspace file, or the settings files without one, from the root of the git repository: what tells the plans
    /// of one repository apart, for instance in the comments of a pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// The flags that chose tenants, as typed, sorted. They tell the plans of one workspace apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selection: Vec<String>,
    /// Which part of the chosen tenants it is for, by `--shard`; all of them if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardEntry>,
    /// The name that tells this plan apart instead of its selection, by `--marker`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What tells the report of this plan from those of others, as its hidden line has it, without the digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// The settings that the plan is about, by `--only`, as `/RESOURCE/POINTER`, sorted; all managed ones if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// The revision that it was compared with, by `--base`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<BaseEntry>,
    /// The commit that the settings files are of; lines may differ from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkout: Option<HeadEntry>,
    /// The pull request that it was made for, as the CI says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<PullRequestEntry>,
    /// Who has approved it so far, as `SAILPLAN_APPROVED_BY` says; left out where that is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<String>,
    /// The counts, and the verdict in words.
    pub summary: Summary,
    /// What `base` decides and the checkout no longer does, in the tenants that are chosen here or there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<LossEntry>,
    /// What comes under control, compared with `base`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gains: Vec<GainEntry>,
    /// Guardrails that other workspace files of the checkout weaken; those of the tenants of the plan are with them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weakened: Vec<WeakenedTenantEntry>,
    /// One entry per chosen tenant, in the order of the workspace.
    pub tenants: Vec<TenantEntry>,
    /// What is wrong with the files, if anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ProblemEntry>,
    /// The receipt that it rolls back: a plan of sailplan rollback, which alone sends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolls_back: Option<RolledBack>,
    /// How the plan differs from an earlier one, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<AgainstEntry>,
    /// Settings by tenants; left out where fewer than four tenants or no changes are planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<GridEntry>,
}

/// One of several parts of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShardEntry {
    /// Which part, from 1.
    pub number: u32,
    /// How many parts there are.
    pub of: u32,
    /// Where each of its tenants stands among those of the workspace, from 0.
    pub positions: Vec<usize>,
}

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

/// A git revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BaseEntry {
    /// Its name, as it was given.
    pub revision: String,
    /// The commit that the name meant.
    pub commit: String,
}

/// The counts of a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The gravest thing in words: the title of the page, the first line of a comment.
    #[serde(default)]
    pub headline: String,
    /// The verdict in words: the last line of the text output.
    pub verdict: String,
    /// Settings to change.
    pub changes: usize,
    /// Changes by impact.
    #[serde(serialize_with = "by_word")]
    #[schemars(with = "BTreeMap<String, usize>")]
    pub impacts: BTreeMap<Impact, usize>,
    /// Settings of the chosen resources that no file mentions.
    pub unmanaged: usize,
    /// Resources that could not be read or compared.
    pub failed: usize,
    /// Guards that the checkout weakens, compared with `base`.
    #[serde(default)]
    pub weakened: usize,
    /// Losses of control, compared with `base`.
    #[serde(default)]
    pub losses: usize,
    /// Losses of control that the guardrails of `base` deny.
    #[serde(default)]
    pub denied: usize,
    /// Settings that come under control, compared with `base`.
    #[serde(default)]
    pub gained: usize,
    /// Tenants and settings that stand in another place or have another name than in `base`, each told in `problems`.
    #[serde(default)]
    pub moved: usize,
    /// Settings for which the branch asks for another value than `base`, which the tenant has already.
    #[serde(default)]
    pub accepted: usize,
    /// Names in settings files that differ from the tenant's, where they were looked up.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub misnamed: usize,
    /// Ids in settings files that the tenant does not know, where they were looked up.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unknown_ids: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

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
    /// The line of the guard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<SourceEntry>,
    /// The git revision that the guard is from, where it is not the checkout's.
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

/// A guard that was lifted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiftedEntry {
    /// `deny`, `maxChanges`, `limits` or `empty`.
    pub rule: String,
    /// The setting, as `/RESOURCE/POINTER`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// What the guard would have refused.
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
    /// The line of the guard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<SourceEntry>,
    /// The git revision that the guard is from, where it is not the checkout's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
}

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
    /// Whether another setting leaves it without effect for now.
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
    /// Whether that is the value that lets most through.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub loosest: bool,
}

/// Something that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorEntry {
    /// What happened.
    pub message: String,
    /// Whether sailplan refused by itself before anything was sent, instead of failing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// What the tenant said about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// The HTTP status, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// SailPoint's id of the request, for its support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_id: Option<String>,
    /// What to do next.
    pub help: Vec<String>,
}

/// Something wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemEntry {
    /// Whether it stops the run.
    pub severity: Severity,
    /// The rule that found it.
    pub rule: String,
    /// What is wrong.
    pub message: String,
    /// The file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The line on which it ends, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_line: Option<usize>,
    /// The column behind its end, in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_column: Option<usize>,
    /// What the place is, in a few words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// What to do next.
    pub help: Vec<String>,
}

/// In the order of their words, as the keys of the document are.
fn by_word<S: serde::Serializer>(impacts: &BTreeMap<Impact, usize>, serializer: S) -> Result<S::Ok, S::Error> {
    let words: BTreeMap<&str, usize> = impacts.iter().map(|(impact, number)| (impact.word(), *number)).collect();
    words.serialize(serializer)
}

impl TenantEntry {
    /// Returns what is planned for a document; `None` if the plan does not have it.
    pub fn get(&self, document: DocumentName<'_>) -> Option<&ResourceEntry> {
        self.resources.iter().find(|entry| entry.document() == document)
    }
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

/// Returns text that can neither end a comment of Markdown or HTML nor a field of a marker.
fn safe(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b',' | b':' => out.push(char::from(byte)),
            // Two dashes would end the comment in some readers.
            b'-' if !out.ends_with('-') => out.push('-'),
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

impl PlanFile {
    /// Returns the plan as it is saved.
    ///
    /// # Errors
    ///
    /// It cannot be written as JSON.
    pub fn to_text(&self) -> serde_json::Result<String> {
        seal::write(self)
    }

    /// Returns the digest of the plan's tenants: SHA-256 over a canonical rendering of everything that decides what would
    /// be sent where, and of nothing that differs from run to run.
    pub fn compute_digest(&self) -> String {
        seal::sha256_of(&Decided(self))
    }

    /// Says which settings the plan is about, which its digest covers.
    pub fn set_only(&mut self, only: Vec<String>) {
        // The digest goes through every value of the plan.
        if self.only != only {
            self.only = only;
            self.digest = self.digest.take().map(|_| self.compute_digest());
        }
    }

    /// Returns what tells the report of this plan from those of others: the hidden line by which a later run finds it, without
    /// the digest.
    pub fn marker(&self) -> String {
        let workspace = self.workspace.as_deref().map_or_else(|| ".".to_owned(), safe);
        let identity = match (&self.name, self.selection.as_slice()) {
            (Some(name), _) => format!(" name={}", safe(name)),
            (None, []) => String::new(),
            (None, selection) => format!(" selection={}", safe(&selection.join(" "))),
        };
        format!("sailplan:v1 workspace={workspace}{identity}")
    }

    /// Returns the hidden line: the marker and the digest.
    pub fn hidden_line(&self) -> String {
        format!("{} digest={}", self.marker(), self.digest.as_deref().map_or_else(|| "none".to_owned(), safe))
    }

    /// Returns the changes with their tenants and resources.
    pub fn changes(&self) -> impl Iterator<Item = (&TenantEntry, &ResourceEntry, &ChangeEntry)> {
        self.tenants.iter().flat_map(|tenant| {
            tenant
                .resources
                .iter()
                .flat_map(move |resource| resource.changes.iter().map(move |change| (tenant, resource, change)))
        })
    }
}

/// What the digest of a plan covers, written without a copy of any value.
struct Decided<'p>(&'p PlanFile);

impl Serialize for Decided<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Decided(plan) = self;
        let mut list = serializer.serialize_seq(None)?;
        for tenant in &plan.tenants {
            for resource in tenant.resources.iter().filter(|resource| resource.status != Status::Failed) {
                list.serialize_element(&DecidedResource(&tenant.url, resource))?;
            }
        }
        // Only where it is used, so that plans of everything keep their digests.
        if !plan.only.is_empty() {
            list.serialize_element(&serde_json::json!({ "only": plan.only }))?;
        }
        list.end()
    }
}

struct DecidedResource<'p>(&'p str, &'p ResourceEntry);

impl Serialize for DecidedResource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let DecidedResource(url, resource) = self;
        let mut list = serializer.serialize_seq(None)?;
        list.serialize_element(url)?;
        list.serialize_element(&resource.resource)?;
        list.serialize_element(&resource.api_version)?;
        // An absent setting and a null one are two things, so absent is the empty list.
        let changes = resource.changes.iter().map(|change| {
            let before: Vec<&Value> = change.before.as_deref().into_iter().collect();
            (&change.path, before, change.value())
        });
        list.serialize_element(&changes.collect::<Vec<_>>())?;
        // At the end and only where there is one, so that plans without instances keep their digests.
        if let Some(instance) = &resource.instance {
            list.serialize_element(instance)?;
        }
        if let Some(above) = &resource.above {
            list.serialize_element(above)?;
        }
        list.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::documents::fixtures;
    use crate::documents::seal::Unreadable;
    use crate::resource::Resource;
    use crate::resource::impact::Effect;

    fn plan(before: Option<Value>) -> PlanFile {
        let setting = Resource::named("jitActivationPolicy").unwrap().setting("/maxActivationPeriodMins").unwrap();
        let Effect { impact, weight, sentence, .. } = setting.effect(before.as_ref(), &Value::Null);
        let change = fixtures::change("/maxActivationPeriodMins", before, Value::Null, impact, &sentence);
        let change = ChangeEntry { weight, ..change };
        let mut resource = fixtures::resource("jitActivationPolicy", "v2026", vec![change]);
        resource.questions = QuestionEntry::of(Resource::named("jitActivationPolicy").unwrap(), resource.values());
        fixtures::plan(vec![fixtures::tenant("prod", "https://acme.api.identitynow.com", vec![resource])])
    }

    #[test]
    fn absent_and_null_survive_saving() {
        for before in [None, Some(Value::Null), Some(json!(120))] {
            let plan = plan(before);
            let text = plan.to_text().unwrap();
            assert_eq!(PlanFile::parse(&text), Ok(plan));
        }
    }

    #[test]
    fn the_digest_covers_what_is_sent_where_and_nothing_else() {
        let original = plan(Some(json!(120)));
        type Edit = fn(&mut PlanFile);
        let edits: [(bool, Edit); 10] = [
            (true, |plan| plan.tenants[0].url.push('x')),
            (true, |plan| plan.tenants[0].resources[0].resource.push('x')),
            (true, |plan| plan.tenants[0].resources[0].instance = Some("TENANT".to_owned())),
            (true, |plan| plan.tenants[0].resources[0].api_version = "v1".to_owned()),
            (true, |plan| plan.tenants[0].resources[0].changes[0].path.push('x')),
            (true, |plan| plan.tenants[0].resources[0].changes[0].value = Some(json!(1).into())),
            (true, |plan| plan.tenants[0].resources[0].changes[0].before = None),
            (false, |plan| plan.tenants[0].name = "other".to_owned()),
            (false, |plan| plan.tenants[0].resources[0].changes[0].source.line = 9),
            (false, |plan| plan.tenants[0].resources[0].changes[0].cause = Some(Cause::Drift)),
        ];
        for (index, (covered, edit)) in edits.into_iter().enumerate() {
            let mut edited = original.clone();
            edit(&mut edited);
            assert_eq!(edited.compute_digest() != original.compute_digest(), covered, "edit {index}");
            let read = PlanFile::parse(&edited.to_text().unwrap());
            assert_eq!(read.is_err(), covered, "edit {index}");
        }
    }

    #[test]
    fn what_is_no_plan_is_refused() {
        let text = plan(None).to_text().unwrap();
        let half = &text[..text.len() / 2];
        assert!(matches!(PlanFile::parse(half), Err(Unreadable::Broken { name: "plan", .. })));
        let newer = text.replace(&format!("\"formatVersion\": \"{FORMAT_VERSION}\""), "\"formatVersion\": \"2.0\"");
        assert_eq!(PlanFile::parse(&newer), Err(Unreadable::Newer { format: FORMAT, found: "2.0".to_owned() }));
    }

    #[test]
    fn a_plan_that_says_two_things_of_one_is_refused() {
        type Edit = fn(&mut PlanFile);
        let edits: [(&str, Edit); 3] = [
            ("it has the tenant `prod` twice", |plan| plan.tenants.push(plan.tenants[0].clone())),
            ("it has `jitActivationPolicy` of `prod` twice", |plan| {
                let again = plan.tenants[0].resources[0].clone();
                plan.tenants[0].resources.push(again);
            }),
            ("it changes `/maxActivationPeriodMins` of `jitActivationPolicy` twice", |plan| {
                let again = ChangeEntry { before: None, ..plan.tenants[0].resources[0].changes[0].clone() };
                plan.tenants[0].resources[0].changes.push(again);
            }),
        ];
        for (reason, edit) in edits {
            let mut edited = plan(Some(json!(120)));
            edit(&mut edited);
            edited.digest = None;
            let expected = Unreadable::Broken { name: "plan", reason: reason.to_owned() };
            assert_eq!(PlanFile::parse(&edited.to_text().unwrap()), Err(expected));
        }
    }

    #[test]
    fn a_marker_has_no_room_for_another_and_tells_selections_apart() {
        let marker = |workspace: Option<&str>, selection: &[&str], name: Option<&str>| {
            let mut plan = plan(None);
            plan.workspace = workspace.map(str::to_owned);
            plan.selection = selection.iter().map(|word| (*word).to_owned()).collect();
            plan.name = name.map(str::to_owned);
            plan.marker()
        };
        assert_eq!(
            marker(Some("a b--> <!-- sailplan:v1 workspace=x"), &[], None),
            "sailplan:v1 workspace=a%20b-%2D%3E%20%3C%21-%2D%20sailplan:v1%20workspace%3Dx"
        );
        assert_eq!(marker(None, &[], None), "sailplan:v1 workspace=.");
        let both = ["--label ring=prod", "--tenant dev*"];
        let selected = "sailplan:v1 workspace=w selection=-%2Dlabel%20ring%3Dprod%20-%2Dtenant%20dev%2A";
        assert_eq!(marker(Some("w"), &both, None), selected);
        assert_eq!(marker(Some("w"), &both, Some("a b")), "sailplan:v1 workspace=w name=a%20b");
    }

    #[test]
    fn what_a_change_means_is_not_taken_from_the_file() {
        let original = plan(Some(json!(120)));
        let mut harmless = original.clone();
        let change = &mut harmless.tenants[0].resources[0].changes[0];
        change.impact = Impact::Neutral;
        change.weight = Weight::Plain;
        change.sentence = "Nothing to see here".to_owned();
        harmless.tenants[0].resources[0].questions.clear();
        harmless.tenants[0].system = Some(System::Practice);
        assert_eq!(PlanFile::parse(&harmless.to_text().unwrap()), Ok(original));
    }

    /// Reads back what a file claims of a document.
    fn read_back(entry: ResourceEntry) -> ResourceEntry {
        let plan = fixtures::plan(vec![fixtures::tenant("prod", "https://acme.api.identitynow.com", vec![entry])]);
        PlanFile::parse(&plan.to_text().unwrap()).unwrap().tenants.remove(0).resources.remove(0)
    }

    fn unmanaged(path: &str, value: Value) -> UnmanagedEntry {
        UnmanagedEntry { path: path.to_owned(), value: Some(value.into()), loosest: false }
    }

    #[test]
    fn that_a_change_is_without_effect_is_not_taken_from_the_file() {
        let sentence =
            "Managers will not be able to request access for the people who report to them, unless anyone may";
        let calm = format!("{sentence}. That will limit nothing for now: trust me");
        let path = "/requestOnBehalfOfConfig/allowRequestOnBehalfOfEmployeeByManager";
        let anyone = "/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone";
        let forged = |anyone_may: Option<Value>, sentence: &str| {
            let change = fixtures::change(path, Some(json!(true)), json!(false), Impact::Tightens, sentence);
            let mut entry = fixtures::resource("accessRequestConfig", "v2", vec![ChangeEntry { moot: true, ..change }]);
            entry.unmanaged.extend(anyone_may.map(|value| unmanaged(anyone, value)));
            let change = read_back(entry).changes.remove(0);
            (change.moot, change.sentence)
        };
        assert_eq!(forged(Some(json!(false)), &calm), (false, sentence.to_owned()));
        assert_eq!(
            forged(None, &calm),
            (false, sentence.to_owned()),
            "what the plan does not show is no reason to be calm"
        );
        assert_eq!(forged(Some(json!(true)), &calm), (true, calm.clone()));
        // Requests end, and the file says that this is without effect.
        let path = "/machineIdentityAccessRequestEnabled";
        let change = fixtures::change(path, Some(json!(true)), json!(false), Impact::Neutral, "");
        let entry = fixtures::resource("accessRequestConfig", "v2", vec![ChangeEntry { moot: true, ..change }]);
        let change = read_back(entry).changes.remove(0);
        assert!(change.disrupts && !change.moot);
    }

    #[test]
    fn what_a_request_writes_elsewhere_is_not_taken_from_the_file() {
        let reminders = "/approvalReminderAndEscalationConfig/";
        let forged = |generation: &str, claimed: bool, values: &[(&str, Value)]| {
            let change =
                fixtures::change("/reauthorizationEnabled", Some(json!(false)), json!(true), Impact::Tightens, "");
            let change = ChangeEntry { overrides: claimed, ..change };
            let mut entry = fixtures::resource("accessRequestConfig", generation, vec![change]);
            entry.unmanaged =
                values.iter().map(|(name, value)| unmanaged(&format!("{reminders}{name}"), value.clone())).collect();
            read_back(entry).changes.remove(0).overrides
        };
        let names = ["daysUntilEscalation", "daysBetweenReminders", "maxReminders", "fallbackApproverRef"];
        let nothing = names.map(|name| (name, Value::Null));
        let some = names.map(|name| (name, json!(1)));
        assert!(forged("beta", false, &some), "the values are sent");
        assert!(forged("beta", false, &[]), "what the plan does not show may be sent");
        assert!(!forged("beta", false, &nothing));
        assert!(forged("beta", true, &nothing), "an empty object may be sent");
        assert!(!forged("v2", true, &[]), "of this generation nothing is written elsewhere");
    }

    #[test]
    fn a_setting_that_changes_neither_stays_as_it_is_nor_is_unmanaged() {
        let mut entry = plan(Some(json!(120))).tenants.remove(0).resources.remove(0);
        let path = "/maxActivationPeriodMins";
        entry.holds = vec![HoldsEntry { path: path.to_owned(), value: "1 hour".to_owned() }];
        entry.unmanaged = vec![unmanaged(path, json!(60))];
        let read = read_back(entry);
        assert_eq!((read.holds, read.unmanaged), (Vec::new(), Vec::new()));
    }

    #[test]
    fn what_settings_mean_together_is_not_taken_from_the_file() {
        let told = |default: Value, claimed: bool| {
            let mut entry = plan(Some(json!(120))).tenants.remove(0).resources.remove(0);
            entry.unmanaged = vec![unmanaged("/defaultMaxActivationPeriodMins", default)];
            let (paths, sentence) = (vec!["/maxActivationPeriodMins".to_owned()], "All is well".to_owned());
            entry.together.extend(claimed.then_some(TogetherEntry { paths, sentence }));
            read_back(entry).together.into_iter().map(|entry| entry.sentence).collect::<Vec<_>>()
        };
        let sentence = "The time that is offered is not a limit: without a maximum, a user may ask for any period";
        assert_eq!(told(json!(60), true), [sentence]);
        assert_eq!(told(Value::Null, true), [""; 0]);
    }

    #[test]
    fn whether_an_unmanaged_value_lets_most_through_is_not_taken_from_the_file() {
        let forged = |path: &str, value: Option<Value>, loosest: bool| {
            let mut plan = plan(Some(json!(120)));
            let value = value.map(Arc::new);
            plan.tenants[0].resources[0].unmanaged = vec![UnmanagedEntry { path: path.to_owned(), value, loosest }];
            let read = PlanFile::parse(&plan.to_text().unwrap()).unwrap();
            read.tenants[0].resources[0].unmanaged[0].loosest
        };
        assert!(forged("/maxActivationPeriodExtensionMins", Some(Value::Null), false), "an open door is told");
        assert!(!forged("/maxActivationPeriodExtensionMins", Some(json!(30)), true));
        assert!(
            forged("/later", Some(json!(30)), true),
            "of what this sailplan does not know, the file is all there is"
        );
    }
}
