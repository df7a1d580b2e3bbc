//! The just-in-time (JIT) activation policy: which entitlements are held only while activated, for how long, and who is
//! told (SailPoint API reference, JIT Access, "Get JIT activation policy configuration" and "Update JIT activation policy
//! configuration", 2026-08-22).

use super::impact::{self, Impact, Judgement, Loosest, meaning};
use super::kind::minutes::Minutes;
use super::kind::set::{ENTITLEMENT_IDS, RECIPIENTS};
use super::kind::{flag::Flag, text::Text};
use super::reference::Referent;
use super::{End, Generation, Part, Question, Resource, Rule, Setting, Touched, Write};

const UNTIL_WHEN: &str =
    "Until when there has to be no maximum (no date ends that by itself): ask who asked for the change";

/// The resource.
pub(super) static RESOURCE: Resource = Resource {
    documentation: "https://developer.sailpoint.com/docs/api/v2026/get-jit-activation-config",
    name: "jitActivationPolicy",
    title: "JIT activation policy",
    about: "The just-in-time activation policy: which entitlements can be held only while activated, for how long, and \
            who is told.",
    instances: None,
    generations: &[
        Generation {
            name: "v1",
            path: "/jit-activation-config/v1/policy",
            write_path: None,
            experimental: true,
            deprecation: None,
            end: None,
            overrides: None,
        },
        Generation {
            name: "v2026",
            path: "/v2026/jit-activation-config/policy",
            write_path: None,
            experimental: true,
            deprecation: None,
            end: Some(End { off: "Q1 2029", successor: "v1" }),
            overrides: None,
        },
    ],
    default_generation: Some("v2026"),
    current: "v1",
    write: Write::Patch,
    settings: &[
        Setting {
            pointer: "/entitlementIds",
            kind: &ENTITLEMENT_IDS,
            nullable: true,
            generations: &[],
            moved: None,
            about: "The entitlements under JIT control: users hold them only while activated. A set; an entitlement \
                    that leaves it may be held permanently.",
            impact: Judgement::Of(impact::entitlements, Loosest::Nothing),
            default: None,
        },
        Setting {
            pointer: "/maxActivationPeriodMins",
            kind: &Minutes,
            nullable: true,
            generations: &[],
            moved: None,
            about: "The longest time that a single activation may last. null: no limit is set.",
            impact: Judgement::Ceiling { subject: "A single activation will last at most" },
            default: None,
        },
        Setting {
            pointer: "/maxActivationPeriodExtensionMins",
            kind: &Minutes,
            nullable: true,
            generations: &[],
            moved: None,
            about: "The longest time by which a running activation may be extended. null: no limit is set.",
            impact: Judgement::Ceiling { subject: "A running activation will be extended by at most" },
            default: None,
        },
        Setting {
            pointer: "/defaultMaxActivationPeriodMins",
            kind: &Minutes,
            nullable: true,
            generations: &[],
            moved: None,
            about: "The time that is offered when a user asks for an activation; at most maxActivationPeriodMins.",
            impact: Judgement::Default { subject: "Activations will be offered for" },
            default: None,
        },
        Setting {
            pointer: "/defaultMaxActivationPeriodExtensionMins",
            kind: &Minutes,
            nullable: true,
            generations: &[],
            moved: None,
            about: "The time that is offered when a user extends a running activation; at most \
                    maxActivationPeriodExtensionMins.",
            impact: Judgement::Default { subject: "Extensions will be offered for" },
            default: None,
        },
        Setting {
            pointer: "/notificationRecipients",
            kind: &RECIPIENTS,
            nullable: true,
            generations: &[],
            moved: None,
            about: "The e-mail addresses that are told about activations. A set; letter case does not matter.",
            impact: Judgement::Of(impact::recipients, Loosest::Nothing),
            default: None,
        },
        Setting {
            pointer: "/notificationTemplate",
            kind: &Text { examples: &["jit_activation_notice"], is_id: false, referent: Some(Referent::Template) },
            nullable: true,
            generations: &[],
            moved: None,
            about: "The name or key of the e-mail template for activation messages.",
            impact: Judgement::Of(impact::template, Loosest::Unknown),
            default: None,
        },
        Setting {
            pointer: "/applyToFutureAssignments",
            kind: &Flag,
            nullable: false,
            generations: &[],
            moved: None,
            about: "Whether the JIT policy also covers entitlements that are assigned to users later.",
            impact: Judgement::Flag {
                on: meaning(
                    Impact::Tightens,
                    "Entitlements that are assigned to people later will fall under JIT control as well",
                ),
                off: meaning(
                    Impact::Loosens,
                    "Entitlements that are assigned to people later will stay outside JIT control and may be held permanently",
                ),
            },
            default: None,
        },
    ],
    objects: &[],
    read_only: &["/id"],
    counterparts: &[],
    moves: &[],
    shapes: &[],
    rules: &[
        Rule::Together {
            first: "/maxActivationPeriodMins",
            second: "/maxActivationPeriodExtensionMins",
            subject: "Activation and extension together will last at most",
            each: ["a single activation", "an extension"],
        },
        Rule::AtMost { lesser: "/defaultMaxActivationPeriodMins", greater: "/maxActivationPeriodMins" },
        Rule::AtMost {
            lesser: "/defaultMaxActivationPeriodExtensionMins",
            greater: "/maxActivationPeriodExtensionMins",
        },
        Rule::Joint {
            first: Part::set("/defaultMaxActivationPeriodMins"),
            second: Part::cleared("/maxActivationPeriodMins"),
            sentence: "The time that is offered is not a limit: without a maximum, a user may ask for as long as the tenant allows, perhaps without any limit",
        },
        Rule::Joint {
            first: Part::off("/applyToFutureAssignments"),
            second: Part::loses_members("/notificationRecipients"),
            sentence: "Entitlements that are assigned to people later may be held permanently, and recipients of today will no longer be told of activations",
        },
    ],
    touches: &[
        Touched::of("/entitlementIds", "everyone who holds or activates one of these entitlements").asking(
            "what becomes of those who hold one now is not documented",
            &[
                "How many people hold one of these entitlements now: ask an administrator of the tenant",
                "What becomes of people who hold one of these entitlements now (SailPoint documents nothing): ask SailPoint",
            ],
        )
        .by_member(
            "what leaves: everyone who holds it or is given it, and may then hold it permanently",
            "what joins: everyone who holds it or is given it, and may then have it only while it is activated",
        )
        .undone("Whether access that is given meanwhile stays is not documented: look at it separately."),
        Touched::of("/maxActivation", "everyone who activates an entitlement under JIT control").asking(
            "whether activations that run now change is not documented",
            &["Whether activations that run now change (SailPoint documents nothing): ask SailPoint"],
        )
        .undone("Whether activations that run then end earlier is not documented: look at them separately."),
        Touched::of(
            "/defaultMax",
            "everyone who activates an entitlement under JIT control, unless they ask for another period",
        ),
        Touched::of("/notification", "those who get the messages about activations"),
        Touched::of("/applyToFutureAssignments", "everyone who is assigned an entitlement from then on").asking(
            "whether of any entitlement or only of one under JIT control, and what becomes of earlier assignments, is not documented",
            &["Whether this is about any entitlement that is assigned later or only about those under JIT control, and what becomes of \
             earlier assignments (SailPoint documents nothing): ask SailPoint"],
        )
        .undone("Whether entitlements that are assigned meanwhile come under JIT control is not documented: look at them separately."),
    ],
    questions: &[
        Question {
            of: Part::cleared("/maxActivationPeriodMins"),
            sentence: "How long an activation may last without a maximum, alone and with its extensions, is for the tenant to \
                       allow, perhaps without any limit: ask an administrator of the tenant",
        },
        Question { of: Part::cleared("/maxActivationPeriodMins"), sentence: UNTIL_WHEN },
        Question {
            of: Part::cleared("/maxActivationPeriodExtensionMins"),
            sentence: "How long an extension may last without a maximum is for the tenant to allow, perhaps without any limit: \
                       ask an administrator of the tenant",
        },
        Question { of: Part::cleared("/maxActivationPeriodExtensionMins"), sentence: UNTIL_WHEN },
    ],
    beside: &[],
    when_missing: "no JIT activation policy is stored, or the feature is not enabled; the API cannot create one: save \
                   the policy once in the tenant's admin console, then plan again",
    rights_to_read: "to be read, the JIT activation policy needs user level POLICY_ADMIN (ORG_ADMIN may work too) and scope \
                     idn:jit-policy:read or idn:jit-policy:manage",
    rights_to_write: "to be changed, the JIT activation policy needs user level POLICY_ADMIN (ORG_ADMIN may work too) and scope \
                      idn:jit-policy:update or idn:jit-policy:manage",
    scopes_to_read: &["idn:jit-policy:read", "idn:jit-policy:manage"],
    scopes_to_write: &["idn:jit-policy:update", "idn:jit-policy:manage"],
    levels_to_write: &["POLICY_ADMIN", "ORG_ADMIN"],
};
