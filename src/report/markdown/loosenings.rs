//! Changes that loosen security, in fewer and fewer characters. None of them is left out as long as a setting and the
//! tenants where it changes can be named.

use std::collections::BTreeMap;

use super::entry::{Detail, item, list};
use super::escape::code;
use crate::report::overview::{Entry, Lists, TenantView, Tenants};
use crate::text::number::count;

/// How the loosenings are told.
pub(super) struct Told {
    /// The items, line feeds included.
    pub(super) items: Vec<String>,
    /// What was left out, for the note at the end; `None` if nothing was.
    pub(super) lost: Option<String>,
}

/// Returns the ways to tell the loosenings, the longest first; each is made only when the one before did not fit.
pub(super) fn ways<'a>(
    entries: &'a [&'a Entry],
    all: &'a [TenantView],
    lists: &'a Lists,
) -> impl Iterator<Item = Told> + 'a {
    let changes: usize = entries.iter().map(|entry| entry.tenants.names.len()).sum();
    let details = [
        (Detail::WHOLE, None),
        (Detail { members: 100, ..Detail::WHOLE }, Some("long lists of members under what loosens")),
        (Detail::BRIEF, Some("long lists of members under what loosens")),
        (Detail { members: 0, sources: false, sentence: true }, Some("members and lines under what loosens")),
        (
            Detail { members: 0, sources: false, sentence: false },
            Some("sentences, members and lines under what loosens"),
        ),
    ];
    let detailed = details.into_iter().map(|(detail, lost)| Told {
        items: entries.iter().map(|entry| item(entry, detail, lists)).collect(),
        lost: lost.map(str::to_owned),
    });
    let values = "values, sentences, members and lines under what loosens";
    let short = [false, true].into_iter().map(move |by_number| Told {
        items: if by_number { numbered(entries, all) } else { named(entries, all) },
        lost: Some(values.to_owned()),
    });
    let unnamed = std::iter::once_with(move || Told {
        items: unnamed(entries),
        lost: Some(format!("the tenants of {} that loosen", count(changes, "change", "changes"))),
    });
    let none = std::iter::once_with(move || Told {
        items: Vec::new(),
        lost: Some(format!("all {} that loosen", count(changes, "change", "changes"))),
    });
    detailed.chain(short).chain(unnamed).chain(none)
}

/// Settings with the tenants where they loosen, each tenant once.
fn by_setting(entries: &[&Entry]) -> BTreeMap<String, Vec<String>> {
    let mut settings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in entries {
        settings.entry(entry.path()).or_default().extend(entry.tenants.names.iter().cloned());
    }
    settings
}

fn named(entries: &[&Entry], all: &[TenantView]) -> Vec<String> {
    let line = |(setting, names): (String, Vec<String>)| {
        let everywhere = all.len() > 1 && names.len() == all.len();
        let place = Tenants { names, total: all.len(), everywhere, but: Vec::new() }.told(list);
        format!("- {}: {place}\n", code(&setting))
    };
    by_setting(entries).into_iter().map(line).collect()
}

fn numbered(entries: &[&Entry], all: &[TenantView]) -> Vec<String> {
    let numbers: BTreeMap<&str, usize> =
        all.iter().zip(1..).map(|(tenant, number)| (tenant.name.as_str(), number)).collect();
    let mut settings = by_setting(entries);
    let used: Vec<&String> = entries.iter().flat_map(|entry| &entry.tenants.names).collect();
    let mut key: Vec<(usize, &str)> =
        used.iter().filter_map(|name| Some((*numbers.get(name.as_str())?, name.as_str()))).collect();
    key.sort_unstable();
    key.dedup();
    let key: Vec<String> = key.into_iter().map(|(number, name)| format!("{number} {}", code(name))).collect();
    let mut items = vec![format!("- tenants: {}\n", key.join(", "))];
    for (setting, names) in &mut settings {
        let mut found: Vec<usize> = names.iter().filter_map(|name| numbers.get(name.as_str()).copied()).collect();
        found.sort_unstable();
        items.push(format!("- {}: tenants {}\n", code(setting), ranges(&found)));
    }
    items
}

fn unnamed(entries: &[&Entry]) -> Vec<String> {
    let line = |(setting, names): (String, Vec<String>)| {
        format!("- {}: in {}\n", code(&setting), count(names.len(), "tenant", "tenants"))
    };
    by_setting(entries).into_iter().map(line).collect()
}

/// Returns ascending numbers as ranges: `1–3, 7`.
fn ranges(numbers: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 >= *number => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let shown: Vec<String> = ranges
        .into_iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}–{last}") })
        .collect();
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_become_ranges() {
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "1–3, 7, 9–10");
        assert_eq!(ranges(&[4, 4]), "4");
        assert_eq!(ranges(&[]), "");
    }
}
