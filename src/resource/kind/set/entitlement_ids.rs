//! Entitlement ids. SailPoint documents them as UUIDs and answers 32 hex digits elsewhere, so they stay opaque text and
//! are compared exactly.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::{Set, repeated, sort};
use crate::resource::kind::id;
use crate::resource::reference::Referent;
use crate::text::id::without_case_or_dashes;
use crate::text::problem::{line, rules};
use crate::text::reader::{Reader, quote};
use crate::text::yaml::Node;

/// Entitlement ids, compared exactly.
pub static ENTITLEMENT_IDS: Set = Set {
    expects: "a list of entitlement ids",
    members: ("entitlement", "entitlements"),
    fold: None,
    read,
    schema,
    referent: Some(Referent::Entitlement),
    guards_emptying: true,
    examples: &[
        "[ae735f40-4de9-4163-801d-4a1444e59d35]",
        "[{id: ae735f40-4de9-4163-801d-4a1444e59d35, name: Domain Admins}]",
    ],
    samples: ["38439bbc-264b-447b-acac-a182a466b0e9", "ae735f40-4de9-4163-801d-4a1444e59d35"],
};

fn read<'n>(items: &'n [Node<'_>], reader: &mut Reader) -> Option<Vec<&'n str>> {
    let mut ids: Vec<(&Node<'_>, &str)> = Vec::with_capacity(items.len());
    for item in items {
        if let Some((place, id)) = reader.entitlement(item) {
            ids.push((place, id));
        }
    }
    if ids.len() < items.len() {
        return None;
    }
    let mut sorted: Vec<&str> = ids.iter().map(|(_, id)| *id).collect();
    sort(&mut sorted);
    // Nothing to say of such a list, as long as it may be.
    let usual = sorted.iter().all(|id| id.len() == 36 && is_plain(id) && id::is_usual(id));
    let distinct = sorted.is_sorted_by(|id, next| id < next);
    let good = usual && distinct || check_ids(&ids, reader);
    good.then_some(sorted)
}

fn schema() -> Value {
    let id = json!({"description": "The id of an entitlement.", "type": "string", "pattern": "^\\S(.*\\S)?$"});
    json!({"oneOf": [
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
    ]})
}

/// Returns whether all of them can be sent.
fn check_ids(ids: &[(&Node<'_>, &str)], reader: &mut Reader) -> bool {
    let mut good = true;
    let mut seen: HashMap<&str, &Node<'_>> = HashMap::with_capacity(ids.len());
    // Only ids that differ as text and agree without dashes and letter case are suspicious.
    let mut folded: HashSet<String> = HashSet::new();
    for (node, text) in ids {
        let usual = id::is_usual(text);
        good &= id::check(&node.span, text, reader);
        let id = text;
        match seen.entry(id) {
            Entry::Occupied(first) => repeated(node, first.get(), "this id", reader),
            Entry::Vacant(place) => {
                place.insert(node);
                if !(usual && is_plain(id)) || id.len() == 32 {
                    folded.insert(without_case_or_dashes(id));
                }
            }
        }
    }
    if folded.is_empty() {
        return good;
    }
    let mut first: HashMap<String, (&str, &Node<'_>)> = HashMap::new();
    for (node, id) in ids {
        let key = without_case_or_dashes(id);
        if !folded.contains(&key) {
            continue;
        }
        match first.get(&key) {
            Some((other, place)) if other != id => {
                let line = line(&reader.place(&place.span));
                let what = format!(
                    "this id differs from {} on line {line} only in letter case or dashes, and both are sent",
                    quote(other)
                );
                reader.warn(
                    node,
                    rules::SIMILAR_ID,
                    &what,
                    "keep the spelling that the tenant shows and delete the other",
                );
            }
            Some(_) => {}
            None => {
                first.insert(key, (id, node));
            }
        }
    }
    good
}

/// Lower-case digits only: the form that needs no second look.
fn is_plain(id: &str) -> bool {
    !id.bytes().any(|byte| byte.is_ascii_uppercase())
}
