//! The receipts of earlier runs beside the workspace: runs that did not end, and plans that were applied before.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;

use crate::documents::became::Became;
use crate::documents::name::DocumentName;
use crate::documents::receipt::{Outcome, Receipt, ResourceReceipt};
use crate::text::disk::{self, Content};

/// How much of a receipt is read to tell whether the rest is worth it, in bytes.
const HEAD: u64 = 16 * 1024;

/// A receipt of an earlier run.
#[derive(Debug)]
pub struct Earlier {
    /// Its file.
    pub path: PathBuf,
    /// What it says.
    pub receipt: Receipt,
}

/// Returns where the receipts of a workspace in `folder` are.
pub fn receipts(folder: &Path) -> PathBuf {
    folder.join(".sailplan").join("receipts")
}

/// Returns the receipts of runs that did not end, oldest first. What cannot be read is left out: it is nobody's receipt.
pub fn unfinished(folder: &Path) -> Vec<Earlier> {
    earlier(folder, |head| !head.finished)
}

/// Returns the receipts of runs that applied the plan with this digest, oldest first.
pub fn of_plan(folder: &Path, digest: &str) -> Vec<Earlier> {
    earlier(folder, |head| head.digest == digest)
}

fn earlier(folder: &Path, wanted: impl Fn(&Head) -> bool) -> Vec<Earlier> {
    let files = fs::read_dir(receipts(folder)).into_iter().flatten().flatten().map(|file| file.path());
    let mut paths: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    paths.sort();
    paths
        .into_iter()
        .filter(|path| head(path).is_some_and(|head| wanted(&head)))
        .filter_map(|path| {
            let receipt = Receipt::parse(&disk::read(&path, Content::Document).ok()?.text).ok()?;
            Some(Earlier { path, receipt })
        })
        .collect()
}

struct Head {
    finished: bool,
    digest: String,
}

/// Reads the first lines only: there may be hundreds of receipts, and each holds whole documents.
fn head(path: &Path) -> Option<Head> {
    let start = disk::read_start(path, Content::Document, HEAD).ok()?;
    let mut finished = false;
    for line in String::from_utf8_lossy(&start).lines() {
        finished |= line.starts_with("  \"finishedAt\"");
        // The receipt's own digest stands two blanks deep and after the times.
        if let Some(rest) = line.strip_prefix("  \"digest\": \"") {
            return Some(Head { finished, digest: rest.trim_end_matches([',', '"']).to_owned() });
        }
    }
    None
}

/// Notes in a receipt what `became` of an entry, found at `now`.
pub fn note(entry: &mut ResourceReceipt, became: Became, live: Option<&Value>, now: &str) {
    entry.outcome = match became {
        Became::NotSent => Outcome::Skipped,
        Became::Done => Outcome::Applied,
        Became::NotDone | Became::Partly { .. } => Outcome::Failed,
        Became::NotRead => return,
    };
    entry.after = live.filter(|_| became != Became::NotSent).cloned();
    entry.finished_at = Some(now.to_owned());
    entry.notes.push(format!("the run was stopped; a later run found this out at {now}"));
}

/// Returns when a plan was applied to this document after it was made, if it was: such a plan has had its turn.
pub fn had_its_turn(runs: &[Earlier], made: &str, url: &str, document: DocumentName<'_>) -> Option<String> {
    let made: Timestamp = made.parse().ok()?;
    let run = runs.iter().map(|run| &run.receipt).find(|receipt| {
        receipt.started_at.parse::<Timestamp>().is_ok_and(|started| started >= made)
            && receipt.entries().any(|(tenant, entry)| {
                tenant.url == url && entry.document() == document && entry.outcome == Outcome::Applied
            })
    })?;
    Some(run.started_at.clone())
}
