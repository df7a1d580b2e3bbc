//! What flags lift, and what counts against the budget of an address.

use super::*;
use crate::guardrails::verdict::Guardrail;

const EVERY_WORD: &str = "deny: [loosens, review, tightens, neutral, disrupts, overrides]";

fn words(lifted: &[String]) -> Vec<&str> {
    lifted.iter().map(|text| text.rsplit("--allow ").next().unwrap_or_default()).collect()
}

#[test]
fn under_allowances_a_flag_lifts_only_what_tightens() {
    let beta = |settings: &str| &*format!("accessRequestConfig: {{apiVersion: beta, {settings}}}").leak();
    let external = beta("approvalsMustBeExternal: true");
    for (settings, live, allow, flags, allowances) in [
        (FOUR_HOURS, two_hours(), "loosens", vec!["loosens"], vec![]),
        (FOUR_HOURS, json!({}), "review", vec!["review"], vec![]),
        (
            "jitActivationPolicy: {maxActivationPeriodMins: 1h}",
            two_hours(),
            "tightens",
            vec!["tightens"],
            vec!["tightens"],
        ),
        ("jitActivationPolicy: {notificationTemplate: x}", json!({}), "neutral", vec!["neutral"], vec!["neutral"]),
        (external, json!({"approvalsMustBeExternal": false}), "disrupts", vec!["disrupts"], vec!["disrupts"]),
        (
            beta("approvalsMustBeExternal: true"),
            json!({"approvalsMustBeExternal": false, "approvalReminderAndEscalationConfig": {"maxReminders": 3}}),
            "disrupts",
            vec!["disrupts"],
            vec![],
        ),
        (
            beta("autoApprovalEnabled: false"),
            json!({"autoApprovalEnabled": true, "approvalReminderAndEscalationConfig": {"maxReminders": 3}}),
            "overrides",
            vec!["overrides"],
            vec![],
        ),
    ] {
        for (lift, expected) in [("flags", flags), ("allowances", allowances)] {
            let guards = format!("guardrails: {{lift: {lift}, {EVERY_WORD}}}").leak();
            let word: Lift = allow.parse().unwrap();
            let case = Case::new(guards, settings, live.clone()).allow(word);
            assert_eq!(words(&case.lifted()), expected, "{lift}: --allow {allow} for {settings}");
            // A flag is advertised only if it works.
            let open = Case::new(guards, settings, live.clone());
            let advertised = open
                .judged()
                .refusals
                .iter()
                .any(|refusal| refusal.help.contains(&format!("--allow {allow} lifts it for one run")));
            assert_eq!(advertised, !expected.is_empty(), "{lift}: --allow {allow} for {settings}");
        }
    }
}

#[test]
fn under_allowances_the_budget_is_lifted_for_what_only_tightens() {
    let budget = |lift: &str| &*format!("guardrails: {{lift: {lift}, maxChanges: 1}}").leak();
    let tightens = "jitActivationPolicy: {maxActivationPeriodMins: 1h, entitlementIds: [a, b]}";
    let mixed = "jitActivationPolicy: {maxActivationPeriodMins: 4h, entitlementIds: [a, b]}";
    let live = json!({"maxActivationPeriodMins": 120, "entitlementIds": ["a"]});
    for (lift, settings, lifted) in [
        ("flags", mixed, true),
        ("flags", tightens, true),
        ("allowances", tightens, true),
        ("allowances", mixed, false),
    ] {
        let case = Case::new(budget(lift), settings, live.clone()).allow(Lift::MaxChanges);
        assert_eq!(
            (case.refused().is_empty(), case.lifted().len()),
            (lifted, usize::from(lifted)),
            "{lift} {settings}"
        );
    }
}

#[test]
fn under_allowances_emptying_takes_an_allowance() {
    let mut case = Case::new(
        "guardrails: {lift: allowances, deny: []}",
        "jitActivationPolicy: {entitlementIds: []}",
        json!({"entitlementIds": ["a"]}),
    );
    case.lifts.empty = true;
    let judged = case.judged();
    let refusal = &judged.refusals[0];
    assert_eq!((refusal.guardrail, judged.lifted.len()), (Guardrail::Empty, 0));
    assert_eq!(
        refusal.help,
        ["an allowance for jitActivationPolicy.entitlementIds permits it up to a value, until a date"]
    );
    let case = case
        .allowances("- {tenant: prod, setting: entitlementIds, upTo: 1, reason: a, ticket: IAM-1, until: 2026-12-31}");
    assert_eq!((case.refused(), case.lifted()), (vec![], vec!["empty by IAM-1".to_owned()]));
}

/// Judges the first of several entries for one address.
fn shared(most: usize, first: &str, others: &[&str], live: &Value) -> Vec<String> {
    let desired: Vec<Desired> = std::iter::once(&first).chain(others).map(|settings| desired(settings)).collect();
    let comparisons: Vec<Comparison> =
        desired.iter().map(|desired| plan::compare(&desired.resources[0], live).unwrap()).collect();
    let mut proposals: Vec<Proposal<'_>> = desired
        .iter()
        .zip(&comparisons)
        .map(|(desired, comparison)| Proposal {
            tenant: "twin",
            resources: vec![(&desired.resources[0], Some(comparison))],
        })
        .collect();
    let own = proposals.remove(0);
    let guards = guards(&format!("guardrails: {{maxChanges: {most}}}")).unwrap();
    let rules = [RuleSet { guardrails: guards, ..RuleSet::default() }];
    let same: Vec<&Proposal<'_>> = std::iter::once(&own).chain(&proposals).collect();
    let judged = judge(&own, &same, &rules, &Lifts::default(), TODAY);
    judged.refusals.into_iter().map(|refusal| refusal.message).collect()
}

#[test]
fn entries_at_one_address_share_the_budget() {
    let template = "jitActivationPolicy: {notificationTemplate: x}";
    let twice = |number: usize, most: usize| {
        vec![format!(
            "{number} changes, more than {most} (members of a set count one by one; twin is at the same address and shares them)"
        )]
    };
    let live = two_hours();
    assert_eq!(shared(2, FOUR_HOURS, &[template], &live), [""; 0]);
    assert_eq!(shared(1, FOUR_HOURS, &[template], &live), twice(2, 1));
    // Both ask for the same, which is sent once.
    assert_eq!(shared(1, FOUR_HOURS, &[FOUR_HOURS], &live), [""; 0]);
    assert_eq!(shared(1, FOUR_HOURS, &["jitActivationPolicy: {maxActivationPeriodMins: 5h}"], &live), twice(2, 1));
    // An entry that changes nothing is not stopped by the other.
    assert_eq!(shared(0, "jitActivationPolicy: {maxActivationPeriodMins: 2h}", &[FOUR_HOURS], &live), [""; 0]);
}

#[test]
fn a_refusal_names_who_answers_for_the_guardrail() {
    let guards = "guardrails: {owner: '@acme/iam-policy', reason: bank policy 4.2, deny: [loosens]}";
    let refusal = Case::new(guards, FOUR_HOURS, two_hours()).judged().refusals.remove(0);
    let entry = RefusalEntry::from(&refusal);
    assert_eq!((entry.owner.as_deref(), entry.reason.as_deref()), (Some("@acme/iam-policy"), Some("bank policy 4.2")));
    assert!(crate::report::guards::refusal(&entry).starts_with(
        "deny (sailplan.yaml:1), owned by @acme/iam-policy: bank policy 4.2: jitActivationPolicy.maxActivationPeriodMins loosens"
    ));
}
