"""The scripts that the CI examples bring, run against forges in memory. Run: python3 -m unittest discover tests/forge"""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from fake_forge import ME, Forge

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
ACTION = EXAMPLES / "github/.github/actions/sailplan"


def markdown(verdict, workspace="sailplan.yaml", digest="digest=sha256:00 "):
    return f"**{verdict}**\n\n<!-- sailplan:v1 workspace={workspace} {digest}-->\n\n`$(touch /tmp/x)` \"quoted\" @team\n"


OLD, NEW = markdown("1 setting to change", digest="digest=sha256:11 "), markdown("3 settings to change")
NONE = markdown("No changes")


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.forge = Forge()
        self.addCleanup(self.forge.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.sha = "merged"
        (self.folder / "output").touch()
        (self.folder / "summary").touch()

    def run_script(self, path, *args, environment, code=0):
        kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        result = subprocess.run(
            ["bash", str(path), *args],
            env=kept | {"no_proxy": "127.0.0.1"} | environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertNotIn("token", result.stdout + result.stderr)
        return result.stdout

    def plan_file(self, text):
        path = self.folder / "plan.md"
        path.write_text(text)
        (self.folder / "plan.json").write_text('{"workspace": "sailplan.yaml", "selection": ["--tenant prod"]}')
        return str(path)

    def github(self, script, text="", news=True, code=0):
        return self.run_script(
            ACTION / script,
            code=code,
            environment={
                "http_proxy": self.forge.url,
                "GITHUB_SERVER_URL": "https://github.localhost",
                "GH_TOKEN": "token",
                "GH_CONFIG_DIR": str(self.folder / "gh"),
                "GITHUB_REPOSITORY": "acme/iam",
                "GITHUB_SHA": self.sha,
                "RUNNER_TEMP": str(self.folder),
                "SAILPLAN_TENANT": "prod",
                "GITHUB_REF_NAME": "main",
                "GITHUB_WORKFLOW_REF": "acme/iam/.github/workflows/sailplan.yml@refs/heads/main",
                "GITHUB_OUTPUT": str(self.folder / "output"),
                "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
                "SAILPLAN_AUTHOR": "github-actions[bot]",
                "SAILPLAN_PULL": "5",
                "SAILPLAN_FOLDER": str(self.folder / "approved"),
                "SAILPLAN_NEWS": str(news).lower(),
                "SAILPLAN_DRIFT": str(news).lower(),
                "SAILPLAN_MARKDOWN": self.plan_file(text),
            },
        )

    def gitlab(self, kind, text, news=True):
        return self.run_script(
            EXAMPLES / "gitlab/.gitlab/sailplan-report.sh",
            kind,
            self.plan_file(text),
            str(news).lower(),
            environment={
                "CI_API_V4_URL": f"{self.forge.url}/api/v4",
                "CI_PROJECT_ID": "3",
                "CI_MERGE_REQUEST_IID": "5",
                "SAILPLAN_GITLAB_TOKEN": "token",
            },
        )

    def azure(self, text, news=True):
        return self.run_script(
            EXAMPLES / "azure/.azure/sailplan-thread.sh",
            self.plan_file(text),
            str(news).lower(),
            environment={
                "SYSTEM_COLLECTIONURI": f"{self.forge.url}/",
                "SYSTEM_TEAMPROJECTID": "team",
                "BUILD_REPOSITORY_ID": "3",
                "SYSTEM_PULLREQUEST_PULLREQUESTID": "5",
                "SYSTEM_ACCESSTOKEN": "token",
            },
        )


class Comments:
    """What holds for the comment on every forge; a subclass names the forge and how its script is run."""

    name = ""

    def post(self, text, news=True):
        raise NotImplementedError

    def test_creates_one_comment_and_updates_it_in_place(self):
        self.post(OLD)
        self.post(NEW)
        self.assertEqual(self.forge.notes, [{"id": 101, "author": ME[self.name], "text": NEW}])

    def test_no_changes_updates_an_old_comment_and_creates_none(self):
        self.post(NONE, news=False)
        self.assertEqual((self.forge.notes, self.forge.writes), ([], []))
        self.post(OLD)
        self.post(NONE, news=False)
        self.assertEqual(self.forge.notes, [{"id": 101, "author": ME[self.name], "text": NONE}])

    def test_leaves_the_comment_of_somebody_else_with_the_same_marker_alone(self):
        forged = {"id": 50, "author": "mallory" if self.name != "gitlab" else 8, "text": OLD}
        self.forge.notes.append(dict(forged))
        self.post(NEW)
        self.assertEqual(self.forge.notes, [forged, {"id": 102, "author": ME[self.name], "text": NEW}])

    def test_leaves_its_own_comments_on_other_workspaces_and_subjects_alone(self):
        others = [
            {"id": 50, "author": ME[self.name], "text": markdown("Other", workspace="sailplan.yaml.old")},
            {"id": 51, "author": ME[self.name], "text": "> " + OLD.replace("\n", "\n> ")},
            {"id": 52, "author": ME[self.name], "text": "quotes <!-- sailplan:v1 workspace=sailplan.yaml --> in a line"},
            {"id": 53, "author": ME[self.name], "text": ""},
        ]
        self.forge.notes.extend(map(dict, others))
        self.post(NEW)
        self.assertEqual(self.forge.notes, [*others, {"id": 105, "author": ME[self.name], "text": NEW}])

    def test_each_selection_of_a_workspace_has_its_comment(self):
        dev, prod = "sailplan.yaml selection=-%2Dtenant%20dev", "sailplan.yaml selection=-%2Dtenant%20prod"
        named = "sailplan.yaml name=nightly"
        texts = [markdown(f"{number} changes", workspace=workspace) for number, workspace in enumerate([dev, named, prod])]
        texts.append(NEW)
        for text in texts:
            self.post(text)
        expected = [{"id": 101 + number, "author": ME[self.name], "text": text} for number, text in enumerate(texts)]
        self.assertEqual(self.forge.notes, expected)
        again = markdown("nothing", workspace=prod, digest="digest=sha256:22 ")
        self.post(again, news=False)
        self.assertEqual([note["text"] for note in self.forge.notes], [texts[0], texts[1], again, NEW])

    def test_finds_its_comment_behind_hundreds_and_when_a_plan_has_no_digest(self):
        others = [{"id": number, "author": "people", "text": "talk"} for number in range(250)]
        mine = {"id": 900, "author": ME[self.name], "text": OLD}
        failed = markdown("Not valid", digest="")
        self.forge.notes.extend(map(dict, [*others, mine]))
        self.post(failed)
        self.assertEqual(self.forge.notes, [*others, mine | {"text": failed}])

    def test_sends_a_comment_of_the_greatest_length(self):
        long = NEW + "x" * 149_000
        self.post(long)
        self.assertEqual(self.forge.notes, [{"id": 101, "author": ME[self.name], "text": long}])


class GitHubComment(Comments, Case):
    name = "github"

    def post(self, text, news=True):
        self.github("comment.sh", text, news)


class GitLabNote(Comments, Case):
    name = "gitlab"

    def post(self, text, news=True):
        self.gitlab("note", text, news)


class AzureThread(Comments, Case):
    name = "azure"

    def post(self, text, news=True):
        self.azure(text, news)

    def test_closes_the_thread_without_changes_and_opens_it_again(self):
        self.post(OLD)
        self.post(NONE, news=False)
        self.assertEqual(self.forge.statuses, {101: "closed"})
        self.post(NEW)
        self.assertEqual(self.forge.statuses, {101: "active"})


class Issues:
    """What holds for the issue about drift."""

    name = ""

    def report(self, text, news=True):
        raise NotImplementedError

    def test_opens_one_issue_updates_it_and_closes_it_without_drift(self):
        self.report(NONE, news=False)
        self.assertEqual(self.forge.writes, [])
        self.report(OLD)
        self.report(NEW)
        mine = {"id": 101, "author": ME[self.name], "text": NEW, "open": True}
        self.assertEqual(self.forge.issues, [mine])
        self.report(NONE, news=False)
        self.assertEqual(self.forge.issues, [mine | {"text": NONE, "open": False}])
        self.report(NEW)
        self.assertEqual([one["id"] for one in self.forge.issues if one.get("open", True)], [102])

    def test_leaves_the_issue_of_somebody_else_alone(self):
        forged = {"id": 50, "author": "mallory" if self.name != "gitlab" else 8, "text": OLD}
        self.forge.issues.append(dict(forged))
        self.report(NEW)
        self.assertEqual(self.forge.issues, [forged, {"id": 102, "author": ME[self.name], "text": NEW}])


class GitHubIssue(Issues, Case):
    name = "github"

    def report(self, text, news=True):
        self.github("issue.sh", text, news)

    def test_a_pull_request_is_no_issue(self):
        pull = {"id": 50, "author": ME["github"], "text": OLD, "pull": True}
        self.forge.issues.append(dict(pull))
        self.report(NEW)
        self.assertEqual(self.forge.issues, [pull, {"id": 102, "author": ME["github"], "text": NEW}])
        self.assertEqual(self.forge.writes[0][2]["title"], "SailPoint settings drifted: sailplan.yaml (--tenant prod)")


class GitLabIssue(Issues, Case):
    name = "gitlab"

    def report(self, text, news=True):
        self.gitlab("issue", text, news)


class ApprovedPlan(Case):
    """Which plan a merge applies."""

    DIGEST = "sha256:" + "0" * 64

    def setUp(self):
        super().setUp()
        identity = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        for who in ("AUTHOR", "COMMITTER"):
            identity |= {f"GIT_{who}_NAME": "Test", f"GIT_{who}_EMAIL": "test@example.com"}

        def git(*args):
            done = subprocess.run(
                ["git", *args], cwd=self.folder, env=os.environ | identity, check=True, capture_output=True, text=True
            )
            return done.stdout.strip()

        git("init", "-q", "-b", "main")
        commits = []
        for message in ("start", "later", "merged"):
            git("commit", "-q", "--allow-empty", "-m", message)
            commits.append(git("rev-parse", "HEAD"))
        self.base, _, self.sha = commits
        merged = {"merge_commit_sha": self.sha, "base": {"ref": "main"}}
        self.forge.pulls = [
            merged | {"number": 4, "merged_at": None, "head": {"sha": "a"}},
            merged | {"number": 5, "merged_at": "now", "head": {"sha": "b"}},
        ]
        self.forge.runs = [
            {"id": 70, "head_sha": "b", "head_repository": {"full_name": "mallory/iam"}},
            {"id": 72, "head_sha": "b", "head_repository": {"full_name": "acme/iam"}},
            {"id": 71, "head_sha": "b", "head_repository": {"full_name": "acme/iam"}},
        ]
        # Beside the plan lies what only a branch could have written.
        self.plan = self.packed(self.DIGEST, self.base)
        files = {"plan.json": self.plan, "plan.html": "<b>approve me</b>", "fresh.json": "{}"}
        self.forge.artefacts = {(70, "sailplan-plan-5-prod"): {}, (72, "sailplan-plan-9-prod"): {"plan.json": "{}"}}
        self.forge.artefacts[(71, "sailplan-plan-5-prod")] = files

    def packed(self, digest, base):
        return json.dumps({"digest": digest, "base": {"commit": base}, "summary": {"changes": 0}})

    def outputs(self):
        return (self.folder / "output").read_text().replace(str(self.folder), "[FOLDER]").splitlines()

    def test_is_that_of_the_merged_pull_request(self):
        self.github("approved-plan.sh")
        self.assertEqual(self.outputs(), ["plan=[FOLDER]/approved/plan.json"])
        self.assertEqual(os.listdir(self.folder / "approved"), ["plan.json"])
        self.assertEqual((self.folder / "approved/plan.json").read_text(), self.plan)
        self.assertEqual(
            (self.folder / "summary").read_text(),
            f"Pull request #5 was planned in run 71, against `{self.base}`: digest `{self.DIGEST}`.\n",
        )

    def test_is_none_for_a_commit_that_no_pull_request_brought(self):
        self.forge.pulls = self.forge.pulls[:1]
        out = self.github("approved-plan.sh")
        self.assertEqual(self.outputs(), [])
        self.assertEqual(out.split(",")[0], f"::warning::No merged pull request for {self.sha}")

    def test_is_none_for_a_fork(self):
        self.forge.runs = self.forge.runs[:1]
        out = self.github("approved-plan.sh", code=1)
        self.assertEqual(self.outputs(), [])
        self.assertEqual(out.split("(")[0], "::error::No good plan of prod for pull request 5 at b ")

    def test_puts_nothing_hostile_into_outputs_and_summary(self):
        for plan in [
            self.packed("sha256:`@team`", self.base),
            self.packed(None, self.base),
            self.packed(self.DIGEST, "HEAD"),
            self.packed(self.DIGEST, None),
            self.plan + self.plan,
        ]:
            self.forge.artefacts[(71, "sailplan-plan-5-prod")] = {"plan.json": plan}
            self.github("approved-plan.sh", code=1)
            self.assertEqual((self.outputs(), (self.folder / "summary").read_text()), ([], ""))

    def test_is_none_that_was_made_against_another_branch(self):
        self.forge.artefacts[(71, "sailplan-plan-5-prod")] = {"plan.json": self.packed(self.DIGEST, self.sha)}
        out = self.github("approved-plan.sh", code=1)
        self.assertEqual(self.outputs(), [])
        self.assertIn("which was never on main", out)


if __name__ == "__main__":
    unittest.main()
