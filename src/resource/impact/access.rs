//! What changes of the access-request settings mean, where more is to be said than on and off.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{Effect, Impact, count};
use crate::resource::kind::{duration, schemes, steps};

/// Days and reminders shape how long a request waits, not who gets access.
pub(in crate::resource) fn reminders(_: Option<&Value>, after: Option<&Value>) -> Effect {
    Effect::new(
        Impact::Neutral,
        match after {
            Some(_) => "Approvers are reminded, or their approvals escalated, at other times",
            None => "One part of reminders and escalation is cleared; with all four cleared there are none",
        },
    )
}

/// A person has to judge who approves when no approver can be found.
pub(in crate::resource) fn fallback_approver(_: Option<&Value>, after: Option<&Value>) -> Effect {
    match after {
        None => Effect::new(Impact::Review, "Nobody approves any longer when no approver can be found"),
        Some(_) => Effect::new(Impact::Review, "Another person approves when no approver can be found"),
    }
}

/// Fewer approvals for granting let access through with fewer checks. As one text: null leaves it to the tenant.
pub(in crate::resource) fn schemes(before: Option<&Value>, after: Option<&Value>) -> Effect {
    let word = |step: String| match step.strip_prefix("workgroup:") {
        Some(id) => format!("workgroup:{}", steps::in_a_sentence(id)),
        None if schemes::is_scheme(&step) => step,
        None => steps::in_a_sentence(&step).into_owned(),
    };
    let steps = |value: Option<&Value>| {
        value.and_then(Value::as_str).map(|text| schemes::steps(text).into_iter().map(word).collect())
    };
    approval_steps(steps(before), steps(after))
}

/// Fewer approvals for granting let access through with fewer checks. As a list: absent and empty are no approval.
pub(in crate::resource) fn granting(before: Option<&Value>, after: Option<&Value>) -> Effect {
    let words = |value: Option<&Value>| Some(value.map(steps::words).unwrap_or_default());
    approval_steps(words(before), words(after))
}

/// Who may stop access from being taken away is for a person to judge.
pub(in crate::resource) fn revoking(before: Option<&Value>, after: Option<&Value>) -> Effect {
    let words = |value: Option<&Value>| value.map(|value| steps::words(value).join(", then "));
    let sentence = match (words(before), words(after)) {
        (_, None) => "Requests to revoke an entitlement need no approval any longer".to_owned(),
        (None, Some(after)) => format!("Requests to revoke an entitlement need approval by {after}, none before"),
        (Some(before), Some(after)) => {
            format!("Requests to revoke an entitlement are approved by {after}, was {before}")
        }
    };
    Effect::new(Impact::Review, sentence)
}

/// The longer access may last, the more of it there is.
pub(in crate::resource) fn access_duration(before: Option<&Value>, after: Option<&Value>) -> Effect {
    let subject = "Requested access to an entitlement may last";
    let Some(after) = after else {
        let was = before.map_or_else(String::new, |before| format!(", was {} at most", duration::words(before)));
        return Effect::new(Impact::Loosens, format!("{subject} without any limit{was}"));
    };
    let longest = duration::words(after);
    let Some(before) = before else {
        return Effect::new(Impact::Tightens, format!("{subject} {longest} at most, no limit before"));
    };
    let was = duration::words(before);
    match duration::compare(before, after) {
        Some(Ordering::Less) => Effect::new(Impact::Loosens, format!("{subject} {longest} at most, was {was}")),
        Some(Ordering::Greater) => Effect::new(Impact::Tightens, format!("{subject} {longest} at most, was {was}")),
        Some(Ordering::Equal) => {
            Effect::new(Impact::Review, format!("{subject} {longest} at most, which is as long as {was}"))
        }
        None => Effect::new(
            Impact::Review,
            format!("{subject} {longest} at most, was {was}; months have no exact number of days, so compare them"),
        ),
    }
}

/// A form may ask for what approvers decide by.
pub(in crate::resource) fn form(before: Option<&Value>, after: Option<&Value>) -> Effect {
    Effect::new(
        Impact::Review,
        match (before, after) {
            (_, None) => "Requesters of an entitlement fill in no form any longer",
            (None, Some(_)) => "Requesters of an entitlement fill in a form, none before",
            (Some(_), Some(_)) => "Requesters of an entitlement fill in another form",
        },
    )
}

fn approval_steps(before: Option<Vec<String>>, after: Option<Vec<String>>) -> Effect {
    let Some(after) = after else {
        return Effect::new(Impact::Review, "The tenant's own default decides who approves entitlement requests");
    };
    if after.is_empty() {
        return Effect::new(Impact::Loosens, "Entitlement requests need no approval at all");
    }
    let approvers = after.join(", then ");
    let Some(before) = before else {
        return Effect::new(
            Impact::Review,
            format!("Entitlement requests need approval by {approvers}; the tenant's own default decided before"),
        );
    };
    if before.is_empty() {
        return Effect::new(
            Impact::Tightens,
            format!("Entitlement requests need approval by {approvers}, none before"),
        );
    }
    let removed = left_over(&before, &after);
    let added = left_over(&after, &before);
    let (leave, come) = (gone(&before, &after), gone(&after, &before));
    // What a workflow asks for cannot be counted.
    let workflow = before.iter().chain(&after).any(|word| steps::is_workflow(word));
    if removed == 0 && added == 0 {
        Effect::new(Impact::Review, "The same approvals are asked for in another order")
    } else if removed == 0 {
        let more = count(added, "approval step is added", "approval steps are added");
        if !in_order(&before, &after) {
            let sentence =
                format!("{more} to entitlement requests, and those of before are asked for in another order");
            return Effect::new(Impact::Review, sentence);
        }
        // A person who approved already is no further check.
        let impact = if come.is_empty() { Impact::Review } else { Impact::Tightens };
        Effect::new(impact, format!("{more} to entitlement requests"))
    } else if come.len() < leave.len() && added >= removed && !workflow {
        let verb = if leave.len() == 1 { "approves" } else { "approve" };
        let leave = leave.join(" and ");
        let sentence = format!(
            "{leave} no longer {verb} entitlement requests, and too few new approvers come instead: {approvers}"
        );
        Effect::new(Impact::Loosens, sentence)
    } else if added < removed && !workflow {
        let fewer = count(removed - added, "approval step fewer", "approval steps fewer");
        Effect::new(Impact::Loosens, format!("Entitlement requests need {fewer}: {approvers}"))
    } else {
        let was = before.join(", then ");
        Effect::new(Impact::Review, format!("Entitlement requests are approved by {approvers}, was {was}"))
    }
}

/// Returns whether `steps` are found among `others` in their order.
fn in_order(steps: &[String], others: &[String]) -> bool {
    let mut others = others.iter();
    steps.iter().all(|step| others.any(|other| other == step))
}

/// Returns those who are among `steps` and not among `others`, each once.
fn gone<'s>(steps: &'s [String], others: &[String]) -> Vec<&'s str> {
    let others: HashSet<&String> = others.iter().collect();
    let mut seen = HashSet::new();
    steps.iter().filter(|step| !others.contains(step) && seen.insert(*step)).map(String::as_str).collect()
}

/// Returns how many of `steps` have no counterpart of their own in `others`.
fn left_over(steps: &[String], others: &[String]) -> usize {
    let mut left: HashMap<&String, usize> = HashMap::new();
    for other in others {
        *left.entry(other).or_default() += 1;
    }
    let mut take = |step: &String| {
        let Some(number) = left.get_mut(step).filter(|number| **number > 0) else { return false };
        *number -= 1;
        true
    };
    steps.iter().filter(|step| !take(step)).count()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn list(words: &str) -> Value {
        words
            .split_whitespace()
            .filter_map(|word| match word.strip_prefix("workflow:") {
                Some(id) => Some(json!({"approverType": "WORKFLOW", "approverId": id})),
                None => steps::from_scheme(word),
            })
            .collect()
    }

    #[test]
    fn granting_with_fewer_steps_loosens() {
        for (before, after, impact, sentence) in [
            ("", "manager", Impact::Tightens, "Entitlement requests need approval by manager, none before"),
            ("manager", "", Impact::Loosens, "Entitlement requests need no approval at all"),
            ("workflow:7", "", Impact::Loosens, "Entitlement requests need no approval at all"),
            (
                "manager sourceOwner",
                "manager",
                Impact::Loosens,
                "Entitlement requests need 1 approval step fewer: manager",
            ),
            ("manager", "manager sourceOwner", Impact::Tightens, "1 approval step is added to entitlement requests"),
            (
                "manager sourceOwner",
                "manager manager",
                Impact::Loosens,
                "sourceOwner no longer approves entitlement requests, and too few new approvers come instead: \
                 manager, then manager",
            ),
            (
                "manager sourceOwner entitlementOwner",
                "manager workgroup:7 manager manager",
                Impact::Loosens,
                "sourceOwner and entitlementOwner no longer approve entitlement requests, and too few new approvers come \
                 instead: manager, then group 7, then manager, then manager",
            ),
            ("manager", "manager manager", Impact::Review, "1 approval step is added to entitlement requests"),
            ("manager manager", "manager", Impact::Loosens, "Entitlement requests need 1 approval step fewer: manager"),
            (
                "manager sourceOwner",
                "sourceOwner manager entitlementOwner",
                Impact::Review,
                "1 approval step is added to entitlement requests, and those of before are asked for in another order",
            ),
            (
                "manager sourceOwner",
                "sourceOwner manager",
                Impact::Review,
                "The same approvals are asked for in another order",
            ),
            ("workgroup:7", "workgroup:8", Impact::Review, "Entitlement requests are approved by group 8, was group 7"),
            (
                "manager sourceOwner",
                "workflow:7",
                Impact::Review,
                "Entitlement requests are approved by workflow 7, was manager, then sourceOwner",
            ),
        ] {
            let some = |words: &str| (!words.is_empty()).then(|| list(words));
            let effect = granting(some(before).as_ref(), some(after).as_ref());
            assert_eq!((effect.impact, effect.sentence.as_str()), (impact, sentence), "{before} to {after}");
        }
    }

    #[test]
    fn an_approver_who_goes_loosens_in_the_text_of_the_older_generations_too() {
        let effect = schemes(Some(&json!("manager, sourceOwner")), Some(&json!("manager,manager")));
        assert_eq!(effect.impact, Impact::Loosens, "{}", effect.sentence);
        let effect = schemes(Some(&json!("manager")), Some(&json!("workgroup:7 then manager")));
        assert_eq!(effect.sentence, "Entitlement requests are approved by workgroup:\"7 then manager\", was manager");
    }

    #[test]
    fn longer_access_loosens() {
        let days = |number: i64| json!({"value": number, "timeUnit": "DAYS"});
        let months = json!({"value": 1, "timeUnit": "MONTHS"});
        let subject = "Requested access to an entitlement may last";
        for (before, after, impact, rest) in [
            (Some(days(1)), Some(days(2)), Impact::Loosens, "2 days at most, was 1 day"),
            (Some(days(2)), Some(days(1)), Impact::Tightens, "1 day at most, was 2 days"),
            (Some(days(2)), None, Impact::Loosens, "without any limit, was 2 days at most"),
            (None, Some(days(2)), Impact::Tightens, "2 days at most, no limit before"),
            (
                Some(days(31)),
                Some(months),
                Impact::Review,
                "1 month at most, was 31 days; months have no exact number of days, so compare them",
            ),
            (
                Some(days(1)),
                Some(json!({"value": 24, "timeUnit": "HOURS"})),
                Impact::Review,
                "24 hours at most, which is as long as 1 day",
            ),
        ] {
            let effect = access_duration(before.as_ref(), after.as_ref());
            assert_eq!((effect.impact, effect.sentence), (impact, format!("{subject} {rest}")));
        }
    }
}
