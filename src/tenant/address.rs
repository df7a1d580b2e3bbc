//! Where a tenant is, and whether credentials may go there.

use std::fmt;

use reqwest::Url;
use thiserror::Error;

use crate::resource::host;

/// Domains that serve pages for people, with the API domain of the same tenants.
const UI_DOMAINS: [(&str, &str); 4] = [
    ("identitynow.com", "api.identitynow.com"),
    ("identitynow-demo.com", "api.identitynow-demo.com"),
    ("saas.sailpointfedramp.com", "api.saas.sailpointfedramp.com"),
    ("login.sailpoint.com", "api.identitynow.com"),
];

/// The base address of one tenant's API: `https`, or `http` on this machine, and nothing after the port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    text: String,
    host: String,
    port: u16,
    plain: bool,
    loopback: bool,
}

/// What is wrong with an address. No message repeats the address itself, which may hold a misplaced secret.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AddressError {
    /// Not a URL with a scheme and a host.
    #[error("not the address of a tenant")]
    Malformed,
    /// A scheme other than `https`, or `http` to another machine.
    #[error("the address of {host} does not use https")]
    NotHttps {
        /// The host that was named.
        host: String,
    },
    /// There is a user name or a password before the host.
    #[error("the address of {host} carries a user name or password")]
    UserInfo {
        /// The host that was named.
        host: String,
    },
    /// The host serves the pages, not the API.
    #[error("{host} is the tenant's web page, not its API")]
    WebPage {
        /// The host that was named.
        host: String,
        /// The address of the API of the same tenant.
        suggestion: String,
    },
    /// There is a path, a query or a fragment after the host.
    #[error("the address of {host} goes on after the host")]
    Path {
        /// The host that was named.
        host: String,
        /// The address without what is too much.
        suggestion: String,
    },
    /// Not SailPoint's host, not this machine, and not in the list of allowed hosts.
    #[error("{host} is not a host of SailPoint, so no credentials are sent to it")]
    NotAllowed {
        /// The host, with its port when that is not 443; the form that the list of allowed hosts takes.
        host: String,
    },
    /// An entry in the list of allowed hosts that is not a host.
    #[error("entry {entry} of SAILPLAN_ALLOWED_HOSTS is not a host")]
    AllowedEntry {
        /// Which entry, counted from one.
        entry: usize,
    },
}

impl AddressError {
    /// Returns what to write instead.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Malformed => "write it as https://TENANT.api.identitynow.com".to_owned(),
            Self::NotHttps { .. } => "write https://; only localhost, 127.0.0.1 and [::1] may use http".to_owned(),
            Self::UserInfo { host } => {
                format!("write https://{host} and give the client id and secret on their own")
            }
            Self::WebPage { suggestion, .. } | Self::Path { suggestion, .. } => {
                format!("write {suggestion}")
            }
            Self::NotAllowed { host } => format!(
                "write https://TENANT.api.identitynow.com, even where the pages have an address of their own, or add {host} to the environment variable SAILPLAN_ALLOWED_HOSTS if it may have the credentials"
            ),
            Self::AllowedEntry { .. } => "write HOST, HOST:PORT, HOST:* or *.DOMAIN, without https://".to_owned(),
        }
    }
}

impl Address {
    /// Reads a base address. One slash at the end is dropped; nothing else is repaired.
    ///
    /// # Errors
    ///
    /// When it is not the bare address of an API host.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        // The URL standard drops tabs and line ends inside an address and turns backslashes round.
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(AddressError::Malformed);
        }
        // Without this check `https:host` would pass, and `localhost:8080` be the scheme `localhost`.
        if !text.contains("://") {
            return Err(AddressError::Malformed);
        }
        let url = Url::parse(text).map_err(|_| AddressError::Malformed)?;
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
            return Err(AddressError::Malformed);
        };
        let host = host.to_owned();
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::UserInfo { host });
        }
        if let Some(suggestion) = api_address(&host) {
            return Err(AddressError::WebPage { host, suggestion });
        }
        let loopback = is_loopback(&url);
        let plain = match url.scheme() {
            "https" => false,
            "http" if loopback => true,
            _ => return Err(AddressError::NotHttps { host }),
        };
        let bare = url.origin().ascii_serialization();
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(AddressError::Path { host, suggestion: bare });
        }
        Ok(Self {
            port: url.port_or_known_default().ok_or(AddressError::Malformed)?,
            text: bare,
            host,
            plain,
            loopback,
        })
    }

    /// Returns the address without a slash at the end, such as `https://acme.api.identitynow.com`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns what is the same for every way to write the address of one tenant: this machine has several names.
    #[must_use]
    pub fn place(&self) -> String {
        match self.loopback {
            true => format!("{}://loopback:{}", if self.plain { "http" } else { "https" }, self.port),
            false => self.text.clone(),
        }
    }

    /// Returns the host without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Returns whether the tenant is on this machine: `localhost`, 127.0.0.0/8 or `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Returns whether the address is `http`, which only this machine may use.
    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn is_loopback(url: &Url) -> bool {
    // `url` does not export its host type through reqwest; the text of an address has one form only.
    url.host_str().is_some_and(host::is_loopback)
}

/// Returns the API address of the tenant whose pages `host` serves.
fn api_address(host: &str) -> Option<String> {
    UI_DOMAINS.iter().find_map(|(domain, api)| {
        let name = host.strip_suffix(domain)?.strip_suffix('.')?;
        (!name.is_empty() && !name.contains('.') && name != "api").then(|| format!("https://{name}.{api}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, AddressError> {
        Address::parse(text).map(|address| address.as_str().to_owned())
    }

    #[test]
    fn one_slash_at_the_end_is_dropped_and_the_host_is_written_one_way() {
        for (given, kept) in [
            ("https://acme.api.identitynow.com", "https://acme.api.identitynow.com"),
            ("https://acme.api.identitynow.com/", "https://acme.api.identitynow.com"),
            ("HTTPS://Acme.API.identitynow.com:443", "https://acme.api.identitynow.com"),
            ("http://localhost:8080/", "http://localhost:8080"),
            ("http://127.0.0.1:1", "http://127.0.0.1:1"),
            ("http://[::1]:99", "http://[::1]:99"),
        ] {
            assert_eq!(parse(given), Ok(kept.to_owned()), "{given}");
        }
    }

    #[test]
    fn what_is_not_a_bare_address_is_refused_without_repeating_it() {
        let path = |host: &str, suggestion: &str| AddressError::Path {
            host: host.to_owned(),
            suggestion: suggestion.to_owned(),
        };
        let not_https = |host: &str| AddressError::NotHttps { host: host.to_owned() };
        for (given, error) in [
            ("", AddressError::Malformed),
            ("acme", AddressError::Malformed),
            ("acme.api.identitynow.com", AddressError::Malformed),
            ("localhost:8080", AddressError::Malformed),
            ("https://", AddressError::Malformed),
            (" https://acme.api.identitynow.com", AddressError::Malformed),
            ("https://acme.api.identity\tnow.com", AddressError::Malformed),
            ("https:\\\\acme.api.identitynow.com", AddressError::Malformed),
            ("http://acme.api.identitynow.com", not_https("acme.api.identitynow.com")),
            ("http://127.0.0.1.example.com", not_https("127.0.0.1.example.com")),
            ("ftp://localhost", not_https("localhost")),
            ("https://id:s3cret@acme.example", AddressError::UserInfo { host: "acme.example".to_owned() }),
            ("https://acme.example:8443/v3", path("acme.example", "https://acme.example:8443")),
            ("https://acme.example//", path("acme.example", "https://acme.example")),
            ("https://acme.example?token=s3cret", path("acme.example", "https://acme.example")),
            ("https://acme.example/#s3cret", path("acme.example", "https://acme.example")),
        ] {
            let found = Address::parse(given).unwrap_err();
            assert_eq!(found, error, "{given}");
            let shown = format!("{found} {} {found:?}", found.hint());
            assert!(!shown.contains("s3cret"), "{shown}");
        }
    }

    #[test]
    fn the_host_of_the_pages_gets_the_api_host_suggested() {
        for (given, suggestion) in [
            ("https://acme.identitynow.com", "https://acme.api.identitynow.com"),
            ("https://acme.identitynow.com/ui/admin", "https://acme.api.identitynow.com"),
            ("http://acme.identitynow-demo.com", "https://acme.api.identitynow-demo.com"),
            ("https://acme.saas.sailpointfedramp.com", "https://acme.api.saas.sailpointfedramp.com"),
            ("https://acme.login.sailpoint.com", "https://acme.api.identitynow.com"),
        ] {
            let error = Address::parse(given).unwrap_err();
            assert_eq!(error.hint(), format!("write {suggestion}"), "{given}");
        }
    }
}
