//! How an apply may be approved.

use super::*;
use crate::guardrails::verdict::Guardrail;

fn rules(guards_text: &str) -> RuleSet {
    RuleSet { guardrails: guards(guards_text).unwrap(), ..RuleSet::default() }
}

#[test]
fn an_apply_is_approved_in_the_ways_that_every_list_has() {
    use ApprovalWord::{Approved, Plan, Question, Yes};
    for (text, permitted) in [
        ("{}", vec![Plan, Approved, Yes, Question]),
        ("guardrails: {apply: [plan, approved]}", vec![Plan, Approved]),
        ("guardrails: {apply: [question]}", vec![Question]),
        ("guardrails: {lift: allowances}", vec![Plan, Approved, Yes, Question]),
    ] {
        for word in ApprovalWord::ALL {
            let refused = approval(&[rules(text)], word).is_some();
            assert_eq!(refused, !permitted.contains(&word), "{text} {word:?}");
        }
    }
    let refusal = approval(&[rules("guardrails: {owner: '@acme/iam', apply: [plan, approved]}")], Yes).unwrap();
    assert_eq!(
        (refusal.message.as_str(), refusal.guardrail, refusal.origin.owner.as_deref()),
        (
            "an apply to this tenant is approved by a saved plan or --approved, not by --yes",
            Guardrail::Apply,
            Some("@acme/iam")
        )
    );
    assert_eq!(refusal.place.map(|place| place.to_string()), Some("sailplan.yaml:1:41".to_owned()));
    assert_eq!(refusal.help.len(), 2);
}
