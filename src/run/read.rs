//! One job over many tenants: reads live state and compares, tenants side by side and bounded, results in the order of
//! the workspace. A failure stops only its tenant or its resource.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use tokio::task::{JoinError, JoinSet};

use crate::documents::build;
use crate::documents::plan::PlanFile;
use crate::failure::Failure;
use crate::guardrails::verdict::Guardrail;
use crate::guardrails::{self, ApprovalWord, Judged, Lifts, Proposal, Refusal, RuleSet};
use crate::plan::tenant::{ResourcePlan, TenantPlan};
use crate::report;
use crate::resource::impact::Impact;
use crate::resource::{Key, Moved, lies_in, named};
use crate::run::client::{Client, connect};
use crate::run::pace::Pace;
use crate::run::requests;
use crate::settings::DesiredResource;
use crate::tenant::{AllowedHosts, Http, HttpOptions};
use crate::text::problem::Problem;
use crate::text::threads;
use crate::ui::progress::Progress;
use crate::ui::{Exit, Stop};
use crate::workspace::Target;
use crate::workspace::access::place;
use crate::workspace::load::{Context, today, variable};

/// A tenant after reading, with the way to write to it.
pub struct Planned {
    /// What was read and compared.
    pub plan: TenantPlan,
    /// The connection, for writing later; `None` if there is none.
    pub client: Option<Client>,
    /// The guardrails that hold for it.
    pub rules: Vec<Arc<RuleSet>>,
    /// What they say; nothing may be sent while it holds a refusal.
    pub judged: Judged,
    /// Why nothing may be sent to the tenant.
    pub refused: Option<Failure>,
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
    read_and_release(targets, network, |_, _| true).await
}

/// Like [`read`], where of most documents only what was found is kept, so that the memory of a run does not grow with what its
/// tenants hold. `keeps` says whether a document is needed whole: written, or looked at again. It gets the tenant's address.
///
/// Each tenant is read in a task, so that all threads of the runtime have a part in it: see [`super::runtime_for`].
pub async fn read_and_release(
    targets: Vec<Target>,
    network: &Network,
    keeps: impl Fn(&str, &ResourcePlan) -> bool + Send + Sync + 'static,
) -> Vec<Planned> {
    let _phase = network.progress.begin("Reading", targets.len());
    let side_by_side = network.parallelism.clamp(1, targets.len().max(1));
    let waiting = Arc::new(Mutex::new(targets.into_iter().enumerate()));
    let keeps = Arc::new(keeps);
    let mut lanes = JoinSet::new();
    for _ in 0..side_by_side {
        let (waiting, network, keeps) = (Arc::clone(&waiting), network.clone(), Arc::clone(&keeps));
        lanes.spawn(async move {
            let mut read: Vec<(usize, Planned)> = Vec::new();
            loop {
                let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((index, target)) = next else { return read };
                let mut tenant = read_tenant(target, &network).await;
                tenant.release(&*keeps);
                read.push((index, tenant));
            }
        });
    }
    let mut read = Vec::new();
    while let Some(lane) = lanes.join_next().await {
        match lane.map_err(JoinError::try_into_panic) {
            Ok(tenants) => read.extend(tenants),
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            // Only this function ends a lane early, by being dropped.
            Err(Err(_)) => {}
        }
    }
    read.sort_by_key(|(index, _)| *index);
    read.into_iter().map(|(_, tenant)| tenant).collect()
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
    let Target { name, labels, url, access, desired, rules, set_aside } = target;
    let connected = match access {
        Ok(access) => connect(access, &network.http, &network.allowed).await,
        Err(failure) => Err(failure),
    };
    let (outcome, asked, client) = match connected {
        Ok(client) => {
            let _running = network.progress.tenant(&name, client.tenant.address().host());
            let reads = desired.resources.into_iter().map(|desired| read_resource(&client, desired, &set_aside));
            let mut resources = join_all(reads).await;
            tell_overridden(&mut resources);
            (Ok(resources), Vec::new(), Some(client))
        }
        Err(failure) => {
            drop(network.progress.tenant(&name, ""));
            (Err(failure), desired.resources, None)
        }
    };
    Planned {
        plan: TenantPlan { name, labels, url, outcome, asked, looked_up: None },
        client,
        rules,
        judged: Judged::default(),
        refused: None,
    }
}

/// Returns what was planned as a document, with its digest and its verdict.
pub fn document(tenants: &[Planned], problems: &[Problem]) -> PlanFile {
    let mut plan = build::plan(tenants.iter().map(|tenant| (&tenant.plan, &tenant.judged)), problems);
    report::conclude(&mut plan);
    plan
}

/// Holds every tenant against its guardrails as they are today, in UTC. `approved` is what approves the changes, if they are
/// to be sent.
pub fn judge(tenants: &mut [Planned], lifts: &Lifts, approved: Option<ApprovalWord>) {
    let proposals: Vec<Proposal<'_>> = tenants.iter().map(Planned::proposal).collect();
    let places: Vec<String> = tenants.iter().map(Planned::place).collect();
    let mut at: HashMap<&str, Vec<&Proposal<'_>>> = HashMap::new();
    for (place, proposal) in places.iter().zip(&proposals) {
        at.entry(place).or_default().push(proposal);
    }
    let entries: Vec<_> = tenants.iter().zip(&proposals).zip(&places).collect();
    let judged: Vec<Judged> = threads::in_parts(&entries, |part| {
        let judged = part.iter().map(|((tenant, proposal), place)| {
            let same = at.get(place.as_str()).map(Vec::as_slice).unwrap_or_default();
            judge_one(tenant, proposal, same, lifts, approved)
        });
        judged.collect()
    });
    for (tenant, judged) in tenants.iter_mut().zip(judged) {
        tenant.hold(judged);
    }
}

/// Judges one tenant; `same` is what is planned for the entries at its address.
fn judge_one(
    tenant: &Planned,
    proposal: &Proposal<'_>,
    same: &[&Proposal<'_>],
    lifts: &Lifts,
    approved: Option<ApprovalWord>,
) -> Judged {
    if tenant.plan.outcome.is_err() {
        return Judged::default();
    }
    let mut judged = guardrails::judge(proposal, same, &tenant.rules, lifts, today());
    let changes = tenant.plan.resources().iter().any(ResourcePlan::has_changes);
    // How a rollback is approved is a question of what it loosens, see `approve::needs_review`.
    if let Some(approved) = approved.filter(|_| changes && lifts.receipt.is_none()) {
        judged.refusals.extend(guardrails::approval(&tenant.rules, approved));
    }
    judged
}

impl Planned {
    /// Lets go of what nothing asks for any more now that the tenant is read.
    fn release(&mut self, keeps: impl Fn(&str, &ResourcePlan) -> bool) {
        if let Some(client) = &self.client {
            client.tenant.rest();
        }
        let TenantPlan { url, outcome: Ok(resources), .. } = &mut self.plan else { return };
        for resource in resources {
            let keeps = keeps(url, resource);
            let key = &resource.desired.key;
            let Ok(read) = &mut resource.outcome else { continue };
            read.comparison.live.retain(|pointer, _| guardrails::bound(&self.rules, key, pointer));
            if !keeps {
                read.live.release(key.resource);
            }
        }
    }

    /// Returns what is the same for every way to write the address, see [`place`].
    fn place(&self) -> String {
        match &self.client {
            Some(client) if client.tenant.address().as_str() == self.plan.url => client.tenant.address().place(),
            _ => place(&self.plan.url),
        }
    }

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

async fn read_resource(client: &Client, desired: DesiredResource, set_aside: &[(Key, Failure)]) -> ResourcePlan {
    let outcome = match set_aside.iter().find(|(key, _)| *key == desired.key) {
        Some((_, reason)) => Err(reason.clone()),
        None => client.read(&desired).await,
    };
    ResourcePlan { desired, outcome, notes: Vec::new(), left: Vec::new(), accepted: Vec::new() }
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
    let inside = |moved: &&Moved| lies_in(moved.old, overrides.object);
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::path::Path;

    use serde_json::json;
    use tokio::sync::Notify;

    use super::*;
    use crate::settings;
    use crate::tenant::{AllowedHosts, Http, HttpOptions};
    use crate::text::disk::Disk;
    use crate::text::source::Source;
    use crate::workspace::access::{Access, Location};

    #[tokio::test]
    async fn a_plan_is_the_same_from_what_is_kept_and_memory_holds_no_live_lists() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state.json");
        let live = json!({"jitActivationPolicy": {"id": "p", "entitlementIds": ["a", "b"], "own": [1], "maxActivationPeriodMins": 60}});
        std::fs::write(&state, live.to_string()).unwrap();
        let (allowed, pace) = (Arc::new(AllowedHosts::parse("").unwrap()), Pace::default());
        let http = Arc::new(Http::new(HttpOptions { retries: 0, ..HttpOptions::default() }));
        let network = Network { http, allowed, parallelism: 1, progress: Progress::default(), pace };
        let file = Source::new(
            "settings.yaml",
            "jitActivationPolicy: {entitlementIds: [a, b], maxActivationPeriodMins: 2h}\n",
        );
        let limits =
            "tenants: {t: {url: 'practice:t', settings: [], guardrails: {limits: {maxActivationPeriodMins: 1h}}}}";
        let limits =
            crate::workspace::read_source(&Disk, &Source::new("sailplan.yaml", limits), Path::new("sailplan.yaml"));
        let guardrails = limits.unwrap().0.tenants.remove(0).guardrails;
        let target = || Target {
            name: "t".to_owned(),
            labels: Vec::new(),
            url: "practice:t".to_owned(),
            access: Ok(Access { location: Location::Practice(state.clone()), credentials: None }),
            desired: settings::read(std::slice::from_ref(&file)).0,
            rules: vec![Arc::new(RuleSet { guardrails: guardrails.clone(), ..RuleSet::default() })],
            set_aside: Vec::new(),
        };
        let mut tenants = read(vec![target()], &network).await;
        tenants.extend(read_and_release(vec![target()], &network, |url, _| url != "practice:t").await);
        let [whole, kept] = [0, 1].map(|number| {
            let Ok([ResourcePlan { outcome: Ok(read), .. }]) = tenants[number].plan.outcome.as_deref() else {
                panic!()
            };
            (read.live.whole().is_some(), read.live.document()["entitlementIds"].clone(), read.comparison.live.len())
        });
        assert_eq!((whole, kept), ((true, json!(["a", "b"]), 1), (false, json!([]), 1)));
        judge(&mut tenants, &Lifts::default(), None);
        let mut plan = document(&tenants, &[]);
        plan.tenants.iter_mut().for_each(|tenant| tenant.read_at = None);
        assert_eq!(plan.tenants[0], plan.tenants[1]);
        let refusal = &plan.tenants[1].refusals;
        assert!(refusal[0].message.contains("the limit is 1h"), "{refusal:#?}");
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
