//! Where a repository is hosted, and which CI files that calls for.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;

use crate::text::git::Git;
use crate::text::paths::real_folder;
use crate::text::repository::roots;

/// The place that hosts a repository and runs its CI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Forge {
    /// GitHub, also GitHub Enterprise Server
    #[value(name = "github")]
    GitHub,
    /// GitLab, also self-managed
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

const GITHUB: [(&str, &str); 17] = [
    example!("github", ".github/workflows/sailplan.yml"),
    example!("github", ".github/actions/sailplan/action.yml"),
    example!("github", ".github/actions/sailplan/program.sh"),
    example!("github", ".github/actions/sailplan/sailplan-install.sh"),
    example!("github", ".github/actions/sailplan/folder.sh"),
    example!("github", ".github/actions/sailplan/run.sh"),
    example!("github", ".github/actions/sailplan/results.sh"),
    example!("github", ".github/actions/sailplan/comment.sh"),
    example!("github", ".github/actions/sailplan/issue.sh"),
    example!("github", ".github/actions/sailplan/tenants.sh"),
    example!("github", ".github/actions/sailplan/approved-plan.sh"),
    example!("github", ".github/actions/sailplan/due.sh"),
    example!("github", ".github/actions/sailplan/evidence.sh"),
    example!("github", ".github/workflows/sailplan-rollback.yml"),
    example!("github", ".github/actions/sailplan/receipt.sh"),
    example!("github", ".github/actions/sailplan/revert.sh"),
    example!("github", ".github/CODEOWNERS"),
];
const GITLAB: [(&str, &str); 10] = [
    example!("gitlab", ".gitlab-ci.yml"),
    example!("gitlab", ".gitlab/sailplan-install.sh"),
    example!("gitlab", ".gitlab/sailplan-tenant.yml"),
    example!("gitlab", ".gitlab/sailplan-api.sh"),
    example!("gitlab", ".gitlab/sailplan-check.sh"),
    example!("gitlab", ".gitlab/sailplan-plan.sh"),
    example!("gitlab", ".gitlab/sailplan-send.sh"),
    example!("gitlab", ".gitlab/sailplan-rollback.sh"),
    example!("gitlab", ".gitlab/CODEOWNERS"),
    example!("gitlab", ".gitlab/sailplan-report.sh"),
];
const AZURE: [(&str, &str); 14] = [
    example!("azure", "azure-pipelines.yml"),
    example!("azure", ".azure/sailplan-install.sh"),
    example!("azure", ".azure/sailplan-program.sh"),
    example!("azure", ".azure/sailplan-tenant.yml"),
    example!("azure", ".azure/sailplan-api.sh"),
    example!("azure", ".azure/sailplan-check.sh"),
    example!("azure", ".azure/sailplan-plan.sh"),
    example!("azure", ".azure/sailplan-thread.sh"),
    example!("azure", ".azure/sailplan-drift.sh"),
    example!("azure", ".azure/sailplan-evidence.sh"),
    example!("azure", ".azure/sailplan-send.sh"),
    example!("azure", "azure-rollback.yml"),
    example!("azure", ".azure/sailplan-receipt.sh"),
    example!("azure", ".azure/sailplan-revert.sh"),
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

/// Returns the forge of the remote `origin` of the repository that a folder is in, and its host; `None` if git or a remote is
/// missing.
pub(super) fn of_remote(directory: &Path) -> Option<(Forge, String)> {
    let url = git(directory, &["remote", "get-url", "origin"])?;
    Some((Forge::of_url(&url), host(&url).to_owned()))
}

/// Returns the top of the repository that a folder is in, and the folder's path from there.
pub(super) fn root(directory: &Path) -> Option<(PathBuf, PathBuf)> {
    let here = real_folder(directory).ok()?;
    let top = roots(&here).into_iter().next()?;
    let prefix = here.strip_prefix(&top).ok()?.to_owned();
    // Upwards from the folder as it was named: it may be named through a link.
    let up: PathBuf = prefix.components().map(|_| "..").collect();
    Some((directory.join(up), prefix))
}

/// Returns a CI file for a workspace in a folder of the repository.
pub(super) fn with_folder(content: &str, folder: &Path) -> String {
    let folder = folder.to_string_lossy();
    if folder.is_empty() { content.to_owned() } else { with_variable(content, "SAILPLAN_DIR", ".", &folder) }
}

/// Returns whether a CI file that was there already is for the workspace in this folder of the repository.
pub(super) fn is_for(content: &str, folder: &Path) -> bool {
    let folder = folder.to_string_lossy();
    folder.is_empty() || content.contains(&*serde_json::Value::String(folder.into_owned()).to_string())
}

/// Returns a CI file that takes sailplan from `source`.
pub(super) fn with_install(content: &str, source: &Install) -> String {
    with_variable(content, "SAILPLAN_INSTALL", "\"\"", &source.0)
}

/// Returns a CI file with another value of a variable at its top, in both forms that the forges have for it.
fn with_variable(content: &str, name: &str, before: &str, value: &str) -> String {
    // JSON's strings are YAML's double-quoted ones.
    let quoted = serde_json::Value::String(value.to_owned()).to_string();
    let mut lines: Vec<String> = content.lines().map(str::to_owned).collect();
    let named = format!("- name: {name} #");
    let azure = lines.iter().position(|line| line.trim_start().starts_with(&named)).map(|line| line + 1);
    let inline = format!("{name}: {before} #");
    let place = azure.or_else(|| lines.iter().position(|line| line.trim_start().starts_with(&inline)));
    if let Some(line) = place.and_then(|place| lines.get_mut(place)) {
        *line = line.replacen(&format!(": {before}"), &format!(": {quoted}"), 1);
    }
    lines.join("\n") + "\n"
}

/// Where CI gets sailplan: `archive:URL#sha256=HEX` or `git:URL@COMMIT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Install(String);

impl fmt::Display for Install {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Install {
    type Err = String;

    fn from_str(text: &str) -> Result<Install, String> {
        const FORMS: &str = "write archive:URL#sha256=HEX or git:URL@COMMIT";
        let hex = |digits: &str, length: usize| {
            digits.len() == length && digits.chars().all(|digit| matches!(digit, '0'..='9' | 'a'..='f'))
        };
        let url = if let Some((url, hash)) = text.strip_prefix("archive:").and_then(|rest| rest.split_once("#sha256="))
        {
            if !hex(hash, 64) {
                return Err(format!("the SHA-256 of an archive has 64 digits from 0 to f; {FORMS}"));
            }
            if !url.starts_with("https://") && !url.starts_with("http://") {
                return Err(format!("an archive is fetched from https://; {FORMS}"));
            }
            url
        } else if let Some((url, commit)) = text.strip_prefix("git:").and_then(|rest| rest.rsplit_once('@')) {
            if !hex(commit, 40) {
                return Err(format!("a tag or branch can move: name a commit with all its 40 digits; {FORMS}"));
            }
            url
        } else {
            return Err(FORMS.to_owned());
        };
        if url.is_empty() || url.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(format!("the URL is missing or has spaces; {FORMS}"));
        }
        // The file goes into version control.
        let authority = url.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
        if authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) {
            return Err("the URL holds a password: leave it out, and let git or a mirror know it".to_owned());
        }
        Ok(Install(text.to_owned()))
    }
}

fn git(directory: &Path, args: &[&str]) -> Option<String> {
    let output = Git::of(roots(&real_folder(directory).ok()?).first()?).ok()?.run(args).ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end_matches(['\r', '\n']).to_owned())
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

    /// Asserts that one line changed, from one value to another.
    fn assert_one_line(pipeline: &str, changed: &str, before: &str, value: &str) {
        let lines: Vec<_> = pipeline.lines().zip(changed.lines()).filter(|(old, new)| old != new).collect();
        assert_eq!((lines.len(), pipeline.len() + value.len()), (1, changed.len() + before.len()), "{lines:?}");
        let (old, new) = lines.first().unwrap();
        assert_eq!(*new, old.replacen(&format!(": {before}"), &format!(": {value}"), 1));
    }

    #[test]
    fn every_pipeline_can_be_told_another_folder_and_where_it_gets_sailplan() {
        for forge in [Forge::GitHub, Forge::GitLab, Forge::Azure] {
            let (_, pipeline) = forge.files().first().unwrap();
            assert_eq!(with_folder(pipeline, Path::new("")), *pipeline);
            let moved = with_folder(pipeline, Path::new("tenants/a \"b\""));
            assert_one_line(pipeline, &moved, ".", &serde_json::to_string("tenants/a \"b\"").unwrap());
            let source = format!("git:https://git.example/sailplan@{}", "0".repeat(40));
            let told = with_install(pipeline, &source.parse().unwrap());
            assert_one_line(pipeline, &told, "\"\"", &format!("\"{source}\""));
        }
    }

    #[test]
    fn sailplan_comes_from_what_cannot_change() {
        let (hash, commit) = ("a1".repeat(32), "0f".repeat(20));
        for text in [
            format!("archive:https://example.com/sailplan.tar.gz#sha256={hash}"),
            format!("git:https://git.example/sailplan@{commit}"),
            format!("git:git@git.example:acme/sailplan.git@{commit}"),
            format!("git:ssh://git@git.example/sailplan@{commit}"),
        ] {
            assert_eq!(text.parse(), Ok(Install(text.clone())));
        }
        let why = |text: String| text.parse::<Install>().unwrap_err();
        let moves = why("git:https://git.example/sailplan@v0.1.0".to_owned());
        assert!(moves.starts_with("a tag or branch can move"), "{moves}");
        let short = why(format!("archive:https://example.com/x#sha256={commit}"));
        assert!(short.starts_with("the SHA-256 of an archive has 64 digits"), "{short}");
        let secret = why(format!("git:https://me:s3cret@git.example/sailplan@{commit}"));
        assert!(secret.starts_with("the URL holds a password") && !secret.contains("s3cret"), "{secret}");
        assert!(why(format!("archive:ftp://example.com/x#sha256={hash}")).starts_with("an archive is fetched from"));
        for text in ["sailplan", "crate:sailplan@0.1.0", "archive:https://example.com/x", "git:"] {
            assert_eq!(why(text.to_owned()), "write archive:URL#sha256=HEX or git:URL@COMMIT", "{text}");
        }
    }
}
