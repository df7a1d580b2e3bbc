//! Text that the API keeps as it is, such as the name of a template.

use serde_json::{Value, json};

use super::Kind;
use super::moves::{self, Move};
use crate::resource::reference::{Reference, Referent};
use crate::text::problem::rules;
use crate::text::reader::Reader;
use crate::text::yaml::{self, Node};

/// Opaque text, compared exactly.
#[derive(Debug)]
pub struct Text {
    /// Values in each form that a settings file takes.
    pub examples: &'static [&'static str],
    /// Whether it is the id of something in the tenant.
    pub is_id: bool,
    /// What it stands for; `None` if it stands for itself.
    pub referent: Option<Referent>,
}

impl Kind for Text {
    fn expects(&self) -> &'static str {
        "text"
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        match &node.value {
            yaml::Value::Text { text, .. } if text.trim().is_empty() => reader.invalid(
                node,
                rules::EMPTY_TEXT,
                "expected text, this is empty",
                "write null to clear it, or delete the line to leave it unmanaged",
            ),
            yaml::Value::Text { text, .. } => {
                if self.is_id && !super::id::check(&node.span, text, reader) {
                    return None;
                }
                if text.ends_with(['\n', '\r']) {
                    let what = "this text ends with a line break, which is sent with it";
                    reader.warn(node, rules::TRAILING_LINE_BREAK, what, "write |- instead of |, or >- instead of >");
                }
                Some(Value::from(text.as_ref()))
            }
            _ => reader.mismatch(node, self.expects()),
        }
    }

    fn is_free_text(&self) -> bool {
        !self.is_id
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        live.is_string().then(|| live.clone())
    }

    fn references<'v>(&self, value: &'v Value) -> Vec<Reference<'v>> {
        self.referent.zip(value.as_str()).map(|(referent, id)| Reference { referent, id }).into_iter().collect()
    }

    fn examples(&self) -> &'static [&'static str] {
        self.examples
    }

    fn moves(&self) -> Vec<Move> {
        moves::of_choices(&Value::from("one"), &Value::from("another"))
    }

    fn schema(&self) -> Value {
        json!({"type": "string", "pattern": "\\S"})
    }
}
