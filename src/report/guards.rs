//! Guards in words.

use crate::plan_file::{LiftedEntry, RefusalEntry, SourceEntry};

/// Returns what a guard refuses, with the guard's own line.
pub fn refusal(entry: &RefusalEntry) -> String {
    format!("{}{}: {}", entry.rule, origin(entry.guard.as_ref(), entry.revision.as_deref()), entry.message)
}

/// Returns which guard was lifted, and by what.
pub fn lifted(entry: &LiftedEntry) -> String {
    let by = match (&entry.flag, &entry.allowance) {
        (_, Some(allowance)) => format!(
            "allowance {} until {} ({}:{}: {})",
            allowance.ticket, allowance.until, allowance.source.file, allowance.source.line, allowance.reason
        ),
        (Some(flag), None) => flag.clone(),
        (None, None) => "something that this sailplan does not know".to_owned(),
    };
    let guard = origin(entry.guard.as_ref(), entry.revision.as_deref());
    format!("lifted by {by}: {}{guard}: {}", entry.rule, entry.message)
}

fn origin(guard: Option<&SourceEntry>, revision: Option<&str>) -> String {
    let Some(guard) = guard else { return String::new() };
    let revision = revision.map(|revision| format!(" of {revision}")).unwrap_or_default();
    format!(" ({}:{}{revision})", guard.file, guard.line)
}
