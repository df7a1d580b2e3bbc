//! Requests for entitlements as beta and v3 have them: fields side by side, approvers as one text.

use super::super::impact::{Impact, Judgement, Loosest, Weight, access, disrupting};
use super::super::kind::schemes::Schemes;
use super::super::{Documented, Setting};
use super::{FLAT, flag, loosens, tightens};

pub(super) const ENTITLEMENTS: &str = "/entitlementRequestConfig/allowEntitlementRequest";
pub(super) const REQUEST_COMMENTS: &str = "/entitlementRequestConfig/requestCommentsRequired";
pub(super) const DENIED_COMMENTS: &str = "/entitlementRequestConfig/deniedCommentsRequired";
pub(super) const SCHEMES: &str = "/entitlementRequestConfig/grantRequestApprovalSchemes";

pub(super) const SETTINGS: &[Setting] = &[
    flag(
        ENTITLEMENTS,
        FLAT,
        "Whether single entitlements can be requested.",
        loosens("It will be possible to request single entitlements").weighing(Weight::OpensToSome),
        disrupting(Impact::Tightens, "It will not be possible to request single entitlements"),
    ),
    flag(
        REQUEST_COMMENTS,
        FLAT,
        "Whether a comment is needed to request an entitlement.",
        tightens("Requests for entitlements will need a comment, unless a source or entitlement has its own rule"),
        loosens("Requests for entitlements will need no comment, unless a source or entitlement has its own rule"),
    ),
    flag(
        DENIED_COMMENTS,
        FLAT,
        "Whether a comment is needed to deny a request for an entitlement.",
        tightens(
            "Denying a request for an entitlement will need a comment, unless a source or entitlement has its own rule",
        ),
        loosens(
            "Denying a request for an entitlement will need no comment, unless a source or entitlement has its own rule",
        ),
    ),
    Setting {
        pointer: SCHEMES,
        kind: &Schemes,
        nullable: true,
        generations: FLAT,
        moved: None,
        about: "Who approves requests for entitlements, in order: entitlementOwner, sourceOwner, manager, workgroup:ID. \
                Written as a list or as one text with commas. []: no approval at all. A source or entitlement with \
                its own rule is not bound by it.",
        impact: Judgement::Of(access::schemes, Loosest::Empty),
        default: Some(Documented::Text("sourceOwner")),
    },
];
