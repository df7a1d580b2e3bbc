//! `tenantsFrom`: tenants that have a file each, named by the file.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::tenant_entry::read_tenant;
use super::{Contents, Folder, Listed, is_name, outside};
use crate::text::problem::rules;
use crate::text::reader::{Context, Reader, pasted, quote};
use crate::text::yaml::{self, Key, Node, Value};
use crate::workspace::read_files;

/// A tenant that has a file.
struct TenantFile {
    name: String,
    file: Listed,
}

/// Reads the tenants of the files that `tenantsFrom` names, and adds them to those of the workspace file, by name. What is
/// wrong in a tenant file is told with its own lines.
pub(super) fn read(node: &Node<'_>, reader: &mut Reader, folder: &Folder<'_>, contents: &mut Contents) {
    let listed: HashSet<&str> = contents.settings.iter().map(|(name, _)| name.as_str()).collect();
    let mut found: BTreeMap<String, Listed> = BTreeMap::new();
    for item in reader.list(node, "a list of files, such as [tenants/*.yaml]").unwrap_or_default() {
        for TenantFile { name, file } in matches(item, reader, folder) {
            let place = match found.get(&name) {
                // Two patterns may match one file.
                Some(other) if other.path == file.path => continue,
                Some(other) => quote(&below(folder, &other.path)),
                None if listed.contains(name.as_str()) => "`tenants`".to_owned(),
                None => {
                    contents.tenant_files.push(file.path.clone());
                    found.insert(name, file);
                    continue;
                }
            };
            let message = format!("tenant {} is in {} and in {place}", quote(&name), quote(&below(folder, &file.path)));
            contents.tenant_files.push(file.path);
            reader.error(rules::DUPLICATE_TENANT, &item.span, &message, "", "rename or delete one of the two");
        }
    }
    for (name, file) in found {
        read_file(TenantFile { name, file }, reader.placeholders, folder, contents);
    }
}

/// Returns the files that a pattern matches, by name: `*` stands for any characters in the last part of the path, and not
/// for a dot at its start.
fn matches(item: &Node<'_>, reader: &mut Reader, folder: &Folder<'_>) -> Vec<TenantFile> {
    let expects = "the path of tenant files, such as tenants/*.yaml";
    let Some(text) = reader.meant_text(item, expects, pasted::Text::Path) else { return Vec::new() };
    let (parent, last) = text.rsplit_once('/').unwrap_or(("", &text));
    if parent.contains('*') || last.is_empty() {
        let what = format!("{} is not a pattern of files: `*` stands only in the last part", quote(&text));
        reader.error(rules::PATTERN, &item.span, &what, "", "write it as tenants/*.yaml, once for each folder");
        return Vec::new();
    }
    let Some(inside) = folder.files.confined(folder.path, Path::new(parent)) else {
        outside(item, reader, &text);
        return Vec::new();
    };
    let names = match folder.files.names_in(&inside) {
        Ok(names) => names,
        Err(problem) => {
            reader.problems.push(problem.at(reader.place(&item.span)));
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    let fitting: Vec<String> = names.into_iter().filter(|name| fits(last, name)).collect();
    if fitting.is_empty() {
        let what = format!("no file matches {}", quote(&text));
        let help = "correct the pattern, in which only `*` stands for other characters, or delete it";
        reader.error(rules::NO_MATCH, &item.span, &what, "", help);
    }
    for name in fitting {
        match folder.files.confined(folder.path, &Path::new(parent).join(&name)) {
            Some(path) => found.push(TenantFile {
                name: Path::new(&name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default(),
                file: Listed { path, place: Some(reader.place(&item.span)) },
            }),
            None => outside(item, reader, &format!("{parent}/{name}")),
        }
    }
    found
}

/// Returns whether `name` fits a pattern in which `*` stands for any characters.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(start).filter(|_| !start.is_empty() || !name.starts_with('.')) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match name.split_once(part) {
            Some((_, after)) => name = after,
            None => return false,
        }
    }
    name.ends_with(end)
}

fn read_file(tenant: TenantFile, placeholders: &'static str, folder: &Folder<'_>, contents: &mut Contents) {
    let TenantFile { name, file } = tenant;
    let mut settings = Vec::new();
    let (sources, problems) = read_files(folder.files, std::slice::from_ref(&file));
    contents.problems.extend(problems);
    for source in sources {
        let node = match yaml::parse(&source) {
            Ok(node) => node,
            Err(problems) => {
                contents.problems.extend(problems);
                continue;
            }
        };
        let mut reader = Reader::new(&source);
        reader.placeholders = placeholders;
        let span = match &node.value {
            Value::Map(entries) => entries.first().map_or(&node.span, |(key, _)| &key.span).clone(),
            _ => node.span.clone(),
        };
        if is_name(&name) {
            reader.context = Context::of(format!("tenant {name}"));
        } else {
            let what = format!("{} is not a name for a tenant", quote(&name));
            let help =
                "rename the file, which gives the tenant its name: use letters, digits, hyphens, underscores and dots";
            reader.error(rules::TENANT_NAME, &span, &what, "", help);
        }
        let key = Key { span, text: name.as_str().into() };
        contents.tenants.extend(read_tenant(&key, &node, &mut reader, folder, &mut settings));
        contents.problems.extend(reader.finish());
    }
    contents.settings.push((name, settings));
}

/// Returns a path as the workspace file would write it.
fn below(folder: &Folder<'_>, path: &Path) -> String {
    path.strip_prefix(folder.path).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::disk::Disk;
    use crate::text::problem::Problem;
    use crate::workspace::{Workspace, Wrong};

    #[test]
    fn a_star_stands_for_any_characters_but_a_leading_dot() {
        for (pattern, name, fit) in [
            ("*.yaml", "prod.yaml", true),
            ("*.yaml", ".yaml", false),
            ("*.yaml", ".#prod.yaml", false),
            (".*.yaml", ".prod.yaml", true),
            ("*", "prod", true),
            ("*.yaml", "prod.yml", false),
            ("*.yaml", "prod.yaml~", false),
            ("a*b*.yaml", "a-b-b.yaml", true),
            ("a*b*.yaml", "ab.yaml", true),
            ("a*b*.yaml", "ba.yaml", false),
            ("a*a", "a", false),
            ("**.yaml", "prod.yaml", true),
            ("prod.yaml", "prod.yaml", true),
            ("prod.yaml", "prod2.yaml", false),
            ("pr?d.yaml", "prod.yaml", false),
        ] {
            assert_eq!(fits(pattern, name), fit, "{pattern} {name}");
        }
    }

    const TENANT: &str = "url: practice:t.json\nsettings: [base.yaml]\n";

    fn workspace(text: &str, files: &[(&str, &str)]) -> (tempfile::TempDir, Result<Workspace, Wrong>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let path = folder.path().join("sailplan.yaml");
        std::fs::write(&path, text).unwrap();
        let read = crate::workspace::read(&Disk, &path).map(|(workspace, _)| workspace);
        (folder, read)
    }

    #[test]
    fn tenants_come_by_name_after_those_of_the_workspace_file_wherever_the_key_stands() {
        let files = [
            ("t/b.yaml", TENANT),
            ("t/a.yml", TENANT),
            ("u/aa.yaml", TENANT),
            ("t/.hidden.yaml", "no tenant"),
            ("t/folder.yaml/x", ""),
            ("t/note.txt", "no tenant"),
        ];
        let text = "tenantsFrom: [t/*.yaml, u/*.yaml, t/*.yml, t/b.yaml]\ntenants:\n  z: {url: 'practice:z.json', settings: []}\n";
        let (folder, read) = workspace(text, &files);
        let workspace = read.unwrap();
        let names: Vec<&str> = workspace.tenants.iter().map(|tenant| tenant.name.as_str()).collect();
        assert_eq!(names, ["z", "a", "aa", "b"]);
        // Paths in a tenant file start at the folder of the workspace file.
        let settings = &workspace.tenants.last().unwrap().settings;
        assert_eq!(Listed::paths(settings), [folder.path().join("base.yaml")]);
        let places: Vec<String> = workspace.tenants.iter().map(|tenant| tenant.url.place.to_string()).collect();
        assert!(places[1].ends_with("t/a.yml:1:6"), "{places:?}");
    }

    #[test]
    fn what_is_wrong_with_a_pattern_or_a_file_is_told_where_it_stands() {
        let files = [
            ("t/a.yaml", TENANT),
            ("t/a.yml", TENANT),
            ("t/no name.yaml", TENANT),
            ("bad/syntax.yaml", "url: [\n"),
            ("bad/key.yaml", "uri: x\nsettings: [../out.yaml]\n"),
            ("bad/empty.yaml", ""),
            ("bad/list.yaml", "- url\n"),
            ("ok/a.yaml", TENANT),
        ];
        let told = |text: &str| {
            let (folder, read) = workspace(text, &files);
            let problems = read.unwrap_err().problems;
            let line = |problem: &Problem| {
                let place = problem.place.as_ref().map(ToString::to_string).unwrap_or_default();
                format!("{place} {}: {}", problem.rule, problem.message)
            };
            let text: Vec<String> = problems.iter().map(line).collect();
            text.join("\n").replace(&format!("{}/", folder.path().display()), "")
        };
        insta::assert_snapshot!(
            [
                "tenantsFrom: [t/a.*]",
                "tenantsFrom: ['ok/*', 'none/*.yaml']",
                "tenantsFrom: ['*/a.yaml']",
                "tenantsFrom: [ok/]",
                "tenantsFrom: [../*.yaml]",
                "tenantsFrom: [t/no*]",
                "tenantsFrom: ['bad/*.yaml']",
                "tenantsFrom: []",
                "tenantsFrom: ok/a.yaml",
                "tenantsFrom: [ok/a.yaml]\ntenants: {a: {url: 'practice:z.json', settings: []}}",
            ]
            .map(|text| format!("{text}\n{}\n", told(text)))
            .join("\n")
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_may_not_lead_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("evil.yaml"), TENANT).unwrap();
        std::fs::create_dir(folder.path().join("t")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("evil.yaml"), folder.path().join("t/a.yaml")).unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("u")).unwrap();
        for pattern in ["t/*.yaml", "u/*.yaml"] {
            let path = folder.path().join("sailplan.yaml");
            std::fs::write(&path, format!("tenantsFrom: ['{pattern}']\n")).unwrap();
            let wrong = crate::workspace::read(&Disk, &path).unwrap_err();
            let rules: Vec<&str> = wrong.problems.iter().map(|problem| problem.rule.name()).collect();
            assert_eq!(rules, ["path-outside"], "{pattern}");
        }
    }
}
