//! `sailplan schema`: the JSON Schemas of everything that sailplan reads and writes.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::documents::schema::{self, Schema};
use crate::text::disk::{self, Rights, shown};
use crate::ui::{Exit, Stop};
use crate::workspace::load::Context;

/// Print a JSON Schema (draft 7), or write all of them
#[derive(Args, Debug)]
pub struct SchemaArgs {
    /// Of what
    #[arg(value_name = "DOCUMENT", value_enum, default_value_t = Schema::Settings, conflicts_with = "all")]
    pub of: Schema,
    /// Write every schema into DIR, and replace those that sailplan wrote there
    #[arg(long, value_name = "DIR")]
    pub all: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
///
/// Standard output or a file cannot be written, or a file of that name is not a schema of sailplan's.
pub fn run(context: &Context, args: &SchemaArgs) -> anyhow::Result<Exit> {
    match &args.all {
        None => context.ui.result(&schema::text(args.of)?)?,
        Some(folder) => {
            for schema in Schema::ALL {
                let path = folder.join(schema.file());
                write(&path, schema)?;
                context.ui.result(&format!("written  {}\n", shown(&path)))?;
            }
        }
    }
    Ok(Exit::Done)
}

fn write(path: &Path, schema: Schema) -> anyhow::Result<()> {
    let text = schema::text(schema)?;
    let ours = |old: &str| schema::title(old).is_some_and(|title| Some(title) == schema::title(&text));
    let help = "check the folder and its rights, or name another folder";
    disk::replace(path, &text, Rights::Normal, ours)
        .map_err(|error| Stop::not_written(shown(path), &error, help).into())
}
