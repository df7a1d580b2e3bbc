//! What a run costs: the instructions of the program, counted by valgrind, which do not depend on the machine's load. The requests
//! of a run are counted in `plan` and `apply`.
//!
//! Each command runs with a size and with three times as much. No function may take more than [`GROWTH`] times the instructions
//! then: a step that is quadratic takes nine times as many, however small its share is still at these sizes. And a command may
//! take no more than is recorded, by a tolerance.

use std::collections::HashMap;
use std::io::Write as _;
use std::ops::Range;
use std::process::Command;

use sailplan::practice::{Options, Practice};
use serde_json::json;

use crate::base::git;
use crate::harness::Site;

/// A command whose cost is counted.
struct Counted {
    name: &'static str,
    /// The ids, or the tenants: from this size to three times as many. Where more than 200 members change, a page has their digest
    /// instead, and that takes what it takes.
    size: usize,
    site: fn(usize) -> Scene,
    args: &'static [&'static str],
}

/// A folder, and the tenants beside its own that run as long as it is there.
struct Scene {
    site: Site,
    _tenants: Vec<Practice>,
}

const RECEIPT: &str = ".sailplan/receipts/of-the-test.json";

const COMMANDS: [Counted; 6] = [
    Counted {
        name: "plan in every form",
        size: 120,
        site: ids,
        args: &["plan", "--full", "--json", "p.json", "--markdown", "p.md", "--html", "p.html"],
    },
    Counted { name: "pull --accept", size: 120, site: added, args: &["pull", "--accept", "--yes"] },
    Counted { name: "apply", size: 120, site: ids, args: &["apply", "--yes"] },
    Counted {
        name: "receipt in every form",
        size: 120,
        site: applied,
        args: &["show", RECEIPT, "--json", "r.json", "--markdown", "r.md", "--html", "r.html"],
    },
    Counted { name: "validate --base", size: 100, site: documents, args: &["validate", "--base", "main"] },
    Counted { name: "plan of a fleet", size: 20, site: fleet, args: &["plan", "--html", "p.html", "--json", "p.json"] },
];

/// Sorting takes 3.5 times as long for three times as much, copying 3; one loop inside another takes 9 times.
const GROWTH: f64 = 5.0;

/// So many instructions more of one function say nothing: sorting, for one, goes another way from some length on.
const FEW: u64 = 60_000;

/// By how much the instructions of a command may differ from the file, in percent, if it was counted with the same: hashing is
/// seeded by chance.
const TOLERANCE: f64 = 3.0;

/// By how much they may differ if another compiler made it, or they are counted with another valgrind or on another processor.
const ELSEWHERE: f64 = 25.0;

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/instructions.txt");

/// The id number `number`, in no order.
fn id(number: usize) -> String {
    let mixed = (number as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{:08x}-{:04x}-4000-a000-{:012x}", mixed >> 32, mixed >> 16 & 0xffff, mixed >> 4 & 0xffff_ffff_ffff)
}

/// A setting with `size` members in the tenant of which the file takes every second away and adds as many.
fn ids(size: usize) -> Scene {
    let wanted = (0..size).map(|number| if number % 2 == 0 { number } else { number + size });
    differing(0..size, wanted)
}

/// As many members more in the tenant as the file has. With lines that leave, the comparison of the two texts would take as long as
/// it takes for their number times itself: only from 512 lines on it leaves out of its search what one side alone has.
fn added(size: usize) -> Scene {
    differing(0..2 * size, 0..size)
}

/// A setting of a tenant with some ids, and a file with others, by their numbers.
fn differing(live: Range<usize>, wanted: impl Iterator<Item = usize>) -> Scene {
    let live: Vec<String> = live.map(id).collect();
    let list: String = wanted.map(|number| format!("    - {}\n", id(number))).collect();
    let state = json!({"jitActivationPolicy": {"entitlementIds": live, "maxActivationPeriodMins": 120}});
    let site =
        Site::new().state(&state).tenant().workspace(&format!("jitActivationPolicy:\n  entitlementIds:\n{list}"));
    Scene { site, _tenants: Vec::new() }
}

/// The receipt of such a change.
fn applied(size: usize) -> Scene {
    let scene = ids(size);
    let run = scene.site.run(["apply", "--yes", "--receipt", RECEIPT]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    scene
}

/// Documents of one resource, to which the branch adds as many. Of some that it gave up, each would be shown with its line, for which up
/// to 200 lines above it are looked at.
fn documents(size: usize) -> Scene {
    let settings = |documents: Range<usize>| -> String {
        let document = |number: usize| format!("  ENTITLEMENT/{}: {{autoApprove: OFF}}\n", id(number));
        format!("approvalsConfig:\n{}", documents.map(document).collect::<String>())
    };
    let site = Site::new().tenant().workspace(&settings(0..size));
    git(&site, &["init", "-q", "-b", "main"]);
    git(&site, &["add", "."]);
    git(&site, &["commit", "-q", "-m", "x"]);
    Scene { site: site.workspace(&settings(0..2 * size)), _tenants: Vec::new() }
}

/// Tenants that change in part alike, each with a file of its own and a shared one, a guardrail, and a warning.
fn fleet(size: usize) -> Scene {
    let mut site = Site::new()
        .variable("CLIENT", "id-of-the-test")
        .variable("CLIENT_SECRET", "secret-of-the-test")
        .variable("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*")
        .file("settings/base.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 1h}\n");
    let (mut workspace, mut tenants) = ("tenants:\n".to_owned(), Vec::new());
    for number in 0..size {
        let state = json!({"jitActivationPolicy": {"entitlementIds": [id(number)], "maxActivationPeriodMins": 120}});
        site.write(&format!("t{number}.json"), &state.to_string());
        let tenant = Practice::start(Options::new(site.path(&format!("t{number}.json")))).unwrap();
        let settings = format!("jitActivationPolicy: {{entitlementIds: [{}, {}]}}\n", id(number), id(size + number));
        site = site.file(&format!("settings/t{number}.yaml"), &settings);
        workspace.push_str(&format!(
            "  t{number}:\n    url: {}\n    labels: {{number: \"{number}\"}}\n    clientId: ${{CLIENT}}\n    \
             clientSecret: ${{CLIENT_SECRET}}\n    settings: [settings/base.yaml, settings/t{number}.yaml]\n    \
             guardrails: {{maxChanges: 5}}\n",
            tenant.url()
        ));
        tenants.push(tenant);
    }
    Scene { site: site.file("sailplan.yaml", &workspace), _tenants: tenants }
}

/// The instructions of a run.
struct Count {
    whole: u64,
    /// Those of each function of the program, without those that it calls.
    functions: HashMap<String, u64>,
}

/// Counts the instructions of a command.
fn count(Counted { name, site, args, .. }: &Counted, size: usize) -> Count {
    let scene = site(size);
    let (plain, counts) = (scene.site.command(), scene.site.path("counts"));
    let mut counted = Command::new("valgrind");
    counted.args(["--tool=callgrind", "--dump-line=no", "--compress-strings=no", "--compress-pos=no", "--demangle=no"]);
    counted.arg(format!("--callgrind-out-file={}", counts.display()));
    // What is read stays fresh however slow valgrind is.
    counted.arg(plain.get_program()).args(plain.get_args()).args(["--fresh", "600"]).args(*args);
    counted.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    counted.current_dir(plain.get_current_dir().unwrap());
    let output = counted.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    read(&scene.site.read("counts"))
}

/// Reads what callgrind wrote.
fn read(counts: &str) -> Count {
    let program = format!("ob={}", env!("CARGO_BIN_EXE_sailplan"));
    let (mut count, mut of_the_program, mut function) = (Count { whole: 0, functions: HashMap::new() }, false, "");
    let mut lines = counts.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("fn=") {
            function = name;
        } else if line.starts_with("ob=") {
            of_the_program = line == program;
        } else if line.starts_with("calls=") {
            // The next line has what the function that was called took.
            lines.next();
        } else if let Some(whole) = line.strip_prefix("totals: ") {
            count.whole = whole.trim().parse().unwrap();
        } else if let Some((_, own)) = line.split_once(' ').filter(|_| line.starts_with(|c: char| c.is_ascii_digit()))
            && of_the_program
        {
            *count.functions.entry(function.to_owned()).or_default() += own.trim().parse::<u64>().unwrap();
        }
    }
    assert!(count.whole > 0 && count.functions.len() > 100, "callgrind counted nothing");
    count
}

/// Returns the functions that grow faster than what they are given, the costliest first.
fn quadratic(name: &str, some: &Count, many: &Count) -> Vec<String> {
    let before = |function: &String| some.functions.get(function).copied().unwrap_or_default();
    let grows = |(function, now): &(&String, &u64)| **now > FEW + (GROWTH * before(function) as f64) as u64;
    let mut grown: Vec<(&String, &u64)> = many.functions.iter().filter(grows).collect();
    grown.sort_by_key(|(_, now)| std::cmp::Reverse(**now));
    let told = |(function, now): (&String, &u64)| {
        format!("{name}: three times as much takes {function} from {} to {now} instructions", before(function))
    };
    grown.into_iter().take(5).map(told).collect()
}

/// Returns the compiler, the valgrind and the processor that counts are of: the C library and others choose their code by the
/// processor.
fn counted_with() -> String {
    let output = |command: &mut Command| String::from_utf8(command.output().unwrap().stdout).unwrap().trim().to_owned();
    let compiler = output(Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into())).arg("-V"));
    let valgrind = output(Command::new("valgrind").arg("--version"));
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    format!("{compiler}, {valgrind}, {}", model.trim_start_matches([' ', '\t', ':']))
}

#[test]
fn no_command_costs_more_than_it_did_or_grows_faster_than_its_input() {
    if std::env::var_os("SAILPLAN_INSTRUCTIONS").is_none() {
        // Written past the test runner, which keeps what a passing test prints to itself.
        let left_out = "left out: instructions. With valgrind: SAILPLAN_INSTRUCTIONS=1 cargo test --test cli speed";
        writeln!(std::io::stderr(), "{left_out}").unwrap();
        return;
    }
    let counts: Vec<(Count, Count)> = std::thread::scope(|scope| {
        let threads = COMMANDS
            .each_ref()
            .map(|counted| scope.spawn(|| (count(counted, counted.size), count(counted, 3 * counted.size))));
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let recorded = std::fs::read_to_string(RECORDED).unwrap_or_default();
    let counted_with = counted_with();
    let tolerance = if recorded.lines().any(|line| line == counted_with) { TOLERANCE } else { ELSEWHERE };
    let (mut table, mut wrong, mut costlier) = (format!("{counted_with}\n"), Vec::new(), Vec::new());
    for (Counted { name, .. }, (some, many)) in COMMANDS.iter().zip(&counts) {
        table.push_str(&format!("{name}: {}\n", many.whole));
        wrong.extend(quadratic(name, some, many));
        let before = recorded.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")?.parse::<f64>().ok());
        let percent = before.map_or(f64::INFINITY, |before| (many.whole as f64 / before - 1.0) * 100.0);
        if percent.abs() > tolerance {
            costlier.push(format!("{name}: {} instructions, {percent:+.1} % of what is recorded", many.whole));
        }
    }
    if std::env::var_os("SAILPLAN_BLESS").is_some() {
        std::fs::write(RECORDED, &table).unwrap();
    } else {
        wrong.append(&mut costlier);
    }
    let bless = "if that is meant: SAILPLAN_BLESS=1 SAILPLAN_INSTRUCTIONS=1 cargo test --test cli speed";
    assert!(wrong.is_empty(), "{}\n{bless}\nnow:\n{table}", wrong.join("\n"));
}
