//! A plan as its readers see it: what every tenant has, in words, and the same change in many tenants once. Text, Markdown
//! and HTML only lay this out. Every text in it is printable; markup is added where it is laid out.

mod asked;
mod class;
mod concern;
mod doubts;
mod entry;
mod events;
mod failure;
mod file_problem;
mod gather;
mod grid;
mod lists;
mod longest;
mod looked_up;
mod tenant;
mod tenants;
#[cfg(test)]
mod tests;
mod undo;
mod words;

pub(super) use asked::meant_too;
pub use class::Class;
pub use concern::{Concern, Refused};
pub use entry::{CommitView, Entry, ListedMembers, Member, MemberList, RequestedView};
pub use events::EventsView;
pub(super) use events::view as events_view;
pub use failure::{Failed, FailureView, failures};
pub(super) use failure::{OWN_HOST, host_of, tracked, tracked_of};
pub(super) use gather::{member, names};
pub use grid::{Column, Grid};
pub use lists::Lists;
use longest::Most;
pub use longest::{Longest, People};
pub use tenant::{RefusalView, ResourceView, TenantView};
pub use tenants::Tenants;
pub(super) use undo::undo;
pub use words::standing_at;

use std::collections::HashSet;

use serde::Serialize;

use crate::resource::without_effect;
use crate::text::number::count;
use crate::text::problem::Severity;

/// How many members of a set are shown at once; the others are folded.
pub const LISTED: usize = 10;

/// How a tenant stands that could not be read.
pub(super) const NOT_READ: &str = "not read";

/// Up to how many tenants each is told on its own, with its address.
pub(super) const ADDRESSES: usize = 10;

/// A plan as its readers see it.
#[derive(Debug, Serialize)]
pub struct Overview {
    /// The gravest thing in words.
    pub headline: String,
    /// The verdict in words.
    pub verdict: String,
    /// Whether guardrails stop an apply to every tenant.
    pub refused: bool,
    /// Whether there is nothing to tell: no change, nothing lost or weakened, and nothing that could not be read.
    pub unchanged: bool,
    /// Version of the sailplan that made the plan.
    pub sailplan: String,
    /// The digest to approve.
    pub digest: Option<String>,
    /// The workspace, from the root of the git repository.
    pub workspace: Option<String>,
    /// What tells its report from others: the hidden line by which a later run finds it.
    pub marker: String,
    /// What chose its tenants, or the name that stands for it.
    pub selection: Option<String>,
    /// The receipt that it rolls back, if it does.
    pub rolls_back: Option<String>,
    /// The run of that receipt, in short.
    pub undone_run: Option<String>,
    /// The settings that it is about, if not all managed ones.
    pub only: Option<String>,
    /// When it was made (RFC 3339).
    pub made: Option<String>,
    /// The commit of its settings files, and the branch.
    pub checkout: Option<String>,
    /// The pull request that it was made for.
    pub pull_request: Option<String>,
    /// Who has approved it so far, as the CI says.
    pub approvers: Vec<String>,
    /// The revision that it was compared with.
    pub base: Option<Base>,
    /// How it differs from an earlier plan, if that was asked for.
    pub against: Option<Against>,
    /// Whether a tenant had moved away from what was agreed.
    pub drifted: bool,
    /// Whether a change for a person to judge may give access that an undo does not take away; of one that loosens its own undo
    /// says so.
    pub may_give: bool,
    /// The changes, those of several tenants as one.
    pub entries: Vec<Entry>,
    /// The changes by class, gravest first; a class without changes is left out.
    pub groups: Vec<Group>,
    /// Settings by tenants; `None` for few tenants, or if nothing changes.
    pub grid: Option<Grid>,
    /// What settings mean together, where one of them changes.
    pub together: Vec<Concern>,
    /// What the revision decides and the checkout no longer does.
    pub losses: Vec<LossView>,
    /// How many settings come under control, and where.
    pub gained: Option<String>,
    /// Guards that the checkout weakens.
    pub weakened: Vec<Weakened>,
    /// Guardrails that were lifted, each with what lifted it.
    pub lifted: Vec<Concern>,
    /// What is wrong with the files.
    pub problems: Vec<FileProblem>,
    /// What an approver has to find out first.
    pub doubts: Vec<Concern>,
    /// What is not known either, of changes that only tighten, put back what was agreed or are neutral.
    pub later: Vec<Concern>,
    /// What else to know, each once with the tenants it holds for.
    pub warnings: Vec<Concern>,
    /// News from the supplier, for an approver.
    pub news: Vec<Concern>,
    /// Fields that sailplan does not know, with their values.
    pub unknown: Vec<Concern>,
    /// How many settings no file mentions.
    pub unmanaged: usize,
    /// Unmanaged settings at their loosest value, each with its value, heaviest first.
    pub open: Vec<OpenView>,
    /// The other unmanaged settings.
    pub shut: Vec<OpenView>,
    /// The managed settings that do not change.
    pub managed: Vec<ManagedView>,
    /// Documents of which nothing is managed, so that they were not read.
    pub not_read: Vec<Concern>,
    /// The tenants.
    pub tenants: Vec<TenantView>,
    /// How they stand, each state once.
    pub standing: Vec<Concern>,
}

/// A revision that a plan was compared with.
#[derive(Debug, Serialize)]
pub struct Base {
    /// Its name, unless it is the commit.
    pub name: Option<String>,
    /// The commit.
    pub commit: String,
}

/// How a plan differs from an earlier one.
#[derive(Debug, Serialize)]
pub struct Against {
    /// What the differences are from, or that there are none.
    pub title: String,
    /// The differences, each with what became of the change in a word.
    pub differences: Vec<(&'static str, String)>,
}

/// The changes of one class.
#[derive(Debug, Serialize)]
pub struct Group {
    /// The class.
    pub class: Class,
    /// What it is called after the number of its changes.
    pub counted: &'static str,
    /// A heading: the class and how many settings.
    pub title: String,
    /// What the class means.
    pub gloss: &'static str,
    /// Positions in [`Overview::entries`], heaviest first.
    pub entries: Vec<usize>,
    /// How many settings of how many tenants.
    pub changes: usize,
}

/// Something that the revision decides and the checkout no longer does.
#[derive(Debug, Serialize)]
pub struct LossView {
    /// What is lost.
    pub message: String,
    /// Its lines, after and before, and the guardrail that speaks of it.
    pub places: String,
    /// Whether that denies it.
    pub denied: bool,
    /// The settings that are no longer decided, unless the words name the only one.
    pub settings: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
}

/// A guard that the checkout weakens.
#[derive(Debug, Serialize)]
pub struct Weakened {
    /// The guard and how it becomes weaker.
    pub concern: Concern,
    /// Its lines, after and before, which may differ between tenants; none if the words have them.
    #[serde(skip)]
    pub places: Vec<String>,
}

/// Something wrong with a file.
#[derive(Debug, Serialize)]
pub struct FileProblem {
    /// Whether it stops the run.
    pub severity: Severity,
    /// The place as `FILE:LINE:COLUMN`.
    pub place: Option<String>,
    /// What is wrong.
    pub message: String,
    /// Where else, if it is the same in many places.
    pub elsewhere: Option<String>,
    /// What to do next.
    pub help: Vec<String>,
}

/// A managed setting.
#[derive(Debug, Serialize)]
pub struct ManagedView {
    /// What the setting does.
    pub about: String,
    /// Its value in words; `None` if the plan does not say.
    pub value: Option<String>,
    /// The document and its setting, with dots.
    pub setting: String,
    /// The tenants.
    pub tenants: Tenants,
}

/// An unmanaged setting.
#[derive(Debug, Serialize)]
pub struct OpenView {
    /// What the setting does.
    pub about: String,
    /// Its value in words.
    pub value: String,
    /// How heavily that weighs, in words, if it is at its loosest value.
    pub weight: Option<&'static str>,
    /// Whether it is open without approval, to everyone or without a limit.
    pub wide: bool,
    /// Whether it stands beside a setting that changes.
    pub near: bool,
    /// Why it has no effect, if another setting leaves it without.
    pub note: Option<&'static str>,
    /// Whether that is so today, and not only after an apply.
    pub noted_today: bool,
    /// The resource and its setting, with dots.
    pub setting: String,
    /// The tenants.
    pub tenants: Tenants,
}

impl OpenView {
    /// Returns the warning that says the same as its note; `None` if it has none.
    pub fn warning(&self) -> Option<String> {
        let (resource, setting) = self.setting.split_once('.')?;
        Some(format!("{resource}: {}", without_effect(setting, self.note?)))
    }
}

impl Overview {
    /// Returns the changes of a class, by setting.
    pub fn entries_of<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = &'a Entry> {
        group.entries.iter().filter_map(|position| self.entries.get(*position))
    }

    /// Returns the positions of the changes of settings that had drifted and do not become what was agreed.
    pub fn drifted_elsewhere(&self) -> Vec<usize> {
        let drifted = self.entries.iter().enumerate().filter(|(_, entry)| entry.drifted && entry.class != Class::Drift);
        drifted.map(|(position, _)| position).collect()
    }

    /// Returns the groups that come before what is not known, and those after it.
    pub fn around_doubts(&self) -> (&[Group], &[Group]) {
        let grave = self.groups.iter().take_while(|group| group.class <= Class::Stops).count();
        self.groups.split_at_checked(grave).unwrap_or_default()
    }

    /// Returns the tenants in which something changes, in the order of the plan.
    pub fn changing(&self) -> Vec<&str> {
        let names: HashSet<&str> =
            self.entries.iter().flat_map(|entry| &entry.tenants.names).map(String::as_str).collect();
        self.tenants.iter().map(|tenant| tenant.name.as_str()).filter(|name| names.contains(name)).collect()
    }

    /// Returns whether there is nothing to approve: no change, or none that may be sent.
    pub fn has_nothing_to_approve(&self) -> bool {
        self.entries.is_empty() || self.refused
    }

    /// Returns the guardrails and limits that block the plan.
    pub fn refusals(&self) -> impl Iterator<Item = &RefusalView> {
        self.tenants.iter().flat_map(|tenant| &tenant.refusals)
    }

    /// Returns what could not be planned.
    pub fn failures(&self) -> impl Iterator<Item = &FailureView> {
        self.tenants.iter().flat_map(|tenant| {
            tenant.failure.iter().chain(tenant.resources.iter().filter_map(|resource| resource.failure.as_ref()))
        })
    }

    /// Returns how many settings are not managed and how many of them are at their loosest value; `None` if everything is
    /// managed.
    pub fn unmanaged(&self) -> Option<String> {
        if self.unmanaged == 0 {
            return None;
        }
        let loosest = match (self.unmanaged, self.open.iter().map(|view| view.tenants.names.len()).sum()) {
            (_, 0) => "",
            (1, _) => " It is at its loosest value.",
            (_, 1) => " 1 of them is at its loosest value.",
            (_, number) => &format!(" {number} of them are at their loosest value."),
        };
        Some(format!("{} not managed.{loosest}", count(self.unmanaged, "setting is", "settings are")))
    }
}
