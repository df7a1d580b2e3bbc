//! What guardrails say of a plan.

use std::fmt;

use super::allowance::Allowance;
use super::set::Origin;
use super::subject::Subject;
use crate::text::problem::Place;

/// A rule that a plan must keep, by the word that workspaces and documents use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guardrail {
    /// No change may carry a word.
    Deny,
    /// A plan makes at most so many changes.
    MaxChanges,
    /// A setting must be managed.
    Require,
    /// Members must stay in their set.
    Keep,
    /// A setting has a ceiling.
    Limits,
    /// A set is not emptied by accident; needs no guardrail of the workspace.
    Empty,
    /// An apply is approved in certain ways only.
    Apply,
    /// What lifts guardrails.
    Lift,
    /// An exception to a guardrail.
    Allowances,
    /// Any guardrail at all.
    Guardrails,
}

impl fmt::Display for Guardrail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Guardrail::Deny => "deny",
            Guardrail::MaxChanges => "maxChanges",
            Guardrail::Require => "require",
            Guardrail::Keep => "keep",
            Guardrail::Limits => "limits",
            Guardrail::Empty => "empty",
            Guardrail::Apply => "apply",
            Guardrail::Lift => "lift",
            Guardrail::Allowances => "allowances",
            Guardrail::Guardrails => "guardrails",
        })
    }
}

/// A guardrail that a plan breaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The rule.
    pub guardrail: Guardrail,
    /// The setting, if the rule speaks of one.
    pub subject: Option<Subject>,
    /// What it refuses.
    pub message: String,
    /// The line that asked for the setting's value.
    pub asked: Option<Place>,
    /// The line of the rule.
    pub place: Option<Place>,
    /// Who answers for the rule.
    pub origin: Origin,
    /// The git revision that the rule is from; `None` for the checkout.
    pub revision: Option<String>,
    /// Whether the tenant breaks it already and the plan does not make that worse. It does not stop an apply that loosens
    /// nothing.
    pub standing: bool,
    /// What would lift it, and why what is there does not.
    pub help: Vec<String>,
}

/// A guardrail that would have refused and was lifted.
#[derive(Clone, Debug, PartialEq)]
pub struct Lifted {
    /// The rule.
    pub guardrail: Guardrail,
    /// The setting, if the rule speaks of one.
    pub subject: Option<Subject>,
    /// What it would have refused.
    pub message: String,
    /// What lifted it.
    pub by: LiftedBy,
    /// The line of the rule.
    pub place: Option<Place>,
    /// The git revision that the rule is from; `None` for the checkout.
    pub revision: Option<String>,
}

/// What lifts a guardrail.
#[derive(Clone, Debug, PartialEq)]
pub enum LiftedBy {
    /// A flag of the command line, as it is typed.
    Flag(String),
    /// A rollback puts back a value that this receipt claims.
    Receipt(String),
    /// An allowance.
    Allowance(Box<Allowance>),
}

/// A guardrail that the checkout weakens, compared with a revision.
#[derive(Clone, Debug, PartialEq)]
pub struct Weakened {
    /// The rule.
    pub guardrail: Guardrail,
    /// The setting, if the rule speaks of one.
    pub subject: Option<Subject>,
    /// What becomes weaker.
    pub message: String,
    /// The line of the checkout that weakens it; `None` if the rule is gone.
    pub place: Option<Place>,
    /// The line of the rule in the revision; `None` if the checkout adds an exception.
    pub before: Option<Place>,
    /// The git revision.
    pub revision: String,
}

impl Weakened {
    /// Returns whether it tells the same of the same guardrail, wherever the lines are.
    pub fn says_the_same(&self, other: &Weakened) -> bool {
        (self.guardrail, &self.subject, &self.message) == (other.guardrail, &other.subject, &other.message)
    }
}

/// What the guardrails of a tenant say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// What they refuse; nothing may be sent to the tenant while there is any.
    pub refusals: Vec<Refusal>,
    /// What they would refuse, had it not been lifted.
    pub lifted: Vec<Lifted>,
    /// Guardrails of another revision that the checkout weakens.
    pub weakened: Vec<Weakened>,
}

impl Judged {
    /// Takes in what one set of rules says. What another set says already is not repeated: two revisions of a workspace
    /// mostly have the same guardrails.
    pub(super) fn absorb(&mut self, found: Judged) {
        let Judged { refusals, lifted, weakened } = found;
        for refusal in refusals {
            let same = |told: &Refusal| {
                (told.guardrail, &told.subject, &told.message)
                    == (refusal.guardrail, &refusal.subject, &refusal.message)
            };
            if !self.refusals.iter().any(same) {
                self.refusals.push(refusal);
            }
        }
        for lifted in lifted {
            let same = |told: &Lifted| {
                (told.guardrail, &told.subject, &told.message, &told.by)
                    == (lifted.guardrail, &lifted.subject, &lifted.message, &lifted.by)
            };
            if !self.lifted.iter().any(same) {
                self.lifted.push(lifted);
            }
        }
        self.weakened.extend(weakened);
    }
}
