//! Which document of a tenant: a resource and, for a resource with several documents, the instance.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::instances::Standing;
use super::reference::{Reference, Referent};
use super::{CATALOGUE, Resource, Setting};

/// Identifies a document of a tenant. Ordered as plans show documents: by the catalogue, then by instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The resource.
    pub resource: &'static Resource,
    /// The instance; `None` if a tenant has the resource once.
    pub instance: Option<Name>,
}

/// The name of an instance, such as `ENTITLEMENT/ID`: ASCII letters, digits and `_ - . : /`, so that it is safe to show.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// Returns the name; `None` if it is empty or has other characters.
    pub fn new(text: &str) -> Option<Name> {
        let allowed = |letter: u8| letter.is_ascii_alphanumeric() || b"_-.:/".contains(&letter);
        (!text.is_empty() && text.bytes().all(allowed)).then(|| Name(text.into()))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Key {
    /// Returns the document that plans and receipts name so; `None` if the catalogue has no such resource, or an instance
    /// is named where there are none or missing where there are.
    pub fn named(resource: &str, instance: Option<&str>) -> Option<Key> {
        let resource = Resource::named(resource)?;
        let instance = match instance {
            Some(instance) => Some(Name::new(instance)?),
            None => None,
        };
        let fits = match (resource.instances, &instance) {
            (Some(instances), Some(name)) => (instances.place)(name.as_str()).is_some(),
            (instances, name) => instances.is_some() == name.is_some(),
        };
        fits.then_some(Key { resource, instance })
    }

    /// Returns a document of a resource for tests.
    #[cfg(test)]
    pub fn sample(resource: &'static Resource) -> Key {
        Key { resource, instance: resource.instances.and_then(|instances| Name::new(instances.example)) }
    }

    /// Returns whose document a tenant answered. Of a resource that a tenant has once every document is its own.
    pub fn standing(&self, live: &Value) -> Standing {
        match (self.resource.instances, &self.instance) {
            (Some(instances), Some(name)) => instances.standing(name.as_str(), live),
            _ => Standing::Own,
        }
    }

    /// Returns the document whose values hold where this one is not stored; `None` if none is known.
    pub fn above(&self) -> Option<Key> {
        let above = (self.resource.instances?.above)(self.instance.as_ref()?.as_str())?;
        Key::named(self.resource.name, Some(above))
    }

    /// Returns the item of the tenant that the instance is about; `None` if it is about none, or about one that cannot be looked
    /// up.
    pub fn reference(&self) -> Option<Reference<'_>> {
        let (scope, id) = self.instance.as_ref()?.as_str().split_once('/')?;
        (scope == "ENTITLEMENT").then_some(Reference { referent: Referent::Entitlement, id })
    }

    /// Returns the keys that lead to a setting in a settings file, outermost first.
    pub fn path(&self, setting: &Setting) -> Vec<&str> {
        let mut path = vec![self.resource.name];
        path.extend(self.instance.as_ref().map(Name::as_str));
        for key in setting.keys() {
            path.push(key);
        }
        path
    }

    /// Returns the JSON Pointer of a setting in a settings file (RFC 6901), such as `/RESOURCE/POINTER` or
    /// `/RESOURCE/INSTANCE/POINTER`.
    pub fn pointer(&self, setting: &Setting) -> String {
        self.path(setting).into_iter().map(|key| format!("/{}", escape(key))).collect()
    }
}

/// Returns a key as a JSON Pointer writes it (RFC 6901).
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The only document of a resource that a tenant has once.
impl From<&'static Resource> for Key {
    fn from(resource: &'static Resource) -> Key {
        Key { resource, instance: None }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.instance {
            Some(instance) => write!(f, "{}[{instance}]", self.resource.name),
            None => f.write_str(self.resource.name),
        }
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Key) -> Ordering {
        let place = |key: &Key| CATALOGUE.iter().position(|resource| *resource == key.resource);
        // Names decide between resources of which the catalogue has neither.
        (place(self), self.resource.name, &self.instance).cmp(&(place(other), other.resource.name, &other.instance))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jit() -> Key {
        Key::named("jitActivationPolicy", None).unwrap()
    }

    /// A document of a resource of which a tenant has several.
    fn instance(name: &str) -> Key {
        Key::named("approvalsConfig", Some(name)).unwrap()
    }

    #[test]
    fn a_key_is_shown_and_pointed_at_with_its_instance() {
        let setting = jit().resource.setting("/maxActivationPeriodMins").unwrap();
        assert_eq!(jit().to_string(), "jitActivationPolicy");
        assert_eq!(jit().pointer(setting), "/jitActivationPolicy/maxActivationPeriodMins");
        let item = instance("ENTITLEMENT/2c9180835d2e");
        let setting = item.resource.setting("/autoApprove").unwrap();
        assert_eq!(item.to_string(), "approvalsConfig[ENTITLEMENT/2c9180835d2e]");
        assert_eq!(item.pointer(setting), "/approvalsConfig/ENTITLEMENT~12c9180835d2e/autoApprove");
    }

    #[test]
    fn an_instance_is_read_by_its_id_and_written_by_id_and_scope() {
        let paths = |key: &Key| {
            let generation = key.resource.current().unwrap();
            (generation.path_of(key).into_owned(), generation.write_path_of(key).into_owned())
        };
        let same = |path: &str| (path.to_owned(), path.to_owned());
        assert_eq!(paths(&Key::named("accessRequestConfig", None).unwrap()), same("/access-request-config/v2"));
        let root = "/generic-approvals/v1/config";
        for (name, id, scope) in [
            ("ENTITLEMENT/a.b", "a%2Eb", "ENTITLEMENT"),
            ("ACCESS_REQUEST_APPROVAL", "ACCESS_REQUEST_APPROVAL", "APPROVAL_TYPE"),
            ("TENANT", "{tenant}", "TENANT"),
        ] {
            assert_eq!(paths(&instance(name)), (format!("{root}/{id}"), format!("{root}/{id}/{scope}")), "{name}");
        }
    }

    #[test]
    fn an_item_is_named_by_one_part_of_a_path() {
        for name in ["ROLE/", "ROLE/.", "ROLE/..", "ROLE/a/b", "role/a", "a"] {
            assert_eq!(Key::named("approvalsConfig", Some(name)), None, "{name}");
        }
        for name in ["ROLE/a", "ROLE/...", "ENTITLEMENT/a.b"] {
            assert!(Key::named("approvalsConfig", Some(name)).is_some(), "{name}");
        }
    }

    #[test]
    fn keys_are_in_catalogue_order_and_then_by_instance() {
        let access = Key::named("accessRequestConfig", None).unwrap();
        let mut keys = vec![instance("ROLE/b"), access.clone(), instance("ROLE/a"), jit()];
        keys.sort();
        assert_eq!(keys, [jit(), access, instance("ROLE/a"), instance("ROLE/b")]);
    }

    #[test]
    fn only_documents_of_the_catalogue_have_a_key() {
        assert_eq!(Key::named("jitActivationPolicy", None), Some(Key::from(CATALOGUE[0])));
        assert_eq!(Key::named("jitActivationPolicy", Some("A")), None);
        assert_eq!(Key::named("approvals", None), None);
        for name in [None, Some("ROLES/a"), Some("ROLE/"), Some("ROLE/a/b"), Some("APPROVAL_TYPE/X"), Some("tenant")] {
            assert_eq!(Key::named("approvalsConfig", name), None, "{name:?}");
        }
    }

    #[test]
    fn a_name_has_only_characters_that_are_safe_to_show() {
        for name in ["TENANT", "ENTITLEMENT/38e1-a.b:c_d"] {
            assert_eq!(Name::new(name).unwrap().as_str(), name);
        }
        for name in ["", "a b", "a]b", "a~1b", "a\u{1b}[2J", "ä", "a\nb"] {
            assert_eq!(Name::new(name), None, "{name:?}");
        }
    }
}
