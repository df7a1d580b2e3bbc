//! Which receipt a plan or a run rolls back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The receipt that is rolled back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RolledBack {
    /// Its file, as it was named.
    pub receipt: String,
    /// The digest of the plan that was rolled back.
    pub digest: String,
}
