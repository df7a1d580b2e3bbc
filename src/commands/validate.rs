//! `sailplan validate`: every file, offline, all problems at once.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::mistaken;
use super::streams;
use crate::global::shard::ShardArgs;
use crate::guardrails;
use crate::report::validated::{self, Compared};
use crate::text::disk::shown;
use crate::text::json::harmless;
use crate::text::repository::Repository;
use crate::ui::{Exit, Stop, Ui};
use crate::workspace::base::{self, Base};
use crate::workspace::load::{Context, today};

/// Check syntax, names, types, ranges and rules of every file, without any network
#[derive(Args, Debug)]
pub struct ValidateArgs {
    /// Settings files, as the layers of one tenant; - is standard input
    ///
    /// Without any, the workspace and all its files.
    #[arg(value_name = "FILE", value_parser = streams::input())]
    pub files: Vec<PathBuf>,
    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,
    /// Compare with the files of this git revision, such as the target branch of a pull request
    ///
    /// Names the tenants and settings that would no longer be managed, and the guardrails that become weaker. Ends with 3 if the
    /// guardrails of that revision forbid this.
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// Which part of the tenants.
    #[command(flatten)]
    pub shard: ShardArgs,
    /// What to write to standard output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// A form of what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The verdict; the problems are on standard error in every format
    Text,
    /// For programs; sailplan schema validation describes it
    Json,
    /// Annotations on the lines of a pull request, by GitHub Actions
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, for test reports
    Junit,
}

/// Runs the command.
///
/// # Errors
///
/// The command line does not fit what is there, or standard output cannot be written.
pub fn run(context: &Context, args: &ValidateArgs) -> anyhow::Result<Exit> {
    let context = &context.sharded(args.shard)?;
    mistaken::check_settings(args.files.iter().map(PathBuf::as_path))?;
    let mut loaded = match (args.files.is_empty(), &args.base) {
        (true, Some(_)) => context.load_to_compare(&[])?,
        (true, None) => context.load(&[])?,
        (false, Some(_)) => context.load_to_compare(&args.files)?,
        (false, None) => context.load_files(&args.files)?,
    };
    let base = args.base.as_deref().map(|revision| base::read(context, revision, &mut loaded)).transpose()?;
    loaded.problems.append(&mut loaded.advice);
    loaded.problems.append(&mut loaded.addresses);
    for target in &loaded.targets {
        loaded.problems.extend(guardrails::offline(&target.name, &target.desired, &target.rules, today()));
    }
    // Files with errors may ask for anything.
    let base = base.filter(|_| !loaded.failed());
    let control = base.as_ref().map(Base::control);
    let compared = base.zip(control.as_ref());
    let compared = compared.map(|(base, control)| Compared::new(control, &base.revision, &base.commit));
    context.ui.problems(&loaded.problems);
    context.ui.problems(&compared.as_ref().map(Compared::problems).unwrap_or_default());
    let files = loaded.files().iter().map(|file| shown(file)).collect();
    let validation = validated::validation(&loaded.problems, compared, files, args.strict);
    let text = match args.format {
        Format::Text if validation.valid => format!("{}\n", validation.verdict),
        Format::Text => String::new(),
        Format::Json => harmless(&validation)?,
        Format::Github => validated::github::render(&validation.clone().renamed(in_repository)),
        Format::Sarif => validated::sarif::render(&validation.clone().renamed(in_repository))?,
        Format::Junit => validated::junit::render(&validation)?,
    };
    let print = if args.format == Format::Github { Ui::commands } else { Ui::result };
    print(&context.ui, &text)?;
    if validation.valid {
        return Ok(Exit::Done);
    }
    let (exit, help) = match (validation.errors, args.strict && validation.warnings > 0) {
        (0, true) => (Exit::Failed, "fix the warnings, or leave --strict out"),
        // Each loss says what to do.
        (0, false) => (Exit::Refused, ""),
        (1, _) => (Exit::Failed, "fix it and run sailplan validate again"),
        _ => (Exit::Failed, "fix them and run sailplan validate again"),
    };
    Err(Stop::new(exit, validation.verdict, help).into())
}

/// Returns the name of a file as the repository knows it. A path of this machine means nothing elsewhere, so a file outside
/// goes by its last name.
fn in_repository(name: &str) -> String {
    let located = Repository::around().located(Path::new(name));
    let path = Path::new(&located);
    let last = || path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if path.is_absolute() { last() } else { located }
}
