//! How an apply went, in words.

use std::fmt::Write as _;

use anstyle::Style;

use super::guards;
use super::overview::{FailureView, Longest};
use super::text::{BOLD, GREEN, RED, YELLOW, write_failure, write_line, write_resource_name, write_tenant_name};
use crate::documents::became::Became;
use crate::documents::left::LeftEntry;
use crate::documents::receipt::{Outcome, Receipt, ResourceReceipt, TenantReceipt};
use crate::documents::tally::Tally;
use crate::text::number::count;
use crate::text::printable::printable;
use crate::text::wrap::shorten;

/// Returns the verdict on a finished apply: its last line.
pub fn verdict(receipt: &Receipt) -> String {
    let tally = Tally::of(receipt);
    let Tally { settings, resources, tenants, failed, unknown, refused, not_sent, unreachable, left, .. } = tally;
    let run = if tally.rolls_back { "Rollback" } else { "Apply" };
    let lost = [(failed, "failed"), (unknown, "of unknown outcome"), (refused, "refused"), (not_sent, "not sent")];
    let mut lost: Vec<String> = lost
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", count(number, "resource", "resources")))
        .collect();
    if unreachable > 0 {
        lost.push(format!("{} could not be reached", count(unreachable, "tenant", "tenants")));
    }
    if left > 0 {
        lost.insert(0, if tally.rolls_back { left_at(receipt) } else { held_back(left) });
    }
    let done = format!(
        "{} changed in {} of {}",
        count(settings, "setting", "settings"),
        count(resources, "resource", "resources"),
        count(tenants, "tenant", "tenants")
    );
    match (lost.is_empty(), settings) {
        (true, 0) if receipt.tenants.is_empty() && tally.rolls_back => {
            "Rollback complete! That run changed nothing, so there is nothing to undo.".to_owned()
        }
        (true, 0) => format!("{run} complete! Nothing was left to change."),
        (true, _) => format!("{run} complete! {done}, verified by reading back."),
        (false, 0) if tally.doubtful => format!("{run} failed: no change is verified; {}.", lost.join(", ")),
        (false, 0) if left > 0 => format!("{run} incomplete: {}.", lost.join(", ")),
        (false, 0) => format!("{run} failed: nothing was changed; {}.", lost.join(", ")),
        (false, _) if left > 0 => format!("{run} incomplete: {}; {done}.", lost.join(", ")),
        (false, _) => format!("{run} incomplete: {done}; {}.", lost.join(", ")),
    }
}

/// Says which settings a rollback left, with their value if there is one.
fn left_at(receipt: &Receipt) -> String {
    let left: Vec<(&ResourceReceipt, &LeftEntry)> =
        receipt.entries().flat_map(|(_, entry)| entry.left.iter().map(move |left| (entry, left))).collect();
    match left.as_slice() {
        [(entry, left)] => {
            let at = entry
                .setting(&left.path)
                .map(|setting| format!(" at {}", printable(&setting.show(left.value.as_ref()))));
            format!("1 setting left{}", at.unwrap_or_default())
        }
        left => count(left.len(), "setting left", "settings left"),
    }
}

fn held_back(settings: usize) -> String {
    count(
        settings,
        "setting that was rolled back is not sent again",
        "settings that were rolled back are not sent again",
    )
}

/// Returns what became of an entry whose run did not end.
pub fn unfinished(tenant: &str, entry: &ResourceReceipt, became: Became) -> String {
    let settings = entry.operations.len();
    let what = match became {
        Became::NotSent => "it was not sent".to_owned(),
        Became::Done => {
            format!("it was sent, and live shows {}", if settings == 1 { "the change" } else { "every change" })
        }
        Became::NotDone => "it may have been sent, and live shows nothing of it".to_owned(),
        Became::Partly { done, other: 0 } => format!("it was sent, and live shows {done} of {settings} changes"),
        Became::Partly { done, other } => {
            format!("live shows {done} of {settings} changes, and {other} at values of somebody else")
        }
        Became::NotRead => "it may have been sent; this run did not read it".to_owned(),
    };
    format!("{tenant} {} {}: {what}", entry.document(), entry.api_version)
}

/// Returns an apply as text with colours.
pub fn text(receipt: &Receipt) -> String {
    let mut text = String::new();
    for tenant in &receipt.tenants {
        write_tenant(&mut text, tenant);
    }
    write_line(&mut text, 0, BOLD, receipt.verdict.as_deref().unwrap_or("The apply did not end."));
    shorten(&text).into_owned()
}

fn write_tenant(text: &mut String, tenant: &TenantReceipt) {
    write_tenant_name(text, &printable(&tenant.name), &printable(&tenant.url));
    if let Some(error) = &tenant.error {
        write_failure(text, 2, &FailureView::of(&tenant.name, error, Longest::WHOLE));
    }
    for resource in &tenant.resources {
        write_resource(text, tenant, resource);
    }
    for lifted in &tenant.lifted {
        write_line(text, 2, YELLOW, &printable(&guards::lifted(lifted)));
    }
    text.push('\n');
}

/// Returns how it went with a document.
pub(super) fn outcome(resource: &ResourceReceipt) -> String {
    match resource.outcome {
        Outcome::Applied => format!("{} changed", count(resource.operations.len(), "setting", "settings")),
        Outcome::Unchanged if !resource.left.is_empty() => {
            count(resource.left.len(), "setting left as it is", "settings left as they are")
        }
        Outcome::Unchanged => "nothing left to change".to_owned(),
        Outcome::Failed => "failed".to_owned(),
        Outcome::Refused => "refused, nothing was sent".to_owned(),
        Outcome::Skipped => "skipped, nothing was sent".to_owned(),
        Outcome::Unknown => "sent, and not known whether it took".to_owned(),
        Outcome::Pending => "not known".to_owned(),
    }
}

fn write_resource(text: &mut String, tenant: &TenantReceipt, resource: &ResourceReceipt) {
    let style = match resource.outcome {
        Outcome::Applied => GREEN,
        Outcome::Unchanged if resource.left.is_empty() => Style::new(),
        Outcome::Unchanged | Outcome::Skipped | Outcome::Pending => YELLOW,
        Outcome::Failed | Outcome::Refused | Outcome::Unknown => RED,
    };
    let words = outcome(resource);
    let document = resource.document().to_string();
    let (name, version) = (printable(&document), printable(&resource.api_version));
    write_resource_name(text, &name, &version, &format!("{style}{words}{style:#}"));
    if let Some(error) = &resource.error {
        write_failure(text, 4, &FailureView::of(&tenant.name, error, Longest::WHOLE));
    }
    let sent = matches!(resource.outcome, Outcome::Applied | Outcome::Failed | Outcome::Unknown | Outcome::Pending);
    if let Some(overrides) = resource.overrides.as_ref().filter(|_| sent) {
        let _ = writeln!(text, "    overrides: {}", printable(overrides));
    }
    for note in &resource.notes {
        let _ = writeln!(text, "    note: {}", printable(note));
    }
}
