//! What changes of an approvals configuration mean. A value is `None` if the tenant has none.

use serde_json::Value;

use super::super::impact::{Effect, Impact, Weight};
use super::super::kind::Kind as _;
use super::super::kind::party::{Chain, Party};
use super::super::kind::steps::in_a_sentence;

const NOT_SHOWN: &str = "; the tenant does not show what applies now";

fn word(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str)
}

/// The more steps pass by themselves, the looser.
pub(super) fn auto_approve(before: Option<&Value>, after: Option<&Value>) -> Effect {
    let rank = |word: &str| ["OFF", "DIRECT", "INDIRECT"].iter().position(|known| *known == word);
    let sentence = match word(after) {
        Some("OFF") => {
            "No step will pass automatically: one that would fall to the requester will go to a manager".to_owned()
        }
        Some("DIRECT") => {
            "When somebody asks for another person, steps assigned to the requester will pass by themselves".to_owned()
        }
        Some("INDIRECT") => {
            "When somebody asks for another person, steps assigned to the requester, or to a group that \
                             the requester is in, will pass by themselves"
                .to_owned()
        }
        Some(other) => format!("Approvals will pass by themselves as {} says", in_a_sentence(other)),
        None => "SailPoint's own default will decide whether steps pass by themselves".to_owned(),
    };
    let impact = match (word(before), word(after)) {
        (None, Some("DIRECT" | "INDIRECT")) => Impact::Loosens,
        (Some(before), Some(after)) => match (rank(before), rank(after)) {
            (Some(before), Some(after)) if after > before => Impact::Loosens,
            (Some(_), Some(_)) => Impact::Tightens,
            _ => Impact::Review,
        },
        _ => Impact::Review,
    };
    check(Effect::new(impact, if before.is_none() { format!("{sentence}{NOT_SHOWN}") } else { sentence }))
}

/// What loosens here takes a check away.
fn check(effect: Effect) -> Effect {
    let weight = if effect.impact == Impact::Loosens { Weight::RemovesCheck } else { effect.weight };
    effect.weighing(weight)
}

/// What waits too long is given, or not.
pub(super) fn timeout_result(before: Option<&Value>, after: Option<&Value>) -> Effect {
    match (word(before), word(after)) {
        (_, Some("APPROVED")) => Effect::new(Impact::Loosens, "Approvals that are not decided in time will be given")
            .weighing(Weight::RemovesApproval),
        (Some("APPROVED"), Some("EXPIRED")) => {
            Effect::new(Impact::Tightens, "Approvals that are not decided in time will not be given")
        }
        (_, Some("EXPIRED")) => {
            Effect::new(Impact::Review, format!("Approvals that are not decided in time will not be given{NOT_SHOWN}"))
        }
        _ => Effect::new(Impact::Review, "What becomes of approvals that are not decided in time will not be set here"),
    }
}

/// Comments are a check: fewer of them loosen.
pub(super) fn comments(before: Option<&Value>, after: Option<&Value>) -> Effect {
    let demanded = |word: &str| match word {
        "ALL" => Some((true, true)),
        "APPROVAL" => Some((true, false)),
        "REJECTION" => Some((false, true)),
        "OFF" => Some((false, false)),
        _ => None,
    };
    let sentence = match word(after) {
        Some("ALL") => "Approvers will have to write a comment whatever they decide",
        Some("APPROVAL") => "Approvers will have to write a comment when they approve, and none when they deny",
        Some("REJECTION") => "Approvers will have to write a comment when they deny, and none when they approve",
        Some("OFF") => "Approvers will need no comment",
        _ => "For which decisions approvers must write a comment will not be set here",
    };
    let known = word(before).and_then(demanded).zip(word(after).and_then(demanded));
    let impact = match known {
        Some(((approving, denying), (approves, denies))) => match (approving && !approves, denying && !denies) {
            (false, false) => Impact::Tightens,
            _ if approves <= approving && denies <= denying => Impact::Loosens,
            _ => Impact::Review,
        },
        None => Impact::Review,
    };
    let unknown = if before.is_none() && after.is_some() { NOT_SHOWN } else { "" };
    check(Effect::new(impact, format!("{sentence}{unknown}")))
}

/// Reminders shape how long an approval waits, not who gives it.
pub(super) fn reminders(_: Option<&Value>, after: Option<&Value>) -> Effect {
    Effect::new(
        Impact::Neutral,
        match after {
            Some(_) => "Approvers will be reminded at other times",
            None => "One part of the reminders will not be set",
        },
    )
}

/// When others take over.
pub(super) fn escalation(_: Option<&Value>, after: Option<&Value>) -> Effect {
    Effect::new(
        Impact::Review,
        match after {
            Some(_) => "Approvals will go to other approvers at other times",
            None => "One part of when approvals go to other approvers will not be set",
        },
    )
}

/// When approvals end.
pub(super) fn timeout(before: Option<&Value>, after: Option<&Value>) -> Effect {
    let days = |value: &Value| if value == 1 { "1 day".to_owned() } else { format!("{value} days") };
    let sentence = match (before, after) {
        (_, None) => "After how many days approvals end by themselves will not be set here".to_owned(),
        (None, Some(after)) => format!("Approvals will end by themselves after {}{NOT_SHOWN}", days(after)),
        (Some(before), Some(after)) => {
            format!("Approvals will end by themselves after {} instead of {}", days(after), days(before))
        }
    };
    Effect::new(Impact::Review, sentence)
}

/// Who takes over.
pub(super) fn escalation_chain(before: Option<&Value>, after: Option<&Value>) -> Effect {
    chain("Approvals that wait too long will go to", "Where approvals go that wait too long", before, after)
}

/// Who approves one after the other.
pub(super) fn serial_chain(before: Option<&Value>, after: Option<&Value>) -> Effect {
    chain(
        "Approvals that go from one to the next will go to",
        "To whom approvals go one after the other",
        before,
        after,
    )
}

/// Returns what it means that `subject` goes on with other approvers; `what` is what is not set without them.
fn chain(subject: &str, what: &str, before: Option<&Value>, after: Option<&Value>) -> Effect {
    let sentence = match (before.map(|before| Chain.show(before)), after.map(|after| Chain.show(after))) {
        (Some(before), Some(after)) => format!("{subject} {after} instead of {before}"),
        (None, Some(after)) => format!("{subject} {after}; nothing is set here now"),
        (Some(before), None) => format!("{what} will not be set here any more, now {before}"),
        (None, None) => format!("{what} will not be set here"),
    };
    Effect::new(Impact::Review, sentence)
}

/// Who approves when no other approver can.
pub(super) fn fallback(before: Option<&Value>, after: Option<&Value>) -> Effect {
    let sentence = match (before, after) {
        (_, None) => "No one will be named to approve when no approver can be found".to_owned(),
        (None, Some(after)) => {
            format!("{} will approve when no approver can be found; no one is named now", Party.show(after))
        }
        (Some(before), Some(after)) => {
            format!(
                "{} will approve when no approver can be found, instead of {}",
                Party.show(after),
                Party.show(before)
            )
        }
    };
    Effect::new(Impact::Review, sentence)
}

/// Who approves for machines.
pub(super) fn machine_manager(before: Option<&Value>, after: Option<&Value>) -> Effect {
    const SUBJECT: &str = "Who stands in for the manager of a machine identity will";
    let shown = |value| word(value).map(|text| in_a_sentence(text).into_owned());
    let sentence = match (shown(before), shown(after)) {
        (Some(before), Some(after)) => format!("{SUBJECT} be {after} instead of {before}"),
        (None, Some(after)) => format!("{SUBJECT} be {after}; it is not set now"),
        (Some(before), None) => format!("{SUBJECT} not be set any more, now {before}"),
        (None, None) => format!("{SUBJECT} not be set"),
    };
    Effect::new(Impact::Review, sentence)
}

/// At which hours.
pub(super) fn zone(_: Option<&Value>, _: Option<&Value>) -> Effect {
    Effect::new(Impact::Review, "Reminders and escalation will follow another clock")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_set_for_the_first_time_or_no_longer_is_told_in_a_sentence() {
        let (manager, owner) = (json!([{"identityType": "MANAGER_OF"}]), json!([{"identityType": "SOURCE_OWNER"}]));
        let word = json!("MANAGER_OF_REQUESTER");
        for (effect, sentence) in [
            (
                escalation_chain(None, Some(&owner)),
                "Approvals that wait too long will go to SOURCE_OWNER; nothing is set here now",
            ),
            (
                escalation_chain(Some(&manager), None),
                "Where approvals go that wait too long will not be set here any more, now MANAGER_OF",
            ),
            (
                serial_chain(Some(&manager), None),
                "To whom approvals go one after the other will not be set here any more, now MANAGER_OF",
            ),
            (
                machine_manager(None, Some(&word)),
                "Who stands in for the manager of a machine identity will be MANAGER_OF_REQUESTER; it is not set now",
            ),
            (
                machine_manager(Some(&word), None),
                "Who stands in for the manager of a machine identity will not be set any more, now MANAGER_OF_REQUESTER",
            ),
            (
                fallback(None, Some(&json!({"type": "MANAGER_OF"}))),
                "MANAGER_OF will approve when no approver can be found; no one is named now",
            ),
        ] {
            assert_eq!((effect.impact, effect.sentence.as_str()), (Impact::Review, sentence));
        }
    }
}
