//! The receipt of a run on disk, from before the first byte is sent. `TIME-DIGEST.json` says that the run is pending and is
//! replaced once, at the end. Between, what is known of each write goes to `TIME-DIGEST.d/TENANT.jsonl`, a line for each
//! step, so that many tenants cost no more than few; `TIME-DIGEST.d/copy` names the file of `--receipt`.
//! `TIME-DIGEST.lock` is held by the process: only a receipt whose process is gone is completed by another one.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::documents::receipt::{Outcome, Receipt, ResourceReceipt, TenantReceipt};
use crate::documents::seal::{self, Parts, Unreadable};
use crate::text::disk::{self, Content, Held, Rights};
use crate::text::problem::Problem;
use crate::text::source::Source;

/// The files of a receipt.
#[derive(Clone, Debug)]
struct Files {
    receipt: PathBuf,
}

impl Files {
    fn lock(&self) -> PathBuf {
        self.receipt.with_extension("lock")
    }

    fn folder(&self) -> PathBuf {
        self.receipt.with_extension("d")
    }

    fn of_tenant(&self, name: &str) -> PathBuf {
        self.folder().join(format!("{}.jsonl", file_name(name)))
    }

    /// Where the run says which other file holds the same receipt.
    fn copy_note(&self) -> PathBuf {
        self.folder().join("copy")
    }

    /// Notes the copy for the run that completes the receipt of this run. A path that is not text is not noted.
    fn note_copy(&self, copy: &Path) -> io::Result<()> {
        match std::path::absolute(copy)?.to_str() {
            Some(path) => disk::create(&self.copy_note(), path, Rights::Private),
            None => Ok(()),
        }
    }

    /// Returns the noted copy if it holds this text.
    fn copy(&self, text: &str) -> Option<PathBuf> {
        let note = disk::read(&self.copy_note(), Content::Document).ok()?;
        let copy = PathBuf::from(&note.text);
        disk::read(&copy, Content::Document).is_ok_and(|copy| copy.text == text).then_some(copy)
    }

    /// Removes what a run needs only while it runs.
    fn clear(&self) -> io::Result<()> {
        disk::remove_folder(&self.folder())?;
        disk::remove(&self.lock())
    }
}

/// Returns a name for a file that tells the tenant: two tenants never share one, on no file system.
fn file_name(tenant: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if !tenant.is_empty() && tenant.len() <= 60 && tenant.chars().all(plain) {
        return tenant.to_owned();
    }
    let kept: String = tenant.chars().filter(|c| plain(*c)).take(40).collect();
    let sum: String = seal::sha256(tenant).trim_start_matches("sha256:").chars().take(12).collect();
    format!("{kept}.{sum}")
}

/// A line of a tenant's file: what is known of one resource.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    tenant: Cow<'a, str>,
    url: Cow<'a, str>,
    entry: Cow<'a, ResourceReceipt>,
}

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
        let line = Line { tenant: name, url, entry: Cow::Borrowed(entry) };
        disk::append(&self.files.of_tenant(&tenant.name), &seal::write_line(&line)?)?;
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

impl Files {
    /// Returns the lines of a tenant. The last may have been cut short when its process was killed.
    fn lines(&self, tenant: &TenantReceipt) -> Vec<ResourceReceipt> {
        let bytes = disk::read_bytes(&self.of_tenant(&tenant.name), Content::Document).unwrap_or_default();
        let lines = bytes.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
        let lines = lines.filter_map(seal::read_line::<Line<'_>>);
        lines
            .filter(|line| line.tenant == tenant.name && line.url == tenant.url)
            .map(|line| line.entry.into_owned())
            .collect()
    }

    /// Adds to a tenant the documents that are on the disk alone.
    fn complete(&self, tenant: &mut TenantReceipt) {
        let lacking = |entry: &ResourceReceipt| entry.started_at.is_some() && entry.before.is_null();
        if !tenant.resources.iter().any(lacking) {
            return;
        }
        for line in self.lines(tenant) {
            let entry = tenant.resources.iter_mut().find(|entry| entry.document() == line.document());
            if let Some(entry) = entry.filter(|entry| entry.started_at.is_some()) {
                if !line.before.is_null() {
                    entry.before = line.before;
                }
                if line.after.is_some() {
                    entry.after = line.after;
                }
            }
        }
    }

    /// Puts into a pending receipt what the lines say.
    fn fold(&self, receipt: &mut Receipt) {
        for tenant in &mut receipt.tenants {
            for line in self.lines(tenant) {
                if let Some(entry) = tenant.resources.iter_mut().find(|entry| entry.document() == line.document()) {
                    let (before, after) = (std::mem::take(&mut entry.before), entry.after.take());
                    *entry = line;
                    if entry.before.is_null() {
                        entry.before = before;
                    }
                    entry.after = entry.after.take().or(after);
                }
            }
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

#[cfg(test)]
mod tests;
