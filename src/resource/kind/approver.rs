//! The approver of last resort: a reference to an identity.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Kind;
use super::moves::{self, Move};
use crate::resource::reference::{self, Reference};
use crate::text::problem::rules;
use crate::text::reader::{Reader, quote};
use crate::text::yaml::{self, Node};

/// A reference that is compared by `id` and `type`; `name` and `email` are the API's to fill in.
#[derive(Debug)]
pub struct Approver;

const EXPECTS: &str = "a reference such as {id: 5168015d32f890ca15812c9180835d2e, type: IDENTITY}";

impl Kind for Approver {
    fn expects(&self) -> &'static str {
        EXPECTS
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        let yaml::Value::Map(entries) = &node.value else {
            return reader.unlike(node, rules::VALUE_KIND, EXPECTS, "write {id: ID}");
        };
        let (mut id, mut kind, mut name, mut good) = (None, Some("IDENTITY".to_owned()), None, true);
        for (key, value) in entries {
            match key.text.as_ref() {
                "id" => {
                    id = reader.text(value, "the id of an identity");
                    good &= id.as_deref().is_none_or(|text| super::id::check(&value.span, text, reader));
                }
                "type" => kind = reader.text(value, "IDENTITY"),
                // Copied from the API with the rest; null is what it answers for an identity without an address.
                "name" | "email" if matches!(value.value, yaml::Value::Null) => {}
                label @ ("name" | "email") => {
                    let text = reader.text(value, "text for readers");
                    good &= text.is_some();
                    if label == "name" {
                        name = text;
                    }
                }
                _ => {
                    reader.unknown_key(key, ["id", "type", "name", "email"], "");
                    good = false;
                }
            }
        }
        if yaml::entry(entries, "id").is_none() {
            return reader.invalid(
                node,
                rules::MISSING_KEY,
                "this reference has no `id`",
                "write the identity's id, or null for no approver",
            );
        }
        if let Some(other) = kind.as_deref().filter(|kind| *kind != "IDENTITY") {
            let node = yaml::entry(entries, "type").map_or(node, |(_, value)| value);
            return reader.invalid(
                node,
                rules::APPROVER_TYPE,
                &format!("{} is not a type of approver", quote(other)),
                "write IDENTITY, or delete the line",
            );
        }
        good.then_some(())?;
        let (id, kind) = (id?, kind?);
        reader.names.extend(name.map(|name| (id.clone(), name)));
        Some(reference_to(&id, &kind))
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        let live = live.as_object()?;
        let kind = match live.get("type") {
            None | Some(Value::Null) => "IDENTITY",
            Some(kind) => kind.as_str()?,
        };
        match live.get("id") {
            None | Some(Value::Null) if !described(live) => Some(Value::Null),
            Some(Value::String(id)) if id.is_empty() && !described(live) => Some(Value::Null),
            id => id?.as_str().map(|id| reference_to(id, kind)),
        }
    }

    fn is_unset(&self, node: &Node<'_>) -> bool {
        super::is_object_of(node, |key, value| match key {
            "id" => is_blank(value),
            "type" => {
                matches!(&value.value, yaml::Value::Null)
                    || matches!(&value.value, yaml::Value::Text { text, .. } if text == "IDENTITY")
            }
            "name" | "email" => matches!(&value.value, yaml::Value::Null),
            _ => false,
        })
    }

    fn unset_schema(&self) -> Option<Value> {
        Some(json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "id": {"description": "No identity.", "enum": [null, ""]},
                "type": {"description": "What the id would belong to.", "enum": [null, "IDENTITY"]},
                "name": {"description": "No name.", "type": "null"},
                "email": {"description": "No address.", "type": "null"},
            },
        }))
    }

    fn onto(&self, live: &Value, value: &Value) -> Value {
        let mut merged = super::merged(live, value);
        if live.get("id") != value.get("id")
            && let Some(object) = merged.as_object_mut()
        {
            // They describe the identity that stood there before; the API fills in those of the new one.
            object.shift_remove("name");
            object.shift_remove("email");
        }
        merged
    }

    fn show(&self, value: &Value) -> String {
        let part = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        match part("type") {
            "IDENTITY" => part("id").to_owned(),
            kind => format!("{} ({kind})", part("id")),
        }
    }

    fn references<'v>(&self, value: &'v Value) -> Vec<Reference<'v>> {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        text("type").and_then(|kind| Reference::to_approver(kind, text("id"))).into_iter().collect()
    }

    fn with_names(&self, value: &Value, names: &BTreeMap<String, String>) -> Value {
        reference::with_names(value, names, reference::named)
    }

    /// The type is left out where it goes without saying. A name and an address belong to one identity, so they go with
    /// the id.
    fn write(&self, value: &Value, like: Option<&Node<'_>>) -> Value {
        let mut written = value.clone();
        let Some(object) = written.as_object_mut() else { return written };
        let old = match like.map(|node| &node.value) {
            Some(yaml::Value::Map(entries)) => entries.as_slice(),
            _ => &[],
        };
        let old = |key: &str| yaml::entry(old, key).map(|(_, value)| &value.value);
        let text = |value: Option<&yaml::Value<'_>>| match value {
            Some(yaml::Value::Text { text, .. }) => Some(Value::from(text.as_ref())),
            Some(yaml::Value::Null) => Some(Value::Null),
            _ => None,
        };
        if old("type").is_none() && object.get("type").and_then(Value::as_str) == Some("IDENTITY") {
            object.shift_remove("type");
        }
        if text(old("id")).as_ref() == object.get("id") {
            for key in ["name", "email"] {
                object.extend(text(old(key)).map(|value| (key.to_owned(), value)));
            }
        }
        written
    }

    fn examples(&self) -> &'static [&'static str] {
        &[
            "{id: 5168015d32f890ca15812c9180835d2e, type: IDENTITY}",
            "{id: 5168015d32f890ca15812c9180835d2e, name: Ada Example}",
        ]
    }

    fn moves(&self) -> Vec<Move> {
        let identity = |id: &str| reference_to(id, "IDENTITY");
        moves::of_choices(&identity("5168015d32f890ca15812c9180835d2e"), &identity("2c91808568c529c60168cca6f90c1313"))
    }

    fn schema(&self) -> Value {
        json!({
            "type": "object",
            "required": ["id"],
            "additionalProperties": false,
            "properties": {
                "id": {"description": "The id of the identity.", "type": "string", "pattern": "\\S"},
                "type": {"description": "What the id belongs to; may be left out.", "enum": ["IDENTITY"]},
                "name": {"type": ["string", "null"], "pattern": "\\S", "description": "For readers; never sent."},
                "email": {"type": ["string", "null"], "pattern": "\\S", "description": "For readers; never sent."},
            },
        })
    }
}

fn is_blank(node: &Node<'_>) -> bool {
    match &node.value {
        yaml::Value::Null => true,
        yaml::Value::Text { text, .. } => text.is_empty(),
        _ => false,
    }
}

/// Whether a reference says anything of somebody, its id aside.
fn described(reference: &serde_json::Map<String, Value>) -> bool {
    ["name", "email"].iter().any(|key| reference.get(*key).is_some_and(|value| !value.is_null() && value != ""))
}

fn reference_to(id: &str, kind: &str) -> Value {
    json!({"type": kind, "id": id})
}
