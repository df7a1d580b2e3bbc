"""The steps of examples/shell, for any CI that starts a shell, with the real sailplan."""

import json
import re
import unittest

from example import BASE, CHANGED, Example


class Shell(Example):
    example = "shell"

    def setUp(self):
        super().setUp()
        (self.checkout / "settings").mkdir()
        (self.checkout / "sailplan.yaml").write_text(
            "tenants:\n  prod:\n    url: https://acme.api.identitynow.com\n    clientId: ${SAILPOINT_CLIENT_ID}\n"
            "    clientSecret: ${SAILPOINT_CLIENT_SECRET}\n    settings: [settings/base.yaml]\n"
            "    guardrails: {deny: [loosens]}\n"
        )
        self.serve("prod")
        self.main = self.commit("start", base=BASE)
        self.out = self.folder / "out"

    def step(self, *args, code=0, **environment):
        return self.bash("sailplan-ci.sh", *args, code=code, environment={"SAILPLAN_OUT": str(self.out)} | environment)

    def test_from_check_to_apply(self):
        self.commit("change", base=CHANGED)
        self.step("check", self.main, SAILPOINT_CLIENT_ID="", SAILPOINT_CLIENT_SECRET="")
        self.step("plan", "prod", self.main)
        self.assertEqual(sorted(file.name for file in self.out.iterdir()), ["plan.html", "plan.json", "plan.md"])
        plan = self.folder / "plan.json"
        (self.out / "plan.json").rename(plan)
        known = {"SAILPLAN_APPROVED_BY": "ann", "SAILPLAN_RUN_URL": "https://ci.example/7", "SAILPLAN_PULL_REQUEST": "5"}
        self.step("apply", "prod", str(plan), **known)
        self.assertEqual(self.tenants["prod"].minutes(), 60)
        (file,) = (self.out / "receipts").glob("*.json")
        evidence = json.loads(file.read_text())["evidence"]
        self.assertEqual(evidence["approval"]["approvers"], ["ann"])
        self.assertEqual(evidence["ci"], {"url": "https://ci.example/7", "pullRequest": "5"})
        self.step("drift", "prod")
        self.commit("more", base="jitActivationPolicy: {maxActivationPeriodMins: 1h, notificationTemplate: other}\n")
        self.step("drift", "prod", code=2)
        self.tenants["prod"].close()
        self.step("drift", "prod", code=1, SAILPLAN_FLAGS="--retries=0")

    def test_a_loss_of_control_fails_the_check(self):
        text = (self.checkout / "sailplan.yaml").read_text()
        (self.checkout / "sailplan.yaml").write_text(re.sub(r"\bprod:", "other:", text).replace("http://127", "https://acme.api.identitynow.com #"))
        self.commit("prod is gone")
        self.step("check", self.main, code=3)


del Example

if __name__ == "__main__":
    unittest.main()
