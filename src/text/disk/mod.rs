//! The disk, and the only code that opens files. One way to read, [`read`], and four to write: [`create`] makes a new file
//! and replaces nothing, [`Output`] and [`replace`] replace what sailplan itself wrote, [`rewrite`] changes the user's files,
//! [`append`] adds a line to a log. [`lock`] holds a file for a process.
//!
//! [`Files`] is what settings are read from: the [`Disk`], or a revision of the git repository around it
//! ([`Revision`](super::revision::Revision)).

#![expect(clippy::disallowed_methods, reason = "all other modules open files through this one")]

mod append;
mod decode;
mod lock;
mod output;
mod read;
mod rewrite;
mod write;

use std::env;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::text::problem::Problem;
use crate::text::source::Source;

pub use append::{append, create_folder, create_folders};
pub(super) use decode::decode;
pub use lock::{Held, hold, is_held, remove, remove_folder, remove_leftovers, user_folder};
pub use output::{Output, replace, replace_filled};
pub use read::{Content, read, read_bytes, read_start};
pub use rewrite::{NewText, rewrite};
pub use write::{Rights, create};

/// Returns the files in a folder, links and subfolders left out, sorted by name; nothing if there is no such folder.
pub fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let regular = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let mut files: Vec<PathBuf> = regular.map(|entry| entry.path()).collect();
    files.sort();
    files
}

/// One state of the files.
pub trait Files {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// The file is not there, not a regular file, too large or not UTF-8.
    fn read(&self, path: &Path) -> Result<Arc<Source>, Problem>;

    /// Returns `path` below `folder`, unless it leads out.
    fn confined(&self, folder: &Path, path: &Path) -> Option<PathBuf>;
}

/// The files as they are on the disk.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<Arc<Source>, Problem> {
        read(path, Content::Yaml)
    }

    /// Returns `path` below `folder`, unless it leads out: absolute, up, or over a symbolic link.
    fn confined(&self, folder: &Path, path: &Path) -> Option<PathBuf> {
        let joined = below(folder, path)?;
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        // The nearest folder that exists counts: a missing file is reported where it is read.
        let existing = joined.ancestors().find(|path| path.symlink_metadata().is_ok());
        match (folder.canonicalize(), existing.map(Path::canonicalize)) {
            (Ok(folder), Some(Ok(real))) if !real.starts_with(&folder) => None,
            _ => Some(joined),
        }
    }
}

/// Returns `path` below `folder`, unless it is absolute or leads up and out by its `..`; links are not looked at.
pub(super) fn below(folder: &Path, path: &Path) -> Option<PathBuf> {
    let mut depth = 0_usize;
    for component in path.components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::ParentDir => depth = depth.checked_sub(1)?,
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(folder.join(path))
}

/// Returns a path as the user would type it.
pub fn shown(path: &Path) -> String {
    let relative = env::current_dir().ok().and_then(|folder| path.strip_prefix(folder).map(Path::to_owned).ok());
    let path = relative.as_deref().unwrap_or(path);
    path.strip_prefix("./").unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_inside_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("settings")).unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).unwrap();
        let confined = |path: &str| Disk.confined(folder.path(), Path::new(path)).is_some();
        for (path, good) in [
            ("settings/base.yaml", true),
            ("./settings/../base.yaml", true),
            ("not/there/yet.yaml", true),
            ("../base.yaml", false),
            ("settings/../../base.yaml", false),
            ("/etc/passwd", false),
            ("link/base.yaml", false),
        ] {
            assert_eq!(confined(path), good, "{path}");
        }
    }
}
