//! The catalogue of what sailplan manages, and the types that describe it.
//!
//! A resource is one file here; a setting is one entry in it, a kind of value one file in [`kind`]. Comparison, plan,
//! schema, `explain` and every report walk these tables, so nothing else changes when one grows.

mod catalogue;
pub mod difference;
pub mod document;
pub mod explain;
pub mod host;
pub mod impact;
pub mod instances;
pub mod key;
pub mod kind;
pub mod named;
pub mod reference;
pub mod tree;

mod access_request_config;
mod approvals_config;
mod jit_activation_policy;
#[cfg(test)]
mod new_setting;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use impact::{Effect, Judgement, Loosest, Weight};
use instances::{Instances, WHOLE};
pub use key::Key;
use kind::Kind;
use reference::Reference;

pub use catalogue::CATALOGUE;

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

/// One API generation of a resource.
#[derive(Debug)]
pub struct Generation {
    /// What a settings file writes as `apiVersion`.
    pub name: &'static str,
    /// The path below the tenant's base address; `{id}` and `{scope}` in it stand for the instance, see
    /// [`Generation::path_of`].
    pub path: &'static str,
    /// The path of writes, if it is another one.
    pub write_path: Option<&'static str>,
    /// Whether SailPoint calls it experimental: it may change with little or no notice. Words for people only: every
    /// request carries `X-SailPoint-Experimental: true`, because SailPoint moves that demand without notice.
    pub experimental: bool,
    /// Since when and until when, if SailPoint deprecated it.
    pub deprecation: Option<Deprecation>,
    /// When its paths go off, if SailPoint announced that without deprecating it.
    pub end: Option<End>,
    /// What else a write through it changes, if SailPoint keeps those settings elsewhere now.
    pub overrides: Option<Overrides>,
}

/// The end of a generation, as SailPoint's API change log and deprecation policy announce it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deprecation {
    /// The day from which SailPoint asks to use its successor.
    pub since: &'static str,
    /// Until when it works, in words that follow "until".
    pub until: &'static str,
    /// The generation to use instead.
    pub successor: &'static str,
}

/// The announced end of a generation that is not deprecated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// When its paths go off, in words that follow "in".
    pub off: &'static str,
    /// The generation to use from then on.
    pub successor: &'static str,
}

/// An object of an old generation whose settings SailPoint moved elsewhere. A PUT that carries it writes it there too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overrides {
    /// Pointer of the object.
    pub object: &'static str,
    /// What a PUT with it does, as one sentence without a full stop.
    pub sentence: &'static str,
    /// What it writes, for an approver.
    pub what: &'static str,
    /// Whether it does, to follow the change: "will also overwrite".
    pub does: &'static str,
}

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
        /// Pointer of the setting that covers it.
        cover: &'static str,
        /// The value at which it does.
        at: bool,
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
            | Rule::Moot { flag: one, cover: other, .. }
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
    /// Returns whether it plays its part, from its value before and after; `None` if it has none.
    pub holds: fn(Option<&Value>, Option<&Value>) -> bool,
}

impl Part {
    /// A flag that is true.
    pub const fn on(pointer: &'static str) -> Part {
        Part { pointer, holds: |_, after| after == Some(&Value::Bool(true)) }
    }

    /// A flag that is false.
    pub const fn off(pointer: &'static str) -> Part {
        Part { pointer, holds: |_, after| after == Some(&Value::Bool(false)) }
    }

    /// A setting without a value.
    pub const fn cleared(pointer: &'static str) -> Part {
        Part { pointer, holds: |_, after| after.is_none_or(Value::is_null) }
    }

    /// A setting with a value.
    pub const fn set(pointer: &'static str) -> Part {
        Part { pointer, holds: |_, after| after.is_some_and(|value| !value.is_null()) }
    }

    /// A list or text that is there and empty.
    pub const fn empty(pointer: &'static str) -> Part {
        let empty = |_: Option<&Value>, after: Option<&Value>| {
            after.is_some_and(|value| value == "" || value.as_array().is_some_and(Vec::is_empty))
        };
        Part { pointer, holds: empty }
    }

    /// A set from which a member goes.
    pub const fn loses_members(pointer: &'static str) -> Part {
        Part { pointer, holds: impact::loses_members }
    }
}

/// Whom a change touches.
#[derive(Clone, Copy, Debug)]
pub struct Touched {
    /// The beginning of the pointers of the settings.
    pub beginning: &'static str,
    /// The people, in words that follow "for".
    pub whom: &'static str,
    /// What becomes of what is under way, or that it is not documented, as a clause.
    pub meanwhile: Option<&'static str>,
    /// What is not known about that and whom to ask, as one sentence without a full stop.
    pub question: Option<&'static str>,
}

impl Touched {
    /// Nothing is under way that a change could touch.
    const fn of(beginning: &'static str, whom: &'static str) -> Touched {
        Touched { beginning, whom, meanwhile: None, question: None }
    }

    const fn meanwhile(self, clause: &'static str) -> Touched {
        Touched { meanwhile: Some(clause), ..self }
    }

    const fn asking(self, clause: &'static str, question: &'static str) -> Touched {
        Touched { meanwhile: Some(clause), question: Some(question), ..self }
    }

    /// Returns the people and what becomes of what is under way.
    pub fn words(&self) -> String {
        let meanwhile = self.meanwhile.map(|clause| format!("; {clause}")).unwrap_or_default();
        format!("{}{meanwhile}", self.whom)
    }
}

/// What a change leaves open.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The change that does.
    pub of: Part,
    /// What is not known and whom to ask, as one sentence without a full stop.
    pub sentence: &'static str,
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

/// Generations are told apart by path: different resources may name theirs alike.
impl PartialEq for Generation {
    fn eq(&self, other: &Generation) -> bool {
        self.path == other.path
    }
}

impl Eq for Generation {}

/// Settings of one resource are told apart by pointer: one that generations bound differently is still the same setting.
impl PartialEq for Setting {
    fn eq(&self, other: &Setting) -> bool {
        self.pointer == other.pointer
    }
}

impl Eq for Setting {}

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
        asked.chain(self.touches(pointer).and_then(|touched| touched.question)).collect()
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

impl Generation {
    /// Returns the path of a document below the tenant's base address, to read it. Where the id is that of the tenant, it
    /// has `{tenant}` in its place: the token names it.
    pub fn path_of(&self, key: &Key) -> Cow<'static, str> {
        expand(self.path, key)
    }

    /// Returns the path to write the document, as [`Generation::path_of`] does.
    pub fn write_path_of(&self, key: &Key) -> Cow<'static, str> {
        expand(self.write_path.unwrap_or(self.path), key)
    }

    /// Returns the generation that SailPoint names to use instead.
    pub fn successor(&self) -> Option<&'static str> {
        let deprecated = self.deprecation.map(|deprecation| deprecation.successor);
        deprecated.or_else(|| self.end.map(|end| end.successor))
    }

    /// Returns whether SailPoint deprecated the generation.
    pub fn deprecated(&self) -> bool {
        self.deprecation.is_some()
    }
}

/// What stands for itself in a segment of a path; a dot does not, for two of them lead out of it.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// Puts id and scope of an instance into a path, each as one segment.
fn expand(path: &'static str, key: &Key) -> Cow<'static, str> {
    let place = key.resource.instances.zip(key.instance.as_ref());
    let Some(place) = place.and_then(|(instances, name)| (instances.place)(name.as_str())) else {
        return Cow::Borrowed(path);
    };
    let segment = |text: &str| utf8_percent_encode(text, SEGMENT).to_string();
    let id = place.id.map_or_else(|| "{tenant}".to_owned(), |id| segment(&id));
    Cow::Owned(path.replace("{scope}", &segment(&place.scope)).replace("{id}", &id))
}

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
        self.pointer.trim_start_matches('/').replace('/', ".")
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
            Judgement::Ceiling { .. } => "no limit of its own",
            Judgement::Of(_, Loosest::Nothing) if !self.kind.is_set() => "no limit",
            _ if self.kind.is_set() => "none",
            _ if value.is_none() && !matches!(self.impact, Judgement::Default { .. }) => "not shown by the tenant",
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
            for Question { of, .. } in resource.questions {
                assert!(resource.setting(of.pointer).is_some(), "{}: {}", resource.name, of.pointer);
            }
            for rule in resource.rules {
                let (Rule::AtMost { lesser: one, greater: other }
                | Rule::Moot { flag: one, cover: other, .. }
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
