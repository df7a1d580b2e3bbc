//! What a check of the tenants found, as text.

use crate::documents::doctor::{Check, CheckName, CheckStatus, DiagnosedTenant, Diagnosis};
use crate::report::layout::{DIM, GREEN, Layout, PLAIN, RED, YELLOW};
use crate::text::number::count;
use crate::text::printable::printable_line;

/// Returns the checks of every tenant, each with what to do below it, and one line about all.
pub fn text(diagnosis: &Diagnosis, width: usize) -> String {
    let mut lines = Layout::new(width);
    for tenant in &diagnosis.tenants {
        write_tenant(&mut lines, tenant);
    }
    lines.line(0, PLAIN, &verdict(&diagnosis.tenants));
    lines.finish()
}

fn write_tenant(lines: &mut Layout<'_>, tenant: &DiagnosedTenant) {
    lines.tenant(&shown(&tenant.name), &shown(&tenant.url));
    for check in &tenant.checks {
        let (style, word) = match check.status {
            CheckStatus::Ok => (GREEN, "ok    "),
            CheckStatus::Warn => (YELLOW, "warn  "),
            CheckStatus::Fail => (RED, "fail  "),
        };
        let words = format!("{}: {}", shown(&name(check)), shown(&check.message));
        lines.spans(2, &[(style, word), (PLAIN, &words)]);
        for detail in &check.details {
            lines.line(10, PLAIN, &shown(detail));
        }
        if let Some(id) = &check.tracking_id {
            lines.line(10, DIM, &format!("trackingId: {}", shown(id)));
        }
        for help in &check.help {
            lines.line(10, PLAIN, &format!("help: {}", shown(help)));
        }
    }
    lines.blank();
}

/// Returns the name of a check in words.
fn name(check: &Check) -> String {
    match check.check {
        CheckName::Settings => "settings".to_owned(),
        CheckName::Access => "access".to_owned(),
        CheckName::Proxy => "proxy".to_owned(),
        CheckName::Reached => "reached".to_owned(),
        CheckName::Clock => "clock".to_owned(),
        CheckName::Token => "token".to_owned(),
        CheckName::Scopes => "scopes".to_owned(),
        CheckName::UserLevel => "user level".to_owned(),
        CheckName::Document => check.document.clone().unwrap_or_else(|| "document".to_owned()),
        CheckName::LookUp => format!("look-up {}", check.look_up.as_deref().unwrap_or_default()).trim_end().to_owned(),
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
