//! `plan --only SETTING`: an urgent change is planned, approved and sent while the rest waits; and what tells reports apart.

use serde_json::{Value, json};

use crate::harness::Site;

const SETTINGS: &str = "\
jitActivationPolicy:
  maxActivationPeriodMins: 1h
  maxActivationPeriodExtensionMins: 1h
  applyToFutureAssignments: true
accessRequestConfig:
  apiVersion: v2
  reauthorizationEnabled: true
";

const WORKSPACE: &str = "\
tenants:
  prod:
    url: ${SAIL_BASE_URL}
    clientId: ${SAIL_CLIENT_ID}
    clientSecret: ${SAIL_CLIENT_SECRET}
    settings: [settings.yaml]
    guardrails: {deny: [loosens], require: [reauthorizationEnabled]}
";

const MAXIMUM: &str = "maxActivationPeriodMins";

fn site() -> Site {
    Site::new().tenant().file("sailplan.yaml", WORKSPACE).file("settings.yaml", SETTINGS)
}

fn plan(site: &Site) -> Value {
    serde_json::from_str(&site.read("plan.json")).unwrap()
}

fn changes(plan: &Value) -> Vec<Value> {
    let resources = plan["tenants"][0]["resources"].as_array().unwrap();
    resources
        .iter()
        .flat_map(|resource| resource["changes"].as_array().unwrap())
        .map(|one| one["path"].clone())
        .collect()
}

#[test]
fn an_urgent_tightening_goes_past_a_change_that_is_refused() {
    let site = site();
    assert_eq!(site.run(["plan"]).code, Some(3));
    let run = site.run(["plan", "--only", MAXIMUM, "--out", "plan.json", "--markdown", "p.md", "--html", "p.html"]);
    insta::assert_snapshot!(run.text());
    assert_eq!(site.run(["show", "plan.json"]).out, run.out);
    for page in ["p.md", "p.html"] {
        assert!(site.read(page).contains("every other setting is left out of this plan"), "{page}");
    }
    let only = plan(&site);
    assert_eq!(changes(&only), [json!("/maxActivationPeriodMins")]);
    assert_eq!(only["only"], json!(["/jitActivationPolicy/maxActivationPeriodMins"]));
    // Its unmanaged settings are those that no file manages.
    let unmanaged = only["tenants"][0]["resources"][0]["unmanaged"].to_string();
    assert!(!unmanaged.contains("maxActivationPeriodExtensionMins\""), "{unmanaged}");
    let applied = site.run(["apply", "plan.json"]);
    assert_eq!(applied.code, Some(0), "{}", applied.text());
    let live = site.live();
    let policy = &live["jitActivationPolicy"];
    assert_eq!(
        (&policy["maxActivationPeriodMins"], &policy["maxActivationPeriodExtensionMins"]),
        (&json!(60), &json!(30))
    );
    // The rest is still to be done, and to be refused.
    let rest = site.run(["plan", "--out", "plan.json"]);
    assert_eq!((changes(&plan(&site)), rest.code), (vec![json!("/maxActivationPeriodExtensionMins")], Some(3)));
}

#[test]
fn what_is_left_out_may_move_and_what_is_planned_may_not() {
    let moved = |key: &str, value: Value| {
        let site = site();
        site.run(["plan", "--only", MAXIMUM, "--out", "plan.json"]);
        site.edit_live(|live| live["jitActivationPolicy"][key] = value);
        site.run(["apply", "plan.json"]).code
    };
    assert_eq!(moved("maxActivationPeriodExtensionMins", json!(45)), Some(0));
    assert_eq!(moved("applyToFutureAssignments", json!(false)), Some(0));
    assert_eq!(moved("maxActivationPeriodMins", json!(90)), Some(3));
}

#[test]
fn the_digest_covers_it_where_it_is_used() {
    let site = site();
    let digest = |only: &[&str]| {
        let mut command = site.command();
        command.args(["plan", "--format", "json"]).args(only.iter().flat_map(|setting| ["--only", setting]));
        let plan: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        (plan["digest"].clone(), changes(&plan).len())
    };
    let all = ["maxActivationPeriodMins", "maxActivationPeriodExtensionMins"];
    let whole = digest(&[]);
    assert_ne!(digest(&all).0, whole.0);
    assert_eq!(digest(&all).1, whole.1);
    let other =
        ["/jitActivationPolicy/maxActivationPeriodExtensionMins", "jitActivationPolicy.maxActivationPeriodMins"];
    assert_eq!(digest(&all), digest(&other));
    // Nothing to do is a plan too, and not the plan of everything.
    site.write("settings.yaml", &SETTINGS.replace("Mins: 1h", "Mins: 30").replace("PeriodMins: 30", "PeriodMins: 2h"));
    let (nothing, none) = digest(&["applyToFutureAssignments"]);
    assert!(none == 0 && nothing != digest(&[]).0);
    site.run(["plan", "--only", MAXIMUM, "--out", "plan.json"]);
    let mut edited = plan(&site);
    edited["only"] = json!([]);
    site.write("plan.json", &edited.to_string());
    assert_eq!(site.run(["apply", "plan.json"]).code, Some(3));
}

#[test]
fn a_setting_that_is_not_there_or_not_managed_is_a_usage_error() {
    let site = site();
    let told: Vec<String> = ["maxActivationPeriodMin", "maxActivation", "approvalSchemes", "notificationTemplate"]
        .iter()
        .map(|setting| site.run(["plan", "--only", setting]).text())
        .collect();
    insta::assert_snapshot!(told.concat());
    assert_eq!(site.calls(), [""; 0]);
}

#[test]
fn reports_are_told_apart_by_selection_or_name() {
    let site = site();
    let marker = |args: &[&str]| {
        let mut command = site.command();
        command.args(["plan", "--out", "plan.json", "--markdown", "plan.md", "--html", "plan.html"]).args(args);
        command.output().unwrap();
        let plan = plan(&site);
        let marker = plan["marker"].as_str().unwrap().to_owned();
        let digest = plan["digest"].as_str().unwrap();
        let line = format!("<!-- {marker} digest={digest} -->");
        assert_eq!(site.read("plan.md").lines().nth(1), Some(line.as_str()));
        assert!(site.read("plan.html").contains(&format!("content=\"{marker} digest=")), "{marker}");
        std::fs::remove_file(site.path("plan.json")).unwrap();
        marker
    };
    assert_eq!(marker(&[]), "sailplan:v1 workspace=sailplan.yaml");
    let one = "sailplan:v1 workspace=sailplan.yaml selection=-%2Dtenant%20p%2A%20-%2Dtenant%20prod";
    assert_eq!(marker(&["--tenant", "prod", "--tenant=p*"]), one);
    assert_eq!(marker(&["--tenant", "p*", "--tenant", "prod"]), one);
    assert_eq!(
        marker(&["--tenant", "prod", "--marker", "night run"]),
        "sailplan:v1 workspace=sailplan.yaml name=night%20run"
    );
}
