"""Prints the pipeline that GitLab makes of a .gitlab-ci.yml: each local include in its place, with its inputs, and the defaults of its own."""

import re
import sys
from pathlib import Path

ENTRY = re.compile(r"  - local: (\S+)\n    inputs: \{ (.*) \}\n")
INPUT = re.compile(r"^    (\w+):\n((?:      .*\n)+)", re.MULTILINE)

top = Path(sys.argv[1])
header, text = top.read_text(encoding="utf-8").split("\n---\n")
# Without a default, no merge request would get a pipeline.
for name, lines in INPUT.findall(header + "\n"):
    text = text.replace(f"$[[ inputs.{name} ]]", re.search(r"default: (.*)", lines)[1])
included = []
for path, inputs in ENTRY.findall(text):
    jobs = (top.parent / path).read_text(encoding="utf-8").split("\n---\n")[1]
    for pair in inputs.split(", "):
        name, value = pair.split(": ")
        jobs = jobs.replace(f"$[[ inputs.{name} ]]", value)
    included.append(jobs)
if not included or "$[[" in text + "".join(included):
    sys.exit("an include or an input was not understood")
print(ENTRY.sub("", text).replace("\ninclude:\n", "\n"))
print("\n".join(included))
