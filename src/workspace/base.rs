//! Another state of the files to compare with, such as the target branch of a pull request: what it asks for, and the
//! guards that a branch cannot shed by editing them away.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::load::{Context, Loaded, read_allowances, read_layers, variable};
use super::{Listed, Target, access};
use crate::guardrails::RuleSet;
use crate::plan::cause::cause;
use crate::plan::tenant::TenantPlan;
use crate::settings::Desired;
use crate::text::disk::shown;
use crate::text::problem::{Problem, Severity, rules};
use crate::text::revision::{Revision, Unreadable};
use crate::ui::{Exit, Stop};
use crate::workspace;

/// The files of a revision.
#[derive(Debug)]
pub struct Base {
    /// The revision as the user named it.
    pub revision: String,
    /// The commit that it is.
    pub commit: String,
    /// The tenants of its workspace.
    pub tenants: Vec<BaseTenant>,
}

/// A tenant of a revision.
#[derive(Debug)]
pub struct BaseTenant {
    /// Its name there.
    pub name: String,
    /// Its address as plans name it; with `${` where a variable of it is not set.
    pub url: String,
    /// What its settings files ask for; none where they have errors.
    pub desired: Option<Desired>,
    /// Its guards and the exceptions to them.
    pub rules: RuleSet,
}

impl Base {
    /// Adds the guards of the revision to those of the checkout. Address and name both count, so that neither renaming a
    /// tenant nor writing its address in another way sheds its guards.
    pub fn guard(&self, targets: &mut [Target]) {
        for target in targets {
            let same = self.tenants.iter().filter(|one| one.name == target.name || one.url == target.url);
            target.rules.extend(same.map(|one| one.rules.clone()));
        }
    }

    /// Tells for every change where it comes from; not where the settings of the revision have errors.
    pub fn tell(&self, plan: &mut TenantPlan) {
        let base = self.asking(&plan.name, &plan.url);
        if base.is_some_and(|base| base.desired.is_none()) {
            return;
        }
        let asked = base.and_then(|base| base.desired.as_ref());
        for resource in plan.resources_mut() {
            let Ok(read) = &mut resource.outcome else { continue };
            let asked = asked.and_then(|asked| asked.get(&resource.desired.key));
            for change in &mut read.comparison.changes {
                change.cause = Some(cause(asked, change.setting, change.before.as_ref(), &change.after));
            }
        }
    }

    /// The tenant is its address. The name stands in only where the address is not known: a tenant that moved to another
    /// address has no past there.
    fn asking(&self, name: &str, url: &str) -> Option<&BaseTenant> {
        let by_url = self.tenants.iter().find(|one| one.url == url);
        by_url.or_else(|| self.tenants.iter().find(|one| one.name == name && one.url.contains("${")))
    }
}

/// Reads the files of `revision` that the run has read from the checkout. What to know about them joins the problems of
/// the run.
///
/// # Errors
///
/// There is no such revision, or its guards cannot be read: a guard that cannot be evaluated refuses.
pub fn read(context: &Context, revision: &str, loaded: &mut Loaded) -> Result<Base, Stop> {
    let revision = Revision::find(&loaded.folder(), revision).map_err(|error| {
        let exit = if matches!(error, Unreadable::NotARevision(_)) { Exit::Usage } else { Exit::Refused };
        Stop::new(exit, error.to_string(), error.hint())
    })?;
    let mut base =
        Base { revision: revision.name().to_owned(), commit: revision.commit().to_owned(), tenants: Vec::new() };
    let stop = |problems: Vec<Problem>| {
        context.ui.problems(&problems);
        Stop::new(
            Exit::Refused,
            format!("the guards of {} cannot be read, so nobody can say that they hold", revision.name()),
            format!(
                "mend the files in {} first, or leave --base out and have somebody look at the guards",
                revision.name()
            ),
        )
    };
    match loaded.workspace.clone() {
        Some(path) => {
            for path in workspaces(&revision, &path).map_err(|problem| stop(vec![problem]))? {
                let found = tenants(&revision, &path, &mut loaded.problems).map_err(stop)?;
                base.tenants.extend(found);
            }
            if base.tenants.is_empty() {
                let message = format!(
                    "{} has no workspace {}: it has no guards to hold, and every change is caused by this branch",
                    revision.name(),
                    shown(&path)
                );
                loaded
                    .problems
                    .push(Problem::warning(rules::NEW_WORKSPACE, message).help("have somebody look at its guards"));
            }
        }
        None => {
            let layers: Vec<PathBuf> = loaded.layers.iter().flatten().cloned().collect();
            for target in &loaded.targets {
                let mut there = Vec::new();
                for path in &layers {
                    if revision.has(path).map_err(|problem| stop(vec![problem]))? {
                        there.push(path.clone());
                    }
                }
                let tenant = BaseTenant {
                    name: target.name.clone(),
                    url: target.url.clone(),
                    desired: None,
                    rules: RuleSet { revision: Some(revision.name().to_owned()), ..RuleSet::default() },
                };
                base.tenants.push(with_settings(tenant, &revision, &Listed::typed(&there), &mut loaded.problems));
            }
        }
    }
    Ok(base)
}

/// Returns the workspace files of a revision that speak for `path`: the one in its place or, where there is none, those
/// that the checkout no longer has, so that moving a workspace does not shed its guards.
fn workspaces(revision: &Revision, path: &Path) -> Result<Vec<PathBuf>, Problem> {
    if revision.has(path)? {
        return Ok(vec![path.to_owned()]);
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or(workspace::FILE_NAME);
    let mut gone = revision.named(name)?;
    gone.retain(|path| !path.exists());
    Ok(gone)
}

fn tenants(revision: &Revision, path: &Path, notes: &mut Vec<Problem>) -> Result<Vec<BaseTenant>, Vec<Problem>> {
    let (workspace, _) = workspace::read(revision, path).map_err(|wrong| wrong.problems)?;
    let (allowances, problems) = read_allowances(revision, &workspace.allowances);
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(problems);
    }
    let (allowances, folder) = (Arc::new(allowances), path.parent().unwrap_or(Path::new("")));
    let secrets = workspace.secrets();
    let read = |tenant: &workspace::Tenant| {
        let url = access::of_tenant(tenant, &secrets, folder, variable).url;
        let there = BaseTenant {
            name: tenant.name.clone(),
            desired: None,
            rules: RuleSet {
                tenant: tenant.name.clone(),
                guardrails: workspace.guardrails(tenant, &url),
                allowances: allowances.clone(),
                revision: Some(revision.name().to_owned()),
            },
            url,
        };
        with_settings(there, revision, &tenant.settings, notes)
    };
    Ok(workspace.tenants.iter().map(read).collect())
}

/// Reads the settings of a tenant as the revision has them. Errors in them keep nobody from mending them: only what they
/// would have told is missing.
fn with_settings(tenant: BaseTenant, revision: &Revision, layers: &[Listed], notes: &mut Vec<Problem>) -> BaseTenant {
    let mut problems = Vec::new();
    let desired = read_layers(revision, layers, &mut problems);
    let Some(error) = problems.into_iter().find(|problem| problem.severity == Severity::Error) else {
        return BaseTenant { desired: Some(desired), ..tenant };
    };
    let place = error.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
    let message = format!(
        "the settings of tenant {} in {} have errors, so nobody can say what causes its changes: {place}{}",
        tenant.name,
        revision.name(),
        error.message
    );
    notes.push(Problem::warning(rules::BASE_SETTINGS, message).help("mend them there, or leave --base out"));
    tenant
}
