//! Automatic approval, reminders and escalation, which newer generations keep in the approvals configuration.

use super::super::Setting;
use super::super::impact::{Judgement, Loosest, access};
use super::super::kind::Kind;
use super::super::kind::approver::Approver;
use super::super::kind::count::Count;
use super::{FLAT, NESTED_OLD, OLD, flag, loosens, tightens};

const APPROVALS: &str = "the approvals configuration (generic-approvals, ACCESS_REQUEST_APPROVAL)";

const DAYS: Count = Count { min: 0, max: i32::MAX, elsewhere: None, expects: "a whole number of days, 0 or more" };
const REMINDERS: Count = Count { min: 0, max: 20, elsewhere: None, expects: "a whole number from 0 to 20" };
/// SailPoint documents another minimum for beta and v3, and no maximum.
const FLAT_REMINDERS: Count =
    Count { min: 1, max: i32::MAX, elsewhere: Some(20), expects: "a whole number, 1 or more" };

const MAX_REMINDERS: &str = "/approvalReminderAndEscalationConfig/maxReminders";
const ABOUT_REMINDERS: &str = "The number of reminders before a request is escalated.";

pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        moved: Some(APPROVALS),
        ..flag(
            "/autoApprovalEnabled",
            OLD,
            "Whether a request is approved by itself when requester and approver are the same person.",
            loosens("A request is approved by itself when requester and approver are the same person"),
            tightens("A request is not approved by itself when requester and approver are the same person"),
        )
    },
    reminder(
        "/approvalReminderAndEscalationConfig/daysUntilEscalation",
        &DAYS,
        OLD,
        "The days until the first reminder or, without reminders, until a request is escalated.",
    ),
    reminder(
        "/approvalReminderAndEscalationConfig/daysBetweenReminders",
        &DAYS,
        OLD,
        "The days from one reminder to the next.",
    ),
    reminder(MAX_REMINDERS, &FLAT_REMINDERS, FLAT, ABOUT_REMINDERS),
    reminder(MAX_REMINDERS, &REMINDERS, NESTED_OLD, ABOUT_REMINDERS),
    Setting {
        impact: Judgement::Of(access::fallback_approver, Loosest::Unknown),
        ..reminder(
            "/approvalReminderAndEscalationConfig/fallbackApproverRef",
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
