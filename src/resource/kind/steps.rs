//! Approval steps as the newer API generations write them: an ordered list of approvers.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use serde_json::{Map, Value, json};

use super::Kind;
use super::moves::{self, Move};
use crate::resource::reference::Reference;
use crate::text::nearest::{instead, nearest};
use crate::text::problem::rules;
use crate::text::reader::{Reader, quote};
use crate::text::yaml::{self, Node};

/// An ordered list of approvers (`EntitlementApprovalScheme` of SailPoint's "Update Access Request Configuration"). An
/// empty list asks for no approval. SailPoint answers `approverId: null` where its own examples of a PUT leave the key
/// out, so the two are the same.
#[derive(Debug)]
pub struct Steps;

const EXPECTS: &str = "a list of approval steps such as {approverType: SOURCE_OWNER}";

/// The types of approver, whether each needs an id, and what people call it.
const TYPES: [(&str, bool, &str); 5] = [
    ("ENTITLEMENT_OWNER", false, "entitlementOwner"),
    ("SOURCE_OWNER", false, "sourceOwner"),
    ("MANAGER", false, "manager"),
    ("GOVERNANCE_GROUP", true, "group"),
    ("WORKFLOW", true, WORKFLOW_WORD),
];
const WORKFLOW: &str = "WORKFLOW";
const WORKFLOW_WORD: &str = "workflow";

impl Kind for Steps {
    fn expects(&self) -> &'static str {
        EXPECTS
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        let yaml::Value::List(items) = &node.value else {
            let steps = match &node.value {
                yaml::Value::Text { text, .. } => text.split(',').map(|step| meant(step.trim())).collect(),
                _ => None,
            };
            let steps: Option<Vec<&str>> = steps;
            return match steps {
                Some(steps) => {
                    let steps = steps.iter().map(|step| format!("{{approverType: {step}}}")).collect::<Vec<_>>();
                    reader.unlike(node, rules::VALUE_KIND, EXPECTS, &format!("write a list: [{}]", steps.join(", ")))
                }
                None => reader.mismatch(node, EXPECTS),
            };
        };
        let read: Vec<Option<Value>> = items.iter().map(|item| read_step(item, reader)).collect();
        let steps: Vec<Value> = read.into_iter().collect::<Option<_>>()?;
        for (item, step) in items.iter().zip(&steps) {
            if step.get("approverType").is_some_and(|one| one == WORKFLOW) {
                reader.warn(
                    item,
                    rules::WORKFLOW_LEVEL,
                    "SailPoint documents WORKFLOW for single entitlements only; the tenant may refuse it with 400",
                    "set the workflow at the entitlement, or write another approver here",
                );
            }
        }
        let workflow = steps.iter().position(|step| step.get("approverType").is_some_and(|one| one == WORKFLOW));
        if let Some(item) = workflow.filter(|_| steps.len() > 1).and_then(|index| items.get(index)) {
            return reader.invalid(
                item,
                rules::WORKFLOW_ALONE,
                "WORKFLOW cannot be combined with other steps",
                "let the workflow ask the other approvers, or delete this step",
            );
        }
        Some(Value::Array(steps))
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        live.as_array()?.iter().map(canonical_live).collect::<Option<Vec<Value>>>().map(Value::Array)
    }

    fn onto(&self, live: &Value, value: &Value) -> Value {
        let (Some(live), Some(steps)) = (live.as_array(), value.as_array()) else { return value.clone() };
        // Equal steps wait in their order for the step that takes each over.
        let mut left: HashMap<String, VecDeque<&Value>> = HashMap::new();
        for step in live {
            if let Some(canonical) = canonical_live(step) {
                left.entry(canonical.to_string()).or_default().push_back(step);
            }
        }
        let mut kept = |step: &Value| {
            let live = left.get_mut(&step.to_string())?.pop_front()?;
            Some(super::merged(live, step))
        };
        steps.iter().map(|step| kept(step).unwrap_or_else(|| step.clone())).collect()
    }

    fn show(&self, value: &Value) -> String {
        match words(value).as_slice() {
            [] => "no approval".to_owned(),
            words => words.join(", then "),
        }
    }

    fn words(&self, value: &Value) -> String {
        let steps: Vec<String> = words(value).iter().map(|step| spoken(step).to_owned()).collect();
        if steps.is_empty() { "no approval".to_owned() } else { steps.join(", then ") }
    }

    fn references<'v>(&self, value: &'v Value) -> Vec<Reference<'v>> {
        let reference = |step: &'v Value| {
            let text = |key: &str| step.get(key).and_then(Value::as_str);
            Reference::to_approver(text("approverType")?, text("approverId"))
        };
        value.as_array().into_iter().flatten().filter_map(reference).collect()
    }

    fn examples(&self) -> &'static [&'static str] {
        &[
            "[{approverType: SOURCE_OWNER}, {approverType: MANAGER}]",
            "[{approverType: GOVERNANCE_GROUP, approverId: 2c91808568c529c60168cca6f90c1313}]",
            "[]",
        ]
    }

    fn moves(&self) -> Vec<Move> {
        moves::of_steps(|steps| Some(steps.iter().filter_map(|step| from_scheme(step)).collect()))
    }

    fn schema(&self) -> Value {
        let named = |needs_id: bool| -> Vec<&str> {
            TYPES.iter().filter(|(_, needs, _)| *needs == needs_id).map(|(name, ..)| *name).collect()
        };
        let kind = |needs_id: bool| json!({"description": "Who decides in this step.", "enum": named(needs_id)});
        json!({
            "type": "array",
            "if": {"contains": {"properties": {"approverType": {"const": WORKFLOW}}, "required": ["approverType"]}},
            "then": {"maxItems": 1},
            "items": {"oneOf": [
                {
                    "type": "object",
                    "required": ["approverType"],
                    "additionalProperties": false,
                    "properties": {
                        "approverType": kind(false),
                        "approverId": {
                            "description": "None: the approver follows from the request.",
                            "enum": [null, ""],
                        },
                    },
                },
                {
                    "type": "object",
                    "required": ["approverType", "approverId"],
                    "additionalProperties": false,
                    "properties": {
                        "approverType": kind(true),
                        "approverId": {
                            "description": "The id of the governance group or workflow.",
                            "type": "string",
                            "pattern": "\\S",
                        },
                    },
                },
            ]},
        })
    }

    fn is_list(&self) -> bool {
        true
    }
}

fn read_step(node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
    let yaml::Value::Map(entries) = &node.value else {
        return match &node.value {
            yaml::Value::Text { text, .. } => reader.invalid(
                node,
                rules::APPROVAL_STEP,
                &format!("{} is not an approval step", quote(text)),
                &format!("write {{approverType: {}}}", meant(text).unwrap_or("SOURCE_OWNER")),
            ),
            _ => reader.mismatch(node, "an approval step such as {approverType: SOURCE_OWNER}"),
        };
    };
    let (mut kind, mut id, mut good) = (None, None, true);
    for (key, value) in entries {
        match (key.text.as_ref(), &value.value) {
            ("approverType", _) => {
                let text = reader.text(value, "a type of approver")?;
                kind = Some((value, text));
            }
            ("approverId", yaml::Value::Null) => {}
            ("approverId", yaml::Value::Text { text, .. }) if text.is_empty() => {}
            ("approverId", _) => {
                let text = reader.text(value, "the id of a governance group or workflow")?;
                good &= super::id::check(&value.span, &text, reader);
                id = Some((value, text));
            }
            _ => {
                reader.unknown_key(key, ["approverType", "approverId"], "");
                good = false;
            }
        }
    }
    let Some((place, kind)) = kind else {
        return reader.invalid(
            node,
            rules::MISSING_KEY,
            "this step has no `approverType`",
            "add one, such as SOURCE_OWNER",
        );
    };
    let Some((_, needs_id, _)) = TYPES.iter().find(|(name, ..)| *name == kind) else {
        let help = instead(meant(&kind), &names());
        return reader.invalid(
            place,
            rules::APPROVER_TYPE,
            &format!("{} is not a type of approver", quote(&kind)),
            &help,
        );
    };
    match (&id, needs_id) {
        (None, true) => reader.invalid(
            node,
            rules::APPROVER_ID,
            &format!("{kind} needs an `approverId`"),
            &format!("add the id of the {}", if kind == WORKFLOW { "workflow" } else { "governance group" }),
        ),
        (Some((place, _)), false) => reader.invalid(
            place,
            rules::APPROVER_ID,
            &format!("{kind} takes no `approverId`: the approver follows from the request"),
            "delete it, or write null",
        ),
        _ => good.then(|| canonical_step(&kind, id.as_ref().map(|(_, id)| id.as_str()))),
    }
}

/// Returns a step of a live document in canonical form.
fn canonical_live(step: &Value) -> Option<Value> {
    let id = match step.get("approverId") {
        None | Some(Value::Null) => None,
        Some(id) => Some(id.as_str()?).filter(|id| !id.is_empty()),
    };
    Some(canonical_step(step.get("approverType")?.as_str()?, id))
}

fn canonical_step(kind: &str, id: Option<&str>) -> Value {
    let mut step = Map::new();
    step.insert("approverType".to_owned(), kind.into());
    if let Some(id) = id {
        step.insert("approverId".to_owned(), id.into());
    }
    Value::Object(step)
}

/// Returns the list that stands for one step of the older generations' text, such as `workgroup:ID`.
pub fn from_scheme(scheme: &str) -> Option<Value> {
    if let Some(id) = scheme.strip_prefix("workgroup:") {
        return Some(canonical_step("GOVERNANCE_GROUP", Some(id)));
    }
    let known = TYPES.iter().find(|(_, needs_id, word)| !needs_id && *word == scheme);
    known.map(|(name, ..)| canonical_step(name, None))
}

/// Returns the steps of a canonical list in words, such as `sourceOwner` or `group 2c91...`.
pub fn words(value: &Value) -> Vec<String> {
    let word = |step: &Value| {
        let text = |key: &str| step.get(key).and_then(Value::as_str);
        let kind = text("approverType").unwrap_or_default();
        let known = TYPES.iter().find(|(name, ..)| *name == kind);
        let word = known.map_or_else(|| in_a_sentence(kind), |(_, _, word)| (*word).into());
        text("approverId").map_or_else(|| word.to_string(), |id| format!("{word} {}", in_a_sentence(id)))
    };
    value.as_array().into_iter().flatten().map(word).collect()
}

/// Returns an approver of the API's names in plain words.
pub fn spoken(step: &str) -> &str {
    match step {
        "entitlementOwner" => "entitlement owner",
        "sourceOwner" => "source owner",
        _ => step,
    }
}

/// Returns a text of a tenant or a file as it stands among words: in quotation marks unless it can only be an identifier, so
/// that it cannot imitate them.
pub fn in_a_sentence(text: &str) -> Cow<'_, str> {
    let shouted = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let id = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && text.bytes().any(|byte| byte.is_ascii_digit());
    if !text.is_empty() && (shouted || id) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// Returns whether a step in words leaves the decision to a workflow.
pub fn is_workflow(word: &str) -> bool {
    word.strip_prefix(WORKFLOW_WORD).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn names() -> Vec<&'static str> {
    TYPES.iter().map(|(name, ..)| *name).collect()
}

/// Returns the type of approver that `text` most likely means: as the older generations write it, or misspelt.
fn meant(text: &str) -> Option<&'static str> {
    let upper = text.to_uppercase();
    if text.starts_with("workgroup:") {
        return Some("GOVERNANCE_GROUP, approverId: ID");
    }
    let old = TYPES.iter().find(|(_, _, word)| *word == text).map(|(name, ..)| *name);
    old.or_else(|| nearest(&upper, names()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_absent_ids_are_the_same_and_order_counts() {
        let canonical = |live: Value| Steps.canonical(&live);
        let expected = json!([{"approverType": "MANAGER"}, {"approverType": "GOVERNANCE_GROUP", "approverId": "7"}]);
        assert_eq!(
            canonical(json!([
                {"approverId": null, "approverType": "MANAGER"},
                {"approverId": "7", "approverType": "GOVERNANCE_GROUP"}
            ])),
            Some(expected.clone())
        );
        assert_eq!(canonical(expected.clone()), Some(expected.clone()));
        assert_eq!(Steps.show(&expected), "manager, then group 7");
        assert_eq!(Steps.show(&json!([])), "no approval");
        for wrong in [json!("manager"), json!(["manager"]), json!([{}]), json!([{"approverType": 1}])] {
            assert_eq!(canonical(wrong), None);
        }
        let later = json!([{"approverType": "ROLE_OWNER", "approverId": "9"}]);
        assert_eq!(canonical(later.clone()), Some(later.clone()));
        assert_eq!(Steps.show(&later), "ROLE_OWNER 9");
    }

    #[test]
    fn an_id_cannot_imitate_words() {
        for (id, shown) in [
            ("7, then sourceOwner, then manager", "group \"7, then sourceOwner, then manager\""),
            ("manager", "group \"manager\""),
            ("7\" and \"8", "group \"7\\\" and \\\"8\""),
            ("2c91808568c529c60168cca6f90c1313", "group 2c91808568c529c60168cca6f90c1313"),
        ] {
            assert_eq!(Steps.show(&json!([{"approverType": "GOVERNANCE_GROUP", "approverId": id}])), shown);
        }
        let kind = json!([{"approverType": "manager, then group 7"}]);
        assert_eq!(Steps.show(&kind), "\"manager, then group 7\"");
    }

    #[test]
    fn a_very_long_list_is_put_onto_a_very_long_list() {
        let list = |offset: usize| -> Value {
            (0..100_000)
                .map(|id| json!({"approverType": "GOVERNANCE_GROUP", "approverId": (id + offset).to_string(), "x": id}))
                .collect()
        };
        let wanted = Steps.canonical(&list(50_000)).unwrap();
        let put = Steps.onto(&list(0), &wanted);
        assert_eq!(put.as_array().map(Vec::len), Some(100_000));
        assert_eq!(put[0]["x"], json!(50_000));
        assert_eq!(put[99_999].get("x"), None);
    }

    #[test]
    fn a_scheme_of_the_older_generations_is_one_step() {
        assert_eq!(from_scheme("sourceOwner"), Some(json!({"approverType": "SOURCE_OWNER"})));
        assert_eq!(from_scheme("workgroup:7"), Some(json!({"approverType": "GOVERNANCE_GROUP", "approverId": "7"})));
        assert_eq!(from_scheme("workflow"), None);
        assert_eq!(from_scheme("SOURCE_OWNER"), None);
    }
}
