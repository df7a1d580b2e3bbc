//! Plans that no longer fit: what lies between a plan in the pull request and its apply.

use serde_json::{Value, json};

use crate::harness::{Run, Site, sealed};

const SETTINGS: &str = "\
jitActivationPolicy:
  maxActivationPeriodMins: 4h
  applyToFutureAssignments: true
accessRequestConfig:
  apiVersion: beta
  autoApprovalEnabled: false
";

/// A workspace with a saved plan.
fn planned() -> Site {
    let site = Site::new().tenant().workspace(SETTINGS);
    let run = site.run(["plan", "--out", "plan.json"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    site
}

fn edit(site: &Site, resource: &str, key: &str, value: Value) {
    site.edit_live(|state| state[resource][key] = value);
}

/// Applies the plan, which must be refused without a write.
fn refused(site: &Site) -> Run {
    let (live, before) = (site.live(), site.writes());
    let run = site.run_wide(["apply", "plan.json"]);
    assert_eq!(run.code, Some(3), "{}", run.text());
    assert_eq!((site.live(), site.writes()), (live, before));
    run
}

#[test]
fn live_edited_to_the_target_value() {
    let site = planned();
    edit(&site, "accessRequestConfig", "autoApprovalEnabled", json!(false));
    let run = site.run(["apply", "plan.json"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(site.writes(), ["PATCH /v2026/jit-activation-config/policy"]);
}

#[test]
fn live_edited_to_a_third_value() {
    let site = planned();
    edit(&site, "jitActivationPolicy", "maxActivationPeriodMins", json!(90));
    insta::assert_snapshot!(refused(&site).text());
}

#[test]
fn live_edited_where_the_plan_found_nothing_to_do() {
    let site = planned();
    edit(&site, "jitActivationPolicy", "applyToFutureAssignments", json!(false));
    insta::assert_snapshot!(refused(&site).text());
}

#[test]
fn live_edited_outside_what_is_managed() {
    let site = planned();
    edit(&site, "jitActivationPolicy", "notificationTemplate", json!("another"));
    assert_eq!(site.run(["apply", "plan.json"]).code, Some(0));
    assert_eq!(site.live()["jitActivationPolicy"]["notificationTemplate"], json!("another"));
}

#[test]
fn a_plan_for_one_tenant_applied_to_another() {
    let site = planned().variable("OTHER_CLIENT_ID", "other").variable("OTHER_CLIENT_SECRET", "another-secret");
    let other = site.read("sailplan.yaml").replace("${SAIL_BASE_URL}", "https://other.api.identitynow.com");
    let other = other.replace("SAIL_CLIENT", "OTHER_CLIENT");
    site.write("sailplan.yaml", &other);
    insta::assert_snapshot!("another_address", refused(&site).text());
    site.write("sailplan.yaml", &other.replace("prod:", "test:"));
    insta::assert_snapshot!("another_name", refused(&site).text());
}

#[test]
fn made_for_one_api_generation_and_applied_to_another() {
    let site = planned();
    site.write("settings/base.yaml", &SETTINGS.replace("beta", "v3"));
    insta::assert_snapshot!(refused(&site).text());
}

#[test]
fn changed_by_one_byte() {
    let site = planned();
    let text = site.read("plan.json");
    for (from, to) in [("240", "241"), ("\"prod\"", "\"prof\""), ("4 hours", "5 hours"), ("loosens", "neutral")] {
        assert!(text.contains(from), "{from}");
        site.write("plan.json", &text.replacen(from, to, 1));
        let told = "error: plan.json: the plan was changed after it was saved: its checksum does not fit the rest\n  \
                    help: make a new plan: sailplan plan --out FILE\n";
        assert_eq!(refused(&site).err, told, "{from}");
        let shown = site.run(["show", "plan.json"]);
        assert_eq!((shown.code, shown.out.as_str(), shown.err.as_str()), (Some(3), "", told), "{from}");
    }
}

#[test]
fn cut_in_half() {
    let site = planned();
    let text = site.read("plan.json");
    site.write("plan.json", &text[..text.len() / 2]);
    let told = refused(&site).err;
    let expected = "error: plan.json: the file is not a saved plan, or was cut short: EOF while parsing ";
    assert_eq!(told.get(..expected.len()), Some(expected), "{told}");
    site.write("plan.json", "");
    insta::assert_snapshot!(refused(&site).text());
}

#[test]
fn replayed_after_success() {
    let site = planned();
    assert_eq!(site.run(["apply", "plan.json"]).code, Some(0));
    let before = site.writes();
    let run = site.run(["apply", "plan.json"]);
    insta::assert_snapshot!(run.text());
    assert_eq!(site.writes(), before);
}

#[test]
fn replayed_after_a_rollback() {
    let site = planned();
    assert_eq!(site.run(["apply", "plan.json"]).code, Some(0));
    assert_eq!(site.run(["rollback", &site.receipts()[0], "--yes"]).code, Some(0));
    insta::assert_snapshot!(refused(&site).text());
    // The same change can be approved again, by somebody who says so.
    site.run(["plan", "--out", "again.json"]);
    assert_eq!(site.run(["apply", "again.json"]).code, Some(3));
    let again = site.run(["apply", "again.json", "--again"]);
    assert_eq!(again.code, Some(0), "{}", again.text());
}

#[test]
fn a_receipt_of_a_run_that_is_yet_to_begin_has_no_say() {
    let site = planned();
    assert_eq!(site.run(["apply", "plan.json"]).code, Some(0));
    let applied = site.receipts().remove(0);
    assert_eq!(site.run(["rollback", &applied, "--yes"]).code, Some(0));
    let rolled_back = site.receipts().remove(1);
    // Files of a branch that say so would hold up plans that are made after them.
    for file in [&applied, &rolled_back] {
        let mut receipt: Value = serde_json::from_str(&site.read(file)).unwrap();
        receipt["startedAt"] = "2999-01-01T00:00:00Z".into();
        site.write(file, &sealed(receipt));
    }
    let run = site.run(["apply", "plan.json"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert!(run.text().contains("2 settings changed"), "{}", run.text());
}

#[test]
fn a_newer_format_version() {
    let site = planned();
    let text = site.read("plan.json");
    site.write("plan.json", &text.replace("\"formatVersion\": \"1.1\"", "\"formatVersion\": \"2.0\""));
    insta::assert_snapshot!(refused(&site).text());
}

#[test]
fn one_resource_that_could_not_be_planned() {
    let site = Site::new().tenant().workspace(SETTINGS).fault("403 GET /beta");
    assert_eq!(site.run(["plan", "--out", "plan.json"]).code, Some(1));
    let run = site.run(["apply", "plan.json"]);
    insta::assert_snapshot!(run.text());
    assert_eq!(site.writes(), ["PATCH /v2026/jit-activation-config/policy"]);
}

#[test]
fn a_plan_against_an_earlier_one() {
    let site = planned();
    let same = site.run(["plan", "--against", "plan.json"]);
    assert_eq!(
        (same.code, same.out.contains("\nThe plan of [TIME] says the same.\n")),
        (Some(0), true),
        "{}",
        same.text()
    );
    edit(&site, "jitActivationPolicy", "maxActivationPeriodMins", json!(90));
    edit(&site, "jitActivationPolicy", "applyToFutureAssignments", json!(false));
    edit(&site, "accessRequestConfig", "autoApprovalEnabled", json!(false));
    let differs = site.run(["plan", "--against", "plan.json", "--json", "now.json"]);
    insta::assert_snapshot!(differs.text());
    let now: Value = serde_json::from_str(&site.read("now.json")).unwrap();
    let kinds: Vec<[&Value; 2]> =
        now["against"]["differences"].as_array().unwrap().iter().map(|one| [&one["kind"], &one["path"]]).collect();
    assert_eq!(
        kinds,
        [
            [&json!("moved"), &json!("/maxActivationPeriodMins")],
            [&json!("new"), &json!("/applyToFutureAssignments")],
            [&json!("gone"), &json!("/autoApprovalEnabled")],
        ]
    );
    site.write("settings/base.yaml", &SETTINGS.replace("beta", "v3").replace("4h", "5h"));
    let text = site.run(["plan", "--against", "plan.json"]).out;
    insta::assert_snapshot!("against_other_settings", text.split("Against").nth(1).unwrap());
}
