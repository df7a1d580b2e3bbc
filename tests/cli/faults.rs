//! What a run says after faults is what it did: a write that may have left something behind is never denied, and no write
//! is made from a read that something else followed.
//!
//! Other tests of the same promises: what a run did not do is not undone (`rollback`, `killed`), a receipt belongs to its run
//! (`owner`), every refusal says what to do next (`generations`), the limits of repetitions are flags (`apply`), a pull is
//! written whole or not at all (`files`), every secret of the process is masked
//! (`no_answer_shows_a_secret_that_the_process_ever_held`).

use serde_json::{Value, json};

use crate::harness::{Run, Site};

const POLICY: &str = "jitActivationPolicy: {maxActivationPeriodMins: 4h, maxActivationPeriodExtensionMins: 1h}\n";
const REQUESTS: &str = "accessRequestConfig: {apiVersion: beta, autoApprovalEnabled: false}\n";

fn apply<const N: usize>(settings: &str, faults: [&str; N], flags: &[&str]) -> (Site, Run) {
    let site = faults.into_iter().fold(Site::new().tenant().workspace(settings), Site::fault);
    let mut command = site.command();
    let output = command.env("COLUMNS", "400").args(["apply", "--yes", "-q"]).args(flags).output().unwrap();
    let run = site.read_output(output);
    (site, run)
}

fn receipt(site: &Site) -> Value {
    serde_json::from_str(&site.read(&site.receipts()[0])).unwrap()
}

/// Outcome of the only resource, and the settings that the receipt says were written.
fn written(site: &Site) -> (Value, Vec<Value>) {
    let entry = &receipt(site)["tenants"][0]["resources"][0];
    let operations = entry["operations"].as_array().unwrap().iter().map(|operation| operation["path"].clone());
    (entry["outcome"].clone(), operations.collect())
}

#[test]
fn an_edit_made_while_a_new_token_is_fetched_survives() {
    let edit = "edit PUT set='/reauthorizationEnabled=false'";
    let (site, run) = apply(REQUESTS, ["401 PUT", edit], &[]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(site.live()["accessRequestConfig"]["reauthorizationEnabled"], json!(false));
    assert_eq!(
        site.calls(),
        [
            "POST /oauth/token",
            "GET /beta/access-request-config",
            "PUT /beta/access-request-config",
            "POST /oauth/token",
            "GET /beta/access-request-config",
            "PUT /beta/access-request-config",
            "GET /beta/access-request-config",
        ]
    );
}

#[test]
fn a_token_that_would_not_outlive_the_write_is_renewed_before_the_read() {
    let site = Site::new().tenant_with(|options| sailplan::practice::Options { token_seconds: 4, ..options });
    let site = site.workspace(REQUESTS).fault("stall GET seconds=1");
    let run = site.run(["apply", "--yes", "-q", "--fresh", "3"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let calls = site.calls();
    let put = calls.iter().position(|call| call.starts_with("PUT")).unwrap();
    assert!(calls[put - 1].starts_with("GET"), "nothing lies between the read and the write: {calls:?}");
}

#[test]
fn a_lost_write_that_is_turned_away_later_is_not_denied() {
    let moved = "edit PATCH skip=1 set=/maxActivationPeriodMins=300";
    let (site, run) = apply(POLICY, ["503 PATCH", "429 PATCH skip=1", moved], &[]);
    assert_eq!((run.code, written(&site).0), (Some(1), json!("unknown")), "{}", run.text());
    for untrue in ["nothing was sent", "nothing was changed", "refused, "] {
        assert!(!run.text().contains(untrue), "{}", run.text());
    }
}

#[test]
fn what_another_admin_made_meanwhile_is_not_in_the_receipt_and_not_rolled_back() {
    let other = "edit PATCH set=/maxActivationPeriodExtensionMins=60";
    let (site, run) = apply(POLICY, ["429 PATCH", other], &[]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(written(&site), (json!("applied"), vec![json!("/maxActivationPeriodMins")]));
    assert!(
        run.out.contains("made by somebody else before this run could: maxActivationPeriodExtensionMins"),
        "{}",
        run.out
    );
    assert!(run.out.contains("1 setting changed in 1 resource"), "{}", run.out);
    let back = site.run(["rollback", &site.receipts()[0], "--yes", "-q"]);
    assert_eq!(back.code, Some(0), "{}", back.text());
    let policy = &site.live()["jitActivationPolicy"];
    assert_eq!(
        (&policy["maxActivationPeriodMins"], &policy["maxActivationPeriodExtensionMins"]),
        (&json!(120), &json!(60))
    );
}

#[test]
fn an_accepted_write_that_no_read_shows_is_not_verified_instead_of_undone() {
    let (site, run) = apply(POLICY, ["lag GET times=3"], &[]);
    assert_eq!((run.code, written(&site).0), (Some(1), json!("unknown")), "{}", run.text());
    assert!(!run.text().contains("nothing was changed"), "{}", run.text());
    // The rollback works with what is live by now, not with what the reads showed.
    let back = site.run(["rollback", &site.receipts()[0], "--yes", "-q"]);
    assert_eq!(back.code, Some(0), "{}", back.text());
    assert_eq!(site.live()["jitActivationPolicy"]["maxActivationPeriodMins"], json!(120));
}

#[test]
fn a_put_follows_its_get_though_the_policy_is_written_beside_it() {
    let settings = format!("{POLICY}{REQUESTS}");
    let site = Site::new().tenant().workspace(&settings).fault("stall PATCH seconds=1");
    let run = site.run(["apply", "--yes", "-q"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let calls = site.calls();
    let of_requests: Vec<&String> = calls.iter().filter(|call| call.ends_with("/access-request-config")).collect();
    assert_eq!(of_requests.len(), 3, "{calls:?}");
    assert!(of_requests[0].starts_with("GET") && of_requests[1].starts_with("PUT"), "{calls:?}");
    let first = |method: &str| calls.iter().position(|call| call.starts_with(method)).unwrap();
    assert!(first("PUT") < 5, "the PUT does not wait for the policy: {calls:?}");
}

#[test]
fn a_put_is_not_made_from_a_read_after_which_the_document_could_not_be_read() {
    let site = Site::new().tenant().workspace(REQUESTS).fault("drop-before PUT");
    let run = site.start(["apply", "--yes", "--pause", "30"]);
    // The run reads what became of its write.
    site.wait_for(|site| site.calls().len() == 4);
    run.signal("KILL");
    run.end();
    // The next run asks for the document again, for the receipt of that one.
    let site = site.fault("403 GET skip=1");
    let next = site.run(["apply", "--yes", "-q"]);
    assert_eq!(next.code, Some(0), "{}", next.text());
    let path = "/beta/access-request-config";
    let methods = ["GET", "GET", "GET", "PUT", "GET"].map(|method| format!("{method} {path}"));
    assert_eq!(site.calls().into_iter().skip(4).filter(|call| call.ends_with(path)).collect::<Vec<_>>(), methods);
}

#[test]
fn no_write_starts_after_an_interrupt() {
    for (fault, flags) in [
        ("429 PATCH retry-after=20", ["--max-wait", "30"]),
        ("503 PATCH retry-after=20", ["--max-wait", "30"]),
        ("drop-before PATCH", ["--pause", "20"]),
    ] {
        for signal in ["INT", "TERM", "HUP"] {
            let site = Site::new().tenant().workspace(POLICY).fault(fault);
            let began = std::time::Instant::now();
            let run = site.start(["apply", "--yes", "-q", flags[0], flags[1]]);
            site.wait_for(|site| site.writes().len() == 1);
            run.signal(signal);
            let run = run.end();
            assert_eq!(run.code, Some(130), "{fault}: {}", run.text());
            assert_eq!(site.writes().len(), 1, "{fault}: {:?}", site.calls());
            assert!(began.elapsed().as_secs() < 15, "{fault}: waits end at once");
            assert!(!run.out.contains("Apply complete"), "{fault}: {}", run.out);
        }
    }
}

#[test]
fn a_lost_write_waits_as_long_as_the_tenant_asks() {
    let began = std::time::Instant::now();
    let (site, run) = apply(POLICY, ["503 PATCH retry-after=2"], &["--max-wait", "30"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(site.writes().len(), 2);
    assert!(began.elapsed().as_secs_f64() >= 2.0);
}

#[test]
fn sets_are_told_by_their_members() {
    let ids = "jitActivationPolicy: {entitlementIds: [ae735f40-4de9-4163-801d-4a1444e59d35, 38439bbc-264b-447b-acac-a182a466b0e8]}\n";
    let (_, run) = apply(ids, ["ignore PATCH"], &[]);
    assert!(run.out.contains("entitlementIds: missing 38439bbc-264b-447b-acac-a182a466b0e8; too many "), "{}", run.out);
}

#[test]
fn an_odd_value_is_read_once_more_before_a_put() {
    let (site, run) = apply(
        REQUESTS,
        ["edit GET set='/approvalsMustBeExternal=\"sixty\"'", "edit GET skip=1 set='/approvalsMustBeExternal=false'"],
        &[],
    );
    assert_eq!(run.code, Some(0), "{}", run.text());
    let put = site.requests().into_iter().find(|request| request.method == "PUT").unwrap().body;
    assert_eq!(put["approvalsMustBeExternal"], json!(false));
}

/// Runs an apply as a user who may read the folder and not write to it; `None` if this one may not become another.
fn apply_read_only(site: &Site, flags: &[&str]) -> Option<Run> {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    let folder = site.path("");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
    let mut command = site.command();
    command.env("TMPDIR", std::env::temp_dir()).args(["apply", "--yes", "-q"]).args(flags);
    // Root writes to every folder.
    let is_root = std::fs::write(folder.join("probe"), "").is_ok();
    if is_root {
        std::fs::remove_file(folder.join("probe")).unwrap();
        command.uid(65_534);
    }
    let output = command.output();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    match output {
        Ok(output) => Some(site.read_output(output)),
        // That user cannot reach the binary.
        Err(error) => {
            assert!(is_root, "{error}");
            None
        }
    }
}

#[test]
fn in_a_folder_that_cannot_be_written_nothing_is_sent_or_left_behind() {
    let copies = tempfile::tempdir().unwrap();
    std::os::unix::fs::chown(copies.path(), Some(65_534), None).ok();
    let copy = copies.path().join("copy.json").display().to_string();
    let stores = "approvalsConfig: {ACCESS_REQUEST_APPROVAL: {autoApprove: DIRECT}}\n";
    for (settings, flags) in [(POLICY, vec![]), (POLICY, vec!["--receipt", copy.as_str()]), (stores, vec![])] {
        let site = Site::new().tenant().workspace(settings);
        let Some(run) = apply_read_only(&site, &flags) else { return };
        assert_eq!((run.code, site.writes().len()), (Some(3), 0), "{}", run.text());
        assert!(run.err.contains("the receipt .sailplan/receipts/[RECEIPT].json cannot be written"), "{}", run.text());
        assert_eq!((site.receipts().len(), copies.path().join("copy.json").exists()), (0, false));
    }
}

#[test]
fn a_lost_write_of_which_a_part_moved_may_still_arrive_and_can_be_rolled_back() {
    let moved = "edit PATCH set=/maxActivationPeriodExtensionMins=90";
    let (site, run) = apply(POLICY, ["late PATCH after=5", moved], &["--retries", "0"]);
    assert_eq!((run.code, written(&site).0), (Some(1), json!("unknown")), "{}", run.text());
    assert_eq!(site.live()["jitActivationPolicy"]["maxActivationPeriodMins"], json!(120));
    // The write arrives with a later request.
    for _ in 0..2 {
        site.run(["plan", "-q"]);
    }
    assert_eq!(site.live()["jitActivationPolicy"]["maxActivationPeriodMins"], json!(240));
    let back = site.run(["rollback", &site.receipts()[0], "--yes", "-q"]);
    let policy = &site.live()["jitActivationPolicy"];
    assert_eq!(policy["maxActivationPeriodMins"], json!(120), "{}", back.text());
}

/// A tenant that answers two requests, for a token and for the policy, and is gone then.
fn leaving_tenant() -> String {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let answer = |mut connection: std::net::TcpStream, body: &str| {
            let _ = connection.read(&mut [0; 8192]);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
            write!(connection, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        };
        answer(listener.accept().unwrap().0, r#"{"access_token": "token", "expires_in": 3600}"#);
        let last = listener.accept().unwrap().0;
        drop(listener);
        answer(last, r#"{"maxActivationPeriodMins": 120, "maxActivationPeriodExtensionMins": 30}"#);
    });
    url
}

#[test]
fn a_write_that_finds_no_connection_was_not_sent() {
    let site = Site::new()
        .variable("SAIL_BASE_URL", &leaving_tenant())
        .variable("SAIL_CLIENT_ID", "id-of-the-test")
        .variable("SAIL_CLIENT_SECRET", "secret-of-the-test")
        .workspace(POLICY);
    let run = site.run(["apply", "--yes", "-q", "--retries", "1"]);
    assert!(run.out.contains("connection refused"), "{}", run.text());
    assert_eq!(run.out.lines().last(), Some("Apply failed: nothing was changed; 1 resource failed."), "{}", run.text());
    // There is nothing that a rollback could take for the work of this run.
    assert_eq!((run.code, site.receipts().len()), (Some(1), 0), "{}", run.text());
}
