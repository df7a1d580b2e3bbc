//! Live values into the lines of the settings files that manage them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::PullArgs;
use crate::documents::plan::ErrorEntry;
use crate::failure::Failure;
use crate::plan::looked_up::LookUp;
use crate::plan::tenant::TenantPlan;
use crate::report::overview::failures;
use crate::rewrite::accept::{self, Accepted, Edited, Expected, Rewrite, into};
use crate::run::interrupt::Interrupts;
use crate::run::read::{self, Network, Planned};
use crate::run::{look_up, runtime};
use crate::text::disk::shown;
use crate::text::list::few;
use crate::text::number::count;
use crate::ui::{Exit, Stop};
use crate::workspace::load::{Context, Loaded};
use crate::workspace::next::About;

/// Edits the settings files of the chosen tenants.
pub(super) fn accept(context: &Context, args: &PullArgs) -> anyhow::Result<Exit> {
    let mut loaded = context.load(&args.files)?.with_access()?;
    context.ui.problems(&loaded.problems);
    if loaded.stops() {
        return Err(Stop::new(Exit::Failed, "the files have errors; nothing was changed", "fix them first").into());
    }
    loaded.set_broken_aside();
    let into = args.into.as_deref().map(|into| only_with(into, &mut loaded)).transpose()?;
    let network = Network::of(context)?;
    runtime()?.block_on(async {
        let interrupts = Interrupts::listen(context.again());
        accept_from(context, args, &interrupts, &network, loaded, into.as_deref()).await
    })
}

/// Leaves the tenants that have `into` among their settings files. Returns it as they spell it.
fn only_with(into: &Path, loaded: &mut Loaded) -> Result<PathBuf, Stop> {
    let Some(file) = into::layer(loaded.layers.iter().map(Vec::as_slice), into).cloned() else {
        let names: Vec<&str> = loaded.targets.iter().map(|target| target.name.as_str()).collect();
        let message = format!("--into {}: no settings file of {} is that file", shown(into), names.join(", "));
        let help = match (&loaded.workspace, into.exists()) {
            (None, _) => "name it last among the settings files".to_owned(),
            (Some(workspace), true) => {
                format!("list it last under the tenant's settings in {}, then run the command again", shown(workspace))
            }
            (Some(workspace), false) => format!(
                "create it with the one line {{}}, list it last under the tenant's settings in {}, then run the command again",
                shown(workspace)
            ),
        };
        return Err(Stop::new(Exit::Usage, message, help));
    };
    let targets = std::mem::take(&mut loaded.targets).into_iter().zip(std::mem::take(&mut loaded.layers));
    for (target, layers) in targets {
        if into::layer([layers.as_slice()], into).is_some() {
            loaded.targets.push(target);
            loaded.layers.push(layers);
        } else {
            loaded.others.push((target.name, layers));
        }
    }
    Ok(file)
}

/// What was read for the command, and what was not.
struct Drifted {
    /// The tenants that were read whole.
    tenants: Vec<Planned>,
    /// The settings files of each of them.
    layers: Vec<Vec<PathBuf>>,
    /// The tenants whose files are known and whose live values are not, with those files: what a tenant has that was not read
    /// is not known, so it is one of those that were not chosen.
    others: Vec<(String, Vec<PathBuf>)>,
    /// What was not read.
    failed: Vec<Stop>,
}

/// What stays as it is, and why.
struct Left {
    /// No file can ask for the live value.
    unwritable: Vec<String>,
    /// The line cannot be edited in place.
    by_hand: Vec<String>,
    /// A file after `--into` decides.
    later: Vec<String>,
}

async fn accept_from(
    context: &Context,
    args: &PullArgs,
    interrupts: &Interrupts,
    network: &Network,
    loaded: Loaded,
    into: Option<&Path>,
) -> anyhow::Result<Exit> {
    let Drifted { tenants, layers, others, failed } = read_drifted(context, args, interrupts, network, loaded).await?;
    if tenants.is_empty() && !failed.is_empty() {
        let refused = failed.iter().all(|failure| failure.exit == Exit::Refused);
        return Ok(if refused { Exit::Refused } else { Exit::Failed });
    }
    let mut accepted = accept::drifted(tenants.iter().map(|tenant| &tenant.plan));
    let (rewrites, left) = edit(&tenants, &layers, &mut accepted, into)?;
    left.tell(context);
    let exit = if failed.is_empty() && left.is_empty() { Exit::Done } else { Exit::Failed };
    if rewrites.is_empty() && exit == Exit::Failed {
        return Ok(exit);
    }
    if rewrites.is_empty() {
        context.ui.result("No drift: the settings files say what the tenants say.\n")?;
        return Ok(Exit::Done);
    }
    accept::show(context, &rewrites);
    let others: Vec<_> = others.iter().map(|(name, files)| (name.as_str(), files.as_slice())).collect();
    accept::tell_side_effects(context, &others, &accepted, &rewrites);
    let values = values(&rewrites);
    if !args.yes {
        let question = format!("Put {values} into {}?", count(rewrites.len(), "file", "files"));
        confirm(context, interrupts, question).await?;
    }
    accept::write(&rewrites)?;
    context.ui.result(&format!("Accepted {values} into {}.\n", accept::names(&rewrites)))?;
    context.ui.say(&format!("Next, before you commit the files: {}", context.next("plan", About::Same, "")));
    Ok(exit)
}

/// Reads the tenants, with the names of their ids if they are asked for, and says what cannot be read.
async fn read_drifted(
    context: &Context,
    args: &PullArgs,
    interrupts: &Interrupts,
    network: &Network,
    loaded: Loaded,
) -> anyhow::Result<Drifted> {
    let (asked, folder) = (args.look_ups.asked(&loaded), loaded.folder());
    let Loaded { targets, layers, others, .. } = loaded;
    let read = interrupts.or(read::read(targets, network)).await?;
    let mut drifted = Drifted { tenants: Vec::new(), layers: Vec::new(), others, failed: failures_of(&read) };
    for failure in &drifted.failed {
        context.ui.stop(failure);
    }
    for (tenant, files) in read.into_iter().zip(layers) {
        if errors_of(&tenant.plan).next().is_none() {
            drifted.tenants.push(tenant);
            drifted.layers.push(files);
        } else {
            drifted.others.push((tenant.plan.name, files));
        }
    }
    if asked.contains(&LookUp::Names) && !drifted.tenants.is_empty() {
        let looked_up = look_up::of_tenants(&mut drifted.tenants, &[LookUp::Names], &folder, network.parallelism);
        interrupts.or(looked_up).await?;
        drifted.tenants.iter().for_each(|tenant| tell_lacking(context, &tenant.plan));
    }
    Ok(drifted)
}

/// Returns the files as they will be, proven to ask for what the tenants have.
fn edit(
    tenants: &[Planned],
    layers: &[Vec<PathBuf>],
    accepted: &mut Vec<Accepted>,
    into: Option<&Path>,
) -> Result<(Vec<Rewrite>, Left), Stop> {
    let expected = tenants.iter().map(|tenant| &tenant.plan).zip(layers).map(|(tenant, files)| {
        let read = tenant.resources().iter();
        let read = read.filter_map(|resource| Some((&resource.desired.key, resource.outcome.as_ref().ok()?)));
        let documents = read.map(|(key, read)| (key, Cow::Borrowed(read.live.document()))).collect();
        Expected { tenant: &tenant.name, files, documents }
    });
    let expected: Vec<Expected<'_>> = expected.collect();
    let later = into.map_or_else(Vec::new, |into| {
        let files: Vec<_> = expected.iter().map(|expected| (expected.tenant, expected.files)).collect();
        into::redirect(accepted, &files, into)
    });
    let unwritable = accept::take_unwritable(accepted);
    let Edited { rewrites, left } = accept::rewrite(accepted, layers).map_err(|mut stop| {
        if stop.exit == Exit::Refused && into.is_none() {
            stop.help
                .push("sailplan pull --accept --tenant NAME --into FILE puts the values into such a file".to_owned());
        }
        stop
    })?;
    accept::prove(&expected, accepted, &rewrites)?;
    Ok((rewrites, Left { unwritable, by_hand: left, later }))
}

impl Left {
    fn is_empty(&self) -> bool {
        self.unwritable.is_empty() && self.by_hand.is_empty() && self.later.is_empty()
    }

    fn tell(&self, context: &Context) {
        let warnings = [
            (
                &self.unwritable,
                "these lines stay as they are, since a file cannot ask for what the tenants have",
                accept::NO_VALUE,
            ),
            (&self.by_hand, "these settings stay as they are, since they cannot be edited in place", accept::BY_HAND),
            (
                &self.later,
                "these lines stay as they are, since a later file decides",
                "run sailplan pull --accept without --into, or name that file",
            ),
        ];
        for (lines, text, help) in warnings.into_iter().filter(|(lines, ..)| !lines.is_empty()) {
            context.ui.warn_with(text, lines, &[help.to_owned()]);
        }
    }
}

async fn confirm(context: &Context, interrupts: &Interrupts, question: String) -> anyhow::Result<()> {
    let unchanged = |message: &str| {
        Stop::new(Exit::Refused, message, format!("look at the lines above, then: {} --yes", context.again()))
    };
    if !context.ui.can_ask() {
        return Err(unchanged("cannot ask for approval: standard input is not a terminal; nothing was changed").into());
    }
    match interrupts.confirm(context.ui, question).await?.refusal() {
        Some(why) => Err(unchanged(&format!("not confirmed{why}; nothing was changed")).into()),
        None => Ok(()),
    }
}

/// Returns what of a tenant was not read, with the document if it is only that.
fn errors_of(tenant: &TenantPlan) -> impl Iterator<Item = (Option<String>, &Failure)> {
    let resources = tenant.resources();
    let errors = resources.iter().filter_map(|one| Some((&one.desired.key, one.outcome.as_ref().err()?)));
    let errors: Vec<_> = errors.map(|(key, error)| (Some(key.to_string()), error)).collect();
    // Without a token, or without a connection, all documents have the same error.
    let whole = match errors.as_slice() {
        [(_, first), others @ ..] if !others.is_empty() && errors.len() == resources.len() => {
            others.iter().all(|(_, error)| error.message == first.message).then_some(*first)
        }
        _ => tenant.outcome.as_ref().err(),
    };
    let errors = if whole.is_some() { Vec::new() } else { errors };
    whole.map(|error| (None, error)).into_iter().chain(errors)
}

/// Returns what was not read, the same of several tenants as one.
fn failures_of(tenants: &[Planned]) -> Vec<Stop> {
    let plans = || tenants.iter().map(|tenant| &tenant.plan);
    let errors = |refused: bool| {
        let errors =
            plans().flat_map(move |plan| errors_of(plan).map(move |(document, error)| (plan, document, error)));
        let errors = errors.filter(move |(.., error)| error.is_refusal() == refused);
        errors.map(|(plan, document, error)| (plan.name.as_str(), plan.url.as_str(), document, ErrorEntry::from(error)))
    };
    let names: Vec<String> = plans().map(|plan| plan.name.clone()).collect();
    let told = |refused: bool| {
        let exit = if refused { Exit::Refused } else { Exit::Failed };
        failures(errors(refused), &names).into_iter().map(move |failed| {
            let what = failed.told(|names| few(names, NAMED));
            let message = format!("{what}: {}", failed.message);
            Stop { exit, message, details: failed.details, help: failed.help }
        })
    };
    told(false).chain(told(true)).collect()
}

/// How many tenants are named at once.
const NAMED: usize = 10;

/// Returns how many values and names are taken over, in words.
fn values(rewrites: &[Rewrite]) -> String {
    let settings: usize = rewrites.iter().map(|rewrite| rewrite.settings).sum();
    let names: usize = rewrites.iter().map(|rewrite| rewrite.names).sum();
    let values = (settings > 0 || names == 0).then(|| count(settings, "live value", "live values"));
    let names = (names > 0).then(|| count(names, "name", "names"));
    values.into_iter().chain(names).collect::<Vec<_>>().join(" and ")
}

/// Says what could not be looked up.
fn tell_lacking(context: &Context, tenant: &TenantPlan) {
    for lacking in tenant.looked_up.iter().flat_map(|looked_up| &looked_up.lacking) {
        context.ui.warn(&format!("{}: {lacking}", tenant.name), &[]);
    }
}
