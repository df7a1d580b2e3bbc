//! `sailplan version`: which sailplan this is, and which versions of its documents it reads and writes.

use std::env::consts::{ARCH, OS};

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::documents::{plan, receipt};
use crate::resource::CATALOGUE;
use crate::text::json::harmless;
use crate::ui::{Exit, Ui};

/// Print the version of sailplan, the platform it was built for, the versions of its plans and receipts, and the API
/// generations that it knows
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
    /// For programs
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
            let generations: serde_json::Map<String, serde_json::Value> = CATALOGUE
                .into_iter()
                .map(|resource| (resource.name.to_owned(), resource.generation_names().into()))
                .collect();
            let document = json!({
                "sailplan": version,
                "platform": format!("{OS}-{ARCH}"),
                "planFormat": plan::FORMAT_VERSION,
                "receiptFormat": receipt::FORMAT_VERSION,
                "generations": generations,
            });
            harmless(&document)?
        }
    };
    ui.result(&text)?;
    Ok(Exit::Done)
}
