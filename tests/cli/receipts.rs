//! `sailplan receipts`: a year later it tells who changed what, when, from what to what, and how to undo it.

use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{ONE_CHANGE_EACH, Site};

#[test]
fn tells_who_changed_what_and_how_to_undo_it() {
    let site = Site::new()
        .tenant()
        .workspace(ONE_CHANGE_EACH)
        .variable("GITHUB_SHA", "c0ffee")
        .variable("GITHUB_ACTOR", "mona")
        .variable("SAILPLAN_APPROVED_BY", "ana, bo")
        .variable("SAILPLAN_PULL_REQUEST", "7");
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
    let receipt = site.receipts()[0].clone();
    let list = site.run(["receipts"]);
    assert_eq!(list.code, Some(0), "{}", list.text());
    for told in [
        "run by: mona (as the CI says)",
        "approved: in advance, without a question, by ana, bo (as the CI says)",
        "pull request 7, commit c0ffee",
        "prod jitActivationPolicy.maxActivationPeriodMins: 2h (120 min) -> 4h (240 min)",
        "prod accessRequestConfig.autoApprovalEnabled: true -> false",
        "undo: sailplan rollback .sailplan/receipts/",
        "1 receipt.",
    ] {
        assert!(list.out.contains(told), "{told}: {}", list.text());
    }
    let back = site.run(["rollback", &receipt, "--yes", "-q"]);
    assert_eq!(back.code, Some(0), "{}", back.text());
    let list = site.run(["receipts"]);
    assert!(
        list.out.contains("rolled back by .sailplan/receipts/") && list.out.contains("2 receipts."),
        "{}",
        list.text()
    );
}

#[test]
fn tells_which_commit_the_settings_were_from() {
    let git = |site: &Site, args: &[&str]| {
        let identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
        let done = Command::new("git").args(identity).args(args).current_dir(site.path("")).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    };
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH).file(".gitignore", ".sailplan/\nlater\n");
    let checkout = |site: &Site| {
        let newest = site.receipts().last().unwrap().clone();
        serde_json::from_str::<Value>(&site.read(&newest)).unwrap()["evidence"]["checkout"].clone()
    };
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
    assert_eq!(checkout(&site), Value::Null);
    // The environment of the test names nobody, and times end at the second.
    let list = site.run(["receipts"]).out;
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines[0], "[TIME]  .sailplan/receipts/[RECEIPT].json", "{list}");
    assert!(lines.iter().any(|line| line.starts_with("  run by: not known")), "{list}");
    git(&site, &["init", "-q"]);
    git(&site, &["add", "."]);
    git(&site, &["commit", "-q", "-m", "start"]);
    let commit = git(&site, &["rev-parse", "HEAD"]);
    // What is not read does not count.
    site.write("notes.txt", "x");
    let receipt = site.receipts()[0].clone();
    assert_eq!(site.run(["rollback", &receipt, "--yes", "-q"]).code, Some(0));
    assert_eq!(checkout(&site), json!({"commit": commit, "dirty": false}));
    let list = site.run(["receipts"]);
    assert!(list.out.contains("settings from: commit [COMMIT]\n"), "{}", list.text());
    let settings = site.read("settings/base.yaml");
    site.write("settings/base.yaml", &format!("{settings}# more\n"));
    assert_eq!(site.run(["apply", "--yes", "-q", "--again"]).code, Some(0));
    assert_eq!(checkout(&site), json!({"commit": commit, "dirty": true}));
    let list = site.run(["receipts"]);
    assert!(list.out.contains("[COMMIT], with files that were not committed\n"), "{}", list.text());
}

#[test]
fn a_run_that_was_refused_is_told_where_its_receipt_was_asked_for() {
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH);
    let text = site.read("sailplan.yaml");
    site.write("sailplan.yaml", &format!("{text}    guardrails: {{deny: [loosens]}}\n"));
    assert_eq!(site.run(["apply", "--yes", "-q", "--receipt", "kept/receipt.json"]).code, Some(3));
    let list = site.run(["receipts", "kept"]);
    assert!(list.out.contains("refused") && !list.out.contains("did not finish"), "{}", list.text());
    let receipt: Value = serde_json::from_str(&site.read("kept/receipt.json")).unwrap();
    assert!(receipt["finishedAt"].is_string() && receipt["verdict"].is_string(), "{receipt}");
}

#[test]
fn finds_runs_by_tenant_setting_day_and_person() {
    let site = Site::new()
        .tenant()
        .workspace(ONE_CHANGE_EACH)
        .variable("GITHUB_SHA", "c0ffee")
        .variable("GITHUB_ACTOR", "mona");
    site.run(["apply", "--yes", "-q"]);
    let found = |flags: &[&str]| {
        let output = site.command().args(["receipts", "--format", "json"]).args(flags).output().unwrap();
        let run = site.read_output(output);
        assert_eq!(run.code, Some(0), "{flags:?}: {}", run.text());
        serde_json::from_str::<Value>(&run.out).unwrap().as_array().unwrap().len()
    };
    for (flags, number) in [
        (vec![], 1),
        (vec!["--tenant", "pr*"], 1),
        (vec!["--tenant", "test"], 0),
        (vec!["--setting", "maxActivationPeriodMins"], 1),
        (vec!["--setting", "jitActivationPolicy.maxActivationPeriodMins", "--tenant", "prod"], 1),
        (vec!["--setting", "entitlementIds"], 0),
        (vec!["--since", "2020-01-01", "--until", "2999-12-31"], 1),
        (vec!["--until", "2020-01-01"], 0),
        (vec!["--since", "2999-01-01"], 0),
        (vec!["--by", "MONA"], 1),
        (vec!["--by", "nick"], 0),
    ] {
        assert_eq!(found(&flags), number, "{flags:?}");
    }
    let wrong = site.run(["receipts", "--setting", "maxActivation"]);
    assert_eq!(wrong.code, Some(64), "{}", wrong.text());
    // A part of it would be left out without a word.
    for day in ["2026-12-31T23:00:00+02:00", "2026-12-31 10:00", "20261231", "2026-12-31[Europe/Berlin]"] {
        let wrong = site.run(["receipts", "--until", day]);
        assert_eq!(wrong.code, Some(64), "{day}: {}", wrong.text());
    }
    // An archive is read without a workspace.
    let archive = site.path(".sailplan/receipts");
    let list = Site::new().run(["receipts", archive.to_str().unwrap()]);
    assert!(list.out.ends_with("1 receipt.\n"), "{}", list.text());
    assert_eq!(Site::new().run(["receipts"]).out, "0 receipts.\n");
}

#[test]
fn a_receipt_of_a_run_that_is_gone_is_completed_by_hand() {
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH).fault("stall PATCH seconds=30");
    let run = site.start(["apply", "--yes", "-q"]);
    site.wait_for(|site| site.writes().len() == 2);
    let path = site.receipts()[0].clone();
    let lives = site.run(["receipts", "--settle", &path]);
    assert_eq!(lives.code, Some(3), "{}", lives.text());
    run.signal("KILL");
    run.end();
    let settled = site.run(["receipts", "--settle", &path]);
    assert_eq!(settled.code, Some(0), "{}", settled.text());
    let receipt: Value = serde_json::from_str(&site.read(&path)).unwrap();
    assert_eq!(receipt["tenants"][0]["resources"][0]["outcome"], json!("unknown"));
    assert!(receipt["finishedAt"].is_string());
    assert_eq!(site.run(["receipts", "--settle", &path]).code, Some(3));
}

#[test]
fn show_tells_what_a_run_did_in_every_form() {
    let site = Site::new().tenant().file("settings.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n");
    assert_eq!(site.run(["apply", "--yes", "settings.yaml"]).code, Some(0));
    let receipt = site.receipts().concat();
    let shown = |format: &str| {
        let run = site.run(["show", &receipt, "--format", format]);
        assert_eq!(run.code, Some(0), "{}", run.err);
        run.out
    };
    let text = shown("text");
    for part in [
        "approved: in advance, without a question",
        "jitActivationPolicy v2026: 1 setting changed, verified by reading back",
        "~ maxActivationPeriodMins: 2 hours -> 4 hours",
        "loosens. The plan said: A single activation will last at most 4 hours instead of 2 hours",
        "This is what the file says.",
        "undo: sailplan rollback ",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let markdown = shown("markdown");
    assert!(markdown.starts_with("**Apply complete: 1 setting changed in 1 resource of 1 tenant"), "{markdown}");
    let page = shown("html");
    assert!(
        page.contains("<h3>The plan said: A single activation will last at most 4 hours instead of 2 hours"),
        "{page}"
    );
    let json: Value = serde_json::from_str(&shown("json")).unwrap();
    assert_eq!(json["tenants"][0]["resources"][0]["outcome"], "applied");
    assert_eq!(site.run(["show", &receipt, "--format", "github"]).code, Some(64));
    // A receipt that was changed is not shown as one.
    site.write("changed.json", &site.read(&receipt).replace("240", "241"));
    let run = site.run(["show", "changed.json"]);
    assert_eq!(run.code, Some(3));
    assert!(run.err.contains("the receipt was changed after it was saved"), "{}", run.err);
}
