//! What a token says of itself. It is read without a check of its signature: good for a hint, never for a decision.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::text::secrets;

/// Longest payload that is read, in bytes of base64.
const LONGEST_PAYLOAD: usize = 256 * 1024;
/// Most names that are taken from a list.
const MOST_NAMES: usize = 1000;
/// Longest name, in bytes.
const LONGEST_NAME: usize = 128;

/// What a token says of itself. Texts in it are made of letters, digits and `:._-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFacts {
    /// How long it lasts from when it was asked for; `None` if the tenant does not say.
    pub life: Option<Duration>,
    /// When it ends, by the local clock if the tenant says how long it lasts, else by the tenant's.
    pub ends_at: Option<SystemTime>,
    /// Whether it lasts long enough for a write that follows a read.
    pub outlasts_write: bool,
    /// Its scopes; `None` if it does not name them.
    pub scopes: Option<Vec<String>>,
    /// The user levels of its owner; `None` if it does not name them.
    pub user_levels: Option<Vec<String>>,
}

/// What stands in the token, or beside it in the answer that brought it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Claims {
    pub(super) ends_at: Option<SystemTime>,
    pub(super) scopes: Option<Vec<String>>,
    pub(super) user_levels: Option<Vec<String>>,
}

impl Claims {
    /// Reads the payload of a token, and `answer`, which brought it.
    pub(super) fn read(token: &str, answer: &Value) -> Self {
        let payload = payload(token).unwrap_or_default();
        let scopes = [payload.get("scope"), answer.get("scope")];
        let seconds = payload.get("exp").and_then(Value::as_u64);
        Self {
            ends_at: seconds.and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))),
            // An entry without a colon is not the name of a scope, but a code for some of them.
            scopes: scopes.into_iter().flatten().find_map(|value| names(value, |name| name.contains(':'))),
            user_levels: payload.get("authorities").and_then(|value| names(value, |_| true)),
        }
    }
}

fn payload(token: &str) -> Option<Value> {
    let part = token.split('.').nth(1).filter(|part| part.len() <= LONGEST_PAYLOAD)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?).ok()
}

/// Reads a list of names, or a text with blanks between them; `None` if an entry is anything else, for then the list does
/// not tell everything.
fn names(value: &Value, is_name: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    let words: Vec<&str> = match value {
        Value::String(text) => text.split_whitespace().collect(),
        Value::Array(items) => items.iter().map(Value::as_str).collect::<Option<_>>()?,
        _ => return None,
    };
    let plain = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":._-".contains(&byte));
    let fits =
        |word: &&str| (1..=LONGEST_NAME).contains(&word.len()) && plain(word) && is_name(word) && !secrets::holds(word);
    let told = (1..=MOST_NAMES).contains(&words.len()) && words.iter().all(fits);
    told.then(|| words.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(payload: &Value, answer: &Value) -> (Option<Vec<String>>, Option<Vec<String>>) {
        let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(payload.to_string()));
        let Claims { scopes, user_levels, .. } = Claims::read(&token, answer);
        (scopes, user_levels)
    }

    fn list(names: &[&str]) -> Option<Vec<String>> {
        Some(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn scopes_and_levels_are_told_if_all_of_them_are_names() {
        let answer = json!({"scope": "idn:a:read idn:b:manage"});
        assert_eq!(
            claims(&json!({"scope": ["sp:scopes:all"], "authorities": ["ORG_ADMIN"]}), &answer),
            (list(&["sp:scopes:all"]), list(&["ORG_ADMIN"]))
        );
        assert_eq!(claims(&json!({}), &answer), (list(&["idn:a:read", "idn:b:manage"]), None));
        for scope in [json!(["Cg=="]), json!(["idn:a:read", "AB"]), json!([]), json!([7]), json!({"a": 1})] {
            assert_eq!(claims(&json!({"scope": scope}), &json!({})), (None, None), "{scope}");
        }
        for level in ["\u{1b}[2J", "two words", "<b>", "", &"A".repeat(129)] {
            assert_eq!(claims(&json!({"authorities": [level]}), &json!({})).1, None, "{level}");
        }
    }

    #[test]
    fn a_token_that_is_not_a_jwt_tells_nothing() {
        for token in ["", "opaque", "a.b.c", "a.@.c", "..", "e30.bnVsbA.x", "e30.WzFd.x"] {
            assert_eq!(Claims::read(token, &json!({})), Claims::default(), "{token}");
        }
        let token = format!("e30.{}.x", URL_SAFE_NO_PAD.encode(r#"{"exp": 60}"#));
        let ends_at = SystemTime::UNIX_EPOCH + Duration::from_secs(60);
        assert_eq!(Claims::read(&token, &json!({})).ends_at, Some(ends_at));
    }
}
