//! What a plan does not know: tenants and resources that could not be read or planned. Nothing unknown reads as nothing.

use crate::documents::plan::{PlanFile, ResourceEntry, Status, TenantEntry};

/// How many names are told at once.
const NAMED: usize = 5;

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
}

impl Missing {
    /// Returns a clause that begins with what could not be done.
    pub fn clause(&self) -> String {
        format!("{}: {}", self.verb, self.names)
    }

    /// Returns a clause that begins with the names.
    pub fn told(&self) -> String {
        format!("{} {}", self.names, self.verb)
    }
}

/// Returns what could not be read and what could not be planned; nothing if everything was.
pub fn missing(plan: &PlanFile) -> Vec<Missing> {
    let clause = |verb: &'static str, names: Vec<String>| {
        let more = names.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let shown: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
        (!names.is_empty()).then(|| Missing { names: format!("{}{more}", shown.join(", ")), verb })
    };
    let unread = plan.tenants.iter().flat_map(unread_of).collect();
    let unplanned = plan.tenants.iter().flat_map(|tenant| {
        let failed = tenant.resources.iter().filter(|entry| was_read(entry) && entry.status == Status::Failed);
        failed.map(|resource| format!("{} of {}", resource.document(), tenant.name))
    });
    let clauses = [clause("could not be read", unread), clause("could not be planned", unplanned.collect())];
    clauses.into_iter().flatten().collect()
}

/// Returns what of a tenant could not be read, by name: the tenant as a whole if nothing of it could.
fn unread_of(tenant: &TenantEntry) -> Vec<String> {
    if !any_read(tenant) {
        return vec![whole(tenant)];
    }
    let unread = tenant.resources.iter().filter(|resource| !was_read(resource));
    unread.map(|resource| format!("{} of {}", resource.document(), tenant.name)).collect()
}

/// Returns a tenant of which nothing could be read, with what it should have answered.
pub fn whole(tenant: &TenantEntry) -> String {
    let resources: Vec<String> = tenant.resources.iter().map(|resource| resource.document().to_string()).collect();
    let resources = if resources.is_empty() { String::new() } else { format!(" ({})", resources.join(", ")) };
    format!("tenant {}{resources}", tenant.name)
}
