//! The way back from an apply: what its receipt says it wrote, held against what is live now. A setting gets its
//! value from before again only where live still is what that apply wrote.
//!
//! A receipt is a file that anybody may have edited. So its paths must be settings of the catalogue and its values of
//! their kind, and what comes out is an ordinary plan that somebody approves.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use crate::documents::became::turned_down;
use crate::documents::receipt::{Outcome, Receipt, ResourceReceipt, TenantReceipt};
use crate::plan::tenant::{Left, Why};
use crate::report::change::{both_in_full, in_full};
use crate::resource::instances::{Standing, WHOLE};
use crate::resource::reference::Known;
use crate::resource::{Setting, Write, document};
use crate::settings::{Desired, DesiredResource, Managed};
use crate::text::problem::Place;
use crate::text::yaml::Source;

/// Returns what an apply wrote to one tenant, or may have written: what its receipt proves not done is left out.
///
/// # Errors
///
/// Why the receipt cannot be one of sailplan's: it names what the catalogue does not have.
pub fn written(receipt: &Receipt, tenant: &TenantReceipt, source: &Arc<Source>) -> Result<Desired, String> {
    let mut resources = Vec::new();
    for entry in tenant.resources.iter().filter(|entry| entry.started_at.is_some()) {
        let forged = |what: &str| format!("{} {}: {what}", tenant.name, entry.document());
        let key = entry.document().key().ok_or_else(|| forged("there is no such resource"))?;
        let resource = key.resource;
        let generation = resource
            .generation(&entry.api_version)
            .ok_or_else(|| forged(&format!("there is no apiVersion {}", entry.api_version)))?;
        let mut settings: Vec<Arc<Managed>> = Vec::new();
        for operation in &entry.operations {
            let setting = resource
                .setting_in(generation, &operation.path)
                .ok_or_else(|| forged(&format!("{} is not a setting of {}", operation.path, generation.name)))?;
            let value = accepted(setting, operation.value())
                .ok_or_else(|| forged(&format!("{} cannot be what it says", operation.path)))?;
            // An apply changes nothing that it cannot read.
            if entry.read(setting, &entry.before).is_err() {
                return Err(forged(&format!("{} cannot have been what it says", operation.path)));
            }
            if settings.iter().any(|managed| managed.setting == setting) {
                return Err(forged(&format!("{} is there twice", operation.path)));
            }
            if !may_have_written(entry, setting, &value) {
                continue;
            }
            let place = place(receipt, entry, &operation.path, source);
            settings.push(Arc::new(Managed {
                setting,
                value: value.into(),
                value_place: place.clone(),
                place,
                known: Arc::new(named(entry, &operation.path)),
            }));
        }
        settings.sort_by_key(|managed| resource.position(managed.setting.pointer));
        if !settings.is_empty() {
            resources.push(DesiredResource { key, generation, settings, left_out: BTreeSet::new() });
        }
    }
    // As in every plan, so that a receipt is read in whatever order it has them.
    resources.sort_by(|resource, next| resource.key.cmp(&next.key));
    Ok(Desired { resources, ..Desired::default() })
}

/// Returns whether an entry shows that `value` was written, or leaves it open: a run that was killed leaves `pending`
/// behind, and after a lost answer only the live value tells.
pub fn may_have_written(entry: &ResourceReceipt, setting: &Setting, value: &Value) -> bool {
    if entry.started_at.is_none() {
        return false;
    }
    match entry.outcome {
        // What live shows of it was made by somebody else.
        Outcome::Failed | Outcome::Pending if turned_down(entry) => false,
        Outcome::Applied | Outcome::Unknown | Outcome::Pending => true,
        Outcome::Failed => match entry.after.as_ref().map(|after| entry.read(setting, after)) {
            Some(Ok(found)) => setting.equal(Some(value), found.as_ref()),
            None | Some(Err(_)) => true,
        },
        Outcome::Unchanged | Outcome::Refused | Outcome::Skipped => false,
    }
}

/// Returns the names of ids that the receipt has for an operation.
fn named(entry: &ResourceReceipt, path: &str) -> Known {
    let meaning = entry.changes.iter().find(|meaning| meaning.path == path);
    Known { names: meaning.map(|meaning| meaning.names.clone()).unwrap_or_default(), ..Known::default() }
}

fn accepted(setting: &Setting, value: &Value) -> Option<Value> {
    match value {
        Value::Null => setting.nullable.then_some(Value::Null),
        value => setting.kind.canonical(value),
    }
}

/// Returns where the receipt says so: the operation's path.
fn place(receipt: &Receipt, entry: &ResourceReceipt, path: &str, source: &Arc<Source>) -> Place {
    let earlier = receipt
        .entries()
        .take_while(|(_, one)| !std::ptr::eq(*one, entry))
        .flat_map(|(_, one)| &one.operations)
        .filter(|operation| operation.path == path)
        .count();
    let key = format!("\"path\": \"{path}\"");
    let at = source.text.match_indices(&key).nth(earlier).map_or(0, |(at, _)| at);
    source.place(at..at + key.len())
}

/// Returns the settings that go back, with the values from before, and those that stay.
pub fn back(entry: &ResourceReceipt, wrote: DesiredResource, live: &Value) -> (DesiredResource, Vec<Left>) {
    if let Some(undone) = uncreated(entry, &wrote, live) {
        return undone;
    }
    let DesiredResource { key, generation, settings, left_out } = wrote;
    let is_stored = |document: &Value| matches!(key.standing(document), Standing::Own | Standing::Unclear);
    let mut left = Vec::new();
    let mut returning = Vec::new();
    for managed in settings {
        let setting = managed.setting;
        // The document was compared before, so it can be read; and one that cannot shows no value to return to.
        let found = key.read(setting, live).unwrap_or_default();
        let before = key.read(setting, &entry.before).unwrap_or_default();
        if setting.equal(before.as_ref(), found.as_ref()) {
            continue;
        }
        // A PUT would store it again.
        let gone = !setting.is_whole() && is_stored(&entry.before) && !is_stored(live);
        let why = if gone {
            Why::Gone
        } else if setting.equal(Some(managed.value.as_ref()), found.as_ref()) {
            match before.and_then(|before| returnable(setting, before)) {
                Some(value) => {
                    returning.push(Arc::new(Managed { value: value.into(), ..Managed::clone(&managed) }));
                    continue;
                }
                None => Why::Absent,
            }
        } else {
            Why::Moved { wrote: Value::clone(&managed.value) }
        };
        left.push(Left { setting, found, why });
    }
    (DesiredResource { key, generation, settings: returning, left_out }, left)
}

/// A document that the apply created goes again, if it still is what that apply made it: with it goes everything in it.
fn uncreated(entry: &ResourceReceipt, wrote: &DesiredResource, live: &Value) -> Option<(DesiredResource, Vec<Left>)> {
    let (key, generation) = (&wrote.key, wrote.generation);
    let deletes = matches!(key.resource.write, Write::Put { delete: true, .. });
    let first = wrote.settings.first().filter(|managed| deletes && !managed.setting.is_whole())?;
    if !matches!(key.standing(&entry.before), Standing::Inherited | Standing::NotStored) {
        return None;
    }
    let undone =
        |settings| DesiredResource { key: key.clone(), generation, settings, left_out: wrote.left_out.clone() };
    if !matches!(key.standing(live), Standing::Own | Standing::Unclear) {
        return Some((undone(Vec::new()), Vec::new()));
    }
    let made = |setting: &Setting| match wrote.get(setting.pointer) {
        Some(managed) => Some(Value::clone(&managed.value)),
        None => document::read(setting, entry.after.as_ref().unwrap_or(&entry.before)).unwrap_or_default(),
    };
    let mut left = Vec::new();
    for setting in key.resource.settings_of(generation) {
        let (wrote, found) = (made(setting), document::read(setting, live).unwrap_or_default());
        if !setting.equal(wrote.as_ref(), found.as_ref()) {
            left.push(Left { setting, found, why: Why::Moved { wrote: wrote.unwrap_or_default() } });
        }
    }
    if !left.is_empty() {
        // With the document stays what the apply wrote in it.
        for setting in wrote.settings.iter().map(|managed| managed.setting) {
            let read = |document: &Value| document::read(setting, document).unwrap_or_default();
            let (before, found) = (read(&entry.before), read(live));
            let moved = left.iter().any(|left| left.setting == setting);
            if !moved && !setting.equal(before.as_ref(), found.as_ref()) {
                left.push(Left { setting, found, why: Why::Kept });
            }
        }
    }
    let whole = Arc::new(Managed { setting: &WHOLE, value: Value::Null.into(), ..Managed::clone(first) });
    Some((undone(if left.is_empty() { vec![whole] } else { Vec::new() }), left))
}

/// Returns the value to send. The API documents no null for lists and for settings that it does not call nullable.
fn returnable(setting: &Setting, before: Value) -> Option<Value> {
    match before {
        Value::Null if setting.kind.is_set() => Some(Value::Array(Vec::new())),
        Value::Null => setting.nullable.then_some(Value::Null),
        value => Some(value),
    }
}

/// A line of the checkout that asks for something else than the value from before an apply, although the setting is back
/// at it.
#[derive(Clone, Debug)]
pub struct Reapplier {
    /// The setting and its line.
    pub managed: Managed,
    /// The value from before; `None` if there was none.
    pub before: Option<Value>,
}

/// Returns the lines of a checkout that would bring a change back; `after` is the live document once the settings are
/// back. Whether this run or an earlier one brought a setting back is the same to its line.
pub fn reappliers(desired: &Desired, entry: &ResourceReceipt, after: &Value) -> Vec<Reapplier> {
    let Some(wanted) = entry.document().key().and_then(|key| desired.get(&key)) else {
        return Vec::new();
    };
    let written = |setting: &Setting| {
        let mut operations = entry.operations.iter().filter(|operation| operation.path == setting.pointer);
        operations.any(|operation| may_have_written(entry, setting, operation.value()))
    };
    wanted
        .settings
        .iter()
        .filter(|managed| written(managed.setting))
        .filter_map(|managed| {
            let setting = managed.setting;
            let before = entry.read(setting, &entry.before).ok()?;
            let now = entry.read(setting, after).ok()?;
            let asks_otherwise = !setting.equal(Some(managed.value.as_ref()), now.as_ref());
            let back = setting.equal(before.as_ref(), now.as_ref());
            (back && asks_otherwise).then(|| Reapplier { managed: Managed::clone(managed), before: now })
        })
        .collect()
}

/// Returns why a rollback leaves a setting as it is.
pub fn left(left: &Left) -> String {
    let setting = left.setting;
    let stays = format!("{setting} stays at {}", in_full(setting, left.found.as_ref()));
    match &left.why {
        Why::Moved { wrote } => {
            let (found, wrote) = both_in_full(setting, left.found.as_ref(), Some(wrote));
            format!("{setting} stays at {found}: somebody changed it after that apply, which had made it {wrote}")
        }
        Why::Absent => format!("{stays}: the tenant had no value for it before, and the API cannot take one away"),
        Why::Gone => format!("{stays}: somebody deleted the configuration after that apply"),
        Why::Kept => format!(
            "{stays}: that apply created the configuration, and it is not deleted, because somebody changed it since"
        ),
        Why::RolledBack => format!("{stays}: the change was rolled back"),
    }
}
