//! Members of lists and mappings, taken out and added line by line, so that the other lines keep their comments.

use std::ops::Range;

use super::splice::{Layout, Splices};

/// Which members of one list or mapping stay, and which are added.
#[derive(Debug)]
pub(super) struct MemberEdit {
    /// For each present member, whether it stays.
    pub(super) stay: Vec<bool>,
    /// New members, each before the present member with this number.
    pub(super) new: Vec<(usize, String)>,
}

/// The list or mapping in brackets is written in a way that leaves no line or comma to change.
#[derive(Debug)]
pub(super) struct Unusual;

impl Layout<'_> {
    /// Changes the members of a block list. `items` are the bytes of each item and of its dash; at least one stays or
    /// comes.
    pub(super) fn block_list(
        &self,
        splices: &mut Splices,
        items: &[(usize, Range<usize>)],
        edit: &MemberEdit,
    ) -> Result<(), Unusual> {
        if items.iter().any(|(dash, _)| !self.own_line(*dash)) {
            return Err(Unusual);
        }
        for ((dash, item), _) in items.iter().zip(&edit.stay).filter(|(_, stay)| !**stay) {
            splices.delete(self.with_comments(*dash..item.end));
        }
        let lead = items.first().map_or_else(String::new, |(dash, item)| {
            let gap = self.get(*dash + 1..item.start);
            let gap = if !gap.is_empty() && gap.bytes().all(|byte| byte == b' ') { gap } else { " " };
            format!("{}-{gap}", " ".repeat(self.column(*dash)))
        });
        for (index, lines) in grouped(&edit.new) {
            let lines: Vec<String> = lines.map(|text| format!("{lead}{text}")).collect();
            match (index.checked_sub(1).and_then(|index| items.get(index)), items.get(index)) {
                (Some((_, before)), _) => self.insert_below(splices, before.end, &lines),
                (None, Some((dash, _))) => self.insert_above(splices, *dash, &lines),
                (None, None) => return Err(Unusual),
            }
        }
        Ok(())
    }

    /// Changes the members of a list or mapping in brackets at `whole`.
    pub(super) fn flow_members(
        &self,
        splices: &mut Splices,
        whole: &Range<usize>,
        items: &[Range<usize>],
        edit: &MemberEdit,
    ) -> Result<(), Unusual> {
        let closed_below = items.last().is_some_and(|last| self.next_line(last.end) < whole.end);
        let emptied = self.json.is_some() && edit.new.is_empty() && !edit.stay.contains(&true);
        if items.iter().all(|item| self.own_line(item.start)) && (closed_below || self.json.is_none()) && !emptied {
            return self.flow_lines(splices, whole, items, edit);
        }
        if edit.stay.contains(&true) {
            return self.flow_row(splices, items, edit);
        }
        let written = self.get(whole.clone());
        // JSON has no comments.
        if self.json.is_none() && written.contains('#') && written.contains('\n') {
            return Err(Unusual);
        }
        let (open, close) = if written.starts_with('[') { ('[', ']') } else { ('{', '}') };
        let new: Vec<&str> = edit.new.iter().map(|(_, text)| text.as_str()).collect();
        splices.replace(whole.clone(), format!("{open}{}{close}", new.join(self.separator())));
        Ok(())
    }

    /// One member to a line.
    fn flow_lines(
        &self,
        splices: &mut Splices,
        whole: &Range<usize>,
        items: &[Range<usize>],
        edit: &MemberEdit,
    ) -> Result<(), Unusual> {
        for (index, item) in items.iter().enumerate().filter(|(index, _)| edit.stay.get(*index) == Some(&false)) {
            let next = items.get(index + 1).map_or(whole.end - 1, |next| next.start);
            if self.next_line(item.end) > next {
                return Err(Unusual);
            }
            splices.delete(self.with_comments(item.clone()));
        }
        // YAML takes a comma after the last member, JSON does not.
        if self.json.is_some()
            && edit.stay.last() == Some(&false)
            && edit.new.last().is_none_or(|(index, _)| *index < items.len())
            && let Some((kept, _)) = items.iter().zip(&edit.stay).rev().find(|(_, stay)| **stay)
            && let Some(comma) = self.mark(b',', kept.end, whole.end)
        {
            splices.delete(comma..comma + 1);
        }
        let indent = items.first().map_or("", |item| self.indent(item.start));
        for (index, texts) in grouped(&edit.new) {
            let lines = texts.map(|text| format!("{indent}{text},"));
            if let Some(item) = items.get(index) {
                self.insert_above(splices, item.start, &lines.collect::<Vec<_>>());
                continue;
            }
            let Some(last) = items.last() else { return Err(Unusual) };
            if self.next_line(last.end) > whole.end - 1 {
                return Err(Unusual);
            }
            let comma = self.mark(b',', last.end, whole.end).is_some();
            let mut lines: Vec<String> = lines.collect();
            // Where the last member has no comma, the new last one gets none either.
            if !comma {
                let kept = items.iter().zip(&edit.stay).rev().find(|(_, stay)| **stay);
                if let Some((kept, _)) = kept
                    && self.mark(b',', kept.end, whole.end).is_none()
                {
                    splices.insert(kept.end, ",");
                }
                if let Some(last) = lines.last_mut() {
                    last.truncate(last.len() - 1);
                }
            }
            self.insert_below(splices, last.end, &lines);
        }
        Ok(())
    }

    /// Members next to each other.
    fn flow_row(&self, splices: &mut Splices, items: &[Range<usize>], edit: &MemberEdit) -> Result<(), Unusual> {
        let separator = self.separator();
        let last_kept = edit.stay.iter().rposition(|stay| *stay);
        let mut kept: Option<&Range<usize>> = None;
        for (index, (item, stays)) in items.iter().zip(&edit.stay).enumerate() {
            if *stays {
                kept = Some(item);
                continue;
            }
            let range = match (items.get(index + 1), kept) {
                (Some(next), _) if last_kept > Some(index) => item.start..next.start,
                (_, Some(kept)) => kept.end..item.end,
                _ => return Err(Unusual),
            };
            let across = self.get(range.clone());
            if self.json.is_none() && across.contains('#') && across.contains('\n') {
                return Err(Unusual);
            }
            splices.delete(range);
        }
        for (index, texts) in grouped(&edit.new) {
            let texts: Vec<String> = texts.cloned().collect();
            match items.get(index) {
                Some(item) => splices.insert(item.start, format!("{}{separator}", texts.join(separator))),
                None => {
                    let kept = items.iter().zip(&edit.stay).rev().find(|(_, stay)| **stay);
                    let Some((kept, _)) = kept else { return Err(Unusual) };
                    splices.insert(kept.end, format!("{separator}{}", texts.join(separator)));
                }
            }
        }
        Ok(())
    }
}

/// New members by the number of the member that they stand before.
fn grouped(new: &[(usize, String)]) -> impl Iterator<Item = (usize, impl Iterator<Item = &String>)> {
    new.chunk_by(|(index, _), (next, _)| index == next)
        .filter_map(|group| group.first().map(|(index, _)| (*index, group.iter().map(|(_, text)| text))))
}
