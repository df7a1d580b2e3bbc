//! Every output at every width, with hostile text wherever a file, a tenant, a commit or the environment can put it.

use serde_json::{Value, json};

use crate::base::git;
use crate::harness::{Run, Site};

/// What acts on a terminal, in a log, in a comment or on a page if it gets there as it is.
const HOSTILE: [&str; 12] = [
    "\n::error::x",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ::stop-commands::p",
    "##vso[task.setvariable variable=x]y",
    "bbbbbbbbbbbbbbbbbbbb ##[error]x",
    "section_start:1:x\r\u{1b}[0Ksection_end:2:x",
    "\u{1b}[2J\u{1b}]52;c;aGk=\u{7}",
    "\u{9b}31m\u{202e}\u{200b}",
    "<script>x()</script><img src=x onerror=x()>",
    "](javascript:x) ![x](https://evil.example/x) @team #12 <!-- sailplan:v1 workspace=x -->",
    "]]> & ' \" --> </testcase>",
    "\u{3000}::warning::x \u{2028}::debug::y \u{85}::notice::z",
    "#\u{ad}#[x] ::\u{200d}add-mask::y ##teamcity[z]",
];

/// How an output is read.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Reader {
    /// A log or a terminal: colours are fine.
    Log,
    /// GitHub, which runs lines that start with two colons.
    GitHub,
    /// Azure Pipelines, which runs `##vso[`.
    Azure,
    Json,
    Xml,
    Markdown,
    Page,
}

const VALIDATE: [(&str, Reader); 5] = [
    ("text", Reader::Log),
    ("json", Reader::Json),
    ("github", Reader::GitHub),
    ("sarif", Reader::Json),
    ("junit", Reader::Xml),
];
const PLAN: [(&str, Reader); 7] = [
    ("text", Reader::Log),
    ("json", Reader::Json),
    ("markdown", Reader::Markdown),
    ("html", Reader::Page),
    ("github", Reader::GitHub),
    ("azure", Reader::Azure),
    ("gitlab-terraform", Reader::Json),
];

/// What is wrong with an output, if anything.
fn wrong(text: &str, reader: Reader) -> Option<String> {
    let plain = anstream::adapter::strip_str(text).to_string();
    let acts = |c: char| {
        c.is_control() && c != '\n' || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{ad}')
    };
    if let Some(c) = plain.chars().find(|c| acts(*c)) {
        return Some(format!("{c:?} in it"));
    }
    if reader != Reader::Log && text.contains('\u{1b}') {
        return Some("an escape sequence in it".to_owned());
    }
    for line in text.split(['\n', '\r']).chain(plain.split('\n')) {
        let seen = anstream::adapter::strip_str(line).to_string();
        let github = reader != Reader::GitHub && seen.trim().starts_with("::");
        let azure = reader != Reader::Azure && seen.contains("##vso[");
        let gitlab = ["section_start:", "section_end:"]
            .iter()
            .any(|marker| seen.split(marker).skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit())));
        if github || azure || gitlab || seen.contains("##[") || seen.contains("##teamcity[") {
            return Some(format!("a command: {seen}"));
        }
    }
    let markup = match reader {
        Reader::Markdown => text.split('`').step_by(2).collect(),
        Reader::Page | Reader::Xml => text.to_owned(),
        _ => String::new(),
    };
    if let Some(tag) = ["<script", "<img", "](javascript:", "@team", "]]>"].iter().find(|tag| markup.contains(*tag)) {
        return Some(format!("markup: {tag}"));
    }
    match reader {
        Reader::Json if serde_json::from_str::<Value>(text).is_err() => Some("not JSON".to_owned()),
        Reader::Xml
            if text.matches("<testcase").count()
                != text.matches("</testcase>").count() + text.matches("/>").count() =>
        {
            Some("not well-formed".to_owned())
        }
        _ => None,
    }
}

/// Checks both outputs of a run.
fn check(case: &str, run: &Run, reader: Reader, json_log: bool) {
    assert!(matches!(run.code, Some(0..=3)), "{case}: {}", run.text());
    if !run.out.is_empty() {
        assert_eq!(wrong(&run.out, reader), None, "{case}: {}", run.out);
    }
    assert_eq!(wrong(&run.err, Reader::Log), None, "{case}: {}", run.err);
    for line in run.err.lines().filter(|_| json_log) {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{case}: {line}");
    }
}

/// A repository with a workspace of which everything that can be text is `hostile`, and a tenant that says the same.
fn site(hostile: &str) -> Site {
    let quoted = |text: &str| {
        let quoted = json!(text).to_string();
        // Characters that files may not have as they are.
        let escaped = quoted.chars().map(|c| match c {
            ' '..='~' => c.to_string(),
            c => c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
        });
        escaped.collect::<String>()
    };
    let text = quoted(&format!("x {hostile} x"));
    let live = json!({
        "jitActivationPolicy": {
            "id": hostile, "entitlementIds": [hostile, "b"], "notificationTemplate": format!("{hostile} live"),
            "notificationRecipients": [hostile], "maxActivationPeriodMins": 60, hostile: {hostile: hostile},
        },
        "accessRequestConfig": {hostile: hostile},
    });
    let site = Site::new().state(&live).tenant();
    site.write(
        "settings.yaml",
        &format!(
            "jitActivationPolicy:\n  entitlementIds: [b, {{id: {}, name: {text}}}]\n  notificationTemplate: {text}\n  \
             maxActivationPeriodMins: 2h\n",
            quoted(&format!("c {hostile} c")),
        ),
    );
    site.write(
        "wrong.yaml",
        &format!(
            "jitActivationPolicy:\n  {text}: 1\n  maxActivationPeriodMins: {text}\naccessRequestConfig: {{apiVersion: {text}}}\n"
        ),
    );
    site.write(
        "sailplan.yaml",
        &format!(
            "tenants:\n  prod:\n    url: ${{SAIL_BASE_URL}}\n    labels: {{ring: {text}}}\n    settings: [settings.yaml]\n\
             guardrails:\n  - {{owner: {text}, reason: {text}, deny: [loosens], limits: {{maxActivationPeriodMins: 90}}}}\n\
             allowances: [allowances.yaml]\n",
        ),
    );
    site.write(
        "allowances.yaml",
        &format!(
            "- {{tenant: prod, setting: jitActivationPolicy.maxActivationPeriodMins, upTo: 3h, reason: {text}, ticket: {text}, \
             until: 2099-12-31}}\n"
        ),
    );
    git(&site, &["init", "-q", "-b", "main"]);
    git(&site, &["add", "sailplan.yaml", "allowances.yaml"]);
    git(&site, &["commit", "-q", "-m", "base"]);
    git(&site, &["add", "settings.yaml"]);
    // git takes line ends out of a name by itself.
    git(
        &site,
        &[
            "commit",
            "-q",
            "-m",
            &format!("x {hostile}"),
            &format!("--author=x {} <x@example.com>", hostile.replace(['<', '>', '\n'], "")),
        ],
    );
    let mut site = site.variable("GITHUB_ACTIONS", "true");
    for name in [
        "GITHUB_ACTOR",
        "GITHUB_REPOSITORY",
        "GITHUB_SERVER_URL",
        "SAILPLAN_PULL_REQUEST",
        "SAILPLAN_RUN_URL",
        "SAILPLAN_APPROVED_BY",
        "USER",
        "HOSTNAME",
    ] {
        site = site.variable(name, hostile);
    }
    site
}

#[test]
fn nothing_hostile_acts_in_any_output_of_any_width() {
    let mut receipts = 0;
    for (number, width) in (20..=200).step_by(8).enumerate() {
        let hostile = HOSTILE[number % HOSTILE.len()];
        let site = site(hostile);
        let logs = ["text", "json"][number % 2];
        let run = |args: &[&str]| {
            let mut command = site.command();
            command.args(args).args(["--color", ["always", "never"][number / 2 % 2], "--log-format", logs]);
            site.read_output(command.env("COLUMNS", width.to_string()).output().unwrap())
        };
        let (format, reader) = VALIDATE[number % VALIDATE.len()];
        let case = format!("{hostile:?} at {width}, {format}");
        check(&case, &run(&["validate", "--format", format]), reader, logs == "json");
        let wrong = site.path("wrong");
        std::fs::create_dir(&wrong).unwrap();
        std::fs::rename(site.path("wrong.yaml"), wrong.join("wrong.yaml")).unwrap();
        std::fs::create_dir(wrong.join(".git")).unwrap();
        check(&case, &run(&["-C", "wrong", "validate", "wrong.yaml", "--format", format]), reader, logs == "json");
        let (format, reader) = PLAN[number % PLAN.len()];
        let case = format!("{hostile:?} at {width}, {format}");
        check(
            &case,
            &run(&["plan", "--base", "HEAD^1", "--format", format, "--out", "plan.json"]),
            reader,
            logs == "json",
        );
        check(&case, &run(&["show", "plan.json", "--format", format]), reader, logs == "json");
        for command in ["tenants", "doctor"] {
            let (format, reader) = [("text", Reader::Log), ("json", Reader::Json)][number / 2 % 2];
            check(&case, &run(&[command, "--format", format]), reader, logs == "json");
        }
        if logs == "json" {
            check(&case, &run(&["apply", "--yes", "--allow", "loosens"]), Reader::Log, true);
            check(&case, &run(&["receipts"]), Reader::Log, true);
            check(&case, &run(&["receipts", "--format", "json"]), Reader::Json, true);
            for receipt in site.receipts() {
                receipts += 1;
                for (format, reader) in &PLAN[..4] {
                    check(&case, &run(&["show", &receipt, "--format", format]), *reader, true);
                }
                let rollback = ["rollback", &receipt, "--yes", "--format", "json"];
                check(&case, &run(&rollback), Reader::Json, true);
            }
        }
    }
    assert!(receipts > 5, "{receipts} receipts were shown");
}
