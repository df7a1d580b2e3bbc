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

use std::collections::BTreeMap;
use std::env;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::text::printable::printable;
use crate::text::problem::{Problem, rules};
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
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        // The nearest folder that exists counts: a missing file is reported where it is read.
        let existing = joined.ancestors().find(|path| path.symlink_metadata().is_ok());
        match (canonical_folder(folder), existing.map(canonical)) {
            (Ok(folder), Some(Ok(real))) if !real.starts_with(&folder) => None,
            _ => Some(joined),
        }
    }

    fn names_in(&self, folder: &Path) -> Result<Vec<String>, Problem> {
        let named = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let listed = std::fs::read_dir(named).and_then(Iterator::collect::<io::Result<Vec<_>>>);
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

/// Returns the path without links of a file that need not exist, each `..` taken out where it stands, after the links before
/// it. `None` if `folder` does not exist.
pub fn real(folder: &Path, path: &Path) -> Option<PathBuf> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut real = folder.canonicalize().ok()?;
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                real.pop();
            }
            component => {
                real.push(component);
                real = resolved(real);
            }
        }
    }
    Some(real)
}

/// Returns a path without links, as the system does.
fn canonical(path: &Path) -> io::Result<PathBuf> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return path.canonicalize() };
    // A path such as `link/.` is the folder that the link leads to.
    let ends_with_name = path.as_os_str().as_encoded_bytes().ends_with(name.as_encoded_bytes());
    if folder.as_os_str().is_empty() || !ends_with_name || path.symlink_metadata()?.is_symlink() {
        return path.canonicalize();
    }
    Ok(canonical_folder(folder)?.join(name))
}

/// Returns the path of a folder without links. The way to it is looked up once in a process: many files lie in one.
fn canonical_folder(folder: &Path) -> io::Result<PathBuf> {
    static FOLDERS: Mutex<BTreeMap<PathBuf, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(real) = folders.get(folder) {
        return Ok(real.clone());
    }
    let real = folder.canonicalize()?;
    folders.insert(folder.to_owned(), real.clone());
    Ok(real)
}

/// How many links may lead to each other, as for the system.
const MOST_LINKS: usize = 40;

/// Returns a path without links. Where the last one leads to nothing, it is the place that it names.
fn resolved(mut path: PathBuf) -> PathBuf {
    for _ in 0..MOST_LINKS {
        if let Ok(real) = path.canonicalize() {
            return real;
        }
        let (Ok(target), Some(folder)) = (path.read_link(), path.parent()) else { return path };
        let joined = folder.join(target);
        let place = joined.parent().and_then(|parent| parent.canonicalize().ok()).zip(joined.file_name());
        let Some((parent, name)) = place else { return path };
        path = parent.join(name);
    }
    path.canonicalize().unwrap_or(path)
}

/// Returns whether a path that looks as if it stayed in the repository around it, or in its folder without one, leads out by
/// a link: what a branch holds decides about such a link, and not who typed the path.
pub fn leads_out(path: &Path) -> bool {
    let Ok(here) = env::current_dir().and_then(|folder| canonical_folder(&folder)) else { return false };
    let typed = super::repository::plain(&here.join(path));
    let goes_up = path.components().any(|part| part == Component::ParentDir);
    if !goes_up && canonical(&typed).is_ok_and(|real| real == typed) {
        return false;
    }
    let Some(folder) = typed.parent() else { return false };
    let mut tops = super::repository::roots(folder);
    if tops.is_empty() {
        tops.push(folder.to_owned());
    }
    // The top of a repository that a link leads to is not the one that holds the link.
    let plain = |top: PathBuf| top.canonicalize().ok().filter(|top| typed.starts_with(top));
    let Some(top) = tops.into_iter().find_map(plain) else { return false };
    real(&here, path).is_some_and(|real| !real.starts_with(&top))
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
    fn a_path_without_links_is_the_same_whatever_leads_there() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(top.join("a/b")).unwrap();
        std::os::unix::fs::symlink(top.join("a/b"), top.join("link")).unwrap();
        std::os::unix::fs::symlink("a/new.json", top.join("to-new")).unwrap();
        std::os::unix::fs::symlink("to-new", top.join("to-link")).unwrap();
        std::os::unix::fs::symlink("circle", top.join("circle")).unwrap();
        for (path, expected) in [
            ("to-new", "a/new.json"),
            ("to-link", "a/new.json"),
            ("circle", "circle"),
            ("a/t.json", "a/t.json"),
            ("./x/../a/t.json", "a/t.json"),
            ("link/t.json", "a/b/t.json"),
            ("link/../t.json", "a/t.json"),
            ("new/t.json", "new/t.json"),
        ] {
            assert_eq!(real(&top, Path::new(path)), Some(top.join(expected)), "{path}");
        }
    }

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
    fn only_a_link_in_the_repository_leads_out_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(top.join("repository/.git")).unwrap();
        std::fs::create_dir_all(top.join("repository/out")).unwrap();
        std::os::unix::fs::symlink(top.join("elsewhere"), top.join("repository/link")).unwrap();
        std::os::unix::fs::symlink(&top, top.join("repository/folder")).unwrap();
        std::fs::create_dir_all(top.join("other/.git")).unwrap();
        std::os::unix::fs::symlink("../other", top.join("repository/other")).unwrap();
        std::os::unix::fs::symlink(top.join("repository/out"), top.join("repository/inside")).unwrap();
        std::os::unix::fs::symlink(top.join("repository/out"), top.join("to-it")).unwrap();
        std::fs::write(top.join("elsewhere"), "").unwrap();
        for (path, out) in [
            ("repository/link", true),
            ("repository/folder/new", true),
            ("repository/other/new", true),
            ("repository/other", true),
            ("repository/inside/new", false),
            ("repository/out/../new", false),
            ("repository/new", false),
            ("to-it", false),
            ("elsewhere", false),
        ] {
            assert_eq!(leads_out(&top.join(path)), out, "{path}");
        }
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
