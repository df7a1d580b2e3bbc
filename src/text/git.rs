//! The git program, started so that a branch decides neither which repository it reads nor what it runs: git gets the
//! repository and work tree that sailplan found, an environment without credentials, and a configuration in which nothing
//! starts another program.

use std::env;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::disk::{Content, read_start};

/// Why git cannot read a repository.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// git cannot be started.
    #[error("git cannot be started: {0}")]
    NoGit(String),
    /// The repository belongs to another user, and git does not trust it.
    #[error("the repository {} belongs to another user, and git does not read it", .0.display())]
    OtherOwner(PathBuf),
    /// git refuses for another reason.
    #[error("git cannot read a repository here: {0}")]
    NotARepository(String),
}

/// git for one repository and its work tree.
#[derive(Clone, Debug)]
pub struct Git {
    program: PathBuf,
    work_tree: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
}

impl Git {
    /// Prepares git for the repository whose `.git` is in `work_tree`, a path without links. git's own check of the owner
    /// is kept.
    ///
    /// # Errors
    ///
    /// See [`Unusable`].
    pub fn of(work_tree: &Path) -> Result<Git, Unusable> {
        let program = program().ok_or_else(|| Unusable::NoGit("it is in no folder of PATH".to_owned()))?;
        // git checks the owner only of a repository that it finds by itself, so it has to find this one.
        let mut command = plain(&program, work_tree);
        command.env("GIT_CEILING_DIRECTORIES", work_tree.parent().unwrap_or(work_tree));
        let found = command.args(["rev-parse", "--absolute-git-dir", "--git-common-dir"]).output();
        let found = found.map_err(|error| Unusable::NoGit(error.to_string()))?;
        if !found.status.success() {
            let said = last_words(&found);
            let foreign = ["dubious ownership", "is owned by someone else"].iter().any(|words| said.contains(words));
            return Err(if foreign {
                Unusable::OtherOwner(work_tree.to_owned())
            } else {
                Unusable::NotARepository(said)
            });
        }
        let text = String::from_utf8_lossy(&found.stdout);
        let mut folders = text.lines().map(|line| work_tree.join(line).canonicalize().ok());
        match (folders.next().flatten(), folders.next().flatten()) {
            (Some(git_dir), Some(common_dir)) if Some(&git_dir) == pointed_at(work_tree).as_ref() => {
                Ok(Git { program, work_tree: work_tree.to_owned(), git_dir, common_dir })
            }
            _ => Err(Unusable::NotARepository(format!(
                "git finds another repository than {}",
                work_tree.join(".git").display()
            ))),
        }
    }

    /// Returns the top folder of the work tree.
    pub fn work_tree(&self) -> &Path {
        &self.work_tree
    }

    /// Returns whether both are work trees of one repository.
    pub fn is_same_repository(&self, other: &Git) -> bool {
        self.common_dir == other.common_dir
    }

    /// Runs git at the top of the work tree, without a shell. No character of a path is a pattern.
    ///
    /// # Errors
    ///
    /// git cannot be started.
    pub fn run(&self, args: &[&str]) -> io::Result<Output> {
        self.command(args).output()
    }

    /// As [`Git::run`], for at most `limit`; `None` if git was not done by then, or failed. What it says of a failure is not
    /// kept.
    pub fn run_for(&self, args: &[&str], limit: Duration) -> Option<Vec<u8>> {
        let mut git = self.command(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let mut stdout = git.stdout.take()?;
        let (sender, read) = mpsc::channel();
        // A thread of its own: what git started may keep the pipe open.
        thread::spawn(move || {
            let mut bytes = Vec::new();
            // After the limit the other end is gone.
            let _ = sender.send(stdout.read_to_end(&mut bytes).map(|_| bytes));
        });
        let read = read.recv_timeout(limit);
        if read.is_err() {
            let _ = git.kill();
        }
        let status = git.wait().ok()?;
        read.ok()?.ok().filter(|_| status.success())
    }

    /// Starts a git that prints the contents of objects.
    ///
    /// # Errors
    ///
    /// git cannot be started.
    pub fn contents(&self) -> io::Result<Contents> {
        let mut command = self.command(&["cat-file", "--batch"]);
        let mut git = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let (stdin, stdout) = (git.stdin.take(), git.stdout.take().map(BufReader::new));
        Ok(Contents { git, stdin, stdout })
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = plain(&self.program, &self.work_tree);
        command.env("GIT_DIR", &self.git_dir).env("GIT_WORK_TREE", &self.work_tree);
        command.env("GIT_LITERAL_PATHSPECS", "1");
        command.args(args);
        command
    }
}

/// A git that prints the contents of as many objects as are asked for: starting one for each takes longer than reading them.
#[derive(Debug)]
pub struct Contents {
    git: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<BufReader<ChildStdout>>,
}

impl Contents {
    /// Returns what is in a blob of `size` bytes. `None` if git does not give it: what it says next may be about anything, so
    /// it is not asked again.
    pub fn blob(&mut self, object: &str, size: u64) -> Option<Vec<u8>> {
        let (stdin, stdout) = (self.stdin.as_mut()?, self.stdout.as_mut()?);
        let found = ask(stdin, stdout, object, size).ok().flatten();
        if found.is_none() {
            (self.stdin, self.stdout) = (None, None);
        }
        found
    }
}

fn ask(
    stdin: &mut ChildStdin,
    stdout: &mut BufReader<ChildStdout>,
    object: &str,
    size: u64,
) -> io::Result<Option<Vec<u8>>> {
    /// The longest line before a content has an id of 64 digits, a kind and a size.
    const LINE: u64 = 256;
    writeln!(stdin, "{object}")?;
    stdin.flush()?;
    let mut line = String::new();
    stdout.take(LINE).read_line(&mut line)?;
    if line != format!("{object} blob {size}\n") {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    stdout.take(size).read_to_end(&mut bytes)?;
    let mut end = [0];
    stdout.read_exact(&mut end)?;
    Ok((bytes.len() as u64 == size && end == *b"\n").then_some(bytes))
}

impl Drop for Contents {
    fn drop(&mut self) {
        // It may be in the middle of an answer that is not read.
        let _ = self.git.kill();
        let _ = self.git.wait();
    }
}

/// Variables that git may see: where it and its libraries are, and where the user's own configuration is, which alone may
/// say that a repository is trusted. Everything else, credentials included, is none of its business.
const KEPT: [&str; 13] = [
    "PATH",
    "LD_LIBRARY_PATH",
    "SYSTEMROOT",
    "HOME",
    "USERPROFILE",
    "HOMEDRIVE",
    "HOMEPATH",
    "XDG_CONFIG_HOME",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    // git lets root read the repository of the user who became root.
    "SUDO_UID",
    "SUDO_GID",
];

/// What no configuration of the repository may say otherwise.
const SETTINGS: [&str; 11] = [
    // A tag can have the name of a commit; what a name means is settled before.
    "core.warnAmbiguousRefs=false",
    "safe.bareRepository=explicit",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.alternateRefsCommand=",
    "core.sshCommand=false",
    "core.askPass=false",
    "credential.helper=",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.allow=never",
];

/// Returns git in a folder, with nothing of the surroundings but what it needs.
fn plain(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command.envs(KEPT.iter().filter_map(|name| Some((name, env::var_os(name)?))));
    // Messages are looked at, so they are in one language.
    command.env("LC_ALL", "C");
    // A lost object is an error: fetching it would start what the configuration names.
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "none").env("GIT_PROTOCOL_FROM_USER", "0");
    command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0").env("GIT_NO_REPLACE_OBJECTS", "1");
    command.arg("--no-pager");
    command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
    command
}

/// Returns the git program. A relative folder of PATH would find one in the checkout.
fn program() -> Option<PathBuf> {
    let name = format!("git{}", env::consts::EXE_SUFFIX);
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&name))
        .find(|file| runs(file))
}

#[cfg(unix)]
fn runs(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn runs(file: &Path) -> bool {
    file.is_file()
}

/// Returns the folder that `.git` is or, in a linked work tree or a submodule, names.
fn pointed_at(work_tree: &Path) -> Option<PathBuf> {
    let link = work_tree.join(".git");
    if link.is_dir() {
        return link.canonicalize().ok();
    }
    let text = String::from_utf8(read_start(&link, Content::Document, 8192).ok()?).ok()?;
    work_tree.join(text.strip_prefix("gitdir: ")?.trim_end_matches(['\r', '\n'])).canonicalize().ok()
}

/// Returns what git says is wrong.
pub fn last_words(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let said = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("it does not say why");
    said.trim_start_matches("fatal: ").to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn one_git_prints_many_contents_and_is_not_believed_where_it_prints_something_else() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let git = |args: &[&str]| Command::new("git").args(args).current_dir(&top).output().unwrap();
        git(&["init", "-q"]);
        let store = |text: &str| {
            std::fs::write(top.join("file"), text).unwrap();
            String::from_utf8(git(&["hash-object", "-w", "file"]).stdout).unwrap().trim().to_owned()
        };
        let texts = ["", "a\n", "no line break at the end", &"long\n".repeat(100_000)];
        let objects = texts.map(store);
        let opened = Git::of(&top).unwrap();
        let mut contents = opened.contents().unwrap();
        for (object, text) in objects.iter().zip(texts).chain(objects.iter().zip(texts)) {
            assert_eq!(contents.blob(object, text.len() as u64).as_deref(), Some(text.as_bytes()));
        }
        assert_eq!(contents.blob(&objects[1], 1), None, "another size");
        assert_eq!(contents.blob(&objects[1], 2), None, "it is not asked again");
        assert_eq!(opened.contents().unwrap().blob(&"0".repeat(40), 2), None, "no such object");
    }

    #[test]
    fn git_is_not_waited_for_longer_than_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        assert!(Command::new("git").args(["init", "-q"]).current_dir(&top).status().unwrap().success());
        let git = Git::of(&top).unwrap();
        assert_eq!(
            git.run_for(&["rev-parse", "--is-bare-repository"], Duration::from_secs(60)),
            Some(b"false\n".to_vec())
        );
        assert_eq!(git.run_for(&["rev-parse", "--verify", "nothing"], Duration::from_secs(60)), None);
        let started = Instant::now();
        // Something that git starts, and that goes on without it.
        assert_eq!(git.run_for(&["-c", "alias.wait=!sleep 50", "wait"], Duration::from_millis(100)), None);
        assert!(started.elapsed() < Duration::from_secs(40), "{:?}", started.elapsed());
    }
}
