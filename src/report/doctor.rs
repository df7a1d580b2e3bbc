//! What a check of the tenants found, as text.

use crate::documents::doctor::{Check, CheckName, CheckStatus, DiagnosedTenant, Diagnosis};
use crate::report::alike::{alike, with_word};
use crate::report::layout::{BOLD, DIM, GREEN, Layout, Look, PLAIN, RED, YELLOW};
use crate::report::overview::{ADDRESSES, OWN_HOST, host_of, tracked, tracked_of};
use crate::report::time::second;
use crate::text::number::count;
use crate::text::printable::printable_line;

/// Returns the checks of every tenant, each with what to do below it, and one line about all. Of many tenants, those where
/// the checks came out the same way are told as one.
pub fn text(diagnosis: &Diagnosis, width: usize) -> String {
    let look = Look { width, full: false, quiet: false };
    let mut lines = Layout::new(width);
    let each = diagnosis.tenants.len() <= ADDRESSES;
    for same in alike(diagnosis.tenants.iter(), |tenant| if each { tenant.name.clone() } else { found(tenant) }) {
        write_tenants(&mut lines, &same, look);
    }
    lines.line(0, PLAIN, &verdict(&diagnosis.tenants));
    lines.finish()
}

/// Returns when a token ends (RFC 3339), to stand after how long it lasts.
pub fn until(end: &str) -> String {
    format!(", until {}", second(end))
}

/// Returns everything that is told of a tenant but what only that tenant has.
fn found(tenant: &DiagnosedTenant) -> String {
    let mut lines = Layout::new(usize::MAX);
    write_checks(&mut lines, &common(tenant), |_| None);
    lines.finish()
}

/// Stands for the name where several tenants are told as one.
const OWN_NAME: &str = "NAME";

/// Returns the checks of a tenant without its address, its name, the end of its token and SailPoint's ids of the requests.
fn common(tenant: &DiagnosedTenant) -> Vec<Check> {
    let end = tenant.token.as_ref().and_then(|token| token.expires_at.as_ref());
    let end = end.map(|end| until(end)).unwrap_or_default();
    let checks = tenant.checks.iter().map(|check| {
        let own = |text: &String| {
            let text = with_word(text, &tenant.url, "the tenant's address");
            let text = with_word(&text, host_of(&tenant.url), OWN_HOST);
            match check.check {
                CheckName::Settings => without_name(&text, &tenant.name),
                CheckName::Token if !end.is_empty() => text.replace(&end, ""),
                // Clocks are never quite the same.
                CheckName::Clock if check.status == CheckStatus::Ok => "less than a minute apart".to_owned(),
                _ => text.into_owned(),
            }
        };
        Check {
            message: own(&check.message),
            details: check.details.iter().map(own).collect(),
            help: check.help.iter().map(own).collect(),
            tracking_id: None,
            ..check.clone()
        }
    });
    checks.collect()
}

/// Returns a text without the name of a tenant, which is often that of its settings file as well.
fn without_name(text: &str, name: &str) -> String {
    let endings = ["", ".yaml", ".yml", ".json"].into_iter();
    endings.fold(text.to_owned(), |text, ending| {
        with_word(&text, &format!("{name}{ending}"), &format!("{OWN_NAME}{ending}")).into_owned()
    })
}

fn write_tenants(lines: &mut Layout<'_>, alike: &[&DiagnosedTenant], look: Look) {
    let Some(tenant) = alike.first() else { return };
    if let [tenant] = alike {
        lines.tenant(&shown(&tenant.name), &shown(&tenant.url));
        let id = |number: usize| tenant.checks.get(number)?.tracking_id.as_deref().map(tracked);
        write_checks(lines, &tenant.checks, id);
    } else {
        lines.line(0, BOLD, &count(alike.len(), "tenant", "tenants"));
        let names: Vec<String> = alike.iter().map(|tenant| shown(&tenant.name)).collect();
        lines.line(4, DIM, &look.few(&names));
        let ids = |number: usize| {
            let ids =
                alike.iter().map(|tenant| Some((tenant.checks.get(number)?.tracking_id.as_deref()?, &*tenant.name)));
            tracked_of(ids.flatten())
        };
        write_checks(lines, &common(tenant), ids);
    }
    lines.blank();
}

/// Writes checks; `tracked` words SailPoint's ids of the requests of one of them.
fn write_checks(lines: &mut Layout<'_>, checks: &[Check], tracked: impl Fn(usize) -> Option<String>) {
    for (number, check) in checks.iter().enumerate() {
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
        if let Some(tracked) = tracked(number) {
            lines.line(10, DIM, &shown(&tracked));
        }
        for help in &check.help {
            lines.line(10, PLAIN, &format!("help: {}", shown(help)));
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::doctor::TokenEntry;

    fn tenant(number: usize) -> DiagnosedTenant {
        let name = format!("t{number:03}");
        let host = format!("acme-{name}.example");
        let end = format!("2026-11-26T12:00:{number:02}Z");
        let check = |check, message: String| Check::new(check, CheckStatus::Ok, message);
        let mut checks = vec![
            Check::new(CheckName::Settings, CheckStatus::Warn, format!("settings/{name}.yaml does not exist yet"))
                .help(format!("sailplan pull --tenant {name} --out settings/{name}.yaml")),
            check(CheckName::Access, format!("credentials may go to https://{host}")),
            check(CheckName::Reached, format!("{host} answers over TLS")),
            check(CheckName::Clock, format!("the clock of this machine is {number} seconds behind the tenant's")),
            check(CheckName::Token, format!("given, lasts 12 minutes{}", until(&end))),
        ];
        if number % 2 == 1 {
            let id = Some(format!("id-{number}"));
            let failed = Check::new(CheckName::Document, CheckStatus::Fail, format!("GET /a at {host}: answered 403"));
            checks.push(Check { document: Some("jitActivationPolicy".to_owned()), tracking_id: id, ..failed });
        }
        DiagnosedTenant {
            url: format!("https://{host}"),
            status: checks.iter().map(|check| check.status).max().unwrap(),
            name,
            checks,
            proxy: None,
            clock_offset_seconds: None,
            token: Some(TokenEntry { life_seconds: None, expires_at: Some(end), scopes: None, user_levels: None }),
        }
    }

    fn told(tenants: usize) -> String {
        let diagnosis = Diagnosis {
            format_version: "1.0".to_owned(),
            sailplan: "0".to_owned(),
            workspace: None,
            purpose: None,
            tenants: (0..tenants).map(tenant).collect(),
        };
        anstream::adapter::strip_str(&text(&diagnosis, 100)).to_string()
    }

    #[test]
    fn of_many_tenants_those_with_equal_checks_are_one() {
        assert_eq!(
            told(30),
            "\
15 tenants
    t000, t002, t004, t006, t008, t010, t012, t014, t016, t018 and 5 more
  warn  settings: settings/NAME.yaml does not exist yet
          help: sailplan pull --tenant NAME --out settings/NAME.yaml
  ok    access: credentials may go to the tenant's address
  ok    reached: the tenant's host answers over TLS
  ok    clock: less than a minute apart
  ok    token: given, lasts 12 minutes

15 tenants
    t001, t003, t005, t007, t009, t011, t013, t015, t017, t019 and 5 more
  warn  settings: settings/NAME.yaml does not exist yet
          help: sailplan pull --tenant NAME --out settings/NAME.yaml
  ok    access: credentials may go to the tenant's address
  ok    reached: the tenant's host answers over TLS
  ok    clock: less than a minute apart
  ok    token: given, lasts 12 minutes
  fail  jitActivationPolicy: GET /a at the tenant's host: answered 403
          trackingId: id-1 (t001), id-3 (t003), id-5 (t005) and 12 more

30 tenants checked, nothing written: 15 fail, 15 have warnings.
"
        );
    }

    #[test]
    fn few_tenants_are_told_each() {
        let told = told(10);
        for part in [
            "t009 (https://acme-t009.example)\n",
            "help: sailplan pull --tenant t009 --out settings/t009.yaml\n",
            "credentials may go to https://acme-t009.example\n",
            "is 9 seconds behind the tenant's\n",
            "until 2026-11-26 12:00:09 UTC\n",
            "          trackingId: id-9\n",
        ] {
            assert!(told.contains(part), "{part:?} is not in {told}");
        }
    }
}
