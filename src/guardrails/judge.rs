//! Guardrails against what is planned for a tenant.

use std::borrow::Borrow;

use jiff::civil::Date;

use super::allowance::Allowance;
use super::set::{Clause, Origin};
use super::subject::Subject;
use super::verdict::{Guardrail, Judged, Lifted, LiftedBy, Refusal};
use super::{Guardrails, Lift, Lifts, RuleSet, Word, in_words};
use crate::plan::cause::Cause;
use crate::plan::{Change, Comparison};
use crate::resource::impact::Impact;
use crate::settings::DesiredResource;
use crate::text::problem::Place;

mod bounds;
mod count;

/// What is planned for one tenant.
pub struct Proposal<'a> {
    /// The name of the tenant.
    pub tenant: &'a str,
    /// What is desired of each resource, without a comparison if it could not be read.
    pub resources: Vec<(&'a DesiredResource, Option<&'a Comparison>)>,
}

impl Proposal<'_> {
    fn changes(&self) -> impl Iterator<Item = (Subject, &Change)> {
        self.resources.iter().flat_map(|(desired, comparison)| {
            let changes = comparison.iter().flat_map(|comparison| &comparison.changes);
            changes.map(|change| (Subject { key: desired.key.clone(), setting: change.setting }, change))
        })
    }
}

/// Holds what is planned for a tenant against its guardrails on the day `today`. `same` is what the same run plans for the
/// entries of the workspace at its address, this one included.
pub fn judge(
    proposal: &Proposal<'_>,
    same: &[&Proposal<'_>],
    rules: &[impl Borrow<RuleSet>],
    lifts: &Lifts,
    today: Date,
) -> Judged {
    let mut judged = Judged::default();
    for set in rules {
        let judge = Judge { proposal, same, set: set.borrow(), lifts, today };
        let mut found = Judged::default();
        judge.emptied(&mut found);
        judge.deny(&mut found);
        judge.max_changes(&mut found);
        judge.require(&mut found);
        judge.limits(&mut found);
        judge.keep(&mut found);
        judged.absorb(found);
    }
    judged
}

/// One set of rules and what it is held against.
struct Judge<'a> {
    proposal: &'a Proposal<'a>,
    same: &'a [&'a Proposal<'a>],
    set: &'a RuleSet,
    lifts: &'a Lifts,
    today: Date,
}

/// A guardrail that something breaks, before it is known whether something lifts it.
struct Breach<'a> {
    guardrail: Guardrail,
    subject: Option<&'a Subject>,
    message: String,
    /// The line that asks for it.
    asked: Option<&'a Place>,
    /// The line of the guardrail, and who answers for it; `None` for what needs no guardrail.
    clause: Option<(&'a Place, &'a Origin)>,
}

impl<'a> Judge<'a> {
    /// What the same run plans for other entries at the address.
    fn beside(&self) -> impl Iterator<Item = &'a Proposal<'a>> {
        self.same.iter().copied().filter(|other| !std::ptr::eq(*other, self.proposal))
    }

    fn guardrails(&self) -> &Guardrails {
        &self.set.guardrails
    }

    /// What an allowance still needs before it lifts a guardrail of another revision.
    fn merged(&self) -> String {
        self.set.revision.as_ref().map(|revision| format!(", once that is in {revision}")).unwrap_or_default()
    }

    /// The allowance that covers a change, or why those for its setting do not.
    fn allowance(&self, subject: &Subject, change: &Change) -> Result<&Allowance, Vec<String>> {
        let mut misses = Vec::new();
        for allowance in self.set.allowances.iter() {
            match allowance.covers(&self.set.tenant, subject, change, self.today) {
                Ok(()) => return Ok(allowance),
                Err(miss) => misses.extend(allowance.missed(miss)),
            }
        }
        Err(misses)
    }

    /// Returns whether a flag may lift what stands against a change.
    fn flag_lifts(&self, lift: Lift, change: &Change) -> bool {
        if !self.guardrails().only_allowances() {
            return true;
        }
        let tightens = change.effect.impact == Impact::Tightens;
        !change.effect.overrides
            && match lift {
                Lift::MaxChanges | Lift::Deny(Word::Disrupts) => tightens,
                Lift::Deny(Word::Impact(impact)) => matches!(impact, Impact::Tightens | Impact::Neutral),
                Lift::Deny(Word::Overrides) => false,
            }
    }

    /// What the author of a change can do about it: change the line that asks for it, or leave the change out.
    fn withdraw(&self, change: &Change) -> Vec<String> {
        if self.lifts.receipt.is_some() {
            return Vec::new();
        }
        let withdraw = format!("change or withdraw {}", change.place);
        let accept = "take the tenant's value over into the file: sailplan pull --accept";
        let mut help = match change.cause {
            Some(Cause::Branch) => vec![withdraw],
            Some(Cause::Drift) => vec![accept.to_owned()],
            Some(Cause::Both) | None => vec![withdraw, format!("if it was changed outside git, {accept}")],
        };
        if self.proposal.changes().count() > 1 {
            help.push("send the other changes meanwhile: --only SETTING for each of them".to_owned());
        }
        help
    }

    fn may_permit(&self, subject: &Subject) -> String {
        format!("{}{}", in_words::may_permit(subject), self.merged())
    }

    /// Sets that must not be emptied by accident; needs no guardrail.
    fn emptied(&self, judged: &mut Judged) {
        for (subject, change) in self.proposal.changes() {
            let setting = change.setting;
            if !setting.kind.guards_emptying() || !setting.equal(None, Some(change.after.as_ref())) {
                continue;
            }
            let lift = self.guardrails().lift.as_ref().filter(|_| self.guardrails().only_allowances());
            let breach = Breach {
                guardrail: Guardrail::Empty,
                subject: Some(&subject),
                message: format!("{subject} would be emptied: {}", change.effect.sentence),
                asked: Some(&change.place),
                clause: lift.map(Clause::line),
            };
            let mut help = match self.allowance(&subject, change) {
                _ if self.lifts.empty && lift.is_none() => {
                    judged.lifted.push(self.lifted(breach, LiftedBy::Flag("--allow-empty".to_owned())));
                    continue;
                }
                Ok(allowance) => {
                    judged.lifted.push(self.lifted(breach, LiftedBy::Allowance(Box::new(allowance.clone()))));
                    continue;
                }
                Err(misses) => misses,
            };
            help.push(match lift {
                Some(_) => self.may_permit(&subject),
                None => "give --allow-empty if that is what you want".to_owned(),
            });
            judged.refusals.push(self.refusal(breach, help));
        }
    }

    fn deny(&self, judged: &mut Judged) {
        for (subject, change) in self.proposal.changes() {
            for clause in self.guardrails().deny.iter().filter(|clause| clause.says.fits(change)) {
                let lift = Lift::Deny(clause.says);
                let breach = Breach {
                    guardrail: Guardrail::Deny,
                    subject: Some(&subject),
                    message: format!("{subject} {lift}: {}", change.effect.sentence),
                    asked: Some(&change.place),
                    clause: Some(clause.line()),
                };
                if let Some(receipt) = &self.lifts.receipt {
                    judged.lifted.push(self.lifted(breach, LiftedBy::Receipt(receipt.clone())));
                    continue;
                }
                let flag_lifts = self.flag_lifts(lift, change);
                if flag_lifts && self.lifts.allow.contains(&lift) {
                    judged.lifted.push(self.lifted(breach, flag(lift)));
                    continue;
                }
                match self.allowance(&subject, change) {
                    Ok(allowance) => {
                        judged.lifted.push(self.lifted(breach, LiftedBy::Allowance(Box::new(allowance.clone()))));
                    }
                    Err(misses) => {
                        let mut help = self.withdraw(change);
                        help.extend(misses);
                        help.push(self.may_permit(&subject));
                        if flag_lifts {
                            help.push(format!("--allow {lift} lifts it for one run"));
                        }
                        judged.refusals.push(self.refusal(breach, help));
                    }
                }
            }
        }
    }

    fn require(&self, judged: &mut Judged) {
        // It is about settings files, which a rollback does not read.
        if self.lifts.receipt.is_some() {
            return;
        }
        for clause in &self.guardrails().require {
            let subject = &clause.says;
            let wanted = self.proposal.resources.iter().find(|(desired, _)| desired.key == subject.key);
            let managed = wanted.is_some_and(|(desired, _)| desired.get(subject.setting.pointer).is_some());
            let (message, help) = match (managed, wanted) {
                (false, _) => in_words::required(subject),
                (true, Some((_, None))) => (
                    format!("{subject} must be managed, and the {} could not be read", subject.key.resource.title),
                    UNREAD.to_owned(),
                ),
                (true, _) => continue,
            };
            let (guardrail, clause) = (Guardrail::Require, Some(clause.line()));
            let breach = Breach { guardrail, subject: Some(subject), message, asked: None, clause };
            judged.refusals.push(self.refusal(breach, vec![help]));
        }
    }

    fn refusal(&self, breach: Breach<'_>, help: Vec<String>) -> Refusal {
        let Breach { guardrail, subject, message, asked, clause } = breach;
        let (place, origin) = clause.map(|(place, origin)| (place.clone(), origin.clone())).unzip();
        Refusal {
            guardrail,
            subject: subject.cloned(),
            message,
            asked: asked.cloned(),
            place,
            origin: origin.unwrap_or_default(),
            revision: self.set.revision.clone(),
            standing: false,
            help,
        }
    }

    fn lifted(&self, breach: Breach<'_>, by: LiftedBy) -> Lifted {
        let Breach { guardrail, subject, message, asked: _, clause } = breach;
        let place = clause.map(|(place, _)| place.clone());
        Lifted { guardrail, subject: subject.cloned(), message, by, place, revision: self.set.revision.clone() }
    }
}

/// What to do about a resource without which a guardrail cannot be judged.
const UNREAD: &str = "fix what keeps it from being read, see above";

fn flag(lift: Lift) -> LiftedBy {
    LiftedBy::Flag(format!("--allow {lift}"))
}
