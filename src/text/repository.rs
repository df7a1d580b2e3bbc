//! The paths of files in the git repository around them.

use std::env;
use std::path::{Component, Path, PathBuf};

use super::paths::{canonical, plain, real, real_here};

/// The folder that holds `.git`, found from the working directory upwards.
pub struct Repository {
    root: Option<PathBuf>,
    here: PathBuf,
}

impl Repository {
    /// Looks for the repository. Without one, paths start at the working directory.
    pub fn around() -> Repository {
        let here = real_here().unwrap_or_default();
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

/// Returns whether a path that looks as if it stayed in the repository around it, or in its folder without one, leads out by
/// a link: what a branch holds decides about such a link, and not who typed the path.
pub fn leads_out(path: &Path) -> bool {
    let Ok(here) = real_here() else { return false };
    let typed = plain(&here.join(path));
    let goes_up = path.components().any(|part| part == Component::ParentDir);
    if !goes_up && canonical(&typed).is_ok_and(|real| real == typed) {
        return false;
    }
    let Some(folder) = typed.parent() else { return false };
    let mut tops = roots(folder);
    if tops.is_empty() {
        tops.push(folder.to_owned());
    }
    // The top of a repository that a link leads to is not the one that holds the link.
    let holding = |top: PathBuf| top.canonicalize().ok().filter(|top| typed.starts_with(top));
    let Some(top) = tops.into_iter().find_map(holding) else { return false };
    real(&here, path).is_some_and(|real| !real.starts_with(&top))
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

    #[test]
    fn only_a_link_in_the_repository_leads_out_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(top.join("repository/.git")).unwrap();
        std::fs::create_dir_all(top.join("repository/out")).unwrap();
        std::os::unix::fs::symlink(top.join("elsewhere"), top.join("repository/link")).unwrap();
        std::os::unix::fs::symlink(&top, top.join("repository/folder")).unwrap();
        std::fs::create_dir_all(top.join("other/.git")).unwrap();
        std::os::unix::fs::symlink("../other", top.join("repository/other")).unwrap();
        std::os::unix::fs::symlink(top.join("repository/out"), top.join("repository/inside")).unwrap();
        std::os::unix::fs::symlink(top.join("repository/out"), top.join("to-it")).unwrap();
        std::fs::write(top.join("elsewhere"), "").unwrap();
        for (path, out) in [
            ("repository/link", true),
            ("repository/folder/new", true),
            ("repository/other/new", true),
            ("repository/other", true),
            ("repository/inside/new", false),
            ("repository/out/../new", false),
            ("repository/new", false),
            ("to-it", false),
            ("elsewhere", false),
        ] {
            assert_eq!(leads_out(&top.join(path)), out, "{path}");
        }
    }
}
