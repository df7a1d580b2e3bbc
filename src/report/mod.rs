//! Results to words: the only place that says how a plan or an apply went. What it builds is data; the files beside it
//! turn that into text without deciding anything.

pub mod applied;
pub mod explained;
pub mod forge;
pub mod guards;
pub mod html;
pub mod markdown;
pub mod overview;
pub mod text;
pub mod validated;

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use crate::documents::plan::{
    ChangeEntry, DifferenceEntry, ErrorEntry, FORMAT_VERSION, Operation, PlanFile, ProblemEntry, ResourceEntry,
    SourceEntry, Status, Summary, TenantEntry, UnmanagedEntry,
};
use crate::documents::receipt::ResourceReceipt;
use crate::plan::Change;
use crate::plan::cause::Cause;
use crate::resource::impact::Impact;
use crate::resource::{Deprecation, Generation, Resource, Setting};
use crate::run::ledger::Became;
use crate::run::read::{Read, ResourcePlan, TenantPlan};
use crate::run::rollback::{Left, Reason};
use crate::text::problem::{self, Problem, Severity};

/// Returns the plan as a document.
pub fn plan_file(tenants: &[TenantPlan], problems: &[Problem]) -> PlanFile {
    let tenants: Vec<TenantEntry> = tenants.iter().map(tenant_entry).collect();
    let mut plan = PlanFile {
        format_version: FORMAT_VERSION.to_owned(),
        sailplan: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: None,
        digest: None,
        workspace: None,
        base: None,
        summary: Summary::default(),
        tenants,
        problems: problems.iter().map(problem_entry).collect(),
        against: None,
    };
    plan.digest = (!plan.tenants.is_empty()).then(|| plan.compute_digest());
    plan.summary = summary(&plan);
    plan
}

fn tenant_entry(tenant: &TenantPlan) -> TenantEntry {
    let (error, resources) = match &tenant.outcome {
        Ok(connected) => (None, connected.resources.iter().map(resource_entry).collect()),
        Err(error) => (Some(error.clone()), Vec::new()),
    };
    TenantEntry {
        name: tenant.name.clone(),
        url: tenant.url.clone(),
        error,
        resources,
        refusals: tenant.judged.refusals.clone(),
        lifted: tenant.judged.lifted.clone(),
        weakened: tenant.judged.weakened.clone(),
    }
}

fn resource_entry(plan: &ResourcePlan) -> ResourceEntry {
    let desired = &plan.desired;
    let mut entry = ResourceEntry {
        resource: desired.resource.name.to_owned(),
        api_version: desired.generation.name.to_owned(),
        status: Status::Failed,
        error: None,
        managed: desired.settings.len(),
        changes: Vec::new(),
        unmanaged: Vec::new(),
        warnings: Vec::new(),
    };
    match &plan.outcome {
        Err(error) => entry.error = Some(error.clone()),
        Ok(read) => {
            entry.changes = read.comparison.changes.iter().map(change_entry).collect();
            entry.unmanaged = read
                .comparison
                .unmanaged
                .iter()
                .map(|(setting, value)| UnmanagedEntry { path: setting.pointer.to_owned(), value: value.clone() })
                .collect();
            entry.warnings = warnings(plan, read);
            entry.error = contradiction(plan, read);
            entry.status = match (&entry.error, entry.changes.is_empty()) {
                (Some(_), _) => Status::Failed,
                (None, true) => Status::InSync,
                (None, false) => Status::Changes,
            };
        }
    }
    entry
}

/// Returns why a plan may not be sent although it could be made: it would leave settings that contradict each other.
pub fn contradiction(plan: &ResourcePlan, read: &Read) -> Option<ErrorEntry> {
    let details: Vec<String> =
        read.comparison.conflicts.iter().filter(|one| one.caused).map(|one| one.message.clone()).collect();
    (!details.is_empty()).then(|| ErrorEntry {
        message: format!("this plan would leave {} settings that contradict each other", plan.desired.resource.name),
        refused: false,
        details,
        status: None,
        tracking_id: None,
        help: vec!["manage both settings of the pair, and lower the one or raise the other".to_owned()],
    })
}

fn warnings(plan: &ResourcePlan, read: &Read) -> Vec<String> {
    let (resource, generation) = (plan.desired.resource, plan.desired.generation);
    let mut warnings = plan.notes.clone();
    match generation.deprecation {
        Some(Deprecation { since, until, successor }) => warnings.push(format!(
            "SailPoint deprecated {} {} on {since} and keeps it until {until}; its successor is {successor}, and \
             sailplan migrate --to {successor} rewrites the settings",
            resource.name, generation.name
        )),
        None if read.deprecated => warnings
            .push(format!("the tenant marks {} {} as deprecated (X-Deprecated: true)", resource.name, generation.name)),
        None => {}
    }
    warnings.extend(lacking(resource, generation));
    warnings.extend(read.comparison.overrides.map(|overrides| format!("overrides: {}", overrides.sentence)));
    let conflicts = read.comparison.conflicts.iter().filter(|one| !one.caused);
    warnings.extend(conflicts.map(|one| one.message.clone()));
    warnings.extend(
        read.comparison
            .odd
            .iter()
            .map(|one| format!("{} is not managed and holds {}, expected {}", one.pointer, one.found, one.expected)),
    );
    if !read.comparison.unknown.is_empty() {
        warnings.push(format!(
            "the tenant has fields that sailplan does not know; they are kept as they are: {}",
            read.comparison.unknown.join(", ")
        ));
    }
    warnings
}

/// An experimental generation beside a current one is a choice with a price.
fn lacking(resource: &Resource, generation: &Generation) -> Option<String> {
    let current = resource.current().filter(|_| generation.experimental)?;
    let lacks: Vec<String> = resource
        .settings_of(current)
        .filter(|setting| resource.setting_in(generation, setting.pointer).is_none())
        .map(Setting::dotted)
        .collect();
    Some(format!(
        "{} {} is experimental: SailPoint may change it with little or no notice. It lacks {}, so a PUT through it cannot \
         carry them; {} has them",
        resource.name,
        generation.name,
        lacks.join(", "),
        current.name
    ))
}

fn change_entry(change: &Change) -> ChangeEntry {
    let (line, _) = problem::line_column(&change.place);
    let members: HashSet<&str> = [Some(&change.after), change.before.as_ref()]
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let names = change.names.iter().filter(|(id, _)| members.contains(id.as_str()));
    ChangeEntry {
        op: Operation::Replace,
        path: change.setting.pointer.to_owned(),
        value: change.after.clone(),
        before: change.before.clone(),
        impact: change.effect.impact,
        disrupts: change.effect.disrupts,
        overrides: change.effect.overrides,
        sentence: change.effect.sentence.clone(),
        cause: change.cause,
        source: SourceEntry { file: change.place.source.name.clone(), line },
        names: names.map(|(id, name)| (id.clone(), name.clone())).collect(),
    }
}

/// Returns a value with its members: two sets of the same size look the same when only counted. Long ones are counted.
pub fn in_full(setting: &Setting, value: Option<&Value>) -> String {
    let members: Vec<&str> = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let shown = setting.show(value);
    if setting.kind.is_set() && (1..=10).contains(&members.len()) {
        format!("{shown} ({})", members.join(", "))
    } else {
        shown
    }
}

/// Returns a difference between two plans on one line; the tenant is left to the caller.
pub fn difference(difference: &DifferenceEntry) -> String {
    let resource = difference.resource.as_deref().unwrap_or_default();
    let version = difference.api_version.as_deref().unwrap_or_default();
    let Some(path) = &difference.path else {
        let reason = difference.reason.as_deref().unwrap_or("it cannot be compared");
        return if resource.is_empty() { reason.to_owned() } else { format!("{resource}: {reason}") };
    };
    let setting = Resource::named(resource).and_then(|known| known.setting_at(version, path));
    let name = setting.map_or_else(|| path.trim_start_matches('/').replace('/', "."), Setting::dotted);
    let show = |value: Option<&Value>| match (setting, value) {
        (Some(setting), value) => in_full(setting, value),
        (None, value) => value.map_or_else(|| "absent".to_owned(), Value::to_string),
    };
    let words = match (&difference.planned, &difference.now) {
        (Some(planned), Some(now)) => {
            let target = if planned.value == now.value {
                String::new()
            } else {
                format!(", now to become {}", show(Some(&now.value)))
            };
            let (from, to) = (show(planned.before.as_ref()), show(Some(&planned.value)));
            format!("planned from {from} to {to}, found {}{target}", show(now.before.as_ref()))
        }
        (None, Some(now)) => {
            format!("not in the plan, expected {}, found {}", show(Some(&now.value)), show(now.before.as_ref()))
        }
        (Some(planned), None) => {
            let (from, to) = (show(planned.before.as_ref()), show(Some(&planned.value)));
            format!("planned from {from} to {to}, nothing to change now")
        }
        (None, None) => String::new(),
    };
    format!("{resource}.{name}: {words}")
}

/// Returns what became of an entry whose run did not end.
pub fn unfinished(tenant: &str, entry: &ResourceReceipt, became: Became) -> String {
    let settings = entry.operations.len();
    let what = match became {
        Became::NotSent => "it was not sent".to_owned(),
        Became::Done => {
            format!("it was sent, and live shows {}", if settings == 1 { "the change" } else { "every change" })
        }
        Became::NotDone => "it may have been sent, and live shows nothing of it".to_owned(),
        Became::Partly { done, other: 0 } => format!("it was sent, and live shows {done} of {settings} changes"),
        Became::Partly { done, other } => {
            format!("live shows {done} of {settings} changes, and {other} at values of somebody else")
        }
        Became::NotRead => "it may have been sent; this run did not read it".to_owned(),
    };
    format!("{tenant} {} {}: {what}", entry.resource, entry.api_version)
}

/// Returns why a rollback leaves a setting as it is.
pub fn left(left: &Left) -> String {
    let setting = left.setting;
    match &left.reason {
        Reason::Moved { wrote, found } => format!(
            "{setting} stays at {}: somebody changed it after that apply, which had made it {}",
            in_full(setting, found.as_ref()),
            in_full(setting, Some(wrote))
        ),
        Reason::Absent { found } => format!(
            "{setting} stays at {}: the tenant had no value for it before, and the API cannot take one away",
            in_full(setting, found.as_ref())
        ),
    }
}

/// Returns a problem as documents carry it.
pub fn problem_entry(problem: &Problem) -> ProblemEntry {
    // A file that could not be read has a name and no line.
    let place = problem.place.as_ref().filter(|place| !place.source.text.is_empty());
    let position = place.map(problem::line_column);
    let end = place.map(|place| {
        let end = place.span.end..place.span.end;
        problem::line_column(&problem::Place { source: place.source.clone(), span: end })
    });
    ProblemEntry {
        severity: problem.severity,
        rule: problem.rule.to_owned(),
        message: problem.message.clone(),
        file: problem.place.as_ref().map(|place| place.source.name.clone()),
        line: position.map(|(line, _)| line),
        column: position.map(|(_, column)| column),
        end_line: end.map(|(line, _)| line),
        end_column: end.map(|(_, column)| column),
        label: problem.label.clone(),
        help: problem.help.clone(),
    }
}

/// Returns the counts of a plan and its verdict.
pub fn summary(plan: &PlanFile) -> Summary {
    let mut impacts: BTreeMap<Impact, usize> = BTreeMap::new();
    for (_, _, change) in plan.changes() {
        *impacts.entry(change.impact).or_default() += 1;
    }
    let resources = || plan.tenants.iter().flat_map(|tenant| &tenant.resources);
    let failed = resources().filter(|resource| resource.status == Status::Failed).count()
        + plan.tenants.iter().filter(|tenant| tenant.error.is_some()).count();
    let changes = plan.changes().count();
    Summary {
        verdict: verdict(plan, changes, failed, &impacts),
        changes,
        impacts,
        unmanaged: resources().map(|resource| resource.unmanaged.len()).sum(),
        failed,
        weakened: plan.tenants.iter().map(|tenant| tenant.weakened.len()).sum(),
    }
}

fn verdict(plan: &PlanFile, changes: usize, failed: usize, impacts: &BTreeMap<Impact, usize>) -> String {
    if plan.tenants.is_empty() {
        let errors = plan.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
        return format!("No plan: {} to mend first.", count(errors, "error", "errors"));
    }
    let mut lost = match failed {
        0 => String::new(),
        failed => format!("; {} could not be planned", count(failed, "resource or tenant", "resources or tenants")),
    };
    let refused = plan.tenants.iter().filter(|tenant| !tenant.refusals.is_empty()).count();
    if refused > 0 {
        let tenants = count(refused, "tenant is", "tenants are");
        lost.push_str(&format!("; {tenants} refused by guardrails"));
    }
    let weakened: usize = plan.tenants.iter().map(|tenant| tenant.weakened.len()).sum();
    if weakened > 0 {
        let guards = count(weakened, "guard is weakened", "guards are weakened");
        lost.push_str(&format!("; {guards} (loosens)"));
    }
    if changes == 0 && failed == 0 && refused > 0 {
        return format!("No changes{lost}.");
    }
    if changes == 0 && failed == 0 {
        return format!(
            "No changes. {} {} settings{lost}.",
            count(plan.tenants.len(), "tenant matches", "tenants match"),
            if plan.tenants.len() == 1 { "its" } else { "their" }
        );
    }
    if changes == 0 {
        return format!("Incomplete plan: nothing to change where it could be seen{lost}.");
    }
    let tenants: HashSet<&str> = plan.changes().map(|(tenant, ..)| tenant.name.as_str()).collect();
    let resources: HashSet<(&str, &str)> =
        plan.changes().map(|(tenant, resource, _)| (tenant.name.as_str(), resource.resource.as_str())).collect();
    let words: Vec<String> = impacts.iter().map(|(impact, number)| format!("{number} {}", impact.word())).collect();
    let words = if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) };
    format!(
        "{}: {} to change in {} of {}{words}{lost}.",
        if failed == 0 { "Plan" } else { "Incomplete plan" },
        count(changes, "setting", "settings"),
        count(resources.len(), "resource", "resources"),
        count(tenants.len(), "tenant", "tenants"),
    )
}

/// Returns a number with its noun.
pub fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// Returns what a change means beside its gravity.
pub fn marks(change: &ChangeEntry) -> Vec<&'static str> {
    let marks = [(change.disrupts, "disrupts"), (change.overrides, "overrides")];
    marks.into_iter().filter_map(|(holds, word)| holds.then_some(word)).collect()
}

/// Returns where a change comes from, where there was a base to tell.
pub fn cause(change: &ChangeEntry) -> Option<&'static str> {
    change.cause.map(|cause| match cause {
        Cause::Branch => "this branch",
        Cause::Drift => "drift: the tenant had moved away from unchanged settings, and is moved back",
        Cause::Both => "this branch and drift: the settings changed, and the tenant had moved away from those before",
    })
}

/// Returns the gravity of a change and what it means beside it, with commas.
pub fn meaning(change: &ChangeEntry) -> String {
    marks(change).into_iter().fold(change.impact.word().to_owned(), |words, mark| format!("{words}, {mark}"))
}

/// One change in words.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// The setting, with dots.
    pub setting: String,
    /// The live value.
    pub before: String,
    /// The desired value.
    pub after: String,
    /// What joins and leaves, for a set.
    pub members: Option<Members>,
}

/// What joins and leaves a set.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Members that join, each with the name that the settings file gives it.
    pub added: Vec<(String, Option<String>)>,
    /// Members that leave.
    pub removed: Vec<(String, Option<String>)>,
    /// How many stay.
    pub kept: usize,
}

/// Returns a change in words.
pub fn row(resource: &ResourceEntry, change: &ChangeEntry) -> Row {
    let setting =
        Resource::named(&resource.resource).and_then(|known| known.setting_at(&resource.api_version, &change.path));
    let Some(setting) = setting else {
        // A plan of a later sailplan may hold settings that this one does not know.
        let raw = |value: Option<&Value>| value.map_or_else(|| "absent".to_owned(), Value::to_string);
        return Row {
            setting: change.path.trim_start_matches('/').replace('/', "."),
            before: raw(change.before.as_ref()),
            after: raw(Some(&change.value)),
            members: None,
        };
    };
    Row {
        setting: setting.dotted(),
        before: setting.show(change.before.as_ref()),
        after: setting.show(Some(&change.value)),
        members: setting.kind.is_set().then(|| members(setting, change)),
    }
}

fn members(setting: &Setting, change: &ChangeEntry) -> Members {
    let list = |value: Option<&Value>| -> Vec<String> {
        value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (before, after) = (list(change.before.as_ref()), list(Some(&change.value)));
    let keys = |members: &[String]| -> HashSet<String> {
        members.iter().map(|member| setting.kind.member_key(member)).collect()
    };
    let (old, new) = (keys(&before), keys(&after));
    let outside = |members: Vec<String>, others: &HashSet<String>| -> Vec<(String, Option<String>)> {
        members
            .into_iter()
            .filter(|member| !others.contains(&setting.kind.member_key(member)))
            .map(|member| {
                let name = change.names.get(&member).cloned();
                (member, name)
            })
            .collect()
    };
    Members { kept: old.intersection(&new).count(), added: outside(after, &old), removed: outside(before, &new) }
}

/// Returns how many settings no file manages, and which of them stand at their loosest value.
pub fn unmanaged(plan: &PlanFile) -> Option<String> {
    if plan.summary.unmanaged == 0 {
        return None;
    }
    let several = plan.tenants.len() > 1;
    let loosest: Vec<String> = loosest(plan)
        .map(|(tenant, setting)| if several { format!("{}: {setting}", tenant.name) } else { setting })
        .collect();
    let loosest =
        if loosest.is_empty() { String::new() } else { format!("; at their loosest value: {}", loosest.join(", ")) };
    Some(format!("{} not managed{loosest}.", count(plan.summary.unmanaged, "setting is", "settings are")))
}

/// Returns the unmanaged settings that stand at their loosest value, each with its resource.
pub fn loosest(plan: &PlanFile) -> impl Iterator<Item = (&TenantEntry, String)> {
    plan.tenants.iter().flat_map(|tenant| {
        tenant.resources.iter().flat_map(move |resource| {
            let known = Resource::named(&resource.resource);
            resource.unmanaged.iter().filter_map(move |entry| {
                let setting = known?
                    .setting_at(&resource.api_version, &entry.path)
                    .filter(|one| one.at_loosest(entry.value.as_ref()))?;
                Some((tenant, format!("{}.{setting}", resource.resource)))
            })
        })
    })
}

#[cfg(test)]
mod tests;
