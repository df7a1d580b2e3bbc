//! A revision of a git repository, read with the git program and never checked out: nothing is written to disk.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use super::disk::{Content, Files, below, decode, shown};
use crate::text::printable::printable;
use crate::text::problem::{Problem, rules};
use crate::text::source::Source;

/// Why a revision cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is empty, or would be taken for a flag.
    #[error("--base `{0}` is not a revision")]
    NotARevision(String),
    /// git knows no commit of that name.
    #[error("git knows no revision `{0}` here")]
    Unknown(String),
    /// The folder is not in a repository, or git refuses to read it.
    #[error("git cannot read a repository here: {0}")]
    NotARepository(String),
    /// git cannot be started.
    #[error("git cannot be started: {0}")]
    NoGit(String),
}

impl Unreadable {
    /// Returns what to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Unreadable::NotARevision(_) => "name a branch, tag or commit, such as --base origin/main",
            Unreadable::Unknown(_) => {
                "fetch it first (git fetch origin BRANCH); a checkout of CI often holds one commit only (on GitHub, \
                 give actions/checkout a fetch-depth)"
            }
            Unreadable::NotARepository(_) => "run the command inside the repository that has the settings",
            Unreadable::NoGit(_) => "install git, or leave --base out",
        }
    }
}

/// The files of one commit.
#[derive(Debug)]
pub struct Revision {
    folder: PathBuf,
    root: PathBuf,
    name: String,
    commit: String,
}

impl Revision {
    /// Finds the commit that `name` means in the repository around `folder`.
    ///
    /// # Errors
    ///
    /// See [`Unreadable`].
    pub fn find(folder: &Path, name: &str) -> Result<Revision, Unreadable> {
        if name.is_empty() || name.starts_with('-') {
            return Err(Unreadable::NotARevision(name.to_owned()));
        }
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let run = |args: &[&str]| git(folder, args).map_err(|error| Unreadable::NoGit(error.to_string()));
        let root = run(&["rev-parse", "--show-toplevel"])?;
        if !root.status.success() {
            return Err(Unreadable::NotARepository(last_words(&root)));
        }
        let commit = format!("{name}^{{commit}}");
        let found = run(&["rev-parse", "--quiet", "--verify", "--end-of-options", &commit])?;
        if !found.status.success() {
            return Err(Unreadable::Unknown(name.to_owned()));
        }
        Ok(Revision {
            folder: folder.to_owned(),
            root: PathBuf::from(String::from_utf8_lossy(&root.stdout).trim_end_matches(['\r', '\n'])),
            name: name.to_owned(),
            commit: String::from_utf8_lossy(&found.stdout).trim().to_owned(),
        })
    }

    /// Returns the revision as the user named it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the full name of the commit.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// Returns whether the commit has something at `path`.
    ///
    /// # Errors
    ///
    /// git fails.
    pub fn has(&self, path: &Path) -> Result<bool, Problem> {
        Ok(!self.entry(path)?.is_empty())
    }

    /// Returns the files of the commit that are called `file`, in whatever folder.
    ///
    /// # Errors
    ///
    /// git fails.
    pub fn named(&self, file: &str) -> Result<Vec<PathBuf>, Problem> {
        let listed = self.git(&["ls-tree", "-r", "-z", "--name-only", "--full-tree", &self.commit], Path::new(file))?;
        let paths = listed.split('\0').filter(|path| path.rsplit('/').next() == Some(file));
        Ok(paths.map(|path| self.root.join(path)).collect())
    }

    /// Returns the entry of the commit at `path`, as `git ls-tree --long` writes it; empty if there is none.
    fn entry(&self, path: &Path) -> Result<String, Problem> {
        let inside = Path::new(".").join(path.strip_prefix(&self.folder).unwrap_or(path));
        let Some(inside) = inside.to_str() else { return Ok(String::new()) };
        let listed = self.git(&["ls-tree", "--long", "-z", &self.commit, "--", inside], path)?;
        Ok(listed.split('\0').next().unwrap_or_default().to_owned())
    }

    fn git(&self, args: &[&str], path: &Path) -> Result<String, Problem> {
        let output = git(&self.folder, args).map_err(|error| self.failed(path, &error.to_string()))?;
        if !output.status.success() {
            return Err(self.failed(path, &last_words(&output)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn failed(&self, path: &Path, why: &str) -> Problem {
        let (file, name) = (shown(path), &self.name);
        let message = format!("git cannot read `{}` in {}: {}", printable(&file), printable(name), printable(why));
        Problem::error(rules::GIT, message).help("check the repository with git fsck, or leave --base out")
    }
}

impl Files for Revision {
    fn read(&self, path: &Path) -> Result<Arc<Source>, Problem> {
        let file = shown(path);
        let entry = self.entry(path)?;
        let mut fields = entry.split('\t').next().unwrap_or_default().split_ascii_whitespace();
        let (mode, kind, object, size) = (fields.next(), fields.next(), fields.next(), fields.next());
        let (Some(mode), Some("blob"), Some(object)) = (mode, kind, object) else {
            let message = format!("there is no file `{}` in {}", printable(&file), printable(&self.name));
            return Err(Problem::error(rules::FILE_MISSING, message)
                .help("the file is looked for in that revision, not on the disk; mend it there"));
        };
        if mode == "120000" {
            let message = format!("`{}` is a symbolic link in {}", printable(&file), printable(&self.name));
            return Err(Problem::error(rules::FILE_NOT_REGULAR, message)
                .help("links are not followed in a revision: name the file that it points at"));
        }
        if size.and_then(|size| size.parse::<u64>().ok()).is_none_or(|size| size > Content::Yaml.max_bytes()) {
            return Err(Content::Yaml.too_large(&file));
        }
        let blob =
            git(&self.folder, &["cat-file", "blob", object]).map_err(|error| self.failed(path, &error.to_string()))?;
        if !blob.status.success() {
            return Err(self.failed(path, &last_words(&blob)));
        }
        decode(blob.stdout, &file)
    }

    /// Returns `path` below `folder`, unless it leads out. Links need no check: they are not followed in a revision.
    fn confined(&self, folder: &Path, path: &Path) -> Option<PathBuf> {
        below(folder, path)
    }
}

/// Runs git without a shell. `folder` is its working directory, never an argument, and no character of a path is a pattern.
fn git(folder: &Path, args: &[&str]) -> io::Result<Output> {
    Command::new("git")
        .args(args)
        .current_dir(folder)
        .env("GIT_LITERAL_PATHSPECS", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        // A partial clone fetches what it lacks; a question of git would wait for ever.
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .output()
}

fn last_words(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let said = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("it does not say why");
    said.trim_start_matches("fatal: ").to_owned()
}
