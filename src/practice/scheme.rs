//! Approval steps in their two forms: the list of the newer generations, which is stored, and the comma-separated
//! string `grantRequestApprovalSchemes` of beta and v3.

use serde_json::{Value, json};

/// Steps without an approver id: list form, string form.
const PLAIN: [(&str, &str); 3] =
    [("ENTITLEMENT_OWNER", "entitlementOwner"), ("SOURCE_OWNER", "sourceOwner"), ("MANAGER", "manager")];

/// Before the id of a governance group in the string form.
const GROUP: &str = "workgroup:";

const TEXT_WANTED: &str = "must be null or a comma-separated list of entitlementOwner, sourceOwner, manager and \
                           workgroup:ID";

/// Returns one step in list form.
pub(super) fn step(approver: &str, id: Option<&str>) -> Value {
    json!({ "approverType": approver, "approverId": id })
}

/// Returns the list form of a string: what to store.
pub(super) fn from_text(text: &Value) -> Result<Value, String> {
    match text {
        Value::Null => Ok(Value::Null),
        Value::String(text) => parse(text).ok_or_else(|| TEXT_WANTED.to_owned()),
        _ => Err(TEXT_WANTED.to_owned()),
    }
}

fn parse(text: &str) -> Option<Value> {
    if text.trim().is_empty() {
        return Some(json!([]));
    }
    let steps: Option<Vec<Value>> = text
        .split(',')
        .map(str::trim)
        .map(|word| match word.strip_prefix(GROUP) {
            Some("") => None,
            Some(id) => Some(step("GOVERNANCE_GROUP", Some(id))),
            None => PLAIN.iter().find(|(_, known)| *known == word).map(|(approver, _)| step(approver, None)),
        })
        .collect();
    steps.map(Value::Array)
}

/// Returns the string form of what is stored; `None` for a workflow, which has no such form. A state file written by hand may hold
/// anything else, and then that is shown.
pub(super) fn to_text(stored: &Value) -> Option<Value> {
    let Value::Array(steps) = stored else {
        return Some(stored.clone());
    };
    let words: Option<Vec<String>> = steps.iter().map(word).collect();
    words.map(|words| Value::String(words.join(", ")))
}

fn word(step: &Value) -> Option<String> {
    let approver = step.get("approverType")?.as_str()?;
    if approver == "GOVERNANCE_GROUP" {
        return Some(format!("{GROUP}{}", step.get("approverId")?.as_str()?));
    }
    PLAIN.iter().find(|(known, _)| *known == approver).map(|(_, word)| (*word).to_owned())
}

/// Returns the list form of what is stored; `None` for null, which only the string can be. SailPoint shows an approver id of
/// null where a PUT may leave it out.
pub(super) fn to_list(stored: &Value) -> Option<Value> {
    match stored {
        Value::Null => None,
        Value::String(text) => Some(parse(text).unwrap_or_else(|| stored.clone())),
        Value::Array(steps) => Some(Value::Array(steps.iter().map(with_id).collect())),
        _ => Some(stored.clone()),
    }
}

fn with_id(step: &Value) -> Value {
    let mut step = step.clone();
    if let Some(fields) = step.as_object_mut()
        && !fields.contains_key("approverId")
    {
        fields.insert("approverId".to_owned(), Value::Null);
    }
    step
}

/// Checks a list of a PUT; `old` is what is stored now. SailPoint documents workflows for single entitlements, so one that
/// is new here is refused.
pub(super) fn check_list(value: &Value, old: Option<&Value>) -> Result<(), String> {
    let Some(steps) = value.as_array() else {
        return Err("must be a list of approval steps".to_owned());
    };
    for step in steps {
        let approver = step.get("approverType").and_then(Value::as_str).unwrap_or_default();
        let id = step.get("approverId");
        if !id.is_none_or(|id| id.is_null() || id.is_string()) {
            return Err("must have an approverId that is a string or null".to_owned());
        }
        let named = id.and_then(Value::as_str).is_some_and(|id| !id.is_empty());
        match approver {
            "GOVERNANCE_GROUP" | "WORKFLOW" if !named => {
                return Err(format!("must have an approverId with {approver}"));
            }
            "WORKFLOW" if steps.len() > 1 => {
                return Err("cannot combine WORKFLOW with other steps".to_owned());
            }
            "WORKFLOW" if old.and_then(to_list) != to_list(value) => {
                return Err("cannot be WORKFLOW: workflows approve single entitlements only".to_owned());
            }
            "ENTITLEMENT_OWNER" | "SOURCE_OWNER" | "MANAGER" | "GOVERNANCE_GROUP" | "WORKFLOW" => {}
            _ => {
                return Err("must have an approverType of ENTITLEMENT_OWNER, SOURCE_OWNER, MANAGER, GOVERNANCE_GROUP \
                            or WORKFLOW"
                    .to_owned());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_list_stand_for_the_same_steps() {
        let cases = [
            (json!(""), json!([]), json!("")),
            (json!(null), json!(null), json!(null)),
            (json!("sourceOwner"), json!([step("SOURCE_OWNER", None)]), json!("sourceOwner")),
            (
                json!("manager,workgroup:7,  entitlementOwner"),
                json!([step("MANAGER", None), step("GOVERNANCE_GROUP", Some("7")), step("ENTITLEMENT_OWNER", None)]),
                json!("manager, workgroup:7, entitlementOwner"),
            ),
        ];
        for (text, list, shown) in cases {
            assert_eq!(from_text(&text), Ok(list.clone()));
            assert_eq!(to_text(&list), Some(shown));
        }
    }

    #[test]
    fn text_takes_only_known_words() {
        for wrong in [json!(1), json!(["manager"]), json!("Manager"), json!("manager,,manager"), json!("workgroup:")] {
            assert_eq!(from_text(&wrong), Err(TEXT_WANTED.to_owned()));
        }
    }

    #[test]
    fn a_workflow_has_no_text_and_null_no_list() {
        assert_eq!(to_text(&json!([step("WORKFLOW", Some("1"))])), None);
        assert_eq!(to_list(&json!(null)), None);
    }

    #[test]
    fn a_list_shows_null_for_an_approver_id_left_out() {
        assert_eq!(to_list(&json!([{"approverType": "MANAGER"}])), Some(json!([step("MANAGER", None)])));
    }

    #[test]
    fn a_list_says_what_is_wrong_with_it() {
        let cases = [
            (json!("manager"), "must be a list of approval steps"),
            (json!(null), "must be a list of approval steps"),
            (json!([{"approverType": "GOVERNANCE_GROUP"}]), "must have an approverId with GOVERNANCE_GROUP"),
            (json!([{"approverType": "MANAGER", "approverId": 1}]), "must have an approverId that is a string or null"),
            (json!([step("WORKFLOW", Some("1")), step("MANAGER", None)]), "cannot combine WORKFLOW with other steps"),
            (
                json!(["manager"]),
                "must have an approverType of ENTITLEMENT_OWNER, SOURCE_OWNER, MANAGER, GOVERNANCE_GROUP or WORKFLOW",
            ),
        ];
        for (value, text) in cases {
            assert_eq!(check_list(&value, None), Err(text.to_owned()));
        }
        assert_eq!(check_list(&json!([]), None), Ok(()));
        let workflow = json!([step("WORKFLOW", Some("1"))]);
        let refused = "cannot be WORKFLOW: workflows approve single entitlements only";
        assert_eq!(check_list(&workflow, None), Err(refused.to_owned()));
        assert_eq!(check_list(&workflow, Some(&workflow)), Ok(()));
    }
}
