//! What the repository publishes beside the program is what the program says.

#![expect(clippy::disallowed_methods, reason = "tests make and read their own files")]

use std::fs;
use std::path::{Path, PathBuf};

use sailplan::testing::schema::{self, Schema};

#[test]
fn the_schemas_are_those_of_the_program() {
    for one in Schema::ALL {
        let path = format!("{}/schemas/{}", env!("CARGO_MANIFEST_DIR"), one.file());
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        let name = one.file().trim_end_matches(".schema.json");
        assert_eq!(
            committed,
            schema::text(one).unwrap(),
            "{path} is stale: cargo run -- schema {name} > schemas/{}",
            one.file()
        );
    }
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
