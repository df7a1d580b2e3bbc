//! Where results go besides standard output: one plan, any number of files.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::Context;
use crate::plan_file::PlanFile;
use crate::receipt::write_atomically;
use crate::report;
use crate::ui::{Exit, Stop};

/// How a plan is shown.
#[derive(Args, Debug)]
pub struct OutputArgs {
    /// What to write to standard output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Also write the plan as JSON to FILE
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// List every member of long sets
    #[arg(long)]
    pub full: bool,
}

/// A form of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal or a log
    Text,
    /// For programs; also what --out saves
    Json,
}

impl Format {
    fn render(self, plan: &PlanFile, full: bool) -> anyhow::Result<String> {
        Ok(match self {
            Format::Text => report::text::plan(plan, full),
            Format::Json => plan.to_text()?,
        })
    }

    /// Returns whether a file holds what sailplan itself wrote in this form.
    fn wrote(self, text: &str) -> bool {
        match self {
            Format::Text => false,
            Format::Json => {
                text.trim_start().starts_with('{')
                    && text.contains("\"formatVersion\"")
                    && text.contains("\"sailplan\"")
            }
        }
    }
}

impl OutputArgs {
    fn files<'a>(&'a self, out: Option<&'a Path>) -> Vec<(&'static str, Format, &'a Path)> {
        let json = self.json.as_deref().map(|path| ("--json", Format::Json, path));
        let out = out.map(|path| ("--out", Format::Json, path));
        [out, json].into_iter().flatten().collect()
    }

    /// Checks, before anything else happens, that no output overwrites an input or a file that sailplan did not write.
    ///
    /// # Errors
    ///
    /// One of the files is such a file.
    pub fn check(&self, out: Option<&Path>, inputs: &[PathBuf]) -> Result<(), Stop> {
        let mut taken: Vec<PathBuf> = inputs.iter().filter_map(|path| path.canonicalize().ok()).collect();
        for (flag, format, path) in self.files(out) {
            let whole = absolute(path);
            let refuse = |why: &str| {
                Err(Stop::new(
                    Exit::Usage,
                    format!("{flag} {}: {why}", path.display()),
                    "name another file, or delete that one first",
                ))
            };
            if taken.contains(&whole) {
                return refuse("this file is an input, or another output");
            }
            if path.exists() && !fs::read_to_string(path).is_ok_and(|text| text.is_empty() || format.wrote(&text)) {
                return refuse("the file exists and was not written by sailplan");
            }
            taken.push(whole);
        }
        Ok(())
    }

    /// Writes a plan to standard output and to every file asked for.
    ///
    /// # Errors
    ///
    /// Something cannot be written.
    pub fn write(&self, context: &Context, out: Option<&Path>, plan: &PlanFile) -> anyhow::Result<()> {
        for (flag, format, path) in self.files(out) {
            let text = format.render(plan, self.full)?;
            write_atomically(path, &text).map_err(|error| {
                Stop::new(
                    Exit::Failed,
                    format!("{flag} {} cannot be written: {error}", path.display()),
                    "check the folder and the space on the disk",
                )
            })?;
        }
        context.ui.result(&self.format.render(plan, self.full)?)?;
        Ok(())
    }
}

fn absolute(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let joined = folder.join(path.file_name().unwrap_or_default());
    joined.canonicalize().unwrap_or(joined)
}
