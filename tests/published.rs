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

/// Returns every text file of the repository that somebody may run or copy from.
fn texts() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.to_owned()];
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if ![".git", "target", "node_modules", ".sailplan"].contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if name != "Cargo.lock"
                && path != root.join("tests/published.rs")
                && let Ok(text) = fs::read_to_string(&path)
            {
                texts.push((path.strip_prefix(root).unwrap_or(&path).to_owned(), text));
            }
        }
    }
    texts
}

/// Returns what is wrong with the commands of a text that fetch or run a program by its name.
fn unowned(text: &str) -> Vec<String> {
    const INSTALLERS: [&str; 15] = [
        "cargo install",
        "cargo binstall",
        "cargo add",
        "cargo update",
        "pip install",
        "pipx install",
        "pipx run",
        "uvx",
        "uv tool",
        "npm install",
        "npx",
        "brew install",
        "apt-get install",
        "docker pull",
        "docker run",
    ];
    // A command goes on in the next line after a backslash, and in folded YAML.
    let text = text.replace("\\\n", " ");
    let mut found = Vec::new();
    for installer in INSTALLERS {
        for (at, _) in text.match_indices(installer) {
            let command: String = text[at..].chars().take_while(|c| !"\n|;&`".contains(*c)).collect();
            let names = command.split_whitespace().any(|word| {
                // "." is the folder of this package.
                let word = if word == "." { "sailplan" } else { word };
                let word = word.trim_matches(['"', '\'', '.', ',', ')']);
                word == "sailplan" || word.starts_with("sailplan@") || word.starts_with("sailplan:")
            });
            let source = [" --path ", " --git "].iter().any(|flag| command.contains(flag));
            let cargo = installer == "cargo install";
            let pinned = cargo && source && command.contains(" --locked");
            if names && !pinned {
                found.push(command);
            }
        }
    }
    found
}

#[test]
fn nothing_installs_a_name_that_belongs_to_somebody_else() {
    let texts = texts();
    for path in [".pre-commit-hooks.yaml", "README.md", "action.yml", "examples/gitlab/.gitlab-ci.yml", "src/main.rs"] {
        assert!(texts.iter().any(|(seen, _)| seen == Path::new(path)), "{path} was not read");
    }
    for (path, text) in &texts {
        let empty: [String; 0] = [];
        assert_eq!(unowned(text), empty, "{}: the name sailplan is not ours in any registry", path.display());
    }
    // Built by pre-commit, a hook would ignore Cargo.lock.
    assert!(!read(".pre-commit-hooks.yaml").contains("language: rust"));
}

#[test]
fn an_unowned_name_is_found() {
    for command in [
        "cargo install sailplan",
        "cargo install --quiet --locked --root x --version 0.1.0 sailplan",
        "cargo install --locked \\\n  sailplan",
        "pip install sailplan",
        "run: npx sailplan@latest plan",
        "cargo binstall sailplan",
        "docker run sailplan:0.1.0 plan",
        "cargo install --path .",
    ] {
        assert_eq!(unowned(command).len(), 1, "{command}");
    }
    for command in ["cargo install --locked --path .", "cargo install --locked --git URL --rev COMMIT sailplan"] {
        assert_eq!(unowned(command), [""; 0], "{command}");
    }
}

#[test]
fn every_example_gets_sailplan_in_the_same_way() {
    let script = read("examples/github/.github/actions/sailplan/sailplan-install.sh");
    assert!(script.contains("sha256"));
    for folder in ["gitlab/.gitlab", "azure/.azure", "shell"] {
        let copy = format!("examples/{folder}/sailplan-install.sh");

        assert_eq!(read(&copy), script, "{copy} is stale: copy that of examples/github");
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
