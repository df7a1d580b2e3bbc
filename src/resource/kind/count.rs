//! A small whole number, such as days or reminders.

use serde_json::{Value, json};

use super::moves::{self, Move};
use super::{Kind, at_most, whole_number};
use crate::text::problem::rules;
use crate::text::reader::Reader;
use crate::text::yaml::{self, Node};

/// A whole number within bounds.
#[derive(Debug)]
pub struct Count {
    /// The smallest value.
    pub min: i32,
    /// The largest value.
    pub max: i32,
    /// The largest value that other generations take; above it a note says so.
    pub elsewhere: Option<i32>,
    /// What a value must be, to follow "expected".
    pub expects: &'static str,
}

impl Kind for Count {
    fn expects(&self) -> &'static str {
        self.expects
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        let text = match &node.value {
            yaml::Value::Number(text) => *text,
            yaml::Value::Text { text, .. } if text.parse::<i64>().is_ok() => {
                return reader.unlike(node, rules::VALUE_KIND, self.expects, &format!("write {text}, without quotes"));
            }
            yaml::Value::Text { .. } => return reader.mismatch(node, self.expects),
            _ => return reader.unlike(node, rules::VALUE_KIND, self.expects, ""),
        };
        let number = reader.integer(node, text, self.expects)?;
        if number < i64::from(self.min) || number > i64::from(self.max) {
            return reader.invalid(
                node,
                rules::NUMBER_RANGE,
                &format!("expected {}, this is {text}", self.expects),
                "",
            );
        }
        if let Some(most) = self.elsewhere.filter(|most| number > i64::from(*most)) {
            reader.note(
                &node.span,
                rules::NUMBER_ELSEWHERE,
                &format!("other API generations take at most {most}"),
                "lower it before you migrate the settings",
            );
        }
        Some(Value::from(number))
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        whole_number(live).map(Value::from)
    }

    fn examples(&self) -> &'static [&'static str] {
        &["3"]
    }

    fn moves(&self) -> Vec<Move> {
        moves::of_amounts(&Value::from(3), &Value::from(5))
    }

    fn schema(&self) -> Value {
        json!({"type": "integer", "minimum": self.min, "maximum": self.max})
    }

    fn within(&self, value: &Value, ceiling: &Value) -> Option<bool> {
        at_most(value, ceiling)
    }
}
