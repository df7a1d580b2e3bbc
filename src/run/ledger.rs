//! The receipts of earlier runs beside the workspace: runs that did not end, and plans that were applied before.

use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    earlier(folder, |head| head.digest == digest && !head.is_to_come())
}

/// Returns the receipts of runs that are over, from the first rollback on, oldest first.
pub fn since_rollback(folder: &Path) -> Vec<Earlier> {
    let rolled_back = std::cell::Cell::new(false);
    earlier(folder, |head| {
        rolled_back.set(rolled_back.get() || (head.rolls_back && !head.is_to_come()));
        rolled_back.get() && head.finished && !head.is_to_come()
    })
}

/// Returns the newest receipt of each address that has one, in the order of the addresses. A receipt of many tenants is shared.
pub fn last_of(folder: &Path, urls: &[&str]) -> Vec<Option<Arc<Earlier>>> {
    let mut last: Vec<Option<Arc<Earlier>>> = vec![None; urls.len()];
    for (_, path) in heads(folder).into_iter().filter(|(head, _)| !head.is_to_come()).rev() {
        if last.iter().all(Option::is_some) {
            break;
        }
        let Ok((receipt, _)) = journal::read(&path) else { continue };
        let earlier = Arc::new(Earlier { path, receipt });
        for (url, last) in urls.iter().zip(&mut last).filter(|(_, last)| last.is_none()) {
            if earlier.receipt.tenants.iter().any(|tenant| tenant.url == **url) {
                *last = Some(Arc::clone(&earlier));
            }
        }
    }
    last
}

/// Returns the receipts of a workspace by their first lines, oldest first.
fn heads(folder: &Path) -> Vec<(Head, PathBuf)> {
    let files = receipts(folder).map(|folder| disk::files_in(&folder)).unwrap_or_default();
    let files = files.into_iter().filter(|path| path.extension().is_some_and(|end| end == "json"));
    let mut heads: Vec<(Head, PathBuf)> = files.filter_map(|path| Some((head(&path)?, path))).collect();
    // Names tell the second, and a rollback may begin in the second of the apply.
    heads.sort_by_key(|(head, _)| head.started);
    heads
}

fn earlier(folder: &Path, wanted: impl Fn(&Head) -> bool) -> Vec<Earlier> {
    heads(folder)
        .into_iter()
        .filter(|(head, _)| wanted(head))
        .filter_map(|(_, path)| {
            let (receipt, _) = journal::read(&path).ok()?;
            Some(Earlier { path, receipt })
        })
        .collect()
}

struct Head {
    started: Timestamp,
    finished: bool,
    rolls_back: bool,
    digest: String,
}

impl Head {
    /// Whether the run is yet to begin, as no run is: a file that says so would have the last word for ever. Clocks differ by
    /// less than an hour.
    fn is_to_come(&self) -> bool {
        self.started.duration_since(Timestamp::now()).as_hours() >= 1
    }
}

/// Reads the first lines only: there may be hundreds of receipts, and each holds whole documents.
fn head(path: &Path) -> Option<Head> {
    let start = disk::read_start(path, Content::Document, HEAD).ok()?;
    let (mut started, mut finished, mut rolls_back) = (None, false, false);
    let text = |rest: &str| rest.trim_end_matches([',', '"']).to_owned();
    for line in String::from_utf8_lossy(&start).lines() {
        if let Some(rest) = line.strip_prefix("  \"startedAt\": \"") {
            started = text(rest).parse().ok();
        }
        finished |= line.starts_with("  \"finishedAt\"");
        rolls_back |= line.starts_with("  \"rollsBack\"");
        // The receipt's own digest stands two blanks deep and after the times.
        if let Some(rest) = line.strip_prefix("  \"digest\": \"") {
            return Some(Head { started: started?, finished, rolls_back, digest: text(rest) });
        }
    }
    None
}

/// Notes in a receipt what `became` of an entry, found at `now`.
pub fn note(entry: &mut ResourceReceipt, became: Became, live: Option<&Value>, now: &str) {
    entry.outcome = match became {
        Became::NotSent => Outcome::Skipped,
        Became::Done => Outcome::Applied,
        Became::TurnedDown | Became::NotDone | Became::Partly { .. } => Outcome::Failed,
        Became::NotRead | Became::Unreadable => return,
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
