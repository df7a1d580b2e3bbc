//! What the receipts of earlier runs say to this one.

use std::collections::HashSet;
use std::path::Path;

use serde_json::Value;
use tokio::time::sleep;

use crate::documents::became::{Became, became};
use crate::documents::plan::PlanFile;
use crate::documents::receipt::{Outcome, Receipt, ResourceReceipt, TenantReceipt};
use crate::failure::Failure;
use crate::plan::tenant::ResourcePlan;
use crate::report;
use crate::report::time::second;
use crate::run::client::Client;
use crate::run::journal::{self, Claim, Owner};
use crate::run::ledger::{self, Earlier};
use crate::run::now;
use crate::run::pace::Pace;
use crate::run::read::Planned;
use crate::settings::DesiredResource;
use crate::text::disk::shown;
use crate::text::shell::quoted;
use crate::workspace::load::Context;
use crate::workspace::next::About;

/// Tells of runs that did not end: what they had on its way, and what live shows of it.
pub(crate) fn tell_unfinished(context: &Context, folder: &Path, tenants: &[Planned]) {
    if ledger::receipts(folder).is_none() {
        let help = "make .sailplan and .sailplan/receipts folders, not symbolic links".to_owned();
        let text = "the folder .sailplan/receipts leads out of the workspace, so the receipts in it are not read";
        context.ui.warn(text, &[help]);
    }
    for run in ledger::unfinished(folder) {
        let owner = journal::owner(&run.path, &run.receipt, ledger::host().as_deref());
        tell(context, &run, &owner, &look(&run.receipt, tenants), None);
    }
}

/// Tells of runs that did not end, and completes the receipts of those that are over. A write of which it is not known
/// whether it took is read as often as one of this run; a read that shows more than the one of the plan takes its place.
pub(crate) async fn settle_unfinished(context: &Context, folder: &Path, tenants: &mut [Planned], pace: Pace) {
    for run in ledger::unfinished(folder) {
        let owner = journal::owner(&run.path, &run.receipt, ledger::host().as_deref());
        let claim = if owner == Owner::Gone { journal::claim(&run.path) } else { Ok(None) };
        match claim {
            Ok(Some(claim)) => {
                let (unfinished, completed) = settle(claim, tenants, pace).await;
                tell(context, &run, &owner, &unfinished, completed);
            }
            // Another process completed it meanwhile.
            Ok(None) if owner == Owner::Gone => {}
            Ok(None) => tell(context, &run, &owner, &look(&run.receipt, tenants), None),
            Err(error) => tell(context, &run, &owner, &[], Some(Err(error))),
        }
    }
}

/// Returns the addresses of tenants in whose documents it shows what became of runs that did not end.
pub(crate) fn awaited(folder: &Path) -> HashSet<String> {
    let runs = ledger::unfinished(folder);
    runs.iter().flat_map(|run| pending(&run.receipt)).map(|(tenant, _)| tenant.url.clone()).collect()
}

/// What became of a write to one document that was on its way when its run ended.
struct Unfinished {
    text: String,
    became: Became,
}

impl Unfinished {
    fn of(tenant: &str, entry: &ResourceReceipt, became: Became) -> Unfinished {
        Unfinished { text: report::applied::unfinished(tenant, entry, became), became }
    }

    /// Returns whether it is not known.
    fn is_open(&self) -> bool {
        matches!(self.became, Became::NotRead | Became::Unreadable)
    }
}

/// The tenant and the entry of each resource that may still be on its way.
fn pending(receipt: &Receipt) -> impl Iterator<Item = (&TenantReceipt, &ResourceReceipt)> {
    receipt.entries().filter(|(_, entry)| entry.outcome == Outcome::Pending)
}

/// Returns what the live documents show of the writes of a run.
fn look(receipt: &Receipt, tenants: &[Planned]) -> Vec<Unfinished> {
    let unfinished = pending(receipt).map(|(tenant, entry)| {
        let planned = tenants.iter().find(|planned| planned.plan.url == tenant.url);
        let plan = planned.and_then(|planned| planned.plan.resources().iter().find(|plan| is_for(plan, entry)));
        let live = plan.and_then(|plan| plan.outcome.as_ref().ok()).and_then(|read| read.live.whole());
        Unfinished::of(&tenant.name, entry, became(entry, live))
    });
    unfinished.collect()
}

fn is_for(plan: &ResourcePlan, entry: &ResourceReceipt) -> bool {
    let same = |desired: &DesiredResource, key| desired.key == key && desired.generation.name == entry.api_version;
    entry.document().key().is_some_and(|key| same(&plan.desired, key))
}

/// Finds out what became of each write and completes the receipt, unless one cannot be read in this run.
async fn settle(
    mut claim: Claim,
    tenants: &mut [Planned],
    pace: Pace,
) -> (Vec<Unfinished>, Option<std::io::Result<()>>) {
    let mut unfinished = Vec::new();
    for tenant in &mut claim.receipt.tenants {
        for entry in tenant.resources.iter_mut().filter(|entry| entry.outcome == Outcome::Pending) {
            let planned = tenants.iter_mut().find(|planned| planned.plan.url == tenant.url);
            let (became, live) = match planned {
                Some(Planned { plan, client: Some(client), .. }) => {
                    let plan = plan.resources_mut().iter_mut().find(|plan| is_for(plan, entry));
                    settle_entry(entry, plan, client, pace).await
                }
                _ => (became(entry, None), None),
            };
            ledger::note(entry, became, live, &now());
            unfinished.push(Unfinished::of(&tenant.name, entry, became));
        }
    }
    if unfinished.iter().any(Unfinished::is_open) {
        return (unfinished, None);
    }
    claim.receipt.finished_at = Some(now());
    claim.receipt.verdict = Some(report::applied::verdict(&claim.receipt));
    (unfinished, Some(claim.complete()))
}

/// Returns what became of an entry, and the document that shows it.
async fn settle_entry<'p>(
    entry: &ResourceReceipt,
    plan: Option<&'p mut ResourcePlan>,
    client: &Client,
    pace: Pace,
) -> (Became, Option<&'p Value>) {
    let Some(ResourcePlan { desired, outcome: Ok(read), .. }) = plan else { return (became(entry, None), None) };
    let mut became_of = became(entry, read.live.whole());
    for _ in 1..pace.reads {
        if matches!(became_of, Became::Done | Became::NotSent | Became::TurnedDown) {
            break;
        }
        sleep(pace.pause).await;
        match client.read(desired).await {
            Ok(fresh) => *read = fresh,
            Err(_) => return (Became::Unreadable, None),
        }
        became_of = became(entry, read.live.whole());
    }
    (became_of, read.live.whole())
}

fn tell(
    context: &Context,
    run: &Earlier,
    owner: &Owner,
    unfinished: &[Unfinished],
    completed: Option<std::io::Result<()>>,
) {
    let (started, path) = (second(&run.receipt.started_at), shown(&run.path));
    let what = match owner {
        Owner::Lives => format!("another run, which began at {started}, is still running; its receipt is {path}"),
        Owner::Elsewhere(host) => {
            format!(
                "the run that began at {started} on {host} did not finish, or is still running; its receipt is {path}"
            )
        }
        Owner::Gone => format!("the run that began at {started} did not finish; its receipt is {path}"),
    };
    let mut details: Vec<String> = match owner {
        // What is on its way changes while one looks.
        Owner::Lives => Vec::new(),
        _ => unfinished.iter().map(|write| write.text.clone()).collect(),
    };
    let settle = || context.next("receipts", About::Flags, &format!("--settle {}", quoted(&path)));
    let mut help = Vec::new();
    match (owner, completed) {
        (_, Some(Ok(()))) => details.push("its receipt says so now".to_owned()),
        (_, Some(Err(error))) => details.push(format!("its receipt cannot be completed: {error}")),
        (Owner::Elsewhere(_), None) => {
            help.push(format!("once it is certain that it ended, complete its receipt: {}", settle()));
        }
        (Owner::Gone, None) if unfinished.iter().any(Unfinished::is_open) => help.push(format!(
            "run sailplan apply where this tenant and resource are managed, or complete the receipt by hand: {}",
            settle()
        )),
        (_, None) => {}
    }
    context.ui.warn_with(&what, &details, &help);
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
                Some(format!("{key}: applied by the run that began at {}, and changed back since", second(&when)))
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
