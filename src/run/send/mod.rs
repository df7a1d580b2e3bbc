//! Sending a plan that somebody made: approval, receipt, writes, proof, verdict. `apply` and `rollback` both end here.

mod approval;
mod opening;
mod writes;

use std::path::Path;

use clap::ValueEnum;

use super::earlier;
use crate::documents::evidence::{self, ApprovalEntry, CheckoutEntry, Evidence, How};
use crate::documents::plan::PlanFile;
use crate::documents::receipt::Receipt;
use crate::documents::rolled_back::RolledBack;
use crate::documents::tally::{Conclusion, Tally};
use crate::guardrails::{ApprovalWord, Lifts};
use crate::plan::tenant::ResourcePlan;
use crate::report;
use crate::report::layout::Look;
use crate::report::next::Next;
use crate::run::interrupt::Interrupts;
use crate::run::journal::{self, Closed, Journal, NotKept};
use crate::run::read::{self, Network, Planned, judge};
use crate::run::undone::Undone;
use crate::run::{approve, ledger, now};
use crate::text::disk::{self, Rights};
use crate::ui::{Exit, Stop};
use crate::workspace::load::{Context, variable};
use crate::workspace::next::About;
use opening::open;

/// How a plan is sent and reported.
pub(crate) struct Options<'a> {
    /// Stop at the first failure instead of going on with other tenants and resources.
    pub(crate) fail_fast: bool,
    /// A further file for the receipt.
    pub(crate) receipt: Option<&'a Path>,
    /// What guardrails let through.
    pub(crate) lifts: Lifts,
    /// Make changes again that were rolled back.
    pub(crate) again: bool,
    /// The flags that the receipt tells, as they are typed.
    pub(crate) flags: Vec<String>,
    /// What to write to standard output.
    pub(crate) format: ReceiptFormat,
    /// List every member of long sets.
    pub(crate) full: bool,
}

/// A form of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReceiptFormat {
    /// For a terminal or a log
    Text,
    /// For programs
    Json,
}

/// What allows the changes to be sent.
pub(crate) enum Approval<'a> {
    /// A plan that somebody approved earlier.
    Saved(Box<PlanFile>),
    /// The digest of such a plan.
    Digest(&'a str),
    /// `--yes`.
    Flag,
    /// Somebody at the terminal.
    Ask,
    /// Nothing, and there is no terminal to ask at: enough where there is nothing to send.
    Missing,
}

impl Approval<'_> {
    /// Returns the word of `apply` that it is; `None` if nothing approves the changes.
    fn word(&self) -> Option<ApprovalWord> {
        match self {
            Approval::Saved(_) => Some(ApprovalWord::Plan),
            Approval::Digest(_) => Some(ApprovalWord::Approved),
            Approval::Flag => Some(ApprovalWord::Yes),
            Approval::Ask => Some(ApprovalWord::Question),
            Approval::Missing => None,
        }
    }
}

/// A plan on its way to the tenants.
pub(crate) struct Sending<'a> {
    /// The command's surroundings.
    pub(crate) context: &'a Context,
    /// How to go about it.
    pub(crate) options: Options<'a>,
    /// How tenants are reached.
    pub(crate) network: &'a Network,
    /// The folder of the workspace, in which receipts are kept.
    pub(crate) folder: &'a Path,
    /// What the user does meanwhile.
    pub(crate) interrupts: &'a Interrupts,
    /// The commit that the files of the run are from.
    pub(crate) checkout: Option<CheckoutEntry>,
    /// The receipt that the plan rolls back, if it does.
    pub(crate) rolls_back: Option<RolledBack>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finished {
    /// The exit code.
    pub(crate) exit: Exit,
    /// Whether everything that was to be sent was sent and took. A rollback may still have left something.
    pub(crate) all_done: bool,
}

impl Sending<'_> {
    /// Gets the plan approved, sends it, verifies it by reading back and says how it went.
    ///
    /// # Errors
    ///
    /// It was not approved, the receipt cannot be written, or an interrupt came before anything was sent.
    pub(crate) async fn run(&self, approval: Approval<'_>, mut tenants: Vec<Planned>) -> anyhow::Result<Finished> {
        // The digest of the whole plan, as sailplan plan made it.
        let whole = match &approval {
            Approval::Digest(_) => Some(read::document(&tenants, &[])),
            _ => None,
        };
        let undone = match &self.rolls_back {
            None if !self.options.again => Undone::read(self.folder),
            _ => Undone::default(),
        };
        if let Approval::Saved(saved) = &approval {
            earlier::refuse_replayed(self.folder, saved, &mut tenants);
        }
        undone.hold(&mut tenants);
        judge(&mut tenants, &self.options.lifts, approval.word());
        if self.rolls_back.is_some() && !matches!(approval, Approval::Digest(_)) {
            for tenant in tenants.iter_mut().filter(|tenant| tenant.refused.is_none()) {
                tenant.refused = approve::needs_review(tenant);
            }
        }
        let plan = self.document(&tenants);
        let shown = whole.as_ref().unwrap_or(&plan);
        self.approve(&approval, shown, &undone, &mut tenants).await?;
        // The digest that was approved, though part of that plan may be live already.
        let digest = match &approval {
            Approval::Saved(saved) => saved.digest.clone().unwrap_or_default(),
            Approval::Digest(digest) => (*digest).to_owned(),
            _ => plan.compute_digest(),
        };
        let receipt = Receipt {
            rolls_back: self.rolls_back.clone(),
            evidence: self.evidence(&approval),
            ..open(&tenants, &digest)
        };
        if !tenants.iter().any(sends) {
            // It has come to its end: nothing is sent.
            let verdict = Some(report::applied::verdict(&receipt));
            let receipt = Receipt { finished_at: Some(now()), verdict, ..receipt };
            if let Some(path) = self.options.receipt {
                disk::create(path, &receipt.to_text()?, Rights::Private)
                    .map_err(|error| cannot_be_kept(NotKept { path: path.to_owned(), error }))?;
            }
            return self.finish(Closed { receipt, path: None }, Exit::Done, false);
        }
        let folder = ledger::receipts(self.folder).ok_or_else(outside)?;
        let journal = Journal::open(&folder, self.options.receipt, receipt).map_err(cannot_be_kept)?;
        let (closed, exit) = self.send(tenants, journal).await;
        // What is left after a part was sent has another digest.
        let goes_on = self.interrupts.happened() && !matches!(approval, Approval::Digest(_));
        self.finish(closed, exit, goes_on)
    }

    /// Returns the commands that may follow a run with this receipt; the one that goes on only where that one can.
    fn next(&self, receipt: &Path, goes_on: bool) -> Next {
        Next {
            see: self.fresh_plan(if self.rolls_back.is_some() { "--out FILE" } else { "" }),
            again: goes_on.then(|| self.context.again()),
            undo: self.context.next("rollback", About::Receipt(receipt), ""),
        }
    }

    /// Returns the command that plans again what this run is about.
    fn fresh_plan(&self, flags: &str) -> String {
        match &self.rolls_back {
            Some(rolled) => self.context.next("rollback", About::Receipt(Path::new(&rolled.receipt)), flags),
            None => self.context.next("plan", About::Same, flags),
        }
    }

    /// Returns what is to be sent as a document.
    pub(crate) fn document(&self, tenants: &[Planned]) -> PlanFile {
        let mut plan = PlanFile { rolls_back: self.rolls_back.clone(), ..read::document(tenants, &[]) };
        plan.summary = report::summary(&plan);
        plan
    }

    /// Returns who runs this, where, and what approved it.
    fn evidence(&self, approval: &Approval<'_>) -> Evidence {
        let (how, plan_digest, plan_created_at) = match approval {
            Approval::Saved(plan) => (How::Plan, plan.digest.clone(), plan.created_at.clone()),
            Approval::Digest(digest) => (How::Approved, Some((*digest).to_owned()), None),
            Approval::Flag => (How::Yes, None, None),
            Approval::Ask => (How::Question, None, None),
            // Nothing is sent then.
            Approval::Missing => return Evidence::of(ledger::host(), variable),
        };
        let approvers = evidence::approvers(variable);
        Evidence {
            approval: Some(ApprovalEntry { how, plan_digest, plan_created_at, approvers }),
            checkout: self.checkout.clone(),
            flags: self.options.flags.clone(),
            ..Evidence::of(ledger::host(), variable)
        }
    }

    fn finish(&self, closed: Closed, exit: Exit, goes_on: bool) -> anyhow::Result<Finished> {
        let Closed { mut receipt, path } = closed;
        receipt.verdict = Some(report::applied::verdict(&receipt));
        let tally = Tally::of(&receipt);
        let all_done = exit == Exit::Done && tally.all_done();
        let exit = exit.min(concluded(&tally));
        if let Err(error) = self.print(&receipt, path.as_deref(), exit) {
            let Some(path) = &path else { return Err(error) };
            // What was sent has to be found all the same.
            let help = format!("to see what was done: {}", self.context.next("show", About::Receipt(path), ""));
            return Err(Stop::new(Exit::Failed, error.to_string(), help).into());
        }
        if let Some(path) = &path {
            let next = self.next(path, goes_on);
            for line in report::next::after_sending(&receipt, &disk::shown(path), &next) {
                self.context.ui.say(&line);
            }
        } else if goes_on && !tally.all_done() {
            self.context.ui.say(&format!("To go on: {}", self.context.again()));
        }
        Ok(Finished { exit, all_done })
    }

    /// Prints what was done; `path` is the receipt's.
    fn print(&self, receipt: &Receipt, path: Option<&Path>, exit: Exit) -> anyhow::Result<()> {
        match self.options.format {
            ReceiptFormat::Text => {
                let look = self.context.ui.look(self.options.full);
                let look = Look { quiet: look.quiet && exit == Exit::Done, ..look };
                self.context.ui.result(&report::applied::text(receipt, look))?;
            }
            ReceiptFormat::Json => {
                // The documents are in the file alone.
                let whole = path.and_then(|path| journal::read(path).ok());
                let whole = whole.map(|(whole, _)| Receipt { verdict: receipt.verdict.clone(), ..whole });
                let sealed = whole.as_ref().unwrap_or(receipt).sealed()?;
                self.context.ui.result_from(|writer| sealed.write(writer))?;
            }
        }
        Ok(())
    }
}

fn cannot_be_kept(NotKept { path, error }: NotKept) -> Stop {
    Stop::new(
        Exit::Refused,
        format!("the receipt {} cannot be written, so nothing was sent: {error}", disk::shown(&path)),
        "make its folder writable, and name no file with --receipt that exists",
    )
}

fn outside() -> Stop {
    Stop::new(
        Exit::Refused,
        "the folder .sailplan/receipts leads out of the workspace, so no receipt can be kept; nothing was sent",
        "make .sailplan and .sailplan/receipts folders, not symbolic links",
    )
}

fn sendable(resource: &ResourcePlan) -> bool {
    resource.has_changes() && resource.failure().is_none()
}

/// Returns whether something would be sent to a tenant.
fn sends(tenant: &Planned) -> bool {
    tenant.refused.is_none() && tenant.plan.resources().iter().any(sendable)
}

fn concluded(tally: &Tally) -> Exit {
    match tally.conclusion() {
        Conclusion::Done => Exit::Done,
        Conclusion::Refused => Exit::Refused,
        Conclusion::Failed => Exit::Failed,
    }
}
