//! What was read for a run, and what it says of the run as a whole.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use regex_lite::Regex;

use crate::failure::Failure;
use crate::plan::looked_up::LookUp;
use crate::settings::Desired;
use crate::tenant::Address;
use crate::text::problem::Problem;
use crate::ui::{Exit, Stop};
use crate::workspace::{Target, folder_of};

/// The files of a run after reading.
#[derive(Default)]
pub struct Loaded {
    /// The chosen tenants with what is desired of them; only to be used when no problem is an error.
    pub targets: Vec<Target>,
    /// The settings files of each target, in layer order.
    pub layers: Vec<Vec<PathBuf>>,
    /// Where each target stands among the tenants of the workspace, from 0.
    pub positions: Vec<usize>,
    /// The settings files of the tenants of the workspace that are not chosen, with their names.
    pub others: Vec<(String, Vec<PathBuf>)>,
    /// Everything that is wrong with the files.
    pub problems: Vec<Problem>,
    /// What `validate` and `plan` tell beside that: what is not a mistake and should be known before anything is approved.
    pub advice: Vec<Problem>,
    /// What `validate` alone tells: addresses that get no credentials. A plan says so of each tenant and goes on.
    pub addresses: Vec<Problem>,
    /// The workspace file, if there is one.
    pub workspace: Option<PathBuf>,
    /// Every file that was read, so that no output overwrites one.
    pub inputs: Vec<PathBuf>,
    /// What a ticket looks like in the titles of commits and pull requests, if the workspace says so.
    pub ticket: Option<Regex>,
    /// What plan, apply, rollback and pull look up, if the command line does not say.
    pub look_ups: Vec<LookUp>,
    /// The chosen tenants whose settings files have errors, with the first error.
    pub broken: Vec<(String, Problem)>,
    /// Whether anything else has an error, so that nothing is known for certain of any tenant.
    pub unsound: bool,
    /// What `--tenant` or `--label` name and the workspace does not have. A usage error, unless a revision has it.
    pub unmatched: Option<Stop>,
}

impl Loaded {
    /// Returns whether a file has an error.
    pub fn failed(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }

    /// Returns whether errors stop the whole run: those in the settings files of some tenants stop these tenants alone.
    pub fn stops(&self) -> bool {
        self.failed() && (self.unsound || self.broken.len() >= self.targets.len())
    }

    /// Sees to it that nothing is read from tenants whose settings files have errors, and says why.
    pub fn set_broken_aside(&mut self) {
        let broken: HashMap<&str, &Problem> = self.broken.iter().map(|(name, error)| (name.as_str(), error)).collect();
        for target in &mut self.targets {
            if let Some(error) = broken.get(target.name.as_str()) {
                target.access = Err(wrong_settings(error));
                // What files with errors ask for is not known.
                target.desired = Desired::default();
            }
        }
    }

    /// Checks that a run without a workspace names a tenant that can be asked: there is no other to go on with.
    ///
    /// # Errors
    ///
    /// The address or the credentials are missing or wrong; the message names what to set.
    pub fn with_access(self) -> Result<Loaded, Stop> {
        let Some(Target { name, url, access: Err(failure), .. }) = self.targets.first() else { return Ok(self) };
        // Errors in the settings files come first: with them nothing is asked.
        if self.workspace.is_some() || self.failed() {
            return Ok(self);
        }
        let message = match Address::parse(url) {
            Ok(_) => format!("tenant {name} ({url}): {}", failure.message),
            Err(_) => failure.message.clone(),
        };
        Err(Stop { help: failure.help.clone(), ..Stop::new(Exit::Usage, message, "") })
    }

    /// Ends a run whose flags choose no tenant.
    ///
    /// # Errors
    ///
    /// They name what the workspace does not have.
    pub fn matched(self) -> Result<Loaded, Stop> {
        match self.unmatched {
            Some(stop) => Err(stop),
            None => Ok(self),
        }
    }

    /// Returns every file that was read, each once: tenants share files.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = self.inputs.clone();
        files.sort();
        files.dedup();
        files
    }

    /// Returns every tenant of the workspace with its settings files, chosen or not.
    pub fn checkout(&self) -> Vec<(String, Vec<PathBuf>)> {
        let chosen = self.targets.iter().map(|target| target.name.clone()).zip(self.layers.iter().cloned());
        chosen.chain(self.others.iter().cloned()).collect()
    }

    /// Returns the folder of the workspace, or the working directory without one.
    pub fn folder(&self) -> PathBuf {
        self.workspace.as_deref().map_or(Path::new(""), folder_of).to_owned()
    }
}

/// Says why nothing is read from a tenant whose settings files have errors.
fn wrong_settings(error: &Problem) -> Failure {
    let place = error.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
    Failure::failed(
        "the settings files have errors, so nothing was read",
        "fix them: sailplan validate shows them again",
    )
    .details(vec![format!("{place}{}", error.message)])
}
