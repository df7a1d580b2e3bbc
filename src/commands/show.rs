//! `sailplan show`: a saved plan or a receipt again, in any form.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

use super::mistaken::{self, Kind};
use super::output::{OutputArgs, Shown};
use super::streams;
use crate::documents::merge::merge;
use crate::documents::plan::PlanFile;
use crate::documents::receipt::Receipt;
use crate::report;
use crate::report::receipts::Listed;
use crate::run::journal::{self, Unread};
use crate::text::disk::{self, Content, shown};
use crate::text::problem::Problem;
use crate::ui::{Exit, Stop};
use crate::workspace::load::Context;
use crate::workspace::next::About;

/// Show a plan that sailplan plan --out saved, or the receipt of an apply, in any format; merge the plans of all shards
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// A saved plan, a receipt, or the saved plans of all shards, which --json FILE saves as one plan; - is standard input
    #[arg(value_name = "FILE", value_parser = streams::input(), required = true)]
    pub files: Vec<PathBuf>,
    /// How the plan is shown.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Returns a receipt as it is listed.
pub(super) fn listed(context: &Context, path: &Path, receipt: Receipt) -> Listed {
    let rollback = context.next("rollback", About::Receipt(path), "");
    Listed { file: shown(path), receipt, rolled_back_by: None, rollback }
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
    let files = args.output.claim(None, &args.files)?;
    let [file] = args.files.as_slice() else {
        let plan = whole(&args.files)?;
        args.output.write(context, None, &files, Shown::Plan(&plan))?;
        return Ok(Exit::Done);
    };
    let no_plan = match read_as(file, &[Kind::Plan, Kind::Receipt], "a saved plan or a receipt") {
        Ok(mut plan) => {
            report::tell(&mut plan);
            args.output.write(context, None, &files, Shown::Plan(&plan))?;
            return Ok(Exit::Done);
        }
        Err(stop) => stop,
    };
    match journal::read(file) {
        Ok((receipt, _)) => {
            let listed = listed(context, file, receipt);
            args.output.write(context, None, &files, Shown::Receipt(&listed))?;
            Ok(Exit::Done)
        }
        // A receipt that was changed is a receipt all the same.
        Err(Unread::Document(error)) if is_receipt(file) => {
            let message = format!("{}: {error}", file.display());
            Err(Stop::new(Exit::Refused, message, "take the receipt that the run wrote").into())
        }
        Err(_) => Err(no_plan.into()),
    }
}

/// Returns the plan whose parts the files are.
fn whole(files: &[PathBuf]) -> Result<PlanFile, Stop> {
    let part = |file: &PathBuf| {
        read(file).map_err(|no_plan| {
            if !is_receipt(file) {
                return no_plan;
            }
            let message =
                format!("{}: this is a receipt, and several files are shown as the parts of one plan", shown(file));
            Stop::new(
                Exit::Refused,
                message,
                "sailplan receipts FILE... lists receipts, the parts of one apply as one run",
            )
        })
    };
    let parts = files.iter().map(part).collect::<Result<Vec<PlanFile>, Stop>>()?;
    let mut plan = merge(parts).map_err(|why| {
        let help = "name the saved plan of every shard of one run: sailplan plan --shard K/N --out FILE";
        Stop::new(Exit::Refused, format!("these files are not one plan: {why}"), help)
    })?;
    report::tell(&mut plan);
    Ok(plan)
}

/// Returns whether a file that cannot be used was meant to be a receipt.
fn is_receipt(path: &Path) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Probe {
        started_at: String,
    }
    let source = disk::read(path, Content::Document);
    source
        .is_ok_and(|source| serde_json::from_str::<Probe>(&source.text).is_ok_and(|probe| !probe.started_at.is_empty()))
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
pub fn read(path: &Path) -> Result<PlanFile, Stop> {
    read_as(path, &[Kind::Plan], "a saved plan")
}

/// Reads a saved plan; `takes` is what the command takes, `wanted` the same in words.
fn read_as(path: &Path, takes: &[Kind], wanted: &str) -> Result<PlanFile, Stop> {
    let source = disk::read(path, Content::Document).map_err(|problem| unread("plan", problem, HELP))?;
    let mut plan = PlanFile::parse(&source.text).map_err(|error| {
        let other = mistaken::refused(path, &source.text, takes, wanted, Exit::Refused);
        other.unwrap_or_else(|| Stop::new(Exit::Refused, format!("{}: {error}", path.display()), HELP))
    })?;
    plan.summary = report::summary(&plan);
    Ok(plan)
}
