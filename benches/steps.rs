//! How long the steps of a plan take, and what they allocate, at 10 to 1,000,000 ids: `cargo bench --bench steps`. Beside each step that a
//! library does as well, what that library alone takes: `floor`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark that cannot go on has failed")]

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use divan::{AllocProfiler, Bencher, black_box};
use sailplan::testing::{self, DesiredResource, PlanFile, Source};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const IDS: [usize; 4] = [10, 1_000, 100_000, 1_000_000];

fn main() {
    divan::main();
}

/// The id number `number`, in no order.
fn id(number: usize) -> String {
    let mixed = (number as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{:08x}-{:04x}-4000-a000-{:012x}", mixed >> 32, mixed >> 16 & 0xffff, mixed >> 4 & 0xffff_ffff_ffff)
}

/// What the tenant has.
fn live(ids: usize) -> Value {
    json!({"entitlementIds": (0..ids).map(id).collect::<Vec<_>>(), "maxActivationPeriodMins": 120})
}

/// A file that takes the first id away, adds one and changes a number.
fn settings(ids: usize) -> String {
    let list: String = (1..=ids).map(|number| format!("    - {}\n", id(number))).collect();
    format!("jitActivationPolicy:\n  maxActivationPeriodMins: 90\n  entitlementIds:\n{list}")
}

fn desired(ids: usize) -> DesiredResource {
    let (mut desired, problems) = testing::read_settings(&[Source::new("settings.yaml", settings(ids))]);
    assert!(problems.is_empty());
    desired.resources.remove(0)
}

fn plan(ids: usize) -> PlanFile {
    let (desired, live) = (desired(ids), live(ids));
    let comparison = testing::compare(&desired, &live).unwrap();
    let live = testing::Live::Stored(live);
    let read = testing::Read { live, at: Instant::now(), deprecated: false, asked_before: 0, comparison };
    let (notes, left, accepted) = (Vec::new(), Vec::new(), Vec::new());
    let resource = testing::ResourcePlan { desired, outcome: Ok(read), notes, left, accepted };
    let (name, labels, url) = ("prod".to_owned(), Vec::new(), "https://acme.api.identitynow.com".to_owned());
    let tenant =
        testing::TenantPlan { name, labels, url, looked_up: None, asked: Vec::new(), outcome: Ok(vec![resource]) };
    testing::build_plan([(&tenant, &testing::Judged::default())], &[])
}

#[divan::bench(args = IDS, max_time = 1)]
fn parse(bencher: Bencher, ids: usize) {
    let source: Arc<Source> = Source::new("settings.yaml", settings(ids));
    bencher.bench_local(|| testing::read_settings(std::slice::from_ref(black_box(&source))));
}

#[divan::bench(args = IDS, max_time = 1)]
fn parse_floor(bencher: Bencher, ids: usize) {
    let text = settings(ids);
    let budget = serde_yaml::budget! { max_events: 20_000_000, max_nodes: 20_000_000, max_total_scalar_bytes: 1 << 30 };
    let options = serde_yaml::options! { budget: budget };
    bencher.bench_local(|| serde_yaml::from_str_with_options::<Value>(black_box(&text), options.clone()).unwrap());
}

#[divan::bench(args = IDS, max_time = 1)]
fn compare(bencher: Bencher, ids: usize) {
    let (desired, live) = (desired(ids), live(ids));
    bencher.bench_local(|| testing::compare(black_box(&desired), black_box(&live)));
}

#[divan::bench(args = IDS, max_time = 1)]
fn compare_floor(bencher: Bencher, ids: usize) {
    let (before, after) = (live(ids), live(ids + 1));
    let set = |value: &'_ Value| value["entitlementIds"].as_array().unwrap().len();
    assert_eq!(set(&before) + 1, set(&after));
    bencher.bench_local(|| {
        let members = |value| -> HashSet<&str> {
            let value: &Value = black_box(value);
            value["entitlementIds"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
        };
        let (old, new) = (members(&before), members(&after));
        (old.difference(&new).count(), new.difference(&old).count())
    });
}

#[divan::bench(args = IDS, max_time = 1)]
fn encode(bencher: Bencher, ids: usize) {
    let plan = plan(ids);
    bencher.bench_local(|| black_box(&plan).to_text().unwrap());
}

#[divan::bench(args = IDS, max_time = 1)]
fn encode_floor(bencher: Bencher, ids: usize) {
    let plan = plan(ids);
    bencher.bench_local(|| serde_json::to_string_pretty(black_box(&plan)).unwrap());
}

#[divan::bench(args = IDS, max_time = 1)]
fn render_text(bencher: Bencher, ids: usize) {
    let plan = plan(ids);
    let look = testing::Look { width: 100, full: false, quiet: false };
    bencher.bench_local(|| testing::as_text(black_box(&plan), look));
}

#[divan::bench(args = IDS, max_time = 1)]
fn render_page(bencher: Bencher, ids: usize) {
    let plan = plan(ids);
    bencher.bench_local(|| testing::as_page(black_box(&plan)).unwrap());
}

#[divan::bench(args = IDS, max_time = 1)]
fn edit(bencher: Bencher, ids: usize) {
    let text = settings(ids);
    let path = ["jitActivationPolicy", "entitlementIds"].map(str::to_owned).to_vec();
    let value = live(ids)["entitlementIds"].take();
    let edits = [testing::Edit::Set { path, value }];
    bencher.bench_local(|| testing::edit("settings.yaml", black_box(&text), &edits).unwrap());
}
