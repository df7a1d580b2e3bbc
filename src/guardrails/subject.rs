//! Which setting a guard speaks of.

use std::fmt;

use crate::resource::{CATALOGUE, Key, Setting};
use crate::text::problem::rules;
use crate::text::reader::{Reader, nearest};
use crate::text::yaml;

/// A setting with its resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The document.
    pub key: Key,
    /// The setting.
    pub setting: &'static Setting,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.key, self.setting)
    }
}

impl Subject {
    /// Returns `/RESOURCE/POINTER`.
    pub fn pointer(&self) -> String {
        self.key.pointer(self.setting)
    }

    /// Returns every name that means one setting, with it.
    pub fn names() -> Vec<(String, Subject)> {
        let leaves = all().filter_map(|subject| Some((subject.leaf()?.to_owned(), subject)));
        let unambiguous = leaves.filter(|(name, _)| named(name).len() == 1);
        unambiguous.chain(all().map(|subject| (subject.pointer(), subject))).collect()
    }

    /// Reads the name of a setting: its last key where that is unambiguous, or `/RESOURCE/POINTER`.
    pub fn read(key: &yaml::Key<'_>, reader: &mut Reader) -> Option<Subject> {
        let text = key.text.as_ref();
        let found = named(text);
        match found.as_slice() {
            [subject] => Some(subject.clone()),
            [] => {
                let pointers: Vec<String> = all().map(|subject| subject.pointer()).collect();
                let leaves: Vec<&str> = all().filter_map(|subject| subject.leaf()).collect();
                let help = match nearest(text, pointers.iter().map(String::as_str).chain(leaves)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => {
                        "name a setting as its last key or as /RESOURCE/POINTER; sailplan schema workspace lists them"
                            .to_owned()
                    }
                };
                let message = format!("there is no setting `{text}`");
                reader.error(rules::UNKNOWN_SETTING, &key.span, &message, "not known here", &help);
                None
            }
            several => {
                let pointers: Vec<String> = several.iter().map(Subject::pointer).collect();
                let message = format!("`{text}` is the last key of several settings");
                let help = format!("write one of {}", pointers.join(", "));
                reader.error(rules::AMBIGUOUS_SETTING, &key.span, &message, "", &help);
                None
            }
        }
    }

    fn leaf(&self) -> Option<&'static str> {
        self.setting.keys().last()
    }

    fn answers_to(&self, text: &str) -> bool {
        if text.starts_with('/') { self.pointer() == text } else { self.leaf() == Some(text) }
    }
}

fn named(text: &str) -> Vec<Subject> {
    all().filter(|subject| subject.answers_to(text)).collect()
}

fn all() -> impl Iterator<Item = Subject> {
    CATALOGUE
        .into_iter()
        .flat_map(|resource| resource.distinct().map(|setting| Subject { key: resource.into(), setting }))
}
