//! `sailplan apply`: make the changes and verify them by reading back.

use std::path::{Path, PathBuf};

use clap::Args;

use super::send_args::SendArgs;
use super::{show, streams};
use crate::documents::plan::{PlanFile, TenantEntry};
use crate::documents::rolled_back::RolledBack;
use crate::global::shard::ShardArgs;
use crate::plan::tenant::ResourcePlan;
use crate::run::interrupt::Interrupts;
use crate::run::lock::Locks;
use crate::run::read::{self, Network};
use crate::run::send::{Approval, Sending};
use crate::run::{approve, checkout, earlier, look_up, runtime_for};
use crate::ui::{Exit, Stop};
use crate::workspace::load::{Context, Loaded};
use crate::workspace::next::About;

/// Make the changes and verify them by reading back: a saved plan as it was approved, or a new plan after asking
#[derive(Args, Debug)]
pub struct ApplyArgs {
    /// A plan that sailplan plan --out saved; - is standard input
    ///
    /// Without a workspace: the settings files (.yaml, .yml) for the tenant in SAIL_BASE_URL, alone or with a plan.
    #[arg(value_name = "PLAN|FILE", value_parser = streams::input())]
    pub files: Vec<PathBuf>,
    /// Make changes again that were rolled back
    #[arg(long)]
    pub again: bool,
    /// Which part of the tenants.
    #[command(flatten)]
    pub shard: ShardArgs,
    /// How the changes are approved, sent and reported.
    #[command(flatten)]
    pub send: SendArgs,
}

impl ApplyArgs {
    /// Returns the settings files among the files.
    pub fn settings_files(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.iter().filter(|path| is_settings(path))
    }
}

fn is_settings(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "yaml" || end == "yml")
}

/// Runs the command.
///
/// # Errors
///
/// The command line does not fit what is there, approval is missing, or the plan is stale.
pub fn run(context: &Context, args: &ApplyArgs) -> anyhow::Result<Exit> {
    let context = &context.sharded(args.shard)?;
    let (saved, files) = sort(args)?;
    // Another file than a plan is told before anything else is read.
    let saved = saved.map(|path| show::read(path)).transpose()?;
    let mut loaded = context.load(&files)?.with_access()?;
    context.ui.problems(&loaded.problems);
    if loaded.stops() {
        let message = "the settings have errors; nothing was sent";
        return Err(Stop::new(Exit::Failed, message, "fix them: sailplan validate shows each with its line").into());
    }
    let approval = match saved {
        Some(plan) => Approval::Saved(Box::new(plan)),
        None => args.send.approval(context),
    };
    if let Approval::Saved(plan) = &approval {
        if let Some(rolls_back) = &plan.rolls_back {
            return Err(a_rollback(context, rolls_back, plan).into());
        }
        check_saved(context, plan, &mut loaded)?;
        if !plan.only.is_empty() {
            loaded.targets.iter_mut().for_each(|target| target.desired.keep_only(&plan.only));
        }
    }
    loaded.set_broken_aside();
    let network = Network::of(context)?;
    let folder = loaded.folder();
    let checkout = checkout::of(&loaded);
    let asked = args.send.look_ups.asked(&loaded);
    runtime_for(loaded.targets.len())?.block_on(async {
        let interrupts = Interrupts::listen(context.again());
        let timeout = context.global.network.lock_timeout;
        let _locks = interrupts.or(Locks::take(&loaded.targets, timeout, context.ui)).await??;
        // What is not to change is not written, so that only what became of an earlier run is looked for in it.
        let awaited = earlier::awaited(&folder);
        let keeps = move |url: &str, resource: &ResourcePlan| resource.has_changes() || awaited.contains(url);
        let mut tenants = interrupts.or(read::read_and_release(loaded.targets, &network, keeps)).await?;
        interrupts.or(earlier::settle_unfinished(context, &folder, &mut tenants, network.pace)).await?;
        interrupts.or(look_up::of_tenants(&mut tenants, &asked, &folder, network.parallelism)).await?;
        let (mut options, network, interrupts) = (args.send.options(), &network, &interrupts);
        options.again = args.again;
        options.flags.extend(context.global.selection());
        options.flags.extend(args.again.then(|| "--again".to_owned()));
        let sending = Sending { context, options, network, folder: &folder, interrupts, checkout, rolls_back: None };
        Ok(sending.run(approval, tenants).await?.exit)
    })
}

/// Refuses a plan that rolls a receipt back: it is worked out again from the receipt when it is sent.
fn a_rollback(context: &Context, rolls_back: &RolledBack, plan: &PlanFile) -> Stop {
    let receipt = &rolls_back.receipt;
    let digest = plan.digest.as_deref().unwrap_or("DIGEST");
    Stop::new(
        Exit::Refused,
        format!("this plan rolls back {receipt}, and only sailplan rollback sends it; nothing was sent"),
        context.next("rollback", About::Receipt(Path::new(receipt)), &format!("--approved {digest}")),
    )
}

/// Returns the saved plan among the files, if there is one, and the settings files.
fn sort(args: &ApplyArgs) -> Result<(Option<&PathBuf>, Vec<PathBuf>), Stop> {
    let files = args.settings_files().cloned().collect();
    let plans: Vec<&PathBuf> = args.files.iter().filter(|path| !is_settings(path)).collect();
    let usage = |message: &str, help: &str| Err(Stop::new(Exit::Usage, message, help));
    match plans.as_slice() {
        [] => Ok((None, files)),
        [_] if args.send.approved.is_some() => {
            usage("--approved is for a fresh plan, and a saved plan is given", "leave one of the two out")
        }
        [plan] => Ok((Some(*plan), files)),
        _ => usage(
            "more than one saved plan is named",
            "name one plan; settings files end in .yaml or .yml, and go with it where there is no workspace",
        ),
    }
}

/// Holds the chosen part of a saved plan against the checkout and keeps only the tenants that it is for. Labels are those of
/// the checkout, and those of the plan for a tenant that the checkout does not have.
fn check_saved(context: &Context, plan: &PlanFile, loaded: &mut Loaded) -> Result<(), Stop> {
    let global = &context.global;
    let chosen = |tenant: &&TenantEntry| {
        let labels: Vec<(String, String)> = tenant.labels.clone().into_iter().collect();
        loaded.targets.iter().any(|target| target.name == tenant.name)
            || (loaded.others.iter().all(|(other, _)| *other != tenant.name) && global.takes(&tenant.name, &labels))
    };
    let chosen: Vec<&TenantEntry> = plan.tenants.iter().filter(chosen).collect();
    let selects = !global.tenants.is_empty() || !global.labels.is_empty();
    if chosen.is_empty() && selects && global.shard.is_none() && !plan.tenants.is_empty() {
        let message = "no tenant of the plan has the chosen name and labels; nothing was sent";
        return Err(Stop::new(
            Exit::Usage,
            message,
            "check --tenant and --label; sailplan show PLAN lists its tenants",
        ));
    }
    loaded.targets.retain(|target| chosen.iter().any(|tenant| tenant.name == target.name));
    // What a tenant with errors in its settings asks for is not known, and nothing is sent to it.
    let sound: Vec<&TenantEntry> =
        chosen.into_iter().filter(|tenant| !loaded.broken.iter().any(|(name, _)| *name == tenant.name)).collect();
    let mut reasons = approve::checkout_differs(&sound, &loaded.targets);
    if plan.digest.is_none() && (plan.shard.is_none() || !plan.tenants.is_empty()) {
        reasons.push("the plan has no digest: nothing could be planned when it was made".to_owned());
    }
    if reasons.is_empty() {
        approve::set_unread_aside(&sound, &mut loaded.targets);
        return Ok(());
    }
    let mut stop = Stop::new(
        Exit::Refused,
        "the settings in this checkout no longer produce this plan; nothing was sent",
        format!(
            "make a new plan from this checkout and have it approved: {}",
            context.next("plan", About::Same, "--out FILE")
        ),
    );
    stop.details = reasons;
    Err(stop)
}
