//! Rewriting text.

use serde_json::json;

use super::*;

fn route(from: &str) -> Route {
    let resource = Resource::named("accessRequestConfig").unwrap();
    Route { resource, from: resource.generation(from).unwrap(), to: resource.current().unwrap() }
}

fn rewritten(from: &str, text: &str) -> String {
    let source = Source::new("settings.yaml", text);
    let leaving = route(from).leaving(&source, &Choices::default()).unwrap();
    rewrite(&route(from), &source, &leaving).unwrap()
}

#[test]
fn comments_order_and_layout_stay() {
    let old = "\
# Ours.
jitActivationPolicy: {maxActivationPeriodMins: 2h}

accessRequestConfig:
    apiVersion: beta   # old
    reauthorizationEnabled:   true   # yes

    # What can be asked for.
    entitlementRequestConfig:
        # Comments everywhere.
        requestCommentsRequired: true    # why
        grantRequestApprovalSchemes:     # in order
            - sourceOwner     # first

            - 'workgroup:7'   # then
        \"deniedCommentsRequired\": false
    # The end of it.
    requestOnBehalfOfConfig: {allowRequestOnBehalfOfAnyoneByAnyone: false}
";
    let new = "\
# Ours.
jitActivationPolicy: {maxActivationPeriodMins: 2h}

accessRequestConfig:
    apiVersion: v2   # old
    reauthorizationEnabled:   true   # yes

    # What can be asked for.
    entitlementRequestConfig:
        accessRequestConfig:
            # Comments everywhere.
            requestCommentRequired: true    # why
            approvalSchemes:     # in order
                - {approverType: SOURCE_OWNER}     # first

                - {approverType: GOVERNANCE_GROUP, approverId: '7'}   # then
            denialCommentRequired: false
    # The end of it.
    requestOnBehalfOfConfig: {allowRequestOnBehalfOfAnyoneByAnyone: false}
";
    assert_eq!(rewritten("beta", old), new);
    assert_eq!(rewritten("beta", &old.replace('\n', "\r\n")), new.replace('\n', "\r\n"));
}

#[test]
fn brackets_stay_brackets() {
    assert_eq!(
        rewritten(
            "v3",
            "accessRequestConfig: {apiVersion: v3, entitlementRequestConfig: {grantRequestApprovalSchemes: 'manager, sourceOwner', \
             requestCommentsRequired: true}}\n"
        ),
        "accessRequestConfig: {apiVersion: v2, entitlementRequestConfig: {accessRequestConfig: {approvalSchemes: \
         [{approverType: MANAGER}, {approverType: SOURCE_OWNER}], requestCommentRequired: true}}}\n"
    );
}

#[test]
fn what_has_no_counterpart_goes_with_its_line() {
    let old = "\
accessRequestConfig:
  apiVersion: beta
  autoApprovalEnabled: false # gone
  approvalReminderAndEscalationConfig:
    maxReminders: 2
  approvalsMustBeExternal: false
  entitlementRequestConfig:
    allowEntitlementRequest: true
";
    let carried = "\
approvalsConfig:
  ACCESS_REQUEST_APPROVAL:
    autoApprove: 'OFF'
    reminderConfig:
      maxReminders: 2
";
    let left = "accessRequestConfig:\n  apiVersion: v2\n  approvalsMustBeExternal: false\n";
    assert_eq!(rewritten("beta", old), format!("{left}{carried}"));
    let leaving = |choices: &Choices| route("beta").leaving(&Source::new("settings.yaml", old), choices).unwrap();
    let carried = leaving(&Choices::default());
    assert_eq!(carried.lost.len(), 1, "{carried:?}");
    // What is given up by name is not carried over.
    let names = ["autoApprovalEnabled", "/approvalReminderAndEscalationConfig/maxReminders"];
    let given_up = leaving(&Choices { drops: names.map(str::to_owned).to_vec(), maps: Vec::new() });
    assert_eq!(given_up.moved.len(), 0);
    let losses = given_up.lost;
    let told: Vec<String> =
        losses.iter().map(|loss| format!("{} {}: {}", loss.written.place, loss.written.setting, loss.reason)).collect();
    let moved = "it moved to approvalsConfig[ACCESS_REQUEST_APPROVAL], and nothing there means the same";
    assert_eq!(
        told,
        [
            format!("settings.yaml:3:3 autoApprovalEnabled: {moved}"),
            format!("settings.yaml:5:5 approvalReminderAndEscalationConfig.maxReminders: {moved}"),
            "settings.yaml:8:5 entitlementRequestConfig.allowEntitlementRequest: v2 has nothing like it".to_owned(),
        ]
    );
}

#[test]
fn null_that_leaves_it_to_the_tenant_does_not_carry_over() {
    let old =
        "accessRequestConfig: {apiVersion: beta, entitlementRequestConfig: {grantRequestApprovalSchemes: null}}\n";
    let losses = route("beta").leaving(&Source::new("settings.yaml", old), &Choices::default()).unwrap().lost;
    assert_eq!(
        losses.iter().map(|loss| loss.reason.as_str()).collect::<Vec<_>>(),
        ["v2 has entitlementRequestConfig.accessRequestConfig.approvalSchemes instead, and nothing there means null"]
    );
}

#[test]
fn a_list_of_what_is_released_follows() {
    let old = "\
accessRequestConfig:
  apiVersion: beta
  unmanaged:
    - entitlementRequestConfig.requestCommentsRequired # ours
    - autoApprovalEnabled
    - entitlementRequestConfig
";
    assert_eq!(
        rewritten("beta", old),
        "\
accessRequestConfig:
  apiVersion: v2
  unmanaged:
    - entitlementRequestConfig.accessRequestConfig.requestCommentRequired # ours
    - entitlementRequestConfig
"
    );
}

#[test]
fn an_empty_list_stays_no_approval() {
    let old =
        "accessRequestConfig:\n  apiVersion: v3\n  entitlementRequestConfig:\n    grantRequestApprovalSchemes: []\n";
    let new = "accessRequestConfig:\n  apiVersion: v2\n  entitlementRequestConfig:\n    accessRequestConfig:\n      approvalSchemes: []\n";
    assert_eq!(rewritten("v3", old), new);
}

#[test]
fn a_change_that_the_old_settings_did_not_plan_is_named() {
    let plan = |text: &str, live: Value| {
        let (desired, problems) = crate::settings::read(&[Source::new("settings.yaml", text)]);
        assert_eq!(problems, []);
        crate::plan::compare(&desired.resources[0], &live).unwrap().changes
    };
    let old =
        "accessRequestConfig: {apiVersion: beta, entitlementRequestConfig: {grantRequestApprovalSchemes: manager}}";
    let new = "accessRequestConfig: {apiVersion: v2, entitlementRequestConfig: {accessRequestConfig: {approvalSchemes: \
               [{approverType: MANAGER}]}}}";
    let flat = |text: &str| json!({"entitlementRequestConfig": {"grantRequestApprovalSchemes": text}});
    let live = json!({"entitlementRequestConfig": {"accessRequestConfig": {"approvalSchemes": []}}});
    let route = route("beta");
    assert_eq!(route.not_planned_before(&plan(old, flat("")), &plan(new, live.clone())), [""; 0]);
    assert_eq!(
        route.not_planned_before(&plan(old, flat("manager")), &plan(new, live)),
        ["settings.yaml:1:88: entitlementRequestConfig.accessRequestConfig.approvalSchemes: no approval -> manager"]
    );
}

/// What becomes of settings that moved to another resource: where each goes, what is asked and what is lost.
fn becomes(lines: &str) -> Vec<String> {
    let text = format!("accessRequestConfig: {{apiVersion: v1, {lines}}}\n");
    let source = Source::new("settings.yaml", text.as_str());
    let leaving = route("v1").leaving(&source, &Choices::default()).unwrap();
    let moved = leaving.moved.iter().map(|arrival| format!("{}: {}", arrival.setting, arrival.value));
    let asked =
        leaving.asked.iter().map(|asked| format!("{}? {}", asked.written.setting.pointer, asked.words.join("|")));
    let lost = leaving.lost.iter().map(|loss| format!("{}: {}", loss.written.setting.pointer, loss.reason));
    moved.chain(asked).chain(lost).collect()
}

#[test]
fn settings_that_moved_become_those_of_the_approvals_configuration() {
    let reminders = |lines: &str| becomes(&format!("approvalReminderAndEscalationConfig: {{{lines}}}"));
    assert_eq!(becomes("autoApprovalEnabled: false"), ["autoApprove: \"OFF\""]);
    assert_eq!(becomes("autoApprovalEnabled: true"), ["/autoApprovalEnabled? DIRECT|INDIRECT|OFF"]);
    assert_eq!(
        reminders("daysUntilEscalation: 3, daysBetweenReminders: 2, maxReminders: 4"),
        [
            "reminderConfig.daysUntilFirstReminder: 3",
            "reminderConfig.reminderCronSchedule: \"@every 48h\"",
            "reminderConfig.maxReminders: 4",
        ]
    );
    // Without reminders the same days are those until the escalation.
    assert_eq!(
        reminders("daysUntilEscalation: 3, maxReminders: 0"),
        ["escalationConfig.daysUntilFirstEscalation: 3", "reminderConfig.maxReminders: 0"]
    );
    let days = "/approvalReminderAndEscalationConfig/daysUntilEscalation";
    assert_eq!(reminders("daysUntilEscalation: 3"), [format!("{days}? reminder|escalation")]);
    assert_eq!(
        reminders("fallbackApproverRef: {id: 5168015d32f890ca15812c9180835d2e, name: Ada}"),
        ["fallbackApprover: {\"identityID\":\"5168015d32f890ca15812c9180835d2e\",\"type\":\"IDENTITY\"}"]
    );
    let cleared = "the approvals configuration cannot clear it";
    for setting in ["daysUntilEscalation", "daysBetweenReminders", "maxReminders", "fallbackApproverRef"] {
        assert_eq!(
            reminders(&format!("{setting}: null")),
            [format!("/approvalReminderAndEscalationConfig/{setting}: {cleared}")]
        );
    }
}

#[test]
fn what_the_file_asks_for_in_the_new_place_is_not_overwritten() {
    let old = "\
accessRequestConfig: {apiVersion: v1, autoApprovalEnabled: false}
approvalsConfig: {ACCESS_REQUEST_APPROVAL: {autoApprove: DIRECT}}
";
    let leaving = route("v1").leaving(&Source::new("settings.yaml", old), &Choices::default()).unwrap();
    assert_eq!(leaving.moved.len(), 0);
    assert_eq!(
        leaving.lost[0].reason,
        "it would be OFF as approvalsConfig[ACCESS_REQUEST_APPROVAL].autoApprove, which is DIRECT at settings.yaml:2:45"
    );
    assert_eq!(
        rewritten("v1", &old.replace("DIRECT", "OFF")),
        "accessRequestConfig: {apiVersion: v2}\napprovalsConfig: {ACCESS_REQUEST_APPROVAL: {autoApprove: OFF}}\n"
    );
}
