//! One receipt as its readers see it: what was done, by whom approved, verified how, and how to undo it. Text, Markdown and
//! HTML only lay this out. A receipt is a file: what it says is what somebody who can write the file says.

mod layout;

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::Value;

pub use layout::{html, markdown, text};

use super::applied::outcome;
use super::change::{marks, overwritten};
use super::guards;
use super::overview::{EventsView, FailureView, LISTED, Longest, People, events_view, member, names, standing_at};
use super::receipts::{Listed, undo, who};
use super::time::second;
use crate::documents::in_words::in_words;
use crate::documents::looked_up::HoldersEntry;
use crate::documents::receipt::{OperationEntry, Outcome, ResourceReceipt, TenantReceipt};
use crate::resource::impact::Impact;
use crate::resource::{Setting, dotted, reference};

/// What a file cannot prove.
pub const CLAIM: &str =
    "This is what the file says. Its checksum finds accidental changes; it does not prove who wrote the file.";

/// A receipt in words.
#[derive(Debug, Serialize)]
pub struct ReceiptView {
    /// The verdict on the run.
    pub headline: String,
    /// What the run was.
    pub run: String,
    /// When it began and ended.
    pub when: String,
    /// Who ran it, how it was approved and where, one line each.
    pub who: Vec<String>,
    /// The digest of the plan.
    pub digest: String,
    /// Its tenants.
    pub tenants: Vec<Site>,
    /// How to undo it.
    pub undo: String,
    /// The file.
    pub file: String,
    /// Version of the sailplan that ran.
    pub sailplan: String,
}

/// A tenant of a run.
#[derive(Debug, Serialize)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// What stands at its address.
    pub what: String,
    /// Whether a change there is real.
    pub real: bool,
    /// Who the token belongs to, as the tenant says.
    pub identity: Option<String>,
    /// Why nothing was sent to it at all.
    pub failure: Option<FailureView>,
    /// Guardrails that were lifted, each with what lifted it.
    pub lifted: Vec<String>,
    /// Its documents.
    pub documents: Vec<DocumentView>,
}

/// A document of a run.
#[derive(Debug, Serialize)]
pub struct DocumentView {
    /// Its name, with the API generation.
    pub name: String,
    /// How it went.
    pub outcome: String,
    /// Whether a read after the write showed every change.
    pub verified: bool,
    /// What was sent.
    pub changes: Vec<SentView>,
    /// What stays although it was asked for.
    pub left: Vec<String>,
    /// The audit events of the document from before the run, if it had drifted and they were looked up.
    pub events: Option<EventsView>,
    /// Anything else to know.
    pub notes: Vec<String>,
    /// Why it failed.
    pub failure: Option<FailureView>,
}

/// A change that was sent.
#[derive(Debug, Serialize)]
pub struct SentView {
    /// What the plan said that it means.
    pub sentence: String,
    /// Its gravity; `None` if the receipt does not say.
    pub impact: Option<Impact>,
    /// What it means beside that, such as `disrupts`.
    pub marks: Vec<&'static str>,
    /// The setting, with dots.
    pub setting: String,
    /// The value before, in words.
    pub before: String,
    /// The value that was sent, in words.
    pub after: String,
    /// What left and what joined, for a set, each with how many held it then if that was looked up.
    pub members: Vec<String>,
}

impl ReceiptView {
    /// Reads a receipt the way a person does.
    pub fn of(listed: &Listed, longest: Longest, people: People) -> ReceiptView {
        let receipt = &listed.receipt;
        let run = match &receipt.rolls_back {
            Some(rolled) => format!("Rollback of {}", rolled.receipt),
            None => "Apply".to_owned(),
        };
        let when = match &receipt.finished_at {
            Some(end) => format!("from {} to {}", second(&receipt.started_at), second(end)),
            None => format!("began {}; it did not finish, or is still running", second(&receipt.started_at)),
        };
        ReceiptView {
            headline: longest.head(&match &receipt.verdict {
                Some(verdict) => verdict.replacen("complete! ", "complete: ", 1),
                None => "The run did not finish, or is still running.".to_owned(),
            }),
            run: longest.head(&run),
            when: longest.head(&when),
            who: longest.texts(&who(receipt)),
            digest: longest.head(&receipt.digest),
            tenants: receipt.tenants.iter().map(|tenant| site(tenant, longest, people)).collect(),
            undo: longest.text(&undo(listed)),
            file: longest.text(&listed.file),
            sailplan: longest.head(&receipt.sailplan),
        }
    }
}

fn site(tenant: &TenantReceipt, longest: Longest, people: People) -> Site {
    let (what, real) = standing_at(&tenant.url);
    let identity: Vec<String> = tenant.identity.iter().map(|(key, value)| format!("{key} {value}")).collect();
    Site {
        name: longest.text(&tenant.name),
        what: longest.text(&what),
        real,
        identity: (!identity.is_empty()).then(|| longest.text(&identity.join(", "))),
        failure: tenant.error.as_ref().map(|error| FailureView::of(&tenant.name, &tenant.url, error, longest)),
        lifted: tenant.lifted.iter().map(|lifted| longest.text(&guards::lifted(lifted))).collect(),
        documents: tenant.resources.iter().map(|entry| document_view(tenant, entry, longest, people)).collect(),
    }
}

fn document_view(tenant: &TenantReceipt, entry: &ResourceReceipt, longest: Longest, people: People) -> DocumentView {
    let named = people == People::Named;
    let outcome = match entry.outcome {
        Outcome::Applied => format!("{}, verified by reading back", outcome(entry)),
        Outcome::Unchanged if !entry.left.is_empty() => "left as it is".to_owned(),
        _ => outcome(entry),
    };
    let mut notes = entry.notes.clone();
    notes.extend(overwritten(entry).map(|told| format!("{}.", upper_first(&told))));
    notes.extend(entry.tracking_id.iter().map(|id| format!("SailPoint's id of the request: {id}")));
    let left = entry.left.iter().map(|left| dotted(&left.path));
    DocumentView {
        name: longest.text(&format!("{} {}", entry.document(), entry.api_version)),
        outcome,
        verified: entry.outcome == Outcome::Applied,
        changes: if entry.started_at.is_some() { sent(entry, longest, named) } else { Vec::new() },
        left: left.map(|path| longest.text(&path)).collect(),
        events: entry.events.as_ref().map(|events| events_view(&tenant.name, events, named, longest)),
        notes: longest.texts(&notes),
        failure: entry.error.as_ref().map(|error| FailureView::of(&tenant.name, &tenant.url, error, longest)),
    }
}

fn upper_first(text: &str) -> String {
    let (first, rest) = text.split_at_checked(1).unwrap_or_default();
    format!("{}{rest}", first.to_uppercase())
}

fn sent(entry: &ResourceReceipt, longest: Longest, people: bool) -> Vec<SentView> {
    let meanings: HashMap<&str, _> = entry.changes.iter().map(|change| (change.path.as_str(), change)).collect();
    let view = |operation: &OperationEntry| {
        let meaning = meanings.get(operation.path.as_str()).copied();
        let names = meaning.map(|meaning| names(&meaning.names, &meaning.people, people)).unwrap_or_default();
        let holders = meaning.map_or(&[][..], |meaning| &meaning.holders);
        let mut told = Vec::new();
        let (name, before, after) = match entry.setting(&operation.path) {
            Some(setting) => {
                let before = entry.read(setting, &entry.before).ok().flatten();
                if setting.kind.is_set() {
                    told = members(setting, before.as_ref(), operation.value(), &names, holders);
                }
                let words = |value: Option<&Value>| in_words(Some(setting), value, &names);
                (setting.dotted(), words(before.as_ref()), words(Some(operation.value())))
            }
            None => {
                let before = entry.before.pointer(&operation.path);
                let before = before.map_or_else(|| "absent".to_owned(), ToString::to_string);
                (dotted(&operation.path), before, operation.value().to_string())
            }
        };
        let sentence =
            meaning.map(|meaning| format!("The plan said: {}", reference::name_ids(&meaning.sentence, &names)));
        SentView {
            sentence: longest.text(sentence.as_deref().unwrap_or("What it means is not recorded.")),
            impact: meaning.map(|meaning| meaning.impact),
            marks: meaning.map(|meaning| marks(meaning.disrupts, meaning.overrides)).unwrap_or_default(),
            setting: longest.text(&name),
            before: longest.text(&before),
            after: longest.text(&after),
            members: longest.texts(&told),
        }
    };
    entry.operations.iter().map(view).collect()
}

/// Returns the members that left and joined, of many the first ones.
fn members(
    setting: &Setting,
    before: Option<&Value>,
    after: &Value,
    names: &BTreeMap<String, String>,
    holders: &[HoldersEntry],
) -> Vec<String> {
    let found = setting.members(before, Some(after));
    let mut told = Vec::new();
    for (word, list) in [("left", found.removed), ("joined", found.added)] {
        let shown = list.iter().take(LISTED);
        told.extend(shown.map(|id| format!("{word}: {}", member(id, names.get(*id).map(String::as_str), holders))));
        let more = list.len().saturating_sub(LISTED);
        told.extend((more > 0).then(|| format!("{word}: {more} more")));
    }
    told
}

#[cfg(test)]
mod tests;
