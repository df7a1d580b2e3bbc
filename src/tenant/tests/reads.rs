//! Reads: repeated, limited, refused.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use super::super::script::{Reply, Script, ok, reply, with_body};
use super::super::{HttpOptions, Told};
use super::{CONFIG, LINE_GET, LINE_TOKEN, POLICY, TOKEN, document, get, options, read, said, tenant_with, token};

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
        ((|| Reply::Reset) as fn() -> Reply, vec!["connection lost, 3 times"]),
        (
            || Reply::Close(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec()),
            vec!["the answer broke off: connection lost, 3 times"],
        ),
        (
            || reply("502 Bad Gateway", &["SLPT-Request-ID: r-9", "Content-Type: text/html"], "<h1>Bad\n gateway</h1>"),
            vec!["answered 502 Bad Gateway, 3 times", "<h1>Bad gateway</h1>", "trackingId: r-9"],
        ),
        (|| Reply::Stall(vec![]), vec!["no complete answer within 400ms, 3 times"]),
        (
            || Reply::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec()),
            vec!["the answer broke off: no complete answer within 400ms, 3 times"],
        ),
    ] {
        let (outcome, lines) = read(vec![get(broken()), get(broken()), get(broken())]).await;
        let mut expected: Vec<String> = said.iter().map(|&line| line.to_owned()).collect();
        expected[0] = format!("GET /access-request-config/v2 at 127.0.0.1: {}", expected[0]);
        assert_eq!(outcome, Err(expected));
        assert_eq!(lines, [LINE_TOKEN, LINE_GET, LINE_GET, LINE_GET]);
    }
}

#[tokio::test]
async fn other_refusals_are_shown_at_once() {
    let body =
        r#"{"detailCode": "403 Forbidden", "trackingId": "t-1", "messages": [{"locale": "en-US", "text": "No"}]}"#;
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
    let gzip: Vec<u8> = include_bytes!("../testdata/spaces.json.gz").to_vec();
    let serve = || get(Reply::Bytes(with_body("200 OK", &["Content-Encoding: gzip"], &gzip)));
    let (outcome, _) = read(vec![serve()]).await;
    assert_eq!(outcome, Ok(document(json!({"spaces": " ".repeat(3000)}))));

    let server = Script::start(vec![token(), serve()]).await;
    let options = HttpOptions { max_body: 1000, ..options() };
    let error = tenant_with(&server.url(), options).get(&CONFIG).await.unwrap_err();
    assert_eq!(said(&error), ["GET /access-request-config/v2 at 127.0.0.1: the answer is longer than 1000 bytes"]);
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
    let announced = Reply::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec());
    for long in [endless, announced] {
        let server = Script::start(vec![token(), get(long)]).await;
        let options = HttpOptions { max_body: 1000, ..options() };
        let error = tenant_with(&server.url(), options).get(&CONFIG).await.unwrap_err();
        assert_eq!(said(&error), ["GET /access-request-config/v2 at 127.0.0.1: the answer is longer than 1000 bytes"]);
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
async fn every_wait_is_told_and_capped() {
    let waits = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&waits);
    let options = HttpOptions {
        on_request: Some(Arc::new(move |told| {
            let Told::Repeats(wait) = told else { return };
            assert!(wait.duration <= Duration::from_millis(20), "{wait:?}");
            heard
                .lock()
                .unwrap()
                .push(format!("{} {}: {}, {} of {}", wait.host, wait.request, wait.reason, wait.retry, wait.retries));
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
    assert!(started.elapsed() >= Duration::from_millis(40), "{:?}", started.elapsed());
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
async fn at_most_four_requests_go_to_one_tenant_at_once() {
    let mut script = vec![token()];
    script.extend((0..6).map(|_| get(Reply::Stall(vec![]))));
    let server = Script::start(script).await;
    let tenant = tenant_with(&server.url(), options());
    let reads = async {
        let read = || tenant.get(&CONFIG);
        let _never = tokio::join!(read(), read(), read(), read(), read(), read());
    };
    let watch = async {
        while server.lines().len() < 5 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // A fifth read would follow at once.
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    tokio::select! {
        () = reads => {}
        () = watch => {}
    }
    assert_eq!(server.lines(), [LINE_TOKEN, LINE_GET, LINE_GET, LINE_GET, LINE_GET]);
}

#[tokio::test]
async fn the_documents_of_a_tenant_that_is_near_come_over_one_connection_and_those_of_another_side_by_side() {
    let policy = || ("GET /jit-activation-config/v1/policy ", ok("{}"));
    for (near, connections) in [(Duration::from_secs(20), 1), (Duration::ZERO, 2)] {
        let server = Script::start(vec![token(), get(ok("{}")), policy()]).await;
        let tenant = tenant_with(&server.url(), HttpOptions { near, ..options() });
        let (config, policy) = tokio::join!(tenant.get(&CONFIG), tenant.get(&POLICY));
        assert_eq!([config.unwrap(), policy.unwrap()], [document(json!({})), document(json!({}))]);
        assert_eq!(server.connections(), connections, "{near:?}");
    }
    // One that does not come holds up the other for a moment only.
    let server = Script::start(vec![token(), get(Reply::Stall(vec![])), policy()]).await;
    let options = HttpOptions { near: Duration::from_millis(300), retries: 0, ..options() };
    let tenant = tenant_with(&server.url(), options);
    let stalled = async { tokio::time::timeout(Duration::from_secs(600), tenant.get(&CONFIG)).await };
    tokio::select! {
        outcome = stalled => panic!("{outcome:?}"),
        read = tenant.get(&POLICY) => assert_eq!(read.unwrap(), document(json!({}))),
    }
}
