//! What was typed.

use std::path::PathBuf;

/// The command line of a run.
#[derive(Clone, Debug, Default)]
pub struct CommandLine {
    /// The words after the name of the program.
    pub words: Vec<String>,
    /// The settings files among them.
    pub files: Vec<PathBuf>,
}
