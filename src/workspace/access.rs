//! Where a tenant is and how to get in, from a workspace or from the environment. Credentials are tied to hosts here, so
//! that whoever can edit an address cannot collect them.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::tenant::{Address, Credentials};
use crate::text::disk::{Disk, Files as _};
use crate::workspace::{self, Template};

/// The client id that SailPoint's own tools read from the environment.
const CLIENT_ID: &str = "SAIL_CLIENT_ID";
/// The client secret that SailPoint's own tools read from the environment.
const CLIENT_SECRET: &str = "SAIL_CLIENT_SECRET";
/// The address to which the two belong.
const BASE_URL: &str = "SAIL_BASE_URL";

/// Where a tenant lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// An address on the network.
    Address(Address),
    /// A practice tenant embedded in sailplan, kept in this file.
    Practice(PathBuf),
}

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

/// Finds the way to a tenant of a workspace. `folder` is that of the workspace file, `secrets` are the names of all
/// variables that hold secrets in it.
pub fn of_tenant(
    tenant: &workspace::Tenant,
    secrets: &[&str],
    folder: &Path,
    variable: impl Fn(&str) -> Option<String>,
) -> Found {
    let secret = tenant.url.variables().find(|name| secrets.contains(name) || sounds_secret(name));
    if let Some(name) = secret {
        let message = format!("{}: `url` uses {name}, which may hold a secret", tenant.url.place);
        let access =
            Err(Failure::failed(message, "write the address itself, or use a variable that holds only an address"));
        return Found { url: harmless(&tenant.url.text), access };
    }
    let url = match expand(&tenant.url, &variable) {
        Ok(url) => url,
        Err(error) => return Found { url: harmless(&tenant.url.text), access: Err(error) },
    };
    found(&url, folder, |address| match (&tenant.client_id, &tenant.client_secret) {
        (Some(id), Some(secret)) => {
            if [id, secret].iter().any(|one| one.variables().any(|name| name == CLIENT_ID || name == CLIENT_SECRET)) {
                belongs(address, None, &variable)?;
            }
            Ok(Some(Credentials {
                client_id: expand(id, &variable)?,
                client_secret: expand(secret, &variable)?.into(),
            }))
        }
        _ => of_variables(address, None, &variable),
    })
}

/// Finds the way to the one tenant of a run without a workspace: at `--url`, else at `SAIL_BASE_URL`.
pub fn of_environment(flag: Option<&str>, variable: impl Fn(&str) -> Option<String>) -> Found {
    let Some(url) = flag.map(str::to_owned).or_else(|| variable(BASE_URL)) else {
        let access = Err(Failure::failed(
            "no tenant is named".to_owned(),
            "set SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET, give --url, or write a workspace (sailplan init)",
        ));
        return Found { url: String::new(), access };
    };
    found(&url, Path::new(""), |address| of_variables(address, flag, &variable))
}

fn found(
    url: &str,
    folder: &Path,
    credentials: impl FnOnce(&Address) -> Result<Option<Credentials>, Failure>,
) -> Found {
    match location(url, folder) {
        Err(error) => Found { url: harmless(url), access: Err(error) },
        Ok(location @ Location::Practice(_)) => {
            Found { url: plain_practice(url), access: Ok(Access { location, credentials: None }) }
        }
        Ok(Location::Address(address)) => Found {
            url: address.as_str().to_owned(),
            access: credentials(&address)
                .map(|credentials| Access { location: Location::Address(address), credentials }),
        },
    }
}

/// Returns `practice:FILE` with the file in the one form that digests and receipts use.
fn plain_practice(url: &str) -> String {
    let file = url.strip_prefix("practice:").unwrap_or(url);
    let plain: PathBuf = Path::new(file).components().filter(|one| *one != std::path::Component::CurDir).collect();
    format!("practice:{}", plain.display())
}

/// Reads a tenant's URL: `practice:FILE` relative to `folder` and inside it, or an address.
fn location(url: &str, folder: &Path) -> Result<Location, Failure> {
    let Some(file) = url.strip_prefix("practice:") else {
        return match Address::parse(url) {
            Ok(address) => Ok(Location::Address(address)),
            Err(error) => Err(Failure::failed(error.to_string(), error.hint())),
        };
    };
    let help = "name a file inside that folder, such as practice:.sailplan/tenant.json";
    if file.is_empty() {
        return Err(Failure::failed("`practice:` has no file behind it".to_owned(), help));
    }
    match Disk.confined(folder, Path::new(file)) {
        Some(path) => Ok(Location::Practice(path)),
        None => {
            Err(Failure::failed(format!("the practice tenant's file {file} leads out of the workspace's folder"), help))
        }
    }
}

fn expand(template: &Template, variable: &impl Fn(&str) -> Option<String>) -> Result<String, Failure> {
    template.expand(variable).map_err(|problem| {
        let failure = Failure::failed(format!("{}: {}", template.place, problem.message), "");
        Failure { help: problem.help, ..failure }
    })
}

/// Returns the credentials of the environment, if it has any and they belong to `address`.
fn of_variables(
    address: &Address,
    flag: Option<&str>,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<Option<Credentials>, Failure> {
    let (Some(client_id), Some(secret)) = (variable(CLIENT_ID), variable(CLIENT_SECRET)) else { return Ok(None) };
    belongs(address, flag, variable)?;
    Ok(Some(Credentials { client_id, client_secret: secret.into() }))
}

/// Checks that `SAIL_CLIENT_*` belong to `address`: to the host and port of `SAIL_BASE_URL` or, where that is unset, to
/// the address that was typed on the command line. An address in a file alone is no proof.
fn belongs(address: &Address, flag: Option<&str>, variable: &impl Fn(&str) -> Option<String>) -> Result<(), Failure> {
    let owner = variable(BASE_URL).or_else(|| flag.map(str::to_owned));
    match owner.map(|owner| Address::parse(&owner)) {
        Some(Ok(owner)) if owner.as_str() == address.as_str() => Ok(()),
        Some(_) => Err(Failure::failed(
            "SAIL_CLIENT_ID and SAIL_CLIENT_SECRET belong to the address in SAIL_BASE_URL, and this is another"
                .to_owned(),
            "set SAIL_BASE_URL to this tenant's address, or give the tenant variables of its own in the workspace",
        )),
        None => Err(Failure::failed(
            "SAIL_CLIENT_ID and SAIL_CLIENT_SECRET are set without SAIL_BASE_URL, the address that they belong to"
                .to_owned(),
            "set SAIL_BASE_URL to this tenant's address, or give the tenant variables of its own in the workspace",
        )),
    }
}

fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["SECRET", "PASSWORD", "PASSWD", "TOKEN", "CREDENTIAL"].iter().any(|word| name.contains(word))
}

/// Returns an address that could not be used without the parts in which people put secrets by mistake.
fn harmless(url: &str) -> String {
    let plain = url.split(['?', '#']).next().unwrap_or_default();
    match (plain.split_once("://"), plain.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        (None, Some((_, host))) => host.to_owned(),
        (Some(_), None) => plain.to_owned(),
        // Without a scheme it may be anything, a pasted secret included.
        (None, None) if plain.starts_with("practice:") || plain.contains("${") => plain.to_owned(),
        (None, None) => "not an address".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::problem::Place;
    use crate::text::yaml::Source;

    const SAIL: [(&str, &str); 3] = [
        ("SAIL_BASE_URL", "https://acme.api.identitynow.com"),
        ("SAIL_CLIENT_ID", "sail-id"),
        ("SAIL_CLIENT_SECRET", "sail-secret"),
    ];

    fn lookup(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        let variables: Vec<(String, String)> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        move |name| variables.iter().find(|(one, _)| one == name).map(|(_, value)| value.clone())
    }

    fn template(text: &str) -> Template {
        Template { text: text.to_owned(), place: Place { source: Source::new("sailplan.yaml", "x"), span: 0..1 } }
    }

    /// The address as shown, and the client id that would be used or what is wrong.
    fn outcome(found: Found) -> (String, Result<Option<String>, String>) {
        let access = found.access.map(|access| access.credentials.map(|one| one.client_id));
        (found.url, access.map_err(|error| error.message))
    }

    fn tenant(
        url: &str,
        credentials: Option<(&str, &str)>,
        variables: &[(&str, &str)],
    ) -> (String, Result<Option<String>, String>) {
        let tenant = workspace::Tenant {
            name: "prod".to_owned(),
            url: template(url),
            labels: Vec::new(),
            client_id: credentials.map(|(id, _)| template(id)),
            client_secret: credentials.map(|(_, secret)| template(secret)),
            settings: Vec::new(),
            guardrails: Default::default(),
        };
        outcome(of_tenant(&tenant, &["ACME_KEY"], Path::new(""), lookup(variables)))
    }

    #[test]
    fn the_variables_of_the_environment_serve_the_address_they_belong_to() {
        let other = "SAIL_CLIENT_ID and SAIL_CLIENT_SECRET belong to the address in SAIL_BASE_URL, and this is another";
        let alone =
            "SAIL_CLIENT_ID and SAIL_CLIENT_SECRET are set without SAIL_BASE_URL, the address that they belong to";
        let acme = "https://acme.api.identitynow.com";
        let evil = "https://evil.api.identitynow.com";
        let port = "https://acme.api.identitynow.com:8443";
        let template = Some(("${SAIL_CLIENT_ID}", "${SAIL_CLIENT_SECRET}"));
        let own = Some(("${ID}", "${ACME_KEY}"));
        let used = Ok(Some("sail-id".to_owned()));
        let refused = |why: &str| Err(why.to_owned());
        assert_eq!(tenant(acme, None, &SAIL), (acme.to_owned(), used.clone()));
        assert_eq!(tenant(evil, None, &SAIL), (evil.to_owned(), refused(other)));
        assert_eq!(tenant(port, None, &SAIL), (port.to_owned(), refused(other)));
        assert_eq!(tenant(acme, None, &SAIL[1..]), (acme.to_owned(), refused(alone)));
        assert_eq!(tenant(acme, template, &SAIL), (acme.to_owned(), used.clone()));
        assert_eq!(tenant(evil, template, &SAIL), (evil.to_owned(), refused(other)));
        let variables = [("ID", "own-id"), ("ACME_KEY", "own-secret"), SAIL[0], SAIL[1], SAIL[2]];
        assert_eq!(tenant(evil, own, &variables), (evil.to_owned(), Ok(Some("own-id".to_owned()))));
        let flag = |url: &str, variables: &[(&str, &str)]| outcome(of_environment(Some(url), lookup(variables)));
        assert_eq!(flag(evil, &SAIL), (evil.to_owned(), refused(other)));
        assert_eq!(flag(acme, &SAIL[1..]), (acme.to_owned(), used));
    }

    #[test]
    fn an_address_shows_no_secret() {
        let environment = |url: &str| of_environment(Some(url), lookup(&[])).url;
        assert_eq!(environment("https://id:s3cret@acme.example/x?token=abc"), "https://acme.example/x");
        assert_eq!(environment("s3cret-pasted-here"), "not an address");
        for url in ["https://${ACME_KEY}.api.identitynow.com", "${MY_TOKEN}", "https://x/${SAIL_CLIENT_SECRET}"] {
            let variables = [("ACME_KEY", "s3cret"), ("MY_TOKEN", "s3cret"), ("SAIL_CLIENT_SECRET", "s3cret")];
            let (shown, access) = tenant(url, None, &variables);
            assert_eq!(shown, url);
            assert!(access.is_err_and(|message| message.ends_with("which may hold a secret")), "{url}");
        }
    }
}
