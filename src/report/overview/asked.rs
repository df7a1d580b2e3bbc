//! Whether the settings files ask for the same of what could not be read as of what changes elsewhere.

use std::collections::HashMap;

use serde_json::Value;

use crate::documents::name::DocumentName;
use crate::documents::plan::{AskedEntry, ChangeEntry, PlanFile, ResourceEntry, TenantEntry};
use crate::report::unread::{any_read, was_read};

/// What a plan changes, by document and pointer, with the values that the tenants get.
pub(super) struct Elsewhere<'p> {
    changes: HashMap<(DocumentName<'p>, &'p str), Vec<&'p Value>>,
}

impl<'p> Elsewhere<'p> {
    /// Returns what a plan changes; nothing if it does not tell what is asked elsewhere.
    pub(super) fn of(plan: &'p PlanFile) -> Elsewhere<'p> {
        let mut changes: HashMap<(DocumentName<'_>, &str), Vec<&Value>> = HashMap::new();
        if plan.tenants.iter().any(|tenant| tenant.asks.is_some()) {
            for (_, resource, change) in plan.changes() {
                let values = changes.entry((resource.document(), change.path.as_str())).or_default();
                if !values.contains(&change.value()) {
                    values.push(change.value());
                }
            }
        }
        Elsewhere { changes }
    }

    /// Returns whether the settings files ask for the same of a tenant that could not be read, or of one document of it;
    /// `None` if nothing of that changes elsewhere, or it is not known.
    pub(super) fn asked(&self, tenant: &TenantEntry, unread: Option<&ResourceEntry>) -> Option<String> {
        let asks = tenant.asks.as_ref()?;
        let about = |document: DocumentName<'_>| unread.is_none_or(|resource| resource.document() == document);
        let (mut same, mut another, mut none) = (0, 0, 0);
        for ((document, path), values) in self.changes.iter().filter(|((document, _), _)| about(*document)) {
            let asked = |entry: &&AskedEntry| {
                DocumentName { resource: &entry.resource, instance: entry.instance.as_deref() } == *document
                    && entry.path == *path
            };
            match asks.iter().find(asked) {
                Some(entry) if values.contains(&entry.value.as_ref()) => same += 1,
                Some(_) => another += 1,
                None => none += 1,
            }
        }
        told(same, another, none)
    }
}

/// Says it for so many settings: those with the same value, those with another, and those that are not asked for.
fn told(same: usize, another: usize, none: usize) -> Option<String> {
    let total = same + another + none;
    let it = if total == 1 { "this" } else { "all of this" };
    Some(match (same, another, none) {
        (0, 0, 0) => return None,
        (_, 0, 0) => format!("The settings files ask for {it} there as well; what it would change there is not known."),
        (0, 0, 1) => "The settings files do not ask for this there.".to_owned(),
        (0, 0, _) => "The settings files ask for nothing of this there.".to_owned(),
        (0, 1, 0) => "The settings files ask for another value of this setting there.".to_owned(),
        _ => {
            let parts = [(same, "the same value for"), (another, "another value for"), (none, "nothing for")];
            let parts: Vec<String> = parts
                .iter()
                .filter(|(number, _)| *number > 0)
                .map(|(number, words)| format!("{words} {number}"))
                .collect();
            format!("Of the {total} settings that change here, the settings files ask there for {}.", parts.join(", "))
        }
    })
}

/// Returns the tenants that could not be read and are asked for the same as a change, in the order of the plan.
pub(in crate::report) fn meant_too<'p>(
    plan: &'p PlanFile,
    resource: &ResourceEntry,
    change: &ChangeEntry,
) -> Vec<&'p str> {
    let document = resource.document();
    let same = |entry: &AskedEntry| {
        DocumentName { resource: &entry.resource, instance: entry.instance.as_deref() } == document
            && entry.path == change.path
            && entry.value.as_ref() == change.value()
    };
    let unread = |tenant: &TenantEntry| {
        let mut found = tenant.resources.iter().filter(|entry| entry.document() == document);
        !any_read(tenant) || found.any(|entry| !was_read(entry))
    };
    let meant = plan.tenants.iter().filter(|tenant| tenant.asks.iter().flatten().any(same) && unread(tenant));
    meant.map(|tenant| tenant.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::documents::fixtures;
    use crate::documents::plan::ErrorEntry;
    use crate::report::headline::headline;
    use crate::report::overview::{Longest, Overview, People};
    use crate::report::summary;
    use crate::resource::impact::Impact;

    fn asked(path: &str, value: Value) -> AskedEntry {
        AskedEntry {
            resource: "jitActivationPolicy".to_owned(),
            instance: None,
            path: path.to_owned(),
            value: value.into(),
        }
    }

    /// Returns what is told of a tenant that could not be read beside one with two changes.
    fn told_of(asks: Option<Vec<AskedEntry>>) -> Option<String> {
        let change = |path: &str, to: i64| fixtures::change(path, Some(json!(1)), json!(to), Impact::Loosens, "Longer");
        let changes = vec![change("/maxActivationPeriodMins", 2), change("/defaultMaxActivationPeriodMins", 3)];
        let read = fixtures::resource("jitActivationPolicy", "v1", changes);
        let error: ErrorEntry = serde_json::from_value(json!({"message": "no sign-in", "help": []})).unwrap();
        let unread = TenantEntry { asks, error: Some(error), ..fixtures::tenant("sub", "https://sub", Vec::new()) };
        let plan = fixtures::plan(vec![fixtures::tenant("dev", "https://dev", vec![read]), unread]);
        let overview = Overview::of(&plan, Longest::WHOLE, People::Named);
        let failed = overview.failed_alike();
        assert_eq!(failed.len(), 1);
        failed[0].asks.clone()
    }

    #[test]
    fn the_headline_names_the_tenants_that_are_meant_too() {
        let changes =
            vec![fixtures::change("/maxActivationPeriodMins", Some(json!(1)), json!(2), Impact::Loosens, "Longer")];
        let of = |name: &str, resources| fixtures::tenant(name, "https://dev", resources);
        let unread = |name: &str, value: i64| {
            let error: ErrorEntry = serde_json::from_value(json!({"message": "no sign-in", "help": []})).unwrap();
            let asks = Some(vec![asked("/maxActivationPeriodMins", json!(value))]);
            TenantEntry { asks, error: Some(error), ..of(name, Vec::new()) }
        };
        let told = |others: Vec<TenantEntry>| {
            let read = of("dev", vec![fixtures::resource("jitActivationPolicy", "v1", changes.clone())]);
            let plan = fixtures::plan([vec![read], others].concat());
            let headline = headline(&plan, &summary(&plan));
            headline.split_once(". ").map_or(headline.clone(), |(_, rest)| rest.to_owned())
        };
        assert_eq!(told(vec![unread("sub", 2)]), "In dev (meant for sub as well): longer");
        assert_eq!(told(vec![unread("sub", 3)]), "In dev: longer");
        let many = ["a", "b", "c", "d"].map(|name| unread(name, 2)).to_vec();
        assert_eq!(told(many), "In dev (meant for a, b, c and 1 more as well): longer");
    }

    #[test]
    fn of_a_tenant_that_was_not_read_it_is_told_whether_it_is_asked_for_the_same() {
        let (most, offered) = ("/maxActivationPeriodMins", "/defaultMaxActivationPeriodMins");
        assert_eq!(told_of(None), None, "a plan of before does not say");
        assert_eq!(
            told_of(Some(vec![asked(most, json!(2)), asked(offered, json!(3))])).as_deref(),
            Some("The settings files ask for all of this there as well; what it would change there is not known.")
        );
        assert_eq!(
            told_of(Some(vec![asked(most, json!(2)), asked(offered, json!(4))])).as_deref(),
            Some(
                "Of the 2 settings that change here, the settings files ask there for the same value for 1, another value for 1."
            )
        );
        assert_eq!(told_of(Some(Vec::new())).as_deref(), Some("The settings files ask for nothing of this there."));
        let one = |same, another, none| told(same, another, none).unwrap();
        assert_eq!(
            one(1, 0, 0),
            "The settings files ask for this there as well; what it would change there is not known."
        );
        assert_eq!(one(0, 1, 0), "The settings files ask for another value of this setting there.");
        assert_eq!(one(0, 0, 1), "The settings files do not ask for this there.");
    }
}
