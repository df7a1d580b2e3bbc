//! The receipt: what an apply did. It is on disk before the first byte is sent and rewritten as the outcome of each
//! write becomes known, so that a run that is killed leaves the truth behind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::documents::name::DocumentName;
use crate::documents::plan::{ErrorEntry, LiftedEntry, Operation, RefusalEntry};
use crate::documents::seal::{self, Format, Unreadable};
use crate::text::disk::{self, Rights};

/// The version of receipts that this sailplan writes. Additions raise the second number.
pub const FORMAT_VERSION: &str = "1.0";

const FORMAT: Format = Format { name: "receipt", version: FORMAT_VERSION };

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
    /// The receipt that this run rolled back, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolls_back: Option<RolledBack>,
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

/// The receipt that a run rolled back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RolledBack {
    /// Its file, as it was named.
    pub receipt: String,
    /// The digest of the plan that was rolled back.
    pub digest: String,
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
    /// Which document of the resource; left out where a tenant has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The API generation.
    pub api_version: String,
    /// How it went.
    pub outcome: Outcome,
    /// When sending began (RFC 3339); absent where nothing was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// When the outcome was known (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
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
    /// Not sent yet where `startedAt` is absent too; else on its way when the receipt was last written.
    Pending,
    /// There was nothing to change.
    Unchanged,
    /// Sent, and a fresh read shows every managed setting as desired.
    Applied,
    /// It failed; `after` shows what holds, where it could be read.
    Failed,
    /// Sent, and whether it took could not be found out: read the tenant to learn what holds.
    Unknown,
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

impl TenantReceipt {
    /// Returns what happened to a document; `None` if the run was not about it.
    pub fn get(&self, document: DocumentName<'_>) -> Option<&ResourceReceipt> {
        self.resources.iter().find(|entry| entry.document() == document)
    }
}

impl ResourceReceipt {
    /// Returns the document that the entry is about.
    pub fn document(&self) -> DocumentName<'_> {
        DocumentName { resource: &self.resource, instance: self.instance.as_deref() }
    }
}

impl Receipt {
    /// Reads a receipt and checks its checksum. What it holds is still only what a file claims.
    ///
    /// # Errors
    ///
    /// See [`Unreadable`].
    pub fn parse(text: &str) -> Result<Receipt, Unreadable> {
        seal::read(text, FORMAT)
    }

    /// Returns the receipt as it is saved.
    ///
    /// # Errors
    ///
    /// It cannot be written as JSON.
    pub fn to_text(&self) -> serde_json::Result<String> {
        seal::write(self)
    }

    /// Returns the entries of resources, each with its tenant.
    pub fn entries(&self) -> impl Iterator<Item = (&TenantReceipt, &ResourceReceipt)> {
        self.tenants.iter().flat_map(|tenant| tenant.resources.iter().map(move |resource| (tenant, resource)))
    }
}

/// A receipt and the file that keeps it.
pub struct Book {
    /// The receipt as it stands.
    pub receipt: Receipt,
    path: PathBuf,
    copy: Option<PathBuf>,
    /// What was written last.
    text: String,
}

impl Book {
    /// Writes the receipt for the first time, to `path` and to a `copy` for the user. Nothing may be sent when this fails.
    ///
    /// # Errors
    ///
    /// The file or its folder cannot be written, or the file exists: a receipt is never overwritten by another run's.
    pub fn open(path: PathBuf, copy: Option<PathBuf>, receipt: Receipt) -> std::io::Result<Book> {
        let text = receipt.to_text()?;
        let book = Book { receipt, path, copy, text };
        // First of all: a name that is taken must not leave a receipt of a run that never was.
        if book.copy.as_ref().is_some_and(|copy| copy.symlink_metadata().is_ok()) {
            return Err(std::io::Error::new(std::io::ErrorKind::AlreadyExists, "the file exists"));
        }
        book.paths().try_for_each(|path| disk::create(path, &book.text, Rights::Private))?;
        Ok(book)
    }

    fn paths(&self) -> impl Iterator<Item = &Path> {
        [&self.path].into_iter().chain(&self.copy).map(PathBuf::as_path)
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
    /// The file or its folder cannot be written, or somebody changed the file.
    pub fn save(&mut self) -> std::io::Result<()> {
        let text = self.receipt.to_text()?;
        // Compared first, because reading a receipt takes longer.
        let ours = |found: &str| found == self.text || Receipt::parse(found).is_ok();
        self.paths().try_for_each(|path| disk::replace(path, &text, Rights::Private, ours))?;
        self.text = text;
        Ok(())
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

/// Returns commit, pull request, run and actor from the variables that CI systems set, as far as they are there.
pub fn run_facts(variable: impl Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    // GitHub Actions, GitLab CI, Azure Pipelines, Bitbucket Pipelines, Jenkins, in this order.
    const SOURCES: [(&str, &[&str]); 4] = [
        ("commit", &["GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION", "BITBUCKET_COMMIT", "GIT_COMMIT"]),
        (
            "pullRequest",
            &["CI_MERGE_REQUEST_IID", "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "BITBUCKET_PR_ID", "CHANGE_ID"],
        ),
        ("run", &["GITHUB_RUN_ID", "CI_PIPELINE_URL", "BUILD_BUILDID", "BITBUCKET_BUILD_NUMBER", "BUILD_URL"]),
        (
            "actor",
            &[
                "GITHUB_ACTOR",
                "GITLAB_USER_LOGIN",
                "BUILD_REQUESTEDFOR",
                "BITBUCKET_STEP_TRIGGERER_UUID",
                "BUILD_USER_ID",
                "USER",
            ],
        ),
    ];
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let mut facts: BTreeMap<String, String> = SOURCES
        .into_iter()
        .filter_map(|(fact, names)| Some((fact.to_owned(), names.iter().find_map(|name| set(name))?)))
        .collect();
    // GitHub names the pull request only inside a ref: refs/pull/7/merge.
    let number = set("GITHUB_REF").and_then(|name| {
        let (number, _) = name.strip_prefix("refs/pull/")?.split_once('/')?;
        Some(number.to_owned())
    });
    if let Some(number) = number {
        facts.insert("pullRequest".to_owned(), number);
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(variables: &[(&str, &str)]) -> Vec<(String, String)> {
        let find = |name: &str| variables.iter().find(|(one, _)| *one == name).map(|(_, value)| (*value).to_owned());
        run_facts(find).into_iter().collect()
    }

    #[test]
    fn ci_variables_name_the_run() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(facts(&[]), []);
        assert_eq!(
            facts(&[
                ("GITHUB_SHA", "c0ffee"),
                ("GITHUB_REF", "refs/pull/7/merge"),
                ("GITHUB_RUN_ID", "12"),
                ("GITHUB_ACTOR", "mona"),
                ("USER", "runner"),
            ]),
            [pair("actor", "mona"), pair("commit", "c0ffee"), pair("pullRequest", "7"), pair("run", "12")]
        );
        // After the merge a branch is built, and no pull request.
        assert_eq!(facts(&[("GITHUB_REF", "refs/heads/main"), ("GITHUB_SHA", "")]), []);
        assert_eq!(
            facts(&[("CI_COMMIT_SHA", "1"), ("CI_MERGE_REQUEST_IID", "2"), ("CI_PIPELINE_URL", "u")]),
            [pair("commit", "1"), pair("pullRequest", "2"), pair("run", "u")]
        );
    }

    #[test]
    fn a_receipt_never_takes_the_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("receipt.json");
        std::fs::write(&path, "the receipt of another run").unwrap();
        let receipt = Receipt {
            format_version: FORMAT_VERSION.to_owned(),
            sailplan: "0".to_owned(),
            started_at: "2026-11-21T00:00:00Z".to_owned(),
            finished_at: None,
            rolls_back: None,
            digest: "sha256:00".to_owned(),
            run: BTreeMap::new(),
            verdict: None,
            tenants: Vec::new(),
        };
        let refused = Book::open(path.clone(), None, receipt).err().map(|error| error.kind());
        assert_eq!(refused, Some(std::io::ErrorKind::AlreadyExists));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "the receipt of another run");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
