//! What a history comes to. It follows from everything that was sent and answered, not from the last step.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::{Answer, Event, History, same_change, same_changes, shows};
use crate::documents::receipt::Outcome;
use crate::failure::Failure;
use crate::plan::tenant::Read;
use crate::plan::{self, Action, Change};
use crate::resource::difference::Members;
use crate::resource::{Setting, document};
use crate::text::distinct::tell_apart;
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
        let is_old = |read: &Read| {
            sent.is_some_and(|sent| same_changes(&sent.comparison.changes, &read.comparison.changes))
                && !self.is_gone(read)
        };
        match self.reads_after_last_write().last() {
            Some(read) if is_old(read) => {
                failure.details.push("reading again shows that nothing was changed".to_owned());
                if interrupted && !refused {
                    failure.details.push("not sent again because of the interrupt".to_owned());
                    failure.help = vec!["run the command again when you are ready".to_owned()];
                }
            }
            Some(read) if refused => {
                let number = sent.map(|sent| sent.comparison.changes.len()).unwrap_or_default();
                let left = read.comparison.changes.len();
                failure.details.push(format!(
                    "reading again shows that {} of {number} settings were changed",
                    number.saturating_sub(left)
                ));
                failure.details.extend(read.comparison.changes.iter().map(self::left));
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
        let old = sent.is_some_and(|sent| same_changes(&sent.comparison.changes, &read.comparison.changes));
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
            Some(lost) if old => {
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

    /// Returns whether a write may have been carried out.
    fn may_have_happened(&self) -> bool {
        self.doubts().next().is_some()
    }

    /// Returns the reads that those writes were made from which may have been carried out, in their order.
    fn doubts(&self) -> impl Iterator<Item = &Arc<Read>> {
        self.events.iter().enumerate().filter_map(|(at, event)| match (event, self.events.get(at + 1)) {
            (Event::Sent(_), Some(Event::Answered(answer))) if answer.is_certain() => None,
            (Event::Sent(read), _) => Some(read),
            _ => None,
        })
    }

    fn first_doubt(&self) -> Option<&Arc<Read>> {
        self.doubts().next()
    }

    /// What the receipt keeps. Several writes have the same values before, or the later one would not have been sent.
    fn wrote(&self) -> Option<(Value, Vec<Change>)> {
        let Some(first) = self.first_doubt() else {
            return self.last_sent().map(|sent| (sent.live.document().clone(), sent.comparison.changes.clone()));
        };
        let last = self.doubts().last().unwrap_or(first);
        let mut changes = first.comparison.changes.clone();
        for read in self.doubts().skip(1) {
            let new = read
                .comparison
                .changes
                .iter()
                .filter(|change| !changes.iter().any(|had| had.setting == change.setting));
            let new: Vec<Change> = new.cloned().collect();
            changes.extend(new);
        }
        let base = if changes.len() == last.comparison.changes.len() { last } else { first };
        Some((base.live.document().clone(), changes))
    }

    fn usable_reads(&self) -> impl Iterator<Item = &Arc<Read>> {
        self.events.iter().filter_map(|event| match event {
            Event::Read(Ok(read)) => Some(read),
            _ => None,
        })
    }

    fn after_last_write(&self) -> impl Iterator<Item = &Event> {
        let from = self.events.iter().rposition(|event| matches!(event, Event::Sent(_))).unwrap_or_default();
        self.events.iter().skip(from)
    }

    fn reads_after_last_write(&self) -> impl Iterator<Item = &Arc<Read>> {
        self.after_last_write().filter_map(|event| match event {
            Event::Read(Ok(read)) => Some(read),
            _ => None,
        })
    }

    fn reading_failures(&self) -> impl Iterator<Item = &str> {
        self.after_last_write().filter_map(|event| match event {
            Event::Read(Err(failure)) => Some(failure.message.as_str()),
            _ => None,
        })
    }

    fn reading_failure(&self) -> Option<&str> {
        self.reading_failures().last()
    }

    /// Reads that failed between others are told as well: what they would have shown is not known.
    fn unread(&self) -> Option<String> {
        self.reading_failure().map(|reading| format!("one of the reads after the write failed: {reading}"))
    }

    fn lost_failure(&self) -> Option<&Failure> {
        self.answers()
            .filter_map(|answer| match answer {
                Answer::Lost { failure, .. } => Some(failure),
                _ => None,
            })
            .next_back()
    }

    fn tracking_id(&self) -> Option<String> {
        match self.last_answer()? {
            Answer::Accepted { tracking_id, .. } => tracking_id.clone(),
            Answer::Lost { failure, .. }
            | Answer::TurnedAway(failure)
            | Answer::TokenEnded(failure)
            | Answer::Refused(failure) => failure.tracking_id.clone(),
            Answer::NotSent(_) | Answer::Unreached(_) => None,
        }
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let took = self.reads_after_last_write().last().is_some_and(|read| shows(read));
        let writes = self.sent().count();
        let mut write = 0;
        for answer in self.answers().filter(|answer| answer.left()) {
            write += 1;
            match answer {
                Answer::Accepted { note: Some(note), .. } => {
                    notes.push(format!("the answer to the write is not usable: {note}"));
                }
                Answer::Lost { failure, .. } if write < writes => {
                    notes.push(format!("the write was lost and is sent again: {}", failure.message));
                }
                Answer::Lost { failure, .. } if took => notes.push(format!(
                    "the answer to the write was lost, reading shows that the change was made: {}",
                    failure.message
                )),
                Answer::TokenEnded(failure) if write < writes => {
                    notes.push(format!("the write was sent again with a new token: {}", failure.message));
                }
                _ => {}
            }
        }
        notes.extend(self.made_by_others());
        notes
    }

    /// Changes that were planned and that this run did not make, although they are made.
    fn made_by_others(&self) -> Option<String> {
        let read = self.last_read()?;
        let wrote = self.wrote();
        let sent = |setting: &Setting| {
            let mut changes = wrote.iter().flat_map(|(_, changes)| changes);
            self.may_have_happened() && changes.any(|change| change.setting == setting)
        };
        let open = |setting: &Setting| read.comparison.changes.iter().any(|change| change.setting == setting);
        let names: Vec<String> = self
            .planned
            .iter()
            .filter(|change| !sent(change.setting) && !open(change.setting))
            .map(|change| change.setting.to_string())
            .collect();
        (!names.is_empty() && self.events.len() > 1)
            .then(|| format!("made by somebody else before this run could: {}", names.join(", ")))
    }

    /// What cannot be set may move by itself, and what sailplan does not know may be anything: both are only noted.
    fn other_moves(&self) -> Vec<String> {
        let (Some(before), Some(after)) = (self.first_doubt(), self.last_read()) else { return Vec::new() };
        if before.comparison.action.is_some_and(|action| action != Action::Change) {
            // Before and after are two documents.
            return Vec::new();
        }
        let unknown: BTreeSet<&String> = before.comparison.unknown.iter().chain(&after.comparison.unknown).collect();
        let changed = |pointer: &str| before.live.document().pointer(pointer) != after.live.document().pointer(pointer);
        let unknown = unknown
            .into_iter()
            .filter(|pointer| changed(pointer))
            .map(|pointer| format!("{pointer}, which sailplan does not know, changed during the write"));
        let moved = plan::moved(self.desired, before.live.document(), after.live.document());
        let defaults = moved
            .into_iter()
            .filter(|setting| filled_in(setting, before.live.document(), after.live.document()))
            .map(|setting| {
                let value = document::read(setting, after.live.document()).ok().flatten();
                format!("{setting} was absent; the tenant filled in its default, {}", setting.show(value.as_ref()))
            });
        let read_only = self.desired.resource().read_only.iter().filter(|pointer| changed(pointer));
        let read_only = read_only.map(|pointer| format!("{pointer}, which is read-only, changed during the write"));
        defaults.chain(unknown).chain(read_only).collect()
    }
}

/// Returns whether a write let the tenant show a documented default where it showed no value.
fn filled_in(setting: &Setting, before: &Value, after: &Value) -> bool {
    match (document::read(setting, before), document::read(setting, after)) {
        (Ok(before), Ok(after)) => setting.is_filled_in(before.as_ref(), after.as_ref()),
        _ => false,
    }
}

/// Some tenants leave out what has its default. Returns what to do about a change to such a value.
fn not_shown(change: &Change) -> Option<String> {
    let Change { setting, before, after, place, .. } = change;
    setting.is_filled_in(before.as_deref(), Some(after)).then(|| {
        format!(
            "this tenant does not show {} for {setting}: delete the line ({place}), or set it once in the tenant's admin \
             console and plan again",
            setting.show(Some(after))
        )
    })
}

fn because(failure: &Failure) -> String {
    if failure.message.is_empty() { String::new() } else { format!(": {}", failure.message) }
}

/// Returns what a read leaves to be changed. Sets are told by their members: two of the same size look the same when only
/// counted.
pub fn left(change: &Change) -> String {
    match members(change.setting, change.before.as_deref(), Some(change.after.as_ref())) {
        Some(members) => format!("{}: {members}", change.setting),
        None => {
            let (found, expected) = change.setting.show_both(change.before.as_deref(), Some(change.after.as_ref()));
            format!("{} is {found}, expected {expected}", change.setting)
        }
    }
}

fn describe_move(setting: &Setting, before: &Value, after: &Value) -> String {
    let (was, is) = (document::read(setting, before), document::read(setting, after));
    if let (Ok(was), Ok(is)) = (&was, &is) {
        if let Some(members) = members(setting, is.as_ref(), was.as_ref()) {
            return format!("{setting}: {members}, compared with before");
        }
        let (was, is) = setting.show_both(was.as_ref(), is.as_ref());
        return format!("{setting} was {was}, is {is}");
    }
    let show = |value: Result<Option<Value>, document::Unfit>| match value {
        Ok(value) => setting.show(value.as_ref()),
        Err(unfit) => unfit.found.to_owned(),
    };
    format!("{setting} was {}, is {}", show(was), show(is))
}

/// How many members are listed before the rest is counted.
const LISTED: usize = 10;

/// Returns which members `found` lacks and has too many; `None` for what is not a set.
fn members(setting: &Setting, found: Option<&Value>, expected: Option<&Value>) -> Option<String> {
    if !setting.kind.is_set() {
        return None;
    }
    let Members { added, removed, .. } = setting.members(found, expected);
    let owned = |members: Vec<&str>| members.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let (mut missing, mut extra) = (owned(added), owned(removed));
    tell_apart(missing.iter_mut(), extra.iter_mut());
    let say = |what: &str, members: &[String]| {
        let listed = members.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
        let rest = members.len().saturating_sub(LISTED);
        (!members.is_empty()).then(|| match rest {
            0 => format!("{what} {listed}"),
            rest => format!("{what} {listed} and {rest} more"),
        })
    };
    let parts: Vec<String> = [say("missing", &missing), say("too many", &extra)].into_iter().flatten().collect();
    Some(if parts.is_empty() { "other spelling of the same members".to_owned() } else { parts.join("; ") })
}
