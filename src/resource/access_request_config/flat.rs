//! Requests for entitlements as beta and v3 have them: fields side by side, approvers as one text.

use super::super::Setting;
use super::super::impact::{Impact, Judgement, Loosest, access, disrupting};
use super::super::kind::schemes::Schemes;
use super::{FLAT, flag, loosens, tightens};

pub(super) const REQUEST_COMMENTS: &str = "/entitlementRequestConfig/requestCommentsRequired";
pub(super) const DENIED_COMMENTS: &str = "/entitlementRequestConfig/deniedCommentsRequired";
pub(super) const SCHEMES: &str = "/entitlementRequestConfig/grantRequestApprovalSchemes";

pub(super) const SETTINGS: &[Setting] = &[
    flag(
        "/entitlementRequestConfig/allowEntitlementRequest",
        FLAT,
        "Whether single entitlements can be requested.",
        loosens("Single entitlements can be requested"),
        disrupting(Impact::Tightens, "Nobody can request single entitlements any longer"),
    ),
    flag(
        REQUEST_COMMENTS,
        FLAT,
        "Whether a comment is needed to request an entitlement.",
        tightens("Requests for entitlements need a comment"),
        loosens("Requests for entitlements no longer need a comment"),
    ),
    flag(
        DENIED_COMMENTS,
        FLAT,
        "Whether a comment is needed to deny a request for an entitlement.",
        tightens("Denying a request for an entitlement needs a comment"),
        loosens("Denying a request for an entitlement no longer needs a comment"),
    ),
    Setting {
        pointer: SCHEMES,
        kind: &Schemes,
        nullable: true,
        generations: FLAT,
        moved: None,
        about: "Who approves requests for entitlements, in order: entitlementOwner, sourceOwner, manager, workgroup:ID. \
                Written as a list or as one text with commas. []: no approval at all.",
        impact: Judgement::Of(access::schemes, Loosest::EmptyText),
    },
];
