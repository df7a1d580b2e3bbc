//! The approvals configurations: several documents, each found by id, inherited where it is not stored, written and deleted
//! by id and scope. Rules from SailPoint's "Get Approval Config", "Put Approval Config" and "Delete Approval Configuration";
//! that answers name `id`, `scope` and `tenantId`, and that an item without its own configuration shows the inherited one,
//! is what people saw.

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::access_request::put;
use super::answer::Refusal;
use super::document::Document;
use super::oauth::TENANT_ID;
use super::state::State;

/// Where the configurations lie in the state file, each under `SCOPE/ID`; the tenant's own under `TENANT`.
pub(super) const KEY: &str = "approvalsConfig";

const PATH: &str = "/generic-approvals/v1/config/";
const TENANT: &str = "TENANT";
const ACCESS_REQUESTS: &str = "APPROVAL_TYPE/ACCESS_REQUEST_APPROVAL";

const SCOPES: [&str; 7] =
    ["DOMAIN_OBJECT", "ACCOUNT", "ROLE", "ACCESS_PROFILE", "ENTITLEMENT", "APPROVAL_TYPE", TENANT];

const TYPES: [&str; 7] = [
    "ACCESS_REQUEST_APPROVAL",
    "ENTITLEMENT_DESCRIPTIONS",
    "ACCOUNT_DELETE_APPROVAL_REQUEST",
    "MACHINE_ACCOUNT_CREATE_APPROVAL_REQUEST",
    "MACHINE_ACCOUNT_DELETE_APPROVAL_REQUEST",
    "AGENT_ACTIVATE_APPROVAL",
    "AGENT_DEACTIVATE_APPROVAL",
];

/// What a field takes. None is required, none takes null.
#[derive(Clone, Copy)]
enum FieldType {
    Switch,
    /// 64 bits, at most.
    Number(i64),
    Text,
    Word(&'static [&'static str]),
    /// The keys of an identity's id and type.
    Party(&'static str, &'static str),
    Parties,
}

#[rustfmt::skip] // A table is read by column.
const FIELDS: &[(&str, FieldType)] = &[
    ("/reminderConfig/enabled", FieldType::Switch),
    ("/reminderConfig/daysUntilFirstReminder", FieldType::Number(i64::MAX)),
    ("/reminderConfig/reminderCronSchedule", FieldType::Text),
    ("/reminderConfig/maxReminders", FieldType::Number(20)),
    ("/escalationConfig/enabled", FieldType::Switch),
    ("/escalationConfig/daysUntilFirstEscalation", FieldType::Number(i64::MAX)),
    ("/escalationConfig/escalationCronSchedule", FieldType::Text),
    ("/escalationConfig/escalationChain", FieldType::Parties),
    ("/timeoutConfig/enabled", FieldType::Switch),
    ("/timeoutConfig/daysUntilTimeout", FieldType::Number(90)),
    ("/timeoutConfig/timeoutResult", FieldType::Word(&["EXPIRED", "APPROVED"])),
    ("/cronTimezone/location", FieldType::Text),
    ("/cronTimezone/offset", FieldType::Text),
    ("/serialChain", FieldType::Parties),
    ("/requiresComment", FieldType::Word(&["APPROVAL", "REJECTION", "ALL", "OFF"])),
    ("/fallbackApprover", FieldType::Party("identityID", "type")),
    ("/machineIdentityManagerAssignment", FieldType::Word(&[
        "MANAGER_OF_REQUESTER", "MACHINE_IDENTITY_OWNER", "MANAGER_OF_MACHINE_IDENTITY_OWNER", "REQUESTED_TARGET_OWNER",
        "MANAGER_OF_REQUESTED_TARGET_OWNER", "ACCOUNT_OWNER", "MANAGER_OF_ACCOUNT_OWNER",
    ])),
    ("/circumventApprovalProcess", FieldType::Switch),
    ("/autoApprove", FieldType::Word(&["OFF", "DIRECT", "INDIRECT"])),
];

/// What the tenant names a configuration by, and does not take back.
const NAMES: [&str; 3] = ["id", "scope", "tenantId"];

impl FieldType {
    /// Returns what the field takes, where it does not take `value`.
    fn refuse(self, value: &Value) -> Option<String> {
        let party = |value: &Value, id: &str, kind: &str| {
            value.is_object()
                && value.get(kind).is_some_and(Value::is_string)
                && value.get(id).is_none_or(Value::is_string)
        };
        let (fits, wanted) = match self {
            FieldType::Switch => (value.is_boolean(), "true or false".to_owned()),
            FieldType::Number(most) => {
                let fits = value.as_i64().is_some_and(|number| (0..=most).contains(&number));
                let wanted = if most == i64::MAX { "0 or more".to_owned() } else { format!("from 0 to {most}") };
                (fits, format!("a whole number {wanted}"))
            }
            FieldType::Text => (value.is_string(), "a string".to_owned()),
            FieldType::Word(words) => {
                (value.as_str().is_some_and(|word| words.contains(&word)), format!("one of {}", words.join(", ")))
            }
            FieldType::Party(id, kind) => (party(value, id, kind), format!("an object with {id} and {kind}")),
            FieldType::Parties => {
                let fits = value
                    .as_array()
                    .is_some_and(|list| list.iter().all(|item| party(item, "identityId", "identityType")));
                (fits, "a list of objects with identityId and identityType".to_owned())
            }
        };
        (!fits).then_some(wanted)
    }
}

/// A configuration, as a path names it.
struct Config {
    id: String,
    /// `None` in the path of a GET.
    scope: Option<String>,
}

/// Returns the document at a path.
pub(super) fn at(path: &str) -> Option<Box<dyn Document>> {
    let parts: Vec<&str> = path.strip_prefix(PATH)?.split('/').collect();
    let (id, scope) = match parts.as_slice() {
        [id] => (id, None),
        [id, scope] => (id, Some(decoded(scope)?)),
        _ => return None,
    };
    let id = decoded(id)?;
    (!id.is_empty()).then(|| Box::new(Config { id, scope }) as Box<dyn Document>)
}

fn decoded(segment: &str) -> Option<String> {
    Some(percent_encoding::percent_decode_str(segment).decode_utf8().ok()?.into_owned())
}

/// Returns the key of a configuration in the state file.
fn slot(scope: &str, id: &str) -> String {
    if scope == TENANT { TENANT.to_owned() } else { format!("{scope}/{id}") }
}

/// Returns scope and id of a key.
fn named(slot: &str) -> (&str, &str) {
    slot.split_once('/').unwrap_or((slot, TENANT_ID))
}

impl Config {
    /// The configuration that holds, with its key.
    fn holding<'s>(&self, state: &'s State) -> Option<(&'s str, &'s Map<String, Value>)> {
        let stored = state.get(KEY)?.as_object()?;
        let own = stored.keys().find(|slot| named(slot).1 == self.id).map(String::as_str);
        let above = [Some(ACCESS_REQUESTS).filter(|_| !TYPES.contains(&self.id.as_str())), Some(TENANT)];
        let above = above.into_iter().filter(|_| self.id != TENANT_ID);
        let slots = [own].into_iter().chain(above).flatten();
        let held = |slot: &str| {
            stored.get_key_value(slot).and_then(|(slot, config)| Some((slot.as_str(), config.as_object()?)))
        };
        slots.filter_map(held).next()
    }

    /// The key under which the path writes.
    fn slot(&self) -> Result<String, Refusal> {
        let scope = self.scope.as_deref().unwrap_or_default();
        if !SCOPES.contains(&scope) {
            return Err(Refusal::bad(format!("The scope {scope:?} is unknown; the scopes are {}.", SCOPES.join(", "))));
        }
        if scope == "APPROVAL_TYPE" && !TYPES.contains(&self.id.as_str()) {
            return Err(Refusal::bad(format!(
                "The approval type {:?} is unknown; there are {}.",
                self.id,
                TYPES.join(", ")
            )));
        }
        if scope == TENANT && self.id != TENANT_ID {
            return Err(Refusal::not_found("The id is not that of the tenant."));
        }
        Ok(slot(scope, &self.id))
    }
}

impl Document for Config {
    fn key(&self) -> &'static str {
        KEY
    }

    fn methods(&self) -> &'static [Method] {
        if self.scope.is_none() { &[Method::GET] } else { &[Method::PUT, Method::DELETE] }
    }

    fn scopes(&self, method: &Method) -> &'static [&'static str] {
        if *method == Method::GET { &["sp:approvals:read"] } else { &["sp:approvals:write"] }
    }

    fn levels(&self, method: &Method) -> &'static [&'static str] {
        if *method == Method::GET { &["APPROVAL_OWNER"] } else { &["ORG_ADMIN"] }
    }

    fn show(&self, state: &State, _: Option<&str>) -> Result<Value, Refusal> {
        let Some((slot, config)) = self.holding(state) else { return Ok(json!({})) };
        Ok(answer(slot, config))
    }

    fn write(
        &self,
        state: &mut State,
        method: &Method,
        body: &dyn Fn() -> Result<Value, Refusal>,
    ) -> Result<Option<Value>, Refusal> {
        let slot = self.slot()?;
        let mut stored = state.get(KEY).and_then(Value::as_object).cloned().unwrap_or_default();
        if *method == Method::DELETE {
            if stored.shift_remove(&slot).is_none() {
                return Err(Refusal::not_found("There is no such configuration."));
            }
            state.set(KEY, Some(Value::Object(stored)));
            return Ok(None);
        }
        let config = checked(body()?)?;
        let shown = answer(&slot, &config);
        stored.insert(slot, Value::Object(config));
        state.set(KEY, Some(Value::Object(stored)));
        Ok(Some(shown))
    }

    fn edit(&self, state: &mut State, pointer: &str, value: Value) {
        let missing =
            || if TYPES.contains(&self.id.as_str()) { slot("APPROVAL_TYPE", &self.id) } else { TENANT.to_owned() };
        let slot = self.holding(state).map_or_else(missing, |(slot, _)| slot.to_owned());
        let mut stored = state.get(KEY).cloned().unwrap_or_else(|| json!({}));
        if let Some(stored) = stored.as_object_mut() {
            put(stored.entry(slot).or_insert_with(|| json!({})), pointer, value);
        }
        state.set(KEY, Some(stored));
    }
}

fn answer(slot: &str, config: &Map<String, Value>) -> Value {
    let (scope, id) = named(slot);
    let mut shown = config.clone();
    for (key, value) in NAMES.into_iter().zip([id, scope, TENANT_ID]) {
        shown.insert(key.to_owned(), value.into());
    }
    Value::Object(shown)
}

/// Returns what a PUT stores: all of the body but for the names, unknown fields included.
fn checked(body: Value) -> Result<Map<String, Value>, Refusal> {
    let mut texts: Vec<String> = Vec::new();
    for (pointer, field) in FIELDS {
        let wanted = body.pointer(pointer).and_then(|value| field.refuse(value));
        let name = || pointer.trim_start_matches('/').replace('/', ".");
        texts.extend(wanted.map(|wanted| format!("{} must be {wanted}.", name())));
    }
    let Value::Object(mut config) = body else {
        return Err(Refusal::bad("The body must be an object."));
    };
    if !texts.is_empty() {
        return Err(Refusal::Problem { status: StatusCode::BAD_REQUEST, texts });
    }
    for name in NAMES {
        config.shift_remove(name);
    }
    Ok(config)
}
