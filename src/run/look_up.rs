//! The look-ups of a run: for every tenant what was asked for, side by side.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::ledger::{self, Earlier};
use super::read::{Planned, side_by_side};
use crate::documents::receipt::{Outcome, Receipt};
use crate::look_up::{Entry, look_up};
use crate::plan::looked_up::{Label, LookUp};
use crate::resource::Key;
use crate::tenant::Tenant;

/// Looks up what is asked for about every tenant that was read. `folder` holds the receipts of earlier runs.
pub async fn of_tenants(tenants: &mut [Planned], asked: &[LookUp], folder: &Path, parallelism: usize) {
    if asked.is_empty() {
        return;
    }
    let last = if asked.contains(&LookUp::Changes) {
        let urls: Vec<&str> = tenants.iter().map(|tenant| tenant.plan.url.as_str()).collect();
        ledger::last_of(folder, &urls)
    } else {
        vec![None; tenants.len()]
    };
    let jobs = systems(tenants, &last).into_iter().map(|System { tenant, mut entries, .. }| async move {
        look_up(&mut entries, tenant, asked).await;
        tenant.rest();
    });
    side_by_side(jobs, parallelism).await;
}

/// Entries of the workspace that are one tenant, read with one client.
struct System<'a> {
    /// The connection of one of them.
    tenant: &'a Tenant,
    /// Whether a document was read with it.
    reads: bool,
    entries: Vec<Entry<'a>>,
}

/// Returns the systems behind the entries that were read, in the order of the workspace. `last` are their last receipts.
fn systems<'a>(tenants: &'a mut [Planned], last: &'a [Option<Arc<Earlier>>]) -> Vec<System<'a>> {
    let mut systems: Vec<System<'a>> = Vec::new();
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    for (planned, last) in tenants.iter_mut().zip(last) {
        let Planned { plan, client: Some(client), rules, .. } = planned else { continue };
        let Ok(resources) = &plan.outcome else { continue };
        let tenant: &'a Tenant = &client.tenant;
        let reads = resources.iter().any(|resource| resource.outcome.is_ok());
        let labels: Vec<Label> = rules.iter().flat_map(|set| set.labels()).collect();
        let url = plan.url.clone();
        let since = move |key: &Key| written(&last.as_ref()?.receipt, &url, key);
        let entry = Entry::new(plan, labels, Box::new(since));
        let place = *places.entry(tenant.client()).or_insert(systems.len());
        match systems.get_mut(place) {
            Some(system) => {
                // The secret of an entry that could not be read may be a wrong one.
                if reads && !system.reads {
                    (system.tenant, system.reads) = (tenant, true);
                }
                system.entries.push(entry);
            }
            None => systems.push(System { tenant, reads, entries: vec![entry] }),
        }
    }
    systems
}

/// Returns when the run of a receipt knew what a document holds.
fn written(receipt: &Receipt, url: &str, key: &Key) -> Option<Timestamp> {
    let entry = receipt.tenants.iter().filter(|tenant| tenant.url == url).find_map(|tenant| tenant.get(key.into()))?;
    let known = matches!(entry.outcome, Outcome::Applied | Outcome::Unchanged);
    known.then(|| receipt.finished_at.as_ref().unwrap_or(&receipt.started_at).parse().ok())?
}
