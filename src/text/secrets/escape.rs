//! One escape at the start of a text, as percent-encoding, JSON, HTML, Markdown, quoted-printable or lists of bytes have it: the
//! character that it stands for, and its length in bytes. Each looks at a few bytes only, however long the text is.

/// How many bytes the longest escape has.
pub(super) const LONGEST: usize = 40;
/// How many digits of a character reference are read: zeros may stand before it.
const LONGEST_NUMBER: usize = 32;

/// Returns whether a byte starts an escape of some kind.
pub(super) fn may_start(byte: u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&' | b'=' | b'0')
}

/// One escape of any kind.
pub(super) fn any(text: &[u8]) -> Option<(char, usize)> {
    match text.first()? {
        b'%' => percent(text),
        b'\\' => backslash(text),
        b'&' => entity(text),
        // Of quoted-printable only what is no letter or digit: those follow an equals sign in other texts.
        b'=' => hexadecimal(text, 1).filter(|character| !character.is_alphanumeric()).map(|character| (character, 3)),
        b'0' if text.get(1) == Some(&b'x') => Some((hexadecimal(text, 2)?, 4)),
        _ => None,
    }
}

/// One character of percent-encoded UTF-8.
pub(super) fn percent(text: &[u8]) -> Option<(char, usize)> {
    let byte = |index: usize| {
        let [b'%', high, low] = text.get(3 * index..)?.first_chunk::<3>()? else { return None };
        u8::try_from(digit(*high, 16)? * 16 + digit(*low, 16)?).ok()
    };
    let length = match byte(0)? {
        ascii @ 0x00..=0x7f => return Some((char::from(ascii), 3)),
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    let mut bytes = [0; 4];
    for (index, slot) in bytes.iter_mut().take(length).enumerate() {
        *slot = byte(index)?;
    }
    Some((std::str::from_utf8(bytes.get(..length)?).ok()?.chars().next()?, 3 * length))
}

/// One escape of JSON, Rust, C or Markdown.
pub(super) fn backslash(text: &[u8]) -> Option<(char, usize)> {
    match text.get(1)? {
        b'u' if text.get(2) == Some(&b'{') => {
            let end = text.iter().take(12).position(|byte| *byte == b'}')?;
            Some((char::from_u32(number(text.get(3..end)?, 16)?)?, end + 1))
        }
        b'u' => {
            let high = number(text.get(2..6)?, 16)?;
            if let Some(character) = char::from_u32(high) {
                return Some((character, 6));
            }
            let low = text.get(6..8).filter(|escape| *escape == b"\\u").and_then(|_| number(text.get(8..12)?, 16))?;
            let pair = [u16::try_from(high).ok()?, u16::try_from(low).ok()?];
            Some((char::decode_utf16(pair).next()?.ok()?, 12))
        }
        b'x' => Some((hexadecimal(text, 2)?, 4)),
        b'0'..=b'3' if text.get(2..4).is_some_and(|rest| rest.iter().all(|byte| matches!(byte, b'0'..=b'7'))) => {
            Some((char::from_u32(number(text.get(1..4)?, 8)?)?, 4))
        }
        b'n' => Some(('\n', 2)),
        b'r' => Some(('\r', 2)),
        b't' => Some(('\t', 2)),
        other if other.is_ascii_punctuation() || *other == b' ' => Some((char::from(*other), 2)),
        _ => None,
    }
}

/// One character reference of HTML.
pub(super) fn entity(text: &[u8]) -> Option<(char, usize)> {
    if text.get(1) == Some(&b'#') {
        let (radix, from) = if matches!(text.get(2), Some(b'x' | b'X')) { (16, 3) } else { (10, 2) };
        let digits = text.get(from..)?.iter().take(LONGEST_NUMBER);
        let end = from + digits.take_while(|byte| digit(**byte, radix).is_some()).count();
        let character = char::from_u32(number(text.get(from..end)?, radix)?)?;
        // Browsers do without the semicolon.
        return Some((character, end + usize::from(text.get(end) == Some(&b';'))));
    }
    let end = text.iter().take(LONGEST_NAME).position(|byte| *byte == b';')?;
    let character = match text.get(1..end)? {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        b"plus" => '+',
        b"sol" => '/',
        b"equals" => '=',
        b"lowbar" => '_',
        b"period" => '.',
        b"commat" => '@',
        b"excl" => '!',
        b"num" => '#',
        b"dollar" => '$',
        b"percnt" => '%',
        b"ast" => '*',
        b"colon" => ':',
        _ => return None,
    };
    Some((character, end + 1))
}

/// How many bytes the longest of these names has, with what stands around it.
const LONGEST_NAME: usize = 8;

/// The character of two hexadecimal digits.
fn hexadecimal(text: &[u8], from: usize) -> Option<char> {
    char::from_u32(number(text.get(from..from + 2)?, 16)?)
}

/// What digits stand for; `None` without any, and where it is more than 32 bits have.
fn number(digits: &[u8], radix: u32) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    let mut number = 0_u32;
    for byte in digits {
        number = number.checked_mul(radix)?.checked_add(digit(*byte, radix)?)?;
    }
    Some(number)
}

fn digit(byte: u8, radix: u32) -> Option<u32> {
    char::from(byte).to_digit(radix)
}
