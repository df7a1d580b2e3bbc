//! What is told of every request while it goes on.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use reqwest::header::HeaderMap;
use tower_layer::Layer;
use tower_service::Service;

use super::fault::ErrorKind;

/// Is told of every request.
pub type OnRequest = Arc<dyn Fn(&Told<'_>) + Send + Sync>;

/// What becomes of a request.
#[derive(Debug)]
pub enum Told<'a> {
    /// It is sent.
    Sent {
        /// Host of the tenant.
        host: &'a str,
        /// Method and path.
        request: &'a str,
    },
    /// It was answered, or failed.
    Ended(Exchange<'a>),
    /// It failed and is sent again after a wait.
    Repeats(Wait<'a>),
    /// It is the first of its client that waits for its turn.
    Queues {
        /// Host of the tenant.
        host: &'a str,
        /// How many requests a second go out now.
        rate: f64,
    },
}

/// A request failed and is sent again after a wait.
#[derive(Clone, Copy, Debug)]
pub struct Wait<'a> {
    /// Host of the tenant.
    pub host: &'a str,
    /// Method and path, such as `GET /access-request-config/v2`.
    pub request: &'a str,
    /// What went wrong.
    pub reason: &'a ErrorKind,
    /// How long until the request is sent again.
    pub duration: Duration,
    /// Which repetition follows, counted from one.
    pub retry: u32,
    /// How many repetitions there may be.
    pub retries: u32,
}

/// A request and what came of it.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// Host of the tenant.
    pub host: &'a str,
    /// The method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// The status of the answer, or why there is none.
    pub outcome: Result<u16, &'a ErrorKind>,
    /// How long it took, from sending to the last byte of the answer.
    pub elapsed: Duration,
    /// SailPoint's name for the request.
    pub tracking_id: Option<String>,
    /// Whether a connection was made for it.
    pub connected: bool,
    /// The proxy that it went through.
    pub proxy: Option<String>,
    /// Its own headers, without secrets.
    pub sent: Vec<(String, String)>,
    /// The headers of the answer, without secrets.
    pub received: Vec<(String, String)>,
}

/// Headers whose values open something.
const SECRET: [&str; 5] = ["authorization", "proxy-authorization", "cookie", "set-cookie", "www-authenticate"];

/// Returns headers as text, in their order, without those values that open something.
pub(super) fn shown(headers: &HeaderMap) -> Vec<(String, String)> {
    let value = |name: &str, value: &reqwest::header::HeaderValue| match value.to_str() {
        _ if value.is_sensitive() || SECRET.contains(&name) => "(hidden)".to_owned(),
        Ok(text) => text.to_owned(),
        Err(_) => "(not text)".to_owned(),
    };
    headers.iter().map(|(name, text)| (name.to_string(), value(name.as_str(), text))).collect()
}

tokio::task_local! {
    /// Whether the request of this task made a connection.
    static CONNECTED: AtomicBool;
}

/// Does a request, and returns beside its outcome whether a connection was made for it.
pub(super) async fn noting_connections<T>(request: impl Future<Output = T>) -> (T, bool) {
    let noted = async {
        let outcome = request.await;
        (outcome, CONNECTED.with(|connected| connected.load(Ordering::Relaxed)))
    };
    CONNECTED.scope(AtomicBool::new(false), noted).await
}

/// Takes note of every connection that is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoteConnections;

impl<S> Layer<S> for NoteConnections {
    type Service = Noting<S>;

    fn layer(&self, connector: S) -> Noting<S> {
        Noting(connector)
    }
}

/// Makes connections, and takes note of each.
#[derive(Clone, Debug)]
pub(super) struct Noting<S>(S);

impl<S: Service<R>, R> Service<R> for Noting<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, target: R) -> S::Future {
        // A connection that is made in the background belongs to no request.
        let _ = CONNECTED.try_with(|connected| connected.store(true, Ordering::Relaxed));
        self.0.call(target)
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn headers_that_open_something_are_hidden() {
        let mut headers = HeaderMap::new();
        let mut token = HeaderValue::from_static("Bearer t");
        token.set_sensitive(true);
        headers.insert("x-other", token);
        for (name, value) in [("authorization", "Basic x"), ("set-cookie", "session=1"), ("date", "today")] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let told: Vec<String> = shown(&headers).into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(told, ["x-other: (hidden)", "authorization: (hidden)", "set-cookie: (hidden)", "date: today"]);
    }
}
