//! The only reader of files: regular files, of bounded size.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::decode::decode;
use super::{STANDARD_INPUT, shown};
use crate::text::printable::printable;
use crate::text::problem::{Problem, rules};
use crate::text::source::Source;

const MIB: u64 = 1024 * 1024;

/// What a file holds, which bounds its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// YAML: settings, a workspace, allowances.
    Yaml,
    /// A document that sailplan wrote: a plan, a receipt, a page.
    Document,
    /// Certificates in PEM form.
    Certificates,
}

impl Content {
    /// Returns the size of the largest file that is read, in bytes.
    pub fn max_bytes(self) -> u64 {
        match self {
            Content::Yaml => 64 * MIB,
            Content::Document => 256 * MIB,
            Content::Certificates => 16 * MIB,
        }
    }

    /// Says that the file called `name` is larger than [`Content::max_bytes`].
    pub(in crate::text) fn too_large(self, name: &str) -> Problem {
        let message = format!("`{}` is larger than {} MiB", printable(name), self.max_bytes() / MIB);
        Problem::error(rules::FILE_TOO_LARGE, message).help(match self {
            Content::Yaml => "split it into several files and list them one after the other",
            Content::Document | Content::Certificates => "check that this is the right file",
        })
    }
}

/// Reads a text file. A byte order mark is dropped.
///
/// # Errors
///
/// One problem if there is no such file, if it is not a regular file (a named pipe is refused, not waited for), cannot
/// be read, is larger than [`Content::max_bytes`], is not UTF-8, or holds a NUL character.
pub fn read(path: &Path, content: Content) -> Result<Arc<Source>, Problem> {
    let name = shown(path);
    let read = read_bytes(path, content).and_then(|bytes| decode(bytes, &name));
    read.map_err(|problem| match problem.place {
        Some(_) => problem,
        // There is no line to show, and reports still name the file.
        None => problem.at(Source::new(name, "").place(0..0)),
    })
}

/// Reads a file as it is.
///
/// # Errors
///
/// As for [`read`], whatever the bytes are.
pub fn read_bytes(path: &Path, content: Content) -> Result<Vec<u8>, Problem> {
    let bytes = read_start(path, content, content.max_bytes() + 1)?;
    if bytes.len() as u64 > content.max_bytes() { Err(content.too_large(&shown(path))) } else { Ok(bytes) }
}

/// Reads the first bytes of a file, at most `bytes`.
///
/// # Errors
///
/// There is no such file, it is not a regular file, or it cannot be read.
pub fn read_start(path: &Path, content: Content, bytes: u64) -> Result<Vec<u8>, Problem> {
    let unreadable = |error| unreadable(&shown(path), content, &error);
    if path == Path::new(STANDARD_INPUT) {
        return Ok(standard_input(bytes).map_err(unreadable)?.to_vec());
    }
    // Before opening: opening a named pipe waits until somebody writes to it.
    regular(&fs::metadata(path).map_err(unreadable)?, path)?;
    let file = File::open(path).map_err(unreadable)?;
    // And after: the name may mean another file by now.
    let metadata = file.metadata().map_err(unreadable)?;
    regular(&metadata, path)?;
    // One byte more than there is: the read that finds the end needs room for it.
    let room = usize::try_from(metadata.len().min(bytes)).unwrap_or_default() + 1;
    let mut start = Vec::with_capacity(room);
    file.take(bytes).read_to_end(&mut start).map_err(unreadable)?;
    Ok(start)
}

/// Returns the start of what standard input holds. It can be read once, and some files are looked at twice.
fn standard_input(bytes: u64) -> io::Result<&'static [u8]> {
    static HELD: OnceLock<Vec<u8>> = OnceLock::new();
    if let Some(held) = HELD.get() {
        return Ok(held);
    }
    let mut read = Vec::new();
    io::stdin().lock().take(bytes).read_to_end(&mut read)?;
    Ok(HELD.get_or_init(|| read))
}

fn regular(metadata: &fs::Metadata, path: &Path) -> Result<(), Problem> {
    if metadata.is_file() {
        return Ok(());
    }
    let name = shown(path);
    let shown = printable(&name);
    if metadata.is_dir() {
        Err(Problem::error(rules::FILE_NOT_REGULAR, format!("`{shown}` is a directory")).help("name a file in it"))
    } else {
        Err(Problem::error(rules::FILE_NOT_REGULAR, format!("`{shown}` is not a regular file"))
            .help("write the text to a file and name that; pipes, sockets and devices are not read"))
    }
}

pub(super) fn unreadable(name: &str, content: Content, error: &io::Error) -> Problem {
    // ELOOP; the standard library has no stable name for it yet.
    let link_loop = if cfg!(target_os = "linux") { 40 } else { 62 };
    let shown = printable(name);
    if cfg!(unix) && error.raw_os_error() == Some(link_loop) {
        return Problem::error(
            rules::FILE_LINK_LOOP,
            format!("`{shown}` is a symbolic link that leads back to itself"),
        )
        .help("point the link at a file");
    }
    match error.kind() {
        io::ErrorKind::NotFound => {
            Problem::error(rules::FILE_MISSING, format!("there is no file `{shown}`")).help(match content {
                Content::Yaml => {
                    "check the spelling; relative names start at the working directory or, in a workspace, at its folder"
                }
                Content::Document | Content::Certificates => "check the spelling of the path",
            })
        }
        io::ErrorKind::NotADirectory => {
            Problem::error(rules::FILE_MISSING, format!("there is no file `{shown}`: a part of its path is not a directory"))
                .help("check the spelling of the path")
        }
        io::ErrorKind::PermissionDenied => {
            Problem::error(rules::FILE_PERMISSION, format!("no permission to read `{shown}`"))
                .help("let this user read the file and enter its folder, for example with `chmod`")
        }
        _ => Problem::error(rules::FILE_UNREADABLE, format!("`{shown}` cannot be read: {}", printable(&error.to_string())))
            .help("check the name and the disk, then run the command again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::problem::{Render, render};

    fn drawn(problem: Problem) -> String {
        render(&[problem], &Render { color: false, width: 120 })
    }

    #[test]
    fn system_errors_are_told_in_plain_words() {
        for (kind, told) in [
            (
                io::ErrorKind::NotFound,
                "\
error[file-missing]: there is no file `a\\nb`
 |
 = help: check the spelling; relative names start at the working directory or, in a workspace, at its folder
",
            ),
            (
                io::ErrorKind::PermissionDenied,
                "\
error[file-permission]: no permission to read `a\\nb`
 |
 = help: let this user read the file and enter its folder, for example with `chmod`
",
            ),
            (
                io::ErrorKind::TimedOut,
                "\
error[file-unreadable]: `a\\nb` cannot be read: timed out
 |
 = help: check the name and the disk, then run the command again
",
            ),
        ] {
            assert_eq!(drawn(unreadable("a\nb", Content::Yaml, &kind.into())), told);
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("s.yaml"), "a: 1").unwrap();
        fs::File::create(path("huge")).unwrap().set_len(Content::Yaml.max_bytes() + 1).unwrap();
        std::os::unix::fs::symlink(path("loop"), path("loop")).unwrap();
        std::os::unix::fs::symlink(path("s.yaml"), path("link")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap();
        assert!(pipe.success());
        let told = |name: &str| match read(&path(name), Content::Yaml) {
            Ok(source) => source.text.clone(),
            Err(problem) => {
                format!("{}: {}", problem.rule, problem.message).replace(&format!("{}/", folder.path().display()), "")
            }
        };
        for (name, expected) in [
            ("s.yaml", "a: 1"),
            ("link", "a: 1"),
            (".", "file-not-regular: `.` is a directory"),
            ("pipe", "file-not-regular: `pipe` is not a regular file"),
            ("socket", "file-not-regular: `socket` is not a regular file"),
            ("loop", "file-link-loop: `loop` is a symbolic link that leads back to itself"),
            ("none", "file-missing: there is no file `none`"),
            ("s.yaml/x", "file-missing: there is no file `s.yaml/x`: a part of its path is not a directory"),
            ("huge", "file-too-large: `huge` is larger than 64 MiB"),
        ] {
            assert_eq!(told(name), expected);
        }
    }
}
