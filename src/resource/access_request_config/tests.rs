//! Which generation has which setting.

use super::*;

/// To be compared with SailPoint's schemas; with the practice tenant's reading of them `tests/cli/practice.rs` compares.
#[test]
fn every_generation_has_the_settings_that_sailpoint_documents() {
    let mut matrix = format!("{}\n", RESOURCE.generation_names().join(" "));
    for setting in RESOURCE.distinct() {
        let mark = |generation: &Generation| {
            let has = RESOURCE.setting_in(generation, setting.pointer).is_some();
            format!("{:width$}", if has { "x" } else { "." }, width = generation.name.len())
        };
        let row: Vec<String> = RESOURCE.generations.iter().map(mark).collect();
        matrix.push_str(&format!("{} {}\n", row.join(" "), setting.pointer));
    }
    insta::assert_snapshot!(matrix);
}

#[test]
fn reminders_start_at_one_in_beta_and_v3_and_at_zero_elsewhere() {
    let bounds: Vec<(&str, Value)> = RESOURCE
        .generations
        .iter()
        .filter_map(|generation| {
            let setting = RESOURCE.setting_in(generation, "/approvalReminderAndEscalationConfig/maxReminders")?;
            let schema = setting.kind.schema();
            Some((generation.name, serde_json::json!([schema["minimum"], schema["maximum"]])))
        })
        .collect();
    let range = |min: i32, max: i32| serde_json::json!([min, max]);
    let (flat, nested) = (range(1, i32::MAX), range(0, 20));
    assert_eq!(
        bounds,
        [("beta", flat.clone()), ("v3", flat), ("v2024", nested.clone()), ("v2025", nested.clone()), ("v1", nested)]
    );
}

#[test]
fn v2_is_current_although_it_is_experimental() {
    assert_eq!(RESOURCE.current().map(|generation| generation.name), Some("v2"));
    let experimental: Vec<&str> =
        RESOURCE.generations.iter().filter(|one| one.experimental).map(|generation| generation.name).collect();
    assert_eq!(experimental, ["v2026", "v2"]);
    let deprecated: Vec<&str> =
        RESOURCE.generations.iter().filter(|one| one.deprecated()).map(|generation| generation.name).collect();
    assert_eq!(deprecated, OLD);
}

#[test]
fn counterparts_and_shapes_name_settings_that_exist() {
    for counterpart in RESOURCE.counterparts {
        let (old, new) = (RESOURCE.setting(counterpart.old), RESOURCE.setting(counterpart.new));
        assert_eq!((old.map(|one| one.generations), new.map(|one| one.generations)), (Some(FLAT), Some(NESTED)));
    }
    for shape in RESOURCE.shapes {
        for mark in shape.marks {
            assert_eq!(RESOURCE.generations_with(mark), shape.generations, "{mark}");
        }
    }
}

#[test]
fn a_flat_text_becomes_the_same_steps() {
    let steps = |text: &str| steps_of_schemes(&Value::from(text));
    assert_eq!(
        steps("manager, workgroup:7"),
        Some(serde_json::json!([
            {"approverType": "MANAGER"}, {"approverType": "GOVERNANCE_GROUP", "approverId": "7"}
        ]))
    );
    assert_eq!(steps(""), Some(serde_json::json!([])));
    assert_eq!(steps("somebody"), None);
    assert_eq!(steps_of_schemes(&Value::Null), None);
}
