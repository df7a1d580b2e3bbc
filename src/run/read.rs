//! One job over many tenants: reads live state and compares, tenants side by side and bounded, results in the order of
//! the workspace. A failure stops only its tenant or its resource.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::future::join_all;

use crate::documents::build;
use crate::documents::plan::PlanFile;
use crate::failure::Failure;
use crate::guardrails::verdict::Guardrail;
use crate::guardrails::{self, ApprovalWord, Judged, Lifts, Proposal, Refusal, RuleSet};
use crate::plan::tenant::{ResourcePlan, TenantPlan};
use crate::report;
use crate::resource::impact::Impact;
use crate::resource::{Moved, named};
use crate::run::client::{Client, connect};
use crate::run::pace::Pace;
use crate::run::requests;
use crate::settings::DesiredResource;
use crate::tenant::{AllowedHosts, Http, HttpOptions};
use crate::text::problem::Problem;
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
    pub rules: Vec<RuleSet>,
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
        Ok(access) => connect(access, &network.http, &network.allowed).await,
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

async fn read_resource(client: &Client, desired: DesiredResource) -> ResourcePlan {
    let outcome = client.read(&desired).await;
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::sync::Notify;

    use super::*;

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
