//! The practice tenant: a small SailPoint tenant that answers over real HTTP, for trying, testing and demonstrating.
//!
//! It serves the JIT activation policy (`/jit-activation-config/v1/policy` and the v2026 path), the access request
//! configuration of every API generation, the approvals configuration (`/generic-approvals/v1/config/{id}`), lists of what
//! those documents name by id, the search for audit events (`/search/v1`), `/oauth/token` and `/oauth/info`, as SailPoint's API
//! pages document them. Any credentials that are not empty get a token. What is not documented is answered strictly, and the
//! message says so.
//!
//! # The state file
//!
//! All it knows is one JSON file, read for every request, so it can be edited by hand while the server runs. A missing
//! file is created with SailPoint's published examples; deleting it resets the tenant. Beside it stands `FILE.lock`,
//! with which several servers share one file.
//!
//! ```json
//! {
//!   "jitActivationPolicy": {"id": "6d38a587-302a-41d1-a3b1-ffae2c25c960", "maxActivationPeriodMins": 120},
//!   "accessRequestConfig": {
//!     "autoApprovalEnabled": true,
//!     "entitlementRequestConfig": {
//!       "allowEntitlementRequest": true,
//!       "accessRequestConfig": {"approvalSchemes": [{"approverType": "MANAGER", "approverId": null}]}
//!     }
//!   }
//! }
//! ```
//!
//! * `jitActivationPolicy`: the policy as the API answers it. Null or left out: none was ever stored, and GET and PATCH
//!   answer 404.
//! * `accessRequestConfig`: the fields of all generations together, in the spelling of the current one; each generation
//!   shows those that it has. The flat names of beta and v3 (`grantRequestApprovalSchemes`, `requestCommentsRequired`,
//!   `deniedCommentsRequired`) are understood too, so a document copied from there can be pasted.
//! * `approvalsConfig`: the approvals configurations by scope and id, such as `"APPROVAL_TYPE/ACCESS_REQUEST_APPROVAL": {}`;
//!   `TENANT` is the tenant's own. One that is not there is answered with the next one above it: that of access requests
//!   for a single item, then the tenant's, and `{}` where there is none.
//! * `entitlements`, `publicIdentities`, `workgroups`, `notificationTemplates`, `notificationTemplateDefaults`, `workflows`,
//!   `formDefinitions`, `entitlementConnections`: the items of those lists, as the API answers them.
//! * `events`: audit events, as the search answers them. Each change through the API adds one.
//! * Nothing is filled in: a key left out of the file is left out of the answer.
//! * Unknown keys are kept and served. A PUT that leaves one out takes it away, as it does with every other field.
//!
//! # Not like a tenant
//!
//! Ids in documents are not held against the lists, `searchAfter` is not known, and there is no rate limit. An audit event of
//! a change can be found at once; SailPoint's index may lag. [`Fault`] makes things go wrong.

#![expect(
    clippy::disallowed_methods,
    reason = "the practice tenant shares nothing with the rest, so it opens its own files"
)]

mod access_request;
mod answer;
mod approvals;
mod connection;
mod document;
mod fault;
mod fault_answer;
mod fault_text;
mod field;
mod jit;
mod list;
mod oauth;
mod record;
mod scheme;
mod search;
mod server;
mod state;
mod store;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod witness;

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};

use anyhow::Context;
use axum::Router;
use tokio::sync::oneshot;

pub use self::fault::Fault;
pub use self::record::Request;

use self::connection::{Abort, Connections};
use self::document::Document;
use self::oauth::Tokens;
use self::record::Record;
use self::server::{Call, Tenant, respond};
use self::store::Store;

/// Returns the document that a path names; `None` if it names none of its kind.
type FindDocument = fn(&str) -> Option<Box<dyn Document>>;

/// Every kind of document: its key in the state file, and how a path names one.
const KINDS: [(&str, FindDocument); 3] =
    [(jit::KEY, jit::at), (access_request::KEY, access_request::at), (approvals::KEY, approvals::at)];

/// Returns the keys of the state file that hold lists.
fn lists() -> impl Iterator<Item = &'static str> {
    list::LISTS.iter().map(|list| list.key).chain([search::KEY])
}

/// Returns the document at a path.
fn document_at(path: &str) -> Option<Box<dyn Document>> {
    KINDS.iter().find_map(|(_, at)| at(path))
}

/// How a practice tenant is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The state file; it and its folder are created when missing.
    pub state: PathBuf,
    /// A file that gets one line of JSON for every request, in the form of [`Request`].
    pub record: Option<PathBuf>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// Life of a token in seconds.
    pub token_seconds: u64,
    /// Scopes of every token; `None` means all scopes.
    pub scopes: Option<Vec<String>>,
    /// User levels of every token, such as `ORG_ADMIN`; `None` means that tokens do not tell, and every level is enough.
    pub user_levels: Option<Vec<String>>,
    /// Whether requests for every generation need `X-SailPoint-Experimental: true`, not only those for which SailPoint
    /// documents it today.
    pub all_experimental: bool,
}

impl Options {
    /// A free port on loopback, no faults, and tokens of 12 hours, the life that SailPoint documents for personal access
    /// tokens.
    pub fn new(state: impl Into<PathBuf>) -> Options {
        Options {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            state: state.into(),
            record: None,
            faults: Vec::new(),
            token_seconds: 43_200,
            scopes: None,
            user_levels: None,
            all_experimental: false,
        }
    }
}

/// A running practice tenant. It runs in a thread of its own, so any runtime, or none, can be used beside it. Dropping it
/// closes its connections and frees the port.
pub struct Practice {
    tenant: Arc<Tenant>,
    stop: Option<oneshot::Sender<()>>,
    ended: Option<oneshot::Receiver<std::io::Result<()>>>,
    thread: Option<JoinHandle<()>>,
    #[cfg(test)]
    address: SocketAddr,
    #[cfg(test)]
    open: connection::Open,
}

impl Practice {
    /// Starts it; when this returns, it answers.
    ///
    /// # Errors
    /// When the address is taken, the state file is broken or cannot be created, or the record cannot be written.
    pub fn start(options: Options) -> anyhow::Result<Practice> {
        let store = Store::open(&options.state)?;
        let record = Record::open(options.record.as_deref())?;
        let listener = TcpListener::bind(options.listen)
            .with_context(|| format!("the practice tenant cannot listen on {}", options.listen))?;
        listener.set_nonblocking(true)?;
        let address = reachable(listener.local_addr()?);
        let url = format!("http://{address}");
        let tokens = Tokens::new(options.token_seconds, options.scopes.clone(), options.user_levels.clone());
        let tenant = Arc::new(Tenant::new(url, store, record, tokens, options));

        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let connections = {
            let _inside = runtime.enter();
            Connections::new(tokio::net::TcpListener::from_std(listener)?)
        };
        #[cfg(test)]
        let open = connections.open();
        let router = Router::new().fallback(respond).with_state(Arc::clone(&tenant));
        let (stop, stopped) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let thread = thread::Builder::new().name("practice-tenant".to_owned()).spawn(move || {
            let result = runtime.block_on(async {
                let service = router.into_make_service_with_connect_info::<Abort>();
                tokio::select! {
                    _ = stopped => Ok(()),
                    result = async { axum::serve(connections, service).await } => result,
                }
            });
            // With the runtime go its connections and the port.
            drop(runtime);
            let _ = end.send(result);
        })?;
        Ok(Practice {
            tenant,
            stop: Some(stop),
            ended: Some(ended),
            thread: Some(thread),
            #[cfg(test)]
            address,
            #[cfg(test)]
            open,
        })
    }

    /// The base URL, such as `http://127.0.0.1:49152`.
    pub fn url(&self) -> &str {
        &self.tenant.url
    }

    /// The requests received so far, in order; of very many the last 10,000.
    pub fn requests(&self) -> Vec<Request> {
        self.tenant.record.all()
    }

    /// Adds a fault while the tenant runs.
    pub fn inject(&self, fault: Fault) {
        self.tenant.faults.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    /// What was done with each request so far, in order.
    #[cfg(test)]
    pub(crate) fn exchanges(&self) -> Vec<witness::Exchange> {
        self.tenant.witness.exchanges()
    }

    /// Every token that was given or came with a request.
    #[cfg(test)]
    pub(crate) fn tokens(&self) -> Vec<String> {
        self.tenant.witness.tokens()
    }

    /// Does something when a client sends another request after the next `skip`, before that one is handled.
    #[cfg(test)]
    pub(crate) fn when(&self, who: &str, skip: usize, act: impl FnOnce() + Send + 'static) {
        self.tenant.witness.when(who, skip, Box::new(act));
    }

    /// Does something with every request, before it is handled.
    #[cfg(test)]
    pub(crate) fn watch(&self, look: impl FnMut() + Send + 'static) {
        self.tenant.witness.watch(Box::new(look));
    }

    /// Carries out every late write now, and before that waits for requests that clients left behind on their way.
    #[cfg(test)]
    pub(crate) fn land(&self) {
        self.open.wait_for_end(self.address).expect("a connection");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime").block_on(self.tenant.land(true));
    }

    /// Returns a document as it is stored, in the generation of a path.
    #[cfg(test)]
    pub(crate) fn shown(&self, path: &str) -> serde_json::Value {
        self.tenant.shown(path)
    }

    /// Takes back every fault that has not happened.
    #[cfg(test)]
    pub(crate) fn calm(&self) {
        self.tenant.faults.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Runs until `shutdown` is done, then stops.
    ///
    /// # Errors
    /// When the server ended by itself.
    pub async fn run_until(mut self, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
        let Some(ended) = self.ended.take() else {
            return Ok(());
        };
        tokio::select! {
            () = shutdown => Ok(()),
            result = ended => result.context("the practice tenant's thread is gone")?.context("the practice tenant stopped"),
        }
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        // Waiting makes sure that the port is free afterwards.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// "Every address" is nothing a client can connect to.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
