//! Starting, tokens, records, several clients, stopping.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{BETA, Bench, JIT, V2, client, log_in, refused};
use crate::practice::{Options, Practice, Request};

#[tokio::test]
async fn a_token_has_the_documented_parts() {
    let bench = Bench::with(|options| options.token_seconds = 60).await;
    let answer = log_in(&bench.client, bench.practice.url()).await;
    let token = answer["access_token"].as_str().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!((parts.len(), parts[0]), (3, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"));
    assert_eq!(
        answer,
        json!({
            "access_token": token, "token_type": "bearer", "expires_in": 60, "scope": "sp:scopes:all",
            "tenant_id": "9f2c3a54-0f0e-4b8e-9a67-7c1d5e2b3a90", "pod": "practice", "org": "practice",
            "internal": false, "strong_auth": true, "strong_auth_supported": false,
            "identity_id": "2c9180867a7c46d0017a7c8dd0b60f5f", "user_name": "practice.owner", "jti": answer["jti"]
        })
    );
    let url = bench.practice.url();
    assert_eq!(
        bench.get("/oauth/info").await,
        json!({
            "tenantId": "9f2c3a54-0f0e-4b8e-9a67-7c1d5e2b3a90", "tenantName": "practice", "pod": "practice",
            "cloudDomainUrl": url, "tokenEndpoint": format!("{url}/oauth/token"),
            "authorizeEndpoint": format!("{url}/oauth/authorize"), "logoutUrl": format!("{url}/logout")
        })
    );
}

#[tokio::test]
async fn a_token_can_be_asked_for_in_the_query() {
    let bench = Bench::new().await;
    let url =
        format!("{}/oauth/token?grant_type=client_credentials&client_id=me&client_secret=hush", bench.practice.url());
    let response = bench.client.post(url).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let requests = bench.practice.requests();
    assert_eq!(
        requests.last().unwrap().path,
        "/oauth/token?grant_type=client_credentials&client_id=me&client_secret=***"
    );
}

#[tokio::test]
async fn a_token_must_be_given_known_and_alive() {
    let bench = Bench::with(|options| options.token_seconds = 0).await;
    let url = format!("{}{BETA}", bench.practice.url());
    let cases = [
        (bench.client.get(&url), "JWT is required"),
        (bench.client.get(&url).basic_auth("me", Some("hush")), "JWT is required"),
        (bench.client.get(&url).bearer_auth("x"), "JWT validation failed: JWT is unknown to this practice tenant"),
        (bench.client.get(&url).bearer_auth(&bench.token), "JWT validation failed: JWT is expired"),
    ];
    for (request, text) in cases {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert_eq!(response.json::<Value>().await.unwrap(), json!({"error": text}));
    }
}

#[tokio::test]
async fn a_missing_scope_is_forbidden() {
    let needs = |scopes: &str| {
        let text = "The server understood the request but refuses to authorize it: the token needs the scope";
        Some((403, format!("{text} {scopes}.")))
    };
    let cases = [
        (Method::GET, JIT, "idn:jit-policy:read", None),
        (Method::GET, JIT, "idn:jit-policy:manage", None),
        (Method::GET, JIT, "idn:jit-policy:update", needs("idn:jit-policy:read or idn:jit-policy:manage")),
        (Method::PATCH, JIT, "idn:jit-policy:read", needs("idn:jit-policy:update or idn:jit-policy:manage")),
        (Method::GET, V2, "idn:access-request-config:read", None),
        // SailPoint does not let `manage` read here.
        (Method::GET, V2, "idn:access-request-config:manage", needs("idn:access-request-config:read")),
        (Method::PUT, V2, "idn:access-request-config:read", needs("idn:access-request-config:manage")),
    ];
    for (method, path, scope, expected) in cases {
        let bench = Bench::with(|options| options.scopes = Some(vec![scope.to_owned()])).await;
        let response = bench.request(method, path).send().await.unwrap();
        match expected {
            None => assert_eq!(response.status(), 200),
            Some(expected) => assert_eq!(refused(response).await, expected),
        }
    }
}

#[tokio::test]
async fn requests_are_recorded_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("requests.jsonl");
    let bench = Bench::with(|options| options.record = Some(file.clone())).await;
    let request = bench.request(Method::PATCH, "/jit-activation-config/v1/policy?x=1").header("user-agent", "test");
    request.json(&json!([])).send().await.unwrap();
    let headers = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let expected = [
        Request {
            method: "POST".to_owned(),
            path: "/oauth/token".to_owned(),
            headers: headers(&[("accept-encoding", "gzip"), ("content-type", "application/x-www-form-urlencoded")]),
            body: json!({"grant_type": "client_credentials", "client_id": "me", "client_secret": "***"}),
        },
        Request {
            method: "PATCH".to_owned(),
            path: "/jit-activation-config/v1/policy?x=1".to_owned(),
            headers: headers(&[
                ("accept-encoding", "gzip"),
                ("authorization", "Bearer"),
                ("content-type", "application/json"),
                ("user-agent", "test"),
                ("x-sailpoint-experimental", "true"),
            ]),
            body: json!([]),
        },
    ];
    assert_eq!(bench.practice.requests(), expected);
    let lines: Vec<Value> =
        fs::read_to_string(&file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, expected.map(|request| serde_json::to_value(request).unwrap()));
}

#[tokio::test]
async fn two_servers_on_one_file_lose_no_change() {
    let bench = Bench::new().await;
    let other = Practice::start(Options::new(bench.folder.path().join("tenant.json"))).unwrap();
    let token = log_in(&bench.client, other.url()).await["access_token"].as_str().unwrap().to_owned();
    bench.write_state(r#"{"jitActivationPolicy": {"maxActivationPeriodMins": 1}, "accessRequestConfig": {}}"#);
    let mut sent = Vec::new();
    for round in 0..10 {
        for (path, value) in [("/maxActivationPeriodMins", round), ("/defaultMaxActivationPeriodMins", round * 2)] {
            let body = json!([{"path": path, "value": value}]);
            let one = bench.request(Method::PATCH, JIT).json(&body);
            let two = bench.client.put(format!("{}{V2}", other.url()));
            let two = two.bearer_auth(&token).header("X-SailPoint-Experimental", "true");
            sent.push(tokio::spawn(one.send()));
            sent.push(tokio::spawn(two.json(&json!({"later": round})).send()));
        }
        for request in sent.drain(..) {
            assert_eq!(request.await.unwrap().unwrap().status(), 200);
        }
        assert_eq!(
            bench.get(JIT).await,
            json!({"maxActivationPeriodMins": round, "defaultMaxActivationPeriodMins": round * 2})
        );
        assert_eq!(bench.get(V2).await["later"], json!(round));
    }
}

#[tokio::test]
async fn a_broken_state_file_is_named_in_the_answer() {
    let bench = Bench::new().await;
    bench.write_state("{");
    let response = bench.request(Method::GET, V2).send().await.unwrap();
    let path = bench.folder.path().join("tenant.json");
    assert_eq!(
        refused(response).await,
        (
            500,
            format!(
                "the practice tenant's state file {} is broken: EOF while parsing an object at line 1 column 1; fix \
                 it, or delete it to start again with the example documents",
                path.display()
            )
        )
    );
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let bench = Bench::new().await;
    let body = vec![b' '; 32 * 1024 * 1024 + 1];
    let request = bench.request(Method::PATCH, JIT).header("content-type", "application/json").body(body);
    // The answer may be lost when the server closes while the client still sends.
    if let Ok(response) = request.send().await {
        assert_eq!(response.status(), 413);
    }
    assert_eq!(bench.practice.requests().last().unwrap().body, json!(null));
    assert_eq!(bench.get(JIT).await["maxActivationPeriodMins"], json!(120));
}

#[test]
fn it_needs_no_runtime_and_frees_its_port() {
    let folder = tempfile::tempdir().unwrap();
    let practice = Practice::start(Options::new(folder.path().join("tenant.json"))).unwrap();
    let address = practice.url().strip_prefix("http://").unwrap().to_owned();
    assert!(TcpListener::bind(&address).is_err());
    drop(practice);
    assert!(TcpListener::bind(&address).is_ok());
}

#[tokio::test]
async fn it_stops_while_an_answer_is_stalled() {
    let bench = Bench::new().await;
    bench.fault("stall GET seconds=600");
    let request = tokio::spawn(bench.request(Method::GET, BETA).send());
    while bench.practice.requests().len() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(bench.practice);
    assert!(request.await.unwrap().is_err());
}

#[tokio::test]
async fn it_runs_until_it_is_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let practice = Practice::start(Options::new(folder.path().join("tenant.json"))).unwrap();
    let url = practice.url().to_owned();
    // A connection from before would fail in another way than a new one.
    let before = client();
    practice.run_until(async { assert_eq!(log_in(&before, &url).await["token_type"], json!("bearer")) }).await.unwrap();
    assert!(client().get(format!("{url}/oauth/info")).send().await.unwrap_err().is_connect());
}

#[test]
fn an_address_in_use_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = Options::new(folder.path().join("tenant.json"));
    options.listen = taken.local_addr().unwrap();
    let message = format!("the practice tenant cannot listen on {}", options.listen);
    assert_eq!(Practice::start(options).err().unwrap().to_string(), message);
}
