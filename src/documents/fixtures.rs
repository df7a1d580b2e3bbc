//! Plans and receipts for tests, with what their tests do not care about filled in.

use std::collections::BTreeMap;

use serde_json::Value;

use super::evidence::Evidence;
use super::in_words::System;
use super::plan::{
    ChangeEntry, FORMAT_VERSION, Operation, PlanFile, ResourceEntry, SourceEntry, Status, Summary, TenantEntry,
};
use super::receipt::{self, Outcome, Receipt, ResourceReceipt, TenantReceipt};
use crate::resource::impact::{Impact, Weight};

/// A change that is asked for at `a.yaml:2`.
pub(crate) fn change(path: &str, before: Option<Value>, value: Value, impact: Impact, sentence: &str) -> ChangeEntry {
    ChangeEntry {
        op: Operation::Replace,
        path: path.to_owned(),
        value: Some(value.into()),
        before: before.map(Into::into),
        impact,
        weight: Weight::Plain,
        moot: false,
        disrupts: false,
        overrides: false,
        sentence: sentence.to_owned(),
        cause: None,
        agreed: None,
        requested: None,
        source: SourceEntry { file: "a.yaml".to_owned(), line: 2 },
        names: BTreeMap::new(),
        people: BTreeMap::new(),
        holders: Vec::new(),
        in_words: None,
    }
}

/// A resource all of whose managed settings change.
pub(crate) fn resource(name: &str, api_version: &str, changes: Vec<ChangeEntry>) -> ResourceEntry {
    ResourceEntry {
        resource: name.to_owned(),
        instance: None,
        api_version: api_version.to_owned(),
        action: None,
        above: None,
        status: Status::Changes,
        error: None,
        managed: changes.len(),
        managed_settings: Vec::new(),
        holds: Vec::new(),
        changes,
        together: Vec::new(),
        questions: Vec::new(),
        left: Vec::new(),
        accepted: Vec::new(),
        events: None,
        unmanaged: Vec::new(),
        unknown: Vec::new(),
        warnings: Vec::new(),
    }
}

/// A tenant without guardrails.
pub(crate) fn tenant(name: &str, url: &str, resources: Vec<ResourceEntry>) -> TenantEntry {
    TenantEntry {
        name: name.to_owned(),
        url: url.to_owned(),
        system: Some(System::at(url)),
        labels: BTreeMap::new(),
        read_at: None,
        error: None,
        asks: None,
        look_ups: None,
        resources,
        refusals: Vec::new(),
        lifted: Vec::new(),
        weakened: Vec::new(),
    }
}

/// A plan with its digest and without counts.
pub(crate) fn plan(tenants: Vec<TenantEntry>) -> PlanFile {
    let mut plan = PlanFile {
        format_version: FORMAT_VERSION.to_owned(),
        sailplan: "0".to_owned(),
        created_at: None,
        digest: None,
        workspace: None,
        selection: Vec::new(),
        shard: None,
        name: None,
        marker: None,
        only: Vec::new(),
        base: None,
        checkout: None,
        pull_request: None,
        approvers: Vec::new(),
        summary: Summary::default(),
        losses: Vec::new(),
        gains: Vec::new(),
        weakened: Vec::new(),
        tenants,
        problems: Vec::new(),
        rolls_back: None,
        against: None,
        grid: None,
    };
    plan.digest = Some(plan.compute_digest());
    plan
}

/// A document of a receipt to which nothing was sent yet.
pub(crate) fn resource_receipt(resource: &str, api_version: &str) -> ResourceReceipt {
    ResourceReceipt {
        resource: resource.to_owned(),
        instance: None,
        api_version: api_version.to_owned(),
        outcome: Outcome::Pending,
        started_at: None,
        finished_at: None,
        before: Value::Null,
        operations: Vec::new(),
        changes: Vec::new(),
        left: Vec::new(),
        overrides: None,
        after: None,
        tracking_id: None,
        error: None,
        events: None,
        notes: Vec::new(),
    }
}

/// A tenant of a receipt, without guardrails.
pub(crate) fn tenant_receipt(name: &str, url: &str, resources: Vec<ResourceReceipt>) -> TenantReceipt {
    TenantReceipt {
        name: name.to_owned(),
        url: url.to_owned(),
        identity: BTreeMap::new(),
        error: None,
        refusals: Vec::new(),
        lifted: Vec::new(),
        look_ups: None,
        resources,
    }
}

/// The receipt of a run that began on 21 November 2026 and goes on.
pub(crate) fn receipt(tenants: Vec<TenantReceipt>) -> Receipt {
    Receipt {
        format_version: receipt::FORMAT_VERSION.to_owned(),
        sailplan: "0".to_owned(),
        started_at: "2026-11-21T00:00:00Z".to_owned(),
        finished_at: None,
        rolls_back: None,
        digest: "sha256:0123456789abcdef".to_owned(),
        run: BTreeMap::new(),
        evidence: Evidence::default(),
        window: None,
        verdict: None,
        tenants,
    }
}
