//! Approval schemes as the older API generations write them: one comma-separated string.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Value, json};

use super::Kind;
use super::moves::{self, Move};
use crate::resource::reference::{self, Reference, Referent};
use crate::text::nearest::{did_you_mean, nearest};
use crate::text::problem::rules;
use crate::text::reader::{Reader, quote};
use crate::text::yaml::{self, Node};

/// An ordered list of approvers. SailPoint's own example has a blank after each comma; with or without means the same.
/// The empty string asks for no approval, and is neither null nor absent.
#[derive(Debug)]
pub struct Schemes;

/// Before the id of a governance group.
const GROUP: &str = "workgroup:";

const EXPECTS: &str = "approval schemes: entitlementOwner, sourceOwner, manager or workgroup:ID";
const SCHEME: &str = "(entitlementOwner|sourceOwner|manager|workgroup\\s*:\\s*[^\\s,:]+)";

impl Kind for Schemes {
    fn expects(&self) -> &'static str {
        EXPECTS
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        let steps = match &node.value {
            yaml::Value::Text { text, .. } => steps_of_text(text, node, reader),
            yaml::Value::List(items) => steps_of_list(items, reader)?,
            _ => return reader.unlike(node, rules::VALUE_KIND, EXPECTS, "write a list: [entitlementOwner, manager]"),
        };
        let steps: Vec<Step> = steps.into_iter().map(Step::without_blanks).collect();
        // Each is looked at, so that every mistake is told.
        let good = steps.iter().filter(|step| step.check(reader)).count() == steps.len();
        let steps: Vec<String> = steps.into_iter().map(|step| step.text).collect();
        good.then(|| Value::from(steps.join(", ")))
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        live.as_str().map(|text| Value::from(steps(text).join(", ")))
    }

    fn show(&self, value: &Value) -> String {
        match value.as_str() {
            Some("") => "no approval".to_owned(),
            Some(text) => text.to_owned(),
            None => value.to_string(),
        }
    }

    fn references<'v>(&self, value: &'v Value) -> Vec<Reference<'v>> {
        let groups =
            value.as_str().into_iter().flat_map(|text| text.split(", ")).filter_map(|step| step.strip_prefix(GROUP));
        groups.map(|id| Reference { referent: Referent::Group, id }).collect()
    }

    fn with_names(&self, value: &Value, names: &BTreeMap<String, String>) -> Value {
        let Some(text) = value.as_str() else { return value.clone() };
        let step = |step: &str| {
            let group = step.strip_prefix(GROUP).and_then(|id| Some(reference::named(id, names.get(id)?)));
            group.map_or_else(|| step.to_owned(), |group| format!("{GROUP}{group}"))
        };
        Value::from(text.split(", ").map(step).collect::<Vec<_>>().join(", "))
    }

    fn write(&self, value: &Value, like: Option<&Node<'_>>) -> Value {
        let Some(text) = value.as_str() else { return value.clone() };
        match like.map(|node| &node.value) {
            Some(yaml::Value::Text { text: written, .. }) if !text.is_empty() => {
                let comma = if written.contains(',') && !written.contains(", ") { "," } else { ", " };
                Value::from(steps(text).join(comma))
            }
            _ => Value::from(steps(text)),
        }
    }

    fn words(&self, value: &Value) -> String {
        let steps: Vec<String> = steps(value.as_str().unwrap_or_default())
            .iter()
            .map(|step| match step.strip_prefix("workgroup:") {
                Some(id) => format!("governance group {}", super::steps::in_a_sentence(id)),
                None => super::steps::spoken(step).to_owned(),
            })
            .collect();
        if steps.is_empty() { "no approval".to_owned() } else { steps.join(", then ") }
    }

    fn examples(&self) -> &'static [&'static str] {
        &["[sourceOwner, manager]", "sourceOwner, manager", "[\"workgroup:2c91808568c529c60168cca6f90c1313\"]", "[]"]
    }

    fn moves(&self) -> Vec<Move> {
        let mut all = moves::of_steps(|steps| Some(Value::from(steps.join(", "))));
        all.push(Move::new("set where null was", None, Value::from("manager")));
        all.push(Move::new("cleared", Value::from("manager"), None));
        all
    }

    fn schema(&self) -> Value {
        json!({"oneOf": [
            {"type": "string", "pattern": format!("^\\s*({SCHEME}(\\s*,\\s*{SCHEME})*\\s*)?$")},
            {"type": "array", "items": {"type": "string", "pattern": format!("^{SCHEME}$")}},
        ]})
    }
}

/// Returns a step as SailPoint documents it: without blanks around it and its colon.
fn without_blanks(step: &str) -> String {
    match step.split_once(':') {
        Some((word, id)) => format!("{}:{}", word.trim(), id.trim()),
        None => step.trim().to_owned(),
    }
}

/// One approver as a file names it.
struct Step {
    span: Range<u32>,
    text: String,
}

impl Step {
    /// Returns it without blanks around its colon.
    fn without_blanks(self) -> Step {
        match self.text.split_once(':') {
            Some((word, id)) => Step { text: format!("{}:{}", word.trim(), id.trim()), ..self },
            None => self,
        }
    }

    /// Returns whether it is a scheme, and reports what is wrong with it.
    fn check(&self, reader: &mut Reader) -> bool {
        let Step { span, text } = self;
        if is_scheme(text) {
            return text.strip_prefix(GROUP).is_none_or(|id| super::id::check(span, id, reader));
        }
        let what = if text.is_empty() {
            "there is nothing between two commas".to_owned()
        } else {
            format!("{} is not an approval scheme", quote(text))
        };
        let help = if reader.shows(rules::APPROVAL_SCHEME) { hint(text) } else { String::new() };
        reader.error(rules::APPROVAL_SCHEME, span, &what, "", &help);
        false
    }
}

/// Returns the steps of a text with commas.
fn steps_of_text(text: &str, node: &Node<'_>, reader: &Reader) -> Vec<Step> {
    // The API writes no approval this way, and a document copied from it is taken as it is.
    if text.trim().is_empty() {
        return Vec::new();
    }
    // The file is searched once for all steps: there may be very many.
    let letters = reader.letters(node);
    let place = |at: usize, end: usize| match (letters, u32::try_from(at), u32::try_from(end)) {
        (Some(start), Ok(at), Ok(end)) => start.saturating_add(at)..start.saturating_add(end),
        _ => node.span.clone(),
    };
    let mut start = 0;
    let steps = text.split(',').map(|part| {
        let step = part.trim();
        let at = start + (part.len() - part.trim_start().len());
        start += part.len() + 1;
        Step { span: place(at, at + step.len()), text: step.to_owned() }
    });
    steps.collect()
}

/// Returns the steps of a list; `None` if an item is no text, which is reported.
fn steps_of_list(items: &[Node<'_>], reader: &mut Reader) -> Option<Vec<Step>> {
    let mut steps = Vec::with_capacity(items.len());
    for item in items {
        let help = match &item.value {
            yaml::Value::Text { text, .. } => {
                steps.push(Step { span: item.span.clone(), text: text.to_string() });
                continue;
            }
            // A blank after the colon makes it a mapping.
            yaml::Value::Map(entries) if yaml::entry(entries, "workgroup").is_some() => {
                "write workgroup:ID, without the space"
            }
            _ => "",
        };
        reader.unlike::<()>(item, rules::VALUE_KIND, EXPECTS, help);
    }
    (steps.len() == items.len()).then_some(steps)
}

/// Returns the steps of a comma-separated scheme string in canonical form; empty if it is.
pub fn steps(text: &str) -> Vec<String> {
    text.split(',').map(without_blanks).filter(|step| !step.is_empty()).collect()
}

/// Returns whether a step is one that the API documents.
pub fn is_scheme(step: &str) -> bool {
    match step.strip_prefix("workgroup:") {
        Some(id) => !id.is_empty() && !id.contains(|c: char| c.is_whitespace() || c == ',' || c == ':'),
        None => matches!(step, "entitlementOwner" | "sourceOwner" | "manager"),
    }
}

fn hint(step: &str) -> String {
    const ALL: &str = "write entitlementOwner, sourceOwner, manager or workgroup:ID";
    let several = step.split([';', '|', '/', '>', '\n', ',', '→']).map(str::trim).collect::<Vec<_>>();
    if several.len() > 1 {
        return match several.iter().all(|step| is_scheme(step)) {
            true => format!("write a list: [{}]", several.join(", ")),
            false => format!("write a list, one item for each approver; {ALL}"),
        };
    }
    let word = step.to_lowercase().replace(['_', '-'], "");
    match word.as_str() {
        "" => "delete one of the commas; [] means no approval at all".to_owned(),
        word if word.starts_with("workgroup") || word.starts_with("governancegroup") => {
            "write workgroup:ID with the id of the governance group, without spaces".to_owned()
        }
        "none" => {
            "write [] if entitlement requests need no approval, or delete the line to leave it unmanaged".to_owned()
        }
        word => match nearest(word, ["entitlementOwner", "sourceOwner", "manager"]) {
            Some(scheme) => did_you_mean(scheme),
            None => ALL.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_no_part_of_a_step() {
        let canonical = Schemes.canonical(&Value::from("manager , workgroup : 2c91 "));
        assert_eq!(canonical, Some(Value::from("manager, workgroup:2c91")));
    }
}
