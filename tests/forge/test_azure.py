"""The pipelines of examples/azure, job by job: their scripts, the real sailplan, and Azure DevOps in memory."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

from example import BASE, CHANGED, Example
from fake_forge import ME

SET = re.compile(r"##vso\[task\.setvariable variable=(\w+)(?:;isOutput=true)?\](.*)")


class Azure(Example):
    example = "azure"

    def setUp(self):
        super().setUp()
        for name in ("dev", "prod"):
            self.serve(name)
        (self.checkout / "settings/prod.yaml").unlink()
        file = self.checkout / "sailplan.yaml"
        file.write_text(file.read_text().replace(", settings/prod.yaml", ""))
        self.main = self.commit("start", base=BASE)
        self.attempt = 1

    def runner(self, tenant="prod", reason="IndividualCI"):
        return {
            "AGENT_TEMPDIRECTORY": str(self.folder / "temp"),
            "BUILD_REASON": reason,
            "BUILD_BUILDID": "900",
            "BUILD_REPOSITORY_ID": "3",
            "BUILD_REQUESTEDFOR": "Lisa",
            "BUILD_SOURCEVERSION": self.git("rev-parse", "HEAD"),
            "SYSTEM_ACCESSTOKEN": "token",
            "SYSTEM_COLLECTIONURI": f"{self.forge.url}/",
            "SYSTEM_JOBATTEMPT": str(self.attempt),
            "SYSTEM_PULLREQUEST_PULLREQUESTID": "5" if reason == "PullRequest" else "",
            "SYSTEM_STAGENAME": f"Apply_{tenant}",
            "SYSTEM_TEAMPROJECT": "team",
            "SYSTEM_TEAMPROJECTID": "team",
            "TF_BUILD": "True",
            "SAILPLAN_TENANT": tenant,
        }

    def fresh_agent(self):
        """Another job has another disk: nothing but the checkout."""
        shutil.rmtree(self.checkout / ".sailplan", ignore_errors=True)
        shutil.rmtree(self.folder / "temp", ignore_errors=True)
        (self.folder / "temp").mkdir()

    def job(self, script, *args, code=0, tenant="prod", reason="IndividualCI", **environment):
        """Runs a script as a step, and returns the variables that it sets and what it printed."""
        (self.folder / "temp").mkdir(exist_ok=True)
        environment = self.runner(tenant, reason) | environment
        printed = self.bash(f".azure/{script}", *args, environment=environment, code=code)
        return dict(SET.findall(printed)), printed

    def plan(self, tenant, reason="IndividualCI", *args, **environment):
        self.fresh_agent()
        told, printed = self.job("sailplan-plan.sh", *args, tenant=tenant, reason=reason, **environment)
        if Path(told["folder"], "plan.json").exists():
            # The artefact outlives the agent.
            kept = self.folder / told["artefact"]
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(told["folder"], kept)
        return told, printed

    def comment(self, told, tenant):
        markdown = f"{told['folder']}/plan.md"
        self.job("sailplan-thread.sh", markdown, told["news"], tenant=tenant, reason="PullRequest")

    def merge(self):
        """Plays a pull request from its run to the merge."""
        self.git("switch", "-q", "-c", "change")
        self.commit("change", base=CHANGED)
        self.git("switch", "-q", "--detach", "main")
        self.git("merge", "-q", "--no-ff", "-m", "merged", "change")
        self.job("sailplan-check.sh", reason="PullRequest", SAILPOINT_CLIENT_ID="", SAILPOINT_CLIENT_SECRET="")
        for tenant in ("dev", "prod"):
            told, printed = self.plan(tenant, "PullRequest")
            self.assertEqual((told["code"], told["news"], told["changes"]), ("0", "true", "1"), printed)
            self.assertIn(f"##vso[task.uploadsummary]{told['folder']}/plan.md", printed.splitlines())
            self.comment(told, tenant)
        self.git("branch", "-q", "-f", "main", "HEAD")
        self.git("switch", "-q", "main")
        people = [
            {"displayName": "Ann, A.", "vote": 10},
            {"displayName": "Bob", "vote": -5},
            {"displayName": "IAM policy", "vote": 10, "isContainer": True},
        ]
        self.forge.pulls = [{"pullRequestId": 5, "status": "completed", "reviewers": people}]
        self.forge.timeline = [
            {"id": "s1", "type": "Stage", "identifier": "Apply_prod"},
            {"id": "s2", "type": "Stage", "identifier": "Apply_dev"},
            {"id": "c1", "type": "Checkpoint", "parentId": "s1"},
            {"id": "c2", "type": "Checkpoint", "parentId": "s2"},
            {"id": "a1", "type": "Checkpoint.Approval", "parentId": "c1"},
            {"id": "a2", "type": "Checkpoint.Approval", "parentId": "c2"},
        ]
        steps = [
            {"status": "approved", "actualApprover": {"displayName": "Dana"}},
            {"status": "skipped", "actualApprover": {"displayName": "Eve"}},
        ]
        self.forge.approvals = {"a1": {"steps": steps}, "a2": {"steps": []}}

    def apply(self, tenant, *args, code=0):
        self.fresh_agent()
        known, _ = self.job("sailplan-evidence.sh", tenant=tenant)
        plan = f"{self.folder}/sailplan-plan-{tenant}-1/plan.json"
        return self.job("sailplan-send.sh", "apply", plan, *args, tenant=tenant, code=code, **known)

    def receipts(self):
        return [json.loads(file.read_text()) for file in (self.folder / "temp/sailplan-sent/receipts").glob("*.json")]

    def test_from_pull_request_to_apply_ring_by_ring(self):
        self.merge()
        self.assertEqual([note["id"] for note in self.forge.notes], [101, 102])
        for tenant, approvers in (("dev", ["Ann  A. (review)"]), ("prod", ["Ann  A. (review)", "Dana (environment)"])):
            told, _ = self.plan(tenant)
            self.assertEqual(told["changes"], "1")
            self.apply(tenant)
            self.assertEqual(self.tenants[tenant].minutes(), 60)
            (receipt,) = self.receipts()
            commit = self.git("rev-parse", "HEAD")
            self.assertEqual(
                receipt["evidence"]["ci"],
                {
                    "url": f"{self.forge.url}/team/_build/results?buildId=900",
                    "attempt": "1",
                    "pullRequest": "5",
                    "actor": "Lisa",
                    "commit": commit,
                },
            )
            self.assertEqual(receipt["evidence"]["approval"]["approvers"], approvers)
            self.assertEqual(receipt["evidence"]["checkout"], {"commit": commit, "dirty": False})
            told, _ = self.plan(tenant)
            self.assertEqual((told["code"], told["changes"], told["news"]), ("0", "0", "false"))

    def test_what_azure_does_not_tell_holds_nothing_up(self):
        self.merge()
        self.plan("dev")
        self.forge.pulls, self.forge.timeline = None, None
        self.apply("dev")
        self.assertNotIn("approvers", self.receipts()[0]["evidence"]["approval"])

    def test_a_rollback_by_hand_opens_the_pull_request_that_takes_the_settings_back(self):
        self.merge()
        self.plan("prod")
        self.apply("prod")
        sent = self.folder / "temp/sailplan-sent"
        files = {f"sailplan-receipt-prod-1/{file.relative_to(sent)}": file.read_text() for file in sent.rglob("*.*") if file.is_file()}
        self.forge.artefacts[(900, "sailplan-receipt-prod-1")] = files
        asked = {"SAILPLAN_RUN": "900", "SAILPLAN_ATTEMPT": "1"}
        self.fresh_agent()
        told, _ = self.job("sailplan-receipt.sh", **asked)
        preview, _ = self.job("sailplan-plan.sh", "rollback", told["RECEIPT"])
        self.assertEqual((preview["code"], preview["changes"]), ("0", "1"))
        self.fresh_agent()
        told, _ = self.job("sailplan-receipt.sh", **asked)
        back = ("sailplan-send.sh", "rollback", told["RECEIPT"], "--approved", preview["digest"], "--accept")
        _, printed = self.job(*back)
        self.assertIn("Rollback complete!", printed)
        self.assertEqual((self.tenants["prod"].minutes(), self.tenants["dev"].minutes()), (120, 120))
        self.job("sailplan-revert.sh", **asked)
        push, pull = [write[2] for write in self.forge.writes if write[0] == "POST"][-2:]
        self.assertEqual(push["refUpdates"][0]["name"], "refs/heads/sailplan-revert-900-1")
        (edit,) = push["commits"][0]["changes"]
        self.assertEqual((edit["item"]["path"], edit["newContent"]["content"]), ("/settings/base.yaml", BASE))
        self.assertEqual((pull["sourceRefName"], pull["targetRefName"]), ("refs/heads/sailplan-revert-900-1", "refs/heads/main"))
        self.job("sailplan-receipt.sh", code=64, SAILPLAN_RUN="900&x", SAILPLAN_ATTEMPT="1")
        self.job("sailplan-receipt.sh", code=22, SAILPLAN_RUN="901", SAILPLAN_ATTEMPT="1")

    def test_a_cancelled_apply_leaves_its_receipt(self):
        self.tenants["prod"].close()
        shutil.rmtree(self.folder / "prod")
        file = self.checkout / "sailplan.yaml"
        file.write_text(file.read_text().replace(self.tenants["prod"].url, "https://acme.api.identitynow.com"))
        self.serve("prod", "--fault", "stall PATCH seconds=5")
        self.commit("address")
        self.merge()
        self.plan("prod")
        self.fresh_agent()
        plan = f"{self.folder}/sailplan-plan-prod-1/plan.json"
        job = subprocess.Popen(
            ["bash", "-c", f"exec bash .azure/sailplan-send.sh apply '{plan}'"],
            cwd=self.checkout,
            env=self.environment(**self.runner()),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 30
        while not list((self.checkout / ".sailplan/receipts").glob("*.d/*.jsonl")) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.5)
        job.send_signal(signal.SIGINT)
        self.assertEqual(job.wait(30), 130)
        self.assertIn("finishedAt", self.receipts()[0])

    def test_a_second_attempt_has_artefacts_of_its_own(self):
        self.merge()
        first, _ = self.plan("prod")
        self.attempt = 2
        second, _ = self.plan("prod")
        self.assertEqual([first["artefact"], second["artefact"]], ["sailplan-plan-prod-1", "sailplan-plan-prod-2"])
        self.assertNotEqual(first["folder"], second["folder"])

    def test_drift_and_what_cannot_be_read_are_told_apart(self):
        self.commit("drifted", base=CHANGED)
        told, printed = self.plan("prod", "Schedule")
        self.assertEqual((told["code"], told["changes"]), ("2", "1"))
        self.assertIn("##vso[task.logissue type=error]prod drifted: 1 to change", printed)
        self.tenants["prod"].close()
        told, printed = self.plan("prod", "Schedule", SAILPLAN_FLAGS="--retries=0")
        self.assertEqual(told["code"], "1")
        self.assertIn("##vso[task.logissue type=error]prod could not be read", printed)

    def test_drift_has_a_work_item_that_is_closed_when_it_is_gone(self):
        def night(tenant="prod", **environment):
            told, _ = self.plan(tenant, "Schedule", **environment)
            plan = f"{told['folder']}/plan.json"
            self.job("sailplan-drift.sh", plan, told["drift"], tenant=tenant, reason="Schedule", SAILPLAN_WORK_ITEM="Issue")
            return told["drift"], [(item["Title"], item["State"]) for item in self.forge.work_items]

        self.assertEqual(night(), ("false", []))
        self.commit("drifted", base="jitActivationPolicy: {maxActivationPeriodMins: 1h, notificationTemplate: a<b>c}\n")
        mine = ("SailPoint settings drifted: prod", "To Do")
        self.assertEqual(night(), ("true", [mine]))
        self.assertEqual(night(), ("true", [mine]))
        description = self.forge.work_items[0]["Description"]
        self.assertIn("_build/results?buildId=900", description)
        self.assertIn("a&lt;b&gt;c", description)
        self.assertNotIn("<b>", description)
        self.assertEqual(night(tenant="dev"), ("true", [mine, ("SailPoint settings drifted: dev", "To Do")]))
        before = [dict(item) for item in self.forge.work_items]
        self.commit("as it was", base=BASE)
        self.assertEqual(night()[0], "false")
        self.assertEqual([item["State"] for item in self.forge.work_items], ["Done", "To Do"])
        self.tenants["dev"].close()
        self.assertEqual(night(tenant="dev", SAILPLAN_FLAGS="--retries=0")[0], "unknown")
        self.assertEqual(self.forge.work_items[1], before[1])

    def test_files_of_the_branch_named_like_outputs_are_not_taken_for_them(self):
        for name in ("plan.json", "plan.md", "sailplan-plan/plan.md"):
            file = self.checkout / name
            file.parent.mkdir(exist_ok=True)
            file.write_text("<!-- sailplan:v1 workspace=sailplan.yaml digest=x -->\nNo changes.\n")
        self.commit("outputs")
        told, printed = self.plan("prod", SAILPLAN_FLAGS="--no-such-flag")
        self.assertEqual((told["code"], told["news"], os.listdir(told["folder"])), ("64", "", []))
        self.assertNotIn("uploadsummary", printed)

    def test_the_tenants_of_the_pipeline_are_those_of_the_workspace(self):
        self.job("sailplan-check.sh")
        file = self.checkout / "azure-pipelines.yml"
        text = file.read_text()
        file.write_text(text.replace("after: [dev]", "after: []"))
        _, printed = self.job("sailplan-check.sh", code=1)
        self.assertIn("<     parameters: { tenant: prod, ring: prod, after: [dev] }", printed)
        file.write_text(text)
        workspace = self.checkout / "sailplan.yaml"
        workspace.write_text(re.sub(r"  prod:\n(    .*\n)+", "", workspace.read_text()))
        self.commit("prod is gone")
        # A tenant that leaves the workspace leaves control, and the base denies that.
        self.job("sailplan-check.sh", code=3, reason="PullRequest")


del Example

if __name__ == "__main__":
    unittest.main()
