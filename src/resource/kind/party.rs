//! Who approves: an identity, a governance group, or a role of the request such as the owner of the source; alone or as an
//! ordered list.

use serde_json::{Map, Value, json};

use super::Kind;
use super::moves::{self, Move};
use super::steps::in_a_sentence;
use crate::resource::reference::Reference;
use crate::text::problem::rules;
use crate::text::reader::{Reader, quote};
use crate::text::yaml::{self, Node};

/// The keys of an approver's id and type; the API spells them in two ways.
#[derive(Clone, Copy, Debug)]
struct Keys {
    id: &'static str,
    kind: &'static str,
}

const ALONE: Keys = Keys { id: "identityID", kind: "type" };
const LISTED: Keys = Keys { id: "identityId", kind: "identityType" };

/// The types of approver that have an id of their own. SailPoint lists some 40 more and adds to them, so other words are
/// taken as they are.
const WITH_ID: [&str; 2] = ["IDENTITY", "GOVERNANCE_GROUP"];

/// One approver.
#[derive(Debug)]
pub struct Party;

/// Approvers in their order.
#[derive(Debug)]
pub struct Chain;

impl Kind for Party {
    fn expects(&self) -> &'static str {
        "an approver such as {identityID: 5168015d32f890ca15812c9180835d2e, type: IDENTITY}"
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        read(node, ALONE, self.expects(), reader)
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        canonical(live, ALONE)
    }

    fn onto(&self, live: &Value, value: &Value) -> Value {
        onto(live, value, ALONE)
    }

    fn show(&self, value: &Value) -> String {
        words(value, ALONE)
    }

    fn references<'v>(&self, value: &'v Value) -> Vec<Reference<'v>> {
        reference(value, ALONE).into_iter().collect()
    }

    fn schema(&self) -> Value {
        schema(ALONE)
    }

    fn examples(&self) -> &'static [&'static str] {
        &["{identityID: 5168015d32f890ca15812c9180835d2e, type: IDENTITY}", "{type: MANAGER_OF}"]
    }

    fn moves(&self) -> Vec<Move> {
        let identity = |id: &str| party(ALONE, Some(id), "IDENTITY");
        moves::of_choices(&identity("5168015d32f890ca15812c9180835d2e"), &identity("2c91808568c529c60168cca6f90c1313"))
    }
}

impl Kind for Chain {
    fn expects(&self) -> &'static str {
        "a list of approvers such as {identityType: MANAGER_OF}"
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        let yaml::Value::List(items) = &node.value else { return reader.mismatch(node, self.expects()) };
        let expects = "an approver such as {identityType: MANAGER_OF}";
        let read: Vec<Option<Value>> = items.iter().map(|item| read(item, LISTED, expects, reader)).collect();
        read.into_iter().collect::<Option<Vec<Value>>>().map(Value::Array)
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        live.as_array()?.iter().map(|item| canonical(item, LISTED)).collect::<Option<Vec<Value>>>().map(Value::Array)
    }

    fn onto(&self, live: &Value, value: &Value) -> Value {
        let (Some(live), Some(parties)) = (live.as_array(), value.as_array()) else { return value.clone() };
        let mut left: Vec<&Value> = live.iter().collect();
        let mut kept = |party: &Value| {
            let at = left.iter().position(|live| canonical(live, LISTED).as_ref() == Some(party))?;
            Some(super::merged(left.remove(at), party))
        };
        parties.iter().map(|party| kept(party).unwrap_or_else(|| party.clone())).collect()
    }

    fn show(&self, value: &Value) -> String {
        let parties: Vec<String> = value.as_array().into_iter().flatten().map(|item| words(item, LISTED)).collect();
        if parties.is_empty() { "no approver".to_owned() } else { parties.join(", then ") }
    }

    fn references<'v>(&self, value: &'v Value) -> Vec<Reference<'v>> {
        value.as_array().into_iter().flatten().filter_map(|party| reference(party, LISTED)).collect()
    }

    fn schema(&self) -> Value {
        json!({"type": "array", "items": schema(LISTED)})
    }

    fn examples(&self) -> &'static [&'static str] {
        &[
            "[{identityType: MANAGER_OF}, {identityType: GOVERNANCE_GROUP, identityId: 2c91808568c529c60168cca6f90c1313}]",
            "[]",
        ]
    }

    fn moves(&self) -> Vec<Move> {
        let chain = |kinds: &[&str]| -> Value { kinds.iter().map(|kind| party(LISTED, None, kind)).collect() };
        let (one, other) = ("MANAGER_OF", "SOURCE_OWNER");
        vec![
            Move::new("an approver added", chain(&[one]), chain(&[one, other])),
            Move::new("an approver removed", chain(&[one, other]), chain(&[one])),
            Move::new("another approver", chain(&[one]), chain(&[other])),
            Move::new("emptied", chain(&[one]), chain(&[])),
        ]
    }

    fn is_list(&self) -> bool {
        true
    }
}

fn read(node: &Node<'_>, keys: Keys, expects: &str, reader: &mut Reader) -> Option<Value> {
    let yaml::Value::Map(entries) = &node.value else { return reader.mismatch(node, expects) };
    let (mut kind, mut id, mut good) = (None, None, true);
    for (key, value) in entries {
        match (key.text.as_ref(), &value.value) {
            (text, _) if text == keys.kind => kind = Some((value, reader.text(value, "a type of approver")?)),
            (text, yaml::Value::Null) if text == keys.id => {}
            (text, _) if text == keys.id => {
                let text = reader.text(value, "the id of an identity or a governance group")?;
                super::id::check(&value.span, &text, reader);
                id = Some(text);
            }
            _ => {
                reader.unknown_key(key, [keys.id, keys.kind], "");
                good = false;
            }
        }
    }
    let Some((place, kind)) = kind else {
        let help = format!("add one, such as {}: IDENTITY", keys.kind);
        return reader.invalid(node, rules::MISSING_KEY, &format!("this approver has no `{}`", keys.kind), &help);
    };
    if !is_kind(&kind) {
        let help = "write a type as SailPoint does, such as IDENTITY or MANAGER_OF";
        return reader.invalid(
            place,
            rules::APPROVER_TYPE,
            &format!("{} is not a type of approver", quote(&kind)),
            help,
        );
    }
    if id.is_none() && WITH_ID.contains(&kind.as_str()) {
        let help = format!("add the id of the {}", if kind == "IDENTITY" { "identity" } else { "governance group" });
        return reader.invalid(node, rules::APPROVER_ID, &format!("{kind} needs an `{}`", keys.id), &help);
    }
    good.then(|| party(keys, id.as_deref(), &kind))
}

/// SailPoint writes every type in capitals.
fn is_kind(kind: &str) -> bool {
    !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

fn canonical(live: &Value, keys: Keys) -> Option<Value> {
    let id = match live.get(keys.id) {
        None | Some(Value::Null) => None,
        Some(id) => Some(id.as_str()?).filter(|id| !id.is_empty()),
    };
    Some(party(keys, id, live.get(keys.kind)?.as_str()?))
}

fn party(keys: Keys, id: Option<&str>, kind: &str) -> Value {
    let mut party = Map::new();
    party.extend(id.map(|id| (keys.id.to_owned(), id.into())));
    party.insert(keys.kind.to_owned(), kind.into());
    Value::Object(party)
}

fn reference(party: &Value, keys: Keys) -> Option<Reference<'_>> {
    let text = |key: &str| party.get(key).and_then(Value::as_str);
    Reference::to_approver(text(keys.kind)?, text(keys.id))
}

/// What is unknown of an approver belongs to that approver alone.
fn onto(live: &Value, value: &Value, keys: Keys) -> Value {
    if canonical(live, keys).as_ref() == Some(value) { super::merged(live, value) } else { value.clone() }
}

fn words(value: &Value, keys: Keys) -> String {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    let kind = in_a_sentence(text(keys.kind).unwrap_or_default());
    text(keys.id).map_or_else(|| kind.to_string(), |id| format!("{kind} {}", in_a_sentence(id)))
}

fn schema(keys: Keys) -> Value {
    json!({
        "type": "object",
        "required": [keys.kind],
        "additionalProperties": false,
        "if": {"properties": {keys.kind: {"enum": WITH_ID}}},
        "then": {"required": [keys.id], "properties": {keys.id: {"description": "The id.", "type": "string"}}},
        "properties": {
            keys.kind: {
                "description": "What approves: IDENTITY, GOVERNANCE_GROUP, or who the request makes it, such as MANAGER_OF.",
                "type": "string",
                "pattern": "^[A-Z_]+$",
            },
            keys.id: {
                "description": "The id of the identity or governance group.",
                "type": ["string", "null"],
                "pattern": "\\S",
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_came_later_is_kept() {
        let later = json!({"identityID": "7", "type": "PET_OF_OWNER", "brandNew": 1});
        let canonical = Party.canonical(&later).unwrap();
        assert_eq!(canonical, json!({"identityID": "7", "type": "PET_OF_OWNER"}));
        assert_eq!(Party.show(&canonical), "PET_OF_OWNER 7");
        assert_eq!(Party.onto(&later, &canonical), later);
        let other = json!({"identityID": "8", "type": "IDENTITY"});
        assert_eq!(Party.onto(&later, &other), other);
        for wrong in [json!("a"), json!({}), json!({"type": 1}), json!({"type": "IDENTITY", "identityID": 7})] {
            assert_eq!(Party.canonical(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_chain_keeps_what_it_does_not_know_where_the_approver_stays() {
        let live =
            json!([{"identityType": "MANAGER_OF", "x": 1}, {"identityId": "7", "identityType": "IDENTITY", "x": 2}]);
        let wanted = json!([{"identityId": "7", "identityType": "IDENTITY"}, {"identityType": "SOURCE_OWNER"}]);
        assert_eq!(
            Chain.onto(&live, &wanted),
            json!([{"identityId": "7", "identityType": "IDENTITY", "x": 2}, {"identityType": "SOURCE_OWNER"}])
        );
        assert_eq!(Chain.show(&wanted), "IDENTITY 7, then SOURCE_OWNER");
        assert_eq!(Chain.show(&json!([])), "no approver");
    }
}
