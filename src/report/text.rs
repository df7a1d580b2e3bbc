//! A plan as text for a terminal or a log: the overview that pages show, in the same order, each thing once however many
//! tenants it holds for.

use std::io::{self, Write};

use anstyle::Style;

use super::alike::alike;
use super::layout::{BOLD, DIM, Layout, Look, PLAIN, RED, YELLOW, of_class, of_impact};
use super::overview::{
    ADDRESSES, Base, Class, Column, Concern, Entry, Grid, Group, LISTED, Longest, LossView, MemberList, Overview,
    People, Refused, TenantView, Tenants, Weakened,
};
use crate::documents::plan::PlanFile;
use crate::resource::impact::Impact;
use crate::text::number::count;
use crate::text::threads;

/// Returns a plan as text with colours; `crate::ui` removes them if the output does not show any.
pub fn plan(plan: &PlanFile, look: Look) -> String {
    let overview = overview(plan, look);
    let mut page = Page { overview: &overview, look, lines: Layout::new(look.width) };
    page.lay_out();
    page.lines.finish()
}

/// Writes the same piece by piece.
///
/// # Errors
///
/// The writer cannot take it.
pub fn write(plan: &PlanFile, look: Look, writer: &mut dyn Write) -> io::Result<()> {
    let overview = overview(plan, look);
    let mut page = Page { overview: &overview, look, lines: Layout::to(writer, look.width) };
    page.lay_out();
    page.lines.end()?;
    threads::give_back(plan.tenants.len(), overview);
    Ok(())
}

fn overview(plan: &PlanFile, look: Look) -> Overview {
    let longest = if look.full { Longest::WHOLE } else { Longest::WHOLE.with_members(LISTED) };
    Overview::of(plan, longest, People::WhereAsked)
}

struct Page<'a> {
    overview: &'a Overview,
    look: Look,
    lines: Layout<'a>,
}

impl Page<'_> {
    fn lay_out(&mut self) {
        // A plan of nothing has nothing but its verdict.
        if self.look.quiet || (self.overview.tenants.is_empty() && self.overview.losses.is_empty()) {
            self.problems();
        } else {
            self.whole();
        }
        self.verdict();
    }

    fn whole(&mut self) {
        let overview = self.overview;
        if !overview.unchanged && overview.headline != overview.verdict {
            let style = if overview.refused { RED.bold() } else { BOLD };
            self.lines.line(0, style, &overview.headline);
            self.lines.blank();
        }
        self.problems();
        for weakened in &overview.weakened {
            self.weakened(weakened);
        }
        self.concerns(YELLOW.bold(), "taken together:", &overview.together);
        self.lines.blank();
        let (grave, others) = overview.around_doubts();
        for group in grave {
            self.group(group);
        }
        self.concerns(YELLOW.bold(), "not known:", &overview.doubts);
        self.concerns(YELLOW, "not known, may follow:", &overview.later);
        self.lines.blank();
        for group in others {
            self.group(group);
        }
        self.concerns(YELLOW, "guardrail", &overview.lifted);
        self.concerns(YELLOW.bold(), "review: sailplan does not know this field and keeps it:", &overview.unknown);
        self.concerns(YELLOW, "warning:", &overview.warnings);
        self.lines.blank();
        self.differences();
        self.managed();
        self.unmanaged();
        self.grid();
        self.tenants();
        self.origin();
    }

    /// Writes what stops an apply, and what is not known as a whole.
    fn problems(&mut self) {
        self.refusals();
        self.failures();
        for loss in &self.overview.losses {
            self.loss(loss);
        }
    }

    fn refusals(&mut self) {
        for Refused { refusal, tenants } in self.overview.refused_alike() {
            let word = if refusal.standing { "broken already:" } else { "refused:" };
            self.lines.told(0, RED.bold(), word, &refusal.message);
            self.place(2, &tenants, refusal.source.as_slice());
            if let Some(stays) = &refusal.stays {
                self.lines.line(2, PLAIN, &format!("stays in force: {stays}"));
            }
            self.lines.help(2, &refusal.help);
        }
    }

    fn failures(&mut self) {
        for failed in self.overview.failed_alike() {
            let what = failed.told(|names| self.look.few(names));
            self.lines.told(0, RED.bold(), "error:", &format!("{what}: {}", failed.message));
            if let Some(asks) = &failed.asks {
                self.lines.line(2, PLAIN, asks);
            }
            self.list(2, "", &failed.details);
            self.lines.help(2, &failed.help);
        }
    }

    fn loss(&mut self, loss: &LossView) {
        let LossView { message, places, denied, settings, help } = loss;
        let word = if *denied { "loss of control, denied:" } else { "loss of control:" };
        self.lines.told(0, of_impact(Impact::Loosens), word, message);
        self.lines.line(2, DIM, places);
        self.list(2, "- ", settings);
        self.lines.help(2, help);
    }

    /// Writes a list one a line, of a long one the first.
    fn list(&mut self, indent: usize, mark: &str, items: &[String]) {
        // A line that says "1 more" is as long as the item.
        let shown = if self.look.full || items.len() <= LISTED + 1 { items.len() } else { LISTED };
        for item in items.iter().take(shown) {
            self.lines.line(indent, PLAIN, &format!("{mark}{item}"));
        }
        self.left_out(indent, mark, items.len() - shown);
    }

    fn left_out(&mut self, indent: usize, mark: &str, more: usize) {
        if more > 0 {
            self.lines.line(indent, DIM, &format!("{mark}{more} more, --full lists them"));
        }
    }

    /// Writes a guardrail that the checkout weakens.
    fn weakened(&mut self, Weakened { concern: Concern { text, tenants, .. }, places }: &Weakened) {
        let tenants = self.names(tenants);
        self.lines.told(0, of_impact(Impact::Loosens), "weaker guardrail:", &format!("{tenants}: {text}"));
        if !places.is_empty() {
            self.lines.line(2, DIM, &self.look.few(places));
        }
    }

    /// Writes things that hold for several tenants, each once.
    fn concerns<'c>(&mut self, style: Style, word: &str, concerns: impl IntoIterator<Item = &'c Concern>) {
        for Concern { text, parts, tenants } in concerns {
            let place = self.beside(tenants);
            self.lines.told(0, style, word, &format!("{text}{place}"));
            for part in parts {
                self.lines.line(4, PLAIN, part);
            }
        }
    }

    fn group(&mut self, group: &Group) {
        self.lines.line(0, of_class(group.class), &group.title);
        for entry in self.overview.entries_of(group) {
            self.entry(entry);
        }
        self.lines.blank();
    }

    fn entry(&mut self, entry: &Entry) {
        let Entry { before, after, meaning, sentence, .. } = entry;
        let (path, values) = (entry.path(), format!(": {before} -> {after}"));
        self.lines.spans(2, &[(of_class(entry.class), "~"), (PLAIN, " "), (BOLD, &path), (PLAIN, &values)]);
        if let Some(members) = &entry.members {
            self.members(members);
        }
        let weight = entry.weight.filter(|_| entry.impact == Impact::Loosens);
        let weight = weight.map(|weight| format!(" ({weight})")).unwrap_or_default();
        self.lines.spans(4, &[(of_impact(entry.impact), meaning), (PLAIN, &format!("{weight}: {sentence}"))]);
        if let Some(covers) = &entry.covers {
            self.lines.line(4, PLAIN, &format!("covers: {covers}"));
        }
        if let Some(whom) = entry.whom {
            self.lines.line(4, PLAIN, &format!("for: {whom}"));
        }
        for beside in &entry.beside {
            self.lines.line(4, PLAIN, &format!("see also: {beside}"));
        }
        if let Some(agreed) = entry.agreed.as_ref().filter(|agreed| **agreed != entry.now && **agreed != entry.planned)
        {
            self.lines.line(4, PLAIN, &format!("agreed before: {agreed}"));
        }
        // Of a rollback the first line says so of all.
        if let Some(cause) = entry.cause.filter(|_| self.overview.rolls_back.is_none()) {
            self.lines.line(4, DIM, &format!("comes from {cause}"));
        }
        for events in &entry.events {
            self.lines.line(4, DIM, &events.line());
        }
        self.lines.line(4, DIM, &format!("to undo: {}", entry.undo.join(" ")));
        self.requested(entry);
        self.place(4, &entry.tenants, &entry.sources);
    }

    fn requested(&mut self, entry: &Entry) {
        let Some(requested) = &entry.requested else { return };
        let verb = if entry.class == Class::Drift { "agreed" } else { "asked for" };
        for commit in &requested.commits {
            self.lines.line(4, DIM, &format!("{verb} by {}", commit.line()));
        }
        if let Some(unknown) = &requested.unknown {
            let rest = if requested.commits.is_empty() { "" } else { " of the rest" };
            self.lines.line(4, DIM, &format!("{verb} by: not known{rest}, {unknown}"));
        }
    }

    fn members(&mut self, members: &MemberList) {
        for (mark, list) in [("+ ", &members.added), ("- ", &members.removed)] {
            for member in &list.first {
                let name = member.name.as_ref().map(|name| format!("  {name}")).unwrap_or_default();
                let holders = member.holders.as_ref().map(|holders| format!(" ({holders})")).unwrap_or_default();
                self.lines.line(4, PLAIN, &format!("{mark}{}{name}{holders}", member.id));
            }
            self.left_out(4, mark, list.more);
        }
        if members.kept > 0 {
            self.lines.line(4, DIM, &format!("({} unchanged)", members.kept));
        }
    }

    /// Writes the tenants where something holds, if there are others, and the lines that ask for it.
    fn place(&mut self, indent: usize, tenants: &Tenants, sources: &[String]) {
        let tenants = self.are_several().then(|| format!("in {}", self.names(tenants)));
        let sources = (!sources.is_empty()).then(|| self.look.few(sources));
        let told: Vec<String> = tenants.into_iter().chain(sources).collect();
        if !told.is_empty() {
            self.lines.line(indent, DIM, &told.join("; "));
        }
    }

    fn are_several(&self) -> bool {
        self.overview.tenants.len() > 1
    }

    /// Returns tenants by name, or that it is all of them, or all but a few.
    fn names(&self, tenants: &Tenants) -> String {
        tenants.told(|names| self.look.few(names))
    }

    /// Returns the same to stand after a text; nothing if there are no others.
    fn beside(&self, tenants: &Tenants) -> String {
        if self.are_several() { format!(" ({})", self.names(tenants)) } else { String::new() }
    }

    fn differences(&mut self) {
        let Some(against) = &self.overview.against else { return };
        self.lines.line(0, BOLD, &against.title);
        for (kind, difference) in &against.differences {
            self.lines.told(2, YELLOW, kind, difference);
        }
        self.lines.blank();
    }

    /// Writes what the managed settings are, if nothing changes.
    fn managed(&mut self) {
        let managed = &self.overview.managed;
        let told = managed.iter().filter(|_| self.overview.entries.is_empty()).filter_map(|view| {
            let value = view.value.as_ref()?;
            Some(format!("{}: {value}{}", view.setting, self.beside(&view.tenants)))
        });
        let told: Vec<String> = told.collect();
        if !told.is_empty() {
            self.lines.line(0, DIM, "Managed, and as the files ask:");
            self.list(2, "", &told);
            self.lines.blank();
        }
    }

    /// Writes how many settings are not managed, and which of them let most through, worst first.
    fn unmanaged(&mut self) {
        let overview = self.overview;
        let Some(text) = overview.unmanaged() else { return };
        self.lines.line(0, DIM, &text);
        for open in &overview.open {
            let place = self.beside(&open.tenants);
            let weight = open.weight.map(|weight| format!(", {weight}")).unwrap_or_default();
            self.lines.line(2, DIM, &format!("{}: {}{weight}{place}", open.setting, open.value));
        }
        self.lines.blank();
    }

    /// Writes what changes in which tenants as a grid, if it fits: the changes name their tenants, so that nothing is missing
    /// without it.
    fn grid(&mut self) {
        // Of one setting, the change has told it all.
        let Some(Grid { columns, rows, more, .. }) = self.overview.grid.as_ref().filter(|grid| grid.rows.len() > 1)
        else {
            return;
        };
        const SETTING: &str = "Setting";
        let first = rows.iter().map(|row| width_of(&row.setting)).max().unwrap_or_default().max(SETTING.len());
        let widths: Vec<usize> = columns
            .iter()
            .enumerate()
            .map(|(number, column)| {
                let cells = rows.iter().filter_map(|row| row.cells.get(number));
                cells.map(|cell| cell.word.len()).chain([width_of(&column.title)]).max().unwrap_or_default()
            })
            .collect();
        if first + widths.iter().map(|width| width + 2).sum::<usize>() > self.look.width {
            return;
        }
        let pad = |text: &str, width: usize| format!("  {text}{}", " ".repeat(width.saturating_sub(width_of(text))));
        let titles: Vec<String> =
            columns.iter().zip(&widths).map(|(column, width)| pad(&column.title, *width)).collect();
        let title = format!("{SETTING}{}{}", " ".repeat(first - SETTING.len()), titles.concat());
        self.lines.line(0, DIM, title.trim_end());
        for row in rows {
            let name = format!("{}{}", row.setting, " ".repeat(first - width_of(&row.setting)));
            let mut cells: Vec<(Style, String)> = vec![(PLAIN, name)];
            for (cell, width) in row.cells.iter().zip(&widths) {
                let (style, word) = match cell.class {
                    Some(class) => (of_class(class), cell.word),
                    None => (DIM, if cell.word.is_empty() { "-" } else { cell.word }),
                };
                cells.push((style, pad(word, *width)));
            }
            // Nothing stands after the last one.
            cells.iter_mut().next_back().into_iter().for_each(|(_, text)| text.truncate(text.trim_end().len()));
            let cells: Vec<(Style, &str)> = cells.iter().map(|(style, text)| (*style, text.as_str())).collect();
            self.lines.spans(0, &cells);
        }
        // The list of tenants names those of a single column.
        let several: Vec<&Column> = columns.iter().filter(|column| column.tenants.len() > 1).collect();
        for column in several.iter().filter(|_| several.len() > 1) {
            self.lines.line(0, DIM, &format!("{}: {}", column.title, self.look.few(&column.tenants)));
        }
        if *more > 0 {
            self.lines.line(0, DIM, &without_column(*more));
        }
        self.lines.blank();
    }

    /// Writes how each tenant stands; of many those that stand alike as one.
    fn tenants(&mut self) {
        let tenants = &self.overview.tenants;
        let each = self.look.full || tenants.len() <= ADDRESSES;
        for told in
            alike(tenants.iter(), |tenant: &&TenantView| if each { tenant.name.clone() } else { standing(tenant) })
        {
            let Some(tenant) = told.first() else { continue };
            let states = format!(": {}", standing(tenant));
            if let [tenant] = told.as_slice() {
                let (name, url) = (&tenant.name, format!(" ({})", tenant.url));
                self.lines.spans(0, &[(BOLD, name), (DIM, &url), (PLAIN, &states)]);
            } else {
                let number = count(told.len(), "tenant", "tenants");
                self.lines.spans(0, &[(BOLD, &number), (PLAIN, &states)]);
                let names: Vec<String> = told.iter().map(|tenant| tenant.name.clone()).collect();
                self.lines.line(4, DIM, &self.look.few(&names));
            }
        }
        self.lines.blank();
    }

    /// Writes what the plan is of and compared with, and the digest.
    fn origin(&mut self) {
        let overview = self.overview;
        let made = overview.made.as_ref().map(|made| {
            let checkout = overview.checkout.as_ref().map(|commit| format!(" from {commit}")).unwrap_or_default();
            let request =
                overview.pull_request.as_ref().map(|title| format!(" for pull request {title}")).unwrap_or_default();
            format!("Made {made}{checkout}{request}.")
        });
        let approvers = approved(overview);
        let compared = overview.base.as_ref().map(|Base { name, commit }| match name {
            Some(name) => format!("Compared with {name} (commit {commit})."),
            None => format!("Compared with commit {commit}."),
        });
        let of = match (&overview.workspace, &overview.selection) {
            (Some(workspace), Some(selection)) => Some(format!("Plan of {workspace} ({selection}).")),
            _ => None,
        };
        let digest = overview.digest.as_ref().map(|digest| format!("Digest {digest}"));
        let rolls_back = overview.rolls_back.as_ref().map(|receipt| format!("Rolls back {receipt}"));
        for line in [made, approvers, rolls_back, compared, of].into_iter().flatten() {
            self.lines.line(0, DIM, &line);
        }
        if let Some(only) = &overview.only {
            self.lines.line(0, BOLD, only);
        }
        for line in overview.gained.iter().chain(&digest) {
            self.lines.line(0, DIM, line);
        }
    }

    /// Writes the verdict, the last line.
    fn verdict(&mut self) {
        let overview = self.overview;
        let partly = overview.refusals().any(|refusal| !refusal.standing);
        let (style, word) = match (overview.refused, partly) {
            (true, _) => (RED.bold(), "REFUSED. "),
            (false, true) => (RED.bold(), "REFUSED IN PART. "),
            (false, false) => (BOLD, ""),
        };
        self.lines.spans(0, &[(style, word), (style, &overview.verdict)]);
    }
}

/// Says that some tenants have no column in the grid.
pub(super) fn without_column(tenants: usize) -> String {
    format!("{} more, in other combinations: the changes name them", count(tenants, "tenant", "tenants"))
}

/// Returns who has approved so far, if the CI says that.
pub(super) fn approved(overview: &Overview) -> Option<String> {
    let names = overview.approvers.join(", ");
    (!names.is_empty()).then(|| format!("Approved so far by {names}, as the CI says."))
}

/// Returns how a tenant stands, by resource.
fn standing(tenant: &TenantView) -> String {
    let states: Vec<String> = tenant
        .resources
        .iter()
        .map(|resource| format!("{} {}: {}", resource.name, resource.api_version, resource.state))
        .collect();
    if states.is_empty() { tenant.state.clone() } else { states.join("; ") }
}

/// Returns how many columns a text takes.
fn width_of(text: &str) -> usize {
    text.chars().count()
}
