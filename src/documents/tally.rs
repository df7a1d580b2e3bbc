//! What a run came to, counted from its receipt. The verdict in words and the exit code both follow from it.

use super::became::{Became, became, turned_down};
use super::receipt::{Outcome, Receipt, ResourceReceipt};

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Settings that were changed, verified by reading back.
    pub settings: usize,
    /// Resources in which they are.
    pub resources: usize,
    /// Tenants in which they are.
    pub tenants: usize,
    /// Resources that failed.
    pub failed: usize,
    /// Resources of which it is not known whether the tenant made the change.
    pub unknown: usize,
    /// Resources that were refused.
    pub refused: usize,
    /// Resources to which nothing was sent for another reason.
    pub not_sent: usize,
    /// Tenants of which nothing was read: without credentials, or with errors in their settings files.
    pub unread: usize,
    /// Settings that stay although a change was asked for.
    pub left: usize,
    /// Settings of resources that failed for another reason, which a read shows as they were sent.
    pub as_sent: usize,
    /// Whether the run rolled another one back.
    pub rolls_back: bool,
    /// Whether the tenants may hold changes that were not verified.
    pub doubtful: bool,
    /// Whether anything may have reached a tenant.
    sent: bool,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// Everything was done.
    Done,
    /// Something was refused, and nothing was sent.
    Refused,
    /// Something failed, or was refused after something else was sent.
    Failed,
}

impl Tally {
    /// Counts what a receipt says.
    pub fn of(receipt: &Receipt) -> Tally {
        let mut tally = Tally {
            settings: 0,
            resources: 0,
            tenants: 0,
            failed: 0,
            unknown: 0,
            refused: 0,
            not_sent: 0,
            unread: 0,
            left: 0,
            as_sent: 0,
            rolls_back: receipt.rolls_back.is_some(),
            doubtful: false,
            sent: false,
        };
        for tenant in &receipt.tenants {
            let changed = tally.resources;
            tenant.resources.iter().for_each(|entry| tally.add(entry));
            tally.tenants += usize::from(tally.resources > changed);
            // A tenant that answered has its resources in the receipt, whatever kept them from being sent.
            tally.unread += usize::from(tenant.error.is_some() && tenant.resources.is_empty());
        }
        tally
    }

    fn add(&mut self, entry: &ResourceReceipt) {
        let started = entry.started_at.is_some();
        self.left += entry.left.len();
        match entry.outcome {
            Outcome::Applied => {
                self.settings += entry.operations.len();
                self.resources += 1;
            }
            Outcome::Unchanged => {}
            Outcome::Failed => {
                self.failed += 1;
                let became = became(entry, entry.after.as_ref());
                self.doubtful |= started && became != Became::NotDone;
                if became == Became::Done && !turned_down(entry) {
                    self.as_sent += entry.operations.len();
                }
            }
            Outcome::Refused => self.refused += 1,
            Outcome::Unknown => {
                self.unknown += 1;
                self.doubtful = true;
            }
            // On its way when the run was stopped.
            Outcome::Pending if started => {
                self.unknown += 1;
                self.doubtful = true;
            }
            Outcome::Pending | Outcome::Skipped => self.not_sent += 1,
        }
        self.sent |= started && !matches!(entry.outcome, Outcome::Refused | Outcome::Unchanged);
    }

    /// Returns whether everything was sent that was to be sent, and took.
    pub fn all_done(&self) -> bool {
        self.failed + self.unknown + self.refused + self.not_sent + self.unread == 0
    }

    /// Returns how the run ended.
    pub fn conclusion(&self) -> Conclusion {
        // An apply that does not bring a change back refuses it; a rollback that leaves something did not do its work.
        let refused = self.refused > 0 || (self.left > 0 && !self.rolls_back);
        let incomplete = self.left > 0 && self.rolls_back;
        if incomplete || self.failed > 0 || self.unknown > 0 || self.unread > 0 || (refused && self.sent) {
            Conclusion::Failed
        } else if refused {
            Conclusion::Refused
        } else {
            Conclusion::Done
        }
    }
}
