//! Where a tenant is and how to get in, from a workspace or from the environment. Credentials are tied to hosts here, so
//! that anyone who can edit an address cannot collect them.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::tenant::{Address, AllowedHosts, Credentials};
use crate::text::characters::first_odd;
use crate::text::disk::{self, Disk, Files as _};
use crate::workspace::{self, Template};

/// The client id that SailPoint's own tools read from the environment.
const CLIENT_ID: &str = "SAIL_CLIENT_ID";
/// The client secret that SailPoint's own tools read from the environment.
const CLIENT_SECRET: &str = "SAIL_CLIENT_SECRET";
/// The folder of the files that `${file:NAME}` names.
const SECRETS_DIR: &str = "SAILPLAN_SECRETS_DIR";
/// What such a file may hold, in bytes.
const MAX_SECRET: u64 = 65_536;
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
            let look_up = |name: &str| match name.strip_prefix("file:") {
                Some(file) => from_file(file, &variable).ok(),
                None => variable(name),
            };
            for name in id.variables().chain(secret.variables()) {
                if let Some(file) = name.strip_prefix("file:") {
                    from_file(file, &variable)?;
                }
                bare(name, &look_up)?;
            }
            Ok(Some(Credentials {
                client_id: expand(id, &look_up)?,
                client_secret: expand(secret, &look_up)?.into(),
                loopback: sail,
            }))
        }
        None => of_variables(address, None, &variable),
    })
}

/// Says which variables of a tenant are not set, if there are several: one alone is told where it stands.
fn several_unset(tenant: &workspace::Tenant, variable: &impl Fn(&str) -> Option<String>) -> Option<Failure> {
    let templates = [Some(&tenant.url), tenant.client_id.as_ref(), tenant.client_secret.as_ref()];
    let mut unset: Vec<&str> = Vec::new();
    let mut place = None;
    for template in templates.into_iter().flatten() {
        for name in template
            .variables()
            .filter(|name| workspace::is_variable(name) && variable(name).is_none_or(|value| value.is_empty()))
        {
            place.get_or_insert(&template.place);
            if !unset.contains(&name) {
                unset.push(name);
            }
        }
    }
    let message = format!("{}: the environment variables {} are not set", place?, listed(&unset));
    (unset.len() > 1).then(|| Failure::failed(message, format!("set {} and run the command again", listed(&unset))))
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

/// Returns what is wrong with a value that people paste; never a part of the value.
fn blank(value: &str) -> Option<&'static str> {
    const QUOTES: &str = "\"'`\u{2018}\u{2019}\u{201c}\u{201d}\u{ab}\u{bb}";
    let invisible = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}');
    let ends = [value.chars().next()?, value.chars().next_back()?];
    let unfilled = |open: &str, close: &str| value.len() > 2 && value.starts_with(open) && value.ends_with(close);
    if value.contains(['\n', '\r']) {
        Some("has a line break in it")
    } else if ends.iter().any(|end| end.is_whitespace() || end.is_control() || invisible(*end)) {
        Some("begins or ends with a space")
    } else if value.len() > 1 && ends.iter().all(|end| QUOTES.contains(*end)) {
        Some("stands in quotation marks")
    } else if value.contains(char::is_control) {
        Some("has a tab or another control character in it")
    } else if first_odd(value, true).is_some() {
        Some("has a character in it that looks like another one or cannot be seen")
    } else if value.chars().all(|c| c == '*') {
        Some("is masked: it is only asterisks")
    } else if [("${", "}"), ("$(", ")"), ("{{", "}}"), ("<", ">"), ("%", "%"), ("#{", "}")]
        .into_iter()
        .any(|(open, close)| unfilled(open, close))
        || matches!(value, "null" | "None" | "undefined" | "nil" | "System.Object[]" | "[object Object]")
    {
        Some("is a placeholder that was not filled in")
    } else {
        None
    }
}

/// Returns what a file in the folder of secrets holds, without the line break at its end. Only the environment names the
/// folder, so that a pull request cannot choose what is read.
fn from_file(name: &str, variable: &impl Fn(&str) -> Option<String>) -> Result<String, Failure> {
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

/// Checks that a credential has nothing around it that was pasted with it.
fn bare(name: &str, variable: &impl Fn(&str) -> Option<String>) -> Result<(), Failure> {
    match variable(name).as_deref().and_then(blank) {
        Some(what) => {
            let named = if name.starts_with("file:") { format!("${{{name}}}") } else { name.to_owned() };
            Err(Failure::failed(
                format!("the value of {named} {what}"),
                format!("set {named} without spaces, line breaks and quotation marks around the value"),
            ))
        }
        None => Ok(()),
    }
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

/// Says that variables have no value. In CI a secret that does not exist is an empty variable.
fn not_set(names: &[&str]) -> String {
    let (are, or) = if names.len() == 1 { ("is", "it is") } else { ("are", "they are") };
    format!("{} {are} not set, or {or} empty", listed(names))
}

fn set_credentials(names: &[&str]) -> String {
    let what = match names {
        [name] if *name == CLIENT_ID => "the client id",
        [_] => "the client secret",
        _ => "the client id and secret",
    };
    format!("set {} to {what} of a personal access token or an API client of the tenant", listed(names))
}

fn listed(names: &[&str]) -> String {
    match names {
        [names @ .., last] if !names.is_empty() => format!("{} and {last}", names.join(", ")),
        _ => names.concat(),
    }
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

/// Returns `practice:FILE` with the file in the one form that digests and receipts use, whatever links lead to it.
fn plain_practice(url: &str, folder: &Path) -> String {
    let file = url.strip_prefix("practice:").unwrap_or(url);
    let plain = || Path::new(file).components().filter(|part| *part != std::path::Component::CurDir).collect();
    let top = disk::real(folder, Path::new(""));
    let real = disk::real(folder, Path::new(file))
        .zip(top)
        .and_then(|(real, top)| real.strip_prefix(top).ok().map(Path::to_owned));
    format!("practice:{}", real.unwrap_or_else(plain).display())
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
        return Err(Failure::failed("there is no file after `practice:`".to_owned(), help));
    }
    let is_git = |part: std::path::Component<'_>| part.as_os_str().eq_ignore_ascii_case(".git");
    if Path::new(file).components().any(is_git) {
        return Err(Failure::failed(format!("the practice tenant's file {file} is one of git's own"), help));
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
        let tenant = workspace_tenant(url, credentials);
        outcome(of_tenant(&tenant, &["ACME_KEY"], Path::new(""), lookup(variables)))
    }

    fn workspace_tenant(url: &str, credentials: Option<(&str, &str)>) -> workspace::Tenant {
        workspace::Tenant {
            name: "prod".to_owned(),
            url: template(url),
            labels: Vec::new(),
            client_id: credentials.map(|(id, _)| template(id)),
            client_secret: credentials.map(|(_, secret)| template(secret)),
            settings: Vec::new(),
            guardrails: Default::default(),
        }
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
    fn the_variables_that_are_missing_are_named() {
        let said = |set: &[usize]| {
            let set: Vec<(&str, &str)> = set.iter().map(|index| SAIL[*index]).collect();
            let failure = of_environment(None, lookup(&set)).access.unwrap_err();
            format!("{}\n{}", failure.message, failure.help.join("\n"))
        };
        let of = "of a personal access token or an API client of the tenant";
        let address =
            "set SAIL_BASE_URL to the tenant's address, https://TENANT.api.identitynow.com, or give it with --url";
        let workspace = "or describe tenants in a workspace: sailplan init";
        let both = format!("set SAIL_CLIENT_ID and SAIL_CLIENT_SECRET to the client id and secret {of}");
        assert_eq!(
            said(&[]),
            format!(
                "no tenant is named: SAIL_BASE_URL, SAIL_CLIENT_ID and SAIL_CLIENT_SECRET are not set, or they are \
                 empty\n{address}\n{both}\n{workspace}"
            )
        );
        assert_eq!(
            said(&[1, 2]),
            format!("no tenant is named: SAIL_BASE_URL is not set, or it is empty\n{address}\n{workspace}")
        );
        assert_eq!(said(&[0]), format!("SAIL_CLIENT_ID and SAIL_CLIENT_SECRET are not set, or they are empty\n{both}"));
        let (id, secret) = (format!("set SAIL_CLIENT_ID to the client id {of}"), "SAIL_CLIENT_SECRET");
        assert_eq!(said(&[0, 2]), format!("SAIL_CLIENT_ID is not set, or it is empty\n{id}"));
        assert_eq!(
            said(&[0, 1]),
            format!("{secret} is not set, or it is empty\nset {secret} to the client secret {of}")
        );
        let wrong = |flag: Option<&str>| of_environment(flag, lookup(&[("SAIL_BASE_URL", "acme")])).access.unwrap_err();
        assert_eq!(wrong(None).message, "SAIL_BASE_URL: not the address of a tenant");
        assert_eq!(wrong(Some("acme")).message, "--url: not the address of a tenant");
        // In a workspace they serve the tenant in SAIL_BASE_URL that has no credentials of its own.
        let (_, access) = tenant("https://acme.api.identitynow.com", None, &SAIL[..2]);
        assert_eq!(access, Err("SAIL_CLIENT_SECRET is not set, or it is empty".to_owned()));
        let (_, access) = tenant("https://acme.api.identitynow.com", None, &SAIL[..1]);
        assert_eq!(access, Ok(None));
    }

    #[test]
    fn every_variable_of_a_tenant_that_is_missing_is_named_at_once() {
        let own = Some(("${ID}", "${ACME_KEY}"));
        let acme = "https://acme.api.identitynow.com";
        let why = |url: &str, variables: &[(&str, &str)]| {
            let (url, access) = tenant(url, own, variables);
            (url, access.unwrap_err())
        };
        let said = |names: &str| format!("sailplan.yaml:1:1: the environment variable{names} not set");
        assert_eq!(why("${ADDRESS}", &[]), ("${ADDRESS}".to_owned(), said("s ADDRESS, ID and ACME_KEY are")));
        assert_eq!(why("${ADDRESS}", &[("ID", "i"), ("ACME_KEY", "k")]).1, said(" ADDRESS is"));
        assert_eq!(why("${ADDRESS}", &[("ADDRESS", acme)]), (acme.to_owned(), said("s ID and ACME_KEY are")));
        assert_eq!(why(acme, &[("ID", "i"), ("ACME_KEY", "")]).1, said(" ACME_KEY is"));
        // What must not be shown is not shown because something else is missing.
        assert_eq!(why("${ADDRESS}", &[("ADDRESS", "s3cret")]).0, "${ADDRESS}");
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

    #[test]
    fn a_variable_in_the_address_is_an_allowed_address_or_is_not_shown() {
        let own = Some(("${ID}", "${ACME_KEY}"));
        let shown = |value: &str, hosts: &str| {
            let variables =
                [("ADDRESS", value), ("SAILPLAN_ALLOWED_HOSTS", hosts), ("ID", "own-id"), ("ACME_KEY", "k")];
            let (url, access) = tenant("${ADDRESS}", own, &variables);
            let message = access.err().unwrap_or_default();
            assert!(value.starts_with("http") || !format!("{url} {message}").contains(value), "{url} {message}");
            (url, message.split_once("ADDRESS ").map(|(_, what)| what.to_owned()).unwrap_or_default())
        };
        let acme = "https://acme.api.identitynow.com";
        assert_eq!(shown(acme, ""), (acme.to_owned(), String::new()));
        let template = "${ADDRESS}".to_owned();
        let not_address = (template.clone(), "is not the address of a tenant".to_owned());
        let not_allowed =
            (template.clone(), "is an address of neither SailPoint nor a host in SAILPLAN_ALLOWED_HOSTS".to_owned());
        for value in ["s3cret-in-the-wrong-variable", "s3cret.example", "https://id:s3cret@acme.api.identitynow.com"] {
            assert_eq!(shown(value, ""), not_address, "{value}");
        }
        for value in ["https://s3cret.example", "http://127.0.0.1:9", "https://acme.api.identitynow.com:8443"] {
            assert_eq!(shown(value, ""), not_allowed, "{value}");
        }
        for (value, hosts) in [("https://gateway.example", "gateway.example"), ("http://127.0.0.1:9", "127.0.0.1:*")] {
            assert_eq!(shown(value, hosts), (value.to_owned(), String::new()));
        }
        let broken = format!("{acme}\n");
        assert_eq!(shown(&broken, ""), (template, "has a line break in it".to_owned()));
    }

    #[test]
    fn a_practice_tenant_is_the_same_whatever_leads_to_its_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("states")).unwrap();
        std::os::unix::fs::symlink("states", folder.path().join("link")).unwrap();
        let url = |file: &str| found(&format!("practice:{file}"), folder.path(), |_| Ok(None)).url;
        for file in ["states/t.json", "./states/t.json", "x/../states/t.json", "link/t.json", "link/../link/t.json"] {
            assert_eq!(url(file), "practice:states/t.json", "{file}");
        }
        let git = found("practice:.git", folder.path(), |_| Ok(None)).access.unwrap_err();
        assert_eq!(git.message, "the practice tenant's file .git is one of git's own");
    }

    #[test]
    fn what_was_pasted_around_a_credential_is_named() {
        let acme = "https://acme.api.identitynow.com";
        for (value, what) in [
            ("s3cret\n", "has a line break in it"),
            (" s3cret", "begins or ends with a space"),
            ("s3cret\u{a0}", "begins or ends with a space"),
            ("\u{feff}s3cret", "begins or ends with a space"),
            ("\"s3cret\"", "stands in quotation marks"),
            ("\u{201c}s3cret\u{201d}", "stands in quotation marks"),
            ("s3\tcret", "has a tab or another control character in it"),
            ("s3\u{200b}cret", "has a character in it that looks like another one or cannot be seen"),
            ("s3\u{2013}cret", "has a character in it that looks like another one or cannot be seen"),
            ("s3\u{441}ret", "has a character in it that looks like another one or cannot be seen"),
            ("********", "is masked: it is only asterisks"),
            ("${ACME_KEY}", "is a placeholder that was not filled in"),
            ("{{ acme_key }}", "is a placeholder that was not filled in"),
            ("$(ACME_KEY)", "is a placeholder that was not filled in"),
            ("<secret>", "is a placeholder that was not filled in"),
            ("null", "is a placeholder that was not filled in"),
        ] {
            let variables = [("ID", "own-id"), ("ACME_KEY", value)];
            let (_, access) = tenant(acme, Some(("${ID}", "${ACME_KEY}")), &variables);
            assert_eq!(access, Err(format!("the value of ACME_KEY {what}")));
            let sail = [SAIL[0], ("SAIL_CLIENT_ID", value), SAIL[2]];
            let (_, access) = outcome(of_environment(None, lookup(&sail)));
            assert_eq!(access, Err(format!("the value of SAIL_CLIENT_ID {what}")));
        }
        let base = [("SAIL_BASE_URL", "https://acme.api.identitynow.com\r\n")];
        let (_, access) = outcome(of_environment(None, lookup(&base)));
        assert_eq!(access, Err("the value of SAIL_BASE_URL has a line break in it".to_owned()));
    }

    #[test]
    fn a_credential_can_be_a_file_of_the_folder_of_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let acme = "https://acme.api.identitynow.com";
        let path = folder.path().to_str().unwrap();
        let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        put("prod-id", "own-id\n");
        put("prod.secret", "own-secret\r\n");
        put("empty", "\n");
        put("pasted", "two\nlines\n");
        std::fs::create_dir(folder.path().join("folder")).unwrap();
        let access = |id: &str, secret: &str, folder: &str| {
            let variables = [("SAILPLAN_SECRETS_DIR", folder)];
            let tenant = workspace_tenant(acme, Some((id, secret)));
            let found = of_tenant(&tenant, &[], Path::new(""), lookup(&variables));
            found.access.map(|access| access.credentials.unwrap()).map_err(|failure| failure.message)
        };
        let credentials = access("${file:prod-id}", "${file:prod.secret}", path).unwrap();
        use secrecy::ExposeSecret as _;
        assert_eq!(credentials.client_id, "own-id");
        assert_eq!(credentials.client_secret.expose_secret(), "own-secret");
        assert!(!credentials.loopback);
        let why = |name: &str, folder: &str| access("id", &format!("${{file:{name}}}"), folder).unwrap_err();
        assert_eq!(why("prod.secret", ""), "${file:prod.secret} is a file in SAILPLAN_SECRETS_DIR, which is not set");
        assert_eq!(why("empty", path), "${file:empty} cannot be read: it is empty");
        assert_eq!(why("pasted", path), "the value of ${file:pasted} has a line break in it");
        for name in ["gone", "folder"] {
            let message = why(name, path);
            assert!(message.starts_with(&format!("${{file:{name}}} cannot be read: ")), "{message}");
        }
        // Nothing outside of the folder has such a name.
        for name in ["../x", "a/b", ".hidden", ""] {
            let message = why(name, path);
            assert!(!message.contains("own-"), "{message}");
            assert!(!crate::workspace::is_source(&format!("file:{name}")), "{name}");
        }
    }

    #[test]
    fn credentials_of_a_workspace_may_not_go_to_this_machine_unless_it_is_named() {
        let loopback = |credentials: Option<(&str, &str)>| {
            let here = "http://127.0.0.1:8080";
            let variables = [("SAIL_BASE_URL", here), SAIL[1], SAIL[2], ("ID", "own-id"), ("ACME_KEY", "own-secret")];
            let tenant = workspace_tenant(here, credentials);
            let found = of_tenant(&tenant, &[], Path::new(""), lookup(&variables));
            found.access.unwrap().credentials.unwrap().loopback
        };
        assert!(loopback(None));
        assert!(loopback(Some(("${SAIL_CLIENT_ID}", "${SAIL_CLIENT_SECRET}"))));
        assert!(!loopback(Some(("${ID}", "${ACME_KEY}"))));
        assert!(!loopback(Some(("${SAIL_CLIENT_ID}", "${ACME_KEY}"))));
    }
}
