//! What settings files break whatever the tenant holds.

use std::borrow::Borrow;

use jiff::civil::Date;

use super::ceiling::Decided;
use super::set::{Clause, Keep, Limit};
use super::subject::Subject;
use super::{RuleSet, ceiling, in_words, member_keys};
use crate::settings::{Desired, Managed};
use crate::text::problem::rules::Rule;
use crate::text::problem::{Place, Problem, rules};

/// Returns the guardrails that the settings of a tenant break, and those that no plan of it could be judged by.
pub fn offline(tenant: &str, desired: &Desired, rules: &[impl Borrow<RuleSet>], today: Date) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for set in rules {
        let files = Files { tenant, desired, set: set.borrow(), today };
        let found = [files.require(), files.limits(), files.keep()].into_iter().flatten();
        for problem in found {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
    }
    problems
}

/// The settings files of a tenant and the rules for them.
struct Files<'a> {
    tenant: &'a str,
    desired: &'a Desired,
    set: &'a RuleSet,
    today: Date,
}

impl Files<'_> {
    fn require(&self) -> Vec<Problem> {
        let unmanaged = |clause: &&Clause<Subject>| self.managed(&clause.says).is_none();
        let told = |clause: &Clause<Subject>| {
            let (message, help) = in_words::required(&clause.says);
            self.problem(rules::REQUIRED_SETTING, &message, &clause.place).help(help)
        };
        self.set.guardrails.require.iter().filter(unmanaged).map(told).collect()
    }

    fn limits(&self) -> Vec<Problem> {
        self.set.guardrails.limits.iter().filter_map(|clause| self.limit(clause)).collect()
    }

    fn limit(&self, clause: &Clause<Limit>) -> Option<Problem> {
        let Limit { subject, ceiling } = &clause.says;
        let Some(wanted) = self.desired.get(&subject.key) else { return Some(self.unjudged(subject, &clause.place)) };
        if wanted.resource().setting_in(wanted.generation, subject.setting.pointer).is_none() {
            let message = in_words::not_in(wanted.generation, subject);
            let help = format!("limit the setting that {} has instead", wanted.generation.name);
            return Some(self.problem(rules::UNJUDGED_GUARDRAIL, &message, &clause.place).help(help));
        }
        let managed = wanted.get(subject.setting.pointer)?;
        let value = Some(managed.value.as_ref());
        let within = ceiling::exceeds(subject, value, ceiling) == Some(false);
        if within || self.set.raises(subject, value, self.today).is_some() {
            return None;
        }
        let message = ceiling::excess(subject, value, ceiling, Decided::ByFile);
        let mut problem = self.problem(rules::OVER_LIMIT, &message, &managed.place);
        problem = problem.help(format!("change it to a value within the limit of {}", by(clause)));
        for miss in self.set.too_short(subject, self.today) {
            problem = problem.help(miss);
        }
        Some(problem.help(in_words::may_permit(subject)))
    }

    fn keep(&self) -> Vec<Problem> {
        let mut problems: Vec<Problem> = Vec::new();
        for clause in &self.set.guardrails.keep {
            let Keep { subject, member, .. } = &clause.says;
            let problem = match (self.desired.get(&subject.key), self.managed(subject)) {
                (None, _) => self.unjudged(subject, &clause.place),
                (Some(_), None) => continue,
                (Some(_), Some(managed)) => {
                    let key = subject.setting.kind.member_key(member);
                    if member_keys(subject.setting, Some(managed.value.as_ref())).contains(&key) {
                        continue;
                    }
                    let message = format!("{} is missing from {subject}, and must stay in it", clause.says.shown());
                    let help = format!("list it; only a change of {} lets it leave", by(clause));
                    self.problem(rules::KEPT_MEMBER, &message, &managed.place).help(help)
                }
            };
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        problems
    }

    fn managed(&self, subject: &Subject) -> Option<&Managed> {
        self.desired.get(&subject.key)?.get(subject.setting.pointer)
    }

    fn unjudged(&self, subject: &Subject, place: &Place) -> Problem {
        let (message, help) = in_words::unjudged(subject);
        self.problem(rules::UNJUDGED_GUARDRAIL, &message, place).help(help)
    }

    fn problem(&self, rule: Rule, message: &str, place: &Place) -> Problem {
        Problem::error(rule, format!("tenant {}: {message}", self.tenant)).at(place.clone())
    }
}

/// The line of a guardrail, and who answers for it.
fn by<T>(clause: &Clause<T>) -> String {
    match &clause.origin.owner {
        Some(owner) => format!("{} ({owner})", clause.place),
        None => clause.place.to_string(),
    }
}
