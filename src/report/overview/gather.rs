//! The same change in many tenants once. A set may have a million members: changes are told apart by a hash first, and
//! compared and worded only when it agrees.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::doubts::ASKED_ABOUT;
use super::events;
use super::undo::undo;
use super::{
    Class, CommitView, Entry, LISTED, ListedMembers, Longest, Member, MemberList, Most, People, RequestedView, Tenants,
};
use crate::documents::in_words::in_words;
use crate::documents::looked_up::HoldersEntry;
use crate::documents::plan::{ChangeEntry, PlanFile, ResourceEntry, TenantEntry};
use crate::documents::requested::{CommitEntry, RequestedEntry};
use crate::plan::cause::Cause;
use crate::report::change::{
    Members, Named, Row, about, beside, cause, covers, elsewhere, held, marks, meaning, row, short_commit, touched,
    touches,
};
use crate::resource::reference;
use crate::text::number::count;

/// The changes seen so far.
pub(super) struct Entries<'a> {
    longest: Longest,
    people: People,
    /// Of how many tenants.
    tenants: usize,
    entries: Vec<Entry>,
    known: HashMap<u64, Vec<(usize, &'a ResourceEntry, &'a ChangeEntry)>>,
}

impl<'a> Entries<'a> {
    /// Returns the changes of a plan; `names` are its tenants.
    pub(super) fn of(plan: &'a PlanFile, names: &[String], longest: Longest, people: People) -> Vec<Entry> {
        let tenants = plan.tenants.len();
        let mut entries = Entries { longest, people, tenants, entries: Vec::new(), known: HashMap::new() };
        for (tenant, name) in plan.tenants.iter().zip(names) {
            for resource in &tenant.resources {
                resource.changes.iter().for_each(|change| entries.add(tenant, name, resource, change));
            }
        }
        entries.finish(names)
    }

    /// Adds a change of a tenant, to an equal one if there is any.
    fn add(&mut self, tenant: &TenantEntry, name: &str, resource: &'a ResourceEntry, change: &'a ChangeEntry) {
        let source = self.longest.text(&format!("{}:{}", change.source.file, change.source.line));
        let name = name.to_owned();
        // One tenant has no change twice.
        let hash = if self.tenants > 1 { hash(resource, change) } else { self.entries.len() as u64 };
        let alike = self.known.entry(hash).or_default();
        let same = alike.iter().find(|(_, other, known)| {
            other.document() == resource.document()
                && equal(known, change)
                && beside(other, known) == beside(resource, change)
        });
        let position = same.map_or(self.entries.len(), |(position, ..)| *position);
        let named = self.people.named(tenant);
        let events = events::of(tenant, resource, change, named, self.longest);
        match self.entries.get_mut(position) {
            Some(entry) => {
                entry.tenants.names.push(name);
                entry.events.extend(events);
                entry.sources.push(source);
            }
            None => {
                alike.push((position, resource, change));
                let mut entry = entry(self.longest, name, source, resource, change, named);
                entry.events.extend(events);
                self.entries.push(entry);
            }
        }
    }

    fn finish(self, tenants: &[String]) -> Vec<Entry> {
        let mut entries = self.entries;
        for entry in &mut entries {
            entry.tenants = Tenants::among(std::mem::take(&mut entry.tenants.names), tenants);
            let mut known = HashSet::new();
            entry.sources.retain(|source| known.insert(source.clone()));
        }
        entries
    }
}

fn hash(resource: &ResourceEntry, change: &ChangeEntry) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&resource.resource, &resource.instance, &change.path, &change.sentence, change.cause).hash(&mut hasher);
    change.before.hash(&mut hasher);
    change.value.hash(&mut hasher);
    hasher.finish()
}

/// Returns whether two changes of one resource differ only in the line that asks for them.
fn equal(change: &ChangeEntry, other: &ChangeEntry) -> bool {
    let ChangeEntry {
        op,
        path,
        value,
        before,
        impact,
        weight,
        moot,
        disrupts,
        overrides,
        sentence,
        cause,
        agreed,
        requested,
        source: _,
        names,
        people,
        holders,
        in_words: _,
    } = change;
    (op, path, value, before, impact) == (&other.op, &other.path, &other.value, &other.before, &other.impact)
        && (disrupts, overrides, sentence) == (&other.disrupts, &other.overrides, &other.sentence)
        && (weight, moot, cause, names) == (&other.weight, &other.moot, &other.cause, &other.names)
        && (agreed, requested) == (&other.agreed, &other.requested)
        && (people, holders) == (&other.people, &other.holders)
}

/// Returns the names of the ids in a change, those of people if they may be named.
pub(in crate::report) fn names<'a>(
    names: &'a BTreeMap<String, String>,
    people: &'a BTreeMap<String, String>,
    named: bool,
) -> Cow<'a, BTreeMap<String, String>> {
    if !named || people.is_empty() {
        return Cow::Borrowed(names);
    }
    let mut names = names.clone();
    names.extend(people.iter().map(|(id, name)| (id.clone(), name.clone())));
    Cow::Owned(names)
}

fn entry(
    longest: Longest,
    tenant: String,
    source: String,
    resource: &ResourceEntry,
    change: &ChangeEntry,
    people: bool,
) -> Entry {
    let names = names(&change.names, &change.people, people);
    let Row { setting, before, after, members } = row(resource, change, &names);
    let known = resource.setting(&change.path);
    let words = |value: Option<&Value>| in_words(known, value, &names);
    let moving = members.as_ref().map_or([false; 2], |found| [!found.removed.is_empty(), !found.added.is_empty()]);
    Entry {
        resource: longest.text(&resource.document().to_string()),
        covers: covers(resource).map(|covers| longest.text(&covers)),
        setting: longest.text(&setting),
        before: longest.text(&before),
        after: longest.text(&after),
        impact: change.impact,
        meaning: meaning(change),
        marks: marks(change.disrupts, change.overrides),
        sentence: longest.text(&reference::name_ids(&change.sentence, &names)),
        class: Class::of(change),
        rank: change.weight,
        weight: change.weight.words(),
        moot: change.moot,
        story: longest.text(&story(change, members.as_ref(), &names)),
        now: longest.text(&words(change.before.as_deref())),
        planned: longest.text(&words(Some(change.value()))),
        agreed: change.agreed.as_ref().map(|agreed| match &agreed.value {
            Some(value) => longest.text(&words(Some(value))),
            None => "not managed".to_owned(),
        }),
        about: known.map(about),
        drifted: matches!(change.cause, Some(Cause::Drift | Cause::Both)),
        whom: touches(resource, change).map(|touched| touched.whom),
        touches: touched(resource, change, moving).unwrap_or_default().into_iter().map(str::to_owned).collect(),
        beside: longest.texts(&beside(resource, change)),
        elsewhere: elsewhere(resource, change).map(|overrides| overrides.does),
        cause: cause(change),
        requested: change.requested.as_ref().map(|entry| requested(longest, entry)),
        no_ticket: is_without_ticket(change),
        undo: longest.texts(&undo(resource, change, known.map(|_| words(change.before.as_deref())))),
        members: members.map(|members| member_list(longest, &members, change)),
        events: Vec::new(),
        events_above: false,
        tenants: Tenants { names: vec![tenant], ..Tenants::default() },
        sources: vec![source],
    }
}

/// Up to how many members that leave, and that join, the story of a change names.
const IN_STORY: usize = 3;

/// Returns what a change means, with the members that join and leave by name where they are few and it does not name them: two
/// counts could be equal.
fn story(change: &ChangeEntry, members: Option<&Members<'_>>, names: &BTreeMap<String, String>) -> String {
    let mut told = reference::name_ids(&change.sentence, names);
    let Some(members) = members else { return told };
    for (word, list) in [("Leaves", &members.removed), ("Joins", &members.added)] {
        if (1..=IN_STORY).contains(&list.len()) && !list.iter().all(|(id, _)| told.contains(id.as_ref())) {
            let names: Vec<String> = list.iter().map(|(id, name)| member(id, *name, &change.holders)).collect();
            told.push_str(&format!(". {word}: {}", names.join(", ")));
        }
    }
    told
}

/// Returns a member by name, with how many hold it; an id without a name says so, an address is a name.
pub(in crate::report) fn member(id: &str, name: Option<&str>, holders: &[HoldersEntry]) -> String {
    let named = match name {
        Some(name) => reference::named(id, name),
        None if id.contains('@') => id.to_owned(),
        None => format!("{id} (name not known)"),
    };
    match holders.iter().find(|holders| holders.id == id) {
        Some(holders) => format!("{named}; {}", held(holders)),
        None => named,
    }
}

fn requested(longest: Longest, entry: &RequestedEntry) -> RequestedView {
    let commit = |commit: &CommitEntry| CommitView {
        author: longest.head(&commit.author),
        day: longest.head(commit.date.get(..10).unwrap_or(&commit.date)),
        subject: longest.head(&commit.subject),
        ticket: commit.tickets.as_ref().map(|tickets| match tickets.as_slice() {
            [] => "no ticket given".to_owned(),
            tickets => longest.head(&format!("ticket {}", tickets.join(", "))),
        }),
        short: longest.head(short_commit(&commit.commit)),
        url: commit.url.clone().filter(|url| url.starts_with("https://")),
    };
    RequestedView {
        commits: entry.commits.iter().map(commit).collect(),
        unknown: entry.unknown.as_ref().map(|unknown| longest.head(unknown)),
    }
}

/// Returns whether no commit names a ticket for a change that loosens or stops something, where tickets are looked for.
fn is_without_ticket(change: &ChangeEntry) -> bool {
    let commits = change.requested.as_ref().map_or(&[][..], |requested| &requested.commits);
    let bare = |commit: &CommitEntry| commit.tickets.as_ref().is_some_and(Vec::is_empty);
    Class::of(change) <= Class::Stops && !commits.is_empty() && commits.iter().all(bare)
}

/// Returns the SHA-256 of members, one a line.
fn digest(members: &[Named<'_>]) -> String {
    let mut hasher = Sha256::new();
    for (id, _) in members {
        hasher.update(id.as_bytes());
        hasher.update(b"\n");
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn member_list(longest: Longest, members: &Members<'_>, change: &ChangeEntry) -> MemberList {
    let holders: HashMap<&str, String> =
        change.holders.iter().map(|holders| (holders.id.as_str(), held(holders))).collect();
    let view = |(id, name): &Named<'_>| Member {
        id: longest.text(id),
        name: name.map(|name| longest.text(name)),
        holders: holders.get(id.as_ref()).cloned(),
    };
    let list = |members: &[Named<'_>]| {
        let Most { all, first, last } = longest.members;
        let cut = members.len() > all;
        let (first, last) = if cut { (first, last) } else { (members.len(), 0) };
        let (begin, rest) = members.split_at_checked(first).unwrap_or((members, &[]));
        let (left_out, end) = rest.split_at_checked(rest.len().saturating_sub(last)).unwrap_or_default();
        ListedMembers {
            first: begin.iter().map(view).collect(),
            more: left_out.len(),
            last: end.iter().map(view).collect(),
        }
    };
    let nameless = members.removed.iter().filter(|(id, name)| name.is_none() && !id.contains('@'));
    let counts = [
        (members.added.len(), "joins", "join"),
        (members.removed.len(), "leaves", "leave"),
        (members.kept, "stays", "stay"),
    ];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, singular, plural)| count(number, singular, plural))
        .collect();
    let (added, removed) = (list(&members.added), list(&members.removed));
    MemberList {
        summary: counts.join(", "),
        nameless: nameless.take(ASKED_ABOUT).map(|(id, _)| longest.text(id)).collect(),
        kept: members.kept,
        told: members.added.len().max(members.removed.len()) <= IN_STORY,
        long: members.added.len() + members.removed.len() > LISTED,
        digests: (!added.last.is_empty() || !removed.last.is_empty())
            .then(|| [digest(&members.added), digest(&members.removed)]),
        added,
        removed,
    }
}
