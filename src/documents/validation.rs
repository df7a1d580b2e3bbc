//! The document that `sailplan validate --format json` prints.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::documents::control::{GainEntry, LossEntry, WeakenedTenantEntry};
use crate::documents::plan::{BaseEntry, ProblemEntry};

/// The form of the document; additions raise the minor number.
pub const FORMAT_VERSION: &str = "1.1";

/// What `sailplan validate` found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Validation {
    /// The form of the document, such as `1.0`; additions raise the minor number.
    pub format_version: String,
    /// The version of sailplan that wrote it.
    pub sailplan: String,
    /// Whether the files are valid; with `--strict`, warnings make them invalid.
    pub valid: bool,
    /// The verdict in words.
    pub verdict: String,
    /// Whether warnings count as errors.
    pub strict: bool,
    /// The number of errors.
    pub errors: usize,
    /// The number of warnings.
    pub warnings: usize,
    /// Every file that was checked.
    pub files: Vec<String>,
    /// Everything that was found, by file and position.
    pub problems: Vec<ProblemEntry>,
    /// The revision that the control of the workspace was compared with, by `--base`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<BaseEntry>,
    /// What `base` decides and the checkout no longer does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<LossEntry>,
    /// Guardrails that the checkout weakens. They are shown and never make the files invalid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weakened: Vec<WeakenedTenantEntry>,
    /// What comes under control.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gains: Vec<GainEntry>,
}

impl Validation {
    /// Returns the document with other names for its files, such as relative to the repository.
    #[must_use]
    pub fn renamed(mut self, rename: impl Fn(&str) -> String) -> Validation {
        for problem in &mut self.problems {
            problem.file = problem.file.as_deref().map(&rename);
        }
        self.files = self.files.iter().map(|file| rename(file)).collect();
        self
    }
}
