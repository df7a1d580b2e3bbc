//! Help, manual and completion: what a person reads before anything runs.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::harness::Site;

/// Returns the commands, as the help of the program lists them.
fn commands(site: &Site) -> Vec<String> {
    let help = bare(site, &["-h"]);
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap().to_owned();
    let names = list.lines().map(|line| line.split_whitespace().next().unwrap().to_owned());
    names.filter(|name| name != "help").collect()
}

fn bare(site: &Site, words: &[&str]) -> String {
    let run = site.read_output(site.bare_command().args(words).env("COLUMNS", "80").output().unwrap());
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{words:?}");
    run.out
}

#[test]
fn short_help_fits_on_a_screen_and_has_examples() {
    let site = Site::new();
    let mut all = bare(&site, &["-h"]);
    for command in commands(&site) {
        let short = bare(&site, &[&command, "-h"]);
        let long = bare(&site, &[&command, "--help"]);
        assert!(short.lines().count() <= 62, "{command}: {} lines", short.lines().count());
        for help in [&short, &long] {
            assert!(help.contains("\nExamples:\n"), "{command}");
            assert!(!help.contains("--parallelism") && help.contains("sailplan --help"), "{command}: {help}");
        }
        assert!(long.contains("\nExit codes:\n"), "{command}");
        all.push_str(&format!("\n== {command}\n{short}"));
    }
    assert!(all.lines().all(|line| line.chars().count() <= 80), "{all}");
}

#[test]
fn the_program_lists_its_environment_variables_and_files() {
    let long = bare(&Site::new(), &["--help"]);
    for part in ["--parallelism", "Exit codes:", "Environment:", "Files:", "sailplan.yaml", ".sailplan/receipts/"] {
        assert!(long.contains(part), "{part}");
    }
    let listed: BTreeSet<String> = variables(&long);
    let mut read = BTreeSet::new();
    sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut read);
    // Of the CI files, of the scripts of shells, and of tests.
    for other in ["SAILPLAN_DIR", "SAILPLAN_INSTALL", "SAILPLAN_COMPLETE", "SAILPLAN_SEED", "SAILPLAN_SCHEDULES"] {
        read.remove(other);
    }
    assert_eq!(listed, read);
}

/// Returns the names of variables of sailplan's own in a text.
fn variables(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("SAILPLAN_") || word.starts_with("SAIL_")).map(str::to_owned).collect()
}

fn sources(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            sources(&entry.path(), found);
        } else if entry.path().extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            found.extend(
                text.split('"')
                    .skip(1)
                    .step_by(2)
                    .filter(|quoted| variables(quoted).contains(*quoted))
                    .map(str::to_owned),
            );
        }
    }
}

#[test]
fn every_command_has_a_page_that_man_finds_and_groff_takes() {
    let site = Site::new();
    let written = bare(&site, &["man", "--dir", "share/man"]);
    let mut expected: Vec<String> = commands(&site).iter().map(|name| format!("sailplan-{name}.1")).collect();
    expected.push("sailplan.1".to_owned());
    for file in &expected {
        let page = site.read(&format!("share/man/man1/{file}"));
        assert!(
            written.contains(file) && page.contains(".SH EXAMPLES") && page.contains(".SH \"EXIT STATUS\""),
            "{file}"
        );
        let synopsis = page.split(".SH SYNOPSIS\n").nth(1).unwrap().split("\n.SH ").next().unwrap();
        let of_plan = synopsis.contains("sailplan\\fR plan [OPTIONS] [FILE]...");
        assert_eq!(of_plan, file == "sailplan-plan.1", "{synopsis}");
        // After the line with the flag.
        let options = page.split(".SH OPTIONS\n").nth(1).unwrap().split("\n.SH ").next().unwrap();
        let bare = |entry: &&str| entry.trim().lines().count() < 2;
        assert_eq!(options.split(".TP\n").skip(1).filter(bare).collect::<Vec<_>>(), [""; 0], "{file}");
        let name = file.trim_end_matches(".1");
        if let Some(command) = name.strip_prefix("sailplan-") {
            let printed = site.bare_command().args(["man", command]).output().unwrap();
            assert_eq!(String::from_utf8(printed.stdout).unwrap(), page);
            assert!(site.read("share/man/man1/sailplan.1").contains(&name.replace('-', "\\-")), "{name}");
        }
        let mut groff = Command::new("groff");
        groff.args(["-man", "-Tascii", "-ww", "-z"]).arg(site.path(&format!("share/man/man1/{file}")));
        // Where groff is installed, it has nothing to say.
        if let Ok(output) = groff.output() {
            assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{file}");
        }
    }
    assert_eq!(written.lines().count(), expected.len());
    // A second time replaces the pages, but nothing else of their names.
    assert_eq!(bare(&site, &["man", "--dir", "share/man"]), written);
    site.write("share/man/man1/sailplan-plan.1", "mine");
    let refused = site.run(["man", "--dir", "share/man"]);
    assert_eq!((refused.code, site.read("share/man/man1/sailplan-plan.1").as_str()), (Some(1), "mine"));
    assert_eq!(site.run(["man", "plans"]).text().lines().nth(2), Some("  help: did you mean plan?"));
}

/// Returns what bash offers at the end of a line.
fn offered(site: &Site, line: &[&str]) -> Vec<String> {
    let mut command = site.bare_command();
    command.env("SAILPLAN_COMPLETE", "bash").env("_CLAP_IFS", "\n").env("_CLAP_COMPLETE_COMP_TYPE", "9");
    command.env("_CLAP_COMPLETE_INDEX", line.len().to_string()).env("_CLAP_COMPLETE_SPACE", "true");
    let run = site.read_output(command.arg("--").arg("sailplan").args(line).output().unwrap());
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{line:?}");
    run.out.lines().map(|word| word.trim_end().to_owned()).collect()
}

#[test]
fn shells_complete_values() {
    let workspace = "tenants:\n  prod-at: {url: practice:a.json, labels: {ring: prod}, settings: [s.yaml]}\n  \
                     dev: {url: practice:b.json, labels: {ring: dev}, settings: [s.yaml]}\n";
    let site = Site::new().file("w/sailplan.yaml", workspace);
    let site = site.file("w/s.yaml", "jitActivationPolicy: {maxActivationPeriodMins: 4h}\n");
    assert_eq!(offered(&site, &["-C", "w", "plan", "--tenant", ""])[..2], ["prod-at", "dev"]);
    assert_eq!(offered(&site, &["plan", "-f", "w/sailplan.yaml", "--tenant", "p"]), ["prod-at"]);
    assert_eq!(offered(&site, &["-C", "w", "tenants", "--label", "ring=p"]), ["ring=prod"]);
    assert_eq!(offered(&site, &["plan", "--only", "maxActivationPeriodM"]), ["maxActivationPeriodMins"]);
    assert_eq!(
        offered(&site, &["explain", "jitActivationPolicy.maxActivationPeriodM"]),
        ["jitActivationPolicy.maxActivationPeriodMins"]
    );
    assert_eq!(offered(&site, &["pull", "--resource", "acc"]), ["accessRequestConfig"]);
    assert!(offered(&site, &["plan", "--format", "ma"]).contains(&"markdown".to_owned()));
    assert!(offered(&site, &["pl"]).contains(&"plan".to_owned()));
    assert_eq!(site.run(["-C", "w", "apply", "--tenant", "dev", "--yes", "-q"]).code, Some(0));
    let receipts = offered(&site, &["-C", "w", "rollback", ""]);
    // Values come without flags before anything is typed.
    assert_eq!(receipts.len(), 1, "{receipts:?}");
    assert!(receipts[0].ends_with(".json") && receipts[0].starts_with(".sailplan/receipts/"), "{receipts:?}");
    assert_eq!(offered(&site, &["-C", "w", "receipts", "--settle", ""]), receipts);
    assert!(offered(&site, &["-C", "w", "rollback", "-"]).contains(&"--accept".to_owned()));
    assert!(offered(&site, &["tenants", ""]).contains(&"--format".to_owned()));
    assert_eq!(offered(&site, &["man", "rec"]), ["receipts"]);
    let dropped = offered(&site, &["migrate", "--drop", ""]);
    assert!(dropped.iter().all(|name| name.starts_with("accessRequestConfig.")) && dropped.len() > 9, "{dropped:?}");
    // fish hides what begins with a dot until one is typed.
    let mut fish = site.bare_command();
    let fish = fish.env("SAILPLAN_COMPLETE", "fish").args(["--", "sailplan", "-C", "w", "rollback", ""]);
    let absolute = String::from_utf8(fish.output().unwrap().stdout).unwrap();
    assert!(absolute.starts_with('/') && absolute.contains("/w/.sailplan/receipts/20"), "{absolute}");
    // A name that a shell would run is not offered.
    site.write("w/sailplan.yaml", &workspace.replace("prod-at", "$(id)"));
    assert!(!offered(&site, &["-C", "w", "plan", "--tenant", ""]).iter().any(|name| name.contains("id")));
}

#[test]
fn every_shell_has_a_script() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = bare(&Site::new(), &["completions", shell]);
        assert!(script.contains("SAILPLAN_COMPLETE") && script.contains("sailplan"), "{shell}: {script}");
    }
    assert_eq!(Site::new().run(["completion", "tcsh"]).code, Some(64));
}
