//! The same text for many tenants once.

use std::collections::{BTreeMap, HashSet};

use super::Concern;

/// Returns whether the names are those of all tenants of a plan for several.
pub(super) fn everywhere(names: &[String], tenants: usize) -> bool {
    tenants > 1 && names.iter().collect::<HashSet<_>>().len() == tenants
}

/// Returns each text once, with the tenants it is told for, of a plan for so many.
pub(super) fn grouped(told: impl IntoIterator<Item = (String, String)>, tenants: usize) -> Vec<Concern> {
    let mut concerns: Vec<Concern> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (text, tenant) in told {
        let index = *known.entry(text.clone()).or_insert(concerns.len());
        match concerns.get_mut(index) {
            Some(concern) => concern.tenants.push(tenant),
            None => concerns.push(Concern { text, tenants: vec![tenant], everywhere: false }),
        }
    }
    for concern in &mut concerns {
        concern.everywhere = everywhere(&concern.tenants, tenants);
    }
    concerns
}
