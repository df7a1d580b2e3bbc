//! A message as text: its level, what happened, what to do next.

use anstyle::{AnsiColor, Style};

use crate::text::printable::printable;
use crate::text::wrap::{Margin, lay_out};

/// Returns a message as text: its level, what happened, the particulars, what to do next.
pub(super) fn laid_out(level: Level, text: &str, details: &[String], help: &[String]) -> String {
    let mut lines = String::new();
    if let Some(style) = level.style() {
        lines.push_str(&format!("{style}{}:{style:#} ", level.word()));
    }
    lines.push_str(&format!("{}\n", printable(text)));
    for detail in details {
        lines.push_str(&format!("  {}\n", printable(detail)));
    }
    for line in help {
        lines.push_str(&format!("  help: {}\n", printable(line)));
    }
    lines
}

/// Wraps lines, each with what does not fit on it further in than it begins.
pub(super) fn wrapped(text: &str, width: usize) -> String {
    let mut wrapped = String::new();
    for line in text.lines() {
        let words = line.trim_start_matches(' ');
        let first = line.len() - words.len();
        // Colours take no columns, and only the first word of a message has any.
        let (style, words) = match words.strip_prefix('\u{1b}') {
            Some(_) => words.split_once(' ').unwrap_or((words, "")),
            None => ("", words),
        };
        let plain = anstream::adapter::strip_str(style).to_string();
        let lead = if plain.is_empty() { String::new() } else { format!("{plain} ") };
        let laid = lay_out(&[(Style::new(), &format!("{lead}{words}"))], Margin { first, rest: first + 2 }, width);
        wrapped.push_str(&if plain.is_empty() { laid } else { laid.replacen(&plain, style, 1) });
        wrapped.push('\n');
    }
    wrapped
}

/// How much a message matters.
#[derive(Clone, Copy)]
pub(super) enum Level {
    Debug,
    Info,
    Warning,
    Error,
}

impl Level {
    pub(super) fn word(self) -> &'static str {
        match self {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }

    /// The style of the word before the message; `None` if it is left out.
    fn style(self) -> Option<Style> {
        match self {
            Level::Debug | Level::Info => None,
            Level::Warning => Some(AnsiColor::Yellow.on_default().bold()),
            Level::Error => Some(AnsiColor::Red.on_default().bold()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_wrap_on_a_terminal() {
        let help = "to undo it: sailplan rollback .sailplan/receipts/2026.json".to_owned();
        let text = laid_out(Level::Error, "something that takes more than one line", &[], &[help]);
        let style = Level::Error.style().unwrap();
        assert_eq!(
            wrapped(&text, 40),
            format!(
                "{style}error:{style:#} something that takes more than\n  one line\n  help: to undo it:\n    \
                 sailplan rollback .sailplan/receipts/2026.json\n"
            )
        );
    }
}
