//! A list of receipts: who changed what, when, approved how, and how to undo it.

use serde_json::Value;

use super::layout::{BOLD, Layout, PLAIN};
use crate::documents::evidence::{ApprovalEntry, How};
use crate::documents::receipt::{Outcome, Receipt, ResourceReceipt, TenantReceipt};
use crate::text::number::count;
use crate::text::printable::printable;

/// A receipt of the list.
#[derive(Debug)]
pub struct Listed {
    /// Its file, as the user would type it.
    pub file: String,
    /// What it says.
    pub receipt: Receipt,
    /// The file of the receipt that rolled it back, if one of the list did.
    pub rolled_back_by: Option<String>,
}

/// Returns receipts as text, in their order.
pub fn text(receipts: &[Listed], width: usize) -> String {
    let mut lines = Layout::new(width);
    for listed in receipts {
        let Listed { file, receipt, .. } = listed;
        lines.line(0, BOLD, &format!("{}  {}", printable(&receipt.started_at), printable(file)));
        let verdict = receipt.verdict.as_deref().unwrap_or("It did not finish, or is still running.");
        lines.line(2, PLAIN, &printable(verdict));
        for line in who(receipt) {
            lines.line(2, PLAIN, &printable(&line));
        }
        for (tenant, entry) in receipt.entries() {
            for line in changes(tenant, entry) {
                lines.line(2, PLAIN, &printable(&line));
            }
        }
        lines.line(2, PLAIN, &printable(&undo(listed)));
        lines.blank();
    }
    lines.line(0, PLAIN, &format!("{}.", count(receipts.len(), "receipt", "receipts")));
    lines.finish()
}

pub(super) fn who(receipt: &Receipt) -> Vec<String> {
    let evidence = &receipt.evidence;
    // Receipts of before 1.1 have it only here.
    let actor = evidence.ci.actor.as_ref().or(receipt.run.get("actor"));
    let mut lines = Vec::new();
    let ran: Vec<String> = [
        actor.map(|actor| format!("{actor} (as the CI says)")),
        evidence.user.as_ref().map(|user| format!("user {user}")),
        evidence.host.as_ref().map(|host| format!("on {host}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    lines.push(if ran.is_empty() { "run by: not known".to_owned() } else { format!("run by: {}", ran.join(", ")) });
    lines.push(match &evidence.approval {
        None => "approved: not known".to_owned(),
        Some(ApprovalEntry { how, approvers, plan_digest, .. }) => {
            let how = match how {
                How::Plan => "a saved plan",
                How::Approved => "--approved DIGEST",
                How::Yes => "--yes",
                How::Question => "the question at the terminal",
            };
            let digest = plan_digest.as_ref().map(|digest| format!(", {digest}")).unwrap_or_default();
            let people = if approvers.is_empty() {
                String::new()
            } else {
                format!(", by {} (as the CI says)", approvers.join(", "))
            };
            format!("approved: by {how}{digest}{people}")
        }
    });
    let run = [
        evidence.ci.pull_request.as_ref().map(|number| format!("pull request {number}")),
        evidence.ci.commit.as_ref().map(|commit| format!("commit {commit}")),
        evidence.ci.url.clone(),
    ];
    let run: Vec<String> = run.into_iter().flatten().collect();
    if !run.is_empty() {
        lines.push(format!("CI: {}", run.join(", ")));
    }
    if let Some(checkout) = &evidence.checkout {
        let dirty = if checkout.dirty { ", with files that were not committed" } else { "" };
        lines.push(format!("settings from: commit {}{dirty}", checkout.commit));
    }
    lines
}

fn changes(tenant: &TenantReceipt, entry: &ResourceReceipt) -> Vec<String> {
    if entry.started_at.is_none() {
        return Vec::new();
    }
    let doubt = match entry.outcome {
        Outcome::Applied => "",
        Outcome::Failed => " (failed)",
        _ => " (not known whether it took)",
    };
    let lines = entry.operations.iter().map(|operation| {
        let (name, before, after) = match entry.setting(&operation.path) {
            Some(setting) => {
                let after = Some(operation.value());
                let (before, after) = match entry.read(setting, &entry.before) {
                    Ok(before) => setting.show_both(before.as_ref(), after),
                    Err(unfit) => (unfit.found.to_owned(), setting.show(after)),
                };
                (setting.dotted(), before, after)
            }
            None => (
                operation.path.trim_start_matches('/').replace('/', "."),
                entry.before.pointer(&operation.path).map_or_else(|| "absent".to_owned(), Value::to_string),
                operation.value().to_string(),
            ),
        };
        format!("{} {}.{name}: {before} -> {after}{doubt}", tenant.name, entry.document())
    });
    lines.collect()
}

pub(super) fn undo(listed: &Listed) -> String {
    let wrote = listed.receipt.entries().any(|(_, entry)| entry.started_at.is_some() && !entry.operations.is_empty());
    match (&listed.rolled_back_by, wrote) {
        (Some(by), _) => format!("rolled back by {by}"),
        (None, true) => format!("undo: sailplan rollback {}", listed.file),
        (None, false) => "nothing to undo".to_owned(),
    }
}
