//! Everything secret that this process ever held: client secrets, access tokens old and new. One list for all tenants and
//! requests, because an answer, a message or a file may hold any of them, not only what the request at hand carried.
//!
//! A secret is found however it is written: as it is, percent-encoded, as a form has it, with the escapes of JSON, HTML or
//! Markdown, each in part or as a whole, and inside base64 or hexadecimal digits. What is encoded twice, taken apart or
//! written in the other letter case is found by a second search, [`nested`].

mod escape;
mod nested;
mod stream;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{PoisonError, RwLock};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

use self::escape::{backslash, entity, percent};
use self::nested::Folded;
pub use self::stream::Hiding;

/// Hiding a shorter text would garble ordinary words, and no secret is that short.
const SHORTEST: usize = 6;
/// Up to this length lower-case letters alone are a word, such as what people give a practice tenant for a secret.
const WORD: usize = 16;
/// By so many characters at its start a secret is looked up.
const START: usize = 4;
/// Comparisons allowed for each byte of a text or document, and for each form of a secret: tokens start alike, so one place in
/// a text is compared with all of them. A tenant chooses its tokens and its documents, so it could make each
/// position of a document look like the start of a token.
const EFFORT: usize = 16;
/// From so many members on a list is worth a second thread.
const LONG: usize = 20_000;
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
    with(|held| held.is_in(text, &mut held.effort())).unwrap_or_default()
}

/// Returns whether a text holds a secret in one encoding: for a whole answer, whose texts are looked at one by one once it is
/// read.
#[must_use]
pub fn holds_plainly(text: &str) -> bool {
    with(|held| held.next(text, 0, &mut (held.effort() + EFFORT * text.len())).is_some()).unwrap_or_default()
}

/// Returns whether a JSON value holds a secret in a text or a key of it.
#[must_use]
pub fn value_holds(value: &Value) -> bool {
    let mut search = Search::default();
    any_text(value, &mut |text| search.finds_in(text))
}

/// As [`value_holds`], of a value whose JSON has no escapes and was looked at with [`holds_plainly`]. Keys that are known hold
/// none.
#[must_use]
pub fn value_holds_nested(value: &Value, is_known: fn(&str) -> bool) -> bool {
    with(|held| held.is_nested_in_value(value, is_known, &mut held.effort())).unwrap_or_default()
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
#[derive(Default)]
pub struct Search {
    /// The comparisons that are left; `None` before the first text.
    effort: Option<usize>,
}

impl Search {
    /// Returns whether the next text holds a secret.
    pub fn finds_in(&mut self, text: &str) -> bool {
        self.with(|held, effort| held.is_in(text, effort))
    }

    fn with(&mut self, look: impl FnOnce(&Held, &mut usize) -> bool) -> bool {
        with(|held| look(held, self.effort.get_or_insert_with(|| held.effort()))).unwrap_or_default()
    }
}

/// Returns a text with `[hidden]` in the place of every secret.
#[must_use]
pub fn hide(text: &str) -> Cow<'_, str> {
    with(|held| held.hide(text)).unwrap_or(Cow::Borrowed(text))
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

/// How many words of 64 bits have a bit for every pair of bytes.
const WORDS: usize = 1 << 10;

/// Pairs of bytes: a bit for each. Every byte of every answer comes here, so the length is known where this is compiled.
struct Pairs(Box<[u64; WORDS]>);

impl Default for Pairs {
    fn default() -> Pairs {
        Pairs(Box::new([0; WORDS]))
    }
}

impl Pairs {
    /// The pairs with a byte in them that an escape may start with.
    fn of_escapes() -> Pairs {
        let mut pairs = Pairs::default();
        for escape in ESCAPES {
            for other in 0..=u8::MAX {
                pairs.add([escape, other]);
                pairs.add([other, escape]);
            }
        }
        pairs
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

struct Held {
    known: HashSet<String>,
    /// What to look for after its first characters, by those.
    by_start: HashMap<[char; START], Vec<Box<str>>>,
    /// How much of it there is.
    forms: usize,
    /// How many bytes the longest of it has.
    longest: usize,
    /// The first two bytes of everything that is looked for, and of all that may be an escape.
    pairs: Pairs,
    /// The two bytes after those, and all that may be an escape.
    next_pairs: Pairs,
    /// For each of the first characters of what is looked for, its lowest byte and that of the one before it.
    begins: [Pairs; START],
    folded: Folded,
}

impl Default for Held {
    fn default() -> Held {
        Held {
            known: HashSet::new(),
            by_start: HashMap::new(),
            forms: 0,
            longest: 0,
            pairs: Pairs::of_escapes(),
            next_pairs: Pairs::of_escapes(),
            begins: Default::default(),
            folded: Folded::default(),
        }
    }
}

impl Held {
    /// The comparisons that a document may take whatever its length.
    fn effort(&self) -> usize {
        EFFORT * (self.forms + 10_000)
    }

    /// Returns whether a text of a document holds a secret; its length adds to what the document may take.
    fn is_in(&self, text: &str, effort: &mut usize) -> bool {
        *effort += EFFORT * text.len();
        self.next(text, 0, effort).is_some() || self.is_nested_in(text, effort)
    }

    fn is_nested_in(&self, text: &str, effort: &mut usize) -> bool {
        *effort += EFFORT * text.len();
        !self.folded.find(text, effort).is_empty()
    }

    /// Looks through the texts and keys of a value, a long list by halves on two threads, each with the effort of a document.
    fn is_nested_in_value(&self, value: &Value, is_known: fn(&str) -> bool, effort: &mut usize) -> bool {
        match value {
            Value::String(text) => self.is_nested_in(text, effort),
            Value::Array(items) if items.len() >= LONG => {
                let (first, second) = items.split_at(items.len() / 2);
                let in_any = |items: &[Value]| {
                    let mut effort = self.effort();
                    items.iter().any(|item| self.is_nested_in_value(item, is_known, &mut effort))
                };
                thread::scope(|scope| {
                    let second = scope.spawn(|| in_any(second));
                    // What could not be looked through counts as a secret.
                    in_any(first) | second.join().unwrap_or(true)
                })
            }
            Value::Array(items) => items.iter().any(|item| self.is_nested_in_value(item, is_known, effort)),
            Value::Object(entries) => entries.iter().any(|(key, value)| {
                (!is_known(key) && self.is_nested_in(key, effort)) || self.is_nested_in_value(value, is_known, effort)
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    fn add(&mut self, secret: &str) {
        if !self.known.insert(secret.to_owned()) {
            return;
        }
        let forms = forms(secret);
        self.folded.add(&forms);
        for form in forms {
            let bytes = form.as_bytes();
            let mut rest = form.chars();
            let characters: Vec<char> = rest.by_ref().take(START).collect();
            if let (Some(pair), Some(start)) = (bytes.first_chunk(), characters.first_chunk()) {
                self.pairs.add(*pair);
                if let Some(next) = bytes.get(2..).and_then(|rest| rest.first_chunk()) {
                    self.next_pairs.add(*next);
                }
                self.forms += 1;
                self.longest = self.longest.max(form.len());
                let mut before = '\0';
                for (character, begins) in start.iter().zip(&mut self.begins) {
                    begins.add([low(before), low(*character)]);
                    before = *character;
                }
                self.by_start.entry(*start).or_default().push(rest.as_str().into());
            }
        }
    }

    fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let found = self.plainly(text, text.len(), &mut (self.effort() + EFFORT * text.len()));
        let plain = without(text, &found);
        let nested = self.folded.find(&plain, &mut (self.effort() + EFFORT * plain.len()));
        if nested.is_empty() { plain } else { Cow::Owned(without(&plain, &nested).into_owned()) }
    }

    /// Finds the secrets in one encoding that start before `until`.
    fn plainly(&self, text: &str, until: usize, effort: &mut usize) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        let mut from = 0;
        while let Some(next) = self.next(text, from, effort).filter(|next| next.start < until) {
            from = next.end;
            found.push(next);
        }
        found
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
            let end = self.end(text, at, ['\0'; START], 0, effort);
            if *effort == 0 {
                return Some(at..bytes.len());
            }
            if let Some(end) = end {
                return Some(at..end);
            }
        }
        None
    }

    /// Returns where the longest secret ends that starts with the first `length` of `start`, which stand before `at`.
    fn end(&self, text: &str, at: usize, start: [char; START], length: usize, effort: &mut usize) -> Option<usize> {
        let Some(begins) = self.begins.get(length) else {
            let wanted = self.by_start.get(&start)?;
            return wanted.iter().filter_map(|wanted| rest(text, at, wanted, effort)).max();
        };
        let before = length.checked_sub(1).and_then(|last| start.get(last)).copied().unwrap_or_default();
        let mut last = None;
        for (character, end) in readings(text, at).into_iter().flatten() {
            *effort = effort.checked_sub(1)?;
            // Each place can be read in two ways, so without this the first characters alone would be read in 16.
            if begins.has([low(before), low(character)]) {
                let mut start = start;
                start.iter_mut().skip(length).take(1).for_each(|next| *next = character);
                last = last.max(self.end(text, end, start, length + 1, effort));
            }
        }
        last
    }
}

/// The lowest byte of a character.
fn low(character: char) -> u8 {
    let [low, ..] = u32::from(character).to_le_bytes();
    low
}

/// Returns where the rest of a secret ends that starts at a place.
fn rest(text: &str, mut at: usize, wanted: &str, effort: &mut usize) -> Option<usize> {
    let mut wanted = wanted.chars();
    while let Some(character) = wanted.next() {
        *effort = effort.checked_sub(1)?;
        let [plain, decoded] = readings(text, at).map(|reading| reading.filter(|(read, _)| *read == character));
        at = match (plain, decoded) {
            // `%25` may stand for itself, too.
            (Some((_, plain)), Some((_, decoded))) => {
                let rest = |at, effort: &mut usize| self::rest(text, at, wanted.as_str(), effort);
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
        '\\' => backslash(rest.as_bytes()),
        '&' => entity(rest.as_bytes()),
        _ => None,
    };
    [Some((plain, at + plain.len_utf8())), decoded.map(|(character, length)| (character, at + length))]
}

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
        let (mut shown, mut from) = (String::new(), 0);
        let mut effort = held.effort() + EFFORT * text.len();
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
        assert!(!held.is_in(&"6579 ".repeat(40), &mut held.effort()));
        assert!(!held.is_in(&"eyJ0 eXAi ".repeat(10), &mut held.effort()));
        assert!(held.is_in("a eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.00004999 b", &mut held.effort()));
    }

    #[test]
    fn only_a_key_that_is_known_is_passed_by() {
        let mut held = Held::default();
        held.add("a1b2c3d4e5f6a1b2c3d4");
        let key = STANDARD_NO_PAD.encode(STANDARD_NO_PAD.encode("a1b2c3d4e5f6a1b2c3d4"));
        let value = json!({"known": [{ &key: true }]});
        let finds = |is_known| held.is_nested_in_value(&value, is_known, &mut held.effort());
        assert!(finds(|key| key == "known"));
        assert!(!finds(|_| true));
        assert!(held.is_nested_in_value(&json!({"known": key}), |_| true, &mut held.effort()));
    }

    #[test]
    fn a_secret_is_found_wherever_it_stands_in_a_long_list() {
        let mut held = Held::default();
        held.add("s3cret-of-a-long-list-0123");
        let encoded = STANDARD_NO_PAD.encode(STANDARD_NO_PAD.encode("s3cret-of-a-long-list-0123"));
        let ids = |at: Option<usize>| {
            let id = |number| if at == Some(number) { encoded.clone() } else { format!("{number:032x}") };
            json!({ "list": { "ids": (0..LONG + 1).map(id).collect::<Vec<_>>() } })
        };
        assert!(!held.is_nested_in_value(&ids(None), |_| false, &mut held.effort()));
        for at in [0, LONG / 2, LONG / 2 + 1, LONG] {
            assert!(held.is_nested_in_value(&ids(Some(at)), |_| false, &mut held.effort()), "{at}");
        }
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

    #[test]
    fn texts_made_of_escapes_or_digits_take_little_longer_than_others() {
        let mut held = Held::default();
        held.add("s3cret-of-The-te5t");
        held.add("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.token");
        // Nanoseconds of this thread on a processor: other programs do not count.
        let busy = || -> u64 {
            let spent = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
            spent.split(' ').next().unwrap().parse().unwrap()
        };
        let search = |text: &str| {
            let started = busy();
            assert!(!held.is_in(text, &mut held.effort()));
            busy() - started
        };
        let size = 120_000;
        let plain = search(&"A text. ".repeat(size / 8));
        let noise: Vec<u8> = (0..size as u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u8).collect();
        let encoded = STANDARD_NO_PAD.encode(noise);
        let twice = STANDARD_NO_PAD.encode(&encoded);
        for piece in [
            "%41%6a",
            "%2541",
            "%25",
            "&amp;",
            "&#x0000000000000041;",
            "&",
            "\\u0041",
            "\\",
            "=3D",
            "0x41,",
            &encoded,
            &twice,
        ] {
            let text = piece.repeat((size / piece.len()).max(1));
            let took = search(text.get(..size).unwrap_or(&text));
            assert!(took < plain * 50, "{took} ns for {}, {plain} ns for a plain text", &piece[..piece.len().min(20)]);
        }
    }

    #[test]
    fn many_short_texts_share_what_one_long_text_may_take() {
        // Each looks like the start of the secret at each place.
        let mut held = Held::default();
        held.add(&format!("{}b", "a".repeat(1_000)));
        let text = serde_json::Value::from("a".repeat(999));
        let mut effort = held.effort();
        let looked_at = (0..10_000).take_while(|_| !held.is_in(text.as_str().unwrap(), &mut effort)).count();
        assert!(looked_at < 10, "{looked_at}");
        // The texts of a document are looked at so, too.
        hold(&format!("{}b", "q7".repeat(150)));
        let (text, mut search) = ("q7".repeat(149), Search::default());
        let looked_at = (0..10_000).take_while(|_| !search.finds_in(&text)).count();
        assert!((1..1_000).contains(&looked_at), "{looked_at}");
    }

    #[test]
    fn more_base64_inside_base64_than_anyone_writes_is_taken_for_a_secret() {
        let mut held = Held::default();
        held.add("s3cret-of-The-te5t");
        // From whichever digit on it is read it stands for many of the digit U, and those for text.
        assert!(held.is_in(&"V".repeat(10_000), &mut held.effort()));
        let thrice = (0..3).fold("A text of some length. ".repeat(500), |text, _| STANDARD_NO_PAD.encode(text));
        assert!(!held.is_in(&thrice, &mut held.effort()));
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
