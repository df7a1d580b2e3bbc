//! What can go wrong between sailplan and a tenant.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use reqwest::StatusCode;

use super::http::HttpOptions;

/// A request that failed, after all its repetitions. Its texts are raw: whoever shows them makes them harmless.
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
    outcome_unknown: bool,
}

/// What went wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// No connection could be tried: the trusted certificates cannot be used.
    Setup(String),
    /// The tenant gave no token for the credentials.
    TokenRefused {
        /// HTTP status of the refusal.
        status: u16,
    },
    /// The tenant answered with a status that is no success.
    Status(u16),
    /// The tenant pointed elsewhere; sailplan does not follow, so the token stays where it belongs.
    Redirect {
        /// HTTP status of the answer.
        status: u16,
        /// Host that it points to; none when the answer does not say it in a usable form.
        target: Option<String>,
    },
    /// No connection was made in time; nothing was sent.
    ConnectTimeout(Duration),
    /// The whole answer did not come in time.
    Timeout(Duration),
    /// The connection failed.
    Network(NetworkFault),
    /// The tenant's answer cannot be used.
    Body(BodyFault),
}

/// How a connection failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkFault {
    /// The host's name has no address.
    UnknownHost,
    /// Nobody listens at the port.
    Refused,
    /// The other side, or something between, broke the connection off.
    Broken,
    /// The tenant's certificate is not trusted; the reason in the words of the TLS library.
    Certificate(String),
    /// TLS could not be agreed on; the reason in the words of the TLS library.
    Tls(String),
    /// Anything else, in the words of the system.
    Other(String),
}

/// Why the body of an answer cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyFault {
    /// There is none.
    Empty,
    /// Longer than the limit, in bytes.
    TooLarge(u64),
    /// Broke off; what happened to the connection.
    CutOff(Box<ErrorKind>),
    /// Not JSON.
    NotJson {
        /// What the JSON reader found, and where.
        reason: String,
        /// How the body starts; empty where it may hold a secret.
        start: String,
    },
    /// JSON, but not an object.
    NotObject {
        /// Which kind of value it is.
        found: &'static str,
        /// How the body starts; empty where it may hold a secret.
        start: String,
    },
    /// The answer to the request for a token has no usable `access_token`.
    NoToken,
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
            outcome_unknown: false,
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

    pub(super) fn with_outcome_unknown(mut self, unknown: bool) -> Self {
        self.0.outcome_unknown = unknown;
        self
    }

    /// Says that it was a token that was refused.
    pub(super) fn into_token_refusal(mut self) -> Self {
        if let ErrorKind::Status(status @ 400..=499) = self.0.kind
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

    /// Returns the host that was asked.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.0.host
    }

    /// Returns method and path, such as `GET /access-request-config/v2`.
    #[must_use]
    pub fn request(&self) -> &str {
        &self.0.request
    }

    /// Returns how often the request was tried.
    #[must_use]
    pub fn tries(&self) -> u32 {
        self.0.tries
    }

    /// Returns the HTTP status that the tenant answered, for a token or for the request itself.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.0.kind {
            ErrorKind::TokenRefused { status }
            | ErrorKind::Status(status)
            | ErrorKind::Redirect { status, .. } => Some(status),
            _ => None,
        }
    }

    /// Returns whether a write may have happened although it failed: the connection was lost after something was
    /// sent, no answer came in time, or the tenant answered 408 or 5xx. Always false for reads.
    #[must_use]
    pub fn outcome_unknown(&self) -> bool {
        self.0.outcome_unknown
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

    /// Returns what to do next. None where it depends on the document: the caller knows which rights 403 asks for.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        self.0.kind.hint(&self.0.host)
    }
}

impl ErrorKind {
    fn hint(&self, host: &str) -> Option<String> {
        let hint = match self {
            Self::Setup(_) => {
                "give --ca-cert a PEM file with one or more certificates that can be read"
            }
            Self::TokenRefused { status: 404 } => {
                "check the address: it must be the tenant's API, such as https://TENANT.api.identitynow.com"
            }
            Self::TokenRefused { .. } => {
                return Some(format!(
                    "check client id and secret: they must be of {host}, not expired and not deleted, and the owner of a personal access token must be active"
                ));
            }
            Self::Status(401) => {
                "the token was renewed once and refused again: check that the personal access token and its owner are still active"
            }
            Self::Status(429) => {
                "another run may use the same client id: try again later, or allow more with --retries and --max-wait"
            }
            Self::Status(408 | 500..=599) => {
                "try again later; if it stays, ask SailPoint's support with the trackingId"
            }
            Self::Redirect { .. } => {
                "redirects are never followed: write the address of the tenant's API itself, such as https://TENANT.api.identitynow.com"
            }
            Self::ConnectTimeout(_) => {
                "check address, network and proxy (HTTPS_PROXY, NO_PROXY), or allow more time with --connect-timeout"
            }
            Self::Timeout(_) => "try again, or allow more time with --timeout",
            Self::Network(fault) => fault.hint(),
            Self::Body(BodyFault::CutOff(cause)) => return cause.hint(host),
            Self::Body(BodyFault::TooLarge(_)) => {
                "check the address: a document of this size is not a tenant's settings"
            }
            Self::Body(_) => {
                "check the address, and whether a proxy or a login page answers instead"
            }
            Self::Status(_) => return None,
        };
        Some(hint.to_owned())
    }

    /// Sorts an error of the HTTP library by what the user can do about it. Its own texts name neither the host nor
    /// the cause.
    pub(super) fn of(error: &reqwest::Error, options: &HttpOptions) -> Self {
        if error.is_dns() {
            return Self::Network(NetworkFault::UnknownHost);
        }
        let mut last: &(dyn StdError + 'static) = error;
        while let Some(source) = last.source() {
            last = source;
            if let Some(fault) = NetworkFault::of(last) {
                return Self::Network(fault);
            }
        }
        if error.is_timeout() {
            return if error.is_connect() {
                Self::ConnectTimeout(options.connect_timeout.min(options.request_timeout))
            } else {
                Self::Timeout(options.request_timeout)
            };
        }
        Self::Network(NetworkFault::Other(last.to_string()))
    }

    /// Whether the same request may succeed a moment later.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Status(status) => matches!(status, 408 | 429 | 500..=599),
            Self::ConnectTimeout(_) | Self::Timeout(_) => true,
            Self::Network(fault) => {
                !matches!(fault, NetworkFault::Certificate(_) | NetworkFault::Tls(_))
            }
            Self::Body(BodyFault::CutOff(cause)) => cause.may_pass(),
            Self::Setup(_) | Self::TokenRefused { .. } | Self::Redirect { .. } | Self::Body(_) => {
                false
            }
        }
    }
}

impl NetworkFault {
    fn of(error: &(dyn StdError + 'static)) -> Option<Self> {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(Self::of_tls(tls));
        }
        let io = error.downcast_ref::<io::Error>()?;
        // `source` of such an error skips the error that it carries, which may be of the same kind.
        let carried = io.get_ref().and_then(|inner| Self::of(inner));
        if carried.is_some() {
            return carried;
        }
        match io.kind() {
            io::ErrorKind::ConnectionRefused => Some(Self::Refused),
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => Some(Self::Broken),
            _ => None,
        }
    }

    fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(reason) => Self::Certificate(reason.to_string()),
            other => Self::Tls(other.to_string()),
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::UnknownHost => {
                "check the tenant's name in the address, and network and proxy (HTTPS_PROXY, NO_PROXY)"
            }
            Self::Refused => "check the port in the address, and that the server runs",
            Self::Certificate(_) => {
                "if a proxy or server of your own stands there, give its certificate authority with --ca-cert FILE"
            }
            Self::Broken | Self::Tls(_) | Self::Other(_) => {
                "try again; if it stays, check network and proxy (HTTPS_PROXY, NO_PROXY)"
            }
        }
    }
}

impl StdError for ApiError {}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts {
            host,
            request,
            kind,
            tries,
            ..
        } = &*self.0;
        write!(f, "{request} at {host}: {kind}")?;
        if *tries > 1 {
            write!(f, ", {tries} times")?;
        }
        Ok(())
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setup(reason) => write!(f, "cannot prepare TLS: {reason}"),
            Self::TokenRefused { status } => {
                f.write_str("no token given: answered ")?;
                write_status(f, *status)
            }
            Self::Status(status) => {
                f.write_str("answered ")?;
                write_status(f, *status)
            }
            Self::Redirect { status, target } => {
                f.write_str("answered ")?;
                write_status(f, *status)?;
                match target {
                    Some(target) => write!(f, ", which points to {target}"),
                    None => f.write_str(", which points elsewhere"),
                }
            }
            Self::ConnectTimeout(limit) => write!(f, "no connection within {limit:?}"),
            Self::Timeout(limit) => write!(f, "no complete answer within {limit:?}"),
            Self::Network(fault) => fault.fmt(f),
            Self::Body(fault) => fault.fmt(f),
        }
    }
}

fn write_status(f: &mut fmt::Formatter<'_>, status: u16) -> fmt::Result {
    write!(f, "{status}")?;
    match StatusCode::from_u16(status)
        .ok()
        .and_then(|it| it.canonical_reason())
    {
        Some(reason) => write!(f, " {reason}"),
        None => Ok(()),
    }
}

impl fmt::Display for NetworkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownHost => f.write_str("the name of the host is not known"),
            Self::Refused => f.write_str("connection refused"),
            Self::Broken => f.write_str("connection lost"),
            Self::Certificate(reason) => write!(f, "its certificate is not trusted: {reason}"),
            Self::Tls(reason) => write!(f, "TLS failed: {reason}"),
            Self::Other(reason) => write!(f, "the connection failed: {reason}"),
        }
    }
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, start) = match self {
            Self::Empty => return f.write_str("the answer is empty"),
            Self::TooLarge(limit) => {
                return write!(f, "the answer is longer than {limit} bytes");
            }
            Self::CutOff(cause) => return write!(f, "the answer broke off: {cause}"),
            Self::NoToken => return f.write_str("the answer holds no usable access_token"),
            Self::NotJson { reason, start } => (format!("the answer is not JSON: {reason}"), start),
            Self::NotObject { found, start } => {
                (format!("the answer is {found} instead of an object"), start)
            }
        };
        f.write_str(&what)?;
        if !start.is_empty() {
            write!(f, "; it starts with: {start}")?;
        }
        Ok(())
    }
}
