//! What is read and what is written: pipes, encodings, rights, full disks, and files that are not sailplan's.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Run, Site};

/// What the practice tenant has already.
const SAME: &str = "jitActivationPolicy: {maxActivationPeriodMins: 2h}\n";
const CHANGED: &str = "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n";

/// As on a full disk: no file takes a single byte.
fn run_on_a_full_disk<const N: usize>(site: &Site, args: [&str; N]) -> Run {
    site.run_after("trap '' XFSZ; ulimit -f 0", args)
}

/// Runs sailplan, which has to end by itself.
fn run_in_time<const N: usize>(site: &Site, args: [&str; N]) -> Run {
    let mut child =
        site.command().args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("{args:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    site.read_output(child.wait_with_output().unwrap())
}

fn rights(site: &Site, name: &str) -> u32 {
    std::fs::metadata(site.path(name)).unwrap().permissions().mode() & 0o777
}

fn names(site: &Site, folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(site.path(folder)).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_receipt_replaces_no_file_when_nothing_is_to_change() {
    let site = Site::new().tenant().file("s.yaml", SAME).file("notes.txt", "my notes\n");
    for file in ["notes.txt", "s.yaml"] {
        let before = site.read(file);
        let run = site.run(["apply", "s.yaml", "--yes", "-q", "--receipt", file]);
        assert_eq!(site.read(file), before);
        assert_eq!(run.code, Some(3), "{}", run.text());
        assert!(
            run.err.contains(&format!("the receipt {file} cannot be written, so nothing was sent: the file exists")),
            "{}",
            run.err
        );
    }
    let run = site.run(["apply", "s.yaml", "--yes", "-q", "--receipt", "new.json"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert!(site.read("new.json").contains("\"outcome\": \"unchanged\""));
}

#[test]
fn a_rollback_with_nothing_to_do_keeps_the_receipt_it_was_given() {
    let site = Site::new().tenant().file("s.yaml", CHANGED);
    assert_eq!(site.run(["apply", "s.yaml", "--yes", "-q"]).code, Some(0));
    let receipt = site.receipts()[0].clone();
    assert_eq!(site.run(["rollback", &receipt, "--yes", "-q"]).code, Some(0));
    let before = site.read(&receipt);
    let run = site.run(["rollback", &receipt, "--yes", "-q", "--receipt", &receipt]);
    assert_eq!(site.read(&receipt), before);
    assert_eq!(run.code, Some(3), "{}", run.text());
}

#[test]
fn new_files_get_the_rights_of_the_umask_and_receipts_are_private() {
    let site = Site::new().tenant().file("s.yaml", CHANGED);
    let args =
        ["plan", "s.yaml", "--out", "p.json", "--json", "j.json", "--markdown", "m.md", "--html", "h.html", "-q"];
    for (umask, expected) in [("umask 022", 0o644), ("umask 027", 0o640)] {
        assert_eq!(site.run_after(umask, args).code, Some(0));
        for name in ["p.json", "j.json", "m.md", "h.html"] {
            assert_eq!(rights(&site, name), expected, "{name} after {umask}");
            std::fs::remove_file(site.path(name)).unwrap();
        }
    }
    assert_eq!(site.run_after("umask 022", ["pull", "--out", "pulled.yaml"]).code, Some(0));
    assert_eq!(rights(&site, "pulled.yaml"), 0o644);
    assert_eq!(site.run_after("umask 022", ["init", "new"]).code, Some(0));
    assert_eq!(rights(&site, "new/sailplan.yaml"), 0o644);
    let run = site.run_after("umask 022", ["apply", "s.yaml", "--yes", "-q", "--receipt", "r.json"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!((rights(&site, "r.json"), rights(&site, &site.receipts()[0])), (0o600, 0o600));
}

#[test]
fn an_output_that_is_written_again_keeps_its_rights() {
    let site = Site::new().tenant().file("s.yaml", CHANGED);
    assert_eq!(site.run(["plan", "s.yaml", "--html", "h.html", "-q"]).code, Some(0));
    std::fs::set_permissions(site.path("h.html"), std::fs::Permissions::from_mode(0o664)).unwrap();
    assert_eq!(site.run(["plan", "s.yaml", "--html", "h.html", "-q"]).code, Some(0));
    assert_eq!(rights(&site, "h.html"), 0o664);
}

#[test]
fn standard_output_is_an_output_like_any_other() {
    let site = Site::new().tenant().file("s.yaml", CHANGED);
    let run = site.run(["plan", "s.yaml", "--json", "/dev/stdout", "--markdown", "/dev/null", "-q"]);
    assert_eq!((run.code, run.out.contains("\"formatVersion\"")), (Some(0), true), "{}", run.text());
    // A file behind it keeps what was written before.
    let run = site.run_after("exec > out.txt", ["plan", "s.yaml", "--json", "/dev/stdout"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let (text, json) = run_parts(&site.read("out.txt"));
    assert!(text.ends_with("Plan: 1 setting to change in 1 resource of 1 tenant (1 loosens).\n"), "{text}");
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{json}");
}

fn run_parts(text: &str) -> (String, String) {
    let (before, json) = text.split_once("\n{\n").unwrap();
    (format!("{before}\n"), format!("{{\n{json}"))
}

#[test]
fn migrate_keeps_rights_links_marks_and_line_ends() {
    let old = "\u{feff}accessRequestConfig:\r\n  apiVersion: beta # old\r\n  entitlementRequestConfig:\r\n    \
               requestCommentsRequired: true\r\n";
    let new = "\u{feff}accessRequestConfig:\r\n  apiVersion: v2 # old\r\n  entitlementRequestConfig:\r\n    \
               accessRequestConfig:\r\n      requestCommentRequired: true\r\n";
    let site = Site::new().file("real/s.yaml", old);
    symlink("real/s.yaml", site.path("s.yaml")).unwrap();
    std::fs::set_permissions(site.path("real/s.yaml"), std::fs::Permissions::from_mode(0o664)).unwrap();
    let run = site.run(["migrate", "--to", "v2", "--offline", "--yes", "s.yaml"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    assert_eq!(site.read("real/s.yaml"), new);
    assert!(site.path("s.yaml").is_symlink());
    assert_eq!(rights(&site, "real/s.yaml"), 0o664);
}

#[test]
fn migrate_rewrites_all_files_or_none() {
    let short =
        "accessRequestConfig:\n  apiVersion: beta\n  entitlementRequestConfig:\n    requestCommentsRequired: true\n";
    let long = format!("{short}{}", "# a comment\n".repeat(10_000));
    let site = Site::new().file("a.yaml", short).file("b.yaml", &long);
    // There is space for the first.
    let run = site
        .run_after("trap '' XFSZ; ulimit -f 8", ["migrate", "--to", "v2", "--offline", "--yes", "a.yaml", "b.yaml"]);
    let (diff, error) = run.err.split_at(run.err.find("error: ").unwrap());
    assert_eq!(diff.matches("+      requestCommentRequired: true").count(), 2, "{diff}");
    assert_eq!(
        Run { err: error.to_owned(), ..run }.text(),
        "--- stderr ---\nerror: b.yaml cannot be written: File too large (os error 27); no file was changed\n  \
         help: check the file and its folder, then run the command again\n--- exit 1 ---\n"
    );
    assert_eq!((site.read("a.yaml").as_str(), site.read("b.yaml")), (short, long));
    assert_eq!(names(&site, "."), ["a.yaml", "b.yaml"]);
}

#[test]
fn pipes_are_refused_wherever_a_file_is_read() {
    let site = Site::new().tenant().file("s.yaml", SAME).file(".sailplan/receipts/one", "");
    for pipe in ["pipe", ".sailplan/receipts/pipe.json"] {
        assert!(Command::new("mkfifo").arg(site.path(pipe)).status().unwrap().success());
    }
    let refused = |run: Run, code: i32| {
        assert!(run.err.contains("`pipe` is not a regular file"), "{}", run.text());
        assert_eq!(run.code, Some(code), "{}", run.text());
    };
    refused(run_in_time(&site, ["show", "pipe"]), 3);
    refused(run_in_time(&site, ["rollback", "pipe"]), 3);
    refused(run_in_time(&site, ["apply", "pipe", "s.yaml"]), 3);
    refused(run_in_time(&site, ["plan", "s.yaml", "--against", "pipe"]), 3);
    refused(run_in_time(&site, ["-f", "pipe", "plan"]), 1);
    let secure = site
        .variable("SAIL_BASE_URL", "https://127.0.0.1:9")
        .variable("SAIL_CLIENT_ID", "id")
        .variable("SAIL_CLIENT_SECRET", "secret");
    let run = run_in_time(&secure, ["plan", "s.yaml", "--ca-cert", "pipe"]);
    assert_eq!(
        run.err,
        "error: --ca-cert pipe: `pipe` is not a regular file\n  help: name a PEM file with one or more certificates\n"
    );
    assert_eq!(run.code, Some(64), "{}", run.text());
    let run = run_in_time(&secure, ["plan", "s.yaml", "--out", "pipe"]);
    assert_eq!(run.code, Some(64), "{}", run.text());
}

#[test]
fn encodings_are_named_for_every_file() {
    let site = Site::new().tenant().file("s.yaml", SAME);
    assert_eq!(site.run(["plan", "s.yaml", "--out", "p.json"]).code, Some(0));
    let plan = site.read("p.json");
    let wide: Vec<u8> = "\u{feff}".encode_utf16().chain(plan.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    std::fs::write(site.path("wide.json"), &wide).unwrap();
    std::fs::write(site.path("latin.json"), b"{\"name\": \"caf\xe9\"}\n").unwrap();
    let mut text = String::new();
    for args in [
        ["show", "wide.json"],
        ["rollback", "wide.json"],
        ["validate", "wide.json"],
        ["show", "latin.json"],
        ["show", "missing.json"],
        ["rollback", "missing.json"],
    ] {
        text.push_str(&format!("== {}\n{}", args.join(" "), site.run(args).text()));
    }
    insta::assert_snapshot!(text);
    // A byte order mark does no harm.
    site.write("marked.json", &format!("\u{feff}{plan}"));
    assert_eq!(site.run(["show", "marked.json"]).text(), site.run(["show", "p.json"]).text());
}

#[test]
fn a_full_disk_leaves_no_half_file_and_is_told_by_the_names_of_the_user() {
    let settings = "jitActivationPolicy:\n  maxActivationPeriodMins: 4h\n";
    let site = Site::new().tenant().workspace(settings);
    let mut text = String::new();
    for args in [
        ["pull", "--out", "new.yaml"],
        ["plan", "-q", "--html=page.html"],
        ["pull", "--accept", "--yes"],
        ["apply", "--yes", "-q"],
        ["init", "another", "-q"],
    ] {
        let run = run_on_a_full_disk(&site, args);
        let told = run.err.split_once("error: ").unwrap().1;
        text.push_str(&format!("== {} ends with {}\n{told}", args.join(" "), run.code.unwrap()));
    }
    insta::assert_snapshot!(text);
    assert_eq!(site.read("settings/base.yaml"), settings);
    assert_eq!(
        names(&site, "."),
        [".sailplan", "another", "sailplan.yaml", "settings", "tenant-state.json", "tenant-state.json.lock"]
    );
    assert_eq!((names(&site, "settings"), names(&site, ".sailplan/receipts"), names(&site, "another")), {
        (vec!["base.yaml".to_owned()], vec![], vec![])
    });
    assert_eq!(site.run(["pull", "--out", "new.yaml"]).code, Some(0));
}

#[test]
fn pull_writes_a_whole_file_or_none() {
    let state = json!({"jitActivationPolicy": null, "accessRequestConfig": {"reauthorizationEnabled": true}});
    let site = Site::new().state(&state).tenant();
    let run = site.run(["pull", "--out", "new.yaml"]);
    insta::assert_snapshot!(run.text());
    assert!(!site.path("new.yaml").exists());
    let run = site.run(["pull", "--out", "new.yaml", "--resource", "accessRequestConfig"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
}

/// A file that adds so many entitlements.
fn entitlements(number: usize) -> String {
    let ids: Vec<String> = (0..number).map(|id| format!("{id:08}-4de9-4163-801d-4a1444e59d35")).collect();
    format!("jitActivationPolicy: {{entitlementIds: [{}]}}\n", ids.join(", "))
}

#[test]
fn a_long_output_may_be_read_in_part_and_a_full_disk_is_told() {
    let site = Site::new().tenant().file("s.yaml", &entitlements(20_000));
    for long in [["--format", "json"], ["--full", "--color=never"], ["--full", "--color=always"], ["--json", "-"]] {
        let args = || ["plan", "s.yaml"].into_iter().chain(long);
        let run = site.run_after("mkfifo pipe; head -c 1000 < pipe > begin & exec > pipe", args());
        assert_eq!((run.code, run.err.contains("error")), (Some(0), false), "{long:?}: {}", run.text());
        let whole = site.run_after(":", args());
        assert!(whole.code == Some(0) && whole.out.len() > 700_000, "{long:?}: {}", whole.out.len());
        let run = site.run_after("exec > /dev/full", args());
        assert_eq!((run.code, run.out.as_str()), (Some(1), ""), "{long:?}");
        let told = "standard output cannot be written: No space left on device";
        assert!(run.err.contains(told), "{long:?}: {}", run.err);
        std::fs::remove_file(site.path("pipe")).unwrap();
    }
}

#[test]
fn an_output_that_cannot_be_written_to_its_end_leaves_the_file_as_it_was() {
    let site = Site::new().tenant().file("short.yaml", CHANGED).file("long.yaml", &entitlements(20_000));
    for (flag, file) in [("--json", "p.json"), ("--out", "o.json")] {
        assert_eq!(site.run(["plan", "short.yaml", "-q", flag, file]).code, Some(0));
        let before = (site.read(file), names(&site, "."));
        // The disk takes the beginning.
        let run = site.run_after("trap '' XFSZ; ulimit -f 200", ["plan", "long.yaml", "-q", flag, file]);
        assert_eq!(run.code, Some(1), "{}", run.text());
        assert!(run.err.contains(&format!("{flag} {file} cannot be written: File too large")), "{}", run.err);
        assert_eq!((site.read(file), names(&site, ".")), before);
        assert_eq!(site.run(["plan", "long.yaml", "-q", flag, file]).code, Some(0));
        assert!(site.read(file).len() > 1_000_000 && site.run(["show", "-q", file]).code == Some(0));
    }
}
