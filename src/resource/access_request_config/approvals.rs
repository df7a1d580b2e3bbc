//! Automatic approval, reminders and escalation, which newer generations keep in the approvals configuration.

use serde_json::{Value, json};

use super::super::approvals_config::{
    AUTO_APPROVE, FALLBACK, FIRST_ESCALATION, FIRST_REMINDER, MAX_REMINDERS, REMINDER_SCHEDULE,
};
use super::super::impact::{Judgement, Loosest, access};
use super::super::kind::Kind;
use super::super::kind::approver::Approver;
use super::super::kind::count::Count;
use super::super::kind::schedule;
use super::super::{Moved, MovedTo, OldSetting, Setting};
use super::{FLAT, NESTED_OLD, OLD, flag, loosens, tightens};

const APPROVALS: &str = "approvalsConfig[ACCESS_REQUEST_APPROVAL]";

const DAYS: Count = Count { min: 0, max: i32::MAX, elsewhere: None, expects: "a whole number of days, 0 or more" };
const REMINDERS: Count = Count { min: 0, max: 20, elsewhere: None, expects: "a whole number from 0 to 20" };
/// SailPoint documents another minimum for beta and v3, and no maximum.
const FLAT_REMINDERS: Count =
    Count { min: 1, max: i32::MAX, elsewhere: Some(20), expects: "a whole number, 1 or more" };

pub(super) const AUTO: &str = "/autoApprovalEnabled";
const DAYS_UNTIL: &str = "/approvalReminderAndEscalationConfig/daysUntilEscalation";
const DAYS_BETWEEN: &str = "/approvalReminderAndEscalationConfig/daysBetweenReminders";
const OLD_MAX: &str = "/approvalReminderAndEscalationConfig/maxReminders";
const OLD_FALLBACK: &str = "/approvalReminderAndEscalationConfig/fallbackApproverRef";
const ABOUT_REMINDERS: &str = "The number of reminders before a request is escalated.";

pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        moved: Some(APPROVALS),
        ..flag(
            AUTO,
            OLD,
            "Whether a request is approved automatically when requester and approver are the same person.",
            loosens("A request will be approved automatically when requester and approver are the same person"),
            tightens("A request will not be approved automatically when requester and approver are the same person"),
        )
    },
    reminder(
        DAYS_UNTIL,
        &DAYS,
        OLD,
        "The days until the first reminder or, without reminders, until a request is escalated.",
    ),
    reminder(DAYS_BETWEEN, &DAYS, OLD, "The days from one reminder to the next."),
    reminder(OLD_MAX, &FLAT_REMINDERS, FLAT, ABOUT_REMINDERS),
    reminder(OLD_MAX, &REMINDERS, NESTED_OLD, ABOUT_REMINDERS),
    Setting {
        impact: Judgement::Of(access::fallback_approver, Loosest::Unknown),
        ..reminder(
            OLD_FALLBACK,
            &Approver,
            OLD,
            "Who approves when no approver can be found. Compared by id and type; name and email are for readers.",
        )
    },
];

const fn reminder(
    pointer: &'static str,
    kind: &'static dyn Kind,
    generations: &'static [&'static str],
    about: &'static str,
) -> Setting {
    let impact = Judgement::Of(access::reminders, Loosest::Unknown);
    Setting { pointer, kind, nullable: true, generations, moved: Some(APPROVALS), about, impact, default: None }
}

/// The configuration of approvals of access requests.
const DOCUMENT: (&str, &str) = ("approvalsConfig", "ACCESS_REQUEST_APPROVAL");

/// Where the settings are now. SailPoint documents that they moved, and not every value.
pub(super) const MOVES: &[Moved] = &[
    Moved { old: AUTO, document: DOCUMENT, targets: &[AUTO_APPROVE], convert: automatic },
    Moved { old: DAYS_UNTIL, document: DOCUMENT, targets: &[FIRST_REMINDER, FIRST_ESCALATION], convert: days_until },
    Moved { old: DAYS_BETWEEN, document: DOCUMENT, targets: &[REMINDER_SCHEDULE], convert: days_between },
    Moved { old: OLD_MAX, document: DOCUMENT, targets: &[MAX_REMINDERS], convert: number_of_reminders },
    Moved { old: OLD_FALLBACK, document: DOCUMENT, targets: &[FALLBACK], convert: fallback },
];

const CLEARED: &str = "the approvals configuration cannot clear it";

fn automatic(old: &OldSetting<'_>) -> MovedTo {
    match old.chosen {
        _ if *old.value == false => MovedTo::Setting(AUTO_APPROVE, "OFF".into()),
        Some(word) => MovedTo::Setting(AUTO_APPROVE, word.into()),
        None => MovedTo::Asks(
            &["DIRECT", "INDIRECT", "OFF"],
            "SailPoint does not document what true has become: DIRECT passes steps of the requester, INDIRECT those of the \
             requester's groups too",
        ),
    }
}

/// One number of days stood for the first reminder or, without reminders, for the escalation.
fn days_until(old: &OldSetting<'_>) -> MovedTo {
    if old.value.is_null() {
        return MovedTo::Nothing(CLEARED);
    }
    let reminds = |pointer: &str| (old.beside)(pointer).and_then(Value::as_i64).map(|number| number > 0);
    let reminders = match (reminds(OLD_MAX), reminds(DAYS_BETWEEN), old.chosen) {
        (Some(false), ..) | (_, Some(false), _) => false,
        (Some(true), ..) | (_, Some(true), _) => true,
        (None, None, Some(word)) => word == "reminder",
        (None, None, None) => {
            return MovedTo::Asks(
                &["reminder", "escalation"],
                "the days until the first reminder or, without reminders, until the escalation, and the file does not say \
                 whether there are reminders",
            );
        }
    };
    MovedTo::Setting(if reminders { FIRST_REMINDER } else { FIRST_ESCALATION }, old.value.clone())
}

fn days_between(old: &OldSetting<'_>) -> MovedTo {
    match old.value.as_i64() {
        None => MovedTo::Nothing(CLEARED),
        Some(days) if days > 0 => MovedTo::Setting(REMINDER_SCHEDULE, schedule::every_days(days).into()),
        Some(_) => MovedTo::Nothing("no schedule means 0 days; reminderConfig.enabled switches reminders off"),
    }
}

fn number_of_reminders(old: &OldSetting<'_>) -> MovedTo {
    match old.value.as_i64() {
        None => MovedTo::Nothing(CLEARED),
        Some(number) if number <= 20 => MovedTo::Setting(MAX_REMINDERS, number.into()),
        Some(_) => MovedTo::Nothing("the approvals configuration takes at most 20 reminders"),
    }
}

fn fallback(old: &OldSetting<'_>) -> MovedTo {
    match old.value.get("id") {
        None => MovedTo::Nothing(CLEARED),
        Some(id) => MovedTo::Setting(FALLBACK, json!({"identityID": id, "type": "IDENTITY"})),
    }
}
