//! Files that a workspace or the command line names.

use std::path::PathBuf;
use std::sync::Arc;

use crate::text::disk::Files;
use crate::text::problem::{Place, Problem, rules};
use crate::text::reader::pasted;
use crate::text::source::Source;

/// A file to read.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The file.
    pub path: PathBuf,
    /// Where the workspace names it; `None` if the command line does.
    pub place: Option<Place>,
}

impl Listed {
    /// Returns files that the command line names.
    pub fn typed(paths: &[PathBuf]) -> Vec<Listed> {
        paths.iter().map(|path| Listed { path: path.clone(), place: None }).collect()
    }

    /// Returns the files without their places.
    pub fn paths(files: &[Listed]) -> Vec<PathBuf> {
        files.iter().map(|file| file.path.clone()).collect()
    }
}

/// Reads files: those that can be read, and the problems of the others. A file of which no line can be shown, such as a
/// missing one, is reported where it is named.
pub fn read_files(files: &dyn Files, listed: &[Listed]) -> (Vec<Arc<Source>>, Vec<Problem>) {
    let mut sources = Vec::new();
    let mut problems = Vec::new();
    for file in listed {
        match files.read(&file.path) {
            Ok(source) => sources.push(source),
            Err(mut problem) => {
                let shows_a_line = problem.place.as_ref().is_some_and(|place| !place.source.text.is_empty());
                if !shows_a_line && file.place.is_some() {
                    problem.place.clone_from(&file.place);
                }
                problems.push(if problem.rule == rules::FILE_MISSING { pasted::explained(problem) } else { problem });
            }
        }
    }
    (sources, problems)
}
