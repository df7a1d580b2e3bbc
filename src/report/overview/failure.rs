//! What failed, and the failures of several tenants that differ only in their hosts and in SailPoint's ids of the requests as
//! one.

use std::borrow::Cow;

use serde::Serialize;

use super::{Longest, Tenants};
use crate::documents::in_words::host;
use crate::documents::plan::ErrorEntry;
use crate::report::alike::{alike, with_word};
use crate::text::list::few;

/// Stands for the host where several tenants have each their own.
pub(in crate::report) const OWN_HOST: &str = "the tenant's host";

/// Of how many requests the id is told, if there are several.
const IDS: usize = 3;

/// Something that failed.
#[derive(Clone, Debug, Serialize)]
pub struct FailureView {
    /// The tenant, and the resource if it is only that.
    pub place: String,
    /// What happened.
    pub message: String,
    /// The same for an approver, if the message is for an engineer.
    pub plain: Option<&'static str>,
    /// Whether the settings files ask for the same there as elsewhere; `None` if nothing changes elsewhere, or it is not known.
    pub asks: Option<String>,
    /// What the tenant said about it, its id of the request included.
    pub details: Vec<String>,
    /// What to do next.
    pub help: Vec<String>,
    /// The document, if it is only that.
    #[serde(skip)]
    document: Option<String>,
    #[serde(skip)]
    tenant: String,
    #[serde(skip)]
    host: String,
    #[serde(skip)]
    tracking_id: Option<String>,
}

/// What failed in the same way in one or several tenants.
#[derive(Debug, Serialize)]
pub struct Failed {
    /// The tenant with what of it failed, if it is a single one.
    pub place: Option<String>,
    /// The document, if it is only that of several tenants.
    pub document: Option<String>,
    /// The tenants.
    pub tenants: Tenants,
    /// What happened.
    pub message: String,
    /// The same for an approver, if the message is for an engineer.
    pub plain: Option<&'static str>,
    /// Whether the settings files ask for the same there as elsewhere.
    pub asks: Option<String>,
    /// What the tenants said about it, each once.
    pub details: Vec<String>,
    /// What to do next.
    pub help: Vec<String>,
}

impl FailureView {
    /// Returns the failure of a tenant in words.
    pub fn of(tenant: &str, url: &str, error: &ErrorEntry, longest: Longest) -> FailureView {
        let mut details = longest.texts(&error.details);
        details.extend(error.tracking_id.as_ref().map(|id| longest.text(&tracked(id))));
        FailureView {
            place: longest.text(tenant),
            message: longest.text(&error.message),
            plain: None,
            asks: None,
            details,
            help: longest.texts(&error.help),
            document: None,
            tenant: longest.text(tenant),
            host: longest.text(host_of(url)),
            tracking_id: error.tracking_id.as_ref().map(|id| longest.text(id)),
        }
    }

    /// Says that it is the failure of one document alone.
    pub(super) fn in_document(self, document: &str, longest: Longest) -> FailureView {
        let place = longest.text(&format!("{}: {document}", self.tenant));
        FailureView { place, document: Some(longest.text(document)), ..self }
    }

    /// Returns the failures of several tenants that are the same one, as one.
    pub(in crate::report) fn merged(failures: &[&FailureView]) -> Option<FailureView> {
        let (first, others) = failures.split_first()?;
        if others.is_empty() {
            return Some((*first).clone());
        }
        let hosts_differ = others.iter().any(|failure| failure.host != first.host);
        let shown = |failure: &FailureView, text: &str| {
            if hosts_differ { failure.without_host(text).into_owned() } else { text.to_owned() }
        };
        let details = failures.iter().flat_map(|failure| failure.said().iter().map(|text| shown(failure, text)));
        let mut details: Vec<String> =
            alike(details, Clone::clone).into_iter().filter_map(|same| same.into_iter().next()).collect();
        details.extend(tracking_ids(failures));
        Some(FailureView {
            message: shown(first, &first.message),
            details,
            help: first.help.iter().map(|text| shown(first, text)).collect(),
            ..(*first).clone()
        })
    }

    /// Returns the failure without what only this tenant has: its host, and what it said, which may differ for the same failure.
    pub(in crate::report) fn common(&self) -> FailureView {
        FailureView {
            message: self.without_host(&self.message).into_owned(),
            details: Vec::new(),
            help: self.help.iter().map(|text| self.without_host(text).into_owned()).collect(),
            ..self.clone()
        }
    }

    /// Returns what the tenant said about it, without its id of the request.
    fn said(&self) -> &[String] {
        let ids = usize::from(self.tracking_id.is_some());
        self.details.get(..self.details.len().saturating_sub(ids)).unwrap_or_default()
    }

    fn without_host<'t>(&self, text: &'t str) -> Cow<'t, str> {
        with_word(text, &self.host, OWN_HOST)
    }
}

/// Returns what failed in tenants among these, each once: the name and the address of a tenant, the document if it is only
/// that, and the error.
pub fn failures<'e>(
    errors: impl Iterator<Item = (&'e str, &'e str, Option<String>, ErrorEntry)>,
    names: &[String],
) -> Vec<Failed> {
    let failures = errors.map(|(tenant, url, document, error)| {
        let failure = FailureView::of(tenant, url, &error, Longest::WHOLE);
        match document {
            Some(document) => failure.in_document(&document, Longest::WHOLE),
            None => failure,
        }
    });
    failed_alike(failures.collect::<Vec<_>>().iter(), names)
}

/// Returns failures of a plan for these tenants, each once with the tenants where it is the same.
pub(super) fn failed_alike<'f>(failures: impl Iterator<Item = &'f FailureView>, names: &[String]) -> Vec<Failed> {
    let same = |failure: &&FailureView| {
        let FailureView { message, help, document, asks, .. } = failure.common();
        (message, help, document, asks)
    };
    let failed = alike(failures, same).into_iter().filter_map(|told| {
        let FailureView { place, message, plain, asks, details, help, document, .. } = FailureView::merged(&told)?;
        let tenants = told.iter().map(|failure| failure.tenant.clone()).collect();
        let place = (told.len() == 1).then_some(place);
        Some(Failed { place, document, tenants: Tenants::among(tenants, names), message, plain, asks, details, help })
    });
    failed.collect()
}

impl Failed {
    /// Returns what failed; `list` writes names.
    pub fn told(&self, list: impl Fn(&[String]) -> String) -> String {
        match (&self.place, &self.document) {
            (Some(place), _) => list(std::slice::from_ref(place)),
            (None, Some(document)) => {
                format!("{} of {}", list(std::slice::from_ref(document)), self.tenants.told(list))
            }
            (None, None) => self.tenants.told(list),
        }
    }
}

/// Returns SailPoint's id of a request, with what it is.
pub(in crate::report) fn tracked(id: &str) -> String {
    format!("trackingId: {id}")
}

/// Returns SailPoint's ids of the requests of several tenants in a line, each with its tenant.
fn tracking_ids(failures: &[&FailureView]) -> Option<String> {
    let ids = failures.iter().filter_map(|failure| Some((failure.tracking_id.as_deref()?, failure.tenant.as_str())));
    tracked_of(ids)
}

/// Returns ids of requests in a line, each with its tenant; `None` if there is none.
pub(in crate::report) fn tracked_of<'i>(ids: impl Iterator<Item = (&'i str, &'i str)>) -> Option<String> {
    let ids: Vec<String> = ids.map(|(id, tenant)| format!("{id} ({tenant})")).collect();
    (!ids.is_empty()).then(|| tracked(&few(&ids, IDS)))
}

/// Returns the name of the host of an address.
pub(in crate::report) fn host_of(url: &str) -> &str {
    without_port(host(url))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(tenant: &str, message: &str) -> FailureView {
        let error = ErrorEntry {
            message: message.to_owned(),
            refused: false,
            details: vec!["Bad client credentials".to_owned()],
            status: Some(401),
            tracking_id: Some(format!("id-of-{tenant}")),
            help: vec![format!("it must be of {tenant}.example")],
        };
        FailureView::of(tenant, &format!("https://{tenant}.example:8443/"), &error, Longest::WHOLE)
    }

    #[test]
    fn failures_that_differ_in_the_host_alone_are_one() {
        let names: Vec<String> = (0..12).map(|number| format!("t{number}")).collect();
        let mut failures: Vec<FailureView> = names
            .iter()
            .take(5)
            .map(|name| failure(name, &format!("POST /oauth/token at {name}.example: 401")))
            .collect();
        failures.push(failure("t7", "POST /oauth/token at t7.example: 403"));
        failures.push(failure("t8", "GET /a at t8.example: 401").in_document("jitActivationPolicy", Longest::WHOLE));
        failures.push(failure("t9", "GET /a at t9.example: 401").in_document("jitActivationPolicy", Longest::WHOLE));
        let told = failed_alike(failures.iter(), &names);
        let heads: Vec<String> =
            told.iter().map(|failed| format!("{}: {}", failed.told(|names| names.join(" ")), failed.message)).collect();
        assert_eq!(
            heads,
            [
                "t0 t1 t2 t3 t4: POST /oauth/token at the tenant's host: 401",
                "t7: POST /oauth/token at t7.example: 403",
                "jitActivationPolicy of t8 t9: GET /a at the tenant's host: 401",
            ]
        );
        assert_eq!(
            told[0].details,
            ["Bad client credentials", "trackingId: id-of-t0 (t0), id-of-t1 (t1), id-of-t2 (t2) and 2 more"]
        );
        assert_eq!(told[0].help, ["it must be of the tenant's host"]);
        assert_eq!(told[1].details, ["Bad client credentials", "trackingId: id-of-t7"]);
        let everywhere = failed_alike(failures.iter().take(5), &names[..5]);
        assert_eq!(everywhere[0].told(|names| names.join(" ")), "all 5 tenants");
    }

    #[test]
    fn a_port_is_no_part_of_a_host() {
        assert_eq!(without_port("a.example:8443"), "a.example");
        assert_eq!(without_port("practice"), "practice");
    }
}
