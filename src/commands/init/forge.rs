//! Where a repository is hosted, and which CI files that calls for.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::text::git::Git;
use crate::text::repository::roots;

/// The place that hosts a repository and runs its CI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Forge {
    /// GitHub, also on a server of one's own
    #[value(name = "github")]
    GitHub,
    /// GitLab, also on a server of one's own
    #[value(name = "gitlab")]
    GitLab,
    /// Azure DevOps
    Azure,
    /// No CI files
    None,
}

/// A file by its path from the top of the repository, with the folder in `examples/` that it comes from.
macro_rules! example {
    ($folder:literal, $name:literal) => {
        ($name, include_str!(concat!("../../../examples/", $folder, "/", $name)))
    };
}

const GITHUB: [(&str, &str); 7] = [
    example!("github", ".github/workflows/sailplan.yml"),
    example!("github", ".github/actions/sailplan/action.yml"),
    example!("github", ".github/actions/sailplan/install.sh"),
    example!("github", ".github/actions/sailplan/run.sh"),
    example!("github", ".github/actions/sailplan/comment.sh"),
    example!("github", ".github/actions/sailplan/issue.sh"),
    example!("github", ".github/actions/sailplan/approved-plan.sh"),
];
const GITLAB: [(&str, &str); 3] = [
    example!("gitlab", ".gitlab-ci.yml"),
    example!("gitlab", ".gitlab/sailplan-plan.sh"),
    example!("gitlab", ".gitlab/sailplan-report.sh"),
];
const AZURE: [(&str, &str); 3] = [
    example!("azure", "azure-pipelines.yml"),
    example!("azure", ".azure/sailplan-plan.sh"),
    example!("azure", ".azure/sailplan-thread.sh"),
];

impl Forge {
    /// Returns the CI files: path from the top of the repository, and content.
    pub(super) fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Forge::GitHub => &GITHUB,
            Forge::GitLab => &GITLAB,
            Forge::Azure => &AZURE,
            Forge::None => &[],
        }
    }

    /// Returns the path of the file that says what to set up.
    pub(super) fn pipeline(self) -> Option<&'static str> {
        self.files().first().map(|(name, _)| *name)
    }

    /// Returns the forge of a git remote. A server of one's own is known by `github` or `gitlab` in its name.
    fn of_url(url: &str) -> Forge {
        let host = host(url).to_ascii_lowercase();
        let is = |domain: &str| host == domain || host.ends_with(&format!(".{domain}"));
        let named = |name: &str| host.split(['.', '-']).any(|part| part == name);
        if is("github.com") || is("ghe.com") || named("github") {
            Forge::GitHub
        } else if is("gitlab.com") || named("gitlab") {
            Forge::GitLab
        } else if is("dev.azure.com") || is("visualstudio.com") {
            Forge::Azure
        } else {
            Forge::None
        }
    }
}

/// Returns the host of a git remote: `https://user@host:port/path`, `ssh://...` or `user@host:path`.
fn host(url: &str) -> &str {
    let (scheme, rest) = url.split_once("://").map_or((None, url), |(scheme, rest)| (Some(scheme), rest));
    if scheme.is_none() && !rest.contains(':') {
        return ""; // a folder
    }
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.split(':').next().unwrap_or_default()
}

/// Returns the forge of the remote `origin` of the repository that a folder is in; none where git or a remote is missing.
pub(super) fn of_remote(directory: &Path) -> Forge {
    git(directory, &["remote", "get-url", "origin"]).map_or(Forge::None, |url| Forge::of_url(&url))
}

/// Returns the top of the repository that a folder is in, and the folder's path from there.
pub(super) fn root(directory: &Path) -> Option<(PathBuf, PathBuf)> {
    let here = real(directory)?;
    let top = roots(&here).into_iter().next()?;
    let prefix = here.strip_prefix(&top).ok()?.to_owned();
    // Upwards from the folder as it was named: it may be named through a link.
    let up: PathBuf = prefix.components().map(|_| "..").collect();
    Some((directory.join(up), prefix))
}

/// Returns a CI file for a workspace in a folder of the repository.
pub(super) fn with_folder(content: &str, folder: &Path) -> String {
    let folder = folder.to_string_lossy();
    if folder.is_empty() {
        return content.to_owned();
    }
    // JSON's strings are YAML's double-quoted ones.
    let quoted = serde_json::Value::String(folder.into_owned()).to_string();
    content
        .replace("SAILPLAN_DIR: . #", &format!("SAILPLAN_DIR: {quoted} #"))
        .replace("- name: SAILPLAN_DIR # the folder of sailplan.yaml\n    value: .\n", &{
            format!("- name: SAILPLAN_DIR # the folder of sailplan.yaml\n    value: {quoted}\n")
        })
}

fn git(directory: &Path, args: &[&str]) -> Option<String> {
    let output = Git::of(roots(&real(directory)?).first()?).ok()?.run(args).ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end_matches(['\r', '\n']).to_owned())
}

fn real(directory: &Path) -> Option<PathBuf> {
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    directory.canonicalize().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_names_its_forge() {
        let cases = [
            ("https://github.com/acme/iam.git", Forge::GitHub),
            ("git@github.com:acme/iam.git", Forge::GitHub),
            ("ssh://git@github.acme.com:2222/acme/iam", Forge::GitHub),
            ("https://acme.ghe.com/acme/iam", Forge::GitHub),
            ("https://user:secret@GitLab.com/acme/iam", Forge::GitLab),
            ("git@gitlab.acme.internal:iam.git", Forge::GitLab),
            ("https://code-gitlab.acme.com/github.com/iam", Forge::GitLab),
            ("https://acme@dev.azure.com/acme/iam/_git/iam", Forge::Azure),
            ("git@ssh.dev.azure.com:v3/acme/iam/iam", Forge::Azure),
            ("https://acme.visualstudio.com/iam/_git/iam", Forge::Azure),
            ("acme@vs-ssh.visualstudio.com:v3/acme/iam/iam", Forge::Azure),
            ("https://bitbucket.org/acme/iam", Forge::None),
            ("https://notgithub.com/acme/iam", Forge::None),
            ("https://example.com/github.com/iam", Forge::None),
            ("/srv/git/github.com", Forge::None),
            ("", Forge::None),
        ];
        let found: Vec<_> = cases.iter().map(|(url, _)| (*url, Forge::of_url(url))).collect();
        assert_eq!(found, cases);
    }

    #[test]
    fn every_pipeline_can_be_told_another_folder() {
        for forge in [Forge::GitHub, Forge::GitLab, Forge::Azure] {
            let (_, pipeline) = forge.files().first().unwrap();
            assert_eq!(with_folder(pipeline, Path::new("")), *pipeline);
            let moved = with_folder(pipeline, Path::new("tenants/a \"b\""));
            let changed: Vec<_> = pipeline.lines().zip(moved.lines()).filter(|(old, new)| old != new).collect();
            assert_eq!(changed.len(), 1, "{forge:?}: {changed:?}");
            let quoted = serde_json::to_string("tenants/a \"b\"").unwrap();
            let (old, new) = changed.first().unwrap();
            assert_eq!(*new, old.replacen(": .", &format!(": {quoted}"), 1));
        }
    }
}
