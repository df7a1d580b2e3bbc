//! The settings files that are to ask for accepted values: edited, shown and written, all or none.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::{Accepted, Destination, NO_VALUE, labels, without_value, writable};
use crate::resource::document;
use crate::rewrite::edit::{self, Edit, EditError};
use crate::text::disk::{self, Content, NewText, shown};
use crate::text::list::few;
use crate::text::printable::printable;
use crate::text::problem::line_column;
use crate::ui::{Exit, Stop};
use crate::workspace::load::Context;

/// A settings file with its new text.
#[derive(Clone, Debug)]
pub struct Rewrite {
    /// The file.
    pub path: PathBuf,
    /// What it says now, without its byte order mark.
    pub old: String,
    /// What it is to say.
    pub new: String,
    /// How many settings change.
    pub settings: usize,
    /// How many names beside ids change, in settings that do not.
    pub names: usize,
}

impl Rewrite {
    /// Returns the lines that differ as a unified diff, harmless to show.
    pub fn diff(&self) -> String {
        let name = shown(&self.path);
        let diff = similar::TextDiff::from_lines(self.old.as_str(), self.new.as_str())
            .unified_diff()
            .context_radius(3)
            .header(&name, &name)
            .to_string();
        diff.lines().map(|line| format!("{}\n", printable(line.trim_end_matches('\r')))).collect()
    }
}

/// Files with their new text, and what could not be put into them.
#[derive(Debug)]
pub struct Edited {
    /// The files.
    pub rewrites: Vec<Rewrite>,
    /// The settings that are written in a form that cannot be edited, one text for each.
    pub left: Vec<String>,
}

/// Edits the files so that they ask for `accepted`. A setting that cannot be edited is taken out of `accepted` and does not
/// stop the others.
///
/// # Errors
///
/// Two tenants want different values in one place, or a file cannot be read.
pub fn rewrite(accepted: &mut Vec<Accepted>, layers: &[Vec<PathBuf>]) -> Result<Edited, Stop> {
    let mut first: HashMap<Destination, usize> = HashMap::new();
    let mut edits: BTreeMap<PathBuf, (&Path, Vec<usize>)> = BTreeMap::new();
    let mut clashes = Vec::new();
    for (index, wish) in accepted.iter().enumerate() {
        let Accepted { tenant, managed, value, .. } = wish;
        let setting = managed.setting;
        let earlier = first.entry(wish.destination()).or_insert(index);
        if let Some(earlier) = accepted.get(*earlier).filter(|_| *earlier != index)
            && !setting.equal(value.as_ref(), earlier.value.as_ref())
        {
            let (one, other) = setting.show_both(earlier.value.as_ref(), value.as_ref());
            clashes.push(format!(
                "{}: {setting} is {one} in {} and {other} in {tenant}",
                wish.shown_destination(),
                earlier.tenant,
            ));
        }
    }
    if !clashes.is_empty() {
        let message = "the tenants share lines and have different values; nothing was changed";
        let help = "choose one with --tenant NAME, or give a tenant a settings file of its own after the shared one";
        return Err(Stop { details: clashes, ..Stop::new(Exit::Refused, message, help) });
    }
    let mut written: HashSet<Destination> = HashSet::new();
    for (index, wish) in accepted.iter().enumerate().filter(|(_, wish)| wish.asks_for_an_edit()) {
        if written.insert(wish.destination()) {
            let (path, file) = file_of(wish, layers)?;
            edits.entry(file).or_insert((path, Vec::new())).1.push(index);
        }
    }
    let mut edited = Edited { rewrites: Vec::new(), left: Vec::new() };
    let mut untouched: HashSet<Destination> = HashSet::new();
    for (path, wishes) in edits.into_values() {
        let wishes: Vec<&Accepted> = wishes.iter().filter_map(|index| accepted.get(*index)).collect();
        let (rewrite, left) = rewrite_file(path, &wishes)?;
        edited.rewrites.extend(rewrite);
        for (destination, text) in left {
            untouched.insert(destination);
            edited.left.push(text);
        }
    }
    accepted.retain(|wish| !untouched.contains(&wish.destination()));
    Ok(edited)
}

/// What to do about a file that cannot be edited.
pub const BY_HAND: &str = "change the file by hand, or apply to bring the tenant back to it";

fn failed(name: &str, why: &dyn std::fmt::Display) -> Stop {
    Stop::new(Exit::Failed, format!("{name}: {why}; nothing was changed"), BY_HAND)
}

/// Returns the path of the file that a line is in, and the file itself: a workspace may name one file in several ways.
fn file_of<'a>(accepted: &Accepted, layers: &'a [Vec<PathBuf>]) -> Result<(&'a Path, PathBuf), Stop> {
    let name = accepted.destination().file;
    let missing = || failed(&name, &"the file is not among the settings files");
    let path = layers.iter().flatten().find(|path| shown(path) == name).ok_or_else(missing)?;
    let file = path.canonicalize().map_err(|error| failed(&name, &error))?;
    Ok((path, file))
}

/// A file if anything changes, and the places that cannot be edited with what to say of each.
type FileEdit = (Option<Rewrite>, Vec<(Destination, String)>);

/// Edits one file.
fn rewrite_file(path: &Path, accepted: &[&Accepted]) -> Result<FileEdit, Stop> {
    let name = shown(path);
    let failed = |why: String| failed(&name, &why);
    let source = disk::read(path, Content::Yaml).map_err(|problem| failed(problem.message))?;
    let old = source.text.clone();
    if accepted.iter().any(|wish| wish.into.is_none() && wish.managed.place.source.text != old) {
        return Err(failed("somebody changed the file meanwhile".to_owned()));
    }
    let (mut new, mut settings, mut names, mut left) = (old.clone(), 0, 0, Vec::new());
    for wish in accepted.iter().copied() {
        let Accepted { key, managed, value, .. } = wish;
        let setting = managed.setting;
        if !wish.has_drifted() {
            let path: Vec<String> = key.path(setting).into_iter().map(str::to_owned).collect();
            let text = labels::correct(&name, new.clone(), &path, wish);
            names += if text == new { 0 } else { wish.names.len() };
            new = text;
            continue;
        }
        let value = match value {
            Some(live) if setting.is_whole() => Some(document::known(key.resource, live)),
            value => writable(setting, value.as_ref()),
        };
        let value = value.ok_or_else(|| {
            Stop::new(Exit::Failed, format!("{}; nothing was changed", without_value(wish)), NO_VALUE)
        })?;
        let edit = Edit::Set { path: key.path(setting).into_iter().map(str::to_owned).collect(), value };
        let edits = std::slice::from_ref(&edit);
        match edit::edit(&name, &new, edits) {
            Ok(text) => {
                new = labels::keep(&name, text, &edit, wish);
                settings += 1;
            }
            Err(error) => {
                // Edits before this one moved the lines.
                let error = edit::edit(&name, &old, edits).err().unwrap_or(error);
                left.push((wish.destination(), why_left(wish, &error)));
            }
        }
    }
    let rewrite = (settings + names > 0).then(|| Rewrite { path: path.to_owned(), old, new, settings, names });
    Ok((rewrite, left))
}

fn why_left(wish: &Accepted, error: &EditError) -> String {
    let setting = wish.managed.setting;
    match error {
        EditError::Form { place, why, .. } => {
            let (line, column) = line_column(place);
            format!("{}:{line}:{column}: {setting} cannot be edited in place: {why}", place.source.name)
        }
        EditError::Lost(_) | EditError::Missing(_) => {
            format!("{}: {setting} cannot say in the file what the tenant has", wish.shown_destination())
        }
        EditError::Invalid(_) => format!("{}: {setting}: {error}", wish.shown_destination()),
    }
}

/// Shows what the files are to say.
pub fn show(context: &Context, rewrites: &[Rewrite]) {
    context.ui.show(&rewrites.iter().map(Rewrite::diff).collect::<String>());
}

/// Returns the names of the files, of many the first.
pub fn names(rewrites: &[Rewrite]) -> String {
    const NAMED: usize = 10;
    few(&rewrites.iter().map(|rewrite| shown(&rewrite.path)).collect::<Vec<_>>(), NAMED)
}

/// Writes every file or none.
///
/// # Errors
///
/// A file was changed in the meantime or cannot be written.
pub fn write(rewrites: &[Rewrite]) -> Result<(), Stop> {
    let files: Vec<NewText<'_>> =
        rewrites.iter().map(|rewrite| NewText { path: &rewrite.path, old: &rewrite.old, new: &rewrite.new }).collect();
    disk::rewrite(&files).map_err(|error| {
        Stop::new(Exit::Failed, error.to_string(), "check the file and its folder, then run the command again")
    })
}
