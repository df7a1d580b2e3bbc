//! Which setting a guardrail speaks of.

use std::fmt;

use crate::resource::named::{self, Named};
use crate::resource::{Key, Setting};
use crate::text::nearest::{did_you_mean, nearest};
use crate::text::problem::rules;
use crate::text::reader::{Reader, quote};
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
        f.write_str(&named::printed(&self.key, self.setting))
    }
}

impl Subject {
    /// Returns `/RESOURCE/POINTER`.
    pub fn pointer(&self) -> String {
        self.key.pointer(self.setting)
    }

    /// Returns every name that means one setting, with it.
    pub fn names() -> Vec<(String, Subject)> {
        named::names().into_iter().map(|(name, setting)| (name, Subject::from(setting))).collect()
    }

    /// Reads the name of a setting, in any form that [`named`] knows.
    pub fn read(name: &yaml::Key<'_>, reader: &mut Reader) -> Option<Subject> {
        let text = name.text.as_ref();
        let found: Vec<Subject> = named::named(text).into_iter().map(Subject::from).collect();
        match found.as_slice() {
            [subject] => Some(subject.clone()),
            [] => {
                let shown = reader.shows(rules::UNKNOWN_SETTING);
                let names = if shown { named::names() } else { Vec::new() };
                let help = match nearest(text, names.iter().map(|(name, _)| name.as_str())) {
                    Some(near) => did_you_mean(format_args!("`{near}`")),
                    None => {
                        "name a setting as RESOURCE.SETTING or by its last key; sailplan explain lists them".to_owned()
                    }
                };
                let message = format!("there is no setting {}", quote(text));
                reader.error(rules::UNKNOWN_SETTING, &name.span, &message, "not known here", &help);
                None
            }
            several => {
                let names: Vec<String> = several.iter().map(Subject::to_string).collect();
                let message = format!("`{text}` is the last key of several settings");
                let help = format!("write one of {}", names.join(", "));
                reader.error(rules::AMBIGUOUS_SETTING, &name.span, &message, "", &help);
                None
            }
        }
    }
}

impl From<Named> for Subject {
    fn from((key, setting): Named) -> Subject {
        Subject { key, setting }
    }
}
