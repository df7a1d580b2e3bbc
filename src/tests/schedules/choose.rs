//! What a schedule is made of, chosen by a seed.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::practice::Fault;
use crate::resource::Key;
use crate::resource::instances::Standing;
use crate::run::pace::Pace;

/// How a run goes about its work.
#[derive(Clone, Debug)]
pub struct Limits {
    pub pace: Pace,
    pub retries: u32,
    pub timeout: Duration,
    pub fail_fast: bool,
}

impl Limits {
    /// Limits that a run without faults does not reach.
    pub fn wide() -> Limits {
        let pace = Pace { pause: Duration::from_millis(1), ..Pace::default() };
        Limits { pace, retries: 2, timeout: Duration::from_secs(60), fail_fast: false }
    }
}

/// The choices of one schedule. The same seed chooses the same.
pub struct Dice(fastrand::Rng);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(fastrand::Rng::with_seed(seed))
    }

    /// Returns a number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0.usize(..end)
    }

    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        self.0.shuffle(items);
    }
}

/// The id of the practice tenant.
pub const TENANT: &str = "9f2c3a54-0f0e-4b8e-9a67-7c1d5e2b3a90";

/// The approvals configurations that schedules are about, each with the id in its path and its key in the state file.
pub const CONFIGURATIONS: [(&str, &str, &str); 4] = [
    ("TENANT", TENANT, "TENANT"),
    ("ACCESS_REQUEST_APPROVAL", "ACCESS_REQUEST_APPROVAL", "APPROVAL_TYPE/ACCESS_REQUEST_APPROVAL"),
    ("ENTITLEMENT/ae735f40-4de9-4163", "ae735f40-4de9-4163", "ENTITLEMENT/ae735f40-4de9-4163"),
    ("ROLE/2c91:80.85", "2c91%3A80%2E85", "ROLE/2c91:80.85"),
];

/// One document of the tenant, with the settings that schedules are about.
pub struct Pool {
    pub resource: &'static str,
    instance: Option<&'static str>,
    generation: Option<&'static str>,
    /// Where it is read. Where it is written begins with that.
    pub path: String,
    writes: &'static [&'static str],
    settings: Vec<(&'static str, Vec<Value>)>,
    /// A setting that no file manages, a value of another type, and one of its own.
    pub odd: (&'static str, Value, Value),
}

/// What a file asks of one document.
#[derive(Clone)]
pub enum Wanted {
    /// Pointers and values.
    Settings(Vec<(&'static str, Value)>),
    /// That it is not stored.
    Inherit,
}

impl Pool {
    /// Returns the documents of a tenant.
    pub fn all(dice: &mut Dice) -> Vec<Pool> {
        let mut pools = vec![Pool::policy(), Pool::requests(dice)];
        pools.extend(CONFIGURATIONS.iter().map(|(instance, id, _)| Pool::approvals(instance, id)));
        pools
    }

    fn policy() -> Pool {
        let ids = ["ae735f40-4de9-4163-801d-4a1444e59d35", "38439bbc-264b-447b-acac-a182a466b0e9"];
        Pool {
            resource: "jitActivationPolicy",
            instance: None,
            generation: None,
            path: "/v2026/jit-activation-config/policy".to_owned(),
            writes: &["PATCH"],
            settings: vec![
                ("/entitlementIds", vec![json!(ids), json!([ids[0]]), json!([ids[1]])]),
                ("/maxActivationPeriodMins", vec![json!(120), json!(240), json!(300)]),
                ("/maxActivationPeriodExtensionMins", vec![json!(30), json!(60), json!(90)]),
                ("/defaultMaxActivationPeriodMins", vec![json!(30), json!(60)]),
                ("/applyToFutureAssignments", vec![json!(true), json!(false)]),
                (
                    "/notificationRecipients",
                    vec![json!(["owner@example.com"]), json!(["a@example.com", "b@example.com"])],
                ),
            ],
            odd: ("/notificationTemplate", json!(5), json!("jit-activation-default")),
        }
    }

    fn approvals(instance: &'static str, id: &str) -> Pool {
        let approver = |key: &str, kind: &str, id: &str| json!({key: id, kind: "IDENTITY"});
        let chain = |id: &str| json!([approver("identityId", "identityType", id)]);
        Pool {
            resource: "approvalsConfig",
            instance: Some(instance),
            generation: None,
            path: format!("/generic-approvals/v1/config/{id}"),
            writes: &["PUT", "PUT", "DELETE"],
            settings: vec![
                ("/autoApprove", vec![json!("OFF"), json!("DIRECT"), json!("INDIRECT")]),
                ("/requiresComment", vec![json!("ALL"), json!("REJECTION"), json!("OFF")]),
                ("/reminderConfig/enabled", vec![json!(true), json!(false)]),
                ("/reminderConfig/maxReminders", vec![json!(3), json!(5)]),
                ("/reminderConfig/reminderCronSchedule", vec![json!("@every 24h"), json!("@every 48h")]),
                ("/timeoutConfig/daysUntilTimeout", vec![json!(30), json!(90)]),
                (
                    "/fallbackApprover",
                    vec![approver("identityID", "type", "5168015d"), approver("identityID", "type", "2c918085")],
                ),
                ("/serialChain", vec![chain("5168015d"), chain("2c918085"), json!([])]),
            ],
            odd: ("/machineIdentityManagerAssignment", json!(5), json!("ACCOUNT_OWNER")),
        }
    }

    fn requests(dice: &mut Dice) -> Pool {
        let switch = || vec![json!(true), json!(false)];
        let mut settings = vec![
            ("/approvalsMustBeExternal", switch()),
            ("/reauthorizationEnabled", switch()),
            ("/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone", switch()),
            ("/requestOnBehalfOfConfig/allowRequestOnBehalfOfEmployeeByManager", switch()),
        ];
        let nested = "/entitlementRequestConfig/accessRequestConfig/requestCommentRequired";
        let (generation, path, odd) = match dice.below(3) {
            0 => {
                settings.extend([
                    ("/autoApprovalEnabled", switch()),
                    ("/entitlementRequestConfig/requestCommentsRequired", switch()),
                ]);
                ("beta", "/beta/access-request-config", "/entitlementRequestConfig/deniedCommentsRequired")
            }
            1 => {
                settings.push((nested, switch()));
                ("v2026", "/v2026/access-request-config", "/govGroupVisibilityEnabled")
            }
            _ => {
                settings.extend([(nested, switch()), ("/machineIdentityAccessRequestEnabled", switch())]);
                ("v2", "/access-request-config/v2", "/govGroupVisibilityEnabled")
            }
        };
        Pool {
            resource: "accessRequestConfig",
            instance: None,
            generation: Some(generation),
            path: path.to_owned(),
            writes: &["PUT"],
            settings,
            odd: (odd, json!("sixty"), json!(true)),
        }
    }

    pub fn key(&self) -> Key {
        Key::named(self.resource, self.instance).unwrap()
    }

    /// Returns a document if it is this one, and null if the tenant answers another one because this one is not stored.
    pub fn own(&self, shown: &Value) -> Value {
        if self.key().standing(shown) == Standing::Own { shown.clone() } else { Value::Null }
    }

    /// Returns what a file asks of it.
    pub fn wanted(&self, dice: &mut Dice) -> Wanted {
        if self.instance.is_some() && dice.percent(25) {
            return Wanted::Inherit;
        }
        let mut settings: Vec<&(&'static str, Vec<Value>)> = self.settings.iter().collect();
        dice.shuffle(&mut settings);
        let number = 1 + dice.below(settings.len());
        let valued = settings.into_iter().take(number);
        Wanted::Settings(valued.map(|(pointer, values)| (*pointer, dice.pick(values).clone())).collect())
    }

    /// Returns a change that another admin makes, as a fault takes it.
    fn edit(&self, dice: &mut Dice) -> String {
        let (pointer, value) = match dice.below(10) {
            0 => ("/futureField", json!(dice.below(1000))),
            1 => (self.odd.0, self.odd.1.clone()),
            2 => (self.odd.0, self.odd.2.clone()),
            _ => {
                let (pointer, values) = dice.pick(&self.settings);
                (*pointer, dice.pick(values).clone())
            }
        };
        format!("set='{pointer}={value}'")
    }
}

/// Returns the documents that a file is about.
pub fn managed<'p>(dice: &mut Dice, pools: &'p [Pool]) -> Vec<&'p Pool> {
    let (once, configurations) = pools.split_at(2);
    let mut managed: Vec<&Pool> = match dice.below(8) {
        0 => vec![&once[0]],
        1 => vec![&once[1]],
        2..5 => once.iter().collect(),
        5 => once.iter().filter(|_| dice.percent(70)).collect(),
        _ => Vec::new(),
    };
    if managed.is_empty() || dice.percent(25) {
        let chance = *dice.pick(&[25, 60, 100]);
        managed.extend(configurations.iter().filter(|_| dice.percent(chance)));
    }
    if managed.is_empty() {
        managed.push(dice.pick(configurations));
    }
    managed
}

/// Returns a settings file that asks for this. What is asked of a document several times is asked together.
pub fn settings(wanted: &[(&Pool, Wanted)]) -> String {
    let mut file = Map::new();
    for (pool, wanted) in wanted {
        let mut place = file.entry(pool.resource.to_owned()).or_insert_with(|| json!({}));
        if let Some(instance) = pool.instance {
            place = place.as_object_mut().unwrap().entry(instance).or_insert_with(|| json!({}));
        }
        if let Some(generation) = pool.generation {
            place["apiVersion"] = json!(generation);
        }
        match wanted {
            Wanted::Inherit => *place = json!("inherit"),
            Wanted::Settings(settings) => {
                for (pointer, value) in settings {
                    let at = pointer.split('/').skip(1).fold(&mut *place, |place, key| &mut place[key]);
                    *at = value.clone();
                }
            }
        }
    }
    Value::Object(file).to_string()
}

/// Returns how a run goes about its work. A stalled answer is given up after `timeout`.
pub fn limits(dice: &mut Dice, timeout: Duration) -> Limits {
    let retries = u32::try_from(dice.below(4)).unwrap();
    let pace = Pace {
        reads: 1 + u32::try_from(dice.below(3)).unwrap(),
        pause: Duration::from_millis(1),
        resends: retries.min(2),
        fresh: Duration::from_millis(*dice.pick(&[0, 1, 5000, 5000])),
    };
    Limits { pace, retries, timeout, fail_fast: dice.percent(10) }
}

const OF_TOKENS: &[&str] = &[
    "429 retry-after=1",
    "401",
    "400",
    "403",
    "503",
    "drop-before",
    "drop-after",
    "drop-body",
    "empty",
    "html",
    "bad-json",
];
const OF_READS: &[&str] = &[
    "429",
    "401",
    "403",
    "404",
    "408",
    "500",
    "503 retry-after=1",
    "drop-before",
    "drop-after",
    "drop-body",
    "empty",
    "html",
    "bad-json",
    "wrong-types",
    "lag",
    "lag",
    "lag",
    "redirect to=https://elsewhere.example.com/",
    "encoding-utf8",
];
const OF_WRITES: &[&str] = &[
    "400",
    "401",
    "401",
    "403",
    "404",
    "408",
    "409",
    "429",
    "429 retry-after=20",
    "500",
    "503",
    "503 retry-after=1",
    "504",
    "drop-before",
    "drop-after",
    "drop-after",
    "drop-body",
    "empty",
    "html",
    "bad-json",
    "wrong-types",
    "ignore",
    "ignore",
    "late after=1",
    "late after=2",
    "late after=4",
    "late after=9",
    "redirect to=https://elsewhere.example.com/",
    "encoding-utf8",
];

/// Returns what goes wrong with a rollback. No other edit comes meanwhile, so that what it says can be held against the
/// values that it began with.
pub fn faults_of_rollback(dice: &mut Dice, pools: &[&Pool]) -> Vec<Fault> {
    let number = *dice.pick(&[0, 0, 1, 2, 3]);
    let mut faults = Vec::new();
    while faults.len() < number {
        let text = one_fault(dice, pools);
        if !text.starts_with("edit") && !text.starts_with("late") {
            faults.push(text.parse().unwrap());
        }
    }
    faults
}

/// Returns what goes wrong with these documents. With `stalls` an answer may come later than a run waits for it.
pub fn faults(dice: &mut Dice, pools: &[&Pool], stalls: bool) -> Vec<Fault> {
    let number = *dice.pick(&[0, 1, 2, 3, 4, 5, 7]);
    let mut texts: Vec<String> = (0..number).map(|_| one_fault(dice, pools)).collect();
    if stalls {
        let method = *dice.pick(&["GET", "PATCH", "PUT", "DELETE"]);
        texts.push(format!("stall {method} / skip={} seconds=3", dice.below(2)));
    }
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn one_fault(dice: &mut Dice, pools: &[&Pool]) -> String {
    let pool = dice.pick(pools);
    let write = dice.pick(pool.writes);
    let (path, skip, times) = (&pool.path, dice.below(3), 1 + dice.below(3) * dice.below(2));
    match dice.below(10) {
        0 => format!("{} POST /oauth/token skip={} times={times}", dice.pick(OF_TOKENS), dice.below(2)),
        1..4 => format!("{} GET {path} skip={} times={times}", dice.pick(OF_READS), dice.below(6)),
        4..7 => format!("{} {write} {path} skip={} times={times}", dice.pick(OF_WRITES), skip / 2),
        7 => format!("edit {write} {path} skip={} {}", skip / 2, pool.edit(dice)),
        _ => format!("edit GET {path} skip={} {}", dice.below(6), pool.edit(dice)),
    }
}
