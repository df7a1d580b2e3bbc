//! Files that sailplan writes again and again: an output replaces only what sailplan itself wrote there.

use std::cell::Cell;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::STANDARD_OUTPUT;
use super::read::{Content, read};
use super::write::{Rights, create_filled, put_filled};
use crate::text::paths::real_path;
use crate::text::repository::leads_out;

/// Why a file cannot be an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Taken {
    /// The run reads it, or writes something else to it.
    #[error("this file is an input, or another output")]
    Used,
    /// A symbolic link without a file at its end.
    #[error("this link leads nowhere")]
    BrokenLink,
    /// A link, or a folder that is one, leads out of the repository.
    #[error("a symbolic link leads out of the repository")]
    LeadsOut,
    /// It holds something that sailplan did not write there.
    #[error("the file exists and was not written by sailplan")]
    Foreign,
    /// A folder.
    #[error("this is a folder")]
    Folder,
    /// A pipe or a socket: opening it waits for a reader that may never come.
    #[error("this is not a regular file")]
    Special,
}

impl Taken {
    /// Returns what to do: what the run reads is not to be deleted.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Taken::Foreign => "name another file, or delete that one first",
            Taken::BrokenLink => "name another file, or delete the link first",
            Taken::Used | Taken::LeadsOut | Taken::Folder | Taken::Special => "name another file",
        }
    }
}

impl From<Taken> for io::Error {
    fn from(taken: Taken) -> io::Error {
        io::Error::new(io::ErrorKind::AlreadyExists, taken)
    }
}

/// A file that an output may be written to.
pub struct Output<'a> {
    path: PathBuf,
    ours: Box<dyn Fn(&str) -> bool + 'a>,
    /// The SHA-256 of what was there when it was claimed; `None` if that was nothing.
    claimed: Option<Digest>,
}

type Digest = sha2::digest::Output<Sha256>;

impl<'a> Output<'a> {
    /// Takes `path` for an output: there is no file yet, it is empty, `ours` says of its text that sailplan wrote it, or
    /// it is a device.
    ///
    /// # Errors
    ///
    /// It is something else, or one of the files in `used`.
    pub fn claim(path: &Path, used: &[PathBuf], ours: impl Fn(&str) -> bool + 'a) -> Result<Output<'a>, Taken> {
        let whole = real_path(path);
        if used.iter().any(|other| real_path(other) == whole) {
            return Err(Taken::Used);
        }
        let claimed = Cell::new(None);
        target(path, |path| {
            holds(path, |text| {
                claimed.set(Some(Sha256::digest(text.as_bytes())));
                ours(text)
            })
        })?;
        Ok(Output { path: path.to_owned(), ours: Box::new(ours), claimed: claimed.into_inner() })
    }

    /// Writes the output, which `fill` writes piece by piece; if it fails, the file stays as it was. Whether the file is still
    /// free is looked up again: time may have passed.
    ///
    /// # Errors
    ///
    /// The file or its folder cannot be written, or was taken meanwhile, or `fill` fails.
    pub fn write(&self, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        // A large document is not read again only to be known again.
        let unchanged = |path: &Path| self.claimed.is_some() && digest(path).ok() == self.claimed;
        let ours = |path: &Path| unchanged(path) || holds(path, &self.ours);
        replace_filled(&self.path, fill, Rights::Normal, ours)
    }
}

/// Returns whether a file is empty, or `ours` says of its text that sailplan wrote it.
fn holds(path: &Path, ours: impl Fn(&str) -> bool) -> bool {
    read(path, Content::Document).is_ok_and(|source| source.text.is_empty() || ours(&source.text))
}

fn digest(path: &Path) -> io::Result<Digest> {
    let mut hasher = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(hasher.finalize())
}

/// Replaces a file of which `ours` says, by its text, that sailplan wrote it, or writes a new one with `rights`. A
/// symbolic link stays; what it leads to is replaced.
///
/// # Errors
///
/// There is something else, or the file or its folder cannot be written.
pub fn replace(path: &Path, text: &str, rights: Rights, ours: impl Fn(&str) -> bool) -> io::Result<()> {
    replace_filled(path, |file| file.write_all(text.as_bytes()), rights, |path| holds(path, ours))
}

fn replace_filled(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    rights: Rights,
    ours: impl FnOnce(&Path) -> bool,
) -> io::Result<()> {
    match target(path, ours)? {
        Target::New => create_filled(path, rights, fill),
        Target::Ours => put_filled(&path.canonicalize()?, fill),
        Target::Device => {
            // Standard output may be a file: what it has already stays.
            let mut device = BufWriter::new(OpenOptions::new().append(true).open(path)?);
            fill(&mut device)?;
            device.flush()
        }
    }
}

/// As [`replace`], of a file that is there, with a text that `fill` writes piece by piece.
///
/// # Errors
///
/// It is gone, there is something else, or it cannot be written.
pub fn replace_existing(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ours: impl Fn(&str) -> bool,
) -> io::Result<()> {
    match target(path, |path| holds(path, ours))? {
        Target::Ours => put_filled(&path.canonicalize()?, fill),
        Target::New => Err(io::Error::new(io::ErrorKind::NotFound, "the file is gone")),
        Target::Device => Err(Taken::Special.into()),
    }
}

enum Target {
    New,
    Ours,
    Device,
}

fn target(path: &Path, ours: impl FnOnce(&Path) -> bool) -> Result<Target, Taken> {
    let Ok(found) = fs::metadata(path) else {
        return match path.is_symlink() {
            true => Err(Taken::BrokenLink),
            false if leads_out(path) => Err(Taken::LeadsOut),
            false => Ok(Target::New),
        };
    };
    let in_dev = || path.starts_with("/dev") || real_path(path).starts_with("/dev");
    if found.is_dir() {
        Err(Taken::Folder)
    } else if is_stream(path) || (is_device(&found) && in_dev()) {
        Ok(Target::Device)
    } else if leads_out(path) {
        Err(Taken::LeadsOut)
    } else if !found.is_file() {
        Err(Taken::Special)
    } else if ours(path) {
        Ok(Target::Ours)
    } else {
        Err(Taken::Foreign)
    }
}

/// Returns whether a path is a name of something that the process has open already, such as standard output.
fn is_stream(path: &Path) -> bool {
    let named = [STANDARD_OUTPUT, "/dev/stderr"].iter().any(|stream| path == Path::new(stream));
    named || ["/dev/fd", "/proc/self/fd"].iter().any(|folder| path.parent() == Some(Path::new(folder)))
}

#[cfg(unix)]
fn is_device(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    found.file_type().is_char_device() || found.file_type().is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_what_is_ours_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for (name, text) in [("ours", "ours, old"), ("empty", ""), ("mine", "mine"), ("input", "ours, and an input")] {
            fs::write(path(name), text).unwrap();
        }
        symlink(path("ours"), path("link")).unwrap();
        symlink(path("nowhere"), path("broken")).unwrap();
        symlink(path("input"), path("link-to-input")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
        let used = [path("input")];
        let claim = |name: &str| Output::claim(&path(name), &used, |text: &str| text.starts_with("ours"));
        for (name, taken) in [
            ("mine", Taken::Foreign),
            ("input", Taken::Used),
            ("link-to-input", Taken::Used),
            ("broken", Taken::BrokenLink),
            (".", Taken::Folder),
            ("pipe", Taken::Special),
        ] {
            assert_eq!(claim(name).err(), Some(taken), "{name}");
        }
        for name in ["ours", "empty", "link", "new", "folder/new", "/dev/null", "/dev/stdout"] {
            claim(name).ok().unwrap().write(|_| Ok(())).unwrap();
            assert!(name.starts_with("/dev") || fs::read_to_string(path(name)).unwrap().is_empty(), "{name}");
        }
        assert!(path("link").is_symlink());
        assert_eq!(fs::read_to_string(path("mine")).unwrap(), "mine");
    }

    #[test]
    fn an_output_that_fails_in_the_middle_leaves_the_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("old"), "ours, old").unwrap();
        for name in ["old", "new"] {
            let output =
                Output::claim(&folder.path().join(name), &[], |text: &str| text.starts_with("ours")).ok().unwrap();
            let failed = output.write(|file| {
                file.write_all(&[b'x'; 100_000])?;
                Err(io::Error::other("cannot be rendered"))
            });
            assert_eq!(failed.unwrap_err().to_string(), "cannot be rendered");
        }
        assert_eq!(fs::read_to_string(folder.path().join("old")).unwrap(), "ours, old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_was_taken_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        let output = Output::claim(&path, &[], |_: &str| false).ok().unwrap();
        fs::write(&path, "mine").unwrap();
        let taken = output.write(|file| file.write_all(b"ours"));
        assert_eq!(taken.unwrap_err().to_string(), "the file exists and was not written by sailplan");
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }

    #[test]
    fn what_is_as_it_was_claimed_is_known_again_without_being_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        fs::write(&path, "ours, old").unwrap();
        let looks = Cell::new(0);
        let ours = |text: &str| {
            looks.set(looks.get() + 1);
            text.starts_with("ours")
        };
        let output = Output::claim(&path, &[], ours).ok().unwrap();
        output.write(|file| file.write_all(b"ours, new")).unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), looks.get()), ("ours, new", 1));
        // What is there now is not what was claimed.
        output.write(|file| file.write_all(b"ours, newer")).unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), looks.get()), ("ours, newer", 2));
        fs::write(&path, "mine").unwrap();
        assert!(output.write(|file| file.write_all(b"ours")).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }
}
