//! Results to words: the only place that says how a plan or an apply went. What it builds is data; the files beside it
//! turn that into text without deciding anything.

pub mod alike;
pub mod applied;
pub mod change;
pub mod doctor;
pub mod explained;
pub mod forge;
pub mod guards;
mod headline;
pub mod html;
pub mod layout;
pub mod listed;
mod looked_up;
pub mod markdown;
pub mod next;
mod notes;
pub mod overview;
pub mod receipt;
pub mod receipts;
mod terms;
pub mod text;
pub mod time;
pub mod unread;
pub mod validated;

use std::collections::HashSet;

use overview::{Class, Grid};
use serde_json::Value;

use crate::documents::build;
use crate::documents::control::counted;
use crate::documents::grid::GridEntry;
use crate::documents::in_words::{self, InWordsEntry};
use crate::documents::name::DocumentName;
use crate::documents::plan::{AcceptedEntry, ChangeEntry, PlanFile, ResourceEntry, ShardEntry, Summary};
use crate::resource::impact::Impact;
use crate::text::number::count;
use crate::text::problem::Severity;
use crate::text::threads;

/// Returns the counts of a plan and its verdict.
pub fn summary(plan: &PlanFile) -> Summary {
    let counts = build::counts(plan);
    Summary { headline: headline::headline(plan, &counts), verdict: verdict(plan, &counts), ..counts }
}

/// Puts digest and summary into a plan that has everything else.
pub fn conclude(plan: &mut PlanFile) {
    let digest = || (!plan.tenants.is_empty()).then(|| plan.compute_digest());
    let (summary, digest) = threads::both(plan.tenants.len(), || summary(plan), digest);
    (plan.summary, plan.digest) = (summary, digest);
}

/// Puts into a plan that is published what its readers are told: the summary, the grid, and every change in words.
pub fn tell(plan: &mut PlanFile) {
    plan.summary = summary(plan);
    put_into_words(plan);
}

/// Puts the grid and every change in words into a plan that is published.
pub fn put_into_words(plan: &mut PlanFile) {
    plan.grid = grid(plan);
    for resource in plan.tenants.iter_mut().flat_map(|tenant| &mut tenant.resources) {
        let told: Vec<InWordsEntry> = resource.changes.iter().map(|change| told(resource, change)).collect();
        for (change, told) in resource.changes.iter_mut().zip(told) {
            change.in_words = Some(told);
        }
    }
}

/// Returns settings by tenants; `None` if nothing changes, or for so few tenants that it says no more than the changes do.
fn grid(plan: &PlanFile) -> Option<GridEntry> {
    Grid::of_plan(plan).as_ref().map(GridEntry::from)
}

fn told(resource: &ResourceEntry, change: &ChangeEntry) -> InWordsEntry {
    let names = overview::names(&change.names, &change.people, true);
    let setting = resource.setting(&change.path);
    let words = |value: Option<&Value>| in_words::in_words(setting, value, &names);
    let now = words(change.before.as_deref());
    let members = setting.filter(|setting| setting.kind.is_set());
    let members = members.map(|setting| setting.members(change.before.as_deref(), Some(change.value())));
    let moving = members.map_or([false; 2], |found| [!found.removed.is_empty(), !found.added.is_empty()]);
    InWordsEntry {
        class: Class::of(change).word().to_owned(),
        covers: change::covers(resource),
        about: setting.map(|setting| change::about(setting).to_owned()),
        agreed: change.agreed.as_ref().map(|agreed| match &agreed.value {
            Some(value) => words(Some(value)),
            None => "not managed".to_owned(),
        }),
        planned: words(Some(change.value())),
        touches: change::touched(resource, change, moving).map(|parts| parts.join("; ")),
        undo: overview::undo(resource, change, setting.map(|_| now.clone())),
        now,
    }
}

/// Says that a part of the tenants has none; `None` if that is not why there is no plan.
fn empty_part(plan: &PlanFile) -> Option<String> {
    let errors = plan.problems.iter().any(|problem| problem.severity == Severity::Error);
    let ShardEntry { number, of, .. } = plan.shard.as_ref().filter(|_| !errors)?;
    Some(format!("shard {number}/{of} has none of the chosen tenants"))
}

/// Returns the settings for which the branch takes over what the tenant has, each with its resource.
fn accepted_of(plan: &PlanFile) -> impl Iterator<Item = (&ResourceEntry, &AcceptedEntry)> {
    let resources = plan.tenants.iter().flat_map(|tenant| &tenant.resources);
    resources.flat_map(|resource| resource.accepted.iter().map(move |entry| (resource, entry)))
}

fn verdict(plan: &PlanFile, counts: &Summary) -> String {
    let Summary { changes, failed, .. } = *counts;
    if plan.tenants.is_empty() {
        return without_tenants(plan);
    }
    let beside = beside_changes(plan, counts);
    if changes > 0 {
        let start = if failed == 0 { "Plan" } else { "Incomplete plan" };
        return format!("{start}: {}{beside}.", changes_of(plan, counts));
    }
    if failed == 0 {
        return format!("No changes{}{beside}.", unchanged_of(plan, counts));
    }
    if plan.tenants.iter().any(unread::any_read) {
        format!("Incomplete plan: no changes in what could be read{beside}.")
    } else {
        format!("No plan{beside}.")
    }
}

fn without_tenants(plan: &PlanFile) -> String {
    let errors = plan.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    match errors {
        0 if plan.losses.is_empty() => "No tenant to plan for.".to_owned(),
        0 => format!("No tenant is left to plan for; {}.", counted(&plan.losses, 0, &[]).join("; ")),
        _ => format!("No plan: {} to fix first.", count(errors, "error", "errors")),
    }
}

/// Returns what a verdict says beside the changes, each part after a semicolon.
fn beside_changes(plan: &PlanFile, counts: &Summary) -> String {
    let Summary { changes, weakened, moved, accepted, .. } = *counts;
    let mut parts: Vec<String> = unread::missing(plan).iter().map(|missing| missing.clause()).collect();
    let refused = refused_of(plan);
    if refused > 0 {
        parts.push(format!("{} refused by guardrails", count(refused, "tenant is", "tenants are")));
    }
    // Losses count with the changes, if there are any.
    let losses = if changes == 0 { plan.losses.as_slice() } else { &[] };
    parts.extend(counted(losses, weakened, &plan.gains));
    if moved > 0 {
        parts.push(count(moved, "tenant or setting moved", "tenants or settings moved"));
    }
    if accepted > 0 {
        let loosens = accepted_of(plan).filter(|(_, entry)| entry.impact == Impact::Loosens).count();
        let loosens = if loosens > 0 { format!(" ({})", count(loosens, "loosens", "loosen")) } else { String::new() };
        let values = count(accepted, "value of the tenant is taken over", "values of tenants are taken over");
        parts.push(format!("{values}{loosens}"));
    }
    let left = left_of(plan);
    if left > 0 {
        parts.push(count(left, "setting stays as it is", "settings stay as they are"));
    }
    parts.iter().map(|part| format!("; {part}")).collect()
}

/// Returns to how many tenants guardrails stop an apply.
fn refused_of(plan: &PlanFile) -> usize {
    plan.tenants.iter().filter(|tenant| !tenant.refusals.is_empty()).count()
}

/// Returns how many settings a rollback leaves as they are.
fn left_of(plan: &PlanFile) -> usize {
    plan.tenants.iter().flat_map(|tenant| &tenant.resources).map(|entry| entry.left.len()).sum()
}

/// Returns what has no changes, to stand after "No changes".
fn unchanged_of(plan: &PlanFile, counts: &Summary) -> String {
    if refused_of(plan) > 0 || left_of(plan) > 0 {
        return String::new();
    }
    if plan.rolls_back.is_some() {
        return ". Every setting has the value from before that run".to_owned();
    }
    if !plan.only.is_empty() {
        return " in the chosen settings; the others are left out".to_owned();
    }
    let managed: usize = plan.tenants.iter().flat_map(|tenant| &tenant.resources).map(|entry| entry.managed).sum();
    let unmanaged = match counts.unmanaged {
        0 => String::new(),
        number => format!("; {} not managed", count(number, "is", "are")),
    };
    let (managed, tenants) =
        (count(managed, "managed setting", "managed settings"), count(plan.tenants.len(), "tenant", "tenants"));
    format!(" in {managed} of {tenants}{unmanaged}")
}

/// Returns how much changes, and how that is to be judged.
fn changes_of(plan: &PlanFile, counts: &Summary) -> String {
    let tenants: HashSet<&str> = plan.changes().map(|(tenant, ..)| tenant.name.as_str()).collect();
    let resources: HashSet<(&str, DocumentName<'_>)> =
        plan.changes().map(|(tenant, resource, _)| (tenant.name.as_str(), resource.document())).collect();
    // What another setting covers, or is only offered, is no gain that could weigh against anything.
    let moot = plan.changes().filter(|(.., change)| change.moot && change.impact == Impact::Tightens).count();
    let number = |impact: Impact| {
        let number = *counts.impacts.get(&impact)?;
        let number = if impact == Impact::Tightens { number.saturating_sub(moot) } else { number };
        if number == 0 {
            return None;
        }
        let (verb, verbs) = match impact {
            Impact::Loosens => ("loosens", "loosen"),
            Impact::Review => ("needs review", "need review"),
            Impact::Tightens => ("tightens", "tighten"),
            Impact::Neutral => ("is neutral", "are neutral"),
        };
        Some(count(number, verb, verbs))
    };
    let disrupts = plan.changes().filter(|(.., change)| change.disrupts).count();
    let mut words: Vec<String> = counted(&plan.losses, 0, &[]);
    words.extend(number(Impact::Loosens));
    words.extend((disrupts > 0).then(|| count(disrupts, "disrupts", "disrupt")));
    words.extend([Impact::Review, Impact::Tightens].into_iter().filter_map(number));
    words.extend((moot > 0).then(|| count(moot, "limits nothing", "limit nothing")));
    words.extend(number(Impact::Neutral));
    let words = if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) };
    format!(
        "{} to change in {} of {}{words}",
        count(counts.changes, "setting", "settings"),
        count(resources.len(), "resource", "resources"),
        count(tenants.len(), "tenant", "tenants"),
    )
}

#[cfg(test)]
mod tests;
