//! Which documents of a tenant are written before which others: side by side, but where one has to do with another.

use std::collections::HashSet;
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
        let later: HashSet<Key> = rest.iter().flat_map(|(_, job)| followers(job)).collect();
        let waits = |(_, job): &Job| later.contains(&job.desired.key);
        let circle = rest.iter().all(waits);
        let (now, then) = rest.into_iter().partition(|job| circle || !waits(job));
        stages.push(now);
        rest = then;
    }
    stages
}

/// Returns those of `resources`, in which nothing is to change, of which writing `jobs` may change what holds.
pub fn exposed(resources: Vec<Job>, jobs: &[Job]) -> Vec<Job> {
    let written: HashSet<&Key> = jobs.iter().map(|(_, job)| &job.desired.key).collect();
    let overrides: HashSet<Key> = jobs.iter().flat_map(|(_, job)| overridden(job)).collect();
    let is_exposed = |(_, resource): &Job| {
        let key = &resource.desired.key;
        let creates = is(resource, Action::Create);
        let is_read = resource.outcome.is_ok() && resource.failure().is_none() && !resource.desired.settings.is_empty();
        is_read && (overrides.contains(key) || (creates && inherited(key).any(|above| written.contains(&above))))
    };
    resources.into_iter().filter(is_exposed).collect()
}

/// Returns the documents that are not written before this one is.
fn followers(job: &ResourcePlan) -> impl Iterator<Item = Key> {
    let comes_or_goes = is(job, Action::Create) || is(job, Action::Inherit);
    overridden(job).chain(comes_or_goes.then(|| inherited(&job.desired.key)).into_iter().flatten())
}

/// Returns the documents that a write overrides.
fn overridden(job: &ResourcePlan) -> impl Iterator<Item = Key> {
    let overrides = job.outcome.as_ref().is_ok_and(|read| read.comparison.overrides.is_some());
    job.desired.resource().moves.iter().filter(move |_| overrides).filter_map(Moved::key)
}

/// Returns the documents that a document inherits from.
fn inherited(key: &Key) -> impl Iterator<Item = Key> {
    successors(key.above(), Key::above)
}

fn is(resource: &ResourcePlan, action: Action) -> bool {
    resource.outcome.as_ref().is_ok_and(|read| read.comparison.action == Some(action))
}
