//! The command line: which commands there are, and which code runs each.

use std::borrow::Cow;
use std::env;
use std::process::ExitCode;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::commands::{
    self, apply::ApplyArgs, doctor::DoctorArgs, explain::ExplainArgs, init::InitArgs, migrate::MigrateArgs,
    plan::PlanArgs, practice::PracticeArgs, pull::PullArgs, receipts::ReceiptsArgs, rollback::RollbackArgs,
    schema::SchemaArgs, show::ShowArgs, tenants::TenantsArgs, validate::ValidateArgs,
};
use crate::global::{EXIT_CODES, Global};
use crate::text::disk::{self, shown};
use crate::text::printable::printable;
use crate::ui::{Exit, Stop, Ui};
use crate::workspace::load::Context;

/// Keep JIT activation policy and access-request settings of SailPoint tenants as code
#[derive(Debug, Parser)]
#[command(name = "sailplan", version, after_help = EXIT_CODES, max_term_width = 100, disable_help_subcommand = true)]
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
    /// Write a workspace that works at once against a practice tenant
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
    /// Make the changes and prove that they took
    Apply(ApplyArgs),
    /// Write live settings into settings files
    Pull(PullArgs),
    /// Go back to the values from before an apply
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
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Runs a command.
///
/// # Errors
///
/// A [`Stop`], or something that no command expects, such as a standard output that cannot be written.
pub fn run(cli: Cli) -> anyhow::Result<Exit> {
    let ui = Ui::new(&cli.global);
    if let Some(directory) = &cli.global.directory {
        if disk::leads_out(directory) {
            let message = format!("-C {} is a link that leads out of the repository", shown(directory));
            return Err(Stop::new(Exit::Failed, message, "name the folder that it leads to").into());
        }
        env::set_current_dir(directory).map_err(|error| {
            Stop::new(Exit::Usage, format!("-C {}: {error}", directory.display()), "name an existing folder")
        })?;
    }
    let context = Context { global: cli.global, ui };
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
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "sailplan", &mut script);
            ui.result(&String::from_utf8_lossy(&script))?;
            Ok(Exit::Done)
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            ui.result(&String::from_utf8_lossy(&page))?;
            Ok(Exit::Done)
        }
    }
}

/// What other tools call it, and what to type here.
pub fn flag_hint(flag: &str) -> Option<&'static str> {
    let name = flag.trim_start_matches('-').split('=').next().unwrap_or(flag);
    Some(match name {
        "auto-approve" | "force" => "sailplan asks before it sends; --yes (or --auto-approve) answers",
        "out" | "o" => "sailplan plan --out FILE saves the plan",
        "target" => "use --tenant NAME to choose tenants; a setting is chosen by what the settings files manage",
        "var" | "var-file" | "env-file" => "use ${NAME} in sailplan.yaml and set NAME in the environment",
        "dry-run" | "dry_run" | "check" => "sailplan plan shows what would change and sends nothing",
        "refresh-only" | "refresh" => "sailplan plan always reads the live state",
        "detailed-exitcode" | "non-zero-exit-code" => {
            "sailplan plan --detailed-exitcode answers 2 when there are changes"
        }
        "no-color" => "use --color never, or set NO_COLOR",
        "input" => "sailplan never asks when standard input is not a terminal; use --yes to approve",
        "json" | "j" => "use --format json for standard output, or --json FILE",
        "chdir" => "use -C DIR",
        "lock" => {
            "sailplan keeps no state: it reads the live state before it writes, and runs on one machine wait for each \
             other (--lock-timeout SECONDS)"
        }
        "workspace" | "config" | "c" => "use -f FILE to name the workspace file",
        _ => return None,
    })
}

/// Parses the command line, runs the command, shows the failure and returns the exit code.
pub fn main() -> ExitCode {
    let args = std::env::args_os().skip(1).take_while(|arg| arg != "--");
    if let Some(flag) = args.map(|arg| arg.to_string_lossy().into_owned()).find_map(|arg| single_dash(&arg)) {
        Ui::plain().stop(&flag);
        return ExitCode::from(flag.exit.code());
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(usage(error)),
    };
    let ui = Ui::new(&cli.global);
    let exit = match run(cli) {
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

/// Terraform takes `-out=FILE`, which here would be `-o` with the file `ut=FILE`.
fn single_dash(arg: &str) -> Option<Stop> {
    let name = arg.strip_prefix('-').filter(|name| !name.starts_with('-'))?;
    let name = name.split('=').next().filter(|name| name.len() > 2)?;
    let hint = flag_hint(name)?;
    Some(Stop::new(Exit::Usage, format!("-{name} is not a flag of sailplan: long flags have two dashes"), hint))
}

/// Shows what is wrong with the command line. clap would end with 2, which means something else here.
fn usage(error: clap::Error) -> u8 {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let _ = error.print();
        return Exit::Done.code();
    }
    let error = printable_error(error);
    let mut text = error.render().ansi().to_string();
    // What a parser of our own says of a value may repeat it.
    if let Some(source) = std::error::Error::source(&error).map(ToString::to_string) {
        text = text.replace(&source, &printable(&source));
    }
    Ui::plain().usage(&text);
    if let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg)
        && error.kind() == ErrorKind::UnknownArgument
        && let Some(hint) = flag_hint(flag)
    {
        Ui::plain().error(hint, &[]);
    }
    Exit::Usage.code()
}

/// Only a tip that is not harmless loses its colours.
fn printable_tip(tip: &StyledStr) -> StyledStr {
    let text = tip.to_string();
    match printable(&text) {
        Cow::Borrowed(_) => tip.clone(),
        Cow::Owned(harmless) => StyledStr::from(harmless),
    }
}

/// What was typed may be the name of a file of a branch, and is made harmless like any other text.
fn printable_error(mut error: clap::Error) -> clap::Error {
    let harmless: Vec<(ContextKind, ContextValue)> = error
        .context()
        .filter_map(|(kind, value)| match value {
            ContextValue::String(text) => Some((kind, ContextValue::String(printable(text).into_owned()))),
            ContextValue::Strings(texts) => {
                Some((kind, ContextValue::Strings(texts.iter().map(|text| printable(text).into_owned()).collect())))
            }
            ContextValue::StyledStrs(tips) => {
                Some((kind, ContextValue::StyledStrs(tips.iter().map(printable_tip).collect())))
            }
            _ => None,
        })
        .collect();
    for (kind, value) in harmless {
        error.insert(kind, value);
    }
    error
}

#[cfg(test)]
mod tests {
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
        assert!(network(&["--reads", "0"]).unwrap_err().contains("0 is not in 1.."));
    }

    #[test]
    fn no_two_arguments_share_a_name() {
        super::Cli::command().debug_assert();
    }
}
