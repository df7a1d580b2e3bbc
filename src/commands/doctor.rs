//! `sailplan doctor`: what stands between this machine and every tenant, without writing.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::look_up_args::LookUpArgs;
use crate::documents::doctor::{CheckStatus, Diagnosis, FORMAT_VERSION, Purpose};
use crate::report;
use crate::run::doctor::Checked;
use crate::run::interrupt::Interrupts;
use crate::run::read::Network;
use crate::run::{doctor, runtime};
use crate::text::disk::shown;
use crate::text::json::harmless;
use crate::text::problem::{Problem, rules};
use crate::text::repository::Repository;
use crate::ui::{Exit, Stop};
use crate::workspace::load::Context;

/// Check the way to every chosen tenant and what plan and apply would lack there: address, proxy, connection, clock, token,
/// scopes, user level, each managed document and each look-up. It requests a token and reads documents, and writes nothing
#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// Settings files for the tenant in SAIL_BASE_URL, in layer order; only without a workspace
    pub files: Vec<PathBuf>,
    /// What the credentials are meant for: with plan, a token that could write is a warning
    #[arg(long = "for", value_name = "COMMAND", value_enum)]
    pub purpose: Option<Purpose>,
    /// The look-ups that are checked, instead of those of the workspace.
    #[command(flatten)]
    pub look_ups: LookUpArgs,
    /// What to write to standard output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// A form of what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs; sailplan schema diagnosis describes it
    Json,
}

/// Runs the command.
///
/// # Errors
///
/// The command line does not fit what is there, or the files have errors.
pub fn run(context: &Context, args: &DoctorArgs) -> anyhow::Result<Exit> {
    let loaded = if args.files.is_empty() { context.load_tenants()? } else { context.load(&args.files)? };
    // What stands in the way to an address is said check by check.
    let is_named = loaded.targets.iter().any(|target| !target.url.is_empty());
    let mut loaded = if is_named { loaded } else { loaded.with_access()? };
    // What is not there yet can be pulled, as a check says; everything else has to be right.
    let (absent, problems): (Vec<Problem>, Vec<Problem>) =
        std::mem::take(&mut loaded.problems).into_iter().partition(|problem| problem.rule == rules::FILE_MISSING);
    loaded.problems = problems;
    context.ui.problems(&loaded.problems);
    loaded.broken.retain(|(_, error)| error.rule != rules::FILE_MISSING);
    if loaded.stops() || (loaded.targets.is_empty() && !absent.is_empty()) {
        context.ui.problems(&absent);
        let help = "fix them, sailplan validate shows them again";
        return Err(Stop::new(Exit::Failed, "the files have errors, so no tenant was checked", help).into());
    }
    let missing = |layers: &Vec<PathBuf>| layers.iter().filter(|path| !path.exists()).map(|path| shown(path)).collect();
    let missing: Vec<Vec<String>> = loaded.layers.iter().map(missing).collect();
    let mut broken: HashMap<String, Problem> = std::mem::take(&mut loaded.broken).into_iter().collect();
    let targets = std::mem::take(&mut loaded.targets).into_iter().zip(missing);
    let tenants = targets.map(|(target, missing)| Checked { error: broken.remove(&target.name), target, missing });
    let tenants = tenants.collect();
    let network = Network::of(context)?;
    let asked = args.look_ups.asked(&loaded);
    let workspace = loaded.workspace.as_deref().map(|path| Repository::around().workspace(Some(path), &[]));
    let tenants = runtime()?.block_on(async {
        let interrupts = Interrupts::listen(context.again());
        interrupts.or(doctor::diagnose(tenants, &network, args.purpose, &asked)).await
    })?;
    let diagnosis = Diagnosis {
        format_version: FORMAT_VERSION.to_owned(),
        sailplan: env!("CARGO_PKG_VERSION").to_owned(),
        workspace,
        purpose: args.purpose,
        tenants,
    };
    let text = match args.format {
        Format::Text => report::doctor::text(&diagnosis, context.ui.width()),
        Format::Json => harmless(&diagnosis)?,
    };
    context.ui.result(&text)?;
    let fails = diagnosis.tenants.iter().any(|tenant| tenant.status == CheckStatus::Fail);
    Ok(if fails { Exit::Failed } else { Exit::Done })
}
