//! The document that `sailplan tenants --format json` prints: what a matrix of CI and a reader of guardrails need.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::plan::SourceEntry;
use crate::guardrails::allowance::{Allowance, Permission};
use crate::guardrails::set::{Clause, Limit};
use crate::guardrails::verdict::Guardrail;
use crate::guardrails::{Guardrails, RuleSet};
use crate::text::problem::Place;

/// The form of the document; additions raise the minor number.
pub const FORMAT_VERSION: &str = "1.0";

/// The chosen tenants of a workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantList {
    /// The form of the document, such as `1.0`; additions raise the minor number.
    pub format_version: String,
    /// The version of sailplan that wrote it.
    pub sailplan: String,
    /// The workspace file, from the root of the git repository.
    pub workspace: String,
    /// One entry per tenant, in the order of the workspace.
    pub tenants: Vec<ListedTenant>,
}

/// A tenant of a workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedTenant {
    /// Its name.
    pub name: String,
    /// Its address, or `practice:FILE`; as it is written if a variable in it is not set.
    pub url: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its settings files, in layer order.
    pub files: Vec<String>,
    /// How many settings are managed.
    pub managed: usize,
    /// The guardrails that hold for it.
    pub guardrails: Vec<ListedGuardrail>,
    /// The allowances for it, ended ones included.
    pub allowances: Vec<ListedAllowance>,
    /// The newest receipt of a run that was about it; left out if there is none here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_receipt: Option<ListedReceipt>,
}

/// A guardrail of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedGuardrail {
    /// `deny`, `maxChanges`, `require`, `keep`, `limits`, `lift` or `apply`.
    pub rule: String,
    /// The setting, as `/RESOURCE/POINTER`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// What it says: a word, a number, a member or a ceiling.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub says: String,
    /// Where it is written.
    pub source: SourceEntry,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Why it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An allowance for a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedAllowance {
    /// Where it was decided.
    pub ticket: String,
    /// Why there is an exception.
    pub reason: String,
    /// What it permits, in words.
    pub permits: String,
    /// The last day on which it holds, in UTC.
    pub until: String,
    /// Whether that day is over.
    pub ended: bool,
    /// Where it is written.
    pub source: SourceEntry,
}

/// The newest receipt of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedReceipt {
    /// Its file.
    pub file: String,
    /// When the run began (RFC 3339).
    pub started_at: String,
    /// What it came to; left out if it did not finish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
}

/// Returns the guardrails of a tenant, line by line; entries at one address share theirs, so a line may come twice.
pub fn guardrails(rules: &[Arc<RuleSet>]) -> Vec<ListedGuardrail> {
    let mut listed: Vec<ListedGuardrail> = Vec::new();
    for entry in rules.iter().flat_map(|set| lines(&set.guardrails)) {
        if !listed.contains(&entry) {
            listed.push(entry);
        }
    }
    listed
}

fn lines(guardrails: &Guardrails) -> Vec<ListedGuardrail> {
    let Guardrails { deny, require, keep, limits, max_changes, lift, apply } = guardrails;
    let mut lines = Vec::new();
    lines.extend(deny.iter().map(|clause| line(Guardrail::Deny, clause, None, clause.says.text().to_owned())));
    let most = max_changes.iter();
    lines.extend(most.map(|clause| line(Guardrail::MaxChanges, clause, None, clause.says.to_string())));
    let required = require.iter();
    lines.extend(required.map(|clause| line(Guardrail::Require, clause, Some(clause.says.pointer()), String::new())));
    lines.extend(
        keep.iter()
            .map(|clause| line(Guardrail::Keep, clause, Some(clause.says.subject.pointer()), clause.says.shown())),
    );
    lines.extend(limits.iter().map(|clause| {
        let Limit { subject, ceiling } = &clause.says;
        line(Guardrail::Limits, clause, Some(subject.pointer()), subject.setting.kind.show_ceiling(ceiling))
    }));
    lines.extend(lift.iter().map(|clause| line(Guardrail::Lift, clause, None, clause.says.text().to_owned())));
    lines.extend(apply.iter().map(|clause| {
        let words: Vec<&str> = clause.says.iter().map(|word| word.text()).collect();
        line(Guardrail::Apply, clause, None, words.join(", "))
    }));
    lines
}

fn line<T>(rule: Guardrail, clause: &Clause<T>, setting: Option<String>, says: String) -> ListedGuardrail {
    ListedGuardrail {
        rule: rule.to_string(),
        setting,
        says,
        source: source(&clause.place),
        owner: clause.origin.owner.clone(),
        reason: clause.origin.reason.clone(),
    }
}

/// Returns the allowances for a tenant on the day `today`.
pub fn allowances(rules: &[Arc<RuleSet>], today: Date) -> Vec<ListedAllowance> {
    let mut listed: Vec<ListedAllowance> = Vec::new();
    for set in rules {
        for allowance in set.allowances.iter().filter(|allowance| allowance.is_for(&set.tenant)) {
            let Allowance { ticket, reason, until, place, permits, .. } = allowance;
            let permits = match permits {
                Permission::Change { subject, .. } => format!("{subject} up to {}", allowance.reach()),
                Permission::Release(_) => format!("{} may leave control", allowance.reach()),
            };
            let (ticket, reason) = (ticket.clone(), reason.clone());
            let (ended, until, source) = (*until < today, until.to_string(), source(place));
            let entry = ListedAllowance { ticket, reason, permits, until, ended, source };
            if !listed.contains(&entry) {
                listed.push(entry);
            }
        }
    }
    listed
}

fn source(place: &Place) -> SourceEntry {
    let line = crate::text::problem::line(place);
    SourceEntry { file: place.source.name.clone(), line }
}
