//! A process that is killed at any step of an apply leaves the truth behind, and the next run tells it.

use serde_json::{Value, json};

use crate::harness::{Run, Site};

// One resource each: two are written side by side, and how far the other one came at the kill would be chance.
const POLICY: &str = "\
jitActivationPolicy:
  defaultMaxActivationPeriodMins: 3h
  maxActivationPeriodMins: 4h
";
const REQUESTS: &str = "\
accessRequestConfig:
  apiVersion: beta
  autoApprovalEnabled: false
";

/// Kills an apply while the tenant holds back its answer to the request that `fault` names.
fn killed(settings: &str, fault: &str, requests: usize, holds: impl Fn(&Value) -> bool) -> Site {
    kill(Site::new().tenant().workspace(settings).fault(fault), requests, holds)
}

fn kill(site: Site, requests: usize, holds: impl Fn(&Value) -> bool) -> Site {
    // Nothing follows the request by itself before the kill.
    let run = site.start(["apply", "--yes", "--pause", "30"]);
    site.wait_for(|site| site.requests().len() == requests && holds(&site.live()));
    run.signal("KILL");
    assert_eq!(run.end().code, None);
    site
}

fn patched(live: &Value) -> bool {
    live["jitActivationPolicy"]["maxActivationPeriodMins"] == json!(240)
}

fn put(live: &Value) -> bool {
    live["accessRequestConfig"]["autoApprovalEnabled"] == json!(false)
}

/// Returns the receipt of the killed run with what tells how far it came.
fn outcomes(site: &Site) -> Value {
    let receipt = site.receipt(&site.receipts()[0]);
    let resources = receipt["tenants"][0]["resources"].as_array().unwrap().iter();
    json!({
        "finished": receipt.get("finishedAt").is_some(),
        "outcomes": resources.map(|one| json!([one["outcome"], one.get("startedAt").is_some()])).collect::<Vec<_>>(),
    })
}

/// The next runs after the kill: a plan tells, an apply goes on and completes the receipt, a plan has nothing to tell.
fn next_runs(site: &Site) -> String {
    let told = |run: &Run| run.err.split("prod (").next().unwrap().to_owned();
    let plan = site.run(["plan", "-q"]);
    let mut text = format!("receipt: {}\n-- plan\n{}", outcomes(site), told(&plan));
    assert_eq!(site.run(["plan", "-q"]).err, plan.err, "a plan only reads");
    let apply = site.run(["apply", "--yes", "-q"]);
    assert_eq!(apply.code, Some(0), "{}", apply.text());
    text.push_str(&format!("-- apply\n{}{}", told(&apply), apply.out.lines().last().unwrap()));
    let quiet = site.run(["plan", "-q", "--detailed-exitcode"]);
    assert_eq!((quiet.code, quiet.err.as_str()), (Some(0), ""), "{}", quiet.text());
    text.push_str(&format!("\nreceipt: {}\n", outcomes(site)));
    text
}

#[test]
fn while_the_token_is_asked_for() {
    let site = killed(POLICY, "stall POST", 1, |_| true);
    assert_eq!(site.receipts(), [""; 0]);
    assert_eq!(site.run(["plan", "-q"]).err, "");
}

#[test]
fn while_live_is_read() {
    let site = killed(POLICY, "stall GET", 2, |live| !patched(live));
    assert_eq!(site.receipts(), [""; 0]);
    assert_eq!(site.run(["plan", "-q"]).err, "");
}

#[test]
fn after_a_write_was_sent_and_before_it_arrived() {
    // The connection breaks before anything is done, and the run still looks what became of it.
    let site = killed(POLICY, "drop-before PATCH", 4, |live| !patched(live));
    insta::assert_snapshot!(next_runs(&site));
}

#[test]
fn after_the_write_and_before_the_receipt_is_updated() {
    let site = killed(POLICY, "stall PATCH", 3, patched);
    insta::assert_snapshot!(next_runs(&site));
}

#[test]
fn while_the_write_is_verified() {
    let site = killed(POLICY, "stall GET skip=1", 4, patched);
    insta::assert_snapshot!(next_runs(&site));
}

#[test]
fn after_the_write_of_a_whole_document() {
    let site = killed(REQUESTS, "stall PUT", 3, put);
    insta::assert_snapshot!(next_runs(&site));
}

#[test]
fn while_the_write_of_a_whole_document_is_verified() {
    let site = killed(REQUESTS, "stall GET skip=1", 4, put);
    insta::assert_snapshot!(next_runs(&site));
}

const TYPE: &str = "APPROVAL_TYPE/ACCESS_REQUEST_APPROVAL";

fn stored(live: &Value) -> bool {
    live["approvalsConfig"].get(TYPE).is_some()
}

/// Kills an apply that stores an approvals configuration.
fn killed_while_storing(fault: &str, requests: usize) -> Site {
    killed("approvalsConfig:\n  ACCESS_REQUEST_APPROVAL: {autoApprove: DIRECT}\n", fault, requests, stored)
}

/// Kills an apply that deletes an approvals configuration, which is what `before` holds.
fn killed_while_deleting(before: &Value, fault: &str, requests: usize) -> Site {
    let site = Site::new().tenant().workspace("approvalsConfig:\n  ACCESS_REQUEST_APPROVAL: inherit\n").fault(fault);
    site.edit_live(|state| state["approvalsConfig"][TYPE] = before.clone());
    kill(site, requests, |live| !stored(live))
}

#[test]
fn after_a_configuration_was_stored() {
    insta::assert_snapshot!(next_runs(&killed_while_storing("stall PUT", 3)));
}

#[test]
fn while_the_storing_of_a_configuration_is_verified() {
    insta::assert_snapshot!(next_runs(&killed_while_storing("stall GET skip=1", 4)));
}

#[test]
fn after_a_configuration_was_deleted() {
    // With the document that holds then, which is asked for before.
    insta::assert_snapshot!(next_runs(&killed_while_deleting(&json!({"autoApprove": "DIRECT"}), "stall DELETE", 4)));
}

#[test]
fn a_killed_run_that_stored_or_deleted_a_configuration_can_be_rolled_back() {
    let site = killed_while_storing("stall PUT", 3);
    let run = site.run(["rollback", &site.receipts()[0], "--yes"]);
    assert_eq!((run.code, stored(&site.live())), (Some(0), false), "{}", run.text());
    let before = json!({"autoApprove": "DIRECT", "brandNew": {"deep": 1.50}});
    let site = killed_while_deleting(&before, "stall DELETE", 4);
    let run = site.run(["rollback", &site.receipts()[0], "--yes"]);
    assert_eq!((run.code, &site.live()["approvalsConfig"][TYPE]), (Some(0), &before), "{}", run.text());
}

#[test]
fn somebody_else_changed_it_before_the_next_run() {
    let site = killed(POLICY, "stall PATCH", 3, patched);
    site.edit_live(|state| state["jitActivationPolicy"]["maxActivationPeriodMins"] = json!(300));
    insta::assert_snapshot!(next_runs(&site));
}

#[test]
fn a_killed_run_can_be_rolled_back() {
    let site = killed(POLICY, "stall PATCH", 3, patched);
    let run = site.run(["rollback", &site.receipts()[0], "--yes"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert!(!patched(&site.live()));
}

#[test]
fn what_another_run_cannot_see_is_told_again() {
    let site = killed(POLICY, "stall PATCH", 3, patched);
    site.write("settings/base.yaml", "accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: false}\n");
    let first = site.run(["apply", "--yes", "-q"]);
    let told = first.err.split("prod (").next().unwrap().to_owned();
    insta::assert_snapshot!(told);
    assert_eq!(site.run(["plan", "-q"]).err, told.replace("  its receipt says so now\n", ""));
}

/// Kills an apply while it waits after its write was turned away.
fn killed_while_it_waits(settings: &str, method: &str) -> Site {
    let site = Site::new().tenant().workspace(settings).fault(&format!("429 {method} retry-after=30"));
    let run = site.start(["apply", "--yes", "--max-wait", "60"]);
    site.wait_for(|site| {
        site.writes().len() == 1
            && site.receipt(&site.receipts()[0])["tenants"][0]["resources"][0]["error"]["status"] == json!(429)
    });
    run.signal("KILL");
    run.end();
    site
}

#[test]
fn while_it_waits_after_its_write_was_turned_away() {
    let site = killed_while_it_waits(POLICY, "PATCH");
    insta::assert_snapshot!(next_runs(&site));
}

#[test]
fn a_rollback_does_not_undo_what_somebody_else_made_after_the_write_was_turned_away() {
    for (settings, method, wanted) in [
        (
            POLICY,
            "PATCH",
            ("jitActivationPolicy", json!({"maxActivationPeriodMins": 240, "defaultMaxActivationPeriodMins": 180})),
        ),
        (REQUESTS, "PUT", ("accessRequestConfig", json!({"autoApprovalEnabled": false}))),
    ] {
        let site = killed_while_it_waits(settings, method);
        let mut state = site.live();
        for (setting, value) in wanted.1.as_object().unwrap() {
            state[wanted.0][setting] = value.clone();
        }
        site.set_live(&state);
        let run = site.run(["rollback", &site.receipts()[0], "--yes", "-q"]);
        assert_eq!(run.code, Some(0), "{}", run.text());
        assert!(run.out.contains("That run changed nothing, so there is nothing to undo."), "{}", run.text());
        assert_eq!(site.live(), state);
        assert!(run.err.contains("the tenant turned it down"), "{}", run.text());
        assert_eq!(outcomes(&site), json!({"finished": true, "outcomes": [["failed", true]]}));
    }
}
