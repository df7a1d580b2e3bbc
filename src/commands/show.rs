//! `sailplan show`: a saved plan again, in any form.

use std::path::PathBuf;

use clap::Args;

use super::output::OutputArgs;
use crate::documents::plan::PlanFile;
use crate::report;
use crate::text::disk::{self, Content};
use crate::text::problem::Problem;
use crate::ui::{Exit, Stop};
use crate::workspace::load::Context;

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
    let files = args.output.claim(None, std::slice::from_ref(&args.plan))?;
    let plan = read(&args.plan)?;
    args.output.write(context, None, &files, &plan)?;
    Ok(Exit::Done)
}

/// What to do about a plan that is of no use.
const HELP: &str = "make a new plan: sailplan plan --out FILE";

/// Refuses a document that cannot be read.
pub(super) fn unread(document: &str, problem: Problem, help: &str) -> Stop {
    let mut stop = Stop::new(Exit::Refused, format!("the {document} cannot be read: {}", problem.sentence()), help);
    stop.help.splice(0..0, problem.help);
    stop
}

/// Reads a saved plan.
///
/// # Errors
///
/// The file cannot be read, is no plan, was changed, or was made by a later sailplan: refused, since nothing was sent.
pub fn read(path: &std::path::Path) -> Result<PlanFile, Stop> {
    let refuse = |message: String| Stop::new(Exit::Refused, format!("{}: {message}", path.display()), HELP);
    let source = disk::read(path, Content::Document).map_err(|problem| unread("plan", problem, HELP))?;
    let mut plan = PlanFile::parse(&source.text).map_err(|error| refuse(error.to_string()))?;
    plan.summary = report::summary(&plan);
    Ok(plan)
}
