//! Live documents to a settings file that plans nothing.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::plan;
use crate::resource::instances::Standing;
use crate::resource::tree::{Member, Object};
use crate::resource::{Generation, Key, Rule, Setting, document, lies_in};
use crate::rewrite::edit::{QuoteStyle, write_entry};
use crate::settings;
use crate::text::printable::printable;
use crate::text::wrap::wrap;
use crate::text::yaml::Source;

/// Longest line of a comment, in characters.
const WIDTH: usize = 100;

/// A live document to be written down.
#[derive(Clone, Copy, Debug)]
pub struct Pulled<'a> {
    /// Which document it is.
    pub key: &'a Key,
    /// The generation that answered it.
    pub generation: &'static Generation,
    /// The document.
    pub live: &'a Value,
    /// The names of ids in it, as far as they are known.
    pub names: &'a BTreeMap<String, String>,
}

/// Returns the live settings of a tenant as a settings file: each with a line on what it does, read-only and unknown
/// fields left out, what has no value or one that a settings file cannot hold as a comment. Editors find the schema at
/// `schema`, a path from the file's folder.
pub fn file(tenant: &str, schema: Option<&str>, documents: &[Pulled<'_>]) -> String {
    let mut text = schema.map(|path| format!("# yaml-language-server: $schema={path}\n")).unwrap_or_default();
    text.push_str(&format!(
        "# The settings of {} as they were, written by sailplan pull. Delete the lines that should stay unmanaged.\n",
        printable(tenant)
    ));
    let mut before = None;
    for document in documents {
        // Instances of one resource stand below one key.
        let resource = document.key.resource;
        text.push('\n');
        text.push_str(&section(document, before != Some(resource)));
        before = Some(resource);
    }
    text
}

/// Returns the settings of `documents` that differ from what `text` asks for, or cannot be read in it; empty proves that
/// the file plans nothing.
pub fn differences(text: &str, documents: &[Pulled<'_>]) -> Vec<String> {
    let (desired, problems) = settings::read(&[Source::new("pulled", text)]);
    let mut found: Vec<String> =
        problems.into_iter().filter(|problem| problem.is_error()).map(|problem| problem.message).collect();
    for wanted in &desired.resources {
        let Some(pulled) = documents.iter().find(|pulled| *pulled.key == wanted.key) else { continue };
        match plan::compare(wanted, pulled.live) {
            Ok(comparison) => found.extend(comparison.changes.iter().map(|change| change.setting.dotted())),
            Err(unfit) => found.extend(unfit.into_iter().map(|unfit| unfit.pointer)),
        }
    }
    found
}

fn section(pulled: &Pulled<'_>, first: bool) -> String {
    let resource = pulled.key.resource;
    let mut lines = Vec::new();
    if first {
        lines.extend(comment("", resource.about));
        lines.push(format!("{}:", resource.name));
    }
    let document = resource.document(Some(pulled.generation));
    match &pulled.key.instance {
        None => {
            lines.push(format!("  apiVersion: {}", pulled.generation.name));
            write_object(pulled, document, 2, &mut lines);
        }
        Some(instance) => {
            let mut below = Vec::new();
            let any = write_object(pulled, document, 4, &mut below);
            if pulled.key.standing(pulled.live) == Standing::Inherited {
                lines.push("  # Not stored in the tenant: these values are inherited.".to_owned());
            }
            lines.push(if any { format!("  {instance}:") } else { format!("  {instance}: {{}}") });
            lines.append(&mut below);
        }
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

/// Writes the settings in an object; returns whether any of them is more than a comment.
fn write_object(pulled: &Pulled<'_>, object: Object<'static>, indent: usize, lines: &mut Vec<String>) -> bool {
    let mut managed = false;
    for (key, member) in object.members() {
        match member {
            Member::Setting(setting) => managed |= leaf(pulled, setting, key, indent, lines),
            Member::Object(inner) => {
                let mut below = Vec::new();
                let any = write_object(pulled, inner, indent + 2, &mut below);
                let mark = if any { "" } else { "# " };
                lines.push(format!("{}{mark}{key}:", " ".repeat(indent)));
                lines.append(&mut below);
                managed |= any;
            }
        }
    }
    managed
}

fn leaf(pulled: &Pulled<'_>, setting: &'static Setting, key: &str, indent: usize, lines: &mut Vec<String>) -> bool {
    let blanks = " ".repeat(indent);
    lines.extend(comment(&blanks, setting.about));
    let other_form = document::other_shape(pulled.key.resource, pulled.generation, pulled.live)
        .filter(|(own, _)| lies_in(setting.pointer, own.object))
        .map(|(own, other)| {
            let fits = other.generations.join(" or ");
            format!(
                "the tenant answers in the {} form, not the {} one; it fits apiVersion {fits}",
                other.name, own.name
            )
        });
    let why = match document::read(setting, pulled.live) {
        Ok(None) => other_form.as_deref().unwrap_or("the tenant has no value"),
        Ok(Some(Value::Null)) if !setting.nullable || (setting.kind.is_list() && !setting.kind.is_set()) => {
            "the tenant has null"
        }
        Ok(Some(value)) if !value.is_null() && exceeds(pulled, setting, &value) => {
            "the tenant has it above its maximum"
        }
        Ok(Some(value)) => {
            let value = if value.is_null() && setting.kind.is_list() { Value::Array(Vec::new()) } else { value };
            let raw = pulled.live.pointer(setting.pointer);
            if let Some(cover) = covered(pulled, setting, &value) {
                let why = format!("not managed: it has no effect while {} is {}", cover.0, cover.1);
                lines.push(format!("{blanks}# {key}: {value}  # {why}"));
                return false;
            }
            match forms(setting, &value, raw, pulled.names)
                .into_iter()
                .find(|written| holds(pulled, setting, written, &value))
            {
                Some(written) => {
                    lines.extend(write_entry(key, &written, indent, 2, 2, QuoteStyle::Plain));
                    return true;
                }
                None => "the tenant has a value that a settings file cannot hold",
            }
        }
        Err(_) => "the tenant has a value of another kind",
    };
    let value = match pulled.live.pointer(setting.pointer) {
        None | Some(Value::Null) => String::new(),
        Some(value) => format!(": {}", shortened(&printable(&value.to_string()))),
    };
    lines.push(format!("{blanks}# {key}:  # not managed: {why}{value}"));
    false
}

/// Returns text that fits into a comment.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The ways to write a value, best first: with the names that the tenant gives for readers, and without.
fn forms(setting: &Setting, value: &Value, raw: Option<&Value>, names: &BTreeMap<String, String>) -> Vec<Value> {
    let written = if value.is_null() { Value::Null } else { setting.kind.write(value, None) };
    let mut forms = Vec::new();
    if let (Value::Object(written), Some(Value::String(name))) = (&written, raw.and_then(|raw| raw.get("name"))) {
        let mut named = written.clone();
        named.insert("name".to_owned(), Value::from(name.as_str()));
        forms.push(Value::Object(named));
    }
    if setting.kind.is_set()
        && setting.references([Some(value)]).iter().any(|reference| names.contains_key(reference.id))
    {
        forms.extend(labelled(&written, names));
    }
    forms.push(written);
    forms
}

/// Returns members with their names for readers.
fn labelled(members: &Value, names: &BTreeMap<String, String>) -> Option<Value> {
    let member = |member: &Value| match member.as_str().and_then(|id| Some((id, names.get(id)?))) {
        Some((id, name)) if !name.trim().is_empty() => json!({"id": id, "name": name}),
        _ => member.clone(),
    };
    Some(members.as_array()?.iter().map(member).collect())
}

/// Returns whether a file that says `written` alone is valid and asks for `value`.
fn holds(pulled: &Pulled<'_>, setting: &Setting, written: &Value, value: &Value) -> bool {
    let mut document = written.clone();
    for key in setting.keys().collect::<Vec<_>>().into_iter().rev() {
        document = Value::Object(Map::from_iter([(key.to_owned(), document)]));
    }
    if let Some(object) = document.as_object_mut() {
        object.insert("apiVersion".to_owned(), Value::from(pulled.generation.name));
    }
    if let Some(instance) = &pulled.key.instance {
        document = Value::Object(Map::from_iter([(instance.to_string(), document)]));
    }
    let text = write_entry(pulled.key.resource.name, &document, 0, 2, 2, QuoteStyle::Plain).join("\n");
    let (desired, problems) = settings::read(&[Source::new("pulled", text)]);
    let mut managed = desired.resources.iter().flat_map(|resource| &resource.settings);
    problems.iter().all(|problem| !problem.is_error())
        && managed.next().is_some_and(|managed| setting.equal(Some(managed.value.as_ref()), Some(value)))
}

/// Returns whether the tenant has the setting above another that bounds it: a file that says so is not valid.
fn exceeds(pulled: &Pulled<'_>, setting: &Setting, value: &Value) -> bool {
    pulled.key.resource.rules.iter().any(|rule| match *rule {
        Rule::AtMost { lesser, greater } if lesser == setting.pointer => {
            let bound = pulled
                .key
                .resource
                .setting(greater)
                .and_then(|bound| document::read(bound, pulled.live).ok().flatten());
            matches!((value.as_i64(), bound.and_then(|bound| bound.as_i64())), (Some(low), Some(high)) if low > high)
        }
        _ => false,
    })
}

/// Returns the setting that keeps a flag from having any effect, and how it is: a file that manages the flag is warned
/// about.
fn covered(pulled: &Pulled<'_>, setting: &Setting, value: &Value) -> Option<(&'static Setting, &'static str)> {
    pulled.key.resource.rules.iter().find_map(|rule| match *rule {
        Rule::Moot { flag, cover, .. } if flag == setting.pointer && *value == Value::Bool(true) => {
            let other = pulled.key.resource.setting_in(pulled.generation, cover.pointer)?;
            let live = document::read(other, pulled.live).ok().flatten();
            cover.fits(live.as_ref()).then_some((other, cover.state))
        }
        _ => None,
    })
}

/// Returns text as comment lines, broken between words.
fn comment(blanks: &str, text: &str) -> Vec<String> {
    let mark = format!("{blanks}# ");
    wrap(text, mark.len(), WIDTH).lines().map(|line| format!("{mark}{line}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::resource::CATALOGUE;

    #[test]
    fn what_a_file_cannot_hold_is_a_comment() {
        let resource = CATALOGUE[0];
        let live = json!({
            "id": "x", "entitlementIds": null, "maxActivationPeriodMins": 60, "defaultMaxActivationPeriodMins": 90,
            "maxActivationPeriodExtensionMins": 0, "notificationRecipients": ["x", "a@b.c"],
            "notificationTemplate": "\u{1b}[2J\nadmin: true", "applyToFutureAssignments": "yes", "brandNew": 1,
        });
        let key = Key::from(resource);
        let names = BTreeMap::new();
        let generation = resource.generation("v1").unwrap();
        let documents = [Pulled { key: &key, generation, live: &live, names: &names }];
        let text = file("prod", None, &documents);
        let values: Vec<&str> =
            text.lines().filter(|line| !line.trim_start().starts_with("# ") || line.contains("not managed")).collect();
        insta::assert_snapshot!(values.join("\n"));
        assert_eq!(differences(&text, &documents), [""; 0]);
    }

    /// Any value where a setting could stand, most of them of its kind.
    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            (-5..5000_i64).prop_map(Value::from),
            "[ -~é\u{1b}\n]{0,8}".prop_map(Value::from),
            prop::sample::select(vec![
                json!("sourceOwner, manager"),
                json!(""),
                json!("workgroup:x"),
                json!([]),
                json!(["a", "38e1", "a"]),
                json!(["A@b.c", "a@b.c", "x@y.z"]),
                json!({"id": "x", "type": "IDENTITY", "name": "No: 'body'"}),
                json!({"id": "x", "type": null, "name": " "}),
                json!({"value": 30, "timeUnit": "DAYS"}),
                json!({"value": 0, "timeUnit": "DAYS"}),
                json!([{"approverType": "MANAGER", "approverId": null}]),
                json!([{"approverType": "GOVERNANCE_GROUP", "approverId": "12e3"}, {"approverType": "MANAGER"}]),
                json!({"unknown": [1, {"a": 1}]}),
            ]),
        ]
    }

    proptest! {
        #[test]
        fn a_pulled_file_plans_nothing(
            resource in prop::sample::select(CATALOGUE.to_vec()),
            generation in 0..9_usize,
            values in prop::collection::vec(prop::option::weighted(0.8, value()), 60),
            name in "[ -~é\u{1b}\n]{0,8}",
        ) {
            let generation = &resource.generations[generation % resource.generations.len()];
            let mut live = json!({"id": "x", "brandNew": {"a": 1}});
            for (setting, value) in resource.settings_of(generation).zip(values) {
                if let Some(value) = value {
                    document::put(setting, &mut live, &value);
                }
            }
            let key = Key::sample(resource);
            let names = BTreeMap::from([("38e1".to_owned(), name), ("a".to_owned(), " ".to_owned())]);
            let documents = [Pulled { key: &key, generation, live: &live, names: &names }];
            let text = file("prod", None, &documents);
            prop_assert_eq!(differences(&text, &documents), Vec::<String>::new(), "{}\n{}", live, text);
            // Every value that can be held is managed, but for a flag without effect.
            let (desired, _) = settings::read(&[Source::new("s", text.as_str())]);
            let managed = |setting: &Setting| desired.resources.iter().any(|wanted| wanted.get(setting.pointer).is_some());
            for setting in resource.settings_of(generation) {
                if let Ok(Some(value @ Value::Bool(_))) = document::read(setting, &live) {
                    let effective = covered(&documents[0], setting, &value).is_none();
                    prop_assert_eq!(managed(setting), effective, "{}", setting);
                }
            }
        }
    }
}
