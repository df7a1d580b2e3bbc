//! The flags of a command, and words of a command line for messages.

use clap::{Arg, Command};

/// Longer values are not shown: they may be a secret in the wrong place.
const LONGEST_SHOWN: usize = 30;

/// Returns the flag of this name, aliases too.
pub fn long_flag<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    let named = |flag: &&Arg| {
        flag.get_long() == Some(name) || flag.get_all_aliases().is_some_and(|aliases| aliases.contains(&name))
    };
    command.get_arguments().find(named)
}

/// Returns the flag of this letter.
pub fn short_flag(command: &Command, letter: char) -> Option<&Arg> {
    command.get_arguments().find(|flag| flag.get_short() == Some(letter))
}

/// Returns whether a flag takes a value.
pub fn takes_value(flag: &Arg) -> bool {
    flag.get_action().takes_values()
}

/// Returns where the flags of a command are listed.
pub fn flags_help(command: &Command) -> String {
    format!("{} --help lists the flags", called(command))
}

/// Returns a text of the command line for a message. A long one may be a secret, and so may what stands before an `@`.
pub fn echo(text: &str) -> &str {
    if text.chars().count() > LONGEST_SHOWN || text.contains('@') { "[not shown]" } else { text }
}

/// Returns a command as it is typed: `sailplan plan`.
pub fn called(command: &Command) -> &str {
    command.get_bin_name().unwrap_or_else(|| command.get_name())
}
