//! `sailplan tenants`: which tenants a workspace has, and what holds for each.

use clap::{Args, ValueEnum};

use crate::documents::listing::{self, FORMAT_VERSION, ListedReceipt, ListedTenant, TenantList};
use crate::report;
use crate::run::ledger;
use crate::text::disk::shown;
use crate::text::json::harmless;
use crate::text::repository::Repository;
use crate::ui::{Exit, Stop};
use crate::workspace::load::{Context, today};

/// List the chosen tenants with labels, address, settings files, every guardrail with its line, allowances and the last run;
/// no tenant is contacted
#[derive(Args, Debug)]
pub struct TenantsArgs {
    /// What to write to standard output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// A form of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs, such as a CI matrix; sailplan schema tenants describes it
    Json,
}

/// Runs the command.
///
/// # Errors
///
/// There is no workspace, its files have errors, or nothing is chosen.
pub fn run(context: &Context, args: &TenantsArgs) -> anyhow::Result<Exit> {
    let Some(path) = context.workspace_file()? else {
        let message = "there is no sailplan.yaml here or above, so there are no tenants to list";
        return Err(Stop::new(Exit::Usage, message, "use -f FILE or -C DIR, or run sailplan init").into());
    };
    let loaded = context.load(&[])?;
    context.ui.problems(&loaded.problems);
    if loaded.failed() {
        let help = "fix them, sailplan validate shows them again";
        return Err(Stop::new(Exit::Failed, "the files have errors, so the list would not be complete", help).into());
    }
    let urls: Vec<&str> = loaded.targets.iter().map(|target| target.url.as_str()).collect();
    let receipts = ledger::last_of(&loaded.folder(), &urls);
    let tenants =
        loaded.targets.iter().zip(&loaded.layers).zip(receipts).map(|((target, layers), receipt)| ListedTenant {
            name: target.name.clone(),
            url: target.url.clone(),
            labels: target.labels.iter().cloned().collect(),
            files: layers.iter().map(|file| shown(file)).collect(),
            managed: target.desired.resources.iter().map(|resource| resource.settings.len()).sum(),
            guardrails: listing::guardrails(&target.rules),
            allowances: listing::allowances(&target.rules, today()),
            last_receipt: receipt.map(|earlier| ListedReceipt {
                file: shown(&earlier.path),
                started_at: earlier.receipt.started_at.clone(),
                verdict: earlier.receipt.verdict.clone(),
            }),
        });
    let list = TenantList {
        format_version: FORMAT_VERSION.to_owned(),
        sailplan: env!("CARGO_PKG_VERSION").to_owned(),
        workspace: Repository::around().workspace(Some(&path), &[]),
        tenants: tenants.collect(),
    };
    let text = match args.format {
        Format::Text => report::listed::text(&list, context.ui.width()),
        Format::Json => harmless(&list)?,
    };
    context.ui.result(&text)?;
    Ok(Exit::Done)
}
