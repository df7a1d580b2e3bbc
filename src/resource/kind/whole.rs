//! A whole document, which is stored or not.

use serde_json::{Value, json};

use super::Kind;
use super::moves::{self, Move};
use crate::text::reader::Reader;
use crate::text::yaml::Node;

/// A document as the tenant answers it. No settings file writes one: see [`crate::resource::instances::WHOLE`].
#[derive(Debug)]
pub struct Whole;

impl Kind for Whole {
    fn expects(&self) -> &'static str {
        "a configuration"
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        reader.mismatch(node, self.expects())
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        live.is_object().then(|| live.clone())
    }

    fn show(&self, _: &Value) -> String {
        "stored".to_owned()
    }

    fn show_nothing(&self) -> &'static str {
        "inherited"
    }

    fn schema(&self) -> Value {
        json!({"type": "object"})
    }

    fn examples(&self) -> &'static [&'static str] {
        &["{}"]
    }

    fn moves(&self) -> Vec<Move> {
        moves::of_choices(&json!({"a": 1}), &json!({"a": 2}))
    }
}
