//! The look-ups of a run: for every tenant what was asked for, side by side.

use std::path::Path;

use jiff::Timestamp;

use super::ledger;
use super::read::{Planned, side_by_side};
use crate::documents::receipt::{Outcome, Receipt};
use crate::look_up::look_up;
use crate::plan::looked_up::{Label, LookUp};
use crate::resource::Key;

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
    let jobs = tenants.iter_mut().zip(&last).map(|(planned, last)| async move {
        let Planned { plan, client: Some(client), rules, .. } = planned else { return };
        let labels: Vec<Label> = rules.iter().flat_map(|set| set.labels()).collect();
        let url = plan.url.clone();
        let since = |key: &Key| written(&last.as_ref()?.receipt, &url, key);
        look_up(plan, &client.tenant, &labels, asked, &since).await;
        client.tenant.rest();
    });
    side_by_side(jobs, parallelism).await;
}

/// Returns when the run of a receipt knew what a document holds.
fn written(receipt: &Receipt, url: &str, key: &Key) -> Option<Timestamp> {
    let tenant = receipt.tenants.iter().find(|tenant| tenant.url == url)?;
    let entry = tenant.get(key.into())?;
    let known = matches!(entry.outcome, Outcome::Applied | Outcome::Unchanged);
    known.then(|| receipt.finished_at.as_ref().unwrap_or(&receipt.started_at).parse().ok())?
}
