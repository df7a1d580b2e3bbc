//! Lists in words.

/// Returns items with commas, `and` before the last.
pub fn joined<S: AsRef<str>>(items: &[S]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match items.as_slice() {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => items.concat(),
    }
}

/// Returns items with commas: the first `most` of them, and how many more there are.
pub fn few<S: AsRef<str>>(items: &[S], most: usize) -> String {
    let shown: Vec<&str> = items.iter().take(most).map(AsRef::as_ref).collect();
    match items.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_sentences() {
        let items = ["a", "b", "c"];
        assert_eq!([0, 1, 2, 3].map(|length| joined(&items[..length])), ["", "a", "a and b", "a, b and c"]);
        assert_eq!(
            [1, 2, 3, 4].map(|most| few(&items, most)),
            ["a and 2 more", "a, b and 1 more", "a, b, c", "a, b, c"]
        );
    }
}
