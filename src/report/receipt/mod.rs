//! One receipt as its readers see it: what was done, by whom approved, verified how, and how to undo it. Text, Markdown and
//! HTML only lay this out. A receipt is a file: what it says is what somebody who can write the file says.

mod layout;

use serde::Serialize;
use serde_json::Value;

pub use layout::{html, markdown, text};

use super::applied::outcome;
use super::change::listed;
use super::guards;
use super::overview::{FailureView, Longest, standing_at};
use super::receipts::{Listed, undo, who};
use super::time::minute;
use crate::documents::receipt::{OperationEntry, Outcome, ResourceReceipt, TenantReceipt};
use crate::resource::impact::Impact;

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
    /// Anything else to know.
    pub notes: Vec<String>,
    /// Why it failed.
    pub failure: Option<FailureView>,
}

/// A change that was sent.
#[derive(Debug, Serialize)]
pub struct SentView {
    /// What it means.
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
}

impl ReceiptView {
    /// Reads a receipt the way a person does.
    pub fn of(listed: &Listed, longest: Longest) -> ReceiptView {
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
            tenants: receipt.tenants.iter().map(|tenant| site(tenant, longest)).collect(),
            undo: longest.text(&undo(listed)),
            file: longest.text(&listed.file),
            sailplan: longest.head(&receipt.sailplan),
        }
    }
}

/// Returns a time to the second, as people read it.
fn second(time: &str) -> String {
    match time.parse::<jiff::Timestamp>() {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => minute(time),
    }
}

fn site(tenant: &TenantReceipt, longest: Longest) -> Site {
    let (what, real) = standing_at(&tenant.url);
    let identity: Vec<String> = tenant.identity.iter().map(|(key, value)| format!("{key} {value}")).collect();
    Site {
        name: longest.text(&tenant.name),
        what: longest.text(&what),
        real,
        identity: (!identity.is_empty()).then(|| longest.text(&identity.join(", "))),
        failure: tenant.error.as_ref().map(|error| FailureView::of(&tenant.name, error, longest)),
        lifted: tenant.lifted.iter().map(|lifted| longest.text(&guards::lifted(lifted))).collect(),
        documents: tenant.resources.iter().map(|entry| document_view(tenant, entry, longest)).collect(),
    }
}

fn document_view(tenant: &TenantReceipt, entry: &ResourceReceipt, longest: Longest) -> DocumentView {
    let outcome = match entry.outcome {
        Outcome::Applied => format!("{}, verified by reading back", outcome(entry)),
        Outcome::Unchanged if !entry.left.is_empty() => "left as it is".to_owned(),
        _ => outcome(entry),
    };
    let mut notes = entry.notes.clone();
    notes.extend(entry.overrides.iter().map(|overrides| format!("overrides: {overrides}")));
    notes.extend(entry.tracking_id.iter().map(|id| format!("SailPoint's id of the request: {id}")));
    let left = entry.left.iter().map(|left| left.path.trim_start_matches('/').replace('/', "."));
    DocumentView {
        name: longest.text(&format!("{} {}", entry.document(), entry.api_version)),
        outcome,
        verified: entry.outcome == Outcome::Applied,
        changes: if entry.started_at.is_some() { sent(entry, longest) } else { Vec::new() },
        left: left.map(|path| longest.text(&path)).collect(),
        notes: longest.texts(&notes),
        failure: entry.error.as_ref().map(|error| FailureView::of(&tenant.name, error, longest)),
    }
}

fn sent(entry: &ResourceReceipt, longest: Longest) -> Vec<SentView> {
    let view = |operation: &OperationEntry| {
        let meaning = entry.changes.iter().find(|change| change.path == operation.path);
        let (name, before, after) = match entry.setting(&operation.path) {
            Some(setting) => {
                let before = entry.read(setting, &entry.before).ok().flatten();
                let words = |value: Option<&Value>| match meaning.map(|meaning| &meaning.names) {
                    Some(names) if !names.is_empty() => listed(setting, value, names)
                        .unwrap_or_else(|| setting.words(setting.with_names(value, names).as_deref())),
                    _ => setting.words(value),
                };
                (setting.dotted(), words(before.as_ref()), words(Some(operation.value())))
            }
            None => {
                let before = entry.before.pointer(&operation.path);
                let before = before.map_or_else(|| "absent".to_owned(), ToString::to_string);
                (operation.path.trim_start_matches('/').replace('/', "."), before, operation.value().to_string())
            }
        };
        let marks = meaning.map(|meaning| [(meaning.disrupts, "disrupts"), (meaning.overrides, "overrides")]);
        SentView {
            sentence: longest.text(meaning.map_or("What it means is not recorded.", |meaning| &meaning.sentence)),
            impact: meaning.map(|meaning| meaning.impact),
            marks: marks.into_iter().flatten().filter_map(|(holds, word)| holds.then_some(word)).collect(),
            setting: longest.text(&name),
            before: longest.text(&before),
            after: longest.text(&after),
        }
    };
    entry.operations.iter().map(view).collect()
}

#[cfg(test)]
mod tests;
