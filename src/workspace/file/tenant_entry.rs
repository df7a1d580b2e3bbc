//! A tenant as the workspace file describes it.

use super::{Folder, inside};
use crate::guardrails::written;
use crate::tenant::Address;
use crate::text::characters::first_odd;
use crate::text::problem::rules;
use crate::text::reader::{Reader, pasted};
use crate::text::yaml::{self, Node};
use crate::workspace::template::{is_source, is_variable};
use crate::workspace::{Listed, Template, Tenant};

const TENANT_KEYS: [&str; 7] = ["url", "labels", "clientId", "clientSecret", "settings", "guardrails", "limits"];

pub(super) fn read_tenant(
    name: &yaml::Key<'_>,
    node: &Node<'_>,
    reader: &mut Reader,
    folder: &Folder<'_>,
    settings: &mut Vec<Listed>,
) -> Option<Tenant> {
    let (mut url, mut client_id, mut client_secret) = (None, None, None);
    let mut labels = Vec::new();
    let entries = reader.map(node, "a mapping with `url` and `settings`")?;
    for (key, value) in entries {
        match key.text.as_ref() {
            "url" => url = address(value, reader),
            "clientId" => client_id = template(value, reader, "a client id"),
            "clientSecret" => client_secret = secret(value, reader),
            "labels" => {
                for (label, value) in reader.map(value, "a mapping from labels to values").unwrap_or_default() {
                    if !reader.tell_odd_key(label)
                        && let Some(text) = reader.meant_text(value, "the label's value as text", pasted::Text::Exact)
                    {
                        labels.push((label.text.to_string(), text));
                    }
                }
            }
            "settings" => {
                for item in reader.list(value, "a list of settings files").unwrap_or_default() {
                    settings.extend(inside(item, reader, folder));
                }
            }
            // Read first, whatever the order of the keys: `limits` adds to them.
            "guardrails" | "limits" => {}
            _ => reader.unknown_key(key, TENANT_KEYS, ""),
        }
    }
    let entry = |name: &str| yaml::entry(entries, name).map(|(_, value)| value);
    let mut guardrails = entry("guardrails").map(|value| written::of_tenant(value, reader)).unwrap_or_default();
    if let Some(value) = entry("limits") {
        written::limits(value, reader, &mut guardrails);
    }
    let missing = |key: &str| entry(key).is_none();
    for (key, help) in
        [("url", "add `url: https://TENANT.api.identitynow.com`"), ("settings", "add `settings: [FILE]`")]
    {
        if missing(key) {
            reader.error(rules::MISSING_KEY, &name.span, &format!("`{key}` is missing"), "", help);
        }
    }
    for (key, beside) in [("clientId", "clientSecret"), ("clientSecret", "clientId")] {
        if missing(key) && !missing(beside) {
            let what = format!("`{key}` is missing beside `{beside}`");
            reader.error(rules::MISSING_KEY, &name.span, &what, "", "add it");
        }
    }
    let settings = settings.clone();
    Some(Tenant { name: name.text.to_string(), url: url?, labels, client_id, client_secret, settings, guardrails })
}

/// Part of an address could be looked up, and be printed, whatever the variable holds; as a whole it is checked.
fn address(node: &Node<'_>, reader: &mut Reader) -> Option<Template> {
    let template = template(node, reader, "an address such as https://acme.api.identitynow.com")?;
    let whole = template.text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    if template.text.contains("${") && !whole.is_some_and(is_variable) {
        return reader.invalid(
            node,
            rules::URL_VARIABLE,
            "a variable can only be the whole address",
            "write the address itself, or url: ${NAME} with a variable that holds all of it",
        );
    }
    if whole.is_none()
        && !template.text.starts_with("practice:")
        && let Err(error) = Address::parse(&template.text)
    {
        return reader.invalid(node, rules::TENANT_ADDRESS, &error.to_string(), &error.hint());
    }
    Some(template)
}

fn template(node: &Node<'_>, reader: &mut Reader, expects: &str) -> Option<Template> {
    let text = reader.text(node, expects)?;
    let template = Template { text, place: reader.place(&node.span) };
    if template.text.trim() != template.text || first_odd(&template.text, true).is_some() {
        return reader.invalid(node, rules::MARKUP, "this begins or ends with a space", "delete the space");
    }
    if !template.text.contains("${") {
        return reader.as_meant(node, pasted::Text::Exact).then_some(template);
    }
    // What stands for a variable is not a placeholder; that it can be looked up is seen without looking.
    if let Err(problem) = template.expand(|_| Some(String::from("x"))) {
        reader.error(problem.rule, &node.span, &problem.message, "", &problem.help.join("; "));
        return None;
    }
    Some(template)
}

/// A secret in a file is a leaked secret, so only the whole text `${NAME}` or `${file:NAME}` is taken. The line is drawn
/// without its value ([`crate::text::problem::render`]), and no message may show it either.
fn secret(node: &Node<'_>, reader: &mut Reader) -> Option<Template> {
    if let yaml::Value::Text { text, .. } = &node.value
        && let Some(name) = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'))
        && is_source(name)
    {
        return Some(Template { text: text.to_string(), place: reader.place(&node.span) });
    }
    reader.invalid(
        node,
        rules::LITERAL_SECRET,
        "the secret must come from the environment, one in a file is refused",
        "write clientSecret: ${NAME} and set NAME in the environment, or ${file:NAME}; if this was a real secret, revoke it",
    )
}
