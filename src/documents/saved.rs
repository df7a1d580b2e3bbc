//! Saved plans: checked when they are read, and what their changes mean worked out again from the values, so that what shows
//! them does not repeat what a file claims.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;
use std::sync::LazyLock;

use serde_json::Value;

use super::in_words::{QuestionEntry, System};
use super::plan::{FORMAT, PlanFile, ResourceEntry};
use super::requested::TogetherEntry;
use super::seal::{self, Unreadable};
use crate::plan::whole;
use crate::resource::impact::across::{joint, moot, says_moot};
use crate::resource::impact::{Effect, Judgement, Loosest};
use crate::resource::{Generation, Resource, Rule, Setting, lies_in};
use crate::text::reader::quote;

/// Returns the first name that is there for the second time.
fn twice<N: Copy + Eq + Hash>(names: impl IntoIterator<Item = N>) -> Option<N> {
    let mut known = HashSet::new();
    names.into_iter().find(|name| !known.insert(*name))
}

impl PlanFile {
    /// Reads a saved plan and checks checksum and digest. What its changes mean for security is worked out again, so that
    /// those who show the plan do not repeat what a file claims.
    ///
    /// # Errors
    ///
    /// See [`Unreadable`].
    pub fn parse(text: &str) -> Result<PlanFile, Unreadable> {
        let mut plan: PlanFile = seal::read(text, FORMAT)?;
        if plan.digest.as_ref().is_some_and(|digest| *digest != plan.compute_digest()) {
            return Err(Unreadable::Edited { name: FORMAT.name, what: "digest" });
        }
        if plan.tenants.is_empty() && plan.problems.is_empty() && plan.shard.is_none() {
            return Err(Unreadable::Broken { name: FORMAT.name, reason: "it names no tenant".to_owned() });
        }
        if let Some(reason) = plan.contradicts_itself() {
            return Err(Unreadable::Broken { name: FORMAT.name, reason });
        }
        for tenant in &mut plan.tenants {
            tenant.system = Some(System::at(&tenant.url));
        }
        plan.tenants.iter_mut().flat_map(|tenant| &mut tenant.resources).for_each(work_out_again);
        Ok(plan)
    }

    /// Returns what the plan has twice, of which a reader would see one or the other; `None` if there is nothing.
    fn contradicts_itself(&self) -> Option<String> {
        if let Some(name) = twice(self.tenants.iter().map(|tenant| tenant.name.as_str())) {
            return Some(format!("it has the tenant {} twice", quote(name)));
        }
        self.tenants.iter().find_map(|tenant| {
            if let Some(document) = twice(tenant.resources.iter().map(ResourceEntry::document)) {
                return Some(format!("it has {} of {} twice", quote(&document.to_string()), quote(&tenant.name)));
            }
            tenant.resources.iter().find_map(|entry| {
                let path = twice(entry.changes.iter().map(|change| change.path.as_str()))?;
                Some(format!("it changes {} of {} twice", quote(path), quote(&entry.document().to_string())))
            })
        })
    }
}

/// A value that no rule across settings asks for: neither a switch nor absent nor empty.
static NOT_SHOWN: LazyLock<Value> = LazyLock::new(|| Value::from(0));

static EMPTY: Value = Value::Array(Vec::new());
static YES: Value = Value::Bool(true);
static NO: Value = Value::Bool(false);

/// The values of a document as a plan shows them, each before and after; `None` is one that is absent or null.
pub struct Shown<'p> {
    entry: &'p ResourceEntry,
    values: BTreeMap<&'p str, [Option<&'p Value>; 2]>,
}

impl<'p> Shown<'p> {
    /// Returns the values of a document.
    pub fn of(entry: &'p ResourceEntry) -> Shown<'p> {
        let unmanaged = entry.unmanaged.iter().map(|it| (it.path.as_str(), [it.value.as_deref(); 2]));
        let changes = entry.values().map(|(path, before, after)| (path, [before, Some(after)]));
        Shown { entry, values: unmanaged.chain(changes).collect() }
    }

    /// Returns the value before and after; `None` if the plan does not show it.
    fn values(&self, pointer: &str) -> Option<[Option<&'p Value>; 2]> {
        self.values.get(pointer).copied().or_else(|| self.held(pointer).map(|value| [value; 2]))
    }

    /// Returns the value of a managed setting that does not change. A plan has words only, which tell that of a switch, a limit
    /// that is not set and approvers of which there are none.
    fn held(&self, pointer: &str) -> Option<Option<&'p Value>> {
        let holds = self.entry.holds.iter().find(|holds| holds.path == pointer)?;
        let setting = self.entry.setting(pointer)?;
        let is = |value: Option<&Value>| setting.words(value) == holds.value;
        match setting.impact {
            Judgement::Flag { .. } if is(Some(&YES)) => Some(Some(&YES)),
            Judgement::Flag { .. } if is(Some(&NO)) => Some(Some(&NO)),
            Judgement::Ceiling { .. } if is(None) => Some(None),
            Judgement::Of(_, Loosest::Empty) if is(Some(&EMPTY)) => Some(Some(&EMPTY)),
            _ => None,
        }
    }

    /// Returns whether the plan shows the setting at `pointer`.
    pub fn has(&self, pointer: &str) -> bool {
        self.values(pointer).is_some()
    }

    /// Returns the live value; one that is not shown fits no rule.
    pub fn before(&self, pointer: &str) -> Option<&'p Value> {
        self.values(pointer).map_or_else(|| Some(&*NOT_SHOWN), |[before, _]| before)
    }

    /// Returns the value that would hold, as [`Shown::before`] does.
    pub fn after(&self, pointer: &str) -> Option<&'p Value> {
        self.values(pointer).map_or_else(|| Some(&*NOT_SHOWN), |[_, after]| after)
    }
}

/// Works out again what the changes of a document mean, what they leave open, and what its unmanaged values let through. A plan
/// of a later sailplan may hold what this one does not know; of that the file is all there is.
fn work_out_again(entry: &mut ResourceEntry) {
    let Some(known) = entry.document().key() else { return };
    let generation = known.resource.generation(&entry.api_version);
    drop_contradictions(entry, known.resource, generation);
    for change in &mut entry.changes {
        if let Some(generation) = generation
            && let Some(setting) = known.resource.setting_in(generation, &change.path)
        {
            let (before, after) = (change.before.as_deref(), change.value());
            let Effect { impact, weight, disrupts, sentence, .. } = if setting.is_whole() {
                whole::effect(&known, generation, before, after, entry.above.as_ref())
            } else {
                setting.effect(before, after)
            };
            (change.impact, change.weight, change.disrupts) = (impact, weight, disrupts);
            // What it means together with settings that the plan does not hold cannot be worked out again. It
            // follows the sentence and never takes its place.
            if !change.sentence.starts_with(&format!("{sentence}. ")) {
                change.sentence = sentence;
            }
        }
    }
    if let Some(generation) = generation {
        let shown = Shown::of(entry);
        let (before, after) = (|pointer: &str| shown.before(pointer), |pointer: &str| shown.after(pointer));
        let moots: Vec<bool> =
            entry.changes.iter().map(|change| moot(known.resource, &change.path, before, after)).collect();
        let overrides = overrides(generation, known.resource, &shown);
        let together = together(entry, known.resource, generation, &shown);
        for (change, moot) in entry.changes.iter_mut().zip(moots) {
            let setting = known.resource.setting_in(generation, &change.path);
            let Some(setting) = setting else { continue };
            if !moot && says_moot(&change.sentence) && !setting.is_whole() {
                change.sentence = setting.effect(change.before.as_deref(), change.value()).sentence;
            }
            (change.moot, change.overrides) = (moot, overrides.unwrap_or(change.overrides));
        }
        entry.together = together;
    }
    entry.questions = QuestionEntry::of(known.resource, entry.values());
    for unmanaged in &mut entry.unmanaged {
        if let Some(setting) = known.resource.setting_at(&entry.api_version, &unmanaged.path) {
            unmanaged.loosest = setting.at_loosest(unmanaged.value.as_deref());
        }
    }
}

/// Takes away what a plan says of a setting that it changes as well: that one neither stays as it is nor is unmanaged.
fn drop_contradictions(entry: &mut ResourceEntry, resource: &Resource, generation: Option<&Generation>) {
    let changed: HashSet<&str> = entry.changes.iter().map(|change| change.path.as_str()).collect();
    let exists = |path: &str| generation.is_none_or(|generation| resource.setting_in(generation, path).is_some());
    entry.holds.retain(|holds| !changed.contains(holds.path.as_str()) && exists(&holds.path));
    entry.unmanaged.retain(|unmanaged| !changed.contains(unmanaged.path.as_str()));
}

/// Returns whether the request of the changes also writes settings that are kept elsewhere; `None` if only the file can say. An
/// object of which the plan does not show everything is taken to be sent.
fn overrides(generation: &Generation, resource: &Resource, shown: &Shown<'_>) -> Option<bool> {
    let Some(overrides) = generation.overrides else { return Some(false) };
    let inside = |setting: &&Setting| lies_in(setting.pointer, overrides.object);
    let mut settings = resource.settings_of(generation).filter(inside);
    let sent = settings.any(|setting| shown.after(setting.pointer).is_some_and(|value| !value.is_null()));
    sent.then_some(true)
}

/// Returns what settings mean together: as their values say where the plan shows both, as the file claims for the others.
fn together(
    entry: &ResourceEntry,
    resource: &Resource,
    generation: &Generation,
    shown: &Shown<'_>,
) -> Vec<TogetherEntry> {
    let changed = |pointer: &str| entry.changes.iter().any(|change| change.path == pointer);
    let found = joint(resource, generation, changed, |pointer| shown.before(pointer), |pointer| shown.after(pointer));
    let rules = resource.rules.iter().filter_map(|rule| match *rule {
        Rule::Joint { first, second, sentence } => Some(([first.pointer, second.pointer], sentence)),
        _ => None,
    });
    let holds = rules.filter(|(settings, sentence)| {
        let claimed = |entry: &TogetherEntry| entry.paths == *settings && entry.sentence == *sentence;
        if settings.iter().all(|pointer| shown.has(pointer)) {
            found.iter().any(|joint| joint.settings == *settings && joint.sentence == *sentence)
        } else {
            entry.together.iter().any(claimed)
        }
    });
    let told = holds.map(|(settings, sentence)| TogetherEntry {
        paths: settings.iter().map(|pointer| (*pointer).to_owned()).collect(),
        sentence: sentence.to_owned(),
    });
    told.collect()
}
