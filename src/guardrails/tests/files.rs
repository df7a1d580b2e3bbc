//! What settings files break whatever the tenant holds.

use super::*;

fn found(guards_text: &str, settings: &str, allowed: &str) -> Vec<String> {
    let rules = RuleSet {
        tenant: "prod".to_owned(),
        guardrails: guards(guards_text).unwrap(),
        allowances: Arc::new(allowances(allowed).unwrap()),
        ..RuleSet::default()
    };
    // A second entry for the address has the same rules, and nothing is told twice.
    let found = offline("prod", &desired(settings), &[rules.clone(), rules], TODAY);
    let place =
        |problem: &crate::text::problem::Problem| problem.place.as_ref().map(ToString::to_string).unwrap_or_default();
    found.iter().map(|problem| format!("{} {}: {}", place(problem), problem.rule, problem.message)).collect()
}

#[test]
fn files_are_held_against_what_does_not_need_the_tenant() {
    let until = |day: &str| {
        format!(
            "- {{tenant: prod, setting: maxActivationPeriodMins, upTo: 6h, reason: a, ticket: IAM-1, until: {day}}}"
        )
    };
    let over = "settings.yaml:1:23 over-limit: tenant prod: jitActivationPolicy.maxActivationPeriodMins is 4h (240 min), and the limit is 3h (180 min)";
    let limit = "limits: {maxActivationPeriodMins: 3h}";
    let keep = "guardrails: {keep: {entitlementIds: [a, b]}}";
    let config = "accessRequestConfig: {apiVersion: v2, govGroupVisibilityEnabled: true}";
    for (guards, settings, allowed, expected) in [
        (limit, FOUR_HOURS, "[]".to_owned(), vec![over.to_owned()]),
        (limit, FOUR_HOURS, until("2026-11-22"), vec![]),
        (limit, FOUR_HOURS, until("2026-11-21"), vec![over.to_owned()]),
        ("limits: {maxActivationPeriodMins: 4h}", FOUR_HOURS, "[]".to_owned(), vec![]),
        (limit, "jitActivationPolicy: {notificationTemplate: x}", "[]".to_owned(), vec![]),
        (
            limit,
            config,
            "[]".to_owned(),
            vec![
                "sailplan.yaml:1:10 unjudged-guardrail: tenant prod: nothing of the JIT activation policy is managed, so \
                 jitActivationPolicy.maxActivationPeriodMins cannot be judged"
                    .to_owned(),
            ],
        ),
        (keep, "jitActivationPolicy: {entitlementIds: [b, a]}", "[]".to_owned(), vec![]),
        (
            keep,
            "jitActivationPolicy: {entitlementIds: [b]}",
            "[]".to_owned(),
            vec![
                "settings.yaml:1:23 kept-member: tenant prod: a is missing from jitActivationPolicy.entitlementIds, and \
                 must stay in it"
                    .to_owned(),
            ],
        ),
        (keep, FOUR_HOURS, "[]".to_owned(), vec![]),
        (
            keep,
            config,
            "[]".to_owned(),
            vec![
                "sailplan.yaml:1:21 unjudged-guardrail: tenant prod: nothing of the JIT activation policy is managed, so \
                 jitActivationPolicy.entitlementIds cannot be judged"
                    .to_owned(),
            ],
        ),
        (
            "guardrails: {require: [govGroupVisibilityEnabled, maxActivationPeriodMins]}",
            config,
            "[]".to_owned(),
            vec![
                "sailplan.yaml:1:51 required-setting: tenant prod: jitActivationPolicy.maxActivationPeriodMins must be \
                 managed, and no settings file of the tenant sets it"
                    .to_owned(),
            ],
        ),
        (
            "limits: {/accessRequestConfig/autoApprovalEnabled: false}",
            config,
            "[]".to_owned(),
            vec![
                "sailplan.yaml:1:10 unjudged-guardrail: tenant prod: accessRequestConfig.autoApprovalEnabled does not \
                 exist in v2, so its limit cannot be judged"
                    .to_owned(),
            ],
        ),
    ] {
        assert_eq!(found(guards, settings, &allowed), expected, "{guards} {settings} {allowed}");
    }
}
