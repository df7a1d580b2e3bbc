//! From a request to its answer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, Response, StatusCode};
use serde_json::Value;

use super::answer::{Answer, Refusal, empty_answer, json_answer, tracking_id};
use super::connection::Abort;
use super::document::Document;
use super::fault::{Due, Edit, Fault, Kind, RequestFacts, due};
use super::fault_answer;
use super::list;
use super::oauth::{self, Tokens};
use super::record::Record;
use super::search;
use super::store::Store;
#[cfg(test)]
use super::witness::Witness;
use super::{Options, document_at};

/// Longest body that is read, in bytes.
const LONGEST_BODY: usize = 32 * 1024 * 1024;

const EXPERIMENTAL: HeaderName = HeaderName::from_static("x-sailpoint-experimental");
const REQUEST_ID: HeaderName = HeaderName::from_static("slpt-request-id");
const DEPRECATED: HeaderName = HeaderName::from_static("x-deprecated");

/// One request, completely read.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// A write that was answered as if it had come to nothing, and is carried out later.
struct LateWrite {
    call: Call,
    /// With which request from now on, from 1.
    after: u32,
    #[cfg(test)]
    witnessed: usize,
}

/// The practice tenant behind its connections.
pub(super) struct Tenant {
    pub(super) url: String,
    pub(super) store: Store,
    pub(super) record: Record,
    pub(super) tokens: Tokens,
    pub(super) faults: Mutex<Vec<Fault>>,
    /// Whether requests for every generation need the experimental header.
    all_experimental: bool,
    /// What lay under a key of the state file before this server last wrote there, for faults that show it again.
    before: Mutex<HashMap<&'static str, Option<Value>>>,
    late: Mutex<Vec<LateWrite>>,
    received: AtomicU64,
    #[cfg(test)]
    pub(super) witness: Witness,
}

impl Tenant {
    pub(super) fn new(url: String, store: Store, record: Record, tokens: Tokens, options: Options) -> Tenant {
        Tenant {
            url,
            store,
            record,
            tokens,
            faults: Mutex::new(options.faults),
            all_experimental: options.all_experimental,
            before: Mutex::default(),
            late: Mutex::default(),
            received: AtomicU64::new(0),
            #[cfg(test)]
            witness: Witness::default(),
        }
    }

    /// Returns a document as it is stored, in the generation of a path.
    #[cfg(test)]
    pub(super) fn shown(&self, path: &str) -> Value {
        let (Some(document), Ok(state)) = (document_at(path), self.store.read()) else { return Value::Null };
        document.show(&state, None).unwrap_or_default()
    }

    fn due(&self, call: &Call) -> Due {
        let document = document_at(&call.path);
        let written = document.as_ref().is_some_and(|document| {
            self.before.lock().unwrap_or_else(PoisonError::into_inner).contains_key(document.key())
        });
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        due(&mut faults, &call.method, &call.path, RequestFacts { document: document.is_some(), written })
    }

    async fn handle(&self, call: &Call, due: &Due) -> Result<Answer, Refusal> {
        if call.path == oauth::TOKEN_PATH {
            allow_method(call, &[Method::POST])?;
            let parameters = oauth::parameters(&call.query, &call.headers, &call.body);
            return Ok(json_answer(StatusCode::OK, &self.tokens.issue(&parameters)?));
        }
        if call.path == "/oauth/info" {
            allow_method(call, &[Method::GET])?;
            return Ok(json_answer(StatusCode::OK, &oauth::info(&self.url)));
        }
        if let Some(list) = list::at(&call.path) {
            allow_method(call, &[Method::GET])?;
            self.permit(call, list.scopes, list.levels)?;
            return list.answer(&self.store.read()?, &call.query);
        }
        if call.path == search::PATH {
            allow_method(call, &[Method::POST])?;
            self.permit(call, search::SCOPES, search::LEVELS)?;
            return search::answer(&self.store.read()?, &call.query, &json_body(call)?);
        }
        let Some(document) = document_at(&call.path) else {
            return Err(Refusal::not_found(format!("The practice tenant serves nothing at {}.", call.path)));
        };
        allow_method(call, document.methods())?;
        self.permit(call, document.scopes(&call.method), document.levels(&call.method))?;
        if document.experimental() || self.all_experimental {
            check_experimental(&call.headers)?;
        }
        document.check()?;
        if call.method == Method::GET {
            return Ok(json_answer(StatusCode::OK, &self.read(&*document, due)?));
        }
        Ok(match self.write(call, &*document, due).await? {
            Some(body) => json_answer(StatusCode::OK, &body),
            None => empty_answer(StatusCode::NO_CONTENT),
        })
    }

    /// Checks the token of a request and its rights: one of these scopes, and one of these user levels.
    fn permit(&self, call: &Call, scopes: &[&str], levels: &[&str]) -> Result<(), Refusal> {
        self.tokens.check(&call.headers)?;
        self.tokens.allow(scopes)?;
        self.tokens.allow_level(levels)
    }

    fn read(&self, document: &dyn Document, due: &Due) -> Result<Value, Refusal> {
        let mut state = self.store.read()?;
        if due.kind == Some(Kind::Lag) {
            let before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(old) = before.get(document.key()) {
                state.set(document.key(), old.clone());
            }
        }
        let form = match &due.kind {
            Some(Kind::OtherForm(path)) => Some(path.as_str()),
            _ => None,
        };
        document.show(&state, form)
    }

    async fn write(&self, call: &Call, document: &dyn Document, due: &Due) -> Result<Option<Value>, Refusal> {
        let _lock = self.store.lock().await?;
        let mut state = self.store.read()?;
        let old = state.get(document.key()).cloned();
        let body = document.write(&mut state, &call.method, &|| json_body(call))?;
        if due.kind != Some(Kind::Ignore) {
            search::record(&mut state, document.key());
            self.store.write(&state)?;
            self.before.lock().unwrap_or_else(PoisonError::into_inner).insert(document.key(), old);
        }
        Ok(body)
    }

    /// Carries out the late writes whose time has come with a request that arrives; all of them if `all`.
    pub(super) async fn land(&self, all: bool) {
        let due: Vec<LateWrite> = {
            let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
            late.iter_mut().for_each(|write| write.after = write.after.saturating_sub(1));
            late.extract_if(.., |write| all || write.after == 0).collect()
        };
        for write in due {
            let Some(document) = document_at(&write.call.path) else { continue };
            #[cfg(test)]
            let before = self.shown(&write.call.path);
            // A refusal has no one left to tell.
            let _ = self.write(&write.call, &*document, &Due::default()).await;
            #[cfg(test)]
            self.witness.landed(write.witnessed, before, self.shown(&write.call.path));
        }
    }

    async fn edit(&self, call: &Call, edits: &[Edit]) -> anyhow::Result<()> {
        let Some(document) = document_at(&call.path).filter(|_| !edits.is_empty()) else {
            return Ok(());
        };
        let _lock = self.store.lock().await?;
        let mut state = self.store.read()?;
        for Edit { pointer, value } in edits {
            document.edit(&mut state, pointer, value.clone());
        }
        self.store.write(&state)
    }
}

/// Answers one request, with the headers that SailPoint's gateway sets on every answer.
pub(super) async fn respond(
    Shared(tenant): Shared<std::sync::Arc<Tenant>>,
    ConnectInfo(abort): ConnectInfo<Abort>,
    request: Request,
) -> Response<Body> {
    let number = tenant.received.fetch_add(1, Ordering::Relaxed);
    let deprecated = document_at(request.uri().path()).is_some_and(|document| document.deprecated());
    let mut answer = answer(&tenant, &abort, request, number).await;
    let headers = answer.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&tracking_id(number)) {
        headers.insert(REQUEST_ID, id);
    }
    if deprecated {
        headers.insert(DEPRECATED, HeaderValue::from_static("true"));
    }
    answer
}

async fn answer(tenant: &Tenant, abort: &Abort, request: Request, number: u64) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LONGEST_BODY).await;
    let too_long = body.is_err();
    let call = Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.unwrap_or_default(),
    };
    if let Err(error) = tenant.record.add(&call) {
        return Refusal::from(error).into_answer(number).map(Body::from);
    }
    if too_long {
        let text = format!("The body is longer than the {LONGEST_BODY} bytes that the practice tenant takes.");
        let refusal = Refusal::Problem { status: StatusCode::PAYLOAD_TOO_LARGE, texts: vec![text] };
        return refusal.into_answer(number).map(Body::from);
    }
    tenant.land(false).await;
    let due = tenant.due(&call);
    #[cfg(test)]
    let witnessed = tenant.witness.arrived(&call, &due, tenant.shown(&call.path));
    if let Err(error) = tenant.edit(&call, &due.edits).await {
        return Refusal::from(error).into_answer(number).map(Body::from);
    }
    #[cfg(test)]
    if !due.edits.is_empty() {
        tenant.witness.edited(witnessed, tenant.shown(&call.path));
    }
    if let Some(answer) = due.kind.as_ref().and_then(|kind| fault_answer::instead(kind, abort, number)) {
        if let Some(Kind::Late(after)) = due.kind {
            let write = LateWrite {
                call,
                after,
                #[cfg(test)]
                witnessed,
            };
            tenant.late.lock().unwrap_or_else(PoisonError::into_inner).push(write);
        }
        return answer.map(Body::from);
    }
    let answer = tenant.handle(&call, &due).await.unwrap_or_else(|refusal| refusal.into_answer(number));
    #[cfg(test)]
    tenant.witness.handled(witnessed, (call.method != Method::GET).then(|| tenant.shown(&call.path)), &answer);
    let answer = match &due.kind {
        Some(kind) => fault_answer::after(kind, abort, answer).await,
        None => answer.map(Body::from),
    };
    #[cfg(test)]
    tenant.witness.left(witnessed);
    answer
}

fn allow_method(call: &Call, allowed: &'static [Method]) -> Result<(), Refusal> {
    if allowed.contains(&call.method) { Ok(()) } else { Err(Refusal::Method(allowed)) }
}

fn check_experimental(headers: &HeaderMap) -> Result<(), Refusal> {
    if headers.get(EXPERIMENTAL).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true")) {
        return Ok(());
    }
    Err(Refusal::Experimental)
}

fn json_body(call: &Call) -> Result<Value, Refusal> {
    let kind = call.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::bad(format!("The content type must be application/json, not {kind:?}.")));
    }
    serde_json::from_slice(&call.body).map_err(|error| Refusal::bad(format!("The body is not JSON: {error}.")))
}
