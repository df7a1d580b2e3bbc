"""Prints the software bill of materials of a release as CycloneDX JSON: every crate that is compiled into the program.

    cargo metadata --locked --format-version 1 --filter-platform TARGET | python3 .ci/sbom.py
"""

import json
import sys


def main():
    metadata = json.load(sys.stdin)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = metadata["resolve"]["root"]
    # What tests alone need is not in the program.
    wanted, todo = {}, [root]
    while todo:
        name = todo.pop()
        if name not in wanted:
            kinds = nodes[name]["deps"]
            wanted[name] = sorted(
                dep["pkg"] for dep in kinds if any(kind["kind"] != "dev" for kind in dep["dep_kinds"])
            )
            todo.extend(wanted[name])

    def url(package):
        return f"pkg:cargo/{package['name']}@{package['version']}"

    def component(package):
        found = {"type": "library", "bom-ref": url(package), "name": package["name"], "version": package["version"]}
        if package.get("license"):
            # Older crates write "/" for OR.
            expression = " OR ".join(part.strip() for part in package["license"].split("/"))
            found["licenses"] = [{"expression": expression}]
        return found | {"purl": url(package)}

    others = sorted((packages[name] for name in wanted if name != root), key=url)
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": component(packages[root]) | {"type": "application"}},
        "components": [component(package) for package in others],
        "dependencies": [
            {"ref": url(packages[name]), "dependsOn": [url(packages[dep]) for dep in deps]}
            for name, deps in sorted(wanted.items(), key=lambda item: url(packages[item[0]]))
        ],
    }
    json.dump(document, sys.stdout, indent=2)
    print()


main()
