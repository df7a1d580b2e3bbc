//! `sailplan apply`: make the changes and prove that they took.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Args, ValueEnum};
use futures_util::StreamExt as _;

use super::{Context, Loaded, runtime, show, variable};
use crate::apply::{self, operations};
use crate::approved;
use crate::fleet::{self, Connected, Network, TenantPlan, failure};
use crate::plan_file::{ErrorEntry, PlanFile};
use crate::receipt::{self, Book, Outcome, Receipt, ResourceReceipt, TenantReceipt};
use crate::report;
use crate::ui::{Exit, Stop};

/// Make the changes and prove that they took: a saved plan as it was approved, or a fresh plan after asking
#[derive(Args, Debug)]
#[command(after_help = crate::cli::EXIT_CODES)]
pub struct ApplyArgs {
    /// A plan that sailplan plan --out saved; or settings files (.yaml, .yml) for the tenant in SAIL_BASE_URL
    #[arg(value_name = "PLAN|FILE")]
    pub files: Vec<PathBuf>,
    /// Do not ask
    #[arg(short = 'y', long, visible_alias = "auto-approve")]
    pub yes: bool,
    /// Do not ask, and go on only when the fresh plan has this digest
    #[arg(long, value_name = "DIGEST", conflicts_with = "yes")]
    pub approved: Option<String>,
    /// Stop at the first failure instead of going on with other tenants and resources
    #[arg(long)]
    pub fail_fast: bool,
    /// Write the receipt to FILE instead of .sailplan/receipts
    #[arg(long, value_name = "FILE")]
    pub receipt: Option<PathBuf>,
    /// What to write to standard output; json is the receipt
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = ReceiptFormat::Text)]
    pub format: ReceiptFormat,
    /// List every member of long sets
    #[arg(long)]
    pub full: bool,
}

/// A form of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReceiptFormat {
    /// For a terminal or a log
    Text,
    /// For programs
    Json,
}

/// What allows the changes to be sent.
enum Approval<'a> {
    /// A plan that somebody approved earlier.
    Saved(Box<PlanFile>),
    /// The digest of such a plan.
    Digest(&'a str),
    /// `--yes`.
    Flag,
    /// Somebody at the terminal.
    Ask,
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
    let folder = loaded.workspace.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).to_owned();
    runtime()?.block_on(async {
        let mut tenants = fleet::read(loaded.targets, &network).await;
        let plan = report::plan_file(&tenants, &[]);
        let digest = plan.compute_digest();
        approve(context, args, &approval, &plan, &mut tenants).await?;
        let receipt = open(&tenants, &digest);
        if !receipt.tenants.iter().flat_map(|tenant| &tenant.resources).any(|one| one.outcome == Outcome::Pending) {
            return finish(context, args, receipt, None);
        }
        let path = args.receipt.clone().unwrap_or_else(|| receipt_path(&folder, &receipt));
        let book = Book::open(path.clone(), receipt).map_err(|error| {
            Stop::new(
                Exit::Refused,
                format!("the receipt {} cannot be written, so nothing was sent: {error}", path.display()),
                "make its folder writable, or name another file with --receipt",
            )
        })?;
        let (receipt, exit) = send(context, args, tenants, &network, book).await?;
        context.ui.say(&format!("The receipt is {}", super::shown(&path)));
        finish(context, args, receipt, exit)
    })
}

fn approval<'a>(context: &Context, args: &'a ApplyArgs) -> Result<(Approval<'a>, &'a [PathBuf]), Stop> {
    let is_settings = |path: &&PathBuf| path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    let plans = args.files.iter().filter(|path| !is_settings(path)).count();
    match (args.files.as_slice(), plans) {
        ([plan], 1) => {
            if args.approved.is_some() {
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
            let approval = match (&args.approved, args.yes) {
                (Some(digest), _) => Approval::Digest(digest),
                (None, true) => Approval::Flag,
                (None, false) if context.ui.can_ask() => Approval::Ask,
                (None, false) => {
                    return Err(Stop::new(
                        Exit::Refused,
                        "nobody can be asked to approve: standard input is not a terminal; nothing was sent",
                        "save a plan with sailplan plan --out FILE and apply that, or give --approved DIGEST or --yes",
                    ));
                }
            };
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

/// Gets the plan approved; tenants that moved since are left out of `tenants`' reads with the reason.
async fn approve(
    context: &Context,
    args: &ApplyArgs,
    approval: &Approval<'_>,
    plan: &PlanFile,
    tenants: &mut [TenantPlan],
) -> Result<(), anyhow::Error> {
    match approval {
        Approval::Saved(saved) => refuse_moved(saved, tenants),
        Approval::Digest(digest) => {
            let found = plan.compute_digest();
            if found != **digest {
                context.ui.show(&report::text::plan(plan, args.full));
                return Err(Stop::new(
                    Exit::Refused,
                    format!("the plan of now has the digest {found}, not the approved {digest}; nothing was sent"),
                    "look at the plan above, and have it approved again",
                )
                .into());
            }
        }
        Approval::Flag => context.ui.show(&report::text::plan(plan, args.full)),
        Approval::Ask => {
            context.ui.show(&report::text::plan(plan, args.full));
            if plan.summary.changes == 0 {
                return Ok(());
            }
            if !context.ui.confirm("Do you want to make these changes?")? {
                let message = "not approved; nothing was sent";
                return Err(Stop::new(Exit::Refused, message, "answer yes to apply").into());
            }
            // Hours may have passed at the question.
            for tenant in tenants.iter_mut() {
                if let Ok(Connected { client, resources }) = &mut tenant.outcome {
                    for resource in resources.iter_mut().filter(|resource| resource.outcome.is_ok()) {
                        resource.outcome = client.read(&resource.desired).await;
                    }
                }
            }
            refuse_moved(plan, tenants);
        }
    }
    Ok(())
}

fn refuse_moved(approved: &PlanFile, tenants: &mut [TenantPlan]) {
    for tenant in tenants {
        let Some(entry) = approved.tenants.iter().find(|entry| entry.name == tenant.name) else { continue };
        let Ok(connected) = &tenant.outcome else { continue };
        let moved = approved::moved(entry, connected);
        if !moved.is_empty() {
            tenant.refused = Some(ErrorEntry {
                details: moved,
                ..failure(
                    "settings moved since the plan was made; nothing was sent to this tenant".to_owned(),
                    "make a new plan and have it approved: sailplan plan --out FILE",
                )
            });
        }
    }
}

/// Returns the receipt of an apply that has not begun.
fn open(tenants: &[TenantPlan], digest: &str) -> Receipt {
    Receipt {
        format_version: receipt::FORMAT_VERSION.to_owned(),
        sailplan: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: jiff::Timestamp::now().to_string(),
        finished_at: None,
        digest: digest.to_owned(),
        run: receipt::run_facts(variable),
        verdict: None,
        tenants: tenants.iter().map(open_tenant).collect(),
    }
}

fn open_tenant(tenant: &TenantPlan) -> TenantReceipt {
    let mut entry = TenantReceipt {
        name: tenant.name.clone(),
        url: tenant.url.clone(),
        identity: std::collections::BTreeMap::new(),
        error: tenant.refused.clone(),
        resources: Vec::new(),
    };
    let connected = match &tenant.outcome {
        Ok(connected) => connected,
        Err(error) => {
            entry.error = Some(error.clone());
            return entry;
        }
    };
    if let Some(identity) = connected.client.tenant.identity() {
        let facts = [("identityId", identity.identity_id), ("userName", identity.user_name), ("org", identity.org)];
        entry.identity = facts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
    }
    for resource in &connected.resources {
        let (outcome, before, operations, error) = match &resource.outcome {
            Err(error) => (Outcome::Failed, serde_json::Value::Null, Vec::new(), Some(error.clone())),
            Ok(read) => {
                let contradiction = report::contradiction(resource, read);
                let outcome = match (&contradiction, &tenant.refused, read.comparison.changes.is_empty()) {
                    (Some(_), ..) | (_, Some(_), _) => Outcome::Refused,
                    (_, _, true) => Outcome::Unchanged,
                    (_, _, false) => Outcome::Pending,
                };
                (outcome, read.live.clone(), operations(&read.comparison.changes), contradiction)
            }
        };
        entry.resources.push(ResourceReceipt {
            resource: resource.desired.resource.name.to_owned(),
            api_version: resource.desired.generation.name.to_owned(),
            outcome,
            before,
            operations,
            after: None,
            tracking_id: None,
            error,
            notes: Vec::new(),
        });
    }
    entry
}

fn receipt_path(folder: &Path, receipt: &Receipt) -> PathBuf {
    let time: String = receipt.started_at.chars().take(19).filter(|c| c.is_ascii_alphanumeric()).collect();
    let digest: String = receipt.digest.trim_start_matches("sha256:").chars().take(12).collect();
    folder.join(".sailplan").join("receipts").join(format!("{time}Z-{digest}.json"))
}

/// Sends what is pending, tenants side by side, and keeps the receipt up to date.
async fn send(
    context: &Context,
    args: &ApplyArgs,
    tenants: Vec<TenantPlan>,
    network: &Network,
    book: Book,
) -> anyhow::Result<(Receipt, Option<Exit>)> {
    let interrupted = listen(context);
    let failed = AtomicBool::new(false);
    let book = RefCell::new(book);
    let lost: RefCell<Option<std::io::Error>> = RefCell::new(None);
    // Every record is a write to disk; when one fails the apply ends, since nobody could say any more what it did.
    let record = |tenant: usize, resource: usize, change: &dyn Fn(&mut ResourceReceipt)| {
        if let Err(error) = book.borrow_mut().record(tenant, resource, change) {
            lost.borrow_mut().get_or_insert(error);
        }
    };
    let stop = || {
        interrupted.load(Ordering::Relaxed)
            || lost.borrow().is_some()
            || (args.fail_fast && failed.load(Ordering::Relaxed))
    };
    if tenants.iter().any(|tenant| tenant.refused.is_some() || tenant.outcome.is_err()) {
        failed.store(true, Ordering::Relaxed);
    }
    let jobs = tenants.into_iter().enumerate().map(|(tenant_index, tenant)| {
        let (record, stop, failed) = (&record, &stop, &failed);
        async move {
            let TenantPlan { name, outcome: Ok(connected), refused: None, .. } = tenant else { return };
            for (index, resource) in connected.resources.into_iter().enumerate() {
                let Ok(read) = &resource.outcome else { continue };
                if read.comparison.changes.is_empty() || report::contradiction(&resource, read).is_some() {
                    continue;
                }
                if stop() {
                    record(tenant_index, index, &|entry| entry.outcome = Outcome::Skipped);
                    continue;
                }
                context.ui.say(&format!(
                    "{name}: {} {}: changing {} ...",
                    resource.desired.resource.name,
                    resource.desired.generation.name,
                    report::count(read.comparison.changes.len(), "setting", "settings")
                ));
                let done =
                    apply::apply(&connected.client, &resource.desired, read.clone(), Duration::from_secs(1)).await;
                if done.outcome == Outcome::Failed {
                    failed.store(true, Ordering::Relaxed);
                }
                record(tenant_index, index, &|entry| {
                    entry.outcome = done.outcome;
                    entry.after.clone_from(&done.after);
                    entry.tracking_id.clone_from(&done.tracking_id);
                    entry.error.clone_from(&done.error);
                    entry.notes.clone_from(&done.notes);
                });
            }
        }
    });
    futures_util::stream::iter(jobs).buffered(network.parallelism.max(1)).collect::<Vec<()>>().await;
    let lost = lost.into_inner();
    let mut book = book.into_inner();
    book.receipt.finished_at = Some(jiff::Timestamp::now().to_string());
    book.receipt.verdict = Some(report::applied::verdict(&book.receipt));
    let saved = book.save();
    if let Some(error) = lost.or(saved.err()) {
        context.ui.error(
            &format!("the receipt {} cannot be written any more: {error}", book.path().display()),
            &["what was done is shown here and nowhere else: keep this output".to_owned()],
        );
        return Ok((book.receipt, Some(Exit::Failed)));
    }
    let exit = interrupted.load(Ordering::Relaxed).then_some(Exit::Interrupted);
    Ok((book.receipt, exit))
}

/// Lets a write in flight finish and be settled when the user interrupts.
fn listen(context: &Context) -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let (flag, ui) = (interrupted.clone(), context.ui);
    tokio::spawn(async move {
        wait_for_signal().await;
        flag.store(true, Ordering::Relaxed);
        ui.warn("interrupted: the write in flight is finished and settled, nothing else is sent", &[]);
    });
    interrupted
}

/// Waits for Ctrl-C or a request to terminate.
pub(super) async fn wait_for_signal() {
    let terminated = async {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            if let Ok(mut terminate) = signal(SignalKind::terminate()) {
                terminate.recv().await;
                return;
            }
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        outcome = tokio::signal::ctrl_c() => if outcome.is_err() { std::future::pending::<()>().await },
        () = terminated => {}
    }
}

fn finish(context: &Context, args: &ApplyArgs, mut receipt: Receipt, exit: Option<Exit>) -> anyhow::Result<Exit> {
    receipt.verdict = Some(report::applied::verdict(&receipt));
    let text = match args.format {
        ReceiptFormat::Text => report::applied::text(&receipt),
        ReceiptFormat::Json => {
            let text = serde_json::to_string_pretty(&receipt)?;
            format!("{}\n", report::forge::harmless_json(&text))
        }
    };
    context.ui.result(&text)?;
    let resources = || receipt.tenants.iter().flat_map(|tenant| &tenant.resources);
    let found = |outcome| resources().any(|resource| resource.outcome == outcome);
    let sent = found(Outcome::Applied);
    // Left out for the reason that is no refusal: it could not be asked at all.
    let unreachable = receipt.tenants.iter().any(|tenant| tenant.error.is_some() && tenant.resources.is_empty());
    let refused = found(Outcome::Refused);
    let outcome = if found(Outcome::Failed) || unreachable || (refused && sent) {
        Exit::Failed
    } else if refused {
        Exit::Refused
    } else {
        Exit::Done
    };
    Ok(exit.map_or(outcome, |exit| exit.min(outcome)))
}
