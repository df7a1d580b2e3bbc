//! The client against a server that follows a script: what it sends, and what it makes of every answer.

mod reads;
mod tls;
mod tokens;
mod writes;

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;

use super::script::{Reply, Script, ok};
use std::borrow::Cow;

use super::{
    Address, AllowedHosts, ApiError, Credentials, Document, Endpoint, Fate, Http, HttpOptions, Tenant, Written,
};

const CONFIG: Endpoint = Endpoint { path: Cow::Borrowed("/access-request-config/v2") };
const POLICY: Endpoint = Endpoint { path: Cow::Borrowed("/jit-activation-config/v1/policy") };
const TOKEN: (&str, &str) = ("POST /oauth/token", r#"{"access_token": "token-one", "expires_in": 43200}"#);
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
        connect_timeout: Duration::from_secs(10),
        request_timeout: Duration::from_secs(20),
        retries: 2,
        first_wait: Duration::from_millis(1),
        max_wait: Duration::from_millis(20),
        ..HttpOptions::default()
    }
}

/// Options for replies that never end, and the usual ones for all others: those must not fail on a busy machine.
fn options_for(replies: &[(&'static str, Reply)]) -> HttpOptions {
    if replies.iter().any(|(_, reply)| matches!(reply, Reply::Stall(_))) {
        HttpOptions { request_timeout: Duration::from_millis(400), ..options() }
    } else {
        options()
    }
}

fn tenant_with(url: &str, options: HttpOptions) -> Tenant {
    let credentials = Credentials {
        client_id: "id &=+é".to_owned(),
        client_secret: SecretString::from("s3cret %value "),
        loopback: true,
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
    if error.fate() == Fate::Unknown {
        lines.push("outcome unknown".to_owned());
    }
    let all = format!("{lines:?} {error:?} {:?}", error.hint());
    assert!(!all.contains("s3cret") && !all.contains("token-one"), "{all}");
    lines
}

/// One write against a script, and what came of it.
async fn write(replies: Vec<(&'static str, Reply)>) -> (Result<Written, Vec<String>>, Vec<String>) {
    let options = options_for(&replies);
    let mut script = vec![token()];
    script.extend(replies);
    let server = Script::start(script).await;
    let written = tenant_with(&server.url(), options).put(&CONFIG, &json!({"a": 1})).await;
    (written.map_err(|error| said(&error)), server.lines())
}

/// One read against a script, and what came of it.
async fn read(replies: Vec<(&'static str, Reply)>) -> (Result<Document, Vec<String>>, Vec<String>) {
    let options = options_for(&replies);
    let mut script = vec![token()];
    script.extend(replies);
    let server = Script::start(script).await;
    let document = tenant_with(&server.url(), options).get(&CONFIG).await;
    (document.map_err(|error| said(&error)), server.lines())
}

fn document(body: serde_json::Value) -> Document {
    Document { body, deprecated: false, tracking_id: None }
}

/// A write whose answer is usable.
const WRITTEN: Written = Written { tracking_id: None, note: None };
