//! The receipt: what an apply did. It is on disk before the first byte is sent and rewritten as the outcome of each
//! write becomes known, so that a run that is killed leaves the truth behind.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::plan_file::{ErrorEntry, LiftedEntry, Operation, RefusalEntry};

/// The version of receipts that this sailplan writes. Additions raise the second number.
pub const FORMAT_VERSION: &str = "1.0";

/// What an apply did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Version of this format.
    pub format_version: String,
    /// Version of the sailplan that applied.
    pub sailplan: String,
    /// When the apply began (RFC 3339).
    pub started_at: String,
    /// When it ended; absent while it runs and after it was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// The digest of the plan.
    pub digest: String,
    /// Commit, pull request, run and actor, from the usual CI variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub run: BTreeMap<String, String>,
    /// The verdict in words; absent while the apply runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// One entry per tenant.
    pub tenants: Vec<TenantReceipt>,
}

/// What happened to one tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantReceipt {
    /// Its name in the workspace.
    pub name: String,
    /// Its address, or `practice:FILE`.
    pub url: String,
    /// Who the token belongs to, as far as the tenant says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub identity: BTreeMap<String, String>,
    /// Why nothing was sent to it at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorEntry>,
    /// Guardrails and limits that stood in the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<RefusalEntry>,
    /// Guardrails that were lifted, each with what lifted it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lifted: Vec<LiftedEntry>,
    /// One entry per resource.
    pub resources: Vec<ResourceReceipt>,
}

/// What happened to one resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceReceipt {
    /// Its name, such as `jitActivationPolicy`.
    pub resource: String,
    /// The API generation.
    pub api_version: String,
    /// How it went.
    pub outcome: Outcome,
    /// The live document before the write.
    pub before: Value,
    /// The operations that were to be sent.
    pub operations: Vec<OperationEntry>,
    /// What sending them overrides besides, in one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrides: Option<String>,
    /// The live document after the write, where it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// SailPoint's id of the write, for its support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_id: Option<String>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorEntry>,
    /// What to know besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// How a write went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Not sent yet, or sent and not known to have arrived: read the tenant to learn what holds.
    Pending,
    /// There was nothing to change.
    Unchanged,
    /// Sent, and a fresh read shows every managed setting as desired.
    Applied,
    /// It failed; `after` shows what holds, where it could be read.
    Failed,
    /// Not sent: something stood in the way.
    Refused,
    /// Not sent: another failure or an interrupt stopped the run before.
    Skipped,
}

/// One operation, as JSON Patch writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OperationEntry {
    /// Always `replace`.
    pub op: Operation,
    /// JSON Pointer of the setting.
    pub path: String,
    /// The value.
    pub value: Value,
}

/// A receipt and the file that keeps it.
pub struct Book {
    /// The receipt as it stands.
    pub receipt: Receipt,
    path: PathBuf,
}

impl Book {
    /// Writes the receipt for the first time. Nothing may be sent when this fails.
    ///
    /// # Errors
    ///
    /// The file or its folder cannot be written, or the file exists.
    pub fn open(path: PathBuf, receipt: Receipt) -> std::io::Result<Book> {
        if path.exists() {
            return Err(std::io::Error::new(std::io::ErrorKind::AlreadyExists, "the file exists"));
        }
        let book = Book { receipt, path };
        book.save()?;
        Ok(book)
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the receipt as it stands: to a new file that takes the place of the old one, so that neither a crash nor a
    /// full disk leaves half a receipt.
    ///
    /// # Errors
    ///
    /// The file or its folder cannot be written.
    pub fn save(&self) -> std::io::Result<()> {
        let mut text = serde_json::to_string_pretty(&self.receipt)?;
        text.push('\n');
        write_atomically(&self.path, &text)
    }

    /// Changes the entry of one resource and writes the receipt.
    ///
    /// # Errors
    ///
    /// See [`Book::save`].
    pub fn record(
        &mut self,
        tenant: usize,
        resource: usize,
        change: impl FnOnce(&mut ResourceReceipt),
    ) -> std::io::Result<()> {
        let entry = self.receipt.tenants.get_mut(tenant).and_then(|tenant| tenant.resources.get_mut(resource));
        if let Some(entry) = entry {
            change(entry);
        }
        self.save()
    }
}

/// Writes a file by way of a temporary one beside it, synced to disk, creating the folder where it is missing.
///
/// # Errors
///
/// The folder or the file cannot be written.
pub fn write_atomically(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The name is only safe once the folder is on disk as well.
    File::open(folder)?.sync_all()
}

/// Returns commit, pull request, run and actor from the variables that CI systems set, as far as they are there.
pub fn run_facts(variable: impl Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    const SOURCES: [(&str, &[&str]); 4] = [
        ("commit", &["GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION", "BITBUCKET_COMMIT", "GIT_COMMIT"]),
        (
            "pullRequest",
            &[
                "GITHUB_REF_NAME",
                "CI_MERGE_REQUEST_IID",
                "SYSTEM_PULLREQUEST_PULLREQUESTID",
                "BITBUCKET_PR_ID",
                "CHANGE_ID",
            ],
        ),
        ("run", &["GITHUB_RUN_ID", "CI_PIPELINE_URL", "BUILD_BUILDID", "BITBUCKET_BUILD_NUMBER", "BUILD_URL"]),
        (
            "actor",
            &["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "BITBUCKET_STEP_TRIGGERER_UUID", "USER"],
        ),
    ];
    SOURCES
        .into_iter()
        .filter_map(|(fact, names)| {
            let value = names.iter().find_map(|name| variable(name).filter(|value| !value.is_empty()))?;
            Some((fact.to_owned(), value))
        })
        .collect()
}
