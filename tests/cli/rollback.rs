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
    applied_to(Site::new().tenant().workspace(SETTINGS))
}

/// The same where the tenant had no value of `autoApprovalEnabled`.
fn applied_where_a_setting_was_absent() -> (Site, Value) {
    let site = Site::new().tenant().workspace(SETTINGS);
    site.edit_live(|state| {
        state["accessRequestConfig"].as_object_mut().unwrap().remove("autoApprovalEnabled");
    });
    applied_to(site)
}

fn applied_to(site: Site) -> (Site, Value) {
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
    assert_eq!(
        (again.code, again.out.lines().last()),
        (Some(0), Some("Rollback complete! Nothing was left to change."))
    );
}

#[test]
fn ids_have_the_names_that_the_receipt_has_for_them() {
    const NEW: &str = "2c9180837dfe6949017e208e25967b22";
    let kept = "38439bbc-264b-447b-acac-a182a466b0e9, ae735f40-4de9-4163-801d-4a1444e59d35";
    let named = format!("jitActivationPolicy: {{entitlementIds: [{kept}, {{id: {NEW}, name: Cloud Root}}]}}\n");
    let site = Site::new().tenant().workspace(&named);
    assert_eq!(site.run(["apply", "--yes"]).code, Some(0));
    // Names of the files may be gone by then.
    site.write("settings/base.yaml", "{}\n");
    let run = site.run(["rollback", &site.receipts()[0], "--out", "back.json"]);
    assert!(run.out.contains(&format!("- {NEW}  Cloud Root\n")), "{}", run.text());
    assert!(!run.out.contains("its name is not known"), "{}", run.text());
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
    let (site, _) = applied_where_a_setting_was_absent();
    site.edit_live(|state| state["jitActivationPolicy"]["maxActivationPeriodMins"] = json!(90));
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
    let digest = refused.err.split("--approved ").nth(1).unwrap().lines().next().unwrap().to_owned();
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
    let end = "Rollback complete! Nothing was left to change.\nEdited 3 settings in settings/base.yaml.\n";
    assert!(run.out.ends_with(end), "{}", run.text());
    assert_eq!(site.run(["plan", "--detailed-exitcode"]).code, Some(0));
    let text = site.read("settings/base.yaml");
    assert_eq!(site.run(["rollback", &receipt, "--accept", "--yes"]).code, Some(0));
    assert_eq!(site.read("settings/base.yaml"), text);
}

#[test]
fn accept_leaves_the_lines_of_what_stays() {
    let (site, _) = applied_where_a_setting_was_absent();
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
    let (site, original) = applied_where_a_setting_was_absent();
    site.set_live(&original);
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
        (
            "of_another_kind",
            forge(&|receipt| receipt.tenants[0].resources[0].operations[0].value = Some(json!({"x": 1}).into())),
        ),
        (
            "of_another_kind_before",
            forge(&|receipt| receipt.tenants[0].resources[0].before = json!({"maxActivationPeriodMins": "120"})),
        ),
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

/// Returns the last line of a result and the exit code.
fn end(run: &crate::harness::Run) -> (&str, Option<i32>) {
    (run.out.lines().last().unwrap_or_default(), run.code)
}

const NOTHING: &str = "Rollback complete! That run changed nothing, so there is nothing to undo.";

#[test]
fn what_a_run_did_not_do_is_not_undone() {
    // The first run is refused, the second makes the same change. Whether the first could read again does not matter.
    for reading in ["lag GET", "html GET skip=1", "edit PATCH set=/maxActivationPeriodMins=240"] {
        let site = Site::new().tenant().workspace("jitActivationPolicy: {maxActivationPeriodMins: 4h}\n");
        let site = site.fault("403 PATCH").fault(reading);
        assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(1));
        let refused = site.receipts()[0].clone();
        assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
        let live = site.live();
        // Nobody has to approve nothing.
        for args in [["rollback", &refused, "-q"], ["rollback", &refused, "--yes"]] {
            let run = site.run(args);
            assert_eq!(end(&run), (NOTHING, Some(0)), "{}", run.text());
        }
        assert_eq!(site.live(), live);
    }
}

#[test]
fn what_a_killed_run_did_not_do_is_not_undone() {
    let site = Site::new()
        .tenant()
        .workspace("jitActivationPolicy: {maxActivationPeriodMins: 4h}\n")
        .fault("drop-before PATCH");
    let run = site.start(["apply", "--yes", "--pause", "30"]);
    site.wait_for(|site| site.requests().len() == 4);
    run.signal("KILL");
    run.end();
    let killed = site.receipts()[0].clone();
    // It completes the receipt of the first and makes the change itself.
    let next = site.run(["apply", "--yes", "-q"]);
    assert_eq!(next.code, Some(0), "{}", next.text());
    let live = site.live();
    let run = site.run(["rollback", &killed, "--yes"]);
    assert_eq!(end(&run), (NOTHING, Some(0)), "{}", run.text());
    assert_eq!(site.live(), live);
}

#[test]
fn of_a_failed_write_only_what_took_is_undone() {
    let settings = "jitActivationPolicy: {maxActivationPeriodMins: 4h, notificationTemplate: mine}\n";
    let site = Site::new().tenant().workspace(settings);
    let original = site.live();
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
    let name = site.receipts()[0].clone();
    let mut receipt = Receipt::parse(&site.read(&name)).unwrap();
    let entry = &mut receipt.tenants[0].resources[0];
    entry.outcome = serde_json::from_value(json!("failed")).unwrap();
    entry.after.as_mut().unwrap()["notificationTemplate"] =
        original["jitActivationPolicy"]["notificationTemplate"].clone();
    site.write(&name, &receipt.to_text().unwrap());
    let run = site.run(["rollback", &name, "--yes", "-q"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let policy = &site.live()["jitActivationPolicy"];
    assert_eq!(policy["maxActivationPeriodMins"], original["jitActivationPolicy"]["maxActivationPeriodMins"]);
    assert_eq!(policy["notificationTemplate"], json!("mine"));
}

#[test]
fn a_setting_that_is_left_makes_it_incomplete() {
    let site = Site::new().tenant().workspace("jitActivationPolicy: {maxActivationPeriodMins: 4h}\n");
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
    site.edit_live(|state| state["jitActivationPolicy"]["maxActivationPeriodMins"] = json!(90));
    let run = site.run(["rollback", &site.receipts()[0], "-q"]);
    assert_eq!(end(&run), ("Rollback incomplete: 1 setting left at 1h30m (90 min).", Some(1)), "{}", run.text());
    assert_eq!(site.receipts().len(), 1);
}

#[test]
fn a_saved_plan_is_reviewed_and_sent_by_its_digest() {
    let (site, original) = applied();
    let receipt = site.receipts()[0].clone();
    let saved = site.run(["rollback", &receipt, "--out", "back.json"]);
    assert_eq!(saved.code, Some(0), "{}", saved.text());
    assert!(!saved.out.contains("not managed"), "{}", saved.out);
    let plan: Value = serde_json::from_str(&site.read("back.json")).unwrap();
    let digest = plan["digest"].as_str().unwrap();
    assert_eq!(plan["rollsBack"]["receipt"], json!(receipt));
    let told = format!("sailplan rollback {} --approved {digest}", ".sailplan/receipts/[RECEIPT].json");
    assert!(saved.err.contains(&told), "{}", saved.err);
    assert_ne!(site.live(), original, "nothing was sent");
    let refused = site.run(["apply", "back.json"]);
    assert_eq!(refused.code, Some(3));
    insta::assert_snapshot!(site.without_digests(&refused.err));
    assert_eq!(
        site.run(["rollback", &receipt, "--approved", &format!("sha256:{}", "0".repeat(64)), "-q"]).code,
        Some(3)
    );
    let run = site.run(["rollback", &receipt, "--approved", digest, "-q"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(site.live(), original);
    let shown = site.run(["show", "back.json"]);
    assert_eq!(shown.code, Some(0), "{}", shown.text());
}

#[test]
fn a_change_that_was_rolled_back_is_not_made_again() {
    let settings = "jitActivationPolicy:\n  maxActivationPeriodMins: 4h\n  notificationTemplate: mine\n";
    let site = Site::new().tenant().workspace(settings);
    let original = site.live();
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
    assert_eq!(site.run(["rollback", &site.receipts()[0], "--yes", "-q"]).code, Some(0));
    let plan = site.run_wide(["plan", "--out", "plan.json"]);
    assert!(plan.out.contains("so sailplan apply makes it only with --again"), "{}", plan.out);
    let held = site.run_wide(["apply", "--yes", "-q"]);
    insta::assert_snapshot!(held.text());
    let held = site.run_wide(["apply", "--yes"]);
    assert!(!held.text().contains("as the files ask"), "{}", held.text());
    for args in [["apply", "plan.json", "-q"], ["apply", "-q", "--fail-fast"]] {
        let run = site.run(args);
        assert_eq!(run.code, Some(3), "{}", run.text());
    }
    assert_eq!(site.live(), original);
    // Another value in the file is another change; the other one still stays.
    site.write("settings/base.yaml", &settings.replace("4h", "5h"));
    let part = site.run_wide(["apply", "--yes", "-q"]);
    assert_eq!(
        end(&part),
        (
            "Apply incomplete: 1 setting that was rolled back is not sent again; 1 setting changed in 1 resource of 1 tenant.",
            Some(1)
        ),
        "{}",
        part.text()
    );
    let policy = |name: &str| site.live()["jitActivationPolicy"][name].clone();
    assert_eq!(policy("maxActivationPeriodMins"), json!(300));
    assert_eq!(policy("notificationTemplate"), original["jitActivationPolicy"]["notificationTemplate"]);
    let again = site.run(["apply", "--yes", "-q", "--again"]);
    assert_eq!(again.code, Some(0), "{}", again.text());
    assert_eq!(policy("notificationTemplate"), json!("mine"));
    // And what was made again is an ordinary change from then on.
    site.edit_live(|state| state["jitActivationPolicy"]["notificationTemplate"] = json!("other"));
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
}

#[test]
fn a_digest_of_the_whole_plan_approves_what_is_left_of_it() {
    let (site, original) = applied();
    assert_eq!(site.run(["rollback", &site.receipts()[0], "--yes", "-q"]).code, Some(0));
    assert_eq!(site.run(["plan", "-q", "--out", "plan.json"]).code, Some(0));
    let plan: Value = serde_json::from_str(&site.read("plan.json")).unwrap();
    let digest = plan["digest"].as_str().unwrap();
    assert_eq!(site.run(["apply", "--approved", digest, "-q"]).code, Some(3));
    assert_eq!(site.live(), original);
    let run = site.run(["apply", "--approved", digest, "-q", "--again"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
}

#[test]
fn a_receipt_that_lifts_a_guardrail_is_named() {
    let (site, original) = applied();
    let workspace = site.read("sailplan.yaml");
    site.write("sailplan.yaml", &format!("{workspace}    guardrails: {{deny: [loosens]}}\n"));
    let receipt = site.receipts()[0].clone();
    let run = site.run_wide(["rollback", &receipt, "--yes"]);
    assert_eq!((run.code, site.live()), (Some(0), original), "{}", run.text());
    let lifted =
        "lifted by the receipt .sailplan/receipts/[RECEIPT].json, which claims the value: deny (sailplan.yaml:";
    assert!(run.err.contains(lifted) && run.out.contains(lifted), "{}", run.text());
    let written: Value = serde_json::from_str(&site.read(&site.receipts()[1])).unwrap();
    assert_eq!(written["tenants"][0]["lifted"][0]["receipt"], json!(receipt));
}

#[test]
fn under_strict_guardrails_a_rollback_that_loosens_needs_a_review() {
    for guardrail in ["lift: allowances", "apply: [plan, approved]"] {
        let (site, original) = applied();
        let workspace = site.read("sailplan.yaml");
        site.write("sailplan.yaml", &format!("{workspace}    guardrails: {{{guardrail}}}\n"));
        let (receipt, live) = (site.receipts()[0].clone(), site.live());
        let refused = site.run(["rollback", &receipt, "--yes", "-q"]);
        assert_eq!((refused.code, site.live()), (Some(3), live), "{}", refused.text());
        let told = format!(
            "a rollback that loosens needs --approved here ({}, sailplan.yaml:",
            &guardrail[..guardrail.find(':').unwrap()]
        );
        assert!(refused.out.contains(&told), "{}", refused.text());
        assert_eq!(site.run(["rollback", &receipt, "--out", "back.json", "-q"]).code, Some(0));
        let plan: Value = serde_json::from_str(&site.read("back.json")).unwrap();
        let run = site.run(["rollback", &receipt, "--approved", plan["digest"].as_str().unwrap(), "-q"]);
        assert_eq!((run.code, site.live()), (Some(0), original), "{}", run.text());
    }
}

#[test]
fn without_a_terminal_nothing_to_do_is_done() {
    let (site, _) = applied();
    let run = site.run(["apply", "-q"]);
    assert_eq!(end(&run), ("Apply complete! Nothing was left to change.", Some(0)), "{}", run.text());
    let receipt = site.receipts()[0].clone();
    assert_eq!(site.run(["rollback", &receipt, "--yes", "-q"]).code, Some(0));
    let run = site.run(["rollback", &receipt, "-q"]);
    assert_eq!(end(&run), ("Rollback complete! Nothing was left to change.", Some(0)), "{}", run.text());
}

#[test]
fn the_receipt_of_a_run_that_lives_is_not_rolled_back() {
    let site = Site::new()
        .tenant()
        .workspace("jitActivationPolicy: {maxActivationPeriodMins: 4h}\n")
        .fault("stall PATCH seconds=30");
    let run = site.start(["apply", "--yes", "-q"]);
    site.wait_for(|site| site.calls().iter().any(|call| call.starts_with("PATCH")));
    let refused = site.run(["rollback", &site.receipts()[0], "--yes"]);
    assert_eq!(refused.code, Some(3));
    insta::assert_snapshot!(refused.err);
    run.signal("KILL");
    run.end();
}
