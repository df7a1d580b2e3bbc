//! A file that was given to a command which cannot use it: what it is, and which command takes it.

use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::report::html::GENERATOR;
use crate::report::markdown::is_report;
use crate::resource::CATALOGUE;
use crate::text::disk::{self, Content, shown};
use crate::text::shell::quoted;
use crate::ui::{Exit, Stop};

/// What a file is, as far as its text tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A saved plan.
    Plan,
    /// A receipt.
    Receipt,
    /// A settings file.
    Settings,
    /// A workspace file.
    Workspace,
    /// A page that sailplan made.
    Page,
    /// A report in Markdown that sailplan made.
    Markdown,
}

/// How far into a file its marks are looked for, in characters.
const HEAD: usize = 4_096;

impl Kind {
    /// Returns what a text is; `None` if it is nothing that sailplan makes or reads.
    pub(super) fn of(text: &str) -> Option<Kind> {
        let start = text.trim_start();
        let head: String = start.chars().take(HEAD).collect();
        if start.starts_with('{') {
            return of_json(start).or_else(|| of_keys(start));
        }
        if head.contains(GENERATOR) {
            return Some(Kind::Page);
        }
        if is_report(text) {
            return Some(Kind::Markdown);
        }
        of_keys(text)
    }

    fn named(self) -> &'static str {
        match self {
            Kind::Plan => "a saved plan",
            Kind::Receipt => "a receipt",
            Kind::Settings => "a settings file",
            Kind::Workspace => "a workspace file",
            Kind::Page => "a page that sailplan made",
            Kind::Markdown => "a report in Markdown that sailplan made",
        }
    }

    /// Returns which commands take the file, and what for.
    fn help(self, path: &Path) -> Vec<String> {
        const KEPT: &str = "it cannot be read back: name the plan that sailplan plan --out saved, or the receipt";
        let file = shown(path);
        let file = quoted(&file);
        match self {
            Kind::Plan => {
                vec![format!("to see it: sailplan show {file}"), format!("to send it: sailplan apply {file}")]
            }
            Kind::Receipt => {
                vec![
                    format!("to see what was done: sailplan show {file}"),
                    format!("to undo it: sailplan rollback {file}"),
                ]
            }
            Kind::Settings => vec![
                format!("to check it: sailplan validate {file}"),
                format!(
                    "to see what it would change: sailplan plan in the folder of its workspace, sailplan plan {file} without one"
                ),
                "to see what a setting does: sailplan explain SETTING".to_owned(),
            ],
            Kind::Workspace => vec![
                format!("to check it: sailplan validate -f {file}"),
                format!("to see its tenants: sailplan tenants -f {file}"),
                format!("to see what would change: sailplan plan -f {file}"),
            ],
            Kind::Page => vec!["to read it, open it in a browser".to_owned(), KEPT.to_owned()],
            Kind::Markdown => vec![KEPT.to_owned()],
        }
    }
}

/// What plans and receipts have on their outside.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outside {
    #[serde(rename = "formatVersion")]
    _format: IgnoredAny,
    #[serde(rename = "tenants")]
    _tenants: IgnoredAny,
    summary: Option<IgnoredAny>,
    started_at: Option<IgnoredAny>,
}

fn of_json(text: &str) -> Option<Kind> {
    let Outside { summary, started_at, .. } = serde_json::from_str(text).ok()?;
    match (started_at, summary) {
        (Some(_), _) => Some(Kind::Receipt),
        (None, Some(_)) => Some(Kind::Plan),
        (None, None) => None,
    }
}

/// Tells a YAML file by its outermost keys.
fn of_keys(text: &str) -> Option<Kind> {
    let keys = text.lines().filter_map(|line| {
        let (key, _) = line.trim_start_matches(['{', '"', '\'']).split_once(':')?;
        Some(key.trim_end_matches(['"', '\'']))
    });
    keys.take(HEAD).find_map(|key| match key {
        "tenants" => Some(Kind::Workspace),
        _ => CATALOGUE.into_iter().any(|resource| resource.name == key).then_some(Kind::Settings),
    })
}

/// Says that a text is not what a command takes, `wanted` in words; `None` if it is of one of the kinds that it takes, or of
/// none that is known.
pub(super) fn refused(path: &Path, text: &str, takes: &[Kind], wanted: &str, exit: Exit) -> Option<Stop> {
    let kind = Kind::of(text).filter(|kind| !takes.contains(kind))?;
    let message = format!("{} is {}, not {wanted}", shown(path), kind.named());
    Some(Stop { help: kind.help(path), ..Stop::new(exit, message, "") })
}

/// Says the same of a file that is not read yet.
pub(super) fn refused_file(path: &Path, takes: &[Kind], wanted: &str, exit: Exit) -> Option<Stop> {
    let source = disk::read(path, Content::Document).ok()?;
    refused(path, &source.text, takes, wanted, exit)
}

/// Refuses files that are named as settings files and were made by sailplan. Settings files are told by their names, so that
/// none is read twice.
///
/// # Errors
///
/// One of them is no settings file.
pub(super) fn check_settings<'p>(files: impl IntoIterator<Item = &'p Path>) -> Result<(), Stop> {
    let named_otherwise =
        |path: &&Path| path.extension().is_some_and(|end| ["json", "html", "md"].iter().any(|other| end == *other));
    for path in files.into_iter().filter(named_otherwise) {
        let Ok(source) = disk::read(path, Content::Document) else { continue };
        let takes = [Kind::Settings, Kind::Workspace];
        if let Some(stop) = refused(path, &source.text, &takes, "a settings file", Exit::Usage) {
            return Err(stop);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_its_text() {
        for (text, kind) in [
            (r#"{"formatVersion": "1.1", "summary": {}, "tenants": []}"#, Some(Kind::Plan)),
            (r#"{"formatVersion": "1.1", "startedAt": "x", "tenants": []}"#, Some(Kind::Receipt)),
            (r#"{"formatVersion": "1.0", "valid": true}"#, None),
            (r#"{"formatVersion": "1.1", "summary": {}, "tenants": ["#, None),
            (r#"{"jitActivationPolicy": {}}"#, Some(Kind::Settings)),
            ("# mine\njitActivationPolicy:\n  entitlementIds: []\n", Some(Kind::Settings)),
            ("ticketPattern: x\ntenants:\n  prod: {}\n", Some(Kind::Workspace)),
            ("<!doctype html>\n<meta name=\"generator\" content=\"sailplan\">", Some(Kind::Page)),
            ("<!doctype html>\n<p>of somebody else</p>", None),
            ("**No changes**\n<!-- sailplan:v1 workspace=. digest=none -->", Some(Kind::Markdown)),
            ("  jitActivationPolicy: 1", None),
            ("", None),
        ] {
            assert_eq!(Kind::of(text), kind, "{text}");
        }
    }
}
