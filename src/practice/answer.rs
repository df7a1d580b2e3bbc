//! Answers in the shapes that SailPoint documents, refusals included.

use axum::http::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Method, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A complete answer, before a fault changes it.
pub(super) type Answer = Response<Vec<u8>>;

/// Why the practice tenant does not do what was asked.
#[derive(Debug, PartialEq)]
pub(super) enum Refusal {
    /// Answered with SailPoint's error document, one message for each text.
    Problem { status: StatusCode, texts: Vec<String> },
    /// 405, with the methods that the path knows.
    Method(&'static [Method]),
    /// 401 with the document that SailPoint uses for tokens.
    Token(&'static str),
    /// 400 of the gateway, for a request without the header that experimental APIs demand. Seen on a real tenant
    /// (github.com/sailpoint-oss/sailpoint-cli, pull request 176).
    Experimental,
    /// A refused token request. SailPoint does not document its body, so it takes the form of RFC 6749, section 5.2.
    Login { status: StatusCode, error: &'static str, description: &'static str },
}

impl Refusal {
    pub(super) fn bad(text: impl Into<String>) -> Refusal {
        Refusal::Problem { status: StatusCode::BAD_REQUEST, texts: vec![text.into()] }
    }

    pub(super) fn not_found(text: impl Into<String>) -> Refusal {
        Refusal::Problem { status: StatusCode::NOT_FOUND, texts: vec![text.into()] }
    }

    /// The answer; `number` is the request's, and makes the tracking id.
    pub(super) fn into_answer(self, number: u64) -> Answer {
        match self {
            Refusal::Problem { status, texts } => problem(status, &texts, number),
            Refusal::Method(allowed) => {
                let allowed = allowed.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
                let text = format!("This path knows only {allowed}.");
                let mut answer = problem(StatusCode::METHOD_NOT_ALLOWED, &[text], number);
                answer.headers_mut().extend(HeaderValue::from_str(&allowed).ok().map(|allowed| (ALLOW, allowed)));
                answer
            }
            Refusal::Experimental => {
                let text = "Experimental Header is missing or invalid.";
                let mut answer = json_answer(StatusCode::BAD_REQUEST, &json!({ "error": text }));
                answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=UTF-8"));
                answer
            }
            Refusal::Token(text) => json_answer(StatusCode::UNAUTHORIZED, &json!({ "error": text })),
            Refusal::Login { status, error, description } => {
                json_answer(status, &json!({ "error": error, "error_description": description }))
            }
        }
    }
}

/// The practice tenant's own trouble, such as a state file that cannot be read.
impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Refusal {
        Refusal::Problem { status: StatusCode::INTERNAL_SERVER_ERROR, texts: vec![format!("{error:#}")] }
    }
}

/// Returns an answer of JSON.
pub(super) fn json_answer(status: StatusCode, body: &Value) -> Answer {
    let mut answer = Response::new(body.to_string().into_bytes());
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// Returns an answer without a body.
pub(super) fn empty_answer(status: StatusCode) -> Answer {
    let mut answer = Response::new(Vec::new());
    *answer.status_mut() = status;
    answer
}

/// Returns SailPoint's error document.
pub(super) fn problem(status: StatusCode, texts: &[String], number: u64) -> Answer {
    let messages: Vec<Value> =
        texts.iter().map(|text| json!({ "locale": "en-US", "localeOrigin": "DEFAULT", "text": text })).collect();
    let body = json!({
        "detailCode": detail_code(status),
        "trackingId": tracking_id(number),
        "messages": messages,
        "causes": [],
    });
    json_answer(status, &body)
}

/// Returns the refusal of a request beyond the rate limit, blanks round the text included as SailPoint publishes it.
/// An empty text sends no `Retry-After`.
pub(super) fn too_many(retry_after: &str) -> Answer {
    let mut answer = json_answer(StatusCode::TOO_MANY_REQUESTS, &json!({ "message": " Rate Limit Exceeded " }));
    set_header(&mut answer, HeaderName::from_static("retry-after"), retry_after);
    answer
}

/// Sets a header, unless its text cannot stand in one.
pub(super) fn set_header(answer: &mut Answer, name: HeaderName, text: &str) {
    if let Some(value) = HeaderValue::from_str(text).ok().filter(|value| !value.is_empty()) {
        answer.headers_mut().insert(name, value);
    }
}

fn detail_code(status: StatusCode) -> String {
    match status.as_u16() {
        400 => "400.1 Bad Request Content".to_owned(),
        404 => "404 Not found".to_owned(),
        500 => "500.0 Internal Fault".to_owned(),
        _ => status.to_string(),
    }
}

/// The same for the n-th request of every run, so that a test can compare whole outputs.
pub(super) fn tracking_id(number: u64) -> String {
    format!("{:.32x}", Sha256::digest(number.to_be_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(answer: &Answer) -> Value {
        serde_json::from_slice(answer.body()).unwrap()
    }

    #[test]
    fn a_problem_is_the_documented_error_document() {
        let answer = Refusal::bad("no").into_answer(1);
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(
            body(&answer),
            json!({
                "detailCode": "400.1 Bad Request Content",
                "trackingId": "cd2662154e6d76b2b2b92e70c0cac3cc",
                "messages": [{"locale": "en-US", "localeOrigin": "DEFAULT", "text": "no"}],
                "causes": []
            })
        );
    }

    #[test]
    fn a_rate_limit_says_when_to_come_back() {
        let answer = too_many("7");
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.headers()["retry-after"], "7");
        assert_eq!(body(&answer), json!({"message": " Rate Limit Exceeded "}));
    }

    #[test]
    fn a_header_that_cannot_be_sent_is_left_out() {
        let answer = too_many("a\r\nset-cookie: x");
        assert_eq!(answer.headers().get("retry-after"), None);
    }
}
