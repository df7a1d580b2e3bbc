//! E-mail addresses of those who are told, compared without regard to the case of ASCII letters. Other letters compare
//! exactly: Unicode has letters that fold to ASCII ones, such as the Kelvin sign, and are those of another mailbox.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::{Value, json};

use super::{Set, repeated};
use crate::text::problem::rules;
use crate::text::reader::{Reader, quote};
use crate::text::yaml::{self, Node};

/// E-mail addresses, compared without regard to the case of ASCII letters.
pub static RECIPIENTS: Set = Set {
    expects: "a list of e-mail addresses",
    members: ("recipient", "recipients"),
    fold: Some(str::to_ascii_lowercase),
    read,
    schema,
    referent: None,
    guards_emptying: false,
    examples: &["[security@example.com]"],
    samples: ["audit@example.com", "security@example.com"],
};

fn read<'n>(items: &'n [Node<'_>], reader: &mut Reader) -> Option<Vec<&'n str>> {
    let mut addresses = Vec::with_capacity(items.len());
    let mut seen: HashMap<String, &Node<'_>> = HashMap::new();
    for item in items {
        match &item.value {
            yaml::Value::Text { text, .. } if is_address(text) => {
                match seen.entry(text.to_ascii_lowercase()) {
                    Entry::Occupied(first) => repeated(item, first.get(), "this address", reader),
                    Entry::Vacant(place) => {
                        place.insert(item);
                    }
                }
                addresses.push(text.as_ref());
            }
            yaml::Value::Text { text, .. } => {
                let what = format!("{} is not an e-mail address", quote(text));
                reader.invalid::<()>(item, rules::EMAIL, &what, &address_hint(text));
            }
            _ => {
                reader.mismatch::<()>(item, "an e-mail address");
            }
        }
    }
    (addresses.len() == items.len()).then_some(addresses)
}

fn schema() -> Value {
    json!({"type": "string", "pattern": ADDRESS})
}

/// [`is_address`] as a regular expression of JSON Schema.
const ADDRESS: &str = "^(\"[^\"\\r\\n]+\"|[^\\s@\",:;<>()\\[\\]|]+)@[^\\s@\",;<>.]+(\\.[^\\s@\",;<>.]+)*$";

/// One `@` between something and a domain, without a scheme before it. Whether mail arrives is for the mail system to say.
fn is_address(text: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || "@\",;<>".contains(c));
    let marks = |local: &str| local.contains([':', '(', ')', '[', ']', '|']);
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let quoted = local
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .is_some_and(|inner| !inner.is_empty() && !inner.contains(['"', '\r', '\n']));
    after_scheme(text).is_none()
        && (quoted || (plain(local) && !marks(local)))
        && plain(domain)
        && domain.split('.').all(|label| !label.is_empty())
}

/// Returns what follows `mailto:`, which links have and addresses do not.
fn after_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    scheme.eq_ignore_ascii_case("mailto").then(|| rest.split('?').next().unwrap_or(rest))
}

/// Returns what to write instead of a text that is not an address: the one that stands in it, whatever is around it.
fn address_hint(text: &str) -> String {
    let mut found: Vec<&str> = Vec::new();
    // `:` and `=` come before an address in links, `&lt;` in pages.
    for part in text.split(|c: char| !c.is_alphanumeric() && !"@._+-'%".contains(c)) {
        let part = part.trim_matches(['.', '\'']);
        if is_address(part) && !found.iter().any(|known| known.eq_ignore_ascii_case(part)) {
            found.push(part);
        }
    }
    match found.as_slice() {
        [address] => format!("write only the address: {address}"),
        [] => "write it as name@example.com".to_owned(),
        _ => "write each address as an item of its own".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_the_address_alone() {
        for (text, told) in [
            ("mailto:owner@example.com", "write only the address: owner@example.com"),
            ("MAILTO:owner@example.com?subject=JIT", "write only the address: owner@example.com"),
            ("Owner <owner@example.com>", "write only the address: owner@example.com"),
            ("a@example.com; b@example.com", "write each address as an item of its own"),
            ("a@example.com b@example.com", "write each address as an item of its own"),
            ("Owner", "write it as name@example.com"),
            ("<mailto:owner@example.com|owner@example.com>", "write only the address: owner@example.com"),
            ("[owner@example.com](mailto:owner@example.com)", "write only the address: owner@example.com"),
            ("Owner &lt;owner@example.com&gt;", "write only the address: owner@example.com"),
            ("smtp:owner@example.com", "write only the address: owner@example.com"),
            ("'owner@example.com',", "write only the address: owner@example.com"),
            ("owner%40example.com", "write it as name@example.com"),
            ("owner [at] example.com", "write it as name@example.com"),
        ] {
            assert_eq!(address_hint(text), told, "{text}");
        }
    }

    #[test]
    fn addresses_agree_with_their_schema() {
        let schema = jsonschema::validator_for(&json!({"type": "string", "pattern": ADDRESS})).unwrap();
        for (text, good) in [
            ("owner@example.com", true),
            ("a.b+c@mail", true),
            ("\"odd name\"@example.com", true),
            ("owner", false),
            ("@example.com", false),
            ("a@b@c", false),
            ("a b@example.com", false),
            ("a@example..com", false),
            ("a@b.com, c@d.com", false),
            ("Owner <owner@example.com>", false),
            ("mailto:owner@example.com", false),
            ("MailTo:owner@example.com", false),
            ("mailto@example.com", true),
            ("smtp:owner@example.com", false),
            ("a|b@example.com", false),
            ("(owner)@example.com", false),
            ("o'neil@example.com", true),
            ("", false),
        ] {
            assert_eq!((is_address(text), schema.is_valid(&json!(text))), (good, good), "{text}");
        }
    }
}
