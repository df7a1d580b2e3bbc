//! Changes that are there and must be shown.

use serde_json::{Value, json};

use crate::harness::Site;

/// Returns what a plan would send to the first resource, as pairs of path and value.
fn planned(site: &Site) -> Vec<(String, Value)> {
    let run = site.run(["plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&run.out).unwrap();
    let changes = plan["tenants"][0]["resources"][0]["changes"].as_array().unwrap();
    changes.iter().map(|one| (one["path"].as_str().unwrap().to_owned(), one["value"].clone())).collect()
}

fn live(site: &Site, resource: &str, change: impl FnOnce(&mut Value)) {
    site.edit_live(|state| change(&mut state[resource]));
}

#[test]
fn an_element_changed_inside_a_list() {
    let settings = "jitActivationPolicy: {entitlementIds: [ae735f40-4de9-4163-801d-4a1444e59d35, other]}\n";
    let site = Site::new().tenant().workspace(settings);
    let wanted = json!(["ae735f40-4de9-4163-801d-4a1444e59d35", "other"]);
    assert_eq!(planned(&site), [("/entitlementIds".to_owned(), wanted)]);
}

#[test]
fn an_element_changed_inside_an_ordered_list() {
    let settings = "\
accessRequestConfig:
  apiVersion: v2
  entitlementRequestConfig: {accessRequestConfig: {approvalSchemes: [{approverType: MANAGER}, {approverType: SOURCE_OWNER}]}}
";
    let site = Site::new().tenant().workspace(settings);
    live(&site, "accessRequestConfig", |config| {
        config["entitlementRequestConfig"]["accessRequestConfig"]["approvalSchemes"] =
            json!([{"approverType": "MANAGER"}, {"approverType": "ENTITLEMENT_OWNER"}]);
    });
    let found = planned(&site);
    let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["/entitlementRequestConfig/accessRequestConfig/approvalSchemes"]);
}

#[test]
fn an_emptied_list_is_no_nothing_to_do() {
    let site = Site::new().tenant().workspace("jitActivationPolicy: {notificationRecipients: []}\n");
    assert_eq!(planned(&site), [("/notificationRecipients".to_owned(), json!([]))]);
    let run = site.run(["apply", "--yes", "-q"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(site.live()["jitActivationPolicy"]["notificationRecipients"], json!([]));
}

#[test]
fn a_default_is_not_assumed_for_a_field_that_the_server_left_out() {
    let settings = "accessRequestConfig: {apiVersion: beta, approvalsMustBeExternal: false}\n";
    let site = Site::new().tenant().workspace(settings);
    live(&site, "accessRequestConfig", |config| {
        config.as_object_mut().unwrap().remove("approvalsMustBeExternal");
    });
    assert_eq!(planned(&site), [("/approvalsMustBeExternal".to_owned(), json!(false))]);
}

#[test]
fn preview_and_apply_use_one_comparison() {
    let settings = "\
jitActivationPolicy:
  entitlementIds: [ae735f40-4de9-4163-801d-4a1444e59d35]
  defaultMaxActivationPeriodMins: 3h
  maxActivationPeriodMins: 4h
  notificationTemplate: null
  applyToFutureAssignments: false
";
    let site = Site::new().tenant().workspace(settings);
    let shown = planned(&site);
    let run = site.run(["apply", "--yes", "-q"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let body = site.requests().into_iter().find(|request| request.method == "PATCH").unwrap().body;
    let sent: Vec<Value> =
        shown.iter().map(|(path, value)| json!({"op": "replace", "path": path, "value": value})).collect();
    assert_eq!(body, Value::from(sent));
}

#[test]
fn nothing_is_remembered_as_already_applied() {
    let site = Site::new().tenant().workspace("jitActivationPolicy: {maxActivationPeriodMins: 4h}\n");
    let original = site.live();
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
    let applied = site.live();
    site.set_live(&original);
    assert_eq!(planned(&site), [("/maxActivationPeriodMins".to_owned(), json!(240))]);
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
    assert_eq!(site.live(), applied);
}
