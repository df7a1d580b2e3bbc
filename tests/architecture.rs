//! The floors of `src/lib.rs`: imports run one way, and there is no circle, neither between modules nor inside one.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "it reads the sources")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order of the list in `src/lib.rs`, lowest first.
fn floors() -> Vec<String> {
    let map = fs::read_to_string("src/lib.rs").unwrap();
    let entries = map.lines().filter_map(|line| line.strip_prefix("//! * `"));
    entries.filter_map(|line| line.split_once('`')).map(|(name, _)| name.to_owned()).collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The module path of a file: `src/run/send.rs` is `["run", "send"]`.
fn module(path: &Path) -> Vec<String> {
    let path = path.strip_prefix("src").unwrap().with_extension("");
    let mut parts: Vec<String> = path.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// Files that are compiled for tests alone, by the declarations under `#[cfg(test)]`.
fn test_only(files: &[PathBuf]) -> BTreeSet<Vec<String>> {
    let mut only = BTreeSet::new();
    for file in files {
        let (text, mut parent) = (fs::read_to_string(file).unwrap(), module(file));
        if parent == ["lib"] || parent == ["main"] {
            parent.clear();
        }
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines.windows(2) {
            let name = pair[1].trim().trim_start_matches("pub(crate) ").strip_prefix("mod ");
            if let (true, Some(name)) = (pair[0].trim() == "#[cfg(test)]", name.and_then(|name| name.strip_suffix(';')))
            {
                only.insert(parent.iter().cloned().chain([name.to_owned()]).collect());
            }
        }
    }
    only
}

/// The text of a file without its tests and comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// What follows each `crate::` (or `super::`, put in its place), up to the first thing that is no module.
fn imports(code: &str, own: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (start, length) in [("crate::", 7), ("super::", 7)] {
        for (at, _) in code.match_indices(start) {
            if code[..at].ends_with("::") {
                continue;
            }
            let mut base: Vec<String> = Vec::new();
            let mut rest = &code[at + length..];
            if start == "super::" {
                base = own.iter().take(own.len().saturating_sub(1)).cloned().collect();
                while let Some(further) = rest.strip_prefix("super::") {
                    base.pop();
                    rest = further;
                }
            }
            expand(&base, rest, &mut found);
        }
    }
    found
}

/// Walks `a::b::{c, d::e}`.
fn expand(base: &[String], text: &str, found: &mut Vec<Vec<String>>) {
    let mut path = base.to_vec();
    let mut rest = text;
    loop {
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut from) = (0_usize, 0);
            for (at, letter) in group.char_indices() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => {
                        expand(&path, group[from..at].trim(), found);
                        break;
                    }
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        expand(&path, group[from..at].trim(), found);
                        from = at + 1;
                    }
                    _ => {}
                }
            }
            return;
        }
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        path.push(rest[..end].to_owned());
        match rest[end..].strip_prefix("::") {
            Some(further) => rest = further,
            None => break,
        }
    }
    found.push(path);
}

/// For each module its imports, both as module paths of files.
fn graph() -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let only = test_only(&files);
    files.retain(|file| {
        let own = module(file);
        own != ["lib"] && own != ["main"] && !only.iter().any(|test| own.starts_with(test))
    });
    let modules: BTreeSet<Vec<String>> = files.iter().map(|file| module(file)).collect();
    let mut graph = BTreeMap::new();
    for file in &files {
        let own = module(file);
        // A file that is `mod.rs` is its own folder's parent, so `super` leads one up from there as from any other.
        let targets: BTreeSet<Vec<String>> = imports(&code(file), &own)
            .into_iter()
            .filter_map(|path| {
                (1..=path.len()).rev().map(|length| path[..length].to_vec()).find(|path| modules.contains(path))
            })
            .filter(|target| *target != own)
            .collect();
        graph.insert(own, targets);
    }
    graph
}

#[test]
fn every_module_stands_on_a_floor() {
    let graph = graph();
    let tops: BTreeSet<&str> = graph.keys().map(|module| module[0].as_str()).collect();
    let floors = floors();
    assert_eq!(tops, floors.iter().map(String::as_str).collect(), "the list in src/lib.rs and the modules");
    assert!(floors.len() <= 20, "{} modules are too many for a list that one remembers", floors.len());
}

#[test]
fn no_import_points_to_a_floor_above() {
    let floors = floors();
    let floor = |module: &[String]| floors.iter().position(|name| *name == module[0]);
    let mut up = Vec::new();
    for (module, targets) in graph() {
        for target in targets {
            if floor(&target) > floor(&module) {
                up.push(format!("{} imports {}", module.join("::"), target.join("::")));
            }
        }
    }
    assert!(up.is_empty(), "these imports point upwards:\n{}", up.join("\n"));
}

/// Inside a module, a file and the `mod.rs` around it may know each other; files beside each other must not, neither
/// straight nor over others.
#[test]
fn no_files_import_each_other_in_a_circle() {
    let graph = graph();
    let is_around = |outer: &[String], inner: &[String]| inner.starts_with(outer) || outer.starts_with(inner);
    let next = |module: &Vec<String>| -> Vec<Vec<String>> {
        graph[module].iter().filter(|target| !is_around(target, module)).cloned().collect()
    };
    let mut circles = Vec::new();
    for start in graph.keys() {
        let (mut seen, mut stack) = (BTreeSet::new(), next(start));
        while let Some(module) = stack.pop() {
            if module == *start {
                circles.push(start.join("::"));
                break;
            }
            if seen.insert(module.clone()) {
                stack.extend(next(&module));
            }
        }
    }
    assert!(circles.is_empty(), "these files are part of a circle of imports:\n{}", circles.join("\n"));
}
