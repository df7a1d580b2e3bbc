#!/usr/bin/env bash
# Takes the program of the stage that has no credentials only if its SHA-256 is the one that that stage told, and puts it
# where the other scripts look for it.
# SAILPLAN_SHA256 is that hash.
set -euo pipefail
if ! echo "$SAILPLAN_SHA256  $PIPELINE_WORKSPACE/sailplan-program/sailplan" | sha256sum --check --status; then
    echo "##vso[task.logissue type=error]The artefact sailplan-program does not hold the program that the stage Program told: nothing was run."
    exit 1
fi
mkdir -p "$AGENT_TEMPDIRECTORY/sailplan/bin"
cp "$PIPELINE_WORKSPACE/sailplan-program/sailplan" "$AGENT_TEMPDIRECTORY/sailplan/bin/sailplan"
chmod 755 "$AGENT_TEMPDIRECTORY/sailplan/bin/sailplan"
"$AGENT_TEMPDIRECTORY/sailplan/bin/sailplan" --version
