//! Documents that outlive a run, plans and receipts, as text: a version that tells what can be read, and a checksum that
//! tells what was changed by hand or on the way. The checksum is no signature: who can write the file can write it too,
//! so nothing that is read is ever sent without being held against the catalogue, the checkout and the live state.

use std::io::{self, Write};

use serde::de::DeserializeOwned;
use serde::ser::{Error as _, SerializeMap as _, SerializeSeq as _};
use serde::{Deserialize, Serialize};
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::text::json::Bounds;
use crate::text::printable::printable_json;
use crate::text::secrets;

/// The key that holds the checksum: the last one of the document.
const CHECKSUM: &str = "checksum";

/// What a document may hold: several times the largest that a tenant may answer.
const BOUNDS: Bounds = Bounds { values: 10_000_000, depth: 127 };

/// What a document is called, and the version of its format that this sailplan reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Such as "plan".
    pub name: &'static str,
    /// Such as `1.0`. Another first number is another format.
    pub version: &'static str,
}

/// Why a file is not a document that this sailplan can use.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unreadable {
    /// Not JSON, cut short, or not of the format.
    #[error("the file is not a saved {name}, or was cut short: {reason}")]
    Broken {
        /// What it should be.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Made by a later sailplan.
    #[error("the {} has format {found}, and this sailplan reads {}", format.name, format.version)]
    Newer {
        /// What this sailplan reads.
        format: Format,
        /// What the file says.
        found: String,
    },
    /// Changed after it was saved.
    #[error("the {name} was changed after it was saved: its {what} does not fit the rest")]
    Edited {
        /// What the file is.
        name: &'static str,
        /// Which of its marks shows it.
        what: &'static str,
    },
}

/// A document with its checksum as its last key, ready to be written.
#[derive(Serialize)]
pub struct Sealed<'a, T> {
    #[serde(flatten)]
    document: &'a T,
    checksum: String,
}

impl<'a, T: Serialize> Sealed<'a, T> {
    /// Works out the checksum of a document. The document is never in the memory as JSON.
    ///
    /// # Errors
    ///
    /// It holds a secret, or cannot be written as JSON.
    pub fn of(document: &'a T) -> serde_json::Result<Sealed<'a, T>> {
        let mut writer = io::BufWriter::with_capacity(1 << 16, Sha256::new());
        let mut looking = Looking::default();
        document.serialize(&mut Serializer::with_formatter(&mut writer, &mut looking))?;
        if looking.found {
            return Err(holds_secret());
        }
        writer.flush().map_err(serde_json::Error::io)?;
        Ok(Sealed { document, checksum: format!("sha256:{:x}", writer.into_parts().0.finalize()) })
    }

    /// Writes the document, its checksum last.
    ///
    /// # Errors
    ///
    /// `writer` takes no more.
    pub fn write(&self, writer: &mut dyn Write) -> io::Result<()> {
        write_pretty(self, writer)
    }
}

fn write_pretty<T: Serialize>(document: &T, writer: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(Printable(&mut *writer), document)?;
    writer.write_all(b"\n")
}

/// Returns a document as text, its checksum last.
///
/// # Errors
///
/// It cannot be written as JSON.
pub fn to_text<T: Serialize>(document: &T) -> serde_json::Result<String> {
    let mut text = Vec::new();
    Sealed::of(document)?.write(&mut text).map_err(serde_json::Error::io)?;
    String::from_utf8(text).map_err(serde_json::Error::custom)
}

/// Returns a document as one line, its checksum last.
///
/// # Errors
///
/// It cannot be written as JSON.
pub fn write_line<T: Serialize>(document: &T) -> serde_json::Result<String> {
    let mut line = Vec::new();
    serde_json::to_writer(Printable(&mut line), &Sealed::of(document)?)?;
    String::from_utf8(line).map_err(serde_json::Error::custom)
}

/// Checks that a value may be stored.
fn without_secrets(value: &Value) -> serde_json::Result<()> {
    if secrets::value_holds(value) { Err(holds_secret()) } else { Ok(()) }
}

fn holds_secret() -> serde_json::Error {
    serde_json::Error::custom("it would hold a token or a client secret")
}

/// Writes JSON on one line, and looks for secrets in its texts and keys.
#[derive(Default)]
struct Looking {
    search: secrets::Search,
    /// What there is so far of the text that is being written.
    text: String,
    found: bool,
}

impl Formatter for &mut Looking {
    fn begin_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.text.clear();
        CompactFormatter.begin_string(writer)
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        self.text.push_str(fragment);
        CompactFormatter.write_string_fragment(writer, fragment)
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        self.text.push(match escape {
            CharEscape::Quote => '"',
            CharEscape::ReverseSolidus => '\\',
            CharEscape::Solidus => '/',
            CharEscape::Backspace => '\u{8}',
            CharEscape::FormFeed => '\u{c}',
            CharEscape::LineFeed => '\n',
            CharEscape::CarriageReturn => '\r',
            CharEscape::Tab => '\t',
            CharEscape::AsciiControl(byte) => char::from(byte),
        });
        CompactFormatter.write_char_escape(writer, escape)
    }

    fn end_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.found |= self.search.finds_in(&self.text);
        CompactFormatter.end_string(writer)
    }
}

/// Reads a line that [`write_line`] wrote; `None` if it was cut short or changed.
pub fn read_line<T: DeserializeOwned>(line: &str) -> Option<T> {
    let mut value: Value = serde_json::from_str(line).ok()?;
    let claimed = value.get(CHECKSUM).and_then(Value::as_str).map(str::to_owned);
    let sum = checksum(&mut value);
    if claimed == Some(sum) { serde_json::from_value(value).ok() } else { None }
}

/// A document whose list of parts is too long for the memory: each part is made when it is written, and made again for the
/// checksum.
pub struct Parts<'a, T> {
    /// The document, with anything where its list is.
    pub document: Map<String, Value>,
    /// The key of the list.
    pub list: &'static str,
    /// How many parts there are.
    pub length: usize,
    /// Makes one of them.
    pub part: &'a dyn Fn(usize) -> io::Result<T>,
}

impl<T: Serialize> Parts<'_, T> {
    /// Writes the document as [`Sealed::write`] would, its checksum last.
    ///
    /// # Errors
    ///
    /// A part cannot be made, or `writer` takes no more.
    pub fn write(mut self, writer: &mut dyn Write) -> io::Result<()> {
        self.document.shift_remove(CHECKSUM);
        self.document.values().try_for_each(without_secrets)?;
        let mut sum = Sha256::new();
        serde_json::to_writer(&mut sum, &self)?;
        self.document.insert(CHECKSUM.to_owned(), format!("sha256:{:x}", sum.finalize()).into());
        write_pretty(&self, writer)
    }
}

impl<T: Serialize> Serialize for Parts<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.document.len()))?;
        for (key, value) in &self.document {
            if key == self.list {
                map.serialize_entry(key, &List(self))?;
            } else {
                map.serialize_entry(key, value)?;
            }
        }
        map.end()
    }
}

struct List<'a, 'b, T>(&'a Parts<'b, T>);

impl<T: Serialize> Serialize for List<'_, '_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.length))?;
        for number in 0..self.0.length {
            list.serialize_element(&(self.0.part)(number).map_err(S::Error::custom)?)?;
        }
        list.end()
    }
}

/// Writes JSON that is safe to show. serde_json hands over whole pieces of strings, never half a character.
struct Printable<'a>(&'a mut dyn Write);

impl Write for Printable<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let text = std::str::from_utf8(piece).map_err(io::Error::other)?;
        self.0.write_all(printable_json(text).as_bytes())?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Reads a document and checks version and checksum.
///
/// # Errors
///
/// See [`Unreadable`].
pub fn read<T: DeserializeOwned>(text: &str, format: Format) -> Result<T, Unreadable> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Head {
        format_version: String,
    }
    let broken = |error: serde_json::Error| Unreadable::Broken { name: format.name, reason: error.to_string() };
    if text.trim_start().starts_with(|first| first != '{') {
        return Err(Unreadable::Broken { name: format.name, reason: "it is not a JSON object".to_owned() });
    }
    BOUNDS
        .check(text.as_bytes())
        .map_err(|excess| Unreadable::Broken { name: format.name, reason: excess.to_string() })?;
    let head: Head = serde_json::from_str(text).map_err(broken)?;
    let major = |version: &str| version.split('.').next().map(str::to_owned);
    if major(&head.format_version) != major(format.version) {
        return Err(Unreadable::Newer { format, found: head.format_version });
    }
    // Over the JSON as it stands, so that what a later version added is covered as well.
    if !has_its_checksum(serde_json::from_str(text).map_err(broken)?) {
        return Err(Unreadable::Edited { name: format.name, what: CHECKSUM });
    }
    serde_json::from_str(text).map_err(broken)
}

/// Takes the document, so that it is in the memory only once when it is read.
fn has_its_checksum(mut document: Value) -> bool {
    let claimed = document.get(CHECKSUM).and_then(Value::as_str).map(str::to_owned);
    claimed == Some(checksum(&mut document))
}

fn checksum(document: &mut Value) -> String {
    if let Value::Object(entries) = document {
        entries.shift_remove(CHECKSUM);
    }
    sha256_of(document)
}

/// Returns the SHA-256 of a value written as JSON, as [`sha256`] of that text would be; the text is never in the memory.
pub fn sha256_of<T: Serialize>(value: &T) -> String {
    let mut writer = io::BufWriter::with_capacity(1 << 16, Sha256::new());
    // Hashing does not fail, and neither does writing what was read from JSON.
    let _ = serde_json::to_writer(&mut writer, value);
    let _ = writer.flush();
    format!("sha256:{:x}", writer.into_parts().0.finalize())
}

/// Returns the SHA-256 of a text, as `sha256:` and hex digits.
pub fn sha256(text: &str) -> String {
    format!("sha256:{:x}", Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FORMAT: Format = Format { name: "note", version: "1.2" };

    fn note() -> Value {
        json!({"formatVersion": "1.2", "text": "one", "number": 1.50})
    }

    #[test]
    fn what_was_written_is_read_in_any_layout() {
        let text = to_text(&note()).unwrap();
        let mut written = note();
        written["checksum"] = serde_json::from_str::<Value>(&text).unwrap()["checksum"].clone();
        assert_eq!(read(&text, FORMAT), Ok(written.clone()));
        assert_eq!(read(&written.to_string(), FORMAT), Ok(written));
    }

    #[test]
    fn a_digest_needs_no_text() {
        let long = json!([note(), "é".repeat(100_000), 12.50, null]);
        assert_eq!(sha256_of(&long), sha256(&long.to_string()));
    }

    #[test]
    fn a_line_is_read_whole_or_not_at_all() {
        let line = write_line(&note()).unwrap();
        assert_eq!(line.lines().count(), 1);
        assert_eq!(read_line(&line), Some(note()));
        assert_eq!(read_line::<Value>(&line[..line.len() - 1]), None);
        assert_eq!(read_line::<Value>(&line.replace("one", "two")), None);
    }

    #[test]
    fn a_document_in_parts_is_written_as_a_whole_one() {
        let parts = [json!({"name": "a\u{202e}##[b", "number": 1.50}), json!({"empty": {}, "list": [], "null": null})];
        let document = json!({"formatVersion": "1.2", "list": parts, "text": "one ##[x", "none": {}});
        let Value::Object(mut head) = document.clone() else { panic!() };
        head.insert("list".to_owned(), json!([]));
        let part = |number: usize| Ok(parts[number].clone());
        let mut written = Vec::new();
        Parts { document: head, list: "list", length: parts.len(), part: &part }.write(&mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), to_text(&document).unwrap());
    }

    #[test]
    fn a_document_with_a_secret_is_not_written() {
        crate::text::secrets::hold("held-by-the-test-of-seals");
        let note = json!({"formatVersion": "1.2", "text": ["held-by-the-test%2Dof-seals"]});
        let refusal = "it would hold a token or a client secret";
        assert_eq!(to_text(&note).unwrap_err().to_string(), refusal);
        assert_eq!(write_line(&note).unwrap_err().to_string(), refusal);
    }

    #[test]
    fn every_byte_that_means_something_counts() {
        let text = to_text(&note()).unwrap();
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'7' { b'8' } else { b'7' };
            let changed = String::from_utf8(bytes).unwrap();
            if serde_json::from_str::<Value>(&changed).ok() != serde_json::from_str::<Value>(&text).ok() {
                assert!(read::<Value>(&changed, FORMAT).is_err(), "byte {at}");
            }
        }
    }

    #[test]
    fn versions_and_rubbish_are_told_apart() {
        let read = |document: Value| read::<Value>(&document.to_string(), FORMAT);
        assert_eq!(
            read(json!({"formatVersion": "2.0"})),
            Err(Unreadable::Newer { format: FORMAT, found: "2.0".into() })
        );
        assert_eq!(read(note()), Err(Unreadable::Edited { name: "note", what: "checksum" }));
        let missing = "missing field `formatVersion` at line 1 column 2".to_owned();
        assert_eq!(read(json!({})), Err(Unreadable::Broken { name: "note", reason: missing }));
    }
}
