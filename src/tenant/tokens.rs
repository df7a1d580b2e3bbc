//! The access token of one tenant: asked for once, kept while it lasts, renewed before it ends.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::Mutex;

use super::error::ApiError;
use super::fault::{BodyFault, ErrorKind};
use super::send::{Call, Sender};
use super::token::Token;
use crate::text::secrets;

/// SailPoint documents this path for client credentials and personal access tokens.
const TOKEN_PATH: &str = "/oauth/token";

/// A client id and its secret, such as a personal access token's.
#[derive(Clone)]
pub struct Credentials {
    /// Sent exactly as given.
    pub client_id: String,
    /// Sent exactly as given; shown nowhere.
    pub client_secret: SecretString,
    /// Whether they may go to this machine although `SAILPLAN_ALLOWED_HOSTS` does not name it: the environment ties them to
    /// the address, or the tenant is sailplan's own.
    pub loopback: bool,
}

impl Credentials {
    /// Returns whether these are the same credentials.
    #[must_use]
    pub fn are(&self, others: &Credentials) -> bool {
        self.client_id == others.client_id
            && self.loopback == others.loopback
            && self.client_secret.expose_secret() == others.client_secret.expose_secret()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// Who a token belongs to, as the answer that brought it says. Every field may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenIdentity {
    /// Identity id of the owner (`identity_id`).
    pub identity_id: Option<String>,
    /// Id of the tenant (`tenant_id`).
    pub tenant_id: Option<String>,
    /// Name of the owner (`user_name`).
    pub user_name: Option<String>,
    /// Name of the tenant (`org`).
    pub org: Option<String>,
}

#[derive(Default)]
struct State {
    token: Option<Arc<Token>>,
    failure: Option<ApiError>,
}

/// Gives out the token of one tenant.
pub(super) struct Tokens {
    credentials: Credentials,
    /// Held while a token is asked for, so that requests which start together share one.
    state: Mutex<State>,
    /// Failed requests for a token so far, so that a request that waited for a failing one does not try again.
    failures: AtomicU64,
    /// Whether there ever was a token.
    issued: AtomicBool,
    identity: OnceLock<TokenIdentity>,
    /// How long the first token took.
    answered_in: OnceLock<Duration>,
}

impl Tokens {
    pub(super) fn new(credentials: Credentials) -> Self {
        secrets::hold(credentials.client_secret.expose_secret());
        Self {
            credentials,
            state: Mutex::default(),
            failures: AtomicU64::new(0),
            issued: AtomicBool::new(false),
            identity: OnceLock::new(),
            answered_in: OnceLock::new(),
        }
    }

    pub(super) fn client_id(&self) -> &str {
        &self.credentials.client_id
    }

    pub(super) fn identity(&self) -> Option<TokenIdentity> {
        self.identity.get().cloned()
    }

    /// Returns how long the tenant took to give the first token; `None` before that.
    pub(super) fn answered_in(&self) -> Option<Duration> {
        self.answered_in.get().copied()
    }

    /// Returns the token, asking for one if there is none or the old one is about to end.
    /// For `ahead` it must last, unless it is as young as this call: some tokens do not last that long.
    pub(super) async fn current(&self, sender: &Sender, ahead: Duration) -> Result<Arc<Token>, ApiError> {
        let called_at = Instant::now();
        let good =
            |token: &&Arc<Token>| token.lasts(ahead) || (token.asked_at() >= called_at && token.lasts(Duration::ZERO));
        let failures = self.failures.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        if let Some(token) = state.token.as_ref().filter(good) {
            return Ok(Arc::clone(token));
        }
        if let Some(failure) = &state.failure
            && self.failures.load(Ordering::Acquire) != failures
        {
            return Err(failure.clone());
        }
        match self.request(sender).await {
            Ok(token) => {
                let token = Arc::new(token);
                *state = State { token: Some(Arc::clone(&token)), failure: None };
                self.issued.store(true, Ordering::Release);
                Ok(token)
            }
            Err(error) => {
                *state = State { token: None, failure: Some(error.clone()) };
                self.failures.fetch_add(1, Ordering::Release);
                Err(error)
            }
        }
    }

    /// Returns the token that reads were made with, for a write that follows them; `None` if it ended, for a new one would
    /// take a request between the read and the write.
    pub(super) async fn held(&self, sender: &Sender) -> Result<Option<Arc<Token>>, ApiError> {
        if self.issued.load(Ordering::Acquire) {
            let state = self.state.lock().await;
            return Ok(state.token.as_ref().filter(|token| token.lasts(Duration::ZERO)).cloned());
        }
        self.current(sender, Duration::ZERO).await.map(Some)
    }

    /// Forgets a token that the tenant refused, unless it was renewed in the meantime.
    pub(super) async fn discard(&self, refused: &Arc<Token>) {
        let mut state = self.state.lock().await;
        if state.token.as_ref().is_some_and(|token| Arc::ptr_eq(token, refused)) {
            state.token = None;
        }
    }

    async fn request(&self, sender: &Sender) -> Result<Token, ApiError> {
        let secret = self.credentials.client_secret.expose_secret();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", self.credentials.client_id.as_str()),
            ("client_secret", secret),
        ];
        let call = Call::for_token(TOKEN_PATH, &form);
        let asked_at = Instant::now();
        let answer = sender.send(&call, None).await.map_err(ApiError::into_token_refusal)?;
        self.answered_in.get_or_init(|| asked_at.elapsed());
        let tracking_id = answer.tracking_id();
        let token = answer.object().and_then(|body| {
            let token = Token::read(&body, asked_at).ok_or(BodyFault::NoToken)?;
            self.identity.get_or_init(|| identity(&body));
            Ok(token)
        });
        token.map_err(|fault| {
            let kind = ErrorKind::Body(without_start(fault));
            sender.error(&call, kind).with_tracking_id(tracking_id)
        })
    }
}

fn identity(body: &Value) -> TokenIdentity {
    let field = |name| body.get(name).and_then(Value::as_str).filter(|text| !secrets::holds(text)).map(str::to_owned);
    TokenIdentity {
        identity_id: field("identity_id"),
        // It becomes a part of paths.
        tenant_id: field("tenant_id").filter(|id| !matches!(id.as_str(), "" | "." | "..")),
        user_name: field("user_name"),
        org: field("org"),
    }
}

/// An answer that should hold a token may hold it even if it cannot be read.
fn without_start(fault: BodyFault) -> BodyFault {
    match fault {
        BodyFault::NotJson { reason, .. } => BodyFault::NotJson { reason, start: String::new() },
        BodyFault::NotObject { found, .. } => BodyFault::NotObject { found, start: String::new() },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_show_nothing() {
        let credentials = Credentials {
            client_id: "the-id".to_owned(),
            client_secret: SecretString::from("the-secret"),
            loopback: false,
        };
        assert_eq!(format!("{credentials:?}"), "Credentials { .. }");
    }
}
