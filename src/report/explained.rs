//! Explanations of settings as text for a terminal. Colour only repeats what words say.

use std::fmt::Write as _;

use anstyle::Style;

use super::layout::{BOLD, DIM, of_impact};
use crate::resource::explain::{ChangeMeaning, Explained, Explanation, Takes};
use crate::resource::{Resource, dotted};
use crate::text::wrap::{Margin, lay_out, wrap};

/// Returns everything about each setting.
pub fn full(explanation: &Explanation, width: usize) -> String {
    explanation.settings.iter().map(|explained| setting(explained, width)).collect::<Vec<_>>().join("\n")
}

/// Returns the settings by resource, each with what it does.
pub fn list(explanation: &Explanation, width: usize) -> String {
    let mut text = String::new();
    let mut resource = "";
    for explained in &explanation.settings {
        if explained.resource != resource {
            resource = &explained.resource;
            if !text.is_empty() {
                text.push('\n');
            }
            let _ = writeln!(text, "{BOLD}{resource}{BOLD:#}");
            if let Some(resource) = Resource::named(resource) {
                paragraph(&mut text, 2, resource.about, width);
                paragraph(&mut text, 2, &versions(resource), width);
            }
        }
        let (name, only) = (dotted(&explained.pointer), only(explained));
        let gap = if 2 + name.len() + 1 + only.len() > width { "\n    " } else { " " };
        let only = if only.is_empty() { String::new() } else { format!("{gap}{DIM}{only}{DIM:#}") };
        let name = lay_out(&[(BOLD, &name)], Margin { first: 2, rest: 6 }, width);
        let _ = writeln!(text, "\n{name}{only}");
        paragraph(&mut text, 4, &explained.about, width);
    }
    let _ = writeln!(text, "\n{DIM}sailplan explain SETTING says more about one.{DIM:#}");
    text
}

/// Says which generations there are, and what holds if a settings file names none.
fn versions(resource: &Resource) -> String {
    let without = match (resource.default_generation, resource.current()) {
        (Some(name), _) => format!("{name} where none is written"),
        (None, Some(generation)) => format!("must be written, {} is current", generation.name),
        (None, None) => "must be written".to_owned(),
    };
    format!("apiVersion: {} ({without})", resource.generation_names().join(", "))
}

/// Says which generations have a setting that not all have.
fn only(explained: &Explained) -> String {
    let all = Resource::named(&explained.resource).map_or(0, |resource| resource.generations.len());
    if explained.generations.len() == all {
        return String::new();
    }
    let names: Vec<&str> = explained.generations.iter().map(|generation| generation.name.as_str()).collect();
    format!("({})", names.join(", "))
}

fn setting(explained: &Explained, width: usize) -> String {
    let name = format!("{}.{}", explained.resource, dotted(&explained.pointer));
    let mut text = lay_out(&[(BOLD, &name)], Margin { first: 0, rest: 4 }, width);
    text.push('\n');
    paragraph(&mut text, 2, &explained.about, width);
    text.push('\n');
    row(&mut text, "Takes", &takes(explained), width);
    row(&mut text, "Written as", &written(explained), width);
    row(&mut text, "Range", &ranges(explained), width);
    row(&mut text, "Cleared by", &[cleared(explained)], width);
    let generations = explained.generations.iter().map(|generation| {
        let experimental =
            (generation.experimental && generation.status.as_deref() != Some("experimental")).then_some("experimental");
        let words: Vec<&str> = generation.status.as_deref().into_iter().chain(experimental).collect();
        if words.is_empty() { generation.name.clone() } else { format!("{} ({})", generation.name, words.join(", ")) }
    });
    row(&mut text, "Generations", &[generations.collect::<Vec<_>>().join(", ")], width);
    row(&mut text, "Life spans", &life_spans(explained), width);
    row(&mut text, "Elsewhere", &explained.elsewhere, width);
    row(&mut text, "Related", &explained.related, width);
    let _ = writeln!(text, "\n  {BOLD}What its changes mean{BOLD:#} {DIM}(with samples){DIM:#}");
    changes(&mut text, &explained.changes, width);
    let _ = writeln!(text, "\n  {BOLD}Example{BOLD:#}");
    for line in explained.example.lines() {
        let _ = writeln!(text, "    {line}");
    }
    // An address is copied whole.
    let (label, address) = ("SailPoint's page:", &explained.documentation);
    let gap = if 2 + label.len() + 1 + address.len() > width { "\n  " } else { " " };
    let _ = writeln!(text, "\n  {DIM}{label}{gap}{address}{DIM:#}");
    text
}

/// One line for generations that end alike.
fn life_spans(explained: &Explained) -> Vec<String> {
    let mut spans: Vec<(String, Vec<&str>)> = Vec::new();
    for generation in &explained.generations {
        let Some(ends) = &generation.ends else { continue };
        let span = match &generation.successor {
            Some(successor) => format!("{ends}; use {successor}"),
            None => ends.clone(),
        };
        match spans.iter_mut().find(|(known, _)| *known == span) {
            Some((_, names)) => names.push(&generation.name),
            None => spans.push((span, vec![&generation.name])),
        }
    }
    spans.into_iter().map(|(span, names)| format!("{}: {span}", names.join(", "))).collect()
}

fn takes(explained: &Explained) -> Vec<String> {
    explained.takes.iter().map(|takes| format!("{}{}", takes.expects, holding(explained, takes))).collect()
}

/// Says in which generations a form holds, if there is more than one.
fn holding(explained: &Explained, takes: &Takes) -> String {
    if explained.takes.len() > 1 { format!(" ({})", takes.generations.join(", ")) } else { String::new() }
}

/// Returns the forms of values, if the words do not show them all.
fn written(explained: &Explained) -> Vec<String> {
    let Some(takes) = explained.takes.first() else { return Vec::new() };
    let shown = takes.examples.iter().all(|example| takes.expects.contains(example.as_str()));
    if shown || takes.examples.len() < 2 { Vec::new() } else { takes.examples.clone() }
}

/// Returns the bounds that the words do not tell.
fn ranges(explained: &Explained) -> Vec<String> {
    let told = |takes: &Takes, bound: i64| takes.expects.split([' ', ',']).any(|word| word == bound.to_string());
    let range = |takes: &Takes| {
        let (minimum, maximum) = (takes.minimum?, takes.maximum?);
        let all_told = told(takes, minimum) && told(takes, maximum);
        (!all_told).then(|| format!("{minimum} to {maximum}{}", holding(explained, takes)))
    };
    explained.takes.iter().filter_map(range).collect()
}

fn cleared(explained: &Explained) -> String {
    if explained.cleared_by.is_empty() {
        return "nothing: the API cannot clear it, so null is an error".to_owned();
    }
    let ways = explained.cleared_by.join(" or ");
    if explained.guards_emptying { format!("{ways}, which needs --allow-empty") } else { ways }
}

/// One line for changes that mean the same.
fn changes(text: &mut String, changes: &[ChangeMeaning], width: usize) {
    let mut lines: Vec<(Vec<&str>, &ChangeMeaning)> = Vec::new();
    for change in changes {
        let same = |meaning: &ChangeMeaning| {
            (meaning.impact == change.impact)
                && (meaning.disrupts == change.disrupts)
                && (meaning.sentence == change.sentence)
        };
        match lines.iter_mut().find(|(_, first)| same(first)) {
            Some((happens, _)) => happens.push(&change.what),
            None => lines.push((vec![&change.what], change)),
        }
    }
    let word = |meaning: &ChangeMeaning| {
        if meaning.disrupts { format!("{}, disrupts", meaning.impact.word()) } else { meaning.impact.word().to_owned() }
    };
    let column = lines.iter().map(|(_, meaning)| word(meaning).len()).max().unwrap_or_default() + 2;
    for (happens, meaning) in lines {
        let words = wrap(&format!("{}: {}", happens.join(", "), meaning.sentence), 4 + column, width);
        hanging(text, 4, &word(meaning), of_impact(meaning.impact), column, &words);
    }
}

fn row(text: &mut String, label: &str, values: &[String], width: usize) {
    const COLUMN: usize = 13;
    for (index, value) in values.iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        hanging(text, 2, label, DIM, COLUMN, &wrap(value, 2 + COLUMN, width));
    }
}

/// Writes lines in a column beside a word.
fn hanging(text: &mut String, indent: usize, word: &str, style: Style, column: usize, lines: &str) {
    let padding = column.saturating_sub(word.len());
    for (index, line) in lines.lines().enumerate() {
        let _ = match index {
            0 => writeln!(text, "{:indent$}{style}{word}{style:#}{:padding$}{line}", "", ""),
            _ => writeln!(text, "{:1$}{line}", "", indent + column),
        };
    }
}

fn paragraph(text: &mut String, indent: usize, words: &str, width: usize) {
    for line in wrap(words, indent, width).lines() {
        let _ = writeln!(text, "{:indent$}{line}", "");
    }
}
