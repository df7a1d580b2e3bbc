//! Guards in words.

use crate::documents::control::{GainEntry, LossEntry, LossWord, LostEntry};
use crate::documents::plan::{AllowanceEntry, LiftedEntry, RefusalEntry, RefusalKind, SourceEntry, WeakenedEntry};
use crate::resource::named::{named, printed, printed_pointer};
use crate::text::number::count;

/// Returns what a guardrail refuses, with the guardrail's own line.
pub fn refusal(entry: &RefusalEntry) -> String {
    format!("{}: {}", rule(entry), entry.message)
}

/// Returns a guardrail with its own line.
pub fn line(entry: &RefusalEntry) -> String {
    format!("{}{}", entry.rule, origin(entry.guard.as_ref(), entry.revision.as_deref()))
}

/// Returns a guardrail with its own line, its owner and its reason.
fn rule(entry: &RefusalEntry) -> String {
    let asks = match (&entry.owner, &entry.reason) {
        (Some(owner), Some(reason)) => format!(", owned by {owner}: {reason}"),
        (Some(owner), None) => format!(", owned by {owner}"),
        (None, Some(reason)) => format!(", {reason}"),
        (None, None) => String::new(),
    };
    format!("{}{asks}", line(entry))
}

/// Returns what a guardrail asks for, in words for an approver.
pub fn ban(entry: &RefusalEntry) -> &'static str {
    match entry.kind {
        Some(RefusalKind::Deny) => denied(entry),
        Some(RefusalKind::MaxChanges) => "a rule limits how many changes are made at once",
        Some(RefusalKind::Require) => "a rule asks for a setting to stay managed",
        Some(RefusalKind::Keep) => "a rule asks for members to stay",
        Some(RefusalKind::Limits) => "a rule limits a value",
        Some(RefusalKind::Empty) => "a list must not become empty by accident",
        Some(RefusalKind::Apply) => "a rule says how changes have to be approved",
        Some(RefusalKind::Base) => "what was agreed before must not be lost",
        Some(RefusalKind::Other) | None => "a rule forbids this",
    }
}

/// Returns what a rule denies, in words for an approver.
fn denied(entry: &RefusalEntry) -> &'static str {
    let word = entry.setting.as_ref().and_then(|pointer| {
        let told = entry.message.strip_prefix(&printed_pointer(pointer))?;
        told.trim_start().split_once(':').map(|(word, _)| word)
    });
    match word {
        Some("loosens") => "a rule forbids what gives more access, for longer, or with fewer checks",
        Some("disrupts") => "a rule forbids what stops something for people",
        Some("overrides") => "a rule forbids what also overwrites other settings",
        Some("review") => "a rule forbids what a person has to judge",
        _ => "a rule forbids changes of this kind here",
    }
}

/// Returns which guardrail was lifted, and by what.
pub fn lifted(entry: &LiftedEntry) -> String {
    let by = match (&entry.flag, &entry.receipt, &entry.allowance) {
        (_, _, Some(allowance)) => format!(
            "allowance {} until {} ({}:{}: {})",
            allowance.ticket, allowance.until, allowance.source.file, allowance.source.line, allowance.reason
        ),
        (_, Some(receipt), None) => format!("the receipt {receipt}, which claims the value"),
        (Some(flag), None, None) => flag.clone(),
        (None, None, None) => "something that this sailplan does not know".to_owned(),
    };
    let guard = origin(entry.guard.as_ref(), entry.revision.as_deref());
    format!("lifted by {by}: {}{guard}: {}", entry.rule, entry.message)
}

/// Returns which guardrail becomes weaker, and how. Without its lines: they differ between tenants where the guardrail does
/// not.
pub fn weakened(entry: &WeakenedEntry) -> String {
    format!("{}: {}", entry.rule, entry.message)
}

/// Returns the lines that a weaker guardrail had in the base and has in the checkout.
pub fn weakened_at(entry: &WeakenedEntry) -> String {
    let line = |source: &SourceEntry| format!("{}:{}", source.file, source.line);
    let was = entry.guard.as_ref().map(|guard| format!("{} of {}", line(guard), entry.revision));
    let now = entry.source.as_ref().map(line);
    match (was, now) {
        (Some(was), Some(now)) => format!("{now}, was {was}"),
        (Some(was), None) => format!("was {was}"),
        (None, Some(now)) => now,
        (None, None) => entry.revision.clone(),
    }
}

/// Returns what is lost, with the tenant if the words do not name it.
pub fn loss(entry: &LossEntry) -> String {
    match entry.kind {
        LossWord::Resource | LossWord::Setting => format!("{}: {}", entry.tenant, entry.message),
        LossWord::TenantGone | LossWord::TenantMoved | LossWord::TenantNotChosen => entry.message.clone(),
    }
}

/// Returns the lines of a loss, and which guardrail speaks of it.
pub fn loss_at(entry: &LossEntry) -> String {
    let line = |source: &SourceEntry| format!("{}:{}", source.file, source.line);
    let now = entry.source.as_ref().map(|source| format!("{}, ", line(source))).unwrap_or_default();
    let guard = match (&entry.guard, &entry.allowance) {
        (_, Some(AllowanceEntry { ticket, reason, until, source })) => {
            format!(
                "; permitted by allowance {ticket} until {until} ({} of {}: {reason})",
                line(source),
                entry.revision
            )
        }
        (Some(guard), None) => format!("; denied by deny: loosens ({} of {})", line(guard), entry.revision),
        (None, None) => String::new(),
    };
    format!("{now}was {} of {}{guard}", line(&entry.before), entry.revision)
}

/// Returns a setting that is no longer decided, with its value and line in the revision.
pub fn lost(entry: &LostEntry) -> String {
    let known = named(&entry.setting).into_iter().next();
    let (name, value) = match &known {
        Some((key, setting)) => (printed(key, setting), setting.show(Some(&entry.value))),
        None => (entry.setting.clone(), entry.value.to_string()),
    };
    format!("{name}: was {value} ({}:{})", entry.source.file, entry.source.line)
}

/// Returns how many settings come under control, and where; `None` if there are none.
pub fn gained(gains: &[GainEntry]) -> Option<String> {
    let number: usize = gains.iter().map(|gain| gain.settings.len()).sum();
    let tenants: Vec<String> = gains
        .iter()
        .map(|gain| {
            let new = if gain.new { ", new" } else { "" };
            format!("{} ({}{new})", gain.tenant, gain.settings.len())
        })
        .collect();
    let words = count(number, "setting comes under control", "settings come under control");
    (number > 0).then(|| format!("{words}: {}.", tenants.join(", ")))
}

fn origin(guard: Option<&SourceEntry>, revision: Option<&str>) -> String {
    let Some(guard) = guard else { return String::new() };
    let revision = revision.map(|revision| format!(" of {revision}")).unwrap_or_default();
    format!(" ({}:{}{revision})", guard.file, guard.line)
}
