//! Where a tenant lives: at an address, or in a file.

use std::path::{Component, Path, PathBuf};

use crate::failure::Failure;
use crate::tenant::Address;
use crate::text::disk::{Disk, Files as _};
use crate::text::paths;

/// Where a tenant lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// An address on the network.
    Address(Address),
    /// A practice tenant embedded in sailplan, kept in this file.
    Practice(PathBuf),
}

/// Reads a tenant's URL: `practice:FILE` relative to `folder` and inside it, or an address.
pub(super) fn location(url: &str, folder: &Path) -> Result<Location, Failure> {
    let Some(file) = url.strip_prefix("practice:") else {
        return match Address::parse(url) {
            Ok(address) => Ok(Location::Address(address)),
            Err(error) => Err(Failure::failed(error.to_string(), error.hint())),
        };
    };
    let help = "name a file inside that folder, such as practice:.sailplan/tenant.json";
    if file.is_empty() {
        return Err(Failure::failed("there is no file after `practice:`".to_owned(), help));
    }
    let is_git = |part: Component<'_>| part.as_os_str().eq_ignore_ascii_case(".git");
    if Path::new(file).components().any(is_git) {
        return Err(Failure::failed(format!("the practice tenant's file {file} is one of git's own"), help));
    }
    match Disk.confined(folder, Path::new(file)) {
        Some(path) => Ok(Location::Practice(path)),
        None => {
            Err(Failure::failed(format!("the practice tenant's file {file} leads out of the workspace's folder"), help))
        }
    }
}

/// Returns `practice:FILE` with the file in the one form that digests and receipts use, whatever links lead to it.
pub(super) fn plain_practice(url: &str, folder: &Path) -> String {
    let file = url.strip_prefix("practice:").unwrap_or(url);
    let plain = || Path::new(file).components().filter(|part| *part != Component::CurDir).collect();
    let top = paths::real(folder, Path::new(""));
    let real = paths::real(folder, Path::new(file))
        .zip(top)
        .and_then(|(real, top)| real.strip_prefix(top).ok().map(Path::to_owned));
    format!("practice:{}", real.unwrap_or_else(plain).display())
}

/// Returns an address that could not be used without the parts in which people put secrets by mistake.
pub(super) fn harmless(url: &str) -> String {
    let plain = url.split(['?', '#']).next().unwrap_or_default();
    match (plain.split_once("://"), plain.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://{host}"),
        (None, Some((_, host))) => host.to_owned(),
        (Some(_), None) => plain.to_owned(),
        // Without a scheme it may be anything, a pasted secret included.
        (None, None) if plain.starts_with("practice:") || plain.contains("${") => plain.to_owned(),
        (None, None) => "not an address".to_owned(),
    }
}
