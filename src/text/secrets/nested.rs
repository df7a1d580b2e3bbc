//! Secrets that a look at one character after the other does not find: with encodings inside each other, with something
//! between their characters, in the other letter case, or in base64 that holds something else as well.
//!
//! A text is looked at as its letters and digits alone, in small letters, and again after each of a few rounds of decoding.

mod runs;
mod scan;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use self::runs::{Run, alignments, is_base64, standard, stretches};
use self::scan::Scan;
use super::{Pairs, escape, low};

/// What is compared of a secret is at least so long, or shorter by a third with a digit in it: less may be words.
const SHORTEST: usize = 18;
/// By so many characters at its start a secret is looked up.
const START: usize = 8;
/// How many encodings may be inside each other.
const ROUNDS: usize = 3;
/// A text is looked at in pieces of so many bytes, each [`step`] after the one before.
pub(super) const PIECE: usize = 1 << 18;
const DECODED: usize = 4;
/// How many more are looked at: a short run of digits can be read in several ways.
const DECODED_AT_LEAST: usize = 1 << 12;

/// A character of a text, perhaps decoded, and the bytes where it stands in its piece.
#[derive(Clone, Copy)]
struct Letter {
    character: char,
    start: usize,
    end: usize,
    /// Whether the last round of decoding made it.
    decoded: bool,
}

/// The secrets as letters and digits.
#[derive(Default)]
pub(super) struct Folded {
    by_start: HashMap<[char; START], Vec<Box<str>>>,
    /// The lowest bytes of the characters of the starts, and the last two of them: most of a text is passed by with them.
    starts: HashSet<u64>,
    ends: Pairs,
    shortest: Option<usize>,
}

/// How much may still be looked at.
struct Left<'a> {
    /// Comparisons for the text or document.
    effort: &'a mut usize,
    /// Characters that stand in base64, for the piece.
    decoded: usize,
}

impl Folded {
    /// Adds the forms in which a secret is looked for.
    pub(super) fn add(&mut self, forms: &[String]) {
        let folded = forms.iter().map(|form| form.chars().filter_map(fold).collect());
        let long_enough = |form: &Vec<char>| {
            let digits = form.iter().any(char::is_ascii_digit);
            form.len() >= if digits { SHORTEST * 2 / 3 } else { SHORTEST }
        };
        // Both alphabets of base64, and both letter cases of hexadecimal digits, are one.
        let folded: BTreeSet<Vec<char>> = folded.filter(long_enough).collect();
        for form in folded {
            if let Some(start) = form.first_chunk() {
                self.shortest = Some(self.shortest.map_or(form.len(), |shortest| shortest.min(form.len())));
                let window = start.iter().copied().fold(0, pushed);
                self.starts.insert(window);
                self.ends.add(last_two(window));
                self.by_start.entry(*start).or_default().push(form.iter().collect::<String>().into());
            }
        }
    }

    /// Returns where secrets stand in a text, in order; what cannot be searched with the effort that is left counts as one, and
    /// so does what stands in more base64 than anyone writes.
    pub(super) fn find(&self, text: &str, effort: &mut usize) -> Vec<Range<usize>> {
        let Some(shortest) = self.shortest.filter(|shortest| text.len() >= *shortest) else { return Vec::new() };
        let mut found = Vec::new();
        let mut from = 0;
        while from < text.len() {
            let end = boundary(text, from + PIECE);
            let piece = text.get(from..end).unwrap_or_default();
            let decoded = DECODED * piece.len() + DECODED_AT_LEAST;
            if self.may_be_in(piece, shortest) && Scan::new(self, shortest, decoded).finds(piece, ROUNDS) {
                let mut left = Left { effort, decoded };
                let mut here = Vec::new();
                self.look(letters(piece, None), shortest, ROUNDS, &mut left, &mut here);
                found.extend(here.into_iter().map(|range| from + range.start..from + range.end));
            }
            if end == text.len() {
                break;
            }
            from = boundary(text, from + step(PIECE));
        }
        merged(found)
    }

    /// Returns whether a text has to be looked at: it has the start of a secret, an escape, a run of base64 digits that may hold
    /// one, or anything but ASCII.
    fn may_be_in(&self, text: &str, shortest: usize) -> bool {
        let (mut window, mut before) = (0_u64, 0_u8);
        let mut run = Run::default();
        for byte in text.bytes() {
            match Class::of(byte) {
                Class::Letter => {
                    // Small letters and digits have this bit already.
                    window = window << 8 | u64::from(byte | 0x20);
                    if self.starts_with(window) || (byte == b'x' && before == b'0') || !run.push(byte) {
                        return true;
                    }
                }
                Class::Sign if run.push(standard(byte)) => {}
                Class::Sign | Class::Escape => return true,
                Class::LineEnd => {}
                Class::Other => {
                    if run.may_hold(shortest) {
                        return true;
                    }
                    run.clear();
                }
            }
            before = byte;
        }
        run.may_hold(shortest)
    }

    /// Returns whether the lowest bytes of some characters are those of the start of a secret.
    fn starts_with(&self, window: u64) -> bool {
        self.ends.has(last_two(window)) && self.starts.contains(&window)
    }

    fn look(
        &self,
        mut letters: Vec<Letter>,
        shortest: usize,
        rounds: usize,
        left: &mut Left<'_>,
        found: &mut Vec<Range<usize>>,
    ) {
        for round in 0..rounds {
            self.search(&letters, left, found);
            self.base64(&letters, shortest, rounds - round - 1, left, found);
            match decoded(&letters) {
                Some(next) if next.len() >= shortest => letters = next,
                _ => return,
            }
        }
        self.search(&letters, left, found);
    }

    /// Searches the letters and digits of a text.
    fn search(&self, letters: &[Letter], left: &mut Left<'_>, found: &mut Vec<Range<usize>>) {
        let folded: Vec<(char, usize)> =
            letters.iter().enumerate().filter_map(|(index, letter)| Some((fold(letter.character)?, index))).collect();
        let place = |at: usize| folded.get(at).and_then(|(_, index)| letters.get(*index));
        let (mut window, mut searched) = (0, 0);
        for (at, (character, _)) in folded.iter().enumerate() {
            window = pushed(window, *character);
            let Some(from) = (at + 1).checked_sub(START).filter(|from| *from >= searched) else { continue };
            // Hashing every place would take most of the time.
            if !self.starts_with(window) {
                continue;
            }
            let Some(rest) = folded.get(from..) else { continue };
            let mut start = ['\0'; START];
            start.iter_mut().zip(rest).for_each(|(slot, (character, _))| *slot = *character);
            let mut length = 0;
            for form in self.by_start.get(&start).into_iter().flatten() {
                let same =
                    rest.iter().zip(form.chars()).take_while(|((character, _), wanted)| character == wanted).count();
                let Some(effort) = left.effort.checked_sub(same) else {
                    found.extend(place(from).zip(letters.last()).map(|(first, last)| first.start..last.end));
                    return;
                };
                *left.effort = effort;
                if form.chars().nth(same).is_none() {
                    length = length.max(same);
                }
            }
            if length > 0 {
                found.extend(place(from).zip(place(from + length - 1)).map(|(first, last)| first.start..last.end));
                searched = from + length;
            }
        }
    }

    /// Searches what runs of base64 digits stand for, with line ends in them or not. They may be a part of a longer run.
    fn base64(
        &self,
        all: &[Letter],
        shortest: usize,
        rounds: usize,
        left: &mut Left<'_>,
        found: &mut Vec<Range<usize>>,
    ) {
        let first_round = !all.iter().any(|letter| letter.decoded);
        let ends = |letter: &Letter| !is_base64(letter.character) && !matches!(letter.character, '\n' | '\r');
        let mut bytes = Vec::new();
        for run in all.split(ends) {
            // What has nothing new in it was looked at in the round before.
            if !first_round && !run.iter().any(|letter| letter.decoded) {
                continue;
            }
            let digits: Vec<u8> = run
                .iter()
                .filter_map(|letter| u8::try_from(letter.character).ok().filter(|byte| !byte.is_ascii_whitespace()))
                .map(standard)
                .collect();
            let (Some(first), Some(last), true) = (run.first(), run.last(), digits.len() * 3 / 4 >= shortest) else {
                continue;
            };
            for digits in alignments(&digits) {
                for text in stretches(digits, &mut bytes, shortest) {
                    let Some(decoded) = left.decoded.checked_sub(text.len()) else {
                        found.extend(all.last().map(|last| first.start..last.end));
                        return;
                    };
                    left.decoded = decoded;
                    self.look(letters(text, Some(&(first.start..last.end))), shortest, rounds, left, found);
                }
            }
        }
    }
}

/// The characters of a text, at their own places or all at the same.
fn letters(text: &str, place: Option<&Range<usize>>) -> Vec<Letter> {
    let letter = |(at, character): (usize, char)| {
        let Range { start, end } = place.cloned().unwrap_or(at..at + character.len_utf8());
        Letter { character, start, end, decoded: false }
    };
    text.char_indices().map(letter).collect()
}

/// Returns a letter or digit as it is compared; `None` for everything else.
fn fold(character: char) -> Option<char> {
    let plain = match character {
        // Full-width forms.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0)?,
        _ => character,
    };
    plain.is_alphanumeric().then(|| plain.to_ascii_lowercase())
}

/// Returns the lowest bytes of the last characters of a text with one more.
fn pushed(window: u64, letter: char) -> u64 {
    window << 8 | u64::from(low(letter))
}

fn last_two(window: u64) -> [u8; 2] {
    let [.., one, two] = window.to_be_bytes();
    [one, two]
}

/// What a byte is to [`Folded::may_be_in`].
#[derive(Clone, Copy)]
enum Class {
    /// A letter or digit of ASCII.
    Letter,
    /// Another digit of base64.
    Sign,
    LineEnd,
    /// What may stand for another character, and all that is not ASCII.
    Escape,
    Other,
}

impl Class {
    const fn of(byte: u8) -> Class {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => Class::Letter,
            b'+' | b'/' | b'-' | b'_' => Class::Sign,
            b'\n' | b'\r' => Class::LineEnd,
            b'%' | b'\\' | b'&' | b'=' | 0x80.. => Class::Escape,
            _ => Class::Other,
        }
    }
}

/// Decodes every escape once; `None` if there is none.
fn decoded(letters: &[Letter]) -> Option<Vec<Letter>> {
    let mut plain = Vec::new();
    let mut changed = false;
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        let escape = letters.get(at..).and_then(escape);
        let (character, length) = escape.unwrap_or((letter.character, 1));
        changed |= escape.is_some();
        let end = letters.get(at + length - 1).map_or(letter.end, |last| last.end);
        plain.push(Letter { character, start: letter.start, end, decoded: escape.is_some() });
        at += length;
    }
    changed.then_some(plain)
}

/// The escape at the start of a text and its length.
fn escape(letters: &[Letter]) -> Option<(char, usize)> {
    let byte = |letter: &Letter| u8::try_from(letter.character).ok().filter(u8::is_ascii);
    if !escape::may_start(byte(letters.first()?)?) {
        return None;
    }
    let mut text = [0; escape::LONGEST];
    let mut length = 0;
    for (slot, byte) in text.iter_mut().zip(letters.iter().map_while(byte)) {
        *slot = byte;
        length += 1;
    }
    escape::any(text.get(..length)?)
}

/// Returns how far after a piece the next one begins: they overlap by a quarter.
pub(super) fn step(piece: usize) -> usize {
    piece * 3 / 4
}

/// Returns the first place at or after `at` where no character is cut.
pub(super) fn boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

/// Returns ranges in order, those that touch as one.
pub(super) fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
pub(super) mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::runs::may_hold;
    use super::*;
    use crate::text::secrets::{Held, forms};

    const SECRET: &str = "S3cr3t+/Value=with\"odd<&>signs and blank9";

    /// What is left of a text without what holds a secret.
    fn left(text: &str) -> String {
        let mut folded = Folded::default();
        folded.add(&forms(SECRET));
        let mut left = text.to_owned();
        for range in folded.find(text, &mut 1_000_000).into_iter().rev() {
            left.replace_range(range, "");
        }
        left
    }

    pub(in super::super) fn percent(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02x}")).collect()
    }

    fn html(text: &str) -> String {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    }

    fn json(text: &str) -> String {
        serde_json::json!(text).to_string()
    }

    fn mapped(text: &str, shown: impl Fn(u32) -> String) -> String {
        text.chars().map(|character| shown(u32::from(character))).collect()
    }

    #[test]
    fn encodings_inside_each_other_hide_no_secret() {
        let basic = STANDARD.encode(format!("id:{SECRET}"));
        let mut held = Held::default();
        held.add(SECRET);
        for (what, text) in [
            ("percent, twice", percent(&percent(SECRET))),
            ("HTML, twice", html(&html(SECRET))),
            ("JSON, twice", json(&json(SECRET))),
            ("JSON in percent", percent(&json(SECRET))),
            ("JSON of \\u, twice", mapped(SECRET, |code| format!("\\\\u{code:04x}"))),
            ("octal", mapped(SECRET, |code| format!("\\{code:03o}"))),
            ("entities without semicolons", mapped(SECRET, |code| format!("&#{code}"))),
            ("entities with zeros", mapped(SECRET, |code| format!("&#x{code:012x};"))),
            ("quoted-printable", SECRET.replace('=', "=3D").replace(' ', "=20=\n")),
            ("bytes", mapped(SECRET, |code| format!("0x{code:02x}, "))),
            ("bytes with colons", mapped(SECRET, |code| format!("{code:02x}:"))),
            ("base64, twice", STANDARD.encode(STANDARD.encode(SECRET))),
            ("base64 of percent", STANDARD.encode(format!("id:{}", percent(SECRET)))),
            ("base64 of JSON", URL_SAFE_NO_PAD.encode(json(SECRET))),
            (
                "base64 of UTF-16",
                STANDARD.encode(SECRET.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
            ),
            ("base64 in lines", format!("{}\r\n{}", &basic[..21], &basic[21..])),
            ("base64 in percent", percent(&basic)),
            ("base64 behind base64", format!("Basic/{}", STANDARD.encode(json(SECRET)))),
            ("UTF-16", mapped(SECRET, |code| format!("\0{}", char::from_u32(code).unwrap()))),
            ("spaced", mapped(SECRET, |code| format!("{} ", char::from_u32(code).unwrap()))),
            ("what cannot be seen between", mapped(SECRET, |code| format!("{}\u{ad}", char::from_u32(code).unwrap()))),
            ("full-width", mapped(SECRET, |code| char::from_u32(code + 0xfee0).unwrap().to_string())),
            ("in lines", format!("{}\n    {}", &SECRET[..9], &SECRET[9..])),
            ("capitals", SECRET.to_uppercase()),
            (
                "Markdown",
                mapped(SECRET, |code| {
                    let character = char::from_u32(code).unwrap();
                    if character.is_alphanumeric() { character.to_string() } else { format!("\\{character}") }
                }),
            ),
        ] {
            let told = format!("It says: {text} !");
            assert!(held.is_in(&told, &mut held.effort()), "{what}: a document may hold it");
            let left = left(&told);
            assert!(left.len() < 30, "{what}: {left}");
            assert!(left.starts_with("It says: "), "{what}: {left}");
        }
    }

    #[test]
    fn what_is_like_a_secret_stays() {
        for text in
            ["S3cr3t+/Value=with\"odd<&>signs and blank8", "%53%33%63 secret values with odd signs", "a=b&c=%20d"]
        {
            assert_eq!(left(text), text);
        }
    }

    /// A character of a secret in one of the ways that are decoded, or something between two.
    pub(in super::super) fn written(character: char, how: usize) -> String {
        let code = u32::from(character);
        match how {
            0 => format!("%{code:02x}"),
            1 => format!("&#x{code:06x};"),
            2 => format!("\\x{code:02X}"),
            3 => format!("0x{code:02x} "),
            4 => format!("{}\u{ad}", character.to_ascii_uppercase()),
            5 => format!("%25{code:02x}"),
            6 => char::from_u32(code + 0xfee0).unwrap().to_string(),
            _ => character.to_string(),
        }
    }

    proptest! {
        #[test]
        fn what_is_not_looked_at_holds_no_secret(
            secret in "[a-f]{8}[0-9]{4,8}",
            how in proptest::collection::vec(0..14usize, 20),
            cut in 0..20usize,
            encoded in 0..3usize,
        ) {
            let mut folded = Folded::default();
            folded.add(&forms(&secret));
            let shortest = folded.shortest.unwrap();
            let characters = secret.chars().zip(&how).skip(cut.saturating_sub(15));
            let mut text: String = characters.map(|(character, how)| written(character, *how)).collect();
            for _ in 0..encoded {
                text = STANDARD.encode(format!("a:{text}"));
            }
            let (mut effort, mut found) = (1_000_000, Vec::new());
            let mut left = Left { effort: &mut effort, decoded: 1_000_000 };
            folded.look(letters(&text, None), shortest, ROUNDS, &mut left, &mut found);
            let scanned = Scan::new(&folded, shortest, 1_000_000).finds(&text, ROUNDS);
            let (seen, looked_at) = (!found.is_empty(), folded.may_be_in(&text, shortest) && scanned);
            prop_assert!(!seen || (looked_at && may_hold(text.as_bytes(), shortest)), "{}", text);
            prop_assert!(seen || cut > 15 || encoded > 1, "{}", text);
        }
    }
}
