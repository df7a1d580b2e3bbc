//! Desired state and live documents to changes. Pure, and the only place where values are compared: plan, apply and the
//! check after it all come here.

pub mod cause;
pub mod looked_up;
pub mod tenant;
pub mod whole;

use std::collections::BTreeMap;
use std::sync::Arc;

use cause::Cause;
use serde_json::Value;

use crate::resource::document::{self, Absent, Unfit};
use crate::resource::impact::Effect;
use crate::resource::impact::across::{Joint, across, joint, moot};
use crate::resource::instances::WHOLE;
use crate::resource::reference::Known;
use crate::resource::{Overrides, Resource, Rule, Setting, Write, lies_in};
use crate::settings::{DesiredResource, Managed};
use crate::text::authorship::{Commit, Unknown};
use crate::text::problem::Place;

/// A managed setting whose live value differs from the desired one.
#[derive(Clone, Debug)]
pub struct Change {
    /// The setting.
    pub setting: &'static Setting,
    /// The canonical live value; `None` if the tenant's document does not have the setting.
    pub before: Option<Arc<Value>>,
    /// The canonical desired value.
    pub after: Arc<Value>,
    /// What the change means for security.
    pub effect: Effect,
    /// The key in the file that asked for it.
    pub place: Place,
    /// What is known of the ids in its values.
    pub known: Arc<Known>,
    /// Where it comes from; `None` if there is no base to tell.
    pub cause: Option<Cause>,
    /// What the base asks of the setting; `None` if there is no base to tell.
    pub agreed: Option<Agreed>,
    /// Who asked for it, as commits say; `None` if that was not looked for.
    pub requested: Option<Requested>,
}

/// What a base asks of a setting.
#[derive(Clone, Debug, PartialEq)]
pub enum Agreed {
    /// Nothing: it is not managed there.
    Unmanaged,
    /// This value.
    Value(Arc<Value>),
}

/// Who asked for a change, as commits say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requested {
    /// The commits that wrote what differs from the live value, newest first.
    pub commits: Vec<Arc<Commit>>,
    /// Why it is not known of the rest; `None` if there is no rest.
    pub unknown: Option<Unknown>,
}

/// What comparing one resource found.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// The changes, in an order of which every prefix leaves a valid document valid.
    pub changes: Vec<Change>,
    /// The settings of the generation that no file mentions, with their live values.
    pub unmanaged: Vec<(&'static Setting, Option<Arc<Value>>)>,
    /// The canonical live value of every setting of the generation that is of its kind, by pointer.
    pub live: BTreeMap<&'static str, Option<Arc<Value>>>,
    /// What the document would break across settings: errors where this plan changes either half.
    pub conflicts: Vec<Conflict>,
    /// Settings that no file mentions and whose live value is not of their kind.
    pub odd: Vec<Unfit>,
    /// The object that the tenant answers in the form of other generations, so that its settings cannot be seen.
    pub unseen: Option<Unseen>,
    /// Pointers that the catalogue does not know; they are kept.
    pub unknown: Vec<String>,
    /// What else sending the changes would override.
    pub overrides: Option<Overrides>,
    /// What settings mean together, where one of them changes.
    pub joint: Vec<Joint>,
    /// What becomes of the document; `None` if a tenant has it once and always.
    pub action: Option<Action>,
    /// The document whose values hold where this one is not stored; `None` if it is neither deleted nor written back, or they
    /// are not known.
    pub above: Option<Value>,
}

/// What becomes of a document that is stored or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It stays; settings in it may change.
    Change,
    /// It is not stored yet, and a change of a setting stores it.
    Create,
    /// It is to be deleted, so that it inherits.
    Inherit,
}

/// An object in the form of other generations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// Its pointer.
    pub object: &'static str,
    /// What the form is called that the tenant answers.
    pub form: &'static str,
}

impl Unseen {
    /// Returns whether a setting lies in the object.
    pub fn has(self, setting: &Setting) -> bool {
        lies_in(setting.pointer, self.object)
    }
}

impl Comparison {
    /// Returns the change of the setting at `pointer`; `None` if it stays as it is.
    pub fn change(&self, pointer: &str) -> Option<&Change> {
        self.changes.iter().find(|change| change.setting.pointer == pointer)
    }
}

/// A rule across settings that the resulting document would break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The setting that is told about it.
    pub pointer: &'static str,
    /// Whether this plan would break it, which makes it an error; if not, the tenant's document breaks it already.
    pub caused: bool,
    /// One sentence without a full stop.
    pub message: String,
}

/// Compares what is desired of a resource with its live document.
///
/// # Errors
///
/// Every managed setting for which the tenant answered something of another kind.
pub fn compare(desired: &DesiredResource, live: &Value) -> Result<Comparison, Vec<Unfit>> {
    compare_below(desired, live, None)
}

/// Like [`compare`]; `above` is the document whose values hold where this one is not stored, as far as it is known.
///
/// # Errors
///
/// As [`compare`].
pub fn compare_below(desired: &DesiredResource, live: &Value, above: Option<&Value>) -> Result<Comparison, Vec<Unfit>> {
    if let Some(managed) = desired.get(WHOLE.pointer) {
        return Ok(whole::compare(desired, managed, live, above));
    }
    if !live.is_object() {
        return Err(vec![Unfit {
            pointer: String::new(),
            expected: "an object".to_owned(),
            found: document::type_of(live),
        }]);
    }
    let (resource, generation) = (desired.resource(), desired.generation);
    let unseen = document::other_shape(resource, generation, live)
        .map(|(own, other)| Unseen { object: own.object, form: other.name });
    let Held { mut found, current, resulting } = hold(desired, live, unseen)?;
    order(resource, &mut found.changes);
    let before = |pointer: &str| current.get(pointer)?.as_deref();
    let after = |pointer: &str| resulting.get(pointer)?.as_deref();
    for change in &mut found.changes {
        for sentence in across(resource, change.setting.pointer, before, after) {
            change.effect.sentence.push_str(". ");
            change.effect.sentence.push_str(&sentence);
        }
        change.effect.moot = moot(resource, change.setting.pointer, before, after);
    }
    let changed = |pointer: &str| found.change(pointer).is_some();
    let joint = joint(resource, generation, changed, before, after);
    found.conflicts = document::broken(resource, Absent::NotSet, after)
        .into_iter()
        .map(|broken| Conflict {
            pointer: broken.pointer,
            caused: broken.contradiction && (changed(broken.pointer) || changed(broken.other)),
            message: broken.message,
        })
        .collect();
    found.joint = joint;
    found.unseen = unseen;
    found.unknown = document::unknown(resource, live);
    found.overrides = overrides(desired, live, &found.changes);
    for change in &mut found.changes {
        change.effect.overrides = found.overrides.is_some();
    }
    found.live = current;
    found.action = whole::action(desired, live);
    Ok(found)
}

/// The values of a document by pointer; `None` if it does not have the setting.
type Values = BTreeMap<&'static str, Option<Arc<Value>>>;

/// What comparing setting by setting gives.
struct Held {
    /// With its changes and what is not managed.
    found: Comparison,
    /// The live document.
    current: Values,
    /// The document once the changes are made.
    resulting: Values,
}

/// Holds each setting against the live document.
fn hold(desired: &DesiredResource, live: &Value, unseen: Option<Unseen>) -> Result<Held, Vec<Unfit>> {
    let (mut found, mut current, mut resulting) = (Comparison::default(), Values::new(), Values::new());
    let mut unfit = Vec::new();
    for setting in desired.resource().settings_of(desired.generation) {
        if unseen.is_some_and(|unseen| unseen.has(setting)) && desired.get(setting.pointer).is_none() {
            continue;
        }
        let left_out = desired.left_out.contains(setting.pointer);
        match (document::read(setting, live).map(|value| value.map(Arc::new)), desired.get(setting.pointer)) {
            (Ok(value), Some(_)) if left_out => {
                current.insert(setting.pointer, value.clone());
                resulting.insert(setting.pointer, value);
            }
            (Err(_), Some(_)) if left_out => {}
            (Ok(before), Some(managed)) => {
                current.insert(setting.pointer, before.clone());
                resulting.insert(setting.pointer, Some(managed.value.clone()));
                found.changes.extend(change(managed, before));
            }
            (Ok(value), None) => {
                current.insert(setting.pointer, value.clone());
                resulting.insert(setting.pointer, value.clone());
                found.unmanaged.push((setting, value));
            }
            (Err(problem), Some(_)) => unfit.push(problem),
            // Not managed, so a value of another kind stops nothing; it is only reported.
            (Err(problem), None) => {
                found.unmanaged.push((setting, document::raw(setting, live).cloned().map(Arc::new)));
                found.odd.push(problem);
            }
        }
    }
    unfit.dedup();
    if unfit.is_empty() { Ok(Held { found, current, resulting }) } else { Err(unfit) }
}

/// Returns what else sending `changes` would write: a PUT carries the whole document, whichever setting it is made for, and so
/// the object if the tenant has it or a change lies in it.
fn overrides(desired: &DesiredResource, live: &Value, changes: &[Change]) -> Option<Overrides> {
    let overrides = desired.generation.overrides.filter(|_| !changes.is_empty())?;
    let has = live.pointer(overrides.object).is_some_and(|object| !object.is_null());
    let brings = || changes.iter().any(|change| lies_in(change.setting.pointer, overrides.object));
    (has || brings()).then_some(overrides)
}

/// Returns the change that gives a setting its desired value; `None` if it has it.
pub fn change(managed: &Managed, before: Option<Arc<Value>>) -> Option<Change> {
    let setting = managed.setting;
    if setting.equal(before.as_deref(), Some(managed.value.as_ref())) {
        return None;
    }
    // What is equal is sent as the tenant has it, so that a plan shows every letter that changes.
    let spelt = before.as_ref().and_then(|before| setting.kind.spelt_like(before, &managed.value));
    let after = spelt.map_or_else(|| managed.value.clone(), Arc::new);
    Some(Change {
        setting,
        effect: setting.effect(before.as_deref(), &after),
        before,
        after,
        place: managed.place.clone(),
        known: managed.known.clone(),
        cause: None,
        agreed: None,
        requested: None,
    })
}

/// Puts changes into an order that keeps a valid document valid after each: a bound rises before what it bounds, and
/// what it bounds falls before the bound. The catalogue's order has the bound first; only where its new value would be
/// below the old one of the other setting do the two trade places.
fn order(resource: &Resource, changes: &mut [Change]) {
    for rule in resource.rules {
        let Rule::AtMost { lesser, greater } = *rule else { continue };
        let find = |pointer: &str| changes.iter().position(|change| change.setting.pointer == pointer);
        let (Some(low), Some(high)) = (find(lesser), find(greater)) else { continue };
        let number = |value: Option<&Value>| value.and_then(Value::as_i64);
        let (Some(bounded), Some(bound)) = (changes.get(low), changes.get(high)) else { continue };
        let bound_first = match (number(bounded.before.as_deref()), number(Some(bound.after.as_ref()))) {
            (Some(bounded), Some(bound)) => bounded <= bound,
            _ => true,
        };
        if bound_first != (high < low) {
            changes.swap(low, high);
        }
    }
}

/// Returns `live` with changes folded in and everything else as it was.
pub fn fold(live: &Value, changes: &[Change]) -> Value {
    let mut document = live.clone();
    for change in changes {
        document::put(change.setting, &mut document, &change.after);
    }
    document
}

/// Returns the document that a PUT sends for changes: [`fold`] without what the API does not take.
pub fn body(resource: &Resource, live: &Value, changes: &[Change]) -> Value {
    let mut document = fold(live, changes);
    if let Write::Put { strip, .. } = resource.write {
        for pointer in strip {
            document::remove(&mut document, pointer);
        }
    }
    document
}

/// Returns the settings outside `managed` whose value differs between two documents of one resource: changed by
/// another person, or reset by a write.
pub fn moved(desired: &DesiredResource, before: &Value, after: &Value) -> Vec<&'static Setting> {
    if desired.get(WHOLE.pointer).is_some() {
        return Vec::new();
    }
    desired
        .resource()
        .settings_of(desired.generation)
        .filter(|setting| desired.get(setting.pointer).is_none())
        .filter(|setting| match (document::read(setting, before), document::read(setting, after)) {
            (Ok(before), Ok(after)) => !setting.equal(before.as_ref(), after.as_ref()),
            // A value of another kind cannot be compared by meaning, so any difference counts.
            _ => document::raw(setting, before) != document::raw(setting, after),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::settings;
    use crate::text::problem::Severity;
    use crate::text::yaml::Source;

    fn desired(yaml: &str) -> DesiredResource {
        let (mut desired, problems) = settings::read(&[Source::new("settings.yaml", yaml)]);
        assert!(problems.iter().all(|problem| problem.severity != Severity::Error), "{problems:#?}");
        desired.resources.remove(0)
    }

    fn changes(yaml: &str, live: &Value) -> Vec<(String, Option<Value>, Value)> {
        let compared = compare(&desired(yaml), live).unwrap();
        let told = |change: Change| {
            (
                change.setting.pointer.to_owned(),
                change.before.map(Arc::unwrap_or_clone),
                Arc::unwrap_or_clone(change.after),
            )
        };
        compared.changes.into_iter().map(told).collect()
    }

    /// Every pair that must plan nothing, from the issue trackers of tools like this one.
    #[test]
    fn what_means_the_same_is_no_change() {
        let jit = |setting: &str| format!("jitActivationPolicy: {{{setting}}}");
        let flat = |setting: &str| format!("accessRequestConfig: {{apiVersion: beta, {setting}}}");
        for (yaml, live) in [
            (jit("entitlementIds: [b, a, a]"), json!({"entitlementIds": ["a", "b", "b"]})),
            (jit("entitlementIds: []"), json!({"entitlementIds": null})),
            (jit("entitlementIds: []"), json!({})),
            (jit("entitlementIds: null"), json!({"entitlementIds": []})),
            (jit("notificationRecipients: null"), json!({})),
            (
                jit("notificationRecipients: [B@example.com, a@EXAMPLE.com]"),
                json!({"notificationRecipients": ["A@example.com", "b@example.com", "a@example.com"]}),
            ),
            (jit("maxActivationPeriodMins: null"), json!({})),
            (jit("maxActivationPeriodMins: 2h"), json!({"maxActivationPeriodMins": 120.0, "new": {"deep": 1}})),
            (jit("notificationTemplate: null"), json!({"notificationTemplate": null})),
            (
                flat("entitlementRequestConfig: {grantRequestApprovalSchemes: [sourceOwner, manager]}"),
                json!({"entitlementRequestConfig": {"grantRequestApprovalSchemes": " sourceOwner ,manager"}}),
            ),
            (
                flat("entitlementRequestConfig: {grantRequestApprovalSchemes: []}"),
                json!({"entitlementRequestConfig": {"grantRequestApprovalSchemes": ""}}),
            ),
            (
                flat("entitlementRequestConfig: {grantRequestApprovalSchemes: 'sourceOwner,workgroup: 7'}"),
                json!({"entitlementRequestConfig": {"grantRequestApprovalSchemes": "sourceOwner , workgroup : 7"}}),
            ),
            (
                flat("approvalReminderAndEscalationConfig: {fallbackApproverRef: {id: x, name: Old}}"),
                json!({"approvalReminderAndEscalationConfig":
                    {"fallbackApproverRef": {"type": "IDENTITY", "id": "x", "name": "New", "email": null}}}),
            ),
            (
                flat("approvalReminderAndEscalationConfig: {fallbackApproverRef: null, maxReminders: null}"),
                json!({"approvalReminderAndEscalationConfig": null}),
            ),
        ] {
            assert_eq!(changes(&yaml, &live), [], "{yaml} against {live}");
        }
    }

    /// The other direction: what must never be taken for equal.
    #[test]
    fn what_differs_is_one_change() {
        let jit = |setting: &str| format!("jitActivationPolicy: {{{setting}}}");
        let flat = |setting: &str| format!("accessRequestConfig: {{apiVersion: beta, {setting}}}");
        for (yaml, live, before, after) in [
            (jit("entitlementIds: []"), json!({"entitlementIds": ["a"]}), Some(json!(["a"])), json!([])),
            (jit("entitlementIds: [A]"), json!({"entitlementIds": ["a"]}), Some(json!(["a"])), json!(["A"])),
            (
                jit("notificationRecipients: [Kim@Example.com, new@example.com]"),
                json!({"notificationRecipients": ["kim@example.com"]}),
                Some(json!(["kim@example.com"])),
                json!(["kim@example.com", "new@example.com"]),
            ),
            (
                jit("notificationRecipients: [\u{212a}im@example.com]"),
                json!({"notificationRecipients": ["kim@example.com"]}),
                Some(json!(["kim@example.com"])),
                json!(["\u{212a}im@example.com"]),
            ),
            (jit("applyToFutureAssignments: false"), json!({}), None, json!(false)),
            (
                jit("applyToFutureAssignments: false"),
                json!({"applyToFutureAssignments": null}),
                Some(Value::Null),
                json!(false),
            ),
            (jit("maxActivationPeriodMins: null"), json!({"maxActivationPeriodMins": 0}), Some(json!(0)), Value::Null),
            (
                flat("entitlementRequestConfig: {grantRequestApprovalSchemes: []}"),
                json!({"entitlementRequestConfig": {"grantRequestApprovalSchemes": null}}),
                Some(Value::Null),
                json!(""),
            ),
            (
                flat("entitlementRequestConfig: {grantRequestApprovalSchemes: null}"),
                json!({"entitlementRequestConfig": {"grantRequestApprovalSchemes": ""}}),
                Some(json!("")),
                Value::Null,
            ),
            (
                flat("entitlementRequestConfig: {grantRequestApprovalSchemes: [manager, sourceOwner]}"),
                json!({"entitlementRequestConfig": {"grantRequestApprovalSchemes": "sourceOwner, manager"}}),
                Some(json!("sourceOwner, manager")),
                json!("manager, sourceOwner"),
            ),
        ] {
            let found = changes(&yaml, &live);
            assert_eq!(found.len(), 1, "{yaml} against {live}");
            assert_eq!((&found[0].1, &found[0].2), (&before, &after), "{yaml} against {live}");
        }
    }

    #[test]
    fn a_bound_rises_first_and_falls_last() {
        let order = |max: &str, default: &str| -> Vec<String> {
            let yaml = format!(
                "jitActivationPolicy: {{defaultMaxActivationPeriodMins: {default}, maxActivationPeriodMins: {max}}}"
            );
            let live = json!({"maxActivationPeriodMins": 120, "defaultMaxActivationPeriodMins": 60});
            changes(&yaml, &live).into_iter().map(|change| change.0).collect()
        };
        let (max, default) = ("/maxActivationPeriodMins", "/defaultMaxActivationPeriodMins");
        assert_eq!(order("240", "180"), [max, default]);
        assert_eq!(order("30", "15"), [default, max]);
        assert_eq!(order("90", "30"), [max, default]);
        assert_eq!(order("null", "180"), [max, default]);
        assert_eq!(order("30", "null"), [default, max]);
    }

    #[test]
    fn rules_look_at_the_document_that_would_result() {
        let conflicts = |yaml: &str, live: &Value| compare(&desired(yaml), live).unwrap().conflicts;
        let live = json!({"maxActivationPeriodMins": 60, "defaultMaxActivationPeriodMins": 120});
        let message = "defaultMaxActivationPeriodMins is 2h (120 min), above maxActivationPeriodMins at 1h (60 min)";
        let conflict =
            |caused| vec![Conflict { pointer: "/defaultMaxActivationPeriodMins", caused, message: message.to_owned() }];
        // It stands like this in the tenant already: the plan did not do it.
        assert_eq!(conflicts("jitActivationPolicy: {applyToFutureAssignments: true}", &live), conflict(false));
        let live = json!({"maxActivationPeriodMins": 240, "defaultMaxActivationPeriodMins": 120});
        assert_eq!(conflicts("jitActivationPolicy: {maxActivationPeriodMins: 1h}", &live), conflict(true));
    }

    #[test]
    fn nonsense_from_the_tenant_names_each_setting() {
        let wanted = desired("jitActivationPolicy: {maxActivationPeriodMins: 1h, applyToFutureAssignments: true}");
        let live = json!({"maxActivationPeriodMins": "sixty", "applyToFutureAssignments": 1, "entitlementIds": 7});
        let unfit = compare(&wanted, &live).unwrap_err();
        let named: Vec<&str> = unfit.iter().map(|unfit| unfit.pointer.as_str()).collect();
        assert_eq!(named, ["/maxActivationPeriodMins", "/applyToFutureAssignments"]);
    }

    #[test]
    fn folding_keeps_what_is_not_managed() {
        let wanted = desired("accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: false}");
        let live: Value =
            serde_json::from_str(r#"{"brandNew":{"n":1.00,"big":123456789012345678901},"autoApprovalEnabled":true}"#)
                .unwrap();
        let compared = compare(&wanted, &live).unwrap();
        assert_eq!(
            fold(&live, &compared.changes).to_string(),
            r#"{"brandNew":{"n":1.00,"big":123456789012345678901},"autoApprovalEnabled":false}"#
        );
        assert_eq!(compared.unknown, ["/brandNew"]);
    }

    #[test]
    fn a_put_overrides_what_its_body_has() {
        let object = "approvalReminderAndEscalationConfig";
        let other = "accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: false}";
        let inside = "accessRequestConfig: {apiVersion: beta, approvalReminderAndEscalationConfig: {maxReminders: 3}}";
        let same = "accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: true}";
        let lives = [
            json!({"autoApprovalEnabled": true}),
            json!({"autoApprovalEnabled": true, object: null}),
            json!({"autoApprovalEnabled": true, object: {}}),
            json!({"autoApprovalEnabled": true, object: {"maxReminders": 1}}),
        ];
        let mut told = Vec::new();
        for wanted in [other, inside, same].map(desired) {
            for live in &lives {
                let compared = compare(&wanted, live).unwrap();
                let body = body(wanted.resource(), live, &compared.changes);
                let has = !compared.changes.is_empty() && body.get(object).is_some_and(|object| !object.is_null());
                assert_eq!(compared.overrides.is_some(), has, "{live}");
                told.push(has);
            }
        }
        assert_eq!(told, [false, false, true, true, true, true, true, true, false, false, false, false]);
    }

    #[test]
    fn a_put_leaves_out_what_the_api_does_not_take() {
        let wanted = desired("accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: false}");
        let live = json!({"id": "x", "a/b": {"scope": "TENANT", "kept": 1}, "autoApprovalEnabled": true});
        let changes = compare(&wanted, &live).unwrap().changes;
        let write = Write::Put { strip: &["/id", "/a~1b/scope", "/missing/field", "/"], create: false, delete: false };
        let resource = Resource { write, ..*wanted.resource() };
        assert_eq!(body(&resource, &live, &changes), json!({"a/b": {"kept": 1}, "autoApprovalEnabled": false}));
        assert_eq!(body(wanted.resource(), &live, &changes), fold(&live, &changes));
    }
}
