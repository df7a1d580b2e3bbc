//! Sends a plan, reads back and compares again: done only when nothing is left.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::documents::plan::Operation;
use crate::documents::receipt::{OperationEntry, Outcome};
use crate::failure::Failure;
use crate::plan::tenant::Read;
use crate::plan::{self, Change};
use crate::resource::{Setting, Write};
use crate::run::pace::Pace;
use crate::run::read::{Client, api_failure, endpoint};
use crate::settings::DesiredResource;
use crate::tenant::{ApiError, Written};

/// What became of one resource.
#[derive(Debug)]
pub struct Done {
    /// How it went.
    pub outcome: Outcome,
    /// The live document straight before the write, where it was read again.
    pub before: Option<Value>,
    /// The live document afterwards, where it could be read.
    pub after: Option<Value>,
    /// SailPoint's id of the write.
    pub tracking_id: Option<String>,
    /// What went wrong.
    pub error: Option<Failure>,
    /// What to know besides.
    pub notes: Vec<String>,
}

impl Done {
    fn new(outcome: Outcome) -> Done {
        Done { outcome, before: None, after: None, tracking_id: None, error: None, notes: Vec::new() }
    }
}

/// Returns the operations of changes, in their order.
pub fn operations(changes: &[Change]) -> Vec<OperationEntry> {
    changes
        .iter()
        .map(|change| OperationEntry {
            op: Operation::Replace,
            path: change.setting.pointer.to_owned(),
            value: change.after.clone(),
        })
        .collect()
}

/// Sends the changes of one resource and proves that they took.
pub async fn apply(client: &Client, desired: &DesiredResource, read: Read, pace: Pace) -> Done {
    let mut at = read;
    let mut before = None;
    if at.at.elapsed() > pace.fresh {
        match client.read(desired).await {
            Err(error) => return Done { error: Some(error), ..Done::new(Outcome::Failed) },
            Ok(fresh) if !still_planned(&at.comparison.changes, &fresh.comparison.changes) => {
                return refused_moved(&at.comparison.changes, fresh);
            }
            Ok(fresh) => {
                before = Some(fresh.live.document().clone());
                at = fresh;
            }
        }
    }
    let done = write(client, desired, at, pace).await;
    Done { before, ..done }
}

async fn write(client: &Client, desired: &DesiredResource, read: Read, pace: Pace) -> Done {
    let mut at = read;
    let mut notes = Vec::new();
    let (mut lost, mut waits) = (0, 0);
    loop {
        if at.comparison.changes.is_empty() {
            return Done { after: Some(at.live.into_document()), notes, ..Done::new(Outcome::Unchanged) };
        }
        let error = match send(client, desired, &at).await {
            Ok(written) => {
                notes
                    .extend(written.note.as_ref().map(|note| format!("the answer to the write is not usable: {note}")));
                return noted(notes, prove(client, desired, &at, written, pace).await);
            }
            Err(error) => error,
        };
        if error.outcome_unknown() {
            match settle(client, desired, &at, &error, pace).await {
                Settled::Done(done) => return noted(notes, *done),
                Settled::NotDone(fresh) if lost < pace.resends => {
                    lost += 1;
                    notes.push(format!("the write was lost and is sent again: {error}"));
                    at = *fresh;
                }
                Settled::NotDone(fresh) => {
                    let failed = api_failure(desired.resource(), &error);
                    let done = Done {
                        after: Some(fresh.live.into_document()),
                        error: Some(failed),
                        ..Done::new(Outcome::Failed)
                    };
                    return noted(notes, done);
                }
            }
        } else if client.tenant.wait_to_resend(&error, waits + 1).await {
            waits += 1;
            // Others may have written during the wait, and an older document would undo that.
            match client.read(desired).await {
                Err(reading) => return noted(notes, Done { error: Some(reading), ..Done::new(Outcome::Failed) }),
                Ok(fresh) if !still_planned(&at.comparison.changes, &fresh.comparison.changes) => {
                    return noted(notes, refused_moved(&at.comparison.changes, fresh));
                }
                Ok(fresh) => at = fresh,
            }
        } else {
            return noted(notes, refused(client, desired, &at, &error).await);
        }
    }
}

/// Puts what happened before the end in front of what is to know about it.
fn noted(mut notes: Vec<String>, mut done: Done) -> Done {
    notes.append(&mut done.notes);
    Done { notes, ..done }
}

fn refused_moved(planned: &[Change], fresh: Read) -> Done {
    let strayed = |change: &&Change| !planned.iter().any(|planned| same_change(planned, change));
    let details = fresh.comparison.changes.iter().filter(strayed).map(describe_left).collect();
    let error = Failure::refused(
        "settings moved since they were read; nothing was sent to this resource",
        "make a new plan and have it approved: sailplan plan --out FILE",
    )
    .details(details);
    Done { after: Some(fresh.live.into_document()), error: Some(error), ..Done::new(Outcome::Refused) }
}

/// Returns whether every change of now was planned, from the same value to the same value.
fn still_planned(planned: &[Change], now: &[Change]) -> bool {
    now.iter().all(|change| planned.iter().any(|planned| same_change(planned, change)))
}

async fn send(client: &Client, desired: &DesiredResource, at: &Read) -> Result<Written, ApiError> {
    let (endpoint, changes) = (endpoint(desired), &at.comparison.changes);
    match desired.resource().write {
        Write::Patch => client.tenant.patch(&endpoint, &json!(operations(changes))).await,
        // From the live document, so that what is not managed, or not known, survives.
        Write::Put { .. } => {
            client.tenant.put(&endpoint, &plan::body(desired.resource(), at.live.document(), changes)).await
        }
    }
}

/// Reads until every managed setting shows its desired value.
async fn prove(client: &Client, desired: &DesiredResource, before: &Read, written: Written, pace: Pace) -> Done {
    let tracking_id = written.tracking_id;
    let (mut seen, mut unread) = (None, None);
    for turn in 0..pace.reads {
        if turn > 0 {
            sleep(pace.pause).await;
        }
        match client.read(desired).await {
            Ok(fresh) if fresh.comparison.changes.is_empty() => {
                return Done { tracking_id, ..judge(desired, before, fresh) };
            }
            Ok(fresh) => seen = Some(fresh),
            Err(error) => unread = Some(error),
        }
    }
    let Some(fresh) = seen else {
        return Done { tracking_id, error: unread.map(unproven), ..Done::new(Outcome::Unknown) };
    };
    let error = Failure::failed(
        "the tenant accepted the write, but reading again does not show it",
        "run sailplan plan to see what holds now, and ask SailPoint's support with the trackingId",
    )
    .details(fresh.comparison.changes.iter().map(describe_left).collect());
    Done { tracking_id, after: Some(fresh.live.into_document()), error: Some(error), ..Done::new(Outcome::Failed) }
}

fn unproven(error: Failure) -> Failure {
    let mut help = error.help;
    help.push("the write was accepted, but not proven: run sailplan plan to see what holds now".to_owned());
    Failure { help, ..error }
}

/// Judges a document that shows every managed setting as desired: nothing else may have moved with it.
fn judge(desired: &DesiredResource, before: &Read, fresh: Read) -> Done {
    let moved = plan::moved(desired, before.live.document(), fresh.live.document());
    let notes = other_moves(desired, before, &fresh);
    if moved.is_empty() {
        return Done { after: Some(fresh.live.into_document()), notes, ..Done::new(Outcome::Applied) };
    }
    let details =
        moved.iter().map(|setting| describe_move(setting, before.live.document(), fresh.live.document())).collect();
    let error = Failure::failed(
        "settings that no file manages changed during the write",
        "somebody else may have changed them, or the write reset them: check them in the tenant",
    )
    .details(details);
    Done { after: Some(fresh.live.into_document()), error: Some(error), notes, ..Done::new(Outcome::Failed) }
}

/// What nobody can set may move by itself, and what sailplan does not know may be anything: both are only noted.
fn other_moves(desired: &DesiredResource, before: &Read, fresh: &Read) -> Vec<String> {
    let unknown: BTreeSet<&String> = before.comparison.unknown.iter().chain(&fresh.comparison.unknown).collect();
    let changed = |pointer: &str| before.live.document().pointer(pointer) != fresh.live.document().pointer(pointer);
    let unknown = unknown
        .into_iter()
        .filter(|pointer| changed(pointer))
        .map(|pointer| format!("{pointer}, which sailplan does not know, changed during the write"));
    let read_only = desired.resource().read_only.iter().filter(|pointer| changed(pointer));
    unknown.chain(read_only.map(|pointer| format!("{pointer}, which is read-only, changed during the write"))).collect()
}

fn describe_left(change: &Change) -> String {
    format!(
        "{} is {}, expected {}",
        change.setting,
        change.setting.show(change.before.as_ref()),
        change.setting.show(Some(&change.after))
    )
}

fn describe_move(setting: &Setting, before: &Value, after: &Value) -> String {
    let show = |live: &Value| match crate::resource::document::read(setting, live) {
        Ok(value) => setting.show(value.as_ref()),
        Err(unfit) => unfit.found.to_owned(),
    };
    format!("{setting} was {}, is {}", show(before), show(after))
}

enum Settled {
    Done(Box<Done>),
    NotDone(Box<Read>),
}

/// Finds out what became of a write whose answer was lost: done, not done, or changed by somebody else.
async fn settle(client: &Client, desired: &DesiredResource, before: &Read, error: &ApiError, pace: Pace) -> Settled {
    let mut last = None;
    for turn in 0..pace.reads {
        if turn > 0 {
            sleep(pace.pause).await;
        }
        match client.read(desired).await {
            Ok(fresh) if fresh.comparison.changes.is_empty() => {
                let mut done = judge(desired, before, fresh);
                done.notes.insert(0, format!("the answer to the write was lost, reading shows that it took: {error}"));
                return Settled::Done(Box::new(done));
            }
            Ok(fresh) => last = Some(fresh),
            Err(reading) => {
                let mut failed = api_failure(desired.resource(), error);
                failed.details.push(format!("reading again failed as well: {}", reading.message));
                failed
                    .help
                    .push("whether the write took is not known: run sailplan plan when the tenant answers".to_owned());
                return Settled::Done(Box::new(Done { error: Some(failed), ..Done::new(Outcome::Unknown) }));
            }
        }
    }
    match last {
        Some(fresh) if same_changes(&before.comparison.changes, &fresh.comparison.changes) => {
            Settled::NotDone(Box::new(fresh))
        }
        last => {
            let mut failed = api_failure(desired.resource(), error);
            failed.message = format!(
                "the answer to the write was lost, and the tenant shows neither the old nor the new state: {error}"
            );
            failed.details.extend(last.iter().flat_map(|fresh| fresh.comparison.changes.iter().map(describe_left)));
            failed.help = vec!["somebody else may have changed it: run sailplan plan to see what holds now".to_owned()];
            Settled::Done(Box::new(Done {
                after: last.map(|fresh| fresh.live.into_document()),
                error: Some(failed),
                ..Done::new(Outcome::Failed)
            }))
        }
    }
}

/// Returns whether two plans change the same settings from the same values to the same values.
pub fn same_changes(one: &[Change], other: &[Change]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_change(one, other))
}

fn same_change(one: &Change, other: &Change) -> bool {
    one.setting == other.setting
        && one.setting.equal(one.before.as_ref(), other.before.as_ref())
        && one.setting.equal(Some(&one.after), Some(&other.after))
}

/// A write that the tenant refused may still have been done in part (SailPoint does not say whether a PATCH is all or
/// nothing), so a fresh read tells what holds.
async fn refused(client: &Client, desired: &DesiredResource, before: &Read, error: &ApiError) -> Done {
    let mut failed = api_failure(desired.resource(), error);
    if error.status() == Some(400) && !before.comparison.unknown.is_empty() {
        failed
            .details
            .push(format!("fields that sailplan does not know went along: {}", before.comparison.unknown.join(", ")));
    }
    let after = match client.read(desired).await {
        Ok(fresh) => {
            let sent = before.comparison.changes.len();
            let left = fresh.comparison.changes.len();
            failed.details.push(if left >= sent {
                "reading again shows that nothing was changed".to_owned()
            } else {
                format!("reading again shows that {} of {sent} settings were changed", sent - left)
            });
            Some(fresh.live.into_document())
        }
        Err(reading) => {
            failed.details.push(format!("reading again failed as well: {}", reading.message));
            None
        }
    };
    Done {
        after,
        error: Some(failed),
        tracking_id: error.tracking_id().map(str::to_owned),
        ..Done::new(Outcome::Failed)
    }
}
