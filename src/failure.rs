//! Why something was not done: it failed, or sailplan refused to do it.

/// Whether something went wrong or sailplan kept itself from going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// It went wrong.
    Failed,
    /// sailplan refused before anything was sent.
    Refused,
}

/// What happened and what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Whether it failed or was refused.
    pub kind: FailureKind,
    /// What happened: one sentence without a full stop.
    pub message: String,
    /// The particulars, one line each.
    pub details: Vec<String>,
    /// The HTTP status, if an answer of the tenant is the cause.
    pub status: Option<u16>,
    /// SailPoint's id of the request, for its support.
    pub tracking_id: Option<String>,
    /// What to do next, one line each.
    pub help: Vec<String>,
}

impl Failure {
    /// Something went wrong; an empty `help` is left out.
    pub fn failed(message: impl Into<String>, help: impl Into<String>) -> Failure {
        let help = help.into();
        Failure {
            kind: FailureKind::Failed,
            message: message.into(),
            details: Vec::new(),
            status: None,
            tracking_id: None,
            help: if help.is_empty() { Vec::new() } else { vec![help] },
        }
    }

    /// sailplan refuses; an empty `help` is left out.
    pub fn refused(message: impl Into<String>, help: impl Into<String>) -> Failure {
        Failure { kind: FailureKind::Refused, ..Failure::failed(message, help) }
    }

    /// Adds the particulars.
    #[must_use]
    pub fn details(self, details: Vec<String>) -> Failure {
        Failure { details, ..self }
    }

    /// Returns whether sailplan refused.
    pub fn is_refusal(&self) -> bool {
        self.kind == FailureKind::Refused
    }
}
