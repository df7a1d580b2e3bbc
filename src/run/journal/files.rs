//! The files of one receipt, and what the lines in them say.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::documents::receipt::{Receipt, ResourceReceipt, TenantReceipt};
use crate::documents::seal;
use crate::text::disk::{self, Content, Rights};

/// The files of a receipt.
#[derive(Clone, Debug)]
pub(super) struct Files {
    pub(super) receipt: PathBuf,
}

impl Files {
    pub(super) fn lock(&self) -> PathBuf {
        self.receipt.with_extension("lock")
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.receipt.with_extension("d")
    }

    pub(super) fn of_tenant(&self, name: &str) -> PathBuf {
        self.folder().join(format!("{}.jsonl", file_name(name)))
    }

    /// Where the run says which other file holds the same receipt.
    fn copy_note(&self) -> PathBuf {
        self.folder().join("copy")
    }

    /// Notes the copy for the run that completes the receipt of this run. A path that is not text is not noted.
    pub(super) fn note_copy(&self, copy: &Path) -> io::Result<()> {
        match std::path::absolute(copy)?.to_str() {
            Some(path) => disk::create(&self.copy_note(), path, Rights::Private),
            None => Ok(()),
        }
    }

    /// Returns the noted copy if it holds this text.
    pub(super) fn copy(&self, text: &str) -> Option<PathBuf> {
        let note = disk::read(&self.copy_note(), Content::Document).ok()?;
        let copy = PathBuf::from(&note.text);
        disk::read(&copy, Content::Document).is_ok_and(|copy| copy.text == text).then_some(copy)
    }

    /// Removes what a run needs only while it runs.
    pub(super) fn clear(&self) -> io::Result<()> {
        disk::remove_folder(&self.folder())?;
        disk::remove(&self.lock())
    }

    /// Returns the lines of a tenant. The last may have been cut short when its process was killed.
    fn lines(&self, tenant: &TenantReceipt) -> Vec<ResourceReceipt> {
        let bytes = disk::read_bytes(&self.of_tenant(&tenant.name), Content::Document).unwrap_or_default();
        let lines = bytes.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
        let lines = lines.filter_map(seal::read_line::<Record<'_>>);
        lines
            .filter(|line| line.tenant == tenant.name && line.url == tenant.url)
            .map(|line| line.entry.into_owned())
            .collect()
    }

    /// Adds to a tenant the documents that are on the disk alone.
    pub(super) fn complete(&self, tenant: &mut TenantReceipt) {
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
    pub(super) fn fold(&self, receipt: &mut Receipt) {
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

/// Returns a name for a file that tells the tenant: two tenants never share one, on no file system.
pub(super) fn file_name(tenant: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if !tenant.is_empty() && tenant.len() <= 60 && tenant.chars().all(plain) {
        return tenant.to_owned();
    }
    let kept: String = tenant.chars().filter(|c| plain(*c)).take(40).collect();
    let sum: String = seal::sha256(tenant).trim_start_matches("sha256:").chars().take(12).collect();
    format!("{kept}.{sum}")
}

/// What a line of a tenant's file records: all that is known of one resource.
#[derive(Serialize, Deserialize)]
pub(super) struct Record<'a> {
    pub(super) tenant: Cow<'a, str>,
    pub(super) url: Cow<'a, str>,
    pub(super) entry: Cow<'a, ResourceReceipt>,
}
