//! How to undo a change, and what undoing does not bring back.

use crate::documents::plan::{ActionEntry, ChangeEntry, ResourceEntry};
use crate::plan::cause::Cause;
use crate::report::change::first_sentence;
use crate::resource::impact::{Impact, Weight};
use crate::resource::{Part, Resource, Rule};

/// Returns how to undo a change, one sentence each. `before` is the live value in words.
pub(in crate::report) fn undo(resource: &ResourceEntry, change: &ChangeEntry, before: Option<String>) -> Vec<String> {
    let mut told = Vec::new();
    match (&change.before, before) {
        _ if change.path.is_empty() => {
            told.push("Roll back the receipt of the apply: it keeps the whole configuration.".to_owned());
        }
        _ if resource.action == Some(ActionEntry::Create) => told.push(
            "Roll back the receipt of the apply: that deletes the configuration, and what it inherits holds again."
                .to_owned(),
        ),
        (None, _) => told.push(
            "The tenant shows no value now, and a setting cannot be made absent again: write down what should hold."
                .to_owned(),
        ),
        (Some(_), Some(_)) if change.cause == Some(Cause::Drift) => told.push(
            "Leave it as agreed: this change is itself an undo. Access that was given while the tenant stood \
             differently stays; review it."
                .to_owned(),
        ),
        (Some(_), Some(before)) if change.cause == Some(Cause::Both) => {
            told.push(format!(
                "Set it back to the value agreed before. {before}, the current value, was never agreed."
            ));
        }
        (Some(_), Some(before)) => told.push(format!("Set it back to {before}.")),
        (Some(_), None) => told.push("Set it back to the current value.".to_owned()),
    }
    match (change.impact, change.weight) {
        (_, Weight::WhoIsTold) => told.push("Messages that were not sent meanwhile are not sent later.".to_owned()),
        (Impact::Loosens, _) => told.push("Access that is given meanwhile stays; take it away separately.".to_owned()),
        _ => {}
    }
    if change.disrupts {
        told.push("Requests that are rejected or not made meanwhile have to be made again.".to_owned());
    }
    if change.overrides {
        told.push("What applying it overrides elsewhere is not put back.".to_owned());
    }
    let linked = linked(resource, change);
    if !linked.is_empty() {
        told.push(format!(
            "It belongs together with {}: undo both, or look at what the other means alone.",
            linked.join(" and with ")
        ));
    }
    told
}

/// Returns the other changes of the document that a rule ties to this one, by what they mean.
fn linked(resource: &ResourceEntry, change: &ChangeEntry) -> Vec<String> {
    let Some(known) = Resource::named(&resource.resource) else { return Vec::new() };
    let mut linked: Vec<String> = Vec::new();
    for rule in known.rules {
        let (one, other) = match *rule {
            Rule::AtMost { lesser: one, greater: other }
            | Rule::Moot { flag: one, cover: other, .. }
            | Rule::Mind { flag: one, other, .. }
            | Rule::Together { first: one, second: other, .. }
            | Rule::Joint { first: Part { pointer: one, .. }, second: Part { pointer: other, .. }, .. } => (one, other),
        };
        let other = match change.path.as_str() {
            path if path == one => other,
            path if path == other => one,
            _ => continue,
        };
        let Some(other) = resource.changes.iter().find(|change| change.path == other) else { continue };
        let sentence = first_sentence(&other.sentence);
        let name = format!("“{sentence}”");
        if !linked.contains(&name) {
            linked.push(name);
        }
    }
    linked
}
