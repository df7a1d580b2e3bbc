//! What a check of the tenants found, as text.

use std::fmt::Write as _;

use crate::documents::doctor::{Check, CheckName, CheckStatus, DiagnosedTenant, Diagnosis};
use crate::report::text::{DIM, GREEN, RED, YELLOW, write_tenant_name};
use crate::text::number::count;
use crate::text::printable::printable_line;

/// Returns the checks of every tenant, each with what to do below it, and one line about all.
pub fn text(diagnosis: &Diagnosis) -> String {
    let mut text = String::new();
    for tenant in &diagnosis.tenants {
        write_tenant(&mut text, tenant);
    }
    let _ = writeln!(text, "{}", verdict(&diagnosis.tenants));
    text
}

fn write_tenant(text: &mut String, tenant: &DiagnosedTenant) {
    write_tenant_name(text, &shown(&tenant.name), &shown(&tenant.url));
    for check in &tenant.checks {
        let (style, word) = match check.status {
            CheckStatus::Ok => (GREEN, "ok"),
            CheckStatus::Warn => (YELLOW, "warn"),
            CheckStatus::Fail => (RED, "fail"),
        };
        let words = format!("{}: {}", shown(&name(check)), shown(&check.message));
        let _ = writeln!(text, "  {style}{word:<6}{style:#}{words}");
        for detail in &check.details {
            let _ = writeln!(text, "          {}", shown(detail));
        }
        if let Some(id) = &check.tracking_id {
            let _ = writeln!(text, "          {DIM}trackingId: {}{DIM:#}", shown(id));
        }
        for help in &check.help {
            let _ = writeln!(text, "          help: {}", shown(help));
        }
    }
    text.push('\n');
}

/// Returns the name of a check in words.
fn name(check: &Check) -> String {
    match check.check {
        CheckName::Access => "access".to_owned(),
        CheckName::Proxy => "proxy".to_owned(),
        CheckName::Reached => "reached".to_owned(),
        CheckName::Clock => "clock".to_owned(),
        CheckName::Token => "token".to_owned(),
        CheckName::Scopes => "scopes".to_owned(),
        CheckName::UserLevel => "user level".to_owned(),
        CheckName::Document => check.document.clone().unwrap_or_else(|| "document".to_owned()),
        CheckName::Plan => "plan".to_owned(),
        CheckName::Apply => "apply".to_owned(),
    }
}

fn verdict(tenants: &[DiagnosedTenant]) -> String {
    let number = |status: CheckStatus| tenants.iter().filter(|tenant| tenant.status == status).count();
    let checked = count(tenants.len(), "tenant", "tenants");
    let (warn, fail) = (number(CheckStatus::Warn), number(CheckStatus::Fail));
    let mut parts = Vec::new();
    if fail > 0 {
        parts.push(count(fail, "fails", "fail"));
    }
    if warn > 0 {
        parts.push(count(warn, "has a warning", "have warnings"));
    }
    if parts.is_empty() {
        parts.push("nothing to do".to_owned());
    }
    format!("{checked} checked, nothing written: {}.", parts.join(", "))
}

fn shown(text: &str) -> String {
    printable_line(text, usize::MAX).into_owned()
}
