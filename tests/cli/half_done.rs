//! Applies that are done in part: what is said, what the receipt says, and what the tenant holds.

use serde_json::{Value, json};

use crate::harness::{ONE_CHANGE_EACH, Run, Site};

struct Applied {
    run: Run,
    /// Whether the tenant holds the policy, and the settings, as desired.
    live: (bool, bool),
    /// The outcomes in the receipt.
    outcomes: Vec<Value>,
}

fn apply<const N: usize>(faults: [&str; N]) -> Applied {
    let site = faults.into_iter().fold(Site::new().tenant().workspace(ONE_CHANGE_EACH), Site::fault);
    let run = site.run(["apply", "--yes", "-q"]);
    let live = site.live();
    let receipt: Value = serde_json::from_str(&site.read(&site.receipts()[0])).unwrap();
    let resources = receipt["tenants"][0]["resources"].as_array().unwrap();
    Applied {
        run,
        live: (
            live["jitActivationPolicy"]["maxActivationPeriodMins"] == json!(240),
            live["accessRequestConfig"]["autoApprovalEnabled"] == json!(false),
        ),
        outcomes: resources.iter().map(|one| one["outcome"].clone()).collect(),
    }
}

#[test]
fn patch_succeeds_and_put_fails() {
    let Applied { run, live, outcomes } = apply(["400 PUT"]);
    insta::assert_snapshot!(run.out);
    assert_eq!((run.code, live, outcomes), (Some(1), (true, false), vec![json!("applied"), json!("failed")]));
}

#[test]
fn the_reverse() {
    let Applied { run, live, outcomes } = apply(["400 PATCH"]);
    insta::assert_snapshot!(run.out);
    assert_eq!((run.code, live, outcomes), (Some(1), (false, true), vec![json!("failed"), json!("applied")]));
}

#[test]
fn forbidden_on_one_resource_only() {
    let Applied { run, live, outcomes } = apply(["403 GET /jit times=9"]);
    insta::assert_snapshot!(run.out);
    assert_eq!((run.code, live, outcomes), (Some(1), (false, true), vec![json!("failed"), json!("applied")]));
}

#[test]
fn success_that_did_not_take_effect() {
    let Applied { run, live, outcomes } = apply(["ignore PATCH"]);
    insta::assert_snapshot!(run.out);
    assert_eq!((run.code, live, outcomes), (Some(1), (false, true), vec![json!("unknown"), json!("applied")]));
}

#[test]
fn success_with_an_answer_that_cannot_be_used() {
    for fault in ["empty", "html", "bad-json", "wrong-types", "drop-body"] {
        let fault = format!("{fault} PATCH");
        let Applied { run, live, outcomes } = apply([fault.as_str()]);
        assert_eq!(
            (run.code, live, outcomes),
            (Some(0), (true, true), vec![json!("applied"), json!("applied")]),
            "{fault}: {}",
            run.text()
        );
    }
}

#[test]
fn a_read_after_the_write_that_cannot_be_used() {
    let Applied { run, live, outcomes } = apply(["wrong-types GET /jit skip=1 times=3"]);
    insta::assert_snapshot!(run.out);
    assert_eq!((run.code, live, outcomes), (Some(1), (true, true), vec![json!("unknown"), json!("applied")]));
}

#[test]
fn reads_that_lag_behind_by_two() {
    let Applied { run, live, .. } = apply(["lag GET /jit times=2"]);
    assert_eq!((run.code, live), (Some(0), (true, true)), "{}", run.text());
}

#[test]
fn reads_that_lag_behind_for_longer() {
    let Applied { run, live, outcomes } = apply(["lag GET /jit times=3"]);
    insta::assert_snapshot!(run.out);
    assert_eq!((run.code, live, outcomes), (Some(1), (true, true), vec![json!("unknown"), json!("applied")]));
}

#[test]
fn an_unmanaged_setting_moves_during_the_write() {
    let Applied { run, live, outcomes } = apply(["edit PATCH set=/notificationTemplate=other"]);
    insta::assert_snapshot!(run.out);
    assert_eq!((run.code, live, outcomes), (Some(1), (true, true), vec![json!("failed"), json!("applied")]));
    // Alone, it is not a change that was not verified.
    let site = Site::new()
        .tenant()
        .workspace("jitActivationPolicy: {maxActivationPeriodMins: 4h}\n")
        .fault("edit PATCH set=/notificationTemplate=other");
    let alone = site.run(["apply", "--yes", "-q"]);
    let verdict = "Apply failed: 1 setting is as desired; 1 resource failed.";
    assert_eq!((alone.out.lines().last(), alone.code), (Some(verdict), Some(1)), "{}", alone.text());
}

#[test]
fn a_field_that_nobody_knows_and_the_id_move_during_the_write() {
    let Applied { run, live, .. } = apply(["edit PATCH set=/id=other", "edit PATCH set=/brandNew=1"]);
    insta::assert_snapshot!(run.out);
    assert_eq!((run.code, live), (Some(0), (true, true)));
}

#[test]
fn somebody_else_writes_while_the_answer_is_lost() {
    let Applied { run, live, outcomes } =
        apply(["drop-before PATCH", "edit GET /jit skip=1 set=/maxActivationPeriodMins=300"]);
    insta::assert_snapshot!(run.out);
    assert_eq!((run.code, live, outcomes), (Some(1), (false, true), vec![json!("failed"), json!("applied")]));
}

#[test]
fn the_answer_is_lost_and_so_is_every_read_after_it() {
    let Applied { run, live, outcomes } = apply(["drop-after PATCH", "403 GET /jit skip=1 times=3"]);
    insta::assert_snapshot!(run.out);
    assert_eq!((run.code, live, outcomes), (Some(1), (true, true), vec![json!("unknown"), json!("applied")]));
}

#[test]
fn a_write_that_is_redirected() {
    let Applied { run, live, outcomes } = apply(["redirect PATCH to=https://evil.example/x?token=1"]);
    insta::assert_snapshot!(run.out);
    assert_eq!((run.code, live, outcomes), (Some(1), (false, true), vec![json!("failed"), json!("applied")]));
}

#[test]
fn a_token_that_is_refused_once_and_twice() {
    let Applied { run, live, .. } = apply(["401 PATCH"]);
    assert_eq!((run.code, live), (Some(0), (true, true)), "{}", run.text());
    let Applied { run, live, outcomes } = apply(["401 PATCH times=2"]);
    insta::assert_snapshot!(run.out);
    assert_eq!((run.code, live, outcomes), (Some(1), (false, true), vec![json!("failed"), json!("applied")]));
}

#[test]
fn the_token_expires_mid_run() {
    let site = Site::new()
        .tenant_with(|options| sailplan::practice::Options { token_seconds: 1, ..options })
        .workspace(ONE_CHANGE_EACH)
        .fault("stall PATCH seconds=1.5");
    let run = site.run(["apply", "--yes", "-q"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
}

/// Runs an apply that may write no file of more than so many bytes.
fn apply_with_space_for(site: &Site, bytes: usize) -> Run {
    site.run_after(&format!("trap '' XFSZ; ulimit -f {}", bytes / 512), ["apply", "--yes", "-q"])
}

#[test]
fn the_disk_full_before_anything_is_sent() {
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH);
    let run = apply_with_space_for(&site, 512);
    insta::assert_snapshot!(run.after_the_plan());
    assert_eq!(run.code, Some(3));
    assert_eq!(site.calls().iter().filter(|call| call.starts_with("PATCH") || call.starts_with("PUT")).count(), 0);
    assert_eq!(site.receipts(), [""; 0]);
}

#[test]
fn the_disk_full_after_the_first_write() {
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH);
    // What the receipt holds before anything is known, and before what is known no longer fits.
    let run = apply_with_space_for(&site, 3584);
    insta::assert_snapshot!(format!(
        "{}--- stderr ---\n{}--- exit {:?} ---\n",
        run.out,
        run.after_the_plan(),
        run.code
    ));
    assert_eq!(site.calls().iter().filter(|call| call.starts_with("PATCH") || call.starts_with("PUT")).count(), 2);
    let receipt: Value = serde_json::from_str(&site.read(&site.receipts()[0])).unwrap();
    assert_eq!(receipt["tenants"][0]["resources"][0]["outcome"], json!("pending"));
    let told = site.run(["plan", "-q"]).err;
    insta::assert_snapshot!("the_next_run_tells_after_a_full_disk", told);
}

#[test]
fn the_receipt_directory_cannot_be_made() {
    let site =
        Site::new().tenant().workspace(ONE_CHANGE_EACH).file(".sailplan/receipts", "a file where a folder must be");
    let run = site.run(["apply", "--yes", "-q"]);
    insta::assert_snapshot!(run.after_the_plan());
    assert_eq!(run.code, Some(3));
}
