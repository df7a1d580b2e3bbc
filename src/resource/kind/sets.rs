//! Sets of text: order and repetition mean nothing, so values are kept sorted and each member once.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::Kind;
use crate::reader::Reader;
use crate::yaml::{self, Node};

/// Entitlement ids, compared exactly. SailPoint documents them as UUIDs and answers 32 hex digits elsewhere, so they
/// stay opaque text.
#[derive(Debug)]
pub struct EntitlementIds;

/// E-mail addresses, compared without regard to letter case.
#[derive(Debug)]
pub struct Recipients;

impl Kind for EntitlementIds {
    fn expects(&self) -> &'static str {
        "a list of entitlement ids"
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        let yaml::Value::List(items) = &node.value else { return reader.mismatch(node, self.expects()) };
        let mut ids: Vec<(&Node<'_>, &str)> = Vec::with_capacity(items.len());
        for item in items {
            if let Some((place, id)) = reader.entitlement(item) {
                ids.push((place, id));
            }
        }
        if ids.len() < items.len() {
            return None;
        }
        check_ids(&ids, reader);
        Some(sorted(ids.into_iter().map(|(_, id)| id.to_owned()).collect()))
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        strings(live).map(sorted)
    }

    fn show(&self, value: &Value) -> String {
        counted(value, self.members())
    }

    fn schema(&self) -> Value {
        let id = json!({"type": "string", "pattern": "^\\S(.*\\S)?$"});
        json!({"type": "array", "items": {"oneOf": [
            id,
            {
                "type": "object",
                "required": ["id"],
                "additionalProperties": false,
                "properties": {
                    "id": id,
                    "name": {"type": "string", "description": "For readers; never sent."},
                },
            },
        ]}})
    }

    fn is_set(&self) -> bool {
        true
    }

    fn members(&self) -> (&'static str, &'static str) {
        ("entitlement", "entitlements")
    }

    fn guards_emptying(&self) -> bool {
        true
    }

    fn expects_ceiling(&self) -> &'static str {
        MEMBERS
    }

    fn read_ceiling(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        read_members(node, reader)
    }

    fn ceiling_schema(&self) -> Value {
        json!({"description": MEMBERS, "type": "integer", "minimum": 0})
    }

    fn within(&self, value: &Value, ceiling: &Value) -> Option<bool> {
        members_within(value, ceiling)
    }

    fn show_ceiling(&self, ceiling: &Value) -> String {
        show_members(ceiling, self.members())
    }
}

impl Kind for Recipients {
    fn expects(&self) -> &'static str {
        "a list of e-mail addresses"
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        let yaml::Value::List(items) = &node.value else { return reader.mismatch(node, self.expects()) };
        let mut addresses = Vec::with_capacity(items.len());
        for item in items {
            match &item.value {
                yaml::Value::Text { text, .. } if is_address(text) => addresses.push(text.to_string()),
                yaml::Value::Text { .. } => {
                    reader.invalid::<()>(item, "email", "is not an e-mail address", "write it as name@example.com");
                }
                _ => {
                    reader.mismatch::<()>(item, "an e-mail address");
                }
            }
        }
        (addresses.len() == items.len()).then(|| sorted(distinct(addresses, str::to_lowercase)))
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        strings(live).map(|addresses| sorted(distinct(addresses, str::to_lowercase)))
    }

    fn same(&self, one: &Value, other: &Value) -> bool {
        let folded = |value: &Value| -> HashSet<String> {
            value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_lowercase).collect()
        };
        folded(one) == folded(other)
    }

    fn show(&self, value: &Value) -> String {
        counted(value, self.members())
    }

    fn schema(&self) -> Value {
        json!({"type": "array", "items": {"type": "string", "pattern": ADDRESS}})
    }

    fn is_set(&self) -> bool {
        true
    }

    fn members(&self) -> (&'static str, &'static str) {
        ("recipient", "recipients")
    }

    fn member_key(&self, member: &str) -> String {
        member.to_lowercase()
    }

    fn expects_ceiling(&self) -> &'static str {
        MEMBERS
    }

    fn read_ceiling(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        read_members(node, reader)
    }

    fn ceiling_schema(&self) -> Value {
        json!({"description": MEMBERS, "type": "integer", "minimum": 0})
    }

    fn within(&self, value: &Value, ceiling: &Value) -> Option<bool> {
        members_within(value, ceiling)
    }

    fn show_ceiling(&self, ceiling: &Value) -> String {
        show_members(ceiling, self.members())
    }
}

/// A set has no order, so its ceiling is how many members it may have.
const MEMBERS: &str = "a whole number of members, 0 or more";

fn read_members(node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
    let yaml::Value::Number(text) = node.value else { return reader.mismatch(node, MEMBERS) };
    match reader.integer(node, text, MEMBERS)? {
        number if number < 0 => reader.invalid(node, "number-range", &format!("must be {MEMBERS}"), ""),
        number => Some(Value::from(number)),
    }
}

fn members_within(value: &Value, ceiling: &Value) -> Option<bool> {
    Some(value.as_array()?.len() as u64 <= ceiling.as_u64()?)
}

fn show_members(ceiling: &Value, (one, many): (&str, &str)) -> String {
    if ceiling == &Value::from(1) { format!("1 {one}") } else { format!("{ceiling} {many}") }
}

/// [`is_address`] as a regular expression of JSON Schema.
const ADDRESS: &str = "^(\"[^\"\\r\\n]+\"|[^\\s@\",;<>]+)@[^\\s@\",;<>.]+(\\.[^\\s@\",;<>.]+)*$";

/// One `@` between something and a domain. Whether mail arrives is for the mail system to say.
fn is_address(text: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "@\",;<>".contains(c));
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let quoted = local
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .is_some_and(|inner| !inner.is_empty() && !inner.contains(['"', '\r', '\n']));
    (quoted || plain(local)) && plain(domain) && domain.split('.').all(|label| !label.is_empty())
}

fn check_ids(ids: &[(&Node<'_>, &str)], reader: &mut Reader) {
    let mut seen: HashSet<&str> = HashSet::with_capacity(ids.len());
    // Only ids that differ as text and agree without dashes and letter case are suspicious.
    let mut folded: HashSet<String> = HashSet::new();
    for (node, id) in ids {
        let usual = is_usual_id(id);
        if !usual {
            reader.warn(
                node,
                "id-form",
                "this id is neither 32 hexadecimal digits nor a UUID",
                "check it in the tenant; it is sent exactly as written",
            );
        }
        if !seen.insert(id) {
            reader.warn(node, "duplicate-member", "this id is listed twice", "delete one of the lines");
        } else if !(usual && is_plain(id)) || id.len() == 32 {
            folded.insert(fold(id));
        }
    }
    if folded.is_empty() {
        return;
    }
    let mut first: std::collections::HashMap<String, &str> = std::collections::HashMap::new();
    for (node, id) in ids {
        let key = fold(id);
        if folded.contains(&key) {
            match first.get(&key) {
                Some(other) if other != id => reader.warn(
                    node,
                    "similar-id",
                    &format!("this id differs from {other} only in letter case or dashes, and both are sent"),
                    "keep the spelling that the tenant shows",
                ),
                Some(_) => {}
                None => {
                    first.insert(key, id);
                }
            }
        }
    }
}

fn fold(id: &str) -> String {
    id.chars().filter(|c| *c != '-').flat_map(char::to_lowercase).collect()
}

/// Lower-case digits only: the form that needs no second look.
fn is_plain(id: &str) -> bool {
    !id.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_usual_id(id: &str) -> bool {
    let dash = |index: usize| matches!(index, 8 | 13 | 18 | 23);
    match id.len() {
        32 => id.bytes().all(|byte| byte.is_ascii_hexdigit()),
        36 => id.bytes().enumerate().all(|(at, byte)| if dash(at) { byte == b'-' } else { byte.is_ascii_hexdigit() }),
        _ => false,
    }
}

fn strings(live: &Value) -> Option<Vec<String>> {
    live.as_array()?.iter().map(|member| member.as_str().map(str::to_owned)).collect()
}

/// Of members with the same key the first in sorted order stays, whatever order they came in.
fn distinct(mut members: Vec<String>, key: impl Fn(&str) -> String) -> Vec<String> {
    members.sort_unstable();
    let mut seen = HashSet::new();
    members.into_iter().filter(|member| seen.insert(key(member))).collect()
}

fn sorted(mut members: Vec<String>) -> Value {
    members.sort_unstable();
    members.dedup();
    Value::Array(members.into_iter().map(Value::String).collect())
}

fn counted(value: &Value, (one, many): (&str, &str)) -> String {
    match value.as_array().map_or(0, Vec::len) {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_agree_with_their_schema() {
        let schema = jsonschema::validator_for(&json!({"type": "string", "pattern": ADDRESS})).unwrap();
        for (text, good) in [
            ("owner@example.com", true),
            ("a.b+c@mail", true),
            ("\"odd name\"@example.com", true),
            ("owner", false),
            ("@example.com", false),
            ("a@b@c", false),
            ("a b@example.com", false),
            ("a@example..com", false),
            ("a@b.com, c@d.com", false),
            ("Owner <owner@example.com>", false),
            ("", false),
        ] {
            assert_eq!((is_address(text), schema.is_valid(&json!(text))), (good, good), "{text}");
        }
    }
}
