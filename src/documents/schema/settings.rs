//! The schema of settings files, from the catalogue.
#![expect(clippy::indexing_slicing, reason = "indexing by key adds to the JSON objects that are built here")]

use serde_json::{Map, Value, json};

use super::DRAFT;
use crate::resource::instances::Instances;
use crate::resource::tree::{Member, Object};
use crate::resource::{CATALOGUE, Deprecation, Generation, Resource, Setting};

pub(super) fn settings() -> Value {
    let mut properties: Map<String, Value> =
        CATALOGUE.iter().map(|resource| (resource.name.to_owned(), of_resource(resource))).collect();
    properties.insert(
        "$schema".to_owned(),
        json!({
            "description": "Where editors find this schema, in a file that is JSON.",
            "type": "string",
        }),
    );
    let definitions: Map<String, Value> = CATALOGUE
        .iter()
        .flat_map(|resource| resource.generations.iter().map(move |generation| (resource, generation)))
        .map(|(resource, generation)| (definition(resource, generation), of_generation(resource, generation)))
        .collect();
    json!({
        "$schema": DRAFT,
        "title": "sailplan settings file",
        "description": "The desired settings of one or more SailPoint tenants. A key left out is not managed.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "definitions": definitions,
    })
}

fn definition(resource: &Resource, generation: &Generation) -> String {
    format!("{}.{}", resource.name, generation.name)
}

/// The fields depend on the generation that `apiVersion` names, so there is one branch for each generation. A later layer
/// may leave it out where an earlier one names it, so without it the fields of any one generation will do.
fn of_resource(resource: &'static Resource) -> Value {
    match resource.instances {
        Some(instances) => of_instances(resource, instances),
        None => of_document(resource),
    }
}

/// One key for each document that the tenant has of the resource.
fn of_instances(resource: &'static Resource, instances: &Instances) -> Value {
    let mut document = of_document(resource);
    document["not"] = json!({"type": "string"});
    let said = |about: &str| {
        let words = json!({
            "description": "inherit deletes it in the tenant, so that the values above it hold; unmanaged releases what an earlier layer manages.",
            "enum": ["inherit", "unmanaged"],
        });
        json!({"description": about, "anyOf": [document, words]})
    };
    let named: Map<String, Value> =
        instances.words.iter().map(|(word, about)| ((*word).to_owned(), said(about))).collect();
    json!({
        "description": resource.about,
        "type": "object",
        "additionalProperties": false,
        "properties": named,
        "patternProperties": {instances.pattern: said("The configuration of a single item.")},
    })
}

fn of_document(resource: &'static Resource) -> Value {
    let reference = |generation| json!({"$ref": format!("#/definitions/{}", definition(resource, generation))});
    let generations = best_first(resource);
    let mut branches: Vec<Value> = generations
        .iter()
        .copied()
        .map(|generation| {
            let default = resource.default_generation == Some(generation.name);
            // A pattern and not a const: for completion, yaml-language-server takes every const as met.
            let name = json!({"type": "string", "pattern": format!("^{}$", generation.name)});
            let mut condition = json!({"properties": {"apiVersion": name}});
            if !default {
                condition["required"] = json!(["apiVersion"]);
            }
            json!({"if": condition, "then": reference(generation)})
        })
        .collect();
    if resource.default_generation.is_none() {
        let any: Vec<Value> = generations.iter().copied().map(reference).collect();
        branches.push(json!({"if": {"not": {"required": ["apiVersion"]}}, "then": {"anyOf": any}}));
    }
    let names: Vec<&str> = generations.iter().map(|generation| generation.name).collect();
    let standings: Vec<String> = generations.iter().map(|generation| standing(resource, generation)).collect();
    let mut schema = json!({
        "description": resource.about,
        "type": "object",
        "properties": {
            "apiVersion": {
                "description": "The API generation whose fields are used.",
                "enum": names,
                "enumDescriptions": standings,
                "errorMessage": format!("write one of {}", names.join(", ")),
            },
        },
        "allOf": branches,
    });
    if let Some(name) = resource.default_generation {
        schema["properties"]["apiVersion"]["default"] = json!(name);
    }
    schema
}

fn of_generation(resource: &Resource, generation: &Generation) -> Value {
    let settings: Vec<&Setting> = resource.settings_of(generation).collect();
    let mut schema = of_object(resource.document(Some(generation)));
    schema["properties"]["apiVersion"] = json!({"description": standing(resource, generation)});
    schema["properties"]["unmanaged"] = json!({
        "description": "Settings, or objects of settings, that an earlier layer manages and this one releases.",
        "type": "array",
        "items": releasable(&settings),
    });
    for pointer in resource.read_only {
        schema["properties"][pointer.trim_start_matches('/')] = json!({"description": "Read-only; ignored."});
    }
    schema
}

/// Returns the generations as editors offer them: the current one, then the others from the newest.
fn best_first(resource: &'static Resource) -> Vec<&'static Generation> {
    let current = resource.current();
    let others = resource.generations.iter().rev().filter(|generation| Some(*generation) != current);
    current.into_iter().chain(others).collect()
}

/// What SailPoint says about a generation.
fn standing(resource: &Resource, generation: &Generation) -> String {
    if let Some(Deprecation { since, until, successor }) = generation.deprecation {
        return format!(
            "{}: SailPoint deprecated it on {since} and keeps it until {until}; use {successor}.",
            generation.name
        );
    }
    let current = (resource.current() == Some(generation)).then_some("current");
    let experimental = generation.experimental.then_some("experimental");
    let words: Vec<&str> = current.into_iter().chain(experimental).collect();
    let end = generation.end.map(|end| format!(" It goes off in {}; use {} from then on.", end.off, end.successor));
    format!("{}: {}.{}", generation.name, words.join(", "), end.unwrap_or_default())
}

/// What `unmanaged` takes: settings and the objects around them, with dots or slashes between keys. Editors complete the
/// names of the first form.
fn releasable(settings: &[&Setting]) -> Value {
    let mut names: Vec<String> = Vec::new();
    for setting in settings {
        let keys: Vec<&str> = setting.keys().collect();
        for depth in 1..=keys.len() {
            let name = keys.iter().take(depth).copied().collect::<Vec<_>>().join(".");
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let pattern = format!("^/*({})$", names.join("|").replace('.', "[./]"));
    json!({"anyOf": [{"enum": names}, {"type": "string", "pattern": pattern}]})
}

fn of_object(object: Object<'_>) -> Value {
    let properties: Map<String, Value> = object
        .members()
        .into_iter()
        .map(|(key, member)| {
            let schema = match member {
                Member::Setting(setting) => of_setting(setting),
                Member::Object(inner) => of_object(inner),
            };
            (key.to_owned(), schema)
        })
        .collect();
    let mut schema = json!({"type": "object", "additionalProperties": false, "properties": properties});
    if let Some(about) = object.about() {
        schema["description"] = json!(about);
    }
    schema
}

/// Editors would say of a wrong value which JSON types there may be, and offer `null` alone; `errorMessage` and `examples`
/// say and offer what people write.
fn of_setting(setting: &Setting) -> Value {
    let mut schema = setting.kind.schema();
    let mut message = format!("write {}", setting.kind.expects());
    let examples: Vec<Value> = setting.kind.examples().iter().filter_map(|example| scalar(example)).collect();
    if !examples.is_empty() {
        schema["examples"] = json!(examples);
    }
    if setting.nullable {
        message.push_str(", or null to clear the setting");
        let null = json!({"description": "Clears the setting.", "type": "null", "errorMessage": message});
        schema["errorMessage"] = json!(message);
        let forms = [schema, null];
        schema = json!({"oneOf": forms.into_iter().chain(setting.kind.unset_schema()).collect::<Vec<_>>()});
    }
    schema["errorMessage"] = json!(message);
    schema["description"] = json!(setting.about);
    schema
}

/// Returns an example that is one word or number; editors complete lists and objects from their schema.
fn scalar(example: &str) -> Option<Value> {
    let plain = example.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let word = || Value::String(example.to_owned());
    let value = plain.then(|| serde_json::from_str(example).unwrap_or_else(|_| word()))?;
    (!value.is_null()).then_some(value)
}
