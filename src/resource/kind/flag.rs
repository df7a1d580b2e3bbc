//! A switch: true or false, never null.

use serde_json::{Value, json};

use super::Kind;
use super::moves::Move;
use crate::text::problem::rules;
use crate::text::reader::Reader;
use crate::text::yaml::{self, Node};

/// A switch.
#[derive(Debug)]
pub struct Flag;

/// YAML 1.1 took these words for true and false, YAML 1.2 does not.
fn hint(value: &yaml::Value<'_>) -> &'static str {
    let word = match value {
        yaml::Value::Text { text, .. } => text.to_lowercase(),
        yaml::Value::Number(text) => (*text).to_owned(),
        _ => String::new(),
    };
    match word.trim() {
        "true" => "write true, without quotes",
        "false" => "write false, without quotes",
        "yes" | "on" | "y" | "1" | "enabled" => "write true: YAML 1.2 has no other word for it",
        "no" | "off" | "n" | "0" | "disabled" => "write false: YAML 1.2 has no other word for it",
        _ => "write true or false, or delete the line to leave it unmanaged",
    }
}

impl Kind for Flag {
    fn expects(&self) -> &'static str {
        "true or false"
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        match node.value {
            yaml::Value::Bool(value) => Some(Value::Bool(value)),
            _ => reader.unlike(node, rules::VALUE_KIND, self.expects(), hint(&node.value)),
        }
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        live.is_boolean().then(|| live.clone())
    }

    fn words(&self, value: &Value) -> String {
        if *value == Value::Bool(true) { "yes" } else { "no" }.to_owned()
    }

    fn examples(&self) -> &'static [&'static str] {
        &["true", "false"]
    }

    fn moves(&self) -> Vec<Move> {
        let turned = |what, to: bool| Move::new(what, Value::Bool(!to), Value::Bool(to));
        vec![turned("turned to true", true), turned("turned to false", false)]
    }

    fn schema(&self) -> Value {
        json!({"type": "boolean"})
    }
}
