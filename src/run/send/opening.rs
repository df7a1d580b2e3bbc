//! The receipt of a run that has not begun.

use serde_json::Value;

use super::sendable;
use crate::documents::build;
use crate::documents::evidence::{self, Evidence};
use crate::documents::left::LeftEntry;
use crate::documents::looked_up::LookUpsEntry;
use crate::documents::plan::{ErrorEntry, LiftedEntry, RefusalEntry};
use crate::documents::receipt::{self, Outcome, Receipt, ResourceReceipt, TenantReceipt};
use crate::plan::tenant::ResourcePlan;
use crate::resource::Write;
use crate::run::now;
use crate::run::read::Planned;
use crate::workspace::load::variable;

/// Returns the receipt of an apply that has not begun.
pub(super) fn open(tenants: &[Planned], digest: &str) -> Receipt {
    Receipt {
        format_version: receipt::FORMAT_VERSION.to_owned(),
        sailplan: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: now(),
        finished_at: None,
        rolls_back: None,
        digest: digest.to_owned(),
        run: evidence::run_facts(variable),
        evidence: Evidence::default(),
        window: tenants.iter().any(puts).then(|| receipt::WINDOW.to_owned()),
        verdict: None,
        tenants: tenants.iter().map(open_tenant).collect(),
    }
}

fn open_tenant(tenant: &Planned) -> TenantReceipt {
    let mut entry = TenantReceipt {
        name: tenant.plan.name.clone(),
        url: tenant.plan.url.clone(),
        identity: std::collections::BTreeMap::new(),
        error: tenant.refused.as_ref().map(ErrorEntry::from),
        refusals: tenant.judged.refusals.iter().map(RefusalEntry::from).collect(),
        lifted: tenant.judged.lifted.iter().map(LiftedEntry::from).collect(),
        look_ups: tenant.plan.looked_up.as_ref().map(LookUpsEntry::from),
        resources: Vec::new(),
    };
    if let Err(failure) = &tenant.plan.outcome {
        entry.error = Some(failure.into());
        return entry;
    }
    if let Some(identity) = tenant.client.as_ref().and_then(|client| client.tenant.identity()) {
        let facts = [("identityId", identity.identity_id), ("userName", identity.user_name), ("org", identity.org)];
        entry.identity = facts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    }
    for resource in tenant.plan.resources() {
        let overrides = resource.outcome.as_ref().ok().and_then(|read| read.comparison.overrides);
        let (outcome, error) = match &resource.outcome {
            Err(error) => {
                let outcome = if error.is_refusal() { Outcome::Refused } else { Outcome::Failed };
                (outcome, Some(error.clone()))
            }
            Ok(read) => {
                let contradiction = resource.failure();
                let outcome = match (&contradiction, &tenant.refused, read.comparison.changes.is_empty()) {
                    (Some(_), ..) | (_, Some(_), _) => Outcome::Refused,
                    (_, _, true) => Outcome::Unchanged,
                    (_, _, false) => Outcome::Pending,
                };
                (outcome, contradiction)
            }
        };
        entry.resources.push(ResourceReceipt {
            resource: resource.desired.resource().name.to_owned(),
            instance: resource.desired.key.instance.as_ref().map(ToString::to_string),
            api_version: resource.desired.generation.name.to_owned(),
            outcome,
            started_at: None,
            finished_at: None,
            left: resource.left.iter().map(LeftEntry::from).collect(),
            // These come with the write.
            before: Value::Null,
            operations: Vec::new(),
            changes: Vec::new(),
            overrides: overrides.map(|overrides| overrides.sentence.to_owned()),
            after: None,
            tracking_id: None,
            error: error.as_ref().map(ErrorEntry::from),
            events: build::events(&resource.desired.key, tenant.plan.looked_up.as_ref()),
            notes: resource.notes.clone(),
        });
    }
    entry
}

/// Returns whether a whole document is to be replaced.
fn puts(tenant: &Planned) -> bool {
    let put = |resource: &ResourcePlan| matches!(resource.desired.resource().write, Write::Put { .. });
    tenant.refused.is_none() && tenant.plan.resources().iter().any(|resource| put(resource) && sendable(resource))
}
