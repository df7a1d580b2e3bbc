//! Two values of one setting, shown so that the difference can be seen.

use std::collections::HashSet;

use serde_json::Value;

use super::Setting;
use crate::text::distinct::{distinct, escaped, tell_apart};
use crate::text::list::few;

/// What two sets have and have not in common.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Members<'v> {
    /// The members that only the second has, in its order.
    pub added: Vec<&'v str>,
    /// The members that only the first has, in its order.
    pub removed: Vec<&'v str>,
    /// How many both have.
    pub kept: usize,
}

impl<'v> Members<'v> {
    /// Compares sets whose members are the same only if they are equal.
    pub fn exact(before: Option<&'v Value>, after: Option<&'v Value>) -> Members<'v> {
        match (ascending(before), ascending(after)) {
            (Some(before), Some(after)) => Members::of_ascending(before, after),
            _ => Members::by_key(before, after, str::to_owned),
        }
    }

    /// Canonical sets are in one order: both are gone through side by side.
    fn of_ascending(before: &'v [Value], after: &'v [Value]) -> Members<'v> {
        let mut found = Members::default();
        let (mut before, mut after) = (before.iter().filter_map(Value::as_str), after.iter().filter_map(Value::as_str));
        let (mut old, mut new) = (before.next(), after.next());
        loop {
            match (old, new) {
                (Some(member), Some(same)) if member == same => {
                    found.kept += 1;
                    (old, new) = (before.next(), after.next());
                }
                (Some(member), next) if next.is_none_or(|next| member < next) => {
                    found.removed.push(member);
                    old = before.next();
                }
                (_, Some(member)) => {
                    found.added.push(member);
                    new = after.next();
                }
                _ => return found,
            }
        }
    }

    fn by_key(before: Option<&'v Value>, after: Option<&'v Value>, key: impl Fn(&str) -> String) -> Members<'v> {
        let keys = |set| texts(set).map(&key).collect::<HashSet<String>>();
        let (old, new) = (keys(before), keys(after));
        Members {
            added: texts(after).filter(|member| !old.contains(&key(member))).collect(),
            removed: texts(before).filter(|member| !new.contains(&key(member))).collect(),
            kept: old.intersection(&new).count(),
        }
    }
}

fn texts(set: Option<&Value>) -> impl Iterator<Item = &str> {
    set.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Returns the members of a set if they are texts in ascending order, each once.
fn ascending(set: Option<&Value>) -> Option<&[Value]> {
    let members = set.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let all_texts = members.iter().all(Value::is_string);
    (all_texts && members.is_sorted_by(|member, next| member.as_str() < next.as_str())).then_some(members)
}

/// How many members of a set are listed before the rest is counted.
const LISTED: usize = 5;

impl Setting {
    /// Returns two values as people read them. Values that differ never look the same: characters that cannot be told
    /// apart are escaped, and sets of the same size are shown with the members that only one has.
    pub fn show_both(&self, one: Option<&Value>, other: Option<&Value>) -> (String, String) {
        let (first, second) = distinct(self.show(one), self.show(other));
        if first != second || self.equal(one, other) {
            return (first, second);
        }
        if !self.kind.is_set() {
            let json = |value: Option<&Value>| escaped(&value.map(Value::to_string).unwrap_or_default());
            return (json(one), json(other));
        }
        let Members { added, removed, .. } = self.members(one, other);
        let owned = |members: Vec<&str>| members.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let (mut only_one, mut only_other) = (owned(removed), owned(added));
        tell_apart(only_one.iter_mut(), only_other.iter_mut());
        (with(&first, &only_one), with(&second, &only_other))
    }

    /// Returns what two sets have and have not in common.
    pub fn members<'v>(&self, before: Option<&'v Value>, after: Option<&'v Value>) -> Members<'v> {
        if self.kind.compares_exactly() {
            return Members::exact(before, after);
        }
        Members::by_key(before, after, |member| self.kind.member_key(member))
    }
}

fn with(shown: &str, members: &[String]) -> String {
    format!("{shown} with {}", few(members, LISTED))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::resource::named::named;

    proptest! {
        #[test]
        fn sets_are_compared_side_by_side_as_by_key(
            before in prop::collection::btree_set("[a-c]{1,2}", 0..8),
            after in prop::collection::btree_set("[a-c]{1,2}", 0..8),
            turned in any::<bool>(),
        ) {
            let (before, mut after) = (Value::from_iter(before), Vec::from_iter(after));
            if turned {
                after.reverse();
            }
            let after = Value::from(after);
            let by_key = Members::by_key(Some(&before), Some(&after), str::to_owned);
            prop_assert_eq!(Members::exact(Some(&before), Some(&after)), by_key);
        }
    }

    #[test]
    fn what_is_no_set_has_no_members() {
        assert_eq!(Members::exact(None, Some(&json!({"a": 1}))), Members::default());
        let both = Members { added: vec!["a"], removed: vec!["b"], kept: 0 };
        assert_eq!(Members::exact(Some(&json!([1, "b", null])), Some(&json!(["a"]))), both);
    }

    #[test]
    fn values_that_differ_look_different() {
        for (name, one, other, shown) in [
            ("notificationTemplate", json!("jit"), json!("jit\u{200b}"), ["\"jit\"", "\"jit\\u{200b}\""]),
            ("notificationTemplate", json!("absent"), json!(null), ["\"absent\"", "null"]),
            ("maxActivationPeriodMins", json!(60), json!(120), ["1h (60 min)", "2h (120 min)"]),
            (
                "entitlementIds",
                json!(["a", "b"]),
                json!(["b", "c"]),
                ["2 entitlements with a", "2 entitlements with c"],
            ),
            ("entitlementIds", json!(["a"]), json!(["b", "c"]), ["1 entitlement", "2 entitlements"]),
            (
                "entitlementIds",
                json!(["a-1"]),
                json!(["a\u{2011}1"]),
                ["1 entitlement with \"a-1\"", "1 entitlement with \"a\\u{2011}1\""],
            ),
        ] {
            let setting = named(name).first().map(|(_, setting)| *setting).unwrap();
            let (first, second) = setting.show_both(Some(&one), Some(&other));
            assert_eq!([first.as_str(), second.as_str()], shown, "{name}");
        }
        let setting = named("notificationTemplate").first().map(|(_, setting)| *setting).unwrap();
        assert_ne!(
            setting.show_both(Some(&json!("absent")), None).0,
            setting.show_both(Some(&json!("absent")), None).1
        );
    }
}
