//! What a file is and what is wrong with it: the disk and git, YAML, messages with their lines, hostile text made
//! harmless. Knows nothing of tenants and settings. [`source`] stands on its own, [`problem`] on it, [`disk`] and
//! [`yaml`] on both.

pub mod authorship;
pub mod characters;
pub mod disk;
pub mod distinct;
pub mod generated;
pub mod git;
pub mod id;
pub mod json;
pub mod list;
pub mod nearest;
pub mod number;
pub mod paths;
pub mod printable;
pub mod problem;
pub mod reader;
pub mod repository;
pub mod revision;
pub mod secrets;
pub mod shell;
pub mod source;
pub mod threads;
pub mod wrap;
pub mod yaml;
