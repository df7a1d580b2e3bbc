//! What a misspelt word was meant to be.

use std::fmt::Display;

/// Returns the candidate that is most like `word`, if any is like it.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Comparing is quadratic in the length, and no key is anywhere near as long.
    let word: String = word.chars().take(80).flat_map(char::to_lowercase).collect();
    candidates
        .into_iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(&word, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, candidate)| candidate)
}

/// Asks whether the nearest candidate was meant, written as the user would write it.
pub fn did_you_mean(candidate: impl Display) -> String {
    format!("did you mean {candidate}?")
}

/// Returns what to write in the place of a word that is none of `words`: the one that was meant, else any of them.
pub fn instead(meant: Option<&str>, words: &[&str]) -> String {
    meant.map_or_else(|| format!("write one of {}", words.join(", ")), did_you_mean)
}
