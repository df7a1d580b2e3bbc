//! The access-request settings of a tenant: who may ask for what, for whom, and who approves (SailPoint API: Access
//! Requests, "Get" and "Update Access Request Configuration").

use super::impact::{self, Impact, Loosest, Rule as Effect, disrupting, turn};
use super::kind::approver::Approver;
use super::kind::count::Count;
use super::kind::flag::Flag;
use super::kind::schemes::Schemes;
use super::{Deprecation, Generation, Overrides, Resource, Rule, Setting, Write};

/// The generations whose `entitlementRequestConfig` is flat.
const FLAT: &[&str] = &["beta", "v3"];
const APPROVALS: &str = "the approvals configuration (generic-approvals, ACCESS_REQUEST_APPROVAL)";

/// SailPoint keeps a deprecated endpoint for two years and ends the generations with a year, beta and v3 together.
const YEARLY: &str = "about 2028-02-26 (support for beta, v3 and v202x ends in Q2 2028, they go off in Q1 2029)";

/// SailPoint documents nothing for beta and v3; that they write to the same place is likely.
const MAY_OVERRIDE: &str = "this PUT carries the reminder and escalation object and may override the approvals \
                            configuration, which now keeps reminders, escalation and the fallback approver";

const fn old(name: &'static str, path: &'static str, until: &'static str, overrides: &'static str) -> Generation {
    Generation {
        name,
        path,
        experimental: false,
        deprecation: Some(Deprecation { since: "2026-02-26", until, successor: "v2" }),
        overrides: Some(Overrides { object: "/approvalReminderAndEscalationConfig", sentence: overrides }),
    }
}

static DAYS: Count = Count { min: 0, max: i32::MAX, expects: "a whole number of days, 0 or more" };
static REMINDERS: Count = Count { min: 1, max: 20, expects: "a whole number from 1 to 20" };

/// The resource.
pub(super) static RESOURCE: Resource = Resource {
    name: "accessRequestConfig",
    title: "access-request settings",
    about: "The access-request settings: who may ask for access, for whom, and who approves.",
    generations: &[
        old("beta", "/beta/access-request-config", YEARLY, MAY_OVERRIDE),
        old("v3", "/v3/access-request-config", YEARLY, MAY_OVERRIDE),
    ],
    default_generation: None,
    write: Write::Whole,
    settings: &[
        Setting {
            pointer: "/approvalsMustBeExternal",
            kind: &Flag,
            nullable: false,
            generations: &[],
            moved: None,
            about: "Whether approvals are made in an external system only. While true, the Request Center is closed \
                    for everyone but org admins.",
            impact: Effect::Flag {
                on: disrupting(
                    Impact::Tightens,
                    "The Request Center closes for everyone but org admins; approvals are made in an external system",
                ),
                off: turn(
                    Impact::Review,
                    "The Request Center opens for everyone; approvals are made in SailPoint again",
                ),
            },
        },
        Setting {
            pointer: "/autoApprovalEnabled",
            kind: &Flag,
            nullable: false,
            generations: FLAT,
            moved: Some(APPROVALS),
            about: "Whether a request is approved by itself when requester and approver are the same person.",
            impact: Effect::Flag {
                on: turn(Impact::Loosens, "People who may approve a request approve their own without being asked"),
                off: turn(Impact::Tightens, "A request by its own approver is no longer approved by itself"),
            },
        },
        Setting {
            pointer: "/reauthorizationEnabled",
            kind: &Flag,
            nullable: false,
            generations: &[],
            moved: None,
            about: "Whether people sign in again before they ask for access that is configured so (limited release).",
            impact: Effect::Flag {
                on: turn(Impact::Tightens, "People have to sign in again before they ask for access that demands it"),
                off: turn(Impact::Loosens, "Nobody has to sign in again before asking for sensitive access"),
            },
        },
        Setting {
            pointer: "/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone",
            kind: &Flag,
            nullable: false,
            generations: &[],
            moved: None,
            about: "Whether anyone may ask for access for anyone.",
            impact: Effect::Flag {
                on: turn(Impact::Loosens, "Anyone will be able to request access for anyone"),
                off: turn(Impact::Tightens, "People can no longer request access for just anyone"),
            },
        },
        Setting {
            pointer: "/requestOnBehalfOfConfig/allowRequestOnBehalfOfEmployeeByManager",
            kind: &Flag,
            nullable: false,
            generations: &[],
            moved: None,
            about: "Whether managers may ask for access for the people who report to them.",
            impact: Effect::Flag {
                on: turn(Impact::Loosens, "Managers will be able to request access for the people who report to them"),
                off: turn(Impact::Tightens, "Managers can no longer request access for the people who report to them"),
            },
        },
        Setting {
            pointer: "/approvalReminderAndEscalationConfig/daysUntilEscalation",
            kind: &DAYS,
            nullable: true,
            generations: FLAT,
            moved: Some(APPROVALS),
            about: "The days until the first reminder or, without reminders, until a request is escalated.",
            impact: Effect::Of(impact::reminders, Loosest::Unknown),
        },
        Setting {
            pointer: "/approvalReminderAndEscalationConfig/daysBetweenReminders",
            kind: &DAYS,
            nullable: true,
            generations: FLAT,
            moved: Some(APPROVALS),
            about: "The days from one reminder to the next.",
            impact: Effect::Of(impact::reminders, Loosest::Unknown),
        },
        Setting {
            pointer: "/approvalReminderAndEscalationConfig/maxReminders",
            kind: &REMINDERS,
            nullable: true,
            generations: FLAT,
            moved: Some(APPROVALS),
            about: "The number of reminders before a request is escalated.",
            impact: Effect::Of(impact::reminders, Loosest::Unknown),
        },
        Setting {
            pointer: "/approvalReminderAndEscalationConfig/fallbackApproverRef",
            kind: &Approver,
            nullable: true,
            generations: FLAT,
            moved: Some(APPROVALS),
            about: "Who approves when no approver can be found. Compared by id and type; name and email are for readers.",
            impact: Effect::Of(impact::fallback_approver, Loosest::Unknown),
        },
        Setting {
            pointer: "/entitlementRequestConfig/allowEntitlementRequest",
            kind: &Flag,
            nullable: false,
            generations: FLAT,
            moved: None,
            about: "Whether single entitlements can be requested.",
            impact: Effect::Flag {
                on: turn(Impact::Loosens, "Single entitlements can be requested"),
                off: disrupting(Impact::Tightens, "Nobody can request single entitlements any longer"),
            },
        },
        Setting {
            pointer: "/entitlementRequestConfig/requestCommentsRequired",
            kind: &Flag,
            nullable: false,
            generations: FLAT,
            moved: None,
            about: "Whether a comment is needed to request an entitlement.",
            impact: Effect::Flag {
                on: turn(Impact::Tightens, "Requests for entitlements need a comment"),
                off: turn(Impact::Loosens, "Requests for entitlements no longer need a comment"),
            },
        },
        Setting {
            pointer: "/entitlementRequestConfig/deniedCommentsRequired",
            kind: &Flag,
            nullable: false,
            generations: FLAT,
            moved: None,
            about: "Whether a comment is needed to deny a request for an entitlement.",
            impact: Effect::Flag {
                on: turn(Impact::Tightens, "Denying a request for an entitlement needs a comment"),
                off: turn(Impact::Loosens, "Denying a request for an entitlement no longer needs a comment"),
            },
        },
        Setting {
            pointer: "/entitlementRequestConfig/grantRequestApprovalSchemes",
            kind: &Schemes,
            nullable: true,
            generations: FLAT,
            moved: None,
            about: "Who approves requests for entitlements, in order: entitlementOwner, sourceOwner, manager, \
                    workgroup:ID. Written as a list or as one text with commas. []: no approval at all.",
            impact: Effect::Of(impact::schemes, Loosest::EmptyText),
        },
    ],
    read_only: &[],
    rules: &[Rule::Moot {
        flag: "/requestOnBehalfOfConfig/allowRequestOnBehalfOfEmployeeByManager",
        cover: "/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone",
        why: "while anyone may request for anyone, managers may as well",
    }],
    when_missing: "the tenant does not serve this generation of the access-request settings; check the address and \
                   `apiVersion`",
    rights: "scope idn:access-request-config:read to plan, user level ORG_ADMIN and scope \
             idn:access-request-config:manage to apply, for a personal access token with a user behind it",
};
