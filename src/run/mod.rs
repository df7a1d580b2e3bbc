//! A run against tenants: read, approve, send, verify, and what earlier runs left behind.

pub mod approve;
pub mod change;
pub mod checkout;
pub mod client;
pub mod doctor;
pub mod earlier;
pub mod history;
pub mod interrupt;
pub mod journal;
pub mod ledger;
pub mod lock;
pub mod look_up;
mod order;
pub mod pace;
pub mod read;
pub mod requested;
mod requests;
pub mod rollback;
pub mod send;
pub mod undone;

use crate::text::threads;

/// Returns the time, as receipts have it.
pub fn now() -> String {
    jiff::Timestamp::now().to_string()
}

/// Returns a runtime for one command. One thread is enough: the work is waiting.
///
/// # Errors
///
/// The system gives no more resources.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Returns a runtime for a command that deals with so many tenants. With many of them reading and comparing their answers is
/// work for more than one thread, see [`read::read`].
///
/// # Errors
///
/// The system gives no more resources.
pub fn runtime_for(tenants: usize) -> std::io::Result<tokio::runtime::Runtime> {
    match threads::for_pieces(tenants) {
        1 => runtime(),
        threads => tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build(),
    }
}
