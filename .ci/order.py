"""Writes build/order.ld anew: which functions the commands of every day run, as valgrind sees it, so that a program has them side
by side. A plan of one tenant then takes 3 MiB less memory and a tenth less time. To be run after large changes, or when
docs/speed.md is measured again: an old list only leaves functions where they would be without it.

    CARGO_PROFILE_RELEASE_STRIP=none cargo build --release --locked
    python3 .ci/order.py target/release/sailplan
"""

import bisect
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

# From so many tenants on, a plan uses several threads.
TENANTS = 64
# Generic functions have one name for all types: those of a name of which less is run would be in the way of the others.
SHARE = 0.25
# Where valgrind loads a program. Of what stands in another section than .text it does not know that it is of the program.
LOADED_AT = 0x108000
# What the even tenants follow; the others what sailplan init writes.
OLD = """
jitActivationPolicy:
  entitlementIds: [ae735f40-4de9-4163-801d-4a1444e59d35, 2c9180837dfe6949017e208e25967b22]
  maxActivationPeriodMins: 90
  maxActivationPeriodExtensionMins: 30
  defaultMaxActivationPeriodMins: 60
  defaultMaxActivationPeriodExtensionMins: 15
  notificationRecipients: [owner@example.com]
  notificationTemplate: jit-activation-default
  applyToFutureAssignments: true
accessRequestConfig:
  apiVersion: beta
  approvalsMustBeExternal: true
  autoApprovalEnabled: false
  reauthorizationEnabled: false
  requestOnBehalfOfConfig:
    allowRequestOnBehalfOfAnyoneByAnyone: true
    allowRequestOnBehalfOfEmployeeByManager: true
  approvalReminderAndEscalationConfig:
    daysUntilEscalation: 0
    daysBetweenReminders: 0
    maxReminders: 1
    fallbackApproverRef: {type: IDENTITY, id: 5168015d32f890ca15812c9180835d2e, name: Alison, email: alison@example.com}
  entitlementRequestConfig:
    allowEntitlementRequest: true
    requestCommentsRequired: false
    deniedCommentsRequired: false
    grantRequestApprovalSchemes: entitlementOwner, sourceOwner, workgroup:2c918084660f45d6016617daa9210584
"""
PROGRAM = Path(sys.argv[1]).resolve()
ORDER = Path(__file__).resolve().parent.parent / "build/order.ld"


def addresses(counts):
    """Yields the address of every instruction of the program that was run."""
    objects, of, address = {}, None, 0
    for line in counts.read_text().splitlines():
        if found := re.match(r"c?ob=\((\d+)\)(?: (.*))?", line):
            objects[found[1]] = found[2] or objects[found[1]]
            of = objects[found[1]] if line[0] == "o" else of
        elif found := re.match(r"(0x[0-9a-f]+|[+-]\d+|\*) ", line):
            if found[1].startswith("0x"):
                address = int(found[1], 16)
            elif found[1] != "*":
                address += int(found[1])
            if of == str(PROGRAM):
                yield address
            elif of == "???":
                yield address - LOADED_AT


def name_of(symbol):
    """Returns a symbol without the hashes of crates and types, which are others with every version."""
    symbol = re.sub(r"17h[0-9a-f]{16}E.*", "17h*", symbol)
    return re.sub(r"Cs[0-9A-Za-z]{8,14}_", "Cs*_", symbol) if symbol.startswith("_R") else symbol


def functions():
    """Returns the functions of the program by address: where each begins, its length and its name."""
    lines = subprocess.run(["nm", "--print-size", "-n", PROGRAM], capture_output=True, check=True, text=True).stdout.splitlines()
    fields = [line.split(" ", 3) for line in lines]
    return [(int(at, 16), int(size, 16), name_of(name)) for at, size, kind, name in (it for it in fields if len(it) == 4 and it[0]) if kind in "tTwW"]


def commands(folder, environment):
    """Yields the counts of the commands of every day."""
    def count(*args):
        counts = folder / "counts"
        valgrind = ["valgrind", "--quiet", "--tool=callgrind", "--dump-instr=yes", f"--callgrind-out-file={counts}"]
        subprocess.run([*valgrind, PROGRAM, *args, "--fresh", "600"], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return counts

    yield count("plan", "--tenant", "t0")
    yield count("plan", "--tenant", "t1")
    yield count("plan")
    yield count("validate")
    yield count("apply", "--yes")


def main():
    environment = {"PATH": os.environ["PATH"], "ID": "client", "SECRET": "secret-of-the-order", "SAILPLAN_ALLOWED_HOSTS": "127.0.0.1:*"}
    # With each function the first command that runs it.
    servers, run = [], {}
    every = functions()
    begins = [at for at, _, _ in every]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([PROGRAM, "init", "--ci", "none", "--quiet"], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        new = (folder / "settings/base.yaml").read_text()
        workspace = ["tenants:"]
        for number in range(TENANTS):
            serve = [PROGRAM, "practice", "--listen", "127.0.0.1:0", "--state", f"t{number}.json"]
            servers.append(subprocess.Popen(serve, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
            url = re.search(r"http://\S+", servers[-1].stdout.readline())[0]
            (folder / f"settings/t{number}.yaml").write_text(new if number % 2 else OLD)
            workspace += [f"  t{number}: {{url: '{url}', clientId: '${{ID}}', clientSecret: '${{SECRET}}', settings: [settings/t{number}.yaml]}}"]
        (folder / "sailplan.yaml").write_text("\n".join(workspace) + "\n")
        try:
            for number, counts in enumerate(commands(folder, environment)):
                for address in set(addresses(counts)):
                    function = bisect.bisect_right(begins, address) - 1
                    if function >= 0 and address < begins[function] + every[function][1]:
                        run.setdefault(function, number)
        finally:
            for server in servers:
                server.terminate()
    whole, part, first = Counter(), Counter(), {}
    for number, (_, size, function) in enumerate(every):
        whole[function] += size
        if number in run:
            part[function] += size
            first[function] = min(run[number], first.get(function, run[number]))
    often = sorted(part, key=lambda it: (part[it] < SHARE * whole[it], first[it], it))
    sections = [f"    *(.text.{function} .text.unlikely.{function})" for function in often]
    about = "/* The functions that the commands of every day run. .ci/order.py writes this file. */"
    ORDER.write_text("\n".join([about, "SECTIONS {", "  .text.often : {", *sections, "  }", "}", "INSERT BEFORE .text;", ""]))
    print(f"{len(often)} names, {sum(whole[function] for function in often)} bytes")


main()
