//! `sailplan receipts`: who changed what, when, and approved how.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use wildmatch::WildMatch;

use super::mistaken::{self, Kind};
use super::show::{listed, unread};
use super::streams;
use crate::documents::became::turned_down;
use crate::documents::receipt::{Outcome, Receipt, ResourceReceipt, TenantReceipt};
use crate::report;
use crate::resource::instances::WHOLE;
use crate::resource::named::{Named, named};
use crate::run::journal::{self, Unread};
use crate::run::{ledger, now};
use crate::text::disk::{self, shown};
use crate::text::json::harmless;
use crate::ui::{Exit, Stop};
use crate::workspace::load::Context;
use crate::workspace::next::About;

/// List receipts, newest first: who changed what, when, approved how, and how to undo it. --tenant matches the names in the
/// receipts.
#[derive(Args, Debug)]
pub struct ReceiptsArgs {
    /// Receipts, or folders of them; without any, those of the workspace
    #[arg(value_name = "DIR|FILE", value_parser = streams::input())]
    pub paths: Vec<PathBuf>,
    /// Only runs that wrote this setting
    #[arg(long, value_name = "SETTING")]
    pub setting: Option<String>,
    /// Only runs that began on this day or later, in UTC
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub since: Option<Date>,
    /// Only runs that began on this day or earlier, in UTC
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub until: Option<Date>,
    /// Only runs that somebody with this text in the name started or approved
    #[arg(long, value_name = "TEXT")]
    pub by: Option<String>,
    /// Complete the receipt of a run that has certainly ended, such as one on another machine
    #[arg(long, value_name = "FILE", value_parser = streams::named(), conflicts_with_all = ["setting", "since", "until", "by", "paths"])]
    pub settle: Option<PathBuf>,
    /// What to write to standard output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

fn day(text: &str) -> Result<Date, &'static str> {
    // A time of day or a time zone would be read as well, and not count.
    let day = text.parse().ok().filter(|day: &Date| day.to_string() == text);
    day.ok_or("write a day as YYYY-MM-DD, such as 2026-01-31")
}

/// A form of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal or a log
    Text,
    /// For programs: an array of receipts, each with its file
    Json,
}

/// Runs the command.
///
/// # Errors
///
/// A path that is named cannot be read, or a flag does not fit.
pub fn run(context: &Context, args: &ReceiptsArgs) -> anyhow::Result<Exit> {
    if let Some(path) = &args.settle {
        return settle(context, path);
    }
    let settings = match &args.setting {
        Some(name) => Some(settings(name)?),
        None => None,
    };
    let mut receipts = Vec::new();
    for path in files(context, &args.paths)? {
        let named = args.paths.contains(&path);
        match journal::read(&path) {
            Ok((receipt, _)) => receipts.push(listed(context, &path, receipt)),
            Err(error) if named => return Err(refused(&path, error).into()),
            // A folder may hold other files.
            Err(_) => {}
        }
    }
    let rollbacks: Vec<(String, String)> = receipts
        .iter()
        .filter_map(|listed| Some((listed.receipt.rolls_back.as_ref()?.receipt.clone(), listed.file.clone())))
        .collect();
    for listed in &mut receipts {
        let by =
            rollbacks.iter().find(|(receipt, _)| Path::new(receipt).file_name() == Path::new(&listed.file).file_name());
        listed.rolled_back_by = by.map(|(_, file)| file.clone());
    }
    let tenants: Vec<WildMatch> = context.global.tenants.iter().map(|name| WildMatch::new(name)).collect();
    receipts.retain(|listed| fits(&listed.receipt, args, &tenants, settings.as_deref()));
    receipts.sort_by(|left, right| right.receipt.started_at.cmp(&left.receipt.started_at));
    let text = match args.format {
        Format::Text => report::receipts::text(&receipts, context.ui.width()),
        Format::Json => {
            let entries = receipts.iter().map(|listed| {
                let mut entry = serde_json::to_value(&listed.receipt)?;
                if let Some(object) = entry.as_object_mut() {
                    object.insert("file".to_owned(), listed.file.clone().into());
                    object.insert("rolledBackBy".to_owned(), listed.rolled_back_by.clone().into());
                }
                Ok(entry)
            });
            let entries: Vec<serde_json::Value> = entries.collect::<serde_json::Result<_>>()?;
            harmless(&entries)?
        }
    };
    context.ui.result(&text)?;
    Ok(Exit::Done)
}

/// Returns each setting that a name means.
fn settings(name: &str) -> Result<Vec<Named>, Stop> {
    let found = named(name);
    if found.is_empty() {
        let message = format!("--setting {name}: there is no such setting");
        return Err(Stop::new(Exit::Usage, message, "sailplan explain lists the settings"));
    }
    Ok(found)
}

fn files(context: &Context, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Stop> {
    let json = |folder: &Path| {
        let files = disk::files_in(folder).into_iter();
        files.filter(|path| path.extension().is_some_and(|end| end == "json"))
    };
    if paths.is_empty() {
        let workspace = context.workspace_file()?;
        let folder = workspace.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).to_owned();
        return Ok(ledger::receipts(&folder)
            .into_iter()
            .flat_map(|folder| json(&folder).collect::<Vec<_>>())
            .collect());
    }
    Ok(paths.iter().flat_map(|path| if path.is_dir() { json(path).collect() } else { vec![path.clone()] }).collect())
}

fn refused(path: &Path, error: Unread) -> Stop {
    let help = "name a receipt that sailplan wrote, or a folder of receipts";
    match error {
        Unread::File(problem) => unread("receipt", problem, help),
        Unread::Document(error) => mistaken::refused_file(path, &[Kind::Receipt], "a receipt", Exit::Refused)
            .unwrap_or_else(|| Stop::new(Exit::Refused, format!("{}: {error}", path.display()), help)),
    }
}

fn fits(receipt: &Receipt, args: &ReceiptsArgs, tenants: &[WildMatch], settings: Option<&[Named]>) -> bool {
    let day = receipt.started_at.parse::<Timestamp>().ok().map(|at| at.to_zoned(TimeZone::UTC).date());
    let after = args.since.is_none_or(|since| day.is_some_and(|day| day >= since));
    let before = args.until.is_none_or(|until| day.is_some_and(|day| day <= until));
    let by = args
        .by
        .as_ref()
        .is_none_or(|text| people(receipt).any(|name| name.to_lowercase().contains(&text.to_lowercase())));
    let tenant = |tenant: &TenantReceipt| tenants.is_empty() || tenants.iter().any(|name| name.matches(&tenant.name));
    let setting = |entry: &ResourceReceipt| {
        settings.is_none_or(|settings| {
            let wrote = |(key, setting): &Named| {
                let about = |path: &str| path == setting.pointer || path == WHOLE.pointer;
                entry.document() == key.into() && entry.operations.iter().any(|operation| about(&operation.path))
            };
            entry.started_at.is_some() && settings.iter().any(wrote)
        })
    };
    let whole = tenants.is_empty() && settings.is_none();
    after && before && by && (whole || receipt.entries().any(|(of, entry)| tenant(of) && setting(entry)))
}

/// Everybody whom a receipt names.
fn people(receipt: &Receipt) -> impl Iterator<Item = &str> {
    let evidence = &receipt.evidence;
    let approvers = evidence.approval.iter().flat_map(|approval| &approval.approvers);
    let tenants = receipt.tenants.iter().flat_map(|tenant| tenant.identity.values());
    let run = receipt.run.get("actor").into_iter().chain(&evidence.ci.actor).chain(&evidence.user);
    run.chain(approvers).chain(tenants).map(String::as_str)
}

/// Completes a receipt by hand: what was on its way is not known, what was not sent never was.
fn settle(context: &Context, path: &Path) -> anyhow::Result<Exit> {
    let failed = |error: std::io::Error| {
        let message = format!("{} cannot be completed: {error}", shown(path));
        Stop::new(Exit::Failed, message, "name a receipt of a run that did not finish")
    };
    let Some(mut claim) = journal::claim(path).map_err(failed)? else {
        let message = format!("{} is complete, or its run is still running; nothing was changed", shown(path));
        return Err(
            Stop::new(Exit::Refused, message, "wait for the run to end, or look at it: sailplan receipts").into()
        );
    };
    let now = now();
    for entry in claim.receipt.tenants.iter_mut().flat_map(|tenant| &mut tenant.resources) {
        if entry.outcome == Outcome::Pending {
            entry.outcome = match entry.started_at {
                Some(_) if turned_down(entry) => Outcome::Failed,
                Some(_) => Outcome::Unknown,
                None => Outcome::Skipped,
            };
            entry.finished_at = Some(now.clone());
            entry.notes.push(format!("the receipt was completed by hand at {now}; the tenant was not asked"));
        }
    }
    claim.receipt.finished_at = Some(now);
    claim.receipt.verdict = Some(report::applied::verdict(&claim.receipt));
    claim.complete().map_err(failed)?;
    let plan = context.next("plan", About::Same, "");
    context.ui.result(&format!("{} is completed. To see what holds now: {plan}\n", shown(path)))?;
    Ok(Exit::Done)
}
