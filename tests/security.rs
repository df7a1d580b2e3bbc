//! The threat model names only tests that exist.

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
