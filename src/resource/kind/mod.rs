//! The kinds of value that settings take: how each is written in YAML, compared, shown and described.

pub mod approver;
pub mod choice;
pub mod count;
pub mod duration;
pub mod flag;
mod id;
pub mod minutes;
pub mod moves;
pub mod party;
pub mod schedule;
pub mod schemes;
pub mod set;
pub mod steps;
pub mod text;
pub mod whole;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::resource::reference::{self, Reference};
use crate::text::reader::Reader;
use crate::text::yaml::{self, Node};
use moves::Move;

/// One kind of value. Values are canonical JSON as the API takes them; null and absent are dealt with before a kind is
/// asked, unless its description says otherwise.
pub trait Kind: fmt::Debug + Sync {
    /// What a value must be, to follow "expected".
    fn expects(&self) -> &'static str;

    /// Reads a value of a settings file that is not null into canonical form, or reports what is wrong with it.
    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value>;

    /// Returns whether a settings file says null in another form, as a document copied from the API may.
    fn is_unset(&self, node: &Node<'_>) -> bool {
        let _ = node;
        false
    }

    /// Returns the JSON Schema (draft 7) of those forms; `None` if there are none.
    fn unset_schema(&self) -> Option<Value> {
        None
    }

    /// Returns a live value that is not null in canonical form, or `None` if it is not of this kind.
    fn canonical(&self, live: &Value) -> Option<Value>;

    /// Returns whether two canonical values mean the same.
    fn same(&self, one: &Value, other: &Value) -> bool {
        one == other
    }

    /// Returns the canonical `value` with what it shares with `live`, a canonical value too, written as there; `None` if
    /// there is only one way to write it.
    fn spelt_like(&self, live: &Value, value: &Value) -> Option<Value> {
        let _ = (live, value);
        None
    }

    /// Returns the canonical `value` as it goes into a whole document in the place of `live`: keys beside the known ones are
    /// kept if they still belong there.
    fn onto(&self, live: &Value, value: &Value) -> Value {
        let _ = live;
        value.clone()
    }

    /// Returns a canonical value as people read it, on one line.
    fn show(&self, value: &Value) -> String {
        value.to_string()
    }

    /// Returns a canonical value in words, for a reader who does not know the API. Lengths are in one unit as far as that is
    /// exact, so that two of them compare at a glance.
    fn words(&self, value: &Value) -> String {
        self.show(value)
    }

    /// Returns the ids in a canonical value.
    fn references<'v>(&self, value: &'v Value) -> Vec<Reference<'v>> {
        let _ = value;
        Vec::new()
    }

    /// Returns a canonical value with the names of the ids in it, for [`Kind::show`] and [`Kind::words`] alone.
    fn with_names(&self, value: &Value, names: &BTreeMap<String, String>) -> Value {
        reference::with_names(value, names, |id, name| format!("{name} ({id})"))
    }

    /// Returns null as people read it.
    fn show_nothing(&self) -> &'static str {
        "null"
    }

    /// Returns a canonical value as a settings file writes it, in the form of what stands there already.
    fn write(&self, value: &Value, like: Option<&Node<'_>>) -> Value {
        let _ = like;
        value.clone()
    }

    /// Returns the JSON Schema (draft 7) of what a settings file may write, null aside.
    fn schema(&self) -> Value;

    /// Values in each form that a settings file takes, on one line of YAML each; never empty.
    fn examples(&self) -> &'static [&'static str];

    /// Returns the ways in which a value changes, with samples.
    fn moves(&self) -> Vec<Move>;

    /// Whether values are sets, so that order means nothing and changes show members.
    fn is_set(&self) -> bool {
        false
    }

    /// Whether values are lists, ordered or not, so that null in a settings file means `[]`.
    fn is_list(&self) -> bool {
        self.is_set()
    }

    /// Whether values are text that the API keeps as it is, in which any character may be meant.
    fn is_free_text(&self) -> bool {
        false
    }

    /// What one member, and what several members of a set are called.
    fn members(&self) -> (&'static str, &'static str) {
        ("item", "items")
    }

    /// The key under which two members count as the same.
    fn member_key(&self, member: &str) -> String {
        member.to_owned()
    }

    /// Whether members count as the same only if they are equal: [`Kind::member_key`] is the member itself.
    fn compares_exactly(&self) -> bool {
        true
    }

    /// Whether emptying a set of this kind undoes so much that it has to be asked for by name (`--allow-empty`).
    fn guards_emptying(&self) -> bool {
        false
    }

    /// What a ceiling must be, to follow "expected". A kind without an order takes only the exact value.
    fn expects_ceiling(&self) -> &'static str {
        self.expects()
    }

    /// Reads a ceiling, as limits and allowances write it, or reports what is wrong with it.
    fn read_ceiling(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        self.read(node, reader)
    }

    /// Returns the JSON Schema (draft 7) of a ceiling.
    fn ceiling_schema(&self) -> Value {
        self.schema()
    }

    /// Returns whether a canonical value that is not null is within a ceiling, or `None` if that is not known.
    fn within(&self, value: &Value, ceiling: &Value) -> Option<bool> {
        Some(self.same(value, ceiling))
    }

    /// Returns a ceiling as people read it.
    fn show_ceiling(&self, ceiling: &Value) -> String {
        self.show(ceiling)
    }
}

/// Returns whether one whole number is at most another; `None` if either is not a whole number.
pub(crate) fn at_most(value: &Value, ceiling: &Value) -> Option<bool> {
    Some(whole_number(value)? <= whole_number(ceiling)?)
}

/// Returns a number by value: `60.0` is 60, `60.5` and a quoted "60" are not whole numbers.
pub(crate) fn whole_number(value: &Value) -> Option<i64> {
    let number = value.as_number()?;
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        // 2^53: above it a float no longer tells neighbours apart.
        (float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0).then_some(float as i64)
    })
}

/// Returns whether a node is an object and every member passes.
pub(super) fn is_object_of(node: &Node<'_>, passes: impl Fn(&str, &Node<'_>) -> bool) -> bool {
    matches!(&node.value, yaml::Value::Map(entries) if entries.iter().all(|(key, value)| passes(&key.text, value)))
}

/// Returns the object `live` with the keys of `value` put in.
pub(crate) fn merged(live: &Value, value: &Value) -> Value {
    let (Value::Object(live), Value::Object(new)) = (live, value) else { return value.clone() };
    let mut merged = live.clone();
    merged.extend(new.iter().map(|(key, value)| (key.clone(), value.clone())));
    Value::Object(merged)
}
