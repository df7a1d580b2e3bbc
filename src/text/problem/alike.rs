//! Problems that say the same of many places: they are told once, with the other places.

use std::borrow::Cow;

use crate::text::list::few_of;
use crate::text::number::count;

/// Stands for the name of a file in a message that is compared with others.
const NAME: &str = "\u{e000}";

/// Returns what stands before the name of the file that a message is about, the name, and what stands after it, if the rule is
/// about files themselves: each of many tenants may lack a file of its own.
fn around_file<'m>(rule: &str, message: &'m str) -> Option<[&'m str; 3]> {
    let (before, rest) = message.split_once('`').filter(|_| rule.starts_with("file-"))?;
    let (name, after) = rest.split_once('`')?;
    Some([before, name, after])
}

/// Returns the name of the file that a message is about, if the rule is about files themselves.
#[must_use]
pub fn file_of<'m>(rule: &str, message: &'m str) -> Option<&'m str> {
    around_file(rule, message).map(|[_, name, _]| name)
}

/// Returns a message without that name.
#[must_use]
pub fn without_file<'m>(rule: &str, message: &'m str) -> Cow<'m, str> {
    match around_file(rule, message) {
        Some([before, _, after]) => Cow::Owned(format!("{before}{NAME}{after}")),
        None => Cow::Borrowed(message),
    }
}

/// Says where else a problem is that is told once, at most `named` places by name; `None` if nowhere. Each place is there with the
/// name of the file that it is about, as is the place where the problem is told.
#[must_use]
pub fn others_in_words(told: Option<&str>, places: &[(String, Option<&str>)], named: usize) -> Option<String> {
    let number = places.len();
    let named_alike = places.iter().all(|(_, name)| *name == told);
    let place = |(place, name): &(String, Option<&str>)| match name {
        Some(name) if !named_alike => format!("`{name}` ({place})"),
        _ => place.clone(),
    };
    let what = if named_alike {
        format!("in {}", count(number, "other place", "other places"))
    } else {
        format!("of {}", count(number, "other file", "other files"))
    };
    (number > 0).then(|| format!("the same {what}: {}", few_of(places, named, place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_is_left_out_where_the_rule_is_about_files() {
        let message = "there is no file `a.yaml`: look";
        let (without, name) = (without_file("file-missing", message), file_of("file-missing", message));
        assert_eq!((without.as_ref(), name), ("there is no file \u{e000}: look", Some("a.yaml")));
        for (rule, message) in [("file-missing", "no name"), ("file-missing", "half `a name"), ("unknown-key", "`a`")] {
            assert_eq!((without_file(rule, message), file_of(rule, message)), (Cow::Borrowed(message), None));
        }
    }

    #[test]
    fn other_places_are_told_with_their_files_where_these_differ() {
        let places = |names: [Option<&'static str>; 3]| -> Vec<(String, Option<&'static str>)> {
            names.into_iter().zip(1..).map(|(name, line)| (format!("t.yaml:{line}"), name)).collect()
        };
        assert_eq!(others_in_words(None, &[], 2), None);
        assert_eq!(
            others_in_words(None, &places([None; 3]), 2).as_deref(),
            Some("the same in 3 other places: t.yaml:1, t.yaml:2 and 1 more")
        );
        assert_eq!(
            others_in_words(Some("a"), &places([Some("b"), Some("a"), Some("c")]), 2).as_deref(),
            Some("the same of 3 other files: `b` (t.yaml:1), `a` (t.yaml:2) and 1 more")
        );
    }
}
