//! The same thing for many tenants once.

use std::borrow::Cow;
use std::hash::Hash;
use std::iter;

use serde::Serialize;

use super::failure::failed_alike;
use super::{Failed, Overview, RefusalView, Tenants};
use crate::report::alike::{alike, keyed};

/// A text and the tenants it holds for.
#[derive(Clone, Debug, Serialize)]
pub struct Concern {
    /// The text.
    pub text: String,
    /// What it comes to, part by part.
    pub parts: Vec<String>,
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

impl Concern {
    pub(in crate::report) fn new(text: String, tenants: Tenants) -> Concern {
        Concern { text, parts: Vec::new(), tenants }
    }
}

/// Returns each text once, with the tenants it is told for, of a plan for these.
pub(super) fn grouped<'t>(
    told: impl IntoIterator<Item = (impl Into<Cow<'t, str>>, &'t String)>,
    tenants: &[String],
) -> Vec<Concern> {
    once(told.into_iter().map(|(text, tenant)| (text.into(), iter::once(tenant))), tenants)
}

/// Returns the same of what is told in the words of `word`: of what has the same key only the first is put into words.
pub(super) fn worded<'t, T, K: Eq + Hash>(
    told: impl IntoIterator<Item = (T, &'t String)>,
    key: impl Fn(&T) -> K,
    word: impl Fn(&T) -> String,
    tenants: &[String],
) -> Vec<Concern> {
    let same = alike(told.into_iter(), |(thing, _)| key(thing)).into_iter().filter_map(|same| {
        let text = word(&same.first()?.0);
        Some((Cow::Owned(text), same.into_iter().map(|(_, tenant)| tenant)))
    });
    once(same, tenants)
}

fn once<'t, N>(told: impl Iterator<Item = (Cow<'t, str>, N)>, tenants: &[String]) -> Vec<Concern>
where
    N: IntoIterator<Item = &'t String>,
{
    let concerns = keyed(told).into_iter().map(|(text, names)| {
        let names = names.into_iter().flatten().cloned().collect();
        Concern::new(text.into_owned(), Tenants::among(names, tenants))
    });
    concerns.collect()
}
