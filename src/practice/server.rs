//! From a request to its answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, Response, StatusCode};
use serde_json::{Map, Value};

use super::Options;
use super::access_request::{self, GENERATIONS, Generation};
use super::answer::{Answer, Refusal, json_answer, tracking_id};
use super::connection::Abort;
use super::fault::{Due, Edit, Fault, Kind, RequestFacts, due};
use super::fault_answer;
use super::jit;
use super::oauth::{self, Tokens};
use super::record::Record;
use super::store::{State, Store};
#[cfg(test)]
use super::witness::Witness;

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

/// One of the tenant's two documents, as a path names it.
#[derive(Clone, Copy)]
enum Document<'a> {
    /// With the `configType` of the path.
    Jit(&'a str),
    Access(&'static Generation),
}

impl Document<'_> {
    fn at(path: &str) -> Option<Document<'_>> {
        if let Some(generation) = GENERATIONS.iter().find(|generation| generation.path == path) {
            return Some(Document::Access(generation));
        }
        ["/jit-activation-config/v1/", "/v2026/jit-activation-config/"]
            .iter()
            .find_map(|root| path.strip_prefix(root))
            .filter(|kind| !kind.is_empty() && !kind.contains('/'))
            .map(Document::Jit)
    }

    /// The method that writes, and all methods for the `Allow` header.
    fn writing(self) -> (Method, &'static str) {
        match self {
            Document::Jit(_) => (Method::PATCH, "GET, PATCH"),
            Document::Access(_) => (Method::PUT, "GET, PUT"),
        }
    }

    /// Any one of these is enough.
    fn scopes(self, writes: bool) -> &'static [&'static str] {
        match (self, writes) {
            (Document::Jit(_), false) => &["idn:jit-policy:read", "idn:jit-policy:manage"],
            (Document::Jit(_), true) => &["idn:jit-policy:update", "idn:jit-policy:manage"],
            (Document::Access(_), false) => &["idn:access-request-config:read"],
            (Document::Access(_), true) => &["idn:access-request-config:manage"],
        }
    }

    fn experimental(self) -> bool {
        match self {
            Document::Jit(_) => true,
            Document::Access(generation) => generation.experimental,
        }
    }
}

/// What each document was before it was last written by this server, for faults that show it again.
#[derive(Default)]
struct Before {
    jit: Option<Map<String, Value>>,
    access: Option<Value>,
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
    before: Mutex<Before>,
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
            received: AtomicU64::new(0),
            #[cfg(test)]
            witness: Witness::default(),
        }
    }

    /// Returns a document as it is stored, in the generation of a path.
    #[cfg(test)]
    pub(super) fn shown(&self, path: &str) -> Value {
        let (Some(document), Ok(state)) = (Document::at(path), self.store.read()) else { return Value::Null };
        match document {
            Document::Jit(_) => state.jit().cloned().map_or(Value::Null, Value::Object),
            Document::Access(generation) => generation.view(&state.access()),
        }
    }

    fn due(&self, call: &Call) -> Due {
        let document = Document::at(&call.path);
        let written = {
            let before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
            match document {
                Some(Document::Jit(_)) => before.jit.is_some(),
                Some(Document::Access(_)) => before.access.is_some(),
                None => false,
            }
        };
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        due(&mut faults, &call.method, &call.path, RequestFacts { document: document.is_some(), written })
    }

    async fn handle(&self, call: &Call, due: &Due) -> Result<Answer, Refusal> {
        if call.path == oauth::TOKEN_PATH {
            allow_method(call, &Method::POST, "POST")?;
            let parameters = oauth::parameters(&call.query, &call.headers, &call.body);
            return Ok(json_answer(StatusCode::OK, &self.tokens.issue(&parameters)?));
        }
        if call.path == "/oauth/info" {
            allow_method(call, &Method::GET, "GET")?;
            return Ok(json_answer(StatusCode::OK, &oauth::info(&self.url)));
        }
        let Some(document) = Document::at(&call.path) else {
            return Err(Refusal::not_found(format!("The practice tenant serves nothing at {}.", call.path)));
        };
        let (writing, allowed) = document.writing();
        if call.method != Method::GET {
            allow_method(call, &writing, allowed)?;
        }
        let writes = call.method == writing;
        self.tokens.check(&call.headers)?;
        self.tokens.allow(document.scopes(writes))?;
        if document.experimental() || self.all_experimental {
            check_experimental(&call.headers)?;
        }
        if let Document::Jit(kind) = document
            && kind != "policy"
        {
            return Err(Refusal::bad(format!("configType {kind:?} is unknown; the only one is \"policy\".")));
        }
        let body = if writes { self.write(call, document, due).await? } else { self.read(document, due)? };
        Ok(json_answer(StatusCode::OK, &body))
    }

    fn read(&self, document: Document<'_>, due: &Due) -> Result<Value, Refusal> {
        let mut state = self.store.read()?;
        if due.kind == Some(Kind::Lag) {
            let before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
            match document {
                Document::Jit(_) => before.jit.clone().into_iter().for_each(|policy| state.set_jit(policy)),
                Document::Access(_) => before.access.clone().into_iter().for_each(|stored| state.set_access(stored)),
            }
        }
        match document {
            Document::Jit(_) => Ok(Value::Object(stored_policy(&state)?.clone())),
            Document::Access(generation) => {
                let shown = match &due.kind {
                    Some(Kind::OtherForm(path)) => GENERATIONS.iter().find(|other| other.path == path.as_str()),
                    _ => None,
                };
                Ok(shown.unwrap_or(generation).view(&state.access()))
            }
        }
    }

    async fn write(&self, call: &Call, document: Document<'_>, due: &Due) -> Result<Value, Refusal> {
        let _lock = self.store.lock().await?;
        let mut state = self.store.read()?;
        let body = match document {
            Document::Jit(_) => {
                let old = stored_policy(&state)?.clone();
                let new = jit::replaced(&old, &json_body(call)?)?;
                let before = Before { jit: Some(old), access: None };
                state.set_jit(new.clone());
                self.keep(&state, before, due)?;
                Value::Object(new)
            }
            Document::Access(generation) => {
                let old = state.access();
                let new = generation
                    .replaced(&old, &json_body(call)?)
                    .map_err(|texts| Refusal::Problem { status: StatusCode::BAD_REQUEST, texts })?;
                let body = generation.view(&new);
                let before = Before { jit: None, access: Some(old) };
                state.set_access(new);
                self.keep(&state, before, due)?;
                body
            }
        };
        Ok(body)
    }

    fn keep(&self, state: &State, old: Before, due: &Due) -> anyhow::Result<()> {
        if due.kind == Some(Kind::Ignore) {
            return Ok(());
        }
        self.store.write(state)?;
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        before.jit = old.jit.or(before.jit.take());
        before.access = old.access.or(before.access.take());
        Ok(())
    }

    async fn edit(&self, call: &Call, edits: &[Edit]) -> anyhow::Result<()> {
        let Some(document) = Document::at(&call.path).filter(|_| !edits.is_empty()) else {
            return Ok(());
        };
        let _lock = self.store.lock().await?;
        let mut state = self.store.read()?;
        for Edit { pointer, value } in edits {
            match document {
                Document::Jit(_) => {
                    let mut policy = Value::Object(state.jit().cloned().unwrap_or_default());
                    access_request::put(&mut policy, pointer, value.clone());
                    if let Value::Object(policy) = policy {
                        state.set_jit(policy);
                    }
                }
                Document::Access(generation) => {
                    let mut stored = state.access();
                    generation.edit(&mut stored, pointer, value.clone());
                    state.set_access(stored);
                }
            }
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
    let deprecated = matches!(
        Document::at(request.uri().path()), Some(Document::Access(generation)) if generation.deprecated
    );
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

fn stored_policy(state: &State) -> Result<&Map<String, Value>, Refusal> {
    state.jit().ok_or_else(|| {
        Refusal::not_found("The server did not find a JIT activation policy: none was ever stored in this tenant.")
    })
}

fn allow_method(call: &Call, method: &Method, allowed: &'static str) -> Result<(), Refusal> {
    if call.method == *method { Ok(()) } else { Err(Refusal::Method(allowed)) }
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
