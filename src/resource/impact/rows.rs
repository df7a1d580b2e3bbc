//! What changes of every setting mean: the sentences that approvers read, each as a plan words it.

use serde_json::{Value, json};

use super::tests::effects;
use crate::resource::CATALOGUE;

/// A value before, a value after (as JSON, or "absent"), the impact, with `disrupts` where it does, and the sentence.
type Row = (&'static str, &'static str, &'static str, &'static str);

/// The settings by `/RESOURCE/POINTER`, with a row for each way of changing them that means something else.
const SETTINGS: &[(&str, &[Row])] = &[
    (
        "/jitActivationPolicy/entitlementIds",
        &[
            (r#"["a", "b"]"#, r#"["a", "b", "c"]"#, "tightens", "1 entitlement comes under JIT control"),
            (r#"["a", "b"]"#, r#"["a"]"#, "loosens", "1 entitlement leaves JIT control and can be held permanently"),
            (
                r#"["a", "b"]"#,
                "[]",
                "loosens",
                "2 entitlements leave JIT control and can be held permanently; none is left under it",
            ),
            (
                r#"["a", "b"]"#,
                r#"["a", "B"]"#,
                "loosens",
                "1 entitlement leaves JIT control and can be held permanently; 1 entitlement comes under it",
            ),
        ],
    ),
    (
        "/jitActivationPolicy/maxActivationPeriodMins",
        &[
            ("120", "180", "loosens", "A single activation may last 3 hours, was 2 hours"),
            ("120", "60", "tightens", "A single activation may last 1 hour, was 2 hours"),
            (
                "120",
                "null",
                "loosens",
                "A single activation may last as long as the tenant allows, perhaps without any limit; was 2 hours",
            ),
            ("null", "60", "review", "A single activation may last 1 hour; no limit was set before"),
        ],
    ),
    (
        "/jitActivationPolicy/maxActivationPeriodExtensionMins",
        &[
            ("120", "180", "loosens", "A running activation may be extended by 3 hours, was 2 hours"),
            ("120", "60", "tightens", "A running activation may be extended by 1 hour, was 2 hours"),
            (
                "120",
                "null",
                "loosens",
                "A running activation may be extended by as long as the tenant allows, perhaps without any limit; was 2 hours",
            ),
            ("null", "60", "review", "A running activation may be extended by 1 hour; no limit was set before"),
        ],
    ),
    (
        "/jitActivationPolicy/defaultMaxActivationPeriodMins",
        &[
            (
                "120",
                "180",
                "loosens",
                "Activations are offered for 3 hours unless the user asks for another period, was 2 hours. No limit is set above it",
            ),
            (
                "120",
                "60",
                "tightens",
                "Activations are offered for 1 hour unless the user asks for another period, was 2 hours",
            ),
            ("120", "null", "review", "Activations are offered for a period that the tenant chooses, was 2 hours"),
            (
                "null",
                "60",
                "review",
                "Activations are offered for 1 hour unless the user asks for another period; no default was set",
            ),
        ],
    ),
    (
        "/jitActivationPolicy/defaultMaxActivationPeriodExtensionMins",
        &[
            (
                "120",
                "180",
                "loosens",
                "Extensions are offered for 3 hours unless the user asks for another period, was 2 hours. No limit is set above it",
            ),
            (
                "120",
                "60",
                "tightens",
                "Extensions are offered for 1 hour unless the user asks for another period, was 2 hours",
            ),
            ("120", "null", "review", "Extensions are offered for a period that the tenant chooses, was 2 hours"),
            (
                "null",
                "60",
                "review",
                "Extensions are offered for 1 hour unless the user asks for another period; no default was set",
            ),
        ],
    ),
    (
        "/jitActivationPolicy/notificationRecipients",
        &[
            (r#"["a@x.y", "b@x.y"]"#, r#"["a@x.y"]"#, "loosens", "1 recipient is no longer told of activations"),
            (
                r#"["a@x.y", "b@x.y"]"#,
                "null",
                "loosens",
                "2 recipients are no longer told of activations; nobody else is told either",
            ),
            (
                r#"["a@x.y", "b@x.y"]"#,
                r#"["a@x.y", "b@x.y", "c@x.y"]"#,
                "review",
                "1 recipient learns of activations from now on",
            ),
            (
                r#"["a@x.y", "b@x.y"]"#,
                r#"["a@x.y", "c@x.y"]"#,
                "loosens",
                "1 recipient is no longer told of activations; 1 recipient learns of them from now on",
            ),
        ],
    ),
    (
        "/jitActivationPolicy/notificationTemplate",
        &[
            (r#""x""#, "null", "review", "Activation messages no longer use a template; they may stop or change"),
            (r#""x""#, r#""y""#, "neutral", "Activation messages are written with another template"),
        ],
    ),
    (
        "/jitActivationPolicy/applyToFutureAssignments",
        &[
            (
                "absent",
                "false",
                "loosens",
                "Entitlements assigned from now on stay outside JIT control and are held permanently",
            ),
            ("false", "true", "tightens", "Entitlements assigned from now on fall under JIT control as well"),
        ],
    ),
    (
        "/accessRequestConfig/approvalsMustBeExternal",
        &[
            (
                "absent",
                "true",
                "tightens, disrupts",
                "The Request Center closes for everyone but org admins; approvals are made in an external system",
            ),
            (
                "absent",
                "false",
                "review",
                "The Request Center opens for everyone; approvals are made in SailPoint again",
            ),
        ],
    ),
    (
        "/accessRequestConfig/reauthorizationEnabled",
        &[
            ("absent", "true", "tightens", "People have to sign in again before they ask for access that demands it"),
            ("absent", "false", "loosens", "Nobody has to sign in again before asking for sensitive access"),
        ],
    ),
    (
        "/accessRequestConfig/govGroupVisibilityEnabled",
        &[
            ("absent", "true", "review", "Requesters see who is in a governance group while its approval is awaited"),
            ("absent", "false", "neutral", "Requesters no longer see who is in a governance group"),
        ],
    ),
    (
        "/accessRequestConfig/machineIdentityAccessRequestEnabled",
        &[
            ("absent", "true", "loosens", "Access can be requested for machine identities"),
            ("absent", "false", "tightens, disrupts", "Every request for a machine identity is rejected"),
        ],
    ),
    (
        "/accessRequestConfig/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone",
        &[
            ("absent", "true", "loosens", "Anyone will be able to request access for anyone"),
            ("absent", "false", "tightens", "People can no longer request access for just anyone"),
        ],
    ),
    (
        "/accessRequestConfig/requestOnBehalfOfConfig/allowRequestOnBehalfOfEmployeeByManager",
        &[
            ("absent", "true", "loosens", "Managers will be able to request access for the people who report to them"),
            ("absent", "false", "tightens", "Managers can no longer request access for the people who report to them"),
        ],
    ),
    (
        "/accessRequestConfig/requestOnBehalfOfConfig/allowRequestOnBehalfOfForMachineIdentity",
        &[
            ("absent", "true", "loosens", "Anyone will be able to request access for machine identities"),
            ("absent", "false", "tightens", "Not everyone can request access for machine identities any longer"),
        ],
    ),
    (
        "/accessRequestConfig/requestOnBehalfOfConfig/allowRequestForMachineByOwner",
        &[
            ("absent", "true", "loosens", "Owners of machine identities will be able to request access for them"),
            ("absent", "false", "tightens", "Owners of machine identities can no longer request access for them"),
        ],
    ),
    (
        "/accessRequestConfig/autoApprovalEnabled",
        &[
            ("absent", "true", "loosens", "People who may approve a request approve their own without being asked"),
            ("absent", "false", "tightens", "A request by its own approver is no longer approved by itself"),
        ],
    ),
    (
        "/accessRequestConfig/approvalReminderAndEscalationConfig/daysUntilEscalation",
        &[
            ("1", "2", "neutral", "Approvers are reminded, or their approvals escalated, at other times"),
            (
                "1",
                "null",
                "neutral",
                "One part of reminders and escalation is cleared; with all four cleared there are none",
            ),
        ],
    ),
    (
        "/accessRequestConfig/approvalReminderAndEscalationConfig/daysBetweenReminders",
        &[
            ("1", "2", "neutral", "Approvers are reminded, or their approvals escalated, at other times"),
            (
                "1",
                "null",
                "neutral",
                "One part of reminders and escalation is cleared; with all four cleared there are none",
            ),
        ],
    ),
    (
        "/accessRequestConfig/approvalReminderAndEscalationConfig/maxReminders",
        &[
            ("1", "2", "neutral", "Approvers are reminded, or their approvals escalated, at other times"),
            (
                "1",
                "null",
                "neutral",
                "One part of reminders and escalation is cleared; with all four cleared there are none",
            ),
        ],
    ),
    (
        "/accessRequestConfig/approvalReminderAndEscalationConfig/fallbackApproverRef",
        &[
            (
                r#"{"id": "a", "type": "IDENTITY"}"#,
                r#"{"id": "b"}"#,
                "review",
                "Another person approves when no approver can be found",
            ),
            (
                r#"{"id": "a", "type": "IDENTITY"}"#,
                "null",
                "review",
                "Nobody approves any longer when no approver can be found",
            ),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/allowEntitlementRequest",
        &[
            ("absent", "true", "loosens", "Single entitlements can be requested"),
            ("absent", "false", "tightens, disrupts", "Nobody can request single entitlements any longer"),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/requestCommentsRequired",
        &[
            ("absent", "true", "tightens", "Requests for entitlements need a comment"),
            ("absent", "false", "loosens", "Requests for entitlements no longer need a comment"),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/deniedCommentsRequired",
        &[
            ("absent", "true", "tightens", "Denying a request for an entitlement needs a comment"),
            ("absent", "false", "loosens", "Denying a request for an entitlement no longer needs a comment"),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/accessRequestConfig/requestCommentRequired",
        &[
            ("absent", "true", "tightens", "Requests for entitlements need a comment"),
            ("absent", "false", "loosens", "Requests for entitlements no longer need a comment"),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/accessRequestConfig/denialCommentRequired",
        &[
            ("absent", "true", "tightens", "Denying a request for an entitlement needs a comment"),
            ("absent", "false", "loosens", "Denying a request for an entitlement no longer needs a comment"),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/grantRequestApprovalSchemes",
        &[
            (
                r#""manager, sourceOwner""#,
                r#""manager""#,
                "loosens",
                "Entitlement requests need 1 approval step fewer: manager",
            ),
            (
                r#""manager""#,
                r#""manager, sourceOwner""#,
                "tightens",
                "1 approval step is added to entitlement requests",
            ),
            (r#""manager""#, "[]", "loosens", "Entitlement requests need no approval at all"),
            (r#""manager""#, "null", "review", "The tenant's own default decides who approves entitlement requests"),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/accessRequestConfig/approvalSchemes",
        &[
            (
                r#"[{"approverType": "MANAGER"}, {"approverType": "SOURCE_OWNER"}]"#,
                r#"[{"approverType": "MANAGER"}]"#,
                "loosens",
                "Entitlement requests need 1 approval step fewer: manager",
            ),
            (
                r#"[{"approverType": "MANAGER"}]"#,
                r#"[{"approverType": "MANAGER"}, {"approverType": "SOURCE_OWNER"}]"#,
                "tightens",
                "1 approval step is added to entitlement requests",
            ),
            (r#"[{"approverType": "MANAGER"}]"#, "null", "loosens", "Entitlement requests need no approval at all"),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/accessRequestConfig/reauthorizationRequired",
        &[
            ("absent", "true", "tightens", "People have to sign in again before they ask for an entitlement"),
            ("absent", "false", "loosens", "People no longer have to sign in again before they ask for an entitlement"),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/accessRequestConfig/requireEndDate",
        &[
            ("absent", "true", "tightens", "Requests for entitlements must name the day on which the access ends"),
            (
                "absent",
                "false",
                "loosens",
                "Requests for entitlements need no end date any longer, so access may stay for good",
            ),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/accessRequestConfig/maxPermittedAccessDuration",
        &[
            (
                r#"{"value": 5, "timeUnit": "DAYS"}"#,
                r#"{"value": 6, "timeUnit": "DAYS"}"#,
                "loosens",
                "Requested access to an entitlement may last 6 days at most, was 5 days",
            ),
            (
                r#"{"value": 5, "timeUnit": "DAYS"}"#,
                r#"{"value": 4, "timeUnit": "DAYS"}"#,
                "tightens",
                "Requested access to an entitlement may last 4 days at most, was 5 days",
            ),
            (
                r#"{"value": 5, "timeUnit": "DAYS"}"#,
                "null",
                "loosens",
                "Requested access to an entitlement may last without any limit, was 5 days at most",
            ),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/accessRequestConfig/formDefinitionId",
        &[
            ("null", r#""a""#, "review", "Requesters of an entitlement fill in a form, none before"),
            (r#""a""#, r#""b""#, "review", "Requesters of an entitlement fill in another form"),
            (r#""a""#, "null", "review", "Requesters of an entitlement fill in no form any longer"),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/revocationRequestConfig/approvalSchemes",
        &[
            (
                r#"[{"approverType": "MANAGER"}]"#,
                r#"[{"approverType": "SOURCE_OWNER"}]"#,
                "review",
                "Requests to revoke an entitlement are approved by sourceOwner, was manager",
            ),
            (
                "[]",
                r#"[{"approverType": "MANAGER"}]"#,
                "review",
                "Requests to revoke an entitlement need approval by manager, none before",
            ),
            (
                r#"[{"approverType": "MANAGER"}]"#,
                "null",
                "review",
                "Requests to revoke an entitlement need no approval any longer",
            ),
        ],
    ),
];

/// Returns `value` behind the keys of a pointer.
fn nested(pointer: &str, value: Value) -> Value {
    pointer.split('/').skip(1).collect::<Vec<_>>().into_iter().rev().fold(value, |inner, key| json!({key: inner}))
}

#[test]
fn every_change_means_what_its_row_says() {
    for (name, rows) in SETTINGS {
        let found = CATALOGUE.into_iter().find_map(|resource| {
            let pointer = name.strip_prefix('/')?.strip_prefix(resource.name)?;
            Some((resource, pointer, *resource.generations_with(pointer).last()?))
        });
        let (resource, pointer, generation) = found.unwrap_or_else(|| panic!("there is no setting {name}"));
        for (before, after, impact, sentence) in *rows {
            let live = match *before {
                "absent" => json!({}),
                text => nested(pointer, serde_json::from_str(text).unwrap()),
            };
            let mut document = nested(pointer, serde_json::from_str(after).unwrap());
            document["apiVersion"] = json!(generation);
            let yaml = json!({resource.name: document}).to_string();
            let expected = [((*impact).to_owned(), (*sentence).to_owned())];
            assert_eq!(effects(&yaml, &live), expected, "{name}: {before} to {after}");
        }
    }
}

/// Returns the changes of settings that have no row.
pub(in crate::resource) fn missing() -> Vec<String> {
    let mut missing = Vec::new();
    for resource in CATALOGUE {
        for setting in resource.distinct() {
            let name = format!("/{}{}", resource.name, setting.pointer);
            let rows = SETTINGS.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, rows)| rows);
            if setting.kind.schema()["type"] == "boolean" {
                // A switch means something else each way.
                let unsaid = ["true", "false"].into_iter().filter(|after| !rows.iter().any(|row| row.1 == *after));
                missing.extend(unsaid.map(|after| format!("{name} to {after}")));
            } else if rows.is_empty() {
                missing.push(name);
            }
        }
    }
    missing
}

#[test]
fn every_setting_has_rows() {
    let missing = missing();
    assert!(
        missing.is_empty(),
        "what do these changes mean? Add a row (before, after, impact, sentence) to SETTINGS in {} for each of {missing:#?}",
        file!()
    );
}
