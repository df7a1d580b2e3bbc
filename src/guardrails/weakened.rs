//! What a branch takes from the guardrails of its base: each is a loosening, even while no setting changes.

use jiff::civil::Date;
use serde_json::Value;

use super::allowance::{Allowance, Permission, Released};
use super::set::{Clause, Guardrails, Limit};
use super::subject::Subject;
use super::verdict::{Guardrail, Weakened};
use super::{RuleSet, ceiling};
use crate::text::problem::Place;

/// Returns what is weaker in `own` than in `base`, the guardrails of one tenant, whose name may differ; `today` is the day in
/// UTC. An allowance counts while it holds, and where the base has a guardrail that it could lift.
pub fn weakened(own: &RuleSet, base: &RuleSet, today: Date) -> Vec<Weakened> {
    let mut told = Told { revision: base.revision.clone().unwrap_or_default(), found: Vec::new() };
    told.clauses(&own.guardrails, &base.guardrails);
    told.limits(&own.guardrails, &base.guardrails);
    told.allowances(own, base, today);
    told.found
}

/// What is told to be weaker than in a revision.
struct Told {
    revision: String,
    found: Vec<Weakened>,
}

impl Told {
    fn tell(
        &mut self,
        guardrail: Guardrail,
        subject: Option<&Subject>,
        message: String,
        now: Option<&Place>,
        then: Option<&Place>,
    ) {
        let (subject, place, before) = (subject.cloned(), now.cloned(), then.cloned());
        let entry = Weakened { guardrail, subject, message, place, before, revision: self.revision.clone() };
        // A word or a setting may be listed twice.
        if !self.found.iter().any(|told| told.says_the_same(&entry)) {
            self.found.push(entry);
        }
    }

    /// What one set of guardrails has that the other has not, but for limits.
    fn clauses(&mut self, now: &Guardrails, then: &Guardrails) {
        for Clause { says: word, place, .. } in &then.deny {
            if !now.deny.iter().any(|clause| clause.says == *word) {
                self.tell(Guardrail::Deny, None, format!("{} is no longer denied", word.text()), None, Some(place));
            }
        }
        match (&then.max_changes, &now.max_changes) {
            (Some(Clause { says: most, place, .. }), None) => {
                let message = format!("a plan is no longer bounded to {most} changes");
                self.tell(Guardrail::MaxChanges, None, message, None, Some(place));
            }
            (Some(Clause { says: most, place, .. }), Some(Clause { says: more, place: line, .. })) if more > most => {
                let message = format!("a plan may make {more} changes, was {most}");
                self.tell(Guardrail::MaxChanges, None, message, Some(line), Some(place));
            }
            _ => {}
        }
        for Clause { says: subject, place, .. } in &then.require {
            if !now.require.iter().any(|clause| clause.says == *subject) {
                let message = format!("{subject} need no longer be managed");
                self.tell(Guardrail::Require, Some(subject), message, None, Some(place));
            }
        }
        for Clause { says: keep, place, .. } in &then.keep {
            if !now.keep.iter().any(|clause| keep.keeps_the_same(&clause.says)) {
                let message = format!("{} need no longer stay in {}", keep.shown(), keep.subject);
                self.tell(Guardrail::Keep, Some(&keep.subject), message, None, Some(place));
            }
        }
        if let Some(Clause { place, .. }) =
            then.lift.as_ref().filter(|_| then.only_allowances() && !now.only_allowances())
        {
            let line = now.lift.as_ref().map(|clause| &clause.place);
            let message = "flags lift guardrails, not only allowances".to_owned();
            self.tell(Guardrail::Lift, None, message, line, Some(place));
        }
        let (before, after) = (then.approvals(), now.approvals());
        let more: Vec<&str> = after.iter().filter(|word| !before.contains(word)).map(|word| word.text()).collect();
        if !more.is_empty() {
            let lines = |guardrails: &'_ Guardrails| guardrails.apply.first().map(|clause| clause.place.clone());
            let message = format!("an apply may also be approved by {}", more.join(" or "));
            self.tell(Guardrail::Apply, None, message, lines(now).as_ref(), lines(then).as_ref());
        }
    }

    fn limits(&mut self, now: &Guardrails, then: &Guardrails) {
        for Clause { says: Limit { subject, ceiling }, place, .. } in &then.limits {
            let show = |ceiling: &Value| subject.setting.kind.show_ceiling(ceiling);
            // Of limits of which neither is the lower one, each holds: the one that is there still will do.
            let mut own = now.limits.iter().filter(|limit| limit.says.subject == *subject).peekable();
            let Some(first) = own.peek().copied() else {
                let message = format!("{subject} has no limit any more, was {}", show(ceiling));
                self.tell(Guardrail::Limits, Some(subject), message, None, Some(place));
                continue;
            };
            if !own.any(|limit| ceiling::reaches(subject, &limit.says.ceiling, ceiling)) {
                let message = format!("the limit of {subject} is {}, was {}", show(&first.says.ceiling), show(ceiling));
                self.tell(Guardrail::Limits, Some(subject), message, Some(&first.place), Some(place));
            }
        }
    }

    /// An allowance weakens what the revision guards if it is new there or reaches further.
    fn allowances(&mut self, own: &RuleSet, base: &RuleSet, today: Date) {
        let then = &base.guardrails;
        let guarded = !then.deny.is_empty() || then.max_changes.is_some() || !then.limits.is_empty();
        let concerns = |tenant: &str, allowance: &Allowance| {
            // That a set is not emptied by accident needs no guardrail.
            let empties = match &allowance.permits {
                Permission::Change { subject, .. } => subject.setting.kind.guards_emptying(),
                Permission::Release(_) => false,
            };
            (guarded || empties) && allowance.is_for(tenant) && allowance.until >= today
        };
        for allowance in own.allowances.iter().filter(|allowance| concerns(&own.tenant, allowance)) {
            let earlier = base.allowances.iter().filter(|earlier| concerns(&base.tenant, earlier));
            let alike: Vec<(&Allowance, bool)> =
                earlier.filter_map(|earlier| Some((earlier, within(&allowance.permits, &earlier.permits)?))).collect();
            if alike.iter().any(|(earlier, within)| *within && allowance.until <= earlier.until) {
                continue;
            }
            let before = alike.first().map(|(earlier, _)| &earlier.place);
            let what = if before.is_some() { "reaches further than those there are" } else { "is new" };
            let (subject, permits) = match &allowance.permits {
                Permission::Change { subject, .. } => (Some(subject), format!("{subject} up to {}", allowance.reach())),
                Permission::Release(_) => (None, format!("{} may leave control", allowance.reach())),
            };
            let Allowance { ticket, until, reason, .. } = allowance;
            let message = format!("the allowance {ticket} {what}: {permits} until {until} ({reason})");
            self.tell(Guardrail::Allowances, subject, message, Some(&allowance.place), before);
        }
    }
}

/// Returns whether one permission lies within another; `None` if they are about different things.
fn within(permission: &Permission, other: &Permission) -> Option<bool> {
    match (permission, other) {
        (Permission::Change { subject, up_to }, Permission::Change { subject: same, up_to: most }) => {
            (subject == same).then(|| ceiling::reaches(subject, up_to, most))
        }
        (Permission::Release(_), Permission::Release(Released::All)) => Some(true),
        (Permission::Release(Released::All), Permission::Release(_)) => Some(false),
        (Permission::Release(Released::Settings(settings)), Permission::Release(Released::Settings(most))) => {
            Some(settings.iter().all(|setting| most.contains(setting)))
        }
        (Permission::Change { .. }, Permission::Release(_)) | (Permission::Release(_), Permission::Change { .. }) => {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::date;

    use super::*;
    use crate::guardrails::{allowance, tests};
    use crate::text::yaml::Source;

    fn rules(guards: &str, allowances: &str, revision: Option<&str>) -> RuleSet {
        let (allowances, problems) = allowance::read(&[Source::new("allowances.yaml", allowances)]);
        assert!(problems.is_empty(), "{problems:#?}");
        RuleSet {
            tenant: "prod".to_owned(),
            guardrails: tests::guards(guards).unwrap(),
            allowances: Arc::new(allowances),
            revision: revision.map(str::to_owned),
        }
    }

    fn told(own: &RuleSet, base: &RuleSet) -> Vec<String> {
        let found = weakened(own, base, date(2026, 11, 22));
        found.into_iter().map(|weakened| format!("{}: {}", weakened.guardrail, weakened.message)).collect()
    }

    #[test]
    fn what_a_guard_loses_is_told() {
        let jit = "/jitActivationPolicy/maxActivationPeriodMins";
        let maximum = "jitActivationPolicy.maxActivationPeriodMins";
        let require = format!("guardrails: {{require: [{jit}]}}");
        let need = format!("require: {maximum} need no longer be managed");
        let gone = format!("limits: {maximum} has no limit any more, was 4h (240 min)");
        let raised = format!("limits: the limit of {maximum} is 6h (360 min), was 4h (240 min)");
        let members = "limits: the limit of jitActivationPolicy.entitlementIds is 3 entitlements, was 2 entitlements";
        let flag = |yes: bool| format!("limits: {{allowRequestOnBehalfOfAnyoneByAnyone: {yes}}}");
        let changed = "limits: the limit of accessRequestConfig.requestOnBehalfOfConfig.\
                       allowRequestOnBehalfOfAnyoneByAnyone is true, was false";
        for (base, own, expected) in [
            ("{}", "{}", vec![]),
            ("{}", "guardrails: {deny: [loosens], maxChanges: 1}", vec![]),
            (
                "guardrails: {deny: [loosens, disrupts, loosens]}",
                "guardrails: {deny: [disrupts]}",
                vec!["deny: loosens is no longer denied"],
            ),
            ("guardrails: {deny: [loosens]}", "guardrails: {deny: [review, loosens]}", vec![]),
            ("guardrails: {maxChanges: 3}", "{}", vec!["maxChanges: a plan is no longer bounded to 3 changes"]),
            (
                "guardrails: {maxChanges: 3}",
                "guardrails: {maxChanges: 4}",
                vec!["maxChanges: a plan may make 4 changes, was 3"],
            ),
            ("guardrails: {maxChanges: 3}", "guardrails: {maxChanges: 3}", vec![]),
            ("guardrails: {maxChanges: 3}", "guardrails: {maxChanges: 0}", vec![]),
            (&require, "guardrails: {require: []}", vec![&need]),
            (&require, "guardrails: {require: [maxActivationPeriodMins]}", vec![]),
            ("limits: {maxActivationPeriodMins: 4h}", "{}", vec![&gone]),
            ("limits: {maxActivationPeriodMins: 4h}", "limits: {maxActivationPeriodMins: 6h}", vec![&raised]),
            ("limits: {maxActivationPeriodMins: 4h}", "limits: {maxActivationPeriodMins: 240}", vec![]),
            ("limits: {maxActivationPeriodMins: 4h}", "limits: {maxActivationPeriodMins: 1h}", vec![]),
            ("limits: {entitlementIds: 2}", "limits: {entitlementIds: 3}", vec![members]),
            ("limits: {entitlementIds: 2}", "limits: {entitlementIds: 1}", vec![]),
            (&flag(false), &flag(true), vec![changed]),
            (&flag(false), &flag(false), vec![]),
        ] as [(&str, &str, Vec<&str>); 18]
        {
            assert_eq!(told(&rules(own, "[]", None), &rules(base, "[]", Some("main"))), expected, "{base} -> {own}");
        }
    }

    #[test]
    fn limits_of_which_neither_is_the_lower_one_are_told_apart() {
        let flag = |yes: bool| rules(&format!("limits: {{allowRequestOnBehalfOfAnyoneByAnyone: {yes}}}"), "[]", None);
        let both = || RuleSet { guardrails: flag(true).guardrails.and(&flag(false).guardrails), ..flag(true) };
        assert_eq!(told(&both(), &both()), [""; 0]);
        assert_eq!(told(&both(), &flag(false)), [""; 0]);
        let gone = "limits: the limit of accessRequestConfig.requestOnBehalfOfConfig.allowRequestOnBehalfOfAnyoneByAnyone is \
                    true, was false";
        assert_eq!(told(&flag(true), &both()), [gone]);
    }

    #[test]
    fn an_allowance_weakens_when_it_is_new_or_reaches_further() {
        let allowance = |tenant: &str, up_to: &str, until: &str| {
            format!(
                "- {{tenant: {tenant}, setting: maxActivationPeriodMins, upTo: {up_to}, reason: Q4, ticket: T-1, until: {until}}}\n"
            )
        };
        let there = allowance("prod", "4h", "2026-12-31");
        let says = |what: &str, up_to: &str, until: &str| {
            format!(
                "allowances: the allowance T-1 {what}: jitActivationPolicy.maxActivationPeriodMins up to {up_to} until \
                 {until} (Q4)"
            )
        };
        let (new, further) = ("is new", "reaches further than those there are");
        for (base, own, expected) in [
            ("[]", &there, vec![says(new, "4h (240 min)", "2026-12-31")]),
            (&there, &there, vec![]),
            (&there, &"[]".to_owned(), vec![]),
            (&there, &allowance("pr*", "3h", "2026-12-01"), vec![]),
            (&there, &allowance("p*", "6h", "2026-12-31"), vec![says(further, "6h (360 min)", "2026-12-31")]),
            (&there, &allowance("prod", "4h", "2027-01-01"), vec![says(further, "4h (240 min)", "2027-01-01")]),
            (&there, &allowance("prod", "null", "2026-12-31"), vec![says(further, "clearing it", "2026-12-31")]),
            ("[]", &allowance("test", "4h", "2026-12-31"), vec![]),
            ("[]", &allowance("prod", "4h", "2026-11-21"), vec![]),
            (&allowance("prod", "4h", "2026-11-21"), &there, vec![says(new, "4h (240 min)", "2026-12-31")]),
        ] as [(&str, &String, Vec<String>); 10]
        {
            for (guards, lifts) in
                [("guardrails: {deny: [loosens]}", true), ("guardrails: {maxChanges: 1}", true), ("{}", false)]
            {
                let expected = if lifts { expected.clone() } else { Vec::new() };
                let (own, base) = (rules(guards, own, None), rules(guards, base, Some("main")));
                assert_eq!(told(&own, &base), expected, "{guards} {base:?} -> {own:?}");
            }
        }
    }

    #[test]
    fn both_lines_are_named() {
        let own = rules("guardrails:\n  maxChanges: 4\n", "[]", None);
        let base = rules("guardrails: {maxChanges: 3}\n", "[]", Some("main"));
        let found = weakened(&own, &base, date(2026, 11, 22));
        let told = |weakened: &Weakened| {
            let line = |place: &Option<Place>| place.as_ref().map(ToString::to_string);
            let Weakened { guardrail, subject, message, place, before, revision } = weakened;
            assert_eq!(*subject, None);
            (*guardrail, message.clone(), line(place), line(before), revision.clone())
        };
        assert_eq!(
            found.iter().map(told).collect::<Vec<_>>(),
            [(
                Guardrail::MaxChanges,
                "a plan may make 4 changes, was 3".to_owned(),
                Some("sailplan.yaml:2:15".to_owned()),
                Some("sailplan.yaml:1:26".to_owned()),
                "main".to_owned(),
            )]
        );
    }
}
