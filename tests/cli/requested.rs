//! Who asked for a change, as the commits say, in the JSON of a plan.

use serde_json::{Value, json};

use crate::base::git;
use crate::harness::Site;

const WORKSPACE: &str = "\
ticketPattern: '[A-Z]+-[0-9]+'
tenants:
  prod:
    url: ${SAIL_BASE_URL}
    clientId: ${SAIL_CLIENT_ID}
    clientSecret: ${SAIL_CLIENT_SECRET}
    settings: [base.yaml]
";

const A: &str = "2c9180837dfe6949017e208e25967b01";
const B: &str = "2c9180837dfe6949017e208e25967b02";
const C: &str = "2c9180837dfe6949017e208e25967b03";

fn site() -> Site {
    let site = Site::new().tenant().file("sailplan.yaml", WORKSPACE);
    git(&site, &["init", "-q", "-b", "main"]);
    site
}

/// Commits everything with a message in the name of an author.
fn commit(site: &Site, author: &str, message: &str) {
    let day = 1 + git(site, &["rev-list", "--all", "--count"]).parse::<u32>().unwrap();
    let date = format!("2026-11-{day:02}T09:30:00+01:00");
    git(site, &["add", "."]);
    git(site, &["commit", "-q", "--author", &format!("{author} <a@example.com>"), "--date", &date, "-m", message]);
}

fn plan(site: &Site, args: &[&str]) -> Value {
    let output = site.command().args(["plan", "--format", "json"]).args(args).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

/// Who asked for each change: by setting the authors, subjects and tickets of the commits, and what is not known.
fn asked(plan: &Value) -> Value {
    let changes = plan["tenants"][0]["resources"][0]["changes"].as_array().unwrap();
    let commit = |commit: &Value| json!([commit["author"], commit["subject"], commit["tickets"]]);
    let told = |change: &Value| {
        let commits = change["requested"]["commits"].as_array().cloned().unwrap_or_default();
        json!([change["path"], commits.iter().map(commit).collect::<Vec<_>>(), change["requested"]["unknown"]])
    };
    changes.iter().map(told).collect()
}

fn settings(minutes: &str, ids: &[&str]) -> String {
    let ids: String = ids.iter().map(|id| format!("    - {id}\n")).collect();
    format!("jitActivationPolicy:\n  maxActivationPeriodMins: {minutes}\n  entitlementIds:\n{ids}")
}

#[test]
fn the_commit_that_last_changed_the_value_asked_for_it() {
    let site = site().file("base.yaml", &settings("3h", &[A]));
    commit(&site, "Ada", "Start");
    let site = site.file("base.yaml", &settings("4h", &[A, B]));
    commit(&site, "Bo", "Longer for the audit, IAM-412 and IAM-413");
    // White space and a line that moved are no change.
    let moved = format!(
        "jitActivationPolicy:\n  applyToFutureAssignments: false\n  entitlementIds:\n    -   {A}\n    - {B}\n  maxActivationPeriodMins:   4h\n"
    );
    let site = site.file("base.yaml", &moved);
    commit(&site, "Cy", "Tidy up");
    assert_eq!(
        asked(&plan(&site, &[])),
        json!([
            [
                "/entitlementIds",
                [["Bo", "Longer for the audit, IAM-412 and IAM-413", ["IAM-412", "IAM-413"]], ["Ada", "Start", []]],
                null
            ],
            [
                "/maxActivationPeriodMins",
                [["Bo", "Longer for the audit, IAM-412 and IAM-413", ["IAM-412", "IAM-413"]]],
                null
            ],
            ["/applyToFutureAssignments", [["Cy", "Tidy up", []]], null],
        ])
    );
    // A line that is not committed has no author, and neither has its neighbour a wrong one.
    let site = site.file("base.yaml", &moved.replace("4h", "5h"));
    let told = asked(&plan(&site, &[]));
    assert_eq!(told[1], json!(["/maxActivationPeriodMins", [], "the line is not committed"]));
    assert_eq!(told[2][1][0][0], "Cy");
}

#[test]
fn a_member_that_leaves_is_asked_for_by_the_commit_that_removed_it() {
    let site = site().file("base.yaml", &settings("2h", &[A, B, C]));
    commit(&site, "Ada", "Start");
    let run = site.run(["apply", "--yes", "--allow-empty"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    git(&site, &["checkout", "-q", "-b", "topic"]);
    let site = site.file("base.yaml", &settings("2h", &[A, C]));
    commit(&site, "Dee", "Free B");
    let site = site.file("base.yaml", &settings("2h", &[C]));
    commit(&site, "Eve", "Free A, SEC-1");
    let plan = plan(&site, &["--base", "main"]);
    assert_eq!(
        asked(&plan),
        json!([["/entitlementIds", [["Eve", "Free A, SEC-1", ["SEC-1"]], ["Dee", "Free B", []]], null]])
    );
    assert_eq!(plan["tenants"][0]["resources"][0]["changes"][0]["agreed"]["value"], json!([A, B, C]));
    assert_eq!(plan["checkout"]["branch"], "topic");
    // Without a base it is the same commits, and who asked for a member that joins has not asked for one that leaves.
    let both = json!([["Eve", "Free A, SEC-1", ["SEC-1"]], ["Dee", "Free B", []]]);
    assert_eq!(asked(&self::plan(&site, &[])), json!([["/entitlementIds", both, null]]));
    let mut state = site.live();
    state["jitActivationPolicy"]["entitlementIds"] = json!([A, "00000000000000000000000000000001"]);
    site.set_live(&state);
    let told = asked(&self::plan(&site, &[]));
    let authors = json!([["Eve", "Free A, SEC-1", ["SEC-1"]], ["Ada", "Start", []]]);
    assert_eq!(told, json!([["/entitlementIds", authors, null]]));
    // A merge that took it out is no commit that did, and the one that brought it in even less.
    let site = site.file("base.yaml", &settings("2h", &[A, C]));
    commit(&site, "Flo", "A is back");
    git(&site, &["checkout", "-q", "-b", "other", "HEAD~1"]);
    let site = site.file("other.txt", "x");
    commit(&site, "Gus", "Another file");
    git(&site, &["merge", "-q", "--no-commit", "--no-ff", "topic"]);
    let site = site.file("base.yaml", &format!("{}# merged\n", settings("2h", &[C])));
    commit(&site, "Hal", "Merge without A");
    state["jitActivationPolicy"]["entitlementIds"] = json!([A, C]);
    site.set_live(&state);
    assert_eq!(asked(&self::plan(&site, &[])), json!([["/entitlementIds", [], "no commit removed it"]]));
}

#[test]
fn a_boundary_of_the_history_is_not_known() {
    let site = site().file("base.yaml", &settings("4h", &[A]));
    commit(&site, "Ada", "Start");
    let site = site.file("other.txt", "x");
    commit(&site, "Bo", "Another file");
    let shallow = Site::new().tenant();
    let source = format!("file://{}", site.path("").display());
    git(&shallow, &["clone", "-q", "--depth", "1", &source, "copy"]);
    let run = shallow.run(["-C", "copy", "plan", "--format", "json"]);
    let plan: Value = serde_json::from_str(&run.out).unwrap();
    let unknown = "the history in this checkout does not reach back that far";
    assert_eq!(asked(&plan)[0], json!(["/entitlementIds", [], unknown]));
    // The same history in full knows.
    assert_eq!(asked(&self::plan(&site, &[]))[0][1][0][0], "Ada");
}

#[test]
fn neither_a_mailmap_nor_a_list_of_ignored_commits_in_the_checkout_changes_who_it_was() {
    let site = site().file("base.yaml", &settings("3h", &[A]));
    commit(&site, "Ada", "Start");
    let site = site.file("base.yaml", &settings("4h", &[A]));
    commit(&site, "Mal", "Longer");
    let bad = git(&site, &["rev-parse", "HEAD"]);
    let site = site.file(".mailmap", "Ada <a@example.com> Mal <a@example.com>\n").file("ignored", &bad);
    commit(&site, "Mal", "Hide");
    git(&site, &["config", "blame.ignoreRevsFile", "ignored"]);
    let told = asked(&plan(&site, &[]));
    assert_eq!(told[1], json!(["/maxActivationPeriodMins", [["Mal", "Longer", []]], null]));
}

#[test]
fn the_pull_request_and_the_pages_of_commits_are_those_that_the_ci_names() {
    let site = site().file("base.yaml", &settings("4h", &[A]));
    commit(&site, "Ada", "Start");
    let site = site
        .variable("CI_MERGE_REQUEST_IID", "7")
        .variable("CI_MERGE_REQUEST_TITLE", "Longer activations (IAM-412)")
        .variable("CI_PROJECT_URL", "https://gitlab.example/acme/iam");
    let plan = plan(&site, &[]);
    let head = git(&site, &["rev-parse", "HEAD"]);
    assert_eq!(
        plan["pullRequest"],
        json!({"number": "7", "title": "Longer activations (IAM-412)", "tickets": ["IAM-412"]})
    );
    let page = &plan["tenants"][0]["resources"][0]["changes"][0]["requested"]["commits"][0]["url"];
    assert_eq!(*page, json!(format!("https://gitlab.example/acme/iam/-/commit/{head}")));
}

#[test]
fn a_pattern_that_would_find_a_ticket_everywhere_is_refused() {
    for pattern in ["'[A-Z'", "'a*'"] {
        let site = Site::new().file("sailplan.yaml", &WORKSPACE.replace("'[A-Z]+-[0-9]+'", pattern));
        let run = site.file("base.yaml", "{}\n").run(["validate"]);
        assert_eq!(run.code, Some(1), "{pattern}: {}{}", run.out, run.err);
        assert!(format!("{}{}", run.out, run.err).contains("`ticketPattern` cannot be used"), "{pattern}");
    }
}

#[test]
fn who_has_approved_so_far_is_told_as_the_ci_says_or_is_not_known() {
    let made = |approvers: Option<&str>| {
        let site = site().file("base.yaml", &settings("4h", &[A]));
        commit(&site, "Ada", "Start");
        let site = match approvers {
            Some(names) => site.variable("SAILPLAN_APPROVED_BY", names),
            None => site.variable("CI_MERGE_REQUEST_IID", "7"),
        };
        let run = site.run(["plan", "--html", "page.html", "--markdown", "plan.md", "--json", "plan.json"]);
        assert_eq!(run.code, Some(0), "{}", run.text());
        let plan: Value = serde_json::from_str(&site.read("plan.json")).unwrap();
        (plan["approvers"].clone(), site.read("page.html"), site.read("plan.md"), run.out)
    };
    let (approvers, page, markdown, text) = made(Some("Bo <b@x>, Cy"));
    assert_eq!(approvers, json!(["Bo <b@x>", "Cy"]));
    assert!(page.contains("Approved so far by <span class=\"name\">Bo &lt;b@x&gt;</span>, "), "{page}");
    assert!(markdown.contains("Approved so far by "), "{markdown}");
    assert!(text.contains("Approved so far by Bo <b@x>, Cy, as the CI says."), "{text}");
    let (approvers, page, markdown, text) = made(None);
    assert_eq!(approvers, Value::Null);
    assert!(page.contains("Approve or refuse in the pull request"), "{page}");
    assert!(page.contains("Who has approved so far: see there."), "{page}");
    assert!(!markdown.contains("pproved so far") && !text.contains("pproved so far"), "{markdown}{text}");
}

#[test]
fn a_plan_has_in_json_what_its_page_says() {
    let site = site().file("base.yaml", &settings("null", &[A]));
    commit(&site, "Ada", "Start");
    let made = plan(&site, &["--out", "plan.json"]);
    let (tenant, resource) = (&made["tenants"][0], &made["tenants"][0]["resources"][0]);
    assert_eq!(tenant["system"], "local");
    assert!(resource["managedSettings"].as_array().is_some_and(|list| !list.is_empty()), "{resource}");
    let changes = resource["changes"].as_array().unwrap();
    let told = &changes.iter().find(|change| change["path"] == "/maxActivationPeriodMins").unwrap()["inWords"];
    assert_eq!((&told["class"], &told["planned"]), (&json!("loosens"), &json!("no maximum set")));
    assert!(told["touches"].as_str().unwrap().starts_with("everyone who activates"), "{told}");
    assert!(told["undo"][0].as_str().unwrap().starts_with("Set it back to "), "{told}");
    let asked = resource["questions"].as_array().unwrap().iter().any(|question| {
        question["path"] == "/maxActivationPeriodMins"
            && question["sentence"].as_str().unwrap().starts_with("How long an activation may last without a maximum")
    });
    assert!(asked, "{resource}");
}

#[test]
fn a_plan_has_the_values_of_managed_settings_that_do_not_change() {
    let site = site().file("base.yaml", &settings("null", &[A]));
    commit(&site, "Ada", "Start");
    assert_eq!(site.run(["apply", "--yes"]).code, Some(0));
    let made = plan(&site, &["--out", "plan.json"]);
    let holds = made["tenants"][0]["resources"][0]["holds"].as_array().unwrap();
    assert!(holds.contains(&json!({"path": "/maxActivationPeriodMins", "value": "no maximum set"})), "{holds:?}");
    assert!(holds.contains(&json!({"path": "/entitlementIds", "value": A})), "{holds:?}");
    for format in ["text", "html"] {
        let shown = site.run(["show", "plan.json", "--format", format]).out;
        assert!(shown.contains("no maximum set") && shown.contains(A), "{shown}");
    }
}
