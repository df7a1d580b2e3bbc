//! Entries of a workspace that are at one address, and so are one tenant.

use std::collections::HashMap;
use std::sync::Arc;

use crate::guardrails::RuleSet;
use crate::guardrails::allowance::Allowance;
use crate::text::problem::{Problem, rules};
use crate::workspace::{Tenant, Workspace};

/// Most entries for one address: each is held to the guardrails of all of them.
const MOST_ENTRIES: usize = 64;

/// Says that too many tenants are the same one.
pub(super) fn crowd(workspace: &Workspace, urls: &[String], entries_at: &HashMap<&str, Vec<usize>>) -> Option<Problem> {
    let crowds = entries_at.values().filter(|entries| entries.len() > MOST_ENTRIES);
    let first = crowds.min_by_key(|entries| entries.first())?;
    let (tenant, url) = (workspace.tenants.get(*first.get(MOST_ENTRIES)?)?, urls.get(*first.first()?)?);
    let message = format!("{} tenants are at {url}, and at most {MOST_ENTRIES} may be at one address", first.len());
    let problem = Problem::error(rules::SAME_TENANT, message).at(tenant.url.place.clone());
    Some(problem.help("list a tenant once, with all its settings files as layers"))
}

/// Two entries for one tenant may undo each other's settings.
pub(super) fn twins(workspace: &Workspace, urls: &[String], entries_at: &HashMap<&str, Vec<usize>>) -> Vec<Problem> {
    let mut twins: Vec<(usize, usize)> = Vec::new();
    for (place, entries) in entries_at {
        if let (Some((first, others)), false) = (entries.split_first(), place.is_empty()) {
            twins.extend(others.iter().map(|other| (*other, *first)));
        }
    }
    twins.sort_unstable();
    let problem = |(twin, first): (usize, usize)| {
        let (tenant, other, url) = (workspace.tenants.get(twin)?, workspace.tenants.get(first)?, urls.get(twin)?);
        let place = match urls.get(first) {
            Some(also) if also != url => format!("{url} is {also}"),
            _ => format!("both are at {url}"),
        };
        let message = format!("tenant {} is the same as {}: {place}", tenant.name, other.name);
        let problem = Problem::warning(rules::SAME_TENANT, message).at(tenant.url.place.clone());
        Some(problem.help("list a tenant once, with all its settings files as layers"))
    };
    twins.into_iter().filter_map(problem).collect()
}

/// Returns the guardrails of the entries at one address: a second entry for the same tenant must not be a way around those of
/// the first. Entries with the same guardrails count once if no allowance tells them apart.
pub(super) fn rules_of(
    workspace: &Workspace,
    entries: &[&Tenant],
    url: &str,
    allowances: &Arc<Vec<Allowance>>,
) -> Vec<Arc<RuleSet>> {
    let mut rules: Vec<Arc<RuleSet>> = Vec::new();
    let mut plain: Vec<Arc<RuleSet>> = Vec::new();
    for entry in entries {
        let set = Arc::new(RuleSet {
            tenant: entry.name.clone(),
            guardrails: workspace.guardrails(entry, url),
            allowances: allowances.clone(),
            revision: None,
        });
        if !allowances.iter().any(|allowance| allowance.is_for(&entry.name)) {
            if plain.iter().any(|known| known.guardrails == set.guardrails) {
                continue;
            }
            plain.push(set.clone());
        }
        rules.push(set);
    }
    rules
}
