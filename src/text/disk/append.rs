//! Logs of whole lines, each on the disk before the next step is taken.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use super::write::{Rights, private, sync};
use crate::text::paths::folder_of;

/// Makes a folder that only the user can enter. Its parent is there.
///
/// # Errors
///
/// Something has that name already, or the folder cannot be made.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes a folder with those above it, where they are missing.
///
/// # Errors
///
/// A folder cannot be made.
pub fn create_folders(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// Adds a line to a private file, which is made if there is none, and syncs it: afterwards the whole line is on the disk, or
/// nothing of it.
///
/// # Errors
///
/// The file or its folder cannot be written.
pub fn append(path: &Path, line: &str) -> io::Result<()> {
    let is_new = path.symlink_metadata().is_err();
    let mut options = OpenOptions::new();
    options.append(true).create_new(is_new);
    private(&mut options, Rights::Private);
    let mut file = options.open(path)?;
    let length = file.metadata()?.len();
    if let Err(error) = file.write_all(format!("{line}\n").as_bytes()).and_then(|()| file.sync_data()) {
        // Half a line would spoil the next one.
        let _ = file.set_len(length);
        return Err(error);
    }
    if is_new { sync(folder_of(path)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn lines_are_added_to_a_private_file() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("log");
        create_folder(&inner).unwrap();
        assert_eq!(create_folder(&inner).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        let path = inner.join("prod.jsonl");
        append(&path, "one").unwrap();
        append(&path, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&inner), mode(&path)), (0o700, 0o600));
    }
}
