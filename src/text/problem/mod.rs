//! What is wrong with a file, where, and what to type instead.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod alike;
mod render;
pub mod rules;
mod secret;

pub use crate::text::source::{Place, line, line_column};
use rules::Rule;

pub use alike::{file_of, others_in_words, without_file};
pub use render::{Render, render};

/// Whether a problem stops the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Good to know; never a failure.
    Note,
    /// Should be looked at; `validate --strict` turns it into a failure.
    Warning,
    /// Nothing is planned or sent while it stands.
    // A word of a later sailplan may mean as much.
    #[serde(other)]
    Error,
}

impl Severity {
    /// Returns the word that outputs use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One thing that is wrong, in the user's words.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Problem {
    /// Whether it stops the run.
    pub severity: Severity,
    /// The rule that found it.
    pub rule: Rule,
    /// What is wrong: one sentence without a full stop.
    pub message: String,
    /// Where; `None` for a problem of a whole file that could not be read, or of the command line.
    pub place: Option<Place>,
    /// Written beside the underline; may be empty.
    pub label: String,
    /// What to type or do next, one line each.
    pub help: Vec<String>,
}

impl Problem {
    /// Returns an error found by `rule`, with no place, label or help yet.
    #[must_use]
    pub fn error(rule: Rule, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { severity: Severity::Error, rule, message, place: None, label: String::new(), help: Vec::new() }
    }

    /// Returns a warning found by `rule`, with no place, label or help yet.
    #[must_use]
    pub fn warning(rule: Rule, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(rule, message) }
    }

    /// Returns a note from `rule`, with no place, label or help yet.
    #[must_use]
    pub fn note(rule: Rule, message: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(rule, message) }
    }

    /// Returns whether it stops the run.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Returns the message on one line, after the place in a file that it is about.
    #[must_use]
    pub fn sentence(&self) -> String {
        match &self.place {
            Some(place) if !place.source.text.is_empty() => format!("{place}: {}", self.message),
            _ => self.message.clone(),
        }
    }

    /// Says where it is.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Says what is written beside the underline.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds one line of what to type or do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}
