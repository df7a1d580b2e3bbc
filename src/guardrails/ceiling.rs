//! Ceilings: how high a setting may go. What that means lies with the kind of value: the number for minutes and counts,
//! the number of members for sets, the exact value for everything without an order.

use serde_json::Value;

use super::subject::Subject;
use crate::resource::impact::Impact;
use crate::text::problem::rules;
use crate::text::reader::{Context, Reader};
use crate::text::yaml::{self, Node};

/// Reads a ceiling of a setting.
pub fn read(subject: &Subject, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
    let outer = reader.context.clone();
    reader.context = Context::of(outer.before(&subject.to_string()));
    let kind = subject.setting.kind;
    let read = match node.value {
        yaml::Value::Null => reader.invalid(
            node,
            rules::NO_CEILING,
            &format!("null is not a limit, expected {}", kind.expects_ceiling()),
            "write the highest value that is allowed, or delete the line",
        ),
        _ => kind.read_ceiling(node, reader),
    };
    reader.context = outer;
    // Names of members are for plans, and a ceiling has none.
    reader.names.clear();
    read
}

/// Returns whether a value is looser than a ceiling permits, or `None` if that is not known. What tightens exceeds nothing.
/// A setting that is cleared or not there exceeds every ceiling: it is not known what the tenant then does. A set has
/// members to keep instead.
pub fn exceeds(subject: &Subject, value: Option<&Value>, ceiling: &Value) -> Option<bool> {
    let setting = subject.setting;
    if setting.kind.is_set() {
        return Some(false);
    }
    let Some(value) = value.filter(|value| !value.is_null()) else { return Some(true) };
    let within = setting.kind.within(value, ceiling)?;
    Some(!within && setting.effect(Some(ceiling), value).impact != Impact::Tightens)
}

/// Who decides the value of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// A settings file.
    ByFile,
    /// The tenant alone: no settings file manages it.
    ByTenant,
}

/// Returns what is wrong with a value that exceeds a ceiling, or that cannot be compared with it.
pub fn excess(subject: &Subject, value: Option<&Value>, ceiling: &Value, decided: Decided) -> String {
    let setting = subject.setting;
    let most = setting.kind.show_ceiling(ceiling);
    let Some(value) = value.filter(|value| !value.is_null()) else {
        let state = match decided {
            Decided::ByFile => "cleared",
            Decided::ByTenant => "not set in the tenant",
        };
        // An absent flag is not an absent maximum.
        let why = if setting.at_loosest(None) {
            "it has no maximum, so it exceeds every limit"
        } else {
            "what that means is not known"
        };
        return format!("{subject} is {state}: {why}; the limit is {most}");
    };
    let whose = match decided {
        Decided::ByFile => "",
        Decided::ByTenant => " in the tenant and not managed",
    };
    let shown = setting.show(Some(value));
    match exceeds(subject, Some(value), ceiling) {
        None => format!("{subject} is {shown}{whose}, which cannot be compared with the limit {most}"),
        Some(_) => format!("{subject} is {shown}{whose}, and the limit is {most}"),
    }
}

/// Returns whether a value that exceeds a ceiling exceeds it by more than the one before.
pub fn enlarges(subject: &Subject, before: Option<&Value>, after: Option<&Value>) -> bool {
    match before.filter(|before| !before.is_null()) {
        Some(before) => exceeds(subject, after, before) != Some(false),
        // No maximum at all is the most; what an absent flag means is not known.
        None => !subject.setting.at_loosest(None),
    }
}

/// Returns whether a ceiling lies within another. Null is the allowance to clear a setting, which is beside all values.
pub fn reaches(subject: &Subject, ceiling: &Value, other: &Value) -> bool {
    if ceiling.is_null() || other.is_null() {
        return ceiling == other;
    }
    if subject.setting.kind.is_set() {
        // For a set it is a number of members.
        return matches!((ceiling.as_u64(), other.as_u64()), (Some(one), Some(most)) if one <= most);
    }
    subject.setting.kind.within(ceiling, other) == Some(true)
}
