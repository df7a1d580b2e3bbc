//! The command line: commands, flags and the names of environment variables. No work happens here.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum, value_parser};

use crate::commands::{
    apply::ApplyArgs, explain::ExplainArgs, init::InitArgs, migrate::MigrateArgs, plan::PlanArgs,
    practice::PracticeArgs, pull::PullArgs, rollback::RollbackArgs, schema::SchemaArgs, show::ShowArgs,
    validate::ValidateArgs,
};

/// The exit codes, as help, manual and README show them.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    done; for plan, with or without changes
  1    something failed, also when part was done
  2    plan --detailed-exitcode found changes, or plan --against differences
  3    refused before anything was sent
  64   the command line is wrong
  130  interrupted
Where several apply, the first of 130, 64, 1, 3, 2 wins.";

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

/// What every command takes.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// Run as if started in DIR
    #[arg(short = 'C', value_name = "DIR", global = true, help_heading = "Global options")]
    pub directory: Option<PathBuf>,
    /// Use this workspace file instead of the sailplan.yaml here or above
    #[arg(short = 'f', long = "file", value_name = "FILE", global = true, help_heading = "Global options")]
    pub workspace: Option<PathBuf>,
    /// Only tenants of this name; * and ? are wildcards
    #[arg(long = "tenant", value_name = "NAME", global = true, help_heading = "Global options")]
    pub tenants: Vec<String>,
    /// Only tenants with this label
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = key_value, global = true, help_heading = "Global options")]
    pub labels: Vec<(String, String)>,
    /// The tenant's address, without a workspace [env: SAIL_BASE_URL, with SAIL_CLIENT_ID and SAIL_CLIENT_SECRET]
    #[arg(long, value_name = "URL", global = true, help_heading = "Global options")]
    pub url: Option<String>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorWhen::Auto, global = true, help_heading = "Global options")]
    pub color: ColorWhen,
    /// Say more about what happens
    #[arg(short, long, global = true, conflicts_with = "quiet", help_heading = "Global options")]
    pub verbose: bool,
    /// Say only what went wrong, and the result
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub quiet: bool,
    /// How to write messages to standard error
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text, global = true, help_heading = "Global options")]
    pub log_format: LogFormat,
    /// How tenants are reached.
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// How tenants are reached.
#[derive(Args, Clone, Debug)]
pub struct NetworkArgs {
    /// How many tenants to deal with at the same time
    #[arg(long, value_name = "N", default_value_t = 10, global = true, help_heading = "Network options")]
    pub parallelism: usize,
    /// How long one request may take, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "60", global = true, help_heading = "Network options")]
    pub timeout: Duration,
    /// How long connecting may take, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10", global = true, help_heading = "Network options")]
    pub connect_timeout: Duration,
    /// How often a request is repeated
    #[arg(long, value_name = "N", default_value_t = 4, global = true, help_heading = "Network options")]
    pub retries: u32,
    /// The longest wait before a request is repeated, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "30", global = true, help_heading = "Network options")]
    pub max_wait: Duration,
    /// How often a write is read back before it counts as not done
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..), default_value_t = 3, global = true, help_heading = "Network options")]
    pub reads: u32,
    /// How long to wait between two of these reads, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "1", global = true, help_heading = "Network options")]
    pub pause: Duration,
    /// How old a read may be when a write follows it, in seconds; an older one is repeated
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "5", global = true, help_heading = "Network options")]
    pub fresh: Duration,
    /// Trust the certificates in this PEM file as well
    #[arg(long, value_name = "FILE", global = true, help_heading = "Network options")]
    pub ca_cert: Option<PathBuf>,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "write it as a number of seconds, such as 10 or 0.5".to_owned())
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless `NO_COLOR` is set; elsewhere only with `CLICOLOR_FORCE`
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How to write messages to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One JSON object per line
    Json,
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
        "lock" | "lock-timeout" => {
            "sailplan keeps no state and needs no lock: it reads the live state before it writes"
        }
        "workspace" | "config" | "c" => "use -f FILE to name the workspace file",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::{CommandFactory as _, Parser as _};

    use super::{Cli, NetworkArgs};
    use crate::run::change::Pace;
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
