//! Reading what a run is about: the workspace and its files, or the settings files for the tenant of the environment.

mod loaded;
mod same_tenant;
mod selection;
mod settings_files;

pub use loaded::Loaded;
pub use settings_files::SettingsFiles;

use std::collections::{HashMap, HashSet};
use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;

use self::same_tenant::{crowd, rules_of, twins};
use self::selection::unmatched;
use self::settings_files::FoundInFiles;
use super::access::{self, Access, Found, Location};
use super::{Listed, Target, Wrong, check, folder_of};
use crate::documents::listing;
use crate::global::Global;
use crate::global::command_line::CommandLine;
use crate::global::shard::{Shard, ShardArgs, ShardChoice};
use crate::guardrails::RuleSet;
use crate::guardrails::allowance::{self, Allowance};
use crate::report;
use crate::tenant::{Address, AllowedHosts};
use crate::text::disk::{Disk, Files, shown};
use crate::text::problem::{Problem, rules};
use crate::text::repository::leads_out;
use crate::text::threads;
use crate::ui::{Exit, Stop, Ui};
use crate::workspace;

/// What every command has at hand.
pub struct Context {
    /// The flags that every command takes.
    pub global: Global,
    /// Where it prints.
    pub ui: Ui,
    /// What was typed, for the commands that are to follow.
    pub typed: CommandLine,
}

impl Context {
    /// Returns the context of a run about the part of the tenants that `--shard` names.
    ///
    /// # Errors
    ///
    /// The environment does not say which part.
    pub fn sharded(&self, args: ShardArgs) -> Result<Context, Stop> {
        let shard = match args.shard {
            None => None,
            Some(ShardChoice::Of(shard)) => Some(shard),
            Some(ShardChoice::Auto) => Some(Shard::of_environment(variable).map_err(|why| {
                let help = "set both variables, or name the part as in --shard 1/4";
                Stop::new(Exit::Usage, format!("--shard auto: {why}"), help)
            })?),
        };
        Ok(Context { global: Global { shard, ..self.global.clone() }, ui: self.ui, typed: self.typed.clone() })
    }

    /// Reads the workspace and the settings of the chosen tenants, or the settings files for the one tenant of the
    /// environment.
    ///
    /// # Errors
    ///
    /// The command line does not fit what is there.
    pub fn load(&self, files: &[PathBuf]) -> Result<Loaded, Stop> {
        self.load_to_compare(files)?.matched()
    }

    /// Like [`Context::load`], where a selection that matches nothing may match something in a revision: see
    /// [`Loaded::unmatched`].
    ///
    /// # Errors
    ///
    /// The command line does not fit what is there.
    pub fn load_to_compare(&self, files: &[PathBuf]) -> Result<Loaded, Stop> {
        let loaded = self.load_chosen(files)?;
        self.tell(&loaded);
        Ok(loaded)
    }

    /// Tells those who asked for more which files were read, and which guardrails hold.
    fn tell(&self, loaded: &Loaded) {
        if self.ui.verbosity() == 0 {
            return;
        }
        for path in &loaded.inputs {
            let file = shown(path);
            self.ui.event(&format!("read {file}"), &[], &json!({"event": "file", "file": file}));
        }
        for target in &loaded.targets {
            for entry in listing::guardrails(&target.rules) {
                let (words, place) = (report::listed::guardrail(&entry), &entry.source);
                let text = format!("{}: guardrail {words} ({}:{})", target.name, place.file, place.line);
                let fields = json!({
                    "event": "guardrail", "tenant": target.name, "guardrail": words, "file": place.file,
                    "line": place.line,
                });
                self.ui.event(&text, &[], &fields);
            }
        }
    }

    fn load_chosen(&self, files: &[PathBuf]) -> Result<Loaded, Stop> {
        match self.workspace_file()? {
            Some(path) if files.is_empty() => self.load_workspace(&path),
            Some(path) => {
                let missing = files.iter().find(|file| !file.exists() && file.as_os_str() != "-");
                let help = match missing {
                    Some(_) => "leave it out, the files are listed in the workspace; --tenant NAME chooses a tenant",
                    None => {
                        "leave the files out, they are listed in the workspace; or run the command in a folder without one"
                    }
                };
                let message = format!("settings files are named although there is a workspace, {}", path.display());
                Err(Stop::new(Exit::Usage, message, help))
            }
            None if files.is_empty() => Err(Stop::new(
                Exit::Usage,
                "there is no sailplan.yaml here or above, and no settings file is named",
                "name settings files, use -f FILE or -C DIR, or run sailplan init",
            )),
            None => self.load_files(files),
        }
    }

    /// Reads the workspace, or takes the tenant of the environment, which no settings file is asked for.
    ///
    /// # Errors
    ///
    /// The command line does not fit what is there.
    pub fn load_tenants(&self) -> Result<Loaded, Stop> {
        match self.workspace_file()? {
            Some(path) => {
                let loaded = self.load_workspace(&path)?.matched()?;
                self.tell(&loaded);
                Ok(loaded)
            }
            None => self.load_files(&[]),
        }
    }

    /// Returns the workspace file of the run, if there is one.
    ///
    /// # Errors
    ///
    /// `-f` names a file that does not exist.
    pub fn workspace_file(&self) -> Result<Option<PathBuf>, Stop> {
        if let Some(path) = &self.global.workspace {
            if path.exists() {
                return inside(path.clone()).map(Some);
            }
            let message = format!("the workspace file {} does not exist", path.display());
            return Err(Stop::new(Exit::Usage, message, "check -f, or run sailplan init"));
        }
        env::current_dir().ok().and_then(|folder| workspace::find(&folder)).map(inside).transpose()
    }

    fn load_workspace(&self, path: &Path) -> Result<Loaded, Stop> {
        if self.global.url.is_some() {
            let message = format!("--url is given although there is a workspace, {}", path.display());
            return Err(Stop::new(Exit::Usage, message, "use --tenant NAME to choose one of its tenants"));
        }
        let mut loaded =
            Loaded { workspace: Some(path.to_owned()), inputs: vec![path.to_owned()], ..Loaded::default() };
        let workspace = match workspace::read(&Disk, path) {
            Ok((workspace, problems)) => {
                loaded.problems = problems;
                workspace
            }
            Err(wrong) => {
                loaded.unsound = true;
                self.check_others(wrong, &mut loaded);
                return Ok(loaded);
            }
        };
        loaded.ticket.clone_from(&workspace.ticket);
        loaded.inputs.extend(workspace.tenant_files.iter().cloned());
        loaded.look_ups.clone_from(&workspace.look_ups);
        let folder = folder_of(path);
        let secrets = workspace.secrets();
        loaded.inputs.extend(Listed::paths(&workspace.allowances));
        let (allowances, problems) = read_allowances(&Disk, &workspace.allowances);
        loaded.problems.extend(problems);
        let names: Vec<&str> = workspace.tenants.iter().map(|tenant| tenant.name.as_str()).collect();
        loaded.problems.extend(allowance::check(&allowances, &names, today()));
        loaded.advice.extend(allowance::ending(&allowances, today()));
        let allowances = Arc::new(allowances);
        let found: Vec<Found> = threads::in_parts(&workspace.tenants, |part| {
            part.iter().map(|tenant| access::of_tenant(tenant, &secrets, folder, variable)).collect()
        });
        let urls: Vec<String> = found.iter().map(|found| found.url.clone()).collect();
        let places: Vec<String> = found.iter().map(Found::place).collect();
        let mut entries_at: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, place) in places.iter().enumerate() {
            entries_at.entry(place).or_default().push(index);
        }
        if let Some(problem) = crowd(&workspace, &urls, &entries_at) {
            loaded.problems.push(problem);
            loaded.unsound = true;
            return Ok(loaded);
        }
        loaded.problems.extend(twins(&workspace, &urls, &entries_at));
        loaded.problems.extend(check::guardrails(&workspace, &urls));
        let is_chosen = |tenant: &&workspace::Tenant| self.global.chooses(&tenant.name, &tenant.labels);
        let (chosen, others): (Vec<_>, Vec<_>) = workspace.tenants.iter().partition(is_chosen);
        loaded.unmatched = unmatched(&self.global, &workspace, &chosen);
        let takes = |tenant: &workspace::Tenant| self.global.takes(&tenant.name, &tenant.labels);
        if let (Some(shard), false, false) =
            (self.global.shard, chosen.is_empty(), chosen.iter().any(|tenant| takes(tenant)))
        {
            self.ui.say(&format!("shard {shard} has none of the chosen tenants; there is nothing to do"));
        }
        let others = others.into_iter().chain(chosen.into_iter().filter(|tenant| !takes(tenant)));
        loaded.others = others.map(|tenant| (tenant.name.clone(), Listed::paths(&tenant.settings))).collect();
        let allowed = AllowedHosts::parse(&variable("SAILPLAN_ALLOWED_HOSTS").unwrap_or_default()).unwrap_or_default();
        loaded.unsound = loaded.failed();
        let mut found_in_files = FoundInFiles::default();
        let mut rules_at: HashMap<(&str, String), Vec<Arc<RuleSet>>> = HashMap::new();
        let mut reading = SettingsFiles::of(&Disk);
        reading.read_ahead(
            workspace.tenants.iter().filter(|tenant| takes(tenant)).map(|tenant| tenant.settings.as_slice()),
        );
        for (position, (tenant, (found, place))) in
            workspace.tenants.iter().zip(found.into_iter().zip(&places)).enumerate()
        {
            if !takes(tenant) {
                continue;
            }
            let files = Listed::paths(&tenant.settings);
            loaded.inputs.extend(files.iter().cloned());
            let (desired, problems) = reading.read(&tenant.settings);
            let errors = problems.iter().filter(|problem| problem.is_error());
            // A file that is not there yet is the least of them: doctor goes on without it.
            let error = errors.min_by_key(|problem| problem.rule == rules::FILE_MISSING).cloned();
            found_in_files.add(&tenant.name, &files, problems);
            loaded.advice.extend(check::unguarded(&workspace, tenant, &found));
            loaded.addresses.extend(check::address(tenant, &found, &allowed));
            let Found { url, access } = found;
            loaded.broken.extend(error.map(|error| (tenant.name.clone(), error)));
            let rules = rules_at.entry((place, url.clone())).or_insert_with(|| {
                let same = entries_at.get(place.as_str()).into_iter().flatten();
                let entries: Vec<_> = same.filter_map(|index| workspace.tenants.get(*index)).collect();
                rules_of(&workspace, &entries, &url, &allowances)
            });
            let rules = rules.clone();
            loaded.layers.push(files);
            loaded.positions.push(position);
            let (name, labels) = (tenant.name.clone(), tenant.labels.clone());
            let set_aside = Vec::new();
            loaded.targets.push(Target { name, labels, url, access, desired, rules, set_aside });
        }
        loaded.problems.extend(found_in_files.finish());
        reading.give_back(loaded.targets.len());
        Ok(loaded)
    }

    /// Checks the other files of a workspace file with errors, so that one run tells everything. Labels may be what is
    /// wrong, so only names choose.
    fn check_others(&self, wrong: Wrong, loaded: &mut Loaded) {
        loaded.problems = wrong.problems;
        loaded.inputs.extend(wrong.tenant_files);
        loaded.inputs.extend(Listed::paths(&wrong.allowances));
        loaded.problems.extend(read_allowances(&Disk, &wrong.allowances).1);
        let mut told: HashSet<Problem> = loaded.problems.iter().cloned().collect();
        let mut reading = SettingsFiles::of(&Disk);
        for (_, settings) in wrong.settings.iter().filter(|(name, _)| self.global.takes_named(name)) {
            loaded.inputs.extend(Listed::paths(settings));
            for problem in reading.read(settings).1 {
                if told.insert(problem.clone()) {
                    loaded.problems.push(problem);
                }
            }
        }
    }

    /// Reads settings files for the one tenant of the environment.
    ///
    /// # Errors
    ///
    /// Flags choose among the tenants of a workspace.
    pub fn load_files(&self, files: &[PathBuf]) -> Result<Loaded, Stop> {
        if !self.global.tenants.is_empty() || !self.global.labels.is_empty() || self.global.shard.is_some() {
            let flags = if self.global.shard.is_some() { "--shard chooses" } else { "--tenant and --label choose" };
            let message = format!("{flags} among the tenants of a workspace, and there is none here or above");
            return Err(Stop::new(
                Exit::Usage,
                message,
                "leave the flags out, use -f FILE or -C DIR, or run sailplan init",
            ));
        }
        let (desired, problems) = SettingsFiles::of(&Disk).read(&Listed::typed(files));
        let Found { url, access } = access::of_environment(self.global.url.as_deref(), variable);
        let name = match (&access, Address::parse(&url)) {
            (Ok(Access { location: Location::Practice(_), .. }), _) => "practice".to_owned(),
            (_, Ok(address)) => address.host().to_owned(),
            (_, Err(_)) => "tenant".to_owned(),
        };
        let (labels, rules, set_aside) = (Vec::new(), vec![Arc::default()], Vec::new());
        let target = Target { name, labels, url, access, desired, rules, set_aside };
        Ok(Loaded {
            targets: vec![target],
            layers: vec![files.to_vec()],
            positions: vec![0],
            problems,
            inputs: files.to_vec(),
            unsound: true,
            ..Loaded::default()
        })
    }
}

/// Checks that a workspace file is not a link out of the repository: its lines would be shown, and its folder is not the one
/// that its paths are read in.
fn inside(path: PathBuf) -> Result<PathBuf, Stop> {
    if leads_out(&path) {
        let message = format!("the workspace file {} is a link that leads out of the repository", shown(&path));
        return Err(Stop::new(
            Exit::Failed,
            message,
            "name the file that it leads to with -f, or put that file in the place of the link",
        ));
    }
    Ok(path)
}

/// Returns the day on which the run takes place, in UTC.
pub fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Returns an environment variable; unset, empty and unreadable are the same.
pub fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

pub(super) fn read_allowances(files: &dyn Files, listed: &[Listed]) -> (Vec<Allowance>, Vec<Problem>) {
    let (sources, mut problems) = workspace::read_files(files, listed);
    let (allowances, found) = allowance::read(&sources);
    problems.extend(found);
    (allowances, problems)
}
