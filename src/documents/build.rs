//! From the domain to the published documents: the only place that knows both.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::control::{GainEntry, LossEntry, LossWord, LostEntry, WeakenedTenantEntry};
use super::in_words::{HoldsEntry, QuestionEntry, System, in_words};
use super::left::{LeftEntry, LeftReason};
use super::looked_up::{EventsEntry, HoldersEntry, LookUpsEntry};
use super::plan::{
    AcceptedEntry, ActionEntry, AllowanceEntry, AskedEntry, ChangeEntry, ErrorEntry, FORMAT_VERSION, LiftedEntry,
    Operation, PlanFile, ProblemEntry, RefusalEntry, RefusalKind, ResourceEntry, SourceEntry, Status, Summary,
    TenantEntry, UnmanagedEntry, WeakenedEntry,
};
use super::receipt::{MeaningEntry, OperationEntry, ResourceReceipt};
use super::requested::{AgreedEntry, CommitEntry, RequestedEntry, TogetherEntry};
use crate::control::{Control, Loss, LossKind, Ruling};
use crate::failure::Failure;
use crate::guardrails::allowance::Allowance;
use crate::guardrails::subject::Subject;
use crate::guardrails::verdict::Guardrail;
use crate::guardrails::{Judged, Lifted, LiftedBy, Refusal, Weakened};
use crate::plan::looked_up::LookedUp;
use crate::plan::tenant::{Left, ResourcePlan, TenantPlan, Why};
use crate::plan::{Action, Agreed, Change, Comparison, Requested};
use crate::resource::Key;
use crate::resource::impact::Impact;
use crate::resource::impact::across::Joint;
use crate::resource::reference::Known;
use crate::settings::DesiredResource;
use crate::text::authorship::Commit;
use crate::text::problem::{self, Place, Problem, rules};
use crate::text::threads;

/// Returns the plan as a document; its digest and summary are left to be made when everything else is in it.
pub fn plan<'a>(tenants: impl IntoIterator<Item = (&'a TenantPlan, &'a Judged)>, problems: &[Problem]) -> PlanFile {
    let tenants: Vec<(&TenantPlan, &Judged)> = tenants.into_iter().collect();
    let plans: Vec<&TenantPlan> = tenants.iter().map(|(tenant, _)| *tenant).collect();
    let mut tenants: Vec<TenantEntry> = threads::in_parts(&tenants, |tenants| {
        tenants.iter().map(|(tenant, judged)| tenant_entry(tenant, judged)).collect()
    });
    tell_asked(&plans, &mut tenants);
    PlanFile {
        format_version: FORMAT_VERSION.to_owned(),
        sailplan: env!("CARGO_PKG_VERSION").to_owned(),
        created_at: None,
        digest: None,
        workspace: None,
        selection: Vec::new(),
        shard: None,
        name: None,
        marker: None,
        only: Vec::new(),
        base: None,
        checkout: None,
        pull_request: None,
        approvers: Vec::new(),
        summary: Summary::default(),
        losses: Vec::new(),
        gains: Vec::new(),
        weakened: Vec::new(),
        tenants,
        problems: problems.iter().map(ProblemEntry::from).collect(),
        rolls_back: None,
        against: None,
        grid: None,
    }
}

/// Returns the counts of a plan; the verdict is left to be worded.
pub fn counts(plan: &PlanFile) -> Summary {
    let mut impacts: BTreeMap<Impact, usize> = BTreeMap::new();
    for (_, _, change) in plan.changes() {
        *impacts.entry(change.impact).or_default() += 1;
    }
    let resources = || plan.tenants.iter().flat_map(|tenant| &tenant.resources);
    let looked_up = || plan.tenants.iter().filter_map(|tenant| tenant.look_ups.as_ref());
    let unreached = plan.tenants.iter().filter(|tenant| tenant.error.is_some() && tenant.resources.is_empty()).count();
    Summary {
        headline: String::new(),
        verdict: String::new(),
        changes: plan.changes().count(),
        impacts,
        unmanaged: resources().map(|resource| resource.unmanaged.len()).sum(),
        failed: resources().filter(|resource| resource.status == Status::Failed).count() + unreached,
        weakened: plan.tenants.iter().map(|tenant| tenant.weakened.len()).sum::<usize>() + plan.weakened.len(),
        losses: plan.losses.len(),
        denied: plan.losses.iter().filter(|loss| loss.denied).count(),
        gained: plan.gains.iter().map(|gain| gain.settings.len()).sum(),
        moved: plan.problems.iter().filter(|problem| problem.rule == rules::CONTROL_MOVED.name()).count(),
        accepted: resources().map(|resource| resource.accepted.len()).sum(),
        misnamed: looked_up().map(|look_ups| look_ups.misnamed.len()).sum(),
        unknown_ids: looked_up().map(|look_ups| look_ups.unknown_ids.len()).sum(),
    }
}

fn accepted(change: &Change) -> Option<AcceptedEntry> {
    Some(AcceptedEntry {
        path: change.setting.pointer.to_owned(),
        agreed: change.before.clone()?,
        value: change.after.clone(),
        impact: change.effect.impact,
        sentence: change.effect.sentence.clone(),
        source: SourceEntry::from(&change.place),
    })
}

/// Returns what a branch does to control; `revision` is what it was compared with.
pub fn control(control: &Control, revision: &str) -> (Vec<LossEntry>, Vec<GainEntry>, Vec<WeakenedTenantEntry>) {
    let losses = control.losses.iter().map(|loss| loss_entry(loss, revision)).collect();
    let gains = control.gains.iter().map(|gain| GainEntry {
        tenant: gain.tenant.clone(),
        url: gain.url.clone(),
        new: gain.new,
        settings: gain.settings.iter().map(Subject::pointer).collect(),
    });
    let weakened = control.weakened.iter().map(|weaker| WeakenedTenantEntry {
        tenant: weaker.tenant.clone(),
        url: weaker.url.clone(),
        weakened: WeakenedEntry::from(&weaker.weakened),
    });
    (losses, gains.collect(), weakened.collect())
}

fn loss_entry(loss: &Loss, revision: &str) -> LossEntry {
    let (denied, guard, allowance) = match &loss.ruling {
        Ruling::Open => (false, None, None),
        Ruling::Denied(guard) => (true, Some(guard), None),
        Ruling::Permitted(guard, allowance) => (false, Some(guard), Some(AllowanceEntry::from(allowance.as_ref()))),
    };
    let settings = loss.settings.iter().map(|lost| LostEntry {
        setting: lost.subject.pointer(),
        value: lost.value.clone(),
        source: SourceEntry::from(&lost.place),
    });
    let help = denied.then(|| {
        format!(
            "undo it in this branch, or add an allowance with `release` for tenant {} first, in a change of its own that is \
             merged into {revision}",
            loss.tenant
        )
    });
    LossEntry {
        kind: match loss.kind {
            LossKind::Gone => LossWord::TenantGone,
            LossKind::Moved => LossWord::TenantMoved,
            LossKind::NotChosen => LossWord::TenantNotChosen,
            LossKind::Resource => LossWord::Resource,
            LossKind::Setting => LossWord::Setting,
        },
        tenant: loss.tenant.clone(),
        url: loss.url.clone(),
        message: loss.message.clone(),
        settings: settings.collect(),
        before: SourceEntry::from(&loss.before),
        source: loss.now.as_ref().map(SourceEntry::from),
        revision: revision.to_owned(),
        denied,
        guard: guard.map(SourceEntry::from),
        allowance,
        help: help.into_iter().collect(),
    }
}

/// Tells of the documents that could not be read what the settings files ask of what changes elsewhere.
fn tell_asked(plans: &[&TenantPlan], entries: &mut [TenantEntry]) {
    let unread: Vec<Vec<&DesiredResource>> = plans
        .iter()
        .map(|tenant| {
            let unread = tenant.resources().iter().filter(|resource| resource.outcome.is_err());
            tenant.asked.iter().chain(unread.map(|resource| &resource.desired)).collect()
        })
        .collect();
    if unread.iter().all(Vec::is_empty) {
        return;
    }
    let changing: HashSet<(&Key, &str)> = plans
        .iter()
        .flat_map(|tenant| tenant.resources())
        .filter_map(|resource| Some((&resource.desired.key, resource.outcome.as_ref().ok()?)))
        .flat_map(|(key, read)| read.comparison.changes.iter().map(move |change| (key, change.setting.pointer)))
        .collect();
    for (entry, unread) in entries.iter_mut().zip(unread) {
        let asked = unread.iter().flat_map(|desired| {
            let settings = desired.settings.iter().filter(|managed| {
                let pointer = managed.setting.pointer;
                changing.contains(&(&desired.key, pointer)) && !desired.left_out.contains(pointer)
            });
            settings.map(|managed| AskedEntry {
                resource: desired.resource().name.to_owned(),
                instance: desired.key.instance.as_ref().map(ToString::to_string),
                path: managed.setting.pointer.to_owned(),
                value: managed.value.clone(),
            })
        });
        entry.asks = (!unread.is_empty()).then(|| asked.collect());
    }
}

fn tenant_entry(tenant: &TenantPlan, judged: &Judged) -> TenantEntry {
    let mut resources: Vec<ResourceEntry> =
        tenant.resources().iter().map(|resource| resource_entry(resource, tenant.looked_up.as_ref())).collect();
    let mut error = tenant.outcome.as_ref().err().map(ErrorEntry::from);
    // A token that is refused and a connection that fails are one cause, whichever document was asked for.
    if let Some(cause) = shared(&resources) {
        error = Some(cause);
        resources.iter_mut().for_each(|resource| resource.error = None);
    }
    TenantEntry {
        name: tenant.name.clone(),
        url: tenant.url.clone(),
        system: Some(System::at(&tenant.url)),
        labels: tenant.labels.iter().cloned().collect(),
        read_at: read_at(tenant),
        error,
        asks: None,
        look_ups: tenant.looked_up.as_ref().map(LookUpsEntry::from),
        resources,
        refusals: judged.refusals.iter().map(RefusalEntry::from).collect(),
        lifted: judged.lifted.iter().map(LiftedEntry::from).collect(),
        weakened: judged.weakened.iter().map(WeakenedEntry::from).collect(),
    }
}

/// Returns when the first document of a tenant was read.
fn read_at(tenant: &TenantPlan) -> Option<String> {
    let reads = tenant.resources().iter().filter_map(|resource| resource.outcome.as_ref().ok());
    let ago = reads.map(|read| read.at.elapsed()).max()?;
    let at = jiff::Timestamp::now().checked_sub(ago).ok()?;
    Some(at.round(jiff::Unit::Second).ok()?.to_string())
}

/// Returns the error that all of several resources have, if it is one.
fn shared(resources: &[ResourceEntry]) -> Option<ErrorEntry> {
    let (first, others) = resources.split_first().filter(|(_, others)| !others.is_empty())?;
    let cause = first.error.as_ref()?;
    // Every request has an id of its own.
    let same = |error: &ErrorEntry| {
        let without_id = |error: &ErrorEntry| ErrorEntry { tracking_id: None, ..error.clone() };
        without_id(error) == without_id(cause)
    };
    others.iter().all(|resource| resource.error.as_ref().is_some_and(same)).then(|| cause.clone())
}

fn resource_entry(plan: &ResourcePlan, looked_up: Option<&LookedUp>) -> ResourceEntry {
    let error = plan.failure().as_ref().map(ErrorEntry::from);
    let status = match (&error, plan.has_changes()) {
        (Some(_), _) => Status::Failed,
        (None, false) => Status::InSync,
        (None, true) => Status::Changes,
    };
    let mut entry = ResourceEntry {
        resource: plan.desired.resource().name.to_owned(),
        instance: plan.desired.key.instance.as_ref().map(ToString::to_string),
        api_version: plan.desired.generation.name.to_owned(),
        action: None,
        above: None,
        status,
        error,
        managed: plan.desired.settings.len(),
        managed_settings: plan.desired.settings.iter().map(|managed| managed.setting.pointer.to_owned()).collect(),
        holds: Vec::new(),
        changes: Vec::new(),
        together: Vec::new(),
        questions: Vec::new(),
        unmanaged: Vec::new(),
        unknown: Vec::new(),
        left: plan.left.iter().map(LeftEntry::from).collect(),
        accepted: plan.accepted.iter().filter_map(accepted).collect(),
        events: events(&plan.desired.key, looked_up),
        warnings: Vec::new(),
    };
    if let Ok(read) = &plan.outcome {
        entry.action = read.comparison.action.map(ActionEntry::from);
        entry.above = read.comparison.above.clone();
        let unmanaged = read.comparison.unmanaged.iter();
        entry.changes = read.comparison.changes.iter().map(ChangeEntry::from).collect();
        entry.holds = holds(plan, &read.comparison);
        let live = read.live.document();
        let unknown = read.comparison.unknown.iter();
        entry.unknown = unknown
            .map(|path| UnmanagedEntry {
                path: path.clone(),
                value: live.pointer(path).cloned().map(Arc::new),
                loosest: false,
            })
            .collect();
        entry.unmanaged = unmanaged
            .map(|(setting, value)| UnmanagedEntry {
                path: setting.pointer.to_owned(),
                value: value.clone(),
                loosest: setting.at_loosest(value.as_deref()),
            })
            .collect();
        entry.questions = QuestionEntry::of(plan.desired.resource(), entry.values());
        entry.together = read.comparison.joint.iter().map(TogetherEntry::from).collect();
        entry.warnings = plan.warnings();
    }
    entry
}

/// Returns the managed settings that do not change, with their values in words.
fn holds(plan: &ResourcePlan, comparison: &Comparison) -> Vec<HoldsEntry> {
    // What is left as it is, such as a change that was rolled back, has another value than the files ask for.
    let unchanged = plan.desired.settings.iter().filter(|managed| {
        let pointer = managed.setting.pointer;
        let left = plan.left.iter().any(|left| left.setting == managed.setting);
        comparison.change(pointer).is_none() && !plan.desired.left_out.contains(pointer) && !left
    });
    let holds = unchanged.map(|managed| HoldsEntry {
        path: managed.setting.pointer.to_owned(),
        value: in_words(Some(managed.setting), Some(&managed.value), &managed.known.names),
    });
    holds.collect()
}

/// Returns the audit events of a document, where they were looked up.
pub fn events(key: &Key, looked_up: Option<&LookedUp>) -> Option<EventsEntry> {
    let (_, events) = looked_up?.events.iter().find(|(of, _)| of == key)?;
    Some(EventsEntry::from(events))
}

/// Puts into the entry of a receipt what is sent: changes of the live document `before`.
pub fn sending(entry: &mut ResourceReceipt, before: &Value, changes: &[Change]) {
    entry.before = before.clone();
    entry.operations = operations(changes);
    entry.changes = changes
        .iter()
        .map(|change| {
            let Known { names, people, holders: _ } = known(change);
            MeaningEntry {
                path: change.setting.pointer.to_owned(),
                impact: change.effect.impact,
                disrupts: change.effect.disrupts,
                overrides: change.effect.overrides,
                sentence: change.effect.sentence.clone(),
                names,
                people,
                holders: HoldersEntry::of(&change.known),
            }
        })
        .collect();
}

/// Takes back what a receipt told of a write that did not leave.
pub fn not_sent(entry: &mut ResourceReceipt) {
    entry.started_at = None;
    entry.before = Value::Null;
    entry.operations.clear();
    entry.changes.clear();
}

/// Returns the operations of changes, in their order.
pub fn operations(changes: &[Change]) -> Vec<OperationEntry> {
    let operation = |change: &Change| OperationEntry {
        op: operation_of(change),
        path: change.setting.pointer.to_owned(),
        value: value_of(change),
    };
    changes.iter().map(operation).collect()
}

fn operation_of(change: &Change) -> Operation {
    if change.setting.is_whole() && change.after.is_null() { Operation::Remove } else { Operation::Replace }
}

/// What is taken away has no value: `remove` takes none (RFC 6902).
fn value_of(change: &Change) -> Option<Arc<Value>> {
    (operation_of(change) == Operation::Replace).then(|| change.after.clone())
}

impl From<Action> for ActionEntry {
    fn from(action: Action) -> ActionEntry {
        match action {
            Action::Change => ActionEntry::Change,
            Action::Create => ActionEntry::Create,
            Action::Inherit => ActionEntry::Inherit,
        }
    }
}

/// Returns what is known of the ids in the values of a change, and of no others.
fn known(change: &Change) -> Known {
    let all = &change.known;
    if all.is_empty() {
        return Known::default();
    }
    let references = change.setting.references([change.before.as_deref(), Some(change.after.as_ref())]);
    let ids: HashSet<&str> = references.into_iter().map(|reference| reference.id).collect();
    let own = |names: &BTreeMap<String, String>| -> BTreeMap<String, String> {
        let own = names.iter().filter(|(id, _)| ids.contains(id.as_str()));
        own.map(|(id, name)| (id.clone(), name.clone())).collect()
    };
    Known { names: own(&all.names), people: own(&all.people), holders: BTreeMap::new() }
}

impl From<&Change> for ChangeEntry {
    fn from(change: &Change) -> ChangeEntry {
        let Known { names, people, holders: _ } = known(change);
        ChangeEntry {
            op: operation_of(change),
            path: change.setting.pointer.to_owned(),
            value: value_of(change),
            before: change.before.clone(),
            impact: change.effect.impact,
            weight: change.effect.weight,
            moot: change.effect.moot,
            disrupts: change.effect.disrupts,
            overrides: change.effect.overrides,
            sentence: change.effect.sentence.clone(),
            cause: change.cause,
            agreed: change.agreed.as_ref().map(AgreedEntry::from),
            requested: change.requested.as_ref().map(RequestedEntry::from),
            source: SourceEntry::from(&change.place),
            names,
            people,
            holders: HoldersEntry::of(&change.known),
            in_words: None,
        }
    }
}

impl From<&Agreed> for AgreedEntry {
    fn from(agreed: &Agreed) -> AgreedEntry {
        AgreedEntry {
            value: match agreed {
                Agreed::Unmanaged => None,
                Agreed::Value(value) => Some(value.clone()),
            },
        }
    }
}

impl From<&Requested> for RequestedEntry {
    fn from(requested: &Requested) -> RequestedEntry {
        RequestedEntry {
            commits: requested.commits.iter().map(|commit| CommitEntry::from(commit.as_ref())).collect(),
            unknown: requested.unknown.map(|unknown| unknown.to_string()),
        }
    }
}

impl From<&Commit> for CommitEntry {
    fn from(commit: &Commit) -> CommitEntry {
        let Commit { id, author, date, subject } = commit.clone();
        CommitEntry { commit: id, author, date, subject, tickets: None, url: None }
    }
}

impl From<&Joint> for TogetherEntry {
    fn from(joint: &Joint) -> TogetherEntry {
        TogetherEntry { paths: joint.settings.map(str::to_owned).to_vec(), sentence: joint.sentence.to_owned() }
    }
}

impl From<&Left> for LeftEntry {
    fn from(left: &Left) -> LeftEntry {
        LeftEntry {
            path: left.setting.pointer.to_owned(),
            value: left.found.clone(),
            reason: match left.why {
                Why::Moved { .. } | Why::Gone | Why::Kept => LeftReason::Moved,
                Why::Absent => LeftReason::Absent,
                Why::RolledBack => LeftReason::RolledBack,
            },
        }
    }
}

impl From<&Failure> for ErrorEntry {
    fn from(failure: &Failure) -> ErrorEntry {
        let refused = failure.is_refusal();
        let Failure { kind: _, message, details, status, tracking_id, help } = failure.clone();
        ErrorEntry { message, refused, details, status, tracking_id, help }
    }
}

impl From<&Place> for SourceEntry {
    fn from(place: &Place) -> SourceEntry {
        let (line, _) = problem::line_column(place);
        SourceEntry { file: place.source.name.clone(), line }
    }
}

impl From<Guardrail> for RefusalKind {
    fn from(guardrail: Guardrail) -> RefusalKind {
        match guardrail {
            Guardrail::Deny => RefusalKind::Deny,
            Guardrail::MaxChanges => RefusalKind::MaxChanges,
            Guardrail::Require => RefusalKind::Require,
            Guardrail::Keep => RefusalKind::Keep,
            Guardrail::Limits => RefusalKind::Limits,
            Guardrail::Empty => RefusalKind::Empty,
            Guardrail::Apply => RefusalKind::Apply,
            // They lift and permit, so they refuse nothing.
            Guardrail::Lift | Guardrail::Allowances | Guardrail::Guardrails => RefusalKind::Other,
        }
    }
}

impl From<&Refusal> for RefusalEntry {
    fn from(refusal: &Refusal) -> RefusalEntry {
        RefusalEntry {
            kind: Some(refusal.guardrail.into()),
            rule: refusal.guardrail.to_string(),
            setting: refusal.subject.as_ref().map(Subject::pointer),
            message: refusal.message.clone(),
            source: refusal.asked.as_ref().map(SourceEntry::from),
            guard: refusal.place.as_ref().map(SourceEntry::from),
            revision: refusal.revision.clone(),
            standing: refusal.standing,
            owner: refusal.origin.owner.clone(),
            reason: refusal.origin.reason.clone(),
            help: refusal.help.clone(),
        }
    }
}

impl From<&Allowance> for AllowanceEntry {
    fn from(allowance: &Allowance) -> AllowanceEntry {
        AllowanceEntry {
            ticket: allowance.ticket.clone(),
            reason: allowance.reason.clone(),
            until: allowance.until.to_string(),
            source: SourceEntry::from(&allowance.place),
        }
    }
}

impl From<&Lifted> for LiftedEntry {
    fn from(lifted: &Lifted) -> LiftedEntry {
        let (flag, receipt, allowance) = match &lifted.by {
            LiftedBy::Flag(flag) => (Some(flag.clone()), None, None),
            LiftedBy::Receipt(receipt) => (None, Some(receipt.clone()), None),
            LiftedBy::Allowance(allowance) => (None, None, Some(AllowanceEntry::from(allowance.as_ref()))),
        };
        LiftedEntry {
            rule: lifted.guardrail.to_string(),
            setting: lifted.subject.as_ref().map(Subject::pointer),
            message: lifted.message.clone(),
            flag,
            receipt,
            allowance,
            guard: lifted.place.as_ref().map(SourceEntry::from),
            revision: lifted.revision.clone(),
        }
    }
}

impl From<&Weakened> for WeakenedEntry {
    fn from(weakened: &Weakened) -> WeakenedEntry {
        WeakenedEntry {
            rule: weakened.guardrail.to_string(),
            setting: weakened.subject.as_ref().map(Subject::pointer),
            message: weakened.message.clone(),
            source: weakened.place.as_ref().map(SourceEntry::from),
            guard: weakened.before.as_ref().map(SourceEntry::from),
            revision: weakened.revision.clone(),
        }
    }
}

impl From<&Problem> for ProblemEntry {
    fn from(problem: &Problem) -> ProblemEntry {
        // A file that could not be read has a name and no line.
        let place = problem.place.as_ref().filter(|place| !place.source.text.is_empty());
        let position = place.map(problem::line_column);
        let end = place.map(|place| {
            let end = place.span.end..place.span.end;
            problem::line_column(&Place { source: place.source.clone(), span: end })
        });
        ProblemEntry {
            severity: problem.severity,
            rule: problem.rule.name().to_owned(),
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
}
