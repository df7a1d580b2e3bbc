"""A copy of an example in a repository of its own, with practice tenants behind it.

SAILPLAN names the binary; without it, the one that cargo built last for tests.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from fake_forge import Forge

TOP = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("SAILPLAN", TOP / "target/debug/sailplan")).resolve()
BASE = "jitActivationPolicy: {maxActivationPeriodMins: 2h}\n"
CHANGED = "jitActivationPolicy: {maxActivationPeriodMins: 1h}\n"


class Tenant:
    """A practice tenant that is served over HTTP."""

    def __init__(self, folder, *flags):
        self.state = folder / "tenant.json"
        folder.mkdir()
        command = [BINARY, "practice", "--listen", "127.0.0.1:0", "--state", self.state, *flags]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.url = None
        while self.url is None:
            line = self.process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            self.url = found and found[0]
            if not line:
                raise AssertionError("the practice tenant did not start")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def minutes(self):
        """Returns how long an activation may last at most."""
        return json.loads(re.search(r'"maxActivationPeriodMins": *(\w+)', self.state.read_text())[1])


class Example(unittest.TestCase):
    """A copy of an example whose tenants are practice tenants."""

    maxDiff = None
    example = ""

    def setUp(self):
        self.forge = Forge()
        self.addCleanup(self.forge.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.tenants = {}
        self.checkout = self.folder / "checkout"
        shutil.copytree(TOP / "examples" / self.example, self.checkout)
        install = self.folder / "sailplan/bin"
        install.mkdir(parents=True)
        (install / "sailplan").symlink_to(BINARY)
        self.git("init", "-q", "-b", "main")

    def serve(self, name, *flags):
        """Starts a practice tenant and puts it in the place of one of the workspace."""
        tenant = Tenant(self.folder / name, *flags)
        self.addCleanup(tenant.close)
        self.tenants[name] = tenant
        file = self.checkout / "sailplan.yaml"
        before = file.read_text()
        text = re.sub(rf"(\n  {name}:\n    url: )\S+", rf"\g<1>{tenant.url}", before)
        self.assertNotEqual(text, before)
        file.write_text(text)
        return tenant

    def git(self, *args):
        identity = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        for who in ("AUTHOR", "COMMITTER"):
            identity |= {f"GIT_{who}_NAME": "Test", f"GIT_{who}_EMAIL": "test@example.com"}
        done = subprocess.run(
            ["git", *args], cwd=self.checkout, env=os.environ | identity, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, message, **files):
        """Commits everything; a file is named by its stem in settings/."""
        for name, text in files.items():
            (self.checkout / f"settings/{name}.yaml").write_text(text)
        self.git("add", ".")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def environment(self, **more):
        """What a job has: sailplan, and the credentials of one tenant."""
        return {
            "PATH": f"{self.folder}/sailplan/bin:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "GIT_CONFIG_GLOBAL": str(self.folder / "gitconfig"),
            "no_proxy": "127.0.0.1",
            "SAILPLAN_DIR": ".",
            "SAILPLAN_ALLOWED_HOSTS": "127.0.0.1:*",
            "SAILPOINT_CLIENT_ID": "some-client",
            "SAILPOINT_CLIENT_SECRET": "s3cret-of-the-client",
        } | more

    def bash(self, *args, environment, code=0):
        result = subprocess.run(
            ["bash", *args],
            cwd=self.checkout,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertNotIn("s3cret-of-the-client", result.stdout + result.stderr)
        return result.stdout
