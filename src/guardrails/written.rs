//! Guards as the workspace file writes them.

use super::subject::Subject;
use super::{Guards, Limit, Word, ceiling};
use crate::text::problem::rules;
use crate::text::reader::{Reader, nearest};
use crate::text::yaml::{Key, Node, Value};

/// Reads `guardrails`.
pub fn guardrails(node: &Node<'_>, reader: &mut Reader, guards: &mut Guards) {
    for (key, value) in reader.map(node, "a mapping with `deny`, `maxChanges` or `require`").unwrap_or_default() {
        match key.text.as_ref() {
            "deny" => deny(value, reader, guards),
            "maxChanges" => {
                if let Some(most) = max_changes(value, reader) {
                    guards.max_changes = Some((most, reader.place(&value.span)));
                }
            }
            "require" => {
                for item in reader.list(value, "a list of settings").unwrap_or_default() {
                    let Some(text) = reader.text(item, "a setting, as /RESOURCE/POINTER") else { continue };
                    if let Some(subject) = Subject::read(&Key { span: item.span.clone(), text: text.into() }, reader) {
                        guards.require.push((subject, reader.place(&item.span)));
                    }
                }
            }
            _ => reader.unknown_key(key, ["deny", "maxChanges", "require"], ""),
        }
    }
}

fn deny(node: &Node<'_>, reader: &mut Reader, guards: &mut Guards) {
    let words = Word::ALL.map(Word::text);
    let expects = format!("one of {}", words.join(", "));
    for item in reader.list(node, "a list of words").unwrap_or_default() {
        let Some(text) = reader.text(item, &expects) else { continue };
        match Word::named(&text) {
            Some(word) => guards.deny.push((word, reader.place(&item.span))),
            None => {
                let help = match nearest(&text, words) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("write {expects}"),
                };
                reader.invalid::<()>(item, rules::UNKNOWN_WORD, &format!("there is no impact `{text}`"), &help);
            }
        }
    }
}

fn max_changes(node: &Node<'_>, reader: &mut Reader) -> Option<usize> {
    let expects = "a whole number of changes, 0 or more";
    let Value::Number(text) = node.value else { return reader.mismatch(node, expects) };
    match usize::try_from(reader.integer(node, text, expects)?) {
        Ok(number) => Some(number),
        Err(_) => reader.invalid(node, rules::NUMBER_RANGE, &format!("must be {expects}"), ""),
    }
}

/// Reads `limits`.
pub fn limits(node: &Node<'_>, reader: &mut Reader, guards: &mut Guards) {
    for (key, value) in reader.map(node, "a mapping from settings to ceilings").unwrap_or_default() {
        let Some(subject) = Subject::read(key, reader) else { continue };
        if guards.limits.iter().any(|limit| limit.subject == subject) {
            reader.error(
                rules::LIMITED_TWICE,
                &key.span,
                &format!("{subject} has a limit already"),
                "",
                "delete one of them",
            );
            continue;
        }
        if let Some(ceiling) = ceiling::read(&subject, value, reader) {
            guards.limits.push(Limit { subject, ceiling, place: reader.place(&key.span) });
        }
    }
}
