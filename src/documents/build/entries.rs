//! Each thing that the run knows, as documents have it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use crate::documents::left::{LeftEntry, LeftReason};
use crate::documents::looked_up::HoldersEntry;
use crate::documents::plan::{
    ActionEntry, AllowanceEntry, ChangeEntry, ErrorEntry, LiftedEntry, Operation, ProblemEntry, RefusalEntry,
    RefusalKind, SourceEntry, WeakenedEntry,
};
use crate::documents::requested::{AgreedEntry, CommitEntry, RequestedEntry, TogetherEntry};
use crate::failure::Failure;
use crate::guardrails::allowance::Allowance;
use crate::guardrails::subject::Subject;
use crate::guardrails::verdict::Guardrail;
use crate::guardrails::{Lifted, LiftedBy, Refusal, Weakened};
use crate::plan::tenant::{Left, Why};
use crate::plan::{Action, Agreed, Change, Requested};
use crate::resource::impact::across::Joint;
use crate::resource::reference::Known;
use crate::text::authorship::Commit;
use crate::text::problem::{self, Place, Problem};

pub(super) fn operation_of(change: &Change) -> Operation {
    if change.setting.is_whole() && change.after.is_null() { Operation::Remove } else { Operation::Replace }
}

/// What is taken away has no value: `remove` takes none (RFC 6902).
pub(super) fn value_of(change: &Change) -> Option<Arc<Value>> {
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
pub(super) fn known(change: &Change) -> Known {
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
