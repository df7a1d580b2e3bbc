//! Live values into the lines of the settings files that manage them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::{PullArgs, stop};
use crate::plan::looked_up::LookUp;
use crate::plan::tenant::TenantPlan;
use crate::rewrite::accept::{self, Edited, Expected, Rewrite, into};
use crate::run::interrupt::Interrupts;
use crate::run::look_up;
use crate::run::read::{self, Network};
use crate::run::runtime;
use crate::text::disk::shown;
use crate::text::number::count;
use crate::ui::{Exit, Stop};
use crate::workspace::load::{Context, Loaded};
use crate::workspace::next::About;

/// Edits the settings files of the chosen tenants.
pub(super) fn accept(context: &Context, args: &PullArgs) -> anyhow::Result<Exit> {
    let mut loaded = context.load(&args.files)?.with_access()?;
    context.ui.problems(&loaded.problems);
    let into = args.into.as_deref().map(|into| only_with(into, &mut loaded)).transpose()?;
    if loaded.failed() {
        return Err(Stop::new(Exit::Failed, "the files have errors; nothing was changed", "fix them first").into());
    }
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

async fn accept_from(
    context: &Context,
    args: &PullArgs,
    interrupts: &Interrupts,
    network: &Network,
    loaded: Loaded,
    into: Option<&Path>,
) -> anyhow::Result<Exit> {
    let (asked, folder) = (args.look_ups.asked(&loaded), loaded.folder());
    let Loaded { targets, layers, others, .. } = loaded;
    let mut tenants = interrupts.or(read::read(targets, network)).await?;
    if asked.contains(&LookUp::Names) {
        let looked_up = look_up::of_tenants(&mut tenants, &[LookUp::Names], &folder, network.parallelism);
        interrupts.or(looked_up).await?;
        tenants.iter().for_each(|tenant| tell_lacking(context, &tenant.plan));
    }
    let mut expected = Vec::new();
    for (tenant, files) in tenants.iter().map(|tenant| &tenant.plan).zip(&layers) {
        let resources = tenant.outcome.as_ref().map_err(|error| stop(&tenant.name, error))?;
        let mut documents = Vec::new();
        for resource in resources {
            let key = &resource.desired.key;
            let name = || format!("{}: {key}", tenant.name);
            let read = resource.outcome.as_ref().map_err(|error| stop(&name(), error))?;
            documents.push((key, Cow::Borrowed(read.live.document())));
        }
        expected.push(Expected { tenant: &tenant.name, files, documents });
    }
    let mut accepted = accept::drifted(tenants.iter().map(|tenant| &tenant.plan));
    let later = into.map_or_else(Vec::new, |into| {
        let files: Vec<_> = expected.iter().map(|expected| (expected.tenant, expected.files)).collect();
        into::redirect(&mut accepted, &files, into)
    });
    let unwritable = accept::take_unwritable(&mut accepted);
    let Edited { rewrites, left } = accept::rewrite(&mut accepted, &layers).map_err(|mut stop| {
        if stop.exit == Exit::Refused && into.is_none() {
            stop.help
                .push("sailplan pull --accept --tenant NAME --into FILE puts the values into such a file".to_owned());
        }
        stop
    })?;
    accept::prove(&expected, &accepted, &rewrites)?;
    for (lines, text, help) in [
        (
            &unwritable,
            "these lines stay as they are, since a file cannot ask for what the tenants have",
            accept::NO_VALUE,
        ),
        (&left, "these settings stay as they are, since they cannot be edited in place", accept::BY_HAND),
        (
            &later,
            "these lines stay as they are, since a later file decides",
            "run sailplan pull --accept without --into, or name that file",
        ),
    ] {
        if !lines.is_empty() {
            context.ui.warn_with(text, lines, &[help.to_owned()]);
        }
    }
    let all = unwritable.is_empty() && left.is_empty() && later.is_empty();
    let exit = if all { Exit::Done } else { Exit::Failed };
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
    let question = format!("Put {values} into {}?", count(rewrites.len(), "file", "files"));
    let unchanged = |message: &str| {
        Stop::new(Exit::Refused, message, format!("look at the lines above, then: {} --yes", context.again()))
    };
    if !args.yes {
        if !context.ui.can_ask() {
            return Err(
                unchanged("cannot ask for approval: standard input is not a terminal; nothing was changed").into()
            );
        }
        if let Some(why) = interrupts.confirm(context.ui, question).await?.refusal() {
            return Err(unchanged(&format!("not confirmed{why}; nothing was changed")).into());
        }
    }
    accept::write(&rewrites)?;
    context.ui.result(&format!("Accepted {values} into {}.\n", accept::names(&rewrites)))?;
    context.ui.say(&format!("Next, before you commit the files: {}", context.next("plan", About::Same, "")));
    Ok(exit)
}

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
