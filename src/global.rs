//! The flags that every command takes, and the exit codes.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, value_parser};
use wildmatch::WildMatch;

/// The exit codes, as help, manual and README show them.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    done; for plan, with or without changes
  1    something failed, also when part was done, or part was refused after something was sent
  2    plan --detailed-exitcode found changes, or plan --against differences
  3    refused, and nothing was sent to any tenant
  64   the command line is wrong
  130  interrupted
Where several apply, the first of 130, 64, 1, 3, 2 wins.";

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

impl Global {
    /// Returns whether the flags choose a tenant of this name and these labels.
    pub fn chooses(&self, name: &str, labels: &[(String, String)]) -> bool {
        let named = self.tenants.is_empty() || self.tenants.iter().any(|text| WildMatch::new(text).matches(name));
        named && self.labels.iter().all(|label| labels.contains(label))
    }

    /// Returns the flags that choose tenants, as they are typed, in an order of their own.
    pub fn selection(&self) -> Vec<String> {
        let tenants = self.tenants.iter().map(|name| format!("--tenant {name}"));
        let labels = self.labels.iter().map(|(key, value)| format!("--label {key}={value}"));
        let mut words: Vec<String> = tenants.chain(labels).collect();
        words.sort();
        words.dedup();
        words
    }
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
    /// How long to wait for another run on this machine that writes to the same tenant, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "300", global = true, help_heading = "Network options")]
    pub lock_timeout: Duration,
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
