"""The workflows of examples/github, job by job: their scripts, the real sailplan, and GitHub in memory."""

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

ACTION = ".github/actions/sailplan"


class GitHub(Example):
    example = "github"

    def setUp(self):
        super().setUp()
        for name in ("dev", "prod"):
            self.serve(name)
        (self.checkout / "settings/prod.yaml").unlink()
        file = self.checkout / "sailplan.yaml"
        file.write_text(file.read_text().replace(", settings/prod.yaml", ""))
        self.main = self.commit("start", base=BASE)
        self.git("clone", "-q", "--bare", ".", str(self.folder / "origin.git"))
        self.git("remote", "add", "origin", str(self.folder / "origin.git"))
        self.run_id = 0

    def step(self, script, *args, code=0, **environment):
        """Runs a script of the action as a step, and returns its outputs, summary and what it printed."""
        outputs, summary = self.folder / "outputs", self.folder / "summary"
        for file in (outputs, summary):
            file.write_text("")
        printed = self.bash(f"{ACTION}/{script}", *args, environment=self.runner() | environment, code=code)
        told = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
        return told, summary.read_text(), printed

    def runner(self):
        return {
            "http_proxy": self.forge.url,
            "GITHUB_ACTIONS": "true",
            "GITHUB_SERVER_URL": "https://github.localhost",
            "GITHUB_REPOSITORY": "acme/iam",
            "GITHUB_SHA": self.git("rev-parse", "HEAD"),
            "GITHUB_REF_NAME": "main",
            "GITHUB_RUN_ID": str(self.run_id),
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_TRIGGERING_ACTOR": "lisa",
            "GITHUB_WORKFLOW_REF": "acme/iam/.github/workflows/sailplan.yml@refs/heads/main",
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "RUNNER_TEMP": str(self.folder),
            "GH_TOKEN": "token",
            "GH_CONFIG_DIR": str(self.folder / "gh"),
        }

    def action(self, command, *args, **environment):
        """Runs the steps of the action that run sailplan and show its results; returns the outputs and the summary."""
        told, _, _ = self.step("folder.sh")
        shared = {"SAILPLAN_COMMAND": command, "SAILPLAN_FOLDER": told["directory"]} | environment
        ran, _, printed = self.step("run.sh", SAILPLAN_ARGS="\n".join(args), **shared)
        _, summary, _ = self.step("results.sh", **shared)
        return told | ran, summary, printed

    def fresh_runner(self):
        """Another job has another disk: nothing but the checkout."""
        shutil.rmtree(self.checkout / ".sailplan", ignore_errors=True)

    def keep(self, name, directory):
        """Keeps a folder as an artefact of this run."""
        folder = Path(directory)
        files = {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}
        self.forge.artefacts[(self.run_id, name)] = files

    def comment(self, outputs):
        self.step(
            "comment.sh",
            SAILPLAN_AUTHOR=ME["github"],
            SAILPLAN_PULL="5",
            SAILPLAN_NEWS=outputs["news"],
            SAILPLAN_MARKDOWN=outputs["markdown"],
        )

    def issue(self, outputs):
        said = {"SAILPLAN_DRIFT": outputs["drift"], "SAILPLAN_MARKDOWN": outputs["markdown"]}
        return self.step("issue.sh", SAILPLAN_AUTHOR=ME["github"], **said)[2]

    def pull_request(self, run_id=71, number=5, text=CHANGED, base="main"):
        """Plays a pull request: a branch, its run with the jobs check and plan, and its artefacts."""
        self.git("switch", "-q", "-c", f"change-{number}", base)
        head = self.commit("change", base=text)
        self.git("switch", "-q", "--detach", base)
        self.git("merge", "-q", "--no-ff", "-m", "merged", f"change-{number}")
        self.run_id = run_id
        checked, _, _ = self.action("validate", "--base=HEAD^1")
        self.assertEqual(checked["exit-code"], "0")
        listed, _, _ = self.step("tenants.sh")
        self.assertEqual(listed, {"tenants": '["dev","prod"]', "rings": '{"dev":"dev","prod":"prod"}'})
        for tenant in json.loads(listed["tenants"]):
            planned, summary, printed = self.action("plan", f"--tenant={tenant}", "--base=HEAD^1")
            self.assertEqual((planned["exit-code"], planned["news"]), ("0", "true"), printed)
            self.assertEqual(Path(planned["markdown"]).read_text(), summary)
            self.assertRegex(printed, r"(?m)^::notice file=settings/base\.yaml,line=1")
            if number == 5:
                self.comment(planned)
            self.keep(f"sailplan-plan-{number}-{tenant}", planned["directory"])
        self.forge.runs.append({"id": run_id, "head_sha": head, "head_repository": {"full_name": "acme/iam"}})
        return head

    def merge(self, head, number=5):
        self.git("switch", "-q", "main")
        self.git("merge", "-q", "--no-ff", "-m", "merged", f"change-{number}")
        merged = {"merged_at": "now", "merge_commit_sha": self.git("rev-parse", "HEAD"), "base": {"ref": "main"}}
        self.forge.pulls.append(merged | {"number": number, "head": {"sha": head}})
        self.fresh_runner()

    def approved(self, tenant):
        """Plays the job that shows the reviewers of the environment what they approve; returns the summary."""
        folder = self.folder / f"all/sailplan-approved-{tenant}"
        told, _, _ = self.step("approved-plan.sh", SAILPLAN_TENANT=tenant, SAILPLAN_FOLDER=str(folder))
        self.assertEqual(told, {"plan": f"{folder}/plan.json"})
        self.assertEqual(os.listdir(folder), ["plan.json"])
        fresh, summary, _ = self.action("plan", f"--tenant={tenant}", f"--against={told['plan']}")
        shutil.copy(f"{fresh['directory']}/plan.json", folder / "fresh.json")
        return summary

    def due(self):
        rings = '{"dev":"dev","prod":"prod"}'
        return self.step("due.sh", SAILPLAN_FOLDER=str(self.folder / "all"), SAILPLAN_RINGS=rings)[0]

    def apply(self, tenant, *args, code="0"):
        """Plays the job that applies; returns its outputs."""
        self.fresh_runner()
        known, _, _ = self.step("evidence.sh", SAILPLAN_ENVIRONMENT=tenant)
        applied, summary, printed = self.action(
            "apply",
            f"{self.folder}/all/sailplan-approved-{tenant}/plan.json",
            *args,
            SAILPLAN_PULL_REQUEST=known["pull-request"],
            SAILPLAN_APPROVED_BY=known["approved-by"],
        )
        self.assertEqual(applied["exit-code"], code, printed)
        self.assertIn("\n    ", summary)
        return applied

    def receipts(self, *args):
        return self.bash("-c", 'sailplan receipts "$@"', "sailplan", *args, environment={})

    def test_from_pull_request_to_apply_ring_by_ring_and_a_year_later(self):
        head = self.pull_request()
        # One comment for each tenant, and a later run updates it.
        self.assertEqual([note["id"] for note in self.forge.notes], [101, 102])
        for note, tenant in zip(self.forge.notes, ("dev", "prod")):
            self.assertIn(f"selection=-%2Dtenant%20{tenant} digest=", note["text"])
        self.merge(head)
        self.run_id = 99
        for tenant in ("dev", "prod"):
            self.assertIn("1 setting to change", self.approved(tenant))
        self.assertEqual(self.due(), {"dev": '["dev"]', "stage": "[]", "prod": '["prod"]'})
        self.forge.reviews = [
            {"user": {"login": "ann"}, "state": "APPROVED"},
            {"user": {"login": "bob"}, "state": "APPROVED"},
            {"user": {"login": "bob"}, "state": "CHANGES_REQUESTED"},
            {"user": {"login": "cy"}, "state": "COMMENTED"},
        ]
        self.forge.approvals = [
            {"state": "approved", "environments": [{"name": "prod"}], "user": {"login": "dana"}},
            {"state": "rejected", "environments": [{"name": "prod"}], "user": {"login": "eve"}},
            {"state": "approved", "environments": [{"name": "other"}], "user": {"login": "fay"}},
        ]
        archive = self.folder / "archive"
        for tenant in ("dev", "prod"):
            applied = self.apply(tenant)
            self.assertEqual(self.tenants[tenant].minutes(), 60)
            shutil.copytree(Path(applied["directory"]) / "receipts", archive / tenant)
        evidence = json.loads(next((archive / "prod").glob("*.json")).read_text())["evidence"]
        self.assertEqual(
            evidence["ci"],
            {
                "url": "https://github.localhost/acme/iam/actions/runs/99/attempts/1",
                "attempt": "1",
                "pullRequest": "5",
                "actor": "lisa",
                "commit": self.git("rev-parse", "HEAD"),
            },
        )
        self.assertEqual(evidence["checkout"], {"commit": self.git("rev-parse", "HEAD"), "dirty": False})
        self.assertEqual(evidence["approval"]["approvers"], ["ann (review)", "dana (environment)"])
        told = self.receipts(str(archive / "prod"), "--tenant", "prod", "--setting", "maxActivationPeriodMins")
        for fact in (
            "run by: lisa (as the CI says)",
            "by ann (review), dana (environment) (as the CI says)",
            "CI: pull request 5",
            "prod jitActivationPolicy.maxActivationPeriodMins: 2h (120 min) -> 1h (60 min)",
            "1 receipt.",
        ):
            self.assertIn(fact, " ".join(told.split()))  # it is wrapped
        # Everything is as the settings say, so nothing is due any more.
        shutil.rmtree(self.folder / "all")
        for tenant in ("dev", "prod"):
            self.approved(tenant)
        self.assertEqual(self.due(), {"dev": "[]", "stage": "[]", "prod": "[]"})

    def test_what_github_does_not_tell_holds_nothing_up(self):
        self.merge(self.pull_request())
        self.forge.reviews = self.forge.approvals = None
        known, _, printed = self.step("evidence.sh", SAILPLAN_ENVIRONMENT="prod")
        self.assertEqual(known, {"pull-request": "5", "approved-by": ""})
        self.forge.pulls = []
        known, _, _ = self.step("evidence.sh", SAILPLAN_ENVIRONMENT="prod")
        self.assertEqual(known, {"pull-request": "", "approved-by": ""})

    def test_a_rollback_by_hand_opens_the_pull_request_that_takes_the_settings_back(self):
        head = self.pull_request()
        self.merge(head)
        self.run_id = 99
        self.approved("prod")
        applied = self.apply("prod")
        self.keep("sailplan-receipt-prod-1", applied["directory"])
        self.run_id = 120
        asked = {"SAILPLAN_RUN": "99", "SAILPLAN_ATTEMPT": "1", "SAILPLAN_TENANT": "prod"}
        self.fresh_runner()
        told, _, _ = self.step("receipt.sh", **asked)
        preview, summary, _ = self.action("rollback-plan", told["receipt"])
        self.assertEqual((preview["exit-code"], preview["changes"]), ("0", "1"))
        self.assertIn("1 setting to change", summary)
        self.fresh_runner()
        told, _, _ = self.step("receipt.sh", **asked)
        back, summary, printed = self.action("rollback", told["receipt"], f"--approved={preview['digest']}", "--accept")
        self.assertEqual(back["exit-code"], "0", printed)
        self.assertIn("Rollback complete!", summary)
        self.assertEqual((self.tenants["prod"].minutes(), self.tenants["dev"].minutes()), (120, 120))
        patch = self.folder / "revert.patch"
        patch.write_text(self.git("diff", "--binary") + "\n")
        self.git("checkout", "-q", ".")
        self.step("revert.sh", SAILPLAN_PATCH=str(patch), **asked)
        (_, path, sent), = [write for write in self.forge.writes if write[1].endswith("/pulls")]
        self.assertEqual((sent["head"], sent["base"]), ("sailplan-revert-120-1", "main"))
        branch = self.git("--git-dir", str(self.folder / "origin.git"), "show", f"{sent['head']}:settings/base.yaml")
        self.assertEqual(branch + "\n", BASE)
        # What another tenant or attempt left is not there.
        self.step("receipt.sh", code=1, **(asked | {"SAILPLAN_ATTEMPT": "2"}))
        self.step("receipt.sh", code=64, **(asked | {"SAILPLAN_RUN": "99; id"}))

    def test_a_cancelled_apply_leaves_its_receipt(self):
        self.tenants["prod"].close()
        shutil.rmtree(self.folder / "prod")
        file = self.checkout / "sailplan.yaml"
        file.write_text(file.read_text().replace(self.tenants["prod"].url, "https://acme.api.identitynow.com"))
        self.serve("prod", "--fault", "stall PATCH seconds=5")
        self.commit("address")
        head = self.pull_request()
        self.merge(head)
        self.run_id = 100
        self.approved("prod")
        self.fresh_runner()
        told, _, _ = self.step("folder.sh")
        shared = {"SAILPLAN_COMMAND": "apply", "SAILPLAN_FOLDER": told["directory"]}
        plan = f"{self.folder}/all/sailplan-approved-prod/plan.json"
        # As the runner starts a step: its shell alone gets the signal.
        job = subprocess.Popen(
            ["bash", "-e", "-c", f'exec bash "{ACTION}/run.sh"'],
            cwd=self.checkout,
            env=self.environment(**self.runner(), **shared, SAILPLAN_ARGS=plan),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        receipts = self.checkout / ".sailplan/receipts"
        until = time.monotonic() + 30
        while not list(receipts.glob("*.d/*.jsonl")) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.5)
        (self.folder / "outputs").write_text("")
        job.send_signal(signal.SIGINT)
        self.assertEqual(job.wait(30), 0)
        self.assertIn("exit-code=130", (self.folder / "outputs").read_text().splitlines())
        _, summary, _ = self.step("results.sh", **shared)
        kept = list((Path(told["directory"]) / "receipts").glob("*.json"))
        self.assertEqual(len(kept), 1, summary)
        tenant = json.loads(kept[0].read_text())["tenants"][0]
        self.assertEqual((tenant["name"], [entry["outcome"] for entry in tenant["resources"]]), ("prod", ["applied"]))
        self.assertEqual(self.tenants["prod"].minutes(), 60)

    def test_a_second_attempt_finishes_what_the_first_one_left(self):
        head = self.pull_request()
        self.merge(head)
        self.run_id = 99
        self.approved("prod")
        address = self.tenants["prod"].url
        self.tenants["prod"].close()
        failed = self.apply("prod", "--retries=0", code="1")
        self.keep("sailplan-receipt-prod-1", failed["directory"])
        self.assertEqual(self.tenants["prod"].minutes(), 120)
        port = address.rsplit(":", 1)[1]
        restarted = subprocess.Popen(
            [self.folder / "sailplan/bin/sailplan", "practice", "--listen", f"127.0.0.1:{port}"]
            + ["--state", self.tenants["prod"].state],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.addCleanup(restarted.stdout.close)
        self.addCleanup(restarted.wait)
        self.addCleanup(restarted.kill)
        restarted.stdout.readline()
        done = self.apply("prod")
        self.assertEqual(self.tenants["prod"].minutes(), 60)
        self.assertNotEqual(done["directory"], failed["directory"])

    def test_a_plan_of_another_pull_request_or_base_is_not_taken(self):
        head = self.pull_request()
        # The same head in another pull request, planned against a branch that asks for something else.
        self.git("switch", "-q", "-c", "evil-base", self.main)
        self.commit("evil", prod="jitActivationPolicy: {maxActivationPeriodMins: 90m}\n")
        self.git("switch", "-q", "--detach", "evil-base")
        self.git("merge", "-q", "--no-ff", "-m", "merged", "change-5")
        self.run_id = 80
        planned, _, _ = self.action("plan", "--tenant=prod", "--base=HEAD^1")
        self.keep("sailplan-plan-9-prod", planned["directory"])
        self.forge.runs.insert(0, {"id": 80, "head_sha": head, "head_repository": {"full_name": "acme/iam"}})
        self.merge(head)
        folder = self.folder / "one"
        told, summary, _ = self.step("approved-plan.sh", SAILPLAN_TENANT="prod", SAILPLAN_FOLDER=str(folder))
        self.assertIn("planned in run 71", summary)
        # And one that says it is of this pull request, but was made against that branch.
        self.forge.artefacts[(71, "sailplan-plan-5-prod")] = self.forge.artefacts[(80, "sailplan-plan-9-prod")]
        _, _, printed = self.step("approved-plan.sh", code=1, SAILPLAN_TENANT="prod", SAILPLAN_FOLDER=str(folder))
        self.assertRegex(printed, r"::error::The plan of run 71 was made against \w+, which was never on main")

    def test_files_of_the_branch_named_like_outputs_are_not_taken_for_them(self):
        for name in ("plan.json", "plan.md", "plan.html", "receipt.json", "output.txt"):
            (self.checkout / name).write_text("<!-- sailplan:v1 workspace=sailplan.yaml digest=x -->\nNo changes.\n")
        self.commit("outputs")
        wrong, summary, _ = self.action("plan", "--tenant=nobody")
        self.assertEqual((wrong["exit-code"], wrong["markdown"], summary), ("64", "", ""))
        planned, summary, _ = self.action("plan", "--tenant=dev")
        self.assertTrue(Path(planned["markdown"]).is_relative_to(self.folder) and "No changes" in summary, summary)
        self.assertFalse(Path(planned["markdown"]).is_relative_to(self.checkout))

    def test_drift_has_an_issue_for_each_tenant_and_what_cannot_be_read_has_not_drifted(self):
        for tenant in ("dev", "prod"):
            quiet, _, _ = self.action("plan", f"--tenant={tenant}", "--detailed-exitcode")
            self.assertEqual((quiet["exit-code"], quiet["drift"]), ("0", "false"))
            self.issue(quiet)
        self.assertEqual(self.forge.issues, [])
        self.commit("drifted", base=CHANGED)
        for tenant in ("dev", "prod"):
            drifted, _, _ = self.action("plan", f"--tenant={tenant}", "--detailed-exitcode")
            self.assertEqual((drifted["exit-code"], drifted["drift"]), ("2", "true"))
            self.issue(drifted)
        titles = [write[2].get("title") for write in self.forge.writes]
        self.assertEqual(
            titles,
            [f"SailPoint settings drifted: sailplan.yaml (--tenant {tenant})" for tenant in ("dev", "prod")],
        )
        before = [dict(issue) for issue in self.forge.issues]
        self.tenants["dev"].close()
        unread, _, _ = self.action("plan", "--tenant=dev", "--detailed-exitcode", "--retries=0")
        self.assertEqual((unread["exit-code"], unread["drift"]), ("1", "unknown"))
        self.assertIn("Not everything could be read", self.issue(unread))
        self.assertEqual(self.forge.issues, before)

    def test_a_loss_of_control_fails_the_check_without_credentials(self):
        text = (self.checkout / "sailplan.yaml").read_text()
        (self.checkout / "sailplan.yaml").write_text(re.sub(r"  prod:\n(    .*\n)+", "", text))
        self.commit("prod is gone")
        bare = {"SAILPOINT_CLIENT_ID": "", "SAILPOINT_CLIENT_SECRET": ""}
        checked, _, printed = self.action("validate", "--base=HEAD^1", **bare)
        self.assertEqual(checked["exit-code"], "3", printed)

    def test_a_tenant_without_a_ring_is_named(self):
        text = (self.checkout / "sailplan.yaml").read_text()
        (self.checkout / "sailplan.yaml").write_text(text.replace("labels: { ring: dev }", "labels: { ring: test }"))
        told, _, printed = self.step("tenants.sh", code=1)
        self.assertEqual(told, {})
        self.assertIn("::error::No ring, so no job: dev.", printed)
        self.assertEqual(self.step("tenants.sh", SAILPLAN_TENANT="prod")[0]["tenants"], '["prod"]')


del Example

if __name__ == "__main__":
    unittest.main()
