//! The command line against a real socket: what a user types, what comes out, what the tenant received.

mod apply;
mod harness;
mod plan;
