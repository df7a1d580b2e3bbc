//! The names beside ids in a list that was written: new ids get theirs, and a name that is not the tenant's is put right.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use super::Accepted;
use crate::rewrite::edit::{self, Edit};
use crate::text::yaml::{self, Source};

/// Names that are written in one list: each is an edit of its own.
const MOST: usize = 200;

/// Returns the text with the names that are known of the ids in the list that `written` put there. Names are for readers, so
/// that nothing fails for want of one.
pub(super) fn keep(file: &str, text: String, written: &Edit, wish: &Accepted) -> String {
    let (Edit::Set { path, .. }, names) = (written, &wish.managed.known.names) else { return text };
    // The user wrote the ids that were there without names on purpose, or with others.
    let there: HashSet<&str> = match &wish.into {
        Some(_) => HashSet::new(),
        None => ids(wish),
    };
    with_names(file, text, path, wish, names, &there)
}

/// Returns the text with the tenant's names for ids that the list at `path` calls something else; the list itself stays.
pub(super) fn correct(file: &str, text: String, path: &[String], wish: &Accepted) -> String {
    with_names(file, text, path, wish, &wish.names, &ids(wish))
}

/// Returns the ids that the lines ask for now.
fn ids(wish: &Accepted) -> HashSet<&str> {
    wish.managed.value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Gives ids that are not `there` their names, and puts names right that are others.
fn with_names(
    file: &str,
    text: String,
    path: &[String],
    wish: &Accepted,
    names: &BTreeMap<String, String>,
    there: &HashSet<&str>,
) -> String {
    if names.is_empty() || !wish.managed.setting.kind.is_set() {
        return text;
    }
    let source = Source::new(file, text.strip_prefix('\u{feff}').unwrap_or(&text));
    let Ok(root) = yaml::parse(&source) else { return text };
    let Some(yaml::Value::List(items)) = edit::node_at(&root, path).map(|node| &node.value) else { return text };
    let mut edits: Vec<Edit> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let mut path = path.to_vec();
        path.push(index.to_string());
        match &item.value {
            yaml::Value::Text { text: id, .. } if !there.contains(id.as_ref()) => {
                if let Some(name) = names.get(id.as_ref()).filter(|name| !name.trim().is_empty()) {
                    edits.push(Edit::Overwrite { path, value: json!({"id": id, "name": name}) });
                }
            }
            yaml::Value::Map(entries) => {
                let text = |key: &str| yaml::entry(entries, key).and_then(|(_, node)| node.text());
                let name = text("id").and_then(|id| names.get(id)).filter(|name| !name.trim().is_empty());
                if let (Some(label), Some(name)) = (text("name"), name)
                    && label != name
                {
                    path.push("name".to_owned());
                    edits.push(Edit::Overwrite { path, value: Value::from(name.as_str()) });
                }
            }
            _ => {}
        }
    }
    edits.truncate(MOST);
    edit::edit(file, &text, &edits).unwrap_or(text)
}
