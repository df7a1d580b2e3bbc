//! Who may request access, for whom, and under which conditions.

use super::super::Setting;
use super::super::impact::{Impact, disrupting, meaning};
use super::{SERVICE, flag, loosens, tightens};

pub(super) const MACHINE_ENABLED: &str = "/machineIdentityAccessRequestEnabled";
pub(super) const MACHINE_BY_ANYONE: &str = "/requestOnBehalfOfConfig/allowRequestOnBehalfOfForMachineIdentity";
pub(super) const MACHINE_BY_OWNER: &str = "/requestOnBehalfOfConfig/allowRequestForMachineByOwner";

pub(super) const SETTINGS: &[Setting] = &[
    flag(
        "/approvalsMustBeExternal",
        &[],
        "Whether approvals are made in an external system only. While true, the Request Center is closed for everyone \
         but org admins.",
        disrupting(
            Impact::Tightens,
            "The Request Center closes for everyone but org admins; approvals are made in an external system",
        ),
        meaning(Impact::Review, "The Request Center opens for everyone; approvals are made in SailPoint again"),
    ),
    flag(
        "/reauthorizationEnabled",
        &[],
        "Whether people sign in again before they ask for access that is configured so (limited release).",
        tightens("People have to sign in again before they ask for access that demands it"),
        loosens("Nobody has to sign in again before asking for sensitive access"),
    ),
    flag(
        "/govGroupVisibilityEnabled",
        &["v2026", "v2"],
        "Whether requesters, and the people they request for, see the names of up to ten members of a governance group \
         while a request awaits that group's approval.",
        meaning(Impact::Review, "Requesters see who is in a governance group while its approval is awaited"),
        meaning(Impact::Neutral, "Requesters no longer see who is in a governance group"),
    ),
    flag(
        MACHINE_ENABLED,
        &["v2"],
        "Whether access can be requested for machine identities at all.",
        loosens("Access can be requested for machine identities"),
        disrupting(Impact::Tightens, "Every request for a machine identity is rejected"),
    ),
    flag(
        "/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone",
        &[],
        "Whether anyone may ask for access for anyone.",
        loosens("Anyone will be able to request access for anyone"),
        tightens("People can no longer request access for just anyone"),
    ),
    flag(
        "/requestOnBehalfOfConfig/allowRequestOnBehalfOfEmployeeByManager",
        &[],
        "Whether managers may ask for access for the people who report to them.",
        loosens("Managers will be able to request access for the people who report to them"),
        tightens("Managers can no longer request access for the people who report to them"),
    ),
    flag(
        MACHINE_BY_ANYONE,
        SERVICE,
        "Whether anyone may ask for access for machine identities. While false, admins may, and owners where \
         allowRequestForMachineByOwner is true.",
        loosens("Anyone will be able to request access for machine identities"),
        tightens("Not everyone can request access for machine identities any longer"),
    ),
    flag(
        MACHINE_BY_OWNER,
        SERVICE,
        "Whether the owner of a machine identity may ask for access for it.",
        loosens("Owners of machine identities will be able to request access for them"),
        tightens("Owners of machine identities can no longer request access for them"),
    ),
];
