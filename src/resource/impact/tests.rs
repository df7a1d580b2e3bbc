//! Every kind of change through the one comparison, as a plan would word it.

use serde_json::{Value, json};

use crate::plan;
use crate::settings;
use crate::text::problem::Severity;
use crate::text::yaml::Source;

/// Impact, with `disrupts` where it does, and sentence of each change.
fn effects(yaml: &str, live: &Value) -> Vec<(String, String)> {
    let (desired, problems) = settings::read(&[Source::new("settings.yaml", yaml)]);
    assert!(problems.iter().all(|problem| problem.severity != Severity::Error), "{problems:#?}");
    let compared = plan::compare(&desired.resources[0], live).unwrap();
    let word = |effect: &super::Effect| {
        let disrupts = if effect.disrupts { ", disrupts" } else { "" };
        format!("{}{disrupts}", effect.impact.word())
    };
    compared.changes.iter().map(|change| (word(&change.effect), change.effect.sentence.clone())).collect()
}

fn check(table: &[(&str, Value, &str, &str)], resource: impl Fn(&str) -> String) {
    for (settings, live, impact, sentence) in table {
        let yaml = resource(settings);
        assert_eq!(effects(&yaml, live), [((*impact).to_owned(), (*sentence).to_owned())], "{yaml} against {live}");
    }
}

#[test]
fn what_changes_of_the_jit_policy_mean() {
    let two = || json!({"entitlementIds": ["a", "b"], "notificationRecipients": ["a@x.y", "b@x.y"]});
    check(
        &[
            ("entitlementIds: [a, b, c]", two(), "tightens", "1 entitlement comes under JIT control"),
            ("entitlementIds: [a]", two(), "loosens", "1 entitlement leaves JIT control and can be held permanently"),
            (
                "entitlementIds: []",
                two(),
                "loosens",
                "2 entitlements leave JIT control and can be held permanently; none is left under it",
            ),
            (
                "entitlementIds: [a, B]",
                two(),
                "loosens",
                "1 entitlement leaves JIT control and can be held permanently; 1 entitlement comes under it",
            ),
            ("notificationRecipients: [a@x.y]", two(), "loosens", "1 recipient is no longer told of activations"),
            (
                "notificationRecipients: null",
                two(),
                "loosens",
                "2 recipients are no longer told of activations; nobody else is told either",
            ),
            (
                "notificationRecipients: [a@x.y, b@x.y, c@x.y]",
                two(),
                "review",
                "1 recipient learns of activations from now on",
            ),
            (
                "notificationRecipients: [a@x.y, c@x.y]",
                two(),
                "loosens",
                "1 recipient is no longer told of activations; 1 recipient learns of them from now on",
            ),
            (
                "notificationTemplate: null",
                json!({"notificationTemplate": "x"}),
                "review",
                "Activation messages no longer use a template; they may stop or change",
            ),
            (
                "notificationTemplate: y",
                json!({"notificationTemplate": "x"}),
                "neutral",
                "Activation messages are written with another template",
            ),
            (
                "applyToFutureAssignments: false",
                json!({}),
                "loosens",
                "Entitlements assigned from now on stay outside JIT control and are held permanently",
            ),
            (
                "applyToFutureAssignments: true",
                json!({"applyToFutureAssignments": false}),
                "tightens",
                "Entitlements assigned from now on fall under JIT control as well",
            ),
        ],
        |settings| format!("jitActivationPolicy: {{{settings}}}"),
    );
}

#[test]
fn ceilings_loosen_upwards_and_defaults_below_them() {
    let cases = [
        ("maxActivationPeriodMins", "A single activation may last"),
        ("maxActivationPeriodExtensionMins", "A running activation may be extended by"),
    ];
    for (setting, subject) in cases {
        let live = |minutes: Value| json!({setting: minutes});
        let none = "as long as the tenant allows, perhaps without any limit; was 2 hours";
        for (to, from, impact, sentence) in [
            ("3h", json!(120), "loosens", "3 hours, was 2 hours"),
            ("1h", json!(120), "tightens", "1 hour, was 2 hours"),
            ("null", json!(120), "loosens", none),
            ("1h", Value::Null, "review", "1 hour; no limit was set before"),
        ] {
            let yaml = format!("jitActivationPolicy: {{{setting}: {to}}}");
            assert_eq!(effects(&yaml, &live(from)), [(impact.to_owned(), format!("{subject} {sentence}"))], "{yaml}");
        }
    }
    for (setting, subject) in [
        ("defaultMaxActivationPeriodMins", "Activations are offered for"),
        ("defaultMaxActivationPeriodExtensionMins", "Extensions are offered for"),
    ] {
        for (to, from, impact, sentence) in [
            (
                "3h",
                json!(120),
                "loosens",
                "3 hours unless the user asks for another period, was 2 hours. No limit is set above it",
            ),
            ("1h", json!(120), "tightens", "1 hour unless the user asks for another period, was 2 hours"),
            ("null", json!(120), "review", "a period that the tenant chooses, was 2 hours"),
            ("1h", Value::Null, "review", "1 hour unless the user asks for another period; no default was set"),
        ] {
            let yaml = format!("jitActivationPolicy: {{{setting}: {to}}}");
            let live = json!({setting: from});
            assert_eq!(effects(&yaml, &live), [(impact.to_owned(), format!("{subject} {sentence}"))], "{yaml}");
        }
    }
}

#[test]
fn flags_of_the_access_request_settings() {
    let cases = [
        ("v3", "autoApprovalEnabled", "loosens", "tightens"),
        ("v2", "reauthorizationEnabled", "tightens", "loosens"),
        ("v2", "approvalsMustBeExternal", "tightens, disrupts", "review"),
        ("v2", "govGroupVisibilityEnabled", "review", "neutral"),
        ("v2", "requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone", "loosens", "tightens"),
        ("v2", "requestOnBehalfOfConfig/allowRequestOnBehalfOfEmployeeByManager", "loosens", "tightens"),
        ("v3", "entitlementRequestConfig/allowEntitlementRequest", "loosens", "tightens, disrupts"),
        ("v3", "entitlementRequestConfig/requestCommentsRequired", "tightens", "loosens"),
        ("v3", "entitlementRequestConfig/deniedCommentsRequired", "tightens", "loosens"),
        ("v2", "entitlementRequestConfig/accessRequestConfig/requestCommentRequired", "tightens", "loosens"),
        ("v2", "entitlementRequestConfig/accessRequestConfig/denialCommentRequired", "tightens", "loosens"),
        ("v2", "entitlementRequestConfig/accessRequestConfig/reauthorizationRequired", "tightens", "loosens"),
        ("v2", "entitlementRequestConfig/accessRequestConfig/requireEndDate", "tightens", "loosens"),
    ];
    for (version, setting, on, off) in cases {
        for (value, expected) in [(true, on), (false, off)] {
            let mut document = json!(value);
            for key in setting.split('/').rev() {
                document = json!({key: document});
            }
            document["apiVersion"] = json!(version);
            let yaml = json!({"accessRequestConfig": document}).to_string();
            let impacts: Vec<String> = effects(&yaml, &json!({})).into_iter().map(|(impact, _)| impact).collect();
            assert_eq!(impacts, [expected], "{yaml}");
        }
    }
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
            "A single activation may last 4 hours, was 2 hours. Activation and extension together may last 5 hours, was 3 hours"
        ]
    );
    assert_eq!(
        jit("maxActivationPeriodExtensionMins: 2h", live()),
        ["A running activation may be extended by 2 hours, was 1 hour. Activation and extension together may last 4 \
          hours, was 3 hours"]
    );
    // Told once, with the first of the two.
    assert_eq!(
        jit("maxActivationPeriodMins: 3h, maxActivationPeriodExtensionMins: null", live()),
        [
            "A single activation may last 3 hours, was 2 hours",
            "A running activation may be extended by as long as the tenant allows, perhaps without any limit; was 1 hour",
        ]
    );
    assert_eq!(
        jit("maxActivationPeriodMins: 150, maxActivationPeriodExtensionMins: 30", live()),
        [
            "A single activation may last 2 hours 30 minutes, was 2 hours. Activation and extension together may last 3 \
             hours, as before",
            "A running activation may be extended by 30 minutes, was 1 hour",
        ]
    );
    assert_eq!(
        jit("defaultMaxActivationPeriodMins: 2h", live()),
        [
            "Activations are offered for 2 hours unless the user asks for another period, was 1 hour. The limit stays 2 hours"
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
        [format!("{managers}. That has no effect for now: while anyone may request for anyone, managers may as well")]
    );
    assert_eq!(flags("allowRequestOnBehalfOfEmployeeByManager: true", false, false), [managers]);
    // Two things cover the owners' flag, and one of them stays.
    let machines = json!({"machineIdentityAccessRequestEnabled": false, "requestOnBehalfOfConfig": {
        "allowRequestOnBehalfOfForMachineIdentity": true, "allowRequestForMachineByOwner": true}});
    let told = effects(
        "accessRequestConfig: {apiVersion: v2, requestOnBehalfOfConfig: {allowRequestOnBehalfOfForMachineIdentity: false}}",
        &machines,
    );
    assert_eq!(told.len(), 1);
    assert!(!told[0].1.contains("from now on"), "{}", told[0].1);
    assert_eq!(
        flags("allowRequestOnBehalfOfAnyoneByAnyone: false", true, true),
        ["People can no longer request access for just anyone. \
          requestOnBehalfOfConfig.allowRequestOnBehalfOfEmployeeByManager stays true and has an effect from now on"]
    );
}
