//! Who made an apply, where, and how it was approved, for those who ask months later. What is absent is not known.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who made an apply, where, and how it was approved. What is absent is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// How the changes were approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalEntry>,
    /// The commit that was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkout: Option<CheckoutEntry>,
    /// The user of the operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The machine. Only runs on it complete the receipt of a run that was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The CI job, as the CI says.
    #[serde(default, skip_serializing_if = "CiEntry::is_empty")]
    pub ci: CiEntry,
    /// The flags that lifted a guardrail or changed what was sent, as they are typed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
}

/// How changes were approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalEntry {
    /// In which way.
    pub how: How,
    /// The digest that was approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_digest: Option<String>,
    /// When the saved plan was made (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_created_at: Option<String>,
    /// Who approved, as `SAILPLAN_APPROVED_BY` says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<String>,
}

/// In which way changes were approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum How {
    /// A saved plan.
    Plan,
    /// `--approved DIGEST`.
    Approved,
    /// `--yes`.
    Yes,
    /// The question at the terminal.
    Question,
}

/// The commit that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckoutEntry {
    /// Its hash.
    pub commit: String,
    /// Whether the working tree differed from it.
    pub dirty: bool,
}

/// A CI job, as the CI says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CiEntry {
    /// Its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Which attempt of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
    /// The pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<String>,
    /// Who started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The commit that it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

impl Evidence {
    /// Returns whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Evidence::default()
    }

    /// Returns what the environment tells. `host` is the name of the machine.
    pub fn of(host: Option<String>, variable: impl Fn(&str) -> Option<String>) -> Evidence {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut facts = run_facts(&variable);
        let commit = facts.remove("commit");
        // Outside of a CI, the actor of the facts is the user.
        let actor = facts.remove("actor").filter(|_| commit.is_some());
        Evidence {
            user: ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(set),
            host,
            ci: CiEntry {
                url: set("SAILPLAN_RUN_URL").or_else(|| page(set)),
                // GitHub and Azure DevOps count; elsewhere each attempt has a page of its own.
                attempt: set("GITHUB_RUN_ATTEMPT").or_else(|| set("SYSTEM_JOBATTEMPT")),
                pull_request: set("SAILPLAN_PULL_REQUEST").or_else(|| facts.remove("pullRequest")),
                actor,
                commit,
            },
            ..Evidence::default()
        }
    }
}

/// Returns the address of the page of a run: what the CI system says, or composed of what it says.
fn page(set: impl Fn(&str) -> Option<String>) -> Option<String> {
    let all = |names: &[&str]| names.iter().map(|name| set(name)).collect::<Option<Vec<String>>>();
    let github = || match all(&["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"])?.as_slice() {
        [server, repository, run] => {
            let attempt = set("GITHUB_RUN_ATTEMPT").map(|attempt| format!("/attempts/{attempt}")).unwrap_or_default();
            Some(format!("{server}/{repository}/actions/runs/{run}{attempt}"))
        }
        _ => None,
    };
    let azure = || match all(&["SYSTEM_COLLECTIONURI", "SYSTEM_TEAMPROJECT", "BUILD_BUILDID"])?.as_slice() {
        [collection, project, build] => {
            let collection = collection.trim_end_matches('/');
            Some(format!("{collection}/{}/_build/results?buildId={build}", project.replace(' ', "%20")))
        }
        _ => None,
    };
    let bitbucket = || match all(&["BITBUCKET_REPO_FULL_NAME", "BITBUCKET_BUILD_NUMBER"])?.as_slice() {
        [repository, run] => Some(format!("https://bitbucket.org/{repository}/pipelines/results/{run}")),
        _ => None,
    };
    let page = set("CI_JOB_URL")
        .or_else(|| set("CI_PIPELINE_URL"))
        .or_else(github)
        .or_else(azure)
        .or_else(bitbucket)
        .or_else(|| set("BUILD_URL"));
    page.filter(|page| page.starts_with("https://") || page.starts_with("http://"))
}

impl CiEntry {
    /// Returns whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == CiEntry::default()
    }
}

/// Returns who approved, as `SAILPLAN_APPROVED_BY` says: names between commas.
pub fn approvers(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let names = variable("SAILPLAN_APPROVED_BY").unwrap_or_default();
    names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Returns commit, pull request, run and actor from the variables that CI systems set, as far as they are there.
pub fn run_facts(variable: impl Fn(&str) -> Option<String>) -> BTreeMap<String, String> {
    // GitHub Actions, GitLab CI, Azure Pipelines, Bitbucket Pipelines, Jenkins, in this order.
    const SOURCES: [(&str, &[&str]); 4] = [
        ("commit", &["GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION", "BITBUCKET_COMMIT", "GIT_COMMIT"]),
        (
            "pullRequest",
            &[
                "CI_MERGE_REQUEST_IID",
                // Azure DevOps: of a repository on GitHub, else of its own.
                "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER",
                "SYSTEM_PULLREQUEST_PULLREQUESTID",
                "BITBUCKET_PR_ID",
                "CHANGE_ID",
            ],
        ),
        ("run", &["GITHUB_RUN_ID", "CI_PIPELINE_URL", "BUILD_BUILDID", "BITBUCKET_BUILD_NUMBER", "BUILD_URL"]),
        (
            "actor",
            &[
                // Who runs this attempt; the actor is who began the first one.
                "GITHUB_TRIGGERING_ACTOR",
                "GITHUB_ACTOR",
                "GITLAB_USER_LOGIN",
                "BUILD_REQUESTEDFOR",
                "BITBUCKET_STEP_TRIGGERER_UUID",
                "BUILD_USER_ID",
                "USER",
            ],
        ),
    ];
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let mut facts: BTreeMap<String, String> = SOURCES
        .into_iter()
        .filter_map(|(fact, names)| Some((fact.to_owned(), names.iter().find_map(|name| set(name))?)))
        .collect();
    // GitHub names the pull request only inside a ref: refs/pull/7/merge.
    let number = set("GITHUB_REF").and_then(|name| {
        let (number, _) = name.strip_prefix("refs/pull/")?.split_once('/')?;
        Some(number.to_owned())
    });
    if let Some(number) = number {
        facts.insert("pullRequest".to_owned(), number);
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(variables: &[(&str, &str)]) -> Vec<(String, String)> {
        let find = |name: &str| variables.iter().find(|(one, _)| *one == name).map(|(_, value)| (*value).to_owned());
        run_facts(find).into_iter().collect()
    }

    #[test]
    fn ci_variables_name_the_run() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(facts(&[]), []);
        assert_eq!(
            facts(&[
                ("GITHUB_SHA", "c0ffee"),
                ("GITHUB_REF", "refs/pull/7/merge"),
                ("GITHUB_RUN_ID", "12"),
                ("GITHUB_ACTOR", "mona"),
                ("USER", "runner"),
            ]),
            [pair("actor", "mona"), pair("commit", "c0ffee"), pair("pullRequest", "7"), pair("run", "12")]
        );
        // After the merge a branch is built, and no pull request.
        assert_eq!(facts(&[("GITHUB_REF", "refs/heads/main"), ("GITHUB_SHA", "")]), []);
        assert_eq!(
            facts(&[("CI_COMMIT_SHA", "1"), ("CI_MERGE_REQUEST_IID", "2"), ("CI_PIPELINE_URL", "u")]),
            [pair("commit", "1"), pair("pullRequest", "2"), pair("run", "u")]
        );
    }

    #[test]
    fn every_ci_system_names_its_run() {
        let some = |text: &str| Some(text.to_owned());
        let ci = |variables: &[(&str, &str)]| {
            let find =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            Evidence::of(None, find).ci
        };
        let github = [
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "acme/iam"),
            ("GITHUB_RUN_ID", "12"),
            ("GITHUB_RUN_ATTEMPT", "2"),
            ("GITHUB_SHA", "c0ffee"),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_ACTOR", "mona"),
            ("GITHUB_TRIGGERING_ACTOR", "lisa"),
            ("SAILPLAN_PULL_REQUEST", "7"),
        ];
        let entry = CiEntry {
            url: some("https://github.com/acme/iam/actions/runs/12/attempts/2"),
            attempt: some("2"),
            pull_request: some("7"),
            actor: some("lisa"),
            commit: some("c0ffee"),
        };
        assert_eq!(ci(&github), entry);
        let gitlab = [
            ("CI_PIPELINE_URL", "https://gitlab.com/acme/iam/-/pipelines/3"),
            ("CI_JOB_URL", "https://gitlab.com/acme/iam/-/jobs/4"),
            ("CI_COMMIT_SHA", "c0ffee"),
            ("GITLAB_USER_LOGIN", "lisa"),
        ];
        let entry = CiEntry {
            url: some("https://gitlab.com/acme/iam/-/jobs/4"),
            actor: some("lisa"),
            commit: some("c0ffee"),
            ..CiEntry::default()
        };
        assert_eq!(ci(&gitlab), entry);
        let azure = [
            ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/acme/"),
            ("SYSTEM_TEAMPROJECT", "Identity and Access"),
            ("BUILD_BUILDID", "9"),
            ("SYSTEM_JOBATTEMPT", "1"),
            ("BUILD_SOURCEVERSION", "c0ffee"),
            ("BUILD_REQUESTEDFOR", "Lisa"),
            ("SYSTEM_PULLREQUEST_PULLREQUESTID", "7"),
        ];
        let entry = CiEntry {
            url: some("https://dev.azure.com/acme/Identity%20and%20Access/_build/results?buildId=9"),
            attempt: some("1"),
            pull_request: some("7"),
            actor: some("Lisa"),
            commit: some("c0ffee"),
        };
        assert_eq!(ci(&azure), entry);
        let bitbucket = [("BITBUCKET_REPO_FULL_NAME", "acme/iam"), ("BITBUCKET_BUILD_NUMBER", "5")];
        let url = some("https://bitbucket.org/acme/iam/pipelines/results/5");
        assert_eq!(ci(&bitbucket), CiEntry { url, ..CiEntry::default() });
        let jenkins =
            [("BUILD_URL", "https://jenkins.acme.com/job/iam/5/"), ("CHANGE_ID", "7"), ("GIT_COMMIT", "c0ffee")];
        let url = some("https://jenkins.acme.com/job/iam/5/");
        let entry = CiEntry { url, pull_request: some("7"), commit: some("c0ffee"), ..CiEntry::default() };
        assert_eq!(ci(&jenkins), entry);
        // What is no address is no page.
        assert_eq!(ci(&[("BUILD_URL", "javascript:alert(1)"), ("GITHUB_RUN_ID", "12")]), CiEntry::default());
    }

    #[test]
    fn the_environment_tells_who_and_where() {
        let of = |variables: &[(&str, &str)]| {
            let find =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            (Evidence::of(None, find), approvers(find))
        };
        assert_eq!(of(&[]), (Evidence::default(), vec![]));
        let (evidence, _) = of(&[("USER", "eve")]);
        assert_eq!((evidence.user.as_deref(), evidence.ci.is_empty()), (Some("eve"), true));
        let (evidence, approvers) = of(&[
            ("GITHUB_SHA", "c0ffee"),
            ("GITHUB_REF", "refs/pull/7/merge"),
            ("GITHUB_RUN_ID", "12"),
            ("GITHUB_RUN_ATTEMPT", "2"),
            ("GITHUB_ACTOR", "mona"),
            ("SAILPLAN_RUN_URL", "https://ci.example/12"),
            ("SAILPLAN_APPROVED_BY", "ann, bob,"),
        ]);
        let some = |text: &str| Some(text.to_owned());
        let ci = CiEntry {
            url: some("https://ci.example/12"),
            attempt: some("2"),
            pull_request: some("7"),
            actor: some("mona"),
            commit: some("c0ffee"),
        };
        assert_eq!((evidence.ci, approvers), (ci, vec!["ann".to_owned(), "bob".to_owned()]));
    }
}
