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
mod once;
mod output;
mod read;
mod rewrite;
mod write;

use std::env;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::text::paths::{below, canonical, canonical_folder, named};
use crate::text::printable::printable;
use crate::text::problem::{Problem, rules};
use crate::text::repository::leads_out;
use crate::text::source::Source;
use crate::text::threads;

pub use append::{append, create_folder, create_folders};
pub(super) use decode::decode;
pub use lock::{Held, hold, is_held, remove, remove_folder, remove_leftovers, user_folder};
pub use once::Once;
pub use output::{Output, replace, replace_existing};
pub use read::{Content, read, read_bytes, read_start};
pub use rewrite::{NewText, rewrite};
pub use write::{Rights, create};

/// The name of standard input; no workspace can name it, because its files are below its folder.
pub const STANDARD_INPUT: &str = "/dev/stdin";
/// The name of standard output.
pub const STANDARD_OUTPUT: &str = "/dev/stdout";

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

    /// Reads files as [`Files::read`] does, side by side where that can be done.
    fn read_all(&self, paths: &[&Path]) -> Vec<Result<Arc<Source>, Problem>> {
        paths.iter().map(|path| self.read(path)).collect()
    }

    /// Returns the names of what is in a folder and no folder itself, sorted; nothing if there is no such folder.
    ///
    /// # Errors
    ///
    /// The folder cannot be read.
    fn names_in(&self, folder: &Path) -> Result<Vec<String>, Problem>;
}

/// The files as they are on the disk.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl Files for Disk {
    /// Reads a file, unless it is a link out of the repository: its lines would be shown. What the system lists in `/dev`, such
    /// as standard input, is no file of a branch.
    fn read(&self, path: &Path) -> Result<Arc<Source>, Problem> {
        if !path.starts_with("/dev") && leads_out(path) {
            let name = shown(path);
            let message = format!("`{}` is a symbolic link that leads out of the repository", printable(&name));
            let help = "name the file that it leads to, or put that file in the place of the link";
            return Err(Problem::error(rules::PATH_OUTSIDE, message).at(Source::new(name, "").place(0..0)).help(help));
        }
        read(path, Content::Yaml)
    }

    fn read_all(&self, paths: &[&Path]) -> Vec<Result<Arc<Source>, Problem>> {
        threads::in_parts(paths, |part| part.iter().map(|path| self.read(path)).collect())
    }

    /// Returns `path` below `folder`, unless it leads out: absolute, up, or over a symbolic link.
    fn confined(&self, folder: &Path, path: &Path) -> Option<PathBuf> {
        let joined = below(folder, path)?;
        // The nearest folder that exists counts: a missing file is reported where it is read.
        let nearest = || joined.ancestors().find(|path| path.symlink_metadata().is_ok()).map(canonical);
        let real = canonical(&joined).ok().or_else(|| nearest()?.ok());
        match (canonical_folder(named(folder)), real) {
            (Ok(folder), Some(real)) if !real.starts_with(&folder) => None,
            _ => Some(joined),
        }
    }

    fn names_in(&self, folder: &Path) -> Result<Vec<String>, Problem> {
        let listed = std::fs::read_dir(named(folder)).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let entries = match listed {
            Ok(entries) => entries,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(read::unreadable(&shown(folder), Content::Yaml, &error)),
        };
        let files = entries.iter().filter(|entry| !entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let mut names: Vec<String> = files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        Ok(names)
    }
}

/// Returns the number of the user who owns a file or folder, links not followed; `None` if that is not known.
pub fn owner(path: &Path) -> Option<u32> {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::uid(&path.symlink_metadata().ok()?).into();
    #[cfg(not(unix))]
    return path.symlink_metadata().ok().map(|_| 0);
}

/// Returns a path as the user would type it.
pub fn shown(path: &Path) -> String {
    let here = if path.is_absolute() { env::current_dir().ok() } else { None };
    let relative = here.and_then(|folder| path.strip_prefix(folder).map(Path::to_owned).ok());
    let path = relative.as_deref().unwrap_or(path);
    path.strip_prefix("./").unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_read_together_are_those_read_one_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = (0..200).map(|number| folder.path().join(format!("{number}.yaml"))).collect();
        // Every third is not there.
        for (number, path) in paths.iter().enumerate().filter(|(number, _)| number % 3 > 0) {
            std::fs::write(path, format!("number: {number}")).unwrap();
        }
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let told = |read: Result<Arc<Source>, Problem>| read.map(|source| source.text.clone());
        let together: Vec<_> = Disk.read_all(&paths).into_iter().map(told).collect();
        let single: Vec<_> = paths.iter().map(|path| told(Disk.read(path))).collect();
        assert_eq!(together, single);
        assert_eq!(together.iter().filter(|read| read.is_ok()).count(), 133);
    }

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
