//! The receipts of earlier runs beside the workspace: runs that did not end, and plans that were applied before.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;

use crate::documents::became::Became;
use crate::documents::name::DocumentName;
use crate::documents::receipt::{Outcome, Receipt, ResourceReceipt};
use crate::run::journal;
use crate::text::disk::{self, Content, Disk, Files as _};

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

/// Returns where the receipts of a workspace in `folder` are; `None` if a symbolic link leads them out of it.
pub fn receipts(folder: &Path) -> Option<PathBuf> {
    Disk.confined(folder, &Path::new(".sailplan").join("receipts"))
}

/// Returns the name of this machine, as receipts have it.
pub fn host() -> Option<String> {
    gethostname::gethostname().into_string().ok().filter(|name| !name.is_empty())
}

/// Returns the receipts of runs that did not end, oldest first. What cannot be read is left out: it is not a receipt.
pub fn unfinished(folder: &Path) -> Vec<Earlier> {
    earlier(folder, |head| !head.finished)
}

/// Returns the receipts of runs that applied the plan with this digest, oldest first.
pub fn of_plan(folder: &Path, digest: &str) -> Vec<Earlier> {
    earlier(folder, |head| head.digest == digest)
}

fn earlier(folder: &Path, wanted: impl Fn(&Head) -> bool) -> Vec<Earlier> {
    let files = receipts(folder).map(|folder| disk::files_in(&folder)).unwrap_or_default();
    files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .filter(|path| head(path).is_some_and(|head| wanted(&head)))
        .filter_map(|path| {
            let (receipt, _) = journal::read(&path).ok()?;
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
    entry.notes.push(format!("the run did not finish; a later run found this out at {now}"));
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
