//! How much of a plan its readers are shown: the longest texts and lists, and whether people are named.

use std::borrow::Cow;

use crate::documents::plan::TenantEntry;
use crate::text::printable::printable_line;

/// How many members a page lists in full; of more it shows the first and the last few.
const ON_A_PAGE: usize = 200;

/// The longest texts, in characters, and lists of members shown. What is beyond it is cut and says so; JSON has the whole.
#[derive(Clone, Copy, Debug)]
pub struct Longest {
    /// Of any text.
    text: usize,
    /// Of what no cut of the whole may take away.
    head: usize,
    pub(super) members: Most,
}

/// How many members of a set are shown, those that join and those that leave each. The others are not even made ready: sets
/// have a million members.
#[derive(Clone, Copy, Debug)]
pub(super) struct Most {
    /// Up to so many all.
    pub(super) all: usize,
    /// Of more, so many at the start
    pub(super) first: usize,
    /// and at the end.
    pub(super) last: usize,
}

impl Longest {
    /// Nothing is cut.
    pub const WHOLE: Longest =
        Longest { text: usize::MAX, head: usize::MAX, members: Most { all: usize::MAX, first: usize::MAX, last: 0 } };
    /// What fits a paragraph, and a list on a page.
    pub const PARAGRAPH: Longest =
        Longest { text: 1000, head: 300, members: Most { all: ON_A_PAGE, first: 20, last: 5 } };

    /// Returns the same with so many members at the start of a set.
    pub(in crate::report) fn with_members(self, first: usize) -> Longest {
        // A line that says "1 more" is as long as the member.
        Longest { members: Most { all: first.saturating_add(1), first, last: 0 }, ..self }
    }

    pub(in crate::report) fn text(self, text: &str) -> String {
        self.shown(text).into_owned()
    }

    /// Returns the same without a copy of what is shown as it is.
    pub(super) fn shown(self, text: &str) -> Cow<'_, str> {
        printable_line(text, self.text)
    }

    pub(in crate::report) fn head(self, text: &str) -> String {
        printable_line(text, self.head).into_owned()
    }

    pub(in crate::report) fn texts(self, texts: &[String]) -> Vec<String> {
        texts.iter().map(|text| self.text(text)).collect()
    }
}

/// Whether people whose names were looked up are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum People {
    /// Yes: an approver reads it.
    Named,
    /// Where the look-ups of the workspace ask for it: it goes to a log, or to everyone who reads a pull request.
    WhereAsked,
}

impl People {
    /// Returns whether people of a tenant are named.
    pub(super) fn named(self, tenant: &TenantEntry) -> bool {
        self == People::Named || tenant.look_ups.as_ref().is_some_and(|look_ups| look_ups.persons)
    }
}
