//! Live documents: reading settings out of raw JSON and putting values back without touching anything else.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::instances::Standing;
use super::tree::{Member, Object};
use super::{Generation, Key, Resource, Rule, Setting, Shape, without_effect};
use crate::text::problem::rules;

/// What a tenant has of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Live {
    /// The document, as it was answered.
    Stored(Value),
    /// Nothing yet: the first write creates it.
    NotStored,
    /// What is left of a document of which nothing is written: its lists are empty, see [`Live::release`].
    Released(Value),
}

impl Live {
    /// Lets go of the members of lists, which are most of a document. Call it only after the comparison, which has what
    /// differs, and where nothing is written from the document.
    pub fn release(&mut self, resource: &Resource) {
        let Live::Stored(document) = self else { return };
        let mut document = std::mem::take(document);
        for setting in resource.settings.iter().filter(|setting| setting.kind.is_list()) {
            let value = setting.keys().try_fold(&mut document, |value, key| value.get_mut(key));
            if let Some(Value::Array(members)) = value {
                *members = Vec::new();
            }
        }
        *self = Live::Released(document);
    }

    /// Returns the document as it was answered, empty if the tenant does not store it; `None` if it was let go of.
    pub fn whole(&self) -> Option<&Value> {
        (!matches!(self, Live::Released(_))).then(|| self.document())
    }

    /// Returns the document; empty if the tenant does not store it.
    pub fn document(&self) -> &Value {
        static EMPTY: LazyLock<Value> = LazyLock::new(|| Value::Object(Map::new()));
        match self {
            Live::Stored(document) | Live::Released(document) => document,
            Live::NotStored => &EMPTY,
        }
    }
}

/// What a tenant answered where a setting's value should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The pointer of what does not fit: the setting's or that of an object around it.
    pub pointer: String,
    /// What belongs there.
    pub expected: String,
    /// The JSON type found instead.
    pub found: &'static str,
}

/// Returns the canonical value of `setting` in `live`; `None` if it is absent, or if an object around it is absent or null.
///
/// # Errors
///
/// The tenant answered something that is not of the setting's kind.
pub fn read(setting: &Setting, live: &Value) -> Result<Option<Value>, Unfit> {
    let mut at = live;
    let mut below = setting.pointer;
    while let Some(rest) = below.strip_prefix('/') {
        let object = match at {
            Value::Object(object) => object,
            Value::Null => return Ok(None),
            other => {
                let pointer = setting.pointer.strip_suffix(below).unwrap_or_default().to_owned();
                return Err(Unfit { pointer, expected: "an object".to_owned(), found: type_of(other) });
            }
        };
        let (key, after) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let Some(value) = object.get(key) else { return Ok(None) };
        (at, below) = (value, after);
    }
    if without_values(at) {
        return Ok(Some(Value::Null));
    }
    match setting.kind.canonical(at) {
        Some(value) => Ok(Some(value)),
        None => {
            let pointer = setting.pointer.to_owned();
            Err(Unfit { pointer, expected: setting.kind.expects().to_owned(), found: type_of(at) })
        }
    }
}

impl Key {
    /// Returns the canonical value of `setting` in a document that a tenant answered: [`read`], and for
    /// [`super::instances::WHOLE`] the document if it is this one's own.
    ///
    /// # Errors
    ///
    /// See [`read`].
    pub fn read(&self, setting: &Setting, live: &Value) -> Result<Option<Value>, Unfit> {
        if setting.is_whole() {
            return Ok(match self.standing(live) {
                Standing::Own | Standing::Unclear => Some(live.clone()),
                Standing::Inherited | Standing::NotStored => None,
            });
        }
        read(setting, live)
    }
}

/// Returns whether a value is null, or an object whose members are: SailPoint answers either where nothing is set.
fn without_values(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.values().all(without_values),
        value => value.is_null(),
    }
}

/// Puts `value` where `setting` stands, creating the objects around it where the document has none. Call it only for a
/// setting that [`read`] accepted; a value on the way that is not an object is left alone.
pub fn put(setting: &Setting, document: &mut Value, value: &Value) {
    let keys: Vec<&str> = setting.keys().collect();
    let Some((last, parents)) = keys.split_last() else {
        document.clone_from(value);
        return;
    };
    let mut at = document;
    for key in parents {
        if at.is_null() {
            *at = Value::Object(Map::new());
        }
        let Some(object) = at.as_object_mut() else { return };
        at = object.entry(*key).or_insert(Value::Null);
    }
    if at.is_null() {
        *at = Value::Object(Map::new());
    }
    if let Some(object) = at.as_object_mut() {
        let value = setting.kind.onto(object.get(*last).unwrap_or(&Value::Null), value);
        object.insert((*last).to_owned(), value);
    }
}

/// Takes away what stands at a pointer, if anything does.
pub fn remove(document: &mut Value, pointer: &str) {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return };
    if let Some(object) = document.pointer_mut(parent).and_then(Value::as_object_mut) {
        object.shift_remove(&key.replace("~1", "/").replace("~0", "~"));
    }
}

/// Returns the part of a document that settings files can write: the settings that have a value of their kind.
pub fn known(resource: &Resource, live: &Value) -> Value {
    let mut known = Value::Object(Map::new());
    for setting in resource.distinct() {
        if let Ok(Some(value)) = read(setting, live)
            && !value.is_null()
        {
            put(setting, &mut known, &setting.kind.write(&value, None));
        }
    }
    known
}

/// Returns what stands where a setting is, of whatever kind; `None` if nothing does.
pub fn raw<'v>(setting: &Setting, live: &'v Value) -> Option<&'v Value> {
    live.pointer(setting.pointer)
}

/// Returns the pointers of `live` that the catalogue does not know in any generation, outermost only.
pub fn unknown(resource: &Resource, live: &Value) -> Vec<String> {
    fn walk(resource: &Resource, object: Object<'_>, live: &Value, found: &mut Vec<String>) {
        for (key, value) in live.as_object().into_iter().flatten() {
            match object.get(key) {
                Some(Member::Setting(_)) => {}
                Some(Member::Object(inner)) => walk(resource, inner, value, found),
                None => {
                    let pointer = object.pointer_of(key);
                    if !resource.read_only.contains(&pointer.as_str()) {
                        found.push(pointer);
                    }
                }
            }
        }
    }
    let mut found = Vec::new();
    walk(resource, resource.document(None), live, &mut found);
    found
}

/// Returns whether an answer has members, and none that the catalogue knows in any generation: it is something else than the
/// document, such as an error.
pub fn is_foreign(resource: &Resource, answer: &Value) -> bool {
    let document = resource.document(None);
    let is_known =
        |key: &String| document.get(key).is_some() || resource.read_only.contains(&document.pointer_of(key).as_str());
    answer.as_object().is_some_and(|members| !members.is_empty() && !members.keys().any(is_known))
}

/// Returns the form of an object that SailPoint documents for `generation`, and the other form, if the live document has
/// only that one. What the tenant answers decides; nothing is ever converted.
pub fn other_shape<'a>(
    resource: &'a Resource,
    generation: &Generation,
    live: &Value,
) -> Option<(&'a Shape, &'a Shape)> {
    let marked = |shape: &&Shape| shape.marks.iter().any(|mark| live.pointer(mark).is_some());
    resource.shapes.iter().filter(|shape| shape.generations.contains(&generation.name)).find_map(|own| {
        let others = resource.shapes.iter().filter(|shape| shape.object == own.object && shape.name != own.name);
        let mut others = others.filter(|_| !marked(&own));
        others.find(marked).map(|other| (own, other))
    })
}

/// A rule across settings that values break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The setting that is told about it.
    pub pointer: &'static str,
    /// The setting that it contradicts, or that leaves it without effect.
    pub other: &'static str,
    /// Whether the values contradict each other; if not, one of them has no effect.
    pub contradiction: bool,
    /// The rule that tells of it in a settings file.
    pub rule: rules::Rule,
    /// What to do about it there.
    pub help: &'static str,
    /// One sentence without a full stop.
    pub message: String,
}

/// What it means that a document does not have a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// The tenant has no value.
    NotSet,
    /// What a settings file leaves out may well be set in the tenant.
    NotKnown,
}

/// Returns the rules of `resource` that values break. `value` looks a setting up by pointer, canonical or `None`, which means
/// that it is `absent`.
pub fn broken<'v>(resource: &Resource, absent: Absent, value: impl Fn(&str) -> Option<&'v Value>) -> Vec<Broken> {
    let name = |pointer: &str| resource.setting(pointer).map(Setting::dotted).unwrap_or_default();
    let show =
        |pointer: &str, value: &Value| resource.setting(pointer).map(|s| s.show(Some(value))).unwrap_or_default();
    let mut found = Vec::new();
    for rule in resource.rules {
        match *rule {
            Rule::AtMost { lesser, greater } => {
                let (Some(low), Some(high)) = (value(lesser), value(greater)) else { continue };
                let (Some(low_number), Some(high_number)) = (low.as_i64(), high.as_i64()) else { continue };
                if low_number > high_number {
                    found.push(Broken {
                        pointer: lesser,
                        other: greater,
                        contradiction: true,
                        rule: rules::ABOVE_MAXIMUM,
                        help: "lower this one or raise the other",
                        message: format!(
                            "{} is {}, above {} at {}",
                            name(lesser),
                            show(lesser, low),
                            name(greater),
                            show(greater, high)
                        ),
                    });
                }
            }
            Rule::Moot { flag, cover, why } => {
                if value(flag) == Some(&Value::Bool(true)) && cover.fits(value(cover.pointer)) {
                    found.push(Broken {
                        pointer: flag,
                        other: cover.pointer,
                        contradiction: false,
                        rule: rules::NO_EFFECT,
                        help: "delete the line, or change the other setting",
                        message: without_effect(&name(flag), why),
                    });
                }
            }
            Rule::Mind { flag, other, when, why } => {
                let known = absent == Absent::NotSet || value(other).is_some();
                if value(flag) == Some(&Value::Bool(true)) && known && when.fits(value(other)) {
                    found.push(Broken {
                        pointer: flag,
                        other,
                        contradiction: false,
                        rule: rules::MIND,
                        help: "set the other one as well, or make sure that it is meant so",
                        message: format!("{} is true and {} is {when}: {why}", name(flag), name(other)),
                    });
                }
            }
            Rule::Together { .. } | Rule::Joint { .. } => {}
        }
    }
    found
}

/// Returns the name of a value's JSON type with its article.
pub fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn setting(pointer: &str) -> &'static Setting {
        Resource::named("accessRequestConfig").unwrap().setting(pointer).unwrap()
    }

    const ANYONE: &str = "/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone";

    #[test]
    fn a_document_that_is_let_go_of_has_empty_lists_and_is_not_whole() {
        let policy = Resource::named("jitActivationPolicy").unwrap();
        let answered = json!({"id": "p", "entitlementIds": ["a", "b"], "maxActivationPeriodMins": 60, "own": ["kept"]});
        let mut live = Live::Stored(answered.clone());
        assert_eq!((live.whole(), live.document()), (Some(&answered), &answered));
        live.release(policy);
        let left = json!({"id": "p", "entitlementIds": [], "maxActivationPeriodMins": 60, "own": ["kept"]});
        assert_eq!((live.whole(), live.document()), (None, &left));
        let mut nothing = Live::NotStored;
        nothing.release(policy);
        assert_eq!((nothing.whole(), nothing.document()), (Some(&json!({})), &json!({})));
    }

    #[test]
    fn absent_null_and_value_are_three_things() {
        let read = |live: Value| read(setting(ANYONE), &live);
        assert_eq!(read(json!({})), Ok(None));
        assert_eq!(read(json!({"requestOnBehalfOfConfig": null})), Ok(None));
        let inner = |value: Value| json!({"requestOnBehalfOfConfig": {"allowRequestOnBehalfOfAnyoneByAnyone": value}});
        assert_eq!(read(inner(Value::Null)), Ok(Some(Value::Null)));
        assert_eq!(read(inner(json!(false))), Ok(Some(json!(false))));
        assert_eq!(
            read(inner(json!("false"))),
            Err(Unfit { pointer: ANYONE.to_owned(), expected: "true or false".to_owned(), found: "a text" })
        );
        assert_eq!(
            read(json!({"requestOnBehalfOfConfig": [true]})),
            Err(Unfit {
                pointer: "/requestOnBehalfOfConfig".to_owned(),
                expected: "an object".to_owned(),
                found: "a list"
            })
        );
    }

    #[test]
    fn putting_a_value_creates_what_is_missing_and_keeps_the_rest() {
        let mut document = json!({"new": {"field": 1.50}, "requestOnBehalfOfConfig": null});
        put(setting(ANYONE), &mut document, &json!(true));
        put(setting("/autoApprovalEnabled"), &mut document, &json!(false));
        assert_eq!(
            document.to_string(),
            r#"{"new":{"field":1.5},"requestOnBehalfOfConfig":{"allowRequestOnBehalfOfAnyoneByAnyone":true},"autoApprovalEnabled":false}"#
        );
    }

    #[test]
    fn the_live_document_says_which_form_it_has() {
        let resource = Resource::named("accessRequestConfig").unwrap();
        let found = |generation: &str, inner: Value| {
            let live = json!({"entitlementRequestConfig": inner});
            other_shape(resource, resource.generation(generation).unwrap(), &live)
                .map(|(own, other)| (own.name, other.name))
        };
        let flat = json!({"grantRequestApprovalSchemes": ""});
        let nested = json!({"revocationRequestConfig": null});
        assert_eq!(found("beta", flat.clone()), None);
        assert_eq!(found("v2024", nested.clone()), None);
        assert_eq!(found("v2024", flat), Some(("nested", "flat")));
        assert_eq!(found("v3", nested), Some(("flat", "nested")));
        // Neither, or both: nothing is in the way.
        assert_eq!(found("v3", json!({"brandNew": 1})), None);
        assert_eq!(found("v3", json!({"allowEntitlementRequest": true, "accessRequestConfig": {}})), None);
        assert_eq!(found("v3", Value::Null), None);
    }

    #[test]
    fn a_new_approver_keeps_unknown_fields_and_drops_the_old_name() {
        let pointer = "/approvalReminderAndEscalationConfig/fallbackApproverRef";
        let with =
            |reference: Value| json!({"approvalReminderAndEscalationConfig": {"fallbackApproverRef": reference}});
        let mut document = with(json!({"type": "IDENTITY", "id": "a", "name": "A", "email": "a@x", "brandNew": 1}));
        put(setting(pointer), &mut document, &json!({"type": "IDENTITY", "id": "b"}));
        assert_eq!(document, with(json!({"type": "IDENTITY", "id": "b", "brandNew": 1})));
    }

    #[test]
    fn unknown_fields_are_named() {
        let live = json!({"a/b~c": 1, "brandNew": 1, "requestOnBehalfOfConfig": {"alsoNew": {"a": 1}}, "autoApprovalEnabled": true});
        let resource = Resource::named("accessRequestConfig").unwrap();
        assert_eq!(unknown(resource, &live), ["/a~1b~0c", "/brandNew", "/requestOnBehalfOfConfig/alsoNew"]);
    }
}
