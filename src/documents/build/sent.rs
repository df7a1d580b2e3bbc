//! What an apply sends, as its receipt tells it.

use serde_json::Value;

use super::entries::{known, operation_of, value_of};
use crate::documents::looked_up::HoldersEntry;
use crate::documents::receipt::{MeaningEntry, OperationEntry, ResourceReceipt};
use crate::plan::Change;
use crate::resource::reference::Known;

/// Puts into the entry of a receipt what is sent: changes of the live document `before`.
pub fn sending(entry: &mut ResourceReceipt, before: &Value, changes: &[Change]) {
    entry.before = before.clone();
    entry.operations = operations(changes);
    entry.changes = changes
        .iter()
        .map(|change| {
            let Known { names, people, holders: _ } = known(change);
            MeaningEntry {
                path: change.setting.pointer.to_owned(),
                impact: change.effect.impact,
                disrupts: change.effect.disrupts,
                overrides: change.effect.overrides,
                sentence: change.effect.sentence.clone(),
                names,
                people,
                holders: HoldersEntry::of(&change.known),
            }
        })
        .collect();
}

/// Takes back what a receipt told of a write that did not leave.
pub fn not_sent(entry: &mut ResourceReceipt) {
    entry.started_at = None;
    entry.before = Value::Null;
    entry.operations.clear();
    entry.changes.clear();
}

/// Returns the operations of changes, in their order.
pub fn operations(changes: &[Change]) -> Vec<OperationEntry> {
    let operation = |change: &Change| OperationEntry {
        op: operation_of(change),
        path: change.setting.pointer.to_owned(),
        value: value_of(change),
    };
    changes.iter().map(operation).collect()
}
