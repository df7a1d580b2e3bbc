//! Runs on one machine that write to the same tenant wait for each other.

use serde_json::json;

use crate::harness::Site;

const SETTINGS: &str = "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n";

fn received(site: &Site, method: &str) -> usize {
    site.requests().iter().filter(|request| request.method == method).count()
}

#[test]
fn a_second_run_waits_for_the_first() {
    let site = Site::new().tenant().workspace(SETTINGS).fault("stall PATCH seconds=2");
    // Another checkout, with another name for the tenant.
    let other = "jitActivationPolicy: {defaultMaxActivationPeriodMins: 3h}\n";
    site.write("other/base.yaml", other);
    site.write("other/sailplan.yaml", &site.read("sailplan.yaml").replace("settings/", "").replace("prod", "same"));
    let first = site.start(["apply", "--yes", "-q"]);
    site.wait_for(|site| received(site, "PATCH") == 1);
    let refused = site.run(["-C", "other", "apply", "--yes", "-q", "--lock-timeout", "0.1"]);
    assert_eq!(refused.code, Some(3), "{}", refused.text());
    insta::assert_snapshot!(refused.err);
    let gets = received(&site, "GET");
    assert_eq!(site.run(["-C", "other", "plan", "-q"]).code, Some(0), "a plan waits for nobody");
    assert_eq!((received(&site, "PATCH"), received(&site, "GET")), (1, gets + 1));
    let second = site.run(["-C", "other", "apply", "--yes", "-q"]);
    assert_eq!(second.code, Some(0), "{}", second.text());
    let told = "warning: another run on this machine is writing to [TENANT]; waiting\n";
    assert!(second.err.starts_with(told), "{}", second.text());
    assert_eq!(first.end().code, Some(0));
    let policy = &site.live()["jitActivationPolicy"];
    assert_eq!(
        (&policy["maxActivationPeriodMins"], &policy["defaultMaxActivationPeriodMins"]),
        (&json!(240), &json!(180))
    );
}

#[test]
fn of_two_runs_at_once_neither_loses_what_the_other_one_wrote() {
    let item = "ENTITLEMENT/38439bbc-264b-447b-acac-a182a466b0e9";
    let site = Site::new().tenant().workspace(&format!("approvalsConfig: {{{item}: {{autoApprove: DIRECT}}}}\n"));
    let other = format!(
        "jitActivationPolicy: {{maxActivationPeriodMins: 4h}}\n\
         approvalsConfig: {{TENANT: {{requiresComment: ALL}}, {item}: {{reminderConfig: {{maxReminders: 2}}}}}}\n"
    );
    site.write("other/base.yaml", &other);
    site.write("other/sailplan.yaml", &site.read("sailplan.yaml").replace("settings/", "").replace("prod", "same"));
    let (first, second) = (site.start(["apply", "--yes", "-q"]), site.start(["-C", "other", "apply", "--yes", "-q"]));
    for run in [first.end(), second.end()] {
        assert_eq!(run.code, Some(0), "{}", run.text());
    }
    let live = site.live();
    let stored = &live["approvalsConfig"][item];
    assert_eq!((&stored["autoApprove"], &stored["reminderConfig"]["maxReminders"]), (&json!("DIRECT"), &json!(2)));
    assert_eq!(live["approvalsConfig"]["TENANT"]["requiresComment"], json!("ALL"));
    assert_eq!(live["jitActivationPolicy"]["maxActivationPeriodMins"], json!(240));
}

#[test]
fn a_practice_tenant_is_the_same_under_every_path() {
    let site = Site::new().file("sailplan.yaml", "tenants:\n  p: {url: 'practice:state.json', settings: [s.yaml]}\n");
    site.write("s.yaml", SETTINGS);
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
    let folder = site.path("runtime");
    std::fs::create_dir(&folder).unwrap();
    let site = site.variable("XDG_RUNTIME_DIR", &folder.display().to_string());
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
    let locks: Vec<_> = std::fs::read_dir(folder.join("sailplan")).unwrap().map(|lock| lock.unwrap().path()).collect();
    assert_eq!(locks.len(), 1);
    let lock = std::fs::File::options().write(true).open(&locks[0]).unwrap();
    lock.try_lock().unwrap();
    std::os::unix::fs::symlink(site.path("state.json"), site.path("link.json")).unwrap();
    site.write("sailplan.yaml", "tenants:\n  q: {url: 'practice:link.json', settings: [s.yaml]}\n");
    let run = site.run(["apply", "--yes", "-q", "--lock-timeout", "0"]);
    assert_eq!(run.code, Some(3), "{}", run.text());
}

#[test]
fn a_folder_of_locks_that_others_can_write_to_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = Site::new().tenant().workspace(SETTINGS).file("tmp/here", "").variable("TMPDIR", "/nowhere");
    let run = site.run(["apply", "--yes", "-q"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert!(run.err.contains("other runs on this machine are not waited for"), "{}", run.text());
    let tmp = site.path("tmp");
    let site = site.variable("TMPDIR", &tmp.display().to_string());
    assert_eq!(site.run(["apply", "--yes", "-q"]).code, Some(0));
    let folder = std::fs::read_dir(&tmp).unwrap().map(|one| one.unwrap().path()).find(|path| path.is_dir()).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let run = site.run(["apply", "--yes", "-q"]);
    assert_eq!(run.code, Some(3), "{}", run.text());
    insta::assert_snapshot!(run.err);
}
