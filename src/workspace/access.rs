//! Where a tenant is and how to get in, from a workspace or from the environment. Credentials are tied to hosts here, so
//! that anyone who can edit an address cannot collect them.

mod credentials;
mod location;
mod pasted;
#[cfg(test)]
mod tests;
mod variables;

pub use location::Location;

use std::path::Path;

use self::credentials::{belongs, from_file, of_variables};
use self::location::{harmless, location, plain_practice};
use self::pasted::{bare, blank};
use self::variables::{BASE_URL, CLIENT_ID, CLIENT_SECRET, not_set, set_credentials, several_unset};
use crate::failure::Failure;
use crate::tenant::{Address, AllowedHosts, Credentials};
use crate::workspace::{self, Template};

/// Where a tenant is and how to get in.
#[derive(Debug)]
pub struct Access {
    /// Where it is.
    pub location: Location,
    /// Its credentials; a practice tenant takes any.
    pub credentials: Option<Credentials>,
}

/// A tenant's address as plans name it, and the way in or why there is none.
#[derive(Debug)]
pub struct Found {
    /// The address in the one form that digests and receipts use; never more than scheme, host, port and path.
    pub url: String,
    /// The way in.
    pub access: Result<Access, Failure>,
}

impl Found {
    /// Returns the address, where it is known and not that of a practice tenant.
    pub fn address(&self) -> Option<Address> {
        match &self.access {
            Ok(Access { location: Location::Address(address), .. }) => Some(address.clone()),
            _ => Address::parse(&self.url).ok(),
        }
    }

    /// Returns what is the same for every way to write the address, see [`place`].
    pub fn place(&self) -> String {
        self.address().map_or_else(|| self.url.clone(), |address| address.place())
    }
}

/// Returns what is the same for every way to write the address of one tenant, from the address that plans name.
pub fn place(url: &str) -> String {
    Address::parse(url).map_or_else(|_| url.to_owned(), |address| address.place())
}

/// Finds the way to a tenant of a workspace. `folder` is that of the workspace file, `secrets` are the names of all
/// variables that hold secrets in it.
pub fn of_tenant(
    tenant: &workspace::Tenant,
    secrets: &[&str],
    folder: &Path,
    variable: impl Fn(&str) -> Option<String>,
) -> Found {
    let template = || harmless(&tenant.url.text);
    let secret = tenant.url.variables().find(|name| secrets.contains(name) || sounds_secret(name));
    if let Some(name) = secret {
        let message = format!("{}: `url` uses {name}, which may hold a secret", tenant.url.place);
        let access =
            Err(Failure::failed(message, "write the address itself, or use a variable that holds only an address"));
        return Found { url: template(), access };
    }
    let url = match expand(&tenant.url, &variable) {
        Ok(url) => url,
        Err(error) => {
            let failure = several_unset(tenant, &variable).unwrap_or(error);
            return Found { url: template(), access: Err(failure) };
        }
    };
    let own = tenant.client_id.as_ref().zip(tenant.client_secret.as_ref());
    let uses_sail = |template: &Template| template.variables().any(|name| name == CLIENT_ID || name == CLIENT_SECRET);
    let sail = own.is_none_or(|(id, secret)| uses_sail(id) && uses_sail(secret));
    // What a variable holds is shown, and looked up, only if it can be no secret.
    if let Some(name) = tenant.url.variables().next()
        && let Err(what) = allowed(&url, sail, &variable)
    {
        let message = format!("{}: the value of {name} {what}", tenant.url.place);
        let help = format!("set {name} to the whole address of the tenant, such as https://TENANT.api.identitynow.com");
        return Found { url: template(), access: Err(Failure::failed(message, help)) };
    }
    found(&url, folder, |address| match own {
        Some((id, secret)) => {
            if uses_sail(id) || uses_sail(secret) {
                belongs(address, None, &variable)?;
            }
            if let Some(failure) = several_unset(tenant, &variable) {
                return Err(failure);
            }
            of_templates(id, secret, sail, &variable).map(Some)
        }
        None => of_variables(address, None, &variable),
    })
}

/// Reads the credentials that a workspace names, from variables and files. `loopback` permits to send them to this machine.
fn of_templates(
    id: &Template,
    secret: &Template,
    loopback: bool,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<Credentials, Failure> {
    let look_up = |name: &str| match name.strip_prefix("file:") {
        Some(file) => from_file(file, variable).ok(),
        None => variable(name),
    };
    for name in id.variables().chain(secret.variables()) {
        if let Some(file) = name.strip_prefix("file:") {
            from_file(file, variable)?;
        }
        bare(name, &look_up)?;
    }
    Ok(Credentials { client_id: expand(id, &look_up)?, client_secret: expand(secret, &look_up)?.into(), loopback })
}

/// Checks that the value of a variable is an address that may be shown and looked up; returns why it is not.
fn allowed(url: &str, sail: bool, variable: &impl Fn(&str) -> Option<String>) -> Result<(), &'static str> {
    if url.starts_with("practice:") {
        return Ok(());
    }
    if let Some(what) = blank(url) {
        return Err(what);
    }
    let address = Address::parse(url).map_err(|_| "is not the address of a tenant")?;
    let hosts = variable("SAILPLAN_ALLOWED_HOSTS").unwrap_or_default();
    // Entries that cannot be read are reported before anything is sent; here they allow nothing.
    let hosts = AllowedHosts::parse(&hosts).unwrap_or_default();
    let own = sail && belongs(&address, None, variable).is_ok();
    address
        .check_credentials_allowed(&hosts, own)
        .map_err(|_| "is an address of neither SailPoint nor a host in SAILPLAN_ALLOWED_HOSTS")
}

/// Finds the way to the one tenant of a run without a workspace: at `--url`, else at `SAIL_BASE_URL`. If neither is there,
/// the address is empty.
pub fn of_environment(flag: Option<&str>, variable: impl Fn(&str) -> Option<String>) -> Found {
    let Some(url) = flag.map(str::to_owned).or_else(|| variable(BASE_URL)) else {
        let credentials: Vec<&str> =
            [CLIENT_ID, CLIENT_SECRET].into_iter().filter(|name| variable(name).is_none()).collect();
        let unset: Vec<&str> = std::iter::once(BASE_URL).chain(credentials.iter().copied()).collect();
        let mut failure = Failure::failed(
            format!("no tenant is named: {}", not_set(&unset)),
            format!(
                "set {BASE_URL} to the tenant's address, https://TENANT.api.identitynow.com, or give it with --url"
            ),
        );
        failure.help.extend((!credentials.is_empty()).then(|| set_credentials(&credentials)));
        failure.help.push("or describe tenants in a workspace: sailplan init".to_owned());
        return Found { url: String::new(), access: Err(failure) };
    };
    if flag.is_none()
        && let Err(error) = bare(BASE_URL, &variable)
    {
        return Found { url: harmless(&url), access: Err(error) };
    }
    if let (false, Err(error)) = (url.starts_with("practice:"), location(&url, Path::new(""))) {
        let source = if flag.is_some() { "--url" } else { BASE_URL };
        let access = Err(Failure { message: format!("{source}: {}", error.message), ..error });
        return Found { url: harmless(&url), access };
    }
    found(&url, Path::new(""), |address| {
        let credentials = of_variables(address, flag, &variable)?;
        // A workspace may name others; here there are none but these.
        let unset = [CLIENT_ID, CLIENT_SECRET];
        credentials.map(Some).ok_or_else(|| Failure::failed(not_set(&unset), set_credentials(&unset)))
    })
}

fn found(
    url: &str,
    folder: &Path,
    credentials: impl FnOnce(&Address) -> Result<Option<Credentials>, Failure>,
) -> Found {
    match location(url, folder) {
        Err(error) => Found { url: harmless(url), access: Err(error) },
        Ok(location @ Location::Practice(_)) => {
            Found { url: plain_practice(url, folder), access: Ok(Access { location, credentials: None }) }
        }
        Ok(Location::Address(address)) => Found {
            url: address.as_str().to_owned(),
            access: credentials(&address)
                .map(|credentials| Access { location: Location::Address(address), credentials }),
        },
    }
}

fn expand(template: &Template, variable: &impl Fn(&str) -> Option<String>) -> Result<String, Failure> {
    template.expand(variable).map_err(|problem| {
        let failure = Failure::failed(format!("{}: {}", template.place, problem.message), "");
        Failure { help: problem.help, ..failure }
    })
}

fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["SECRET", "PASSWORD", "PASSWD", "TOKEN", "CREDENTIAL"].iter().any(|word| name.contains(word))
}
