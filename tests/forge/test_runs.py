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
