//! Rewriting text.

use serde_json::json;

use super::*;

fn route(from: &str) -> Route {
    let resource = Resource::named("accessRequestConfig").unwrap();
    Route { resource, from: resource.generation(from).unwrap(), to: resource.current().unwrap() }
}

fn rewritten(from: &str, text: &str) -> String {
    rewrite(&route(from), &Source::new("settings.yaml", text)).unwrap()
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
    assert_eq!(rewritten("beta", old), "accessRequestConfig:\n  apiVersion: v2\n  approvalsMustBeExternal: false\n");
    let losses = route("beta").losses(&Source::new("settings.yaml", old)).unwrap();
    let told: Vec<String> =
        losses.iter().map(|loss| format!("{} {}: {}", loss.written.place, loss.written.setting, loss.reason)).collect();
    let moved = "it moved to the approvals configuration (generic-approvals, ACCESS_REQUEST_APPROVAL), which sailplan does \
                 not manage";
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
    let losses = route("beta").losses(&Source::new("settings.yaml", old)).unwrap();
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
