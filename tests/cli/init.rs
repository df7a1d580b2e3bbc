//! `sailplan init`: what it writes, what it keeps, and that the result works at once.

use std::process::Command;

use insta::assert_snapshot;

use crate::harness::Site;

fn git(site: &Site, args: &[&str]) {
    let done = Command::new("git")
        .args(args)
        .current_dir(site.path(""))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .status()
        .unwrap();
    assert!(done.success());
}

fn repository(remote: &str) -> Site {
    let site = Site::new();
    git(&site, &["init", "--quiet"]);
    git(&site, &["remote", "add", "origin", remote]);
    site
}

#[test]
fn plans_applies_and_is_done_at_once() {
    let site = Site::new();
    let codes = [
        site.run(["init"]).code,
        site.run(["validate"]).code,
        site.run(["plan", "--detailed-exitcode"]).code,
        site.run(["apply", "--yes"]).code,
        site.run(["plan", "--detailed-exitcode"]).code,
    ];
    assert_eq!(codes, [Some(0), Some(0), Some(2), Some(0), Some(0)]);
}

#[test]
fn keeps_what_is_there() {
    let site = repository("https://gitlab.com/acme/iam.git").file("sailplan.yaml", "mine");
    assert_snapshot!(site.run(["init"]).text());
    site.write(".gitlab-ci.yml", "mine too");
    assert_snapshot!(site.run(["init"]).text());
    assert_eq!([site.read("sailplan.yaml"), site.read(".gitlab-ci.yml")], ["mine", "mine too"]);
}

#[test]
fn writes_the_files_of_the_remote_s_forge() {
    let forges = [
        ("git@github.com:acme/iam.git", "github"),
        ("https://gitlab.acme.com/acme/iam.git", "gitlab"),
        ("https://dev.azure.com/acme/iam/_git/iam", "azure"),
    ];
    for (remote, example) in forges {
        let site = repository(remote);
        let written = site.run(["init"]);
        let names: Vec<_> = written.out.lines().map(|line| line.trim_start_matches("written  ")).collect();
        let ci = names.get(5..).unwrap();
        assert!(!ci.is_empty(), "{remote}: {}", written.out);
        for name in ci {
            let path = format!("{}/examples/{example}/{name}", env!("CARGO_MANIFEST_DIR"));
            assert_eq!(site.read(name), std::fs::read_to_string(&path).unwrap(), "{path}");
        }
    }
}

#[test]
fn a_forge_that_is_named_wins_over_the_remote() {
    let site = repository("git@github.com:acme/iam.git");
    assert_snapshot!(site.run(["init", "--ci", "azure"]).text());
    assert_snapshot!(Site::new().run(["init", "--ci", "github", "iam"]).text());
}

#[test]
fn no_known_forge_gets_no_ci_files() {
    assert_snapshot!(repository("https://git.example.com/acme/iam.git").run(["init"]).text());
}

#[test]
fn ci_files_go_to_the_top_of_the_repository() {
    let site = repository("https://gitlab.com/acme/iam.git");
    std::fs::create_dir(site.path("iam")).unwrap();
    assert_snapshot!(site.run(["-C", "iam", "init"]).text());
    assert!(site.read(".gitlab-ci.yml").contains("  SAILPLAN_DIR: \"iam\" # the folder of sailplan.yaml\n"));
}

#[test]
fn the_examples_with_ci_are_valid_and_share_the_quickstart_s_settings() {
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let base = |name: &str| std::fs::read_to_string(examples.join(name).join("settings/base.yaml")).unwrap();
    for name in ["github", "gitlab", "azure"] {
        assert_eq!(base(name), base("quickstart"), "{name}");
        let folder = examples.join(name);
        let run = Site::new().run(["-C", folder.to_str().unwrap(), "validate", "--strict"]);
        assert_eq!(run.text(), "Valid: 3 files.\n", "{name}");
    }
}

#[test]
fn editors_find_the_schemas_of_what_was_written() {
    use sailplan::testing::schema::{self, Schema};

    let site = Site::new();
    site.run(["init"]);
    let first = |name: &str| site.read(name).lines().next().map(str::to_owned);
    let modeline = |path: &str| Some(format!("# yaml-language-server: $schema={path}"));
    assert_eq!(first("sailplan.yaml"), modeline("schemas/workspace.schema.json"));
    assert_eq!(first("settings/base.yaml"), modeline("../schemas/settings.schema.json"));
    assert_eq!(site.read("schemas/workspace.schema.json"), schema::text(Schema::Workspace).unwrap());
    assert_eq!(site.read("schemas/settings.schema.json"), schema::text(Schema::Settings).unwrap());
    // And of what is pulled beside it.
    for (out, path) in [("settings/live.yaml", "../schemas"), ("live.yaml", "schemas"), ("schemas/live.yaml", ".")] {
        let run = site.run(["pull", "--out", out]);
        assert_eq!(run.code, Some(0), "{}", run.text());
        let path = format!("{path}/settings.schema.json");
        assert_eq!(first(out), modeline(path.trim_start_matches("./")), "{out}");
    }
}
