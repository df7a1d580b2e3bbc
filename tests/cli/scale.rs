//! A fleet of which some tenants fail, each in its own way: the report is right and short, and the rest is done.

use std::collections::BTreeMap;

use sailplan::practice::{Fault, Options, Practice};
use serde_json::Value;

use crate::harness::{Run, Site};

/// What goes wrong, with which of every hundred tenants, and what a report says of it.
const FAULTS: [(usize, &str, &str); 9] = [
    (5, "401 times=9999", "check client id and secret"),
    (15, "403 GET times=9999", "403 Forbidden"),
    (25, "404 GET times=9999", "404 Not Found"),
    (35, "429 GET times=9999", "429 Too Many Requests"),
    (45, "500 GET times=9999", "500 Internal Server Error"),
    (55, "stall GET seconds=600 times=9999", "no complete answer within"),
    (65, "drop-before times=9999", "connection closed before"),
    (75, "bad-json GET times=9999", "is not JSON"),
    (85, "wrong-types GET times=9999", "expected a whole number of minutes"),
];

/// Nothing listens there.
const GONE: usize = 95;

/// Its settings file has an error.
const BROKEN: usize = 0;

/// A fleet whose tenants are servers of their own.
struct Fleet {
    site: Site,
    tenants: BTreeMap<String, Practice>,
}

fn name(number: usize) -> String {
    format!("t{number:04}")
}

fn fleet(size: usize) -> Fleet {
    let site = Site::new()
        .file("settings/base.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 1h}\n")
        .file("sailplan.yaml", "tenantsFrom: [tenants/*.yaml]\n")
        .file("settings/broken.yaml", "jitActivationPolicy: {maxActivationPeriodMins: soon}\n")
        .variable("CLIENT", "id-of-the-test")
        .variable("CLIENT_SECRET", "secret-of-the-test")
        .variable("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*");
    let mut tenants = BTreeMap::new();
    for number in 0..size {
        let name = name(number);
        let fault = FAULTS.iter().find(|(tenant, ..)| *tenant == number % 100).map(|(_, fault, _)| *fault);
        let faults: Vec<Fault> = fault.iter().map(|fault| fault.parse().unwrap()).collect();
        let practice = Practice::start(Options { faults, ..Options::new(site.path(&format!("{name}.json"))) }).unwrap();
        let mut url = practice.url().to_owned();
        if number % 100 == GONE {
            // The lowest ports are given to no program that asks for a free one.
            url = format!("http://127.0.0.1:{}", number / 100 + 1);
        }
        site.write(
            &format!("tenants/{name}.yaml"),
            &format!(
                "url: {url}\nclientId: ${{CLIENT}}\nclientSecret: ${{CLIENT_SECRET}}\nsettings: [settings/base.yaml{own}]\n",
                own = if number % 100 == BROKEN { ", settings/broken.yaml" } else { "" }
            ),
        );
        tenants.insert(name, practice);
    }
    Fleet { site, tenants }
}

const LIMITS: [&str; 6] = ["--timeout", "3", "--retries", "1", "--max-wait", "0.05"];

impl Fleet {
    fn writes(&self) -> usize {
        let writes = |tenant: &Practice| tenant.requests().iter().filter(|request| request.method == "PATCH").count();
        self.tenants.values().map(writes).sum()
    }

    fn run(&self, args: &[&str]) -> Run {
        let parallelism = if args.contains(&"--parallelism") { [].as_slice() } else { &["--parallelism", "30"] };
        self.site.read_output(self.site.command().args(args).args(LIMITS).args(parallelism).output().unwrap())
    }
}

fn fails(number: usize) -> bool {
    let kind = number % 100;
    kind == GONE || kind == BROKEN || FAULTS.iter().any(|(tenant, ..)| *tenant == kind)
}

#[test]
fn tenants_that_fail_are_told_and_the_rest_is_planned_and_applied() {
    some_fail(120);
}

/// `cargo test --test cli -- --ignored some_of_a_thousand`
#[test]
#[ignore = "takes minutes; the same with 120 tenants is always run"]
fn some_of_a_thousand_tenants_fail() {
    some_fail(1000);
}

fn some_fail(size: usize) {
    let fleet = fleet(size);
    let plan = fleet.run(&["plan", "--out", "plan.json", "--markdown", "plan.md", "--html", "plan.html"]);
    assert_eq!(plan.code, Some(1), "{}", plan.text());
    let document: Value = serde_json::from_str(&fleet.site.read("plan.json")).unwrap();
    let tenants = document["tenants"].as_array().unwrap();
    assert_eq!(tenants.len(), size);
    let failed = (0..size).filter(|number| fails(*number)).count();
    assert_eq!(document["summary"]["failed"], failed, "{}", document["summary"]);
    assert_eq!(document["summary"]["changes"], size - failed, "{}", document["summary"]);
    for (number, tenant) in tenants.iter().enumerate() {
        assert_eq!(tenant["name"], name(number));
        let resource = &tenant["resources"][0];
        let failed = tenant.get("error").is_some() || resource.get("error").is_some();
        assert_eq!(failed, fails(number), "{tenant}");
        let changes = resource["changes"].as_array().map(Vec::len).unwrap_or_default();
        assert_eq!(changes, usize::from(!failed), "{tenant}");
    }
    // Every report has the change once, and each cause of failure with the tenants that it stopped, named as far as a reader
    // can take them in.
    let (comment, page) = (fleet.site.read("plan.md"), fleet.site.read("plan.html"));
    let items = comment.matches("\n- `jitActivationPolicy.maxActivationPeriodMins`").count();
    assert_eq!(items, 1, "{comment}");
    assert_eq!(plan.out.matches("tightens: A single activation will last at most").count(), 1, "{}", plan.out);
    for (report, text) in [("text", &plan.out), ("comment", &comment), ("page", &page)] {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for (number, _, says) in FAULTS {
            assert!(text.contains(&name(number)), "{} is not in the {report}: {text}", name(number));
            assert!(text.contains(says), "{says:?} is not in the {report}: {text}");
        }
        for number in [GONE, BROKEN] {
            assert!(text.contains(&name(number)), "{} is not in the {report}: {text}", name(number));
        }
    }
    assert!(plan.out.lines().count() < 150, "{}", plan.out);
    assert!(comment.lines().count() < 150, "{comment}");

    let doctor = fleet.run(&["doctor"]);
    assert_eq!(doctor.code, Some(1), "{}", doctor.text());
    // One paragraph for each way in which it came out, and the verdict.
    assert!(doctor.out.split("\n\n").count() <= FAULTS.len() + 4, "{}", doctor.out);

    let apply = fleet.run(&["apply", "plan.json"]);
    assert_eq!(apply.code, Some(1), "{}", apply.text());
    assert!(apply.out.lines().count() < 100, "{}", apply.out);
    assert!(!apply.err.contains("changing"), "a line for each document: {}", apply.err);
    let receipt = fleet.site.receipt(&fleet.site.receipts()[0]);
    for tenant in receipt["tenants"].as_array().unwrap() {
        let number: usize = tenant["name"].as_str().unwrap()[1..].parse().unwrap();
        let applied =
            tenant["resources"].as_array().is_some_and(|all| all.iter().any(|one| one["outcome"] == "applied"));
        assert_eq!(applied, !fails(number), "{tenant}");
    }
    for (number, practice) in fleet.tenants.values().enumerate() {
        let writes = practice.requests().iter().filter(|request| request.method == "PATCH").count();
        assert_eq!(writes, usize::from(!fails(number)), "{}", name(number));
    }
    // What is left is told again, and nothing is sent twice.
    let again = fleet.run(&["plan", "--format", "json"]);
    assert_eq!(again.code, Some(1));
    let document: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(document["summary"]["changes"], 0, "{}", document["summary"]);
    assert_eq!(document["summary"]["failed"], failed, "{}", document["summary"]);
}

#[test]
fn nothing_new_starts_after_the_first_failure_where_that_is_asked() {
    nothing_new_starts(120);
}

/// `cargo test --test cli -- --ignored some_of_a_thousand`
#[test]
#[ignore = "takes minutes; the same with 120 tenants is always run"]
fn after_some_of_a_thousand_tenants_failed_nothing_new_starts() {
    nothing_new_starts(1000);
}

fn nothing_new_starts(size: usize) {
    let fleet = fleet(size);
    let apply = fleet.run(&["apply", "--yes", "--fail-fast", "-q"]);
    assert_eq!(apply.code, Some(1), "{}", apply.text());
    assert_eq!(fleet.writes(), 0);
    // Of those that can all be read, the first whose write fails stops the others.
    let reads: Vec<String> = (0..size).filter(|number| !fails(*number)).map(name).collect();
    let fails_to_write = fleet.tenants.get(&reads[0]).unwrap();
    fails_to_write.inject("403 PATCH times=9999".parse().unwrap());
    let mut args = vec!["apply", "--yes", "--fail-fast", "-q", "--parallelism", "1"];
    args.extend(reads.iter().flat_map(|name| ["--tenant", name.as_str()]));
    let apply = fleet.run(&args);
    assert_eq!(apply.code, Some(1), "{}", apply.text());
    assert_eq!(fleet.writes(), 1, "{}", apply.text());
    let receipt = fleet.site.receipt(fleet.site.receipts().last().unwrap());
    let outcomes = receipt["tenants"].as_array().unwrap().iter().map(|tenant| &tenant["resources"][0]["outcome"]);
    assert_eq!(outcomes.filter(|outcome| *outcome == "skipped").count(), reads.len() - 1, "{}", apply.text());
}

#[test]
fn a_log_has_a_few_lines_for_the_waits_of_many_tenants() {
    let fleet = fleet(30);
    for practice in fleet.tenants.values() {
        practice.inject("429 GET times=1".parse().unwrap());
    }
    let waits = |args: &[&str]| {
        let plan = fleet.run(args);
        (plan.err.lines().filter(|line| line.contains("try 2 of 2")).count(), plan)
    };
    let (told, plan) = waits(&["plan", "--format", "json"]);
    assert_eq!(told, 10, "{}", plan.err);
    let sum = "more waits before a request was sent again: answered 429 Too Many Requests";
    assert!(plan.err.contains(sum), "{}", plan.err);
    for practice in fleet.tenants.values() {
        practice.inject("429 GET times=1".parse().unwrap());
    }
    let (told, plan) = waits(&["plan", "--format", "json", "-v"]);
    assert!(told > 20 && !plan.err.contains(sum), "{}", plan.err);
}

#[cfg(unix)]
#[test]
fn a_run_has_the_connections_of_few_tenants_open() {
    let fleet = fleet(300);
    // 300 tenants have 600 connections, and as many files may be open as on a machine whose limits nobody raised.
    let args = ["plan", "--format", "json"].into_iter().chain(LIMITS);
    let plan = fleet.site.run_after("ulimit -n 300", args);
    let document: Value = serde_json::from_str(&plan.out).unwrap();
    let failed = (0..300).filter(|number| fails(*number)).count();
    assert_eq!(document["summary"]["failed"], failed, "{}", document["summary"]);
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

/// Fifteen practice tenants with the same settings file; `own` lists what each has after it.
fn fifteen(own: impl Fn(usize) -> String) -> Site {
    let site = Site::new()
        .file("settings/base.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 1h}\n")
        .file("sailplan.yaml", "tenantsFrom: [tenants/*.yaml]\n");
    (0..15).fold(site, |site, number| {
        let (name, own) = (name(number), own(number));
        let text = format!("url: practice:.sailplan/{name}.json\nsettings: [settings/base.yaml{own}]\n");
        site.file(&format!("tenants/{name}.yaml"), &text)
    })
}

#[test]
fn what_differs_in_its_particulars_alone_is_told_once() {
    let site = fifteen(|number| if number == 0 { String::new() } else { format!(", settings/{}.yaml", name(number)) });
    let run = site.run(["apply", "--yes"]);
    assert_eq!(run.code, Some(1), "{}", run.text());
    assert_eq!(run.out.matches("the settings files have errors, so nothing was read").count(), 1, "{}", run.out);
    for part in [
        "14 tenants\n",
        "there is no file `settings/t0001.yaml`",
        "there is no file `settings/t0010.yaml`",
        "4 more, --full lists them\n",
        "14 tenants were not read",
    ] {
        assert!(run.out.contains(part), "{part:?} is not in {}", run.out);
    }
    assert!(!run.out.contains("settings/t0011.yaml"), "{}", run.out);
    assert_eq!(run.err.matches("error[file-missing]").count(), 1, "{}", run.err);
    assert!(
        run.err.contains("the same of 13 other files: `settings/t0002.yaml` (tenants/t0002.yaml:2:"),
        "{}",
        run.err
    );
    site.run(["plan", "--markdown", "plan.md", "--html", "plan.html"]);
    for report in ["plan.md", "plan.html"] {
        let report = site.read(report);
        assert_eq!(report.matches("the same of 13 other files").count(), 1, "{report}");
    }
}

#[test]
fn what_a_run_did_to_many_tenants_is_told_once() {
    let site = fifteen(|_| String::new());
    assert_eq!(site.run(["apply", "--yes"]).code, Some(0));
    let receipts = site.run(["receipts"]);
    let told = receipts.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let change = "t0009 and 5 more) jitActivationPolicy.maxActivationPeriodMins: 2h (120 min) -> 1h (60 min)";
    assert!(told.contains("15 tenants (t0000, ") && told.contains(change), "{}", receipts.out);
    assert_eq!(told.matches(" -> ").count(), 1, "{}", receipts.out);
    let back = site.run(["rollback", &site.receipts()[0], "--out", "back.json"]);
    assert_eq!(back.code, Some(0), "{}", back.text());
    assert_eq!(back.err.matches("maxActivationPeriodMins is 1h (60 min); t0000, ").count(), 1, "{}", back.err);
    assert!(back.err.contains("t0009 and 5 more had 2h (120 min) before"), "{}", back.err);
}
