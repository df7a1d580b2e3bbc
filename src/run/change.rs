//! Makes the changes of one resource: does what its [`History`] says is next, until nothing is.

use std::time::Duration;

use serde_json::{Value, json};

use crate::documents::build::operations;
use crate::plan::tenant::Read;
use crate::plan::{self, Action, Change};
use crate::resource::Write;
use crate::run::client::{Client, api_failure, write_endpoint};
use crate::run::history::{Answer, Certain, Done, Event, History, Now, Step};
use crate::run::interrupt::Interrupts;
use crate::run::pace::Pace;
use crate::settings::DesiredResource;
use crate::tenant::{ApiError, Fate, Written};

/// How to go about one resource.
pub struct Work<'a> {
    /// The way to the tenant.
    pub client: &'a Client,
    /// What is desired of the resource.
    pub desired: &'a DesiredResource,
    /// Whether other requests lie between the read of the plan and now, so that a document which is to be replaced is read
    /// again first, however young that read is.
    pub reread: bool,
    /// How often and how fast.
    pub pace: Pace,
    /// What the user does meanwhile.
    pub interrupts: &'a Interrupts,
}

/// What a receipt has to tell of a run that is killed.
pub enum Begun<'a> {
    /// A write is about to leave, made from this document with these changes.
    Leaves(&'a Value, &'a [Change]),
    /// No write so far was carried out, and this is how that is known.
    NotDone(Certain<'a>),
}

/// Whether the next write may leave is asked when it does.
fn tell_certain(history: &History<'_>, record: impl Fn(Begun<'_>) -> bool) {
    if let Some(certain) = history.certain() {
        record(Begun::NotDone(certain));
    }
}

impl Work<'_> {
    /// Sends the changes that `read` found and verifies by reading that they took. `record` is told of every write before
    /// it leaves, and answers whether it may.
    pub async fn run(&self, read: Read, record: impl Fn(Begun<'_>) -> bool) -> Done {
        let replaces = matches!(self.desired.resource().write, Write::Put { .. });
        let mut young = read.at.elapsed() <= self.pace.fresh && !(replaces && self.reread);
        let mut history = History::new(self.desired, read, self.client.tenant.retries(), self.pace);
        let mut turned_away = None;
        loop {
            // A signal is heard by a task of its own, which must have had its turn.
            tokio::task::yield_now().await;
            let interrupted = self.interrupts.happened();
            // Another document of the run may have asked for this one, because it inherits from it.
            let latest = history.last_read().is_some_and(|read| self.client.is_latest(self.desired, read));
            match history.next(Now { interrupted, fresh: young && (latest || !replaces) }) {
                Step::Read(pause) => {
                    self.pause(pause).await;
                    history.push(Event::Read(self.client.read(self.desired).await.map(Into::into)));
                    young = true;
                }
                Step::Wait(retry) => {
                    if let Some(error) = turned_away.take() {
                        self.client.tenant.wait_to_resend(&error, retry).await;
                    }
                    history.push(Event::Read(self.client.read(self.desired).await.map(Into::into)));
                    young = true;
                }
                Step::Send => {
                    let Some(read) = history.last_read().cloned() else { return history.conclude(interrupted) };
                    if !record(Begun::Leaves(read.live.document(), &read.comparison.changes)) {
                        return history.conclude(true);
                    }
                    // The disk took its time, in which an interrupt may have come.
                    tokio::task::yield_now().await;
                    if self.interrupts.happened() {
                        tell_certain(&history, &record);
                        continue;
                    }
                    history.push(Event::Sent(read.clone()));
                    let answer = self.send(&read).await;
                    history.push(Event::Answered(self.answer(&answer)));
                    tell_certain(&history, &record);
                    turned_away = answer.err();
                }
                Step::End => return history.conclude(interrupted),
            }
        }
    }

    /// Waits, but not after an interrupt.
    async fn pause(&self, pause: Duration) {
        if !pause.is_zero() {
            self.client.tenant.sleep(pause).await;
        }
    }

    async fn send(&self, read: &Read) -> Result<Written, ApiError> {
        let (endpoint, changes) = (write_endpoint(self.desired), &read.comparison.changes);
        match self.desired.resource().write {
            Write::Put { delete: true, .. } if read.comparison.action == Some(Action::Inherit) => {
                self.client.tenant.delete(&endpoint).await
            }
            Write::Patch => self.client.tenant.patch(&endpoint, &json!(operations(changes))).await,
            // From the live document, so that what is not managed, or not even known, survives.
            Write::Put { .. } => {
                let body = plan::body(self.desired.resource(), read.live.document(), changes);
                self.client.tenant.put(&endpoint, &body).await
            }
        }
    }

    fn answer(&self, answer: &Result<Written, ApiError>) -> Answer {
        let error = match answer {
            Ok(Written { tracking_id, note, .. }) => {
                return Answer::Accepted { tracking_id: tracking_id.clone(), note: note.clone() };
            }
            Err(error) => error,
        };
        let failure = api_failure(self.desired.resource(), error);
        match error.fate() {
            Fate::Unknown => Answer::Lost { failure, asked: self.client.tenant.asked(error) },
            // Without a status there was no connection.
            Fate::TurnedAway if failure.status.is_none() => Answer::Unreached(failure),
            Fate::TurnedAway => Answer::TurnedAway(failure),
            Fate::TokenEnded => Answer::TokenEnded(failure),
            Fate::NotSent => Answer::NotSent(failure),
            Fate::Refused => Answer::Refused(failure),
        }
    }
}
