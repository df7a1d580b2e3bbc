//! What became of a write, as far as a document read later tells.

use serde_json::Value;

use super::receipt::{Outcome, ResourceReceipt};
use crate::resource::Write;
use crate::resource::instances::Standing;

/// What became of an entry whose run did not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// It was never sent.
    NotSent,
    /// The tenant turned it down before the run ended.
    TurnedDown,
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
    /// It was read, and could not be read once more.
    Unreadable,
}

/// Returns whether the tenant said of every write that it did not carry it out: a failure has a status only then.
pub fn turned_down(entry: &ResourceReceipt) -> bool {
    let status = entry.error.as_ref().and_then(|error| error.status);
    // SailPoint does not say whether a PATCH with an operation that it cannot take is all or nothing; of one operation there is
    // no part.
    let patch = entry.document().key().is_some_and(|key| matches!(key.resource.write, Write::Patch));
    let may_be_done_in_part = patch && entry.operations.len() > 1 && matches!(status, Some(400 | 409 | 422));
    status.is_some_and(|status| (300..500).contains(&status) && status != 408) && !may_be_done_in_part
}

/// Returns what became of a pending entry, as far as the live document tells.
pub fn became(entry: &ResourceReceipt, live: Option<&Value>) -> Became {
    if entry.started_at.is_none() {
        return Became::NotSent;
    }
    if entry.outcome == Outcome::Pending && turned_down(entry) {
        return Became::TurnedDown;
    }
    let (Some(live), Some(key)) = (live, entry.document().key()) else { return Became::NotRead };
    let (mut done, mut undone, mut other) = (0, 0, 0);
    // What a document inherits was not written to it.
    let is_stored = |document: &Value| matches!(key.standing(document), Standing::Own | Standing::Unclear);
    let (was_stored, is_stored) = (is_stored(&entry.before), is_stored(live));
    for operation in &entry.operations {
        let Some(setting) = entry.setting(&operation.path) else {
            return Became::NotRead;
        };
        let (Ok(found), Ok(before)) = (key.read(setting, live), key.read(setting, &entry.before)) else {
            return Became::NotRead;
        };
        let wrote =
            if operation.value().is_null() { Some(Value::Null) } else { setting.kind.canonical(operation.value()) };
        if !setting.is_whole() && !is_stored {
            *(if was_stored { &mut other } else { &mut undone }) += 1;
        } else if setting.equal(found.as_ref(), wrote.as_ref()) {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_document_inherits_was_not_written_to_it() {
        let entry = |before: Value| -> ResourceReceipt {
            serde_json::from_value(json!({
                "resource": "approvalsConfig", "instance": "ROLE/1", "apiVersion": "v1", "outcome": "pending",
                "startedAt": "2026-11-21T00:00:00Z", "before": before,
                "operations": [{"op": "replace", "path": "/autoApprove", "value": "DIRECT"}],
            }))
            .unwrap()
        };
        let own = |word: &str| json!({"scope": "ROLE", "id": "1", "autoApprove": word});
        let inherited = |word: &str| json!({"scope": "TENANT", "id": "9f2c", "autoApprove": word});
        let (creates, changes) = (entry(inherited("OFF")), entry(own("OFF")));
        assert_eq!(became(&creates, Some(&own("DIRECT"))), Became::Done);
        assert_eq!(became(&creates, Some(&inherited("OFF"))), Became::NotDone);
        // Somebody made the document that it inherits from say the same.
        assert_eq!(became(&creates, Some(&inherited("DIRECT"))), Became::NotDone);
        assert_eq!(became(&changes, Some(&own("OFF"))), Became::NotDone);
        // Somebody deleted it.
        assert_eq!(became(&changes, Some(&inherited("DIRECT"))), Became::Partly { done: 0, other: 1 });
    }
}
