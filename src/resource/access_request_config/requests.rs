//! Who may request access, for whom, and under which conditions.

use super::super::impact::{Impact, Weight, disrupting, meaning};
use super::super::{Documented, Setting};
use super::{SERVICE, flag, loosens, tightens};

pub(super) const EXTERNAL: &str = "/approvalsMustBeExternal";
pub(super) const REAUTHORIZATION: &str = "/reauthorizationEnabled";
pub(super) const ANYONE: &str = "/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone";
pub(super) const BY_MANAGER: &str = "/requestOnBehalfOfConfig/allowRequestOnBehalfOfEmployeeByManager";
pub(super) const MACHINE_ENABLED: &str = "/machineIdentityAccessRequestEnabled";
pub(super) const MACHINE_BY_ANYONE: &str = "/requestOnBehalfOfConfig/allowRequestOnBehalfOfForMachineIdentity";
pub(super) const MACHINE_BY_OWNER: &str = "/requestOnBehalfOfConfig/allowRequestForMachineByOwner";

pub(super) const SETTINGS: &[Setting] = &[
    flag(
        EXTERNAL,
        &[],
        "Whether approvals are made in an external system only. While true, the Request Center is closed for everyone \
         but org admins.",
        disrupting(
            Impact::Tightens,
            "The Request Center will be closed to everyone but org admins: requests will be approved in an external system only",
        ),
        meaning(Impact::Review, "The Request Center will be open to everyone; approvals will be made in SailPoint"),
    ),
    flag(
        REAUTHORIZATION,
        &[],
        "Whether approvers must sign in again (and leave a comment) to approve access that is marked for that. Needs single \
         sign-on; denying and reassigning need none.",
        tightens(
            "Approvers will have to sign in again (and leave a comment) to approve access that is marked for that",
        ),
        loosens(
            "Approvers will not have to sign in again (and leave a comment) to approve access that is marked for that",
        ),
    ),
    flag(
        "/govGroupVisibilityEnabled",
        &["v2026", "v2"],
        "Whether requesters, and the people they request for, see the names of up to ten members of a governance group \
         while a request awaits that group's approval.",
        meaning(Impact::Review, "Requesters will see who is in a governance group while its approval is awaited"),
        meaning(Impact::Neutral, "Requesters will not see who is in a governance group"),
    ),
    on_by_default(flag(
        MACHINE_ENABLED,
        &["v2"],
        "Whether access can be requested for machine identities at all.",
        loosens("It will be possible to request access for machine identities").weighing(Weight::OpensToSome),
        disrupting(Impact::Tightens, "Every access request for a machine identity will be rejected"),
    )),
    flag(
        ANYONE,
        &[],
        "Whether anyone may ask for access for anyone.",
        loosens("Anyone will be able to request access for anyone").weighing(Weight::OpensToEveryone),
        tightens("People will not be able to request access for anyone else"),
    ),
    flag(
        BY_MANAGER,
        &[],
        "Whether managers may ask for access for the people who report to them.",
        loosens("Managers will be able to request access for the people who report to them")
            .weighing(Weight::OpensToSome),
        tightens("Managers will not be able to request access for the people who report to them, unless anyone may"),
    ),
    on_by_default(flag(
        MACHINE_BY_ANYONE,
        SERVICE,
        "Whether anyone may ask for access for machine identities. While false, admins may, and owners where \
         allowRequestForMachineByOwner is true.",
        loosens("Anyone will be able to request access for machine identities").weighing(Weight::OpensToEveryone),
        tightens(
            "Only admins, and owners where that is allowed, will be able to request access for machine identities",
        ),
    )),
    flag(
        MACHINE_BY_OWNER,
        SERVICE,
        "Whether primary and secondary owners of a machine identity may ask for access for it.",
        loosens("Owners of machine identities will be able to request access for them").weighing(Weight::OpensToSome),
        tightens("Owners of machine identities will not be able to request access for them, unless anyone may"),
    ),
];

const fn on_by_default(setting: Setting) -> Setting {
    Setting { default: Some(Documented::Flag(true)), ..setting }
}
