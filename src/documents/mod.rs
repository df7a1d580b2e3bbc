//! The documents that outlive a run and are a promise to other programs: their types, versions, seals and schemas.

pub mod against;
pub mod became;
pub mod build;
pub mod control;
pub mod doctor;
pub mod evidence;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod grid;
pub mod in_words;
pub mod left;
pub mod listing;
pub mod looked_up;
pub mod merge;
pub mod name;
pub mod plan;
mod present;
pub mod receipt;
pub mod requested;
pub mod rolled_back;
pub mod saved;
pub mod schema;
pub mod seal;
pub mod tally;
pub mod validation;
pub mod version;
