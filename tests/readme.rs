//! What the README, the pages in docs/ and the READMEs of the examples show is what the program prints, and what they tell to type works.

#![expect(clippy::disallowed_methods, reason = "tests make and read their own files")]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

const TOP: &str = env!("CARGO_MANIFEST_DIR");
const PROGRAM: &str = env!("CARGO_BIN_EXE_sailplan");

/// Returns the pages at the top, those in docs/ and those of the examples, each with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let inside = |folder: &str| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(Path::new(TOP).join(folder)).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let examples = inside("examples").into_iter().map(|example| example.join("README.md"));
    let mut paths: Vec<PathBuf> = inside("").into_iter().chain(inside("docs")).chain(examples).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md") && path.exists());
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

/// Writes a page that became stale. Tests run side by side, so one that is not is left to the others.
fn write(path: &Path, text: &str, fresh: &str) {
    if text != fresh {
        std::fs::write(path, fresh).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

/// Returns what `sailplan ARGS` prints.
fn printed(args: &[&str]) -> String {
    let output = Command::new(PROGRAM).args(args).output();
    let output = output.unwrap_or_else(|error| panic!("sailplan {args:?}: {error}"));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// Replaces the fenced block behind `<!-- generated: sailplan ARGS -->` with what the program prints.
fn generated(page: &str) -> String {
    let mut result = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        result.push_str(line);
        result.push('\n');
        let Some(command) = line.strip_prefix("<!-- generated: sailplan ").and_then(|rest| rest.strip_suffix(" -->"))
        else {
            continue;
        };
        let fence = lines.next().unwrap_or_default();
        let args: Vec<&str> = command.split(' ').collect();
        result.push_str(&format!("{fence}\n{}\n```\n", printed(&args)));
        // What stood there before.
        let _ = lines.by_ref().find(|line| *line == "```");
    }
    result
}

#[test]
fn help_and_exit_codes_are_those_of_the_program() {
    let mut codes = false;
    for (path, text) in pages() {
        let fresh = generated(&text);
        if std::env::var_os("SAILPLAN_BLESS").is_some() {
            write(&path, &text, &fresh);
        } else {
            assert_eq!(text, fresh, "{} is stale: SAILPLAN_BLESS=1 cargo test --test readme", path.display());
        }
        codes |= fresh.contains("Exit codes:");
    }
    assert!(codes, "the exit codes are part of the help");
}

#[test]
fn every_link_leads_to_a_file() {
    let mut seen = 0;
    for (path, text) in pages() {
        for (_, rest) in text.match_indices("](").map(|(at, mark)| text.split_at(at + mark.len())) {
            let target = rest.split(')').next().unwrap_or_default();
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            if file.contains("://") {
                continue;
            }
            let place = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(place.exists(), "{}: {target} leads nowhere", path.display());
            if !heading.is_empty() {
                let headings = std::fs::read_to_string(&place).unwrap();
                let named = |line: &str| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
                let found = headings.lines().any(|line| line.starts_with('#') && named(line) == heading);
                assert!(found, "{}: {target} has no such heading", path.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen} links were seen");
}

/// One fenced block, with the remarks in the comments before it.
struct Block {
    language: String,
    remarks: Vec<String>,
    text: String,
    /// Its lines in the page, without the fences.
    lines: Range<usize>,
}

impl Block {
    /// Whether it has commands that are run here.
    fn is_run(&self) -> bool {
        let elsewhere = |remark: &String| remark.starts_with("check: ") || remark.starts_with("not run here: ");
        self.language == "sh" && !self.remarks.iter().any(elsewhere)
    }
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut remarks = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let inside: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            let (remarks, language) = (std::mem::take(&mut remarks), language.to_owned());
            let lines = number + 1..number + 1 + inside.len();
            blocks.push(Block { language, remarks, text: inside.join("\n"), lines });
        } else if let Some(remark) = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) {
            remarks.push(remark.to_owned());
        } else {
            remarks.clear();
        }
    }
    blocks
}

/// Returns a page's commands as one script, as somebody types them who reads it from top to bottom, and how many blocks it has. What
/// a block prints goes into a file in `outputs`, named by the line of the block.
///
/// A comment before a block says what else there is to it: `test: COMMAND` runs before it, `ends with N` is its exit code. `check: NAME` is
/// run by .ci/run, and `not run here: REASON` nowhere. A block of text after the comment `printed` is what the commands before it print.
/// A block after `file: NAME` is written to that file, before its `test: COMMAND` runs.
fn script(page: &str, outputs: &Path) -> (String, usize) {
    let mut script = "set -euo pipefail\nexec 3>&1 4>&2\n".to_owned();
    let mut count = 0;
    for block in &blocks(page) {
        for file in block.remarks.iter().filter_map(|remark| remark.strip_prefix("file: ")) {
            script.push_str(&format!(
                "mkdir -p $(dirname {file}); cat >{file} <<'END OF FILE'\n{}\nEND OF FILE\n",
                block.text
            ));
        }
        for command in block.remarks.iter().filter_map(|remark| remark.strip_prefix("test: ")) {
            script.push_str(&format!("{command}\n"));
        }
        if !block.is_run() {
            continue;
        }
        count += 1;
        script.push_str(&format!("exec >{} 2>&1\n", outputs.join(block.lines.start.to_string()).display()));
        match block.remarks.iter().find_map(|remark| remark.strip_prefix("ends with ")) {
            Some(code) => script.push_str(&format!("code=0; ({}\n) || code=$?; test $code = {code}\n", block.text)),
            None => script.push_str(&format!("{}\n", block.text)),
        }
        script.push_str("exec >&3 2>&4\n");
    }
    (script, count)
}

/// Returns a page with what its commands printed, where it shows that. Times, digests and the names of receipts differ from run to
/// run: a block that differs in nothing else stays as it is.
fn printed_into(page: &str, outputs: &Path) -> String {
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    let mut ran = None;
    let mut places = Vec::new();
    for block in blocks(page) {
        if block.is_run() {
            ran = Some(block.lines.start);
        } else if block.remarks.iter().any(|remark| remark == "printed") {
            places.push((block, ran.expect("commands stand before what they print")));
        }
    }
    // From the end, so that the lines before keep their numbers.
    for (block, ran) in places.into_iter().rev() {
        let output = std::fs::read_to_string(outputs.join(ran.to_string())).unwrap();
        if timeless(&output) != timeless(&block.text) {
            lines.splice(block.lines, output.trim_end().lines().map(str::to_owned));
        }
    }
    format!("{}\n", lines.join("\n"))
}

/// Returns what was printed without what differs from run to run: digits become zeros in times and names of receipts, and after `sha256:`.
fn timeless(printed: &str) -> String {
    let differs = |word: &&str| word.contains("sha256:") || word.contains("/receipts/");
    let words = |line: &str| -> Vec<String> {
        let time = line.starts_with("Made ");
        let word = |word: &str| if time || differs(&word) { "…".to_owned() } else { word.to_owned() };
        line.split(' ').map(word).collect()
    };
    printed.trim_end().lines().map(|line| words(line).join(" ")).collect::<Vec<_>>().join("\n")
}

/// A practice tenant that is served over HTTP until it is dropped.
#[cfg(unix)]
struct Tenant {
    process: std::process::Child,
    url: String,
}

#[cfg(unix)]
impl Tenant {
    fn serve(folder: &Path) -> Tenant {
        use std::io::{BufRead, BufReader};
        let mut process = Command::new(PROGRAM)
            .args(["practice", "--listen", "127.0.0.1:0", "--state", "served.json"])
            .current_dir(folder)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.as_mut().unwrap()).lines();
        let url = lines.find_map(|line| {
            let line = line.unwrap();
            Some(line.split_whitespace().find(|word| word.starts_with("http://"))?.to_owned())
        });
        Tenant { process, url: url.unwrap() }
    }
}

#[cfg(unix)]
impl Drop for Tenant {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(unix)]
#[test]
fn every_command_works_and_prints_what_the_page_shows() {
    let (mut total, mut shown) = (0, 0);
    for (path, text) in pages() {
        let folder = tempfile::tempdir().unwrap();
        let (work, outputs) = (folder.path().join("work"), folder.path().join("outputs"));
        let (script, count) = script(&text, &outputs);
        total += count;
        if count == 0 {
            continue;
        }
        std::fs::create_dir(&work).unwrap();
        std::fs::create_dir(&outputs).unwrap();
        let tenant = Tenant::serve(folder.path());
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let script = script
            .replace("https://acme.api.identitynow.com", &tenant.url)
            .replace("127.0.0.1:8080", &free.to_string());
        let programs = Path::new(PROGRAM).parent().unwrap().display().to_string();
        let output = Command::new("bash")
            .args(["-c", &script])
            .current_dir(&work)
            .env_clear()
            .envs(["AUTHOR", "COMMITTER"].iter().flat_map(|who| {
                [(format!("GIT_{who}_NAME"), "Test"), (format!("GIT_{who}_EMAIL"), "test@example.com")]
            }))
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
            .env("PATH", format!("{programs}:{}", std::env::var("PATH").unwrap()))
            .env("HOME", folder.path())
            .env("EXAMPLES", Path::new(TOP).join("examples"))
            .env("SAILPLAN_ALLOWED_HOSTS", "127.0.0.1:*")
            .output()
            .unwrap();
        let mut said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        for block in blocks(&text).iter().filter(|block| block.is_run()) {
            said.push_str(&std::fs::read_to_string(outputs.join(block.lines.start.to_string())).unwrap_or_default());
        }
        assert!(output.status.success(), "{}: {}\n{script}\n{said}", path.display(), output.status);
        let fresh = printed_into(&text, &outputs);
        if std::env::var_os("SAILPLAN_BLESS").is_some() {
            write(&path, &text, &fresh);
        } else {
            assert_eq!(text, fresh, "{} is stale: SAILPLAN_BLESS=1 cargo test --test readme", path.display());
        }
        shown += blocks(&text).iter().filter(|block| block.remarks.iter().any(|remark| remark == "printed")).count();
    }
    assert!(total >= 18, "{total} blocks of commands were run");
    assert!(shown >= 4, "{shown} blocks show what was printed");
}

#[test]
fn every_block_has_a_language_and_every_remark_is_known() {
    for (path, text) in pages() {
        for Block { language, remarks, text, .. } in blocks(&text) {
            let known = ["sh", "yaml", "text", "json", "groovy", "dockerfile"].contains(&language.as_str());
            assert!(known, "{}: a block of {language:?}: {text}", path.display());
            let kinds = ["check: ", "ends with ", "file: ", "generated: ", "not run here: ", "printed", "test: "];
            for remark in remarks {
                assert!(kinds.iter().any(|kind| remark.starts_with(kind)), "{}: {remark}", path.display());
            }
        }
        let commands = ["    sailplan ", "    cargo ", "    kubectl "];
        let indented = text.lines().find(|line| commands.iter().any(|command| line.starts_with(command)));
        assert_eq!(indented, None, "{}: commands stand in a block of sh, so that they are run", path.display());
    }
}

/// Three changes of the practice tenant, one of each gravity.
#[cfg(unix)]
const PICTURED: &str = "\
jitActivationPolicy:
  maxActivationPeriodMins: 90m
  notificationRecipients: [owner@example.com, jit-watch@example.com]
accessRequestConfig:
  apiVersion: v2
  entitlementRequestConfig:
    accessRequestConfig:
      approvalSchemes: [{ approverType: ENTITLEMENT_OWNER }, { approverType: SOURCE_OWNER }, { approverType: MANAGER }]
";

/// Returns the picture of a plan as a terminal shows it, without the settings that are not managed and the time.
#[cfg(unix)]
fn picture() -> String {
    let folder = tempfile::tempdir().unwrap();
    let copied = Command::new("cp").args(["-R", "examples/quickstart/."]).arg(folder.path()).current_dir(TOP).status();
    assert!(copied.unwrap().success());
    std::fs::write(folder.path().join("settings/base.yaml"), PICTURED).unwrap();
    let output = Command::new(PROGRAM)
        .args(["--color", "always", "plan"])
        .current_dir(folder.path())
        .env_clear()
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let (changes, rest) = text.split_at(text.find("settings are not managed").unwrap());
    // The line began with a number.
    let (changes, _) = changes.trim_end().rsplit_once('\n').unwrap();
    let verdict = rest.trim_end().lines().last().unwrap();
    anstyle_svg::Term::new().render_svg(&format!("$ sailplan plan\n{}\n\n...\n\n{verdict}\n", changes.trim_end()))
}

#[cfg(unix)]
#[test]
fn the_picture_is_what_a_plan_looks_like() {
    let path = Path::new(TOP).join("docs/plan.svg");
    let fresh = picture();
    if std::env::var_os("SAILPLAN_BLESS").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == fresh, "docs/plan.svg is stale: SAILPLAN_BLESS=1 cargo test --test readme");
    assert!(
        ["loosens", "review", "tightens"].iter().all(|word| fresh.contains(word)),
        "the picture shows every gravity"
    );
}
