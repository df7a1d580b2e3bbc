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

/// A sentence of two settings is no surer than those of each.
#[test]
fn what_has_exceptions_alone_has_them_together() {
    const UNLESS: &str = "unless a source or entitlement has its own rule";
    let mut told = 0;
    for rule in RESOURCE.rules {
        let Rule::Joint { first, second, sentence } = rule else { continue };
        let has_exceptions = |part: &Part| {
            let setting = RESOURCE.setting(part.pointer).unwrap();
            let loosest = [Value::Bool(false), Value::Null, serde_json::json!([]), Value::from("")];
            loosest.iter().any(|after| {
                let before = Some(Value::Bool(true)).filter(|_| after.is_boolean());
                (part.holds)(None, Some(after)) && setting.effect(before.as_ref(), after).sentence.contains(UNLESS)
            })
        };
        if has_exceptions(first) || has_exceptions(second) {
            told += 1;
            assert!(sentence.contains(UNLESS), "{sentence}");
        }
    }
    assert_eq!(told, 6);
}

#[test]
fn what_external_approvals_leave_open_is_asked_of_one_at_a_time() {
    let (no, yes) = (Value::Bool(false), Value::Bool(true));
    let asked = RESOURCE.questions(requests::EXTERNAL, Some(&no), Some(&yes));
    let whom: Vec<&str> = asked.iter().filter_map(|question| question.rsplit(": ask ").next()).collect();
    assert_eq!(whom, ["who asked for the change", "SailPoint", "an administrator of the tenant"]);
    assert!(asked[1].contains("requests of org admins are approved in the external system as well"), "{asked:?}");
    assert_eq!(RESOURCE.questions(requests::EXTERNAL, Some(&yes), Some(&no)), [HOW_MANY_WAIT]);
}
