//! An approved plan against what holds now: the checkout must still ask for it, and nothing it looked at may have moved.

use std::collections::HashMap;

use crate::documents::against;
use crate::documents::name::DocumentName;
use crate::documents::plan::{ActionEntry, DifferenceKind, ResourceEntry, Status, TenantEntry};
use crate::failure::Failure;
use crate::guardrails::{ApprovalWord, RuleSet};
use crate::plan::tenant::ResourcePlan;
use crate::report::change::difference;
use crate::report::unread::{any_read, was_read};
use crate::resource::Setting;
use crate::resource::impact::Impact;
use crate::run::read::Planned;
use crate::settings::Desired;
use crate::workspace::Target;

/// Returns why the settings, tenants and generations of the checkout would not give the changes of these tenants of a plan;
/// nothing when they would. `targets` are the tenants of the checkout.
pub fn checkout_differs(planned: &[&TenantEntry], targets: &[Target]) -> Vec<String> {
    let mut reasons = Vec::new();
    for tenant in planned {
        let Some(target) = targets.iter().find(|target| target.name == tenant.name) else {
            reasons.push(format!("tenant {} of the plan is not in the checkout", tenant.name));
            continue;
        };
        // An address that could not be worked out fails when it is used, with its own words.
        if target.access.is_ok() && target.url != tenant.url {
            reasons.push(format!("tenant {} was planned at {} and is now at {}", tenant.name, tenant.url, target.url));
            continue;
        }
        for resource in &tenant.resources {
            resource_differs(tenant, resource, &target.desired, &mut reasons);
        }
    }
    reasons
}

fn resource_differs(tenant: &TenantEntry, resource: &ResourceEntry, desired: &Desired, reasons: &mut Vec<String>) {
    let place = format!("{} {}", tenant.name, resource.document());
    // It has no changes that anybody approved, and is left out when the plan is sent.
    if resource.status == Status::Failed {
        return;
    }
    let Some(wanted) = resource.document().key().and_then(|key| desired.get(&key)) else {
        if !resource.changes.is_empty() {
            reasons.push(format!("{place} is no longer managed"));
        }
        return;
    };
    if wanted.generation.name != resource.api_version {
        reasons.push(format!(
            "{place} was planned for apiVersion {} and is now {}",
            resource.api_version, wanted.generation.name
        ));
        return;
    }
    for change in &resource.changes {
        match wanted.get(&change.path) {
            None => {
                let setting = wanted.resource().setting(&change.path);
                let name = setting.map_or_else(|| change.path.clone(), Setting::dotted);
                reasons.push(format!("{place}: {name} is no longer managed"));
            }
            Some(managed) if !managed.setting.equal(Some(managed.value.as_ref()), Some(change.value())) => {
                let (planned, now) = managed.setting.show_both(Some(change.value()), Some(managed.value.as_ref()));
                reasons.push(format!(
                    "{place}: {} was planned to become {planned} and the settings now say {now} ({})",
                    managed.setting, managed.place
                ));
            }
            Some(_) => {}
        }
    }
}

/// Returns why a rollback of a tenant needs `--approved`: it loosens, and the guardrails let nothing but a reviewed change do
/// that. A receipt is a file, and proves nothing.
pub fn needs_review(tenant: &Planned) -> Option<Failure> {
    let mut changes = tenant.plan.resources().iter().filter_map(|resource| resource.outcome.as_ref().ok());
    if !changes.any(|read| read.comparison.changes.iter().any(|change| change.effect.impact == Impact::Loosens)) {
        return None;
    }
    let strict = tenant.rules.iter().find_map(|set| {
        let lift = set.guardrails.lift.as_ref().filter(|_| set.guardrails.only_allowances());
        lift.map(|clause| ("lift", &clause.place)).or_else(|| {
            let apply = set.guardrails.apply.iter().find(|clause| clause.says.len() < ApprovalWord::ALL.len());
            apply.map(|clause| ("apply", &clause.place))
        })
    });
    let (rule, place) = strict?;
    let message =
        format!("a rollback that loosens needs --approved here ({rule}, {place}); nothing was sent to this tenant");
    let help = "save the plan with --out FILE and have it reviewed; --approved DIGEST sends it";
    Some(Failure::refused(message, help))
}

/// Returns the ways in which an apply may be approved that the guardrails of every tenant with something to send permit.
pub fn permitted(tenants: &[Planned]) -> Vec<ApprovalWord> {
    let sends =
        |tenant: &&Planned| tenant.refused.is_none() && tenant.plan.resources().iter().any(ResourcePlan::has_changes);
    let rules = tenants.iter().filter(sends).flat_map(|tenant| &tenant.rules);
    let rules: Vec<&RuleSet> = rules.map(AsRef::as_ref).collect();
    let everywhere = |word: &ApprovalWord| rules.iter().all(|set| set.guardrails.approvals().contains(word));
    ApprovalWord::ALL.into_iter().filter(everywhere).collect()
}

/// Returns how to have a plan approved where no question can be asked. `command` is what was typed, `digest` that of the
/// plan.
pub fn how(permitted: &[ApprovalWord], command: &str, digest: &str) -> Vec<String> {
    let exactly = format!("look at the plan above, then send exactly it: {command} --approved {digest}");
    let unseen = format!("or approve whatever the plan is by then: {command} --yes");
    match (permitted.contains(&ApprovalWord::Approved), permitted.contains(&ApprovalWord::Yes)) {
        (true, true) => vec![exactly, unseen],
        (true, false) => vec![exactly],
        (false, true) => vec![unseen],
        (false, false) => vec![match permitted.first() {
            Some(word) => word.command().to_owned(),
            None => "the guardrails of these tenants permit no way in common: choose with --tenant".to_owned(),
        }],
    }
}

/// Returns why nothing of a resource may be sent, where the plan has nothing for it to send.
pub fn not_planned(plan: &TenantEntry, document: DocumentName<'_>) -> Option<Failure> {
    let failed = match plan.get(document) {
        Some(entry) => entry.status == Status::Failed,
        None => plan.error.is_some(),
    };
    failed.then(nothing_approved)
}

/// Sees to it that what an approved plan could not read is not asked for: nothing of it is approved. A tenant of which the
/// plan read nothing is not contacted.
pub fn set_unread_aside(planned: &[&TenantEntry], targets: &mut [Target]) {
    let entries: HashMap<&str, &TenantEntry> = planned.iter().map(|entry| (entry.name.as_str(), *entry)).collect();
    for target in targets {
        let Some(entry) = entries.get(target.name.as_str()) else { continue };
        if !any_read(entry) {
            target.access = Err(nothing_approved());
        }
        let unread = entry.resources.iter().filter(|resource| !was_read(resource));
        target.set_aside =
            unread.filter_map(|resource| Some((resource.document().key()?, nothing_approved()))).collect();
    }
}

fn nothing_approved() -> Failure {
    Failure::failed(
        "it could not be planned, so nothing of it was approved",
        "make a new plan and have it approved: sailplan plan --out FILE",
    )
}

/// Returns what moved since the plan was made, in one line per setting; nothing when every setting of the plan stands at
/// its value before or already at its value after, and every other managed setting is as desired. `now` is the tenant's
/// entry in the current plan.
pub fn moved(plan: &TenantEntry, now: &TenantEntry) -> Vec<String> {
    let differences = against::of_tenant(plan, now);
    let moved = differences.iter().filter(|one| matches!(one.kind, DifferenceKind::Moved | DifferenceKind::New));
    let is = |entry: &ResourceEntry, action| entry.action == Some(action) && !entry.changes.is_empty();
    let gone = now.resources.iter().filter(|entry| {
        is(entry, ActionEntry::Create)
            && plan.get(entry.document()).is_some_and(|planned| is(planned, ActionEntry::Change))
    });
    let gone =
        gone.map(|entry| format!("{} is not stored any more, and the PUT would store it again", entry.document()));
    moved.map(difference).chain(gone).collect()
}
