//! `plan --base REF` in a real git repository: causes, guards that cannot be shed, and what cannot be read.

use serde_json::{Value, json};

use crate::harness::Site;

pub(crate) const SETTINGS: &str = "\
jitActivationPolicy:
  maxActivationPeriodMins: 2h
  maxActivationPeriodExtensionMins: 15m
accessRequestConfig:
  apiVersion: beta
  autoApprovalEnabled: false
";

pub(crate) const WORKSPACE: &str = "\
tenants:
  prod:
    url: ${SAIL_BASE_URL}
    clientId: ${SAIL_CLIENT_ID}
    clientSecret: ${SAIL_CLIENT_SECRET}
    settings: [settings/base.yaml]
    guardrails:
      deny: [loosens]
      maxChanges: 5
    limits: {maxActivationPeriodMins: 5h}
allowances: [allowances.yaml]
";

const ALLOWANCE: &str =
    "- {tenant: '*', setting: maxActivationPeriodMins, upTo: 9h, reason: test, ticket: T-1, until: 9999-12-31}\n";

/// A repository whose one commit has these files.
fn site(settings: &str, workspace: &str) -> Site {
    let site = Site::new()
        .tenant()
        .file("settings/base.yaml", settings)
        .file("sailplan.yaml", workspace)
        .file("allowances.yaml", "[]\n");
    git(&site, &["init", "-q", "-b", "main"]);
    commit(&site);
    site
}

/// Runs git and returns what it prints. Commits are the same whenever they are made.
pub(crate) fn git(site: &Site, args: &[&str]) -> String {
    let mut command = std::process::Command::new("git");
    command.args(["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command.env("GIT_AUTHOR_DATE", "2026-11-20T09:30:00Z").env("GIT_COMMITTER_DATE", "2026-11-20T09:30:00Z");
    let output = command.args(args).current_dir(site.path("")).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn commit(site: &Site) {
    git(site, &["add", "sailplan.yaml", "settings", "allowances.yaml"]);
    git(site, &["commit", "-q", "-m", "x"]);
}

fn plan(site: &Site) -> Value {
    let run = site.run(["plan", "--base", "main", "--format", "json"]);
    serde_json::from_str(&run.out).unwrap()
}

/// The causes of the changes, by setting.
fn causes(plan: &Value) -> Vec<(String, Value)> {
    let resources = plan.pointer("/tenants/0/resources").and_then(Value::as_array).unwrap();
    let changes = resources.iter().flat_map(|resource| resource.get("changes").and_then(Value::as_array).unwrap());
    changes
        .map(|change| {
            let path = change.get("path").and_then(Value::as_str).unwrap();
            (path.to_owned(), change.get("cause").cloned().unwrap_or_default())
        })
        .collect()
}

/// Rule and revision of every guard that stands in the way.
pub(crate) fn refusals(plan: &Value) -> Value {
    let refusals = plan.pointer("/tenants/0/refusals").and_then(Value::as_array).cloned().unwrap_or_default();
    refusals.iter().map(|one| json!([one.get("rule"), one.get("revision")])).collect()
}

#[test]
fn every_change_has_its_cause_and_the_guards_of_the_base_hold() {
    let site = site(SETTINGS, WORKSPACE);
    // The branch raises one maximum, leaves what had drifted, and takes the guards away.
    site.write("settings/base.yaml", &SETTINGS.replace("2h", "6h"));
    site.write("sailplan.yaml", &WORKSPACE.replace("[loosens]", "[]").replace("s: 5\n", "s: 50\n").replace("5h", "8h"));
    site.write("allowances.yaml", ALLOWANCE);
    let run =
        site.run(["plan", "--base", "main", "--out", "plan.json", "--markdown", "plan.md", "--html", "plan.html"]);
    insta::assert_snapshot!(run.text());
    let plan: Value = serde_json::from_str(&site.read("plan.json")).unwrap();
    let url = plan["tenants"][0]["url"].as_str().unwrap();
    let host = url.trim_start_matches("http://");
    let markdown = site.read("plan.md").replace(url, "[HOST]").replace(host, "[HOST]");
    let commit = plan["base"]["commit"].as_str().unwrap();
    insta::assert_snapshot!("as_markdown", site.without_digests(&markdown).replace(commit, "[COMMIT]"));
    assert_eq!(plan["base"]["revision"], json!("main"));
    assert_eq!(plan["base"]["commit"].as_str().map(str::len), Some(40));
    assert_eq!(plan["summary"]["weakened"], json!(4));
    assert_eq!(site.run(["show", "plan.json"]).out, run.out);
}

#[test]
fn the_digest_is_the_same_with_and_without_a_base() {
    let site = site(SETTINGS, WORKSPACE);
    site.write("settings/base.yaml", &SETTINGS.replace("2h", "1h"));
    let without: Value = serde_json::from_str(&site.run(["plan", "--format", "json"]).out).unwrap();
    let with = plan(&site);
    assert_eq!(with["digest"], without["digest"]);
    assert_eq!(
        causes(&with),
        [
            ("/maxActivationPeriodMins".to_owned(), json!("branch")),
            ("/maxActivationPeriodExtensionMins".to_owned(), json!("drift")),
            ("/autoApprovalEnabled".to_owned(), json!("drift")),
        ]
    );
    assert_eq!(without["tenants"][0]["resources"][0]["changes"][0]["cause"], Value::Null);
    assert_eq!(without["base"], Value::Null);
}

#[test]
fn a_rename_or_a_move_sheds_no_guard() {
    let settings = SETTINGS.replace("2h", "4h");
    let refused = json!([["deny", "main"]]);
    let unguarded = WORKSPACE.replace("[loosens]", "[]");
    // Another name for the same address.
    let site = site(SETTINGS, WORKSPACE);
    site.write("settings/base.yaml", &settings);
    site.write("sailplan.yaml", &unguarded.replace("prod:", "production:"));
    assert_eq!(refusals(&plan(&site)), refused);
    // The address written in another way, under the same name and under another.
    let address = site.run(["plan", "--format", "json"]).out;
    let address: Value = serde_json::from_str(&address.replace("[TENANT]", "TENANT")).unwrap();
    assert_eq!(address["tenants"][0]["url"], json!("TENANT"));
    let with_a_slash = format!("{}/", site.url());
    let site = site.variable("PROD_URL", &with_a_slash);
    for (variable, name) in [("${PROD_URL}", "prod:"), ("${PROD_URL}", "other:")] {
        site.write("sailplan.yaml", &unguarded.replace("${SAIL_BASE_URL}", variable).replace("prod:", name));
        assert_eq!(refusals(&plan(&site)), refused, "{variable} {name}");
    }
    // The whole workspace in another folder.
    std::fs::remove_file(site.path("sailplan.yaml")).unwrap();
    site.write("elsewhere/sailplan.yaml", &unguarded);
    site.write("elsewhere/settings/base.yaml", &settings);
    site.write("elsewhere/allowances.yaml", ALLOWANCE);
    let run = site.run(["-C", "elsewhere", "plan", "--base", "main", "--format", "json"]);
    let moved: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((refusals(&moved), run.code), (refused, Some(3)));
    assert_eq!(causes(&moved)[0], ("/maxActivationPeriodMins".to_owned(), json!("branch")));
}

#[test]
fn the_same_guard_refuses_once_and_is_lifted_once() {
    let site = site(&SETTINGS.replace("2h", "4h"), WORKSPACE);
    assert_eq!(refusals(&plan(&site)), json!([["deny", null]]));
    let run = site.run(["plan", "--base", "main", "--allow", "loosens", "--format", "json"]);
    let plan: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(plan["tenants"][0]["lifted"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_new_workspace_is_caused_by_the_branch_and_says_so() {
    let site = site(SETTINGS, "# None yet.\n");
    std::fs::remove_file(site.path("sailplan.yaml")).unwrap();
    site.write("new/sailplan.yaml", &WORKSPACE.replace("allowances: [allowances.yaml]\n", ""));
    site.write("new/settings/base.yaml", SETTINGS);
    let run = site.run(["-C", "new", "plan", "--base", "main"]);
    insta::assert_snapshot!(run.text());
}

#[test]
fn a_second_workspace_for_a_tenant_is_compared_by_its_address() {
    let site = site(SETTINGS, WORKSPACE);
    site.write("new/sailplan.yaml", &WORKSPACE.replace("allowances: [allowances.yaml]\n", ""));
    site.write("new/settings/base.yaml", SETTINGS);
    let run = site.run(["-C", "new", "plan", "--base", "main"]);
    insta::assert_snapshot!(run.text());
}

#[test]
fn what_cannot_be_read_refuses() {
    let site = site(SETTINGS, &WORKSPACE.replace("loosens", "losens"));
    site.write("sailplan.yaml", WORKSPACE);
    insta::assert_snapshot!("guards_that_cannot_be_read", site.run(["plan", "--base", "HEAD"]).text());
    let cases = [
        ["plan", "--base", "nowhere"],
        ["plan", "--base=--output=x", "-q"],
        ["plan", "--base", ""],
        ["plan", "--base", "main:sailplan.yaml"],
    ];
    let told: Vec<String> = cases.iter().map(|args| site.run(*args).text()).collect();
    insta::assert_snapshot!("revisions_that_there_are_not", told.concat());
    let outside = Site::new().tenant().workspace(SETTINGS);
    insta::assert_snapshot!("outside_of_a_repository", outside.run(["plan", "--base", "main"]).text());
    assert_eq!((site.calls(), outside.calls()), (Vec::new(), Vec::new()));
    let mut without_git = site.command();
    let output = without_git.env("PATH", "").args(["plan", "--base", "main"]).output().unwrap();
    assert_eq!(
        (String::from_utf8(output.stderr).unwrap().as_str(), output.status.code()),
        (
            "error: git cannot be started: it is in no folder of PATH\n  help: install git, or leave --base out\n",
            Some(3)
        )
    );
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_repository_is_not_followed_in_a_revision() {
    let site = site(SETTINGS, WORKSPACE);
    std::fs::remove_file(site.path("allowances.yaml")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", site.path("allowances.yaml")).unwrap();
    commit(&site);
    std::fs::remove_file(site.path("allowances.yaml")).unwrap();
    site.write("allowances.yaml", "[]\n");
    insta::assert_snapshot!(site.run(["plan", "--base", "main"]).text());
}

#[test]
fn broken_settings_in_the_base_keep_nobody_from_mending_them() {
    let site = site(&SETTINGS.replace("false", "maybe"), WORKSPACE);
    site.write("settings/base.yaml", SETTINGS);
    insta::assert_snapshot!(site.run(["plan", "--base", "main"]).text());
}

#[test]
fn settings_files_without_a_workspace_have_causes_too() {
    let site = site(SETTINGS, WORKSPACE);
    std::fs::remove_file(site.path("sailplan.yaml")).unwrap();
    site.write("settings/base.yaml", &SETTINGS.replace("2h", "4h"));
    site.write("settings/new.yaml", "jitActivationPolicy: {notificationTemplate: Other}\n");
    let run = site.run(["plan", "--base", "main", "--format", "json", "settings/base.yaml", "settings/new.yaml"]);
    let plan: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        causes(&plan),
        [
            ("/maxActivationPeriodMins".to_owned(), json!("branch")),
            ("/maxActivationPeriodExtensionMins".to_owned(), json!("drift")),
            ("/notificationTemplate".to_owned(), json!("branch")),
            ("/autoApprovalEnabled".to_owned(), json!("drift")),
        ]
    );
}
