//! What a run asked of one document and what it was answered, and all that follows from that: the next step, the outcome,
//! the sentences, what the receipt says. Nothing here waits or sends, so every order of events can be tested.

mod conclusion;
mod events;
mod in_words;
mod notes;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

pub use conclusion::{Certain, Done};
pub use in_words::left;

use self::events::count;
use crate::failure::Failure;
use crate::plan::tenant::Read;
use crate::plan::{Action, Change};
use crate::resource::Write;
use crate::run::pace::Pace;
use crate::settings::DesiredResource;

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The document was read, or could not be.
    Read(Result<Arc<Read>, Failure>),
    /// A write left, made from this read.
    Sent(Arc<Read>),
    /// How that write was answered.
    Answered(Answer),
}

/// How a write was answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The tenant accepted it.
    Accepted {
        /// SailPoint's id of the request.
        tracking_id: Option<String>,
        /// Why the answer itself cannot be used.
        note: Option<String>,
    },
    /// No answer tells whether it was carried out.
    Lost {
        /// What happened.
        failure: Failure,
        /// How long the tenant asks to wait.
        asked: Option<Duration>,
    },
    /// It was certainly not carried out and may go again.
    TurnedAway(Failure),
    /// It was certainly not carried out, for the token was refused.
    TokenEnded(Failure),
    /// It never left: there was no token for it.
    NotSent(Failure),
    /// It never left: there was no connection. It may go again.
    Unreached(Failure),
    /// The tenant refused it. In part it may still have been carried out: SailPoint does not say whether a PATCH is all or
    /// nothing.
    Refused(Failure),
}

impl Answer {
    /// Returns whether the write may have reached the tenant.
    fn left(&self) -> bool {
        !matches!(self, Answer::NotSent(_) | Answer::Unreached(_))
    }

    /// Returns whether it is certain that the write was not carried out: the tenant says so, or it never left.
    fn is_certain(&self) -> bool {
        matches!(self, Answer::TurnedAway(_) | Answer::TokenEnded(_) | Answer::Refused(_)) || !self.left()
    }
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Read the document after this pause.
    Read(Duration),
    /// Wait as the tenant asks, for the time that this number counts from one, then read the document.
    Wait(u32),
    /// Send the changes that the last read leaves.
    Send,
    /// Nothing more.
    End,
}

/// What the history cannot know of the present.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// An interrupt came: no write starts any more.
    pub interrupted: bool,
    /// The last read is as young as a write needs it.
    pub fresh: bool,
}

/// What happened to one document.
#[derive(Debug)]
pub struct History<'a> {
    desired: &'a DesiredResource,
    /// The changes that were approved.
    planned: Vec<Change>,
    /// How often a write that was turned away goes again.
    retries: u32,
    pace: Pace,
    events: Vec<Event>,
}

impl<'a> History<'a> {
    /// Begins with the read that the plan was made from.
    pub fn new(desired: &'a DesiredResource, read: Read, retries: u32, pace: Pace) -> History<'a> {
        let planned = read.comparison.changes.clone();
        History { desired, planned, retries, pace, events: vec![Event::Read(Ok(Arc::new(read)))] }
    }

    /// Adds what happened.
    pub fn push(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Returns the last read, if it is the last thing that happened and could be used.
    pub fn last_read(&self) -> Option<&Arc<Read>> {
        match self.events.last() {
            Some(Event::Read(Ok(read))) => Some(read),
            _ => None,
        }
    }

    /// Returns what to do next.
    pub fn next(&self, now: Now) -> Step {
        match self.events.last() {
            None => Step::Read(Duration::ZERO),
            // A run that was cut off while the answer was on its way.
            Some(Event::Sent(_)) => Step::End,
            Some(Event::Answered(answer)) => self.after(answer, now),
            Some(Event::Read(read)) => match self.last_answer() {
                Some(Answer::Refused(_)) => Step::End,
                Some(Answer::Accepted { .. }) => self.verify(read),
                Some(Answer::Lost { .. }) => self.settle(read, now),
                Some(_) if self.given_up() => Step::End,
                Some(_) | None => self.decide(read, now),
            },
        }
    }

    fn after(&self, answer: &Answer, now: Now) -> Step {
        match answer {
            Answer::Lost { asked, .. } => Step::Read(asked.unwrap_or_default()),
            Answer::TurnedAway(_) | Answer::Unreached(_) if !now.interrupted && !self.given_up() => {
                Step::Wait(self.turned_away())
            }
            _ => Step::Read(Duration::ZERO),
        }
    }

    /// After an accepted write: reads may lag behind (SailPoint documents nothing about it).
    fn verify(&self, read: &Result<Arc<Read>, Failure>) -> Step {
        if read.as_ref().is_ok_and(|read| shows(read)) || self.reads_since_answer() >= self.pace.reads {
            Step::End
        } else {
            Step::Read(self.pace.pause)
        }
    }

    /// After a write whose answer was lost: it is sent again only once enough reads show the old state.
    fn settle(&self, read: &Result<Arc<Read>, Failure>, now: Now) -> Step {
        match read {
            Ok(read) if shows(read) => Step::End,
            _ if self.reads_since_answer() < self.pace.reads => Step::Read(self.pace.pause),
            Ok(read) if self.lost() <= self.pace.resends && self.is_old(read) => self.decide(&Ok(read.clone()), now),
            _ => Step::End,
        }
    }

    fn decide(&self, read: &Result<Arc<Read>, Failure>, now: Now) -> Step {
        let Ok(read) = read else { return Step::End };
        if shows(read) || self.has_strayed(read) || now.interrupted {
            Step::End
        } else if !now.fresh || self.is_odd(read) {
            Step::Read(Duration::ZERO)
        } else {
            Step::Send
        }
    }

    /// A value of the wrong type may be a hiccup of the tenant, and a PUT would make it last: it must be seen twice.
    fn is_odd(&self, read: &Read) -> bool {
        let whole = matches!(self.desired.resource().write, Write::Put { .. });
        if !whole || read.comparison.odd.is_empty() || self.reads_since_answer() > self.pace.reads.max(2) {
            return false;
        }
        let before = self.events.iter().nth_back(1);
        let odd = |read: &Read| -> Vec<(String, Option<Value>)> {
            let pointers = read.comparison.odd.iter().map(|unfit| unfit.pointer.clone());
            pointers.map(|pointer| (pointer.clone(), read.live.document().pointer(&pointer).cloned())).collect()
        };
        !matches!(before, Some(Event::Read(Ok(before))) if odd(before) == odd(read))
    }

    /// Returns the changes of a read that were not approved: from another value, or of another setting.
    fn strayed<'r>(&self, read: &'r Read) -> impl Iterator<Item = &'r Change> {
        let planned = |change: &&Change| !self.planned.iter().any(|planned| same_change(planned, change));
        read.comparison.changes.iter().filter(planned)
    }

    /// Returns whether a read shows something else than what was approved to be changed.
    fn has_strayed(&self, read: &Read) -> bool {
        self.is_gone(read) || self.strayed(read).next().is_some()
    }

    /// Returns whether a document that was to be changed is not stored any more: a PUT would store it again.
    fn is_gone(&self, read: &Read) -> bool {
        let planned = self.events.first().and_then(|event| match event {
            Event::Read(Ok(read)) => read.comparison.action,
            _ => None,
        });
        planned == Some(Action::Change) && read.comparison.action == Some(Action::Create)
    }

    /// Returns whether a read shows the state before the last write.
    fn is_old(&self, read: &Read) -> bool {
        self.last_sent().is_some_and(|sent| same_changes(&sent.comparison.changes, &read.comparison.changes))
    }

    /// A token is renewed once; a tenant that asks to wait is asked again as often as a read would be.
    fn given_up(&self) -> bool {
        let ended = |answer: &&Answer| matches!(answer, Answer::TokenEnded(_) | Answer::NotSent(_));
        let ended = count(self.answers().filter(ended));
        self.turned_away() > self.retries || ended > 1
    }
}

fn shows(read: &Read) -> bool {
    read.comparison.changes.is_empty()
}

/// Returns whether two plans change the same settings from the same values to the same values.
fn same_changes(left: &[Change], right: &[Change]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same_change(left, right))
}

fn same_change(left: &Change, right: &Change) -> bool {
    left.setting == right.setting
        && left.setting.equal(left.before.as_deref(), right.before.as_deref())
        && left.setting.equal(Some(left.after.as_ref()), Some(right.after.as_ref()))
}
