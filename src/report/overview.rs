//! A plan as an approver reads it: the verdict first, then the changes by gravity, the same change in many tenants once.
//! Markdown and HTML only lay this out. Every text in it is printable and short enough for one paragraph; markup is the
//! business of whoever lays it out.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde::Serialize;

use super::{Row, cause, count, guards, loosest, marks, row};
use crate::documents::plan::{ChangeEntry, ErrorEntry, PlanFile, ProblemEntry, ResourceEntry, Status, TenantEntry};
use crate::resource::impact::Impact;
use crate::text::printable::printable_line;
use crate::text::problem::Severity;

/// How many members of a set are shown at once; the others are folded.
pub const LISTED: usize = 10;

/// The longest text shown, in characters. A value beyond it is cut and says so; JSON has the whole.
const LONGEST: usize = 1000;

/// The same for what no cut may take away.
const LONGEST_HEAD: usize = 300;

/// A plan as an approver reads it.
#[derive(Debug, Serialize)]
pub struct Overview {
    /// The verdict in words.
    pub verdict: String,
    /// Version of the sailplan that made the plan.
    pub sailplan: String,
    /// The digest to approve.
    pub digest: Option<String>,
    /// The workspace, from the root of the git repository.
    pub workspace: Option<String>,
    /// The revision that it was compared with.
    pub base: Option<String>,
    /// Guards that the checkout weakens.
    pub weakened: Vec<Concern>,
    /// The changes, gravest first; a gravity without changes is left out.
    pub groups: Vec<Group>,
    /// Guardrails and limits that stand in the way.
    pub refusals: Vec<Refusal>,
    /// Guards that were lifted, each with what lifted it.
    pub lifted: Vec<Concern>,
    /// What could not be planned.
    pub failures: Vec<Failure>,
    /// What is wrong with the files.
    pub problems: Vec<FileProblem>,
    /// What to know besides, each once with the tenants it holds for.
    pub warnings: Vec<Concern>,
    /// How many settings nobody manages, in words; none where everything is managed.
    pub unmanaged: Option<String>,
    /// Unmanaged settings at their loosest value.
    pub loosest: Vec<Concern>,
    /// One line for every tenant.
    pub tenants: Vec<TenantLine>,
}

/// The changes of one gravity.
#[derive(Debug, Serialize)]
pub struct Group {
    /// The gravity.
    pub impact: Impact,
    /// A heading: the gravity and how many settings.
    pub title: String,
    /// What the gravity means.
    pub gloss: &'static str,
    /// The changes, those of several tenants counted as one.
    pub entries: Vec<Entry>,
    /// How many settings of how many tenants.
    pub changes: usize,
}

/// One change, in one or several tenants.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// The resource and its setting, with dots.
    pub setting: String,
    /// The live value.
    pub before: String,
    /// The desired value.
    pub after: String,
    /// What it means beside its gravity, such as `disrupts`.
    pub marks: Vec<&'static str>,
    /// What it means, in a sentence.
    pub sentence: String,
    /// Where it comes from, where that can be told.
    pub cause: Option<&'static str>,
    /// What joins and leaves, for a set.
    pub members: Option<MemberList>,
    /// The tenants.
    pub tenants: Vec<String>,
    /// Whether these are all the tenants of a plan for several.
    pub everywhere: bool,
    /// The lines that ask for it, as `FILE:LINE`.
    pub sources: Vec<String>,
}

/// What joins and leaves a set.
#[derive(Clone, Debug, Serialize)]
pub struct MemberList {
    /// In a few words, such as `2 join, 1 leaves, 3 stay`.
    pub summary: String,
    /// Members that join.
    pub added: Vec<Member>,
    /// Members that leave.
    pub removed: Vec<Member>,
    /// Whether the list is long enough to be folded.
    pub long: bool,
}

/// A member of a set.
#[derive(Clone, Debug, Serialize)]
pub struct Member {
    /// The member itself.
    pub id: String,
    /// The name that the settings file gives it.
    pub name: Option<String>,
}

/// A guard that stands in the way.
#[derive(Debug, Serialize)]
pub struct Refusal {
    /// The tenant.
    pub tenant: String,
    /// The setting, with dots, where it is one.
    pub setting: Option<String>,
    /// The guard and what it refuses.
    pub message: String,
    /// The line that asked for it.
    pub source: Option<String>,
    /// What would lift it.
    pub help: Vec<String>,
}

/// Something that could not be planned.
#[derive(Debug, Serialize)]
pub struct Failure {
    /// The tenant, and the resource where it is only that.
    pub place: String,
    /// What happened.
    pub message: String,
    /// What the tenant said about it, its id of the request included.
    pub details: Vec<String>,
    /// What to do next.
    pub help: Vec<String>,
}

/// Something wrong with a file.
#[derive(Debug, Serialize)]
pub struct FileProblem {
    /// Whether it stops the run.
    pub severity: Severity,
    /// The place as `FILE:LINE:COLUMN`.
    pub place: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub help: Vec<String>,
}

/// A text and the tenants it holds for.
#[derive(Debug, Serialize)]
pub struct Concern {
    /// The text.
    pub text: String,
    /// The tenants.
    pub tenants: Vec<String>,
    /// Whether these are all the tenants of a plan for several.
    pub everywhere: bool,
}

/// A tenant in a line.
#[derive(Debug, Serialize)]
pub struct TenantLine {
    /// Its name.
    pub name: String,
    /// Its address.
    pub url: String,
    /// How it stands, in words.
    pub state: String,
}

impl Overview {
    /// Reads a plan the way an approver does.
    pub fn of(plan: &PlanFile) -> Overview {
        Overview {
            verdict: printable_line(&plan.summary.verdict, LONGEST_HEAD).into_owned(),
            sailplan: clean(&plan.sailplan),
            digest: plan.digest.as_deref().map(clean),
            workspace: plan.workspace.as_deref().map(|path| printable_line(path, LONGEST_HEAD).into_owned()),
            base: plan.base.as_ref().map(|base| printable_line(&base.revision, LONGEST_HEAD).into_owned()),
            weakened: concerns(plan, weakened(plan)),
            groups: groups(plan),
            refusals: plan.tenants.iter().flat_map(refusals).collect(),
            lifted: concerns(plan, lifted(plan)),
            failures: failures(plan),
            problems: plan.problems.iter().map(file_problem).collect(),
            warnings: warnings(plan),
            unmanaged: unmanaged(plan),
            loosest: concerns(plan, loosest(plan)),
            tenants: plan.tenants.iter().map(tenant_line).collect(),
        }
    }

    /// Returns how many tenants the plan covers.
    pub fn breadth(&self) -> usize {
        self.tenants.len()
    }
}

fn clean(text: &str) -> String {
    printable_line(text, LONGEST).into_owned()
}

fn groups(plan: &PlanFile) -> Vec<Group> {
    Impact::ALL
        .into_iter()
        .filter_map(|impact| {
            let entries = entries(plan, impact);
            let changes: usize = entries.iter().map(|entry| entry.tenants.len()).sum();
            let (title, gloss) = match impact {
                Impact::Loosens => ("Loosens", "More access, for longer, or with fewer checks."),
                Impact::Review => ("Review", "Whether access gets wider or narrower is for a person to judge."),
                Impact::Tightens => ("Tightens", "Less access, shorter, or more checks."),
                Impact::Neutral => ("Neutral", "No bearing on who gets access."),
            };
            (changes > 0).then(|| Group {
                impact,
                title: format!("{title}: {}", count(changes, "setting", "settings")),
                gloss,
                entries,
                changes,
            })
        })
        .collect()
}

fn entries(plan: &PlanFile, impact: Impact) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut known: HashMap<u64, Vec<(usize, &ResourceEntry, &ChangeEntry)>> = HashMap::new();
    for (tenant, resource, change) in plan.changes().filter(|(.., change)| change.impact == impact) {
        let source = clean(&format!("{}:{}", change.source.file, change.source.line));
        let alike = known.entry(likeness(resource, change)).or_default();
        let same = alike.iter().find(|(_, other, one)| other.resource == resource.resource && equal(one, change));
        match same.and_then(|(index, ..)| entries.get_mut(*index)) {
            Some(entry) => {
                entry.tenants.push(clean(&tenant.name));
                if !entry.sources.contains(&source) {
                    entry.sources.push(source);
                }
            }
            None => {
                alike.push((entries.len(), resource, change));
                entries.push(entry(tenant, resource, change, source));
            }
        }
    }
    for entry in &mut entries {
        entry.everywhere = everywhere(plan, &entry.tenants);
    }
    entries.sort_by(|one, other| one.setting.cmp(&other.setting));
    entries
}

/// A set may have a million members: changes are told apart by a hash first, and compared only when it agrees.
fn likeness(resource: &ResourceEntry, change: &ChangeEntry) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&resource.resource, &change.path, &change.sentence, change.cause).hash(&mut hasher);
    change.before.hash(&mut hasher);
    change.value.hash(&mut hasher);
    hasher.finish()
}

fn equal(one: &ChangeEntry, other: &ChangeEntry) -> bool {
    let words =
        |change: &ChangeEntry| (change.path.clone(), change.sentence.clone(), change.disrupts, change.overrides);
    words(one) == words(other)
        && one.cause == other.cause
        && one.value == other.value
        && one.before == other.before
        && one.names == other.names
}

fn entry(tenant: &TenantEntry, resource: &ResourceEntry, change: &ChangeEntry, source: String) -> Entry {
    let Row { setting, before, after, members } = row(resource, change);
    let members = members.map(|members| {
        let list = |list: Vec<(String, Option<String>)>| -> Vec<Member> {
            list.iter().map(|(id, name)| Member { id: clean(id), name: name.as_deref().map(clean) }).collect()
        };
        let long = members.added.len() + members.removed.len() > LISTED;
        let parts = [
            (members.added.len(), "joins", "join"),
            (members.removed.len(), "leaves", "leave"),
            (members.kept, "stays", "stay"),
        ];
        let parts: Vec<String> =
            parts.into_iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| count(n, one, many)).collect();
        MemberList { summary: parts.join(", "), added: list(members.added), removed: list(members.removed), long }
    });
    Entry {
        setting: clean(&format!("{}.{setting}", resource.resource)),
        before: clean(&before),
        after: clean(&after),
        marks: marks(change),
        sentence: clean(&change.sentence),
        cause: cause(change),
        members,
        tenants: vec![clean(&tenant.name)],
        everywhere: false,
        sources: vec![source],
    }
}

fn everywhere(plan: &PlanFile, tenants: &[String]) -> bool {
    plan.tenants.len() > 1 && tenants.iter().collect::<HashSet<_>>().len() == plan.tenants.len()
}

fn refusals(tenant: &TenantEntry) -> impl Iterator<Item = Refusal> {
    tenant.refusals.iter().map(|refusal| Refusal {
        tenant: clean(&tenant.name),
        setting: refusal.setting.as_deref().map(|setting| clean(&setting.trim_start_matches('/').replace('/', "."))),
        message: clean(&guards::refusal(refusal)),
        source: refusal.source.as_ref().map(|source| clean(&format!("{}:{}", source.file, source.line))),
        help: refusal.help.iter().map(|help| clean(help)).collect(),
    })
}

fn lifted(plan: &PlanFile) -> impl Iterator<Item = (&TenantEntry, String)> {
    plan.tenants.iter().flat_map(|tenant| tenant.lifted.iter().map(move |one| (tenant, guards::lifted(one))))
}

fn weakened(plan: &PlanFile) -> impl Iterator<Item = (&TenantEntry, String)> {
    plan.tenants.iter().flat_map(|tenant| tenant.weakened.iter().map(move |one| (tenant, guards::weakened(one))))
}

fn failures(plan: &PlanFile) -> Vec<Failure> {
    let failure = |place: String, error: &ErrorEntry| Failure {
        place: clean(&place),
        message: clean(&error.message),
        details: error
            .details
            .iter()
            .map(|detail| clean(detail))
            .chain(error.tracking_id.as_ref().map(|id| clean(&format!("trackingId: {id}"))))
            .collect(),
        help: error.help.iter().map(|help| clean(help)).collect(),
    };
    let mut failures = Vec::new();
    for tenant in &plan.tenants {
        failures.extend(tenant.error.iter().map(|error| failure(tenant.name.clone(), error)));
        for resource in &tenant.resources {
            let place = format!("{}: {}", tenant.name, resource.resource);
            failures.extend(resource.error.iter().map(|error| failure(place.clone(), error)));
        }
    }
    failures
}

fn file_problem(problem: &ProblemEntry) -> FileProblem {
    let place = problem.file.as_ref().map(|file| {
        let numbers = [problem.line, problem.column].into_iter().flatten();
        numbers.fold(file.clone(), |place, number| format!("{place}:{number}"))
    });
    FileProblem {
        severity: problem.severity,
        place: place.as_deref().map(clean),
        message: clean(&problem.message),
        help: problem.help.iter().map(|help| clean(help)).collect(),
    }
}

fn warnings(plan: &PlanFile) -> Vec<Concern> {
    let all = plan.tenants.iter().flat_map(|tenant| {
        tenant.resources.iter().flat_map(move |resource| {
            resource.warnings.iter().map(move |text| (tenant, format!("{}: {text}", resource.resource)))
        })
    });
    concerns(plan, all)
}

fn unmanaged(plan: &PlanFile) -> Option<String> {
    let number = plan.summary.unmanaged;
    let loosest = match loosest(plan).count() {
        0 => String::new(),
        number => format!("; {number} of them at {} loosest value", if number == 1 { "its" } else { "their" }),
    };
    (number > 0).then(|| format!("{} not managed{loosest}.", count(number, "setting is", "settings are")))
}

fn concerns<'a>(plan: &PlanFile, all: impl Iterator<Item = (&'a TenantEntry, String)>) -> Vec<Concern> {
    let mut order: Vec<Concern> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (tenant, text) in all {
        let index = *known.entry(text.clone()).or_insert(order.len());
        match order.get_mut(index) {
            Some(concern) => concern.tenants.push(clean(&tenant.name)),
            None => order.push(Concern { text: clean(&text), tenants: vec![clean(&tenant.name)], everywhere: false }),
        }
    }
    for concern in &mut order {
        concern.everywhere = everywhere(plan, &concern.tenants);
    }
    order
}

fn tenant_line(tenant: &TenantEntry) -> TenantLine {
    let changes: usize = tenant.resources.iter().map(|resource| resource.changes.len()).sum();
    let failed = tenant.resources.iter().filter(|resource| resource.status == Status::Failed).count();
    let managed: usize = tenant.resources.iter().map(|resource| resource.managed).sum();
    let changes = match changes {
        0 => format!("no changes, {managed} managed"),
        number => format!("{} of {managed} managed", count(number, "change", "changes")),
    };
    let state = match (&tenant.error, failed) {
        (Some(_), _) => "could not be read".to_owned(),
        (None, 0) => changes,
        (None, failed) => format!("{changes}; {} failed", count(failed, "resource", "resources")),
    };
    TenantLine { name: clean(&tenant.name), url: clean(&tenant.url), state }
}
