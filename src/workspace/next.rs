//! The commands that a run tells its user to type next, with the flags and files that this run was given.

use std::path::{Path, PathBuf};

use super::load::Context;
use crate::text::disk::shown;
use crate::text::shell::quoted;

/// What a command that follows a run is about.
#[derive(Clone, Copy, Debug)]
pub enum About<'a> {
    /// The tenants and the settings files of the run.
    Same,
    /// This saved plan, which names its tenants.
    Plan(&'a Path),
    /// This receipt, which names its tenants.
    Receipt(&'a Path),
    /// What the command's own flags say.
    Flags,
}

impl Context {
    /// Returns the command of this run, as it was typed.
    pub fn again(&self) -> String {
        join("sailplan", self.typed.words.iter().cloned())
    }

    /// Returns the command that follows this one: `command` with its `flags`, in the same place.
    pub fn next(&self, command: &str, about: About<'_>, flags: &str) -> String {
        let mut words = self.place();
        let files = self.typed.files.iter().map(|file| shown(file));
        match about {
            About::Same => words.extend(self.chosen().into_iter().chain(files)),
            About::Plan(plan) => words.extend(files.chain([shown(plan)])),
            About::Receipt(receipt) => words.push(shown(receipt)),
            About::Flags => {}
        }
        let line = join(&format!("sailplan {command}"), words);
        if flags.is_empty() { line } else { format!("{line} {flags}") }
    }

    /// Returns the flags that say where the workspace is, or the tenant without one, and whom to trust on the way.
    fn place(&self) -> Vec<String> {
        let path = |flag: &str, path: &Option<PathBuf>| path.as_ref().map(|path| [flag.to_owned(), shown(path)]);
        let global = &self.global;
        let url = global.url.as_ref().map(|url| ["--url".to_owned(), url.clone()]);
        // Other flags start in the folder of -C, as this run did.
        let directory = global.directory.as_ref().map(|path| ["-C".to_owned(), path.display().to_string()]);
        let flags = [directory, path("-f", &global.workspace), url, path("--ca-cert", &global.network.ca_cert)];
        flags.into_iter().flatten().flatten().collect()
    }

    /// Returns the flags that choose tenants.
    fn chosen(&self) -> Vec<String> {
        let global = &self.global;
        let tenants = global.tenants.iter().map(|name| ["--tenant".to_owned(), name.clone()]);
        let labels = global.labels.iter().map(|label| ["--label".to_owned(), label.to_string()]);
        let shard = global.shard.map(|shard| ["--shard".to_owned(), shard.to_string()]);
        tenants.chain(labels).chain(shard).flatten().collect()
    }
}

/// Returns a command and its words as a shell takes them.
fn join(command: &str, words: impl IntoIterator<Item = String>) -> String {
    words.into_iter().fold(command.to_owned(), |line, word| format!("{line} {}", quoted(&word)))
}
