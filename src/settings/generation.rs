//! The API generation that the settings of a document are written for.

use super::layers::Inherited;
use crate::resource::{Generation, Resource};
use crate::text::nearest::{did_you_mean, nearest};
use crate::text::problem::{Place, rules};
use crate::text::reader::{Reader, quote};
use crate::text::yaml::{self, Key, Node};

/// Returns the generation that a document is written for, and where the file says so, if it does.
pub(super) fn generation(
    resource: &'static Resource,
    key: &Key<'_>,
    entries: &[(Key<'_>, Node<'_>)],
    reader: &mut Reader,
    inherited: Option<&Inherited>,
    broken: bool,
) -> Option<(&'static Generation, Option<Place>)> {
    let names = resource.generation_names();
    let listed = names.join(", ");
    let Some((_, node)) = entries.iter().find(|(key, _)| key.text == "apiVersion") else {
        let name = match (inherited, resource.default_generation) {
            (Some(before), _) => before.generation,
            (None, Some(name)) => name,
            // The file that failed may name the generation.
            (None, None) if broken => return None,
            (None, None) => {
                reader.error(
                    rules::API_VERSION_MISSING,
                    &key.span,
                    "`apiVersion` must be written",
                    "has no `apiVersion`",
                    &format!("add one of {listed}; {}", current(resource)),
                );
                return None;
            }
        };
        let written = inherited.and_then(|before| before.written.clone());
        return resource.generation(name).map(|generation| (generation, written));
    };
    let text = match &node.value {
        yaml::Value::Text { text, .. } => text.as_ref(),
        _ => {
            let help = match &node.value {
                yaml::Value::Number(number) => nearest(&format!("v{number}"), names.iter().copied()),
                _ => None,
            };
            let help = help.map_or_else(|| format!("write one of {listed}"), did_you_mean);
            return reader.unlike(node, rules::VALUE_KIND, &format!("one of {listed}"), &help);
        }
    };
    let Some(generation) = resource.generation(text) else {
        let help = match nearest(text, names.iter().copied()) {
            Some(near) => format!("{} The generations are {listed}; {}", did_you_mean(near), current(resource)),
            None => format!("write one of {listed}; {}", current(resource)),
        };
        let what = format!("there is no API generation {}", quote(text));
        return reader.invalid(node, rules::API_VERSION, &what, &help);
    };
    // A default that is not written decides nothing.
    if let Some(before) = inherited
        && before.generation != generation.name
        && let Some(place) = &before.written
    {
        return reader.invalid(
            node,
            rules::API_VERSION_DIFFERS,
            &format!("apiVersion is {text} here and {} in an earlier layer ({place})", before.generation),
            "use the same generation in every layer of a tenant",
        );
    }
    Some((generation, Some(reader.place(&node.span))))
}

fn current(resource: &Resource) -> String {
    match resource.current() {
        Some(generation) => format!("{} is current", generation.name),
        None => "the catalogue names none as current".to_owned(),
    }
}
