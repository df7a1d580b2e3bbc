//! Which keys settings files may write, and where a key belongs that stands in the wrong place.

use crate::resource::tree::Object;
use crate::resource::{self, CATALOGUE, Generation, Resource, Setting};
use crate::text::nearest::{did_you_mean, nearest};

/// Returns the keys that a settings file may write in an object.
pub(super) fn known_keys(object: Object<'_>) -> Vec<&'static str> {
    object.members().into_iter().map(|(key, _)| key).collect()
}

/// Says where a key belongs that is not known where it stands: inside another object, in another resource, or as several
/// keys. Empty where it is known nowhere or a key of `known` is like it; `here` is the resource and generation it stands
/// in.
pub(super) fn belongs(
    key: &str,
    known: &[&'static str],
    here: Option<(&'static Resource, &'static Generation)>,
) -> String {
    let owner = here.map(|(resource, _)| resource);
    let settings = || {
        let own = CATALOGUE.iter().filter(|resource| owner == Some(**resource));
        let others = CATALOGUE.iter().filter(|resource| owner != Some(**resource));
        own.chain(others).flat_map(|resource| resource.settings.iter().map(move |setting| (*resource, setting)))
    };
    let fits = |resource: &Resource, setting: &Setting| match here {
        Some((own, generation)) if own == resource => setting.exists_in(generation),
        _ => true,
    };
    let path = resource::dotted(key);
    let dotted = |resource: &Resource, setting: &Setting| {
        setting.dotted() == path || format!("{}.{setting}", resource.name) == path
    };
    if path.contains('.') && settings().any(|(resource, setting)| dotted(resource, setting)) {
        let keys: Vec<&str> = path.split('.').collect();
        let closing = "}".repeat(keys.len() - 1);
        return format!("write one key inside the other: {}: VALUE{closing}", keys.join(": {"));
    }
    let parents = settings().filter(|(resource, setting)| fits(resource, setting)).find_map(|(resource, setting)| {
        let keys: Vec<&str> = setting.keys().collect();
        let depth = keys.iter().position(|known| *known == key)?;
        let mut parents: Vec<&str> = if owner == Some(resource) { Vec::new() } else { vec![resource.name] };
        parents.extend(keys.iter().take(depth));
        Some(parents)
    });
    let near = || if nearest(key, known.iter().copied()).is_none() { nearest_anywhere(key) } else { None };
    match (parents, owner) {
        (Some(parents), Some(owner)) if parents.is_empty() => format!("it belongs directly inside `{}:`", owner.name),
        (Some(parents), _) => format!("it belongs inside `{}:`", parents.join(".")),
        (None, _) => near().map(|path| did_you_mean(format_args!("`{path}`"))).unwrap_or_default(),
    }
}

/// Returns the full path of the setting whose last key is most like `key`, wherever it stands.
fn nearest_anywhere(key: &str) -> Option<String> {
    let leaf = |setting: &'static Setting| setting.keys().last().unwrap_or_default();
    let settings =
        || CATALOGUE.iter().flat_map(|resource| resource.settings.iter().map(move |setting| (*resource, setting)));
    let near = nearest(key, settings().map(|(_, setting)| leaf(setting)))?;
    settings()
        .find(|(_, setting)| leaf(setting) == near)
        .map(|(resource, setting)| format!("{}.{setting}", resource.name))
}
