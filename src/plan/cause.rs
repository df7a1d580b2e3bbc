//! Where a change comes from: this branch, or a tenant that had moved away from its settings before.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::resource::Setting;
use crate::settings::DesiredResource;

/// Where a change comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Cause {
    /// The settings of the branch differ from those of the base, and the tenant matched the base.
    Branch,
    /// The settings are those of the base, and the tenant had moved away from them.
    Drift,
    /// The settings of the branch differ from those of the base, and the tenant matched neither.
    Both,
}

/// Returns where a change of `setting` from `live` to `desired` comes from. `base` is what the base asks of the resource.
pub fn cause(base: Option<&DesiredResource>, setting: &Setting, live: Option<&Value>, desired: &Value) -> Cause {
    match base.and_then(|base| asked(base, setting)) {
        None => Cause::Branch,
        Some(asked) if setting.equal(Some(&asked), Some(desired)) => Cause::Drift,
        Some(asked) if setting.equal(Some(&asked), live) => Cause::Branch,
        Some(_) => Cause::Both,
    }
}

/// Returns the value that `base` asks of a setting, which an older generation may keep in another place or form.
pub fn asked(base: &DesiredResource, setting: &Setting) -> Option<Arc<Value>> {
    if let Some(managed) = base.get(setting.pointer) {
        return Some(managed.value.clone());
    }
    let counterparts = base.resource().counterparts.iter().filter(|pair| pair.new == setting.pointer);
    counterparts.filter_map(|pair| (pair.convert)(&base.get(pair.old)?.value)).next().map(Arc::new)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::compare;
    use crate::settings;
    use crate::text::yaml::Source;

    fn desired(yaml: &str) -> Option<DesiredResource> {
        let (mut desired, problems) = settings::read(&[Source::new("settings.yaml", yaml)]);
        assert!(problems.is_empty(), "{problems:#?}");
        desired.resources.pop()
    }

    fn causes(base: &str, here: &str, live: &Value) -> Vec<(&'static str, Cause)> {
        let (base, here) = (desired(base), desired(here).unwrap());
        let told = |change: &crate::plan::Change| {
            (change.setting.pointer, cause(base.as_ref(), change.setting, change.before.as_deref(), &change.after))
        };
        compare(&here, live).unwrap().changes.iter().map(told).collect()
    }

    #[test]
    fn the_base_the_branch_and_the_tenant_tell_the_cause() {
        let live = json!({"maxActivationPeriodMins": 120});
        let minutes = |minutes: &str| format!("jitActivationPolicy: {{maxActivationPeriodMins: {minutes}}}\n");
        for (base, here, expected) in [
            ("{}".to_owned(), "4h", Some(Cause::Branch)),
            ("jitActivationPolicy: {applyToFutureAssignments: true}\n".to_owned(), "4h", Some(Cause::Branch)),
            (minutes("2h"), "4h", Some(Cause::Branch)),
            (minutes("240"), "4h", Some(Cause::Drift)),
            (minutes("3h"), "4h", Some(Cause::Both)),
            (minutes("null"), "4h", Some(Cause::Both)),
            (minutes("null"), "null", Some(Cause::Drift)),
            (minutes("2h"), "null", Some(Cause::Branch)),
            (minutes("4h"), "2h", None),
        ] {
            let found: Vec<Cause> = causes(&base, &minutes(here), &live).into_iter().map(|(_, cause)| cause).collect();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{base} {here}");
        }
    }

    #[test]
    fn equality_is_that_of_the_setting() {
        let live = json!({"notificationRecipients": ["c@example.com"]});
        let here = "jitActivationPolicy: {notificationRecipients: [a@example.com, b@example.com]}\n";
        let base = "jitActivationPolicy: {notificationRecipients: [B@example.com, a@example.com]}\n";
        assert_eq!(causes(base, here, &live), [("/notificationRecipients", Cause::Drift)]);
        let base = "jitActivationPolicy: {notificationRecipients: [C@example.com]}\n";
        assert_eq!(causes(base, here, &live), [("/notificationRecipients", Cause::Branch)]);
    }
}
