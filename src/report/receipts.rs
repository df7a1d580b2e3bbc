//! A list of receipts: who changed what, when, approved how, and how to undo it.

use serde_json::Value;

use super::alike::alike;
use super::applied;
use super::layout::{BOLD, Layout, PLAIN};
use super::overview::ADDRESSES;
use super::time::second;
use crate::documents::evidence::{ApprovalEntry, How};
use crate::documents::receipt::{Outcome, Receipt, ResourceReceipt};
use crate::resource::dotted;
use crate::text::list::few;
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
    /// The command that rolls it back.
    pub rollback: String,
}

/// Returns receipts as text, in their order.
pub fn text(receipts: &[Listed], width: usize) -> String {
    let mut lines = Layout::new(width);
    for parts in runs(receipts) {
        let [listed] = parts.as_slice() else {
            write_parts(&mut lines, &parts);
            continue;
        };
        let Listed { file, receipt, .. } = listed;
        lines.line(0, BOLD, &format!("{}  {}", printable(&second(&receipt.started_at)), printable(file)));
        let verdict = receipt.verdict.as_deref().unwrap_or("It did not finish, or is still running.");
        lines.line(2, PLAIN, &printable(verdict));
        for line in who(receipt) {
            lines.line(2, PLAIN, &printable(&line));
        }
        write_changes(&mut lines, receipt);
        lines.line(2, PLAIN, &printable(&undo(listed)));
        lines.blank();
    }
    lines.line(0, PLAIN, &format!("{}.", count(receipts.len(), "receipt", "receipts")));
    lines.finish()
}

/// Returns the receipts by run: the shards of one run are together, where the newest of them stands.
fn runs(receipts: &[Listed]) -> Vec<Vec<&Listed>> {
    let mut runs: Vec<Vec<&Listed>> = Vec::new();
    for listed in receipts {
        let same = runs
            .iter_mut()
            .find(|parts| parts.first().is_some_and(|other| are_of_one_run(&other.receipt, &listed.receipt)));
        let number = |listed: &Listed| shard(&listed.receipt).map(|(number, _)| number.to_owned());
        match same {
            // A part that was done again is a run of its own.
            Some(parts) if parts.iter().all(|other| number(other) != number(listed)) => parts.push(listed),
            _ => runs.push(vec![listed]),
        }
    }
    runs
}

/// Returns which part of how many a run was, by its flags.
fn shard(receipt: &Receipt) -> Option<(&str, &str)> {
    receipt.evidence.flags.iter().find_map(|flag| flag.strip_prefix("--shard ")?.split_once('/'))
}

/// Returns whether two receipts are of shards of one run: the same approved plan, or the same commit approved in the same way,
/// in the same run of the CI.
fn are_of_one_run(receipt: &Receipt, other: &Receipt) -> bool {
    let of = |receipt: &Receipt| shard(receipt).map(|(_, of)| of.to_owned());
    let others = |receipt: &Receipt| -> Vec<String> {
        receipt.evidence.flags.iter().filter(|flag| !flag.starts_with("--shard ")).cloned().collect()
    };
    let approved = |receipt: &Receipt| {
        let approval = receipt.evidence.approval.as_ref()?;
        let plan = approval.plan_digest.clone().filter(|_| matches!(approval.how, How::Plan));
        Some((format!("{:?}", approval.how), plan))
    };
    let commit = |receipt: &Receipt| receipt.evidence.checkout.as_ref().map(|checkout| checkout.commit.clone());
    of(receipt).is_some()
        && of(receipt) == of(other)
        && others(receipt) == others(other)
        && approved(receipt) == approved(other)
        && commit(receipt) == commit(other)
        && receipt.evidence.ci.url == other.evidence.ci.url
}

/// Writes the shards of one run as one.
fn write_parts(lines: &mut Layout<'_>, parts: &[&Listed]) {
    let Some(first) = parts.iter().min_by(|part, other| part.receipt.started_at.cmp(&other.receipt.started_at)) else {
        return;
    };
    let of = shard(&first.receipt).map(|(_, of)| of).unwrap_or_default();
    let title = format!("{}  {} of {of} parts of one run", second(&first.receipt.started_at), parts.len());
    lines.line(0, BOLD, &printable(&title));
    let whole = Receipt {
        tenants: parts.iter().flat_map(|part| part.receipt.tenants.clone()).collect(),
        ..first.receipt.clone()
    };
    let verdict = if parts.iter().all(|part| part.receipt.verdict.is_some()) {
        applied::verdict(&whole)
    } else {
        "It did not finish, or is still running.".to_owned()
    };
    lines.line(2, PLAIN, &printable(&verdict));
    for line in who(&first.receipt) {
        lines.line(2, PLAIN, &printable(&line));
    }
    write_changes(lines, &whole);
    for part in parts {
        let number = shard(&part.receipt).map(|(number, of)| format!("{number}/{of}")).unwrap_or_default();
        lines.line(2, PLAIN, &printable(&format!("{number}: {}, {}", part.file, undo(part))));
    }
    lines.blank();
}

/// Writes the changes of a run; of many tenants, those with the same change as one.
fn write_changes(lines: &mut Layout<'_>, receipt: &Receipt) {
    let changes: Vec<(&str, String)> = receipt
        .entries()
        .flat_map(|(tenant, entry)| changes(entry).into_iter().map(|change| (tenant.name.as_str(), change)))
        .collect();
    let mut write = |place: &str, change: &str| lines.line(2, PLAIN, &printable(&format!("{place} {change}")));
    if receipt.tenants.len() <= ADDRESSES {
        changes.iter().for_each(|(tenant, change)| write(tenant, change));
        return;
    }
    for same in alike(changes.iter(), |(_, change)| change) {
        let Some((first, change)) = same.first() else { continue };
        let tenants: Vec<&str> = same.iter().map(|(tenant, _)| *tenant).collect();
        match tenants.len() {
            1 => write(first, change),
            number => write(&format!("{number} tenants ({})", few(&tenants, ADDRESSES)), change),
        }
    }
}

pub(super) fn who(receipt: &Receipt) -> Vec<String> {
    let evidence = &receipt.evidence;
    // Receipts of before 1.1 have it only here.
    let actor = evidence.ci.actor.as_ref().or(receipt.run.get("actor"));
    let mut lines = Vec::new();
    let people = [
        actor.map(|actor| format!("{actor} (as the CI says)")),
        evidence.user.as_ref().map(|user| format!("user {user}")),
    ];
    let people: Vec<String> = people.into_iter().flatten().collect();
    let people = if people.is_empty() { "not known".to_owned() } else { people.join(", ") };
    let host = evidence.host.as_ref().map(|host| format!(", on {host}")).unwrap_or_default();
    lines.push(format!("run by: {people}{host}"));
    lines.push(match &evidence.approval {
        None => "approved: not known".to_owned(),
        Some(ApprovalEntry { how, approvers, plan_digest, .. }) => {
            let how = match how {
                How::Plan => "with a saved plan",
                How::Approved => "with the digest of the plan",
                How::Yes => "in advance, without a question",
                How::Question => "by the answer to the question in the terminal",
            };
            let digest = plan_digest.as_ref().map(|digest| format!(", {digest}")).unwrap_or_default();
            let people = if approvers.is_empty() {
                String::new()
            } else {
                format!(", by {} (as the CI says)", approvers.join(", "))
            };
            format!("approved: {how}{digest}{people}")
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

fn changes(entry: &ResourceReceipt) -> Vec<String> {
    if entry.started_at.is_none() {
        return Vec::new();
    }
    let doubt = match entry.outcome {
        Outcome::Applied => "",
        Outcome::Failed => " (failed)",
        _ => " (it is not known whether the tenant made the change)",
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
                dotted(&operation.path),
                entry.before.pointer(&operation.path).map_or_else(|| "absent".to_owned(), Value::to_string),
                operation.value().to_string(),
            ),
        };
        format!("{}.{name}: {before} -> {after}{doubt}", entry.document())
    });
    lines.collect()
}

pub(super) fn undo(listed: &Listed) -> String {
    let wrote = listed.receipt.entries().any(|(_, entry)| entry.started_at.is_some() && !entry.operations.is_empty());
    match (&listed.rolled_back_by, wrote) {
        (Some(by), _) => format!("rolled back by {by}"),
        (None, true) => format!("undo: {}", listed.rollback),
        (None, false) => "nothing to undo".to_owned(),
    }
}
