//! Receipts of runs that ended without completing them: whose they are, and how another run completes them.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::files::Files;
use super::{Unread, read};
use crate::documents::receipt::Receipt;
use crate::text::disk::{self, Held, Rights};
use crate::text::source::Source;

/// What is known of the process that a receipt belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// It runs.
    Lives,
    /// It ran on another machine, so whether it runs is not known here.
    Elsewhere(String),
    /// It ended.
    Gone,
}

/// Returns what is known of the process that the receipt in a file belongs to. `host` is this machine.
pub fn owner(path: &Path, receipt: &Receipt, host: Option<&str>) -> Owner {
    if disk::is_held(&Files { receipt: path.to_owned() }.lock()) {
        return Owner::Lives;
    }
    match receipt.evidence.host.as_deref() {
        Some(other) if host != Some(other) => Owner::Elsewhere(other.to_owned()),
        _ => Owner::Gone,
    }
}

/// The receipt of a run that ended without completing it, held so that only one process completes it.
#[derive(Debug)]
pub struct Claim {
    /// What it says.
    pub receipt: Receipt,
    files: Files,
    /// What the file held when it was read.
    text: Arc<Source>,
    _held: Held,
}

/// Takes hold of an unfinished receipt; `None` if its run lives, another process completes it, or it is complete.
///
/// # Errors
///
/// It cannot be read or held.
pub fn claim(path: &Path) -> io::Result<Option<Claim>> {
    let files = Files { receipt: path.to_owned() };
    let Some(held) = disk::hold(&files.lock())? else { return Ok(None) };
    let (receipt, text) = match read(path) {
        Ok(read) => read,
        Err(Unread::File(problem)) => return Err(io::Error::other(problem.message)),
        Err(Unread::Document(error)) => return Err(io::Error::other(error)),
    };
    if receipt.finished_at.is_some() {
        // Its run was killed after it had finished the receipt.
        files.clear()?;
        return Ok(None);
    }
    Ok(Some(Claim { receipt, files, text, _held: held }))
}

impl Claim {
    /// Writes the receipt as it stands in the place of what was read.
    ///
    /// # Errors
    ///
    /// The file was changed meanwhile, or cannot be written.
    pub fn complete(self) -> io::Result<()> {
        let text = self.receipt.to_text()?;
        let copy = self.files.copy(&self.text.text);
        disk::replace(&self.files.receipt, &text, Rights::Private, |found| found == self.text.text)?;
        if let Some(copy) = copy {
            disk::replace(&copy, &text, Rights::Private, |found| found == self.text.text)?;
        }
        self.files.clear()
    }
}
