//! The workspace file `sailplan.yaml`: which tenants there are, where, and which settings files each follows.

pub mod access;
pub mod base;
mod check;
mod file;
mod listed;
pub mod load;
pub mod next;
pub mod target;
mod template;

pub use file::read;
#[cfg(test)]
pub use file::read_source;
pub use listed::{Listed, read_files};
pub use target::Target;
pub use template::Template;

use std::path::{Path, PathBuf};

use regex_lite::Regex;

use crate::guardrails::Guardrails;
use crate::guardrails::set::Set;
use crate::plan::looked_up::LookUp;
use crate::tenant::Address;
use crate::text::disk;
use crate::text::problem::Problem;
use crate::text::repository::roots;

/// The name under which the workspace file is looked for.
pub const FILE_NAME: &str = "sailplan.yaml";

/// A workspace file after reading.
#[derive(Debug)]
pub struct Workspace {
    /// The file.
    pub path: PathBuf,
    /// Its tenants, in the order of the file.
    pub tenants: Vec<Tenant>,
    /// The sets of guardrails for several tenants.
    pub sets: Vec<Set>,
    /// The files of allowances.
    pub allowances: Vec<Listed>,
    /// The files of tenants that have one.
    pub tenant_files: Vec<PathBuf>,
    /// What a ticket looks like in the titles of commits and pull requests.
    pub ticket: Option<Regex>,
    /// What plan, apply, rollback and pull look up.
    pub look_ups: Vec<LookUp>,
}

/// What could be read of a workspace file that has errors: its other files can be checked all the same.
#[derive(Debug)]
pub struct Wrong {
    /// Every problem of the file.
    pub problems: Vec<Problem>,
    /// The entries by name, each with its settings files in layer order.
    pub settings: Vec<(String, Vec<Listed>)>,
    /// The files of allowances.
    pub allowances: Vec<Listed>,
    /// The files of tenants that have one.
    pub tenant_files: Vec<PathBuf>,
}

impl From<Vec<Problem>> for Wrong {
    fn from(problems: Vec<Problem>) -> Wrong {
        Wrong { problems, settings: Vec::new(), allowances: Vec::new(), tenant_files: Vec::new() }
    }
}

impl Workspace {
    /// Returns the names of all variables that hold secrets.
    pub fn secrets(&self) -> Vec<&str> {
        let secrets = self.tenants.iter().filter_map(|tenant| tenant.client_secret.as_ref());
        secrets.flat_map(Template::variables).collect()
    }

    /// Returns the sets that are for a tenant at the address `url`, in the order of the file. An address that is not known
    /// is every address.
    fn sets_for<'a>(&'a self, tenant: &'a Tenant, url: &str) -> impl Iterator<Item = &'a Set> {
        let names = if self.sets.is_empty() { None } else { names_of(url) };
        self.sets.iter().filter(move |set| set.scope.fits(&tenant.labels, names.as_deref()))
    }

    /// Returns the guardrails that hold for a tenant at the address `url`: those of the sets for it, and its own.
    pub fn guardrails(&self, tenant: &Tenant, url: &str) -> Guardrails {
        let sets = self.sets_for(tenant, url);
        sets.fold(Guardrails::default(), |sum, set| sum.and(&set.guardrails)).and(&tenant.guardrails)
    }
}

/// One tenant of a workspace.
#[derive(Debug)]
pub struct Tenant {
    /// Its name in the workspace.
    pub name: String,
    /// Where it is reached, `${NAME}` not yet replaced.
    pub url: Template,
    /// Labels to choose tenants by.
    pub labels: Vec<(String, String)>,
    /// The client id, where the tenant needs credentials.
    pub client_id: Option<Template>,
    /// The client secret; always from the environment.
    pub client_secret: Option<Template>,
    /// The settings files, in layer order.
    pub settings: Vec<Listed>,
    /// Its own guardrails; those of the sets that fit hold beside them, see [`Workspace::guardrails`].
    pub guardrails: Guardrails,
}

/// Returns the folder of a workspace file: what it names is there.
fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Returns the names by which a set of guardrails knows an address; `None` if the address is not known.
fn names_of(url: &str) -> Option<Vec<String>> {
    if url.starts_with("practice:") {
        return Some(vec![url.to_owned()]);
    }
    let address = Address::parse(url).ok()?;
    let (_, authority) = address.as_str().split_once("://")?;
    Some(vec![address.host().to_owned(), authority.to_owned()])
}

/// Returns the workspace file in `directory` or the nearest folder above it: up to the top of its git repository, else up to
/// the first folder of another owner, who could choose what is sent where.
pub fn find(directory: &Path) -> Option<PathBuf> {
    let owner = disk::owner(directory);
    let same = |path: &Path| owner == disk::owner(path);
    let top = roots(directory).into_iter().next().filter(|top| same(&top.join(".git")));
    let mut folders = directory.ancestors().take_while(|folder| top.is_some() || same(folder));
    let inside = |folder: &Path| top.as_ref().is_none_or(|top| folder.starts_with(top));
    let file = folders.by_ref().take_while(|folder| inside(folder)).map(|folder| folder.join(FILE_NAME));
    let mut files = file.filter(|file| file.symlink_metadata().is_ok());
    files.next().filter(|file| file.parent() == Some(directory) || same(file))
}
