//! The lines of the settings files that ask for what is rolled back: with them in place the next apply brings it back.
//! They are named, or with `--accept` edited.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::documents::receipt::TenantReceipt;
use crate::plan;
use crate::report::alike::alike;
use crate::rewrite::accept::{self, Accepted, Edited, Expected, Rewrite};
use crate::run::read::Planned;
use crate::run::rollback::{self, Reapplier};
use crate::settings::Desired;
use crate::text::list::few;
use crate::text::number::count;
use crate::ui::Stop;
use crate::workspace::load::Context;

/// A tenant of the receipt with its counterpart in the checkout.
pub(crate) struct Counterpart<'a> {
    /// What was applied.
    pub(crate) entry: &'a TenantReceipt,
    /// What the present settings files ask for.
    pub(crate) asks: Desired,
    /// Those files, in layer order.
    pub(crate) files: Vec<PathBuf>,
}

/// A line that asks for what is rolled back on one tenant.
struct ReapplyingLine {
    accepted: Accepted,
    /// What it asks for.
    asks: String,
    /// What the tenant had before.
    had: String,
}

/// How many tenants of which a line asks the same are named.
const NAMED: usize = 10;

/// Returns what to say of lines, each once, with the tenants that had the same before.
fn in_words(lines: &[ReapplyingLine]) -> Vec<String> {
    let told = alike(lines.iter(), |line| (&line.asks, &line.had)).into_iter().filter_map(|same| {
        let ReapplyingLine { asks, had, .. } = same.first()?;
        let tenants: Vec<&str> = same.iter().map(|line| line.accepted.tenant.as_str()).collect();
        Some(format!("{asks}; {} had {had} before", few(&tenants, NAMED)))
    });
    told.collect()
}

fn lines(tenants: &[Planned], counterparts: &[Counterpart<'_>]) -> Vec<ReapplyingLine> {
    let mut lines = Vec::new();
    for (tenant, counterpart) in tenants.iter().zip(counterparts) {
        for resource in tenant.plan.resources() {
            let key = &resource.desired.key;
            let (Ok(read), Some(entry)) = (&resource.outcome, counterpart.entry.get(key.into())) else { continue };
            let after = plan::fold(read.live.document(), &read.comparison.changes);
            for Reapplier { managed, before } in rollback::reappliers(&counterpart.asks, entry, &after) {
                let setting = managed.setting;
                let (had, asks) = setting.show_both(before.as_ref(), Some(managed.value.as_ref()));
                let had = if before.is_some() { had } else { "no value".to_owned() };
                let asks = format!("{}: {setting} is {asks}", managed.place);
                lines.push(ReapplyingLine {
                    accepted: Accepted {
                        tenant: tenant.plan.name.clone(),
                        key: key.clone(),
                        managed,
                        value: before,
                        into: None,
                        names: BTreeMap::new(),
                    },
                    asks,
                    had,
                });
            }
        }
    }
    lines
}

/// Names the lines.
pub(crate) fn tell(context: &Context, tenants: &[Planned], counterparts: &[Counterpart<'_>]) {
    let lines = in_words(&lines(tenants, counterparts));
    if !lines.is_empty() {
        let text =
            "these lines ask for what is rolled back, so the next apply would bring it back; --accept edits them";
        context.ui.warn_of(text, &lines);
    }
}

/// Plans the edits of the lines and shows them. Nothing is written yet.
///
/// # Errors
///
/// A line cannot be edited, or tenants that share it are rolled back to different values.
pub(crate) fn edits(
    context: &Context,
    tenants: &[Planned],
    counterparts: &[Counterpart<'_>],
    checkout: &[(String, Vec<PathBuf>)],
) -> Result<Vec<Rewrite>, Stop> {
    let writable =
        |line: &ReapplyingLine| accept::writable(line.accepted.managed.setting, line.accepted.value.as_ref());
    let (lines, left): (Vec<ReapplyingLine>, Vec<ReapplyingLine>) =
        lines(tenants, counterparts).into_iter().partition(|line| writable(line).is_some());
    if !left.is_empty() {
        let left = in_words(&left);
        let text = "a file cannot ask for what was absent before, so these lines are left: delete them, or the next \
                    apply brings the change back";
        context.ui.warn_of(text, &left);
    }
    let mut accepted: Vec<Accepted> = lines.into_iter().map(|line| line.accepted).collect();
    let files: Vec<Vec<PathBuf>> = counterparts.iter().map(|counterpart| counterpart.files.clone()).collect();
    let Edited { rewrites, left } = accept::rewrite(&mut accepted, &files)?;
    if !left.is_empty() {
        let text =
            "these lines cannot be edited and are left: change them by hand, or the next apply brings the change back";
        context.ui.warn_of(text, &left);
    }
    let expected: Vec<Expected<'_>> = tenants
        .iter()
        .zip(&files)
        .map(|(tenant, files)| {
            let resources = tenant.plan.resources().iter();
            let after = resources.filter_map(|resource| {
                let read = resource.outcome.as_ref().ok()?;
                Some((&resource.desired.key, Cow::Owned(plan::fold(read.live.document(), &read.comparison.changes))))
            });
            Expected { tenant: &tenant.plan.name, files, documents: after.collect() }
        })
        .collect();
    accept::prove(&expected, &accepted, &rewrites)?;
    if !rewrites.is_empty() {
        let settings = rewrites.iter().map(|rewrite| rewrite.settings).sum();
        let (lines, them) = (count(settings, "setting", "settings"), accept::names(&rewrites));
        context.ui.say(&format!("Once the rollback is done, {lines} of {them} will ask for the values from before:"));
        accept::show(context, &rewrites);
        let checkout: Vec<_> = checkout.iter().map(|(name, files)| (name.as_str(), files.as_slice())).collect();
        accept::tell_side_effects(context, &checkout, &accepted, &rewrites);
    }
    Ok(rewrites)
}
