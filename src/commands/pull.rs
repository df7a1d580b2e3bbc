//! `sailplan pull`: live settings into settings files.

mod accept;
mod new_file;

use std::path::PathBuf;

use clap::Args;

use self::accept::accept;
use super::look_up_args::LookUpArgs;
use super::streams;
use crate::failure::Failure;
use crate::resource::{CATALOGUE, Generation, Key, Resource};
use crate::ui::{Exit, Stop};
use crate::workspace::load::Context;

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
    if args.accept { accept(context, args) } else { new_file::write(context, args) }
}

/// Ends the command because `what` could not be read.
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
