//! A whole document that comes or goes: what each setting of it means then.

use std::sync::Arc;

use serde_json::Value;

use super::{Action, Comparison, change};
use crate::resource::impact::{Effect, Impact, Weight};
use crate::resource::instances::{Standing, WHOLE};
use crate::resource::{Generation, Key, Write, document};
use crate::settings::{DesiredResource, Managed};

/// Returns what becomes of the document of `desired`.
pub(super) fn action(desired: &DesiredResource, live: &Value) -> Option<Action> {
    desired.resource().instances?;
    let wants = desired.get(WHOLE.pointer).map(|managed| managed.value.is_null());
    let creates = matches!(desired.resource().write, Write::Put { create: true, .. });
    Some(match (wants, desired.key.standing(live)) {
        (Some(true), _) => Action::Inherit,
        (_, Standing::Inherited | Standing::NotStored) if creates => Action::Create,
        _ => Action::Change,
    })
}

/// Compares whether the document is stored with whether it should be.
pub(super) fn compare(desired: &DesiredResource, managed: &Managed, live: &Value, above: Option<&Value>) -> Comparison {
    let before = desired.key.read(managed.setting, live).ok().flatten().map(Arc::new);
    let mut found = Comparison { action: action(desired, live), ..Comparison::default() };
    for setting in desired.resource().settings_of(desired.generation) {
        // A value of another kind is not one to compare limits with.
        found.live.insert(setting.pointer, document::read(setting, live).unwrap_or_default().map(Arc::new));
    }
    if let Some(mut change) = change(managed, before) {
        let above = match desired.key.standing(live) {
            Standing::Inherited => Some(live),
            _ => above,
        };
        change.effect = effect(&desired.key, desired.generation, change.before.as_deref(), &change.after, above);
        found.above = above.cloned();
        found.changes.push(change);
    }
    found
}

/// Returns what it means that a document is deleted, or written back after that. `above` is the one that holds where it is
/// not stored, as far as it is known.
pub fn effect(
    key: &Key,
    generation: &Generation,
    before: Option<&Value>,
    after: &Value,
    above: Option<&Value>,
) -> Effect {
    let usual = WHOLE.effect(before, after);
    let Some(above) = above else { return usual };
    let (from, to) = match before.filter(|_| after.is_null()) {
        Some(before) => (before, above),
        None => (above, after),
    };
    let mut effects: Vec<Effect> = key
        .resource
        .settings_of(generation)
        .filter_map(|setting| {
            let (from, to) = (document::read(setting, from).ok()?, document::read(setting, to).ok()?);
            let differs = !setting.equal(from.as_ref(), to.as_ref());
            differs.then(|| setting.effect(from.as_ref(), &to.unwrap_or_default()))
        })
        .collect();
    effects.sort_by_key(|effect| (effect.impact, effect.weight));
    let (impact, weight) =
        effects.first().map_or((Impact::Neutral, Weight::Plain), |effect| (effect.impact, effect.weight));
    let disrupts = effects.iter().any(|effect| effect.disrupts);
    let what = if after.is_null() {
        let above = key.above().and_then(|above| above.instance);
        let whose = above.map_or_else(|| "the tenant".to_owned(), |name| name.to_string());
        format!("The configuration will be deleted and that of {whose} will apply")
    } else {
        "A configuration that was deleted will be written back".to_owned()
    };
    let mut sentences: Vec<&str> = Vec::new();
    for effect in &effects {
        if !sentences.contains(&effect.sentence.as_str()) {
            sentences.push(&effect.sentence);
        }
    }
    let sentence = match sentences.as_slice() {
        [] => format!("{what}, with the same values as today"),
        sentences => format!("{what}: {}", sentences.join("; ")),
    };
    Effect { impact, weight, disrupts, sentence, ..usual }
}
