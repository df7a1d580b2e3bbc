//! The environment variables that hold the address and the credentials of a tenant, and what is said of those that are not
//! set.

use crate::failure::Failure;
use crate::text::list::joined;
use crate::workspace::Tenant;
use crate::workspace::template::is_variable;

/// The client id that SailPoint's own tools read from the environment.
pub(super) const CLIENT_ID: &str = "SAIL_CLIENT_ID";
/// The client secret that SailPoint's own tools read from the environment.
pub(super) const CLIENT_SECRET: &str = "SAIL_CLIENT_SECRET";
/// The address to which the two belong.
pub(super) const BASE_URL: &str = "SAIL_BASE_URL";
/// The folder of the files that `${file:NAME}` names.
pub(super) const SECRETS_DIR: &str = "SAILPLAN_SECRETS_DIR";

/// Says which variables of a tenant are not set, if there are several: one alone is told where it stands.
pub(super) fn several_unset(tenant: &Tenant, variable: &impl Fn(&str) -> Option<String>) -> Option<Failure> {
    let templates = [Some(&tenant.url), tenant.client_id.as_ref(), tenant.client_secret.as_ref()];
    let mut unset: Vec<&str> = Vec::new();
    let mut place = None;
    for template in templates.into_iter().flatten() {
        for name in
            template.variables().filter(|name| is_variable(name) && variable(name).is_none_or(|value| value.is_empty()))
        {
            place.get_or_insert(&template.place);
            if !unset.contains(&name) {
                unset.push(name);
            }
        }
    }
    let message = format!("{}: the environment variables {} are not set", place?, joined(&unset));
    (unset.len() > 1).then(|| Failure::failed(message, format!("set {} and run the command again", joined(&unset))))
}

/// Says that variables have no value. In CI a secret that does not exist is an empty variable.
pub(super) fn not_set(names: &[&str]) -> String {
    let (are, or) = if names.len() == 1 { ("is", "it is") } else { ("are", "they are") };
    format!("{} {are} not set, or {or} empty", joined(names))
}

/// Says what to set these variables to.
pub(super) fn set_credentials(names: &[&str]) -> String {
    let what = match names {
        [name] if *name == CLIENT_ID => "the client id",
        [_] => "the client secret",
        _ => "the client id and secret",
    };
    format!("set {} to {what} of a personal access token or an API client of the tenant", joined(names))
}
