//! The two documents: reading, writing, what is refused.

use reqwest::Method;
use serde_json::{Value, json};

use super::{BETA, Bench, JIT, V2, refused};

#[tokio::test]
async fn the_policy_is_patched_on_both_paths() {
    let bench = Bench::new().await;
    let mut expected = bench.get("/v2026/jit-activation-config/policy").await;
    assert_eq!(expected, bench.get(JIT).await);
    let (status, answer) = bench.patch("/maxActivationPeriodMins", &json!(45)).await;
    expected["maxActivationPeriodMins"] = json!(45);
    assert_eq!((status, &answer), (200, &expected));
    assert_eq!(bench.get("/v2026/jit-activation-config/policy").await, expected);
}

#[tokio::test]
async fn one_bad_operation_stops_all() {
    let bench = Bench::new().await;
    let policy = bench.get(JIT).await;
    let body = json!([
        {"op": "replace", "path": "/maxActivationPeriodMins", "value": 45},
        {"op": "replace", "path": "/id", "value": "x"},
    ]);
    let response = bench.request(Method::PATCH, JIT).json(&body).send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(bench.get(JIT).await, policy);
}

#[tokio::test]
async fn a_patch_needs_application_json_and_json() {
    let bench = Bench::new().await;
    let send = |kind: &'static str, body: &'static str| {
        bench.request(Method::PATCH, JIT).header("content-type", kind).body(body).send()
    };
    assert_eq!(
        refused(send("application/json-patch+json", "[]").await.unwrap()).await,
        (400, "The content type must be application/json, not \"application/json-patch+json\".".to_owned())
    );
    assert_eq!(
        refused(send("application/json", "[{").await.unwrap()).await,
        (400, "The body is not JSON: EOF while parsing an object at line 1 column 2.".to_owned())
    );
    let ok = r#"[{"path": "/notificationTemplate", "value": null}]"#;
    assert_eq!(send("application/json; charset=utf-8", ok).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_policy_never_stored_is_not_found() {
    let bench = Bench::new().await;
    for state in ["{}", r#"{"jitActivationPolicy": null}"#] {
        bench.write_state(state);
        let text = "The server did not find a JIT activation policy: none was ever stored in this tenant.".to_owned();
        let response = bench.request(Method::GET, JIT).send().await.unwrap();
        assert_eq!(refused(response).await, (404, text.clone()));
        let response = bench.send(Method::PATCH, JIT, &json!([{"path": "/notificationTemplate", "value": null}])).await;
        assert_eq!(refused(response).await, (404, text));
    }
}

#[tokio::test]
async fn paths_kinds_and_methods_that_do_not_exist() {
    let bench = Bench::new().await;
    let cases = [
        (Method::GET, "/v2025/jit-activation-config/policy", 404),
        (Method::GET, "/jit-activation-config/v1", 404),
        (Method::GET, "/jit-activation-config/v1/policy/x", 404),
        (Method::GET, "/jit-activation-config/v1/other", 400),
        (Method::PUT, JIT, 405),
        (Method::PATCH, BETA, 405),
        (Method::DELETE, V2, 405),
        (Method::GET, "/oauth/token", 405),
    ];
    for (method, path, status) in cases {
        let response = bench.request(method.clone(), path).send().await.unwrap();
        assert_eq!(response.status(), status, "{method} {path}");
    }
    let response = bench.request(Method::PUT, JIT).send().await.unwrap();
    assert_eq!(response.headers()["allow"], "GET, PATCH");
}

#[tokio::test]
async fn the_experimental_header_is_needed_where_documented() {
    let bench = Bench::new().await;
    let cases = [
        (JIT, 400),
        ("/v2026/jit-activation-config/policy", 400),
        ("/v2026/access-request-config", 400),
        (V2, 400),
        ("/access-request-config/v1", 200),
        (BETA, 200),
    ];
    for (path, status) in cases {
        let request = bench.client.get(format!("{}{path}", bench.practice.url())).bearer_auth(&bench.token);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        if status == 400 {
            assert_eq!(answer.headers()["content-type"], "application/json;charset=UTF-8", "{path}");
            assert_eq!(
                answer.text().await.unwrap(),
                r#"{"error":"Experimental Header is missing or invalid."}"#,
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_every_one_of_a_deprecated_path_says_so() {
    let bench = Bench::new().await;
    bench.fault("500 GET /v3/access-request-config");
    bench.fault("drop-body GET /access-request-config/v1");
    let bare = |path: &str| bench.client.get(format!("{}{path}", bench.practice.url()));
    let cases = [
        (bare("/oauth/info"), 200, false),
        (bare("/nothing"), 404, false),
        (bare(V2), 401, false),
        (bare(BETA), 401, true),
        (bench.request(Method::PUT, BETA).json(&json!([])), 400, true),
        (bench.request(Method::DELETE, BETA), 405, true),
        (bench.request(Method::GET, "/v3/access-request-config"), 500, true),
        (bench.request(Method::GET, "/access-request-config/v1"), 200, true),
    ];
    let mut ids = Vec::new();
    for (request, status, deprecated) in cases {
        let answer = request.send().await.unwrap();
        let place = format!("{status} {}", answer.url());
        assert_eq!(answer.status(), status, "{place}");
        assert_eq!(answer.headers().get("x-deprecated").is_some(), deprecated, "{place}");
        let id = answer.headers()["slpt-request-id"].to_str().unwrap().to_owned();
        let body: Value = answer.json().await.unwrap_or_default();
        assert!(body["trackingId"].as_str().is_none_or(|named| named == id), "{place}: {body}");
        ids.push(id);
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 8);
}

#[tokio::test]
async fn every_generation_shows_its_own_fields_and_no_others() {
    let bench = Bench::new().await;
    let paths = [
        "/jit-activation-config/v1/policy",
        "/v2026/jit-activation-config/policy",
        "/beta/access-request-config",
        "/v3/access-request-config",
        "/v2024/access-request-config",
        "/v2025/access-request-config",
        "/v2026/access-request-config",
        "/access-request-config/v1",
        "/access-request-config/v2",
    ];
    let mut shown = String::new();
    for path in paths {
        let response = bench.request(Method::GET, path).send().await.unwrap();
        let deprecated = response.headers().get("x-deprecated").map(|value| value.to_str().unwrap().to_owned());
        let document: Value = response.json().await.unwrap();
        shown
            .push_str(&format!("== {path}, X-Deprecated: {}\n{document:#}\n", deprecated.as_deref().unwrap_or("none")));
    }
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn a_whole_document_put_back_changes_nothing() {
    let bench = Bench::new().await;
    let (beta, v2) = (bench.get(BETA).await, bench.get(V2).await);
    for path in [
        BETA,
        "/v3/access-request-config",
        "/v2024/access-request-config",
        "/v2026/access-request-config",
        "/access-request-config/v1",
        V2,
    ] {
        let live = bench.get(path).await;
        assert_eq!(bench.put(path, &live).await, live, "{path}");
        assert_eq!(bench.get(BETA).await, beta, "{path}");
        assert_eq!(bench.get(V2).await, v2, "{path}");
    }
}

#[tokio::test]
async fn a_change_through_one_generation_is_seen_through_another() {
    let bench = Bench::new().await;
    let mut expected = bench.get(BETA).await;
    let mut body = bench.get(V2).await;
    body["approvalsMustBeExternal"] = json!(false);
    body["entitlementRequestConfig"]["accessRequestConfig"]["approvalSchemes"] =
        json!([{"approverType": "MANAGER"}, {"approverType": "GOVERNANCE_GROUP", "approverId": "7"}]);
    body["entitlementRequestConfig"]["accessRequestConfig"]["denialCommentRequired"] = json!(true);
    bench.put(V2, &body).await;
    expected["approvalsMustBeExternal"] = json!(false);
    expected["entitlementRequestConfig"]["grantRequestApprovalSchemes"] = json!("manager, workgroup:7");
    expected["entitlementRequestConfig"]["deniedCommentsRequired"] = json!(true);
    assert_eq!(bench.get(BETA).await, expected);

    expected["entitlementRequestConfig"]["grantRequestApprovalSchemes"] = json!("");
    assert_eq!(bench.put(BETA, &expected).await, expected);
    assert_eq!(bench.get(V2).await["entitlementRequestConfig"]["accessRequestConfig"]["approvalSchemes"], json!([]));
}

#[tokio::test]
async fn what_a_put_leaves_out_falls_to_its_default() {
    let bench = Bench::new().await;
    insta::assert_snapshot!(format!("{:#}", bench.put(BETA, &json!({})).await));
    let mut v2 = bench.get(V2).await;
    v2["machineIdentityAccessRequestEnabled"] = json!(false);
    v2["requestOnBehalfOfConfig"]["allowRequestOnBehalfOfForMachineIdentity"] = json!(false);
    assert_eq!(bench.put(V2, &v2).await, v2);
    v2.as_object_mut().unwrap().remove("machineIdentityAccessRequestEnabled");
    v2["requestOnBehalfOfConfig"].as_object_mut().unwrap().remove("allowRequestOnBehalfOfForMachineIdentity");
    let answer = bench.put(V2, &v2).await;
    v2["machineIdentityAccessRequestEnabled"] = json!(true);
    v2["requestOnBehalfOfConfig"]["allowRequestOnBehalfOfForMachineIdentity"] = json!(true);
    assert_eq!(answer, v2);
}

#[tokio::test]
async fn unknown_fields_stay_only_if_they_are_sent_back() {
    let bench = Bench::new().await;
    bench.write_state(
        r#"{"accessRequestConfig": {"later": 1.0, "requestOnBehalfOfConfig": {"x/y~": []},
            "entitlementRequestConfig": {"accessRequestConfig": {"deep": true}}}}"#,
    );
    let shown = json!({
        "later": 1.0, "requestOnBehalfOfConfig": {"x/y~": []}, "entitlementRequestConfig": {}
    });
    assert_eq!(bench.get(BETA).await, shown);
    let mut expected = bench.put(BETA, &shown).await;
    assert_eq!((&expected["later"], &expected["requestOnBehalfOfConfig"]["x/y~"]), (&json!(1.0), &json!([])));
    expected.as_object_mut().unwrap().remove("later");
    expected["requestOnBehalfOfConfig"].as_object_mut().unwrap().remove("x/y~");
    assert_eq!(bench.put(BETA, &expected).await, expected);
    // Beta never showed it, so leaving it out means nothing.
    assert_eq!(bench.get(V2).await["entitlementRequestConfig"]["accessRequestConfig"]["deep"], json!(true));
    // A field of another generation is not this one's to set.
    expected["govGroupVisibilityEnabled"] = json!(true);
    bench.put(BETA, &expected).await;
    assert_eq!(bench.get(V2).await.get("govGroupVisibilityEnabled"), None);
}

#[tokio::test]
async fn a_workflow_survives_a_generation_that_cannot_show_it() {
    let bench = Bench::new().await;
    let mut v2 = bench.get(V2).await;
    let workflow = json!([{"approverType": "WORKFLOW", "approverId": "9"}]);
    v2["entitlementRequestConfig"]["accessRequestConfig"]["approvalSchemes"] = workflow;
    assert_eq!(bench.send(Method::PUT, V2, &v2).await.status(), 400);
    bench.write_state(&json!({"accessRequestConfig": v2}).to_string());
    let mut v2 = bench.get(V2).await;
    v2 = bench.put(V2, &v2).await;
    let beta = bench.get(BETA).await;
    assert_eq!(beta["entitlementRequestConfig"].get("grantRequestApprovalSchemes"), None);
    bench.put(BETA, &beta).await;
    assert_eq!(bench.get(V2).await, v2);
}

#[tokio::test]
async fn every_wrong_value_of_a_put_is_named() {
    let bench = Bench::new().await;
    let beta = bench.get(BETA).await;
    let mut body = beta.clone();
    body["approvalsMustBeExternal"] = json!(null);
    body["autoApprovalEnabled"] = json!("true");
    body["requestOnBehalfOfConfig"] = json!(null);
    body["approvalReminderAndEscalationConfig"]["maxReminders"] = json!(0);
    body["entitlementRequestConfig"]["grantRequestApprovalSchemes"] = json!("boss");
    let response = bench.send(Method::PUT, BETA, &body).await;
    assert_eq!(response.status(), 400);
    let answer: Value = response.json().await.unwrap();
    let texts: Vec<&str> = answer["messages"].as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap()).collect();
    assert_eq!(
        texts,
        [
            "requestOnBehalfOfConfig must be an object.",
            "approvalsMustBeExternal must be true or false.",
            "autoApprovalEnabled must be true or false.",
            "approvalReminderAndEscalationConfig.maxReminders must be a whole number of at least 1, or null.",
            "entitlementRequestConfig.grantRequestApprovalSchemes must be null or a comma-separated list of \
             entitlementOwner, sourceOwner, manager and workgroup:ID.",
        ]
    );
    assert_eq!(bench.get(BETA).await, beta);
    let response = bench.send(Method::PUT, BETA, &json!([])).await;
    assert_eq!(refused(response).await, (400, "The body must be an object.".to_owned()));
}

#[tokio::test]
async fn a_flat_document_can_be_pasted_into_the_state_file() {
    let bench = Bench::new().await;
    let flat = json!({"entitlementRequestConfig": {
        "deniedCommentsRequired": true, "grantRequestApprovalSchemes": "manager,sourceOwner"
    }});
    bench.write_state(&json!({"accessRequestConfig": flat}).to_string());
    assert_eq!(bench.get(BETA).await, flat);
    assert_eq!(
        bench.get(V2).await,
        json!({"entitlementRequestConfig": {"accessRequestConfig": {
            "denialCommentRequired": true,
            "approvalSchemes": [
                {"approverType": "MANAGER", "approverId": null}, {"approverType": "SOURCE_OWNER", "approverId": null}
            ]
        }}})
    );
}

#[tokio::test]
async fn a_fresh_tenant_has_the_default_of_what_the_published_examples_lack() {
    let fresh = |stored| super::super::access_request::with_defaults(stored);
    let stored = json!({"reauthorizationEnabled": true, "requestOnBehalfOfConfig": {"mine": 1}});
    let complete = fresh(stored);
    assert_eq!(complete["reauthorizationEnabled"], json!(true));
    assert_eq!(complete["machineIdentityAccessRequestEnabled"], json!(true));
    let on_behalf = &complete["requestOnBehalfOfConfig"];
    assert_eq!((&on_behalf["mine"], &on_behalf["allowRequestForMachineByOwner"]), (&json!(1), &json!(false)));
    assert_eq!(complete.get("approvalReminderAndEscalationConfig"), None);
    // A state file that is there stays as it is.
    let bench = Bench::new().await;
    bench.write_state(r#"{"accessRequestConfig": {"reauthorizationEnabled": true}}"#);
    assert_eq!(bench.get(V2).await, json!({"reauthorizationEnabled": true}));
}
