//! `sailplan explain`: one of each kind of setting, lists, and names that are none.

use sailplan::testing::CATALOGUE;
use serde_json::Value;

use crate::harness::Site;

fn explained(names: &[&str], columns: &str) -> String {
    let site = Site::new().variable("COLUMNS", columns);
    let run = |name: &&str| format!("== {}\n{}", name.escape_debug(), site.run(["explain", name]).text());
    names.iter().map(run).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_setting_of_each_kind() {
    insta::assert_snapshot!(explained(
        &[
            "entitlementIds",
            "/maxActivationPeriodMins",
            "jitActivationPolicy.notificationTemplate",
            "/accessRequestConfig/machineIdentityAccessRequestEnabled",
            "approvalReminderAndEscalationConfig.maxReminders",
            "fallbackApproverRef",
            "grantRequestApprovalSchemes",
            "approvalSchemes",
            "maxPermittedAccessDuration",
        ],
        "100"
    ));
}

#[test]
fn names_in_a_list_are_broken_between_their_parts_on_a_narrow_screen() {
    assert_eq!(explained(&["maxActivationPeriodMins"], "0"), explained(&["maxActivationPeriodMins"], "100"));
    let list = Site::new().variable("COLUMNS", "60").run(["explain"]).out;
    let longest = list.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(60), "{list}");
    let name = "  requestOnBehalfOfConfig.\n      allowRequestOnBehalfOfEmployeeByManager\n";
    assert!(list.contains(name), "{list}");
}

#[test]
fn words_wrap_and_values_stay_whole_on_a_narrow_screen() {
    insta::assert_snapshot!(explained(
        &["applyToFutureAssignments", "requestCommentsRequired", "allowRequestForMachineByOwner"],
        "60"
    ));
}

#[test]
fn lists_and_names_that_are_none() {
    let names =
        ["approvalReminderAndEscalationConfig", "jitActivationPolicy", "maxReminder", "\u{1b}[2Jx", "apiVersion"];
    let all = Site::new().run(["explain"]).text();
    insta::assert_snapshot!(format!("{}\n== everything\n{all}", explained(&names, "80")));
}

#[test]
fn json_has_everything_and_keeps_to_its_schema() {
    let run = Site::new().run(["explain", "--format", "json"]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    let json: Value = serde_json::from_str(&run.out).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../../schemas/explanation.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
    let settings = json["settings"].as_array().unwrap();
    assert_eq!(settings.len(), CATALOGUE.into_iter().map(|resource| resource.distinct().count()).sum::<usize>());
    let one = Site::new().run(["explain", "defaultMaxActivationPeriodMins", "--format", "json"]);
    insta::assert_snapshot!(one.out);
}
