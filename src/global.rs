//! The flags that every command takes.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};
use wildmatch::WildMatch;

pub mod command_line;
pub mod shard;

use shard::Shard;

/// What every command takes.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// Run as if started in DIR
    #[arg(short = 'C', value_name = "DIR", global = true, help_heading = "Global options")]
    pub directory: Option<PathBuf>,
    /// Use this workspace file instead of the sailplan.yaml in this folder or above
    #[arg(short = 'f', long = "file", value_name = "FILE", global = true, help_heading = "Global options")]
    pub workspace: Option<PathBuf>,
    /// Only tenants of this name; * and ? are wildcards; repeatable
    #[arg(long = "tenant", value_name = "NAME", global = true, help_heading = "Global options")]
    pub tenants: Vec<String>,
    /// Only tenants with this label, also KEY=A,B or KEY!=VALUE; if repeated, all must match
    #[arg(long = "label", value_name = "KEY=VALUE", global = true, help_heading = "Global options")]
    pub labels: Vec<Label>,
    /// The part of the tenants that the run is about, by the flag of the commands that have it.
    #[arg(skip)]
    pub shard: Option<Shard>,
    /// The tenant's address, without a workspace [env: SAIL_BASE_URL]
    #[arg(long, value_name = "URL", global = true, help_heading = "Global options")]
    pub url: Option<String>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = ColorWhen::Auto, global = true, help_heading = "Global options")]
    pub color: ColorWhen,
    /// Say more about what happens; -vv says even more
    #[arg(short, long, action = ArgAction::Count, global = true, conflicts_with = "quiet", help_heading = "Global options")]
    pub verbose: u8,
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
    /// Returns whether the run is about a tenant of this name and these labels.
    pub fn takes(&self, name: &str, labels: &[(String, String)]) -> bool {
        self.is_in_shard(name) && self.chooses(name, labels)
    }

    /// Returns whether the run is about a tenant of this name, whatever its labels are.
    pub fn takes_named(&self, name: &str) -> bool {
        self.is_in_shard(name) && self.names(name)
    }

    /// Returns whether the flags choose a tenant of this name and these labels, in whichever shard it is.
    pub fn chooses(&self, name: &str, labels: &[(String, String)]) -> bool {
        self.names(name) && self.labels.iter().all(|label| label.fits(labels))
    }

    fn is_in_shard(&self, name: &str) -> bool {
        self.shard.is_none_or(|shard| shard.has(name))
    }

    fn names(&self, name: &str) -> bool {
        self.tenants.is_empty() || self.tenants.iter().any(|text| WildMatch::new(text).matches(name))
    }

    /// Returns the flags that choose tenants, as they are typed, in an order of their own.
    pub fn selection(&self) -> Vec<String> {
        let tenants = self.tenants.iter().map(|name| format!("--tenant {name}"));
        let labels = self.labels.iter().map(|label| format!("--label {label}"));
        let shard = self.shard.map(|shard| format!("--shard {shard}"));
        let mut words: Vec<String> = tenants.chain(labels).chain(shard).collect();
        words.sort();
        words.dedup();
        words
    }
}

/// How tenants are reached.
#[derive(Args, Clone, Debug)]
pub struct NetworkArgs {
    /// How many tenants to work on at the same time
    #[arg(long, value_name = "N", value_parser = number::<1, 1000, usize>, default_value_t = 10, global = true, hide_short_help = true, help_heading = "Network options")]
    pub parallelism: usize,
    /// How many requests a second to send with one client id to one host, after the first 20; 0 sends without a limit
    #[arg(long, value_name = "N", value_parser = rate, default_value = "8", global = true, help_heading = "Network options")]
    pub requests_per_second: f64,
    /// How long one request may take, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = some_seconds, default_value = "60", global = true, hide_short_help = true, help_heading = "Network options")]
    pub timeout: Duration,
    /// How long connecting may take, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = some_seconds, default_value = "10", global = true, hide_short_help = true, help_heading = "Network options")]
    pub connect_timeout: Duration,
    /// How often a failed request is repeated at most
    #[arg(long, value_name = "N", value_parser = number::<0, 100, u32>, default_value_t = 4, global = true, hide_short_help = true, help_heading = "Network options")]
    pub retries: u32,
    /// The longest wait before a request is repeated, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "30", global = true, hide_short_help = true, help_heading = "Network options")]
    pub max_wait: Duration,
    /// How often a write is read back before it counts as not done
    #[arg(long, value_name = "N", value_parser = number::<1, 1000, u32>, default_value_t = 3, global = true, hide_short_help = true, help_heading = "Network options")]
    pub reads: u32,
    /// How long to wait between two of these reads, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "1", global = true, hide_short_help = true, help_heading = "Network options")]
    pub pause: Duration,
    /// How old a read may be when a write follows it, in seconds; an older one is repeated
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "5", global = true, hide_short_help = true, help_heading = "Network options")]
    pub fresh: Duration,
    /// How long to wait for another run on this machine that writes to the same tenant, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "300", global = true, hide_short_help = true, help_heading = "Network options")]
    pub lock_timeout: Duration,
    /// Trust the certificates in this PEM file as well
    #[arg(long, value_name = "FILE", global = true, hide_short_help = true, help_heading = "Network options")]
    pub ca_cert: Option<PathBuf>,
}

/// A condition on the labels of a tenant: `KEY=VALUE`, `KEY=A,B` or `KEY!=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    key: String,
    values: String,
    /// Whether the tenants that have one of the values are left out.
    not: bool,
}

impl Label {
    /// Returns whether a tenant with these labels is chosen.
    pub fn fits(&self, labels: &[(String, String)]) -> bool {
        let is_listed = |value: &str| self.values == value || self.values.split(',').any(|listed| listed == value);
        labels.iter().any(|(key, value)| *key == self.key && is_listed(value)) != self.not
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}={}", self.key, if self.not { "!" } else { "" }, self.values)
    }
}

impl FromStr for Label {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Label, &'static str> {
        const FORMS: &str = "write it as KEY=VALUE, KEY=A,B or KEY!=VALUE";
        let (key, values) = text.split_once('=').ok_or(FORMS)?;
        let (key, not) = key.strip_suffix('!').map_or((key, false), |key| (key, true));
        if key.is_empty() {
            return Err(FORMS);
        }
        Ok(Label { key: key.to_owned(), values: values.to_owned(), not })
    }
}

/// The longest time that a flag takes: a day.
const LONGEST: f64 = 86_400.0;

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| rate.is_finite() && *rate >= 0.0);
    rate.ok_or_else(|| "write it as a number of requests, such as 8 or 0.5; 0 is no limit".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    from_to(text, 0.0)
}

/// Reads a time within which something has to happen, so it is not zero.
fn some_seconds(text: &str) -> Result<Duration, String> {
    from_to(text, 0.001)
}

fn from_to(text: &str, least: f64) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| (least..=LONGEST).contains(seconds));
    let seconds = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds
        .ok_or_else(|| format!("write it as a number of seconds, such as 10 or 0.5, from {least} to {LONGEST} (a day)"))
}

/// Reads a whole number in a range.
///
/// # Errors
///
/// Says what to write.
pub fn number<const LEAST: u64, const MOST: u64, N: TryFrom<u64>>(text: &str) -> Result<N, String> {
    let number = text.parse().ok().filter(|number| (LEAST..=MOST).contains(number));
    let number = number.and_then(|number: u64| N::try_from(number).ok());
    number.ok_or_else(|| format!("write a whole number from {LEAST} to {MOST}"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_one_value_or_several_or_all_others() {
        let prod = [("ring".to_owned(), "prod".to_owned()), ("bank".to_owned(), "at,de".to_owned())];
        for (text, fits) in [
            ("ring=prod", true),
            ("ring=stage,prod", true),
            ("ring=prod2,stage", false),
            ("ring=", false),
            ("ring!=prod", false),
            ("ring!=stage,prod", false),
            ("ring!=stage", true),
            ("country!=at", true),
            ("country=at", false),
            ("bank=at,de", true),
        ] {
            let label: Label = text.parse().unwrap();
            assert_eq!((label.fits(&prod), label.to_string().as_str()), (fits, text));
        }
        for text in ["ring", "=prod", "!=prod", ""] {
            assert_eq!(text.parse::<Label>(), Err("write it as KEY=VALUE, KEY=A,B or KEY!=VALUE"), "{text}");
        }
    }
}
