//! Secrets that a look at one character after the other does not find: with encodings inside each other, with something
//! between their characters, in the other letter case, or in base64 that holds something else as well.
//!
//! A text is looked at as its letters and digits alone, in small letters, and again after each of a few rounds of decoding.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{Pairs, escape, low};

/// What is compared of a secret is at least so long, or shorter by a third with a digit in it: less may be words.
const SHORTEST: usize = 18;
/// By so many characters at its start a secret is looked up.
const START: usize = 8;
/// How many encodings may be inside each other.
const ROUNDS: usize = 3;
/// A text is looked at in pieces of so many bytes, which overlap by a quarter.
const PIECE: usize = 1 << 18;
/// A run of base64 digits up to this length, such as an id, is read before the text around it is looked at closely.
const RUN: usize = 128;
/// How many characters that stand in base64 are looked at for each character of a piece: base64 in base64 in base64 has fewer.
const DECODED: usize = 4;
/// How many more are looked at: a short run of digits can be read in several ways.
const DECODED_AT_LEAST: usize = 1 << 12;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

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
            let boundary = |at: usize| (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
            let end = boundary(from + PIECE);
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
            from = boundary(from + PIECE * 3 / 4);
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
                    run.length = 0;
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

/// Looks through a text, and all that it stands for, for the start of a secret. This only reads bytes and keeps no places, so that a
/// text without any is passed by quickly, however many escapes and base64 digits a tenant makes it of.
struct Scan<'a> {
    folded: &'a Folded,
    shortest: usize,
    /// How many bytes that stand in base64 may still be looked at.
    left: usize,
}

impl<'a> Scan<'a> {
    fn new(folded: &'a Folded, shortest: usize, left: usize) -> Scan<'a> {
        Scan { folded, shortest, left }
    }

    /// Returns whether a text has to be looked at closely: it holds the start of a secret in up to `rounds` encodings, or too
    /// much stands in base64 to tell.
    fn finds(&mut self, text: &str, rounds: usize) -> bool {
        let mut text = Cow::Borrowed(text);
        let mut decoded: Option<Vec<usize>> = None;
        for left in (0..=rounds).rev() {
            if self.finds_start(&text)
                || (left > 0 && self.finds_in_base64(text.as_bytes(), decoded.as_deref(), left - 1))
            {
                return true;
            }
            match if left > 0 { unescaped(&text) } else { None } {
                Some((plain, places)) if plain.len() >= self.shortest => {
                    (text, decoded) = (Cow::Owned(plain), Some(places));
                }
                _ => return false,
            }
        }
        false
    }

    fn finds_start(&self, text: &str) -> bool {
        let mut window = 0_u64;
        if text.is_ascii() {
            return text.bytes().any(|byte| {
                byte.is_ascii_alphanumeric() && {
                    window = window << 8 | u64::from(byte.to_ascii_lowercase());
                    self.folded.starts_with(window)
                }
            });
        }
        text.chars().filter_map(fold).any(|letter| {
            window = pushed(window, letter);
            self.folded.starts_with(window)
        })
    }

    /// Looks through what runs of base64 digits stand for; after a round of decoding only through those with something
    /// decoded in them, the others were looked through before.
    fn finds_in_base64(&mut self, text: &[u8], decoded: Option<&[usize]>, rounds: usize) -> bool {
        let mut digits = Vec::new();
        let mut bytes = Vec::new();
        let mut start = 0;
        for (at, byte) in text.iter().copied().chain([b' ']).enumerate() {
            if is_base64(char::from(byte)) {
                digits.push(standard(byte));
                continue;
            }
            if matches!(byte, b'\n' | b'\r') {
                continue;
            }
            let is_new = |places: &[usize]| {
                places.get(places.partition_point(|place| *place < start)).is_some_and(|place| *place < at)
            };
            if digits.len() * 3 / 4 >= self.shortest && decoded.is_none_or(is_new) {
                for digits in alignments(&digits) {
                    for text in stretches(digits, &mut bytes, self.shortest) {
                        let Some(left) = self.left.checked_sub(text.len()) else { return true };
                        self.left = left;
                        if self.finds(text, rounds) {
                            return true;
                        }
                    }
                }
            }
            digits.clear();
            start = at + 1;
        }
        false
    }
}

/// Decodes every escape of a text once, and says where in it what was decoded stands; `None` if there is none.
fn unescaped(text: &str) -> Option<(String, Vec<usize>)> {
    let mut plain = String::new();
    let mut places = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(next) = text.as_bytes().get(at..)?.iter().position(|byte| escape::may_start(*byte)) {
        at += next;
        let Some((character, length)) = escape::any(text.as_bytes().get(at..)?) else {
            at += 1;
            continue;
        };
        plain.push_str(text.get(from..at)?);
        places.push(plain.len());
        plain.push(character);
        at += length;
        from = at;
    }
    plain.push_str(text.get(from..)?);
    (!places.is_empty()).then_some((plain, places))
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

/// Returns the parts of what base64 digits stand for that are text and may hold a secret. What is read from the wrong digit on
/// is hardly ever a text for long.
fn stretches<'a>(digits: &[u8], bytes: &'a mut Vec<u8>, shortest: usize) -> impl Iterator<Item = &'a str> {
    bytes.clear();
    if BASE64.decode_vec(digits, bytes).is_err() {
        bytes.clear();
    }
    bytes.utf8_chunks().map(|chunk| chunk.valid()).filter(move |text| may_hold(text.as_bytes(), shortest))
}

/// A run of base64 digits.
struct Run {
    digits: [u8; RUN],
    length: usize,
}

impl Default for Run {
    fn default() -> Run {
        Run { digits: [0; RUN], length: 0 }
    }
}

impl Run {
    /// Adds a digit; returns false if there is no room for it.
    fn push(&mut self, digit: u8) -> bool {
        let place = self.digits.get_mut(self.length);
        self.length += 1;
        place.map(|place| *place = digit).is_some()
    }

    /// Returns whether what it stands for may hold a secret.
    fn may_hold(&self, shortest: usize) -> bool {
        let digits = self.digits.get(..self.length).unwrap_or_default();
        let mut bytes = [0; RUN];
        digits.len() * 3 / 4 >= shortest
            && alignments(digits).zip(most(digits)).any(|(digits, most)| {
                usize::from(most) >= shortest
                    && match BASE64.decode_slice(digits, &mut bytes) {
                        Ok(length) => may_hold(bytes.get(..length).unwrap_or_default(), shortest),
                        Err(_) => false,
                    }
            })
    }
}

/// Returns how many characters of a secret each reading of a run of base64 digits has at most, see [`alignments`] and
/// [`may_hold`]. Lists have a million such runs, so all of a run is worked out side by side, without a branch.
fn most(digits: &[u8]) -> [u8; 4] {
    let mut sextets = [0; RUN + 8];
    for (place, digit) in sextets.iter_mut().zip(digits) {
        *place = sextet(*digit);
    }
    let from = |at: usize| sextets.get(at..at + digits.len()).unwrap_or_default();
    let mut three = [0; RUN];
    // The three bytes that four digits stand for, and the byte after them. Beyond the end they are one or two too many.
    let four = from(0).iter().zip(from(1)).zip(from(2).iter().zip(from(3)));
    for (place, (((a, b), (c, d)), (e, f))) in three.iter_mut().zip(four.zip(from(4).iter().zip(from(5)))) {
        let [first, second, third, after] = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d, e << 2 | f >> 4];
        *place = begins(first, second) + begins(second, third) + begins(third, after);
    }
    let mut most = [0; 4];
    for fours in three.chunks_exact(4) {
        for (sum, number) in most.iter_mut().zip(fours) {
            *sum += number;
        }
    }
    most
}

/// Returns what a digit of base64 stands for.
fn sextet(digit: u8) -> u8 {
    let (upper, lower, number) = (digit.wrapping_sub(b'A'), digit.wrapping_sub(b'a'), digit.wrapping_sub(b'0'));
    if upper < 26 {
        upper
    } else if lower < 26 {
        lower + 26
    } else if number < 10 {
        number + 52
    } else if digit == b'+' {
        62
    } else {
        63
    }
}

/// Returns 1 if a byte is a character of ASCII that counts, or may begin a longer one, which `next` goes on with; else 0.
fn begins(byte: u8, next: u8) -> u8 {
    let letter = ((byte | 0x20).wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'0') < 10);
    let sign = (byte == b'+') | (byte == b'/') | (byte == b'-') | (byte == b'_');
    let escape = (byte == b'%') | (byte == b'\\') | (byte == b'&') | (byte == b'=');
    let longer = (byte >= 0xc2) & (next & 0xc0 == 0x80);
    u8::from(letter | sign | escape | longer)
}

/// Returns whether a decoded text may hold a secret, which has `shortest` letters and digits or more: decoding once more makes
/// at most one of each character that stands for something, and none of others.
fn may_hold(bytes: &[u8], shortest: usize) -> bool {
    let characters = bytes.utf8_chunks().flat_map(|chunk| chunk.valid().chars());
    let of_a_secret = |character: &char| match u8::try_from(*character) {
        Ok(byte) if byte.is_ascii() => begins(byte, 0) > 0,
        _ => character.is_alphanumeric(),
    };
    characters.filter(of_a_secret).count() >= shortest
}

/// The readings of a run of base64 digits that may be a part of a longer one.
fn alignments(digits: &[u8]) -> impl Iterator<Item = &[u8]> {
    (0..4).filter_map(|offset| {
        let digits = digits.get(offset..)?;
        // One digit alone at the end stands for nothing.
        digits.get(..digits.len() - usize::from(digits.len() % 4 == 1))
    })
}

/// Returns a digit of either base64 alphabet as one of the standard alphabet.
fn standard(digit: u8) -> u8 {
    match digit {
        b'-' => b'+',
        b'_' => b'/',
        _ => digit,
    }
}

fn is_base64(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '-' | '_')
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

/// Returns ranges in order, those that touch as one.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
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
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

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

    fn percent(text: &str) -> String {
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
    fn written(character: char, how: usize) -> String {
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
        fn what_may_hold_a_secret_has_as_many_characters(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..40),
                "[a-z0-9%=é漢\u{fffd} ]{0,30}".prop_map(String::into_bytes),
            ],
            shortest in 1_usize..20,
        ) {
            let text = String::from_utf8_lossy(&bytes);
            let letters = text.chars().filter(|c| is_base64(*c) || "%\\&=".contains(*c) || c.is_alphanumeric());
            prop_assert_eq!(may_hold(&bytes, shortest), letters.count() >= shortest, "{:?}", text);
        }

        #[test]
        fn no_reading_of_a_run_has_more_characters_than_it_may(digits in "[A-Za-z0-9+/]{4,128}", shortest in 1_usize..96) {
            for (reading, most) in alignments(digits.as_bytes()).zip(most(digits.as_bytes())) {
                let bytes = BASE64.decode(reading).unwrap();
                prop_assert!(usize::from(most) >= shortest || !may_hold(&bytes, shortest), "{:?}", bytes);
            }
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
