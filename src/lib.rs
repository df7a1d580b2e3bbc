//! sailplan keeps the just-in-time (JIT) activation policy, the access-request settings and the approvals configurations of
//! SailPoint Identity Security Cloud tenants the way a git repository says they should be.
//!
//! ```text
//! YAML ──text──▶ tree ──settings──▶ desired ─┐
//!                                            ├─plan──▶ changes ──guardrails──▶ run ──▶ receipt
//! tenant ───────────────────────────▶ live ──┘            │                              │
//!                                                         └──────documents──report───────┘──▶ text, JSON, pages
//! ```
//!
//! The modules as floors: each may import those above it in this list, none imports one below it, and there is no circle.
//! `tests/architecture.rs` reads this list and holds the imports against it.
//!
//! * `practice`: a tenant in the process. It imports nothing of ours, so that it catches a mistake in the catalogue instead
//!   of repeating it.
//! * `text`: what a file is and what is wrong with it: the disk, git, YAML, messages with their lines.
//! * `failure`: why something was not done.
//! * `resource`: the catalogue. A setting is one entry, a kind of value one file, `explain` what is known of a setting.
//! * `settings`: what settings files ask for.
//! * `plan`: the only comparison: desired and live to changes.
//! * `guardrails`: what a plan may not do to a tenant.
//! * `control`: what a branch takes from git's control over tenants, and what it adds.
//! * `documents`: plan, receipt and validation as published documents, with their seals and schemas.
//! * `report`: documents to words.
//! * `tenant`: the only HTTP client.
//! * `look_up`: what a tenant knows beside its documents, where it is asked for: names, holders, changes.
//! * `global`: the flags of every command.
//! * `ui`: the only place that prints and asks, and the exit codes.
//! * `workspace`: which tenants there are, the way to each, and what another revision says.
//! * `run`: read, approve, send, verify; receipts of earlier runs; rollback.
//! * `rewrite`: settings files written and edited.
//! * `commands`: one file per command.
//! * `cli`: the command line.
//!
//! Everything up to `report` is plain synchronous code; async starts at `tenant`.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make and read their own files"))]

mod cli;
mod commands;
mod control;
mod documents;
mod failure;
mod global;
mod guardrails;
mod look_up;
mod plan;
pub mod practice;
mod report;
mod resource;
mod rewrite;
mod run;
mod settings;
mod tenant;
mod text;
mod ui;
mod workspace;

pub use cli::main;

#[cfg(test)]
mod tests;

/// What the tests and benchmarks outside of the library look at. Not for use by others: anything in it may change with any
/// version.
#[doc(hidden)]
pub mod testing {
    pub use crate::documents::build::plan as build_plan;
    pub use crate::documents::plan::PlanFile;
    pub use crate::documents::receipt::Receipt;
    pub use crate::documents::schema;
    pub use crate::guardrails::Judged;
    pub use crate::plan::compare;
    pub use crate::plan::tenant::{Read, ResourcePlan, TenantPlan};
    pub use crate::report::html::plan as as_page;
    pub use crate::report::layout::Look;
    pub use crate::report::text::plan as as_text;
    pub use crate::resource::document::Live;
    pub use crate::resource::{CATALOGUE, Generation, Key, Resource, Write, document};
    pub use crate::rewrite::edit::{Edit, edit};
    pub use crate::settings::{DesiredResource, read as read_settings};
    pub use crate::text::source::Source;
}
