//! Connections that can be cut without an answer, which HTTP servers otherwise never do on purpose.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Cuts one connection: nothing more is written to it, and the server closes it.
#[derive(Clone, Default)]
pub(super) struct Abort(Arc<AtomicBool>);

impl Abort {
    pub(super) fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Connected<IncomingStream<'_, Connections>> for Abort {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Abort {
        stream.io().abort.clone()
    }
}

/// Accepts connections.
pub(super) struct Connections {
    listener: TcpListener,
    #[cfg(test)]
    open: Open,
}

impl Connections {
    pub(super) fn new(listener: TcpListener) -> Connections {
        Connections {
            listener,
            #[cfg(test)]
            open: Open::default(),
        }
    }

    #[cfg(test)]
    pub(super) fn open(&self) -> Open {
        self.open.clone()
    }
}

/// The connections that were accepted and have not ended, by the ports of their clients.
#[cfg(test)]
#[derive(Clone, Default)]
pub(super) struct Open(Arc<std::sync::Mutex<std::collections::HashSet<u16>>>);

#[cfg(test)]
impl Open {
    fn ports(&self) -> std::sync::MutexGuard<'_, std::collections::HashSet<u16>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn count(&self, port: u16) -> Counted {
        self.ports().insert(port);
        Counted { open: self.clone(), port }
    }

    /// Waits until every connection that was made before has ended, with what was asked over it: they are accepted in their
    /// order, so one more that is accepted comes after them.
    pub(super) fn wait_for_end(&self, address: SocketAddr) -> io::Result<()> {
        let last = std::net::TcpStream::connect(address)?;
        let port = last.local_addr()?.port();
        let wait = || std::thread::sleep(Duration::from_micros(200));
        while !self.ports().contains(&port) {
            wait();
        }
        while self.ports().iter().any(|open| *open != port) {
            wait();
        }
        Ok(())
    }
}

/// Ends with its connection.
#[cfg(test)]
struct Counted {
    open: Open,
    port: u16,
}

#[cfg(test)]
impl Drop for Counted {
    fn drop(&mut self) {
        self.open.ports().remove(&self.port);
    }
}

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, address)) => {
                    // Without it a small answer may wait for the client's acknowledgement.
                    let _ = stream.set_nodelay(true);
                    let connection = Connection {
                        stream,
                        abort: Abort::default(),
                        #[cfg(test)]
                        _counted: self.open.count(address.port()),
                    };
                    return (connection, address);
                }
                // Out of file descriptors, mostly: that passes.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// One connection.
pub(super) struct Connection {
    stream: TcpStream,
    abort: Abort,
    #[cfg(test)]
    _counted: Counted,
}

impl Connection {
    fn open(self: Pin<&mut Self>) -> io::Result<Pin<&mut TcpStream>> {
        let connection = self.get_mut();
        if connection.abort.0.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(Pin::new(&mut connection.stream))
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.open()?.poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.open()?.poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.open()?.poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.open()?.poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
