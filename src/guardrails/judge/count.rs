//! How much a plan changes.

use super::{Breach, Judge, Proposal, flag};
use crate::guardrails::allowance::Allowance;
use crate::guardrails::set::Clause;
use crate::guardrails::subject::Subject;
use crate::guardrails::verdict::{Guardrail, Judged, LiftedBy};
use crate::guardrails::{Lift, weight};
use crate::plan::Change;
use crate::text::number::count;

impl Judge<'_> {
    /// Two entries for one address share the budget, and a change that both ask for counts once.
    pub(super) fn max_changes(&self, judged: &mut Judged) {
        let Some(clause @ Clause { says: most, .. }) = &self.guardrails().max_changes else { return };
        let own: Vec<(Subject, &Change)> = self.proposal.changes().collect();
        if own.is_empty() {
            return;
        }
        let twice = |(subject, change): &(Subject, &Change)| {
            own.iter().any(|(other, asked)| {
                other == subject && change.setting.equal(Some(asked.after.as_ref()), Some(change.after.as_ref()))
            })
        };
        let beside: Vec<(Subject, &Change)> =
            self.beside().flat_map(Proposal::changes).filter(|change| !twice(change)).collect();
        let (mut counted, mut total, mut flag_lifts) = (0, 0, true);
        let mut used: Vec<(&Subject, &Allowance)> = Vec::new();
        for (subject, change) in own.iter().chain(&beside) {
            let weight = weight(change);
            total += weight;
            match self.allowance(subject, change) {
                Ok(allowance) => used.push((subject, allowance)),
                Err(_) => {
                    counted += weight;
                    flag_lifts &= self.flag_lifts(Lift::MaxChanges, change);
                }
            }
        }
        if total <= *most {
            return;
        }
        let breach = |number: usize| {
            let without = if number < total { " without an allowance" } else { "" };
            let names: Vec<&str> = self.beside().map(|proposal| proposal.tenant).collect();
            let shared = match names.as_slice() {
                [] => String::new(),
                names => format!("; {} is at the same address and shares them", names.join(", ")),
            };
            let number = count(number, "change", "changes");
            let message = format!("{number}{without}, more than {most} (members of a set count one by one{shared})");
            Breach {
                guardrail: Guardrail::MaxChanges,
                subject: None,
                message,
                asked: None,
                clause: Some(clause.line()),
            }
        };
        if counted <= *most {
            for (subject, allowance) in used {
                let by = LiftedBy::Allowance(Box::new(allowance.clone()));
                judged.lifted.push(self.lifted(Breach { subject: Some(subject), ..breach(total) }, by));
            }
        } else if flag_lifts && self.lifts.allow.contains(&Lift::MaxChanges) {
            judged.lifted.push(self.lifted(breach(counted), flag(Lift::MaxChanges)));
        } else {
            let mut help = vec!["make the change in smaller parts: --only SETTING for some of them".to_owned()];
            help.push(format!("an allowance for a setting takes its changes out of the count{}", self.merged()));
            if flag_lifts {
                help.push("--allow maxChanges lifts it for one run".to_owned());
            }
            judged.refusals.push(self.refusal(breach(counted), help));
        }
    }
}
