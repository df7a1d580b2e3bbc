//! What was read from a tenant and compared: one entry per resource, or why there is none.

use std::collections::HashMap;
use std::time::Instant;

use serde_json::Value;

use super::looked_up::LookedUp;
use super::{Action, Change, Comparison};
use crate::failure::Failure;
use crate::resource::document::Live;
use crate::resource::instances::{Standing, WHOLE};
use crate::resource::kind::steps::in_a_sentence;
use crate::resource::{Deprecation, Generation, Resource, Setting};
use crate::settings::DesiredResource;
use crate::text::id::without_case_or_dashes;
use crate::text::number::count;

/// A tenant after reading.
#[derive(Debug)]
pub struct TenantPlan {
    /// Its name in plans.
    pub name: String,
    /// Its labels.
    pub labels: Vec<(String, String)>,
    /// Its address as plans and digests name it.
    pub url: String,
    /// One plan per resource with managed settings, in catalogue order, or why nothing could be read.
    pub outcome: Result<Vec<ResourcePlan>, Failure>,
    /// What is desired of it, if nothing could be read; nothing as well if that is not known.
    pub asked: Vec<DesiredResource>,
    /// What was looked up about it beside its documents; `None` if nothing was asked for.
    pub looked_up: Option<LookedUp>,
}

/// One resource after reading.
#[derive(Debug)]
pub struct ResourcePlan {
    /// What is desired.
    pub desired: DesiredResource,
    /// What was read, or why it could not be.
    pub outcome: Result<Read, Failure>,
    /// What else to know, from the code that worked out what is desired.
    pub notes: Vec<String>,
    /// Settings that stay although a change was asked for.
    pub left: Vec<Left>,
    /// Settings for which the branch asks for another value than its base, which the tenant has already: from the value of
    /// the base to that of the branch.
    pub accepted: Vec<Change>,
}

/// A setting that stays although a change was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    /// The setting.
    pub setting: &'static Setting,
    /// The live value.
    pub found: Option<Value>,
    /// Why it stays.
    pub why: Why,
}

/// Why a setting stays.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// A rollback found that somebody changed it after the apply, which had made it `wrote`.
    Moved {
        /// What the apply wrote.
        wrote: Value,
    },
    /// A rollback found that it was absent before, or null where the API takes none: the API cannot take a setting away.
    Absent,
    /// A rollback found that somebody deleted the document after the apply.
    Gone,
    /// A rollback keeps the document that the apply created, because somebody changed another setting of it since.
    Kept,
    /// The change was rolled back, and the settings files ask for it again.
    RolledBack,
}

/// A live document, compared.
#[derive(Clone, Debug)]
pub struct Read {
    /// What the tenant has of the document.
    pub live: Live,
    /// When it was answered.
    pub at: Instant,
    /// How many times this run had asked for the document before: where it has asked since, nothing may replace the document
    /// from what was read here.
    pub asked_before: usize,
    /// Whether the tenant said that the endpoint is deprecated.
    pub deprecated: bool,
    /// The comparison.
    pub comparison: Comparison,
}

impl TenantPlan {
    /// Returns the plans of resources; none if the tenant could not be reached.
    pub fn resources(&self) -> &[ResourcePlan] {
        self.outcome.as_deref().unwrap_or_default()
    }

    /// Returns the plans of resources; none if the tenant could not be reached.
    pub fn resources_mut(&mut self) -> &mut [ResourcePlan] {
        self.outcome.as_deref_mut().unwrap_or_default()
    }
}

impl ResourcePlan {
    /// Returns whether there is something to change.
    pub fn has_changes(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|read| !read.comparison.changes.is_empty())
    }

    /// Returns why the resource cannot be planned or sent: it could not be read, or the plan would leave settings that
    /// contradict each other.
    pub fn failure(&self) -> Option<Failure> {
        match &self.outcome {
            Err(failure) => Some(failure.clone()),
            Ok(read) => self.contradiction(read),
        }
    }

    fn contradiction(&self, read: &Read) -> Option<Failure> {
        let caused = read.comparison.conflicts.iter().filter(|conflict| conflict.caused);
        let details: Vec<String> = caused.map(|conflict| conflict.message.clone()).collect();
        let name = &self.desired.key;
        (!details.is_empty()).then(|| {
            Failure::failed(
                format!("this plan would leave {name} settings that contradict each other"),
                "manage both settings of the pair, and lower the one or raise the other",
            )
            .details(details)
        })
    }

    /// Returns what else to know of a resource that was read: deprecations, rules across settings, odd values.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.notes.clone();
        let Ok(read) = &self.outcome else { return warnings };
        let (resource, generation) = (self.desired.resource(), self.desired.generation);
        match generation.deprecation {
            Some(Deprecation { since, until, successor }) => warnings.push(format!(
                "SailPoint deprecated {} {} on {since} and keeps it until {until}; its successor is {successor}, and \
                 sailplan migrate --to {successor} rewrites the settings",
                resource.name, generation.name
            )),
            None if read.deprecated => warnings.push(format!(
                "the tenant marks {} {} as deprecated (X-Deprecated: true)",
                resource.name, generation.name
            )),
            None => {}
        }
        warnings.extend(lacking(resource, generation));
        warnings.extend(self.not_stored(read));
        warnings.extend(read.comparison.changes.iter().filter_map(respelled));
        warnings.extend(read.comparison.overrides.map(|overrides| format!("overrides: {}", overrides.sentence)));
        let standing = read.comparison.conflicts.iter().filter(|conflict| !conflict.caused);
        warnings.extend(standing.map(|conflict| conflict.message.clone()));
        warnings.extend(read.comparison.odd.iter().map(|unfit| {
            format!("{} is not managed and holds {}, expected {}", unfit.pointer, unfit.found, unfit.expected)
        }));
        warnings.extend(read.comparison.unseen.map(|unseen| {
            format!(
                "the tenant answers {} in its {} form, which {} {} does not have: its settings cannot be seen and are kept \
                 as they are",
                unseen.object.trim_start_matches('/'),
                unseen.form,
                resource.name,
                generation.name
            )
        }));
        warnings
    }
}

/// Returns what to know of ids that leave a set in which the same ones join in another form.
fn respelled(change: &Change) -> Option<String> {
    // A list of more is not one whose ids somebody wrote by hand.
    const MOST: usize = 1000;
    let setting = change.setting;
    if !setting.kind.compares_exactly() {
        return None;
    }
    let members = setting.members(change.before.as_deref(), Some(change.after.as_ref()));
    let (added, removed) = (members.added, members.removed);
    if added.len().max(removed.len()) > MOST {
        return None;
    }
    let joining: HashMap<String, &str> = added.into_iter().map(|id| (without_case_or_dashes(id), id)).collect();
    let mut pairs = removed.into_iter().filter_map(|id| Some((id, *joining.get(&without_case_or_dashes(id))?)));
    let (leaves, joins) = pairs.next()?;
    let more = match pairs.count() {
        0 => String::new(),
        more => format!(" (and {})", count(more, "more pair", "more pairs")),
    };
    Some(format!(
        "{setting}: {} leaves and {} joins; they differ only in letter case or dashes{more}: if they are the same, write \
         them as the tenant has them ({})",
        in_a_sentence(leaves),
        in_a_sentence(joins),
        change.place
    ))
}

impl ResourcePlan {
    /// What to know of a document that is not stored: a write stores it, and until then others decide what holds.
    fn not_stored(&self, read: &Read) -> Option<String> {
        if read.comparison.action != Some(Action::Create) {
            return None;
        }
        let (key, live, writes) = (&self.desired.key, read.live.document(), self.has_changes());
        let text = |pointer: &str| live.get(pointer).and_then(Value::as_str);
        let inherited = key.standing(live) == Standing::Inherited;
        let whole = self.desired.get(WHOLE.pointer).is_some();
        let from = match (text("scope"), text("id")) {
            (Some(scope), Some(id)) if scope != "TENANT" => format!("{} {}", in_a_sentence(scope), in_a_sentence(id)),
            (Some(scope), _) => in_a_sentence(scope).into_owned(),
            _ => "elsewhere".to_owned(),
        };
        Some(match (writes, inherited) {
            (true, true) if whole => {
                format!("{key} is not stored, and its values come from {from}: applying this creates it")
            }
            (true, true) => format!(
                "{key} is not stored, and its values come from {from}: applying this creates it with a copy of them, and later \
                 changes there no longer reach it"
            ),
            (true, false) => format!("{key} is not stored: applying this creates it"),
            (false, true) => {
                format!("{key} is not stored: its values come from {from}, and a change there changes them")
            }
            (false, false) => format!("{key} is not stored"),
        })
    }
}

/// A generation that is neither deprecated nor current, and has less than the current one, is a choice with a price.
fn lacking(resource: &Resource, generation: &Generation) -> Option<String> {
    let current = resource.current().filter(|current| *current != generation && !generation.deprecated())?;
    let lacks: Vec<String> = resource
        .settings_of(current)
        .filter(|setting| resource.setting_in(generation, setting.pointer).is_none())
        .map(Setting::dotted)
        .collect();
    (!lacks.is_empty()).then(|| {
        format!(
            "{} {} lacks {}, so a change through it cannot carry them; {}, the current one, has them",
            resource.name,
            generation.name,
            lacks.join(", "),
            current.name
        )
    })
}
