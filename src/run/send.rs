//! Sending a plan that somebody made: approval, receipt, writes, proof, verdict. `apply` and `rollback` both end here.

use std::cell::RefCell;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ValueEnum;
use futures_util::future::join_all;
use serde_json::Value;

use super::earlier;
use crate::documents::became::turned_down;
use crate::documents::build;
use crate::documents::evidence::{self, ApprovalEntry, CheckoutEntry, Evidence, How};
use crate::documents::left::LeftEntry;
use crate::documents::looked_up::LookUpsEntry;
use crate::documents::plan::{ErrorEntry, LiftedEntry, PlanFile, RefusalEntry};
use crate::documents::receipt::{self, Outcome, Receipt, ResourceReceipt, TenantReceipt};
use crate::documents::rolled_back::RolledBack;
use crate::documents::tally::{Conclusion, Tally};
use crate::failure::{Failure, FailureKind};
use crate::guardrails::{ApprovalWord, Lifts};
use crate::plan::tenant::ResourcePlan;
use crate::report;
use crate::report::layout::Look;
use crate::report::next::Next;
use crate::resource::Write;
use crate::run::approve;
use crate::run::change::{Begun, Work};
use crate::run::history::{self, Certain};
use crate::run::interrupt::Interrupts;
use crate::run::journal::{self, Closed, Journal, NotKept};
use crate::run::ledger;
use crate::run::order;
use crate::run::read::{self, Client, Network, Planned, judge, side_by_side};
use crate::run::undone::Undone;
use crate::text::disk::{self, Rights};
use crate::text::number::count;
use crate::ui::{Exit, Stop};
use crate::workspace::load::{Context, variable};
use crate::workspace::next::About;

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

    /// Gets the plan approved; tenants that moved since are left out of `tenants` with the reason.
    async fn approve(
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
                if !self.interrupts.confirm(ui, report::next::question(plan, &sent)).await? {
                    let message = "not approved; nothing was sent";
                    let help = format!("to have it reviewed first, save it: {}", self.fresh_plan("--out FILE"));
                    return Err(Stop::new(Exit::Refused, message, help).into());
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

    /// Sends what is pending, tenants side by side, and keeps the receipt up to date.
    async fn send(&self, tenants: Vec<Planned>, journal: Journal) -> (Closed, Exit) {
        let log = Log { journal: RefCell::new(journal), lost: RefCell::new(None), failed: AtomicBool::new(false) };
        let failed = |tenant: &Planned| {
            let resources = tenant.plan.resources();
            tenant.refused.is_some()
                || tenant.plan.outcome.is_err()
                || resources.iter().any(|resource| resource.failure().is_some())
        };
        if tenants.iter().any(failed) {
            log.failed.store(true, Ordering::Relaxed);
        }
        let several = tenants.len() > 1;
        let _phase = self.network.progress.begin(
            if self.rolls_back.is_some() { "Rolling back" } else { "Applying" },
            tenants.iter().filter(|tenant| sends(tenant)).count(),
        );
        let tenants = tenants.into_iter().enumerate();
        let jobs = tenants.map(|(number, tenant)| self.send_tenant(number, tenant, several, &log));
        let all = side_by_side(jobs, self.network.parallelism);
        let ui = self.context.ui;
        let told = async {
            self.interrupts.reached(1).await;
            self.network.http.hurry();
            let help = "interrupt again to stop at once, without knowing what became of that write".to_owned();
            ui.warn("interrupted: the write in flight is finished and settled, nothing else is sent", &[help]);
            self.interrupts.reached(2).await;
        };
        let stopped = tokio::select! {
            biased;
            _ = all => false,
            () = told => true,
        };
        self.close(log, stopped)
    }

    /// Writes the resources of one tenant side by side, each straight after its read.
    async fn send_tenant(&self, number: usize, tenant: Planned, several: bool, log: &Log) {
        if !sends(&tenant) {
            return;
        }
        let Planned { plan, client: Some(client), refused: None, .. } = tenant else { return };
        let _running = self.network.progress.tenant(&plan.name, client.tenant.address().host());
        let (name, resources) = (plan.name, plan.outcome.unwrap_or_default());
        let (jobs, rest): (Vec<_>, Vec<_>) =
            resources.into_iter().enumerate().partition(|(_, resource)| sendable(resource));
        let exposed: Vec<(usize, ResourcePlan)> =
            rest.into_iter().filter(|(_, resource)| order::is_exposed(resource, &jobs)).collect();
        // Not before they were read again.
        exposed.iter().for_each(|(index, _)| log.record(number, *index, |entry| entry.outcome = Outcome::Pending));
        for (stage, jobs) in order::stages(jobs).into_iter().enumerate() {
            // What was written before may have changed what these were planned from.
            let reread = several || stage > 0;
            let jobs = jobs
                .into_iter()
                .map(|(index, resource)| self.send_resource(&name, (number, index), resource, &client, reread, log));
            join_all(jobs).await;
        }
        let checks = exposed.into_iter().map(|(index, resource)| check(number, index, resource, &client, log));
        join_all(checks).await;
    }

    async fn send_resource(
        &self,
        name: &str,
        (tenant, index): (usize, usize),
        resource: ResourcePlan,
        client: &Client,
        several: bool,
        log: &Log,
    ) {
        let ResourcePlan { mut desired, outcome: Ok(read), left, .. } = resource else { return };
        // What is not to change is not managed in this run.
        desired.settings.retain(|managed| !left.iter().any(|left| left.setting == managed.setting));
        if self.stops(log) {
            log.record(tenant, index, |entry| entry.outcome = Outcome::Skipped);
            return;
        }
        self.context.ui.say(&format!(
            "{name}: {} {}: changing {} ...",
            desired.key,
            desired.generation.name,
            count(read.comparison.changes.len(), "setting", "settings")
        ));
        let work =
            Work { client, desired: &desired, reread: several, pace: self.network.pace, interrupts: self.interrupts };
        let record = |begun: Begun<'_>| {
            log.record(tenant, index, |entry| match begun {
                Begun::Leaves(before, changes) => {
                    entry.started_at.get_or_insert_with(now);
                    build::sending(entry, before, changes);
                    entry.error = None;
                }
                Begun::NotDone(Certain::TurnedDown(failure)) => entry.error = Some(failure.into()),
                Begun::NotDone(Certain::NoneLeft) => build::not_sent(entry),
            });
            // If the disk does not say that it began, it does not begin.
            log.lost.borrow().is_none()
        };
        let done = work.run(read, record).await;
        if matches!(done.outcome, Outcome::Failed | Outcome::Unknown | Outcome::Refused) {
            log.failed.store(true, Ordering::Relaxed);
        }
        log.record(tenant, index, |entry| {
            entry.outcome = done.outcome;
            entry.finished_at = Some(now());
            match &done.wrote {
                Some((before, changes)) => build::sending(entry, before, changes),
                None => build::not_sent(entry),
            }
            entry.after = done.after;
            entry.tracking_id = done.tracking_id;
            entry.error = done.error.as_ref().map(ErrorEntry::from);
            entry.notes.extend(done.notes);
        });
    }

    fn stops(&self, log: &Log) -> bool {
        self.interrupts.happened()
            || log.lost.borrow().is_some()
            || (self.options.fail_fast && log.failed.load(Ordering::Relaxed))
    }

    /// Completes the receipt. A run that was `stopped` leaves it unfinished: what was on its way is not known.
    fn close(&self, log: Log, stopped: bool) -> (Closed, Exit) {
        log.end_turned_down();
        let (lost, mut journal) = (log.lost.into_inner(), log.journal.into_inner());
        let entries = journal.receipt.tenants.iter_mut().flat_map(|tenant| &mut tenant.resources);
        for entry in entries.filter(|entry| entry.outcome == Outcome::Pending && entry.started_at.is_none()) {
            entry.outcome = Outcome::Skipped;
        }
        // A run that was cut off while no write was on its way knows what it did.
        if !stopped || !pending(&journal.receipt) {
            journal.receipt.finished_at = Some(now());
            journal.receipt.verdict = Some(report::applied::verdict(&journal.receipt));
        }
        let path = journal.path().to_owned();
        let (closed, kept) = journal.close();
        let mut exit = if self.interrupts.happened() { Exit::Interrupted } else { Exit::Done };
        if let Some(NotKept { path, error }) = lost.map(|error| NotKept { path, error }).or(kept.err()) {
            self.context.ui.error(
                &format!("the receipt {} cannot be written any more: {error}", disk::shown(&path)),
                &["what was done is shown here and nowhere else: keep this output".to_owned()],
            );
            exit = exit.min(Exit::Failed);
        }
        (closed, exit)
    }

    fn finish(&self, closed: Closed, exit: Exit, goes_on: bool) -> anyhow::Result<Finished> {
        let Closed { mut receipt, path } = closed;
        receipt.verdict = Some(report::applied::verdict(&receipt));
        let tally = Tally::of(&receipt);
        let all_done = exit == Exit::Done && tally.all_done();
        let exit = exit.min(concluded(&tally));
        let text = match (self.options.format, &path) {
            (ReceiptFormat::Text, _) => {
                let look = self.context.ui.look(self.options.full);
                report::applied::text(&receipt, Look { quiet: look.quiet && exit == Exit::Done, ..look })
            }
            // The documents are in the file alone.
            (ReceiptFormat::Json, Some(path)) => {
                let whole = journal::read(path).map_or(receipt.clone(), |(whole, _)| whole);
                Receipt { verdict: receipt.verdict.clone(), ..whole }.to_text()?
            }
            (ReceiptFormat::Json, None) => receipt.to_text()?,
        };
        self.context.ui.result(&text)?;
        if let Some(path) = &path {
            let next = self.next(path, goes_on);
            for line in report::next::after_sending(&receipt, &disk::shown(path), &next) {
                self.context.ui.say(&line);
            }
        }
        Ok(Finished { exit, all_done })
    }
}

/// The receipt while tenants are written to side by side.
struct Log {
    journal: RefCell<Journal>,
    /// Why it cannot be written any more. Then the run ends: later it would not be known what it did.
    lost: RefCell<Option<std::io::Error>>,
    failed: AtomicBool,
}

impl Log {
    fn record(&self, tenant: usize, resource: usize, change: impl FnOnce(&mut ResourceReceipt)) {
        if let Err(error) = self.journal.borrow_mut().record(tenant, resource, change) {
            self.lost.borrow_mut().get_or_insert(error);
        }
    }

    /// Ends the writes that a run which was cut off did not send again. The file of the run may stay unfinished for others.
    fn end_turned_down(&self) {
        let open: Vec<(usize, usize)> = {
            let journal = self.journal.borrow();
            let tenants = journal.receipt.tenants.iter().enumerate();
            let entries = tenants.flat_map(|(number, tenant)| {
                tenant.resources.iter().enumerate().map(move |(index, entry)| ((number, index), entry))
            });
            entries
                .filter(|(_, entry)| {
                    entry.outcome == Outcome::Pending && entry.started_at.is_some() && turned_down(entry)
                })
                .map(|(place, _)| place)
                .collect()
        };
        for (tenant, resource) in open {
            self.record(tenant, resource, |entry| {
                entry.outcome = Outcome::Failed;
                entry.finished_at = Some(now());
            });
        }
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

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

/// Looks whether a document in which nothing was to change still is as desired after the writes of others.
async fn check(tenant: usize, index: usize, resource: ResourcePlan, client: &Client, log: &Log) {
    let ResourcePlan { mut desired, left, .. } = resource;
    desired.settings.retain(|managed| !left.iter().any(|left| left.setting == managed.setting));
    let failure = match client.read(&desired).await {
        Ok(read) if read.comparison.changes.is_empty() => {
            return log.record(tenant, index, |entry| entry.outcome = Outcome::Unchanged);
        }
        Ok(read) => {
            let message = "nothing was to change here, but another change of this run changed what it inherits";
            let help = "run sailplan plan, then apply again, which gives it values of its own";
            Failure::failed(message, help).details(read.comparison.changes.iter().map(history::left).collect())
        }
        Err(failure) => {
            let message = format!(
                "another change of this run may have changed it, and reading it again failed: {}",
                failure.message
            );
            Failure { message, kind: FailureKind::Failed, ..failure }
        }
    };
    log.failed.store(true, Ordering::Relaxed);
    log.record(tenant, index, |entry| {
        entry.outcome = Outcome::Failed;
        entry.error = Some((&failure).into());
    });
}

fn sendable(resource: &ResourcePlan) -> bool {
    resource.has_changes() && resource.failure().is_none()
}

/// Returns whether a whole document is to be replaced.
fn puts(tenant: &Planned) -> bool {
    let put = |resource: &ResourcePlan| matches!(resource.desired.resource().write, Write::Put { .. });
    tenant.refused.is_none() && tenant.plan.resources().iter().any(|resource| put(resource) && sendable(resource))
}

/// Returns whether something would be sent to a tenant.
fn sends(tenant: &Planned) -> bool {
    tenant.refused.is_none() && tenant.plan.resources().iter().any(sendable)
}

fn pending(receipt: &Receipt) -> bool {
    receipt.tenants.iter().flat_map(|tenant| &tenant.resources).any(|one| one.outcome == Outcome::Pending)
}

async fn read_again(tenants: &mut [Planned], network: &Network) {
    let _phase = network.progress.begin("Reading again", tenants.len());
    let reads = tenants.iter_mut().map(|tenant| async {
        let Planned { plan, client: Some(client), .. } = tenant else { return };
        let _running = network.progress.tenant(&plan.name, client.tenant.address().host());
        let resources = plan.resources_mut().iter_mut().filter(|resource| resource.outcome.is_ok());
        let client: &Client = client;
        join_all(resources.map(|resource| async { resource.outcome = client.read(&resource.desired).await })).await;
    });
    side_by_side(reads, network.parallelism).await;
}

fn concluded(tally: &Tally) -> Exit {
    match tally.conclusion() {
        Conclusion::Done => Exit::Done,
        Conclusion::Refused => Exit::Refused,
        Conclusion::Failed => Exit::Failed,
    }
}

fn refuse_moved(approved: &PlanFile, tenants: &mut [Planned]) {
    let now = read::document(tenants, &[]);
    for (tenant, now) in tenants.iter_mut().zip(&now.tenants) {
        let Some(entry) = approved.tenants.iter().find(|entry| entry.name == tenant.plan.name) else { continue };
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
                "settings moved since the plan was made; nothing was sent to this tenant",
                "make a new plan and have it approved: sailplan plan --out FILE",
            );
            tenant.refused = Some(refusal.details(moved));
        }
    }
}

/// Returns the receipt of an apply that has not begun.
fn open(tenants: &[Planned], digest: &str) -> Receipt {
    Receipt {
        format_version: receipt::FORMAT_VERSION.to_owned(),
        sailplan: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: now(),
        finished_at: None,
        rolls_back: None,
        digest: digest.to_owned(),
        run: evidence::run_facts(variable),
        evidence: Evidence::default(),
        window: tenants.iter().any(puts).then(|| receipt::WINDOW.to_owned()),
        verdict: None,
        tenants: tenants.iter().map(open_tenant).collect(),
    }
}

fn open_tenant(tenant: &Planned) -> TenantReceipt {
    let mut entry = TenantReceipt {
        name: tenant.plan.name.clone(),
        url: tenant.plan.url.clone(),
        identity: std::collections::BTreeMap::new(),
        error: tenant.refused.as_ref().map(ErrorEntry::from),
        refusals: tenant.judged.refusals.iter().map(RefusalEntry::from).collect(),
        lifted: tenant.judged.lifted.iter().map(LiftedEntry::from).collect(),
        look_ups: tenant.plan.looked_up.as_ref().map(LookUpsEntry::from),
        resources: Vec::new(),
    };
    if let Err(failure) = &tenant.plan.outcome {
        entry.error = Some(failure.into());
        return entry;
    }
    if let Some(identity) = tenant.client.as_ref().and_then(|client| client.tenant.identity()) {
        let facts = [("identityId", identity.identity_id), ("userName", identity.user_name), ("org", identity.org)];
        entry.identity = facts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    }
    for resource in tenant.plan.resources() {
        let overrides = resource.outcome.as_ref().ok().and_then(|read| read.comparison.overrides);
        let (outcome, error) = match &resource.outcome {
            Err(error) => {
                let outcome = if error.is_refusal() { Outcome::Refused } else { Outcome::Failed };
                (outcome, Some(error.clone()))
            }
            Ok(read) => {
                let contradiction = resource.failure();
                let outcome = match (&contradiction, &tenant.refused, read.comparison.changes.is_empty()) {
                    (Some(_), ..) | (_, Some(_), _) => Outcome::Refused,
                    (_, _, true) => Outcome::Unchanged,
                    (_, _, false) => Outcome::Pending,
                };
                (outcome, contradiction)
            }
        };
        entry.resources.push(ResourceReceipt {
            resource: resource.desired.resource().name.to_owned(),
            instance: resource.desired.key.instance.as_ref().map(ToString::to_string),
            api_version: resource.desired.generation.name.to_owned(),
            outcome,
            started_at: None,
            finished_at: None,
            left: resource.left.iter().map(LeftEntry::from).collect(),
            // These come with the write.
            before: Value::Null,
            operations: Vec::new(),
            changes: Vec::new(),
            overrides: overrides.map(|overrides| overrides.sentence.to_owned()),
            after: None,
            tracking_id: None,
            error: error.as_ref().map(ErrorEntry::from),
            events: build::events(&resource.desired.key, tenant.plan.looked_up.as_ref()),
            notes: resource.notes.clone(),
        });
    }
    entry
}
