//! `sailplan plan`.

use serde_json::json;

use crate::harness::{ONE_CHANGE_EACH, Site};

const SETTINGS: &str = "\
jitActivationPolicy:
  maxActivationPeriodMins: 4h
  entitlementIds:
    - ae735f40-4de9-4163-801d-4a1444e59d35
    - {id: 2c9180837dfe6949017e208e25967b22, name: Cloud Root}
accessRequestConfig:
  apiVersion: beta
  autoApprovalEnabled: false
";

#[test]
fn shows_old_and_new_members_and_the_line_that_asks() {
    let site = Site::new().tenant().file("settings.yaml", SETTINGS);
    insta::assert_snapshot!(site.run(["plan", "settings.yaml"]).text());
}

#[test]
fn asks_for_a_token_and_one_document_per_managed_resource() {
    let site = Site::new().tenant().file("settings.yaml", SETTINGS);
    site.run(["plan", "settings.yaml"]);
    let mut calls = site.calls();
    // The two reads start at the same time.
    calls[1..].sort();
    assert_eq!(
        calls,
        ["POST /oauth/token", "GET /beta/access-request-config", "GET /v2026/jit-activation-config/policy"]
    );
}

#[test]
fn sees_nothing_in_order_repetition_and_letter_case() {
    let settings = "\
jitActivationPolicy:
  entitlementIds: [38439bbc-264b-447b-acac-a182a466b0e9, ae735f40-4de9-4163-801d-4a1444e59d35, 38439bbc-264b-447b-acac-a182a466b0e9]
  notificationRecipients: [OWNER@example.com, owner@EXAMPLE.com]
  maxActivationPeriodMins: PT2H
accessRequestConfig:
  apiVersion: v3
  entitlementRequestConfig:
    grantRequestApprovalSchemes: 'entitlementOwner,sourceOwner,manager,workgroup:2c918084660f45d6016617daa9210584'
";
    let site = Site::new().tenant().file("settings.yaml", settings);
    let run = site.run(["plan", "-q", "--detailed-exitcode", "settings.yaml"]);
    insta::assert_snapshot!(run.text());
}

#[test]
fn detailed_exitcode_tells_changes() {
    let site = Site::new().tenant().file("settings.yaml", SETTINGS);
    assert_eq!(site.run(["plan", "settings.yaml"]).code, Some(0));
    assert_eq!(site.run(["plan", "--detailed-exitcode", "settings.yaml"]).code, Some(2));
}

#[test]
fn json_on_standard_output_and_in_files_is_the_same_document() {
    let site = Site::new().tenant().file("settings.yaml", SETTINGS);
    let run = site.run(["plan", "settings.yaml", "--format", "json", "--json", "a.json", "--out", "b.json"]);
    let next = "Saved the plan to b.json. Apply exactly this: sailplan apply settings.yaml b.json\n";
    assert_eq!((run.err.as_str(), run.code), (next, Some(0)));
    assert_eq!(site.read("a.json"), site.read("b.json"));
    let plan: serde_json::Value = serde_json::from_str(&site.read("a.json")).unwrap();
    let operations: Vec<_> = plan["tenants"][0]["resources"][0]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| json!({"op": change["op"], "path": change["path"], "value": change["value"]}))
        .collect();
    assert_eq!(
        json!(operations),
        json!([
            {"op": "replace", "path": "/entitlementIds",
             "value": ["2c9180837dfe6949017e208e25967b22", "ae735f40-4de9-4163-801d-4a1444e59d35"]},
            {"op": "replace", "path": "/maxActivationPeriodMins", "value": 240},
        ])
    );
}

#[test]
fn a_resource_that_fails_leaves_the_other_alone() {
    let site = Site::new().tenant().fault("403 GET /v2026 times=9").file("settings.yaml", SETTINGS);
    insta::assert_snapshot!(site.run(["plan", "settings.yaml"]).text());
}

#[test]
fn a_policy_never_stored_is_no_empty_policy() {
    let state = json!({"jitActivationPolicy": null, "accessRequestConfig": {"autoApprovalEnabled": false}});
    let site = Site::new().state(&state).tenant().file("settings.yaml", SETTINGS);
    insta::assert_snapshot!(site.run(["plan", "settings.yaml"]).text());
}

#[test]
fn a_file_with_mistakes_contacts_nobody() {
    let site = Site::new()
        .tenant()
        .file("settings.yaml", "jitActivationPolicy:\n  maxActivationPeriodMin: 4h\n  applyToFutureAssignments: no\n");
    insta::assert_snapshot!(site.run(["plan", "settings.yaml"]).text());
    assert_eq!(site.calls(), [""; 0]);
}

#[test]
fn credentials_come_from_files_as_well() {
    let site = Site::new().tenant().file("settings/base.yaml", ONE_CHANGE_EACH).file(
        "sailplan.yaml",
        "tenants:\n  prod:\n    url: ${SAIL_BASE_URL}\n    clientId: ${file:id}\n    \
         clientSecret: ${file:secret}\n    settings: [settings/base.yaml]\n",
    );
    let site = site.variable("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*");
    let unset = site.run(["plan"]);
    assert_eq!(unset.code, Some(1), "{}", unset.text());
    assert!(unset.out.contains("${file:id} is a file in SAILPLAN_SECRETS_DIR, which is not set"), "{}", unset.text());
    let secrets = tempfile::tempdir().unwrap();
    std::fs::write(secrets.path().join("id"), "some-client\n").unwrap();
    std::fs::write(secrets.path().join("secret"), "s3cret-of-a-file\n").unwrap();
    let site = site.variable("SAILPLAN_SECRETS_DIR", secrets.path().to_str().unwrap());
    let planned = site.run(["plan", "-v"]);
    assert_eq!(planned.code, Some(0), "{}", planned.text());
    assert!(!planned.text().contains("s3cret-of-a-file"), "{}", planned.text());
    assert!(planned.out.contains("2 settings to change"), "{}", planned.text());
}

#[test]
fn credentials_go_nowhere_else() {
    let site = Site::new().tenant().file("settings.yaml", SETTINGS);
    for url in ["https://evil.example", "https://acme.api.identitynow.com.evil.example"] {
        let site = Site::new()
            .variable("SAIL_BASE_URL", url)
            .variable("SAIL_CLIENT_ID", "id")
            .variable("SAIL_CLIENT_SECRET", "secret")
            .file("settings.yaml", SETTINGS);
        let run = site.run_wide(["plan", "settings.yaml"]);
        assert_eq!(run.code, Some(1), "{}", run.text());
        assert!(run.out.contains("is not a host of SailPoint, so no credentials are sent to it"), "{}", run.text());
    }
    let run = site.run(["plan", "settings.yaml", "--url", "https://acme.api.identitynow.com"]);
    insta::assert_snapshot!(run.text());
}

#[test]
fn an_id_that_only_changes_its_form_is_said_to_be_perhaps_the_same() {
    let live = [
        "ae735f404de94163801d4a1444e59d35",
        "38439bbc-264b-447b-acac-a182a466b0e9",
        "2c9180837dfe6949017e208e25967b22",
    ];
    let settings = "\
jitActivationPolicy:
  entitlementIds:
    - ae735f40-4de9-4163-801d-4a1444e59d35
    - 38439BBC-264b-447b-acac-a182a466b0e9
    - 2c9180837dfe6949017e208e25967b23
";
    let state = json!({"jitActivationPolicy": {"id": "1", "entitlementIds": live}});
    let site = Site::new().state(&state).tenant().workspace(settings);
    let plan = site.run_wide(["plan"]);
    let told = "entitlementIds: 38439bbc-264b-447b-acac-a182a466b0e9 leaves and 38439BBC-264b-447b-acac-a182a466b0e9 joins; \
                they differ only in letter case or dashes (and 1 more pair): if they are the same, write them as the \
                tenant has them (settings/base.yaml:2:3)";
    assert!(plan.out.contains(told), "{}", plan.out);
    site.write(
        "settings/base.yaml",
        &settings.replace("- ae735f40-4de9-4163-801d-4a1444e59d35", "- x").replace("BBC", "bbc"),
    );
    assert!(!site.run_wide(["plan"]).out.contains("letter case"), "{}", site.run_wide(["plan"]).out);
}
