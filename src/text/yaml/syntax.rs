//! The parser's errors in the user's words: what is wrong on which character, and what to type
//! instead.

use std::ops::Range;
use std::sync::Arc;

use serde_yaml::granit_parser::ErrorKind;

use super::{MAX_DEPTH, Source};
use crate::text::printable::printable;
use crate::text::problem::{Problem, line_column, rules};

/// What is known at the place where the parser gave up.
pub(super) struct Context<'s> {
    pub(super) source: &'s Arc<Source>,
    /// The byte the parser points at.
    pub(super) at: usize,
    /// The value or key read last.
    pub(super) last: Range<usize>,
    /// The innermost bracket that is still open.
    pub(super) bracket: Option<usize>,
}

/// What a colon lacks.
pub(super) const NO_SPACE: &str = "there is no space after this colon";

/// What a line is that should be a key.
const NO_COLON: &str = "a key without `: ` after it";

/// Returns an error of the parser as a problem.
pub(super) fn in_users_words(kind: &ErrorKind, context: &Context<'_>) -> Problem {
    let told = [of_brackets, of_lines, of_quotes, of_first_characters, of_marks];
    told.iter().find_map(|told| told(kind, context)).unwrap_or_else(|| {
        if context.rest().starts_with(',') {
            return context
                .character(rules::YAML_QUOTE, "text cannot start with a comma")
                .help("put the text in quotes, or remove the comma");
        }
        context
            .word(rules::YAML_SYNTAX, format!("this is not valid YAML: {}", printable(&kind.to_string())))
            .help("correct the line, or put the text in quotes if it was meant as text")
    })
}

/// Lists and mappings in brackets.
fn of_brackets(kind: &ErrorKind, context: &Context<'_>) -> Option<Problem> {
    use ErrorKind as E;
    Some(match kind {
        E::UnclosedFlowCollection { .. } => context.open_bracket(context.at),
        E::UnexpectedEofFlowSequence | E::UnexpectedEofFlowMapping | E::UnexpectedEofImplicitFlowMapping
            if context.rest().starts_with(',') =>
        {
            context
                .character(rules::YAML_BRACKET, "there is nothing before this comma")
                .help("remove the comma, or write the missing item; an empty text is `\"\"`")
        }
        E::UnexpectedEofFlowSequence | E::UnexpectedEofFlowMapping | E::UnexpectedEofImplicitFlowMapping => {
            context.open_bracket(context.bracket.unwrap_or(context.at))
        }
        E::InvalidColonPlacement
        | E::ExpectedFlowMappingSeparator
        | E::ExpectedFlowSequenceSeparator
        | E::InvalidFlowScalarIndent
        | E::BlockEntryInFlowCollection => context.inside_bracket(),
        E::MismatchedFlowCollectionEnd { open, close } => context
            .word(rules::YAML_BRACKET, format!("`{open}` is closed by `{close}`"))
            .help("close `[` with `]` and `{` with `}`"),
        E::MisplacedFlowCollectionEnd => context
            .word(rules::YAML_BRACKET, "a bracket is closed here that was not opened")
            .help("remove it, or put the text in quotes"),
        E::RecursionLimitExceeded => context
            .character(rules::YAML_TOO_DEEP, format!("more than {MAX_DEPTH} lists and mappings inside one another"))
            .help("no setting is that deep; check the brackets and the indentation"),
        _ => return None,
    })
}

/// Keys and items on lines of their own, and how these are indented.
fn of_lines(kind: &ErrorKind, context: &Context<'_>) -> Option<Problem> {
    use ErrorKind as E;
    Some(match kind {
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabInIndentation
        | E::TabInPlainScalar
        | E::TabAtBlockScalarStart
        | E::InvalidBlockEntryWhitespace
        | E::InvalidMappingValueWhitespace => context.tab(),
        E::SimpleKeyExpected | E::InvalidSimpleKey => context.keyless(context.at, false).unwrap_or_else(|| {
            context
                .word(rules::YAML_COLON, NO_COLON)
                .label("neither a key nor part of the value above")
                .help("write `key: value`, or indent the line under the key it belongs to")
        }),
        E::MappingValueNotAllowed => context.colon(),
        E::ExpectedBlockMappingKey
        | E::ExpectedBlockSequenceEntry
        | E::MappingKeyNotAllowed
        | E::InvalidIndentation
        | E::InvalidBlockScalarIndent => context.indentation(),
        E::ExpectedDocumentStart if context.last.end > 0 => context.indentation(),
        E::BlockSequenceEntryNotAllowed => context
            .word(rules::YAML_INDENTATION, "a list item cannot start here")
            .help("start the list on a line of its own below the key, or write `[a, b]`"),
        _ => return None,
    })
}

/// Text in quotes.
fn of_quotes(kind: &ErrorKind, context: &Context<'_>) -> Option<Problem> {
    use ErrorKind as E;
    Some(match kind {
        E::UnclosedQuotedScalar => context.open_quote(context.at),
        E::InvalidQuotedScalarIndent | E::DocumentIndicatorInQuotedScalar => context.open_quote(context.quote()),
        E::UnknownQuotedScalarEscape
        | E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => context
            .word(rules::YAML_ESCAPE, "a backslash in these double quotes starts no escape that YAML knows")
            .help("write `\\\\` for a backslash, or use single quotes, where it is an ordinary character"),
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => {
            context.word(rules::YAML_QUOTE, "text after a closing quote").help(
                "put the whole text in quotes; a quote inside is written twice in single quotes, as `\\\"` in double quotes",
            )
        }
        _ => return None,
    })
}

/// Text without quotes that starts with a character which means something else in YAML.
fn of_first_characters(kind: &ErrorKind, context: &Context<'_>) -> Option<Problem> {
    use ErrorKind as E;
    Some(match kind {
        E::UnexpectedCharacter { character } if character.is_control() => context
            .character(
                rules::YAML_CONTROL_CHARACTER,
                format!("the control character `{}`", printable(&character.to_string())),
            )
            .help("remove it; inside double quotes it can be written as an escape such as `\\x1b`"),
        E::UnexpectedCharacter { character: '`' } => {
            context.word(rules::YAML_QUOTE, "text cannot start with a backquote").help("put the text in quotes")
        }
        E::UnexpectedCharacter { character } => context
            .word(rules::YAML_QUOTE, format!("text cannot start with `{}`", printable(&character.to_string())))
            .help("put the text in quotes"),
        E::PlainScalarStartsWithDashFlowIndicator => context
            .character(rules::YAML_QUOTE, "text cannot start with `-` followed by a bracket or a comma")
            .help("put the text in quotes"),
        E::MissingAnchorOrAliasName => {
            context.word(rules::YAML_QUOTE, "text cannot start with `&` or `*`").help("put the text in quotes")
        }
        _ => return None,
    })
}

/// Comments, blocks of text, directives and tags.
fn of_marks(kind: &ErrorKind, context: &Context<'_>) -> Option<Problem> {
    use ErrorKind as E;
    Some(match kind {
        E::CommentInterceptedScalar => context.comment(),
        E::CommentNotSeparated => context
            .character(rules::YAML_COMMENT, "a `#` without a space before it")
            .help("put a space before the comment, or put the text in quotes"),
        E::InvalidBlockScalarHeader | E::ZeroBlockScalarIndent => context
            .word(rules::YAML_BLOCK, "`|` and `>` start a block of text and end their line")
            .help("start the text on the next line, indented; to write `|` or `>` itself, put the text in quotes"),
        E::ExpectedDocumentStart | E::InvalidDirectiveName | E::MissingDirectiveName => context
            .word(
                rules::YAML_DIRECTIVE,
                "a line that starts with `%` is an instruction to YAML, and a document has to follow it",
            )
            .help("remove the line, or put the text in quotes"),
        E::UnsupportedYamlMajorVersion => {
            context.word(rules::YAML_DIRECTIVE, "only YAML 1 is supported").help("remove the line")
        }
        E::UndeclaredTagHandle
        | E::InvalidGlobalTagCharacter
        | E::InvalidTagTerminator
        | E::MissingTagUri
        | E::UnclosedVerbatimTag => context
            .word(rules::YAML_TAG, "tags are not supported")
            .help("remove it; to write text that starts with `!`, put it in quotes"),
        _ => return None,
    })
}

/// The item in the line that starts at `start`, which YAML reads as part of the text that begins at `text`.
pub(super) fn swallowed_item(source: &Arc<Source>, text: usize, start: usize) -> Problem {
    let line = source.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let item = line.split(" #").next().unwrap_or_default().trim_end();
    let indentation = item.len() - item.trim_start().len();
    let (begins, _) = line_column(&source.place(text..text));
    let above = source.text.get(..text).and_then(|above| above.rsplit('\n').next()).unwrap_or_default();
    let help = if above.trim_start().starts_with("- ") {
        "indent it like the item above it; if it is text, put the whole text in quotes"
    } else {
        "a key has either a value after it or items below it; if it is text, put the whole text in quotes"
    };
    Problem::error(rules::YAML_INDENTATION, "this item belongs to the text above it")
        .at(source.place(start + indentation..start + item.len()))
        .label(format!("continues the text that begins on line {begins}"))
        .help(help)
}

impl Context<'_> {
    fn text(&self) -> &str {
        &self.source.text
    }

    fn rest(&self) -> &str {
        self.text().get(self.at..).unwrap_or_default()
    }

    fn problem(&self, rule: rules::Rule, message: impl Into<String>, span: Range<usize>) -> Problem {
        Problem::error(rule, message).at(self.source.place(span))
    }

    /// A problem at the one character the parser points at.
    fn character(&self, rule: rules::Rule, message: impl Into<String>) -> Problem {
        let length = self.rest().chars().next().filter(|first| *first != '\n').map_or(0, char::len_utf8);
        self.problem(rule, message, self.at..self.at + length)
    }

    /// A problem at the text from where the parser points to the end of the line or the next colon
    /// or comment.
    fn word(&self, rule: rules::Rule, message: impl Into<String>) -> Problem {
        let line = self.rest().lines().next().unwrap_or_default();
        let word = line.split(": ").next().unwrap_or_default().split(" #").next().unwrap_or_default();
        let word = word.trim_end().trim_end_matches(':');
        if word.is_empty() {
            return self.character(rule, message);
        }
        self.problem(rule, message, self.at..self.at + word.len())
    }

    fn line(&self, at: usize) -> usize {
        line_column(&self.source.place(at..at)).0
    }

    /// The text from the comma, bracket or line end before the parser's place to that place.
    fn before_item(&self) -> &str {
        let before = self.text().get(..self.at).unwrap_or_default();
        before.rsplit([',', '[', '{', '\n']).next().unwrap_or_default()
    }

    fn line_start(&self) -> usize {
        self.text().get(..self.at).unwrap_or_default().rfind('\n').map_or(0, |line_end| line_end + 1)
    }

    /// A tab used for layout: the first one from here on, or the one that indents this line.
    fn tab(&self) -> Problem {
        let start = self.line_start();
        let line = self.text().get(start..).unwrap_or_default();
        let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
        let own = line.get(..indentation).and_then(|blanks| blanks.find('\t')).map(|at| start + at);
        match own.or_else(|| self.rest().find('\t').map(|at| self.at + at)) {
            Some(at) => self
                .problem(rules::YAML_TAB, "a tab where YAML takes only spaces", at..at + 1)
                .label("this is a tab")
                .help(
                    "replace it with spaces; most editors can be told to always do so in \
                    YAML files",
                ),
            None => {
                self.word(rules::YAML_SYNTAX, "a space or a new line is missing").help("put a space after `-` and `:`")
            }
        }
    }

    /// The quote that was opened after the value read last: the first thing there that is not
    /// layout or a comment.
    fn quote(&self) -> usize {
        let mut at = self.last.end;
        let mut comment = false;
        for (offset, character) in self.text().get(at..self.at).unwrap_or_default().char_indices() {
            match character {
                '\n' => comment = false,
                '#' => comment = true,
                '"' | '\'' if !comment => {
                    at += offset;
                    return at;
                }
                _ => {}
            }
        }
        self.at
    }

    fn open_quote(&self, at: usize) -> Problem {
        let quote = if self.text().get(at..).is_some_and(|text| text.starts_with('\'')) { '\'' } else { '"' };
        self.problem(rules::YAML_UNCLOSED, "this quote is not closed", at..at + 1).label("opened here").help(format!(
            "close it with another `{quote}`; a text of several lines is \
                indented deeper than its key"
        ))
    }

    fn open_bracket(&self, at: usize) -> Problem {
        let close = if self.text().get(at..).is_some_and(|text| text.starts_with('{')) { '}' } else { ']' };
        self.problem(rules::YAML_UNCLOSED, "this bracket is not closed", at..at + 1)
            .label("opened here")
            .help(format!("close it with `{close}`; to write the bracket itself, put the text in quotes"))
    }

    /// Something that cannot be in brackets: they end too late, or two items are not kept apart.
    fn inside_bracket(&self) -> Problem {
        match self.bracket {
            Some(bracket) if self.line(bracket) < self.line(self.at) => {
                let line = self.line(self.at);
                let problem = self.open_bracket(bracket);
                problem.help(format!("line {line} cannot stand inside it"))
            }
            _ if self.rest().starts_with(':') && self.before_item().len() > 1024 => self.long_key(),
            _ => self.word(rules::YAML_BRACKET, "this cannot stand here inside brackets").help(
                "separate items with `, ` and write mappings as `{key: value}`; put \
                    texts with `,`, `:` or brackets in quotes",
            ),
        }
    }

    /// YAML ends the search for a key's colon after 1024 characters.
    fn long_key(&self) -> Problem {
        self.character(rules::YAML_COLON, "a key of more than 1024 characters")
            .help("shorten the key; if this is text, put it in quotes")
    }

    /// A `: ` where no key can be.
    fn colon(&self) -> Problem {
        let start = self.line_start();
        if self.at - start > 1024 {
            return self.long_key();
        }
        if self.last.start < start {
            let goes_on = || self.last.end > start && self.begins_line(self.last.start);
            let keyless = goes_on().then(|| self.keyless(self.last.start, true)).flatten();
            return keyless.unwrap_or_else(|| self.swallowed_key(self.last.start, start));
        }
        self.character(rules::YAML_COLON, "a second `: ` on one line")
            .help("put the text in quotes, as in `key: \"one: two\"`, or start a new line")
    }

    /// The key in the line that starts at `start`, which YAML reads as part of the text that begins at `text`.
    fn swallowed_key(&self, text: usize, start: usize) -> Problem {
        let line = self.text().get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let key = line.split(": ").next().unwrap_or_default().trim_end().trim_end_matches(':');
        let indentation = key.len() - key.trim_start().len();
        self.problem(
            rules::YAML_INDENTATION,
            "this line belongs to the text above it and cannot be a key",
            start + indentation..start + key.len(),
        )
        .label(format!("continues the text that begins on line {}", self.line(text)))
        .help(
            "a key has either a value after it or lines below it; indent this \
                line like the key it stands beside",
        )
    }

    /// Returns whether only blanks and the dashes of items stand before this place on its line.
    fn begins_line(&self, at: usize) -> bool {
        let before = self.text().get(..at).unwrap_or_default();
        before.rsplit('\n').next().unwrap_or_default().bytes().all(|byte| matches!(byte, b' ' | b'-'))
    }

    /// The text that begins a line at `begin`, as the key that it was meant to be; `None` if it cannot have been one. Where the
    /// text goes on, YAML reads what stands below the line as part of it, and gives up at the next colon.
    fn keyless(&self, begin: usize, goes_on: bool) -> Option<Problem> {
        let line = self.text().get(begin..)?.lines().next()?.split(" #").next()?.trim_end();
        let word = line.split_whitespace().next()?;
        if !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        if let Some((key, _)) = word.split_once(':').filter(|(_, value)| !value.is_empty()) {
            let at = begin + key.len();
            let problem = self.problem(rules::YAML_COLON, NO_SPACE, at..at + 1);
            return Some(problem.help("write `key: value`"));
        }
        let problem = self.problem(rules::YAML_COLON, NO_COLON, begin..begin + line.len());
        Some(if goes_on {
            problem
                .label("read as one text with the lines below it")
                .help("write `key: value`, or `key:` above the lines that belong to it")
        } else {
            problem
                .label("neither a key nor part of the value above")
                .help("write `key: value`, or indent the line under the key it belongs to")
        })
    }

    /// A comment that ends a text although the text goes on below it.
    fn comment(&self) -> Problem {
        let start = self.line_start();
        let line = self.text().get(start..self.at).unwrap_or_default();
        let begin = start + line.len() - line.trim_start_matches([' ', '-']).len();
        let mut below = self.at + self.rest().split_inclusive('\n').next().map_or(0, str::len);
        let mut next = "";
        for line in self.text().get(below..).unwrap_or_default().split_inclusive('\n') {
            next = line.trim();
            if !next.is_empty() && !next.starts_with('#') {
                break;
            }
            below += line.len();
        }
        let is_key = next.ends_with(':') || next.contains(": ");
        if super::is_item(next) {
            return swallowed_item(self.source, begin, below);
        }
        let keyless = || if line.contains(": ") { None } else { self.keyless(begin, true) };
        match is_key.then(keyless) {
            Some(Some(keyless)) => keyless,
            Some(None) => self.swallowed_key(begin, below),
            None => self
                .word(rules::YAML_COMMENT, "a comment inside a text of several lines")
                .help("put the comment before or after the whole text, or put the text in quotes"),
        }
    }

    fn indentation(&self) -> Problem {
        let before = self.text().get(self.line_start()..self.at).unwrap_or_default();
        if before.trim_end().ends_with('-') {
            return self
                .word(rules::YAML_INDENTATION, "a list item where a key is expected")
                .help("indent it like the items above it, or the list below its key");
        }
        self.word(rules::YAML_INDENTATION, "this line is indented unlike the lines it belongs to")
            .help("give keys, and items, of the same level the same number of spaces")
    }
}
