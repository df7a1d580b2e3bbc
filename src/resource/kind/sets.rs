//! Sets of text: order and repetition mean nothing, so values are kept sorted and each member once.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::Kind;
use super::moves::{self, Move};
use crate::text::problem::line_column;
use crate::text::reader::{Reader, quote};
use crate::text::yaml::{self, Node};

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

    fn examples(&self) -> &'static [&'static str] {
        &["[ae735f40-4de9-4163-801d-4a1444e59d35]", "[{id: ae735f40-4de9-4163-801d-4a1444e59d35, name: Domain Admins}]"]
    }

    fn moves(&self) -> Vec<Move> {
        moves::of_members("38439bbc-264b-447b-acac-a182a466b0e9", "ae735f40-4de9-4163-801d-4a1444e59d35")
    }

    fn schema(&self) -> Value {
        let id = json!({"description": "The id of an entitlement.", "type": "string", "pattern": "^\\S(.*\\S)?$"});
        json!({"type": "array", "items": {"oneOf": [
            id,
            {
                "type": "object",
                "required": ["id"],
                "additionalProperties": false,
                "properties": {
                    "id": id,
                    "name": {"type": "string", "pattern": "\\S", "description": "For readers; never sent."},
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
        let mut seen: HashMap<String, &Node<'_>> = HashMap::new();
        for item in items {
            match &item.value {
                yaml::Value::Text { text, .. } if is_address(text) => {
                    match seen.entry(text.to_lowercase()) {
                        Entry::Occupied(first) => repeated(item, first.get(), "this address", reader),
                        Entry::Vacant(place) => {
                            place.insert(item);
                        }
                    }
                    addresses.push(text.to_string());
                }
                yaml::Value::Text { text, .. } => {
                    let what = format!("{} is not an e-mail address", quote(text));
                    reader.invalid::<()>(item, "email", &what, &address_hint(text));
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

    fn examples(&self) -> &'static [&'static str] {
        &["[security@example.com]"]
    }

    fn moves(&self) -> Vec<Move> {
        moves::of_members("audit@example.com", "security@example.com")
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
    let mut seen: HashMap<&str, &Node<'_>> = HashMap::with_capacity(ids.len());
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
        match seen.entry(id) {
            Entry::Occupied(first) => repeated(node, first.get(), "this id", reader),
            Entry::Vacant(place) => {
                place.insert(node);
                if !(usual && is_plain(id)) || id.len() == 32 {
                    folded.insert(fold(id));
                }
            }
        }
    }
    if folded.is_empty() {
        return;
    }
    let mut first: HashMap<String, (&str, &Node<'_>)> = HashMap::new();
    for (node, id) in ids {
        let key = fold(id);
        if !folded.contains(&key) {
            continue;
        }
        match first.get(&key) {
            Some((other, place)) if other != id => {
                let (line, _) = line_column(&reader.place(&place.span));
                let what = format!(
                    "this id differs from {} on line {line} only in letter case or dashes, and both are sent",
                    quote(other)
                );
                reader.warn(node, "similar-id", &what, "keep the spelling that the tenant shows and delete the other");
            }
            Some(_) => {}
            None => {
                first.insert(key, (id, node));
            }
        }
    }
}

/// Repetition changes nothing, so it is only noted.
fn repeated(node: &Node<'_>, first: &Node<'_>, what: &str, reader: &mut Reader) {
    let (line, _) = line_column(&reader.place(&first.span));
    let message = format!("{what} stands on line {line} already");
    reader.note(&node.span, "duplicate-member", &message, "delete one of the two; it is sent once");
}

/// Returns what to write instead of text that is no address.
fn address_hint(text: &str) -> String {
    let inside = text.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(address, _)| address);
    if let Some(address) = inside.or(Some(text.trim())).filter(|address| is_address(address)) {
        return format!("write only the address: {address}");
    }
    if text.split([',', ';']).filter(|part| is_address(part.trim())).count() > 1 {
        return "write each address as an item of its own".to_owned();
    }
    "write it as name@example.com".to_owned()
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
