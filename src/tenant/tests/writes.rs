//! Writes: never done twice, and never reported as failed when they may have happened.

use serde_json::json;

use super::super::script::{Reply, Script, ok, reply, with_body};
use super::super::{Fate, Written};
use super::{CONFIG, LINE_PUT, LINE_TOKEN, TOKEN, put, said, tenant, token, write};

#[tokio::test]
async fn an_accepted_write_is_no_error_whatever_its_answer() {
    for (answer, note) in [
        (reply("200 OK", &[], ""), "the answer is empty"),
        (reply("204 No Content", &[], ""), "the answer is empty"),
        (ok("[]"), "the answer is a list instead of an object; it starts with: []"),
        (ok("<p>"), "the answer is not JSON: expected value at line 1 column 1; it starts with: <p>"),
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
        let expected = Written { tracking_id: None, note: Some(note.to_owned()) };
        assert_eq!(outcome, Ok(expected));
        assert_eq!(lines, [LINE_TOKEN, LINE_PUT]);
    }
}

#[tokio::test]
async fn a_write_that_may_have_happened_is_not_repeated() {
    for (answer, said) in [
        (Reply::Reset, "connection lost"),
        (Reply::Close(vec![]), "the connection failed: connection closed before message completed"),
        (Reply::Stall(vec![]), "no complete answer within 400ms"),
        (reply("500 Oops", &[], ""), "answered 500 Internal Server Error"),
        (reply("503 Busy", &["Retry-After: 1"], ""), "answered 503 Service Unavailable"),
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
    let error = ["PUT /access-request-config/v2 at 127.0.0.1: answered 400 Bad Request", "no"];
    assert_eq!(outcome, Err(error.map(str::to_owned).to_vec()));
    assert_eq!(lines, [LINE_TOKEN, LINE_PUT]);

    let limited =
        || put(reply("429 Too Many Requests", &["Retry-After: 9999999"], r#"{"message": " Rate Limit Exceeded "}"#));
    // It is sent once: after the wait its body may be stale.
    let (outcome, lines) = write(vec![limited()]).await;
    let error = ["PUT /access-request-config/v2 at 127.0.0.1: answered 429 Too Many Requests", "Rate Limit Exceeded"];
    assert_eq!(outcome, Err(error.map(str::to_owned).to_vec()));
    assert_eq!(lines, [LINE_TOKEN, LINE_PUT]);
}

#[tokio::test]
async fn a_refused_write_may_be_sent_again_after_a_wait_as_often_as_a_read() {
    let script = Script::start(vec![token(), put(reply("429 Too Many Requests", &["Retry-After: 1"], ""))]).await;
    let tenant = tenant(&script.url());
    let error = tenant.put(&CONFIG, &json!({})).await.unwrap_err();
    assert_eq!((error.status(), error.fate()), (Some(429), Fate::TurnedAway));
    assert!(tenant.wait_to_resend(&error, 1).await);
    assert!(tenant.wait_to_resend(&error, 2).await);
    assert!(!tenant.wait_to_resend(&error, 3).await);

    let script = Script::start(vec![token(), put(reply("400 Bad Request", &[], ""))]).await;
    let tenant = super::tenant(&script.url());
    let error = tenant.put(&CONFIG, &json!({})).await.unwrap_err();
    assert!(!tenant.wait_to_resend(&error, 1).await);
}

#[tokio::test]
async fn a_refused_connection_says_that_a_write_was_not_sent() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let error = tenant(&url).put(&CONFIG, &json!({})).await.unwrap_err();
    assert_eq!(said(&error), ["POST /oauth/token at 127.0.0.1: connection refused, 3 times"]);

    // The server stops after it gave a token, so that only the write is refused.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = listener.accept().await.unwrap();
        drop(listener);
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        stream.write_all(&with_body("200 OK", &["connection: close"], TOKEN.1.as_bytes())).await.unwrap();
    });
    let error = tenant(&url).put(&CONFIG, &json!({})).await.unwrap_err();
    assert_eq!(said(&error), ["PUT /access-request-config/v2 at 127.0.0.1: connection refused"]);
    server.await.unwrap();
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_named_by_its_host_alone() {
    for (location, target) in [
        ("Location: https://evil.example/x?session=s3cret", ", which points to evil.example"),
        ("Location: /login", ", which points to 127.0.0.1"),
        ("Location: https://", ", which points elsewhere"),
        ("X: y", ", which points elsewhere"),
    ] {
        let (outcome, lines) = write(vec![put(reply("302 Found", &[location], ""))]).await;
        let error = format!("PUT /access-request-config/v2 at 127.0.0.1: answered 302 Found{target}");
        assert_eq!(outcome, Err(vec![error]));
        assert_eq!(lines, [LINE_TOKEN, LINE_PUT]);
    }
    // Nor are the credentials sent on.
    let elsewhere = Script::start(vec![token()]).await;
    let location = format!("Location: {}/oauth/token", elsewhere.url());
    let server = Script::start(vec![("POST", reply("307 Temporary Redirect", &[&location], ""))]).await;
    let error = tenant(&server.url()).get(&CONFIG).await.unwrap_err();
    assert_eq!(
        said(&error),
        ["POST /oauth/token at 127.0.0.1: answered 307 Temporary Redirect, which points to 127.0.0.1"]
    );
    assert_eq!(elsewhere.requests(), [""; 0]);
}
