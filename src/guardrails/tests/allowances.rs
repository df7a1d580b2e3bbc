//! What allowances raise, until when, and what is wrong with them.

use super::*;
use crate::guardrails::allowance::{Permission, Released, check, ending};

fn allowance(up_to: &str, until: &str) -> &'static str {
    format!("- {{tenant: prod, setting: maxActivationPeriodMins, upTo: {up_to}, reason: a, ticket: IAM-1, until: {until}}}\n")
        .leak()
}

#[test]
fn an_allowance_raises_a_limit_up_to_its_value_until_its_day() {
    let limit = "limits: {maxActivationPeriodMins: 3h}";
    let cleared = "jitActivationPolicy: {maxActivationPeriodMins: null}";
    let other = "jitActivationPolicy: {notificationTemplate: null}";
    for (settings, live, file, raised) in [
        (FOUR_HOURS, 120, allowance("4h", "2026-11-22"), true),
        (FOUR_HOURS, 120, allowance("6h", "9999-12-31"), true),
        (FOUR_HOURS, 120, allowance("239", "9999-12-31"), false),
        (FOUR_HOURS, 120, allowance("6h", "2026-11-21"), false),
        (FOUR_HOURS, 120, allowance("null", "9999-12-31"), false),
        (cleared, 120, allowance("null", "9999-12-31"), true),
        (cleared, 120, allowance("99d", "9999-12-31"), false),
        // A value that is there already, in the files or only in the tenant.
        (FOUR_HOURS, 240, allowance("4h", "2026-11-22"), true),
        (FOUR_HOURS, 240, allowance("4h", "2026-11-21"), false),
        (other, 240, allowance("4h", "2026-11-22"), true),
        (other, 240, allowance("4h", "2026-11-21"), false),
    ] {
        let case = Case::new(limit, settings, json!({ "maxActivationPeriodMins": live })).allowances(file);
        assert_eq!(case.refused().is_empty(), raised, "{settings} {live} {file}");
        let lifted: &[&str] = if raised { &["limits by IAM-1"] } else { &[] };
        assert_eq!(case.lifted(), lifted, "{settings} {live} {file}");
    }
}

#[test]
fn the_end_of_an_allowance_is_told_with_both_lines() {
    let case = Case::new("limits: {maxActivationPeriodMins: 3h}", FOUR_HOURS, json!({"maxActivationPeriodMins": 240}))
        .allowances(allowance("6h", "2026-11-21"));
    let refusal = case.judged().refusals.remove(0);
    assert_eq!(
        (refusal.standing, refusal.place.map(|place| place.to_string()), refusal.asked.map(|place| place.to_string())),
        (true, Some("sailplan.yaml:1:10".to_owned()), Some("settings.yaml:1:23".to_owned()))
    );
    assert_eq!(
        refusal.help,
        [
            "change settings.yaml:1:23 to a value within the limit",
            "the allowance IAM-1 (allowances.yaml:1:3), up to 6h (360 min), ended on 2026-11-21",
            "an allowance for jitActivationPolicy.maxActivationPeriodMins permits it up to a value, until a date",
            "the tenant breaks it already: an apply that loosens nothing is sent all the same",
        ]
    );
}

#[test]
fn an_allowance_that_covers_the_members_that_leave_permits_to_empty_a_set() {
    let emptied = |members: &str, until: &str| {
        let file = format!(
            "- {{tenant: prod, setting: entitlementIds, upTo: {members}, reason: a, ticket: IAM-1, until: {until}}}"
        );
        let live = json!({"entitlementIds": ["a", "b"]});
        Case::new("{}", "jitActivationPolicy: {entitlementIds: []}", live).allowances(file.leak())
    };
    assert_eq!(emptied("2", "2026-12-31").lifted(), ["empty by IAM-1"]);
    assert_eq!(emptied("2", "2026-12-31").refused(), [""; 0]);
    for (members, until) in [("1", "2026-12-31"), ("2", "2026-11-21")] {
        assert_eq!(emptied(members, until).refused().len(), 1, "{members} {until}");
    }
}

#[test]
fn a_release_permits_what_it_names_until_its_day() {
    let subject = |name: &str| {
        let (key, setting) = crate::resource::named::named(name).remove(0);
        Subject { key, setting }
    };
    let (maximum, members) = (subject("maxActivationPeriodMins"), subject("entitlementIds"));
    for (release, until, setting, tenant) in [
        ("all", "2026-11-22", true, true),
        ("all", "2026-11-21", false, false),
        ("[maxActivationPeriodMins]", "2026-11-22", true, false),
        (
            "[jitActivationPolicy.entitlementIds, /jitActivationPolicy/maxActivationPeriodMins]",
            "2026-11-22",
            true,
            false,
        ),
        ("[entitlementIds]", "2026-11-22", false, false),
    ] {
        let file = format!("- {{tenant: old, release: {release}, reason: sold, ticket: IAM-2, until: {until}}}");
        let read = allowances(&file).unwrap().remove(0);
        assert_eq!(read.releases("old", Some(&maximum), TODAY).is_ok(), setting, "{file}");
        assert_eq!(read.releases("old", None, TODAY).is_ok(), tenant, "{file}");
        assert!(read.releases("new", Some(&maximum), TODAY).is_err());
        // It permits that a setting is let go, not that it changes.
        assert!(!read.is_about("old", &members) && !read.raises_to(None));
    }
    let all = allowances("- {tenant: old, release: all, reason: sold, ticket: IAM-2, until: 2026-12-31}").unwrap();
    assert_eq!(all[0].permits, Permission::Release(Released::All));
    let changes = allowances(allowance("4h", "2026-12-31")).unwrap();
    assert!(changes[0].releases("prod", Some(&maximum), TODAY).is_err());
}

#[test]
fn mistakes_in_releases_are_told() {
    for (entry, told) in [
        ("release: some", "value-kind: expected a list of settings, or `all` -- write a list: [some]"),
        ("release: []", "empty-release: this releases nothing -- list a setting, or delete the allowance"),
        (
            "release: [maxActivation]",
            "unknown-setting: there is no setting `maxActivation` -- did you mean `jitActivationPolicy.maxActivationPeriodMins`?",
        ),
        (
            "release: all, upTo: 4h",
            "release-alone: `release` stands beside `setting` or `upTo` -- write one allowance for the change and one for the release",
        ),
    ] {
        let file = format!("- {{tenant: old, {entry}, reason: sold, ticket: IAM-2, until: 2026-12-31}}");
        assert_eq!(allowances(&file).unwrap_err()[0].split(" -- ").next(), told.split(" -- ").next(), "{entry}");
    }
    assert_eq!(
        allowances("- {tenant: old, release: all}").unwrap_err(),
        [
            "missing-key: this allowance has no reason, no ticket, no until -- a release says for which tenant, why, by which \
          ticket and until which day"
        ]
    );
}

#[test]
fn allowances_are_told_before_they_end_and_after() {
    let messages = |until: &str| -> Vec<String> {
        let told = ending(&allowances(allowance("6h", until)).unwrap(), TODAY);
        told.into_iter().map(|problem| format!("{}: {}", problem.severity.word(), problem.message)).collect()
    };
    let what = "the allowance IAM-1 for tenant prod (6h (360 min))";
    for (until, expected) in [
        ("2026-12-07", None),
        ("2026-12-06", Some(format!("warning: {what} ends in 14 days, on 2026-12-06"))),
        ("2026-11-24", Some(format!("warning: {what} ends in 2 days, on 2026-11-24"))),
        ("2026-11-23", Some(format!("warning: {what} ends tomorrow"))),
        ("2026-11-22", Some(format!("warning: {what} ends today"))),
        ("2026-11-21", Some(format!("note: {what} ended on 2026-11-21"))),
        ("2020-01-01", Some(format!("note: {what} ended on 2020-01-01"))),
    ] {
        assert_eq!(messages(until), expected.into_iter().collect::<Vec<_>>(), "{until}");
    }
}

#[test]
fn an_allowance_for_no_tenant_is_an_error_while_it_holds() {
    let file = |tenant: &str, until: &str| {
        format!(
            "- {{tenant: '{tenant}', setting: maxActivationPeriodMins, upTo: 6h, reason: a, ticket: IAM-1, until: {until}}}"
        )
    };
    let release = "- {tenant: gone, release: all, reason: sold, ticket: IAM-2, until: 2026-12-31}".to_owned();
    for (file, told) in [
        (file("prod", "2026-12-31"), None),
        (file("pr*", "2026-12-31"), None),
        (file("prood", "2026-12-31"), Some("the allowance IAM-1 is for `prood`, and no tenant has that name")),
        (file("gone", "2026-11-21"), None),
        (release, None),
    ] {
        let found = check(&allowances(&file).unwrap(), &["prod", "test"], TODAY);
        assert_eq!(found.iter().map(|problem| problem.message.as_str()).next(), told, "{file}");
        assert!(
            found.iter().all(|problem| problem.severity == Severity::Error && problem.rule.name() == "unknown-tenant")
        );
    }
}
