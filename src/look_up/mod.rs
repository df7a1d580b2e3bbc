//! What a tenant knows beside its documents: the names of ids, how many people hold an entitlement, who changed a document.
//! It is asked for only where the user wants it, and never needed: what is refused or fails is said once, and the plan is as it
//! would be without.
//!
//! A look-up is one file here. A kind of id is one entry in [`names`], where its list is, and one word in
//! [`Referent`](crate::resource::reference::Referent).

pub mod changes;
mod filter;
pub mod holders;
pub mod names;
mod way;

use std::borrow::Cow;
use std::cell::Cell;

use jiff::Timestamp;

use crate::plan::looked_up::{Label, LookUp, LookedUp};
use crate::plan::tenant::TenantPlan;
use crate::tenant::{ApiError, Endpoint, Tenant};
use changes::Since;

pub use way::Way;

/// The most requests that look-ups make with one client to one tenant in one run.
const MOST_REQUESTS: usize = 400;

/// Requests of one look-up at the same time.
const AT_ONCE: usize = 4;

/// Returns the lists that a look-up needs.
pub fn ways(look_up: LookUp) -> Vec<&'static Way> {
    match look_up {
        LookUp::Names => names::WAYS.iter().collect(),
        LookUp::Holders => vec![&holders::WAY],
        LookUp::Changes => vec![&changes::WAY],
        LookUp::Persons => Vec::new(),
    }
}

/// Reads as little as possible of a list, to learn whether it can be read.
///
/// # Errors
///
/// It cannot.
pub async fn probe(tenant: &Tenant, way: &Way) -> Result<(), ApiError> {
    let query = if way.path == names::WORKFLOWS { "" } else { "?limit=1" };
    let endpoint = Endpoint { path: Cow::Owned(format!("{}{query}", way.path)) };
    let page = if way.path == changes::WAY.path {
        tenant.search(&endpoint, &changes::query(&[], Timestamp::now())).await
    } else {
        tenant.list(&endpoint).await
    };
    page.map(|_| ())
}

/// How many requests may still be made.
struct Budget(Cell<usize>);

impl Default for Budget {
    fn default() -> Budget {
        Budget(Cell::new(MOST_REQUESTS))
    }
}

impl Budget {
    /// Takes one request; false if there is none left.
    fn take(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

/// An entry of the workspace that was read, about which something is to be looked up.
pub struct Entry<'a> {
    plan: &'a mut TenantPlan,
    labels: Vec<Label>,
    since: Since<'a>,
    found: LookedUp,
}

impl<'a> Entry<'a> {
    /// Takes the plan of an entry that was read, where what is found goes. `labels` are ids of other files than the settings;
    /// `since` says from when on changes of its documents are of interest.
    pub fn new(plan: &'a mut TenantPlan, labels: Vec<Label>, since: Since<'a>) -> Self {
        Self { plan, labels, since, found: LookedUp::default() }
    }
}

/// Looks up what is asked for about entries that are one tenant, read with one client, and puts it into their plans. What
/// several of them need is asked for once.
pub async fn look_up(entries: &mut [Entry<'_>], tenant: &Tenant, asked: &[LookUp]) {
    let wants = |look_up: LookUp| asked.contains(&look_up);
    if ![LookUp::Names, LookUp::Holders, LookUp::Changes].into_iter().any(wants) {
        return;
    }
    let budget = Budget::default();
    if wants(LookUp::Names) {
        names::look_up(entries, tenant, &budget).await;
    }
    if wants(LookUp::Holders) {
        holders::look_up(entries, tenant, &budget).await;
    }
    if wants(LookUp::Changes) {
        changes::look_up(entries, tenant).await;
    }
    for entry in entries {
        let found = std::mem::take(&mut entry.found);
        entry.plan.looked_up = Some(LookedUp { persons: wants(LookUp::Persons), ..found });
    }
}
