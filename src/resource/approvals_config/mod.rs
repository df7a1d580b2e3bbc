//! The approvals configuration: how approvals of access requests and of other things are reminded of, escalated, ended and
//! given by themselves (SailPoint API reference, Approvals, "Get Approval Config", "Put Approval Config" and "Delete Approval
//! Configuration", 2026-10-27). A tenant has one for each type of approval, one for itself and one for each item that has its
//! own.

mod meaning;

use super::impact::{Effect, Impact, Judgement, Loosest, Weight};
use super::instances::{Instances, Place};
use super::kind::Kind;
use super::kind::choice::Choice;
use super::kind::count::Count;
use super::kind::flag::Flag;
use super::kind::party::{Chain, Party};
use super::kind::schedule::Schedule;
use super::kind::text::Text;
use super::{Documented, Generation, Resource, Rule, Setting, Touched, When, Write};

use serde_json::Value;

/// Whether approvals pass by themselves.
pub const AUTO_APPROVE: &str = "/autoApprove";
/// When approvers are first reminded.
pub const FIRST_REMINDER: &str = "/reminderConfig/daysUntilFirstReminder";
/// How often approvers are reminded.
pub const REMINDER_SCHEDULE: &str = "/reminderConfig/reminderCronSchedule";
/// How many reminders there are.
pub const MAX_REMINDERS: &str = "/reminderConfig/maxReminders";
/// Who approves if no approver is found.
pub const FALLBACK: &str = "/fallbackApprover";

/// When approvals first go to other approvers.
pub const FIRST_ESCALATION: &str = "/escalationConfig/daysUntilFirstEscalation";

const REMINDING: &str = "/reminderConfig/enabled";
const ESCALATING: &str = "/escalationConfig/enabled";
const ESCALATION_CHAIN: &str = "/escalationConfig/escalationChain";
const ENDING: &str = "/timeoutConfig/enabled";
const RESULT: &str = "/timeoutConfig/timeoutResult";

/// The configuration of a whole approval type.
const TYPE: &str = "APPROVAL_TYPE";
const TENANT: &str = "TENANT";
/// What single items inherit from.
const ACCESS_REQUESTS: &str = "ACCESS_REQUEST_APPROVAL";

/// The names that are words: the tenant's own configuration and the types of approval.
const NAMES: &[(&str, &str)] = &[
    (TENANT, "All approvals of the tenant whose type or item has no configuration of its own."),
    (ACCESS_REQUESTS, "Approvals of access requests."),
    ("ENTITLEMENT_DESCRIPTIONS", "Approvals of descriptions of entitlements."),
    ("ACCOUNT_DELETE_APPROVAL_REQUEST", "Approvals before an account is deleted."),
    ("MACHINE_ACCOUNT_CREATE_APPROVAL_REQUEST", "Approvals before a machine account is created."),
    ("MACHINE_ACCOUNT_DELETE_APPROVAL_REQUEST", "Approvals before a machine account is deleted."),
    ("AGENT_ACTIVATE_APPROVAL", "Approvals before an AI agent is activated."),
    ("AGENT_DEACTIVATE_APPROVAL", "Approvals before an AI agent is deactivated."),
];

/// What single items may have a configuration.
const ITEMS: [&str; 5] = ["ROLE", "ACCESS_PROFILE", "ENTITLEMENT", "ACCOUNT", "DOMAIN_OBJECT"];

static INSTANCES: Instances = Instances {
    expects: "TENANT, a type of approval such as ACCESS_REQUEST_APPROVAL, or an item such as ENTITLEMENT/ID",
    pattern: "^(ROLE|ACCESS_PROFILE|ENTITLEMENT|ACCOUNT|DOMAIN_OBJECT)/[A-Za-z0-9_.:-]+$",
    words: NAMES,
    example: ACCESS_REQUESTS,
    place,
    above,
};

fn place(name: &str) -> Option<Place> {
    if name == TENANT {
        return Some(Place { scope: TENANT.to_owned(), id: None });
    }
    if NAMES.iter().any(|(word, _)| *word == name) {
        return Some(Place { scope: TYPE.to_owned(), id: Some(name.to_owned()) });
    }
    let (scope, id) = name.split_once('/')?;
    // In a path, one dot and two of them are no names.
    let good = ITEMS.contains(&scope) && !matches!(id, "" | "." | "..") && !id.contains('/');
    good.then(|| Place { scope: scope.to_owned(), id: Some(id.to_owned()) })
}

/// An item before the access requests, and those before the tenant (SailPoint documentation, "Configuring Approvals").
fn above(name: &str) -> Option<&'static str> {
    match name {
        TENANT => None,
        item if item.contains('/') => Some(ACCESS_REQUESTS),
        _ => Some(TENANT),
    }
}

const DAYS: Count = Count { min: 0, max: i32::MAX, elsewhere: None, expects: "a whole number of days, 0 or more" };
const UP_TO_20: Count = Count { min: 0, max: 20, elsewhere: None, expects: "a whole number from 0 to 20" };
const UP_TO_90: Count = Count { min: 0, max: 90, elsewhere: None, expects: "a whole number of days from 0 to 90" };
const ZONE: Text = Text { examples: &["America/New_York"], is_id: false, referent: None };
const OFFSET: Text = Text { examples: &["\"-05:00\""], is_id: false, referent: None };

const RESULTS: Choice = Choice {
    words: &["EXPIRED", "APPROVED"],
    meanings: &[("EXPIRED", "not given"), ("APPROVED", "given")],
    expects: "EXPIRED or APPROVED",
    moves: &[("changed to APPROVED", "EXPIRED", "APPROVED"), ("changed to EXPIRED", "APPROVED", "EXPIRED")],
};
const COMMENTS: Choice = Choice {
    words: &["APPROVAL", "REJECTION", "ALL", "OFF"],
    meanings: &[("APPROVAL", "to approve"), ("REJECTION", "to deny"), ("ALL", "for all"), ("OFF", "for none")],
    expects: "APPROVAL, REJECTION, ALL or OFF",
    moves: &[
        ("demanded less often", "ALL", "APPROVAL"),
        ("demanded more often", "OFF", "ALL"),
        ("demanded otherwise", "APPROVAL", "REJECTION"),
    ],
};
const AUTO: Choice = Choice {
    words: &["OFF", "DIRECT", "INDIRECT"],
    meanings: &[
        ("OFF", "no"),
        ("DIRECT", "yes, those of the requester"),
        ("INDIRECT", "yes, those of the requester and of the requester's groups"),
    ],
    expects: "OFF, DIRECT or INDIRECT",
    moves: &[("widened", "OFF", "DIRECT"), ("narrowed", "INDIRECT", "DIRECT")],
};
const MACHINE_MANAGERS: Choice = Choice {
    words: &[
        "MANAGER_OF_REQUESTER",
        "MACHINE_IDENTITY_OWNER",
        "MANAGER_OF_MACHINE_IDENTITY_OWNER",
        "REQUESTED_TARGET_OWNER",
        "MANAGER_OF_REQUESTED_TARGET_OWNER",
        "ACCOUNT_OWNER",
        "MANAGER_OF_ACCOUNT_OWNER",
    ],
    meanings: &[
        ("MANAGER_OF_REQUESTER", "the manager of the requester"),
        ("MACHINE_IDENTITY_OWNER", "the owner of the machine identity"),
        ("MANAGER_OF_MACHINE_IDENTITY_OWNER", "the manager of the owner of the machine identity"),
        ("REQUESTED_TARGET_OWNER", "the owner of what is requested"),
        ("MANAGER_OF_REQUESTED_TARGET_OWNER", "the manager of the owner of what is requested"),
        ("ACCOUNT_OWNER", "the owner of the account"),
        ("MANAGER_OF_ACCOUNT_OWNER", "the manager of the owner of the account"),
    ],
    expects: "who stands in for the manager of a machine identity, such as MANAGER_OF_REQUESTER",
    moves: &[],
};

type Judge = fn(Option<&Value>, Option<&Value>) -> Effect;

const fn setting(pointer: &'static str, kind: &'static dyn Kind, judge: Judge, about: &'static str) -> Setting {
    let impact = Judgement::Of(judge, Loosest::Unknown);
    Setting { pointer, kind, nullable: false, generations: &[], moved: None, about, impact, default: None }
}

/// A switch; SailPoint documents false as the default of each.
const fn switch(
    pointer: &'static str,
    about: &'static str,
    impact: Impact,
    on: &'static str,
    off: &'static str,
) -> Setting {
    let impact = Judgement::Flag { on: super::impact::meaning(impact, on), off: super::impact::meaning(impact, off) };
    let default = Some(Documented::Flag(false));
    Setting { pointer, kind: &Flag, nullable: false, generations: &[], moved: None, about, impact, default }
}

static SETTINGS: &[Setting] = &[
    Setting {
        impact: Judgement::Of(meaning::auto_approve, Loosest::Word("INDIRECT")),
        ..setting(
            AUTO_APPROVE,
            &AUTO,
            meaning::auto_approve,
            "Whether approvals pass by themselves. OFF: a step that would fall to the requester, or to the person the access \
             is for, goes to that person's manager. DIRECT: when somebody asks for another person, steps assigned to the \
             requester pass by themselves. INDIRECT: also steps assigned to a group that the requester is in. No effect \
             where approvers must sign in again.",
        )
    },
    Setting {
        impact: Judgement::Flag {
            on: super::impact::meaning(
                Impact::Loosens,
                "Every approval will pass automatically, and no approver will be asked",
            )
            .weighing(Weight::RemovesApproval),
            off: super::impact::meaning(Impact::Tightens, "Approvals will be asked for"),
        },
        ..switch(
            "/circumventApprovalProcess",
            "Whether every approval passes automatically and no approver is asked. SailPoint means it for machines only.",
            Impact::Review,
            "",
            "",
        )
    },
    switch(
        REMINDING,
        "Whether approvers are reminded.",
        Impact::Neutral,
        "Approvers will be reminded of what waits for them",
        "Approvers will not be reminded of what waits for them",
    ),
    setting(FIRST_REMINDER, &DAYS, meaning::reminders, "The days until approvers are first reminded."),
    setting(
        REMINDER_SCHEDULE,
        &Schedule,
        meaning::reminders,
        "When approvers are reminded again: five fields of cron, a word such as @daily, or @every with a period.",
    ),
    setting(MAX_REMINDERS, &UP_TO_20, meaning::reminders, "The number of reminders."),
    switch(
        ESCALATING,
        "Whether an approval goes to the next approver of the escalation chain after some days.",
        Impact::Review,
        "Approvals that wait too long will go to other approvers",
        "Approvals that wait too long will stay with their approvers",
    ),
    setting(
        FIRST_ESCALATION,
        &DAYS,
        meaning::escalation,
        "The days until an approval first goes to the next approver.",
    ),
    setting(
        "/escalationConfig/escalationCronSchedule",
        &Schedule,
        meaning::escalation,
        "When an approval goes to the approver after that: five fields of cron, a word such as @daily, or @every with a period.",
    ),
    setting(
        ESCALATION_CHAIN,
        &Chain,
        meaning::escalation_chain,
        "The approvers to whom approvals go that wait too long, in their order.",
    ),
    switch(
        ENDING,
        "Whether approvals end by themselves after some days.",
        Impact::Review,
        "Approvals that wait too long will end by themselves",
        "Approvals will not end by themselves after the days configured here",
    ),
    setting(
        "/timeoutConfig/daysUntilTimeout",
        &UP_TO_90,
        meaning::timeout,
        "The days until an approval ends by itself.",
    ),
    Setting {
        impact: Judgement::Of(meaning::timeout_result, Loosest::Word("APPROVED")),
        ..setting(
            RESULT,
            &RESULTS,
            meaning::timeout_result,
            "What becomes of an approval that ends by itself: it expires, or it is approved.",
        )
    },
    Setting {
        impact: Judgement::Of(meaning::comments, Loosest::Word("OFF")),
        ..setting(
            "/requiresComment",
            &COMMENTS,
            meaning::comments,
            "For which decisions approvers must write a comment.",
        )
    },
    setting(
        FALLBACK,
        &Party,
        meaning::fallback,
        "Who approves if no approver is found and approvals are not escalated.",
    ),
    setting("/serialChain", &Chain, meaning::serial_chain, "The approvers of approvals that go from one to the next."),
    setting(
        "/machineIdentityManagerAssignment",
        &MACHINE_MANAGERS,
        meaning::machine_manager,
        "Who stands in for the manager where the requester or the person the access is for is a machine identity.",
    ),
    setting(
        "/cronTimezone/location",
        &ZONE,
        meaning::zone,
        "The time zone of the schedules, such as America/New_York.",
    ),
    setting("/cronTimezone/offset", &OFFSET, meaning::zone, "The offset of the schedules from UTC."),
];

/// The resource.
pub(super) static RESOURCE: Resource = Resource {
    documentation: "https://developer.sailpoint.com/docs/api/put-approvals-config-v-1",
    name: "approvalsConfig",
    title: "approvals configuration",
    about: "The approvals configurations: reminders, escalation, expiry, automatic approval and the approver of last resort, \
            for the whole tenant, a type of approval or a single item.",
    instances: Some(&INSTANCES),
    generations: &[Generation {
        name: "v1",
        path: "/generic-approvals/v1/config/{id}",
        write_path: Some("/generic-approvals/v1/config/{id}/{scope}"),
        experimental: false,
        deprecation: None,
        end: None,
        overrides: None,
    }],
    default_generation: Some("v1"),
    current: "v1",
    write: Write::Put { strip: READ_ONLY, create: true, delete: true },
    settings: SETTINGS,
    objects: &[
        ("/reminderConfig", "When approvers are reminded."),
        ("/escalationConfig", "When approvals go to other approvers."),
        ("/timeoutConfig", "When approvals end by themselves."),
        ("/cronTimezone", "The time zone of the schedules."),
    ],
    read_only: READ_ONLY,
    counterparts: &[],
    moves: &[],
    shapes: &[],
    rules: &[
        Rule::Mind {
            flag: REMINDING,
            other: FIRST_REMINDER,
            when: When::Empty,
            why: "SailPoint does not document when the first reminder is sent then",
        },
        Rule::Mind {
            flag: ESCALATING,
            other: ESCALATION_CHAIN,
            when: When::Empty,
            why: "there is no approver to whom an approval could go",
        },
        Rule::Mind {
            flag: ENDING,
            other: RESULT,
            when: When::Is("APPROVED"),
            why: "approvals that are not decided in time are given",
        },
    ],
    touches: &[Touched::of("", "everyone who requests or approves what this configuration is for").asking(
        "what becomes of approvals that wait now is not documented",
        &[
            "How many approvals wait now (sailplan does not read them): ask an administrator of the tenant",
            "What becomes of approvals that wait now (SailPoint documents nothing): ask SailPoint",
        ],
    )],
    questions: &[],
    beside: &[],
    when_missing: "the tenant does not serve approvals configurations; check the address",
    rights_to_read: "to be read, an approvals configuration needs user level APPROVAL_OWNER (SailPoint names no other) and \
                     scope sp:approvals:read",
    rights_to_write: "to be changed or deleted, an approvals configuration needs user level ORG_ADMIN and scope \
                      sp:approvals:write",
    scopes_to_read: &["sp:approvals:read"],
    scopes_to_write: &["sp:approvals:write"],
    levels_to_write: &["ORG_ADMIN"],
};

const READ_ONLY: &[&str] = &["/id", "/scope", "/tenantId"];
