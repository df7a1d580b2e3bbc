//! Where results go: to standard output and to any number of files, all from one plan or receipt.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::streams;
use crate::documents::plan::PlanFile;
use crate::documents::seal::Sealed;
use crate::global::number;
use crate::report;
use crate::report::forge::Commands;
use crate::report::layout::Look;
use crate::report::markdown::{GITHUB_LIMIT, SMALLEST_LIMIT};
use crate::report::receipts::Listed;
use crate::text::disk::{Output, shown};
use crate::text::repository::Repository;
use crate::text::secrets::Hiding;
use crate::ui::{Exit, Stop, Ui};
use crate::workspace::load::Context;

/// A file that takes a plan.
pub struct OutputFile<'a> {
    flag: &'static str,
    format: Format,
    path: PathBuf,
    output: Output<'a>,
}

/// What is shown.
#[derive(Clone, Copy)]
pub enum Shown<'a> {
    /// A plan.
    Plan(&'a PlanFile),
    /// A receipt.
    Receipt(&'a Listed),
}

/// Something that is ready to be written. What can be wrong with it was found before: a document that holds a secret is refused
/// before anything of it is written.
type Ready<'a> = Box<dyn FnOnce(&mut dyn Write) -> io::Result<()> + 'a>;

fn text<'a>(text: String) -> Ready<'a> {
    Box::new(move |writer| writer.write_all(text.as_bytes()))
}

fn json<T: Serialize>(sealed: Sealed<'_, T>) -> Ready<'_> {
    Box::new(move |writer| sealed.write(writer))
}

/// How a plan is shown.
#[derive(Args, Debug)]
pub struct OutputArgs {
    /// What to write to standard output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Also write the plan as JSON to FILE; - is standard output, instead of the text
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Also write the plan as Markdown to FILE, such as for a pull-request comment
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Cut Markdown to this many characters, keeping everything that loosens
    ///
    /// GitHub permits 65536 in a comment, GitLab 1000000, Azure DevOps 150000, Bitbucket 32768.
    #[arg(long, value_name = "CHARACTERS", hide_short_help = true, default_value_t = GITHUB_LIMIT as u64, value_parser = number::<{ SMALLEST_LIMIT as u64 }, 1_000_000_000, u64>)]
    pub markdown_limit: u64,
    /// Also write the plan as an HTML page to FILE
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// List every member of long sets in text; a page lists up to 200
    #[arg(long)]
    pub full: bool,
}

/// A form of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal or a log
    Text,
    /// For programs; the format that --out saves
    Json,
    /// For a pull-request comment
    Markdown,
    /// A self-contained page for an approver
    Html,
    /// Annotations on the lines that ask for changes, in a log of GitHub Actions
    Github,
    /// The same, in a log of Azure Pipelines
    Azure,
    /// GitLab's report of type terraform: the number of changes
    GitlabTerraform,
}

impl Format {
    /// Returns whether this form is made of commands for a CI system, so that they must not be taken out.
    fn is_commands(self) -> bool {
        matches!(self, Format::Github | Format::Azure)
    }

    /// Returns whether a file holds what sailplan itself wrote in this form.
    fn wrote(self, text: &str) -> bool {
        match self {
            Format::Text | Format::Github | Format::Azure | Format::GitlabTerraform => false,
            Format::Markdown => report::markdown::is_report(text),
            Format::Html => text.contains(report::html::GENERATOR),
            // Receipts and other JSON are not plans, and a plan that somebody edited is theirs.
            Format::Json => PlanFile::parse(text).is_ok(),
        }
    }
}

impl OutputArgs {
    fn files<'a>(&'a self, out: Option<&'a Path>) -> Vec<(&'static str, Format, &'a Path)> {
        let json = self.json.as_deref().map(|path| ("--json", Format::Json, path));
        let markdown = self.markdown.as_deref().map(|path| ("--markdown", Format::Markdown, path));
        let html = self.html.as_deref().map(|path| ("--html", Format::Html, path));
        let out = out.map(|path| ("--out", Format::Json, path));
        [out, json, markdown, html].into_iter().flatten().collect()
    }

    /// Returns whether any output is the plan as JSON, which has more in it than the others are made from.
    pub fn has_json(&self, out: Option<&Path>) -> bool {
        out.is_some() || self.json.is_some() || self.format == Format::Json
    }

    fn ready<'a>(&self, format: Format, out: Option<&Path>, shown: Shown<'a>, look: Look) -> anyhow::Result<Ready<'a>> {
        match shown {
            Shown::Plan(plan) => self.ready_plan(format, out, plan, look),
            Shown::Receipt(listed) => Ok(match format {
                Format::Text => text(report::receipt::text(listed, look.width)),
                Format::Json => json(listed.receipt.sealed()?),
                Format::Markdown => text(report::receipt::markdown(listed)),
                Format::Html => text(report::receipt::html(listed)?),
                Format::Github | Format::Azure | Format::GitlabTerraform => {
                    let message = "a receipt has no form for a CI system's log or reports";
                    return Err(Stop::new(Exit::Usage, message, "use text, json, markdown or html").into());
                }
            }),
        }
    }

    fn ready_plan<'a>(
        &self,
        format: Format,
        out: Option<&Path>,
        plan: &'a PlanFile,
        look: Look,
    ) -> anyhow::Result<Ready<'a>> {
        let repository = Repository::around();
        let located = |file: &str| repository.located(Path::new(file));
        Ok(match format {
            Format::Text => Box::new(move |writer| report::text::write(plan, look, writer)),
            Format::Json => json(plan.sealed().map_err(|error| {
                let help =
                    "take what the text of the plan shows as [hidden] out of the settings files, or out of the tenant";
                Stop::new(Exit::Failed, format!("the plan cannot be written as JSON: {error}"), help)
            })?),
            Format::Markdown => {
                let limit = usize::try_from(self.markdown_limit).unwrap_or(usize::MAX);
                text(report::markdown::plan(plan, limit, &self.whole(out)))
            }
            Format::Html => text(report::html::plan(plan)?),
            Format::Github => text(report::forge::annotations(plan, Commands::GitHub, located)),
            Format::Azure => text(report::forge::annotations(plan, Commands::Azure, located)),
            Format::GitlabTerraform => text(report::forge::gitlab_terraform(plan)),
        })
    }

    /// Says where everything is that had to be cut.
    fn whole(&self, out: Option<&Path>) -> String {
        let saved = out.or(self.json.as_deref());
        match (saved, self.html.as_deref()) {
            (Some(plan), _) => format!("The full plan: sailplan show --full {}", plan.display()),
            (None, Some(page)) => format!("The full plan is the page {}", page.display()),
            (None, None) => "The full plan: sailplan plan --full".to_owned(),
        }
    }

    /// Returns what goes to standard output: what `--format` says, or the one output that is `-`.
    fn standard(&self, out: Option<&Path>) -> Result<Format, Stop> {
        let files = self.files(out);
        let mut dashes = files.iter().filter(|(_, _, path)| streams::is_dash(path));
        let Some((flag, format, _)) = dashes.next() else { return Ok(self.format) };
        let also = dashes.next().map(|(flag, _, _)| format!("{flag} -"));
        let also = also.or_else(|| {
            let value = self.format.to_possible_value().filter(|_| ![Format::Text, *format].contains(&self.format))?;
            Some(format!("--format {}", value.get_name()))
        });
        also.map_or(Ok(*format), |also| {
            let message = format!("{flag} - and {also} cannot both go to standard output");
            Err(Stop::new(Exit::Usage, message, "name a file for one of them"))
        })
    }

    /// Claims the files, before anything else happens: no output overwrites an input or a file that sailplan did not
    /// write.
    ///
    /// # Errors
    ///
    /// One of the files is such a file.
    pub fn claim(&self, out: Option<&Path>, inputs: &[PathBuf]) -> Result<Vec<OutputFile<'static>>, Stop> {
        self.standard(out)?;
        let mut used = inputs.to_vec();
        let mut files = Vec::new();
        for (flag, format, path) in self.files(out).into_iter().filter(|(_, _, path)| !streams::is_dash(path)) {
            let refuse = |why: &dyn std::fmt::Display, help: &str| {
                Stop::new(Exit::Usage, format!("{flag} {}: {why}", shown(path)), help)
            };
            let output = Output::claim(path, &used, move |text| format.wrote(text))
                .map_err(|taken| refuse(&taken, taken.hint()))?;
            if flag == "--out" && path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
                let why = "sailplan apply would take a file of this name for settings";
                return Err(refuse(&why, "name a file that ends in .json"));
            }
            used.push(path.to_owned());
            files.push(OutputFile { flag, format, path: path.to_owned(), output });
        }
        Ok(files)
    }

    /// Writes a plan or a receipt to standard output and to the claimed files.
    ///
    /// # Errors
    ///
    /// Something cannot be written.
    pub fn write(
        &self,
        context: &Context,
        out: Option<&Path>,
        files: &[OutputFile<'_>],
        shown: Shown<'_>,
    ) -> anyhow::Result<()> {
        // First what was asked for on the screen: a file that cannot be written must not take it away.
        let look = context.ui.look(self.full);
        let format = self.standard(out)?;
        let ready = self.ready(format, out, shown, look)?;
        let print = if format.is_commands() { Ui::commands_from } else { Ui::result_from };
        print(&context.ui, ready)?;
        for OutputFile { flag, format, path, output } in files {
            let ready = self.ready(*format, out, shown, look)?;
            let hidden = |file: &mut dyn Write| {
                let mut hiding = Hiding::new(file);
                ready(&mut hiding)?;
                hiding.finish().map(|_| ())
            };
            output.write(hidden).map_err(|error| {
                let name = format_args!("{flag} {}", path.display());
                Stop::not_written(name, &error, "check the folder and the space on the disk")
            })?;
        }
        Ok(())
    }
}
