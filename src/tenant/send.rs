//! Sends one request to one tenant, again where that is safe and may help.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use reqwest::header::{AUTHORIZATION, LOCATION};
use reqwest::{Client, Method, Url};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::Endpoint;
use super::address::Address;
use super::answer::Answer;
use super::budget::Budget;
use super::clock;
use super::error::{ApiError, Fate};
use super::exchange::{self, Exchange, Told, Wait};
use super::fault::ErrorKind;
use super::http::Http;
use super::proxy::Proxy;
use super::retry;
use super::token::Token;
use crate::text::secrets;

/// Requests to one tenant at the same time.
const AT_ONCE: usize = 4;

/// What a request carries.
pub(super) enum Content<'a> {
    Nothing,
    Json(&'a Value),
    Form(&'a [(&'a str, &'a str)]),
}

/// One request, before it has a token.
pub(super) struct Call<'a> {
    method: Method,
    path: &'a str,
    /// Method and path, for messages.
    name: String,
    /// Whether it asks for a configuration document.
    document: bool,
    content: Content<'a>,
    /// Whether carrying it out twice is the same as once, so that it may be sent again whatever happened.
    repeatable: bool,
}

impl<'a> Call<'a> {
    pub(super) fn new(method: Method, endpoint: &'a Endpoint, content: Content<'a>) -> Self {
        Self {
            name: format!("{method} {}", endpoint.path.split('?').next().unwrap_or_default()),
            repeatable: method == Method::GET,
            method,
            path: &endpoint.path,
            document: true,
            content,
        }
    }

    /// A search: repeatable, because it changes nothing.
    pub(super) fn search(endpoint: &'a Endpoint, query: &'a Value) -> Self {
        Self { repeatable: true, ..Self::new(Method::POST, endpoint, Content::Json(query)) }
    }

    /// A request for a token: repeatable, because one token too many does no harm.
    pub(super) fn for_token(path: &'a str, form: &'a [(&'a str, &'a str)]) -> Self {
        Self {
            method: Method::POST,
            path,
            name: format!("POST {path}"),
            document: false,
            content: Content::Form(form),
            repeatable: true,
        }
    }
}

/// One try that failed.
struct FailedTry {
    error: ApiError,
    /// Whether another one may go better and does no harm.
    again: bool,
    /// How long the tenant asks to wait before it.
    asked: Option<Duration>,
}

impl FailedTry {
    /// After which there is no other one.
    fn last(error: ApiError) -> FailedTry {
        FailedTry { error, again: false, asked: None }
    }
}

/// The way to one tenant.
pub(super) struct Sender {
    http: Arc<Http>,
    address: Address,
    slots: Semaphore,
    /// The connections that it uses; `None` before the first request and while it rests.
    client: Mutex<Option<Client>>,
    /// What its client may send; `None` if that is not limited.
    budget: Option<Arc<Budget>>,
    /// By how many seconds the tenant's clock is ahead, as its first answer with a date says.
    clock_offset: OnceLock<i64>,
}

impl Sender {
    pub(super) fn new(http: Arc<Http>, address: Address, client_id: &str) -> Self {
        let limited = http.options().requests_per_second > 0.0;
        let budget = limited.then(|| http.budgets().of(address.as_str(), client_id));
        let (slots, client) = (Semaphore::new(AT_ONCE), Mutex::default());
        Self { http, address, slots, client, budget, clock_offset: OnceLock::new() }
    }

    /// Lets go of the connections until the next request.
    pub(super) fn rest(&self) {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn client(&self) -> Result<Client, ErrorKind> {
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = client.as_ref() {
            return Ok(client.clone());
        }
        Ok(client.insert(self.http.client(&self.address)?).clone())
    }

    pub(super) fn without_budget(self) -> Self {
        Self { budget: None, ..self }
    }

    pub(super) fn retries(&self) -> u32 {
        self.http.options().retries
    }

    pub(super) async fn sleep(&self, duration: Duration) {
        self.http.sleep(duration).await;
    }

    pub(super) fn token_ahead(&self) -> Duration {
        self.http.options().token_ahead
    }

    pub(super) fn near(&self) -> Duration {
        self.http.options().near
    }

    pub(super) fn clock_offset(&self) -> Option<i64> {
        self.clock_offset.get().copied()
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    pub(super) fn error(&self, call: &Call<'_>, kind: ErrorKind) -> ApiError {
        ApiError::new(self.address.host(), &call.name, kind)
    }

    /// Sends until there is a success, a failure that will not pass, or no try left. A write is sent once: after a wait its
    /// body may be stale, so the caller decides whether it is sent again ([`Sender::pause`]).
    pub(super) async fn send(&self, call: &Call<'_>, token: Option<&Token>) -> Result<Answer, ApiError> {
        let mut retry = 0;
        loop {
            let failure = match self.try_once(call, token).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let FailedTry { error, again, asked } = failure;
            let error = error.with_asked(asked);
            if again && !call.repeatable {
                return Err(error.with_fate(Fate::TurnedAway));
            }
            if !again || !self.pause(&error, retry + 1).await {
                return Err(error.with_tries(retry + 1));
            }
            retry += 1;
        }
    }

    /// Waits before repetition `retry`, counted from one, for as long as the tenant asks or the limits say. Returns false
    /// at once if no repetition is left, and as soon as the run is to end ([`Http::hurry`]).
    pub(super) async fn pause(&self, error: &ApiError, retry: u32) -> bool {
        let options = self.http.options();
        if retry > options.retries || self.http.hurries() {
            return false;
        }
        let duration = retry::wait(options, error.asked(), retry);
        self.tell(&Told::Repeats(Wait {
            host: self.address.host(),
            request: error.request(),
            reason: error.kind(),
            duration,
            retry,
            retries: options.retries,
        }));
        self.http.sleep(duration).await
    }

    /// Returns how long the tenant asks to wait, as far as the limits allow.
    pub(super) fn asked(&self, error: &ApiError) -> Option<Duration> {
        error.asked().map(|asked| asked.min(self.http.options().max_wait))
    }

    async fn try_once(&self, call: &Call<'_>, token: Option<&Token>) -> Result<Answer, FailedTry> {
        let options = self.http.options();
        self.wait_for_budget(call).await;
        // Never closed, so waiting for a slot cannot fail.
        let _slot = self.slots.acquire().await;
        let client = self.client().map_err(|kind| FailedTry::last(self.error(call, kind)))?;
        let mut request = client.request(call.method.clone(), format!("{}{}", self.address.as_str(), call.path));
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, token.header());
        }
        // Whichever generation: SailPoint moves its demand for the header without notice, and it never does harm.
        if call.document {
            request = request.header("x-sailpoint-experimental", "true");
        }
        request = match call.content {
            Content::Nothing => request,
            Content::Json(body) => request.json(body),
            Content::Form(pairs) => request.form(pairs),
        };
        let (sent_at, began) = (SystemTime::now(), Instant::now());
        self.tell(&Told::Sent { host: self.address.host(), request: &call.name });
        let built = request.build();
        let sent = built.as_ref().ok().filter(|_| options.traces).map(|request| exchange::shown(request.headers()));
        let sending = async { client.execute(built?).await };
        let (response, connected) = exchange::noting_connections(sending).await;
        let trace = |outcome| Exchange {
            connected,
            sent: sent.clone().unwrap_or_default(),
            ..self.exchange(call, outcome, began.elapsed())
        };
        let response = match response {
            Ok(response) => response,
            Err(error) => {
                let kind = options.error_kind(&error);
                self.tell(&Told::Ended(trace(Err(&kind))));
                let sent = !error.is_connect() && !error.is_builder();
                return Err(FailedTry {
                    again: kind.may_pass() && (call.repeatable || !sent),
                    error: self.error(call, kind).with_fate(fate(sent && !call.repeatable)),
                    asked: None,
                });
            }
        };
        if let Some(offset) = clock::offset(response.headers(), sent_at, SystemTime::now()) {
            self.clock_offset.get_or_init(|| offset);
        }
        let answer = Answer::read(response, options).await;
        self.tell(&Told::Ended(Exchange {
            tracking_id: answer.tracking_id(),
            received: if options.traces { exchange::shown(&answer.headers) } else { Vec::new() },
            ..trace(Ok(answer.status))
        }));
        if answer.is_success() {
            // A write that was accepted is done, readable answer or not.
            return match answer.cut_off() {
                Some(fault) if call.repeatable => {
                    let kind = ErrorKind::Body(fault.clone());
                    Err(FailedTry {
                        again: kind.may_pass(),
                        error: self.error(call, kind).with_tracking_id(answer.tracking_id()),
                        asked: None,
                    })
                }
                _ => Ok(answer),
            };
        }
        Err(self.refused(call, &answer))
    }

    fn tell(&self, told: &Told<'_>) {
        if let Some(on_request) = &self.http.options().on_request {
            on_request(told);
        }
    }

    /// Returns what came of a request, as far as its answer does not tell.
    fn exchange<'t>(
        &'t self,
        call: &'t Call<'_>,
        outcome: Result<u16, &'t ErrorKind>,
        elapsed: Duration,
    ) -> Exchange<'t> {
        let traces = self.http.options().traces;
        Exchange {
            host: self.address.host(),
            method: call.method.as_str(),
            path: call.path,
            outcome,
            elapsed,
            tracking_id: None,
            connected: false,
            proxy: traces.then(|| Proxy::on_the_way_to(&self.address)).flatten().map(|proxy| proxy.host),
            sent: Vec::new(),
            received: Vec::new(),
        }
    }

    /// Waits for the turn of a request. A write waits for nothing, since the read that it follows would grow old: later
    /// requests wait for it.
    async fn wait_for_budget(&self, call: &Call<'_>) {
        let Some(budget) = &self.budget else { return };
        let options = self.http.options();
        let turn = budget.take(options.requests_per_second, Instant::now());
        if !call.repeatable || turn.wait.is_zero() {
            return;
        }
        if turn.first {
            self.tell(&Told::Queues { host: self.address.host(), rate: options.requests_per_second });
        }
        self.http.sleep(turn.wait).await;
    }

    fn refused(&self, call: &Call<'_>, answer: &Answer) -> FailedTry {
        let status = answer.status;
        let kind = if matches!(status, 301 | 302 | 303 | 307 | 308) {
            ErrorKind::Redirect { status, target: self.target(call, answer) }
        } else {
            ErrorKind::Status(status)
        };
        let refusal = answer.refusal();
        FailedTry {
            // A request over the limit was not looked at, so even a write may be sent again.
            again: kind.may_pass() && (call.repeatable || status == 429),
            error: self
                .error(call, kind)
                .with_detail(refusal.detail)
                .with_tracking_id(refusal.tracking_id)
                .with_fate(fate(!call.repeatable && matches!(status, 408 | 500..=599))),
            asked: retry::asked(&answer.headers, SystemTime::now()),
        }
    }

    /// The host that a redirect names, and no more: the rest of such an address may hold a session. `None` if a secret
    /// stands in it: a host is written in lower case, which would hide the secret from a later search.
    fn target(&self, call: &Call<'_>, answer: &Answer) -> Option<String> {
        let location = answer.headers.get(LOCATION)?.to_str().ok().filter(|location| !secrets::holds(location))?;
        let base = Url::parse(self.address.as_str()).ok()?.join(call.path).ok()?;
        Some(base.join(location).ok()?.host_str()?.to_owned())
    }
}

fn fate(unknown: bool) -> Fate {
    if unknown { Fate::Unknown } else { Fate::Refused }
}
