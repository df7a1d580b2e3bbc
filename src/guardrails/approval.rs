//! How an apply is approved, as `apply` names it.

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
}
