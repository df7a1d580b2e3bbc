//! Problems as text, in the manner of rustc.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Problem, Severity, file_of, line_column, others_in_words, secret, without_file};
use crate::text::printable::{printable, printable_line, push_printable};
use crate::text::source::clamp;
use crate::text::threads;
use crate::text::wrap::wrap;

/// How [`render`] draws.
#[derive(Clone, Copy, Debug)]
pub struct Render {
    /// Whether to colour with ANSI escape sequences.
    pub color: bool,
    /// Columns that a shown line of a file may take, numbers and margins included.
    pub width: usize,
}

/// A stand-in for file, line and column until they are known to be right: the drawing library counts
/// columns in the text it is given, which is an excerpt with escapes. Never part of that text,
/// since [`printable`] escapes it.
const ORIGIN: char = '\u{e000}';

/// Longest label in characters; more belongs in the message or the help.
const MAX_LABEL: usize = 120;

/// Returns whether the same problem is drawn only once. An error has to be fixed in each of its places, file by file.
fn is_drawn_once(severity: Severity, problems: &[&Problem]) -> bool {
    const PLACES: usize = 3;
    const FILES: usize = 10;
    match severity {
        Severity::Warning | Severity::Note => problems.len() > PLACES,
        Severity::Error => {
            let files = problems.iter().filter_map(|problem| problem.place.as_ref()).map(|place| &place.source.name);
            files.collect::<HashSet<_>>().len() > FILES
        }
    }
}

/// Returns how many other places of a problem are named that is drawn once.
fn named_of(severity: Severity) -> usize {
    match severity {
        Severity::Warning | Severity::Note => 10,
        Severity::Error => 100,
    }
}

/// Draws problems, the ones without a place first, the others by file and position, with an empty
/// line between two.
///
/// Every problem shows its rule, message, file, line and column, the line itself with the place
/// underlined, and its help. A place of several lines is shown by its first. Long lines are cut
/// around the place, and whatever a file or a tenant put into message, label, help, name or line is
/// shown the way [`printable`] shows it. A problem that is the same in many places is drawn at the first
/// and names others, a warning or note sooner than an error.
#[must_use]
pub fn render(problems: &[Problem], options: &Render) -> String {
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|problem| {
        let place = problem.place.as_ref().map(|place| (place.source.name.as_str(), place.span.start));
        (place, Reverse(problem.severity))
    });
    let drawn = threads::in_parts(&grouped(&sorted), |groups| {
        let mut secrets = secret::Lines::default();
        groups.iter().map(|(problem, elsewhere)| draw(problem, elsewhere, options, &mut secrets)).collect()
    });
    drawn.join("\n")
}

/// Puts problems that say the same of many places together, each with the others of its kind.
fn grouped<'p>(problems: &[&'p Problem]) -> Vec<(&'p Problem, Vec<&'p Problem>)> {
    let said = |problem: &'p Problem| {
        let message = without_file(problem.rule.name(), &problem.message);
        (problem.severity, problem.rule.name(), message, &problem.label, &problem.help)
    };
    let mut places: HashMap<_, Vec<&Problem>> = HashMap::new();
    for problem in problems.iter().filter(|problem| problem.place.is_some()) {
        places.entry(said(problem)).or_default().push(problem);
    }
    places.retain(|(severity, ..), problems| is_drawn_once(*severity, problems));
    let mut groups = Vec::with_capacity(problems.len());
    for problem in problems {
        match problem.place.as_ref().and_then(|_| places.get_mut(&said(problem))) {
            None => groups.push((*problem, Vec::new())),
            // What is taken here is not drawn where it comes again.
            Some(places) if !places.is_empty() => groups.push((*problem, std::mem::take(places).split_off(1))),
            Some(_) => {}
        }
    }
    groups
}

/// Says where else a problem is, if it is drawn for several places.
fn elsewhere(problem: &Problem, others: &[&Problem]) -> Option<String> {
    let places = others
        .iter()
        .filter_map(|other| Some((other.place.as_ref()?.to_string(), file_of(other.rule.name(), &other.message))));
    others_in_words(
        file_of(problem.rule.name(), &problem.message),
        &places.collect::<Vec<_>>(),
        named_of(problem.severity),
    )
}

fn draw(problem: &Problem, others: &[&Problem], options: &Render, secrets: &mut secret::Lines) -> String {
    let renderer = if options.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(options.width);
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Note => Level::NOTE,
        Severity::Warning => Level::WARNING,
    };
    let message = wrap(
        &printable(&problem.message),
        problem.severity.word().len() + problem.rule.name().len() + 4,
        options.width,
    );
    let title = level.primary_title(message).id(problem.rule.name());
    // The margin is as wide as the line number, and `= help: ` follows it.
    let number = problem.place.as_ref().map_or(1, |place| line_column(place).0.to_string().len());
    let help: Vec<String> = problem.help.iter().map(|line| wrap(&printable(line), number + 9, options.width)).collect();
    let others = elsewhere(problem, others).map(|text| wrap(&printable(&text), number + 9, options.width));
    let help = help.iter().map(|line| Level::HELP.message(line.as_str()));
    let help = help.chain(others.iter().map(|line| Level::NOTE.message(line.as_str())));
    let Some(place) = problem.place.as_ref().filter(|place| !place.source.text.is_empty()) else {
        return renderer.render(&[title.elements(help)]) + "\n";
    };
    let span = clamp(&place.source.text, &place.span);
    let (number, bytes) = place.source.line_around(span.start);
    let line = place.source.text.get(bytes.clone()).unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    let start = (span.start - bytes.start).min(line.len());
    let at = bytes.start + start;
    let (_, column) = line_column(&place.source.place(at..at));
    let hidden = secrets.hidden(&place.source, bytes.start, line);
    let (line, underlined) = concealed(line, start..start + span.len(), hidden);
    let excerpt = Excerpt::new(&line, underlined, options.width);
    let label = printable_line(&problem.label, MAX_LABEL);
    let report = |beside: bool| {
        let annotation = AnnotationKind::Primary.span(excerpt.underlined.clone());
        let annotation = if beside { annotation.label(&*label) } else { annotation };
        let note = (!beside && !label.is_empty()).then(|| Level::NOTE.message(&*label));
        let snippet = Snippet::source(&excerpt.text).path(ORIGIN.to_string()).line_start(number).annotation(annotation);
        [title.clone().element(snippet).elements(note).elements(help.clone())]
    };
    let beside = !label.is_empty() && {
        let plain = Renderer::plain().term_width(options.width).render(&report(true));
        plain.lines().filter(|line| line.contains('^')).all(|line| line.chars().count() <= options.width)
    };
    let drawn = renderer.render(&report(beside)) + "\n";
    let Some((before, after)) = drawn.split_once(ORIGIN) else {
        return drawn;
    };
    let after = after.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit());
    format!("{before}{}:{number}:{column}{after}", printable(&place.source.name))
}

/// Puts `[hidden]` where a line may hold a secret, and moves the place along.
fn concealed(line: &str, place: Range<usize>, hidden: Option<Range<usize>>) -> (Cow<'_, str>, Range<usize>) {
    const INSTEAD: &str = "[hidden]";
    let Some(hidden) = hidden else { return (Cow::Borrowed(line), place) };
    let shown = format!("{}{INSTEAD}", line.get(..hidden.start).unwrap_or_default());
    let start = place.start.min(hidden.start);
    let end = if place.end > hidden.start { shown.len() } else { place.end };
    (Cow::Owned(shown), start..end)
}

/// The part of a line that can be on the screen, escaped, with the place's bytes in it.
struct Excerpt {
    text: String,
    underlined: Range<usize>,
}

impl Excerpt {
    fn new(line: &str, place: Range<usize>, width: usize) -> Self {
        // More than a screen on both sides, so that the drawing library sees that there is more.
        let margin = 2 * width.max(40);
        let before = line.get(..place.start).unwrap_or_default();
        let kept = before.char_indices().rev().nth(margin - 1).map_or(0, |(at, _)| at);
        let mut text = String::new();
        before.get(kept..).unwrap_or_default().chars().for_each(|character| push_printable(&mut text, character));
        let start = text.len();
        let place_length = line.get(place.clone()).unwrap_or_default().chars().take(width).count();
        // Beside the margin with the line number, whatever fits is underlined to its end.
        let fits = kept == 0 && text.chars().count() + place_length + 8 <= width;
        let most = if fits { usize::MAX } else { start + width.saturating_sub(30).max(20) };
        let mut end = start;
        for (offset, character) in line.get(place.start..).unwrap_or_default().char_indices().take(margin) {
            push_printable(&mut text, character);
            if place.start + offset < place.end && end < most {
                end = text.len();
            }
        }
        Self { text, underlined: start..end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::problem::rules;
    use crate::text::source::Source;

    fn plain(width: usize) -> Render {
        Render { color: false, width }
    }

    #[test]
    fn problems_are_drawn_in_order_with_line_column_and_help() {
        let source =
            Source::new("settings/base.yaml", "# é\njitActivationPolicy:\n  maxActivationPeriodMins: soon # x\r\n");
        let other = Source::new("a.yaml", "x: 1");
        let problems = [
            Problem::error(rules::TIME_UNIT, "`soon` is not a duration")
                .at(source.place(53..57))
                .label("expected minutes")
                .help("write minutes (120) or a duration (2h)")
                .help("or `null` to clear it"),
            Problem::warning(rules::NO_EFFECT, "the first key").at(source.place(5..24)),
            Problem::error(rules::READ_ONLY, "in another file").at(other.place(0..4)),
            Problem::error(rules::FILE_MISSING, "there is no file `b.yaml`").help("check the spelling"),
        ];
        assert_eq!(
            render(&problems, &plain(60)),
            "\
error[file-missing]: there is no file `b.yaml`
 |
 = help: check the spelling

error[read-only]: in another file
 --> a.yaml:1:1
  |
1 | x: 1
  | ^^^^

warning[no-effect]: the first key
 --> settings/base.yaml:2:1
  |
2 | jitActivationPolicy:
  | ^^^^^^^^^^^^^^^^^^^

error[time-unit]: `soon` is not a duration
 --> settings/base.yaml:3:28
  |
3 |   maxActivationPeriodMins: soon # x
  |                            ^^^^ expected minutes
  |
  = help: write minutes (120) or a duration (2h)
  = help: or `null` to clear it
"
        );
    }

    #[test]
    fn many_problems_are_drawn_as_each_of_them() {
        let files: Vec<_> =
            (0..90).map(|number| Source::new(format!("{number:02}.yaml"), "a: 1\nclientSecret: x\n y\n")).collect();
        let at = |file: &std::sync::Arc<Source>, place: usize| {
            Problem::error(rules::DAY, format!("m of {}", file.name)).at(file.place(place..place + 1))
        };
        let problems: Vec<Problem> = files.iter().flat_map(|file| [at(file, 21), at(file, 0)]).collect();
        let drawn = render(&problems, &plain(80));
        let alone: Vec<String> = files.iter().map(|file| render(&[at(file, 0), at(file, 21)], &plain(80))).collect();
        assert_eq!(drawn, alone.join("\n"));
        assert!(alone[0].contains("3 |  [hidden]"), "{}", alone[0]);
    }

    #[test]
    fn a_problem_of_many_places_is_drawn_once_and_a_warning_sooner_than_an_error() {
        let files: Vec<_> = (1..=14).map(|number| Source::new(format!("t{number:02}.yaml"), "a: 1\nb: 2\n")).collect();
        let warning = |index: usize, message: &str| {
            Problem::warning(rules::DAY, message).at(files[index].place(5..6)).help("do this")
        };
        let other = warning(1, "another");
        let error = |index: usize| Problem { severity: Severity::Error, ..warning(index, "m") };
        let mut problems: Vec<Problem> = (0..14).map(|index| warning(index, "m")).collect();
        problems.extend([other, error(0), error(1), error(2), error(3)]);
        let drawn = render(&problems, &plain(60));
        assert_eq!(drawn.matches("error[day]: m").count(), 4, "{drawn}");
        assert_eq!(drawn.matches("warning[day]: another").count(), 1, "{drawn}");
        assert_eq!(drawn.matches("warning[day]: m").count(), 1, "{drawn}");
        let expected = "\
warning[day]: m
 --> t01.yaml:2:1
  |
2 | b: 2
  | ^
  |
  = help: do this
  = note: the same in 13 other places: t02.yaml:2:1,
          t03.yaml:2:1, t04.yaml:2:1, t05.yaml:2:1,
          t06.yaml:2:1, t07.yaml:2:1, t08.yaml:2:1,
          t09.yaml:2:1, t10.yaml:2:1, t11.yaml:2:1 and 3
          more
";
        assert!(drawn.contains(expected), "{drawn}");
        let errors: Vec<Problem> = (0..11).map(error).collect();
        assert_eq!(render(&errors[..10], &plain(60)).matches("error[day]: m").count(), 10);
        let drawn = render(&errors, &plain(60));
        assert_eq!(drawn.matches("error[day]: m").count(), 1, "{drawn}");
        assert!(drawn.contains("the same in 10 other places: t02.yaml:2:1,"), "{drawn}");
        assert!(drawn.ends_with("t11.yaml:2:1\n"), "{drawn}");
        let few: Vec<Problem> = (0..3).map(|index| warning(index, "m")).collect();
        assert_eq!(render(&few, &plain(60)).matches("warning[day]: m").count(), 3);
    }

    #[test]
    fn files_that_are_missed_each_by_a_file_of_its_own_are_drawn_once() {
        let missing = |number: usize| {
            let source = Source::new(format!("t{number}.yaml"), format!("settings: [s{number}.yaml]\n"));
            Problem::error(rules::FILE_MISSING, format!("there is no file `s{number}.yaml`")).at(source.place(11..18))
        };
        let problems: Vec<Problem> = (10..21).map(missing).collect();
        let drawn = render(&problems, &plain(200));
        assert_eq!(drawn.matches("error[file-missing]").count(), 1, "{drawn}");
        assert!(drawn.contains("there is no file `s10.yaml`\n --> t10.yaml:1:12\n"), "{drawn}");
        assert!(drawn.contains("the same of 10 other files: `s11.yaml` (t11.yaml:1:12), `s12.yaml` (t12"), "{drawn}");
        assert_eq!(render(&problems[..10], &plain(200)).matches("error[file-missing]").count(), 10);
    }

    fn one(text: &str, span: Range<usize>, label: &str, width: usize) -> String {
        let problem = Problem::error(rules::DAY, "m").at(Source::new("s", text).place(span)).label(label);
        let drawn = render(&[problem], &plain(width));
        for line in drawn.lines().filter(|line| line.contains(" |")) {
            assert!(line.chars().count() <= width, "{line:?}");
        }
        drawn.strip_prefix("error[day]: m\n").unwrap().to_owned()
    }

    #[test]
    fn hostile_text_is_escaped_and_stays_underlined() {
        let source = Source::new("dir/\u{1b}[2Ks.yaml", "name: \"\u{1b}[31mr\u{202e}\" # \ttab\r\n");
        let problem = Problem::error(rules::DAY, "message\nof `\u{7}`")
            .at(source.place(6..18))
            .label("a \u{1b}[0m label")
            .help("do\n::error::this");
        assert_eq!(
            render(&[problem], &plain(80)),
            "\
error[day]: message\\nof `\\u{7}`
 --> dir/\\u{1b}[2Ks.yaml:1:7
  |
1 | name: \"\\u{1b}[31mr\\u{202e}\" # \\ttab
  |       ^^^^^^^^^^^^^^^^^^^^^^ a \\u{1b}[0m label
  |
  = help: do\\n::error::this
"
        );
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let list = format!("ids: [{}, BAD, {}]", "漢字".repeat(200), "y, ".repeat(400));
        let at = list.find("BAD").unwrap();
        assert_eq!(
            one(&list, at..at + 3, "not an id", 60),
            " --> s:1:409
  |
1 | ... 字漢字漢字漢字, BAD, y, y, y, y, y, y, y, y, y, y...
  |                     ^^^ not an id
"
        );
        let line = "x".repeat(1_000_000);
        assert_eq!(
            one(&line, 500_000..900_000, "here", 60),
            " --> s:1:500001
  |
1 | ...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ here
"
        );
        let wide = one(&line, 0..1_000_000, "", 200);
        let columns: Vec<usize> = wide.lines().map(|line| line.chars().count()).collect();
        assert_eq!(columns, [10, 3, 200, 174]);
    }

    #[test]
    fn a_label_that_does_not_fit_becomes_a_note() {
        let label = "a label that is longer than what is left of the line";
        assert_eq!(
            one("key: value", 5..10, label, 60),
            " --> s:1:6
  |
1 | key: value
  |      ^^^^^
  |
  = note: a label that is longer than what is left of the line
"
        );
        assert_eq!(
            one("key: value", 5..10, label, 200),
            " --> s:1:6
  |
1 | key: value
  |      ^^^^^ a label that is longer than what is left of the line
"
        );
    }

    #[test]
    fn places_at_the_edges_are_drawn() {
        for (text, span, drawn) in [
            ("a:\n  b: 1\n  c: 2\n", 0..17, " --> s:1:1\n  |\n1 | a:\n  | ^^ x\n"),
            ("a:\r\n", 2..2, " --> s:1:3\n  |\n1 | a:\n  |   ^ x\n"),
            ("a:\r\n", 3..4, " --> s:1:3\n  |\n1 | a:\n  |   ^ x\n"),
            ("a: 1\n", 5..5, " --> s:2:1\n  |\n2 |\n  | ^ x\n"),
            ("a: 1", 90..95, " --> s:1:5\n  |\n1 | a: 1\n  |     ^ x\n"),
            // A file that could not be read has a name and no line.
            ("", 0..0, ""),
        ] {
            assert_eq!(one(text, span, "x", 60), drawn);
        }
    }

    #[test]
    fn colour_changes_no_text() {
        let problem = Problem::error(rules::DAY, "m").at(Source::new("s", "a: b").place(3..4)).label("l").help("h");
        let problems = [problem];
        let colored = render(&problems, &Render { color: true, width: 80 });
        assert!(colored.contains('\u{1b}'));
        assert_eq!(anstream::adapter::strip_str(&colored).to_string(), render(&problems, &plain(80)));
    }
}
