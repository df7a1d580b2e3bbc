"""Checks what the schemas of Kubernetes do not: that the pods of the given manifests have no more rights than they need, and that their
arguments are a command line of sailplan. The environment variable SAILPLAN names the program."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

SECURITY = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


def pods(document):
    """Yields the pods that a document makes."""
    spec = document.get("spec", {})
    if document["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    if "template" in spec:
        yield spec["template"]["spec"]


def wrong(pod):
    """Yields what a pod should not have."""
    if pod.get("automountServiceAccountToken") is not False:
        yield "it gets a token of the cluster"
    security = pod.get("securityContext", {})
    if security.get("runAsNonRoot") is not True or security.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield "it may run as root, or without seccomp"
    for word in ("hostNetwork", "hostPID", "hostIPC", "serviceAccountName"):
        if word in pod:
            yield f"it has {word}"
    kinds = {next(key for key in volume if key != "name") for volume in pod.get("volumes", [])}
    if kinds - {"secret", "persistentVolumeClaim", "emptyDir"}:
        yield f"it has volumes of the kinds {kinds}"
    for container in pod["containers"]:
        if container.get("securityContext") != SECURITY:
            yield "its container may do more than it needs"
        if "@sha256:" not in container["image"]:
            yield "its image is not named by its digest"
        if "memory" not in container.get("resources", {}).get("limits", {}):
            yield "its container may take any amount of memory"
        for variable in container.get("env", []):
            if any(word in variable["name"] for word in ("SECRET", "TOKEN", "PASSWORD")) and not (
                variable["name"] == "SAILPLAN_SECRETS_DIR" or "valueFrom" in variable
            ):
                yield f"{variable['name']} is written out"
        shards = [variable["value"] for variable in container.get("env", []) if variable["name"] == "SAILPLAN_SHARDS"]
        if ("auto" in container["args"]) != bool(shards):
            yield "--shard auto and SAILPLAN_SHARDS belong together"
        # The folder of the image is not here; what is wrong with the flags is found before it is looked for.
        command = [os.environ["SAILPLAN"], *container["args"], "--help"]
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            yield f"sailplan does not know {container['args']}"


found = []
for path in map(Path, sys.argv[1:]):
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        for pod in pods(document):
            found += [f"{path}: {what}" for what in wrong(pod)]
        spec = document.get("spec", {})
        if spec.get("completionMode") == "Indexed":
            containers = spec["template"]["spec"]["containers"]
            shards = {int(v["value"]) for c in containers for v in c["env"] if v["name"] == "SAILPLAN_SHARDS"}
            if shards != {spec["completions"]}:
                found.append(f"{path}: {spec['completions']} completions and SAILPLAN_SHARDS {shards}")
if found:
    sys.exit("\n".join(found))
