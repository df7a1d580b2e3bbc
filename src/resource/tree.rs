//! The one walk over the settings of a resource: which keys an object of its document has, and what stands under each.

use super::key::escape;
use super::{Generation, Resource, Setting};

/// An object of a document: the document itself or one inside it.
#[derive(Clone, Copy, Debug)]
pub struct Object<'r> {
    resource: &'r Resource,
    /// Whose settings it has; `None` for those of all generations.
    generation: Option<&'r Generation>,
    /// Its JSON Pointer, empty for the document.
    pointer: &'static str,
}

/// What stands under a key of an object.
#[derive(Clone, Copy, Debug)]
pub enum Member<'r> {
    /// An object with settings in it.
    Object(Object<'r>),
    /// A setting; one that generations bound differently as the oldest of them has it.
    Setting(&'r Setting),
}

impl Resource {
    /// Returns the document as `generation` has it, or with the settings of all generations.
    pub fn document<'r>(&'r self, generation: Option<&'r Generation>) -> Object<'r> {
        Object { resource: self, generation, pointer: "" }
    }
}

impl<'r> Object<'r> {
    /// Returns whether this is the document itself.
    pub fn is_document(self) -> bool {
        self.pointer.is_empty()
    }

    /// Returns what the settings in it are about; `None` for the document.
    pub fn about(self) -> Option<&'static str> {
        self.resource.objects.iter().find(|(pointer, _)| *pointer == self.pointer).map(|(_, about)| *about)
    }

    /// Returns the settings in it and in the objects inside it, in the order of plans.
    pub fn settings(self) -> impl Iterator<Item = &'r Setting> {
        self.inside().map(|(setting, _)| setting)
    }

    /// Returns the settings in it, each with what follows this object in its pointer, without the slash.
    fn inside(self) -> impl Iterator<Item = (&'r Setting, &'static str)> {
        self.among(self.resource.settings.iter())
    }

    fn among(self, settings: impl Iterator<Item = &'r Setting>) -> impl Iterator<Item = (&'r Setting, &'static str)> {
        let exist =
            settings.filter(move |setting| self.generation.is_none_or(|generation| setting.exists_in(generation)));
        exist.filter_map(move |setting| {
            let rest = setting.pointer.strip_prefix(self.pointer)?.strip_prefix('/')?;
            Some((setting, rest))
        })
    }

    /// Returns its keys with what stands under each, in the order of plans.
    pub fn members(self) -> Vec<(&'static str, Member<'r>)> {
        let mut members: Vec<(&'static str, Member<'r>)> = Vec::new();
        for (setting, rest) in self.inside() {
            let (key, member) = self.member(setting, rest);
            if !members.iter().any(|(known, _)| *known == key) {
                members.push((key, member));
            }
        }
        members
    }

    /// Returns what stands under `key`, as a settings file or a live document writes it; `None` if nothing does.
    pub fn get(self, key: &str) -> Option<Member<'r>> {
        if key.contains('/') {
            return None;
        }
        let first = key.as_bytes().first();
        let is_under =
            |rest: &str| rest.strip_prefix(key).is_some_and(|below| below.is_empty() || below.starts_with('/'));
        let at = self.pointer.len() + 1;
        // By one letter almost every other setting is passed by.
        let may_be = self.resource.settings.iter().filter(|setting| setting.pointer.as_bytes().get(at) == first);
        let (setting, rest) = self.among(may_be).find(|(_, rest)| is_under(rest))?;
        Some(self.member(setting, rest).1)
    }

    fn member(self, setting: &'r Setting, rest: &'static str) -> (&'static str, Member<'r>) {
        match rest.split_once('/') {
            None => (rest, Member::Setting(setting)),
            Some((key, below)) => {
                let end = setting.pointer.len() - below.len() - 1;
                let pointer = setting.pointer.get(..end).unwrap_or(setting.pointer);
                (key, Member::Object(Object { pointer, ..self }))
            }
        }
    }

    /// Returns the same object with the settings that it has in any generation.
    #[must_use]
    pub fn in_all_generations(self) -> Object<'r> {
        Object { generation: None, ..self }
    }

    /// Returns the JSON Pointer of `key` in the object, whether anything is known there or not (RFC 6901).
    pub fn pointer_of(self, key: &str) -> String {
        format!("{}/{}", self.pointer, escape(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::CATALOGUE;

    fn walk<'r>(object: Object<'r>, found: &mut Vec<&'r Setting>) {
        for (key, member) in object.members() {
            match (member, object.get(key).unwrap()) {
                (Member::Setting(setting), Member::Setting(same)) => {
                    assert_eq!((setting.pointer, setting), (object.pointer_of(key).as_str(), same));
                    found.push(setting);
                }
                (Member::Object(inner), Member::Object(same)) => {
                    assert_eq!((inner.pointer, inner.pointer), (object.pointer_of(key).as_str(), same.pointer));
                    assert!(inner.about().is_some(), "{}", inner.pointer);
                    assert!(!inner.is_document());
                    walk(inner, found);
                }
                (member, same) => panic!("{member:?}, {same:?}"),
            }
        }
    }

    #[test]
    fn the_walk_comes_by_every_setting_once() {
        for resource in CATALOGUE {
            let walked = |generation: Option<&Generation>| -> Vec<&str> {
                let mut found = Vec::new();
                walk(resource.document(generation), &mut found);
                let mut pointers: Vec<&str> = found.iter().map(|setting| setting.pointer).collect();
                pointers.sort_unstable();
                pointers
            };
            for generation in resource.generations {
                let mut expected: Vec<&str> = resource.settings_of(generation).map(|setting| setting.pointer).collect();
                expected.sort_unstable();
                assert_eq!(walked(Some(generation)), expected, "{} {}", resource.name, generation.name);
            }
            let mut expected: Vec<&str> = resource.distinct().map(|setting| setting.pointer).collect();
            expected.sort_unstable();
            assert_eq!(walked(None), expected, "{}", resource.name);
        }
    }

    #[test]
    fn a_key_is_never_a_path() {
        let document = Resource::named("accessRequestConfig").unwrap().document(None);
        assert!(document.get("requestOnBehalfOfConfig").is_some());
        for key in ["", "requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone", "requestOnBehalfOf"] {
            assert!(document.get(key).is_none(), "{key}");
        }
    }
}
