//! Hosts: where SailPoint serves its API, and which are this machine.

use std::net::Ipv4Addr;

/// The domains of SailPoint's API; the tenant's name is in front.
pub const API_DOMAINS: [&str; 2] = ["api.identitynow.com", "api.saas.sailpointfedramp.com"];

/// The same for demo tenants.
pub const DEMO_DOMAIN: &str = "api.identitynow-demo.com";

/// Returns whether `host` is a name below `domain`; the domain itself is not.
pub fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.')).is_some_and(|rest| !rest.is_empty())
}

/// Returns whether a host is this machine: `localhost`, 127.0.0.0/8 or `[::1]`.
pub fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "[::1]") || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}
