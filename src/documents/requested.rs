//! Who asked for a change, when and why, as plans publish it. A commit names its author itself: this is what commits and the
//! CI say, and no proof.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who asked for a change, according to the commits that last changed its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestedEntry {
    /// The commits, newest first; a change of a set may come from several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commits: Vec<CommitEntry>,
    /// Why it is not known, of the whole change or of the rest of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

/// A commit, as it describes itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommitEntry {
    /// Its hash.
    pub commit: String,
    /// The name of its author.
    pub author: String,
    /// When it was written (RFC 3339, in the author's time zone).
    pub date: String,
    /// The first line of its message.
    pub subject: String,
    /// The tickets that the first line names, by `ticketPattern`; left out where the workspace has no such pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tickets: Option<Vec<String>>,
    /// Its page on the forge, if the address is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The pull request that the plan was made for, as the CI says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PullRequestEntry {
    /// Its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The tickets that the title names, by `ticketPattern`; left out where the workspace has no such pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tickets: Option<Vec<String>>,
}

/// The commit that the settings files are of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeadEntry {
    /// Its hash.
    pub commit: String,
    /// The branch that the checkout is on, or the CI says it builds; left out if it is on none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
}

/// What the base revision asks of a setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgreedEntry {
    /// The value; left out where the revision does not manage the setting.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::documents::present::present")]
    #[schemars(with = "Value")]
    pub value: Option<Arc<Value>>,
}

/// Settings that mean more together than each alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TogetherEntry {
    /// JSON Pointers of the settings.
    pub paths: Vec<String>,
    /// What they mean together, in one sentence.
    pub sentence: String,
}
