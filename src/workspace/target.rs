//! A tenant that a run is about.

use std::sync::Arc;

use super::access::Access;
use crate::failure::Failure;
use crate::guardrails::RuleSet;
use crate::resource::Key;
use crate::settings::Desired;

/// A tenant to plan for, with what is desired of it.
#[derive(Debug)]
pub struct Target {
    /// Its name in plans.
    pub name: String,
    /// Its labels.
    pub labels: Vec<(String, String)>,
    /// Its address as plans and digests name it.
    pub url: String,
    /// Where it is and how to get in, or why that is not known.
    pub access: Result<Access, Failure>,
    /// What its settings files ask for.
    pub desired: Desired,
    /// The guardrails that hold for it.
    pub rules: Vec<Arc<RuleSet>>,
    /// The documents that this run does not ask for, each with the reason.
    pub set_aside: Vec<(Key, Failure)>,
}
