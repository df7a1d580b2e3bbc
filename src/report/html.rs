//! A plan as one page for the approver who does not read diffs. It is self-contained: no scripts, no
//! requests, and a policy that would stop both if anything hostile came through.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, context};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::notes::in_plain_words;
use super::overview::{Concern, EventsView, Lists, Longest, NOT_READ, OpenView, Overview, People};
use super::terms::terms;
use crate::documents::plan::PlanFile;

/// The element by which sailplan knows a page that it wrote.
pub const GENERATOR: &str = "<meta name=\"generator\" content=\"sailplan\">";

const TEMPLATE: &str = include_str!("page.html");
const WORDS: &str = include_str!("words.html");
const WORDS_GO_HERE: &str = "<!--words-->\n";
const HEAD: &str = include_str!("head.html");
const STYLE: &str = include_str!("page.css");

/// Unmanaged settings under one title.
#[derive(Serialize)]
struct Open<'a> {
    title: String,
    list: Vec<&'a OpenView>,
}

/// Returns a plan as an HTML page.
///
/// # Errors
///
/// The page's own template is wrong, which the tests rule out.
pub fn plan(plan: &PlanFile) -> Result<String, minijinja::Error> {
    let mut environment = environment()?;
    let lists = Lists::default();
    environment.add_function("list_number", {
        let lists = lists.clone();
        move |names: Vec<String>| lists.number(&names)
    });
    environment.add_function("long_lists", move || Value::from(Serde(lists.all())));
    let overview = Overview::of(plan, Longest::PARAGRAPH, People::Named);
    let (grave, others) = overview.around_doubts();
    let (near, shut): (Vec<&OpenView>, Vec<&OpenView>) = overview.shut.iter().partition(|open| open.near);
    // A command is for the engineer.
    let beside: HashSet<String> = overview.open.iter().chain(&overview.shut).filter_map(OpenView::warning).collect();
    let notes = overview.warnings.iter().filter(|warning| !warning.text.contains("sailplan "));
    let notes = notes.filter(|warning| !beside.contains(&warning.text));
    let notes = notes.map(|note| Concern::new(in_plain_words(&note.text), note.tenants.clone()));
    let notes = notes.chain(overview.news.iter().cloned());
    let changing = overview.changing();
    let read: Vec<&str> = overview
        .tenants
        .iter()
        .filter(|tenant| tenant.failure.is_none() && tenant.state != NOT_READ)
        .map(|tenant| tenant.name.as_str())
        .collect();
    let page = environment.render_str(
        TEMPLATE,
        context! {
            plan => Value::from(Serde(&overview)),
            refused => Value::from(Serde(overview.refused_alike())),
            failed => Value::from(Serde(overview.failed_alike())),
            failures => overview.failures().count(),
            grave => Value::from(Serde(grave)),
            others => Value::from(Serde(others)),
            open => Value::from(Serde(unmanaged(&overview, &near))),
            open_any => !overview.open.is_empty() || !near.is_empty(),
            shut => Value::from(Serde(shut)),
            notes => Value::from(Serde(notes.collect::<Vec<Concern>>())),
            unchanged => Value::from(Serde(read.iter().filter(|name| !changing.contains(name)).collect::<Vec<_>>())),
            read => Value::from(Serde(read)),
            changing => Value::from(Serde(&changing)),
            drifted_elsewhere => Value::from(Serde(overview.drifted_elsewhere())),
            limit_of_events => EventsView::LIMIT,
            one_place => overview.tenants.len() == 1,
            one_cause => one_cause(&overview),
            overwrites => overview.entries.iter().any(|entry| entry.elsewhere.is_some()),
            nothing => overview.has_nothing_to_approve(),
            practised => overview.tenants.iter().all(|tenant| !tenant.real || !changing.contains(&tenant.name.as_str())),
            practice => overview.tenants.iter().filter(|tenant| !tenant.real).count(),
            head => head(&environment, &overview.headline, Some(&overview.marker))?,
        },
    )?;
    with_words(&environment, &page)
}

/// Returns the unmanaged settings that are to be seen at once; `near` are those beside what changes.
fn unmanaged<'a>(overview: &'a Overview, near: &[&'a OpenView]) -> Vec<Open<'a>> {
    let (wide, usual): (Vec<&OpenView>, Vec<&OpenView>) = overview.open.iter().partition(|open| open.wide);
    let usual_title = "These allow something to some people, which may well be wanted:";
    let mut parts = vec![
        Open { title: "These let most through, worst first:".to_owned(), list: wide },
        Open { title: usual_title.to_owned(), list: usual },
    ];
    parts.push(Open { title: "These stand beside what changes:".to_owned(), list: near.to_vec() });
    parts
}

/// Returns where every change comes from, if that is the same of all and there is one tenant; `None` if each has to say it.
fn one_cause(overview: &Overview) -> Option<&'static str> {
    let mut causes = overview.entries.iter().map(|entry| entry.cause);
    let first = causes.next()??;
    (overview.tenants.len() == 1 && causes.all(|cause| cause == Some(first))).then_some(first)
}

/// Returns what renders pages: every value is escaped.
///
/// # Errors
///
/// The syntax of templates is wrong, which the tests rule out.
pub(super) fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    Ok(environment)
}

/// Returns the head of every page: the style sheet, and the policy that allows it by its hash, so that no style that came with
/// a value is applied, and nothing else.
///
/// # Errors
///
/// The template is wrong, which the tests rule out.
pub(super) fn head(
    environment: &Environment<'_>,
    title: &str,
    marker: Option<&str>,
) -> Result<Value, minijinja::Error> {
    let style_hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let style = Value::from_safe_string(STYLE.to_owned());
    let head = environment.render_str(HEAD, context! { title, marker, style, style_hash })?;
    Ok(Value::from_safe_string(head))
}

/// Returns a page with the words that it uses explained. No text of a tenant or a file holds the mark where they go: its `<`
/// is escaped.
///
/// # Errors
///
/// The template is wrong, which the tests rule out.
pub(super) fn with_words(environment: &Environment<'_>, page: &str) -> Result<String, minijinja::Error> {
    let words = environment.render_str(WORDS, context! { terms => terms(&shown(page)) })?;
    let mut page = page.replacen(WORDS_GO_HERE, &words, 1);
    page.push('\n');
    Ok(page)
}

/// Returns what of a page an approver reads: the body without its tags, what is folded and the names of the API. Every `<` of a
/// text is escaped.
fn shown(page: &str) -> String {
    let body = page.split_once("<body>").map_or(page, |(_, body)| body);
    let (mut folds, mut summary) = (0_usize, false);
    let texts = body.split('<').filter_map(|part| {
        let (tag, text) = part.split_once('>').unwrap_or(("", part));
        match tag.split(' ').next().unwrap_or_default() {
            "details" => folds += 1,
            "/details" => folds = folds.saturating_sub(1),
            "summary" => summary = true,
            "/summary" => summary = false,
            _ => {}
        }
        (folds == 0 || (folds == 1 && summary)).then_some(text)
    });
    let texts: Vec<&str> = texts.collect();
    let texts = texts.join(" ");
    let words = texts.split_whitespace().filter(|word| !is_name(word));
    words.collect::<Vec<_>>().join(" ")
}

/// Returns whether a word is a name of the API or of a file, with a capital letter or a dot inside.
fn is_name(word: &str) -> bool {
    let mut letters = word.chars().zip(word.chars().skip(1));
    letters.any(|(one, next)| (one.is_lowercase() && next.is_uppercase()) || (one == '.' && next.is_alphanumeric()))
}
