//! The document that `sailplan version --format json` prints.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The form of the document; additions raise the minor number.
pub const FORMAT_VERSION: &str = "1.0";

/// Which sailplan this is, and which versions of its documents it reads and writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// The form of the document, such as `1.0`; additions raise the minor number.
    pub format_version: String,
    /// The version of sailplan.
    pub sailplan: String,
    /// The system and the processor that it was built for, such as `linux-x86_64`.
    pub platform: String,
    /// The form of the plans that it writes. It reads those with the same major number.
    pub plan_format: String,
    /// The form of the receipts that it writes. It reads those with the same major number.
    pub receipt_format: String,
    /// The API generations that it knows of each resource, as `apiVersion` names them.
    pub generations: BTreeMap<String, Vec<String>>,
}
