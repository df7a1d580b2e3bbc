//! The connections, which tenants share, and their limits.

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderMap, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder, redirect};

use tokio::sync::watch;

use super::address::Address;
use super::budget::Budgets;
use super::exchange::{NoteConnections, OnRequest};
use super::fault::{ErrorKind, NetworkFault};
use crate::text::disk::{self, Content};

/// Servers and gateways drop idle connections after about a minute; a write on a dropped one has an unknown outcome.
const POOL_IDLE: Duration = Duration::from_secs(20);

/// Limits of every request.
#[derive(Clone)]
pub struct HttpOptions {
    /// How long making a connection may take, TLS included.
    pub connect_timeout: Duration,
    /// How long one try of a request may take, from connecting to the last byte of the answer.
    pub request_timeout: Duration,
    /// How often a request is repeated.
    pub retries: u32,
    /// Upper limit of the first wait where the tenant names none; it doubles with every repetition.
    pub first_wait: Duration,
    /// Upper limit of every single wait, whatever the tenant asks for.
    pub max_wait: Duration,
    /// PEM file of certificates that are trusted in addition to the platform's.
    pub ca_cert: Option<PathBuf>,
    /// Longest answer that is read, in bytes after decompression.
    pub max_body: u64,
    /// How long a token must last at the start of a read, so that a write which follows it needs no other one.
    pub token_ahead: Duration,
    /// A tenant that gives a token within this time is near: its documents are read one after the other on one connection, which
    /// takes less than to open another one.
    pub near: Duration,
    /// Is told of every request.
    pub on_request: Option<OnRequest>,
    /// Whether it is told of connections, proxies and headers as well.
    pub traces: bool,
    /// How many requests a second go out with one client id to one host and port, once the first ones are out; zero if
    /// there is no such limit.
    pub requests_per_second: f64,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            retries: 4,
            first_wait: Duration::from_millis(500),
            max_wait: Duration::from_secs(30),
            ca_cert: None,
            max_body: 64 * 1024 * 1024,
            token_ahead: Duration::from_secs(5),
            near: Duration::from_millis(10),
            on_request: None,
            traces: false,
            requests_per_second: 0.0,
        }
    }
}

impl HttpOptions {
    /// Sorts an error of the HTTP library by what the user can do about it. Its own texts name neither the host nor
    /// the cause.
    pub(super) fn error_kind(&self, error: &reqwest::Error) -> ErrorKind {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(error) = cause {
            if let Some(fault) = NetworkFault::of_proxy(error) {
                return ErrorKind::Network(fault);
            }
            cause = error.source();
        }
        if error.is_dns() {
            return ErrorKind::Network(NetworkFault::of_resolver(error));
        }
        let mut last: &(dyn std::error::Error + 'static) = error;
        while let Some(source) = last.source() {
            last = source;
            if let Some(fault) = NetworkFault::of(last) {
                return ErrorKind::Network(fault);
            }
        }
        if error.is_timeout() {
            return if error.is_connect() {
                ErrorKind::ConnectTimeout(self.connect_timeout.min(self.request_timeout))
            } else {
                ErrorKind::Timeout(self.request_timeout)
            };
        }
        ErrorKind::Network(NetworkFault::Other(last.to_string()))
    }
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            connect_timeout,
            request_timeout,
            retries,
            first_wait,
            max_wait,
            ca_cert,
            max_body,
            token_ahead,
            near,
            on_request: _,
            traces,
            requests_per_second,
        } = self;
        f.debug_struct("HttpOptions")
            .field("connect_timeout", connect_timeout)
            .field("request_timeout", request_timeout)
            .field("retries", retries)
            .field("first_wait", first_wait)
            .field("max_wait", max_wait)
            .field("ca_cert", ca_cert)
            .field("max_body", max_body)
            .field("token_ahead", token_ahead)
            .field("near", near)
            .field("traces", traces)
            .field("requests_per_second", requests_per_second)
            .finish_non_exhaustive()
    }
}

/// How many tenants share a client. A client keeps connections open as long as one of its tenants uses it, so a run over
/// thousands of tenants has those of a few clients open, and each client pays once for reading the platform's certificates.
const TENANTS: usize = 64;
/// The same for tenants on this machine, whose clients read no certificates: a connection takes 26 KiB.
const PLAIN_TENANTS: usize = 8;

/// The connections to all tenants. A client is built when the first request needs it: reading the platform's
/// certificates takes longer than a whole plan against this machine.
#[derive(Debug)]
pub struct Http {
    options: HttpOptions,
    remote: Mutex<Shared>,
    loopback_tls: Mutex<Shared>,
    loopback_plain: Mutex<Shared>,
    hurry: watch::Sender<bool>,
    budgets: Budgets,
}

impl Http {
    /// Keeps the options; nothing is read or opened yet.
    #[must_use]
    pub fn new(options: HttpOptions) -> Self {
        let (remote, loopback_tls, loopback_plain) = Default::default();
        Self {
            options,
            remote,
            loopback_tls,
            loopback_plain,
            hurry: watch::Sender::new(false),
            budgets: Budgets::default(),
        }
    }

    /// Checks what is only read when the first request is made.
    ///
    /// # Errors
    ///
    /// The certificates of `ca_cert` cannot be used.
    pub fn check(&self) -> Result<(), String> {
        match &self.options.ca_cert {
            Some(_) => self.trusting().map(|_| ()).map_err(|fault| match fault {
                ErrorKind::Setup(reason) => reason,
                fault => fault.to_string(),
            }),
            None => Ok(()),
        }
    }

    /// Ends every wait, those that go on and those to come: nothing is repeated any more.
    pub fn hurry(&self) {
        self.hurry.send_replace(true);
    }

    /// Returns whether waits end at once.
    pub fn hurries(&self) -> bool {
        *self.hurry.borrow()
    }

    /// Waits; returns false as soon as waits are to end.
    pub async fn sleep(&self, duration: Duration) -> bool {
        let mut hurry = self.hurry.subscribe();
        tokio::select! {
            biased;
            _ = hurry.wait_for(|hurry| *hurry) => false,
            () = tokio::time::sleep(duration) => true,
        }
    }

    /// Returns the limits of every request.
    #[must_use]
    pub fn options(&self) -> &HttpOptions {
        &self.options
    }

    /// Returns what each client may send.
    pub(super) fn budgets(&self) -> &Budgets {
        &self.budgets
    }

    /// Returns a client for one tenant, to be kept while requests follow each other.
    pub(super) fn client(&self, address: &Address) -> Result<Client, ErrorKind> {
        if address.is_plain() {
            // An empty trust store instead of the platform's: no certificate is ever looked at.
            give(&self.loopback_plain, address, PLAIN_TENANTS, || finish(self.builder().no_proxy().tls_certs_only([])))
        } else if address.is_loopback() {
            give(&self.loopback_tls, address, TENANTS, || {
                self.trusting().and_then(|builder| finish(builder.no_proxy()))
            })
        } else {
            give(&self.remote, address, TENANTS, || {
                self.trusting().and_then(|builder| finish(builder.https_only(true)))
            })
        }
    }

    fn builder(&self) -> ClientBuilder {
        // Fails when a provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en-US"));
        let builder = Client::builder();
        let builder = if self.options.traces { builder.connector_layer(NoteConnections) } else { builder };
        builder
            .user_agent(concat!("sailplan/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(redirect::Policy::none())
            .connect_timeout(self.options.connect_timeout)
            .timeout(self.options.request_timeout)
            .pool_idle_timeout(POOL_IDLE)
    }

    /// Adds the certificates of the `ca_cert` file to those of the platform.
    fn trusting(&self) -> Result<ClientBuilder, ErrorKind> {
        let Some(path) = &self.options.ca_cert else {
            return Ok(self.builder());
        };
        let problem = |what: String| ErrorKind::Setup(format!("{}: {what}", path.display()));
        let pem = disk::read_bytes(path, Content::Certificates).map_err(|unread| problem(unread.message))?;
        let certificates =
            Certificate::from_pem_bundle(&pem).map_err(|_| problem("not a PEM file of certificates".to_owned()))?;
        if certificates.is_empty() {
            return Err(problem("no certificate in this file".to_owned()));
        }
        Ok(self.builder().tls_certs_merge(certificates))
    }
}

/// The client that the next tenants get, and the addresses of those that got it.
#[derive(Debug, Default)]
struct Shared {
    client: Option<Result<Client, ErrorKind>>,
    given: HashSet<String>,
}

fn give(
    shared: &Mutex<Shared>,
    address: &Address,
    tenants: usize,
    build: impl FnOnce() -> Result<Client, ErrorKind>,
) -> Result<Client, ErrorKind> {
    let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
    if shared.given.len() >= tenants && !shared.given.contains(address.as_str()) {
        *shared = Shared::default();
    }
    shared.given.insert(address.as_str().to_owned());
    shared.client.get_or_insert_with(build).clone()
}

fn finish(builder: ClientBuilder) -> Result<Client, ErrorKind> {
    builder.build().map_err(|error| {
        let mut last: &dyn std::error::Error = &error;
        while let Some(source) = last.source() {
            last = source;
        }
        ErrorKind::Setup(last.to_string())
    })
}
