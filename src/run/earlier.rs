//! What the receipts of earlier runs say to this one.

use std::path::Path;

use serde_json::Value;

use crate::documents::became::became;
use crate::documents::plan::PlanFile;
use crate::documents::receipt::{Outcome, Receipt, ResourceReceipt};
use crate::failure::Failure;
use crate::report;
use crate::run::ledger::{self, Earlier};
use crate::run::read::Planned;
use crate::settings::DesiredResource;
use crate::text::disk::shown;
use crate::text::disk::{self, Rights};
use crate::workspace::load::Context;

/// Tells of runs that did not end: what they had on its way, and what live shows of it. A command that changes things
/// anyway also completes their receipts, so that nobody is told again.
pub(crate) fn tell_unfinished(context: &Context, folder: &Path, tenants: &[Planned], complete: bool) {
    for run in ledger::unfinished(folder) {
        let (mut lines, mut receipt) = (Vec::new(), run.receipt.clone());
        let now = jiff::Timestamp::now().to_string();
        for tenant in &mut receipt.tenants {
            for entry in tenant.resources.iter_mut().filter(|entry| entry.outcome == Outcome::Pending) {
                let live = live(tenants, &tenant.url, entry);
                let became = became(entry, live);
                lines.push(report::applied::unfinished(&tenant.name, entry, became));
                ledger::note(entry, became, live, &now);
            }
        }
        let known = receipt.entries().all(|(_, entry)| entry.outcome != Outcome::Pending);
        if complete && known {
            receipt.finished_at = Some(now);
            receipt.verdict = Some(report::applied::verdict(&receipt));
            // Only over what was read: the run may have gone on.
            let ours = |text: &str| Receipt::parse(text).is_ok_and(|found| found == run.receipt);
            let text = receipt.to_text().map_err(std::io::Error::from);
            match text.and_then(|text| disk::replace(&run.path, &text, Rights::Private, ours)) {
                Ok(()) => lines.push("its receipt says so now".to_owned()),
                Err(error) => lines.push(format!("its receipt cannot be completed: {error}")),
            }
        }
        context.ui.warn_of(
            &format!(
                "the run that began at {} was stopped before its end, or still goes on; its receipt is {}",
                run.receipt.started_at,
                shown(&run.path)
            ),
            &lines,
        );
    }
}

fn live<'a>(tenants: &'a [Planned], url: &str, entry: &ResourceReceipt) -> Option<&'a Value> {
    let tenant = tenants.iter().map(|tenant| &tenant.plan).find(|plan| plan.url == url && plan.outcome.is_ok())?;
    let key = entry.document().key()?;
    let same = |desired: &DesiredResource| desired.key == key && desired.generation.name == entry.api_version;
    let plan = tenant.resources().iter().find(|plan| same(&plan.desired))?;
    plan.outcome.as_ref().ok().map(|read| read.live.document())
}

/// Refuses tenants where a saved plan was applied since it was made and where something has to change again: what was
/// rolled back or changed back since then is not brought back by an old approval.
pub(crate) fn refuse_replayed(folder: &Path, plan: &PlanFile, tenants: &mut [Planned]) {
    let (Some(made), Some(digest)) = (&plan.created_at, &plan.digest) else { return };
    let runs: Vec<Earlier> = ledger::of_plan(folder, digest);
    for tenant in tenants.iter_mut().filter(|tenant| tenant.refused.is_none()) {
        let url = &tenant.plan.url;
        let changing = tenant.plan.resources().iter().filter(|resource| resource.has_changes());
        let details: Vec<String> = changing
            .filter_map(|resource| {
                let key = &resource.desired.key;
                let when = ledger::had_its_turn(&runs, made, url, key.into())?;
                Some(format!("{key}: applied by the run that began at {when}, and changed back since"))
            })
            .collect();
        if !details.is_empty() {
            let refusal = Failure::refused(
                "this plan was applied already; nothing was sent to this tenant",
                "if the change is to be made again, make a new plan and have it approved: sailplan plan --out FILE",
            );
            tenant.refused = Some(refusal.details(details));
        }
    }
}
