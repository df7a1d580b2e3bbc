//! The plan as a document: what `plan --format json` prints, `--out` saves, `show` renders and `apply PLAN` checks. A
//! promise to other programs, so it has its own types, a version and a published schema.

mod change;
mod difference;
mod digest;
mod marker;
mod problem;
mod resource;
mod tenant;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::change::{ChangeEntry, Operation};
pub use self::difference::{AgainstEntry, DifferenceEntry, DifferenceKind, ValuesEntry};
use self::digest::Decided;
pub use self::marker::MARK;
pub use self::problem::{ErrorEntry, ProblemEntry};
pub use self::resource::{AcceptedEntry, ActionEntry, ResourceEntry, Status, UnmanagedEntry};
pub use self::tenant::{AskedEntry, LiftedEntry, RefusalEntry, RefusalKind, TenantEntry};
pub use crate::documents::control::{AllowanceEntry, SourceEntry, WeakenedEntry};
use crate::documents::control::{GainEntry, LossEntry, WeakenedTenantEntry};
use crate::documents::grid::GridEntry;
use crate::documents::requested::{HeadEntry, PullRequestEntry};
use crate::documents::rolled_back::RolledBack;
use crate::documents::seal::{self, Format, Sealed};
use crate::resource::impact::Impact;

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
    /// SHA-256 over the workspace file and the files that it names for tenants and allowances. Parts of one plan have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_files: Option<String>,
    /// SHA-256 of each settings file of its tenants, by name from the folder of the workspace. A file that several parts of one
    /// plan use is the same in all.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings_files: BTreeMap<String, String>,
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

/// In the order of their words, as the keys of the document are.
fn by_word<S: serde::Serializer>(impacts: &BTreeMap<Impact, usize>, serializer: S) -> Result<S::Ok, S::Error> {
    let words: BTreeMap<&str, usize> = impacts.iter().map(|(impact, number)| (impact.word(), *number)).collect();
    words.serialize(serializer)
}

impl PlanFile {
    /// Returns the plan as it is saved, ready to be written.
    ///
    /// # Errors
    ///
    /// It holds a secret, or cannot be written as JSON.
    pub fn sealed(&self) -> serde_json::Result<Sealed<'_, PlanFile>> {
        Sealed::of(self)
    }

    /// Returns the plan as it is saved.
    ///
    /// # Errors
    ///
    /// It cannot be written as JSON.
    pub fn to_text(&self) -> serde_json::Result<String> {
        seal::to_text(self)
    }

    /// Returns the digest of the plan's tenants: SHA-256 over a canonical rendering of everything that decides what would
    /// be sent where, and of nothing that differs from run to run.
    pub fn compute_digest(&self) -> String {
        seal::sha256_of(&Decided(self))
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
