//! Secrets that a look at one character after the other does not find: with encodings inside each other, with something
//! between their characters, in the other letter case, or in base64 that holds something else as well.
//!
//! A text is looked at as its letters and digits alone, in small letters, and again after each of a few rounds of decoding.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{Pairs, backslash, entity, percent};

/// What is compared of a secret is at least so long, or shorter by a third with a digit in it: less may be words.
const SHORTEST: usize = 18;
/// By so many characters at its start a secret is looked up.
const START: usize = 8;
/// How many encodings may be inside each other.
const ROUNDS: usize = 3;
/// How many characters the longest escape has.
const ESCAPE: usize = 40;
/// A text is looked at in pieces of so many bytes, which overlap by a quarter.
const PIECE: usize = 1 << 18;
/// A run of base64 digits up to this length, such as an id, is read before the text around it is looked at letter by letter.
const RUN: usize = 128;
/// How many characters that stand in base64 are looked at for one text or document.
pub(super) const DECODED: usize = 1 << 24;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A character of a text, perhaps decoded, and the bytes where it stands.
#[derive(Clone, Copy)]
struct Letter {
    character: char,
    start: usize,
    end: usize,
}

/// The secrets as letters and digits.
pub(super) struct Folded {
    by_start: HashMap<[char; START], Vec<Vec<char>>>,
    /// The starts, as far as they are ASCII, and their last two bytes: most of a text is passed by with them.
    starts: HashSet<u64>,
    ends: Pairs,
    shortest: Option<usize>,
}

/// How much may still be looked at.
pub(super) struct Left<'a> {
    /// Comparisons for the text.
    pub(super) effort: &'a mut usize,
    /// Characters in base64.
    pub(super) decoded: &'a mut usize,
}

impl Default for Folded {
    fn default() -> Folded {
        Folded { by_start: HashMap::new(), starts: HashSet::new(), ends: Pairs::none(), shortest: None }
    }
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
                if let Some(start) = start.iter().try_fold(0, |window, letter| pushed(window, *letter)) {
                    self.starts.insert(start);
                    self.ends.add(last_two(start));
                }
                self.by_start.entry(*start).or_default().push(form);
            }
        }
    }

    /// Returns where secrets stand in a text, in order; what cannot be searched with the effort that is left counts as one.
    pub(super) fn find(&self, text: &str, mut left: Left<'_>) -> Vec<Range<usize>> {
        let Some(shortest) = self.shortest.filter(|shortest| text.len() >= *shortest) else { return Vec::new() };
        let mut found = Vec::new();
        let mut from = 0;
        while from < text.len() {
            let boundary = |at: usize| (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
            let end = boundary(from + PIECE);
            let piece = text.get(from..end).unwrap_or_default();
            if self.may_be_in(piece, shortest) {
                let letter = |(at, character): (usize, char)| Letter {
                    character,
                    start: from + at,
                    end: from + at + character.len_utf8(),
                };
                self.look(piece.char_indices().map(letter).collect(), shortest, ROUNDS, &mut left, &mut found);
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

    /// Returns whether a secret starts with these ASCII characters.
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
        let characters: Vec<char> = folded.iter().map(|(character, _)| *character).collect();
        let place = |at: usize| folded.get(at).and_then(|(_, index)| letters.get(*index));
        let mut from = 0;
        while let Some(rest) = characters.get(from..)
            && let Some(start) = rest.first_chunk::<START>()
        {
            let mut length = 0;
            // Hashing every place would take most of the time.
            let ascii = start.iter().try_fold(0, |window, letter| pushed(window, *letter));
            let forms = ascii.is_none_or(|window| self.starts_with(window)).then(|| self.by_start.get(start)).flatten();
            for form in forms.into_iter().flatten() {
                let same = rest.iter().zip(form).take_while(|(character, wanted)| character == wanted).count();
                let Some(effort) = left.effort.checked_sub(same) else {
                    found.extend(place(from).zip(letters.last()).map(|(first, last)| first.start..last.end));
                    return;
                };
                *left.effort = effort;
                if same == form.len() {
                    length = length.max(same);
                }
            }
            if length == 0 {
                from += 1;
                continue;
            }
            found.extend(place(from).zip(place(from + length - 1)).map(|(first, last)| first.start..last.end));
            from += length;
        }
    }

    /// Searches what runs of base64 digits stand for, with line ends in them or not. They may be a part of a longer run.
    fn base64(
        &self,
        letters: &[Letter],
        shortest: usize,
        rounds: usize,
        left: &mut Left<'_>,
        found: &mut Vec<Range<usize>>,
    ) {
        let ends = |letter: &Letter| !is_base64(letter.character) && !matches!(letter.character, '\n' | '\r');
        for run in letters.split(ends) {
            let digits: Vec<u8> = run
                .iter()
                .filter_map(|letter| u8::try_from(letter.character).ok().filter(|byte| !byte.is_ascii_whitespace()))
                .map(standard)
                .collect();
            let (Some(first), Some(last), true) = (run.first(), run.last(), digits.len() * 3 / 4 >= shortest) else {
                continue;
            };
            for digits in alignments(&digits) {
                let Some(decoded) = left.decoded.checked_sub(digits.len()) else { return };
                *left.decoded = decoded;
                let Ok(bytes) = BASE64.decode(digits) else { continue };
                if !may_hold(&bytes, shortest) {
                    continue;
                }
                let text: Vec<Letter> = String::from_utf8_lossy(&bytes)
                    .chars()
                    .map(|character| Letter { character, start: first.start, end: last.end })
                    .collect();
                self.look(text, shortest, rounds, left, found);
            }
        }
    }
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

/// Returns the last characters of a text with one more; `None` if that is not ASCII.
fn pushed(window: u64, letter: char) -> Option<u64> {
    letter.is_ascii().then(|| window << 8 | u64::from(u32::from(letter)))
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
    if !letters.iter().any(|letter| matches!(letter.character, '%' | '\\' | '&' | '=' | '0')) {
        return None;
    }
    let mut plain = Vec::with_capacity(letters.len());
    let mut changed = false;
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        let escape =
            matches!(letter.character, '%' | '\\' | '&' | '=' | '0').then(|| escape(letters.get(at..)?)).flatten();
        let (character, length) = escape.unwrap_or((letter.character, 1));
        changed |= escape.is_some();
        let end = letters.get(at + length - 1).map_or(letter.end, |last| last.end);
        plain.push(Letter { character, start: letter.start, end });
        at += length;
    }
    changed.then_some(plain)
}

/// The escape at the start of a text and its length.
fn escape(letters: &[Letter]) -> Option<(char, usize)> {
    let text: String = letters.iter().take(ESCAPE).map(|letter| letter.character).take_while(char::is_ascii).collect();
    let hexadecimal = |from: usize| u8::from_str_radix(text.get(from..from + 2)?, 16).ok().map(char::from);
    match text.as_bytes().first()? {
        b'%' => percent(text.as_bytes()),
        b'\\' => backslash(&text),
        b'&' => entity(&text),
        // Of quoted-printable only what is no letter or digit: those follow an equals sign in other texts.
        b'=' => hexadecimal(1).filter(|c| !c.is_alphanumeric()).map(|character| (character, 3)),
        b'0' if text.as_bytes().get(1) == Some(&b'x') => Some((hexadecimal(2)?, 4)),
        _ => None,
    }
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
    use crate::text::secrets::forms;

    const SECRET: &str = "S3cr3t+/Value=with\"odd<&>signs and blank9";

    /// What is left of a text without what holds a secret.
    fn left(text: &str) -> String {
        let mut folded = Folded::default();
        folded.add(&forms(SECRET));
        let (mut effort, mut decoded) = (1_000_000, DECODED);
        let mut left = text.to_owned();
        for range in folded.find(text, Left { effort: &mut effort, decoded: &mut decoded }).into_iter().rev() {
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
            let left = left(&format!("It says: {text} !"));
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
            let (mut effort, mut decoded, mut found) = (1_000_000, DECODED, Vec::new());
            let letter = |(start, character): (usize, char)| Letter { character, start, end: start + character.len_utf8() };
            let mut left = Left { effort: &mut effort, decoded: &mut decoded };
            folded.look(text.char_indices().map(letter).collect(), shortest, ROUNDS, &mut left, &mut found);
            let (seen, looked_at) = (!found.is_empty(), folded.may_be_in(&text, shortest));
            prop_assert!(!seen || (looked_at && may_hold(text.as_bytes(), shortest)), "{}", text);
            prop_assert!(seen || cut > 15 || encoded > 1, "{}", text);
        }
    }
}
