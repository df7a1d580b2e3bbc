//! Who changed a document that had drifted, by the tenant's audit events. An event is about the document: it is no proof about
//! a setting.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Way;
use super::way::text;
use crate::plan::cause::Cause;
use crate::plan::looked_up::{AuditEvent, Events, LookedUp};
use crate::plan::tenant::{ResourcePlan, TenantPlan};
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
pub type Since<'a> = &'a dyn Fn(&Key) -> Option<Timestamp>;

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
pub(super) async fn look_up(plan: &TenantPlan, tenant: &Tenant, since: Since<'_>, found: &mut LookedUp) {
    let drifted: Vec<&ResourcePlan> = plan.resources().iter().filter(|resource| has_drifted(resource)).collect();
    let resources: BTreeSet<&str> = drifted.iter().map(|resource| resource.desired.resource().name).collect();
    for name in resources {
        let documents: Vec<&Key> =
            drifted.iter().map(|it| &it.desired.key).filter(|key| key.resource.name == name).collect();
        let written: Option<Vec<Timestamp>> = documents.iter().map(|key| since(key)).collect();
        let receipt = written.and_then(|times| times.into_iter().min());
        let from = receipt.unwrap_or_else(|| Timestamp::now().checked_sub(USUAL).unwrap_or(Timestamp::UNIX_EPOCH));
        match search(tenant, actions(name), from).await {
            Ok(page) => {
                let own = tenant.identity().and_then(|identity| identity.user_name);
                let events = Events {
                    since: from,
                    since_receipt: receipt.is_some(),
                    more: page.items.len() > MOST,
                    found: page.items.iter().filter_map(|item| event(item, name, own.as_deref())).take(MOST).collect(),
                };
                found.events.extend(documents.into_iter().map(|key| (key.clone(), events.clone())));
            }
            Err(error) => {
                let what = match error.status() {
                    Some(403) => format!("who changed what had drifted cannot be told: needs {}", WAY.needs()),
                    _ => format!("who changed what had drifted cannot be told: {error}"),
                };
                found.lacking.push(what);
                return;
            }
        }
    }
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
