//! The only HTTP client: reads and writes the documents of one SailPoint tenant, and reads its lists.
//!
//! It knows addresses, tokens, retries and failures, and nothing of settings. Text in its errors is what the tenant
//! sent: anyone who shows it makes it harmless first.

mod address;
mod allowed;
mod answer;
mod budget;
mod claims;
mod clock;
mod duplicate_keys;
mod error;
mod exchange;
mod fault;
mod http;
mod proxy;
mod retry;
mod send;
mod token;
mod tokens;

#[cfg(test)]
mod script;
#[cfg(test)]
mod tests;

pub use address::{Address, AddressError};
pub use allowed::AllowedHosts;
pub use claims::TokenFacts;
pub use error::{ApiError, Fate};
pub use exchange::{Exchange, Told, Wait};
pub use fault::{ErrorKind, NOT_THE_TENANT};
pub use http::{Http, HttpOptions};
pub use proxy::Proxy;
pub use tokens::{Credentials, TokenIdentity};

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::Value;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;

use answer::Answer;
use send::{Call, Content, Sender};
use tokens::Tokens;

/// One document's place in a tenant's API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Path from the root of the API, such as `/access-request-config/v2`; `{tenant}` in it stands for the tenant's id.
    pub path: Cow<'static, str>,
}

/// What stands for itself in a segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-');

/// Stands in a path for the id of the tenant.
const TENANT_ID: &str = "{tenant}";

/// What a tenant answered to a read.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The document: a JSON object, unknown keys included.
    pub body: Value,
    /// Whether the tenant said that this endpoint is deprecated (`X-Deprecated: true`).
    pub deprecated: bool,
    /// SailPoint's name for the request (`SLPT-Request-ID`), for its support.
    pub tracking_id: Option<String>,
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Its items.
    pub items: Vec<Value>,
    /// How many there are on all pages (`X-Total-Count`); `None` if the tenant does not say.
    pub total: Option<u64>,
}

/// What a tenant answered to a write that it accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// SailPoint's name for the request (`SLPT-Request-ID`), for its support.
    pub tracking_id: Option<String>,
    /// Why the answer is not usable; `None` if it is a JSON object, as documented.
    pub note: Option<String>,
}

/// One tenant's API, with the credentials to use it.
pub struct Tenant {
    sender: Sender,
    tokens: Tokens,
    /// Held by the read that has the connection of a tenant that is near.
    connection: Mutex<()>,
}

impl Tenant {
    /// Takes the credentials for a tenant. Nothing is sent before the first read or write.
    ///
    /// # Errors
    ///
    /// When `address` is not a host that credentials may be sent to.
    pub fn new(
        http: Arc<Http>,
        address: Address,
        credentials: Credentials,
        allowed: &AllowedHosts,
    ) -> Result<Self, AddressError> {
        address.check_credentials_allowed(allowed, credentials.loopback)?;
        let sender = Sender::new(http, address, &credentials.client_id);
        Ok(Self { sender, tokens: Tokens::new(credentials), connection: Mutex::default() })
    }

    /// Takes the limit off how many requests are sent in a time: the tenant is in this process.
    #[must_use]
    pub fn without_budget(self) -> Self {
        Self { sender: self.sender.without_budget(), ..self }
    }

    /// Says that nothing is asked of the tenant for now: its connections close once those who share them are done as well.
    pub fn rest(&self) {
        self.sender.rest();
    }

    /// Returns the tenant's address.
    #[must_use]
    pub fn address(&self) -> &Address {
        self.sender.address()
    }

    /// Returns the address and the client id: tenants that have both in common are one system, read with the same rights.
    #[must_use]
    pub fn client(&self) -> (&str, &str) {
        (self.address().as_str(), self.tokens.client_id())
    }

    /// Returns who the token belongs to, once a token was issued that says so.
    #[must_use]
    pub fn identity(&self) -> Option<TokenIdentity> {
        self.tokens.identity()
    }

    /// Returns what the token says of itself, asking for one if there is none.
    ///
    /// # Errors
    ///
    /// No token is given, or the tenant cannot be reached.
    pub async fn token_facts(&self) -> Result<TokenFacts, ApiError> {
        let ahead = self.sender.token_ahead();
        Ok(self.tokens.current(&self.sender, ahead).await?.facts(ahead))
    }

    /// Returns by how many seconds the tenant's clock is ahead of the local one, as its first answer says; `None` before
    /// that, or if the answer does not say.
    #[must_use]
    pub fn clock_offset(&self) -> Option<i64> {
        self.sender.clock_offset()
    }

    /// Reads a document. Repeated on network errors, 408, 429 and 5xx.
    ///
    /// # Errors
    ///
    /// When no token is given, when the tenant cannot be reached or refuses, and when it answers anything but a JSON
    /// object.
    pub async fn get(&self, endpoint: &Endpoint) -> Result<Document, ApiError> {
        let endpoint = &self.resolved(endpoint).await?;
        let call = Call::new(Method::GET, endpoint, Content::Nothing);
        let answer = self.exchange(&call).await?;
        let (deprecated, tracking_id) = (answer.deprecated(), answer.tracking_id());
        match answer.document() {
            Ok(body) => Ok(Document { body, deprecated, tracking_id }),
            Err(fault) => Err(self.sender.error(&call, ErrorKind::Body(fault)).with_tracking_id(tracking_id)),
        }
    }

    /// Reads a page of a list: a bare one, or one in an object under `results`. Repeated as [`Self::get`] is.
    ///
    /// # Errors
    ///
    /// As [`Self::get`], and when the answer is not a list.
    pub async fn list(&self, endpoint: &Endpoint) -> Result<Page, ApiError> {
        self.page(Call::new(Method::GET, endpoint, Content::Nothing)).await
    }

    /// Searches: a POST that changes nothing, so it is repeated as [`Self::get`] is.
    ///
    /// # Errors
    ///
    /// As [`Self::list`].
    pub async fn search(&self, endpoint: &Endpoint, query: &Value) -> Result<Page, ApiError> {
        self.page(Call::search(endpoint, query)).await
    }

    async fn page(&self, call: Call<'_>) -> Result<Page, ApiError> {
        let answer = self.exchange(&call).await?;
        let (total, tracking_id) = (answer.total(), answer.tracking_id());
        match answer.items() {
            Ok(items) => Ok(Page { items, total }),
            Err(fault) => Err(self.sender.error(&call, ErrorKind::Body(fault)).with_tracking_id(tracking_id)),
        }
    }

    /// Changes parts of a document. Sent once and with the token of the reads before it: the document may have changed
    /// since, so the caller reads it again before the write goes again.
    ///
    /// # Errors
    ///
    /// As [`Self::get`]; [`ApiError::fate`] tells whether the change may have happened. An accepted write whose answer
    /// cannot be used is not an error.
    pub async fn patch(&self, endpoint: &Endpoint, body: &Value) -> Result<Written, ApiError> {
        self.write(Method::PATCH, endpoint, body).await
    }

    /// Replaces a document, as [`Self::patch`] changes it.
    ///
    /// # Errors
    ///
    /// As [`Self::patch`].
    pub async fn put(&self, endpoint: &Endpoint, body: &Value) -> Result<Written, ApiError> {
        self.write(Method::PUT, endpoint, body).await
    }

    /// Deletes a document, as [`Self::patch`] changes it. The answer has no body.
    ///
    /// # Errors
    ///
    /// As [`Self::patch`].
    pub async fn delete(&self, endpoint: &Endpoint) -> Result<Written, ApiError> {
        let answer = self.send_write(Method::DELETE, endpoint, Content::Nothing).await?;
        Ok(Written { tracking_id: answer.tracking_id(), note: None })
    }

    /// Waits before a write that was turned away may be sent again, for the `retry`th time. Returns false at once if no
    /// repetition is left, and as soon as the run is to end.
    pub async fn wait_to_resend(&self, error: &ApiError, retry: u32) -> bool {
        error.fate() == Fate::TurnedAway && self.sender.pause(error, retry).await
    }

    /// Returns how often a request is repeated at most.
    #[must_use]
    pub fn retries(&self) -> u32 {
        self.sender.retries()
    }

    /// Waits; ends as soon as the run is to end ([`Http::hurry`]).
    pub async fn sleep(&self, duration: Duration) {
        self.sender.sleep(duration).await;
    }

    /// Returns how long the tenant asks to wait, as far as the limits allow.
    #[must_use]
    pub fn asked(&self, error: &ApiError) -> Option<Duration> {
        self.sender.asked(error)
    }

    async fn write(&self, method: Method, endpoint: &Endpoint, body: &Value) -> Result<Written, ApiError> {
        let answer = self.send_write(method, endpoint, Content::Json(body)).await?;
        let tracking_id = answer.tracking_id();
        Ok(Written { tracking_id, note: answer.document().err().map(|fault| fault.to_string()) })
    }

    async fn send_write(&self, method: Method, endpoint: &Endpoint, content: Content<'_>) -> Result<Answer, ApiError> {
        let not_sent = |error: ApiError| error.with_fate(Fate::NotSent);
        let endpoint = &self.resolved(endpoint).await.map_err(not_sent)?;
        let call = Call::new(method, endpoint, content);
        let Some(token) = self.tokens.held(&self.sender).await.map_err(not_sent)? else {
            return Err(not_sent(self.sender.error(&call, ErrorKind::TokenEnded)));
        };
        match self.sender.send(&call, Some(&token)).await {
            Err(error) if error.status() == Some(401) => {
                self.tokens.discard(&token).await;
                Err(error.with_fate(Fate::TokenEnded))
            }
            outcome => outcome,
        }
    }

    /// Puts the tenant's id into a path that has a place for it. A token names it, so one is asked for if there is none yet.
    async fn resolved<'e>(&self, endpoint: &'e Endpoint) -> Result<Cow<'e, Endpoint>, ApiError> {
        if !endpoint.path.contains(TENANT_ID) {
            return Ok(Cow::Borrowed(endpoint));
        }
        if self.identity().is_none() {
            self.tokens.current(&self.sender, self.sender.token_ahead()).await?;
        }
        let Some(id) = self.identity().and_then(|identity| identity.tenant_id) else {
            let call = Call::new(Method::GET, endpoint, Content::Nothing);
            return Err(self.sender.error(&call, ErrorKind::NoTenantId));
        };
        let id = utf8_percent_encode(&id, SEGMENT).to_string();
        Ok(Cow::Owned(Endpoint { path: Cow::Owned(endpoint.path.replace(TENANT_ID, &id)) }))
    }

    /// Waits until the connection of a tenant that is near is free, but no longer than [`HttpOptions::near`]: the read that has it
    /// may take long.
    async fn connection(&self) -> Option<MutexGuard<'_, ()>> {
        let near = self.sender.near();
        let is_near = self.tokens.answered_in().is_some_and(|time| time <= near);
        if is_near { timeout(near, self.connection.lock()).await.ok() } else { None }
    }

    /// Sends a read with a token that outlasts the write which may follow it, and once more with a new one when the tenant
    /// refuses the first.
    async fn exchange(&self, call: &Call<'_>) -> Result<Answer, ApiError> {
        let ahead = self.sender.token_ahead();
        let token = self.tokens.current(&self.sender, ahead).await?;
        let _connection = self.connection().await;
        match self.sender.send(call, Some(&token)).await {
            Err(error) if error.status() == Some(401) => {
                self.tokens.discard(&token).await;
                let token = self.tokens.current(&self.sender, ahead).await?;
                self.sender.send(call, Some(&token)).await
            }
            outcome => outcome,
        }
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant").field("address", self.address()).finish_non_exhaustive()
    }
}
