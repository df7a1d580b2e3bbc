//! Numbers in words.

/// Returns a number with its noun.
pub fn count(number: usize, singular: &str, plural: &str) -> String {
    if number == 1 { format!("1 {singular}") } else { format!("{number} {plural}") }
}
