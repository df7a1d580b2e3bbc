//! Another state of the files to compare with, such as the target branch of a pull request: what it asks for, and the
//! guardrails that a branch cannot shed by editing them away.

mod states;

use std::collections::HashMap;
use std::env;
use std::path::PathBuf;
use std::sync::Arc;

use super::Target;
use super::load::{Context, Loaded, today, variable};
use super::template::variables;
use crate::control::{self, At, Control, Entry, State, WeakenedTenant};
use crate::guardrails::Weakened;
use crate::plan::cause::{asked, cause};
use crate::plan::tenant::{ResourcePlan, TenantPlan};
use crate::plan::{self, Agreed, Change};
use crate::settings::DesiredResource;
use crate::text::paths::real_path;
use crate::text::problem::{Problem, rules};
use crate::text::repository::leads_out;
use crate::text::revision::{Revision, Unreadable};
use crate::ui::{Exit, Stop};

/// A revision and the checkout, side by side.
#[derive(Debug)]
pub struct Base {
    /// The revision as the user named it.
    pub revision: String,
    /// The commit that it is.
    pub commit: String,
    /// What the revision has.
    then: State,
    /// What the checkout has.
    now: State,
    /// What chooses tenants, as typed.
    selection: String,
}

impl Base {
    /// Adds the guardrails of the revision to those of the checkout, by address and with the names that tenants have in the
    /// revision. A tenant at an address that the revision does not have is held to those of its name.
    pub fn guard(&self, targets: &mut [Target]) {
        for target in targets {
            let Some(entry) = self.entry(&target.name) else { continue };
            let mut same: Vec<&Entry> = self.then.at(&entry.at).collect();
            if same.is_empty() {
                same = self.then.named(&entry.name).filter(|old| old.workspace == entry.workspace).collect();
            }
            target.rules.extend(same.into_iter().map(|old| old.rules.clone()));
        }
    }

    /// Tells for every change where it comes from; not where the settings of the revision have errors.
    pub fn tell(&self, plan: &mut TenantPlan) {
        let old = self.entry(&plan.name).and_then(|entry| self.before(entry));
        if old.is_some_and(|old| old.desired.is_none()) {
            return;
        }
        let desired = old.and_then(|old| old.desired.as_ref());
        for resource in plan.resources_mut() {
            let base = desired.and_then(|desired| desired.get(&resource.desired.key));
            resource.accepted = base.map(|base| accepted(base, resource)).unwrap_or_default();
            let Ok(read) = &mut resource.outcome else { continue };
            for change in &mut read.comparison.changes {
                change.cause = Some(cause(base, change.setting, change.before.as_deref(), &change.after));
                let agreed = base.and_then(|base| asked(base, change.setting));
                change.agreed = Some(agreed.map_or(Agreed::Unmanaged, Agreed::Value));
                // A member that leaves is named where it was, if anywhere.
                let old = base.and_then(|base| base.get(change.setting.pointer)).map(|managed| &managed.known);
                if let Some(old) = old.filter(|known| !known.is_empty()) {
                    let mut known = old.as_ref().clone();
                    known.extend(&change.known);
                    change.known = Arc::new(known);
                }
            }
        }
    }

    /// Returns what the checkout does, today in UTC, to the control that the revision has.
    pub fn control(&self) -> Control {
        control::compare(&self.then, &self.now, &self.selection, today())
    }

    /// Returns the guardrails that become weaker for tenants of the run's own workspace file, by their names.
    pub fn weakened<'a>(&self, control: &'a Control) -> HashMap<&'a str, Vec<Weakened>> {
        let mut found: HashMap<&str, Vec<Weakened>> = HashMap::new();
        for weaker in &control.weakened {
            if self.entry(&weaker.tenant).is_some_and(|entry| entry.workspace == weaker.workspace) {
                found.entry(&weaker.tenant).or_default().push(weaker.weakened.clone());
            }
        }
        found
    }

    /// Returns whether a guardrail becomes weaker in the run's own workspace file.
    pub fn is_own(&self, weaker: &WeakenedTenant) -> bool {
        let own = self.now.entries().iter().find(|entry| entry.own);
        own.is_some_and(|entry| entry.workspace == weaker.workspace)
    }

    /// Returns the entry of the run's own workspace file.
    fn entry(&self, name: &str) -> Option<&Entry> {
        self.now.named(name).next()
    }

    /// Returns what an entry was in the revision: of several at its address, the one of its file and name.
    fn before(&self, entry: &Entry) -> Option<&Entry> {
        let mut old: Vec<&Entry> = self.then.at(&entry.at).collect();
        old.sort_by_key(|old| (old.workspace != entry.workspace, old.name != entry.name));
        old.first().copied()
    }
}

/// Returns the settings for which the checkout asks for another value than `base`, and which the tenant has already: nothing
/// is sent for them, so that nothing else would tell.
fn accepted(base: &DesiredResource, resource: &ResourcePlan) -> Vec<Change> {
    let Ok(read) = &resource.outcome else { return Vec::new() };
    let DesiredResource { settings, left_out, .. } = &resource.desired;
    let matches = settings.iter().filter(|managed| {
        let pointer = managed.setting.pointer;
        read.comparison.change(pointer).is_none() && !left_out.contains(pointer)
    });
    matches.filter_map(|managed| plan::change(managed, Some(asked(base, managed.setting)?))).collect()
}

/// Reads the workspace files of `revision` and of the checkout. What to know about them joins the problems of the run.
///
/// # Errors
///
/// There is no such revision, the selection matches nothing in it either, or its guardrails or addresses cannot be read: a
/// guardrail that cannot be evaluated refuses.
pub fn read(context: &Context, revision: &str, loaded: &mut Loaded) -> Result<Base, Stop> {
    // As the shell came there; after `-C` it is another folder.
    let typed = variable("PWD").map(PathBuf::from).filter(|folder| folder.is_absolute());
    if typed.is_some_and(|folder| folder.canonicalize().ok() == env::current_dir().ok() && leads_out(&folder)) {
        let message = "the working directory is a link that leads out of the repository, and such a link must not choose the \
                       history to compare with";
        return Err(Stop::new(Exit::Refused, message, "change to the folder that it leads to"));
    }
    let revision = Revision::find(&loaded.folder(), revision).map_err(|error| {
        let exit = if matches!(error, Unreadable::NotARevision(_)) { Exit::Usage } else { Exit::Refused };
        Stop::new(exit, error.to_string(), error.hint())
    })?;
    let refuse = |problems: Vec<Problem>| {
        context.ui.problems(&problems);
        Stop::new(
            Exit::Refused,
            format!("the guardrails of {} cannot be read, so it is not known whether they hold", revision.name()),
            format!("fix what is wrong in {} first, or leave --base out and review the guardrails", revision.name()),
        )
    };
    let chosen = |name: &str, labels: &[(String, String)]| context.global.chooses(name, labels);
    let then = states::of_revision(&revision, loaded, &chosen).map_err(refuse)?;
    let mut now = states::of_checkout(&revision, loaded, &chosen).map_err(refuse)?;
    // The run's own workspace file comes first, see `Base::entry`.
    if let Some(own) = &loaded.workspace {
        let own = real_path(own);
        now.sort_by_key(|entry| entry.workspace != own);
    }
    if let Some(stop) = loaded.unmatched.take_if(|_| !then.iter().any(|entry| entry.chosen)) {
        return Err(stop);
    }
    let now = State::of(String::new(), now);
    let then = State::of(revision.name().to_owned(), states::rebased(then, &now));
    let unknown = unknown(&then, &now, revision.name());
    if !unknown.is_empty() && !loaded.failed() {
        return Err(refuse(unknown));
    }
    if then.entries().is_empty() {
        let message = format!(
            "{} has no workspace: it has no guardrails to hold, and every change is caused by this branch",
            revision.name()
        );
        loaded.problems.push(Problem::warning(rules::NEW_WORKSPACE, message).help("review the new guardrails"));
    }
    let selection = context.global.selection().join(" ");
    let (name, commit) = (revision.name().to_owned(), revision.commit().to_owned());
    Ok(Base { revision: name, commit, then, now, selection })
}

/// Returns the addresses of the revision that cannot be compared: a variable in them is not set, and the checkout has none
/// that is written in the same way, or has one that the revision does not have and that may be the same.
fn unknown(then: &State, now: &State, revision: &str) -> Vec<Problem> {
    let new = now.entries().iter().find(|entry| then.at(&entry.at).next().is_none());
    let mut problems = Vec::new();
    for entry in then.entries() {
        let At::Unknown(text) = &entry.at else { continue };
        let why = match (now.at(&entry.at).next(), new) {
            (None, _) => "no tenant of this branch has its address written like that".to_owned(),
            (Some(_), Some(new)) => {
                format!("tenant {} ({}) of this branch may be the same tenant", new.name, new.place)
            }
            (Some(_), None) => continue,
        };
        let names: Vec<&str> = variables(text).collect();
        let message = format!("the address of tenant {} in {revision} is not known: {why}", entry.name);
        let help = match names.as_slice() {
            [] => "correct the address there first".to_owned(),
            names => format!("set {} to the tenant's address and run the command again", names.join(" and ")),
        };
        problems.push(Problem::error(rules::ADDRESS_UNKNOWN, message).at(entry.place.clone()).help(help));
    }
    problems
}
