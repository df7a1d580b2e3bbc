//! What every request carries, and the token that it carries.

use std::borrow::Cow;
use std::sync::Arc;

use secrecy::SecretString;
use serde_json::json;

use super::super::script::{Script, ok, reply};
use super::super::{Address, AllowedHosts, Credentials, Endpoint, ErrorKind, Fate, Http, Tenant, TokenIdentity};
use super::{
    CONFIG, LINE_GET, LINE_PUT, LINE_TOKEN, POLICY, TOKEN, WRITTEN, document, get, options, put, read, said, tenant,
    token,
};

#[tokio::test]
async fn requests_carry_what_sailpoint_documents_and_nothing_else() {
    let server = Script::start(vec![
        (
            "POST",
            ok(r#"{"access_token": "token-one", "token_type": "bearer", "expires_in": 750, "identity_id": "i-1", "user_name": "svc", "org": "acme"}"#),
        ),
        ("GET", reply("200 OK", &["SLPT-Request-ID: r-1", "X-Deprecated: true"], r#"{"n": 1.50}"#)),
        ("PATCH", ok(r#"{"applyToFutureAssignments": true}"#)),
    ])
    .await;
    let tenant = tenant(&server.url());
    assert_eq!(tenant.identity(), None);
    let mut read = tenant.get(&CONFIG).await.unwrap();
    // The number comes back digit for digit.
    assert_eq!(read.body.take().to_string(), r#"{"n":1.50}"#);
    assert_eq!((read.deprecated, read.tracking_id.as_deref()), (true, Some("r-1")));
    let operations = json!([{"op": "replace", "path": "/notificationTemplate", "value": null}]);
    let answer = tenant.patch(&POLICY, &operations).await.unwrap();
    assert_eq!(answer, WRITTEN);
    assert_eq!(
        tenant.identity(),
        Some(TokenIdentity {
            identity_id: Some("i-1".to_owned()),
            tenant_id: None,
            user_name: Some("svc".to_owned()),
            org: Some("acme".to_owned()),
        })
    );
    let common = format!(
        "accept: application/json\nuser-agent: sailplan/{}\naccept-language: en-US\naccept-encoding: gzip\nhost: HOST\n",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(
        server.requests(),
        [
            format!(
                "POST /oauth/token HTTP/1.1\ncontent-type: application/x-www-form-urlencoded\n{common}content-length: 89\n\ngrant_type=client_credentials&client_id=id+%26%3D%2B%C3%A9&client_secret=s3cret+%25value+"
            ),
            format!(
                "GET /access-request-config/v2 HTTP/1.1\nauthorization: Bearer token-one\nx-sailpoint-experimental: true\n{common}\n"
            ),
            format!(
                "PATCH /jit-activation-config/v1/policy HTTP/1.1\nauthorization: Bearer token-one\nx-sailpoint-experimental: true\ncontent-type: application/json\n{common}content-length: 62\n\n{operations}"
            ),
        ]
    );
}

#[tokio::test]
async fn two_reads_at_once_share_one_token() {
    let server = Script::start(vec![token(), get(ok("{}")), ("GET /jit", ok("{}"))]).await;
    let tenant = Arc::new(tenant(&server.url()));
    // As tasks of their own, which a job over many tenants starts.
    let other = Arc::clone(&tenant);
    let one = tokio::spawn(async move { other.get(&CONFIG).await });
    let (one, two) = tokio::join!(one, tenant.get(&POLICY));
    let one = one.unwrap();
    assert_eq!((one.unwrap(), two.unwrap()), (document(json!({})), document(json!({}))));
    let mut lines = server.lines();
    lines.sort();
    assert_eq!(lines, [LINE_GET, "GET /jit-activation-config/v1/policy", LINE_TOKEN]);
}

#[tokio::test]
async fn two_reads_at_once_share_one_refusal() {
    let refusal = r#"{"error": "invalid_client", "error_description": "No client s3cret %value "}"#;
    let server = Script::start(vec![("POST", reply("401 Unauthorized", &[], refusal))]).await;
    let tenant = tenant(&server.url());
    let (one, two) = tokio::join!(tenant.get(&CONFIG), tenant.get(&POLICY));
    let (one, two) = (one.unwrap_err(), two.unwrap_err());
    let expected = [
        "POST /oauth/token at 127.0.0.1: no token given: answered 401 Unauthorized",
        "invalid_client",
        "No client [hidden]",
    ];
    assert_eq!((said(&one), said(&two)), (expected.map(str::to_owned).to_vec(), expected.map(str::to_owned).to_vec()));
    assert_eq!(one.status(), Some(401));
    assert_eq!(server.lines(), [LINE_TOKEN]);
}

#[tokio::test]
async fn a_token_about_to_end_is_renewed_and_an_answer_without_one_is_an_error() {
    let server = Script::start(vec![
        (TOKEN.0, ok(r#"{"access_token": "short", "expires_in": 0}"#)),
        get(ok("{}")),
        (TOKEN.0, ok(r#"{"access_token": ""}"#)),
        (TOKEN.0, ok("<html>token-one")),
    ])
    .await;
    let tenant = tenant(&server.url());
    assert_eq!(tenant.get(&CONFIG).await.unwrap(), document(json!({})));
    for expected in [
        "POST /oauth/token at 127.0.0.1: the answer holds no usable access_token",
        "POST /oauth/token at 127.0.0.1: the answer is not JSON: expected value at line 1 column 1",
    ] {
        assert_eq!(said(&tenant.get(&CONFIG).await.unwrap_err()), [expected]);
    }
    assert_eq!(server.lines(), [LINE_TOKEN, LINE_GET, LINE_TOKEN, LINE_TOKEN]);
}

#[tokio::test]
async fn a_401_renews_the_token_once_for_a_read_and_never_for_a_write() {
    let unauthorized = || reply("401 Unauthorized", &[], r#"{"error": "JWT expired"}"#);
    let second = (TOKEN.0, ok(r#"{"access_token": "two"}"#));
    let script = vec![token(), put(unauthorized()), second, get(ok("{}")), put(ok("{}"))];
    let server = Script::start(script).await;
    let tenant = tenant(&server.url());
    // The body may be stale by the time that a new token is there: the caller reads again, and that renews it.
    for fate in [Fate::TokenEnded, Fate::NotSent] {
        assert_eq!(tenant.put(&CONFIG, &json!({})).await.unwrap_err().fate(), fate);
    }
    assert_eq!(tenant.get(&CONFIG).await.unwrap(), document(json!({})));
    assert_eq!(tenant.put(&CONFIG, &json!({})).await.unwrap(), WRITTEN);
    let requests = server.requests();
    assert_eq!(server.lines(), [LINE_TOKEN, LINE_PUT, LINE_TOKEN, LINE_GET, LINE_PUT]);
    assert_eq!(requests[1].replace("token-one", "two"), requests[4]);

    let (outcome, lines) = read(vec![get(unauthorized()), token(), get(unauthorized())]).await;
    let error = ["GET /access-request-config/v2 at 127.0.0.1: answered 401 Unauthorized", "JWT expired"];
    assert_eq!(outcome, Err(error.map(str::to_owned).to_vec()));
    assert_eq!(lines, [LINE_TOKEN, LINE_GET, LINE_TOKEN, LINE_GET]);
}

#[tokio::test]
async fn credentials_are_refused_before_anything_is_sent() {
    let http = Arc::new(Http::new(options()));
    let address = Address::parse("https://collector.example").unwrap();
    let credentials = Credentials { client_id: String::new(), client_secret: SecretString::from(""), loopback: true };
    let refused = Tenant::new(http, address, credentials, &AllowedHosts::default()).unwrap_err();
    assert_eq!(refused.to_string(), "collector.example is not a host of SailPoint, so no credentials are sent to it");
}

/// The script's secrets never come out, whichever of them an answer holds, wherever and however it is written.
#[tokio::test]
async fn no_answer_shows_a_secret_that_the_process_ever_held() {
    for secret in
        ["s3cret %value ", "s3cret+%25value+", "s3cret%20%25value%20", "token-one", "token%2Done", "token&#45;one"]
    {
        for body in [format!("{{\"error\": \"x {secret}\"}}"), format!("<html>{secret}</html>")] {
            let (outcome, _) = read(vec![get(reply("400 Bad Request", &[], &body))]).await;
            assert!(outcome.unwrap_err().concat().contains("[hidden]"), "{body}");
        }
        let (outcome, _) = read(vec![get(ok(&format!("{{\"notificationTemplate\": \"x {secret}\"}}")))]).await;
        let refused =
            "GET /access-request-config/v2 at 127.0.0.1: the answer holds a token or a client secret of this run";
        assert_eq!(outcome.unwrap_err(), [refused], "{secret}");
        let answer = reply("400 Bad Request", &[&format!("SLPT-Request-ID: {secret}")], "");
        let (outcome, _) = read(vec![get(answer)]).await;
        assert!(outcome.unwrap_err().concat().contains("trackingId: [hidden]"), "{secret}");
    }
    for location in ["https://token-one.evil.example/x", "https://evil.example/?t=token%2done"] {
        let (outcome, _) = read(vec![get(reply("302 Found", &[&format!("Location: {location}")], ""))]).await;
        let refused = "GET /access-request-config/v2 at 127.0.0.1: answered 302 Found, which points elsewhere";
        assert_eq!(outcome.unwrap_err(), [refused], "{location}");
    }
}

#[tokio::test]
async fn an_identity_that_is_a_secret_is_not_kept_and_an_old_token_stays_secret() {
    let answer = r#"{"access_token": "an-older-token-1", "user_name": "an-older-token-1", "identity_id": "s3cret %value ", "org": "acme"}"#;
    let server = Script::start(vec![
        ("POST", ok(answer)),
        ("GET", reply("401 Unauthorized", &[], "")),
        ("POST", ok(r#"{"access_token": "a-newer-token-2"}"#)),
        ("GET", reply("400 Bad Request", &[], r#"{"message": "an-older-token-1 a-newer-token-2"}"#)),
    ])
    .await;
    let tenant = tenant(&server.url());
    let error = tenant.get(&CONFIG).await.unwrap_err();
    assert_eq!(error.detail(), ["[hidden] [hidden]"]);
    let identity = TokenIdentity { identity_id: None, tenant_id: None, user_name: None, org: Some("acme".to_owned()) };
    assert_eq!(tenant.identity(), Some(identity));
}

#[tokio::test]
async fn an_id_that_would_change_the_path_is_no_id_of_a_tenant() {
    for id in ["", ".", ".."] {
        let token = format!(r#"{{"access_token": "token-one", "tenant_id": "{id}"}}"#);
        let server = Script::start(vec![("POST", ok(&token))]).await;
        let path = Cow::Borrowed("/generic-approvals/v1/config/{tenant}");
        let error = tenant(&server.url()).get(&Endpoint { path }).await.unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::NoTenantId, "{id}");
    }
}
