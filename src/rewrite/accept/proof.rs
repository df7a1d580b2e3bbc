//! What the edited files would ask for: of the tenants that the values come from exactly those, and of others what they
//! share.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use super::Accepted;
use super::files::Rewrite;
use crate::plan;
use crate::report::alike::alike;
use crate::resource::Key;
use crate::settings::{self, Desired};
use crate::text::disk::{self, Content, shown};
use crate::text::list::few;
use crate::text::paths::is_same_file;
use crate::text::problem::Problem;
use crate::text::yaml::Source;
use crate::ui::{Exit, Stop};
use crate::workspace::load::Context;

/// How many tenants that share a line are named.
const NAMED: usize = 10;

/// What a tenant will answer once the files are written.
pub struct Expected<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// Its settings files, in layer order.
    pub files: &'a [PathBuf],
    /// Its live documents.
    pub documents: Vec<(&'a Key, Cow<'a, Value>)>,
}

/// Checks offline that nothing is left to plan for what was accepted once the files are written.
///
/// # Errors
///
/// A tenant would still differ from its files, or they would not be valid.
pub fn prove(expected: &[Expected<'_>], accepted: &[Accepted], rewrites: &[Rewrite]) -> Result<(), Stop> {
    let mut left = Vec::new();
    for Expected { tenant, files, documents } in expected {
        let (desired, problems) = read_again(files, rewrites);
        let errors = problems.into_iter().filter(|problem| problem.is_error());
        left.extend(errors.map(|problem| format!("{tenant}: {}", problem.message)));
        let ours = |accepted: &&Accepted| accepted.tenant == *tenant;
        for (key, live) in documents {
            let Some(wanted) = desired.get(key) else {
                if accepted.iter().filter(ours).any(|accepted| accepted.key == **key) {
                    left.push(format!("{tenant}: {key} would no longer be managed"));
                }
                continue;
            };
            let changed = plan::compare(wanted, live).map(|comparison| comparison.changes).unwrap_or_default();
            for change in changed {
                let asked = |accepted: &Accepted| accepted.key == **key && accepted.managed.setting == change.setting;
                if accepted.iter().filter(ours).any(asked) {
                    left.push(format!("{tenant}: {key}.{} would still differ", change.setting));
                }
            }
        }
    }
    if left.is_empty() {
        return Ok(());
    }
    let message = "the edited files would not say what the tenants have; nothing was changed";
    Err(Stop { details: left, ..Stop::new(Exit::Failed, message, "edit the lines by hand, then run sailplan plan") })
}

/// Reads settings files as they will be.
fn read_again(files: &[PathBuf], rewrites: &[Rewrite]) -> (Desired, Vec<Problem>) {
    let mut sources: Vec<Arc<Source>> = Vec::new();
    for path in files {
        match rewrites.iter().find(|rewrite| is_same_file(path, &rewrite.path)) {
            Some(rewrite) => sources.push(Source::new(shown(path), rewrite.new.as_str())),
            None => sources.extend(disk::read(path, Content::Yaml)),
        }
    }
    settings::read(&sources)
}

/// Returns what the edits ask of other tenants than those that the values come from: they share the lines. One text for
/// each setting, with the tenants of which it is asked.
fn side_effects(tenants: &[(&str, &[PathBuf])], accepted: &[Accepted], rewrites: &[Rewrite]) -> Vec<String> {
    let mut found = Vec::new();
    for (tenant, files) in tenants {
        let (before, _) = read_again(files, &[]);
        let (after, _) = read_again(files, rewrites);
        for (wanted, managed) in
            after.resources.iter().flat_map(|wanted| wanted.settings.iter().map(move |managed| (wanted, managed)))
        {
            let setting = managed.setting;
            let same = |accepted: &Accepted| accepted.key == wanted.key && accepted.managed.setting == setting;
            if accepted.iter().any(|accepted| accepted.tenant == *tenant && same(accepted)) {
                continue;
            }
            let earlier = before.get(&wanted.key).and_then(|before| before.get(setting.pointer));
            let earlier = earlier.map(|managed| managed.value.as_ref());
            if !setting.equal(earlier, Some(managed.value.as_ref())) {
                let (was, now) = setting.show_both(earlier, Some(managed.value.as_ref()));
                let asked = format!("{}.{setting} was asked to be {was}, now {now}", wanted.key);
                found.push((managed.place.to_string(), asked, *tenant));
            }
        }
    }
    let told = alike(found.iter(), |(place, asked, _)| (place, asked)).into_iter().filter_map(|same| {
        let (place, asked, _) = same.first()?;
        let tenants: Vec<&str> = same.iter().map(|(.., tenant)| *tenant).collect();
        Some(format!("{place}: {}: {asked}", few(&tenants, NAMED)))
    });
    told.collect()
}

/// Warns of [`side_effects`].
pub fn tell_side_effects(
    context: &Context,
    tenants: &[(&str, &[PathBuf])],
    accepted: &[Accepted],
    rewrites: &[Rewrite],
) {
    let found = side_effects(tenants, accepted, rewrites);
    if !found.is_empty() {
        context.ui.warn_of("other tenants share these lines, and their next apply would follow", &found);
    }
}
