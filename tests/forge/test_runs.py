"""The CI examples from plan to apply: their scripts, the real sailplan and forges in memory.

SAILPLAN names the binary; without it, the one that cargo built last for tests.
"""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from fake_forge import ME, Forge

TOP = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("SAILPLAN", TOP / "target/debug/sailplan")).resolve()


class Run(unittest.TestCase):
    """A copy of an example in a repository of its own."""

    maxDiff = None
    example = ""

    def setUp(self):
        self.forge = Forge()
        self.addCleanup(self.forge.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.checkout = self.folder / "checkout"
        shutil.copytree(TOP / "examples" / self.example, self.checkout)
        install = self.folder / "sailplan/bin"
        install.mkdir(parents=True)
        (install / "sailplan").symlink_to(BINARY)
        for command in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "start"]):
            self.git(*command)
        (self.checkout / "later").touch()
        self.git("add", ".")
        self.git("commit", "-q", "-m", "later")

    def git(self, *args):
        identity = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        for who in ("AUTHOR", "COMMITTER"):
            identity |= {f"GIT_{who}_NAME": "Test", f"GIT_{who}_EMAIL": "test@example.com"}
        subprocess.run(["git", *args], cwd=self.checkout, env=os.environ | identity, check=True)

    def bash(self, *args, environment, code=0):
        base = {
            "PATH": f"{self.folder}/sailplan/bin:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "no_proxy": "127.0.0.1",
            "SAILPLAN_DIR": ".",
            "SAILPLAN_TENANT": "practice",
        }
        result = subprocess.run(
            ["bash", *args], cwd=self.checkout, env=base | environment, capture_output=True, text=True, timeout=60
        )
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result.stdout

    def apply(self, plan):
        self.bash("-c", f"sailplan apply '{plan}' --receipt '{self.folder}/receipt.json'", environment={})
        receipt = json.loads((self.folder / "receipt.json").read_text())
        self.assertEqual({one["outcome"] for one in receipt["tenants"][0]["resources"]}, {"applied"})


class GitHub(Run):
    example = "github"

    def run_action(self, command, args):
        """Returns the outputs of the action's step that runs sailplan, and what it printed."""
        outputs, summary = self.folder / "outputs", self.folder / "summary"
        for file in (outputs, summary):
            file.write_text("")
        printed = self.bash(
            ".github/actions/sailplan/run.sh",
            environment={
                "RUNNER_TEMP": str(self.folder),
                "GITHUB_OUTPUT": str(outputs),
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_ACTIONS": "true",
                "SAILPLAN_COMMAND": command,
                "SAILPLAN_ARGS": args,
            },
        )
        return dict(line.split("=", 1) for line in outputs.read_text().splitlines()), printed

    def comment(self, outputs):
        self.bash(
            ".github/actions/sailplan/comment.sh",
            environment={
                "http_proxy": self.forge.url,
                "GITHUB_SERVER_URL": "https://github.localhost",
                "GH_TOKEN": "token",
                "GITHUB_REPOSITORY": "acme/iam",
                "SAILPLAN_AUTHOR": ME["github"],
                "SAILPLAN_PULL": "5",
                "SAILPLAN_NEWS": outputs["news"],
                "SAILPLAN_MARKDOWN": outputs["markdown"],
            },
        )

    def test_from_plan_to_apply(self):
        tenant = "--tenant=practice\n"
        planned, printed = self.run_action("plan", f"{tenant}--base=HEAD^1\n")
        self.assertEqual((planned["exit-code"], planned["news"]), ("0", "true"))
        self.assertGreater(int(planned["changes"]), 0)
        notes = [line for line in printed.splitlines() if line.startswith("::")]
        self.assertEqual(len(notes), int(planned["changes"]), printed)
        for note in notes:
            self.assertRegex(note, r"^::(notice|warning) file=settings/base\.yaml,line=\d+")
        text = Path(planned["markdown"]).read_text()
        self.assertEqual((self.folder / "summary").read_text(), text)
        self.comment(planned)
        self.assertEqual(self.forge.notes, [{"id": 101, "author": ME["github"], "text": text}])

        applied, _ = self.run_action("apply", f"{planned['directory']}/plan.json")
        self.assertEqual((applied["exit-code"], applied["news"]), ("0", "true"))
        self.assertTrue((Path(applied["directory"]) / "receipt.json").exists())

        again, printed = self.run_action("plan", f"{tenant}--detailed-exitcode")
        self.assertEqual((again["exit-code"], again["changes"], again["news"]), ("0", "0", "false"))
        self.comment(again)
        self.assertEqual([one["text"] for one in self.forge.notes], [Path(again["markdown"]).read_text()])

    def test_drift_is_2_and_mistakes_are_told(self):
        drifted, _ = self.run_action("plan", "--tenant=practice\n--detailed-exitcode")
        self.assertEqual((drifted["exit-code"], drifted["news"]), ("2", "true"))
        wrong, _ = self.run_action("plan", "--tenant=nobody")
        self.assertEqual((wrong["exit-code"], wrong["markdown"]), ("64", ""))
        (self.checkout / "settings/base.yaml").write_text("jitActivationPolicy: {maxActivationPeriodMin: 1h}\n")
        mistaken, _ = self.run_action("plan", "--tenant=practice")
        self.assertEqual((mistaken["exit-code"], mistaken["news"]), ("1", "true"))
        self.comment(mistaken)
        self.assertEqual(len(self.forge.notes), 1)
        checked, printed = self.run_action("validate", "")
        self.assertEqual(checked["exit-code"], "1")
        self.assertRegex(printed, r"^::error file=settings/base\.yaml,line=1")


class GitLab(Run):
    example = "gitlab"

    def plan(self, *args):
        self.bash(
            ".gitlab/sailplan-plan.sh",
            *args,
            environment={
                "CI_API_V4_URL": f"{self.forge.url}/api/v4",
                "CI_PROJECT_ID": "3",
                "CI_MERGE_REQUEST_IID": "5",
                "SAILPLAN_GITLAB_TOKEN": "token",
                "GITLAB_CI": "true",
            },
        )

    def read(self, name):
        return (self.checkout / name).read_text()

    def test_from_plan_to_apply(self):
        self.plan("note", "--base=HEAD^1")
        self.assertEqual(self.forge.notes, [{"id": 101, "author": ME["gitlab"], "text": self.read("plan.md")}])
        changes = json.loads(self.read("plan.json"))["summary"]["changes"]
        self.assertEqual(json.loads(self.read("terraform.json")), {"create": 0, "update": changes, "delete": 0})
        self.assertGreater(changes, 0)
        self.plan("")
        self.apply(self.checkout / "plan.json")
        self.plan("note")
        self.assertEqual([one["text"] for one in self.forge.notes], [self.read("plan.md")])
        self.assertEqual(json.loads(self.read("terraform.json")), {"create": 0, "update": 0, "delete": 0})

    def test_drift_opens_an_issue_and_is_no_failure(self):
        self.plan("issue", "--detailed-exitcode")
        self.assertEqual([one["text"] for one in self.forge.issues], [self.read("plan.md")])


class Azure(Run):
    example = "azure"

    def plan(self, reason, code=0):
        """Returns the variables that the step sets, and everything it printed."""
        printed = self.bash(
            ".azure/sailplan-plan.sh",
            environment={"AGENT_TEMPDIRECTORY": str(self.folder), "BUILD_REASON": reason, "TF_BUILD": "True"},
        )
        mark = "##vso[task.setvariable variable="
        sets = [line.removeprefix(mark) for line in printed.splitlines() if line.startswith(mark)]
        return dict(line.split(";isOutput=true]", 1) for line in sets), printed

    def test_from_plan_to_apply(self):
        planned, printed = self.plan("PullRequest")
        self.assertEqual((planned["code"], planned["news"]), ("0", "true"))
        self.assertGreater(int(planned["changes"]), 0)
        self.assertIn(f"##vso[task.uploadsummary]{self.folder}/plan/plan.md", printed.splitlines())
        self.bash(
            ".azure/sailplan-thread.sh",
            f"{self.folder}/plan/plan.md",
            planned["news"],
            environment={
                "SYSTEM_COLLECTIONURI": f"{self.forge.url}/",
                "SYSTEM_TEAMPROJECTID": "team",
                "BUILD_REPOSITORY_ID": "3",
                "SYSTEM_PULLREQUEST_PULLREQUESTID": "5",
                "SYSTEM_ACCESSTOKEN": "token",
            },
        )
        text = (self.folder / "plan/plan.md").read_text()
        self.assertEqual(self.forge.notes, [{"id": 101, "author": ME["azure"], "text": text}])
        drifted, _ = self.plan("Schedule")
        self.assertEqual((drifted["code"], drifted["news"]), ("2", "true"))
        self.apply(self.folder / "plan/plan.json")
        again, _ = self.plan("Schedule")
        self.assertEqual(again, {"code": "0", "changes": "0", "news": "false"})


del Run

if __name__ == "__main__":
    unittest.main()
