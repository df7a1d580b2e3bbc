//! `sailplan plan`: read live state, compare, show.

use std::path::PathBuf;

use clap::Args;

use super::guard_args::GuardArgs;
use super::look_up_args::LookUpArgs;
use super::mistaken;
use super::output::{OutputArgs, Shown};
use super::{show, streams};
use crate::control::Control;
use crate::documents::against::against;
use crate::documents::build;
use crate::documents::plan::{BaseEntry, PlanFile, ShardEntry, Status};
use crate::global::shard::ShardArgs;
use crate::plan::tenant::ResourcePlan;
use crate::report;
use crate::resource::explain;
use crate::resource::named::{named, names as names_of_settings, printed};
use crate::run::interrupt::Interrupts;
use crate::run::read::{Network, Planned};
use crate::run::undone::Undone;
use crate::run::{checkout, earlier, look_up, now, read, requested, runtime_for};
use crate::text::authorship::Authorship;
use crate::text::disk::shown;
use crate::text::nearest::{did_you_mean, nearest};
use crate::text::problem::Severity;
use crate::text::repository::Repository;
use crate::text::threads;
use crate::ui::{Exit, Stop};
use crate::workspace::base::Base;
use crate::workspace::load::{Context, Loaded, variable};
use crate::workspace::next::About;
use crate::workspace::{Target, base};

/// Read the live state, compare it with the settings files and show what would change. It sends only requests that read.
#[derive(Args, Debug)]
pub struct PlanArgs {
    /// Settings files, for the tenant in SAIL_BASE_URL; - is standard input
    ///
    /// Only without a workspace. Later files override earlier ones per setting; a list replaces the whole earlier list.
    #[arg(value_name = "FILE", value_parser = streams::input())]
    pub files: Vec<PathBuf>,
    /// Save the plan to FILE, for sailplan apply FILE
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// End with 2 if there are changes
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Compare with the files of this git revision, such as the target branch of a pull request
    ///
    /// Separates what this branch changes from what had drifted before, and applies the guardrails of that revision too.
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// Change only this setting and leave the others as they are; repeatable
    ///
    /// For an urgent change while drift or a guardrail stops the rest. The plan and its digest record it, and sailplan apply
    /// PLAN stays within it.
    #[arg(long, value_name = "SETTING")]
    pub only: Vec<String>,
    /// Mark the comment or report of this plan with NAME, instead of --tenant and --label, so that CI updates the right one
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub marker: Option<String>,
    /// Compare with an earlier plan that --out saved; end with 2 if they differ
    #[arg(long, value_name = "PLAN", value_parser = streams::input())]
    pub against: Option<PathBuf>,
    /// Which part of the tenants.
    #[command(flatten)]
    pub shard: ShardArgs,
    /// What guardrails let through.
    #[command(flatten)]
    pub guards: GuardArgs,
    /// What is looked up.
    #[command(flatten)]
    pub look_ups: LookUpArgs,
    /// How the plan is shown.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Runs the command.
///
/// # Errors
///
/// The command line does not fit what is there, or an output cannot be written.
pub fn run(context: &Context, args: &PlanArgs) -> anyhow::Result<Exit> {
    let context = &context.sharded(args.shard)?;
    mistaken::check_settings(args.files.iter().map(PathBuf::as_path))?;
    let loaded = if args.base.is_some() { context.load_to_compare(&args.files)? } else { context.load(&args.files)? };
    let mut loaded = loaded.with_access()?;
    loaded.problems.append(&mut loaded.advice);
    let inputs: Vec<PathBuf> = loaded.files().into_iter().chain(args.against.clone()).collect();
    let files = args.output.claim(args.out.as_deref(), &inputs)?;
    let earlier_plan = args.against.as_deref().map(show::read).transpose()?;
    let base = args.base.as_deref().map(|revision| base::read(context, revision, &mut loaded)).transpose()?;
    if let Some(base) = &base {
        base.guard(&mut loaded.targets);
    }
    let only = only(&args.only, &loaded)?;
    if !only.is_empty() {
        loaded.targets.iter_mut().for_each(|target| target.desired.keep_only(&only));
    }
    // Files with errors may ask for anything.
    let control = base.as_ref().filter(|_| !loaded.stops()).map(Base::control).unwrap_or_default();
    loaded.problems.extend(control.moved());
    context.ui.problems(&loaded.problems);
    let folder = loaded.folder();
    let part = context.global.shard.map(|shard| checkout::part(shard, &loaded));
    let history = Authorship::around(&folder);
    let tenants = if loaded.stops() {
        Vec::new()
    } else {
        loaded.set_broken_aside();
        let mut tenants = read_tenants(context, args, &mut loaded, base.as_ref())?;
        judge(&mut tenants, args, base.as_ref(), &control);
        Undone::read(&folder).tell(&mut tenants);
        requested::tell(&mut tenants, history.as_ref(), base.as_ref().map(|base| base.commit.as_str()));
        tenants
    };
    earlier::tell_unfinished(context, &folder, &tenants);
    let mut plan = build::plan(tenants.iter().map(|tenant| (&tenant.plan, &tenant.judged)), &loaded.problems);
    threads::give_back(tenants.len(), tenants);
    plan.created_at = Some(now());
    if let Some(base) = base {
        tell_control(&mut plan, &control, base);
    }
    requested::describe(&mut plan, history.as_ref(), loaded.ticket.as_ref(), variable);
    plan.only = only;
    plan.selection = context.global.selection();
    plan.shard = part.map(|part| ShardEntry {
        // Files with errors may hold any tenants.
        positions: if plan.tenants.is_empty() { Vec::new() } else { part.positions },
        ..part
    });
    plan.name.clone_from(&args.marker);
    report::conclude(&mut plan);
    if args.output.has_json(args.out.as_deref()) {
        report::put_into_words(&mut plan);
    }
    plan.workspace = Some(Repository::around().workspace(loaded.workspace.as_deref(), &args.files));
    plan.marker = Some(plan.marker());
    plan.against = earlier_plan.map(|before| against(&before, &plan));
    args.output.write(context, args.out.as_deref(), &files, Shown::Plan(&plan))?;
    if let Some(out) = args.out.as_deref().filter(|out| !streams::is_dash(out)) {
        let send = context.next("apply", About::Plan(out), "");
        context.ui.say(&report::next::after_saving(&plan, &shown(out), &send));
    }
    let changes = args.detailed_exitcode && plan.changes().next().is_some();
    let exit = exit(&plan).min(if changes { Exit::Changes } else { Exit::Done });
    // The process ends: the system takes the memory back at once, and of many tenants quicker than piece by piece.
    std::mem::forget(plan);
    Ok(exit)
}

/// Reads the tenants, with the causes of their changes and what is looked up.
fn read_tenants(
    context: &Context,
    args: &PlanArgs,
    loaded: &mut Loaded,
    base: Option<&Base>,
) -> anyhow::Result<Vec<Planned>> {
    let network = Network::of(context)?;
    let asked = args.look_ups.asked(loaded);
    let (folder, targets) = (loaded.folder(), std::mem::take(&mut loaded.targets));
    runtime_for(targets.len())?.block_on(async {
        let interrupts = Interrupts::listen(context.again());
        let awaited = earlier::awaited(&folder);
        let keeps = move |url: &str, _: &ResourcePlan| awaited.contains(url);
        let mut tenants = interrupts.or(read::read_and_release(targets, &network, keeps)).await?;
        // What to do about a refusal depends on what causes the change, and so does what is looked up.
        if let Some(base) = base {
            tenants.iter_mut().for_each(|tenant| base.tell(&mut tenant.plan));
        }
        interrupts.or(look_up::of_tenants(&mut tenants, &asked, &folder, network.parallelism)).await?;
        Ok(tenants)
    })
}

/// Holds the changes against the guardrails, and these against those of the base.
fn judge(tenants: &mut [Planned], args: &PlanArgs, base: Option<&Base>, control: &Control) {
    read::judge(tenants, &args.guards.lifts(), None);
    let Some(base) = base else { return };
    let mut weakened = base.weakened(control);
    for tenant in tenants {
        tenant.judged.weakened = weakened.remove(tenant.plan.name.as_str()).unwrap_or_default();
    }
}

/// Says in the plan what the checkout takes from the control that the base has, and what it adds.
fn tell_control(plan: &mut PlanFile, control: &Control, base: Base) {
    let (losses, gains, weakened) = build::control(control, &base.revision);
    let elsewhere = control.weakened.iter().zip(weakened).filter(|(weaker, _)| !base.is_own(weaker));
    plan.weakened = elsewhere.map(|(_, entry)| entry).collect();
    (plan.losses, plan.gains) = (losses, gains);
    plan.base = Some(BaseEntry { revision: base.revision, commit: base.commit });
}

/// Most settings that a message lists.
const LISTED: usize = 10;

/// Returns the settings that a tenant has once and that have a text in their names.
fn having_in_their_names(text: &str) -> Vec<String> {
    let chosen = explain::find(Some(text)).ok().filter(|chosen| chosen.in_part);
    let settings = chosen.map(|chosen| chosen.settings).unwrap_or_default();
    let once = settings.into_iter().filter(|(resource, _)| resource.instances.is_none());
    once.map(|(resource, setting)| format!("{}.{}", resource.name, setting.dotted())).collect()
}

/// Returns the pointers of the settings that `--only` names, sorted.
fn only(names: &[String], loaded: &Loaded) -> Result<Vec<String>, Stop> {
    let mut only = Vec::new();
    for name in names {
        let usage = |message: String, help: String| Stop::new(Exit::Usage, format!("--only {name}: {message}"), help);
        let found = named(name);
        let (key, setting) = match found.as_slice() {
            [one] => one,
            [] => {
                let known: Vec<String> = names_of_settings().into_iter().map(|(name, _)| name).collect();
                let alike = having_in_their_names(name);
                let help = match nearest(name, known.iter().map(String::as_str)) {
                    Some(near) => did_you_mean(near),
                    None if (1..=LISTED).contains(&alike.len()) => {
                        format!("the settings with this in their names are {}", alike.join(", "))
                    }
                    None => "name it as plans do, such as jitActivationPolicy.maxActivationPeriodMins".to_owned(),
                };
                return Err(usage("there is no such setting".to_owned(), help));
            }
            several => {
                let names: Vec<String> = several.iter().map(|(key, setting)| printed(key, setting)).collect();
                return Err(usage(
                    "several settings end like that".to_owned(),
                    format!("write one of {}", names.join(", ")),
                ));
            }
        };
        let manages =
            |target: &Target| target.desired.get(key).is_some_and(|wanted| wanted.get(setting.pointer).is_some());
        if !loaded.failed() && !loaded.targets.iter().any(manages) {
            let help = "set it in a settings file, or leave --only out".to_owned();
            return Err(usage("no settings file of the chosen tenants sets it".to_owned(), help));
        }
        only.push(key.pointer(setting));
    }
    only.sort();
    only.dedup();
    Ok(only)
}

/// Returns the exit code of a plan; of one with changes it is that of one without.
pub fn exit(plan: &PlanFile) -> Exit {
    // A tenant of which nothing could be read has the error of all of its resources.
    let errors = plan.tenants.iter().flat_map(|tenant| {
        let failed = tenant.resources.iter().filter(|resource| resource.status == Status::Failed);
        let failed = failed.map(|resource| resource.error.as_ref().or(tenant.error.as_ref()));
        tenant.error.iter().map(Some).chain(failed)
    });
    // The first of them wins where several apply.
    let mut exits: Vec<Exit> = errors
        .map(|error| if error.is_some_and(|error| error.refused) { Exit::Refused } else { Exit::Failed })
        .collect();
    exits.extend(plan.problems.iter().any(|problem| problem.severity == Severity::Error).then_some(Exit::Failed));
    exits.extend(plan.tenants.iter().any(|tenant| !tenant.refusals.is_empty()).then_some(Exit::Refused));
    exits.extend((plan.summary.denied > 0).then_some(Exit::Refused));
    let differs = plan.against.as_ref().is_some_and(|against| !against.differences.is_empty());
    exits.extend(differs.then_some(Exit::Changes));
    exits.into_iter().min().unwrap_or(Exit::Done)
}
