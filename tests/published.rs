//! What the repository publishes beside the program is what the program says.

#![expect(clippy::disallowed_methods, reason = "tests make and read their own files")]

use std::fs;
use std::path::{Path, PathBuf};

use sailplan::testing::schema::{self, Schema};

/// What writes the schemas in this repository again.
const SCHEMAS: &str = "cargo run -- schema --all schemas";

fn read(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap_or_default()
}

#[test]
fn the_schemas_are_those_of_the_program() {
    let text = |schema: Schema| schema::text(schema).unwrap();
    let stale = |schema: &&Schema| read(&format!("schemas/{}", schema.file())) != text(**schema);
    let stale: Vec<&str> = Schema::ALL.iter().filter(stale).map(|schema| schema.file()).collect();
    assert_eq!(stale, [""; 0], "these schemas are stale: run `{SCHEMAS}` and read what changed");
}

#[test]
fn what_contributing_says_of_a_new_setting_is_there() {
    let text = read("CONTRIBUTING.md");
    let (_, section) = text.split_once("\n## A new setting\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let quoted: Vec<&str> = section.split('`').skip(1).step_by(2).collect();
    for part in &quoted {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(part);
        assert!(path.exists() || !part.contains('/') || part.contains(' '), "there is no {part}");
    }
    let commands: Vec<&&str> = quoted.iter().filter(|part| part.contains(' ')).collect();
    assert_eq!(commands, [&SCHEMAS, &"INSTA_UPDATE=always cargo test"]);
    let files: Vec<&&str> = quoted.iter().filter(|part| part.ends_with(".rs")).collect();
    assert_eq!(files, [&"src/practice/field.rs", &"src/practice/jit.rs", &"src/resource/impact/rows.rs"]);
}

#[test]
fn the_action_at_the_top_is_the_one_of_the_example() {
    let read = |path: &str| std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let folder = "examples/github/.github/actions/sailplan";
    let example = read(&format!("{folder}/action.yml"));
    let here = example.replace("$GITHUB_ACTION_PATH/", &format!("$GITHUB_ACTION_PATH/{folder}/"));
    assert_eq!(
        read("action.yml"),
        here,
        "action.yml is stale: copy {folder}/action.yml and name the scripts from here"
    );
}

#[test]
fn the_examples_install_this_version() {
    let version = env!("CARGO_PKG_VERSION");
    let files = [
        ("action.yml", "    description: The version to install from crates.io\n    default: "),
        ("examples/gitlab/.gitlab-ci.yml", "  SAILPLAN_VERSION: "),
        ("examples/azure/azure-pipelines.yml", "  - name: SAILPLAN_VERSION\n    value: "),
    ];
    for (path, before) in files {
        let text = std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let (_, after) = text.split_once(before).unwrap();
        assert_eq!(after.lines().next().unwrap(), format!("\"{version}\""), "{path}");
    }
}

#[test]
fn editors_find_the_schemas_of_the_examples() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let list = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
    };
    let mut files = list(&root.join("generations"));
    for folder in list(&root).into_iter().filter(|folder| folder.join("sailplan.yaml").exists()) {
        files.push(folder.join("sailplan.yaml"));
        files.extend(list(&folder.join("settings")));
    }
    assert!(files.len() >= 18, "only {} files were found", files.len());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let path = text.lines().next().unwrap().strip_prefix("# yaml-language-server: $schema=").unwrap_or_default();
        let schema = if file.ends_with("sailplan.yaml") { Schema::Workspace } else { Schema::Settings };
        let found = fs::read_to_string(file.parent().unwrap().join(path)).unwrap_or_default();
        assert_eq!(found, schema::text(schema).unwrap(), "{}: `{path}` leads elsewhere", file.display());
    }
}
