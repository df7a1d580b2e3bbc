"""The pipeline of examples/gitlab, job by job: its scripts, the real sailplan, and GitLab in memory."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
import unittest

from example import BASE, CHANGED, Example
from fake_forge import ME


class GitLab(Example):
    example = "gitlab"

    def setUp(self):
        super().setUp()
        for name in ("dev", "prod"):
            self.serve(name)
        (self.checkout / "settings/prod.yaml").unlink()
        file = self.checkout / "sailplan.yaml"
        file.write_text(file.read_text().replace(", settings/prod.yaml", ""))
        self.main = self.commit("start", base=BASE)

    def job(self, script, *args, code=0, tenant="prod", out=".sailplan-out", **environment):
        """Runs a script as a job on another disk: nothing but the checkout and the artefacts of earlier jobs."""
        shutil.rmtree(self.checkout / ".sailplan", ignore_errors=True)
        return self.bash(
            f".gitlab/{script}",
            *args,
            environment=self.runner(tenant, out) | environment,
            code=code,
        )

    def runner(self, tenant="prod", out=".sailplan-out"):
        return {
            "CI_API_V4_URL": f"{self.forge.url}/api/v4",
            "CI_PROJECT_ID": "3",
            "CI_MERGE_REQUEST_IID": "5",
            "CI_PIPELINE_SOURCE": "push",
            "CI_DEFAULT_BRANCH": "main",
            "CI_COMMIT_SHA": self.git("rev-parse", "HEAD"),
            "CI_JOB_ID": "900",
            "CI_JOB_URL": "https://gitlab.example/acme/iam/-/jobs/900",
            "GITLAB_USER_LOGIN": "lisa",
            "GITLAB_CI": "true",
            "SAILPLAN_GITLAB_TOKEN": "token",
            "SAILPLAN_TENANT": tenant,
            "SAILPLAN_OUT": out,
        }

    def plan(self, *args, **more):
        return self.job("sailplan-plan.sh", *args, out=".sailplan-plan", **more)

    def read(self, tenant, name, out=".sailplan-plan"):
        return (self.checkout / out / tenant / name).read_text()

    def merge(self):
        """Plays a merge request from its pipeline to the merge."""
        self.git("switch", "-q", "-c", "change")
        self.commit("change", base=CHANGED)
        merge_request = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_DIFF_BASE_SHA": self.main}
        self.job("sailplan-check.sh", SAILPOINT_CLIENT_ID="", SAILPOINT_CLIENT_SECRET="", **merge_request)
        for tenant in ("dev", "prod"):
            self.plan("note", f"--base={self.main}", tenant=tenant)
        self.git("switch", "-q", "main")
        self.git("merge", "-q", "--no-ff", "-m", "merged", "change")
        self.forge.pulls = [
            {"iid": 4, "state": "closed", "target_branch": "main", "merge_commit_sha": self.git("rev-parse", "HEAD")},
            {"iid": 5, "state": "merged", "target_branch": "main", "merge_commit_sha": self.git("rev-parse", "HEAD")},
        ]

    def apply(self, tenant, *args, code=0):
        shutil.rmtree(self.checkout / ".sailplan-out", ignore_errors=True)
        plan = f"{self.checkout}/.sailplan-plan/{tenant}/plan.json"
        return self.job("sailplan-send.sh", "apply", plan, *args, tenant=tenant, code=code)

    def receipt(self, tenant):
        (file,) = (self.checkout / f".sailplan-out/{tenant}/receipts").glob("*.json")
        return json.loads(file.read_text())

    def test_from_merge_request_to_apply_ring_by_ring(self):
        self.merge()
        texts = [self.read(tenant, "plan.md") for tenant in ("dev", "prod")]
        self.assertEqual([note["text"] for note in self.forge.notes], texts)
        self.assertEqual(json.loads(self.read("dev", "terraform.json")), {"create": 0, "update": 1, "delete": 0})
        self.forge.approved_by = ["ann"]
        self.forge.deployments = [
            {"id": 31, "deployable": {"id": 899}},
            {
                "id": 32,
                "deployable": {"id": 900},
                "approval_summary": {
                    "rules": [
                        {"access_level": 40, "required_approvals": 1, "deployment_approvals": []},
                        {
                            "group_id": 135,
                            "required_approvals": 1,
                            "deployment_approvals": [
                                {"user": {"username": "dana"}, "status": "approved"},
                                {"user": {"username": "eve"}, "status": "rejected"},
                            ],
                        },
                    ]
                },
            },
        ]
        for tenant in ("dev", "prod"):
            self.plan("", tenant=tenant)
            self.apply(tenant)
            self.assertEqual(self.tenants[tenant].minutes(), 60)
            evidence = self.receipt(tenant)["evidence"]
            self.assertEqual(evidence["approval"]["approvers"], ["ann (merge request)", "dana (deployment)"])
            commit = self.git("rev-parse", "HEAD")
            self.assertEqual(
                evidence["ci"],
                {
                    "url": "https://gitlab.example/acme/iam/-/jobs/900",
                    "pullRequest": "5",
                    "actor": "lisa",
                    "commit": commit,
                },
            )
            self.assertEqual(evidence["checkout"], {"commit": commit, "dirty": False})
            self.plan("note", tenant=tenant)
        texts = [self.read(tenant, "plan.md") for tenant in ("dev", "prod")]
        self.assertEqual([note["text"] for note in self.forge.notes], texts)

    def test_what_gitlab_does_not_tell_holds_nothing_up(self):
        self.merge()
        self.plan("", tenant="dev")
        self.forge.pulls = None
        self.forge.deployments = None
        self.apply("dev")
        self.assertEqual(self.tenants["dev"].minutes(), 60)
        self.assertNotIn("approvers", self.receipt("dev")["evidence"]["approval"])

    def test_a_rollback_by_hand_opens_the_merge_request_that_takes_the_settings_back(self):
        self.merge()
        self.plan("", tenant="prod")
        self.apply("prod")
        files = {}
        for file in (self.checkout / ".sailplan-out").rglob("*"):
            if file.is_file():
                files[str(file.relative_to(self.checkout))] = file.read_text()
        self.forge.artefacts[(900, "job")] = files
        asked = {"SAILPLAN_ROLLBACK_JOB": "900"}
        self.job("sailplan-rollback.sh", "preview", out=".sailplan-plan", **asked)
        self.assertIn("1 setting to change", self.read("prod", "plan.md"))
        digest = json.loads(self.read("prod", "plan.json"))["digest"]
        shutil.rmtree(self.checkout / ".sailplan-out")
        self.job("sailplan-rollback.sh", "send", digest, **asked)
        self.assertEqual((self.tenants["prod"].minutes(), self.tenants["dev"].minutes()), (120, 120))
        commit, request = [write[2] for write in self.forge.writes if write[0] == "POST"][-2:]
        self.assertEqual(commit["branch"], "sailplan-revert-900")
        self.assertEqual(commit["actions"], [{"action": "update", "file_path": "settings/base.yaml", "content": BASE}])
        self.assertEqual((request["source_branch"], request["target_branch"]), ("sailplan-revert-900", "main"))
        for job, code in (("901", 22), ("900; id", 64)):
            self.job("sailplan-rollback.sh", "preview", out=".sailplan-plan", code=code, SAILPLAN_ROLLBACK_JOB=job)

    def test_a_cancelled_apply_leaves_its_receipt(self):
        self.tenants["prod"].close()
        shutil.rmtree(self.folder / "prod")
        file = self.checkout / "sailplan.yaml"
        file.write_text(file.read_text().replace(self.tenants["prod"].url, "https://acme.api.identitynow.com"))
        self.serve("prod", "--fault", "stall PATCH seconds=5")
        self.main = self.commit("address")
        self.merge()
        self.plan("", tenant="prod")
        shutil.rmtree(self.checkout / ".sailplan-out", ignore_errors=True)
        shutil.rmtree(self.checkout / ".sailplan", ignore_errors=True)
        job = subprocess.Popen(
            ["bash", ".gitlab/sailplan-send.sh", "apply", f"{self.checkout}/.sailplan-plan/prod/plan.json"],
            cwd=self.checkout,
            env=self.environment(**self.runner()),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 30
        while not list((self.checkout / ".sailplan/receipts").glob("*.d/*.jsonl")) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.5)
        job.send_signal(signal.SIGTERM)
        self.assertEqual(job.wait(30), 130)
        self.assertIn("finishedAt", self.receipt("prod"))

    def test_a_second_attempt_starts_in_a_fresh_folder(self):
        self.merge()
        self.plan("", tenant="prod")
        state = self.tenants["prod"].state.read_text()
        self.apply("prod")
        first = self.receipt("prod")
        # Somebody put the value back; the same job run again sends the same plan.
        self.tenants["prod"].state.write_text(state)
        self.apply("prod", "--again")
        self.assertNotEqual(self.receipt("prod")["startedAt"], first["startedAt"])

    def test_files_of_the_branch_named_like_outputs_are_not_taken_for_them(self):
        lie = "**No changes.**\n<!-- sailplan:v1 workspace=sailplan.yaml selection=-%2Dtenant%20prod digest=x -->\n"
        for name in ("plan.md", ".sailplan-plan/prod/plan.md", ".sailplan-plan/prod/plan.json"):
            file = self.checkout / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(lie)
        self.git("add", "-f", ".")
        self.commit("outputs")
        wrong = (self.checkout / "sailplan.yaml").read_text()
        self.plan("note", "--no-such-flag", code=64)
        self.assertEqual(self.forge.notes, [])
        self.assertFalse((self.checkout / ".sailplan-plan/prod/plan.md").exists())
        (self.checkout / "sailplan.yaml").write_text(wrong)
        os.symlink(self.folder, self.checkout / ".sailplan-link")
        shutil.rmtree(self.checkout / ".sailplan-plan/prod")
        os.symlink(self.folder / "elsewhere", self.checkout / ".sailplan-plan/prod")
        self.plan("note")
        self.assertFalse((self.folder / "elsewhere").exists())
        self.assertEqual([note["text"] for note in self.forge.notes], [])

    def test_drift_has_an_issue_for_each_tenant_and_what_cannot_be_read_has_not_drifted(self):
        self.commit("drifted", base=CHANGED)
        for tenant in ("dev", "prod"):
            self.plan("issue", "--detailed-exitcode", tenant=tenant)
        titles = [write[2]["title"] for write in self.forge.writes]
        wanted = [f"SailPoint settings drifted: sailplan.yaml (--tenant {tenant})" for tenant in ("dev", "prod")]
        self.assertEqual(titles, wanted)
        before = [dict(issue) for issue in self.forge.issues]
        self.tenants["dev"].close()
        self.plan("issue", "--detailed-exitcode", "--retries=0", tenant="dev", code=1)
        self.assertEqual(self.forge.issues, before)

    def test_the_tenants_of_the_pipeline_are_those_of_the_workspace(self):
        self.job("sailplan-check.sh")
        file = self.checkout / ".gitlab-ci.yml"
        text = file.read_text()
        entry = "  - local: .gitlab/sailplan-tenant.yml\n    inputs: { tenant: prod, ring: prod }\n"
        self.assertIn(entry, text)
        file.write_text(text.replace(entry, ""))
        self.job("sailplan-check.sh", code=1)
        file.write_text(text)
        workspace = self.checkout / "sailplan.yaml"
        workspace.write_text(re.sub(r"  prod:\n(    .*\n)+", "", workspace.read_text()))
        merge_request = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_DIFF_BASE_SHA": self.main}
        # A tenant that leaves the workspace leaves control, and the base denies that.
        self.job("sailplan-check.sh", code=3, **merge_request)


del Example

if __name__ == "__main__":
    unittest.main()
