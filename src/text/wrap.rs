//! Sentences to lines that fit the screen.

use std::borrow::Cow;

use anstyle::Style;
use unicode_width::UnicodeWidthStr as _;

/// Breaks `text` between words, and within paths that are longer than a line, so that no line passes `width` columns
/// if its words are short enough. `taken` columns of every line are taken already.
pub(crate) fn wrap(text: &str, taken: usize, width: usize) -> String {
    lay_out(&[(Style::new(), text)], Margin { first: 0, rest: 0 }, width.saturating_sub(taken))
}

/// The columns before a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Margin {
    /// Before the line itself.
    pub(crate) first: usize,
    /// Before what does not fit on it.
    pub(crate) rest: usize,
}

/// Lays out one line of text on as many lines of `width` columns as it takes. It breaks at spaces, before an arrow rather
/// than after it, never within a command to be copied, and within a word only if the word is longer than a line and only after
/// a dot, a slash or a comma; not after a dot in a path. What is too long for its place all the same stands further to the left,
/// and a name that is longer than the screen breaks before a capital letter.
pub(crate) fn lay_out(spans: &[(Style, &str)], margin: Margin, width: usize) -> String {
    // Most lines are short.
    if fits(spans, room(width, margin.first)) {
        let mut line = Lines::new(margin);
        for (style, text) in spans {
            line.push(*style, text);
        }
        line.end_style();
        return line.text;
    }
    by_words(spans, margin, width)
}

/// The columns that are left of a line. On a screen of a few columns longer lines read better than one word a line.
fn room(width: usize, before: usize) -> usize {
    width.saturating_sub(before).max(20)
}

/// Returns whether spans stand on a line of so many columns as they are.
fn fits(spans: &[(Style, &str)], columns: usize) -> bool {
    let is_plain = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    // Spaces between two spans, and around all of them, have rules of their own.
    let is_bare = |text: &str| !text.is_empty() && !text.starts_with(' ') && !text.ends_with(' ');
    let length: usize = spans.iter().map(|(_, text)| text.len()).sum();
    length <= columns && spans.iter().all(|(_, text)| is_bare(text) && is_plain(text))
}

fn by_words(spans: &[(Style, &str)], margin: Margin, width: usize) -> String {
    let room = |before: usize| room(width, before);
    let mut lines = Lines::new(margin);
    let mut gap = 0;
    for Word { parts, is_command } in words(spans) {
        // The path of a setting may be longer than a line, and a terminal would break it anywhere.
        let pieces =
            if !is_command && columns(&parts) > room(margin.rest) { pieces(&parts, width) } else { vec![parts] };
        for piece in pieces {
            let length = columns(&piece);
            if length > 0 && lines.used > 0 && lines.used + gap + length > room(lines.before) {
                lines.next(width.checked_sub(length).map_or(margin.rest, |left| margin.rest.min(left)));
            } else if length > 0 && lines.used > 0 {
                let style = piece.first().map_or(Style::new(), |(style, _)| *style);
                lines.push(if style == lines.style { style } else { Style::new() }, &" ".repeat(gap));
            }
            if length > 0 {
                gap = 0;
            }
            for (style, part) in piece {
                lines.push(style, part);
            }
        }
        gap += 1;
    }
    lines.end_style();
    lines.text
}

/// What stands on one line.
struct Word<'a> {
    /// Its parts, each with its style.
    parts: Vec<(Style, &'a str)>,
    /// Whether it is a command with what belongs to it.
    is_command: bool,
}

fn columns(parts: &[(Style, &str)]) -> usize {
    parts.iter().map(|(_, part)| part.width()).sum()
}

/// What may follow `sailplan` in a command to be copied, other than a flag. Anything else is said of the program.
pub(crate) const COMMANDS: &[&str] = &[
    "apply",
    "completions",
    "doctor",
    "explain",
    "help",
    "init",
    "man",
    "migrate",
    "plan",
    "practice",
    "pull",
    "receipts",
    "rollback",
    "schema",
    "show",
    "tenants",
    "validate",
    "version",
];

/// Returns the words of a line. An arrow and the word after it are one, and so is a command: `sailplan` and the name of a
/// command or a flag, after a colon or at the start, up to what ends a clause.
fn words<'a>(spans: &[(Style, &'a str)]) -> Vec<Word<'a>> {
    let parts: Vec<(Style, usize, &str)> = spans
        .iter()
        .flat_map(|(style, text)| text.split(' ').enumerate().map(|(index, part)| (*style, index, part)))
        .collect();
    let mut words: Vec<Word<'_>> = Vec::new();
    for (position, (style, index, part)) in parts.iter().enumerate() {
        match words.last_mut() {
            Some(last) if *index == 0 => last.parts.push((*style, part)),
            Some(last) if last.takes_next() => last.parts.extend([(*style, " "), (*style, part)]),
            last => {
                let begins = *part == "sailplan" && last.is_none_or(|word| word.ends_with(&[':']));
                let mut after = parts.iter().skip(position + 1).map(|(.., part)| *part);
                let is_command = begins && after.find(|part| !part.is_empty()).is_some_and(is_of_a_command);
                words.push(Word { parts: vec![(*style, part)], is_command });
            }
        }
    }
    words
}

/// Returns whether the word after `sailplan` makes it a command.
fn is_of_a_command(word: &str) -> bool {
    word.starts_with('-') || COMMANDS.contains(&word.trim_end_matches(ENDS))
}

/// What ends a clause, and so a command in it.
const ENDS: &[char] = &[',', ';', ')', '.', ':'];

impl Word<'_> {
    fn ends_with(&self, ends: &[char]) -> bool {
        self.parts.last().is_some_and(|(_, part)| part.ends_with(ends))
    }

    /// Returns whether the next word belongs to it.
    fn takes_next(&self) -> bool {
        let is_arrow = matches!(self.parts.as_slice(), [(_, "->")]);
        is_arrow || (self.is_command && !self.ends_with(ENDS))
    }
}

/// Returns the parts of a word that may stand on lines of their own.
fn pieces<'a>(parts: &[(Style, &'a str)], width: usize) -> Vec<Vec<(Style, &'a str)>> {
    let mut pieces: Vec<Vec<(Style, &str)>> = vec![Vec::new()];
    for (style, part) in parts {
        // A dot is a part of the name of a file.
        let ends: &[char] = if part.contains('/') { &['/', ','] } else { &['.', ','] };
        let split = part.split_inclusive(ends).flat_map(|piece| humps(piece, width));
        for (index, piece) in split.enumerate() {
            match pieces.last_mut() {
                Some(last) if index == 0 => last.push((*style, piece)),
                _ => pieces.push(vec![(*style, piece)]),
            }
        }
    }
    pieces
}

/// Splits a name that is longer than the screen before the last capital letter that leaves it short enough. What is copied
/// whole, such as an id, has none.
fn humps(name: &str, width: usize) -> Vec<&str> {
    let fits = |(at, _): &(usize, &str)| name.get(..*at).is_some_and(|start| start.width() <= width);
    let capitals = || name.match_indices(|c: char| c.is_ascii_uppercase()).filter(|(at, _)| *at > 0);
    let is_plain = name.trim_end_matches([':', ',', '.', ')']).bytes().all(|byte| byte.is_ascii_alphabetic());
    if name.width() <= width || !is_plain {
        return vec![name];
    }
    match capitals().take_while(fits).last().and_then(|(at, _)| name.split_at_checked(at)) {
        Some((start, rest)) => std::iter::once(start).chain(humps(rest, width)).collect(),
        None => vec![name],
    }
}

/// Lines in the making. A style ends with its line: not every log carries it over to the next.
struct Lines {
    text: String,
    style: Style,
    /// The columns of the last line that are taken, without its margin.
    used: usize,
    /// The margin of the last line.
    before: usize,
}

impl Lines {
    fn new(margin: Margin) -> Lines {
        Lines { text: " ".repeat(margin.first), style: Style::new(), used: 0, before: margin.first }
    }

    fn push(&mut self, style: Style, part: &str) {
        if part.is_empty() {
            return;
        }
        if style != self.style {
            self.end_style();
            self.text.push_str(&style.to_string());
            self.style = style;
        }
        self.text.push_str(part);
        self.used += part.width();
    }

    fn end_style(&mut self) {
        if self.style != Style::new() {
            self.text.push_str(&format!("{:#}", self.style));
            self.style = Style::new();
        }
    }

    fn next(&mut self, margin: usize) {
        self.end_style();
        self.text.push('\n');
        self.text.push_str(&" ".repeat(margin));
        (self.used, self.before) = (0, margin);
    }
}

/// The longest line of text output before it is laid out, in characters: what tenants and files hold may be megabytes long.
const LONGEST_LINE: usize = 10_000;

/// Returns the first spans of a line that is not too long to be read, and where it is, how long it was.
pub(crate) fn shorten_spans<'a>(spans: &[(Style, &'a str)]) -> (Vec<(Style, &'a str)>, Option<String>) {
    let mut left = LONGEST_LINE;
    let mut kept = Vec::with_capacity(spans.len());
    for (style, text) in spans {
        let end = text.char_indices().nth(left).map_or(text.len(), |(at, _)| at);
        let part = text.get(..end).unwrap_or(text);
        kept.push((*style, part));
        if end < text.len() {
            let length: usize = spans.iter().map(|(_, text)| text.chars().count()).sum();
            return (kept, Some(cut_at(length)));
        }
        left = left.saturating_sub(part.chars().count());
    }
    (kept, None)
}

fn cut_at(length: usize) -> String {
    format!("…({length} characters; JSON output has them all)")
}

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
                format!("{kept}{plain}{}{end}", cut_at(length))
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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn a_short_line_is_the_same_as_by_words(
            texts in prop::collection::vec(("[a-c.,/:>-]{0,8}( {0,2}[a-c.,/:>-]{0,8}){0,3}|sailplan plan|-> b|é c", 0..3_usize), 0..4),
            first in 0..12_usize,
            rest in 0..12_usize,
            width in 10..80_usize,
        ) {
            let styles = [Style::new(), Style::new().bold(), Style::new().underline()];
            let spans: Vec<(Style, &str)> = texts.iter().map(|(text, style)| (styles[*style], text.as_str())).collect();
            let margin = Margin { first, rest };
            prop_assert_eq!(lay_out(&spans, margin, width), by_words(&spans, margin, width));
        }
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
        assert_eq!(
            wrap(".sailplan/receipts/20261126T110509Z.json:182"),
            ".sailplan/receipts/\n20261126T110509Z.json:182"
        );
        // A digest is copied whole; a name is not.
        let digest = format!("Digest sha256:{}", "0a".repeat(32));
        assert_eq!(wrap(&digest), digest.replace(' ', "\n"));
        assert_eq!(wrap("allowRequestOnBehalfOfAnyone: true"), "allowRequestOnBehalf\nOfAnyone: true");
        assert_eq!(wrap("a b c d e f g h i j k l m n"), "a b c d e f g h i j\nk l m n");
        assert_eq!(wrap(""), "");
    }

    #[test]
    fn only_a_command_stays_on_one_line_after_a_colon() {
        let wrap = |text| wrap(text, 0, 30);
        assert_eq!(wrap("review: sailplan does not know this field"), "review: sailplan does not know\nthis field");
        assert_eq!(wrap("to see it: sailplan show a/plan.json --full"), "to see it:\nsailplan show a/plan.json --full");
        assert_eq!(wrap("to see all of it: sailplan plan, then go on"), "to see all of it:\nsailplan plan, then go on");
        assert_eq!(wrap("to see all of it: sailplan -C folder plan"), "to see all of it:\nsailplan -C folder plan");
    }

    #[test]
    fn what_is_too_long_for_its_place_stands_further_to_the_left() {
        let plain = Style::new();
        let shown = |text: &str, width: usize| lay_out(&[(plain, text)], Margin { first: 2, rest: 8 }, width);
        assert_eq!(
            shown("~ requestOnBehalfOfConfig.allowRequestOnBehalfOfAnyoneByAnyone: false", 40),
            "  ~ requestOnBehalfOfConfig.\n   allowRequestOnBehalfOfAnyoneByAnyone:\n        false"
        );
        assert_eq!(
            shown("id ae735f40-4de9-4163-801d-4a1444e59d35", 40),
            "  id\n    ae735f40-4de9-4163-801d-4a1444e59d35"
        );
        assert_eq!(
            shown("allowRequestOnBehalfOfForMachineIdentity: true", 40),
            "  allowRequestOnBehalfOfForMachine\n        Identity: true"
        );
    }

    #[test]
    fn what_does_not_fit_is_hung_and_an_arrow_goes_with_what_it_points_at() {
        let red = anstyle::AnsiColor::Red.on_default();
        let shown = |width: usize| {
            let spans = [(red, "~ "), (Style::new(), "config.maxReminders: one value -> another value")];
            lay_out(&spans, Margin { first: 2, rest: 6 }, width)
        };
        let mark = "  \u{1b}[31m~ \u{1b}[0m";
        assert_eq!(shown(100), format!("{mark}config.maxReminders: one value -> another value"));
        assert_eq!(shown(40), format!("{mark}config.maxReminders: one value\n      -> another value"));
        assert_eq!(shown(26), format!("{mark}config.maxReminders:\n      one value -> another\n      value"));
        // Wide characters take two columns each.
        assert_eq!(lay_out(&[(red, "日本語日本語 日本語日本語")], Margin { first: 0, rest: 2 }, 22).lines().count(), 2);
    }

    #[test]
    fn a_command_is_never_broken() {
        let told = "help: have it approved again: sailplan plan --out plan.json --tenant prod, then go on";
        assert_eq!(
            wrap(told, 0, 30),
            "help: have it approved again:\nsailplan plan --out plan.json --tenant prod,\nthen go on"
        );
        assert_eq!(wrap("and sailplan keeps it as it is now", 0, 24), "and sailplan keeps it as\nit is now");
        assert_eq!(wrap("two  spaces  stay  within  a  line", 0, 20), "two  spaces  stay\nwithin  a  line");
    }

    #[test]
    fn a_style_ends_with_its_line() {
        let red = anstyle::AnsiColor::Red.on_default();
        let text = lay_out(&[(red, "twenty columns fit, no more")], Margin { first: 0, rest: 2 }, 20);
        assert_eq!(text, "\u{1b}[31mtwenty columns fit,\u{1b}[0m\n  \u{1b}[31mno more\u{1b}[0m");
    }

    #[test]
    fn spans_are_cut_as_lines_are() {
        let (plain, long) = (Style::new(), "é".repeat(LONGEST_LINE));
        let (kept, note) = shorten_spans(&[(plain, "ab"), (plain, &long), (plain, "c")]);
        assert_eq!(kept[1].1.chars().count(), LONGEST_LINE - 2);
        assert_eq!((kept.len(), note.as_deref()), (2, Some("…(10003 characters; JSON output has them all)")));
        assert_eq!(shorten_spans(&[(plain, &long)]).1, None);
    }
}
