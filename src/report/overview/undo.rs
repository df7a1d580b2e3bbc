//! How to undo a change, and what undoing does not bring back.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::documents::plan::{ActionEntry, ChangeEntry, ResourceEntry};
use crate::plan::cause::Cause;
use crate::report::change::{first_sentence, touches};
use crate::resource::difference::Members;
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
        (Some(_), Some(before)) if change.cause == Some(Cause::Drift) => told.push(format!(
            "This puts the agreed value back. To keep the current one, {before}, have it agreed in the settings files. Access \
             that was given while it held may stay; review it."
        )),
        (Some(_), Some(before)) if change.cause == Some(Cause::Both) => {
            told.push(format!(
                "Set it back to the value agreed before; the current value, {before}, was never agreed."
            ));
        }
        (Some(_), Some(before)) => {
            told.push(format!("Set it back to {before}."));
            told.extend(both_ways(resource, change));
        }
        (Some(_), None) => told.push("Set it back to the current value.".to_owned()),
    }
    match (change.impact, change.weight) {
        (_, Weight::WhoIsTold) => told.push("Messages that were not sent meanwhile are not sent later.".to_owned()),
        (Impact::Loosens, _) => {
            let undone = touches(resource, change).and_then(|touched| touched.undone);
            told.push(undone.unwrap_or("Access that is given meanwhile may stay; take it away separately.").to_owned());
        }
        _ => {}
    }
    if change.disrupts {
        told.push("What cannot be requested meanwhile has to be requested afterwards.".to_owned());
    }
    if change.overrides {
        told.push(
            "What it overwrites elsewhere is not put back: an administrator of the tenant sets it again.".to_owned(),
        );
    }
    told.extend(linked(resource, change));
    told
}

/// Returns what undoing does to what joins a set, where members leave as well.
fn both_ways(resource: &ResourceEntry, change: &ChangeEntry) -> Option<String> {
    const NAMED: usize = 3;
    let setting = resource.setting(&change.path).filter(|setting| setting.kind.is_set())?;
    let Members { added, removed, .. } = setting.members(change.before.as_deref(), Some(change.value()));
    let few = |members: &[&str]| (1..=NAMED).contains(&members.len());
    if !few(&added) || !few(&removed) {
        return None;
    }
    let named = |members: &[&str]| -> String {
        let names = members.iter().map(|id| change.names.get(*id).map_or(*id, String::as_str));
        names.collect::<Vec<_>>().join(", ")
    };
    let (added, removed) = (named(&added), named(&removed));
    let out = if change.weight == Weight::Members { "out of JIT control" } else { "out" };
    Some(format!("That takes {added} {out} again; to bring back only what left, add {removed} and keep {added}."))
}

/// Returns what undoing the change alone means for the other changes of the document that a rule ties to it, one sentence each.
fn linked(resource: &ResourceEntry, change: &ChangeEntry) -> Vec<String> {
    let Some(known) = Resource::named(&resource.resource) else { return Vec::new() };
    let path = change.path.as_str();
    let mut linked: BTreeMap<&str, String> = BTreeMap::new();
    for rule in known.rules {
        let (first, second) = rule.settings();
        let other = match path {
            path if path == first => second,
            path if path == second => first,
            _ => continue,
        };
        let Some(other) = resource.changes.iter().find(|change| change.path == other) else { continue };
        let joint = matches!(rule, Rule::Joint { .. });
        if joint && !resource.together.iter().any(|entry| entry.paths == [first, second]) {
            continue;
        }
        let sentence = format!("“{}”", first_sentence(&other.sentence));
        let told = match *rule {
            Rule::AtMost { lesser, .. } => {
                let (undone, stays) = (change.before.as_deref().and_then(Value::as_i64), other.value().as_i64());
                let (low, high) = if path == lesser { (undone, stays) } else { (stays, undone) };
                // A bound that is not set bounds nothing.
                if low.zip(high).is_none_or(|(low, high)| low <= high) {
                    continue;
                }
                format!("Undo it together with {sentence}: the time that is offered would be above the longest time.")
            }
            // It had an effect before, and has one after.
            Rule::Moot { cover, .. } if !begins_or_ends(cover, if path == cover.pointer { change } else { other }) => {
                continue;
            }
            Rule::Moot { cover, .. } if path == cover.pointer => {
                let covered = cover.fits(change.before.as_deref());
                let effect = if covered { "would have no effect" } else { "would take effect" };
                format!("Undo it together with {sentence}: undone alone, it leaves that in force, which {effect} then.")
            }
            Rule::Moot { .. } | Rule::Mind { .. } | Rule::Together { .. } | Rule::Joint { .. } => {
                format!("Undone alone, it leaves {sentence} in force.")
            }
        };
        linked.entry(other.path.as_str()).or_insert(told);
    }
    linked.into_values().collect()
}

/// Returns whether a setting plays a part only before a change, or only after it.
fn begins_or_ends(part: Part, change: &ChangeEntry) -> bool {
    part.fits(change.before.as_deref()) != part.fits(Some(change.value()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::documents::fixtures;

    #[test]
    fn what_leaves_a_flag_without_effect_is_linked_only_if_it_begins_or_ends() {
        const STEPS: &str = "/entitlementRequestConfig/accessRequestConfig/approvalSchemes";
        const SIGN_IN: &str = "/entitlementRequestConfig/accessRequestConfig/reauthorizationRequired";
        let steps = |names: &[&str]| json!(names.iter().map(|name| json!({"approverType": name})).collect::<Vec<_>>());
        let told = |before: &[&str], after: &[&str]| {
            let of_steps = fixtures::change(STEPS, Some(steps(before)), steps(after), Impact::Loosens, "Fewer steps");
            let of_flag = fixtures::change(SIGN_IN, Some(json!(false)), json!(true), Impact::Tightens, "Sign in");
            let resource = fixtures::resource("accessRequestConfig", "v2", vec![of_steps, of_flag]);
            resource.changes.iter().map(|change| linked(&resource, change)).collect::<Vec<_>>().concat()
        };
        assert_eq!(told(&["MANAGER", "SOURCE_OWNER"], &["MANAGER"]), [""; 0]);
        assert_eq!(
            told(&["MANAGER"], &[]),
            [
                "Undo it together with “Sign in”: undone alone, it leaves that in force, which would take effect then.",
                "Undone alone, it leaves “Fewer steps” in force."
            ]
        );
    }
}
