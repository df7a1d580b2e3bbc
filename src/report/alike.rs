//! The same thing of many tenants once: what belongs together, and what each has of its own left out.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::Hash;

/// Returns items that have the same key together, in the order of the first of each.
pub fn alike<T, K: Eq + Hash>(items: impl Iterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<Vec<T>> {
    keyed(items.map(|item| (key(&item), item))).into_iter().map(|(_, group)| group).collect()
}

/// Returns each key once with its items, in the order of the first of each.
pub fn keyed<K: Eq + Hash, T>(items: impl Iterator<Item = (K, T)>) -> Vec<(K, Vec<T>)> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    let mut known: HashMap<K, usize> = HashMap::new();
    for (key, item) in items {
        let number = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(number) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    let mut keys: Vec<(usize, K)> = known.into_iter().map(|(key, number)| (number, key)).collect();
    keys.sort_unstable_by_key(|(number, _)| *number);
    keys.into_iter().map(|(_, key)| key).zip(groups).collect()
}

/// Returns a text that says a word in place of a name, such as that of a host. Where the name is part of a longer one, it is
/// another name.
pub fn with_word<'t>(text: &'t str, name: &str, word: &str) -> Cow<'t, str> {
    if name.is_empty() || !text.contains(name) {
        return Cow::Borrowed(text);
    }
    let belongs = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_');
    let (mut shown, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once(name) {
        let goes_on = after.starts_with(belongs) || after.strip_prefix('.').is_some_and(|it| it.starts_with(belongs));
        let whole = !goes_on && !before.ends_with(belongs) && !before.ends_with('.');
        shown.push_str(before);
        shown.push_str(if whole { word } else { name });
        rest = after;
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_part_of_another_one_stays() {
        for (text, shown) in [
            ("at a.example: 401", "at the tenant's host: 401"),
            ("it must be of a.example.", "it must be of the tenant's host."),
            ("a.example:8443, a.example", "the tenant's host:8443, the tenant's host"),
            ("at aa.example and a.example.org, x.a.example", "at aa.example and a.example.org, x.a.example"),
            ("at a.example-2", "at a.example-2"),
        ] {
            assert_eq!(with_word(text, "a.example", "the tenant's host"), shown);
        }
        assert_eq!(with_word("anything", "", "nothing"), "anything");
    }
}
