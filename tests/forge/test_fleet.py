"""The scripts of the example with many tenants, run as the forges run them, against practice tenants."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from example import BINARY, CHANGED, TOP, Tenant

EXAMPLE = TOP / "examples/fleet"


def commands(text, job, key):
    """Returns the commands of a list in a job of a GitLab pipeline."""
    body = re.split(r"\n(?=\S)", text.split(f"\n{job}:\n")[1])[0]
    lines = re.split(r"\n(?=  \S)", body.split(f"\n  {key}:\n")[1])[0].split("\n")
    found = []
    for line in lines:
        if line.startswith("    - "):
            found.append(line[6:].removeprefix("|"))
        elif line.startswith("      "):
            found[-1] += "\n" + line[6:]
    return "\n".join(found)


class Fleet(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "checkout"
        (self.folder / "settings").mkdir(parents=True)
        (self.folder / "tenants").mkdir()
        (self.folder / "settings/base.yaml").write_text(CHANGED)
        (self.folder / "sailplan.yaml").write_text((EXAMPLE / "sailplan.yaml").read_text())
        self.clients = {"../outside": "never", "t/x": "never"}
        for file in sorted((EXAMPLE / "tenants").glob("*.yaml")):
            tenant = Tenant(Path(folder.name) / file.stem)
            self.addCleanup(tenant.close)
            text = re.sub(r"url: .*", f"url: {tenant.url}", file.read_text())
            (self.folder / "tenants" / file.name).write_text(text)
            self.clients |= {f"{file.stem}-id": "id", f"{file.stem}-secret": f"secret of {file.stem}"}
        programs = Path(folder.name) / "bin"
        programs.mkdir()
        (programs / "sailplan").symlink_to(BINARY)
        self.temp = Path(folder.name) / "temp"
        self.temp.mkdir()
        self.environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "SAILPLAN_ALLOWED_HOSTS": "127.0.0.1:*",
            "TMPDIR": str(self.temp),
            "RUNNER_TEMP": str(self.temp),
        }

    def bash(self, script, code=0, **variables):
        """Runs a script as both forges do."""
        run = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment | variables,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        return run.stdout

    def test_gitlab_puts_the_parts_together(self):
        pipeline = (EXAMPLE / ".gitlab-ci.yml").read_text()
        file = self.temp / "clients.json"
        file.write_text(json.dumps(self.clients))
        plan = commands(pipeline, "plan", "script").replace("rm -rf parts && mkdir parts", "mkdir -p parts")
        for index in range(1, 5):
            self.bash(plan, SAILPLAN_CLIENTS=str(file), CI_NODE_INDEX=str(index), CI_NODE_TOTAL="4")
        report = commands(pipeline, "report", "script")
        self.assertIn("There is drift.", self.bash(report, code=2))
        names = [tenant["name"] for tenant in json.loads((self.folder / "fleet.json").read_text())["tenants"]]
        self.assertEqual(names, ["t001", "t002", "t003"])
        self.assertFalse((self.temp / "outside").exists())
        # A part that is missing is not taken for the whole.
        (self.folder / "parts/2.json").unlink()
        self.bash(report, code=3)

    def test_github_writes_the_credentials_and_reports_as_one(self):
        workflow = (EXAMPLE / ".github/workflows/sailplan-fleet.yml").read_text()
        steps = [re.sub(r"\n {10}", "\n", "\n" + step) for step in re.findall(r"run: \|\n((?: {10}.*\n)+)", workflow)]
        self.assertEqual(len(steps), 2)
        self.bash(steps[0], CLIENTS=json.dumps(self.clients))
        self.assertEqual((self.temp / "clients/t002-secret").read_text(), "secret of t002")
        self.assertEqual(len(list((self.temp / "clients").iterdir())), 6)
        arguments = re.search(r"args: (--shard=.*/4)\n", workflow)[1]
        for shard in range(1, 5):
            out = self.temp / f"parts/{shard}/plan.json"
            out.parent.mkdir(parents=True)
            flag = arguments.replace("${{ matrix.shard }}", str(shard))
            self.bash(f"sailplan plan {flag} --out {out}", SAILPLAN_SECRETS_DIR=str(self.temp / "clients"))
        summary = self.temp / "summary.md"
        self.assertIn("There is drift", self.bash(steps[1], code=2, GITHUB_STEP_SUMMARY=str(summary)))
        self.assertIn("maxActivationPeriodMins", summary.read_text())


if __name__ == "__main__":
    unittest.main()
