//! The paths of files in the git repository around them.

use std::env;
use std::path::{Component, Path, PathBuf};

/// The folder that holds `.git`, found from the working directory upwards.
pub struct Repository {
    root: Option<PathBuf>,
    here: PathBuf,
}

impl Repository {
    /// Looks for the repository. Without one, paths start at the working directory.
    pub fn around() -> Repository {
        let here = env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default();
        let root = roots(&here).into_iter().next();
        Repository { root, here }
    }

    /// Returns the path of a file from the root of the repository, with slashes; of a file outside of it, the path as it is.
    pub fn located(&self, file: &Path) -> String {
        let whole = plain(&self.here.join(file));
        let root = self.root.as_deref().unwrap_or(&self.here);
        let path = whole.strip_prefix(root).unwrap_or(file);
        let parts: Vec<String> =
            path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        if path.is_absolute() { path.display().to_string() } else { parts.join("/") }
    }

    /// Returns what tells the plans of one repository apart: the workspace file, or the settings files without one.
    pub fn workspace(&self, workspace: Option<&Path>, files: &[PathBuf]) -> String {
        match workspace {
            Some(path) => self.located(path),
            None => files.iter().map(|file| self.located(file)).collect::<Vec<_>>().join(","),
        }
    }
}

/// Returns the top folders of the repositories around a folder, nearest first. As for git, `GIT_CEILING_DIRECTORIES` ends
/// the search.
pub fn roots(folder: &Path) -> Vec<PathBuf> {
    let ceilings: Vec<PathBuf> = env::var_os("GIT_CEILING_DIRECTORIES")
        .map(|folders| env::split_paths(&folders).filter_map(|folder| folder.canonicalize().ok()).collect())
        .unwrap_or_default();
    let start = folder.to_owned();
    folder
        .ancestors()
        .take_while(|above| *above == start || !ceilings.iter().any(|ceiling| ceiling == above))
        // In a linked work tree or a submodule `.git` is a file.
        .filter(|above| above.join(".git").exists())
        .map(Path::to_owned)
        .collect()
}

/// Returns the way from one folder to a file, both without links: up where it has to, so that no output names the folders of
/// a machine.
pub fn relative(from: &Path, to: &Path) -> PathBuf {
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(to.components().skip(shared)).collect()
}

/// Takes `.` and `..` out; links stay as they are, since the repository knows them under that name.
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_the_root() {
        let inside = Repository { root: Some("/repo".into()), here: "/repo/infra".into() };
        let outside = Repository { root: None, here: "/work".into() };
        for (repository, file, path) in [
            (&inside, "sailplan.yaml", "infra/sailplan.yaml"),
            (&inside, "./settings/../sailplan.yaml", "infra/sailplan.yaml"),
            (&inside, "../a.yaml", "a.yaml"),
            (&inside, "/repo/b.yaml", "b.yaml"),
            (&inside, "/elsewhere/c.yaml", "/elsewhere/c.yaml"),
            (&outside, "sailplan.yaml", "sailplan.yaml"),
        ] {
            assert_eq!(repository.located(Path::new(file)), path, "{file}");
        }
        let files = ["a.yaml".into(), "b.yaml".into()];
        assert_eq!(inside.workspace(None, &files), "infra/a.yaml,infra/b.yaml");
    }
}
