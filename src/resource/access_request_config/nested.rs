//! Requests for entitlements as v2024 and later have them: an object for granting, one for revoking, approvers as lists.

use super::super::Setting;
use super::super::impact::{Judgement, Loosest, Weight, access};
use super::super::kind::Kind;
use super::super::kind::duration::Duration;
use super::super::kind::steps::Steps;
use super::super::kind::text::Text;
use super::super::reference::Referent;
use super::{NESTED, SERVICE, flag, loosens, tightens};

pub(super) const GRANTING: &str = "/entitlementRequestConfig/accessRequestConfig/approvalSchemes";
pub(super) const REQUEST_COMMENT: &str = "/entitlementRequestConfig/accessRequestConfig/requestCommentRequired";
pub(super) const SIGN_IN: &str = "/entitlementRequestConfig/accessRequestConfig/reauthorizationRequired";
pub(super) const DENIAL_COMMENT: &str = "/entitlementRequestConfig/accessRequestConfig/denialCommentRequired";
pub(super) const END_DATE: &str = "/entitlementRequestConfig/accessRequestConfig/requireEndDate";
pub(super) const LONGEST: &str = "/entitlementRequestConfig/accessRequestConfig/maxPermittedAccessDuration";

pub(super) const SETTINGS: &[Setting] = &[
    nullable(
        GRANTING,
        &Steps,
        NESTED,
        "Who approves requests for entitlements, in order. GOVERNANCE_GROUP and WORKFLOW need an approverId; WORKFLOW \
         stands alone, and SailPoint documents it for single entitlements only. []: no approval at all. A source or \
         entitlement with its own rule is not bound by it.",
        Judgement::Of(access::granting, Loosest::Empty),
    ),
    flag(
        REQUEST_COMMENT,
        NESTED,
        "Whether a comment is needed to request an entitlement.",
        tightens("Requests for entitlements will need a comment, unless a source or entitlement has its own rule"),
        loosens("Requests for entitlements will need no comment, unless a source or entitlement has its own rule"),
    ),
    flag(
        DENIAL_COMMENT,
        NESTED,
        "Whether a comment is needed to deny a request for an entitlement.",
        tightens(
            "Denying a request for an entitlement will need a comment, unless a source or entitlement has its own rule",
        ),
        loosens(
            "Denying a request for an entitlement will need no comment, unless a source or entitlement has its own rule",
        ),
    ),
    flag(
        SIGN_IN,
        NESTED,
        "Whether approvers must sign in again to approve a request for an entitlement; reauthorizationEnabled switches the \
         feature on.",
        tightens(
            "Approvers will have to sign in again before they approve a request for an entitlement, unless a source or entitlement has its own rule",
        ),
        loosens(
            "Approvers will not have to sign in again before they approve a request for an entitlement, unless a source or entitlement has its own rule",
        ),
    ),
    flag(
        END_DATE,
        NESTED,
        "Whether a request for an entitlement must name the day on which the access ends.",
        tightens(
            "Requests for entitlements will have to name the day on which the access ends, unless a source or entitlement has its own rule",
        ),
        loosens(
            "Requests for entitlements will need no end date, so access may stay for good, unless a source or entitlement has its own rule",
        )
        .weighing(Weight::RemovesLimit),
    ),
    nullable(
        LONGEST,
        &Duration,
        NESTED,
        "The longest time for which access to an entitlement can be requested: a value and a timeUnit of HOURS, DAYS, \
         WEEKS or MONTHS. null: no limit.",
        Judgement::Of(access::access_duration, Loosest::Nothing),
    ),
    nullable(
        "/entitlementRequestConfig/accessRequestConfig/formDefinitionId",
        &Text { examples: &["78258e80-e9e2-4e1a-a11f-ce0b7c62f25d"], is_id: true, referent: Some(Referent::Form) },
        SERVICE,
        "The id of the form that requesters of an entitlement fill in. null: no form.",
        Judgement::Of(access::form, Loosest::Unknown),
    ),
    nullable(
        "/entitlementRequestConfig/revocationRequestConfig/approvalSchemes",
        &Steps,
        NESTED,
        "Who approves requests to revoke an entitlement, in order. []: no approval. A source or entitlement with its own \
         rule is not bound by it.",
        Judgement::Of(access::revoking, Loosest::Unknown),
    ),
];

const fn nullable(
    pointer: &'static str,
    kind: &'static dyn Kind,
    generations: &'static [&'static str],
    about: &'static str,
    impact: Judgement,
) -> Setting {
    Setting { pointer, kind, nullable: true, generations, moved: None, about, impact, default: None }
}
