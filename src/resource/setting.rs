//! One field of a resource, and everything that is asked of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::generation::Generation;
use super::impact::{Effect, Judgement, Loosest, Weight};
use super::kind::Kind;
use super::reference::Reference;

/// One field of a resource: the unit of comparison and change.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The JSON Pointer of the field (RFC 6901); the keys of the API need no escapes.
    pub pointer: &'static str,
    /// What values it takes.
    pub kind: &'static dyn Kind,
    /// Whether `null` clears it; if not, `null` in a settings file is an error.
    pub nullable: bool,
    /// The generations that have it; empty means all.
    pub generations: &'static [&'static str],
    /// Where it is in generations that lack it.
    pub moved: Option<&'static str>,
    /// What it does: the schema's description and the text of `explain`.
    pub about: &'static str,
    /// What a change of it means for security.
    pub impact: Judgement,
    /// What SailPoint documents as its default; `None` if it documents none. It never stands in for a missing value.
    pub default: Option<Documented>,
}

/// A documented default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Documented {
    /// Of a flag.
    Flag(bool),
    /// Of a text.
    Text(&'static str),
}

/// Settings of one resource are told apart by pointer: one that generations bound differently is still the same setting.
impl PartialEq for Setting {
    fn eq(&self, other: &Setting) -> bool {
        self.pointer == other.pointer
    }
}

impl Eq for Setting {}

impl Setting {
    /// Returns whether this is the document itself, which is there or not.
    pub fn is_whole(&self) -> bool {
        self.pointer.is_empty()
    }

    /// Returns whether `generation` has the setting.
    pub fn exists_in(&self, generation: &Generation) -> bool {
        self.generations.is_empty() || self.generations.contains(&generation.name)
    }

    /// Returns the pointer without the leading slash and with dots, as people write it in a sentence.
    pub fn dotted(&self) -> String {
        if self.is_whole() {
            return "the whole configuration".to_owned();
        }
        dotted(self.pointer)
    }

    /// Returns the keys that lead to the field, outermost first.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.pointer.split('/').skip(1)
    }

    /// Returns whether two values of the setting mean the same: absent equals null and an object without values, for sets
    /// also `[]`, and nothing else is assumed. Both must be canonical ([`Kind::canonical`]).
    pub fn equal(&self, one: Option<&Value>, other: Option<&Value>) -> bool {
        match (self.unless_nothing(one), self.unless_nothing(other)) {
            (None, None) => true,
            (Some(one), Some(other)) => self.kind.same(one, other),
            _ => false,
        }
    }

    fn unless_nothing<'v>(&self, value: Option<&'v Value>) -> Option<&'v Value> {
        value.filter(|value| match value {
            Value::Null => false,
            Value::Array(members) if self.kind.is_set() => !members.is_empty(),
            Value::Object(members) => !members.values().all(Value::is_null),
            _ => true,
        })
    }

    /// Returns whether the setting went from no value at all to the one that SailPoint documents as its default.
    pub fn is_filled_in(&self, before: Option<&Value>, after: Option<&Value>) -> bool {
        let is_default = |after: &Value| match self.default {
            Some(Documented::Flag(flag)) => *after == Value::Bool(flag),
            Some(Documented::Text(text)) => *after == text,
            None => false,
        };
        self.unless_nothing(before).is_none() && after.is_some_and(is_default)
    }

    /// Returns what going from `before` to `after` means for security.
    pub fn effect(&self, before: Option<&Value>, after: &Value) -> Effect {
        let effect = self.impact.effect(self, self.unless_nothing(before), self.unless_nothing(Some(after)));
        if self.is_filled_in(before, Some(after)) { effect.of_default() } else { effect }
    }

    /// Returns whether a live value is the one that lets most through.
    pub fn at_loosest(&self, value: Option<&Value>) -> bool {
        self.impact.is_loosest(self.unless_nothing(value))
    }

    /// Returns the value in words, for a reader who does not know the API.
    pub fn words(&self, value: Option<&Value>) -> String {
        let nothing = || match self.impact {
            _ if self.is_whole() => self.kind.show_nothing(),
            Judgement::Ceiling { .. } => "no maximum set",
            Judgement::Of(_, Loosest::Nothing) if !self.kind.is_set() => "no limit",
            _ if self.kind.is_set() => "none",
            _ if value.is_none() && !matches!(self.impact, Judgement::Default { .. }) => match self.default {
                Some(Documented::Flag(true)) => "not shown by the tenant; SailPoint documents yes as the default",
                Some(Documented::Flag(false)) => "not shown by the tenant; SailPoint documents no as the default",
                Some(Documented::Text(_)) | None => "not shown by the tenant",
            },
            _ => "not set",
        };
        match self.unless_nothing(value) {
            None => nothing().to_owned(),
            Some(value) => self.kind.words(value),
        }
    }

    /// Returns the ids in values of the setting.
    pub fn references<'v>(&self, values: impl IntoIterator<Item = Option<&'v Value>>) -> Vec<Reference<'v>> {
        values
            .into_iter()
            .flatten()
            .filter(|value| !value.is_null())
            .flat_map(|value| self.kind.references(value))
            .collect()
    }

    /// Returns a value with the names of the ids in it, to be shown and for nothing else. Of a set only the members are
    /// shown by name, one by one.
    pub fn with_names<'v>(&self, value: Option<&'v Value>, names: &BTreeMap<String, String>) -> Option<Cow<'v, Value>> {
        let plain = |value: &Value| names.is_empty() || value.is_null() || self.kind.is_set();
        value.map(
            |value| {
                if plain(value) { Cow::Borrowed(value) } else { Cow::Owned(self.kind.with_names(value, names)) }
            },
        )
    }

    /// Returns what holds today where the setting is at its loosest value, in words; `None` if there is nothing to add.
    pub fn standing(&self) -> Option<&'static str> {
        match self.impact {
            // Without a limit of its own, the tenant's holds, which is not known.
            Judgement::Ceiling { .. } => Some("perhaps no limit today"),
            _ => self.weight_at_loosest().standing(),
        }
    }

    /// Returns how heavily the loosest value weighs.
    pub fn weight_at_loosest(&self) -> Weight {
        self.impact.weight_at_loosest()
    }

    /// Returns the value as people read it.
    pub fn show(&self, value: Option<&Value>) -> String {
        match value {
            None if self.is_whole() => self.kind.show_nothing().to_owned(),
            None => "absent".to_owned(),
            Some(Value::Null) => self.kind.show_nothing().to_owned(),
            Some(value) => self.kind.show(value),
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.dotted())
    }
}

/// Returns the keys that lead to a field with dots between them, as people write them in a sentence; between slashes it is a
/// JSON Pointer, whose first slash may be missing.
pub fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

/// Returns whether the setting at `pointer` lies in the object at `object`, at any depth.
pub fn lies_in(pointer: &str, object: &str) -> bool {
    pointer.strip_prefix(object).is_some_and(|rest| rest.starts_with('/'))
}
