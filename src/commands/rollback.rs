//! `sailplan rollback`: back to the values from before an apply.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::interrupt::Interrupts;
use super::sending::{SendArgs, Sending};
use super::{Context, Loaded, runtime, shown};
use crate::desired::Desired;
use crate::fleet::{self, Connected, ResourcePlan, Target, TenantPlan, failure};
use crate::guardrails::RuleSet;
use crate::plan;
use crate::plan_file::ErrorEntry;
use crate::receipt::{Receipt, ResourceReceipt, RolledBack, TenantReceipt};
use crate::report;
use crate::rollback::{self, askers};
use crate::ui::{Exit, Stop};
use crate::yaml::Source;

/// Go back to the values from before an apply, setting by setting, wherever live still is what that apply wrote. What
/// somebody changed since, and what was absent before, is listed and left as it is.
#[derive(Args, Debug)]
#[command(after_help = crate::cli::EXIT_CODES)]
pub struct RollbackArgs {
    /// The receipt of the apply, from .sailplan/receipts
    #[arg(value_name = "RECEIPT", id = "rolled-back")]
    pub rolled_back: PathBuf,
    /// How the changes are approved, sent and reported.
    #[command(flatten)]
    pub send: SendArgs,
}

/// A tenant of the receipt with its counterpart in the checkout.
struct Counterpart<'a> {
    entry: &'a TenantReceipt,
    /// What the settings files of now ask for.
    asks: Desired,
}

/// Runs the command.
///
/// # Errors
///
/// The receipt is no receipt, its tenants are not those of the checkout, or approval is missing.
pub fn run(context: &Context, args: &RollbackArgs) -> anyhow::Result<Exit> {
    let (receipt, source) = read(&args.rolled_back)?;
    let loaded = context.load_tenants()?;
    if loaded.targets.is_empty() {
        context.ui.problems(&loaded.problems);
        return Err(Stop::new(Exit::Failed, "the workspace has errors; nothing was sent", "mend it first").into());
    }
    if loaded.failed() {
        let text = "the settings have errors, so the lines that ask for the rolled-back values are not all known";
        context.ui.warn(text, &["sailplan validate shows them".to_owned()]);
    }
    let folder = loaded.folder();
    let (counterparts, targets) = pair(context, &receipt, &source, loaded)?;
    let network = context.network()?;
    runtime()?.block_on(async {
        let interrupts = Interrupts::listen();
        let tenants = interrupts.or(fleet::read(targets, &network)).await?;
        let tenants: Vec<TenantPlan> =
            tenants.into_iter().zip(&counterparts).map(|(tenant, counterpart)| turn(tenant, counterpart)).collect();
        tell_askers(context, &tenants, &counterparts);
        let Some(approval) = args.send.approval(context) else {
            let plan = report::plan_file(&tenants, &[]);
            context.ui.show(&report::text::plan(&plan, args.send.full));
            let message = "nobody can be asked to approve: standard input is not a terminal; nothing was sent";
            let help = format!(
                "look at the plan above, then run sailplan rollback {} --approved {}, or with --yes",
                shown(&args.rolled_back),
                plan.compute_digest()
            );
            return Err(Stop::new(Exit::Refused, message, help).into());
        };
        let rolls_back = Some(RolledBack { receipt: shown(&args.rolled_back), digest: receipt.digest.clone() });
        let args = &args.send;
        let (network, interrupts) = (&network, &interrupts);
        Sending { context, args, network, folder: &folder, interrupts, rolls_back }.run(approval, tenants).await
    })
}

/// Reads a receipt, and the text that plans point into.
///
/// # Errors
///
/// The file cannot be read, is no receipt, was changed, or was made by a later sailplan.
fn read(path: &std::path::Path) -> Result<(Receipt, Arc<Source>), Stop> {
    let refuse = |message: String| {
        let help = "name a receipt that sailplan apply wrote; they are in .sailplan/receipts beside the workspace";
        Stop::new(Exit::Refused, format!("{}: {message}", path.display()), help)
    };
    let text = std::fs::read_to_string(path).map_err(|error| refuse(format!("the receipt cannot be read: {error}")))?;
    let receipt = Receipt::parse(&text).map_err(|error| refuse(error.to_string()))?;
    Ok((receipt, Source::new(shown(path), text)))
}

/// Finds the tenants of the receipt in the checkout: the name may have changed since, the address may not.
fn pair<'a>(
    context: &Context,
    receipt: &'a Receipt,
    source: &Arc<Source>,
    loaded: Loaded,
) -> Result<(Vec<Counterpart<'a>>, Vec<Target>), Stop> {
    let mut available = loaded.targets;
    let chosen = !context.global.tenants.is_empty() || !context.global.labels.is_empty();
    let (mut counterparts, mut targets, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    for entry in &receipt.tenants {
        let wrote = rollback::written(receipt, entry, source).map_err(|reason| {
            let help = "this file was not written by this sailplan: plan the values you want instead";
            Stop::new(Exit::Refused, format!("the receipt is not to be trusted: {reason}"), help)
        })?;
        if wrote.resources.is_empty() {
            continue;
        }
        let same = |target: &Target| target.url == entry.url;
        let at = available
            .iter()
            .position(|target| same(target) && target.name == entry.name)
            .or_else(|| available.iter().position(same));
        match at {
            Some(at) => {
                let Target { name, url, access, desired, rules } = available.remove(at);
                let rules = rules.into_iter().map(RuleSet::for_return).collect();
                targets.push(Target { name, url, access, desired: wrote, rules });
                counterparts.push(Counterpart { entry, asks: desired });
            }
            None if chosen => {}
            None => reasons.push(match available.iter().find(|target| target.name == entry.name) {
                Some(target) => format!("tenant {} was at {} and is now at {}", entry.name, entry.url, target.url),
                None => format!("tenant {} ({}) is not in the checkout", entry.name, entry.url),
            }),
        }
    }
    if !reasons.is_empty() {
        let help = "run rollback in the checkout that was applied, or choose tenants with --tenant NAME";
        let message = "the receipt is for other tenants; nothing was sent";
        return Err(Stop { details: reasons, ..Stop::new(Exit::Refused, message, help) });
    }
    if targets.is_empty() {
        let help = "a receipt of a run that sent something is needed";
        return Err(Stop::new(Exit::Refused, "there is nothing in the receipt to roll back", help));
    }
    Ok((counterparts, targets))
}

/// Turns the comparison with what was written into a plan of the way back.
fn turn(tenant: TenantPlan, counterpart: &Counterpart<'_>) -> TenantPlan {
    let outcome = tenant.outcome.map(|Connected { client, resources }| {
        let resources = resources.into_iter().map(|resource| turn_resource(resource, counterpart)).collect();
        Connected { client, resources }
    });
    TenantPlan { outcome, ..tenant }
}

fn turn_resource(resource: ResourcePlan, counterpart: &Counterpart<'_>) -> ResourcePlan {
    let name = resource.desired.resource.name;
    let entry: Option<&ResourceReceipt> = counterpart.entry.resources.iter().find(|entry| entry.resource == name);
    let (Some(entry), Ok(mut read)) = (entry, resource.outcome.clone()) else { return resource };
    let generation = resource.desired.generation;
    let wanted = counterpart.asks.resources.iter().find(|one| one.resource.name == name);
    if let Some(wanted) = wanted.filter(|wanted| wanted.generation.name != generation.name) {
        let message = format!(
            "{name} was applied with apiVersion {} and the settings now use {}",
            generation.name, wanted.generation.name
        );
        let error = failure(message, "roll back in a checkout of that apiVersion, or plan the values you want");
        return ResourcePlan { outcome: Err(ErrorEntry { refused: true, ..error }), ..resource };
    }
    let (returning, left) = rollback::back(entry, resource.desired, &read.live);
    let notes = left.iter().map(report::left).collect();
    // Reading compared the same document already, so it fits.
    if let Ok(comparison) = plan::compare(&returning, &read.live) {
        read.comparison = comparison;
    }
    ResourcePlan { desired: returning, outcome: Ok(read), notes }
}

/// Names the lines that would bring the change back.
fn tell_askers(context: &Context, tenants: &[TenantPlan], counterparts: &[Counterpart<'_>]) {
    let mut lines = Vec::new();
    for (tenant, counterpart) in tenants.iter().zip(counterparts) {
        let resources = tenant.outcome.iter().flat_map(|connected| &connected.resources);
        for resource in resources.filter(|resource| resource.outcome.is_ok()) {
            for (asker, back) in askers(&counterpart.asks, &resource.desired) {
                let setting = asker.setting;
                lines.push(format!(
                    "{}: {setting} is {}, going back to {} ({})",
                    asker.place,
                    setting.show(Some(&asker.value)),
                    setting.show(Some(&back)),
                    tenant.name
                ));
            }
        }
    }
    if !lines.is_empty() {
        context.ui.warn_of("these lines still ask for what is rolled back; the next apply would bring it back", &lines);
    }
}
