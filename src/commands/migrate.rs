//! `sailplan migrate`: settings files of an old API generation, rewritten for the current one.

mod proof;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use self::proof::{Proof, prove};
use super::streams;
use crate::resource::{Generation, Resource, Setting, named};
use crate::rewrite::accept::{self, Rewrite};
use crate::rewrite::migrate::{self, Arrival, Choices, Leaving, Loss, Question, Route, Unwritable, is_named};
use crate::run::interrupt::Interrupts;
use crate::run::runtime;
use crate::settings::{self, Desired};
use crate::text::disk::{Disk, shown};
use crate::text::nearest::{did_you_mean, nearest};
use crate::text::number::count;
use crate::text::yaml::Source;
use crate::ui::{Exit, Stop};
use crate::workspace::load::Context;
use crate::workspace::next::About;
use crate::workspace::{self, Listed};

/// The resource whose settings are migrated: the only one with generations to leave behind.
pub const RESOURCE: &str = "accessRequestConfig";

/// Rewrite the access-request settings for the current API generation, in place, keeping comments and layout. Shows the
/// difference and asks before it writes, and stops at every setting that would no longer be managed
#[derive(Args, Debug)]
pub struct MigrateArgs {
    /// Settings files for the tenant in SAIL_BASE_URL, in layer order; only without a workspace
    #[arg(value_name = "FILE", value_parser = streams::named())]
    pub files: Vec<PathBuf>,
    /// The API generation to write for
    #[arg(long, value_name = "APIVERSION")]
    pub to: String,
    /// Give up managing SETTING, which has no counterpart there; repeatable. The tenant keeps its value
    #[arg(long = "drop", value_name = "SETTING")]
    pub drops: Vec<String>,
    /// Say what SETTING becomes where SailPoint does not document it, such as autoApprovalEnabled=DIRECT; repeatable
    #[arg(long = "map", value_name = "SETTING=WORD", value_parser = map)]
    pub maps: Vec<(String, String)>,
    /// Write without asking
    #[arg(long, visible_alias = "auto-approve")]
    pub yes: bool,
    /// Skip the check against the tenants that the rewrite changes nothing else
    #[arg(long)]
    pub offline: bool,
}

fn map(text: &str) -> Result<(String, String), String> {
    let (setting, word) = text.split_once('=').ok_or("write it as SETTING=WORD")?;
    Ok((setting.to_owned(), word.to_owned()))
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
        return Err(
            Stop::new(Exit::Failed, "the files have errors", "fix them; sailplan validate shows them again").into()
        );
    }
    let files = old.layers.clone();
    let stacks: Vec<Stack> = files.iter().map(|files| stack(files, resource, to)).collect::<Result<_, Stop>>()?;
    let routes = routes(&stacks)?;
    if routes.is_empty() {
        if let Some(unknown) = args.drops.iter().find(|drop| !is_setting(drop)) {
            return Err(no_drop(unknown).into());
        }
        context
            .ui
            .result(&format!("Nothing to migrate: no file has {RESOURCE} of another generation than {}.\n", to.name))?;
        return Ok(Exit::Done);
    }
    let leaving = leaving(context, args, &routes)?;
    let mut rewritten: BTreeMap<&str, Arc<Source>> = BTreeMap::new();
    for ((source, route), leaving) in routes.iter().zip(&leaving) {
        let text = migrate::rewrite(route, source, leaving).map_err(|error| unwritable(source, &error))?;
        rewritten.insert(&source.name, Source::new(source.name.clone(), text));
    }
    let new: Vec<Desired> = stacks.iter().map(|stack| read_again(stack, &rewritten)).collect::<Result<_, Stop>>()?;
    let proof =
        if args.offline { Proof::Skipped("--offline was given") } else { prove(context, args, old, new, &stacks)? };
    let rewrites = rewrites(&files, &routes, rewritten);
    confirm(context, args, &proof, &rewrites)?;
    accept::write(&rewrites)?;
    for rewrite in &rewrites {
        context.ui.result(&format!("rewritten  {}\n", shown(&rewrite.path)))?;
    }
    tell(context, to, &leaving, &proof)?;
    context.ui.say(&format!("Next: {}", context.next("plan", About::Same, "")));
    Ok(Exit::Done)
}

/// Returns each file that changes, once: two tenants may share a file.
fn rewrites(
    files: &[Vec<PathBuf>],
    routes: &[(Arc<Source>, Route)],
    mut rewritten: BTreeMap<&str, Arc<Source>>,
) -> Vec<Rewrite> {
    let rewrites = files.iter().flatten().filter_map(|path| {
        let name = shown(path);
        let new = rewritten.remove(name.as_str())?;
        let (old, _) = routes.iter().find(|(source, _)| source.name == name)?;
        Some(Rewrite { path: path.clone(), old: old.text.clone(), new: new.text.clone(), settings: 0, names: 0 })
    });
    rewrites.collect()
}

/// Says what moved, what was dropped, and whether the rewritten files were held against the tenants.
fn tell(context: &Context, to: &Generation, leaving: &[Leaving], proof: &Proof) -> anyhow::Result<()> {
    for Arrival { written, key, setting, .. } in leaving.iter().flat_map(|leaving| &leaving.moved) {
        let name = named::printed(key, setting);
        context.ui.result(&format!("moved      {}, was managed at {}: {name}\n", written.setting, written.place))?;
    }
    for Loss { written, reason, .. } in leaving.iter().flat_map(|leaving| &leaving.lost) {
        context.ui.result(&format!("dropped    {}, was managed at {}: {reason}\n", written.setting, written.place))?;
    }
    let verified = match proof {
        Proof::PlansNothingNew { tenants, elsewhere } => format!(
            "Migrated to {}, and verified on {}: the rewritten settings plan no change that the old ones did not{}.\n",
            to.name,
            count(*tenants, "tenant", "tenants"),
            match elsewhere.len() {
                0 => String::new(),
                number => format!(", but for the {} above", count(number, "change", "changes")),
            }
        ),
        Proof::Skipped(reason) => format!(
            "Migrated to {}, not verified: {reason}, so no tenant was asked whether the rewritten settings plan the same.\n",
            to.name
        ),
    };
    Ok(context.ui.result(&verified)?)
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
        from = from.or(named);
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
            if !migrate::mentions(source, route.resource) {
                continue;
            }
            match routes.iter().find(|(other, _)| other.name == source.name) {
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

/// Returns what becomes of the settings that leave each file; the lost ones are all dropped by name.
fn leaving(context: &Context, args: &MigrateArgs, routes: &[(Arc<Source>, Route)]) -> Result<Vec<Leaving>, Stop> {
    let choices = Choices { drops: args.drops.clone(), maps: args.maps.clone() };
    let find = |choices: &Choices| -> Result<Vec<Leaving>, Stop> {
        let found = routes
            .iter()
            .map(|(source, route)| route.leaving(source, choices).map_err(|_| moved_on(Path::new(&source.name))));
        found.collect()
    };
    check_maps(args, &find(&Choices::default())?)?;
    let mut leaving = find(&choices)?;
    ask(context, &leaving)?;
    check_drops(context, args, &leaving)?;
    let moved = leaving.iter().flat_map(|leaving| &leaving.moved);
    let arrivals: Vec<_> = moved.map(|Arrival { key, setting, .. }| (key.clone(), *setting)).collect();
    for ((source, route), leaving) in routes.iter().zip(&mut leaving) {
        leaving.released = route.released(source, &arrivals).map_err(|_| moved_on(Path::new(&source.name)))?;
    }
    Ok(leaving)
}

/// A map is for a setting of which the command asks what it becomes, and to one of the words.
fn check_maps(args: &MigrateArgs, leaving: &[Leaving]) -> Result<(), Stop> {
    let asked = || leaving.iter().flat_map(|leaving| &leaving.asked);
    for (name, word) in &args.maps {
        match asked().find(|question| is_named(question.written.setting, name)) {
            Some(Question { words, .. }) if words.contains(&word.as_str()) => {}
            Some(Question { words, .. }) => {
                let help = format!("write one of {}", words.join(", "));
                return Err(Stop::new(Exit::Usage, format!("--map {name}={word}: there is no such word"), help));
            }
            None => {
                let message = format!("--map {name}={word}: what this setting becomes is not asked");
                return Err(Stop::new(Exit::Usage, message, "leave it out"));
            }
        }
    }
    Ok(())
}

/// Stops at settings of which the user has to say what they become.
fn ask(context: &Context, leaving: &[Leaving]) -> Result<(), Stop> {
    let asked: Vec<&Question> = leaving.iter().flat_map(|leaving| &leaving.asked).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let mut flags: Vec<String> = Vec::new();
    for Question { written, words, .. } in &asked {
        let flag = format!(" --map {}={}", written.setting, words.join("|"));
        if !flags.contains(&flag) {
            flags.push(flag);
        }
    }
    let message = format!(
        "SailPoint does not document what {} has become; nothing was written",
        count(flags.len(), "setting", "settings")
    );
    let help = vec![
        format!("say it: {}{}", context.again(), flags.concat()),
        format!("or give it up: {} --drop SETTING", context.again()),
    ];
    let mut stop = Stop { help, ..Stop::new(Exit::Failed, message, "") };
    let line = |question: &&Question| {
        let written = &question.written;
        let value = written.setting.show(Some(&written.value));
        format!("{}: {} is {value}: {}", written.place, written.setting, question.why)
    };
    stop.details = asked.iter().map(line).collect();
    Err(stop)
}

/// Checks that every setting that would lose its management is dropped by name.
fn check_drops(context: &Context, args: &MigrateArgs, leaving: &[Leaving]) -> Result<(), Stop> {
    let losses: Vec<&Loss> = leaving.iter().flat_map(|leaving| &leaving.lost).collect();
    for drop in &args.drops {
        let mut names: Vec<String> = losses
            .iter()
            .filter(|loss| is_named(loss.written.setting, drop))
            .map(|loss| loss.written.setting.dotted())
            .collect();
        names.sort();
        names.dedup();
        if names.len() > 1 {
            let message = format!("--drop {drop}: several settings have this name, {}", names.join(" and "));
            return Err(Stop::new(Exit::Usage, message, "write the full name of each that is to be dropped"));
        }
    }
    let same = |drop: &String, loss: &Loss| is_named(loss.written.setting, drop);
    if let Some(unused) = args.drops.iter().find(|drop| !losses.iter().any(|loss| same(drop, loss))) {
        return Err(no_drop(unused));
    }
    let kept: Vec<&&Loss> = losses.iter().filter(|loss| !args.drops.iter().any(|drop| same(drop, loss))).collect();
    if kept.is_empty() {
        return Ok(());
    }
    let mut names: Vec<String> = kept.iter().map(|loss| loss.written.setting.dotted()).collect();
    names.sort();
    names.dedup();
    let drops: String = names.iter().map(|name| format!(" --drop {name}")).collect();
    let command = format!("{}{drops}", context.again());
    let mut stop = Stop::new(
        Exit::Refused,
        format!("{} would no longer be managed; nothing was written", count(names.len(), "setting", "settings")),
        format!("give them up by name, the tenant keeps their values: {command}"),
    );
    stop.details =
        kept.iter().map(|loss| format!("{}: {}: {}", loss.written.place, loss.written.setting, loss.reason)).collect();
    Err(stop)
}

/// Returns whether a setting that has generations to leave goes by a name.
fn is_setting(name: &str) -> bool {
    Resource::named(RESOURCE).is_some_and(|resource| resource.distinct().any(|setting| is_named(setting, name)))
}

/// Refuses a name of which nothing is dropped.
fn no_drop(name: &str) -> Stop {
    if is_setting(name) {
        let message = format!("--drop {name}: no file manages this setting, or it carries over");
        return Stop::new(Exit::Usage, message, "leave it out");
    }
    let names: Vec<String> = Resource::named(RESOURCE)
        .map(|resource| resource.distinct().map(Setting::dotted).collect())
        .unwrap_or_default();
    let help = match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => did_you_mean(near),
        None => format!("sailplan explain {RESOURCE} lists the settings"),
    };
    Stop::new(Exit::Usage, format!("--drop {name}: there is no such setting in {RESOURCE}"), help)
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
    let errors = || problems.iter().filter(|problem| problem.is_error());
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

/// Shows what the files are to hold, and what that would change elsewhere, and asks.
fn confirm(context: &Context, args: &MigrateArgs, proof: &Proof, rewrites: &[Rewrite]) -> anyhow::Result<()> {
    if let Proof::PlansNothingNew { elsewhere, .. } = proof
        && !elsewhere.is_empty()
    {
        let text = "the settings that moved would change what the tenants have in the new place";
        context.ui.warn_of(text, elsewhere);
    }
    accept::show(context, rewrites);
    if args.yes {
        return Ok(());
    }
    let again = format!("look at the lines above, then: {} --yes", context.again());
    if !context.ui.can_ask() {
        let message = "cannot ask whether to write this: standard input is not a terminal; nothing was written";
        return Err(Stop::new(Exit::Refused, message, again).into());
    }
    let question = format!("Write {}?", count(rewrites.len(), "this file", "these files"));
    let answer =
        runtime()?.block_on(async { Interrupts::listen(context.again()).confirm(context.ui, question).await })?;
    if let Some(why) = answer.refusal() {
        return Err(Stop::new(Exit::Refused, format!("not confirmed{why}; nothing was written"), again).into());
    }
    Ok(())
}
