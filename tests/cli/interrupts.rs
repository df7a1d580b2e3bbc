//! Ctrl-C and requests to terminate.

use serde_json::json;

use crate::harness::{ONE_CHANGE_EACH, Site};

fn received(site: &Site, method: &str) -> usize {
    site.requests().iter().filter(|request| request.method == method).count()
}

#[test]
fn the_writes_in_flight_are_finished_and_verified() {
    for signal in ["INT", "TERM"] {
        let site = Site::new().tenant().workspace(ONE_CHANGE_EACH).fault("stall PATCH seconds=1");
        let run = site.start(["apply", "--yes", "-q"]);
        site.wait_for(|site| received(site, "PATCH") == 1);
        run.signal(signal);
        let run = run.end();
        let (told, out) = (run.after_the_plan(), run.out.clone());
        insta::assert_snapshot!("finished_and_proven", format!("{out}--- stderr ---\n{told}--- {:?} ---\n", run.code));
        assert_eq!(site.writes().len(), 2);
        let receipt: serde_json::Value = serde_json::from_str(&site.read(&site.receipts()[0])).unwrap();
        let outcomes: Vec<_> =
            receipt["tenants"][0]["resources"].as_array().unwrap().iter().map(|one| &one["outcome"]).collect();
        assert_eq!(outcomes, [&json!("applied"), &json!("applied")]);
        assert!(receipt["finishedAt"].is_string());
    }
}

#[test]
fn a_second_one_ends_the_run_at_once_and_leaves_the_receipt_open() {
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH).fault("stall PATCH seconds=30");
    let run = site.start(["apply", "--yes", "-q"]);
    site.wait_for(|site| received(site, "PATCH") == 1);
    run.signal("INT");
    // Signals of the same kind that wait together count once.
    std::thread::sleep(std::time::Duration::from_millis(300));
    run.signal("INT");
    let run = run.end();
    assert_eq!(run.code, Some(130));
    insta::assert_snapshot!(run.out);
    let told = site.run(["plan", "-q"]).err;
    insta::assert_snapshot!("the_next_run_tells", told);
}

#[test]
fn a_second_one_before_anything_was_sent_leaves_no_receipt() {
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH).fault("stall GET skip=2 times=2 seconds=30");
    let run = site.start(["apply", "--yes", "--fresh", "0"]);
    site.wait_for(|site| received(site, "GET") == 4);
    run.signal("INT");
    // Signals of the same kind that wait together count once.
    std::thread::sleep(std::time::Duration::from_millis(300));
    run.signal("INT");
    let run = run.end();
    assert_eq!((run.code, site.writes().len(), site.receipts().len()), (Some(130), 0, 0), "{}", run.text());
    assert_eq!(run.out.matches("skipped, nothing was sent").count(), 2, "{}", run.out);
    assert!(run.err.ends_with("To go on: sailplan apply --yes --fresh 0\n"), "{}", run.err);
}

#[test]
fn while_planning_nothing_was_sent() {
    for command in [["plan", "-q", "--color=never"], ["apply", "--yes", "-q"]] {
        let site = Site::new().tenant().workspace(ONE_CHANGE_EACH).fault("stall GET seconds=30 times=2");
        let run = site.start(command);
        site.wait_for(|site| received(site, "GET") == 2);
        run.signal("TERM");
        let run = run.end();
        let told = format!("error: interrupted; nothing was sent\n  help: to go on: sailplan {}\n", command.join(" "));
        assert_eq!((run.out.as_str(), run.err.as_str(), run.code), ("", told.as_str(), Some(130)));
        assert_eq!(site.receipts(), [""; 0]);
        assert_eq!(site.writes(), [""; 0]);
    }
}

#[test]
fn between_tenants() {
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH);
    let (tenants, one) = (site.read("sailplan.yaml"), "    url: practice:.sailplan/second.json\n");
    site.write("sailplan.yaml", &format!("{tenants}  second:\n{one}    settings: [settings/base.yaml]\n"));
    let site = site.fault("stall PUT seconds=1");
    let run = site.start(["apply", "--yes", "-q", "--parallelism", "1"]);
    site.wait_for(|site| received(site, "PUT") == 1);
    run.signal("INT");
    let run = run.end();
    insta::assert_snapshot!(run.out);
    assert_eq!(run.code, Some(130));
    let second: serde_json::Value = serde_json::from_str(&site.read(".sailplan/second.json")).unwrap();
    assert_eq!(second["jitActivationPolicy"]["maxActivationPeriodMins"], json!(120));
}

#[test]
fn a_second_one_after_the_write_was_turned_down_leaves_nothing_open() {
    let settings = "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n";
    let site = Site::new().tenant().workspace(settings).fault("429 PATCH").fault("stall GET skip=1 seconds=30");
    let run = site.start(["apply", "--yes", "-q"]);
    site.wait_for(|site| received(site, "GET") == 2);
    run.signal("INT");
    // Signals of the same kind that wait together count once.
    std::thread::sleep(std::time::Duration::from_millis(300));
    run.signal("INT");
    let run = run.end();
    assert_eq!((run.code, site.writes().len()), (Some(130), 1), "{}", run.text());
    insta::assert_snapshot!(run.out);
    let receipt = site.receipt(&site.receipts()[0]);
    assert!(receipt["finishedAt"].is_string());
    assert_eq!(receipt["tenants"][0]["resources"][0]["outcome"], json!("failed"));
}

#[test]
fn a_second_one_tells_the_write_that_was_turned_down_from_the_one_on_its_way() {
    let site = Site::new().tenant().workspace(ONE_CHANGE_EACH).fault("stall PATCH seconds=30");
    let site = site.fault("429 PUT").fault("stall GET /beta skip=1 seconds=30");
    let run = site.start(["apply", "--yes", "-q", "--format", "json"]);
    site.wait_for(|site| received(site, "GET") == 3 && site.writes().len() == 2);
    run.signal("INT");
    // Signals of the same kind that wait together count once.
    std::thread::sleep(std::time::Duration::from_millis(300));
    run.signal("INT");
    let run = run.end();
    assert_eq!(run.code, Some(130), "{}", run.text());
    let said: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    for receipt in [said, site.receipt(&site.receipts()[0])] {
        let resources = receipt["tenants"][0]["resources"].as_array().unwrap();
        let outcomes: Vec<_> = resources.iter().map(|entry| &entry["outcome"]).collect();
        assert_eq!(outcomes, [&json!("pending"), &json!("failed")]);
    }
}
