//! Ceilings: how high a setting may go. What that means lies with the kind of value: the number for minutes and counts,
//! the number of members for sets, the exact value for everything without an order.

use serde_json::Value;

use super::subject::Subject;
use crate::text::problem::rules;
use crate::text::reader::Reader;
use crate::text::yaml::{self, Node};

/// Reads a ceiling of a setting.
pub fn read(subject: &Subject, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
    let outer = reader.context.clone();
    reader.context = if outer.is_empty() { subject.to_string() } else { format!("{outer}: {subject}") };
    let kind = subject.setting.kind;
    let read = match node.value {
        yaml::Value::Null => reader.invalid(
            node,
            rules::NO_CEILING,
            &format!("null is no ceiling, expected {}", kind.expects_ceiling()),
            "write the highest value that is allowed, or delete the line",
        ),
        _ => kind.read_ceiling(node, reader),
    };
    reader.context = outer;
    // Names of members are for plans, and a ceiling has none.
    reader.names.clear();
    read
}

/// Returns whether a desired value is within a ceiling, or `None` if that is not known. A cleared setting is above
/// every ceiling, since it is not known what the tenant then does.
pub fn within(subject: &Subject, value: &Value, ceiling: &Value) -> Option<bool> {
    if value.is_null() { Some(false) } else { subject.setting.kind.within(value, ceiling) }
}

/// Returns whether a ceiling lies within another. Null is the allowance to clear a setting, which is beside all values.
pub fn reaches(subject: &Subject, ceiling: &Value, other: &Value) -> bool {
    if ceiling.is_null() || other.is_null() {
        return ceiling == other;
    }
    if subject.setting.kind.is_set() {
        // For a set it is a number of members.
        return matches!((ceiling.as_u64(), other.as_u64()), (Some(one), Some(most)) if one <= most);
    }
    subject.setting.kind.within(ceiling, other) == Some(true)
}
