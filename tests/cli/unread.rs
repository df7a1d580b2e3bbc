//! What a plan could not see: it is "not read" in every format, count and verdict, and never "no changes".

use sailplan::practice::{Options, Practice};
use serde_json::{Value, json};

use crate::harness::{ONE_CHANGE_EACH, Site};

/// Plans, and returns what each format says.
fn formats(site: &Site) -> Vec<(&'static str, String)> {
    let run = site.run([
        "plan",
        "settings.yaml",
        "--json",
        "plan.json",
        "--markdown",
        "plan.md",
        "--html",
        "plan.html",
        "--color",
        "never",
    ]);
    assert_eq!(run.code, Some(1), "{}", run.text());
    let show = |format| site.run(["show", "--format", format, "plan.json"]).out;
    vec![
        ("text", run.out),
        ("markdown", site.read("plan.md")),
        ("html", site.read("plan.html")),
        ("github", show("github")),
        ("azure", show("azure")),
        ("gitlab-terraform", show("gitlab-terraform")),
    ]
}

fn plan(site: &Site) -> Value {
    serde_json::from_str(&site.read("plan.json")).unwrap()
}

#[test]
fn a_tenant_that_cannot_be_reached_has_one_cause_and_no_state() {
    let site = Site::new().tenant().fault("401 POST times=99").file("settings.yaml", ONE_CHANGE_EACH);
    for (format, text) in formats(&site) {
        assert!(!text.contains("no changes") && !text.contains("No changes"), "{format}: {text}");
        let causes = text.matches("answered 401").count();
        let expected = usize::from(format != "gitlab-terraform");
        assert_eq!(causes, expected, "{format}: {text}");
    }
    let plan = plan(&site);
    let resources = plan["tenants"][0]["resources"].as_array().unwrap();
    let states: Vec<Value> = resources.iter().map(|entry| json!([entry["status"], entry.get("error")])).collect();
    assert_eq!(Value::from(states), json!([["failed", null], ["failed", null]]));
    assert!(plan["tenants"][0]["error"]["message"].as_str().unwrap().contains("answered 401"), "{plan}");
    assert_eq!(plan["summary"]["failed"], 2);
    insta::assert_snapshot!(site.run(["plan", "settings.yaml"]).text());
}

#[test]
fn causes_that_differ_are_told_for_each_document() {
    let site = Site::new().tenant().fault("403 GET /v2026 times=99").fault("500 GET /beta times=99");
    let site = site.file("settings.yaml", ONE_CHANGE_EACH);
    let run = site.run(["plan", "settings.yaml", "--json", "plan.json"]);
    let plan = plan(&site);
    let told: Vec<&str> = plan["tenants"][0]["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["error"]["message"].as_str().unwrap())
        .collect();
    assert!(told[0].contains("answered 403") && told[1].contains("answered 500"), "{told:?}");
    let verdict = "No plan; could not be read: tenant 127.0.0.1 (jitActivationPolicy, accessRequestConfig).\n";
    assert!(run.out.ends_with(verdict), "{}", run.text());
}

#[test]
fn a_document_that_cannot_be_read_does_not_pass_for_one_without_changes() {
    let settings = "jitActivationPolicy: {maxActivationPeriodMins: 2h}\naccessRequestConfig: {apiVersion: v2}\n";
    let site = Site::new().tenant().fault("403 GET /jit times=99");
    let site = site.file("settings.yaml", &settings.replace("v2}", "v2, reauthorizationEnabled: true}"));
    for (format, text) in formats(&site) {
        let told = match format {
            "text" => "Incomplete plan: no changes in what could be read; could not be read: jitActivationPolicy of",
            "markdown" => "no changes, 1 managed; jitActivationPolicy not read",
            "html" => "no changes, 1 managed; jitActivationPolicy not read",
            "gitlab-terraform" => "{\"incomplete\":\"could not be read: jitActivationPolicy of 127.0.0.1\"}\n",
            _ => "answered 403",
        };
        assert!(text.contains(told), "{format}: {text}");
    }
}

#[test]
fn fields_that_sailplan_does_not_know_are_listed_with_their_values() {
    let document = json!({"maxActivationPeriodMins": 120, "skipApproval": true, "new": {"for": ["<b>", "x"]}});
    let site = Site::new().state(&json!({"jitActivationPolicy": document})).tenant();
    let site = site.file("settings.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 2h}\n");
    let run =
        site.run(["plan", "settings.yaml", "--json", "plan.json", "--markdown", "plan.md", "--html", "plan.html"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let unknown = &plan(&site)["tenants"][0]["resources"][0]["unknown"];
    let expected = json!([{"path": "/skipApproval", "value": true}, {"path": "/new", "value": {"for": ["<b>", "x"]}}]);
    assert_eq!(*unknown, expected);
    for (text, told) in [
        (
            run.out,
            "review: sailplan does not know this field and keeps it: jitActivationPolicy: /skipApproval is true\n",
        ),
        (site.read("plan.md"), "### Unknown fields: 2\n"),
        (site.read("plan.html"), "<h2 id=\"unknown\">Unknown fields: 2</h2>"),
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert!(!site.read("plan.html").contains("<b>"), "{}", site.read("plan.html"));
}

#[test]
fn an_apply_asks_nothing_of_what_its_plan_could_not_read() {
    let site = Site::new()
        .file("settings.yaml", ONE_CHANGE_EACH)
        .variable("CLIENT", "id-of-the-test")
        .variable("CLIENT_SECRET", "secret-of-the-test")
        .variable("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*");
    let mut workspace = String::from("tenants:\n");
    let mut tenants = Vec::new();
    // Each fails once and would answer now.
    for (name, fault) in [("whole", None), ("half", Some("403 GET /v2026")), ("none", Some("401 POST"))] {
        let faults = fault.iter().map(|fault| fault.parse().unwrap()).collect();
        let practice = Practice::start(Options { faults, ..Options::new(site.path(&format!("{name}.json"))) }).unwrap();
        let url = practice.url();
        workspace.push_str(&format!(
            "  {name}: {{url: '{url}', clientId: '${{CLIENT}}', clientSecret: '${{CLIENT_SECRET}}', settings: [settings.yaml]}}\n"
        ));
        tenants.push(practice);
    }
    site.write("sailplan.yaml", &workspace);
    assert_eq!(site.run(["plan", "--out", "plan.json"]).code, Some(1));
    let planned: Vec<usize> = tenants.iter().map(|tenant| tenant.requests().len()).collect();
    let run = site.run(["apply", "plan.json"]);
    assert_eq!(run.code, Some(1), "{}", run.text());
    let asked = |number: usize| -> Vec<String> {
        let requests = tenants[number].requests().into_iter().skip(planned[number]);
        requests.map(|request| format!("{} {}", request.method, request.path)).collect()
    };
    assert_eq!(asked(0).len(), 8, "{:?}", asked(0));
    let of_half = ["POST /oauth/token", "GET /beta", "GET /beta", "PUT /beta", "GET /beta"];
    let half = asked(1);
    assert_eq!(half.len(), of_half.len(), "{half:?}");
    for (request, expected) in half.iter().zip(of_half) {
        assert!(request.starts_with(expected), "{half:?}");
    }
    assert_eq!(asked(2), [""; 0]);
    assert_eq!(run.out.matches("it could not be planned, so nothing of it was approved").count(), 2, "{}", run.out);
}
