//! What a tenant knows.

use anyhow::bail;
use serde_json::{Map, Value};

use super::{KINDS, lists};

/// Everything the tenant knows, keys included that the practice tenant has no use for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State(Map<String, Value>);

impl State {
    /// Reads a state file.
    pub(super) fn parse(text: &[u8]) -> anyhow::Result<State> {
        let Value::Object(state) = serde_json::from_slice(text)? else { bail!("it is not a JSON object") };
        for (key, _) in KINDS {
            if !matches!(state.get(key), None | Some(Value::Null | Value::Object(_))) {
                bail!("{key} is neither an object nor null");
            }
        }
        for key in lists() {
            if !matches!(state.get(key), None | Some(Value::Null | Value::Array(_))) {
                bail!("{key} is neither a list nor null");
            }
        }
        Ok(State(state))
    }

    /// Returns the text of a state file.
    pub(super) fn to_text(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec_pretty(&self.0)
    }

    /// What lies under a key; `None` if nothing does.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// Puts a value under a key, or takes the key away.
    pub(super) fn set(&mut self, key: &str, value: Option<Value>) {
        match value {
            Some(value) => {
                self.0.insert(key.to_owned(), value);
            }
            None => {
                self.0.shift_remove(key);
            }
        }
    }
}
