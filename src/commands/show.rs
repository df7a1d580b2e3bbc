//! `sailplan show`: a saved plan again, in any form.

use std::path::PathBuf;

use clap::Args;

use super::Context;
use super::output::OutputArgs;
use crate::documents::plan::PlanFile;
use crate::report;
use crate::ui::{Exit, Stop};

/// Show a plan that sailplan plan --out saved, in any format
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The saved plan
    pub plan: PathBuf,
    /// How the plan is shown.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Runs the command.
///
/// # Errors
///
/// The file is no plan, or an output cannot be written.
pub fn run(context: &Context, args: &ShowArgs) -> anyhow::Result<Exit> {
    if !context.global.tenants.is_empty() || !context.global.labels.is_empty() {
        let message = "show shows the whole plan, and --tenant or --label is given";
        return Err(Stop::new(Exit::Usage, message, "leave the flags out, or give them to sailplan plan").into());
    }
    args.output.check(None, std::slice::from_ref(&args.plan))?;
    let plan = read(&args.plan)?;
    args.output.write(context, None, &plan)?;
    Ok(Exit::Done)
}

/// Reads a saved plan.
///
/// # Errors
///
/// The file cannot be read, is no plan, was changed, or was made by a later sailplan: refused, since nothing was sent.
pub fn read(path: &std::path::Path) -> Result<PlanFile, Stop> {
    let refuse = |message: String| {
        Stop::new(Exit::Refused, format!("{}: {message}", path.display()), "make a new plan: sailplan plan --out FILE")
    };
    let text = std::fs::read_to_string(path).map_err(|error| refuse(format!("the plan cannot be read: {error}")))?;
    let mut plan = PlanFile::parse(&text).map_err(|error| refuse(error.to_string()))?;
    plan.summary = report::summary(&plan);
    Ok(plan)
}
