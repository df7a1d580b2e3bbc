//! One change as an item of a Markdown list, in more or less detail.

use std::fmt::Write as _;

use super::escape::{code, fenced_diff, html_code, prose};
use crate::report::overview::{Class, Entry, LISTED, Lists, MemberList, Tenants};
use crate::resource::impact::Impact;
use crate::text::list::few_of;

/// How much of a change is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Detail {
    /// How many members of a set are listed at most, those that join and those that leave each.
    pub(super) members: usize,
    /// Whether the lines that ask for it are named.
    pub(super) sources: bool,
    /// Whether the sentence is there.
    pub(super) sentence: bool,
}

impl Detail {
    /// Everything there is to say.
    pub(super) const WHOLE: Detail = Detail { members: usize::MAX, sources: true, sentence: true };
    /// What is left if there is not room for everything.
    pub(super) const BRIEF: Detail = Detail { members: LISTED, sources: true, sentence: true };
}

/// Returns a change as one item, line feed included.
pub(super) fn item(entry: &Entry, detail: Detail, lists: &Lists) -> String {
    let mut text = format!("- {}: {} → {}\n", code(&entry.path()), code(&entry.before), code(&entry.after));
    if detail.sentence {
        let weight = entry.weight.filter(|_| entry.impact == Impact::Loosens);
        let weight = weight.map(|weight| format!(" ({weight})")).unwrap_or_default();
        let _ = writeln!(text, "  - **{}**{weight}: {}", entry.meaning, prose(&entry.sentence));
    }
    if detail.sentence {
        write_origin(&mut text, entry);
    }
    let mut place = format!("in {}", tenants(&entry.tenants, lists));
    if detail.sources {
        let _ = write!(place, "; {}", few_of(&entry.sources, LISTED, |source| code(source)));
    }
    let _ = writeln!(text, "  - {place}");
    if let Some(members) = &entry.members {
        write_members(&mut text, entry, members, detail.members);
    }
    text
}

/// Writes where a change comes from and who asked for it.
fn write_origin(text: &mut String, entry: &Entry) {
    if let Some(agreed) = entry.agreed.as_ref().filter(|agreed| **agreed != entry.now && **agreed != entry.planned) {
        let _ = writeln!(text, "  - agreed before: {}", prose(agreed));
    }
    if let Some(cause) = entry.cause {
        let _ = writeln!(text, "  - comes from {cause}");
    }
    if let Some(covers) = &entry.covers {
        let _ = writeln!(text, "  - covers: {}", prose(covers));
    }
    if !entry.touches.is_empty() {
        let _ = writeln!(text, "  - for: {}", prose(&entry.touches.join("; ")));
    }
    for beside in &entry.beside {
        let _ = writeln!(text, "  - see also: {}", prose(beside));
    }
    let _ = writeln!(text, "  - to undo: {}", prose(&entry.undo.join(" ")));
    for events in &entry.events {
        let _ = writeln!(text, "  - {}", prose(&events.line()));
    }
    let Some(requested) = &entry.requested else { return };
    let verb = if entry.class == Class::Drift { "agreed" } else { "asked for" };
    for commit in &requested.commits {
        let _ = writeln!(text, "  - {verb} by {}", prose(&commit.line()));
    }
    if let Some(unknown) = &requested.unknown {
        let rest = if requested.commits.is_empty() { "" } else { " of the rest" };
        let _ = writeln!(text, "  - {verb} by: not known{rest}, {unknown}");
    }
}

/// Returns tenants by name, or that it is all of them, or all but a few; of a long list the first ones and its number.
pub(super) fn tenants(tenants: &Tenants, lists: &Lists) -> String {
    tenants.told(|names| lists.brief(names, |name| code(name)))
}

/// Returns names as code, with commas.
pub(super) fn list(names: &[String]) -> String {
    names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ")
}

fn write_members(text: &mut String, entry: &Entry, members: &MemberList, most: usize) {
    let mut lines = Vec::new();
    for (mark, members) in [('+', &members.added), ('-', &members.removed)] {
        for member in members.first.iter().take(most) {
            let name = member.name.as_ref().map(|name| format!("  {name}")).unwrap_or_default();
            let holders = member.holders.as_ref().map(|holders| format!(" ({holders})")).unwrap_or_default();
            lines.push(format!("{mark} {}{name}{holders}", member.id));
        }
        let more = members.more + members.first.len().saturating_sub(most);
        if most > 0 && more > 0 {
            lines.push(format!("{mark} … and {more} more"));
        }
    }
    let summary = &members.summary;
    if lines.is_empty() {
        let _ = writeln!(text, "  - {summary}");
    } else if members.long && most > LISTED {
        // A summary line is HTML, and so is what follows it up to an empty line.
        let _ = write!(
            text,
            "\n  <details><summary>Members of {}: {summary}</summary>\n\n{}\n  </details>\n\n",
            html_code(&entry.path()),
            fenced_diff(&lines, "  ")
        );
    } else {
        let _ = write!(text, "  - {summary}\n\n{}\n", fenced_diff(&lines, "    "));
    }
}
