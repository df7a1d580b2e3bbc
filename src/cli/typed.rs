//! What was typed, as far as it can be read without a valid command line: the command, and how its errors are shown.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, ValueEnum as _};

use super::flags::{echo, flags_help, long_flag, short_flag, takes_value};
use super::habits;
use crate::global::{ColorWhen, LogFormat};
use crate::text::nearest::nearest;
use crate::ui::{Exit, Stop};

/// A command line that may have mistakes.
pub struct Typed<'c> {
    /// The command, or the program where no command is named.
    pub command: &'c Command,
    /// What `--color` says.
    pub color: ColorWhen,
    /// What `--log-format` says.
    pub log_format: LogFormat,
    /// What `-C` says.
    pub directory: Option<PathBuf>,
    /// What `-f` says.
    pub workspace: Option<PathBuf>,
    /// The words with one dash and more than a letter, such as Terraform's `-out=FILE`.
    one_dash: Vec<String>,
}

impl<'c> Typed<'c> {
    /// Reads the words after the name of the program. `program` is built, so that its commands have the global flags.
    pub fn read(program: &'c Command, words: &[OsString]) -> Typed<'c> {
        let mut typed = Typed {
            command: program,
            color: ColorWhen::Auto,
            log_format: LogFormat::Text,
            directory: None,
            workspace: None,
            one_dash: Vec::new(),
        };
        let mut command = None;
        let mut words = words.iter().map(|word| word.to_string_lossy()).take_while(|word| word != "--").peekable();
        while let Some(word) = words.next() {
            let Some(name) = word.strip_prefix('-').filter(|name| !name.is_empty()) else {
                // A word that is not a command may be the value of a flag that stands before its command.
                command = command.or_else(|| program.find_subcommand(&*word));
                continue;
            };
            let (name, value) = name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value)));
            let flag = match name.strip_prefix('-') {
                Some(long) => long_flag(command.unwrap_or(program), long),
                None if name.chars().count() > 1 => {
                    typed.one_dash.push(word.clone().into_owned());
                    continue;
                }
                None => name.chars().next().and_then(|letter| short_flag(command.unwrap_or(program), letter)),
            };
            let Some(flag) = flag.filter(|flag| takes_value(flag)) else { continue };
            let value = match value {
                Some(value) => Some(value.to_owned()),
                None => words.next_if(|next| !next.starts_with('-')).map(|next| next.into_owned()),
            };
            let value = value.unwrap_or_default();
            match flag.get_id().as_str() {
                "color" => typed.color = ColorWhen::from_str(&value, false).unwrap_or(typed.color),
                "log_format" => typed.log_format = LogFormat::from_str(&value, false).unwrap_or(typed.log_format),
                "directory" => typed.directory = Some(value.into()),
                "workspace" => typed.workspace = Some(value.into()),
                _ => {}
            }
        }
        typed.command = command.unwrap_or(program);
        typed
    }

    /// Returns what is wrong with a word of one dash and more than a letter. `-vq` are two flags, `-f=FILE` is a flag and
    /// its value; everything else would be taken for a flag of one letter with a value that was not meant, `-html` for
    /// `-h`.
    pub fn one_dash(&self) -> Option<Stop> {
        self.one_dash.iter().find_map(|word| one_dash(self.command, word))
    }
}

fn one_dash(command: &Command, word: &str) -> Option<Stop> {
    let letters = word.strip_prefix('-')?;
    let (name, value) = letters.split_once('=').map_or((letters, None), |(name, value)| (name, Some(value)));
    let mut flags = name.chars().map(|letter| short_flag(command, letter));
    let fine = match value {
        Some(_) => name.chars().count() == 1 && flags.all(|flag| flag.is_some_and(takes_value)),
        None => flags
            .all(|flag| flag.is_some_and(|flag| matches!(flag.get_action(), ArgAction::SetTrue | ArgAction::Count))),
    };
    if fine {
        return None;
    }
    let known: Vec<&str> = command.get_arguments().filter_map(Arg::get_long).collect();
    let as_typed = |name: &str| long_flag(command, name).map(|flag| with_two_dashes(flag, name, value));
    let attached = || {
        let letter = name.chars().next()?;
        short_flag(command, letter).filter(|flag| takes_value(flag))?;
        let rest = name.strip_prefix(letter)?;
        // A file or a folder, and not a misspelt long flag.
        rest.contains(['.', '/']).then(|| format!("write -{letter} {}", echo(rest)))
    };
    let habit = || habits::flag(command, name);
    let near = || as_typed(nearest(name, known.iter().copied())?);
    let help = if value.is_some() { as_typed(name).or_else(habit) } else { habit().or_else(|| as_typed(name)) };
    let help = help.or_else(attached).or_else(near);
    let message = format!("-{} is not a flag of sailplan: long flags have two dashes", echo(name));
    Some(Stop::new(Exit::Usage, message, help.unwrap_or_else(|| flags_help(command))))
}

/// Returns how the flag that was meant is written.
fn with_two_dashes(flag: &Arg, name: &str, value: Option<&str>) -> String {
    match (value, takes_value(flag)) {
        (Some(value), true) => format!("write --{name}={}", echo(value)),
        (None, true) => {
            let names = flag.get_value_names().unwrap_or_default();
            format!("write --{name} {}", names.first().map_or("VALUE", |name| name))
        }
        (Some("false" | "0" | "no" | "off"), false) => "leave it out".to_owned(),
        (_, false) => format!("write --{name}"),
    }
}
