//! Approval schemes as the older API generations write them: one comma-separated string.

use serde_json::{Value, json};

use super::Kind;
use crate::reader::Reader;
use crate::yaml::{self, Node};

/// An ordered list of approvers. SailPoint's own example has a blank after each comma; with or without means the same.
/// The empty string asks for no approval, and is neither null nor absent.
#[derive(Debug)]
pub struct Schemes;

const EXPECTS: &str = "approval schemes: entitlementOwner, sourceOwner, manager or workgroup:ID";
const SCHEME: &str = "(entitlementOwner|sourceOwner|manager|workgroup:[^\\s,:]+)";

impl Kind for Schemes {
    fn expects(&self) -> &'static str {
        EXPECTS
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        let list: Vec<(&Node<'_>, String)> = match &node.value {
            yaml::Value::Text { text, .. } if text.trim().is_empty() => {
                return reader.invalid(
                    node,
                    "empty-text",
                    "is empty",
                    "write [] where entitlement requests need no approval, null to clear it, or delete the line",
                );
            }
            yaml::Value::Text { text, .. } => text.split(',').map(|step| (node, step.trim().to_owned())).collect(),
            yaml::Value::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    match &item.value {
                        yaml::Value::Text { text, .. } => list.push((item, text.to_string())),
                        _ => reader.mismatch(item, EXPECTS)?,
                    }
                }
                list
            }
            _ => return reader.mismatch(node, EXPECTS),
        };
        let mut good = true;
        for (place, step) in &list {
            if !is_scheme(step) {
                good = false;
                let help = match nearest(step) {
                    Some(scheme) => format!("did you mean {scheme}?"),
                    None => "write entitlementOwner, sourceOwner, manager or workgroup:ID".to_owned(),
                };
                reader.invalid::<()>(place, "approval-scheme", &format!("`{step}` is not an approval scheme"), &help);
            }
        }
        let steps: Vec<String> = list.into_iter().map(|(_, step)| step).collect();
        good.then(|| Value::from(steps.join(", ")))
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        live.as_str().map(|text| Value::from(steps(text).join(", ")))
    }

    fn show(&self, value: &Value) -> String {
        match value.as_str() {
            Some("") => "no approval".to_owned(),
            Some(text) => text.to_owned(),
            None => value.to_string(),
        }
    }

    fn write(&self, value: &Value, like: Option<&Node<'_>>) -> Value {
        let Some(text) = value.as_str() else { return value.clone() };
        match like.map(|node| &node.value) {
            Some(yaml::Value::Text { text: written, .. }) if !text.is_empty() => {
                let comma = if written.contains(',') && !written.contains(", ") { "," } else { ", " };
                Value::from(steps(text).join(comma))
            }
            _ => Value::from(steps(text)),
        }
    }

    fn schema(&self) -> Value {
        json!({"oneOf": [
            {"type": "string", "pattern": format!("^\\s*{SCHEME}(\\s*,\\s*{SCHEME})*\\s*$")},
            {"type": "array", "items": {"type": "string", "pattern": format!("^{SCHEME}$")}},
        ]})
    }
}

/// Returns the steps of a comma-separated scheme string; none for an empty one.
pub fn steps(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|step| !step.is_empty()).map(str::to_owned).collect()
}

fn is_scheme(step: &str) -> bool {
    match step.strip_prefix("workgroup:") {
        Some(id) => !id.is_empty() && !id.contains(|c: char| c.is_whitespace() || c == ',' || c == ':'),
        None => matches!(step, "entitlementOwner" | "sourceOwner" | "manager"),
    }
}

fn nearest(step: &str) -> Option<&'static str> {
    crate::reader::nearest(step, ["entitlementOwner", "sourceOwner", "manager"])
}
