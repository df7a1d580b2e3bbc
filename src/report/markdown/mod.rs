//! A plan as Markdown for the comment of a pull request. The verdict is the first line, a hidden marker the second;
//! what loosens and what has to be judged is open, the rest folded; and it fits the size that the forge allows.

mod entry;
mod escape;
mod loosenings;
mod opening;

use std::fmt::Write as _;

use entry::{Detail, item, list, tenants};
pub(super) use escape::{code, prose};
pub use opening::is_report;
pub(super) use opening::opening;

use super::overview::{
    ADDRESSES, Base, Class, Concern, Entry, Failed, FileProblem, Grid, Group, LISTED, Lists, Longest, LossView,
    Overview, People, Refused,
};
use super::text::{approved, without_column};
use crate::documents::plan::PlanFile;
use crate::text::number::count;
use crate::text::printable::printable_line;

/// What a comment may take on GitHub, in characters.
pub const GITHUB_LIMIT: usize = 65_536;

/// The smallest limit that leaves room for the verdict, the marker and the note on what was cut.
pub const SMALLEST_LIMIT: usize = 4_096;

/// Up to how many tenants it is said of each what it is.
const STANDING: usize = 5;

/// What the note on a cut may take, in characters.
const NOTE: usize = 1_400;

/// Returns a plan as Markdown of at most `limit` characters (Unicode code points, as GitHub counts). `whole` says where
/// everything is when something had to be cut.
pub fn plan(plan: &PlanFile, limit: usize, whole: &str) -> String {
    // A member takes four characters at least: more than this do not fit.
    let longest = Longest::PARAGRAPH.with_members(limit / 4 + 1);
    let overview = Overview::of(plan, longest, People::WhereAsked);
    let (head, tail) = (head(&overview), tail(&overview));
    let lists = Lists::default();
    let before = before_changes(&overview, &lists);
    let loosens = loosens(&overview);
    let told = loosens.as_ref().and_then(|(_, entries)| loosenings::ways(entries, &overview.tenants, &lists).next());
    let told = loosens.zip(told).map(|((group, _), told)| open(&group.title, group.gloss, told.items));
    let sections = sections(&overview, Detail::WHOLE, &lists);
    let text = before.iter().map(|(section, _)| section).chain(&told).chain(&sections);
    let mut text = text.fold(head.clone(), |text, section| text + &section.whole());
    text.extend(tenants_by_name(&text, &lists).map(|section| section.whole()));
    text.push_str(&tail);
    if length(&text) <= limit { text } else { cut(&overview, head, &tail, limit, whole) }
}

/// Returns the comment with everything that fits: the verdict and every loosening first, then section by section.
fn cut(overview: &Overview, head: String, tail: &str, limit: usize, whole: &str) -> String {
    let room = limit.saturating_sub(length(tail) + NOTE);
    let mut text = head;
    let mut lost: Vec<String> = Vec::new();
    let lists = Lists::default();
    let missing_of = |section: &Section, missing: usize| {
        (missing > 0).then(|| format!("{missing} of {} under “{}”", section.items.len(), section.name))
    };
    for (section, share) in before_changes(overview, &lists) {
        let (part, missing) = section.part((room / share).min(room.saturating_sub(length(&text))));
        text.push_str(&part);
        lost.extend(missing_of(&section, missing));
    }
    if let Some((group, entries)) = loosens(overview) {
        for told in loosenings::ways(&entries, &overview.tenants, &lists) {
            let section = open(&group.title, group.gloss, told.items).whole();
            if length(&text) + length(&section) <= room {
                text.push_str(&section);
                lost.extend(told.lost);
                break;
            }
        }
    }
    // Where something loosens deserves room before what does not.
    let kept = tenants_by_name(&text, &lists).map_or(0, |section| length(&section.whole()));
    let kept = if length(&text) + kept <= room { kept } else { 0 };
    for section in sections(overview, Detail::BRIEF, &lists) {
        let (part, missing) = section.part(room.saturating_sub(length(&text) + kept));
        text.push_str(&part);
        lost.extend(missing_of(&section, missing));
    }
    if let Some(section) = tenants_by_name(&text, &lists) {
        let (part, missing) = section.part(room.saturating_sub(length(&text)));
        text.push_str(&part);
        lost.extend(missing_of(&section, missing));
    }
    let _ = write!(
        text,
        "> **Cut to fit {limit} characters.** Not shown, or shortened: {}. {}\n\n",
        if lost.is_empty() { "long lists of members".to_owned() } else { lost.join("; ") },
        prose(&printable_line(whole, 300))
    );
    text + tail
}

fn loosens(overview: &Overview) -> Option<(&Group, Vec<&Entry>)> {
    let group = overview.groups.iter().find(|group| group.class == Class::Loosens)?;
    Some((group, overview.entries_of(group).collect()))
}

/// Returns what stands before the changes, each with the share of the room that it may take. What stands in the way must not
/// crowd out what loosens.
fn before_changes(overview: &Overview, lists: &Lists) -> Vec<(Section, usize)> {
    let first = standing(overview, lists).into_iter().map(|section| (section, 4));
    let control = [losses(overview), weakened(overview, lists), together(overview, lists)];
    first.chain(control.into_iter().flatten().map(|section| (section, 1))).collect()
}

/// Returns the long lists of tenants that a text means.
fn tenants_by_name(text: &str, lists: &Lists) -> Option<Section> {
    let lists = lists.all();
    let meant = lists.iter().zip(1..).filter(|(_, number)| text.contains(&Lists::mention(*number)));
    let items: Vec<String> = meant
        .map(|(names, number)| {
            format!("- list {number}, {}: {}\n", count(names.len(), "tenant", "tenants"), list(names))
        })
        .collect();
    (!items.is_empty()).then(|| folded("Long lists of tenants, by name".to_owned(), items))
}

/// A heading with a list under it.
struct Section {
    /// What the note on a cut calls it.
    name: String,
    /// What stands before the items.
    head: String,
    /// The items, line feeds included.
    items: Vec<String>,
    /// What stands after the items.
    tail: &'static str,
}

impl Section {
    fn whole(&self) -> String {
        format!("{}{}{}", self.head, self.items.concat(), self.tail)
    }

    /// Returns as many of the first items as fit into `room` characters, and how many did not.
    fn part(&self, room: usize) -> (String, usize) {
        let mut left = room.saturating_sub(length(&self.head) + self.tail.len());
        let fit = self
            .items
            .iter()
            .take_while(|item| {
                let fits = length(item) <= left;
                left = left.saturating_sub(length(item));
                fits
            })
            .count();
        let shown: String = self.items.iter().take(fit).map(String::as_str).collect();
        let text = if fit == 0 { String::new() } else { format!("{}{shown}{}", self.head, self.tail) };
        (text, self.items.len() - fit)
    }
}

fn open(title: &str, gloss: &str, items: Vec<String>) -> Section {
    let gloss = if gloss.is_empty() { String::new() } else { format!("{gloss}\n\n") };
    Section { name: title.to_owned(), head: format!("### {title}\n\n{gloss}"), items, tail: "\n" }
}

fn folded(title: String, items: Vec<String>) -> Section {
    let head = format!("<details><summary>{title}</summary>\n\n");
    Section { name: title, head, items, tail: "\n</details>\n\n" }
}

fn head(overview: &Overview) -> String {
    let mut text = opening(&overview.headline, &overview.marker);
    if overview.headline != overview.verdict && !overview.unchanged {
        let _ = write!(text, "{}\n\n", prose(&overview.verdict));
    }
    if overview.tenants.len() <= STANDING {
        let lines = overview.tenants.iter().map(|tenant| format!("{}: {}", code(&tenant.name), prose(&tenant.what)));
        let lines: Vec<String> = lines.collect();
        let _ = write!(text, "{}\n\n", lines.join("<br>\n"));
    }
    if let Some(left) = left_as_it_is(overview) {
        let _ = write!(text, "{left}\n\n");
    }
    if let Some(only) = &overview.only {
        let _ = write!(text, "{}\n\n", prose(only));
    }
    if let Some(gained) = &overview.gained {
        let _ = write!(text, "{}\n\n", prose(gained));
    }
    if let Some(unmanaged) = overview.unmanaged() {
        let _ = write!(text, "{unmanaged}\n\n");
    }
    if let Some(approved) = approved(overview) {
        let _ = write!(text, "{}\n\n", prose(&approved));
    }
    text
}

/// Returns what happens if the plan is not approved; `None` if there is nothing to approve.
fn left_as_it_is(overview: &Overview) -> Option<String> {
    let changing = overview.changing();
    let (what, verb) = match changing.as_slice() {
        [] => return None,
        [one] => (code(one), "stays as it is"),
        few if few.len() <= STANDING => {
            (few.iter().map(|name| code(name)).collect::<Vec<_>>().join(", "), "stay as they are")
        }
        many => (format!("{} tenants", many.len()), "stay as they are"),
    };
    let drifted = if overview.drifted { ", with what had drifted" } else { "" };
    (!overview.refused).then(|| format!("If this is not approved, nothing is sent and {what} {verb}{drifted}."))
}

fn tail(overview: &Overview) -> String {
    let workspace = overview.workspace.as_ref().map(|path| format!(" of {}", code(path))).unwrap_or_default();
    let digest = overview.digest.as_ref().map(|digest| format!(", digest {}", code(digest))).unwrap_or_default();
    let base = overview.base.as_ref().map(compared).unwrap_or_default();
    let selection = overview.selection.as_ref().map(|words| format!(" ({})", code(words))).unwrap_or_default();
    let plan = match &overview.rolls_back {
        Some(receipt) => format!("Rollback of {}", code(receipt)),
        None => "Plan".to_owned(),
    };
    format!("<sub>{plan}{workspace}{selection} by sailplan {}{base}{digest}</sub>\n", prose(&overview.sailplan))
}

fn compared(base: &Base) -> String {
    match &base.name {
        Some(name) => format!(", compared with {} (commit {})", code(name), code(&base.commit)),
        None => format!(", compared with commit {}", code(&base.commit)),
    }
}

fn losses(overview: &Overview) -> Option<Section> {
    let items: Vec<String> = overview.losses.iter().map(loss).collect();
    let gloss = "What git decided before this branch and would no longer decide.";
    let title = count(items.len(), "loss of control", "losses of control");
    (!items.is_empty()).then(|| open(&title, gloss, items))
}

fn loss(loss: &LossView) -> String {
    let denied = if loss.denied { "**denied**: " } else { "" };
    let mut text = format!("- {denied}{}\n  - {}\n", prose(&loss.message), prose(&loss.places));
    for setting in loss.settings.iter().take(LISTED) {
        let _ = writeln!(text, "  - {}", prose(setting));
    }
    if loss.settings.len() > LISTED {
        let _ = writeln!(text, "  - … and {} more", loss.settings.len() - LISTED);
    }
    for help in &loss.help {
        let _ = writeln!(text, "  - help: {}", prose(help));
    }
    text
}

/// What weakens a guard loosens, whatever the settings do.
fn weakened(overview: &Overview, lists: &Lists) -> Option<Section> {
    let items: Vec<String> = overview.weakened.iter().map(|weakened| concern(&weakened.concern, lists)).collect();
    let gloss = "Fewer checks on what comes after this branch; the guardrails that it started from hold for this plan.";
    (!items.is_empty()).then(|| open("Loosens: guardrails", gloss, items))
}

/// What stands in the way of an apply, or is not known.
fn standing(overview: &Overview, lists: &Lists) -> Vec<Section> {
    let refused = "Nothing is sent to a tenant that is blocked by guardrails.";
    let (alike, failed) = (overview.refused_alike(), overview.failed_alike());
    let refusals = alike.iter().map(|refused| refusal(refused, lists));
    let failures = failed.iter().map(|failed| failure(failed, lists));
    let mut sections = vec![
        open("Refused", refused, refusals.collect()),
        open("What could not be read or planned", "", failures.collect()),
    ];
    sections.retain(|section| !section.items.is_empty());
    sections
}

fn together(overview: &Overview, lists: &Lists) -> Option<Section> {
    let items = concerns(&overview.together, lists);
    let gloss = "Settings that mean more together than each alone.";
    (!items.is_empty()).then(|| open("Taken together", gloss, items))
}

/// Of what is not known and does not stand in the way of a decision.
const LATER: &str = "This can be found out afterwards: the changes that it is about only tighten, put back what was agreed or are neutral.";

/// Every other section, in the order in which they deserve room.
fn sections(overview: &Overview, detail: Detail, lists: &Lists) -> Vec<Section> {
    let mut sections = vec![open("Problems in the files", "", overview.problems.iter().map(problem).collect())];
    let section = |group: &Group| {
        let items: Vec<String> = overview.entries_of(group).map(|entry| item(entry, detail, lists)).collect();
        match group.class {
            Class::Stops | Class::Review | Class::Drift => open(&group.title, group.gloss, items),
            _ => folded(group.title.clone(), items),
        }
    };
    let (grave, others) = overview.around_doubts();
    sections.extend(grave.iter().filter(|group| group.class != Class::Loosens).map(section));
    sections.push(open("Not known", "Find this out before you decide.", concerns(&overview.doubts, lists)));
    sections.push(open("Not known, and may follow", LATER, concerns(&overview.later, lists)));
    sections.extend(others.iter().map(section));
    let counted = |title: &str, about: &[Concern]| folded(format!("{title}: {}", about.len()), concerns(about, lists));
    let gloss =
        "sailplan does not know these fields and keeps them as they are: what they mean is for a person to judge.";
    let unknown = concerns(&overview.unknown, lists);
    sections.push(open(&format!("Unknown fields: {}", overview.unknown.len()), gloss, unknown));
    sections.push(counted("Guardrails that were lifted", &overview.lifted));
    sections.push(counted("Warnings", &overview.warnings));
    let managed = overview.managed.iter().map(|view| {
        let value = view.value.as_ref().map(|value| format!(": {}", prose(value))).unwrap_or_default();
        format!("- in {}: {}{value}\n", tenants(&view.tenants, lists), code(&view.setting))
    });
    sections.push(folded(format!("Managed and unchanged: {}", overview.managed.len()), managed.collect()));
    let open = overview.open.iter().map(|view| {
        let weight = view.weight.map(|weight| format!(", {weight}")).unwrap_or_default();
        let (about, value) = (prose(&view.about), prose(&view.value));
        format!("- in {}: {about}: **{value}**{weight} ({})\n", tenants(&view.tenants, lists), code(&view.setting))
    });
    sections.push(folded(format!("Not managed, and at the loosest value: {}", overview.open.len()), open.collect()));
    sections.extend(overview.grid.as_ref().map(|view| grid(view, lists)));
    let lines = overview
        .tenants
        .iter()
        .map(|tenant| format!("- {} ({}): {}\n", code(&tenant.name), code(&tenant.url), tenant.state));
    let few = overview.tenants.len() <= ADDRESSES;
    let lines = if few { lines.collect() } else { concerns(&overview.standing, lists) };
    sections.push(folded(format!("Tenants: {}", overview.tenants.len()), lines));
    sections.retain(|section| !section.items.is_empty());
    sections
}

/// Returns settings by tenants as a table, which is left out whole where it does not fit.
fn grid(grid: &Grid, lists: &Lists) -> Section {
    let Grid { columns, rows, more, .. } = grid;
    let titles: Vec<String> = columns
        .iter()
        .map(|column| if column.tenants.len() == 1 { code(&column.title) } else { column.title.clone() })
        .collect();
    let mut table = format!("| Setting | {} |\n|---|{}\n", titles.join(" | "), "---|".repeat(columns.len()));
    for row in rows {
        let cells: Vec<String> = row
            .cells
            .iter()
            .map(|cell| match cell.class {
                Some(Class::Loosens) => format!("**{}**", cell.word),
                None if cell.word.is_empty() => "–".to_owned(),
                _ => cell.word.to_owned(),
            })
            .collect();
        let _ = writeln!(table, "| {} | {} |", code(&row.setting), cells.join(" | "));
    }
    table.push('\n');
    for column in columns.iter().filter(|column| column.tenants.len() > 1) {
        let _ = writeln!(table, "- {}: {}", column.title, lists.brief(&column.tenants, |name| code(name)));
    }
    if *more > 0 {
        let _ = writeln!(table, "- {}", without_column(*more));
    }
    folded("Settings by tenants".to_owned(), vec![table])
}

fn refusal(refused: &Refused<'_>, lists: &Lists) -> String {
    let refusal = refused.refusal;
    let setting = refusal.setting.as_ref().map(|setting| format!(" {}", code(setting))).unwrap_or_default();
    let mut text = format!("- {}:{setting} {}\n", tenants(&refused.tenants, lists), prose(&refusal.message));
    if let Some(source) = &refusal.source {
        let _ = writeln!(text, "  - {}", code(source));
    }
    if let Some(stays) = &refusal.stays {
        let _ = writeln!(text, "  - stays in force: {}", prose(stays));
    }
    for help in &refusal.help {
        let _ = writeln!(text, "  - help: {}", prose(help));
    }
    text
}

fn failure(failure: &Failed, lists: &Lists) -> String {
    let what = failure.told(|names| lists.brief(names, |name| code(name)));
    let mut text = format!("- {what}: {}\n", prose(&failure.message));
    if let Some(asks) = &failure.asks {
        let _ = writeln!(text, "  - {}", prose(asks));
    }
    for detail in failure.details.iter().take(LISTED) {
        let _ = writeln!(text, "  - {}", code(detail));
    }
    if failure.details.len() > LISTED {
        let _ = writeln!(text, "  - … and {} more", failure.details.len() - LISTED);
    }
    for help in &failure.help {
        let _ = writeln!(text, "  - help: {}", prose(help));
    }
    text
}

fn problem(problem: &FileProblem) -> String {
    let place = problem.place.as_ref().map(|place| format!(" {}:", code(place))).unwrap_or_default();
    let mut text = format!("- **{}**:{place} {}\n", problem.severity.word(), prose(&problem.message));
    if let Some(elsewhere) = &problem.elsewhere {
        let _ = writeln!(text, "  - {}", prose(elsewhere));
    }
    for help in &problem.help {
        let _ = writeln!(text, "  - help: {}", prose(help));
    }
    text
}

fn concerns(concerns: &[Concern], lists: &Lists) -> Vec<String> {
    concerns.iter().map(|about| concern(about, lists)).collect()
}

fn concern(concern: &Concern, lists: &Lists) -> String {
    let parts: String = concern.parts.iter().map(|part| format!("  - {}\n", prose(part))).collect();
    format!("- in {}: {}\n{parts}", tenants(&concern.tenants, lists), prose(&concern.text))
}

/// GitHub counts a comment in Unicode code points.
fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests;
