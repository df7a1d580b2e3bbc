//! The flags of a command, and words of a command line for messages.

use std::path::Path;

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

/// Returns a text of the command line for a message. A long one that is not the path of a file may be a secret, and so may what
/// stands before an `@`.
pub fn echo(text: &str) -> &str {
    let short = text.chars().count() <= LONGEST_SHOWN;
    if !text.contains('@') && (short || is_path(text)) { text } else { "[not shown]" }
}

/// Returns whether a text is the path of a file that is there, or of one with an extension that files of sailplan have.
fn is_path(text: &str) -> bool {
    const EXTENSIONS: [&str; 5] = ["json", "yaml", "yml", "md", "html"];
    let path = Path::new(text);
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let plain = text.chars().all(|c| c.is_alphanumeric() || "/\\:._- ".contains(c));
    plain && (EXTENSIONS.contains(&extension) || path.exists())
}

/// Returns a command as it is typed: `sailplan plan`.
pub fn called(command: &Command) -> &str {
    command.get_bin_name().unwrap_or_else(|| command.get_name())
}

/// Returns the form of a command: `sailplan show [OPTIONS] <FILE>`.
pub fn form(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    usage.trim_start_matches("Usage: ").split('\n').next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_and_what_may_be_a_secret_is_not() {
        let long = "d41d8cd98f00b204e9800998ecf8427ed41d8cd98f00b204e9800998ecf8427e";
        for shown in [
            ".sailplan/receipts/20261126T101112Z-abcdef0123456789.json",
            "/home/ana/work/iam/settings/prod and more.yaml",
            "C:\\work\\iam\\plans\\plan-of-2026-11-26.json",
            env!("CARGO_MANIFEST_DIR"),
            "plan",
        ] {
            assert_eq!(echo(shown), shown);
        }
        for hidden in [
            long,
            "ana@acme.com",
            "https://ana:secret@acme.example/x.json",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2VjcmV0",
            "https://hooks.example/T0/B0/s3cr3t-in-the-path?x=a.json",
        ] {
            assert_eq!(echo(hidden), "[not shown]", "{hidden}");
        }
    }
}
