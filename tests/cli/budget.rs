//! How many requests go out with one client id: several tenants at one address share what SailPoint permits one client.

use std::process::Stdio;
use std::time::{Duration, Instant};

use sailplan::practice::{Options, Practice};

use crate::harness::Site;

/// Requests a second in these runs.
const RATE: u32 = 10;

/// Requests that may go out before the rate counts.
const AT_ONCE: u32 = 20;

#[test]
fn tenants_at_one_address_share_the_budget_and_others_have_their_own() {
    let site = Site::new()
        .file("settings.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 2h}\naccessRequestConfig: {apiVersion: beta, autoApprovalEnabled: true}\n")
        .variable("CLIENT", "id-of-the-test")
        .variable("CLIENT_SECRET", "secret-of-the-test")
        .variable("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*");
    let start = |file: &str| Practice::start(Options::new(site.path(file))).unwrap();
    let (shared, other) = (start("shared.json"), start("other.json"));
    let mut workspace = String::from("tenants:\n");
    for (number, practice) in [&shared; 12].into_iter().chain([&other; 6]).enumerate() {
        let url = practice.url();
        workspace.push_str(&format!(
            "  t{number:02}: {{url: '{url}', clientId: '${{CLIENT}}', clientSecret: '${{CLIENT_SECRET}}', settings: [settings.yaml]}}\n"
        ));
    }
    site.write("sailplan.yaml", &workspace);
    let received = |practice: &Practice| u32::try_from(practice.requests().len()).unwrap();
    let mut command = site.command();
    command.args(["plan", "-q", "--parallelism", "20", "--requests-per-second", &RATE.to_string()]);
    let started = Instant::now();
    let mut run = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // What the server has counted at a time, and how many were not done at the other one when this one was.
    let mut waiting = None;
    while run.try_wait().unwrap().is_none() {
        let (count, elapsed) = (received(&shared), started.elapsed());
        let permitted = f64::from(AT_ONCE) + 1.0 + f64::from(RATE) * elapsed.as_secs_f64();
        assert!(f64::from(count) <= permitted, "{count} requests after {elapsed:?}");
        if received(&other) == 18 {
            waiting.get_or_insert(36 - count);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(run.wait().unwrap().code(), Some(0));
    // A token and two documents for each.
    assert_eq!((received(&shared), received(&other)), (36, 18));
    assert!(started.elapsed() >= Duration::from_millis(1_500), "{:?}", started.elapsed());
    assert!(waiting.is_some_and(|waiting| waiting > 0), "the other address waited as well: {waiting:?}");
}
