//! Which commit a run takes its files from, for those who ask months later.

use std::path::PathBuf;

use crate::documents::evidence::CheckoutEntry;
use crate::text::disk::{Disk, Files as _};
use crate::text::revision::Revision;
use crate::workspace::load::Loaded;

/// Returns the commit that is checked out, and whether a file that the run read is not as it is there. `None` if there is no
/// commit or git cannot tell.
pub fn of(loaded: &Loaded) -> Option<CheckoutEntry> {
    let head = Revision::find(&loaded.folder(), "HEAD").ok()?;
    let differs = |path: &PathBuf| match (Disk.read(path), head.read(path)) {
        (Ok(here), Ok(there)) => here.text != there.text,
        _ => true,
    };
    Some(CheckoutEntry { commit: head.commit().to_owned(), dirty: loaded.files().iter().any(differs) })
}
