//! Ids of people, groups, forms and entitlements. SailPoint answers UUIDs and 32 hexadecimal digits, and documents no form
//! for all of them, so another form is only warned of.

use std::ops::Range;

use crate::text::problem::rules;
use crate::text::reader::Reader;

/// Warns of an id that does not look like one, such as a name or an e-mail address.
pub(super) fn check(span: &Range<u32>, id: &str, reader: &mut Reader) {
    if !is_usual(id) {
        reader.warn_at(
            span,
            rules::ID_FORM,
            "this id is neither 32 hexadecimal digits nor a UUID",
            "check it in the tenant; it is sent exactly as written",
        );
    }
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
