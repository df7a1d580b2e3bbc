//! Another state of the files to compare with, such as the target branch of a pull request: what it asks for, and the
//! guards that a branch cannot shed by editing them away.

use crate::guardrails::RuleSet;
use crate::plan::cause::cause;
use crate::plan::tenant::TenantPlan;
use crate::run::read::Target;
use crate::settings::Desired;

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
