//! The same text for many tenants once.

use std::collections::{BTreeMap, HashSet};

use super::{Concern, Longest, but};
use crate::documents::plan::PlanFile;

/// Returns whether the names are those of all tenants of a plan for several.
pub(super) fn everywhere(names: &[String], tenants: usize) -> bool {
    tenants > 1 && names.iter().collect::<HashSet<_>>().len() == tenants
}

/// Returns each text once, with the tenants it is told for, of a plan for these.
pub(super) fn grouped(told: impl IntoIterator<Item = (String, String)>, tenants: &[String]) -> Vec<Concern> {
    let mut concerns: Vec<Concern> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (text, tenant) in told {
        let index = *known.entry(text.clone()).or_insert(concerns.len());
        match concerns.get_mut(index) {
            Some(concern) => concern.tenants.push(tenant),
            None => concerns.push(Concern { text, tenants: vec![tenant], everywhere: false, but: Vec::new() }),
        }
    }
    for concern in &mut concerns {
        concern.everywhere = everywhere(&concern.tenants, tenants.len());
        concern.but = but(&concern.tenants, tenants);
    }
    concerns
}

/// Returns the names of the tenants of a plan.
pub(super) fn names(plan: &PlanFile, longest: Longest) -> Vec<String> {
    plan.tenants.iter().map(|tenant| longest.text(&tenant.name)).collect()
}
