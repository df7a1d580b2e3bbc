//! Text in Markdown that stays text, on GitHub, GitLab, Azure DevOps and Bitbucket.
//!
//! Escaping with backslashes or entities is not enough: forges look for mentions, references and links in the text that
//! the browser shows, where `\@team` and `&#64;team` are `@team` again. They leave code alone, so what could mean
//! something is shown as code.

use std::fmt::Write as _;

/// Returns text as a code span.
pub fn code(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let text = unmarked(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    // A Markdown reader takes off one blank next to each fence.
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Returns a sentence as running text; every word that could be more than a word is shown as code.
pub fn prose(text: &str) -> String {
    let words: Vec<String> = text
        .split(' ')
        .map(|word| {
            let bare = word.trim_end_matches(['.', ',', ';', ':', ')', '?', '”']);
            let tail = word.get(bare.len()..).unwrap_or_default();
            let head = ["(", "“"].into_iter().find(|head| bare.starts_with(head)).unwrap_or_default();
            let bare = bare.get(head.len()..).unwrap_or_default();
            if bare.is_empty() || is_plain(bare) { word.to_owned() } else { format!("{head}{}{tail}", code(bare)) }
        })
        .collect();
    let mut text = String::new();
    for word in words {
        // Two code spans that touch would be one, and several blanks are shown as one in any case.
        if !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
        }
        text.push_str(&word);
    }
    text
}

/// Letters and digits of any script, and marks inside words; `GH-1` and `www.` are links on GitHub.
fn is_plain(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let marks = ['-', '.', ',', ';', '\'', '/', '(', ')', '…', '’', '+', '='];
    word.chars().all(|character| character.is_alphanumeric() || marks.contains(&character))
        && word.starts_with(|first: char| first.is_alphanumeric() || first == '…')
        && !lower.contains("www.")
        && !lower.contains("gh-")
}

/// Returns text as HTML code, for places where Markdown is not read, such as a summary line.
pub(super) fn html_code(text: &str) -> String {
    let mut html = String::from("<code>");
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            // Such a line may also be read as Markdown.
            '`' | '*' | '_' | '[' | ']' | '\\' | '|' | '~' | '@' | '#' | ':' => {
                let _ = write!(html, "&#{};", u32::from(character));
            }
            harmless => html.push(harmless),
        }
    }
    html.push_str("</code>");
    html
}

/// Returns the lines of a diff as a fenced block, each line of the Markdown indented.
pub(super) fn fenced_diff(lines: &[String], indent: &str) -> String {
    let lines: Vec<String> = lines.iter().map(|line| unmarked(line)).collect();
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let mut text = format!("{indent}{fence}diff\n");
    for line in lines {
        let _ = writeln!(text, "{indent}{line}");
    }
    let _ = writeln!(text, "{indent}{fence}");
    text
}

/// Inside code nothing is markup, but a program that looks for the marker reads the raw text.
fn unmarked(text: &str) -> String {
    text.replace("<!--", "\\u{3c}!--")
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stays_code() {
        for (text, shown) in [
            ("plain", "`plain`"),
            ("", "(empty)"),
            (" blank ", "`  blank  `"),
            ("a`b", "``a`b``"),
            ("```js", "```` ```js ````"),
            ("`", "`` ` ``"),
            ("<!-- sailplan:v1 -->", "`\\u{3c}!-- sailplan:v1 -->`"),
            ("</details>", "`</details>`"),
        ] {
            assert_eq!(code(text), shown);
        }
    }

    #[test]
    fn prose_shows_as_code_what_could_mean_something() {
        for (text, shown) in [
            ("Two leave JIT control, for good.", "Two leave JIT control, for good."),
            ("Undo “It lasts 2 hours” and “@team” too.", "Undo “It lasts 2 hours” and “`@team`” too."),
            ("ping @team, see #12 and GH-3", "ping `@team`, see `#12` and `GH-3`"),
            ("[x](javascript:alert(1))", "`[x](javascript:alert(1`))"),
            ("see https://evil.example/ or www.evil.example", "see `https://evil.example/` or `www.evil.example`"),
            ("<script>alert(1)</script>", "`<script>alert(1)</script>`"),
            ("a  `b` *c* _d_", "a `` `b` `` `*c*` `_d_`"),
            ("(as \"Domain Admins\")", "(as `\"Domain` `Admins\"`)"),
            ("- list # heading | cell", "`-` list `#` heading `|` cell"),
            ("!1 ~label %milestone $x :smile: &1", "`!1` `~label` `%milestone` `$x` `:smile`: `&1`"),
        ] {
            assert_eq!(prose(text), shown);
        }
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        let lines = ["+ ````".to_owned(), "+ </details><!-- sailplan:v1 -->".to_owned()];
        assert_eq!(
            fenced_diff(&lines, "  "),
            "  `````diff\n  + ````\n  + </details>\\u{3c}!-- sailplan:v1 -->\n  `````\n"
        );
    }

    #[test]
    fn a_summary_line_is_html_and_no_markdown() {
        assert_eq!(
            html_code("</summary>@a *b* `c` [d](e) &"),
            "<code>&lt;/summary&gt;&#64;a &#42;b&#42; &#96;c&#96; &#91;d&#93;(e) &amp;</code>"
        );
    }
}
