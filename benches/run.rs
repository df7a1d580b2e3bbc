//! A whole plan beside a client that does as little as possible, one run for both: `cargo bench --bench run`. The client asks for a token, reads
//! the two documents and the settings file, compares and prints the differences; it checks nothing, repeats nothing, words nothing.
//! Practice tenants answer both, after `--latency` milliseconds each. Both run in turn, so that noise falls on both alike; the
//! table has the median of each and their ratio.
//!
//!     cargo bench --bench run -- 10 100000          one tenant with so many ids
//!     cargo bench --bench run -- 100x10 --latency 50  a hundred tenants with ten

#![expect(clippy::disallowed_methods, reason = "a benchmark makes and reads its own files")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on has failed"
)]

use std::collections::HashSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sailplan::practice::{Options, Practice};
use serde::Deserialize;
use serde_json::{Value, json};

/// How often each of the two runs.
const ROUNDS: usize = 7;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [command, file, urls @ ..] = args.as_slice()
        && command == "floor"
    {
        floor::run(file, urls);
        return;
    }
    let (mut sizes, mut latency) = (Vec::new(), 0_u32);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let (tenants, ids) = arg.split_once('x').unwrap_or(("1", arg));
        match arg.as_str() {
            "--latency" => latency = args.next().unwrap().parse().unwrap(),
            _ => sizes.push((tenants.parse().unwrap(), ids.parse().unwrap())),
        }
    }
    if sizes.is_empty() {
        sizes = vec![(1, 10), (1, 1_000), (1, 100_000), (1, 1_000_000), (100, 10), (1_000, 10)];
    }
    println!("| tenants | ids | ms a request | floor | sailplan | time | floor | sailplan | memory |");
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for (tenants, ids) in sizes {
        compare(tenants, ids, latency);
    }
}

/// The id number `number`, in no order.
fn id(number: usize) -> String {
    let mixed = (number as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{:08x}-{:04x}-4000-a000-{:012x}", mixed >> 32, mixed >> 16 & 0xffff, mixed >> 4 & 0xffff_ffff_ffff)
}

/// One member leaves, one joins, one number and one switch change.
fn settings(ids: usize) -> String {
    let list: String = (1..=ids).map(|number| format!("    - \"{}\"\n", id(number))).collect();
    format!(
        "jitActivationPolicy:\n  maxActivationPeriodMins: 90\n  entitlementIds:\n{list}accessRequestConfig:\n  apiVersion: beta\n  \
         reauthorizationEnabled: false\n"
    )
}

/// Times both clients. Every answer comes so many milliseconds late.
fn compare(tenants: usize, ids: usize, latency: u32) {
    let folder = tempfile::tempdir().unwrap();
    let live: Vec<String> = (0..ids).map(id).collect();
    let state = json!({
        "jitActivationPolicy": {"entitlementIds": live, "maxActivationPeriodMins": 120},
        "accessRequestConfig": {"reauthorizationEnabled": true},
    });
    let (mut workspace, mut running) = ("tenants:\n".to_owned(), Vec::new());
    for number in 0..tenants {
        let path = folder.path().join(format!("tenant-{number}.json"));
        std::fs::write(&path, state.to_string()).unwrap();
        let late = format!("stall seconds={} times=1000000", f64::from(latency) / 1_000.0);
        let faults = if latency == 0 { Vec::new() } else { vec![late.parse().unwrap()] };
        let tenant = Practice::start(Options { faults, ..Options::new(path) }).unwrap();
        workspace.push_str(&format!(
            "  t{number:04}:\n    url: {}\n    clientId: ${{ID}}\n    clientSecret: ${{SECRET}}\n    settings: [settings.yaml]\n",
            tenant.url()
        ));
        running.push(tenant);
    }
    std::fs::write(folder.path().join("settings.yaml"), settings(ids)).unwrap();
    std::fs::write(folder.path().join("sailplan.yaml"), workspace).unwrap();
    let urls: Vec<&str> = running.iter().map(Practice::url).collect();
    let mut floor = Command::new(std::env::current_exe().unwrap());
    floor.args(["floor", "settings.yaml"]).args(urls);
    let mut plan = Command::new(env!("CARGO_BIN_EXE_sailplan"));
    plan.args(["plan", "--detailed-exitcode", "--parallelism", "32"]);
    plan.envs([
        ("ID", "id-of-the-benchmark"),
        ("SECRET", "secret-of-the-benchmark"),
        ("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*"),
    ]);
    let mut took = [Vec::new(), Vec::new()];
    let mut memory = [0, 0];
    for _ in 0..ROUNDS {
        for (number, command) in [&mut floor, &mut plan].into_iter().enumerate() {
            let (time, peak) = timed(command, folder.path());
            took[number].push(time);
            memory[number] = peak;
        }
    }
    let [floor, plan] = took.map(|mut times| {
        times.sort();
        times[ROUNDS / 2].as_secs_f64() * 1_000.0
    });
    let [least, peak] = memory;
    println!(
        "| {tenants} | {ids} | {} | {floor:.1} ms | {plan:.1} ms | × {:.2} | {least} MiB | {peak} MiB | × {:.2} |",
        latency,
        plan / floor,
        f64::from(peak) / f64::from(least),
    );
}

/// Returns how long a command took, and how much memory it had at most, in MiB.
fn timed(command: &mut Command, folder: &Path) -> (Duration, u32) {
    let peak = folder.join("peak");
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M", "-o"]).arg(&peak).arg(command.get_program()).args(command.get_args());
    timed.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    timed.current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = timed.status().unwrap();
    let took = start.elapsed();
    assert_eq!(status.code(), Some(2), "{command:?}");
    let peak = std::fs::read_to_string(peak).unwrap();
    (took, peak.lines().last().unwrap().parse::<u32>().unwrap() / 1024)
}

/// The client that does as little as possible.
mod floor {
    use std::fmt::Write as _;

    use super::{Deserialize, HashSet, Value};

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
    struct Policy<'a> {
        entitlement_ids: Vec<&'a str>,
        max_activation_period_mins: u32,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
    struct Wanted<'a> {
        jit_activation_policy: Policy<'a>,
        access_request_config: Config,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Config {
        reauthorization_enabled: bool,
    }

    /// Plans for every tenant, and ends with 2 since there are changes.
    pub(super) fn run(file: &str, urls: &[String]) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = reqwest::Client::builder().tls_certs_only([]).build().unwrap();
        let plans = futures_util::future::join_all(urls.iter().map(|url| plan(&client, url, file)));
        for text in runtime.block_on(plans) {
            super::print(&text);
        }
        super::end(2);
    }

    async fn plan(client: &reqwest::Client, url: &str, file: &str) -> String {
        let form = [("grant_type", "client_credentials"), ("client_id", "id"), ("client_secret", "secret")];
        let token = client.post(format!("{url}/oauth/token")).form(&form).send().await.unwrap();
        let token: Value = serde_json::from_slice(&token.bytes().await.unwrap()).unwrap();
        let token = token["access_token"].as_str().unwrap();
        let text = std::fs::read_to_string(file).unwrap();
        let budget =
            serde_yaml::budget! { max_events: 20_000_000, max_nodes: 20_000_000, max_total_scalar_bytes: 1 << 30 };
        let wanted: Wanted<'_> =
            serde_yaml::from_str_with_options(&text, serde_yaml::options! { budget: budget }).unwrap();
        let get = |path: &str| {
            let request = client.get(format!("{url}{path}")).bearer_auth(token);
            request.header("x-sailpoint-experimental", "true").send()
        };
        let (policy, config) =
            futures_util::future::join(get("/v2026/jit-activation-config/policy"), get("/beta/access-request-config"))
                .await;
        let (policy, config) = (policy.unwrap().bytes().await.unwrap(), config.unwrap().bytes().await.unwrap());
        let (policy, config): (Policy<'_>, Config) =
            (serde_json::from_slice(&policy).unwrap(), serde_json::from_slice(&config).unwrap());
        let mut out = format!("{url}\n");
        let wish = &wanted.jit_activation_policy;
        let _ = writeln!(out, "{} -> {}", policy.max_activation_period_mins, wish.max_activation_period_mins);
        let (old, new): (HashSet<&str>, HashSet<&str>) =
            (policy.entitlement_ids.iter().copied().collect(), wish.entitlement_ids.iter().copied().collect());
        for (mark, member) in
            old.difference(&new).map(|member| ('-', member)).chain(new.difference(&old).map(|member| ('+', member)))
        {
            let _ = writeln!(out, "{mark} {member}");
        }
        let switch = (config.reauthorization_enabled, wanted.access_request_config.reauthorization_enabled);
        let _ = writeln!(out, "{} -> {}", switch.0, switch.1);
        out
    }
}

#[expect(clippy::print_stdout, reason = "the client prints what it found")]
fn print(text: &str) {
    print!("{text}");
}

#[expect(clippy::exit, reason = "the client ends as a plan with changes does")]
fn end(code: i32) -> ! {
    use std::io::Write as _;
    let _ = std::io::stdout().flush();
    std::process::exit(code)
}
