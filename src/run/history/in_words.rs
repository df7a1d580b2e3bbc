//! What a read shows of the settings that were to be changed, in words.

use serde_json::Value;

use crate::failure::Failure;
use crate::plan::Change;
use crate::resource::difference::Members;
use crate::resource::{Setting, document};
use crate::text::distinct::tell_apart;
use crate::text::list::few;

/// Returns whether a write let the tenant show a documented default where it showed no value.
pub(super) fn filled_in(setting: &Setting, before: &Value, after: &Value) -> bool {
    match (document::read(setting, before), document::read(setting, after)) {
        (Ok(before), Ok(after)) => setting.is_filled_in(before.as_ref(), after.as_ref()),
        _ => false,
    }
}

/// Some tenants leave out what has its default. Returns what to do about a change to such a value.
pub(super) fn not_shown(change: &Change) -> Option<String> {
    let Change { setting, before, after, place, .. } = change;
    setting.is_filled_in(before.as_deref(), Some(after)).then(|| {
        format!(
            "this tenant does not show {} for {setting}: delete the line ({place}), or set it once in the tenant's admin \
             console and plan again",
            setting.show(Some(after))
        )
    })
}

pub(super) fn because(failure: &Failure) -> String {
    if failure.message.is_empty() { String::new() } else { format!(": {}", failure.message) }
}

/// Returns what a read leaves to be changed. Sets are told by their members: two of the same size look the same when only
/// counted.
pub fn left(change: &Change) -> String {
    match members(change.setting, change.before.as_deref(), Some(change.after.as_ref())) {
        Some(members) => format!("{}: {members}", change.setting),
        None => {
            let (found, expected) = change.setting.show_both(change.before.as_deref(), Some(change.after.as_ref()));
            format!("{} is {found}, expected {expected}", change.setting)
        }
    }
}

pub(super) fn describe_move(setting: &Setting, before: &Value, after: &Value) -> String {
    let (was, is) = (document::read(setting, before), document::read(setting, after));
    if let (Ok(was), Ok(is)) = (&was, &is) {
        if let Some(members) = members(setting, is.as_ref(), was.as_ref()) {
            return format!("{setting}: {members}, compared with before");
        }
        let (was, is) = setting.show_both(was.as_ref(), is.as_ref());
        return format!("{setting} was {was}, is {is}");
    }
    let show = |value: Result<Option<Value>, document::Unfit>| match value {
        Ok(value) => setting.show(value.as_ref()),
        Err(unfit) => unfit.found.to_owned(),
    };
    format!("{setting} was {}, is {}", show(was), show(is))
}

/// How many members are listed before the rest is counted.
const LISTED: usize = 10;

/// Returns which members `found` lacks and has too many; `None` for what is not a set.
fn members(setting: &Setting, found: Option<&Value>, expected: Option<&Value>) -> Option<String> {
    if !setting.kind.is_set() {
        return None;
    }
    let Members { added, removed, .. } = setting.members(found, expected);
    let owned = |members: Vec<&str>| members.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let (mut missing, mut extra) = (owned(added), owned(removed));
    tell_apart(missing.iter_mut(), extra.iter_mut());
    let say =
        |what: &str, members: &[String]| (!members.is_empty()).then(|| format!("{what} {}", few(members, LISTED)));
    let parts: Vec<String> = [say("missing", &missing), say("too many", &extra)].into_iter().flatten().collect();
    Some(if parts.is_empty() { "other spelling of the same members".to_owned() } else { parts.join("; ") })
}
