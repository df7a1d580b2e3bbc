//! `-` in the place of a file: standard input where a file is read, standard output where one is written.

use std::path::{Path, PathBuf};

use clap::builder::{PathBufValueParser, TypedValueParser};

use crate::text::disk::{STANDARD_INPUT, STANDARD_OUTPUT};

/// Takes the file that a command reads.
pub fn input() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().map(|path| if is_dash(&path) { STANDARD_INPUT.into() } else { path })
}

/// Takes the file to which a command adds line by line, beside what it prints.
pub fn log() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().map(|path| if is_dash(&path) { STANDARD_OUTPUT.into() } else { path })
}

/// Takes a file that a command needs the name of: it is edited, or other files are looked for beside it.
pub fn named() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| if is_dash(&path) { Err("write the name of a file") } else { Ok(path) })
}

/// Returns whether an output takes the place of what a command prints.
pub fn is_dash(path: &Path) -> bool {
    path == Path::new("-")
}
