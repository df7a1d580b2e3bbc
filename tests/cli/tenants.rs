//! `sailplan tenants`: what a matrix of CI and a reader of guardrails see, without any tenant contacted.

use serde_json::{Value, json};

use crate::harness::Site;

const BASE: &str = "\
jitActivationPolicy:
  entitlementIds: [ae735f40-4de9-4163-801d-4a1444e59d35]
  maxActivationPeriodMins: 2h
";

const WORKSPACE: &str = "\
tenants:
  prod:
    url: ${ACME_URL}
    labels: {ring: prod, bank: at}
    clientId: ${ACME_CLIENT_ID}
    clientSecret: ${ACME_CLIENT_SECRET}
    settings: [settings/base.yaml, settings/prod.yaml]
    guardrails: {maxChanges: 5, require: [maxActivationPeriodMins], apply: [plan, approved]}
    limits: {maxActivationPeriodMins: 4h}
  test:
    url: practice:.sailplan/test.json
    settings: [settings/base.yaml]
guardrails:
  - for: {ring: prod}
    owner: '@acme/iam-policy'
    reason: production
    deny: [loosens]
    keep: {entitlementIds: [{id: ae735f40-4de9-4163-801d-4a1444e59d35, name: Domain Admins}]}
    lift: allowances
allowances: [allowances.yaml]
";

const ALLOWANCES: &str = "\
- {tenant: prod, setting: maxActivationPeriodMins, upTo: 6h, reason: audit, ticket: T-1, until: 9999-12-31}
- {tenant: 'p*', release: [maxActivationPeriodMins], reason: sold, ticket: T-2, until: 2020-12-31}
";

fn site() -> Site {
    let site = Site::new().file("sailplan.yaml", WORKSPACE).file("allowances.yaml", ALLOWANCES);
    let site = site.file("settings/base.yaml", BASE);
    site.file("settings/prod.yaml", "accessRequestConfig: {apiVersion: v2, reauthorizationEnabled: true}\n")
}

#[test]
fn every_guardrail_is_listed_with_its_line() {
    let site = site();
    assert_eq!(site.run(["apply", "--tenant=test", "--yes", "-q"]).code, Some(0));
    site.write("settings/base.yaml", &BASE.replace("2h", "1h"));
    assert_eq!(site.run(["apply", "--tenant=test", "--yes", "-q"]).code, Some(0));
    insta::assert_snapshot!(site.run_wide(["tenants"]).text());
}

#[test]
fn json_has_what_a_matrix_needs() {
    let site = site();
    let run = site.run(["tenants", "--format", "json"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let list: Value = serde_json::from_str(&run.out).unwrap();
    let schema: Value = serde_json::from_str(&site.run(["schema", "tenants"]).out).unwrap();
    let errors: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&list).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let matrix: Vec<Value> = list["tenants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tenant| json!([tenant["name"], tenant["url"], tenant["labels"], tenant["files"], tenant["managed"]]))
        .collect();
    assert_eq!(
        Value::from(matrix),
        json!([
            ["prod", "${ACME_URL}", {"bank": "at", "ring": "prod"}, ["settings/base.yaml", "settings/prod.yaml"], 3],
            ["test", "practice:.sailplan/test.json", {}, ["settings/base.yaml"], 2],
        ])
    );
    let (prod, test) = (&list["tenants"][0], &list["tenants"][1]);
    let owned = |rule: &str, says: &str, line: usize| {
        let source = json!({"file": "sailplan.yaml", "line": line});
        json!({"rule": rule, "says": says, "source": source, "owner": "@acme/iam-policy", "reason": "production"})
    };
    assert_eq!(prod["guardrails"][0], owned("deny", "loosens", 17));
    assert_eq!(
        prod["guardrails"][1],
        json!({"rule": "maxChanges", "says": "5", "source": {"file": "sailplan.yaml", "line": 8}})
    );
    assert_eq!(
        prod["allowances"][1],
        json!({
            "ticket": "T-2",
            "reason": "sold",
            "permits": "jitActivationPolicy.maxActivationPeriodMins may leave control",
            "until": "2020-12-31",
            "ended": true,
            "source": {"file": "allowances.yaml", "line": 2},
        })
    );
    assert_eq!((&test["guardrails"], &test["allowances"], test.get("lastReceipt")), (&json!([]), &json!([]), None));
}

#[test]
fn a_choice_names_its_tenants_and_one_that_matches_nothing_is_a_usage_error() {
    let site = site();
    let chosen = site.run(["tenants", "--label", "bank=at"]);
    assert_eq!(chosen.code, Some(0), "{}", chosen.text());
    assert!(
        chosen.out.starts_with("prod (") && chosen.out.ends_with("\n1 tenant in sailplan.yaml.\n"),
        "{}",
        chosen.out
    );
    let nothing = site.run(["tenants", "--tenant", "live"]);
    assert_eq!((nothing.code, nothing.out.as_str()), (Some(64), ""), "{}", nothing.err);
    std::fs::remove_file(site.path("sailplan.yaml")).unwrap();
    let none = site.run(["tenants"]);
    assert_eq!((none.code, none.out.as_str()), (Some(64), ""));
    assert!(none.err.contains("there are no tenants to list"), "{}", none.err);
}

#[test]
fn a_list_that_would_not_be_complete_is_not_shown() {
    let site = site();
    site.write("allowances.yaml", "- {tenant: prod}\n");
    let run = site.run(["tenants", "--format", "json"]);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{}", run.err);
}

#[test]
fn labels_choose_one_value_or_several_or_all_others() {
    let mut workspace = "tenants:\n".to_owned();
    for (name, ring) in [("dev", "dev"), ("stage", "stage"), ("prod", "prod")] {
        workspace.push_str(&format!(
            "  {name}: {{url: practice:{name}.json, labels: {{ring: {ring}}}, settings: [base.yaml]}}\n"
        ));
    }
    let site = Site::new().file("sailplan.yaml", &workspace).file("base.yaml", "{}\n");
    let chosen = |labels: &[&str]| -> Vec<String> {
        let labels = labels.iter().flat_map(|label| ["--label", label]);
        let run = site.read_output(site.command().args(["tenants", "--format", "json"]).args(labels).output().unwrap());
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
        let list: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        list["tenants"].as_array().unwrap().iter().map(|tenant| tenant["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(chosen(&["ring=dev,prod"]), ["dev", "prod"]);
    assert_eq!(chosen(&["ring!=prod"]), ["dev", "stage"]);
    assert_eq!(chosen(&["ring!=prod", "ring=stage,prod"]), ["stage"]);
    assert_eq!(chosen(&["bank!=at"]), ["dev", "stage", "prod"]);
    let refused =
        [site.run(["tenants", "--label", "ring=test"]), site.run(["plan", "--label=ring=dev", "--tenant=prod"])];
    insta::assert_snapshot!(refused.map(|run| run.text()).join("\n"));
}
