//! The manual: a page for the program and one for each command.

use std::io;

use clap::{Arg, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::flags::form;
use super::manual::{ENVIRONMENT, FILES, codes, examples_of};

/// Returns the commands that have a page of their own.
pub fn commands(program: &Command) -> impl Iterator<Item = &Command> {
    program.get_subcommands().filter(|command| command.get_name() != "help")
}

/// Returns the name of the file of a page.
pub fn file(command: &Command) -> String {
    format!("{}.1", title(command))
}

/// Returns the page of the program or of one of its commands.
///
/// # Errors
///
/// clap cannot write it.
pub fn page(program: &Command, command: &Command) -> io::Result<String> {
    let is_program = command.get_name() == program.get_name();
    // In the place of the date: without one, groff would take what follows for it.
    let version = format!("sailplan {}", program.get_version().unwrap_or_default());
    let man = Man::new(command.clone().mut_args(described)).title(title(command).to_uppercase()).date(version);
    let man = man.source("sailplan").manual("sailplan manual");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    synopsis(command).to_writer(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if is_program {
        man.render_subcommands_section(&mut text)?;
    }
    let mut roff = Roff::new();
    let examples: Vec<(&str, &str)> = examples_of(command.get_name()).to_vec();
    section(&mut roff, "EXAMPLES", &examples);
    let (codes, several) = codes();
    section(&mut roff, "EXIT STATUS", &codes);
    roff.control("PP", []);
    roff.text([roman(several)]);
    if is_program {
        section(&mut roff, "ENVIRONMENT", &ENVIRONMENT);
        section(&mut roff, "FILES", &FILES);
    } else {
        roff.control("SH", ["SEE ALSO"]);
        roff.text([
            bold("sailplan"),
            roman("(1) lists the options that every command takes, environment variables and files."),
        ]);
    }
    roff.to_writer(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The form of a command, as help and errors show it: clap_mangen lists every flag, and leaves out what each takes.
fn synopsis(command: &Command) -> Roff {
    let form = form(command);
    let (name, rest) = form.split_at(form.find([' ', '[', '<']).unwrap_or(form.len()));
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    roff.text([bold(name), roman(rest)]);
    roff
}

/// What is left out of the short help has a place on a page, and clap_mangen takes the text of the long one for it alone.
fn described(option: Arg) -> Arg {
    match (option.get_long_help(), option.get_help().cloned()) {
        (None, Some(help)) if option.is_hide_short_help_set() => option.long_help(help),
        _ => option,
    }
}

fn title(command: &Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}

fn section(roff: &mut Roff, heading: &str, entries: &[(&str, &str)]) {
    if entries.is_empty() {
        return;
    }
    roff.control("SH", [heading]);
    for (term, text) in entries {
        roff.control("TP", []);
        roff.text([bold(*term)]);
        roff.text([roman(*text)]);
    }
}
