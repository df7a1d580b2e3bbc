//! Everything secret that this process ever held: client secrets, access tokens old and new. One list for all tenants and
//! requests, because an answer, a message or a file may hold any of them, not only what the request at hand carried.
//!
//! A secret is found however it is written: as it is, percent-encoded, as a form has it, with the escapes of JSON, HTML or
//! Markdown, each in part or as a whole, and inside base64 or hexadecimal digits. What is encoded twice, taken apart or
//! written in the other letter case is found by a second search, [`nested`].

mod nested;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

use self::nested::{DECODED, Folded, Left};

/// Hiding a shorter text would garble ordinary words, and no secret is that short.
const SHORTEST: usize = 6;
/// Up to this length lower-case letters alone are a word, such as what people give a practice tenant for a secret.
const WORD: usize = 16;
/// By so many characters at its start a secret is looked up.
const START: usize = 4;
/// Comparisons allowed for each byte of a text, and for each form of a secret: tokens start alike, so one place in a text is
/// compared with all of them. A tenant chooses its tokens and its documents, so it could make each
/// position of a document look like the start of a token.
const EFFORT: usize = 16;
/// What stands in the place of a secret.
const HIDDEN: &str = "[hidden]";

static HELD: RwLock<Option<Held>> = RwLock::new(None);

/// Puts a secret on the list, without blanks around it: a header or a line loses them.
pub fn hold(secret: &str) {
    let secret = secret.trim();
    let word = secret.len() < WORD && secret.bytes().all(|byte| byte.is_ascii_lowercase());
    if secret.len() >= SHORTEST && !word {
        HELD.write().unwrap_or_else(PoisonError::into_inner).get_or_insert_default().add(secret);
    }
}

/// Returns whether a text holds a secret.
#[must_use]
pub fn holds(text: &str) -> bool {
    with(|held| held.is_in(text, &mut { DECODED })).unwrap_or_default()
}

/// Returns whether a text holds a secret in one encoding: for a whole answer, whose texts are looked at one by one once it is
/// read.
#[must_use]
pub fn holds_plainly(text: &str) -> bool {
    with(|held| held.next(text, 0, &mut held.effort(text)).is_some()).unwrap_or_default()
}

/// Returns whether a JSON value holds a secret in a text or a key of it.
#[must_use]
pub fn value_holds(value: &Value) -> bool {
    let mut search = Search::default();
    any_text(value, &mut |text| search.finds_in(text))
}

/// As [`value_holds`], of a value whose JSON has no escapes and was looked at with [`holds_plainly`].
#[must_use]
pub fn value_holds_nested(value: &Value) -> bool {
    let mut search = Search::default();
    any_text(value, &mut |text| search.finds_nested_in(text))
}

fn any_text(value: &Value, is: &mut dyn FnMut(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is(text),
        Value::Array(items) => items.iter().any(|item| any_text(item, is)),
        Value::Object(entries) => entries.iter().any(|(key, value)| is(key) || any_text(value, is)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A search through the texts of one document, one after the other.
pub struct Search {
    /// How many characters in base64 may still be looked at.
    decoded: usize,
}

impl Default for Search {
    fn default() -> Search {
        Search { decoded: DECODED }
    }
}

impl Search {
    /// Returns whether the next text holds a secret.
    pub fn finds_in(&mut self, text: &str) -> bool {
        with(|held| held.is_in(text, &mut self.decoded)).unwrap_or_default()
    }

    fn finds_nested_in(&mut self, text: &str) -> bool {
        with(|held| held.is_nested_in(text, &mut self.decoded)).unwrap_or_default()
    }
}

/// Returns a text with `[hidden]` in the place of every secret.
#[must_use]
pub fn hide(text: &str) -> Cow<'_, str> {
    with(|held| {
        let mut found = Vec::new();
        let mut left = held.effort(text);
        while let Some(next) = held.next(text, found.last().map_or(0, |last: &Range<usize>| last.end), &mut left) {
            found.push(next);
        }
        let plain = without(text, &found);
        let nested = held.folded.find(&plain, Left { effort: &mut held.effort(&plain), decoded: &mut { DECODED } });
        if nested.is_empty() { plain } else { Cow::Owned(without(&plain, &nested).into_owned()) }
    })
    .unwrap_or(Cow::Borrowed(text))
}

/// Returns a text with `[hidden]` in the place of each of the ranges, which are in order.
fn without<'a>(text: &'a str, ranges: &[Range<usize>]) -> Cow<'a, str> {
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    let mut from = 0;
    for range in ranges {
        shown.push_str(text.get(from..range.start).unwrap_or_default());
        shown.push_str(HIDDEN);
        from = range.end;
    }
    shown.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(shown)
}

fn with<T>(look: impl FnOnce(&Held) -> T) -> Option<T> {
    HELD.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(look)
}

/// What an escape may start with.
const ESCAPES: [u8; 4] = *b"%\\&+";

/// Pairs of bytes: a bit for each.
struct Pairs(Vec<u64>);

impl Default for Pairs {
    /// Holds the pairs with a byte in them that an escape may start with.
    fn default() -> Pairs {
        let mut pairs = Pairs::none();
        for escape in ESCAPES {
            for other in 0..=u8::MAX {
                pairs.add([escape, other]);
                pairs.add([other, escape]);
            }
        }
        pairs
    }
}

impl Pairs {
    fn none() -> Pairs {
        Pairs(vec![0; 1 << 10])
    }

    fn add(&mut self, pair: [u8; 2]) {
        let at = usize::from(u16::from_be_bytes(pair));
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    fn has(&self, pair: [u8; 2]) -> bool {
        let at = usize::from(u16::from_be_bytes(pair));
        self.0.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }
}

#[derive(Default)]
struct Held {
    known: HashSet<String>,
    /// What to look for, by its first characters.
    by_start: HashMap<[char; START], Vec<Vec<char>>>,
    /// How much of it there is.
    forms: usize,
    /// The first two bytes of everything that is looked for, and of all that may be an escape.
    pairs: Pairs,
    /// The two bytes after those, and all that may be an escape.
    next_pairs: Pairs,
    folded: Folded,
}

impl Held {
    fn effort(&self, text: &str) -> usize {
        EFFORT * (text.len() + self.forms + 10_000)
    }

    fn is_in(&self, text: &str, decoded: &mut usize) -> bool {
        self.next(text, 0, &mut self.effort(text)).is_some() || self.is_nested_in(text, decoded)
    }

    fn is_nested_in(&self, text: &str, decoded: &mut usize) -> bool {
        !self.folded.find(text, Left { effort: &mut self.effort(text), decoded }).is_empty()
    }

    fn add(&mut self, secret: &str) {
        if !self.known.insert(secret.to_owned()) {
            return;
        }
        let forms = forms(secret);
        self.folded.add(&forms);
        for form in forms {
            let bytes = form.as_bytes();
            let characters: Vec<char> = form.chars().collect();
            if let (Some(pair), Some(start)) = (bytes.first_chunk(), characters.first_chunk()) {
                self.pairs.add(*pair);
                if let Some(next) = bytes.get(2..).and_then(|rest| rest.first_chunk()) {
                    self.next_pairs.add(*next);
                }
                self.forms += 1;
                self.by_start.entry(*start).or_default().push(characters);
            }
        }
    }

    /// Finds the first secret at or after a place; what cannot be searched with the effort that is left counts as one.
    fn next(&self, text: &str, from: usize, effort: &mut usize) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        let mut before = *bytes.get(from)?;
        // Most of a text is passed by here, byte for byte.
        for (index, second) in bytes.get(from + 1..)?.iter().enumerate() {
            let pair = [std::mem::replace(&mut before, *second), *second];
            let at = from + index;
            if !self.pairs.has(pair) || !text.is_char_boundary(at) {
                continue;
            }
            // Two characters that stand for themselves, and no secret that goes on as the text does.
            let plain = pair.iter().all(|byte| byte.is_ascii() && !ESCAPES.contains(byte));
            let next = bytes.get(at + 2..).and_then(|rest| rest.first_chunk());
            if plain && next.is_none_or(|next| !self.next_pairs.has(*next)) {
                continue;
            }
            let end = self.end(text, at, &mut Vec::new(), effort);
            if *effort == 0 {
                return Some(at..bytes.len());
            }
            if let Some(end) = end {
                return Some(at..end);
            }
        }
        None
    }

    /// Returns where the longest secret ends that starts with `start`, which stands before `at`.
    fn end(&self, text: &str, at: usize, start: &mut Vec<char>, effort: &mut usize) -> Option<usize> {
        if let Ok(start) = <[char; START]>::try_from(start.as_slice()) {
            let wanted = self.by_start.get(&start)?;
            return wanted.iter().filter_map(|wanted| rest(text, at, wanted.get(START..)?, effort)).max();
        }
        let mut last = None;
        for (character, end) in readings(text, at).into_iter().flatten() {
            start.push(character);
            last = last.max(self.end(text, end, start, effort));
            start.pop();
        }
        last
    }
}

/// Returns where the rest of a secret ends that starts at a place.
fn rest(text: &str, mut at: usize, wanted: &[char], effort: &mut usize) -> Option<usize> {
    for (index, character) in wanted.iter().enumerate() {
        *effort = effort.checked_sub(1)?;
        let [plain, decoded] = readings(text, at).map(|reading| reading.filter(|(read, _)| read == character));
        at = match (plain, decoded) {
            // `%25` may stand for itself, too.
            (Some((_, plain)), Some((_, decoded))) => {
                let rest = |at, effort: &mut usize| self::rest(text, at, wanted.get(index + 1..)?, effort);
                return rest(decoded, effort).max(rest(plain, effort));
            }
            (Some((_, end)), None) | (None, Some((_, end))) => end,
            (None, None) => return None,
        };
    }
    Some(at)
}

/// The ways in which the characters of a text at a place can be read: as they are, and decoded; each with its end.
fn readings(text: &str, at: usize) -> [Option<(char, usize)>; 2] {
    let Some(rest) = text.get(at..) else { return [None; 2] };
    let Some(plain) = rest.chars().next() else { return [None; 2] };
    let decoded = match plain {
        '+' => Some((' ', 1)),
        '%' => percent(rest.as_bytes()),
        '\\' => backslash(rest),
        '&' => entity(rest),
        _ => None,
    };
    [Some((plain, at + plain.len_utf8())), decoded.map(|(character, length)| (character, at + length))]
}

/// One character of percent-encoded UTF-8, and its length in the text.
fn percent(text: &[u8]) -> Option<(char, usize)> {
    let byte = |index: usize| {
        let [b'%', high, low] = text.get(3 * index..)?.first_chunk::<3>()? else { return None };
        let digit = |byte: u8| char::from(byte).to_digit(16);
        u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
    };
    let length = match byte(0)? {
        0x00..=0x7f => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    let bytes: Vec<u8> = (0..length).map(byte).collect::<Option<_>>()?;
    Some((std::str::from_utf8(&bytes).ok()?.chars().next()?, 3 * length))
}

/// One escape of JSON, Rust, C or Markdown, and its length.
fn backslash(text: &str) -> Option<(char, usize)> {
    let digits = |from: usize, to: usize| u32::from_str_radix(text.get(from..to)?, 16).ok();
    match text.as_bytes().get(1)? {
        b'u' if text.as_bytes().get(2) == Some(&b'{') => {
            let end = text.get(..12).unwrap_or(text).find('}')?;
            Some((char::from_u32(digits(3, end)?)?, end + 1))
        }
        b'u' => {
            let high = digits(2, 6)?;
            if let Some(character) = char::from_u32(high) {
                return Some((character, 6));
            }
            let low = text.get(6..8).filter(|escape| *escape == "\\u").and_then(|_| digits(8, 12))?;
            let pair = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
            Some((char::decode_utf16(pair).next()?.ok()?, 12))
        }
        b'x' => Some((char::from_u32(digits(2, 4)?)?, 4)),
        b'0'..=b'3'
            if text.as_bytes().get(2..4).is_some_and(|rest| rest.iter().all(|byte| matches!(byte, b'0'..=b'7'))) =>
        {
            Some((char::from_u32(u32::from_str_radix(text.get(1..4)?, 8).ok()?)?, 4))
        }
        b'n' => Some(('\n', 2)),
        b'r' => Some(('\r', 2)),
        b't' => Some(('\t', 2)),
        other if other.is_ascii_punctuation() || *other == b' ' => Some((char::from(*other), 2)),
        _ => None,
    }
}

/// One character reference of HTML, and its length.
fn entity(text: &str) -> Option<(char, usize)> {
    if let Some(number) = text.strip_prefix("&#") {
        let (radix, digits) = number.strip_prefix(['x', 'X']).map_or((10, number), |digits| (16, digits));
        let length = digits.bytes().take(LONGEST_NUMBER).take_while(|byte| char::from(*byte).is_digit(radix)).count();
        let character = char::from_u32(u32::from_str_radix(digits.get(..length)?, radix).ok()?)?;
        let end = text.len() - digits.len() + length;
        // Browsers do without the semicolon.
        return Some((character, end + usize::from(text.as_bytes().get(end) == Some(&b';'))));
    }
    let end = text.bytes().take(LONGEST_NUMBER).position(|byte| byte == b';')?;
    let character = match text.get(1..end)? {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "plus" => '+',
        "sol" => '/',
        "equals" => '=',
        "lowbar" => '_',
        "period" => '.',
        "commat" => '@',
        "excl" => '!',
        "num" => '#',
        "dollar" => '$',
        "percnt" => '%',
        "ast" => '*',
        "colon" => ':',
        _ => return None,
    };
    Some((character, end + 1))
}

/// How many digits of a character reference are read: zeros may stand before it.
const LONGEST_NUMBER: usize = 32;

/// A secret as it is, and inside base64 and hexadecimal digits.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    for before in 0..3 {
        // What stands before the secret decides how its bits fall on the digits; digits that it shares are left out.
        let mut bytes = vec![0; before];
        bytes.extend(secret.as_bytes());
        let digits = (8 * before).div_ceil(6)..8 * bytes.len() / 6;
        for encoded in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            forms.extend(encoded.get(digits.clone()).map(str::to_owned));
        }
    }
    let digits = |byte: u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16).unwrap_or_default());
    let lower: String = secret.bytes().flat_map(digits).collect();
    forms.push(lower.to_ascii_uppercase());
    forms.push(lower);
    forms.sort();
    forms.dedup();
    forms.retain(|form| form.len() >= SHORTEST);
    forms
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// What is shown of a text beside what is held already.
    fn shown(secret: &str, text: &str) -> String {
        let mut held = Held::default();
        held.add(secret);
        let (mut shown, mut from, mut effort) = (String::new(), 0, held.effort(text));
        while let Some(found) = held.next(text, from, &mut effort) {
            shown.push_str(&text[from..found.start]);
            shown.push_str(HIDDEN);
            from = found.end;
        }
        shown + &text[from..]
    }

    #[test]
    fn thousands_of_secrets_with_one_start_are_not_found_where_only_that_stands() {
        let mut held = Held::default();
        for number in 0..5_000 {
            held.add(&format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.{number:08}"));
        }
        // The digits of a digest may be those that a token starts with.
        assert!(!held.is_in(&"6579 ".repeat(40), &mut { DECODED }));
        assert!(!held.is_in(&"eyJ0 eXAi ".repeat(10), &mut { DECODED }));
        assert!(held.is_in("a eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.00004999 b", &mut { DECODED }));
    }

    #[test]
    fn a_secret_is_found_in_every_usual_encoding() {
        let secret = "Kä+7/x \"&<9";
        let standard = STANDARD_NO_PAD.encode(format!("id:{secret}!"));
        for text in [
            "Kä+7/x \"&<9",
            "K%C3%A4%2B7%2Fx%20%22%26%3C9",
            "K%c3%a4%2b7%2fx%20%22%26%3c9",
            "K%C3%a4%2B7/x+%22%26%3C9",
            "\\u004b\\u00E4+7\\/x \\\"&<9",
            "K\\u{e4}+7/x \\\"\\&<9",
            "K&#228;&plus;7&sol;x &quot;&amp;&lt;9",
            "&#x4B;&#xe4;+7/x &#34;&#38;&#60;9",
        ] {
            assert_eq!(shown(secret, &format!("a {text} b")), "a [hidden] b", "{text}");
        }
        assert!(shown(secret, &standard).contains(HIDDEN), "{standard}");
        let hex: String = "s3cret-value".bytes().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(shown("s3cret-value", &hex), HIDDEN);
        assert_eq!(shown("s3cret-value", "s3cret-valuX s3cret"), "s3cret-valuX s3cret");
        assert_eq!(shown("s3cret-value", "s3cret-value.s3cret-value"), "[hidden].[hidden]");
    }

    #[test]
    fn the_list_is_that_of_the_process() {
        assert!(!holds("one-secret-of-this-test"));
        hold("one-secret-of-this-test");
        hold("word");
        hold("practice");
        assert!(holds("it is one%2Dsecret-of-this-test"));
        assert!(!holds("a word on practice"));
        assert!(value_holds(&json!({"a": [1, {"one-secret-of-this-test": null}]})));
        assert!(!value_holds(&json!({"a": [1, {"another": null}]})));
        assert_eq!(hide("x one-secret-of-this-test y"), "x [hidden] y");
    }

    #[test]
    fn a_text_made_to_be_searched_for_ever_is_taken_for_a_secret() {
        // One position after the other looks like its start; without a limit that is 50,000 times 100,000 comparisons.
        let secret = format!("{}b", "a".repeat(50_000));
        let text = "a".repeat(100_000);
        let shown = shown(&secret, &text);
        assert!(shown.len() < 1_000 && shown.ends_with(HIDDEN), "{}", shown.len());
    }

    proptest! {
        #[test]
        fn no_encoding_hides_a_secret(secret in "[ -~é]{8,40}", how in proptest::collection::vec(0..6usize, 40), before in "[a-z]{0,3}") {
            prop_assume!(!secret.bytes().all(|byte| byte.is_ascii_lowercase()));
            let text: String = secret.chars().zip(&how).map(|(character, how)| match how {
                0 => character.to_string(),
                1 => character.to_string().bytes().map(|byte| format!("%{byte:02x}")).collect(),
                2 => character.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect(),
                3 => format!("\\u{:04x}", u32::from(character)),
                4 => format!("&#{};", u32::from(character)),
                _ => format!("&#x{:X};", u32::from(character)),
            }).collect();
            let found = shown(&secret, &format!("{before}\n{text}\n"));
            prop_assert!(found.contains(HIDDEN), "{} in {}", secret, text);
            let encoded = URL_SAFE_NO_PAD.encode(format!("{before}{secret}"));
            prop_assert!(shown(&secret, &encoded).contains(HIDDEN), "{} in {}", secret, encoded);
        }
    }
}
