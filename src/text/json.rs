//! JSON texts: what one may cost before it is read, in one pass over its bytes that builds nothing, and how one goes to a log.

use std::borrow::Cow;

use serde::Serialize;

use crate::text::printable::printable_json;

/// `serde_json` reads an object with one of these keys as a number or as raw text, and writes it back as that.
const PRIVATE_KEYS: &str = "$serde_json::private::";

/// Limits of a JSON text.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most values: a value takes many times the bytes of `0,`.
    pub values: usize,
    /// Most objects and lists inside each other. `serde_json` reads 128, and what is read is stored inside other documents.
    pub depth: usize,
}

/// What a JSON text has too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Excess {
    /// Too many values.
    #[error("it holds more than {0} values")]
    Values(usize),
    /// Too many objects and lists inside each other.
    #[error("its objects and lists stand more than {0} deep inside each other")]
    Depth(usize),
    /// A key that would not be kept.
    #[error("it has a key that begins with {PRIVATE_KEYS}, which cannot be kept as it is")]
    PrivateKey,
}

impl Bounds {
    /// Checks a text that should be JSON; whether it is does not matter here.
    ///
    /// # Errors
    ///
    /// See [`Excess`].
    pub fn check(self, json: &[u8]) -> Result<(), Excess> {
        let (mut values, mut depth) = (1_usize, 0_usize);
        let mut at = 0;
        while let Some(byte) = json.get(at) {
            at += 1;
            match byte {
                b'"' => {
                    let end = end_of_string(json, at);
                    if is_private(json.get(at..end).unwrap_or_default()) {
                        return Err(Excess::PrivateKey);
                    }
                    at = end + 1;
                }
                b',' => values += 1,
                b'[' | b'{' => (values, depth) = (values + 1, depth + 1),
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if values > self.values {
                return Err(Excess::Values(self.values));
            }
            if depth > self.depth {
                return Err(Excess::Depth(self.depth));
            }
        }
        Ok(())
    }
}

/// The place of the quotation mark that ends the string whose content starts at `from`; the end of the text without one.
pub(crate) fn end_of_string(json: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(next) = json.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        if json.get(at + next) == Some(&b'"') {
            return at + next;
        }
        at += next + 2;
    }
    json.len()
}

/// Such a text is refused as a value, too: no setting has it.
fn is_private(string: &[u8]) -> bool {
    let written: Cow<'_, str> = match string.first() {
        Some(b'$') => String::from_utf8_lossy(string),
        Some(b'\\') => {
            let quoted = [b"\"", string, b"\""].concat();
            serde_json::from_slice::<String>(&quoted).unwrap_or_default().into()
        }
        _ => return false,
    };
    if written.contains('\\') {
        let quoted = format!("\"{written}\"");
        return serde_json::from_str::<String>(&quoted).is_ok_and(|text| text.starts_with(PRIVATE_KEYS));
    }
    written.starts_with(PRIVATE_KEYS)
}

/// Returns a document as JSON for a log: nothing in it is a command or acts on a terminal, and it says the same. What
/// `log_line` would do to it would break the escapes of JSON.
///
/// # Errors
///
/// It cannot be written as JSON.
pub fn harmless<T: Serialize>(document: &T) -> serde_json::Result<String> {
    Ok(format!("{}\n", printable_json(&serde_json::to_string_pretty(document)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_depth_and_private_keys_are_bounded() {
        let bounds = Bounds { values: 4, depth: 2 };
        for (json, expected) in [
            ("[1,2,3]", Ok(())),
            ("[1,2,3,4]", Err(Excess::Values(4))),
            ("[[],[],[]]", Err(Excess::Values(4))),
            ("[\",,,,,,[[[[{{\\\",,,\"]", Ok(())),
            ("[[[]]]", Err(Excess::Depth(2))),
            ("[[]]", Ok(())),
            ("{\"$serde_json::private::Number\":\"1\"}", Err(Excess::PrivateKey)),
            ("{\"\\u0024serde_json::private::RawValue\":\"1\"}", Err(Excess::PrivateKey)),
            ("{\"$serde\\u005fjson::private::Number\":\"1\"}", Err(Excess::PrivateKey)),
            ("{\"$schema\":\"x\"}", Ok(())),
            ("\"unfinished \\", Ok(())),
            ("", Ok(())),
        ] {
            assert_eq!(bounds.check(json.as_bytes()), expected, "{json}");
        }
    }
}
