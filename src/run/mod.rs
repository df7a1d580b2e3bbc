//! A run against tenants: read, approve, send, verify, and what earlier runs left behind.

pub mod approve;
pub mod change;
pub mod earlier;
pub mod interrupt;
pub mod ledger;
pub mod read;
pub mod rollback;
pub mod send;
