//! sailplan keeps the just-in-time (JIT) activation policy and the access-request settings of SailPoint Identity Security
//! Cloud tenants the way a git repository says they should be. This is the map of the house.
//!
//! ```text
//! YAML ──yaml──▶ tree ──desired──▶ Desired ─┐
//!                                           ├─plan──▶ changes ──apply──▶ receipt
//! tenant ──────────────────────────▶ live ──┘            │                  │
//!                                                     plan_file ──report──▶ text, JSON
//! ```
//!
//! * [`resource`] is the catalogue: every resource, setting and kind of value. A new setting is one entry there, a new
//!   resource one file; nothing else changes.
//! * [`yaml`], [`problem`], [`printable`] read files, say what is wrong with them and make hostile text harmless.
//! * [`reader`], [`desired`] and [`workspace`] turn files into what is wanted, where, with the line that asked for it.
//! * [`files`] is where those files come from: the disk, or a revision of the git repository.
//! * [`access`] finds the way to a tenant and ties credentials to hosts; [`tenant`] is the only HTTP client; [`fleet`] reads
//!   many tenants at once.
//! * [`edit`] changes the lines of a settings file that it is asked to change, and no byte besides; [`pull`] writes a
//!   live document as a settings file, [`migrate`] rewrites one for another API generation.
//! * [`plan`] is the only comparison; [`apply`] sends what it found and compares again; [`approved`] holds an approved plan
//!   against what holds now, [`against`] one plan against another.
//! * [`base`] is another revision of the files, which tells causes apart and whose guards hold as well.
//! * [`guardrails`] says what a plan may not do to a tenant, whoever asks for it.
//! * [`plan_file`] and [`receipt`] are the documents that outlive a run, [`seal`] tells whether they were edited,
//!   [`schema`] publishes their form; [`rollback`] works out the way back from a receipt, [`ledger`] what
//!   earlier receipts say.
//! * [`explain`] gathers what the catalogue knows about a setting.
//! * [`report`] words results; [`ui`] is the only place that prints; [`commands`] and [`cli`] are the command line.
//! * [`practice`] is a tenant in the process. It shares nothing with the rest, so that it catches a mistake in the
//!   catalogue instead of repeating it.
//!
//! `resource`, `desired`, `plan` and `report` are plain synchronous code; async starts at `tenant`.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make and read their own files"))]

pub mod cli;
pub mod commands;
pub mod documents;
pub mod failure;
pub mod global;
pub mod guardrails;
pub mod plan;
pub mod practice;
pub mod report;
pub mod resource;
pub mod rewrite;
pub mod run;
pub mod settings;
pub mod tenant;
pub mod text;
pub mod ui;
pub mod workspace;
