//! A plan as its readers see it: what every tenant has, in words, and the same change in many tenants once. Text, Markdown
//! and HTML only lay this out. Every text in it is printable; markup is added where it is laid out.

mod asked;
mod class;
mod concern;
mod doubts;
mod events;
mod failure;
mod gather;
mod grid;
mod lists;
mod looked_up;
#[cfg(test)]
mod tests;
mod undo;
mod words;

pub use class::Class;
pub use concern::Refused;
pub(super) use events::view as events_view;
pub use failure::{Failed, FailureView, failures};
pub(super) use failure::{OWN_HOST, host_of, tracked, tracked_of};
pub(super) use gather::{member, names};
pub use grid::{Column, Grid};
pub use lists::Lists;
pub(super) use undo::undo;
pub use words::standing_at;

use std::collections::HashSet;

use serde::Serialize;

use crate::documents::plan::TenantEntry;
use crate::resource::impact::{Impact, Weight};
use crate::resource::without_effect;
use crate::text::number::count;
use crate::text::printable::printable_line;
use crate::text::problem::Severity;

/// How many members of a set are shown at once; the others are folded.
pub const LISTED: usize = 10;

/// How many members a page lists in full; of more it shows the first and the last few.
const ON_A_PAGE: usize = 200;

/// How a tenant stands that could not be read.
pub(super) const NOT_READ: &str = "not read";

/// Up to how many tenants each is told on its own, with its address.
pub(super) const ADDRESSES: usize = 10;

/// The longest texts, in characters, and lists of members shown. What is beyond it is cut and says so; JSON has the whole.
#[derive(Clone, Copy, Debug)]
pub struct Longest {
    /// Of any text.
    text: usize,
    /// Of what no cut of the whole may take away.
    head: usize,
    members: Most,
}

/// How many members of a set are shown, those that join and those that leave each. The others are not even made ready: sets
/// have a million members.
#[derive(Clone, Copy, Debug)]
struct Most {
    /// Up to so many all.
    all: usize,
    /// Of more, so many at the start
    first: usize,
    /// and at the end.
    last: usize,
}

impl Longest {
    /// Nothing is cut.
    pub const WHOLE: Longest =
        Longest { text: usize::MAX, head: usize::MAX, members: Most { all: usize::MAX, first: usize::MAX, last: 0 } };
    /// What fits a paragraph, and a list on a page.
    pub const PARAGRAPH: Longest =
        Longest { text: 1000, head: 300, members: Most { all: ON_A_PAGE, first: 20, last: 5 } };

    /// Returns the same with so many members at the start of a set.
    pub(super) fn with_members(self, first: usize) -> Longest {
        // A line that says "1 more" is as long as the member.
        Longest { members: Most { all: first.saturating_add(1), first, last: 0 }, ..self }
    }

    pub(super) fn text(self, text: &str) -> String {
        printable_line(text, self.text).into_owned()
    }

    pub(super) fn head(self, text: &str) -> String {
        printable_line(text, self.head).into_owned()
    }

    pub(super) fn texts(self, texts: &[String]) -> Vec<String> {
        texts.iter().map(|text| self.text(text)).collect()
    }
}

/// Whether people whose names were looked up are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum People {
    /// Yes: an approver reads it.
    Named,
    /// Where the look-ups of the workspace ask for it: it goes to a log, or to everyone who reads a pull request.
    WhereAsked,
}

impl People {
    /// Returns whether people of a tenant are named.
    fn named(self, tenant: &TenantEntry) -> bool {
        self == People::Named || tenant.look_ups.as_ref().is_some_and(|look_ups| look_ups.persons)
    }
}

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
    /// Unmanaged settings at their loosest value.
    pub loosest: Vec<Concern>,
    /// The same, each with its value, heaviest first.
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

/// One change, in one or several tenants.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// The resource.
    pub resource: String,
    /// What its document is about, if the tenant has several of them.
    pub covers: Option<String>,
    /// The setting, with dots.
    pub setting: String,
    /// The live value.
    pub before: String,
    /// The desired value.
    pub after: String,
    /// Its gravity.
    pub impact: Impact,
    /// Its gravity and what it means beside it, with commas.
    pub meaning: String,
    /// What it means beside its gravity, such as `disrupts`.
    pub marks: Vec<&'static str>,
    /// What it means, in a sentence.
    pub sentence: String,
    /// What kind of news it is.
    pub class: Class,
    /// How heavily it weighs in its class.
    #[serde(skip)]
    pub rank: Weight,
    /// The same in words.
    pub weight: Option<&'static str>,
    /// Whether another setting leaves it without effect for now.
    pub moot: bool,
    /// What it means, with the members by name where they are few.
    pub story: String,
    /// The live value in words.
    pub now: String,
    /// The desired value in words.
    pub planned: String,
    /// What the base asks of the setting, in words, if there is a base to tell.
    pub agreed: Option<String>,
    /// What the setting decides; nothing if the catalogue does not have it.
    pub about: Option<&'static str>,
    /// Whether the tenant had moved away from what was agreed.
    pub drifted: bool,
    /// Whom it touches.
    pub whom: Option<&'static str>,
    /// The same in parts, with what becomes of what is under way.
    pub touches: Vec<String>,
    /// Whether its request also writes what is kept elsewhere, to stand before the object, such as "may also overwrite".
    pub elsewhere: Option<&'static str>,
    /// Where it comes from, if that can be told.
    pub cause: Option<&'static str>,
    /// Who asked for it, according to the commits.
    pub requested: Option<RequestedView>,
    /// Whether it loosens or stops something and no ticket is given for it, where tickets are looked for.
    pub no_ticket: bool,
    /// How to undo it, and what that does not bring back.
    pub undo: Vec<String>,
    /// What joins and leaves, for a set.
    pub members: Option<MemberList>,
    /// The tenants.
    pub tenants: Tenants,
    /// The lines that ask for it, as `FILE:LINE`.
    pub sources: Vec<String>,
    /// The audit events of the document, if it had drifted and they were looked up; one entry for each tenant, with the first
    /// change of the document.
    pub events: Vec<EventsView>,
    /// Whether an earlier change has the audit events of some tenant.
    pub events_above: bool,
}

/// The audit events of a document of one tenant.
#[derive(Debug, Serialize)]
pub struct EventsView {
    /// The tenant.
    pub tenant: String,
    /// From when on they were looked for.
    pub since: String,
    /// The events, newest first, one line each.
    pub lines: Vec<String>,
    /// Whether there are older ones.
    pub more: bool,
}

impl EventsView {
    /// What an event tells, and what it does not.
    pub const LIMIT: &str = "an event is about the whole document, and no proof about this setting";

    /// Returns all of it on one line.
    pub fn line(&self) -> String {
        let more = if self.more { ", and older ones" } else { "" };
        let lines = if self.lines.is_empty() { "none".to_owned() } else { self.lines.join("; ") };
        format!("audit events of the document in {} {}: {lines}{more} ({})", self.tenant, self.since, EventsView::LIMIT)
    }
}

impl Entry {
    /// Returns the resource and its setting, with dots.
    pub fn path(&self) -> String {
        format!("{}.{}", self.resource, self.setting)
    }
}

/// Who asked for a change, according to the commits.
#[derive(Debug, Serialize)]
pub struct RequestedView {
    /// The commits, newest first.
    pub commits: Vec<CommitView>,
    /// Why it is not known, of the whole or of the rest.
    pub unknown: Option<String>,
}

/// A commit in words.
#[derive(Debug, Serialize)]
pub struct CommitView {
    /// Its author.
    pub author: String,
    /// The day on which it was written.
    pub day: String,
    /// The first line of its message.
    pub subject: String,
    /// The tickets that it names, or that there are none; left out where they are not looked for.
    pub ticket: Option<String>,
    /// The start of its hash.
    pub short: String,
    /// Its page.
    pub url: Option<String>,
}

impl CommitView {
    /// Returns the commit on one line.
    pub fn line(&self) -> String {
        let ticket = self.ticket.as_ref().map(|ticket| format!(", {ticket}")).unwrap_or_default();
        format!("{}, {}: {}{ticket} (commit {})", self.author, self.day, self.subject, self.short)
    }
}

/// What joins and leaves a set.
#[derive(Debug, Serialize)]
pub struct MemberList {
    /// In a few words, such as `2 join, 1 leaves, 3 stay`.
    pub summary: String,
    /// Members that join.
    pub added: ListedMembers,
    /// Members that leave.
    pub removed: ListedMembers,
    /// The first members that leave and whose names are not known, as far as they are asked about.
    #[serde(skip)]
    pub nameless: Vec<String>,
    /// How many stay.
    pub kept: usize,
    /// Whether the story of the change names all of them.
    pub told: bool,
    /// Whether the list is long enough to be folded.
    pub long: bool,
    /// The SHA-256 of the members that join and of those that leave, one a line, where a page shows only some of them.
    pub digests: Option<[String; 2]>,
}

/// Members of a set, of many of them those that are shown.
#[derive(Debug, Serialize)]
pub struct ListedMembers {
    /// The first ones, or all.
    pub first: Vec<Member>,
    /// How many are left out after those.
    pub more: usize,
    /// The last ones.
    pub last: Vec<Member>,
}

/// A member of a set.
#[derive(Debug, Serialize)]
pub struct Member {
    /// The member itself.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// How many people hold it, if that was looked up.
    pub holders: Option<String>,
}

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
    /// Unmanaged settings at their loosest value, each with its resource.
    #[serde(skip)]
    pub loosest: Vec<String>,
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
    /// What it refuses alone, without the name of the setting.
    pub plain: String,
    /// The guardrail alone, with its line.
    pub line: String,
    /// Why it is there.
    pub reason: Option<String>,
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

/// A text and the tenants it holds for.
#[derive(Clone, Debug, Serialize)]
pub struct Concern {
    /// The text.
    pub text: String,
    /// The tenants.
    pub tenants: Tenants,
}

/// The tenants that something holds for.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tenants {
    /// Their names.
    pub names: Vec<String>,
    /// How many tenants the plan is for.
    pub total: usize,
    /// Whether these are all the tenants of a plan for several.
    pub everywhere: bool,
    /// The others, if these are many and all but a few.
    pub but: Vec<String>,
}

/// Up to how many tenants are named wherever they are meant, and up to how many exceptions.
pub(super) const NAMED: usize = 10;

impl Tenants {
    /// Returns tenants among `all` of a plan.
    pub(super) fn among(names: Vec<String>, all: &[String]) -> Tenants {
        let named: HashSet<&String> = names.iter().collect();
        let everywhere = all.len() > 1 && named.len() == all.len();
        let others = all.len().saturating_sub(names.len());
        // The exceptions are all named, so they say more than the first names of many.
        let but = if names.len() > NAMED && (1..=NAMED).contains(&others) && others * 2 <= names.len() {
            all.iter().filter(|name| !named.contains(name)).cloned().collect()
        } else {
            Vec::new()
        };
        Tenants { everywhere, but, total: all.len(), names }
    }

    /// Returns them by name, or that it is all of them, or all but a few; `list` writes names.
    pub(super) fn told(&self, list: impl Fn(&[String]) -> String) -> String {
        match (self.everywhere, self.but.as_slice()) {
            (true, _) => format!("all {} tenants", self.total),
            (false, []) => list(&self.names),
            (false, but) => format!("all {} tenants except {}", self.total, list(but)),
        }
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
        let loosest = match (self.unmanaged, self.tenants.iter().map(|tenant| tenant.loosest.len()).sum()) {
            (_, 0) => "",
            (1, _) => " It is at its loosest value.",
            (_, 1) => " 1 of them is at its loosest value.",
            (_, number) => &format!(" {number} of them are at their loosest value."),
        };
        Some(format!("{} not managed.{loosest}", count(self.unmanaged, "setting is", "settings are")))
    }
}
