//! Files that a process holds as long as it lives. The system lets go of them when the process ends, however it ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::write::{Rights, TEMPORARY, private};

/// How old a temporary file is before it counts as left over: younger ones may not be held yet.
const YOUNG: Duration = Duration::from_secs(60);

/// A file that this process holds.
#[derive(Debug)]
pub struct Held {
    _file: File,
}

/// Takes hold of a file, which is made if there is none; `None` if another process holds it.
///
/// # Errors
///
/// It is no regular file, or cannot be made, opened or locked.
pub fn hold(path: &Path) -> io::Result<Option<Held>> {
    let file = match open(path)? {
        Some(file) => file,
        None => {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create_new(true);
            private(&mut options, Rights::Private);
            match options.open(path) {
                Ok(file) => file,
                // Another process was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    open(path)?.ok_or(io::ErrorKind::NotFound)?
                }
                Err(error) => return Err(error),
            }
        }
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(Held { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Returns whether a process holds a file. One that cannot be opened counts as held: nothing is known of it.
pub fn is_held(path: &Path) -> bool {
    match open(path) {
        Ok(Some(file)) => file.try_lock().is_err(),
        Ok(None) => false,
        Err(_) => true,
    }
}

/// Opens a regular file that is there; a link is not followed.
fn open(path: &Path) -> io::Result<Option<File>> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(found) if found.is_file() => OpenOptions::new().read(true).write(true).open(path).map(Some),
        Ok(_) => Err(io::Error::new(io::ErrorKind::AlreadyExists, "it is not a regular file")),
    }
}

/// Removes a file of sailplan's own; one that is gone already is no error.
///
/// # Errors
///
/// It cannot be removed.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes a folder of sailplan's own with the files in it; one that is gone already is no error. Links are not followed.
///
/// # Errors
///
/// It cannot be removed.
pub fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Removes the temporary files that processes that were killed left in a folder.
pub fn remove_leftovers(folder: &Path) {
    for path in super::files_in(folder) {
        let temporary = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(TEMPORARY));
        let old = || {
            let changed = path.metadata().and_then(|found| found.modified()).ok();
            changed.and_then(|changed| changed.elapsed().ok()).is_some_and(|age| age > YOUNG)
        };
        if temporary && old() && !is_held(&path) {
            // The next run tries again.
            let _ = remove(&path);
        }
    }
}

/// Returns a folder for what all runs of this user on this machine share until the machine stops. It is made if there is
/// none, and only this user can enter it.
///
/// # Errors
///
/// It cannot be made, or another user could reach into it.
pub fn user_folder(runtime: Option<PathBuf>) -> io::Result<PathBuf> {
    let runtime = runtime.filter(|folder| folder.is_absolute() && folder.is_dir());
    match runtime.map(|folder| private_folder(&folder.join("sailplan"))) {
        Some(Ok(folder)) => Ok(folder),
        _ => private_folder(&std::env::temp_dir().join(name_of_user()?)),
    }
}

/// Makes a folder for this user alone, or takes the one that is there.
fn private_folder(path: &Path) -> io::Result<PathBuf> {
    match super::create_folder(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = path.symlink_metadata()?;
    if found.is_dir() && is_own(&found)? {
        Ok(path.to_owned())
    } else {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "it belongs to another user, or others can write to it"))
    }
}

#[cfg(unix)]
fn name_of_user() -> io::Result<String> {
    Ok(format!("sailplan-{}", own_id()?))
}

/// The id of this user, by a file that it makes: the standard library does not tell it.
#[cfg(unix)]
fn own_id() -> io::Result<u32> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(tempfile::tempfile()?.metadata()?.uid())
}

#[cfg(unix)]
fn is_own(folder: &fs::Metadata) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(folder.uid() == own_id()? && folder.mode() & 0o077 == 0)
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on other systems")]
fn name_of_user() -> io::Result<String> {
    // The temporary folder is the user's own.
    Ok("sailplan".to_owned())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on other systems")]
fn is_own(_: &fs::Metadata) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_file_is_held_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lock");
        assert!(!is_held(&path));
        let held = hold(&path).unwrap().unwrap();
        assert!(is_held(&path));
        assert!(hold(&path).unwrap().is_none());
        drop(held);
        assert!(!is_held(&path));
        assert!(hold(&path).unwrap().is_some());
    }

    #[test]
    fn a_link_is_not_followed() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = folder.path().join("a.lock");
        symlink(outside.path().join("made"), &path).unwrap();
        assert_eq!(hold(&path).unwrap_err().to_string(), "it is not a regular file");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn only_old_temporary_files_that_nobody_holds_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in [".sailplan-old", ".sailplan-held", ".sailplan-new", "receipt.json"] {
            fs::write(path(name), "").unwrap();
        }
        let old = std::time::SystemTime::now() - 2 * YOUNG;
        for name in [".sailplan-old", ".sailplan-held", "receipt.json"] {
            File::options().append(true).open(path(name)).unwrap().set_modified(old).unwrap();
        }
        let _held = hold(&path(".sailplan-held")).unwrap().unwrap();
        remove_leftovers(folder.path());
        let left: Vec<_> = super::super::files_in(folder.path());
        assert_eq!(left, [".sailplan-held", ".sailplan-new", "receipt.json"].map(path));
    }

    #[test]
    fn the_folder_of_a_user_is_the_users_own() {
        let folder = tempfile::tempdir().unwrap();
        let own = user_folder(Some(folder.path().to_owned())).unwrap();
        assert_eq!(own, folder.path().join("sailplan"));
        assert_eq!(own.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        fs::set_permissions(&own, fs::Permissions::from_mode(0o777)).unwrap();
        let told = private_folder(&own).unwrap_err().to_string();
        assert_eq!(told, "it belongs to another user, or others can write to it");
        fs::remove_dir(&own).unwrap();
        symlink("/tmp", &own).unwrap();
        assert!(private_folder(&own).is_err());
    }
}
