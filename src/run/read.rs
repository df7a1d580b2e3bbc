//! One job over many tenants: reads live state and compares, tenants side by side and bounded, results in the order of
//! the workspace. A failure stops only its tenant or its resource.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use serde_json::Value;

use crate::documents::build;
use crate::documents::plan::PlanFile;
use crate::failure::Failure;
use crate::guardrails::verdict::Guardrail;
use crate::guardrails::{self, ApprovalWord, Judged, Lifts, Proposal, Refusal, RuleSet};
use crate::plan;
use crate::plan::tenant::{Read, ResourcePlan, TenantPlan};
use crate::practice::{self, Practice};
use crate::report;
use crate::resource::document::{self, Live, Unfit};
use crate::resource::impact::Impact;
use crate::resource::instances::{Standing, WHOLE};
use crate::resource::{Moved, Resource, Write, named};
use crate::run::pace::Pace;
use crate::run::requests;
use crate::settings::DesiredResource;
use crate::tenant::{
    Address, AllowedHosts, ApiError, Credentials, Document, Endpoint, ErrorKind, Http, HttpOptions, Tenant,
};
use crate::text::problem::Problem;
use crate::ui::progress::Progress;
use crate::ui::{Exit, Stop};
use crate::workspace::Target;
use crate::workspace::access::{Access, Location, place};
use crate::workspace::load::{Context, today, variable};

/// A tenant after reading, with the way to write to it.
pub struct Planned {
    /// What was read and compared.
    pub plan: TenantPlan,
    /// The connection, for writing later; `None` if there is none.
    pub client: Option<Client>,
    /// The guardrails that hold for it.
    pub rules: Vec<RuleSet>,
    /// What they say; nothing may be sent while it holds a refusal.
    pub judged: Judged,
    /// Why nothing may be sent to the tenant.
    pub refused: Option<Failure>,
}

/// A connection to a tenant; a practice tenant runs as long as it lives.
pub struct Client {
    /// The HTTP client.
    pub tenant: Tenant,
    /// How often each document was asked for, by its path.
    asked: RefCell<HashMap<Cow<'static, str>, usize>>,
    _practice: Option<Practice>,
}

/// How a fleet is reached.
#[derive(Clone)]
pub struct Network {
    /// The HTTP client of all tenants.
    pub http: Arc<Http>,
    /// Further hosts that credentials may be sent to.
    pub allowed: Arc<AllowedHosts>,
    /// How many tenants are dealt with side by side.
    pub parallelism: usize,
    /// Where it is told how far a phase has come.
    pub progress: Progress,
    /// How often and how fast writes are read back and repeated.
    pub pace: Pace,
}

impl Network {
    /// Returns how tenants are reached, by the flags of the command line.
    ///
    /// # Errors
    ///
    /// `SAILPLAN_ALLOWED_HOSTS` cannot be read.
    pub fn of(context: &Context) -> Result<Network, Stop> {
        let args = &context.global.network;
        let ui = context.ui;
        let progress = Progress::of(ui);
        let options = HttpOptions {
            connect_timeout: args.connect_timeout,
            request_timeout: args.timeout,
            retries: args.retries,
            max_wait: args.max_wait,
            ca_cert: args.ca_cert.clone(),
            token_ahead: args.fresh,
            traces: ui.verbosity() > 0,
            on_request: Some(Arc::new({
                let progress = progress.clone();
                move |told| requests::tell(ui, &progress, told)
            })),
            requests_per_second: args.requests_per_second,
            ..HttpOptions::default()
        };
        let http = Http::new(options);
        http.check().map_err(|fault| {
            Stop::new(Exit::Usage, format!("--ca-cert {fault}"), "name a PEM file with one or more certificates")
        })?;
        let allowed = AllowedHosts::parse(&variable("SAILPLAN_ALLOWED_HOSTS").unwrap_or_default())
            .map_err(|error| Stop::new(Exit::Usage, format!("SAILPLAN_ALLOWED_HOSTS: {error}"), error.hint()))?;
        let usual = Pace::default();
        let resends = usual.resends.min(args.retries);
        Ok(Network {
            http: Arc::new(http),
            allowed: Arc::new(allowed),
            parallelism: args.parallelism,
            progress,
            pace: Pace { reads: args.reads, pause: args.pause, resends, fresh: args.fresh },
        })
    }
}

/// Reads the live state of every target and compares.
pub async fn read(targets: Vec<Target>, network: &Network) -> Vec<Planned> {
    let _phase = network.progress.begin("Reading", targets.len());
    side_by_side(targets.into_iter().map(|target| read_tenant(target, network)), network.parallelism).await
}

/// Does `limit` jobs at the same time and returns their results in the order of the jobs. A job that is done makes room at
/// once, however long the jobs before it take.
pub async fn side_by_side<T>(jobs: impl IntoIterator<Item = impl Future<Output = T>>, limit: usize) -> Vec<T> {
    let jobs = jobs.into_iter().enumerate().map(|(index, job)| async move { (index, job.await) });
    let mut done: Vec<(usize, T)> = futures_util::stream::iter(jobs).buffer_unordered(limit.max(1)).collect().await;
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

async fn read_tenant(target: Target, network: &Network) -> Planned {
    let Target { name, labels, url, access, desired, rules } = target;
    let connected = match access {
        Ok(access) => connect(access, network).await,
        Err(failure) => Err(failure),
    };
    let (outcome, client) = match connected {
        Ok(client) => {
            let _running = network.progress.tenant(&name, client.tenant.address().host());
            let reads = desired.resources.into_iter().map(|desired| read_resource(&client, desired));
            let mut resources = join_all(reads).await;
            tell_overridden(&mut resources);
            (Ok(resources), Some(client))
        }
        Err(failure) => {
            drop(network.progress.tenant(&name, ""));
            (Err(failure), None)
        }
    };
    Planned {
        plan: TenantPlan { name, labels, url, outcome, looked_up: None },
        client,
        rules,
        judged: Judged::default(),
        refused: None,
    }
}

/// Returns what was planned as a document, with its verdict.
pub fn document(tenants: &[Planned], problems: &[Problem]) -> PlanFile {
    let mut plan = build::plan(tenants.iter().map(|tenant| (&tenant.plan, &tenant.judged)), problems);
    report::tell(&mut plan);
    plan
}

/// Holds every tenant against its guardrails as they are today, in UTC. `approved` is what approves the changes, if they are
/// to be sent.
pub fn judge(tenants: &mut [Planned], lifts: &Lifts, approved: Option<ApprovalWord>) {
    let mut at: HashMap<String, Vec<usize>> = HashMap::new();
    for (number, tenant) in tenants.iter().enumerate() {
        at.entry(place(&tenant.plan.url)).or_default().push(number);
    }
    let judge = |number| judge_one(tenants, &at, number, lifts, approved);
    let judged: Vec<Judged> = (0..tenants.len()).map(judge).collect();
    for (tenant, judged) in tenants.iter_mut().zip(judged) {
        tenant.hold(judged);
    }
}

/// Judges one tenant; `at` are the entries by the place of their addresses.
fn judge_one(
    tenants: &[Planned],
    at: &HashMap<String, Vec<usize>>,
    number: usize,
    lifts: &Lifts,
    approved: Option<ApprovalWord>,
) -> Judged {
    let Some(tenant) = tenants.get(number).filter(|tenant| tenant.plan.outcome.is_ok()) else {
        return Judged::default();
    };
    let others = at.get(&place(&tenant.plan.url)).into_iter().flatten().filter(|other| **other != number);
    let beside: Vec<Proposal<'_>> = others.filter_map(|other| tenants.get(*other)).map(Planned::proposal).collect();
    let mut judged = guardrails::judge(&tenant.proposal(), &beside, &tenant.rules, lifts, today());
    let changes = tenant.plan.resources().iter().any(ResourcePlan::has_changes);
    // How a rollback is approved is a question of what it loosens, see `approve::needs_review`.
    if let Some(approved) = approved.filter(|_| changes && lifts.receipt.is_none()) {
        judged.refusals.extend(guardrails::approval(&tenant.rules, approved));
    }
    judged
}

impl Planned {
    fn proposal(&self) -> Proposal<'_> {
        let resources = self
            .plan
            .resources()
            .iter()
            .map(|resource| (&resource.desired, resource.outcome.as_ref().ok().map(|read| &read.comparison)));
        Proposal { tenant: &self.plan.name, resources: resources.collect() }
    }

    fn loosens(&self) -> bool {
        let read = self.plan.resources().iter().filter_map(|resource| resource.outcome.as_ref().ok());
        read.flat_map(|read| &read.comparison.changes).any(|change| change.effect.impact == Impact::Loosens)
    }

    /// Keeps what the guardrails say. What they refuse keeps everything from being sent; what the tenant breaks already
    /// does not stop a plan that loosens nothing.
    fn hold(&mut self, judged: Judged) {
        let loosens = self.loosens();
        let stops: Vec<&Refusal> = judged.refusals.iter().filter(|refusal| !refusal.standing || loosens).collect();
        if !stops.is_empty() {
            let details = stops.iter().map(|refusal| format!("{}: {}", refusal.guardrail, refusal.message)).collect();
            // A plan has no approval, so it does not show why this one is turned down.
            let (unapproved, shown): (Vec<&Refusal>, Vec<&Refusal>) =
                stops.iter().partition(|refusal| refusal.guardrail == Guardrail::Apply);
            let mut help: Vec<String> = Vec::new();
            if !shown.is_empty() {
                help.push("sailplan plan shows each with what to do about it".to_owned());
            }
            help.extend(unapproved.iter().flat_map(|refusal| refusal.help.clone()));
            let message = "blocked by guardrails; nothing is sent to this tenant";
            self.refused = Some(Failure { help, ..Failure::refused(message, "").details(details) });
        }
        self.judged = judged;
    }
}

/// Makes the connection to a tenant, starting it first if it is a practice tenant. Nothing is sent.
///
/// # Errors
///
/// There are no credentials, they may not go there, or the practice tenant cannot start.
pub async fn connect(access: Access, network: &Network) -> Result<Client, Failure> {
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
    let tenant = Tenant::new(network.http.clone(), address, credentials, &network.allowed)
        .map_err(|error| Failure::failed(error.to_string(), error.hint()))?;
    let tenant = if practice.is_some() { tenant.without_budget() } else { tenant };
    Ok(Client { tenant, asked: RefCell::default(), _practice: practice })
}

async fn read_resource(client: &Client, desired: DesiredResource) -> ResourcePlan {
    let outcome = client.read(&desired).await;
    ResourcePlan { desired, outcome, notes: Vec::new(), left: Vec::new(), accepted: Vec::new() }
}

impl Client {
    /// Reads the live document of a resource and compares.
    ///
    /// # Errors
    ///
    /// The tenant cannot be reached, refuses, or answers something that is not the document.
    pub async fn read(&self, desired: &DesiredResource) -> Result<Read, Failure> {
        let endpoint = endpoint(desired);
        let may_be_missing = |answer: &Result<Document, ApiError>| {
            let missing = answer.as_ref().is_err_and(|error| *error.kind() == ErrorKind::Status(404));
            missing && creates(desired.resource())
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
            Ok(Document { body, deprecated, tracking_id }) => (Live::Stored(body), deprecated, tracking_id),
            Err(_) if missing => (Live::NotStored, false, None),
            Err(error) => return Err(api_failure(desired.resource(), &error)),
        };
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
        self.asked.borrow().get(&endpoint(desired).path) == Some(&(read.asked_before + 1))
    }

    /// Counts a request for a document, and returns how many there were before.
    fn count(&self, endpoint: &Endpoint) -> usize {
        let mut asked = self.asked.borrow_mut();
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

/// Names the live values that a write of an old generation would override, where their document was read as well.
fn tell_overridden(resources: &mut [ResourcePlan]) {
    let notes: Vec<Option<String>> = resources.iter().map(|resource| overridden(resource, resources)).collect();
    for (resource, note) in resources.iter_mut().zip(notes) {
        resource.notes.extend(note);
    }
}

fn overridden(resource: &ResourcePlan, all: &[ResourcePlan]) -> Option<String> {
    let overrides = resource.outcome.as_ref().ok()?.comparison.overrides?;
    let inside = |moved: &&Moved| moved.old.strip_prefix(overrides.object).is_some_and(|rest| rest.starts_with('/'));
    let mut values: Vec<String> = Vec::new();
    for moved in resource.desired.resource().moves.iter().filter(inside) {
        let key = moved.key()?;
        let Some(Ok(read)) = all.iter().find(|other| other.desired.key == key).map(|other| &other.outcome) else {
            continue;
        };
        for setting in moved.targets.iter().filter_map(|pointer| key.resource.setting(pointer)) {
            if let Some(Some(value)) = read.comparison.live.get(setting.pointer) {
                values.push(format!("{} is {}", named::printed(&key, setting), setting.show(Some(value))));
            }
        }
    }
    (!values.is_empty()).then(|| format!("what it overrides, as it is now: {}", values.join(", ")))
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
    let inside = format!("{}/", own.object);
    let concerned = desired.settings.iter().filter(|managed| managed.setting.pointer.starts_with(&inside));
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

fn nonsense(desired: &DesiredResource, unfit: &[Unfit], tracking_id: Option<String>) -> Failure {
    let details = unfit
        .iter()
        .map(|one| {
            let place = if one.pointer.is_empty() { "the document" } else { one.pointer.as_str() };
            format!("{place} is {}, expected {}", one.found, one.expected)
        })
        .collect();
    let message = format!("the tenant answered a document that is not the {}", desired.resource().title);
    let help = "check the address and the apiVersion; nothing is sent to this resource";
    Failure { tracking_id, ..Failure::failed(message, help).details(details) }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::sync::Notify;

    use serde_json::json;

    use super::*;
    use crate::resource::Key;
    use crate::settings;
    use crate::tenant::HttpOptions;
    use crate::text::source::Source;

    /// Reads a JIT activation policy that the tenant does not store.
    async fn read_unstored(write: Write) -> Result<Read, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state.json");
        std::fs::write(&state, "{}").unwrap();
        let http = Http::new(HttpOptions { retries: 0, ..HttpOptions::default() });
        let (allowed, pace) = (Arc::new(AllowedHosts::parse("").unwrap()), Pace::default());
        let network = Network { http: Arc::new(http), allowed, parallelism: 1, progress: Progress::default(), pace };
        let client =
            connect(Access { location: Location::Practice(state), credentials: None }, &network).await.unwrap();
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
    async fn a_document_that_was_asked_for_again_by_another_one_was_not_asked_for_last() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state.json");
        let stored = json!({"APPROVAL_TYPE/ACCESS_REQUEST_APPROVAL": {"autoApprove": "OFF"}, "ROLE/1": {}});
        std::fs::write(&state, json!({"approvalsConfig": stored}).to_string()).unwrap();
        let http = Http::new(HttpOptions { retries: 0, ..HttpOptions::default() });
        let (allowed, pace) = (Arc::new(AllowedHosts::parse("").unwrap()), Pace::default());
        let network = Network { http: Arc::new(http), allowed, parallelism: 1, progress: Progress::default(), pace };
        let client =
            connect(Access { location: Location::Practice(state), credentials: None }, &network).await.unwrap();
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

    #[tokio::test]
    async fn a_slow_job_holds_up_its_own_place_alone() {
        let (slow, done, at_once, most) = (Notify::new(), Cell::new(0), Cell::new(0), Cell::new(0));
        let job = |index: usize| {
            let (slow, done, at_once, most) = (&slow, &done, &at_once, &most);
            async move {
                at_once.set(at_once.get() + 1);
                most.set(usize::max(most.get(), at_once.get()));
                tokio::task::yield_now().await;
                if index == 0 {
                    slow.notified().await;
                } else {
                    done.set(done.get() + 1);
                }
                if done.get() == 8 {
                    // The last of the others lets the slow one go on: it never comes to this while the slow one is in the way.
                    slow.notify_one();
                }
                at_once.set(at_once.get() - 1);
                index
            }
        };
        let all = side_by_side((0..9).map(job), 2).await;
        assert_eq!((all, most.get()), ((0..9).collect(), 2));
    }
}
