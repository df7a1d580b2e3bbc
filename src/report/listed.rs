//! The tenants of a workspace as text.

use crate::documents::listing::{ListedGuardrail, ListedTenant, TenantList};
use crate::documents::plan::SourceEntry;
use crate::report::layout::{DIM, Layout, PLAIN};
use crate::report::time::second;
use crate::resource::named::{named, printed};
use crate::text::number::count;
use crate::text::printable::printable_line;
use crate::text::wrap::Margin;

/// Returns the tenants, each with what holds for it and where that is written.
pub fn text(list: &TenantList, width: usize) -> String {
    let mut lines = Layout::new(width);
    for tenant in &list.tenants {
        write_tenant(&mut lines, tenant);
    }
    let tenants = count(list.tenants.len(), "tenant", "tenants");
    let unguarded = list.tenants.iter().filter(|tenant| tenant.guardrails.is_empty()).count();
    let unguarded = match unguarded {
        0 => String::new(),
        number => format!("; {} no guardrail", count(number, "has", "have")),
    };
    lines.line(0, PLAIN, &format!("{tenants} in {}{unguarded}.", printable_line(&list.workspace, usize::MAX)));
    lines.finish()
}

fn write_tenant(lines: &mut Layout<'_>, tenant: &ListedTenant) {
    let shown = |words: &str| printable_line(words, usize::MAX).into_owned();
    lines.tenant(&shown(&tenant.name), &shown(&tenant.url));
    let labels: Vec<String> = tenant.labels.iter().map(|(label, value)| shown(&format!("{label}={value}"))).collect();
    let rows = [
        ("labels", labels),
        ("settings", tenant.files.iter().map(|file| shown(file)).collect()),
        ("managed", vec![count(tenant.managed, "setting", "settings")]),
    ];
    for (name, words) in rows {
        let words = if words.is_empty() { "none".to_owned() } else { words.join(", ") };
        write_rows(lines, name, &[(words, String::new())]);
    }
    let mut guardrails: Vec<(String, String)> =
        tenant.guardrails.iter().map(|entry| (shown(&guardrail(entry)), line(&entry.source))).collect();
    if guardrails.is_empty() {
        guardrails.push(("none".to_owned(), String::new()));
    }
    write_rows(lines, "guardrails", &guardrails);
    let allowances: Vec<(String, String)> = tenant
        .allowances
        .iter()
        .map(|entry| {
            let ended = if entry.ended { ", ended" } else { "" };
            let words = format!("{} until {}{ended} ({}: {})", entry.permits, entry.until, entry.ticket, entry.reason);
            (shown(&words), line(&entry.source))
        })
        .collect();
    write_rows(lines, "allowances", &allowances);
    let receipt = match &tenant.last_receipt {
        Some(receipt) => {
            let verdict = receipt.verdict.as_deref().unwrap_or("did not finish, or is still running");
            vec![(shown(&format!("{}: {verdict}", second(&receipt.started_at))), shown(&receipt.file))]
        }
        None => vec![("none here".to_owned(), String::new())],
    };
    write_rows(lines, "last run", &receipt);
    lines.blank();
}

/// Writes entries under one name, each with its line.
fn write_rows(lines: &mut Layout<'_>, name: &str, rows: &[(String, String)]) {
    for (index, (words, place)) in rows.iter().enumerate() {
        let name = if index == 0 { format!("{name:<12}") } else { String::new() };
        let gap = if place.is_empty() { "" } else { "  " };
        let margin = Margin { first: if index == 0 { 2 } else { 14 }, rest: 18 };
        lines.hung(margin, &[(PLAIN, &name), (PLAIN, words), (PLAIN, gap), (DIM, place)]);
    }
}

/// Returns a guardrail in words, with its owner and its reason.
pub fn guardrail(entry: &ListedGuardrail) -> String {
    let setting = entry.setting.as_deref().map(|pointer| match named(pointer).into_iter().next() {
        Some((key, setting)) => format!(" {}", printed(&key, setting)),
        None => format!(" {pointer}"),
    });
    let says = if entry.says.is_empty() { String::new() } else { format!(": {}", entry.says) };
    let owner = entry.owner.as_ref().map(|owner| format!(", owned by {owner}")).unwrap_or_default();
    let reason = entry.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("{}{}{says}{owner}{reason}", entry.rule, setting.unwrap_or_default())
}

fn line(source: &SourceEntry) -> String {
    printable_line(&format!("{}:{}", source.file, source.line), usize::MAX).into_owned()
}
