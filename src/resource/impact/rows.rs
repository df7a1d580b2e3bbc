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
            (r#"["a", "b"]"#, r#"["a", "b", "c"]"#, "tightens", "1 entitlement will come under JIT control"),
            (
                r#"["a", "b"]"#,
                r#"["a"]"#,
                "loosens",
                "1 entitlement will leave JIT control and may then be held permanently",
            ),
            (
                r#"["a", "b"]"#,
                "[]",
                "loosens",
                "2 entitlements will leave JIT control and may then be held permanently; none will be left under it",
            ),
            (
                r#"["a", "b"]"#,
                r#"["a", "B"]"#,
                "loosens",
                "1 entitlement will leave JIT control and may then be held permanently; 1 entitlement will come under it",
            ),
        ],
    ),
    (
        "/jitActivationPolicy/maxActivationPeriodMins",
        &[
            ("120", "180", "loosens", "A single activation will last at most 3 hours instead of 2 hours"),
            ("120", "60", "tightens", "A single activation will last at most 1 hour instead of 2 hours"),
            (
                "120",
                "null",
                "loosens",
                "A single activation will last at most as long as the tenant allows, perhaps without any limit, instead of 2 hours",
            ),
            ("null", "60", "review", "A single activation will last at most 1 hour; no limit is set now"),
        ],
    ),
    (
        "/jitActivationPolicy/maxActivationPeriodExtensionMins",
        &[
            ("120", "180", "loosens", "A running activation will be extended by at most 3 hours instead of 2 hours"),
            ("120", "60", "tightens", "A running activation will be extended by at most 1 hour instead of 2 hours"),
            (
                "120",
                "null",
                "loosens",
                "A running activation will be extended by at most as long as the tenant allows, perhaps without any limit, instead of 2 hours",
            ),
            ("null", "60", "review", "A running activation will be extended by at most 1 hour; no limit is set now"),
        ],
    ),
    (
        "/jitActivationPolicy/defaultMaxActivationPeriodMins",
        &[
            (
                "120",
                "180",
                "loosens",
                "Activations will be offered for 3 hours instead of 2 hours, unless the user asks for another period. No limit is set above it",
            ),
            (
                "120",
                "60",
                "tightens",
                "Activations will be offered for 1 hour instead of 2 hours, unless the user asks for another period. That will limit nothing: a user may ask for more, and no maximum is set",
            ),
            (
                "120",
                "null",
                "review",
                "Activations will be offered for a period that the tenant chooses instead of 2 hours",
            ),
            (
                "null",
                "60",
                "review",
                "Activations will be offered for 1 hour unless the user asks for another period; no default is set now",
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
                "Extensions will be offered for 3 hours instead of 2 hours, unless the user asks for another period. No limit is set above it",
            ),
            (
                "120",
                "60",
                "tightens",
                "Extensions will be offered for 1 hour instead of 2 hours, unless the user asks for another period. That will limit nothing: a user may ask for more, and no maximum is set",
            ),
            (
                "120",
                "null",
                "review",
                "Extensions will be offered for a period that the tenant chooses instead of 2 hours",
            ),
            (
                "null",
                "60",
                "review",
                "Extensions will be offered for 1 hour unless the user asks for another period; no default is set now",
            ),
        ],
    ),
    (
        "/jitActivationPolicy/notificationRecipients",
        &[
            (r#"["a@x.y", "b@x.y"]"#, r#"["a@x.y"]"#, "loosens", "b@x.y will no longer be told of activations"),
            (
                r#"["a@x.y", "b@x.y"]"#,
                "null",
                "loosens",
                "a@x.y, b@x.y will no longer be told of activations; no recipient will be left",
            ),
            (
                r#"["a@x.y", "b@x.y"]"#,
                r#"["a@x.y", "b@x.y", "c@x.y"]"#,
                "review",
                "c@x.y will be told of activations as well",
            ),
            (
                r#"["a@x.y", "b@x.y"]"#,
                r#"["a@x.y", "c@x.y"]"#,
                "loosens",
                "b@x.y will no longer be told of activations; c@x.y will be instead",
            ),
            (
                r#"["a@x.y"]"#,
                r#"["c@x.y"]"#,
                "loosens",
                "a@x.y, the only recipient, will no longer be told of activations; c@x.y will be instead",
            ),
            // What could be read as other words of the sentence is counted.
            (
                r#"["a b. All is well@x.y", "b@x.y"]"#,
                r#"["b@x.y"]"#,
                "loosens",
                "1 recipient will no longer be told of activations",
            ),
            (
                r#"["a@x.y", "b@x.y", "c@x.y", "d@x.y", "e@x.y"]"#,
                r#"["e@x.y", "F@x.y", "f@x.y"]"#,
                "loosens",
                "4 recipients will no longer be told of activations; F@x.y will be instead",
            ),
        ],
    ),
    (
        "/jitActivationPolicy/notificationTemplate",
        &[
            (r#""x""#, "null", "review", "Activation messages will no longer use a template; they may stop or change"),
            (r#""x""#, r#""y""#, "neutral", "Activation messages will be written with another template"),
        ],
    ),
    (
        "/jitActivationPolicy/applyToFutureAssignments",
        &[
            (
                "true",
                "false",
                "loosens",
                "Entitlements that are assigned to people later will stay outside JIT control and may be held permanently",
            ),
            (
                "false",
                "true",
                "tightens",
                "Entitlements that are assigned to people later will fall under JIT control as well",
            ),
        ],
    ),
    (
        "/accessRequestConfig/approvalsMustBeExternal",
        &[
            (
                "false",
                "true",
                "tightens, disrupts",
                "The Request Center will be closed to everyone but org admins: requests will be approved in an external system only",
            ),
            (
                "true",
                "false",
                "review",
                "The Request Center will be open to everyone; approvals will be made in SailPoint",
            ),
        ],
    ),
    (
        "/accessRequestConfig/reauthorizationEnabled",
        &[
            (
                "false",
                "true",
                "tightens",
                "Approvers will have to sign in again (and leave a comment) to approve access that is marked for that",
            ),
            (
                "true",
                "false",
                "loosens",
                "Approvers will not have to sign in again (and leave a comment) to approve access that is marked for that",
            ),
            (
                "absent",
                "false",
                "review",
                "Approvers will not have to sign in again (and leave a comment) to approve access that is marked for that. SailPoint documents \
                 that as the default; the tenant shows no value",
            ),
            (
                "absent",
                "true",
                "tightens",
                "Approvers will have to sign in again (and leave a comment) to approve access that is marked for that",
            ),
        ],
    ),
    (
        "/accessRequestConfig/govGroupVisibilityEnabled",
        &[
            (
                "false",
                "true",
                "review",
                "Requesters will see who is in a governance group while its approval is awaited",
            ),
            ("true", "false", "neutral", "Requesters will not see who is in a governance group"),
        ],
    ),
    (
        "/accessRequestConfig/machineIdentityAccessRequestEnabled",
        &[
            ("false", "true", "loosens", "It will be possible to request access for machine identities"),
            ("true", "false", "tightens, disrupts", "Every access request for a machine identity will be rejected"),
        ],
    ),
    (
        "/accessRequestConfig/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone",
        &[
            ("false", "true", "loosens", "Anyone will be able to request access for anyone"),
            ("true", "false", "tightens", "People will not be able to request access for anyone else"),
        ],
    ),
    (
        "/accessRequestConfig/requestOnBehalfOfConfig/allowRequestOnBehalfOfEmployeeByManager",
        &[
            ("false", "true", "loosens", "Managers will be able to request access for the people who report to them"),
            (
                "true",
                "false",
                "tightens",
                "Managers will not be able to request access for the people who report to them, unless anyone may",
            ),
        ],
    ),
    (
        "/accessRequestConfig/requestOnBehalfOfConfig/allowRequestOnBehalfOfForMachineIdentity",
        &[
            ("false", "true", "loosens", "Anyone will be able to request access for machine identities"),
            (
                "true",
                "false",
                "tightens",
                "Only admins, and owners where that is allowed, will be able to request access for machine identities",
            ),
        ],
    ),
    (
        "/accessRequestConfig/requestOnBehalfOfConfig/allowRequestForMachineByOwner",
        &[
            ("false", "true", "loosens", "Owners of machine identities will be able to request access for them"),
            (
                "true",
                "false",
                "tightens",
                "Owners of machine identities will not be able to request access for them, unless anyone may",
            ),
        ],
    ),
    (
        "/accessRequestConfig/autoApprovalEnabled",
        &[
            (
                "false",
                "true",
                "loosens",
                "A request will be approved automatically when requester and approver are the same person",
            ),
            (
                "true",
                "false",
                "tightens",
                "A request will not be approved automatically when requester and approver are the same person",
            ),
        ],
    ),
    (
        "/accessRequestConfig/approvalReminderAndEscalationConfig/daysUntilEscalation",
        &[
            ("1", "2", "neutral", "Approvers will be reminded, or their approvals escalated, at other times"),
            ("1", "null", "neutral", "One part of reminders and escalation will not be set"),
        ],
    ),
    (
        "/accessRequestConfig/approvalReminderAndEscalationConfig/daysBetweenReminders",
        &[
            ("1", "2", "neutral", "Approvers will be reminded, or their approvals escalated, at other times"),
            ("1", "null", "neutral", "One part of reminders and escalation will not be set"),
        ],
    ),
    (
        "/accessRequestConfig/approvalReminderAndEscalationConfig/maxReminders",
        &[
            ("1", "2", "neutral", "Approvers will be reminded, or their approvals escalated, at other times"),
            ("1", "null", "neutral", "One part of reminders and escalation will not be set"),
        ],
    ),
    (
        "/accessRequestConfig/approvalReminderAndEscalationConfig/fallbackApproverRef",
        &[
            (
                r#"{"id": "a", "type": "IDENTITY"}"#,
                r#"{"id": "b"}"#,
                "review",
                "Another person will approve when no approver can be found",
            ),
            (
                r#"{"id": "a", "type": "IDENTITY"}"#,
                "null",
                "review",
                "No one will be named to approve when no approver can be found",
            ),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/allowEntitlementRequest",
        &[
            ("false", "true", "loosens", "It will be possible to request single entitlements"),
            ("true", "false", "tightens, disrupts", "It will not be possible to request single entitlements"),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/requestCommentsRequired",
        &[
            (
                "false",
                "true",
                "tightens",
                "Requests for entitlements will need a comment, unless a source or entitlement has its own rule",
            ),
            (
                "true",
                "false",
                "loosens",
                "Requests for entitlements will need no comment, unless a source or entitlement has its own rule",
            ),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/deniedCommentsRequired",
        &[
            (
                "false",
                "true",
                "tightens",
                "Denying a request for an entitlement will need a comment, unless a source or entitlement has its own rule",
            ),
            (
                "true",
                "false",
                "loosens",
                "Denying a request for an entitlement will need no comment, unless a source or entitlement has its own rule",
            ),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/accessRequestConfig/requestCommentRequired",
        &[
            (
                "false",
                "true",
                "tightens",
                "Requests for entitlements will need a comment, unless a source or entitlement has its own rule",
            ),
            (
                "true",
                "false",
                "loosens",
                "Requests for entitlements will need no comment, unless a source or entitlement has its own rule",
            ),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/accessRequestConfig/denialCommentRequired",
        &[
            (
                "false",
                "true",
                "tightens",
                "Denying a request for an entitlement will need a comment, unless a source or entitlement has its own rule",
            ),
            (
                "true",
                "false",
                "loosens",
                "Denying a request for an entitlement will need no comment, unless a source or entitlement has its own rule",
            ),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/grantRequestApprovalSchemes",
        &[
            (
                r#""manager, sourceOwner""#,
                r#""manager""#,
                "loosens",
                "Entitlement requests will need 1 approval step fewer: manager, unless a source or entitlement has its own rule",
            ),
            (
                r#""manager""#,
                r#""manager, sourceOwner""#,
                "tightens",
                "1 approval step will be added to entitlement requests, unless a source or entitlement has its own rule",
            ),
            (
                r#""manager""#,
                "[]",
                "loosens",
                "Entitlement requests will need no approval at all, unless a source or entitlement has its own rule",
            ),
            (
                r#""manager""#,
                "null",
                "review",
                "The tenant's own default will decide who approves entitlement requests, unless a source or entitlement has its own rule",
            ),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/accessRequestConfig/approvalSchemes",
        &[
            (
                r#"[{"approverType": "MANAGER"}, {"approverType": "SOURCE_OWNER"}]"#,
                r#"[{"approverType": "MANAGER"}]"#,
                "loosens",
                "Entitlement requests will need 1 approval step fewer: manager, unless a source or entitlement has its own rule",
            ),
            (
                r#"[{"approverType": "MANAGER"}]"#,
                r#"[{"approverType": "MANAGER"}, {"approverType": "SOURCE_OWNER"}]"#,
                "tightens",
                "1 approval step will be added to entitlement requests, unless a source or entitlement has its own rule",
            ),
            (
                r#"[{"approverType": "MANAGER"}]"#,
                "null",
                "loosens",
                "Entitlement requests will need no approval at all, unless a source or entitlement has its own rule",
            ),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/accessRequestConfig/reauthorizationRequired",
        &[
            (
                "false",
                "true",
                "tightens",
                "Approvers will have to sign in again before they approve a request for an entitlement, unless a source or entitlement has its own rule",
            ),
            (
                "true",
                "false",
                "loosens",
                "Approvers will not have to sign in again before they approve a request for an entitlement, unless a source or entitlement has its own rule",
            ),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/accessRequestConfig/requireEndDate",
        &[
            (
                "false",
                "true",
                "tightens",
                "Requests for entitlements will have to name the day on which the access ends, unless a source or entitlement has its own rule",
            ),
            (
                "true",
                "false",
                "loosens",
                "Requests for entitlements will need no end date, so access may stay for good, unless a source or entitlement has its own rule",
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
                "Requested access to an entitlement will last at most 6 days instead of 5 days, unless a source or entitlement has its own rule",
            ),
            (
                r#"{"value": 5, "timeUnit": "DAYS"}"#,
                r#"{"value": 4, "timeUnit": "DAYS"}"#,
                "tightens",
                "Requested access to an entitlement will last at most 4 days instead of 5 days, unless a source or entitlement has its own rule",
            ),
            (
                r#"{"value": 5, "timeUnit": "DAYS"}"#,
                "null",
                "loosens",
                "Requested access to an entitlement may last without any limit instead of at most 5 days, unless a source or entitlement has its own rule",
            ),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/accessRequestConfig/formDefinitionId",
        &[
            ("null", r#""a""#, "review", "Requesters of an entitlement will fill in a form, none now"),
            (r#""a""#, r#""b""#, "review", "Requesters of an entitlement will fill in another form"),
            (r#""a""#, "null", "review", "Requesters of an entitlement will fill in no form"),
        ],
    ),
    (
        "/accessRequestConfig/entitlementRequestConfig/revocationRequestConfig/approvalSchemes",
        &[
            (
                r#"[{"approverType": "MANAGER"}]"#,
                r#"[{"approverType": "SOURCE_OWNER"}]"#,
                "review",
                "Requests to revoke an entitlement will be approved by sourceOwner instead of manager, unless a source or entitlement has its own rule",
            ),
            (
                "[]",
                r#"[{"approverType": "MANAGER"}]"#,
                "review",
                "Requests to revoke an entitlement will need approval by manager, none now, unless a source or entitlement has its own rule",
            ),
            (
                r#"[{"approverType": "MANAGER"}]"#,
                "null",
                "review",
                "Requests to revoke an entitlement will need no approval, unless a source or entitlement has its own rule",
            ),
        ],
    ),
    (
        "/approvalsConfig/autoApprove",
        &[
            (
                r#""OFF""#,
                r#""DIRECT""#,
                "loosens",
                "When somebody asks for another person, steps assigned to the requester will pass by themselves",
            ),
            (
                r#""DIRECT""#,
                r#""INDIRECT""#,
                "loosens",
                "When somebody asks for another person, steps assigned to the requester, or to a group that the requester is in, will pass by themselves",
            ),
            (
                r#""INDIRECT""#,
                r#""DIRECT""#,
                "tightens",
                "When somebody asks for another person, steps assigned to the requester will pass by themselves",
            ),
            (
                r#""DIRECT""#,
                r#""OFF""#,
                "tightens",
                "No step will pass automatically: one that would fall to the requester will go to a manager",
            ),
            (
                "absent",
                r#""OFF""#,
                "review",
                "No step will pass automatically: one that would fall to the requester will go to a manager; the tenant does not show what applies now",
            ),
            (
                "absent",
                r#""INDIRECT""#,
                "loosens",
                "When somebody asks for another person, steps assigned to the requester, or to a group that the requester is in, will pass by themselves; the tenant does not show what applies now",
            ),
            (
                r#""LATER""#,
                r#""DIRECT""#,
                "review",
                "When somebody asks for another person, steps assigned to the requester will pass by themselves",
            ),
        ],
    ),
    (
        "/approvalsConfig/circumventApprovalProcess",
        &[
            ("false", "true", "loosens", "Every approval will pass automatically, and no approver will be asked"),
            ("true", "false", "tightens", "Approvals will be asked for"),
            (
                "absent",
                "false",
                "review",
                "Approvals will be asked for. SailPoint documents that as the default; the tenant shows no value",
            ),
        ],
    ),
    (
        "/approvalsConfig/reminderConfig/enabled",
        &[
            ("false", "true", "neutral", "Approvers will be reminded of what waits for them"),
            ("true", "false", "neutral", "Approvers will not be reminded of what waits for them"),
        ],
    ),
    (
        "/approvalsConfig/reminderConfig/daysUntilFirstReminder",
        &[("2", "3", "neutral", "Approvers will be reminded at other times")],
    ),
    (
        "/approvalsConfig/reminderConfig/reminderCronSchedule",
        &[(r#""@daily""#, r#""@every 48h""#, "neutral", "Approvers will be reminded at other times")],
    ),
    (
        "/approvalsConfig/reminderConfig/maxReminders",
        &[("2", "3", "neutral", "Approvers will be reminded at other times")],
    ),
    (
        "/approvalsConfig/escalationConfig/enabled",
        &[
            ("false", "true", "review", "Approvals that wait too long will go to other approvers"),
            ("true", "false", "review", "Approvals that wait too long will stay with their approvers"),
        ],
    ),
    (
        "/approvalsConfig/escalationConfig/daysUntilFirstEscalation",
        &[("2", "3", "review", "Approvals will go to other approvers at other times")],
    ),
    (
        "/approvalsConfig/escalationConfig/escalationCronSchedule",
        &[(r#""@daily""#, r#""@weekly""#, "review", "Approvals will go to other approvers at other times")],
    ),
    (
        "/approvalsConfig/escalationConfig/escalationChain",
        &[
            (
                r#"[{"identityType": "MANAGER_OF"}]"#,
                r#"[{"identityType": "SOURCE_OWNER"}]"#,
                "review",
                "Approvals that wait too long will go to SOURCE_OWNER instead of MANAGER_OF",
            ),
            (
                r#"[{"identityType": "MANAGER_OF"}]"#,
                "[]",
                "review",
                "Approvals that wait too long will go to no approver instead of MANAGER_OF",
            ),
            (
                "absent",
                r#"[{"identityType": "MANAGER_OF"}]"#,
                "review",
                "Approvals that wait too long will go to MANAGER_OF; nothing is set here now",
            ),
        ],
    ),
    (
        "/approvalsConfig/timeoutConfig/enabled",
        &[
            ("false", "true", "review", "Approvals that wait too long will end by themselves"),
            ("true", "false", "review", "Approvals will not end by themselves after the days configured here"),
        ],
    ),
    (
        "/approvalsConfig/timeoutConfig/daysUntilTimeout",
        &[
            ("90", "30", "review", "Approvals will end by themselves after 30 days instead of 90 days"),
            (
                "absent",
                "1",
                "review",
                "Approvals will end by themselves after 1 day; the tenant does not show what applies now",
            ),
        ],
    ),
    (
        "/approvalsConfig/timeoutConfig/timeoutResult",
        &[
            (r#""EXPIRED""#, r#""APPROVED""#, "loosens", "Approvals that are not decided in time will be given"),
            (r#""APPROVED""#, r#""EXPIRED""#, "tightens", "Approvals that are not decided in time will not be given"),
            (
                "absent",
                r#""EXPIRED""#,
                "review",
                "Approvals that are not decided in time will not be given; the tenant does not show what applies now",
            ),
            ("absent", r#""APPROVED""#, "loosens", "Approvals that are not decided in time will be given"),
        ],
    ),
    (
        "/approvalsConfig/requiresComment",
        &[
            (
                r#""ALL""#,
                r#""REJECTION""#,
                "loosens",
                "Approvers will have to write a comment when they deny, and none when they approve",
            ),
            (r#""APPROVAL""#, r#""OFF""#, "loosens", "Approvers will need no comment"),
            (
                r#""APPROVAL""#,
                r#""REJECTION""#,
                "review",
                "Approvers will have to write a comment when they deny, and none when they approve",
            ),
            (
                r#""OFF""#,
                r#""APPROVAL""#,
                "tightens",
                "Approvers will have to write a comment when they approve, and none when they deny",
            ),
            (r#""REJECTION""#, r#""ALL""#, "tightens", "Approvers will have to write a comment whatever they decide"),
            (
                "absent",
                r#""ALL""#,
                "review",
                "Approvers will have to write a comment whatever they decide; the tenant does not show what applies now",
            ),
        ],
    ),
    (
        "/approvalsConfig/fallbackApprover",
        &[
            (
                r#"{"identityID": "7", "type": "IDENTITY"}"#,
                r#"{"type": "MANAGER_OF"}"#,
                "review",
                "MANAGER_OF will approve when no approver can be found, instead of IDENTITY 7",
            ),
            (
                "absent",
                r#"{"type": "MANAGER_OF"}"#,
                "review",
                "MANAGER_OF will approve when no approver can be found; no one is named now",
            ),
        ],
    ),
    (
        "/approvalsConfig/serialChain",
        &[(
            r#"[{"identityType": "MANAGER_OF"}]"#,
            r#"[{"identityType": "SOURCE_OWNER"}]"#,
            "review",
            "Approvals that go from one to the next will go to SOURCE_OWNER instead of MANAGER_OF",
        )],
    ),
    (
        "/approvalsConfig/machineIdentityManagerAssignment",
        &[(
            r#""ACCOUNT_OWNER""#,
            r#""MANAGER_OF_REQUESTER""#,
            "review",
            "Who stands in for the manager of a machine identity will be MANAGER_OF_REQUESTER instead of ACCOUNT_OWNER",
        )],
    ),
    (
        "/approvalsConfig/cronTimezone/location",
        &[(
            r#""Europe/Rome""#,
            r#""America/New_York""#,
            "review",
            "Reminders and escalation will follow another clock",
        )],
    ),
    (
        "/approvalsConfig/cronTimezone/offset",
        &[(r#""+01:00""#, r#""-05:00""#, "review", "Reminders and escalation will follow another clock")],
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
            let document = match resource.instances {
                Some(instances) => json!({instances.example: document}),
                None => document,
            };
            let yaml = json!({resource.name: document}).to_string();
            let expected = [((*impact).to_owned(), (*sentence).to_owned())];
            assert_eq!(effects(&yaml, &live), expected, "{name}: {before} to {after}");
        }
    }
}

/// Returns the changes of settings that have no row.
pub fn missing() -> Vec<String> {
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
