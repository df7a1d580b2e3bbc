//! What an approver has to find out first: what a change leaves open, what leaves without a name, and what a request writes
//! elsewhere.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::concern::grouped;
use super::{Class, Concern, Entry, Longest};
use crate::documents::plan::{PlanFile, ResourceEntry};
use crate::documents::saved::Shown;
use crate::report::change::{about, elsewhere};
use crate::resource::explain::lower_first;
use crate::resource::{Overrides, Resource, Setting};

/// Members without a name that are told of one change.
const NAMED: usize = 5;

/// What is open where the audit events of a drift are not there.
const WHO_CHANGED: &str = "Who changed what had drifted, and when: ask an administrator of the tenant, or ask the \
                           engineer to look the audit events up";

/// Returns what is not known; `names` are all tenants of the plan.
pub(super) fn of(plan: &PlanFile, names: &[String], entries: &[Entry], longest: Longest) -> Vec<Concern> {
    let nameless = entries.iter().flat_map(|entry| {
        let gone = entry.members.iter().flat_map(|members| &members.removed);
        let nameless = gone.filter(|member| member.name.is_none() && !member.id.contains('@')).take(NAMED);
        nameless.flat_map(|member| {
            let text = format!(
                "What {} is, which leaves (its name is not known): ask an administrator of the tenant, or ask the engineer to \
                 look names up",
                member.id
            );
            entry.tenants.names.iter().map(move |tenant| (longest.text(&text), tenant.clone()))
        })
    });
    let open = plan.tenants.iter().flat_map(|tenant| {
        let texts = tenant.resources.iter().flat_map(|resource| {
            let asked = resource.questions.iter().map(|question| {
                let change = resource.changes.iter().find(|change| change.path == question.path);
                (change.map_or(Class::Neutral, Class::of), question.sentence.clone())
            });
            overridden(resource).map(|text| (Class::Loosens, text)).into_iter().chain(asked)
        });
        let mut texts: Vec<(Class, String)> = texts.collect();
        texts.sort_by_key(|(class, _)| *class);
        // Several changes may leave the same thing open.
        let mut known = HashSet::new();
        texts.retain(|(_, text)| known.insert(text.clone()));
        texts.into_iter().map(|(_, text)| (longest.text(&text), longest.text(&tenant.name)))
    });
    let unexplained = entries.iter().filter(|entry| entry.drifted && entry.events.is_empty() && !entry.events_above);
    let unexplained = unexplained.flat_map(|entry| entry.tenants.names.iter().cloned());
    let unexplained: BTreeSet<String> = unexplained.collect();
    let unexplained = unexplained.into_iter().map(|tenant| (WHO_CHANGED.to_owned(), tenant));
    grouped(nameless.chain(open).chain(unexplained), names)
}

/// Returns what the request that makes the changes of a document writes elsewhere, with the values; `None` if nothing.
fn overridden(resource: &ResourceEntry) -> Option<String> {
    let Overrides { object, what, kept_in, does, .. } =
        resource.changes.iter().find_map(|change| elsewhere(resource, change))?;
    let known = Resource::named(&resource.resource);
    let shown = Shown::of(resource);
    let inside =
        |setting: &&Setting| !object.is_empty() && setting.pointer.starts_with(object) && shown.has(setting.pointer);
    let values = known.into_iter().flat_map(Resource::distinct).filter(inside).map(|setting| {
        let value = shown.after(setting.pointer);
        let erased = if value.is_none_or(Value::is_null) { ", which may erase what is set there" } else { "" };
        format!("{}: {}{erased}", lower_first(about(setting)), setting.words(value))
    });
    let values: Vec<String> = values.collect();
    let values = if values.is_empty() { String::new() } else { format!(". It writes there: {}", values.join("; ")) };
    let title = known.map_or(resource.resource.as_str(), |known| known.title);
    Some(format!(
        "Writing the {title} {does} {what}, which SailPoint keeps in {kept_in} now{values}. What is set there now is not known, and \
         an undo does not bring it back: ask an administrator of the tenant to write it down first"
    ))
}
