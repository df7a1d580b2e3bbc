//! Names of settings, in every way in which people write them.

use std::borrow::Cow;

use crate::resource::named::named;
use crate::resource::{CATALOGUE, Resource, Setting};
use crate::text::nearest::nearest;

/// The settings that a name means.
#[derive(Debug)]
pub struct Chosen {
    /// The settings with their resources, in the order of plans.
    pub settings: Vec<(&'static Resource, &'static Setting)>,
    /// Whether the name is that of settings; otherwise of a resource or an object around them.
    pub by_name: bool,
    /// Whether no name fits, and the settings have the text in their names.
    pub in_part: bool,
}

/// A shorter text is in the names of too many settings to be meant as a part of one.
const SHORTEST_PART: usize = 3;

/// A name that nothing has.
#[derive(Debug)]
pub struct UnknownName {
    /// The existing name that is most like it; `None` if none is like it.
    pub nearest: Option<String>,
}

/// Returns the settings that `name` means, everything without one: the last key of a setting or more keys before it, with
/// dots or slashes between them and with or without the resource in front, a resource, an object inside it, or else the settings
/// that have the text in their names.
///
/// # Errors
///
/// No setting, object or resource has the name.
pub fn find(name: Option<&str>) -> Result<Chosen, UnknownName> {
    let all = || CATALOGUE.into_iter().flat_map(|one| one.distinct().map(move |setting| (one, setting)));
    let Some(name) = name else { return Ok(Chosen { settings: all().collect(), by_name: false, in_part: false }) };
    let name = &without_instance(name);
    let asked: Vec<&str> = name.trim_start_matches('/').split(['/', '.']).collect();
    let choose = |by_name: bool, fits: &dyn Fn(&Resource, &[&str]) -> bool| {
        let settings: Vec<_> = all().filter(|(resource, setting)| fits(resource, &path(resource, setting))).collect();
        (!settings.is_empty()).then_some(Chosen { settings, by_name, in_part: false })
    };
    // The name of a resource is that of an object in another one, too.
    let resource = choose(false, &|resource, _| asked == [resource.name]);
    let settings = || choose(true, &|_, path| path.len() > asked.len() && path.ends_with(&asked) || path == asked);
    let objects = || choose(false, &|_, path| path.windows(asked.len()).any(|keys| keys == asked));
    if let Some(chosen) = resource.or_else(|| settings().map(without_instances)).or_else(objects) {
        return Ok(chosen);
    }
    let named: Vec<_> = named(name).into_iter().map(|(key, setting)| (key.resource, setting)).collect();
    if !named.is_empty() {
        return Ok(Chosen { settings: named, by_name: true, in_part: false });
    }
    let text = asked.join(".").to_lowercase();
    let parts: Vec<_> =
        all().filter(|(resource, setting)| path(resource, setting).join(".").to_lowercase().contains(&text)).collect();
    if text.chars().count() >= SHORTEST_PART && !parts.is_empty() {
        let by_name = parts.len() == 1;
        return Ok(Chosen { settings: parts, by_name, in_part: true });
    }
    let mut names: Vec<String> = Vec::new();
    for (resource, setting) in all() {
        let path = path(resource, setting);
        for end in 1..=path.len() {
            let (start, tail) = (path.get(..end), path.get(path.len() - end..));
            names.extend([start, tail].into_iter().flatten().map(|keys| keys.join(".")));
        }
    }
    Err(UnknownName { nearest: nearest(&asked.join("."), names.iter().map(String::as_str)).map(str::to_owned) })
}

/// Keeps the settings that a tenant has once, if there are any: the others are named in full, as in guardrails.
fn without_instances(mut chosen: Chosen) -> Chosen {
    if chosen.settings.iter().any(|(resource, _)| resource.instances.is_none()) {
        chosen.settings.retain(|(resource, _)| resource.instances.is_none());
    }
    chosen
}

/// Takes the instance out of `RESOURCE[INSTANCE].SETTING`: every instance has the same settings.
fn without_instance(name: &str) -> Cow<'_, str> {
    match name.split_once('[').zip(name.split_once(']')) {
        Some(((before, _), (_, after))) if Resource::named(before).is_some() => Cow::Owned(format!("{before}{after}")),
        _ => Cow::Borrowed(name),
    }
}

/// The keys that lead to a setting, its resource first.
fn path(resource: &Resource, setting: &Setting) -> Vec<&'static str> {
    std::iter::once(resource.name).chain(setting.keys()).collect()
}
