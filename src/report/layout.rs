//! Lines for a terminal or a log, wrapped to its width. Colour says how grave a thing is, and only repeats what words say.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::overview::{Class, FailureView};
use crate::resource::impact::Impact;
use crate::text::list::few;
use crate::text::wrap::{Margin, lay_out, shorten_spans};

pub(super) const PLAIN: Style = Style::new();
pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const RED: Style = AnsiColor::Red.on_default();
pub(super) const GREEN: Style = AnsiColor::Green.on_default();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();

/// How many of a list are named at once.
const NAMED: usize = 10;

/// How a result is laid out as text.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The columns that a line may take.
    pub width: usize,
    /// Whether long lists are shown whole.
    pub full: bool,
    /// Whether only problems and the verdict are shown.
    pub quiet: bool,
}

impl Look {
    /// Everything, on lines as long as they are.
    #[cfg(test)]
    pub const WHOLE: Look = Look { width: usize::MAX, full: true, quiet: false };

    /// Returns names with commas, of a long list the first ones and how many more there are.
    pub(super) fn few(self, names: &[String]) -> String {
        // A text that says "1 more" is as long as the name.
        let all = self.full || names.len() <= NAMED + 1;
        few(names, if all { names.len() } else { NAMED })
    }
}

/// About how many bytes are passed on together.
const TOGETHER: usize = 1 << 16;

/// Lines in the making. Every text that comes here is printable.
pub(super) struct Layout<'a> {
    width: usize,
    text: String,
    /// Whether there is a line.
    begun: bool,
    /// Whether the last line is empty.
    blank: bool,
    /// Who takes the lines, if they are not kept, and whether that succeeded so far.
    reader: Option<(&'a mut dyn Write, io::Result<()>)>,
}

impl<'a> Layout<'a> {
    /// Keeps the lines.
    pub(super) fn new(width: usize) -> Layout<'a> {
        Layout { width, text: String::new(), begun: false, blank: false, reader: None }
    }

    /// Passes the lines on.
    pub(super) fn to(writer: &'a mut dyn Write, width: usize) -> Layout<'a> {
        Layout { reader: Some((writer, Ok(()))), ..Layout::new(width) }
    }

    /// Writes a line of one style.
    pub(super) fn line(&mut self, indent: usize, style: Style, text: &str) {
        self.spans(indent, &[(style, text)]);
    }

    /// Writes a line that begins with a word of its own style.
    pub(super) fn told(&mut self, indent: usize, style: Style, word: &str, text: &str) {
        self.spans(indent, &[(style, word), (PLAIN, " "), (PLAIN, text)]);
    }

    /// Writes a line; what does not fit on it is indented.
    pub(super) fn spans(&mut self, indent: usize, spans: &[(Style, &str)]) {
        self.hung(Margin { first: indent, rest: indent + 4 }, spans);
    }

    /// Writes a line with its margin.
    pub(super) fn hung(&mut self, margin: Margin, spans: &[(Style, &str)]) {
        let (mut kept, cut) = shorten_spans(spans);
        kept.extend(cut.as_ref().map(|cut| (PLAIN, cut.as_str())));
        let laid = lay_out(&kept, margin, self.width);
        self.text.push_str(&laid);
        self.text.push('\n');
        self.blank = laid.ends_with('\n') || (laid.is_empty() && self.begun);
        self.begun = true;
        self.pass_on(TOGETHER);
    }

    /// Writes the line above what there is to say about a tenant.
    pub(super) fn tenant(&mut self, name: &str, url: &str) {
        self.spans(0, &[(BOLD, name), (DIM, &format!(" ({url})"))]);
    }

    /// Writes an empty line, unless there is one already.
    pub(super) fn blank(&mut self) {
        if self.begun && !self.blank {
            self.text.push('\n');
            self.blank = true;
        }
    }

    /// Writes what failed, what the tenant said about it and what to do.
    pub(super) fn failure(&mut self, indent: usize, failure: &FailureView) {
        self.told(indent, RED.bold(), "error:", &failure.message);
        for detail in &failure.details {
            self.line(indent + 2, PLAIN, detail);
        }
        self.help(indent + 2, &failure.help);
    }

    /// Writes what to do next.
    pub(super) fn help(&mut self, indent: usize, help: &[String]) {
        for help in help {
            self.line(indent, PLAIN, &format!("help: {help}"));
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Passes on the last lines.
    ///
    /// # Errors
    ///
    /// The writer did not take all of them.
    pub(super) fn end(mut self) -> io::Result<()> {
        self.pass_on(0);
        self.reader.map_or(Ok(()), |(_, outcome)| outcome)
    }

    fn pass_on(&mut self, at_least: usize) {
        if let Some((writer, outcome)) = self.reader.as_mut().filter(|_| self.text.len() >= at_least) {
            // After a failure nothing more is taken.
            if outcome.is_ok() {
                *outcome = writer.write_all(self.text.as_bytes());
            }
            self.text.clear();
        }
    }
}

/// Returns how the word for an impact looks.
pub(super) fn of_impact(impact: Impact) -> Style {
    match impact {
        Impact::Loosens => RED.bold(),
        Impact::Review => YELLOW.bold(),
        Impact::Tightens => GREEN,
        Impact::Neutral => PLAIN,
    }
}

/// Returns how a class of changes looks.
pub(super) fn of_class(class: Class) -> Style {
    match class {
        Class::Loosens => RED.bold(),
        Class::Stops | Class::Review => YELLOW.bold(),
        Class::Drift => CYAN.bold(),
        Class::Tightens => GREEN.bold(),
        Class::Neutral => BOLD,
    }
}
