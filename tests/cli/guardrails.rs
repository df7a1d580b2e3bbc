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
                "message": "jitActivationPolicy.maxActivationPeriodMins loosens: A single activation will last at most 4 hours \
                            instead of 2 hours. Activation and extension together will last at most 4 hours 30 minutes instead of 2 hours 30 \
                            minutes; an extension stays at most 30 minutes",
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
fn a_limit_is_checked_offline_and_lifted_by_no_flag() {
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
            "kind": "limits",
            "rule": "limits",
            "setting": "/jitActivationPolicy/maxActivationPeriodMins",
            "message": "jitActivationPolicy.maxActivationPeriodMins is 6h (360 min), and the limit is 5h (300 min)",
            "source": {"file": "settings.yaml", "line": 2},
            "guard": {"file": "sailplan.yaml", "line": 11},
            "help": [
                "change settings.yaml:2:3 to a value within the limit",
                "the allowance IAM-412 (allowances.yaml:1:3) reaches only to 4h (240 min)",
                "an allowance for jitActivationPolicy.maxActivationPeriodMins permits it up to a value, until a date",
            ],
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

/// Two tenants of one ring and one of another, with sets for a ring.
const SETS: &str = "\
tenants:
  prod:
    url: ${SAIL_BASE_URL}
    clientId: ${SAIL_CLIENT_ID}
    clientSecret: ${SAIL_CLIENT_SECRET}
    labels: {ring: prod}
    settings: [settings.yaml]
  dev:
    url: practice:dev.json
    labels: {ring: dev}
    settings: [settings.yaml]
guardrails:
  - for: {ring: prod}
    owner: '@acme/iam-policy'
    reason: bank policy 4.2
    deny: [loosens]
    keep: {jitActivationPolicy.entitlementIds: [ae735f40-4de9-4163-801d-4a1444e59d35]}
    lift: allowances
    apply: [plan, approved]
allowances: [allowances.yaml]
";

fn sets(settings: &str, allowances: &str) -> Site {
    site(settings, allowances).file("sailplan.yaml", SETS)
}

#[test]
fn a_set_guards_the_tenants_that_it_is_for_and_names_its_owner() {
    let site = sets("jitActivationPolicy: {maxActivationPeriodMins: 4h}\n", "[]");
    let plan = |tenant: &str, allow: Option<&str>| {
        let run = match allow {
            None => site.run(["plan", "--tenant", tenant, "--format", "json"]),
            Some(word) => site.run(["plan", "--tenant", tenant, "--format", "json", "--allow", word]),
        };
        let plan: Value = serde_json::from_str(&run.out).unwrap();
        (run.code, plan["tenants"][0]["refusals"].clone())
    };
    assert_eq!(plan("dev", None), (Some(0), Value::Null));
    // A flag lifts nothing that loosens under `lift: allowances`, and is not offered.
    for allow in [None, Some("loosens")] {
        let (code, refusals) = plan("prod", allow);
        assert_eq!(code, Some(3));
        assert_eq!(
            refusals[0],
            json!({
                "kind": "deny",
                "rule": "deny",
                "setting": "/jitActivationPolicy/maxActivationPeriodMins",
                "message": "jitActivationPolicy.maxActivationPeriodMins loosens: A single activation will last at most 4 hours instead of \
                            2 hours. Activation and extension together will last at most 4 hours 30 minutes instead of 2 hours 30 minutes; an extension stays at most 30 minutes",
                "source": {"file": "settings.yaml", "line": 1},
                "guard": {"file": "sailplan.yaml", "line": 16},
                "owner": "@acme/iam-policy",
                "reason": "bank policy 4.2",
                "help": [
                    "change or withdraw settings.yaml:1:23",
                    "if it was changed outside git, take the tenant's value over into the file: sailplan pull --accept",
                    "an allowance for jitActivationPolicy.maxActivationPeriodMins permits it up to a value, until a date",
                ],
            })
        );
    }
    site.write("allowances.yaml", ALLOWANCES);
    assert_eq!(plan("prod", None), (Some(0), Value::Null));
}

#[test]
fn a_breach_that_stands_fails_the_plan_and_stops_only_an_apply_that_loosens() {
    let settings = "jitActivationPolicy: {notificationTemplate: null}\n";
    let workspace = WORKSPACE.replace("    guardrails:\n      deny: [loosens, disrupts]\n      maxChanges: 1\n", "");
    let workspace = workspace.replace("      require: [/accessRequestConfig/reauthorizationEnabled]\n", "");
    let site = site(settings, "[]").file("sailplan.yaml", &workspace.replace("5h", "1h"));
    let plan = site.run(["plan"]);
    insta::assert_snapshot!(plan.text());
    let run = site.run(["apply", "--yes", "-q"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(site.writes().len(), 1);
    site.write("settings.yaml", "jitActivationPolicy: {applyToFutureAssignments: false}\n");
    let run = site.run(["apply", "--yes", "-q"]);
    assert_eq!(run.code, Some(3), "{}", run.text());
    assert_eq!(site.writes().len(), 1);
}

#[test]
fn an_apply_is_approved_in_the_ways_that_the_tenant_permits() {
    let site = sets("jitActivationPolicy: {maxActivationPeriodMins: 1h}\n", "[]");
    let yes = || site.run(["apply", "--yes", "-q", "--tenant", "prod"]);
    let run = yes();
    assert_eq!(run.code, Some(3), "{}", run.text());
    let message = "apply: an apply to this tenant is approved by a saved plan or --approved, not by --yes";
    assert!(run.text().contains(message), "{}", run.text());
    for help in [
        "help: save a plan with sailplan plan --out FILE, have it approved, and run sailplan apply FILE",
        "help: have the digest of a plan approved, and run sailplan apply --approved DIGEST",
    ] {
        assert!(run.text().contains(help), "{}", run.text());
    }
    assert!(!run.text().contains("sailplan plan shows each"), "{}", run.text());
    // Nothing can be asked here, and --yes would be turned down.
    let run = site.run(["apply", "--tenant", "prod"]);
    assert_eq!(run.code, Some(3), "{}", run.text());
    assert!(run.text().contains(" --approved sha256:") && !run.text().contains("--yes"), "{}", run.text());
    assert_eq!(site.writes().len(), 0);
    assert_eq!(site.run(["plan", "--tenant", "prod", "--out", "plan.json"]).code, Some(0));
    let run = site.run(["apply", "plan.json"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(site.writes().len(), 1);
    // Nothing to send needs no approval.
    assert_eq!(yes().code, Some(0));
}

#[test]
fn validate_checks_what_plan_would_refuse() {
    let workspace = WORKSPACE.replace("allowances: [allowances.yaml]", "guardrails:\n  - {for: {ring: prd}, keep: {jitActivationPolicy.entitlementIds: [a]}}\nallowances: [allowances.yaml]");
    let site = site(
        SETTINGS,
        "- {tenant: prd, setting: maxActivationPeriodMins, upTo: 4h, reason: a, ticket: T-1, until: 9999-12-31}\n",
    )
    .file("sailplan.yaml", &workspace.replace("${SAIL_BASE_URL}", "https://acme.api.identitynow.com"));
    insta::assert_snapshot!(site.run(["validate"]).text());
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    site.write("allowances.yaml", &ALLOWANCES.replace("9999-12-31", &today.to_string()));
    let text = site.run(["validate"]).text();
    assert!(
        text.contains("warning[ending-allowance]: the allowance IAM-412 for tenant prod (4h (240 min)) ends today"),
        "{text}"
    );
    site.write("allowances.yaml", &ALLOWANCES.replace("9999-12-31", "2020-12-31"));
    let text = site.run(["validate"]).text();
    assert!(
        text.contains(
            "note[ended-allowance]: the allowance IAM-412 for tenant prod (4h (240 min)) ended on 2020-12-31"
        ),
        "{text}"
    );
}

#[test]
fn entries_for_one_address_share_the_budget() {
    let entry = |name: &str| {
        format!("  {name}: {{url: 'practice:t.json', settings: [{name}.yaml], guardrails: {{maxChanges: 1}}}}\n")
    };
    let site = Site::new()
        .file("sailplan.yaml", &format!("tenants:\n{}{}", entry("one"), entry("two")))
        .file("one.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 1h}\n")
        .file("two.yaml", "jitActivationPolicy: {notificationTemplate: null}\n");
    assert_eq!(site.run(["plan", "--tenant", "one"]).code, Some(0));
    assert_eq!(site.run(["plan", "--tenant", "two"]).code, Some(0));
    let run = site.run_wide(["plan"]);
    assert_eq!(run.code, Some(3), "{}", run.text());
    assert!(
        run.text().contains(
            "2 changes, more than 1 (members of a set count one by one; two is at the same address and shares them)"
        ),
        "{}",
        run.text()
    );
}
