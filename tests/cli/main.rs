//! The command line against a real socket: what a user types, what comes out, what the tenant received.

#![expect(clippy::disallowed_methods, reason = "tests make and read their own files")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on has failed")]

mod apply;
mod approvals;
mod base;
mod budget;
mod control;
mod doctor;
mod explain;
mod faults;
mod files;
mod freshness;
mod generations;
mod guardrails;
mod half_done;
mod harness;
mod help;
mod history;
mod hostile;
mod init;
mod interrupts;
mod killed;
mod locks;
mod look_ups;
mod loss;
mod machine;
mod migrate;
mod mistyped;
mod mutation;
mod next;
mod only;
mod output;
mod outputs;
mod owner;
mod pages;
mod plan;
mod practice;
mod pull;
mod receipts;
mod requested;
mod rollback;
mod scale;
mod schema;
mod shards;
mod silence;
mod sizes;
mod speed;
mod staleness;
mod tenant_files;
mod tenants;
mod terminal;
mod two_steps;
mod unread;
mod validate;
mod verbose;
