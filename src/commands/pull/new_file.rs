//! A new settings file that says what a tenant has.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::Path;

use serde_json::Value;

use super::{Document, PullArgs, stop};
use crate::commands::streams;
use crate::documents::schema::{self, Schema};
use crate::look_up::names::of_values;
use crate::plan::looked_up::LookUp;
use crate::plan::tenant::{ResourcePlan, TenantPlan};
use crate::resource::{CATALOGUE, Key, Resource, Setting, document};
use crate::rewrite::pull::{self, Pulled};
use crate::run::interrupt::Interrupts;
use crate::run::read::{self, Network, Planned};
use crate::run::runtime;
use crate::settings::{Desired, DesiredResource};
use crate::text::disk::{self, Content, Rights, shown};
use crate::text::number::count;
use crate::text::paths::real_folder;
use crate::text::repository::roots;
use crate::text::shell::quoted;
use crate::ui::{Exit, Stop};
use crate::workspace::Target;
use crate::workspace::load::{Context, Loaded};
use crate::workspace::next::About;

/// Writes the settings of one tenant to standard output or a new file.
pub(super) fn write(context: &Context, args: &PullArgs) -> anyhow::Result<Exit> {
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
    let targets = std::mem::take(&mut loaded.targets);
    let (tenants, names) = read(context, &Network::of(context)?, targets, asked)?;
    let Some(tenant) = tenants.first().map(|tenant| &tenant.plan) else { return Ok(Exit::Done) };
    let (documents, failed) = documents_of(context, tenant, &names)?;
    if let (Some(out), false) = (out, failed.is_empty()) {
        return Err(not_written(out, &documents, &failed).into());
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
    let Some(out) = out else {
        context.ui.result(&text)?;
        return Ok(exit);
    };
    disk::create(out, &text, Rights::Normal)
        .map_err(|error| Stop::not_written(shown(out), &error, "check the folder and its rights"))?;
    context.ui.result(&format!("Written: {}\n", shown(out)))?;
    if args.resources.is_empty() {
        left_out(context, &documents).iter().for_each(|text| context.ui.say(text));
    }
    tell_next(context, &loaded, out);
    Ok(exit)
}

/// Returns what could be read of a tenant, and the names of the other documents; says why they could not.
fn documents_of<'t>(
    context: &Context,
    tenant: &'t TenantPlan,
    names: &'t BTreeMap<String, String>,
) -> Result<(Vec<Pulled<'t>>, Vec<String>), Stop> {
    let resources = tenant.outcome.as_ref().map_err(|error| stop(&tenant.name, error))?;
    let (mut documents, mut failed) = (Vec::new(), Vec::new());
    for resource in resources {
        let (key, generation) = (&resource.desired.key, resource.desired.generation);
        match &resource.outcome {
            Ok(read) => documents.push(Pulled { key, generation, live: read.live.document(), names }),
            Err(error) => {
                context.ui.stop(&stop(&format!("{}: {key}", tenant.name), error));
                failed.push(key.to_string());
            }
        }
    }
    Ok((documents, failed))
}

/// Says that no file was written since a part of it would be missing, and how to get one without that part.
fn not_written(out: &Path, documents: &[Pulled<'_>], failed: &[String]) -> Stop {
    let message = format!("{} was not written: {} could not be read", shown(out), failed.join(" and "));
    let rest: Vec<String> = documents.iter().map(|pulled| format!(" --resource {}", pulled.key)).collect();
    let help = match rest.concat().as_str() {
        "" => "fix the cause and run the command again".to_owned(),
        rest => format!("fix the cause and run the command again, or write the rest alone with{rest}"),
    };
    Stop::new(Exit::Failed, message, help)
}

/// Says how to plan with the file that was written.
fn tell_next(context: &Context, loaded: &Loaded, out: &Path) {
    let listed = loaded.layers.iter().flatten().any(|path| shown(path) == shown(out));
    context.ui.say(&match (&loaded.workspace, listed) {
        (None, _) => {
            // An apply without a workspace has its folder where it runs.
            if ledger_is_tracked() {
                context.ui.say("sailplan apply keeps its receipts in .sailplan/ here: add that line to .gitignore");
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
    let schema = real_folder(folder).ok()?.join(schema::FOLDER).join(Schema::Settings.file());
    let start = real_folder(out.parent()?).ok()?;
    let shared = schema.ancestors().find(|ancestor| start.starts_with(ancestor))?;
    let up = start.strip_prefix(shared).ok()?.components().map(|_| "..");
    let down = schema.strip_prefix(shared).ok()?.components().map(|part| part.as_os_str().to_str());
    let path: Vec<&str> = up.map(Some).chain(down).collect::<Option<_>>()?;
    schema.is_file().then(|| path.join("/"))
}

/// Asks for every resource in the generation that the command line, the settings files or the catalogue name.
fn everything(args: &PullArgs, desired: &Desired) -> Desired {
    let generation = |resource: &'static Resource| {
        let named =
            args.generations.iter().rev().find(|(named, _)| *named == resource).map(|(_, generation)| *generation);
        let written = desired.resources.iter().find(|wanted| wanted.resource() == resource);
        named
            .or_else(|| written.map(|wanted| wanted.generation))
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
