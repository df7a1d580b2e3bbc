"""Prints the pipeline that GitLab makes of a .gitlab-ci.yml: each local include in its place, with its inputs."""

import re
import sys
from pathlib import Path

ENTRY = re.compile(r"  - local: (\S+)\n    inputs: \{ (.*) \}\n")

top = Path(sys.argv[1])
text = top.read_text(encoding="utf-8")
included = []
for path, inputs in ENTRY.findall(text):
    jobs = (top.parent / path).read_text(encoding="utf-8").split("\n---\n")[1]
    for pair in inputs.split(", "):
        name, value = pair.split(": ")
        jobs = jobs.replace(f"$[[ inputs.{name} ]]", value)
    included.append(jobs)
if not included or "$[[" in "".join(included):
    sys.exit("an include or an input was not understood")
print(ENTRY.sub("", text).replace("\ninclude:\n", "\n"))
print("\n".join(included))
