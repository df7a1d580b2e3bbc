//! Settings that newer generations of the API keep in another place or another document.

use serde_json::Value;

use super::key::Key;

/// A setting of older generations that newer ones have in another place or form.
#[derive(Clone, Copy, Debug)]
pub struct Counterpart {
    /// Its pointer in older generations.
    pub old: &'static str,
    /// Its pointer in newer ones.
    pub new: &'static str,
    /// Returns the value that means the same there; `None` if there is no such value.
    pub convert: fn(&Value) -> Option<Value>,
}

/// A setting of older generations that newer ones keep in a document of another resource.
#[derive(Clone, Copy, Debug)]
pub struct Moved {
    /// Its pointer in older generations.
    pub old: &'static str,
    /// The resource and the instance that have it now.
    pub document: (&'static str, &'static str),
    /// Pointers of the settings there that it can become.
    pub targets: &'static [&'static str],
    /// Returns what means the same there.
    pub convert: fn(&OldSetting<'_>) -> MovedTo,
}

impl Moved {
    /// Returns the document that has the setting now; `None` if the catalogue has no such document.
    pub fn key(&self) -> Option<Key> {
        let (resource, instance) = self.document;
        Key::named(resource, Some(instance))
    }
}

/// A setting of an older generation as files write it, for the question what it has become.
pub struct OldSetting<'a> {
    /// Its canonical value.
    pub value: &'a Value,
    /// What the user says it becomes, if it was asked.
    pub chosen: Option<&'a str>,
    /// Looks other settings up that are written beside it, by pointer.
    pub beside: &'a dyn Fn(&str) -> Option<&'a Value>,
}

/// What a setting has become.
#[derive(Clone, Debug, PartialEq)]
pub enum MovedTo {
    /// The setting at this pointer, with this value.
    Setting(&'static str, Value),
    /// SailPoint documents nothing: the user has to say one of these words. Why, as one sentence without a full stop.
    Asks(&'static [&'static str], &'static str),
    /// Nothing there means the same; the reason, to follow "because".
    Nothing(&'static str),
}
