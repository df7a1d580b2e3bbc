//! Requests for entitlements as v2024 and later have them: an object for granting, one for revoking, approvers as lists.

use super::super::Setting;
use super::super::impact::{Judgement, Loosest, access};
use super::super::kind::Kind;
use super::super::kind::duration::Duration;
use super::super::kind::steps::Steps;
use super::super::kind::text::Text;
use super::{NESTED, SERVICE, flag, loosens, tightens};

pub(super) const GRANTING: &str = "/entitlementRequestConfig/accessRequestConfig/approvalSchemes";
pub(super) const REQUEST_COMMENT: &str = "/entitlementRequestConfig/accessRequestConfig/requestCommentRequired";
pub(super) const DENIAL_COMMENT: &str = "/entitlementRequestConfig/accessRequestConfig/denialCommentRequired";

pub(super) const SETTINGS: &[Setting] = &[
    nullable(
        GRANTING,
        &Steps,
        NESTED,
        "Who approves requests for entitlements, in order. GOVERNANCE_GROUP and WORKFLOW need an approverId; WORKFLOW \
         stands alone. []: no approval at all.",
        Judgement::Of(access::granting, Loosest::Nothing),
    ),
    flag(
        REQUEST_COMMENT,
        NESTED,
        "Whether a comment is needed to request an entitlement.",
        tightens("Requests for entitlements need a comment"),
        loosens("Requests for entitlements no longer need a comment"),
    ),
    flag(
        DENIAL_COMMENT,
        NESTED,
        "Whether a comment is needed to deny a request for an entitlement.",
        tightens("Denying a request for an entitlement needs a comment"),
        loosens("Denying a request for an entitlement no longer needs a comment"),
    ),
    flag(
        "/entitlementRequestConfig/accessRequestConfig/reauthorizationRequired",
        NESTED,
        "Whether people sign in again before they ask for an entitlement.",
        tightens("People have to sign in again before they ask for an entitlement"),
        loosens("People no longer have to sign in again before they ask for an entitlement"),
    ),
    flag(
        "/entitlementRequestConfig/accessRequestConfig/requireEndDate",
        NESTED,
        "Whether a request for an entitlement must name the day on which the access ends.",
        tightens("Requests for entitlements must name the day on which the access ends"),
        loosens("Requests for entitlements need no end date any longer, so access may stay for good"),
    ),
    nullable(
        "/entitlementRequestConfig/accessRequestConfig/maxPermittedAccessDuration",
        &Duration,
        NESTED,
        "The longest time for which access to an entitlement can be requested: a value and a timeUnit of HOURS, DAYS, \
         WEEKS or MONTHS. null: no limit.",
        Judgement::Of(access::access_duration, Loosest::Nothing),
    ),
    nullable(
        "/entitlementRequestConfig/accessRequestConfig/formDefinitionId",
        &Text { examples: &["78258e80-e9e2-4e1a-a11f-ce0b7c62f25d"] },
        SERVICE,
        "The id of the form that requesters of an entitlement fill in. null: no form.",
        Judgement::Of(access::form, Loosest::Unknown),
    ),
    nullable(
        "/entitlementRequestConfig/revocationRequestConfig/approvalSchemes",
        &Steps,
        NESTED,
        "Who approves requests to revoke an entitlement, in order. []: no approval.",
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
    Setting { pointer, kind, nullable: true, generations, moved: None, about, impact }
}
