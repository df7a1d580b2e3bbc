//! The look through a text that only tells whether it has to be searched.

use std::borrow::Cow;

use super::runs::{alignments, is_base64, standard, stretches};
use super::{Folded, fold, pushed};
use crate::text::secrets::escape;

/// Looks through a text, and all that it stands for, for the start of a secret. This only reads bytes and keeps no places, so that a
/// text without any is passed by quickly, however many escapes and base64 digits a tenant makes it of.
pub(super) struct Scan<'a> {
    folded: &'a Folded,
    shortest: usize,
    /// How many bytes that stand in base64 may still be looked at.
    left: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(folded: &'a Folded, shortest: usize, left: usize) -> Scan<'a> {
        Scan { folded, shortest, left }
    }

    /// Returns whether a text has to be looked at closely: it holds the start of a secret in up to `rounds` encodings, or too
    /// much stands in base64 to tell.
    pub(super) fn finds(&mut self, text: &str, rounds: usize) -> bool {
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
