//! Changes that were rolled back. The settings files may still ask for them, and an apply does not make them again until
//! the value in the file changes.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use crate::documents::name::DocumentName;
use crate::documents::receipt::{Receipt, ResourceReceipt};
use crate::plan::Change;
use crate::plan::tenant::{Left, ResourcePlan, Why};
use crate::report::change::both_in_full;
use crate::report::time::second;
use crate::resource::instances::WHOLE;
use crate::resource::{Key, Resource, Setting};
use crate::run::ledger;
use crate::run::read::Planned;
use crate::run::rollback::may_have_written;

/// The changes that the receipts of a workspace show as rolled back, and not made again since.
#[derive(Debug, Default)]
pub struct Undone(HashMap<Place, Rollback>);

/// A setting of a tenant.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Place {
    url: String,
    document: String,
    path: String,
}

#[derive(Debug)]
struct Rollback {
    /// The value that was taken back.
    from: Value,
    /// When its run began.
    when: String,
}

impl Undone {
    /// Reads the receipts of the workspace in `folder`.
    pub fn read(folder: &Path) -> Undone {
        let mut undone = Undone::default();
        for run in ledger::since_rollback(folder) {
            undone.add(&run.receipt);
        }
        undone
    }

    /// Adds a receipt that is later than those before.
    fn add(&mut self, receipt: &Receipt) {
        for (tenant, entry) in receipt.entries() {
            for operation in &entry.operations {
                let Some((setting, from)) = taken_back(entry, &operation.path, operation.value()) else { continue };
                let document = entry.document().to_string();
                let place = |setting: &Setting| Place {
                    url: tenant.url.clone(),
                    document: document.clone(),
                    path: setting.pointer.to_owned(),
                };
                if receipt.rolls_back.is_some() {
                    for (setting, from) in from {
                        self.0.insert(place(setting), Rollback { from, when: receipt.started_at.clone() });
                    }
                } else if setting.is_whole() {
                    self.0.retain(|place, _| place.url != tenant.url || place.document != document);
                } else {
                    self.0.remove(&place(setting));
                    // The files no longer ask for what they asked for the document as a whole.
                    self.0.remove(&place(&WHOLE));
                }
            }
        }
    }

    fn find(&self, url: &str, key: &Key, change: &Change) -> Option<&Rollback> {
        let document = DocumentName::from(key).to_string();
        let place = Place { url: url.to_owned(), document, path: change.setting.pointer.to_owned() };
        self.0.get(&place).filter(|rollback| change.setting.equal(Some(&rollback.from), Some(change.after.as_ref())))
    }

    /// Takes the changes out of what is to be sent, and says so.
    pub fn hold(&self, tenants: &mut [Planned]) {
        self.each(tenants, |resource, held| {
            for (change, when) in held {
                // A document is read again after a question.
                if resource.left.iter().any(|left| left.setting == change.setting) {
                    continue;
                }
                let (stays, asks) = both_in_full(change.setting, change.before.as_deref(), Some(change.after.as_ref()));
                let when = second(when);
                resource.notes.push(format!(
                    "{} stays at {stays}: the run that began at {when} rolled the change back, and {} still asks for \
                     {asks}; edit that line, or give --again",
                    change.setting, change.place
                ));
                let (setting, found) = (change.setting, change.before.as_deref().cloned());
                resource.left.push(Left { setting, found, why: Why::RolledBack });
            }
            if let Ok(read) = &mut resource.outcome {
                read.comparison.changes.retain(|change| !held.iter().any(|(held, _)| held.setting == change.setting));
            }
        });
    }

    /// Says of the changes that an apply would not make them.
    pub fn tell(&self, tenants: &mut [Planned]) {
        self.each(tenants, |resource, held| {
            resource.notes.extend(held.iter().map(|(change, when)| {
                let when = second(when);
                format!(
                    "{}: the run that began at {when} rolled this change back, so sailplan apply makes it only with --again",
                    change.setting
                )
            }));
        });
    }

    fn each(&self, tenants: &mut [Planned], work: impl Fn(&mut ResourcePlan, &[(Change, String)])) {
        if self.0.is_empty() {
            return;
        }
        for tenant in tenants.iter_mut().filter(|tenant| tenant.refused.is_none()) {
            let url = tenant.plan.url.clone();
            for resource in tenant.plan.resources_mut() {
                let changes = resource.outcome.as_ref().map(|read| read.comparison.changes.as_slice());
                let held: Vec<(Change, String)> = changes
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|change| {
                        let rollback = self.find(&url, &resource.desired.key, change)?;
                        Some((change.clone(), rollback.when.clone()))
                    })
                    .collect();
                if !held.is_empty() {
                    work(resource, &held);
                }
            }
        }
    }
}

/// A setting, and the value that it had before something else was written.
type Was = (&'static Setting, Value);

/// Returns the setting that an operation wrote, and the values in whose place it came: of a document that was deleted, those
/// of its settings that went with it.
fn taken_back(entry: &ResourceReceipt, path: &str, value: &Value) -> Option<(&'static Setting, Vec<Was>)> {
    let (key, setting) = (entry.document().key()?, entry.setting(path)?);
    if !may_have_written(entry, setting, value) {
        return None;
    }
    let was = |setting: &Setting| key.read(setting, &entry.before).ok().flatten();
    if !setting.is_whole() {
        return Some((setting, was(setting).map(|from| (setting, from)).into_iter().collect()));
    }
    if !value.is_null() {
        return Some((setting, vec![(setting, Value::Null)]));
    }
    let is = |setting: &Setting| entry.after.as_ref().and_then(|after| key.read(setting, after).ok().flatten());
    let resource: &'static Resource = key.resource;
    let settings = resource.settings.iter().filter_map(|setting| Some((setting, was(setting)?)));
    // What it inherits with the same value did not go.
    Some((setting, settings.filter(|(setting, from)| !setting.equal(Some(from), is(setting).as_ref())).collect()))
}
