//! What a practice tenant did with every request, for tests that hold it against what sailplan says of it.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::answer::Answer;
use super::fault::{Due, Kind};
use super::oauth;
use super::server::Call;

/// One request and what became of it. Documents are as the generation of the path shows them.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// The client id: of the token request, or of the token that came along.
    pub(crate) who: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Value,
    /// The status or the kind of the fault that hit it; empty if none did.
    pub(crate) fault: String,
    /// The document before the request.
    pub(crate) before: Value,
    /// The document after the edits of somebody else that came with it.
    pub(crate) edited: Value,
    /// The document after it.
    pub(crate) after: Value,
    /// Status and body before a fault spoilt them; `None` if a fault took the place of the answer.
    pub(crate) answer: Option<(u16, Value)>,
    pub(crate) arrived: Instant,
    pub(crate) left: Option<Instant>,
    /// Its place in the order of all requests.
    pub(crate) number: usize,
    /// The number of the write that is carried out here, later than it was answered. Then this is no request.
    pub(crate) lands: Option<usize>,
}

/// Something to do when a client sends its nth request, before that is handled.
struct Trap {
    who: String,
    skip: usize,
    act: Box<dyn FnOnce() + Send>,
}

#[derive(Default)]
struct Seen {
    exchanges: Vec<Exchange>,
    traps: Vec<Trap>,
    /// Something to do with every request, before it is handled.
    watch: Option<Box<dyn FnMut() + Send>>,
    tokens: Vec<String>,
}

/// Watches a practice tenant.
#[derive(Default)]
pub(super) struct Witness(Mutex<Seen>);

impl Witness {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.seen().exchanges.clone()
    }

    pub(super) fn tokens(&self) -> Vec<String> {
        self.seen().tokens.clone()
    }

    pub(super) fn when(&self, who: &str, skip: usize, act: Box<dyn FnOnce() + Send>) {
        self.seen().traps.push(Trap { who: who.to_owned(), skip, act });
    }

    pub(super) fn watch(&self, look: Box<dyn FnMut() + Send>) {
        self.seen().watch = Some(look);
    }

    /// Adds the carrying out of a write that was answered before.
    pub(super) fn landed(&self, number: usize, before: Value, after: Value) {
        let mut seen = self.seen();
        let Some(write) = seen.exchanges.get(number) else { return };
        let landed = Exchange {
            fault: "Landed".to_owned(),
            edited: before.clone(),
            before,
            after,
            answer: None,
            arrived: Instant::now(),
            left: None,
            number: seen.exchanges.len(),
            lands: Some(number),
            ..write.clone()
        };
        seen.exchanges.push(landed);
    }

    /// Adds a request that arrived and returns its number.
    pub(super) fn arrived(&self, call: &Call, due: &Due, shown: Value) -> usize {
        let mut seen = self.seen();
        if let Some(look) = &mut seen.watch {
            look();
        }
        let token = call.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = token.split_once(' ').map_or("", |(_, token)| token);
        if !token.is_empty() && !seen.tokens.iter().any(|known| known == token) {
            seen.tokens.push(token.to_owned());
        }
        let who = if call.path == oauth::TOKEN_PATH { asks(call) } else { bears(token) }.unwrap_or_default();
        let is_body_shown = call.path != oauth::TOKEN_PATH;
        let number = seen.exchanges.len();
        seen.exchanges.push(Exchange {
            who: who.clone(),
            method: call.method.to_string(),
            path: call.path.clone(),
            body: serde_json::from_slice(&call.body).ok().filter(|_| is_body_shown).unwrap_or_default(),
            fault: due.kind.as_ref().map(name).unwrap_or_default(),
            edited: shown.clone(),
            after: shown.clone(),
            before: shown,
            answer: None,
            arrived: Instant::now(),
            left: None,
            number,
            lands: None,
        });
        for trap in &mut seen.traps {
            trap.skip = if trap.who == who { trap.skip.wrapping_sub(1) } else { trap.skip };
        }
        while let Some(at) = seen.traps.iter().position(|trap| trap.skip == usize::MAX) {
            (seen.traps.swap_remove(at).act)();
        }
        number
    }

    /// Notes the document after the edits of somebody else.
    pub(super) fn edited(&self, number: usize, shown: Value) {
        let exchange = &mut self.seen().exchanges[number];
        (exchange.edited, exchange.after) = (shown.clone(), shown);
    }

    /// Notes what the request did; `shown` is the document after a write.
    pub(super) fn handled(&self, number: usize, shown: Option<Value>, answer: &Answer) {
        let mut seen = self.seen();
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        if let Some(token) = body["access_token"].as_str() {
            seen.tokens.push(token.to_owned());
        }
        let exchange = &mut seen.exchanges[number];
        exchange.after = shown.unwrap_or(exchange.edited.clone());
        exchange.answer = Some((answer.status().as_u16(), body));
    }

    /// Notes that the answer is on its way.
    pub(super) fn left(&self, number: usize) {
        self.seen().exchanges[number].left = Some(Instant::now());
    }
}

fn asks(call: &Call) -> Option<String> {
    let parameters = oauth::parameters(&call.query, &call.headers, &call.body);
    parameters.into_iter().find(|(name, _)| name == "client_id").map(|(_, value)| value)
}

fn bears(token: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let payload: Value = serde_json::from_slice(&payload).ok()?;
    payload["client_id"].as_str().map(str::to_owned)
}

fn name(kind: &Kind) -> String {
    match kind {
        Kind::Status { status, .. } => status.as_str().to_owned(),
        other => format!("{other:?}").chars().take_while(|letter| letter.is_alphanumeric()).collect(),
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<6} {:<5} {}", self.who, self.method, self.path)?;
        if !self.fault.is_empty() {
            write!(f, " [{}]", self.fault)?;
        }
        match &self.answer {
            Some((status, _)) => write!(f, " -> {status}"),
            None => Ok(()),
        }
    }
}
