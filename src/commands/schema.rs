//! `sailplan schema`: the JSON Schemas of everything that sailplan reads and writes.

use clap::Args;

use crate::documents::schema::{self, Schema};
use crate::ui::Exit;
use crate::workspace::load::Context;

/// Print a JSON Schema (draft 7)
#[derive(Args, Debug)]
pub struct SchemaArgs {
    /// Of what
    #[arg(value_enum, default_value_t = Schema::Settings)]
    pub of: Schema,
}

/// Runs the command.
///
/// # Errors
///
/// Standard output cannot be written.
pub fn run(context: &Context, args: &SchemaArgs) -> anyhow::Result<Exit> {
    context.ui.result(&schema::text(args.of)?)?;
    Ok(Exit::Done)
}
