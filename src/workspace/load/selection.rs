//! Flags that choose tenants, where they choose none.

use wildmatch::WildMatch;

use crate::global::{Global, Label};
use crate::text::disk::shown;
use crate::ui::{Exit, Stop};
use crate::workspace::{Tenant, Workspace};

/// Says what the flags name and the workspace does not have, if they choose no tenant or name one that is not there.
pub(super) fn unmatched(global: &Global, workspace: &Workspace, chosen: &[&Tenant]) -> Option<Stop> {
    for text in &global.tenants {
        let pattern = WildMatch::new(text);
        if !workspace.tenants.iter().any(|tenant| pattern.matches(&tenant.name)) {
            let names: Vec<&str> = workspace.tenants.iter().map(|tenant| tenant.name.as_str()).collect();
            return Some(Stop::new(
                Exit::Usage,
                format!("--tenant {text} matches no tenant of {}", shown(&workspace.path)),
                format!("the tenants are {}", names.join(", ")),
            ));
        }
    }
    let fits_none = |label: &&Label| !workspace.tenants.iter().any(|tenant| label.fits(&tenant.labels));
    let message = match global.labels.iter().find(fits_none) {
        Some(label) => format!("--label {label} matches no tenant of {}", shown(&workspace.path)),
        None => format!("no tenant of {} has the chosen name and labels", shown(&workspace.path)),
    };
    chosen.is_empty().then(|| Stop::new(Exit::Usage, message, labelled(&workspace.tenants)))
}

/// Says which tenants there are, and their labels.
fn labelled(tenants: &[Tenant]) -> String {
    /// A longer list is no help in a message.
    const LISTED: usize = 20;
    let names = tenants.iter().take(LISTED).map(|tenant| {
        let labels: Vec<String> = tenant.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let labels = if labels.is_empty() { "no labels".to_owned() } else { labels.join(" ") };
        format!("{} ({labels})", tenant.name)
    });
    let names = names.collect::<Vec<_>>().join(", ");
    let more = if tenants.len() > LISTED { "; sailplan tenants lists all" } else { "" };
    format!("the tenants are {names}{more}")
}
