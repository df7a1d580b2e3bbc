//! Ids of people, groups, forms and entitlements. SailPoint answers UUIDs and 32 hexadecimal digits, and documents no form
//! for all of them, so another form is only warned of.

use std::ops::Range;

pub(super) use crate::text::id::is_usual;
use crate::text::problem::rules;
use crate::text::reader::Reader;

/// Warns of an id that does not look like one, such as a name or an e-mail address. Returns whether it can be sent: an id with
/// something around it, or several in one text, cannot have been meant.
pub(super) fn check(span: &Range<u32>, id: &str, reader: &mut Reader) -> bool {
    if is_usual(id) {
        return true;
    }
    if let Some(line) = reader.second_line(span) {
        let what = "this line belongs to the id above it: it has no dash, and is indented deeper";
        reader.error(rules::ID_ALONE, &line, what, "", "write each id as an item of its own: - ID");
        return false;
    }
    let found = within(id);
    if let Some((first, others)) = found.split_first() {
        let (what, help) = if others.is_empty() {
            ("this is more than an id", format!("write only the id: {first}"))
        } else {
            ("these are several ids in one text", "write each id as an item of its own".to_owned())
        };
        reader.error(rules::ID_ALONE, span, what, "", &help);
        return false;
    }
    let (what, help) = if id.contains('@') {
        ("this is an e-mail address, and an id belongs here", "write the id that the tenant shows")
    } else if id.trim().contains(char::is_whitespace) {
        ("this is a name, and an id belongs here", "write the id that the tenant shows")
    } else {
        ("this id is neither 32 hexadecimal digits nor a UUID", "check it in the tenant")
    };
    reader.warn_at(span, rules::ID_FORM, what, &format!("{help}; it is sent exactly as written"));
    true
}

/// Returns the ids that stand in a text with something around them.
fn within(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').filter(|part| is_usual(part)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_what_stands_around_them() {
        const ID: &str = "ae735f40-4de9-4163-801d-4a1444e59d35";
        for (text, number) in [
            ("'ID'", 1),
            ("{ID}", 1),
            ("urn:uuid:ID", 1),
            ("Domain Admins (ID)", 1),
            ("https://acme.identitynow.com/entitlements/ID?x=1", 1),
            ("ID ; ID", 2),
            ("ID|ID", 2),
            ("Domain Admins", 0),
            ("prefix-ID", 0),
        ] {
            let text = text.replace("ID", ID);
            assert_eq!(within(&text), vec![ID; number], "{text}");
        }
    }
}
