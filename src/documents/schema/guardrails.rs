//! The schema of guardrails, and of allowances, which are exceptions to them.
#![expect(clippy::indexing_slicing, reason = "indexing by key adds to the JSON objects that are built here")]

use serde_json::{Map, Value, json};

use super::{DRAFT, text_of};
use crate::guardrails::set::Lifting;
use crate::guardrails::subject::Subject;
use crate::guardrails::{ApprovalWord, Word};
use crate::resource::{CATALOGUE, Key};

/// The settings, each with every name that it has in guardrails and allowances.
fn subjects() -> Vec<(Subject, Vec<String>)> {
    let mut subjects: Vec<(Subject, Vec<String>)> = Vec::new();
    for (name, subject) in Subject::names() {
        match subjects.iter_mut().find(|(known, _)| *known == subject) {
            Some((_, names)) => names.push(name),
            None => subjects.push((subject, vec![name])),
        }
    }
    subjects
}

fn setting_names() -> Value {
    let mut forms = vec![json!({"enum": Subject::names().into_iter().map(|(name, _)| name).collect::<Vec<_>>()})];
    let settings = instances_of_settings().into_iter();
    forms.extend(settings.map(|(_, pattern)| json!({"type": "string", "pattern": pattern})));
    json!({"anyOf": forms})
}

/// The settings of which a tenant has several, each with a document that has it and a pattern of its names.
fn instances_of_settings() -> Vec<(Subject, String)> {
    let mut found = Vec::new();
    for resource in CATALOGUE {
        let Some(instances) = resource.instances else { continue };
        let Some(key) = Key::named(resource.name, Some(instances.example)) else { continue };
        let words: Vec<&str> = instances.words.iter().map(|(word, _)| *word).collect();
        let item = instances.pattern.trim_start_matches('^').trim_end_matches('$');
        let names = [words.join("|"), item.to_owned()].join("|");
        let escaped = names.replace('/', "~1");
        for setting in resource.distinct() {
            let dotted = setting.dotted().replace('.', "\\.");
            let pattern = format!(
                "^({}\\[({names})\\]\\.{dotted}|/{}/({escaped}){})$",
                resource.name, resource.name, setting.pointer
            );
            found.push((Subject { key: key.clone(), setting }, pattern));
        }
    }
    found
}

/// A reference to what a ceiling of a setting is.
fn ceiling_of(subject: &Subject) -> Value {
    refer(&definition_of(subject), subject.setting.about)
}

/// The name of a definition; a reference takes no brackets, so instances share the one of their resource.
fn definition_of(subject: &Subject) -> String {
    format!("{}.{}", subject.key.resource.name, subject.setting)
}

/// What the guardrails of a tenant and those of a set refer to.
pub(super) fn definitions() -> Map<String, Value> {
    let several = instances_of_settings();
    let subjects = subjects().into_iter().map(|(subject, _)| subject);
    let all = subjects.chain(several.iter().map(|(subject, _)| subject.clone()));
    let ceilings: Vec<(String, Value)> = all.map(|subject| (definition_of(&subject), ceiling(&subject))).collect();
    let keep: Map<String, Value> = Subject::names()
        .into_iter()
        .filter(|(_, subject)| subject.setting.kind.is_set())
        .map(|(name, subject)| {
            let mut schema = subject.setting.kind.schema();
            schema["description"] = json!("The members that must stay.");
            (name, schema)
        })
        .collect();
    let object = |properties| json!({"type": "object", "additionalProperties": false, "properties": properties});
    let limits = Subject::names().into_iter().map(|(name, subject)| (name, ceiling_of(&subject))).collect();
    let mut limits = object(limits);
    limits["patternProperties"] =
        several.iter().map(|(subject, pattern)| (pattern.clone(), ceiling_of(subject))).collect::<Map<_, _>>().into();
    let shared = [("setting", setting_names()), ("keep", object(keep)), ("limits", limits)];
    ceilings.into_iter().chain(shared.map(|(name, schema)| (name.to_owned(), schema))).collect()
}

fn refer(definition: &str, about: &str) -> Value {
    json!({"description": about, "allOf": [{"$ref": format!("#/definitions/{definition}")}]})
}

fn ceiling(subject: &Subject) -> Value {
    let setting = subject.setting;
    let mut schema = setting.kind.ceiling_schema();
    schema["description"] = json!(format!("{} The limit is {}.", setting.about, setting.kind.expects_ceiling()));
    schema
}

/// The guardrails of a tenant, and those of a set for several.
fn guardrails() -> Map<String, Value> {
    let properties = json!({
        "owner": text_of("Whom to ask; shown where one of these guardrails refuses."),
        "reason": text_of("Why these guardrails are there; shown where one of them refuses."),
        "deny": {
            "description": "Impacts and marks that no change may have.",
            "type": "array",
            "items": {"enum": Word::ALL.map(Word::text)},
        },
        "require": {
            "description": "Settings that must be managed.",
            "type": "array",
            "items": {"$ref": "#/definitions/setting"},
        },
        "keep": refer(
            "keep",
            "Members that must stay in their set. Only a change of this line permits that one leaves.",
        ),
        "limits": limits(),
        "maxChanges": {
            "description": "The most changes of one plan to the tenant at one address; members of a set count one by one.",
            "type": "integer",
            "minimum": 0,
        },
        "lift": {
            "description": "What may lift these guardrails. flags: flags and allowances. allowances: only allowances, for changes that loosen, need review or override.",
            "enum": Lifting::ALL.map(Lifting::text),
            "default": Lifting::Flags.text(),
        },
        "apply": {
            "description": "How an apply may be approved: by a saved plan, by --approved, by --yes, by the question at the terminal. Without it, every way is permitted.",
            "type": "array",
            "minItems": 1,
            "items": {"enum": ApprovalWord::ALL.map(ApprovalWord::text)},
        },
    });
    properties.as_object().cloned().unwrap_or_default()
}

pub(super) fn limits() -> Value {
    refer(
        "limits",
        "How far settings may be loosened: the highest number, or for a setting without an order the exact value. A \
         cleared setting has no maximum, so it exceeds every limit.",
    )
}

pub(super) fn guardrails_of_tenant() -> Value {
    json!({
        "description": "What no plan may do to the tenant, in addition to the guardrails of the workspace that apply to it.",
        "type": "object",
        "additionalProperties": false,
        "properties": guardrails(),
    })
}

pub(super) fn sets_of_guardrails() -> Value {
    let mut properties = guardrails();
    let values = json!({"type": "string", "pattern": "\\S"});
    let values = json!({"oneOf": [values, {"type": "array", "minItems": 1, "items": values}]});
    let host = json!({"type": "string", "pattern": "^(practice:.*|(?!.*://).*\\S.*)$"});
    let hosts = json!({
        "description": "The host of the tenant's address, or a list of hosts of which it is one.",
        "oneOf": [host, {"type": "array", "minItems": 1, "items": host}],
    });
    properties.insert(
        "for".to_owned(),
        json!({
            "description": "The tenants that the set is for: those with all of these labels, each with this value or one of \
                            these; `address` is the host of the tenant's address. Without it: every tenant.",
            "type": "object",
            "minProperties": 1,
            "properties": {"address": hosts},
            "additionalProperties": values,
        }),
    );
    json!({
        "description": "What no plan may do to several tenants. Every set that matches a tenant applies, in addition to its own guardrails.",
        "type": "array",
        "items": {"type": "object", "additionalProperties": false, "properties": properties},
    })
}
pub(super) fn allowances() -> Value {
    // What upTo takes lies with the setting.
    let one = subjects().into_iter().map(|(subject, names)| (subject, json!({"enum": names})));
    let several = instances_of_settings().into_iter().map(|(subject, pattern)| (subject, json!({"pattern": pattern})));
    let reaches: Vec<Value> = one
        .chain(several)
        .map(|(subject, names)| {
            let mut reach = ceiling(&subject);
            if subject.setting.nullable {
                let about = reach["description"].clone();
                reach = json!({"description": about, "oneOf": [reach, {"type": "null"}]});
            }
            json!({
                "if": {"properties": {"setting": names}, "required": ["setting"]},
                "then": {"properties": {"upTo": reach}},
            })
        })
        .collect();
    json!({
        "$schema": DRAFT,
        "title": "sailplan allowances",
        "description": "Exceptions to guardrails, each for one tenant until a day: changes of a setting up to a value, which raise deny, maxChanges and limits, or a loss of control.",
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["tenant", "reason", "ticket", "until"],
            "oneOf": [{"required": ["setting", "upTo"]}, {"required": ["release"]}],
            "dependencies": {"release": {"not": {"anyOf": [{"required": ["setting"]}, {"required": ["upTo"]}]}}},
            "properties": {
                "tenant": text_of("Name of the tenant; * and ? are wildcards."),
                "setting": {"description": "The setting.", "allOf": [setting_names()]},
                "upTo": {
                    "description": "How far the exception reaches: the highest number, for a set how many members may \
                                    join or leave, for anything else the exact value; null for clearing it.",
                },
                "release": {
                    "description": "What may leave control: the whole tenant, or these settings.",
                    "oneOf": [{"const": "all"}, {"type": "array", "minItems": 1, "items": setting_names()}],
                },
                "reason": text_of("Why there is an exception."),
                "ticket": text_of("Where it was decided."),
                "until": {
                    "description": "The last day on which it holds, in UTC.",
                    "type": "string",
                    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                    "errorMessage": "write the last day as YYYY-MM-DD",
                },
            },
            "allOf": reaches,
        },
    })
}
