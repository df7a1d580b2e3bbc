//! What stands between this machine and a tenant: a token is asked for and every managed document is read; nothing is written.
//!
//! Entries of the workspace with one address and the same credentials are one system: what is the same for all of them is
//! asked for once.

mod words;

use std::borrow::Cow;
use std::collections::HashMap;

use futures_util::future::join_all;

use self::words::{
    FIX_ABOVE, answered, clock, entry, failed, good, in_words, lacks_of_apply, lacks_of_plan, of_api, scopes, token,
};
use crate::documents::doctor::{Check, CheckName, CheckStatus, DiagnosedTenant, ProxyEntry, Purpose, TokenEntry};
use crate::failure::Failure;
use crate::look_up;
use crate::plan::looked_up::LookUp;
use crate::plan::tenant::Read;
use crate::resource::document::Live;
use crate::run::client::{Client, Fetched, connect, endpoint};
use crate::run::read::{Network, side_by_side};
use crate::settings::DesiredResource;
use crate::tenant::Proxy;
use crate::text::number::count;
use crate::text::problem::Problem;
use crate::text::shell::quoted;
use crate::workspace::Target;
use crate::workspace::access::{Access, Location};

/// A tenant to check, with what is known of its settings files.
pub struct Checked {
    /// The tenant.
    pub target: Target,
    /// Its settings files that do not exist.
    pub missing: Vec<String>,
    /// The first error in the others.
    pub error: Option<Problem>,
}

/// Entries of the workspace that are one tenant, read with the same credentials.
struct System {
    access: Result<Access, Failure>,
    entries: Vec<Entry>,
}

/// An entry of the workspace.
struct Entry {
    /// Its place in the workspace.
    position: usize,
    name: String,
    url: String,
    desired: Vec<DesiredResource>,
    /// What is to be said of its settings files.
    settings: Vec<Check>,
    broken: bool,
}

/// What is the same for all entries of a system.
#[derive(Default)]
struct Found {
    checks: Vec<Check>,
    proxy: Option<ProxyEntry>,
    clock_offset: Option<i64>,
    token: Option<TokenEntry>,
}

/// Checks every tenant, systems side by side; the results are in the order of the tenants.
pub async fn diagnose(
    tenants: Vec<Checked>,
    network: &Network,
    purpose: Option<Purpose>,
    look_ups: &[LookUp],
) -> Vec<DiagnosedTenant> {
    let _phase = network.progress.begin("Checking", tenants.len());
    let jobs = systems(tenants).into_iter().map(|system| diagnose_system(system, network, purpose, look_ups));
    let mut diagnosed: Vec<(usize, DiagnosedTenant)> =
        side_by_side(jobs, network.parallelism).await.into_iter().flatten().collect();
    diagnosed.sort_by_key(|(position, _)| *position);
    diagnosed.into_iter().map(|(_, tenant)| tenant).collect()
}

/// Returns the systems behind the tenants. Nothing tells two tenants that cannot be asked that they are one.
fn systems(tenants: Vec<Checked>) -> Vec<System> {
    let mut systems: Vec<System> = Vec::new();
    let mut at: HashMap<String, Vec<usize>> = HashMap::new();
    for (position, tenant) in tenants.into_iter().enumerate() {
        let Checked { target: Target { name, url, access, desired, .. }, missing, error } = tenant;
        let settings = missing.iter().map(|file| missing_file(&name, file));
        let settings = settings.chain(error.as_ref().map(wrong_settings)).collect();
        // What files with errors ask for is not known.
        let desired = if error.is_some() { Vec::new() } else { desired.resources };
        let entry = Entry { position, name, url, desired, settings, broken: error.is_some() };
        let numbers = access.as_ref().ok().map(|access| at.entry(place(access)).or_default());
        let known = numbers.as_ref().and_then(|numbers| {
            let same = |number: &&usize| systems.get(**number).is_some_and(|system| system.is_reached_by(&access));
            numbers.iter().find(same).copied()
        });
        match known.and_then(|number| systems.get_mut(number)) {
            Some(system) => system.entries.push(entry),
            None => {
                numbers.into_iter().for_each(|numbers| numbers.push(systems.len()));
                systems.push(System { access, entries: vec![entry] });
            }
        }
    }
    systems
}

fn place(access: &Access) -> String {
    match &access.location {
        Location::Address(address) => address.as_str().to_owned(),
        Location::Practice(file) => format!("practice:{}", file.display()),
    }
}

impl System {
    fn is_reached_by(&self, access: &Result<Access, Failure>) -> bool {
        let (Ok(own), Ok(other)) = (&self.access, access) else { return false };
        let same_credentials = match (&own.credentials, &other.credentials) {
            (Some(own), Some(other)) => own.are(other),
            (None, None) => true,
            _ => false,
        };
        own.location == other.location && same_credentials
    }
}

fn missing_file(tenant: &str, file: &str) -> Check {
    let help =
        format!("write it from what the tenant has: sailplan pull --tenant {} --out {}", quoted(tenant), quoted(file));
    Check::new(CheckName::Settings, CheckStatus::Warn, format!("{file} does not exist yet")).help(help)
}

fn wrong_settings(error: &Problem) -> Check {
    let place = error.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
    let message = "the settings files have errors, so no document was read";
    Check::new(CheckName::Settings, CheckStatus::Fail, message)
        .details(vec![format!("{place}{}", error.message)])
        .help("fix them: sailplan validate shows them again")
}

async fn diagnose_system(
    system: System,
    network: &Network,
    purpose: Option<Purpose>,
    look_ups: &[LookUp],
) -> Vec<(usize, DiagnosedTenant)> {
    let System { access, entries } = system;
    let mut found = Found::default();
    let embedded = matches!(&access, Ok(Access { location: Location::Practice(_), .. }));
    let connected = match access {
        Ok(access) => connect(access, &network.http, &network.allowed).await,
        Err(failure) => Err(failure),
    };
    let host = connected.as_ref().map_or("", |client| client.tenant.address().host());
    let _running: Vec<_> = entries.iter().map(|entry| network.progress.tenant(&entry.name, host)).collect();
    let read = match connected {
        Ok(client) => {
            let way = go(&client, embedded, purpose, &mut found).await;
            let read = match way {
                Ok(()) => Ok(read_all(&client, &entries, look_ups).await),
                Err(cause) => Err(cause),
            };
            client.tenant.rest();
            read
        }
        Err(failure) => {
            found.checks.push(failed(CheckName::Access, failure));
            Err("nothing was sent to the tenant")
        }
    };
    let (read, cause) = match read {
        Ok(read) => (read, None),
        Err(cause) => (entries.iter().map(|_| Vec::new()).collect(), Some(cause)),
    };
    let entries = entries.into_iter().zip(read);
    entries.map(|(entry, read)| (entry.position, diagnosed(entry, read, &found, cause, purpose))).collect()
}

/// Puts together what was found about an entry; `cause` is what kept all documents from being read.
fn diagnosed(
    entry: Entry,
    read: Vec<Check>,
    found: &Found,
    cause: Option<&'static str>,
    purpose: Option<Purpose>,
) -> DiagnosedTenant {
    let Entry { name, url, desired, settings, broken, .. } = entry;
    let lacks = match cause {
        Some(cause) => failed(CheckName::Plan, Failure::failed(cause, FIX_ABOVE)),
        None if broken => {
            failed(CheckName::Plan, Failure::failed("it is not known which documents to read", FIX_ABOVE))
        }
        None => {
            let unread = read.iter().filter(|check| check.status == CheckStatus::Fail);
            lacks_of_plan(&desired, &unread.filter_map(|check| check.document.clone()).collect::<Vec<_>>())
        }
    };
    let plans = lacks.status != CheckStatus::Fail;
    let mut checks = settings;
    checks.extend(found.checks.iter().cloned().chain(read));
    checks.push(lacks);
    if purpose != Some(Purpose::Plan) {
        checks.push(lacks_of_apply(&desired, plans, found.token.as_ref()));
    }
    DiagnosedTenant {
        status: checks.iter().map(|check| check.status).max().unwrap_or(CheckStatus::Ok),
        name,
        url,
        checks,
        proxy: found.proxy.clone(),
        clock_offset_seconds: found.clock_offset,
        token: found.token.clone(),
    }
}

/// Goes the way to the documents, up to the token, or returns what keeps all of them from being read.
async fn go(client: &Client, embedded: bool, purpose: Option<Purpose>, found: &mut Found) -> Result<(), &'static str> {
    let checks = &mut found.checks;
    let address = client.tenant.address();
    checks.push(good(
        CheckName::Access,
        if embedded {
            "a practice tenant in sailplan itself, which takes any credentials".to_owned()
        } else {
            format!("credentials may go to {address}")
        },
    ));
    let proxy = Proxy::on_the_way_to(address);
    checks.push(good(CheckName::Proxy, in_words(proxy.as_ref())));
    found.proxy = proxy.map(|Proxy { variable, host }| ProxyEntry { variable: variable.map(str::to_owned), host });

    let facts = client.tenant.token_facts().await;
    if let Some(error) = facts.as_ref().err().filter(|error| !answered(error)) {
        checks.push(failed(CheckName::Reached, of_api(error)));
        return Err("the tenant was not reached");
    }
    let host = address.host();
    let tls = address.as_str().starts_with("https:");
    let reached = if tls {
        format!("{host} answers over TLS")
    } else {
        format!("{host} answers, on this machine and without TLS")
    };
    checks.push(good(CheckName::Reached, reached));
    found.clock_offset = client.tenant.clock_offset();
    checks.push(clock(found.clock_offset));

    let facts = match facts {
        Ok(facts) => facts,
        Err(error) => {
            checks.push(failed(CheckName::Token, of_api(&error)));
            return Err("there is no token");
        }
    };
    checks.push(token(&facts, purpose));
    checks.push(scopes(&facts, purpose));
    checks.push(good(
        CheckName::UserLevel,
        match &facts.user_levels {
            Some(levels) => levels.join(", "),
            None => "the token does not tell".to_owned(),
        },
    ));
    found.token = Some(entry(facts));
    Ok(())
}

/// Reads the documents of the entries as a plan would, each once, and as little as possible of what look-ups need. Returns the
/// checks of each entry.
async fn read_all(client: &Client, entries: &[Entry], look_ups: &[LookUp]) -> Vec<Vec<Check>> {
    let mut documents: HashMap<Cow<'static, str>, &DesiredResource> = HashMap::new();
    for desired in entries.iter().flat_map(|entry| &entry.desired) {
        documents.entry(endpoint(desired).path).or_insert(desired);
    }
    let fetches = documents.into_iter().map(|(path, desired)| async { (path, client.fetch(desired).await) });
    let fetched: HashMap<Cow<'static, str>, Result<Fetched, Failure>> = join_all(fetches).await.into_iter().collect();
    let mut look_up_checks = Vec::new();
    for look_up in look_ups {
        look_up_checks.extend(look_up_check(client, *look_up).await);
    }
    let mut read = Vec::new();
    for entry in entries {
        let mut checks = Vec::new();
        for desired in &entry.desired {
            checks.push(document(client, desired, fetched.get(&endpoint(desired).path)).await);
        }
        checks.extend(look_up_checks.iter().cloned());
        read.push(checks);
    }
    read
}

/// Judges a document that was read.
async fn document(client: &Client, desired: &DesiredResource, fetched: Option<&Result<Fetched, Failure>>) -> Check {
    let read = match fetched {
        Some(Ok(fetched)) => client.compare(desired, fetched.clone()).await,
        Some(Err(failure)) => Err(failure.clone()),
        None => client.read(desired).await,
    };
    let check = match read {
        Ok(Read { live: Live::Stored(_) | Live::Released(_), .. }) => good(CheckName::Document, "readable"),
        Ok(Read { live: Live::NotStored, .. }) => {
            good(CheckName::Document, "not stored yet, an apply that changes it creates it")
        }
        Err(failure) => failed(CheckName::Document, failure),
    };
    Check { document: Some(desired.key.to_string()), ..check }
}

/// Reads as little as possible of every list that a look-up needs. Nothing needs a look-up, so that one without its lists is
/// a warning.
async fn look_up_check(client: &Client, look_up: LookUp) -> Option<Check> {
    let ways = look_up::ways(look_up);
    let (mut details, mut help) = (Vec::new(), Vec::new());
    let probes = join_all(ways.iter().map(|way| look_up::probe(&client.tenant, way))).await;
    for (way, probe) in ways.iter().zip(probes) {
        if let Err(error) = probe {
            details.push(format!("{}: {error}", way.what));
            help.extend((error.status() == Some(403)).then(|| format!("{}: needs {}", way.what, way.needs())));
        }
    }
    let check = match (ways.len(), details.len()) {
        (0, _) => return None,
        (_, 0) => good(CheckName::LookUp, "everything it needs can be read"),
        (all, lacking) => {
            let message = format!("{lacking} of {} cannot be read", count(all, "list", "lists"));
            Check { help, ..Check::new(CheckName::LookUp, CheckStatus::Warn, message).details(details) }
        }
    };
    Some(Check { look_up: Some(look_up.word().to_owned()), ..check })
}
