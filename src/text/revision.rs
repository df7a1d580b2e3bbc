//! A revision of a git repository, read with the git program and never checked out: nothing is written to disk.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use super::disk::{Content, Files, decode, shown};
use super::git::{Contents, Git, Unusable, last_words};
use super::paths::{MOST_LINKS, below, plain, real_folder, real_here, relative};
use super::repository::roots;
use crate::text::printable::printable;
use crate::text::problem::Problem;
use crate::text::problem::rules::{self, Rule};
use crate::text::shell::quoted;
use crate::text::source::Source;

/// Why a revision cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is empty, would be taken for a flag, or searches for words that the author of a branch can write.
    #[error("--base `{0}` is not a revision")]
    NotARevision(String),
    /// git knows no commit of that name.
    #[error("git knows no revision `{0}` here")]
    Unknown(String),
    /// The name means several commits, and who can push a tag chooses which one git takes.
    #[error("`{name}` means more than one commit: {}", meanings.join(", "))]
    Ambiguous {
        /// The name.
        name: String,
        /// What it means, in full.
        meanings: Vec<String>,
    },
    /// The workspace is in a repository inside another one, and the revision does not have it as a submodule.
    #[error(
        "the workspace is in a repository of its own, {}, and `{revision}` of the repository around it does not have it as a submodule",
        inner.display()
    )]
    Nested {
        /// The inner repository.
        inner: PathBuf,
        /// The revision.
        revision: String,
    },
    /// The commit of a submodule is not there.
    #[error("the submodule {} does not have the commit {commit}, which is its commit in `{revision}`", inner.display())]
    NotFetched {
        /// The submodule.
        inner: PathBuf,
        /// Its commit.
        commit: String,
        /// The revision.
        revision: String,
    },
    /// git does not read the repository.
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

impl Unreadable {
    /// Returns what to do next.
    pub fn hint(&self) -> String {
        match self {
            Unreadable::NotARevision(_) => "name a branch, tag or commit, such as --base origin/main".to_owned(),
            Unreadable::Unknown(_) => {
                "fetch it first (git fetch origin BRANCH); a checkout of CI often holds one commit only (on GitHub, \
                 give actions/checkout a fetch-depth)"
                    .to_owned()
            }
            Unreadable::Ambiguous { meanings, .. } => {
                let branch = |meaning: &&String| meaning.starts_with("refs/") && !meaning.starts_with("refs/tags/");
                match meanings.iter().find(branch) {
                    Some(full) => format!("write the name in full, such as --base {full}, and find out who made the other"),
                    None => "name the commit by its whole hash, and find out who made the tag".to_owned(),
                }
            }
            Unreadable::Nested { .. } => {
                "compare in the repository that the change is reviewed in; if the outer repository has nothing to do with \
                 the inner one, set GIT_CEILING_DIRECTORIES to the folder above the inner one"
                    .to_owned()
            }
            Unreadable::NotFetched { inner, commit, .. } => {
                format!("fetch it first: git -C {} fetch origin {commit}", quoted(&inner.to_string_lossy()))
            }
            Unreadable::Unusable(Unusable::NoGit(_)) => "install git, or leave --base out".to_owned(),
            Unreadable::Unusable(Unusable::OtherOwner(folder)) => {
                format!("if you trust it: git config --global --add safe.directory {}", quoted(&folder.to_string_lossy()))
            }
            Unreadable::Unusable(Unusable::NotARepository(_)) => {
                "run the command inside the repository that has the settings".to_owned()
            }
        }
    }
}

/// The files of one commit.
#[derive(Debug)]
pub struct Revision {
    /// The repository that has the workspace and, where it is a submodule, those around it: the innermost first. A link can
    /// lead from one into the other, so all of them may have a workspace.
    parts: Vec<Part>,
    /// The folder that relative paths start from, as it was given and without links.
    folder: PathBuf,
    here: PathBuf,
    /// The working directory, without links.
    current: PathBuf,
    name: String,
    commit: String,
}

/// One repository of a revision.
#[derive(Debug)]
struct Part {
    git: Git,
    /// The commit that has the files: in a submodule another one than that of the revision.
    files: String,
    /// The entries of folders, by their paths, as far as a file of the folder was asked for: there may be thousands of tenant
    /// files in one.
    folders: RefCell<HashMap<String, HashMap<String, String>>>,
    /// The git that prints what is in files, once one was read.
    contents: RefCell<Option<Contents>>,
}

impl Part {
    fn new(git: Git, files: String) -> Part {
        Part { git, files, folders: RefCell::default(), contents: RefCell::default() }
    }

    /// Returns what is in a blob; `None` if one git for all of them does not give it.
    fn blob(&self, object: &str, size: u64) -> Option<Vec<u8>> {
        let mut contents = self.contents.borrow_mut();
        if contents.is_none() {
            *contents = self.git.contents().ok();
        }
        let found = contents.as_mut()?.blob(object, size);
        if found.is_none() {
            *contents = None;
        }
        found
    }
}

impl Revision {
    /// Finds the commit that `name` means in the repository around `folder`. In a submodule it is a commit of the outer
    /// repository, and the files are those of the submodule's commit there: whose history it is must not be up to the
    /// submodule.
    ///
    /// # Errors
    ///
    /// See [`Unreadable`].
    pub fn find(folder: &Path, name: &str) -> Result<Revision, Unreadable> {
        if name.is_empty() || name.starts_with(['-', ':']) || name.contains("^{/") {
            return Err(Unreadable::NotARevision(name.to_owned()));
        }
        let here = real_folder(folder).map_err(|error| Unusable::NotARepository(error.to_string()))?;
        let mut inside: Vec<Git> = Vec::new();
        for root in roots(&here) {
            let git = Git::of(&root)?;
            // A linked work tree may lie inside the one that it is linked to.
            if !inside.last().is_some_and(|inner| inner.is_same_repository(&git)) {
                inside.push(git);
            }
        }
        let Some(mut git) = inside.pop() else {
            let why = "not a git repository (or any of the parent directories): .git";
            return Err(Unusable::NotARepository(why.to_owned()).into());
        };
        let commit = resolve(&git, name)?;
        let mut files = commit.clone();
        let mut parts = Vec::new();
        while let Some(inner) = inside.pop() {
            let pinned = submodule(&git, &files, &inner, name)?;
            parts.insert(0, Part::new(std::mem::replace(&mut git, inner), files));
            files = pinned;
        }
        parts.insert(0, Part::new(git, files));
        let current = real_here().unwrap_or_else(|_| here.clone());
        Ok(Revision { parts, folder: folder.to_owned(), here, current, name: name.to_owned(), commit })
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
        Ok(self.entry(path)?.is_some())
    }

    /// Returns the files of the commit that may be workspace files: whatever they are called, they list tenants. `own` is
    /// the workspace file of the run, which is one of them if the commit has it.
    ///
    /// # Errors
    ///
    /// git fails.
    pub fn workspaces(&self, own: Option<&Path>) -> Result<Vec<PathBuf>, Problem> {
        let own = own.map(|own| Ok(self.has(own)?.then(|| own.to_owned()))).transpose()?.flatten();
        let mut whole: Vec<PathBuf> = own.into_iter().collect();
        for part in &self.parts {
            let found = self.git_grep(part, &[&part.files])?;
            let prefix = format!("{}:", part.files);
            let paths = found.split('\0').filter_map(|path| path.strip_prefix(&prefix));
            whole.extend(paths.map(|path| part.git.work_tree().join(path)));
        }
        Ok(self.seen_from_here(&whole))
    }

    /// Like [`Revision::workspaces`], for the files of the checkout, those that git does not know yet included.
    ///
    /// # Errors
    ///
    /// git fails.
    pub fn checkout(&self, own: Option<&Path>) -> Result<Vec<PathBuf>, Problem> {
        let mut whole: Vec<PathBuf> = own.map(Path::to_owned).into_iter().collect();
        for part in &self.parts {
            let found = self.git_grep(part, &["--untracked"])?;
            let paths = found.split('\0').filter(|path| !path.is_empty());
            whole.extend(paths.map(|path| part.git.work_tree().join(path)));
        }
        Ok(self.seen_from_here(&whole))
    }

    fn seen_from_here(&self, whole: &[PathBuf]) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = whole.iter().map(|path| relative(&self.current, path)).collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// Looks for the key of a workspace file, in every way in which YAML can write it on one line. Attributes of the checkout
    /// that call a file binary hide nothing. git ends with 1 where it finds nothing.
    fn git_grep(&self, part: &Part, args: &[&str]) -> Result<String, Problem> {
        // Not part of a longer word; a byte order mark may stand before it.
        const KEY: &str = "(^|[^A-Za-z0-9_.-])tenants(From)?[\"']?[[:space:]]*:";
        const ALONE: &str = "\\?[[:space:]]+[\"']?tenants(From)?[\"']?[[:space:]]*(#.*)?$";
        const ESCAPED: &str = "\"([^\"\\]|\\\\.)*\\\\[xuU]([^\"\\]|\\\\.)*\"[[:space:]]*(:|#|$)";
        let fixed = ["grep", "-l", "-z", "-a", "-E", "--no-color", "--no-textconv", "--no-recurse-submodules"];
        let fixed = fixed.into_iter().chain(["-e", KEY, "-e", ALONE, "-e", ESCAPED]);
        let args: Vec<&str> = fixed.chain(args.iter().copied()).collect();
        let here = Path::new(".");
        let output = part.git.run(&args).map_err(|error| self.failed(here, &error.to_string()))?;
        match output.status.code() {
            Some(0 | 1) if output.stderr.is_empty() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            _ => Err(self.failed(here, &last_words(&output))),
        }
    }

    /// Returns the entry of the commit at `path`, as `git ls-tree --long` writes it, and the repository that has it; `None` if
    /// there is none.
    fn entry(&self, path: &Path) -> Result<Option<(&Part, String)>, Problem> {
        let Some((part, inside)) = self.inside(path).filter(|(_, inside)| !inside.is_empty()) else { return Ok(None) };
        let folder = inside.rsplit_once('/').map_or("", |(folder, _)| folder);
        let found = match self.list(part, folder, path) {
            Ok(()) => part.folders.borrow().get(folder).and_then(|entries| entries.get(&inside).cloned()),
            // Something else in the folder may be what git cannot read.
            Err(_) => {
                let listed =
                    self.git(part, &["ls-tree", "--long", "-z", "--full-tree", &part.files, "--", &inside], path)?;
                listed.split('\0').next().filter(|entry| !entry.is_empty()).map(str::to_owned)
            }
        };
        Ok(found.map(|entry| (part, entry)))
    }

    /// Lists a folder of the commit, given by its path from the top of the repository; `path` is what it is listed for.
    fn list(&self, part: &Part, folder: &str, path: &Path) -> Result<(), Problem> {
        if part.folders.borrow().contains_key(folder) {
            return Ok(());
        }
        // With a slash at its end, git lists what is in the folder and not the folder.
        let inside = format!("{folder}/");
        let mut args = vec!["ls-tree", "--long", "-z", "--full-tree", &part.files, "--"];
        args.extend((!folder.is_empty()).then_some(inside.as_str()));
        let listed = self.git(part, &args, path)?;
        let entries =
            listed.split('\0').filter_map(|entry| Some((entry.split_once('\t')?.1.to_owned(), entry.to_owned())));
        part.folders.borrow_mut().insert(folder.to_owned(), entries.collect());
        Ok(())
    }

    /// Returns a path from the root of the disk, as it was given.
    fn whole(&self, path: &Path) -> PathBuf {
        match path.strip_prefix(&self.folder) {
            Ok(rest) => self.here.join(rest),
            Err(_) => self.current.join(path),
        }
    }

    /// Returns a path without the links that the commit has on the way to it and at its end.
    ///
    /// # Errors
    ///
    /// A link leads out of the repository or back to itself, or git fails.
    fn followed(&self, path: &Path) -> Result<PathBuf, Problem> {
        let outermost = self.parts.last().map(|part| part.git.work_tree()).unwrap_or(Path::new("/"));
        let whole = self.whole(path);
        let Ok(inside) = whole.strip_prefix(outermost) else { return Ok(plain(&whole)) };
        let mut rest: Vec<PathBuf> = parts_of(inside);
        let (mut real, mut links) = (outermost.to_owned(), 0_usize);
        while let Some(name) = rest.pop() {
            if name == Path::new("..") {
                real.pop();
            } else {
                real.push(&name);
            }
            if !real.starts_with(outermost) {
                return Err(self.astray(path, rules::PATH_OUTSIDE, "leads out of the repository"));
            }
            let Some((part, entry)) = self.entry(&real)? else { continue };
            let Some(object) = entry.strip_prefix("120000 blob ").and_then(|entry| entry.split(' ').next()) else {
                continue;
            };
            links += 1;
            if links > MOST_LINKS {
                return Err(self.astray(path, rules::FILE_LINK_LOOP, "leads back to itself"));
            }
            let target = PathBuf::from(self.git(part, &["cat-file", "blob", object], path)?);
            real.pop();
            if target.is_absolute() {
                return Err(self.astray(path, rules::PATH_OUTSIDE, "leads out of the repository"));
            }
            rest.extend(parts_of(&target));
        }
        Ok(real)
    }

    fn astray(&self, path: &Path, rule: Rule, what: &str) -> Problem {
        let (file, name) = (shown(path), printable(&self.name));
        let message = format!("`{}` is a symbolic link in {name} that {what}", printable(&file));
        Problem::error(rule, message).help("fix it in that revision: name the file itself")
    }

    /// Returns the repository of a path, and the path from its top; `None` if it is in none.
    fn inside(&self, path: &Path) -> Option<(&Part, String)> {
        let whole = plain(&self.whole(path));
        let inside = |part: &Part| Some(whole.strip_prefix(part.git.work_tree()).ok()?.to_str()?.to_owned());
        self.parts.iter().find_map(|part| Some((part, inside(part)?)))
    }

    fn git(&self, part: &Part, args: &[&str], path: &Path) -> Result<String, Problem> {
        let output = part.git.run(args).map_err(|error| self.failed(path, &error.to_string()))?;
        if !output.status.success() {
            return Err(self.failed(path, &last_words(&output)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn failed(&self, path: &Path, why: &str) -> Problem {
        let (file, name) = (shown(path), &self.name);
        let message = format!("git cannot read `{}` in {}: {}", printable(&file), printable(name), printable(why));
        Problem::error(rules::GIT, message).help(
            "check the repository with git fsck; a partial clone gets what it lacks by git fetch --refetch --no-filter",
        )
    }
}

impl Files for Revision {
    fn read(&self, path: &Path) -> Result<Arc<Source>, Problem> {
        let file = shown(path);
        let found = match self.entry(path)?.filter(|(_, entry)| is_file(entry) && !goes_up(path)) {
            Some(found) => Some(found),
            None => self.entry(&self.followed(path)?)?,
        };
        let entry = found.as_ref().map(|(_, entry)| entry.as_str()).unwrap_or_default();
        let mut fields = entry.split('\t').next().unwrap_or_default().split_ascii_whitespace();
        let (_, kind, object, size) = (fields.next(), fields.next(), fields.next(), fields.next());
        let (Some((part, _)), Some("blob"), Some(object)) = (&found, kind, object) else {
            let message = format!("there is no file `{}` in {}", printable(&file), printable(&self.name));
            return Err(Problem::error(rules::FILE_MISSING, message)
                .help("the file is looked for in that revision, not on the disk; fix it there"));
        };
        // git writes BAD where it does not have the object.
        let size = size.and_then(|size| size.parse::<u64>().ok());
        let size = size.ok_or_else(|| self.failed(path, "its content is not in the repository"))?;
        if size > Content::Yaml.max_bytes() {
            return Err(Content::Yaml.too_large(&file));
        }
        if let Some(bytes) = part.blob(object, size) {
            return decode(bytes, &file);
        }
        // A git of its own says what is wrong.
        let blob =
            part.git.run(&["cat-file", "blob", object]).map_err(|error| self.failed(path, &error.to_string()))?;
        if !blob.status.success() {
            return Err(self.failed(path, &last_words(&blob)));
        }
        decode(blob.stdout, &file)
    }

    /// Returns `path` below `folder`, unless it leads out: absolute, up, or over a link of the commit.
    fn confined(&self, folder: &Path, path: &Path) -> Option<PathBuf> {
        let joined = below(folder, path)?;
        let is_file = |(_, entry): (&Part, String)| is_file(&entry);
        if !goes_up(path) && self.entry(&joined).is_ok_and(|found| found.is_some_and(is_file)) {
            return Some(joined);
        }
        match (self.followed(folder), self.followed(&joined)) {
            (Ok(folder), Ok(real)) if !real.starts_with(&folder) => None,
            // What is wrong with it is reported where it is read.
            _ => Some(joined),
        }
    }

    fn names_in(&self, folder: &Path) -> Result<Vec<String>, Problem> {
        let folder = &self.followed(folder)?;
        let Some((part, inside)) = self.inside(folder) else { return Ok(Vec::new()) };
        self.list(part, &inside, folder)?;
        let folders = part.folders.borrow();
        let entries = folders.get(&inside).into_iter().flatten();
        let files = entries.filter(|(_, entry)| entry.split(' ').nth(1) == Some("blob"));
        let mut names: Vec<String> =
            files.map(|(path, _)| path.rsplit('/').next().unwrap_or_default().to_owned()).collect();
        names.sort();
        Ok(names)
    }
}

/// Returns whether an entry of a commit is a file, and not a link, a folder or a submodule.
fn is_file(entry: &str) -> bool {
    entry.starts_with("100")
}

/// A way up counts from where a link before it leads.
fn goes_up(path: &Path) -> bool {
    path.components().any(|part| part == Component::ParentDir)
}

/// Returns the names on the way to a path, the last one first.
fn parts_of(path: &Path) -> Vec<PathBuf> {
    let names = path.components().filter(|part| *part != Component::CurDir);
    let mut names: Vec<PathBuf> = names.map(|part| PathBuf::from(part.as_os_str())).collect();
    names.reverse();
    names
}

/// Returns the commit that a name means.
fn resolve(git: &Git, name: &str) -> Result<String, Unreadable> {
    let unknown = || Unreadable::Unknown(name.to_owned());
    let run = |args: &[&str]| git.run(args).map_err(|error| Unusable::NoGit(error.to_string()));
    let start = name.find(['^', '~', ':']).unwrap_or(name.len()).min(name.find("@{").unwrap_or(name.len()));
    let start = name.get(..start).unwrap_or_default();
    let meanings = meanings(start, |args| run(args).map(|output| lines(&output)))?;
    if meanings.len() > 1 {
        return Err(Unreadable::Ambiguous { name: name.to_owned(), meanings });
    }
    // git would go on to look for a tag of this whole name.
    if start.starts_with("refs/") && meanings.is_empty() {
        return Err(unknown());
    }
    let found = run(&["rev-parse", "--quiet", "--verify", "--end-of-options", &format!("{name}^{{commit}}")])?;
    if !found.status.success() {
        return Err(unknown());
    }
    Ok(String::from_utf8_lossy(&found.stdout).trim().to_owned())
}

/// Returns everything that a name without suffixes means, by git's rules (gitrevisions): more than one if an author can
/// choose, by pushing a tag or a branch, which commit git takes.
fn meanings(name: &str, list: impl Fn(&[&str]) -> Result<Vec<String>, Unusable>) -> Result<Vec<String>, Unusable> {
    let is_full = name.starts_with("refs/");
    let refs: Vec<String> = if is_full {
        vec![name.to_owned()]
    } else {
        let of = |rule: &str| rule.replace('*', name);
        ["refs/*", "refs/tags/*", "refs/heads/*", "refs/remotes/*", "refs/remotes/*/HEAD"].map(of).to_vec()
    };
    let args: Vec<&str> =
        ["for-each-ref", "--format=%(refname)"].into_iter().chain(refs.iter().map(String::as_str)).collect();
    // A pattern also means everything below it.
    let mut found: Vec<String> = list(&args)?.into_iter().filter(|name| refs.contains(name)).collect();
    // Such a name is also a file of git's own.
    let own = name == "HEAD" || name.ends_with("_HEAD");
    if own && !is_full && !list(&["rev-parse", "--quiet", "--verify", name])?.is_empty() {
        found.insert(0, name.to_owned());
    }
    // The start of a commit's name, alone or at the end of what git describe prints. A whole one, whose length depends on the
    // repository, is never taken for a tag: it means itself.
    let hex = name.rsplit("-g").next().unwrap_or(name);
    if (4..=64).contains(&hex.len()) && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) && !found.is_empty() {
        let whole =
            list(&["rev-parse", "--quiet", "--verify", name])?.iter().any(|commit| commit.eq_ignore_ascii_case(name));
        if !whole {
            found.extend(list(&["rev-parse", &format!("--disambiguate={hex}")])?);
        }
    }
    Ok(found)
}

fn lines(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// Returns the commit that a repository's commit has for a submodule in it.
fn submodule(outer: &Git, commit: &str, inner: &Git, name: &str) -> Result<String, Unreadable> {
    let run = |git: &Git, args: &[&str]| git.run(args).map_err(|error| Unusable::NoGit(error.to_string()));
    let nested = || Unreadable::Nested { inner: inner.work_tree().to_owned(), revision: name.to_owned() };
    let path = inner.work_tree().strip_prefix(outer.work_tree()).ok().and_then(Path::to_str).ok_or_else(nested)?;
    let listed = run(outer, &["ls-tree", "-z", "--full-tree", commit, "--", path])?;
    let entry = String::from_utf8_lossy(&listed.stdout).into_owned();
    let mut fields = entry.split('\t').next().unwrap_or_default().split_ascii_whitespace();
    let (Some("160000"), Some("commit"), Some(pinned)) = (fields.next(), fields.next(), fields.next()) else {
        return Err(nested());
    };
    if !run(inner, &["cat-file", "-e", &format!("{pinned}^{{commit}}")])?.status.success() {
        let (inner, commit) = (inner.work_tree().to_owned(), pinned.to_owned());
        return Err(Unreadable::NotFetched { inner, commit, revision: name.to_owned() });
    }
    Ok(pinned.to_owned())
}
