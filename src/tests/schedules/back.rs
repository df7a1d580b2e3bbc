//! Rollbacks of what was played, with and without faults: what the run changed and what still is so is restored or named,
//! and nothing else changes.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use super::Schedule;
use super::check::{Story, check_interrupt, differences, same};
use super::choose::{Limits, Pool, faults_of_rollback, limits};
use super::world::{Played, RolledBack};
use crate::documents::receipt::{Outcome, Receipt, ResourceReceipt};
use crate::practice::witness::Exchange;
use crate::report;
use crate::report::layout::Look;
use crate::resource::Setting;
use crate::run::interrupt::Interrupts;
use crate::run::journal;
use crate::settings::DesiredResource;
use crate::ui::Exit;

/// What a rollback is held against: the documents before and after it, and its own requests.
struct Back<'a> {
    rolled: &'a RolledBack,
    /// The receipt of the run, as later runs settled it.
    receipt: &'a Receipt,
    /// What the run that is rolled back had sent before.
    before: &'a [Exchange],
    own: &'a [Exchange],
    disturbed: bool,
}

impl Schedule {
    /// Rolls one receipt back.
    pub fn roll_back(&mut self) -> Result<()> {
        let receipts = self.world.receipts();
        if receipts.is_empty() {
            return Ok(());
        }
        let receipt = self.dice.pick(&receipts).clone();
        let text = std::fs::read_to_string(&receipt)?;
        let digest = |text: &str| {
            let value: Value = serde_json::from_str(text).unwrap_or_default();
            (value["digest"].clone(), value["startedAt"].clone())
        };
        let Some(at) = self.played.iter().position(|(run, _)| digest(&run.out) == digest(&text)) else { return Ok(()) };
        let who = self.played[at].0.who.clone();
        let name = who.split('-').next().unwrap_or_default();
        let name = if self.world.folder().join(format!("{name}.yaml")).exists() { name } else { "one" };
        let workspace = self.world.folder().join(format!("{name}.sailplan.yaml"));
        if !workspace.exists() {
            return Ok(());
        }
        let faulty = self.dice.percent(50);
        let limits = if faulty { limits(&mut self.dice, Duration::from_secs(60)) } else { Limits::wide() };
        if faulty {
            let keys: Vec<_> = self.played[at].0.desired.resources.iter().map(|desired| &desired.key).collect();
            let pools: Vec<&Pool> = self.world.pools.iter().filter(|pool| keys.contains(&&pool.key())).collect();
            for fault in faults_of_rollback(&mut self.dice, &pools) {
                let _ = writeln!(self.told, "fault {fault:?}");
                self.world.practice.inject(fault);
            }
        }
        let (sender, told) = Interrupts::told();
        let interrupt = (faulty && self.dice.percent(20)).then(|| self.dice.below(10));
        if let Some(skip) = interrupt {
            self.world.practice.when("back", skip, move || {
                sender.send_replace(1);
            });
        }
        let before = self.world.practice.exchanges();
        let shown = |world: &super::World| world.pools.iter().map(|pool| world.practice.shown(&pool.path)).collect();
        let documents: Vec<Value> = shown(&self.world);
        let rolled = self.world.rollback("back", &workspace, &receipt, &limits, &told);
        self.world.practice.calm();
        let after: Vec<Value> = shown(&self.world);
        let exchanges = self.world.practice.exchanges();
        let own = &exchanges[before.len()..];
        let _ = writeln!(self.told, "--- rollback of {who}: {:?}", rolled.exit);
        for exchange in own {
            let _ = writeln!(self.told, "  {exchange}{}", super::moved(exchange));
        }
        let said =
            rolled.receipt.as_ref().map(|receipt| report::applied::text(receipt, Look::WHOLE)).unwrap_or_default();
        let _ = writeln!(self.told, "{}{said}", rolled.err);
        self.tally.rollbacks += 1;
        self.tally.rollbacks_with_faults += usize::from(own.iter().any(|exchange| !exchange.fault.is_empty()));
        self.check_secrets(&[&rolled.out, &rolled.err])?;
        if let Some(at) = interrupt.filter(|_| told.happened()) {
            let own: Vec<&Exchange> = own.iter().collect();
            check_interrupt(own[at], &own[at + 1..])?;
            ensure!(rolled.exit == Exit::Interrupted, "interrupted, and the exit code is {:?}", rolled.exit);
        }
        let disturbed = own.iter().any(|exchange| !exchange.fault.is_empty()) || told.happened();
        let Ok((settled, _)) = journal::read(&receipt) else { bail!("the receipt cannot be read any more") };
        let back = Back { rolled: &rolled, receipt: &settled, before: &before, own, disturbed };
        let run = &self.played[at].0;
        for (pool, (was, is)) in self.world.pools.iter().zip(documents.iter().zip(&after)) {
            let desired = run.desired.resources.iter().find(|desired| desired.key == pool.key());
            let lags = back.check(run, desired, pool, was, is)?;
            self.tally.excused.lagging += usize::from(lags);
        }
        Ok(())
    }
}

fn is_for(entry: &ResourceReceipt, pool: &Pool) -> bool {
    entry.document().key() == Some(pool.key())
}

impl Back<'_> {
    /// Holds one document against the rollback; `was` and `is` are the document before and after it. Returns whether a read
    /// that the tenant answered with an older document lets a setting stay.
    fn check(
        &self,
        run: &Played,
        desired: Option<&DesiredResource>,
        pool: &Pool,
        was: &Value,
        is: &Value,
    ) -> Result<bool> {
        let moved = differences(&pool.own(was), &pool.own(is));
        let comes_or_goes = pool.own(was).is_null() != pool.own(is).is_null();
        let name = pool.key().to_string();
        let Some(desired) = desired else {
            ensure!(moved.is_empty(), "the rollback changed {moved:?} of a document that was not written");
            return Ok(false);
        };
        let (story, own) = (Story::of(desired, self.before, &run.who), Story::of(desired, self.own, "back"));
        // A PUT made from a read that the tenant answered with an older document carries more than the rollback is for.
        let stale = own.puts_what_lags();
        let mut lags = stale;
        // A run that did not hear that its write was turned down leaves it open, and the rollback goes by the receipt: it undoes
        // what live shows of it, although somebody else made that.
        let entries = run.receipt.iter().flat_map(|receipt| receipt.entries()).map(|(_, entry)| entry);
        let is_open = |entry: &ResourceReceipt| matches!(entry.outcome, Outcome::Pending | Outcome::Unknown);
        let open = entries.into_iter().any(|entry| is_for(entry, pool) && is_open(entry));
        if story.all_turned_down() && !story.may_be_done_in_part() && !open {
            ensure!(moved.is_empty(), "no write of the run was carried out, and the rollback changed {moved:?}");
        }
        let words = format!("{}{}", self.rolled.out, self.rolled.err);
        // Where the run itself saw another value than its own afterwards, what is there now was made by somebody else.
        let entries = self.receipt.entries().map(|(_, entry)| entry);
        let seen: Vec<(&ResourceReceipt, &Value)> = entries
            .filter(|entry| is_for(entry, pool) && entry.outcome != Outcome::Applied)
            .filter_map(|entry| entry.after.as_ref().map(|after| (entry, after)))
            .collect();
        let moved_on = |setting: &Setting, wrote: &Value| {
            let other = |(entry, after): &(&ResourceReceipt, &Value)| {
                entry.read(setting, after).is_ok_and(|found| !setting.equal(found.as_ref(), Some(wrote)))
            };
            seen.iter().any(other)
        };
        for (setting, value, became) in story.changed() {
            let read = |document: &Value| desired.key.read(setting, document).ok().flatten();
            // What a document inherits is not what the run wrote, although it may be equal.
            let stored = setting.is_whole() || !pool.own(was).is_null();
            let still = stored && !moved_on(setting, &became) && setting.equal(read(was).as_ref(), Some(&became));
            let known = story.read_before(setting);
            // A document that the run created inherits again, whatever that is by now.
            let uncreated = comes_or_goes && !story.is_own(is);
            let restored = uncreated || known.iter().any(|before| setting.equal(read(is).as_ref(), before.as_ref()));
            // The receipt names a document that failed or was skipped as a whole.
            let named = words.contains(&setting.to_string())
                || (self.rolled.exit != Exit::Done && self.disturbed && words.contains(&name))
                || self.rolled.receipt.is_none();
            if still && !restored && own.has_lag() {
                lags = true;
                continue;
            }
            ensure!(
                !still || restored || (named && self.rolled.exit != Exit::Done),
                "the rollback leaves {setting} at {:?}, it was {value}, and ends with {:?}",
                read(is),
                self.rolled.exit
            );
        }
        ensure!(!comes_or_goes || story.comes_or_goes(), "the rollback stored or deleted what the run did not");
        // What it inherits is a matter of another document.
        let inherits = pool.own(is).is_null();
        for managed in desired.settings.iter().filter(|_| !comes_or_goes && !inherits) {
            let ours = story.writes().any(|write| story.is_for(write, managed.setting));
            ensure!(
                ours || stale || same(&desired.key, managed.setting, was, is),
                "the rollback changed {}, which the run did not send",
                managed.setting
            );
        }
        for pointer in &moved {
            let managed =
                |pointer: &str| desired.settings.iter().any(|managed| pointer.starts_with(managed.setting.pointer));
            ensure!(
                stale || comes_or_goes || managed(pointer),
                "the rollback changed {pointer}, which no file manages"
            );
        }
        self.check_receipt(&own, pool, if stale { &[] } else { &moved })?;
        Ok(lags)
    }

    /// Holds what the receipt of the rollback says of one document against its writes.
    fn check_receipt(&self, story: &Story<'_>, pool: &Pool, moved: &[String]) -> Result<()> {
        let sent = story.writes().count();
        let entries = self.rolled.receipt.iter().flat_map(|receipt| receipt.entries());
        let entry = entries.map(|(_, entry)| entry).find(|entry| is_for(entry, pool));
        let Some(entry) = entry else {
            ensure!(sent == 0, "the rollback sent {sent} writes, and its receipt does not have the document");
            return Ok(());
        };
        ensure!((sent > 0) == entry.started_at.is_some(), "{sent} writes, and the receipt says {:?}", entry.started_at);
        if sent > 0 {
            let denied = matches!(entry.outcome, Outcome::Refused | Outcome::Skipped);
            ensure!(!denied, "{sent} writes, and the receipt says {:?}", entry.outcome);
            ensure!(self.rolled.exit != Exit::Refused, "exit 3, and something was sent");
        }
        ensure!(
            moved.is_empty() || entry.outcome != Outcome::Unchanged,
            "the rollback changed {moved:?}, and its receipt says unchanged"
        );
        for pointer in moved {
            let told = entry.operations.iter().any(|operation| pointer.starts_with(&operation.path));
            ensure!(told, "the rollback changed {pointer}, and its receipt does not tell it");
        }
        Ok(())
    }
}
