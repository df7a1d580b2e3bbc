//! Who asked for the changes of a plan: the commits that last wrote what differs from the live values, and the pull request
//! that the CI names. Best effort: what cannot be told is not known, and no plan fails for it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use regex_lite::Regex;

use super::read::Planned;
use crate::documents::evidence::{approvers, run_facts};
use crate::documents::plan::PlanFile;
use crate::documents::requested::{CommitEntry, HeadEntry, PullRequestEntry};
use crate::plan::cause::Cause;
use crate::plan::{Agreed, Change, Requested};
use crate::text::authorship::{Authorship, Commit, Unknown};
use crate::text::problem::{Place, line};
use crate::text::source::Source;

/// The most lines of one change that are traced, and the most members that left.
const TRACED: usize = 200;
const SEARCHED: usize = 20;

/// The lines of a file, by the file's name.
type Lines = HashMap<String, (Arc<Source>, BTreeSet<usize>)>;

/// Who wrote each line, by the file's name.
type Written = HashMap<String, HashMap<usize, Result<Arc<Commit>, Unknown>>>;

/// Tells for every change who asked for it. `base` is the commit that the plan is compared with.
pub fn tell(tenants: &mut [Planned], history: Option<&Authorship>, base: Option<&str>) {
    let Some(history) = history else { return };
    let mut lines = Lines::new();
    let mut lines_of_changes = Vec::new();
    for_each(tenants, |change, value| {
        let asked = lines_of(change, value);
        let (_, of_file) =
            lines.entry(value.source.name.clone()).or_insert_with(|| (value.source.clone(), BTreeSet::new()));
        of_file.extend(&asked);
        lines_of_changes.push(asked);
    });
    let written: Written = lines
        .into_iter()
        .map(|(name, (source, lines))| {
            let lines: Vec<usize> = lines.into_iter().collect();
            (name, history.of_lines(&source, &lines))
        })
        .collect();
    let mut lines_of_changes = lines_of_changes.into_iter();
    let mut removals = Removals { history, base, known: HashMap::new() };
    for_each(tenants, |change, value| {
        let known = written.get(&value.source.name);
        let who = |line: usize| known.and_then(|lines| lines.get(&line)).cloned().unwrap_or(Err(Unknown::NoHistory));
        let mut found: Vec<Result<Arc<Commit>, Unknown>> =
            lines_of_changes.next().into_iter().flatten().map(who).collect();
        let gone = if base.is_some() { gone(change) } else { leaving(change) };
        found.extend(gone.iter().take(SEARCHED).filter_map(|member| removals.of(&value.source.name, member)));
        change.requested = Some(requested(found));
    });
}

/// The commits that took members out of files. Many tenants share files, so each is searched for once.
struct Removals<'a> {
    history: &'a Authorship,
    base: Option<&'a str>,
    known: HashMap<(String, String), Result<Arc<Commit>, Unknown>>,
}

impl Removals<'_> {
    /// Returns the commit that took a member out of a file; `None` if the member may never have been in it. Without a base the
    /// whole history is searched, so only for a few members.
    fn of(&mut self, file: &str, member: &str) -> Option<Result<Arc<Commit>, Unknown>> {
        let key = (file.to_owned(), member.to_owned());
        if !self.known.contains_key(&key) {
            if self.base.is_none() && self.known.len() >= SEARCHED {
                return None;
            }
            let found = self.history.of_removal(self.base, file, member);
            self.known.insert(key.clone(), found);
        }
        self.known.get(&key).filter(|found| self.base.is_some() || **found != Err(Unknown::NoCommit)).cloned()
    }
}

/// Calls `deal` with every change and the place of its value.
fn for_each(tenants: &mut [Planned], mut deal: impl FnMut(&mut Change, &Place)) {
    for tenant in tenants {
        for resource in tenant.plan.resources_mut() {
            let desired = &resource.desired;
            let Ok(read) = &mut resource.outcome else { continue };
            for change in &mut read.comparison.changes {
                let Some(managed) = desired.get(change.setting.pointer) else { continue };
                deal(change, &managed.value_place);
            }
        }
    }
}

/// Returns the lines that wrote what differs from the live value: of a set the members that join, else the whole value.
fn lines_of(change: &Change, value: &Place) -> Vec<usize> {
    let here = value.source.text.get(value.span.clone()).unwrap_or_default();
    let line_at = |at: usize| line(&value.source.place(value.span.start + at..value.span.end));
    let first = line_at(0);
    if !change.setting.kind.is_set() {
        return (first..=line_at(here.len())).take(TRACED).collect();
    }
    let joining = change.setting.members(change.before.as_deref(), Some(change.after.as_ref())).added;
    let found: BTreeSet<usize> =
        joining.into_iter().take(TRACED).filter_map(|member| here.find(member)).map(line_at).collect();
    // A set that is written empty is asked for where that stands.
    let empty = change.after.as_array().is_none_or(Vec::is_empty);
    if empty { vec![first] } else { found.into_iter().collect() }
}

/// Returns the members that the tenant has and the files do not ask for: somebody took them out, or they never did.
fn leaving(change: &Change) -> Vec<&str> {
    change.setting.members(change.before.as_deref(), Some(change.after.as_ref())).removed
}

/// Returns the members that the base asks for and this branch does not: somebody took them out.
fn gone(change: &Change) -> Vec<&str> {
    let setting = change.setting;
    if change.cause == Some(Cause::Drift) || !setting.kind.is_set() {
        return Vec::new();
    }
    let Some(Agreed::Value(agreed)) = &change.agreed else { return Vec::new() };
    let after = Some(change.after.as_ref());
    let key = |member: &str| setting.kind.member_key(member);
    let leaving: HashSet<String> = leaving(change).into_iter().map(key).collect();
    let mut gone = setting.members(Some(agreed), after).removed;
    gone.retain(|member| leaving.contains(&key(member)));
    gone
}

/// Returns each commit once, newest first.
fn requested(found: Vec<Result<Arc<Commit>, Unknown>>) -> Requested {
    let mut requested = Requested::default();
    if found.is_empty() {
        requested.unknown = Some(Unknown::NoCommit);
    }
    for commit in found {
        match commit {
            Ok(commit) if requested.commits.iter().any(|known| known.id == commit.id) => {}
            Ok(commit) => requested.commits.push(commit),
            Err(unknown) => requested.unknown = Some(requested.unknown.map_or(unknown, |known| known.min(unknown))),
        }
    }
    let time = |commit: &Arc<Commit>| commit.date.parse::<Timestamp>().ok();
    requested.commits.sort_by_key(|commit| std::cmp::Reverse(time(commit)));
    requested
}

/// Adds what is known of the checkout and its pull request, and the tickets and pages of the commits. `ticket` is the
/// workspace's `ticketPattern`.
pub fn describe(
    plan: &mut PlanFile,
    history: Option<&Authorship>,
    ticket: Option<&Regex>,
    variable: impl Fn(&str) -> Option<String>,
) {
    let facts = run_facts(&variable);
    plan.checkout = history.map(|history| HeadEntry {
        commit: history.head().to_owned(),
        branch: BRANCHES.iter().find_map(|name| variable(name)).or_else(|| history.branch()),
    });
    let title = TITLES.iter().find_map(|name| variable(name));
    let number = variable("SAILPLAN_PULL_REQUEST").or_else(|| facts.get("pullRequest").cloned());
    if title.is_some() || number.is_some() {
        let tickets = ticket.map(|ticket| tickets(ticket, title.as_deref().unwrap_or_default()));
        plan.pull_request = Some(PullRequestEntry { number, title, tickets });
    }
    plan.approvers = approvers(&variable);
    let page = commit_page(&variable);
    let describe = |commit: &mut CommitEntry| {
        commit.tickets = ticket.map(|ticket| tickets(ticket, &commit.subject));
        commit.url = page.as_ref().map(|page| format!("{page}{}", commit.commit));
    };
    let changes = plan.tenants.iter_mut().flat_map(|tenant| &mut tenant.resources).flat_map(|entry| &mut entry.changes);
    changes.filter_map(|change| change.requested.as_mut()).flat_map(|entry| &mut entry.commits).for_each(describe);
}

/// Where CI systems name the branch of a pull request, or the one they build.
const BRANCHES: [&str; 6] = [
    "GITHUB_HEAD_REF",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
    "SYSTEM_PULLREQUEST_SOURCEBRANCH",
    "BITBUCKET_BRANCH",
    "CI_COMMIT_REF_NAME",
    "GITHUB_REF_NAME",
];

/// Where CI systems name the title of a pull request. GitHub and Azure DevOps set no variable for it.
const TITLES: [&str; 2] = ["SAILPLAN_PULL_REQUEST_TITLE", "CI_MERGE_REQUEST_TITLE"];

/// Returns the address that a commit's hash is added to, as the CI system says where the repository is.
fn commit_page(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let github = || Some(format!("{}/{}/commit/", variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?));
    let gitlab = || Some(format!("{}/-/commit/", variable("CI_PROJECT_URL")?));
    // Azure DevOps puts the name of the organisation in front of the host: https://acme@dev.azure.com/acme/team/_git/iam.
    let azure = || Some(format!("{}/commit/", without_user(&variable("BUILD_REPOSITORY_URI")?)));
    // Its address of the repository begins with http://.
    let bitbucket = || Some(format!("https://bitbucket.org/{}/commits/", variable("BITBUCKET_REPO_FULL_NAME")?));
    let page = github().or_else(gitlab).or_else(azure).or_else(bitbucket)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/%".contains(c);
    (page.starts_with("https://") && page.chars().all(plain)).then_some(page)
}

/// Returns a web address without the user before its host.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    format!("{scheme}://{}/{path}", host.rsplit_once('@').map_or(host, |(_, host)| host))
}

/// Returns the tickets that a text names, each once.
fn tickets(pattern: &Regex, text: &str) -> Vec<String> {
    let mut tickets: Vec<String> = Vec::new();
    for found in pattern.find_iter(text).filter(|found| !found.is_empty()) {
        if !tickets.iter().any(|known| known == found.as_str()) {
            tickets.push(found.as_str().to_owned());
        }
    }
    tickets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_forge_has_a_page_for_a_commit() {
        let page = |variables: &[(&str, &str)]| {
            commit_page(|name| {
                let (_, value) = variables.iter().find(|(known, _)| *known == name)?;
                Some((*value).to_owned())
            })
        };
        let github = [("GITHUB_SERVER_URL", "https://github.com"), ("GITHUB_REPOSITORY", "acme/iam")];
        assert_eq!(page(&github).as_deref(), Some("https://github.com/acme/iam/commit/"));
        let gitlab = [("CI_PROJECT_URL", "https://gitlab.com/acme/iam")];
        assert_eq!(page(&gitlab).as_deref(), Some("https://gitlab.com/acme/iam/-/commit/"));
        let azure = [("BUILD_REPOSITORY_URI", "https://acme@dev.azure.com/acme/team/_git/iam")];
        assert_eq!(page(&azure).as_deref(), Some("https://dev.azure.com/acme/team/_git/iam/commit/"));
        let bitbucket =
            [("BITBUCKET_GIT_HTTP_ORIGIN", "http://bitbucket.org/acme/iam"), ("BITBUCKET_REPO_FULL_NAME", "acme/iam")];
        assert_eq!(page(&bitbucket).as_deref(), Some("https://bitbucket.org/acme/iam/commits/"));
        assert_eq!(page(&[("BUILD_REPOSITORY_URI", "javascript:alert(1)")]), None);
        assert_eq!(page(&[]), None);
    }
}
