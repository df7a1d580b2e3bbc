//! The names of the ids in a tenant's documents and settings files, and whether the names in the files are right.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::StreamExt as _;
use serde_json::Value;

use super::way::text;
use super::{AT_ONCE, Budget, Entry, Way, filter};
use crate::plan::Change;
use crate::plan::looked_up::{LookedUp, Misnamed, UnknownId};
use crate::plan::tenant::ResourcePlan;
use crate::resource::reference::{Known, Reference, Referent, named};
use crate::tenant::{ApiError, Tenant};
use crate::text::problem::Place;

/// The lists with names.
pub(super) const WAYS: [Way; 7] = [ENTITLEMENTS, PEOPLE, GROUPS, TEMPLATES, SHIPPED_TEMPLATES, FORMS, WORKFLOW_LIST];

const ENTITLEMENTS: Way =
    Way { what: "names of entitlements", path: "/entitlements/v1", scope: "idn:entitlement:read", levels: &[] };
const PEOPLE: Way =
    Way { what: "names of people", path: "/public-identities/v1", scope: "sp:scopes:default", levels: &[] };
const GROUPS: Way = Way {
    what: "names of governance groups",
    path: "/workgroups/v1",
    scope: "idn:workgroup:read",
    levels: &["ORG_ADMIN"],
};
const TEMPLATES: Way = Way {
    what: "names of notification templates",
    path: "/notification-templates/v1",
    scope: "idn:notification-templates:read",
    levels: &["ORG_ADMIN"],
};
const SHIPPED_TEMPLATES: Way = Way {
    what: "names of SailPoint's own notification templates",
    path: "/notification-template-defaults/v1",
    scope: "idn:notification-template-defaults:read",
    levels: &["ORG_ADMIN"],
};
const FORMS: Way =
    Way { what: "names of forms", path: "/form-definitions/v1", scope: "sp:forms:read", levels: &["ORG_ADMIN"] };
const WORKFLOW_LIST: Way = Way { what: "names of workflows", path: WORKFLOWS, scope: "sp:workflow:read", levels: &[] };

/// The one list that has no pages.
pub(super) const WORKFLOWS: &str = "/workflows/v1";

/// Items on a page, the most that SailPoint gives.
const PAGE: usize = 250;

/// Pages of a list that cannot be filtered by id.
const MOST_PAGES: usize = 40;

/// Longer ids are not asked for: they would fill a request alone.
const LONGEST_ID: usize = 200;

/// How the items of a list are found by id.
#[derive(Clone, Copy)]
enum By {
    /// It is filtered by this field.
    Filter(&'static str),
    /// Every page is read; the id is in one of these fields.
    Pages(&'static [&'static str]),
    /// It comes whole; the id is in this field.
    Whole(&'static str),
}

/// Returns where a kind of id is listed: in the first of the lists that knows it.
fn lists(referent: Referent) -> Vec<(&'static Way, By)> {
    match referent {
        Referent::Entitlement => vec![(&ENTITLEMENTS, By::Filter("id"))],
        Referent::Person => vec![(&PEOPLE, By::Filter("id"))],
        Referent::Group => vec![(&GROUPS, By::Filter("id"))],
        // The policy names a template by its key or its name, and lists are not filtered by name.
        Referent::Template => {
            vec![(&TEMPLATES, By::Pages(&["key", "name"])), (&SHIPPED_TEMPLATES, By::Pages(&["key", "name"]))]
        }
        Referent::Form => vec![(&FORMS, By::Pages(&["id"]))],
        Referent::Workflow => vec![(&WORKFLOW_LIST, By::Whole("id"))],
    }
}

/// What is known of the ids of one kind.
#[derive(Default)]
struct Answered {
    /// The name of every id that the tenant knows, empty if it has none; by [`alike`].
    names: BTreeMap<String, String>,
    /// What could not be looked up. If nothing is here, every list answered, and what is not in them does not exist.
    lacking: Vec<String>,
}

/// The API writes one id with and without dashes.
fn alike(id: &str) -> String {
    id.replace('-', "").to_lowercase()
}

/// Looks up every id in the managed settings, in what changes and in the labels, gives the plans the names, and holds the names
/// of the files against them.
pub(super) async fn look_up(entries: &mut [Entry<'_>], tenant: &Tenant, budget: &Budget) {
    let wanted = entries.iter().flat_map(wanted_by).collect();
    let answered = ask_all(tenant, &wanted, budget).await;
    for entry in entries {
        let kinds: BTreeSet<Referent> = wanted_by(entry).map(|reference| reference.referent).collect();
        let Entry { plan, labels, found, .. } = entry;
        found.lacking.extend(lacking(&answered, |referent| kinds.contains(&referent)));
        for label in labels {
            let known =
                Checked { referent: label.referent, id: &label.id, label: label.name.as_ref(), place: &label.place };
            known.against(&answered, || label.setting.clone(), found);
        }
        for resource in plan.resources_mut() {
            check(resource, &answered, found);
            name(resource, &answered);
            name_instance(resource, &answered, found);
        }
    }
}

fn wanted_by<'e>(entry: &'e Entry<'_>) -> impl Iterator<Item = Reference<'e>> {
    let of_labels = entry.labels.iter().map(|label| Reference { referent: label.referent, id: &label.id });
    entry.plan.resources().iter().flat_map(references).chain(of_labels)
}

/// Returns what could not be looked up of some kinds of ids, in the order in which they were asked for.
fn lacking(answered: &BTreeMap<Referent, Answered>, wanted: impl Fn(Referent) -> bool) -> Vec<String> {
    let asked = Referent::ALL.into_iter().filter(|referent| wanted(*referent));
    asked.filter_map(|referent| answered.get(&referent)).flat_map(|answered| answered.lacking.clone()).collect()
}

/// Returns the ids in the managed settings of a resource, in what changes, and in the instance.
fn references(resource: &ResourcePlan) -> Vec<Reference<'_>> {
    let managed = resource.desired.settings.iter().map(|managed| (managed.setting, Some(&managed.value)));
    let changes = resource.outcome.iter().flat_map(|read| &read.comparison.changes);
    let before = changes.map(|change| (change.setting, change.before.as_ref()));
    let settings = managed.chain(before).flat_map(|(setting, value)| setting.references([value.map(AsRef::as_ref)]));
    settings.chain(resource.desired.key.reference()).filter(|reference| !reference.id.is_empty()).collect()
}

/// Looks up ids, one kind after the other.
async fn ask_all(tenant: &Tenant, wanted: &BTreeSet<Reference<'_>>, budget: &Budget) -> BTreeMap<Referent, Answered> {
    let mut answered = BTreeMap::new();
    for referent in Referent::ALL {
        let ids: BTreeSet<&str> = wanted.iter().filter(|it| it.referent == referent).map(|it| it.id).collect();
        if !ids.is_empty() {
            answered.insert(referent, ask(tenant, referent, &ids, budget).await);
        }
    }
    answered
}

async fn ask(tenant: &Tenant, referent: Referent, ids: &BTreeSet<&str>, budget: &Budget) -> Answered {
    let mut answered = Answered::default();
    for (way, by) in lists(referent) {
        let left: BTreeSet<&str> = ids.iter().copied().filter(|id| !answered.names.contains_key(&alike(id))).collect();
        if left.is_empty() {
            break;
        }
        let found = match by {
            By::Filter(field) => filtered(tenant, way, field, &left, budget).await,
            By::Pages(fields) => paged(tenant, way, fields, &left, budget).await,
            By::Whole(field) => whole(tenant, way, field, budget).await,
        };
        let Found { names, failed, more } = found;
        answered.names.extend(names);
        if let Some(error) = failed {
            answered.lacking.push(way.lacking(way.what, &error));
        } else if more {
            answered.lacking.push(format!("{} not looked up for all ids: there are too many for one run", way.what));
        }
    }
    answered
}

/// What a list answered.
#[derive(Default)]
struct Found {
    names: BTreeMap<String, String>,
    failed: Option<ApiError>,
    /// Whether there is more that was not asked for.
    more: bool,
}

impl Found {
    fn take(&mut self, items: &[Value], fields: &[&str]) {
        for item in items {
            let name = text(item, "name").or_else(|| text(item, "displayName")).unwrap_or_default();
            for id in fields.iter().filter_map(|field| text(item, field)) {
                // One template has an entry for each medium and locale.
                self.names.entry(alike(id)).or_insert_with(|| name.to_owned());
            }
        }
    }
}

async fn filtered(tenant: &Tenant, way: &Way, field: &str, ids: &BTreeSet<&str>, budget: &Budget) -> Found {
    let short = ids.iter().copied().filter(|id| id.len() <= LONGEST_ID);
    let queries: Vec<String> = filter::in_batches(field, short)
        .iter()
        .map(|filter| format!("limit={PAGE}&filters={}", filter::encoded(filter)))
        .collect();
    let mut found = Found::default();
    let mut pages = futures_util::stream::iter(&queries).map(|query| way.read(tenant, query, budget)).buffered(AT_ONCE);
    while let Some(page) = pages.next().await {
        match page {
            Some(Ok(page)) => found.take(&page.items, &[field]),
            Some(Err(error)) => {
                found.failed = Some(error);
                break;
            }
            None => {
                found.more = true;
                break;
            }
        }
    }
    found
}

async fn paged(tenant: &Tenant, way: &Way, fields: &[&str], ids: &BTreeSet<&str>, budget: &Budget) -> Found {
    let mut found = Found::default();
    for number in 0..MOST_PAGES {
        let query = format!("limit={PAGE}&offset={}", number * PAGE);
        match way.read(tenant, &query, budget).await {
            Some(Ok(page)) => {
                found.take(&page.items, fields);
                let all = ids.iter().all(|id| found.names.contains_key(&alike(id)));
                if all || page.items.len() < PAGE {
                    return found;
                }
            }
            Some(Err(error)) => return Found { failed: Some(error), ..found },
            None => break,
        }
    }
    Found { more: true, ..found }
}

async fn whole(tenant: &Tenant, way: &Way, field: &str, budget: &Budget) -> Found {
    let mut found = Found::default();
    match way.read(tenant, "", budget).await {
        Some(Ok(page)) => found.take(&page.items, &[field]),
        Some(Err(error)) => found.failed = Some(error),
        None => found.more = true,
    }
    found
}

/// Holds the names in the files against those of the tenant.
fn check(resource: &ResourcePlan, answered: &BTreeMap<Referent, Answered>, found: &mut LookedUp) {
    for managed in &resource.desired.settings {
        for Reference { referent, id } in managed.setting.references([Some(managed.value.as_ref())]) {
            let known = Checked { referent, id, label: managed.known.names.get(id), place: &managed.place };
            known.against(answered, || resource.desired.key.pointer(managed.setting), found);
        }
    }
}

/// An id in a file that is held against what the tenant knows.
struct Checked<'a> {
    referent: Referent,
    id: &'a str,
    /// What the file calls it.
    label: Option<&'a String>,
    place: &'a Place,
}

impl Checked<'_> {
    /// Tells that the tenant does not know the id, or has another name for it. `setting` is where the id stands.
    fn against(self, answered: &BTreeMap<Referent, Answered>, setting: impl Fn() -> String, found: &mut LookedUp) {
        let Checked { referent, id, label, place } = self;
        let Some(answered) = answered.get(&referent) else { return };
        match (answered.names.get(&alike(id)), label) {
            (None, _) if answered.lacking.is_empty() && id.len() <= LONGEST_ID => {
                found.unknown.push(UnknownId { referent, id: id.to_owned(), setting: setting(), place: place.clone() });
            }
            (Some(name), Some(label)) if !name.is_empty() && name != label => found.misnamed.push(Misnamed {
                referent,
                id: id.to_owned(),
                label: label.clone(),
                name: name.clone(),
                place: place.clone(),
            }),
            _ => {}
        }
    }
}

/// Says which item an instance is about, or that the tenant does not know it.
fn name_instance(resource: &mut ResourcePlan, answered: &BTreeMap<Referent, Answered>, found: &mut LookedUp) {
    let key = &resource.desired.key;
    let Some((reference, managed)) = key.reference().zip(resource.desired.settings.first()) else { return };
    let Some(answered) = answered.get(&reference.referent) else { return };
    match answered.names.get(&alike(reference.id)) {
        Some(name) if !name.is_empty() => {
            let note = format!("{key} is about the {} {}", reference.referent.words().0, named(reference.id, name));
            resource.notes.push(note);
        }
        None if answered.lacking.is_empty() => found.unknown.push(UnknownId {
            referent: reference.referent,
            id: reference.id.to_owned(),
            setting: key.pointer(managed.setting),
            place: managed.place.clone(),
        }),
        _ => {}
    }
}

/// Gives managed settings and changes the names that the tenant knows: what is compared again later has them too.
fn name(resource: &mut ResourcePlan, answered: &BTreeMap<Referent, Answered>) {
    learn(resource, |change| {
        let mut known = Known::default();
        let references = change.setting.references([change.before.as_deref(), Some(change.after.as_ref())]);
        for reference in references {
            let Some(name) = name_of(reference, answered) else { continue };
            let people = reference.referent == Referent::Person;
            let names = if people { &mut known.people } else { &mut known.names };
            names.insert(reference.id.to_owned(), name.clone());
        }
        known
    });
}

/// Adds what was found of the ids in each change to what is known of them, there and in the managed setting.
pub(super) fn learn(resource: &mut ResourcePlan, found: impl Fn(&Change) -> Known) {
    let Ok(read) = &mut resource.outcome else { return };
    for change in &mut read.comparison.changes {
        let found = found(change);
        if found.is_empty() {
            continue;
        }
        Arc::make_mut(&mut change.known).extend(&found);
        let managed = resource.desired.settings.iter_mut().find(|managed| managed.setting == change.setting);
        if let Some(managed) = managed {
            Arc::make_mut(&mut Arc::make_mut(managed).known).extend(&found);
        }
    }
}

/// Returns the name that the tenant gives to an id; `None` if it does not know the id, or gives it none.
fn name_of<'n>(reference: Reference<'_>, answered: &'n BTreeMap<Referent, Answered>) -> Option<&'n String> {
    answered.get(&reference.referent)?.names.get(&alike(reference.id)).filter(|name| !name.is_empty())
}

/// Returns the names that the tenant gives to ids in live values, for files that are to be written. Also returns what could not be looked up, one line each.
pub async fn of_values<'v>(
    tenant: &Tenant,
    references: impl IntoIterator<Item = Reference<'v>>,
) -> (BTreeMap<String, String>, Vec<String>) {
    let wanted: BTreeSet<Reference<'_>> = references.into_iter().collect();
    let answered = ask_all(tenant, &wanted, &Budget::default()).await;
    let names = wanted.iter().filter_map(|it| Some((it.id.to_owned(), name_of(*it, &answered)?.clone()))).collect();
    (names, lacking(&answered, |_| true))
}
