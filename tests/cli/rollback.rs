//! `sailplan rollback`.

use sailplan::testing::Receipt;
use serde_json::{Value, json};

use crate::harness::Site;

const SETTINGS: &str = "\
jitActivationPolicy:
  maxActivationPeriodMins: 4h
  notificationTemplate: null
accessRequestConfig:
  apiVersion: beta
  autoApprovalEnabled: false
";

/// A workspace whose settings were applied.
fn applied() -> (Site, Value) {
    let site = Site::new().tenant().workspace(SETTINGS);
    let original = site.live();
    let run = site.run(["apply", "--yes"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_ne!(site.live(), original);
    (site, original)
}

#[test]
fn restores_what_was_there_and_names_the_lines_that_would_bring_the_change_back() {
    let (site, original) = applied();
    let run = site.run(["rollback", &site.receipts()[0], "--yes"]);
    insta::assert_snapshot!(run.text());
    assert_eq!(site.live(), original);
    let receipts = site.receipts();
    let receipt: Value = serde_json::from_str(&site.read(&receipts[1])).unwrap();
    assert_eq!(
        receipt["rollsBack"],
        json!({
            "receipt": receipts[0],
            "digest": serde_json::from_str::<Value>(&site.read(&receipts[0])).unwrap()["digest"],
        })
    );
    let again = site.run(["rollback", &receipts[0], "--yes"]);
    assert_eq!((again.code, again.out.lines().last()), (Some(0), Some("Apply complete! Nothing was left to change.")));
}

#[test]
fn a_rollback_can_be_rolled_back() {
    let (site, _) = applied();
    let after = site.live();
    site.run(["rollback", &site.receipts()[0], "--yes"]);
    let run = site.run(["rollback", &site.receipts()[1], "--yes"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(site.live(), after);
}

#[test]
fn leaves_what_somebody_changed_since_and_what_was_absent_before() {
    let site = Site::new().tenant().workspace(SETTINGS);
    let mut state = site.live();
    state["accessRequestConfig"].as_object_mut().unwrap().remove("autoApprovalEnabled");
    site.write("tenant-state.json", &state.to_string());
    site.run(["apply", "--yes"]);
    let mut state = site.live();
    state["jitActivationPolicy"]["maxActivationPeriodMins"] = json!(90);
    site.write("tenant-state.json", &state.to_string());
    let run = site.run(["rollback", &site.receipts()[0], "--yes"]);
    insta::assert_snapshot!(run.text());
    let live = site.live();
    assert_eq!(live["jitActivationPolicy"]["maxActivationPeriodMins"], json!(90));
    assert_eq!(live["accessRequestConfig"]["autoApprovalEnabled"], json!(false));
}

#[test]
fn without_a_terminal_it_shows_the_plan_and_the_digest_to_approve() {
    let (site, original) = applied();
    let receipt = site.receipts()[0].clone();
    let refused = site.run(["rollback", &receipt]);
    insta::assert_snapshot!(site.without_digests(&refused.text()));
    let digest = refused.err.split("--approved ").nth(1).unwrap().split(',').next().unwrap().to_owned();
    let run = site.run(["rollback", &receipt, "--approved", &digest]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(site.live(), original);
}

#[test]
fn accept_edits_the_lines_so_that_the_next_plan_is_empty() {
    let commented = SETTINGS.replace("4h\n", "4h   # asked for by the SOC\n");
    let site = Site::new().tenant().workspace(&commented);
    let original = site.live();
    site.run(["apply", "--yes"]);
    let run = site.run(["rollback", &site.receipts()[0], "--accept", "--yes"]);
    insta::assert_snapshot!(run.text());
    assert_eq!(site.live(), original);
    let edited = commented
        .replace("4h ", "2h ")
        .replace("notificationTemplate: null", "notificationTemplate: jit-activation-default")
        .replace("autoApprovalEnabled: false", "autoApprovalEnabled: true");
    assert_eq!(site.read("settings/base.yaml"), edited);
    let plan = site.run(["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, Some(0), "{}", plan.text());
}

#[test]
fn accept_edits_after_a_rollback_that_did_not() {
    let (site, _) = applied();
    let receipt = site.receipts()[0].clone();
    site.run(["rollback", &receipt, "--yes"]);
    assert_eq!(site.read("settings/base.yaml"), SETTINGS);
    let run = site.run(["rollback", &receipt, "--accept", "--yes", "-q"]);
    let end = "Apply complete! Nothing was left to change.\nEdited 3 settings in settings/base.yaml.\n";
    assert!(run.out.ends_with(end), "{}", run.text());
    assert_eq!(site.run(["plan", "--detailed-exitcode"]).code, Some(0));
    let text = site.read("settings/base.yaml");
    assert_eq!(site.run(["rollback", &receipt, "--accept", "--yes"]).code, Some(0));
    assert_eq!(site.read("settings/base.yaml"), text);
}

#[test]
fn accept_leaves_the_lines_of_what_stays() {
    let site = Site::new().tenant().workspace(SETTINGS);
    let mut state = site.live();
    state["accessRequestConfig"].as_object_mut().unwrap().remove("autoApprovalEnabled");
    site.write("tenant-state.json", &state.to_string());
    site.run(["apply", "--yes"]);
    let run = site.run(["rollback", &site.receipts()[0], "--accept", "--yes"]);
    insta::assert_snapshot!(run.text());
    let edited = SETTINGS
        .replace("4h", "2h")
        .replace("notificationTemplate: null", "notificationTemplate: jit-activation-default");
    assert_eq!(site.read("settings/base.yaml"), edited);
    assert_eq!(site.run(["plan", "--detailed-exitcode"]).code, Some(0));
}

#[test]
fn accept_leaves_the_line_of_what_is_absent_again() {
    let site = Site::new().tenant().workspace(SETTINGS);
    let mut state = site.live();
    state["accessRequestConfig"].as_object_mut().unwrap().remove("autoApprovalEnabled");
    site.write("tenant-state.json", &state.to_string());
    site.run(["apply", "--yes"]);
    site.write("tenant-state.json", &state.to_string());
    let run = site.run(["rollback", &site.receipts()[0], "--accept", "--yes"]);
    insta::assert_snapshot!(run.text());
    let edited = SETTINGS
        .replace("4h", "2h")
        .replace("notificationTemplate: null", "notificationTemplate: jit-activation-default");
    assert_eq!(site.read("settings/base.yaml"), edited);
}

#[test]
fn accept_edits_nothing_when_not_everything_is_back() {
    let (site, _) = applied();
    let receipt = site.receipts()[0].clone();
    let site = site.fault("ignore PUT times=9");
    let run = site.run(["rollback", &receipt, "--accept", "--yes", "--retries", "0", "-q"]);
    insta::assert_snapshot!(run.text());
    assert_eq!(site.read("settings/base.yaml"), SETTINGS);
}

#[test]
fn accept_changes_nothing_before_somebody_approves() {
    let (site, _) = applied();
    let live = site.live();
    let receipt = site.receipts()[0].clone();
    let run = site.run(["rollback", &receipt, "--accept"]);
    insta::assert_snapshot!(site.without_digests(&run.text()));
    assert_eq!((site.live(), site.read("settings/base.yaml").as_str()), (live, SETTINGS));
}

#[test]
fn accept_needs_files_without_errors() {
    let (site, _) = applied();
    let (live, receipt) = (site.live(), site.receipts()[0].clone());
    site.write("settings/base.yaml", &SETTINGS.replace("4h", "four"));
    insta::assert_snapshot!(site.run(["rollback", &receipt, "--accept", "--yes"]).text());
    assert_eq!(site.live(), live);
}

#[test]
fn accept_needs_a_workspace_that_names_the_files() {
    let site = Site::new().tenant().file("settings.yaml", SETTINGS);
    let original = site.live();
    site.run(["apply", "--yes", "settings.yaml"]);
    let (live, receipt) = (site.live(), site.receipts()[0].clone());
    insta::assert_snapshot!(site.run(["rollback", &receipt, "--accept", "--yes"]).text());
    assert_eq!(site.live(), live);
    assert_eq!(site.run(["rollback", &receipt, "--yes"]).code, Some(0));
    assert_eq!(site.live(), original);
    assert_eq!(site.run(["pull", "--accept", "--yes", "settings.yaml"]).code, Some(0));
    assert_eq!(site.run(["plan", "--detailed-exitcode", "settings.yaml"]).code, Some(0));
}

/// Two tenants that share a file; the minutes of each as given.
fn two(one: u32, two: u32) -> Site {
    let workspace = "\
tenants:
  one: {url: 'practice:one.json', settings: [base.yaml]}
  two: {url: 'practice:two.json', settings: [./base.yaml]}
";
    let state =
        |minutes: u32| json!({"jitActivationPolicy": {"id": "x", "maxActivationPeriodMins": minutes}}).to_string();
    Site::new()
        .file("sailplan.yaml", workspace)
        .file("base.yaml", SHARED)
        .file("one.json", &state(one))
        .file("two.json", &state(two))
}

const SHARED: &str = "jitActivationPolicy:\n  maxActivationPeriodMins: 4h\n";

#[test]
fn accept_refuses_a_line_that_two_tenants_leave_for_different_values() {
    let site = two(120, 180);
    site.run(["apply", "--yes"]);
    insta::assert_snapshot!(site.run(["rollback", &site.receipts()[0], "--accept", "--yes"]).text());
    assert_eq!(site.read("base.yaml"), SHARED);
    assert_eq!(site.receipts().len(), 1);
}

#[test]
fn accept_names_tenants_that_share_the_line() {
    let site = two(120, 240);
    site.run(["apply", "--yes"]);
    insta::assert_snapshot!(site.run(["rollback", &site.receipts()[0], "--accept", "--yes"]).text());
    assert_eq!(site.read("base.yaml"), SHARED.replace("4h", "2h"));
}

#[test]
fn another_tenant_or_generation_is_refused() {
    let (site, _) = applied();
    let live = site.live();
    let receipt = site.receipts()[0].clone();
    site.write("settings/base.yaml", &SETTINGS.replace("beta", "v3"));
    insta::assert_snapshot!("another_generation", site.run(["rollback", &receipt, "--yes", "-q"]).text());
    assert_eq!(site.live()["accessRequestConfig"], live["accessRequestConfig"]);
    let other = site.read("sailplan.yaml").replace("${SAIL_BASE_URL}", "https://other.api.identitynow.com");
    site.write("sailplan.yaml", &other);
    insta::assert_snapshot!("another_tenant", site.run(["rollback", &receipt, "--yes"]).text());
}

#[test]
fn a_forged_receipt_sends_nothing() {
    let (site, _) = applied();
    let live = site.live();
    let name = site.receipts()[0].clone();
    let forge = |change: &dyn Fn(&mut Receipt)| {
        let mut receipt = Receipt::parse(&site.read(&name)).unwrap();
        change(&mut receipt);
        receipt.to_text().unwrap()
    };
    let path = |path: &str| {
        let path = path.to_owned();
        forge(&move |receipt| receipt.tenants[0].resources[0].operations[0].path.clone_from(&path))
    };
    let cases = [
        ("outside_the_catalogue", path("/id")),
        ("of_another_kind", forge(&|receipt| receipt.tenants[0].resources[0].operations[0].value = json!({"x": 1}))),
        ("no_resource", forge(&|receipt| receipt.tenants[0].resources[0].resource = "../admin".to_owned())),
        ("twice", {
            forge(&|receipt| {
                let operations = &mut receipt.tenants[0].resources[0].operations;
                operations.push(operations[0].clone());
            })
        }),
        ("edited", site.read(&name).replace("\"value\": 240", "\"value\": 241")),
        ("newer", site.read(&name).replace("\"formatVersion\": \"1.1\"", "\"formatVersion\": \"2.0\"")),
        ("cut", site.read(&name).lines().take(10).map(|line| format!("{line}\n")).collect()),
    ];
    let mut text = String::new();
    for (case, receipt) in cases {
        site.write("forged.json", &receipt);
        let run = site.run(["rollback", "forged.json", "--yes"]);
        text.push_str(&format!("== {case}\n{}", run.text()));
    }
    insta::assert_snapshot!(text);
    assert_eq!(site.live(), live);
}
