//! `sailplan pull`: live settings into settings files.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::look_up_args::LookUpArgs;
use super::streams;
use crate::documents::schema::{self, Schema};
use crate::failure::Failure;
use crate::look_up::names::of_values;
use crate::plan::looked_up::LookUp;
use crate::plan::tenant::{ResourcePlan, TenantPlan};
use crate::resource::{CATALOGUE, Generation, Key, Resource, Setting, document};
use crate::rewrite::accept::{self, Edited, Expected, Rewrite, into};
use crate::rewrite::pull::{self, Pulled};
use crate::run::interrupt::Interrupts;
use crate::run::look_up;
use crate::run::read::{self, Network, Planned};
use crate::run::runtime;
use crate::settings::{Desired, DesiredResource};
use crate::text::disk::shown;
use crate::text::disk::{self, Content, Rights};
use crate::text::number::count;
use crate::text::repository::roots;
use crate::text::shell::quoted;
use crate::ui::{Exit, Stop};
use crate::workspace::Target;
use crate::workspace::load::{Context, Loaded};
use crate::workspace::next::About;

/// Write the live settings of a tenant as a settings file that matches it, to standard output or a new file. With
/// --accept, put the live values of drifted settings into the lines that manage them.
#[derive(Args, Debug)]
pub struct PullArgs {
    /// With --accept and without a workspace: the settings files to edit
    #[arg(value_name = "FILE", value_parser = streams::named(), requires = "accept")]
    pub files: Vec<PathBuf>,
    /// Write to FILE, which must not exist yet
    #[arg(long, value_name = "FILE", conflicts_with = "accept")]
    pub out: Option<PathBuf>,
    /// Only this resource, or one document of it, such as approvalsConfig[TENANT]; repeatable
    #[arg(long = "resource", value_name = "NAME", value_parser = document, conflicts_with = "accept")]
    pub resources: Vec<Document>,
    /// The API generation to read a resource from, such as accessRequestConfig=v2
    #[arg(long = "api-version", value_name = "RESOURCE=GENERATION", value_parser = generation, conflicts_with = "accept")]
    pub generations: Vec<(&'static Resource, &'static Generation)>,
    /// Edit the settings files: drifted settings get the live value, everything else stays as it is
    #[arg(long)]
    pub accept: bool,
    /// With --accept: put the values into FILE, a settings file of the tenant, even if another file manages them now
    #[arg(long, value_name = "FILE", value_parser = streams::named(), requires = "accept")]
    pub into: Option<PathBuf>,
    /// What is looked up: with names, ids get the names that the tenant gives them.
    #[command(flatten)]
    pub look_ups: LookUpArgs,
    /// Edit without asking
    #[arg(long, visible_alias = "auto-approve", requires = "accept")]
    pub yes: bool,
}

/// What to write: a resource, or one of its documents.
#[derive(Clone, Debug)]
pub struct Document {
    resource: &'static Resource,
    /// `None` if every one that is managed is meant.
    key: Option<Key>,
}

fn document(text: &str) -> Result<Document, String> {
    let Some((name, instance)) = text.strip_suffix(']').and_then(|text| text.split_once('[')) else {
        let resource = resource(text)?;
        let key = resource.instances.is_none().then(|| Key::from(resource));
        return Ok(Document { resource, key });
    };
    let resource = resource(name)?;
    let expects = resource.instances.map_or("no name in brackets", |instances| instances.expects);
    let key = Key::named(name, Some(instance)).ok_or_else(|| format!("write {expects} in the brackets"))?;
    Ok(Document { resource, key: Some(key) })
}

fn resource(name: &str) -> Result<&'static Resource, String> {
    let names: Vec<&str> = CATALOGUE.iter().map(|resource| resource.name).collect();
    Resource::named(name).ok_or_else(|| format!("write one of {}", names.join(", ")))
}

fn generation(text: &str) -> Result<(&'static Resource, &'static Generation), String> {
    let (name, version) = text.split_once('=').ok_or("write it as RESOURCE=GENERATION")?;
    let resource = resource(name)?;
    let generation = resource.generation(version);
    let known = || format!("write one of the generations of {name}: {}", resource.generation_names().join(", "));
    generation.map(|generation| (resource, generation)).ok_or_else(known)
}

/// Runs the command.
///
/// # Errors
///
/// The command line does not fit what is there, a tenant cannot be read, or a file cannot be written.
pub fn run(context: &Context, args: &PullArgs) -> anyhow::Result<Exit> {
    if args.accept { accept(context, args) } else { write(context, args) }
}

fn write(context: &Context, args: &PullArgs) -> anyhow::Result<Exit> {
    let out = args.out.as_deref().filter(|out| !streams::is_dash(out));
    if let Some(out) = out.filter(|out| out.symlink_metadata().is_ok()) {
        let message = format!("{} exists, and pull --out only writes new files", shown(out));
        let help = "name another file, or use pull --accept to put live values into the files that are there";
        return Err(Stop::new(Exit::Usage, message, help).into());
    }
    let mut loaded = context.load_tenants()?.with_access()?;
    // The files of a tenant may be what is about to be written, so only the workspace has to be right.
    if loaded.targets.is_empty() {
        context.ui.problems(&loaded.problems);
        return Err(Stop::new(Exit::Failed, "the workspace has errors", "fix them and run the command again").into());
    }
    if loaded.targets.len() > 1 {
        let names: Vec<&str> = loaded.targets.iter().map(|target| target.name.as_str()).collect();
        let message =
            format!("pull writes one tenant's settings, and {} are chosen", count(names.len(), "tenant", "tenants"));
        return Err(Stop::new(Exit::Usage, message, format!("choose one with --tenant: {}", names.join(", "))).into());
    }
    let folder = loaded.folder();
    for target in &mut loaded.targets {
        target.desired = everything(args, &target.desired);
    }
    let asked = args.look_ups.asked(&loaded).contains(&LookUp::Names);
    let (tenants, names) = read(context, &Network::of(context)?, loaded.targets, asked)?;
    let Some(tenant) = tenants.first().map(|tenant| &tenant.plan) else { return Ok(Exit::Done) };
    let resources = tenant.outcome.as_ref().map_err(|error| stop(&tenant.name, error))?;
    let mut documents = Vec::new();
    let mut failed = Vec::new();
    for one in resources {
        let (key, generation) = (&one.desired.key, one.desired.generation);
        match &one.outcome {
            Ok(read) => documents.push(Pulled { key, generation, live: read.live.document(), names: &names }),
            Err(error) => {
                context.ui.stop(&stop(&format!("{}: {key}", tenant.name), error));
                failed.push(key.to_string());
            }
        }
    }
    if let (Some(out), false) = (out, failed.is_empty()) {
        let message = format!("{} was not written: {} could not be read", shown(out), failed.join(" and "));
        let rest: Vec<String> = documents.iter().map(|pulled| format!(" --resource {}", pulled.key)).collect();
        let help = match rest.concat().as_str() {
            "" => "fix the cause and run the command again".to_owned(),
            rest => format!("fix the cause and run the command again, or write the rest alone with{rest}"),
        };
        return Err(Stop::new(Exit::Failed, message, help).into());
    }
    let exit = if failed.is_empty() { Exit::Done } else { Exit::Failed };
    if documents.is_empty() {
        return Ok(exit);
    }
    let schema = out.and_then(|out| schema_beside(&folder, out));
    let text = pull::file(&tenant.name, schema.as_deref(), &documents);
    let different = pull::differences(&text, &documents);
    if !different.is_empty() {
        let message = "the settings of the tenant cannot be written as a file that plans nothing";
        let help = "this is a mistake in sailplan: please report it with the names above";
        return Err(Stop { details: different, ..Stop::new(Exit::Failed, message, help) }.into());
    }
    match out {
        None => context.ui.result(&text)?,
        Some(out) => {
            disk::create(out, &text, Rights::Normal).map_err(|error| {
                let message = format!("{} cannot be written: {error}", shown(out));
                Stop::new(Exit::Failed, message, "check the folder and its rights")
            })?;
            context.ui.result(&format!("Written: {}\n", shown(out)))?;
            if args.resources.is_empty() {
                left_out(context, &documents).iter().for_each(|text| context.ui.say(text));
            }
            let listed = loaded.layers.iter().flatten().any(|path| shown(path) == shown(out));
            context.ui.say(&match (&loaded.workspace, listed) {
                (None, _) => {
                    // An apply without a workspace has its folder where it runs.
                    if ledger_is_tracked() {
                        context
                            .ui
                            .say("sailplan apply keeps its receipts in .sailplan/ here: add that line to .gitignore");
                    }
                    format!("Next: {}", context.next("plan", About::Same, &quoted(&shown(out))))
                }
                (Some(_), true) => format!("Next: {}", context.next("plan", About::Same, "")),
                (Some(_), false) => format!(
                    "Next: list it under the tenant's settings in sailplan.yaml, then: {}",
                    context.next("plan", About::Same, "")
                ),
            });
        }
    }
    Ok(exit)
}

/// Says which documents are not in the file, since they are written only where they are managed or named.
fn left_out(context: &Context, documents: &[Pulled<'_>]) -> Vec<String> {
    let is_written = |resource: &Resource| documents.iter().any(|document| document.key.resource == resource);
    let resources = CATALOGUE.into_iter().filter(|resource| !is_written(resource));
    let several =
        resources.filter_map(|resource| resource.instances.map(|instances| (resource.name, instances.example)));
    let told = several.map(|(name, example)| {
        let command = context.next("pull", About::Flags, &format!("--resource '{name}[{example}]'"));
        format!("Not in it: {name}, of which a tenant has several documents. To see one as YAML: {command}")
    });
    told.collect()
}

/// Returns whether git would take up what sailplan keeps in the working directory.
fn ledger_is_tracked() -> bool {
    let is_in_git = env::current_dir().is_ok_and(|here| !roots(&here).is_empty());
    let ignored = disk::read(Path::new(".gitignore"), Content::Document);
    let is_named = |text: &str| text.lines().any(|line| line.trim().trim_matches('/') == ".sailplan");
    is_in_git && !ignored.is_ok_and(|ignored| is_named(&ignored.text))
}

/// Returns the way from the folder of the file `out` to the schema of settings files in the workspace's folder, where
/// there is one.
fn schema_beside(folder: &Path, out: &Path) -> Option<String> {
    let real = |folder: &Path| if folder.as_os_str().is_empty() { Path::new(".") } else { folder }.canonicalize().ok();
    let schema = real(folder)?.join(schema::FOLDER).join(Schema::Settings.file());
    let start = real(out.parent()?)?;
    let shared = schema.ancestors().find(|ancestor| start.starts_with(ancestor))?;
    let up = start.strip_prefix(shared).ok()?.components().map(|_| "..");
    let down = schema.strip_prefix(shared).ok()?.components().map(|part| part.as_os_str().to_str());
    let path: Vec<&str> = up.map(Some).chain(down).collect::<Option<_>>()?;
    schema.is_file().then(|| path.join("/"))
}

/// Asks for every resource in the generation that the command line, the settings files or the catalogue name.
fn everything(args: &PullArgs, desired: &Desired) -> Desired {
    let generation = |resource: &'static Resource| {
        let named = args.generations.iter().rev().find(|(named, _)| *named == resource).map(|(_, one)| *one);
        let written = desired.resources.iter().find(|wanted| wanted.resource() == resource);
        named
            .or_else(|| written.map(|one| one.generation))
            .or_else(|| resource.default_generation.and_then(|name| resource.generation(name)))
            .or_else(|| resource.current())
    };
    let documents = chosen_documents(args, desired).into_iter().filter_map(|key| {
        let (settings, left_out) = (Vec::new(), BTreeSet::new());
        Some(DesiredResource { generation: generation(key.resource)?, key, settings, left_out })
    });
    Desired { resources: documents.collect(), ..Desired::default() }
}

/// Returns the documents to write. Of a resource of which a tenant has several those that are managed, and none if the
/// command line does not name the resource: which there are, the tenant does not say.
fn chosen_documents(args: &PullArgs, desired: &Desired) -> Vec<Key> {
    let managed = |resource: &'static Resource| -> Vec<Key> {
        let documents = desired.resources.iter().filter(|wanted| wanted.resource() == resource);
        documents.map(|wanted| wanted.key.clone()).collect()
    };
    let mut keys: Vec<Key> = if args.resources.is_empty() {
        let all = CATALOGUE.into_iter();
        all.flat_map(|resource| if resource.instances.is_some() { managed(resource) } else { vec![resource.into()] })
            .collect()
    } else {
        let named = |chosen: &Document| match (&chosen.key, managed(chosen.resource)) {
            (Some(key), _) => vec![key.clone()],
            (None, managed) if managed.is_empty() => {
                let example = chosen.resource.instances.map(|instances| instances.example);
                Key::named(chosen.resource.name, example).into_iter().collect()
            }
            (None, managed) => managed,
        };
        args.resources.iter().flat_map(named).collect()
    };
    keys.sort();
    keys.dedup();
    keys
}

fn accept(context: &Context, args: &PullArgs) -> anyhow::Result<Exit> {
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
        for one in resources {
            let key = &one.desired.key;
            let name = || format!("{}: {key}", tenant.name);
            let read = one.outcome.as_ref().map_err(|error| stop(&name(), error))?;
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

/// Reads the documents, and the names of the ids in them if they are asked for.
fn read(
    context: &Context,
    network: &Network,
    targets: Vec<Target>,
    names: bool,
) -> anyhow::Result<(Vec<Planned>, BTreeMap<String, String>)> {
    runtime()?.block_on(async {
        let interrupts = Interrupts::listen(context.again());
        let tenants = interrupts.or(read::read(targets, network)).await?;
        let mut known = BTreeMap::new();
        for Planned { plan, client, .. } in tenants.iter().filter(|_| names) {
            let Some(client) = client else { continue };
            let values: Vec<(&Setting, Value)> = plan.resources().iter().flat_map(live_values).collect();
            let references = values.iter().flat_map(|(setting, value)| setting.references([Some(value)]));
            let (names, lacking) = interrupts.or(of_values(&client.tenant, references)).await?;
            known.extend(names);
            for lacking in lacking {
                context.ui.warn(&format!("{}: {lacking}", plan.name), &[]);
            }
        }
        Ok((tenants, known))
    })
}

/// Returns the values of a live document that settings files can hold names for.
fn live_values(resource: &ResourcePlan) -> Vec<(&'static Setting, Value)> {
    let Ok(read) = &resource.outcome else { return Vec::new() };
    let settings = resource.desired.resource().settings_of(resource.desired.generation);
    let sets = settings.filter(|setting| setting.kind.is_set());
    sets.filter_map(|setting| Some((setting, document::read(setting, read.live.document()).ok()??))).collect()
}

fn stop(what: &str, error: &Failure) -> Stop {
    let mut details = error.details.clone();
    details.extend(error.tracking_id.iter().map(|id| format!("trackingId: {id}")));
    Stop {
        exit: if error.is_refusal() { Exit::Refused } else { Exit::Failed },
        message: format!("{what}: {}", error.message),
        details,
        help: error.help.clone(),
    }
}
