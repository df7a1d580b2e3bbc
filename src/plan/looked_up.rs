//! What a plan may look up beside the documents that it compares, and what was found.

use clap::ValueEnum;
use jiff::Timestamp;

use crate::resource::Key;
use crate::resource::reference::Referent;
use crate::text::problem::Place;

/// Something to look up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LookUp {
    /// The names of ids, and whether the names in the settings files are right
    Names,
    /// How many people hold an entitlement that enters or leaves JIT control
    Holders,
    /// Who changed a document that had drifted, according to the audit events of the tenant
    Changes,
    /// Name people also in text, comments and logs, not only on pages, in JSON and in receipts
    Persons,
}

impl LookUp {
    /// Every word, in the order of the help.
    pub const ALL: [LookUp; 4] = [LookUp::Names, LookUp::Holders, LookUp::Changes, LookUp::Persons];

    /// Returns the word that asks for it.
    pub fn word(self) -> &'static str {
        match self {
            LookUp::Names => "names",
            LookUp::Holders => "holders",
            LookUp::Changes => "changes",
            LookUp::Persons => "persons",
        }
    }

    /// Returns the look-up that a word asks for.
    pub fn named(word: &str) -> Option<LookUp> {
        LookUp::ALL.into_iter().find(|look_up| look_up.word() == word)
    }
}

/// What was looked up about a tenant as a whole. What is known of single ids is with the changes that have them.
#[derive(Clone, Debug, Default)]
pub struct LookedUp {
    /// Whether people are named in every output.
    pub persons: bool,
    /// What could not be looked up, and why.
    pub lacking: Vec<String>,
    /// Names in the files that differ from the tenant's.
    pub misnamed: Vec<Misnamed>,
    /// Ids in the files that the tenant does not know.
    pub unknown: Vec<UnknownId>,
    /// The audit events of documents that had drifted.
    pub events: Vec<(Key, Events)>,
}

/// A name in a file that differs from the tenant's.
#[derive(Clone, Debug)]
pub struct Misnamed {
    /// What the id stands for.
    pub referent: Referent,
    /// The id.
    pub id: String,
    /// What the file calls it.
    pub label: String,
    /// What the tenant calls it.
    pub name: String,
    /// The setting in the file.
    pub place: Place,
}

/// An id outside of the settings files, such as a guardrail's, with the name that its file gives it.
#[derive(Clone, Debug)]
pub struct Label {
    /// What the id stands for.
    pub referent: Referent,
    /// The id.
    pub id: String,
    /// What the file calls it, if it does.
    pub name: Option<String>,
    /// The setting that it is about, as `/RESOURCE/POINTER`.
    pub setting: String,
    /// The line of the file.
    pub place: Place,
}

/// An id in a file that the tenant does not know.
#[derive(Clone, Debug)]
pub struct UnknownId {
    /// What it stands for.
    pub referent: Referent,
    /// The id.
    pub id: String,
    /// The setting, as `/RESOURCE/POINTER`.
    pub setting: String,
    /// The setting in the file.
    pub place: Place,
}

/// The audit events of a document.
#[derive(Clone, Debug)]
pub struct Events {
    /// From when on they were looked for.
    pub since: Timestamp,
    /// Whether that is when a receipt says what the document held.
    pub since_receipt: bool,
    /// The newest of them, newest first.
    pub found: Vec<AuditEvent>,
    /// Whether there are older ones.
    pub more: bool,
}

/// One audit event, in the tenant's words.
#[derive(Clone, Debug)]
pub struct AuditEvent {
    /// When.
    pub at: Option<String>,
    /// What was done.
    pub action: String,
    /// Who did it.
    pub actor: Option<String>,
    /// Whether that is the owner of this run's token.
    pub own: bool,
    /// How it went.
    pub status: Option<String>,
    /// Through what.
    pub through: Option<String>,
}
