//! Every API generation of the access-request settings.

use std::path::Path;

use sailplan::practice::Options;
use serde_json::{Value, json};

use crate::harness::Site;

const GENERATIONS: [&str; 7] = ["beta", "v3", "v2024", "v2025", "v2026", "v1", "v2"];

fn example(generation: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/generations").join(format!("{generation}.yaml"));
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn each_example_is_valid_planned_applied_and_then_in_sync() {
    for generation in GENERATIONS {
        let site = Site::new().tenant().file("settings.yaml", &example(generation));
        let valid = site.run(["validate", "--strict", "settings.yaml"]);
        assert_eq!(valid.text(), "Valid: 1 file.\n", "{generation}");
        let before = site.live();
        insta::assert_snapshot!(format!("plan_of_{generation}"), site.run(["plan", "settings.yaml"]).text());
        let applied = site.run(["apply", "-y", "settings.yaml"]);
        assert_eq!(applied.code, Some(0), "{generation}: {}", applied.text());
        let again = site.run(["plan", "-q", "--detailed-exitcode", "settings.yaml"]);
        assert_eq!(again.code, Some(0), "{generation}: {}", again.text());
        assert_eq!(again.out.lines().last(), Some("No changes. 1 tenant matches its settings."), "{generation}");
        assert_eq!(before["jitActivationPolicy"], site.live()["jitActivationPolicy"], "{generation}");
    }
}

#[test]
fn every_generation_works_where_the_experimental_header_is_demanded_everywhere() {
    let jit =
        |generation: &str| format!("jitActivationPolicy: {{apiVersion: {generation}, maxActivationPeriodMins: 1h}}\n");
    let settings = GENERATIONS.map(example).into_iter().chain(["v1", "v2026"].map(jit));
    for settings in settings {
        let demanding = |options: Options| Options { all_experimental: true, ..options };
        let site = Site::new().tenant_with(demanding).file("settings.yaml", &settings);
        assert_eq!(site.run(["plan", "--detailed-exitcode", "settings.yaml"]).code, Some(2), "{settings}");
        let applied = site.run(["apply", "-y", "settings.yaml"]);
        assert_eq!(applied.code, Some(0), "{settings}: {}", applied.text());
        assert_eq!(site.run(["plan", "--detailed-exitcode", "settings.yaml"]).code, Some(0), "{settings}");
    }
}

#[test]
fn what_is_changed_through_v2_is_seen_through_beta() {
    let site = Site::new().tenant().file(
        "v2.yaml",
        "\
accessRequestConfig:
  apiVersion: v2
  requestOnBehalfOfConfig: {allowRequestOnBehalfOfAnyoneByAnyone: false}
  entitlementRequestConfig:
    accessRequestConfig:
      requestCommentRequired: true
      approvalSchemes: [{approverType: MANAGER}, {approverType: GOVERNANCE_GROUP, approverId: 7}]
",
    );
    let site = site.file(
        "beta.yaml",
        "\
accessRequestConfig:
  apiVersion: beta
  requestOnBehalfOfConfig: {allowRequestOnBehalfOfAnyoneByAnyone: false}
  entitlementRequestConfig: {requestCommentsRequired: true, grantRequestApprovalSchemes: [manager, 'workgroup:7']}
",
    );
    site.write("quoted.yaml", &site.read("v2.yaml").replace("approverId: 7", "approverId: '7'"));
    // An id that YAML reads as a number is no guess of ours.
    assert_eq!(site.run(["validate", "v2.yaml"]).code, Some(1));
    assert_eq!(site.run(["plan", "--detailed-exitcode", "beta.yaml"]).code, Some(2));
    assert_eq!(site.run(["apply", "-y", "quoted.yaml"]).code, Some(0));
    assert_eq!(site.run(["plan", "--detailed-exitcode", "beta.yaml"]).code, Some(0));
}

const NESTED: &str = "\
accessRequestConfig:
  apiVersion: v2024
  reauthorizationEnabled: false
  entitlementRequestConfig:
    accessRequestConfig:
      requestCommentRequired: true
";

#[test]
fn a_live_document_in_the_other_form_is_refused() {
    let site = Site::new()
        .tenant()
        .fault("other-form as=/beta/access-request-config times=9")
        .file("nested.yaml", NESTED)
        .file(
            "flat.yaml",
            "\
accessRequestConfig:
  apiVersion: v3
  entitlementRequestConfig: {requestCommentsRequired: true}
",
        );
    let before = site.live();
    insta::assert_snapshot!("a_nested_file_for_a_flat_document", site.run(["plan", "nested.yaml"]).text());
    insta::assert_snapshot!("apply_refuses_the_other_form", site.run(["apply", "-y", "nested.yaml"]).text());
    let plan: Value = serde_json::from_str(&site.run(["plan", "nested.yaml", "--format", "json"]).out).unwrap();
    assert_eq!(plan["tenants"][0]["resources"][0]["error"]["refused"], json!(true));
    let site = site.fault("other-form as=/access-request-config/v2 times=9");
    let flat = Site::new()
        .tenant()
        .fault("other-form as=/access-request-config/v2 times=9")
        .file("flat.yaml", &site.read("flat.yaml"));
    insta::assert_snapshot!("a_flat_file_for_a_nested_document", flat.run(["plan", "flat.yaml"]).text());
    assert_eq!(site.live(), before);
    assert!(site.calls().iter().all(|call| !call.starts_with("PUT")), "{:?}", site.calls());
}

#[test]
fn the_other_form_is_in_nobodys_way_who_changes_nothing() {
    let settings = "accessRequestConfig: {apiVersion: v2024, reauthorizationEnabled: true}\n";
    let site =
        Site::new().tenant().fault("other-form as=/beta/access-request-config times=9").file("settings.yaml", settings);
    assert_eq!(site.run(["plan", "--detailed-exitcode", "settings.yaml"]).code, Some(0));
}

fn overrides(settings: &str) -> (Vec<bool>, Option<String>) {
    let site = Site::new().tenant().file("settings.yaml", settings);
    let plan: Value = serde_json::from_str(&site.run(["plan", "settings.yaml", "--format", "json"]).out).unwrap();
    let changes = plan.pointer("/tenants/0/resources/0/changes").and_then(Value::as_array).unwrap();
    let marks = changes.iter().map(|change| change.get("overrides") == Some(&json!(true))).collect();
    let run = site.run(["apply", "-y", "settings.yaml", "--format", "json"]);
    let receipt: Value = serde_json::from_str(&run.out).unwrap();
    let sentence = receipt.pointer("/tenants/0/resources/0/overrides").and_then(Value::as_str);
    (marks, sentence.map(str::to_owned))
}

#[test]
fn a_put_that_carries_the_reminders_overrides_where_they_live_now() {
    let settings = |generation: &str| {
        format!(
            "accessRequestConfig: {{apiVersion: {generation}, reauthorizationEnabled: false, approvalsMustBeExternal: false}}\n"
        )
    };
    let what = "the approvals configuration, which now keeps reminders, escalation and the fallback approver";
    let carries = "this PUT carries the reminder and escalation object and";
    for generation in GENERATIONS {
        let expected = match generation {
            "v2024" | "v2025" | "v1" => Some(format!("{carries} overrides {what}")),
            "beta" | "v3" => Some(format!("{carries} may override {what}")),
            _ => None,
        };
        let mark = expected.is_some();
        assert_eq!(overrides(&settings(generation)), (vec![mark, mark], expected), "{generation}");
    }
}

#[test]
fn a_put_without_the_reminders_overrides_nothing() {
    let site = Site::new()
        .state(&json!({"accessRequestConfig": {"reauthorizationEnabled": true}}))
        .tenant()
        .file("settings.yaml", "accessRequestConfig: {apiVersion: v2024, reauthorizationEnabled: false}\n");
    let plan: Value = serde_json::from_str(&site.run(["plan", "settings.yaml", "--format", "json"]).out).unwrap();
    assert_eq!(plan["tenants"][0]["resources"][0]["changes"][0].get("overrides"), None);
}

#[test]
fn a_put_keeps_what_the_generation_does_not_manage() {
    let site = Site::new()
        .tenant()
        .file("settings.yaml", "accessRequestConfig: {apiVersion: v2, govGroupVisibilityEnabled: false}\n");
    let mut expected = site.live();
    assert_eq!(site.run(["apply", "-y", "settings.yaml"]).code, Some(0));
    expected["accessRequestConfig"]["govGroupVisibilityEnabled"] = json!(false);
    assert_eq!(site.live(), expected);
}

#[test]
fn mistakes_with_generations_and_steps_are_told_at_the_line() {
    let settings = "\
accessRequestConfig:
  apiVersion: v2
  autoApprovalEnabled: false
  entitlementRequestConfig:
    allowEntitlementRequest: true
    requestCommentsRequired: true
    accessRequestConfig:
      approvalSchemes:
        - sourceOwner
        - {approverType: GOVERNANCE_GROUP}
        - {approverType: MANAGER, approverId: 7c}
        - {approverType: source_owner}
        - {approverType: OWNER}
        - {approverId: null}
      requireEndDate: null
      maxPermittedAccessDuration: {value: 0, timeUnit: day}
    revocationRequestConfig:
      approvalSchemes:
        - {approverType: WORKFLOW, approverId: 7c}
        - {approverType: MANAGER}
";
    let site = Site::new().file("settings.yaml", settings);
    insta::assert_snapshot!(site.run(["validate", "settings.yaml"]).text());
}

#[test]
fn a_document_in_the_other_form_is_not_put_back_whatever_is_managed() {
    let settings = "accessRequestConfig: {apiVersion: v2, reauthorizationEnabled: false}\n";
    let fault = "other-form GET /access as=/beta/access-request-config times=9";
    let site = Site::new().tenant().fault(fault).file("settings.yaml", settings);
    insta::assert_snapshot!(site.run(["apply", "--yes", "settings.yaml"]).text());
    assert!(!site.calls().iter().any(|call| call.starts_with("PUT")));
}
