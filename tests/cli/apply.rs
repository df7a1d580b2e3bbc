//! `sailplan apply`.

use serde_json::{Value, json};

use crate::harness::Site;

const SETTINGS: &str = "\
jitActivationPolicy:
  defaultMaxActivationPeriodMins: 3h
  maxActivationPeriodMins: 4h
accessRequestConfig:
  apiVersion: beta
  autoApprovalEnabled: false
  requestOnBehalfOfConfig:
    allowRequestOnBehalfOfAnyoneByAnyone: false
";

#[test]
fn makes_the_changes_and_proves_them_in_seven_requests() {
    let site = Site::new().tenant().file("settings.yaml", SETTINGS);
    let run = site.run(["apply", "--yes", "settings.yaml"]);
    insta::assert_snapshot!(run.text());
    let mut calls = site.calls();
    for side_by_side in [1..3, 3..5, 5..7] {
        calls[side_by_side].sort();
    }
    assert_eq!(
        calls,
        [
            "POST /oauth/token",
            "GET /beta/access-request-config",
            "GET /v2026/jit-activation-config/policy",
            "PATCH /v2026/jit-activation-config/policy",
            "PUT /beta/access-request-config",
            "GET /beta/access-request-config",
            "GET /v2026/jit-activation-config/policy",
        ]
    );
    let again = site.run(["plan", "--detailed-exitcode", "settings.yaml"]);
    assert_eq!(again.code, Some(0), "{}", again.text());
}

#[test]
fn a_patch_holds_only_the_changes_and_a_put_all_of_the_document() {
    let site = Site::new().tenant().file("settings.yaml", SETTINGS);
    // A field that no catalogue knows, as SailPoint adds them without notice.
    site.edit_live(|state| state["accessRequestConfig"]["addedLastWeek"] = json!({"deep": [1, null, "x"]}));
    let run = site.run(["apply", "--yes", "settings.yaml"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let body = |method: &str| site.requests().into_iter().find(|one| one.method == method).unwrap().body;
    assert_eq!(
        body("PATCH"),
        json!([
            {"op": "replace", "path": "/maxActivationPeriodMins", "value": 240},
            {"op": "replace", "path": "/defaultMaxActivationPeriodMins", "value": 180},
        ])
    );
    let put = body("PUT");
    assert_eq!(put["addedLastWeek"], json!({"deep": [1, null, "x"]}));
    assert_eq!(put["autoApprovalEnabled"], json!(false));
    let unmanaged = &put["approvalReminderAndEscalationConfig"]["fallbackApproverRef"]["email"];
    assert_eq!(unmanaged, &json!("alison.ferguso@identitysoon.com"));
    assert_eq!(site.live()["accessRequestConfig"]["addedLastWeek"], json!({"deep": [1, null, "x"]}));
}

#[test]
fn without_a_terminal_and_without_approval_nothing_is_asked_or_sent() {
    let site = Site::new().tenant().file("settings.yaml", SETTINGS);
    insta::assert_snapshot!(site.without_digests(&site.run(["apply", "settings.yaml"]).text()));
    assert_eq!(site.writes(), [""; 0]);
    assert_eq!(site.receipts(), [""; 0]);
}

#[test]
fn a_saved_plan_is_applied_once() {
    let site = workspace();
    assert_eq!(site.run(["plan", "--out", "plan.json"]).code, Some(0));
    let first = site.run(["apply", "plan.json"]);
    assert_eq!(first.code, Some(0), "{}", first.text());
    let writes =
        |site: &Site| site.calls().iter().filter(|call| call.starts_with('P') && !call.contains("oauth")).count();
    assert_eq!(writes(&site), 2);
    let second = site.run(["apply", "plan.json"]);
    insta::assert_snapshot!(second.text());
    assert_eq!(writes(&site), 2);
}

fn workspace() -> Site {
    Site::new().tenant().workspace(SETTINGS)
}

#[test]
fn a_saved_plan_that_the_checkout_no_longer_says_is_refused() {
    let site = workspace();
    site.run(["plan", "--out", "plan.json"]);
    let before = site.calls().len();
    site.write("settings/base.yaml", &SETTINGS.replace("4h", "5h"));
    insta::assert_snapshot!(site.run(["apply", "plan.json"]).text());
    assert_eq!(site.calls().len(), before);
}

#[test]
fn a_saved_plan_is_refused_when_live_moved() {
    let site = workspace();
    site.run(["plan", "--out", "plan.json"]);
    let mut state = site.live();
    state["jitActivationPolicy"]["maxActivationPeriodMins"] = json!(90);
    site.set_live(&state);
    insta::assert_snapshot!(site.run(["apply", "plan.json"]).text());
    assert_eq!(site.live(), state);
}

#[test]
fn what_somebody_else_did_already_is_dropped() {
    let site = workspace();
    site.run(["plan", "--out", "plan.json"]);
    site.edit_live(|state| state["jitActivationPolicy"]["maxActivationPeriodMins"] = json!(240));
    let run = site.run(["apply", "plan.json"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let patch = site.requests().into_iter().find(|one| one.method == "PATCH").unwrap().body;
    assert_eq!(patch, json!([{"op": "replace", "path": "/defaultMaxActivationPeriodMins", "value": 180}]));
}

#[test]
fn an_edited_plan_is_refused() {
    let site = workspace();
    site.run(["plan", "--out", "plan.json"]);
    let mut plan: Value = serde_json::from_str(&site.read("plan.json")).unwrap();
    plan["tenants"][0]["resources"][0]["changes"][0]["value"] = json!(6000);
    site.write("plan.json", &plan.to_string());
    insta::assert_snapshot!(site.run(["apply", "plan.json"]).text());
}

#[test]
fn an_approved_digest_needs_no_artefact() {
    let site = workspace();
    let run = site.run(["plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&run.out).unwrap();
    // The URL of the test's tenant is redacted from the output, and part of the digest.
    assert!(plan["digest"].as_str().unwrap().starts_with("sha256:"));
    let other = format!("sha256:{}", "0".repeat(64));
    let wrong = site.run(["apply", "--approved", &other]);
    assert_eq!(wrong.code, Some(3), "{}", wrong.text());
    let right = site.run(["apply", "--approved", plan["digest"].as_str().unwrap()]);
    assert_eq!(right.code, Some(0), "{}", right.text());
}

#[test]
fn a_write_that_did_not_take_is_a_failure() {
    let site = Site::new().tenant().fault("ignore PUT").file("settings.yaml", SETTINGS);
    insta::assert_snapshot!(site.run(["apply", "--yes", "settings.yaml"]).text());
}

#[test]
fn a_lost_answer_is_settled_by_reading() {
    for fault in ["drop-after PATCH", "drop-before PATCH", "500 PATCH", "lag GET times=2", "empty PATCH", "html PUT"] {
        let site = Site::new().tenant().fault(fault).file("settings.yaml", SETTINGS);
        let run = site.run(["apply", "--yes", "settings.yaml"]);
        assert_eq!(run.code, Some(0), "{fault}: {}", run.text());
        assert_eq!(site.live()["jitActivationPolicy"]["maxActivationPeriodMins"], json!(240), "{fault}");
        let again = site.run(["plan", "--detailed-exitcode", "settings.yaml"]);
        assert_eq!(again.code, Some(0), "{fault}: {}", again.text());
    }
}

#[test]
fn a_lost_write_is_repeated_no_more_often_than_the_user_allows() {
    let site = Site::new().tenant().fault("drop-before PATCH").file("settings.yaml", SETTINGS);
    let run = site.run(["apply", "--yes", "-q", "--retries", "0", "settings.yaml"]);
    assert_eq!(run.code, Some(1), "{}", run.text());
    assert_eq!(site.calls().iter().filter(|call| call.starts_with("PATCH")).count(), 1);
}

#[test]
fn the_user_says_how_often_a_write_is_read_back() {
    for (reads, code) in [("1", Some(1)), ("2", Some(0))] {
        let site = Site::new().tenant().fault("lag GET times=1").file("settings.yaml", SETTINGS);
        let run = site.run(["apply", "--yes", "-q", "--reads", reads, "settings.yaml"]);
        assert_eq!(run.code, code, "{}", run.text());
    }
}

#[test]
fn nothing_is_sent_where_no_receipt_can_be_written() {
    let site = Site::new().tenant().file("settings.yaml", SETTINGS).file(".sailplan", "a file where a folder must be");
    insta::assert_snapshot!(site.run(["apply", "--yes", "settings.yaml"]).text());
    assert_eq!(site.calls().iter().filter(|call| call.starts_with("PATCH") || call.starts_with("PUT")).count(), 0);
}

#[test]
fn without_a_workspace_a_saved_plan_goes_with_its_settings_files() {
    let site = Site::new().tenant().file("settings.yaml", SETTINGS);
    assert_eq!(site.run(["plan", "settings.yaml", "--out", "plan.json"]).code, Some(0));
    let run = site.run(["apply", "plan.json", "settings.yaml"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(site.live()["jitActivationPolicy"]["maxActivationPeriodMins"], json!(240));
}

#[test]
fn a_receipt_of_the_users_own_is_a_copy() {
    let site = Site::new().tenant().file("settings.yaml", SETTINGS);
    let run = site.run(["apply", "--yes", "settings.yaml", "--receipt", "mine.json"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let kept: Vec<_> = std::fs::read_dir(site.path(".sailplan/receipts")).unwrap().collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(std::fs::read_to_string(kept[0].as_ref().unwrap().path()).unwrap(), site.read("mine.json"));
    // Somebody else's file stays as it is, and nothing is sent.
    site.write("settings.yaml", &SETTINGS.replace("4h", "5h"));
    let writes = |site: &Site| site.calls().iter().filter(|call| call.starts_with("PATCH")).count();
    let run = site.run(["apply", "--yes", "settings.yaml", "--receipt", "mine.json"]);
    assert_eq!((run.code, writes(&site)), (Some(3), 1), "{}", run.text());
}

#[test]
fn a_second_entry_for_a_tenant_is_no_way_around_its_guards() {
    let workspace = "\
tenants:
  prod: {url: 'practice:./t.json', settings: [a.yaml], limits: {maxActivationPeriodMins: 4h}}
  alias: {url: 'practice:t.json', settings: [settings.yaml]}
";
    let site = Site::new()
        .file("sailplan.yaml", workspace)
        .file("a.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 3h}\n")
        .file("settings.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 9d}\n");
    insta::assert_snapshot!(site.run(["apply", "--yes", "--tenant", "alias"]).text());
}

#[test]
fn a_long_flag_with_one_dash_is_a_usage_error() {
    let site = Site::new().tenant().file("settings.yaml", SETTINGS);
    insta::assert_snapshot!(site.run(["plan", "settings.yaml", "-out=plan.json"]).text());
}
