//! Names of settings: as outputs print them (`RESOURCE.SETTING`), as JSON Pointers (`/RESOURCE/SETTING`), and the last key
//! alone if exactly one setting has it. A resource of which a tenant has several documents is always named in full:
//! `RESOURCE[INSTANCE].SETTING`.

use super::{CATALOGUE, Key, Setting, dotted};
use crate::resource::key::Name;

/// A setting with its document.
pub type Named = (Key, &'static Setting);

/// Returns the settings that a name means: one, `[]` if there is none, several if the last key of several is named.
pub fn named(text: &str) -> Vec<Named> {
    let full: Vec<Named> = every_in(text).filter(|(key, setting)| is_full_name(key, setting, text)).collect();
    if !full.is_empty() {
        return full;
    }
    once().filter(|(_, setting)| last_key(setting) == Some(text)).collect()
}

/// Returns every name of every setting of which a tenant has one, with it.
pub fn names() -> Vec<(String, Named)> {
    let alone = once().filter_map(|(key, setting)| Some((last_key(setting)?.to_owned(), (key, setting))));
    let alone = alone.filter(|(name, _)| named(name).len() == 1);
    let printed = once().map(|(key, setting)| (printed(&key, setting), (key, setting)));
    alone.chain(printed).chain(once().map(|(key, setting)| (key.pointer(setting), (key, setting)))).collect()
}

/// Returns the name that outputs print.
pub fn printed(key: &Key, setting: &Setting) -> String {
    if setting.is_whole() { key.to_string() } else { format!("{key}.{setting}") }
}

/// Returns the name that outputs print for a JSON Pointer of a plan, whether the catalogue has such a setting or not.
pub fn printed_pointer(pointer: &str) -> String {
    let found = named(pointer);
    match found.as_slice() {
        [(key, setting)] => printed(key, setting),
        _ => dotted(pointer).replace("~1", "/").replace("~0", "~"),
    }
}

fn is_full_name(key: &Key, setting: &Setting, text: &str) -> bool {
    if text.starts_with('/') { key.pointer(setting) == text } else { printed(key, setting) == text }
}

fn last_key(setting: &Setting) -> Option<&'static str> {
    setting.keys().last()
}

/// Every setting of a document that a tenant has once.
fn once() -> impl Iterator<Item = Named> {
    let resources = CATALOGUE.into_iter().filter(|resource| resource.instances.is_none());
    resources.flat_map(|resource| resource.distinct().map(move |setting| (Key::from(resource), setting)))
}

/// Every setting of each document that a name may be about: of a resource with several, of the one that it names.
fn every_in(text: &str) -> impl Iterator<Item = Named> {
    CATALOGUE.into_iter().flat_map(move |resource| {
        let key = match resource.instances {
            Some(instances) => instance(resource.name, text)
                .filter(|name| (instances.place)(name.as_str()).is_some())
                .map(|name| Key { resource, instance: Some(name) }),
            None => Some(Key::from(resource)),
        };
        key.into_iter().flat_map(move |key| resource.distinct().map(move |setting| (key.clone(), setting)))
    })
}

/// Returns the instance in `RESOURCE[INSTANCE].SETTING` or `/RESOURCE/INSTANCE/SETTING`.
fn instance(resource: &str, text: &str) -> Option<Name> {
    if let Some(pointer) = text.strip_prefix('/') {
        let escaped = pointer.strip_prefix(resource)?.strip_prefix('/')?.split('/').next()?;
        return Name::new(&escaped.replace("~1", "/").replace("~0", "~"));
    }
    Name::new(text.strip_prefix(resource)?.strip_prefix('[')?.split_once(']')?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(text: &str) -> Vec<String> {
        named(text).into_iter().map(|(key, setting)| key.pointer(setting)).collect()
    }

    #[test]
    fn a_setting_goes_by_three_names() {
        let maximum = "/jitActivationPolicy/maxActivationPeriodMins";
        for name in ["maxActivationPeriodMins", "jitActivationPolicy.maxActivationPeriodMins", maximum] {
            assert_eq!(pointers(name), [maximum], "{name}");
        }
        let nested = "/accessRequestConfig/requestOnBehalfOfConfig/allowRequestOnBehalfOfAnyoneByAnyone";
        assert_eq!(
            pointers("accessRequestConfig.requestOnBehalfOfConfig.allowRequestOnBehalfOfAnyoneByAnyone"),
            [nested]
        );
        for name in [
            "",
            "/",
            "jitActivationPolicy",
            "requestOnBehalfOfConfig",
            "requestOnBehalfOfConfig.allowRequestOnBehalfOfAnyoneByAnyone",
            "jitActivationPolicy/maxActivationPeriodMins",
            "jitActivationPolicy[A].maxActivationPeriodMins",
            "/maxActivationPeriodMins",
        ] {
            assert_eq!(pointers(name), [""; 0], "{name:?}");
        }
        assert!(pointers("approvalSchemes").len() > 1, "{:?}", pointers("approvalSchemes"));
    }

    #[test]
    fn every_name_means_the_setting_that_it_is_listed_with() {
        let names = names();
        for (name, (key, setting)) in &names {
            assert_eq!(named(name), [(key.clone(), *setting)], "{name}");
        }
        assert!(names.len() > 2 * once().count());
    }

    #[test]
    fn an_instance_is_read_from_both_forms() {
        let read = |text: &str| instance("approvalsConfig", text).map(|name| name.to_string());
        let one = Some("ENTITLEMENT/2c91".to_owned());
        assert_eq!(read("approvalsConfig[ENTITLEMENT/2c91].autoApprove"), one);
        assert_eq!(read("/approvalsConfig/ENTITLEMENT~12c91/autoApprove"), one);
        for text in ["approvalsConfig.autoApprove", "approvalsConfig[].autoApprove", "approvalsConfig[A", "/other/A/x"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
