"""Hands every shell script inside CI files to shellcheck: `run`, `bash`, `script` and `before_script`."""

import re
import subprocess
import sys

from ruamel.yaml import YAML


def scripts(node, place=""):
    """Yields the place and the text of every script under a node."""
    if isinstance(node, list):
        for index, one in enumerate(node):
            yield from scripts(one, f"{place}/{index}")
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key in ("run", "bash") and isinstance(value, str):
            yield f"{place}/{key}", value
        elif key in ("script", "before_script") and isinstance(value, list):
            yield f"{place}/{key}", "\n".join(value)
        else:
            yield from scripts(value, f"{place}/{key}")


failed = False
seen = 0
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        tree = YAML(typ="safe").load(file)
    for place, text in scripts(tree):
        # What the forge puts in before the shell sees it is some word to the shell.
        text = re.sub(r"\$\{\{.*?\}\}|\$\([A-Za-z]+\.[A-Za-z]+\)", "0", text)
        # SC2034, SC2154: variables come from the environment and go to the next part of the script.
        # SC2086: arguments in a variable, split on purpose.
        checker = ["shellcheck", "--shell=bash", "--exclude=SC2034,SC2154,SC2086", "-"]
        result = subprocess.run(checker, input=text, text=True, capture_output=True)
        seen += 1
        if result.returncode:
            failed = True
            print(f"{name}{place}\n{result.stdout}{result.stderr}")
if not seen:
    sys.exit("no script found in the files named")
sys.exit(failed)
