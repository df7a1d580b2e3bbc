//! What a plan does not know: tenants and resources that could not be read or planned. Nothing unknown reads as nothing.

use super::alike::alike;
use crate::documents::plan::{PlanFile, ResourceEntry, Status, TenantEntry};
use crate::text::list::few;
use crate::text::number::count;

/// How many names are told at once.
const NAMED: usize = 5;

/// The longest names in a headline, in characters. What comes after it must not be pushed out.
const HEADLINE: usize = 160;

/// How many tenants a headline names of many.
const IN_HEADLINE: usize = 3;

/// Returns whether the document of a resource was read; it may be so and still not be planned.
pub fn was_read(resource: &ResourceEntry) -> bool {
    let refused = resource.error.as_ref().is_some_and(|error| error.refused);
    resource.status != Status::Failed || refused || !resource.changes.is_empty() || !resource.unmanaged.is_empty()
}

/// Returns whether anything of a tenant was read.
pub fn any_read(tenant: &TenantEntry) -> bool {
    tenant.error.is_none() && (tenant.resources.is_empty() || tenant.resources.iter().any(was_read))
}

/// What a plan does not know.
pub struct Missing {
    /// Tenants and documents by name, with commas.
    names: String,
    /// What could not be done with them.
    verb: &'static str,
    /// The tenants, each once.
    tenants: Vec<String>,
    /// Whether something of a tenant is missing, and not all of it.
    in_part: bool,
}

impl Missing {
    /// Returns a clause that begins with what could not be done.
    pub fn clause(&self) -> String {
        format!("{}: {}", self.verb, self.names)
    }

    /// Returns a clause that begins with the names, or with the number of the tenants if the names are long.
    pub fn headline(&self) -> String {
        let Missing { names, verb, tenants, in_part } = self;
        if names.chars().count() <= HEADLINE {
            return format!("{names} {verb}");
        }
        let in_part = if *in_part { ", all or in part" } else { "" };
        format!("{} {verb}{in_part}: {}", count(tenants.len(), "tenant", "tenants"), few(tenants, IN_HEADLINE))
    }
}

/// Returns what could not be read and what could not be planned; nothing if everything was.
pub fn missing(plan: &PlanFile) -> Vec<Missing> {
    let clause = |verb: &'static str, missing: Vec<(&'_ TenantEntry, Part)>| {
        let mut tenants: Vec<String> = missing.iter().map(|(tenant, _)| tenant.name.clone()).collect();
        tenants.dedup();
        let in_part = missing.iter().any(|(_, part)| matches!(part, Part::Document(_)));
        (!missing.is_empty()).then(|| Missing { names: names(&missing), verb, tenants, in_part })
    };
    let unread = plan.tenants.iter().flat_map(unread_of).collect();
    let unplanned = plan.tenants.iter().flat_map(|tenant| {
        let failed = tenant.resources.iter().filter(|entry| was_read(entry) && entry.status == Status::Failed);
        failed.map(move |resource| (tenant, Part::Document(resource.document().to_string())))
    });
    let clauses = [clause("could not be read", unread), clause("could not be planned", unplanned.collect())];
    clauses.into_iter().flatten().collect()
}

/// What of a tenant is missing.
#[derive(PartialEq, Eq, Hash)]
enum Part {
    /// The tenant as a whole, with what it should have answered.
    Whole(String),
    /// One document.
    Document(String),
}

/// Returns what of a tenant could not be read: the tenant as a whole if nothing of it could.
fn unread_of(tenant: &TenantEntry) -> Vec<(&TenantEntry, Part)> {
    if !any_read(tenant) {
        return vec![(tenant, Part::Whole(expected_of(tenant)))];
    }
    let unread = tenant.resources.iter().filter(|resource| !was_read(resource));
    unread.map(|resource| (tenant, Part::Document(resource.document().to_string()))).collect()
}

/// Returns what is missing by name: of many tenants the first, of many documents the first, and how many more there are.
fn names(missing: &[(&TenantEntry, Part)]) -> String {
    let told = alike(missing.iter(), |(_, part)| part);
    let several = told.len() > 1 && told.iter().any(|same| same.len() > 1);
    let parts = told.iter().take(NAMED).filter_map(|same| {
        let (_, part) = same.first()?;
        let tenants: Vec<&str> = same.iter().map(|(tenant, _)| tenant.name.as_str()).collect();
        let tenants = few(&tenants, NAMED);
        Some(match part {
            Part::Whole(expected) if same.len() > 1 => format!("tenants {tenants}{expected}"),
            Part::Whole(expected) => format!("tenant {tenants}{expected}"),
            Part::Document(document) => format!("{document} of {tenants}"),
        })
    });
    let parts: Vec<String> = parts.collect();
    let more = told.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    // With commas alone, the names of a list would run into the next list.
    format!("{}{more}", parts.join(if several { "; " } else { ", " }))
}

/// Returns a tenant of which nothing could be read, with what it should have answered.
pub fn whole(tenant: &TenantEntry) -> String {
    format!("tenant {}{}", tenant.name, expected_of(tenant))
}

/// Returns what a tenant should have answered, to stand after its name.
fn expected_of(tenant: &TenantEntry) -> String {
    let resources: Vec<String> = tenant.resources.iter().map(|resource| resource.document().to_string()).collect();
    if resources.is_empty() { String::new() } else { format!(" ({})", resources.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::fixtures::{plan, resource, tenant};

    fn failed(name: &str, documents: &[(&str, bool)]) -> TenantEntry {
        let resources = documents.iter().map(|(document, failed)| {
            let status = if *failed { Status::Failed } else { Status::InSync };
            ResourceEntry { status, ..resource(document, "v2026", Vec::new()) }
        });
        tenant(name, "https://t", resources.collect())
    }

    fn told(tenants: Vec<TenantEntry>) -> String {
        missing(&plan(tenants)).iter().map(Missing::headline).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_is_missing_of_many_tenants_is_told_once_with_their_names() {
        let (jit, requests) = ("jitActivationPolicy", "accessRequestConfig");
        let nothing = |name: &str| failed(name, &[(jit, true), (requests, true)]);
        let half = |name: &str| failed(name, &[(jit, true), (requests, false)]);
        assert_eq!(told(vec![nothing("a")]), "tenant a (jitActivationPolicy, accessRequestConfig) could not be read");
        assert_eq!(told(vec![half("a")]), "jitActivationPolicy of a could not be read");
        assert_eq!(
            told(vec![half("a"), failed("b", &[(requests, true)])]),
            "jitActivationPolicy of a, tenant b (accessRequestConfig) could not be read"
        );
        let many = ["a", "b", "c", "d", "e", "f", "g"].map(nothing);
        assert_eq!(
            told(many.into_iter().chain([half("x"), half("y")]).collect()),
            "tenants a, b, c, d, e and 2 more (jitActivationPolicy, accessRequestConfig); jitActivationPolicy of x, y could \
             not be read"
        );
        let long = |number: usize| format!("a-tenant-with-a-long-name-{number}");
        let whole: Vec<TenantEntry> = (0..70).map(|number| nothing(&long(number))).collect();
        let named = "a-tenant-with-a-long-name-0, a-tenant-with-a-long-name-1, a-tenant-with-a-long-name-2";
        assert_eq!(told(whole.clone()), format!("70 tenants could not be read: {named} and 67 more"));
        let with_half = whole.into_iter().chain([half("x")]).collect();
        assert_eq!(told(with_half), format!("71 tenants could not be read, all or in part: {named} and 68 more"));
    }
}
