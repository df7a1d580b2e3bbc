//! Files that people write, right and wrong, beside exactly what `sailplan validate` says about each.
//!
//! `tests/cases/valid` holds what is accepted, `tests/cases/invalid` what is refused; the name says what is special about
//! a file, and `NAME.txt` is what stands on standard error, 100 columns wide. `NAME.workspace.yaml` is read as a workspace
//! file. `SAILPLAN_BLESS=1 cargo test --test cases` rewrites the texts; read the difference before committing it.

#![expect(clippy::disallowed_methods, reason = "tests make and read their own files")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};
use std::process::Command;

use similar::TextDiff;

#[test]
fn every_file_gets_its_message() {
    let mut wrong = String::new();
    let mut number = 0;
    for (folder, code) in [("valid", 0), ("invalid", 1)] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(folder);
        for file in files(&folder) {
            number += 1;
            let name = file.file_name().unwrap().to_str().unwrap();
            let mut command = Command::new(env!("CARGO_BIN_EXE_sailplan"));
            command.current_dir(&folder).env_clear().env("COLUMNS", "100").env("CI", "true").arg("validate");
            if name.ends_with(".workspace.yaml") {
                command.arg("-f");
            }
            let output = command.arg(name).output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            if output.status.code() != Some(code) {
                wrong.push_str(&format!("{name} ends with {:?} instead of {code}:\n{said}\n", output.status.code()));
            }
            let beside = file.with_extension("txt");
            if std::env::var_os("SAILPLAN_BLESS").is_some() {
                std::fs::write(&beside, &said).unwrap();
            }
            let expected = std::fs::read_to_string(&beside).unwrap_or_default();
            if said != expected {
                let diff = TextDiff::from_lines(&expected, &said);
                wrong.push_str(&diff.unified_diff().header(&beside.display().to_string(), "now").to_string());
            }
        }
    }
    assert!(number >= 90, "only {number} cases were found");
    assert!(wrong.is_empty(), "SAILPLAN_BLESS=1 rewrites what is meant to change:\n{wrong}");
}

/// The YAML files of a folder in order; every text beside them must belong to one.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    for text in all.iter().filter(|path| path.extension().is_some_and(|end| end == "txt")) {
        assert!(text.with_extension("yaml").exists(), "{} belongs to no file", text.display());
    }
    all.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    if all.is_empty() {
        panic!("{} is empty", folder.display());
    }
    all
}
