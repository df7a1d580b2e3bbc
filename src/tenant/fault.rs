//! What can go wrong between sailplan and a tenant.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use reqwest::StatusCode;

use crate::text::json::Excess;

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
    /// The token that the reads were made with ended before the write.
    TokenEnded,
    /// The path needs the tenant's id, and the answer with the token does not name it.
    NoTenantId,
    /// The tenant answered with a status that is not a success.
    Status(u16),
    /// The tenant pointed elsewhere; sailplan does not follow, so the token stays where it belongs.
    Redirect {
        /// HTTP status of the answer.
        status: u16,
        /// Host that it points to; `None` if the answer does not name it in a usable form.
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
    /// Whether the host's name has an address could not be found out; why, in the words of the system.
    LookUp(String),
    /// Nothing listens at the port.
    Refused,
    /// The proxy asks for a user and a password.
    ProxyPassword,
    /// The proxy does not make the connection; why.
    Proxy(String),
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
    /// JSON, but not a list.
    NotList,
    /// Holds a token or a client secret.
    Secret,
    /// JSON that costs too much, or that would not be kept as it is.
    Excess(Excess),
    /// JSON in which an object has this key twice.
    DuplicateKey(String),
    /// The answer to the request for a token has no usable `access_token`.
    NoToken,
}

impl ErrorKind {
    /// Returns what to do next. SailPoint's support asks for the id of the request, where it is `known`.
    pub(super) fn hint(&self, host: &str, known: bool) -> Option<String> {
        let hint = match self {
            Self::Setup(_) => "give --ca-cert a PEM file with one or more certificates that can be read",
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
            Self::Status(407) => PROXY_PASSWORD,
            Self::Status(408 | 500..=599) if known => {
                "try again later; if it stays, ask SailPoint's support with the trackingId"
            }
            Self::Status(408 | 500..=599) => "try again later; if it stays, ask SailPoint's support",
            Self::Redirect { .. } => {
                "redirects are never followed: write the address of the tenant's API itself, such as https://TENANT.api.identitynow.com"
            }
            Self::ConnectTimeout(_) => {
                "check address, network and proxy (HTTPS_PROXY, NO_PROXY), or allow more time with --connect-timeout"
            }
            Self::Timeout(_) => "try again, or allow more time with --timeout",
            Self::NoTenantId => {
                "manage the configuration of a type of approval instead of TENANT, such as ACCESS_REQUEST_APPROVAL"
            }
            Self::TokenEnded => "give the access token a longer life, or allow less time with --fresh",
            Self::Network(fault) => fault.hint(),
            Self::Body(BodyFault::CutOff(cause)) => return cause.hint(host, known),
            Self::Body(BodyFault::TooLarge(_)) => {
                "check the address: a document of this size is not a tenant's settings"
            }
            Self::Body(_) => NOT_THE_TENANT,
            Self::Status(400..=499) => return None,
            Self::Status(_) => NOT_THE_TENANT,
        };
        Some(hint.to_owned())
    }

    /// Whether the same request may succeed a moment later.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Status(status) => matches!(status, 408 | 429 | 500..=599),
            Self::ConnectTimeout(_) | Self::Timeout(_) => true,
            Self::Network(fault) => {
                // A name server that answers "no such name" answers the same a moment later.
                !matches!(
                    fault,
                    NetworkFault::UnknownHost
                        | NetworkFault::Certificate(_)
                        | NetworkFault::Tls(_)
                        | NetworkFault::ProxyPassword
                )
            }
            Self::Body(BodyFault::CutOff(cause)) => cause.may_pass(),
            Self::Setup(_)
            | Self::TokenRefused { .. }
            | Self::TokenEnded
            | Self::NoTenantId
            | Self::Redirect { .. }
            | Self::Body(_) => false,
        }
    }
}

/// What to do about an answer that no tenant gives.
pub const NOT_THE_TENANT: &str = "check the address, and whether a proxy or a login page answers instead";

const PROXY_PASSWORD: &str =
    "write user and password into the address of the proxy: HTTPS_PROXY=http://USER:PASSWORD@HOST";

impl NetworkFault {
    /// Returns the fault of a proxy that one error in a chain of causes stands for. The HTTP library keeps the type of
    /// such an error to itself, so its text decides.
    pub(super) fn of_proxy(error: &(dyn StdError + 'static)) -> Option<Self> {
        match error.to_string().as_str() {
            "tunnel error: proxy authorization required" => Some(Self::ProxyPassword),
            "tunnel error: unsuccessful" => Some(Self::Proxy("refused to connect to the tenant".to_owned())),
            "tunnel error: failed to create underlying connection" => {
                Some(Self::Proxy(match error.source().and_then(Self::deepest) {
                    Some(cause) => format!("cannot be reached: {cause}"),
                    None => "cannot be reached".to_owned(),
                }))
            }
            _ => None,
        }
    }

    /// Returns the fault of a name that was not resolved. The standard library keeps the code of the resolver to itself, so
    /// its text decides: that of glibc, musl, macOS or Windows for a name without an address.
    pub(super) fn of_resolver(error: &(dyn StdError + 'static)) -> Self {
        const NO_ADDRESS: [&str; 6] = [
            "Name or service not known",
            "No address associated with hostname",
            "Name does not resolve",
            "Name has no usable address",
            "nodename nor servname provided, or not known",
            "No such host is known",
        ];
        let mut last = error;
        while let Some(source) = last.source() {
            last = source;
        }
        let text = last.to_string();
        if NO_ADDRESS.iter().any(|words| text.contains(words)) {
            return Self::UnknownHost;
        }
        Self::LookUp(text.trim_start_matches("failed to lookup address information: ").to_owned())
    }

    fn deepest(error: &(dyn StdError + 'static)) -> Option<Self> {
        error.source().and_then(Self::deepest).or_else(|| Self::of(error))
    }

    /// Returns the fault that one error in a chain of causes stands for; `None` if it is of another kind.
    pub(super) fn of(error: &(dyn StdError + 'static)) -> Option<Self> {
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
            Self::LookUp(_) => {
                "try again; if it stays, check the name servers of this machine, and its network and proxy (HTTPS_PROXY, NO_PROXY)"
            }
            Self::Refused => "check the port in the address, and that the server runs",
            Self::ProxyPassword => PROXY_PASSWORD,
            Self::Proxy(_) => "check the proxy (HTTPS_PROXY), or name the tenant's host in NO_PROXY to go past it",
            Self::Certificate(_) => {
                "if a proxy or server of your own stands there, give its certificate authority with --ca-cert FILE"
            }
            Self::Broken | Self::Tls(_) | Self::Other(_) => {
                "try again; if it stays, check network and proxy (HTTPS_PROXY, NO_PROXY)"
            }
        }
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
            Self::NoTenantId => {
                f.write_str("the answer with the token does not name the tenant's id, which the path needs")
            }
            Self::TokenEnded => f.write_str("the token ended before the write; it was not sent"),
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
    match StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()) {
        Some(reason) => write!(f, " {reason}"),
        None => Ok(()),
    }
}

impl fmt::Display for NetworkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownHost => f.write_str("the name of the host is not known"),
            Self::LookUp(reason) => write!(f, "the name of the host cannot be looked up: {reason}"),
            Self::Refused => f.write_str("connection refused"),
            Self::ProxyPassword => f.write_str("the proxy asks for a user and a password (407)"),
            Self::Proxy(reason) => write!(f, "the proxy {reason}"),
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
            Self::NotList => return f.write_str("the answer is not a list"),
            Self::Secret => return f.write_str("the answer holds a token or a client secret of this run"),
            Self::Excess(excess) => return write!(f, "the answer cannot be used: {excess}"),
            Self::DuplicateKey(key) => {
                let ambiguous = "twice in one object, and it is not known which one holds";
                return write!(f, "the answer has the key `{key}` {ambiguous}");
            }
            Self::NoToken => return f.write_str("the answer holds no usable access_token"),
            Self::NotJson { reason, start } => (format!("the answer is not JSON: {reason}"), start),
            Self::NotObject { found, start } => (format!("the answer is {found} instead of an object"), start),
        };
        f.write_str(&what)?;
        if !start.is_empty() {
            write!(f, "; it starts with: {start}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let network = ErrorKind::Network;
        let cut_off = |kind| ErrorKind::Body(BodyFault::CutOff(Box::new(kind)));
        let second = Duration::from_secs(1);
        for (kind, may_pass) in [
            (ErrorKind::Status(408), true),
            (ErrorKind::Status(429), true),
            (ErrorKind::Status(500), true),
            (ErrorKind::Status(599), true),
            (ErrorKind::Status(400), false),
            (ErrorKind::Status(404), false),
            (ErrorKind::Status(304), false),
            (ErrorKind::Timeout(second), true),
            (ErrorKind::ConnectTimeout(second), true),
            (network(NetworkFault::UnknownHost), false),
            (network(NetworkFault::LookUp(String::new())), true),
            (network(NetworkFault::Refused), true),
            (network(NetworkFault::Proxy(String::new())), true),
            (network(NetworkFault::ProxyPassword), false),
            (ErrorKind::Status(407), false),
            (network(NetworkFault::Certificate(String::new())), false),
            (network(NetworkFault::Tls(String::new())), false),
            (cut_off(ErrorKind::Timeout(second)), true),
            (ErrorKind::Body(BodyFault::Empty), false),
            (ErrorKind::Setup(String::new()), false),
        ] {
            assert_eq!(kind.may_pass(), may_pass, "{kind:?}");
        }
    }

    #[test]
    fn a_name_without_an_address_is_not_one_that_could_not_be_looked_up() {
        let fault = |detail: &str| {
            let error = io::Error::other(format!("failed to lookup address information: {detail}"));
            NetworkFault::of_resolver(&error)
        };
        for detail in ["Name or service not known", "Name does not resolve", "No address associated with hostname"] {
            assert_eq!(fault(detail), NetworkFault::UnknownHost, "{detail}");
        }
        for detail in
            ["Temporary failure in name resolution", "Try again", "Non-recoverable failure in name resolution"]
        {
            assert_eq!(fault(detail), NetworkFault::LookUp(detail.to_owned()));
        }
    }

    #[test]
    fn a_refusal_of_the_document_leaves_the_hint_to_who_knows_the_document() {
        let hint = |kind: ErrorKind| kind.hint("acme.api.identitynow.com", true);
        for status in [400, 403, 404] {
            assert_eq!(hint(ErrorKind::Status(status)), None);
        }
        for status in [103, 304, 600, 999] {
            assert_eq!(hint(ErrorKind::Status(status)).as_deref(), Some(NOT_THE_TENANT));
        }
        assert_eq!(
            hint(ErrorKind::TokenRefused { status: 401 }).as_deref(),
            Some(
                "check client id and secret: they must be of acme.api.identitynow.com, not expired and not deleted, and the owner of a personal access token must be active"
            )
        );
        let timeout = ErrorKind::Timeout(Duration::from_secs(60));
        let cut_off = ErrorKind::Body(BodyFault::CutOff(Box::new(timeout)));
        assert_eq!(cut_off.to_string(), "the answer broke off: no complete answer within 60s");
        assert_eq!(hint(cut_off).as_deref(), Some("try again, or allow more time with --timeout"));
    }
}
