//! `sailplan init`: a workspace that works at once.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Context;
use crate::ui::{Exit, Stop};

/// Write a workspace that works at once against a practice tenant. Existing files are kept.
#[derive(Args, Debug)]
pub struct InitArgs {
    /// The folder to write to
    #[arg(default_value = ".")]
    pub directory: PathBuf,
}

/// What is written: the quickstart of the repository, so that both stay the same.
const FILES: [(&str, &str); 3] = [
    ("sailplan.yaml", include_str!("../../examples/quickstart/sailplan.yaml")),
    ("settings/base.yaml", include_str!("../../examples/quickstart/settings/base.yaml")),
    (".gitignore", include_str!("../../examples/quickstart/.gitignore")),
];

/// Runs the command.
///
/// # Errors
///
/// A file cannot be written.
pub fn run(context: &Context, args: &InitArgs) -> anyhow::Result<Exit> {
    let mut text = String::new();
    for (name, content) in FILES {
        let path = args.directory.join(name);
        if path.symlink_metadata().is_ok() {
            text.push_str(&format!("kept     {}\n", super::shown(&path)));
            continue;
        }
        write(&path, content).map_err(|error| {
            let message = format!("{} cannot be written: {error}", path.display());
            Stop::new(Exit::Failed, message, "check the folder and its rights")
        })?;
        text.push_str(&format!("written  {}\n", super::shown(&path)));
    }
    context.ui.result(&text)?;
    let place =
        if args.directory == Path::new(".") { String::new() } else { format!(" -C {}", args.directory.display()) };
    context.ui.say(&format!("Next: sailplan{place} plan"));
    Ok(Exit::Done)
}

fn write(path: &Path, content: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, content)
}
