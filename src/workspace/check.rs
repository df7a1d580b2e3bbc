//! What can be wrong with the guardrails of a workspace as a whole: whom its sets are for, and what they come to.

use super::access::{Access, Found, Location};
use super::{Tenant, Workspace, names_of};
use crate::tenant::{Address, AllowedHosts};
use crate::text::problem::{Problem, rules};

/// Checks the guardrails of every tenant. `urls` are the addresses of the tenants, in their order.
pub(super) fn guardrails(workspace: &Workspace, urls: &[String]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let to_name = if workspace.sets.is_empty() { &[] } else { urls };
    let names: Vec<Option<Vec<String>>> = to_name.iter().map(|url| names_of(url)).collect();
    for set in &workspace.sets {
        let mut tenants = workspace.tenants.iter().zip(&names);
        if !tenants.any(|(tenant, names)| set.scope.fits(&tenant.labels, names.as_deref())) {
            let problem =
                Problem::warning(rules::FITS_NO_TENANT, "no tenant of the workspace has these labels and address");
            let help = "correct the labels, or delete the set: it protects no tenant";
            problems.push(problem.at(set.place.clone()).help(help));
        }
    }
    for (tenant, url) in workspace.tenants.iter().zip(urls) {
        let guardrails = workspace.guardrails(tenant, url);
        let Some(last) = guardrails.apply.last().filter(|_| guardrails.approvals().is_empty()) else { continue };
        let lines: Vec<String> = guardrails.apply.iter().map(|clause| clause.place.to_string()).collect();
        let message = format!(
            "no apply to tenant {} could be approved: no word stands in all of {}",
            tenant.name,
            lines.join(", ")
        );
        let problem = Problem::error(rules::NO_APPROVAL, message).at(last.place.clone());
        problems.push(
            problem.help("add a word to one of the lists, or change `for` so that only one set is for the tenant"),
        );
    }
    problems
}

/// Returns a note if a tenant has no guardrail. A tenant on this machine is there for practice, so it may do without.
pub(super) fn unguarded(workspace: &Workspace, tenant: &Tenant, found: &Found) -> Option<Problem> {
    let practice = found.url.starts_with("practice:") || found.address().is_some_and(|address| address.is_loopback());
    if practice || !workspace.guardrails(tenant, &found.url).is_empty() {
        return None;
    }
    let message = format!("tenant {} has no guardrail: nothing keeps a plan from loosening it", tenant.name);
    let help = "add guardrails, such as guardrails: {deny: [loosens]}, here or for several tenants at the top";
    Some(Problem::note(rules::NO_GUARDRAIL, message).at(tenant.url.place.clone()).help(help))
}

/// Returns a problem if the host of a tenant gets no credentials, as far as that is known without the network, or if the file
/// of a practice tenant cannot be used. An address from the environment that is not set is not known, and the form of one is
/// checked where it is read.
pub(super) fn address(tenant: &Tenant, found: &Found, allowed: &AllowedHosts) -> Option<Problem> {
    if tenant.url.text.starts_with("practice:") {
        let failure = found.access.as_ref().err()?;
        let problem = Problem::error(rules::TENANT_ADDRESS, format!("tenant {}: {}", tenant.name, failure.message));
        return Some(problem.at(tenant.url.place.clone()).help(failure.help.join("; ")));
    }
    let from_environment = tenant.url.variables().next().is_some();
    let address = match &found.access {
        Ok(Access { location: Location::Address(address), .. }) => address.clone(),
        _ => Address::parse(if from_environment { &found.url } else { &tenant.url.text }).ok()?,
    };
    let known = found.access.as_ref().ok().and_then(|access| access.credentials.as_ref());
    let loopback = known.is_none_or(|credentials| credentials.loopback);
    let error = address.check_credentials_allowed(allowed, loopback).err()?;
    let problem = Problem::error(rules::HOST_NOT_ALLOWED, format!("tenant {}: {error}", tenant.name));
    Some(problem.at(tenant.url.place.clone()).help(error.hint()))
}
