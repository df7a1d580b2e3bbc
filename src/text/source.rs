//! The text of a file, and places in it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A text file as it was read.
#[derive(Debug)]
pub struct Source {
    /// The file's name as the user would type it, relative to the working directory where possible.
    pub name: String,
    /// The text, without a byte order mark.
    pub text: String,
    /// Where its lines end, once that was asked: a file may have a mistake on each of a million lines.
    ends: OnceLock<Vec<usize>>,
    /// How many characters begin before each block of [`BLOCK`] bytes, once that was asked: a file may have a million mistakes on
    /// one line.
    counts: OnceLock<Vec<usize>>,
}

/// Characters are counted in blocks of so many bytes.
const BLOCK: usize = 1 << 12;

/// One stretch of text in one file.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file, with its text.
    pub source: Arc<Source>,
    /// Bytes from the start of [`Source::text`].
    pub span: Range<usize>,
}

impl PartialEq for Place {
    /// The same stretch of the same file, however often the file was read.
    fn eq(&self, other: &Place) -> bool {
        self.source.name == other.source.name && self.span == other.span
    }
}

impl Eq for Place {}

impl Hash for Place {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.source.name, &self.span).hash(state);
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = line_column(self);
        write!(f, "{}:{line}:{column}", self.source.name)
    }
}

impl Source {
    /// Returns text that is in memory already as a source called `name`. A leading byte order mark
    /// is dropped.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Arc::new(Self { name: name.into(), text, ends: OnceLock::new(), counts: OnceLock::new() })
    }

    /// Returns the place of `span`, clamped to the text and to whole characters.
    #[must_use]
    pub fn place(self: &Arc<Self>, span: Range<usize>) -> Place {
        let span = clamp(&self.text, &span);
        Place { source: Arc::clone(self), span }
    }

    /// Returns the number of the line around a place, from 1, and its bytes without its end.
    pub(super) fn line_around(&self, at: usize) -> (usize, Range<usize>) {
        let (lines, start) = self.line_of(at);
        (lines + 1, start..self.ends().get(lines).copied().unwrap_or(self.text.len()))
    }

    fn ends(&self) -> &[usize] {
        self.ends.get_or_init(|| self.text.match_indices('\n').map(|(end, _)| end).collect())
    }

    /// Returns how many characters begin before a place.
    fn characters_before(&self, at: usize) -> usize {
        // Those that go on with a character are 0b10xx_xxxx.
        let begins = |byte: &&u8| **byte & 0xc0 != 0x80;
        let counts = self.counts.get_or_init(|| {
            let mut counts = vec![0];
            for block in self.text.as_bytes().chunks(BLOCK) {
                counts.push(counts.last().copied().unwrap_or_default() + block.iter().filter(begins).count());
            }
            counts
        });
        let rest = self.text.as_bytes().get(at / BLOCK * BLOCK..at).unwrap_or_default();
        counts.get(at / BLOCK).copied().unwrap_or_default() + rest.iter().filter(begins).count()
    }

    /// Returns how many lines end before a place, and where its line starts.
    fn line_of(&self, at: usize) -> (usize, usize) {
        let ends = self.ends();
        let number = ends.partition_point(|end| *end < at);
        let last = number.checked_sub(1).and_then(|last| ends.get(last));
        (number, last.map_or(0, |end| end + 1))
    }
}

/// Returns line and column of a place's start, both from 1, columns in characters.
#[must_use]
pub fn line_column(place: &Place) -> (usize, usize) {
    let text = &place.source.text;
    let at = clamp(text, &place.span).start;
    let (lines, start) = place.source.line_of(at);
    let column = match text.get(start..at).filter(|before| before.len() <= BLOCK) {
        Some(before) => before.chars().count(),
        None => place.source.characters_before(at) - place.source.characters_before(start),
    };
    (lines + 1, column + 1)
}

/// Returns the line of a place's start, from 1: on a very long line, that is far less work than its column.
#[must_use]
pub fn line(place: &Place) -> usize {
    place.source.line_of(clamp(&place.source.text, &place.span).start).0 + 1
}

/// A span inside `text` whose ends stand between characters: the start moves back, the end forward.
pub(super) fn clamp(text: &str, span: &Range<usize>) -> Range<usize> {
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = span.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let source = Source::new("a.yaml", "é: ü\r\nx: 漢字\n");
        let at = |start| line_column(&Place { source: Arc::clone(&source), span: start..start });
        assert_eq!(
            [at(0), at(2), at(4), at(8), at(11), at(14), at(18), at(99)],
            [(1, 1), (1, 2), (1, 4), (2, 1), (2, 4), (2, 5), (3, 1), (3, 1)]
        );
        assert_eq!(at(12), (2, 4), "inside a character counts as that character");
        let line_at = |start| line(&Place { source: Arc::clone(&source), span: start..start });
        assert_eq!([line_at(0), line_at(7), line_at(8), line_at(17), line_at(18), line_at(99)], [1, 1, 2, 2, 3, 3]);
    }

    #[test]
    fn columns_of_a_long_line_are_right() {
        let text = format!("x\n{}", "é1".repeat(BLOCK));
        let text = text.get(..3 * BLOCK + 2).unwrap();
        let source = Source::new("a.yaml", text);
        for at in [2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK - 1, 3 * BLOCK] {
            let place = source.place(at..at);
            let column = text.get(2..place.span.start).unwrap().chars().count() + 1;
            assert_eq!(line_column(&place), (2, column), "{at}");
        }
    }

    #[test]
    fn places_are_clamped_to_whole_characters() {
        let source = Source::new("a.yaml", "aéb");
        assert_eq!(source.place(2..2).span, 1..3);
        #[expect(clippy::reversed_empty_ranges, reason = "what a careless caller may pass")]
        let backwards = source.place(3..1).span;
        assert_eq!(backwards, 3..3);
        assert_eq!(source.place(9..12).span, 4..4);
    }
}
