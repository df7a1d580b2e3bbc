//! Guardrails, limits and allowances, from the workspace file to the exit code.

use serde_json::{Value, json};

use crate::harness::Site;

const SETTINGS: &str = "\
jitActivationPolicy:
  maxActivationPeriodMins: 4h
accessRequestConfig:
  apiVersion: beta
  autoApprovalEnabled: false
";

/// What the guardrails require, and one change more than they let through.
const REQUIRED: &str = "  reauthorizationEnabled: true
  requestOnBehalfOfConfig: {allowRequestOnBehalfOfAnyoneByAnyone: false}
";

const WORKSPACE: &str = "\
tenants:
  prod:
    url: ${SAIL_BASE_URL}
    clientId: ${SAIL_CLIENT_ID}
    clientSecret: ${SAIL_CLIENT_SECRET}
    settings: [settings.yaml]
    guardrails:
      deny: [loosens, disrupts]
      maxChanges: 1
      require: [/accessRequestConfig/reauthorizationEnabled]
    limits: {maxActivationPeriodMins: 5h}
allowances: [allowances.yaml]
";

const ALLOWANCES: &str = "\
- {tenant: prod, setting: maxActivationPeriodMins, upTo: 4h, reason: Q4 audit, ticket: IAM-412, until: 9999-12-31}
";

fn site(settings: &str, allowances: &str) -> Site {
    Site::new()
        .tenant()
        .file("sailplan.yaml", WORKSPACE)
        .file("settings.yaml", settings)
        .file("allowances.yaml", allowances)
}

#[test]
fn a_plan_shows_each_guard_that_stands_in_the_way() {
    let site = site(SETTINGS, "[]");
    insta::assert_snapshot!(site.run(["plan", "--out", "plan.json"]).text());
    let plan: Value = serde_json::from_str(&site.read("plan.json")).unwrap();
    let rules: Vec<_> =
        plan["tenants"][0]["refusals"].as_array().unwrap().iter().map(|one| one["rule"].clone()).collect();
    assert_eq!(json!(rules), json!(["deny", "maxChanges", "require"]));
    insta::assert_snapshot!("an_apply_sends_nothing_past_a_guard", site.run(["apply", "plan.json"]).text());
    assert_eq!(site.run(["apply", "--yes"]).code, Some(3));
    assert_eq!(site.run(["apply", "--approved", plan["digest"].as_str().unwrap()]).code, Some(3));
    assert_eq!(site.writes(), [""; 0]);
}

#[test]
fn flags_and_allowances_lift_and_are_named_in_plan_and_receipt() {
    let site = site(&format!("{SETTINGS}{REQUIRED}"), ALLOWANCES);
    let lifted = ["plan", "--allow", "maxChanges"];
    insta::assert_snapshot!(site.run(lifted).text());
    let run = site.run(["apply", "--yes", "-q", "--allow", "maxChanges", "--receipt", "receipt.json"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let receipt: Value = serde_json::from_str(&site.read("receipt.json")).unwrap();
    assert_eq!(
        receipt["tenants"][0]["lifted"],
        json!([
            {
                "rule": "deny",
                "setting": "/jitActivationPolicy/maxActivationPeriodMins",
                "message": "jitActivationPolicy.maxActivationPeriodMins loosens: A single activation may last 4 hours, \
                            was 2 hours. Activation and extension together may last 4 hours 30 minutes, was 2 hours 30 \
                            minutes",
                "allowance": {
                    "ticket": "IAM-412",
                    "reason": "Q4 audit",
                    "until": "9999-12-31",
                    "source": {"file": "allowances.yaml", "line": 1},
                },
                "guard": {"file": "sailplan.yaml", "line": 8},
            },
            {
                "rule": "maxChanges",
                "message": "2 changes without an allowance, more than 1 (members of a set count one by one)",
                "flag": "--allow maxChanges",
                "guard": {"file": "sailplan.yaml", "line": 9},
            },
        ])
    );
}

#[test]
fn an_apply_holds_a_saved_plan_against_the_guards_of_today() {
    let site = site(&format!("{SETTINGS}{REQUIRED}"), ALLOWANCES);
    assert_eq!(site.run(["plan", "--out", "plan.json", "--allow", "maxChanges"]).code, Some(0));
    // A flag lifts for one run, and an allowance only as long as it is there.
    assert_eq!(site.run(["apply", "plan.json"]).code, Some(3));
    site.write("allowances.yaml", &ALLOWANCES.replace("9999", "2020"));
    let run = site.run(["apply", "plan.json", "--allow", "maxChanges"]);
    assert_eq!(run.code, Some(3), "{}", run.text());
    assert_eq!(site.writes(), [""; 0]);
}

#[test]
fn a_limit_is_checked_offline_and_lifted_by_nothing() {
    let settings = SETTINGS.replace("4h", "6h");
    let site = site(&format!("{settings}{REQUIRED}"), ALLOWANCES);
    insta::assert_snapshot!(site.run(["validate"]).text());
    assert_eq!(site.calls(), [""; 0]);
    let run = site.run(["plan", "--format", "json", "--allow", "loosens", "--allow", "maxChanges", "--allow-empty"]);
    assert_eq!(run.code, Some(3), "{}", run.text());
    let plan: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        plan["tenants"][0]["refusals"],
        json!([{
            "rule": "limits",
            "setting": "/jitActivationPolicy/maxActivationPeriodMins",
            "message": "jitActivationPolicy.maxActivationPeriodMins is 6h (360 min), and the limit is 5h (300 min)",
            "source": {"file": "settings.yaml", "line": 2},
            "guard": {"file": "sailplan.yaml", "line": 11},
            "help": ["keep to the limit; nothing lifts it but a change of the workspace file"],
        }])
    );
}

#[test]
fn emptying_needs_a_flag_of_its_own_without_any_workspace() {
    let site = Site::new().tenant().file("settings.yaml", "jitActivationPolicy: {entitlementIds: []}\n");
    insta::assert_snapshot!(site.run(["plan", "settings.yaml"]).text());
    assert_eq!(site.run(["apply", "--yes", "settings.yaml"]).code, Some(3));
    assert_eq!(site.writes(), [""; 0]);
    let run = site.run(["apply", "--yes", "--allow-empty", "settings.yaml"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(site.live()["jitActivationPolicy"]["entitlementIds"], json!([]));
}

#[test]
fn a_guard_that_failed_to_be_read_refuses_and_the_failure_wins() {
    let site = site(&format!("{SETTINGS}{REQUIRED}"), ALLOWANCES).fault("403 GET /beta times=9");
    let run = site.run(["plan", "--format", "json"]);
    assert_eq!(run.code, Some(1), "{}", run.text());
    let plan: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        plan["tenants"][0]["refusals"][0]["message"],
        json!(
            "accessRequestConfig.reauthorizationEnabled must be managed, and the access-request settings could not be read"
        )
    );
    assert_eq!(site.run(["apply", "--yes"]).code, Some(1));
    assert_eq!(site.writes(), [""; 0]);
}

#[test]
fn unknown_words_are_usage_errors() {
    let site = site(SETTINGS, "[]");
    insta::assert_snapshot!(site.run(["plan", "--allow", "losens"]).text());
    site.write("sailplan.yaml", &WORKSPACE.replace("disrupts", "disrupt").replace("limits: {max", "limits: {mx"));
    insta::assert_snapshot!("mistakes_in_guards_contact_nobody", site.run(["plan"]).text());
    assert_eq!(site.calls(), [""; 0]);
}
