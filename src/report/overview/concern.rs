//! The same thing for many tenants once.

use serde::Serialize;

use super::failure::failed_alike;
use super::{Failed, Overview, RefusalView, Tenants};
use crate::report::alike::alike;

/// A text and the tenants it holds for.
#[derive(Clone, Debug, Serialize)]
pub struct Concern {
    /// The text.
    pub text: String,
    /// The tenants.
    pub tenants: Tenants,
}

/// What a guardrail refuses in the same words in one or several tenants.
#[derive(Debug, Serialize)]
pub struct Refused<'a> {
    /// The refusal of the first of them.
    pub refusal: &'a RefusalView,
    /// The tenants.
    pub tenants: Tenants,
}

impl Overview {
    /// Returns the guardrails and limits that block the plan, those of several tenants as one.
    pub fn refused_alike(&self) -> Vec<Refused<'_>> {
        let names = self.names();
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
    pub fn failed_alike(&self) -> Vec<Failed> {
        failed_alike(self.failures(), &self.names())
    }

    fn names(&self) -> Vec<String> {
        self.tenants.iter().map(|tenant| tenant.name.clone()).collect()
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
