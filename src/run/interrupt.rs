//! Ctrl-C and requests to terminate: before anything is sent they end the command, afterwards they are heard between
//! writes.

use std::future::Future;

use tokio::sync::watch;

use crate::ui::{Answer, Exit, Stop, Ui};

/// The interrupts that this process has received.
#[derive(Clone, Debug)]
pub struct Interrupts {
    count: watch::Receiver<u32>,
    /// The command that goes on after one.
    again: String,
}

impl Interrupts {
    /// Listens from now on; call it inside a runtime. The signals no longer end the process by themselves. `again` is the
    /// command of this run as it was typed.
    pub fn listen(again: String) -> Interrupts {
        let (sender, receiver) = watch::channel(0);
        let mut signals = Signals::register();
        tokio::spawn(async move {
            loop {
                signals.next().await;
                sender.send_modify(|count| *count += 1);
            }
        });
        Interrupts { count: receiver, again }
    }

    /// Interrupts that are told instead of heard: the number of them is sent.
    #[cfg(test)]
    pub fn told() -> (watch::Sender<u32>, Interrupts) {
        let (sender, receiver) = watch::channel(0);
        (sender, Interrupts { count: receiver, again: "sailplan".to_owned() })
    }

    /// Returns whether there was one.
    pub fn happened(&self) -> bool {
        *self.count.borrow() > 0
    }

    /// Waits until there were `number` of them.
    pub async fn reached(&self, number: u32) {
        let mut receiver = self.count.clone();
        if receiver.wait_for(|count| *count >= number).await.is_err() {
            // Only a runtime that ends drops the sender.
            std::future::pending::<()>().await;
        }
    }

    /// Does something that can be dropped at any point, such as reading.
    ///
    /// # Errors
    ///
    /// An interrupt came first.
    pub async fn or<T>(&self, work: impl Future<Output = T>) -> Result<T, Stop> {
        tokio::select! {
            biased;
            () = self.reached(1) => Err(Stop::new(
                Exit::Interrupted,
                "interrupted; nothing was sent",
                format!("to go on: {}", self.again),
            )),
            done = work => Ok(done),
        }
    }

    /// Asks in a thread of its own, which an interrupt leaves behind at its question.
    ///
    /// # Errors
    ///
    /// An interrupt came first, or standard input cannot be read.
    pub async fn confirm(&self, ui: Ui, question: String) -> anyhow::Result<Answer> {
        let (answer, answered) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || answer.send(ui.confirm(&question)));
        Ok(self.or(answered).await???)
    }
}

/// Ctrl-C and, where there is one, the signal that asks to terminate.
struct Signals {
    #[cfg(unix)]
    streams: Vec<tokio::signal::unix::Signal>,
}

impl Signals {
    #[cfg(unix)]
    fn register() -> Signals {
        use tokio::signal::unix::{SignalKind, signal};
        // A system that refuses one of them leaves its usual effect in place.
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        Signals { streams: kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect() }
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        std::future::poll_fn(|context| {
            let ready = self.streams.iter_mut().any(|stream| stream.poll_recv(context).is_ready());
            if ready { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }

    #[cfg(not(unix))]
    fn register() -> Signals {
        Signals {}
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
