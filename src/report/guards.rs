//! Guards in words.

use crate::documents::plan::{LiftedEntry, RefusalEntry, SourceEntry, WeakenedEntry};

/// Returns what a guard refuses, with the guard's own line.
pub fn refusal(entry: &RefusalEntry) -> String {
    let line = origin(entry.guard.as_ref(), entry.revision.as_deref());
    let asks = match (&entry.owner, &entry.reason) {
        (Some(owner), Some(reason)) => format!(", owned by {owner}: {reason}"),
        (Some(owner), None) => format!(", owned by {owner}"),
        (None, Some(reason)) => format!(", {reason}"),
        (None, None) => String::new(),
    };
    format!("{}{line}{asks}: {}", entry.rule, entry.message)
}

/// Returns which guard was lifted, and by what.
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

/// Returns which guard becomes weaker, and how. Without its lines: they differ between tenants where the guard does not.
pub fn weakened(entry: &WeakenedEntry) -> String {
    format!("{}: {}", entry.rule, entry.message)
}

/// Returns the lines that a weaker guard had in the base and has in the checkout.
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

fn origin(guard: Option<&SourceEntry>, revision: Option<&str>) -> String {
    let Some(guard) = guard else { return String::new() };
    let revision = revision.map(|revision| format!(" of {revision}")).unwrap_or_default();
    format!(" ({}:{}{revision})", guard.file, guard.line)
}
