//! What a file says of the documents of a resource of which a tenant has several: one key for each.

use std::sync::Arc;

use serde_json::Value;

use super::Managed;
use super::document::{nothing_below, read_document};
use super::layers::{Earlier, LayerResource};
use crate::resource::instances::{Instances, WHOLE};
use crate::resource::key::Name;
use crate::resource::{self, Resource};
use crate::text::nearest::{did_you_mean, nearest};
use crate::text::problem::rules;
use crate::text::reader::{Context, Reader, quote};
use crate::text::yaml::{self, Key, Node};

/// Takes the document away, so that the tenant has the values that it inherits.
const INHERIT: &str = "inherit";
/// Releases everything that earlier layers manage of the document.
const UNMANAGED: &str = "unmanaged";

/// Reads the documents of a resource.
pub(super) fn read(
    resource: &'static Resource,
    instances: &Instances,
    entries: &[(Key<'_>, Node<'_>)],
    reader: &mut Reader,
    earlier: &Earlier,
) -> Vec<LayerResource> {
    let mut found = Vec::new();
    for (key, node) in entries {
        let outer = std::mem::replace(&mut reader.context, Context::of(format!("{}[{}]", resource.name, key.text)));
        match named(resource, instances, &key.text) {
            Some(document) => found.extend(read_instance(document, key, node, reader, earlier)),
            None => {
                reader.context = outer.clone();
                tell_unknown(resource, instances, key, reader);
            }
        }
        reader.context = outer;
    }
    found
}

fn named(resource: &'static Resource, instances: &Instances, text: &str) -> Option<resource::Key> {
    (instances.place)(text)?;
    Some(resource::Key { resource, instance: Some(Name::new(text)?) })
}

fn read_instance(
    document: resource::Key,
    key: &Key<'_>,
    node: &Node<'_>,
    reader: &mut Reader,
    earlier: &Earlier,
) -> Option<LayerResource> {
    let resource = document.resource;
    let text = match &node.value {
        yaml::Value::Map(entries) => return read_document(document, key, entries, reader, earlier),
        yaml::Value::Nothing => {
            nothing_below(key, reader);
            return None;
        }
        yaml::Value::Text { text, .. } => text.as_ref(),
        _ => "",
    };
    let generation = resource.default_generation.and_then(|name| resource.generation(name))?;
    let mut read = LayerResource::new(document, generation, None);
    match text {
        INHERIT => read.settings.push(Arc::new(Managed {
            setting: &WHOLE,
            value: Arc::new(Value::Null),
            place: reader.place(&key.span),
            value_place: reader.place(&node.span),
            known: Arc::default(),
        })),
        UNMANAGED => read.released_whole = Some(reader.place(&node.span)),
        _ => {
            let help = match nearest(text, [INHERIT, UNMANAGED]) {
                Some(near) => did_you_mean(near),
                None => format!("write settings below it, {INHERIT} to delete it in the tenant, or {UNMANAGED}"),
            };
            let expects = "a mapping of settings, inherit or unmanaged";
            return reader.unlike(node, rules::VALUE_KIND, expects, &help);
        }
    }
    Some(read)
}

fn tell_unknown(resource: &Resource, instances: &Instances, key: &Key<'_>, reader: &mut Reader) {
    if reader.counts_unknown_key(&key.span) {
        return;
    }
    let text = key.text.as_ref();
    let setting = resource.settings.iter().any(|setting| setting.keys().next() == Some(text));
    let near = nearest(text, instances.words.iter().map(|(word, _)| *word));
    let help = match near {
        _ if setting => format!(
            "`{text}` is a setting: write it below the configuration that it belongs to, such as {}",
            instances.example
        ),
        Some(near) => did_you_mean(format_args!("`{near}`")),
        None => format!("write {}", instances.expects),
    };
    let message = format!("{} is not the name of one of the {}s", quote(text), resource.title);
    reader.error(rules::UNKNOWN_KEY, &key.span, &message, "not known here", &help);
}
