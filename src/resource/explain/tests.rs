//! Everything that is said about a setting holds for the code that reads and judges it.

use super::*;
use crate::resource::CATALOGUE;
use crate::settings;
use crate::text::yaml::Source;

/// Every setting as each generation has it.
fn every() -> Vec<(&'static Resource, &'static Generation, &'static Setting)> {
    let mut all = Vec::new();
    for resource in CATALOGUE {
        for generation in resource.generations {
            all.extend(resource.settings_of(generation).map(|setting| (resource, generation, setting)));
        }
    }
    all
}

#[test]
fn every_example_of_every_generation_is_valid() {
    for (resource, generation, setting) in every() {
        for value in setting.kind.examples() {
            let text = example(resource, generation, setting, value);
            let (desired, problems) = settings::read(&[Source::new("example.yaml", text.as_str())]);
            assert_eq!(problems, [], "{text}");
            let managed: Vec<_> = desired
                .resources
                .iter()
                .flat_map(|one| one.settings.iter().map(|managed| (one.generation.name, managed.setting.pointer)))
                .collect();
            assert_eq!(managed, [(generation.name, setting.pointer)], "{text}");
        }
    }
}

#[test]
fn every_sample_is_a_change_between_canonical_values_that_a_rule_knows() {
    for (resource, _, setting) in every() {
        for one in setting.kind.moves() {
            let place = format!("{} {setting} {}", resource.name, one.what);
            for value in [&one.before, &one.after].into_iter().flatten() {
                assert_eq!(setting.kind.canonical(value).as_ref(), Some(value), "{place}");
            }
            assert!(!setting.equal(one.before.as_ref(), one.after.as_ref()), "{place}");
        }
        for meaning in changes(setting) {
            let unknown = meaning.sentence.contains("what that means is not described");
            assert!(!unknown, "{} {setting} {}: {}", resource.name, meaning.what, meaning.sentence);
        }
    }
}

/// The names of what is found, or the nearest name.
fn found(name: &str) -> (bool, Vec<String>) {
    match find(Some(name)) {
        Ok(chosen) => {
            let names = chosen.settings.iter().map(|(resource, setting)| format!("{}.{setting}", resource.name));
            (chosen.by_name, names.collect())
        }
        Err(unknown) => (false, unknown.nearest.into_iter().map(|near| format!("{near}?")).collect()),
    }
}

#[test]
fn a_setting_is_found_by_every_name_for_it() {
    for resource in CATALOGUE {
        for setting in resource.distinct() {
            let full = format!("{}.{setting}", resource.name);
            let slashes = full.replace('.', "/");
            for name in [full.clone(), setting.pointer.to_owned(), slashes.clone(), format!("/{slashes}")] {
                assert_eq!(found(&name), (true, vec![full.clone()]), "{name}");
            }
        }
    }
    let one = |name: &str| (true, vec![name.to_owned()]);
    assert_eq!(found("maxReminders"), one("accessRequestConfig.approvalReminderAndEscalationConfig.maxReminders"));
    assert_eq!(
        found("revocationRequestConfig.approvalSchemes"),
        one("accessRequestConfig.entitlementRequestConfig.revocationRequestConfig.approvalSchemes")
    );
    let both = ["accessRequestConfig", "revocationRequestConfig"]
        .map(|object| format!("accessRequestConfig.entitlementRequestConfig.{object}.approvalSchemes"));
    assert_eq!(found("approvalSchemes"), (true, both.to_vec()));
}

#[test]
fn a_resource_and_an_object_list_what_is_in_them() {
    for resource in CATALOGUE {
        let all = resource.distinct().map(|setting| format!("{}.{setting}", resource.name)).collect();
        assert_eq!(found(resource.name), (false, all));
    }
    let inside = ["daysUntilEscalation", "daysBetweenReminders", "maxReminders", "fallbackApproverRef"]
        .map(|key| format!("accessRequestConfig.approvalReminderAndEscalationConfig.{key}"));
    assert_eq!(found("approvalReminderAndEscalationConfig"), (false, inside.to_vec()));
    assert_eq!(found("/approvalReminderAndEscalationConfig"), (false, inside.to_vec()));
}

#[test]
fn a_part_of_a_name_lists_the_settings_that_have_it() {
    let jit = |names: &[&str]| names.iter().map(|name| format!("jitActivationPolicy.{name}")).collect::<Vec<_>>();
    let periods = jit(&["maxActivationPeriodMins", "defaultMaxActivationPeriodMins"]);
    for part in ["maxActivationPeriodMin", "MAXACTIVATIONPERIODM"] {
        assert_eq!(found(part), (false, periods.clone()), "{part}");
    }
    assert_eq!(found("jitActivationPolicy/entitlementIDs"), (true, jit(&["entitlementIds"])));
    assert_eq!(found("futureAssign"), (true, jit(&["applyToFutureAssignments"])));
    assert_eq!(found("ma"), (false, Vec::new()), "too short");
}

#[test]
fn a_misspelt_name_has_a_nearest_one() {
    for (name, near) in [
        ("maxActivationPeriodMinz", Some("maxActivationPeriodMins?")),
        ("MAXREMNDERS", Some("maxReminders?")),
        ("jitActivationPolicy/entitlmentIDs", Some("jitActivationPolicy.entitlementIds?")),
        ("accessRequestConfg", Some("accessRequestConfig?")),
        ("entirely else", None),
        ("", None),
        ("..", None),
    ] {
        assert_eq!(found(name), (false, near.into_iter().map(str::to_owned).collect()), "{name}");
    }
}
