//! Runs of base64 digits and what they may stand for.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A run of base64 digits up to this length, such as an id, is read before the text around it is looked at closely.
const RUN: usize = 128;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Returns the parts of what base64 digits stand for that are text and may hold a secret. What is read from the wrong digit on
/// is hardly ever a text for long.
pub(super) fn stretches<'a>(digits: &[u8], bytes: &'a mut Vec<u8>, shortest: usize) -> impl Iterator<Item = &'a str> {
    bytes.clear();
    if BASE64.decode_vec(digits, bytes).is_err() {
        bytes.clear();
    }
    bytes.utf8_chunks().map(|chunk| chunk.valid()).filter(move |text| may_hold(text.as_bytes(), shortest))
}

/// A run of base64 digits.
pub(super) struct Run {
    digits: [u8; RUN],
    length: usize,
    /// Whether it is of hexadecimal digits and dashes alone, as the id of an object is. Base64 of a secret hardly ever is: one
    /// in ten thousand million at 16 digits. Hexadecimal digits of a secret are found without being decoded.
    hexadecimal: bool,
}

impl Default for Run {
    fn default() -> Run {
        Run { digits: [0; RUN], length: 0, hexadecimal: true }
    }
}

impl Run {
    /// Adds a digit; returns false if there is no room for it.
    pub(super) fn push(&mut self, digit: u8) -> bool {
        let place = self.digits.get_mut(self.length);
        self.length += 1;
        self.hexadecimal &= matches!(digit, b'0'..=b'9' | b'a'..=b'f' | b'+');
        place.map(|place| *place = digit).is_some()
    }

    pub(super) fn clear(&mut self) {
        self.length = 0;
        self.hexadecimal = true;
    }

    /// Returns whether what it stands for may hold a secret.
    pub(super) fn may_hold(&self, shortest: usize) -> bool {
        if self.hexadecimal {
            return false;
        }
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
/// [`may_hold`]. Lists have a million such runs, so blocks of 16 digits are worked out side by side, without a branch.
fn most(digits: &[u8]) -> [u8; 4] {
    const BLOCK: usize = 16;
    let mut sextets = [0; RUN + BLOCK];
    for (places, digits) in sextets.chunks_exact_mut(BLOCK).zip(digits.chunks(BLOCK)) {
        // What stands for nothing, up to a whole block.
        let mut block = [b'A'; BLOCK];
        block.iter_mut().zip(digits).for_each(|(place, digit)| *place = *digit);
        places.iter_mut().zip(block.map(sextet)).for_each(|(place, sextet)| *place = sextet);
    }
    let mut sums = [0; BLOCK];
    for start in (0..digits.len()).step_by(BLOCK) {
        let from = |offset| sextets.get(start + offset..).and_then(|rest| rest.first_chunk::<BLOCK>());
        let (Some(a), Some(b), Some(c)) = (from(0), from(1), from(2)) else { break };
        let (Some(d), Some(e), Some(f)) = (from(3), from(4), from(5)) else { break };
        let four = a.iter().zip(b).zip(c.iter().zip(d));
        // The three bytes that four digits stand for, and the byte after them. Beyond the end they are one or two too many.
        for (sum, (((a, b), (c, d)), (e, f))) in sums.iter_mut().zip(four.zip(e.iter().zip(f))) {
            let [first, second, third, after] = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d, e << 2 | f >> 4];
            *sum += begins(first, second) + begins(second, third) + begins(third, after);
        }
    }
    let mut most = [0; 4];
    for fours in sums.chunks_exact(4) {
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
pub(super) fn may_hold(bytes: &[u8], shortest: usize) -> bool {
    let characters = bytes.utf8_chunks().flat_map(|chunk| chunk.valid().chars());
    let of_a_secret = |character: &char| match u8::try_from(*character) {
        Ok(byte) if byte.is_ascii() => begins(byte, 0) > 0,
        _ => character.is_alphanumeric(),
    };
    characters.filter(of_a_secret).count() >= shortest
}

/// The readings of a run of base64 digits that may be a part of a longer one.
pub(super) fn alignments(digits: &[u8]) -> impl Iterator<Item = &[u8]> {
    (0..4).filter_map(|offset| {
        let digits = digits.get(offset..)?;
        // One digit alone at the end stands for nothing.
        digits.get(..digits.len() - usize::from(digits.len() % 4 == 1))
    })
}

/// Returns a digit of either base64 alphabet as one of the standard alphabet.
pub(super) fn standard(digit: u8) -> u8 {
    match digit {
        b'-' => b'+',
        b'_' => b'/',
        _ => digit,
    }
}

pub(super) fn is_base64(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '-' | '_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_holds_nothing_and_a_text_in_base64_may() {
        let may_hold = |text: &str| {
            let mut run = Run::default();
            assert!(text.bytes().all(|digit| run.push(standard(digit))));
            run.may_hold(12)
        };
        assert!(!may_hold("8f3b1c2d-4e5f-6a7b-8c9d-0e1f2a3b4c5d"));
        assert!(!may_hold("2c9180835d2e5168015d32f890ca1581"));
        assert!(may_hold(&BASE64.encode("a secret of letters")));
        let mut run = Run::default();
        BASE64.encode("a secret of letters").bytes().for_each(|digit| assert!(run.push(digit)));
        run.clear();
        assert!(!run.may_hold(12));
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
}
