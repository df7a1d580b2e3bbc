//! Paths: what a path means, whether or not there is something at it.

use std::collections::BTreeMap;
use std::env;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Returns a folder under a name that the system takes: an empty path means the working directory.
pub fn named(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// Returns the folder of a file, under a name that the system takes.
pub fn folder_of(file: &Path) -> &Path {
    named(file.parent().unwrap_or(Path::new("")))
}

/// Returns the path of a folder without links; an empty path means the working directory.
///
/// # Errors
///
/// There is no such folder, or the way to it cannot be read.
pub fn real_folder(folder: &Path) -> io::Result<PathBuf> {
    named(folder).canonicalize()
}

/// Returns the path of the working directory without links.
///
/// # Errors
///
/// It was deleted, or the way to it cannot be read.
pub fn real_here() -> io::Result<PathBuf> {
    canonical_folder(&env::current_dir()?)
}

/// Returns whether two paths lead to one file that exists.
pub fn is_same_file(path: &Path, other: &Path) -> bool {
    matches!((path.canonicalize(), other.canonicalize()), (Ok(path), Ok(other)) if path == other)
}

/// Returns the path of a file without links, as far as it exists.
pub fn real_path(file: &Path) -> PathBuf {
    real(Path::new(""), file).unwrap_or_else(|| file.to_owned())
}

/// Returns the path without links of a file that need not exist, each `..` taken out where it stands, after the links before
/// it. `None` if `folder` does not exist.
pub fn real(folder: &Path, path: &Path) -> Option<PathBuf> {
    let mut real = real_folder(folder).ok()?;
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
pub(super) fn canonical(path: &Path) -> io::Result<PathBuf> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return path.canonicalize() };
    // A path such as `link/.` is the folder that the link leads to.
    let ends_with_name = path.as_os_str().as_encoded_bytes().ends_with(name.as_encoded_bytes());
    if folder.as_os_str().is_empty() || !ends_with_name || path.symlink_metadata()?.is_symlink() {
        return path.canonicalize();
    }
    Ok(canonical_folder(folder)?.join(name))
}

/// Returns the path of a folder without links. The way to it is looked up once in a process: many files lie in one.
pub(super) fn canonical_folder(folder: &Path) -> io::Result<PathBuf> {
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
pub const MOST_LINKS: usize = 40;

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

/// Returns the way from one folder to a file, both without links: up where it has to, so that no output names the folders of
/// a machine.
pub fn relative(from: &Path, to: &Path) -> PathBuf {
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(to.components().skip(shared)).collect()
}

/// Takes `.` and `..` out; links stay as they are, since the repository knows them under that name.
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_file_has_a_name_that_the_system_takes() {
        for (file, folder) in [("a.yaml", "."), ("./a.yaml", "."), ("x/a.yaml", "x"), ("/a.yaml", "/"), ("", ".")] {
            assert_eq!(folder_of(Path::new(file)), Path::new(folder), "{file}");
        }
    }

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
}
