//! The published JSON Schemas (draft 7, the newest that the YAML language server documents), made from the catalogue and
//! from the types of the documents.
#![expect(clippy::indexing_slicing, reason = "indexing by key adds to the JSON objects that are built here")]

use clap::ValueEnum;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use self::together::together;
use crate::documents::doctor::Diagnosis;
use crate::documents::listing::TenantList;
use crate::documents::plan::PlanFile;
use crate::documents::receipt::Receipt;
use crate::documents::validation::Validation;
use crate::documents::version::Version;
use crate::guardrails::set::Lifting;
use crate::guardrails::subject::Subject;
use crate::guardrails::{ApprovalWord, Word};
use crate::plan::looked_up::LookUp;
use crate::resource::explain::Explanation;
use crate::resource::instances::Instances;
use crate::resource::tree::{Member, Object};
use crate::resource::{CATALOGUE, Deprecation, Generation, Key, Resource, Setting};

/// The folder beside a workspace file in which `sailplan init` puts schemas for editors.
pub const FOLDER: &str = "schemas";

/// What there is a schema of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Schema {
    /// Settings files
    Settings,
    /// The workspace file sailplan.yaml
    Workspace,
    /// Files of single tenants, which tenantsFrom in the workspace file names
    TenantFile,
    /// Files of allowances
    Allowances,
    /// Plans, as plan --format json prints them
    Plan,
    /// Receipts
    Receipt,
    /// What validate --format json prints
    Validation,
    /// What explain --format json prints
    Explanation,
    /// What tenants --format json prints
    Tenants,
    /// What doctor --format json prints
    Diagnosis,
    /// What version --format json prints
    Version,
}

impl Schema {
    /// Every schema.
    pub const ALL: [Schema; 11] = [
        Schema::Settings,
        Schema::Workspace,
        Schema::TenantFile,
        Schema::Allowances,
        Schema::Plan,
        Schema::Receipt,
        Schema::Validation,
        Schema::Explanation,
        Schema::Tenants,
        Schema::Diagnosis,
        Schema::Version,
    ];

    /// Returns the file in `schemas/` that holds it.
    pub fn file(self) -> &'static str {
        match self {
            Schema::Settings => "settings.schema.json",
            Schema::Workspace => "workspace.schema.json",
            Schema::TenantFile => "tenant-file.schema.json",
            Schema::Allowances => "allowances.schema.json",
            Schema::Plan => "plan.schema.json",
            Schema::Receipt => "receipt.schema.json",
            Schema::Validation => "validation.schema.json",
            Schema::Explanation => "explanation.schema.json",
            Schema::Tenants => "tenants.schema.json",
            Schema::Diagnosis => "diagnosis.schema.json",
            Schema::Version => "version.schema.json",
        }
    }
}

/// Returns a schema as text.
///
/// # Errors
///
/// The schema cannot be written as JSON.
pub fn text(schema: Schema) -> serde_json::Result<String> {
    let generator = || SchemaSettings::draft07().into_generator();
    let value = match schema {
        Schema::Settings => together(settings()),
        Schema::Workspace => together(workspace()),
        Schema::TenantFile => together(tenant_file()),
        Schema::Allowances => together(allowances()),
        Schema::Plan => sealed(generator().into_root_schema_for::<PlanFile>().to_value()),
        Schema::Receipt => sealed(generator().into_root_schema_for::<Receipt>().to_value()),
        Schema::Validation => generator().into_root_schema_for::<Validation>().to_value(),
        Schema::Explanation => generator().into_root_schema_for::<Explanation>().to_value(),
        Schema::Tenants => generator().into_root_schema_for::<TenantList>().to_value(),
        Schema::Diagnosis => generator().into_root_schema_for::<Diagnosis>().to_value(),
        Schema::Version => generator().into_root_schema_for::<Version>().to_value(),
    };
    Ok(format!("{}\n", serde_json::to_string_pretty(&value)?))
}

/// Returns the title of a schema, as its text says; `None` if the text is not a JSON Schema of the draft used here.
pub fn title(text: &str) -> Option<String> {
    let schema: Value = serde_json::from_str(text).ok()?;
    let title = schema.get("title")?.as_str()?;
    (schema.get("$schema")? == DRAFT).then(|| title.to_owned())
}

const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// Adds what [`crate::documents::seal::write`] adds to the document.
fn sealed(mut schema: Value) -> Value {
    schema["properties"]["checksum"] = json!({
        "description": "SHA-256 over the rest of the document, to tell a file that was damaged or edited.",
        "type": "string",
    });
    if let Some(required) = schema["required"].as_array_mut() {
        required.push(json!("checksum"));
    }
    schema
}

fn settings() -> Value {
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

fn text_of(about: &str) -> Value {
    json!({"description": about, "type": "string", "pattern": "\\S"})
}

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
fn definitions() -> Map<String, Value> {
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
    schema["description"] = json!(format!("{} The ceiling is {}.", setting.about, setting.kind.expects_ceiling()));
    schema
}

/// The guardrails of a tenant, and those of a set for several.
fn guardrails() -> Map<String, Value> {
    let properties = json!({
        "owner": text_of("Whom to ask; shown where one of these guardrails refuses."),
        "reason": text_of("Why these guardrails are there; shown where one of them refuses."),
        "deny": {
            "description": "Words that no change may carry.",
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
            "Members that must stay in their set. Nothing permits that one leaves but a change of this line.",
        ),
        "limits": limits(),
        "maxChanges": {
            "description": "The most changes of one plan to the tenant at one address; members of a set count one by one.",
            "type": "integer",
            "minimum": 0,
        },
        "lift": {
            "description": "What lifts these guardrails: flags and allowances, or for what loosens, is for review or overrides only allowances.",
            "enum": Lifting::ALL.map(Lifting::text),
            "default": Lifting::Flags.text(),
        },
        "apply": {
            "description": "How an apply may be approved: by a saved plan, by --approved, by --yes, by the question at the terminal. Without it every way will do.",
            "type": "array",
            "minItems": 1,
            "items": {"enum": ApprovalWord::ALL.map(ApprovalWord::text)},
        },
    });
    properties.as_object().cloned().unwrap_or_default()
}

fn limits() -> Value {
    refer(
        "limits",
        "How far settings may be loosened: the highest number, or for a setting without an order the exact value. A \
         cleared setting has no maximum, so it exceeds every limit.",
    )
}

fn guardrails_of_tenant() -> Value {
    json!({
        "description": "What no plan may do to the tenant, beside the sets of the workspace that are for it.",
        "type": "object",
        "additionalProperties": false,
        "properties": guardrails(),
    })
}

fn sets_of_guardrails() -> Value {
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
                            these; `address` is the host of the tenant's address. Left out: every tenant.",
            "type": "object",
            "minProperties": 1,
            "properties": {"address": hosts},
            "additionalProperties": values,
        }),
    );
    json!({
        "description": "What no plan may do to several tenants. Every set that is for a tenant holds, beside its own guardrails.",
        "type": "array",
        "items": {"type": "object", "additionalProperties": false, "properties": properties},
    })
}

fn allowances() -> Value {
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

fn workspace() -> Value {
    let tenant = entry();
    json!({
        "$schema": DRAFT,
        "title": "sailplan workspace file",
        "description": "The tenants, where they are, and which settings each follows.",
        "type": "object",
        "additionalProperties": false,
        "anyOf": [{"required": ["tenants"]}, {"required": ["tenantsFrom"]}],
        "properties": {
            "tenants": {
                "description": "The tenants by name.",
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": "^[A-Za-z0-9._-]+$"},
                "additionalProperties": tenant,
            },
            "tenantsFrom": {
                "description": "Files below this folder, such as tenants/*.yaml, each of which is one tenant, named by the file without its ending. They follow the others, by name. `*` stands only in the last part of a path.",
                "type": "array",
                "minItems": 1,
                "items": {"type": "string", "pattern": "^(?!.*\\*.*/)(.*[^/])?$", "minLength": 1},
            },
            "guardrails": sets_of_guardrails(),
            "ticketPattern": {
                "type": "string", "minLength": 1, "maxLength": 200,
                "description": "What a ticket looks like in the titles of commits and pull requests, as a regular expression, such as [A-Z][A-Z0-9]+-[0-9]+. Plans then show the ticket of each change, or that none is given.",
                "format": "regex",
            },
            "lookUps": {
                "description": "What plan, apply, rollback and pull look up in every tenant: the names of ids, how many people hold an entitlement that enters or leaves JIT control, who changed a document that had drifted. With persons, people are named in text, comments and logs too. --look-up takes its place.",
                "type": "array",
                "items": {"enum": LookUp::ALL.map(LookUp::word)},
            },
            "allowances": {
                "description": "Files of exceptions to the guardrails, below this folder.",
                "type": "array",
                "items": {"type": "string", "pattern": "\\S"},
            },
        },
        "definitions": definitions(),
    })
}

/// Returns what a file of `tenantsFrom` takes.
fn tenant_file() -> Value {
    let mut schema = entry();
    schema["$schema"] = DRAFT.into();
    schema["title"] = "sailplan tenant file".into();
    schema["description"] =
        "One tenant of a workspace, named by the file. Paths start at the folder of sailplan.yaml.".into();
    schema["definitions"] = Value::Object(definitions());
    schema
}

/// Returns what is said of one tenant.
fn entry() -> Value {
    let text = text_of;
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["url", "settings"],
        "dependencies": {"clientId": ["clientSecret"], "clientSecret": ["clientId"]},
        "properties": {
            "url": text("Address of the tenant's API, such as https://acme.api.identitynow.com, or \
                         practice:FILE for a practice tenant. ${NAME} reads the environment."),
            "labels": {
                "description": "Labels to choose tenants by: --label KEY=VALUE.",
                "type": "object",
                "additionalProperties": {"type": "string", "pattern": "\\S"},
            },
            "clientId": text("Client id of a personal access token. ${NAME} reads the environment, ${file:NAME} \
                              a file in SAILPLAN_SECRETS_DIR."),
            "clientSecret": {
                "description": "${NAME}: the environment variable that holds the client secret; ${file:NAME}: the \
                                file in SAILPLAN_SECRETS_DIR that does.",
                "type": "string",
                "pattern": "^\\$\\{([A-Za-z_][A-Za-z0-9_]*|file:[A-Za-z0-9_-][A-Za-z0-9._-]*)\\}$",
                "errorMessage": "write ${NAME} and set NAME in the environment, or ${file:NAME}: no secret stands in a file of git",
            },
            "settings": {
                "description": "Settings files below the folder of the workspace file, later ones winning setting by setting.",
                "type": "array",
                "items": {"type": "string", "pattern": "\\S"},
            },
            "guardrails": guardrails_of_tenant(),
            "limits": limits(),
        },
    })
}

#[cfg(test)]
mod agreement;
mod together;
