//! A receipt laid out: text for a terminal, Markdown for a comment, a page for a reader who knows neither.

use std::fmt::Write as _;

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::{CLAIM, DocumentView, ReceiptView, SentView, Site};
use crate::documents::plan::MARK;
use crate::report::html::{environment, head, with_words};
use crate::report::layout::{BOLD, DIM, GREEN, Layout, PLAIN, YELLOW, of_impact};
use crate::report::markdown::{code, opening, prose};
use crate::report::overview::{EventsView, Longest, People};
use crate::report::receipts::Listed;

const TEMPLATE: &str = include_str!("receipt.html");

/// Returns a receipt as text with colours.
pub fn text(listed: &Listed, width: usize) -> String {
    let view = ReceiptView::of(listed, Longest::WHOLE, People::WhereAsked);
    let mut lines = Layout::new(width);
    lines.line(0, BOLD, &format!("{}, {}", view.run, view.when));
    for line in &view.who {
        lines.line(2, PLAIN, line);
    }
    lines.blank();
    for Site { name, what, identity, failure, lifted, documents, .. } in &view.tenants {
        lines.tenant(name, what);
        if let Some(identity) = identity {
            lines.line(2, DIM, &format!("sent as {identity}"));
        }
        if let Some(failure) = failure {
            lines.failure(2, failure);
        }
        for document in documents {
            write_document(&mut lines, document);
        }
        for lifted in lifted {
            lines.line(2, YELLOW, lifted);
        }
        lines.blank();
    }
    lines.line(0, DIM, CLAIM);
    lines.line(0, BOLD, &view.undo);
    lines.line(0, BOLD, &view.headline);
    lines.finish()
}

fn write_document(lines: &mut Layout<'_>, document: &DocumentView) {
    let style = if document.verified { GREEN } else { YELLOW };
    lines.spans(2, &[(BOLD, &document.name), (PLAIN, ": "), (style, &document.outcome)]);
    for SentView { sentence, impact, marks, setting, before, after, members } in &document.changes {
        let style = impact.map_or(PLAIN, of_impact);
        let values = format!(": {before} -> {after}");
        lines.spans(4, &[(style, "~"), (PLAIN, " "), (BOLD, setting), (PLAIN, &values)]);
        let words: Vec<&str> = impact.iter().map(|impact| impact.word()).chain(marks.iter().copied()).collect();
        let words = if words.is_empty() { String::new() } else { format!("{}. ", words.join(", ")) };
        lines.spans(8, &[(style, &words), (PLAIN, sentence)]);
        for member in members {
            lines.line(8, PLAIN, member);
        }
    }
    if let Some(events) = &document.events {
        lines.line(4, DIM, &events.line());
    }
    for left in &document.left {
        lines.told(4, PLAIN, "left as it is:", left);
    }
    for note in &document.notes {
        lines.told(4, PLAIN, "note:", note);
    }
    if let Some(failure) = &document.failure {
        lines.failure(4, failure);
    }
}

/// Returns a receipt as Markdown. Nothing in it is cut: a receipt is read where files are, not in a comment of a forge.
pub fn markdown(listed: &Listed) -> String {
    let view = ReceiptView::of(listed, Longest::PARAGRAPH, People::WhereAsked);
    let mut text = opening(&view.headline, &format!("{MARK} receipt"));
    let _ = writeln!(text, "{}, {}.\n", prose(&view.run), prose(&view.when));
    for line in &view.who {
        let _ = writeln!(text, "- {}", prose(line));
    }
    for Site { name, what, identity, failure, lifted, documents, .. } in &view.tenants {
        let _ = writeln!(text, "\n### {}: {}\n", prose(name), prose(what));
        if let Some(identity) = identity {
            let _ = writeln!(text, "Sent as {}.\n", prose(identity));
        }
        if let Some(failure) = failure {
            let _ = writeln!(text, "- **failed**: {}", prose(&failure.message));
        }
        for document in documents {
            let _ = writeln!(text, "- {}: {}", code(&document.name), document.outcome);
            for SentView { sentence, impact, marks, setting, before, after, members } in &document.changes {
                let words: Vec<&str> = impact.iter().map(|impact| impact.word()).chain(marks.iter().copied()).collect();
                let words = if words.is_empty() { String::new() } else { format!("**{}**. ", words.join(", ")) };
                let _ = writeln!(text, "  - {words}{}", prose(sentence));
                let _ = writeln!(text, "    - {}: {} → {}", code(setting), code(before), code(after));
                for member in members {
                    let _ = writeln!(text, "    - {}", prose(member));
                }
            }
            if let Some(events) = document.events.as_ref().map(EventsView::line) {
                let _ = writeln!(text, "  - {}", prose(&events));
            }
            for left in &document.left {
                let _ = writeln!(text, "  - left as it is: {}", code(left));
            }
            for note in &document.notes {
                let _ = writeln!(text, "  - note: {}", prose(note));
            }
            if let Some(failure) = &document.failure {
                let _ = writeln!(text, "  - **failed**: {}", prose(&failure.message));
            }
        }
        for lifted in lifted {
            let _ = writeln!(text, "- {}", prose(lifted));
        }
    }
    let _ = write!(
        text,
        "\n{}\n\n{CLAIM}\n\n<sub>Receipt {} of plan {} by sailplan {}</sub>\n",
        prose(&view.undo),
        code(&view.file),
        code(&view.digest),
        prose(&view.sailplan)
    );
    text
}

/// Returns a receipt as an HTML page.
///
/// # Errors
///
/// The page's own template is wrong, which the tests rule out.
pub fn html(listed: &Listed) -> Result<String, minijinja::Error> {
    let environment = environment()?;
    let view = ReceiptView::of(listed, Longest::PARAGRAPH, People::Named);
    let page = environment.render_str(
        TEMPLATE,
        context! {
            receipt => Value::from(Serde(&view)),
            claim => CLAIM,
            limit_of_events => EventsView::LIMIT,
            head => head(&environment, &view.headline, None)?,
        },
    )?;
    with_words(&environment, &page)
}
