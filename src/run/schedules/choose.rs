//! What a schedule is made of, chosen by a seed.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::practice::Fault;
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

/// One document of the tenant, with the settings that schedules are about.
pub struct Pool {
    pub resource: &'static str,
    generation: Option<&'static str>,
    pub path: &'static str,
    settings: Vec<(&'static str, Vec<Value>)>,
    /// A setting that no file manages, a value of another type, and one of its own.
    pub odd: (&'static str, Value, Value),
}

/// What a file asks of one document: pointers and values.
pub type Wanted = Vec<(&'static str, Value)>;

impl Pool {
    pub fn policy() -> Pool {
        let ids = ["ae735f40-4de9-4163-801d-4a1444e59d35", "38439bbc-264b-447b-acac-a182a466b0e9"];
        Pool {
            resource: "jitActivationPolicy",
            generation: None,
            path: "/v2026/jit-activation-config/policy",
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

    pub fn requests(dice: &mut Dice) -> Pool {
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
            generation: Some(generation),
            path,
            settings,
            odd: (odd, json!("sixty"), json!(true)),
        }
    }

    /// Returns some settings with values.
    pub fn wanted(&self, dice: &mut Dice) -> Wanted {
        let mut settings: Vec<&(&'static str, Vec<Value>)> = self.settings.iter().collect();
        dice.shuffle(&mut settings);
        let number = 1 + dice.below(settings.len());
        settings.into_iter().take(number).map(|(pointer, values)| (*pointer, dice.pick(values).clone())).collect()
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

/// Returns a settings file that asks for this.
pub fn settings(wanted: &[(&Pool, Wanted)]) -> String {
    let mut file = Map::new();
    for (pool, wanted) in wanted.iter().filter(|(_, wanted)| !wanted.is_empty()) {
        let mut resource = Value::Object(Map::new());
        if let Some(generation) = pool.generation {
            resource["apiVersion"] = json!(generation);
        }
        for (pointer, value) in wanted {
            let mut place = &mut resource;
            for key in pointer.split('/').skip(1) {
                place = &mut place[key];
            }
            *place = value.clone();
        }
        file.insert(pool.resource.to_owned(), resource);
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

/// Returns what goes wrong with a rollback. Nobody else edits meanwhile, so that what it says can be held against the values
/// that it began with.
pub fn faults_of_rollback(dice: &mut Dice, pools: &[Pool; 2]) -> Vec<Fault> {
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

/// Returns what goes wrong. With `stalls` an answer may come later than a run waits for it.
pub fn faults(dice: &mut Dice, pools: &[Pool; 2], stalls: bool) -> Vec<Fault> {
    let number = *dice.pick(&[0, 1, 2, 3, 4, 5, 7]);
    let mut texts: Vec<String> = (0..number).map(|_| one_fault(dice, pools)).collect();
    if stalls {
        let method = *dice.pick(&["GET", "PATCH", "PUT"]);
        texts.push(format!("stall {method} /{} skip={} seconds=3", "", dice.below(2)));
    }
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn one_fault(dice: &mut Dice, pools: &[Pool; 2]) -> String {
    let pool = dice.pick(pools);
    let write = if pool.generation.is_none() { "PATCH" } else { "PUT" };
    let (path, skip, times) = (pool.path, dice.below(3), 1 + dice.below(3) * dice.below(2));
    match dice.below(10) {
        0 => format!("{} POST /oauth/token skip={} times={times}", dice.pick(OF_TOKENS), dice.below(2)),
        1..4 => format!("{} GET {path} skip={} times={times}", dice.pick(OF_READS), dice.below(6)),
        4..7 => format!("{} {write} {path} skip={} times={times}", dice.pick(OF_WRITES), skip / 2),
        7 => format!("edit {write} {path} skip={} {}", skip / 2, pool.edit(dice)),
        _ => format!("edit GET {path} skip={} {}", dice.below(6), pool.edit(dice)),
    }
}
