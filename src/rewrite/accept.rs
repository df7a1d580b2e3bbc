//! Live values into the lines that manage them: the edits, the proof that nothing is left to plan, and the writing, all
//! files or none.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::plan;
use crate::plan::tenant::TenantPlan;
use crate::resource::{Key, Setting, document};
use crate::rewrite::edit::{self, Edit, EditError};
use crate::settings::{self, Desired, Managed};
use crate::text::disk::shown;
use crate::text::disk::{self, Content, NewText};
use crate::text::printable::printable;
use crate::text::problem::{Problem, Severity, line_column};
use crate::text::yaml::Source;
use crate::ui::{Exit, Stop};
use crate::workspace::load::Context;

pub mod into;
mod labels;

/// A value that a line of a settings file should ask for.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The tenant that it comes from.
    pub tenant: String,
    /// The document.
    pub key: Key,
    /// The setting and the line that manages it now.
    pub managed: Managed,
    /// The canonical value; `None` if the tenant has none.
    pub value: Option<Value>,
    /// The settings file that is to ask for it; `None` if it is the one that manages it now.
    pub into: Option<PathBuf>,
    /// The names that the tenant has for ids which the lines call something else, where they were looked up.
    pub names: BTreeMap<String, String>,
}

/// The place in a file that asks for a value: tenants with shared files may share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Destination {
    file: String,
    pointer: String,
}

impl Accepted {
    fn destination(&self) -> Destination {
        let managed = &self.managed;
        let file = self.into.as_deref().map_or_else(|| managed.place.source.name.clone(), shown);
        Destination { file, pointer: self.key.pointer(managed.setting) }
    }

    fn shown_destination(&self) -> String {
        self.into.as_deref().map_or_else(|| self.managed.place.to_string(), shown)
    }

    /// Returns whether a line has to be edited.
    fn asks_for_an_edit(&self) -> bool {
        self.has_drifted() || (self.into.is_none() && !self.names.is_empty())
    }

    fn has_drifted(&self) -> bool {
        !self.managed.setting.equal(self.value.as_ref(), Some(&self.managed.value))
    }
}

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

/// Returns the live value of every managed setting of tenants that could be read, drifted or not: a line that two
/// tenants share has to fit both.
pub fn drifted<'a>(tenants: impl IntoIterator<Item = &'a TenantPlan>) -> Vec<Accepted> {
    let mut found = Vec::new();
    for tenant in tenants {
        for resource in tenant.resources() {
            let Ok(read) = &resource.outcome else { continue };
            found.extend(resource.desired.settings.iter().map(|managed| Accepted {
                tenant: tenant.name.clone(),
                key: resource.desired.key.clone(),
                managed: Managed::clone(managed),
                // The document was compared, so every managed setting in it can be read.
                value: resource.desired.key.read(managed.setting, read.live.document()).unwrap_or_default(),
                into: None,
                names: misnamed(tenant, managed),
            }));
        }
    }
    found
}

/// Returns the tenant's names for the ids of a setting that its lines call something else.
fn misnamed(tenant: &TenantPlan, managed: &Managed) -> BTreeMap<String, String> {
    let found = tenant.looked_up.iter().flat_map(|looked_up| &looked_up.misnamed);
    let here = found.filter(|misnamed| misnamed.place == managed.place);
    here.map(|misnamed| (misnamed.id.clone(), misnamed.name.clone())).collect()
}

/// Takes out of `accepted` what a file cannot ask for, so that the rest can be written. Returns one text for each. A line
/// that another tenant has a value for stays in, since the two differ.
pub fn take_unwritable(accepted: &mut Vec<Accepted>) -> Vec<String> {
    let unwritable =
        |wish: &Accepted| wish.has_drifted() && writable(wish.managed.setting, wish.value.as_ref()).is_none();
    let writable: HashSet<Destination> =
        accepted.iter().filter(|wish| !unwritable(wish)).map(Accepted::destination).collect();
    let mut left = Vec::new();
    accepted.retain(|wish| {
        let stays = writable.contains(&wish.destination());
        if !stays {
            left.push(without_value(wish));
        }
        stays
    });
    left
}

fn without_value(Accepted { tenant, managed, .. }: &Accepted) -> String {
    format!("{}: {tenant} has no value of {}, and a file cannot ask for that", managed.place, managed.setting)
}

/// What to do about a line that asks for something while the tenant has no value.
pub const NO_VALUE: &str = "delete the line to leave the setting unmanaged, or apply to give the tenant its value";

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

/// Returns what a file has to say to ask for a live value; `None` if it cannot ask for it.
pub fn writable(setting: &Setting, live: Option<&Value>) -> Option<Value> {
    match live {
        Some(Value::Null) | None if setting.kind.is_set() => Some(Value::Array(Vec::new())),
        Some(value) if !value.is_null() => Some(value.clone()),
        // In a file null means no approval, which a tenant that shows nothing may not have.
        _ if setting.kind.is_list() => None,
        _ => setting.nullable.then_some(Value::Null),
    }
}

/// What a tenant will answer once the files are written.
pub struct Expected<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// Its settings files, in layer order.
    pub files: &'a [PathBuf],
    /// Its live documents.
    pub documents: Vec<(&'a Key, Cow<'a, Value>)>,
}

/// Checks offline that nothing is left to plan for what was accepted once the files are written.
///
/// # Errors
///
/// A tenant would still differ from its files, or they would not be valid.
pub fn prove(expected: &[Expected<'_>], accepted: &[Accepted], rewrites: &[Rewrite]) -> Result<(), Stop> {
    let mut left = Vec::new();
    for Expected { tenant, files, documents } in expected {
        let (desired, problems) = read_again(files, rewrites);
        let errors = problems.into_iter().filter(|problem| problem.severity == Severity::Error);
        left.extend(errors.map(|problem| format!("{tenant}: {}", problem.message)));
        let ours = |accepted: &&Accepted| accepted.tenant == *tenant;
        for (key, live) in documents {
            let Some(wanted) = desired.get(key) else {
                if accepted.iter().filter(ours).any(|accepted| accepted.key == **key) {
                    left.push(format!("{tenant}: {key} would no longer be managed"));
                }
                continue;
            };
            let changed = plan::compare(wanted, live).map(|comparison| comparison.changes).unwrap_or_default();
            for change in changed {
                let asked = |accepted: &Accepted| accepted.key == **key && accepted.managed.setting == change.setting;
                if accepted.iter().filter(ours).any(asked) {
                    left.push(format!("{tenant}: {key}.{} would still differ", change.setting));
                }
            }
        }
    }
    if left.is_empty() {
        return Ok(());
    }
    let message = "the edited files would not say what the tenants have; nothing was changed";
    Err(Stop { details: left, ..Stop::new(Exit::Failed, message, "edit the lines by hand, then run sailplan plan") })
}

/// Reads settings files as they will be.
fn read_again(files: &[PathBuf], rewrites: &[Rewrite]) -> (Desired, Vec<Problem>) {
    let mut sources: Vec<Arc<Source>> = Vec::new();
    let same_file = |first: &Path, second: &Path| matches!((first.canonicalize(), second.canonicalize()), (Ok(first), Ok(second)) if first == second);
    for path in files {
        match rewrites.iter().find(|rewrite| same_file(path, &rewrite.path)) {
            Some(rewrite) => sources.push(Source::new(shown(path), rewrite.new.as_str())),
            None => sources.extend(disk::read(path, Content::Yaml)),
        }
    }
    settings::read(&sources)
}

/// Returns what the edits ask of other tenants than those that the values come from: they share the lines. One text for
/// each setting and tenant.
pub fn side_effects(tenants: &[(&str, &[PathBuf])], accepted: &[Accepted], rewrites: &[Rewrite]) -> Vec<String> {
    let mut found = Vec::new();
    for (tenant, files) in tenants {
        let (before, _) = read_again(files, &[]);
        let (after, _) = read_again(files, rewrites);
        for (wanted, managed) in
            after.resources.iter().flat_map(|wanted| wanted.settings.iter().map(move |managed| (wanted, managed)))
        {
            let setting = managed.setting;
            let same = |accepted: &Accepted| accepted.key == wanted.key && accepted.managed.setting == setting;
            if accepted.iter().any(|accepted| accepted.tenant == *tenant && same(accepted)) {
                continue;
            }
            let earlier = before.get(&wanted.key).and_then(|before| before.get(setting.pointer));
            let earlier = earlier.map(|managed| managed.value.as_ref());
            if !setting.equal(earlier, Some(managed.value.as_ref())) {
                let (was, now) = setting.show_both(earlier, Some(managed.value.as_ref()));
                found.push(format!(
                    "{}: {tenant}: {}.{setting} was asked to be {was}, now {now}",
                    managed.place, wanted.key,
                ));
            }
        }
    }
    found
}

/// Warns of [`side_effects`].
pub fn tell_side_effects(
    context: &Context,
    tenants: &[(&str, &[PathBuf])],
    accepted: &[Accepted],
    rewrites: &[Rewrite],
) {
    let found = side_effects(tenants, accepted, rewrites);
    if !found.is_empty() {
        context.ui.warn_of("other tenants share these lines, and their next apply would follow", &found);
    }
}

/// Shows what the files are to say.
pub fn show(context: &Context, rewrites: &[Rewrite]) {
    context.ui.show(&rewrites.iter().map(Rewrite::diff).collect::<String>());
}

/// Returns the names of the files.
pub fn names(rewrites: &[Rewrite]) -> String {
    rewrites.iter().map(|rewrite| shown(&rewrite.path)).collect::<Vec<_>>().join(", ")
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
