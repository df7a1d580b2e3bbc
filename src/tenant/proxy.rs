//! The proxy on the way to a tenant, as the HTTP library finds it.

use std::env;

use hyper_util::client::proxy::matcher::Matcher;

use super::address::Address;

/// The variables that name a proxy for `https`, in the order in which the library asks: of each pair the first that is set.
const VARIABLES: [[&str; 2]; 2] = [["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"]];

/// A proxy that requests go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// The variable of the environment that names it; `None` if the system's settings do.
    pub variable: Option<&'static str>,
    /// Its host, with its port if it is named; never a user or a password.
    pub host: String,
}

impl Proxy {
    /// Returns the proxy on the way to an address; `None` if requests go there directly.
    #[must_use]
    pub fn on_the_way_to(address: &Address) -> Option<Proxy> {
        if address.is_loopback() {
            return None;
        }
        let found = Matcher::from_system().intercept(&address.as_str().parse().ok()?)?;
        let host = found.uri().host()?;
        let host = match found.uri().port_u16() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        // A value that is not an address is passed over.
        let names_one = |name: &&str| {
            let matcher = env::var(name).ok().map(|value| Matcher::builder().all(value).build());
            let uri = address.as_str().parse();
            matcher.zip(uri.ok()).is_some_and(|(matcher, uri)| matcher.intercept(&uri).is_some())
        };
        let set = |pair: &[&'static str; 2]| pair.iter().find(|name| env::var(name).is_ok()).copied();
        let variable = VARIABLES.iter().filter_map(set).find(|name| names_one(name));
        Some(Proxy { variable, host })
    }
}
