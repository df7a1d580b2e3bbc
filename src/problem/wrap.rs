//! Sentences to lines that fit the screen.

/// Breaks `text` between words so that no line passes `width` columns where its words allow it. `taken` columns of every
/// line are taken already.
pub(crate) fn wrap(text: &str, taken: usize, width: usize) -> String {
    // A screen of a few columns is no reason for a word a line.
    let room = width.saturating_sub(taken).max(20);
    let mut wrapped = String::with_capacity(text.len());
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > room {
            wrapped.push('\n');
            used = length;
        } else {
            if used > 0 {
                wrapped.push(' ');
            }
            used += length + usize::from(used > 0);
        }
        wrapped.push_str(word);
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        let wrap = |text| wrap(text, 10, 30);
        assert_eq!(wrap("one"), "one");
        assert_eq!(wrap("twenty columns fit, no more"), "twenty columns fit,\nno more");
        assert_eq!(wrap("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b"), "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nb");
        assert_eq!(wrap("a b c d e f g h i j k l m n"), "a b c d e f g h i j\nk l m n");
        assert_eq!(wrap(""), "");
    }
}
