//! What the README shows is what the program prints.

#![expect(clippy::disallowed_methods, reason = "tests make and read their own files")]
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]

use std::process::Command;

/// Returns what `sailplan ARGS` prints.
fn printed(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sailplan")).args(args).output();
    let output = output.unwrap_or_else(|error| panic!("sailplan {args:?}: {error}"));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// Replaces the fenced block behind `<!-- generated: sailplan ARGS -->` with what the program prints.
fn generated(readme: &str) -> String {
    let mut result = String::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        result.push_str(line);
        result.push('\n');
        let Some(command) = line.strip_prefix("<!-- generated: sailplan ").and_then(|rest| rest.strip_suffix(" -->"))
        else {
            continue;
        };
        let fence = lines.next().unwrap_or_default();
        let args: Vec<&str> = command.split(' ').collect();
        result.push_str(&format!("{fence}\n{}\n```\n", printed(&args)));
        // What stood there before.
        let _ = lines.by_ref().find(|line| *line == "```");
    }
    result
}

#[test]
fn help_and_exit_codes_are_those_of_the_program() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let fresh = generated(&readme);
    if std::env::var_os("SAILPLAN_BLESS").is_some() {
        std::fs::write(path, &fresh).unwrap_or_else(|error| panic!("{path}: {error}"));
    } else {
        assert_eq!(readme, fresh, "README.md is stale: SAILPLAN_BLESS=1 cargo test --test readme");
    }
    assert!(fresh.contains("Exit codes:"), "the exit codes are part of the help");
}
