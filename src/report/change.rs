//! A change in words: the values, the members, what it means, and how it differs from an earlier plan's.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::documents::in_words::in_words;
use crate::documents::looked_up::HoldersEntry;
use crate::documents::name::DocumentName;
use crate::documents::plan::{ChangeEntry, DifferenceEntry, ResourceEntry};
use crate::documents::receipt::{Outcome, ResourceReceipt};
use crate::plan::cause::Cause;
use crate::resource::explain::lower_first;
use crate::resource::impact::Weight;
use crate::resource::{Generation, Overrides, Resource, Setting, Touched, dotted};
use crate::text::distinct::{distinct, tell_apart};
use crate::text::number::count;

/// One change in words.
#[derive(Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The setting, with dots.
    pub setting: String,
    /// The live value.
    pub before: String,
    /// The desired value.
    pub after: String,
    /// What joins and leaves, for a set.
    pub members: Option<Members<'a>>,
}

/// What joins and leaves a set.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Members<'a> {
    /// Members that join.
    pub added: Vec<Named<'a>>,
    /// Members that leave.
    pub removed: Vec<Named<'a>>,
    /// How many stay.
    pub kept: usize,
}

/// A member of a set with its name.
pub type Named<'a> = (Cow<'a, str>, Option<&'a str>);

/// Returns the setting of a change with dots.
pub fn name(resource: &ResourceEntry, change: &ChangeEntry) -> String {
    let setting = resource.setting(&change.path);
    setting.map_or_else(|| dotted(&change.path), Setting::dotted)
}

/// Returns a change in words, with these names for the ids in it.
pub fn row<'a>(resource: &ResourceEntry, change: &'a ChangeEntry, names: &BTreeMap<String, String>) -> Row<'a> {
    let Some(setting) = resource.setting(&change.path) else {
        // A plan of a later sailplan may hold settings that this one does not know.
        let raw = |value: Option<&Value>| value.map_or_else(|| "absent".to_owned(), Value::to_string);
        return Row {
            setting: name(resource, change),
            before: raw(change.before.as_deref()),
            after: raw(Some(change.value())),
            members: None,
        };
    };
    let (before, after) = (change.before.as_deref(), Some(change.value()));
    // Of a set the members are listed below.
    let (before, after) = if setting.kind.is_set() {
        (setting.show(before), setting.show(after))
    } else {
        let (before, after) = (setting.with_names(before, names), setting.with_names(after, names));
        setting.show_both(before.as_deref(), after.as_deref())
    };
    let members = setting.kind.is_set().then(|| members(setting, change));
    Row { setting: setting.dotted(), before, after, members }
}

fn members<'a>(setting: &Setting, change: &'a ChangeEntry) -> Members<'a> {
    let found = setting.members(change.before.as_deref(), Some(change.value()));
    let named = |members: Vec<&'a str>| -> Vec<Named<'a>> {
        let name = |member: &str| change.names.get(member).map(String::as_str);
        members.into_iter().map(|member| (Cow::Borrowed(member), name(member))).collect()
    };
    let (mut added, mut removed) = (named(found.added), named(found.removed));
    tell_apart(added.iter_mut().map(|(member, _)| member), removed.iter_mut().map(|(member, _)| member));
    Members { kept: found.kept, added, removed }
}

/// Returns how many people hold an entitlement.
pub fn held(holders: &HoldersEntry) -> String {
    let people = |number: u64| {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        count(number, "person holds it", "people hold it")
    };
    match (holders.jit, holders.standing) {
        (0, 0) => "no person holds it".to_owned(),
        (0, standing) => format!("{} permanently, none as JIT", people(standing)),
        (jit, 0) => format!("{} as JIT, none permanently", people(jit)),
        (jit, standing) => format!("{} as JIT, {standing} permanently", people(jit)),
    }
}

/// Returns what a setting decides, in the words before its first full stop, colon or semicolon.
pub fn about(setting: &Setting) -> &'static str {
    setting.about.split(['.', ':', ';']).next().unwrap_or(setting.about)
}

/// Returns what a document is about, if the tenant has several of its kind.
pub fn covers(resource: &ResourceEntry) -> Option<String> {
    let instances = Resource::named(&resource.resource)?.instances?;
    Some(instances.about(resource.instance.as_deref()?))
}

/// Returns the settings on which it depends what a change comes to, each with the value that it has then.
pub fn beside(resource: &ResourceEntry, change: &ChangeEntry) -> Vec<String> {
    let Some(known) = Resource::named(&resource.resource) else { return Vec::new() };
    let pointers = known.beside(&change.path, change.before.as_deref(), Some(change.value()));
    let told = pointers.filter_map(|pointer| {
        let setting = resource.setting(pointer)?;
        Some(format!("{}: {}", lower_first(about(setting)), value_then(resource, setting)?))
    });
    told.collect()
}

/// Returns the value that a setting has after the plan, in words; `None` if the plan does not say.
fn value_then(resource: &ResourceEntry, setting: &Setting) -> Option<String> {
    let is_it = |path: &str| path == setting.pointer;
    if let Some(change) = resource.changes.iter().find(|change| is_it(&change.path)) {
        return Some(in_words(Some(setting), Some(change.value()), &change.names));
    }
    let holds = resource.holds.iter().find(|holds| is_it(&holds.path)).map(|holds| holds.value.clone());
    let unmanaged = resource.unmanaged.iter().find(|unmanaged| is_it(&unmanaged.path));
    holds.or_else(|| unmanaged.map(|unmanaged| setting.words(unmanaged.value.as_deref())))
}

/// Returns whom a change touches, as far as the catalogue says.
pub fn touches(resource: &ResourceEntry, change: &ChangeEntry) -> Option<&'static Touched> {
    Resource::named(&resource.resource)?.touches(&change.path)
}

/// Returns the same in parts, with what becomes of what is under way; `leaves` and `joins` are whether members of a set do.
pub fn touched(
    resource: &ResourceEntry,
    change: &ChangeEntry,
    [leaves, joins]: [bool; 2],
) -> Option<Vec<&'static str>> {
    touches(resource, change).map(|touched| touched.parts(leaves, joins))
}

/// Returns the API generation of a document; `None` if the catalogue does not have it.
pub fn generation_of(resource: &ResourceEntry) -> Option<&'static Generation> {
    Resource::named(&resource.resource)?.generation(&resource.api_version)
}

/// What a request writes elsewhere, of a generation that this sailplan does not know.
const ELSEWHERE: Overrides = Overrides {
    object: "",
    sentence: "",
    what: "settings of approvals",
    kept_in: "another document",
    does: "may also overwrite",
    did: Overrides::MAY_HAVE,
};

/// Returns what else the request of a change writes; `None` if nothing.
pub fn elsewhere(resource: &ResourceEntry, change: &ChangeEntry) -> Option<Overrides> {
    let overrides = || generation_of(resource).and_then(|generation| generation.overrides);
    change.overrides.then(|| overrides().unwrap_or(ELSEWHERE))
}

/// Returns what the request of an entry overwrote elsewhere, as one sentence without a full stop; `None` if nothing. Of a
/// generation that this sailplan does not know, what the receipt says.
pub fn overwritten(entry: &ResourceReceipt) -> Option<String> {
    let recorded = entry.overrides.as_ref()?;
    let known = Resource::named(&entry.resource).and_then(|known| known.generation(&entry.api_version));
    let overrides = known.and_then(|generation| generation.overrides);
    let done = entry.outcome == Outcome::Applied;
    Some(overrides.map_or_else(|| recorded.clone(), |overrides| overrides.overwritten(done)))
}

/// Returns the first sentence of several, without its full stop.
pub fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first)
}

/// Returns the start of a commit's hash, as people write it.
pub fn short_commit(hash: &str) -> &str {
    hash.get(..10).unwrap_or(hash)
}

/// Returns the unmanaged settings of a resource that are at their loosest value.
pub fn wide_open(resource: &ResourceEntry) -> impl Iterator<Item = &'static Setting> {
    resource.unmanaged.iter().filter_map(move |entry| {
        resource.setting(&entry.path).filter(|setting| setting.at_loosest(entry.value.as_deref()))
    })
}

/// Returns whether the value of a setting that lets most through leaves something without approval, check or limit, or opens it
/// to everyone. What some people may do is often wanted.
pub fn is_wide(setting: &Setting) -> bool {
    setting.weight_at_loosest() < Weight::OpensToSome
}

/// Returns what a change means beside its gravity.
pub fn marks(disrupts: bool, overrides: bool) -> Vec<&'static str> {
    let marks = [(disrupts, "disrupts"), (overrides, "overrides")];
    marks.into_iter().filter_map(|(holds, word)| holds.then_some(word)).collect()
}

/// Returns where a change comes from, if there was a base to tell.
pub fn cause(change: &ChangeEntry) -> Option<&'static str> {
    change.cause.map(|cause| match cause {
        Cause::Branch => "this proposal",
        Cause::Drift => "drift, not this proposal: changed outside the settings files; applying this puts the agreed value back",
        Cause::Both => {
            "this proposal and drift: the settings change, and the tenant had been changed outside the settings files as well"
        }
    })
}

/// Returns the gravity of a change and what it means beside it, with commas.
pub fn meaning(change: &ChangeEntry) -> String {
    let marks = marks(change.disrupts, change.overrides);
    marks.into_iter().fold(change.impact.word().to_owned(), |words, mark| format!("{words}, {mark}"))
}

/// Returns a value with its members: two sets of the same size look the same when only counted. Long ones are counted.
pub fn in_full(setting: &Setting, value: Option<&Value>) -> String {
    let members: Vec<&str> = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let shown = setting.show(value);
    if setting.kind.is_set() && (1..=10).contains(&members.len()) {
        format!("{shown} ({})", members.join(", "))
    } else {
        shown
    }
}

/// Returns two values as [`in_full`] does; values that differ do not look the same.
pub fn both_in_full(setting: &Setting, one: Option<&Value>, other: Option<&Value>) -> (String, String) {
    let (first, second) = distinct(in_full(setting, one), in_full(setting, other));
    if first == second { setting.show_both(one, other) } else { (first, second) }
}

/// Returns a difference between two plans on one line; the tenant is left to the caller.
pub fn difference(difference: &DifferenceEntry) -> String {
    let name = difference.resource.as_deref().unwrap_or_default();
    let document = DocumentName { resource: name, instance: difference.instance.as_deref() };
    let resource = if name.is_empty() { String::new() } else { document.to_string() };
    let version = difference.api_version.as_deref().unwrap_or_default();
    let Some(path) = &difference.path else {
        let reason = difference.reason.as_deref().unwrap_or("it cannot be compared");
        return if resource.is_empty() { reason.to_owned() } else { format!("{resource}: {reason}") };
    };
    let setting = document.setting(version, path);
    let name = setting.map_or_else(|| dotted(path), Setting::dotted);
    let show = |one: Option<&Value>, other: Option<&Value>| {
        let text = |value: Option<&Value>| value.map_or_else(|| "absent".to_owned(), Value::to_string);
        match setting {
            Some(setting) => both_in_full(setting, one, other),
            None => distinct(text(one), text(other)),
        }
    };
    let sides = match (&difference.planned, &difference.now) {
        (Some(planned), Some(now)) => {
            let (from, to) = show(planned.before.as_deref(), Some(planned.value.as_ref()));
            // Beside the value that it has to differ from.
            let (_, found) = show(planned.before.as_deref(), now.before.as_deref());
            let target = if planned.value == now.value {
                String::new()
            } else {
                format!(", now to become {}", show(Some(planned.value.as_ref()), Some(now.value.as_ref())).1)
            };
            format!("planned from {from} to {to}, found {found}{target}")
        }
        (None, Some(now)) => {
            let (expected, found) = show(Some(now.value.as_ref()), now.before.as_deref());
            format!("not in the plan, expected {expected}, found {found}")
        }
        (Some(planned), None) => {
            let (from, to) = show(planned.before.as_deref(), Some(planned.value.as_ref()));
            format!("planned from {from} to {to}, nothing to change now")
        }
        (None, None) => String::new(),
    };
    format!("{resource}.{name}: {sides}")
}
