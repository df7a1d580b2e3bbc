//! What kind of news a change is: the groups that every format shows, in their order.

use serde::Serialize;

use crate::documents::plan::ChangeEntry;
use crate::plan::cause::Cause;
use crate::resource::impact::Impact;

/// What kind of news a change is, gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Class {
    /// It loosens, whatever else it does.
    Loosens,
    /// It stops something that people use today.
    Stops,
    /// A person has to judge it.
    Review,
    /// It puts an agreed value back.
    Drift,
    /// It tightens.
    Tightens,
    /// It has no bearing on access, or none for now.
    Neutral,
}

impl Class {
    /// Every class, gravest first.
    pub const ALL: [Class; 6] =
        [Class::Loosens, Class::Stops, Class::Review, Class::Drift, Class::Tightens, Class::Neutral];

    /// Returns the class of a change.
    pub fn of(change: &ChangeEntry) -> Class {
        match change.impact {
            Impact::Loosens => Class::Loosens,
            _ if change.moot => Class::Neutral,
            _ if change.disrupts => Class::Stops,
            Impact::Review => Class::Review,
            _ if change.cause == Some(Cause::Drift) => Class::Drift,
            Impact::Tightens => Class::Tightens,
            Impact::Neutral => Class::Neutral,
        }
    }

    /// Returns it in a word, for a cell of a grid.
    pub fn word(self) -> &'static str {
        match self {
            Class::Loosens => "loosens",
            Class::Stops => "stops",
            Class::Review => "review",
            Class::Drift => "drift",
            Class::Tightens => "tightens",
            Class::Neutral => "neutral",
        }
    }

    /// Returns its heading.
    pub fn title(self) -> &'static str {
        match self {
            Class::Loosens => "Loosens",
            Class::Stops => "Stops working for people",
            Class::Review => "Review",
            Class::Drift => "Drift",
            Class::Tightens => "Tightens",
            Class::Neutral => "Neutral",
        }
    }

    /// Returns what stands under the number of its changes.
    pub fn label(self, changes: usize) -> &'static str {
        match (self, changes) {
            (Class::Loosens, 1) => "loosens",
            (Class::Loosens, _) => "loosen",
            (Class::Stops, 1) => "stops working for people",
            (Class::Stops, _) => "stop working for people",
            (Class::Review, 1) => "needs review",
            (Class::Review, _) => "need review",
            (Class::Drift, _) => "drift",
            (Class::Tightens, 1) => "tightens",
            (Class::Tightens, _) => "tighten",
            (Class::Neutral, _) => "neutral",
        }
    }

    /// Returns what follows the number of its changes in a sentence: of one, and of several.
    pub fn counted(self) -> (&'static str, &'static str) {
        match self {
            Class::Loosens => ("loosens", "loosen"),
            Class::Stops => ("stops something for people", "stop something for people"),
            Class::Review => ("needs review", "need review"),
            Class::Drift => ("had drifted and is put back", "had drifted and are put back"),
            Class::Tightens => ("tightens", "tighten"),
            Class::Neutral => ("has no bearing on access", "have no bearing on access"),
        }
    }

    /// Returns what it means.
    pub fn gloss(self) -> &'static str {
        match self {
            Class::Loosens => "More access, for longer, or with fewer checks.",
            Class::Stops => {
                "Something that people use today ends. That may be wanted; it is not a gain in safety by itself."
            }
            Class::Review => "Whether access gets wider or narrower is for a person to judge.",
            Class::Drift => {
                "Changed in the tenant and not in the settings files, not by this proposal; applying this puts the agreed value back."
            }
            Class::Tightens => "Less access, shorter, or more checks.",
            Class::Neutral => "No bearing on who gets access, or none for now.",
        }
    }
}
