//! Who changed a document that had drifted, by the tenant's audit events. An event is about the document: it is no proof about
//! a setting.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::way::text;
use super::{Entry, Way};
use crate::plan::cause::Cause;
use crate::plan::looked_up::{AuditEvent, Events};
use crate::plan::tenant::ResourcePlan;
use crate::resource::Key;
use crate::tenant::{ApiError, Endpoint, Page, Tenant};

/// The search for audit events.
pub(super) const WAY: Way = Way {
    what: "who changed it",
    path: "/search/v1",
    scope: "sp:search:read",
    levels: &[
        "ORG_ADMIN",
        "CERT_ADMIN",
        "REPORT_ADMIN",
        "SOURCE_ADMIN",
        "SOURCE_SUBADMIN",
        "ROLE_ADMIN",
        "ROLE_SUBADMIN",
    ],
};

/// Events of one document that are kept, newest first.
const MOST: usize = 20;

/// How far back is looked where no receipt says when the document was last written.
const USUAL: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Configuration Hub's own event: it names no document.
const CONFIGURATION_HUB: &str = "CONFIG_HUB_DEPLOY";

/// Returns when a run last wrote or checked a document, as its receipt says.
pub type Since<'a> = Box<dyn Fn(&Key) -> Option<Timestamp> + 'a>;

/// The documents of one resource in one entry that had drifted.
struct Drifted {
    /// The place of the entry.
    entry: usize,
    documents: Vec<Key>,
    /// From when on their changes are of interest.
    since: Timestamp,
    /// Whether a receipt says so.
    receipt: bool,
}

/// Returns the actions of events that tell of a change of a resource.
fn actions(resource: &str) -> &'static [&'static str] {
    match resource {
        "jitActivationPolicy" => &[
            "JIT-ACTIVATION_POLICY_CREATED",
            "JIT-ACTIVATION_POLICY_UPDATED",
            "JIT-ACTIVATION_POLICY_DELETED",
            "JIT_ACCESS_POLICY",
        ],
        "accessRequestConfig" => &["AccessRequestConfigUpdated", CONFIGURATION_HUB],
        "approvalsConfig" => &["APPROVAL_CONFIG_UPDATED"],
        _ => &[],
    }
}

/// Looks for events of every document that had drifted. One search tells of all documents of a resource.
pub(super) async fn look_up(entries: &mut [Entry<'_>], tenant: &Tenant) {
    let mut failed: Option<ApiError> = None;
    let mut unanswered: BTreeSet<usize> = BTreeSet::new();
    for (resource, drifted) in drifted(entries) {
        let Some(from) = drifted.iter().map(|drifted| drifted.since).min() else { continue };
        if failed.is_none() {
            match search(tenant, actions(resource), from).await {
                Ok(page) => {
                    tell(entries, drifted, resource, &page, tenant);
                    continue;
                }
                Err(error) => failed = Some(error),
            }
        }
        unanswered.extend(drifted.iter().map(|drifted| drifted.entry));
    }
    let Some(error) = failed else { return };
    let what = match error.status() {
        Some(403) => format!("who changed what had drifted cannot be told: needs {}", WAY.needs()),
        _ => format!("who changed what had drifted cannot be told: {error}"),
    };
    for place in unanswered {
        entries.get_mut(place).into_iter().for_each(|entry| entry.found.lacking.push(what.clone()));
    }
}

/// Gives each entry the events of its documents.
fn tell(entries: &mut [Entry<'_>], drifted: Vec<Drifted>, resource: &str, page: &Page, tenant: &Tenant) {
    let own = tenant.identity().and_then(|identity| identity.user_name);
    for Drifted { entry, documents, since, receipt } in drifted {
        let Some(entry) = entries.get_mut(entry) else { continue };
        // Another entry may have asked for older ones.
        let items: Vec<&Value> = page.items.iter().filter(|item| !is_before(item, since)).collect();
        let found = items.iter().filter_map(|item| event(item, resource, own.as_deref()));
        let events =
            Events { since, since_receipt: receipt, more: items.len() > MOST, found: found.take(MOST).collect() };
        entry.found.events.extend(documents.into_iter().map(|key| (key, events.clone())));
    }
}

/// Returns whether an event is older than a time.
fn is_before(item: &Value, since: Timestamp) -> bool {
    text(item, "created").and_then(|at| at.parse::<Timestamp>().ok()).is_some_and(|at| at < since)
}

/// Returns the documents that had drifted, by resource.
fn drifted(entries: &[Entry<'_>]) -> BTreeMap<&'static str, Vec<Drifted>> {
    let usual = Timestamp::now().checked_sub(USUAL).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut by_resource: BTreeMap<&'static str, Vec<Drifted>> = BTreeMap::new();
    for (place, entry) in entries.iter().enumerate() {
        let mut documents: BTreeMap<&'static str, Vec<Key>> = BTreeMap::new();
        for resource in entry.plan.resources().iter().filter(|resource| has_drifted(resource)) {
            documents.entry(resource.desired.resource().name).or_default().push(resource.desired.key.clone());
        }
        for (resource, documents) in documents {
            let written: Option<Vec<Timestamp>> = documents.iter().map(|key| (entry.since)(key)).collect();
            let receipt = written.and_then(|times| times.into_iter().min());
            let (since, receipt) = (receipt.unwrap_or(usual), receipt.is_some());
            by_resource.entry(resource).or_default().push(Drifted { entry: place, documents, since, receipt });
        }
    }
    by_resource
}

/// Returns whether a document has changes that nothing in the files accounts for, as far as that can be told.
fn has_drifted(resource: &ResourcePlan) -> bool {
    let changes = resource.outcome.iter().flat_map(|read| &read.comparison.changes);
    changes.into_iter().any(|change| change.cause != Some(Cause::Branch))
}

async fn search(tenant: &Tenant, actions: &[&str], since: Timestamp) -> Result<Page, ApiError> {
    let endpoint = Endpoint { path: Cow::Owned(format!("{}?limit={}", WAY.path, MOST + 1)) };
    tenant.search(&endpoint, &query(actions, since)).await
}

/// Returns the search for events with one of these actions.
pub(super) fn query(actions: &[&str], since: Timestamp) -> Value {
    let should: Vec<Value> = actions.iter().map(|action| json!({"match": {"action": action}})).collect();
    json!({
        "indices": ["events"],
        "queryType": "DSL",
        "sort": ["-created", "id"],
        "queryDsl": {"bool": {
            "must": [{"range": {"created": {"gte": since.to_string()}}}],
            "minimum_should_match": usize::from(!should.is_empty()),
            "should": should,
        }},
    })
}

/// Returns an event, unless it is one of another action: the search compares single words.
fn event(item: &Value, resource: &str, own: Option<&str>) -> Option<AuditEvent> {
    let action = text(item, "action")?;
    actions(resource).iter().find(|known| known.eq_ignore_ascii_case(action))?;
    let actor = text(item, "actor.name").filter(|name| !name.is_empty());
    let through = if action.eq_ignore_ascii_case(CONFIGURATION_HUB) {
        Some("Configuration Hub")
    } else {
        // SailPoint documents no attributes; where events say through what, they say it here.
        text(item, "attributes.interface").filter(|text| !text.is_empty())
    };
    Some(AuditEvent {
        at: text(item, "created").map(str::to_owned),
        action: action.to_owned(),
        actor: actor.map(str::to_owned),
        own: actor.is_some() && actor == own,
        status: text(item, "status").map(str::to_owned),
        through: through.map(str::to_owned),
    })
}
