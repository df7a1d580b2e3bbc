//! The writes of a run, and the receipt that tells them while they are made.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;

use super::{Sending, sendable, sends};
use crate::documents::became::turned_down;
use crate::documents::build;
use crate::documents::plan::ErrorEntry;
use crate::documents::receipt::{Outcome, Receipt, ResourceReceipt};
use crate::failure::{Failure, FailureKind};
use crate::plan::tenant::{Left, ResourcePlan};
use crate::report;
use crate::run::change::{Begun, Work};
use crate::run::client::Client;
use crate::run::history::{self, Certain};
use crate::run::journal::{Closed, Journal, NotKept};
use crate::run::read::{Planned, side_by_side};
use crate::run::{now, order};
use crate::settings::DesiredResource;
use crate::text::disk;
use crate::text::number::count;
use crate::ui::Exit;

impl Sending<'_> {
    /// Sends what is pending, tenants side by side, and keeps the receipt up to date.
    pub(super) async fn send(&self, tenants: Vec<Planned>, journal: Journal) -> (Closed, Exit) {
        let written = tenants.iter().filter(|tenant| sends(tenant)).count();
        let log = Log {
            journal: RefCell::new(journal),
            lost: RefCell::new(None),
            failed: AtomicBool::new(false),
            many: written > MANY,
        };
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
        let phase = if self.rolls_back.is_some() { "Rolling back" } else { "Applying" };
        let _phase = self.network.progress.begin(phase, written);
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
        let exposed = order::exposed(rest, &jobs);
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
        let ResourcePlan { desired, outcome: Ok(read), left, .. } = resource else { return };
        let desired = without(desired, &left);
        if self.stops(log) {
            log.record(tenant, index, |entry| entry.outcome = Outcome::Skipped);
            return;
        }
        // How far a run over many tenants is, the progress says; what it did, the receipt.
        if !log.many || self.context.ui.verbosity() > 0 {
            self.context.ui.say(&format!(
                "{name}: {} {}: changing {} ...",
                desired.key,
                desired.generation.name,
                count(read.comparison.changes.len(), "setting", "settings")
            ));
        }
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
        let sent = journal.receipt.entries().any(|(_, entry)| entry.started_at.is_some());
        let (closed, kept) = journal.close();
        let mut exit = if self.interrupts.happened() { Exit::Interrupted } else { Exit::Done };
        if let Some(NotKept { path, error }) = lost.map(|error| NotKept { path, error }).or(kept.err()) {
            let (since, help, code) = if sent {
                (" any more", "what was done is shown here and nowhere else: keep this output", Exit::Failed)
            } else {
                (", so nothing was sent", "make space on its disk, and its folder writable", Exit::Refused)
            };
            self.context.ui.error(
                &format!("the receipt {} cannot be written{since}: {error}", disk::shown(&path)),
                &[help.to_owned()],
            );
            exit = exit.min(code);
        }
        (closed, exit)
    }
}

/// More tenants than a terminal has lines for.
const MANY: usize = 10;

/// The receipt while tenants are written to side by side.
struct Log {
    journal: RefCell<Journal>,
    /// Why it cannot be written any more. Then the run ends: later it would not be known what it did.
    lost: RefCell<Option<std::io::Error>>,
    failed: AtomicBool,
    /// Whether it is about more tenants than lines about each can be read.
    many: bool,
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

/// Returns what this run manages of a document: what is not to change is not managed in it.
fn without(mut desired: DesiredResource, left: &[Left]) -> DesiredResource {
    desired.settings.retain(|managed| !left.iter().any(|left| left.setting == managed.setting));
    desired
}

/// Looks whether a document in which nothing was to change still is as desired after the writes of others.
async fn check(tenant: usize, index: usize, resource: ResourcePlan, client: &Client, log: &Log) {
    let desired = without(resource.desired, &resource.left);
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

fn pending(receipt: &Receipt) -> bool {
    receipt.tenants.iter().flat_map(|tenant| &tenant.resources).any(|one| one.outcome == Outcome::Pending)
}
