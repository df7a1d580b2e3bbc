//! What an approver has to find out first: what a change leaves open, what leaves without a name, and what a request writes
//! elsewhere.

use super::concern::grouped;
use super::{Concern, Entry, Longest};
use crate::documents::plan::{PlanFile, ResourceEntry};
use crate::resource::Resource;

/// Members without a name that are told of one change.
const NAMED: usize = 5;

/// Returns what is not known; `names` are all tenants of the plan.
pub(super) fn of(plan: &PlanFile, names: &[String], entries: &[Entry], longest: Longest) -> Vec<Concern> {
    let nameless = entries.iter().flat_map(|entry| {
        let gone = entry.members.iter().flat_map(|members| &members.removed);
        let nameless = gone.filter(|member| member.name.is_none() && !member.id.contains('@')).take(NAMED);
        nameless.flat_map(|member| {
            let text = format!("{} leaves and its name is not known: find out what it is", member.id);
            entry.tenants.names.iter().map(move |tenant| (longest.text(&text), tenant.clone()))
        })
    });
    let open = plan.tenants.iter().flat_map(|tenant| {
        let texts = tenant.resources.iter().flat_map(|resource| {
            let asked = resource.questions.iter().map(|question| question.sentence.clone());
            asked.chain(overridden(resource))
        });
        texts.map(|text| (longest.text(&text), longest.text(&tenant.name)))
    });
    grouped(nameless.chain(open), names)
}

/// Returns what the request that makes the changes writes elsewhere, if it does.
fn overridden(resource: &ResourceEntry) -> Option<String> {
    resource.changes.iter().find(|change| change.overrides)?;
    let known = Resource::named(&resource.resource);
    let overrides = known.and_then(|known| known.generation(&resource.api_version)?.overrides);
    Some(match overrides {
        Some(overrides) => overrides.question.to_owned(),
        None => {
            "The request that makes these changes writes settings that are kept elsewhere; their values are not shown \
                 here, and an undo does not put them back: ask an administrator of the tenant for them first"
                .to_owned()
        }
    })
}
