//! From the domain to the published documents: the only place that knows both.

mod control;
mod entries;
mod sent;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::in_words::{HoldsEntry, QuestionEntry, System, in_words};
use super::left::LeftEntry;
use super::looked_up::{EventsEntry, LookUpsEntry};
use super::plan::{
    AcceptedEntry, ActionEntry, AskedEntry, ChangeEntry, ErrorEntry, FORMAT_VERSION, LiftedEntry, PlanFile,
    ProblemEntry, RefusalEntry, ResourceEntry, SourceEntry, Status, Summary, TenantEntry, UnmanagedEntry,
    WeakenedEntry,
};
use super::requested::TogetherEntry;
use crate::guardrails::Judged;
use crate::plan::looked_up::LookedUp;
use crate::plan::tenant::{ResourcePlan, TenantPlan};
use crate::plan::{Change, Comparison};
use crate::resource::Key;
use crate::resource::impact::Impact;
use crate::settings::DesiredResource;
use crate::text::problem::{Problem, rules};
use crate::text::threads;

pub use control::control;
pub use sent::{not_sent, operations, sending};

/// Returns the plan as a document; its digest and summary are left to be made when everything else is in it.
pub fn plan<'a>(tenants: impl IntoIterator<Item = (&'a TenantPlan, &'a Judged)>, problems: &[Problem]) -> PlanFile {
    let tenants: Vec<(&TenantPlan, &Judged)> = tenants.into_iter().collect();
    let plans: Vec<&TenantPlan> = tenants.iter().map(|(tenant, _)| *tenant).collect();
    let mut tenants: Vec<TenantEntry> = threads::in_parts(&tenants, |tenants| {
        tenants.iter().map(|(tenant, judged)| tenant_entry(tenant, judged)).collect()
    });
    tell_asked(&plans, &mut tenants);
    PlanFile {
        format_version: FORMAT_VERSION.to_owned(),
        sailplan: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: None,
        digest: None,
        workspace: None,
        selection: Vec::new(),
        shard: None,
        name: None,
        marker: None,
        only: Vec::new(),
        base: None,
        checkout: None,
        pull_request: None,
        approvers: Vec::new(),
        summary: Summary::default(),
        losses: Vec::new(),
        gains: Vec::new(),
        weakened: Vec::new(),
        tenants,
        problems: problems.iter().map(ProblemEntry::from).collect(),
        rolls_back: None,
        against: None,
        grid: None,
    }
}

/// Returns the counts of a plan; the verdict is left to be worded.
pub fn counts(plan: &PlanFile) -> Summary {
    let mut impacts: BTreeMap<Impact, usize> = BTreeMap::new();
    for (_, _, change) in plan.changes() {
        *impacts.entry(change.impact).or_default() += 1;
    }
    let resources = || plan.tenants.iter().flat_map(|tenant| &tenant.resources);
    let looked_up = || plan.tenants.iter().filter_map(|tenant| tenant.look_ups.as_ref());
    let unreached = plan.tenants.iter().filter(|tenant| tenant.error.is_some() && tenant.resources.is_empty()).count();
    Summary {
        headline: String::new(),
        verdict: String::new(),
        changes: plan.changes().count(),
        impacts,
        unmanaged: resources().map(|resource| resource.unmanaged.len()).sum(),
        failed: resources().filter(|resource| resource.status == Status::Failed).count() + unreached,
        weakened: plan.tenants.iter().map(|tenant| tenant.weakened.len()).sum::<usize>() + plan.weakened.len(),
        losses: plan.losses.len(),
        denied: plan.losses.iter().filter(|loss| loss.denied).count(),
        gained: plan.gains.iter().map(|gain| gain.settings.len()).sum(),
        moved: plan.problems.iter().filter(|problem| problem.rule == rules::CONTROL_MOVED.name()).count(),
        accepted: resources().map(|resource| resource.accepted.len()).sum(),
        misnamed: looked_up().map(|look_ups| look_ups.misnamed.len()).sum(),
        unknown_ids: looked_up().map(|look_ups| look_ups.unknown_ids.len()).sum(),
    }
}

fn accepted(change: &Change) -> Option<AcceptedEntry> {
    Some(AcceptedEntry {
        path: change.setting.pointer.to_owned(),
        agreed: change.before.clone()?,
        value: change.after.clone(),
        impact: change.effect.impact,
        sentence: change.effect.sentence.clone(),
        source: SourceEntry::from(&change.place),
    })
}

/// Tells of the documents that could not be read what the settings files ask of what changes elsewhere.
fn tell_asked(plans: &[&TenantPlan], entries: &mut [TenantEntry]) {
    let unread: Vec<Vec<&DesiredResource>> = plans
        .iter()
        .map(|tenant| {
            let unread = tenant.resources().iter().filter(|resource| resource.outcome.is_err());
            tenant.asked.iter().chain(unread.map(|resource| &resource.desired)).collect()
        })
        .collect();
    if unread.iter().all(Vec::is_empty) {
        return;
    }
    let changing: HashSet<(&Key, &str)> = plans
        .iter()
        .flat_map(|tenant| tenant.resources())
        .filter_map(|resource| Some((&resource.desired.key, resource.outcome.as_ref().ok()?)))
        .flat_map(|(key, read)| read.comparison.changes.iter().map(move |change| (key, change.setting.pointer)))
        .collect();
    for (entry, unread) in entries.iter_mut().zip(unread) {
        let asked = unread.iter().flat_map(|desired| {
            let settings = desired.settings.iter().filter(|managed| {
                let pointer = managed.setting.pointer;
                changing.contains(&(&desired.key, pointer)) && !desired.left_out.contains(pointer)
            });
            settings.map(|managed| AskedEntry {
                resource: desired.resource().name.to_owned(),
                instance: desired.key.instance.as_ref().map(ToString::to_string),
                path: managed.setting.pointer.to_owned(),
                value: managed.value.clone(),
            })
        });
        entry.asks = (!unread.is_empty()).then(|| asked.collect());
    }
}

fn tenant_entry(tenant: &TenantPlan, judged: &Judged) -> TenantEntry {
    let mut resources: Vec<ResourceEntry> =
        tenant.resources().iter().map(|resource| resource_entry(resource, tenant.looked_up.as_ref())).collect();
    let mut error = tenant.outcome.as_ref().err().map(ErrorEntry::from);
    // A token that is refused and a connection that fails are one cause, whichever document was asked for.
    if let Some(cause) = shared(&resources) {
        error = Some(cause);
        resources.iter_mut().for_each(|resource| resource.error = None);
    }
    TenantEntry {
        name: tenant.name.clone(),
        url: tenant.url.clone(),
        system: Some(System::at(&tenant.url)),
        labels: tenant.labels.iter().cloned().collect(),
        read_at: read_at(tenant),
        error,
        asks: None,
        look_ups: tenant.looked_up.as_ref().map(LookUpsEntry::from),
        resources,
        refusals: judged.refusals.iter().map(RefusalEntry::from).collect(),
        lifted: judged.lifted.iter().map(LiftedEntry::from).collect(),
        weakened: judged.weakened.iter().map(WeakenedEntry::from).collect(),
    }
}

/// Returns when the first document of a tenant was read.
fn read_at(tenant: &TenantPlan) -> Option<String> {
    let reads = tenant.resources().iter().filter_map(|resource| resource.outcome.as_ref().ok());
    let ago = reads.map(|read| read.at.elapsed()).max()?;
    let at = jiff::Timestamp::now().checked_sub(ago).ok()?;
    Some(at.round(jiff::Unit::Second).ok()?.to_string())
}

/// Returns the error that all of several resources have, if it is one.
fn shared(resources: &[ResourceEntry]) -> Option<ErrorEntry> {
    let (first, others) = resources.split_first().filter(|(_, others)| !others.is_empty())?;
    let cause = first.error.as_ref()?;
    // Every request has an id of its own.
    let same = |error: &ErrorEntry| {
        let without_id = |error: &ErrorEntry| ErrorEntry { tracking_id: None, ..error.clone() };
        without_id(error) == without_id(cause)
    };
    others.iter().all(|resource| resource.error.as_ref().is_some_and(same)).then(|| cause.clone())
}

fn resource_entry(plan: &ResourcePlan, looked_up: Option<&LookedUp>) -> ResourceEntry {
    let error = plan.failure().as_ref().map(ErrorEntry::from);
    let status = match (&error, plan.has_changes()) {
        (Some(_), _) => Status::Failed,
        (None, false) => Status::InSync,
        (None, true) => Status::Changes,
    };
    let mut entry = ResourceEntry {
        resource: plan.desired.resource().name.to_owned(),
        instance: plan.desired.key.instance.as_ref().map(ToString::to_string),
        api_version: plan.desired.generation.name.to_owned(),
        action: None,
        above: None,
        status,
        error,
        managed: plan.desired.settings.len(),
        managed_settings: plan.desired.settings.iter().map(|managed| managed.setting.pointer.to_owned()).collect(),
        holds: Vec::new(),
        changes: Vec::new(),
        together: Vec::new(),
        questions: Vec::new(),
        unmanaged: Vec::new(),
        unknown: Vec::new(),
        left: plan.left.iter().map(LeftEntry::from).collect(),
        accepted: plan.accepted.iter().filter_map(accepted).collect(),
        events: events(&plan.desired.key, looked_up),
        warnings: Vec::new(),
    };
    if let Ok(read) = &plan.outcome {
        entry.action = read.comparison.action.map(ActionEntry::from);
        entry.above = read.comparison.above.clone();
        let unmanaged = read.comparison.unmanaged.iter();
        entry.changes = read.comparison.changes.iter().map(ChangeEntry::from).collect();
        entry.holds = holds(plan, &read.comparison);
        let live = read.live.document();
        let unknown = read.comparison.unknown.iter();
        entry.unknown = unknown
            .map(|path| UnmanagedEntry {
                path: path.clone(),
                value: live.pointer(path).cloned().map(Arc::new),
                loosest: false,
            })
            .collect();
        entry.unmanaged = unmanaged
            .map(|(setting, value)| UnmanagedEntry {
                path: setting.pointer.to_owned(),
                value: value.clone(),
                loosest: setting.at_loosest(value.as_deref()),
            })
            .collect();
        entry.questions = QuestionEntry::of(plan.desired.resource(), entry.values());
        entry.together = read.comparison.joint.iter().map(TogetherEntry::from).collect();
        entry.warnings = plan.warnings();
    }
    entry
}

/// Returns the managed settings that do not change, with their values in words.
fn holds(plan: &ResourcePlan, comparison: &Comparison) -> Vec<HoldsEntry> {
    // What is left as it is, such as a change that was rolled back, has another value than the files ask for.
    let unchanged = plan.desired.settings.iter().filter(|managed| {
        let pointer = managed.setting.pointer;
        let left = plan.left.iter().any(|left| left.setting == managed.setting);
        comparison.change(pointer).is_none() && !plan.desired.left_out.contains(pointer) && !left
    });
    let holds = unchanged.map(|managed| HoldsEntry {
        path: managed.setting.pointer.to_owned(),
        value: in_words(Some(managed.setting), Some(&managed.value), &managed.known.names),
    });
    holds.collect()
}

/// Returns the audit events of a document, where they were looked up.
pub fn events(key: &Key, looked_up: Option<&LookedUp>) -> Option<EventsEntry> {
    let (_, events) = looked_up?.events.iter().find(|(of, _)| of == key)?;
    Some(EventsEntry::from(events))
}
