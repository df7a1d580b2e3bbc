//! A mutation run: files, plans, receipts and answers are changed at random, and whatever comes of it, sailplan ends in time
//! with one of its exit codes, shows nothing that acts on a terminal or a log, and shows no secret.
//!
//! `SAILPLAN_MUTATIONS=3000 cargo test --test cli mutation -- --nocapture` is the long run; it prints its figures.
//! `SAILPLAN_SEED=17` repeats the mutation of a message instead.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::harness::{Canned, ONE_CHANGE_EACH, Site, serve};

/// Mutations of each kind of input in `cargo test`.
const FEW: u64 = 12;
/// In this time every run ends.
const LIMIT: Duration = Duration::from_secs(30);
const SECRET: &str = "secret-of-the-test";
const TOKEN: &str = "token-0f-the-mutation-run";
const HOSTILE: [&str; 28] = [
    "::error::x",
    "\n::stop-commands::x\n",
    "##vso[task.setvariable variable=x]y",
    "##[error]x",
    "\u{1b}[2J",
    "\u{9b}31m",
    "\u{202e}",
    "\u{200b}",
    "<script>alert(1)</script>",
    "](javascript:x)",
    "<!-- sailplan:v1 -->",
    "\r\n",
    "\t",
    "\0",
    "9007199254740993",
    "-0",
    "1e400",
    "null",
    "[]",
    "{}",
    "*a",
    "&a x",
    "!!binary x",
    "---\n",
    "'",
    "\"",
    "${HOME}",
    "\u{212a}",
];

/// Numbers that only depend on a seed, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        // xorshift64* of Vigna.
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit.max(1)
    }

    fn place(&mut self, text: &str) -> usize {
        let at = self.below(text.len() + 1);
        (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap()
    }

    fn hostile(&mut self) -> &'static str {
        HOSTILE[self.below(HOSTILE.len())]
    }

    /// Changes a text in one place, or in two or three.
    fn mutated(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..=self.below(3) * self.below(2) {
            let (one, other) = (self.place(&text), self.place(&text));
            let (start, end) = (one.min(other), one.max(other).min(one.min(other) + 40));
            let end = (start..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            let part = text[start..end].to_owned();
            match self.below(5) {
                0 => text.replace_range(start..end, ""),
                1 => text.insert_str(start, &part.repeat(1 + self.below(50))),
                2 => text.insert_str(start, self.hostile()),
                3 => text.replace_range(start..end, self.hostile()),
                _ => text.truncate(end),
            }
        }
        text
    }

    /// Changes one value or key of a document.
    fn changed(&mut self, value: &mut Value) {
        let inside = self.below(4) != 0;
        match value {
            Value::Array(items) if inside && !items.is_empty() => {
                let index = self.below(items.len());
                self.changed(&mut items[index]);
            }
            Value::Object(entries) if inside && !entries.is_empty() => {
                let key = entries.keys().nth(self.below(entries.len())).unwrap().clone();
                if self.below(8) == 0 {
                    let old = entries.shift_remove(&key).unwrap();
                    entries.insert(format!("{key}{}", self.hostile()), old);
                } else {
                    self.changed(&mut entries[&key]);
                }
            }
            Value::String(text) if inside => *text = self.mutated(&text.clone()),
            other => {
                let hostile = Value::from(self.hostile());
                let many = Value::from(vec![other.clone(); 1 + self.below(30)]);
                let choices = [Value::Null, 0.into(), (-1).into(), u64::MAX.into(), true.into(), hostile, many];
                *other = choices[self.below(choices.len())].clone();
            }
        }
    }

    /// Changes a document and seals it again as its author would.
    fn resealed(&mut self, document: &str) -> String {
        let mut value: Value = serde_json::from_str(document).unwrap();
        for _ in 0..=self.below(3) {
            self.changed(&mut value);
        }
        if let Value::Object(entries) = &mut value {
            entries.shift_remove("checksum");
            if self.below(2) == 0 {
                entries.shift_remove("digest");
            }
        }
        let sum = format!("sha256:{:x}", Sha256::digest(value.to_string().as_bytes()));
        if let Value::Object(entries) = &mut value {
            entries.insert("checksum".to_owned(), sum.into());
        }
        value.to_string()
    }
}

/// What the runs of one kind came to.
#[derive(Default)]
struct Figures {
    codes: BTreeMap<i32, u64>,
    slowest: Duration,
}

/// Runs each kind of input as often as asked.
fn mutate(kind: &str, mut prepare: impl FnMut(&mut Random) -> (Site, Vec<Vec<&'static str>>)) {
    let asked = std::env::var("SAILPLAN_MUTATIONS").ok();
    let number = asked.as_ref().map_or(FEW, |number| number.parse().unwrap());
    let mut figures = Figures::default();
    let seeds = match std::env::var("SAILPLAN_SEED") {
        Ok(seed) => seed.parse().unwrap()..=seed.parse().unwrap(),
        Err(_) => 1..=number,
    };
    for seed in seeds {
        let (site, runs) = prepare(&mut Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        for args in runs {
            run(kind, seed, &site, &args, &mut figures);
        }
    }
    if asked.is_some() {
        let codes: Vec<String> = figures.codes.iter().map(|(code, number)| format!("{number} x {code}")).collect();
        let mut out = std::io::stderr();
        writeln!(out, "{kind}: {}; slowest {:?}", codes.join(", "), figures.slowest).unwrap();
    }
}

fn run(kind: &str, seed: u64, site: &Site, args: &[&str], figures: &mut Figures) {
    let measured = || {
        let started = Instant::now();
        let mut command = site.command();
        command.args(args).args(["--retries", "1", "--timeout", "5"]);
        let output = command.env("GITHUB_ACTIONS", "true").stdin(Stdio::null()).output().unwrap();
        (output, started.elapsed())
    };
    let (output, mut took) = measured();
    if took > LIMIT {
        // A machine that is busy with other things for so long is no hang: that would come again.
        took = measured().1;
    }
    figures.slowest = figures.slowest.max(took);
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    let case = format!("{kind}, seed {seed}, {args:?}:\n{text}");
    let code = output.status.code().unwrap_or_else(|| panic!("ended by a signal: {case}"));
    *figures.codes.entry(code).or_default() += 1;
    assert!(matches!(code, 0..=3 | 64), "exit code {code}: {case}");
    assert!(!text.contains("panicked at"), "{case}");
    assert!(took < LIMIT, "{took:?}, and longer before: {case}");
    let acts = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{200b}' | '\u{202e}'));
    // Pages are not shown on a terminal, and escape for their own readers.
    if !args.contains(&"html") && !args.contains(&"markdown") {
        assert!(!text.contains(acts), "{case}");
    }
    // These formats are commands, with every text in them escaped.
    if !args.contains(&"github") {
        assert!(!text.lines().any(|line| line.trim().starts_with("::") || line.contains("##vso[")), "{case}");
    }
    assert!(!text.contains(SECRET) && !text.contains(TOKEN), "{case}");
}

const WORKSPACE: &str = "\
tenants:
  prod:
    url: ${SAIL_BASE_URL}
    labels: {ring: prod}
    clientId: ${SAIL_CLIENT_ID}
    clientSecret: ${SAIL_CLIENT_SECRET}
    settings: [settings/base.yaml]
    guardrails: {deny: [loosens], maxChanges: 3}
allowances: [allowances.yaml]
";
const ALLOWANCE: &str = "- {tenant: prod, setting: jitActivationPolicy.maxActivationPeriodMins, upTo: 6h, reason: audit, \
                         ticket: T-1, until: 2099-12-31}\n";
const SETTINGS: &str = "\
jitActivationPolicy:
  entitlementIds: [ae735f40-4de9-4163-801d-4a1444e59d35, {id: 38439bbc-264b-447b-acac-a182a466b0e9, name: Admins}]
  maxActivationPeriodMins: 4h
  notificationRecipients: [audit@example.com]
  notificationTemplate: null
accessRequestConfig:
  apiVersion: v2
  requestOnBehalfOfConfig: {allowRequestOnBehalfOfAnyoneByAnyone: false}
  entitlementRequestConfig:
    accessRequestConfig:
      approvalSchemes: [{approverType: MANAGER}, {approverType: GOVERNANCE_GROUP, approverId: '7'}]
";

#[test]
fn settings() {
    mutate("settings", |random| {
        let site = Site::new().tenant().file("s.yaml", &random.mutated(SETTINGS));
        let format = ["json", "sarif", "junit", "github"][random.below(4)];
        (site, vec![vec!["validate", "s.yaml", "--format", format], vec!["plan", "s.yaml"]])
    });
}

#[test]
fn workspaces() {
    mutate("workspace and allowances", |random| {
        let (workspace, allowance) = match random.below(3) {
            0 => (WORKSPACE.to_owned(), random.mutated(ALLOWANCE)),
            _ => (random.mutated(WORKSPACE), ALLOWANCE.to_owned()),
        };
        let site = Site::new().tenant().file("settings/base.yaml", ONE_CHANGE_EACH).file("allowances.yaml", &allowance);
        (site.file("sailplan.yaml", &workspace), vec![vec!["validate"], vec!["plan"]])
    });
}

#[test]
fn plans() {
    let site = Site::new().tenant().file("s.yaml", ONE_CHANGE_EACH);
    assert_eq!(site.run(["plan", "s.yaml", "--out", "p.json"]).code, Some(0));
    let plan = site.read("p.json");
    mutate("plan, sealed again", |random| {
        let site = Site::new().tenant().file("s.yaml", ONE_CHANGE_EACH).file("p.json", &random.resealed(&plan));
        let format = ["text", "json", "markdown", "html", "github"][random.below(5)];
        (site, vec![vec!["show", "p.json", "--format", format], vec!["apply", "p.json", "s.yaml"]])
    });
}

#[test]
fn receipts() {
    let site = Site::new().tenant().file("s.yaml", ONE_CHANGE_EACH);
    assert_eq!(site.run(["apply", "s.yaml", "--yes", "--receipt", "r.json"]).code, Some(0));
    let receipt = site.read("r.json");
    let state = site.read("tenant-state.json");
    mutate("receipt, sealed again", |random| {
        let site = Site::new().file("tenant-state.json", &state).tenant().file("s.yaml", ONE_CHANGE_EACH);
        let changed = random.resealed(&receipt.replace(&url_in(&receipt), site.url()));
        (site.file("r.json", &changed), vec![vec!["rollback", "r.json", "--yes"], vec!["plan", "s.yaml"]])
    });
}

/// The address of the tenant that a receipt is of.
fn url_in(receipt: &str) -> String {
    let receipt: Value = serde_json::from_str(receipt).unwrap();
    receipt["tenants"][0]["url"].as_str().unwrap().to_owned()
}

const JIT: &str = r#"{"id": "1", "entitlementIds": ["ae735f40-4de9-4163-801d-4a1444e59d35"], "maxActivationPeriodMins": 120,
    "notificationRecipients": ["a@example.com"], "notificationTemplate": "t", "applyToFutureAssignments": true, "new": {"x": [1.50]}}"#;
const REFUSAL: &str = r#"{"detailCode": "400.1", "trackingId": "e7eab60924f6", "messages": [{"locale": "en-US", "text": "wrong"}],
    "causes": [], "error": "token-0f-the-mutation-run", "message": "secret-of-the-test"}"#;

#[test]
fn answers() {
    mutate("documents and answers", |random| {
        // Half of them stay JSON, so that what reads documents is reached.
        let document = if random.below(2) == 0 {
            let mut document: Value = serde_json::from_str(JIT).unwrap();
            random.changed(&mut document);
            document.to_string()
        } else {
            random.mutated(JIT)
        };
        let refusal = random.mutated(REFUSAL);
        // The token itself stays: another one would not be the secret that the answers below hold.
        let rest = format!(r#""expires_in": 700, "user_name": "{TOKEN}", "identity_id": "{SECRET}", "org": "acme"}}"#);
        let rest = if random.below(4) == 0 { random.mutated(&rest) } else { rest };
        let token = format!(r#"{{"access_token": "{TOKEN}", {rest}"#);
        let (status, body) = match random.below(3) {
            0 => ("400 Bad Request", refusal),
            _ => ("200 OK", document),
        };
        let answer = Canned { status, headers: "", body: body.into_bytes() };
        let url = serve(Canned { status: "200 OK", headers: "", body: token.into_bytes() }, answer);
        let site = Site::new().variable("SAIL_BASE_URL", &url).variable("SAIL_CLIENT_ID", "id");
        let site = site
            .variable("SAIL_CLIENT_SECRET", SECRET)
            .file("s.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n");
        (site, vec![vec!["plan", "s.yaml"], vec!["apply", "s.yaml", "--yes", "--reads", "1"], vec!["pull"]])
    });
}
