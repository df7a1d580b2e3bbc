//! `sailplan explain`: what a setting does, takes and means, without reading the API's documents.

use std::path::Path;

use clap::{Args, ValueEnum};

use super::mistaken;
use crate::report::explained;
use crate::resource::explain;
use crate::text::json::harmless;
use crate::text::nearest::did_you_mean;
use crate::text::reader::quote;
use crate::ui::{Exit, Stop};
use crate::workspace::load::Context;

/// Say what a setting does, what it takes, which API generations have it and what its changes mean for security
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The setting, or a part of its name; without it, all settings are listed
    ///
    /// Name a setting by its last key or by its path with dots or slashes, with or without the resource. A resource, an object in
    /// it or a part of a name lists the settings that match.
    pub setting: Option<String>,
    /// What to write to standard output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// A form of an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal
    Text,
    /// For programs, in full also for lists; sailplan schema explanation describes it
    Json,
}

/// Runs the command.
///
/// # Errors
///
/// There is no such setting, or standard output cannot be written.
pub fn run(context: &Context, args: &ExplainArgs) -> anyhow::Result<Exit> {
    let name = args.setting.as_deref();
    let chosen = explain::find(name).map_err(|unknown| {
        let file = name.and_then(|name| mistaken::refused_file(Path::new(name), &[], "a setting", Exit::Usage));
        if let Some(stop) = file {
            return stop;
        }
        let help = unknown.nearest.map_or_else(
            || "sailplan explain lists all settings".to_owned(),
            |near| format!("{} sailplan explain lists all settings", did_you_mean(near)),
        );
        Stop::new(Exit::Usage, format!("there is no setting {}", quote(name.unwrap_or_default())), help)
    })?;
    if chosen.in_part {
        let settings = match chosen.settings.len() {
            1 => "this one has it in its name".to_owned(),
            number => format!("{number} have it in their names"),
        };
        context.ui.say(&format!("No setting is called {}; {settings}:", quote(name.unwrap_or_default())));
    }
    let explanation = explain::explanation(&chosen);
    let text = match args.format {
        Format::Json => harmless(&explanation)?,
        Format::Text if chosen.by_name => explained::full(&explanation, context.ui.width()),
        Format::Text => explained::list(&explanation, context.ui.width()),
    };
    context.ui.result(&text)?;
    Ok(Exit::Done)
}
