//! The same thing for many tenants once.

use std::collections::HashMap;
use std::hash::Hash;

use serde::Serialize;

use super::{Concern, FailureView, Overview, RefusalView, Tenants};

/// What a guardrail refuses in the same words in one or several tenants.
#[derive(Debug, Serialize)]
pub struct Refused<'a> {
    /// The refusal of the first of them.
    pub refusal: &'a RefusalView,
    /// The tenants.
    pub tenants: Tenants,
}

/// What failed in the same way in one or several places.
#[derive(Debug, Serialize)]
pub struct Failed<'a> {
    /// The tenants, each with the resource if it is only that.
    pub places: Vec<String>,
    /// What happened.
    pub message: &'a str,
    /// The same for an approver, if the message is for an engineer.
    pub plain: Option<&'static str>,
    /// What the tenants said about it, each once.
    pub details: Vec<String>,
    /// What to do next.
    pub help: &'a [String],
}

impl Overview {
    /// Returns the guardrails and limits that block the plan, those of several tenants as one.
    pub fn refused_alike(&self) -> Vec<Refused<'_>> {
        let names: Vec<String> = self.tenants.iter().map(|tenant| tenant.name.clone()).collect();
        let told = alike(self.refusals(), |refusal| {
            let RefusalView { message, source, standing, stays, help, .. } = *refusal;
            (message, source, standing, stays, help)
        });
        let refused = told.into_iter().filter_map(|told| {
            let tenants = told.iter().map(|refusal| refusal.tenant.clone()).collect();
            Some(Refused { refusal: told.first()?, tenants: Tenants::among(tenants, &names) })
        });
        refused.collect()
    }

    /// Returns what could not be planned, what failed in the same way as one.
    pub fn failed_alike(&self) -> Vec<Failed<'_>> {
        let told = alike(self.failures(), |failure| (&failure.message, &failure.help));
        let failed = told.into_iter().filter_map(|told| {
            let FailureView { message, plain, help, .. } = told.first()?;
            let details = alike(told.iter().flat_map(|failure| &failure.details), |detail| *detail);
            Some(Failed {
                places: told.iter().map(|failure| failure.place.clone()).collect(),
                message,
                plain: *plain,
                details: details.iter().filter_map(|same| same.first().copied().cloned()).collect(),
                help,
            })
        });
        failed.collect()
    }
}

/// Returns each text once, with the tenants it is told for, of a plan for these.
pub(super) fn grouped(told: impl IntoIterator<Item = (String, String)>, tenants: &[String]) -> Vec<Concern> {
    let groups = alike(told.into_iter(), |(text, _)| text.clone());
    let concerns = groups.into_iter().filter_map(|told| {
        let (text, _) = told.first()?.clone();
        let names = told.into_iter().map(|(_, tenant)| tenant).collect();
        Some(Concern { text, tenants: Tenants::among(names, tenants) })
    });
    concerns.collect()
}

/// Returns items that have the same key together, in the order of the first of each.
pub(in crate::report) fn alike<T, K: Eq + Hash>(items: impl Iterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    let mut known: HashMap<K, usize> = HashMap::new();
    for item in items {
        let number = *known.entry(key(&item)).or_insert(groups.len());
        match groups.get_mut(number) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    groups
}
