//! A connection to one tenant: reads its documents and compares them, and words what goes wrong with them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::Value;

use crate::failure::Failure;
use crate::plan;
use crate::plan::tenant::Read;
use crate::practice::{self, Practice};
use crate::resource::document::{self, Live, Unfit};
use crate::resource::instances::{Standing, WHOLE};
use crate::resource::{Resource, Write, lies_in};
use crate::settings::DesiredResource;
use crate::tenant::{
    Address, AllowedHosts, ApiError, Credentials, Document, Endpoint, ErrorKind, Http, NOT_THE_TENANT, Tenant,
};
use crate::workspace::access::{Access, Location};

/// A connection to a tenant; a practice tenant runs as long as it lives.
pub struct Client {
    /// The HTTP client.
    pub tenant: Tenant,
    /// How often each document was asked for, by its path.
    asked: Mutex<HashMap<Cow<'static, str>, usize>>,
    _practice: Option<Practice>,
}

/// A live document as it was read.
#[derive(Clone, Debug)]
pub struct Fetched {
    live: Live,
    /// How often it was asked for before.
    asked_before: usize,
    deprecated: bool,
    tracking_id: Option<String>,
}

/// Makes the connection to a tenant, starting it first if it is a practice tenant. Nothing is sent.
///
/// # Errors
///
/// There are no credentials, they may not go there, or the practice tenant cannot start.
pub async fn connect(access: Access, http: &Arc<Http>, allowed: &AllowedHosts) -> Result<Client, Failure> {
    let (address, credentials, practice) = match access.location {
        Location::Practice(state) => {
            let options = practice::Options::new(state);
            let practice = Practice::start(options).map_err(|error| {
                Failure::failed(
                    format!("the practice tenant cannot start: {error:#}"),
                    "check the file that keeps its state",
                )
            })?;
            let credentials =
                Credentials { client_id: "practice".to_owned(), client_secret: "practice".into(), loopback: true };
            let address =
                Address::parse(practice.url()).map_err(|error| Failure::failed(error.to_string(), error.hint()))?;
            (address, Some(credentials), Some(practice))
        }
        Location::Address(address) => (address, access.credentials, None),
    };
    let Some(credentials) = credentials else {
        return Err(Failure::failed(
            "there are no credentials for this tenant".to_owned(),
            "set clientId and clientSecret: ${NAME} in the workspace, or SAIL_BASE_URL, SAIL_CLIENT_ID and \
             SAIL_CLIENT_SECRET in the environment",
        ));
    };
    let tenant = Tenant::new(http.clone(), address, credentials, allowed)
        .map_err(|error| Failure::failed(error.to_string(), error.hint()))?;
    let tenant = if practice.is_some() { tenant.without_budget() } else { tenant };
    Ok(Client { tenant, asked: Mutex::default(), _practice: practice })
}

impl Client {
    /// Reads the live document of a resource and compares.
    ///
    /// # Errors
    ///
    /// The tenant cannot be reached, refuses, or answers something that is not the document.
    pub async fn read(&self, desired: &DesiredResource) -> Result<Read, Failure> {
        self.compare(desired, self.fetch(desired).await?).await
    }

    /// Reads the live document of a resource.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub async fn fetch(&self, desired: &DesiredResource) -> Result<Fetched, Failure> {
        let endpoint = endpoint(desired);
        let may_be_missing = |answer: &Result<Document, ApiError>| {
            // Every answer of SailPoint has an id: without one, a gateway or a proxy says that there is nothing.
            let says_so = |error: &ApiError| *error.kind() == ErrorKind::Status(404) && error.tracking_id().is_some();
            answer.as_ref().is_err_and(says_so) && creates(desired.resource())
        };
        let mut asked_before = self.count(&endpoint);
        let mut answer = self.tenant.get(&endpoint).await;
        if may_be_missing(&answer) {
            // It may be a hiccup, and a PUT would take away all that the document has: it must be seen twice.
            asked_before = self.count(&endpoint);
            answer = self.tenant.get(&endpoint).await;
        }
        let missing = may_be_missing(&answer);
        let (live, deprecated, tracking_id) = match answer {
            Ok(Document { body, tracking_id, .. }) if document::is_foreign(desired.resource(), &body) => {
                return Err(foreign(desired, &body, tracking_id));
            }
            Ok(Document { body, deprecated, tracking_id }) => (Live::Stored(body), deprecated, tracking_id),
            Err(_) if missing => (Live::NotStored, false, None),
            Err(error) => return Err(api_failure(desired.resource(), &error)),
        };
        Ok(Fetched { live, asked_before, deprecated, tracking_id })
    }

    /// Compares a document that was read with what is desired of it.
    ///
    /// # Errors
    ///
    /// It is not the document, or not in the form that the settings are written for.
    pub async fn compare(&self, desired: &DesiredResource, fetched: Fetched) -> Result<Read, Failure> {
        let Fetched { live, asked_before, deprecated, tracking_id } = fetched;
        if let Some(refusal) = other_shape(desired, live.document()).or_else(|| unclear(desired, live.document())) {
            return Err(refusal);
        }
        let above = self.above(desired, live.document()).await;
        // It counts from the last answer: a document that is to be replaced may not have been asked of since.
        let at = Instant::now();
        let comparison = plan::compare_below(desired, live.document(), above.as_ref())
            .map_err(|unfit| nonsense(desired, &unfit, tracking_id))?;
        Ok(Read { live, at, asked_before, deprecated, comparison })
    }

    /// Returns whether the document was not asked for again since.
    pub fn is_latest(&self, desired: &DesiredResource, read: &Read) -> bool {
        self.asked().get(&endpoint(desired).path) == Some(&(read.asked_before + 1))
    }

    fn asked(&self) -> MutexGuard<'_, HashMap<Cow<'static, str>, usize>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request for a document, and returns how many there were before.
    fn count(&self, endpoint: &Endpoint) -> usize {
        let mut asked = self.asked();
        let number = asked.entry(endpoint.path.clone()).or_default();
        *number += 1;
        *number - 1
    }

    /// Reads the document whose values hold once this one is deleted; `None` if it stays, or the other cannot be read.
    async fn above(&self, desired: &DesiredResource, live: &Value) -> Option<Value> {
        let deletes = desired.get(WHOLE.pointer).is_some_and(|managed| managed.value.is_null());
        if !deletes || desired.key.standing(live) != Standing::Own {
            return None;
        }
        let endpoint = Endpoint { path: desired.generation.path_of(&desired.key.above()?) };
        self.count(&endpoint);
        self.tenant.get(&endpoint).await.ok().map(|document| document.body)
    }
}

/// A document that may be another one is not deleted. Returns the refusal.
fn unclear(desired: &DesiredResource, live: &Value) -> Option<Failure> {
    let managed = desired.get(WHOLE.pointer).filter(|managed| managed.value.is_null())?;
    (desired.key.standing(live) == Standing::Unclear).then(|| {
        let message =
            format!("the tenant does not say whose configuration it answers for {}, so it is not deleted", desired.key);
        let help = format!("delete it in the tenant's admin console, or take the line away: {}", managed.place);
        Failure::refused(message, help)
    })
}

/// Returns whether a write creates a document that the tenant does not store.
fn creates(resource: &Resource) -> bool {
    matches!(resource.write, Write::Put { create: true, .. })
}

/// Returns where the API serves a document.
pub fn endpoint(desired: &DesiredResource) -> Endpoint {
    Endpoint { path: desired.generation.path_of(&desired.key) }
}

/// Returns where the API takes a document.
pub fn write_endpoint(desired: &DesiredResource) -> Endpoint {
    Endpoint { path: desired.generation.write_path_of(&desired.key) }
}

/// Words a failure of the API for one resource.
pub fn api_failure(resource: &Resource, error: &ApiError) -> Failure {
    let mut help: Vec<String> = error.hint().into_iter().collect();
    // A token that was refused says nothing of the document.
    if let ErrorKind::Status(status) = error.kind() {
        help.extend(next_steps(resource, *status, error));
    }
    Failure {
        details: error.detail().to_vec(),
        status: error.status(),
        tracking_id: error.tracking_id().map(str::to_owned),
        help,
        ..Failure::failed(error.to_string(), "")
    }
}

/// Returns what to do about a status that the document was answered with.
fn next_steps(resource: &Resource, status: u16, error: &ApiError) -> Vec<String> {
    let reads = error.request().starts_with("GET ");
    let ask = match error.tracking_id() {
        Some(_) => "ask SailPoint's support with the trackingId",
        None => "ask SailPoint's support",
    };
    match status {
        400 if reads => vec![format!("check the address and the apiVersion; if they are right, {ask}")],
        400 => vec![
            "correct in the settings file what the tenant names, then plan again; a setting that the tenant does not have \
             yet may have to be set once in its admin console"
                .to_owned(),
        ],
        403 => vec![
            if reads { resource.rights_to_read } else { resource.rights_to_write }.to_owned(),
            "use a personal access token, which belongs to a user; new scopes may take 20 minutes to work".to_owned(),
        ],
        404 => vec![resource.when_missing.to_owned()],
        409 => vec!["another change may be under way: run sailplan plan, then apply again".to_owned()],
        401 | 407 | 408 | 429 => Vec::new(),
        402..=499 => vec![ask.to_owned()],
        _ => Vec::new(),
    }
}

/// Settings written for one form of an object say nothing about the other. Returns the refusal, with the managed settings
/// that lie inside the object; `None` if none does.
fn other_shape(desired: &DesiredResource, live: &Value) -> Option<Failure> {
    let resource = desired.resource();
    let (own, other) = document::other_shape(resource, desired.generation, live)?;
    let concerned = desired.settings.iter().filter(|managed| lies_in(managed.setting.pointer, own.object));
    let details: Vec<String> =
        concerned.map(|managed| format!("{} is managed at {}", managed.setting, managed.place)).collect();
    if details.is_empty() {
        return None;
    }
    let fitting = match resource.current().filter(|current| other.generations.contains(&current.name)) {
        Some(current) => {
            format!("apiVersion {}; sailplan migrate --to {0} --offline rewrites the settings files", current.name)
        }
        None => format!("apiVersion {}", other.generations.join(" or ")),
    };
    let message = format!(
        "the tenant answers {} of {} {} in its {} form, and the settings files are written for the {} one",
        own.object.trim_start_matches('/'),
        resource.name,
        desired.generation.name,
        other.name,
        own.name
    );
    let help = format!("nothing is converted or sent; the form that the tenant answers fits {fitting}");
    Some(Failure::refused(message, help).details(details))
}

/// An answer that has nothing of the document is an error in the clothes of one: settings that it lacks are not absent.
fn foreign(desired: &DesiredResource, answer: &Value, tracking_id: Option<String>) -> Failure {
    const MOST: usize = 3;
    let keys: Vec<&str> = answer.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    let shown: Vec<&str> = keys.iter().take(MOST).copied().collect();
    let rest = if keys.len() > MOST { ", …" } else { "" };
    let details = vec![format!("it has only these fields: {}{rest}", shown.join(", "))];
    let message = format!("the tenant answered a document that is not the {}", desired.resource().title);
    Failure { tracking_id, ..Failure::failed(message, NOT_THE_TENANT).details(details) }
}

fn nonsense(desired: &DesiredResource, unfit: &[Unfit], tracking_id: Option<String>) -> Failure {
    let details = unfit
        .iter()
        .map(|Unfit { pointer, found, expected }| {
            let place = if pointer.is_empty() { "the document" } else { pointer.as_str() };
            format!("{place} is {found}, expected {expected}")
        })
        .collect();
    let message = format!("the tenant answered a document that is not the {}", desired.resource().title);
    let help = "check the address and the apiVersion; nothing is sent to this resource";
    Failure { tracking_id, ..Failure::failed(message, help).details(details) }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::*;
    use crate::resource::Key;
    use crate::settings;
    use crate::tenant::HttpOptions;
    use crate::text::source::Source;

    /// Returns a connection to the practice tenant with this state.
    async fn client(state: PathBuf) -> Client {
        let http = Arc::new(Http::new(HttpOptions { retries: 0, ..HttpOptions::default() }));
        let access = Access { location: Location::Practice(state), credentials: None };
        connect(access, &http, &AllowedHosts::parse("").unwrap()).await.unwrap()
    }

    /// Reads a JIT activation policy that the tenant does not store.
    async fn read_unstored(write: Write) -> Result<Read, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state.json");
        std::fs::write(&state, "{}").unwrap();
        let client = client(state).await;
        let file = Source::new("settings.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 2h}\n");
        let mut wanted = settings::read(&[file]).0.resources.remove(0);
        let resource = Box::leak(Box::new(Resource { write, ..*wanted.resource() }));
        wanted.key = Key { resource, instance: None };
        client.read(&wanted).await
    }

    #[tokio::test]
    async fn only_a_document_that_a_put_creates_may_be_missing() {
        let failure = read_unstored(Write::Patch).await.unwrap_err();
        assert_eq!(failure.status, Some(404));
        let failure = read_unstored(Write::Put { strip: &[], create: false, delete: false }).await.unwrap_err();
        assert_eq!(failure.status, Some(404));
        let read = read_unstored(Write::Put { strip: &[], create: true, delete: false }).await.unwrap();
        assert_eq!(read.live, Live::NotStored);
        let [change] = read.comparison.changes.as_slice() else { panic!("{read:#?}") };
        assert_eq!((&change.before, change.after.as_ref()), (&None, &json!(120)));
        let sent = plan::fold(read.live.document(), &read.comparison.changes);
        assert_eq!(sent, json!({"maxActivationPeriodMins": 120}));
    }

    #[tokio::test]
    async fn an_error_in_the_place_of_a_document_is_not_one() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state.json");
        let error = json!({"error": "quota", "message": "come back later"});
        let stored = json!({"jitActivationPolicy": error, "accessRequestConfig": error});
        std::fs::write(&state, stored.to_string()).unwrap();
        let client = client(state).await;
        let yaml = "jitActivationPolicy: {notificationTemplate: null}\n\
                    accessRequestConfig: {apiVersion: v2, reauthorizationEnabled: true}\n";
        for wanted in settings::read(&[Source::new("settings.yaml", yaml)]).0.resources {
            let failure = client.read(&wanted).await.unwrap_err();
            assert_eq!(
                (failure.message, failure.details),
                (
                    format!("the tenant answered a document that is not the {}", wanted.resource().title),
                    vec!["it has only these fields: error, message".to_owned()]
                )
            );
        }
    }

    #[tokio::test]
    async fn a_document_that_was_asked_for_again_by_another_one_was_not_asked_for_last() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state.json");
        let stored = json!({"APPROVAL_TYPE/ACCESS_REQUEST_APPROVAL": {"autoApprove": "OFF"}, "ROLE/1": {}});
        std::fs::write(&state, json!({"approvalsConfig": stored}).to_string()).unwrap();
        let client = client(state).await;
        let yaml = "approvalsConfig: {ACCESS_REQUEST_APPROVAL: {autoApprove: DIRECT}, ROLE/1: inherit}\n";
        let mut wanted = settings::read(&[Source::new("settings.yaml", yaml)]).0.resources;
        let (role, requests) = (wanted.remove(1), wanted.remove(0));
        let read = client.read(&requests).await.unwrap();
        assert!(client.is_latest(&requests, &read));
        // What holds once it is deleted is in the other one.
        let other = client.read(&role).await.unwrap();
        assert!(client.is_latest(&role, &other) && !client.is_latest(&requests, &read));
        let read = client.read(&requests).await.unwrap();
        assert!(client.is_latest(&requests, &read));
    }

    #[test]
    fn a_document_that_may_be_another_one_is_not_deleted() {
        let wanted = |yaml: &str| settings::read(&[Source::new("settings.yaml", yaml)]).0.resources.remove(0);
        let inherit = wanted("approvalsConfig: {ROLE/1: inherit}\n");
        let refusal = unclear(&inherit, &json!({"autoApprove": "OFF"})).unwrap();
        assert!(refusal.is_refusal());
        assert_eq!(
            refusal.message,
            "the tenant does not say whose configuration it answers for approvalsConfig[ROLE/1], so it is not deleted"
        );
        assert_eq!(unclear(&inherit, &json!({"scope": "ROLE", "id": "1"})), None);
        assert_eq!(unclear(&inherit, &json!({})), None);
        assert_eq!(unclear(&wanted("approvalsConfig: {ROLE/1: {autoApprove: OFF}}\n"), &json!({"a": 1})), None);
    }
}
