//! Values into one settings file of a tenant instead of the lines that manage them now.

use std::path::{Path, PathBuf};

use super::Accepted;
use crate::text::disk::shown;
use crate::text::paths::is_same_file;

/// Returns which of the tenants' settings files `into` is, in the spelling of the first tenant that lists it.
pub fn layer<'a>(layers: impl IntoIterator<Item = &'a [PathBuf]>, into: &Path) -> Option<&'a PathBuf> {
    layers.into_iter().flatten().find(|path| is_same_file(path, into))
}

/// Sends every value to the file `into`. A value that a file after it asks for, and would win, is taken out of `accepted`.
/// Returns one text for each of these.
pub fn redirect(accepted: &mut Vec<Accepted>, tenants: &[(&str, &[PathBuf])], into: &Path) -> Vec<String> {
    let mut left = Vec::new();
    accepted.retain_mut(|wish| {
        let layers = tenants.iter().find(|(name, _)| *name == wish.tenant).map(|(_, layers)| *layers);
        let (Some(layers), managed) = (layers, &wish.managed) else { return false };
        // A file may be listed twice: its last place counts.
        let own = layers.iter().rposition(|path| is_same_file(path, into));
        let now = layers.iter().rposition(|path| shown(path) == managed.place.source.name);
        if own < now {
            if wish.has_drifted() {
                left.push(format!(
                    "{}: {} is asked for after {} and wins",
                    managed.place,
                    managed.setting,
                    shown(into)
                ));
            }
            return false;
        }
        wish.into = Some(into.to_owned());
        true
    });
    left
}
