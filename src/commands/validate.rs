//! `sailplan validate`: every file, offline, all problems at once.

use std::path::PathBuf;

use clap::Args;

use super::{Context, guard};
use crate::problem::Severity;
use crate::report::count;
use crate::ui::{Exit, Stop};

/// Check syntax, names, types, ranges and rules of every file, without any network
#[derive(Args, Debug)]
pub struct ValidateArgs {
    /// Settings files, taken as the layers of one tenant; without any, the workspace and all its files
    pub files: Vec<PathBuf>,
    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,
}

/// Runs the command.
///
/// # Errors
///
/// The command line does not fit what is there, or standard output cannot be written.
pub fn run(context: &Context, args: &ValidateArgs) -> anyhow::Result<Exit> {
    let mut loaded = if args.files.is_empty() { context.load(&[])? } else { context.load_files(&args.files)? };
    loaded.problems.extend(guard::over_limits(&loaded.targets));
    context.ui.problems(&loaded.problems);
    let number = |severity| loaded.problems.iter().filter(|problem| problem.severity == severity).count();
    let (errors, warnings) = (number(Severity::Error), number(Severity::Warning));
    let mut files = loaded.inputs.clone();
    files.sort();
    files.dedup();
    let found: Vec<String> = [(errors, "error", "errors"), (warnings, "warning", "warnings")]
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, one, many)| count(number, one, many))
        .collect();
    let found = found.join(" and ");
    if errors > 0 || (args.strict && warnings > 0) {
        let help = if errors == 0 {
            "mend the warnings, or leave --strict out"
        } else {
            "mend them and run sailplan validate again"
        };
        return Err(Stop::new(
            Exit::Failed,
            format!("Not valid: {found} in {}", count(files.len(), "file", "files")),
            help,
        )
        .into());
    }
    let warned =
        if warnings == 0 { String::new() } else { format!(", with {}", count(warnings, "warning", "warnings")) };
    context.ui.result(&format!("Valid: {}{warned}.\n", count(files.len(), "file", "files")))?;
    Ok(Exit::Done)
}
