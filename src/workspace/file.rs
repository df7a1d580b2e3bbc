//! The keys of the workspace file, read into what they say.

#[cfg(test)]
mod pasted_tests;
mod tenant_entry;
mod tenant_files;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use regex_lite::Regex;

use self::tenant_entry::read_tenant;
use super::{Listed, Tenant, Workspace, Wrong, folder_of};
use crate::guardrails::set::Set;
use crate::guardrails::written;
use crate::plan::looked_up::LookUp;
use crate::resource::Resource;
use crate::text::disk::Files;
use crate::text::nearest::{instead, nearest};
use crate::text::printable::printable_line;
use crate::text::problem::{Problem, rules};
use crate::text::reader::{Context, Reader, pasted, quote};
use crate::text::yaml::{self, Node, Source};

/// Reads a workspace file.
///
/// # Errors
///
/// The file has errors.
pub fn read(files: &dyn Files, path: &Path) -> Result<(Workspace, Vec<Problem>), Wrong> {
    let source = files.read(path).map_err(|problem| vec![problem])?;
    read_source(files, &source, path)
}

/// Like [`read`], for the text of the file at `path`.
///
/// # Errors
///
/// The text has errors.
pub fn read_source(files: &dyn Files, source: &Arc<Source>, path: &Path) -> Result<(Workspace, Vec<Problem>), Wrong> {
    let node = yaml::parse(source)?;
    let mut reader = Reader::new(source);
    reader.placeholders =
        "write the value; only `url`, `clientId` and `clientSecret` take ${NAME}, from the environment";
    let folder = Folder { files, path: folder_of(path) };
    let contents = read_workspace(&node, &mut reader, &folder);
    let Contents { tenants, settings, sets, allowances, tenant_files, ticket, look_ups, problems: of_tenants } =
        contents;
    let mut problems = reader.finish();
    problems.extend(of_tenants);
    if problems.iter().any(Problem::is_error) {
        return Err(Wrong { problems, settings, allowances, tenant_files });
    }
    Ok((Workspace { path: path.to_owned(), tenants, sets, allowances, tenant_files, ticket, look_ups }, problems))
}

#[derive(Default)]
struct Contents {
    tenants: Vec<Tenant>,
    /// The settings files of every entry, also of one that is not a tenant because of a mistake in it.
    settings: Vec<(String, Vec<Listed>)>,
    sets: Vec<Set>,
    allowances: Vec<Listed>,
    tenant_files: Vec<PathBuf>,
    ticket: Option<Regex>,
    look_ups: Vec<LookUp>,
    /// What is wrong with files of tenants.
    problems: Vec<Problem>,
}

/// Where the files are that a workspace names.
struct Folder<'a> {
    files: &'a dyn Files,
    path: &'a Path,
}

fn read_workspace(node: &Node<'_>, reader: &mut Reader, folder: &Folder<'_>) -> Contents {
    let mut contents = Contents::default();
    let mut listed = false;
    let mut from = None;
    for (key, value) in reader.map(node, "a mapping with `tenants`").unwrap_or_default() {
        match key.text.as_ref() {
            "tenants" => {
                listed = true;
                read_tenants(value, reader, folder, &mut contents);
            }
            // After `tenants`, whatever the order of the keys.
            "tenantsFrom" => {
                listed = true;
                from = Some(value);
            }
            "guardrails" => contents.sets = written::sets(value, reader),
            "allowances" => {
                for item in reader.list(value, "a list of files").unwrap_or_default() {
                    contents.allowances.extend(inside(item, reader, folder));
                }
            }
            "ticketPattern" => contents.ticket = ticket_pattern(value, reader),
            "lookUps" => contents.look_ups = look_ups(value, reader),
            name => {
                let settings = Resource::named(name).is_some();
                let help = if settings { "it belongs in a settings file, listed as `settings: [FILE]`" } else { "" };
                reader.unknown_key(key, WORKSPACE_KEYS, help);
            }
        }
    }
    if let Some(from) = from {
        tenant_files::read(from, reader, folder, &mut contents);
        if matches!(&from.value, yaml::Value::List(patterns) if patterns.is_empty()) {
            reader.invalid::<()>(
                from,
                rules::NO_TENANTS,
                "no file of tenants is named",
                "name them as in tenantsFrom: [tenants/*.yaml], or delete the key",
            );
        }
    }
    if !listed && !reader.failed() {
        reader.invalid::<()>(
            node,
            rules::MISSING_KEY,
            "`tenants` is missing",
            "`sailplan init` writes a file to start from",
        );
    }
    contents
}

fn read_tenants(node: &Node<'_>, reader: &mut Reader, folder: &Folder<'_>, contents: &mut Contents) {
    for (name, tenant) in reader.map(node, "a mapping from names to tenants").unwrap_or_default() {
        reader.context = Context::of(format!("tenant {}", printable_line(&name.text, 60)));
        if !is_name(&name.text) {
            let help = "use letters, digits, hyphens, underscores and dots";
            let what = format!("{} is not a name for a tenant", quote(&name.text));
            reader.error(rules::TENANT_NAME, &name.span, &what, "", help);
        }
        let mut settings = Vec::new();
        contents.tenants.extend(read_tenant(name, tenant, reader, folder, &mut settings));
        contents.settings.push((name.text.to_string(), settings));
        reader.context = Context::default();
    }
    if matches!(&node.value, yaml::Value::Map(entries) if entries.is_empty()) {
        reader.invalid::<()>(node, rules::NO_TENANTS, "no tenant is listed", "add one: `sailplan init` shows how");
    }
}

fn look_ups(node: &Node<'_>, reader: &mut Reader) -> Vec<LookUp> {
    let words = LookUp::ALL.map(LookUp::word);
    let mut found = Vec::new();
    for item in reader.list(node, "a list of names, holders, changes and persons").unwrap_or_default() {
        let Some(text) = reader.text(item, "one of names, holders, changes and persons") else { continue };
        match LookUp::named(&text) {
            Some(look_up) => found.push(look_up),
            None => {
                let help = instead(nearest(&text, words), &words);
                let what = format!("{} cannot be looked up", quote(&text));
                reader.invalid::<()>(item, rules::UNKNOWN_WORD, &what, &help);
            }
        }
    }
    found
}

/// The longest pattern taken: what it costs to search grows with it.
const LONGEST_PATTERN: usize = 200;

fn ticket_pattern(node: &Node<'_>, reader: &mut Reader) -> Option<Regex> {
    let text = reader.text(node, "a regular expression, such as \"[A-Z][A-Z0-9]+-[0-9]+\"")?;
    let why = match Regex::new(&text) {
        _ if text.len() > LONGEST_PATTERN => format!("it is longer than {LONGEST_PATTERN} bytes"),
        Ok(pattern) if pattern.is_match("") => {
            "it matches the empty text, so it would find a ticket everywhere".to_owned()
        }
        Ok(pattern) => return Some(pattern),
        Err(error) => error.to_string(),
    };
    reader.invalid(
        node,
        rules::TICKET_PATTERN,
        &format!("`ticketPattern` cannot be used: {why}"),
        "write a regular expression that matches one ticket, such as \"[A-Z][A-Z0-9]+-[0-9]+\"",
    )
}

const WORKSPACE_KEYS: [&str; 6] = ["tenants", "tenantsFrom", "guardrails", "allowances", "lookUps", "ticketPattern"];

/// Returns whether a tenant can be called so.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// Returns the path of a file that the workspace names: relative to its folder, and inside it.
fn inside(node: &Node<'_>, reader: &mut Reader, folder: &Folder<'_>) -> Option<Listed> {
    let text = reader.meant_text(node, "the path of a file", pasted::Text::Path)?;
    let Some(path) = folder.files.confined(folder.path, Path::new(&text)) else {
        outside(node, reader, &text);
        return None;
    };
    Some(Listed { path, place: Some(reader.place(&node.span)) })
}

/// Says that a path leads to where a workspace names no files.
fn outside(node: &Node<'_>, reader: &mut Reader, path: &str) {
    let what = format!("{} leads out of the folder of the workspace file", quote(path));
    let help = "move the file below the workspace file and name it relative to that";
    reader.invalid::<()>(node, rules::PATH_OUTSIDE, &what, help);
}
