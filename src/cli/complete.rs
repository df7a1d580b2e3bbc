//! Completion of values in the shell: tenants and labels of the workspace, settings, resources, receipts.
//!
//! The script that `sailplan completions` prints asks the program itself, by way of an environment variable, for what could
//! stand at the cursor. Nothing is sent to any tenant.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::Shells;

use super::manual::program;
use super::pages;
use super::typed::Typed;
use crate::commands::migrate::RESOURCE;
use crate::resource::CATALOGUE;
use crate::resource::named::names;
use crate::run::ledger;
use crate::text::disk::{self, Disk};
use crate::workspace::{self, Workspace};

/// The variable by which the script asks: it holds the name of the shell.
const VARIABLE: &str = "SAILPLAN_COMPLETE";

/// Where the values of an argument come from.
type Values = fn(&Place) -> Vec<CompletionCandidate>;

/// Arguments that have values of their own.
const VALUES: [(&str, Values); 9] = [
    ("tenants", tenants),
    ("labels", labels),
    ("setting", settings),
    ("only", settings),
    ("drops", dropped),
    ("resources", resources),
    ("rolled-back", receipts),
    ("settle", receipts),
    ("page", commands),
];

/// Returns the script that makes a shell complete `sailplan`.
///
/// # Errors
///
/// The shell is not known, or the script cannot be made.
pub fn script(shell: &str) -> io::Result<String> {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    let shell = shells.completer(shell).ok_or(io::ErrorKind::Unsupported)?;
    shell.write_registration(VARIABLE, "sailplan", "sailplan", "sailplan", &mut script)?;
    Ok(String::from_utf8_lossy(&script).into_owned())
}

/// Returns what could stand at the cursor, in the form of the shell that asks; `None` if none does.
pub fn answer(words: &[OsString]) -> Option<io::Result<String>> {
    let name = env::var(VARIABLE).ok()?;
    let shells = Shells::builtins();
    let shell = shells.completer(&name)?;
    let typed: Vec<OsString> = words.iter().skip_while(|word| *word != "--").skip(1).cloned().collect();
    if typed.is_empty() {
        return None;
    }
    let index = env::var("_CLAP_COMPLETE_INDEX").ok().and_then(|index| index.parse::<usize>().ok());
    let word = index.map_or_else(|| typed.last(), |index| typed.get(index));
    let word = word.map(|word| word.to_string_lossy()).unwrap_or_default();
    // fish takes names that begin with a dot for hidden files until a dot is typed.
    let absolute = name == "fish" && !word.starts_with('.');
    let place = Arc::new(Place { absolute, ..Place::of(typed.get(1..).unwrap_or_default()) });
    let with_values = |flag: Arg| match VALUES.iter().find(|(id, _)| flag.get_id() == *id) {
        Some((_, values)) => {
            let (place, values) = (place.clone(), *values);
            flag.add(ArgValueCandidates::new(move || values(&place)))
        }
        None => flag,
    };
    // Before anything is typed, files and other values come without the flags.
    let with_flags = !word.is_empty();
    let of_command = |command: Command| {
        let values = command.get_positionals().next().is_some();
        let hides = |flag: &Arg| values && !with_flags && !flag.is_positional();
        command.mut_args(with_values).mut_args(|flag| if hides(&flag) { flag.hide(true) } else { flag })
    };
    let mut program: Command = program().mut_args(with_values).mut_subcommands(of_command);
    let mut candidates = Vec::new();
    let here = env::current_dir().ok();
    let written = shell.write_complete(&mut program, typed, here.as_deref(), &mut candidates);
    Some(written.map(|()| String::from_utf8_lossy(&candidates).into_owned()))
}

/// Where the files are that the command line is about.
struct Place {
    /// The folder in which the command will run.
    folder: PathBuf,
    workspace: Option<PathBuf>,
    /// Whether the paths of files start at the root.
    absolute: bool,
}

impl Place {
    fn of(words: &[OsString]) -> Place {
        let program = program();
        let typed = Typed::read(&program, words);
        let folder = env::current_dir().unwrap_or_default().join(typed.directory.unwrap_or_default());
        let workspace = typed.workspace.map(|file| folder.join(file)).or_else(|| workspace::find(&folder));
        Place { folder, workspace, absolute: false }
    }

    fn workspace(&self) -> Option<Workspace> {
        workspace::read(&Disk, self.workspace.as_deref()?).ok().map(|(workspace, _)| workspace)
    }
}

fn tenants(place: &Place) -> Vec<CompletionCandidate> {
    let tenants = place.workspace().map(|workspace| workspace.tenants).unwrap_or_default();
    candidates(tenants.into_iter().map(|tenant| tenant.name))
}

fn labels(place: &Place) -> Vec<CompletionCandidate> {
    let tenants = place.workspace().map(|workspace| workspace.tenants).unwrap_or_default();
    let labels = tenants.into_iter().flat_map(|tenant| tenant.labels);
    let mut labels: Vec<String> = labels.map(|(key, value)| format!("{key}={value}")).collect();
    labels.sort();
    labels.dedup();
    candidates(labels)
}

/// The full names, and the last keys of the settings that no other has.
fn settings(_: &Place) -> Vec<CompletionCandidate> {
    let full: Vec<String> = names().into_iter().map(|(name, _)| name).collect();
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let alone = |key: &String| full.iter().filter(|name| last(name) == *key).count() == 1;
    let keys: Vec<String> = full.iter().map(|name| last(name)).filter(alone).collect();
    candidates(full.into_iter().chain(keys))
}

fn resources(_: &Place) -> Vec<CompletionCandidate> {
    candidates(CATALOGUE.iter().map(|resource| resource.name.to_owned()))
}

/// The settings that a migration may leave behind.
fn dropped(_: &Place) -> Vec<CompletionCandidate> {
    let names = names().into_iter().map(|(name, _)| name);
    candidates(names.filter(|name| name.starts_with(&format!("{RESOURCE}."))))
}

/// The commands that have a page in the manual.
fn commands(_: &Place) -> Vec<CompletionCandidate> {
    candidates(pages::commands(&program()).map(|command| command.get_name().to_owned()))
}

/// The newest first: their names begin with the time.
fn receipts(place: &Place) -> Vec<CompletionCandidate> {
    let folder = place.workspace.as_deref().and_then(Path::parent).unwrap_or(&place.folder);
    let Some(folder) = ledger::receipts(folder) else { return Vec::new() };
    let files = disk::files_in(&folder).into_iter().rev();
    let receipts = files.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let start = if place.absolute { Path::new("") } else { &place.folder };
    candidates(receipts.map(|path| path.strip_prefix(start).unwrap_or(&path).display().to_string()))
}

/// Leaves out what a shell would not take as it is: a file could make a name a command.
fn candidates(values: impl IntoIterator<Item = String>) -> Vec<CompletionCandidate> {
    let plain = |value: &String| value.chars().all(|c| c.is_alphanumeric() || "._-=/[]:@".contains(c));
    let values = values.into_iter().filter(plain).enumerate();
    values.map(|(place, value)| CompletionCandidate::new(value).display_order(Some(place))).collect()
}
