//! Plans as text for a terminal or a log. Colour only repeats what words say.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{Members, Row, cause, meaning, row, unmanaged};
use crate::documents::plan::{
    AgainstEntry, ChangeEntry, DifferenceKind, ErrorEntry, PlanFile, RefusalEntry, ResourceEntry, Status, TenantEntry,
};
use crate::resource::impact::Impact;
use crate::text::printable::printable;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

/// How many members of a set are listed, unless all are asked for.
const LISTED: usize = 10;

/// Returns a plan as text with colours; whoever prints it takes them out where nobody can see them. `full` lists every
/// member of long sets.
pub fn plan(plan: &PlanFile, full: bool) -> String {
    let mut text = String::new();
    for tenant in &plan.tenants {
        write_tenant(&mut text, tenant, full);
    }
    if let Some(against) = &plan.against {
        write_against(&mut text, against);
    }
    if let Some(line) = unmanaged(plan) {
        line_to(&mut text, 0, DIM, &line);
    }
    line_to(&mut text, 0, BOLD, &plan.summary.verdict);
    text
}

fn write_against(text: &mut String, against: &AgainstEntry) {
    let made = against.created_at.as_deref().map(|time| format!(" of {time}")).unwrap_or_default();
    if against.differences.is_empty() {
        line_to(text, 0, BOLD, &format!("The plan{made} says the same."));
    } else {
        line_to(text, 0, BOLD, &format!("Against the plan{made}:"));
    }
    for one in &against.differences {
        let kind = match one.kind {
            DifferenceKind::Moved => "moved",
            DifferenceKind::New => "new",
            DifferenceKind::Gone => "gone",
            DifferenceKind::Apart => "apart",
        };
        let line = format!("{} {}", printable(&one.tenant), printable(&super::difference(one)));
        let _ = writeln!(text, "  {YELLOW}{kind}{YELLOW:#} {line}");
    }
    text.push('\n');
}

fn line_to(text: &mut String, indent: usize, style: Style, line: &str) {
    let _ = writeln!(text, "{:indent$}{style}{}{style:#}", "", printable(line));
}

fn write_tenant(text: &mut String, tenant: &TenantEntry, full: bool) {
    let _ = writeln!(text, "{BOLD}{}{BOLD:#} {DIM}({}){DIM:#}", printable(&tenant.name), printable(&tenant.url));
    if let Some(error) = &tenant.error {
        write_error(text, 2, error);
    }
    for resource in &tenant.resources {
        write_resource(text, resource, full);
    }
    for refusal in &tenant.refusals {
        write_refusal(text, refusal);
    }
    for weakened in &tenant.weakened {
        let style = RED.bold();
        let _ = writeln!(text, "  {style}loosens:{style:#} {}", printable(&super::guards::weakened(weakened)));
        line_to(text, 4, DIM, &super::guards::weakened_at(weakened));
    }
    for lifted in &tenant.lifted {
        line_to(text, 2, YELLOW, &super::guards::lifted(lifted));
    }
    text.push('\n');
}

fn write_refusal(text: &mut String, refusal: &RefusalEntry) {
    let _ = writeln!(text, "  {RED}refused:{RED:#} {}", printable(&super::guards::refusal(refusal)));
    if let Some(source) = &refusal.source {
        let _ = writeln!(text, "    {DIM}asked for at {}:{}{DIM:#}", printable(&source.file), source.line);
    }
    for help in &refusal.help {
        let _ = writeln!(text, "    help: {}", printable(help));
    }
}

fn write_resource(text: &mut String, resource: &ResourceEntry, full: bool) {
    let state = match resource.status {
        Status::InSync => format!("no changes, {} managed", resource.managed),
        Status::Changes => super::count(resource.changes.len(), "change", "changes"),
        Status::Failed if resource.error.as_ref().is_some_and(|error| error.refused) => "refused".to_owned(),
        Status::Failed => "failed".to_owned(),
    };
    let _ = writeln!(
        text,
        "  {BOLD}{}{BOLD:#} {}: {state}",
        printable(&resource.resource),
        printable(&resource.api_version)
    );
    for change in &resource.changes {
        write_change(text, resource, change, full);
    }
    if let Some(error) = &resource.error {
        write_error(text, 4, error);
    }
    for warning in &resource.warnings {
        let _ = writeln!(text, "    {YELLOW}warning:{YELLOW:#} {}", printable(warning));
    }
}

fn write_change(text: &mut String, resource: &ResourceEntry, change: &ChangeEntry, full: bool) {
    let Row { setting, before, after, members } = row(resource, change);
    let _ = writeln!(
        text,
        "    {YELLOW}~{YELLOW:#} {}: {RED}{}{RED:#} -> {GREEN}{}{GREEN:#}",
        printable(&setting),
        printable(&before),
        printable(&after)
    );
    if let Some(members) = members {
        write_members(text, &members, full);
    }
    let style = of_impact(change.impact);
    let impact = meaning(change);
    let impact = printable(&impact);
    let _ = writeln!(text, "        {style}{impact}{style:#}: {}", printable(&change.sentence));
    let _ =
        writeln!(text, "        {DIM}asked for at {}:{}{DIM:#}", printable(&change.source.file), change.source.line);
    if let Some(cause) = cause(change) {
        line_to(text, 8, DIM, &format!("caused by {cause}"));
    }
}

/// Returns how the word for an impact looks.
pub(super) fn of_impact(impact: Impact) -> Style {
    match impact {
        Impact::Loosens => RED.bold(),
        Impact::Review => YELLOW.bold(),
        Impact::Tightens => GREEN,
        Impact::Neutral => Style::new(),
    }
}

fn write_members(text: &mut String, members: &Members, full: bool) {
    for (mark, style, list) in [('+', GREEN, &members.added), ('-', RED, &members.removed)] {
        let shown = if full || list.len() <= LISTED + 1 { list.len() } else { LISTED };
        for (member, name) in list.iter().take(shown) {
            let name = name.as_deref().map(|name| format!("  {}", printable(name))).unwrap_or_default();
            let _ = writeln!(text, "        {style}{mark} {}{style:#}{name}", printable(member));
        }
        if shown < list.len() {
            let _ = writeln!(text, "        {DIM}{mark} {} more, --full lists them{DIM:#}", list.len() - shown);
        }
    }
    if members.kept > 0 {
        let _ = writeln!(text, "        {DIM}({} unchanged){DIM:#}", members.kept);
    }
}

/// Writes what failed, what the tenant said about it and what to do.
pub fn write_error(text: &mut String, indent: usize, error: &ErrorEntry) {
    let _ = writeln!(text, "{:indent$}{RED}error:{RED:#} {}", "", printable(&error.message));
    for detail in &error.details {
        let _ = writeln!(text, "{:indent$}  {}", "", printable(detail));
    }
    if let Some(id) = &error.tracking_id {
        let _ = writeln!(text, "{:indent$}  trackingId: {}", "", printable(id));
    }
    for help in &error.help {
        let _ = writeln!(text, "{:indent$}  help: {}", "", printable(help));
    }
}
