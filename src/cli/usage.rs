//! What is wrong with a command line: one message and one thing to do, in the words of the command that was typed.

use std::error::Error;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use super::flags::{called, echo, flags_help, form, long_flag, takes_value};
use super::habits;
use crate::text::nearest::{did_you_mean, nearest};
use crate::ui::{Exit, Stop};

/// Returns what clap found. Its own text has several hints, and repeats values whatever they are.
pub fn stop(error: &clap::Error, program: &Command, command: &Command) -> Stop {
    let named = |kind: ContextKind| text(error.get(kind));
    let argument = named(ContextKind::InvalidArg).unwrap_or_default();
    let value = named(ContextKind::InvalidValue).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => unknown_flag(command, &argument),
        ErrorKind::UnknownArgument => {
            usage(format!("`{}` is one argument too many", echo(&argument)), format!("write {}", form(command)))
        }
        ErrorKind::InvalidSubcommand => {
            unknown_command(program, &named(ContextKind::InvalidSubcommand).unwrap_or_default())
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            let flag = bare(&argument);
            let form = || format!("write {}{}", argument.replace(['<', '>'], ""), words(error));
            let habit = habits::flag(command, flag.trim_start_matches('-'));
            usage(format!("{flag} needs a value"), habit.unwrap_or_else(form))
        }
        ErrorKind::InvalidValue => {
            let near = named(ContextKind::SuggestedValue).map(|near| did_you_mean(near) + " ");
            let list = format!("{}{}", near.unwrap_or_default(), words(error).trim_start_matches(": "));
            usage(not_a_value(&argument, &value), list)
        }
        ErrorKind::ValueValidation => invalid_value(error, command, &argument, &value),
        ErrorKind::TooManyValues => needless_value(command, &argument, &value),
        ErrorKind::ArgumentConflict => conflict(&argument, error.get(ContextKind::PriorArg)),
        ErrorKind::MissingRequiredArgument => {
            let missing = strings(error.get(ContextKind::InvalidArg));
            let missing: Vec<&str> = missing.iter().map(|name| bare(name)).collect();
            let form = form(command);
            let help = match missing.iter().find(|name| name.starts_with('-') && !form.contains(**name)) {
                Some(flag) => format!("write {} {flag}, or leave out what needs it", called(command)),
                None => {
                    let values = argument_values(command, missing.first().copied().unwrap_or_default());
                    format!("write {form}{}", listed(&values))
                }
            };
            usage(format!("{} is missing", missing.join(" and ")), help)
        }
        ErrorKind::InvalidUtf8 => {
            usage("an argument is not UTF-8".to_owned(), "rename the file, or write the argument in UTF-8".to_owned())
        }
        _ => {
            let first = error.to_string();
            let first = first.lines().next().unwrap_or_default().trim_start_matches("error: ");
            usage(first.to_owned(), flags_help(command))
        }
    }
}

fn usage(message: String, help: String) -> Stop {
    Stop::new(Exit::Usage, message, help)
}

fn unknown_flag(command: &Command, flag: &str) -> Stop {
    let message = format!("{} has no flag {}", called(command), echo(flag));
    let name = flag.trim_start_matches('-');
    if name.parse::<f64>().is_ok() {
        let message = format!("`{}` is not a value of any flag: no number is negative", echo(flag));
        return usage(message, flags_help(command));
    }
    if long_flag(command, name).is_some() && flag.starts_with("--") {
        let help = format!("write {flag} after the command: {} {flag}", called(command));
        return usage(format!("{flag} stands before its command"), help);
    }
    let known = || command.get_arguments().filter_map(Arg::get_long);
    let near = || {
        let near = nearest(name, known())?;
        flag.starts_with("--").then(|| did_you_mean(format_args!("--{near}")))
    };
    usage(message, habits::flag(command, name).or_else(near).unwrap_or_else(|| flags_help(command)))
}

fn unknown_command(program: &Command, verb: &str) -> Stop {
    let commands = || program.get_subcommands().flat_map(|command| command.get_name_and_visible_aliases());
    let near = || Some(did_you_mean(format_args!("sailplan {}", nearest(verb, commands())?)));
    let help = habits::verb(verb).map(str::to_owned).or_else(near);
    usage(
        format!("sailplan has no command `{}`", echo(verb)),
        help.unwrap_or_else(|| "sailplan help lists the commands".to_owned()),
    )
}

fn not_a_value(argument: &str, value: &str) -> String {
    format!("`{}` is not a value of {}", echo(value), bare(argument))
}

/// The whole chain of causes: the outermost alone rarely says what could stand there.
fn invalid_value(error: &clap::Error, command: &Command, argument: &str, value: &str) -> Stop {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source()).map(ToString::to_string);
    let causes = causes.collect::<Vec<_>>().join(": ");
    if causes.starts_with("write ") {
        return usage(not_a_value(argument, value), causes);
    }
    let help = format!("{} --help says what {} takes", called(command), bare(argument));
    usage(format!("{}: {causes}", bare(argument)), help)
}

fn needless_value(command: &Command, argument: &str, value: &str) -> Stop {
    let flag = bare(argument);
    let message = format!("{flag} takes no value");
    let name = flag.trim_start_matches('-');
    let is_flag = long_flag(command, name).is_some_and(|flag| !takes_value(flag));
    usage(
        message,
        match value {
            "false" | "0" | "no" | "off" => format!("leave {flag} out"),
            _ if is_flag => format!("write {flag} alone"),
            _ => flags_help(command),
        },
    )
}

fn conflict(argument: &str, prior: Option<&ContextValue>) -> Stop {
    let others = strings(prior);
    let (flag, others): (&str, Vec<&str>) = (bare(argument), others.iter().map(|other| bare(other)).collect());
    if others.iter().all(|other| *other == flag) {
        return usage(format!("{flag} is given twice"), format!("give {flag} once"));
    }
    let message = format!("{flag} and {} cannot be used together", others.join(", "));
    usage(message, "leave one of them out".to_owned())
}

/// `: the values are a, b`, nothing if there are none to choose from.
fn words(error: &clap::Error) -> String {
    listed(&strings(error.get(ContextKind::ValidValue)))
}

/// Returns what can stand for an argument without a flag, by the name that help gives it; nothing if anything can.
fn argument_values(command: &Command, name: &str) -> Vec<String> {
    let named = |argument: &&Arg| {
        let names = argument.get_value_names().unwrap_or_default();
        argument.is_positional() && names.iter().any(|value| value.as_str() == name)
    };
    let values = command.get_arguments().find(named).map(Arg::get_possible_values).unwrap_or_default();
    values.iter().filter(|value| !value.is_hide_set()).map(|value| value.get_name().to_owned()).collect()
}

fn listed(values: &[String]) -> String {
    if values.is_empty() { String::new() } else { format!(": the values are {}", values.join(", ")) }
}

/// Returns `--format` for `--format <FORMAT>`, `RECEIPT` for `<RECEIPT>`.
fn bare(argument: &str) -> &str {
    let flag = argument.split([' ', '=']).next().unwrap_or(argument);
    if flag.starts_with('-') { flag } else { argument.trim_start_matches(['<', '[']).trim_end_matches(['>', ']', '.']) }
}

fn text(value: Option<&ContextValue>) -> Option<String> {
    strings(value).into_iter().next()
}

fn strings(value: Option<&ContextValue>) -> Vec<String> {
    match value {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}
