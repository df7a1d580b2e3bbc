//! `sailplan man`: the manual.

use std::path::{Path, PathBuf};

use clap::{Args, Command};

use super::pages;
use crate::text::disk::{self, Rights, shown};
use crate::text::nearest::{did_you_mean, nearest};
use crate::ui::{Exit, Stop, Ui};

/// Print a page of the manual, or write all of them
#[derive(Args, Debug)]
pub struct ManArgs {
    /// The command whose page is printed; without it, that of sailplan itself
    #[arg(value_name = "COMMAND", conflicts_with = "dir")]
    pub page: Option<String>,
    /// Write every page into DIR/man1; man looks into the folder share/man beside each bin folder of PATH
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
///
/// There is no such command, or standard output or a file cannot be written.
pub fn run(ui: Ui, program: &Command, args: &ManArgs) -> anyhow::Result<Exit> {
    if let Some(folder) = &args.dir {
        let folder = folder.join("man1");
        for command in pages::commands(program).chain([program]) {
            let path = folder.join(pages::file(command));
            write(&path, &pages::page(program, command)?)?;
            ui.result(&format!("written  {}\n", shown(&path)))?;
        }
        return Ok(Exit::Done);
    }
    let command = match &args.page {
        None => program,
        Some(name) => pages::commands(program)
            .find(|command| command.get_name_and_visible_aliases().contains(&name.as_str()))
            .ok_or_else(|| unknown(program, name))?,
    };
    ui.result(&pages::page(program, command)?)?;
    Ok(Exit::Done)
}

fn unknown(program: &Command, name: &str) -> Stop {
    let names: Vec<&str> = pages::commands(program).map(Command::get_name).collect();
    let help = match nearest(name, names.iter().copied()) {
        Some(near) => did_you_mean(near),
        None => format!("the pages are {}", names.join(", ")),
    };
    Stop::new(Exit::Usage, format!("there is no page for {name}"), help)
}

fn write(path: &Path, page: &str) -> Result<(), Stop> {
    let ours = |old: &str| old.lines().any(|line| line.starts_with(".TH SAILPLAN"));
    disk::replace(path, page, Rights::Normal, ours).map_err(|error| {
        Stop::not_written(shown(path), &error, "check the folder and its rights, or name another folder")
    })
}
