//! The JIT activation policy: what a PATCH may say. Rules from SailPoint's "Update JIT activation policy configuration".

use axum::http::Method;
use serde_json::{Map, Value};

use super::access_request::put;
use super::answer::Refusal;
use super::document::Document;
use super::state::State;

/// Where the policy lies in the state file.
pub(super) const KEY: &str = "jitActivationPolicy";

/// The policy, with the `configType` of the path.
struct Policy(String);

/// Returns the document at a path.
pub(super) fn at(path: &str) -> Option<Box<dyn Document>> {
    ["/jit-activation-config/v1/", "/v2026/jit-activation-config/"]
        .iter()
        .find_map(|root| path.strip_prefix(root))
        .filter(|kind| !kind.is_empty() && !kind.contains('/'))
        .map(|kind| Box::new(Policy(kind.to_owned())) as Box<dyn Document>)
}

impl Document for Policy {
    fn key(&self) -> &'static str {
        KEY
    }

    fn methods(&self) -> &'static [Method] {
        &[Method::GET, Method::PATCH]
    }

    fn scopes(&self, method: &Method) -> &'static [&'static str] {
        if *method == Method::GET {
            &["idn:jit-policy:read", "idn:jit-policy:manage"]
        } else {
            &["idn:jit-policy:update", "idn:jit-policy:manage"]
        }
    }

    fn levels(&self, _: &Method) -> &'static [&'static str] {
        &["POLICY_ADMIN"]
    }

    fn experimental(&self) -> bool {
        true
    }

    fn check(&self) -> Result<(), Refusal> {
        match self.0.as_str() {
            "policy" => Ok(()),
            kind => Err(Refusal::bad(format!("configType {kind:?} is unknown; the only one is \"policy\"."))),
        }
    }

    fn show(&self, state: &State, _: Option<&str>) -> Result<Value, Refusal> {
        Ok(Value::Object(stored(state)?.clone()))
    }

    fn write(
        &self,
        state: &mut State,
        _: &Method,
        body: &dyn Fn() -> Result<Value, Refusal>,
    ) -> Result<Option<Value>, Refusal> {
        let policy = Value::Object(replaced(stored(state)?, &body()?)?);
        state.set(KEY, Some(policy.clone()));
        Ok(Some(policy))
    }

    fn edit(&self, state: &mut State, pointer: &str, value: Value) {
        let mut policy = state.get(KEY).cloned().unwrap_or_else(|| Value::Object(Map::new()));
        put(&mut policy, pointer, value);
        state.set(KEY, Some(policy));
    }
}

fn stored(state: &State) -> Result<&Map<String, Value>, Refusal> {
    state.get(KEY).and_then(Value::as_object).ok_or_else(|| {
        Refusal::not_found("The server did not find a JIT activation policy: none was ever stored in this tenant.")
    })
}

/// What a path accepts as its value.
#[derive(Clone, Copy)]
enum FieldType {
    Texts,
    Minutes,
    Text,
    Switch,
}

const FIELDS: &[(&str, FieldType)] = &[
    ("entitlementIds", FieldType::Texts),
    ("maxActivationPeriodMins", FieldType::Minutes),
    ("maxActivationPeriodExtensionMins", FieldType::Minutes),
    ("defaultMaxActivationPeriodMins", FieldType::Minutes),
    ("defaultMaxActivationPeriodExtensionMins", FieldType::Minutes),
    ("notificationRecipients", FieldType::Texts),
    ("notificationTemplate", FieldType::Text),
    ("applyToFutureAssignments", FieldType::Switch),
];

impl FieldType {
    /// Negative minutes and a default above its maximum pass: SailPoint documents no limit and no rule across fields.
    fn accepts(self, value: &Value) -> bool {
        match self {
            FieldType::Texts => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
            FieldType::Minutes => value.is_null() || is_int32(value),
            FieldType::Text => value.is_null() || value.is_string(),
            FieldType::Switch => value.is_boolean(),
        }
    }

    fn wanted(self) -> &'static str {
        match self {
            FieldType::Texts => "a list of strings",
            FieldType::Minutes => "a whole number of 32 bits or null",
            FieldType::Text => "a string or null",
            FieldType::Switch => "true or false",
        }
    }
}

fn is_int32(value: &Value) -> bool {
    value.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
}

/// Returns the policy after all operations of `body`, or the first operation that cannot be done: then none is.
fn replaced(policy: &Map<String, Value>, body: &Value) -> Result<Map<String, Value>, Refusal> {
    let Some(operations) = body.as_array() else {
        return Err(Refusal::bad("The body must be an array of replace operations."));
    };
    if operations.is_empty() {
        return Err(Refusal::bad("The body must hold at least one operation."));
    }
    let mut next = policy.clone();
    for (index, operation) in operations.iter().enumerate() {
        let (name, value) =
            operation_parts(operation).map_err(|text| Refusal::bad(format!("Operation {index}: {text}")))?;
        next.insert(name.to_owned(), value.clone());
    }
    Ok(next)
}

fn operation_parts(operation: &Value) -> Result<(&'static str, &Value), String> {
    let Some(operation) = operation.as_object() else {
        return Err("an operation is an object with op, path and value.".to_owned());
    };
    // `op` is the one part with a default.
    if let Some(op) = operation.get("op")
        && op != "replace"
    {
        return Err(format!("op {op} is not supported; the only one is \"replace\"."));
    }
    let Some(path) = operation.get("path").and_then(Value::as_str) else {
        return Err("path is missing or not a string.".to_owned());
    };
    let field = path.strip_prefix('/').and_then(|name| FIELDS.iter().find(|(known, _)| *known == name));
    let Some(&(name, kind)) = field else {
        let known: Vec<String> = FIELDS.iter().map(|(name, _)| format!("/{name}")).collect();
        return Err(format!("path {path:?} is not supported; the paths are {}.", known.join(", ")));
    };
    let Some(value) = operation.get("value") else {
        return Err(format!("value is missing for {path}; null has to be written."));
    };
    if !kind.accepts(value) {
        return Err(format!("{path} takes {}.", kind.wanted()));
    }
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;
    use serde_json::json;

    fn policy() -> Map<String, Value> {
        json!({"id": "1", "maxActivationPeriodMins": 120, "applyToFutureAssignments": true, "later": {"x": 1}})
            .as_object()
            .unwrap()
            .clone()
    }

    fn refused(body: &Value) -> String {
        match replaced(&policy(), body).unwrap_err() {
            Refusal::Problem { status: StatusCode::BAD_REQUEST, mut texts } if texts.len() == 1 => texts.remove(0),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn replaces_whole_fields_and_keeps_the_rest() {
        let next = replaced(
            &policy(),
            &json!([
                {"op": "replace", "path": "/maxActivationPeriodMins", "value": null},
                {"path": "/entitlementIds", "value": ["b", "a", "b"]},
                {"path": "/defaultMaxActivationPeriodMins", "value": -1},
                {"path": "/applyToFutureAssignments", "value": false},
            ]),
        );
        assert_eq!(
            Value::Object(next.unwrap()),
            json!({
                "id": "1", "maxActivationPeriodMins": null, "applyToFutureAssignments": false, "later": {"x": 1},
                "entitlementIds": ["b", "a", "b"], "defaultMaxActivationPeriodMins": -1
            })
        );
    }

    #[test]
    fn refuses_what_the_documents_do_not_allow() {
        let known: Vec<String> = FIELDS.iter().map(|(name, _)| format!("/{name}")).collect();
        let paths = format!("the paths are {}.", known.join(", "));
        let cases = [
            (json!({}), "The body must be an array of replace operations.".to_owned()),
            (json!([]), "The body must hold at least one operation.".to_owned()),
            (json!([1]), "Operation 0: an operation is an object with op, path and value.".to_owned()),
            (
                json!([{"op": "add", "path": "/entitlementIds", "value": []}]),
                "Operation 0: op \"add\" is not supported; the only one is \"replace\".".to_owned(),
            ),
            (json!([{"value": 1}]), "Operation 0: path is missing or not a string.".to_owned()),
            (json!([{"path": "/id", "value": "2"}]), format!("Operation 0: path \"/id\" is not supported; {paths}")),
            (
                json!([{"path": "/entitlementIds/0", "value": "2"}]),
                format!("Operation 0: path \"/entitlementIds/0\" is not supported; {paths}"),
            ),
            (
                json!([{"path": "/applyToFutureAssignments", "value": true}, {"path": "/notificationTemplate"}]),
                "Operation 1: value is missing for /notificationTemplate; null has to be written.".to_owned(),
            ),
        ];
        for (body, text) in cases {
            assert_eq!(refused(&body), text);
        }
    }

    #[test]
    fn every_path_checks_its_type() {
        let wrong = [
            ("/entitlementIds", json!(null), "a list of strings"),
            ("/notificationRecipients", json!(["a", null]), "a list of strings"),
            ("/maxActivationPeriodMins", json!("60"), "a whole number of 32 bits or null"),
            ("/maxActivationPeriodExtensionMins", json!(1.5), "a whole number of 32 bits or null"),
            ("/defaultMaxActivationPeriodMins", json!(2_147_483_648_i64), "a whole number of 32 bits or null"),
            ("/defaultMaxActivationPeriodExtensionMins", json!(true), "a whole number of 32 bits or null"),
            ("/notificationTemplate", json!(1), "a string or null"),
            ("/applyToFutureAssignments", json!(null), "true or false"),
        ];
        for (path, value, wanted) in wrong {
            let body = json!([{"path": path, "value": value}]);
            assert_eq!(refused(&body), format!("Operation 0: {path} takes {wanted}."));
        }
    }
}
