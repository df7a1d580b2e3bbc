//! Reading what a run is about: the workspace and its files, or the settings files for the tenant of the environment.

use std::collections::{HashMap, HashSet};
use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use regex_lite::Regex;
use serde_json::json;
use wildmatch::WildMatch;

use super::access::{self, Access, Found, Location};
use super::{Listed, Target, Workspace, Wrong, check};
use crate::documents::listing;
use crate::failure::Failure;
use crate::global::command_line::CommandLine;
use crate::global::shard::{Shard, ShardArgs, ShardChoice};
use crate::global::{Global, Label};
use crate::guardrails::RuleSet;
use crate::guardrails::allowance::{self, Allowance};
use crate::plan::looked_up::LookUp;
use crate::report;
use crate::settings::{self, Desired};
use crate::tenant::{Address, AllowedHosts};
use crate::text::disk::{self, Disk, Files, Once, shown};
use crate::text::problem::{Problem, Severity, rules};
use crate::text::source::Source;
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

/// The files of a run after reading.
#[derive(Default)]
pub struct Loaded {
    /// The chosen tenants with what is desired of them; only to be used when no problem is an error.
    pub targets: Vec<Target>,
    /// The settings files of each target, in layer order.
    pub layers: Vec<Vec<PathBuf>>,
    /// Where each target stands among the tenants of the workspace, from 0.
    pub positions: Vec<usize>,
    /// The settings files of the tenants of the workspace that are not chosen, with their names.
    pub others: Vec<(String, Vec<PathBuf>)>,
    /// Everything that is wrong with the files.
    pub problems: Vec<Problem>,
    /// What `validate` and `plan` tell beside that: what is no mistake and should be known before anything is approved.
    pub advice: Vec<Problem>,
    /// What `validate` alone tells: addresses that get no credentials. A plan says so of each tenant and goes on.
    pub addresses: Vec<Problem>,
    /// The workspace file, if there is one.
    pub workspace: Option<PathBuf>,
    /// Every file that was read, so that no output overwrites one.
    pub inputs: Vec<PathBuf>,
    /// What a ticket looks like in the titles of commits and pull requests, if the workspace says so.
    pub ticket: Option<Regex>,
    /// What plan, apply, rollback and pull look up, if the command line does not say.
    pub look_ups: Vec<LookUp>,
    /// The chosen tenants whose settings files have errors, with the first error.
    pub broken: Vec<(String, Problem)>,
    /// Whether anything else has an error, so that nothing is known for certain of any tenant.
    pub unsound: bool,
    /// What `--tenant` or `--label` name and the workspace does not have. A usage error, unless a revision has it.
    pub unmatched: Option<Stop>,
}

impl Loaded {
    /// Returns whether a file has an error.
    pub fn failed(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Returns whether errors stop the whole run: those in the settings files of some tenants stop these tenants alone.
    pub fn stops(&self) -> bool {
        self.failed() && (self.unsound || self.broken.len() >= self.targets.len())
    }

    /// Sees to it that nothing is read from tenants whose settings files have errors, and says why.
    pub fn set_broken_aside(&mut self) {
        let broken: HashMap<&str, &Problem> = self.broken.iter().map(|(name, error)| (name.as_str(), error)).collect();
        for target in &mut self.targets {
            if let Some(error) = broken.get(target.name.as_str()) {
                target.access = Err(wrong_settings(error));
            }
        }
    }

    /// Checks that a run without a workspace names a tenant that can be asked: there is no other to go on with.
    ///
    /// # Errors
    ///
    /// The address or the credentials are missing or wrong; the message names what to set.
    pub fn with_access(self) -> Result<Loaded, Stop> {
        let Some(Target { name, url, access: Err(failure), .. }) = self.targets.first() else { return Ok(self) };
        // Errors in the settings files come first: with them nothing is asked.
        if self.workspace.is_some() || self.failed() {
            return Ok(self);
        }
        let message = match Address::parse(url) {
            Ok(_) => format!("tenant {name} ({url}): {}", failure.message),
            Err(_) => failure.message.clone(),
        };
        Err(Stop { help: failure.help.clone(), ..Stop::new(Exit::Usage, message, "") })
    }

    /// Returns every file that was read, each once: tenants share files.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = self.inputs.clone();
        files.sort();
        files.dedup();
        files
    }

    /// Returns every tenant of the workspace with its settings files, chosen or not.
    pub fn checkout(&self) -> Vec<(String, Vec<PathBuf>)> {
        let chosen = self.targets.iter().map(|target| target.name.clone()).zip(self.layers.iter().cloned());
        chosen.chain(self.others.iter().cloned()).collect()
    }

    /// Returns the folder of the workspace, or the working directory without one.
    pub fn folder(&self) -> PathBuf {
        self.workspace.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).to_owned()
    }
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
        matched(self.load_to_compare(files)?)
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
                let loaded = matched(self.load_workspace(&path)?)?;
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
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let secrets = workspace.secrets();
        loaded.inputs.extend(Listed::paths(&workspace.allowances));
        let (allowances, problems) = read_allowances(&Disk, &workspace.allowances);
        loaded.problems.extend(problems);
        let names: Vec<&str> = workspace.tenants.iter().map(|tenant| tenant.name.as_str()).collect();
        loaded.problems.extend(allowance::check(&allowances, &names, today()));
        loaded.advice.extend(allowance::ending(&allowances, today()));
        let allowances = Arc::new(allowances);
        let found = workspace.tenants.iter().map(|tenant| access::of_tenant(tenant, &secrets, &folder, variable));
        let found: Vec<Found> = found.collect();
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
        loaded.unmatched = self.unmatched(&workspace, &chosen);
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
            let error = problems.iter().find(|problem| problem.severity == Severity::Error).cloned();
            found_in_files.add(&tenant.name, problems);
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
            loaded.targets.push(Target { name, labels, url, access, desired, rules });
        }
        loaded.problems.extend(found_in_files.finish());
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

    fn unmatched(&self, workspace: &Workspace, chosen: &[&workspace::Tenant]) -> Option<Stop> {
        for text in &self.global.tenants {
            let pattern = WildMatch::new(text);
            if !workspace.tenants.iter().any(|tenant| pattern.matches(&tenant.name)) {
                let names: Vec<&str> = workspace.tenants.iter().map(|tenant| tenant.name.as_str()).collect();
                return Some(Stop::new(
                    Exit::Usage,
                    format!("--tenant {text} matches no tenant of {}", shown(&workspace.path)),
                    format!("the tenants are {}", names.join(", ")),
                ));
            }
        }
        let fits_none = |label: &&Label| !workspace.tenants.iter().any(|tenant| label.fits(&tenant.labels));
        let message = match self.global.labels.iter().find(fits_none) {
            Some(label) => format!("--label {label} matches no tenant of {}", shown(&workspace.path)),
            None => format!("no tenant of {} has the chosen name and labels", shown(&workspace.path)),
        };
        chosen.is_empty().then(|| Stop::new(Exit::Usage, message, labelled(&workspace.tenants)))
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
        let target = Target { name, labels: Vec::new(), url, access, desired, rules: vec![Arc::default()] };
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

/// Says which tenants there are, and their labels.
fn labelled(tenants: &[workspace::Tenant]) -> String {
    /// A longer list is no help in a message.
    const LISTED: usize = 20;
    let names = tenants.iter().take(LISTED).map(|tenant| {
        let labels: Vec<String> = tenant.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let labels = if labels.is_empty() { "no labels".to_owned() } else { labels.join(" ") };
        format!("{} ({labels})", tenant.name)
    });
    let names = names.collect::<Vec<_>>().join(", ");
    let more = if tenants.len() > LISTED { "; sailplan tenants lists all" } else { "" };
    format!("the tenants are {names}{more}")
}

fn matched(loaded: Loaded) -> Result<Loaded, Stop> {
    match loaded.unmatched {
        Some(stop) => Err(stop),
        None => Ok(loaded),
    }
}

/// Checks that a workspace file is not a link out of the repository: its lines would be shown, and its folder is not the one
/// that its paths are read in.
fn inside(path: PathBuf) -> Result<PathBuf, Stop> {
    if disk::leads_out(&path) {
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

/// The settings files of one state of the files, each of which is read once for all tenants.
pub(super) struct SettingsFiles<'a> {
    files: Once<'a>,
    reading: settings::Reading,
}

impl<'a> SettingsFiles<'a> {
    pub(super) fn of(files: &'a dyn Files) -> SettingsFiles<'a> {
        SettingsFiles { files: Once::new(files), reading: settings::Reading::default() }
    }

    /// Reads the settings files of many tenants side by side, so that [`SettingsFiles::read`] finds them done.
    fn read_ahead<'f>(&mut self, tenants: impl Iterator<Item = &'f [Listed]>) {
        let tenants: Vec<Vec<Arc<Source>>> =
            tenants.map(|layers| workspace::read_files(&self.files, layers).0).collect();
        self.reading.read_ahead(&tenants);
    }

    /// Reads the settings files of a tenant, and returns each problem once, though a file may be listed twice.
    pub(super) fn read(&mut self, layers: &[Listed]) -> (Desired, Vec<Problem>) {
        let (sources, mut problems) = workspace::read_files(&self.files, layers);
        let (desired, found) = self.reading.read(&sources, !problems.is_empty());
        problems.extend(found);
        let mut told = HashSet::new();
        problems.retain(|problem| told.insert(problem.clone()));
        (desired, problems)
    }
}

/// Says why nothing is read from a tenant whose settings files have errors.
fn wrong_settings(error: &Problem) -> Failure {
    let place = error.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
    let message = format!("its settings files have errors{place}, so it was not read");
    Failure::failed(message, "fix them: sailplan validate shows them again")
}

/// The problems of the settings files of all tenants. Tenants share files, and a problem is one problem however many tenants
/// it concerns; whether a setting has no effect depends on the other files of the tenant, so those are named.
#[derive(Default)]
struct FoundInFiles<'a> {
    problems: Vec<(Problem, Vec<&'a str>)>,
    numbers: HashMap<Problem, usize>,
}

impl<'a> FoundInFiles<'a> {
    fn add(&mut self, tenant: &'a str, problems: Vec<Problem>) {
        for problem in problems {
            let next = self.problems.len();
            let number = *self.numbers.entry(problem.clone()).or_insert(next);
            match self.problems.get_mut(number) {
                Some((_, tenants)) => tenants.push(tenant),
                None => self.problems.push((problem, vec![tenant])),
            }
        }
    }

    /// Returns the problems, those about settings without effect last.
    fn finish(self) -> impl Iterator<Item = Problem> {
        let (no_effect, others): (Vec<_>, Vec<_>) =
            self.problems.into_iter().partition(|(problem, _)| problem.rule == rules::NO_EFFECT);
        let no_effect = no_effect.into_iter().map(|(problem, tenants)| {
            let what = if tenants.len() == 1 { "tenant" } else { "tenants" };
            Problem { message: format!("{what} {}: {}", tenants.join(", "), problem.message), ..problem }
        });
        others.into_iter().map(|(problem, _)| problem).chain(no_effect)
    }
}

/// Returns the guardrails of the entries at one address: a second entry for the same tenant must not be a way around those of
/// the first. Entries with the same guardrails count once if no allowance tells them apart.
fn rules_of(
    workspace: &Workspace,
    entries: &[&workspace::Tenant],
    url: &str,
    allowances: &Arc<Vec<Allowance>>,
) -> Vec<Arc<RuleSet>> {
    let mut rules: Vec<Arc<RuleSet>> = Vec::new();
    let mut plain: Vec<Arc<RuleSet>> = Vec::new();
    for entry in entries {
        let set = Arc::new(RuleSet {
            tenant: entry.name.clone(),
            guardrails: workspace.guardrails(entry, url),
            allowances: allowances.clone(),
            revision: None,
        });
        if !allowances.iter().any(|allowance| allowance.is_for(&entry.name)) {
            if plain.iter().any(|known| known.guardrails == set.guardrails) {
                continue;
            }
            plain.push(set.clone());
        }
        rules.push(set);
    }
    rules
}

/// Most entries for one address: each is held to the guardrails of all of them.
const MOST_ENTRIES: usize = 64;

/// Says that too many tenants are the same one.
fn crowd(workspace: &Workspace, urls: &[String], entries_at: &HashMap<&str, Vec<usize>>) -> Option<Problem> {
    let crowds = entries_at.values().filter(|entries| entries.len() > MOST_ENTRIES);
    let first = crowds.min_by_key(|entries| entries.first())?;
    let (tenant, url) = (workspace.tenants.get(*first.get(MOST_ENTRIES)?)?, urls.get(*first.first()?)?);
    let message = format!("{} tenants are at {url}, and at most {MOST_ENTRIES} may be at one address", first.len());
    let problem = Problem::error(rules::SAME_TENANT, message).at(tenant.url.place.clone());
    Some(problem.help("list a tenant once, with all its settings files as layers"))
}

/// Two entries for one tenant may undo each other's settings.
fn twins(workspace: &Workspace, urls: &[String], entries_at: &HashMap<&str, Vec<usize>>) -> Vec<Problem> {
    let mut twins: Vec<(usize, usize)> = Vec::new();
    for (place, entries) in entries_at {
        if let (Some((first, others)), false) = (entries.split_first(), place.is_empty()) {
            twins.extend(others.iter().map(|other| (*other, *first)));
        }
    }
    twins.sort_unstable();
    let problem = |(twin, first): (usize, usize)| {
        let (tenant, other, url) = (workspace.tenants.get(twin)?, workspace.tenants.get(first)?, urls.get(twin)?);
        let place = match urls.get(first) {
            Some(also) if also != url => format!("{url} is {also}"),
            _ => format!("both are at {url}"),
        };
        let message = format!("tenant {} is the same as {}: {place}", tenant.name, other.name);
        let problem = Problem::warning(rules::SAME_TENANT, message).at(tenant.url.place.clone());
        Some(problem.help("list a tenant once, with all its settings files as layers"))
    };
    twins.into_iter().filter_map(problem).collect()
}

pub(super) fn read_allowances(files: &dyn Files, listed: &[Listed]) -> (Vec<Allowance>, Vec<Problem>) {
    let (sources, mut problems) = workspace::read_files(files, listed);
    let (allowances, found) = allowance::read(&sources);
    problems.extend(found);
    (allowances, problems)
}
