//! Problems as text, in the manner of rustc.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Place, Problem, Severity, clamp};
use crate::printable::{printable, printable_line, push_printable};
use crate::yaml::Source;

/// How [`render`] draws.
#[derive(Clone, Copy, Debug)]
pub struct Render {
    /// Whether to colour with ANSI escape sequences.
    pub color: bool,
    /// Columns that a shown line of a file may take, numbers and margins included.
    pub width: usize,
}

/// Stands for file, line and column until they are known to be right: the drawing library counts
/// columns in the text it is given, which is an excerpt with escapes. Never part of that text,
/// since [`printable`] escapes it.
const ORIGIN: char = '\u{e000}';

/// Longest label; a longer one belongs in the message or the help.
const MAX_LABEL: usize = 120;

/// Draws problems, the ones without a place first, the others by file and position, with an empty
/// line between two.
///
/// Every problem shows its rule, message, file, line and column, the line itself with the place
/// underlined, and its help. A place of several lines is shown by its first. Long lines are cut
/// around the place, and whatever a file or a tenant put into message, label, help, name or line is
/// shown the way [`printable`] shows it.
#[must_use]
pub fn render(problems: &[Problem], options: &Render) -> String {
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|problem| {
        let place = problem
            .place
            .as_ref()
            .map(|place| (place.source.name.as_str(), place.span.start));
        (place, Reverse(problem.severity))
    });
    let mut lines = Lines {
        source: None,
        start: 0,
        number: 1,
    };
    let drawn: Vec<String> = sorted
        .into_iter()
        .map(|problem| draw(problem, options, &mut lines))
        .collect();
    drawn.join("\n")
}

fn draw(problem: &Problem, options: &Render, lines: &mut Lines) -> String {
    let renderer = if options.color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.term_width(options.width);
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(printable(&problem.message))
        .id(problem.rule);
    let help = problem
        .help
        .iter()
        .map(|line| Level::HELP.message(printable(line)));
    let Some(place) = &problem.place else {
        return renderer.render(&[title.elements(help)]) + "\n";
    };
    let (number, line, start) = lines.find(place);
    let column = line.get(..start).unwrap_or_default().chars().count() + 1;
    let excerpt = Excerpt::new(
        line,
        start..start + clamp(&place.source.text, &place.span).len(),
        options.width,
    );
    let label = printable_line(&problem.label, MAX_LABEL);
    let annotation = AnnotationKind::Primary.span(excerpt.underlined);
    let annotation = if label.is_empty() {
        annotation
    } else {
        annotation.label(label)
    };
    let snippet = Snippet::source(excerpt.text)
        .path(ORIGIN.to_string())
        .line_start(number)
        .annotation(annotation);
    let drawn = renderer.render(&[title.element(snippet).elements(help)]) + "\n";
    let Some((before, after)) = drawn.split_once(ORIGIN) else {
        return drawn;
    };
    let after = after.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit());
    format!(
        "{before}{}:{number}:{column}{after}",
        printable(&place.source.name)
    )
}

/// Counts lines from where the last problem stood, since problems come in the order of the file.
struct Lines {
    source: Option<Arc<Source>>,
    start: usize,
    number: usize,
}

impl Lines {
    /// The number of a place's first line, the line, and where in it the place starts.
    fn find<'p>(&mut self, place: &'p Place) -> (usize, &'p str, usize) {
        let text = &place.source.text;
        let at = clamp(text, &place.span).start;
        let known = self
            .source
            .as_ref()
            .is_some_and(|source| Arc::ptr_eq(source, &place.source))
            && self.start <= at;
        if !known {
            *self = Self {
                source: Some(Arc::clone(&place.source)),
                start: 0,
                number: 1,
            };
        }
        let before = text.get(self.start..at).unwrap_or_default();
        if let Some(last) = before.rfind('\n') {
            self.number += before.bytes().filter(|byte| *byte == b'\n').count();
            self.start += last + 1;
        }
        let line = text
            .get(self.start..)
            .unwrap_or_default()
            .split('\n')
            .next()
            .unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        (self.number, line, (at - self.start).min(line.len()))
    }
}

/// The part of a line that can be on the screen, escaped, with the place's bytes in it.
struct Excerpt {
    text: String,
    underlined: Range<usize>,
}

impl Excerpt {
    fn new(line: &str, place: Range<usize>, width: usize) -> Self {
        // More than a screen on both sides, so that the drawing library sees that there is more.
        let margin = 2 * width.max(40);
        let before = line.get(..place.start).unwrap_or_default();
        let kept = before
            .char_indices()
            .rev()
            .nth(margin - 1)
            .map_or(0, |(at, _)| at);
        let mut text = String::new();
        before
            .get(kept..)
            .unwrap_or_default()
            .chars()
            .for_each(|character| push_printable(&mut text, character));
        let start = text.len();
        let most = start + width.saturating_sub(30).max(20);
        let mut end = start;
        for (offset, character) in line
            .get(place.start..)
            .unwrap_or_default()
            .char_indices()
            .take(margin)
        {
            push_printable(&mut text, character);
            if place.start + offset < place.end && end < most {
                end = text.len();
            }
        }
        Self {
            text,
            underlined: start..end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(width: usize) -> Render {
        Render {
            color: false,
            width,
        }
    }

    #[test]
    fn problems_are_drawn_in_order_with_line_column_and_help() {
        let source = Source::new(
            "settings/base.yaml",
            "# é\njitActivationPolicy:\n  maxActivationPeriodMins: soon # x\r\n",
        );
        let other = Source::new("a.yaml", "x: 1");
        let problems = [
            Problem::error("bad-duration", "`soon` is not a duration")
                .at(source.place(53..57))
                .label("expected minutes")
                .help("write minutes (120) or a duration (2h)")
                .help("or `null` to clear it"),
            Problem::warning("unlabelled", "the first key").at(source.place(5..24)),
            Problem::error("other", "in another file").at(other.place(0..4)),
            Problem::error("file-missing", "there is no file `b.yaml`").help("check the spelling"),
        ];
        assert_eq!(
            render(&problems, &plain(60)),
            "\
error[file-missing]: there is no file `b.yaml`
 |
 = help: check the spelling

error[other]: in another file
 --> a.yaml:1:1
  |
1 | x: 1
  | ^^^^

warning[unlabelled]: the first key
 --> settings/base.yaml:2:1
  |
2 | jitActivationPolicy:
  | ^^^^^^^^^^^^^^^^^^^

error[bad-duration]: `soon` is not a duration
 --> settings/base.yaml:3:28
  |
3 |   maxActivationPeriodMins: soon # x
  |                            ^^^^ expected minutes
  |
  = help: write minutes (120) or a duration (2h)
  = help: or `null` to clear it
"
        );
    }
}
