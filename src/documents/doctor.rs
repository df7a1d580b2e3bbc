//! The document that `sailplan doctor --format json` prints: what stands between this machine and every tenant.

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The form of the document; additions raise the minor number.
pub const FORMAT_VERSION: &str = "1.0";

/// What a check of the chosen tenants found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    /// The form of the document, such as `1.0`; additions raise the minor number.
    pub format_version: String,
    /// The version of sailplan that wrote it.
    pub sailplan: String,
    /// The workspace file, from the root of the git repository; left out without a workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// What the credentials are meant for, as `--for` says; left out if it is not given.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// One entry per tenant, in the order of the workspace.
    pub tenants: Vec<DiagnosedTenant>,
}

/// What credentials are meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, ValueEnum)]
#[serde(rename_all = "camelCase")]
pub enum Purpose {
    /// A job that only plans: a token that could write is a warning
    Plan,
    /// A job that applies
    Apply,
}

/// What was found at one tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DiagnosedTenant {
    /// Its name.
    pub name: String,
    /// Its address, or `practice:FILE`; as it is written if a variable in it is not set.
    pub url: String,
    /// The worst of its checks.
    pub status: CheckStatus,
    /// The checks, in the order in which they build on each other. What could not be checked because an earlier check
    /// failed is left out.
    pub checks: Vec<Check>,
    /// The proxy on the way; left out if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxyEntry>,
    /// By how many seconds the tenant's clock is ahead of this machine's, less than zero if it is behind; left out if that is
    /// not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_offset_seconds: Option<i64>,
    /// What the token says of itself, read without a check of its signature; left out if there is no token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenEntry>,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CheckStatus {
    /// Nothing to do.
    Ok,
    /// It works, or may work, and should be looked at.
    Warn,
    /// It does not work.
    Fail,
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum CheckName {
    /// The settings files, if some do not exist yet.
    Settings,
    /// The address, and whether there are credentials that may go there.
    Access,
    /// The proxy on the way.
    Proxy,
    /// Whether the tenant answers: name, connection, TLS.
    Reached,
    /// The clock of this machine against the tenant's.
    Clock,
    /// Whether the credentials get a token, and how long it lasts.
    Token,
    /// The scopes that the token names.
    Scopes,
    /// The user levels that the token names.
    UserLevel,
    /// Whether a managed document can be read.
    Document,
    /// Whether what a look-up needs can be read.
    LookUp,
    /// What `sailplan plan` would lack.
    Plan,
    /// What `sailplan apply` would lack, as far as that can be told without writing.
    Apply,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// What was checked.
    pub check: CheckName,
    /// The document that was read, such as `jitActivationPolicy` or `approvalsConfig[TENANT]`; in `document` checks only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The look-up, such as `names`; in `lookUp` checks only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_up: Option<String>,
    /// How it came out.
    pub status: CheckStatus,
    /// What was found, in one sentence.
    pub message: String,
    /// The particulars, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// What to do, one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<String>,
    /// The HTTP status, if an answer of the tenant is the cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// SailPoint's id of the request, for its support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_id: Option<String>,
}

/// A proxy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProxyEntry {
    /// The variable of the environment that names it; left out if the settings of the system do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// Its host, with its port if it is named; never a user or a password.
    pub host: String,
}

/// What a token says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenEntry {
    /// How many seconds it lasts; left out if the tenant does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life_seconds: Option<u64>,
    /// When it ends (RFC 3339); left out if the tenant does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Its scopes; left out if it does not name them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// The user levels of its owner; left out if it does not name them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_levels: Option<Vec<String>>,
}

impl Check {
    /// A check that found this, with nothing to do about it.
    pub fn new(check: CheckName, status: CheckStatus, message: impl Into<String>) -> Check {
        Check {
            check,
            document: None,
            look_up: None,
            status,
            message: message.into(),
            details: Vec::new(),
            help: Vec::new(),
            http_status: None,
            tracking_id: None,
        }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Check {
        Check { help: vec![help.into()], ..self }
    }

    /// Adds the particulars.
    #[must_use]
    pub fn details(self, details: Vec<String>) -> Check {
        Check { details, ..self }
    }
}
