//! A plan as one page for the approver who does not read diffs. It is self-contained: no scripts, no
//! requests, and a policy that would stop both if anything hostile came through.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, context};
use sha2::{Digest as _, Sha256};

use super::overview::{EventsView, FailureView, Longest, Overview, People, RefusalView};
use super::terms::terms;
use crate::documents::plan::PlanFile;

/// The element by which sailplan knows a page that it wrote.
pub const GENERATOR: &str = "<meta name=\"generator\" content=\"sailplan\">";

const TEMPLATE: &str = include_str!("page.html");
const WORDS: &str = include_str!("words.html");
const WORDS_GO_HERE: &str = "<!--words-->\n";
const HEAD: &str = include_str!("head.html");
const STYLE: &str = include_str!("page.css");

/// Returns a plan as an HTML page.
///
/// # Errors
///
/// The page's own template is wrong, which the tests rule out.
pub fn plan(plan: &PlanFile) -> Result<String, minijinja::Error> {
    let environment = environment()?;
    let overview = Overview::of(plan, Longest::PARAGRAPH, People::Named);
    let page = environment.render_str(
        TEMPLATE,
        context! {
            plan => Value::from(Serde(&overview)),
            refusals => Value::from(Serde(overview.refusals().collect::<Vec<&RefusalView>>())),
            failures => Value::from(Serde(overview.failures().collect::<Vec<&FailureView>>())),
            limit_of_events => EventsView::LIMIT,
            nothing => overview.entries.is_empty() || overview.refused,
            practice => overview.tenants.iter().filter(|tenant| !tenant.real).count(),
            head => head(&environment, &overview.headline, Some(&overview.marker))?,
        },
    )?;
    with_words(&environment, &page)
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
    let words = environment.render_str(WORDS, context! { terms => terms(page) })?;
    let mut page = page.replacen(WORDS_GO_HERE, &words, 1);
    page.push('\n');
    Ok(page)
}
