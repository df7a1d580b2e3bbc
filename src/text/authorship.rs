//! Who wrote a line, as the commits of the git repository say. A commit names its author itself, so this is what somebody
//! claims and no proof. What cannot be told is told to be not known: a name is never a guess.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use super::git::Git;
use super::paths::real_folder;
use super::repository::roots;
use super::source::Source;

/// The longest file whose lines are traced, in bytes.
const TRACED: usize = 1024 * 1024;

/// How long the history is searched in one run, all files together.
const PATIENCE: Duration = Duration::from_secs(20);

/// The longest name and subject kept, in characters.
const KEPT: usize = 200;

/// A commit, as it describes itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its hash.
    pub id: String,
    /// The name of the author, as the commit has it.
    pub author: String,
    /// When it was written (RFC 3339, in the author's time zone).
    pub date: String,
    /// The first line of its message.
    pub subject: String,
}

/// Why it is not known who wrote something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Unknown {
    /// The line differs from the last commit.
    #[error("the line is not committed")]
    NotCommitted,
    /// The history that is here ends before the commit that wrote the line.
    #[error("the history in this checkout does not reach back that far")]
    Boundary,
    /// The file is too large to be traced.
    #[error("the file is larger than 1 MiB")]
    TooLarge,
    /// It took too long.
    #[error("the history was not searched for longer than 20 seconds")]
    TooLong,
    /// There is no repository, or git cannot read it.
    #[error("git cannot tell the history of the file")]
    NoHistory,
    /// No commit took it away.
    #[error("no commit removed it")]
    NoCommit,
}

/// The history of the repository around a folder.
#[derive(Debug)]
pub struct Authorship {
    git: Git,
    head: String,
    started: Instant,
}

impl Authorship {
    /// Looks for the repository around `folder`; `None` if there is none with a commit that git reads.
    pub fn around(folder: &Path) -> Option<Authorship> {
        let root = roots(&real_folder(folder).ok()?).into_iter().next()?;
        let git = Git::of(&root).ok()?;
        let head = text(&git, &["rev-parse", "--quiet", "--verify", "HEAD^{commit}"])?.trim().to_owned();
        Some(Authorship { git, head, started: Instant::now() })
    }

    /// Returns the commit that the checkout is at.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// Returns the branch that the checkout is on; `None` if it is on none.
    pub fn branch(&self) -> Option<String> {
        let name = text(&self.git, &["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        Some(name.trim().to_owned()).filter(|name| !name.is_empty())
    }

    /// Returns who last wrote each of the lines of a file of the checkout, line numbers from 1. White space and lines that
    /// only moved count for nothing.
    pub fn of_lines(&self, source: &Source, lines: &[usize]) -> HashMap<usize, Result<Arc<Commit>, Unknown>> {
        match self.trace(source, lines) {
            Ok(found) => found,
            Err(unknown) => lines.iter().map(|line| (*line, Err(unknown))).collect(),
        }
    }

    fn trace(&self, source: &Source, lines: &[usize]) -> Result<HashMap<usize, Result<Arc<Commit>, Unknown>>, Unknown> {
        if source.text.len() > TRACED {
            return Err(Unknown::TooLarge);
        }
        self.has_time()?;
        let path = self.inside(Path::new(&source.name)).ok_or(Unknown::NoHistory)?;
        let Some(committed) = self.content(&path) else { return Err(Unknown::NotCommitted) };
        if committed.len() > TRACED {
            return Err(Unknown::TooLarge);
        }
        let same = same_lines(&source.text, &committed);
        let places: Vec<(usize, Option<usize>)> = lines.iter().map(|line| (*line, same.get(line).copied())).collect();
        let mut asked: Vec<usize> = places.iter().filter_map(|(_, there)| *there).collect();
        asked.sort_unstable();
        asked.dedup();
        let blamed = self.blame(&path, &asked)?;
        let mut commits = self.commits(blamed.values().filter(|line| !line.boundary).map(|line| line.commit.as_str()));
        // A first commit has no parents and wrote its lines; where the history was cut, the parents are named and missing.
        for line in blamed.values().filter(|line| line.boundary) {
            if !commits.contains_key(&line.commit) && self.is_first(&line.commit) {
                commits.extend(self.commits([line.commit.as_str()]));
            }
        }
        let who = |there: Option<usize>| {
            let line = blamed.get(&there.ok_or(Unknown::NotCommitted)?).ok_or(Unknown::NoHistory)?;
            commits.get(&line.commit).cloned().ok_or(Unknown::Boundary)
        };
        Ok(places.into_iter().map(|(line, there)| (line, who(there))).collect())
    }

    /// Returns the last commit that took `word` out of a file, which no longer has it; with a `base`, one after it.
    ///
    /// # Errors
    ///
    /// There is no such commit, or it cannot be told.
    pub fn of_removal(&self, base: Option<&str>, file: &str, word: &str) -> Result<Arc<Commit>, Unknown> {
        self.has_time()?;
        let path = self.inside(Path::new(file)).ok_or(Unknown::NoCommit)?;
        if word.is_empty() || base.is_some_and(|base| base.starts_with('-')) {
            return Err(Unknown::NoCommit);
        }
        let range = base.map_or_else(|| self.head.clone(), |base| format!("{base}..{}", self.head));
        let search = format!("-S{word}");
        let mut args = vec!["log", "-1", "--format=%H", "--no-show-signature", "--no-textconv", "--no-ext-diff"];
        args.extend([search.as_str(), range.as_str(), "--", path.as_str()]);
        let id = self.patient(&args)?;
        let id = id.trim();
        if id.is_empty() {
            let cut = base.is_none() && self.is_shallow();
            return Err(if cut { Unknown::Boundary } else { Unknown::NoCommit });
        }
        // It may have brought the word in: a merge that took it out again is not searched.
        if self.content_at(id, &path).is_some_and(|content| content.contains(word)) {
            return Err(Unknown::NoCommit);
        }
        self.commits([id]).remove(id).ok_or(Unknown::NoHistory)
    }

    /// Runs git for no longer than the history is searched: a branch chooses how much of it there is.
    fn patient(&self, args: &[&str]) -> Result<String, Unknown> {
        let output = self.git.run_for(args, PATIENCE.saturating_sub(self.started.elapsed()));
        let output = output.ok_or_else(|| self.has_time().err().unwrap_or(Unknown::NoHistory))?;
        Ok(String::from_utf8_lossy(&output).into_owned())
    }

    fn has_time(&self) -> Result<(), Unknown> {
        if self.started.elapsed() >= PATIENCE { Err(Unknown::TooLong) } else { Ok(()) }
    }

    /// Returns the path of a file in the repository; links are followed, for it is the file behind them that was written.
    fn inside(&self, file: &Path) -> Option<String> {
        let whole: PathBuf = file.canonicalize().ok()?;
        whole.strip_prefix(self.git.work_tree()).ok()?.to_str().map(|path| path.replace('\\', "/"))
    }

    fn content(&self, path: &str) -> Option<String> {
        self.content_at(&self.head, path)
    }

    fn content_at(&self, commit: &str, path: &str) -> Option<String> {
        let output = self.git.run(&["cat-file", "blob", &format!("{commit}:{path}")]).ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).trim_start_matches('\u{feff}').to_owned())
    }

    fn blame(&self, path: &str, lines: &[usize]) -> Result<HashMap<usize, Blamed>, Unknown> {
        if lines.is_empty() {
            return Ok(HashMap::new());
        }
        // A list in the checkout must not decide which commits are passed over.
        let mut args = vec!["blame", "--porcelain", "-w", "-M", "-C", "--no-textconv", "--ignore-revs-file="];
        let ranges: Vec<String> = runs(lines).into_iter().map(|(first, last)| format!("-L{first},{last}")).collect();
        args.extend(ranges.iter().map(String::as_str));
        args.extend([self.head.as_str(), "--", path]);
        Ok(porcelain(&self.patient(&args)?))
    }

    /// Returns the commits of these hashes. The checkout's `.mailmap` is not asked who the author is.
    fn commits<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> HashMap<String, Arc<Commit>> {
        let mut ids: Vec<&str> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut found = HashMap::new();
        for ids in ids.chunks(500) {
            let format = "--format=%H%x00%an%x00%aI%x00%s%x00";
            let args = ["log", "--no-walk=unsorted", "--no-show-signature", "--no-mailmap", format];
            let args: Vec<&str> = args.into_iter().chain(ids.iter().copied()).chain(["--"]).collect();
            let Some(output) = text(&self.git, &args) else { continue };
            let fields: Vec<&str> = output.split('\0').map(str::trim).collect();
            for fields in fields.chunks_exact(4) {
                let [id, author, date, subject] = fields else { continue };
                let short = |text: &str| text.chars().take(KEPT).collect::<String>();
                let commit = Commit {
                    id: (*id).to_owned(),
                    author: short(author),
                    date: (*date).to_owned(),
                    subject: short(subject),
                };
                found.insert(commit.id.clone(), Arc::new(commit));
            }
        }
        found
    }

    fn is_shallow(&self) -> bool {
        text(&self.git, &["rev-parse", "--is-shallow-repository"]).is_some_and(|told| told.trim() == "true")
    }

    /// Returns whether the commit itself says that it has no parents; of one where the history was cut, git only acts so.
    fn is_first(&self, id: &str) -> bool {
        let Some(commit) = text(&self.git, &["cat-file", "commit", id]) else { return false };
        let head = commit.split("\n\n").next().unwrap_or_default();
        !head.lines().any(|line| line.starts_with("parent "))
    }
}

/// A line as `git blame` tells it.
#[derive(Debug)]
struct Blamed {
    commit: String,
    boundary: bool,
}

/// Returns the lines of `git blame --porcelain` by their number in the blamed file.
fn porcelain(output: &str) -> HashMap<usize, Blamed> {
    let mut lines: HashMap<usize, Blamed> = HashMap::new();
    let mut boundaries: Vec<String> = Vec::new();
    let mut current = "";
    for line in output.lines() {
        // The content of a line follows a tab, so nothing in it is taken for a heading.
        if line.starts_with('\t') {
            continue;
        }
        let mut fields = line.split(' ');
        match (fields.next(), fields.next(), fields.next()) {
            (Some("boundary"), None, None) => boundaries.push(current.to_owned()),
            (Some(id), Some(_), Some(number)) if is_hash(id) => {
                current = id;
                if let Ok(number) = number.parse() {
                    lines.insert(number, Blamed { commit: id.to_owned(), boundary: false });
                }
            }
            _ => {}
        }
    }
    for line in lines.values_mut() {
        line.boundary = boundaries.contains(&line.commit);
    }
    lines
}

fn is_hash(text: &str) -> bool {
    text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns which line of `old` each line of `new` is, numbers from 1; a line that was changed or added is left out.
fn same_lines(new: &str, old: &str) -> HashMap<usize, usize> {
    let (new, old): (Vec<&str>, Vec<&str>) = (new.lines().collect(), old.lines().collect());
    let deadline = Instant::now().checked_add(Duration::from_secs(1));
    let mut same = HashMap::new();
    for op in capture_diff_slices_deadline(Algorithm::Myers, &old, &new, deadline) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            same.extend((0..len).map(|offset| (new_index + offset + 1, old_index + offset + 1)));
        }
    }
    same
}

/// Returns the first and last number of each run of numbers, which are sorted.
fn runs(numbers: &[usize]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => runs.push((*number, *number)),
        }
    }
    runs
}

fn text(git: &Git, args: &[&str]) -> Option<String> {
    let output = git.run(args).ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_of_blame_is_read_and_the_lines_themselves_are_not() {
        let (one, two) = ("1".repeat(40), "2".repeat(40));
        let output = format!(
            "{one} 2 2 1\nauthor A\nboundary\nfilename a.yaml\n\tb: 2\n{two} 3 3 2\nauthor B\n\t{one} 9 9\n{two} 4 4\n\tboundary\n"
        );
        let lines = porcelain(&output);
        let mut told: Vec<(usize, &str, bool)> =
            lines.iter().map(|(number, line)| (*number, line.commit.as_str(), line.boundary)).collect();
        told.sort_unstable();
        assert_eq!(told, [(2, one.as_str(), true), (3, two.as_str(), false), (4, two.as_str(), false)]);
    }

    #[test]
    fn lines_that_were_changed_have_no_counterpart() {
        let same = same_lines("a\r\nb: 2\nd\nc\n", "a\nb: 1\nc\n");
        assert_eq!(same, HashMap::from([(1, 1), (4, 3)]));
    }

    #[test]
    fn neighbours_are_asked_for_at_once() {
        assert_eq!(runs(&[1, 2, 3, 7, 9, 10]), [(1, 3), (7, 7), (9, 10)]);
        assert_eq!(runs(&[]), []);
    }
}
