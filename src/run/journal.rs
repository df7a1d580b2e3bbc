//! The receipt of a run on disk, from before the first byte is sent. `TIME-DIGEST.json` says that the run is pending and is
//! replaced once, at the end. Between, what is known of each write goes to `TIME-DIGEST.d/TENANT.jsonl`, a line for each
//! step, so that many tenants cost no more than few; `TIME-DIGEST.d/copy` names the file of `--receipt`.
//! `TIME-DIGEST.lock` is held by the process: only a receipt whose process is gone is completed by another one.

mod claim;
mod files;

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

pub use claim::{Claim, Owner, claim, owner};
use files::{Files, Record};

use crate::documents::receipt::{Outcome, Receipt, ResourceReceipt, TenantReceipt};
use crate::documents::seal::{self, Parts, Unreadable};
use crate::text::disk::{self, Content, Held, Rights};
use crate::text::problem::Problem;
use crate::text::source::Source;

/// A file that cannot be written, so that the receipt is not kept.
#[derive(Debug)]
pub struct NotKept {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub error: io::Error,
}

/// The receipt of this run.
#[derive(Debug)]
pub struct Journal {
    /// What is known. The documents of a write that is done are on the disk alone.
    pub receipt: Receipt,
    files: Files,
    copy: Option<PathBuf>,
    /// What both files hold until the end.
    text: String,
    _held: Held,
}

impl Journal {
    /// Puts a receipt on the disk, in `folder` and in a `copy` for the user. Nothing may be sent when this fails; it leaves
    /// nothing behind then.
    ///
    /// # Errors
    ///
    /// A file or its folder cannot be written, or the copy exists: no receipt takes the place of another file.
    pub fn open(folder: &Path, copy: Option<&Path>, receipt: Receipt) -> Result<Journal, NotKept> {
        let first = Files { receipt: folder.join(receipt_name(&receipt, 1)) };
        let not_kept = |path: &Path, error| NotKept { path: path.to_owned(), error };
        let text = receipt.to_text().map_err(|error| not_kept(&first.receipt, error.into()))?;
        if let Some(copy) = copy {
            disk::create(copy, &text, Rights::Private).map_err(|error| not_kept(copy, error))?;
        }
        let opened = disk::create_folders(folder).and_then(|()| {
            tidy(folder);
            let (files, held) = open_files(folder, &receipt, &text)?;
            copy.map_or(Ok(()), |copy| files.note_copy(copy)).inspect_err(|_| {
                let _ = disk::remove(&files.receipt).and_then(|()| files.clear());
            })?;
            Ok((files, held))
        });
        match opened {
            Ok((files, held)) => Ok(Journal { receipt, files, copy: copy.map(Path::to_owned), text, _held: held }),
            Err(error) => {
                if let Some(copy) = copy {
                    // It says that something is pending, and nothing is.
                    let _ = disk::remove(copy);
                }
                Err(not_kept(&first.receipt, error))
            }
        }
    }

    /// Returns the file of the receipt.
    pub fn path(&self) -> &Path {
        &self.files.receipt
    }

    /// Changes the entry of one resource and puts it on the disk.
    ///
    /// # Errors
    ///
    /// The disk does not take it.
    pub fn record(
        &mut self,
        tenant: usize,
        resource: usize,
        change: impl FnOnce(&mut ResourceReceipt),
    ) -> io::Result<()> {
        let Some(tenant) = self.receipt.tenants.get_mut(tenant) else { return Ok(()) };
        let Some(entry) = tenant.resources.get_mut(resource) else { return Ok(()) };
        change(entry);
        let (name, url) = (tenant.name.as_str().into(), tenant.url.as_str().into());
        let record = Record { tenant: name, url, entry: Cow::Borrowed(entry) };
        disk::append(&self.files.of_tenant(&tenant.name), &seal::write_line(&record)?)?;
        if matches!(entry.outcome, Outcome::Applied | Outcome::Unchanged) {
            (entry.before, entry.after) = (Value::Null, None);
        }
        Ok(())
    }

    /// Ends the receipt: its files are replaced by the whole of what is known if it says that the run is finished. A run
    /// that sent nothing leaves only the copy.
    ///
    /// # Errors
    ///
    /// A file cannot be written, or was changed by others.
    pub fn close(mut self) -> (Closed, Result<(), NotKept>) {
        let tenants = std::mem::take(&mut self.receipt.tenants);
        let sent = tenants.iter().flat_map(|tenant| &tenant.resources).any(|entry| entry.started_at.is_some());
        let finished = self.receipt.finished_at.is_some();
        let copied = match &self.copy {
            Some(copy) => self.replace(copy, &tenants),
            None => Ok(()),
        };
        let kept = match (finished, sent) {
            (false, _) => Ok(()),
            (true, true) => self.replace(&self.files.receipt, &tenants).and_then(|()| self.clear()),
            (true, false) => disk::remove(&self.files.receipt)
                .map_err(|error| NotKept { path: self.files.receipt.clone(), error })
                .and_then(|()| self.clear()),
        };
        self.receipt.tenants = tenants;
        let path = (sent || !finished || kept.is_err()).then(|| self.files.receipt.clone());
        (Closed { receipt: self.receipt, path }, kept.and(copied))
    }

    fn clear(&self) -> Result<(), NotKept> {
        self.files.clear().map_err(|error| NotKept { path: self.files.folder(), error })
    }

    /// Puts the whole of what is known in the place of what a file says.
    fn replace(&self, path: &Path, tenants: &[TenantReceipt]) -> Result<(), NotKept> {
        let whole = |number: usize| -> io::Result<TenantReceipt> {
            let mut tenant = tenants.get(number).cloned().ok_or(io::ErrorKind::NotFound)?;
            self.files.complete(&mut tenant);
            Ok(tenant)
        };
        let write = || {
            let Value::Object(document) = serde_json::to_value(&self.receipt)? else {
                return Err(io::ErrorKind::InvalidData.into());
            };
            let parts = Parts { document, list: "tenants", length: tenants.len(), part: &whole };
            disk::replace_existing(path, |file| parts.write(file), |found| found == self.text)
        };
        write().map_err(|error| NotKept { path: path.to_owned(), error })
    }
}

/// A receipt after its run.
#[derive(Debug)]
pub struct Closed {
    /// What is known, without the documents that are on the disk.
    pub receipt: Receipt,
    /// The file that keeps the whole of it; `None` if nothing was sent.
    pub path: Option<PathBuf>,
}

fn receipt_name(receipt: &Receipt, number: u32) -> String {
    let time: String = receipt.started_at.chars().take(19).filter(|c| c.is_ascii_alphanumeric()).collect();
    let digest: String = receipt.digest.trim_start_matches("sha256:").chars().take(12).collect();
    let again = if number == 1 { String::new() } else { format!("-{number}") };
    format!("{time}Z-{digest}{again}.json")
}

/// Makes the files of a receipt, under the next name that is free: two runs may begin in the same second.
fn open_files(folder: &Path, receipt: &Receipt, text: &str) -> io::Result<(Files, Held)> {
    let mut taken = io::ErrorKind::AlreadyExists.into();
    for number in 1..10 {
        let files = Files { receipt: folder.join(receipt_name(receipt, number)) };
        if files.receipt.symlink_metadata().is_ok() {
            continue;
        }
        let Some(held) = disk::hold(&files.lock())? else { continue };
        let made = disk::remove_folder(&files.folder())
            .and_then(|()| disk::create_folder(&files.folder()))
            .and_then(|()| disk::create(&files.receipt, text, Rights::Private));
        match made {
            Ok(()) => return Ok((files, held)),
            Err(error) => {
                let exists = files.receipt.symlink_metadata().is_ok();
                // What is left of it holds nothing and is tidied up by the next run.
                let _ = files.clear();
                if !exists {
                    return Err(error);
                }
                taken = error;
            }
        }
    }
    Err(taken)
}

/// Removes what processes that were killed left behind, receipts excepted.
fn tidy(folder: &Path) {
    disk::remove_leftovers(folder);
    for path in disk::files_in(folder).into_iter().filter(|path| path.extension().is_some_and(|end| end == "lock")) {
        let files = Files { receipt: path.with_extension("json") };
        if files.receipt.symlink_metadata().is_err()
            && let Ok(Some(_held)) = disk::hold(&path)
            // Its run may have made the receipt meanwhile.
            && files.receipt.symlink_metadata().is_err()
        {
            let _ = files.clear();
        }
    }
}

/// Why a receipt cannot be read.
#[derive(Debug)]
pub enum Unread {
    /// The file.
    File(Problem),
    /// What it says.
    Document(Unreadable),
}

/// Reads a receipt, of a run that goes on as well, and the text of its file.
///
/// # Errors
///
/// The file cannot be read, is not a receipt, was changed, or was made by a later sailplan.
pub fn read(path: &Path) -> Result<(Receipt, Arc<Source>), Unread> {
    let files = Files { receipt: path.to_owned() };
    loop {
        let source = disk::read(path, Content::Document).map_err(Unread::File)?;
        let mut receipt = Receipt::parse(&source.text).map_err(Unread::Document)?;
        if receipt.finished_at.is_some() {
            return Ok((receipt, source));
        }
        files.fold(&mut receipt);
        // The run may have ended between the two, and then the lines are gone. It ends once.
        if disk::read(path, Content::Document).map_err(Unread::File)?.text == source.text {
            return Ok((receipt, source));
        }
    }
}

#[cfg(test)]
mod tests;
