//! Who changed a document that had drifted, as its audit events tell.

use std::collections::HashSet;

use serde::Serialize;

use super::{Entry, Group, Longest};
use crate::documents::looked_up::{EventEntry, EventsEntry};
use crate::documents::plan::{ChangeEntry, ResourceEntry, TenantEntry};
use crate::plan::cause::Cause;
use crate::report::time::minute;

/// Events that are shown; JSON has them all.
const SHOWN: usize = 5;

/// The audit events of a document of one tenant.
#[derive(Debug, Serialize)]
pub struct EventsView {
    /// The tenant.
    pub tenant: String,
    /// From when on they were looked for.
    pub since: String,
    /// The events, newest first, one line each.
    pub lines: Vec<String>,
    /// Whether there are older ones.
    pub more: bool,
}

impl EventsView {
    /// What an event tells, and what it does not.
    pub const LIMIT: &str = "an event is about the whole document, and no proof about this setting";

    /// Returns all of it on one line.
    pub fn line(&self) -> String {
        let more = if self.more { ", and older ones" } else { "" };
        let lines = if self.lines.is_empty() { "none".to_owned() } else { self.lines.join("; ") };
        format!("audit events of the document in {} {}: {lines}{more} ({})", self.tenant, self.since, EventsView::LIMIT)
    }
}

/// Returns the audit events beside a change that nothing in the files accounts for; `None` if they were not looked up.
pub(super) fn of(
    tenant: &TenantEntry,
    resource: &ResourceEntry,
    change: &ChangeEntry,
    people: bool,
    longest: Longest,
) -> Option<EventsView> {
    let events = resource.events.as_ref().filter(|_| change.cause != Some(Cause::Branch))?;
    Some(view(&tenant.name, events, people, longest))
}

/// Takes away what an earlier change has told of the same document, in the order in which the changes are shown.
pub(super) fn once(groups: &[Group], entries: &mut [Entry]) {
    let mut told: HashSet<(String, String)> = HashSet::new();
    for position in groups.iter().flat_map(|group| &group.entries) {
        let Some(entry) = entries.get_mut(*position) else { continue };
        let (resource, before) = (entry.resource.clone(), entry.events.len());
        entry.events.retain(|events| told.insert((resource.clone(), events.tenant.clone())));
        entry.events_above = entry.events.len() < before;
    }
}

/// Returns the audit events of a document of a tenant in words; `people` says whether persons are named.
pub(in crate::report) fn view(tenant: &str, events: &EventsEntry, people: bool, longest: Longest) -> EventsView {
    let EventsEntry { since, since_receipt, found, more } = events;
    let since = minute(since);
    let since = if *since_receipt {
        format!("since the last receipt ({since})")
    } else {
        format!("of the last 30 days (since {since}; there is no receipt of it here)")
    };
    EventsView {
        tenant: longest.text(tenant),
        since: longest.head(&since),
        lines: found.iter().take(SHOWN).map(|event| longest.head(&line(event, people))).collect(),
        more: *more || found.len() > SHOWN,
    }
}

fn line(event: &EventEntry, people: bool) -> String {
    let at = event.at.as_deref().map_or_else(|| "time not known".to_owned(), minute);
    let actor = match &event.actor {
        _ if event.own && !people => "the owner of the token of this run".to_owned(),
        None => "actor not known".to_owned(),
        Some(_) if !people => "a person or program that the page names".to_owned(),
        Some(actor) if event.own => format!("\"{}\", the owner of the token of this run", actor.replace('"', "'")),
        Some(actor) => format!("\"{}\"", actor.replace('"', "'")),
    };
    let through = event.through.as_ref().map(|through| format!(" through {through}")).unwrap_or_default();
    let status = match event.status.as_deref() {
        None | Some("PASSED") => String::new(),
        Some(status) => format!(" ({status})"),
    };
    format!("{at}, {actor}: {}{through}{status}", event.action)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::documents::fixtures::{change, plan, resource, tenant};
    use crate::documents::looked_up::EventsEntry;
    use crate::report::layout::Look;
    use crate::report::text;
    use crate::resource::impact::Impact;

    #[test]
    fn the_events_of_a_document_are_told_once_however_many_of_its_settings_change() {
        let minutes = |path: &str| change(path, Some(json!(1)), json!(2), Impact::Loosens, "It lasts longer");
        let changes = vec![minutes("/maxActivationPeriodMins"), minutes("/maxActivationPeriodExtensionMins")];
        let mut policy = resource("jitActivationPolicy", "v2026", changes);
        let since = "2026-11-01T00:00:00Z".to_owned();
        policy.events = Some(EventsEntry { since, since_receipt: true, found: Vec::new(), more: false });
        let told = text::plan(&plan(vec![tenant("prod", "https://prod", vec![policy])]), Look::WHOLE);
        assert_eq!(told.matches("loosens\u{1b}[0m: It lasts longer").count(), 2, "{told}");
        assert_eq!(told.matches("audit events of the document in prod").count(), 1, "{told}");
    }
}
