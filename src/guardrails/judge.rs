//! Guards against a comparison.

use jiff::civil::Date;

use super::allowance::{Allowance, Miss};
use super::set::{Clause, Limit};
use super::subject::Subject;
use super::verdict::{Guardrail, Judged, Lifted, LiftedBy, Refusal};
use super::weakened::weakened;
use super::{Guardrails, Lift, Lifts, RuleSet, ceiling, weight};
use crate::plan::{Change, Comparison};
use crate::settings::DesiredResource;
use crate::text::problem::Place;

/// What one guard says about one change.
struct Hit<'a> {
    lift: Lift,
    subject: &'a Subject,
    change: &'a Change,
    guard: &'a Place,
}

/// Holds the comparisons of a tenant against its guards on the day `today`. `resources` are what is desired of each
/// resource, with no comparison where it could not be read.
pub fn judge(
    resources: &[(&DesiredResource, Option<&Comparison>)],
    rules: &[RuleSet],
    lifts: &Lifts,
    today: Date,
) -> Judged {
    let mut judged = Judged::default();
    emptied(resources, lifts, &mut judged);
    let own = rules.iter().find(|set| set.revision.is_none());
    for set in rules {
        let judge = Judge { resources, set, lifts, today };
        let mut found = Judged::default();
        judge.deny(&mut found);
        judge.max_changes(&mut found);
        judge.require(&mut found);
        judge.limits(&mut found);
        if let Some(own) = own.filter(|_| set.revision.is_some()) {
            found.weakened = weakened(&set.tenant, own, set, today);
        }
        judged.absorb(found);
    }
    judged
}

/// Sets that must not be emptied by accident; needs no guardrail.
fn emptied(resources: &[(&DesiredResource, Option<&Comparison>)], lifts: &Lifts, judged: &mut Judged) {
    for (subject, change) in changes(resources) {
        let setting = change.setting;
        if !setting.kind.guards_emptying() || !setting.equal(None, Some(&change.after)) {
            continue;
        }
        let message = format!("{subject} would be emptied: {}", change.effect.sentence);
        let (guardrail, subject) = (Guardrail::Empty, Some(subject));
        if lifts.empty {
            let by = LiftedBy::Flag("--allow-empty".to_owned());
            judged.lifted.push(Lifted { guardrail, subject, message, by, place: None, revision: None });
        } else {
            judged.refusals.push(Refusal {
                guardrail,
                subject,
                message,
                asked: Some(change.place.clone()),
                place: None,
                revision: None,
                help: vec!["give --allow-empty if that is what you want".to_owned()],
            });
        }
    }
}

fn changes<'a>(
    resources: &'a [(&DesiredResource, Option<&'a Comparison>)],
) -> impl Iterator<Item = (Subject, &'a Change)> {
    resources.iter().flat_map(|(desired, comparison)| {
        let changes = comparison.iter().flat_map(|comparison| &comparison.changes);
        changes.map(|change| (Subject { key: desired.key.clone(), setting: change.setting }, change))
    })
}

struct Judge<'a> {
    resources: &'a [(&'a DesiredResource, Option<&'a Comparison>)],
    set: &'a RuleSet,
    lifts: &'a Lifts,
    today: Date,
}

impl Judge<'_> {
    fn guards(&self) -> &Guardrails {
        &self.set.guardrails
    }

    /// What a change of the files still lacks to lift a guard of another revision.
    fn merged(&self) -> String {
        self.set.revision.as_ref().map(|revision| format!(", once that is in {revision}")).unwrap_or_default()
    }

    /// The allowance that covers a change, or why those for its setting do not.
    fn allowance(&self, subject: &Subject, change: &Change) -> Result<&Allowance, Vec<String>> {
        let mut misses = Vec::new();
        for allowance in self.set.allowances.iter() {
            let (ticket, place) = (&allowance.ticket, &allowance.place);
            match allowance.covers(&self.set.tenant, subject, change, self.today) {
                Ok(()) => return Ok(allowance),
                Err(Miss::Other) => {}
                Err(Miss::Over) => {
                    misses.push(format!("the allowance {ticket} ({place}) ended on {}", allowance.until));
                }
                Err(Miss::Beyond) => {
                    misses.push(format!("the allowance {ticket} ({place}) reaches only to {}", allowance.reach()));
                }
            }
        }
        Err(misses)
    }

    fn deny(&self, judged: &mut Judged) {
        for (subject, change) in &changes(self.resources).collect::<Vec<_>>() {
            for Clause { says: word, place: guard, .. } in &self.guards().deny {
                if word.fits(change) {
                    self.hit(&Hit { lift: Lift::Deny(*word), subject, change, guard }, judged);
                }
            }
        }
    }

    fn hit(&self, hit: &Hit<'_>, judged: &mut Judged) {
        let message = format!("{} {}: {}", hit.subject, hit.lift, hit.change.effect.sentence);
        if let Some(receipt) = &self.lifts.receipt {
            let by = LiftedBy::Receipt(receipt.clone());
            judged.lifted.push(self.lifted(Guardrail::Deny, Some(hit.subject), message, by, hit.guard));
            return;
        }
        if self.lifts.allow.contains(&hit.lift) && !self.guards().only_allowances() {
            let by = flag(hit.lift);
            judged.lifted.push(self.lifted(Guardrail::Deny, Some(hit.subject), message, by, hit.guard));
            return;
        }
        match self.allowance(hit.subject, hit.change) {
            Ok(allowance) => {
                let by = LiftedBy::Allowance(Box::new(allowance.clone()));
                judged.lifted.push(self.lifted(Guardrail::Deny, Some(hit.subject), message, by, hit.guard));
            }
            Err(mut help) => {
                help.push(format!("--allow {} lifts it for one run", hit.lift));
                let merged = self.merged();
                help.push(format!(
                    "an allowance for {} lifts it up to a value and a day{merged}",
                    hit.subject.pointer()
                ));
                let asked = Some(&hit.change.place);
                judged.refusals.push(self.refusal(Guardrail::Deny, Some(hit.subject), message, asked, hit.guard, help));
            }
        }
    }

    fn max_changes(&self, judged: &mut Judged) {
        let Some(Clause { says: most, place: guard, .. }) = &self.guards().max_changes else { return };
        let (mut counted, mut total) = (0, 0);
        let mut used: Vec<(Subject, &Allowance)> = Vec::new();
        for (subject, change) in changes(self.resources) {
            let weight = weight(change);
            total += weight;
            match self.allowance(&subject, change) {
                Ok(allowance) => used.push((subject, allowance)),
                Err(_) => counted += weight,
            }
        }
        if total <= *most {
            return;
        }
        let message = |number: usize| {
            let besides = if number < total { " without an allowance" } else { "" };
            format!("{number} changes{besides}, more than {most} (members of a set count one by one)")
        };
        let rule = Guardrail::MaxChanges;
        if counted > *most {
            if self.lifts.allow.contains(&Lift::MaxChanges) {
                judged.lifted.push(self.lifted(rule, None, message(counted), flag(Lift::MaxChanges), guard));
            } else {
                let help = vec![
                    "--allow maxChanges lifts it for one run".to_owned(),
                    "or make the change in smaller parts".to_owned(),
                ];
                judged.refusals.push(self.refusal(rule, None, message(counted), None, guard, help));
            }
        } else {
            for (subject, allowance) in used {
                let by = LiftedBy::Allowance(Box::new(allowance.clone()));
                judged.lifted.push(self.lifted(rule, Some(&subject), message(total), by, guard));
            }
        }
    }

    fn require(&self, judged: &mut Judged) {
        // It speaks of settings files, which a rollback does not read.
        if self.lifts.receipt.is_some() {
            return;
        }
        for Clause { says: subject, place: guard, .. } in &self.guards().require {
            let wanted = self.resources.iter().find(|(desired, _)| desired.key == subject.key);
            let managed = wanted.is_some_and(|(desired, _)| desired.get(subject.setting.pointer).is_some());
            let (message, help) = match (managed, wanted) {
                (false, _) => (
                    format!("{subject} must be managed, and no settings file of the tenant sets it"),
                    format!("set {subject} in a settings file"),
                ),
                (true, Some((_, None))) => (
                    format!("{subject} must be managed, and the {} could not be read", subject.key.resource.title),
                    "mend what keeps it from being read, see above".to_owned(),
                ),
                (true, _) => continue,
            };
            judged.refusals.push(self.refusal(Guardrail::Require, Some(subject), message, None, guard, vec![help]));
        }
    }

    fn limits(&self, judged: &mut Judged) {
        for (desired, _) in self.resources {
            for (limit, place, message) in over_limit(self.guards(), desired) {
                let merged = self.merged();
                let help =
                    vec![format!("keep to the limit; nothing lifts it but a change of the workspace file{merged}")];
                judged.refusals.push(self.refusal(
                    Guardrail::Limits,
                    Some(&limit.says.subject),
                    message,
                    Some(place),
                    &limit.place,
                    help,
                ));
            }
        }
    }

    fn refusal(
        &self,
        guardrail: Guardrail,
        subject: Option<&Subject>,
        message: String,
        asked: Option<&Place>,
        place: &Place,
        help: Vec<String>,
    ) -> Refusal {
        let (subject, asked, place) = (subject.cloned(), asked.cloned(), Some(place.clone()));
        Refusal { guardrail, subject, message, asked, place, revision: self.set.revision.clone(), help }
    }

    fn lifted(
        &self,
        guardrail: Guardrail,
        subject: Option<&Subject>,
        message: String,
        by: LiftedBy,
        place: &Place,
    ) -> Lifted {
        let (subject, place, revision) = (subject.cloned(), Some(place.clone()), self.set.revision.clone());
        Lifted { guardrail, subject, message, by, place, revision }
    }
}

fn flag(lift: Lift) -> LiftedBy {
    LiftedBy::Flag(format!("--allow {lift}"))
}

/// Returns the limits that desired settings pass, each with the line that asks for the value and what is wrong.
pub fn over_limit<'a>(
    guardrails: &'a Guardrails,
    desired: &'a DesiredResource,
) -> impl Iterator<Item = (&'a Clause<Limit>, &'a Place, String)> {
    let limits = guardrails.limits.iter().filter(|limit| limit.says.subject.key == desired.key);
    limits.filter_map(|limit| {
        let Limit { subject, ceiling } = &limit.says;
        let (resource, generation) = (desired.resource(), desired.generation);
        if resource.setting_in(generation, subject.setting.pointer).is_none() {
            // Another setting may do the same under another name, and nothing holds that one.
            let message = format!("{subject} does not exist in {}, so its limit cannot be held", generation.name);
            return desired.settings.first().map(|managed| (limit, &managed.value_place, message));
        }
        let managed = desired.get(subject.setting.pointer)?;
        let kind = subject.setting.kind;
        let (shown, most) = (subject.setting.show(Some(&managed.value)), kind.show_ceiling(ceiling));
        let message = match ceiling::within(subject, &managed.value, ceiling) {
            Some(true) => return None,
            Some(false) if managed.value.is_null() => {
                format!("{subject} is cleared, which passes every limit; the limit is {most}")
            }
            Some(false) => format!("{subject} is {shown}, and the limit is {most}"),
            None => format!("{subject} is {shown}, which cannot be held against the limit {most}"),
        };
        Some((limit, &managed.place, message))
    })
}
