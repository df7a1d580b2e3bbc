//! One change as its readers see it, with who asked for it and what joins and leaves a set.

use serde::Serialize;

use super::{Class, EventsView, Tenants};
use crate::resource::impact::{Impact, Weight};

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
    /// The settings on which it depends what it comes to, each with its value.
    pub beside: Vec<String>,
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
