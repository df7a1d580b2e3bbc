//! The catalogue of what sailplan manages, and the types that describe it.
//!
//! A resource is one file here; a setting is one entry in it, a kind of value one file in [`kind`]. Comparison, plan,
//! schema, `explain` and every report walk these tables, so nothing else changes when one grows.

mod catalogue;
pub mod difference;
pub mod document;
pub mod explain;
mod generation;
pub mod host;
pub mod impact;
pub mod instances;
pub mod key;
pub mod kind;
mod moved;
pub mod named;
pub mod reference;
mod rule;
mod setting;
mod touched;
pub mod tree;

mod access_request_config;
mod approvals_config;
mod jit_activation_policy;

use std::hash::{Hash, Hasher};

use serde_json::Value;

use instances::{Instances, WHOLE};

#[cfg(test)]
pub use catalogue::replaced;
pub use catalogue::{CATALOGUE, is_key};
pub use generation::{Deprecation, End, Generation, Overrides};
pub use key::Key;
pub use moved::{Counterpart, Moved, MovedTo, OldSetting};
pub use rule::{Part, Rule, When, without_effect};
pub use setting::{Documented, Setting, dotted, lies_in};
pub use touched::{Beside, Question, Touched};

/// One configuration document of a tenant.
#[derive(Debug)]
pub struct Resource {
    /// SailPoint's page about it.
    pub documentation: &'static str,
    /// The key in settings files and plans, such as `jitActivationPolicy`.
    pub name: &'static str,
    /// The name in sentences, such as "JIT activation policy".
    pub title: &'static str,
    /// What the document governs, for schema and `explain`.
    pub about: &'static str,
    /// How the documents are told apart if a tenant has several, each with a name of its own: see `Key`.
    pub instances: Option<&'static Instances>,
    /// The API generations that serve the document, oldest first.
    pub generations: &'static [Generation],
    /// The generation of a settings file that does not name one; `None` if it must be written.
    pub default_generation: Option<&'static str>,
    /// The generation that SailPoint asks to use, which may be experimental.
    pub current: &'static str,
    /// How changes are sent.
    pub write: Write,
    /// Every setting, in the order of plans.
    pub settings: &'static [Setting],
    /// The objects that settings lie in, by pointer, each with what its settings are about.
    pub objects: &'static [(&'static str, &'static str)],
    /// Pointers of fields that the API answers and does not let change.
    pub read_only: &'static [&'static str],
    /// Settings that newer generations have in another place or form.
    pub counterparts: &'static [Counterpart],
    /// Settings that newer generations have in another resource.
    pub moves: &'static [Moved],
    /// The forms that one object of the document takes in different generations.
    pub shapes: &'static [Shape],
    /// Rules across settings.
    pub rules: &'static [Rule],
    /// Whom a change touches, by the beginning of the pointer: the first that fits counts.
    pub touches: &'static [Touched],
    /// What an approver has to find out first, because it follows from a change and cannot be told here.
    pub questions: &'static [Question],
    /// The settings whose values are shown beside a change, because it depends on them what the change comes to.
    pub beside: &'static [Beside],
    /// What a 404 on the document means, and what to do.
    pub when_missing: &'static str,
    /// The rights that a 403 on reading the document asks for, as one sentence.
    pub rights_to_read: &'static str,
    /// The rights that a 403 on writing the document asks for, as one sentence.
    pub rights_to_write: &'static str,
    /// The scopes of which a token needs one to read the document.
    pub scopes_to_read: &'static [&'static str],
    /// The scopes of which a token needs one to write the document.
    pub scopes_to_write: &'static [&'static str],
    /// The user levels of which the owner of the token needs one to write the document.
    pub levels_to_write: &'static [&'static str],
}

/// How the API takes changes of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// PATCH with the changes as operations.
    Patch,
    /// PUT of the whole live document with the changes in it: what is left out may fall to a default.
    Put {
        /// Pointers of what the API answers but does not take.
        strip: &'static [&'static str],
        /// Whether a PUT creates a document that the tenant does not store.
        create: bool,
        /// Whether a DELETE takes a stored document away, so that what the tenant has above it holds.
        delete: bool,
    },
}

/// The form that an object of the document has in some generations.
#[derive(Debug)]
pub struct Shape {
    /// What the form is called.
    pub name: &'static str,
    /// Pointer of the object.
    pub object: &'static str,
    /// Pointers inside the object that only this form has.
    pub marks: &'static [&'static str],
    /// The generations that SailPoint documents with this form.
    pub generations: &'static [&'static str],
}

/// Resources are told apart by name.
impl PartialEq for Resource {
    fn eq(&self, other: &Resource) -> bool {
        self.name == other.name
    }
}

impl Eq for Resource {}

impl Hash for Resource {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl Resource {
    /// Returns the resource that settings files call `name`.
    pub fn named(name: &str) -> Option<&'static Resource> {
        CATALOGUE.into_iter().find(|resource| resource.name == name)
    }

    /// Returns the generation that settings files call `name`.
    pub fn generation(&self, name: &str) -> Option<&Generation> {
        self.generations.iter().find(|generation| generation.name == name)
    }

    /// Returns the setting at `pointer`, whichever generations have it; where their limits differ, as the oldest of them
    /// has it. Good for names and words, not for values of a settings file: for those see [`Resource::setting_in`].
    pub fn setting(&self, pointer: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.pointer == pointer)
    }

    /// Returns the setting at `pointer` as `generation` has it.
    pub fn setting_in<'a>(&'a self, generation: &Generation, pointer: &str) -> Option<&'a Setting> {
        if pointer.is_empty() && self.instances.is_some() {
            return Some(&WHOLE);
        }
        self.settings.iter().find(|setting| setting.pointer == pointer && setting.exists_in(generation))
    }

    /// Returns the setting at `pointer` as the generation of this name has it; `None` if there is no such generation.
    pub fn setting_at(&self, generation: &str, pointer: &str) -> Option<&Setting> {
        self.setting_in(self.generation(generation)?, pointer)
    }

    /// Returns the names of the generations that have a setting at `pointer` or below it, oldest first.
    pub fn generations_with(&self, pointer: &str) -> Vec<&'static str> {
        let below = format!("{pointer}/");
        let here = |setting: &&Setting| setting.pointer == pointer || setting.pointer.starts_with(&below);
        let has = |generation: &&Generation| self.settings_of(generation).any(|setting| here(&setting));
        self.generations.iter().filter(has).map(|generation| generation.name).collect()
    }

    /// Returns the generation that SailPoint asks to use.
    pub fn current(&self) -> Option<&Generation> {
        self.generation(self.current)
    }

    /// Returns the pointer under which newer generations keep the setting at `pointer`, where they have it elsewhere.
    pub fn counterpart(&self, pointer: &str) -> Option<&Counterpart> {
        self.counterparts.iter().find(|pair| pair.old == pointer)
    }

    /// Returns every setting, once where generations bound it differently.
    pub fn distinct(&self) -> impl Iterator<Item = &Setting> {
        let first =
            |setting: &&Setting| self.setting(setting.pointer).is_some_and(|first| std::ptr::eq(first, *setting));
        self.settings.iter().filter(first)
    }

    /// Returns the settings that `generation` has.
    pub fn settings_of<'a>(&'a self, generation: &'a Generation) -> impl Iterator<Item = &'a Setting> {
        self.settings.iter().filter(|setting| setting.exists_in(generation))
    }

    /// Returns whom a change of the setting at `pointer` touches; `None` if the catalogue does not say.
    pub fn touches(&self, pointer: &str) -> Option<&'static Touched> {
        self.touches.iter().find(|touched| pointer.starts_with(touched.beginning))
    }

    /// Returns what a change of the setting at `pointer` leaves open.
    pub fn questions(&self, pointer: &str, before: Option<&Value>, after: Option<&Value>) -> Vec<&'static str> {
        let of = self.questions.iter().filter(|question| question.of.pointer == pointer);
        let asked = of.filter(|question| (question.of.holds)(before, after)).map(|question| question.sentence);
        asked.chain(self.touches(pointer).into_iter().flat_map(|touched| touched.questions.iter().copied())).collect()
    }

    /// Returns the pointers of the settings whose values are shown beside a change of the setting at `pointer`.
    pub fn beside(
        &self,
        pointer: &str,
        before: Option<&Value>,
        after: Option<&Value>,
    ) -> impl Iterator<Item = &'static str> {
        let of = self.beside.iter().filter(move |beside| beside.of.pointer == pointer);
        of.filter(move |beside| (beside.of.holds)(before, after)).flat_map(|beside| beside.settings.iter().copied())
    }

    /// Returns where the setting at `pointer` stands in the order of plans.
    pub fn position(&self, pointer: &str) -> Option<usize> {
        self.settings.iter().position(|setting| setting.pointer == pointer)
    }

    /// Returns the names of the generations, oldest first.
    pub fn generation_names(&self) -> Vec<&'static str> {
        self.generations.iter().map(|generation| generation.name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_consistent() {
        for resource in CATALOGUE {
            for (index, setting) in resource.settings.iter().enumerate() {
                let place = format!("{} {}", resource.name, setting.pointer);
                assert!(setting.pointer.starts_with('/'), "{place}");
                for generation in resource.generations.iter().filter(|generation| setting.exists_in(generation)) {
                    let earlier = resource.settings.iter().take(index).find(|earlier| *earlier == setting);
                    assert!(earlier.is_none_or(|earlier| !earlier.exists_in(generation)), "{place} is listed twice");
                }
                for name in setting.generations {
                    assert!(resource.generation(name).is_some(), "{place}: no generation {name}");
                }
            }
            let pointers = resource.settings.iter().map(|setting| setting.pointer);
            let mut parents: Vec<&str> = pointers
                .flat_map(|pointer| pointer.match_indices('/').skip(1).map(|(end, _)| pointer.split_at(end).0))
                .collect();
            parents.sort_unstable();
            parents.dedup();
            let mut objects: Vec<&str> = resource.objects.iter().map(|(pointer, _)| *pointer).collect();
            objects.sort_unstable();
            assert_eq!(objects, parents, "{}: the objects around settings", resource.name);
            for setting in resource.settings {
                assert!(resource.touches(setting.pointer).is_some(), "{} {}: whom it touches", resource.name, setting);
            }
            for Touched { beginning, .. } in resource.touches {
                let known = resource.settings.iter().any(|setting| setting.pointer.starts_with(beginning));
                assert!(known, "{}: nothing begins with {beginning}", resource.name);
            }
            for Beside { of, settings } in resource.beside {
                for pointer in settings.iter().chain([&of.pointer]) {
                    assert!(resource.setting(pointer).is_some(), "{}{pointer}", resource.name);
                }
            }
            for Question { of, .. } in resource.questions {
                assert!(resource.setting(of.pointer).is_some(), "{}: {}", resource.name, of.pointer);
            }
            let of_people = resource.touches.iter().flat_map(|touched| touched.questions.iter().copied());
            for question in of_people.chain(resource.questions.iter().map(|question| question.sentence)) {
                let asked: Vec<&str> = question.split(": ask ").skip(1).collect();
                assert!(
                    matches!(asked.as_slice(), [one] if !one.contains(" and ") && !one.contains(',')),
                    "not for one person: {question}"
                );
            }
            for rule in resource.rules {
                let (Rule::AtMost { lesser: one, greater: other }
                | Rule::Moot { flag: one, cover: Part { pointer: other, .. }, .. }
                | Rule::Mind { flag: one, other, .. }
                | Rule::Together { first: one, second: other, .. }
                | Rule::Joint { first: Part { pointer: one, .. }, second: Part { pointer: other, .. }, .. }) = *rule;
                assert!(resource.setting(one).is_some() && resource.setting(other).is_some(), "{rule:?}");
            }
            if let Some(name) = resource.default_generation {
                assert!(resource.generation(name).is_some(), "{name}");
            }
            let current = resource.current().unwrap();
            assert!(!current.deprecated() && current.end.is_none(), "{}", current.path);
            for successor in resource.generations.iter().filter_map(Generation::successor) {
                assert_eq!(successor, current.name, "{}", resource.name);
            }
            for generation in resource.generations {
                assert_eq!(generation.path.contains("{id}"), resource.instances.is_some(), "{}", generation.path);
            }
        }
    }
}
