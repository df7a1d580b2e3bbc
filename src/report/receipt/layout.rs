//! A receipt laid out: text for a terminal, Markdown for a comment, a page for a reader who knows neither.

use std::fmt::Write as _;

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::{CLAIM, DocumentView, ReceiptView, SentView, Site};
use crate::report::html::{environment, head, with_words};
use crate::report::markdown::{code, prose};
use crate::report::overview::Longest;
use crate::report::receipts::Listed;
use crate::report::text::{BOLD, DIM, GREEN, RED, YELLOW, of_impact, write_failure, write_line};

const TEMPLATE: &str = include_str!("receipt.html");

/// Returns a receipt as text with colours.
pub fn text(listed: &Listed) -> String {
    let view = ReceiptView::of(listed, Longest::WHOLE);
    let mut text = String::new();
    write_line(&mut text, 0, BOLD, &format!("{}, {}", view.run, view.when));
    for line in &view.who {
        write_line(&mut text, 2, anstyle::Style::new(), line);
    }
    text.push('\n');
    for Site { name, what, identity, failure, lifted, documents, .. } in &view.tenants {
        let _ = writeln!(text, "{BOLD}{name}{BOLD:#} {DIM}({what}){DIM:#}");
        if let Some(identity) = identity {
            write_line(&mut text, 2, DIM, &format!("sent as {identity}"));
        }
        if let Some(failure) = failure {
            write_failure(&mut text, 2, failure);
        }
        for document in documents {
            write_document(&mut text, document);
        }
        for lifted in lifted {
            write_line(&mut text, 2, YELLOW, lifted);
        }
        text.push('\n');
    }
    write_line(&mut text, 0, DIM, CLAIM);
    write_line(&mut text, 0, BOLD, &view.undo);
    write_line(&mut text, 0, BOLD, &view.headline);
    text
}

fn write_document(text: &mut String, document: &DocumentView) {
    let style = if document.verified { GREEN } else { YELLOW };
    let _ = writeln!(text, "  {BOLD}{}{BOLD:#}: {style}{}{style:#}", document.name, document.outcome);
    for SentView { sentence, impact, marks, setting, before, after } in &document.changes {
        let _ = writeln!(text, "    {YELLOW}~{YELLOW:#} {setting}: {RED}{before}{RED:#} -> {GREEN}{after}{GREEN:#}");
        let style = impact.map_or_else(anstyle::Style::new, of_impact);
        let words: Vec<&str> = impact.iter().map(|impact| impact.word()).chain(marks.iter().copied()).collect();
        let words = if words.is_empty() { String::new() } else { format!("{}: ", words.join(", ")) };
        let _ = writeln!(text, "        {style}{words}{style:#}{sentence}");
    }
    for left in &document.left {
        let _ = writeln!(text, "    left as it is: {left}");
    }
    for note in &document.notes {
        let _ = writeln!(text, "    note: {note}");
    }
    if let Some(failure) = &document.failure {
        write_failure(text, 4, failure);
    }
}

/// Returns a receipt as Markdown. Nothing in it is cut: a receipt is read where files are, not in a comment of a forge.
pub fn markdown(listed: &Listed) -> String {
    let view = ReceiptView::of(listed, Longest::PARAGRAPH);
    let mut text = format!("**{}**\n<!-- sailplan:v1 receipt -->\n\n", prose(&view.headline));
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
            for SentView { sentence, impact, marks, setting, before, after } in &document.changes {
                let words: Vec<&str> = impact.iter().map(|impact| impact.word()).chain(marks.iter().copied()).collect();
                let words = if words.is_empty() { String::new() } else { format!("**{}**: ", words.join(", ")) };
                let _ = writeln!(text, "  - {words}{}", prose(sentence));
                let _ = writeln!(text, "    - {}: {} → {}", code(setting), code(before), code(after));
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
    let view = ReceiptView::of(listed, Longest::PARAGRAPH);
    let page = environment.render_str(
        TEMPLATE,
        context! {
            receipt => Value::from(Serde(&view)),
            claim => CLAIM,
            head => head(&environment, &view.headline, None)?,
        },
    )?;
    with_words(&environment, &page)
}
