//! What a run costs: the instructions of the program, which do not depend on the machine's load. The requests of a run are counted in
//! `plan` and `apply`.

use std::io::Write as _;
use std::process::Command;

use serde_json::json;

use crate::harness::Site;

/// A setting with `ids` members in the tenant of which the file takes every second away and adds as many, and the commands whose
/// cost is counted there.
const COMMANDS: &[(&str, &[&str])] = &[
    ("validate", &["validate"]),
    ("plan", &["plan"]),
    ("plan as JSON", &["plan", "--format", "json"]),
    ("plan as Markdown", &["plan", "--format", "markdown"]),
    ("plan as a page", &["plan", "--format", "html"]),
    ("pull --accept", &["pull", "--accept", "--yes"]),
    ("apply", &["apply", "--yes"]),
    ("receipt as text", &["show", ".sailplan/receipts/of-the-test.json"]),
];

/// From this size to four times as many.
const IDS: usize = 400;

/// Sorting takes 4.9 times as long for four times as much, copying 4; one loop inside another takes 16 times.
const GROWTH: f64 = 5.0;

/// By how much the instructions of a size may differ from the file, in percent: hashing is seeded by chance, and compilers
/// differ.
const TOLERANCE: f64 = 5.0;

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/instructions.txt");

/// The id number `number`, in no order.
fn id(number: usize) -> String {
    let mixed = (number as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{:08x}-{:04x}-4000-a000-{:012x}", mixed >> 32, mixed >> 16 & 0xffff, mixed >> 4 & 0xffff_ffff_ffff)
}

fn site(ids: usize) -> Site {
    let live: Vec<String> = (0..ids).map(id).collect();
    let wanted = (0..ids).map(|number| if number % 2 == 0 { id(number) } else { id(number + ids) });
    let list: String = wanted.map(|id| format!("    - {id}\n")).collect();
    let state = json!({"jitActivationPolicy": {"entitlementIds": live, "maxActivationPeriodMins": 120}});
    Site::new().state(&state).tenant().workspace(&format!("jitActivationPolicy:\n  entitlementIds:\n{list}"))
}

/// Counts the instructions of a command with valgrind.
fn instructions(site: &Site, args: &[&str]) -> u64 {
    let plain = site.command();
    let mut counted = Command::new("valgrind");
    counted.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    counted.arg(plain.get_program()).args(plain.get_args()).args(args);
    counted.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    counted.current_dir(plain.get_current_dir().unwrap());
    let output = counted.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{args:?}: {said}");
    let collected = said.lines().find_map(|line| line.split_once("Collected : ")).unwrap();
    collected.1.trim().parse().unwrap()
}

/// Counts the instructions of every command with so many ids.
fn counts(ids: usize) -> Vec<u64> {
    let count = |(_, args): &(&str, &[&str])| {
        let site = site(ids);
        if args.contains(&"show") {
            let applied = site.run(["apply", "--yes", "--receipt", ".sailplan/receipts/of-the-test.json"]);
            assert_eq!(applied.code, Some(0), "{}", applied.err);
        }
        instructions(&site, args)
    };
    COMMANDS.iter().map(count).collect()
}

#[test]
fn no_command_grows_faster_than_its_input() {
    if std::env::var_os("SAILPLAN_INSTRUCTIONS").is_none() {
        // Written past the test runner, which keeps what a passing test prints to itself.
        let left_out = "left out: instructions. With valgrind: SAILPLAN_INSTRUCTIONS=1 cargo test --test cli speed";
        writeln!(std::io::stderr(), "{left_out}").unwrap();
        return;
    }
    let [none, some, many] = [1, IDS, 4 * IDS].map(counts);
    let recorded = std::fs::read_to_string(RECORDED).unwrap_or_default();
    let (mut table, mut wrong) = (String::new(), Vec::new());
    for (index, (name, _)) in COMMANDS.iter().enumerate() {
        let growth = (many[index] - none[index]) as f64 / (some[index] - none[index]) as f64;
        table.push_str(&format!("{name}: {}\n", many[index]));
        if growth > GROWTH {
            wrong.push(format!("{name}: four times the ids take {growth:.2} times the instructions"));
        }
        let before = recorded.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")?.parse::<f64>().ok());
        let percent = before.map_or(f64::INFINITY, |before| (many[index] as f64 / before - 1.0) * 100.0);
        if percent.abs() > TOLERANCE {
            wrong.push(format!("{name}: {} instructions, {percent:+.1} % of what is recorded", many[index]));
        }
    }
    if std::env::var_os("SAILPLAN_BLESS").is_some() {
        std::fs::write(RECORDED, &table).unwrap();
        wrong.retain(|line| line.contains("four times"));
    }
    let bless = "if that is meant: SAILPLAN_BLESS=1 SAILPLAN_INSTRUCTIONS=1 cargo test --test cli speed";
    assert!(wrong.is_empty(), "{}\n{bless}\nnow:\n{table}", wrong.join("\n"));
}
