//! The threat model names only tests that exist, and the tests of its rows on the supply chain.

#![expect(clippy::disallowed_methods, reason = "it reads the sources")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

/// The names of all functions in the Rust files of a folder.
fn functions(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names =
                text.split("fn ").skip(1).filter_map(|rest| rest.split_once('(')).map(|(name, _)| name.to_owned());
            found.extend(names);
        }
    }
}

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let mut known = Vec::new();
    functions(Path::new("src"), &mut known);
    functions(Path::new("tests"), &mut known);
    let model = fs::read_to_string("SECURITY.md").unwrap();
    // The figures of the mutation run follow the threats.
    let threats = model.lines().take_while(|line| !line.starts_with("| Input"));
    let rows = threats.filter(|line| line.starts_with("| ") && !line.starts_with("| Attack"));
    let mut named = 0;
    for row in rows {
        let tests = row.trim_end_matches(" |").rsplit("| ").next().unwrap();
        for test in tests.split('`').skip(1).step_by(2) {
            assert!(known.iter().any(|name| name == test), "no test is called {test}: {row}");
            named += 1;
        }
        assert!(tests.contains('`'), "a row without a test: {row}");
    }
    assert!(named > 20, "the rows could not be read");
}

#[test]
fn every_dependency_is_locked_to_a_checksum_of_the_registry() {
    let lock = fs::read_to_string("Cargo.lock").unwrap();
    let packages: Vec<&str> = lock.split("[[package]]").skip(1).collect();
    let field = |package: &str, name: &str| {
        let start = format!("{name} = \"");
        package.lines().find_map(|line| Some(line.strip_prefix(&start)?.trim_end_matches('"').to_owned()))
    };
    assert!(packages.len() > 100, "{}", packages.len());
    for package in packages.iter().filter(|package| field(package, "name").as_deref() != Some("sailplan")) {
        assert_eq!(
            field(package, "source").as_deref(),
            Some("registry+https://github.com/rust-lang/crates.io-index"),
            "{package}"
        );
        let sum = field(package, "checksum").unwrap_or_default();
        assert!(sum.len() == 64 && sum.bytes().all(|byte| byte.is_ascii_hexdigit()), "{package}");
    }
}

/// The YAML files of a folder and those below it.
fn workflows(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            workflows(&path, found);
        } else if path.extension().is_some_and(|end| end == "yml") {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_action_is_used_by_its_commit() {
    let mut files = vec![fs::read_to_string("action.yml").unwrap()];
    workflows(Path::new(".github"), &mut files);
    workflows(Path::new("examples"), &mut files);
    let mut used = 0;
    for line in files.iter().flat_map(|file| file.lines()) {
        let line = line.trim_start().trim_start_matches("- ");
        let Some(action) = line.strip_prefix("uses: ") else { continue };
        let action = action.split(' ').next().unwrap();
        let commit = action.split_once('@').map(|(_, commit)| commit);
        let pinned = commit.is_some_and(|commit| commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()));
        assert!(pinned || action.starts_with("./"), "{line}");
        used += 1;
    }
    assert!(used > 5, "the workflows could not be read");
}

#[test]
fn unsafe_code_is_forbidden() {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let (_, lints) = manifest.split_once("[lints.rust]").unwrap();
    assert!(lints.lines().any(|line| line == "unsafe_code = \"forbid\""), "{lints}");
}
