//! The workspace files of a revision and of the checkout, read into what can be compared.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::control::{At, Entry, State};
use crate::guardrails::RuleSet;
use crate::settings::Desired;
use crate::tenant::Address;
use crate::text::disk::{Disk, Files};
use crate::text::paths::real_path;
use crate::text::problem::{Problem, rules};
use crate::text::revision::Revision;
use crate::text::source::Source;
use crate::workspace::access::{self, Found};
use crate::workspace::load::{Loaded, SettingsFiles, read_allowances, variable};
use crate::workspace::{self, FILE_NAME, Listed, Target, Workspace, Wrong, folder_of};

/// Returns whether the command line chooses a tenant of this name and these labels.
pub(super) type Chosen<'a> = &'a dyn Fn(&str, &[(String, String)]) -> bool;

/// Reads every workspace file of a revision.
///
/// # Errors
///
/// A workspace file has errors that the checkout does not have as well, or allowances cannot be read.
pub(super) fn of_revision(
    revision: &Revision,
    loaded: &mut Loaded,
    chosen: Chosen<'_>,
) -> Result<Vec<Entry>, Vec<Problem>> {
    let own = loaded.workspace.as_deref().map(real_path);
    let mut reader = Reader::new(revision, Some(revision.name()), chosen, own.clone());
    let mut found = Vec::new();
    for path in revision.workspaces(own.as_deref()).map_err(|problem| vec![problem])? {
        match reader.workspace(&path) {
            Ok(entries) => found.extend(entries),
            // Anything may hold the word `tenants`, and a workspace file with errors was never in force. But what this
            // branch changes or deletes has to be understood.
            Err(wrong) => {
                let is_own = own.as_ref() == Some(&real_path(&path));
                let is_workspace = path.file_name().is_some_and(|name| name == FILE_NAME);
                let others = Listed::paths(&wrong.allowances).into_iter().chain(wrong.tenant_files);
                let mut files = std::iter::once(path).chain(others);
                if is_own || (is_workspace && !files.all(|file| is_unchanged(revision, &file))) {
                    return Err(wrong.problems);
                }
            }
        }
    }
    if loaded.workspace.is_none() {
        for target in &loaded.targets {
            let mut there = Vec::new();
            for path in loaded.layers.iter().flatten() {
                if revision.has(path).map_err(|problem| vec![problem])? {
                    there.push(path.clone());
                }
            }
            let desired = reader.settings(&target.name, &Listed::typed(&there));
            found.push(of_environment(target, desired, Some(revision.name())));
        }
    }
    loaded.problems.extend(reader.finish());
    Ok(found)
}

/// Reads every workspace file of the checkout.
///
/// # Errors
///
/// git cannot list the files.
pub(super) fn of_checkout(
    revision: &Revision,
    loaded: &mut Loaded,
    chosen: Chosen<'_>,
) -> Result<Vec<Entry>, Vec<Problem>> {
    let own = loaded.workspace.as_deref().map(real_path);
    let mut reader = Reader::new(&Disk, None, chosen, own.clone());
    let mut found = Vec::new();
    for path in revision.checkout(own.as_deref()).map_err(|problem| vec![problem])? {
        // The run tells what is wrong with its own file.
        match reader.workspace(&path) {
            Ok(entries) => found.extend(entries),
            Err(wrong)
                if path.file_name().is_some_and(|name| name == FILE_NAME)
                    && own.as_ref() != Some(&real_path(&path)) =>
            {
                let message = "this workspace file has errors, so its tenants count as missing from the checkout";
                let place = wrong.problems.into_iter().find_map(|problem| problem.place);
                let place = place.unwrap_or_else(|| Source::new(path.display().to_string(), "").place(0..0));
                loaded.problems.push(Problem::warning(rules::BASE_WORKSPACE, message).at(place).help("fix it"));
            }
            Err(_) => {}
        }
    }
    if loaded.workspace.is_none() {
        for (target, layers) in loaded.targets.iter().zip(&loaded.layers) {
            let (desired, _) = SettingsFiles::of(&Disk).read(&Listed::typed(layers));
            found.push(of_environment(target, Some(Arc::new(desired)), None));
        }
    }
    Ok(found)
}

/// A practice tenant's file is relative to its workspace file: where a whole folder moved, it moved along.
pub(super) fn rebased(mut then: Vec<Entry>, now: &State) -> Vec<Entry> {
    for entry in then.iter_mut().filter(|entry| entry.practice) {
        let moved = now.named(&entry.name).filter(|new| new.practice && new.url == entry.url);
        let mut moved = moved.filter(|new| new.workspace != entry.workspace);
        if let (false, Some(new), None) = (entry.workspace.exists(), moved.next(), moved.next()) {
            entry.at = new.at.clone();
        }
    }
    then
}

fn is_unchanged(revision: &Revision, path: &Path) -> bool {
    match (revision.read(path), Disk.read(path)) {
        (Ok(then), Ok(now)) => then.text == now.text,
        _ => false,
    }
}

/// The tenant of a run without a workspace.
fn of_environment(target: &Target, desired: Option<Arc<Desired>>, revision: Option<&str>) -> Entry {
    let revision = revision.map(str::to_owned);
    Entry {
        workspace: PathBuf::new(),
        name: target.name.clone(),
        url: target.url.clone(),
        at: At::Known(access::place(&target.url)),
        place: Source::new("SAIL_BASE_URL", "").place(0..0),
        own: true,
        chosen: true,
        practice: target.url.starts_with("practice:"),
        desired,
        rules: Arc::new(RuleSet { tenant: target.name.clone(), revision, ..RuleSet::default() }),
    }
}

/// Reads workspace files from one state of the files.
struct Reader<'a> {
    files: &'a dyn Files,
    revision: Option<&'a str>,
    chosen: Chosen<'a>,
    /// The workspace file of the run.
    own: Option<PathBuf>,
    settings: SettingsFiles<'a>,
    /// Settings by the files they are in, or what is wrong with them and for which tenant that was found.
    read: HashMap<Vec<PathBuf>, Result<Arc<Desired>, Unread>>,
}

/// What is wrong with settings, and for which tenant it was found first.
type Unread = (String, Box<Problem>);

impl<'a> Reader<'a> {
    fn new(files: &'a dyn Files, revision: Option<&'a str>, chosen: Chosen<'a>, own: Option<PathBuf>) -> Reader<'a> {
        Reader { files, revision, chosen, own, settings: SettingsFiles::of(files), read: HashMap::new() }
    }

    fn workspace(&mut self, path: &Path) -> Result<Vec<Entry>, Wrong> {
        let (workspace, _) = workspace::read(self.files, path)?;
        let (allowances, problems) = read_allowances(self.files, &workspace.allowances);
        if problems.iter().any(Problem::is_error) {
            let Workspace { allowances, tenant_files, .. } = workspace;
            return Err(Wrong { problems, settings: Vec::new(), allowances, tenant_files });
        }
        let (allowances, folder) = (Arc::new(allowances), folder_of(path));
        let (secrets, real) = (workspace.secrets(), real_path(path));
        let mut entries = Vec::new();
        for tenant in &workspace.tenants {
            let found = access::of_tenant(tenant, &secrets, folder, variable);
            let at = at(tenant, &found, folder);
            let Found { url, .. } = found;
            entries.push(Entry {
                workspace: real.clone(),
                name: tenant.name.clone(),
                at,
                place: tenant.url.place.clone(),
                own: self.own.as_ref() == Some(&real),
                chosen: (self.chosen)(&tenant.name, &tenant.labels),
                practice: url.starts_with("practice:"),
                desired: self.settings(&tenant.name, &tenant.settings),
                rules: Arc::new(RuleSet {
                    tenant: tenant.name.clone(),
                    guardrails: workspace.guardrails(tenant, &url),
                    allowances: allowances.clone(),
                    revision: self.revision.map(str::to_owned),
                }),
                url,
            });
        }
        Ok(entries)
    }

    /// Reads settings files, which many tenants may share. Errors in them do not keep anyone from fixing them: only what they
    /// would have told is missing.
    fn settings(&mut self, tenant: &str, layers: &[Listed]) -> Option<Arc<Desired>> {
        let settings = &mut self.settings;
        let read = self.read.entry(Listed::paths(layers)).or_insert_with(|| {
            let (desired, problems) = settings.read(layers);
            match problems.into_iter().find(|problem| problem.is_error()) {
                Some(error) => Err((tenant.to_owned(), Box::new(error))),
                None => Ok(Arc::new(desired)),
            }
        });
        read.as_ref().ok().cloned()
    }

    /// Returns what is wrong with settings of a revision.
    fn finish(self) -> Vec<Problem> {
        let revision = self.revision.unwrap_or_default();
        let tell = |(tenant, error): Unread| {
            let place = error.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
            let message = format!(
                "the settings of tenant {tenant} in {revision} have errors, so the causes of its changes and what it no longer \
                 manages are not known: {place}{}",
                error.message
            );
            Problem::warning(rules::BASE_SETTINGS, message).help("fix them there, or leave --base out")
        };
        let mut problems: Vec<Problem> = self.read.into_values().filter_map(Result::err).map(tell).collect();
        problems.sort_by(|problem, next| problem.message.cmp(&next.message));
        problems
    }
}

/// Returns where a tenant is. Practice tenants are compared by the real path of their file.
fn at(tenant: &workspace::Tenant, found: &Found, folder: &Path) -> At {
    if found.url.contains("${") {
        return At::Unknown(tenant.url.text.clone());
    }
    match found.url.strip_prefix("practice:") {
        Some(file) => At::Known(format!("practice:{}", real_path(&folder.join(file)).display())),
        None if Address::parse(&found.url).is_ok() => At::Known(access::place(&found.url)),
        None => At::Unknown(tenant.url.text.clone()),
    }
}
