//! Control: what git decides about tenants, compared between two states of the files. What a branch no longer manages is a
//! loss, a weaker guardrail is a change of guardrails. Pure.

mod compare;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

pub use compare::compare;
use serde_json::Value;

use crate::guardrails::allowance::Allowance;
use crate::guardrails::subject::Subject;
use crate::guardrails::{RuleSet, Weakened};
use crate::resource::Key;
use crate::settings::Desired;
use crate::text::problem::{Place, Problem, rules};

/// Where a tenant is: what makes it the same tenant in two states of the files, whatever it is called.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// An address, or the real path of a practice tenant.
    Known(String),
    /// The text of an address in which a variable is not set: the same text is the same address.
    Unknown(String),
}

/// One entry of a workspace file.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The workspace file.
    pub workspace: PathBuf,
    /// Its name there.
    pub name: String,
    /// Its address as plans name it.
    pub url: String,
    /// Where it is.
    pub at: At,
    /// Where the file names its address.
    pub place: Place,
    /// Whether its workspace file is that of the run, which fails if something is wrong with it.
    pub own: bool,
    /// Whether the run chooses it.
    pub chosen: bool,
    /// Whether it is a practice tenant embedded in sailplan.
    pub practice: bool,
    /// What its settings files ask for; `None` if they have errors.
    pub desired: Option<Arc<Desired>>,
    /// Its guardrails and the exceptions to them.
    pub rules: Arc<RuleSet>,
}

/// All workspace files in one state of the files.
#[derive(Debug, Default)]
pub struct State {
    /// The revision, as the user named it; empty for the checkout.
    pub revision: String,
    entries: Vec<Entry>,
    /// The numbers of the entries by address and by name: every tenant of a comparison is looked up.
    by_address: HashMap<At, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
}

impl State {
    /// Returns the state that has these entries.
    pub fn of(revision: String, entries: Vec<Entry>) -> State {
        let mut state = State { revision, ..State::default() };
        for (number, entry) in entries.iter().enumerate() {
            state.by_address.entry(entry.at.clone()).or_default().push(number);
            state.by_name.entry(entry.name.clone()).or_default().push(number);
        }
        State { entries, ..state }
    }

    /// Returns all entries, in the order of the files.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the entries at an address.
    pub fn at(&self, at: &At) -> impl Iterator<Item = &Entry> {
        self.numbered(self.by_address.get(at))
    }

    /// Returns the entries that are called so.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Entry> {
        self.numbered(self.by_name.get(name))
    }

    fn numbered<'a>(&'a self, numbers: Option<&'a Vec<usize>>) -> impl Iterator<Item = &'a Entry> {
        numbers.into_iter().flatten().filter_map(|number| self.entries.get(*number))
    }

    /// Returns the addresses, in the order of the files.
    fn addresses(&self) -> impl Iterator<Item = &At> {
        let first = |(number, entry): &(usize, &Entry)| {
            self.by_address.get(&entry.at).and_then(|numbers| numbers.first()) == Some(number)
        };
        self.entries.iter().enumerate().filter(first).map(|(_, entry)| &entry.at)
    }
}

/// What a branch does to control.
#[derive(Debug, Default)]
pub struct Control {
    /// What git decided and no longer does.
    pub losses: Vec<Loss>,
    /// Guardrails that become weaker.
    pub weakened: Vec<WeakenedTenant>,
    /// What comes under control.
    pub gains: Vec<Gain>,
    /// Entries that moved and are otherwise the same, in words, each with its line.
    pub moved: Vec<(String, Place)>,
}

impl Control {
    /// Returns a note for every entry that moved.
    pub fn moved(&self) -> impl Iterator<Item = Problem> {
        self.moved.iter().map(|(message, place)| Problem::note(rules::CONTROL_MOVED, message).at(place.clone()))
    }
}

/// A guardrail of a tenant that becomes weaker.
#[derive(Debug)]
pub struct WeakenedTenant {
    /// The workspace file of the checkout.
    pub workspace: PathBuf,
    /// The tenant's name in the checkout.
    pub tenant: String,
    /// Its address.
    pub url: String,
    /// What becomes weaker.
    pub weakened: Weakened,
}

/// Something that git decided and no longer does.
#[derive(Debug)]
pub struct Loss {
    /// What is lost.
    pub kind: LossKind,
    /// The tenant's name in the revision.
    pub tenant: String,
    /// Its address.
    pub url: String,
    /// What is lost, in words.
    pub message: String,
    /// The settings that are no longer decided.
    pub settings: Vec<LostSetting>,
    /// The line in the revision.
    pub before: Place,
    /// The line of the checkout that does it, if there is one.
    pub now: Option<Place>,
    /// Whether the guardrails of the revision let it pass.
    pub ruling: Ruling,
}

/// What is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossKind {
    /// A tenant is in no workspace file any more.
    Gone,
    /// A tenant of the same name is at another address.
    Moved,
    /// The run no longer chooses a tenant.
    NotChosen,
    /// No setting of a resource is managed any more.
    Resource,
    /// A setting is no longer managed.
    Setting,
}

/// A setting that is no longer decided.
#[derive(Clone, Debug)]
pub struct LostSetting {
    /// The setting.
    pub subject: Subject,
    /// The value that the revision asks for.
    pub value: Value,
    /// The line that asks for it.
    pub place: Place,
}

/// What the guardrails of a revision say of a loss.
#[derive(Clone, Debug, PartialEq)]
pub enum Ruling {
    /// No guardrail speaks of it.
    Open,
    /// The guardrail at this line denies it.
    Denied(Place),
    /// An allowance permits what the guardrail at the line would deny.
    Permitted(Place, Box<Allowance>),
}

/// What comes under control in one tenant.
#[derive(Debug)]
pub struct Gain {
    /// The tenant's name.
    pub tenant: String,
    /// Its address.
    pub url: String,
    /// Whether the revision does not have the tenant.
    pub new: bool,
    /// The settings.
    pub settings: Vec<Subject>,
}

/// Returns every managed setting of a tenant, with the document it is in.
fn managed(desired: &Desired) -> impl Iterator<Item = (&Key, &crate::settings::Managed)> {
    desired
        .resources
        .iter()
        .flat_map(|resource| resource.settings.iter().map(move |managed| (&resource.key, managed.as_ref())))
}
