//! A receipt belongs to the run that made it: while that run lives nobody else completes it, and afterwards it is completed
//! from what the tenant shows.

use std::os::unix::fs::symlink;

use sailplan::testing::Receipt;
use serde_json::{Value, json};

use crate::harness::Site;

const SETTINGS: &str = "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n";

/// A workspace with a practice tenant inside of sailplan beside the one over HTTP.
fn two() -> Site {
    let site = Site::new().tenant().workspace(SETTINGS);
    let workspace = site.read("sailplan.yaml");
    let second = "  second:\n    url: practice:second.json\n    settings: [settings/base.yaml]\n";
    site.write("sailplan.yaml", &format!("{workspace}{second}"));
    site
}

fn received(site: &Site, method: &str) -> usize {
    site.requests().iter().filter(|request| request.method == method).count()
}

/// Kills an apply while its PATCH is on its way.
fn killed(fault: &str) -> Site {
    let site = Site::new().tenant().workspace(SETTINGS).fault(fault);
    let run = site.start(["apply", "--yes", "--pause", "30"]);
    site.wait_for(|site| received(site, "PATCH") == 1);
    run.signal("KILL");
    run.end();
    site
}

fn outcome(site: &Site, receipt: &str) -> Value {
    site.receipt(receipt)["tenants"][0]["resources"][0]["outcome"].clone()
}

#[test]
fn a_run_that_lives_keeps_its_receipt() {
    let site = two().fault("stall PATCH seconds=30");
    let run = site.start(["apply", "--yes", "-q", "--tenant", "prod"]);
    site.wait_for(|site| received(site, "PATCH") == 1);
    let receipt = site.receipts()[0].clone();
    let before = site.read(&receipt);
    let told = "another run, which began at [TIME], is still running; its receipt is .sailplan/receipts/[RECEIPT].json";
    for args in [["plan", "-q", "--tenant", "second"], ["apply", "--yes", "--tenant", "second"]] {
        let other = site.run(args);
        assert_eq!(other.code, Some(0), "{}", other.text());
        assert!(other.err.starts_with(&format!("warning: {told}\n")), "{}", other.text());
        assert_eq!(site.read(&receipt), before);
    }
    run.signal("KILL");
    run.end();
    let next = site.run(["apply", "--yes", "-q", "--tenant", "prod"]);
    assert!(next.err.contains("did not finish"), "{}", next.text());
    assert!(next.err.contains("its receipt says so now"), "{}", next.text());
    assert_eq!(outcome(&site, &receipt), json!("applied"));
    assert_eq!(site.run(["plan", "-q"]).err, "");
}

#[test]
fn the_receipt_of_a_run_on_another_machine_stays_as_it_is() {
    let site = killed("stall PATCH seconds=30");
    let name = site.receipts()[0].clone();
    let mut receipt = Receipt::parse(&site.read(&name)).unwrap();
    receipt.evidence.host = Some("runner-7".to_owned());
    site.write(&name, &receipt.to_text().unwrap());
    let before = site.read(&name);
    let next = site.run(["apply", "--yes", "-q"]);
    assert_eq!(next.code, Some(0), "{}", next.text());
    insta::assert_snapshot!(next.err.split("prod (").next().unwrap());
    assert_eq!(site.read(&name), before);
}

#[test]
fn a_write_of_a_killed_run_is_read_as_often_as_any_other() {
    // The first two reads of the next run still show the old value.
    let site = killed("stall PATCH seconds=30").fault("lag GET /jit times=2");
    let receipt = site.receipts()[0].clone();
    let next = site.run(["apply", "--yes", "-q"]);
    assert_eq!(next.code, Some(0), "{}", next.text());
    assert_eq!(outcome(&site, &receipt), json!("applied"));
    assert_eq!(received(&site, "PATCH"), 1, "the plan is made from the last of these reads");
}

#[test]
fn a_tenant_that_left_the_workspace_is_told_with_what_to_do() {
    let site = killed("stall PATCH seconds=30");
    site.write("sailplan.yaml", "tenants:\n  other: {url: 'practice:other.json', settings: [settings/base.yaml]}\n");
    let next = site.run(["apply", "--yes", "-q"]);
    assert_eq!(next.code, Some(0), "{}", next.text());
    insta::assert_snapshot!(next.err.split("other (").next().unwrap());
}

#[test]
fn a_copy_that_cannot_be_written_is_named_and_leaves_no_receipt() {
    let site = Site::new().tenant().workspace(SETTINGS).file("notes", "my notes\n");
    for copy in ["notes", "notes/receipt.json", "/dev/null/receipt.json"] {
        let run = site.run(["apply", "--yes", "-q", "--receipt", copy]);
        assert_eq!(run.code, Some(3), "{}", run.text());
        let told = format!("the receipt {copy} cannot be written, so nothing was sent");
        assert!(run.err.contains(&told), "{}", run.text());
        assert_eq!(site.receipts(), [""; 0]);
    }
    assert_eq!((received(&site, "PATCH"), site.run(["plan", "-q"]).err.as_str()), (0, ""));
}

#[test]
fn the_copy_of_a_killed_run_is_completed_with_its_receipt() {
    let site = Site::new().tenant().workspace(SETTINGS).fault("stall PATCH seconds=30");
    let run = site.start(["apply", "--yes", "-q", "--receipt", "out/copy.json"]);
    site.wait_for(|site| received(site, "PATCH") == 1);
    run.signal("KILL");
    run.end();
    let receipt = site.receipts()[0].clone();
    assert_eq!(site.read("out/copy.json"), site.read(&receipt));
    assert_eq!(site.receipt("out/copy.json").get("finishedAt"), None);
    let next = site.run(["apply", "--yes", "-q"]);
    assert_eq!(next.code, Some(0), "{}", next.text());
    assert!(site.receipt("out/copy.json")["finishedAt"].is_string());
    assert_eq!(site.read("out/copy.json"), site.read(&receipt));
}

#[test]
fn a_file_in_the_place_of_a_copy_stays_as_it_is() {
    let site = Site::new().tenant().workspace(SETTINGS).fault("stall PATCH seconds=30");
    let run = site.start(["apply", "--yes", "-q", "--receipt", "copy.json"]);
    site.wait_for(|site| received(site, "PATCH") == 1);
    run.signal("KILL");
    run.end();
    site.write("copy.json", "my notes\n");
    let next = site.run(["apply", "--yes", "-q"]);
    assert!(next.err.contains("its receipt says so now"), "{}", next.text());
    assert_eq!(site.read("copy.json"), "my notes\n");
}

#[test]
fn receipts_stay_in_the_workspace() {
    for link in [".sailplan", ".sailplan/receipts"] {
        let outside = Site::new();
        let site = Site::new().tenant().workspace(SETTINGS);
        if let (parent, Some(_)) = (site.path(".sailplan"), link.split_once('/')) {
            std::fs::create_dir(parent).unwrap();
        }
        symlink(outside.path(""), site.path(link)).unwrap();
        let run = site.run(["apply", "--yes", "-q"]);
        assert_eq!(run.code, Some(3), "{}", run.text());
        insta::assert_snapshot!("a_link_out_of_the_workspace", run.after_the_plan());
        assert_eq!(received(&site, "PATCH"), 0);
        assert_eq!(std::fs::read_dir(outside.path("")).unwrap().count(), 0);
    }
}

#[test]
fn temporary_files_of_killed_processes_are_removed() {
    let site = Site::new().tenant().workspace(SETTINGS).file(".sailplan/receipts/.sailplan-a1b2c3", "half a receipt");
    let file = site.path(".sailplan/receipts/.sailplan-a1b2c3");
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(120);
    std::fs::File::options().append(true).open(&file).unwrap().set_modified(old).unwrap();
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
    let left = std::fs::read_dir(site.path(".sailplan/receipts")).unwrap();
    assert_eq!((file.exists(), left.count()), (false, 1));
}

#[test]
fn a_receipt_tells_who_where_how_and_what_it_meant() {
    let site = Site::new()
        .tenant()
        .workspace(SETTINGS)
        .variable("USER", "runner")
        .variable("GITHUB_SHA", "c0ffee")
        .variable("GITHUB_ACTOR", "mona")
        .variable("SAILPLAN_RUN_URL", "https://ci.example/12")
        .variable("SAILPLAN_PULL_REQUEST", "7")
        .variable("SAILPLAN_APPROVED_BY", "ann, bob");
    assert_eq!(site.run(["plan", "-q", "--out", "plan.json"]).code, Some(0));
    let run = site.run(["apply", "plan.json", "-q", "--allow", "loosens"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let plan: Value = serde_json::from_str(&site.read("plan.json")).unwrap();
    let receipt = site.receipt(&site.receipts()[0]);
    let mut evidence = receipt["evidence"].clone();
    assert!(evidence["host"].as_str().is_some_and(|host| !host.is_empty()));
    evidence.as_object_mut().unwrap().remove("host");
    assert_eq!(
        evidence,
        json!({
            "approval": {
                "how": "plan",
                "planDigest": plan["digest"],
                "planCreatedAt": plan["createdAt"],
                "approvers": ["ann", "bob"],
            },
            "user": "runner",
            "ci": {"url": "https://ci.example/12", "pullRequest": "7", "actor": "mona", "commit": "c0ffee"},
            "flags": ["--allow loosens"],
        })
    );
    let change = &plan["tenants"][0]["resources"][0]["changes"][0];
    assert_eq!(
        receipt["tenants"][0]["resources"][0]["changes"],
        json!([{"path": change["path"], "impact": change["impact"], "sentence": change["sentence"]}])
    );
}
