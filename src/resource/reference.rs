//! Ids in values: what each stands for, and what is known of it beside the id.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde_json::Value;

/// What an id stands for. Where a tenant lists them, and by which right, `look_up` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Referent {
    /// An entitlement of a source.
    Entitlement,
    /// A person.
    Person,
    /// A governance group.
    Group,
    /// A notification template, by its key or its name.
    Template,
    /// A form.
    Form,
    /// A workflow.
    Workflow,
}

impl Referent {
    /// All of them, in the order in which they are looked up.
    pub const ALL: [Referent; 6] = [
        Referent::Entitlement,
        Referent::Person,
        Referent::Group,
        Referent::Template,
        Referent::Form,
        Referent::Workflow,
    ];

    /// Returns what one and what several of them are called.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Referent::Entitlement => ("entitlement", "entitlements"),
            Referent::Person => ("person", "people"),
            Referent::Group => ("governance group", "governance groups"),
            Referent::Template => ("notification template", "notification templates"),
            Referent::Form => ("form", "forms"),
            Referent::Workflow => ("workflow", "workflows"),
        }
    }
}

/// An id in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference<'a> {
    /// What it stands for.
    pub referent: Referent,
    /// The id.
    pub id: &'a str,
}

impl Reference<'_> {
    /// Returns the approver with this id; `None` if the type of approver has no id that can be looked up.
    pub fn to_approver<'a>(kind: &str, id: Option<&'a str>) -> Option<Reference<'a>> {
        let referent = match kind {
            "IDENTITY" => Referent::Person,
            "GOVERNANCE_GROUP" => Referent::Group,
            "WORKFLOW" => Referent::Workflow,
            _ => return None,
        };
        Some(Reference { referent, id: id? })
    }
}

/// What is known of the ids in a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Names, from settings files and, where they were looked up, from the tenant.
    pub names: BTreeMap<String, String>,
    /// Names of people, looked up: not for every output.
    pub people: BTreeMap<String, String>,
    /// How many people hold an entitlement, where that was looked up.
    pub holders: BTreeMap<String, Holders>,
}

impl Known {
    /// What a settings file calls the ids in a value. Most values have none, so what is known of them is shared.
    pub fn of_names(names: BTreeMap<String, String>) -> Arc<Known> {
        static NOTHING: LazyLock<Arc<Known>> = LazyLock::new(Arc::default);
        if names.is_empty() { NOTHING.clone() } else { Arc::new(Known { names, ..Known::default() }) }
    }

    /// Returns whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.people.is_empty() && self.holders.is_empty()
    }

    /// Takes over what another knows beside it; where both know something, the other is right.
    pub fn extend(&mut self, other: &Known) {
        let Known { names, people, holders } = other;
        self.names.extend(names.iter().map(|(id, name)| (id.clone(), name.clone())));
        self.people.extend(people.iter().map(|(id, name)| (id.clone(), name.clone())));
        self.holders.extend(holders.iter().map(|(id, holders)| (id.clone(), *holders)));
    }
}

/// How many connections of people to an entitlement there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holders {
    /// Those that have to be activated.
    pub jit: u64,
    /// Those that stand.
    pub standing: u64,
}

/// Returns an id with its name, so that neither can imitate the words around it.
pub fn named(id: &str, name: &str) -> String {
    format!("\"{}\" ({id})", name.replace('"', "'"))
}

/// Returns a sentence in which every known id has its name beside it.
pub fn name_ids(sentence: &str, names: &BTreeMap<String, String>) -> String {
    if names.is_empty() {
        return sentence.to_owned();
    }
    let part_of_id = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let mut told = String::new();
    let mut rest = sentence;
    while !rest.is_empty() {
        let end = rest.find(|letter| !part_of_id(letter)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        // A word of the sentence itself may be an id as well, such as the key of a template.
        let name = names.get(word).filter(|_| word.bytes().any(|byte| byte.is_ascii_digit()));
        told.push_str(&name.map_or_else(|| word.to_owned(), |name| named(word, name)));
        let next = after.find(part_of_id).unwrap_or(after.len());
        let (between, next) = after.split_at(next);
        told.push_str(between);
        rest = next;
    }
    told
}

/// Returns a value in which every text that is a known id has its name beside it.
pub fn with_names(
    value: &Value,
    names: &BTreeMap<String, String>,
    word: impl Fn(&str, &str) -> String + Copy,
) -> Value {
    match value {
        Value::String(id) => {
            // A template may be named by its name.
            let name = names.get(id).filter(|name| *name != id);
            name.map_or_else(|| value.clone(), |name| Value::from(word(id, name)))
        }
        Value::Array(items) => items.iter().map(|item| with_names(item, names, word)).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(key, value)| (key.clone(), with_names(value, names, word))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_a_sentence_get_their_names_once() {
        let names = [("38e1-a", "group 7 \"no approval\""), ("7", "seven"), ("manager", "x")];
        let names = names.map(|(id, name)| (id.to_owned(), name.to_owned())).into();
        assert_eq!(
            name_ids("The manager, then 38e1-a; 38e1-ab and 7.", &names),
            "The manager, then \"group 7 'no approval'\" (38e1-a); 38e1-ab and \"seven\" (7)."
        );
        assert_eq!(name_ids("", &names), "");
    }
}
