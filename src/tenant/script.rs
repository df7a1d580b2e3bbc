//! A server that answers from a script and keeps what it was sent, byte for byte.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What the server does with one request.
pub(super) enum Reply {
    /// Sends these bytes and keeps listening on the connection.
    Bytes(Vec<u8>),
    /// Sends these bytes, then closes the connection.
    Close(Vec<u8>),
    /// Sends these bytes, then nothing more, and keeps the connection open.
    Stall(Vec<u8>),
    /// Breaks the connection off with a TCP reset.
    Reset,
}

/// Answers with a status, more headers and a body.
pub(super) fn reply(status: &str, headers: &[&str], body: &str) -> Reply {
    Reply::Bytes(with_body(status, headers, body.as_bytes()))
}

pub(super) fn with_body(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub(super) fn ok(body: &str) -> Reply {
    reply("200 OK", &["content-type: application/json"], body)
}

#[derive(Default)]
struct Shared {
    /// Start of the request line that an answer is for, and the answer.
    script: Mutex<VecDeque<(&'static str, Reply)>>,
    requests: Mutex<Vec<String>>,
    connections: AtomicUsize,
}

pub(super) struct Script {
    shared: Arc<Shared>,
    port: u16,
    scheme: &'static str,
}

impl Script {
    pub(super) async fn start(script: Vec<(&'static str, Reply)>) -> Self {
        Self::serve(script, None).await
    }

    pub(super) async fn start_tls(script: Vec<(&'static str, Reply)>, acceptor: TlsAcceptor) -> Self {
        Self::serve(script, Some(acceptor)).await
    }

    async fn serve(script: Vec<(&'static str, Reply)>, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared { script: Mutex::new(script.into()), ..Shared::default() });
        let scheme = if tls.is_some() { "https" } else { "http" };
        let server = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                server.connections.fetch_add(1, Ordering::Relaxed);
                let (shared, tls) = (Arc::clone(&server), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => {
                            if let Some(stream) = shared.converse(stream, port).await {
                                stream.set_zero_linger().unwrap();
                            }
                        }
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                shared.converse(stream, port).await;
                            }
                        }
                    }
                });
            }
        });
        Self { shared, port, scheme }
    }

    pub(super) fn url(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// Returns every request so far, whole, with `HOST` for host and port.
    pub(super) fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Returns how many connections were made so far.
    pub(super) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Returns the request lines so far, without the HTTP version.
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |request: &String| {
            let (line, _) = request.split_once(" HTTP/1.1").unwrap();
            line.to_owned()
        };
        self.requests().iter().map(line).collect()
    }
}

impl Shared {
    /// Answers requests until the connection ends; returns the stream when it is to be reset.
    async fn converse<S>(&self, mut stream: S, port: u16) -> Option<S>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        while let Some(request) = read_request(&mut stream).await {
            let request = request.replace(&format!("127.0.0.1:{port}"), "HOST").replace("\r\n", "\n");
            let reply = {
                let mut script = self.script.lock().unwrap();
                let at = script.iter().position(|(start, _)| request.starts_with(start));
                at.and_then(|at| script.remove(at))
            };
            self.requests.lock().unwrap().push(request);
            match reply {
                Some((_, Reply::Bytes(bytes))) => stream.write_all(&bytes).await.ok()?,
                Some((_, Reply::Close(bytes))) => {
                    stream.write_all(&bytes).await.ok()?;
                    stream.shutdown().await.ok()?;
                    return None;
                }
                Some((_, Reply::Stall(bytes))) => {
                    stream.write_all(&bytes).await.ok()?;
                    tokio::time::sleep(Duration::from_secs(600)).await;
                }
                Some((_, Reply::Reset)) => return Some(stream),
                None => {
                    let bytes = with_body("599 Not In The Script", &[], b"");
                    stream.write_all(&bytes).await.ok()?;
                }
            }
        }
        None
    }
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        bytes.push(stream.read_u8().await.ok()?);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(head + &String::from_utf8(body).unwrap())
}
