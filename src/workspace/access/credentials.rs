//! The credentials of a tenant: from the environment or from files, and only for the address that they belong to.

use std::path::Path;

use super::pasted::bare;
use super::variables::{BASE_URL, CLIENT_ID, CLIENT_SECRET, SECRETS_DIR, not_set, set_credentials};
use crate::failure::Failure;
use crate::tenant::{Address, Credentials};
use crate::text::disk;

/// What a file in the folder of secrets may hold, in bytes.
const MAX_SECRET: u64 = 65_536;

/// Returns the credentials of the environment, if it has any and they belong to `address`.
pub(super) fn of_variables(
    address: &Address,
    flag: Option<&str>,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<Option<Credentials>, Failure> {
    let (client_id, secret) = match (variable(CLIENT_ID), variable(CLIENT_SECRET)) {
        (Some(client_id), Some(secret)) => (client_id, secret),
        (None, None) => return Ok(None),
        (client_id, _) => {
            belongs(address, flag, variable)?;
            let unset = [if client_id.is_none() { CLIENT_ID } else { CLIENT_SECRET }];
            return Err(Failure::failed(not_set(&unset), set_credentials(&unset)));
        }
    };
    belongs(address, flag, variable)?;
    [CLIENT_ID, CLIENT_SECRET].iter().try_for_each(|name| bare(name, variable))?;
    Ok(Some(Credentials { client_id, client_secret: secret.into(), loopback: true }))
}

/// Checks that `SAIL_CLIENT_*` belong to `address`: to the host and port of `SAIL_BASE_URL` or, where that is unset, to
/// the address that was typed on the command line. An address in a file alone proves nothing.
pub(super) fn belongs(
    address: &Address,
    flag: Option<&str>,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<(), Failure> {
    let owner = variable(BASE_URL).or_else(|| flag.map(str::to_owned));
    let message = match owner.map(|owner| Address::parse(&owner)) {
        Some(Ok(owner)) if owner.as_str() == address.as_str() => return Ok(()),
        Some(_) => "SAIL_CLIENT_ID and SAIL_CLIENT_SECRET belong to the address in SAIL_BASE_URL, and this is another",
        None => "SAIL_CLIENT_ID and SAIL_CLIENT_SECRET are set without SAIL_BASE_URL, the address that they belong to",
    };
    let help = "set SAIL_BASE_URL to this tenant's address, or give the tenant variables of its own in the workspace";
    Err(Failure::failed(message, help))
}

/// Returns what a file in the folder of secrets holds, without the line break at its end. Only the environment names the
/// folder, so that a pull request cannot choose what is read.
pub(super) fn from_file(name: &str, variable: &impl Fn(&str) -> Option<String>) -> Result<String, Failure> {
    let Some(folder) = variable(SECRETS_DIR).filter(|folder| !folder.is_empty()) else {
        let message = format!("${{file:{name}}} is a file in {SECRETS_DIR}, which is not set");
        return Err(Failure::failed(message, format!("set {SECRETS_DIR} to the folder that holds {name}")));
    };
    let unreadable = |why: String| {
        Failure::failed(
            format!("${{file:{name}}} cannot be read: {why}"),
            format!("put the credential into the file {name} in {SECRETS_DIR}"),
        )
    };
    let bytes = disk::read_start(&Path::new(&folder).join(name), disk::Content::Document, MAX_SECRET)
        .map_err(|problem| unreadable(problem.message))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8 text".to_owned()))?;
    let text = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    if text.is_empty() { Err(unreadable("it is empty".to_owned())) } else { Ok(text.to_owned()) }
}
