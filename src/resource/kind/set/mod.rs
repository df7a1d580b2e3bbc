//! Sets of text: order and repetition mean nothing, so values are kept sorted and each member once.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde_json::{Value, json};

use super::Kind;
use super::moves::{self, Move};
use crate::resource::reference::{Reference, Referent};
use crate::text::problem::{line, rules};
use crate::text::reader::Reader;
use crate::text::yaml::{self, Node};

mod entitlement_ids;
mod recipients;

pub use entitlement_ids::ENTITLEMENT_IDS;
pub use recipients::RECIPIENTS;

/// A kind of set.
pub struct Set {
    /// What a value must be, to follow "expected".
    expects: &'static str,
    /// What one member, and what several members are called.
    members: (&'static str, &'static str),
    /// The text by which two members count as the same; `None` if only equal members do.
    fold: Option<fn(&str) -> String>,
    /// Reads the members of a list, or reports what is wrong with them.
    read: for<'n> fn(&'n [Node<'_>], &mut Reader) -> Option<Vec<&'n str>>,
    /// The JSON Schema (draft 7) of a member.
    schema: fn() -> Value,
    /// What the members stand for; `None` if they stand for themselves.
    referent: Option<Referent>,
    /// See [`Kind::guards_emptying`].
    guards_emptying: bool,
    /// See [`Kind::examples`].
    examples: &'static [&'static str],
    /// Two members to show changes with.
    samples: [&'static str; 2],
}

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Set of {}", self.members.1)
    }
}

impl Kind for Set {
    fn expects(&self) -> &'static str {
        self.expects
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        let yaml::Value::List(items) = &node.value else { return reader.mismatch(node, self.expects) };
        (self.read)(items, reader).map(|members| self.sorted(members))
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        let members: Option<Vec<&str>> = live.as_array()?.iter().map(Value::as_str).collect();
        members.map(|members| self.sorted(members))
    }

    fn same(&self, one: &Value, other: &Value) -> bool {
        let Some(fold) = self.fold else { return one == other };
        let folded = |value: &Value| -> HashSet<String> {
            value.as_array().into_iter().flatten().filter_map(Value::as_str).map(fold).collect()
        };
        folded(one) == folded(other)
    }

    fn spelt_like(&self, live: &Value, value: &Value) -> Option<Value> {
        let (fold, live, members) = (self.fold?, live.as_array()?, value.as_array()?);
        let live: HashMap<String, &str> = live.iter().filter_map(Value::as_str).map(|one| (fold(one), one)).collect();
        let spelt = |member| live.get(&fold(member)).copied().unwrap_or(member);
        Some(self.sorted(members.iter().filter_map(Value::as_str).map(spelt).collect()))
    }

    fn show(&self, value: &Value) -> String {
        let (one, many) = self.members;
        match value.as_array().map_or(0, Vec::len) {
            0 => format!("no {many}"),
            1 => format!("1 {one}"),
            number => format!("{number} {many}"),
        }
    }

    fn references<'v>(&self, value: &'v Value) -> Vec<Reference<'v>> {
        let members = |referent| {
            let ids = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            ids.map(|id| Reference { referent, id }).collect()
        };
        self.referent.map(members).unwrap_or_default()
    }

    fn examples(&self) -> &'static [&'static str] {
        self.examples
    }

    fn moves(&self) -> Vec<Move> {
        let [one, other] = self.samples;
        moves::of_members(one, other)
    }

    fn schema(&self) -> Value {
        json!({"type": "array", "items": (self.schema)()})
    }

    fn is_set(&self) -> bool {
        true
    }

    fn members(&self) -> (&'static str, &'static str) {
        self.members
    }

    fn member_key(&self, member: &str) -> String {
        self.fold.map_or_else(|| member.to_owned(), |fold| fold(member))
    }

    fn compares_exactly(&self) -> bool {
        self.fold.is_none()
    }

    fn guards_emptying(&self) -> bool {
        self.guards_emptying
    }

    fn expects_ceiling(&self) -> &'static str {
        CEILING
    }

    fn read_ceiling(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        let yaml::Value::Number(text) = node.value else { return reader.mismatch(node, CEILING) };
        match reader.integer(node, text, CEILING)? {
            number if number < 0 => reader.invalid(node, rules::NUMBER_RANGE, &format!("must be {CEILING}"), ""),
            number => Some(Value::from(number)),
        }
    }

    fn ceiling_schema(&self) -> Value {
        json!({"description": CEILING, "type": "integer", "minimum": 0})
    }

    fn within(&self, value: &Value, ceiling: &Value) -> Option<bool> {
        Some(value.as_array()?.len() as u64 <= ceiling.as_u64()?)
    }

    fn show_ceiling(&self, ceiling: &Value) -> String {
        let (one, many) = self.members;
        if ceiling == &Value::from(1) { format!("1 {one}") } else { format!("{ceiling} {many}") }
    }
}

/// A set has no order, so its ceiling is how many members it may have.
const CEILING: &str = "a whole number of members, 0 or more";

impl Set {
    /// Of members that count as the same the first in sorted order stays, whatever order they came in.
    fn sorted(&self, mut members: Vec<&str>) -> Value {
        sort(&mut members);
        match self.fold {
            None => members.dedup(),
            Some(fold) => {
                let mut seen = HashSet::new();
                members.retain(|member| seen.insert(fold(member)));
            }
        }
        Value::Array(members.into_iter().map(Value::from).collect())
    }
}

/// Sorts texts. Their first bytes decide nearly always, and stand where the next comparison needs them.
fn sort(members: &mut [&str]) {
    if members.is_sorted() {
        return;
    }
    let mut keyed: Vec<(u64, &str)> = members.iter().map(|member| (start(member), *member)).collect();
    keyed.sort_unstable();
    for (place, (_, member)) in members.iter_mut().zip(keyed) {
        *place = member;
    }
}

/// Returns the first bytes of a text as a number that is in the order of the texts, as far as they decide it.
fn start(text: &str) -> u64 {
    let mut start = [0; 8];
    for (place, byte) in start.iter_mut().zip(text.bytes()) {
        *place = byte;
    }
    u64::from_be_bytes(start)
}

/// Repetition changes nothing, so it is only noted.
fn repeated(node: &Node<'_>, first: &Node<'_>, what: &str, reader: &mut Reader) {
    let line = line(&reader.place(&first.span));
    let message = format!("{what} stands on line {line} already");
    reader.note(&node.span, rules::DUPLICATE_MEMBER, &message, "delete one of the two; it is sent once");
}
