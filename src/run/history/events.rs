//! What was read, sent and answered, found again in the history.

use std::sync::Arc;

use serde_json::Value;

use super::{Answer, Event, History};
use crate::failure::Failure;
use crate::plan::Change;
use crate::plan::tenant::Read;

impl History<'_> {
    /// Returns the reads that writes were made from which left, in their order.
    pub(super) fn sent(&self) -> impl DoubleEndedIterator<Item = &Arc<Read>> {
        self.sent_but(|answer| !answer.left())
    }

    /// Returns the reads that writes were made from, in their order, but for the writes with such an answer.
    fn sent_but(&self, not: fn(&Answer) -> bool) -> impl DoubleEndedIterator<Item = &Arc<Read>> {
        self.events.iter().enumerate().filter_map(move |(at, event)| match (event, self.events.get(at + 1)) {
            (Event::Sent(_), Some(Event::Answered(answer))) if not(answer) => None,
            (Event::Sent(read), _) => Some(read),
            _ => None,
        })
    }

    pub(super) fn last_sent(&self) -> Option<&Arc<Read>> {
        self.sent().next_back()
    }

    pub(super) fn answers(&self) -> impl DoubleEndedIterator<Item = &Answer> {
        self.events.iter().filter_map(|event| match event {
            Event::Answered(answer) => Some(answer),
            _ => None,
        })
    }

    pub(super) fn last_answer(&self) -> Option<&Answer> {
        self.answers().next_back()
    }

    pub(super) fn turned_away(&self) -> u32 {
        count(self.answers().filter(|answer| matches!(answer, Answer::TurnedAway(_) | Answer::Unreached(_))))
    }

    pub(super) fn lost(&self) -> u32 {
        count(self.answers().filter(|answer| matches!(answer, Answer::Lost { .. })))
    }

    pub(super) fn reads_since_answer(&self) -> u32 {
        count(self.events.iter().rev().take_while(|event| matches!(event, Event::Read(_))))
    }

    /// Returns whether a write may have been carried out.
    pub(super) fn may_have_happened(&self) -> bool {
        self.first_doubt().is_some()
    }

    /// Returns the reads that those writes were made from which may have been carried out, in their order.
    fn doubts(&self) -> impl Iterator<Item = &Arc<Read>> {
        self.sent_but(Answer::is_certain)
    }

    pub(super) fn first_doubt(&self) -> Option<&Arc<Read>> {
        self.doubts().next()
    }

    /// What the receipt keeps. Several writes have the same values before, or the later one would not have been sent.
    pub(super) fn wrote(&self) -> Option<(Value, Vec<Change>)> {
        let Some(first) = self.first_doubt() else {
            return self.last_sent().map(|sent| (sent.live.document().clone(), sent.comparison.changes.clone()));
        };
        let last = self.doubts().last().unwrap_or(first);
        let mut changes = first.comparison.changes.clone();
        for read in self.doubts().skip(1) {
            for change in &read.comparison.changes {
                if !changes.iter().any(|known| known.setting == change.setting) {
                    changes.push(change.clone());
                }
            }
        }
        let base = if changes.len() == last.comparison.changes.len() { last } else { first };
        Some((base.live.document().clone(), changes))
    }

    pub(super) fn usable_reads(&self) -> impl Iterator<Item = &Arc<Read>> {
        self.events.iter().filter_map(|event| match event {
            Event::Read(Ok(read)) => Some(read),
            _ => None,
        })
    }

    fn after_last_write(&self) -> impl Iterator<Item = &Event> {
        let from = self.events.iter().rposition(|event| matches!(event, Event::Sent(_))).unwrap_or_default();
        self.events.iter().skip(from)
    }

    pub(super) fn reads_after_last_write(&self) -> impl Iterator<Item = &Arc<Read>> {
        self.after_last_write().filter_map(|event| match event {
            Event::Read(Ok(read)) => Some(read),
            _ => None,
        })
    }

    /// Returns why the last of the reads that failed after the last write failed.
    pub(super) fn reading_failure(&self) -> Option<&str> {
        let failures = self.after_last_write().filter_map(|event| match event {
            Event::Read(Err(failure)) => Some(failure.message.as_str()),
            _ => None,
        });
        failures.last()
    }

    pub(super) fn lost_failure(&self) -> Option<&Failure> {
        self.answers()
            .filter_map(|answer| match answer {
                Answer::Lost { failure, .. } => Some(failure),
                _ => None,
            })
            .next_back()
    }

    pub(super) fn tracking_id(&self) -> Option<String> {
        match self.last_answer()? {
            Answer::Accepted { tracking_id, .. } => tracking_id.clone(),
            Answer::Lost { failure, .. }
            | Answer::TurnedAway(failure)
            | Answer::TokenEnded(failure)
            | Answer::Refused(failure) => failure.tracking_id.clone(),
            Answer::NotSent(_) | Answer::Unreached(_) => None,
        }
    }
}

pub(super) fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
