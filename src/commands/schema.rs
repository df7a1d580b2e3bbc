//! `sailplan schema`: the JSON Schemas of everything that sailplan reads and writes.

use clap::{Args, ValueEnum};

use super::Context;
use crate::schema::{self, Schema};
use crate::ui::Exit;

/// Print a JSON Schema (draft 7)
#[derive(Args, Debug)]
pub struct SchemaArgs {
    /// Of what
    #[arg(value_enum, default_value_t = Of::Settings)]
    pub of: Of,
}

/// What there is a schema of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Of {
    /// Settings files
    Settings,
    /// The workspace file sailplan.yaml
    Workspace,
    /// Files of allowances
    Allowances,
    /// Plans, as plan --format json prints them
    Plan,
    /// Receipts
    Receipt,
    /// What validate --format json prints
    Validation,
    /// What explain --format json prints
    Explanation,
}

/// Runs the command.
///
/// # Errors
///
/// Standard output cannot be written.
pub fn run(context: &Context, args: &SchemaArgs) -> anyhow::Result<Exit> {
    let schema = match args.of {
        Of::Settings => Schema::Settings,
        Of::Workspace => Schema::Workspace,
        Of::Allowances => Schema::Allowances,
        Of::Plan => Schema::Plan,
        Of::Receipt => Schema::Receipt,
        Of::Validation => Schema::Validation,
        Of::Explanation => Schema::Explanation,
    };
    context.ui.result(&schema::text(schema)?)?;
    Ok(Exit::Done)
}
