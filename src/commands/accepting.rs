//! Live values into the lines that manage them: the edits, the proof that nothing is left to plan, and the writing, all
//! files or none.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tempfile::NamedTempFile;

use super::shown;
use crate::desired::{self, Managed};
use crate::edit::{self, Edit, EditError};
use crate::fleet::TenantPlan;
use crate::plan;
use crate::printable::printable;
use crate::problem::Severity;
use crate::resource::{Resource, Setting, document};
use crate::ui::{Exit, Stop};
use crate::yaml::Source;

/// A value that a line of a settings file should ask for.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The tenant that it comes from.
    pub tenant: String,
    /// The resource.
    pub resource: &'static Resource,
    /// The setting and the line that manages it now.
    pub managed: Managed,
    /// The canonical value; none where the tenant has none.
    pub value: Option<Value>,
}

/// A settings file with its new text.
#[derive(Clone, Debug)]
pub struct Rewrite {
    /// The file.
    pub path: PathBuf,
    /// What it says now, with its byte order mark.
    pub old: String,
    /// What it is to say.
    pub new: String,
    /// How many settings change.
    pub settings: usize,
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
/// tenants share has to suit both.
pub fn drifted(tenants: &[TenantPlan]) -> Vec<Accepted> {
    let mut found = Vec::new();
    for tenant in tenants {
        for one in tenant.outcome.iter().flat_map(|connected| &connected.resources) {
            let Ok(read) = &one.outcome else { continue };
            found.extend(one.desired.settings.iter().map(|managed| Accepted {
                tenant: tenant.name.clone(),
                resource: one.desired.resource,
                managed: managed.clone(),
                // The document was compared, so every managed setting in it can be read.
                value: document::read(managed.setting, &read.live).unwrap_or_default(),
            }));
        }
    }
    found
}

/// Returns the files with the lines edited that ask for something else than `accepted`.
///
/// # Errors
///
/// Two tenants want different values in one line, a value cannot be written, or a file cannot be read or edited.
pub fn rewrite(accepted: &[Accepted], layers: &[Vec<PathBuf>]) -> Result<Vec<Rewrite>, Stop> {
    let mut edits: BTreeMap<&str, Vec<&Accepted>> = BTreeMap::new();
    let mut clashes = Vec::new();
    let same_line = |one: &Accepted, other: &Accepted| {
        one.managed.place == other.managed.place && one.managed.setting.pointer == other.managed.setting.pointer
    };
    for (index, one) in accepted.iter().enumerate() {
        let setting = one.managed.setting;
        let others = accepted.get(..index).unwrap_or_default();
        if let Some(other) = others.iter().find(|other| same_line(one, other)) {
            if !setting.equal(one.value.as_ref(), other.value.as_ref()) {
                clashes.push(format!(
                    "{}: {setting} is {} in {} and {} in {}",
                    one.managed.place,
                    setting.show(other.value.as_ref()),
                    other.tenant,
                    setting.show(one.value.as_ref()),
                    one.tenant
                ));
            }
        } else if !setting.equal(one.value.as_ref(), Some(&one.managed.value)) {
            edits.entry(one.managed.place.source.name.as_str()).or_default().push(one);
        }
    }
    if !clashes.is_empty() {
        let message = "the tenants share lines and have different values; nothing was changed";
        let help = "choose one with --tenant NAME, or give a tenant a settings file of its own behind the shared one";
        return Err(Stop { details: clashes, ..Stop::new(Exit::Refused, message, help) });
    }
    edits.into_iter().map(|(name, accepted)| rewrite_file(name, &accepted, layers)).collect()
}

fn rewrite_file(name: &str, accepted: &[&Accepted], layers: &[Vec<PathBuf>]) -> Result<Rewrite, Stop> {
    let failed = |why: String| {
        let help = "change the file by hand, or apply to bring the tenant back to it";
        Stop::new(Exit::Failed, format!("{name}: {why}; nothing was changed"), help)
    };
    let Some(path) = layers.iter().flatten().find(|path| shown(path) == name) else {
        return Err(failed("the file is not among the settings files".to_owned()));
    };
    let old = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let read = accepted.first().map(|one| one.managed.place.source.text.as_str());
    if Some(old.strip_prefix('\u{feff}').unwrap_or(&old)) != read {
        return Err(failed("somebody changed the file meanwhile".to_owned()));
    }
    let mut edits = Vec::new();
    for one in accepted {
        let setting = one.managed.setting;
        let value = match &one.value {
            Some(Value::Null) | None if setting.kind.is_list() => Value::Array(Vec::new()),
            Some(value) if !value.is_null() => value.clone(),
            _ if setting.nullable => Value::Null,
            _ => {
                let message = format!(
                    "{}: {} has no value of {setting}, and a file cannot ask for that; nothing was changed",
                    one.managed.place, one.tenant
                );
                let help = "delete the line to leave the setting unmanaged, or apply to give the tenant its value";
                return Err(Stop::new(Exit::Failed, message, help));
            }
        };
        let keys = setting.keys().map(str::to_owned);
        edits.push(Edit::Set { path: std::iter::once(one.resource.name.to_owned()).chain(keys).collect(), value });
    }
    let new = edit::edit(&old, &edits).map_err(|error| match error {
        EditError::Lost(path) => failed(format!("`{path}` cannot say in the file what the tenant has")),
        error => failed(error.to_string()),
    })?;
    Ok(Rewrite { path: path.clone(), old, new, settings: accepted.len() })
}

/// Checks offline that nothing is left to plan once the files are written.
///
/// # Errors
///
/// A tenant would still differ from its files, or they would not be valid.
pub fn prove(tenants: &[TenantPlan], layers: &[Vec<PathBuf>], rewrites: &[Rewrite]) -> Result<(), Stop> {
    let mut left = Vec::new();
    for (tenant, files) in tenants.iter().zip(layers) {
        let Ok(connected) = &tenant.outcome else { continue };
        let mut sources: Vec<Arc<Source>> = Vec::new();
        for path in files {
            match rewrites.iter().find(|rewrite| rewrite.path == *path) {
                Some(rewrite) => sources.push(Source::new(shown(path), rewrite.new.as_str())),
                None => sources.extend(Source::read(path, &shown(path))),
            }
        }
        let (desired, problems) = desired::read(&sources);
        let errors = problems.into_iter().filter(|problem| problem.severity == Severity::Error);
        left.extend(errors.map(|problem| format!("{}: {}", tenant.name, problem.message)));
        for one in &connected.resources {
            let wanted = desired.resources.iter().find(|wanted| wanted.resource.name == one.desired.resource.name);
            let (Some(wanted), Ok(read)) = (wanted, &one.outcome) else {
                left.push(format!("{}: {} would no longer be managed", tenant.name, one.desired.resource.name));
                continue;
            };
            let changed = plan::compare(wanted, &read.live).map(|comparison| comparison.changes).unwrap_or_default();
            let line =
                |setting: &Setting| format!("{}: {}.{setting} would still differ", tenant.name, wanted.resource.name);
            left.extend(changed.iter().map(|change| line(change.setting)));
        }
    }
    if left.is_empty() {
        return Ok(());
    }
    let message = "the edited files would not say what the tenants have; nothing was changed";
    Err(Stop { details: left, ..Stop::new(Exit::Refused, message, "edit the lines by hand, then run sailplan plan") })
}

/// Writes every file or none: all are on disk beside the old ones before the first takes its place, and those that did
/// go back when a later one cannot.
///
/// # Errors
///
/// A file was changed meanwhile or cannot be written.
pub fn write(rewrites: &[Rewrite]) -> Result<(), Stop> {
    let stop = |path: &Path, why: &dyn std::fmt::Display| {
        let message = format!("{} cannot be written: {why}; no file was changed", shown(path));
        Stop::new(Exit::Failed, message, "check the file and its folder, then run the command again")
    };
    let mut staged = Vec::new();
    for rewrite in rewrites {
        if std::fs::read_to_string(&rewrite.path).ok().as_deref() != Some(rewrite.old.as_str()) {
            return Err(stop(&rewrite.path, &"somebody changed it meanwhile"));
        }
        let target = rewrite.path.canonicalize().map_err(|error| stop(&rewrite.path, &error))?;
        staged.push((stage(&target, &rewrite.new).map_err(|error| stop(&rewrite.path, &error))?, target, rewrite));
    }
    let mut written: Vec<(PathBuf, &Rewrite)> = Vec::new();
    for (file, target, rewrite) in staged {
        if let Err(error) = file.persist(&target) {
            for (target, rewrite) in &written {
                // Nothing more can be done for a file that cannot go back; the message names the cause of it all.
                let _ = stage(target, &rewrite.old).and_then(|file| file.persist(target).map_err(|error| error.error));
            }
            return Err(stop(&rewrite.path, &error.error));
        }
        written.push((target, rewrite));
    }
    Ok(())
}

/// Returns a synced file beside `target` with its rights, ready to take its place.
fn stage(target: &Path, text: &str) -> std::io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(target.parent().unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(std::fs::metadata(target)?.permissions())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Writes a new file, with its folders.
///
/// # Errors
///
/// The file exists, or cannot be written.
pub fn create(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
