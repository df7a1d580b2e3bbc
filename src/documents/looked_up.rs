//! What was looked up about a tenant beside its documents, as plans and receipts publish it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::control::SourceEntry;
use crate::plan::looked_up::{AuditEvent, Events, LookedUp, Misnamed, UnknownId};
use crate::resource::reference::{Holders, Known};

/// What look-ups found about a tenant as a whole; names and numbers are with the changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LookUpsEntry {
    /// Whether people are named in text and comments too, and not only on pages and in JSON.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub persons: bool,
    /// What could not be looked up, and why, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacking: Vec<String>,
    /// Names in settings files that differ from the tenant's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub misnamed: Vec<MisnamedEntry>,
    /// Ids in settings files that the tenant does not know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown_ids: Vec<UnknownIdEntry>,
}

/// A name in a settings file that differs from the tenant's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MisnamedEntry {
    /// What the id stands for, such as `entitlement`.
    pub kind: String,
    /// The id.
    pub id: String,
    /// What the file calls it.
    pub label: String,
    /// What the tenant calls it.
    pub name: String,
    /// The setting in the file.
    pub source: SourceEntry,
}

/// An id in a settings file that the tenant does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnknownIdEntry {
    /// What it stands for, such as `entitlement`.
    pub kind: String,
    /// The id.
    pub id: String,
    /// The setting, as `/RESOURCE/POINTER`.
    pub setting: String,
    /// The setting in the file.
    pub source: SourceEntry,
}

/// How many people hold an entitlement, by its connections: a person with several accounts may count more than once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HoldersEntry {
    /// The id of the entitlement.
    pub id: String,
    /// How many hold it as JIT: they have to activate it.
    pub jit: u64,
    /// How many hold it permanently.
    pub standing: u64,
}

/// The audit events of a document that had drifted. They are about the document, and do not prove who changed a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventsEntry {
    /// From when on events were looked for (RFC 3339).
    pub since: String,
    /// Whether that is when the last receipt of the document was written; if not, it is 30 days ago.
    pub since_receipt: bool,
    /// The events, newest first.
    pub found: Vec<EventEntry>,
    /// Whether there are older ones that were left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

/// One audit event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventEntry {
    /// When, as the tenant says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What was done, in the tenant's word.
    pub action: String,
    /// Who did it: for a write through the API the owner of the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Whether that is the owner of the token of this run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
    /// How it went, in the tenant's word, such as `PASSED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Through what, as far as the event says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
}

impl From<&LookedUp> for LookUpsEntry {
    fn from(looked_up: &LookedUp) -> LookUpsEntry {
        let LookedUp { persons, lacking, misnamed, unknown, events: _ } = looked_up;
        LookUpsEntry {
            persons: *persons,
            lacking: lacking.clone(),
            misnamed: misnamed.iter().map(MisnamedEntry::from).collect(),
            unknown_ids: unknown.iter().map(UnknownIdEntry::from).collect(),
        }
    }
}

impl From<&Misnamed> for MisnamedEntry {
    fn from(misnamed: &Misnamed) -> MisnamedEntry {
        let Misnamed { referent, id, label, name, place } = misnamed;
        MisnamedEntry {
            kind: referent.words().0.to_owned(),
            id: id.clone(),
            label: label.clone(),
            name: name.clone(),
            source: SourceEntry::from(place),
        }
    }
}

impl From<&UnknownId> for UnknownIdEntry {
    fn from(unknown: &UnknownId) -> UnknownIdEntry {
        let UnknownId { referent, id, setting, place } = unknown;
        UnknownIdEntry {
            kind: referent.words().0.to_owned(),
            id: id.clone(),
            setting: setting.clone(),
            source: SourceEntry::from(place),
        }
    }
}

impl HoldersEntry {
    /// Returns what is known of the holders of entitlements.
    pub fn of(known: &Known) -> Vec<HoldersEntry> {
        let entry = |(id, holders): (&String, &Holders)| HoldersEntry {
            id: id.clone(),
            jit: holders.jit,
            standing: holders.standing,
        };
        known.holders.iter().map(entry).collect()
    }
}

impl From<&Events> for EventsEntry {
    fn from(events: &Events) -> EventsEntry {
        let Events { since, since_receipt, found, more } = events;
        EventsEntry {
            since: since.round(jiff::Unit::Second).unwrap_or(*since).to_string(),
            since_receipt: *since_receipt,
            found: found.iter().map(EventEntry::from).collect(),
            more: *more,
        }
    }
}

impl From<&AuditEvent> for EventEntry {
    fn from(event: &AuditEvent) -> EventEntry {
        let AuditEvent { at, action, actor, own, status, through } = event.clone();
        EventEntry { at, action, actor, own, status, through }
    }
}
