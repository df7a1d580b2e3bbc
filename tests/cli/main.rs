//! The command line against a real socket: what a user types, what comes out, what the tenant received.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod apply;
mod generations;
mod guardrails;
mod harness;
mod init;
mod migrate;
mod plan;
mod rollback;
