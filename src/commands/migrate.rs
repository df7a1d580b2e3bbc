//! `sailplan migrate`: settings files of an old API generation, rewritten for the current one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::plan::tenant::TenantPlan;
use crate::resource::{Generation, Resource};
use crate::rewrite::migrate::{self, Loss, Route, Unwritable};
use crate::run::interrupt::Interrupts;
use crate::run::read::{self, Network};
use crate::run::runtime;
use crate::settings::{self, Desired};
use crate::text::disk::shown;
use crate::text::disk::{self, Disk, NewText};
use crate::text::number::count;
use crate::text::problem::Severity;
use crate::text::yaml::Source;
use crate::ui::{Exit, Stop};
use crate::workspace::load::{Context, Loaded, variable};
use crate::workspace::{self, Listed};

/// The only resource with generations to leave behind.
const RESOURCE: &str = "accessRequestConfig";

/// Rewrite the access-request settings for the current API generation, in place, keeping comments and layout. Stops
/// before it writes at every setting that would no longer be managed
#[derive(Args, Debug)]
#[command(after_help = crate::global::EXIT_CODES)]
pub struct MigrateArgs {
    /// Settings files for the tenant in SAIL_BASE_URL, in layer order; only without a workspace
    pub files: Vec<PathBuf>,
    /// The API generation to write for
    #[arg(long, value_name = "APIVERSION")]
    pub to: String,
    /// Give up managing SETTING, which has no counterpart there; repeatable. The tenant keeps its value
    #[arg(long = "drop", value_name = "SETTING")]
    pub drops: Vec<String>,
    /// Do not ask any tenant for the proof that nothing else changes
    #[arg(long)]
    pub offline: bool,
}

/// The settings files of one tenant.
struct Stack {
    sources: Vec<Arc<Source>>,
    route: Option<Route>,
}

/// Runs the command.
///
/// # Errors
///
/// The command line does not fit what is there, a setting would lose its management, the proof fails, or a file cannot
/// be rewritten. Then nothing was written.
pub fn run(context: &Context, args: &MigrateArgs) -> anyhow::Result<Exit> {
    let (resource, to) = destination(&args.to)?;
    let old = context.load(&args.files)?;
    context.ui.problems(&old.problems);
    if old.failed() {
        return Err(Stop::new(Exit::Failed, "the files have errors", "mend them and run sailplan validate").into());
    }
    let files = old.layers.clone();
    let stacks: Vec<Stack> = files.iter().map(|files| stack(files, resource, to)).collect::<Result<_, Stop>>()?;
    let routes = routes(&stacks)?;
    if routes.is_empty() {
        context
            .ui
            .result(&format!("Nothing to migrate: no file has {RESOURCE} of another generation than {}.\n", to.name))?;
        return Ok(Exit::Done);
    }
    let dropped = check_drops(args, &routes)?;
    let mut rewritten: BTreeMap<&str, Arc<Source>> = BTreeMap::new();
    for (source, route) in &routes {
        let text = migrate::rewrite(route, source).map_err(|error| unwritable(source, &error))?;
        rewritten.insert(&source.name, Source::new(source.name.clone(), text));
    }
    let new: Vec<Desired> = stacks.iter().map(|stack| read_again(stack, &rewritten)).collect::<Result<_, Stop>>()?;
    let proof =
        if args.offline { Proof::Skipped("--offline was given") } else { prove(context, args, old, new, &stacks)? };
    let mut changed = Vec::new();
    for path in files.iter().flatten() {
        // Two tenants may share a file.
        let new = rewritten.remove(shown(path).as_str());
        let old = routes.iter().find(|(source, _)| source.name == shown(path));
        changed.extend(new.zip(old).map(|(new, (old, _))| (path, old, new)));
    }
    let texts: Vec<NewText<'_>> =
        changed.iter().map(|(path, old, new)| NewText { path, old: &old.text, new: &new.text }).collect();
    disk::rewrite(&texts).map_err(|error| {
        Stop::new(Exit::Failed, error.to_string(), "check the file and its folder, then run the command again")
    })?;
    for (_, _, new) in &changed {
        context.ui.result(&format!("rewritten  {}\n", new.name))?;
    }
    for loss in dropped {
        let setting = loss.written.setting;
        context
            .ui
            .result(&format!("dropped    {setting}, was managed at {}: {}\n", loss.written.place, loss.reason))?;
    }
    context.ui.result(&match proof {
        Proof::PlansNothingNew { tenants } => format!(
            "Migrated to {}, and proven on {}: the rewritten settings plan no change that the old ones did not.\n",
            to.name,
            count(tenants, "tenant", "tenants")
        ),
        Proof::Skipped(reason) => format!(
            "Migrated to {}, not proven: {reason}, so no tenant was asked whether the rewritten settings plan the same.\n",
            to.name
        ),
    })?;
    context.ui.say("Next: sailplan plan");
    Ok(Exit::Done)
}

fn destination(name: &str) -> Result<(&'static Resource, &'static Generation), Stop> {
    let resource = Resource::named(RESOURCE);
    let current = resource.and_then(|resource| Some((resource, resource.current()?)));
    current.filter(|(_, current)| current.name == name).ok_or_else(|| {
        let current = current.map_or("v2", |(_, generation)| generation.name);
        Stop::new(
            Exit::Usage,
            format!("--to {name}: settings are migrated to the current generation of {RESOURCE} only"),
            format!("sailplan migrate --to {current}"),
        )
    })
}

/// A file that was fine a moment ago.
fn moved_on(path: &Path) -> Stop {
    Stop::new(
        Exit::Failed,
        format!("{} changed while it was read; nothing was written", shown(path)),
        "run the command again",
    )
}

fn stack(files: &[PathBuf], resource: &'static Resource, to: &'static Generation) -> Result<Stack, Stop> {
    let changed = || files.first().map_or_else(|| moved_on(Path::new("a settings file")), |file| moved_on(file));
    let (sources, unread) = workspace::read_files(&Disk, &Listed::typed(files));
    if !unread.is_empty() {
        return Err(changed());
    }
    // Layers may not disagree, so the first that names a generation speaks for all.
    let mut from = None;
    for source in &sources {
        let named = migrate::generation(source, resource).map_err(|_| changed())?;
        from = from.or(named.flatten());
    }
    let route = from.filter(|from| *from != to).map(|from| Route { resource, from, to });
    Ok(Stack { sources, route })
}

/// Returns every file to rewrite, once.
fn routes(stacks: &[Stack]) -> Result<Vec<(Arc<Source>, Route)>, Stop> {
    let mut routes: Vec<(Arc<Source>, Route)> = Vec::new();
    for stack in stacks {
        let Some(route) = stack.route else { continue };
        for source in &stack.sources {
            let mentioned = migrate::generation(source, route.resource).is_ok_and(|found| found.is_some());
            match routes.iter().find(|(other, _)| other.name == source.name) {
                _ if !mentioned => {}
                None => routes.push((source.clone(), route)),
                Some((_, other)) if other.from == route.from => {}
                Some((_, other)) => {
                    return Err(Stop::new(
                        Exit::Failed,
                        format!(
                            "{} names no apiVersion and is a layer of {} for one tenant and of {} for another",
                            source.name, other.from.name, route.from.name
                        ),
                        "migrate one tenant at a time with a copy of the file: --tenant NAME",
                    ));
                }
            }
        }
    }
    Ok(routes)
}

/// Returns the settings that go, every one of them dropped by name.
fn check_drops(args: &MigrateArgs, routes: &[(Arc<Source>, Route)]) -> Result<Vec<Loss>, Stop> {
    let mut losses: Vec<Loss> = Vec::new();
    for (source, route) in routes {
        losses.extend(route.losses(source).map_err(|_| moved_on(Path::new(&source.name)))?);
    }
    for drop in &args.drops {
        let mut names: Vec<String> = losses.iter().filter(|loss| is_named(loss, drop)).map(dotted).collect();
        names.sort();
        names.dedup();
        if names.len() > 1 {
            let message = format!("--drop {drop}: several settings have this name, {}", names.join(" and "));
            return Err(Stop::new(Exit::Usage, message, "write the full name of each that is to be dropped"));
        }
    }
    let same = |drop: &String, loss: &Loss| is_named(loss, drop);
    if let Some(unused) = args.drops.iter().find(|drop| !losses.iter().any(|loss| same(drop, loss))) {
        return Err(Stop::new(
            Exit::Usage,
            format!("--drop {unused}: no file manages such a setting, or it carries over"),
            "leave it out, or write the setting with its full name, such as entitlementRequestConfig.allowEntitlementRequest",
        ));
    }
    let kept: Vec<&Loss> = losses.iter().filter(|loss| !args.drops.iter().any(|drop| same(drop, loss))).collect();
    if kept.is_empty() {
        return Ok(losses);
    }
    let mut names: Vec<String> = kept.iter().map(|loss| dotted(loss)).collect();
    names.sort();
    names.dedup();
    let given: String = args.drops.iter().map(|drop| format!(" --drop {drop}")).collect();
    let drops: String = names.iter().map(|name| format!(" --drop {name}")).collect();
    let files: String = args.files.iter().map(|file| format!(" {}", shown(file))).collect();
    let offline = if args.offline { " --offline" } else { "" };
    let command = format!("sailplan migrate --to {}{given}{drops}{offline}{files}", args.to);
    let mut stop = Stop::new(
        Exit::Refused,
        format!("{} would no longer be managed; nothing was written", count(names.len(), "setting", "settings")),
        format!("give them up by name, the tenant keeps their values: {command}"),
    );
    stop.details =
        kept.iter().map(|loss| format!("{}: {}: {}", loss.written.place, loss.written.setting, loss.reason)).collect();
    Err(stop)
}

fn dotted(loss: &Loss) -> String {
    loss.written.setting.dotted()
}

/// Returns whether a name means a setting: with dots or slashes, with or without the resource, or its last key.
fn is_named(loss: &Loss, name: &str) -> bool {
    let name = name.trim_start_matches('/').replace('/', ".");
    let name = name.strip_prefix(RESOURCE).and_then(|name| name.strip_prefix('.')).unwrap_or(&name);
    name == dotted(loss) || loss.written.setting.keys().last() == Some(name)
}

fn unwritable(source: &Source, error: &Unwritable) -> Stop {
    Stop::new(
        Exit::Failed,
        format!("{} cannot be rewritten: {error}; nothing was written", source.name),
        "put each setting on a line of its own and run the command again, or rewrite the file by hand",
    )
}

fn read_again(stack: &Stack, rewritten: &BTreeMap<&str, Arc<Source>>) -> Result<Desired, Stop> {
    let sources: Vec<Arc<Source>> =
        stack.sources.iter().map(|source| rewritten.get(source.name.as_str()).unwrap_or(source).clone()).collect();
    let (desired, problems) = settings::read(&sources);
    let errors = || problems.iter().filter(|problem| problem.severity == Severity::Error);
    if errors().next().is_none() {
        return Ok(desired);
    }
    let mut stop = Stop::new(
        Exit::Failed,
        "the rewritten files would not be valid together; nothing was written",
        "rewrite them by hand, or ask for help with the messages above",
    );
    stop.details = errors().map(|problem| problem.message.clone()).collect();
    Err(stop)
}

/// Whether tenants were asked for proof that the rewritten settings plan what the old ones did.
enum Proof {
    PlansNothingNew {
        /// On how many tenants.
        tenants: usize,
    },
    /// No tenant was asked, for this reason.
    Skipped(&'static str),
}

/// Compares what the old and the rewritten settings plan on each tenant.
///
/// # Errors
///
/// A tenant cannot be read, or the rewritten settings plan something that the old ones did not.
fn prove(
    context: &Context,
    args: &MigrateArgs,
    old: Loaded,
    new: Vec<Desired>,
    stacks: &[Stack],
) -> anyhow::Result<Proof> {
    if old.workspace.is_none() && context.global.url.is_none() && variable("SAIL_BASE_URL").is_none() {
        return Ok(Proof::Skipped("no tenant is named"));
    }
    let mut fresh = context.load(&args.files)?;
    for (target, desired) in fresh.targets.iter_mut().zip(new) {
        target.desired = desired;
    }
    let network = Network::of(context)?;
    let (before, after) = runtime()?.block_on(async {
        let interrupts = Interrupts::listen();
        let before = interrupts.or(read::read(old.targets, &network)).await?;
        let after = interrupts.or(read::read(fresh.targets, &network)).await?;
        Ok::<_, Stop>((before, after))
    })?;
    let mut differences = Vec::new();
    let mut tenants = 0;
    for ((before, after), stack) in before.iter().zip(&after).zip(stacks) {
        let Some(route) = stack.route else { continue };
        let changes = |tenant: &read::Planned| changes(&tenant.plan, route.resource);
        let (old, new) = (changes(before)?, changes(after)?);
        let found = route.not_planned_before(&old, &new);
        differences.extend(found.into_iter().map(|line| format!("{}: {line}", after.plan.name)));
        tenants += 1;
    }
    if differences.is_empty() {
        return Ok(Proof::PlansNothingNew { tenants });
    }
    let mut stop = Stop::new(
        Exit::Refused,
        "the rewritten settings would plan changes that the old ones do not; nothing was written",
        "the tenant shows something else through the new generation: look at it with sailplan plan, then migrate by hand, \
         or go on without the proof: --offline",
    );
    stop.details = differences;
    Err(stop.into())
}

/// Returns what a tenant's settings of one resource plan.
fn changes(tenant: &TenantPlan, resource: &Resource) -> Result<Vec<crate::plan::Change>, Stop> {
    let error = match &tenant.outcome {
        Err(error) => error,
        Ok(resources) => match resources.iter().find(|plan| plan.desired.resource() == resource) {
            None => return Ok(Vec::new()),
            Some(plan) => match &plan.outcome {
                Ok(read) => return Ok(read.comparison.changes.clone()),
                Err(error) => error,
            },
        },
    };
    let mut stop = Stop::new(
        Exit::Failed,
        format!("{}: the proof needs the tenant, and nothing was written: {}", tenant.name, error.message),
        "--offline rewrites the files without the proof",
    );
    stop.details.clone_from(&error.details);
    stop.help.splice(0..0, error.help.iter().cloned());
    Err(stop)
}
