"""How CI gets sailplan: from an archive with a known SHA-256 or from a commit, and only then."""

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
EXAMPLES = TOP / "examples"
BINARY = Path(os.environ.get("SAILPLAN", TOP / "target/debug/sailplan")).resolve()
ACTION = EXAMPLES / "github/.github/actions/sailplan"
INSTALL = ACTION / "sailplan-install.sh"
PROGRAM = b"#!/bin/sh\necho sailplan 0.1.0\n"


def packed(*names):
    """Returns a .tar.gz with the program under each of these names."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(PROGRAM)
            archive.addfile(member, io.BytesIO(PROGRAM))
    return data.getvalue()


class Served(unittest.TestCase):
    """A server with archives, and a checkout."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.checkout = self.folder / "checkout"
        self.checkout.mkdir()
        self.program = self.folder / "program/sailplan"
        self.archives = {}
        archives = self.archives

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                data = archives.get(self.path)
                self.send_response(200 if data else 404)
                self.send_header("Content-Length", str(len(data or b"")))
                self.end_headers()
                self.wfile.write(data or b"")

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}"

    def install(self, how, code=0, **environment):
        base = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "no_proxy": "127.0.0.1", "SAILPLAN_INSTALL": how}
        result = subprocess.run(
            ["bash", str(INSTALL), str(self.program.parent)],
            cwd=self.checkout,
            env=base | environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertEqual(self.program.exists(), code == 0)
        return result.stdout.strip() if code == 0 else result.stderr.strip()

    def archive(self, *names, path="/sailplan.tar.gz"):
        self.archives[path] = packed(*names)
        return f"archive:{self.url}{path}#sha256={hashlib.sha256(self.archives[path]).hexdigest()}"


class Install(Served):
    def test_an_archive_with_the_right_hash_is_installed(self):
        told = self.install(self.archive("sailplan-0.1.0-x86_64-unknown-linux-musl/sailplan"))
        self.assertEqual(told, hashlib.sha256(PROGRAM).hexdigest())
        self.assertEqual(self.program.read_bytes(), PROGRAM)
        self.assertTrue(os.access(self.program, os.X_OK))

    def test_an_archive_with_another_hash_is_refused(self):
        how = self.archive("sailplan")
        self.archives["/sailplan.tar.gz"] = packed("sailplan", "more")
        found = hashlib.sha256(self.archives["/sailplan.tar.gz"]).hexdigest()
        wanted = how.rsplit("=")[-1]
        said = f"{self.url}/sailplan.tar.gz has the SHA-256 {found}, not {wanted}: nothing was installed"
        self.assertEqual(self.install(how, code=1), said)
        self.assertEqual(self.install(how, code=1, GITHUB_ACTIONS="true"), f"::error::{said}")
        self.assertEqual(self.install(how, code=1, TF_BUILD="True"), f"##vso[task.logissue type=error]{said}")

    def test_an_archive_that_is_not_there_or_holds_another_program_is_refused(self):
        gone = self.archive("sailplan").replace("sailplan.tar.gz", "gone.tar.gz")
        self.assertRegex(self.install(gone, code=1), "gone.tar.gz cannot be fetched$")
        for names in [("another",), ("a/sailplan", "b/sailplan")]:
            self.assertRegex(self.install(self.archive(*names), code=1), "does not hold one file sailplan$")

    def test_without_a_source_it_fails_and_says_what_to_set(self):
        said = self.install("", code=1)
        self.assertRegex(said, "^It is not said where CI gets sailplan. Set SAILPLAN_INSTALL ")
        for how in ["sailplan", "git:https://git.example/sailplan@main", "git:https://git.example/x@0123456", "archive:x"]:
            self.assertRegex(self.install(how, code=1), "^SAILPLAN_INSTALL is not archive:URL#sha256=HEX")

    def test_a_commit_is_built_outside_of_the_checkout_with_one_compiler_and_locked_dependencies(self):
        # A checkout that names a toolchain of its own would run it instead of the one that was chosen.
        (self.checkout / "rust-toolchain.toml").write_text('[toolchain]\npath = "/evil"\n')
        tools = self.folder / "tools"
        tools.mkdir()
        (tools / "rustup").write_text(f'#!/bin/sh\necho "rustup $*" >>{self.folder}/log\n')
        (tools / "cargo").write_text(
            f"""#!/bin/sh
echo "cargo $* in $PWD with $RUSTUP_TOOLCHAIN" >>{self.folder}/log
while [ "$1" != --root ]; do shift; done
mkdir -p "$2/bin"
printf '#!/bin/sh\\necho sailplan 0.1.0\\n' >"$2/bin/sailplan"
"""
        )
        for tool in tools.iterdir():
            tool.chmod(0o755)
        commit = "0123456789" * 4
        told = self.install(f"git:https://git.example/sailplan@{commit}", PATH=f"{tools}:{os.environ['PATH']}")
        self.assertEqual(told, hashlib.sha256(PROGRAM).hexdigest())
        rustup, cargo = (self.folder / "log").read_text().splitlines()
        self.assertEqual(rustup, "rustup toolchain install --profile minimal --no-self-update 1.95.0")
        self.assertRegex(
            cargo,
            "^cargo install --quiet --locked --root (/[^ ]*)/built"
            f" --git https://git.example/sailplan --rev {commit} sailplan in \\1 with 1.95.0$",
        )
        self.assertNotIn(str(self.checkout), cargo)


class Handover(unittest.TestCase):
    """The jobs that have credentials run a program only if its hash is the one that the job without credentials told."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "sailplan-program").mkdir()
        (self.folder / "sailplan-program/sailplan").write_bytes(PROGRAM)
        (self.folder / "path").touch()

    def check(self, script, *args, sha256, code):
        result = subprocess.run(
            ["bash", str(script), *args],
            env={
                "PATH": os.environ["PATH"],
                "RUNNER_TEMP": str(self.folder),
                "GITHUB_PATH": str(self.folder / "path"),
                "AGENT_TEMPDIRECTORY": str(self.folder),
                "SAILPLAN_SHA256": sha256,
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result.stdout

    def test_on_every_forge(self):
        right = hashlib.sha256(PROGRAM).hexdigest()
        github, azure = (ACTION / "program.sh", "check"), (EXAMPLES / "azure/.azure/sailplan-program.sh", f"{self.folder}/sailplan-program")
        for script in (github, azure):
            for wrong in ("", "0" * 64):
                said = self.check(*script, sha256=wrong, code=1)
                self.assertNotIn("sailplan 0.1.0", said)
                self.assertIn("nothing was run", said)
            self.assertEqual((self.folder / "path").read_text(), "")
            said = self.check(*script, sha256=right, code=0).splitlines()
            on_path = [[], [f"##vso[task.prependpath]{self.folder}/sailplan-bin"]][script is azure]
            self.assertEqual(said, ["sailplan 0.1.0", *on_path])
            (self.folder / "path").write_text("")


class Release(Served):
    """The archive that a release holds is one that CI can install."""

    def pack(self):
        command = [TOP / ".ci/package", BINARY, "x86_64-unknown-linux-musl", self.folder / "dist"]
        return Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())

    def test_is_installed_by_its_hash_and_refused_with_another(self):
        file = self.pack()
        again = file.read_bytes()
        self.assertEqual(self.pack().read_bytes(), again)
        name = file.name.removesuffix(".tar.gz")
        with tarfile.open(file) as archive:
            owners = {(member.uid, member.mtime) for member in archive.getmembers()}
            names = sorted(member.name.removeprefix(name) for member in archive.getmembers())
        self.assertEqual(owners, {(0, 0)})
        docs = ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "SECURITY.md"]
        docs += ["docs", *[f"docs/{page.name}" for page in (TOP / "docs").iterdir()]]
        shells = ["", "/sailplan.bash", "/sailplan.fish", "/sailplan.zsh"]
        wanted = ["", *[f"/{doc}" for doc in docs], *[f"/completions{shell}" for shell in shells], "/sailplan", "/sailplan.1"]
        self.assertEqual(names, sorted(wanted))
        self.archives[f"/{file.name}"] = again
        url = f"archive:{self.url}/{file.name}#sha256="
        self.assertRegex(self.install(url + "0" * 64, code=1), "nothing was installed$")
        told = self.install(url + hashlib.sha256(again).hexdigest())
        self.assertEqual(told, hashlib.sha256(BINARY.read_bytes()).hexdigest())
        said = subprocess.run([self.program, "--version"], check=True, capture_output=True, text=True)
        self.assertRegex(said.stdout, r"^sailplan \d")

    def test_its_bill_of_materials_has_what_is_in_the_program_and_no_more(self):
        command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", "x86_64-unknown-linux-gnu"]
        metadata = subprocess.run(command, cwd=TOP, check=True, capture_output=True).stdout
        script = [sys.executable, TOP / ".ci/sbom.py"]
        document = json.loads(subprocess.run(script, input=metadata, check=True, capture_output=True).stdout)
        self.assertEqual(document["metadata"]["component"]["name"], "sailplan")
        names = {component["name"] for component in document["components"]}
        self.assertLessEqual({"reqwest", "rustls", "clap", "serde-saphyr"}, names)
        # Tests alone use these.
        self.assertFalse({"insta", "proptest", "rcgen"} & names)
        known = {component["bom-ref"] for component in document["components"]}
        for entry in document["dependencies"]:
            self.assertLessEqual(set(entry["dependsOn"]), known)
        without = [component["name"] for component in document["components"] if "licenses" not in component]
        self.assertEqual(without, [])


if __name__ == "__main__":
    unittest.main()
