//! Sample changes: the ways in which values of each kind change. Anyone who wants to know what a change means asks the rule of
//! the setting with them, so that no text can say anything else.

use serde_json::{Value, json};

/// One way in which a value changes, with a sample of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// What happens to the value, such as "raised".
    pub what: &'static str,
    /// A canonical value before; `None` if nothing is set.
    pub before: Option<Value>,
    /// A canonical value after; `None` if nothing is set.
    pub after: Option<Value>,
}

impl Move {
    /// One way in which a value changes.
    pub(super) fn new(what: &'static str, before: impl Into<Option<Value>>, after: impl Into<Option<Value>>) -> Move {
        Move { what, before: before.into(), after: after.into() }
    }
}

const SET: &str = "set where none was";
const CLEARED: &str = "cleared";

/// Of values with an order.
pub(super) fn of_amounts(less: &Value, more: &Value) -> Vec<Move> {
    vec![
        Move::new("raised", less.clone(), more.clone()),
        Move::new("lowered", more.clone(), less.clone()),
        Move::new(SET, None, less.clone()),
        Move::new(CLEARED, less.clone(), None),
    ]
}

/// Of values without an order.
pub(super) fn of_choices(one: &Value, other: &Value) -> Vec<Move> {
    vec![
        Move::new("changed", one.clone(), other.clone()),
        Move::new(SET, None, one.clone()),
        Move::new(CLEARED, one.clone(), None),
    ]
}

/// Of sets.
pub(super) fn of_members(one: &str, other: &str) -> Vec<Move> {
    let (both, first, second) = (json!([one, other]), json!([one]), json!([other]));
    vec![
        Move::new("one added", first.clone(), both.clone()),
        Move::new("one removed", both, first.clone()),
        Move::new("one replaced by another", first.clone(), second),
        Move::new("emptied", first, None),
    ]
}

/// Of approvers in order; `value` makes a canonical value of steps as the older generations name them.
pub(super) fn of_steps(value: impl Fn(&[&str]) -> Option<Value>) -> Vec<Move> {
    let (one, other) = ("sourceOwner", "manager");
    vec![
        Move::new("a step added", value(&[one]), value(&[one, other])),
        Move::new("a step removed", value(&[one, other]), value(&[one])),
        Move::new("another approver", value(&[one]), value(&[other])),
        Move::new("another order", value(&[one, other]), value(&[other, one])),
        Move::new("set where no approval was needed", value(&[]), value(&[one])),
        Move::new("emptied", value(&[one]), value(&[])),
    ]
}
