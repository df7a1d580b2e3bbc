//! What changes of the access-request settings mean, where more is to be said than on and off.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{Effect, Impact, Weight, count};
use crate::resource::kind::{duration, schemes, steps};

/// Days and reminders shape how long a request waits, not who gets access.
pub(in crate::resource) fn reminders(_: Option<&Value>, after: Option<&Value>) -> Effect {
    Effect::new(
        Impact::Neutral,
        match after {
            Some(_) => "Approvers will be reminded, or their approvals escalated, at other times",
            None => "One part of reminders and escalation will not be set",
        },
    )
}

/// A person has to judge who approves when no approver can be found.
pub(in crate::resource) fn fallback_approver(before: Option<&Value>, after: Option<&Value>) -> Effect {
    match after {
        None => Effect::new(Impact::Review, "No one will be named to approve when no approver can be found"),
        Some(_) if before.is_none() => {
            Effect::new(Impact::Review, "A person will be named to approve when no approver can be found")
        }
        Some(_) => Effect::new(Impact::Review, "Another person will approve when no approver can be found"),
    }
}

/// Fewer approvals for granting let access through with fewer checks. As one text: null leaves it to the tenant, and
/// what a tenant does not show is not known.
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

/// Fewer approvals for granting let access through with fewer checks. As a list: empty is no approval, absent is not
/// known.
pub(in crate::resource) fn granting(before: Option<&Value>, after: Option<&Value>) -> Effect {
    approval_steps(before.map(steps::words), after.map(steps::words))
}

const BEFORE_NOT_KNOWN: &str = "; the tenant does not show what applies now";

/// The rules of an entitlement go before those of its source, and both before those of the tenant.
fn unless_ruled(sentence: &str) -> String {
    format!("{sentence}, unless a source or entitlement has its own rule")
}

/// Who may stop access from being taken away is for a person to judge.
pub(in crate::resource) fn revoking(before: Option<&Value>, after: Option<&Value>) -> Effect {
    let words = |value: Option<&Value>| value.map(|value| steps::words(value).join(", then "));
    let sentence = match (words(before).as_deref(), words(after).as_deref()) {
        (_, None) => "The tenant's own default will decide who approves requests to revoke an entitlement".to_owned(),
        (None, Some("")) => format!("Requests to revoke an entitlement will need no approval{BEFORE_NOT_KNOWN}"),
        (_, Some("")) => "Requests to revoke an entitlement will need no approval".to_owned(),
        (None, Some(after)) => {
            format!("Requests to revoke an entitlement will need approval by {after}{BEFORE_NOT_KNOWN}")
        }
        (Some(""), Some(after)) => format!("Requests to revoke an entitlement will need approval by {after}, none now"),
        (Some(before), Some(after)) => {
            format!("Requests to revoke an entitlement will be approved by {after} instead of {before}")
        }
    };
    Effect::new(Impact::Review, unless_ruled(&sentence))
}

/// The longer access may last, the more of it there is.
pub(in crate::resource) fn access_duration(before: Option<&Value>, after: Option<&Value>) -> Effect {
    let subject = "Requested access to an entitlement will last";
    let Some(after) = after else {
        let was = before.map_or_else(String::new, |before| format!(" instead of at most {}", duration::words(before)));
        let subject = "Requested access to an entitlement may last";
        return Effect::new(Impact::Loosens, unless_ruled(&format!("{subject} without any limit{was}")))
            .weighing(Weight::RemovesLimit);
    };
    let Some(before) = before else {
        let longest = duration::words(after);
        let sentence = format!("{subject} at most {longest}; there is no limit now");
        return Effect::new(Impact::Tightens, unless_ruled(&sentence));
    };
    let (was, longest) = duration::both(before, after);
    let shorter_or_longer = format!("{subject} at most {longest} instead of {was}");
    match duration::compare(before, after) {
        Some(Ordering::Less) => {
            Effect::new(Impact::Loosens, unless_ruled(&shorter_or_longer)).weighing(Weight::WidensLimit)
        }
        Some(Ordering::Greater) => Effect::new(Impact::Tightens, unless_ruled(&shorter_or_longer)),
        Some(Ordering::Equal) => Effect::new(
            Impact::Review,
            // In one unit, both would read alike.
            unless_ruled(&format!(
                "{subject} at most {}, which is as long as {}",
                duration::words(after),
                duration::words(before)
            )),
        ),
        None => Effect::new(
            Impact::Review,
            unless_ruled(&format!("{shorter_or_longer}; months have no exact number of days, so compare them")),
        ),
    }
}

/// A form may ask for what approvers decide by.
pub(in crate::resource) fn form(before: Option<&Value>, after: Option<&Value>) -> Effect {
    Effect::new(
        Impact::Review,
        match (before, after) {
            (_, None) => "Requesters of an entitlement will fill in no form",
            (None, Some(_)) => "Requesters of an entitlement will fill in a form, none now",
            (Some(_), Some(_)) => "Requesters of an entitlement will fill in another form",
        },
    )
}

fn approval_steps(before: Option<Vec<String>>, after: Option<Vec<String>>) -> Effect {
    let emptied = after.as_ref().is_some_and(Vec::is_empty);
    let (impact, sentence) = judge_steps(before, after);
    let weight = match impact {
        _ if emptied => Weight::RemovesApproval,
        Impact::Loosens => Weight::RemovesCheck,
        _ => Weight::Plain,
    };
    Effect::new(impact, unless_ruled(&sentence)).weighing(weight)
}

fn judge_steps(before: Option<Vec<String>>, after: Option<Vec<String>>) -> (Impact, String) {
    let Some(after) = after else {
        return (Impact::Review, "The tenant's own default will decide who approves entitlement requests".to_owned());
    };
    let approvers = after.join(", then ");
    let Some(before) = before else {
        let need = if after.is_empty() { "no approval at all".to_owned() } else { format!("approval by {approvers}") };
        return (Impact::Review, format!("Entitlement requests will need {need}{BEFORE_NOT_KNOWN}"));
    };
    if after.is_empty() {
        return (Impact::Loosens, "Entitlement requests will need no approval at all".to_owned());
    }
    if before.is_empty() {
        return (Impact::Tightens, format!("Entitlement requests will need approval by {approvers}, none now"));
    }
    let removed = left_over(&before, &after);
    let added = left_over(&after, &before);
    let (leave, come) = (gone(&before, &after), gone(&after, &before));
    // What a workflow asks for cannot be counted.
    let workflow = before.iter().chain(&after).any(|word| steps::is_workflow(word));
    if removed == 0 && added == 0 {
        (Impact::Review, "The same approvals of entitlement requests will be asked for in another order".to_owned())
    } else if removed == 0 {
        let more = count(added, "approval step will be added", "approval steps will be added");
        if !in_order(&before, &after) {
            let sentence = format!("{more} to entitlement requests, and today's will be asked for in another order");
            return (Impact::Review, sentence);
        }
        // A person who approved already does not check further.
        let impact = if come.is_empty() { Impact::Review } else { Impact::Tightens };
        (impact, format!("{more} to entitlement requests"))
    } else if come.len() < leave.len() && added >= removed && !workflow {
        let leave = leave.join(" and ");
        let sentence = format!(
            "{leave} will no longer approve entitlement requests, and too few new approvers will come instead: {approvers}"
        );
        (Impact::Loosens, sentence)
    } else if added < removed && !workflow {
        let fewer = count(removed - added, "approval step fewer", "approval steps fewer");
        (Impact::Loosens, format!("Entitlement requests will need {fewer}: {approvers}"))
    } else {
        let was = before.join(", then ");
        (Impact::Review, format!("Entitlement requests will be approved by {approvers} instead of {was}"))
    }
}

/// Returns whether `steps` are found among `others` in their order.
fn in_order(steps: &[String], others: &[String]) -> bool {
    let mut others = others.iter();
    steps.iter().all(|step| others.any(|other| other == step))
}

/// Returns those who are among `steps` and not among `others`, each once. An id in other letter case or without its dashes may
/// be the same approver, so it is no other one.
fn gone<'s>(steps: &'s [String], others: &[String]) -> Vec<&'s str> {
    let approver = |step: &String| step.replace('-', "").to_ascii_lowercase();
    let others: HashSet<String> = others.iter().map(approver).collect();
    let mut seen = HashSet::new();
    let is_gone = |step: &&String| {
        let approver = approver(step);
        !others.contains(&approver) && seen.insert(approver)
    };
    steps.iter().filter(is_gone).map(String::as_str).collect()
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
            ("", "manager", Impact::Tightens, "Entitlement requests will need approval by manager, none now"),
            ("manager", "", Impact::Loosens, "Entitlement requests will need no approval at all"),
            ("workflow:7", "", Impact::Loosens, "Entitlement requests will need no approval at all"),
            (
                "manager sourceOwner",
                "manager",
                Impact::Loosens,
                "Entitlement requests will need 1 approval step fewer: manager",
            ),
            (
                "manager",
                "manager sourceOwner",
                Impact::Tightens,
                "1 approval step will be added to entitlement requests",
            ),
            (
                "manager sourceOwner",
                "manager manager",
                Impact::Loosens,
                "sourceOwner will no longer approve entitlement requests, and too few new approvers will come instead: \
                 manager, then manager",
            ),
            (
                "manager sourceOwner entitlementOwner",
                "manager workgroup:7 manager manager",
                Impact::Loosens,
                "sourceOwner and entitlementOwner will no longer approve entitlement requests, and too few new approvers will come instead: manager, then group 7, then manager, then manager",
            ),
            (
                "workgroup:ab-1 manager",
                "workgroup:AB-1 workgroup:ab1",
                Impact::Loosens,
                "manager will no longer approve entitlement requests, and too few new approvers will come instead: group AB-1, \
                 then group ab1",
            ),
            (
                "workgroup:ab-1 manager",
                "workgroup:AB-1 manager",
                Impact::Review,
                "Entitlement requests will be approved by group AB-1, then manager instead of group ab-1, then manager",
            ),
            ("manager", "manager manager", Impact::Review, "1 approval step will be added to entitlement requests"),
            (
                "manager manager",
                "manager",
                Impact::Loosens,
                "Entitlement requests will need 1 approval step fewer: manager",
            ),
            (
                "manager sourceOwner",
                "sourceOwner manager entitlementOwner",
                Impact::Review,
                "1 approval step will be added to entitlement requests, and today's will be asked for in another order",
            ),
            (
                "manager sourceOwner",
                "sourceOwner manager",
                Impact::Review,
                "The same approvals of entitlement requests will be asked for in another order",
            ),
            (
                "workgroup:7",
                "workgroup:8",
                Impact::Review,
                "Entitlement requests will be approved by group 8 instead of group 7",
            ),
            (
                "manager sourceOwner",
                "workflow:7",
                Impact::Review,
                "Entitlement requests will be approved by workflow 7 instead of manager, then sourceOwner",
            ),
        ] {
            let effect = granting(Some(&list(before)), Some(&list(after)));
            let sentence = unless_ruled(sentence);
            assert_eq!((effect.impact, effect.sentence), (impact, sentence), "{before} to {after}");
        }
    }

    #[test]
    fn an_approver_who_goes_loosens_in_the_text_of_the_older_generations_too() {
        let effect = schemes(Some(&json!("manager, sourceOwner")), Some(&json!("manager,manager")));
        assert_eq!(effect.impact, Impact::Loosens, "{}", effect.sentence);
        let effect = schemes(Some(&json!("manager")), Some(&json!("workgroup:7 then manager")));
        assert_eq!(
            effect.sentence,
            unless_ruled("Entitlement requests will be approved by workgroup:\"7 then manager\" instead of manager")
        );
    }

    #[test]
    fn what_a_tenant_does_not_show_is_judged_by_a_person() {
        for (after, sentence) in [
            ("", "Entitlement requests will need no approval at all; the tenant does not show what applies now"),
            (
                "manager",
                "Entitlement requests will need approval by manager; the tenant does not show what applies now",
            ),
        ] {
            let effect = granting(None, Some(&list(after)));
            assert_eq!((effect.impact, effect.sentence), (Impact::Review, unless_ruled(sentence)), "{after}");
        }
        let text = Value::from("");
        assert_eq!(schemes(None, Some(&text)).impact, Impact::Review);
        assert_eq!(schemes(Some(&Value::from("manager")), Some(&text)).impact, Impact::Loosens);
    }

    #[test]
    fn longer_access_loosens_unless_something_has_its_own_rule() {
        let days = |number: i64| json!({"value": number, "timeUnit": "DAYS"});
        let months = json!({"value": 1, "timeUnit": "MONTHS"});
        let subject = "Requested access to an entitlement will last";
        for (before, after, impact, rest) in [
            (Some(days(1)), Some(days(2)), Impact::Loosens, "at most 2 days instead of 1 day"),
            (Some(days(2)), Some(days(1)), Impact::Tightens, "at most 1 day instead of 2 days"),
            (Some(days(2)), None, Impact::Loosens, "without any limit instead of at most 2 days"),
            (None, Some(days(2)), Impact::Tightens, "at most 2 days; there is no limit now"),
            (
                Some(days(31)),
                Some(months),
                Impact::Review,
                "at most 1 month instead of 31 days; months have no exact number of days, so compare them",
            ),
            (
                Some(days(1)),
                Some(json!({"value": 24, "timeUnit": "HOURS"})),
                Impact::Review,
                "at most 24 hours, which is as long as 1 day",
            ),
            (
                Some(json!({"value": 1, "timeUnit": "WEEKS"})),
                Some(days(7)),
                Impact::Review,
                "at most 7 days, which is as long as 1 week",
            ),
        ] {
            let effect = access_duration(before.as_ref(), after.as_ref());
            let subject = if after.is_none() { subject.replace(" will ", " may ") } else { subject.to_owned() };
            assert_eq!((effect.impact, effect.sentence), (impact, unless_ruled(&format!("{subject} {rest}"))));
        }
    }
}
