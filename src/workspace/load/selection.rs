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
            let message = format!("--tenant {text} matches no tenant of {}", shown(&workspace.path));
            let help = listed(&workspace.tenants, |tenant| tenant.name.clone());
            return Some(Stop::new(Exit::Usage, message, help));
        }
    }
    let fits_none = |label: &&Label| !workspace.tenants.iter().any(|tenant| label.fits(&tenant.labels));
    let message = match global.labels.iter().find(fits_none) {
        Some(label) => format!("--label {label} matches no tenant of {}", shown(&workspace.path)),
        None => format!("no tenant of {} has the chosen name and labels", shown(&workspace.path)),
    };
    chosen.is_empty().then(|| Stop::new(Exit::Usage, message, listed(&workspace.tenants, labelled)))
}

/// A longer list is no help in a message.
const LISTED: usize = 20;

/// Says which tenants there are, each in these words.
fn listed(tenants: &[Tenant], words: fn(&Tenant) -> String) -> String {
    let names: Vec<String> = tenants.iter().take(LISTED).map(words).collect();
    let more = if tenants.len() > LISTED { "; sailplan tenants lists all" } else { "" };
    format!("the tenants are {}{more}", names.join(", "))
}

/// Returns the name of a tenant with its labels.
fn labelled(tenant: &Tenant) -> String {
    let labels: Vec<String> = tenant.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let labels = if labels.is_empty() { "no labels".to_owned() } else { labels.join(" ") };
    format!("{} ({labels})", tenant.name)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::text::disk::Disk;
    use crate::text::source::Source;
    use crate::workspace::read_source;

    #[test]
    fn of_many_tenants_only_the_first_are_named() {
        let help = |tenants: usize, words: fn(&Tenant) -> String| {
            let entry =
                |number| format!("  t{number}: {{url: 'practice:t.json', settings: [], labels: {{ring: a}}}}\n");
            let text = format!("tenants:\n{}", (1..=tenants).map(entry).collect::<String>());
            let source = Source::new("sailplan.yaml", text.as_str());
            let (workspace, _) = read_source(&Disk, &source, Path::new("sailplan.yaml")).unwrap();
            listed(&workspace.tenants, words)
        };
        assert_eq!(help(2, labelled), "the tenants are t1 (ring=a), t2 (ring=a)");
        let named = |number: usize| help(number, |tenant| tenant.name.clone());
        assert!(named(20).ends_with(", t19, t20"), "{}", named(20));
        assert!(named(21).ends_with(", t19, t20; sailplan tenants lists all"), "{}", named(21));
    }
}
