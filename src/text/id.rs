//! The two forms of id that SailPoint answers.

/// Returns whether a text is 32 hexadecimal digits or a UUID.
#[must_use]
pub fn is_usual(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes.len() {
        32 => bytes.iter().all(u8::is_ascii_hexdigit),
        36 => {
            let dashes = [8, 13, 18, 23].iter().all(|at| bytes.get(*at) == Some(&b'-'));
            // Without a branch for each byte: lists have a million of them.
            let digits = bytes.iter().fold(0, |digits, byte| digits + u8::from(byte.is_ascii_hexdigit()));
            dashes && digits == 32
        }
        _ => false,
    }
}

/// Returns an id without its dashes and in lower case: two that differ only in that may be one.
#[must_use]
pub fn without_case_or_dashes(id: &str) -> String {
    id.chars().filter(|letter| *letter != '-').flat_map(char::to_lowercase).collect()
}
