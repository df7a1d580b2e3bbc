//! How a plan comes to be approved: what is asked, and what moved in the meantime.

use std::collections::HashMap;

use futures_util::future::join_all;

use super::{Approval, Sending, sends};
use crate::documents::build;
use crate::documents::plan::{PlanFile, TenantEntry};
use crate::failure::Failure;
use crate::guardrails::ApprovalWord;
use crate::report;
use crate::run::approve;
use crate::run::client::Client;
use crate::run::read::{Network, Planned, judge, side_by_side};
use crate::run::undone::Undone;
use crate::ui::{Answer, Exit, Stop};

impl Sending<'_> {
    /// Gets the plan approved; tenants that moved since are left out of `tenants` with the reason.
    pub(super) async fn approve(
        &self,
        approval: &Approval<'_>,
        plan: &PlanFile,
        undone: &Undone,
        tenants: &mut [Planned],
    ) -> Result<(), anyhow::Error> {
        let ui = self.context.ui;
        let shown = || report::text::plan(plan, ui.look_beside(self.options.full));
        let show = || {
            if !plan.tenants.is_empty() {
                ui.show(&shown());
            }
        };
        match approval {
            Approval::Saved(saved) => {
                refuse_moved(saved, tenants);
            }
            Approval::Digest(digest) => {
                let found = plan.compute_digest();
                if found != **digest {
                    show();
                    return Err(Stop::new(
                        Exit::Refused,
                        format!("the current plan has the digest {found}, and {digest} was approved; nothing was sent"),
                        "look at the plan above, and have it approved again",
                    )
                    .into());
                }
            }
            Approval::Flag if ui.is_quiet() => {}
            Approval::Flag => show(),
            Approval::Missing => {
                let pending = tenants.iter().any(sends);
                if !ui.is_quiet() || pending {
                    show();
                }
                if pending {
                    let message = "cannot ask for approval: standard input is not a terminal; nothing was sent";
                    let permitted = match &self.rolls_back {
                        // A rollback that may not be sent so is refused already, see `approve::needs_review`.
                        Some(_) => ApprovalWord::ALL.to_vec(),
                        None => approve::permitted(tenants),
                    };
                    let help = approve::how(&permitted, &self.context.again(), &plan.compute_digest());
                    return Err(Stop { help, ..Stop::new(Exit::Refused, message, "") }.into());
                }
            }
            Approval::Ask => {
                if !tenants.iter().any(sends) {
                    if !ui.is_quiet() {
                        show();
                    }
                    return Ok(());
                }
                // Whatever messages are wanted, a person approves only what they have seen.
                ui.show_to_decide(&shown());
                let sent: Vec<&str> =
                    tenants.iter().filter(|tenant| sends(tenant)).map(|tenant| tenant.plan.name.as_str()).collect();
                let answer = self.interrupts.confirm(ui, report::next::question(plan, &sent)).await?;
                if let Some(why) = answer.refusal() {
                    let message = format!("not approved{why}; nothing was sent");
                    let review = format!("to have it reviewed first, save it: {}", self.fresh_plan("--out FILE"));
                    let mut stop = Stop::new(Exit::Refused, message, "");
                    if answer == Answer::Nearly {
                        stop.help.push(format!("to answer again: {}", self.context.again()));
                    }
                    stop.help.push(review);
                    return Err(stop.into());
                }
                // Hours may have passed at the question.
                self.interrupts.or(read_again(tenants, self.network)).await?;
                undone.hold(tenants);
                judge(tenants, &self.options.lifts, approval.word());
                refuse_moved(plan, tenants);
            }
        }
        Ok(())
    }
}

async fn read_again(tenants: &mut [Planned], network: &Network) {
    let _phase = network.progress.begin("Reading again", tenants.len());
    let reads = tenants.iter_mut().map(|tenant| async {
        let Planned { plan, client: Some(client), .. } = tenant else { return };
        let _running = network.progress.tenant(&plan.name, client.tenant.address().host());
        let resources = plan.resources_mut().iter_mut().filter(|resource| resource.outcome.is_ok());
        let client: &Client = client;
        join_all(resources.map(|resource| async { resource.outcome = client.read(&resource.desired).await })).await;
        client.tenant.rest();
    });
    side_by_side(reads, network.parallelism).await;
}

fn refuse_moved(approved: &PlanFile, tenants: &mut [Planned]) {
    let now = build::plan(tenants.iter().map(|tenant| (&tenant.plan, &tenant.judged)), &[]);
    let entries: HashMap<&str, &TenantEntry> =
        approved.tenants.iter().rev().map(|entry| (entry.name.as_str(), entry)).collect();
    for (tenant, now) in tenants.iter_mut().zip(&now.tenants) {
        let Some(entry) = entries.get(tenant.plan.name.as_str()) else { continue };
        if tenant.plan.outcome.is_err() {
            continue;
        }
        for resource in tenant.plan.resources_mut() {
            if let Some(error) = approve::not_planned(entry, (&resource.desired.key).into()) {
                resource.outcome = Err(error);
            }
        }
        let moved = approve::moved(entry, now);
        if !moved.is_empty() {
            let refusal = Failure::refused(
                "settings changed since the plan was made; nothing was sent to this tenant",
                "make a new plan and have it approved: sailplan plan --out FILE",
            );
            tenant.refused = Some(refusal.details(moved));
        }
    }
}
