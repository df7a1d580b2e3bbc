//! Sentences to lines that fit the screen.

/// Breaks `text` between words, and within paths that are longer than a line, so that no line passes `width` columns
/// if its words are short enough. `taken` columns of every line are taken already.
pub(crate) fn wrap(text: &str, taken: usize, width: usize) -> String {
    // On a screen of a few columns longer lines read better than one word a line.
    let room = width.saturating_sub(taken).max(20);
    let mut wrapped = String::with_capacity(text.len());
    let mut used = 0;
    for word in text.split(' ') {
        // The path of a setting may be longer than a line, and a terminal would break it anywhere.
        let pieces: Vec<&str> = match word.chars().count() {
            length if length > room => word.split_inclusive(['.', '/']).collect(),
            _ => vec![word],
        };
        for (index, piece) in pieces.into_iter().enumerate() {
            let gap = usize::from(used > 0 && index == 0);
            let length = piece.chars().count();
            if used > 0 && used + gap + length > room {
                wrapped.push('\n');
                used = length;
            } else {
                wrapped.push_str(if gap == 1 { " " } else { "" });
                used += gap + length;
            }
            wrapped.push_str(piece);
        }
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
        assert_eq!(
            wrap("at accessRequestConfig.inside.maxReminders: x"),
            "at\naccessRequestConfig.\ninside.maxReminders:\nx"
        );
        assert_eq!(wrap("a b c d e f g h i j k l m n"), "a b c d e f g h i j\nk l m n");
        assert_eq!(wrap(""), "");
    }
}
