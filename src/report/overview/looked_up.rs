//! What look-ups found that a reader has to know before everything else: names in the files that are wrong, ids that do not
//! exist, and what could not be looked up.

use super::concern::grouped;
use super::{Concern, Longest, People};
use crate::documents::plan::{PlanFile, SourceEntry};
use crate::report::looked_up::{misnamed, unknown};

/// Misnamed or unknown ids of one tenant that are told one by one.
const TOLD: usize = 20;

/// Returns what is wrong in the files, and what could not be looked up; `names` are all tenants of the plan.
pub(super) fn of(plan: &PlanFile, names: &[String], people: People, longest: Longest) -> (Vec<Concern>, Vec<Concern>) {
    let (mut wrong, mut lacking) = (Vec::new(), Vec::new());
    for (tenant, name) in plan.tenants.iter().zip(names) {
        let Some(look_ups) = &tenant.look_ups else { continue };
        let named = people.named(tenant);
        let mut texts: Vec<String> =
            look_ups.misnamed.iter().map(|entry| at(&misnamed(entry, named), &entry.source)).collect();
        texts.extend(look_ups.unknown_ids.iter().map(|entry| at(&unknown(entry), &entry.source)));
        let more = texts.len().saturating_sub(TOLD);
        texts.truncate(TOLD);
        texts.extend((more > 0).then(|| format!("{more} more names or ids in the files are not those of the tenant")));
        wrong.extend(texts.iter().map(|text| (longest.text(text), name)));
        lacking.extend(look_ups.lacking.iter().map(|text| (longest.text(text), name)));
    }
    (grouped(wrong, names), grouped(lacking, names))
}

fn at(text: &str, source: &SourceEntry) -> String {
    format!("{text} ({}:{})", source.file, source.line)
}
