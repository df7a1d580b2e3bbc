//! The client against a server that follows a script: what it sends, and what it makes of every answer.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use secrecy::SecretString;
use serde_json::json;
use tokio_rustls::{TlsAcceptor, rustls};

use super::script::{Reply, Script, ok, reply, with_body};
use super::{
    Address, AllowedHosts, ApiError, Credentials, Document, Endpoint, Http, HttpOptions, Tenant,
    TokenIdentity, Written,
};

const CONFIG: Endpoint = Endpoint {
    path: "/access-request-config/v2",
    experimental: false,
};
const POLICY: Endpoint = Endpoint {
    path: "/jit-activation-config/v1/policy",
    experimental: true,
};
const TOKEN: (&str, &str) = (
    "POST /oauth/token",
    r#"{"access_token": "token-one", "expires_in": 43200}"#,
);
const LINE_TOKEN: &str = "POST /oauth/token";
const LINE_GET: &str = "GET /access-request-config/v2";
const LINE_PUT: &str = "PUT /access-request-config/v2";

fn token() -> (&'static str, Reply) {
    (TOKEN.0, ok(TOKEN.1))
}

fn get(reply: Reply) -> (&'static str, Reply) {
    ("GET /access-request-config/v2 ", reply)
}

fn put(reply: Reply) -> (&'static str, Reply) {
    ("PUT /access-request-config/v2 ", reply)
}

fn options() -> HttpOptions {
    HttpOptions {
        connect_timeout: Duration::from_millis(200),
        request_timeout: Duration::from_millis(400),
        retries: 2,
        first_wait: Duration::from_millis(1),
        max_wait: Duration::from_millis(20),
        ..HttpOptions::default()
    }
}

fn tenant_with(url: &str, options: HttpOptions) -> Tenant {
    let credentials = Credentials {
        client_id: "id &=+é".to_owned(),
        client_secret: SecretString::from("s3cret %value "),
    };
    let http = Arc::new(Http::new(options));
    let address = Address::parse(url).unwrap();
    Tenant::new(http, address, credentials, &AllowedHosts::default()).unwrap()
}

fn tenant(url: &str) -> Tenant {
    tenant_with(url, options())
}

/// Everything that an error says, with its parts on lines of their own.
fn said(error: &ApiError) -> Vec<String> {
    let mut lines = vec![error.to_string()];
    lines.extend(error.detail().iter().cloned());
    lines.extend(error.tracking_id().map(|id| format!("trackingId: {id}")));
    if error.outcome_unknown() {
        lines.push("outcome unknown".to_owned());
    }
    let all = format!("{lines:?} {error:?} {:?}", error.hint());
    assert!(
        !all.contains("s3cret") && !all.contains("token-one"),
        "{all}"
    );
    lines
}

/// One write against a script, and what came of it.
async fn write(replies: Vec<(&'static str, Reply)>) -> (Result<Written, Vec<String>>, Vec<String>) {
    let mut script = vec![token()];
    script.extend(replies);
    let server = Script::start(script).await;
    let written = tenant(&server.url()).put(&CONFIG, &json!({"a": 1})).await;
    (written.map_err(|error| said(&error)), server.lines())
}

/// One read against a script, and what came of it.
async fn read(replies: Vec<(&'static str, Reply)>) -> (Result<Document, Vec<String>>, Vec<String>) {
    let mut script = vec![token()];
    script.extend(replies);
    let server = Script::start(script).await;
    let document = tenant(&server.url()).get(&CONFIG).await;
    (document.map_err(|error| said(&error)), server.lines())
}

fn document(body: serde_json::Value) -> Document {
    Document {
        body,
        deprecated: false,
        tracking_id: None,
    }
}

fn written(answer: serde_json::Value) -> Written {
    Written {
        answer: Some(answer),
        deprecated: false,
        tracking_id: None,
        note: None,
    }
}

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
    assert_eq!(
        (read.deprecated, read.tracking_id.as_deref()),
        (true, Some("r-1"))
    );
    let operations = json!([{"op": "replace", "path": "/notificationTemplate", "value": null}]);
    let answer = tenant.patch(&POLICY, &operations).await.unwrap();
    assert_eq!(answer, written(json!({"applyToFutureAssignments": true})));
    assert_eq!(
        tenant.identity(),
        Some(TokenIdentity {
            identity_id: Some("i-1".to_owned()),
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
                "GET /access-request-config/v2 HTTP/1.1\nauthorization: Bearer token-one\n{common}\n"
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
    let tenant = tenant(&server.url());
    let (one, two) = tokio::join!(tenant.get(&CONFIG), tenant.get(&POLICY));
    assert_eq!(
        (one.unwrap(), two.unwrap()),
        (document(json!({})), document(json!({})))
    );
    let mut lines = server.lines();
    lines.sort();
    assert_eq!(
        lines,
        [LINE_GET, "GET /jit-activation-config/v1/policy", LINE_TOKEN]
    );
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
    assert_eq!(
        (said(&one), said(&two)),
        (
            expected.map(str::to_owned).to_vec(),
            expected.map(str::to_owned).to_vec()
        )
    );
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
    assert_eq!(
        server.lines(),
        [LINE_TOKEN, LINE_GET, LINE_TOKEN, LINE_TOKEN]
    );
}

#[tokio::test]
async fn a_401_renews_the_token_once_even_for_a_write() {
    let unauthorized = || reply("401 Unauthorized", &[], r#"{"error": "JWT expired"}"#);
    let second = (TOKEN.0, ok(r#"{"access_token": "two"}"#));
    let server = Script::start(vec![token(), put(unauthorized()), second, put(ok("{}"))]).await;
    let tenant = tenant(&server.url());
    assert_eq!(
        tenant.put(&CONFIG, &json!({})).await.unwrap(),
        written(json!({}))
    );
    let requests = server.requests();
    assert_eq!(server.lines(), [LINE_TOKEN, LINE_PUT, LINE_TOKEN, LINE_PUT]);
    assert_eq!(requests[1].replace("token-one", "two"), requests[3]);

    let (outcome, lines) = read(vec![get(unauthorized()), token(), get(unauthorized())]).await;
    let error = [
        "GET /access-request-config/v2 at 127.0.0.1: answered 401 Unauthorized",
        "JWT expired",
    ];
    assert_eq!(outcome, Err(error.map(str::to_owned).to_vec()));
    assert_eq!(lines, [LINE_TOKEN, LINE_GET, LINE_TOKEN, LINE_GET]);
}

#[tokio::test]
async fn a_read_is_repeated_whatever_broke_it() {
    for broken in [
        || Reply::Reset,
        || Reply::Close(vec![]),
        || Reply::Close(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"a\"".to_vec()),
        || reply("500 Internal Server Error", &[], "{}"),
        || reply("503 Service Unavailable", &["Retry-After: 99"], "{}"),
        || reply("408 Request Timeout", &[], ""),
        || reply("429 Too Many Requests", &["Retry-After: soon"], ""),
    ] {
        let (outcome, lines) = read(vec![get(broken()), get(broken()), get(ok("{}"))]).await;
        assert_eq!(outcome, Ok(document(json!({}))));
        assert_eq!(lines, [LINE_TOKEN, LINE_GET, LINE_GET, LINE_GET]);
    }
}

#[tokio::test]
async fn a_read_gives_up_after_the_last_try_and_says_what_happened() {
    for (broken, said) in [
        (
            (|| Reply::Reset) as fn() -> Reply,
            vec!["connection lost, 3 times"],
        ),
        (
            || Reply::Close(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec()),
            vec!["the answer broke off: connection lost, 3 times"],
        ),
        (
            || {
                reply(
                    "502 Bad Gateway",
                    &["SLPT-Request-ID: r-9", "Content-Type: text/html"],
                    "<h1>Bad\n gateway</h1>",
                )
            },
            vec![
                "answered 502 Bad Gateway, 3 times",
                "<h1>Bad gateway</h1>",
                "trackingId: r-9",
            ],
        ),
        (
            || Reply::Stall(vec![]),
            vec!["no complete answer within 400ms, 3 times"],
        ),
        (
            || Reply::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec()),
            vec!["the answer broke off: no complete answer within 400ms, 3 times"],
        ),
    ] {
        let (outcome, lines) = read(vec![get(broken()), get(broken()), get(broken())]).await;
        let mut expected: Vec<String> = said.iter().map(|&line| line.to_owned()).collect();
        expected[0] = format!(
            "GET /access-request-config/v2 at 127.0.0.1: {}",
            expected[0]
        );
        assert_eq!(outcome, Err(expected));
        assert_eq!(lines, [LINE_TOKEN, LINE_GET, LINE_GET, LINE_GET]);
    }
}

#[tokio::test]
async fn other_refusals_are_shown_at_once() {
    let body = r#"{"detailCode": "403 Forbidden", "trackingId": "t-1", "messages": [{"locale": "en-US", "text": "No"}]}"#;
    // Not a coding at all, but reported from SailPoint's gateway.
    let forbidden = reply("403 Forbidden", &["Content-Encoding: UTF-8"], body);
    let (outcome, lines) = read(vec![get(forbidden)]).await;
    let error = [
        "GET /access-request-config/v2 at 127.0.0.1: answered 403 Forbidden",
        "detailCode: 403 Forbidden",
        "No",
        "trackingId: t-1",
    ];
    assert_eq!(outcome, Err(error.map(str::to_owned).to_vec()));
    assert_eq!(lines, [LINE_TOKEN, LINE_GET]);
}

#[tokio::test]
async fn compressed_answers_are_read_and_limited_by_their_real_length() {
    // `{"spaces": "` and 3,000 blanks and `"}`, compressed.
    let gzip: Vec<u8> = include_bytes!("testdata/spaces.json.gz").to_vec();
    let serve = || {
        get(Reply::Bytes(with_body(
            "200 OK",
            &["Content-Encoding: gzip"],
            &gzip,
        )))
    };
    let (outcome, _) = read(vec![serve()]).await;
    assert_eq!(outcome, Ok(document(json!({"spaces": " ".repeat(3000)}))));

    let server = Script::start(vec![token(), serve()]).await;
    let options = HttpOptions {
        max_body: 1000,
        ..options()
    };
    let error = tenant_with(&server.url(), options)
        .get(&CONFIG)
        .await
        .unwrap_err();
    assert_eq!(
        said(&error),
        ["GET /access-request-config/v2 at 127.0.0.1: the answer is longer than 1000 bytes"]
    );
}

#[tokio::test]
async fn an_answer_over_the_limit_is_not_read() {
    let endless = Reply::Stall(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n400\r\n"
            .iter()
            .copied()
            .chain([b' '; 0x400])
            .chain(*b"\r\n")
            .collect(),
    );
    let announced =
        Reply::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec());
    for long in [endless, announced] {
        let server = Script::start(vec![token(), get(long)]).await;
        let options = HttpOptions {
            max_body: 1000,
            ..options()
        };
        let error = tenant_with(&server.url(), options)
            .get(&CONFIG)
            .await
            .unwrap_err();
        assert_eq!(
            said(&error),
            ["GET /access-request-config/v2 at 127.0.0.1: the answer is longer than 1000 bytes"]
        );
        assert_eq!(server.lines(), [LINE_TOKEN, LINE_GET]);
    }
}

#[tokio::test]
async fn a_read_that_is_no_object_says_how_it_starts_but_never_the_token() {
    let page = "<html>Authorization: Bearer token-one</html>";
    let (outcome, _) = read(vec![get(reply("200 OK", &["SLPT-Request-ID: r-2"], page))]).await;
    let error = [
        "GET /access-request-config/v2 at 127.0.0.1: the answer is not JSON: expected value at line 1 column 1; it starts with: <html>Authorization: Bearer [hidden]</html>",
        "trackingId: r-2",
    ];
    assert_eq!(outcome, Err(error.map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn an_accepted_write_is_no_error_whatever_its_answer() {
    for (answer, note) in [
        (reply("200 OK", &[], ""), "the answer is empty"),
        (reply("204 No Content", &[], ""), "the answer is empty"),
        (
            ok("[]"),
            "the answer is a list instead of an object; it starts with: []",
        ),
        (
            ok("<p>"),
            "the answer is not JSON: expected value at line 1 column 1; it starts with: <p>",
        ),
        (
            Reply::Close(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec()),
            "the answer broke off: connection lost",
        ),
        (
            Reply::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec()),
            "the answer broke off: no complete answer within 400ms",
        ),
    ] {
        let (outcome, lines) = write(vec![put(answer)]).await;
        let expected = Written {
            answer: None,
            deprecated: false,
            tracking_id: None,
            note: Some(note.to_owned()),
        };
        assert_eq!(outcome, Ok(expected));
        assert_eq!(lines, [LINE_TOKEN, LINE_PUT]);
    }
}

#[tokio::test]
async fn a_write_that_may_have_happened_is_not_repeated() {
    for (answer, said) in [
        (Reply::Reset, "connection lost"),
        (
            Reply::Close(vec![]),
            "the connection failed: connection closed before message completed",
        ),
        (Reply::Stall(vec![]), "no complete answer within 400ms"),
        (
            reply("500 Oops", &[], ""),
            "answered 500 Internal Server Error",
        ),
        (
            reply("503 Busy", &["Retry-After: 1"], ""),
            "answered 503 Service Unavailable",
        ),
        (reply("408 Slow", &[], ""), "answered 408 Request Timeout"),
    ] {
        let (outcome, lines) = write(vec![put(answer)]).await;
        let error = format!("PUT /access-request-config/v2 at 127.0.0.1: {said}");
        assert_eq!(outcome, Err(vec![error, "outcome unknown".to_owned()]));
        assert_eq!(lines, [LINE_TOKEN, LINE_PUT]);
    }
}

#[tokio::test]
async fn a_write_that_was_refused_has_a_known_outcome() {
    let (outcome, lines) = write(vec![put(reply("400 Bad Request", &[], "no"))]).await;
    let error = [
        "PUT /access-request-config/v2 at 127.0.0.1: answered 400 Bad Request",
        "no",
    ];
    assert_eq!(outcome, Err(error.map(str::to_owned).to_vec()));
    assert_eq!(lines, [LINE_TOKEN, LINE_PUT]);

    let limited = || {
        put(reply(
            "429 Too Many Requests",
            &["Retry-After: 9999999"],
            r#"{"message": " Rate Limit Exceeded "}"#,
        ))
    };
    let (outcome, lines) = write(vec![limited(), limited(), put(ok("{}"))]).await;
    assert_eq!(outcome, Ok(written(json!({}))));
    assert_eq!(lines, [LINE_TOKEN, LINE_PUT, LINE_PUT, LINE_PUT]);

    let (outcome, _) = write(vec![limited(), limited(), limited()]).await;
    let error = [
        "PUT /access-request-config/v2 at 127.0.0.1: answered 429 Too Many Requests, 3 times",
        "Rate Limit Exceeded",
    ];
    assert_eq!(outcome, Err(error.map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_and_a_write_was_not_sent() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let error = tenant(&url).put(&CONFIG, &json!({})).await.unwrap_err();
    assert_eq!(
        said(&error),
        ["POST /oauth/token at 127.0.0.1: connection refused, 3 times"]
    );

    // The server stops after it gave a token, so that only the write finds nobody.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = listener.accept().await.unwrap();
        drop(listener);
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        stream
            .write_all(&with_body(
                "200 OK",
                &["connection: close"],
                TOKEN.1.as_bytes(),
            ))
            .await
            .unwrap();
    });
    let error = tenant(&url).put(&CONFIG, &json!({})).await.unwrap_err();
    assert_eq!(
        said(&error),
        ["PUT /access-request-config/v2 at 127.0.0.1: connection refused, 3 times"]
    );
    server.await.unwrap();
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_named_by_its_host_alone() {
    for (location, target) in [
        (
            "Location: https://evil.example/x?session=s3cret",
            ", which points to evil.example",
        ),
        ("Location: /login", ", which points to 127.0.0.1"),
        ("Location: https://", ", which points elsewhere"),
        ("X: y", ", which points elsewhere"),
    ] {
        let (outcome, lines) = write(vec![put(reply("302 Found", &[location], ""))]).await;
        let error =
            format!("PUT /access-request-config/v2 at 127.0.0.1: answered 302 Found{target}");
        assert_eq!(outcome, Err(vec![error]));
        assert_eq!(lines, [LINE_TOKEN, LINE_PUT]);
    }
    // Nor are the credentials sent on.
    let elsewhere = Script::start(vec![token()]).await;
    let location = format!("Location: {}/oauth/token", elsewhere.url());
    let server = Script::start(vec![(
        "POST",
        reply("307 Temporary Redirect", &[&location], ""),
    )])
    .await;
    let error = tenant(&server.url()).get(&CONFIG).await.unwrap_err();
    assert_eq!(
        said(&error),
        [
            "POST /oauth/token at 127.0.0.1: answered 307 Temporary Redirect, which points to 127.0.0.1"
        ]
    );
    assert_eq!(elsewhere.requests(), [""; 0]);
}

#[tokio::test]
async fn every_wait_is_told_and_capped() {
    let waits = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&waits);
    let options = HttpOptions {
        on_wait: Some(Arc::new(move |wait| {
            assert!(wait.duration <= Duration::from_millis(20), "{wait:?}");
            heard.lock().unwrap().push(format!(
                "{} {}: {}, {} of {}",
                wait.host, wait.request, wait.reason, wait.retry, wait.retries
            ));
        })),
        ..options()
    };
    let limited = || reply("429 Too Many Requests", &["Retry-After: 3600"], "");
    let server = Script::start(vec![
        (TOKEN.0, limited()),
        token(),
        get(limited()),
        get(reply("504 Gateway Timeout", &[], "")),
        get(ok("{}")),
    ])
    .await;
    let started = Instant::now();
    let tenant = tenant_with(&server.url(), options);
    assert_eq!(tenant.get(&CONFIG).await.unwrap(), document(json!({})));
    // Both wishes were followed up to the cap.
    assert!(
        started.elapsed() >= Duration::from_millis(40),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(
        *waits.lock().unwrap(),
        [
            "127.0.0.1 POST /oauth/token: answered 429 Too Many Requests, 1 of 2",
            "127.0.0.1 GET /access-request-config/v2: answered 429 Too Many Requests, 1 of 2",
            "127.0.0.1 GET /access-request-config/v2: answered 504 Gateway Timeout, 2 of 2",
        ]
    );
}

#[tokio::test]
async fn credentials_are_refused_before_anything_is_sent() {
    let http = Arc::new(Http::new(options()));
    let address = Address::parse("https://collector.example").unwrap();
    let credentials = Credentials {
        client_id: String::new(),
        client_secret: SecretString::from(""),
    };
    let refused = Tenant::new(http, address, credentials, &AllowedHosts::default()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "collector.example is not a host of SailPoint, so no credentials are sent to it"
    );
}

/// A server's TLS, and the certificate authority that vouches for it, as PEM.
fn authority() -> (TlsAcceptor, String) {
    let ca_key = rcgen::KeyPair::generate().unwrap();
    let mut ca = rcgen::CertificateParams::new([]).unwrap();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca_pem = ca.self_signed(&ca_key).unwrap().pem();
    let issuer = rcgen::Issuer::new(ca, ca_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let server = rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let certificate = server.signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), ca_pem)
}

#[tokio::test]
async fn a_certificate_authority_of_ones_own_can_be_added() {
    let (tls, ca) = authority();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    // Several certificates in one file are all read.
    std::fs::write(&path, authority().1 + &ca).unwrap();
    let server = Script::start_tls(vec![token(), get(ok("{}"))], tls).await;
    // Debug builds take their time over a handshake and the platform's certificates.
    let patient = HttpOptions {
        connect_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(10),
        ..options()
    };
    let trusting = HttpOptions {
        ca_cert: Some(path.clone()),
        ..patient.clone()
    };
    let read = tenant_with(&server.url(), trusting.clone())
        .get(&CONFIG)
        .await
        .unwrap();
    assert_eq!(read, document(json!({})));
    assert_eq!(server.lines(), [LINE_TOKEN, LINE_GET]);

    let error = tenant_with(&server.url(), patient)
        .get(&CONFIG)
        .await
        .unwrap_err();
    assert_eq!(
        said(&error),
        ["POST /oauth/token at 127.0.0.1: its certificate is not trusted: UnknownIssuer"]
    );
    assert_eq!(
        error.hint().unwrap(),
        "if a proxy or server of your own stands there, give its certificate authority with --ca-cert FILE"
    );

    for (content, reason) in [
        ("", "no certificate in this file"),
        (
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
            "not a PEM file of certificates",
        ),
    ] {
        std::fs::write(&path, content).unwrap();
        let error = tenant_with(&server.url(), trusting.clone())
            .get(&CONFIG)
            .await
            .unwrap_err();
        assert_eq!(
            said(&error),
            [format!(
                "POST /oauth/token at 127.0.0.1: cannot prepare TLS: {}: {reason}",
                path.display()
            )]
        );
    }
}

#[tokio::test]
async fn a_handshake_that_stalls_ends_with_the_connect_timeout() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", silent.local_addr().unwrap());
    let options = HttpOptions {
        retries: 0,
        ..options()
    };
    let error = tenant_with(&url, options).get(&CONFIG).await.unwrap_err();
    assert_eq!(
        said(&error),
        ["POST /oauth/token at 127.0.0.1: no connection within 200ms"]
    );
}
