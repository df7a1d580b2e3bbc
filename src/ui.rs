//! The only place that prints and asks: results to standard output, everything else to standard error.

mod answer;
mod exit;
#[cfg(test)]
pub(crate) mod heard;
mod message;
mod output;
pub mod progress;
mod streams;

pub use answer::Answer;
pub use exit::{EXIT_CODES, Exit, Stop};

use std::borrow::Cow;
use std::io::{self, BufRead as _, IsTerminal as _, Write};

use anstream::ColorChoice;
use anstyle::Style;
use serde_json::{Value, json};

use self::message::{Level, laid_out, wrapped};
use self::output::Treatment;
use self::streams::{columns, forced, in_ci};

use crate::documents::plan::ProblemEntry;
use crate::global::{ColorWhen, Global, LogFormat};
use crate::report::layout::Look;
use crate::text::printable::{log_line, printable, printable_json};
use crate::text::problem::{self, Problem, Render, Severity};
use crate::text::secrets;
use crate::text::wrap::shorten;

/// Standard output, standard error and the terminal.
#[derive(Clone, Copy, Debug)]
pub struct Ui {
    out: ColorChoice,
    err: ColorChoice,
    format: LogFormat,
    quiet: bool,
    verbosity: u8,
    /// Whether a CI system reads what is printed, and runs what looks like one of its commands.
    ci: bool,
}

impl Ui {
    /// Chooses colours and verbosity. `--color` beats `NO_COLOR`, which beats `CLICOLOR_FORCE` and `FORCE_COLOR`.
    pub fn new(global: &Global) -> Ui {
        let (quiet, verbosity) = (global.quiet, global.verbose);
        Ui { quiet, verbosity, ..Ui::for_usage(global.color, global.log_format) }
    }

    /// Standard output and error for a command line that could not be read in full.
    pub fn for_usage(color: ColorWhen, format: LogFormat) -> Ui {
        let choose = |auto: ColorChoice| match color {
            ColorWhen::Always => ColorChoice::Always,
            ColorWhen::Never => ColorChoice::Never,
            ColorWhen::Auto if forced() => ColorChoice::Always,
            ColorWhen::Auto => auto,
        };
        Ui {
            out: choose(anstream::AutoStream::choice(&io::stdout())),
            err: choose(anstream::AutoStream::choice(&io::stderr())),
            format,
            quiet: false,
            verbosity: 0,
            ci: in_ci(),
        }
    }

    /// Prints a result. That its reader stops early (`| head`) is not a failure.
    ///
    /// # Errors
    ///
    /// Standard output cannot be written for another reason, such as a full disk.
    pub fn result(&self, text: &str) -> io::Result<()> {
        self.result_from(|writer| writer.write_all(text.as_bytes()))
    }

    /// Prints a result that `fill` writes piece by piece, so that it is never in the memory as a whole.
    ///
    /// # Errors
    ///
    /// `fill` fails, or as for [`Ui::result`].
    pub fn result_from<E: From<io::Error>>(&self, fill: impl FnOnce(&mut dyn Write) -> Result<(), E>) -> Result<(), E> {
        self.print_result(self.ci, fill)
    }

    /// Prints a result that is made of commands for a CI system, every text in it escaped already.
    ///
    /// # Errors
    ///
    /// As for [`Ui::result`].
    pub fn commands(&self, text: &str) -> io::Result<()> {
        self.commands_from(|writer| writer.write_all(text.as_bytes()))
    }

    /// Prints such a result that `fill` writes piece by piece.
    ///
    /// # Errors
    ///
    /// As for [`Ui::result_from`].
    pub fn commands_from<E: From<io::Error>>(
        &self,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), E> {
        self.print_result(false, fill)
    }

    fn print_result<E: From<io::Error>>(
        &self,
        is_logged: bool,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), E> {
        #[cfg(test)]
        if heard::listens() {
            let mut text = Vec::new();
            Treatment { is_logged, is_plain: false }.write(&mut text, fill)?;
            heard::keep(&String::from_utf8_lossy(&text), true);
            return Ok(());
        }
        let stdout = io::stdout().lock();
        match self.out {
            ColorChoice::Never => Treatment { is_logged, is_plain: true }.write(stdout, fill),
            color => Treatment { is_logged, is_plain: false }.write(anstream::AutoStream::new(stdout, color), fill),
        }
    }

    /// Shows what is wrong with a command line, in words that are coloured already.
    pub fn usage(&self, text: &str) {
        self.write(text);
    }

    /// Returns the columns that a line of a result may take.
    pub fn width(&self) -> usize {
        columns(terminal_size::terminal_size_of(io::stdout()))
    }

    /// Returns how a result is laid out.
    pub fn look(&self, full: bool) -> Look {
        Look { width: self.width(), full, quiet: self.quiet }
    }

    /// Returns how a plan is laid out that is shown before a question, which needs all of it.
    pub fn look_beside(&self, full: bool) -> Look {
        Look { width: self.width_of_messages(), full, quiet: false }
    }

    /// Returns whether only what went wrong and the result are wanted.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    fn width_of_messages(&self) -> usize {
        columns(terminal_size::terminal_size_of(io::stderr()))
    }

    /// Says what happens, unless asked to be quiet.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.message(Level::Info, text, None, &[]);
        }
    }

    /// Shows text that is laid out and coloured already, such as the plan before a question.
    pub fn show(&self, text: &str) {
        if self.format == LogFormat::Text {
            self.write(text);
        }
    }

    /// Shows what a question is about, whatever messages are wanted.
    pub fn show_to_decide(&self, text: &str) {
        Ui { format: LogFormat::Text, ..*self }.write(text);
    }

    /// Returns how often more was asked for.
    pub fn verbosity(&self) -> u8 {
        self.verbosity
    }

    /// Says what happens to those who asked for more: in words, with lines below them, and as the fields of an object.
    pub fn event(&self, text: &str, details: &[String], fields: &Value) {
        if self.verbosity > 0 {
            self.happens(Level::Debug, text, details, fields);
        }
    }

    /// Says what happens, in words and as the fields of an object.
    pub fn event_to_all(&self, text: &str, fields: &Value) {
        self.happens(Level::Info, text, &[], fields);
    }

    fn happens(&self, level: Level, text: &str, details: &[String], fields: &Value) {
        match self.format {
            LogFormat::Json => {
                let mut line = json!({"level": level.word(), "message": text});
                if let (Some(line), Some(fields)) = (line.as_object_mut(), fields.as_object()) {
                    line.extend(fields.iter().map(|(name, value)| (name.clone(), value.clone())));
                }
                self.write(&format!("{line}\n"));
            }
            LogFormat::Text => self.write(&self.laid_out(level, text, details, &[])),
        }
    }

    /// Returns whether a line can be drawn again in place.
    fn draws(&self) -> bool {
        let terminal = io::stderr().is_terminal() && std::env::var("TERM").as_deref() != Ok("dumb");
        terminal && !self.ci && self.format == LogFormat::Text
    }

    /// Draws a line in place of the one that was drawn before. `line` gets the columns of the terminal.
    fn draw(&self, line: impl FnOnce(usize) -> String) {
        let line = secrets::hide(&line(self.width_of_messages())).into_owned();
        streams::draw(&line);
    }

    /// Takes a drawn line away.
    fn erase(&self) {
        streams::erase_drawn();
    }

    /// Warns.
    pub fn warn(&self, text: &str, help: &[String]) {
        self.message(Level::Warning, text, None, help);
    }

    /// Warns of several things at once, one line each.
    pub fn warn_of(&self, text: &str, details: &[String]) {
        self.warn_with(text, details, &[]);
    }

    /// Warns of several things at once, one line each, and says what to do next.
    pub fn warn_with(&self, text: &str, details: &[String], help: &[String]) {
        self.message(Level::Warning, text, Some(details), help);
    }

    /// Says what went wrong and what to do next.
    pub fn error(&self, text: &str, help: &[String]) {
        self.message(Level::Error, text, None, help);
    }

    /// Shows why the command ends.
    pub fn stop(&self, stop: &Stop) {
        self.message(Level::Error, &stop.message, Some(&stop.details), &stop.help);
    }

    /// Shows the problems of files, each with its line; notes and warnings only to those who did not ask for quiet.
    pub fn problems(&self, problems: &[Problem]) {
        let shown: Vec<Problem> =
            problems.iter().filter(|problem| !self.quiet || problem.severity == Severity::Error).cloned().collect();
        if shown.is_empty() {
            return;
        }
        match self.format {
            LogFormat::Json => {
                for problem in &shown {
                    let entry = ProblemEntry::from(problem);
                    let mut line = serde_json::to_value(&entry).unwrap_or_default();
                    if let Some(object) = line.as_object_mut() {
                        object.insert("level".to_owned(), entry.severity.word().into());
                        object.remove("severity");
                    }
                    self.write(&format!("{line}\n"));
                }
            }
            LogFormat::Text => {
                let options = Render { color: self.err != ColorChoice::Never, width: self.width_of_messages() };
                self.write(&problem::render(&shown, &options));
            }
        }
    }

    /// Asks a question that only `yes` answers; the caller made sure that somebody is there ([`Ui::can_ask`]).
    ///
    /// # Errors
    ///
    /// Standard input cannot be read.
    pub fn confirm(&self, question: &str) -> io::Result<Answer> {
        let bold = Style::new().bold();
        self.show_to_decide(&format!(
            "\n{bold}{}{bold:#}\n  Only 'yes' will be accepted to approve.\n\n  Enter a value: ",
            printable(question)
        ));
        streams::set_asks(true);
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        // What was typed ended the line, unless it was the end of the input.
        streams::set_asks(!answer.ends_with('\n'));
        Ok(Answer::of(&answer))
    }

    /// Returns whether somebody can be asked: who answers must see what is asked.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    fn message(&self, level: Level, text: &str, details: Option<&[String]>, help: &[String]) {
        match self.format {
            LogFormat::Json => {
                let line = match details {
                    Some(details) => {
                        json!({"level": level.word(), "message": text, "details": details, "help": help})
                    }
                    None => json!({"level": level.word(), "message": text, "help": help}),
                };
                self.write(&format!("{line}\n"));
            }
            LogFormat::Text => {
                self.write(&self.laid_out(level, text, details.unwrap_or_default(), help));
            }
        }
    }

    /// Returns a message as text, wrapped on a terminal. A log is searched by line, so it has each whole.
    fn laid_out(&self, level: Level, text: &str, details: &[String], help: &[String]) -> String {
        let text = laid_out(level, text, details, help);
        if io::stderr().is_terminal() { wrapped(&text, self.width_of_messages()) } else { text }
    }

    fn for_log<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.ci { log_line(text) } else { Cow::Borrowed(text) }
    }

    fn write(&self, text: &str) {
        let text = secrets::hide(text);
        let text = match self.format {
            LogFormat::Json => printable_json(&text).into_owned(),
            LogFormat::Text => self.for_log(&shorten(&text)).into_owned(),
        };
        #[cfg(test)]
        if heard::keep(&text, false) {
            return;
        }
        streams::print_message(&text, self.err);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::problem::rules;
    use crate::text::source::Source;

    /// Text that a file or a tenant may hold to be run by a CI system.
    pub(super) fn hostile() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            Just("::error::x".to_owned()),
            Just("::stop-commands::p".to_owned()),
            Just("##vso[task.setvariable variable=x]y".to_owned()),
            Just("##[error]".to_owned()),
            Just("section_start:1:x\r\u{1b}[0K".to_owned()),
            Just("\u{1b}[1m".to_owned()),
            Just("\n".to_owned()),
            Just("\u{3000}".to_owned()),
            "[a-z.:#/]{0,30}",
            " {1,3}",
        ];
        proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    }

    /// Checks a text as a log gets it, its colours taken out or not.
    fn check(text: &str) -> proptest::test_runner::TestCaseResult {
        let logged = log_line(text).into_owned();
        let stripped = anstream::adapter::strip_str(&logged).to_string();
        prop_assert!(!stripped.contains(['\u{1b}', '\r']), "{:?}", stripped);
        for line in logged.lines().chain(stripped.lines()) {
            prop_assert!(!line.trim().starts_with("::"), "{:?} in {:?}", line, text);
            prop_assert!(!line.contains("##vso[") && !line.contains("##["), "{:?} in {:?}", line, text);
            prop_assert!(!line.contains("section_start:1"), "{:?} in {:?}", line, text);
        }
        Ok(())
    }

    #[test]
    fn what_a_question_is_about_is_shown_whatever_messages_are_wanted() {
        let quiet =
            Ui { format: LogFormat::Json, quiet: true, ci: false, ..Ui::for_usage(ColorWhen::Auto, LogFormat::Text) };
        heard::listen();
        quiet.show("a plan in passing\n");
        quiet.show_to_decide("the plan\n  and more of it\n");
        let (out, err) = heard::take();
        assert_eq!((out.as_str(), err.as_str()), ("", "the plan\n  and more of it\n"));
    }

    proptest! {
        #[test]
        fn no_output_of_any_width_has_a_command_in_it(
            (message, label, help, name, line) in (hostile(), hostile(), hostile(), hostile(), hostile()),
            width in 20..=200_usize,
            color in any::<bool>(),
        ) {
            let source = Source::new(&name, &line);
            let problem = Problem::error(rules::DAY, message.clone())
                .at(source.place(0..line.len()))
                .label(&label)
                .help(help.as_str());
            check(&problem::render(std::slice::from_ref(&problem), &Render { color, width }))?;
            check(&problem::render(&[Problem { place: None, ..problem }], &Render { color, width }))?;
            for level in [Level::Info, Level::Error] {
                check(&laid_out(level, &message, &[label.clone(), line.clone()], std::slice::from_ref(&help)))?;
            }
            check(&crate::text::wrap::wrap(&printable(&message), 0, width))?;
        }
    }
}
