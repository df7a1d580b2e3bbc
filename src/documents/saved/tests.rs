use std::sync::Arc;

use serde_json::{Value, json};

use crate::documents::fixtures;
use crate::documents::in_words::{HoldsEntry, QuestionEntry, System};
use crate::documents::plan::{ChangeEntry, FORMAT, FORMAT_VERSION, PlanFile, ResourceEntry, UnmanagedEntry};
use crate::documents::requested::TogetherEntry;
use crate::documents::seal::Unreadable;
use crate::plan::cause::Cause;
use crate::resource::Resource;
use crate::resource::impact::{Effect, Impact, Weight};

fn plan(before: Option<Value>) -> PlanFile {
    let setting = Resource::named("jitActivationPolicy").unwrap().setting("/maxActivationPeriodMins").unwrap();
    let Effect { impact, weight, sentence, .. } = setting.effect(before.as_ref(), &Value::Null);
    let change = fixtures::change("/maxActivationPeriodMins", before, Value::Null, impact, &sentence);
    let change = ChangeEntry { weight, ..change };
    let mut resource = fixtures::resource("jitActivationPolicy", "v2026", vec![change]);
    resource.questions = QuestionEntry::of(Resource::named("jitActivationPolicy").unwrap(), resource.values());
    fixtures::plan(vec![fixtures::tenant("prod", "https://acme.api.identitynow.com", vec![resource])])
}

#[test]
fn absent_and_null_survive_saving() {
    for before in [None, Some(Value::Null), Some(json!(120))] {
        let plan = plan(before);
        let text = plan.to_text().unwrap();
        assert_eq!(PlanFile::parse(&text), Ok(plan));
    }
}

#[test]
fn the_digest_covers_what_is_sent_where_and_nothing_else() {
    let original = plan(Some(json!(120)));
    type Edit = fn(&mut PlanFile);
    let edits: [(bool, Edit); 10] = [
        (true, |plan| plan.tenants[0].url.push('x')),
        (true, |plan| plan.tenants[0].resources[0].resource.push('x')),
        (true, |plan| plan.tenants[0].resources[0].instance = Some("TENANT".to_owned())),
        (true, |plan| plan.tenants[0].resources[0].api_version = "v1".to_owned()),
        (true, |plan| plan.tenants[0].resources[0].changes[0].path.push('x')),
        (true, |plan| plan.tenants[0].resources[0].changes[0].value = Some(json!(1).into())),
        (true, |plan| plan.tenants[0].resources[0].changes[0].before = None),
        (false, |plan| plan.tenants[0].name = "other".to_owned()),
        (false, |plan| plan.tenants[0].resources[0].changes[0].source.line = 9),
        (false, |plan| plan.tenants[0].resources[0].changes[0].cause = Some(Cause::Drift)),
    ];
    for (index, (covered, edit)) in edits.into_iter().enumerate() {
        let mut edited = original.clone();
        edit(&mut edited);
        assert_eq!(edited.compute_digest() != original.compute_digest(), covered, "edit {index}");
        let read = PlanFile::parse(&edited.to_text().unwrap());
        assert_eq!(read.is_err(), covered, "edit {index}");
    }
}

#[test]
fn what_is_no_plan_is_refused() {
    let text = plan(None).to_text().unwrap();
    let half = &text[..text.len() / 2];
    assert!(matches!(PlanFile::parse(half), Err(Unreadable::Broken { name: "plan", .. })));
    let newer = text.replace(&format!("\"formatVersion\": \"{FORMAT_VERSION}\""), "\"formatVersion\": \"2.0\"");
    assert_eq!(PlanFile::parse(&newer), Err(Unreadable::Newer { format: FORMAT, found: "2.0".to_owned() }));
}

#[test]
fn a_plan_that_says_two_things_of_one_is_refused() {
    type Edit = fn(&mut PlanFile);
    let edits: [(&str, Edit); 3] = [
        ("it has the tenant `prod` twice", |plan| plan.tenants.push(plan.tenants[0].clone())),
        ("it has `jitActivationPolicy` of `prod` twice", |plan| {
            let again = plan.tenants[0].resources[0].clone();
            plan.tenants[0].resources.push(again);
        }),
        ("it changes `/maxActivationPeriodMins` of `jitActivationPolicy` twice", |plan| {
            let again = ChangeEntry { before: None, ..plan.tenants[0].resources[0].changes[0].clone() };
            plan.tenants[0].resources[0].changes.push(again);
        }),
    ];
    for (reason, edit) in edits {
        let mut edited = plan(Some(json!(120)));
        edit(&mut edited);
        edited.digest = None;
        let expected = Unreadable::Broken { name: "plan", reason: reason.to_owned() };
        assert_eq!(PlanFile::parse(&edited.to_text().unwrap()), Err(expected));
    }
}

#[test]
fn what_a_change_means_is_not_taken_from_the_file() {
    let original = plan(Some(json!(120)));
    let mut harmless = original.clone();
    let change = &mut harmless.tenants[0].resources[0].changes[0];
    change.impact = Impact::Neutral;
    change.weight = Weight::Plain;
    change.sentence = "Nothing to see here".to_owned();
    harmless.tenants[0].resources[0].questions.clear();
    harmless.tenants[0].system = Some(System::Practice);
    assert_eq!(PlanFile::parse(&harmless.to_text().unwrap()), Ok(original));
}

/// Reads back what a file claims of a document.
fn read_back(entry: ResourceEntry) -> ResourceEntry {
    let plan = fixtures::plan(vec![fixtures::tenant("prod", "https://acme.api.identitynow.com", vec![entry])]);
    PlanFile::parse(&plan.to_text().unwrap()).unwrap().tenants.remove(0).resources.remove(0)
}

fn unmanaged(path: &str, value: Value) -> UnmanagedEntry {
    UnmanagedEntry { path: path.to_owned(), value: Some(value.into()), loosest: false }
}

#[test]
fn that_a_change_is_without_effect_is_not_taken_from_the_file() {
    let sentence = "Managers will not be able to request access for the people who report to them, unless anyone may";
    let calm = format!("{sentence}. That will limit nothing for now: trust me");
    let path = "/requestOnBehalfOfConfig/allowRequestOnBehalfOfEmployeeByManager";
    let anyone = "/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone";
    let forged = |anyone_may: Option<Value>, sentence: &str| {
        let change = fixtures::change(path, Some(json!(true)), json!(false), Impact::Tightens, sentence);
        let mut entry = fixtures::resource("accessRequestConfig", "v2", vec![ChangeEntry { moot: true, ..change }]);
        entry.unmanaged.extend(anyone_may.map(|value| unmanaged(anyone, value)));
        let change = read_back(entry).changes.remove(0);
        (change.moot, change.sentence)
    };
    assert_eq!(forged(Some(json!(false)), &calm), (false, sentence.to_owned()));
    assert_eq!(
        forged(None, &calm),
        (false, sentence.to_owned()),
        "what the plan does not show is no reason to be calm"
    );
    assert_eq!(forged(Some(json!(true)), &calm), (true, calm.clone()));
    // Approvers of whom nothing is known sign in as far as the plan can tell; where there are none, none does.
    let path = "/entitlementRequestConfig/accessRequestConfig/reauthorizationRequired";
    let approvers = "/entitlementRequestConfig/accessRequestConfig/approvalSchemes";
    let moot = |unmanaged_value: Option<Value>, managed: Option<&str>| {
        let change = fixtures::change(path, Some(json!(true)), json!(false), Impact::Loosens, "");
        let mut entry = fixtures::resource("accessRequestConfig", "v2", vec![ChangeEntry { moot: true, ..change }]);
        entry.unmanaged.extend(unmanaged_value.map(|value| unmanaged(approvers, value)));
        let holds = |value: &str| HoldsEntry { path: approvers.to_owned(), value: value.to_owned() };
        entry.holds.extend(managed.map(holds));
        read_back(entry).changes.remove(0).moot
    };
    assert!(!moot(None, None) && !moot(None, Some("manager")), "what the plan does not show is not empty");
    assert!(moot(Some(json!([])), None) && moot(None, Some("no approval")));
    // Requests end, and the file says that this is without effect.
    let path = "/machineIdentityAccessRequestEnabled";
    let change = fixtures::change(path, Some(json!(true)), json!(false), Impact::Neutral, "");
    let entry = fixtures::resource("accessRequestConfig", "v2", vec![ChangeEntry { moot: true, ..change }]);
    let change = read_back(entry).changes.remove(0);
    assert!(change.disrupts && !change.moot);
}

#[test]
fn what_a_request_writes_elsewhere_is_not_taken_from_the_file() {
    let reminders = "/approvalReminderAndEscalationConfig/";
    let forged = |generation: &str, claimed: bool, values: &[(&str, Value)]| {
        let change = fixtures::change("/reauthorizationEnabled", Some(json!(false)), json!(true), Impact::Tightens, "");
        let change = ChangeEntry { overrides: claimed, ..change };
        let mut entry = fixtures::resource("accessRequestConfig", generation, vec![change]);
        entry.unmanaged =
            values.iter().map(|(name, value)| unmanaged(&format!("{reminders}{name}"), value.clone())).collect();
        read_back(entry).changes.remove(0).overrides
    };
    let names = ["daysUntilEscalation", "daysBetweenReminders", "maxReminders", "fallbackApproverRef"];
    let nothing = names.map(|name| (name, Value::Null));
    let some = names.map(|name| (name, json!(1)));
    assert!(forged("beta", false, &some), "the values are sent");
    assert!(forged("beta", false, &[]), "what the plan does not show may be sent");
    assert!(!forged("beta", false, &nothing));
    assert!(forged("beta", true, &nothing), "an empty object may be sent");
    assert!(!forged("v2", true, &[]), "of this generation nothing is written elsewhere");
}

#[test]
fn a_setting_that_changes_neither_stays_as_it_is_nor_is_unmanaged() {
    let mut entry = plan(Some(json!(120))).tenants.remove(0).resources.remove(0);
    let path = "/maxActivationPeriodMins";
    entry.holds = vec![HoldsEntry { path: path.to_owned(), value: "1 hour".to_owned() }];
    entry.unmanaged = vec![unmanaged(path, json!(60))];
    let read = read_back(entry);
    assert_eq!((read.holds, read.unmanaged), (Vec::new(), Vec::new()));
}

#[test]
fn what_settings_mean_together_is_not_taken_from_the_file() {
    let told = |default: Value, claimed: bool| {
        let mut entry = plan(Some(json!(120))).tenants.remove(0).resources.remove(0);
        entry.unmanaged = vec![unmanaged("/defaultMaxActivationPeriodMins", default)];
        let (paths, sentence) = (vec!["/maxActivationPeriodMins".to_owned()], "All is well".to_owned());
        entry.together.extend(claimed.then_some(TogetherEntry { paths, sentence }));
        read_back(entry).together.into_iter().map(|entry| entry.sentence).collect::<Vec<_>>()
    };
    let sentence = "The time that is offered is not a limit: without a maximum, a user may ask for as long as the tenant allows, perhaps without any limit";
    assert_eq!(told(json!(60), true), [sentence]);
    assert_eq!(told(Value::Null, true), [""; 0]);
}

#[test]
fn whether_an_unmanaged_value_lets_most_through_is_not_taken_from_the_file() {
    let forged = |path: &str, value: Option<Value>, loosest: bool| {
        let mut plan = plan(Some(json!(120)));
        let value = value.map(Arc::new);
        plan.tenants[0].resources[0].unmanaged = vec![UnmanagedEntry { path: path.to_owned(), value, loosest }];
        let read = PlanFile::parse(&plan.to_text().unwrap()).unwrap();
        read.tenants[0].resources[0].unmanaged[0].loosest
    };
    assert!(forged("/maxActivationPeriodExtensionMins", Some(Value::Null), false), "an open door is told");
    assert!(!forged("/maxActivationPeriodExtensionMins", Some(json!(30)), true));
    assert!(forged("/later", Some(json!(30)), true), "of what this sailplan does not know, the file is all there is");
}
