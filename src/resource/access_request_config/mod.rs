//! The access-request settings of a tenant: who may ask for what, for whom, and who approves (SailPoint API
//! reference, Access Requests, "Get access request configuration" and "Update access request configuration", 2026-08-22).

mod approvals;
mod flat;
mod nested;
mod requests;
#[cfg(test)]
mod tests;

use super::impact::{Impact, Judgement, Meaning};
use super::kind::flag::Flag;
use super::kind::schemes;
use super::kind::steps;
use super::{
    Beside, Counterpart, Deprecation, Documented, End, Generation, Overrides, Part, Question, Resource, Rule, Setting,
    Shape, Touched, Write,
};

use serde_json::Value;

/// The generations whose `entitlementRequestConfig` is flat.
const FLAT: &[&str] = &["beta", "v3"];
/// The generations whose `entitlementRequestConfig` is nested.
const NESTED: &[&str] = &["v2024", "v2025", "v2026", "v1", "v2"];
/// The nested generations that SailPoint deprecated.
const NESTED_OLD: &[&str] = &["v2024", "v2025", "v1"];
/// The generations from before the approvals configuration.
const OLD: &[&str] = &["beta", "v3", "v2024", "v2025", "v1"];
/// The paths of a service, which is where new fields arrive.
const SERVICE: &[&str] = &["v1", "v2"];

/// SailPoint keeps a deprecated endpoint for two years from its deprecation (SailPoint developer portal, 2026-08-17).
const TWO_YEARS: &str = "about 2028-02-26";

const REMINDERS: &str = "/approvalReminderAndEscalationConfig";

const OVERRIDDEN: &str = "the reminders, the escalation and the fallback approver of approvals";
const APPROVALS_CONFIGURATION: &str = "the approvals configuration";

/// What SailPoint documents for v2024, v2025 and v1 ("Update access request configuration", 2026-08-22).
const OVERRIDE: Overrides = Overrides {
    object: REMINDERS,
    sentence: "this PUT carries the reminder and escalation object and overrides the approvals configuration, which now \
               keeps reminders, escalation and the fallback approver",
    what: OVERRIDDEN,
    kept_in: APPROVALS_CONFIGURATION,
    does: "will also overwrite",
    did: "has also overwritten",
};
/// SailPoint documents nothing for beta and v3; it is likely that they write to the same place.
const MAY_OVERRIDE: Overrides = Overrides {
    object: REMINDERS,
    sentence: "this PUT carries the reminder and escalation object and may override the approvals configuration, which now \
               keeps reminders, escalation and the fallback approver",
    what: OVERRIDDEN,
    kept_in: APPROVALS_CONFIGURATION,
    does: "may also overwrite",
    did: Overrides::MAY_HAVE,
};

const UNAPPROVED_FOR_ANYONE: &str = "Without approval, anyone's request alone may give an entitlement to anyone, unless a source or \
                                     entitlement has its own rule";
const UNAPPROVED_BY_MANAGERS: &str = "Without approval, a user's own request alone may give an entitlement, and so may a manager's \
                                      request for the people who report to them, unless a source or entitlement has its own rule";
const UNAPPROVED_FOR_MACHINES: &str = "Without approval, a request alone may give an entitlement to a machine identity, unless a \
                                       source or entitlement has its own rule";

const OWN_RULES: &str = "Which entitlements keep an approval because they or their source have a rule of their own cannot be seen from \
                         here: ask the owners of the sources";
const OWN_SWITCHES: &str = "Which single entitlements can be requested today is set with each of them, these settings have no switch for \
                            it, and which of these keep an approval because they or their source have a rule of their own cannot be \
                            seen from here: ask the owners of the sources";

/// Who approves requests for entitlements, in the one form and in the other.
const APPROVERS: &[&str] = &[nested::GRANTING, flat::SCHEMES];

const WAITING: &str = "what becomes of requests that wait now is not documented";
const HOW_MANY_WAIT: &str = "How many requests wait now, and what becomes of them (sailplan does not read requests, and SailPoint \
                             documents nothing about it): ask an administrator of the tenant";

/// Of people whose requests may be waiting.
const fn waiting(beginning: &'static str, whom: &'static str) -> Touched {
    Touched::of(beginning, whom).asking(WAITING, &[HOW_MANY_WAIT])
}

const MACHINES: &str = "everyone who requests access for machine identities";

const fn old(name: &'static str, path: &'static str, overrides: Overrides) -> Generation {
    Generation {
        name,
        path,
        write_path: None,
        experimental: false,
        deprecation: Some(Deprecation { since: "2026-02-26", until: TWO_YEARS, successor: "v2" }),
        end: None,
        overrides: Some(overrides),
    }
}

const fn experimental(name: &'static str, path: &'static str, end: Option<End>) -> Generation {
    Generation { name, path, write_path: None, experimental: true, deprecation: None, end, overrides: None }
}

/// A switch, which is what most of these settings are; SailPoint documents false as the default of most.
const fn flag(
    pointer: &'static str,
    generations: &'static [&'static str],
    about: &'static str,
    on: Meaning,
    off: Meaning,
) -> Setting {
    let impact = Judgement::Flag { on, off };
    let default = Some(Documented::Flag(false));
    Setting { pointer, kind: &Flag, nullable: false, generations, moved: None, about, impact, default }
}

const SETTINGS: usize =
    requests::SETTINGS.len() + approvals::SETTINGS.len() + flat::SETTINGS.len() + nested::SETTINGS.len();

/// Every setting, in the order of plans.
static ALL: [Setting; SETTINGS] = join([requests::SETTINGS, approvals::SETTINGS, flat::SETTINGS, nested::SETTINGS]);

#[expect(clippy::indexing_slicing, reason = "runs while sailplan is compiled, which fails when an index is wrong")]
const fn join(parts: [&[Setting]; 4]) -> [Setting; SETTINGS] {
    let mut all = [requests::SETTINGS[0]; SETTINGS];
    let (mut at, mut part) = (0, 0);
    while part < parts.len() {
        let mut index = 0;
        while index < parts[part].len() {
            all[at] = parts[part][index];
            (at, index) = (at + 1, index + 1);
        }
        part += 1;
    }
    all
}

/// The resource.
pub(super) static RESOURCE: Resource = Resource {
    documentation: "https://developer.sailpoint.com/docs/api/get-access-request-config-v-2",
    name: "accessRequestConfig",
    title: "access-request settings",
    about: "The access-request settings: who may ask for access, for whom, and who approves.",
    instances: None,
    generations: &[
        old("beta", "/beta/access-request-config", MAY_OVERRIDE),
        old("v3", "/v3/access-request-config", MAY_OVERRIDE),
        old("v2024", "/v2024/access-request-config", OVERRIDE),
        old("v2025", "/v2025/access-request-config", OVERRIDE),
        experimental("v2026", "/v2026/access-request-config", Some(End { off: "Q1 2029", successor: "v2" })),
        old("v1", "/access-request-config/v1", OVERRIDE),
        experimental("v2", "/access-request-config/v2", None),
    ],
    default_generation: None,
    current: "v2",
    write: Write::Put { strip: &[], create: false, delete: false },
    settings: &ALL,
    objects: &[
        ("/requestOnBehalfOfConfig", "Who may ask for access for somebody else."),
        (
            REMINDERS,
            "When approvers are reminded, and when others take over; SailPoint moved it to the approvals configuration.",
        ),
        ("/entitlementRequestConfig", "How entitlements are asked for and given back."),
        ("/entitlementRequestConfig/accessRequestConfig", "Requests for an entitlement."),
        ("/entitlementRequestConfig/revocationRequestConfig", "Requests to take an entitlement away."),
    ],
    read_only: &[],
    counterparts: &[
        Counterpart { old: flat::REQUEST_COMMENTS, new: nested::REQUEST_COMMENT, convert: same },
        Counterpart { old: flat::DENIED_COMMENTS, new: nested::DENIAL_COMMENT, convert: same },
        Counterpart { old: flat::SCHEMES, new: nested::GRANTING, convert: steps_of_schemes },
    ],
    moves: approvals::MOVES,
    shapes: &[
        Shape {
            name: "flat",
            object: "/entitlementRequestConfig",
            marks: &["/entitlementRequestConfig/allowEntitlementRequest", flat::SCHEMES],
            generations: FLAT,
        },
        Shape {
            name: "nested",
            object: "/entitlementRequestConfig",
            marks: &[
                "/entitlementRequestConfig/accessRequestConfig",
                "/entitlementRequestConfig/revocationRequestConfig",
            ],
            generations: NESTED,
        },
    ],
    rules: &[
        Rule::Moot {
            flag: requests::BY_MANAGER,
            cover: Part::on(requests::ANYONE),
            why: "while anyone may request for anyone, managers may as well",
        },
        Rule::Moot {
            flag: requests::MACHINE_BY_OWNER,
            cover: Part::on(requests::MACHINE_BY_ANYONE),
            why: "while anyone may request for machine identities, their owners may as well",
        },
        Rule::Moot {
            flag: requests::MACHINE_BY_ANYONE,
            cover: Part::off(requests::MACHINE_ENABLED),
            why: "while requests for machine identities are switched off, every one of them is rejected",
        },
        Rule::Moot {
            flag: requests::MACHINE_BY_OWNER,
            cover: Part::off(requests::MACHINE_ENABLED),
            why: "while requests for machine identities are switched off, every one of them is rejected",
        },
        Rule::Moot {
            flag: nested::SIGN_IN,
            cover: Part::empty(nested::GRANTING),
            why: "while these requests need no approval, there is no approver to sign in",
        },
        Rule::Joint {
            first: Part::empty(nested::GRANTING),
            second: Part::on(requests::ANYONE),
            sentence: UNAPPROVED_FOR_ANYONE,
        },
        Rule::Joint {
            first: Part::empty(flat::SCHEMES),
            second: Part::on(requests::ANYONE),
            sentence: UNAPPROVED_FOR_ANYONE,
        },
        Rule::Joint {
            first: Part::empty(nested::GRANTING),
            second: Part::on(requests::BY_MANAGER),
            sentence: UNAPPROVED_BY_MANAGERS,
        },
        Rule::Joint {
            first: Part::empty(flat::SCHEMES),
            second: Part::on(requests::BY_MANAGER),
            sentence: UNAPPROVED_BY_MANAGERS,
        },
        Rule::Joint {
            first: Part::empty(nested::GRANTING),
            second: Part::on(requests::MACHINE_ENABLED),
            sentence: UNAPPROVED_FOR_MACHINES,
        },
        Rule::Joint {
            first: Part::on(requests::EXTERNAL),
            second: Part::off(requests::REAUTHORIZATION),
            sentence: "Approvals will leave SailPoint, which will not ask approvers to sign in again either: what is checked before access is given may then depend on the external system alone",
        },
        Rule::Joint {
            first: Part::off(nested::END_DATE),
            second: Part::cleared(nested::LONGEST),
            sentence: "Requests for entitlements will need no end date and have no longest duration, so access may stay for good, unless a source or entitlement has its own rule",
        },
    ],
    touches: &[
        waiting(requests::EXTERNAL, "everyone who requests access or approves it"),
        Touched::of(requests::REAUTHORIZATION, "everyone who approves access that is marked for that"),
        Touched::of("/govGroupVisibilityEnabled", "everyone whose request waits for a governance group"),
        waiting(requests::MACHINE_ENABLED, MACHINES),
        waiting(requests::MACHINE_BY_ANYONE, MACHINES),
        waiting(requests::MACHINE_BY_OWNER, MACHINES),
        Touched::of(
            requests::ANYONE,
            "every user of the tenant, as the one who requests access or the one who gets it",
        ),
        Touched::of(requests::BY_MANAGER, "managers, and the people who report to them"),
        Touched::of(nested::LONGEST, "everyone who requests an entitlement from then on")
            .meanwhile("whether the end of access that is assigned already moves is not documented"),
        waiting(
            "/entitlementRequestConfig/revocationRequestConfig",
            "everyone whose entitlement is asked to be taken away",
        ),
        waiting("/entitlementRequestConfig", "everyone who requests an entitlement, or approves it"),
        waiting("/", "everyone who requests access or approves it"),
    ],
    questions: &[
        Question {
            of: Part::on(requests::EXTERNAL),
            sentence: "Which external system approves from then on (the reason given for the change may name it), whether it is \
                       ready, whether it asks approvers to sign in again, and where everyone but org admins requests access \
                       cannot be seen from here: ask who asked for the change",
        },
        Question {
            of: Part::on(requests::EXTERNAL),
            sentence: "Whether requests of org admins are approved in the external system as well, and whether SailPoint still asks \
                       any approver to sign in again while approvals are made there (SailPoint documents nothing): ask SailPoint",
        },
        Question {
            of: Part::off(requests::MACHINE_ENABLED),
            sentence: "Who requests access for machine identities today: ask an administrator of the tenant",
        },
        Question {
            of: Part::off(requests::MACHINE_ENABLED),
            sentence: "What becomes of access that machine identities hold already (SailPoint documents nothing about it): ask \
                       SailPoint",
        },
        Question {
            of: Part::on(requests::ANYONE),
            sentence: "Who approves a request for a role or an access profile, and which sources and entitlements have a rule of their \
                       own, cannot be seen from here: ask their owners",
        },
        Question {
            of: Part::off(requests::REAUTHORIZATION),
            sentence: "Which access is marked so that its approvers sign in again is set with each role, access profile and \
                       entitlement, and cannot be seen from here: ask their owners",
        },
        Question { of: Part::empty(nested::GRANTING), sentence: OWN_SWITCHES },
        Question { of: Part::empty(flat::SCHEMES), sentence: OWN_RULES },
    ],
    beside: &[
        Beside { of: Part::on(requests::ANYONE), settings: APPROVERS },
        Beside { of: Part::on(requests::BY_MANAGER), settings: APPROVERS },
        Beside { of: Part::on(requests::MACHINE_ENABLED), settings: APPROVERS },
        Beside { of: Part::on(requests::MACHINE_BY_ANYONE), settings: APPROVERS },
        Beside { of: Part::on(requests::MACHINE_BY_OWNER), settings: APPROVERS },
        Beside { of: Part::on(approvals::AUTO), settings: APPROVERS },
        Beside { of: Part::on(flat::ENTITLEMENTS), settings: APPROVERS },
        Beside { of: Part::empty(flat::SCHEMES), settings: &[flat::ENTITLEMENTS] },
    ],
    when_missing: "the tenant does not serve this generation of the access-request settings; check the address and \
                   `apiVersion`",
    rights_to_read: "to be read, the access-request settings need scope idn:access-request-config:read \
                     (idn:access-request-config:manage does not read), with any user level",
    rights_to_write: "to be changed, the access-request settings need user level ORG_ADMIN and scope \
                      idn:access-request-config:manage",
    scopes_to_read: &["idn:access-request-config:read"],
    scopes_to_write: &["idn:access-request-config:manage"],
    levels_to_write: &["ORG_ADMIN"],
};

fn same(value: &Value) -> Option<Value> {
    Some(value.clone())
}

/// The text of the flat generations as the list of the nested ones. Null has no list: there the tenant's default decides,
/// and an absent list means no approval.
fn steps_of_schemes(value: &Value) -> Option<Value> {
    schemes::steps(value.as_str()?).iter().map(|scheme| steps::from_scheme(scheme)).collect()
}

/// Shorthand for the sentences of a switch.
const fn loosens(sentence: &'static str) -> Meaning {
    super::impact::meaning(Impact::Loosens, sentence)
}

const fn tightens(sentence: &'static str) -> Meaning {
    super::impact::meaning(Impact::Tightens, sentence)
}
