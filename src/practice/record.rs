//! What the practice tenant received, without secrets.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use reqwest::Url;
use serde::Serialize;
use serde_json::Value;

use super::Call;
use super::oauth;

/// Headers worth a look; the others depend on the client's library.
const HEADERS: [&str; 5] =
    ["accept-encoding", "authorization", "content-type", "user-agent", "x-sailpoint-experimental"];

/// Requests kept for [`Record::all`]; older ones go, or a long run would fill the memory.
const KEPT: usize = 10_000;

const HIDDEN: &str = "***";

/// One request that the practice tenant received. It never holds a secret or a token.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request {
    /// In capitals, such as `GET`.
    pub method: String,
    /// Path and query, as sent.
    pub path: String,
    /// `accept-encoding`, `authorization` (its scheme only), `content-type`, `user-agent` and
    /// `x-sailpoint-experimental`, as far as they were sent; names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body: its JSON, or its text, or null without one. The form of a token request becomes an object with the
    /// secret hidden.
    pub body: Value,
}

/// The requests so far, and the file that they go to.
pub(super) struct Record {
    kept: Mutex<VecDeque<Request>>,
    file: Option<(PathBuf, File)>,
}

impl Record {
    /// Requests also go to the end of `file`, a line of JSON each.
    pub(super) fn open(path: Option<&Path>) -> anyhow::Result<Record> {
        let open = |path: &Path| {
            let file = File::options().create(true).append(true).open(path);
            file.map(|file| (path.to_owned(), file))
                .with_context(|| format!("cannot write the record of requests to {}", path.display()))
        };
        Ok(Record { kept: Mutex::default(), file: path.map(open).transpose()? })
    }

    pub(super) fn all(&self) -> Vec<Request> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(super) fn add(&self, call: &Call) -> anyhow::Result<()> {
        let request = Request::of(call);
        if let Some((path, file)) = &self.file {
            let mut line = serde_json::to_vec(&request)?;
            line.push(b'\n');
            // One write for one line: several processes may share the file.
            let mut file = file;
            file.write_all(&line)
                .with_context(|| format!("cannot write the record of requests to {}", path.display()))?;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(request);
        Ok(())
    }
}

impl Request {
    fn of(call: &Call) -> Request {
        let path = if call.query.is_empty() { call.path.clone() } else { format!("{}?{}", call.path, query(call)) };
        let body = if call.path == oauth::TOKEN_PATH { token_body(call) } else { body(&call.body) };
        Request { method: call.method.to_string(), path, headers: headers(&call.headers), body }
    }
}

fn headers(sent: &HeaderMap) -> BTreeMap<String, String> {
    let shown = HEADERS.iter().filter_map(|name| {
        let text = String::from_utf8_lossy(sent.get(*name)?.as_bytes()).into_owned();
        let text = if *name == AUTHORIZATION.as_str() {
            text.split_once(' ').map_or(HIDDEN.to_owned(), |(scheme, _)| scheme.to_owned())
        } else {
            text
        };
        Some(((*name).to_owned(), text))
    });
    shown.collect()
}

fn body(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
}

/// Only what is known to be harmless is shown: a body that cannot be read may hold a secret anywhere.
fn token_body(call: &Call) -> Value {
    if call.body.is_empty() {
        return Value::Null;
    }
    let parameters = oauth::parameters("", &call.headers, &call.body);
    if parameters.is_empty() {
        return Value::String(HIDDEN.to_owned());
    }
    Value::Object(parameters.into_iter().map(shown_of_token).map(|(name, value)| (name, value.into())).collect())
}

/// Returns the query as sent, or with its secrets hidden.
fn query(call: &Call) -> String {
    let Ok(mut url) = Url::parse("http://localhost/") else {
        return HIDDEN.to_owned();
    };
    url.set_query(Some(&call.query));
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let shown = if call.path == oauth::TOKEN_PATH { shown_of_token } else { shown_elsewhere };
    let masked: Vec<(String, String)> = pairs.iter().cloned().map(shown).collect();
    if masked == pairs {
        return call.query.clone();
    }
    url.query_pairs_mut().clear().extend_pairs(masked);
    url.query().unwrap_or_default().to_owned()
}

/// An unknown name is hidden as well: a body that is only a secret reads as a name without a value.
fn shown_of_token((name, value): (String, String)) -> (String, String) {
    match name.as_str() {
        "grant_type" | "client_id" | "scope" => (name, value),
        "client_secret" => (name, HIDDEN.to_owned()),
        _ => (HIDDEN.to_owned(), HIDDEN.to_owned()),
    }
}

fn shown_elsewhere((name, value): (String, String)) -> (String, String) {
    let lower = name.to_ascii_lowercase();
    let secret = ["secret", "token", "password"].iter().any(|word| lower.contains(word));
    (name, if secret { HIDDEN.to_owned() } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Bytes;
    use axum::http::Method;
    use serde_json::json;

    fn call(path: &str, query: &str, headers: &[(&'static str, &'static str)], body: &'static str) -> Call {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Call { method: Method::POST, path: path.to_owned(), query: query.to_owned(), headers, body: Bytes::from(body) }
    }

    #[test]
    fn a_token_request_loses_its_secret_wherever_it_stands() {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let request = Request::of(&call(
            "/oauth/token",
            "client_secret=hush&hush=b%20c",
            &form,
            "grant_type=client_credentials&client_id=me&client_secret=hush",
        ));
        assert_eq!(
            request,
            Request {
                method: "POST".to_owned(),
                path: "/oauth/token?client_secret=***&***=***".to_owned(),
                headers: BTreeMap::from([("content-type".to_owned(), form[0].1.to_owned())]),
                body: json!({"grant_type": "client_credentials", "client_id": "me", "client_secret": "***"})
            }
        );
        let json = [("content-type", "application/json")];
        assert_eq!(Request::of(&call("/oauth/token", "", &json, r#"{"client_secret":"hush"}"#)).body, json!("***"));
        assert_eq!(Request::of(&call("/oauth/token", "", &form, "hush")).body, json!({"***": "***"}));
        assert_eq!(Request::of(&call("/x", "a=b%20c&x", &[], "")).path, "/x?a=b%20c&x");
        assert_eq!(Request::of(&call("/x", "access_token=hush&a=b", &[], "")).path, "/x?access_token=***&a=b");
    }

    #[test]
    fn of_the_authorization_only_the_scheme_stays() {
        let request = Request::of(&call("/x", "", &[("authorization", "Bearer hush"), ("x-other", "1")], ""));
        assert_eq!(request.headers, BTreeMap::from([("authorization".to_owned(), "Bearer".to_owned())]));
        let request = Request::of(&call("/x", "", &[("authorization", "hush")], ""));
        assert_eq!(request.headers, BTreeMap::from([("authorization".to_owned(), "***".to_owned())]));
    }

    #[test]
    fn a_body_is_json_or_text_or_null() {
        assert_eq!(body(b"[1]"), json!([1]));
        assert_eq!(body(b"[1"), json!("[1"));
        assert_eq!(body(b""), json!(null));
    }
}
