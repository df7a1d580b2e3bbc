//! Long lists of tenants: each is written out once. Where it is meant, its first names and its number stand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::tenants::NAMED;
use crate::text::list::few_of;

/// The long lists of tenants of a report, in the order in which they are first meant. Equal lists are one.
#[derive(Clone, Debug, Default)]
pub struct Lists(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    numbers: HashMap<Arc<[String]>, usize>,
    lists: Vec<Arc<[String]>>,
}

impl Lists {
    /// Returns names in a line, of a long list the first ones and its number; `name` writes a name.
    pub fn brief(&self, names: &[String], name: impl Fn(&String) -> String) -> String {
        let first = few_of(names, NAMED, name);
        if names.len() > NAMED { format!("{first} {}", Lists::mention(self.number(names))) } else { first }
    }

    /// Returns how a list is meant in a line.
    pub fn mention(number: usize) -> String {
        format!("(list {number})")
    }

    /// Returns the number of a list, from 1.
    pub fn number(&self, names: &[String]) -> usize {
        let mut known = self.lock();
        if let Some(number) = known.numbers.get(names) {
            return *number;
        }
        let names: Arc<[String]> = names.into();
        known.lists.push(Arc::clone(&names));
        let number = known.lists.len();
        known.numbers.insert(names, number);
        number
    }

    /// Returns the lists by number.
    pub fn all(&self) -> Vec<Arc<[String]>> {
        self.lock().lists.clone()
    }

    /// A panic of another thread leaves the lists as they are.
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lists_are_one() {
        let names = |names: &str| names.split(' ').map(str::to_owned).collect::<Vec<String>>();
        let lists = Lists::default();
        let numbers = ["a b", "a c", "a b", "b"].map(|list| lists.number(&names(list)));
        assert_eq!(numbers, [1, 2, 1, 3]);
        let all: Vec<String> = lists.all().iter().map(|list| list.join(" ")).collect();
        assert_eq!(all, ["a b", "a c", "b"]);
    }
}
