//! Ids of people, groups, forms and entitlements. SailPoint answers UUIDs and 32 hexadecimal digits, and documents no form
//! for all of them, so another form is only warned of.

use std::ops::Range;

use crate::text::problem::rules;
use crate::text::reader::Reader;

/// Warns of an id that does not look like one, such as a name or an e-mail address.
pub(super) fn check(span: &Range<u32>, id: &str, reader: &mut Reader) {
    if is_usual(id) {
        return;
    }
    let (what, help) = if id.contains('@') {
        ("this is an e-mail address, and an id belongs here", "write the id that the tenant shows")
    } else if id.trim().contains(char::is_whitespace) {
        ("this is a name, and an id belongs here", "write the id that the tenant shows")
    } else {
        ("this id is neither 32 hexadecimal digits nor a UUID", "check it in the tenant")
    };
    reader.warn_at(span, rules::ID_FORM, what, &format!("{help}; it is sent exactly as written"));
}

/// Returns whether an id has one of the two forms that SailPoint answers.
pub(super) fn is_usual(id: &str) -> bool {
    let dash = |index: usize| matches!(index, 8 | 13 | 18 | 23);
    match id.len() {
        32 => id.bytes().all(|byte| byte.is_ascii_hexdigit()),
        36 => id.bytes().enumerate().all(|(at, byte)| if dash(at) { byte == b'-' } else { byte.is_ascii_hexdigit() }),
        _ => false,
    }
}
