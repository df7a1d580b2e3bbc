//! What a branch does to control, as a plan tells it.

use crate::control::{Control, Loss, LossKind, Ruling};
use crate::documents::control::{GainEntry, LossEntry, LossWord, LostEntry, WeakenedTenantEntry};
use crate::documents::plan::{AllowanceEntry, SourceEntry, WeakenedEntry};
use crate::guardrails::subject::Subject;

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
