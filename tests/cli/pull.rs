//! `sailplan pull`.

use serde_json::json;

use crate::harness::Site;

const SETTINGS: &str = "\
# What prod should look like.
jitActivationPolicy:
  maxActivationPeriodMins: 4h          # asked for by the SOC
  entitlementIds:
    - ae735f40-4de9-4163-801d-4a1444e59d35   # the first
    # the second is gone since March
    - {id: 2c9180837dfe6949017e208e25967b22, name: Cloud Root}
accessRequestConfig:
  apiVersion: v2
  requestOnBehalfOfConfig: {allowRequestOnBehalfOfAnyoneByAnyone: false}
";

#[test]
fn writes_a_commented_file_that_plans_nothing() {
    let site = Site::new().tenant();
    let run = site.run(["pull"]);
    insta::assert_snapshot!(run.text());
    site.write("settings.yaml", &run.out);
    let plan = site.run(["plan", "--detailed-exitcode", "settings.yaml"]);
    assert_eq!(plan.code, Some(0), "{}", plan.text());
}

#[test]
fn every_generation_plans_nothing() {
    for generation in ["beta", "v3", "v2024", "v2025", "v2026", "v1", "v2"] {
        let site = Site::new().tenant();
        let version = format!("accessRequestConfig={generation}");
        let run = site.run(["pull", "--api-version", &version, "--out", "settings.yaml"]);
        let text = "Written: settings.yaml\n--- stderr ---\nNot in it: approvalsConfig, of which a tenant has several \
                    documents. To see one as YAML: sailplan pull --resource \
                    'approvalsConfig[ACCESS_REQUEST_APPROVAL]'\nNext: sailplan plan settings.yaml\n";
        assert_eq!((run.text().as_str(), run.code), (text, Some(0)));
        let plan = site.run(["plan", "--detailed-exitcode", "settings.yaml"]);
        assert_eq!(plan.code, Some(0), "{generation}: {}", plan.text());
    }
}

#[test]
fn an_existing_file_is_not_overwritten() {
    let site = Site::new().tenant().file("settings.yaml", "# mine\n");
    insta::assert_snapshot!(site.run(["pull", "--out", "settings.yaml"]).text());
    assert_eq!(site.read("settings.yaml"), "# mine\n");
    assert_eq!(site.calls(), [""; 0]);
}

#[test]
fn one_resource_of_a_workspace_whose_settings_are_yet_to_be_written() {
    let site = Site::new().tenant().workspace("");
    std::fs::remove_file(site.path("settings/base.yaml")).unwrap();
    let run = site.run(["pull", "--resource", "jitActivationPolicy", "--out", "settings/base.yaml"]);
    insta::assert_snapshot!(run.text());
    assert_eq!(site.calls(), ["POST /oauth/token", "GET /v2026/jit-activation-config/policy"]);
    assert_eq!(site.run(["plan", "--detailed-exitcode"]).code, Some(0));
}

#[test]
fn a_resource_that_fails_leaves_the_other_alone() {
    let state = json!({"jitActivationPolicy": null, "accessRequestConfig": {"reauthorizationEnabled": true}});
    let site = Site::new().state(&state).tenant();
    insta::assert_snapshot!(site.run(["pull"]).text());
}

#[test]
fn accept_puts_drift_into_the_lines_that_manage_it() {
    let site = Site::new().tenant().workspace(SETTINGS);
    insta::assert_snapshot!(site.run(["pull", "--accept", "--yes"]).text());
    assert_eq!(site.run(["plan", "--detailed-exitcode"]).code, Some(0));
    let again = site.run(["pull", "--accept", "--yes"]);
    assert_eq!(again.text(), "No drift: the settings files say what the tenants say.\n");
}

#[test]
fn accept_changes_the_layer_that_won() {
    let over = "jitActivationPolicy:\r\n  maxActivationPeriodMins: 300 # more\r\n";
    let site = Site::new().tenant().file("base.yaml", SETTINGS).file("over.yaml", over);
    let run = site.run(["pull", "--accept", "--yes", "base.yaml", "over.yaml"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(site.read("over.yaml"), over.replace("300", "120"));
    let first = SETTINGS
        .replace(
            "    # the second is gone since March\n    - {id: 2c9180837dfe6949017e208e25967b22, name: Cloud Root}\n",
            "    - 38439bbc-264b-447b-acac-a182a466b0e9\n",
        )
        .replace("ByAnyone: false", "ByAnyone: true");
    assert_eq!(site.read("base.yaml"), first);
    assert_eq!(site.run(["plan", "--detailed-exitcode", "base.yaml", "over.yaml"]).code, Some(0));
}

#[test]
fn accept_without_a_terminal_shows_the_diff_and_changes_nothing() {
    let site = Site::new().tenant().workspace(SETTINGS);
    insta::assert_snapshot!(site.run(["pull", "--accept"]).text());
    assert_eq!(site.read("settings/base.yaml"), SETTINGS);
}

#[test]
fn accept_refuses_a_line_that_two_tenants_share_and_answer_differently() {
    let workspace = "\
tenants:
  one: {url: 'practice:one.json', settings: [base.yaml]}
  two: {url: 'practice:two.json', settings: [base.yaml]}
";
    let state =
        |minutes: u32| json!({"jitActivationPolicy": {"id": "x", "maxActivationPeriodMins": minutes}}).to_string();
    let base = "jitActivationPolicy:\n  maxActivationPeriodMins: 2h\n";
    let site = Site::new()
        .file("sailplan.yaml", workspace)
        .file("base.yaml", base)
        .file("one.json", &state(120))
        .file("two.json", &state(180));
    insta::assert_snapshot!(site.run(["pull", "--accept", "--yes"]).text());
    assert_eq!(site.read("base.yaml"), base);
}

#[test]
fn accept_says_what_a_file_cannot_ask_for() {
    let state = json!({"accessRequestConfig": {"reauthorizationEnabled": true}});
    let settings =
        "accessRequestConfig:\n  apiVersion: v2\n  approvalsMustBeExternal: true\n  reauthorizationEnabled: false\n";
    let site = Site::new().state(&state).tenant().workspace(settings);
    insta::assert_snapshot!(site.run(["pull", "--accept", "--yes"]).text());
    // The rest is written.
    assert_eq!(site.read("settings/base.yaml"), settings.replace("Enabled: false", "Enabled: true"));
    let again = site.run(["pull", "--accept", "--yes"]);
    assert_eq!(again.code, Some(1), "{}", again.text());
    assert!(
        again.err.contains("settings/base.yaml:3:3: prod has no value of approvalsMustBeExternal"),
        "{}",
        again.err
    );
}

#[test]
fn accept_names_tenants_that_are_not_chosen_and_share_the_line() {
    let workspace = "\
tenants:
  one: {url: 'practice:one.json', settings: [base.yaml]}
  two: {url: 'practice:two.json', settings: [./base.yaml]}
";
    let state =
        |minutes: u32| json!({"jitActivationPolicy": {"id": "x", "maxActivationPeriodMins": minutes}}).to_string();
    let base = "jitActivationPolicy:\n  maxActivationPeriodMins: 2h\n";
    let site = Site::new()
        .file("sailplan.yaml", workspace)
        .file("base.yaml", base)
        .file("one.json", &state(180))
        .file("two.json", &state(120));
    insta::assert_snapshot!(site.run(["pull", "--accept", "--yes", "--tenant", "one"]).text());
    assert_eq!(site.read("base.yaml"), base.replace("2h", "3h"));
}

#[test]
fn one_file_under_two_names_is_edited_once() {
    let workspace = "\
tenants:
  one: {url: 'practice:one.json', settings: [base.yaml]}
  two: {url: 'practice:two.json', settings: [more/../base.yaml]}
";
    let one = json!({"jitActivationPolicy": {"id": "x", "maxActivationPeriodMins": 180}}).to_string();
    let two = json!({
        "jitActivationPolicy": {"id": "x", "maxActivationPeriodMins": 180},
        "accessRequestConfig": {"reauthorizationEnabled": true},
    });
    let base = "jitActivationPolicy:\n  maxActivationPeriodMins: 2h\n";
    let site = Site::new()
        .file("sailplan.yaml", workspace)
        .file("base.yaml", base)
        .file("more/here", "")
        .file("one.json", &one)
        .file("two.json", &two.to_string());
    let run = site.run(["pull", "--accept", "--yes"]);
    assert_eq!((run.code, site.read("base.yaml")), (Some(0), base.replace("2h", "3h")), "{}", run.text());
}

#[test]
fn accepting_a_list_takes_the_comments_of_members_that_go() {
    let live = json!({"jitActivationPolicy": {"id": "x", "entitlementIds": [
        "ae735f40-4de9-4163-801d-4a1444e59d35",
        "2c9180837dfe6949017e208e25967b22",
    ]}});
    let settings = "\
jitActivationPolicy:
  entitlementIds:
    # Cloud Root
    - ae735f40-4de9-4163-801d-4a1444e59d35
    # Domain Admins
    - 38439bbc-264b-447b-acac-a182a466b0e9
";
    let site = Site::new()
        .file("sailplan.yaml", "tenants: {t: {url: 'practice:live.json', settings: [s.yaml]}}\n")
        .file("s.yaml", settings)
        .file("live.json", &live.to_string());
    let run = site.run(["pull", "--accept", "--yes"]);
    let new = settings.replace(
        "    # Domain Admins\n    - 38439bbc-264b-447b-acac-a182a466b0e9",
        "    - 2c9180837dfe6949017e208e25967b22",
    );
    assert_eq!((run.code, site.read("s.yaml")), (Some(0), new), "{}", run.text());
}

#[test]
fn it_is_said_what_is_not_in_the_file_and_what_belongs_into_gitignore() {
    let not_in_it = "Not in it: approvalsConfig, of which a tenant has several documents. To see one as YAML: sailplan pull \
                     --resource 'approvalsConfig[";
    let ignore = "sailplan apply keeps its receipts in .sailplan/ here: add that line to .gitignore\n";
    let site = Site::new().tenant();
    let run = site.run(["pull", "--out", "settings.yaml"]);
    assert!(run.err.contains(not_in_it) && !run.err.contains(".gitignore"), "{}", run.text());
    std::fs::create_dir(site.path(".git")).unwrap();
    let run = site.run(["pull", "--out", "in-git.yaml"]);
    assert!(run.err.contains(ignore), "{}", run.text());
    site.write(".gitignore", "target/\n/.sailplan/\n");
    let run = site.run(["pull", "--resource", "jitActivationPolicy", "--out", "ignored.yaml"]);
    assert!(!run.err.contains("Not in it") && !run.err.contains(".gitignore"), "{}", run.text());
}

#[test]
fn choosing_a_tenant_without_a_workspace_says_so() {
    insta::assert_snapshot!(Site::new().tenant().run(["pull", "--tenant", "prod"]).text());
}

/// Two tenants behind a shared file; `one` has a file of its own behind it.
fn shared_and_own(own: &str) -> Site {
    let workspace = "\
tenants:
  one: {url: 'practice:one.json', settings: [base.yaml, one.yaml]}
  two: {url: 'practice:two.json', settings: [base.yaml]}
";
    let state = |minutes: u32| {
        json!({"jitActivationPolicy": {"id": "x", "maxActivationPeriodMins": minutes, "entitlementIds": ["2c9180837dfe6949017e208e25967b22"]}})
            .to_string()
    };
    let base = "jitActivationPolicy:\n  maxActivationPeriodMins: 2h # for all\n  entitlementIds: [2c9180837dfe6949017e208e25967b22]\n";
    Site::new()
        .file("sailplan.yaml", workspace)
        .file("base.yaml", base)
        .file("one.yaml", own)
        .file("one.json", &state(180))
        .file("two.json", &state(120))
}

#[test]
fn accept_puts_a_value_into_the_layer_of_one_tenant() {
    for (own, expected) in [
        ("{}\n", "{\n  \"jitActivationPolicy\": {\n    \"maxActivationPeriodMins\": \"3h\"\n  }\n}\n"),
        ("# nothing yet\n{}\n", "# nothing yet\n{jitActivationPolicy: {maxActivationPeriodMins: 3h}}\n"),
        (
            "jitActivationPolicy:\n  # longer\n  maxActivationPeriodMins: 1h\n",
            "jitActivationPolicy:\n  # longer\n  maxActivationPeriodMins: 3h\n",
        ),
        (
            "{\"jitActivationPolicy\": {\"applyToFutureAssignments\": null}}".replace("null", "true").as_str(),
            "{\"jitActivationPolicy\": {\"applyToFutureAssignments\": true, \"maxActivationPeriodMins\": \"3h\"}}",
        ),
    ] {
        let site = shared_and_own(own);
        let base = site.read("base.yaml");
        let run = site.run(["pull", "--accept", "--into", "./one.yaml", "--yes"]);
        assert_eq!(site.read("one.yaml"), expected, "{}", run.text());
        assert_eq!(site.read("base.yaml"), base);
        let plan = site.run(["plan", "--detailed-exitcode", "--tenant", "two"]);
        assert_eq!(plan.code, Some(0), "{}", plan.text());
    }
    let site = shared_and_own("{}\n");
    insta::assert_snapshot!(site.run(["pull", "--accept", "--into", "one.yaml", "--yes"]).text());
    assert_eq!(site.run(["plan", "--detailed-exitcode"]).code, Some(0));
}

#[test]
fn into_names_a_settings_file_of_a_chosen_tenant() {
    let site = shared_and_own("{}\n");
    insta::assert_snapshot!(
        [
            site.run(["pull", "--accept", "--into", "one.yaml", "--tenant", "two", "--yes"]).text(),
            site.run(["pull", "--accept", "--into", "new.yaml", "--yes"]).text(),
            // The file after it would win.
            site.run(["pull", "--accept", "--into", "base.yaml", "--yes", "--tenant", "one"]).text(),
        ]
        .join("\n")
    );
    site.write("one.yaml", "jitActivationPolicy:\n  maxActivationPeriodMins: 1h\n");
    let run = site.run(["pull", "--accept", "--into", "base.yaml", "--yes", "--tenant", "one"]);
    insta::assert_snapshot!("a_later_file_decides", run.text());
    assert_eq!(run.code, Some(1));
}

#[test]
fn accept_names_a_setting_that_cannot_be_edited_and_writes_the_rest() {
    let state = json!({"jitActivationPolicy": {
        "id": "x", "entitlementIds": ["2c9180837dfe6949017e208e25967b22"], "maxActivationPeriodMins": 180, "notificationTemplate": "new"
    }});
    let settings = "\
jitActivationPolicy:
  notificationTemplate: old
  entitlementIds: [ae735f40-4de9-4163-801d-4a1444e59d35, # first
    38439bbc-264b-447b-acac-a182a466b0e9]
  maxActivationPeriodMins: 2h
";
    let site = Site::new().state(&state).tenant().workspace(settings);
    let run = site.run(["pull", "--accept", "--yes"]);
    insta::assert_snapshot!(run.text());
    assert_eq!(site.read("settings/base.yaml"), settings.replace("old", "new").replace("2h", "3h"));
}

#[test]
fn what_is_pulled_passes_the_strictest_check() {
    let site = Site::new().tenant();
    let run = site.run(["pull", "--out", "live.yaml"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    // The tenant has a flag that another one covers, of which a file that manages both is warned.
    let flag = "allowRequestOnBehalfOfEmployeeByManager";
    let line = site.read("live.yaml").lines().find(|line| line.contains(flag)).map(|line| line.trim().to_owned());
    let covered = format!(
        "# {flag}: true  # not managed: it has no effect while requestOnBehalfOfConfig.allowRequestOnBehalfOfAnyoneByAnyone \
         is true"
    );
    assert_eq!(line, Some(covered));
    let run = site.run(["validate", "--strict", "live.yaml"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
}

#[test]
fn tenants_that_cannot_be_read_leave_the_others_accepted() {
    let workspace = "\
tenants:
  one: {url: 'practice:one.json', settings: [base.yaml, one.yaml]}
  gone: {url: 'http://127.0.0.1:1', clientId: '${SOME_ID}', clientSecret: '${SOME_SECRET}', settings: [base.yaml]}
  away: {url: 'http://127.0.0.1:2', clientId: '${SOME_ID}', clientSecret: '${SOME_SECRET}', settings: [base.yaml]}
  wrong: {url: 'practice:wrong.json', settings: [wrong.yaml]}
";
    let state = json!({"jitActivationPolicy": {"id": "x", "maxActivationPeriodMins": 180, "notificationRecipients": ["a@b.example"]}});
    let base = "jitActivationPolicy:\n  maxActivationPeriodMins: 2h\n";
    let own = "jitActivationPolicy:\n  notificationRecipients: [c@d.example]\n";
    let site = Site::new()
        .file("sailplan.yaml", workspace)
        .file("base.yaml", base)
        .file("one.yaml", own)
        .file("wrong.yaml", "jitActivationPolicy: {maxActivationPeriodMins: never}\n")
        .file("one.json", &state.to_string())
        .variable("SOME_ID", "some")
        .variable("SOME_SECRET", "some-secret")
        .variable("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*");
    let run = site.run(["pull", "--accept", "--yes", "--retries", "0"]);
    insta::assert_snapshot!(run.text());
    assert_eq!(run.code, Some(1));
    assert_eq!(site.read("base.yaml"), base.replace("2h", "3h"));
    assert_eq!(site.read("one.yaml"), own.replace("c@d", "a@b"));
    let run = site.run(["pull", "--accept", "--yes", "--retries", "0", "--tenant", "gone"]);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{}", run.text());
    assert_eq!(run.err.matches("error: ").count(), 1, "{}", run.err);
}
