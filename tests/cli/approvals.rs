//! The approvals configuration: a resource of which a tenant has several documents, each stored, inherited, created or
//! deleted.

use serde_json::{Value, json};

use crate::harness::{Canned, Site, serve};

const PATH: &str = "/generic-approvals/v1/config";
const TYPE: &str = "/generic-approvals/v1/config/ACCESS_REQUEST_APPROVAL";

/// A tenant that stores its own configuration and that of access requests.
fn site(settings: &str) -> Site {
    let state = json!({"approvalsConfig": {
        "TENANT": {"autoApprove": "OFF", "reminderConfig": {"enabled": true, "maxReminders": 5}},
        "APPROVAL_TYPE/ACCESS_REQUEST_APPROVAL": {
            "autoApprove": "DIRECT",
            "reminderConfig": {"enabled": false, "reminderCronSchedule": "@every 24h", "brandNew": 1.50},
            "emailConfig": {"template": "x"},
        },
    }});
    Site::new().state(&state).tenant().workspace(settings)
}

const CHANGE: &str = "\
approvalsConfig:
  ACCESS_REQUEST_APPROVAL:
    autoApprove: OFF
    reminderConfig: {enabled: true, daysUntilFirstReminder: 2, reminderCronSchedule: '@every 48h'}
";

fn bodies(site: &Site, method: &str) -> Vec<Value> {
    site.requests().into_iter().filter(|request| request.method == method).map(|request| request.body).collect()
}

#[test]
fn a_stored_configuration_is_changed_and_everything_else_in_it_is_kept() {
    let site = site(CHANGE);
    insta::assert_snapshot!("approvals_plan", site.run(["plan"]).text());
    assert_eq!(site.calls(), ["POST /oauth/token", &format!("GET {TYPE}")]);
    let applied = site.run(["apply", "--yes"]);
    assert_eq!(applied.code, Some(0), "{}", applied.text());
    assert_eq!(
        site.calls()[2..],
        ["POST /oauth/token", &format!("GET {TYPE}"), &format!("PUT {TYPE}/APPROVAL_TYPE"), &format!("GET {TYPE}")]
    );
    // Without what names it, and with what sailplan does not know.
    assert_eq!(
        bodies(&site, "PUT"),
        [json!({
            "autoApprove": "OFF",
            "reminderConfig": {
                "enabled": true, "reminderCronSchedule": "@every 48h", "brandNew": 1.50, "daysUntilFirstReminder": 2,
            },
            "emailConfig": {"template": "x"},
        })]
    );
    assert_eq!(site.run(["plan", "--detailed-exitcode"]).code, Some(0));
    let receipt = site.receipts().remove(0);
    let entry = &site.receipt(&receipt)["tenants"][0]["resources"][0];
    assert_eq!(
        (&entry["resource"], &entry["instance"]),
        (&json!("approvalsConfig"), &json!("ACCESS_REQUEST_APPROVAL"))
    );
    let listed = |setting: &str| site.run(["receipts", "--setting", setting]).out.lines().count();
    assert!(
        listed("approvalsConfig[ACCESS_REQUEST_APPROVAL].autoApprove") > listed("approvalsConfig[TENANT].autoApprove")
    );
    let back = site.run(["rollback", &receipt, "--yes"]);
    insta::assert_snapshot!("approvals_rollback", back.text());
    let live = &site.live()["approvalsConfig"]["APPROVAL_TYPE/ACCESS_REQUEST_APPROVAL"];
    assert_eq!((&live["autoApprove"], &live["reminderConfig"]["enabled"]), (&json!("DIRECT"), &json!(false)));
}

#[test]
fn what_is_not_stored_is_created_with_a_copy_of_what_it_inherits_and_deleted_by_a_rollback() {
    let site = site("approvalsConfig:\n  ENTITLEMENT/38439bbc-264b-447b-acac-a182a466b0e9: {autoApprove: OFF}\n");
    let plan = site.run(["plan"]);
    insta::assert_snapshot!("approvals_plan_of_a_creation", plan.text());
    let document: Value = serde_json::from_str(&site.run(["plan", "--format", "json"]).out).unwrap();
    let entry = &document["tenants"][0]["resources"][0];
    assert_eq!(entry["action"], json!("create"));
    assert_eq!(entry["instance"], json!("ENTITLEMENT/38439bbc-264b-447b-acac-a182a466b0e9"));
    assert_eq!(site.run(["apply", "--yes"]).code, Some(0));
    let item = "ENTITLEMENT/38439bbc-264b-447b-acac-a182a466b0e9";
    let stored = &site.live()["approvalsConfig"];
    let mut copy = stored["APPROVAL_TYPE/ACCESS_REQUEST_APPROVAL"].clone();
    copy["autoApprove"] = json!("OFF");
    assert_eq!(stored[item], copy);
    assert_eq!(site.run(["plan", "--detailed-exitcode"]).code, Some(0));
    let receipt = site.receipts().remove(0);
    let back = site.run(["rollback", &receipt, "--yes"]);
    insta::assert_snapshot!("approvals_rollback_of_a_creation", back.text());
    assert_eq!(site.live()["approvalsConfig"].get(item), None);
    let last = site.calls().into_iter().rfind(|call| call.starts_with("DELETE")).unwrap();
    assert_eq!(last, format!("DELETE {PATH}/38439bbc-264b-447b-acac-a182a466b0e9/ENTITLEMENT"));
    // What somebody changed since is not deleted with it.
    assert_eq!(site.run(["apply", "--yes", "--again"]).code, Some(0));
    let mut state = site.live();
    state["approvalsConfig"][item]["requiresComment"] = json!("ALL");
    site.set_live(&state);
    let receipt = site.receipts().pop().unwrap();
    let kept = site.run(["rollback", &receipt, "--yes"]);
    assert_eq!(kept.code, Some(1), "{}", kept.text());
    assert!(kept.text().contains("requiresComment stays at ALL"), "{}", kept.text());
    let why = "autoApprove stays at OFF: that apply created the configuration, and it is not deleted";
    assert!(kept.text().split_whitespace().collect::<Vec<_>>().join(" ").contains(why), "{}", kept.text());
    assert_eq!(site.live(), state);
}

#[test]
fn inherit_deletes_a_configuration_and_a_rollback_writes_it_back() {
    let site = site("approvalsConfig:\n  ACCESS_REQUEST_APPROVAL: inherit\n");
    let before = site.live();
    insta::assert_snapshot!("approvals_plan_to_inherit", site.run(["plan", "--out", "plan.json"]).text());
    let tenant = "9f2c3a54-0f0e-4b8e-9a67-7c1d5e2b3a90";
    let parent = format!("GET {PATH}/{tenant}");
    assert_eq!(site.calls(), ["POST /oauth/token".to_owned(), format!("GET {TYPE}"), parent]);
    let plan: Value = serde_json::from_str(&site.read("plan.json")).unwrap();
    let entry = &plan["tenants"][0]["resources"][0];
    assert_eq!(entry["action"], json!("inherit"));
    assert_eq!((&entry["changes"][0]["op"], &entry["changes"][0]["path"]), (&json!("remove"), &json!("")));
    assert_eq!(entry["changes"][0].get("value"), None);
    // A saved plan says the same when it is shown, and is applied.
    let shown = site.run(["show", "plan.json"]).out;
    assert!(shown.contains("The configuration will be deleted and that of TENANT will apply"), "{shown}");
    let applied = site.run(["apply", "plan.json"]);
    insta::assert_snapshot!("approvals_apply_inherit", applied.text());
    assert_eq!(site.live()["approvalsConfig"].as_object().unwrap().keys().collect::<Vec<_>>(), ["TENANT"]);
    assert_eq!(site.writes(), [format!("DELETE {TYPE}/APPROVAL_TYPE")]);
    assert_eq!(site.run(["plan", "--detailed-exitcode"]).code, Some(0));
    let receipt = site.receipts().remove(0);
    let operations = &site.receipt(&receipt)["tenants"][0]["resources"][0]["operations"];
    assert_eq!(operations, &json!([{"op": "remove", "path": ""}]));
    let back = site.run(["rollback", &receipt, "--yes"]);
    insta::assert_snapshot!("approvals_rollback_of_inherit", back.text());
    // Only whether it was stored tells what the document from before is.
    let listed = site.run(["receipts"]).out;
    for line in ["the whole configuration: stored -> inherited", "the whole configuration: inherited -> stored"] {
        assert!(listed.contains(line), "{listed}");
    }
    for (receipt, line) in site.receipts().iter().zip(["stored -> inherited", "inherited -> stored"]) {
        let shown = site.run(["show", receipt]).out;
        assert!(shown.contains(&format!("the whole configuration: {line}")), "{shown}");
    }
    assert_eq!(site.live(), before);
}

#[test]
fn a_configuration_that_a_rollback_took_away_or_wrote_back_is_left_as_it_is() {
    let created = format!("approvalsConfig:\n  {ITEM}: {{autoApprove: INDIRECT, requiresComment: ALL}}\n");
    let site = site(&created);
    let original = site.live();
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
    assert_eq!(site.run(["rollback", &site.receipts()[0], "--yes", "-q"]).code, Some(0));
    assert_eq!(site.live(), original);
    let plan = site.run_wide(["plan"]);
    assert!(plan.out.contains("so sailplan apply makes it only with --again"), "{}", plan.out);
    let held = site.run_wide(["apply", "--yes", "-q"]);
    assert_eq!(held.code, Some(3), "{}", held.text());
    assert!(held.out.contains("autoApprove stays at DIRECT: the run that began at"), "{}", held.text());
    assert!(held.out.contains("2 settings that were rolled back are not sent"), "{}", held.text());
    assert_eq!(site.live(), original);
    // Another value in the file is another change, and what was made again is an ordinary change from then on.
    site.write("settings/base.yaml", &created.replace("INDIRECT", "OFF"));
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(1));
    assert_eq!(site.live()["approvalsConfig"][ITEM]["autoApprove"], json!("OFF"));
    assert_eq!(site.run(["apply", "--yes", "-q", "--again"]).code, Some(0));
    let stored = site.live();
    assert_eq!(stored["approvalsConfig"][ITEM]["requiresComment"], json!("ALL"));
    // The other way round: what a rollback wrote back is not deleted again.
    site.write("settings/base.yaml", &format!("approvalsConfig:\n  {ITEM}: inherit\n"));
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
    assert_eq!(site.run(["rollback", site.receipts().last().unwrap(), "--yes", "-q"]).code, Some(0));
    assert_eq!(site.live(), stored);
    let held = site.run_wide(["apply", "--yes", "-q"]);
    assert_eq!(held.code, Some(3), "{}", held.text());
    assert!(held.out.contains("the whole configuration stays at stored"), "{}", held.text());
    assert_eq!(site.live(), stored);
    // Once the file asked for something else, inherit is a new change.
    site.write("settings/base.yaml", &created.replace("INDIRECT", "DIRECT"));
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
    site.write("settings/base.yaml", &format!("approvalsConfig:\n  {ITEM}: inherit\n"));
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
    assert_eq!(site.live(), original);
    // And what is not stored any more since the files asked for that can be asked for again.
    site.write("settings/base.yaml", &created);
    let created = site.run(["apply", "--yes", "-q"]);
    assert_eq!(created.code, Some(0), "{}", created.text());
}

#[test]
fn two_instances_are_two_documents_everywhere() {
    let site =
        site("approvalsConfig:\n  TENANT: {requiresComment: ALL}\n  ACCESS_REQUEST_APPROVAL: {requiresComment: ALL}\n");
    let comment = site.run(["plan", "--format", "markdown"]).text();
    insta::assert_snapshot!("approvals_plan_of_two", site.without_digests(&comment));
    let digest = |site: &Site| {
        let plan: Value = serde_json::from_str(&site.run(["plan", "--format", "json"]).out).unwrap();
        plan["digest"].clone()
    };
    let both = digest(&site);
    site.write("settings/base.yaml", "approvalsConfig:\n  TENANT: {requiresComment: ALL}\n");
    assert_ne!(digest(&site), both);
    site.write(
        "settings/base.yaml",
        "approvalsConfig:\n  TENANT: {requiresComment: ALL}\n  ACCESS_REQUEST_APPROVAL: {requiresComment: ALL}\n",
    );
    let applied = site.run(["apply", "--yes"]);
    assert_eq!(applied.code, Some(0), "{}", applied.text());
    let stored = &site.live()["approvalsConfig"];
    assert_eq!(stored["TENANT"]["requiresComment"], json!("ALL"));
    assert_eq!(stored["APPROVAL_TYPE/ACCESS_REQUEST_APPROVAL"]["requiresComment"], json!("ALL"));
}

const ITEM: &str = "ENTITLEMENT/38439bbc-264b-447b-acac-a182a466b0e9";

/// Returns the requests of a run after the others, without those for a token.
fn asked(site: &Site, before: usize) -> Vec<String> {
    let calls = site.calls().split_off(before).into_iter().filter(|call| !call.starts_with("POST"));
    let short = |call: String| call.replace(PATH, "").replace("9f2c3a54-0f0e-4b8e-9a67-7c1d5e2b3a90", "TENANT");
    calls.map(short).collect()
}

#[test]
fn what_is_created_goes_before_what_it_inherits_from_so_its_copy_is_the_planned_one() {
    let site = site(&format!(
        "approvalsConfig:\n  TENANT: {{requiresComment: ALL}}\n  ACCESS_REQUEST_APPROVAL: {{requiresComment: OFF}}\n  \
         {ITEM}: {{autoApprove: OFF}}\n"
    ));
    let planned = site.live()["approvalsConfig"]["APPROVAL_TYPE/ACCESS_REQUEST_APPROVAL"].clone();
    let applied = site.run(["apply", "--yes"]);
    assert_eq!(applied.code, Some(0), "{}", applied.text());
    let item = ITEM.trim_start_matches("ENTITLEMENT");
    let calls = asked(&site, 0);
    assert_eq!(calls[3..5], [format!("PUT {item}/ENTITLEMENT"), format!("GET {item}")], "{calls:?}");
    assert_eq!(calls.iter().filter(|call| call.starts_with("PUT")).count(), 3, "{calls:?}");
    let mut copy = planned;
    copy["autoApprove"] = json!("OFF");
    assert_eq!(site.live()["approvalsConfig"][ITEM], copy);
    assert_eq!(site.run(["plan", "--detailed-exitcode"]).code, Some(0));
}

#[test]
fn a_put_does_not_go_by_a_read_after_which_the_document_was_asked_for_again() {
    let site =
        site(&format!("approvalsConfig:\n  ACCESS_REQUEST_APPROVAL: {{requiresComment: OFF}}\n  {ITEM}: inherit\n"));
    site.edit_live(|state| state["approvalsConfig"][ITEM] = json!({"autoApprove": "OFF"}));
    let applied = site.run(["apply", "--yes"]);
    assert_eq!(applied.code, Some(0), "{}", applied.text());
    let (item, kind) = (ITEM.trim_start_matches("ENTITLEMENT"), "/ACCESS_REQUEST_APPROVAL");
    let mut calls = asked(&site, 0);
    // The two of the plan may come in either order.
    calls[..2].sort();
    assert_eq!(
        calls,
        [
            format!("GET {item}"),
            format!("GET {kind}"),
            // What holds once the item is deleted.
            format!("GET {kind}"),
            format!("DELETE {item}/ENTITLEMENT"),
            format!("GET {item}"),
            format!("GET {kind}"),
            format!("PUT {kind}/APPROVAL_TYPE"),
            format!("GET {kind}"),
        ]
    );
}

#[test]
fn a_run_that_changes_what_a_configuration_inherits_says_so() {
    let site = site(&format!(
        "approvalsConfig:\n  ACCESS_REQUEST_APPROVAL: {{autoApprove: INDIRECT}}\n  {ITEM}: {{autoApprove: DIRECT}}\n"
    ));
    let applied = site.run(["apply", "--yes"]);
    assert_eq!(applied.code, Some(1), "{}", applied.text());
    insta::assert_snapshot!("approvals_apply_changes_what_is_inherited", applied.out);
    let again = site.run(["apply", "--yes"]);
    assert_eq!(again.code, Some(0), "{}", again.text());
    assert_eq!(site.live()["approvalsConfig"][ITEM]["autoApprove"], json!("DIRECT"));
    assert_eq!(site.run(["plan", "--detailed-exitcode"]).code, Some(0));
}

#[test]
fn what_a_configuration_inherits_is_not_taken_for_unchanged_before_it_was_read_again() {
    let site = site(&format!(
        "approvalsConfig:\n  ACCESS_REQUEST_APPROVAL: {{autoApprove: INDIRECT}}\n  {ITEM}: {{autoApprove: DIRECT}}\n"
    ));
    let item = format!("{PATH}{}", ITEM.trim_start_matches("ENTITLEMENT"));
    let site = site.fault(&format!("stall GET {item} skip=1 seconds=20"));
    let run = site.start(["apply", "--yes", "-q"]);
    let asked = |site: &Site, number| site.calls().iter().filter(|call| call.ends_with(&item)).count() == number;
    site.wait_for(|site| asked(site, 2));
    run.signal("INT");
    std::thread::sleep(std::time::Duration::from_millis(300));
    run.signal("INT");
    let run = run.end();
    assert_eq!(run.code, Some(130), "{}", run.text());
    let receipt = site.receipt(&site.receipts()[0]);
    let outcomes: Vec<&Value> =
        receipt["tenants"][0]["resources"].as_array().unwrap().iter().map(|entry| &entry["outcome"]).collect();
    assert_eq!(outcomes, ["applied", "skipped"], "{}", run.text());
}

#[test]
fn a_configuration_that_somebody_deleted_is_not_stored_again_by_a_change_of_it() {
    let site = site("approvalsConfig:\n  ACCESS_REQUEST_APPROVAL: {autoApprove: INDIRECT, requiresComment: ALL}\n");
    assert_eq!(site.run(["plan", "--out", "plan.json"]).code, Some(0));
    let before = site.live();
    let mut deleted = before.clone();
    deleted["approvalsConfig"].as_object_mut().unwrap().shift_remove("APPROVAL_TYPE/ACCESS_REQUEST_APPROVAL");
    deleted["approvalsConfig"]["TENANT"]["autoApprove"] = json!("DIRECT");
    site.set_live(&deleted);
    let refused = site.run(["apply", "plan.json"]);
    assert_eq!(refused.code, Some(3), "{}", refused.text());
    let why = "approvalsConfig[ACCESS_REQUEST_APPROVAL] is not stored any more, and the PUT would store it again";
    assert!(refused.text().split_whitespace().collect::<Vec<_>>().join(" ").contains(why), "{}", refused.text());
    // The same for a rollback of a run that changed it, although what it inherits is what that run wrote.
    site.set_live(&before);
    assert_eq!(site.run(["apply", "plan.json"]).code, Some(0));
    deleted["approvalsConfig"]["TENANT"]["autoApprove"] = json!("INDIRECT");
    site.set_live(&deleted);
    let receipt = site.receipts().remove(0);
    let kept = site.run(["rollback", &receipt, "--yes"]);
    assert_eq!(kept.code, Some(1), "{}", kept.text());
    assert!(
        kept.out.contains("autoApprove stays at INDIRECT: somebody deleted the configuration after that apply"),
        "{}",
        kept.out
    );
    assert_eq!(site.live(), deleted);
}

#[test]
fn a_configuration_is_missing_only_if_the_tenant_says_so_twice() {
    let site = site("approvalsConfig:\n  ACCESS_REQUEST_APPROVAL: {requiresComment: ALL}\n");
    let mut after = site.live();
    after["approvalsConfig"]["APPROVAL_TYPE/ACCESS_REQUEST_APPROVAL"]["requiresComment"] = json!("ALL");
    let site = site.fault(&format!("404 GET {TYPE}"));
    let applied = site.run(["apply", "--yes"]);
    assert_eq!(applied.code, Some(0), "{}", applied.text());
    assert_eq!(site.live(), after);
}

/// A gateway that gives a token and then answers every request with a page of its own that says 404.
fn gateway() -> String {
    let token = br#"{"access_token": "token-one", "expires_in": 43200}"#.to_vec();
    let page = b"<html>nothing here</html>".to_vec();
    serve(
        Canned { status: "200 OK", headers: "", body: token },
        Canned { status: "404 Not Found", headers: "", body: page },
    )
}

#[test]
fn what_a_gateway_says_is_not_there_is_not_taken_for_a_configuration_that_is_not_stored() {
    let site = Site::new()
        .variable("SAIL_BASE_URL", &gateway())
        .variable("SAIL_CLIENT_ID", "id-of-the-test")
        .variable("SAIL_CLIENT_SECRET", "secret-of-the-test")
        .file("settings.yaml", "approvalsConfig:\n  ACCESS_REQUEST_APPROVAL: {requiresComment: ALL}\n");
    // A PUT would take away all that the configuration has.
    let run = site.run_wide(["apply", "--yes", "settings.yaml"]);
    assert_eq!(run.code, Some(1), "{}", run.text());
    for told in ["answered 404 Not Found", "<html>nothing here</html>", "nothing was changed"] {
        assert!(run.text().contains(told), "{told}: {}", run.text());
    }
}

const OLD: &str = "\
accessRequestConfig:
  apiVersion: v1
  reauthorizationEnabled: true
  # Nobody approves for themselves.
  autoApprovalEnabled: false
  approvalReminderAndEscalationConfig: {daysUntilEscalation: 3, daysBetweenReminders: 2, maxReminders: 4}
";

#[test]
fn migrate_carries_the_old_settings_over_and_asks_about_what_they_change() {
    let site = site(OLD);
    let refused = site.run(["migrate", "--to", "v2"]);
    insta::assert_snapshot!("approvals_migrate", refused.text());
    assert_eq!(site.read("settings/base.yaml"), OLD);
    let done = site.run(["migrate", "--to", "v2", "--yes"]);
    insta::assert_snapshot!("approvals_migrate_confirmed", done.text());
    insta::assert_snapshot!("approvals_migrated_file", site.read("settings/base.yaml"));
    assert_eq!(site.writes(), [""; 0]);
    assert_eq!(site.run(["validate", "--strict"]).code, Some(0));
}

#[test]
fn migrate_asks_what_sailpoint_does_not_document() {
    let site = site("accessRequestConfig: {apiVersion: v1, autoApprovalEnabled: true, reauthorizationEnabled: true}\n");
    insta::assert_snapshot!("approvals_migrate_asks", site.run(["migrate", "--to", "v2"]).text());
    for (map, code) in [("autoApprovalEnabled=ON", 64), ("maxReminders=1", 64), ("autoApprovalEnabled=DIRECT", 0)] {
        let run = site.run(["migrate", "--to", "v2", "--yes", "--map", map]);
        assert_eq!(run.code, Some(code), "{map}: {}", run.text());
    }
    assert_eq!(
        site.read("settings/base.yaml"),
        "accessRequestConfig: {apiVersion: v2, reauthorizationEnabled: true}\n\
         approvalsConfig:\n  ACCESS_REQUEST_APPROVAL:\n    autoApprove: DIRECT\n"
    );
}

#[test]
fn guardrails_name_the_instance() {
    let limited = |guardrails: &str| {
        let site = site("approvalsConfig:\n  ACCESS_REQUEST_APPROVAL: {autoApprove: INDIRECT}\n");
        let workspace = site.read("sailplan.yaml");
        site.write("sailplan.yaml", &format!("{workspace}    guardrails: {guardrails}\n"));
        site
    };
    let run = limited("{deny: [loosens]}").run(["plan"]);
    insta::assert_snapshot!("approvals_denied", run.text());
    let limits = limited("{limits: {'approvalsConfig[ACCESS_REQUEST_APPROVAL].autoApprove': DIRECT}}");
    assert_eq!(limits.run(["plan"]).code, Some(3));
    assert_eq!(limits.run(["validate"]).code, Some(1));
    assert_eq!(limited("{require: ['approvalsConfig[TENANT].autoApprove']}").run(["plan"]).code, Some(3));
    assert_eq!(
        limited("{require: ['approvalsConfig[ACCESS_REQUEST_APPROVAL].autoApprove']}").run(["plan"]).code,
        Some(0)
    );
    // A bare name is that of the setting that a tenant has once.
    let old = "accessRequestConfig: {apiVersion: v1, approvalReminderAndEscalationConfig: {maxReminders: 3}}\n";
    let once = limited("{limits: {maxReminders: 5}}");
    once.write("settings/base.yaml", old);
    assert_eq!(once.run(["plan"]).code, Some(0), "{}", once.run(["plan"]).text());
    // What holds after a deletion is limited, too.
    let inherits = limited("{limits: {'approvalsConfig[ACCESS_REQUEST_APPROVAL].reminderConfig.maxReminders': 3}}");
    inherits.write("settings/base.yaml", "approvalsConfig:\n  ACCESS_REQUEST_APPROVAL: inherit\n");
    let run = inherits.run(["plan"]);
    assert_eq!(run.code, Some(3), "{}", run.text());
    assert!(
        run.text().contains("approvalsConfig[ACCESS_REQUEST_APPROVAL].reminderConfig.maxReminders"),
        "{}",
        run.text()
    );
}

#[test]
fn an_allowance_holds_for_its_instance_alone() {
    for (setting, up_to, code) in [
        ("approvalsConfig[ACCESS_REQUEST_APPROVAL].autoApprove", "INDIRECT", 0),
        ("/approvalsConfig/ACCESS_REQUEST_APPROVAL/autoApprove", "INDIRECT", 0),
        ("approvalsConfig[ACCESS_REQUEST_APPROVAL].autoApprove", "DIRECT", 3),
        ("approvalsConfig[TENANT].autoApprove", "INDIRECT", 3),
    ] {
        let site = site("approvalsConfig:\n  ACCESS_REQUEST_APPROVAL: {autoApprove: INDIRECT}\n");
        let workspace = site.read("sailplan.yaml");
        let guarded = format!("{workspace}    guardrails: {{deny: [loosens]}}\nallowances: [allowances.yaml]\n");
        site.write("sailplan.yaml", &guarded);
        site.write(
            "allowances.yaml",
            &format!(
                "- {{tenant: prod, setting: '{setting}', upTo: {up_to}, reason: audit, ticket: T-1, until: 2099-12-31}}\n"
            ),
        );
        let run = site.run(["plan"]);
        assert_eq!(run.code, Some(code), "{setting} {up_to}: {}", run.text());
        assert_eq!(run.out.contains("lifted by"), code == 0, "{setting} {up_to}: {}", run.text());
    }
}

#[test]
fn the_page_names_each_instance_with_what_its_change_means() {
    let settings = "\
approvalsConfig:
  TENANT: {autoApprove: DIRECT}
  ACCESS_REQUEST_APPROVAL: {autoApprove: INDIRECT, reminderConfig: {maxReminders: 3}}
";
    let page = site(settings).run(["plan", "--format", "html"]);
    assert_eq!(page.code, Some(0), "{}", page.err);
    let text: String = page.out.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect();
    for name in ["approvalsConfig[TENANT]", "approvalsConfig[ACCESS_REQUEST_APPROVAL]"] {
        assert!(text.contains(name), "{name} is not in {text}");
    }
    let deny = "loosens";
    assert!(text.contains(deny) && text.contains("INDIRECT") && text.contains("DIRECT"), "{text}");
    assert!(text.matches("autoApprove").count() >= 2, "{text}");
}

#[test]
fn live_values_are_written_and_accepted_by_instance() {
    let site = site(CHANGE);
    insta::assert_snapshot!("approvals_pull", site.run(["pull", "--resource", "approvalsConfig"]).text());
    let one = site.run([
        "pull",
        "--resource",
        "approvalsConfig[ROLE/2c91808568c529c60168cca6f90c1313]",
        "--out",
        "role.yaml",
    ]);
    assert_eq!(one.code, Some(0), "{}", one.text());
    assert!(site.read("role.yaml").contains("  # Not stored in the tenant: these values are inherited.\n  ROLE/"));
    let accepted = site.run(["pull", "--accept", "--yes"]);
    assert_eq!(accepted.code, Some(1), "{}", accepted.text());
    site.write("settings/base.yaml", "approvalsConfig:\n  ACCESS_REQUEST_APPROVAL: {autoApprove: OFF} # ours\n");
    let accepted = site.run(["pull", "--accept", "--yes"]);
    assert_eq!(accepted.code, Some(0), "{}", accepted.text());
    assert_eq!(
        site.read("settings/base.yaml"),
        "approvalsConfig:\n  ACCESS_REQUEST_APPROVAL: {autoApprove: DIRECT} # ours\n"
    );
}

#[test]
fn later_layers_release_replace_and_inherit() {
    let layered = |base: &str, later: &str| {
        let site = site(base).file("settings/later.yaml", later);
        let workspace = site.read("sailplan.yaml").replace("base.yaml]", "base.yaml, settings/later.yaml]");
        site.write("sailplan.yaml", &workspace);
        let plan: Value = serde_json::from_str(&site.run(["plan", "--format", "json"]).out).unwrap();
        let resources = plan["tenants"][0]["resources"].as_array().unwrap().clone();
        resources
            .iter()
            .map(|entry| format!("{} {}", entry["action"].as_str().unwrap(), entry["managed"]))
            .collect::<Vec<_>>()
    };
    let key = "approvalsConfig:\n  ACCESS_REQUEST_APPROVAL:";
    let two = format!("{key} {{autoApprove: OFF, requiresComment: ALL}}\n");
    assert_eq!(layered(&two, &format!("{key} {{unmanaged: [requiresComment]}}\n")), ["change 1"]);
    assert_eq!(layered(&two, &format!("{key} unmanaged\n")), [""; 0]);
    assert_eq!(layered(&two, &format!("{key} inherit\n")), ["inherit 1"]);
    assert_eq!(layered(&format!("{key} inherit\n"), &two), ["change 2"]);
}

#[test]
fn an_old_generation_names_what_it_overrides_and_goes_first() {
    let site = site(
        "accessRequestConfig: {apiVersion: v1, approvalReminderAndEscalationConfig: {maxReminders: 4}}\n\
         approvalsConfig: {ACCESS_REQUEST_APPROVAL: {requiresComment: ALL}}\n",
    );
    site.edit_live(|state| {
        state["accessRequestConfig"] = json!({"approvalReminderAndEscalationConfig": {"maxReminders": 2}});
    });
    let plan = site.run_wide(["plan"]);
    let told = "what it overrides, as it is now: approvalsConfig[ACCESS_REQUEST_APPROVAL].reminderConfig.reminderCronSchedule \
                is every 1 day (@every 24h)";
    assert!(plan.text().contains(told), "{}", plan.text());
    let applied = site.run(["apply", "--yes", "--allow", "overrides"]);
    assert_eq!(applied.code, Some(0), "{}", applied.text());
    let old = "/access-request-config/v1";
    let mut calls = site.calls().split_off(3);
    // The two of the plan may come in either order.
    calls[1..3].sort();
    assert_eq!(
        calls,
        [
            "POST /oauth/token".to_owned(),
            format!("GET {old}"),
            format!("GET {TYPE}"),
            format!("PUT {old}"),
            format!("GET {old}"),
            format!("GET {TYPE}"),
            format!("PUT {TYPE}/APPROVAL_TYPE"),
            format!("GET {TYPE}"),
        ]
    );
}

#[test]
fn what_migrate_carries_over_is_no_loss_of_control() {
    let git = |site: &Site, args: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.current_dir(site.path("")).args(["-c", "user.name=a", "-c", "user.email=a@b.c"]).args(args);
        assert!(command.output().unwrap().status.success(), "{args:?}");
    };
    let site = site(OLD);
    let workspace = site.read("sailplan.yaml");
    site.write("sailplan.yaml", &format!("{workspace}    guardrails: {{deny: [loosens]}}\n"));
    git(&site, &["init", "-q", "-b", "main"]);
    git(&site, &["add", "settings", "sailplan.yaml"]);
    git(&site, &["commit", "-q", "-m", "old"]);
    assert_eq!(site.run(["migrate", "--to", "v2", "--yes"]).code, Some(0));
    let kept = site.run(["validate", "--base", "main"]);
    assert_eq!(kept.code, Some(0), "{}", kept.text());
    site.write("settings/base.yaml", "accessRequestConfig: {apiVersion: v2, reauthorizationEnabled: true}\n");
    let lost = site.run(["validate", "--base", "main"]);
    assert_eq!(lost.code, Some(3), "{}", lost.text());
}
