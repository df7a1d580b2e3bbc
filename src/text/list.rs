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
    with_more(&shown.join(", "), items.len() - shown.len())
}

/// As [`few`], of items that are made ready only if they are shown.
pub fn few_of<T>(items: &[T], most: usize, ready: impl Fn(&T) -> String) -> String {
    let shown: Vec<String> = items.iter().take(most).map(ready).collect();
    with_more(&shown.join(", "), items.len() - shown.len())
}

fn with_more(named: &str, more: usize) -> String {
    if more == 0 { named.to_owned() } else { format!("{named} and {more} more") }
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
        let asked = std::cell::Cell::new(0);
        let quoted = |item: &&str| {
            asked.set(asked.get() + 1);
            format!("`{item}`")
        };
        assert_eq!((few_of(&items, 2, quoted), asked.get()), ("`a`, `b` and 1 more".to_owned(), 2));
    }
}
