//! The command line against a real socket: what a user types, what comes out, what the tenant received.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod apply;
mod base;
mod freshness;
mod generations;
mod guardrails;
mod harness;
mod init;
mod migrate;
mod output;
mod plan;
mod pull;
mod rollback;
