//! How many people hold an entitlement that enters or leaves JIT control: numbers, no people.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt as _;

use super::{AT_ONCE, Budget, Entry, Way, filter, names};
use crate::plan::Change;
use crate::plan::tenant::TenantPlan;
use crate::resource::reference::{Holders, Known, Referent};
use crate::tenant::{ApiError, Tenant};

/// The list of who holds what.
pub(super) const WAY: Way = Way {
    what: "holders of entitlements",
    path: "/entitlement-connections/v1",
    scope: "idn:entitlement-connections:list",
    levels: &["ORG_ADMIN"],
};

/// Entitlements that are counted for one entry of the workspace; each takes two requests.
const MOST: usize = 25;

/// Counts the connections to every entitlement that enters or leaves a set.
pub(super) async fn look_up(entries: &mut [Entry<'_>], tenant: &Tenant, budget: &Budget) {
    let asked: BTreeSet<String> =
        entries.iter().flat_map(|entry| wanted(entry.plan).into_iter().take(MOST)).map(str::to_owned).collect();
    let mut holders_of: BTreeMap<String, Holders> = BTreeMap::new();
    let mut lacking = None;
    let mut counted = futures_util::stream::iter(&asked)
        .map(|id| async move { (id, count(tenant, id, budget).await) })
        .buffered(AT_ONCE);
    while let Some((id, holders)) = counted.next().await {
        match holders {
            Some(Ok(Some(holders))) => {
                holders_of.insert(id.clone(), holders);
            }
            Some(Ok(None)) => {
                lacking = Some(format!("{} not looked up: the tenant does not tell how many there are", WAY.what));
                break;
            }
            Some(Err(error)) => {
                lacking = Some(WAY.lacking(WAY.what, &error));
                break;
            }
            None => break,
        }
    }
    drop(counted);
    for entry in entries {
        let wanted = wanted(entry.plan);
        let left = wanted.iter().filter(|id| !asked.contains(**id)).count();
        if !wanted.is_empty() {
            entry.found.lacking.extend(lacking.clone());
        }
        if left > 0 && !holders_of.is_empty() {
            let what = format!("{} not looked up for {left} more: one run counts those of {MOST}", WAY.what);
            entry.found.lacking.push(what);
        }
        for resource in entry.plan.resources_mut() {
            names::learn(resource, |change| {
                let counted = |id: &str| Some((id.to_owned(), *holders_of.get(id)?));
                Known { holders: moving(change).into_iter().filter_map(counted).collect(), ..Known::default() }
            });
        }
    }
}

/// Returns the entitlements that enter or leave a set in a plan.
fn wanted(plan: &TenantPlan) -> BTreeSet<&str> {
    let read = plan.resources().iter().flat_map(|resource| &resource.outcome);
    read.flat_map(|read| &read.comparison.changes).flat_map(moving).collect()
}

/// Returns the entitlements that enter or leave a set.
fn moving(change: &Change) -> Vec<&str> {
    let ids = |value| -> BTreeSet<&str> {
        let references = change.setting.references([value]).into_iter();
        let set = change.setting.kind.is_set();
        references.filter(|it| set && it.referent == Referent::Entitlement).map(|it| it.id).collect()
    };
    let (before, after) = (ids(change.before.as_deref()), ids(Some(change.after.as_ref())));
    before.symmetric_difference(&after).copied().collect()
}

/// Counts the connections to an entitlement by type; `None` inside if the tenant does not tell, outside if no request is
/// left.
async fn count(tenant: &Tenant, id: &str, budget: &Budget) -> Option<Result<Option<Holders>, ApiError>> {
    let mut totals = [0, 0];
    for (total, kind) in totals.iter_mut().zip(["JIT", "STANDING"]) {
        let filter = format!("entitlement.id eq {} and type eq \"{kind}\"", filter::quoted(id));
        let query = format!("count=true&limit=1&filters={}", filter::encoded(&filter));
        match WAY.read(tenant, &query, budget).await? {
            Ok(page) => match page.total {
                Some(number) => *total = number,
                None => return Some(Ok(None)),
            },
            Err(error) => return Some(Err(error)),
        }
    }
    let [jit, standing] = totals;
    Some(Ok(Some(Holders { jit, standing })))
}
