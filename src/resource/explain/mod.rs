//! What there is to know about a setting, from the tables that read and judge it: nothing here is written twice, so nothing
//! here can be out of date.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::resource::impact::Impact;
use crate::resource::{Generation, Resource, Rule, Setting};

mod find;
#[cfg(test)]
mod tests;

pub use find::{Chosen, find};

/// The form of the document; additions raise the minor number.
pub const FORMAT_VERSION: &str = "1.2";

/// What `sailplan explain --format json` prints.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The form of the document, such as `1.0`; additions raise the minor number.
    pub format_version: String,
    /// The version of sailplan that wrote it.
    pub sailplan: String,
    /// The settings, in the order of plans.
    pub settings: Vec<Explained>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// The resource, such as `jitActivationPolicy`.
    pub resource: String,
    /// The JSON Pointer of the setting in the resource.
    pub pointer: String,
    /// What the setting does.
    pub about: String,
    /// What it takes; more than one where generations differ.
    pub takes: Vec<Takes>,
    /// What clears it, as a settings file writes it; empty where the API cannot clear it.
    pub cleared_by: Vec<String>,
    /// Whether emptying it has to be asked for with --allow-empty.
    pub guards_emptying: bool,
    /// The API generations that have it, oldest first.
    pub generations: Vec<Available>,
    /// Where the other generations have it, in sentences without a full stop.
    pub elsewhere: Vec<String>,
    /// What its changes mean for security, gravest first.
    pub changes: Vec<ChangeMeaning>,
    /// What it has to do with other settings, in sentences without a full stop.
    pub related: Vec<String>,
    /// A whole settings file that sets it.
    pub example: String,
    /// SailPoint's page about the resource.
    pub documentation: String,
}

/// What a setting takes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Takes {
    /// In words.
    pub expects: String,
    /// Values in each form that a settings file takes.
    pub examples: Vec<String>,
    /// The smallest number.
    pub minimum: Option<i64>,
    /// The largest number.
    pub maximum: Option<i64>,
    /// The generations for which this holds.
    pub generations: Vec<String>,
}

/// A generation that has a setting.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Available {
    /// What a settings file writes as `apiVersion`.
    pub name: String,
    /// current, deprecated or experimental; null if it is not one of them. Of several the first.
    pub status: Option<String>,
    /// Whether SailPoint calls it experimental, current or not: it may change with little or no notice.
    pub experimental: bool,
    /// When SailPoint ends it, in words; null if that is not announced.
    pub ends: Option<String>,
    /// The generation that SailPoint names to use instead.
    pub successor: Option<String>,
}

/// What one way of changing a setting means.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Meaning")]
pub struct ChangeMeaning {
    /// What happens to the value, such as "raised".
    pub what: String,
    /// What it means for security.
    pub impact: Impact,
    /// Whether it stops something that people use today.
    pub disrupts: bool,
    /// What a plan says about the sample.
    pub sentence: String,
    /// A sample of a value before, as people read it.
    pub before: String,
    /// A sample of a value after, as people read it.
    pub after: String,
}

/// Explains settings.
pub fn explanation(chosen: &Chosen) -> Explanation {
    Explanation {
        format_version: FORMAT_VERSION.to_owned(),
        sailplan: env!("CARGO_PKG_VERSION").to_owned(),
        settings: chosen.settings.iter().map(|(resource, setting)| explain(resource, setting)).collect(),
    }
}

fn explain(resource: &Resource, setting: &Setting) -> Explained {
    let here: Vec<&Generation> = resource
        .generations
        .iter()
        .filter(|generation| resource.setting_in(generation, setting.pointer).is_some())
        .collect();
    let forms = resource.settings.iter().filter(|form| *form == setting);
    Explained {
        resource: resource.name.to_owned(),
        pointer: setting.pointer.to_owned(),
        about: setting.about.to_owned(),
        takes: forms.map(|form| takes(form, &here)).collect(),
        cleared_by: match (setting.nullable, setting.kind.is_list()) {
            (false, _) => Vec::new(),
            (true, false) => vec!["null".to_owned()],
            (true, true) => vec!["null".to_owned(), "[]".to_owned()],
        },
        guards_emptying: setting.kind.guards_emptying(),
        generations: here.iter().map(|generation| available(resource, generation)).collect(),
        elsewhere: elsewhere(resource, setting, &here),
        changes: changes(setting),
        related: related(resource, setting.pointer),
        example: best(resource, &here)
            .and_then(|generation| {
                let setting = resource.setting_in(generation, setting.pointer)?;
                Some(example(resource, generation, setting, setting.kind.examples().first()?))
            })
            .unwrap_or_default(),
        documentation: resource.documentation.to_owned(),
    }
}

fn takes(form: &Setting, here: &[&Generation]) -> Takes {
    let schema = form.kind.schema();
    Takes {
        expects: form.kind.expects().to_owned(),
        examples: form.kind.examples().iter().map(|&example| example.to_owned()).collect(),
        minimum: number(&schema, "minimum"),
        maximum: number(&schema, "maximum"),
        generations: here
            .iter()
            .filter(|generation| form.exists_in(generation))
            .map(|generation| generation.name.to_owned())
            .collect(),
    }
}

/// Returns the number after a key, anywhere in a schema; no kind of value has two ranges.
fn number(schema: &Value, key: &str) -> Option<i64> {
    match schema {
        Value::Object(object) => {
            object.get(key).and_then(Value::as_i64).or_else(|| object.values().find_map(|inner| number(inner, key)))
        }
        Value::Array(list) => list.iter().find_map(|inner| number(inner, key)),
        _ => None,
    }
}

fn available(resource: &Resource, generation: &Generation) -> Available {
    let current = resource.current() == Some(generation);
    let status = if current {
        Some("current")
    } else if generation.deprecated() {
        Some("deprecated")
    } else {
        generation.experimental.then_some("experimental")
    };
    let kept = generation.deprecation.map(|deprecation| format!("kept until {}", deprecation.until));
    Available {
        name: generation.name.to_owned(),
        status: status.map(str::to_owned),
        experimental: generation.experimental,
        ends: kept.or_else(|| generation.end.map(|end| format!("goes off in {}", end.off))),
        successor: generation.successor().map(str::to_owned),
    }
}

fn elsewhere(resource: &Resource, setting: &Setting, here: &[&Generation]) -> Vec<String> {
    let mut sentences = Vec::new();
    let dotted = |pointer: &str| resource.setting(pointer).map(Setting::dotted).unwrap_or_default();
    for pair in resource.counterparts {
        let other = match setting.pointer {
            pointer if pointer == pair.old => pair.new,
            pointer if pointer == pair.new => pair.old,
            _ => continue,
        };
        sentences.push(format!("{} instead in {}", dotted(other), resource.generations_with(other).join(", ")));
    }
    if let Some(place) = setting.moved {
        let without: Vec<&str> = resource
            .generations
            .iter()
            .filter(|generation| !here.contains(generation))
            .map(|generation| generation.name)
            .collect();
        sentences.push(format!("not in {}: moved to {place}", without.join(", ")));
    }
    sentences
}

/// The rule of the setting judges a sample of each change, so that what is said here is what a plan will say.
fn changes(setting: &Setting) -> Vec<ChangeMeaning> {
    let mut judged: Vec<_> = setting
        .kind
        .moves()
        .into_iter()
        .filter(|sample| setting.nullable || (sample.before.is_some() && sample.after.is_some()))
        .map(|sample| {
            let nothing = if setting.kind.is_list() { Value::Array(Vec::new()) } else { Value::Null };
            let after = sample.after.unwrap_or(nothing);
            let effect = setting.effect(sample.before.as_ref(), &after);
            let meaning = ChangeMeaning {
                what: sample.what.to_owned(),
                impact: effect.impact,
                disrupts: effect.disrupts,
                sentence: effect.sentence,
                before: setting.show(sample.before.as_ref()),
                after: setting.show(Some(&after)),
            };
            (effect.impact, meaning)
        })
        .collect();
    judged.sort_by_key(|(impact, _)| *impact);
    judged.into_iter().map(|(_, meaning)| meaning).collect()
}

fn related(resource: &Resource, pointer: &str) -> Vec<String> {
    let name = |pointer: &str| resource.setting(pointer).map(Setting::dotted).unwrap_or_default();
    let sentence = |rule: &Rule| match *rule {
        Rule::AtMost { lesser, greater } if pointer == lesser => Some(format!("may not be above {}", name(greater))),
        Rule::AtMost { lesser, greater } if pointer == greater => Some(format!("may not be below {}", name(lesser))),
        Rule::Moot { flag, cover, why } if pointer == flag => {
            Some(format!("has no effect while {} is {}: {why}", name(cover.pointer), cover.state))
        }
        Rule::Moot { flag, cover, .. } if pointer == cover.pointer => {
            Some(format!("while it is {}, {} has no effect", cover.state, name(flag)))
        }
        Rule::Together { first, second, subject, .. } if pointer == first || pointer == second => {
            let other = if pointer == first { second } else { first };
            Some(format!("adds up with {}: {} the sum of both", name(other), lower_first(subject)))
        }
        Rule::Joint { first, second, sentence } if pointer == first.pointer || pointer == second.pointer => {
            let other = if pointer == first.pointer { second } else { first };
            Some(format!("can act together with {}: {}", name(other.pointer), lower_first(sentence)))
        }
        Rule::Mind { flag, other, when, why } if pointer == flag => {
            Some(format!("while {} is {when}, it should be false: {why}", name(other)))
        }
        Rule::Mind { flag, other, when, why } if pointer == other => {
            Some(format!("should not be {when} while {} is true: {why}", name(flag)))
        }
        Rule::AtMost { .. } | Rule::Moot { .. } | Rule::Mind { .. } | Rule::Together { .. } | Rule::Joint { .. } => {
            None
        }
    };
    resource.rules.iter().filter_map(sentence).collect()
}

/// Returns the text to follow a colon or a semicolon: abbreviations keep their letters.
pub fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// Returns the generation for an example: the default one, else the current one, else the newest.
fn best<'a>(resource: &Resource, here: &[&'a Generation]) -> Option<&'a Generation> {
    let named = |name: Option<&str>| here.iter().find(|generation| Some(generation.name) == name).copied();
    named(resource.default_generation)
        .or_else(|| named(resource.current().map(|generation| generation.name)))
        .or_else(|| here.last().copied())
}

/// Returns a settings file that gives `setting` the value that `value` writes.
fn example(resource: &Resource, generation: &Generation, setting: &Setting, value: &str) -> String {
    let mut text = format!("{}:\n", resource.name);
    let outer = match resource.instances {
        Some(instances) => {
            let _ = writeln!(text, "  {}:", instances.example);
            2
        }
        None => 1,
    };
    if resource.default_generation != Some(generation.name) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  apiVersion: {}", generation.name);
    }
    let keys: Vec<&str> = setting.keys().collect();
    for (depth, key) in keys.iter().enumerate() {
        let value = if depth + 1 == keys.len() { format!(" {value}") } else { String::new() };
        let _ = writeln!(text, "{:indent$}{key}:{value}", "", indent = 2 * (depth + outer));
    }
    text
}
