//! A request that failed: which, how, and what to do next.

use std::fmt;
use std::time::Duration;

use super::fault::ErrorKind;

/// A request that failed, after all its repetitions. Its texts are raw: anyone who shows them makes them harmless.
#[derive(Clone, Debug)]
pub struct ApiError(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    host: String,
    request: String,
    kind: ErrorKind,
    tries: u32,
    detail: Vec<String>,
    tracking_id: Option<String>,
    fate: Fate,
    asked: Option<Duration>,
}

/// What became of a request that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was not carried out, and would fail again.
    Refused,
    /// It was not carried out and may go again: the tenant asked to wait, or there was no connection.
    TurnedAway,
    /// It was not carried out, for the tenant refused the token.
    TokenEnded,
    /// It never left: there was no token for it.
    NotSent,
    /// It may have been carried out: the connection was lost after something was sent, no answer came in time, or the
    /// tenant answered 408 or 5xx. Never the fate of a read.
    Unknown,
}

impl ApiError {
    pub(super) fn new(host: &str, request: &str, kind: ErrorKind) -> Self {
        Self(Box::new(Parts {
            host: host.to_owned(),
            request: request.to_owned(),
            kind,
            tries: 1,
            detail: Vec::new(),
            tracking_id: None,
            fate: Fate::Refused,
            asked: None,
        }))
    }

    pub(super) fn with_tries(mut self, tries: u32) -> Self {
        self.0.tries = tries;
        self
    }

    pub(super) fn with_detail(mut self, detail: Vec<String>) -> Self {
        self.0.detail = detail;
        self
    }

    pub(super) fn with_tracking_id(mut self, tracking_id: Option<String>) -> Self {
        self.0.tracking_id = tracking_id;
        self
    }

    pub(super) fn with_fate(mut self, fate: Fate) -> Self {
        self.0.fate = fate;
        self
    }

    pub(super) fn with_asked(mut self, asked: Option<Duration>) -> Self {
        self.0.asked = asked;
        self
    }

    /// Says that it was a token that was refused.
    pub(super) fn into_token_refusal(mut self) -> Self {
        if let ErrorKind::Status(status @ 400..=499) = self.0.kind
            && status != 407
            && status != 408
            && status != 429
        {
            self.0.kind = ErrorKind::TokenRefused { status };
        }
        self
    }

    /// Returns what went wrong, to match on.
    #[must_use]
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// Returns method and path, such as `GET /access-request-config/v2`.
    #[must_use]
    pub fn request(&self) -> &str {
        &self.0.request
    }

    /// Returns the HTTP status that the tenant answered, for a token or for the request itself.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.0.kind {
            ErrorKind::TokenRefused { status } | ErrorKind::Status(status) | ErrorKind::Redirect { status, .. } => {
                Some(status)
            }
            _ => None,
        }
    }

    /// Returns what became of the request.
    #[must_use]
    pub fn fate(&self) -> Fate {
        self.0.fate
    }

    /// Returns the wait that the tenant asks for before the request goes again.
    pub(super) fn asked(&self) -> Option<Duration> {
        self.0.asked
    }

    /// Returns SailPoint's name for the request, for its support.
    #[must_use]
    pub fn tracking_id(&self) -> Option<&str> {
        self.0.tracking_id.as_deref()
    }

    /// Returns what the tenant said about the failure, one line each, `detailCode` first.
    #[must_use]
    pub fn detail(&self) -> &[String] {
        &self.0.detail
    }

    /// Returns what to do next. `None` if it depends on the document: the caller knows which rights 403 asks for.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        self.0.kind.hint(&self.0.host, self.0.tracking_id.is_some())
    }
}

impl std::error::Error for ApiError {}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { host, request, kind, tries, .. } = &*self.0;
        write!(f, "{request} at {host}: {kind}")?;
        if *tries > 1 {
            write!(f, ", {tries} times")?;
        }
        Ok(())
    }
}
