//! A fleet of which some tenants fail, each in its own way: the report is right and short, and the rest is done.

use std::collections::BTreeMap;
use std::net::TcpListener;

use sailplan::practice::{Fault, Options, Practice};
use serde_json::Value;

use crate::harness::{Run, Site};

const TENANTS: usize = 120;

/// What goes wrong, and with which tenant.
const FAULTS: [(&str, &str); 9] = [
    ("t005", "401 times=9999"),
    ("t015", "403 GET times=9999"),
    ("t025", "404 GET times=9999"),
    ("t035", "429 GET times=9999"),
    ("t045", "500 GET times=9999"),
    ("t055", "stall GET seconds=600 times=9999"),
    ("t065", "drop-before times=9999"),
    ("t075", "bad-json GET times=9999"),
    ("t085", "wrong-types GET times=9999"),
];

/// Nothing listens there.
const GONE: &str = "t095";

/// Its settings file has an error.
const BROKEN: &str = "t100";

/// A fleet whose tenants are servers of their own.
struct Fleet {
    site: Site,
    tenants: BTreeMap<String, Practice>,
}

fn fleet() -> Fleet {
    let site = Site::new()
        .file("settings/base.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 1h}\n")
        .file("sailplan.yaml", "tenantsFrom: [tenants/*.yaml]\n")
        .file("settings/broken.yaml", "jitActivationPolicy: {maxActivationPeriodMins: soon}\n")
        .variable("CLIENT", "id-of-the-test")
        .variable("CLIENT_SECRET", "secret-of-the-test")
        .variable("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*");
    let mut tenants = BTreeMap::new();
    for number in 0..TENANTS {
        let name = format!("t{number:03}");
        let fault = FAULTS.iter().find(|(tenant, _)| *tenant == name).map(|(_, fault)| *fault);
        let faults: Vec<Fault> = fault.iter().map(|fault| fault.parse().unwrap()).collect();
        let practice = Practice::start(Options { faults, ..Options::new(site.path(&format!("{name}.json"))) }).unwrap();
        let mut url = practice.url().to_owned();
        if name == GONE {
            // A port that was free a moment ago.
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            url = format!("http://127.0.0.1:{port}");
        }
        site.write(
            &format!("tenants/{name}.yaml"),
            &format!(
                "url: {url}\nclientId: ${{CLIENT}}\nclientSecret: ${{CLIENT_SECRET}}\nsettings: [settings/base.yaml{own}]\n",
                own = if name == BROKEN { ", settings/broken.yaml" } else { "" }
            ),
        );
        tenants.insert(name, practice);
    }
    Fleet { site, tenants }
}

const LIMITS: [&str; 8] = ["--timeout", "3", "--retries", "1", "--max-wait", "0.05", "--parallelism", "30"];

impl Fleet {
    fn run(&self, args: &[&str]) -> Run {
        self.site.read_output(self.site.command().args(args).args(LIMITS).output().unwrap())
    }
}

fn fails(name: &str) -> bool {
    name == GONE || name == BROKEN || FAULTS.iter().any(|(tenant, _)| *tenant == name)
}

#[test]
fn tenants_that_fail_are_told_and_the_rest_is_planned_and_applied() {
    let fleet = fleet();
    let plan = fleet.run(&["plan", "--out", "plan.json", "--markdown", "plan.md"]);
    assert_eq!(plan.code, Some(1), "{}", plan.text());
    let document: Value = serde_json::from_str(&fleet.site.read("plan.json")).unwrap();
    let tenants = document["tenants"].as_array().unwrap();
    assert_eq!(tenants.len(), TENANTS);
    for (number, tenant) in tenants.iter().enumerate() {
        let name = tenant["name"].as_str().unwrap();
        assert_eq!(name, format!("t{number:03}"));
        let resource = &tenant["resources"][0];
        let failed = tenant.get("error").is_some() || resource.get("error").is_some();
        assert_eq!(failed, fails(name), "{tenant}");
        let changes = resource["changes"].as_array().map(Vec::len).unwrap_or_default();
        assert_eq!(changes, usize::from(!failed), "{tenant}");
    }
    // The comment has the change once, and each failure.
    let comment = fleet.site.read("plan.md");
    let items = comment.matches("\n- `jitActivationPolicy.maxActivationPeriodMins`").count();
    assert_eq!(items, 1, "{comment}");
    for (name, _) in FAULTS.iter().chain(&[(GONE, ""), (BROKEN, "")]) {
        assert!(comment.contains(name), "{name} is not in {comment}");
    }

    let apply = fleet.run(&["apply", "plan.json"]);
    assert_eq!(apply.code, Some(1), "{}", apply.text());
    let receipt = fleet.site.receipt(&fleet.site.receipts()[0]);
    for tenant in receipt["tenants"].as_array().unwrap() {
        let name = tenant["name"].as_str().unwrap();
        let applied =
            tenant["resources"].as_array().is_some_and(|all| all.iter().any(|one| one["outcome"] == "applied"));
        assert_eq!(applied, !fails(name), "{tenant}");
    }
    for (name, practice) in &fleet.tenants {
        let writes = practice.requests().iter().filter(|request| request.method == "PATCH").count();
        assert_eq!(writes, usize::from(!fails(name)), "{name}");
    }
    // What is left is told again, and nothing is sent twice.
    let again = fleet.run(&["plan", "--format", "json"]);
    assert_eq!(again.code, Some(1));
    let document: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(document["summary"]["changes"], 0, "{}", document["summary"]);
}

#[test]
fn nothing_new_starts_after_the_first_failure_where_that_is_asked() {
    let fleet = fleet();
    let apply = fleet.run(&["apply", "--yes", "--fail-fast", "-q"]);
    assert_eq!(apply.code, Some(1), "{}", apply.text());
    let writes = |practice: &Practice| practice.requests().iter().filter(|request| request.method == "PATCH").count();
    assert_eq!(fleet.tenants.values().map(writes).sum::<usize>(), 0);
}

#[test]
#[ignore = "takes minutes, and only prints how long plans of many tenants take, see docs/many-tenants.md"]
fn figures_of_many_tenants() {
    let site = Site::new()
        .file("settings/base.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 1h}\n")
        .variable("CLIENT", "id-of-the-test")
        .variable("CLIENT_SECRET", "secret-of-the-test")
        .variable("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*");
    let mut workspace = String::from("tenants:\n");
    let mut tenants = Vec::new();
    for number in 0..1000 {
        let faults = vec!["stall seconds=0.05 times=999999".parse::<Fault>().unwrap()];
        let options = Options { faults, ..Options::new(site.path(&format!("{number}.json"))) };
        let practice = Practice::start(options).unwrap();
        workspace.push_str(&format!(
            "  t{number}: {{url: '{}', clientId: '${{CLIENT}}', clientSecret: '${{CLIENT_SECRET}}', settings: [settings/base.yaml]}}\n",
            practice.url()
        ));
        tenants.push(practice);
        if ![10, 100, 250, 500, 1000].contains(&tenants.len()) {
            continue;
        }
        site.write("sailplan.yaml", &workspace);
        for parallelism in ["10", "50"] {
            let start = std::time::Instant::now();
            let run = site.read_output(
                site.command().args(["plan", "--format", "json", "--parallelism", parallelism]).output().unwrap(),
            );
            assert_eq!(run.code, Some(0), "{}", run.err);
            println!("{} tenants, {parallelism} at a time: {:.1} s", tenants.len(), start.elapsed().as_secs_f64());
        }
    }
}
