//! Two values of one setting, shown so that the difference can be seen.

use std::collections::HashSet;

use serde_json::Value;

use super::Setting;
use crate::text::distinct::{distinct, escaped, tell_apart};

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
        let (mut only_one, mut only_other) = (self.outside(one, other), self.outside(other, one));
        tell_apart(only_one.iter_mut(), only_other.iter_mut());
        (with(&first, &only_one), with(&second, &only_other))
    }

    /// Returns the members of a set that another has not.
    fn outside(&self, set: Option<&Value>, other: Option<&Value>) -> Vec<String> {
        let members = |value: Option<&Value>| -> Vec<String> {
            value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let there: HashSet<String> = members(other).iter().map(|member| self.kind.member_key(member)).collect();
        members(set).into_iter().filter(|member| !there.contains(&self.kind.member_key(member))).collect()
    }
}

fn with(shown: &str, members: &[String]) -> String {
    let listed = members.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
    match members.len().saturating_sub(LISTED) {
        0 => format!("{shown} with {listed}"),
        more => format!("{shown} with {listed} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::resource::named::named;

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
