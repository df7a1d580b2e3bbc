//! What must hold for any live document, any settings file and every API generation. Values come from the schemas of the
//! catalogue's kinds, so a new setting is covered by itself.

#![expect(clippy::disallowed_methods, reason = "tests make and read their own files")]

use std::fmt;
use std::sync::Arc;

use crate::documents::build::operations;
use crate::documents::fixtures;
use crate::documents::receipt::{Outcome, Receipt, ResourceReceipt};
use crate::plan::tenant::Why;
use crate::plan::{self, compare, fold};
use crate::practice::{Options, Practice};
use crate::resource::{CATALOGUE, Generation, Key, Resource, Setting, document};
use crate::run::change::Work;
use crate::run::interrupt::Interrupts;
use crate::run::pace::Pace;
use crate::run::read::{self, Network};
use crate::run::rollback;
use crate::settings::{self, DesiredResource};
use crate::tenant::{Address, AllowedHosts, Credentials, Http, HttpOptions};
use crate::text::problem::Severity;
use crate::text::yaml::Source;
use crate::ui::progress::Progress;
use crate::workspace::Target;
use crate::workspace::access::{Access, Location};
use proptest::prelude::*;
use proptest::strategy::Union;
use proptest::test_runner::{RngAlgorithm, TestCaseResult};
use serde_json::{Map, Value, json};

/// Tries as many cases as `PROPTEST_CASES` says, `usual` ones if it is not set.
fn config(usual: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(usual),
        max_global_rejects: 100_000,
        max_local_rejects: 1_000_000,
        failure_persistence: None,
        // Half of the time went into the usual one, which is slow without optimization.
        rng_algorithm: RngAlgorithm::XorShift,
        ..ProptestConfig::default()
    }
}

/// Returns values of a schema, few different ones, so that equal ones meet.
fn sample(schema: &Value) -> BoxedStrategy<Value> {
    if let Some(branches) = schema.get("oneOf").or_else(|| schema.get("anyOf")).and_then(Value::as_array) {
        return Union::new(branches.iter().map(sample)).boxed();
    }
    if let Some(values) = schema.get("enum").or_else(|| schema.get("examples")).and_then(Value::as_array) {
        return proptest::sample::select(values.clone()).boxed();
    }
    let limit = |key: &str, default: i64| schema.get(key).and_then(Value::as_i64).unwrap_or(default);
    match &schema["type"] {
        Value::Array(types) => {
            let of = |one: &Value| {
                let mut schema = schema.clone();
                schema["type"] = one.clone();
                sample(&schema)
            };
            Union::new(types.iter().map(of)).boxed()
        }
        Value::String(name) => match name.as_str() {
            "null" => Just(Value::Null).boxed(),
            "boolean" => any::<bool>().prop_map(Value::from).boxed(),
            "integer" => {
                let (low, high) = (limit("minimum", 0), limit("maximum", i64::from(i32::MAX)));
                prop_oneof![4 => low..=high.min(low + 4), 1 => low..=high].prop_map(Value::from).boxed()
            }
            "string" => text(schema["pattern"].as_str()),
            "array" => proptest::collection::vec(sample(&schema["items"]), 0..4).prop_map(Value::from).boxed(),
            "object" => object(schema),
            other => panic!("no values of {other}"),
        },
        other => panic!("no values of {other}"),
    }
}

/// A pattern that is not anchored asks for one character only.
fn text(pattern: Option<&str>) -> BoxedStrategy<Value> {
    let pattern = match pattern {
        Some(pattern) if pattern.starts_with('^') => {
            // Values that look ahead is there to refuse are sieved out by the reader.
            let pattern = pattern.replace("(?=.*[1-9])", "").replace("(?=[0-9])", "");
            pattern.replace("\\S", "[abA]").replace(".*", "[ab-]{0,2}").replace(['^', '$'], "")
        }
        _ => "[abA]{1,2}".to_owned(),
    };
    // Taking the anchors away also turned [^...] round, which is how most patterns name what they take.
    let pattern =
        pattern.replace("[\\s@\",;<>.]", "[ab]").replace("[\\s@\",;<>]", "[abA]").replace("[\"\\r\\n]", "[a ]");
    let pattern = pattern.replace("[\\s,:]", "[ab]");
    proptest::string::string_regex(&pattern).unwrap().prop_map(Value::from).boxed()
}

fn object(schema: &Value) -> BoxedStrategy<Value> {
    let required: Vec<&str> =
        schema["required"].as_array().map(|keys| keys.iter().filter_map(Value::as_str).collect()).unwrap_or_default();
    let entries: Vec<BoxedStrategy<Option<(String, Value)>>> = schema["properties"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, schema)| {
            let name = key.clone();
            let entry = sample(schema).prop_map(move |value| Some((name.clone(), value)));
            if required.contains(&key.as_str()) { entry.boxed() } else { prop_oneof![Just(None), entry].boxed() }
        })
        .collect();
    entries.prop_map(|entries| Value::Object(entries.into_iter().flatten().collect())).boxed()
}

/// What a settings file says of one setting: nothing, null where that can be said, or a value.
fn written(setting: &'static Setting) -> BoxedStrategy<Option<Value>> {
    let value = sample(&setting.kind.schema()).prop_map(Some);
    if setting.nullable {
        prop_oneof![2 => Just(None), 1 => Just(Some(Value::Null)), 3 => value].boxed()
    } else {
        prop_oneof![2 => Just(None), 3 => value].boxed()
    }
}

fn read(
    resource: &'static Resource,
    generation: &Generation,
    written: &[(&'static Setting, Option<Value>)],
) -> Option<DesiredResource> {
    let mut settings = json!({"apiVersion": generation.name});
    for (setting, value) in written {
        if let Some(value) = value {
            let mut at = &mut settings;
            for key in setting.keys() {
                at = at.as_object_mut()?.entry(key).or_insert_with(|| Value::Object(Map::new()));
            }
            *at = value.clone();
        }
    }
    // JSON is YAML.
    let document = match Key::sample(resource).instance {
        Some(instance) => json!({instance.as_str(): settings}),
        None => settings,
    };
    let file = json!({resource.name: document}).to_string();
    let (mut desired, problems) = settings::read(&[Source::new("settings.yaml", file)]);
    let good = problems.iter().all(|problem| problem.severity != Severity::Error) && desired.resources.len() == 1;
    good.then(|| desired.resources.remove(0))
}

const ANY: bool = false;
const WHOLE: bool = true;

/// What one case is about.
#[derive(Clone)]
struct Case {
    desired: Arc<DesiredResource>,
    live: Value,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.desired.settings.first().map(|managed| managed.place.source.text.as_str());
        write!(f, "{} against {}", file.unwrap_or_default(), self.live)
    }
}

/// The ways a live document can hold a setting.
fn held(setting: &'static Setting, whole: bool) -> BoxedStrategy<Option<Value>> {
    let value = sample(&setting.kind.schema()).prop_map(Some);
    if whole { value.boxed() } else { prop_oneof![1 => Just(None), 1 => Just(Some(Value::Null)), 4 => value].boxed() }
}

/// Cases against tenants of any form; `whole` ones hold every setting that a PUT would set to a default.
fn cases(whole: bool) -> impl Strategy<Value = Case> {
    let places: Vec<(&'static Resource, &'static Generation)> = CATALOGUE
        .into_iter()
        .flat_map(|resource| resource.generations.iter().map(move |generation| (resource, generation)))
        .collect();
    proptest::sample::select(places).prop_flat_map(move |(resource, generation)| case(resource, generation, whole))
}

fn case(resource: &'static Resource, generation: &'static Generation, whole: bool) -> impl Strategy<Value = Case> {
    let settings: Vec<&'static Setting> = resource.settings_of(generation).collect();
    let wanted: Vec<BoxedStrategy<Option<Value>>> = settings.iter().map(|setting| written(setting)).collect();
    let there: Vec<BoxedStrategy<Option<Value>>> = settings.iter().map(|setting| held(setting, whole)).collect();
    (wanted, there, any::<bool>()).prop_filter_map("no settings file", move |(wanted, there, unknown)| {
        let pairs: Vec<(&'static Setting, Option<Value>)> = settings.iter().copied().zip(wanted).collect();
        let desired = Arc::new(read(resource, generation, &pairs)?);
        let mut live = json!({"id": "1"});
        if unknown {
            live["brandNew"] = json!({"deep": [1, null, 2.50]});
        }
        for (setting, value) in settings.iter().zip(there) {
            match value {
                None => {}
                Some(Value::Null) => document::put(setting, &mut live, &Value::Null),
                // In the form in which a tenant answers it.
                Some(value) => {
                    let one = read(resource, generation, &[(setting, Some(value))])?;
                    document::put(setting, &mut live, &one.settings[0].value);
                }
            }
        }
        Some(Case { desired, live })
    })
}

fn contradicts(resource: &Resource, generation: &Generation, document: &Value) -> bool {
    let values: Vec<(&str, Option<Value>)> = resource
        .settings_of(generation)
        .map(|setting| (setting.pointer, document::read(setting, document).unwrap_or_default()))
        .collect();
    let find = |pointer: &str| values.iter().find(|(one, _)| *one == pointer).and_then(|(_, value)| value.as_ref());
    document::broken(resource, document::Absent::NotSet, find).iter().any(|broken| broken.contradiction)
}

fn applied(case: &Case, changes: &[plan::Change]) -> Receipt {
    let entry = ResourceReceipt {
        instance: case.desired.key.instance.as_ref().map(ToString::to_string),
        outcome: Outcome::Applied,
        started_at: Some("2026-11-21T00:00:00Z".to_owned()),
        before: case.live.clone(),
        operations: operations(changes),
        ..fixtures::resource_receipt(case.desired.resource().name, case.desired.generation.name)
    };
    fixtures::receipt(vec![fixtures::tenant_receipt("prod", "https://acme.api.identitynow.com", vec![entry])])
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn applying_a_plan_leaves_nothing_to_plan(case in cases(ANY)) {
        let changes = compare(&case.desired, &case.live).unwrap().changes;
        let after = fold(&case.live, &changes);
        prop_assert_eq!(compare(&case.desired, &after).unwrap().changes.len(), 0, "{}", after);
    }

    #[test]
    fn leaving_any_operation_out_leaves_exactly_that_difference(case in cases(ANY)) {
        let changes = compare(&case.desired, &case.live).unwrap().changes;
        for at in 0..changes.len() {
            let mut others = changes.clone();
            let left = others.remove(at);
            let after = fold(&case.live, &others);
            let found: Vec<&str> = compare(&case.desired, &after)
                .unwrap()
                .changes
                .iter()
                .map(|change| change.setting.pointer)
                .collect();
            prop_assert_eq!(found, vec![left.setting.pointer]);
        }
    }

    #[test]
    fn every_prefix_of_a_plan_is_valid_when_live_is(case in cases(ANY)) {
        let (resource, generation) = (case.desired.resource(), case.desired.generation);
        let changes = compare(&case.desired, &case.live).unwrap().changes;
        let contradicts = |document: &Value| contradicts(resource, generation, document);
        prop_assume!(!contradicts(&case.live) && !contradicts(&fold(&case.live, &changes)));
        for length in 0..changes.len() {
            let document = fold(&case.live, &changes[..length]);
            prop_assert!(!contradicts(&document), "after {} of {:?}", length, operations(&changes));
        }
    }

    #[test]
    fn what_is_not_managed_and_what_nobody_knows_is_untouched(case in cases(ANY)) {
        let compared = compare(&case.desired, &case.live).unwrap();
        let after = fold(&case.live, &compared.changes);
        let changed = |setting: &Setting| compared.change(setting.pointer).is_some();
        for setting in case.desired.resource().settings.iter().filter(|setting| !changed(setting)) {
            prop_assert_eq!(case.live.pointer(setting.pointer), after.pointer(setting.pointer));
        }
        for pointer in compared.unknown.iter().map(String::as_str).chain(["/id", "/brandNew"]) {
            prop_assert_eq!(case.live.pointer(pointer), after.pointer(pointer));
        }
        prop_assert!(plan::moved(&case.desired, &case.live, &after).is_empty());
    }

    #[test]
    fn a_rollback_restores_what_was_there_and_names_the_rest(case in cases(ANY)) {
        let changes = compare(&case.desired, &case.live).unwrap().changes;
        prop_assume!(!changes.is_empty());
        let after = fold(&case.live, &changes);
        let receipt = applied(&case, &changes);
        let receipt = Receipt::parse(&receipt.to_text().unwrap()).unwrap();
        let source = Source::new("receipt.json", receipt.to_text().unwrap());
        let wrote = || rollback::written(&receipt, &receipt.tenants[0], &source).unwrap().resources.remove(0);
        let entry = &receipt.tenants[0].resources[0];

        let (returning, left) = rollback::back(entry, wrote(), &after);
        prop_assert_eq!(returning.settings.len() + left.len(), changes.len());
        let restored = fold(&after, &compare(&returning, &after).unwrap().changes);
        for change in &changes {
            let setting = change.setting;
            let named = left.iter().find(|one| one.setting.pointer == setting.pointer);
            let there = match change.before.as_deref() {
                None => false,
                Some(Value::Null) => setting.nullable,
                Some(_) => true,
            };
            if there {
                prop_assert!(named.is_none(), "{}", setting);
                let now = document::read(setting, &restored).unwrap();
                prop_assert!(setting.equal(now.as_ref(), change.before.as_deref()), "{} {:?}", setting, now);
            } else {
                let absent = named.is_some_and(|one| one.why == Why::Absent);
                prop_assert!(absent, "{}", setting);
            }
        }
        // Where everything is back already, nothing is left to do or to say.
        let (returning, left) = rollback::back(entry, wrote(), &case.live);
        prop_assert_eq!((returning.settings.len(), left.len()), (0, 0));
    }
}

/// One case against a tenant over HTTP: plan, apply, plan, apply.
async fn over_http(case: Case) -> TestCaseResult {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.json");
    let mut documents = json!({"jitActivationPolicy": {"id": "1"}, "accessRequestConfig": {}});
    documents[case.desired.resource().name] = match &case.desired.key.instance {
        // As the practice tenant keeps them.
        Some(name) => json!({format!("APPROVAL_TYPE/{name}"): case.live}),
        None => case.live.clone(),
    };
    std::fs::write(&state, documents.to_string()).unwrap();
    let practice = Practice::start(Options::new(&state)).unwrap();
    let http = HttpOptions { retries: 0, ..HttpOptions::default() };
    let network = Network {
        progress: Progress::default(),
        http: Arc::new(Http::new(http)),
        allowed: Arc::new(AllowedHosts::parse("").unwrap()),
        parallelism: 1,
        pace: Pace::default(),
    };
    let url = practice.url().to_owned();
    let credentials = || Credentials { client_id: "id".to_owned(), client_secret: "secret".into(), loopback: true };
    let target = || Target {
        name: "test".to_owned(),
        labels: Vec::new(),
        url: url.clone(),
        access: Ok(Access {
            location: Location::Address(Address::parse(&url).unwrap()),
            credentials: Some(credentials()),
        }),
        desired: settings::Desired { resources: vec![copy(&case.desired)], released: Vec::new() },
        rules: Vec::new(),
        set_aside: Vec::new(),
    };
    let writes =
        || practice.requests().iter().filter(|request| matches!(request.method.as_str(), "PATCH" | "PUT")).count();
    let mut outcomes = Vec::new();
    for _ in 0..2 {
        let mut tenants = read::read(vec![target()], &network).await;
        let tenant = tenants.remove(0);
        let client = tenant.client.unwrap();
        for resource in tenant.plan.outcome.unwrap() {
            let read = resource.outcome.unwrap();
            let changes = read.comparison.changes.len();
            let interrupts = Interrupts::listen("sailplan".to_owned());
            let work = Work {
                client: &client,
                desired: &resource.desired,
                reread: false,
                pace: network.pace,
                interrupts: &interrupts,
            };
            let done = work.run(read, |_| true).await;
            prop_assert!(done.error.is_none(), "{:#?}", done.error);
            outcomes.push((changes == 0, done.outcome, writes()));
        }
    }
    let expected = if outcomes[0].0 { Outcome::Unchanged } else { Outcome::Applied };
    let sent = usize::from(!outcomes[0].0);
    prop_assert_eq!(outcomes, vec![(sent == 0, expected, sent), (true, Outcome::Unchanged, sent)]);
    Ok(())
}

fn copy(desired: &DesiredResource) -> DesiredResource {
    DesiredResource {
        key: desired.key.clone(),
        generation: desired.generation,
        settings: desired.settings.clone(),
        left_out: desired.left_out.clone(),
    }
}

proptest! {
    #![proptest_config(config(24))]

    #[test]
    fn the_same_plan_twice_changes_nothing_the_second_time(case in cases(WHOLE)) {
        // A tenant refuses a workflow for all its entitlements.
        prop_assume!(!case.desired.settings.iter().any(|managed| managed.value.to_string().contains("\"WORKFLOW\"")));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(over_http(case))?;
    }
}
