//! Live values into the lines that manage them: the edits, the proof that nothing is left to plan, and the writing, all
//! files or none.

mod files;
pub mod into;
mod labels;
mod proof;

pub use files::{BY_HAND, Edited, Rewrite, names, rewrite, show, write};
pub use proof::{Expected, prove, tell_side_effects};

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use serde_json::Value;

use crate::plan::tenant::TenantPlan;
use crate::resource::{Key, Setting};
use crate::settings::Managed;
use crate::text::disk::shown;

/// A value that a line of a settings file should ask for.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The tenant that it comes from.
    pub tenant: String,
    /// The document.
    pub key: Key,
    /// The setting and the line that manages it now.
    pub managed: Managed,
    /// The canonical value; `None` if the tenant has none.
    pub value: Option<Value>,
    /// The settings file that is to ask for it; `None` if it is the one that manages it now.
    pub into: Option<PathBuf>,
    /// The names that the tenant has for ids which the lines call something else, where they were looked up.
    pub names: BTreeMap<String, String>,
}

/// The place in a file that asks for a value: tenants with shared files may share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Destination {
    file: String,
    pointer: String,
}

impl Accepted {
    fn destination(&self) -> Destination {
        let managed = &self.managed;
        let file = self.into.as_deref().map_or_else(|| managed.place.source.name.clone(), shown);
        Destination { file, pointer: self.key.pointer(managed.setting) }
    }

    fn shown_destination(&self) -> String {
        self.into.as_deref().map_or_else(|| self.managed.place.to_string(), shown)
    }

    /// Returns whether a line has to be edited.
    fn asks_for_an_edit(&self) -> bool {
        self.has_drifted() || (self.into.is_none() && !self.names.is_empty())
    }

    fn has_drifted(&self) -> bool {
        !self.managed.setting.equal(self.value.as_ref(), Some(&self.managed.value))
    }
}

/// Returns the live value of every managed setting of tenants that could be read, drifted or not: a line that two
/// tenants share has to fit both.
pub fn drifted<'a>(tenants: impl IntoIterator<Item = &'a TenantPlan>) -> Vec<Accepted> {
    let mut found = Vec::new();
    for tenant in tenants {
        for resource in tenant.resources() {
            let Ok(read) = &resource.outcome else { continue };
            found.extend(resource.desired.settings.iter().map(|managed| Accepted {
                tenant: tenant.name.clone(),
                key: resource.desired.key.clone(),
                managed: Managed::clone(managed),
                // The document was compared, so every managed setting in it can be read.
                value: resource.desired.key.read(managed.setting, read.live.document()).unwrap_or_default(),
                into: None,
                names: misnamed(tenant, managed),
            }));
        }
    }
    found
}

/// Returns the tenant's names for the ids of a setting that its lines call something else.
fn misnamed(tenant: &TenantPlan, managed: &Managed) -> BTreeMap<String, String> {
    let found = tenant.looked_up.iter().flat_map(|looked_up| &looked_up.misnamed);
    let here = found.filter(|misnamed| misnamed.place == managed.place);
    here.map(|misnamed| (misnamed.id.clone(), misnamed.name.clone())).collect()
}

/// Takes out of `accepted` what a file cannot ask for, so that the rest can be written. Returns one text for each. A line
/// that another tenant has a value for stays in, since the two differ.
pub fn take_unwritable(accepted: &mut Vec<Accepted>) -> Vec<String> {
    let unwritable =
        |wish: &Accepted| wish.has_drifted() && writable(wish.managed.setting, wish.value.as_ref()).is_none();
    let writable: HashSet<Destination> =
        accepted.iter().filter(|wish| !unwritable(wish)).map(Accepted::destination).collect();
    let mut left = Vec::new();
    accepted.retain(|wish| {
        let stays = writable.contains(&wish.destination());
        if !stays {
            left.push(without_value(wish));
        }
        stays
    });
    left
}

fn without_value(Accepted { tenant, managed, .. }: &Accepted) -> String {
    format!("{}: {tenant} has no value of {}, and a file cannot ask for that", managed.place, managed.setting)
}

/// What to do about a line that asks for something while the tenant has no value.
pub const NO_VALUE: &str = "delete the line to leave the setting unmanaged, or apply to give the tenant its value";

/// Returns what a file has to say to ask for a live value; `None` if it cannot ask for it.
pub fn writable(setting: &Setting, live: Option<&Value>) -> Option<Value> {
    match live {
        Some(Value::Null) | None if setting.kind.is_set() => Some(Value::Array(Vec::new())),
        Some(value) if !value.is_null() => Some(value.clone()),
        // In a file null means no approval, which a tenant that shows nothing may not have.
        _ if setting.kind.is_list() => None,
        _ => setting.nullable.then_some(Value::Null),
    }
}
