//! Plans as text for a terminal or a log. Colour only repeats what words say.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::overview::{
    Asked, Class, Concern, Entry, FailureView, LISTED, Longest, LossView, MemberList, Overview, RefusalView,
    ResourceView, TenantView,
};
use crate::documents::plan::PlanFile;
use crate::resource::impact::Impact;
use crate::text::wrap::shorten;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const RED: Style = AnsiColor::Red.on_default();
pub(super) const GREEN: Style = AnsiColor::Green.on_default();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();

/// Returns a plan as text with colours; [`crate::ui`] removes them if the output does not show any. `full` lists every
/// member of long sets.
pub fn plan(plan: &PlanFile, full: bool) -> String {
    let overview = Overview::of(plan, Longest::WHOLE);
    let mut text = String::new();
    write_control(&mut text, &overview, full);
    write_together(&mut text, &overview);
    for tenant in &overview.tenants {
        write_tenant(&mut text, &overview, tenant, full);
    }
    if let Some(against) = &overview.against {
        write_line(&mut text, 0, BOLD, &against.title);
        for (kind, difference) in &against.differences {
            let _ = writeln!(text, "  {YELLOW}{kind}{YELLOW:#} {difference}");
        }
        text.push('\n');
    }
    if let Some(base) = &overview.base {
        let line = match &base.name {
            Some(name) => format!("Compared with {name} (commit {}).", base.commit),
            None => format!("Compared with commit {}.", base.commit),
        };
        write_line(&mut text, 0, DIM, &line);
    }
    if let (Some(workspace), Some(selection)) = (&overview.workspace, &overview.selection) {
        write_line(&mut text, 0, DIM, &format!("Plan of {workspace} ({selection})."));
    }
    if let Some(only) = &overview.only {
        write_line(&mut text, 0, BOLD, only);
    }
    if let Some(gained) = &overview.gained {
        write_line(&mut text, 0, DIM, gained);
    }
    if let Some(unmanaged) = overview.unmanaged(true) {
        write_line(&mut text, 0, DIM, &unmanaged);
    }
    write_line(&mut text, 0, BOLD, &overview.verdict);
    shorten(&text).into_owned()
}

/// Writes a line of printable text.
pub(super) fn write_line(text: &mut String, indent: usize, style: Style, line: &str) {
    let _ = writeln!(text, "{:indent$}{style}{line}{style:#}", "");
}

/// Writes the line above what there is to say about a tenant.
pub(super) fn write_tenant_name(text: &mut String, name: &str, url: &str) {
    let _ = writeln!(text, "{BOLD}{name}{BOLD:#} {DIM}({url}){DIM:#}");
}

/// Writes the line above what there is to say about a resource.
pub(super) fn write_resource_name(text: &mut String, name: &str, api_version: &str, state: &str) {
    let _ = writeln!(text, "  {BOLD}{name}{BOLD:#} {api_version}: {state}");
}

/// Writes what a branch takes from control, before everything else.
fn write_control(text: &mut String, overview: &Overview, full: bool) {
    let style = of_impact(Impact::Loosens);
    for LossView { message, places, denied, settings, help } in &overview.losses {
        let word = if *denied { "loss of control, denied:" } else { "loss of control:" };
        let _ = writeln!(text, "{style}{word}{style:#} {message}");
        write_line(text, 4, DIM, places);
        let shown = if full || settings.len() <= LISTED + 1 { settings.len() } else { LISTED };
        for setting in settings.iter().take(shown) {
            write_line(text, 4, RED, &format!("- {setting}"));
        }
        if shown < settings.len() {
            write_line(text, 4, DIM, &format!("- {} more, --full lists them", settings.len() - shown));
        }
        for help in help {
            let _ = writeln!(text, "    help: {help}");
        }
    }
    for tenant in &overview.tenants {
        for weakened in &tenant.weakened {
            let _ = writeln!(text, "{style}weaker guardrail:{style:#} {}: {}", tenant.name, weakened.message);
            write_line(text, 4, DIM, &weakened.places);
        }
    }
    for Concern { text: weakened, tenants, .. } in &overview.elsewhere {
        let _ = writeln!(text, "{style}weaker guardrail:{style:#} {}: {weakened}", tenants.join(", "));
    }
    if !text.is_empty() {
        text.push('\n');
    }
}

/// Writes what settings mean together.
fn write_together(text: &mut String, overview: &Overview) {
    for concern in &overview.together {
        let place = if overview.tenants.len() == 1 { String::new() } else { format!(" ({})", concern.place()) };
        let _ = writeln!(text, "{YELLOW}taken together:{YELLOW:#} {}{place}", concern.text);
    }
    if !overview.together.is_empty() {
        text.push('\n');
    }
}

fn write_tenant(text: &mut String, overview: &Overview, tenant: &TenantView, full: bool) {
    write_tenant_name(text, &tenant.name, &tenant.url);
    if let Some(failure) = &tenant.failure {
        write_failure(text, 2, failure);
    }
    for resource in &tenant.resources {
        write_resource(text, overview, resource, full);
    }
    for refusal in &tenant.refusals {
        write_refusal(text, refusal);
    }
    for lifted in &tenant.lifted {
        write_line(text, 2, YELLOW, lifted);
    }
    text.push('\n');
}

fn write_refusal(text: &mut String, refusal: &RefusalView) {
    let word = if refusal.standing { "broken already" } else { "refused" };
    let _ = writeln!(text, "  {RED}{word}:{RED:#} {}", refusal.message);
    if let Some(source) = &refusal.source {
        write_line(text, 4, DIM, source);
    }
    for help in &refusal.help {
        let _ = writeln!(text, "    help: {help}");
    }
}

fn write_resource(text: &mut String, overview: &Overview, resource: &ResourceView, full: bool) {
    let ResourceView { name, api_version, state, changes, failure, warnings, unknown } = resource;
    write_resource_name(text, name, api_version, state);
    for Asked { entry, source } in changes {
        if let Some(entry) = overview.entries.get(*entry) {
            write_change(text, entry, source, full);
        }
    }
    if let Some(failure) = failure {
        write_failure(text, 4, failure);
    }
    for warning in warnings {
        let _ = writeln!(text, "    {YELLOW}warning:{YELLOW:#} {warning}");
    }
    for field in unknown {
        let style = of_impact(Impact::Review);
        let _ = writeln!(text, "    {style}review:{style:#} sailplan does not know this field and keeps it: {field}");
    }
}

fn write_change(text: &mut String, entry: &Entry, source: &str, full: bool) {
    let Entry { setting, before, after, meaning, sentence, .. } = entry;
    let _ = writeln!(text, "    {YELLOW}~{YELLOW:#} {setting}: {RED}{before}{RED:#} -> {GREEN}{after}{GREEN:#}");
    if let Some(members) = &entry.members {
        write_members(text, members, full);
    }
    let style = of_impact(entry.impact);
    let weight = entry.weight.filter(|_| entry.impact == Impact::Loosens);
    let weight = weight.map(|weight| format!(" ({weight})")).unwrap_or_default();
    let _ = writeln!(text, "        {style}{meaning}{style:#}{weight}: {sentence}");
    if let Some(agreed) = entry.agreed.as_ref().filter(|agreed| **agreed != entry.now && **agreed != entry.planned) {
        write_line(text, 8, Style::new(), &format!("agreed before: {agreed}"));
    }
    if let Some(cause) = entry.cause {
        write_line(text, 8, DIM, &format!("comes from {cause}"));
    }
    if let Some(requested) = &entry.requested {
        let verb = if entry.class == Class::Drift { "agreed" } else { "asked for" };
        for commit in &requested.commits {
            write_line(text, 8, DIM, &format!("{verb} by {}", commit.line()));
        }
        if let Some(unknown) = &requested.unknown {
            let rest = if requested.commits.is_empty() { "" } else { " of the rest" };
            write_line(text, 8, DIM, &format!("{verb} by: not known{rest}, {unknown}"));
        }
    }
    write_line(text, 8, DIM, source);
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

fn write_members(text: &mut String, members: &MemberList, full: bool) {
    for (mark, style, list) in [('+', GREEN, &members.added), ('-', RED, &members.removed)] {
        // A line that says "1 more" is as long as the member.
        let shown = if full || list.len() <= LISTED + 1 { list.len() } else { LISTED };
        for member in list.iter().take(shown) {
            let name = member.name.as_deref().map(|name| format!("  {name}")).unwrap_or_default();
            let _ = writeln!(text, "        {style}{mark} {}{style:#}{name}", member.id);
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
pub(super) fn write_failure(text: &mut String, indent: usize, failure: &FailureView) {
    let _ = writeln!(text, "{:indent$}{RED}error:{RED:#} {}", "", failure.message);
    for detail in &failure.details {
        let _ = writeln!(text, "{:indent$}  {detail}", "");
    }
    for help in &failure.help {
        let _ = writeln!(text, "{:indent$}  help: {help}", "");
    }
}
