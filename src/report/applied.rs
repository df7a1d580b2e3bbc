//! How an apply went, in words.

use super::alike::{alike, with_word};
use super::change::overwritten;
use super::guards;
use super::layout::{BOLD, DIM, GREEN, Layout, Look, PLAIN, RED, YELLOW};
use super::overview::{ADDRESSES, FailureView, LISTED, Longest, OWN_HOST, host_of};
use crate::documents::became::Became;
use crate::documents::left::LeftEntry;
use crate::documents::plan::ErrorEntry;
use crate::documents::receipt::{Outcome, Receipt, ResourceReceipt, TenantReceipt};
use crate::documents::tally::{Conclusion, Tally};
use crate::text::number::count;
use crate::text::printable::printable;

/// Returns the verdict on a finished apply: its last line.
pub fn verdict(receipt: &Receipt) -> String {
    let tally = Tally::of(receipt);
    let Tally { settings, resources, tenants, failed, unknown, refused, not_sent, unread, left, as_sent, .. } = tally;
    let run = if tally.rolls_back { "Rollback" } else { "Apply" };
    let lost = [(failed, "failed"), (unknown, "of unknown outcome"), (refused, "refused"), (not_sent, "not sent")];
    let mut lost: Vec<String> = lost
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{} {word}", count(number, "resource", "resources")))
        .collect();
    if unread > 0 {
        lost.push(count(unread, "tenant was not read", "tenants were not read"));
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
        (false, 0) if as_sent > 0 => {
            format!(
                "{run} failed: {}; {}.",
                count(as_sent, "setting is as desired", "settings are as desired"),
                lost.join(", ")
            )
        }
        (false, 0) if tally.doubtful => format!("{run} failed: no change is verified; {}.", lost.join(", ")),
        (false, 0) if tally.conclusion() == Conclusion::Refused && left > 0 => {
            format!("{run} refused: nothing was sent; {}.", lost.join(", "))
        }
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
        Became::TurnedDown => "the tenant turned it down, and it was not sent again".to_owned(),
        Became::Done => {
            format!("it was sent, and the tenant shows {}", if settings == 1 { "the change" } else { "every change" })
        }
        Became::NotDone => "it may have been sent, and the tenant shows nothing of it".to_owned(),
        Became::Partly { done, other: 0 } => format!("it was sent, and the tenant shows {done} of {settings} changes"),
        Became::Partly { done, other } => {
            format!("the tenant shows {done} of {settings} changes, and {other} at values of somebody else")
        }
        Became::NotRead => "it may have been sent; this run did not read it".to_owned(),
        Became::Unreadable => "it may have been sent; reading it once more failed".to_owned(),
    };
    format!("{tenant} {} {}: {what}", entry.document(), entry.api_version)
}

/// Returns an apply as text with colours. Of many tenants, those where it went the same way are told as one.
pub fn text(receipt: &Receipt, look: Look) -> String {
    let mut lines = Layout::new(look.width);
    let ok = !receipt.tenants.iter().any(is_problem);
    // Where something went wrong, what was done matters as well.
    let tenants = receipt.tenants.iter().filter(|tenant| !(look.quiet && ok) || has_notes(tenant));
    let each = look.full || receipt.tenants.len() <= ADDRESSES;
    for same in alike(tenants, |tenant| if each { tenant.url.clone() + &tenant.name } else { went(tenant) }) {
        write_tenants(&mut lines, &same, look);
        if each {
            lines.blank();
        }
    }
    lines.blank();
    let verdict = receipt.verdict.as_deref().unwrap_or("The apply did not end.");
    lines.line(0, if ok { BOLD } else { RED.bold() }, verdict);
    lines.finish()
}

/// Returns whether something of a tenant did not go as it was to.
fn is_problem(tenant: &TenantReceipt) -> bool {
    let went_well = |resource: &ResourceReceipt| {
        let done = matches!(resource.outcome, Outcome::Applied | Outcome::Unchanged);
        done && resource.left.is_empty() && resource.error.is_none()
    };
    tenant.error.is_some() || !tenant.resources.iter().all(went_well)
}

fn has_notes(tenant: &TenantReceipt) -> bool {
    tenant.resources.iter().any(|resource| !resource.notes.is_empty())
}

/// Returns everything that is told of a tenant but what only that tenant has: its name, its address, ids of requests.
fn went(tenant: &TenantReceipt) -> String {
    let mut lines = Layout::new(usize::MAX);
    let common = |error_of: ErrorOf<'_>| Some(failure(tenant, error_of(tenant)?).common());
    write_body(&mut lines, tenant, Some(host_of(&tenant.url)), common);
    lines.finish()
}

/// Where a receipt may hold what failed.
type ErrorOf<'a> = &'a dyn for<'t> Fn(&'t TenantReceipt) -> Option<&'t ErrorEntry>;

fn failure(tenant: &TenantReceipt, error: &ErrorEntry) -> FailureView {
    FailureView::of(&tenant.name, &tenant.url, error, Longest::WHOLE)
}

fn write_tenants(lines: &mut Layout<'_>, alike: &[&TenantReceipt], look: Look) {
    let Some(tenant) = alike.first() else { return };
    if let [tenant] = alike {
        lines.tenant(&printable(&tenant.name), &printable(&tenant.url));
    } else {
        lines.line(0, BOLD, &count(alike.len(), "tenant", "tenants"));
        let names: Vec<String> = alike.iter().map(|tenant| printable(&tenant.name).into_owned()).collect();
        lines.line(4, DIM, &look.few(&names));
    }
    let own_host = (alike.len() > 1).then(|| host_of(&tenant.url));
    write_body(lines, tenant, own_host, |error_of| {
        let failures = alike.iter().filter_map(|tenant| Some(failure(tenant, error_of(tenant)?)));
        let failures: Vec<FailureView> = failures.collect();
        let mut failure = FailureView::merged(&failures.iter().collect::<Vec<_>>())?;
        let more = failure.details.len().saturating_sub(LISTED);
        if failures.len() > 1 && more > 1 {
            failure.details.truncate(LISTED);
            failure.details.push(format!("{more} more, --full lists them"));
        }
        Some(failure)
    });
}

/// Writes what is told of a tenant, without its `own_host` if it stands for others; `failed` words what a place of its receipt
/// holds.
fn write_body(
    lines: &mut Layout<'_>,
    tenant: &TenantReceipt,
    own_host: Option<&str>,
    failed: impl Fn(ErrorOf<'_>) -> Option<FailureView>,
) {
    if let Some(failure) = failed(&|tenant| tenant.error.as_ref()) {
        lines.failure(2, &failure);
    }
    for (number, resource) in tenant.resources.iter().enumerate() {
        let failure = failed(&|tenant| tenant.resources.get(number)?.error.as_ref());
        write_resource(lines, resource, own_host, failure);
    }
    for lifted in &tenant.lifted {
        lines.line(2, YELLOW, &printable(&guards::lifted(lifted)));
    }
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
        Outcome::Unknown => "sent, and it is not known whether the tenant made the change".to_owned(),
        Outcome::Pending => "not known".to_owned(),
    }
}

fn write_resource(
    lines: &mut Layout<'_>,
    resource: &ResourceReceipt,
    own_host: Option<&str>,
    failure: Option<FailureView>,
) {
    let style = match resource.outcome {
        Outcome::Applied => GREEN,
        Outcome::Unchanged if resource.left.is_empty() => PLAIN,
        Outcome::Unchanged | Outcome::Skipped | Outcome::Pending => YELLOW,
        Outcome::Failed | Outcome::Refused | Outcome::Unknown => RED,
    };
    let (name, version) = (resource.document().to_string(), format!(" {}: ", printable(&resource.api_version)));
    lines.spans(2, &[(BOLD, &printable(&name)), (PLAIN, &version), (style, &outcome(resource))]);
    if let Some(failure) = failure {
        lines.failure(4, &failure);
    }
    let sent = matches!(resource.outcome, Outcome::Applied | Outcome::Failed | Outcome::Unknown | Outcome::Pending);
    if let Some(overwritten) = overwritten(resource).filter(|_| sent) {
        lines.told(4, YELLOW, "elsewhere:", &printable(&overwritten));
    }
    for note in &resource.notes {
        lines.told(4, PLAIN, "note:", &printable(&with_word(note, own_host.unwrap_or_default(), OWN_HOST)));
    }
}
