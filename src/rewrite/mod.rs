//! Writing settings files: edits in place, whole files from live documents, migrations to another API generation.

pub mod accept;
pub mod edit;
pub mod migrate;
pub mod pull;
pub mod reappliers;
