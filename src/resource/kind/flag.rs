//! A switch: true or false, never null.

use serde_json::{Value, json};

use super::Kind;
use crate::reader::Reader;
use crate::yaml::{self, Node};

/// A switch.
#[derive(Debug)]
pub struct Flag;

impl Kind for Flag {
    fn expects(&self) -> &'static str {
        "true or false"
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        match node.value {
            yaml::Value::Bool(value) => Some(Value::Bool(value)),
            _ => reader.mismatch(node, self.expects()),
        }
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        live.is_boolean().then(|| live.clone())
    }

    fn schema(&self) -> Value {
        json!({"type": "boolean"})
    }
}
