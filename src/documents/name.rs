//! How plans and receipts name a document of a tenant.

use std::fmt;

use crate::resource::{Key, Setting};

/// A document as a plan or receipt names it, whether the catalogue has it or not: the file may come from another sailplan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DocumentName<'a> {
    /// The resource, such as `jitActivationPolicy`.
    pub resource: &'a str,
    /// The instance; `None` if a tenant has one document of the resource.
    pub instance: Option<&'a str>,
}

impl DocumentName<'_> {
    /// Returns the document of the catalogue; `None` if it has none of this name.
    pub fn key(self) -> Option<Key> {
        Key::named(self.resource, self.instance)
    }

    /// Returns the setting at `pointer` as the API generation of this name has it; `None` if the catalogue has none.
    pub fn setting(self, generation: &str, pointer: &str) -> Option<&'static Setting> {
        self.key()?.resource.setting_at(generation, pointer)
    }
}

impl<'a> From<&'a Key> for DocumentName<'a> {
    fn from(key: &'a Key) -> DocumentName<'a> {
        DocumentName { resource: key.resource.name, instance: key.instance.as_ref().map(|instance| instance.as_str()) }
    }
}

impl fmt::Display for DocumentName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.instance {
            Some(instance) => write!(f, "{}[{instance}]", self.resource),
            None => f.write_str(self.resource),
        }
    }
}
