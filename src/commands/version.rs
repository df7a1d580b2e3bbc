//! `sailplan version`: which sailplan this is, and which versions of its documents it reads and writes.

use std::env::consts::{ARCH, OS};

use clap::{Args, ValueEnum};

use crate::documents::version::{self, Version};
use crate::documents::{plan, receipt};
use crate::resource::CATALOGUE;
use crate::text::json::harmless;
use crate::ui::{Exit, Ui};

/// Print the version; as JSON also the platform it was built for, the versions of its plans and receipts, and the API generations
/// that it knows
#[derive(Args, Debug)]
pub struct VersionArgs {
    /// What to write to standard output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// A form of the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One line, as --version prints it
    Text,
    /// For programs; sailplan schema version describes it
    Json,
}

/// Runs the command.
///
/// # Errors
///
/// Standard output cannot be written.
pub fn run(ui: Ui, args: &VersionArgs) -> anyhow::Result<Exit> {
    let version = env!("CARGO_PKG_VERSION");
    let text = match args.format {
        Format::Text => format!("sailplan {version}\n"),
        Format::Json => {
            let generations = CATALOGUE.into_iter().map(|resource| {
                let names = resource.generation_names().into_iter().map(str::to_owned).collect();
                (resource.name.to_owned(), names)
            });
            harmless(&Version {
                format_version: version::FORMAT_VERSION.to_owned(),
                sailplan: version.to_owned(),
                platform: format!("{OS}-{ARCH}"),
                plan_format: plan::FORMAT_VERSION.to_owned(),
                receipt_format: receipt::FORMAT_VERSION.to_owned(),
                generations: generations.collect(),
            })?
        }
    };
    ui.result(&text)?;
    Ok(Exit::Done)
}
