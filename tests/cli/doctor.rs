//! `sailplan doctor`: what stands between this machine and a tenant, told by a token and reads alone.

use serde_json::{Value, json};

use crate::harness::{ONE_CHANGE_EACH, Run, Site};

fn site() -> Site {
    Site::new().tenant().workspace(ONE_CHANGE_EACH)
}

fn with_scopes(scopes: &[&str]) -> Site {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    Site::new().tenant_with(|options| sailplan::practice::Options { scopes: Some(scopes), ..options })
}

/// A port of this machine at which nothing listens.
fn closed_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.text()))
}

/// Status and message of one check of the only tenant.
fn check(found: &Value, name: &str) -> (String, String) {
    let checks = found["tenants"][0]["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["check"] == name).unwrap_or_else(|| panic!("{name}: {found:#}"));
    let text = |key: &str| check[key].as_str().unwrap().to_owned();
    (text("status"), text("message"))
}

/// Every check of the only tenant with its status.
fn statuses(found: &Value) -> Vec<String> {
    let checks = found["tenants"][0]["checks"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    checks.iter().map(|check| format!("{} {}", text(&check["check"]), text(&check["status"]))).collect()
}

#[test]
fn where_everything_is_there_nothing_but_a_token_and_reads_is_asked_for() {
    let site = site();
    let run = site.run(["doctor"]);
    insta::assert_snapshot!(run.text());
    let mut calls = site.calls();
    calls.sort();
    assert_eq!(
        calls,
        ["GET /beta/access-request-config", "GET /v2026/jit-activation-config/policy", "POST /oauth/token"]
    );
}

#[test]
fn a_refused_token_ends_the_way_there() {
    let site = site().fault("401 POST /oauth/token");
    let run = site.run(["doctor"]);
    insta::assert_snapshot!(run.text());
    assert_eq!((run.code, site.calls()), (Some(1), vec!["POST /oauth/token".to_owned()]));
}

#[test]
fn a_missing_scope_is_told_by_the_document_that_it_keeps_back() {
    let site = with_scopes(&["idn:jit-policy:read", "idn:access-request-config:manage"]).workspace(ONE_CHANGE_EACH);
    let run = site.run(["doctor"]);
    insta::assert_snapshot!(run.text());
    assert_eq!((run.code, site.writes()), (Some(1), Vec::new()));
}

#[test]
fn what_an_apply_would_lack_is_a_warning_for_only_a_write_proves_it() {
    let site = with_scopes(&["idn:jit-policy:read", "idn:access-request-config:read"]).workspace(ONE_CHANGE_EACH);
    let run = site.run(["doctor"]);
    insta::assert_snapshot!(run.text());
    assert_eq!((run.code, site.writes()), (Some(0), Vec::new()));
    let planning = json(&site.run(["doctor", "--for", "plan", "--format", "json"]));
    assert_eq!((&planning["for"], &planning["tenants"][0]["status"]), (&json!("plan"), &json!("ok")));
    assert!(!statuses(&planning).iter().any(|check| check.starts_with("apply")), "{planning:#}");
}

#[test]
fn a_token_for_planning_that_could_write_is_a_warning() {
    let manage = with_scopes(&["idn:jit-policy:manage", "idn:access-request-config:read"]).workspace(ONE_CHANGE_EACH);
    let run = manage.run(["doctor", "--for", "plan", "--format", "json"]);
    let found = json(&run);
    assert_eq!(run.code, Some(0));
    assert_eq!(
        check(&found, "scopes"),
        (
            "warn".to_owned(),
            "idn:jit-policy:manage, idn:access-request-config:read: a token for planning that could write \
             jitActivationPolicy"
                .to_owned()
        )
    );
    let everything = json(&site().run(["doctor", "--for", "plan", "--format", "json"]));
    let (status, message) = check(&everything, "scopes");
    assert_eq!(status, "warn");
    assert!(message.ends_with("jitActivationPolicy, accessRequestConfig, approvalsConfig"), "{message}");
    let applying = json(&site().run(["doctor", "--for", "apply", "--format", "json"]));
    assert_eq!(check(&applying, "scopes"), ("ok".to_owned(), "sp:scopes:all".to_owned()));
}

#[test]
fn a_token_that_ends_too_soon_for_a_write_is_a_warning() {
    let site = Site::new().tenant_with(|options| sailplan::practice::Options { token_seconds: 4, ..options });
    let site = site.workspace(ONE_CHANGE_EACH);
    let run = site.run(["doctor", "--format", "json"]);
    let (status, message) = check(&json(&run), "token");
    assert_eq!((run.code, status.as_str()), (Some(0), "warn"));
    assert!(
        message.starts_with("given, lasts 4 seconds, until ")
            && message.ends_with(": too short for a write after a read")
    );
    let shorter = json(&site.run(["doctor", "--fresh", "1", "--format", "json"]));
    assert_eq!(check(&shorter, "token").0, "ok");
    assert_eq!(site.writes(), [""; 0]);
}

#[test]
fn a_host_that_does_not_answer_is_not_reached() {
    let site = site().variable("SAIL_BASE_URL", &format!("http://127.0.0.1:{}", closed_port()));
    let run = site.run(["doctor", "--retries", "0", "--format", "json"]);
    let found = json(&run);
    assert_eq!(run.code, Some(1), "{}", run.text());
    assert_eq!(statuses(&found), ["access ok", "proxy ok", "reached fail", "plan fail", "apply fail"]);
    let (_, message) = check(&found, "reached");
    assert_eq!(message, "POST /oauth/token at 127.0.0.1: connection refused");
    assert_eq!(check(&found, "plan").1, "the tenant was not reached");
    assert_eq!((found["tenants"][0].get("token"), site.calls()), (None, Vec::new()));
}

#[test]
fn the_proxy_is_named_without_its_password() {
    let port = closed_port();
    let proxy = format!("http://robot:Hunter22-Hunter22@127.0.0.1:{port}");
    let site = Site::new()
        .file("settings.yaml", ONE_CHANGE_EACH)
        .variable("SAIL_BASE_URL", "https://acme.api.identitynow.com")
        .variable("SAIL_CLIENT_ID", "id-of-the-test")
        .variable("SAIL_CLIENT_SECRET", "secret-of-the-test")
        .variable("HTTPS_PROXY", &proxy);
    let run = site.run(["doctor", "settings.yaml", "--retries", "0", "--format", "json", "-v"]);
    let found = json(&run);
    assert_eq!(run.code, Some(1));
    let host = format!("127.0.0.1:{port}");
    assert_eq!(found["tenants"][0]["proxy"], json!({"variable": "HTTPS_PROXY", "host": host}));
    assert_eq!(check(&found, "proxy"), ("ok".to_owned(), format!("{host}, as HTTPS_PROXY says")));
    let (_, reached) = check(&found, "reached");
    assert!(reached.ends_with("the proxy cannot be reached: connection refused"), "{reached}");
    for secret in ["Hunter22", "robot", "secret-of-the-test", "id-of-the-test"] {
        assert!(!run.text().contains(secret), "{secret}: {}", run.text());
    }
    // Past the proxy nobody is asked: the address is not one that credentials may go to.
    let other = site.variable("SAIL_BASE_URL", "https://tenant.example").variable("NO_PROXY", "tenant.example");
    let run = other.run(["doctor", "settings.yaml", "--format", "json"]);
    let found = json(&run);
    assert_eq!(
        (run.code, statuses(&found)),
        (Some(1), ["access fail", "plan fail", "apply fail"].map(String::from).to_vec())
    );
    assert!(check(&found, "access").1.contains("is not a host of SailPoint"), "{found:#}");
}

#[test]
fn a_clock_that_is_off_by_more_than_a_minute_is_a_warning() {
    for (seconds, status, message) in [
        ("7205", "warn", "the clock of this machine is 2 hours behind the tenant's"),
        ("70", "warn", "the clock of this machine is "),
        ("30", "ok", "the clock of this machine is "),
    ] {
        let site = site().fault(&format!("clock POST /oauth/token seconds={seconds}"));
        let run = site.run(["doctor", "--format", "json"]);
        let found = json(&run);
        let (found_status, found_message) = check(&found, "clock");
        assert_eq!((run.code, found_status.as_str()), (Some(0), status), "{seconds}: {found_message}");
        assert!(found_message.starts_with(message), "{found_message}");
        let offset = found["tenants"][0]["clockOffsetSeconds"].as_i64().unwrap();
        let asked: i64 = seconds.parse().unwrap();
        // A date is cut off to the second, and a slow machine takes its time to read it.
        assert!((asked - 20..=asked).contains(&offset), "{offset} of {asked}");
    }
}

#[test]
fn json_is_what_the_schema_says_in_the_order_of_the_workspace() {
    let site = site();
    site.write("settings/jit.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n");
    site.write(
        "sailplan.yaml",
        "tenants:\n  zulu:\n    url: ${SAIL_BASE_URL}\n    clientId: ${SAIL_CLIENT_ID}\n    clientSecret: \
         ${SAIL_CLIENT_SECRET}\n    settings: [settings/base.yaml]\n  mike:\n    url: ${UNSET_URL}\n    clientId: \
         ${UNSET_ID}\n    clientSecret: ${UNSET_SECRET}\n    labels: {ring: test}\n    settings: [settings/base.yaml]\n  alfa:\n    \
         url: practice:.sailplan/tenant.json\n    settings: [settings/jit.yaml]\n",
    );
    let run = site.run(["doctor", "--format", "json"]);
    let found = json(&run);
    assert_eq!(run.code, Some(1));
    let schema: Value = serde_json::from_str(&site.run(["schema", "diagnosis"]).out).unwrap();
    let errors: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&found).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let tenants: Vec<Value> = found["tenants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tenant| json!([tenant["name"], tenant["status"], tenant["token"]["lifeSeconds"]]))
        .collect();
    assert_eq!(Value::from(tenants), json!([["zulu", "ok", 43_200], ["mike", "fail", null], ["alfa", "ok", 43_200]]));
    assert_eq!(found["tenants"][0]["token"]["scopes"], json!(["sp:scopes:all"]));
    let access = &found["tenants"][1]["checks"][0];
    assert_eq!((&access["check"], &access["status"]), (&json!("access"), &json!("fail")));
    assert!(access["message"].as_str().unwrap().contains("UNSET_URL"), "{access}");
    assert_eq!(site.writes(), [""; 0]);
    let chosen = json(&site.run(["doctor", "--label", "ring=test", "--format", "json"]));
    assert_eq!((chosen["tenants"].as_array().unwrap().len(), &chosen["tenants"][0]["name"]), (1, &json!("mike")));
}

#[test]
fn without_settings_the_way_is_checked_and_with_errors_in_them_nothing_is() {
    let site = Site::new().tenant();
    let run = site.run(["doctor", "--format", "json"]);
    let found = json(&run);
    assert_eq!(run.code, Some(0));
    assert_eq!(check(&found, "plan"), ("warn".to_owned(), "no setting is managed, so no document was read".to_owned()));
    assert_eq!(site.calls(), ["POST /oauth/token"]);
    site.write("settings.yaml", "jitActivationPolicy: {maxActivationPeriodMins: never}\n");
    let run = site.run(["doctor", "settings.yaml"]);
    assert_eq!((run.code, run.out.as_str(), site.calls().len()), (Some(1), "", 1));
    assert!(run.err.contains("the files have errors, so no tenant was checked"), "{}", run.err);
}

#[test]
fn a_settings_file_that_is_not_there_yet_is_a_warning_with_the_command_that_writes_it() {
    let site = site();
    std::fs::remove_file(site.path("settings/base.yaml")).unwrap();
    let run = site.run(["doctor", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let found = json(&run);
    assert_eq!(check(&found, "settings"), ("warn".to_owned(), "settings/base.yaml does not exist yet".to_owned()));
    assert_eq!(check(&found, "token").0, "ok");
    let help = &found["tenants"][0]["checks"][0]["help"][0];
    assert_eq!(help, "write it from what the tenant has: sailplan pull --tenant prod --out settings/base.yaml");
    site.write("settings/base.yaml", "jitActivationPolicy: {maxActivationPeriodMins: often}\n");
    let broken = site.run(["doctor"]);
    assert_eq!(broken.code, Some(1), "{}", broken.text());
    assert!(broken.err.contains("the files have errors"), "{}", broken.text());
}

#[test]
fn entries_with_one_address_and_the_same_credentials_are_asked_for_once() {
    let site = Site::new()
        .tenant()
        .variable("OTHER_CLIENT_ID", "another-id")
        .variable("OTHER_SECRET", "another-secret")
        .variable("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*");
    let (minutes, recipients, both) = (
        "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n",
        "jitActivationPolicy: {notificationRecipients: []}\n",
        "jitActivationPolicy: {maxActivationPeriodMins: 1h}\naccessRequestConfig: {apiVersion: v2, reauthorizationEnabled: true}\n",
    );
    let mut workspace = "tenants:\n".to_owned();
    for (name, client, secret, settings) in [
        ("zulu", "SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET", minutes),
        ("other", "OTHER_CLIENT_ID", "SAIL_CLIENT_SECRET", minutes),
        ("mike", "SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET", both),
        ("secret", "SAIL_CLIENT_ID", "OTHER_SECRET", recipients),
        ("alfa", "SAIL_CLIENT_ID", "SAIL_CLIENT_SECRET", recipients),
    ] {
        site.write(&format!("settings/{name}.yaml"), settings);
        workspace.push_str(&format!(
            "  {name}: {{url: '${{SAIL_BASE_URL}}', clientId: '${{{client}}}', clientSecret: '${{{secret}}}', settings: [settings/{name}.yaml]}}\n"
        ));
    }
    site.write("sailplan.yaml", &workspace);
    let run = site.run(["doctor", "--look-up", "holders", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let mut calls = site.calls();
    calls.sort();
    let mut expected = vec!["GET /access-request-config/v2".to_owned()];
    expected.extend(vec!["GET /entitlement-connections/v1?limit=1".to_owned(); 3]);
    expected.extend(vec!["GET /v2026/jit-activation-config/policy".to_owned(); 3]);
    expected.extend(vec!["POST /oauth/token".to_owned(); 3]);
    assert_eq!(calls, expected);
    let found = json(&run);
    let documents = |tenant: &Value| -> Vec<String> {
        let checks = tenant["checks"].as_array().unwrap().iter();
        let told = checks.filter_map(|check| check["document"].as_str().or_else(|| check["lookUp"].as_str()));
        told.map(str::to_owned).collect()
    };
    let tenants: Vec<(&str, Vec<String>)> = found["tenants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tenant| (tenant["name"].as_str().unwrap(), documents(tenant)))
        .collect();
    let (jit, requests, holders) =
        ("jitActivationPolicy".to_owned(), "accessRequestConfig".to_owned(), "holders".to_owned());
    assert_eq!(
        tenants,
        [
            ("zulu", vec![jit.clone(), holders.clone()]),
            ("other", vec![jit.clone(), holders.clone()]),
            ("mike", vec![jit.clone(), requests, holders.clone()]),
            ("secret", vec![jit.clone(), holders.clone()]),
            ("alfa", vec![jit, holders]),
        ]
    );
}

#[test]
fn errors_in_the_settings_files_of_a_tenant_leave_the_others_checked() {
    let site = site();
    site.write("settings/bad.yaml", "jitActivationPolicy: {maxActivationPeriodMins: often}\n");
    let entry = |name: &str, settings: &str| {
        format!(
            "  {name}:\n    url: ${{SAIL_BASE_URL}}\n    clientId: ${{SAIL_CLIENT_ID}}\n    clientSecret: \
             ${{SAIL_CLIENT_SECRET}}\n    settings: [{settings}]\n"
        )
    };
    let workspace = entry("good", "settings/base.yaml") + &entry("bad", "settings/none.yaml, settings/bad.yaml");
    site.write("sailplan.yaml", &format!("tenants:\n{workspace}"));
    let run = site.run(["doctor", "--format", "json"]);
    assert_eq!(run.code, Some(1), "{}", run.text());
    assert!(run.err.contains("settings/bad.yaml:1:48"), "{}", run.err);
    let found = json(&run);
    let checks = |number: usize| -> Vec<String> {
        let checks = found["tenants"][number]["checks"].as_array().unwrap();
        checks
            .iter()
            .map(|check| format!("{} {}", check["check"].as_str().unwrap(), check["status"].as_str().unwrap()))
            .collect()
    };
    assert_eq!(found["tenants"][0]["status"], "ok", "{found:#}");
    assert_eq!(
        checks(1),
        [
            "settings warn",
            "settings fail",
            "access ok",
            "proxy ok",
            "reached ok",
            "clock ok",
            "token ok",
            "scopes ok",
            "userLevel ok",
            "plan fail",
            "apply fail"
        ]
    );
    let wrong = &found["tenants"][1]["checks"][1];
    assert_eq!(wrong["message"], "the settings files have errors, so no document was read");
    let detail = wrong["details"][0].as_str().unwrap();
    assert!(detail.starts_with("settings/bad.yaml:1:48: jitActivationPolicy.maxActivationPeriodMins: "), "{detail}");
    let plan = found["tenants"][1]["checks"].as_array().unwrap().iter().find(|check| check["check"] == "plan").unwrap();
    assert_eq!(plan["message"], "it is not known which documents to read");
}
