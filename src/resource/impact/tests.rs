//! Every kind of change through the one comparison, as a plan would word it.

use serde_json::{Value, json};

use crate::plan;
use crate::settings;
use crate::text::problem::Severity;
use crate::text::yaml::Source;

/// Impact, with `disrupts` where it does, and sentence of each change.
pub(super) fn effects(yaml: &str, live: &Value) -> Vec<(String, String)> {
    let (desired, problems) = settings::read(&[Source::new("settings.yaml", yaml)]);
    assert!(problems.iter().all(|problem| problem.severity != Severity::Error), "{problems:#?}");
    let compared = plan::compare(&desired.resources[0], live).unwrap();
    let word = |effect: &super::Effect| {
        let disrupts = if effect.disrupts { ", disrupts" } else { "" };
        format!("{}{disrupts}", effect.impact.word())
    };
    compared.changes.iter().map(|change| (word(&change.effect), change.effect.sentence.clone())).collect()
}

#[test]
fn a_change_says_what_it_means_together_with_others() {
    let jit = |settings: &str, live: Value| -> Vec<String> {
        effects(&format!("jitActivationPolicy: {{{settings}}}"), &live).into_iter().map(|(_, told)| told).collect()
    };
    let live = || json!({"maxActivationPeriodMins": 120, "maxActivationPeriodExtensionMins": 60, "defaultMaxActivationPeriodMins": 60});
    assert_eq!(
        jit("maxActivationPeriodMins: 4h", live()),
        [
            "A single activation will last at most 4 hours instead of 2 hours. Activation and extension together will last at most 5 hours instead of 3 hours; an extension stays at most 1 hour"
        ]
    );
    assert_eq!(
        jit("maxActivationPeriodExtensionMins: 2h", live()),
        [
            "A running activation will be extended by at most 2 hours instead of 1 hour. Activation and extension together will last at most 4 \
          hours instead of 3 hours; a single activation stays at most 2 hours"
        ]
    );
    assert_eq!(
        jit("maxActivationPeriodMins: null", live())[0],
        "A single activation will last at most as long as the tenant allows, perhaps without any limit, instead of 2 hours. An \
         extension stays at most 1 hour"
    );
    assert_eq!(
        jit("maxActivationPeriodMins: null, maxActivationPeriodExtensionMins: null", live())[0],
        "A single activation will last at most as long as the tenant allows, perhaps without any limit, instead of 2 hours"
    );
    // Told once, with the first of the two.
    assert_eq!(
        jit("maxActivationPeriodMins: 3h, maxActivationPeriodExtensionMins: null", live()),
        [
            "A single activation will last at most 3 hours instead of 2 hours",
            "A running activation will be extended by at most as long as the tenant allows, perhaps without any limit, instead of 1 hour",
        ]
    );
    assert_eq!(
        jit("maxActivationPeriodMins: 150, maxActivationPeriodExtensionMins: 30", live()),
        [
            "A single activation will last at most 2 hours 30 minutes instead of 2 hours. Activation and extension together will last at most 3 \
             hours, as now",
            "A running activation will be extended by at most 30 minutes instead of 1 hour",
        ]
    );
    assert_eq!(
        jit("defaultMaxActivationPeriodMins: 2h", live()),
        [
            "Activations will be offered for 2 hours instead of 1 hour, unless the user asks for another period. The limit stays 2 hours"
        ]
    );
    assert_eq!(
        jit("defaultMaxActivationPeriodMins: null", live()),
        [
            "Activations will be offered for a period that the tenant chooses instead of 1 hour. A single activation stays at most \
             2 hours"
        ]
    );
    assert_eq!(
        jit("defaultMaxActivationPeriodMins: 30m", live()),
        [
            "Activations will be offered for 30 minutes instead of 1 hour, unless the user asks for another period. That will limit \
             nothing: a user may ask for up to 2 hours"
        ]
    );
    let flags = |settings: &str, anyone: bool, manager: bool| -> Vec<String> {
        let live = json!({"requestOnBehalfOfConfig": {
            "allowRequestOnBehalfOfAnyoneByAnyone": anyone, "allowRequestOnBehalfOfEmployeeByManager": manager}});
        let yaml = format!("accessRequestConfig: {{apiVersion: v2, requestOnBehalfOfConfig: {{{settings}}}}}");
        effects(&yaml, &live).into_iter().map(|(_, sentence)| sentence).collect()
    };
    let managers = "Managers will be able to request access for the people who report to them";
    assert_eq!(
        flags("allowRequestOnBehalfOfEmployeeByManager: true", true, false),
        [format!(
            "{managers}. That will have no effect for now: while anyone may request for anyone, managers may as well. It will \
             count once that ends"
        )]
    );
    assert_eq!(flags("allowRequestOnBehalfOfEmployeeByManager: true", false, false), [managers]);
    // It is the approver who signs in.
    let signing_in = |settings: &str, approvers: Value, again: bool| -> Vec<String> {
        let live = json!({"entitlementRequestConfig": {"accessRequestConfig": {
            "approvalSchemes": approvers, "reauthorizationRequired": again}}});
        let yaml = format!(
            "accessRequestConfig: {{apiVersion: v2, entitlementRequestConfig: {{accessRequestConfig: {{{settings}}}}}}}"
        );
        effects(&yaml, &live).into_iter().map(|(_, sentence)| sentence).collect()
    };
    let (none, manager) = (json!([]), json!([{"approverType": "MANAGER"}]));
    let why = "while these requests need no approval, there is no approver to sign in. It will count once that ends";
    let told =
        |settings: &str, approvers: &Value, again: bool| signing_in(settings, approvers.clone(), again).remove(0);
    assert!(
        told("reauthorizationRequired: true", &none, false)
            .ends_with(&format!(". That will limit nothing for now: {why}"))
    );
    assert!(
        told("reauthorizationRequired: false", &none, true)
            .ends_with(&format!(". That will have no effect for now: {why}"))
    );
    assert!(!told("reauthorizationRequired: false", &manager, true).contains("for now"));
    assert!(told("approvalSchemes: [{approverType: MANAGER}]", &none, true).ends_with(
        ". Another setting stays as it is and will take effect: approvers will have to sign in again before they approve a \
         request for an entitlement, unless a source or entitlement has its own rule"
    ));
    // Two things cover the owners' flag, and one of them stays.
    let machines = json!({"machineIdentityAccessRequestEnabled": false, "requestOnBehalfOfConfig": {
        "allowRequestOnBehalfOfForMachineIdentity": true, "allowRequestForMachineByOwner": true}});
    let told = effects(
        "accessRequestConfig: {apiVersion: v2, requestOnBehalfOfConfig: {allowRequestOnBehalfOfForMachineIdentity: false}}",
        &machines,
    );
    assert_eq!(told.len(), 1);
    assert!(!told[0].1.contains("will take effect"), "{}", told[0].1);
    assert_eq!(
        flags("allowRequestOnBehalfOfAnyoneByAnyone: false", true, true),
        ["People will not be able to request access for anyone else. \
          Another setting stays as it is and will take effect: \
          managers will be able to request access for the people who report to them"]
    );
}
