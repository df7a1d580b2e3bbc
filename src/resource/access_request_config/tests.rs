//! Which generation has which setting.

use super::*;

/// SailPoint's schemas, one column per generation: beta, v3, v2024, v2025, v2026, v1, v2.
#[rustfmt::skip] // A table is read by column.
const MATRIX: &[(&str, &str)] = &[
    ("/approvalsMustBeExternal",                                                 "x x x x x x x"),
    ("/reauthorizationEnabled",                                                  "x x x x x x x"),
    ("/govGroupVisibilityEnabled",                                               ". . . . x . x"),
    ("/machineIdentityAccessRequestEnabled",                                     ". . . . . . x"),
    ("/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone",            "x x x x x x x"),
    ("/requestOnBehalfOfConfig/allowRequestOnBehalfOfEmployeeByManager",         "x x x x x x x"),
    ("/requestOnBehalfOfConfig/allowRequestOnBehalfOfForMachineIdentity",        ". . . . . x x"),
    ("/requestOnBehalfOfConfig/allowRequestForMachineByOwner",                   ". . . . . x x"),
    ("/autoApprovalEnabled",                                                     "x x x x . x ."),
    ("/approvalReminderAndEscalationConfig/daysUntilEscalation",                 "x x x x . x ."),
    ("/approvalReminderAndEscalationConfig/daysBetweenReminders",                "x x x x . x ."),
    ("/approvalReminderAndEscalationConfig/maxReminders",                        "x x x x . x ."),
    ("/approvalReminderAndEscalationConfig/fallbackApproverRef",                 "x x x x . x ."),
    ("/entitlementRequestConfig/allowEntitlementRequest",                        "x x . . . . ."),
    ("/entitlementRequestConfig/requestCommentsRequired",                        "x x . . . . ."),
    ("/entitlementRequestConfig/deniedCommentsRequired",                         "x x . . . . ."),
    ("/entitlementRequestConfig/grantRequestApprovalSchemes",                    "x x . . . . ."),
    ("/entitlementRequestConfig/accessRequestConfig/approvalSchemes",            ". . x x x x x"),
    ("/entitlementRequestConfig/accessRequestConfig/requestCommentRequired",     ". . x x x x x"),
    ("/entitlementRequestConfig/accessRequestConfig/denialCommentRequired",      ". . x x x x x"),
    ("/entitlementRequestConfig/accessRequestConfig/reauthorizationRequired",    ". . x x x x x"),
    ("/entitlementRequestConfig/accessRequestConfig/requireEndDate",             ". . x x x x x"),
    ("/entitlementRequestConfig/accessRequestConfig/maxPermittedAccessDuration", ". . x x x x x"),
    ("/entitlementRequestConfig/accessRequestConfig/formDefinitionId",           ". . . . . x x"),
    ("/entitlementRequestConfig/revocationRequestConfig/approvalSchemes",        ". . x x x x x"),
];

#[test]
fn every_generation_has_the_settings_that_sailpoint_documents() {
    let mut pointers: Vec<&str> = RESOURCE.settings.iter().map(|setting| setting.pointer).collect();
    pointers.dedup();
    let found: Vec<(&str, String)> = pointers
        .into_iter()
        .map(|pointer| {
            let mark = |generation| if RESOURCE.setting_in(generation, pointer).is_some() { "x" } else { "." };
            (pointer, RESOURCE.generations.iter().map(mark).collect::<Vec<_>>().join(" "))
        })
        .collect();
    let expected: Vec<(&str, String)> = MATRIX.iter().map(|(pointer, row)| (*pointer, (*row).to_owned())).collect();
    assert_eq!(found, expected);
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
    let range = |min: i32| serde_json::json!([min, 20]);
    assert_eq!(
        bounds,
        [("beta", range(1)), ("v3", range(1)), ("v2024", range(0)), ("v2025", range(0)), ("v1", range(0))]
    );
}

#[test]
fn v2_is_current_and_nothing_else() {
    assert_eq!(RESOURCE.current().map(|generation| generation.name), Some("v2"));
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
