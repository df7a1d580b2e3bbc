//! Writing files whole or not at all: the text goes to a temporary file in the same folder, is synced, and takes the name
//! in one step. No error names the temporary file.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::text::paths::folder_of;
use crate::text::repository::leads_out;

/// What the names of temporary files begin with.
pub(super) const TEMPORARY: &str = ".sailplan-";

/// Who may read a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// Anyone that the umask allows.
    Normal,
    /// Only the user.
    Private,
}

/// Writes a new file, with its folders. Nothing is ever replaced.
///
/// # Errors
///
/// Something has that name already, a link on the way leads out of the repository, or the file or its folder cannot be written.
pub fn create(path: &Path, text: &str, rights: Rights) -> io::Result<()> {
    create_filled(path, rights, |file| file.write_all(text.as_bytes()))
}

/// As [`create`], with a text that `fill` writes piece by piece.
pub(super) fn create_filled(
    path: &Path,
    rights: Rights,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if leads_out(path) {
        let message = "a symbolic link leads out of the repository";
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
    }
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    stage(folder, rights, fill)?.persist_noclobber(path).map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => io::Error::new(io::ErrorKind::AlreadyExists, "the file exists"),
        _ => error.error,
    })?;
    sync(folder)
}

/// Puts a new file in the place of `target`, which is a regular file and no link. It keeps rights and owner.
pub(super) fn put(target: &Path, text: &str) -> io::Result<()> {
    persist(stage_like(target, |file| file.write_all(text.as_bytes()))?, target)
}

/// As [`put`], with a text that `fill` writes piece by piece.
pub(super) fn put_filled(target: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    persist(stage_like(target, fill)?, target)
}

/// Lets a staged file take the name `target`.
pub(super) fn persist(staged: NamedTempFile, target: &Path) -> io::Result<()> {
    staged.persist(target).map_err(|error| error.error)?;
    sync(folder_of(target))
}

/// Returns a synced file with what `fill` writes beside `target`, with its rights and owner.
pub(super) fn stage_like(
    target: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    let old = fs::metadata(target)?;
    // Private first, so that no other user can read a private text even for a moment.
    let staged = stage(folder_of(target), Rights::Private, fill)?;
    keep_owner(staged.as_file(), &old);
    staged.as_file().set_permissions(old.permissions())?;
    Ok(staged)
}

/// Returns a synced file with what `fill` writes in `folder`, ready to take its name.
fn stage(
    folder: &Path,
    rights: Rights,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<NamedTempFile> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private(&mut options, rights);
    // Opened and written here, because tempfile's own functions put the temporary name into the error.
    let staged = tempfile::Builder::new().prefix(TEMPORARY).make_in(folder, |path| options.open(path))?;
    // Held while it is written: what is not held any more is left over from a process that was killed.
    let _ = staged.as_file().try_lock();
    let mut writer = BufWriter::new(staged.as_file());
    fill(&mut writer)?;
    writer.flush()?;
    drop(writer);
    staged.as_file().sync_all()?;
    Ok(staged)
}

/// Lets files that are made with `options` have these rights.
pub(super) fn private(options: &mut OpenOptions, rights: Rights) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(
        options,
        match rights {
            Rights::Normal => 0o666,
            Rights::Private => 0o600,
        },
    );
    #[cfg(not(unix))]
    let _ = (options, rights);
}

/// Only root can give a file to another owner; for other users the new file is their own.
#[cfg(unix)]
fn keep_owner(file: &File, old: &Metadata) {
    use std::os::unix::fs::MetadataExt as _;
    let _ = std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) {}

/// A new name survives a power cut only after the folder is on disk as well. Windows cannot do that.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        create(&path("a/b/new.json"), "{}", Rights::Private).unwrap();
        assert_eq!(
            (fs::read_to_string(path("a/b/new.json")).unwrap().as_str(), mode(&path("a/b/new.json"))),
            ("{}", 0o600)
        );
        fs::write(path("mine"), "mine").unwrap();
        std::os::unix::fs::symlink(path("nowhere"), path("link")).unwrap();
        for name in ["mine", "link", "a"] {
            let error = create(&path(name), "{}", Rights::Normal).unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (io::ErrorKind::AlreadyExists, "the file exists"));
        }
        assert_eq!(fs::read_to_string(path("mine")).unwrap(), "mine");
        let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["a", "link", "mine"]);
    }

    #[test]
    fn a_replaced_file_keeps_its_rights() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.yaml");
        for rights in [0o600, 0o640, 0o644, 0o755] {
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(rights)).unwrap();
            put(&path, "new").unwrap();
            assert_eq!((fs::read_to_string(&path).unwrap().as_str(), mode(&path)), ("new", rights));
        }
    }
}
