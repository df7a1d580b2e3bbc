//! What is wrong with a file, where, and what to type instead.

use std::ops::Range;
use std::sync::Arc;

use crate::yaml::Source;

/// Whether a problem stops the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a look; `validate --strict` turns it into a failure.
    Warning,
    /// Nothing is planned or sent while it stands.
    Error,
}

/// One stretch of text in one file.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file, with its text.
    pub source: Arc<Source>,
    /// Bytes from the start of [`Source::text`].
    pub span: Range<usize>,
}

/// One thing that is wrong, in the user's words.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Whether it stops the run.
    pub severity: Severity,
    /// Stable name of the rule that found it, in kebab case, such as `unknown-key`.
    pub rule: &'static str,
    /// What is wrong: one sentence without a full stop.
    pub message: String,
    /// Where; none for a problem of a whole file that could not be read, or of the command line.
    pub place: Option<Place>,
    /// Written beside the underline; may be empty.
    pub label: String,
    /// What to type or do next, one line each.
    pub help: Vec<String>,
}
