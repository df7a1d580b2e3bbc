//! The bytes of a file to text: UTF-8, with or without a byte order mark; every other encoding is named.

use std::sync::Arc;

use crate::text::printable::printable;
use crate::text::problem::{Problem, rules};
use crate::text::source::Source;

/// Returns the bytes of a file, which messages call `name`, as a source.
///
/// # Errors
///
/// They are not UTF-8, or hold a NUL character.
pub(in crate::text) fn decode(bytes: Vec<u8>, name: &str) -> Result<Arc<Source>, Problem> {
    if let Some(encoding) = wide_encoding(&bytes) {
        return Err(Problem::error(rules::FILE_ENCODING, format!("`{}` is {encoding}, not UTF-8", printable(name)))
            .help("save it as UTF-8 in the editor, or convert it with `iconv -t UTF-8`"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => {
            let source = Source::new(name, text);
            match source.text.find('\0') {
                None => Ok(source),
                Some(at) => Err(Problem::error(rules::FILE_NUL, "the file contains a NUL character")
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
    Problem::error(rules::FILE_ENCODING, "the file is not valid UTF-8")
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
}
