//! Which documents of a tenant are written before which others: side by side, but where one has to do with another.

use std::iter::successors;

use crate::plan::Action;
use crate::plan::tenant::ResourcePlan;
use crate::resource::{Key, Moved};

/// A document to be written, with its place in the plan.
type Job = (usize, ResourcePlan);

/// Returns what is written side by side, one stage after the other. A write that overrides another document goes before that
/// one. A document that is stored or deleted goes before those that it inherits from: what it has of them is what was planned.
pub fn stages(jobs: Vec<Job>) -> Vec<Vec<Job>> {
    let (mut stages, mut rest) = (Vec::new(), jobs);
    while !rest.is_empty() {
        let first: Vec<bool> =
            rest.iter().map(|(_, job)| !rest.iter().any(|(_, other)| precedes(other, job))).collect();
        let circle = !first.contains(&true);
        let mut first = first.into_iter();
        let (now, later) = rest.into_iter().partition(|_| first.next().unwrap_or(true) || circle);
        stages.push(now);
        rest = later;
    }
    stages
}

/// Returns whether writing `jobs` may change what holds of a document in which nothing is to change.
pub fn is_exposed(resource: &ResourcePlan, jobs: &[Job]) -> bool {
    if resource.outcome.is_err() || resource.desired.settings.is_empty() || resource.failure().is_some() {
        return false;
    }
    let key = &resource.desired.key;
    jobs.iter().any(|(_, job)| overrides(job, key) || (is(resource, Action::Create) && inherits(key, &job.desired.key)))
}

fn precedes(first: &ResourcePlan, then: &ResourcePlan) -> bool {
    let (key, other) = (&first.desired.key, &then.desired.key);
    let comes_or_goes = is(first, Action::Create) || is(first, Action::Inherit);
    overrides(first, other) || (comes_or_goes && inherits(key, other))
}

/// Returns whether a write overrides a document.
fn overrides(job: &ResourcePlan, key: &Key) -> bool {
    let overrides = job.outcome.as_ref().is_ok_and(|read| read.comparison.overrides.is_some());
    overrides && job.desired.resource().moves.iter().filter_map(Moved::key).any(|moved| moved == *key)
}

fn inherits(key: &Key, from: &Key) -> bool {
    successors(key.above(), Key::above).any(|above| above == *from)
}

fn is(resource: &ResourcePlan, action: Action) -> bool {
    resource.outcome.as_ref().is_ok_and(|read| read.comparison.action == Some(action))
}
