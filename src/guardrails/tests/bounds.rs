//! Limits and members that must stay, on the document after the plan.

use super::*;

const MAXIMUM: &str = "jitActivationPolicy.maxActivationPeriodMins";
const ANYONE: &str = "accessRequestConfig.requestOnBehalfOfConfig.allowRequestOnBehalfOfAnyoneByAnyone";

/// What is said, and whether the tenant breaks it already.
fn told(case: &Case) -> Vec<(String, bool)> {
    let told = |refusal: Refusal| (format!("{}: {}", refusal.guardrail, refusal.message), refusal.standing);
    case.judged().refusals.into_iter().map(told).collect()
}

fn minutes(live: impl Into<Value>) -> Value {
    let live: Value = live.into();
    json!({ "maxActivationPeriodMins": live })
}

#[test]
fn a_limit_is_judged_on_the_document_after_the_plan() {
    let limit = "limits: {maxActivationPeriodMins: 4h}";
    let other = "jitActivationPolicy: {notificationTemplate: null}";
    let says = |text: &str, standing: bool| vec![(format!("limits: {MAXIMUM} {text}"), standing)];
    let at = |value: &str| format!("is {value}, and the limit is 4h (240 min)");
    let no_maximum =
        |state: &str| format!("is {state}: it has no maximum, so it exceeds every limit; the limit is 4h (240 min)");
    for (settings, live, expected) in [
        // Within it.
        (FOUR_HOURS, minutes(120), vec![]),
        (FOUR_HOURS, minutes(240), vec![]),
        (FOUR_HOURS, minutes(9999), vec![]),
        (FOUR_HOURS, json!({}), vec![]),
        // Caused or enlarged.
        ("jitActivationPolicy: {maxActivationPeriodMins: 5h}", minutes(120), says(&at("5h (300 min)"), false)),
        ("jitActivationPolicy: {maxActivationPeriodMins: 7h}", minutes(360), says(&at("7h (420 min)"), false)),
        ("jitActivationPolicy: {maxActivationPeriodMins: null}", minutes(120), says(&no_maximum("cleared"), false)),
        ("jitActivationPolicy: {maxActivationPeriodMins: null}", minutes(360), says(&no_maximum("cleared"), false)),
        // Standing: not changed, or changed for the better.
        ("jitActivationPolicy: {maxActivationPeriodMins: 5h}", minutes(300), says(&at("5h (300 min)"), true)),
        ("jitActivationPolicy: {maxActivationPeriodMins: 5h}", minutes(360), says(&at("5h (300 min)"), true)),
        ("jitActivationPolicy: {maxActivationPeriodMins: 5h}", minutes(Value::Null), says(&at("5h (300 min)"), true)),
        ("jitActivationPolicy: {maxActivationPeriodMins: null}", json!({}), says(&no_maximum("cleared"), true)),
        // Not managed.
        (other, minutes(240), vec![]),
        (
            other,
            minutes(300),
            says("is 5h (300 min) in the tenant and not managed, and the limit is 4h (240 min)", true),
        ),
        (other, json!({}), says(&no_maximum("not set in the tenant"), true)),
        (other, minutes("long"), says("is a text in the tenant, so its limit cannot be judged", false)),
    ] {
        let mut case = Case::new(limit, settings, live.clone());
        assert_eq!(told(&case), expected, "{settings} {live}");
        // No flag lifts a limit.
        case.lifts =
            Lifts { allow: Lift::WORDS.map(|word| word.parse().unwrap()).to_vec(), empty: true, receipt: None };
        assert_eq!(told(&case), expected, "{settings} {live}");
    }
}

#[test]
fn a_limit_binds_only_what_loosens() {
    let on_behalf = |value: &str| {
        let text = format!(
            "accessRequestConfig: {{apiVersion: v2, requestOnBehalfOfConfig: {{allowRequestOnBehalfOfAnyoneByAnyone: {value}}}}}"
        );
        &*text.leak()
    };
    let live = |value: Value| json!({"requestOnBehalfOfConfig": {"allowRequestOnBehalfOfAnyoneByAnyone": value}});
    let limit = |value: bool| &*format!("limits: {{allowRequestOnBehalfOfAnyoneByAnyone: {value}}}").leak();
    let exceeds = |standing: bool| vec![(format!("limits: {ANYONE} is true, and the limit is false"), standing)];
    for (guards, settings, live, expected) in [
        (limit(false), on_behalf("false"), live(json!(true)), vec![]),
        (limit(false), on_behalf("true"), live(json!(false)), exceeds(false)),
        (limit(false), on_behalf("true"), live(json!(true)), exceeds(true)),
        // What an absent flag means is not known.
        (limit(false), on_behalf("true"), live(Value::Null), exceeds(false)),
        (limit(true), on_behalf("false"), live(json!(true)), vec![]),
        (limit(true), on_behalf("true"), live(json!(false)), vec![]),
        // A set is loosened by what leaves it, so a number of members limits nothing.
        (
            "limits: {entitlementIds: 1}",
            "jitActivationPolicy: {entitlementIds: [a, b, c]}",
            json!({"entitlementIds": ["a"]}),
            vec![],
        ),
        (
            "limits: {notificationRecipients: 0}",
            "jitActivationPolicy: {notificationRecipients: [a@example.com]}",
            json!({}),
            vec![],
        ),
    ] {
        assert_eq!(told(&Case::new(guards, settings, live.clone())), expected, "{guards} {settings} {live}");
    }
}

#[test]
fn members_that_must_stay_are_looked_for_after_the_plan() {
    let keep = "guardrails: {keep: {entitlementIds: [{id: a, name: Domain Admins}, b]}}";
    let set = "jitActivationPolicy.entitlementIds";
    let leave = |members: &str| (format!("keep: {members} would leave {set}, and must stay in it"), false);
    let missing = |members: &str| (format!("keep: {members} is missing from {set}, and must stay in it"), true);
    let live = |ids: &[&str]| json!({ "entitlementIds": ids });
    for (settings, live, expected) in [
        ("jitActivationPolicy: {entitlementIds: [a, b]}", live(&["c"]), vec![]),
        ("jitActivationPolicy: {entitlementIds: [b, c, a]}", live(&["a", "b"]), vec![]),
        ("jitActivationPolicy: {entitlementIds: [b]}", live(&["a", "b"]), vec![leave("a (Domain Admins)")]),
        ("jitActivationPolicy: {entitlementIds: [c]}", live(&["a", "b"]), vec![leave("a (Domain Admins), b")]),
        (
            "jitActivationPolicy: {entitlementIds: [c]}",
            live(&["b", "c"]),
            vec![leave("b"), missing("a (Domain Admins)")],
        ),
        ("jitActivationPolicy: {entitlementIds: [b]}", live(&["b"]), vec![missing("a (Domain Admins)")]),
        (FOUR_HOURS, live(&["a", "b"]), vec![]),
        (FOUR_HOURS, live(&["a"]), vec![missing("b")]),
        (FOUR_HOURS, json!({}), vec![missing("a (Domain Admins), b")]),
    ] {
        let mut case = Case::new(keep, settings, live.clone()).allowances(
            "- {tenant: prod, setting: entitlementIds, upTo: 9, reason: a, ticket: IAM-1, until: 2026-12-31}",
        );
        case.lifts =
            Lifts { allow: Lift::WORDS.map(|word| word.parse().unwrap()).to_vec(), empty: true, receipt: None };
        let told: Vec<_> = told(&case).into_iter().filter(|(message, _)| message.starts_with("keep")).collect();
        assert_eq!(told, expected, "{settings} {live}");
    }
    let recipients = "guardrails: {keep: {notificationRecipients: [Kim@example.com]}}";
    let letters = "jitActivationPolicy: {notificationRecipients: [kim@example.com]}";
    assert_eq!(told(&Case::new(recipients, letters, json!({}))), []);
}

#[test]
fn a_guardrail_that_cannot_be_judged_refuses() {
    let cannot = |guardrail: &str, setting: &str, why: &str| {
        (format!("{guardrail}: {why}, so {setting} cannot be judged"), false)
    };
    let unmanaged = "nothing of the JIT activation policy is managed";
    let config = "accessRequestConfig: {apiVersion: v2, govGroupVisibilityEnabled: true}";
    let both = "guardrails: {keep: {entitlementIds: [a]}, limits: {maxActivationPeriodMins: 1h}}";
    let members = "jitActivationPolicy.entitlementIds";
    assert_eq!(
        told(&Case::new(both, config, json!({}))),
        [cannot("limits", MAXIMUM, unmanaged), cannot("keep", members, unmanaged)]
    );
    let desired = desired(FOUR_HOURS);
    let resources = vec![(&desired.resources[0], None)];
    let rules = RuleSet { guardrails: guards(both).unwrap(), ..RuleSet::default() };
    let judged = judge(&Proposal { tenant: "prod", resources }, &[], &[rules], &Lifts::default(), TODAY);
    let unread = "the JIT activation policy could not be read";
    let messages: Vec<_> = judged
        .refusals
        .iter()
        .map(|refusal| (format!("{}: {}", refusal.guardrail, refusal.message), refusal.standing))
        .collect();
    assert_eq!(messages, [cannot("limits", MAXIMUM, unread), cannot("keep", members, unread)]);
    let flat = "limits: {/accessRequestConfig/autoApprovalEnabled: false}";
    assert_eq!(
        told(&Case::new(flat, config, json!({}))),
        [(
            "limits: accessRequestConfig.autoApprovalEnabled does not exist in v2, so its limit cannot be judged"
                .to_owned(),
            false
        )]
    );
}

#[test]
fn a_rollback_is_held_to_what_it_restores() {
    let guards =
        guards("guardrails: {limits: {maxActivationPeriodMins: 3h, allowRequestOnBehalfOfAnyoneByAnyone: false}}");
    let rules = RuleSet { guardrails: guards.unwrap(), ..RuleSet::default() };
    let lifts = Lifts { receipt: Some("r.json".to_owned()), ..Lifts::default() };
    let desired = desired(FOUR_HOURS);
    let comparison = plan::compare(&desired.resources[0], &two_hours()).unwrap();
    let resources = vec![(&desired.resources[0], Some(&comparison))];
    let judged = judge(&Proposal { tenant: "prod", resources }, &[], &[rules], &lifts, TODAY);
    let messages: Vec<_> = judged.refusals.iter().map(|refusal| refusal.message.as_str()).collect();
    assert_eq!(messages, [format!("{MAXIMUM} is 4h (240 min), and the limit is 3h (180 min)")]);
}
