//! The schemas of the workspace file and of files of single tenants.
#![expect(clippy::indexing_slicing, reason = "indexing by key adds to the JSON objects that are built here")]

use serde_json::{Value, json};

use super::guardrails::{definitions, guardrails_of_tenant, limits, sets_of_guardrails};
use super::{DRAFT, text_of};
use crate::plan::looked_up::LookUp;

pub(super) fn workspace() -> Value {
    let tenant = entry();
    json!({
        "$schema": DRAFT,
        "title": "sailplan workspace file",
        "description": "The tenants, their addresses, and the settings files of each.",
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
                "description": "Files below this folder, such as tenants/*.yaml, each of which is one tenant; its name is that of the file without the extension. They come after the other tenants, sorted by name. `*` is allowed only in the last part of a path.",
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
                "description": "What plan, apply, rollback and pull look up in every tenant: the names of ids, how many people hold an entitlement that enters or leaves JIT control, who changed a document that had drifted. With persons, people are also named in text, comments and logs. --look-up overrides it.",
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
pub(super) fn tenant_file() -> Value {
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
                "description": "Settings files below the folder of the workspace file. Later files override earlier ones per setting; a list replaces the whole earlier list.",
                "type": "array",
                "items": {"type": "string", "pattern": "\\S"},
            },
            "guardrails": guardrails_of_tenant(),
            "limits": limits(),
        },
    })
}
