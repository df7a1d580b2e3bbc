//! What large inputs cost: the table of `SECURITY.md`.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Canned, ONE_CHANGE_EACH, Site, sealed, serve};

/// An input of a size, and the command that reads it.
struct Input {
    name: &'static str,
    /// The smaller size; the other one is ten times as large.
    size: usize,
    make: fn(usize) -> Site,
    args: &'static [&'static str],
    /// The exit code of the command.
    code: i32,
}

/// Ten times as much takes no more than so many times as long: reading takes 10, a step that is quadratic 100.
const GROWTH: f64 = 20.0;
/// In less time a run mostly starts, in seconds.
const LITTLE: f64 = 0.5;

const INPUTS: [Input; 21] = [
    Input { name: "unknown keys", size: 20_000, make: unknown_keys, args: &["validate", "s.yaml"], code: 1 },
    Input { name: "ids with names", size: 20_000, make: ids_with_names, args: &["validate", "s.yaml"], code: 0 },
    Input { name: "unknown instances", size: 10_000, make: unknown_instances, args: &["validate", "s.yaml"], code: 1 },
    Input { name: "allowances for 1,000 tenants", size: 100, make: allowances, args: &["validate"], code: 0 },
    Input { name: "tenants", size: 500, make: tenants, args: &["validate"], code: 0 },
    Input { name: "labels of a tenant", size: 10_000, make: labels, args: &["validate"], code: 0 },
    Input { name: "guardrails", size: 500, make: guardrails, args: &["validate"], code: 0 },
    Input { name: "forged plan: changes", size: 10_000, make: forged_changes, args: &["show", "p.json"], code: 0 },
    Input { name: "the same, as a page", size: 10_000, make: forged_changes, args: HTML, code: 0 },
    Input {
        name: "the same, applied",
        size: 10_000,
        make: forged_changes,
        args: &["apply", "p.json", "s.yaml"],
        code: 3,
    },
    Input { name: "forged plan: one change again", size: 10_000, make: repeated, args: &["show", "p.json"], code: 3 },
    Input { name: "forged plan: documents", size: 5_000, make: forged_documents, args: &["show", "p.json"], code: 0 },
    Input { name: "forged plan: tenants", size: 2_000, make: forged_tenants, args: &["show", "p.json"], code: 0 },
    Input { name: "plan with values of MB", size: 6, make: large_plan, args: &["show", "p.json"], code: 0 },
    Input { name: "the same, applied", size: 6, make: large_plan, args: &["apply", "p.json", "s.yaml"], code: 3 },
    Input {
        name: "forged receipt: operations",
        size: 10_000,
        make: forged_receipt,
        args: &["show", "r.json"],
        code: 0,
    },
    Input { name: "receipts", size: 1_000, make: receipts, args: &["receipts"], code: 0 },
    Input { name: "answer in gzip of MB", size: 6, make: bomb, args: PLAN, code: 1 },
    Input { name: "answer of escapes, in KB", size: 2_100, make: escapes, args: PLAN, code: 0 },
    Input { name: "answer of base64, in KB", size: 2_100, make: base64, args: PLAN, code: 0 },
    Input { name: "answer of base64 in ids, in KB", size: 2_100, make: base64_ids, args: PLAN, code: 0 },
];
const HTML: &[&str] = &["show", "p.json", "--format", "html"];
const PLAN: &[&str] = &["plan", "s.yaml"];

/// One entry for each number.
fn many(size: usize, entry: impl Fn(usize) -> String) -> String {
    (0..size).map(entry).collect()
}

fn unknown_keys(size: usize) -> Site {
    Site::new().file("s.yaml", &format!("jitActivationPolicy:\n{}", many(size, |key| format!("  key{key}: 1\n"))))
}

fn ids_with_names(size: usize) -> Site {
    let ids = many(size, |id| format!("    - {{id: a{id:031x}, name: name {id}}}\n"));
    Site::new().file("s.yaml", &format!("jitActivationPolicy:\n  entitlementIds:\n{ids}"))
}

fn unknown_instances(size: usize) -> Site {
    Site::new().file("s.yaml", &format!("approvalsConfig:\n{}", many(size, |name| format!("  NO{name}/x: inherit\n"))))
}

/// A workspace with this many tenants, each with a practice tenant of its own, and more lines.
fn workspace(tenants: usize, more: &str) -> Site {
    let tenants = many(tenants, |number| format!("  t{number}: {{url: 'practice:t{number}', settings: [s.yaml]}}\n"));
    let settings = "jitActivationPolicy: {maxActivationPeriodMins: 2h}\n";
    Site::new().file("s.yaml", settings).file("sailplan.yaml", &format!("tenants:\n{tenants}{more}"))
}

fn allowances(size: usize) -> Site {
    let allowance = |number| {
        format!(
            "- {{tenant: '*{number}*', setting: jitActivationPolicy.maxActivationPeriodMins, upTo: 6h, reason: audit, \
             ticket: T-{number}, until: 2099-12-31}}\n"
        )
    };
    let pinned = "guardrails: [{deny: [loosens]}]\nallowances: [a.yaml]\n";
    workspace(1_000, pinned).file("a.yaml", &many(size, allowance))
}

fn tenants(size: usize) -> Site {
    workspace(size, "")
}

fn labels(size: usize) -> Site {
    let labels = many(size, |number| format!("l{number}: v, "));
    let tenant = format!("tenants:\n  t: {{url: 'practice:t', labels: {{{labels}}}, settings: [s.yaml]}}\n");
    Site::new().file("s.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 2h}\n").file("sailplan.yaml", &tenant)
}

fn guardrails(size: usize) -> Site {
    let guardrails = many(size, |number| format!("  - {{for: {{ring: r{number}}}, deny: [loosens]}}\n"));
    workspace(100, &format!("guardrails:\n{guardrails}"))
}

/// A plan of one change in each of two documents, after a change by its forger.
fn forged(change: impl FnOnce(&mut Value)) -> Site {
    let site = Site::new().tenant().file("s.yaml", ONE_CHANGE_EACH);
    assert_eq!(site.run(["plan", "s.yaml", "--out", "made.json"]).code, Some(0));
    let mut plan: Value = serde_json::from_str(&site.read("made.json")).unwrap();
    change(&mut plan);
    site.write("p.json", &sealed(plan));
    site
}

/// Puts `size` copies of its first entry in the place of a list.
fn repeat(list: &mut Value, size: usize, differ: impl Fn(usize, &mut Value)) {
    let first = list[0].clone();
    let copy = |number| {
        let mut copy = first.clone();
        differ(number, &mut copy);
        copy
    };
    *list = (0..size).map(copy).collect();
}

fn forged_changes(size: usize) -> Site {
    forged(|plan| {
        repeat(&mut plan["tenants"][0]["resources"][0]["changes"], size, |number, change| {
            // Some are in the catalogue, and one of these is first.
            change["path"] = if number == 0 { change["path"].clone() } else { format!("/new{number}").into() };
        });
    })
}

fn repeated(size: usize) -> Site {
    forged(|plan| repeat(&mut plan["tenants"][0]["resources"][0]["changes"], size, |_, _| {}))
}

fn forged_documents(size: usize) -> Site {
    forged(|plan| {
        repeat(&mut plan["tenants"][0]["resources"], size, |number, entry| {
            entry["resource"] = "approvalsConfig".into();
            entry["instance"] = format!("ROLE/{number}").into();
            entry["apiVersion"] = "v1".into();
            let change = &mut entry["changes"][0];
            (change["path"], change["before"], change["value"]) =
                ("/autoApprove".into(), "OFF".into(), "DIRECT".into());
        });
    })
}

fn forged_tenants(size: usize) -> Site {
    forged(|plan| repeat(&mut plan["tenants"], size, |number, tenant| tenant["name"] = format!("t{number}").into()))
}

fn large_plan(megabytes: usize) -> Site {
    forged(|plan| {
        let ids: Vec<String> = (0..megabytes * 1_000_000 / 38).map(|id| format!("a{id:034x}")).collect();
        let change = &mut plan["tenants"][0]["resources"][0]["changes"][0];
        (change["path"], change["before"], change["value"]) = ("/entitlementIds".into(), json!([]), json!(ids));
    })
}

/// The receipt of an apply, after a change by its forger.
fn forged_receipts(change: impl FnOnce(&Site, &mut Value)) -> Site {
    let site = Site::new().tenant().file("s.yaml", ONE_CHANGE_EACH);
    assert_eq!(site.run(["apply", "s.yaml", "--yes", "--receipt", "made.json"]).code, Some(0));
    let mut receipt: Value = serde_json::from_str(&site.read("made.json")).unwrap();
    change(&site, &mut receipt);
    site
}

fn forged_receipt(size: usize) -> Site {
    forged_receipts(|site, receipt| {
        for list in ["operations", "changes"] {
            repeat(&mut receipt["tenants"][0]["resources"][0][list], size, |number, entry| {
                entry["path"] = format!("/new{number}").into();
            });
        }
        site.write("r.json", &sealed(receipt.take()));
    })
}

fn receipts(size: usize) -> Site {
    forged_receipts(|site, receipt| {
        let text = sealed(receipt.take());
        for number in 0..size {
            site.write(&format!(".sailplan/receipts/20260101T{number:06}Z-0123456789ab.json"), &text);
        }
    })
}

/// A tenant that answers every document with this one, and settings for it.
fn tenant(encoding: &'static str, document: Vec<u8>) -> Site {
    let token = br#"{"access_token": "a-token-of-the-table", "expires_in": 700}"#.to_vec();
    let answer = Canned { status: "200 OK", headers: encoding, body: document };
    let url = serve(Canned { status: "200 OK", headers: "", body: token }, answer);
    Site::new()
        .file("s.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n")
        .variable("SAIL_BASE_URL", &url)
        .variable("SAIL_CLIENT_ID", "an-id-of-the-table")
        .variable("SAIL_CLIENT_SECRET", "a-secret-of-the-table")
}

/// Text that this many bytes of `piece` make, as an unknown field of a document.
fn answer(kilobytes: usize, piece: &str) -> Site {
    let text = piece.repeat(kilobytes * 1_000 / piece.len());
    tenant("", format!(r#"{{"id": "1", "maxActivationPeriodMins": 120, "new": "{text}"}}"#).into_bytes())
}

fn escapes(kilobytes: usize) -> Site {
    answer(kilobytes, "\\u0061")
}

fn base64(kilobytes: usize) -> Site {
    answer(kilobytes, "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY3ODkw")
}

fn base64_ids(kilobytes: usize) -> Site {
    let ids = many(kilobytes * 1_000 / 52, |id| format!(r#","YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0{id:08x}""#));
    let document = format!(r#"{{"id": "1", "maxActivationPeriodMins": 120, "entitlementIds": ["a"{ids}]}}"#);
    tenant("", document.into_bytes())
}

fn bomb(megabytes: usize) -> Site {
    let zeros = "0,".repeat(megabytes * 500_000);
    let document = format!(r#"{{"id": "1", "maxActivationPeriodMins": 120, "new": [{zeros}0]}}"#);
    let mut gzip = Command::new("gzip").arg("-9").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = gzip.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(document.as_bytes()).unwrap());
    let packed = gzip.wait_with_output().unwrap().stdout;
    writer.join().unwrap();
    tenant("content-encoding: gzip\r\n", packed)
}

/// What a run took: seconds of the processor, and megabytes of memory at most.
struct Cost {
    seconds: f64,
    megabytes: f64,
}

/// Runs a command to its end. A shell tells what it took; its memory is looked at while it runs.
fn cost(input: &Input, size: usize) -> Cost {
    let site = (input.make)(size);
    let script = "\"$0\" \"$@\" >/dev/null 2>errors & echo $!; wait $!; echo $?; times";
    let program = site.command();
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(program.get_program()).args(program.get_args()).args(input.args);
    command.args(["--timeout", "300", "--fresh", "600"]).current_dir(site.path("")).env_clear().stdout(Stdio::piped());
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
    let mut shell = command.spawn().unwrap();
    let mut told = BufReader::new(shell.stdout.take().unwrap());
    let mut pid = String::new();
    told.read_line(&mut pid).unwrap();
    let rest = std::thread::spawn(move || {
        let mut rest = String::new();
        told.read_to_string(&mut rest).unwrap();
        rest
    });
    let mut kilobytes = 0.0_f64;
    while !rest.is_finished() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", pid.trim())).unwrap_or_default();
        let peak =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        kilobytes = kilobytes.max(peak.unwrap_or_default());
        std::thread::sleep(Duration::from_millis(2));
    }
    shell.wait().unwrap();
    let rest = rest.join().unwrap();
    let mut lines = rest.lines();
    let errors: String = site.read("errors").chars().take(600).collect();
    assert_eq!(lines.next(), Some(input.code.to_string().as_str()), "{}, {size}: {errors}", input.name);
    // The second line of `times` is that of what the shell started: user and system, such as 1m2.5s.
    let seconds = |text: &str| {
        let (minutes, seconds) = text.trim_end_matches('s').split_once('m').unwrap();
        minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap()
    };
    let seconds = lines.nth(1).unwrap().split_whitespace().map(seconds).sum();
    Cost { seconds, megabytes: kilobytes / 1024.0 }
}

/// Prints what it took, and that ten times as much takes no more than some ten times as long.
#[test]
#[ignore = "takes minutes, and belongs into an optimised build, see SECURITY.md"]
fn figures_of_large_inputs() {
    let mut table = "| Input | Size | Seconds | MB | Size | Seconds | MB |\n|---|---|---|---|---|---|---|\n".to_owned();
    let mut quadratic = Vec::new();
    for input in &INPUTS {
        let (some, many) = (cost(input, input.size), cost(input, 10 * input.size));
        let figures = |size: usize, cost: &Cost| format!("{size} | {:.2} | {:.0}", cost.seconds, cost.megabytes);
        let row = format!("| {} | {} | {} |", input.name, figures(input.size, &some), figures(10 * input.size, &many));
        writeln!(std::io::stderr(), "{row}").unwrap();
        writeln!(table, "{row}").unwrap();
        if many.seconds > GROWTH * some.seconds.max(LITTLE / GROWTH) {
            quadratic.push(row);
        }
    }
    println!("{table}");
    assert!(quadratic.is_empty(), "these grow faster than their size:\n{}", quadratic.join("\n"));
}
