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
    /// What is not known about that and whom to ask, as one sentence without a full stop.
    pub question: Option<&'static str>,
}

impl Touched {
    /// Nothing is under way that a change could touch.
    pub(super) const fn of(beginning: &'static str, whom: &'static str) -> Touched {
        Touched { beginning, whom, meanwhile: None, question: None }
    }

    pub(super) const fn meanwhile(self, clause: &'static str) -> Touched {
        Touched { meanwhile: Some(clause), ..self }
    }

    pub(super) const fn asking(self, clause: &'static str, question: &'static str) -> Touched {
        Touched { meanwhile: Some(clause), question: Some(question), ..self }
    }

    /// Returns the people and what becomes of what is under way.
    pub fn words(&self) -> String {
        let meanwhile = self.meanwhile.map(|clause| format!("; {clause}")).unwrap_or_default();
        format!("{}{meanwhile}", self.whom)
    }
}

/// What a change leaves open.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The change that does.
    pub of: Part,
    /// What is not known and whom to ask, as one sentence without a full stop.
    pub sentence: &'static str,
}
