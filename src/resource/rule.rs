//! Rules across the settings of one resource.

use std::fmt;

use serde_json::Value;

use super::impact;

/// A rule across settings of one resource.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Where both are set, the first may not be above the second.
    AtMost {
        /// Pointer of the setting that is bounded.
        lesser: &'static str,
        /// Pointer of its bound.
        greater: &'static str,
    },
    /// The first, when true, has no effect while the second has a certain value.
    Moot {
        /// Pointer of the setting without effect.
        flag: &'static str,
        /// The setting that covers it, and when it does.
        cover: Part,
        /// Why, as one sentence.
        why: &'static str,
    },
    /// The first, when true, does something that a person should know, or nothing, depending on another setting.
    Mind {
        /// Pointer of the switch.
        flag: &'static str,
        /// Pointer of the setting that it depends on.
        other: &'static str,
        /// What the other setting is then.
        when: When,
        /// What follows, as one sentence.
        why: &'static str,
    },
    /// Two periods in minutes that follow one another, so that only both say how long something may last.
    Together {
        /// Pointer of the first.
        first: &'static str,
        /// Pointer of the second.
        second: &'static str,
        /// What they bound together, such as "Activation and extension together will last at most".
        subject: &'static str,
        /// What each bounds, such as "an extension".
        each: [&'static str; 2],
    },
    /// Two settings that mean more together than each alone: told once for both, when a change brings it about.
    Joint {
        /// The one.
        first: Part,
        /// The other.
        second: Part,
        /// What they mean together, as one sentence without a full stop.
        sentence: &'static str,
    },
}

impl Rule {
    /// Returns the pointers of the two settings.
    pub fn settings(&self) -> (&'static str, &'static str) {
        match *self {
            Rule::AtMost { lesser: one, greater: other }
            | Rule::Moot { flag: one, cover: Part { pointer: other, .. }, .. }
            | Rule::Mind { flag: one, other, .. }
            | Rule::Together { first: one, second: other, .. }
            | Rule::Joint { first: Part { pointer: one, .. }, second: Part { pointer: other, .. }, .. } => (one, other),
        }
    }
}

/// One of two settings that act on each other.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its pointer.
    pub pointer: &'static str,
    /// How it is then, to follow "is".
    pub state: &'static str,
    /// Returns whether it plays its part, from its value before and after; `None` if it has none.
    pub holds: fn(Option<&Value>, Option<&Value>) -> bool,
}

impl Part {
    /// A flag that is true.
    pub const fn on(pointer: &'static str) -> Part {
        Part { pointer, state: "true", holds: |_, after| after == Some(&Value::Bool(true)) }
    }

    /// A flag that is false.
    pub const fn off(pointer: &'static str) -> Part {
        Part { pointer, state: "false", holds: |_, after| after == Some(&Value::Bool(false)) }
    }

    /// A setting without a value.
    pub const fn cleared(pointer: &'static str) -> Part {
        Part { pointer, state: "not set", holds: |_, after| after.is_none_or(Value::is_null) }
    }

    /// A setting with a value.
    pub const fn set(pointer: &'static str) -> Part {
        Part { pointer, state: "set", holds: |_, after| after.is_some_and(|value| !value.is_null()) }
    }

    /// A list or text that is there and empty.
    pub const fn empty(pointer: &'static str) -> Part {
        let empty = |_: Option<&Value>, after: Option<&Value>| {
            after.is_some_and(|value| value == "" || value.as_array().is_some_and(Vec::is_empty))
        };
        Part { pointer, state: "empty", holds: empty }
    }

    /// A set from which a member goes.
    pub const fn loses_members(pointer: &'static str) -> Part {
        Part { pointer, state: "losing members", holds: impact::loses_members }
    }

    /// Returns whether a value plays the part by itself, without a change.
    pub fn fits(&self, value: Option<&Value>) -> bool {
        (self.holds)(value, value)
    }
}

/// What another setting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It has no value, or an empty one.
    Empty,
    /// It is this word.
    Is(&'static str),
}

impl When {
    /// Returns whether a canonical value is it.
    pub fn fits(self, value: Option<&Value>) -> bool {
        match (self, value) {
            (When::Empty, None | Some(Value::Null)) => true,
            (When::Empty, Some(value)) => value.as_array().is_some_and(Vec::is_empty),
            (When::Is(word), value) => value.is_some_and(|value| value == word),
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            When::Empty => f.write_str("not set"),
            When::Is(word) => f.write_str(word),
        }
    }
}

/// Says that a setting has no effect, and why.
pub fn without_effect(setting: &str, why: &str) -> String {
    format!("{setting} has no effect: {why}")
}
