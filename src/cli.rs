//! The command line: which commands there are, and which code runs each.

mod complete;
mod flags;
mod habits;
mod man;
mod manual;
mod pages;
mod typed;
mod usage;

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args as _, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use self::man::ManArgs;
use self::manual::program;
use self::typed::Typed;

use crate::commands::{
    self, apply::ApplyArgs, doctor::DoctorArgs, explain::ExplainArgs, init::InitArgs, migrate::MigrateArgs,
    plan::PlanArgs, practice::PracticeArgs, pull::PullArgs, receipts::ReceiptsArgs, rollback::RollbackArgs,
    schema::SchemaArgs, show::ShowArgs, tenants::TenantsArgs, validate::ValidateArgs, version::VersionArgs,
};
use crate::global::command_line::CommandLine;
use crate::global::{ColorWhen, Global, LogFormat};
use crate::text::disk::shown;
use crate::text::repository::leads_out;
use crate::ui::{Exit, Stop, Ui};
use crate::workspace::load::Context;

/// Keep JIT activation policy and access-request settings of SailPoint tenants as code
#[derive(Debug, Parser)]
#[command(name = "sailplan", version, max_term_width = 100)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a workspace with a practice tenant, ready to plan
    Init(InitArgs),
    /// Check every file, without any network
    Validate(ValidateArgs),
    /// Show what would change
    #[command(visible_alias = "preview")]
    Plan(PlanArgs),
    /// Show a saved plan again
    Show(ShowArgs),
    /// List the tenants with their guardrails
    Tenants(TenantsArgs),
    /// Check the way to every tenant, without writing
    Doctor(DoctorArgs),
    /// List receipts: who changed what, when, approved how
    Receipts(ReceiptsArgs),
    /// Make the changes and verify them by reading back
    Apply(ApplyArgs),
    /// Write live settings into settings files
    Pull(PullArgs),
    /// Put back the values from before an apply
    Rollback(RollbackArgs),
    /// Rewrite settings for the current API generation
    Migrate(MigrateArgs),
    /// Say what a setting does, takes and means for security
    Explain(ExplainArgs),
    /// Serve a practice tenant over HTTP
    Practice(PracticeArgs),
    /// Print a JSON Schema
    Schema(SchemaArgs),
    /// Print the completion script of a shell
    #[command(visible_alias = "completion")]
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Print or install the manual
    Man(ManArgs),
    /// Print the version
    Version(VersionArgs),
}

impl Command {
    /// Returns the settings files that were named.
    fn settings_files(&self) -> Vec<PathBuf> {
        match self {
            Command::Validate(args) => args.files.clone(),
            Command::Plan(args) => args.files.clone(),
            Command::Doctor(args) => args.files.clone(),
            Command::Apply(args) => args.settings_files().cloned().collect(),
            Command::Pull(args) => args.files.clone(),
            Command::Migrate(args) => args.files.clone(),
            Command::Init(_)
            | Command::Show(_)
            | Command::Tenants(_)
            | Command::Receipts(_)
            | Command::Rollback(_)
            | Command::Explain(_)
            | Command::Practice(_)
            | Command::Schema(_)
            | Command::Completions { .. }
            | Command::Man(_)
            | Command::Version(_) => Vec::new(),
        }
    }
}

/// Runs a command. `words` is what was typed after the name of the program.
///
/// # Errors
///
/// A [`Stop`], or something that no command expects, such as a standard output that cannot be written.
pub fn run(cli: Cli, words: &[OsString]) -> anyhow::Result<Exit> {
    let ui = Ui::new(&cli.global);
    if let Some(directory) = &cli.global.directory {
        if leads_out(directory) {
            let message = format!("-C {} is a link that leads out of the repository", shown(directory));
            return Err(Stop::new(Exit::Failed, message, "name the folder that it leads to").into());
        }
        env::set_current_dir(directory).map_err(|error| {
            let why = match error.kind() {
                io::ErrorKind::NotFound => "there is no such folder".to_owned(),
                io::ErrorKind::NotADirectory => "it is not a folder".to_owned(),
                _ => error.to_string(),
            };
            Stop::new(Exit::Usage, format!("-C {}: {why}", shown(directory)), "name an existing folder")
        })?;
    }
    let words = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let typed = CommandLine { words, files: cli.command.settings_files() };
    let context = Context { global: cli.global, ui, typed };
    match cli.command {
        Command::Init(args) => commands::init::run(&context, &args),
        Command::Validate(args) => commands::validate::run(&context, &args),
        Command::Plan(args) => commands::plan::run(&context, &args),
        Command::Show(args) => commands::show::run(&context, &args),
        Command::Tenants(args) => commands::tenants::run(&context, &args),
        Command::Doctor(args) => commands::doctor::run(&context, &args),
        Command::Receipts(args) => commands::receipts::run(&context, &args),
        Command::Apply(args) => commands::apply::run(&context, &args),
        Command::Pull(args) => commands::pull::run(&context, &args),
        Command::Rollback(args) => commands::rollback::run(&context, &args),
        Command::Migrate(args) => commands::migrate::run(&context, &args),
        Command::Explain(args) => commands::explain::run(&context, &args),
        Command::Practice(args) => commands::practice::run(&context, args),
        Command::Schema(args) => commands::schema::run(&context, &args),
        Command::Completions { shell } => {
            ui.result(&complete::script(&shell.to_string())?)?;
            Ok(Exit::Done)
        }
        Command::Man(args) => man::run(ui, &program(), &args),
        Command::Version(args) => commands::version::run(ui, &args),
    }
}

/// Parses the command line, runs the command, shows the failure and returns the exit code.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = env::args_os().collect();
    if let Some(candidates) = complete::answer(&words) {
        return match candidates
            .and_then(|candidates| Ui::for_usage(ColorWhen::Never, LogFormat::Text).commands(&candidates))
        {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    if let Some(cli) = read_plainly(&words) {
        return ended(cli, &words);
    }
    let program = program();
    let typed = Typed::read(&program, words.get(1..).unwrap_or_default());
    let ui = Ui::for_usage(typed.color, typed.log_format);
    if let Some(stop) = typed.one_dash() {
        ui.stop(&stop);
        return ExitCode::from(stop.exit.code());
    }
    let parsed = program.clone().try_get_matches_from(&words).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(unparsed(&error, &program, typed.command, ui).code()),
    };
    ended(cli, &words)
}

/// Reads a command line without the texts of any help, which take longer than a plan of a small tenant; `None` if anything
/// about it has to be told, or if it has a word that [`Typed::one_dash`] looks at.
fn read_plainly(words: &[OsString]) -> Option<Cli> {
    let one_dash = |word: &OsString| {
        let word = word.to_string_lossy();
        word.starts_with('-') && !word.starts_with("--") && word.chars().count() > 2
    };
    if words.iter().skip(1).any(one_dash) {
        return None;
    }
    let matches = program_for(words).try_get_matches_from(words).ok()?;
    Cli::from_arg_matches(&matches).ok()
}

/// Adds to a command what it takes.
type Takes = fn(clap::Command) -> clap::Command;

/// The commands of every day.
const DAILY: [(&str, Takes); 3] =
    [("plan", PlanArgs::augment_args), ("apply", ApplyArgs::augment_args), ("validate", ValidateArgs::augment_args)];

/// Returns the program with the commands that may be meant. To make all of them takes longer than to read the line, and what is
/// no error without the others is none with them.
fn program_for(words: &[OsString]) -> clap::Command {
    let named = |(name, _): &(&str, Takes)| words.iter().skip(1).any(|word| word == name);
    match DAILY.into_iter().find(named) {
        Some((name, takes)) => Global::augment_args(clap::Command::new("sailplan"))
            .subcommand_required(true)
            .subcommand(takes(clap::Command::new(name))),
        None => Cli::command(),
    }
}

/// Runs a command, shows the failure and returns the exit code.
fn ended(cli: Cli, words: &[OsString]) -> ExitCode {
    let ui = Ui::new(&cli.global);
    let exit = match run(cli, words.get(1..).unwrap_or_default()) {
        Ok(exit) => exit,
        Err(error) => match error.downcast_ref::<Stop>() {
            Some(stop) => {
                ui.stop(stop);
                stop.exit
            }
            None => {
                ui.error(&format!("{error:#}"), &[]);
                Exit::Failed
            }
        },
    };
    ExitCode::from(exit.code())
}

/// Shows help, the version, or what is wrong with the command line: clap would end with 2, which means something else here.
fn unparsed(error: &clap::Error, program: &clap::Command, command: &clap::Command, ui: Ui) -> Exit {
    let text = error.render().ansi().to_string();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match ui.result(&text) {
            Ok(()) => Exit::Done,
            Err(error) => {
                ui.error(&error.to_string(), &[]);
                Exit::Failed
            }
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            ui.usage(&text);
            Exit::Usage
        }
        _ => {
            let stop = usage::stop(error, program, command);
            ui.stop(&stop);
            stop.exit
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::time::Duration;

    use clap::{CommandFactory as _, Parser as _};

    use super::Cli;
    use crate::global::NetworkArgs;
    use crate::run::pace::Pace;
    use crate::tenant::HttpOptions;

    fn network(args: &[&str]) -> Result<NetworkArgs, String> {
        let args = ["sailplan", "plan"].iter().chain(args);
        Cli::try_parse_from(args).map(|cli| cli.global.network).map_err(|error| error.to_string())
    }

    #[test]
    fn every_command_is_known_where_text_is_broken_into_lines() {
        let cli = Cli::command();
        let mut names: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).chain(["help"]).collect();
        names.sort_unstable();
        assert_eq!(names, crate::text::wrap::COMMANDS);
    }

    #[test]
    fn without_flags_the_limits_are_those_of_the_library() {
        let NetworkArgs { timeout, connect_timeout, retries, max_wait, reads, pause, fresh, .. } =
            network(&[]).unwrap();
        let http = HttpOptions::default();
        assert_eq!(
            (timeout, connect_timeout, retries, max_wait),
            (http.request_timeout, http.connect_timeout, http.retries, http.max_wait)
        );
        let pace = Pace::default();
        assert_eq!((reads, pause, fresh), (pace.reads, pace.pause, pace.fresh));
        assert!(pace.resends <= retries);
    }

    #[test]
    fn seconds_may_have_a_fraction() {
        for (text, millis) in [("0", 0), ("0.05", 50), ("1.5", 1500), ("90", 90_000)] {
            assert_eq!(network(&["--pause", text]).unwrap().pause, Duration::from_millis(millis), "{text}");
        }
        for text in ["-1", "1s", "NaN", "inf", "1e99", ""] {
            let refused = network(&[&format!("--pause={text}")]).unwrap_err();
            assert!(refused.contains("write it as a number of seconds, such as 10 or 0.5"), "{refused}");
        }
    }

    #[test]
    fn a_write_is_read_back_at_least_once() {
        assert!(network(&["--reads", "0"]).unwrap_err().contains("write a whole number from 1 to 1000"));
    }

    #[test]
    fn a_command_of_every_day_is_read_as_with_all_commands() {
        for (line, at_once) in [
            ("plan", true),
            ("plan --tenant a --label b=c -f x.yaml --out p.json --detailed-exitcode --shard 1/2 -v -v", true),
            ("-C plan plan s.yaml apply --parallelism 3", true),
            ("plan --full apply", true),
            ("validate --format json --quiet", true),
            ("init --quiet", true),
            // Another command that names one of them: it is read again, with all commands.
            ("--tenant plan apply p.json --yes", false),
            ("apply plan", false),
            ("show plan", false),
            ("explain plan", false),
            ("plan --no-such-flag", false),
            ("plan --quiet --verbose", false),
            ("plan --version", false),
            ("--version plan", false),
            ("validate --help", false),
            ("plan --only", false),
        ] {
            let words: Vec<OsString> = std::iter::once("sailplan").chain(line.split(' ')).map(OsString::from).collect();
            let shown = |cli: Cli| format!("{cli:?}");
            let whole = Cli::try_parse_from(&words).ok().map(shown);
            assert_eq!(super::read_plainly(&words).map(shown), whole.filter(|_| at_once), "{line}");
        }
    }

    #[test]
    fn no_two_arguments_share_a_name() {
        super::Cli::command().debug_assert();
    }
}
