//! What the old and the rewritten settings plan on each tenant.

use super::{MigrateArgs, Stack};
use crate::plan::Change;
use crate::plan::tenant::{ResourcePlan, TenantPlan};
use crate::resource::{Resource, named};
use crate::run::interrupt::Interrupts;
use crate::run::read::{self, Network, Planned};
use crate::run::runtime;
use crate::settings::Desired;
use crate::ui::{Exit, Stop};
use crate::workspace::load::{Context, Loaded, variable};

/// Whether tenants were asked for proof that the rewritten settings plan what the old ones did.
pub(super) enum Proof {
    PlansNothingNew {
        /// On how many tenants.
        tenants: usize,
        /// The changes of the resources that settings moved to: what holds there may differ from what the old settings say.
        elsewhere: Vec<String>,
    },
    /// No tenant was asked, for this reason.
    Skipped(&'static str),
}

/// Compares what the old and the rewritten settings plan on each tenant.
///
/// # Errors
///
/// A tenant cannot be read, or the rewritten settings plan something that the old ones did not.
pub(super) fn prove(
    context: &Context,
    args: &MigrateArgs,
    old: Loaded,
    new: Vec<Desired>,
    stacks: &[Stack],
) -> anyhow::Result<Proof> {
    if old.workspace.is_none() && context.global.url.is_none() && variable("SAIL_BASE_URL").is_none() {
        return Ok(Proof::Skipped("no tenant is named"));
    }
    let mut fresh = context.load(&args.files)?.with_access()?;
    for (target, desired) in fresh.targets.iter_mut().zip(new) {
        target.desired = desired;
    }
    let network = Network::of(context)?;
    let runtime = runtime()?;
    let (before, after) = runtime.block_on(async {
        let interrupts = Interrupts::listen(context.again());
        let before = interrupts.or(read::read(old.targets, &network)).await?;
        let after = interrupts.or(read::read(fresh.targets, &network)).await?;
        Ok::<_, Stop>((before, after))
    })?;
    let (mut differences, mut elsewhere) = (Vec::new(), Vec::new());
    let mut tenants = 0;
    for ((before, after), stack) in before.iter().zip(&after).zip(stacks) {
        let Some(route) = stack.route else { continue };
        let changes = |tenant: &Planned| changes(&tenant.plan, route.resource);
        let (old, new) = (changes(before)?, changes(after)?);
        let found = route.not_planned_before(&old, &new);
        differences.extend(found.into_iter().map(|line| format!("{}: {line}", after.plan.name)));
        elsewhere.extend(changes_elsewhere(&before.plan, &after.plan)?);
        tenants += 1;
    }
    if differences.is_empty() {
        return Ok(Proof::PlansNothingNew { tenants, elsewhere });
    }
    let mut stop = Stop::new(
        Exit::Refused,
        "the rewritten settings would plan changes that the old ones do not; nothing was written",
        "the tenant shows something else through the new generation: look at it with sailplan plan, then migrate by hand, \
         or go on without this check: --offline",
    );
    stop.details = differences;
    Err(stop.into())
}

/// Returns the changes of documents of which a tenant has several that the old settings did not plan, one line each.
fn changes_elsewhere(before: &TenantPlan, after: &TenantPlan) -> Result<Vec<String>, Stop> {
    let mut found = Vec::new();
    for plan in after.resources().iter().filter(|plan| plan.desired.key.instance.is_some()) {
        let key = &plan.desired.key;
        let planned = planned(before, |other| other.desired.key == *key)?;
        let is_new = |change: &Change| {
            !planned.iter().any(|old| {
                old.setting == change.setting
                    && change.setting.equal(Some(old.after.as_ref()), Some(change.after.as_ref()))
            })
        };
        for change in self::planned(after, |other| other.desired.key == *key)?.iter().filter(|change| is_new(change)) {
            let setting = change.setting;
            let (was, becomes) = (setting.show(change.before.as_deref()), setting.show(Some(change.after.as_ref())));
            let name = named::printed(key, setting);
            found.push(format!("{}: {name}: {was} -> {becomes}; {}", after.name, change.effect.sentence));
        }
    }
    Ok(found)
}

/// Returns what a tenant's settings of one resource plan.
fn changes(tenant: &TenantPlan, resource: &Resource) -> Result<Vec<Change>, Stop> {
    planned(tenant, |plan| plan.desired.resource() == resource)
}

/// Returns what a tenant's settings of one document plan; nothing if none of it is managed.
fn planned(tenant: &TenantPlan, wanted: impl Fn(&ResourcePlan) -> bool) -> Result<Vec<Change>, Stop> {
    let error = match &tenant.outcome {
        Err(error) => error,
        Ok(resources) => match resources.iter().find(|plan| wanted(plan)) {
            None => return Ok(Vec::new()),
            Some(plan) => match &plan.outcome {
                Ok(read) => return Ok(read.comparison.changes.clone()),
                Err(error) => error,
            },
        },
    };
    let mut stop = Stop::new(
        Exit::Failed,
        format!("{}: the check needs the tenant, and nothing was written: {}", tenant.name, error.message),
        "--offline rewrites the files without this check",
    );
    stop.details.clone_from(&error.details);
    stop.help.splice(0..0, error.help.iter().cloned());
    Err(stop)
}
