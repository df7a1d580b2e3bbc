//! One file per command: its arguments and what it does, in the order a user would tell it. No rules live here.

pub mod apply;
pub mod doctor;
pub mod explain;
pub mod guard_args;
pub mod init;
pub mod look_up_args;
pub mod migrate;
mod mistaken;
pub mod output;
pub mod plan;
pub mod practice;
pub mod pull;
pub mod receipts;
pub mod rollback;
pub mod schema;
pub mod send_args;
pub mod show;
pub mod streams;
pub mod tenants;
pub mod validate;
pub mod version;
