//! A plan against an earlier one: what moved in between, what is new, what is gone. An apply of a saved plan asks the same
//! question of the live state and refuses what moved or is new.

use std::collections::{HashMap, HashSet};

use crate::documents::name::DocumentName;
use crate::documents::plan::{
    AgainstEntry, ChangeEntry, DifferenceEntry, DifferenceKind, PlanFile, ResourceEntry, Status, TenantEntry,
    ValuesEntry,
};
use crate::resource::Setting;

/// Returns how the current plan differs from an earlier one.
pub fn against(earlier: &PlanFile, now: &PlanFile) -> AgainstEntry {
    let mut differences = Vec::new();
    let planned: HashMap<&str, &TenantEntry> =
        earlier.tenants.iter().map(|tenant| (tenant.name.as_str(), tenant)).collect();
    for tenant in &now.tenants {
        match planned.get(tenant.name.as_str()) {
            None => differences.push(apart(tenant, None, "this tenant is not in the earlier plan")),
            Some(before) if before.url != tenant.url => {
                let reason = format!("it was planned at {} and is now at {}", before.url, tenant.url);
                differences.push(apart(tenant, None, &reason));
            }
            Some(before) => differences.extend(of_tenant(before, tenant)),
        }
    }
    let still: HashSet<&str> = now.tenants.iter().map(|tenant| tenant.name.as_str()).collect();
    let gone = earlier.tenants.iter().filter(|before| !still.contains(before.name.as_str()));
    differences.extend(gone.map(|tenant| apart(tenant, None, "this tenant is only in the earlier plan")));
    AgainstEntry { digest: earlier.digest.clone(), created_at: earlier.created_at.clone(), differences }
}

/// Returns how what is planned for one tenant differs from what was planned for it.
pub fn of_tenant(before: &TenantEntry, now: &TenantEntry) -> Vec<DifferenceEntry> {
    let mut differences = Vec::new();
    if before.error.is_some() != now.error.is_some() {
        differences.push(apart(now, None, readable(now.error.is_none())));
        return differences;
    }
    let planned: HashMap<DocumentName<'_>, &ResourceEntry> =
        before.resources.iter().map(|entry| (entry.document(), entry)).collect();
    for resource in &now.resources {
        match planned.get(&resource.document()) {
            Some(planned) if planned.api_version != resource.api_version => {
                let (then, now_is) = (&planned.api_version, &resource.api_version);
                let reason = format!("it was planned for apiVersion {then} and is now {now_is}");
                differences.push(apart(now, Some(resource), &reason));
            }
            Some(planned) if (planned.status == Status::Failed) != (resource.status == Status::Failed) => {
                differences.push(apart(now, Some(resource), readable(resource.status != Status::Failed)));
            }
            Some(planned) => of_resource(now, Some(planned), Some(resource), &mut differences),
            None => of_resource(now, None, Some(resource), &mut differences),
        }
    }
    let still: HashSet<DocumentName<'_>> = now.resources.iter().map(ResourceEntry::document).collect();
    for planned in before.resources.iter().filter(|planned| !still.contains(&planned.document())) {
        of_resource(now, Some(planned), None, &mut differences);
    }
    differences
}

fn readable(now: bool) -> &'static str {
    if now { "it could not be planned then, and can be now" } else { "it could be planned then, and cannot be now" }
}

fn apart(tenant: &TenantEntry, resource: Option<&ResourceEntry>, reason: &str) -> DifferenceEntry {
    DifferenceEntry {
        kind: DifferenceKind::Apart,
        tenant: tenant.name.clone(),
        resource: resource.map(|resource| resource.resource.clone()),
        instance: resource.and_then(|resource| resource.instance.clone()),
        api_version: resource.map(|resource| resource.api_version.clone()),
        path: None,
        planned: None,
        now: None,
        reason: Some(reason.to_owned()),
    }
}

fn of_resource(
    tenant: &TenantEntry,
    planned: Option<&ResourceEntry>,
    now: Option<&ResourceEntry>,
    differences: &mut Vec<DifferenceEntry>,
) {
    let Some(named) = now.or(planned) else { return };
    let changes = |resource: Option<&ResourceEntry>| resource.map(|one| one.changes.clone()).unwrap_or_default();
    let (then, now) = (changes(planned), changes(now));
    let difference = |kind, path: &str, planned: Option<&ChangeEntry>, now: Option<&ChangeEntry>| DifferenceEntry {
        kind,
        tenant: tenant.name.clone(),
        resource: Some(named.resource.clone()),
        instance: named.instance.clone(),
        api_version: Some(named.api_version.clone()),
        path: Some(path.to_owned()),
        planned: planned.map(values),
        now: now.map(values),
        reason: None,
    };
    for change in &now {
        let setting = named.setting(&change.path);
        match then.iter().find(|one| one.path == change.path) {
            None => differences.push(difference(DifferenceKind::New, &change.path, None, Some(change))),
            Some(planned) if same(setting, planned, change) => {}
            Some(planned) => {
                differences.push(difference(DifferenceKind::Moved, &change.path, Some(planned), Some(change)));
            }
        }
    }
    for planned in then.iter().filter(|planned| !now.iter().any(|change| change.path == planned.path)) {
        differences.push(difference(DifferenceKind::Gone, &planned.path, Some(planned), None));
    }
}

fn values(change: &ChangeEntry) -> ValuesEntry {
    ValuesEntry { before: change.before.clone(), value: change.value.clone().unwrap_or_default() }
}

fn same(setting: Option<&Setting>, one: &ChangeEntry, other: &ChangeEntry) -> bool {
    match setting {
        Some(setting) => {
            setting.equal(one.before.as_deref(), other.before.as_deref())
                && setting.equal(Some(one.value()), Some(other.value()))
        }
        // A plan of a later sailplan may hold settings that this one does not know.
        None => (&one.before, one.value()) == (&other.before, other.value()),
    }
}
