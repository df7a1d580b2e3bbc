//! The last search for secrets in a text that is too long to be held: it comes in pieces, and goes on where it is certain.

use std::io::{self, Write};
use std::ops::Range;
use std::str;

use super::nested::{self, boundary, merged};
use super::{EFFORT, HIDDEN, Held, escape, with};

/// How many bytes are looked at together, beside those that the longest secret may take.
const WINDOW: usize = 1 << 19;

/// Passes a text on to a writer with `[hidden]` in the place of every secret, as [`hide`](super::hide) would return it.
///
/// The pieces may end anywhere, within a secret or a character. What is not certain yet is held back: as many bytes as the longest
/// secret takes in the longest of the encodings that are read character by character, and what the second search looks at
/// together, a quarter of a MiB. The result is that of `hide` byte for byte, with one exception: a text may take comparisons by what
/// has come of it, not by its length as a whole. One that is made to be searched slowly is hidden from where they run out, which in
/// a text of more than half a MiB may be earlier.
///
/// [`Hiding::finish`] passes on what is held back; a writer that is dropped instead leaves it out.
pub struct Hiding<W> {
    window: Window,
    writer: W,
}

impl<W: Write> Hiding<W> {
    /// Hides the secrets of what is written from `writer`.
    pub fn new(writer: W) -> Hiding<W> {
        Hiding { window: Window::new(WINDOW, nested::PIECE), writer }
    }

    /// Passes on the rest, and returns the writer.
    ///
    /// # Errors
    ///
    /// The writer cannot take it, or the text is not UTF-8.
    pub fn finish(mut self) -> io::Result<W> {
        self.pass_on(true)?;
        Ok(self.writer)
    }

    fn pass_on(&mut self, last: bool) -> io::Result<()> {
        // Written after the look at the list, which a slow reader must not keep from taking new secrets.
        let certain = match with(|held| self.window.certain(held, last)) {
            Some(certain) => certain?,
            None => self.window.rest(last)?,
        };
        self.writer.write_all(certain.as_bytes())
    }
}

impl<W: Write> Write for Hiding<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let taken = self.window.take(piece);
        if self.window.is_full() {
            self.pass_on(false)?;
        }
        Ok(taken)
    }

    /// Flushes what has been passed on. What is held back stays so: nothing tells yet whether it begins a secret.
    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// What has come of a text and is not passed on.
struct Window {
    bytes: Vec<u8>,
    /// How many bytes are looked at together, beside those that a secret may take.
    size: usize,
    /// From so many bytes on they are looked at.
    full: usize,
    effort: Effort,
    /// Whether the comparisons ran out, so that all that comes counts as a secret.
    spent: bool,
    nested: Nested,
}

impl Window {
    fn new(size: usize, piece: usize) -> Window {
        let nested = Nested { text: String::new(), piece, found: Vec::new(), hidden: None, effort: Effort::default() };
        Window { bytes: Vec::new(), size, full: size, effort: Effort::default(), spent: false, nested }
    }

    /// Takes as much of a piece as there is room for; returns how many bytes.
    fn take(&mut self, piece: &[u8]) -> usize {
        if self.spent {
            return piece.len();
        }
        let room = self.full.saturating_sub(self.bytes.len()).max(1);
        let taken = piece.get(..room).unwrap_or(piece);
        self.bytes.extend_from_slice(taken);
        taken.len()
    }

    fn is_full(&self) -> bool {
        self.bytes.len() >= self.full
    }

    /// Takes out what no longer depends on what comes, secrets hidden; everything if this was the `last` piece.
    fn certain(&mut self, held: &Held, last: bool) -> io::Result<String> {
        let mut certain = String::new();
        let ahead = (held.longest + 1) * escape::LONGEST;
        self.full = ahead + ahead.max(self.size);
        if !last && !self.is_full() {
            return Ok(certain);
        }
        let text = characters(&self.bytes, last)?;
        // What starts before this place ends in the text, whatever comes.
        let until = if last { text.len() } else { boundary(text, text.len().saturating_sub(ahead)) };
        let effort = self.effort.of(held, text);
        let found = held.plainly(text, until, effort);
        let end = found.last().map_or(0, |found| found.end);
        self.spent = *effort == 0 && end == text.len();
        let mut from = 0;
        for range in found {
            self.nested.text.push_str(text.get(from..range.start).unwrap_or_default());
            self.nested.text.push_str(HIDDEN);
            from = range.end;
        }
        let until = until.max(end);
        self.nested.text.push_str(text.get(from..until).unwrap_or_default());
        self.bytes.drain(..until);
        if self.spent {
            self.bytes = Vec::new();
        }
        self.nested.take_certain(held, last, &mut certain);
        Ok(certain)
    }

    /// Takes out everything, while there is no secret to look for.
    fn rest(&mut self, last: bool) -> io::Result<String> {
        let text = characters(&self.bytes, last)?.to_owned();
        self.bytes.drain(..text.len());
        Ok(text)
    }
}

/// The second search, with the pieces of [`nested::Folded::find`].
struct Nested {
    text: String,
    /// How many bytes are looked at together.
    piece: usize,
    /// Where secrets were found that begin after what was passed on last.
    found: Vec<Range<usize>>,
    /// Up to where the last `[hidden]` that was passed on stands for the text.
    hidden: Option<usize>,
    effort: Effort,
}

impl Nested {
    fn take_certain(&mut self, held: &Held, last: bool, certain: &mut String) {
        loop {
            let end = boundary(&self.text, self.piece);
            let ends = end == self.text.len();
            // As long as nothing follows, it is not known whether the next piece overlaps this one.
            if ends && !last {
                return;
            }
            let piece = self.text.get(..end).unwrap_or_default();
            let mut found = std::mem::take(&mut self.found);
            found.extend(held.folded.find(piece, self.effort.of(held, piece)));
            let next = if ends { end } else { boundary(&self.text, nested::step(self.piece)) };
            let mut shown = self.hidden.unwrap_or_default();
            for range in merged(found) {
                if range.start >= next {
                    self.found.push(range.start - next..range.end - next);
                    continue;
                }
                if self.hidden.is_none_or(|hidden| hidden < range.start) {
                    certain.push_str(piece.get(shown..range.start).unwrap_or_default());
                    certain.push_str(HIDDEN);
                }
                shown = shown.max(range.end);
                self.hidden = Some(shown);
            }
            certain.push_str(piece.get(shown..next).unwrap_or_default());
            self.hidden = self.hidden.and_then(|hidden| hidden.checked_sub(next));
            self.text.drain(..next);
            if ends {
                return;
            }
        }
    }
}

/// The comparisons that may still be made: those that every text may take, and those for what has come of it.
#[derive(Default)]
struct Effort(Option<usize>);

impl Effort {
    /// Returns what may be used for one more piece.
    fn of(&mut self, held: &Held, piece: &str) -> &mut usize {
        let effort = self.0.get_or_insert_with(|| held.effort());
        *effort += EFFORT * piece.len();
        effort
    }
}

/// Returns the whole characters of some bytes. The next bytes may complete one, unless these are the last.
fn characters(bytes: &[u8], last: bool) -> io::Result<&str> {
    let invalid = |error: str::Utf8Error| io::Error::new(io::ErrorKind::InvalidData, error);
    str::from_utf8(bytes).or_else(|error| match error.error_len() {
        None if !last => str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()).map_err(invalid),
        _ => Err(invalid(error)),
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::super::nested::tests::{percent, written};
    use super::*;

    const SECRET: &str = "S3cr3t+/Value\"<&>0123";

    /// What is passed on of a text that comes in pieces of some lengths, one after the other and again.
    fn passed_on(held: &Held, text: &str, [size, piece]: [usize; 2], lengths: &[usize]) -> String {
        let mut window = Window::new(size, piece);
        let mut passed_on = String::new();
        let mut lengths = lengths.iter().cycle();
        let mut rest = text.as_bytes();
        while let (false, Some(length)) = (rest.is_empty(), lengths.next()) {
            let taken = window.take(&rest[..rest.len().min(*length)]);
            rest = &rest[taken..];
            if window.is_full() {
                passed_on.push_str(&window.certain(held, false).unwrap());
            }
        }
        passed_on + &window.certain(held, true).unwrap()
    }

    fn held(secrets: &[&str]) -> Held {
        let mut held = Held::default();
        secrets.iter().for_each(|secret| held.add(secret));
        held
    }

    /// A secret in one of the encodings.
    fn encoded(secret: &str, how: usize) -> String {
        let each = |how: usize| secret.chars().map(|character| written(character, how)).collect::<String>();
        match how {
            0..8 => each(how),
            8 => STANDARD.encode(format!("id:{secret}")),
            9 => URL_SAFE_NO_PAD.encode(URL_SAFE_NO_PAD.encode(secret)),
            10 => percent(&percent(secret)),
            11 => secret.bytes().map(|byte| format!("{byte:02X}")).collect(),
            12 => serde_json::json!(serde_json::json!(secret).to_string()).to_string(),
            // What only looks like its start.
            _ => secret.chars().take(how).collect(),
        }
    }

    #[test]
    fn a_secret_is_found_across_every_border() {
        let held = held(&[SECRET]);
        for how in 0..13 {
            let encoded = encoded(SECRET, how);
            for before in (0..2_000).step_by(61) {
                let text = format!("{} {encoded} {}", ". é ".repeat(before / 5 * 4), "end. ".repeat(1_000));
                let found = passed_on(&held, &text, [1, 1 << 12], &[before + 1]);
                assert_eq!(found, held.hide(&text), "{how} {before}");
                assert_eq!(found.matches(HIDDEN).count(), 1, "{how} {before}: {encoded}");
            }
        }
    }

    #[test]
    fn what_comes_is_passed_on_before_the_end() {
        super::super::hold("held-for-the-test-of-streams");
        let mut hiding = Hiding::new(Vec::new());
        let line = "held-for-the-test%2Dof-streams. A text of some length.\n";
        for _ in 0..100_000 {
            hiding.write_all(line.as_bytes()).unwrap();
        }
        let (come, kept) = (100_000 * line.len(), hiding.window.bytes.len() + hiding.window.nested.text.len());
        assert!(kept < 2 << 20 && kept * 2 < come, "{kept} of {come}");
        let expected = "[hidden]. A text of some length.\n".repeat(100_000);
        assert!(String::from_utf8(hiding.finish().unwrap()).unwrap() == expected);
    }

    #[test]
    fn a_text_made_to_be_searched_for_ever_is_hidden_from_where_it_has_taken_too_long() {
        let held = held(&[&format!("{}b", "a".repeat(5_000))]);
        let short = "a".repeat(100_000);
        let found = passed_on(&held, &short, [WINDOW, nested::PIECE], &[4_096]);
        assert_eq!(found, held.hide(&short));
        assert!(found.len() < 1_000 && found.ends_with(HIDDEN), "{}", found.len());
        let long = format!("{}{}", "Plain. ".repeat(200_000), "a".repeat(3_000_000));
        let found = passed_on(&held, &long, [WINDOW, nested::PIECE], &[4_096]);
        assert!(found.starts_with("Plain. ") && found.ends_with(HIDDEN), "{}", found.len());
        assert!(found.len() < long.len() - 2_000_000, "{}", found.len());
    }

    #[test]
    fn what_is_no_text_is_not_passed_on() {
        for (bytes, valid) in [(&b"caf\xc3\xa9"[..], true), (b"caf\xc3", false), (b"caf\xc3\xc3", false)] {
            let written = |mut hiding: Hiding<Vec<u8>>| {
                bytes.iter().try_for_each(|byte| hiding.write_all(&[*byte]))?;
                hiding.finish()
            };
            let found = written(Hiding::new(Vec::new()));
            assert_eq!(found.as_deref().ok(), valid.then_some(bytes));
            assert!(valid || found.is_err_and(|error| error.kind() == io::ErrorKind::InvalidData));
        }
    }

    proptest! {
        #[test]
        fn a_text_in_pieces_is_shown_as_the_whole_text(
            secrets in prop::collection::vec("[A-F]{4}[ -~é]{4,10}[0-9]{4}", 1..3),
            parts in prop::collection::vec((0..40_usize, 0..2_usize, "[ -~é\n]{0,60}", 1..30_usize), 0..40),
            lengths in prop::collection::vec(1..3_000_usize, 1..5),
            size in prop_oneof![Just(1_usize), Just(WINDOW)],
        ) {
            let held = held(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
            let mut text = String::new();
            for (how, secret, filler, times) in &parts {
                // An escape or a run of digits that goes on beyond what pieces overlap by is read from their border on.
                text.push_str(&format!("{filler} . ").repeat(*times));
                text.push_str(&encoded(&secrets[secret % secrets.len()], *how));
                text.push_str(" .\n");
            }
            let found = passed_on(&held, &text, [size, 1 << 12], &lengths);
            prop_assert_eq!(found, held.hide(&text));
        }
    }
}
