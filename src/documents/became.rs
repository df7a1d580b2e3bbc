//! What became of a write, as far as a document read later tells.

use serde_json::Value;

use super::receipt::ResourceReceipt;

/// What became of an entry whose run did not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// It was never sent.
    NotSent,
    /// Live shows every change.
    Done,
    /// Live shows none of the changes.
    NotDone,
    /// Live shows `done` of the changes, and `other` settings at neither value.
    Partly {
        /// Settings at the value that was to be written.
        done: usize,
        /// Settings at neither value: somebody else changed them.
        other: usize,
    },
    /// The resource was not read in this run.
    NotRead,
}

/// Returns what became of a pending entry, as far as the live document tells.
pub fn became(entry: &ResourceReceipt, live: Option<&Value>) -> Became {
    if entry.started_at.is_none() {
        return Became::NotSent;
    }
    let (Some(live), Some(key)) = (live, entry.document().key()) else { return Became::NotRead };
    let (mut done, mut undone, mut other) = (0, 0, 0);
    for operation in &entry.operations {
        let Some(setting) = entry.setting(&operation.path) else {
            return Became::NotRead;
        };
        let (Ok(found), Ok(before)) = (key.read(setting, live), key.read(setting, &entry.before)) else {
            return Became::NotRead;
        };
        let wrote =
            if operation.value().is_null() { Some(Value::Null) } else { setting.kind.canonical(operation.value()) };
        if setting.equal(found.as_ref(), wrote.as_ref()) {
            done += 1;
        } else if setting.equal(found.as_ref(), before.as_ref()) {
            undone += 1;
        } else {
            other += 1;
        }
    }
    match (done, undone, other) {
        (_, 0, 0) => Became::Done,
        (0, _, 0) => Became::NotDone,
        _ => Became::Partly { done, other },
    }
}
