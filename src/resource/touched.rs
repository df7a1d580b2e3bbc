//! Whom a change touches, and what it leaves open.

use super::rule::Part;

/// Whom a change touches.
#[derive(Clone, Copy, Debug)]
pub struct Touched {
    /// The beginning of the pointers of the settings.
    pub beginning: &'static str,
    /// The people, in words that follow "for".
    pub whom: &'static str,
    /// What becomes of what is under way, or that it is not documented, as a clause.
    pub meanwhile: Option<&'static str>,
    /// What is not known about that, each with the one to ask, as one sentence without a full stop.
    pub questions: &'static [&'static str],
    /// Of a set: the people touched by what leaves, and by what joins.
    pub members: Option<[&'static str; 2]>,
    /// What becomes of access that was given until an undo, as one sentence; `None` if it stays.
    pub undone: Option<&'static str>,
}

impl Touched {
    /// Nothing is under way that a change could touch.
    pub(super) const fn of(beginning: &'static str, whom: &'static str) -> Touched {
        Touched { beginning, whom, meanwhile: None, questions: &[], members: None, undone: None }
    }

    pub(super) const fn meanwhile(self, clause: &'static str) -> Touched {
        Touched { meanwhile: Some(clause), ..self }
    }

    pub(super) const fn asking(self, clause: &'static str, questions: &'static [&'static str]) -> Touched {
        Touched { meanwhile: Some(clause), questions, ..self }
    }

    pub(super) const fn by_member(self, leaves: &'static str, joins: &'static str) -> Touched {
        Touched { members: Some([leaves, joins]), ..self }
    }

    pub(super) const fn undone(self, sentence: &'static str) -> Touched {
        Touched { undone: Some(sentence), ..self }
    }

    /// Returns the people and what becomes of what is under way, in parts. `leaves` and `joins` are whether members of a set do.
    pub fn parts(&self, leaves: bool, joins: bool) -> Vec<&'static str> {
        let [of_leaving, of_joining] = self.members.map_or([None, None], |members| members.map(Some));
        let members = [of_leaving.filter(|_| leaves), of_joining.filter(|_| joins)];
        let whom = members.iter().all(Option::is_none).then_some(self.whom);
        whom.into_iter().chain(members.into_iter().flatten()).chain(self.meanwhile).collect()
    }
}

/// What else an approver of a change has to see.
#[derive(Clone, Copy, Debug)]
pub struct Beside {
    /// The change.
    pub of: Part,
    /// Pointers of the settings on whose values it depends what the change comes to.
    pub settings: &'static [&'static str],
}

/// What a change leaves open.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The change that does.
    pub of: Part,
    /// What is not known and the one to ask, as one sentence without a full stop.
    pub sentence: &'static str,
}
