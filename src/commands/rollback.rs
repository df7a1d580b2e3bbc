//! `sailplan rollback`: back to the values from before an apply.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use futures_util::future::join_all;

use super::mistaken::{self, Kind};
use super::send_args::SendArgs;
use super::show::unread;
use super::streams;
use crate::documents::plan::PlanFile;
use crate::documents::receipt::Receipt;
use crate::documents::rolled_back::RolledBack;
use crate::failure::Failure;
use crate::plan;
use crate::plan::tenant::ResourcePlan;
use crate::report;
use crate::resource::instances::WHOLE;
use crate::rewrite::accept::{self, Rewrite};
use crate::rewrite::reappliers::{self, Counterpart};
use crate::run::client::Client;
use crate::run::interrupt::Interrupts;
use crate::run::journal::{self, Owner, Unread};
use crate::run::lock::Locks;
use crate::run::read::{self, Network, Planned};
use crate::run::send::{Approval, Finished, ReceiptFormat, Sending};
use crate::run::{checkout, earlier, ledger, look_up, now, rollback, runtime};
use crate::text::disk::{Output, shown};
use crate::text::number::count;
use crate::text::repository::Repository;
use crate::text::source::Source;
use crate::ui::{Exit, Stop};
use crate::workspace::Target;
use crate::workspace::load::{Context, Loaded};
use crate::workspace::next::About;

/// Put back the values from before an apply, for each setting that still has the value that the apply wrote. Settings that
/// somebody changed since, or that were absent before, are listed and left as they are.
#[derive(Args, Debug)]
pub struct RollbackArgs {
    /// The receipt of the apply, from .sailplan/receipts
    #[arg(value_name = "RECEIPT", id = "rolled-back", value_parser = streams::named())]
    pub rolled_back: PathBuf,
    /// Also edit the settings files: lines that would bring the change back get the values from before
    #[arg(long)]
    pub accept: bool,
    /// Save the plan to FILE instead of sending it, for review; --approved sends it
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["yes", "approved", "accept", "receipt"])]
    pub out: Option<PathBuf>,
    /// How the changes are approved, sent and reported.
    #[command(flatten)]
    pub send: SendArgs,
}

/// Runs the command.
///
/// # Errors
///
/// The receipt is no receipt, its tenants are not those of the checkout, or approval is missing.
pub fn run(context: &Context, args: &RollbackArgs) -> anyhow::Result<Exit> {
    run_over(context, args, || Network::of(context), || Interrupts::listen(context.again()), |target| target)
}

/// Runs the command over this network; each target is passed through `reach` before it is contacted.
pub(crate) fn run_over(
    context: &Context,
    args: &RollbackArgs,
    network: impl FnOnce() -> Result<Network, Stop>,
    interrupts: impl FnOnce() -> Interrupts,
    reach: impl Fn(Target) -> Target,
) -> anyhow::Result<Exit> {
    let (receipt, source) = read(&args.rolled_back)?;
    if journal::owner(&args.rolled_back, &receipt, ledger::host().as_deref()) == Owner::Lives {
        let message = format!("the run of {} is still running; nothing was sent", shown(&args.rolled_back));
        return Err(Stop::new(Exit::Refused, message, "wait for its end, or interrupt it").into());
    }
    let output = args.out.as_deref().map(|out| claim(out, &args.rolled_back)).transpose()?;
    let loaded = load(context, args)?;
    let folder = loaded.folder();
    let commit = checkout::of(&loaded);
    let asked = args.send.look_ups.asked(&loaded);
    let checkout = loaded.checkout();
    let network = network()?;
    let (counterparts, targets) = pair(context, &receipt, &source, loaded)?;
    let targets: Vec<Target> = targets.into_iter().map(reach).collect();
    runtime()?.block_on(async {
        let interrupts = interrupts();
        let timeout = context.global.network.lock_timeout;
        let _locks = interrupts.or(Locks::take(&targets, timeout, context.ui)).await??;
        let mut tenants = interrupts.or(read::read(targets, &network)).await?;
        interrupts.or(earlier::settle_unfinished(context, &folder, &mut tenants, network.pace)).await?;
        let turned = tenants.into_iter().zip(&counterparts).map(|(tenant, counterpart)| turn(tenant, counterpart));
        let mut tenants: Vec<Planned> = interrupts.or(join_all(turned)).await?;
        interrupts.or(look_up::of_tenants(&mut tenants, &asked, &folder, network.parallelism)).await?;
        let rewrites = if args.accept {
            reappliers::edits(context, &tenants, &counterparts, &checkout)?
        } else {
            reappliers::tell(context, &tenants, &counterparts);
            Vec::new()
        };
        let rolls_back = RolledBack { receipt: shown(&args.rolled_back), digest: receipt.digest.clone() };
        let mut options = args.send.options();
        options.lifts.receipt = Some(rolls_back.receipt.clone());
        if let (Some(path), Some(output)) = (&args.out, output) {
            read::judge(&mut tenants, &options.lifts, None);
            return save(context, path, &output, &tenants, &rolls_back, args.send.full);
        }
        let approval = args.send.approval(context);
        let rolls_back = Some(rolls_back);
        let (network, interrupts) = (&network, &interrupts);
        let sending = Sending { context, options, network, folder: &folder, interrupts, checkout: commit, rolls_back };
        let mut planned = tenants.iter().flat_map(|tenant| tenant.plan.resources());
        // The question about changes approves the edits beside them; without changes it is not asked.
        let asks = matches!(approval, Approval::Ask) && !planned.any(ResourcePlan::has_changes);
        let finished = sending.run(approval, tenants).await?;
        if rewrites.is_empty() {
            return Ok(finished.exit);
        }
        let question = format!("Edit {}?", accept::names(&rewrites));
        if asks
            && finished.all_done
            && let Some(why) = interrupts.confirm(context.ui, question).await?.refusal()
        {
            let message = format!("not confirmed{why}; no file was edited");
            return Err(Stop::new(Exit::Refused, message, "answer yes to go on").into());
        }
        finish(context, args, finished, &rewrites)
    })
}

/// Takes a file for the plan; it must not be the receipt.
fn claim<'a>(out: &Path, receipt: &PathBuf) -> Result<Output<'a>, Stop> {
    Output::claim(out, std::slice::from_ref(receipt), |text| PlanFile::parse(text).is_ok())
        .map_err(|taken| Stop::new(Exit::Usage, format!("--out: {taken}"), taken.hint()))
}

/// Loads the tenants of the checkout. Errors in settings files stop only an edit of these files.
fn load(context: &Context, args: &RollbackArgs) -> Result<Loaded, Stop> {
    let loaded = context.load_tenants()?.with_access()?;
    if loaded.targets.is_empty() {
        context.ui.problems(&loaded.problems);
        let message = "the workspace has errors; nothing was sent";
        return Err(Stop::new(Exit::Failed, message, "fix it: sailplan validate shows each error with its line"));
    }
    if loaded.failed() && args.accept {
        context.ui.problems(&loaded.problems);
        let message = "the files have errors, so their lines cannot be edited; nothing was sent";
        let help = "fix them first, or leave out --accept to roll back the tenant alone";
        return Err(Stop::new(Exit::Failed, message, help));
    }
    if loaded.failed() {
        let text = "the settings have errors, so the lines that ask for the rolled-back values are not all known";
        context.ui.warn(text, &["sailplan validate shows them".to_owned()]);
    }
    if args.accept && loaded.workspace.is_none() {
        let message =
            "--accept edits the settings files of a workspace, and there is none here or above; nothing was sent";
        let help = "leave it out, and put the values from before into the files with sailplan pull --accept FILE...";
        return Err(Stop::new(Exit::Usage, message, help));
    }
    Ok(loaded)
}

/// Saves the plan for review, and shows it.
fn save(
    context: &Context,
    path: &Path,
    output: &Output<'_>,
    tenants: &[Planned],
    rolls_back: &RolledBack,
    full: bool,
) -> anyhow::Result<Exit> {
    let mut plan = PlanFile { rolls_back: Some(rolls_back.clone()), ..read::document(tenants, &[]) };
    report::tell(&mut plan);
    plan.created_at = Some(now());
    plan.workspace = Some(Repository::around().workspace(context.workspace_file()?.as_deref(), &[]));
    plan.marker = Some(plan.marker());
    if streams::is_dash(path) {
        let sealed = plan.sealed()?;
        context.ui.result_from(|writer| sealed.write(writer))?;
        return Ok(super::plan::exit(&plan));
    }
    context.ui.result_from(|writer| report::text::write(&plan, context.ui.look(full), writer))?;
    let sealed = plan.sealed()?;
    output.write(|file| sealed.write(file)).map_err(|error| {
        let name = format_args!("--out {}", path.display());
        Stop::not_written(name, &error, "check the folder and the space on the disk")
    })?;
    let approved = format!("--approved {}", plan.compute_digest());
    let send = context.next("rollback", About::Receipt(Path::new(&rolls_back.receipt)), &approved);
    context.ui.say(&report::next::after_saving(&plan, &shown(path), &send));
    Ok(super::plan::exit(&plan))
}

/// Writes the edited files, once every tenant is back.
fn finish(context: &Context, args: &RollbackArgs, finished: Finished, rewrites: &[Rewrite]) -> anyhow::Result<Exit> {
    let names = accept::names(rewrites);
    if !finished.all_done {
        let again = match &args.send.approved {
            // What is left has another digest.
            Some(_) => context.next("rollback", About::Receipt(&args.rolled_back), "--accept"),
            None => context.again(),
        };
        let help = format!("once the cause is fixed, go on where this run ended: {again}");
        context.ui.warn(&format!("not everything is back, so {names} was not edited"), &[help]);
        return Ok(finished.exit);
    }
    accept::write(rewrites)?;
    let settings = rewrites.iter().map(|rewrite| rewrite.settings).sum();
    let edited = format!("Edited {} in {names}.", count(settings, "setting", "settings"));
    match args.send.format() {
        ReceiptFormat::Text => context.ui.result(&format!("{edited}\n"))?,
        // Standard output is one JSON document.
        ReceiptFormat::Json => context.ui.say(&edited),
    }
    context.ui.say(&format!("Next, before you commit the files: {}", context.next("plan", About::Same, "")));
    Ok(finished.exit)
}

/// Reads a receipt, and the text that plans point into.
///
/// # Errors
///
/// The file cannot be read, is no receipt, was changed, or was made by a later sailplan.
fn read(path: &std::path::Path) -> Result<(Receipt, Arc<Source>), Stop> {
    const HELP: &str = "name a receipt that sailplan apply wrote; they are in .sailplan/receipts beside the workspace";
    let refuse = |message: String| Stop::new(Exit::Refused, format!("{}: {message}", path.display()), HELP);
    journal::read(path).map_err(|unusable| match unusable {
        Unread::File(problem) => unread("receipt", problem, HELP),
        Unread::Document(error) => mistaken::refused_file(path, &[Kind::Receipt], "a receipt", Exit::Refused)
            .unwrap_or_else(|| refuse(error.to_string())),
    })
}

/// Finds the tenants of the receipt in the checkout: the name may have changed since, the address may not.
fn pair<'a>(
    context: &Context,
    receipt: &'a Receipt,
    source: &Arc<Source>,
    loaded: Loaded,
) -> Result<(Vec<Counterpart<'a>>, Vec<Target>), Stop> {
    let mut available: Vec<(Target, Vec<PathBuf>)> = loaded.targets.into_iter().zip(loaded.layers).collect();
    let chosen = !context.global.tenants.is_empty() || !context.global.labels.is_empty();
    let (mut counterparts, mut targets, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for entry in &receipt.tenants {
        let wrote = rollback::written(receipt, entry, source).map_err(|reason| {
            let help = "this file was not written by this sailplan: plan the values you want instead";
            Stop::new(Exit::Refused, format!("the receipt cannot be trusted: {reason}"), help)
        })?;
        if wrote.resources.is_empty() {
            continue;
        }
        let same = |target: &Target| target.url == entry.url;
        let at = available
            .iter()
            .position(|(target, _)| same(target) && target.name == entry.name)
            .or_else(|| available.iter().position(|(target, _)| same(target)));
        match at {
            Some(at) => {
                let (target, files) = available.remove(at);
                counterparts.push(Counterpart { entry, asks: target.desired, files });
                targets.push(Target { desired: wrote, ..target });
            }
            None if chosen => {}
            None => reasons.push(match available.iter().find(|(target, _)| target.name == entry.name) {
                Some((target, _)) => format!("tenant {} was at {} and is now at {}", entry.name, entry.url, target.url),
                None => format!("tenant {} ({}) is not in the checkout", entry.name, entry.url),
            }),
        }
    }
    if !reasons.is_empty() {
        let help = "run rollback in the checkout that was applied, or choose tenants with --tenant NAME";
        let message = "the receipt is for other tenants; nothing was sent";
        return Err(Stop { details: reasons, ..Stop::new(Exit::Refused, message, help) });
    }
    Ok((counterparts, targets))
}

/// Turns the comparison with what was written into a plan of the way back.
async fn turn(mut tenant: Planned, counterpart: &Counterpart<'_>) -> Planned {
    let Planned { plan, client, .. } = &mut tenant;
    if let (Ok(resources), Some(client)) = (&mut plan.outcome, client) {
        let client: &Client = client;
        let turned = std::mem::take(resources).into_iter().map(|resource| turn_resource(resource, counterpart, client));
        *resources = join_all(turned).await;
    }
    tenant
}

async fn turn_resource(resource: ResourcePlan, counterpart: &Counterpart<'_>, client: &Client) -> ResourcePlan {
    let key = &resource.desired.key;
    let entry = counterpart.entry.get(key.into());
    let (Some(entry), Ok(mut read)) = (entry, resource.outcome.clone()) else { return resource };
    let generation = resource.desired.generation;
    let wanted = counterpart.asks.get(key);
    if let Some(wanted) = wanted.filter(|wanted| wanted.generation != generation) {
        let message = format!(
            "{key} was applied with apiVersion {} and the settings now use {}",
            generation.name, wanted.generation.name
        );
        let help = "roll back in a checkout of that apiVersion, or plan the values you want";
        return ResourcePlan { outcome: Err(Failure::refused(message, help)), ..resource };
    }
    let (returning, left) = rollback::back(entry, resource.desired, read.live.document());
    let notes = left.iter().map(rollback::left).collect();
    if returning.get(WHOLE.pointer).is_some() {
        // What a deletion means takes the document above, which was not read yet.
        let outcome = client.read(&returning).await;
        return ResourcePlan { desired: returning, outcome, notes, left, accepted: Vec::new() };
    }
    // Reading compared the same document already, so it fits.
    if let Ok(comparison) = plan::compare(&returning, read.live.document()) {
        read.comparison = comparison;
    }
    // A rollback speaks of what that run changed, and not of the settings files.
    read.comparison.unmanaged.clear();
    ResourcePlan { desired: returning, outcome: Ok(read), notes, left, accepted: Vec::new() }
}
