//! Limits and members that must stay, judged on the document that the tenant would have after the plan: live values that
//! are not managed count as well.

use serde_json::Value;

use super::{Breach, Judge, UNREAD};
use crate::guardrails::ceiling::Decided;
use crate::guardrails::set::{Clause, Keep, Limit};
use crate::guardrails::subject::Subject;
use crate::guardrails::verdict::{Guardrail, Judged, LiftedBy, Refusal};
use crate::guardrails::{ceiling, in_words, member_keys};
use crate::plan::Comparison;
use crate::resource::instances::WHOLE;
use crate::settings::DesiredResource;
use crate::text::problem::Place;

/// What a breach that the plan does not cause means for an apply.
const GOES_ON: &str = "the tenant breaks it already: an apply that loosens nothing is sent all the same";

/// A setting before and after the plan.
struct Standing<'a> {
    before: Option<&'a Value>,
    after: Option<&'a Value>,
    changes: bool,
    /// The line that asks for the value; `None` if the setting is not managed.
    asked: Option<&'a Place>,
}

/// A resource that was read.
type Compared<'a> = (&'a DesiredResource, &'a Comparison);

impl Judge<'_> {
    pub(super) fn limits(&self, judged: &mut Judged) {
        for clause in &self.guardrails().limits {
            let subject = &clause.says.subject;
            match self.compared(Guardrail::Limits, subject, clause) {
                Ok(Some((desired, comparison))) => self.limit(clause, desired, comparison, judged),
                Ok(None) => {}
                Err(refusal) => judged.refusals.push(*refusal),
            }
        }
    }

    pub(super) fn keep(&self, judged: &mut Judged) {
        let mut told: Vec<(&Subject, &Place)> = Vec::new();
        for clause in &self.guardrails().keep {
            let subject = &clause.says.subject;
            if told.contains(&(subject, &clause.place)) {
                continue;
            }
            told.push((subject, &clause.place));
            match self.compared(Guardrail::Keep, subject, clause) {
                Ok(Some((desired, comparison))) => self.keep_of(clause, desired, comparison, judged),
                Ok(None) => {}
                Err(refusal) => judged.refusals.push(*refusal),
            }
        }
    }

    /// The resource of a setting as it was read; the refusal if the guardrail cannot be judged without it. A rollback reads
    /// only what it restores.
    fn compared<T>(
        &self,
        guardrail: Guardrail,
        subject: &Subject,
        clause: &Clause<T>,
    ) -> Result<Option<Compared<'_>>, Box<Refusal>> {
        let (message, help) = match self.proposal.resources.iter().find(|(desired, _)| desired.key == subject.key) {
            None if self.lifts.receipt.is_some() => return Ok(None),
            None => in_words::unjudged(subject),
            Some((_, None)) => {
                let title = subject.key.resource.title;
                (format!("the {title} could not be read, so {subject} cannot be judged"), UNREAD.to_owned())
            }
            Some((desired, Some(comparison))) => return Ok(Some((desired, comparison))),
        };
        let breach = Breach { guardrail, subject: Some(subject), message, asked: None, clause: Some(clause.line()) };
        Err(Box::new(self.refusal(breach, vec![help])))
    }

    fn limit(&self, clause: &Clause<Limit>, desired: &DesiredResource, comparison: &Comparison, judged: &mut Judged) {
        let Limit { subject, ceiling } = &clause.says;
        let breach = |message: String, asked| Breach {
            guardrail: Guardrail::Limits,
            subject: Some(subject),
            message,
            asked,
            clause: Some(clause.line()),
        };
        if desired.resource().setting_in(desired.generation, subject.setting.pointer).is_none() {
            let message = in_words::not_in(desired.generation, subject);
            let help = format!(
                "limit the setting that {} has instead, or manage it through an apiVersion that has it",
                desired.generation.name
            );
            judged.refusals.push(self.refusal(breach(message, None), vec![help]));
            return;
        }
        let standing = match standing(subject, desired, comparison) {
            Ok(standing) => standing,
            Err(found) => {
                let message = format!("{subject} is {found} in the tenant, so its limit cannot be judged");
                judged.refusals.push(self.refusal(breach(message, None), vec![in_words::manage(subject)]));
                return;
            }
        };
        let Standing { before, after, changes, asked } = standing;
        if ceiling::exceeds(subject, after, ceiling) == Some(false) {
            return;
        }
        let message =
            ceiling::excess(subject, after, ceiling, if asked.is_some() { Decided::ByFile } else { Decided::ByTenant });
        if let Some(allowance) = self.set.raises(subject, after, self.today) {
            let by = LiftedBy::Allowance(Box::new(allowance.clone()));
            judged.lifted.push(self.lifted(breach(message, asked), by));
            return;
        }
        let mut help = vec![match asked {
            Some(place) if self.lifts.receipt.is_some() => {
                format!("{place} asks for it: plan a value within the limit instead")
            }
            Some(place) => format!("change {place} to a value within the limit"),
            None => format!("set {subject} in a settings file, to a value within the limit"),
        }];
        help.extend(self.set.too_short(subject, self.today));
        help.push(self.may_permit(subject));
        let enlarged = changes && ceiling::enlarges(subject, before, after);
        help.extend((!enlarged).then(|| GOES_ON.to_owned()));
        judged.refusals.push(Refusal { standing: !enlarged, ..self.refusal(breach(message, asked), help) });
    }

    /// Judges every member that the line of `clause` keeps in the set.
    fn keep_of(&self, clause: &Clause<Keep>, desired: &DesiredResource, comparison: &Comparison, judged: &mut Judged) {
        let subject = &clause.says.subject;
        let Ok(standing) = standing(subject, desired, comparison) else {
            let message = format!("{subject} is not a list in the tenant, so its members cannot be judged");
            let (guardrail, clause) = (Guardrail::Keep, Some(clause.line()));
            let breach = Breach { guardrail, subject: Some(subject), message, asked: None, clause };
            judged.refusals.push(self.refusal(breach, vec![in_words::manage(subject)]));
            return;
        };
        let (before, after) =
            (member_keys(subject.setting, standing.before), member_keys(subject.setting, standing.after));
        let (mut leave, mut missing) = (Vec::new(), Vec::new());
        let same = |other: &&Clause<Keep>| other.says.subject == *subject && other.place == clause.place;
        for keep in self.guardrails().keep.iter().filter(same).map(|clause| &clause.says) {
            let key = subject.setting.kind.member_key(&keep.member);
            match (after.contains(&key), before.contains(&key)) {
                (true, _) => {}
                (false, true) => leave.push(keep.shown()),
                (false, false) => missing.push(keep.shown()),
            }
        }
        for (members, what, caused) in [(leave, "would leave", true), (missing, "is missing from", false)] {
            if members.is_empty() {
                continue;
            }
            let message = format!("{} {what} {subject}, and must stay in it", members.join(", "));
            let mut help = vec![match standing.asked {
                Some(place) if self.lifts.receipt.is_some() => format!("{place} asks for it: plan the members instead"),
                Some(place) => format!("list it at {place}"),
                None => format!("list it in {subject} in a settings file"),
            }];
            help.push(format!("only a change of the guardrail lets it leave{}", self.merged()));
            help.extend((!caused).then(|| GOES_ON.to_owned()));
            let breach = Breach {
                guardrail: Guardrail::Keep,
                subject: Some(subject),
                message,
                asked: standing.asked,
                clause: Some(clause.line()),
            };
            judged.refusals.push(Refusal { standing: !caused, ..self.refusal(breach, help) });
        }
    }
}

/// Returns a setting before and after the plan.
///
/// # Errors
///
/// What the tenant holds in its place, if that is not of its kind.
fn standing<'a>(
    subject: &Subject,
    desired: &'a DesiredResource,
    comparison: &'a Comparison,
) -> Result<Standing<'a>, &'static str> {
    let pointer = subject.setting.pointer;
    let within =
        |unfit: &str| pointer == unfit || pointer.strip_prefix(unfit).is_some_and(|rest| rest.starts_with('/'));
    if let Some(unfit) = comparison.odd.iter().find(|unfit| within(&unfit.pointer)) {
        return Err(unfit.found);
    }
    let live = comparison.live.get(pointer).and_then(Option::as_deref);
    if let Some(change) = comparison.change(WHOLE.pointer) {
        // Where what holds then is not known, it is not known to be within any bound.
        let after = if change.after.is_null() { comparison.above.as_ref() } else { Some(change.after.as_ref()) };
        let after = after.and_then(|document| document.pointer(pointer));
        return Ok(Standing { before: live, after, changes: true, asked: Some(&change.place) });
    }
    let asked = desired.get(pointer).map(|managed| &managed.place);
    Ok(match comparison.change(pointer) {
        Some(change) => Standing {
            before: change.before.as_deref(),
            after: Some(change.after.as_ref()),
            changes: true,
            asked: Some(&change.place),
        },
        None => Standing { before: live, after: live, changes: false, asked },
    })
}
