//! What else to know of a run against one document: what was sent twice, and what changed without it.

use std::collections::BTreeSet;

use super::in_words::filled_in;
use super::{Answer, History, shows};
use crate::plan::{self, Action};
use crate::resource::{Setting, document};

impl History<'_> {
    pub(super) fn notes(&self) -> Vec<String> {
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
    pub(super) fn other_moves(&self) -> Vec<String> {
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
