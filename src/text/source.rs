//! Files to text: regular files only, of bounded size, in UTF-8.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use crate::text::printable::printable;
use crate::text::problem::Problem;
use crate::text::yaml::Source;

/// Largest file that is read, in bytes.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;

impl Source {
    /// Returns text that is in memory already as a source called `name`. A leading byte order mark
    /// is dropped.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Arc::new(Self { name: name.into(), text })
    }

    /// Reads the file at `path`, which messages call `name`.
    ///
    /// # Errors
    ///
    /// One problem when there is no such file, when it is not a regular file (a named pipe is
    /// refused, not waited for), cannot be read, is larger than [`MAX_BYTES`], is not UTF-8, or
    /// holds a NUL character.
    pub fn read(path: &Path, name: &str) -> Result<Arc<Self>, Problem> {
        Self::read_regular(path, name).map_err(|problem| match problem.place {
            Some(_) => problem,
            // There is no line to show, and reports still name the file.
            None => problem.at(Self::new(name, "").place(0..0)),
        })
    }

    fn read_regular(path: &Path, name: &str) -> Result<Arc<Self>, Problem> {
        // Before opening: opening a named pipe waits until somebody writes to it.
        regular(&fs::metadata(path).map_err(|error| unreadable(name, &error))?, name)?;
        let file = File::open(path).map_err(|error| unreadable(name, &error))?;
        // And after: the name may mean another file by now.
        regular(&file.metadata().map_err(|error| unreadable(name, &error))?, name)?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(name, &error))?;
        Source::from_bytes(bytes, name)
    }

    /// Returns the bytes of a file, which messages call `name`, as a source.
    ///
    /// # Errors
    ///
    /// There are more than [`MAX_BYTES`], they are not UTF-8, or hold a NUL character.
    pub fn from_bytes(bytes: Vec<u8>, name: &str) -> Result<Arc<Self>, Problem> {
        if bytes.len() as u64 > MAX_BYTES { Err(too_large(name)) } else { decode(bytes, name) }
    }
}

/// Says that a file is over [`MAX_BYTES`].
pub(crate) fn too_large(name: &str) -> Problem {
    let limit = MAX_BYTES / (1024 * 1024);
    Problem::error("file-too-large", format!("`{}` is larger than {limit} MiB", printable(name)))
        .help("split it into several files and list them one after the other")
}

fn regular(metadata: &fs::Metadata, name: &str) -> Result<(), Problem> {
    let shown = printable(name);
    if metadata.is_file() {
        Ok(())
    } else if metadata.is_dir() {
        Err(Problem::error("file-not-regular", format!("`{shown}` is a directory")).help("name a file in it"))
    } else {
        Err(Problem::error("file-not-regular", format!("`{shown}` is not a regular file"))
            .help("write the text to a file and name that; pipes, sockets and devices are not read"))
    }
}

fn unreadable(name: &str, error: &io::Error) -> Problem {
    // ELOOP; the standard library has no stable name for it yet.
    let link_loop = if cfg!(target_os = "linux") { 40 } else { 62 };
    let shown = printable(name);
    if cfg!(unix) && error.raw_os_error() == Some(link_loop) {
        return Problem::error("file-link-loop", format!("`{shown}` is a symbolic link that leads back to itself"))
            .help("point the link at a file");
    }
    match error.kind() {
        io::ErrorKind::NotFound => Problem::error("file-missing", format!("there is no file `{shown}`")).help(
            "check the spelling; relative names start at the working directory or, in \
                a workspace, at its folder",
        ),
        io::ErrorKind::NotADirectory => {
            Problem::error("file-missing", format!("there is no file `{shown}`: a part of its path is not a directory"))
                .help("check the spelling of the path")
        }
        io::ErrorKind::PermissionDenied => {
            Problem::error("file-permission", format!("no permission to read `{shown}`"))
                .help("let this user read the file and enter its folder, for example with `chmod`")
        }
        _ => Problem::error("file-unreadable", format!("`{shown}` cannot be read: {}", printable(&error.to_string())))
            .help("check the name and the disk, then run the command again"),
    }
}

fn decode(bytes: Vec<u8>, name: &str) -> Result<Arc<Source>, Problem> {
    if let Some(encoding) = wide_encoding(&bytes) {
        return Err(Problem::error("file-encoding", format!("`{}` is {encoding}, not UTF-8", printable(name)))
            .help("save it as UTF-8 in the editor, or convert it with `iconv -t UTF-8`"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => {
            let source = Source::new(name, text);
            match source.text.find('\0') {
                None => Ok(source),
                Some(at) => Err(Problem::error("file-nul", "the file contains a NUL character")
                    .at(source.place(at..at + 1))
                    .label("here")
                    .help("remove it; settings are text")),
            }
        }
        Err(error) => Err(not_utf8(&error, name)),
    }
}

/// The text up to the bad byte and, with replacement characters, the rest of its line: enough to
/// show the place.
fn not_utf8(error: &std::string::FromUtf8Error, name: &str) -> Problem {
    let bytes = error.as_bytes();
    let (valid, rest) = bytes.split_at(error.utf8_error().valid_up_to());
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let bad = rest.first().copied().unwrap_or_default();
    let mut text = String::from_utf8_lossy(valid).into_owned();
    let before_mark = text.len();
    text.push_str(&String::from_utf8_lossy(line));
    let source = Source::new(name, text);
    let start = before_mark - if valid.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    Problem::error("file-encoding", "the file is not valid UTF-8")
        .at(source.place(start..start + char::REPLACEMENT_CHARACTER.len_utf8()))
        .label(format!("byte 0x{bad:02x} begins no UTF-8 character"))
        .help("save it as UTF-8 in the editor, or convert it with `iconv -f WINDOWS-1252 -t UTF-8`")
}

/// Names UTF-16 and UTF-32 by their byte order mark, or by where the zero bytes of a first ASCII
/// character stand.
fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] => Some("UTF-32 (little endian)"),
        [0, 0, 0xfe, 0xff, ..] => Some("UTF-32 (big endian)"),
        [0xff, 0xfe, ..] => Some("UTF-16 (little endian)"),
        [0xfe, 0xff, ..] => Some("UTF-16 (big endian)"),
        [first, 0, 0, 0, ..] if *first != 0 => Some("UTF-32 (little endian)"),
        [0, 0, 0, first, ..] if *first != 0 => Some("UTF-32 (big endian)"),
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => Some("UTF-16 (little endian)"),
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => Some("UTF-16 (big endian)"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::problem::{Render, render};

    fn drawn(problem: Problem) -> String {
        render(&[problem], &Render { color: false, width: 120 })
    }

    fn read(bytes: &[u8]) -> String {
        match decode(bytes.to_vec(), "s.yaml") {
            Ok(source) => source.text.clone(),
            Err(problem) => drawn(problem),
        }
    }

    #[test]
    fn a_byte_order_mark_is_dropped_and_line_ends_are_kept() {
        assert_eq!(read(b"\xef\xbb\xbfa: 1\r\nb: \xc3\xa9\r\n"), "a: 1\r\nb: é\r\n");
        assert_eq!(read(b""), "");
        assert_eq!(read(b"a"), "a");
    }

    #[test]
    fn other_encodings_are_named() {
        let wide = |bytes: &[u8]| read(bytes).lines().next().unwrap().to_owned();
        for (bytes, encoding) in [
            (&b"\xff\xfea\0:\0"[..], "UTF-16 (little endian)"),
            (b"\xfe\xff\0a\0:", "UTF-16 (big endian)"),
            (b"a\0:\0 \0", "UTF-16 (little endian)"),
            (b"\0a\0:\0 ", "UTF-16 (big endian)"),
            (b"\xff\xfe\0\0a\0\0\0", "UTF-32 (little endian)"),
            (b"\0\0\xfe\xff\0\0\0a", "UTF-32 (big endian)"),
            (b"a\0\0\0:\0\0\0", "UTF-32 (little endian)"),
            (b"\0\0\0a\0\0\0:", "UTF-32 (big endian)"),
        ] {
            assert_eq!(wide(bytes), format!("error[file-encoding]: `s.yaml` is {encoding}, not UTF-8"));
        }
    }

    #[test]
    fn the_first_byte_that_is_not_utf8_is_shown_in_its_line() {
        assert_eq!(
            read(b"\xef\xbb\xbfa: 1\nname: caf\xe9 \xff x\nb: 2\n"),
            "\
error[file-encoding]: the file is not valid UTF-8
 --> s.yaml:2:10
  |
2 | name: caf� � x
  |          ^ byte 0xe9 begins no UTF-8 character
  |
  = help: save it as UTF-8 in the editor, or convert it with `iconv -f WINDOWS-1252 -t UTF-8`
"
        );
        assert_eq!(
            read(b"a: \xf0\x9f\x98"),
            "\
error[file-encoding]: the file is not valid UTF-8
 --> s.yaml:1:4
  |
1 | a: �
  |    ^ byte 0xf0 begins no UTF-8 character
  |
  = help: save it as UTF-8 in the editor, or convert it with `iconv -f WINDOWS-1252 -t UTF-8`
"
        );
    }

    #[test]
    fn a_nul_character_is_shown() {
        assert_eq!(
            read(b"a: 1\nb: x\0y\n"),
            "\
error[file-nul]: the file contains a NUL character
 --> s.yaml:2:5
  |
2 | b: x\\u{0}y
  |     ^^^^^ here
  |
  = help: remove it; settings are text
"
        );
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
            assert_eq!(drawn(unreadable("a\nb", &kind.into())), told);
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("s.yaml"), "a: 1").unwrap();
        fs::File::create(path("huge")).unwrap().set_len(MAX_BYTES + 1).unwrap();
        std::os::unix::fs::symlink(path("loop"), path("loop")).unwrap();
        std::os::unix::fs::symlink(path("s.yaml"), path("link")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(path("pipe")).status().unwrap();
        assert!(pipe.success());
        let told = |name: &str| match Source::read(&path(name), name) {
            Ok(source) => source.text.clone(),
            Err(problem) => format!("{}: {}", problem.rule, problem.message),
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
