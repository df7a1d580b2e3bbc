//! Every API generation of the access-request settings.

use std::path::Path;

use sailplan::practice::Options;
use serde_json::{Value, json};

use crate::harness::Site;

const GENERATIONS: [&str; 7] = ["beta", "v3", "v2024", "v2025", "v2026", "v1", "v2"];

fn example(generation: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/generations").join(format!("{generation}.yaml"));
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn each_example_is_valid_planned_applied_and_then_in_sync() {
    for generation in GENERATIONS {
        let site = Site::new().tenant().file("settings.yaml", &example(generation));
        let valid = site.run(["validate", "--strict", "settings.yaml"]);
        assert_eq!(valid.text(), "Valid: 1 file.\n", "{generation}");
        let before = site.live();
        insta::assert_snapshot!(format!("plan_of_{generation}"), site.run(["plan", "settings.yaml"]).text());
        let applied = site.run(["apply", "-y", "settings.yaml"]);
        assert_eq!(applied.code, Some(0), "{generation}: {}", applied.text());
        let again = site.run(["plan", "-q", "--detailed-exitcode", "settings.yaml"]);
        assert_eq!(again.code, Some(0), "{generation}: {}", again.text());
        let verdict = again.out.lines().last().unwrap_or_default();
        assert!(verdict.starts_with("No changes in ") && verdict.contains(" of 1 tenant"), "{generation}: {verdict}");
        assert_eq!(before["jitActivationPolicy"], site.live()["jitActivationPolicy"], "{generation}");
    }
}

#[test]
fn every_generation_works_where_the_experimental_header_is_demanded_everywhere() {
    let jit =
        |generation: &str| format!("jitActivationPolicy: {{apiVersion: {generation}, maxActivationPeriodMins: 1h}}\n");
    let settings = GENERATIONS.map(example).into_iter().chain(["v1", "v2026"].map(jit));
    for settings in settings {
        let demanding = |options: Options| Options { all_experimental: true, ..options };
        let site = Site::new().tenant_with(demanding).file("settings.yaml", &settings);
        assert_eq!(site.run(["plan", "--detailed-exitcode", "settings.yaml"]).code, Some(2), "{settings}");
        let applied = site.run(["apply", "-y", "settings.yaml"]);
        assert_eq!(applied.code, Some(0), "{settings}: {}", applied.text());
        assert_eq!(site.run(["plan", "--detailed-exitcode", "settings.yaml"]).code, Some(0), "{settings}");
    }
}

#[test]
fn what_is_changed_through_v2_is_seen_through_beta() {
    let site = Site::new().tenant().file(
        "v2.yaml",
        "\
accessRequestConfig:
  apiVersion: v2
  requestOnBehalfOfConfig: {allowRequestOnBehalfOfAnyoneByAnyone: false}
  entitlementRequestConfig:
    accessRequestConfig:
      requestCommentRequired: true
      approvalSchemes: [{approverType: MANAGER}, {approverType: GOVERNANCE_GROUP, approverId: 7}]
",
    );
    let site = site.file(
        "beta.yaml",
        "\
accessRequestConfig:
  apiVersion: beta
  requestOnBehalfOfConfig: {allowRequestOnBehalfOfAnyoneByAnyone: false}
  entitlementRequestConfig: {requestCommentsRequired: true, grantRequestApprovalSchemes: [manager, 'workgroup:7']}
",
    );
    site.write("quoted.yaml", &site.read("v2.yaml").replace("approverId: 7", "approverId: '7'"));
    // An id that YAML reads as a number is no guess of ours.
    assert_eq!(site.run(["validate", "v2.yaml"]).code, Some(1));
    assert_eq!(site.run(["plan", "--detailed-exitcode", "beta.yaml"]).code, Some(2));
    assert_eq!(site.run(["apply", "-y", "quoted.yaml"]).code, Some(0));
    assert_eq!(site.run(["plan", "--detailed-exitcode", "beta.yaml"]).code, Some(0));
}

const NESTED: &str = "\
accessRequestConfig:
  apiVersion: v2024
  reauthorizationEnabled: false
  entitlementRequestConfig:
    accessRequestConfig:
      requestCommentRequired: true
";

#[test]
fn a_live_document_in_the_other_form_is_refused() {
    let site = Site::new()
        .tenant()
        .fault("other-form as=/beta/access-request-config times=9")
        .file("nested.yaml", NESTED)
        .file(
            "flat.yaml",
            "\
accessRequestConfig:
  apiVersion: v3
  entitlementRequestConfig: {requestCommentsRequired: true}
",
        );
    let before = site.live();
    insta::assert_snapshot!("a_nested_file_for_a_flat_document", site.run(["plan", "nested.yaml"]).text());
    insta::assert_snapshot!("apply_refuses_the_other_form", site.run(["apply", "-y", "nested.yaml"]).text());
    let plan: Value = serde_json::from_str(&site.run(["plan", "nested.yaml", "--format", "json"]).out).unwrap();
    assert_eq!(plan["tenants"][0]["resources"][0]["error"]["refused"], json!(true));
    let site = site.fault("other-form as=/access-request-config/v2 times=9");
    let flat = Site::new()
        .tenant()
        .fault("other-form as=/access-request-config/v2 times=9")
        .file("flat.yaml", &site.read("flat.yaml"));
    insta::assert_snapshot!("a_flat_file_for_a_nested_document", flat.run(["plan", "flat.yaml"]).text());
    assert_eq!(site.live(), before);
    assert!(site.calls().iter().all(|call| !call.starts_with("PUT")), "{:?}", site.calls());
}

#[test]
fn pull_says_which_form_the_tenant_answers() {
    let site = Site::new().tenant().fault("other-form as=/beta/access-request-config times=9");
    let run = site.run(["pull", "--resource", "accessRequestConfig"]);
    let line = "      # approvalSchemes:  # not managed: the tenant answers in the flat form, not the nested one; it fits apiVersion";
    assert!(run.out.lines().any(|written| written.starts_with(line)), "{}", run.text());
    let object = run.out.split_once("entitlementRequestConfig:").unwrap().1;
    assert!(!object.contains("no value"), "{}", run.text());
    site.write("settings.yaml", &run.out);
    assert_eq!(site.run(["plan", "--detailed-exitcode", "settings.yaml"]).code, Some(0));
}

#[test]
fn the_other_form_is_in_nobodys_way_who_changes_nothing() {
    let settings = "accessRequestConfig: {apiVersion: v2024, reauthorizationEnabled: true}\n";
    let site =
        Site::new().tenant().fault("other-form as=/beta/access-request-config times=9").file("settings.yaml", settings);
    assert_eq!(site.run(["plan", "--detailed-exitcode", "settings.yaml"]).code, Some(0));
}

fn overrides(settings: &str) -> (Vec<bool>, Option<String>) {
    let site = Site::new().tenant().file("settings.yaml", settings);
    let plan: Value = serde_json::from_str(&site.run(["plan", "settings.yaml", "--format", "json"]).out).unwrap();
    let changes = plan.pointer("/tenants/0/resources/0/changes").and_then(Value::as_array).unwrap();
    let marks = changes.iter().map(|change| change.get("overrides") == Some(&json!(true))).collect();
    let run = site.run(["apply", "-y", "settings.yaml", "--format", "json"]);
    let receipt: Value = serde_json::from_str(&run.out).unwrap();
    let sentence = receipt.pointer("/tenants/0/resources/0/overrides").and_then(Value::as_str);
    (marks, sentence.map(str::to_owned))
}

#[test]
fn a_put_that_carries_the_reminders_overrides_where_they_live_now() {
    let settings = |generation: &str| {
        format!(
            "accessRequestConfig: {{apiVersion: {generation}, reauthorizationEnabled: false, approvalsMustBeExternal: false}}\n"
        )
    };
    let what = "the approvals configuration, which now keeps reminders, escalation and the fallback approver";
    let carries = "this PUT carries the reminder and escalation object and";
    for generation in GENERATIONS {
        let expected = match generation {
            "v2024" | "v2025" | "v1" => Some(format!("{carries} overrides {what}")),
            "beta" | "v3" => Some(format!("{carries} may override {what}")),
            _ => None,
        };
        let mark = expected.is_some();
        assert_eq!(overrides(&settings(generation)), (vec![mark, mark], expected), "{generation}");
    }
}

#[test]
fn a_put_without_the_reminders_overrides_nothing() {
    let site = Site::new()
        .state(&json!({"accessRequestConfig": {"reauthorizationEnabled": true}}))
        .tenant()
        .file("settings.yaml", "accessRequestConfig: {apiVersion: v2024, reauthorizationEnabled: false}\n");
    let plan: Value = serde_json::from_str(&site.run(["plan", "settings.yaml", "--format", "json"]).out).unwrap();
    assert_eq!(plan["tenants"][0]["resources"][0]["changes"][0].get("overrides"), None);
}

#[test]
fn a_put_keeps_what_the_generation_does_not_manage() {
    let site = Site::new()
        .tenant()
        .file("settings.yaml", "accessRequestConfig: {apiVersion: v2, govGroupVisibilityEnabled: false}\n");
    let mut expected = site.live();
    assert_eq!(site.run(["apply", "-y", "settings.yaml"]).code, Some(0));
    expected["accessRequestConfig"]["govGroupVisibilityEnabled"] = json!(false);
    assert_eq!(site.live(), expected);
}

#[test]
fn mistakes_with_generations_and_steps_are_told_at_the_line() {
    let settings = "\
accessRequestConfig:
  apiVersion: v2
  autoApprovalEnabled: false
  entitlementRequestConfig:
    allowEntitlementRequest: true
    requestCommentsRequired: true
    accessRequestConfig:
      approvalSchemes:
        - sourceOwner
        - {approverType: GOVERNANCE_GROUP}
        - {approverType: MANAGER, approverId: 7c}
        - {approverType: source_owner}
        - {approverType: OWNER}
        - {approverId: null}
      requireEndDate: null
      maxPermittedAccessDuration: {value: 0, timeUnit: day}
    revocationRequestConfig:
      approvalSchemes:
        - {approverType: WORKFLOW, approverId: 7c}
        - {approverType: MANAGER}
";
    let site = Site::new().file("settings.yaml", settings);
    insta::assert_snapshot!(site.run(["validate", "settings.yaml"]).text());
}

#[test]
fn what_cannot_be_seen_is_kept_and_neither_rated_nor_listed() {
    let flat = json!({
        "approvalsMustBeExternal": false,
        "requestOnBehalfOfConfig": {"allowRequestOnBehalfOfAnyoneByAnyone": false},
        "entitlementRequestConfig": {
            "allowEntitlementRequest": true,
            "grantRequestApprovalSchemes": "entitlementOwner, sourceOwner, manager, workgroup:2c918084660f45d6016617daa9210584",
        },
    });
    let settings = "accessRequestConfig: {apiVersion: v2, reauthorizationEnabled: true}\n";
    let faults = "other-form GET /access-request-config/v2 as=/beta/access-request-config times=9";
    let site =
        Site::new().state(&json!({"accessRequestConfig": flat})).tenant().fault(faults).file("settings.yaml", settings);
    let plan = site.run(["plan", "settings.yaml"]);
    insta::assert_snapshot!(plan.text());
    assert_eq!(plan.code, Some(0));
    let plan: Value = serde_json::from_str(&site.run(["plan", "settings.yaml", "--format", "json"]).out).unwrap();
    let unmanaged = plan.pointer("/tenants/0/resources/0/unmanaged").and_then(Value::as_array).unwrap();
    assert!(!unmanaged.is_empty());
    for entry in unmanaged {
        assert!(!entry.to_string().contains("entitlementRequestConfig"), "{entry}");
    }
    site.run(["apply", "--yes", "settings.yaml"]);
    let put = site.requests().into_iter().find(|request| request.method == "PUT").unwrap();
    for (key, value) in flat["entitlementRequestConfig"].as_object().unwrap() {
        assert_eq!(&put.body["entitlementRequestConfig"][key], value, "{key}");
    }
    assert_eq!(put.body["entitlementRequestConfig"].get("accessRequestConfig"), None);
    assert_eq!(put.body["reauthorizationEnabled"], json!(true));
}

/// What several tenants answer where no approver is named.
#[test]
fn an_object_without_values_is_no_approver_and_takes_one() {
    const FALLBACK: &str = "/accessRequestConfig/approvalReminderAndEscalationConfig/fallbackApproverRef";
    for nothing in [
        json!({}),
        json!({"type": "IDENTITY", "id": null, "name": null, "email": null}),
        json!({"type": null, "id": "", "name": null}),
        Value::Null,
    ] {
        let state = |reference: &Value| {
            json!({"accessRequestConfig": {"approvalReminderAndEscalationConfig":
                {"maxReminders": 3, "fallbackApproverRef": reference}}})
        };
        let settings = |reference: &str| {
            format!(
                "accessRequestConfig:\n  apiVersion: v2025\n  approvalReminderAndEscalationConfig:\n    \
                 fallbackApproverRef: {reference}\n"
            )
        };
        let site = Site::new().state(&state(&nothing)).tenant();
        let site = site
            .file("nobody.yaml", &settings("null"))
            .file("copied.yaml", &settings(&nothing.to_string()))
            .file("other.yaml", "accessRequestConfig: {apiVersion: v2025, reauthorizationEnabled: false}\n")
            .file("somebody.yaml", &settings("{id: 2c9180867a7c46d0017a7c8dd0b60f5d}"));
        for file in ["nobody.yaml", "copied.yaml"] {
            let plan = site.run(["plan", "--detailed-exitcode", file]);
            assert_eq!(plan.code, Some(0), "{nothing} {file}: {}", plan.text());
        }
        let applied = site.run(["apply", "-y", "somebody.yaml"]);
        assert_eq!(applied.code, Some(0), "{nothing}: {}", applied.text());
        assert_eq!(site.live().pointer(FALLBACK).unwrap()["id"], json!("2c9180867a7c46d0017a7c8dd0b60f5d"));
        assert_eq!(site.run(["plan", "--detailed-exitcode", "somebody.yaml"]).code, Some(0), "{nothing}");
    }
}

#[test]
fn what_is_left_out_of_an_approval_list_is_not_known() {
    let plan = |granting: &str, entitlements: Value| -> Value {
        let settings = format!(
            "accessRequestConfig: {{apiVersion: v2, entitlementRequestConfig: {{accessRequestConfig: {{approvalSchemes: \
             {granting}}}}}}}\n"
        );
        let site = Site::new()
            .state(&json!({"accessRequestConfig": {"entitlementRequestConfig": entitlements}}))
            .tenant()
            .file("settings.yaml", &settings);
        let run = site.run(["plan", "settings.yaml", "--format", "json"]);
        let plan: Value = serde_json::from_str(&run.out).unwrap();
        plan["tenants"][0]["resources"][0].clone()
    };
    let absent = plan("[]", json!({"revocationRequestConfig": {"approvalSchemes": []}}));
    assert_eq!(absent["changes"][0]["impact"], json!("review"), "{absent}");
    let empty = plan("[]", json!({"accessRequestConfig": {"approvalSchemes": []}}));
    assert_eq!(empty["changes"], json!([]), "{empty}");
    let blank = json!([{"approverType": "MANAGER", "approverId": ""}]);
    let same =
        plan("[{approverType: MANAGER, approverId: ''}]", json!({"accessRequestConfig": {"approvalSchemes": blank}}));
    assert_eq!(same["changes"], json!([]), "{same}");
}

#[test]
fn a_tenant_that_fills_in_its_defaults_has_done_nothing_else() {
    let state = json!({"accessRequestConfig": {"reauthorizationEnabled": true}});
    let settings = "accessRequestConfig: {apiVersion: v2, reauthorizationEnabled: false}\n";
    let site = Site::new().state(&state).tenant().file("settings.yaml", settings);
    let applied = site.run(["apply", "-y", "settings.yaml"]);
    assert_eq!(applied.code, Some(0), "{}", applied.text());
    let text = applied.text();
    for note in [
        "govGroupVisibilityEnabled was absent; the tenant filled in its default, false",
        "machineIdentityAccessRequestEnabled was absent; the tenant filled in its default, true",
    ] {
        assert!(text.replace("\n", " ").contains(note), "{note}: {text}");
    }
}

#[test]
fn a_tenant_that_leaves_out_false_is_told_from_one_that_refuses_it() {
    let state = json!({"accessRequestConfig": {"approvalsMustBeExternal": false}});
    let settings = "accessRequestConfig: {apiVersion: v2, reauthorizationEnabled: false}\n";
    let site = Site::new().state(&state).tenant().fault("ignore PUT times=9").file("settings.yaml", settings);
    let plan: Value = serde_json::from_str(&site.run(["plan", "settings.yaml", "--format", "json"]).out).unwrap();
    assert_eq!(plan["tenants"][0]["resources"][0]["changes"][0]["impact"], json!("review"));
    let applied = site.run(["apply", "-y", "--reads", "1", "settings.yaml"]);
    assert_eq!(applied.code, Some(1), "{}", applied.text());
    let text = applied.text().split_whitespace().collect::<Vec<_>>().join(" ");
    let help = "this tenant does not show false for reauthorizationEnabled: delete the line (settings.yaml:1:39), or";
    assert!(text.contains(help), "{text}");
}

/// A proxy that answers every request to connect with one status line; returns its address, and how often it was asked.
fn proxy(status: &'static str) -> (String, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    use std::io::{Read as _, Write as _};
    use std::sync::atomic::{AtomicUsize, Ordering};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = std::sync::Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            counter.fetch_add(1, Ordering::SeqCst);
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes());
        }
    });
    (address, asked)
}

#[test]
fn a_proxy_is_named_as_the_proxy() {
    let site = |proxy: &str| {
        Site::new()
            .variable("SAIL_BASE_URL", "https://acme.api.identitynow.com")
            .variable("SAIL_CLIENT_ID", "id-of-the-test")
            .variable("SAIL_CLIENT_SECRET", "secret-of-the-test")
            .variable("HTTPS_PROXY", proxy)
            .file("settings.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 1h}\n")
    };
    let words = |proxy: &str| -> String {
        let run = site(proxy).run(["plan", "--max-wait", "0.01", "settings.yaml"]);
        assert_eq!(run.code, Some(1), "{}", run.text());
        run.text().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let (address, asked) = proxy("407 Proxy Authentication Required");
    let text = words(&address);
    assert!(text.contains("the proxy asks for a user and a password"), "{text}");
    assert!(text.contains("HTTPS_PROXY=http://USER:PASSWORD@HOST"), "{text}");
    assert!(!text.contains("check client id and secret"), "{text}");
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 1);
    let (address, _) = proxy("403 Forbidden");
    let text = words(&address);
    assert!(text.contains("the proxy refused to connect to the tenant"), "{text}");
    // A port where nothing listens any longer.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text = words(&format!("http://{closed}"));
    assert!(text.contains("the proxy cannot be reached: connection refused"), "{text}");
}

#[test]
fn a_refusal_names_what_the_refused_request_needs() {
    let jit = "jitActivationPolicy: {maxActivationPeriodExtensionMins: 1h}\n";
    let access = "accessRequestConfig: {apiVersion: v2, reauthorizationEnabled: false}\n";
    let cases = [
        (jit, "403 GET", "idn:jit-policy:read or idn:jit-policy:manage", "idn:jit-policy:update"),
        (jit, "403 PATCH", "idn:jit-policy:update or idn:jit-policy:manage", "idn:jit-policy:read"),
        (access, "403 GET", "scope idn:access-request-config:read (", "ORG_ADMIN"),
        (access, "403 PUT", "the access-request settings need user level ORG_ADMIN", "idn:access-request-config:read"),
        (jit, "403 /oauth/token", "check client id and secret", "idn:jit-policy"),
        (jit, "404 /oauth/token", "check the address", "no JIT activation policy is stored"),
        (jit, "400 /oauth/token", "check client id and secret", "correct in the settings file"),
        (jit, "400 PATCH", "correct in the settings file what the tenant names", "idn:jit-policy"),
        (jit, "409 PATCH", "another change may be under way", "idn:jit-policy"),
        (jit, "500 GET times=9", "ask SailPoint's support with the trackingId", "idn:jit-policy"),
    ];
    for (settings, fault, told, not_told) in cases {
        let site = Site::new().tenant().fault(fault).file("settings.yaml", settings);
        let run = site.run(["apply", "-y", "--max-wait", "0.01", "settings.yaml"]);
        assert_eq!(run.code, Some(1), "{fault}: {}", run.text());
        let text = run.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(told), "{fault}: {text}");
        assert!(!text.contains(not_told), "{fault}: {text}");
        if text.contains("trackingId,") || text.contains("with the trackingId") {
            assert!(text.contains("trackingId: "), "{fault}: {text}");
        }
    }
}

#[test]
fn a_workflow_for_the_whole_tenant_is_warned_of_and_refused() {
    let settings = "\
accessRequestConfig:
  apiVersion: v2
  entitlementRequestConfig:
    accessRequestConfig:
      approvalSchemes: [{approverType: WORKFLOW, approverId: 78258e80-e9e2-4e1a-a11f-ce0b7c62f25d}]
";
    let site = Site::new().tenant().file("settings.yaml", settings);
    for command in ["validate", "plan"] {
        let run = site.run([command, "settings.yaml"]);
        assert_eq!(run.code, Some(0), "{}", run.text());
        let text = run.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("SailPoint documents WORKFLOW for single entitlements only"), "{command}: {text}");
        assert!(text.contains("settings.yaml:5"), "{command}: {text}");
    }
    let applied = site.run(["apply", "-y", "settings.yaml"]);
    assert_eq!(applied.code, Some(1));
    assert!(applied.text().contains("400 Bad Request"), "{}", applied.text());
}

#[test]
fn every_field_that_takes_an_id_warns_of_what_does_not_look_like_one() {
    for (generation, setting) in [
        ("beta", "approvalReminderAndEscalationConfig: {fallbackApproverRef: {id: pat.doe@example.com}}"),
        ("beta", "entitlementRequestConfig: {grantRequestApprovalSchemes: ['workgroup:pat.doe@example.com']}"),
        (
            "v2",
            "entitlementRequestConfig: {accessRequestConfig: {approvalSchemes: [{approverType: GOVERNANCE_GROUP, \
             approverId: pat.doe@example.com}]}}",
        ),
        ("v2", "entitlementRequestConfig: {accessRequestConfig: {formDefinitionId: pat.doe@example.com}}"),
    ] {
        let settings = format!("accessRequestConfig: {{apiVersion: {generation}, {setting}}}\n");
        let site = Site::new().file("settings.yaml", &settings);
        let run = site.run(["validate", "settings.yaml"]);
        assert_eq!(run.code, Some(0), "{}", run.text());
        assert!(run.text().contains("warning[id-form]"), "{setting}: {}", run.text());
    }
}

#[test]
fn reminders_have_the_maximum_that_the_generation_documents() {
    let site = Site::new().file(
        "settings.yaml",
        "accessRequestConfig: {apiVersion: beta, approvalReminderAndEscalationConfig: {maxReminders: 25}}\n",
    );
    let run = site.run(["validate", "settings.yaml"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert!(run.text().contains("note[number-elsewhere]"), "{}", run.text());
    site.write("settings.yaml", &site.read("settings.yaml").replace("beta", "v2025"));
    assert_eq!(site.run(["validate", "settings.yaml"]).code, Some(1));
}
