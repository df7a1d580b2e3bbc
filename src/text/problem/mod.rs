//! What is wrong with a file, where, and what to type instead.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::yaml::Source;

mod render;
pub mod rules;
mod secret;

pub use render::{Render, render};

/// Whether a problem stops the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Good to know; never a failure.
    Note,
    /// Worth a look; `validate --strict` turns it into a failure.
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

/// One stretch of text in one file.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file, with its text.
    pub source: Arc<Source>,
    /// Bytes from the start of [`Source::text`].
    pub span: Range<usize>,
}

impl PartialEq for Place {
    /// The same stretch of the same file, however often the file was read.
    fn eq(&self, other: &Place) -> bool {
        self.source.name == other.source.name && self.span == other.span
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = line_column(self);
        write!(f, "{}:{line}:{column}", self.source.name)
    }
}

/// One thing that is wrong, in the user's words.
#[derive(Clone, Debug, PartialEq)]
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

impl Problem {
    /// Returns an error found by `rule`, with no place, label or help yet.
    #[must_use]
    pub fn error(rule: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { severity: Severity::Error, rule, message, place: None, label: String::new(), help: Vec::new() }
    }

    /// Returns a warning found by `rule`, with no place, label or help yet.
    #[must_use]
    pub fn warning(rule: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(rule, message) }
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

impl Source {
    /// Returns the place of `span`, clamped to the text and to whole characters.
    #[must_use]
    pub fn place(self: &Arc<Self>, span: Range<usize>) -> Place {
        let span = clamp(&self.text, &span);
        Place { source: Arc::clone(self), span }
    }
}

/// Returns line and column of a place's start, both from 1, columns in characters.
#[must_use]
pub fn line_column(place: &Place) -> (usize, usize) {
    let text = &place.source.text;
    let start = clamp(text, &place.span).start;
    let before = text.get(..start).unwrap_or_default();
    let (lines, line) = match before.rfind('\n') {
        None => (0, before),
        Some(last) => {
            (before.bytes().filter(|byte| *byte == b'\n').count(), before.get(last + 1..).unwrap_or_default())
        }
    };
    (lines + 1, line.chars().count() + 1)
}

/// A span inside `text` whose ends stand between characters: the start moves back, the end forward.
fn clamp(text: &str, span: &Range<usize>) -> Range<usize> {
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = span.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let source = Source::new("a.yaml", "é: ü\r\nx: 漢字\n");
        let at = |start| line_column(&Place { source: Arc::clone(&source), span: start..start });
        assert_eq!(
            [at(0), at(2), at(4), at(8), at(11), at(14), at(18), at(99)],
            [(1, 1), (1, 2), (1, 4), (2, 1), (2, 4), (2, 5), (3, 1), (3, 1)]
        );
        assert_eq!(at(12), (2, 4), "inside a character counts as that character");
    }

    #[test]
    fn places_are_clamped_to_whole_characters() {
        let source = Source::new("a.yaml", "aéb");
        assert_eq!(source.place(2..2).span, 1..3);
        #[expect(clippy::reversed_empty_ranges, reason = "what a careless caller may pass")]
        let backwards = source.place(3..1).span;
        assert_eq!(backwards, 3..3);
        assert_eq!(source.place(9..12).span, 4..4);
    }
}
