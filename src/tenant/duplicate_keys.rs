//! Keys that are in one object twice. JSON readers silently keep one of them, and that one would be sent back.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::text::json::end_of_string;

/// An object or a list whose end has not been read yet.
#[derive(Default)]
struct Open<'j> {
    /// The keys of an object so far; `None` for a list.
    keys: Option<Keys<'j>>,
    /// The key whose value is being read.
    key: Option<Cow<'j, str>>,
}

/// Most objects have few keys: so many are looked through faster than their hashes are worked out.
const FEW: usize = 16;

/// The keys of an object.
#[derive(Default)]
struct Keys<'j> {
    few: Vec<Cow<'j, str>>,
    /// All of them, once they are more than [`FEW`].
    many: HashSet<Cow<'j, str>>,
}

impl<'j> Keys<'j> {
    /// Adds a key. Returns it if it was there before.
    fn add(&mut self, key: Cow<'j, str>) -> Option<Cow<'j, str>> {
        if self.many.is_empty() && self.few.len() < FEW {
            if self.few.contains(&key) {
                return Some(key);
            }
            self.few.push(key);
            return None;
        }
        self.many.extend(self.few.drain(..));
        self.many.replace(key)
    }
}

/// Returns the first key that is twice in one object of a valid JSON text, counted by where its value ends.
pub(super) fn first(json: &[u8]) -> Option<String> {
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        at += 1;
        match byte {
            b'"' => {
                let end = end_of_string(json, at);
                if let Some(Open { keys: Some(_), key: key @ None }) = open.last_mut() {
                    *key = Some(text(json.get(at - 1..=end).unwrap_or_default()));
                }
                at = end + 1;
            }
            b'{' => open.push(Open { keys: Some(Keys::default()), key: None }),
            b'[' => open.push(Open::default()),
            b',' => {
                if let Some(twice) = open.last_mut().and_then(close) {
                    return Some(twice);
                }
            }
            b'}' | b']' => {
                if let Some(twice) = open.pop().as_mut().and_then(close) {
                    return Some(twice);
                }
            }
            _ => {}
        }
    }
    None
}

/// Takes a key whose value has been read. Returns it if it was there before.
fn close(open: &mut Open<'_>) -> Option<String> {
    open.keys.as_mut()?.add(open.key.take()?).map(Cow::into_owned)
}

/// Returns the text of a string in its quotes.
fn text(quoted: &[u8]) -> Cow<'_, str> {
    let inside = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    match str::from_utf8(inside) {
        Ok(plain) if !plain.contains('\\') => Cow::Borrowed(plain),
        _ => Cow::Owned(serde_json::from_slice(quoted).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use proptest::prelude::*;
    use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

    use super::*;

    /// An object with more keys than are looked through one by one.
    fn many_keys(more: &str, number: usize) -> String {
        let keys: Vec<String> = (0..number).map(|number| format!("\"k{number}\":0")).collect();
        format!("{{{}{more}}}", keys.join(","))
    }

    #[test]
    fn the_first_key_that_is_twice_is_found_however_it_is_written() {
        for (json, twice) in [
            (r#"{"a":1,"b":[{"a":1},{"a":2}],"c":{"a":"a","b":"a"}}"#, None),
            (r#"{"a":1,"\u0061":2}"#, Some("a")),
            (r#"{"a":{"b":1,"b":2},"a":3}"#, Some("b")),
            (r#"{"a":1,"a":{"b":1,"b":2}}"#, Some("b")),
            (r#"{"a":"a,a:{}\"","b":["a","a"],"b":{}}"#, Some("b")),
            (r#"{"\"":1, "\"" : 2}"#, Some("\"")),
            (&many_keys("", 40), None),
            (&many_keys(r#","k3":0"#, 40), Some("k3")),
            (&many_keys(r#","k39":0"#, 40), Some("k39")),
            (&many_keys(r#","k1\u0035":0"#, FEW), Some("k15")),
            ("{}", None),
        ] {
            assert_eq!(first(json.as_bytes()).as_deref(), twice, "{json}");
        }
    }

    proptest! {
        #[test]
        fn keys_are_found_as_a_json_reader_finds_them(json in json()) {
            let read = serde_json::from_str::<Distinct>(&json).err().map(|error| {
                let error = error.to_string();
                error.rsplit_once(" at line ").map_or(error.clone(), |(key, _)| key.to_owned())
            });
            prop_assert_eq!(first(json.as_bytes()), read, "{}", json);
        }
    }

    /// JSON text in which keys are often twice.
    fn json() -> impl Strategy<Value = String> {
        let text = prop::sample::select(&["a", "b", "\\u0061", "\\\"", "\\\\", "{[,:", "é"][..])
            .prop_map(|text| format!("\"{text}\""));
        let leaf = prop_oneof![text.clone(), Just("1.50".to_owned()), Just("null".to_owned())];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            let entry = (text.clone(), inner.clone()).prop_map(|(key, value)| format!("{key} : {value}"));
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
                prop::collection::vec(entry, 0..4).prop_map(|entries| format!("{{{}}}", entries.join(","))),
            ]
        })
    }

    /// Any JSON whose objects have distinct keys.
    struct Distinct;

    impl<'de> Deserialize<'de> for Distinct {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Walk)
        }
    }

    struct Walk;

    impl<'de> Visitor<'de> for Walk {
        type Value = Distinct;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("JSON")
        }

        fn visit_str<E>(self, _: &str) -> Result<Distinct, E> {
            Ok(Distinct)
        }

        fn visit_unit<E>(self) -> Result<Distinct, E> {
            Ok(Distinct)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Distinct, A::Error> {
            while list.next_element::<Distinct>()?.is_some() {}
            Ok(Distinct)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Distinct, A::Error> {
            let mut seen = HashSet::new();
            while let Some(key) = map.next_key::<String>()? {
                map.next_value::<Distinct>()?;
                if !seen.insert(key.clone()) {
                    return Err(A::Error::custom(key));
                }
            }
            Ok(Distinct)
        }
    }
}
