//! One list in the place of another: what stays keeps its line.

use std::collections::HashSet;
use std::ops::Range;

use serde_json::Value as Json;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::collection::{MemberEdit, Unusual};
use super::write::Quote;
use super::{EditError, Editor, Splices, check};
use crate::text::yaml::{self, Node, Value};

impl<'s> Editor<'_, 's> {
    /// Where the dash of each item of a block list is, and the item; `from` is after the colon of its key.
    pub(super) fn dashes(&self, from: usize, items: &[Node<'s>]) -> Result<Vec<(usize, Range<usize>)>, EditError> {
        let mut found = Vec::with_capacity(items.len());
        let mut at = from;
        for item in items {
            let end = (item.span.start as usize).max(at);
            let dash = self.layout.mark(b'-', at, end).ok_or_else(|| self.unusual(&item.span))?;
            let written = self.layout.written(item, dash);
            let written = written.start..written.end.max(dash + 1);
            at = written.end;
            found.push((dash, written));
        }
        Ok(found)
    }

    /// Changes a list to `new` and returns what the file then says: for a set the members that stay in their order and
    /// the new ones after them, otherwise `new` itself.
    pub(super) fn replace_list(
        &self,
        splices: &mut Splices,
        colon: usize,
        node: &Node<'_>,
        items: &[Node<'s>],
        new: &[Json],
    ) -> Result<Json, EditError> {
        let quote = self.items_quote(items);
        let old: Vec<Json> = items.iter().map(check::json).collect();
        let (stay, added) = match check::member_key(self.path) {
            Some(key) => set_edit(&old, new, key),
            None => list_edit(&old, new),
        };
        let says = says(&old, &stay, &added);
        let indent = items.first().and_then(|item| self.layout.own_indent(item.span.start as usize));
        let new = added.iter().map(|(index, value)| (*index, self.layout.value(value, quote, indent)));
        let edit = MemberEdit { stay, new: new.collect() };
        let done = if self.layout.flow(node) {
            let items: Vec<Range<usize>> = items.iter().map(|item| yaml::bytes(&item.span)).collect();
            let whole = yaml::bytes(&node.span);
            self.layout.flow_members(splices, &whole, &items, &edit)
        } else {
            let dashes = self.dashes(colon + 1, items)?;
            self.layout.block_list(splices, &dashes, &edit)
        };
        done.map_err(|Unusual| self.unusual(&node.span))?;
        Ok(says)
    }

    /// New items are quoted like the others where all of those are text in the same quotes.
    fn items_quote(&self, items: &[Node<'_>]) -> Quote {
        let mut quotes = items.iter().map(|item| match item.value {
            Value::Text { .. } => Quote::of(self.layout.get(yaml::bytes(&item.span))),
            _ => self.layout.quote,
        });
        match quotes.next() {
            Some(first) if quotes.all(|quote| quote == first) => first,
            _ => self.layout.quote,
        }
    }
}

/// For each present member, whether it stays; and the new members, each before the present member with its number.
type Members = (Vec<bool>, Vec<(usize, Json)>);

/// A set: members that are wanted stay where they are, the others go, new ones come last.
fn set_edit(old: &[Json], new: &[Json], key: impl Fn(&str) -> String) -> Members {
    let member = |value: &Json| check::member(value).map(&key);
    let wanted: HashSet<Option<String>> = new.iter().map(member).collect();
    let there: HashSet<Option<String>> = old.iter().map(member).collect();
    let stay = old.iter().map(|present| wanted.contains(&member(present))).collect();
    let added = new.iter().filter(|value| !there.contains(&member(value)));
    (stay, added.map(|value| (old.len(), value.clone())).collect())
}

/// A list in which order counts: the longest run of members that keeps its order stays.
fn list_edit(old: &[Json], new: &[Json]) -> Members {
    let text = |values: &[Json]| values.iter().map(Json::to_string).collect::<Vec<_>>();
    let mut stay = vec![true; old.len()];
    let mut added = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &text(old), &text(new)) {
        if let DiffOp::Equal { .. } = op {
            continue;
        }
        stay.get_mut(op.old_range()).unwrap_or_default().fill(false);
        // After what is deleted, so that the new lines take its place.
        let at = op.old_range().end;
        added.extend(new.get(op.new_range()).into_iter().flatten().map(|value| (at, value.clone())));
    }
    (stay, added)
}

/// Returns the list as it becomes. `added` is in the order of its numbers and is gone through once, with `old`: lists have
/// up to 100,000 members.
fn says<'v>(old: &[Json], stay: &[bool], added: impl IntoIterator<Item = &'v (usize, Json)>) -> Json {
    let mut added = added.into_iter().peekable();
    let mut list = Vec::new();
    for (index, (member, stays)) in old.iter().zip(stay).enumerate() {
        while let Some((_, value)) = added.next_if(|(at, _)| *at <= index) {
            list.push(value.clone());
        }
        if *stays {
            list.push(member.clone());
        }
    }
    list.extend(added.map(|(_, value)| value.clone()));
    Json::Array(list)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_a_list_says_is_worked_out_in_one_pass() {
        let numbers = |range: Range<usize>| range.map(Json::from).collect::<Vec<_>>();
        let old = numbers(0..6);
        let (stay, added) = list_edit(&old, &[10, 1, 2, 11, 12, 5, 13].map(Json::from));
        assert_eq!(says(&old, &stay, &added), Json::from(vec![10, 1, 2, 11, 12, 5, 13]));

        let taken_for = |length: usize| {
            let (old, new) = (numbers(0..length), numbers(length..2 * length));
            let added: Vec<(usize, Json)> = new.into_iter().enumerate().collect();
            let taken = Cell::new(0);
            let counted = added.iter().inspect(|_| taken.set(taken.get() + 1));
            assert_eq!(says(&old, &vec![true; length], counted).as_array().map(Vec::len), Some(2 * length));
            taken.get()
        };
        assert_eq!([100, 1000].map(taken_for), [100, 1000]);
    }
}
