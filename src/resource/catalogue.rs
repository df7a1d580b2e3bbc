//! Which resources there are.

use std::collections::HashSet;
use std::iter::Copied;
use std::ops::Deref;
use std::slice::Iter;
use std::sync::LazyLock;

use super::{Resource, access_request_config, approvals_config, jit_activation_policy};

/// Every resource, in the order in which plans show and apply sends them.
pub static CATALOGUE: Catalogue = Catalogue;

static RESOURCES: &[&Resource] =
    &[&jit_activation_policy::RESOURCE, &access_request_config::RESOURCE, &approvals_config::RESOURCE];

/// Returns whether documents of the catalogue have a field of this name somewhere.
pub fn is_key(name: &str) -> bool {
    static KEYS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let settings = |resource: &&'static Resource| resource.settings.iter().map(|setting| setting.pointer);
        let read_only = RESOURCES.iter().flat_map(|resource| resource.read_only.iter().copied());
        let pointers = RESOURCES.iter().flat_map(settings).chain(read_only);
        pointers.flat_map(|pointer| pointer.split('/').skip(1)).collect()
    });
    KEYS.contains(name)
}

/// The slice of all resources. A type of its own, so that a test can put a catalogue with more settings in its place.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue;

impl Catalogue {
    fn resources() -> &'static [&'static Resource] {
        #[cfg(test)]
        if let Some(resources) = replaced::resources() {
            return resources;
        }
        RESOURCES
    }
}

impl Deref for Catalogue {
    type Target = [&'static Resource];

    fn deref(&self) -> &Self::Target {
        Catalogue::resources()
    }
}

impl IntoIterator for Catalogue {
    type Item = &'static Resource;
    type IntoIter = Copied<Iter<'static, &'static Resource>>;

    fn into_iter(self) -> Self::IntoIter {
        Catalogue::resources().iter().copied()
    }
}

/// Another catalogue, for the tests that run on this thread.
#[cfg(test)]
pub mod replaced {
    use std::cell::Cell;

    use super::Resource;

    thread_local! {
        static RESOURCES: Cell<Option<&'static [&'static Resource]>> = const { Cell::new(None) };
    }

    pub(super) fn resources() -> Option<&'static [&'static Resource]> {
        RESOURCES.get()
    }

    /// The catalogue of this thread is another one for as long as this lives.
    pub struct Replaced(());

    impl Replaced {
        pub fn with(resources: &'static [&'static Resource]) -> Replaced {
            RESOURCES.set(Some(resources));
            Replaced(())
        }
    }

    impl Drop for Replaced {
        fn drop(&mut self) {
            RESOURCES.set(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CATALOGUE;

    #[test]
    fn the_page_about_tenants_names_the_rights_that_a_refusal_names() {
        let page = include_str!("../../docs/own-tenant.md");
        for resource in CATALOGUE {
            let row = page.lines().find(|line| line.starts_with(&format!("| `{}` |", resource.name))).unwrap();
            for right in [resource.scopes_to_read, resource.scopes_to_write, resource.levels_to_write].concat() {
                assert!(row.contains(right), "{}: {right}", resource.name);
            }
            let level = |text: &str| text.split([' ', '(']).find(|word| word.contains('_')).map(str::to_owned);
            assert!(level(resource.rights_to_read).is_none_or(|level| row.contains(&level)), "{row}");
        }
    }
}
