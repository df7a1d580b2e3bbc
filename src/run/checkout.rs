//! Which commit and which state of the files a run is made from, for those who ask later.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::documents::evidence::CheckoutEntry;
use crate::documents::plan::ShardEntry;
use crate::documents::seal::{sha256, sha256_of};
use crate::global::shard::Shard;
use crate::text::disk::{Disk, Files as _};
use crate::text::revision::Revision;
use crate::workspace::load::Loaded;

/// Returns the commit that is checked out, and whether a file that the run read is not as it is there. `None` if there is no
/// commit or git cannot tell.
pub fn of(loaded: &Loaded) -> Option<CheckoutEntry> {
    let head = Revision::find(&loaded.folder(), "HEAD").ok()?;
    let differs = |path: &PathBuf| match (Disk.read(path), head.read(path)) {
        (Ok(here), Ok(there)) => here.text != there.text,
        _ => true,
    };
    Some(CheckoutEntry { commit: head.commit().to_owned(), dirty: loaded.files().iter().any(differs) })
}

/// Returns which part of a plan a run makes, and from which state of the files.
pub fn part(shard: Shard, loaded: &Loaded) -> ShardEntry {
    let folder = loaded.folder();
    let named = |path: &Path| {
        let path = path.strip_prefix(&folder).unwrap_or(path);
        path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
    };
    // What cannot be read is told elsewhere.
    let sums = |files: &mut dyn Iterator<Item = &PathBuf>| -> BTreeMap<String, String> {
        files.filter_map(|path| Some((named(path), sha256(&Disk.read(path).ok()?.text)))).collect()
    };
    let settings: BTreeSet<&PathBuf> = loaded.layers.iter().flatten().collect();
    let workspace = sums(&mut loaded.inputs.iter().filter(|path| !settings.contains(path)));
    ShardEntry {
        number: shard.number,
        of: shard.of,
        positions: loaded.positions.clone(),
        workspace_files: Some(sha256_of(&workspace)),
        settings_files: sums(&mut settings.into_iter()),
    }
}
