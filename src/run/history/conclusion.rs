//! What a history comes to. It follows from everything that was sent and answered, not from the last step.

use serde_json::Value;

use super::in_words::{because, describe_move, filled_in, left, not_shown};
use super::{Answer, Event, History, same_change, shows};
use crate::documents::receipt::Outcome;
use crate::failure::Failure;
use crate::plan::tenant::Read;
use crate::plan::{self, Action, Change};
use crate::resource::Setting;
use crate::text::number::count;

/// What became of one resource.
#[derive(Debug)]
pub struct Done {
    /// How it went.
    pub outcome: Outcome,
    /// The writes that may have been carried out, or the last one if none may: the document they were made from, and
    /// their changes. `None` if nothing was sent.
    pub wrote: Option<(Value, Vec<Change>)>,
    /// The live document afterwards, if it could be read.
    pub after: Option<Value>,
    /// SailPoint's id of the last write.
    pub tracking_id: Option<String>,
    /// What went wrong.
    pub error: Option<Failure>,
    /// What else to know.
    pub notes: Vec<String>,
}

/// What is certain of writes that were not carried out.
#[derive(Clone, Copy, Debug)]
pub enum Certain<'a> {
    /// None left.
    NoneLeft,
    /// The tenant says so, with this answer to the last one.
    TurnedDown(&'a Failure),
}

const LOOK_FIRST: &str = "run sailplan plan to see what holds now, before anything else";
const PLAN_AGAIN: &str = "make a new plan and have it approved: sailplan plan --out FILE";

impl History<'_> {
    /// Returns what it all came to; `interrupted` tells why it may have ended early.
    pub fn conclude(&self, interrupted: bool) -> Done {
        let (outcome, error) = self.outcome(interrupted);
        let last = self.usable_reads().last();
        let mut notes = self.notes();
        if outcome == Outcome::Applied || self.reads_after_last_write().any(|read| shows(read)) {
            notes.extend(self.other_moves());
        }
        Done {
            outcome,
            wrote: self.wrote(),
            after: last
                .filter(|_| self.answers().next().is_none() || self.reads_after_last_write().next().is_some())
                .map(|read| read.live.document().clone()),
            tracking_id: self.tracking_id(),
            error,
            notes,
        }
    }

    fn outcome(&self, interrupted: bool) -> (Outcome, Option<Failure>) {
        if self.last_sent().is_none() {
            return self.nothing_sent(interrupted);
        }
        let shown = match self.events.last() {
            Some(Event::Read(Ok(read))) => shows(read),
            _ => false,
        };
        match (shown, self.may_have_happened()) {
            (true, true) => self.took(),
            (true, false) if !matches!(self.last_answer(), Some(Answer::Refused(_))) || self.was_gone() => {
                (Outcome::Unchanged, None)
            }
            (_, false) => (Outcome::Failed, Some(self.turned_down(interrupted))),
            (false, true) => self.doubtful(),
        }
    }

    fn nothing_sent(&self, interrupted: bool) -> (Outcome, Option<Failure>) {
        match self.events.last() {
            Some(Event::Read(Ok(read))) if shows(read) => (Outcome::Unchanged, None),
            Some(Event::Read(Ok(read))) if self.has_strayed(read) => {
                let message = "settings changed since they were read; nothing was sent to this resource";
                let details = self.moves(read);
                (Outcome::Refused, Some(Failure::refused(message, PLAN_AGAIN).details(details)))
            }
            Some(Event::Read(Err(failure))) if !interrupted => (Outcome::Failed, Some(failure.clone())),
            _ => match self.last_answer() {
                Some(Answer::NotSent(failure) | Answer::Unreached(failure)) => (Outcome::Failed, Some(failure.clone())),
                _ => (Outcome::Skipped, None),
            },
        }
    }

    /// A read shows every managed setting as desired after a write that may have been carried out: nothing else may have
    /// moved with it.
    fn took(&self) -> (Outcome, Option<Failure>) {
        let (Some(before), Some(after)) = (self.first_doubt(), self.last_read()) else {
            return (Outcome::Unknown, None);
        };
        let moved = plan::moved(self.desired, before.live.document(), after.live.document());
        let moved: Vec<&Setting> = moved
            .into_iter()
            .filter(|setting| !filled_in(setting, before.live.document(), after.live.document()))
            .collect();
        if moved.is_empty() {
            return (Outcome::Applied, None);
        }
        let details =
            moved.iter().map(|setting| describe_move(setting, before.live.document(), after.live.document())).collect();
        let managed = self.wrote().map(|(_, changes)| changes.len()).unwrap_or_default();
        let message = format!(
            "{} as desired now, but settings that no file manages changed during the write",
            count(managed, "managed setting is", "managed settings are")
        );
        let help = "somebody else may have changed them, or the write reset them: check them in the tenant";
        (Outcome::Failed, Some(Failure::failed(message, help).details(details)))
    }

    /// Returns what is certain of all writes so far; `None` if one may have been carried out.
    pub fn certain(&self) -> Option<Certain<'_>> {
        if self.may_have_happened() {
            return None;
        }
        let told = self.answers().rev().find_map(|answer| match answer {
            Answer::Refused(failure) | Answer::TurnedAway(failure) | Answer::TokenEnded(failure) => Some(failure),
            _ => None,
        });
        Some(told.map_or(Certain::NoneLeft, Certain::TurnedDown))
    }

    /// No write was carried out, by the tenant's own word.
    fn turned_down(&self, interrupted: bool) -> Failure {
        let Some(Certain::TurnedDown(failure)) = self.certain() else {
            return Failure::failed("the write was not carried out", LOOK_FIRST);
        };
        let mut failure = failure.clone();
        if let Some(Answer::NotSent(again) | Answer::Unreached(again)) = self.last_answer() {
            failure.details.push(format!("it could not be sent again: {}", again.message));
            failure.help = again.help.clone();
        }
        let refused = matches!(self.last_answer(), Some(Answer::Refused(_)));
        let sent = self.last_sent();
        if let Some(sent) = sent.filter(|sent| failure.status == Some(400) && !sent.comparison.unknown.is_empty()) {
            let unknown = sent.comparison.unknown.join(", ");
            failure.details.push(format!("fields that sailplan does not know went along: {unknown}"));
        }
        match self.reads_after_last_write().last() {
            Some(read) if self.is_old(read) && !self.is_gone(read) => {
                failure.details.push("reading again shows that nothing was changed".to_owned());
                if interrupted && !refused {
                    failure.details.push("not sent again because of the interrupt".to_owned());
                    failure.help = vec!["run the command again when you are ready".to_owned()];
                }
            }
            Some(read) if refused => {
                let number = sent.map(|sent| sent.comparison.changes.len()).unwrap_or_default();
                let open = read.comparison.changes.len();
                failure.details.push(format!(
                    "reading again shows that {} of {number} settings were changed",
                    number.saturating_sub(open)
                ));
                failure.details.extend(read.comparison.changes.iter().map(left));
            }
            Some(read) => {
                failure.message = format!(
                    "the write was not carried out, and settings changed meanwhile, so it was not sent again: {}",
                    failure.message
                );
                failure.details.extend(self.moves(read));
                failure.help = vec![PLAN_AGAIN.to_owned()];
            }
            None => {
                let reading = self.reading_failure().unwrap_or("it was not read again");
                failure.details.push(format!("reading again failed as well: {reading}"));
            }
        }
        failure
    }

    /// A write may have been carried out, and no read shows that it took.
    fn doubtful(&self) -> (Outcome, Option<Failure>) {
        let accepted = self.answers().any(|answer| matches!(answer, Answer::Accepted { .. }));
        let settings = self.wrote().map(|(_, changes)| changes.len()).unwrap_or_default();
        let Some(read) = self.reads_after_last_write().last() else {
            let reading = self.reading_failure().unwrap_or("the run ended before");
            let (what, cause) = match (accepted, self.lost_failure()) {
                (false, Some(lost)) => ("the answer was lost", lost.clone()),
                _ => ("accepted", Failure::failed("", "")),
            };
            let settings = count(settings, "setting was", "settings were");
            let message = format!("{settings} sent and {what}; reading again failed: {reading}{}", because(&cause));
            let mut help = cause.help.clone();
            help.push(format!("it is not known whether the tenant made the change: {LOOK_FIRST}"));
            return (Outcome::Unknown, Some(Failure { message, help, ..cause }));
        };
        let details: Vec<String> = read.comparison.changes.iter().map(left).chain(self.unread()).collect();
        let (sent, settings) = (self.last_sent(), count(settings, "setting was", "settings were"));
        match self.lost_failure() {
            _ if accepted => {
                let message = format!("{settings} sent and accepted by the tenant, but reading again does not show it");
                let mut failure = Failure::failed(message, LOOK_FIRST).details(details);
                let hidden: Vec<String> = read.comparison.changes.iter().filter_map(not_shown).collect();
                if !hidden.is_empty() {
                    failure.help = hidden;
                }
                (Outcome::Unknown, Some(failure))
            }
            Some(lost) if self.is_old(read) => {
                let message = format!(
                    "{settings} sent, the answer was lost, and reading again does not show it yet{}",
                    because(lost)
                );
                let help = lost.help.iter().cloned().chain([LOOK_FIRST.to_owned()]).collect();
                let failure =
                    Failure { message, details: [lost.details.clone(), details].concat(), help, ..lost.clone() };
                (Outcome::Unknown, Some(failure))
            }
            lost => {
                let cause = lost.map(because).unwrap_or_default();
                let message = format!(
                    "the answer to the write was lost, and the tenant shows neither the old nor the new state{cause}"
                );
                let help = format!("somebody else may have changed it: {LOOK_FIRST}");
                // A setting that is as it was before may still change: the write may be on its way.
                let open = sent.is_some_and(|sent| {
                    let open = |change: &Change| sent.comparison.changes.iter().any(|sent| same_change(sent, change));
                    read.comparison.changes.iter().any(open)
                });
                let outcome = if open { Outcome::Unknown } else { Outcome::Failed };
                (outcome, Some(Failure::failed(message, help).details(details)))
            }
        }
    }

    /// Reads that failed between others are told as well: what they would have shown is not known.
    fn unread(&self) -> Option<String> {
        self.reading_failure().map(|reading| format!("one of the reads after the write failed: {reading}"))
    }

    /// Returns what a read shows otherwise than the plan did.
    fn moves(&self, read: &Read) -> Vec<String> {
        let gone = || "the configuration is not stored any more, and the write would store it again".to_owned();
        self.is_gone(read).then(gone).into_iter().chain(self.strayed(read).map(left)).collect()
    }

    /// Returns whether a document that was to be deleted was not there any more.
    fn was_gone(&self) -> bool {
        let deletes = self.last_sent().is_some_and(|sent| sent.comparison.action == Some(Action::Inherit));
        deletes && matches!(self.last_answer(), Some(Answer::Refused(Failure { status: Some(404), .. })))
    }
}
