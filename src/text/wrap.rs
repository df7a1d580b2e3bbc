//! Sentences to lines that fit the screen.

use std::borrow::Cow;

/// Breaks `text` between words, and within paths that are longer than a line, so that no line passes `width` columns
/// if its words are short enough. `taken` columns of every line are taken already.
pub(crate) fn wrap(text: &str, taken: usize, width: usize) -> String {
    // On a screen of a few columns longer lines read better than one word a line.
    let room = width.saturating_sub(taken).max(20);
    let mut wrapped = String::with_capacity(text.len());
    let mut used = 0;
    for word in text.split(' ') {
        // The path of a setting may be longer than a line, and a terminal would break it anywhere.
        let pieces: Vec<&str> = match word.chars().count() {
            length if length > room => word.split_inclusive(['.', '/']).collect(),
            _ => vec![word],
        };
        for (index, piece) in pieces.into_iter().enumerate() {
            let gap = usize::from(used > 0 && index == 0);
            let length = piece.chars().count();
            if used > 0 && used + gap + length > room {
                wrapped.push('\n');
                used = length;
            } else {
                wrapped.push_str(if gap == 1 { " " } else { "" });
                used += gap + length;
            }
            wrapped.push_str(piece);
        }
    }
    wrapped
}

/// The longest line of text output, in characters: what tenants and files hold may be megabytes long.
const LONGEST_LINE: usize = 10_000;

/// Cuts lines of coloured text that are too long to be read, and says how long each was.
pub(crate) fn shorten(text: &str) -> Cow<'_, str> {
    if !text.split('\n').any(|line| line.len() > LONGEST_LINE) {
        return Cow::Borrowed(text);
    }
    let lines = text.split_inclusive('\n').map(|line| {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        match cut(line) {
            Some(at) => {
                let kept = line.get(..at).unwrap_or_default();
                let length = anstream::adapter::strip_str(line).map(|part| part.chars().count()).sum::<usize>();
                let plain = if kept.contains('\u{1b}') { anstyle::Reset.render().to_string() } else { String::new() };
                format!("{kept}{plain}…({length} characters; JSON output has them all){end}")
            }
            None => format!("{line}{end}"),
        }
    });
    Cow::Owned(lines.collect())
}

/// Returns where a line that is too long is cut; colours take no room.
fn cut(line: &str) -> Option<usize> {
    let mut characters = line.char_indices();
    let mut shown = 0;
    while let Some((at, character)) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(|(_, last)| last.is_ascii_alphabetic());
            continue;
        }
        shown += 1;
        if shown > LONGEST_LINE {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_nobody_reads_is_cut() {
        let long = "é".repeat(LONGEST_LINE + 5);
        let text = format!("short\n\u{1b}[31m{long}\u{1b}[0m\nlast");
        let shown = shorten(&text);
        let lines: Vec<&str> = shown.lines().collect();
        let kept = "é".repeat(LONGEST_LINE);
        let told = format!("\u{1b}[31m{kept}\u{1b}[0m…(10005 characters; JSON output has them all)");
        assert_eq!(lines, ["short", told.as_str(), "last"]);
        let fits = format!("\u{1b}[31m{kept}\u{1b}[0m");
        assert_eq!(shorten(&fits), fits);
        assert!(matches!(shorten("a\nb"), Cow::Borrowed(_)));
    }

    #[test]
    fn lines_break_between_words() {
        let wrap = |text| wrap(text, 10, 30);
        assert_eq!(wrap("one"), "one");
        assert_eq!(wrap("twenty columns fit, no more"), "twenty columns fit,\nno more");
        assert_eq!(wrap("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b"), "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nb");
        assert_eq!(
            wrap("at accessRequestConfig.inside.maxReminders: x"),
            "at\naccessRequestConfig.\ninside.maxReminders:\nx"
        );
        assert_eq!(wrap("a b c d e f g h i j k l m n"), "a b c d e f g h i j\nk l m n");
        assert_eq!(wrap(""), "");
    }
}
