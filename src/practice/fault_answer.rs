//! The answers that faults give, or change.

use std::time::{Duration, SystemTime};

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderValue, LOCATION, RETRY_AFTER};
use axum::http::{Response, StatusCode};
use futures_util::stream;
use serde_json::Value;

use super::answer::{Answer, json_answer, problem, set_header, too_many};
use super::connection::Abort;
use super::fault::Kind;

/// A date in a header ends with the year 9999.
const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Returns the answer of a fault that leaves the request undone; `None` for every other fault.
pub(super) fn instead(kind: &Kind, abort: &Abort, number: u64) -> Option<Answer> {
    match kind {
        Kind::Status { status: StatusCode::TOO_MANY_REQUESTS, retry_after } => Some(too_many(retry_after)),
        Kind::Status { status: StatusCode::UNAUTHORIZED, .. } => {
            let body = serde_json::json!({ "error": "JWT validation failed: JWT is expired" });
            Some(json_answer(StatusCode::UNAUTHORIZED, &body))
        }
        Kind::Status { status, retry_after } => {
            let mut answer = problem(*status, &[asked_for(*status)], number);
            set_header(&mut answer, RETRY_AFTER, retry_after);
            Some(answer)
        }
        Kind::Late(_) => Some(problem(StatusCode::GATEWAY_TIMEOUT, &[asked_for(StatusCode::GATEWAY_TIMEOUT)], number)),
        Kind::DropBefore => {
            abort.now();
            Some(Response::new(Vec::new()))
        }
        Kind::Redirect(to) => {
            let mut answer = Response::new(Vec::new());
            *answer.status_mut() = StatusCode::TEMPORARY_REDIRECT;
            set_header(&mut answer, LOCATION, to);
            Some(answer)
        }
        Kind::EncodingUtf8 => {
            let mut answer = problem(StatusCode::BAD_REQUEST, &[asked_for(StatusCode::BAD_REQUEST)], number);
            answer.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("UTF-8"));
            Some(answer)
        }
        _ => None,
    }
}

fn asked_for(status: StatusCode) -> String {
    format!("The practice tenant was asked to answer {status}.")
}

/// Returns the answer of a fault that does what was asked first.
pub(super) async fn after(kind: &Kind, abort: &Abort, mut answer: Answer) -> Response<Body> {
    match kind {
        Kind::DropAfter => abort.now(),
        Kind::Stall(wait) => tokio::time::sleep(*wait).await,
        Kind::StallBody(wait) => return in_halves(answer, Some(*wait)),
        Kind::DropBody => return in_halves(answer, None),
        Kind::Empty => {
            answer.body_mut().clear();
            answer.headers_mut().remove(CONTENT_TYPE);
        }
        Kind::Html => {
            *answer.body_mut() = b"<!DOCTYPE html>\n<html><body><h1>Sign in</h1></body></html>\n".to_vec();
            answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        }
        Kind::BadJson => {
            let half = answer.body().len() / 2;
            answer.body_mut().truncate(half);
        }
        Kind::WrongTypes => {
            if let Ok(value) = serde_json::from_slice(answer.body()) {
                *answer.body_mut() = mistyped(value, true).to_string().into_bytes();
            }
        }
        Kind::Clock(ahead) => {
            let date = SystemTime::now().checked_add((*ahead).min(CENTURY)).map(httpdate::fmt_http_date);
            set_header(&mut answer, DATE, &date.unwrap_or_default());
        }
        Kind::Huge => return endless(answer),
        Kind::Ignore
        | Kind::Late(_)
        | Kind::Lag
        | Kind::Edit(_)
        | Kind::OtherForm(_)
        | Kind::Status { .. }
        | Kind::DropBefore
        | Kind::Redirect(_)
        | Kind::EncodingUtf8 => {}
    }
    answer.map(Body::from)
}

/// Sends the first half of the body, waits, and sends the rest; without a wait the rest never comes.
fn in_halves(answer: Answer, wait: Option<Duration>) -> Response<Body> {
    let (mut parts, body) = answer.into_parts();
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    let mut first = Bytes::from(body);
    let second = first.split_off(first.len() / 2);
    let halves = stream::unfold((0, first, second), move |(step, first, second)| async move {
        match (step, wait) {
            (0, _) => Some((Ok(first.clone()), (1, first, second))),
            (1, Some(wait)) => {
                tokio::time::sleep(wait).await;
                Some((Ok(second.clone()), (2, first, second)))
            }
            (1, None) => {
                // The first half has to leave before the connection goes.
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted)), (2, first, second)))
            }
            _ => None,
        }
    });
    Response::from_parts(parts, Body::from_stream(halves))
}

/// JSON all the way: a string that never closes.
fn endless(answer: Answer) -> Response<Body> {
    let chunk = Bytes::from(vec![b'a'; 64 * 1024]);
    let body = stream::unfold(true, move |first| {
        let next = if first { Bytes::from_static(b"{\"id\":\"") } else { chunk.clone() };
        async move { Some((Ok::<_, std::io::Error>(next), false)) }
    });
    answer.map(|_| Body::from_stream(body))
}

fn mistyped(value: Value, outermost: bool) -> Value {
    match value {
        Value::Object(fields) if outermost => {
            Value::Object(fields.into_iter().map(|(key, value)| (key, mistyped(value, false))).collect())
        }
        Value::Object(_) => Value::from("an object once"),
        Value::Array(_) | Value::Null => Value::from(1),
        Value::Bool(value) => Value::from(value.to_string()),
        Value::Number(number) => Value::from(number.to_string()),
        Value::String(_) => Value::Bool(true),
    }
}
