//! The forms of a plan: files beside standard output, what they may overwrite, and what reaches a CI log.

use serde_json::json;

use crate::harness::Site;

const SETTINGS: &str = "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n";
const HOSTILE: &str = "##vso[task.setvariable variable=x]y \u{202e}";

fn site() -> Site {
    Site::new().tenant().file("s.yaml", SETTINGS)
}

#[test]
fn a_plan_and_the_same_plan_shown_again_are_the_same_pages() {
    let site = site();
    let run = site.run(["plan", "s.yaml", "--out", "p.json", "--markdown", "a.md", "--html", "a.html"]);
    let next = "Saved the plan to p.json. Apply exactly this: sailplan apply s.yaml p.json\n";
    assert_eq!((run.err.as_str(), run.code), (next, Some(0)));
    let run = site.run(["show", "p.json", "--json", "q.json", "--markdown", "b.md", "--html", "b.html"]);
    assert_eq!((run.err.as_str(), run.code), ("", Some(0)));
    assert_eq!(site.read("a.md"), site.read("b.md"));
    assert_eq!(site.read("a.html"), site.read("b.html"));
    assert_eq!(site.read("p.json"), site.read("q.json"));
    for (format, file) in [("markdown", "a.md"), ("html", "a.html"), ("json", "p.json")] {
        let shown = site.command().args(["show", "p.json", "--format", format]).output().unwrap();
        assert_eq!(String::from_utf8(shown.stdout).unwrap(), site.read(file), "{format}");
    }
}

#[test]
fn annotations_name_the_file_from_the_root_of_the_repository() {
    let site = site().file("infra/s.yaml", SETTINGS).file(".git", "gitdir: elsewhere");
    let github = site.run(["-C", "infra", "plan", "s.yaml", "--format", "github"]).text();
    assert_eq!(
        github,
        "::warning file=infra/s.yaml,line=1,title=127.0.0.1%3A loosens::jitActivationPolicy.maxActivationPeriodMins: \
         2h (120 min) -> 4h (240 min): A single activation will last at most 4 hours instead of 2 hours. Activation and extension \
         together will last at most 4 hours 30 minutes instead of 2 hours 30 minutes; an extension stays at most 30 minutes\n"
    );
    let azure = site.run(["-C", "infra", "plan", "s.yaml", "--format", "azure"]).text();
    assert_eq!(
        azure,
        "##vso[task.logissue type=warning;sourcepath=infra/s.yaml;linenumber=1]127.0.0.1: loosens: \
         jitActivationPolicy.maxActivationPeriodMins: 2h (120 min) -> 4h (240 min): A single activation will last at most 4 \
         hours instead of 2 hours. Activation and extension together will last at most 4 hours 30 minutes instead of 2 hours 30 minutes; an extension stays at most 30 minutes\n"
    );
    let gitlab = site.run(["plan", "s.yaml", "--format", "gitlab-terraform"]).text();
    assert_eq!(gitlab, "{\"create\":0,\"update\":1,\"delete\":0}\n");
}

#[test]
fn what_sailplan_did_not_write_is_kept() {
    let site = site();
    site.run(["plan", "s.yaml", "--out", "p.json", "--markdown", "a.md", "--html", "a.html"]);
    site.run(["apply", "s.yaml", "--yes", "--receipt", "r.json"]);
    site.write("foreign.json", r#"{"formatVersion": 1, "sailplan": "a dependency"}"#);
    site.write("foreign.md", "# Notes\nof mine\n");
    site.write("foreign.html", "<!doctype html>\n<title>Mine</title>\n");
    let before = |name: &str| site.read(name);
    let foreign: Vec<String> = ["foreign.json", "foreign.md", "foreign.html", "r.json"].map(before).to_vec();
    for (flag, file, code) in [
        ("--out", "p.json", 0),
        ("--json", "p.json", 0),
        ("--markdown", "a.md", 0),
        ("--html", "a.html", 0),
        ("--json", "/dev/null", 0),
        ("--out", "foreign.json", 64),
        ("--json", "r.json", 64),
        ("--markdown", "foreign.md", 64),
        ("--markdown", "a.html", 64),
        ("--html", "foreign.html", 64),
        ("--html", "s.yaml", 64),
        ("--out", "new.yaml", 64),
        ("--json", ".", 64),
    ] {
        let run = site.run(["plan", "s.yaml", flag, file]);
        assert_eq!(run.code, Some(code), "{flag} {file}\n{}", run.text());
    }
    assert_eq!(["foreign.json", "foreign.md", "foreign.html", "r.json"].map(before).to_vec(), foreign);
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_pipes_refused() {
    let site = site();
    std::os::unix::fs::symlink("target.json", site.path("link.json")).unwrap();
    assert_eq!(site.run(["plan", "s.yaml", "--json", "link.json"]).code, Some(64));
    site.write("target.json", "");
    assert_eq!(site.run(["plan", "s.yaml", "--json", "link.json"]).code, Some(0));
    assert!(site.path("link.json").is_symlink());
    let plan: serde_json::Value = serde_json::from_str(&site.read("target.json")).unwrap();
    assert_eq!(plan["summary"]["changes"], 1);
    assert!(std::process::Command::new("mkfifo").arg(site.path("pipe")).status().unwrap().success());
    assert_eq!(site.run(["plan", "s.yaml", "--json", "pipe"]).code, Some(64));
}

#[test]
fn a_file_that_cannot_be_written_takes_nothing_from_the_screen() {
    let run = site().run(["plan", "s.yaml", "-q", "--json", "s.yaml/plan.json"]);
    assert_eq!(run.code, Some(1));
    assert!(run.out.ends_with("Plan: 1 setting to change in 1 resource of 1 tenant (1 loosens).\n"), "{}", run.out);
}

#[test]
fn no_command_of_a_tenant_reaches_a_ci_log() {
    let state = json!({
        "jitActivationPolicy": {"entitlementIds": [HOSTILE], "maxActivationPeriodMins": 120},
        "accessRequestConfig": {},
    });
    let site = Site::new()
        .state(&state)
        .tenant()
        .variable("CI", "true")
        .file("s.yaml", "jitActivationPolicy: {entitlementIds: [38439bbc-264b-447b-acac-a182a466b0e9]}\n");
    for format in ["text", "json", "markdown", "html", "github", "azure", "gitlab-terraform"] {
        let run = site.run(["plan", "s.yaml", "--format", format]);
        let out = run.out.replace("##vso[task.logissue ", "");
        assert!(!out.contains("##vso[") && !out.contains('\u{202e}'), "{format}: {}", run.out);
    }
    let shown = site.run(["plan", "s.yaml"]).out;
    assert_eq!(
        shown.lines().find(|line| line.starts_with("    - ")),
        Some("    - \\u{23}#vso[task.setvariable variable=x]y \\u{202e}")
    );
}

#[test]
fn a_dash_is_standard_output_where_a_file_is_written() {
    let site = site();
    let same = |line: &[&str], dash: &[&str]| {
        let [formatted, dashed] = [line, dash].map(|line| {
            let output = site.command().arg("plan").arg("s.yaml").args(line).output().unwrap();
            assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
            String::from_utf8(output.stdout).unwrap().lines().count()
        });
        assert_eq!(formatted, dashed, "{dash:?}");
    };
    same(&["--format", "json"], &["--out", "-"]);
    same(&["--format", "json"], &["--format", "json", "--json", "-"]);
    same(&["--format", "markdown"], &["--markdown", "-"]);
    same(&["--format", "html"], &["--html=-", "--json", "p.json"]);
    serde_json::from_str::<serde_json::Value>(&site.run(["plan", "s.yaml", "-o", "-"]).out).unwrap();
    for line in [["--json", "-", "--html", "-"], ["--json", "-", "--format", "html"]] {
        let run = site.read_output(site.command().arg("plan").arg("s.yaml").args(line).output().unwrap());
        assert_eq!(run.code, Some(64), "{}", run.text());
    }
    assert!(!site.path("-").exists());
    let receipt = site.run(["apply", "s.yaml", "--yes", "--receipt", "-"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&receipt.out).unwrap()["evidence"]["approval"]["how"], "yes");
    let pulled = site.run(["pull", "--out", "-"]);
    assert!(pulled.out.contains("maxActivationPeriodMins: 4h") && pulled.code == Some(0), "{}", pulled.text());
}

#[test]
fn a_dash_is_standard_input_where_a_file_is_read() {
    let site = site();
    let with = |line: &[&str], text: &str| {
        site.write("typed", text);
        let input = std::fs::File::open(site.path("typed")).unwrap();
        site.read_output(site.command().args(line).stdin(input).output().unwrap())
    };
    let run = with(&["validate", "-"], "jitActivationPolicy: {maxActivationPeriodMins: 4x}\n");
    assert!(run.code == Some(1) && run.err.contains("/dev/stdin:1"), "{}", run.text());
    let named = site.run(["plan", "s.yaml"]);
    let run = with(&["plan", "-"], SETTINGS);
    assert_eq!((run.out.replace("/dev/stdin", "s.yaml"), run.code), (named.out, Some(0)), "{}", run.err);
    let plan = site.run(["plan", "s.yaml", "--out", "p.json"]).out;
    assert_eq!(with(&["show", "-"], &site.read("p.json")).out, plan);
    assert_eq!(with(&["plan", "s.yaml", "--against", "-", "-q"], &site.read("p.json")).code, Some(0));
    let run = with(&["apply", "-", "s.yaml"], &site.read("p.json"));
    assert_eq!(
        (run.code, site.live()["jitActivationPolicy"]["maxActivationPeriodMins"].clone()),
        (Some(0), 240.into())
    );
    for line in [&["pull", "--accept", "-"] as &[&str], &["migrate", "--to", "v2", "-"], &["rollback", "-"]] {
        let run = with(line, SETTINGS);
        assert!(run.code == Some(64) && run.err.contains("write the name of a file"), "{}", run.text());
    }
}

#[test]
fn what_a_run_reads_is_not_offered_for_deletion() {
    let site = site().file("notes.txt", "mine\n");
    let refused = |flag: &str, file: &str| site.run(["plan", "s.yaml", flag, file]).err;
    let told = |flag: &str, file: &str, why: &str, help: &str| format!("error: {flag} {file}: {why}\n  help: {help}\n");
    let input = told("--html", "s.yaml", "this file is an input, or another output", "name another file");
    assert_eq!(refused("--html", "s.yaml"), input);
    let foreign = "the file exists and was not written by sailplan";
    let help = "name another file, or delete that one first";
    assert_eq!(refused("--json", "notes.txt"), told("--json", "notes.txt", foreign, help));
    let settings = "sailplan apply would take a file of this name for settings";
    let expected = told("--out", "new.yaml", settings, "name a file that ends in .json");
    assert_eq!(refused("--out", "new.yaml"), expected);
    assert_eq!(site.calls(), [""; 0]);
}

#[test]
fn a_plan_that_would_hold_a_secret_says_where_to_look_for_it() {
    let settings = "jitActivationPolicy: {notificationTemplate: secret-of-the-test}\n";
    let site = Site::new().tenant().file("settings.yaml", settings);
    for args in [["--format", "json"], ["--out", "plan.json"]] {
        let run = site.run_wide(["plan", "settings.yaml", args[0], args[1]]);
        assert_eq!(run.code, Some(1), "{args:?}: {}", run.text());
        let told =
            "error: the plan cannot be written as JSON: it would hold a token or a client secret\n  help: take what";
        assert!(run.err.contains(told), "{args:?}: {}", run.text());
        assert!(!run.text().contains("secret-of-the-test"), "{args:?}: {}", run.text());
    }
}
