//! How an apply is approved, and whether a tenant may be changed by one that is approved so.

use std::borrow::Borrow;

use super::RuleSet;
use super::set::Origin;
use super::verdict::{Guardrail, Refusal};

/// A word of `apply`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApprovalWord {
    /// A saved plan.
    Plan,
    /// `--approved DIGEST`.
    Approved,
    /// `--yes`.
    Yes,
    /// The question at the terminal.
    Question,
}

impl ApprovalWord {
    /// Every word.
    pub const ALL: [ApprovalWord; 4] =
        [ApprovalWord::Plan, ApprovalWord::Approved, ApprovalWord::Yes, ApprovalWord::Question];

    /// Returns the word as it is written.
    pub fn text(self) -> &'static str {
        match self {
            ApprovalWord::Plan => "plan",
            ApprovalWord::Approved => "approved",
            ApprovalWord::Yes => "yes",
            ApprovalWord::Question => "question",
        }
    }

    /// Returns the word that is written so.
    pub fn named(text: &str) -> Option<ApprovalWord> {
        ApprovalWord::ALL.into_iter().find(|word| word.text() == text)
    }

    /// Returns what approves, to follow "approved by".
    fn about(self) -> &'static str {
        match self {
            ApprovalWord::Plan => "a saved plan",
            ApprovalWord::Approved => "--approved",
            ApprovalWord::Yes => "--yes",
            ApprovalWord::Question => "the question at the terminal",
        }
    }

    /// Returns how to have an apply approved so.
    pub fn command(self) -> &'static str {
        match self {
            ApprovalWord::Plan => {
                "save a plan with sailplan plan --out FILE, have it approved, and run sailplan apply FILE"
            }
            ApprovalWord::Approved => "have the digest of a plan approved, and run sailplan apply --approved DIGEST",
            ApprovalWord::Yes => "run sailplan apply --yes",
            ApprovalWord::Question => "run sailplan apply at a terminal and answer the question",
        }
    }
}

/// Returns why no apply that is approved so may change a tenant.
pub fn approval(rules: &[impl Borrow<RuleSet>], approved: ApprovalWord) -> Option<Refusal> {
    rules.iter().map(Borrow::borrow).find_map(|set| {
        let clause = set.guardrails.apply.iter().find(|clause| !clause.says.contains(&approved))?;
        let permitted = set.guardrails.approvals();
        let ways: Vec<&str> = permitted.iter().map(|word| word.about()).collect();
        let (by, not) = (ways.join(" or "), approved.about());
        Some(Refusal {
            guardrail: Guardrail::Apply,
            subject: None,
            message: format!("an apply to this tenant is approved by {by}, not by {not}"),
            asked: None,
            place: Some(clause.place.clone()),
            origin: Origin::clone(&clause.origin),
            revision: set.revision.clone(),
            standing: false,
            help: permitted.iter().map(|word| word.command().to_owned()).collect(),
        })
    })
}
