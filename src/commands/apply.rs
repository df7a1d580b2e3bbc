//! `sailplan apply`: make the changes and prove that they took.

use std::path::PathBuf;

use clap::Args;

use super::interrupt::Interrupts;
use super::sending::{Approval, SendArgs, Sending};
use super::{Context, Loaded, runtime, show};
use crate::plan_file::PlanFile;
use crate::ui::{Exit, Stop};
use crate::{approved, fleet};

/// Make the changes and prove that they took: a saved plan as it was approved, or a fresh plan after asking
#[derive(Args, Debug)]
#[command(after_help = crate::cli::EXIT_CODES)]
pub struct ApplyArgs {
    /// A plan that sailplan plan --out saved; or settings files (.yaml, .yml) for the tenant in SAIL_BASE_URL
    #[arg(value_name = "PLAN|FILE")]
    pub files: Vec<PathBuf>,
    /// How the changes are approved, sent and reported.
    #[command(flatten)]
    pub send: SendArgs,
}

/// Runs the command.
///
/// # Errors
///
/// The command line does not fit what is there, approval is missing, or the plan is stale.
pub fn run(context: &Context, args: &ApplyArgs) -> anyhow::Result<Exit> {
    let (approval, files) = approval(context, args)?;
    let mut loaded = context.load(files)?;
    context.ui.problems(&loaded.problems);
    if loaded.failed() {
        let message = "the settings have errors; nothing was sent";
        return Err(Stop::new(Exit::Failed, message, "mend them and run sailplan validate").into());
    }
    if let Approval::Saved(plan) = &approval {
        check_saved(plan, &mut loaded)?;
    }
    let network = context.network()?;
    let folder = loaded.folder();
    runtime()?.block_on(async {
        let interrupts = Interrupts::listen();
        let tenants = interrupts.or(fleet::read(loaded.targets, &network)).await?;
        let (args, network, interrupts) = (&args.send, &network, &interrupts);
        Sending { context, args, network, folder: &folder, interrupts, rolls_back: None }.run(approval, tenants).await
    })
}

fn approval<'a>(context: &Context, args: &'a ApplyArgs) -> Result<(Approval<'a>, &'a [PathBuf]), Stop> {
    let is_settings = |path: &&PathBuf| path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    let plans = args.files.iter().filter(|path| !is_settings(path)).count();
    match (args.files.as_slice(), plans) {
        ([plan], 1) => {
            if args.send.approved.is_some() {
                let message = "--approved is for a fresh plan, and a saved plan is given";
                return Err(Stop::new(Exit::Usage, message, "leave one of the two out"));
            }
            Ok((Approval::Saved(Box::new(show::read(plan)?)), &[]))
        }
        (_, 1..) => {
            let message = "a saved plan is applied alone";
            Err(Stop::new(Exit::Usage, message, "name one plan, or settings files that end in .yaml or .yml"))
        }
        (files, 0) => {
            let missing =
                "save a plan with sailplan plan --out FILE and apply that, or give --approved DIGEST or --yes";
            let approval = args.send.approval(context).ok_or_else(|| {
                Stop::new(
                    Exit::Refused,
                    "nobody can be asked to approve: standard input is not a terminal; nothing was sent",
                    missing,
                )
            })?;
            Ok((approval, files))
        }
    }
}

/// Holds a saved plan against the checkout and keeps only the tenants that it is for.
fn check_saved(plan: &PlanFile, loaded: &mut Loaded) -> Result<(), Stop> {
    loaded.targets.retain(|target| plan.tenants.iter().any(|tenant| tenant.name == target.name));
    let mut reasons = approved::checkout_differs(plan, &loaded.targets);
    if plan.digest.is_none() {
        reasons.push("the plan has no digest: nothing could be planned when it was made".to_owned());
    }
    if reasons.is_empty() {
        return Ok(());
    }
    let mut stop = Stop::new(
        Exit::Refused,
        "the checkout does not say what the plan says; nothing was sent",
        "make a new plan from this checkout and have it approved: sailplan plan --out FILE",
    );
    stop.details = reasons;
    Err(stop)
}
