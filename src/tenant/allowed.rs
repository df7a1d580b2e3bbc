//! Which hosts may have credentials.

use reqwest::Url;

use super::address::{Address, AddressError};
use crate::resource::host::{API_DOMAINS, DEMO_DOMAIN, is_below};

/// Hosts beyond SailPoint's own that may have credentials, as the environment names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedHosts(Vec<AllowedHost>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct AllowedHost {
    /// Every host below `host` instead of `host` itself.
    below: bool,
    host: String,
    /// `None`: every port.
    port: Option<u16>,
}

impl AllowedHosts {
    /// Reads the value of `SAILPLAN_ALLOWED_HOSTS`: `HOST`, `HOST:PORT`, `HOST:*` or `*.DOMAIN`, separated by commas or blanks.
    /// Without a port, only 443 is meant.
    ///
    /// # Errors
    ///
    /// When an entry is not a host.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        text.split(|c: char| c == ',' || c.is_whitespace())
            .filter(|entry| !entry.is_empty())
            .enumerate()
            .map(|(at, entry)| AllowedHost::parse(entry).ok_or(AddressError::AllowedEntry { entry: at + 1 }))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl AllowedHost {
    fn parse(entry: &str) -> Option<Self> {
        let (below, rest) = match entry.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, entry),
        };
        let (rest, every_port) = match rest.strip_suffix(":*") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        if rest.is_empty() || rest.contains(['/', '*', '@', '?', '#', '\\']) {
            return None;
        }
        // Read like an address, so that both sides have the same form: lower case, punycode, short IPv6.
        let url = Url::parse(&format!("https://{rest}")).ok()?;
        let port = url.port_or_known_default()?;
        if every_port && port != 443 {
            return None;
        }
        Some(Self { below, host: url.host_str()?.to_owned(), port: (!every_port).then_some(port) })
    }

    fn covers(&self, address: &Address) -> bool {
        let host = if self.below { is_below(address.host(), &self.host) } else { address.host() == self.host };
        host && self.port.is_none_or(|port| address.port() == port)
    }
}

impl Address {
    /// Lets credentials go to SailPoint's API hosts and to `allowed`; to this machine also where `loopback` says that they
    /// belong there.
    ///
    /// A settings repository may be edited by people who must not collect the tenant's secret, so the address
    /// alone cannot decide: on a shared machine anyone may listen on a port of it.
    ///
    /// # Errors
    ///
    /// When the host is none of these.
    pub fn check_credentials_allowed(&self, allowed: &AllowedHosts, loopback: bool) -> Result<(), AddressError> {
        let mut domains = API_DOMAINS.into_iter().chain([DEMO_DOMAIN]);
        let sailpoint = self.port() == 443 && domains.any(|domain| is_below(self.host(), domain));
        if self.is_loopback() && loopback || sailpoint || allowed.0.iter().any(|entry| entry.covers(self)) {
            return Ok(());
        }
        let host = match self.port() {
            443 => self.host().to_owned(),
            port => format!("{}:{port}", self.host()),
        };
        Err(AddressError::NotAllowed { host })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(address: &str, hosts: &str) -> Result<(), AddressError> {
        let hosts = AllowedHosts::parse(hosts).unwrap();
        Address::parse(address).unwrap().check_credentials_allowed(&hosts, false)
    }

    #[test]
    fn credentials_go_to_this_machine_only_if_they_belong_there_or_it_is_named() {
        for (address, named) in [
            ("http://127.9.9.9:8080", "127.9.9.9:8080"),
            ("https://[::1]", "[::1]"),
            ("http://localhost", "localhost:80"),
            ("http://127.0.0.1:9", "127.0.0.1:*"),
            ("https://127.0.0.1:9", "*.example, 127.0.0.1:*"),
        ] {
            let parsed = Address::parse(address).unwrap();
            assert_eq!(parsed.check_credentials_allowed(&AllowedHosts::default(), true), Ok(()), "{address}");
            assert!(allowed(address, "").is_err(), "{address}");
            assert!(allowed(address, "127.0.0.1, localhost, other.example:*").is_err(), "{address}");
            assert_eq!(allowed(address, named), Ok(()), "{address}");
        }
    }

    #[test]
    fn credentials_go_to_sailpoint() {
        for address in [
            "https://acme.api.identitynow.com",
            "https://acme.api.identitynow-demo.com",
            "https://acme.api.saas.sailpointfedramp.com",
        ] {
            assert_eq!(allowed(address, ""), Ok(()), "{address}");
        }
        for (address, host) in [
            ("https://api.identitynow.com", "api.identitynow.com"),
            ("https://evilapi.identitynow.com.example", "evilapi.identitynow.com.example"),
            ("https://acme.notapi.identitynow.com", "acme.notapi.identitynow.com"),
            ("https://acmeapi.identitynow.org", "acmeapi.identitynow.org"),
            ("https://acme.api.identitynow.com:8443", "acme.api.identitynow.com:8443"),
            ("https://acme.api.identitynow.com.", "acme.api.identitynow.com."),
            ("https://localhost.example", "localhost.example"),
            ("https://[::2]:444", "[::2]:444"),
        ] {
            let error = AddressError::NotAllowed { host: host.to_owned() };
            assert_eq!(allowed(address, ""), Err(error), "{address}");
        }
    }

    #[test]
    fn the_environment_can_allow_more_hosts() {
        let hosts = "gateway.example, Other.Example:8443\n*.corp.example";
        for address in ["https://gateway.example", "https://other.example:8443", "https://a.b.corp.example"] {
            assert_eq!(allowed(address, hosts), Ok(()), "{address}");
        }
        for address in
            ["https://gateway.example:8443", "https://other.example", "https://corp.example", "https://xcorp.example"]
        {
            assert!(allowed(address, hosts).is_err(), "{address}");
        }
    }

    #[test]
    fn an_allowed_host_that_is_none_is_named_by_its_number() {
        for text in
            ["good.example, https://bad.example", "a b/c", "a *", "a *.*", "a x@y", "a h:99999", "a h:1:*", "a :*"]
        {
            let error = AddressError::AllowedEntry { entry: 2 };
            assert_eq!(AllowedHosts::parse(text), Err(error), "{text}");
        }
    }
}
