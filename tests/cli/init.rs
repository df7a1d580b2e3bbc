//! `sailplan init`: what it writes, what it keeps, and that the result works at once.

use insta::assert_snapshot;

use crate::base::git;
use crate::harness::Site;

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
        let ci = names.get(6..).unwrap();
        assert!(!ci.is_empty(), "{remote}: {}", written.out);
        for name in ci {
            let path = format!("{}/examples/{example}/{name}", env!("CARGO_MANIFEST_DIR"));
            assert_eq!(site.read(name), std::fs::read_to_string(&path).unwrap(), "{path}");
        }
    }
}

#[test]
fn ci_gets_sailplan_from_where_it_is_told() {
    let source = format!("archive:https://example.com/sailplan.tar.gz#sha256={}", "a1".repeat(32));
    let value = |site: &Site, name: &str, line: &str| {
        let text = site.read(name);
        let (_, after) = text.split_once(line).unwrap();
        after.lines().next().unwrap().to_owned()
    };
    for (forge, name, line) in [
        ("github", ".github/workflows/sailplan.yml", "  SAILPLAN_INSTALL: "),
        ("gitlab", ".gitlab-ci.yml", "  SAILPLAN_INSTALL: "),
        ("azure", "azure-pipelines.yml", "- name: SAILPLAN_INSTALL"),
    ] {
        let site = Site::new();
        let told = site.run(["init", "--ci", forge, "--install", &source]);
        assert!(!told.err.contains("does not know yet"), "{}", told.text());
        let line = if forge == "azure" {
            format!("{line} # where CI gets sailplan: archive:URL#sha256=HEX or git:URL@COMMIT\n    value: ")
        } else {
            line.to_owned()
        };
        assert!(value(&site, name, &line).starts_with(&format!("\"{source}\"")), "{}", site.read(name));
        // What is there already is kept, and it is said what to do.
        let again = site.run(["init", "--ci", forge, "--install", &source]);
        assert!(!again.err.contains("SAILPLAN_INSTALL") && !again.err.contains("kept"), "{}", again.text());
        let other = source.replace("a1", "b2");
        let again = site.run(["init", "--ci", forge, "--install", &other]);
        let (names, were, them) = match forge {
            "github" => (format!("{name}, .github/workflows/sailplan-rollback.yml"), "were there and are", "them"),
            "azure" => (format!("{name}, azure-rollback.yml"), "were there and are", "them"),
            _ => (name.to_owned(), "was there and is", "it"),
        };
        let kept = format!(
            "{names} {were} kept, so --install changed nothing in {them}: set SAILPLAN_INSTALL in {them} to {other}, or \
             delete {them} and run the command again\n"
        );
        assert!(again.err.contains(&kept), "{}", again.text());
        assert!(!again.err.contains("not what this sailplan would write"), "{}", again.text());
        let site = Site::new();
        let untold = site.run(["init", "--ci", forge]);
        assert!(untold.err.contains(&format!("set SAILPLAN_INSTALL at the top of {name}")), "{}", untold.text());
        assert!(value(&site, name, &line).starts_with("\"\""), "{}", site.read(name));
    }
    for flags in [vec!["--install", "git:https://git.example/sailplan@main"], vec!["--install", &source]] {
        let site = Site::new();
        let run = site.command().arg("init").args(&flags).output().unwrap();
        let run = site.read_output(run);
        assert_eq!((run.code, site.path("sailplan.yaml").exists()), (Some(64), false), "{}", run.text());
    }
}

#[test]
fn a_file_of_another_sailplan_is_kept_and_it_is_said_how_to_replace_it() {
    let site = Site::new();
    site.run(["init", "--ci", "gitlab"]);
    let again = site.run(["init", "--ci", "gitlab"]);
    assert!(!again.err.contains("would write"), "{}", again.text());
    // What people write themselves is not held against this sailplan.
    site.write("settings/base.yaml", "{}\n");
    for file in [".gitlab/sailplan-plan.sh", "schemas/settings.schema.json"] {
        site.write(file, "mine\n");
    }
    let again = site.run(["init", "--ci", "gitlab"]);
    assert!(
        again.err.contains(
            "2 files that were there are kept and not what this sailplan would write: schemas/settings.schema.json, \
             .gitlab/sailplan-plan.sh. To replace one, delete it and run the command again\n"
        ),
        "{}",
        again.text()
    );
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
fn a_pipeline_that_was_there_may_not_know_the_new_folder() {
    let site = repository("https://gitlab.com/acme/iam.git");
    std::fs::create_dir(site.path("iam")).unwrap();
    assert!(!site.run(["-C", "iam", "init"]).err.contains("does not know this workspace"));
    assert!(!site.run(["-C", "iam", "init"]).err.contains("does not know this workspace"));
    std::fs::create_dir(site.path("other")).unwrap();
    let other = site.run(["init", "other"]);
    assert!(other.out.contains("kept     .gitlab-ci.yml\n"), "{}", other.out);
    assert!(other.err.contains("set SAILPLAN_DIR in it to other"), "{}", other.err);
}

#[test]
fn the_tenant_to_start_from_is_valid_when_its_lines_are_taken() {
    let site = Site::new();
    site.run(["init"]);
    let workspace = site.read("sailplan.yaml");
    let (before, prod) = workspace.split_at(workspace.find("  # prod:").unwrap());
    site.write("sailplan.yaml", &format!("{before}{}", prod.replace("  # ", "  ")));
    site.write("settings/prod.yaml", &site.read("settings/base.yaml"));
    let run = site.run(["validate", "--tenant", "prod"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), "Valid: 2 files.\n"), "{}", run.err);
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

#[test]
fn what_the_comments_offer_is_valid_and_planned() {
    let site = Site::new();
    assert_eq!(site.run(["init"]).code, Some(0));
    let settings = site.read("settings/base.yaml");
    let (before, offered) = settings.split_once("# approvalsConfig:").unwrap();
    let offered: String =
        offered.lines().map(|line| format!("{}\n", line.strip_prefix("# ").unwrap_or(line))).collect();
    site.write("settings/base.yaml", &format!("{before}approvalsConfig:{offered}"));
    let run = site.run(["validate", "--strict"]);
    assert_eq!(run.code, Some(0), "{}", run.text());
    let plan = site.run(["plan"]).out;
    assert!(plan.contains("approvalsConfig[ACCESS_REQUEST_APPROVAL]"), "{plan}");
}
